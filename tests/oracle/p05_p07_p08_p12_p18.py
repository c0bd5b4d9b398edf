"""Recomputes October 2013 of P05, P07, P08, P12 and P18 from the returns, independently.

    python3 tests/oracle/p05_p07_p08_p12_p18.py          # writes tests/oracle/county_2013-10_p05_p07_p08_p12_p18.csv

It reads the workbooks as county.py does and says every indicator again in Python.
"""

import csv
import re
from fractions import Fraction
from pathlib import Path

from county import CODES, COUNTY, RETURNS, UNIT_OF, UNITS, coded, day, grids, header, plain, rounded, squeeze, yes

# form → (folder whose returns are in force, name → (header titles, how to read it))
FORMS = {
    "village_official": ("2013-06", {
        "no": (["编号"], "text"), "education": (["学历"], "official_education"), "post": (["现任职务"], "official_post"), "venture": (["创业项目"], "text"),
        "grade": (["年度考核等次"], "official_grade"), "exit": (["期满去向"], "official_exit"), "status": (["在岗状态"], "official_status"),
        "change": (["本期变动"], "official_change"), "village": (["任职村"], "text")}),
    "joint_member": ("2013-06", {
        "name": (["企业党组织"], "text"), "ownership": (["企业性质"], "joint_ownership"), "affiliation": (["隶属关系"], "joint_affiliation"), "joined": (["加入日期"], "day"),
        "members": (["党员数"], "number"), "affected": (["涉企村"], "number"), "paired": (["结对村"], "number"), "meetings": (["联席会议次数"], "number"),
        "projects": (["共建项目数"], "number"), "pledged": (["承诺资金(万元)"], "number"), "funds": (["到位资金(万元)"], "number"), "jobs": (["吸纳就业人数"], "number"),
        "disputes": (["化解纠纷件"], "number")}),
    "edu_site": ("2013-10", {
        "site": (["站点编号"], "text"), "kind": (["站点类别"], "edu_site_kind"), "mode": (["接收模式"], "edu_mode"), "device": (["设备状态"], "edu_device"),
        "sessions": (["本月播放次数"], "number"), "learners": (["参学人次"], "number"), "hours": (["学习时长(小时)"], "number"), "active": (["本月是否参学"], "yes"),
        "ytd": (["累计时长"], "number"), "covered": (["覆盖党组织数"], "number")}),
    "news_submit": ("2013-10", {
        "committee": (["党委代码"], "text"), "quota": (["任务篇数"], "number"), "sent": (["上报篇数"], "number"), "web": (["党建网采用"], "number"),
        "sms": (["手机报采用"], "number"), "city": (["市级采用"], "number"), "prov": (["省级以上采用"], "number"), "used": (["采用篇数(去重)"], "number"),
        "points": (["积分"], "number"), "ytd": (["累计积分"], "number")}),
    "member_review": ("2013-09", {
        "org": (["党支部代码"], "text"), "class": (["党员类别"], "member_class"), "base": (["基础分"], "number"), "add": (["加分"], "number"), "cut": (["扣分"], "number"),
        "score": (["年检积分"], "number"), "due": (["应参评人数"], "number"), "votes": (["测评票数"], "number"), "v1": (["优秀票"], "number"), "v2": (["合格票"], "number"),
        "v3": (["基本合格票"], "number"), "v4": (["不合格票"], "number"), "v0": (["弃权票"], "number"), "final": (["县审核等次"], "review_grade"),
        "absent": (["未参加原因"], "absent_reason")}),
    "org_unit": ("2013-06", {
        "org": (["党组织代码"], "text"), "org_kind": (["组织类别"], "org_kind"), "status": (["状态"], "org_status")}),
}


def number(value):
    if value is None or squeeze(value) == "":
        return None
    if isinstance(value, float):
        return Fraction(f"{value:.15g}")
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(人次|人|个|次|篇|件|张|分|小时|万元)?", squeeze(value))
    assert found, value
    return Fraction(found.group(1))


def read(kind, value):
    if kind == "text":
        return squeeze(value) or None
    if kind == "number":
        return number(value)
    if kind == "yes":
        return yes(value)
    if kind == "day":
        return day(value)
    return coded(kind, value)


def facts():
    """form → unit code → rows."""
    result = {form: {} for form in FORMS}
    for folder in sorted({folder for folder, _ in FORMS.values()}):
        for path in sorted((RETURNS / folder).iterdir()):
            if path.name in ("收件.csv", "更正.csv", "审核说明.csv"):
                continue
            for grid in grids(path):
                flat = [[squeeze(cell) for cell in row] for row in grid]
                for form, (when, columns) in FORMS.items():
                    titles = {name: words for name, (words, _) in columns.items()}
                    wanted = {squeeze(word): name for name, words in titles.items() for word in words}
                    found = header(flat, wanted, titles) if when == folder else None
                    if not found:
                        continue
                    top, places = found
                    unit = next(m.group(1) for row in flat[:top] for cell in row if (m := re.search(r"填报单位(?:\([^)]*\))?:(.+?)(?:报告期:|$)", cell)))
                    rows = []
                    for raw, text in zip(grid[top:], flat[top:]):
                        if any(cell in ("合计", "总计", "小计") or cell.startswith(("单位负责人", "填表说明")) for cell in text):
                            break
                        if any(text):
                            rows.append({name: read(columns[name][1], raw[c] if c < len(raw) else None) for name, c in places.items()})
                    code = UNIT_OF[unit]
                    assert code not in result[form], (form, unit, path)
                    result[form][code] = rows
                    break
    return result


def on_roll(r):
    return r["status"] in ("在岗", "借调")


def on_duty(r):
    return r["status"] == "在岗"


def reviewed(r):
    return r["absent"] is None


def good(r):
    return r["v1"] + r["v2"]


def majority(r):
    return reviewed(r) and good(r) > r["votes"] / 2


def band(score):
    return "优秀" if score >= 90 else "合格" if score >= 75 else "基本合格" if score >= 60 else "不合格"


def one(r):
    return True


EDU = ("unit", ("education", "official_education"))
JOINT = (("ownership", "joint_ownership"), ("affiliation", "joint_affiliation"))
OWNER = JOINT[:1]
SITE = ("unit", ("kind", "edu_site_kind"))
MEMBER = ("unit", ("class", "member_class"))
U = ("unit",)


def field(name):
    return lambda r: r[name]


# (id, form, kind, rows considered, numerator, denominator, breakdowns, decimals)
INDICATORS = [
    ("official_roll", "village_official", "count", None, on_roll, None, EDU, 0),
    ("official_on_duty", "village_official", "count", None, on_duty, None, EDU, 0),
    ("official_duty_rate", "village_official", "ratio", on_roll, on_duty, one, EDU, 1),
    ("official_committee_rate", "village_official", "ratio", on_duty, lambda r: not r["post"].endswith("助理"), one, EDU, 1),
    ("official_secretaries", "village_official", "count", on_duty, lambda r: r["post"] == "书记", None, U, 0),
    ("official_venture_rate", "village_official", "ratio", on_duty, lambda r: bool(r["venture"]), one, EDU, 1),
    ("official_turnover", "village_official", "ratio", None, lambda r: not on_roll(r), lambda r: r["change"] != "新聘", U, 1),
    ("official_hired", "village_official", "count", None, lambda r: r["change"] == "新聘", None, U, 0),
    ("official_left", "village_official", "count", None, lambda r: not on_roll(r), None, U, 0),
    ("official_excellent_rate", "village_official", "ratio", None, lambda r: r["grade"] == "优秀", lambda r: r["grade"] is not None, U, 1),
    ("official_grade_share", "village_official", "distribution", None, ("grade", "official_grade"), None, U, 1),
    ("official_post_share", "village_official", "distribution", on_duty, ("post", "official_post"), None, U, 1),
    ("official_exit_share", "village_official", "distribution", lambda r: not on_roll(r), ("exit", "official_exit"), None, (), 1),
    ("joint_members", "joint_member", "count", None, one, None, JOINT, 0),
    ("joint_founders", "joint_member", "count", None, lambda r: r["joined"].year == 2011, None, (), 0),
    ("joint_before_founding", "joint_member", "count", None, lambda r: r["joined"].year < 2011, None, (), 0),
    ("joint_party_members", "joint_member", "sum", None, field("members"), None, JOINT, 0),
    ("joint_meetings_held", "joint_member", "sum", None, field("meetings"), None, JOINT, 0),
    ("joint_projects", "joint_member", "sum", None, field("projects"), None, JOINT, 0),
    ("joint_paired_villages", "joint_member", "sum", None, field("paired"), None, OWNER, 0),
    ("joint_pairing_rate", "joint_member", "ratio", None, field("paired"), field("affected"), JOINT, 1),
    ("joint_funds", "joint_member", "sum", None, field("funds"), None, OWNER, 2),
    ("joint_funds_rate", "joint_member", "ratio", None, field("funds"), field("pledged"), JOINT, 1),
    ("joint_jobs", "joint_member", "sum", None, field("jobs"), None, JOINT, 0),
    ("joint_disputes", "joint_member", "sum", None, field("disputes"), None, JOINT, 0),
    ("joint_affiliation_share", "joint_member", "distribution", None, ("affiliation", "joint_affiliation"), None, OWNER, 1),
    *[(f"news_{id_}", "news_submit", "sum", None, field(name), None, U, 0) for id_, name in [
        ("quota", "quota"), ("submitted", "sent"), ("web", "web"), ("sms", "sms"), ("city", "city"), ("prov", "prov"), ("used", "used")]],
    ("news_used_rate", "news_submit", "ratio", None, field("used"), field("sent"), U, 1),
    ("news_quota_rate", "news_submit", "ratio", None, field("sent"), field("quota"), U, 1),
    ("news_behind", "news_submit", "count", None, lambda r: r["sent"] < r["quota"], None, U, 0),
    ("news_points", "news_submit", "sum", None, field("points"), None, U, 1),
    ("news_points_ytd", "news_submit", "sum", None, field("ytd"), None, U, 1),
    ("appraisal_turnout", "member_review", "ratio", reviewed, field("votes"), field("due"), MEMBER, 1),
    ("appraisal_excellent_votes", "member_review", "ratio", reviewed, field("v1"), field("votes"), MEMBER, 1),
    ("appraisal_good_votes", "member_review", "ratio", reviewed, good, field("votes"), MEMBER, 1),
    ("appraisal_fail_votes", "member_review", "ratio", reviewed, field("v4"), field("votes"), MEMBER, 1),
    ("appraisal_abstentions", "member_review", "ratio", reviewed, field("v0"), field("votes"), MEMBER, 1),
    ("appraisal_majority_good", "member_review", "ratio", reviewed, majority, one, MEMBER, 1),
    ("appraisal_points_full", "member_review", "ratio", reviewed, lambda r: None not in (r["base"], r["add"], r["cut"], r["score"]), one, MEMBER, 1),
    ("appraisal_grade_by_points", "member_review", "ratio", reviewed, lambda r: r["final"] == band(r["score"]), one, MEMBER, 1),
    ("appraisal_points_prevail", "member_review", "ratio", majority, lambda r: r["final"] in ("基本合格", "不合格"), one, MEMBER, 1),
    ("appraisal_with_bonus", "member_review", "ratio", reviewed, lambda r: r["add"] > 0, one, MEMBER, 1),
    ("appraisal_with_cut", "member_review", "ratio", reviewed, lambda r: r["cut"] > 0, one, MEMBER, 1),
    *[(f"appraisal_{id_}", "member_review", "ratio", reviewed, lambda r, grade=grade: band(r["score"]) == grade, one, MEMBER, 1) for id_, grade in [
        ("from_90", "优秀"), ("from_75", "合格"), ("from_60", "基本合格"), ("below_60", "不合格")]],
    ("appraisal_mean_bonus", "member_review", "mean", reviewed, field("add"), None, MEMBER, 2),
    ("appraisal_mean_cut", "member_review", "mean", reviewed, field("cut"), None, MEMBER, 2),
    ("edu_sites", "edu_site", "count", None, one, None, SITE, 0),
    ("edu_active_rate", "edu_site", "ratio", None, field("active"), one, SITE, 1),
    ("edu_sessions", "edu_site", "sum", None, field("sessions"), None, SITE, 0),
    ("edu_learners", "edu_site", "sum", None, field("learners"), None, SITE, 0),
    ("edu_hours", "edu_site", "sum", None, field("hours"), None, SITE, 1),
    ("edu_hours_ytd", "edu_site", "sum", None, field("ytd"), None, SITE, 1),
    *[(f"edu_share_{id_}", "edu_site", "ratio", None, lambda r, kind=kind: r["hours"] if r["kind"] == kind else 0, field("hours"), U, 1) for id_, kind in [
        ("rural", "农村"), ("community", "社区"), ("agency", "机关事业单位"), ("state", "国企"), ("nonpublic", "两新(非公)"), ("centre", "乡镇中心")]],
    ("edu_kind_share", "edu_site", "distribution", None, ("kind", "edu_site_kind"), None, U, 1),
    ("edu_mode_share", "edu_site", "distribution", None, ("mode", "edu_mode"), None, (), 1),
    ("edu_device_share", "edu_site", "distribution", None, ("device", "edu_device"), None, (), 1),
    ("edu_reach", "edu_site", "branches", None, field("covered"), None, U, 1),
]


def total(expression, rows):
    return sum((Fraction(v) for v in map(expression, rows) if v is not None), Fraction(0))


def lines(indicator, data):
    id_, form, kind, keep, numerator, denominator, breakdowns, decimals = indicator
    of_unit = data[form]
    everything = [r for rows in of_unit.values() for r in rows]
    groups = [(COUNTY, list(of_unit), everything)]
    for by in breakdowns:
        if by == "unit":
            groups += [(u, [u], of_unit[u]) for u in of_unit]
        else:
            name, codelist = by
            groups += [(f"{COUNTY}@{code['id']}", None, [r for r in everything if r[name] == code["code"]]) for code in CODES[codelist]["codes"]]
    for suffix, units, rows in groups:
        rows = [r for r in rows if keep is None or keep(r)]
        figure = f"{id_}@{suffix}"
        if kind == "distribution":
            name, codelist = numerator
            base = Fraction(sum(r[name] is not None for r in rows))
            for code in CODES[codelist]["codes"]:
                n = Fraction(sum(r[name] == code["code"] for r in rows))
                yield f"{figure}@{code['id']}", n, base, rounded(n * 100 / base, decimals) if base else ""
            continue
        n = total(numerator, rows)
        if kind in ("count", "sum"):
            yield figure, n, None, rounded(n, decimals)
            continue
        scale = 100
        if kind == "mean":
            base, scale = Fraction(sum(numerator(r) is not None for r in rows)), 1
        elif kind == "branches":
            base = Fraction(sum(r["status"] in ("在册", "更名") and r["org_kind"] not in ("党委", "党工委") for u in units for r in data["org_unit"][u]))
        else:
            base = total(denominator, rows)
        yield figure, n, base, rounded(n * scale / base, decimals) if base else ""


def main():
    data = facts()
    expected = {"village_official": 10, "joint_member": 1, "edu_site": 18, "news_submit": 18, "member_review": 10, "org_unit": 18}
    assert {form: len(units) for form, units in data.items()} == expected, {form: len(units) for form, units in data.items()}
    order = {u["code"]: i for i, u in enumerate(UNITS)}
    data = {form: {u: units[u] for u in sorted(units, key=order.get)} for form, units in data.items()}
    with open(Path(__file__).with_name("county_2013-10_p05_p07_p08_p12_p18.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["figure_id", "numerator", "denominator", "value"])
        for indicator in INDICATORS:
            for figure, n, base, value in lines(indicator, data):
                writer.writerow([figure, plain(n), plain(base), value])


if __name__ == "__main__":
    main()
