"""Grades of sources, as every text defines them, in English and Chinese."""

# The notes of `sources.csv` say which second-hand report is of grade C, and what bears it out.
GRADES = {
    "A": ("official text or table that was seen", "直接查阅到的官方文件或表格"),
    "B": ("named newspaper, broadcaster or agency", "署名报纸、电视台或通讯社"),
    "C": (
        "repost, mirror or re-published series, or a second-hand report that other sources bear out",
        "转载、镜像或再发布的数据，或有其他来源印证的间接报道",
    ),
    "D": (
        "second-hand and not borne out, undated, or contradicted",
        "未获印证的间接来源、日期不明，或与其他来源矛盾",
    ),
}
