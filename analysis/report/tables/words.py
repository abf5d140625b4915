"""The coded values of the record in both languages."""

from __future__ import annotations

from analysis.report.evidence import BADGES

Words = dict[str, tuple[str, str]]

MEASURES: Words = {
    "cumulative_participants": ("people ever enrolled", "累计参保人数"),
    "confirmed_injuries": ("confirmed injuries", "职业伤害确认结论"),
    "claimants_paid": ("claimants paid", "领取待遇人数"),
    "benefits_paid_yuan": ("benefits paid", "待遇支付金额"),
    "platform_orders_covered": ("orders covered", "覆盖订单数"),
    "applications": ("applications", "申请件数"),
    "work_injury_insurance_participants": ("work-injury insurance members", "工伤保险参保人数"),
    "work_injury_insurance_beneficiaries": ("work-injury beneficiaries", "工伤保险待遇人数"),
    "work_injury_incl_occupational_injury_protection": (
        "work-injury insurance members, pilot included",
        "工伤保险参保人数（含职业伤害保障）",
    ),
    "basic_pension_all_participants": ("basic pension members", "基本养老保险参保人数"),
    "enterprise_pension_staff": ("enterprise pension staff", "企业职工养老保险在职人数"),
    "urban_employee_pension_participants": ("urban employee pension members", "城镇职工养老保险参保人数"),
    "unemployment_insurance_participants": ("unemployment insurance members", "失业保险参保人数"),
    "basic_medical_participants": ("basic medical insurance members", "基本医疗保险参保人数"),
    "single_line_work_injury_participants": (
        "couriers in work-injury insurance alone",
        "快递员单险种参加工伤保险人数",
    ),
    "couriers_in_social_insurance": ("couriers in social insurance", "快递员参加社会保险人数"),
    "work_injury_insurance_participants_change_on_year": (
        "work-injury insurance members, change on a year",
        "工伤保险参保人数同比增加",
    ),
    "work_injury_insurance_participants_change_since_2020": (
        "work-injury insurance members, change since the end of 2020",
        "工伤保险参保人数较2020年末增加",
    ),
    "work_injury_incl_occupational_injury_protection_change_on_year": (
        "work-injury insurance members, pilot included, change on a year",
        "工伤保险参保人数（含职业伤害保障）同比增加",
    ),
    "participation_target": (
        "target for people taking part in the pilot during the year (not people ever enrolled)",
        "当年的参保目标（计当年参保的人，与累计人数不可比）",
    ),
    "single_line_expected_reach": (
        "announced reach of the rules on work-injury insurance alone",
        "单险种政策预计覆盖人数",
    ),
}
UNITS: Words = {
    "persons": ("people", "人"),
    "cases": ("cases", "件"),
    "yuan": ("yuan", "元"),
    "orders": ("orders", "单"),
    "licences": ("licences", "证"),
    "platforms": ("platforms", "家"),
    "persons covered": ("people covered", "覆盖人数"),
    "yuan per month": ("yuan per month", "元/月"),
}
INDUSTRIES: Words = {
    "ride_hailing": ("ride hailing", "出行"),
    "instant_delivery": ("instant delivery", "即时配送"),
    "food_delivery": ("food delivery", "外卖"),
    "same_city_freight": ("same-city freight", "同城货运"),
    "all": ("all", "全部"),
}
GROUPS: Words = {
    "all": ("all", "全部"),
    "new": ("new", "新增平台"),
    "first_pilot": ("first pilot", "首批平台"),
}
UNSTATED = ("not stated by platform", "未按平台列明")
TIERS: Words = {"base": ("base", "基准"), "lower": ("lower", "低档"), "higher": ("higher", "高档")}
STATES: Words = {
    "in_force": ("in force", "施行"),
    "draft": ("draft", "征求意见"),
    "range": ("range only", "仅有区间"),
    "rule_only": ("rule only", "仅有规则"),
    "stated": ("stated by the source", "来源所述"),
    "not_found": ("looked for, not found", "未查到"),
}
SCHEMES: Words = {
    "pilot": ("pilot", "职业伤害保障试点"),
    "comparator": ("work-injury insurance", "工伤保险（对照）"),
}
KINDS: Words = {
    "official": ("official", "官方"),
    "press": ("press", "新闻"),
    "repost": ("repost", "转载"),
    "second-hand": ("second-hand", "间接"),
}
EVENTS: Words = {
    "announced": ("announced", "公布"),
    "starts": ("starts", "启动"),
    "expands": ("widens", "扩围"),
}
RECORDS: Words = {
    "participant": ("pilot participant", "试点平台"),
    "programme": ("company programme", "企业项目"),
    "programme_example": ("worked example", "计算示例"),
    "premium": ("premiums paid", "缴费情况"),
}
EVIDENCE: Words = {name: (badge.english, badge.chinese) for name, badge in BADGES.items()}
TAGS: Words = {
    "add_10_provinces": ("adds ten provinces", "新增10个省份"),
    "add_14_platforms": ("adds fourteen platforms", "新增14家平台"),
    "add_4_platforms": ("adds four platforms", "新增4家平台"),
    "algorithm_disclosure": ("algorithm disclosure", "算法公开"),
    "all_licensed_ride_hailing": ("all licensed ride-hailing platforms", "全部持证网约车平台"),
    "auto_payment": ("automatic payment", "自动缴费"),
    "build_injury_protection_system": ("builds the protection system", "建立职业伤害保障制度"),
    "category_three_way": ("three categories of work relation", "三类用工关系"),
    "collection_rules": ("collection rules", "征收规则"),
    "commercial_insurer_assist": ("commercial insurers assist", "商业保险机构经办"),
    "cross_province_claims": ("claims across provinces", "跨省待遇办理"),
    "draft": ("draft", "征求意见稿"),
    "draft_not_in_force": ("draft, not in force", "草案，未施行"),
    "employee_insurance_for_flexible_workers": (
        "employee insurance for flexible workers",
        "灵活就业人员参加职工保险",
    ),
    "expand_pilot": ("widens the pilot", "扩大试点"),
    "floating_rate": ("floating rate", "浮动费率"),
    "floating_rate_from_2027": ("floating rate from 2027", "2027年起浮动费率"),
    "gap_sharing": ("shares the gap in financing", "缺口分担"),
    "includes_platform_workers": ("includes platform workers", "纳入平台从业者"),
    "legislation_plan": ("legislation plan", "立法计划"),
    "medical_insurance_enrolment": ("medical insurance enrolment", "参加医疗保险"),
    "monthly_tax_collection": ("monthly collection by the tax office", "税务按月征收"),
    "national_platform": ("national information platform", "全国信息平台"),
    "nationwide_2026": ("nationwide in 2026", "2026年全国推开"),
    "no_hukou_restriction": ("no household-registration limit", "取消户籍限制"),
    "one_click_report": ("one-click reporting", "一键报案"),
    "one_stop_claims": ("one-stop claims", "一站式理赔"),
    "operating_rules": ("operating rules", "经办规程"),
    "per_order_fee": ("fee per order", "按单计费"),
    "pilot_7_provinces": ("pilot in seven provinces", "7省市试点"),
    "pilot_start": ("starts the pilot", "启动试点"),
    "platform_injury_rate_minus_10pct": ("injury rate to fall by a tenth", "伤害发生率下降一成"),
    "platform_responsibility": ("platform responsibility", "平台责任"),
    "portability": ("portability", "转移接续"),
    "prevention": ("prevention", "预防"),
    "progress_report": ("progress report", "进展报告"),
    "province_level_registration": ("registration at province level", "省级登记"),
    "rest_and_pay": ("rest and pay", "休息与报酬"),
    "single_line_work_injury": (
        "work-injury insurance alone, without the other social insurances",
        "单险种参加工伤保险",
    ),
    "social_insurance_subsidy": ("social insurance subsidy", "社保补贴"),
    "three_party_agreement": ("three-party agreement", "三方协议"),
    "voluntary": ("voluntary", "自愿参加"),
}
READINGS = {  # the reasons of config.READINGS in Chinese
    "headline": "按公布的数位和日期；“截至目前”的数最多早于公布日一个季度",
    "second_hand": "加入D级数字",
    "dated_as_printed": "“截至目前”的数即为公布日的数",
    "undated": "“截至目前”的数时间不限，不构成上限",
    "speech_to_date": "政府工作报告中的数视为“截至目前”",
    "overlap_10": "各省合计可比全国数多10%",
    "more_than_5": "“超过”最多超出整数5%",
    "below_next": "“超过”“余”不及下一个可印出的数：192万余小于193万",
    "a_b_only": "只用A级和B级数字",
    "near_end": "“截至目前”的数即为公布日的数；季末前一周内的数至季末每日至多增长1%",
    "cap_100": "累计参保人数不超过当地常住人口",
    "cap_50": "每2名常住人口中至多1人曾参保",
    "cap_30": "每10名常住人口中至多3人曾参保",
    "cap_20": "每5名常住人口中至多1人曾参保",
    "cap_10": "每10名常住人口中至多1人曾参保",
}
STOCK_NAMES: Words = {
    "base_alone": ("first", "第一种"),
    "base_open": ("second", "第二种"),
    "level": ("third", "第三种"),
}
STOCK_READINGS = {  # the reasons of config.STOCK_READINGS in Chinese
    "base_alone": "2025年6月的数不含试点；此后一年原有工伤保险没有减少，增量不超过截至2024年6月那一年的增量",
    "base_open": "2025年6月的数可能含试点的一部分；截至2025年6月和截至2026年6月的两年，原有工伤保险"
    "每年都没有减少，增量都不超过截至2024年6月那一年的增量",
    "level": "对原有工伤保险的增长、对2025年6月的数是否不含试点，都不作假定；"
    "原有工伤保险处于此前两年公布的各数之间",
}
CONTRASTS = {
    "same_age": (
        "people per 1,000 residents at the same time since the start",
        "启动后同一时点的每千常住人口累计参保人数",
    ),
    "growth": ("rise per 1,000 residents, June to December 2025", "2025年6月至12月每千常住人口增加的人数"),
    "pace": (
        "growth from June to December 2025 divided by growth in the half-year before (times)",
        "2025年6月至12月的增长与此前半年增长之比（倍）",
    ),
}
WAVES = {
    "first": ("first wave", "首批"),
    "second": ("second wave", "第二批"),
    "difference": ("second less first", "第二批减首批"),
}
HEADS = {
    "others_only": ("enrolled only through other platforms", "仅经其他平台参保的人数"),
    "others_rise": (
        "rise of the number enrolled only through other platforms since June 2025",
        "仅经其他平台参保的人数自2025年6月以来的增加",
    ),
    "enrolled_elsewhere": (
        "riders new to the platform's count in October 2025 and enrolled elsewhere before",
        "2025年10月新计入该平台、此前已在别处参保的人数",
    ),
}
SPECIFICATIONS = {  # the reasons of config.SPECIFICATIONS in Chinese
    "main": "31个省份，全部年份",
    "without_33": "剔除浙江：2023年7月1日起已可单险种参加工伤保险",
    "without_44": "剔除广东：2021年4月1日起已可单险种参加工伤保险",
    "without_31": "剔除上海：2022年第二季度封控",
    "without_13": "剔除河北：就业数据2017年断裂",
}
SEED_ONLY = ("only in the article from which this project started", "仅据引出本项目的文章")
OUTCOMES: Words = {
    "formal_employment_rate": ("formal urban employment rate", "城镇正规就业率"),
    "log_income_per_head": ("income per head", "人均可支配收入"),
    "log_gdp_per_head": ("output per head", "人均地区生产总值"),
}


def tag_words(tags: str, language: str) -> str:
    """The tags of a policy as words; a tag that rests on the source article alone says so."""
    words = []
    for tag in filter(None, tags.split(";")):
        name = tag.removesuffix("[seed]")
        word = TAGS[name][language == "zh"]
        words.append(f"{word} ({SEED_ONLY[language == 'zh']})" if tag != name else word)
    return ("; " if language == "en" else "；").join(words)


# Name of each way of inference and what must hold for it to be right.
METHODS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "randomization": (
        ("randomisation, **named in advance**", "随机化检验，**事先指定**"),
        ("any seven provinces were equally likely", "任意七个省份入选可能性相同"),
    ),
    "randomization_studentised": (
        ("randomisation, studentised", "随机化检验（学生化）"),
        ("the same; allows effects and noise to differ", "同上；允许效应与波动因省而异"),
    ),
    "randomization_region": (
        ("randomisation within regions", "区域内随机化"),
        (
            "equally likely within each of four regions; compared within them",
            "四大区域内可能性相同，并在其内比较",
        ),
    ),
    "randomization_size": (
        ("randomisation within size bands", "规模组内随机化"),
        ("the same within thirds by residents", "同上，按人口三等分"),
    ),
    "randomization_level": (
        ("randomisation within level bands", "水平组内随机化"),
        ("the same within quarters by level before", "同上，按事前水平四等分"),
    ),
    "CR1": (
        ("clustered, usual correction", "聚类稳健（常规修正）"),
        ("independent provinces, enough in both groups", "省份独立，两组均不太少"),
    ),
    "CR2": (
        ("clustered, Bell-McCaffrey", "聚类稳健（Bell-McCaffrey）"),
        ("independent provinces; corrects for few treated", "省份独立；已针对试点省份过少作出修正"),
    ),
    "CR3": (("clustered, jackknife", "聚类稳健（刀切法）"), ("independent provinces", "省份独立")),
    "wild_rademacher": (
        ("wild bootstrap, Rademacher", "野自助法（Rademacher）"),
        ("independent provinces, more than two or three treated", "省份独立，试点省份多于两三个"),
    ),
    "wild_webb": (
        ("wild bootstrap, Webb", "野自助法（Webb）"),
        ("independent provinces, more than two or three treated", "省份独立，试点省份多于两三个"),
    ),
    "conley_taber": (
        ("Conley-Taber", "Conley-Taber"),
        (
            "untreated provinces show the noise; their error is ignored",
            "以未试点省份显示波动；忽略其自身误差",
        ),
    ),
    "ferman_pinto": (
        ("Ferman-Pinto", "Ferman-Pinto"),
        ("the same, noise falling with residents", "同上，波动随人口规模下降"),
    ),
    "romano_wolf": (
        ("Romano-Wolf over outcomes and years", "Romano-Wolf（跨结果与年份）"),
        ("as studentised; counts every chance to find something", "条件与学生化检验相同；计入全部检验次数"),
    ),
}
