"""Which interval a named quantity stands with, and by what words another of the same quantity must be named.

The effect on each outcome has one default estimate, the group-time effect of the main sample, and one default
interval, that of `config.INFERENCE`. Whoever quotes another names it in the same sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis import config

EFFECT = "group_time_att"
LOG = "log_"


@dataclass(frozen=True)
class Quantity:
    """What a key of numbers.json measures.

    Parameters
    ----------
    name
        The quantity, such as ``effect_log_income_per_head``.
    default_interval
        Key of the interval that it is quoted with.
    named
        Words of which a sentence that quotes the key must hold one, in English and in Chinese; empty for the
        defaults.
    """

    name: str
    default_interval: str
    named: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


# Other intervals and estimates of an effect: end of the key, words that name them.
OTHERS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (r"group_time_att_ci", ("conventional",), ("常规",)),
    (r"group_time_(without_\d\d)_att_.*", ("without",), ("剔除",)),
    (r"(event_study_)?twfe.*", ("two-way",), ("双向固定效应",)),
    (r"own_trend_placebo.*", ("earlier",), ("提前",)),
    (r"own_trend.*", ("own straight", "own trend"), ("自身",)),
    (r"linear_trend.*", ("one line",), ("一条直线",)),
    (r"level_bands.*", ("similar income",), ("收入相近",)),
    (r"synthetic_did.*", ("synthetic", "allowed to differ in level"), ("合成", "允许水平不同")),
    (r"synthetic_control.*", ("synthetic",), ("合成",)),
    (r"efficient.*", ("efficient",), ("有效",)),
    (r"leave_one_out|leave_cohort_out", ("without each", "without one"), ("逐一剔除",)),
    (r"placebo_dates", ("placebo",), ("安慰剂",)),
    (r"specifications_(?!.*(negative|significant)).*", ("specification", "median"), ("设定", "中位数")),
    (r"(?!randomization_set)\w+_(set|estimate)", ("way of inference", "ways of inference"), ("推断方法",)),
)
END = r"(_estimate|_set|_ci|_median|_range)?(_percent)?$"
READINGS = re.compile(r"a_b_only_pooled_(\d{4}q\d)_persons")


def quantity(key: str) -> Quantity | None:
    """Quantity of a key; none for keys that are no estimate or interval of a named quantity.

    Examples
    --------
    >>> quantity("log_income_per_head_group_time_att_percent").default_interval
    'log_income_per_head_randomization_set_percent'
    >>> quantity("formal_employment_rate_group_time_att_ci").named[0]
    ('conventional',)
    >>> quantity("formal_employment_rate_randomization_p") is None
    True
    """
    reading = READINGS.fullmatch(key)
    if reading:
        name = f"pooled_in_force_{reading[1]}_persons"
        return Quantity(name, name, (("grades A and B",), ("A级和B级",)))
    if re.fullmatch(r"(pooled|province_average)_in_force_\d{4}q\d_\w+", key):
        return Quantity(key, key)
    for outcome in config.OUTCOMES:
        rest = key.removeprefix(f"{outcome.name}_")
        if rest != key and not re.search(r"(_p|_n|_p_\w+|_rejecting|_n_\w+)$", rest):
            return effect(outcome.name, rest)
    return None


def effect(outcome: str, rest: str) -> Quantity | None:
    """Quantity of a key of one outcome; ``rest`` is the key without the outcome's name."""
    percent = "_percent" if outcome.startswith(LOG) else ""
    name, default = f"effect_{outcome}", f"{outcome}_{config.INFERENCE}_set{percent}"
    if rest in (f"{EFFECT}_estimate", f"{EFFECT}_percent") or rest.startswith(f"{config.INFERENCE}_set"):
        return Quantity(name, default)
    for pattern, english, chinese in OTHERS:
        if re.fullmatch(f"({pattern}){END}", rest):
            return Quantity(name, default, (english, chinese))
    return None
