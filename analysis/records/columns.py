"""Names shared by the maker and the counter of records, in the order of the contract."""

from __future__ import annotations

MEASURES = (
    "enrolled",
    "active",
    "orders",
    "contributions_yuan",
    "claims",
    "confirmed",
    "paid_yuan",
    "median_decision_days",
    "multi_province_share",
    "multi_platform_share",
    "persistence",
)
PANEL_COLUMNS = ("province_code", "quarter", *MEASURES)
COUNTS = ("enrolled", "active", "orders", "claims", "confirmed")  # printed as whole numbers
