"""Codes that every room shares."""

from __future__ import annotations

NATION = "00"  # as a province code: the whole country
