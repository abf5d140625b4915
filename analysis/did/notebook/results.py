"""What `estimate` returns: the records, how they vary together, and the questions one asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..panel.comparison import affected
from . import joint, tables
from .records import Records, labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..results import Estimate


@dataclass(frozen=True, eq=False, repr=False)
class Results(Records):
    """Estimates of one panel: a sequence of `Estimate` that answers questions.

    Parameters
    ----------
    panel, options
        What was estimated, and with which choices.
    names
        The estimators, in the order asked for.
    parts
        What each of them returned.
    unread
        Options given that an estimator does not read, by estimator. At least one other does.

    Notes
    -----
    `att`, `event_study`, `covariance` and what builds on them speak of one estimator; from several, take
    one out first with `of`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.group_time(panel, control="never")
    >>> len(result), result.att.term, result.att.n_units
    (38, 'att', 60)
    """

    @property
    def att(self) -> Estimate:
        """The estimator's own overall effect on the treated."""
        return self.rows_of("att")[0][1]

    @property
    def fit(self) -> Any:
        """The result of linearmodels or statsmodels behind the estimates.

        Raises
        ------
        InputError
            The estimator has none, or the results were loaded from a file.
        """
        found = self.part.fit
        if found is None:
            raise InputError(
                f"{self.name} is not read off a result of linearmodels or statsmodels here",
                action='estimate twfe or event_study_twfe on the panel, with kernel="linearmodels"',
            )
        return found

    def event_study(self) -> pd.DataFrame:
        """Effects by event time: index ``event_time``, the reference at zero without an error."""
        return self.table_of("event")

    def group_time(self) -> pd.DataFrame:
        """Effects by cohort and period: index ``cohort``, ``period``."""
        table = self.table_of("group_time")
        table.insert(0, "event_time", [row.event_time for _, row in self.rows_of("group_time")])
        return table

    def covariance(self, term: str = "event") -> pd.DataFrame:
        """Covariance of the records of one term that have an error; the reference has none.

        Parameters
        ----------
        term
            As in `Estimate`: ``event``, ``cohort``, ``calendar``, ``group_time``, ``att``, ...

        Returns
        -------
        DataFrame
            (K, K), labelled by event time, cohort or period; of influence functions or of the clustered
            covariance of the regression, as the record's ``inference`` says.

        Raises
        ------
        InputError
            No such term, or an estimator whose errors come one by one.
        """
        places = [(k, row) for k, row in self.rows_of(term) if row.std_error == row.std_error]
        if self.part.covariance is None:
            raise InputError(
                f"{self.name} has no covariance: its errors are computed one record at a time",
                action="take group_time, or another estimator with influence functions or a regression",
            )
        pick = np.array([k for k, _ in places], dtype=np.int64)
        matrix = self.part.covariance(pick) if len(pick) else np.empty((0, 0))
        index = labels_of(term, [row for _, row in places])
        return pd.DataFrame(matrix, index=index, columns=index)

    def influence(self, term: str = "event") -> pd.DataFrame:
        """Influence of each unit, or cluster, on the records of one term that have an error.

        Parameters
        ----------
        term
            As for `covariance`.

        Returns
        -------
        DataFrame
            (G, K): a row for each unit, or for each cluster, called after its first unit; columns labelled as
            in `covariance`, which is the product of this table's transpose with itself.

        Raises
        ------
        InputError
            No such term, or an estimator other than group_time, or clusters of two kinds.
        """
        places = [(k, row) for k, row in self.rows_of(term) if row.std_error == row.std_error]
        if self.part.influence is None or not places:
            raise InputError(
                f"{self.name} has no influence functions here",
                action="take group_time with one kind of clusters, estimated and not loaded from a file",
            )
        values, names = self.part.influence(np.array([k for k, _ in places], dtype=np.int64))
        columns = labels_of(term, [row for _, row in places])
        return pd.DataFrame(values, index=pd.Index(names, dtype=object), columns=columns)

    def wald_test(
        self, term: str = "event", labels: Sequence[Any] | None = None, *, value: float = 0.0
    ) -> joint.Test:
        """Test that several effects all equal ``value``.

        Parameters
        ----------
        term
            As for `covariance`.
        labels
            Event times, cohorts, periods or pairs of them, as in the index of `covariance`; missing: all.
        value
            What they equal under the null.

        Raises
        ------
        InputError
            A label without an error, more restrictions than half the treated clusters, or a covariance
            that cannot be inverted.

        Notes
        -----
        Chi-squared where intervals are normal, F with the freedom of the intervals where they are
        Student, so that the test of one effect has its p-value.
        """
        covariance = self.covariance(term)
        chosen = list(covariance.index) if labels is None else list(labels)
        if not chosen:
            raise InputError(f"there is nothing to test: no {term} has an error")
        if unknown := [label for label in chosen if label not in covariance.index]:
            raise InputError(
                f"{term} {unknown[0]} has no error to test with",
                expected=f"some of {', '.join(map(str, covariance.index))}",
            )
        known = [row for _, row in self.rows_of(term) if row.std_error == row.std_error]
        place = [covariance.index.get_loc(label) for label in chosen]
        return joint.wald(
            np.array([known[k].estimate - value for k in place]),
            covariance.to_numpy()[np.ix_(place, place)],
            min(known[k].freedom for k in place),
            self._treated_clusters(),
            f"{term} {', '.join(map(str, chosen))} = {value:g}",
        )

    def test_pretrends(self) -> joint.Test:
        """Test that all effects before the start, less anticipation, are zero.

        The estimator's own joint test where it has one (its row ``pretrend_joint``); otherwise of its
        event times before the start: Wald, or the largest absolute t where treated clusters are few.

        Raises
        ------
        InputError
            The estimator reports no effects before the start.
        """
        for row in self.part:
            if row.term == "pretrend_joint":
                return joint.Test("effects before the start = 0", row.estimate, row.inference, row.p_value)
        early = [
            (k, row)
            for k, row in enumerate(self.part)
            if row.term == "event"
            and (row.event_time or 0) < -self.options.anticipation
            and row.std_error == row.std_error
        ]
        if not early or self.part.covariance is None:
            raise InputError(
                f"{self.name} reports no effects before the start that could be tested jointly",
                action="take group_time, event_study_twfe, sun_abraham or imputation",
            )
        covariance = self.part.covariance(np.array([k for k, _ in early], dtype=np.int64))
        return joint.pretrend(
            np.array([row.estimate for _, row in early]),
            covariance,
            min(row.freedom for _, row in early),
            self._treated_clusters(),
            self.options.seed,
        )

    def plot(self, axes: Axes | None = None) -> Axes:
        """Event study as a figure: intervals as bars, a simultaneous band as shade, the reference hollow.

        Parameters
        ----------
        axes
            Where to draw; missing: a new figure.
        """
        from .plot import plot_event_study

        return plot_event_study(self, axes)

    def to_markdown(self) -> str:
        """Overall and event-time effects as a Markdown table; of several estimators, overall effects."""
        return tables.markdown(tables.shown(self))

    def to_latex(self) -> str:
        """The table of `to_markdown` as a LaTeX ``tabular`` with rules of booktabs."""
        return tables.latex(tables.shown(self))

    def _repr_html_(self) -> str:
        return tables.html(tables.shown(self), tables.remarks(self))

    def __repr__(self) -> str:
        return "\n".join([tables.text(tables.shown(self)), *tables.remarks(self)])

    def save(self, path: Path | str) -> None:
        """Write panel, choices, records and covariances into one file; see `load`."""
        from .store import save

        save(self, path)

    def reproduce(self, package: str, folder: Path | str | None = None) -> str:
        """Script that gives these numbers in another package, and compares them.

        Parameters
        ----------
        package
            As in ``did export --for``: ``fixest``, ``did``, ``reghdfe``, ``linearmodels``, ...
        folder
            Where to write the script and the panel that it reads; missing: neither is written.

        Raises
        ------
        InputError
            No such package, it does not have the estimator, or it would give another number on this
            panel with these options.

        Examples
        --------
        >>> import rollout_did as did
        >>> text = did.twfe(did.example_panel()).reproduce("fixest")
        >>> [line for line in text.splitlines() if "feols" in line]
        ['fit <- feols(y ~ d | id + t, data = panel, cluster = ~cluster, fixef.rm = "none")']
        """
        from ..export.script import script_of
        from ..export.write import write_export

        if folder is not None:
            write_export(self, package, folder)
        return script_of(self, package)[0]

    def _treated_clusters(self) -> int:
        treated: NDArray[np.bool_] = affected(self.panel, self.options)
        return len(np.unique(self.panel.cluster[treated]))
