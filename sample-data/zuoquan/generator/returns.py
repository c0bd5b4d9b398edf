"""Who sends what, how and when: the hand-in folders of eleven months."""

import datetime
import tomllib

import layout
import ratings
import reviews
import studios
from chance import Stream
from county import CODE_OF, FOLDERS, PIPELINE, TOWNSHIPS, UNIT_NAMES, add_working_days, month_end
from organisations import ENTERPRISES

D = datetime.date
QUARTER_OF = {"2012-12": "2012Q4", "2013-03": "2013Q1", "2013-06": "2013Q2", "2013-09": "2013Q3"}
HALF_OF = {"2012-12": "2012H2", "2013-06": "2013H1"}
ROUND_OF = {"2012-12": "2012", "2013-06": "2013"}
TITLES, MEASURES = {}, {}
for path in sorted((PIPELINE / "programmes").glob("*.toml")):
    for form in tomllib.loads(path.read_text(encoding="utf-8")).get("form", []):
        # Money and years show their unit in the header; the other columns under their group.
        shown = lambda f: f"({f['unit']})" if f.get("unit") in ("元", "年", "平方米") else ""
        TITLES[form["id"]] = {f["name"]: f["title"] + shown(f) for f in form["field"]}
        MEASURES[form["id"]] = {f["name"]: f.get("unit", "") for f in form["field"] if f["type"] == "integer"}

SHEET_NAMES = {"delegate_studio": "工作室月报", "delegate_case": "意见建议台账", "org_unit": "党组织台账", "org_rating": "分类定级", "nonpublic_ent": "非公企业", "member_review": "资格年检"}
NUMERALS = "〇一二三四五六七八九十"

# Habits of each sender's clerk. Left out: plain .xlsx, two header rows, ISO date cells.
CLERKS = {
    "辽阳镇": {"seal": "(盖章)", "unit": "左权县辽阳镇党委", "date": "cell"},
    "桐峪镇": {"unit": "桐峪镇党委", "date": "chinese", "order": {"delegate_studio": [0, 3, 1, 2], "org_rating": [0, 2, 3, 1, 4, 5, 6]}, "boolean": ("√", "×")},
    "麻田镇": {"unit": "左权县麻田镇", "seal": "（盖章）", "total_label": "合　计", "signed": ("负责人003", "审核人003", "填表人003", "")},
    "芹泉镇": {"one_line": True, "wide": 60, "date": "dots", "names": {("delegate_studio", "visitors"): "接待人次", ("nonpublic_ent", "edu_site"): "远教站点"}, "boolean": ("有", "无")},
    "拐儿镇": {"suffix": 90, "unit": "中共左权县拐儿镇委员会", "before_title": "附件2：", "date": "long"},
    "寒王乡": {"two_rows": False, "names": {("org_unit", "area_name"): "行政村名称", ("member_review", "id_tail"): "身份证号后四位"}},
    "石匣乡": {"format": "xls", "formulas": True, "wide": 25, "date": "cell"},
    "龙泉乡": {"text": 120, "one_line": True, "numbered": False, "total_label": "合  计"},
    "粟城乡": {"suffix": 50, "wide": 40, "date": "digits", "order": {"nonpublic_ent": [0, 2, 1, 3]}},
    "羊角乡": {"unit": "左权县羊角乡党委", "note": "本表由各党委于次月5日前报县委组织部。", "boolean": ("Y", "N")},
    "宣教系统": {"unit": "宣教党委", "period": "chinese", "seal": "(盖章)", "signed": ("负责人301", "审核人301", "填表人301", "0000-0000000")},
    "经贸系统": {"unit": "经贸系统党委", "order": {"delegate_case": [0, 1, 2, 3], "org_unit": [0, 2, 1, 3, 4]}, "date": "iso"},
    "县直机关": {"unit": "县直机关工委", "before_title": "左权县", "date": "cell", "total_label": "总计"},
    "城区": {"unit": "城区党工委", "title": {"nonpublic_ent": "非公有制企业党建工作台账"}, "suffix": 40},
    "非公工委": {"unit": "左权县非公工委", "separate": True, "seal": "(盖章)"},
    "政法系统": {"unit": "政法党委", "csv": ["2013-08", "2013-10"], "two_rows": True},
    "农工系统": {"format": "xls", "unit": "农工系统党委", "date": "long", "formulas": True},
    "卫生系统": {"format": "ods", "unit": "卫生系统党委", "date": "cell", "formulas": True, "note": "未启动的工作室除驻室代表外均填0。"},
}

# (folder, unit) → days after the folder's end on which the return came; others come in time.
LATE = {("2012-12", "桐峪镇"): 30, ("2013-01", "羊角乡"): 24, ("2013-06", "龙泉乡"): 18, ("2013-07", "农工系统"): 21, ("2013-09", "羊角乡"): 25, ("2013-10", "麻田镇"): 19}
MISSING = {("2013-02", "粟城乡", "delegate_studio")}


def period_texts(form, folder, clerk):
    """What the clerk writes after 报告期."""
    year, month = map(int, folder.split("-"))
    if form in ("delegate_studio", "delegate_case"):
        if clerk.get("period") == "chinese":
            numeral = NUMERALS[month] if month <= 10 else "十" + NUMERALS[month - 10]
            return "二〇一" + NUMERALS[year - 2010] + "年" + numeral + "月"
        return f"{year}年{month}月"
    if form == "nonpublic_ent":
        return f"{year}年第{'一二三四'[month // 3 - 1]}季度" if clerk.get("one_line") else f"{year}年{'一二三四'[month // 3 - 1]}季度"
    if form == "org_unit":
        return f"{year}年{'上' if month == 6 else '下'}半年"
    return f"{2013 if form == 'member_review' else ROUND_OF[folder]}年度"


class Month:
    """Everything handed in in one folder: file name → bytes, and the lists beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}
        # File name → target format of those that LibreOffice has to convert.
        self.convert = {}
        self.received = []
        self.corrections = []
        self.explanations = []
        self.sheets = {}  # (unit name, form) → (file, Sheet)

    def explain(self, code, unit, form, cell, text):
        self.explanations.append((code, unit, SHEET_TITLE[form], cell, text))


SHEET_TITLE = {form: layout.BLANKS[form][0] for form in layout.BLANKS}


class World:
    def __init__(self, organisations, enterprises):
        self.organisations, self.enterprises = organisations, enterprises
        self.short = {o.short: o for o in organisations}
        self.ratings = {year: ratings.rows(organisations, year) for year in ("2012", "2013")}
        self.reviews = reviews.rows(organisations)
        self.cases = studios.build()

    def rows(self, form, unit, folder):
        """Rows of a form, or None when the unit does not owe it in this folder."""
        code = CODE_OF[unit]
        if form == "delegate_studio":
            return [studios.monthly(code, self.cases.get(code, []), folder)]
        if form == "delegate_case":
            # Owed from the month in which the studio opens.
            opened = studios.OPENED.get(unit)
            return studios.ledger(self.cases[code], folder) if opened and opened <= month_end(folder) else None
        if form == "org_unit" and folder in HALF_OF:
            return [_organisation_row(o, HALF_OF[folder]) for o in self.organisations if o.unit == code and HALF_OF[folder] in o.state]
        if form == "org_rating" and folder in ROUND_OF:
            return [dict(row) for row in self.ratings[ROUND_OF[folder]].get(code, [])]
        if form == "nonpublic_ent" and folder in QUARTER_OF and code in ENTERPRISES:
            quarter = QUARTER_OF[folder]
            return [_enterprise_row(e, e.state[quarter]) for e in self.enterprises if e.unit == code and quarter in e.state]
        if form == "member_review" and folder == "2013-09" and code in TOWNSHIPS:
            return [dict(row) for row in self.reviews[code]]
        return None


def _organisation_row(o, half):
    s = o.state[half]
    return {
        "org_code": o.code, "org_name": o.name, "short_name": o.short, "parent_code": o.parent, "committee_code": o.unit,
        "org_kind": o.kind, "domain": o.domain, "area_name": o.area or None, "founded_on": o.founded,
        "last_election_on": s["election"], "term_years": o.term, "election_due": s["due"], "election_done": s["done"],
        "secretary": s["secretary"], "secretary_since": s["since"], "posts_set": s["posts"], "posts_filled": s["filled"],
        "full_members": s["full"], "prob_members": s["prob"], "status": s["status"], "ended_on": s["ended"], "_short": o.short,
    }


def _enterprise_row(e, s):
    return {
        "ent_name": e.name, "ent_code": e.code, "town": e.town, "op_status": s["op"], "above_scale": s["above"], "staff": s["staff"],
        "full_members": s["full"], "prob_members": s["prob"], "hidden_members": s["hidden"], "form_kind": s["form"],
        "org_code": s.get("org_code"), "instructor": s["instructor"], "liaison": s["liaison"], "mass_orgs": s["mass"],
        "edu_site": s["edu"], "venue_m2": s["venue"], "budget": s["budget"],
    }


FORMS = ["delegate_studio", "delegate_case", "org_unit", "org_rating", "nonpublic_ent", "member_review"]


def build_month(world, folder):
    month = Month(folder)
    for unit in CLERKS:
        clerk = dict(CLERKS[unit])
        days = LATE.get((folder, unit)) or 3 + Stream("filed", folder, unit).whole(0, 6)
        came = month_end(folder) + datetime.timedelta(days)
        filed = came - datetime.timedelta(1)
        if (folder, unit) in LATE:
            filed = came
        sheets = []
        for form in FORMS:
            rows = world.rows(form, unit, folder)
            if rows is None or (folder, unit, form) in MISSING:
                continue
            mine = {**clerk, "typed": _typed(clerk, form, unit, folder, rows)}
            sheet = layout.Sheet(form, TITLES[form], clerk.get("unit", unit), period_texts(form, folder, clerk), filed, rows, mine)
            sheets.append((form, sheet))
        _file(month, unit, clerk, folder, sheets, came)
    STORY.get(folder, lambda w, m: None)(world, month)
    if folder in QUARTER_OF:
        month.explain("F09-04b", "石匣乡", "nonpublic_ent", "", "空白的一家企业已停产，不在实体运营之内。")
    return month


def _typed(clerk, form, unit, folder, rows):
    """Cells that this clerk types unlike a plain number: full width, with a unit, as text."""
    typed = {}
    for index, row in enumerate(rows):
        for field, measure in MEASURES[form].items():
            value = row.get(field)
            if not isinstance(value, int) or isinstance(value, bool):
                continue
            s = Stream("typed", unit, folder, form, index, field)
            scale = 1 if form in ("delegate_studio",) else 8
            if clerk.get("wide") and s.happens(clerk["wide"] // scale):
                typed[form, index, field] = str(value).translate(layout.WIDE)
            elif clerk.get("suffix") and measure and s.happens(clerk["suffix"] // scale):
                typed[form, index, field] = f"{value}{measure}"
            elif clerk.get("text") and s.happens(clerk["text"] // scale):
                typed[form, index, field] = f"{value} "
        if form == "nonpublic_ent":
            s = Stream("typed", unit, folder, index)
            if row["venue_m2"] == 0 and s.happens(300):
                typed[form, index, "venue_m2"] = "无"
            if row["budget"] in (5000, 10000, 20000, 30000) and s.happens(400):
                typed[form, index, "budget"] = f"{row['budget'] / 10000:g}万"
        if form == "org_rating" and clerk.get("one_line") and row["grade"] == "较好" and Stream("pad", unit, folder, index).happens(150):
            typed[form, index, "grade"] = "较　好"
    return typed


def _file(month, unit, clerk, folder, sheets, came):
    year, number = folder.split("-")
    month_text = f"{year}年{int(number)}月"
    form_of_file = {}
    if clerk.get("separate"):
        for form, sheet in sheets:
            form_of_file.setdefault(f"{unit}{layout.BLANKS[form][0]}({month_text})", []).append((form, sheet))
    else:
        for form, sheet in sheets:
            own = form == "member_review"
            name = f"{unit}党员资格年检(2013年度)" if own else f"{unit}{month_text}党建报表"
            if unit == "拐儿镇" and not own:
                name = f"附件2：{unit}{int(number)}月报表(定稿)"
            form_of_file.setdefault(name, []).append((form, sheet))
    for name, content in form_of_file.items():
        if folder in clerk.get("csv", []):
            (form, sheet), = content
            file = name + ".csv"
            month.files[file] = layout.csv_bytes(sheet)
        else:
            hidden, empty = _beside(unit, folder, content)
            target = clerk.get("format", "xlsx")
            file = f"{name}.{target}"
            month.files[file] = layout.book([(SHEET_NAMES[form], sheet) for form, sheet in content], hidden, empty)
            if target != "xlsx":
                month.convert[file] = target
        for form, sheet in content:
            month.sheets[unit, form] = (file, sheet)
        month.received.append((file, came))


def _beside(unit, folder, content):
    """Sheets that stay in a clerk's workbook: an old one hidden, or the empty ones."""
    if unit == "粟城乡" and folder == "2013-05":
        return [("上月", content[0][1])], []
    if unit in ("龙泉乡", "羊角乡"):
        return [], ["Sheet2", "Sheet3"]
    return [], []


# ---- the story, month by month (README) ----

def _at(month, unit, form, key, value):
    """(sheet, row index) of the row whose `key` is `value`."""
    sheet = month.sheets[unit, form][1]
    return sheet, next(i for i, row in enumerate(sheet.rows) if row.get(key) == value)


def _explain_organisation(world, month, code, short, text, fields):
    o = world.short[short]
    unit = UNIT_NAMES[o.unit]
    sheet, row = _at(month, unit, "org_unit", "org_code", o.code)
    month.explain(code, unit, "org_unit", sheet.address(row, fields), text)


def story_2012_12(world, month):
    _explain_organisation(world, month, "F00-01b", "水横村党支部", "该村常住党员少，拟于下年与邻村联合。", "full_members")
    for short in ("前寨村党支部", "石油公司党支部", "旧寨村党支部"):
        _explain_organisation(world, month, "F00-03", short, "届中补选，有支部大会决议。", "secretary_since")


def story_2013_02(world, month):
    month.explain("F07-05", "辽阳镇", "delegate_studio", "", "适逢春节，接待日顺延至三月。")
    month.explain("G-10", "辽阳镇", "delegate_studio", "", "适逢春节，接待日顺延至三月。")


def story_2013_03(world, month):
    # 拐儿镇 sent a first version with a wrong number of staff; the final one is declared.
    unit = "拐儿镇"
    final, sheet = month.sheets[unit, "nonpublic_ent"]
    rows = [dict(row) for row in sheet.rows]
    rows[0]["staff"] += 100
    first = layout.Sheet("nonpublic_ent", TITLES["nonpublic_ent"], sheet.unit_text, sheet.period_text, sheet.filed_on - datetime.timedelta(2), rows, {**sheet.clerk, "typed": {}})
    name = "附件2：拐儿镇3月报表(初稿).xlsx"
    month.files[name] = layout.book([("非公企业", first)])
    month.received.append((name, first.filed_on))
    month.corrections.append((unit, SHEET_TITLE["nonpublic_ent"], final, name, "填表人甲", "2013-04-08", "初稿从业人员数多记100人"))


def story_2013_04(world, month):
    """羊角乡 reports activity of a studio that is not open: returned, never corrected."""
    file, sheet = month.sheets["羊角乡", "delegate_studio"]
    sheet.rows[0].update(visits=6)
    month.files[file] = layout.book([("工作室月报", sheet)], [], ["Sheet2", "Sheet3"])


def story_2013_08(world, month):
    month.explain("G-10", "县直机关", "delegate_studio", "", "工作室本月启动。")


def story_2013_07(world, month):
    # 宣教系统 explains nothing: its figures of July stay provisional.
    month.explain("G-10", "辽阳镇", "delegate_studio", "", "农忙，走访减少。")


def story_2013_06(world, month):
    _explain_organisation(world, month, "F00-01b", "水横村党支部", "该村常住党员少，与邻村联合正在报批。", "full_members")
    for short in ("前寨村党支部", "石油公司党支部", "旧寨村党支部"):
        _explain_organisation(world, month, "F00-03", short, "届中补选，上期已说明。", "secretary_since")
    for short in ("殷家庄村党支部", "环保局党支部"):
        _explain_organisation(world, month, "F00-03", short, "原书记工作调动，届中补选。", "secretary_since")
    for short in ratings.JUMPS:
        o = world.short[short]
        unit = UNIT_NAMES[o.unit]
        sheet, row = _at(month, unit, "org_rating", "org_code", o.code)
        month.explain("F05-06a", unit, "org_rating", sheet.address(row, "grade"), "班子调整后集体经济和阵地明显改善，镇党委复核属实。")
    for short in ratings.LENIENT:
        o = world.short[short]
        unit = UNIT_NAMES[o.unit]
        sheet, row = _at(month, unit, "org_rating", "org_code", o.code)
        month.explain("F05-03", unit, "org_rating", sheet.address(row, "self_grade"), "自评偏高，党委按实际评定。")
    month.explain("F09-05", "城区", "nonpublic_ent", "", "样例企业停产一家，未组建党组织，台账已注明。")


def story_2013_09(world, month):
    month.explain("G-10", "县直机关", "delegate_studio", "", "工作室启动后第一个整月。")
    o = world.short[reviews.MANY_EXCELLENT]
    unit = UNIT_NAMES[o.unit]
    month.explain("F04-04", unit, "member_review", "", "东沟村党支部为县级先进，镇党委研究同意多评一名。")
    o = world.short[reviews.ALL_QUALIFIED]
    month.explain("F04-07", UNIT_NAMES[o.unit], "member_review", "", "逐人评议，等次一致，有测评票存档。")
    for short in reviews.LOWERED:
        o = world.short[short]
        unit = UNIT_NAMES[o.unit]
        sheet = month.sheets[unit, "member_review"][1]
        for row, record in enumerate(sheet.rows):
            if record["org_code"] == o.code and record.get("_double") and record["grade_final"] != reviews.band(record["_double"]):
                month.explain("F04-03", unit, "member_review", sheet.address(row, "grade_final"), "测评票中不合格票较多，支部大会决定降一等。")


def story_cases(world, month):
    """Case limits passed, with their reasons, as long as the case stays on the list."""
    for unit, code, number, fields, text in [
        ("辽阳镇", "F07C-02b", studios.STORY["late"], "replied_on", "涉及道路改造，已办理延期，镇党委同意延长15个工作日。"),
        ("经贸系统", "F07C-02a", studios.STORY["slow"], "forwarded_on", "承办单位不明，协调后呈转。"),
    ]:
        place = month.sheets.get((unit, "delegate_case"))
        if not place:
            continue
        sheet = place[1]
        for row, record in enumerate(sheet.rows):
            if record["case_no"] == number and record[fields]:
                month.explain(code, unit, "delegate_case", sheet.address(row, fields), text)


STORY = {"2012-12": story_2012_12, "2013-02": story_2013_02, "2013-03": story_2013_03, "2013-04": story_2013_04, "2013-06": story_2013_06, "2013-07": story_2013_07, "2013-08": story_2013_08, "2013-09": story_2013_09}
