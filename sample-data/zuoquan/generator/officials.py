"""F11: the college-graduate village officials, and F12: the members of the joint committee."""

import datetime
from fractions import Fraction

from chance import Stream
from county import CODE_OF, VILLAGES

D = datetime.date

OFFICIALS = {"辽阳镇": 6, "桐峪镇": 5, "麻田镇": 5, "芹泉镇": 4, "拐儿镇": 4, "寒王乡": 5, "石匣乡": 4, "龙泉乡": 4, "粟城乡": 4, "羊角乡": 3}
# Secretary of the village in both halves: unit → how many.
SECRETARIES = {"桐峪镇": 1, "麻田镇": 1, "龙泉乡": 1}
# 殷家庄村's new secretary of spring 2013 was its assistant.
PROMOTED = "殷家庄村"
VENTURES = ["核桃专业合作社", "日光温室蔬菜", "土鸡养殖", "农家乐", "食用菌大棚", "小杂粮加工", "中药材种植"]
SCHOOLS = ["样例大学", "样例师范学院", "样例农业大学", "样例理工学院"]
# Told in the README. Numbers of officials, as the rosters give them.
OVER_TERM = ("麻田镇", 5)
OVER_TERM_OPEN = ("石匣乡", 4)
LEAVING = {"2012H2": {("拐儿镇", 4): "考录公务员", ("寒王乡", 5): "另行择业"},
           "2013H1": {("辽阳镇", 5): "考录公务员", ("芹泉镇", 4): "考录公务员", ("粟城乡", 3): "继续学习", ("羊角乡", 3): "另行择业"}}
NEW_IN_2013 = ["桐峪镇", "寒王乡"]
SECONDED = [("辽阳镇", 4), ("龙泉乡", 4), ("寒王乡", 3)]
EXCELLENT = [("辽阳镇", 2), ("桐峪镇", 1), ("麻田镇", 1), ("芹泉镇", 1), ("龙泉乡", 1), ("寒王乡", 1)]


def build(short):
    """{half: {unit code: rows}}; `short` finds an organisation by its short name."""
    result = {"2012H2": {}, "2013H1": {}}
    number = 0
    for unit, count in OFFICIALS.items():
        code = CODE_OF[unit]
        villages = [v for v in VILLAGES if v["committee"] == code and v["kind"] == "village"]
        places = Stream("official-villages", unit).shuffled([v for v in villages if v["name"] != PROMOTED])
        if unit == "辽阳镇":
            places.insert(0, next(v for v in villages if v["name"] == PROMOTED))
        led = [v for v in places if _same_secretary(short[f"{v['name']}党支部"])]
        people = []
        for place in range(1, count + 1):
            number += 1
            people.append((place, number, places[place - 1]))
        secretaries = []
        for village in led[: SECRETARIES.get(unit, 0)]:
            # The first official serves where the register names the same secretary twice.
            people[0] = (1, people[0][1], village)
            secretaries.append(1)
        for half in result:
            rows = [row for place, n, village in people if (row := _official(unit, code, place, n, village, half, place in secretaries, short))]
            if half == "2013H1" and unit in NEW_IN_2013:
                rows.append(_new(unit, code, count + 1, places[count + 1]))
            result[half][code] = rows
    return result


def _same_secretary(o):
    states = [o.state[half] for half in ("2012H2", "2013H1")]
    return states[0]["secretary"] == states[1]["secretary"] is not None


def _person(code, place, s, number):
    return {
        "official_no": f"{code}G{place:02d}", "name": f"村官{number:03d}", "sex": s.pick(["男", "女"]),
        "birth": D(s.whole(1985, 1989), s.whole(1, 12), 1), "school": s.pick(SCHOOLS),
        "education": s.weighted([("大学本科", 70), ("大学专科", 25), ("研究生", 5)]),
        "politics": s.weighted([("中共党员", 60), ("中共预备党员", 10), ("共青团员", 25), ("群众", 5)]),
    }


def _official(unit, code, place, number, village, half, secretary, short):
    left_before = half == "2013H1" and (unit, place) in LEAVING["2012H2"]
    if left_before:
        return None
    s = Stream("official", code, place)
    row = _person(code, place, s, number)
    hired = 2010 if secretary else s.weighted([(2009, 20), (2010, 35), (2011, 30), (2012, 15)])
    if unit == "辽阳镇" and place == 1:
        hired = 2010
    if (unit, place) in (OVER_TERM, OVER_TERM_OPEN):
        hired = 2009 if (unit, place) == OVER_TERM else 2010
    if any((unit, place) in gone for gone in LEAVING.values()) and hired == 2012:
        hired = 2010
    start = D(hired, 8, 1)
    change = "新聘" if (hired, half) == (2012, "2012H2") else "无"
    if hired == 2009:
        # Three years were over in July 2012: renewed, but for one.
        start = D(2012, 8, 1)
        if half == "2012H2":
            change = "续聘"
        if (unit, place) == OVER_TERM:
            start, change = (D(2009, 8, 1), "无") if half == "2012H2" else (D(2013, 1, 1), "续聘")
    end = D(start.year + 3, start.month, start.day) - datetime.timedelta(1)
    if (unit, place) == OVER_TERM_OPEN:
        # Contract from May to May; nobody has said why it was not renewed.
        start, end = D(2010, 5, 1), D(2013, 4, 30)
    post = s.weighted([("村党组织书记助理", 38), ("村委会主任助理", 32), ("副书记", 16), ("村委会副主任", 10), ("主任", 4)])
    if hired == 2012:
        post = "村委会主任助理" if post != "村党组织书记助理" else post
    if post == "副书记":
        row["politics"] = "中共党员"
    if secretary:
        post = "书记"
        row["name"] = short[f"{village['name']}党支部"].state[half]["secretary"]
        row["politics"] = "中共党员"
    if village["name"] == PROMOTED:
        row["name"] = short[f"{PROMOTED}党支部"].state["2013H1"]["secretary"]
        row["politics"] = "中共党员"
        post = "村党组织书记助理" if half == "2012H2" else "书记"
    venture = s.pick(VENTURES) if s.happens(330) else None
    grade = None
    if hired < 2012:
        grade = "优秀" if (unit, place) in EXCELLENT else s.weighted([("称职", 92), ("基本称职", 8)])
    status, exit_to = "在岗", None
    if (unit, place) in SECONDED:
        status = "借调"
    if (unit, place) in LEAVING[half]:
        status = change = "离岗"
        exit_to = LEAVING[half][unit, place]
    return {**row, "hired_year": hired, "term_start": start, "term_end": end, "village_code": village["code"], "post": post, "venture": venture, "grade": grade, "exit_to": exit_to, "status": status, "change": change}


def _new(unit, code, place, village):
    s = Stream("official", code, place)
    return {**_person(code, place, s, 100 + place + NEW_IN_2013.index(unit)), "hired_year": 2013, "term_start": D(2013, 3, 1), "term_end": D(2016, 2, 29), "village_code": village["code"],
            "post": "村党组织书记助理", "venture": None, "grade": None, "exit_to": None, "status": "在岗", "change": "新聘"}


# ---- 地企联合工委 ----

# (name, ownership, affiliation, town, joined, members, villages affected); members None: as in F00.
MEMBERS = [
    ("样例煤业一矿党委", "省属", "隶属上级企业", "寒王乡", D(2011, 7, 1), 186, 6),
    ("样例煤业二矿党委", "省属", "隶属上级企业", "石匣乡", D(2011, 7, 1), 142, 5),
    ("样例风电公司党支部", "央企", "隶属上级企业", "羊角乡", D(2011, 7, 1), 23, 4),
    ("样例铁路工务段党支部", "央企", "隶属上级企业", "辽阳镇", D(2011, 7, 1), 41, 3),
    ("样例高速公路管理处党支部", "省属", "隶属上级企业", "拐儿镇", D(2011, 9, 16), 37, 5),
    ("样例焦化厂党总支", "市属", "隶属上级企业", "粟城乡", D(2012, 11, 20), 58, 4),
    ("电力公司党支部", "省属", "双重", "城区", D(2011, 7, 1), None, 4),
    ("石油公司党支部", "央企", "双重", "城区", D(2011, 7, 1), None, 2),
    ("烟草公司党支部", "省属", "双重", "城区", D(2011, 7, 1), None, 2),
    ("盐业公司党支部", "县属", "隶属县委", "城区", D(2012, 3, 12), None, 1),
    ("样例农资064党支部", "民营", "隶属县委", "辽阳镇", D(2012, 3, 12), None, 3),
    ("样例养殖066党支部", "民营", "隶属县委", "辽阳镇", D(2013, 3, 20), None, 2),
]
# Its relations were being transferred at the end of 2012: explained.
IN_TRANSFER = "样例焦化厂党总支"


def joint(short, half):
    """The rows of F12 for a half-year."""
    rows = []
    first = half == "2012H2"
    for name, ownership, affiliation, town, joined, members, villages in MEMBERS:
        if first and joined > D(2012, 12, 31):
            continue
        s = Stream("joint", name)
        t = Stream("joint", name, half)
        if members is None:
            state = short[name].state[half]
            members = state["full"] + state["prob"]
        else:
            members += t.whole(0, 2) if first else t.whole(1, 3)
        pledged = Fraction(s.whole(8, 60))
        share = s.whole(55, 85) if first else s.whole(70, 100)
        paired = max(1, villages - (1 if first and villages > 2 else 0) - (1 if villages > 4 else 0))
        rows.append({
            "org_name": name, "ownership": ownership, "affiliation": "双重" if first and name == IN_TRANSFER else affiliation, "town": town, "joined_on": joined,
            "members": members, "villages_affected": villages, "paired_villages": paired, "joint_meetings": 2 - (s.whole(0, 3) == 0),
            "projects": s.whole(1, 3), "pledged": pledged, "funds": Fraction(int(pledged) * share // 50, 2),
            "jobs": villages * s.whole(5, 9) + t.whole(0, 2), "disputes": s.whole(0, 3),
        })
    return rows
