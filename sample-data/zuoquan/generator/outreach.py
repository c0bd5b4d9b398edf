"""Returns of P05, P07, P08 and P18: workbooks of their own beside the committees' others."""

import datetime

import layout
import media
import officials
import outreach_faults  # noqa: F401 (registers its faults)
import returns
from chance import Stream
from county import CODE_OF, UNIT_NAMES, month_end

layout.BLANKS.update({
    "edu_site": ("党员远程教育站点月报", "个、次、人次、小时", [
        ("", ["site_code", "site_kind", "org_code", "mode", "admin", "device"]),
        ("本月使用情况", ["sessions", "learners", "hours", "active"]), ("", ["hours_ytd", "covered_orgs"])]),
    "news_submit": ("党建信息报送采用月报", "篇、分", [
        ("", ["committee_code", "quota", "submitted"]),
        ("采用情况(篇)", ["used_web", "used_sms", "used_city", "used_prov", "used_distinct"]), ("计分", ["points", "points_ytd", "rank"])]),
    "village_official": ("大学生村官管理台账", "人", [
        ("", ["official_no", "name", "sex", "birth", "school", "education", "politics", "hired_year"]),
        ("聘期", ["term_start", "term_end"]), ("任职情况", ["village_code", "post", "venture", "grade"]), ("", ["exit_to", "status", "change"])]),
    "joint_member": ("地企联合工委成员单位情况表", "人、个、次、件、万元", [
        ("", ["org_name", "ownership", "affiliation", "town", "joined_on", "members"]),
        ("结对共建", ["villages_affected", "paired_villages", "joint_meetings", "projects"]),
        ("资金(万元)", ["pledged", "funds"]), ("", ["jobs", "disputes"])]),
})
layout.ADDED.update({
    "edu_site": ["sessions", "learners", "covered_orgs"], "news_submit": [], "village_official": [],
    "joint_member": ["members", "villages_affected", "paired_villages", "joint_meetings", "projects", "jobs", "disputes"],
})
SHEETS = {"edu_site": "远程教育", "news_submit": "信息报送", "village_official": "大学生村官", "joint_member": "地企联合工委"}
HALVES = {"2012-12": ("2012H2", "2012年下半年"), "2013-06": ("2013H1", "2013年上半年")}
# In October two clerks save in their usual formats.
FORMATS = {("石匣乡", "2013-10"): "xls", ("卫生系统", "2013-10"): "ods"}


class Data:
    def __init__(self, world):
        self.sites, self.articles = media.build(world), media.articles()
        self.officials = officials.build(world.short)
        self.joint = {half: officials.joint(world.short, half) for half, _ in HALVES.values()}


def join(world, month):
    """Adds this month's workbooks, their dates of receipt and their explanations."""
    data = world.outreach = getattr(world, "outreach", None) or Data(world)
    folder = month.folder
    year, number = map(int, folder.split("-"))
    written = {}
    for unit in UNIT_NAMES.values():
        monthly = [("edu_site", data.sites[folder][unit]), ("news_submit", [data.articles[folder][unit]])]
        _save(month, written, unit, f"{unit}_远程教育和信息报送_{year}年{number}月", f"{year}年{number}月", monthly)
        if folder in HALVES:
            half, text = HALVES[folder]
            rows = data.officials[half].get(CODE_OF[unit])
            if rows:
                _save(month, written, unit, f"{unit}_大学生村官_{text}", text, [("village_official", rows)])
            if unit == "经贸系统":
                _save(month, written, unit, f"{unit}_地企联合工委_{text}", text, [("joint_member", data.joint[half])])
    month.outreach = written
    _explain(month, written)


def _save(month, written, unit, name, period_text, content):
    folder = month.folder
    target = FORMATS.get((unit, folder), "xlsx")
    # Only a converted file gets the results of its formulas.
    clerk = {**returns.CLERKS[unit], "formulas": target != "xlsx"}
    if clerk.get("period") == "chinese" and period_text.endswith("月"):
        period_text = returns.period_texts("delegate_studio", folder, clerk)
    came = month_end(folder) + datetime.timedelta(2 + Stream("outreach", folder, unit).whole(0, 6))
    sheets = []
    for form, rows in content:
        mine = {**clerk, "typed": returns._typed(clerk, form, unit, folder, rows)}
        for index, row in enumerate(rows):
            if form == "village_official":
                # Year and month of birth, as the blank asks.
                mine["typed"][form, index, "birth"] = f"{row['birth'].year}.{row['birth'].month:02d}"
        sheets.append((SHEETS[form], layout.Sheet(form, returns.TITLES[form], clerk.get("unit", unit), period_text, came - datetime.timedelta(1), rows, mine)))
        written[unit, form] = sheets[-1][1]
    file = f"{name}.{target}"
    month.files[file] = layout.book(sheets)
    if target != "xlsx":
        month.convert[file] = target
    month.received.append((file, came))


def _explain(month, written):
    def whole(unit, form, text):
        month.explanations.append(("G-10", unit, layout.BLANKS[form][0], "", text))

    def explain(code, unit, form, key, value, field, text):
        sheet = written[unit, form]
        row = next(i for i, r in enumerate(sheet.rows) if r[key] == value)
        month.explanations.append((code, unit, layout.BLANKS[form][0], sheet.address(row, field), text))

    if month.folder == "2013-08":
        unit = "桐峪镇"
        explain("F10-02a", unit, "edu_site", "site_code", f"{CODE_OF[unit]}Y{media.NOBODY[unit, '2013-08']:02d}", "learners", "设备维修后试播，未组织党员参学。")
    if month.folder == "2012-12":
        unit, place = officials.OVER_TERM
        explain("F11-02b", unit, "village_official", "official_no", f"{CODE_OF[unit]}G{place:02d}", "term_end", "续聘手续正在办理，拟从2013年1月起续聘。")
        explain("F12-02b", "经贸系统", "joint_member", "org_name", officials.IN_TRANSFER, "affiliation", "组织关系正在向市属上级企业接转。")
    if month.folder == "2013-03":
        whole("宣教系统", "edu_site", "春节后恢复集中学习，参学人次回升。")
    if month.folder == "2013-06":
        whole("经贸系统", "joint_member", "上半年新增结对村，并新吸收一个成员单位。")
    if month.folder == "2013-07":
        whole("粟城乡", "edu_site", "六月一个站点设备待修，七月恢复。")
    if month.folder == "2013-09":
        whole("农工系统", "edu_site", "九月新建一个站点。")
