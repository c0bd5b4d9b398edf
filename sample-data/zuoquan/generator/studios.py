"""F07 and F07C: the delegates' studios and their cases."""

import datetime
from dataclasses import dataclass

from chance import Stream
from county import CODE_OF, FOLDERS, UNIT_NAMES, add_working_days, is_working_day, month_end, month_start, working_days_of

D = datetime.date

# Four opened by October 2013; fourteen to open.
OPENED = {"辽阳镇": D(2012, 11, 20), "宣教系统": D(2013, 3, 26), "经贸系统": D(2013, 5, 22), "县直机关": D(2013, 8, 20)}
DELEGATES = {"辽阳镇": 12, "宣教系统": 9, "经贸系统": 8, "县直机关": 15}
BUSY = {"辽阳镇": 7, "宣教系统": 5, "经贸系统": 4, "县直机关": 8}

TOPICS = [("基础设施", 24), ("产业发展", 16), ("社会保障", 14), ("教育卫生", 14), ("环境", 12), ("作风", 7), ("组织建设", 7), ("其他", 6)]
SUMMARIES = {
    "基础设施": ["村内道路破损，建议硬化", "饮水管道老化，冬季停水", "路灯不亮，夜间出行不便"],
    "产业发展": ["建议开展核桃修剪技术培训", "希望协调大棚贷款", "建议组织外出学习养殖"],
    "社会保障": ["咨询低保申请条件", "养老金发放时间问题", "建议为孤寡老人安排照料"],
    "教育卫生": ["建议增设村卫生室药品", "学校门口车辆秩序问题", "希望增加校车班次"],
    "环境": ["垃圾清运不及时", "河道有杂物", "建议增设垃圾箱"],
    "作风": ["反映办事等候时间长", "建议公开办事流程"],
    "组织建设": ["建议按时公开党务", "流动党员联系不便"],
    "其他": ["邻里用地纠纷", "建议开放阅览室"],
}
HANDLERS = ["住建局", "交通局", "农委", "民政局", "教育局", "卫生局", "环保局", "水利局", "人社局"]


@dataclass
class Case:
    number: str
    studio: str
    registered: datetime.date
    raised_by: str
    topic: str
    summary: str
    route: str
    forwarded: datetime.date
    handler: str
    due: datetime.date
    replied: datetime.date
    outcome: str
    feedback: datetime.date
    satisfaction: str


def build():
    """{unit code: cases}, oldest first."""
    result = {}
    for name, opened in OPENED.items():
        code, cases, count = CODE_OF[name], [], {}
        for folder in ["2012-11"] + FOLDERS:
            if month_end(folder) < opened:
                continue
            days = [day for day in working_days_of(folder) if day > opened]
            s = Stream("cases", code, folder)
            new = BUSY[name] + s.whole(-2, 3)
            new = new if month_start(folder) > opened else min(new, len(days))
            if folder == "2013-02":
                new //= 2
            for day in sorted(s.pick(days) for _ in range(new if days else 0)):
                year = day.year
                count[year] = count.get(year, 0) + 1
                cases.append(_case(code, f"{code}-{year}-{count[year]:03d}", day))
        result[code] = cases
    _story(result)
    return result


def _case(studio, number, day):
    s = Stream("case", number)
    route = s.weighted([("当场答复", 18), ("工作室办理", 26), ("转相关部门", 38), ("呈报县委", 10), ("转信访", 8)])
    topic = s.weighted(TOPICS)
    raised = s.weighted([("群众", 60), ("党员", 25), ("党代表", 15)])
    case = Case(number, studio, day, raised, topic, s.pick(SUMMARIES[topic]), route, None, None, add_working_days(day, 30), None, None, None, None)
    if route == "转信访":
        # Passed on at once and in the same month; out of the studio's hands.
        case.forwarded = min(add_working_days(day, s.whole(0, 4)), month_end(f"{day:%Y-%m}"))
        case.due, case.handler = None, "信访局"
        return case
    if route == "当场答复":
        case.replied = day
    elif route == "工作室办理":
        case.replied = add_working_days(day, s.weighted([(s.whole(2, 8), 60), (s.whole(9, 24), 40)]))
    else:
        case.forwarded = add_working_days(day, s.whole(0, 5))
        case.handler = s.pick(HANDLERS) if route == "转相关部门" else "县委办公室"
        case.replied = add_working_days(day, s.weighted([(s.whole(7, 16), 45), (s.whole(17, 29), 50), (30, 5)]))
    case.outcome = s.weighted([("已解决", 62), ("列入计划", 18), ("解释说明", 16), ("不能解决", 4)])
    weights = {"已解决": [("满意", 85), ("基本满意", 13), ("不满意", 2)], "列入计划": [("满意", 45), ("基本满意", 45), ("不满意", 10)], "解释说明": [("满意", 40), ("基本满意", 45), ("不满意", 15)], "不能解决": [("基本满意", 40), ("不满意", 60)]}
    case.satisfaction = s.weighted(weights[case.outcome])
    # Fed back within the month of the reply, or not revisited in it.
    feedback = add_working_days(case.replied, s.whole(0, 2))
    if feedback <= month_end(f"{case.replied:%Y-%m}") and not s.happens(60):
        case.feedback = feedback
    else:
        case.satisfaction = "未回访"
    return case


def _story(result):
    """Named cases, told in the README."""
    # 辽阳镇: one case took more than 30 working days; its reply came in October, explained.
    late = [c for c in result[CODE_OF["辽阳镇"]] if f"{c.registered:%Y-%m}" == "2013-08" and c.route == "转相关部门"]
    case = late[-1]
    case.replied, case.outcome = D(2013, 10, 23), "已解决"
    case.feedback, case.satisfaction = D(2013, 10, 24), "基本满意"
    # 经贸系统: one case was forwarded on the eighth working day, in June, explained.
    slow = [c for c in result[CODE_OF["经贸系统"]] if f"{c.registered:%Y-%m}" == "2013-06" and c.route in ("转相关部门", "呈报县委")]
    case = slow[0]
    case.forwarded = add_working_days(case.registered, 8)
    case.replied = max(case.replied, add_working_days(case.registered, 15))
    case.feedback, case.satisfaction = None, "未回访"
    STORY.update(late=late[-1].number, slow=slow[0].number)


STORY = {}


def ledger(cases, folder):
    """Rows of F07C: registered in the month or open at its start, as they stood at its end."""
    first, last, rows = month_start(folder), month_end(folder), []
    for c in cases:
        if c.registered > last:
            continue
        before = c.registered < first
        if before and (c.route == "转信访" or (c.replied and c.replied < first)):
            continue
        done = c.replied is not None and c.replied <= last
        rows.append({
            "case_no": c.number, "studio_code": c.studio, "registered_on": c.registered, "raised_by": c.raised_by,
            "topic": c.topic, "summary": c.summary, "route": c.route,
            "forwarded_on": c.forwarded if c.forwarded and c.forwarded <= last else None,
            "handler": c.handler, "due_on": c.due,
            "replied_on": c.replied if done else None,
            "outcome": None if c.route == "转信访" else (c.outcome if done else "在办"),
            "feedback_on": c.feedback if done and c.feedback and c.feedback <= last else None,
            "satisfaction": (c.satisfaction if done else None) if c.route != "转信访" else None,
        })
    return rows


def monthly(unit, cases, folder):
    """The one row of F07."""
    name = UNIT_NAMES[unit]
    opened = OPENED.get(name)
    if not opened or opened > month_end(folder):
        zero = dict.fromkeys(["delegates", "reception_days", "visitors", "visits", "forums", "inspections", "due_attend", "attended", "open_begin", "registered", "rejected", "closed", "open_end", "replied", "satisfied"], 0)
        return {"studio_code": unit, "opened_on": None, "head": f"负责人{int(unit[-3:]):03d}", **zero}
    first = month_start(folder)
    rows = ledger(cases, folder)
    s = Stream("studio", unit, folder)
    delegates = DELEGATES[name]
    full = opened < first
    days = s.whole(2, 4) if full else 1
    growth = FOLDERS.index(folder)
    visitors = days * s.whole(3, 6) + growth // 2
    meetings = days + s.whole(1, 3)
    due = meetings * delegates // 2
    mine = {
        "studio_code": unit, "opened_on": opened, "head": f"负责人{int(unit[-3:]):03d}", "delegates": delegates,
        "reception_days": days, "visitors": visitors, "visits": s.whole(12, 40) if full else s.whole(3, 8),
        "forums": s.whole(0, 2), "inspections": s.whole(0, 2), "due_attend": due,
        "attended": due - due * s.whole(2, 18) // 100,
        "open_begin": sum(r["registered_on"] < first for r in rows),
        "registered": sum(r["registered_on"] >= first for r in rows),
        "rejected": sum(r["route"] == "转信访" for r in rows),
        "closed": sum(r["replied_on"] is not None for r in rows),
        "open_end": sum(r["outcome"] == "在办" for r in rows),
    }
    mine["replied"] = mine["closed"]
    mine["satisfied"] = sum(r["satisfaction"] == "满意" for r in rows)
    if (name, folder) == ("辽阳镇", "2013-02"):
        # 春节: no reception day, explained.
        mine.update(reception_days=0, visitors=0)
    assert mine["open_begin"] + mine["registered"] == mine["rejected"] + mine["closed"] + mine["open_end"]
    return mine
