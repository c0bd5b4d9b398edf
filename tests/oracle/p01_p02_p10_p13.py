"""Recomputes the October 2013 figures of P01, P02, P10 and P13 from the returns, independently.

    python3 tests/oracle/p01_p02_p10_p13.py          # writes tests/oracle/county_2013-10_p01_p02_p10_p13.csv

Reading, rounding and the lists come from county.py; every indicator is said again here.
"""

import csv
from fractions import Fraction
from pathlib import Path

import county
from county import CODES, COUNTY, PIPELINE, RETURNS, UNITS, UNIT_OF, coded, day, number, plain, rounded, squeeze

# form → (folder in force in October 2013, titles by name)
FORMS = {
    "observation_spot": ("2013-10", {
        "spot": "观摩点", "committee": "所属党委", "domain": "领域", "novelty": "典型类别", "distance": "远近", "visited": "观摩日期", "visit_no": "当日顺序",
        "rater": "评委编号", "s1": "组织领导分", "s2": "特色创新分", "s3": "实效分", "s4": "档案规范分", "score": "总分"}),
    "innovation_project": ("2013-09", {
        "no": "项目编号", "brand": "品牌(工作法)", "kind": "项目类别", "started": "启动日期", "as_of": "统计截止日期", "effect": "成效", "spread": "推广范围",
        "orgs": "推广到的党组织数", "served": "本年累计服务人次", "status": "状态"}),
    "service_room": ("2013-10", {
        "room": "工作室代码", "area": "村(社区)名称", "opened": "启用日期", "duty": "值班党员数", "volunteer": "志愿服务人次", "begin": "期初在办",
        "accepted": "受理事项数", "now": "即时办结", "agent": "代办办结", "forwarded": "转报乡镇", "end": "期末在办", "disclosures": "村务公开次数",
        "satisfied": "群众评价满意", "rated": "群众评价总数", "proof": "证明代办", "relief": "低保救助", "subsidy": "惠农补贴", "family": "计生",
        "mediation": "矛盾调解", "policy": "政策咨询", "other": "其他事项"}),
    "secretary_review": ("2012-12", {
        "org": "党组织代码", "committee": "所属党委", "level": "层级", "mode": "述职方式", "out": "发出票数", "in": "收回票数", "valid": "有效票数",
        "good": "好", "fairly": "较好", "mid": "一般", "poor": "差", "own_valid": "本单位有效票", "own_good": "本单位好票", "own_fairly": "本单位较好票",
        "vote": "测评得分", "daily": "日常考核得分", "field": "实地考核得分", "score": "综合得分", "grade": "综合等次", "use": "结果运用"}),
}
CODED = {
    ("observation_spot", "spot"): "inspection_spot", ("observation_spot", "committee"): "committee", ("observation_spot", "domain"): "spot_domain",
    ("observation_spot", "novelty"): "novelty", ("observation_spot", "distance"): "spot_distance", ("observation_spot", "rater"): "rater",
    ("innovation_project", "brand"): "project_brand", ("innovation_project", "kind"): "project_kind", ("innovation_project", "effect"): "project_effect",
    ("innovation_project", "spread"): "project_spread", ("innovation_project", "status"): "project_status",
    ("secretary_review", "committee"): "committee", ("secretary_review", "level"): "secretary_level", ("secretary_review", "mode"): "report_mode",
    ("secretary_review", "grade"): "secretary_grade", ("secretary_review", "use"): "review_use",
}
DAYS = {"visited", "started", "as_of", "opened"}
TEXTS = {"no", "room", "area", "org"}
OWED = {"observation_spot": 1, "innovation_project": 19, "service_room": 11, "secretary_review": 11}


def typed(form, row):
    result = {}
    for name, value in row.items():
        if (form, name) in CODED:
            result[name] = coded(CODED[form, name], value)
        elif name in DAYS:
            result[name] = day(value)
        elif name in TEXTS:
            result[name] = squeeze(value) or None
        else:
            result[name] = number(value)
    return result


def facts():
    """form → unit code → rows."""
    result = {form: {} for form in FORMS}
    for form, (folder, titles) in FORMS.items():
        wanted = {squeeze(title): name for name, title in titles.items()}
        for path in sorted((RETURNS / folder).glob("*_*.xlsx")):
            for grid in county.grids(path):
                flat = [[squeeze(cell) for cell in row] for row in grid]
                found = county.header(flat, wanted, titles)
                if not found:
                    continue
                top, columns = found
                sender = next(cell for row in flat[:top] for cell in row if cell.startswith("填报单位"))
                unit = UNIT_OF[sender.split(":", 1)[1].split("报告期:")[0]]
                rows = []
                for raw, text in zip(grid[top:], flat[top:]):
                    if any(cell in ("合计", "总计") or cell.startswith(("单位负责人", "填表说明")) for cell in text):
                        break
                    if any(text):
                        rows.append(typed(form, {name: raw[c] for name, c in columns.items()}))
                assert unit not in result[form], (form, unit)
                result[form][unit] = rows
    order = {u["code"]: i for i, u in enumerate(UNITS)}
    return {form: {u: units[u] for u in sorted(units, key=order.get)} for form, units in result.items()}


def organisations():
    """unit code → registered organisations at the end of 2012."""
    result = {}
    for path in sorted((RETURNS / "2012-12").iterdir()):
        if path.suffix in (".xlsx", ".xls", ".ods") and "_" not in path.name:
            for form, unit, rows in county.blocks(path):
                if form == "org_unit":
                    result[UNIT_OF[unit]] = [county.typed("org_unit", row) for row in rows]
    return result


def spots_with_means(rows):
    """One record a spot: the trimmed mean and the place inside its committee are computed, not read."""
    by_spot = {}
    for row in rows:
        by_spot.setdefault(row["spot"], []).append(row)
    result = []
    for spot, votes in by_spot.items():
        scores = sorted(row["score"] for row in votes)
        assert len(scores) == 5 and all(sum(row[s] for s in ("s1", "s2", "s3", "s4")) == row["score"] for row in votes)
        mean = Fraction(rounded(sum(scores[1:-1]) / 3, 2))
        result.append({**votes[0], "mean": mean})
    return result


class Book:
    def __init__(self):
        self.lines = []

    def put(self, figure, n, base, value):
        self.lines.append([figure, plain(n), plain(base), value])

    def number(self, figure, n, decimals=0):
        self.put(figure, n, None, rounded(Fraction(n), decimals))

    def ratio(self, figure, n, base, decimals, scale=100):
        n, base = Fraction(n), Fraction(base)
        self.put(figure, n, base, rounded(n * scale / base, decimals) if base else "")


def groups(units, by, dimensions):
    """(figure suffix, rows) of the county and of every breakdown; `units` is unit → rows."""
    everything = [row for rows in units.values() for row in rows]
    yield COUNTY, everything
    for part in by:
        if part == "unit":
            yield from units.items()
            continue
        field, codelist = dimensions[part.removeprefix("unit*")]
        for code in CODES[codelist]["codes"]:
            if part.startswith("unit*"):
                for unit, rows in units.items():
                    yield f"{unit}@{code['id']}", [r for r in rows if r[field] == code["code"]]
            else:
                yield f"{COUNTY}@{code['id']}", [r for r in everything if r[field] == code["code"]]


def distribution(book, id_, units, by, dimensions, field, codelist, keep=lambda r: True):
    for suffix, rows in groups(units, by, dimensions):
        values = [r[field] for r in rows if keep(r) and r[field] is not None]
        for code in CODES[codelist]["codes"]:
            book.ratio(f"{id_}@{suffix}@{code['id']}", values.count(code["code"]), len(values), 1)


def tour(book, units):
    dims = {"committee_code": ("committee", "committee"), "domain": ("domain", "spot_domain"), "distance": ("distance", "spot_distance"), "novelty": ("novelty", "novelty"), "spot": ("spot", "inspection_spot"), "rater": ("rater", "rater")}
    (office, votes), = units.items()
    spots = {office: spots_with_means(votes)}
    every = spots[office]
    book.number(f"observation_days@{COUNTY}", len({s["visited"] for s in every}))
    committees = {s["committee"] for s in every}
    book.ratio(f"spot_coverage@{COUNTY}", len(committees), sum(u["kind"] != "office" for u in UNITS), 1)
    book.ratio(f"good_spot_coverage@{COUNTY}", len({s["committee"] for s in every if s["mean"] >= 90}), sum(u["kind"] != "office" for u in UNITS), 1)
    cdd, cd, cds = ("committee_code", "domain", "distance"), ("committee_code", "domain"), ("committee_code", "domain", "spot")
    for id_, by, holds in [
        ("spots", cdd, lambda s: True), ("near_spots", cd, lambda s: s["distance"] == "近"), ("far_spots", cd, lambda s: s["distance"] == "远"),
        ("good_spots", cdd, lambda s: s["mean"] >= 90), ("weak_spots", cdd, lambda s: s["mean"] < 80), ("typical_spots", cd, lambda s: s["novelty"]),
        ("old_typical", cds, lambda s: s["novelty"] == "老典型"), ("new_typical", cds, lambda s: s["novelty"] == "新典型"),
    ]:
        for suffix, rows in groups(spots, by, dims):
            book.number(f"{id_}@{suffix}", sum(bool(holds(s)) for s in rows))
    for suffix, rows in groups(spots, cd, dims):
        kinds = [s["novelty"] for s in rows]
        book.put(f"old_over_new@{suffix}", None, None, rounded(Fraction(kinds.count("老典型") - kinds.count("新典型")), 0))
    for suffix, rows in groups(spots, cdd, dims):
        book.ratio(f"new_typical_share@{suffix}", sum(s["novelty"] == "新典型" for s in rows), len(rows), 1)
    distribution(book, "novelty_share", spots, cdd, dims, "novelty", "novelty")
    for suffix, rows in groups(spots, (*cdd, "novelty"), dims):
        book.ratio(f"spot_average@{suffix}", sum(s["mean"] for s in rows), len(rows), 2, 1)
    for suffix, rows in groups(units, ("spot",), dims):
        kept = sorted(r["score"] for r in rows)[1:-1]
        book.ratio(f"spot_score@{suffix}", sum(kept), len(kept), 2, 1)
    for id_, item in [("spot_lead_score", "s1"), ("spot_innovation_score", "s2"), ("spot_effect_score", "s3"), ("spot_archive_score", "s4")]:
        for suffix, rows in groups(units, ("spot", *cd), dims):
            book.ratio(f"{id_}@{suffix}", sum(r[item] for r in rows), len(rows), 2, 1)
    for suffix, rows in groups(units, ("rater",), dims):
        book.ratio(f"rater_average@{suffix}", sum(r["score"] for r in rows), len(rows), 2, 1)


def projects(book, units):
    dims = {"brand": ("brand", "project_brand"), "kind": ("kind", "project_kind")}
    older = lambda r, years: r["started"].replace(year=r["started"].year + years) <= r["as_of"]
    ubk, uk = ("unit", "brand", "kind"), ("unit", "kind")
    cross = "unit*brand"
    for id_, by, holds in [
        ("projects", (*ubk, cross), lambda r: True), ("running_projects", ubk, lambda r: r["status"] == "实施中"),
        ("projects_over_year", ubk, lambda r: older(r, 1)), ("projects_over_two_years", (*ubk, cross), lambda r: older(r, 2)),
        ("weak_projects", uk, lambda r: r["effect"] in ("一般", "不明显")),
    ]:
        for suffix, rows in groups(units, by, dims):
            book.number(f"{id_}@{suffix}", sum(holds(r) for r in rows))
    offices = {u["code"] for u in UNITS if u["kind"] == "office"}
    having = sum(bool(rows) for unit, rows in units.items() if unit not in offices)
    book.ratio(f"project_committees@{COUNTY}", having, len(UNITS) - len(offices), 1)
    for suffix, rows in groups(units, ("unit", "brand", cross), dims):
        book.ratio(f"project_days@{suffix}", sum((r["as_of"] - r["started"]).days for r in rows), len(rows), 0, 1)
    distribution(book, "project_effect_share", units, uk, dims, "effect", "project_effect")
    for suffix, rows in groups(units, uk, dims):
        judged = [r["effect"] for r in rows if r["effect"]]
        book.ratio(f"project_effective_rate@{suffix}", sum(e in ("明显", "较好") for e in judged), len(judged), 1)
        book.ratio(f"project_spread_rate@{suffix}", sum(r["spread"] != "未推广" for r in rows), len(rows), 1)
    for suffix, rows in groups(units, ("unit", "brand"), dims):
        book.number(f"project_spread_orgs@{suffix}", sum(r["orgs"] for r in rows))
    for suffix, rows in groups(units, ubk, dims):
        book.number(f"project_served@{suffix}", sum(r["served"] for r in rows))


def rooms(book, units):
    with open(PIPELINE / "registers" / "village.csv", encoding="utf-8", newline="") as file:
        places = list(csv.DictReader(file))
    sums = [("room_duty_members", "duty"), ("room_volunteers", "volunteer"), ("room_accepted", "accepted"), ("room_forwarded", "forwarded"),
            ("room_open_end", "end"), ("room_disclosures", "disclosures"), ("room_items_proof", "proof"), ("room_items_relief", "relief"),
            ("room_items_subsidy", "subsidy"), ("room_items_family", "family"), ("room_items_mediation", "mediation"), ("room_items_policy", "policy"), ("room_items_other", "other")]
    for suffix, rows in groups(units, ("unit",), {}):
        add = lambda name, rows=rows: sum((r[name] for r in rows), Fraction(0))
        book.number(f"rooms_opened@{suffix}", sum(r["opened"] is not None for r in rows))
        book.number(f"rooms_villages@{suffix}", sum(r["area"].endswith("村") for r in rows))
        book.number(f"rooms_communities@{suffix}", sum(r["area"].endswith("社区") for r in rows))
        months = [(2013 - r["opened"].year) * 12 + 10 - r["opened"].month for r in rows]
        book.number(f"rooms_eleven_months@{suffix}", sum(m >= 11 for m in months))
        book.number(f"rooms_one_year@{suffix}", sum(m >= 12 for m in months))
        book.ratio(f"pilot_coverage@{suffix}", len(rows), sum(suffix in (COUNTY, p["committee"]) for p in places), 1)
        for id_, name in sums:
            book.number(f"{id_}@{suffix}", add(name))
        done = add("now") + add("agent")
        book.number(f"room_done@{suffix}", done)
        book.ratio(f"room_closing_rate@{suffix}", done, add("begin") + add("accepted"), 1)
        book.ratio(f"room_instant_rate@{suffix}", add("now"), add("accepted"), 1)
        book.ratio(f"room_satisfaction@{suffix}", add("satisfied"), add("rated"), 1)


def secretaries(book, units):
    dims = {"level": ("level", "secretary_level"), "committee": ("committee", "committee")}
    ul, c = ("unit", "level"), ("committee",)
    level = lambda wanted: lambda r: r["level"] == wanted
    for id_, by, holds in [("reviewed_secretaries", (*ul, "committee"), lambda r: True), ("village_secretaries", ("unit", "committee"), level("村")), ("township_secretaries", c, level("乡"))]:
        for suffix, rows in groups(units, by, dims):
            book.number(f"{id_}@{suffix}", sum(holds(r) for r in rows))
    registered = organisations()
    kinds = {u["code"]: u["kind"] for u in UNITS}
    alive = {u: [r for r in rows if r["status"] == "在册" and r["secretary"]] for u, rows in registered.items()}
    due = {u: sum(r["domain"] == "农村" and r["org_kind"] in ("党总支", "党支部", "联合党支部") for r in rows) for u, rows in alive.items() if kinds[u] == "township"}
    for suffix, rows in groups(units, ("unit",), dims):
        base = sum(due.values()) if suffix == COUNTY else due.get(suffix, 0)
        n = sum(r["level"] == "村" for r in rows)
        if suffix != COUNTY and suffix not in registered:
            # The office owns no organisations: it has no base at all.
            book.put(f"village_review_rate@{suffix}", n, None, "")
        else:
            book.ratio(f"village_review_rate@{suffix}", n, base, 1)
    everybody = [r for rows in units.values() for r in rows]
    committees = sum(r["org_kind"] in ("党委", "党工委") for rows in alive.values() for r in rows)
    book.ratio(f"township_review_rate@{COUNTY}", sum(r["level"] == "乡" for r in everybody), committees, 1)
    for suffix, rows in groups(units, ul, dims):
        add = lambda *names, rows=rows: sum((r[name] for r in rows for name in names), Fraction(0))
        book.ratio(f"review_ballot_return@{suffix}", add("in"), add("out"), 1)
        book.ratio(f"review_good_votes@{suffix}", add("good"), add("valid"), 1)
        book.ratio(f"review_satisfied_votes@{suffix}", add("good", "fairly"), add("valid"), 1)
        book.ratio(f"review_own_satisfied@{suffix}", add("own_good", "own_fairly"), add("own_valid"), 1)
        book.ratio(f"review_ballot_score@{suffix}", 100 * add("good") + 85 * add("fairly") + 60 * add("mid"), add("valid"), 2, 1)
        for id_, name in [("review_vote_score", "vote"), ("review_daily_score", "daily"), ("review_field_score", "field"), ("review_score", "score")]:
            book.ratio(f"{id_}@{suffix}", add(name), len(rows), 2, 1)
        book.ratio(f"review_linked_use@{suffix}", sum(r["use"] != "无" for r in rows), len(rows), 1)
        book.ratio(f"review_oral_rate@{suffix}", sum(r["mode"] == "口头" for r in rows), len(rows), 1)
    for id_, by, layer, name in [("village_secretary_score", ("unit",), "村", "score"), ("township_secretary_score", c, "乡", "score"), ("township_vote_score", c, "乡", "vote")]:
        for suffix, rows in groups(units, by, dims):
            those = [r[name] for r in rows if r["level"] == layer]
            book.ratio(f"{id_}@{suffix}", sum(those), len(those), 2, 1)
    for suffix, rows in groups(units, c, dims):
        those = [r for r in rows if r["level"] == "乡"]
        book.ratio(f"township_satisfied_votes@{suffix}", sum(r["good"] + r["fairly"] for r in those), sum(r["valid"] for r in those), 1)
    distribution(book, "review_grade_of_secretaries", units, ul, dims, "grade", "secretary_grade")
    distribution(book, "review_use_share", units, ul, dims, "use", "review_use")


def main():
    data = facts()
    assert {form: len(units) for form, units in data.items()} == OWED, {form: len(units) for form, units in data.items()}
    book = Book()
    tour(book, data["observation_spot"])
    projects(book, data["innovation_project"])
    rooms(book, data["service_room"])
    secretaries(book, data["secretary_review"])
    with open(Path(__file__).with_name("county_2013-10_p01_p02_p10_p13.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["figure_id", "numerator", "denominator", "value"])
        writer.writerows(book.lines)


if __name__ == "__main__":
    main()
