"""What the box of a number says of how it was computed, in Chinese.

`numbers.json` states each specification in English where it is computed. Here every one of them has its
Chinese: whole phrases, phrases with blanks, and the reasons of the configuration, which have Chinese words.
"""

from __future__ import annotations

import re

from analysis import config
from analysis.report.tables.words import OUTCOMES, READINGS, SPECIFICATIONS, STOCK_READINGS

WHOLE = {
    "as declared": "按数据说明文件",
    "as printed": "按公布原文",
    "count of rows": "行数",
    "count of rows: rows": "行数",
    "count of rows: rows of the panel: kind is not corps": "面板中的省份数，不含兵团",
    "count of rows: measure is cumulative_participants": "指标为累计参保人数的行数",
    "count of rows: record_type is participant": "试点平台的行数",
    "count of rows: source is official": "来源为官方的行数",
    "count of rows: level is local": "地方文件的行数",
    "count of rows: level is national": "国家文件的行数",
    "a tenth changes no decision": "一成的差别不会改变决策",
    "half a percent is what rounding to three digits leaves; grade C does not carry it": (
        "百分之零点五是保留三位数字所余的误差；C级来源不足以支持这一说法"
    ),
    "days from the national start to the document": "地方文件距全国启动日的天数",
    "every combination of the choices in config.CURVE_*": "config.CURVE_*所列各项选择的全部组合",
    "family-wise over outcomes and years; every choice of treated units was equally likely": (
        "就全部结果与年份作多重检验校正；任选试点省份的可能性相同"
    ),
    "group_time, one change at a time": "组群—时间效应，每次只改变一项",
    "interval arithmetic on two identified intervals; each end takes the least favourable base": (
        "由两个区间相减；每一端取最不利的基数"
    ),
    "its own normal p-value: weights depend on the outcomes and are not permuted": (
        "该方法自身的正态p值：权重取决于结果变量，不作置换"
    ),
    "largest sure reduction": "必然缩减量中最大者",
    "linear program: both counts are cumulative counts of heads, the platform's part of the nation's": (
        "线性规划：两个数都是累计人数，平台的人数包含在全国人数之内"
    ),
    "lower end zero: no count published": "下限为零：没有公布人数",
    "mean of log growth": "对数增长率的平均",
    "newest quarter with an upper end": "能给出上限的最近季度",
    "number of assignments compared": "所比较的分配方式数目",
    "over known pairs of provinces": "仅就双方均已知的省份对计算",
    "power of the pre-trend test": "事前趋势检验的功效",
    "provinces in the pilot": "已试点的省份",
    "published cases": "已公布的案例",
    "ratio of two published counts": "两个公布数之比",
    "simulated panels, calibrated to the years before the pilot": "模拟面板，按试点之前的年份校准",
    "straight trend taken out": "扣除直线趋势",
    "support ratio at the higher base over the one at the lower base": "高档与低档基准额下支缴率之比",
    "support_ratio_min, in percent": "支缴率下限（%）",
    "the question's own number; an assumption": "算例自设的数字，属于假定",
    "values that leave no zero": "使区间不含零的取值",
    "within bands of the level before": "在试点前水平相近的省份组内比较",
    "DFBETAS": "DFBETAS（有无该省使效应移动的标准误倍数）",
    "Rambachan-Roth bounds on the event study with jackknife covariance": (
        "Rambachan-Roth界限，依事件研究与刀切协方差"
    ),
    "right if: as Conley-Taber, but error variances may fall with the size of the unit": (
        "成立条件：同Conley-Taber，但误差方差可随省份规模下降"
    ),
    "right if: as randomization; also right in large samples when effects differ between units": (
        "成立条件：同随机化检验；样本大时，各省效应不同也成立"
    ),
    "right if: errors alike across units and independent of treatment; error of the control mean ignored": (
        "成立条件：各省误差分布相同且与试点无关；忽略对照均值的误差"
    ),
    "right if: every choice of treated units was equally likely; one effect for all treated cells": (
        "成立条件：任选试点省份的可能性相同；各试点省份与年份的效应相同"
    ),
    "right if: family-wise over outcomes and years; every choice of treated units was equally likely": (
        "成立条件：任选试点省份的可能性相同；已就全部结果与年份作多重检验校正"
    ),
    "right if: independent clusters; exact on average if all observations have the same variance": (
        "成立条件：各省独立；观测方差相同时平均而言准确"
    ),
    "right if: independent clusters; less often too short than CR1, still so with three treated or fewer": (
        "成立条件：各省独立；区间比CR1较少偏窄，但试点省份不多于三个时仍偏窄"
    ),
    "right if: independent clusters; with two or three treated it hardly ever rejects": (
        "成立条件：各省独立；试点省份只有两三个时几乎从不拒绝"
    ),
    "right if: many treated and many untreated clusters": "成立条件：试点与未试点的省份都很多",
    "right if: within strata, every choice of treated units was equally likely; one effect for all treated "
    "cells, estimated within strata": (
        "成立条件：在各组之内任选试点省份的可能性相同；各试点省份与年份的效应相同，并在组内估计"
    ),
}
REASONS = (
    {item.reason: READINGS[item.name] for item in config.READINGS}
    | {item.reason: STOCK_READINGS[item.name] for item in config.STOCK_READINGS}
    | {item.reason: SPECIFICATIONS[item.name] for item in config.SPECIFICATIONS}
    | {
        "as the second wave at the same distance": "与第二批同期相同",
        "half the lowest to one and a half times the highest counted second-wave province": (
            "介于有公布数的第二批省份最低值的一半与最高值的一倍半之间"
        ),
        "earlier waves add between half and one and a half times their fastest pace": (
            "前两批的增量介于此前最快速度的一半与一倍半之间"
        ),
        "the middle half of the second wave's interval": "第二批区间的中间一半",
        "earlier waves add between nothing and twice their fastest pace": (
            "前两批的增量介于零与此前最快速度的两倍之间"
        ),
        "all": "全部其他省份",
        "not_yet": "尚未试点省份",
    }
    | {name: words[1] for name, words in OUTCOMES.items()}
)
HAN = re.compile(r"[\u3400-\u9fff]")
BLANKS = (  # a phrase with blanks, and its Chinese; a blank that is a reason is said in Chinese
    (r"as printed: (.*[\u3400-\u9fff].*)", "按公布原文：{0}"),
    (r"as printed: .*", "按公布原文"),
    (r"([\d,]+) orders a day, (\d+) days", "每日{0}单，{1}天"),
    (r"(\d+) drawn assignments", "抽取{0}种分配方式"),
    (r"(\d+) assignments", "{0}种分配方式"),
    (r"largest of (\d+) pre-periods in (\d+) assignments", "{1}种分配方式下，{0}种事前年份中的最大者"),
    (r"least and most of (\d+)", "{0}个结果中的最小与最大"),
    (r"count of rows: grade is (\w)", "{0}级的行数"),
    (r"count of rows: starts of wave (\d), without the Corps", "第{0}批启动的省份数，不含兵团"),
    (r"interval narrower than (\d+)", "区间窄于{0}"),
    (r"p-value at most ([\d.]+)", "p值不大于{0}"),
    (r"Breusch-Pagan, (F.+)", "Breusch-Pagan检验，{0}"),
    (r"Wooldridge, (t\(\d+\)) of slope (-?[\d.]+)", "Wooldridge检验，针对斜率{1}，{0}"),
    (r"studentised residual, Holm over (\d+) provinces", "学生化残差，按{0}个省份作Holm校正"),
    (r"(Holm|Romano-Wolf) over (\w+), (\w+) and their years", "{0}校正，涵盖{1}、{2}及各年份"),
    (r"over (\w+), (\w+) under common reassignments", "涵盖{0}与{1}，共用同一组重新分配"),
    (r"committed on that day; assumes ([^;]+); (.+)", "当日作出；假定：{0}；{1}"),
    (r"committed on that day; assumes ([^;]+)", "当日作出；假定：{0}"),
    (r"linear program over the published figures; reading: (.+)", "对全部公布数字作线性规划；读法：{0}"),
    (r"linear program; reading: (.+)", "线性规划；假定：{0}"),
    (r"reading: (.+)", "读法：{0}"),
    (
        r"sample \w+: ([^;]+); control group (\w+); cluster CR1, (t\(\d+\)), linearmodels; "
        r"randomisation over (\d+) all assignments",
        "样本：{0}；对照：{1}；按省份聚类（CR1），{2}，linearmodels；随机化检验遍历{3}种分配方式",
    ),
    (
        r"sample \w+: ([^;]+); control group (\w+); influence function, clustered, normal quantiles; "
        r"bands: rademacher multiplier bootstrap, (\d+) draws; randomisation over (\d+) all assignments",
        "样本：{0}；对照：{1}；影响函数，按省份聚类，正态分位数；联合区间由乘数自助法抽取{2}次；"
        "随机化检验遍历{3}种分配方式",
    ),
)


def specification_zh(text: str) -> str:
    """The specification in Chinese; empty where it has no Chinese yet, which a test counts.

    Examples
    --------
    >>> specification_zh("least and most of 7")
    '7个结果中的最小与最大'
    >>> specification_zh("a new way")
    ''
    """
    if text in WHOLE:
        return WHOLE[text]
    for pattern, chinese in BLANKS:
        found = re.fullmatch(pattern, text)
        if found:
            return chinese.format(*(REASONS.get(part, part) for part in found.groups()))
    return ""
