"""Raw files in: the data package is checked, then loaded as typed tables.

`check_package` stops with an `InputError` before anything is computed; the loaders assume that it, or
its quick part `read_as_recorded`, passed. Text columns have "" where the file is blank, number and date
columns have a missing value. Nothing here interpolates, converts units or chooses between sources.
"""

from analysis.inputs.ledger import load_ledger
from analysis.inputs.package import check_package, read_as_recorded
from analysis.inputs.tables import (
    load_benefits,
    load_platforms,
    load_policies,
    load_provinces,
    load_rates,
    load_rollout,
    load_sources,
    load_statistics,
    load_workers,
)

__all__ = [
    "check_package",
    "load_benefits",
    "load_ledger",
    "load_platforms",
    "load_policies",
    "load_provinces",
    "load_rates",
    "load_rollout",
    "load_sources",
    "load_statistics",
    "load_workers",
    "read_as_recorded",
]
