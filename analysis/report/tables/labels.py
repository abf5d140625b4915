"""Names for readers of what the products call by a code: estimators, terms, readings, samples, choices."""

from __future__ import annotations

from analysis.report.tables.words import OUTCOMES, Words

ESTIMATORS: Words = {
    "twfe": ("two-way fixed effects", "双向固定效应"),
    "event_study_twfe": ("two-way event study", "双向事件研究"),
    "group_time": ("group-time effects", "组群—时间效应"),
    "sun_abraham": ("interaction-weighted", "交互加权"),
    "imputation": ("imputation", "插补"),
    "two_stage": ("two-stage", "两阶段"),
    "extended_twfe": ("extended two-way regression", "扩展双向回归"),
    "stacked": ("stacked", "堆叠"),
    "local_projection": ("local projections", "局部投影"),
    "local_projection_reweighted": ("local projections, reweighted", "局部投影（重新加权）"),
    "dynamic_dcdh": ("dynamic effects", "动态效应"),
    "intertemporal": ("intertemporal", "跨期"),
    "intertemporal_normalised": ("intertemporal, normalised", "跨期（标准化）"),
    "extended_poisson": ("extended two-way Poisson", "扩展双向泊松回归"),
    "extended_logit": ("extended two-way logit", "扩展双向 logit 回归"),
    "triple_difference": ("triple difference", "三重差分"),
    "efficient": ("efficient under random timing", "随机时序下的有效估计"),
    "synthetic_did": ("synthetic difference-in-differences", "合成双重差分"),
    "synthetic_control": ("synthetic control", "合成控制"),
}
TERMS: Words = {
    "att": ("mean over years", "各年平均"),
    "att_simple": ("mean over province-years", "各省各年平均"),
}
READINGS: Words = {
    "headline": ("main", "主要读法"),
    "second_hand": ("with figures of grade D", "加入D级数字"),
    "dated_as_printed": ("“to date” means the day of print", "“截至目前”即公布日"),
    "undated": ("“to date” of any age", "“截至目前”时间不限"),
    "speech_to_date": ("annual reports count “to date”", "工作报告为“截至目前”"),
    "overlap_10": ("a tenth counted twice", "重复计数一成"),
    "more_than_5": ("“more than” by 5 percent at most", "“超过”至多5%"),
    "below_next": ("“more than” below the next number", "“超过”不及下一数"),
    "a_b_only": ("grades A and B only", "仅A级和B级"),
    "near_end": ("counts near a quarter's end", "季末前后的数字"),
    "cap_100": ("at most all residents", "至多全部常住人口"),
    "cap_50": ("at most 50 percent of residents", "至多常住人口的50%"),
    "cap_30": ("at most 30 percent of residents", "至多常住人口的30%"),
    "cap_20": ("at most 20 percent of residents", "至多常住人口的20%"),
    "cap_10": ("at most 10 percent of residents", "至多常住人口的10%"),
}
SAMPLES: Words = {
    "main": ("all provinces", "全部省份"),
    "without_33": ("without Zhejiang", "剔除浙江"),
    "without_44": ("without Guangdong", "剔除广东"),
    "without_31": ("without Shanghai", "剔除上海"),
    "without_13": ("without Hebei", "剔除河北"),
}
OTHERS: Words = {
    "randomization": ("randomisation", "随机化检验"),
    "incomplete": ("incomplete", "不完整"),
}


def choice_words(text: str, language: str) -> str:
    """A choice of the plan with each code as its name; numbers and grades stay.

    Examples
    --------
    >>> choice_words("group_time, main", "en")
    'group-time effects, all provinces'
    """
    known = ESTIMATORS | READINGS | SAMPLES | OTHERS | OUTCOMES
    chinese = language == "zh"
    words = [known[part][chinese] if part in known else part for part in text.split(", ")]
    return ("、" if chinese else ", ").join(words)
