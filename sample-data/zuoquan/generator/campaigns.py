"""F13 lagging villages, F14 pledges, F15 mass line, F16S and F16C before the village elections.

Each unit sends one workbook a month beside its ordinary return, with a sheet a form.
"""

import datetime
from fractions import Fraction

import layout
import officials
import returns
from chance import Stream
from county import CODE_OF, FOLDERS, TOWNSHIPS, UNIT_NAMES, VILLAGES, month_end

D = datetime.date

layout.BLANKS.update({
    "lagging_village": ("后进村集中整顿台账", "个、人、条、天、张、分", [
        ("", ["village_code", "org_code", "identified_on", "kind", "problems", "n_problems", "leader"]),
        ("整顿情况", ["team", "n_measures", "days_in_village", "n_solved", "secretary_changed"]),
        ("群众评议(张)", ["v_ok", "v_all"]), ("县级初查", ["score_county", "county_verdict"]),
        ("市级验收", ["score_city", "verdict", "grade_after"]), ("", ["listed_before"])]),
    "pledge": ("解民忧办实事承诺事项台账(回头看)", "万元、项", [
        ("", ["pledge_no", "unit_code", "person", "target", "item", "kind", "due_on"]),
        ("投入", ["plan_funds", "real_funds"]), ("任务(项)", ["tasks_total", "tasks_done"]),
        ("兑现", ["progress", "done_on", "state", "confirmed", "rules_set", "reason"])]),
    "mass_line": ("群众路线教育实践活动准备及四风整改表", "人、次、人次、个", [
        ("", ["unit_code"]), ("先行谋划", ["group_set", "team", "plan_done"]),
        ("先行学习", ["study_sessions", "study_people"]),
        ("先行宣传", ["columns", "on_tv", "in_paper", "on_page", "on_weibo"]),
        ("先行实践", ["found_total", "fixed_total", "wind", "found", "fixed", "due_on"])]),
    "term_survey": ("村级组织换届摸底表", "户、人、份、次、件、万元", [
        ("", ["village_code", "households", "population", "voters_est", "members"]),
        ("现任班子", ["incumbents", "one_head", "posts", "cross"]), ("", ["income"]),
        ("摸底", ["questionnaires", "returned", "visits"]),
        ("清障", ["audited", "talks", "disputes_found", "disputes_solved"]), ("", ["difficulty", "reserves"])]),
    "reserve_candidate": ("村级后备人选登记表", "人、%", [
        ("", ["name", "id_tail", "village_code", "sex", "birth", "education", "politics"]),
        ("推荐", ["source", "person_kind", "poll"]), ("", ["vetting", "for_post"])]),
})
layout.ADDED.update({
    "lagging_village": ["n_problems", "team", "n_measures", "days_in_village", "n_solved"],
    "pledge": ["tasks_total", "tasks_done"],
    "mass_line": ["found", "fixed"],
    "term_survey": ["households", "population", "voters_est", "members", "posts", "cross", "questionnaires", "returned", "visits", "talks", "disputes_found", "disputes_solved", "reserves"],
    "reserve_candidate": [],
})
SHEETS = {"lagging_village": "后进村", "pledge": "承诺事项", "mass_line": "四个先行", "term_survey": "换届摸底", "reserve_candidate": "后备人选"}
MONTHS = FOLDERS[1:]
LATE = {("2013-08", "羊角乡"): 22}


def shown(form):
    """Header titles with the unit of measure where the column needs one."""
    extra = {"progress": "(%)", "poll": "(%)", "plan_funds": "(万元)", "real_funds": "(万元)", "income": "(万元)"}
    return {name: title + extra.get(name, "") for name, title in returns.TITLES[form].items()}


# ---- F13 ----

KIND_OF = {"班子不团结": "班子不健全", "活动场所年久失修": "经济薄弱", "党员教育管理松散": "制度不落实", "集体经济薄弱": "经济薄弱", "工作思路不清": "书记不胜任", "制度落实不到位": "制度不落实"}
# Checked by the county in September; the other townships in October.
CHECKED_EARLY = ["辽阳镇", "桐峪镇", "芹泉镇", "寒王乡", "粟城乡"]
# Below the mark at the county's first check.
FAILED = {"银洞堡村": Fraction(129, 2), "小平坪村": Fraction(67)}
# Listed before within three years: explained every month; the second one not again in October.
LISTED_BEFORE = ["十里庄村", "云台庄村"]
# Added in April for petitions, though its branch is not 较差.
ADDED_IN_APRIL = "麻田镇"


def lagging(world):
    """{unit: [(organisation, first month, kind, problem)]}."""
    village_of = {o.code: o for o in world.organisations if o.domain == "农村"}
    result = {unit: [] for unit in TOWNSHIPS}
    for year, unit_rows in [("2012", world.ratings["2012"]), ("2013", world.ratings["2013"])]:
        for unit in TOWNSHIPS:
            for row in unit_rows[unit]:
                if row["grade"] == "较差" and row["domain"] == "农村":
                    o = village_of[row["org_code"]]
                    if all(o is not known for known, *_ in result[unit]):
                        assert year == "2012", o.short
                        result[unit].append((o, "2013-01", KIND_OF[row["problems"]], row["problems"]))
    unit = CODE_OF[ADDED_IN_APRIL]
    grades = {row["org_code"]: row["grade"] for row in world.ratings["2012"][unit]}
    listed = [o for o, *_ in result[unit]]
    extra = next(o for o in village_of.values() if o.unit == unit and grades[o.code] == "一般" and o not in listed)
    result[unit].append((extra, "2013-04", "矛盾信访突出", "土地流转引发集中信访"))
    return result


def _secretary_changed(o, s):
    """Month of the campaign in which the village's secretary was replaced, as the register says.

    The register of June names those of the first half-year; later ones it cannot know yet.
    """
    later = s.whole(6, 8) if s.happens(380) else None
    before, after = o.state["2012H2"], o.state["2013H1"]
    if after["since"] and after["since"].year == 2013 and after["secretary"] != before["secretary"]:
        return after["since"].month - 1
    return later


def lagging_rows(villages, folder):
    result = []
    k = MONTHS.index(folder)
    for o, first, kind, problem in villages:
        if folder < first:
            continue
        s, m = Stream("lagging", o.code), Stream("lagging", o.code, folder)
        base, extra = s.whole(3, 6), s.happens(400)
        change = _secretary_changed(o, s)
        left = s.weighted([(0, 6), (1, 4)]) + (o.area in FAILED)
        team, more, voters = s.whole(3, 5), s.whole(0, 3), s.whole(28, 45)
        problems = base + (extra and k >= 5)
        row = {
            "village_code": o.key[1], "org_code": o.code,
            "identified_on": D(2013, 1, 10 + int(o.unit[-1]) % 7) if first == "2013-01" else D(2013, 4, 11),
            "kind": kind, "problems": problem, "n_problems": problems, "leader": f"包村领导{int(o.key[1][-5:]):05d}",
            "team": team, "n_measures": problems + more + k // 4, "days_in_village": m.whole(8, 13),
            "n_solved": min(problems, (base + extra - left) * (k + 1) // len(MONTHS)),
            "secretary_changed": change is not None and k >= change, "listed_before": o.area in LISTED_BEFORE,
        }
        if folder == "2013-10" or (folder == "2013-09" and UNIT_NAMES[o.unit] in CHECKED_EARLY):
            row["v_all"] = voters
            row["v_ok"] = voters * (s.whole(74, 96) if o.area not in FAILED else 61) // 100
            row["score_county"] = FAILED.get(o.area) or Fraction(s.whole(146, 185), 2)
            row["county_verdict"] = "继续整顿" if o.area in FAILED else "合格"
        result.append({**row, "_area": o.area})
    return result


# ---- F14 ----

ITEMS = {
    "基础设施": ["硬化村内道路", "改造人畜饮水管网", "安装太阳能路灯", "修缮村级活动场所", "疏通田间水渠"],
    "产业帮扶": ["帮建核桃示范园", "扶持养殖户发展", "协调拱棚蔬菜种植", "开展实用技术培训"],
    "民生救助": ["救助困难党员和群众", "为孤寡老人修缮房屋", "资助贫困学生"],
    "政策服务": ["代办惠农补贴手续", "开展政策法律咨询"],
    "矛盾化解": ["调处土地纠纷", "化解邻里矛盾"],
}
DUE = [(5, 31), (6, 30), (8, 31), (9, 30), (10, 31), (11, 30), (12, 20)]
SNAPSHOTS = {"2013-03": D(2013, 3, 31), "2013-06": D(2013, 6, 30), "2013-09": D(2013, 9, 30)}
LATE_REASONS = ["资金到位较晚", "雨季施工受阻", "征地协调未完", "农忙推迟施工"]


def pledges(unit):
    """A unit's pledges of the year, with the day on which each is kept."""
    result = []
    u = Stream("pledges", unit)
    for number in range(1, u.whole(4, 7) + 1):
        s = Stream("pledge", unit, number)
        kind = s.weighted([("基础设施", 34), ("产业帮扶", 26), ("民生救助", 18), ("政策服务", 12), ("矛盾化解", 10)])
        mine = [v for v in VILLAGES if v["kind"] == "village" and (unit not in TOWNSHIPS or v["committee"] == unit)]
        village = s.pick(mine)
        month, day = s.pick(DUE)
        due = D(2013, month, day)
        kept = due + datetime.timedelta(s.weighted([(s.whole(-45, -5), 60), (s.whole(-4, 0), 22), (s.whole(10, 75), 18)]))
        funds = {"基础设施": s.whole(10, 80), "产业帮扶": s.whole(4, 40), "民生救助": s.whole(1, 12)}.get(kind, 0)
        result.append({
            "no": f"{unit}-CN2013-{number:02d}", "person": f"承诺人{int(unit[-3:]):03d}{number:02d}",
            "target": village["name"] + (f"困难户{s.whole(1, 9)}户" if kind == "民生救助" else ""),
            "item": s.pick(ITEMS[kind]), "kind": kind, "due": due, "kept": kept, "plan": Fraction(funds, 2),
            "share": s.whole(90, 104), "tasks": s.whole(1, 5), "confirmed": not s.happens(90),
            "rules": s.weighted([(D(2013, 3, 1), 55), (D(2013, 6, 1), 25), (D(2013, 9, 1), 12), (D(2014, 1, 1), 8)]),
            "from": "2013-06" if number >= 6 and s.happens(500) else "2013-03", "why": s.pick(LATE_REASONS),
        })
    name = UNIT_NAMES[unit]
    if name == "经贸系统":
        # The partner enterprise stopped: it cannot be kept, with its reason.
        result[0].update(kept=None, due=D(2013, 8, 31), stuck="2013-06", why="结对企业停产，资金无法落实")
    if name == "县直机关":
        # Put off with the county's consent: its date changed after the first filing, explained.
        result[1].update(due=D(2013, 8, 31), due_after=("2013-06", D(2013, 10, 31)), kept=D(2013, 10, 22), **{"from": "2013-03"})
    if name == "农工系统":
        # Re-measured: progress fell between June and September, explained.
        result[1].update(due=D(2013, 11, 30), kept=D(2013, 11, 25), lowered=True, **{"from": "2013-03"})
    if name == "卫生系统":
        # Past its date without a word: left open.
        result[0].update(due=D(2013, 8, 31), kept=D(2013, 11, 12), why=None)
    return result


def pledge_rows(unit, folder):
    today, result = SNAPSHOTS[folder], []
    for p in pledges(unit):
        if folder < p["from"]:
            continue
        due = p["due"]
        if "due_after" in p and folder >= p["due_after"][0]:
            due = p["due_after"][1]
        done = p["kept"] is not None and p["kept"] <= today
        start = D(2013, 3, 10)
        end = p["kept"] or D(2013, 12, 31)
        progress = 100 if done else max(0, min(95, (today - start).days * 20 // max(1, (end - start).days) * 5))
        state = "已兑现" if done else "未启动" if progress == 0 else "正在推进"
        if p.get("stuck") and folder >= p["stuck"]:
            progress, state = 15, "无法兑现"
        if p.get("lowered"):
            progress = {"2013-03": 10, "2013-06": 60, "2013-09": 45}[folder]
        tenths = p["plan"] * p["share"] * (60 if p.get("lowered") and progress == 45 else progress) // 1000
        late = due <= today and not done
        result.append({
            "pledge_no": p["no"], "unit_code": unit, "person": p["person"], "target": p["target"], "item": p["item"], "kind": p["kind"],
            "due_on": due, "plan_funds": p["plan"], "real_funds": Fraction(int(tenths), 10), "tasks_total": p["tasks"],
            "tasks_done": p["tasks"] * (60 if p.get("lowered") and progress == 45 else progress) // 100, "progress": progress,
            "done_on": p["kept"] if done else None, "state": state, "confirmed": p["confirmed"] if done else None,
            "rules_set": p["rules"] <= today, "reason": p["why"] if late or state == "无法兑现" else None,
        })
    return result


# ---- F15 ----

WINDS = [("形式主义", 4, 7), ("官僚主义", 3, 6), ("享乐主义", 2, 4), ("奢靡之风", 1, 3)]
MASS_MONTHS = ["2013-08", "2013-09", "2013-10"]


def mass_rows(unit, folder):
    k, name = MASS_MONTHS.index(folder), UNIT_NAMES[unit]
    s = Stream("mass", unit)
    ready = s.weighted([(0, 7), (1, 3), (2, 1)])
    planned = max(ready, s.weighted([(0, 5), (1, 4), (2, 2)]))
    opened = s.weighted([(0, 6), (1, 4), (2, 1)])
    team, sessions, people, columns = s.whole(4, 9), s.whole(1, 3), s.whole(22, 60), s.whole(1, 4)
    channels = {"on_tv": s.whole(0, 3), "in_paper": s.whole(0, 3), "on_page": s.whole(0, 1), "on_weibo": s.whole(1, 4)}
    if name == "农工系统":
        planned = 3  # no plan yet in October
    if name == "寒王乡":
        opened = 3  # no column or page yet in October
    if name == "城区":
        opened = max(opened, 1)
    held = sessions * (k + 1) + k
    rows = []
    for wind, low, high in WINDS:
        w = Stream("mass", unit, wind)
        whole, pace = w.whole(low, high), w.whole(-6, 6)
        found = whole * (60, 84, 100)[k] // 100
        fixed = found * ((15, 46, 74)[k] + pace) // 100
        if name == "城区" and k == 0:
            found = fixed = 0
        rows.append({"unit_code": unit, "wind": wind, "found": found, "fixed": fixed, "due_on": D(2013, 10 + w.whole(1, 2), 30) if found else None})
    rows[0].update(
        group_set=k >= ready, team=team if k >= ready else 0, plan_done=k >= planned, study_sessions=held, study_people=held * people,
        columns=columns if k >= opened else 0, found_total=sum(r["found"] for r in rows), fixed_total=sum(r["fixed"] for r in rows),
        **{channel: k >= max(first, opened) for channel, first in channels.items()},
    )
    return rows


# ---- F16C and F16S ----

# Lagging villages that their township calls calm: the first is explained, the second left open.
CALM = {"岭南洼村": "原定较差，今年已晋位，班子稳定，经走访研判为平稳。", "七里岩村": None}


def posts_of(village):
    return Stream("posts", village).weighted([(5, 50), (6, 20), (7, 30)])


def put_forward(village):
    """How many names a village puts forward."""
    return Stream("reserves", village).weighted([(2, 18), (3, 44), (4, 27), (5, 11)]) + (posts_of(village) == 7)


def official_of(world, village):
    """The village's college-graduate official whom it puts forward, as the roster (F11) knows him.

    On duty, and not the secretary already.
    """
    if not hasattr(world, "officials_on_duty"):
        rosters = officials.build(world.short)["2013H1"].values()
        world.officials_on_duty = {row["village_code"]: row for rows in rosters for row in rows if row["status"] == "在岗" and row["post"] != "书记"}
    return world.officials_on_duty.get(village) if Stream("official-put-forward", village).happens(650) else None


def reserves_of(world, village, clerk):
    """Reserves that a village counts: those who did not fail the vetting."""
    rows = _candidates_of(world, village, 0, clerk)
    return sum(row["vetting"] != "不合格" for row in rows)


def candidate_rows(world, unit, clerk):
    """One list a township; numbers of persons run through the county."""
    start, result = 0, []
    for v in VILLAGES:
        if v["kind"] != "village":
            continue
        if v["committee"] == unit:
            result += _candidates_of(world, v["code"], start, clerk)
        start += put_forward(v["code"])
    return result


def _candidates_of(world, village, start, clerk):
    rows = [_candidate(village, place, start + place + 1, clerk) for place in range(put_forward(village))]
    official = official_of(world, village)
    if official:
        # The last of the list, with what the roster says about him.
        rows[-1].update(
            name=official["name"], sex=official["sex"], birth=_month(official["birth"].year, official["birth"].month, clerk),
            education=official["education"], politics=official["politics"], person_kind="大学生村官")
    return rows


def _month(year, month, clerk):
    styles = {"dots": f"{year}.{month:02d}", "chinese": f"{year}年{month}月", "digits": f"{year}年{month:02d}月"}
    return styles.get(clerk.get("date"), f"{year}-{month:02d}")


def _candidate(village, place, number, clerk):
    s = Stream("candidate", village, place)
    kind = s.weighted([("致富带头人", 32), ("现任两委", 26), ("外出务工经商人员", 16), ("退伍军人", 13), ("其他", 13)])
    year, month = s.whole(1958, 1985), s.whole(1, 12)
    education = s.weighted([("初中及以下", 40), ("高中(技校)", 38), ("中专", 12), ("大学专科", 9), ("大学本科", 1)])
    source = s.weighted([("推", 46), ("荐", 30), ("挖", 24)])
    polled = source == "推" or s.happens(450)
    return {
        "name": f"后备{number:04d}", "id_tail": f"{s.whole(0, 999):03d}{s.pick('0123456789X')}", "village_code": village,
        "sex": "女" if s.happens(190) else "男", "birth": _month(year, month, clerk), "education": education,
        "politics": s.weighted([("中共党员", 62), ("群众", 25), ("中共预备党员", 7), ("共青团员", 6 if year > 1983 else 0)]),
        "source": source, "person_kind": kind, "poll": Fraction(s.whole(580, 965), 10) if polled else None,
        "vetting": s.weighted([("合格", 92), ("待审", 6), ("不合格", 2)]),
        "for_post": "村党组织书记" if place == 0 else "村委会主任" if place == 1 else "两委委员",
    }


def _incumbents(village, secretary, one_head):
    """Secretary, as the register names him, and head of the village; one person or two."""
    head = f"村主任{village[-3:]}"
    return (secretary or head) if one_head else f"{secretary}、{head}" if secretary else head


def survey_rows(world, unit, listed):
    villages = {o.key[1]: o for o in world.organisations if o.unit == unit and o.domain == "农村"}
    poor = {o.key[1] for o, *_ in listed}
    result = []
    for v in VILLAGES:
        if v["committee"] != unit or v["kind"] != "village":
            continue
        s, state = Stream("survey", v["code"]), villages[v["code"]].state["2013H1"]
        households = s.whole(40, 320)
        population = households * s.whole(24, 31) // 10
        disputes = s.weighted([(0, 34), (1, 30), (2, 20), (3, 12), (4, 4)])
        difficulty = s.weighted([("平稳", 58), ("一般", 32), ("重点难点", 10)])
        if v["code"] in poor:
            difficulty = "平稳" if v["name"] in CALM else s.weighted([("一般", 4), ("重点难点", 6)])
            disputes = max(disputes, 1)
        asked = min(households, s.whole(20, 60))
        result.append({
            "village_code": v["code"], "households": households, "population": population, "voters_est": population * s.whole(74, 82) // 100,
            "members": state["full"] + state["prob"], "incumbents": _incumbents(v["code"], state["secretary"], one := s.happens(280)),
            "one_head": one, "posts": posts_of(v["code"]), "cross": s.whole(1, 3), "income": Fraction(s.weighted([(s.whole(0, 20), 50), (s.whole(21, 80), 40), (s.whole(81, 400), 10)]), 10),
            "questionnaires": asked, "returned": asked - s.whole(0, 6), "visits": s.whole(10, 30), "audited": not s.happens(130),
            "talks": s.whole(0, 2) + (difficulty == "重点难点") * 2, "disputes_found": disputes,
            "disputes_solved": disputes - (s.weighted([(0, 6), (1, 4)]) if disputes else 0), "difficulty": difficulty, "reserves": reserves_of(world, v["code"], {}), "_area": v["name"],
        })
    return result


# ---- workbooks ----

def _rows(world, villages, unit, folder, clerk):
    """(form, what the clerk writes after 报告期, rows) of what the unit owes in this folder."""
    year, month = map(int, folder.split("-"))
    text = f"{year}年{month}月"
    if unit in TOWNSHIPS and folder in MONTHS:
        yield "lagging_village", text, lagging_rows(villages[unit], folder)
    if folder in SNAPSHOTS:
        yield "pledge", text, pledge_rows(unit, folder)
    if folder in MASS_MONTHS:
        yield "mass_line", text, mass_rows(unit, folder)
    if unit in TOWNSHIPS and folder == "2013-09":
        yield "reserve_candidate", text, candidate_rows(world, unit, clerk)
    if unit in TOWNSHIPS and folder == "2013-10":
        yield "term_survey", text, survey_rows(world, unit, villages[unit])


def add(world, month):
    """Adds a workbook a unit to the month, with its receipt and its explanations."""
    folder, villages = month.folder, lagging(world)
    month.campaigns = {}  # unit → (file, its sheets)
    year, number = map(int, folder.split("-"))
    for name, habits in returns.CLERKS.items():
        unit, sheets = CODE_OF[name], []
        days = LATE.get((folder, name)) or 3 + Stream("filed", folder, name, "campaigns").whole(0, 6)
        came = month_end(folder) + datetime.timedelta(days)
        for form, text, rows in _rows(world, villages, unit, folder, habits):
            clerk = {key: value for key, value in habits.items() if key not in ("csv", "note", "formulas")}
            clerk["typed"] = returns._typed(clerk, form, name, folder, rows)
            sheet = layout.Sheet(form, shown(form), clerk.get("unit", name), text, came - datetime.timedelta(1), rows, clerk)
            sheets.append((SHEETS[form], sheet))
            _explain(month, name, form, sheet)
        if sheets:
            file = f"{name}_专项工作_{year}年{number}月.xlsx"
            month.files[file] = layout.book(sheets)
            month.campaigns[name] = (file, sheets)
            month.received.append((file, came))


def _explain(month, unit, form, sheet):
    folder = month.folder

    def say(code, cell, text):
        month.explanations.append((code, unit, layout.BLANKS[form][0], cell, text))

    for row, record in enumerate(sheet.rows):
        if form == "lagging_village" and record["listed_before"]:
            if record["_area"] != LISTED_BEFORE[1] or folder != "2013-10":
                say("F13-05a", sheet.address(row, "listed_before"), "前年整顿后班子又出现问题，重新列入，县委已增派工作组。")
        if form == "term_survey" and CALM.get(record["_area"]) and record["difficulty"] == "平稳":
            say("F16S-02", sheet.address(row, "difficulty"), CALM[record["_area"]])
    if (form, unit, folder) == ("pledge", "县直机关", "2013-06"):
        say("F14-03b", "", "用地手续未批，经县委同意延期至10月底，已公示。")
    if (form, unit, folder) == ("pledge", "农工系统", "2013-09"):
        say("F14-03a", "", "按实际完成面积重新核定进度。")
    if (form, unit, folder) == ("mass_line", "城区", "2013-08"):
        say("F15-02", "", "领导小组刚成立，查摆工作9月初开始。")
    if (form, unit, folder) == ("pledge", "卫生系统", "2013-06"):
        say("G-10", "", "本季新增承诺一项，计划投入相应增加。")
