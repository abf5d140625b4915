"""Fast permutation, anywhere and within strata, against the engine and against going one by one."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import config
from analysis.base.errors import InputError
from analysis.did import Options
from analysis.did.inference import randomization_p_value
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.schemes import bands, level_bands
from analysis.did.numerics.p_values import p_values
from analysis.lab import permute
from analysis.lab.methods import draw_block, rejections

ERROR = 4 * np.sqrt(0.25 / permute.ASSIGNMENTS)  # four Monte Carlo errors of a p-value, at its worst


@pytest.mark.parametrize("studentised", [False, True])
def test_drawn_assignments_agree_with_all_assignments(cases, model, studentised: bool) -> None:
    for case in cases:
        exact = randomization_p_value(case.panel, "twfe", Options(), studentised=studentised)
        assert exact.exact
        drawn = draw_block(case.calendar, model, case.draws, [1])
        found, errors = permute.permuted(case.values, drawn.groups, case.calendar.sizes)
        seen = np.abs(case.value)
        if studentised:
            found, seen = found / errors, seen / np.sqrt(case.spread.sum(axis=0))
        assert p_values(np.abs(found), seen)[0, 0] == pytest.approx(exact.p_value, abs=ERROR)


@pytest.mark.parametrize("scheme", ["region", "size", "level"])
def test_drawing_within_strata_agrees_with_all_assignments_of_the_engine(cases, model, scheme: str) -> None:
    for case in cases:
        labels = {
            "region": model.region,
            "size": bands(model.residents, config.SIZE_BANDS),
            "level": level_bands(case.panel, config.LEVEL_BANDS),
        }[scheme]
        (exact,) = randomization_inference(case.panel, "twfe", Options(), strata=labels)
        assert exact.exact
        strata = draw_block(case.calendar, model, case.draws, [1]).schemes[f"randomization_{scheme}"]
        mean = permute.restricted_means(case.values, strata)
        found = permute.restricted_estimates(case.values, strata) - mean[..., None]
        p_value = p_values(np.abs(found), np.abs(case.value - mean))[0, 0]
        assert p_value == pytest.approx(exact.p_value, abs=ERROR)


def test_several_panels_are_permuted_within_strata_as_one_by_one(cases, model) -> None:
    values = np.concatenate([case.values for case in cases], axis=1)
    member = np.concatenate([case.draws.member for case in cases])
    strata = permute.by_label(model.region, member == 0, np.random.default_rng(3))
    found = permute.restricted_estimates(values, strata)
    for panel in range(len(cases)):
        for r in range(20):
            group = np.ones(15, dtype=int)
            for label, stratum in enumerate(strata):
                inside = np.flatnonzero(model.region == label)
                treated = int((member[panel, inside] == 0).sum())
                group[inside[np.argsort(stratum.rank[:, r])[:treated]]] = 0
            assert found[0, panel, r] == pytest.approx(values[0, panel, group, np.arange(15)].sum())


def test_every_order_of_a_stratum_is_equally_likely() -> None:
    rank = permute.random_orders(3, np.random.default_rng(0))
    orders, times = np.unique(rank, axis=1, return_counts=True)
    assert orders.shape[1] == 6
    share = times / permute.ASSIGNMENTS
    assert np.abs(share - 1 / 6).max() < 4 * np.sqrt(1 / 6 * 5 / 6 / permute.ASSIGNMENTS)


def test_a_panel_with_too_few_assignments_is_refused_by_the_engine_and_never_rejects_here(
    cases, model
) -> None:
    case = cases[0]
    lonely = replace(model, region=np.where(case.draws.member[0] == 0, 0, 1))  # the treated are a region
    with pytest.raises(InputError, match="only 1 admissible"):
        randomization_inference(case.panel, "twfe", Options(), strata=lonely.region)
    drawn = draw_block(case.calendar, lonely, case.draws, [1])
    huge = case.values.copy()
    huge[0, 0, 0, case.draws.member[0] == 0] += 100.0
    found = rejections(huge, case.draws.member, case.calendar, drawn)
    assert found["randomization"].all()
    assert not found["randomization_region"].any()


@pytest.mark.parametrize(("treated", "possible"), [([1, 0], False), ([1, 1], True), ([4, 0], False)])
def test_twenty_assignments_are_needed_for_a_test_at_five_percent(treated, possible: bool) -> None:
    # Strata of 4 and 5 provinces: 4, 20 and 1 assignments.
    strata = [
        permute.Stratum(np.arange(n)[None], np.array([k]), np.zeros((n, 1), dtype=int))
        for n, k in zip((4, 5), treated, strict=True)
    ]
    assert permute.can_reject(strata, 0.95).tolist() == [possible]
