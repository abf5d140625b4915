"""Difference-in-differences for staggered rollouts: one panel in, one table of estimates out.

``estimate(Panel.from_frame(...), "all", Options(...))`` runs every estimator. The room knows nothing
of provinces, pilots or files.
"""

from .options import Options
from .panel.panel import NEVER, Panel
from .registry import ESTIMATORS, estimate
from .results import COLUMNS, Estimate, to_frame

__all__ = ["COLUMNS", "ESTIMATORS", "NEVER", "Estimate", "Options", "Panel", "estimate", "to_frame"]
