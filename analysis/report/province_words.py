"""Sentences of the provinces' pages in both languages."""

from __future__ import annotations

from typing import Any

WAVES = {
    "en": {1: "first wave", 2: "second wave", 3: "third wave"},
    "zh": {1: "首批", 2: "第二批", 3: "第三批"},
}
WORDS: dict[str, dict[str, Any]] = {  # sentences by name; figures: several under one name
    "en": {
        "start": (
            "The pilot has been in force in {name} since **{day}** ({wave}, {count} provinces; "
            "the source for this date is of [grade {grade}](#grades-of-sources))."
        ),
        "start_reported": (
            "By a second-hand report ([grade {grade}](#grades-of-sources)) the pilot has been in force "
            "in {name} since **{day}** ({wave}, {count} provinces)."
        ),
        "known": "What is known",
        "interval": (
            "At the end of {quarter} {name} had {number} people ever enrolled per 1,000 residents "
            "(how sure: [{sure}](#four-words))."
        ),
        "chart": (
            "Bars: every number of people ever enrolled per 1,000 residents that agrees with all "
            "published figures of grades A to C, at the end of each quarter. {limits} Pale bars have no "
            "upper end yet. The figures do not say which value inside a bar is more likely. Counts are "
            "divided by the residents at the newest year-end on record up to the quarter; none after "
            "2024 is on record. So a bar can move when only the number of residents changes."
        ),
        "both": "What limits it from below, and from above where there is a limit: {figures}.",
        "lower": "What limits it from below: {figures}.",
        "no_lower": "No published figure limits it from below, so every lower end is zero.",
        "upper": "What limits it from above: {figures}.",
        "no_upper": "No published figure limits it from above.",
        "figures": {
            "own": "this province's own counts",
            "national": "national totals",
            "others": "counts of other provinces",
        },
        "wide": (
            "A high upper end means only that the published figures do not exclude it. It does not mean that "
            "enrolment is that high."
        ),
        "absurd": (
            "An upper end above 1,000 is more people than live here, which cannot be true. It means that the "
            "published figures do not limit this province's number. We put no limit of our own on it."
        ),
        "absurd_beside": (
            "An upper end above 1,000 is more people than live in that province, which cannot be true. It "
            "means that the published figures do not limit that province's number."
        ),
        "csv": "Data of this page (CSV)",
        "intervals": "Intervals by quarter",
        "explore": "Set another province beside it, or count in people",
        "none": (
            "No number per 1,000 residents can be given: at the end of {quarter}, the newest date with a "
            "usable national total, the pilot had not begun in {name}."
        ),
        "corps": ("{name} is no province of the panel, and its enrolment is not published apart."),
        "few": (
            "We looked for figures and documents of {name} alone and found {count}. What is missing here was "
            "looked for, too."
        ),
        "nothing": "We looked for figures and documents of {name} alone and found none.",
        "counts": "Published figures",
        "events": "Start and widening",
        "documents": "Documents of the province",
        "rates": "Contribution rates",
        "benefits": "Benefits",
        "platforms": "Platforms and their programmes here",
        "workers": "Counts of workers",
        "missing": "What one more number would bring",
        "worth": (
            "No count of this province was published for the end of {quarter}. One would shorten the range "
            "for the average of the provinces, now {width} people per 1,000 residents wide, by at least "
            "{reduction}, whatever it says."
        ),
        "worthless": (
            "No count of this province was published for the end of {quarter}. Such a count would show this "
            "province's own rate. The range for the average of the provinces might stay as wide as it is."
        ),
        "published_already": (
            "{name} has published a count, which we take to be for the end of {quarter}. One more count of "
            "{name} might not narrow the range for the average of the provinces at all."
        ),
        "beside": "Provinces that began on the same day",
        "beside_rates": "People ever enrolled per 1,000 residents at the end of {quarter}:",
        "province": "Province",
        "rate": "Per 1,000 residents",
        "sure": "How sure",
        "map": "Find a province",
        "map_text": (
            "Each tile leads to the province's page: what is known, since when, its documents and rates, "
            "and what it has not published. Colours say how narrow the interval of people ever enrolled "
            "is at the end of {quarter}."
        ),
        "narrow": "known to within 2 per 1,000 residents",
        "middling": "a range of up to 50 per 1,000",
        "broad": "a wider range",
        "later": "began in July 2026: no total is published yet",
        "bounds": "bounds",
        "published": "published",
        "colon": ": ",
    },
    "zh": {
        "start": (
            "自**{day}**起，新就业形态人员职业伤害保障试点（下称“试点”）在{name}实施。{name}属于{wave}，该批共{count}个省份；启动日期的来源为[{grade}级](#grades-of-sources)。"
        ),
        "start_reported": (
            "据间接报道（[{grade}级](#grades-of-sources)），自**{day}**起，新就业形态人员职业伤害保障试点（下称"
            "“试点”）在{name}实施。{name}属于{wave}，该批共{count}个省份。"
        ),
        "known": "已知情况",
        "interval": (
            "{quarter}末，{name}累计参保人数相当于每千常住人口{number}人（确定程度：[{sure}](#four-words)）。"
        ),
        "chart": (
            "柱形：每季度末与A至C级全部公布数据相符的每千常住人口累计参保人数的范围。{limits}浅色柱形尚无上限。现有数"
            "字不能说明柱形内哪个数值更可能。计算时用当时或之前最近一个有记录的年末常住人口（至2024年末），"
            "因此柱形有时只是因为人口数换了一年而变动。"
        ),
        "both": "下限和已有的上限都由{figures}决定。",
        "lower": "下限由{figures}决定。",
        "no_lower": "没有公布的数字限定下限，下限均为零。",
        "upper": "已有的上限由{figures}决定。",
        "no_upper": "没有公布的数字限定上限。",
        "figures": {"own": "本省的数字", "national": "全国合计", "others": "其他省份的数字"},
        "wide": "上限高，只表示公布的数字没有排除这样的数值，不表示实际水平就有这样高。",
        "absurd": (
            "上限超过1000，即多于常住人口，这不可能属实，只表示公布的数字没有限定本省的人数。我们没有另设"
            "上限。"
        ),
        "absurd_beside": (
            "上限超过1000，即多于该省常住人口，这不可能属实，只表示公布的数字没有限定该省的人数。"
        ),
        "csv": "本页数据（CSV）",
        "intervals": "各季度区间",
        "explore": "与其他省份对照，或按人数查看",
        "none": "无法给出每千常住人口累计参保人数：可用的全国合计数止于{quarter}末，当时{name}尚未启动试点。",
        "corps": "{name}不是面板中的省份，其参保人数未单独公布。",
        "few": "我们查找过{name}本地的数字和文件，找到{count}条；此处没有的内容也查找过。",
        "nothing": "我们查找过{name}本地的数字和文件，均未找到。",
        "counts": "公布的数字",
        "events": "启动与扩围",
        "documents": "本省文件",
        "rates": "缴费标准",
        "benefits": "待遇",
        "platforms": "本地的平台及其项目",
        "workers": "从业人数",
        "missing": "多公布一个数字会带来什么",
        "worth": (
            "本省没有公布过{quarter}末的人数。若公布一个，无论多少，各省平均的范围（目前宽每千人{width}"
            "人）至少缩小{reduction}人。"
        ),
        "worthless": (
            "本省没有公布过{quarter}末的人数。若公布，就能知道本省的比率，但不一定能缩小各省平均（全部试点省份比率的平均）的范围。"
        ),
        "published_already": (
            "{name}公布过一个数，我们读作{quarter}末的人数。本省再公布一个，不一定能缩小各省平均（全部试点省份比率的平均）的范围。"
        ),
        "beside": "同日启动的省份",
        "beside_rates": "{quarter}末每千常住人口累计参保人数：",
        "province": "省份",
        "rate": "每千常住人口",
        "sure": "确定程度",
        "map": "按省份查找",
        "map_text": (
            "点击方块进入该省页面：已知情况、启动时间、文件与费率，以及尚未公布的内容。颜色表示{quarter"
            "}末累计参保人数区间的宽窄。"
        ),
        "narrow": "误差在每千人2人以内",
        "middling": "区间宽度不超过每千人50人",
        "broad": "更宽的区间",
        "later": "2026年7月启动，尚无合计数",
        "bounds": "区间界定",
        "published": "公布数据",
        "colon": "：",
    },
}
