"""Attack seeded panels with what was released only, and print the widths that are reached.

``python -m tests.records.attack`` runs 200 panels: half are exact, half are rounded to 5. The
outsider of ``test_records_audit`` reads the panel; the truth is drawn person by person and only used
to choose what is asked for, and to check that the attack does not rule it out.
"""

from __future__ import annotations

import argparse

import numpy as np

from tests.records.test_disclosure import draw_totals
from tests.records.test_records_audit import K, widths

SIZES = ((3, 4, 200), (4, 4, 500), (3, 5, 900), (5, 4, 300))  # provinces, quarters, people


def attack(panels: int) -> dict[str, float]:
    """The narrowest interval of each kind of number over seeded panels."""
    narrowest: dict[str, float] = {}
    for seed in range(panels):
        totals, in_force = draw_totals(seed, *SIZES[seed % len(SIZES)])
        for name, width in widths(totals, in_force, audited=True, base=5 * (seed % 2)).items():
            narrowest[name] = min(narrowest.get(name, np.inf), width)
    return narrowest


def main() -> None:
    """Print one line per kind of number; end with code 1 if an interval is narrower than k - 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panels", type=int, default=200)
    reached = attack(parser.parse_args().panels)
    for name, width in sorted(reached.items()):
        print(f"{name:14s} narrowest interval {width:8.3f} people, asked for numbers below {K}")
    raise SystemExit(int(min(reached.values()) < K - 1 - 1e-5))


if __name__ == "__main__":
    main()
