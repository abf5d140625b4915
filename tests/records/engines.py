"""The second engine as a parameter of tests, skipped where its package is absent."""

from __future__ import annotations

import importlib.util

import pytest

SPARK = pytest.param(
    "spark",
    marks=[
        pytest.mark.spark,
        pytest.mark.slow,
        pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed"),
    ],
)
