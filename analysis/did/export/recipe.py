"""What a script for another package says, apart from the panel and its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

LANGUAGES = {"R": ("R", "#"), "Stata": ("do", "*"), "Python": ("py", "#")}  # ending, sign of a comment
GROUP_TIME_DEFAULTS = (
    "the package's defaults are other choices: pre-treatment comparisons with the period before, errors and "
    "bands drawn anew in each run"
)
ONE_PERIOD_MORE = (
    "its own errors are larger by a factor close to one, because the package counts all T period effects as "
    "parameters and the engine T - 1; the script takes that factor out"
)
R_WORDS = {"not_yet": "notyettreated", "never": "nevertreated"}  # bases have the same names


@dataclass(frozen=True)
class Recipe:
    """One estimator of the engine in one package.

    Parameters
    ----------
    package
        The name asked for with ``--for``.
    language
        One of `LANGUAGES`.
    version
        Package and version that the equalities were seen with.
    estimator
        The engine's.
    code
        From the table ``panel`` to the package's numbers. Words between ``@`` are filled in.
    errors
        Whether standard errors are equal by definition, after what the code does to them.
    differs
        Sentences on what is not equal, and why.
    never
        How the package wants never-treated units in the column ``g``.
    overall
        Term of the engine that the package's overall effect is.
    events
        Which event times are compared: ``all``, ``after`` the start, or ``none``.
    tolerance
        Largest relative difference of estimates that are equal by definition.
    words
        The package's words for the engine's choices.
    controls
        Comparison groups that the package knows.
    clusters
        Whether the code clusters by the column ``cluster``; otherwise only units can be clusters.
    gaps
        Whether units without some outcomes stay, as they do in the engine.
    run
        Whether the project's own tests, or ``make peers``, run the script.
    """

    package: str
    language: str
    version: str
    estimator: str
    code: str
    errors: bool
    differs: tuple[str, ...]
    never: float = 0
    overall: str = "att"
    events: str = "all"
    tolerance: float = 1e-6
    words: dict[str, str] = field(default_factory=dict)
    controls: tuple[str, ...] = ("not_yet", "never")
    clusters: bool = True
    gaps: bool = True
    run: bool = False
