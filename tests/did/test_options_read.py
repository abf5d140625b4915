"""Each estimator reads the options that it is said to read, and refuses the others by name."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace

import numpy as np
import pytest
from did.peers import small_panel

import analysis.did as did
from analysis.did import Options, Panel
from analysis.did.errors import InputError
from analysis.did.registry import ESTIMATORS, READ_BY_ALL, READS, estimator

OTHER = {
    "control": "never", "base": "varying", "anticipation": 1, "method": "reg", "draws": 99, "level": 0.9,
    "window": (-1, 1), "balance": 1, "multiplier": "mammen", "kernel": "fast", "count_effects": True,
    "switchers": "in", "fix_weights": "varying",
}  # fmt: skip


def panels(name: str) -> list[Panel]:
    """Panels on which options show: with a never-treated group, noise, a covariate, many donors."""
    plain = small_panel(13)
    x = np.random.default_rng(3).normal(size=(plain.n_units, 1, 1))
    shape = (*plain.outcome.shape, 1)
    with_covariate = replace(plain, covariates=np.broadcast_to(x, shape).copy(), covariate_names=("x",))
    if name.startswith("synth"):  # placebo errors, which are drawn, need more donors than treated units
        few = np.where(np.arange(plain.n_units) < 3, 4, did.NEVER)
        return [plain, Panel.from_arrays(plain.outcome, few)]
    moving = replace(plain, period_weights=1 + np.random.default_rng(4).random(plain.outcome.shape))
    return [plain, with_covariate, *([moving] if name == "group_time" else [])]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_exactly_the_options_said_to_be_read_change_something(name):
    assert set(OTHER) | set(READ_BY_ALL) == {field.name for field in fields(Options)}
    changing = set()
    for panel in panels(name):
        # A multiplier shows in draws only.
        base = Options(draws=99) if name == "group_time" else Options(draws=20 * name.startswith("synth"))
        before = repr(list(estimator(name)(panel, base)))
        for option, value in OTHER.items():
            given = replace(base, **{option: value if option != "draws" else base.draws + 30})
            try:
                after = repr(list(estimator(name)(panel, given)))
            except InputError:
                assert (name, option) == ("bacon", "anticipation")
                continue
            if after != before:
                changing.add(option)
    assert changing == set(READS[name])


@pytest.mark.parametrize("name", ESTIMATORS)
def test_function_of_an_estimator_has_the_options_it_reads_with_the_shared_defaults(name):
    parameters = dict(inspect.signature(getattr(did, name)).parameters)
    assert parameters.pop("panel").default is inspect.Parameter.empty
    assert set(READS[name]) == set(parameters) - set(READ_BY_ALL)
    defaults = Options()
    for option, parameter in parameters.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default == getattr(defaults, option)


@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - {"bacon"}))
def test_function_of_an_estimator_hands_its_options_on(name):
    given = {option: OTHER[option] for option in READS[name] if option not in ("draws", "multiplier")}
    given |= {"draws": 20} if "draws" in READS[name] else {}
    panel = small_panel(13)
    found = getattr(did, name)(panel, **given)
    assert repr(list(found)) == repr(list(estimator(name)(panel, Options(**given))))
    assert found.names == (name,)


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name in ESTIMATORS for option in OTHER if option not in READS[name]],
)
def test_option_that_an_estimator_ignores_is_refused_by_name(name, option):
    with pytest.raises(InputError, match=f"{option} is not used by {name}"):
        did.estimate(small_panel(1), name, **{option: OTHER[option]})
    with pytest.raises(InputError, match=f"{option} is not used by {name}"):
        did.estimate(small_panel(1), name, Options(**{option: OTHER[option]}))


def test_all_ignored_options_are_named_at_once():
    options = Options(control="never", method="ipw", window=(-1, 1))
    with pytest.raises(InputError, match="control, method, window are not used by twfe") as error:
        did.estimate(small_panel(1), "twfe", options)
    assert error.value.action == "leave them out"


def test_option_given_by_name_is_refused_even_with_its_default():
    with pytest.raises(InputError, match="control is not used by twfe"):
        did.estimate(small_panel(1), "twfe", control="not_yet")


def test_option_that_one_of_several_reads_is_accepted():
    found = did.estimate(small_panel(1), ["twfe", "group_time"], control="never")
    assert found.unread == {"twfe": ("control",), "group_time": ()}


def test_seed_is_for_draws_on_the_result_and_never_refused():
    assert did.estimate(small_panel(1), "twfe", seed=3).options.seed == 3


def test_misspelt_option_is_refused_with_the_right_spelling():
    with pytest.raises(InputError, match="no option 'contrl'") as error:
        did.estimate(small_panel(1), "group_time", contrl="never")
    assert error.value.action == "did you mean 'control'?"
