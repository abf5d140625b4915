"""The command ``did``: every estimator on any panel file; everything heavy is imported when it runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ..errors import InputError
from .choices import Base, Control, Evidence, FixWeights, Kernel, Method, Switchers, TimeGaps, WeightsVary
from .typed import real, whole

ESTIMATE = "estimate"  # the command that runs where none is named
DRAWS = 999
MOST_DRAWS = 1_000_000  # a p-value then has three digits at one in a thousand; more is a slip of the pen
FEWEST_DRAWS = 99  # with fewer, the 95 % point of the largest of many statistics rests on a few draws


class Commands(TyperGroup):
    """``did --panel ...`` estimates; ``did export ...`` writes for other software."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take what names no command as options of `ESTIMATE`."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [ESTIMATE, *args])


app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False)


@app.command(ESTIMATE)
def did(
    panel: Annotated[
        Path,
        typer.Option(help="Long table, CSV, Parquet, Stata, Excel or R (.rds): a row per unit and period."),
    ],
    unit: Annotated[str, typer.Option(help="Column of units; with --cross-sections, of areas.")],
    time: Annotated[
        str,
        typer.Option(help="Column of periods: whole numbers, YYYY, YYYYQn, YYYY-MM, YYYYMM, dates, 2001年."),
    ],
    outcome: Annotated[str, typer.Option(help="Column of the outcome.")],
    out: Annotated[
        Path, typer.Option(help="Folder for estimates.csv, event_study.svg, report.md, run.json.")
    ],
    cohort: Annotated[
        str | None,
        typer.Option(help="Column of the first treated period; empty, NA, inf, never or 0: never treated."),
    ] = None,
    dose: Annotated[
        str | None,
        typer.Option(
            help="In place of --cohort, column of treatment in each period: on and off, several levels, "
            "several changes. Estimated by intertemporal and intertemporal_normalised."
        ),
    ] = None,
    cross_sections: Annotated[
        bool,
        typer.Option(
            help="Every row is another person: repeated cross-sections, by group_time, imputation and twfe; "
            "--unit is the area in which treatment starts together."
        ),
    ] = False,
    covariates: Annotated[
        str,
        typer.Option(
            help="Columns, separated by commas: numbers, yes and no, texts or C(column) as factors; or a "
            "formula such as '~ log(x) + C(region)'."
        ),
    ] = "",
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Column of clusters; without it, units. Two, separated by a comma: two-way errors."
        ),
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Column of sampling weights.")] = None,
    weights_vary: Annotated[
        WeightsVary,
        typer.Option(
            help="Weights that change within a unit: first period's, mean, each period's own, or refuse."
        ),
    ] = WeightsVary.refuse,
    fix_weights: Annotated[
        FixWeights,
        typer.Option(
            help="With --weights-vary period, a unit's weight in a cell of group_time: of the earlier of the "
            "two periods, the base period, the unit's first period, or varying: in each its own."
        ),
    ] = FixWeights.earlier_period,
    decimal: Annotated[
        str, typer.Option(help="Decimal mark of numbers in the panel: a point, or a comma.")
    ] = ".",
    thousands: Annotated[
        str,
        typer.Option(
            help="Mark between thousands: a point, a comma, an apostrophe or a blank.", show_default="none"
        ),
    ] = "",
    estimators: Annotated[
        str,
        typer.Option(
            help="all, or names separated by commas; extended_poisson for counts, extended_logit for shares."
        ),
    ] = "all",
    control: Annotated[
        Control, typer.Option(help="Compare with units not yet, or never treated.")
    ] = Control.not_yet,
    anticipation: Annotated[int, whole("Periods before treatment that may respond.")] = 0,
    base: Annotated[
        Base,
        typer.Option(help="Before treatment, compare with the last period before it or the period before."),
    ] = Base.universal,
    time_gaps: Annotated[
        TimeGaps,
        typer.Option(
            help="Periods at uneven distances: rank numbers the observed ones in order; keep counts the "
            "absent ones too; refuse stops."
        ),
    ] = TimeGaps.rank,
    method: Annotated[Method, typer.Option(help="Use of covariates in group_time.")] = Method.dr,
    draws: Annotated[
        int | None, whole("Bootstrap draws for simultaneous bands; 0: no bands.", show_default=str(DRAWS))
    ] = None,
    randomization: Annotated[
        int, whole("Drawn assignments where not all can be tried; 0: no randomisation test.")
    ] = 9_999,
    seed: Annotated[int, whole("The same seed gives the same bytes.")] = 0,
    kernel: Annotated[
        Kernel,
        typer.Option(
            help="Two-way regressions by linearmodels or our fast kernel, same numbers; "
            "auto: linearmodels up to 200,000 unit-periods. fast: also the clustered errors of --checks."
        ),
    ] = Kernel.auto,
    count_effects: Annotated[
        bool, typer.Option(help="Count unit effects as parameters in the errors of two-way regressions.")
    ] = False,
    switchers: Annotated[
        Switchers,
        typer.Option(help="With --dose: all, or units whose treatment first rises (in) or falls (out)."),
    ] = Switchers.all,
    level: Annotated[float, real("Confidence level of intervals and bands.")] = 0.95,
    window: Annotated[
        str | None,
        typer.Option(help="First and last event time reported, such as --window=-4,6.", show_default="all"),
    ] = None,
    balance: Annotated[
        int | None,
        whole(
            "Event times only of cohorts observed for this many periods after their start.",
            show_default="all cohorts",
        ),
    ] = None,
    appendix: Annotated[
        bool,
        typer.Option(help="Add tables.md, tables.tex, covariance.csv, influence.csv and rollout.svg."),
    ] = False,
    by: Annotated[
        str | None, typer.Option(help="Column of groups: subgroups.csv, each estimator within each group.")
    ] = None,
    eligible: Annotated[
        str | None,
        typer.Option(
            help="Column of yes and no: the triple difference; the cohort is that of the unit's place."
        ),
    ] = None,
    evidence: Annotated[Evidence, typer.Option(help="Written into every result.")] = Evidence.records,
    checks: Annotated[
        bool,
        typer.Option(
            help="Add inference.csv and sensitivity.csv; takes seconds, or half a minute for 31 units by "
            "40 periods."
        ),
    ] = False,
    inference: Annotated[
        str | None,
        typer.Option(help="Checks: the method named in advance.", show_default="randomization"),
    ] = None,
    strata: Annotated[
        str | None, typer.Option(help="Checks: column of strata within which units trade places.")
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(help="Checks: column of sizes, if errors shrink with the unit's size.")
    ] = None,
) -> None:
    """Estimate staggered difference-in-differences on your own panel, with every modern estimator.

    For the same number in R, Stata or another Python package: did export --help.
    """
    from ..options import Options
    from ..registry import reads
    from .checks import Checks
    from .columns import Columns
    from .numerals import Marks
    from .run import run_study

    given = {"--inference": inference, "--strata": strata, "--sizes": sizes}
    if not checks and any(given.values()):
        words = ", ".join(flag for flag, value in given.items() if value)
        verb = "says" if words in given else "say"
        raise InputError(f"{words} {verb} how to check, and no checks are asked for", action="add --checks")
    if (dose is not None or cross_sections) and checks:
        raise InputError(
            "--checks gives starts to other units: it needs units that are followed and start once",
            action="leave --checks out with --dose and --cross-sections",
        )
    if (dose is not None or cross_sections) and (by or eligible):
        raise InputError(
            "--by and --eligible need units that are followed and start once",
            action="leave them out with --dose and --cross-sections",
        )
    names = listed(estimators, "--estimators", "estimator")
    if not names:
        raise InputError("--estimators names no estimator", expected="all, or names separated by commas")
    for flag, count in (("--draws", draws or 0), ("--randomization", randomization)):
        if count > MOST_DRAWS:
            raise InputError(f"{flag} {count} would not end", expected=f"at most {MOST_DRAWS:,}")
    if randomization < 0:
        raise InputError(
            f"--randomization is {randomization}", expected="0 for no test, or a number of draws"
        )
    if draws is None:  # not asked for: where no estimator draws, none are recorded
        followed = dose is None and not cross_sections
        draws = DRAWS if followed and (names == ["all"] or eligible or reads(names, "draws")) else 0
    if 0 < draws < FEWEST_DRAWS:
        raise InputError(
            f"with --draws {draws}, simultaneous bands are not trustworthy",
            expected=f"0, or {FEWEST_DRAWS} or more",
            action="leave --draws out, or give 0 for analytic errors without bands",
        )
    run_study(
        panel,
        out,
        Columns(
            unit=unit,
            time=time,
            outcome=outcome,
            cohort=cohort,
            dose=dose,
            covariates=covariates
            if "~" in covariates
            else tuple(listed(covariates, "--covariates", "column")),
            cluster=_columns(cluster),
            weights=weights,
            cross_sections=cross_sections,
        ),
        names,
        Options(
            control=control.value,
            base=base.value,
            anticipation=anticipation,
            method=method.value,
            draws=draws,
            seed=seed,
            kernel=kernel.value,
            count_effects=count_effects,
            switchers=switchers.value,
            fix_weights=fix_weights.value,
            level=level,
            window=_window(window),
            balance=balance,
        ),
        randomization=randomization,
        evidence=evidence.value,
        time_gaps=time_gaps.value,
        weights_vary=weights_vary.value,
        marks=Marks(decimal, thousands),
        appendix=appendix,
        by=by,
        eligible=eligible,
        checks=Checks(inference, strata, sizes, randomization) if checks else None,
    )


def _columns(cluster: str | None) -> str | tuple[str, ...] | None:
    """One column of clusters, or two separated by a comma."""
    if cluster is None or "," not in cluster:
        return cluster
    return tuple(listed(cluster, "--cluster", "column"))


def _window(text: str | None) -> tuple[int, int] | None:
    """First and last event time, written with a comma or a colon between."""
    if text is None:
        return None
    match = re.fullmatch(r"\s*([+-]?[0-9]+)\s*[,:]\s*([+-]?[0-9]+)\s*", text)
    if match is None:
        raise InputError(f"--window is {text!r}", expected="first and last event time, such as --window=-4,6")
    return int(match[1]), int(match[2])


def listed(text: str, flag: str, what: str) -> list[str]:
    """Names separated by commas; commas alone are refused, because nothing would be done in silence."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if text.strip() and not names:
        raise InputError(f"{flag} names no {what}", value=text, action="name one, or leave the option out")
    return names
