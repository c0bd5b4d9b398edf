"""Recomputes October 2013's composite scores of P13, independently.

    python3 tests/oracle/p13_scores.py      # writes tests/oracle/county_2013-10_p13_scores.csv

It starts from the numerators and denominators that the other programs of this folder recomputed
from the returned workbooks, with fractions; weights and full marks are said again here.
"""

import csv
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
COUNTY = "140722"
UNITS = list(csv.DictReader((HERE / "../../pipelines/zuoquan/registers/unit.csv").resolve().open(encoding="utf-8-sig")))

# class id → (indicator, weight, lower is better); every one is a rate of which 100 % is full.
TOWNSHIPS = {
    "rating": ("good_or_better", 20, False),
    "members": ("qualified_or_better", 15, False),
    "inspected": ("recruit_inspected", 10, False),
    "idle": ("recruit_idle_villages", 10, True),
    "news": ("news_quota_rate", 10, False),
    "rooms": ("room_satisfaction", 10, False),
    "pledges": ("pledge_task_rate", 15, False),
    "mending": ("mass_fix_rate", 10, False),
}
AGENCIES = {
    "rating": ("good_or_better", 30, False),
    "inspected": ("recruit_inspected", 10, False),
    "enterprises": ("eligible_coverage", 20, False),
    "news": ("news_quota_rate", 10, False),
    "pledges": ("pledge_task_rate", 20, False),
    "mending": ("mass_fix_rate", 10, False),
}
# The enterprises' register is kept by 经贸系统, 城区 and 非公工委 among the agencies.
ENTERPRISES = ["140722302", "140722304", "140722305"]


def recomputed():
    figures = {}
    for path in sorted(HERE.glob("county_2013-10*.csv")):
        if path.name != "county_2013-10_p13_scores.csv":
            for row in csv.DictReader(path.open(encoding="utf-8-sig")):
                figures[row["figure_id"]] = row
    return figures


def rounded(value, places):
    """Half away from zero; all values here are positive."""
    units = (value * 10**places * 2 + 1) // 2
    return f"{units // 10**places}.{units % 10**places:0{places}d}"


def score(name, parts, units, figures, applies):
    rows = []
    for unit in units:
        total, weights, own = Fraction(0), 0, []
        for part, (indicator, weight, lower) in parts.items():
            if not applies(part, unit):
                continue
            figure = figures[f"{indicator}@{unit}"]
            weights += weight
            if figure["value"] == "":
                total = None
                own.append((f"{name}@{unit}@{part}", "", "", "", "", weight))
                continue
            rate = Fraction(figure["numerator"]) / Fraction(figure["denominator"])
            reached = min(rate, Fraction(1))
            points = weight * (1 - reached if lower else reached)
            total = None if total is None else total + points
            own.append((f"{name}@{unit}@{part}", "", "", rounded(points, 2), figure["value"], weight))
        value = "" if total is None else rounded(total * 100 / weights, 2)
        rows += [(f"{name}@{unit}", "", "", value, "", weights), *own]
    return rows


def main():
    figures = recomputed()
    of = lambda *groups: [u["code"] for u in UNITS if u["group"] in groups]
    # All the county's units are behind some part of either: there is no county total.
    rows = [(f"township_work_score@{COUNTY}", "", "", "", "", "")]
    rows += score("township_work_score", TOWNSHIPS, of("乡镇"), figures, lambda part, unit: True)
    rows += [(f"agency_work_score@{COUNTY}", "", "", "", "", "")]
    rows += score("agency_work_score", AGENCIES, of("县直机关", "非公"), figures,
                  lambda part, unit: part != "enterprises" or unit in ENTERPRISES)
    with (HERE / "county_2013-10_p13_scores.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["figure_id", "numerator", "denominator", "value", "part_value", "part_weight"])
        writer.writerows(rows)


main()
