"""XM01: the register of party-building projects, quarter by quarter."""

import datetime

import layout
from chance import Stream
from county import CODE_OF, UNIT_NAMES, month_end
from returns import QUARTER_OF
from separate import OFFICE, explain, post, sheet_of

D = datetime.date
FORM = "innovation_project"
OFFICE_CODE = "140722401"
layout.BLANKS[FORM] = ("党建创新项目登记表", "个、人次", [
    ("", ["project_no", "project_name", "brand", "committee", "org_code", "org_name", "kind", "basis"]),
    ("日期", ["started_on", "as_of"]), ("成效", ["effect", "effect_note"]),
    ("推广情况", ["spread", "spread_orgs"]), ("", ["served", "status"])])
layout.ADDED[FORM] = ["spread_orgs"]

SERVE, ORGANISE, EDUCATE, INDUSTRY = "联系服务群众", "基层组织管理", "党员教育管理", "服务产业发展"
IN, ALL, NOT = "党委内推广", "全县推广", "未推广"
QUARTERS = ["2012Q4", "2013Q1", "2013Q2", "2013Q3"]

# unit, name, brand, organisation ("" = the committee's own), kind, where it comes from, started on,
# effect a quarter (one letter: 明 较 一 不 or . for none yet), spread, organisations a quarter, served a quarter
PROJECTS = [
    ("辽阳镇", "东沟村阳光便民工作室", "阳光便民工作室", "东沟村党支部", SERVE, "党代表工作室的延伸", D(2012, 11, 12), ".较明明", IN, [1, 2, 3, 4], 40),
    ("麻田镇", "麻田镇123工作法", "123工作法", "", SERVE, "学习文建明工作法", D(2011, 9, 6), "较较明明", IN, [18, 20, 25, 25], 220),
    ("麻田镇", "麻田镇阳光便民大厅", "阳光便民大厅", "", SERVE, "乡镇便民服务中心", D(2012, 4, 18), "较较较较", NOT, [0, 0, 0, 0], 310),
    ("芹泉镇", "芹泉镇六簿六制度", "六簿六制度", "", ORGANISE, "规范村级组织运行", D(2011, 6, 15), "明明明明", ALL, [40, 44, 52, 60], 60),
    ("拐儿镇", "拐儿镇党员核桃技术服务队", "党员核桃技术服务队", "", INDUSTRY, "九龙岗万亩核桃园", D(2012, 3, 8), "较较较明", IN, [9, 11, 12, 12], 150),
    ("拐儿镇", "拐儿镇阳光便民大厅", "阳光便民大厅", "", SERVE, "乡镇便民服务中心", D(2012, 7, 3), "一较较较", NOT, [0, 0, 0, 0], 240),
    ("龙泉乡", "龙泉乡九步循环工作法", "九步循环工作法", "", ORGANISE, "村级事务民主决策", D(2012, 2, 21), "较较较较", IN, [10, 12, 14, 17], 45),
    ("羊角乡", "羊角乡121联系群众制度", "121联系群众制度", "", SERVE, "解民忧办实事", D(2012, 5, 10), "一一一一", IN, [8, 8, 10, 10], 90),
    ("宣教系统", "宣教系统星级管理", "星级管理", "", ORGANISE, "党组织和党员星级评定", D(2011, 11, 1), "较较明明", IN, [12, 15, 20, 24], 30),
    ("县直机关", "国税局道德讲堂", "道德讲堂", "国税局党支部", EDUCATE, "机关党员教育", D(2012, 3, 20), "较较较较", IN, [2, 3, 3, 4], 70),
    ("县直机关", "国税局五五讲坛", "五五讲坛", "国税局党支部", EDUCATE, "机关党员教育", D(2012, 6, 5), "....", NOT, [0, 0, 0, 0], 55),
    ("城区", "万寿社区阳光便民工作室", "阳光便民工作室", "万寿社区党支部", SERVE, "党代表工作室的延伸", D(2012, 11, 12), ".较较明", IN, [1, 1, 2, 2], 60),
    ("非公工委", "非公企业党建规范化信息化特色化示范化", "规范化信息化特色化示范化", "", ORGANISE, "非公企业党建486模式", D(2012, 1, 16), "较较明明", IN, [15, 17, 20, 21], 20),
    ("政法系统", "交警队爱民实践活动", "爱民实践活动", "交警队党支部", SERVE, "窗口单位为民服务", D(2012, 8, 14), "较较较较", IN, [1, 2, 2, 3], 120),
    (OFFICE, "农村党员资格年检", "党员资格年检", "", EDUCATE, "农村党支部试行", D(2013, 5, 20), "...较", ALL, [0, 0, 0, 206], 0),
]
EFFECTS = {"明": "明显", "较": "较好", "一": "一般", "不": "不明显", ".": None}
NOTES = {"明显": "群众反映好，已形成制度。", "较好": "运行平稳。", "一般": "落实不够均衡。", "不明显": "需调整。"}


def rows(world, unit, quarter):
    year, number = int(quarter[:4]), int(quarter[5])
    last = month_end(f"{year}-{number * 3:02d}")
    result, place = [], 0
    for owner, name, brand, short, kind, basis, started, effects, spread, organisations, served in PROJECTS:
        if owner != unit:
            continue
        place += 1
        if started > last:
            continue
        at = QUARTERS.index(quarter)
        code = OFFICE_CODE if unit == OFFICE else CODE_OF[unit]
        if unit == OFFICE:
            org_code, org_name = None, None
        elif short:
            org_code, org_name = world.short[short].code, short
        else:
            top = next(o for o in world.organisations if o.unit == code and o.kind in ("党委", "党工委"))
            org_code, org_name = top.code, top.short
        effect = EFFECTS[effects[at]]
        # What the year has seen so far; in the last quarter of 2012 all four quarters of it.
        active = [q for q in range(1, number + 1) if started <= month_end(f"{year}-{q * 3:02d}")]
        total = sum(served + Stream("project", name, year, q).whole(-served // 8, served // 8) for q in active) if served else 0
        count = organisations[at]
        result.append({
            "project_no": f"{code}-{place:02d}", "project_name": name, "brand": brand, "committee": None if unit == OFFICE else unit,
            "org_code": org_code, "org_name": org_name, "kind": kind, "basis": basis, "started_on": started, "as_of": last,
            "effect": effect, "effect_note": NOTES.get(effect), "spread": spread if count else NOT, "spread_orgs": count, "served": total, "status": "实施中",
        })
    return result


def add(world, month):
    quarter = QUARTER_OF.get(month.folder)
    if not quarter:
        return
    year, number = quarter[:4], int(quarter[5])
    for unit in [*UNIT_NAMES.values(), OFFICE]:
        mine = rows(world, unit, quarter)
        habits = {"blank": {"effect": "—", "org_code": "—", "committee": "—"}} if unit in (OFFICE, "县直机关") else {}
        sheet = sheet_of(FORM, unit, month.folder, f"{year}年{'一二三四'[number - 1]}季度", mine, habits, typing=100)
        post(month, unit, "党建项目", f"{year}年{'一二三四'[number - 1]}季度", "党建项目", sheet)
        for index, record in enumerate(mine):
            if record["brand"] == "五五讲坛" and quarter >= "2013Q2":
                explain(month, "XM01-05", unit, FORM, sheet.address(index, "effect"), "讲坛正在评估，年底一并评定成效。")
    if quarter == "2013Q3":
        explain(month, "G-10", OFFICE, FORM, "", "九月起在全县农村党支部试行。")
