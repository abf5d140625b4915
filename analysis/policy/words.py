"""Words of the policy room in both languages, for exhibits and for the calculators in the page."""

from __future__ import annotations

from analysis.policy.rates import MARKS

MARKS_ZH = {
    "national_base": "未见该省自己的缴费标准，采用国家缴费基准额",
    "refers_to_national": "该省文件引用国家缴费基准额，或只给出区间",
    "cut_off": "200%的分档线仅见于源文章所述上海规定，未经其他来源证实",
    "tier_not_defined": "所见文本未说明哪些平台适用哪一档基准额",
    "second_hand": "答案所用的某个数字或起始日仅有二手来源",
    "draft": "征求意见稿，尚未生效",
    "beyond_record": "晚于最新来源：未见调整记录，但也无从见到",
}
MARK_WORDS = {mark: {"en": text, "zh": MARKS_ZH[mark]} for mark, text in MARKS.items()}

INDUSTRY_WORDS = {
    "ride_hailing": {"en": "Ride-hailing", "zh": "出行"},
    "instant_delivery": {"en": "Instant delivery", "zh": "即时配送"},
    "same_city_freight": {"en": "City freight", "zh": "同城货运"},
    "food_delivery": {"en": "Food delivery (until June 2025)", "zh": "外卖（2025年6月以前）"},
}

# Why the record has no rate; ``{day}`` is the date that UnknownRuleError carries.
REASONS = {
    "before_start": {"en": "The pilot begins here on {day}.", "zh": "该地试点自{day}起。"},
    "no_first_pilot": {
        "en": "No platform was insured here before {day}: choose a new platform, or the national bases.",
        "zh": "{day}之前该地没有平台参保：请选择新纳入平台，或选择全国基准额。",
    },
    "no_rate": {
        "en": "No rate for this date is on record; the record begins on 1 July 2025 for most rates.",
        "zh": "记录中没有该日期的费率；多数费率自2025年7月1日起有记录。",
    },
    "adjusted": {
        "en": "The rate is adjusted from {day} on; the adjusted rate is not on record.",
        "zh": "费率自{day}起浮动调整；调整后的费率未见记录。",
    },
    "no_draft": {"en": "No draft rate is on record.", "zh": "记录中没有征求意见稿费率。"},
}

FLOAT_RULES = {
    "ratio_2022_2024": {
        "en": "by the support ratio of July 2022 to December 2024",
        "zh": "按2022年7月至2024年12月支缴率",
    },
    "every_january": {"en": "every year from 1 January", "zh": "每年1月1日起调整"},
    "from_2027": {"en": "from 2027 on", "zh": "2027年起浮动"},
    "second_year": {"en": "from the second year of contributions", "zh": "参保第二年起浮动"},
    "yearly_steps": {
        "en": "yearly in 10 % steps, at most 50 % either way (draft)",
        "zh": "每年按10%一档浮动，上下不超过50%（征求意见稿）",
    },
}
