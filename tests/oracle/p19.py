"""Diagnoses October 2013 (P19) from the raw returns of all months, independently of the program.

    python3 tests/oracle/p19.py
        # writes tests/oracle/problems_2013-10.csv, county_2013-10_p19.csv

The sheets are read as county.py reads them; every rule is said again here, over every period, so
that the rows of periods are recounted too. From the definitions come only the words: title,
disease and sentence of each rule. Rules whose figures other programs here have computed take them
from there (`PUBLISHED`). Of the checks whose findings count, F03V-05 is said again, and
for returns that wait for an explanation F13-05a and F16S-02, the only ones open in October.
"""

import csv
import re
import tomllib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import county
from county import COUNTY, PIPELINE, RETURNS, UNIT_OF, coded, day, rounded, squeeze, working_days, yes

HERE = Path(__file__).parent
MONTHS = sorted(path.name for path in RETURNS.iterdir() if path.is_dir())

# form → name → (header titles, how to read it)
FORMS = {
    "studio": {"studio": (["工作室代码"], "text"), "opened": (["启动日期"], "text"), "days": (["接待日次数"], "number"), "forums": (["民主恳谈次数"], "number"), "visits": (["走访群众人次"], "number")},
    "org": {"org": (["党组织代码"], "text"), "due": (["本年应换届"], "yes"), "done": (["已换届"], "yes"), "secretary": (["书记姓名"], "text"), "status": (["状态"], "org_status")},
    "rating": {"org": (["党组织代码"], "text"), "grade": (["评定等次"], "rating_grade"), "before": (["上年等次"], "rating_grade"), "domain": (["领域"], "rating_domain")},
    "secretary": {"committee": (["所属党委"], "text"), "level": (["层级"], "text"), "score": (["综合得分"], "number")},
    "mass": {"team": (["工作组人数"], "number"), "group": (["领导小组成立"], "yes"), "plan": (["实施方案"], "yes"), "sessions": (["集中学习次数"], "number"), "columns": (["专栏/专页数"], "number"), "total": (["查摆问题总数"], "number"), "wind": (["问题类别"], "text")},
    "review": {"class": (["党员类别"], "text"), "final": (["县审核等次"], "review_grade"), "absent": (["未参加原因"], "absent_reason")},
    "recruit": {"case": (["编号"], "text"), "new": (["本年发展"], "yes"), "due": (["本年应转正"], "yes")},
    "plan": {"plan": (["县下达计划数"], "number"), **{f"q{n}": ([f"{word}季度计划"], "number") for n, word in enumerate("一二三四", 1)}},
    "village": {"branch": (["村党支部代码"], "text"), "last": (["上年发展党员数"], "number"), "now": (["本年发展党员数"], "number")},
    "pledge": {"no": (["承诺编号"], "text"), "due": (["承诺完成时限"], "day"), "state": (["兑现情况"], "pledge_state"), "rules": (["制度健全"], "yes"), "reason": (["未完成原因"], "text")},
    "site": {"site": (["站点编号"], "text"), "active": (["本月是否参学"], "yes"), "device": (["设备状态"], "text")},
    "news": {"quota": (["任务篇数"], "number"), "sent": (["上报篇数"], "number")},
    "vote": {"meeting": (["票决会议"], "text"), "size": (["应到会有表决权人数"], "number"), "agreed": (["赞成"], "number")},
    "room": {"satisfied": (["群众评价满意"], "number"), "rated": (["群众评价总数"], "number")},
    "lagging": {"village": (["村代码"], "text"), "again": (["近三年曾列入"], "yes"), "first": (["初查结论"], "text")},
    "survey": {"village": (["村代码"], "text"), "difficulty": (["难易分类"], "term_difficulty"), "audited": (["届前审计"], "yes")},
}


def number(value):
    text = squeeze(value)
    if isinstance(value, float):
        return Fraction(f"{value:.15g}")
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)\D*", text)
    return Fraction(found.group(1)) if found else None


def read(kind, value):
    if kind == "text":
        text = squeeze(value)
        return text if text not in ("", "—", "/", "无", "-") else None
    if kind == "number":
        return number(value)
    if kind == "yes":
        return yes(value) if squeeze(value) else None
    return day(value) if kind == "day" else coded(kind, value)


def sheets(path):
    """(form, unit code, rows) of each recognised sheet; form "" for others that name a sender."""
    for grid in county.grids(path):
        flat = [[squeeze(cell) for cell in row] for row in grid]
        senders = [m.group(1) for row in flat[:12] for cell in row if (m := re.search(r"填报单位(?:\([^)]*\))?:(.+?)(?:报告期:|$)", cell))]
        if not senders:
            continue
        unit = UNIT_OF[senders[0]]
        for form, columns in FORMS.items():
            titles = {name: words for name, (words, _) in columns.items()}
            wanted = {squeeze(word): name for name, words in titles.items() for word in words}
            found = county.header(flat, wanted, titles)
            if not found:
                continue
            top, places = found
            rows = []
            for raw, words in zip(grid[top:], flat[top:]):
                if any(word in ("合计", "总计", "小计") or word.startswith(("单位负责人", "填表说明")) for word in words):
                    break
                row = {name: read(columns[name][1], raw[c] if c < len(raw) else None) for name, c in places.items()}
                # A line below the table (填表人 …) has nothing in these columns.
                if any(value is not None for value in row.values()):
                    rows.append(row)
            yield form, unit, rows
            break
        else:
            yield "", unit, []


def everything():
    """(form, folder) → unit → rows; file name → returns in it, of October; returns sent back."""
    facts, returns, rejected = {}, Counter(), set()
    for folder in MONTHS:
        for path in sorted((RETURNS / folder).iterdir()):
            if path.name in ("收件.csv", "更正.csv", "审核说明.csv"):
                continue
            for form, unit, rows in sheets(path):
                if folder == MONTHS[-1]:
                    returns[path.name] += 1
                # F07-04b, 退回: visits of a studio that is not open.
                if form == "studio" and any(r["opened"] is None and r["visits"] for r in rows):
                    rejected.add((form, folder, unit))
                    continue
                if form:
                    facts.setdefault((form, folder), {})[unit] = rows
    return facts, returns, rejected


def month(folder):
    return folder


def quarter(folder):
    return f"{folder[:4]}Q{int(folder[5:]) // 3}"


def half(folder):
    return f"{folder[:4]}H{int(folder[5:]) // 6}"


def year(folder):
    return folder[:4] if folder != "2013-06" else "2013"


def count(rows, test):
    return Fraction(sum(1 for r in rows if test(r)))


def alive(rows):
    return [r for r in rows if r["status"] in ("在册", "更名")]


def overdue(r, folder):
    return f"{r['due']:%Y-%m}" <= folder and r["state"] != "已兑现"


def ready(r):
    return bool(r["group"] and r["plan"] and r["team"] > 0) + (r["sessions"] > 0) + (r["total"] > 0) + (r["columns"] > 0)


def share(numerator, base):
    return (numerator, base)


def mass_ready(rows, folder):
    first = [r for r in rows if r["wind"] == "形式主义"]
    return share(Fraction(sum(map(ready, first))), Fraction(4 * len(first)))


def studio(name):
    return lambda rows, folder: (Fraction(sum(r[name] or 0 for r in rows)), count(rows, lambda r: r["opened"] is not None))


def due_to_elect(rows, folder):
    due = [r for r in alive(rows) if r["due"]]
    return share(count(due, lambda r: r["done"]), Fraction(len(due)))


def attended(rows):
    return [r for r in rows if r["absent"] is None]


# rule → (indicator, form, period of a folder, (numerator, base or None) of a unit's rows, scale,
#         decimals, measure, condition, threshold in words, least base, fewest periods)
FIGURES = {
    "studio-closed": ("studio_opened", "studio", month, lambda rows, f: (count(rows, lambda r: r["opened"] is not None), None), 1, 0, "个", lambda v: v == 0, "应启动", 0, 1),
    "secretary-vacant": ("vacant_secretary", "org", half, lambda rows, f: (count(alive(rows), lambda r: r["secretary"] is None), None), 1, 0, "个", lambda v: v > 0, "应配齐", 0, 1),
    "election-late": ("election_on_time", "org", half, due_to_elect, 100, 1, "%", lambda v: v < 80, "不低于 80%", 3, 1),
    "branches-poor": ("good_or_better", "rating", year, lambda rows, f: share(count(rows, lambda r: r["grade"] in ("好", "较好")), count(rows, lambda r: r["grade"])), 100, 1, "%", lambda v: v < 60, "不低于 60%", 10, 1),
    "massline-unready": ("mass_ready_rate", "mass", month, mass_ready, 100, 1, "%", lambda v: v < 100, "四个先行全部完成", 0, 1),
    "review-absent": ("review_rate", "review", year, lambda rows, f: share(Fraction(len(attended(rows))), Fraction(len(rows))), 100, 1, "%", lambda v: v < 90, "不低于 90%", 20, 1),
    "members-unqualified": ("unqualified_rate", "review", year, lambda rows, f: share(count(attended(rows), lambda r: r["final"] == "不合格"), count(attended(rows), lambda r: r["final"])), 100, 2, "%", lambda v: v > 5, "不高于 5%", 20, 1),
    "recruits-few": ("recruit_schedule_rate", "recruit", quarter, None, 100, 1, "%", lambda v: v < 100, "不低于 100%", 0, 1),
    "villages-idle": ("recruit_idle_villages", "village", year, lambda rows, f: share(count(rows, lambda r: r["last"] + r["now"] == 0), Fraction(len(rows))), 100, 1, "%", lambda v: v > 50, "不高于 50%", 0, 1),
    "pledges-overdue": ("pledges_overdue", "pledge", month, lambda rows, f: (count(rows, lambda r: overdue(r, f)), None), 1, 0, "项", lambda v: v > 1, "逾期不超过1项", 0, 1),
    "sites-unused": ("edu_active_rate", "site", month, lambda rows, f: share(count(rows, lambda r: r["active"]), count(rows, lambda r: r["active"] is not None)), 100, 1, "%", lambda v: v < 100, "站点全部参学", 0, 2),
    "news-short": ("news_quota_rate", "news", month, lambda rows, f: share(sum(r["sent"] for r in rows), sum(r["quota"] for r in rows)), 100, 1, "%", lambda v: v < 100, "完成任务数", 0, 1),
    "receptions-none": ("studio_receptions_each", "studio", month, studio("days"), 1, 1, "次", lambda v: v == 0, "每月接待", 0, 1),
    "forums-none": ("studio_forums_each", "studio", month, studio("forums"), 1, 1, "次", lambda v: v == 0, "每月恳谈", 0, 1),
    "rules-hollow": ("pledge_rules_rate", "pledge", month, lambda rows, f: share(count(rows, lambda r: r["rules"]), count(rows, lambda r: r["rules"] is not None)), 100, 1, "%", lambda v: v < 60, "不低于 60%", 5, 1),
}


# What is seen, in the rule's own words: of numerator and base, both counts.
WORDS = {
    "studio-closed": lambda n, d: "未启动",
    "secretary-vacant": lambda n, d: f"空缺{n}名",
    "massline-unready": lambda n, d: f"完成{n}项、缺{d - n}项",
    "pledges-overdue": lambda n, d: f"逾期{n}项",
    "sites-unused": lambda n, d: f"{d - n}个站点未参学",
    "news-short": lambda n, d: f"欠{d - n}篇",
    "receptions-none": lambda n, d: "未接待",
    "forums-none": lambda n, d: "未开展",
    "spots-none": lambda n, d: "没有观摩点",
    "enterprises-uncovered": lambda n, d: f"{d - n}个企业未覆盖",
    "lagging-rebound": lambda n, d: f"反弹{n}个村",
    "pairing-short": lambda n, d: f"应结对{d}个村，{d - n}个未结对",
    "projects-none": lambda n, d: "没有项目",
    "members-fewer": lambda n, d: f"减少{rounded(-100 * n / d, 2)}%",
}

# Rules over figures that other independent programs here computed from the raw returns of October:
# rule → (indicator, is the unit a category of the county's figure, scale, decimals, measure,
# condition, standard, least base). Since when is not counted again.
PUBLISHED = {
    "spots-none": ("spots", True, 1, 0, "个", lambda v: v == 0, "至少1个", 0),
    "officials-off-duty": ("official_duty_rate", False, 100, 1, "%", lambda v: v < 80, "不低于 80%", 4),
    "enterprises-uncovered": ("work_coverage", False, 100, 1, "%", lambda v: v < 100, "全覆盖", 0),
    "lagging-rebound": ("lagging_rebound", False, 1, 0, "个", lambda v: v > 0, "不反弹", 0),
    "lagging-unsolved": ("lagging_solved_rate", False, 100, 1, "%", lambda v: v < 80, "不低于 80%", 5),
    "reserves-short": ("term_reserve_ready", False, 100, 1, "%", lambda v: v < 75, "不低于 75%", 5),
    "disputes-unsolved": ("term_dispute_rate", False, 100, 1, "%", lambda v: v < 60, "不低于 60%", 5),
    "pairing-short": ("joint_pairing_rate", False, 100, 1, "%", lambda v: v < 100, "全部结对", 0),
    "appraisal-absent": ("appraisal_turnout", False, 100, 1, "%", lambda v: v < 90, "不低于 90%", 20),
    "regulars-late": ("recruit_regular_on_time", False, 100, 1, "%", lambda v: v < 80, "不低于 80%", 5),
    "members-fewer": ("member_growth", False, 100, 2, "%", lambda v: v < -1, "减少不到 1%", 50),
    "answers-unsatisfying": ("reply_satisfaction", False, 100, 1, "%", lambda v: v < 60, "不低于 60%", 5),
    "rooms-worse": ("room_satisfaction", False, 100, 1, "%", None, "不大幅下降", 5),
    "projects-none": ("projects", False, 1, 0, "个", lambda v: v == 0, "至少1个", 0),
    "spots-poor": ("spot_average", True, 1, 2, "分", lambda v: v < 80, "不低于 80 分", 0),
}
# 经贸系统 hands in the return of the joint committee.
ANSWERS = {"pairing-short": "140722302"}


def published():
    """Figure id → (numerator, base), of the programs beside this one."""
    found = {}
    for path in sorted(HERE.glob("county_2013-10*.csv")):
        if path.name == "county_2013-10_p19.csv":
            continue
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                number = lambda text: Fraction(text) if text else None
                found[row["figure_id"]] = (number(row["numerator"]), number(row["denominator"]))
    return found


def satisfied(folder):
    """F08: unit → satisfied and rated of its rooms."""
    return {unit: (sum(r["satisfied"] or 0 for r in rows), sum(r["rated"] or 0 for r in rows)) for unit, rows in FACTS["room", folder].items()}


def published_problem(rule, unit):
    indicator, category, scale, decimals, measure, met, standard, least = PUBLISHED[rule]
    if rule in ANSWERS and unit != ANSWERS[rule]:
        return None
    figure = f"{indicator}@{COUNTY}" if rule in ANSWERS else f"{indicator}@{COUNTY}@{unit}" if category else f"{indicator}@{unit}"
    numerator, base = FOUND.get(figure, (None, None))
    if numerator is None or (base is not None and (base == 0 or base < least)):
        return None
    exact = numerator * scale / (1 if base is None else base)
    printed = rounded(exact, decimals)
    fell = None
    if rule == "rooms-worse":
        yes_before, all_before = satisfied("2013-09").get(unit, (0, 0))
        if not all_before:
            return None
        before = Fraction(100 * yes_before, all_before)
        if before - exact < 10:
            return None
        fell = f"比上期下降 {rounded(Fraction(rounded(before, 1)) - Fraction(printed), 1)} 个百分点"
    elif not met(exact):
        return None
    notes = [] if rule in WORDS or base in (None, 1) and scale == 1 else [f"{numerator}/{base}"]
    notes += [fell] if fell else []
    waits = {"reserves-short": "survey", "disputes-unsolved": "survey", "lagging-rebound": "lagging", "lagging-unsolved": "lagging"}
    notes += ["待核实"] if waits.get(rule) in waiting(unit) else []
    seen = WORDS[rule](numerator, base) if rule in WORDS else measured(printed, measure)
    seen += f"（{'，'.join(notes)}）" if notes else ""
    return seen, standard, [], "", "", figure


def due_folders(form):
    """Folders in which the form is due, oldest first, up to October. A folder in which nobody's
    return came would be a gap; none is."""
    return [folder for folder in MONTHS if (form, folder) in FACTS]


def of_unit(rule, unit, folder):
    """(numerator, base or None) or nothing."""
    _, form, *_ = FIGURES[rule]
    rows = FACTS[form, folder].get(unit)
    if rows is None:
        return None
    if rule == "recruits-few":
        # The plan of the year is handed in with the first quarter (that of 2012 in December); what
        # is planned up to the quarter's end is due by then.
        plan = FACTS["plan", "2012-12" if folder == "2012-12" else "2013-03"].get(unit)
        quarters = range(1, int(folder[5:]) // 3 + 1)
        return share(count(rows, lambda r: r["new"]), sum(r[f"q{n}"] for r in plan for n in quarters))
    return FIGURES[rule][3](rows, folder)


def value(rule, pair):
    scale, least = FIGURES[rule][4], FIGURES[rule][9]
    if pair is None or (pair[1] is not None and (pair[1] == 0 or pair[1] < least)):
        return None
    return pair[0] * scale / (1 if pair[1] is None else pair[1])


def streak(rule, unit):
    """Folders that meet the rule, latest first, back to the first that does not; and the folders
    among them without a return that counts, which neither add nor end."""
    form, met = FIGURES[rule][1], FIGURES[rule][7]
    row, gaps = [], []
    # The report's series has eleven points: all the folders that there are.
    for folder in reversed(due_folders(form)):
        pair = of_unit(rule, unit, folder)
        if pair is None:
            gaps.append(folder)
            continue
        number = value(rule, pair)
        if number is None or not met(number):
            break
        row.append(folder)
    return row, gaps


def measured(text, measure):
    return f"{text}%" if measure == "%" else f"{text} {measure}"


def title(period):
    if "-" in period:
        return f"{period[:4]}年{int(period[5:])}月"
    if "Q" in period:
        return f"{period[:4]}年{'一二三四'[int(period[-1]) - 1]}季度"
    if "H" in period:
        return f"{period[:4]}年{'上下'[int(period[-1]) - 1]}半年"
    return f"{period}年"


def adjacent(folders):
    numbers = [int(f[:4]) * 12 + int(f[5:]) for f in folders]
    return all(a - b == 1 for a, b in zip(numbers, numbers[1:]))


def length(rule_period, folders, gaps):
    word = {month: "个月", quarter: "个季度", half: "个半年", year: "年"}[rule_period]
    inside = [folder for folder in gaps if folders[-1] < folder < folders[0]]
    if rule_period is month and not adjacent(sorted(folders + inside, reverse=True)):
        word = "期"
    return f"{'至少 ' if gaps else ''}{len(folders)} {word}"


def gaps_in_words(rule, unit, gaps):
    """`2月缺报、4月退回`, oldest first; all of October's lie in 2013 and are three at most."""
    assert len(gaps) <= 3 and all(folder.startswith("2013-") for folder in gaps)
    form, period = FIGURES[rule][1], FIGURES[rule][2]
    reason = lambda folder: "退回" if (form, folder, unit) in REJECTED else "缺报"
    return "、".join(title(period(folder)).removeprefix("2013年") + reason(folder) for folder in reversed(gaps))


def explained(folder):
    with open(RETURNS / folder / "审核说明.csv", encoding="utf-8-sig", newline="") as file:
        return {(row["检查"], UNIT_OF[row["单位"]]) for row in csv.DictReader(file)}


def open_pledges(unit, folder):
    """F14-02 left open: overdue without a reason, and no explanation."""
    rows = FACTS["pledge", folder].get(unit, [])
    return any(overdue(r, folder) and r["reason"] is None for r in rows) and ("F14-02", unit) not in explained(folder)


def figure_problem(rule, unit):
    indicator, form, period, _, _, decimals, measure, _, threshold, _, fewest = FIGURES[rule]
    folders, gaps = streak(rule, unit)
    if len(folders) < fewest or not folders:
        return None
    # Every unit's latest return is here: what is seen is of the latest period.
    assert not gaps or gaps[0] < folders[0]
    pair = of_unit(rule, unit, folders[0])
    own = WORDS.get(rule)
    seen = own(*pair) if own else measured(rounded(value(rule, pair), decimals), measure)
    notes = []
    if pair[1] is not None and not own:
        notes.append(f"{pair[0]}/{pair[1]}")
    if form == "pledge" and open_pledges(unit, folders[0]):
        notes.append("待核实")
    seen += f"（{'，'.join(notes)}）" if notes else ""
    since = period(folders[-1])
    return seen, threshold, folders, since, length(period, folders, gaps), f"{indicator}@{unit}", gaps_in_words(rule, unit, gaps)


def last_secretary(unit):
    """书记述职: the lowest score of the group; nobody alone in a group is last."""
    scores = {}
    for rows in FACTS["secretary", "2012-12"].values():
        for r in rows:
            if r["level"] == "乡":
                scores[UNIT_OF[r["committee"]]] = r["score"]
    group = [u for u in UNITS if GROUP[u] == GROUP[unit] and u in scores]
    better = sum(scores[u] > scores[unit] for u in group)
    if len(group) <= 1 or len(group) - better > 1:
        return None
    seen = f"{rounded(scores[unit], 2)} 分（{GROUP[unit]}第 {better + 1} 位，共 {len(group)} 个）"
    return seen, "不在组内末位", ["2012-12"], "2012", "1 年", f"township_secretary_score@{COUNTY}@{unit}"


def late(unit):
    """Received after the tenth working day of November."""
    with open(RETURNS / "2013-10" / "收件.csv", encoding="utf-8-sig", newline="") as file:
        received = {row["文件"]: day(row["收到日期"]) for row in csv.DictReader(file)}
    end = day("2013-10-31")
    names = [name for name, on in received.items() if name.startswith(NAME[unit]) and working_days(end, on) > 10]
    found = sum(RETURNS_IN[name] for name in names)
    return (f"迟报 {found} 份", "按期报送", ["2013-10"], "2013-10", "1 个月", None) if found else None


def waiting(unit):
    """Forms whose returns of October have a 核实 that is open."""
    known = explained("2013-10")
    calm = FACTS["survey", "2013-10"].get(unit, [])
    listed = FACTS["lagging", "2013-10"].get(unit, [])
    lagging = {r["village"] for r in listed}
    found = set()
    if any(r["again"] for r in listed) and ("F13-05a", unit) not in known:
        found.add("lagging")
    if any(r["difficulty"] == "平稳" and r["village"] in lagging for r in calm) and ("F16S-02", unit) not in known:
        found.add("survey")
    return found


def queried(unit):
    """核实 that October leaves open, a return each."""
    found = len(waiting(unit))
    return (f"待核实 {found} 份", "逐条说明或更正", ["2013-10"], "2013-10", "1 个月", None) if found else None


def uniform(unit):
    """F03V-05: five votes or more, all of them full, without explanation."""
    votes = FACTS["vote", "2013-09"].get(unit, [])
    if len(votes) >= 5 and all(v["agreed"] == v["size"] for v in votes) and ("F03V-05", unit) not in explained("2013-09"):
        return f"本季度 {len(votes)} 次票决，赞成票全部等于应到人数", "如实票决、如实填写", ["2013-09"], "2013Q3", "1 个季度", None
    return None


OTHERS = {"returns-late": late, "returns-absent": lambda unit: None, "queries-open": queried, "secretary-last": last_secretary, "answers-uniform": uniform}

with open(PIPELINE / "programmes" / "p19-diagnosis.toml", "rb") as file:
    PROGRAMME = tomllib.load(file)
with open(PIPELINE / "codelists.toml", "rb") as file:
    DISEASES = {code["code"]: code["id"] for code in tomllib.load(file)["disease"]["codes"]}
with open(PIPELINE / "registers" / "unit.csv", encoding="utf-8", newline="") as file:
    REGISTER = [row for row in csv.DictReader(file) if row["kind"] in PROGRAMME["diagnosed"]]
UNITS = [row["code"] for row in REGISTER]
NAME = {row["code"]: row["name"] for row in REGISTER}
GROUP = {row["code"]: row["group"] for row in REGISTER}
FACTS, RETURNS_IN, REJECTED = everything()
FOUND = published()


def problems():
    found = []
    for unit in UNITS:
        for disease in DISEASES:
            for rule in (d for d in PROGRAMME["diagnosis"] if d["disease"] == disease):
                id_ = rule["id"]
                got = figure_problem(id_, unit) if id_ in FIGURES else published_problem(id_, unit) if id_ in PUBLISHED else OTHERS[id_](unit)
                if not got:
                    continue
                seen, threshold, folders, since, long, figure, *rest = got
                if id_ in PUBLISHED:
                    found.append([f"{id_}@{unit}", disease, rule["title"], unit, NAME[unit], GROUP[unit], seen, threshold, "", "", "", figure, ""])
                    continue
                gaps = rest[0] if rest else ""
                in_a_row = f"（自{title(since)}起连续 {long}）" if len(folders) > 1 else ""
                if gaps:
                    in_a_row = f"（自{title(since)}起{long}，{gaps}）"
                    long = f"{long}（{gaps}）"
                words = {"unit": NAME[unit], "title": rule["title"], "seen": seen, "threshold": threshold, "periods": long, "since": title(since), "streak": in_a_row}
                text = re.sub(r"\{(\w+)\}", lambda m: words[m.group(1)], rule["text"])
                found.append([f"{id_}@{unit}", disease, rule["title"], unit, NAME[unit], GROUP[unit], seen, threshold, len(folders), since, text, figure or "", gaps])
    return found


def figures(found):
    """The counts, and the two indicators that P19 adds."""
    lines = []

    def one(id_, numerator, denominator, scale, decimals):
        base = 1 if denominator is None else denominator
        printed = rounded(Fraction(numerator * scale) / base, decimals) if base else ""
        lines.append([id_, numerator, "" if denominator is None else denominator, printed])

    def problem_lines(code, of):
        one(f"problem_total@{code}", len(of), None, 1, 0)

    problem_lines(COUNTY, found)
    for unit in UNITS:
        problem_lines(unit, [p for p in found if p[3] == unit])
    for rule in PROGRAMME["diagnosis"]:
        one(f"problem_total@{COUNTY}@{rule['id']}", sum(p[0].split("@")[0] == rule["id"] for p in found), None, 1, 0)
    for code in [COUNTY, *UNITS]:
        of = [p for p in found if code in (COUNTY, p[3])]
        for disease, id_ in DISEASES.items():
            one(f"problem_count@{code}@{id_}", sum(p[1] == disease for p in of), len(of), 100, 1)
    for indicator, name in (("studio_receptions_each", "days"), ("studio_forums_each", "forums")):
        pairs = {unit: studio(name)(FACTS["studio", "2013-10"][unit], "2013-10") for unit in UNITS}
        one(f"{indicator}@{COUNTY}", sum(n for n, _ in pairs.values()), sum(d for _, d in pairs.values()), 1, 1)
        for unit, (numerator, base) in pairs.items():
            one(f"{indicator}@{unit}", numerator, base, 1, 1)
    return lines


def write(name, header, rows):
    with open(HERE / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(name, len(rows))


def main():
    found = problems()
    write("problems_2013-10.csv", ["problem_id", "disease", "title", "unit_code", "unit", "group", "seen", "threshold", "periods", "since", "text", "figure", "gaps"], found)
    write("county_2013-10_p19.csv", ["figure_id", "numerator", "denominator", "value"], figures(found))


if __name__ == "__main__":
    main()
