"""Difference-in-differences for staggered rollouts: one panel in, one table of estimates out.

``estimate(Panel.from_frame(...), "all", Options(...))`` runs every estimator. The room knows nothing
of provinces, pilots or files. Names are loaded when first used, so that importing it costs nothing and
changes nothing in the host process.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import InputError
    from .options import Options
    from .panel.panel import NEVER, Panel
    from .registry import ESTIMATORS, estimate
    from .results import COLUMNS, Estimate, to_frame

__all__ = [
    "COLUMNS",
    "ESTIMATORS",
    "NEVER",
    "Estimate",
    "InputError",
    "Options",
    "Panel",
    "estimate",
    "to_frame",
]

# Public name: module that holds it. A test holds both lists to the imports above.
_HOME = {
    "COLUMNS": "results",
    "ESTIMATORS": "registry",
    "NEVER": "panel.panel",
    "Estimate": "results",
    "InputError": "errors",
    "Options": "options",
    "Panel": "panel.panel",
    "estimate": "registry",
    "to_frame": "results",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
