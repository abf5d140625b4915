"""The policy levers: per-order contributions, subsidies, shared costs, rollout lags, rule differences.

Pure arithmetic on published rules. Money is counted in whole li (0.001 yuan) or fen (0.01 yuan), so that
results are exact and shares add up. A rule that is not on record is an error that says what is known;
nothing is carried over from another date, province or industry in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def build(raw: Path, processed: Path, static: Path | None = None) -> None:
    """Write ``policy.csv`` and, when ``static`` is given, the rules that the book's calculators read."""
    from analysis.policy.products import build as write  # heavy imports wait until a step runs

    write(raw, processed, static)
