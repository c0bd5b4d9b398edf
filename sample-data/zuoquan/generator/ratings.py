"""F05: grades of organisations in the rounds of 2012 and 2013."""

import datetime
from fractions import Fraction

from chance import Stream
from organisations import RATING_DOMAIN

GRADES = ["好", "较好", "一般", "较差"]
ITEMS = [("s_leader", 20), ("s_plan", 10), ("s_rules", 15), ("s_venue", 15), ("s_support", 10), ("s_result", 15), ("s_masses", 15)]
PROBLEMS = ["班子不团结", "活动场所年久失修", "党员教育管理松散", "集体经济薄弱", "工作思路不清", "制度落实不到位"]
HALF_OF = {"2012": "2012H2", "2013": "2013H1"}

# Told in the README: organisations that rose two grades (2013), by short name.
JUMPS = ["上会村党支部", "后寨村党支部"]
# Graded two below their own opinion.
LENIENT = ["鹿鸣村党支部", "百货公司党支部"]


def grade_of(score):
    return GRADES[0] if score >= 90 else GRADES[1] if score >= 80 else GRADES[2] if score >= 60 else GRADES[3]


def rows(organisations, year):
    """{unit: rows}, one row a registered general branch or branch."""
    result = {}
    half = HALF_OF[year]
    for o in organisations:
        state = o.state.get(half)
        if not state or state["status"] != "在册" or o.kind not in ("党总支", "党支部", "联合党支部"):
            continue
        result.setdefault(o.unit, []).append(_row(o, state, year))
    return result


def score_of(o, year):
    """Twice the score, so that half points stay whole."""
    s = Stream("score", o.code)
    start = s.weighted([(s.whole(180, 190), 12), (s.whole(162, 178), 46), (s.whole(126, 158), 31), (s.whole(96, 116), 11)])
    if o.domain in ("机关", "事业单位"):
        start = min(192, start + 6)
    if o.short in JUMPS:
        start = 108
    if o.short in LENIENT:
        start = 136
    if year == "2012":
        return start
    t = Stream("score", o.code, year)
    if o.short in JUMPS:
        return 171
    if o.short in LENIENT:
        return 142
    later = start + t.weighted([(t.whole(3, 10), 50), (t.whole(10, 20), 32), (t.whole(-5, -1), 18)])
    if start >= 160:
        later = start + t.weighted([(t.whole(0, 5), 60), (t.whole(6, 14), 18), (t.whole(-5, -1), 22)])
    if start < 120:
        later = start + t.weighted([(t.whole(12, 26), 70), (t.whole(0, 4), 30)])
        later = later if later < 120 or t.happens(900) else 119
    # One grade up or down at most.
    before, bounds = GRADES.index(grade_of(Fraction(start, 2))), [(180, 194), (160, 179), (120, 159), (80, 119)]
    low, high = bounds[min(before + 1, 3)][0], bounds[max(before - 1, 0)][1]
    return max(low, min(high, later))


def _row(o, state, year):
    s = Stream("rating", o.code, year)
    double = score_of(o, year)
    items, left = {}, double
    for place, (name, full) in enumerate(ITEMS):
        rest = sum(f for _, f in ITEMS[place + 1:]) * 2
        fair = left * full * 2 // (full * 2 + rest) if rest else left
        value = max(left - rest, min(full * 2, fair + s.whole(-2, 2), left)) if rest else left
        items[name], left = value, left - value
    assert left == 0 and all(0 <= items[n] <= f * 2 for n, f in ITEMS), (o.short, items)
    score = Fraction(double, 2)
    grade = grade_of(score)
    own = min(198, double + s.whole(0, 5))
    if GRADES.index(grade_of(Fraction(own, 2))) - GRADES.index(grade) < -1:
        own = double
    if o.short in LENIENT and year == "2013":
        own = min(198, {"好": 194, "较好": 194, "一般": 184, "较差": 164}[grade])
    members = (state["full"] or 0) + (state["prob"] or 0)
    if o.kind == "党总支":
        members = s.whole(20, 40)
    # The habits of a branch stay; the second round differs a little.
    h = Stream("ballots", o.code)
    voted = members - (h.weighted([(0, 5), (1, 3), (2, 2)]) if members > 6 else 0)
    masses = h.whole(10, 46) + (s.whole(-2, 3) if year == "2013" else 0)
    ballots = voted + masses
    good = ballots * max(0, min(96, score_of(o, "2012") - 90 + (double - score_of(o, "2012")) // 3 + h.whole(-6, 6))) // 110
    good = min(good, ballots)
    fairly = min(ballots - good, (ballots - good) * h.whole(40, 75) // 100)
    mid = min(ballots - good - fairly, (ballots - good - fairly) * h.whole(50, 95) // 100)
    row = {
        "org_code": o.code, "domain": RATING_DOMAIN[o.domain],
        "self_score": Fraction(own, 2), "self_grade": grade_of(Fraction(own, 2)),
        "members_due": members, "members_voted": voted, "masses_voted": masses,
        "v_good": good, "v_fairly": fairly, "v_mid": mid, "v_poor": ballots - good - fairly - mid,
        **{name: Fraction(value, 2) for name, value in items.items()},
        "score": score, "grade": grade, "prev_grade": None, "stars": None,
        "problems": None, "fix_by": None, "_short": o.short,
    }
    if year == "2013":
        if "2012H2" in o.state:
            row["prev_grade"] = grade_of(Fraction(score_of(o, "2012"), 2))
        row["stars"] = 5 if score >= 94 else 4 if score >= 88 else 3 if score >= 78 else 2 if score >= 60 else 1
    if grade == "较差":
        row["problems"] = s.pick(PROBLEMS)
        row["fix_by"] = datetime.date(int(year) + (1 if year == "2012" else 0), 6 if year == "2012" else 10, 30)
    return row
