"""F01, F02 and F00M (increase and decrease, structure, model branches), and the workbooks of
these and of recruiting that lie beside each committee's monthly one.

Totals of F01 agree with the register of organisations (F00) at the end of each half-year; what
moves inside the county leaves one committee for another in the same month.
"""

import copy
import datetime

import flawed
import layout
import recruits
import returns
from chance import Stream
from county import FOLDERS, TOWNSHIPS, UNIT_NAMES, month_end

D = datetime.date

layout.BLANKS.update({
    "recruit_case": ("发展党员工作台账", "人、次、天", [
        ("", ["case_no", "name", "sex", "ethnic", "birth", "education", "occupation", "front_line", "org_code"]),
        ("申请和积极分子", ["applied_on", "recommend_by", "activist_on", "mentors", "inspections"]),
        ("发展对象", ["target_on", "introducers", "vetting", "train_days", "train_hours", "precheck_on"]),
        ("预备党员", ["branch_pass_on", "approved_on", "this_year"]),
        ("转正", ["regular_due", "regular_on", "extended_times", "extended_to"]), ("", ["stage"])]),
    "recruit_vote": ("发展党员票决记录", "人、票", [
        ("", ["case_no", "round", "meeting", "held_on"]), ("到会情况(人)", ["should_attend", "attended", "written"]),
        ("票数(票)", ["yes", "no", "abstain"]), ("", ["result"])]),
    "recruit_notice": ("发展党员公示记录", "件", [
        ("", ["case_no", "kind"]), ("公示", ["start_on", "end_on", "channel"]), ("", ["objections", "finding"])]),
    "recruit_plan": ("发展党员计划表", "人", [
        ("", ["committee_code", "plan"]), ("分季度安排(人)", ["plan_q1", "plan_q2", "plan_q3", "plan_q4"])]),
    "recruit_village": ("村级发展党员情况表", "人", [("", ["org_code", "area_name", "recruits_last_year", "recruits_this_year"])]),
    "member_flow": ("党员增减表", "人", [
        ("", ["committee_code", "prev_total"]),
        ("增加(人)", ["inc_recruited", "inc_in_county", "inc_outside", "inc_unit_transfer", "inc_restored"]),
        ("减少(人)", ["dec_expelled", "dec_died", "dec_suspended", "dec_in_county", "dec_outside", "dec_unit_transfer"]),
        ("", ["expected", "actual", "gap", "year_ago", "list_attached"])]),
    "member_structure": ("党员基本情况表", "人", [
        ("", ["committee_code", "total", "female", "minority", "edu_college"]),
        ("年龄(人)", ["age_le30", "age_31_35", "age_36_40", "age_41_45", "age_46_50", "age_51_55", "age_56_60", "age_ge61"]),
        ("职业(人)", ["occ_farmer", "occ_worker", "occ_tech", "occ_mgmt", "occ_gov", "occ_student", "occ_other", "occ_retired"])]),
    "model_branch": ("先进典型登记表", "栋、亩、座", [
        ("", ["org_code", "org_name", "model_kind", "model_level", "deed"]), ("主要成果", ["arch_sheds", "greenhouses", "land_mu", "waterworks"])]),
})
MINE = ["recruit_case", "recruit_vote", "recruit_notice", "recruit_plan", "recruit_village", "member_flow", "member_structure", "model_branch"]
for _form in MINE:
    layout.ADDED[_form] = []
    returns.SHEET_TITLE[_form] = layout.BLANKS[_form][0]
layout.ADDED["recruit_village"] = ["recruits_last_year", "recruits_this_year"]
SHEET_NAMES = {"recruit_case": "发展台账", "recruit_vote": "票决记录", "recruit_notice": "公示记录", "recruit_plan": "计划", "recruit_village": "村级情况", "member_flow": "党员增减", "member_structure": "党员基本情况", "model_branch": "先进典型"}
# These clerks send a month that holds the one form only as text.
AS_TEXT = ("石匣乡", "政法系统", "农工系统", "卫生系统", "羊角乡", "麻田镇")

# Model branches named in public: (branch, old or new as on the tour, level, deed, results).
MODELS = [
    ("东沟村党支部", "老典型", "市级", "阳光便民工作室，代办服务", {}),
    ("殷家庄村党支部", "新典型", "县级", "产业发展和村级阵地建设", {}),
    ("旧寨村党支部", "老典型", "县级", "六簿六制度", {}),
    ("上会村党支部", "老典型", "县级", "发展设施蔬菜，带动党员群众增收", {"arch_sheds": 80, "greenhouses": 1, "land_mu": 100}),
    ("县自来水公司党支部", "老典型", "县级", "马厩水厂建设，服务群众用水", {"waterworks": 1}),
    ("交警队党支部", "新典型", "县级", "爱民实践活动", {}),
    ("国税局党支部", "老典型", "市级", "道德讲堂、五五讲坛", {}),
]

INCREASES = ["inc_recruited", "inc_in_county", "inc_outside", "inc_unit_transfer", "inc_restored"]
DECREASES = ["dec_expelled", "dec_died", "dec_suspended", "dec_in_county", "dec_outside", "dec_unit_transfer"]


class Members:
    """Everything that the forms of this module report."""

    def __init__(self, world):
        self.people = recruits.build(world.organisations)
        self.world = world
        self.flows = self._flows()

    def _at_half(self, unit, half):
        return sum(o.state[half]["full"] + o.state[half]["prob"] for o in self.world.organisations
                   if o.unit == unit and o.kind in recruits.LEAVES and half in o.state and o.state[half]["status"] == "在册")

    def _flows(self):
        """{(folder, unit): row}"""
        rows = {(f, u): dict.fromkeys(INCREASES + DECREASES, 0) for f in FOLDERS for u in UNIT_NAMES}
        for (folder, unit), row in rows.items():
            row["inc_recruited"] = recruits.approvals(self.people, unit, folder)
            s = Stream("deaths", unit, folder)
            size = self._at_half(unit, "2012H2")
            row["dec_died"] = sum(s.happens(size * 3 // 2) for _ in range(2)) if unit in TOWNSHIPS else int(s.happens(size // 2))
        # Who was struck off or left after the yearly review leaves the books in October.
        for unit in TOWNSHIPS:
            rows["2013-10", unit]["dec_expelled"] = sum(r["disposal"] in ("劝退", "除名") for r in self.world.reviews[unit] if r.get("_double"))
        for unit, list_ in self.people.items():
            for p in list_:
                if p.cancelled:
                    rows[f"{p.cancelled:%Y-%m}", unit]["dec_expelled"] += 1
        rows["2013-09", "140722104"]["inc_restored"] = 1
        rows["2013-08", "140722301"]["dec_suspended"] = 1
        self._first_half(rows)
        for folder in ("2012-12", "2013-07", "2013-08", "2013-09", "2013-10"):
            self._moves(rows, folder, Stream("moves", folder))
        gaps = {("2013-08", "140722102"): -1, ("2013-09", "140722102"): 1}
        base = {u: self._at_half(u, "2012H2") for u in UNIT_NAMES}
        total = {}
        for unit in UNIT_NAMES:
            row = rows["2012-12", unit]
            total[unit] = base[unit] - self._net(row)
        for folder in FOLDERS:
            for number, unit in enumerate(UNIT_NAMES):
                row = rows[folder, unit]
                row.update(committee_code=unit, prev_total=total[unit], expected=total[unit] + self._net(row), gap=gaps.get((folder, unit), 0))
                row["actual"] = total[unit] = row["expected"] + row["gap"]
                # A year before: invented, growing a little from month to month.
                months = FOLDERS.index(folder)
                row["year_ago"] = base[unit] - 3 - base[unit] * (8 + number % 9) // 1000 + months * (base[unit] // 180) // 3
                row["list_attached"] = True if row["inc_restored"] or row["dec_suspended"] else None
        for half, folder in (("2012H2", "2012-12"), ("2013H1", "2013-06")):
            for unit in UNIT_NAMES:
                assert rows[folder, unit]["actual"] == self._at_half(unit, half), (unit, half)
        return rows

    @staticmethod
    def _net(row):
        return sum(row[f] for f in INCREASES) - sum(row[f] for f in DECREASES)

    def _first_half(self, rows):
        """Transfers that bring each committee to its register's total in June.

        Committees whose branches were closed send members to the others; the rest moves over
        the county's border.
        """
        months = FOLDERS[1:7]
        need = {}
        for unit in UNIT_NAMES:
            wanted = self._at_half(unit, "2013H1") - self._at_half(unit, "2012H2")
            need[unit] = wanted - sum(self._net(rows[m, unit]) for m in months)
        senders = {"140722301": "2013-02", "140722302": "2013-05"}
        for sender, month in senders.items():
            takers = [u for u in UNIT_NAMES if need[u] > 0]
            place = 0
            while need[sender] < 0 and any(need[u] > 0 for u in takers):
                taker = takers[place % len(takers)]
                place += 1
                if need[taker] > 0:
                    rows[month, taker]["inc_in_county"] += 1
                    rows[month, sender]["dec_in_county"] += 1
                    need[taker] -= 1
                    need[sender] += 1
        for folder in months:
            self._pairs(rows, folder, Stream("pairs", folder), need)
        for unit in UNIT_NAMES:
            s = Stream("border", unit)
            while need[unit]:
                month = s.pick(months)
                if need[unit] > 0:
                    rows[month, unit]["inc_outside"] += 1
                    need[unit] -= 1
                else:
                    rows[month, unit]["dec_outside"] += 1
                    need[unit] += 1

    def _pairs(self, rows, folder, s, need=None):
        """Members who move from one committee to another within the county."""
        units = list(UNIT_NAMES)
        for _ in range(s.whole(4, 9)):
            giver, taker = s.pick(units), s.pick(units)
            if giver != taker:
                rows[folder, giver]["dec_in_county"] += 1
                rows[folder, taker]["inc_in_county"] += 1
                if need is not None:
                    need[giver] += 1
                    need[taker] -= 1

    def _moves(self, rows, folder, s):
        self._pairs(rows, folder, s)
        for unit in UNIT_NAMES:
            rows[folder, unit]["inc_outside"] += s.weighted([(0, 6), (1, 3), (2, 1)])
            rows[folder, unit]["dec_outside"] += s.weighted([(0, 7), (1, 3)])

    def structure(self, unit, folder):
        total = self.flows[folder, unit]["actual"]
        later = folder == "2013-06"
        rural = unit in TOWNSHIPS or unit == "140722304"
        s = Stream("structure", unit)
        ages = [55, 85, 90, 115, 120, 125, 130, 280] if rural else [130, 160, 150, 150, 130, 110, 70, 100]
        ages = [max(20, a + s.whole(-12, 12)) for a in ages]
        if rural:
            jobs = [690, 20, 60, 35, 55, 2, 48, 90]
        elif unit in ("140722302", "140722305"):
            jobs = [15, 340, 130, 290, 60, 0, 45, 120]
        elif unit in ("140722301", "140722308"):
            jobs = [0, 40, 560, 90, 150, 4, 16, 140]
        else:
            jobs = [10, 50, 150, 110, 500, 0, 30, 150]
        jobs = [j + s.whole(0, 8) if j else 0 for j in jobs]
        if later:
            ages[0] += 3
        row = {"committee_code": unit, "total": total, "female": total * (s.whole(150, 190) if rural else s.whole(250, 420)) // 1000 + later,
               "minority": total * s.whole(1, 6) // 1000, "edu_college": total * (s.whole(120, 170) if rural else s.whole(560, 760)) // 1000 + 2 * later}
        for names, weights in ((["age_le30", "age_31_35", "age_36_40", "age_41_45", "age_46_50", "age_51_55", "age_56_60", "age_ge61"], ages),
                               (["occ_farmer", "occ_worker", "occ_tech", "occ_mgmt", "occ_gov", "occ_student", "occ_other", "occ_retired"], jobs)):
            parts = [total * w // sum(weights) for w in weights]
            parts[max(range(8), key=lambda i: weights[i])] += total - sum(parts)
            row.update(zip(names, parts))
        return [row]

    def models(self, unit):
        rows = []
        for short, kind, level, deed, results in MODELS:
            o = self.world.short[short]
            if o.unit == unit:
                rows.append({"org_code": o.code, "org_name": short, "model_kind": kind, "model_level": level, "deed": deed, **results})
        return rows

    def rows(self, form, unit, folder):
        """Rows of a form, or None when the unit does not owe it in this folder."""
        quarter = folder in recruits.QUARTER_END
        if form == "member_flow":
            return [dict(self.flows[folder, unit])]
        if form == "member_structure" and folder in returns.HALF_OF:
            return self.structure(unit, folder)
        if form == "model_branch" and folder == "2013-10":
            return self.models(unit)
        if form == "recruit_case" and quarter:
            return recruits.cases(self.people, unit, folder)
        if form == "recruit_vote" and quarter:
            return recruits.votes(self.people, unit, folder)
        if form == "recruit_notice" and quarter:
            return recruits.notices(self.people, unit, folder)
        if form == "recruit_plan" and folder in recruits.PLAN_OF:
            return [recruits.plan(self.people, unit, recruits.PLAN_OF[folder])]
        if form == "recruit_village" and folder == "2013-09" and unit in TOWNSHIPS:
            return recruits.villages(self.people, self.world.organisations, unit)
        return None


def _period_text(form, folder, clerk):
    year, month = map(int, folder.split("-"))
    if form in ("member_flow", "model_branch"):
        return returns.period_texts("delegate_studio", folder, clerk)
    if form == "member_structure":
        return returns.period_texts("org_unit", folder, clerk)
    if form == "recruit_plan":
        return f"{recruits.PLAN_OF[folder]}年度"
    if form == "recruit_village":
        return f"{year}年度"
    return returns.period_texts("nonpublic_ent", folder, clerk)


def add(world, month):
    """Adds this module's workbooks, receipts and explanations to a month."""
    if not hasattr(world, "members"):
        world.members = Members(world)
    members, folder = world.members, month.folder
    year, number = folder.split("-")
    sheets, month.member_files = {}, {}
    for code, unit in UNIT_NAMES.items():
        clerk = {key: value for key, value in returns.CLERKS[unit].items() if key != "names"}
        days = returns.LATE.get((folder, unit)) or 2 + Stream("filed-members", folder, unit).whole(0, 6)
        came = month_end(folder) + datetime.timedelta(days)
        for subject, forms in (("党员统计", ["member_flow", "member_structure", "model_branch"]), ("发展党员", ["recruit_case", "recruit_vote", "recruit_notice", "recruit_plan", "recruit_village"])):
            content = []
            for form in forms:
                rows = members.rows(form, code, folder)
                if rows is None:
                    continue
                mine = {**clerk, "typed": returns._typed(clerk, form, unit, folder, rows), "total": form == "recruit_village", "formulas": False}
                content.append((form, layout.Sheet(form, returns.TITLES[form], clerk.get("unit", unit), _period_text(form, folder, clerk), came - datetime.timedelta(1), rows, mine)))
            if not content:
                continue
            name = f"{unit}_{subject}_{year}年{int(number)}月"
            if len(content) == 1 and unit in AS_TEXT:
                file = name + ".csv"
                month.files[file] = layout.csv_bytes(content[0][1])
            else:
                file = name + ".xlsx"
                month.files[file] = layout.book([(SHEET_NAMES[form], sheet) for form, sheet in content])
            month.received.append((file, came))
            sheets.update({(unit, form): sheet for form, sheet in content})
            month.member_files.update({(unit, form): (file, content) for form, _ in content})
    _explain(members, month, sheets)


def _explain(members, month, sheets):
    folder = month.folder

    def at(unit, form, row, field):
        return sheets[unit, form].address(row, field)

    if folder == "2012-12":
        month.explain("F03-08b", "卫生系统", "recruit_case", "", "年底集中审批一批，各人手续齐全。")
    if folder == "2013-09":
        month.explain("F03-08a", "寒王乡", "recruit_case", "", "四季度计划提前使用，已报县委组织部同意。")
    if folder == "2013-08":
        month.explain("F01-03b", "麻田镇", "member_flow", at("麻田镇", "member_flow", 0, "gap"), "一名流动党员失去联系，正在查找。")
    if folder == "2013-09":
        month.explain("F01-03b", "麻田镇", "member_flow", at("麻田镇", "member_flow", 0, "gap"), "上月失去联系的党员已找到。")
    if folder in ("2013-02", "2013-03"):
        month.explain("G-10", "宣教系统", "member_flow", "", "北街小学撤并，党员组织关系于二月转往各接收单位党委。")
    if folder == "2013-04":
        month.explain("G-10", "城区", "member_flow", "", "三月、四月党员均无增减，已核对名册。")
    if folder == "2013-06":
        for field in ("female", "edu_college"):
            month.explain("F02-05", "非公工委", "member_structure", at("非公工委", "member_structure", 0, field), "新建样例养老服务中心等党支部，党员随之转入。")
    for (unit, form), sheet in sheets.items():
        for row, record in enumerate(sheet.rows):
            if form == "member_flow" and abs(record["actual"] - record["year_ago"]) * 100 > record["year_ago"] * 10:
                month.explain("F01-07", unit, form, sheet.address(row, "actual"), "本年新建非公企业和社会组织党支部，党员随之转入。")
            if form == "recruit_case" and record["approved_on"] and record["approved_on"] > recruits.months_later(record["branch_pass_on"], 3):
                month.explain("F03-01e", unit, form, sheet.address(row, "approved_on"), "派出学习，谈话推迟，党委研究同意延期审批。")


# ---- faults of October 2013 (flawed.py), as a careful statistician would describe them ----

def _copy(f, unit, form="member_flow"):
    """(file, copied sheets, the form's sheet) of a unit's workbook."""
    file, content = f.month.member_files[unit, form]
    content = [(name, copy.deepcopy(sheet)) for name, sheet in content]
    return file, content, dict(content)[form]


def _save(f, file, content):
    f.files[file] = layout.book([(SHEET_NAMES[form], sheet) for form, sheet in content])


def _fault(f, unit, form, changes, level, code, fields):
    file, content, sheet = _copy(f, unit, form)
    row = sheet.rows[0]
    for field, change in changes.items():
        row[field] = row[field] + change if isinstance(change, int) else change
    sheet.clerk["typed"] = {}
    _save(f, file, content)
    cells = " ".join(sheet.address(0, field) for field in fields)
    f.expect(level, code, unit, form, file, SHEET_NAMES[form], cells)


@flawed.fault
def members_opening_differs(f):
    """The opening is not last month's closing."""
    _fault(f, "桐峪镇", "member_flow", {"prev_total": 1, "expected": 1, "actual": 1}, "error", "F01-01", ["prev_total"])


@flawed.fault
def members_do_not_balance(f):
    """A death that is not taken off."""
    _fault(f, "芹泉镇", "member_flow", {"dec_died": 1}, "error", "F01-02", ["expected", "prev_total"])


@flawed.fault
def members_gap_unexplained(f):
    """One member more than there should be, without a word."""
    _fault(f, "粟城乡", "member_flow", {"actual": 1, "gap": 1}, "query", "F01-03b", ["gap", "actual", "expected"])


@flawed.fault
def members_list_missing(f):
    """A membership restored, without the list of names."""
    fields = ["inc_restored", "dec_suspended", "inc_unit_transfer", "dec_unit_transfer", "list_attached"]
    _fault(f, "龙泉乡", "member_flow", {"inc_restored": 1, "expected": 1, "actual": 1}, "query", "F01-04", fields)


@flawed.fault
def model_branch_unknown(f):
    """A model branch whose code is that of another committee's branch."""
    _fault(f, "政法系统", "model_branch", {"org_code": "140722101010000002"}, "error", "F00M-01", ["org_code"])
