"""Results in one file: arrays and a header in JSON, which any program can read and none can run."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from ..errors import InputError
from ..fitted import Fitted
from ..options import Options
from ..panel.panel import Panel
from ..panel.sections import Sections
from ..results import Estimate
from .results import Results

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array

FORMAT = 2  # to be raised when an older reader would misread the file
Block = tuple["NDArray[np.int64]", "Array | str"]  # positions of a term's records; covariance, or why none


def save(result: Results, path: Path | str) -> None:
    """Write results as ``.npz``, whole or not at all; the same results give the same bytes.

    Notes
    -----
    The file has the panel, so that inference can go on from it, and the covariance of each term. The
    object of linearmodels or statsmodels is not kept.
    """
    if isinstance(result.panel, Sections):
        raise InputError(
            "results of repeated cross-sections are not saved in this form",
            action="write result.frame() with to_csv or to_parquet",
        )
    path = Path(path)
    arrays: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for entry in fields(Panel):
        value = getattr(result.panel, entry.name)
        (arrays if isinstance(value, np.ndarray) else words)[f"panel_{entry.name}"] = value
    reasons: dict[str, str] = {}
    for k, part in enumerate(result.parts):
        for term, (pick, found) in _blocks(part).items():
            if isinstance(found, str):
                reasons[f"{k} {term}"] = found
            else:
                arrays[f"covariance {k} {term}"], arrays[f"rows {k} {term}"] = found, pick
    header = {
        "format": FORMAT, "words": words, "options": asdict(result.options), "names": result.names,
        "rows": [[asdict(row) for row in part] for part in result.parts], "unread": result.unread,
        "reasons": reasons,
    }  # fmt: skip
    stream = io.BytesIO()
    np.savez_compressed(stream, header=np.array(json.dumps(header, ensure_ascii=False)), **arrays)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(stream.getvalue())
    draft.replace(path)


def load(path: Path | str) -> Results:
    """Read results that `Results.save` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Results
        Equal in panel, choices, records and covariances; `Results.fit` is refused.

    Raises
    ------
    InputError
        No such file, not a file of results, or one of a later version.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import rollout_did as did
    >>> result = did.group_time(did.example_panel())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result.save(pathlib.Path(folder) / "income.npz")
    ...     again = did.load(pathlib.Path(folder) / "income.npz")
    >>> again.panel == result.panel, again.att.estimate == result.att.estimate
    (True, True)
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        header = json.loads(str(arrays.pop("header")))
        if header["format"] > FORMAT:
            raise InputError("the file was written by a later version", file=path, value=header["format"])
        words = {name: _tuples(value) for name, value in header["words"].items()}
        given = words | {name: value for name, value in arrays.items() if name.startswith("panel_")}
        panel = Panel(**{name.removeprefix("panel_"): value for name, value in given.items()})
        options = Options(**{name: _tuples(value) for name, value in header["options"].items()})
        parts = [_part(k, rows, arrays, header["reasons"]) for k, rows in enumerate(header["rows"])]
    except FileNotFoundError as error:
        raise InputError("there is no such file of results", file=path) from error
    except (BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise InputError(
            "the file holds no results", file=path, expected="a file that Results.save wrote"
        ) from error
    unread = {name: tuple(value) for name, value in header["unread"].items()}
    return Results(panel, options, tuple(header["names"]), tuple(parts), unread)


def _blocks(part: Fitted) -> dict[str, Block]:
    """Covariance of the records of each term that have an error, or the reason why there is none."""
    found: dict[str, Block] = {}
    if part.covariance is None:
        return found
    for term in dict.fromkeys(row.term for row in part):
        pick = np.array(
            [k for k, r in enumerate(part) if r.term == term and r.std_error == r.std_error], dtype=int
        )
        if not len(pick):
            continue
        try:
            found[term] = (pick, part.covariance(pick))
        except InputError as error:
            found[term] = (pick, error.problem)
    return found


def _part(k: int, rows: list[dict[str, Any]], arrays: dict[str, Any], reasons: dict[str, str]) -> Fitted:
    """Records and covariance of one estimator."""
    records = tuple(Estimate(**row) for row in rows)
    blocks: dict[str, Block] = {}
    for term in dict.fromkeys(row.term for row in records):
        if f"covariance {k} {term}" in arrays:
            blocks[term] = (arrays[f"rows {k} {term}"], arrays[f"covariance {k} {term}"])
        elif f"{k} {term}" in reasons:
            blocks[term] = (np.array([], dtype=int), reasons[f"{k} {term}"])
    return Fitted(records, partial(_stored, records, blocks) if blocks else None)


def _stored(records: tuple[Estimate, ...], blocks: dict[str, Block], pick: NDArray[np.int64]) -> Array:
    """Covariance of records of one term, from the file."""
    rows, matrix = blocks[records[int(pick[0])].term]
    if isinstance(matrix, str):
        raise InputError(matrix)
    place = np.searchsorted(rows, pick)
    return np.asarray(matrix[np.ix_(place, place)])


def _tuples(value: Any) -> Any:
    """JSON knows lists only."""
    return tuple(value) if isinstance(value, list) else value
