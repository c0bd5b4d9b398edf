"""F04: the yearly review of rural members, September 2013."""

from fractions import Fraction

from chance import Stream

BASE = {"在职干部类": 140, "骨干类": 150, "普通类": 160, "流动类": 160, "年老体弱类": 166}
GRADES = ["优秀", "合格", "基本合格", "不合格"]

# Told in the README, by the branch's short name.
MANY_EXCELLENT = "东沟村党支部"
ALL_QUALIFIED = "下其至村党支部"
LOWERED = ["里长村党支部", "简会村党支部", "旧寨村党支部"]


def band(double):
    return GRADES[0] if double >= 180 else GRADES[1] if double >= 150 else GRADES[2] if double >= 120 else GRADES[3]


def rows(organisations):
    """{unit: rows}: every member of every rural branch."""
    result, number = {}, 0
    for o in organisations:
        state = o.state.get("2013H1")
        if o.domain != "农村" or o.kind != "党支部" or state["status"] != "在册":
            continue
        total, probationary = state["full"] + state["prob"], state["prob"]
        excellent, branch, tails = 0, [], set()
        for place in range(total):
            number += 1
            s = Stream("member", o.code, place)
            tail = f"{s.whole(0, 999):03d}{s.pick('0123456789X')}"
            branch.append(_member(o, s, number, tail, place, total, place >= total - probationary))
        _settle(o, branch, total)
        result.setdefault(o.unit, []).extend(branch)
    return result


def _member(o, s, number, tail, place, total, probationary):
    kind = "骨干类" if place < min(4, total // 3 + 1) else s.weighted([("普通类", 50), ("年老体弱类", 24), ("流动类", 18), ("在职干部类", 4)])
    row = {"org_code": o.code, "name": f"党员{number:04d}", "id_tail": tail, "member_class": kind}
    reason = None
    if probationary:
        reason = "预备期"
    elif kind == "流动类" and s.happens(260):
        reason = "外出流动"
    elif kind == "年老体弱类" and s.happens(110):
        reason = "年老病重"
    row["absent_reason"] = reason
    row["_double"] = None
    if reason:
        return row
    base = BASE[kind]
    goal = s.weighted([(s.whole(181, 194), 20), (s.whole(151, 178), 66), (s.whole(122, 148), 12), (s.whole(100, 117), 2)])
    row["_base"], row["_double"] = base, goal
    return row


def _settle(o, branch, total):
    """Cap of excellent members, ballots, three opinions."""
    reviewed = [row for row in branch if row["_double"] is not None]
    excellent = [row for row in reviewed if row["_double"] >= 180]
    cap = total // 3
    if o.short == MANY_EXCELLENT:
        for row in reviewed:
            if row["_double"] < 180 and len(excellent) <= cap:
                row["_double"] = 181 + len(excellent)
                excellent.append(row)
    else:
        for row in excellent[cap:]:
            row["_double"] = 170
    if o.short == ALL_QUALIFIED:
        for row in reviewed:
            row["_double"] = max(151, min(176, row["_double"]))
    elif reviewed and all(band(row["_double"]) == "合格" for row in reviewed):
        reviewed[-1]["_double"] = 140
    due = len(branch)
    votes_in = len(reviewed)
    lowered = False
    for place, row in enumerate(branch):
        s = Stream("review", o.code, place)
        if row["_double"] is None:
            continue
        double, base = row["_double"], row["_base"]
        cut = s.whole(0, 12) if double >= base else base - double + s.whole(0, 8)
        add = double - base + cut
        row.update(score_base=Fraction(base, 2), score_add=Fraction(add, 2), score_cut=Fraction(cut, 2), score=Fraction(double, 2))
        excellent_votes = votes_in * max(0, min(95, (double - 110))) // 100
        qualified = (votes_in - excellent_votes) * s.whole(60, 90) // 100
        basic = (votes_in - excellent_votes - qualified) * s.whole(40, 100) // 100
        rest = votes_in - excellent_votes - qualified - basic
        abstain = 1 if rest > 1 and s.happens(500) else 0
        row.update(voters_due=due, votes=votes_in, v_excellent=excellent_votes, v_ok=qualified, v_basic=basic, v_fail=rest - abstain, v_abstain=abstain)
        final = band(double)
        if o.short in LOWERED and final == "合格" and not lowered:
            # The masses' opinion weighed: one grade below the points, with a note.
            final, lowered = "基本合格", True
        town = final
        if s.happens(12) and final != "优秀":
            town = GRADES[GRADES.index(final) - 1]
        opinion = town
        if s.happens(25) and town != "优秀":
            opinion = GRADES[GRADES.index(town) - 1]
        elif s.happens(8) and town == "优秀":
            opinion = "合格"
        row.update(grade_branch=opinion, grade_town=town, grade_final=final)
        row["disposal"] = s.weighted([("限期改正", 7), ("劝退", 1), ("除名", 1)]) if final == "不合格" else None
