"""Difference-in-differences for staggered rollouts: one panel in, a results object out.

``estimate(Panel.from_frame(...), "all")`` runs every estimator; ``group_time(panel, control="never")`` and
its siblings run one. The room knows nothing of provinces, pilots or files.
"""

from .errors import InputError
from .fitted import Fitted
from .notebook.comparisons import (
    dynamic_dcdh,
    efficient,
    group_time,
    imputation,
    synthetic_control,
    synthetic_did,
    two_stage,
)
from .notebook.example import example_frame, example_panel
from .notebook.honesty import HonestSet, honest
from .notebook.joint import Test
from .notebook.judge import leave_one_out, randomization, wild
from .notebook.regressions import (
    bacon,
    event_study_twfe,
    extended_twfe,
    local_projection,
    local_projection_reweighted,
    stacked,
    sun_abraham,
    twfe,
)
from .notebook.results import Results
from .notebook.store import load
from .options import Options
from .panel.panel import NEVER, Panel
from .registry import ESTIMATORS, READS, estimate
from .results import COLUMNS, Estimate, to_frame
from .sensitivity.event_study import EventStudy

__all__ = [
    "COLUMNS",
    "ESTIMATORS",
    "NEVER",
    "READS",
    "Estimate",
    "EventStudy",
    "Fitted",
    "HonestSet",
    "InputError",
    "Options",
    "Panel",
    "Results",
    "Test",
    "bacon",
    "dynamic_dcdh",
    "efficient",
    "estimate",
    "event_study_twfe",
    "example_frame",
    "example_panel",
    "extended_twfe",
    "group_time",
    "honest",
    "imputation",
    "leave_one_out",
    "load",
    "local_projection",
    "local_projection_reweighted",
    "randomization",
    "stacked",
    "sun_abraham",
    "synthetic_control",
    "synthetic_did",
    "to_frame",
    "twfe",
    "two_stage",
    "wild",
]
