"""F17: the inspection tour of 17 and 18 October 2013, seventeen spots and five raters."""

import datetime
from fractions import Fraction

import layout
from chance import Stream
from separate import OFFICE, explain, month_text, post, rounded, sheet_of

D = datetime.date
FORM = "observation_spot"
layout.BLANKS[FORM] = ("观摩点评打分表(党建项目)", "分", [
    ("", ["spot", "committee_code", "domain", "novelty", "project"]),
    ("观摩安排", ["distance", "visited_on", "visit_no", "committee_place"]), ("评委", ["rater", "rater_committee"]),
    ("打分", ["s1", "s2", "s3", "s4", "score"]), ("结果", ["trim_mean", "rank"]), ("", ["comment"])])
layout.ADDED[FORM] = []

FOLDER = "2013-10"
FIRST, SECOND = D(2013, 10, 17), D(2013, 10, 18)
OLD, NEW = "老典型", "新典型"
# spot, committee, domain, novelty, project, near or far, day, level out of 100 as the raters see it
SPOTS = [
    ("东沟村", "辽阳镇", "农村", OLD, "阳光便民工作室", "近", FIRST, 93),
    ("殷家庄村", "辽阳镇", "农村", NEW, "党员资格年检", "近", FIRST, 91),
    ("万寿社区", "城区", "社区", NEW, "阳光便民工作室", "近", FIRST, 94),
    ("国税局党支部", "县直机关", "县直机关", OLD, "道德讲堂、五五讲坛", "近", FIRST, 90),
    ("县自来水公司党支部", "县直机关", "县直机关", OLD, "马厩水厂党员先锋岗", "近", FIRST, 88),
    ("交警队党支部", "政法系统", "县直机关", NEW, "爱民实践活动", "近", FIRST, 92),
    ("左权中学党总支", "宣教系统", "县直机关", OLD, "星级管理", "近", FIRST, 91),
    ("样例建材087有限公司", "非公工委", "企业", NEW, "规范化信息化特色化示范化", "近", FIRST, 93),
    ("样例煤化062有限公司", "经贸系统", "企业", None, "党员示范岗", "近", FIRST, 76),
    ("马厂坪村", "石匣乡", "农村", NEW, "村务公开", "近", FIRST, 87),
    ("上会村", "龙泉乡", "农村", OLD, "九步循环工作法", "近", SECOND, 92),
    ("旧寨村", "芹泉镇", "农村", OLD, "六簿六制度", "近", SECOND, 95),
    ("永兴峪村", "拐儿镇", "农村", NEW, "党员核桃技术服务队", "远", SECOND, 93),
    ("拐儿镇阳光便民大厅", "拐儿镇", "农村", None, "阳光便民大厅", "远", SECOND, 84),
    ("小平岩村", "羊角乡", "农村", OLD, "121联系群众制度", "远", SECOND, 82),
    ("十里湾村", "麻田镇", "农村", OLD, "123工作法", "远", SECOND, 94),
    ("麻田镇阳光便民大厅", "麻田镇", "农村", None, "阳光便民大厅", "远", SECOND, 84),
]
RATERS = ["01", "02", "03", "04", "05"]
# The fifth comes from a committee whose own spots she rates too: told, and explained.
RATER_COMMITTEE = {"05": "麻田镇"}
TEMPER = {"01": 0, "02": 1, "03": -2, "04": 2, "05": 0}
FULL = [("s1", 20), ("s2", 30), ("s3", 30), ("s4", 20)]
# Two spots with the same ballots: they share a place.
TWINS = {"麻田镇阳光便民大厅": "拐儿镇阳光便民大厅"}
COMMENTS = {"样例煤化062有限公司": "项目层次不高，与生产结合不紧，效果不明显。", "小平岩村": "制度有了，落实不够，档案不全。", "旧寨村": "坚持两年多，簿册规范，可推广。", "万寿社区": "服务贴近群众，新意足。"}


def ballots(spot, level, rater):
    """Half points of the four items."""
    s = Stream("spot", TWINS.get(spot, spot), rater)
    total = min(196, 2 * level + TEMPER[rater] + s.whole(-3, 3))
    items, left = {}, total
    for place, (name, full) in enumerate(FULL):
        rest = sum(f for _, f in FULL[place + 1:]) * 2
        if rest:
            fair = left * full * 2 // (full * 2 + rest)
            value = max(left - rest, min(full * 2, fair + s.whole(-1, 1), left))
        else:
            value = left
        items[name], left = value, left - value
    return {name: Fraction(value, 2) for name, value in items.items()}


def rows(ballots=ballots):
    """A row a spot and rater; everything that follows from the ballots is computed."""
    votes = {spot: [ballots(spot, level, rater) for rater in RATERS] for spot, *_, level in SPOTS}
    means = {}
    for spot, given in votes.items():
        totals = sorted(sum(items.values()) for items in given)
        means[spot] = rounded(sum(totals[1:-1]) / (len(totals) - 2))
    ranks = {spot: 1 + sum(other > mean for other in means.values()) for spot, mean in means.items()}
    order, result = {}, []
    committees = {}
    for spot, committee, *_ in SPOTS:
        committees.setdefault(committee, []).append(spot)
    places = {spot: 1 + place for mine in committees.values() for place, spot in enumerate(sorted(mine, key=lambda s: -means[s]))}
    for spot, committee, domain, novelty, project, distance, day, _ in SPOTS:
        order[day] = order.get(day, 0) + 1
        for rater, items in zip(RATERS, votes[spot]):
            result.append({
                "spot": spot, "committee_code": committee, "domain": domain, "novelty": novelty, "project": project,
                "distance": distance, "visited_on": day, "visit_no": order[day], "committee_place": places[spot],
                "rater": rater, "rater_committee": RATER_COMMITTEE.get(rater), **items, "score": sum(items.values()),
                "trim_mean": means[spot], "rank": ranks[spot], "comment": COMMENTS.get(spot) if rater == "01" else None,
            })
    return result


def add(_world, month):
    if month.folder != FOLDER:
        return
    mine = rows()
    habits = {"blank": {"novelty": "—", "rater_committee": "—"}, "note": "每点去掉一个最高分、一个最低分后平均；不是典型的填“—”。"}
    sheet = sheet_of(FORM, OFFICE, FOLDER, month_text(FOLDER, OFFICE), mine, habits)
    post(month, OFFICE, "观摩点评打分", "2013年10月", "观摩打分", sheet)
    for index, record in enumerate(mine):
        if record["rater_committee"] == record["committee_code"]:
            text = "评委从该镇抽调，打分经复核；去掉最高、最低分后不影响名次。"
            explain(month, "F17-02b", OFFICE, FORM, sheet.address(index, "rater"), text)
