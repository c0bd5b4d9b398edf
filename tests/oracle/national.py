#!/usr/bin/env python3
"""Expected results of the national bulletin, recomputed without the program.

Reads the workbooks of sample-data/national-bulletin/returns with openpyxl and computes with
fractions; the rules below are written out here and share nothing with the pipeline's TOML,
registers or SQL. Writes beside this file:

national.csv          one row a test: kind, period, table, category, item, result
national_figures.csv  one row a computable figure: figure_id@period, numerator, denominator, value

A printed number stands for the interval of half a unit of its last place on both sides. A test
passes when some true values inside all intervals involved agree.
"""
import csv
import re
from fractions import Fraction
from pathlib import Path

from openpyxl import load_workbook

HERE = Path(__file__).resolve().parent
RETURNS = HERE.parent.parent / "sample-data" / "national-bulletin" / "returns"
WHOLE = "100000"

PASS, FAIL, NOT_EVALUATED = "pass", "fail", "not-evaluated"
PARTY = ("党员", "总数", "党员总数")
ORGANISATIONS = ("党组织", "总数", "基层组织总数")
RECRUITS = ("发展党员", "总数", "发展党员")


class Printed:
    """A printed number: the exact value and half a unit of its last place."""

    def __init__(self, cell):
        self.value = Fraction(repr(cell.value))
        places = len(cell.number_format.partition(".")[2])
        self.half = Fraction(1, 2 * 10**places)

    def interval(self):
        return self.value - self.half, self.value + self.half


class Row:
    def __init__(self, cells):
        number = lambda cell: None if cell.value is None else Printed(cell)
        self.value, self.share, self.growth = (number(cells[i]) for i in (3, 5, 6))
        self.unit, self.share_text = cells[4].value, cells[7].value


def read_all():
    """period -> {(table, category, item): Row}, in sheet order."""
    periods = {}
    for path in sorted(RETURNS.glob("*/*.xlsx")):
        sheet = load_workbook(path).active
        rows = {}
        for cells in sheet.iter_rows(min_row=4):
            if cells[1].value is None:
                continue
            key = tuple(cell.value for cell in cells[:3])
            assert key not in rows, (path, key)
            rows[key] = Row(cells)
        periods[path.parent.name] = rows
    return periods


def previous(period):
    return str(int(period) - 1) if re.fullmatch(r"\d{4}", period) else None


def add(intervals):
    intervals = list(intervals)
    return sum(low for low, _ in intervals), sum(high for _, high in intervals)


def minus(a, b):
    return a[0] - b[1], a[1] - b[0]


def per_cent(a, b):
    assert b[0] > 0
    corners = [100 * x / y for x in a for y in b]
    return min(corners), max(corners)


def overlap(a, b):
    return a[0] <= b[1] and b[0] <= a[1]


def verdict(passed):
    return PASS if passed else FAIL


def base_of_share(table, category, item):
    """The row of which a published share is a part, as the bulletin's sentence says."""
    if table == "党员":
        return PARTY
    if table == "发展党员":
        return RECRUITS
    if table == "带头人" and item.endswith("书记大专及以上"):
        return table, category, item[: -len("大专及以上")]
    return None


def share_tests(rows):
    for key, row in rows.items():
        if row.share is None and row.share_text is None:
            continue
        base = rows.get(base_of_share(*key))
        if row.share is None or row.value is None or base is None:
            yield key, NOT_EVALUATED
        else:
            recomputed = per_cent(row.value.interval(), base.value.interval())
            yield key, verdict(overlap(recomputed, row.share.interval()))


def total_of_change(key):
    table, category, item = key
    if category == "组织类型净增":
        return table, "组织类型", item
    return {"党员净增": PARTY, "基层组织净增": ORGANISATIONS, "发展党员比上年增减": RECRUITS}.get(item)


def growth_tests(rows, before):
    for key, row in rows.items():
        if row.growth is None:
            continue
        total = total_of_change(key)
        if total in before:
            base = before[total].value.interval()
        elif total in rows:
            base = minus(rows[total].value.interval(), row.value.interval())
        else:
            yield key, NOT_EVALUATED
            continue
        recomputed = per_cent(row.value.interval(), base)
        yield key, verdict(overlap(recomputed, row.growth.interval()))


def stock_tests(rows, before):
    """Last year + net = this year; 'flow' for recruits, which are not a stock."""
    for key, row in rows.items():
        total = total_of_change(key)
        if total is None:
            continue
        kind = "flow" if total == RECRUITS else "stock"
        if total in rows and total in before:
            change = minus(rows[total].value.interval(), before[total].value.interval())
            yield kind, key, verdict(overlap(change, row.value.interval()))
        else:
            yield kind, key, NOT_EVALUATED


def point_tests(rows, before, all_periods):
    """Changes in percentage points are differences of printed shares, exactly."""
    shares = {
        "女党员": ("党员", "性别", "女党员"),
        "少数民族党员": ("党员", "民族", "少数民族党员"),
        "大专及以上": ("党员", "学历", "大专及以上"),
    }
    for key, row in rows.items():
        if row.unit != "个百分点":
            continue
        name, _, since = key[2].partition("占比比")
        then = before if since == "上年" else all_periods[since.removesuffix("年底")]
        now, past = (source.get(shares[name]) for source in (rows, then))
        if now is None or past is None or now.share is None or past.share is None:
            yield key, NOT_EVALUATED
        else:
            yield key, verdict(now.share.value - past.share.value == row.value.value)


EIGHT_AGES = ["30岁及以下", "31至35岁", "36至40岁", "41至45岁", "46至50岁", "51至55岁", "56至60岁",
              "61岁及以上"]
OCCUPATIONS = ["工人(工勤技能人员)", "农牧渔民", "专业技术人员", "管理人员", "党政机关工作人员", "学生",
               "其他职业人员"]
# (kind, total, table, category, the lists of parts that have been in use)
WHOLES = [
    ("sum", ORGANISATIONS, "党组织", "组织类型", [["基层党委", "总支部", "支部"]]),
    ("sum", PARTY, "党员", "年龄", [["35岁及以下", "36至45岁", "46至60岁", "61岁及以上"], EIGHT_AGES]),
    ("sum", PARTY, "党员", "入党时间", [
        ["新中国成立前", "新中国成立后至文革前", "文革期间", "粉碎四人帮至十一届三中全会前",
         "十一届三中全会后至十六大前", "十六大后至十八大前", "十八大以来"],
        ["新中国成立前", "新中国成立后至十一届三中全会前", "十一届三中全会后至十八大前", "十八大以来"]]),
    ("sum", PARTY, "党员", "职业", [
        ["工人", "农牧渔民", "党政机关工作人员", "企事业单位管理人员和专业技术人员", "学生", "离退休人员",
         "其他职业人员"],
        [*OCCUPATIONS, "离退休人员"]]),
    ("sum", RECRUITS, "发展党员", "职业", [OCCUPATIONS]),
    ("sum-other", ("党组织", "地方委员会", "地方委员会合计"), "党组织", "地方委员会",
     [["省级", "市级", "县级"]]),
    ("sum-other", ("党组织", "总数", "基层组织净增"), "党组织", "组织类型净增",
     [["基层党委", "总支部", "支部"]]),
]


def sum_tests(rows):
    for kind, total, table, category, lists in WHOLES:
        known = {(table, category, item) for items in lists for item in items}
        if not known & rows.keys() or total not in rows:
            continue
        complete = [items for items in lists if all((table, category, i) in rows for i in items)]
        if not complete:
            yield kind, total, table, category, NOT_EVALUATED
            continue
        parts = add(rows[table, category, item].value.interval() for item in complete[0])
        passed = overlap(parts, rows[total].value.interval())
        yield kind, total, table, category, verdict(passed)


def tests(periods):
    for period, rows in periods.items():
        before = periods.get(previous(period), {})
        for key, result in share_tests(rows):
            yield "share", period, *key, result
        for key, result in growth_tests(rows, before):
            yield "growth", period, *key, result
        for key, result in point_tests(rows, before, periods):
            yield "points", period, *key, result
        for kind, key, result in stock_tests(rows, before):
            yield kind, period, *key, result
        for kind, _, table, category, result in sum_tests(rows):
            yield kind, period, table, category, "", result


# Figures: id -> (decimals, how). How: ("sum", items), ("rate", items), ("growth", items) or
# ("ratio", items, base items) or ("net", net item, total item), items as (category, item).
def figure_rules():
    rules = {}

    def sums(name, table, *items, decimals=1, scaled=False):
        rules[name] = ("scaled" if scaled else "sum", decimals, table, items)

    def rates(name, table, *items, decimals=1):
        rules[name] = ("rate", decimals, table, items)

    def part(name, table, *items):
        base = {"党员": PARTY, "发展党员": RECRUITS, "党组织": ORGANISATIONS}[table][1:]
        rules[name] = ("ratio", 1, table, items, (base,))

    sums("members_total", "党员", PARTY[1:])
    sums("members_net", "党员", ("总数", "党员净增"))
    rules["members_growth"] = ("net", 1, "党员", ("总数", "党员净增"), PARTY[1:])
    part("female_share", "党员", ("性别", "女党员"))
    part("minority_share", "党员", ("民族", "少数民族党员"))
    part("college_share", "党员", ("学历", "大专及以上"))
    age = lambda *items: [("年龄", item) for item in items]
    part("age_to35_share", "党员", *age("35岁以下", "35岁及以下", "30岁及以下", "31至35岁"))
    part("age_36_45_share", "党员", *age("36至45岁", "36至40岁", "41至45岁"))
    part("age_46_60_share", "党员", *age("46至60岁", "46至50岁", "51至55岁", "56至60岁"))
    part("age_61_share", "党员", *age("61岁及以上"))
    for name, item in zip(["to30", "31_35", "36_40", "41_45", "46_50", "51_55", "56_60"], EIGHT_AGES):
        part(f"age8_{name}_share", "党员", *age(item))
    work = lambda *items: [("职业", item) for item in items]
    part("worker_share", "党员", *work("工人", "工人(工勤技能人员)"))
    part("farmer_share", "党员", *work("农牧渔民"))
    part("professional_share", "党员", *work("专业技术人员"))
    part("manager_share", "党员", *work("管理人员"))
    part("official_share", "党员", *work("党政机关工作人员"))
    part("student_share", "党员", *work("学生"))
    part("other_work_share", "党员", *work("其他职业人员"))
    part("retired_share", "党员", *work("离退休人员"))
    rates("worker_farmer_rate", "党员", ("职业", "工人和农民占比(仅占比)"))
    part("joined_before_1949_share", "党员", ("入党时间", "新中国成立前"))
    part("joined_since_2012_share", "党员", ("入党时间", "十八大以来"))

    sums("recruits", "发展党员", RECRUITS[1:])
    sums("recruits_change", "发展党员", ("总数", "发展党员比上年增减"))
    rules["recruits_growth"] = ("growth", 1, "发展党员", (("总数", "发展党员比上年增减"),))
    part("recruits_female_share", "发展党员", ("性别", "女党员"))
    part("recruits_minority_share", "发展党员", ("民族", "少数民族党员"))
    part("recruits_to35_share", "发展党员", ("年龄", "35岁及以下"))
    part("recruits_college_share", "发展党员", ("学历", "大专及以上"))
    part("recruits_frontline_share", "发展党员", ("一线", "生产工作一线"))
    part("recruits_worker_share", "发展党员", *work("工人", "工人(工勤技能人员)"))
    sums("applicants", "发展党员", ("队伍", "入党申请人"))
    sums("activists", "发展党员", ("队伍", "入党积极分子"))

    sums("organisations_total", "党组织", ORGANISATIONS[1:])
    sums("organisations_net", "党组织", ("总数", "基层组织净增"))
    rules["organisations_growth"] = ("net", 1, "党组织", ("总数", "基层组织净增"), ORGANISATIONS[1:])
    for name, item in [("committees", "基层党委"), ("general_branches", "总支部"), ("branches", "支部")]:
        sums(name, "党组织", ("组织类型", item))
    part("branch_share", "党组织", ("组织类型", "支部"))
    sums("local_committees", "党组织", ("地方委员会", "地方委员会合计"), decimals=0)

    rates("nonpublic_coverage", "组织覆盖", ("非公", "符合组建条件的非公企业已建立"),
          ("非公", "非公有制企业已建立(占具备组建条件的)"), ("非公", "非公有制企业已建立(占非公企业总数)"),
          decimals=2)
    sums("nonpublic_covered", "组织覆盖", ("非公", "非公有制企业已建立(占具备组建条件的)"),
         ("非公", "非公有制企业已建立(占非公企业总数)"),
         ("非公", "非公有制企业法人单位已建立(新口径,未公布占比)"))
    eligible = "已建立(占具备组建条件的)"
    rates("social_group_coverage", "组织覆盖", ("社会组织", "社会团体" + eligible), decimals=2)
    rates("private_nonprofit_coverage", "组织覆盖", ("社会组织", "民办非企业单位" + eligible), decimals=2)
    sums("social_covered", "组织覆盖", ("社会组织", "社会团体" + eligible),
         ("社会组织", "民办非企业单位" + eligible),
         ("社会组织", "社会组织法人单位已建立(新口径,未公布占比)"), decimals=2)
    rates("organ_coverage", "组织覆盖", ("单位", "公有制企业和机关单位覆盖面"), ("单位", "机关覆盖面"),
          ("单位", "机关单位已建立党组织"), decimals=2)
    sums("organ_organisations", "组织覆盖", ("单位", "机关单位已建立党组织"), ("领域", "机关基层党组织"))
    rates("institution_coverage", "组织覆盖", ("单位", "事业单位覆盖率"), ("单位", "事业单位覆盖面"),
          ("单位", "事业单位已建立党组织"), decimals=2)
    rates("public_enterprise_coverage", "组织覆盖", ("单位", "公有制企业覆盖面"),
          ("单位", "公有制企业已建立党组织"), decimals=2)
    for name, item in [("institution", "事业单位"), ("enterprise", "企业"), ("social", "社会组织")]:
        sums(f"{name}_organisations", "组织覆盖", ("领域", item + "基层党组织"))
    for name, item in [("street", "城市街道"), ("township", "乡镇"), ("community", "社区"),
                       ("village", "建制村")]:
        sums(f"{name}_covered", "组织覆盖", ("地域", item + "已建立党组织"), decimals=0, scaled=True)

    for name, item in [("village", "村党组织书记"), ("community", "社区党组织书记")]:
        sums(f"{name}_secretaries", "带头人", ("书记", item))
        rules[f"{name}_secretary_college_share"] = (
            "ratio", 1, "带头人", (("书记", item + "大专及以上"),), (("书记", item),))
    rates("village_secretary_rich_rate", "带头人", ("书记", "村党组织书记中致富带头人占比"))
    rates("village_secretary_coop_rate", "带头人", ("书记", "村党组织书记中合作社负责人占比"))
    sums("reviewed_members", "组织生活", ("民主评议", "参加民主评议党员"))
    return rules


def collect(rows, table, items, attribute):
    found = [rows[(table, *item)] for item in items if (table, *item) in rows]
    return [(row, getattr(row, attribute).value) for row in found if getattr(row, attribute)]


def compute(rule, rows):
    """(numerator, denominator, value) or None when nothing can be computed."""
    how, _, table, items, *rest = rule
    if how == "net":
        net, total = (rows.get((table, *item)) for item in (items, rest[0]))
        if net is None or total is None:
            return None
        base = total.value.value - net.value.value
        return net.value.value, base, 100 * net.value.value / base
    attribute = {"rate": "share", "growth": "growth"}.get(how, "value")
    found = collect(rows, table, items, attribute)
    if not found:
        return None
    numerator = sum(
        value * (10000 if how == "scaled" and row.unit.startswith("万") else 1)
        for row, value in found
    )
    if how in ("sum", "scaled"):
        return numerator, None, numerator
    if how in ("rate", "growth"):
        assert len(found) == 1
        return numerator, Fraction(1), numerator
    base = collect(rows, table, rest[0], "value")
    if not base:
        return None
    denominator = sum(value for _, value in base)
    return numerator, denominator, 100 * numerator / denominator


def rounded(value, decimals):
    """Half away from zero, as text."""
    scaled = abs(value) * 10**decimals
    units = int(scaled + Fraction(1, 2))
    sign = "-" if value < 0 and units else ""
    digits = str(units).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def plain(value):
    """An exact decimal without trailing zeros."""
    if value is None:
        return ""
    text = rounded(value, 4)
    assert Fraction(text) == value
    return text.rstrip("0").rstrip(".")


def write(name, header, rows):
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    periods = read_all()
    results = list(tests(periods))
    write("national.csv", ["kind", "period", "table", "category", "item", "result"], results)
    figures = []
    for period, rows in periods.items():
        for name, rule in figure_rules().items():
            computed = compute(rule, rows)
            if computed:
                numerator, denominator, value = computed
                figures.append([f"{name}@{WHOLE}@{period}", plain(numerator), plain(denominator),
                                rounded(value, rule[1])])
    write("national_figures.csv", ["figure_id@period", "numerator", "denominator", "value"], figures)

    tallies = {}
    for kind, *_, result in results:
        tallies[kind, result] = tallies.get((kind, result), 0) + 1
    for (kind, result), count in sorted(tallies.items()):
        print(kind, result, count)
    print("figures", len(figures))


if __name__ == "__main__":
    main()
