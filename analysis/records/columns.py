"""Names shared by the maker and the counter of records, in the order of the contract."""

from __future__ import annotations

KEY = ("province_code", "quarter")
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
PANEL_COLUMNS = (*KEY, *MEASURES)
SHARES = {  # of which number of people; persistence: of the quarter before
    "multi_province_share": "active",
    "multi_platform_share": "active",
    "persistence": "active",
}
COUNTS = ("enrolled", "active", "orders", "claims", "confirmed")  # printed as whole numbers
