"""What a caller may choose about an estimate, with one default for every estimator."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from .errors import InputError

CHOICES = {
    "control": ("not_yet", "never"),
    "base": ("universal", "varying"),
    "method": ("dr", "reg", "ipw"),
    "multiplier": ("rademacher", "mammen"),
    "kernel": ("auto", "linearmodels", "fast"),
    "switchers": ("all", "in", "out"),
    "fix_weights": ("earlier_period", "base_period", "first_period", "varying"),
}


@dataclass(frozen=True)
class Options:
    """Choices shared by all estimators; each estimator's docstring says which ones it uses.

    Parameters
    ----------
    control
        ``not_yet``: units not yet treated, the never-treated among them. ``never``: units never
        treated in the panel or, where there are none, the last cohort before its own start.
    base
        Pre-treatment comparisons: ``universal`` against the last period before treatment, so that
        effects before and after share one reference and one figure shows both (Roth 2026);
        ``varying`` against the period before.
    anticipation
        Number of periods before treatment in which units may already respond.
    method
        Use of covariates: ``reg`` outcome regression, ``ipw`` inverse probability weights, ``dr``
        both (doubly robust).
    draws
        Draws of the multiplier bootstrap; 0 gives analytic errors and no simultaneous band.
    seed
        Seed of every random draw.
    level
        Confidence level of intervals and bands.
    window
        First and last event time reported; missing: all.
    balance
        Report event times only over cohorts observed for at least this many periods after their
        start, so that the same cohorts stand behind each event time from 0 to ``balance``.
    multiplier
        Distribution of the bootstrap weights.
    kernel
        Who fits the two-way regressions: ``linearmodels``, ``fast`` (our own kernel, the same numbers
        sooner on large panels) or ``auto``, linearmodels up to 200,000 unit-periods. With ``fast`` the CR1
        and CR3 errors of these regressions are ours too; else statsmodels computes them.
    count_effects
        Count every unit effect as a parameter in the errors of the two-way regressions. They are nested
        in the clusters; counting them widens errors by 2 % with 30 periods, by 40 % or more with two.
    switchers
        Where treatment is a path: units whose dose rises first (``in``), falls first (``out``), or ``all``.
    fix_weights
        Where weights change, the one that a unit has in a group-time cell: that of the earlier of the cell's
        two periods (``earlier_period``, the rule of the R package did where nothing is said), of the
        cohort's last period before treatment (``base_period``), of the unit's first observed period
        (``first_period``), or in each of the two its own (``varying``: as two cross-sections). A unit
        without one there has no part in the cell.

    Examples
    --------
    >>> import rollout_did as did
    >>> options = did.Options(control="never", draws=999)
    >>> did.estimate(did.example_panel(), ["group_time", "stacked"], options).names
    ('group_time', 'stacked')
    """

    control: str = "not_yet"
    base: str = "universal"
    anticipation: int = 0
    method: str = "dr"
    draws: int = 0
    seed: int = 0
    level: float = 0.95
    window: tuple[int, int] | None = None
    balance: int | None = None
    multiplier: str = "rademacher"
    kernel: str = "auto"
    count_effects: bool = False
    switchers: str = "all"
    fix_weights: str = "earlier_period"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            given = getattr(self, name)
            if given not in allowed:
                raise InputError(f"{name} is {given!r}", expected=f"one of {', '.join(allowed)}")
        for name in ("anticipation", "draws", "seed"):
            self._check_whole(name, getattr(self, name))
        if self.balance is not None:
            self._check_whole("balance", self.balance)
        if not (isinstance(self.level, int | float) and 0 < self.level < 1):
            raise InputError(f"level is {self.level}", expected="a number between 0 and 1")
        if self.window is not None:
            ends = self.window if isinstance(self.window, tuple | list) else ()
            if len(ends) != 2 or not all(_is_whole(end) for end in ends) or ends[0] > ends[1]:
                raise InputError(
                    f"window is {self.window}", expected="first event time, then last event time"
                )

    def check_events_left(self, some: bool) -> None:
        """Refuse a window or a balance that leaves no event time at all.

        Raises
        ------
        InputError
            ``some`` is false, and one of the two was asked for.
        """
        if not some and (self.window is not None or self.balance is not None):
            asked = {"window": self.window, "balance": self.balance}
            raise InputError(
                "no event time is left: "
                + " and ".join(f"{name} is {given}" for name, given in asked.items() if given is not None),
                expected="event times that some cohort reaches inside the panel",
                action="ask for fewer periods after the start, or for a window around it",
            )

    @staticmethod
    def _check_whole(name: str, given: object) -> None:
        if not _is_whole(given) or given < 0:  # type: ignore[operator]
            raise InputError(f"{name} is {given}", expected="a whole number, 0 or more")


def _is_whole(given: object) -> bool:
    return type(given) is int or (isinstance(given, Integral) and not isinstance(given, bool))
