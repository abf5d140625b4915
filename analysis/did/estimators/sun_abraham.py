"""Interaction-weighted estimator of Sun and Abraham (2021)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .extended_twfe import extended_twfe

if TYPE_CHECKING:
    from ..fitted import Fitted
    from ..options import Options
    from ..panel.panel import Panel


def sun_abraham(panel: Panel, options: Options) -> Fitted:
    r"""Event-study effects free of contamination between cohorts, against the never treated.

    Parameters
    ----------
    panel
        N units over T periods; missing outcomes are left out of the regression.
    options
        Uses ``anticipation``, ``window``, ``balance``, ``level``. ``control`` does not matter.

    Returns
    -------
    Fitted
        ``att`` (mean over treated observations), ``att_simple``, ``cohort``, ``calendar``,
        ``event``, ``group_time``; effects before the start are placebos.

    Raises
    ------
    InputError
        No cell is identified.

    Notes
    -----
    The regression has unit effects, period effects and a dummy for every cohort and event time
    except the last before treatment; cohort effects at one event time are averaged by cohort share
    (equations 22 to 24 of the paper). That is the saturated regression of `extended_twfe` with
    never-treated comparison, which computes it. Where nobody is never treated the last cohort is
    the comparison and the periods from its start on are left out (section 4.1 of the paper); on a
    balanced panel without covariates the effects equal group-time effects with never-treated
    controls and universal base. Errors are CR1 and take the shares as given, as in fixest.
    Covariates enter with slopes of their own in each cell, as in `extended_twfe`; the paper has none.
    """
    fitted = extended_twfe(panel, replace(options, control="never"))
    return replace(fitted, rows=tuple(row.changed(estimator="sun_abraham") for row in fitted))
