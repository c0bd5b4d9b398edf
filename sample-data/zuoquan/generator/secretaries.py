"""F06: the joint review of secretaries at the end of 2012; that of 2013 is not due before December."""

import datetime
from fractions import Fraction

import layout
import ratings
from chance import Stream
from county import CODE_OF, TOWNSHIPS, UNIT_NAMES
from separate import OFFICE, explain, post, rounded, sheet_of

D = datetime.date
FORM = "secretary_review"
FOLDER, YEAR = "2012-12", "2012"
ALL = ["ballots_out", "ballots_in", "ballots_valid", "v_good", "v_fairly", "v_mid", "v_poor"]
OWN = ["own_valid", "own_good", "own_fairly", "own_mid", "own_poor"]
layout.BLANKS[FORM] = ("党组织书记联述联评联考汇总表", "张、分", [
    ("", ["name", "org_code", "committee", "level", "since"]), ("述职评议", ["report_mode", "held_on"]),
    ("测评票(张)", ALL), ("其中", OWN),
    ("得分", ["vote_score", "daily_score", "field_score", "bonus", "score"]), ("结果", ["grade", "rank", "use"])])
layout.ADDED[FORM] = ALL + OWN

# Shares of a hundred: own meeting and the one above make the 40 of the ballots.
WEIGHTS = {"乡": (30, 30), "村": (40, 20)}
MARKS = (100, 85, 60, 0)
# Told in the README, by the branch's short name.
NOT_REVIEWED = "红崖峪村党支部"
FEW_BALLOTS = "五里庄村党支部"
GOOD_OF_POOR = "长岭庄村党支部"
TWINS = ("金盆沟村党支部", "小平堡村党支部", "槐树湾村党支部")


def _meeting(s, level, out):
    """Ballots of one meeting: out, in, valid, four grades. `level` is out of 100."""
    came = out - s.weighted([(0, 5), (1, 3), (2, 1)])
    valid = came - s.weighted([(0, 8), (1, 1)])
    good = valid * max(5, min(95, 2 * level - 105 + s.whole(-5, 5))) // 100
    fairly = (valid - good) * s.whole(60, 80) // 100
    mid = (valid - good - fairly) * s.whole(70, 100) // 100
    return out, came, valid, good, fairly, mid, valid - good - fairly - mid


def _mean(meeting):
    return Fraction(sum(mark * n for mark, n in zip(MARKS, meeting[3:])), meeting[2])


def _row(world, o, level, name):
    s = Stream("secretary", name)
    if level == "乡":
        quality = 88 + s.whole(-7, 7)
        above, own = _meeting(s, quality, 38), _meeting(s, quality, s.whole(40, 60))
    else:
        quality = min(96, 46 + ratings.score_of(o, YEAR) // 4)
        if o.short == GOOD_OF_POOR:
            quality = 97
        above, own = _meeting(s, quality, s.whole(11, 15)), _meeting(s, quality, s.whole(22, 38))
        if o.short == FEW_BALLOTS:
            own = (own[0] + 14, *own[1:])
    total = [a + b for a, b in zip(above, own)]
    vote = rounded((3 * _mean(above) + 2 * _mean(own)) / 5)
    base = min(97, quality + s.whole(0, 3))
    daily, field = Fraction(2 * base + s.whole(-5, 3), 2), Fraction(2 * base + s.whole(-7, 3), 2)
    bonus = Fraction(s.weighted([(0, 10), (1, 3), (2, 1), (-1, 1)]), 2)
    if o.short == GOOD_OF_POOR:
        bonus = Fraction(3)
    first, second = WEIGHTS[level]
    score = rounded((40 * vote + first * daily + second * field + 100 * bonus) / 100)
    grade = "好" if score >= 90 else "较好" if score >= 80 else "一般" if score >= 60 else "差"
    state = o.state["2012H2"]
    return {
        "name": state["secretary"], "org_code": o.code, "committee": UNIT_NAMES[o.unit], "level": level, "since": state["since"],
        "report_mode": "口头" if level == "乡" or s.happens(700) else "书面", "held_on": D(2012, 12, 26) if level == "乡" else D(2012, 12, 10 + Stream("meeting", o.unit).whole(0, 10)),
        **dict(zip(ALL, total)), **dict(zip(OWN, own[2:])),
        "vote_score": vote, "daily_score": daily, "field_score": field, "bonus": bonus, "score": score, "grade": grade,
        "_short": o.short,
    }


def _rank(mine):
    for record in mine:
        record["rank"] = 1 + sum(other["score"] > record["score"] for other in mine)
    for record in mine:
        record["use"] = "表彰" if record["rank"] <= 2 and record["grade"] == "好" else {"一般": "提醒谈话", "差": "约谈"}.get(record["grade"], "无")
    low = [record for record in mine if record["grade"] == "差"]
    if low:
        min(low, key=lambda record: record["score"])["use"] = "调整"
    return mine


def rows(world, unit):
    if unit == OFFICE:
        top = [o for o in world.organisations if o.kind in ("党委", "党工委")]
        return _rank([_row(world, o, "乡", o.code) for o in top])
    mine = []
    for o in world.organisations:
        state = o.state.get("2012H2")
        if o.unit != CODE_OF[unit] or o.domain != "农村" or not state or state["secretary"] is None or o.short == NOT_REVIEWED:
            continue
        record = _row(world, o, "村", o.code)
        if o.short in TWINS[1:]:
            # The same marks: they share a place, and the next place is left free.
            first = _row(world, world.short[TWINS[0]], "村", world.short[TWINS[0]].code)
            record.update({key: first[key] for key in [*ALL, *OWN, "vote_score", "daily_score", "field_score", "bonus", "score", "grade"]})
        mine.append(record)
    return _rank(mine)


def add(world, month):
    if month.folder != FOLDER:
        return
    for unit in [UNIT_NAMES[code] for code in TOWNSHIPS] + [OFFICE]:
        mine = rows(world, unit)
        sheet = sheet_of(FORM, unit, FOLDER, f"{YEAR}年度", mine, typing=15)
        post(month, unit, "书记联述联评联考", f"{YEAR}年度", "联述联评联考", sheet)
        for index, record in enumerate(mine):
            if record["_short"] == FEW_BALLOTS:
                explain(month, "F06-04", unit, FORM, sheet.address(index, "ballots_in"), "部分村民代表外出务工，到会人数符合规定。")
            if record["_short"] == GOOD_OF_POOR and record["grade"] == "好":
                explain(month, "F06-06a", unit, FORM, sheet.address(index, "grade"), "书记新到任，述职测评好；村里基础差，镇党委研究同意。")
    o = world.short[NOT_REVIEWED]
    explain(month, "F06-03b", UNIT_NAMES[o.unit], FORM, "", "红崖峪村书记住院，经镇党委同意延期述职。")
