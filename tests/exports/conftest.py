"""Files in the form of the statistics office's exports, good and spoilt.

The form follows public copies named 分省年度数据.csv: of 年末常住人口(万人), 2015 to 2024, in the GitHub
repository 1lmq/FYP_QMM2_Chinese_Railways (commit ad20598b); of 地区生产总值(亿元) in Tobby-star/dynamic_datas
(0af0641d, a quoted note), RenJiyi163/panel_data_analysis_for_thesis (e6d65372) and nwljy/EchartMapFilm
(a9727dca, notes over several lines). Their shape alone is used here, no value. Headers of quarters, and the
XLSX, were not seen and are assumed.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.exports.folder import place_names
from analysis.inputs.tables import load_provinces, load_statistics

ROOT = Path(__file__).resolve().parents[2]
TITLE = "年末参加工伤保险人数(万人)"


@pytest.fixture(scope="session")
def provinces() -> pd.DataFrame:
    return load_provinces(ROOT / "data" / "raw")


@pytest.fixture(scope="session")
def places(provinces) -> dict[str, str]:
    return place_names(provinces)


@pytest.fixture(scope="session")
def names(provinces) -> list[str]:
    return provinces[provinces["kind"] != "corps"]["name_zh"].tolist()


def lines_of(names, years=(2023, 2022), title=TITLE, value=lambda row, year: 100.0 + row):
    """Lines of an export: four above the provinces, two below."""
    return [
        "数据库：分省年度数据",
        f"指标：{title}",
        "时间：最近10年",
        ",".join(["地区", *(f"{year}年" for year in years)]),
        *(",".join([name, *(f"{value(k, year):g}" for year in years)]) for k, name in enumerate(names)),
        "注：2022年起口径不变。",
        "数据来源：国家统计局",
    ]


def write(path: Path, lines, encoding="gbk") -> Path:
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


@pytest.fixture
def make():
    return lines_of


@pytest.fixture
def put():
    return write


@pytest.fixture(scope="session")
def raw_statistics() -> pd.DataFrame:
    return load_statistics(ROOT / "data" / "raw")


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / "processed" / "panel.csv", dtype={"province_code": str})
