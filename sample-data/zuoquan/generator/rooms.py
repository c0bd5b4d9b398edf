"""F08: the pilot of 阳光便民工作室 in 20 villages and 2 communities."""

import datetime

import layout
from chance import Stream
from county import CODE_OF, VILLAGES, month_end
from separate import explain, month_text, post, sheet_of

D = datetime.date
FORM = "service_room"
KINDS = [("k_proof", 30), ("k_relief", 16), ("k_subsidy", 18), ("k_family", 10), ("k_mediation", 10), ("k_policy", 12), ("k_other", 4)]
WORK = ["open_begin", "accepted", "done_now", "done_agent", "forwarded", "open_end"]
layout.BLANKS[FORM] = ("阳光便民工作室运行月报", "人、次、件", [
    ("", ["room_code", "area_name", "opened_on"]), ("值班和志愿服务", ["duty_members", "volunteer_times"]),
    ("事项办理(件)", WORK), ("受理事项类别(件)", [name for name, _ in KINDS]),
    ("", ["disclosures"]), ("群众评价(人次)", ["satisfied", "rated"])])
layout.ADDED[FORM] = ["duty_members", "volunteer_times", *WORK, *[name for name, _ in KINDS], "disclosures", "satisfied", "rated"]

# Committee → months of opening, one room each; two are nearly a year old in October.
PLAN = {
    "辽阳镇": ["2012-11", "2013-03", "2013-05", "2013-08"], "桐峪镇": ["2013-04", "2013-07"],
    "麻田镇": ["2013-03", "2013-05", "2013-09"], "芹泉镇": ["2013-03", "2013-06"], "拐儿镇": ["2013-04", "2013-06"],
    "寒王乡": ["2013-04", "2013-07"], "石匣乡": ["2013-05", "2013-08"], "龙泉乡": ["2013-03"], "粟城乡": ["2013-06"],
    "羊角乡": ["2013-10"], "城区": ["2012-11", "2013-04"],
}
# The first rooms are named by the county; the others are the first villages of the register.
FIRST = {"龙泉乡": "上会村", "芹泉镇": "旧寨村"}
# (village or community, month) → matters more than usual; the first explained, the other not.
RUSH = {("万寿社区", "2013-03"): 24, ("东沟村", "2013-07"): 26}
EXPLAINED = {("城区", "2013-03"): "集中办理低保年审证明，受理事项增多。"}


def rooms():
    """[(unit name, village register row, opened on)] in order of opening within a unit."""
    result = []
    for unit, months in PLAN.items():
        places = [v for v in VILLAGES if v["committee"] == CODE_OF[unit]]
        first = [v for v in places if v["name"] == FIRST.get(unit)]
        chosen = (first + [v for v in places if v not in first])[: len(months)]
        for place, opening in zip(chosen, months):
            day = 12 if opening == "2012-11" else 1 + Stream("room", place["code"]).whole(2, 20)
            result.append((unit, place, D(*map(int, opening.split("-")), day)))
    return result


def _months(opened, folder):
    """Month names from that of the opening up to the folder's."""
    year, month = opened.year, opened.month
    while f"{year}-{month:02d}" <= folder:
        yield f"{year}-{month:02d}"
        year, month = year + month // 12, month % 12 + 1


def row(place, opened, folder):
    """One room's month; stocks carry on from the month before."""
    left, result = 0, None
    for name in _months(opened, folder):
        s, habits = Stream("room", place["code"], name), Stream("room-habits", place["code"])
        busy = habits.whole(9, 14) + (3 if place["kind"] == "community" else 0)
        accepted = busy + s.whole(-2, 2)
        if name == f"{opened.year}-{opened.month:02d}":
            accepted = max(3, accepted * (31 - opened.day) // 30)
        accepted += RUSH.get((place["name"], name), 0)
        forwarded = s.weighted([(0, 6), (1, 3), (2, 1)])
        total = left + accepted
        remaining = min(total - forwarded, s.weighted([(0, 3), (1, 4), (2, 3), (3, 1)]))
        done = total - forwarded - remaining
        now = min(accepted, done * s.whole(55, 75) // 100)
        rated = done * s.whole(60, 90) // 100
        kinds, rest = {}, accepted
        for kind, weight in KINDS[:-1]:
            kinds[kind] = min(rest, accepted * weight // 100 + s.whole(0, 1))
            rest -= kinds[kind]
        kinds["k_other"] = rest
        result = {
            "room_code": place["code"], "area_name": place["name"], "opened_on": opened,
            "duty_members": habits.whole(3, 5), "volunteer_times": habits.whole(8, 14) + s.whole(-2, 2),
            "open_begin": left, "accepted": accepted, "done_now": now, "done_agent": done - now, "forwarded": forwarded, "open_end": remaining,
            **kinds, "disclosures": s.whole(1, 2), "satisfied": rated - s.weighted([(0, 7), (1, 3), (2, 1)]) if rated > 3 else rated, "rated": rated,
        }
        left = remaining
    return result


def add(_world, month):
    folder = month.folder
    year, number = folder.split("-")
    everything = rooms()
    for unit in PLAN:
        mine = [row(place, opened, folder) for u, place, opened in everything if u == unit and opened <= month_end(folder)]
        sheet = sheet_of(FORM, unit, folder, month_text(folder, unit), mine, typing=100)
        post(month, unit, "阳光便民工作室", f"{year}年{int(number)}月", "便民工作室月报", sheet)
        text = EXPLAINED.get((unit, folder))
        if text:
            explain(month, "G-10", unit, FORM, "", text)
