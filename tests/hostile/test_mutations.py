"""Any change of a raw file is refused by its hash; any change that the record agrees to is refused by name,
or leaves a record whose numbers are finite and whose treatment is one start for each province."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import inputs
from analysis.base.errors import InputError
from analysis.inputs.renew import renew_record
from analysis.panel.build import build_skeleton, newest_quarter

FILES = (
    "provinces.csv", "sources.csv", "rollout.csv", "published_figures.csv", "province_annual.csv",
    "corrections.csv",
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "1e309", "INF", "NaN", "None", "９", "0x1", "1_0", "9" * 40, "2025-02-30",
         "0000-01-01",
         "\u200b",
         "a;b=c", "=1+1", "'", '"', ",", "\n", "\t", "00", "true", "{{< var x >}}"]
    ),
    st.text(max_size=12),
    st.integers(-(10**12), 10**12).map(str),
)  # fmt: skip


@st.composite
def mutations(draw):
    """A file and what happens to its rows, as a function of a list of lists."""
    file = draw(st.sampled_from(FILES))
    kind = draw(st.sampled_from(["cell", "drop", "twice", "swap", "short", "long"]))
    row, column = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    value = draw(CELLS)

    def mutate(rows):
        if len(rows) == 1:
            rows.append([value] * len(rows[0]))
            return
        r, c = 1 + row % (len(rows) - 1), column % len(rows[0])
        other = 1 + (row + column) % (len(rows) - 1)
        if kind == "cell":
            rows[r][c] = value
        elif kind == "drop":
            del rows[r]
        elif kind == "twice":
            rows.insert(r, list(rows[r]))
        elif kind == "swap":
            rows[r][c], rows[other][c] = rows[other][c], rows[r][c]
        elif kind == "short":
            rows[r].pop()
        else:
            rows[r].append(value)

    return file, mutate


def rewritten(path: Path, mutate) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    mutate(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8", errors="surrogatepass"))


@settings(max_examples=12, deadline=None)
@given(mutations())
def test_a_mutated_row_is_refused_by_name_or_leaves_a_sound_record(toy_raw, mutation):
    file, mutate = mutation
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "raw"
        shutil.copytree(toy_raw[0], folder)
        rewritten(folder / file, mutate)
        renew_record(folder)
        try:
            inputs.check_package(folder)
            ledger, rollout = inputs.load_ledger(folder), inputs.load_rollout(folder)
            statistics, provinces = inputs.load_statistics(folder), inputs.load_provinces(folder)
            skeleton = build_skeleton(provinces, rollout, statistics, newest_quarter(ledger))
        except InputError:
            return
    assert np.isfinite(statistics["value"]).all()
    assert np.isfinite(ledger["lower"]).all()
    assert (ledger["lower"] <= ledger["upper"]).all()
    assert (skeleton.groupby("province_code")["treated"].diff().fillna(0) >= 0).all()
    assert len(skeleton) == (provinces["kind"] != "corps").sum() * skeleton["quarter"].nunique()


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(FILES),
    st.integers(0, 10**9),
    st.integers(1, 255),
    st.sampled_from(["flip", "cut", "grow"]),
)
def test_a_changed_byte_is_refused_whatever_it_is(toy_raw, file, place, change, kind):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "raw"
        shutil.copytree(toy_raw[0], folder)
        path = folder / file
        content = bytearray(path.read_bytes())
        at = place % len(content)
        if kind == "flip":
            content[at] ^= change
        elif kind == "cut":
            del content[at:]
        else:
            content[at:at] = bytes([change])
        path.write_bytes(bytes(content))
        with pytest.raises(InputError) as refusal:
            inputs.check_package(folder)
    assert file in str(refusal.value)
