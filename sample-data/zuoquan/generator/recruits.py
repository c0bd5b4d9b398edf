"""F03, F03V, F03N, F03P, F03Y: recruiting of members, 2012-10 to 2013-09.

Every person is one record with the dates of all steps, also those to come; a quarter's register
shows what had happened by its end. Probationary members agree with the register of organisations
(F00) at the end of each half-year.
"""

import datetime
from dataclasses import dataclass, field

from chance import Stream
from county import TOWNSHIPS, UNIT_NAMES, is_working_day

D = datetime.date
DAY = datetime.timedelta(1)

QUARTER_END = {"2012-12": D(2012, 12, 31), "2013-03": D(2013, 3, 31), "2013-06": D(2013, 6, 30), "2013-09": D(2013, 9, 30)}
QUARTER_START = {"2012-12": D(2012, 10, 1), "2013-03": D(2013, 1, 1), "2013-06": D(2013, 4, 1), "2013-09": D(2013, 7, 1)}
PLAN_OF = {"2012-12": 2012, "2013-03": 2013}
LEAVES = ("党支部", "联合党支部")

BRANCH_COMMITTEE = "支委会票决(积极分子/发展对象)"
ADMISSION = "支部大会票决(接收预备)"
APPROVAL = "党委会票决(审批)"
REGULAR = "支部大会票决(转正)"

# Told in the README.
CROWDED = "140722308"       # 卫生系统: most recruits of 2012 in December
ABOVE_SHARE = "140722200"   # 寒王乡: more recruits than its share in the third quarter
UNANIMOUS = "140722201"     # 石匣乡: every vote of the third quarter unanimous, unexplained
NOTICE_ACTIVISTS = "140722100"  # 辽阳镇 posts activists too


def months_later(day, months):
    total = day.month - 1 + months
    return D(day.year + total // 12, total % 12 + 1, min(day.day, 28))


@dataclass
class Person:
    number: str
    name: str
    unit: str
    org: object
    born: D
    sex: str
    ethnic: str
    education: str
    occupation: str
    front: bool
    applied: D
    activist: D
    target: D
    admitted: D
    approved: D
    regular: D = None
    extended_on: D = None
    extended_to: D = None
    cancelled: D = None
    former: object = None   # the branch before p.org was founded
    failed: D = None        # the branch meeting said no
    void_on: D = None       # an invalid meeting a week before
    votes: list = field(default_factory=list)
    notices: list = field(default_factory=list)

    def stage(self, end):
        if self.cancelled and self.cancelled <= end:
            return "取消资格"
        if self.failed and self.failed <= end:
            return "未通过"
        if self.regular and self.regular <= end:
            return "正式党员"
        if self.extended_on and self.extended_on <= end:
            return "延长预备期"
        for day, name in ((self.approved, "预备党员"), (self.target, "发展对象"), (self.activist, "积极分子"), (self.applied, "申请人")):
            if day and day <= end:
                return name
        return None


def build(organisations):
    """{unit: persons} in the order of their numbers."""
    people = {unit: [] for unit in UNIT_NAMES}
    for unit in UNIT_NAMES:
        branches = [o for o in organisations if o.unit == unit and o.kind in LEAVES]
        for o in branches:
            _members_of(people[unit], o)
        living = [o for o in branches if o.state["2013H1"]["status"] == "在册" and o.state["2013H1"]["full"] >= 5]
        s = Stream("recruits", unit)
        share = sum(o.state["2013H1"]["full"] for o in living)
        # Third quarter, October, and those on the way.
        for count, first, last in [
            (max(1, share // 105) + (3 if unit == ABOVE_SHARE else 0), D(2013, 7, 2), D(2013, 9, 26)),
            (s.whole(0, 2), D(2013, 10, 8), D(2013, 10, 30)),
            (max(1, share // 150), D(2013, 11, 5), D(2013, 12, 20)),
            (max(3, share // 45), D(2014, 3, 1), D(2015, 6, 20)),
            (max(4, share // 40), D(2015, 7, 1), D(2016, 6, 20)),
        ]:
            for place in range(count):
                o = s.pick(living)
                t = Stream("recruit", unit, first, place)
                approved = first + DAY * t.whole(0, (last - first).days)
                _add(people[unit], o, t, approved=approved)
        # An applicant of a branch founded later was first with another branch of the committee.
        before = next((o for o in living if "2012H2" in o.state), None)
        for p in people[unit]:
            p.former = p.org if "2012H2" in p.org.state else before
        people[unit].sort(key=lambda p: (p.applied, p.org.code, p.admitted))
    _story(people)
    number = 0
    for unit, list_ in people.items():
        for place, p in enumerate(list_, 1):
            number += 1
            p.number, p.name = f"FZ{unit[-3:]}{place:03d}", f"申请人{number:04d}"
            _events(p)
    return people


def _members_of(list_, o):
    """Probationary members as the register of organisations counts them."""
    before, after = o.state.get("2012H2"), o.state.get("2013H1")
    had = before["prob"] if before and before["status"] == "在册" else 0
    if after and after["status"] != "在册":
        # The branch was closed; its probationary members went elsewhere and are kept here.
        after = None
    now = after["prob"] if after else had
    if before and after and not hasattr(o, "members_by_half"):
        joined = max(0, after["full"] - before["full"])
    else:
        joined = max(0, had - now)
    new = now - had + joined
    for place in range(had):
        s = Stream("probationary", o.code, place)
        if place < joined:
            approved = D(2012, 2, 20) + DAY * s.whole(0, 95)
        else:
            approved = s.weighted([(D(2012, 7, 20) + DAY * s.whole(0, 70), 5), (D(2012, 10, 10) + DAY * s.whole(0, 50), 4), (D(2012, 12, 1) + DAY * s.whole(0, 28), 1)])
            if o.unit == CROWDED:
                approved = [D(2012, 12, 12), D(2012, 12, 20), D(2012, 9, 14)][len(list_) % 3]
        _add(list_, o, s, approved=approved, joined=place < joined)
    for place in range(new):
        s = Stream("new-probationary", o.code, place)
        first = D(2013, 1, 10)
        if before is None:
            first = max(first, o.founded + DAY * 12)
        # A new branch's member came with it: approved in its first weeks.
        approved = first + DAY * s.whole(0, max(0, (D(2013, 6, 27) - first).days))
        _add(list_, o, s, approved=approved)


def _add(list_, o, s, approved, joined=False):
    farmer = o.domain in ("农村", "社区")
    admitted = approved - DAY * s.whole(6, 40)
    if joined:
        admitted = min(admitted, D(2012, 5, 25))
    target = admitted - DAY * s.whole(22, 70)
    activist = months_later(target, -s.whole(12, 25)) - DAY * s.whole(1, 20)
    applied = months_later(activist, -s.whole(2, 12)) - DAY * s.whole(0, 20)
    age = s.weighted([(s.whole(21, 27), 4), (s.whole(28, 35), 5), (s.whole(36, 45), 3), (s.whole(46, 54), 1)])
    born = D(admitted.year - age, s.whole(1, 12), s.whole(1, 28))
    if months_later(born, 216) > applied:
        born = months_later(applied, -222)
    if farmer:
        occupation = s.weighted([("农牧渔民", 16), ("其他职业", 2), ("学生", 1)])
    elif o.domain == "机关":
        occupation = s.weighted([("党政机关工作人员", 9), ("管理人员", 1)])
    elif o.domain == "事业单位":
        occupation = s.weighted([("专业技术人员", 9), ("管理人员", 2)])
    else:
        occupation = s.weighted([("工人", 6), ("管理人员", 2), ("专业技术人员", 2)])
    if farmer:
        education = s.weighted([("初中及以下", 4), ("高中(技校)", 6), ("中专", 2), ("大学专科", 3), ("大学本科", 1)])
    else:
        education = s.weighted([("大学本科", 8), ("大学专科", 6), ("中专", 1), ("高中(技校)", 1), ("研究生", 1)])
    p = Person("", "", o.unit, o, born, "女" if s.happens(350) else "男", "回族" if s.happens(8) else "汉族", education, occupation,
               occupation in ("农牧渔民", "工人", "专业技术人员") and not s.happens(60), applied, activist, target, admitted, approved)
    due = months_later(admitted, 12) if admitted.day <= 28 else D(admitted.year + 1, admitted.month, 28) + DAY * (admitted.day - 28)
    p.regular = due + DAY * s.whole(0, 24)
    if s.happens(60) and due.month <= 4:
        p.regular = due + DAY * s.whole(36, 50)
    if joined:
        p.regular = min(p.regular, D(2013, 6, 28))
    elif D(2013, 5, 1) < p.regular <= D(2013, 6, 30):
        # The register of organisations counts no more full members by the half-year's end.
        p.regular = D(2013, 7, 4) + DAY * s.whole(0, 20)
    list_.append(p)


def _story(people):
    """Named exceptions, all told in the README."""
    def choose(unit, first, last, which=0):
        return [p for p in people[unit] if first <= p.admitted <= last and not p.failed][which]

    # 桐峪镇: 8 of 16 came, so the meeting was void; a week later 9 of 16 said yes.
    p = next(p for p in people["140722101"] if D(2013, 7, 2) <= p.approved <= D(2013, 9, 30))
    p.org = next(q.org for q in people["140722101"] if q.org.state["2013H1"]["full"] >= 16)
    p.admitted = max(p.admitted, D(2013, 7, 12))
    p.approved = max(p.approved, p.admitted + DAY * 9)
    p.void_on = p.admitted - DAY * 7
    # 拐儿镇: the approval took more than three months, with a reason.
    p = choose("140722104", D(2013, 1, 5), D(2013, 6, 30))
    p.admitted = months_later(p.approved, -4)
    p.target = min(p.target, p.admitted - DAY * 25)
    p.activist, p.applied = min(p.activist, months_later(p.target, -14)), min(p.applied, months_later(p.target, -20))
    p.regular = months_later(p.admitted, 12) + DAY * 9
    # 县直机关: probation extended by half a year in August.
    p = next(p for p in people["140722303"] if p.regular and D(2013, 7, 10) <= p.regular <= D(2013, 9, 25))
    p.extended_on, p.extended_to = p.regular, months_later(p.admitted, 18) + DAY * 3
    p.regular = None
    # 经贸系统: probation cancelled in the third quarter.
    p = next(p for p in people["140722302"] if p.regular and D(2013, 7, 5) <= p.regular <= D(2013, 9, 26))
    p.cancelled, p.regular = p.regular, None
    # 宣教系统 and 麻田镇: the branch meeting said no.
    for unit in ("140722301", "140722102"):
        p = next(p for p in people[unit] if p.admitted > D(2014, 2, 1))
        p.target = D(2013, 7, 3)
        p.activist, p.applied = min(p.activist, D(2012, 5, 20)), min(p.applied, D(2012, 2, 10))
        p.failed = D(2013, 8, 20)
        p.admitted = p.approved = p.regular = None


def _events(p):
    """Votes (round, meeting, day, due, attended, written, yes, no, abstain, result) and notices."""
    full = (p.org.state.get("2013H1") or p.org.state["2012H2"])["full"]
    due = max(3, full)
    if p.void_on:
        due = 16

    def vote(number, meeting, day, size, passed=True):
        if not day:
            return
        s = Stream("vote", p.unit, p.org.code, p.applied, number)
        calm = p.unit == UNANIMOUS and D(2013, 7, 1) <= day <= D(2013, 9, 30)
        absent = 0 if calm else min((size - 1) // 3, s.weighted([(0, 4), (1, 3), (2, 2), (size // 5, 1)]))
        written = 1 if absent and s.happens(250) else 0
        attended = size - absent
        total = attended + written
        against = 0 if calm else s.weighted([(0, 7), (1, 2), (2, 1)]) if size > 6 else 0
        against = min(against, max(0, total - size // 2 - 1))
        if not passed:
            against = total - size * 2 // 5
        yes = total - against
        no = against // 2 if passed else against - 1
        if p.void_on and number == 2:
            attended, written, yes, no, against = 14, 0, 9, 3, 5
        p.votes.append((number, meeting, day, size, attended, written, yes, no, against - no, "通过" if passed else "未通过"))

    committee = 7 if p.unit in TOWNSHIPS else 9
    vote(1, BRANCH_COMMITTEE, p.target, 5 if due >= 20 else 3)
    if p.void_on:
        p.votes.append((2, ADMISSION, p.void_on, due, 8, 0, 0, 0, 0, "会议无效"))
    vote(2, ADMISSION, p.failed or p.admitted, due, passed=not p.failed)
    vote(3, APPROVAL, p.approved, committee)
    if p.extended_on:
        vote(4, REGULAR, p.extended_on, due, passed=False)
    elif p.cancelled:
        vote(4, REGULAR, p.cancelled, due, passed=False)
    else:
        vote(4, REGULAR, p.regular, due)

    def notice(kind, before, must=False):
        if not before:
            return
        s = Stream("notice", p.unit, p.org.code, p.applied, kind)
        end = before - DAY * s.whole(1, 5)
        length = s.weighted([(7, 6), (8, 2), (10, 2)])
        if not s.happens(250):
            # Most clerks post longer over holidays.
            while sum(is_working_day(end - DAY * i) for i in range(length)) < 5:
                length += 1
        objections = 1 if s.happens(18) else 0
        done = must or not s.happens(35)
        p.notices.append((kind, before, end - DAY * (length - 1) if done else None, end if done else None, s.weighted([("张榜", 6), ("会议", 2), ("网络", 1)]), objections))

    if p.unit == NOTICE_ACTIVISTS:
        notice("确定积极分子", p.activist, True)
    notice("确定发展对象", p.target, True)
    notice("接收预备党员", p.failed or p.admitted, True)
    notice("预备党员转正", p.regular or p.extended_on or p.cancelled)


def probation_end(p):
    if p.admitted is None:
        return None
    day = p.admitted
    return D(day.year + 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def cases(people, unit, folder):
    end = QUARTER_END[folder]
    rows = []
    for p in people[unit]:
        stage = p.stage(end)
        if not stage:
            continue
        s = Stream("case", p.number)
        seen = lambda day: day if day and day <= end else None
        activist, target, admitted, approved = seen(p.activist), seen(p.target), seen(p.admitted), seen(p.approved)
        hours = s.happens(300)
        recommend = s.weighted([("党员推荐", 6), ("群团推优", 3), ("群众推荐", 2), ("联名推荐", 1)])
        halves = ((min(end, p.target or end) - p.activist).days // 183) if activist else 0
        mentors, late = s.weighted([(2, 7), (1, 3)]), s.happens(30)
        finish = probation_end(p)
        rows.append({
            "case_no": p.number, "name": p.name, "sex": p.sex, "ethnic": p.ethnic, "birth": p.born, "education": p.education, "occupation": p.occupation,
            "front_line": p.front, "org_code": (p.org if p.org.founded <= end else p.former).code, "applied_on": p.applied, "recommend_by": recommend if activist else None,
            "activist_on": activist, "mentors": mentors if activist else None,
            "inspections": (halves - (1 if late and halves > 1 and target else 0)) if activist else None,
            "target_on": target, "introducers": 2 if target else None, "vetting": "合格" if target else None,
            "train_days": (None if hours else 3 + s.whole(0, 2)) if target and (p.failed or p.admitted) <= end else None,
            "train_hours": (24 + 8 * s.whole(0, 1) if hours else None) if target and (p.failed or p.admitted) <= end else None,
            "precheck_on": seen((p.failed or p.admitted) - DAY * 3) if target else None,
            "branch_pass_on": admitted, "approved_on": approved, "this_year": bool(approved and approved.year == end.year),
            "regular_due": bool(approved and finish and finish.year == end.year and finish <= end),
            "regular_on": seen(p.regular), "extended_times": 1 if p.extended_on and p.extended_on <= end else 0,
            "extended_to": p.extended_to if p.extended_on and p.extended_on <= end else None, "stage": stage, "_person": p,
        })
    return rows


def votes(people, unit, folder):
    first, last = QUARTER_START[folder], QUARTER_END[folder]
    names = ["round", "meeting", "held_on", "should_attend", "attended", "written", "yes", "no", "abstain", "result"]
    found = [(v[2], p.number, v) for p in people[unit] for v in p.votes if first <= v[2] <= last]
    return [{"case_no": number, **dict(zip(names, v))} for _, number, v in sorted(found)]


def notices(people, unit, folder):
    """By the day on which they end; those not held by the day of the meeting."""
    first, last = QUARTER_START[folder], QUARTER_END[folder]
    found = []
    for p in people[unit]:
        for kind, before, start, end, channel, objections in p.notices:
            day = end or before
            # The first register also tells what was posted in September for October's meetings.
            if first <= day <= last or (folder == "2012-12" and day < first <= before):
                row = {"case_no": p.number, "kind": kind, "start_on": start, "end_on": end, "channel": channel if end else None,
                       "objections": objections if end else None, "finding": ("有异议不影响" if objections else "无异议") if end else None}
                found.append((day, p.number, kind, row))
    return [row for *_, row in sorted(found, key=lambda f: f[:3])]


def approvals(people, unit, month):
    """Members recruited in a month, as F01 counts them."""
    return sum(1 for p in people[unit] if p.approved and f"{p.approved:%Y-%m}" == month)


def plan(people, unit, year):
    """The plan handed down: a little above what is done."""
    by_quarter = [0, 0, 0, 0]
    for p in people[unit]:
        if p.approved and p.approved.year == year:
            by_quarter[(p.approved.month - 1) // 3] += 1
    s = Stream("plan", unit, year)
    shares = list(by_quarter)
    if unit == ABOVE_SHARE and year == 2013:
        # Its share of the third quarter was smaller.
        shares[2] -= 2
        shares[3] += 3
    elif year == 2013:
        shares[3] += s.whole(0, 2)
    else:
        shares[s.whole(0, 3)] += s.weighted([(0, 5), (1, 3)])
    return {"committee_code": unit, "plan": sum(shares), **{f"plan_q{i + 1}": n for i, n in enumerate(shares)}}


def villages(people, organisations, unit):
    end = QUARTER_END["2013-09"]
    rows = []
    for o in organisations:
        if o.unit != unit or o.domain != "农村" or o.kind not in LEAVES or o.state["2013H1"]["status"] != "在册":
            continue
        mine = [p.approved for p in people[unit] if p.org is o and p.approved and p.approved <= end]
        rows.append({"org_code": o.code, "area_name": o.area, "recruits_last_year": sum(d.year == 2012 for d in mine), "recruits_this_year": sum(d.year == 2013 for d in mine)})
    return rows
