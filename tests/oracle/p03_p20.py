"""Recomputes the figures of recruiting, member flow and structure and model branches (P03, P20)
of the sample county's October 2013 from its returns, independently.

    python3 tests/oracle/p03_p20.py        # writes tests/oracle/county_2013-10_p03_p20.csv

It reads as tests/oracle/county.py does and shares nothing with the program or the generator.
"""

import csv
import datetime
from fractions import Fraction
from pathlib import Path

import county

county.FORMS = {
    "recruit_case": ("2013-09", {
        "case": ["编号"], "sex": ["性别"], "born": ["出生年月"], "education": ["学历"], "occupation": ["职业"], "front": ["生产工作一线"],
        "applied": ["申请入党日期"], "recommend": ["推荐方式"], "activist": ["确定积极分子日期"], "inspections": ["考察次数"],
        "target": ["确定发展对象日期"], "admitted": ["支部大会通过日期"], "approved": ["党委审批日期"], "this_year": ["本年发展"],
        "due": ["本年应转正"], "regular": ["转正日期"], "stage": ["当前阶段"]}),
    "recruit_vote": ("2013-09", {
        "case": ["编号"], "meeting": ["票决会议"], "held": ["会议日期"], "size": ["应到会有表决权人数"], "attended": ["实到有表决权人数"],
        "written": ["书面意见人数"], "yes": ["赞成"], "result": ["结果"]}),
    "recruit_notice": ("2013-09", {"case": ["编号"], "kind": ["公示类型"], "start": ["公示开始日期"], "end": ["公示结束日期"], "objections": ["收到反映件数"]}),
    "recruit_plan": ("2013-03", {"code": ["党委代码"], "plan": ["县下达计划数"], "q1": ["一季度计划"], "q2": ["二季度计划"], "q3": ["三季度计划"]}),
    "recruit_village": ("2013-09", {"code": ["村党支部代码"], "last": ["上年发展党员数"], "this": ["本年发展党员数"]}),
    "member_flow": ("2013-10", {
        "code": ["党委代码"], "before": ["上期末总数"], "recruited": ["发展党员"], "in_county": ["转入(县内)"], "in_outside": ["转入(县外)"],
        "restored": ["恢复党籍"], "expelled": ["出党"], "died": ["死亡"], "suspended": ["停止党籍"], "out_county": ["转出(县内)"],
        "out_outside": ["转出(县外)"], "actual": ["本期末实有数"], "gap": ["实有数与应有数之差"], "year_ago": ["上年同期实有数"]}),
    "member_structure": ("2013-06", {
        "code": ["党委代码"], "total": ["合计"], "women": ["其中:女"], "college": ["大专及以上"], "a30": ["30岁及以下"], "a35": ["31至35岁"], "a61": ["61岁及以上"]}),
    "model_branch": ("2013-10", {
        "code": ["党组织代码"], "kind": ["典型类型"], "level": ["树立级别"], "sheds": ["拱棚"], "greenhouses": ["温室大棚"], "land": ["占地"], "waterworks": ["水厂"]}),
}
county.CODED = {
    "recruit_case": {"sex": "recruit_sex", "education": "recruit_education", "occupation": "recruit_occupation", "recommend": "recruit_recommend", "stage": "recruit_stage"},
    "recruit_vote": {"meeting": "recruit_meeting", "result": "recruit_result"},
    "recruit_notice": {"kind": "recruit_notice_kind"},
    "recruit_plan": {}, "recruit_village": {}, "member_flow": {}, "member_structure": {},
    "model_branch": {"kind": "model_kind", "level": "model_level"},
}
county.BOOLEANS = {"front", "this_year"}
county.DAYS = {"born", "applied", "activist", "target", "admitted", "approved", "regular", "held", "start", "end"}
county.TEXTS = {"case", "code"}
county.DIMENSIONS = {
    "recruit_case": {"occupation": ("occupation", "recruit_occupation"), "education": ("education", "recruit_education")},
    "recruit_vote": {"meeting": ("meeting", "recruit_meeting")},
    "recruit_notice": {"kind": ("kind", "recruit_notice_kind")},
    "model_branch": {"model_kind": ("kind", "model_kind")},
}


def typed(form, row):
    # 本年应转正 and a model's columns share names with numbers of other forms.
    due = row.pop("due", None)
    result = original(form, row)
    if form == "recruit_case":
        result["due"] = county.yes(due)
    return result


original, county.typed = county.typed, typed


def later(day, years, months=0):
    total = day.year * 12 + day.month - 1 + years * 12 + months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, min(day.day, last))
        except ValueError:
            continue


def valid(r):
    return r["result"] != "会议无效"


def new(r):
    return r["this_year"]


def on_time(r):
    return r["regular"] is not None and r["regular"] <= later(r["admitted"], 1, 1)


U = ("unit",)
FIRST = [
    ("recruit_steps", "recruit_case", "funnel", None, [("applied", "applied"), ("activist", "activist"), ("target", "target"), ("probationary", "approved"), ("regular", "regular")], None, U, 1),
    ("recruit_stage_share", "recruit_case", "distribution", None, ("stage", "recruit_stage"), None, U, 1),
    ("recruits_this_year", "recruit_case", "count", None, new, None, ("unit", "occupation", "education"), 0),
    ("recruit_plan_total", "recruit_plan", "sum", None, lambda r: r["plan"], None, U, 0),
    ("recruit_front_line", "recruit_case", "ratio", new, lambda r: r["front"], new, U, 1),
    ("recruit_young", "recruit_case", "ratio", new, lambda r: r["admitted"] < later(r["born"], 36), new, ("unit", "occupation"), 1),
    ("recruit_college", "recruit_case", "ratio", new, lambda r: r["education"] in ("研究生", "大学本科", "大学专科"), new, ("unit", "occupation"), 1),
    ("recruit_women", "recruit_case", "ratio", new, lambda r: r["sex"] == "女", new, ("unit", "occupation"), 1),
    ("recruit_occupation_share", "recruit_case", "distribution", new, ("occupation", "recruit_occupation"), None, U, 1),
    ("recruit_villages", "recruit_village", "count", None, lambda r: True, None, U, 0),
    ("recruit_idle_villages", "recruit_village", "ratio", None, lambda r: r["last"] + r["this"] == 0, lambda r: True, U, 1),
    ("recruit_regular_on_time", "recruit_case", "ratio", lambda r: r["due"], on_time, lambda r: True, U, 1),
    ("recruit_recommended", "recruit_case", "ratio", lambda r: r["activist"], lambda r: r["recommend"] is not None, lambda r: True, U, 1),
    ("recruit_inspected", "recruit_case", "ratio", lambda r: r["target"], lambda r: r["inspections"] >= 2, lambda r: True, U, 1),
    ("recruit_notices", "recruit_notice", "count", None, lambda r: r["end"] is not None, None, ("unit", "kind"), 0),
    ("recruit_notice_rate", "recruit_notice", "ratio", lambda r: r["kind"] != "确定积极分子", lambda r: r["end"] is not None, lambda r: True, ("unit", "kind"), 1),
    ("recruit_votes", "recruit_vote", "count", None, lambda r: True, None, ("unit", "meeting"), 0),
    ("recruit_vote_pass", "recruit_vote", "ratio", valid, lambda r: r["result"] == "通过", lambda r: True, ("unit", "meeting"), 1),
    ("recruit_approval", "recruit_vote", "ratio", valid, lambda r: r["yes"], lambda r: r["size"], ("unit", "meeting"), 1),
    ("recruit_approval_present", "recruit_vote", "ratio", valid, lambda r: r["yes"], lambda r: r["attended"], ("unit", "meeting"), 1),
    ("member_actual", "member_flow", "sum", None, lambda r: r["actual"], None, U, 0),
    ("member_net", "member_flow", "sum", None, lambda r: r["actual"] - r["before"], None, U, 0),
    ("member_growth", "member_flow", "ratio", None, lambda r: r["actual"] - r["before"], lambda r: r["before"], U, 2),
    ("member_year_growth", "member_flow", "ratio", None, lambda r: r["actual"] - r["year_ago"], lambda r: r["year_ago"], U, 2),
    *[(f"member_{name}", "member_flow", "sum", None, lambda r, name=name: r[name], None, U, 0) for name in
      ["recruited", "in_county", "in_outside", "out_county", "out_outside", "died", "expelled", "restored", "suspended", "gap"]],
    ("member_total", "member_structure", "sum", None, lambda r: r["total"], None, U, 0),
    ("member_women", "member_structure", "ratio", None, lambda r: r["women"], lambda r: r["total"], U, 1),
    ("member_college", "member_structure", "ratio", None, lambda r: r["college"], lambda r: r["total"], U, 1),
    ("member_young", "member_structure", "ratio", None, lambda r: r["a30"] + r["a35"], lambda r: r["total"], U, 1),
    ("member_elderly", "member_structure", "ratio", None, lambda r: r["a61"], lambda r: r["total"], U, 1),
    ("model_branches", "model_branch", "count", None, lambda r: True, None, ("unit", "model_kind", "unit*model_kind"), 0),
    *[(f"model_{name}", "model_branch", "sum", None, lambda r, name=name: r[name], None, U, 0) for name in ["sheds", "greenhouses", "land", "waterworks"]],
]


def main():
    data = county.facts()
    order = {u["code"]: i for i, u in enumerate(county.UNITS)}
    data = {form: {u: units[u] for u in sorted(units, key=order.get)} for form, units in data.items()}
    counts = {form: len(units) for form, units in data.items()}
    assert counts == {**dict.fromkeys(data, 18), "recruit_village": 10}, counts
    with open(Path(__file__).with_name("county_2013-10_p03_p20.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["figure_id", "numerator", "denominator", "value"])

        def write(figure, n, base, value):
            writer.writerow([figure.replace("model_sheds", "model_arch_sheds"), county.plain(n), county.plain(base), value])

        for indicator in FIRST:
            for line in county.lines(indicator, data[indicator[1]]):
                write(*line)
        # Two forms in one rate, and a rate per thousand.
        for unit in [county.COUNTY, *data["recruit_case"]]:
            mine = lambda form: [r for u, rows in data[form].items() if unit in (county.COUNTY, u) for r in rows]
            done, plan = Fraction(sum(map(new, mine("recruit_case")))), sum(r["plan"] for r in mine("recruit_plan"))
            write(f"recruit_plan_rate@{unit}", done, plan, county.rounded(done * 100 / plan, 1))
            # The third quarter's end: three of four quarterly plans are due.
            due = sum(r["q1"] + r["q2"] + r["q3"] for r in mine("recruit_plan"))
            write(f"recruit_schedule_rate@{unit}", done, due, county.rounded(done * 100 / due, 1))
            recruited, before = sum(r["recruited"] for r in mine("member_flow")), sum(r["before"] for r in mine("member_flow"))
            write(f"member_recruit_rate@{unit}", recruited, before, county.rounded(recruited * 1000 / before, 2))


if __name__ == "__main__":
    main()
