"""Inference that does not lean on many treated clusters.

`randomization` permutation p-values, `confidence` and `schemes` sets by inversion and restricted
assignments, `robust` CR1 to CR3, `wild` bootstrap, `few_treated` Conley-Taber and Ferman-Pinto,
`leave_out` units, cohorts and placebos, `multiple` step-down over outcomes and horizons. All but
`leave_out` and `multiple` give `record.Inference`. `battery` puts them side by side in one table.
"""

from .randomization import RandomizationTest, randomization_p_value, randomization_tests, with_randomization

__all__ = ["RandomizationTest", "randomization_p_value", "randomization_tests", "with_randomization"]
