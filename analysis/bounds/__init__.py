"""Published figures to identified sets: what every panel that agrees with all of them allows.

Start at `solve_bounds`. `readings` turns print into restrictions, `model` states and solves the
programs, `estimands` lists what is bounded, `conflict` explains a contradictory record and `missing`
ranks the figures that nobody has published. `contrasts` compares waves in the same set; `current` and
`platform_counts` are small programs of their own.
"""

from analysis.bounds.solve import enrolment_set, province_bounds, solve_bounds

__all__ = ["enrolment_set", "province_bounds", "solve_bounds"]
