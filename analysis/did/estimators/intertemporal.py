"""Effects of treatment that changes more than once, goes off or is a dose.

de Chaisemartin and D'Haultfoeuille (2026), "Difference-in-differences estimators of intertemporal treatment
effects", Review of Economics and Statistics 108(4), 863-880. Leaves out linear trends of units and
treatment that is continuous at the beginning, where no two units have the same status quo.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_scores
from ..numerics.joint import largest_t_test, wald_is_usable, wald_test
from ..panel.gate import counted
from ..results import Estimate
from .averages import by_cluster, interval, root
from .switchers import Horizon, Switching, horizon, same_switchers, switching

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

INFERENCE = "cluster, cohort-centred, normal"


def intertemporal(panel: Panel, options: Options) -> Fitted:
    r"""Effects of having left the status quo, by periods since then, with placebos and joint tests.

    Parameters
    ----------
    panel
        N units over T periods with a treatment path (`Panel.dose`). A unit enters a horizon if both outcomes
        of its difference are observed.
    options
        ``switchers`` ``in`` keeps units whose dose rises first, ``out`` those whose dose falls; ``control``
        ``never`` compares with units that never change only; ``window`` limits event times; ``balance`` keeps
        the switchers that have every effect from 0 to it; ``level``, ``seed``.

    Returns
    -------
    Fitted
        ``event`` e = 0, 1, ... (the authors' effect e + 1); e = -2, -3, ... (their placebo -e - 1, which
        compares the same units over the same distance backwards); ``att_simple``, the events from 0 on
        averaged by their switchers; ``att``, the average total effect per unit of treatment;
        ``pretrend_joint`` and ``effects_joint``, that all placebos or all effects are zero.

    Raises
    ------
    InputError
        No treatment path, or no switcher has a control with the same status quo.

    Notes
    -----
    Unit g has status quo :math:`D_{g,1}` and leaves it in period :math:`F_g`; :math:`S_g` is 1 if its dose
    then rises, -1 if it falls. Estimand at horizon l: the mean over switchers of :math:`S_g` times the
    difference between the outcome in :math:`F_g - 1 + l` under the doses that g had and the outcome had it
    kept its status quo. The estimator is (their equations 3 to 5)

    .. math::

        DID_{g,l} = Y_{g,F_g-1+l} - Y_{g,F_g-1}
            - \frac{1}{N^g_l} \sum_{g': D_{g',1} = D_{g,1},\ F_{g'} > F_g - 1 + l}
              (Y_{g',F_g-1+l} - Y_{g',F_g-1}), \qquad
        DID_l = \frac{1}{N_l} \sum_g S_g DID_{g,l}.

    The average total effect per unit of treatment is
    :math:`\sum_l \sum_g S_g DID_{g,l} / \sum_l \sum_g |D_{g,F_g-1+l} - D_{g,1}|`.

    With covariates X, outcomes are first replaced by :math:`Y_{g,t} - X_{g,t}'\theta_d`, the slopes of each
    status quo d being those of changes on changes among units that have not switched yet (`slopes_of`):
    trends are then parallel but for linear effects of changing covariates. The error counts that the slopes
    are estimated. A covariate must not respond to treatment; one that never changes within units adjusts
    nothing.

    A unit that has been both above and below its status quo takes no part from then on, because effects of
    more and of less treatment would be mixed; the note counts the outcomes.

    Errors: each difference is centred at the mean of its kind (switchers of one period with the same status
    quo and first dose; all controls of the comparison), stretched by :math:`\sqrt{n/(n-1)}`, n being the
    clusters in that mean, and squared after summing within clusters. A kind with one cluster is centred at
    the mean of all units compared. Doses are taken as given. Intervals are normal. Where treatment is
    binary and stays on, this is `dynamic_dcdh`.
    """
    return _estimates(panel, options, "intertemporal")


def intertemporal_normalised(panel: Panel, options: Options) -> Fitted:
    r"""The effects of `intertemporal` per unit of dose received since the change.

    Parameters
    ----------
    panel, options
        As for `intertemporal`.

    Returns
    -------
    Fitted
        As there; ``event`` rows are divided by :math:`\delta_l`, and ``att_simple`` is left out.

    Raises
    ------
    InputError
        As for `intertemporal`.

    Notes
    -----
    :math:`DID^n_l = DID_l / \delta_l` with
    :math:`\delta_l = \frac{1}{N_l} \sum_g \sum_{k=0}^{l-1} |D_{g,F_g+k} - D_{g,1}|`: a weighted average of
    the effects of the present dose and of the l - 1 doses before it (their equation 7). Placebos are divided
    by the same number.
    """
    return _estimates(panel, options, "intertemporal_normalised")


def _estimates(panel: Panel, options: Options, name: str) -> Fitted:
    found = switching(panel, options)
    low, high = options.window or (-panel.n_periods, panel.n_periods)
    if options.balance is not None:
        high = min(high, options.balance)
        found = same_switchers(found, options, options.balance + 1)
    effects, placebos = {}, {}
    for distance in range(1, panel.n_periods):
        after = horizon(found, options, distance) if distance - 1 <= high else None
        before = horizon(found, options, distance, placebo=True) if -1 - distance >= low else None
        if after:
            effects[distance - 1] = after
        if before:
            placebos[-1 - distance] = before
    if not effects:
        raise InputError(
            "no switcher has a control",
            expected="units with the same first treatment that keep it longer",
            action="add units that keep their treatment, or round a continuous dose to its main levels",
        )
    simple = _together(list(effects.values()), sum(part.mass for part in effects.values()))
    total = _together(list(effects.values()), sum(part.dose for part in effects.values()))
    normalised = name == "intertemporal_normalised"
    note = _note(found)
    rows: list[tuple[str, int | None, Horizon, str]] = [
        ("att", None, total, f"Average total effect per unit of treatment. {note}".strip())
    ]
    if not normalised:
        rows.append(("att_simple", None, simple, note))
    for event, part in sorted({**placebos, **effects}.items()):
        scale = part.total_dose / part.mass if normalised else 1.0
        per = f"Divided by {scale:.6g}, the mean dose since the change. " if normalised else ""
        rows.append(("event", event, _scaled(part, scale), f"{per}{note}".strip()))
    scores = by_cluster(
        np.column_stack([part.scores for _, _, part, _ in rows]), panel.cluster, panel.n_clusters
    )
    records = [_record(name, options, *row, root((scores[:, k] ** 2).sum())) for k, row in enumerate(rows)]
    joint = [
        test
        for term, early in (("pretrend_joint", True), ("effects_joint", False))
        if (test := _joint(name, term, records, scores, early=early, panel=panel, options=options))
    ]
    return from_scores([*records, *joint], scores)


def _together(parts: list[Horizon], divisor: float) -> Horizon:
    """Sum of all switchers' effects over all horizons, divided by ``divisor``."""
    if divisor == 0:
        divisor = nan
    return Horizon(
        value=sum(part.value * part.mass for part in parts) / divisor,
        scores=sum((part.scores * part.mass for part in parts), np.zeros(len(parts[0].scores))) / divisor,
        mass=sum(part.mass for part in parts),
        dose=sum(part.dose for part in parts),
        total_dose=sum(part.total_dose for part in parts),
        treated=np.any([part.treated for part in parts], axis=0),
        controls=np.any([part.controls for part in parts], axis=0),
        observations=sum(part.observations for part in parts),
    )


def _scaled(part: Horizon, scale: float) -> Horizon:
    return Horizon(
        part.value / scale, part.scores / scale, part.mass, part.dose, part.total_dose, part.treated,
        part.controls, part.observations,
    )  # fmt: skip


def _note(found: Switching) -> str:
    """Say who is compared and what was left out."""
    rise, fall = ((found.direction[found.chosen] == sign).sum() for sign in (1, -1))
    parts = [
        f"{counted(int(count), 'unit')} first {word} treatment."
        for count, word in ((rise, "raised" if rise != 1 else "raises"), (fall, "lowered"))
        if count
    ]
    parts += [found.note] if found.note else []
    return " ".join(parts)


def _record(
    name: str, options: Options, term: str, event: int | None, found: Horizon, note: str, error: Array
) -> Estimate:
    low, high, p_value = interval(np.array(found.value), error, options.level)
    return Estimate(
        name,
        term,
        found.value,
        event_time=event,
        std_error=float(error) if error > 0 else nan,
        ci_low=float(low),
        ci_high=float(high),
        p_value=float(p_value),
        inference=INFERENCE,
        control_group=options.control,
        n_units=int((found.treated | found.controls).sum()),
        n_treated=int(found.treated.sum()),
        n_observations=found.observations,
        note=note,
    )


def _joint(
    name: str,
    term: str,
    records: list[Estimate],
    scores: Array,
    *,
    early: bool,
    panel: Panel,
    options: Options,
) -> Estimate | None:
    """Test that all placebos, or all effects, are zero: Wald, or the largest |t| where switchers are few."""
    pick = [
        k
        for k, row in enumerate(records)
        if row.event_time is not None and (row.event_time < 0) == early and row.std_error > 0
    ]
    if not pick:
        return None
    values = np.array([records[k].estimate for k in pick])
    covariance = scores[:, pick].T @ scores[:, pick]
    moved = panel.starts < panel.n_periods
    if wald_is_usable(covariance, len(np.unique(panel.cluster[moved]))):
        test = wald_test(values, covariance)
    else:
        test = largest_t_test(values, covariance, options.seed)
    how = f"{test.method}, {test.restrictions} effects"
    return Estimate(
        name, term, test.statistic, p_value=test.p_value, inference=how,
        control_group=options.control, n_units=panel.n_units, n_treated=records[pick[0]].n_treated,
        n_observations=int(panel.observed.sum()),
    )  # fmt: skip
