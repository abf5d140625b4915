"""Inference that does not lean on many treated clusters."""

from analysis.did.inference.randomization import (
    RandomizationTest,
    randomization_p_value,
    randomization_tests,
    with_randomization,
)

__all__ = ["RandomizationTest", "randomization_p_value", "randomization_tests", "with_randomization"]
