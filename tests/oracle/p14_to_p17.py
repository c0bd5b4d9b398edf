"""Recomputes October 2013's figures of P14-P17 from the returns, independently of the program.

    python3 tests/oracle/p14_to_p17.py    # writes county_2013-10_p14_to_p17.csv

Like county.py, whose reading of sheets and rounding it uses: columns are found by their header
titles, numbers are fractions, and every indicator is said again in Python.
"""

import csv
import re
from fractions import Fraction
from pathlib import Path

import county
from county import CODES, COUNTY, RETURNS, UNITS, UNIT_OF, coded, day, number, plain, rounded, squeeze, total, yes

OUT = Path(__file__).with_name("county_2013-10_p14_to_p17.csv")

# form → (folder whose returns are in force in October 2013, header titles by name)
FORMS = {
    "lagging_village": ("2013-10", {
        "village": ["村代码"], "kind": ["后进类型"], "found": ["问题数"], "measures": ["整改措施数"], "days": ["本月入村天数"], "solved": ["已解决问题数"],
        "changed": ["书记调整"], "ok": ["群众满意票"], "all": ["群众总票"], "score": ["初查得分"], "first": ["初查结论"], "verdict": ["验收结论"], "again": ["近三年曾列入"]}),
    "pledge": ("2013-09", {
        "no": ["承诺编号"], "kind": ["类别"], "due": ["承诺完成时限"], "plan": ["计划投入(万元)"], "real": ["实际投入(万元)"], "tasks": ["任务数"],
        "done": ["已完成任务数"], "state": ["兑现情况"], "confirmed": ["群众确认"], "rules": ["制度健全"]}),
    "mass_line": ("2013-10", {
        "unit_code": ["单位代码"], "group": ["领导小组成立"], "team": ["工作组人数"], "plan": ["实施方案"], "sessions": ["集中学习次数"], "people": ["参学人次"],
        "columns": ["专栏/专页数"], "tv": ["电视台"], "paper": ["今日左权"], "page": ["党建网专页"], "weibo": ["微博"], "total": ["查摆问题总数"],
        "wind": ["问题类别"], "found": ["查摆问题数"], "fixed": ["已整改数"]}),
    "term_survey": ("2013-10", {
        "village": ["村代码"], "one_head": ["一肩挑"], "posts": ["两委职数"], "cross": ["交叉任职数"], "income": ["集体经济收入(万元)"], "asked": ["发放问卷数"],
        "returned": ["回收问卷数"], "visits": ["走访户数"], "audited": ["届前审计"], "talks": ["约谈次数"], "disputes": ["矛盾排查数"], "settled": ["已化解数"],
        "difficulty": ["难易分类"], "reserves": ["后备人选数"]}),
    "reserve_candidate": ("2013-09", {
        "village": ["村代码"], "sex": ["性别"], "politics": ["政治面貌"], "source": ["推荐来源"], "person_kind": ["人员类别"], "poll": ["民主测评得票率(%)"],
        "vetting": ["资格审查"], "for_post": ["拟任职务"]}),
}
LISTS = {
    ("lagging_village", "kind"): "lagging_kind", ("lagging_village", "first"): "lagging_verdict", ("lagging_village", "verdict"): "lagging_verdict",
    ("pledge", "kind"): "pledge_kind", ("pledge", "state"): "pledge_state", ("mass_line", "wind"): "wind_kind",
    ("term_survey", "difficulty"): "term_difficulty", ("reserve_candidate", "sex"): "reserve_sex", ("reserve_candidate", "politics"): "reserve_politics",
    ("reserve_candidate", "source"): "reserve_source", ("reserve_candidate", "person_kind"): "reserve_kind",
    ("reserve_candidate", "vetting"): "reserve_vetting", ("reserve_candidate", "for_post"): "reserve_post",
}
BOOLEANS = {"changed", "again", "confirmed", "rules", "group", "tv", "paper", "page", "weibo", "one_head", "audited"}
TEXTS = {"village", "no", "unit_code"}
MEASURES = ("人次", "人", "个", "条", "天", "张", "分", "项", "次", "户", "份", "件", "万元")


def typed(form, row):
    result = {}
    for name, value in row.items():
        blank = squeeze(value) == ""
        if (form, name) in LISTS:
            result[name] = coded(LISTS[form, name], value)
        elif name in TEXTS:
            result[name] = squeeze(value) or None
        elif name in BOOLEANS or (form, name) == ("mass_line", "plan"):
            result[name] = None if blank else yes(value)
        elif name == "due":
            result[name] = day(value)
        else:
            text = squeeze(value)
            measure = next((m for m in MEASURES if isinstance(value, str) and text.endswith(m)), "")
            result[name] = number(text.removesuffix(measure) if measure else value)
    return result


def blocks(path):
    """(form, unit, rows) of each recognised sheet."""
    for grid in county.grids(path):
        flat = [[squeeze(cell) for cell in row] for row in grid]
        for form, (_, titles) in FORMS.items():
            wanted = {squeeze(title): name for name, list_ in titles.items() for title in list_}
            found = county.header(flat, wanted, titles)
            if not found:
                continue
            top, columns = found
            unit = next(m.group(1) for row in flat[:top] for cell in row if (m := re.search(r"填报单位(?:\([^)]*\))?:(.+?)(?:报告期:|$)", cell)))
            rows = []
            for raw, words in zip(grid[top:], flat[top:]):
                if any(word in ("合计", "总计") or word.startswith("单位负责人") for word in words):
                    break
                if any(words):
                    rows.append({name: raw[c] if c < len(raw) else None for name, c in columns.items()})
            yield form, UNIT_OF[unit], rows
            break


def facts():
    result = {form: {} for form in FORMS}
    for folder in ("2013-09", "2013-10"):
        for path in sorted((RETURNS / folder).glob("*.xlsx")):
            for form, unit, rows in blocks(path):
                if FORMS[form][0] == folder:
                    assert unit not in result[form], (form, unit)
                    result[form][unit] = [typed(form, row) for row in rows]
    return result


with open(county.PIPELINE / "registers" / "village.csv", encoding="utf-8", newline="") as file:
    VILLAGES = [row["committee"] for row in csv.DictReader(file) if row["kind"] == "village"]


# ---- the indicators, said again ----

def one(r):
    return True


def ready(r):
    return (r["group"] and r["plan"] and r["team"] > 0) + (r["sessions"] > 0) + (r["total"] > 0) + (r["columns"] > 0)


def first_row(r):
    return r["wind"] == "形式主义"


def fallen_due(r):
    return (r["due"].year, r["due"].month) <= (2013, 9)


def kept(r):
    return r["state"] == "已兑现"


def known(name):
    return lambda r: r[name] is not None


def value(name):
    return lambda r: r[name]


U, UK = ("unit",), ("unit", "kind")
L, P, M, S, C = FORMS
# (id, form, kind, rows considered, numerator, denominator, breakdowns, decimals)
INDICATORS = [
    ("lagging_villages", L, "sum", None, one, None, UK, 0),
    ("lagging_share", L, "villages", None, one, None, U, 1),
    ("lagging_kind_share", L, "distribution", None, "kind", None, U, 1),
    ("lagging_problems", L, "sum", None, value("found"), None, UK, 0),
    ("lagging_solved", L, "sum", None, value("solved"), None, UK, 0),
    ("lagging_solved_rate", L, "ratio", None, value("solved"), value("found"), UK, 1),
    ("lagging_measures", L, "sum", None, value("measures"), None, U, 0),
    ("lagging_days", L, "mean", None, value("days"), None, U, 1),
    ("lagging_secretary_changed", L, "sum", None, value("changed"), None, U, 0),
    ("lagging_checked_rate", L, "ratio", None, known("first"), one, U, 1),
    ("lagging_score", L, "mean", None, value("score"), None, U, 1),
    ("lagging_check_passed", L, "ratio", known("first"), lambda r: r["first"] == "合格", one, U, 1),
    ("lagging_satisfaction", L, "ratio", None, value("ok"), value("all"), UK, 1),
    # Of all on the list from November on, when the city comes; in October of those with a verdict.
    ("lagging_conversion", L, "ratio", known("verdict"), lambda r: r["verdict"] == "合格", one, U, 1),
    ("lagging_rebound", L, "sum", None, value("again"), None, U, 0),
    ("pledges", P, "sum", None, one, None, UK, 0),
    ("pledges_due", P, "sum", None, fallen_due, None, UK, 0),
    ("pledge_kept_rate", P, "ratio", fallen_due, kept, one, UK, 1),
    ("pledge_kept_of_all", P, "ratio", None, kept, one, UK, 1),
    ("pledge_state_share", P, "distribution", None, "state", None, U, 1),
    ("pledges_overdue", P, "sum", None, lambda r: fallen_due(r) and not kept(r), None, U, 0),
    ("pledge_task_rate", P, "ratio", None, value("done"), value("tasks"), UK, 1),
    ("pledge_funds_rate", P, "ratio", None, value("real"), value("plan"), UK, 1),
    ("pledge_funds", P, "sum", None, value("real"), None, UK, 2),
    ("pledge_confirmed_rate", P, "ratio", kept, value("confirmed"), one, U, 1),
    ("pledge_rules_rate", P, "ratio", None, value("rules"), known("rules"), U, 1),
    ("mass_ready_rate", M, "ratio", first_row, ready, lambda r: 4, U, 1),
    ("mass_plan_rate", M, "units", first_row, lambda r: r["group"] and r["plan"] and r["team"] > 0, None, (), 1),
    ("mass_study_rate", M, "units", first_row, lambda r: r["sessions"] > 0, None, (), 1),
    ("mass_practice_rate", M, "units", first_row, lambda r: r["total"] > 0, None, (), 1),
    ("mass_publicity_rate", M, "units", first_row, lambda r: r["columns"] > 0, None, (), 1),
    *[(id_, M, "sum", None, value(name), None, U, 0) for id_, name in [
        ("mass_sessions", "sessions"), ("mass_study_people", "people"), ("mass_columns", "columns"), ("mass_tv", "tv"), ("mass_paper", "paper"), ("mass_page", "page"), ("mass_weibo", "weibo")]],
    ("mass_found", M, "sum", None, value("found"), None, ("unit", "wind"), 0),
    ("mass_fixed", M, "sum", None, value("fixed"), None, ("unit", "wind"), 0),
    ("mass_fix_rate", M, "ratio", None, value("fixed"), value("found"), ("unit", "wind", "unit*wind"), 1),
    ("term_villages", S, "sum", None, one, None, U, 0),
    ("term_survey_rate", S, "villages", None, one, None, U, 1),
    ("term_returned_rate", S, "ratio", None, value("returned"), value("asked"), U, 1),
    ("term_visits", S, "sum", None, value("visits"), None, U, 0),
    ("term_audit_rate", S, "villages", None, value("audited"), None, U, 1),
    ("term_talks", S, "sum", None, value("talks"), None, U, 0),
    ("term_disputes", S, "sum", None, value("disputes"), None, ("unit", "difficulty"), 0),
    ("term_dispute_rate", S, "ratio", None, value("settled"), value("disputes"), ("unit", "difficulty"), 1),
    ("term_one_head_rate", S, "ratio", None, value("one_head"), one, U, 1),
    ("term_cross_rate", S, "ratio", None, value("cross"), value("posts"), U, 1),
    ("term_income", S, "mean", None, value("income"), None, ("unit", "difficulty"), 2),
    ("term_difficulty_share", S, "distribution", None, "difficulty", None, U, 1),
    ("term_reserves", S, "sum", None, value("reserves"), None, U, 0),
    ("term_reserve_ratio", S, "ratio", None, value("reserves"), value("posts"), U, 1),
    ("term_reserve_ready", S, "villages", None, lambda r: r["reserves"] >= r["posts"] / 2, None, U, 1),
    ("reserve_count", C, "sum", None, one, None, ("unit", "source", "person_kind", "for_post"), 0),
    ("reserve_source_share", C, "distribution", None, "source", None, U, 1),
    ("reserve_kind_share", C, "distribution", None, "person_kind", None, U, 1),
    ("reserve_female_rate", C, "ratio", None, lambda r: r["sex"] == "女", one, ("unit", "person_kind"), 1),
    ("reserve_member_rate", C, "ratio", None, lambda r: r["politics"] in ("中共党员", "中共预备党员"), one, ("unit", "person_kind"), 1),
    ("reserve_vetted_rate", C, "ratio", lambda r: r["vetting"] != "待审", lambda r: r["vetting"] == "合格", one, U, 1),
    ("reserve_poll", C, "mean", None, value("poll"), None, ("unit", "person_kind"), 1),
]
# The election is next year: nothing to count yet, one empty figure each.
NOT_YET = ["election_done_rate", "election_turnout", "election_first_try", "election_one_head", "election_women", "election_officials"]


def groups(form, breakdowns, data):
    """(figure suffix, units, [(unit, row)]) of the county and of every breakdown."""
    everything = [(u, r) for u, rows in data.items() for r in rows]
    yield COUNTY, list(data), everything
    for by in breakdowns:
        if by == "unit":
            for u in data:
                yield u, [u], [(u, r) for r in data[u]]
            continue
        name = by.split("*")[-1]
        for code in CODES[LISTS[form, name]]["codes"]:
            those = [(u, r) for u, r in everything if r[name] == code["code"]]
            if "*" in by:
                for u in data:
                    yield f"{u}@{code['id']}", [u], [x for x in those if x[0] == u]
            else:
                yield f"{COUNTY}@{code['id']}", list(data), those


def lines(indicator, data):
    id_, form, kind, keep, numerator, denominator, breakdowns, decimals = indicator
    for suffix, units, pairs in groups(form, breakdowns, data):
        rows = [r for _, r in pairs if keep is None or keep(r)]
        figure = f"{id_}@{suffix}"
        if kind == "distribution":
            base = Fraction(sum(r[numerator] is not None for r in rows))
            for code in CODES[LISTS[form, numerator]]["codes"]:
                n = Fraction(sum(r[numerator] == code["code"] for r in rows))
                yield f"{figure}@{code['id']}", n, base, rounded(n * 100 / base, decimals) if base else ""
            continue
        n = total(numerator, rows)
        if kind == "sum":
            yield figure, n, None, rounded(n, decimals)
            continue
        scale = 1 if kind == "mean" else 100
        if kind == "mean":
            base = Fraction(sum(numerator(r) is not None for r in rows))
        elif kind == "villages":
            base = Fraction(sum(u in units for u in VILLAGES))
        elif kind == "units":
            base = Fraction(len(units))
        else:
            base = total(denominator, rows)
        yield figure, n, base, rounded(n * scale / base, decimals) if base else ""


def main():
    data = facts()
    assert {form: len(units) for form, units in data.items()} == {L: 10, P: 18, M: 18, S: 10, C: 10}, {form: len(units) for form, units in data.items()}
    order = {u["code"]: i for i, u in enumerate(UNITS)}
    with open(OUT, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["figure_id", "numerator", "denominator", "value"])
        for indicator in INDICATORS:
            units = data[indicator[1]]
            for figure, n, base, text in lines(indicator, {u: units[u] for u in sorted(units, key=order.get)}):
                writer.writerow([figure, plain(n), plain(base), text])
        for id_ in NOT_YET:
            writer.writerow([f"{id_}@{COUNTY}", "", "", ""])


if __name__ == "__main__":
    main()
