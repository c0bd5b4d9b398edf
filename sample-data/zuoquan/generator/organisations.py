"""Party organisations and enterprises: what F00, F05 and F09 report."""

import datetime
from dataclasses import dataclass, field

from chance import Stream
from county import TOWNSHIPS, UNIT_NAMES, VILLAGES

D = datetime.date

KIND_DIGITS = {"农村": "01", "社区": "02", "机关": "03", "事业单位": "04", "国有企业": "05", "非公有制企业": "06", "社会组织": "07"}
RATING_DOMAIN = {"农村": "农村", "社区": "社区", "机关": "机关事业单位", "事业单位": "机关事业单位", "国有企业": "国有企业", "非公有制企业": "非公有制经济组织", "社会组织": "社会组织"}


@dataclass
class Organisation:
    code: str
    name: str
    short: str
    unit: str
    parent: str
    kind: str
    domain: str
    area: str
    founded: datetime.date
    term: int
    # One entry a half-year: "2012H2", "2013H1".
    state: dict = field(default_factory=dict)


@dataclass
class Enterprise:
    code: str
    name: str
    unit: str
    town: str
    # One entry a quarter: "2012Q4" … "2013Q3"; absent before it is founded.
    state: dict = field(default_factory=dict)


QUARTERS = ["2012Q4", "2013Q1", "2013Q2", "2013Q3"]
HALVES = ["2012H2", "2013H1"]

TRADES = ["建材", "商贸", "食品", "运输", "核桃加工", "机械", "煤化", "纺织", "养殖", "农资", "旅游", "建筑"]

# How many enterprises each unit reports.
ENTERPRISES = {
    "140722100": 9, "140722101": 7, "140722102": 7, "140722103": 6, "140722104": 5,
    "140722200": 6, "140722201": 6, "140722202": 5, "140722203": 5, "140722204": 4,
    "140722302": 15, "140722304": 11, "140722305": 34,
}

# (name of the branch, domain, kind) of the systems' own organisations.
BUREAUS = {
    "140722301": [("宣传部", "机关"), ("教育局机关", "机关"), ("文化局", "机关"), ("广播电视台", "事业单位"), ("新华书店", "国有企业"), ("左权中学", "事业单位"), ("职业中学", "事业单位"), ("第一初级中学", "事业单位"), ("第二初级中学", "事业单位"), ("第三初级中学", "事业单位"), ("实验小学", "事业单位"), ("城关小学", "事业单位"), ("北街小学", "事业单位"), ("南街小学", "事业单位"), ("幼儿园", "事业单位"), ("教师进修学校", "事业单位"), ("特殊教育学校", "事业单位"), ("图书馆", "事业单位"), ("文化馆", "事业单位"), ("文物管理所", "事业单位"), ("体育中心", "事业单位"), ("开花调艺术团", "事业单位"), ("招生考试中心", "事业单位"), ("电教馆", "事业单位"), ("党史研究室", "机关"), ("报社", "事业单位")],
    "140722302": [("经信局", "机关"), ("商务局", "机关"), ("安监局", "机关"), ("煤炭工业局", "机关"), ("供销社", "事业单位"), ("粮食局", "机关"), ("石油公司", "国有企业"), ("烟草公司", "国有企业"), ("电力公司", "国有企业"), ("盐业公司", "国有企业"), ("物资公司", "国有企业"), ("外贸公司", "国有企业"), ("百货公司", "国有企业"), ("医药公司", "国有企业"), ("中小企业服务中心", "事业单位"), ("矿山救护队", "事业单位"), ("招商服务中心", "事业单位")],
    "140722303": [("县委办公室", "机关"), ("人大机关", "机关"), ("政府办公室", "机关"), ("政协机关", "机关"), ("纪委机关", "机关"), ("组织部机关", "机关"), ("统战部", "机关"), ("总工会", "机关"), ("团县委", "机关"), ("妇联", "机关"), ("财政局", "机关"), ("国税局", "机关"), ("地税局", "机关"), ("审计局", "机关"), ("统计局", "机关"), ("民政局", "机关"), ("人社局", "机关"), ("国土局", "机关"), ("住建局", "机关"), ("交通局", "机关"), ("环保局", "机关"), ("工商局", "机关"), ("质监局", "机关"), ("药监局", "机关"), ("旅游局", "机关"), ("档案局", "机关"), ("老干部局", "机关"), ("气象局", "事业单位"), ("县自来水公司", "国有企业"), ("公路段", "事业单位"), ("城建监察队", "事业单位"), ("环卫队", "事业单位")],
    "140722304": [("城区办事机构", "机关"), ("集贸市场服务中心", "事业单位")],
    "140722305": [("非公工委机关", "机关"), ("个体私营企业协会", "社会组织"), ("民办职业培训学校", "社会组织"), ("律师协会", "社会组织")],
    "140722306": [("政法委机关", "机关"), ("公安局机关", "机关"), ("交警队", "机关"), ("刑警队", "机关"), ("看守所", "机关"), ("检察院", "机关"), ("法院", "机关"), ("司法局", "机关"), ("信访局", "机关"), ("消防大队", "机关"), ("城关派出所", "机关")],
    "140722307": [("农委机关", "机关"), ("林业局", "机关"), ("水利局", "机关"), ("农机局", "机关"), ("畜牧局", "机关"), ("扶贫办", "机关"), ("农业技术推广中心", "事业单位"), ("种子站", "事业单位"), ("国营林场", "事业单位"), ("水库管理处", "事业单位"), ("核桃研究所", "事业单位"), ("防火指挥部", "事业单位")],
    "140722308": [("卫生局机关", "机关"), ("人民医院", "事业单位"), ("中医院", "事业单位"), ("妇幼保健院", "事业单位"), ("疾控中心", "事业单位"), ("卫生监督所", "事业单位"), ("计生局", "机关"), ("计生服务站", "事业单位"), ("新农合中心", "事业单位")],
}
# General branches: (unit, name, branches below).
GENERAL = [("140722301", "左权中学", ["左权中学高一年级", "左权中学高二年级", "左权中学高三年级"]), ("140722308", "人民医院", ["人民医院内科", "人民医院外科"])]


def build():
    """(organisations, enterprises), in register order."""
    enterprises = _enterprises()
    organisations = []
    for unit in UNIT_NAMES:
        organisations += _organisations_of(unit, enterprises)
    _fill_states(organisations)
    return organisations, enterprises


# ---- enterprises ----

def _enterprises():
    result, number = [], 0
    for unit, count in ENTERPRISES.items():
        for _ in range(count):
            number += 1
            s = Stream("enterprise", number)
            town = UNIT_NAMES[unit] if unit in TOWNSHIPS else s.weighted([("城区", 5), ("辽阳镇", 4), ("桐峪镇", 1), ("寒王乡", 1), ("石匣乡", 1)])
            if unit == "140722304":
                town = "城区"
            trade = s.pick(TRADES)
            # Plainly invented: no real firm has such a code or such a name.
            result.append(Enterprise(f"ZQ{number:06d}-{number % 10}", f"样例{trade}{number:03d}有限公司", unit, town))
    _cover(result)
    return result


def _cover(enterprises):
    """Members, operation and coverage of every enterprise and quarter."""
    by_unit = {}
    for e in enterprises:
        by_unit.setdefault(e.unit, []).append(e)
    for unit, list_ in by_unit.items():
        for i, e in enumerate(list_):
            s = Stream("cover", e.code)
            operating = not s.happens(115)
            above = operating and s.happens(230)
            members = s.weighted([(0, 30), (1, 22), (2, 16), (3, 12), (4, 8), (5, 5), (7, 4), (9, 3)])
            if above:
                members = max(members, s.whole(1, 6))
            base = {
                "op": "实体运营" if operating else s.weighted([("停产", 3), ("空壳", 1), ("注销", 1)]),
                "above": above,
                "staff": s.whole(120, 460) if above else s.whole(6, 95),
                "full": members if operating else min(members, 1),
                "prob": s.weighted([(0, 7), (1, 3)]) if members else 0,
                "hidden": s.weighted([(0, 6), (1, 2), (2, 1)]),
                "edu": above or s.happens(170),
                "venue": s.whole(20, 160) if members >= 3 else (s.whole(10, 40) if s.happens(200) else 0),
                "budget": s.whole(4, 60) * 500 if members >= 3 else (s.whole(0, 6) * 200),
                "mass": "没有", "instructor": None, "liaison": None, "org": None,
            }
            if above:
                base["mass"] = s.weighted([("工会和团组织", 3), ("工会", 2)])
            elif s.happens(250):
                base["mass"] = s.weighted([("工会", 4), ("团组织", 1), ("妇女组织", 1)])
            if not operating:
                base.update(form="空白", prob=0, mass="没有", edu=False, venue=0, budget=0)
            elif members >= 3:
                base["form"] = "单独组建"
                base["org"] = ("own", e.code)
            elif members >= 1 and s.happens(420):
                # Two neighbours of the list share a branch; a third may join them.
                base["form"] = "联合组建"
            elif unit in TOWNSHIPS and s.happens(520):
                base["form"] = "挂靠"
            elif s.happens(620):
                base["form"] = "未组建-派指导员"
            else:
                base["form"] = "未组建-联络员"
            e.state = {quarter: dict(base) for quarter in QUARTERS}
        # Joint branches: neighbours of the list in twos or threes, three members together.
        joint = [e for e in list_ if e.state["2012Q4"]["form"] == "联合组建"]
        number = 0
        while joint:
            size = 3 if len(joint) % 2 else 2
            group, joint = joint[:size], joint[size:]
            number += 1
            for place, e in enumerate(group):
                for state in e.state.values():
                    if len(group) == 1:
                        state["form"] = "未组建-派指导员"
                    else:
                        state["org"] = ("joint", f"{unit}-{number}")
                        state["full"] = 2 if place == 0 else min(max(state["full"], 1), 2)
        for e in list_:
            for quarter in QUARTERS:
                state = e.state[quarter]
                if state["form"] == "挂靠":
                    villages = [v for v in VILLAGES if v["committee"] == unit]
                    state["org"] = ("village", Stream("attach", e.code).pick(villages)["code"])
                if state["form"] == "未组建-派指导员":
                    state["instructor"] = f"指导员{int(e.code[2:8]):03d}"
                if state["form"] == "未组建-联络员":
                    state["liaison"] = f"联络员{int(e.code[2:8]):03d}"
                if state["form"] in ("单独组建", "联合组建") and Stream("helper", e.code).happens(300):
                    state["liaison"] = f"联络员{int(e.code[2:8]):03d}"
    _story_of_coverage(enterprises, by_unit)


def _story_of_coverage(enterprises, by_unit):
    """What changes after last year: new enterprises, one loss, two new branches."""
    small_changes = ["staff", "hidden"]
    for e in enterprises:
        for index, quarter in enumerate(QUARTERS[1:], 1):
            s = Stream("quarter", e.code, quarter)
            state, before = e.state[quarter], e.state[QUARTERS[index - 1]]
            for key in small_changes:
                state[key] = before[key]
            if state["op"] == "实体运营":
                state["staff"] = max(4, before["staff"] + s.whole(-3, 4))
                if s.happens(60):
                    state["hidden"] = max(0, before["hidden"] + s.whole(-1, 1))

    def uncovered(unit):
        return [e for e in by_unit[unit] if e.state["2012Q4"]["form"].startswith("未组建") and e.state["2012Q4"]["op"] == "实体运营"]

    # Since 2013Q1 one enterprise of 非公工委 has three members but no branch yet; built in Q2.
    grown = uncovered("140722305")[0]
    for quarter in QUARTERS[1:]:
        grown.state[quarter]["full"] = 3
    for quarter in QUARTERS[2:]:
        grown.state[quarter].update(form="单独组建", org=("own", grown.code), venue=30, budget=2000)
    # 经贸: a second branch built in Q2.
    built = uncovered("140722302")[0]
    for quarter in QUARTERS[2:]:
        built.state[quarter].update(full=4, form="单独组建", org=("own", built.code), venue=40, budget=3000)
    # 城区: an enterprise stopped in Q2 that had no branch, so that coverage rises: explained.
    stopped = uncovered("140722304")[-1]
    for quarter in QUARTERS[2:]:
        stopped.state[quarter].update(op="停产", form="空白", instructor=None, liaison=None, mass="没有", edu=False, prob=0)
    # New enterprises: the last of these lists start later; in the first quarter without anybody.
    for unit, quarter in [("140722305", "2013Q1"), ("140722305", "2013Q3"), ("140722100", "2013Q3"), ("140722202", "2013Q2")]:
        number = len(enterprises) + 1
        s = Stream("new", unit, quarter)
        town = UNIT_NAMES[unit] if unit in TOWNSHIPS else "辽阳镇"
        e = Enterprise(f"ZQ{number:06d}-{number % 10}", f"样例{s.pick(TRADES)}{number:03d}有限公司", unit, town)
        start = QUARTERS.index(quarter)
        for later, q in enumerate(QUARTERS[start:]):
            e.state[q] = {"op": "实体运营", "above": False, "staff": 12 + s.whole(0, 30), "full": 1, "prob": 0, "hidden": 0, "edu": False, "venue": 0, "budget": 0, "mass": "没有", "instructor": None, "liaison": None, "org": None, "form": "空白"}
            if later >= 1 or unit == "140722202":
                e.state[q].update(form="未组建-派指导员", instructor=f"指导员{number:03d}")
        enterprises.append(e)


# ---- organisations ----

def _organisations_of(unit, enterprises):
    """One unit's organisations: the committee itself, then its branches."""
    result, counter = [], {}

    def add(name, short, kind, domain, parent, area="", founded=None, key=None):
        digits = "00" if kind in ("党委", "党工委") else KIND_DIGITS[domain]
        counter[digits] = counter.get(digits, 0) + 1
        code = f"{unit}{digits}{counter[digits]:07d}"
        s = Stream("organisation", code)
        founded = founded or D(s.whole(1952, 2006), s.whole(1, 12), s.whole(1, 28))
        term = 5 if kind in ("党委", "党工委") else 3
        organisation = Organisation(code, name, short, unit, parent, kind, domain, area, founded, term)
        organisation.key = key
        result.append(organisation)
        return organisation

    county = "140722000000000001"
    unit_name = UNIT_NAMES[unit]
    work = unit in ("140722304", "140722305")
    suffix = "工作委员会" if work else "委员会"
    committee = add(f"中共左权县{unit_name.removesuffix('工委') if work else unit_name}{suffix}", f"{unit_name}党工委" if unit == "140722304" else (unit_name if work else f"{unit_name}党委"), "党工委" if work else "党委", "机关", county)
    villages = [v for v in VILLAGES if v["committee"] == unit]
    general = {name: children for u, name, children in GENERAL if u == unit}
    for village in villages:
        name, rural = village["name"], village["kind"] == "village"
        domain = "农村" if rural else "社区"
        add(f"中共左权县{unit_name}{name}支部委员会", f"{name}党支部", "党支部", domain, committee.code, name, key=("village", village["code"]))
    if unit in TOWNSHIPS:
        add(f"中共左权县{unit_name}机关支部委员会", f"{unit_name}机关党支部", "党支部", "机关", committee.code)
        add(f"中共左权县{unit_name}中心校支部委员会", f"{unit_name}中心校党支部", "党支部", "事业单位", committee.code)
        add(f"中共左权县{unit_name}卫生院支部委员会", f"{unit_name}卫生院党支部", "党支部", "事业单位", committee.code)
    for name, domain in BUREAUS.get(unit, []):
        if name in general:
            top = add(f"中共左权县{name}总支部委员会", f"{name}党总支", "党总支", domain, committee.code)
            for child in general[name]:
                add(f"中共左权县{child}支部委员会", f"{child}党支部", "党支部", domain, top.code)
        else:
            full = name if name.startswith("县") else f"左权县{name}"
            add(f"中共{full}支部委员会", f"{name}党支部", "党支部", domain, committee.code)
    seen = set()
    for e in enterprises:
        if e.unit != unit:
            continue
        for quarter in QUARTERS:
            key = e.state.get(quarter, {}).get("org")
            if not key or key[0] == "village" or key in seen:
                continue
            seen.add(key)
            s = Stream("founded", key)
            new = quarter > "2012Q4"
            founded = D(2013, 5, s.whole(6, 28)) if new else D(s.whole(2002, 2012), s.whole(1, 9), s.whole(1, 28))
            if key[0] == "own":
                add(f"中共{e.name}支部委员会", f"{e.name.removesuffix('有限公司')}党支部", "党支部", "非公有制企业", committee.code, founded=founded, key=key)
            else:
                partners = [o.name.removeprefix("样例").removesuffix("有限公司") for o in enterprises if o.state.get("2012Q4", {}).get("org") == key]
                add(f"中共样例{'、'.join(partners)}联合支部委员会", f"{'、'.join(partners)}联合党支部", "联合党支部", "非公有制企业", committee.code, founded=founded, key=key)
    codes = {o.key: o.code for o in result if o.key}
    for e in enterprises:
        if e.unit == unit:
            for state in e.state.values():
                if state["org"]:
                    state["org_code"] = codes[state["org"]]
    if unit == "140722305":
        # A social organisation's branch founded in the spring.
        add("中共左权县样例养老服务中心支部委员会", "样例养老服务中心党支部", "党支部", "社会组织", committee.code, founded=D(2013, 4, 18), key=("new", "social"))
    for o in result:
        if o.key and o.key[0] in ("own", "joint"):
            members = [sum(e.state[q]["full"] for e in enterprises if e.state.get(q, {}).get("org") == o.key) for q in ("2012Q4", "2013Q2")]
            probationary = [sum(e.state[q]["prob"] for e in enterprises if e.state.get(q, {}).get("org") == o.key) for q in ("2012Q4", "2013Q2")]
            o.members_by_half = dict(zip(HALVES, zip(members, probationary)))
    return result


def _fill_states(organisations):
    number = 0
    for o in organisations:
        s = Stream("state", o.code)
        committee = o.kind in ("党委", "党工委")
        leaf = o.kind in ("党支部", "联合党支部")
        if committee:
            election = D(2011, 6, s.whole(10, 28))
        elif o.domain in ("农村", "社区"):
            election = D(2011, s.whole(10, 12), s.whole(1, 28))
        else:
            first = D(s.whole(2009, 2012), s.whole(1, 12), s.whole(1, 28))
            election = max(first, o.founded)
        election = election.replace(day=min(election.day, 28))
        if leaf and o.domain == "农村":
            full = s.weighted([(s.whole(6, 10), 30), (s.whole(11, 16), 45), (s.whole(17, 26), 25)])
        elif leaf:
            full = s.weighted([(s.whole(4, 8), 30), (s.whole(9, 18), 45), (s.whole(19, 38), 25)])
        else:
            full = None
        probationary = s.weighted([(0, 6), (1, 3), (2, 1)]) if leaf else None
        posts = 9 if committee else (5 if o.kind == "党总支" else (3 if (full or 0) < 20 else 5))
        number += 1
        secretary = f"书记{number:04d}"
        since = election if s.happens(700) else D(election.year - s.whole(1, 5), s.whole(1, 12), s.whole(1, 28))
        since = max(since, o.founded)
        filled = posts if s.happens(900) else posts - 1
        status, ended = "在册", None
        for half in HALVES:
            begin = D(2012, 1, 1) if half == "2012H2" else D(2013, 1, 1)
            end = D(2012, 12, 31) if half == "2012H2" else D(2013, 6, 30)
            if o.founded > end:
                continue
            due_on = D(election.year + o.term, election.month, election.day)
            t = Stream("half", o.code, half)
            due = due_on <= end and status == "在册"
            done = False
            if due and due_on < begin:
                # Overdue since before: most catch up.
                done = t.happens(600)
            elif due:
                done = t.happens(900)
            if done:
                first_day = max(begin, due_on - datetime.timedelta(40))
                election = min(end, first_day + datetime.timedelta(t.whole(0, 50)))
                election = election.replace(day=min(election.day, 28))
                if t.happens(250):
                    number += 1
                    secretary, since = f"书记{number:04d}", election
            if half == "2013H1" and leaf:
                joined = t.weighted([(0, 5), (1, 4), (2, 1)]) if full > 5 else 0
                joined = min(probationary, joined)
                # Most who become full members are followed by a new probationary one.
                full, probationary = full + joined, probationary - joined + (t.happens(850) if joined else t.happens(60))
            if hasattr(o, "members_by_half"):
                full, probationary = o.members_by_half[half]
            vacant = status == "在册" and not committee and Stream("vacant", o.code, half).happens(8)
            o.state[half] = {
                "election": election, "due": due, "done": done, "secretary": None if vacant else secretary,
                "since": None if vacant else since, "posts": posts, "filled": min(filled, posts) - (1 if vacant and filled == posts else 0),
                "full": full, "prob": probationary, "status": status, "ended": ended,
            }
    _story_of_organisations({o.short: o for o in organisations})


def _story_of_organisations(by_short):
    """Named exceptions, all told in the README."""
    # Two members only: a village branch, explained in both rounds.
    small = by_short["水横村党支部"]
    for half in HALVES:
        small.state[half].update(full=2, prob=0, posts=3, filled=2)
    # Secretaries replaced in mid-term, with a note.
    for short, day in [("前寨村党支部", D(2012, 8, 14)), ("石油公司党支部", D(2012, 11, 2)), ("旧寨村党支部", D(2012, 9, 20))]:
        o = by_short[short]
        for half in HALVES:
            if o.state[half]["secretary"] is None:
                o.state[half]["secretary"] = "书记9001"
            o.state[half]["since"] = max(day, o.state[half]["election"]) + datetime.timedelta(30)
    for short, day in [("殷家庄村党支部", D(2013, 3, 22)), ("环保局党支部", D(2013, 4, 10))]:
        o = by_short[short]
        o.state["2013H1"].update(since=max(day, o.state["2013H1"]["election"] + datetime.timedelta(12)), secretary="书记9002" if short.startswith("殷") else "书记9003")
    # Closed in the first half of 2013: they stay in the register.
    for short, status, day in [("物资公司党支部", "撤销", D(2013, 3, 15)), ("外贸公司党支部", "合并", D(2013, 5, 20)), ("北街小学党支部", "合并", D(2013, 2, 26))]:
        by_short[short].state["2013H1"].update(status=status, ended=day, due=False, done=False)
    # 2 of these three had no election due; a vacancy that everybody knows of.
    for half in HALVES:
        by_short["石港口村党支部"].state[half].update(secretary=None, since=None, filled=2)
