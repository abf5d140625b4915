"""Difference-in-differences for staggered rollouts: one panel in, a results object out.

``estimate(Panel.from_frame(...), "all")`` runs every estimator; ``group_time(panel, control="never")`` and
its siblings run one. The room knows nothing of provinces, pilots or files. Names are loaded when first
used, so that importing it costs nothing and changes nothing in the host process.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from .notebook.nonlinear import extended_logit, extended_poisson
    from .notebook.paths import intertemporal, intertemporal_normalised
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
    from .notebook.rollout import plot_rollout
    from .notebook.store import load
    from .notebook.subgroups import Subgroups, subgroups, triple_difference
    from .options import Options
    from .panel.panel import NEVER, Panel
    from .registry import ESTIMATORS, PATHS, READS, estimate
    from .results import COLUMNS, Estimate, to_frame
    from .sensitivity.event_study import EventStudy

__all__ = [
    "COLUMNS",
    "ESTIMATORS",
    "NEVER",
    "PATHS",
    "READS",
    "Estimate",
    "EventStudy",
    "Fitted",
    "HonestSet",
    "InputError",
    "Options",
    "Panel",
    "Results",
    "Subgroups",
    "Test",
    "bacon",
    "dynamic_dcdh",
    "efficient",
    "estimate",
    "event_study_twfe",
    "example_frame",
    "example_panel",
    "extended_logit",
    "extended_poisson",
    "extended_twfe",
    "group_time",
    "honest",
    "imputation",
    "intertemporal",
    "intertemporal_normalised",
    "leave_one_out",
    "load",
    "local_projection",
    "local_projection_reweighted",
    "plot_rollout",
    "randomization",
    "stacked",
    "subgroups",
    "sun_abraham",
    "synthetic_control",
    "synthetic_did",
    "to_frame",
    "triple_difference",
    "twfe",
    "two_stage",
    "wild",
]

# Public name: module that holds it. A test holds both lists to the imports above.
_HOME = {
    "COLUMNS": "results",
    "ESTIMATORS": "registry",
    "NEVER": "panel.panel",
    "PATHS": "registry",
    "READS": "registry",
    "Estimate": "results",
    "EventStudy": "sensitivity.event_study",
    "Fitted": "fitted",
    "HonestSet": "notebook.honesty",
    "InputError": "errors",
    "Options": "options",
    "Panel": "panel.panel",
    "Results": "notebook.results",
    "Subgroups": "notebook.subgroups",
    "Test": "notebook.joint",
    "bacon": "notebook.regressions",
    "dynamic_dcdh": "notebook.comparisons",
    "efficient": "notebook.comparisons",
    "estimate": "registry",
    "event_study_twfe": "notebook.regressions",
    "example_frame": "notebook.example",
    "example_panel": "notebook.example",
    "extended_logit": "notebook.nonlinear",
    "extended_poisson": "notebook.nonlinear",
    "extended_twfe": "notebook.regressions",
    "group_time": "notebook.comparisons",
    "honest": "notebook.honesty",
    "imputation": "notebook.comparisons",
    "intertemporal": "notebook.paths",
    "intertemporal_normalised": "notebook.paths",
    "leave_one_out": "notebook.judge",
    "load": "notebook.store",
    "local_projection": "notebook.regressions",
    "local_projection_reweighted": "notebook.regressions",
    "plot_rollout": "notebook.rollout",
    "randomization": "notebook.judge",
    "stacked": "notebook.regressions",
    "subgroups": "notebook.subgroups",
    "sun_abraham": "notebook.regressions",
    "synthetic_control": "notebook.comparisons",
    "synthetic_did": "notebook.comparisons",
    "to_frame": "results",
    "triple_difference": "notebook.subgroups",
    "twfe": "notebook.regressions",
    "two_stage": "notebook.comparisons",
    "wild": "notebook.judge",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
