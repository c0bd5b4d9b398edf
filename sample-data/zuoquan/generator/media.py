"""F10: the sites of remote education, and F18: articles sent in and used, month by month."""

from fractions import Fraction

from chance import Stream
from county import CODE_OF, FOLDERS, UNIT_NAMES, VILLAGES

QUARTER_IN_FORCE = {folder: quarter for quarter, folders in {
    "2012Q4": ["2012-12", "2013-01", "2013-02"], "2013Q1": ["2013-03", "2013-04", "2013-05"],
    "2013Q2": ["2013-06", "2013-07", "2013-08"], "2013Q3": ["2013-09", "2013-10"]}.items() for folder in folders}
# Own sites of each committee: (kind, short name of the organisation, first folder).
SYSTEM_SITES = {
    "宣教系统": [("机关事业单位", "教育局机关党支部", ""), ("机关事业单位", "左权中学党总支", ""), ("机关事业单位", "电教馆党支部", "")],
    "经贸系统": [("机关事业单位", "经信局党支部", ""), ("国企", "烟草公司党支部", "")],
    "县直机关": [("机关事业单位", "组织部机关党支部", ""), ("机关事业单位", "财政局党支部", ""), ("国企", "县自来水公司党支部", "")],
    "城区": [("社区", "万寿社区党支部", ""), ("社区", None, "2013-05")],
    "非公工委": [("机关事业单位", "非公工委机关党支部", "")],
    "政法系统": [("机关事业单位", "政法委机关党支部", ""), ("机关事业单位", "交警队党支部", "")],
    "农工系统": [("机关事业单位", "农委机关党支部", ""), ("机关事业单位", "核桃研究所党支部", "2013-09")],
    "卫生系统": [("机关事业单位", "卫生局机关党支部", ""), ("机关事业单位", "人民医院党总支", "")],
}
# Organisations not reached at first, and folders in which one more is reached.
BEHIND = {"辽阳镇": 6, "桐峪镇": 4, "麻田镇": 5, "芹泉镇": 3, "拐儿镇": 3, "寒王乡": 4, "石匣乡": 7, "龙泉乡": 3, "粟城乡": 2, "羊角乡": 8, "宣教系统": 2, "经贸系统": 2, "城区": 2, "非公工委": 9, "政法系统": 3, "农工系统": 3}
# 羊角乡 and 石匣乡 are slower than the others.
SLOW = {"羊角乡": 3, "石匣乡": 2}
SEASON = {"2012-12": 100, "2013-01": 105, "2013-02": 82, "2013-03": 100, "2013-04": 96, "2013-05": 90, "2013-06": 88, "2013-07": 92, "2013-08": 90, "2013-09": 98, "2013-10": 104}
# Told in the README: played to nobody; site out of use; repairs.
NOBODY = {("桐峪镇", "2013-08"): 2, ("羊角乡", "2013-04"): 2}
OUT_OF_USE = {("石匣乡", 3): "2013-03"}
IN_REPAIR = {("寒王乡", 2): ["2013-02", "2013-03"], ("羊角乡", 3): ["2013-09", "2013-10"], ("粟城乡", 2): ["2013-06"], ("县直机关", 2): ["2013-07"], ("卫生系统", 2): ["2013-01"]}


def build(world):
    """{folder: {unit: rows}} of F10."""
    result = {folder: {} for folder in FOLDERS}
    for unit, code in CODE_OF.items():
        if unit not in UNIT_NAMES.values():
            continue
        sites = _sites(world, unit, code)
        to_date = {}
        for folder in FOLDERS:
            if folder.endswith("-01"):
                to_date = {}
            rows = [_site(unit, code, place, site, folder) for place, site in sites.items() if _exists(site, folder)]
            for row in rows:
                before = to_date.get(row["site_code"], Stream("hours-before", row["site_code"]).whole(100, 160) if folder == "2012-12" else 0)
                to_date[row["site_code"]] = row["hours_ytd"] = before + row["hours"]
            _cover(world, code, unit, folder, rows)
            result[folder][unit] = rows
    return result


def _sites(world, unit, code):
    """Place → (kind, organisation or enterprise code, enterprise or None, first folder)."""
    found = []
    own = [o for o in world.organisations if o.unit == code]
    if unit in SYSTEM_SITES:
        for kind, short, first in SYSTEM_SITES[unit]:
            if short is None:
                short = next(f"{v['name']}党支部" for v in VILLAGES if v["committee"] == code and v["name"] != "万寿社区")
            found.append((kind, world.short[short].code, None, first))
    else:
        found.append(("乡镇中心", world.short[f"{unit}机关党支部"].code, None, ""))
        villages = [o for o in own if o.domain == "农村" and "2013H1" in o.state]
        named = [o for o in villages if o.short in ("东沟村党支部", "上会村党支部")]
        others = Stream("site-villages", unit).shuffled([o for o in villages if o not in named])
        found += [("农村", o.code, None, "") for o in (named + others)[:2]]
    for e in world.enterprises:
        if e.unit == code and any(state["edu"] for state in e.state.values()):
            found.append(("两新(非公)", e.code, e, ""))
    return dict(enumerate(found, 1))


def _exists(site, folder):
    kind, _, enterprise, first = site
    if enterprise:
        state = enterprise.state.get(QUARTER_IN_FORCE[folder])
        return bool(state and state["edu"])
    return folder >= first


def _site(unit, code, place, site, folder):
    kind, where, enterprise, _ = site
    s, t = Stream("site", code, place), Stream("site", code, place, folder)
    device = "正常"
    if folder >= OUT_OF_USE.get((unit, place), "9"):
        device = "停用"
    elif folder in IN_REPAIR.get((unit, place), []):
        device = "待修"
    base = s.whole(4, 6) if kind in ("农村", "社区", "乡镇中心") else s.whole(3, 4)
    people = s.whole(18, 30) if kind != "两新(非公)" else s.whole(6, 14)
    mode = s.weighted([("卫星", 6), ("互联网", 2), ("有线电视", 2)]) if kind in ("农村", "乡镇中心") else s.weighted([("互联网", 7), ("有线电视", 3)])
    sessions = max(2, (base * SEASON[folder] + t.whole(0, 60)) // 100)
    learners = sessions * (people + t.whole(-2, 2))
    if kind == "两新(非公)" and t.happens(70):
        sessions = 0
    if device != "正常":
        sessions = 0
    if sessions == 0:
        learners = 0
    hours = sessions * Fraction(s.pick([2, 3, 3, 4]), 2)
    if NOBODY.get((unit, folder)) == place:
        learners = 0
    return {"site_code": f"{code}Y{place:02d}", "site_kind": kind, "org_code": where, "mode": mode, "admin": f"管理员{int(code[-3:]) * 20 + place:05d}", "device": device,
            "sessions": sessions, "learners": learners, "hours": hours, "active": learners > 0, "_enterprise": enterprise}


def _cover(world, code, unit, folder, rows):
    """How many branches learn at each site; the first site takes what is left."""
    half = "2012H2" if folder < "2013-06" else "2013H1"
    branches = [o for o in world.organisations if o.unit == code and o.kind not in ("党委", "党工委") and half in o.state and o.state[half]["status"] == "在册"]
    step = SLOW.get(unit, 1)
    missing = max(0, BEHIND.get(unit, 0) - FOLDERS.index(folder) // step)
    if unit == "非公工委":
        missing = max(2, missing)
    reached = len(branches) - missing
    counted, left = set(), reached
    for row in rows:
        e = row.pop("_enterprise")
        row["covered_orgs"] = 0
        if e:
            org = e.state[QUARTER_IN_FORCE[folder]]["org"]
            known = {o.key for o in branches}
            if org and org[0] in ("own", "joint") and org not in counted and org in known:
                counted.add(org)
                row["covered_orgs"] = 1
        elif row["site_kind"] in ("农村", "社区"):
            row["covered_orgs"] = 1 + Stream("cover-village", row["site_code"]).whole(0, 2) * (row["site_kind"] == "农村")
        left -= row["covered_orgs"]
    assert left >= 0, (unit, folder)
    rows[0]["covered_orgs"] += left


# ---- articles ----

QUOTA = {"辽阳镇": 5, "宣教系统": 6, "县直机关": 6, "经贸系统": 5}
# Added to the habit of the committee: 龙泉乡 and 羊角乡 send little, 宣教 and 辽阳镇 much.
ZEAL = {"辽阳镇": 3, "宣教系统": 3, "麻田镇": 2, "县直机关": 1, "拐儿镇": 1, "龙泉乡": -2, "羊角乡": -2, "政法系统": -1}
PROVINCIAL = {("麻田镇", "2013-04"), ("芹泉镇", "2013-06"), ("宣教系统", "2013-09"), ("辽阳镇", "2013-10")}


def articles():
    """{folder: {unit: row}} of F18."""
    result, to_date = {}, {}
    for folder in FOLDERS:
        if folder.endswith("-01"):
            to_date = {}
        month = {}
        for unit in UNIT_NAMES.values():
            s = Stream("articles", unit, folder)
            quota = QUOTA.get(unit, 4)
            zeal = ZEAL.get(unit, 0)
            if unit == "龙泉乡" and folder >= "2013-08":
                # After the meeting of July it catches up.
                zeal = 1
            sent = max(1, quota + zeal + s.whole(-1, 2))
            web = sent * s.whole(35, 70) // 100
            sms = sent * s.whole(20, 50) // 100
            city = 1 if sent > 5 and s.happens(250) else 0
            prov = int((unit, folder) in PROVINCIAL)
            both = max(web, sms, city, prov)
            distinct = min(sent, both + s.whole(0, min(web, sms)) // 2)
            points = Fraction(sent, 2) + web + sms + 3 * city + 8 * prov
            before = to_date.get(unit, Fraction(s.whole(90, 150)) if folder == "2012-12" else Fraction(0))
            to_date[unit] = before + points
            month[unit] = {"committee_code": CODE_OF[unit], "quota": quota, "submitted": sent, "used_web": web, "used_sms": sms, "used_city": city, "used_prov": prov,
                           "used_distinct": distinct, "points": points, "points_ytd": to_date[unit]}
        for unit, row in month.items():
            row["rank"] = 1 + sum(total > to_date[unit] for total in to_date.values())
        result[folder] = month
    return result
