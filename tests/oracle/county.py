"""Recomputes October 2013 of P04, P06, P09, P11 and the registers of P20 from the returns,
independently; reads returns for its neighbours, which are named by their programmes.

    python3 tests/oracle/county.py          # writes tests/oracle/county_2013-10.csv

It shares nothing with the program or with the generator of the sample: it opens the workbooks
with openpyxl, xlrd and odfpy, finds columns by their header titles, counts with whole numbers
and fractions, and says every indicator again in Python. From the pipeline it takes only the
register of units, the holidays and the ids of codes.
"""

import csv
import datetime
import io
import re
import tomllib
import unicodedata
from fractions import Fraction
from pathlib import Path

import openpyxl
import xlrd
from odf.opendocument import load as load_ods
from odf.table import CoveredTableCell, Table, TableCell, TableRow

ROOT = Path(__file__).resolve().parents[2]
PIPELINE = ROOT / "pipelines" / "zuoquan"
RETURNS = ROOT / "sample-data" / "zuoquan" / "returns"
COUNTY = "140722"
BESIDE = ("收件.csv", "更正.csv", "审核说明.csv")

# form → (folder whose returns are in force in October 2013, header titles by name)
FORMS = {
    "org_unit": ("2013-06", {
        "org_code": ["党组织代码"], "org_kind": ["组织类别"], "domain": ["领域"], "election_due": ["本年应换届"], "election_done": ["已换届"],
        "secretary": ["书记姓名"], "posts_set": ["班子职数"], "posts_filled": ["实有班子成员数"], "full": ["正式党员数"], "prob": ["预备党员数"],
        "status": ["状态"], "parent": ["上级党组织代码"]}),
    "org_rating": ("2013-06", {
        "org_code": ["党组织代码"], "domain": ["领域"], "due": ["应参评党员数"], "voted": ["实际参评党员数"], "masses": ["参评群众数"],
        "score": ["党委评定得分"], "grade": ["评定等次"], "prev": ["上年等次"], "stars": ["星级"], "items": ["带头人"]}),
    "nonpublic_ent": ("2013-09", {
        "code": ["组织机构/信用代码"], "town": ["所在乡镇(园区)"], "op": ["经营状态"], "above": ["是否规模以上"], "full": ["正式党员数"],
        "prob": ["预备党员数"], "kind": ["组建方式"], "mass": ["工会/团/妇组织"], "edu": ["远程教育站点", "远教站点"], "budget": ["党建经费(元)"]}),
    "member_review": ("2013-09", {
        "org_code": ["党支部代码"], "class": ["党员类别"], "score": ["年检积分"], "branch": ["支部意见等次"], "town": ["乡镇审批等次"],
        "final": ["县审核等次"], "disposal": ["处置方式"], "absent": ["未参加原因"]}),
    "delegate_studio": ("2013-10", {
        "studio": ["工作室代码"], "opened": ["启动日期"], "delegates": ["驻室党代表数"], "days": ["接待日次数"], "visitors": ["接待党员群众人次", "接待人次"],
        "visits": ["走访群众人次"], "forums": ["民主恳谈次数"], "inspections": ["调研视察次数"], "due": ["代表应参加人次"], "attended": ["代表实参加人次"],
        "begin": ["期初在办件"], "registered": ["本月登记件"], "rejected": ["不予受理/转信访件"], "closed": ["本月办结件"], "end": ["期末在办件"],
        "replied": ["答复件"], "satisfied": ["满意件"]}),
    "delegate_case": ("2013-10", {
        "case": ["编号"], "registered": ["登记日期"], "by": ["反映人类别"], "topic": ["类别"], "route": ["办理方式"], "forwarded": ["呈转日期"],
        "due": ["办理时限"], "replied": ["答复日期"], "outcome": ["办理结果"], "feedback": ["反馈日期"], "satisfaction": ["满意度"]}),
}


# ---- reading ----

def grids(path):
    """Each sheet as a list of rows of plain values."""
    if path.suffix == ".xlsx":
        for ws in openpyxl.load_workbook(path, data_only=True):
            if ws.sheet_state == "visible":
                yield [list(row) for row in ws.iter_rows(values_only=True)]
    elif path.suffix == ".xls":
        wb = xlrd.open_workbook(path)
        for ws in wb.sheets():
            rows = []
            for r in range(ws.nrows):
                row = []
                for cell in ws.row(r):
                    if cell.ctype == xlrd.XL_CELL_DATE:
                        row.append(xlrd.xldate_as_datetime(cell.value, wb.datemode))
                    elif cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                        row.append(None)
                    else:
                        row.append(cell.value)
                rows.append(row)
            yield rows
    elif path.suffix == ".ods":
        for table in load_ods(path).spreadsheet.getElementsByType(Table):
            rows = []
            for tr in table.getElementsByType(TableRow):
                row = []
                for cell in tr.childNodes:
                    if cell.qname not in (TableCell().qname, CoveredTableCell().qname):
                        continue
                    repeat = int(cell.getAttribute("numbercolumnsrepeated") or 1)
                    kind = cell.getAttribute("valuetype")
                    if kind in ("float", "percentage", "currency"):
                        value = Fraction(cell.getAttribute("value"))
                    elif kind == "date":
                        value = datetime.datetime.fromisoformat(cell.getAttribute("datevalue"))
                    else:
                        value = "".join(part_text(p) for p in cell.childNodes) or None
                    row += [value] * min(repeat, 60)
                rows += [row] * min(int(tr.getAttribute("numberrowsrepeated") or 1), 3)
            yield rows
    elif path.suffix == ".csv":
        text = path.read_bytes().decode("gb18030")
        yield [[cell or None for cell in row] for row in csv.reader(io.StringIO(text))]


def part_text(node):
    if node.nodeType == node.TEXT_NODE:
        return str(node.data)
    return "".join(part_text(child) for child in node.childNodes)


def squeeze(value):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value))) if value is not None else ""


def blocks(path):
    """(form, unit text, rows as dicts) of each recognised sheet."""
    for grid in grids(path):
        flat = [[squeeze(cell) for cell in row] for row in grid]
        for form, (_, titles) in FORMS.items():
            wanted = {squeeze(title): name for name, title_list in titles.items() for title in title_list}
            found = header(flat, wanted, titles)
            if not found:
                continue
            top, columns = found
            unit = next(m.group(1) for row in flat[:top] for cell in row if (m := re.search(r"填报单位(?:\([^)]*\))?:(.+?)(?:报告期:|$)", cell)))
            rows = []
            for raw, plain in zip(grid[top:], flat[top:]):
                if any(cell in ("合计", "总计", "小计") for cell in plain):
                    break
                if any(cell.startswith(("单位负责人", "填表说明")) for cell in plain):
                    break
                if not any(plain):
                    continue
                rows.append({name: raw[c] if c < len(raw) else None for name, c in columns.items()})
            yield form, unit, rows
            break


def header(flat, wanted, titles):
    """(first data row, name → column) if one or two rows together hold all titles."""
    for r, row in enumerate(flat[:12]):
        for height in (1, 2):
            columns = {}
            for c in range(max(map(len, flat[r:r + height]), default=0)):
                for line in flat[r:r + height]:
                    if c < len(line) and line[c] in wanted:
                        columns.setdefault(wanted[line[c]], c)
            if set(columns) == set(titles):
                return r + height, columns
    return None


def number(value):
    """A typed number as a fraction; None when blank."""
    if value is None or squeeze(value) == "":
        return None
    if isinstance(value, float):
        # As Excel shows it: 15 significant digits.
        return Fraction(f"{value:.15g}")
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    text = squeeze(value)
    if text in ("无", "—"):
        return Fraction(0)
    m = re.fullmatch(r"(-?[0-9,]*\.?[0-9]+)(万?)(人次|人|个|件|次|张|年|元|平方米|分|星)?", text)
    assert m, text
    return Fraction(m.group(1).replace(",", "")) * (10000 if m.group(2) else 1)


def day(value):
    if value is None or squeeze(value) == "":
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    m = re.fullmatch(r"(\d{4})[-.年]?(\d{1,2})[-.月]?(\d{1,2})日?", squeeze(value))
    return datetime.date(*map(int, m.groups()))


def yes(value):
    text = squeeze(value)
    if text in ("是", "有", "√", "Y", "1"):
        return True
    assert text in ("否", "无", "×", "N", "0"), text
    return False


# ---- the pipeline's lists ----

with open(PIPELINE / "registers" / "unit.csv", encoding="utf-8", newline="") as file:
    UNITS = list(csv.DictReader(file))
UNIT_OF = {squeeze(name): u["code"] for u in UNITS for name in [u["name"], *u["aliases"].split(";")]}
CODES = tomllib.loads((PIPELINE / "codelists.toml").read_text(encoding="utf-8"))
SYNONYMS = {}
for name, codelist in CODES.items():
    if "register" in codelist:
        with open(PIPELINE / "registers" / f"{codelist['register']}.csv", encoding="utf-8", newline="") as file:
            codelist["codes"] = [
                {"code": row["name"], "id": row["code"], "synonyms": [word for word in row["aliases"].split(";") if word]}
                for row in csv.DictReader(file)
            ]
    for code in codelist["codes"]:
        for word in [code["code"], *code.get("synonyms", [])]:
            SYNONYMS[name, squeeze(word)] = code["code"]


def coded(codelist, value):
    text = squeeze(value)
    return SYNONYMS[codelist, text] if text and text not in ("—", "/") else None


with open(PIPELINE / "holidays.csv", encoding="utf-8", newline="") as file:
    HOLIDAYS = {row["date"]: row["kind"] for row in csv.DictReader(file)}


def working_days(first, last):
    """Working days after `first`, up to and including `last`."""
    count, current = 0, first
    while current < last:
        current += datetime.timedelta(1)
        kind = HOLIDAYS.get(current.isoformat())
        count += kind == "work" or (kind is None and current.weekday() < 5)
    return count


CODED = {
    "org_unit": {"org_kind": "org_kind", "domain": "org_domain", "status": "org_status"},
    "org_rating": {"domain": "rating_domain", "grade": "rating_grade", "prev": "rating_grade"},
    "nonpublic_ent": {"town": "town", "op": "enterprise_status", "kind": "party_form", "mass": "mass_organisation"},
    "member_review": {"class": "member_class", "branch": "review_grade", "town": "review_grade", "final": "review_grade", "disposal": "disposal", "absent": "absent_reason"},
    "delegate_studio": {},
    "delegate_case": {"by": "raised_by", "topic": "topic", "route": "route", "outcome": "case_outcome", "satisfaction": "satisfaction"},
}
BOOLEANS = {"election_due", "election_done", "above", "edu"}
DAYS = {"opened", "forwarded", "feedback"}
TEXTS = {"org_code", "secretary", "parent", "code", "studio", "case"}


def typed(form, row):
    result = {}
    for name, value in row.items():
        if name in CODED[form]:
            result[name] = coded(CODED[form][name], value)
        elif name in BOOLEANS:
            result[name] = yes(value)
        elif name in DAYS or (form == "delegate_case" and name in ("registered", "due", "replied")):
            result[name] = day(value)
        elif name in TEXTS:
            result[name] = squeeze(value) or None
        else:
            result[name] = number(value)
    return result


def facts():
    """form → unit code → rows, of the returns in force."""
    result = {form: {} for form in FORMS}
    for folder in sorted({folder for folder, _ in FORMS.values()}):
        for path in sorted((RETURNS / folder).iterdir()):
            if path.name in BESIDE:
                continue
            for form, unit, rows in blocks(path):
                if FORMS[form][0] == folder:
                    code = UNIT_OF[unit]
                    assert code not in result[form], (form, unit)
                    result[form][code] = [typed(form, row) for row in rows]
    return result


# ---- the indicators, said again ----

ALIVE = ("在册", "更名")
LEAF = ("党支部", "联合党支部", "临时党支部")
COVERED = ("单独组建", "联合组建", "挂靠")


def alive(r):
    return r["status"] in ALIVE


def leaf(r):
    return alive(r) and r["org_kind"] in LEAF


def operating(r):
    return r["op"] == "实体运营"


def reviewed(r):
    return r["absent"] is None


def answered(r):
    return r["route"] != "转信访" and r["replied"] is not None


MONTH_END = datetime.date(2013, 10, 31)


def to_be_answered(r):
    """Taken on, and answered this month, or its time was up when the month ended."""
    return r["route"] != "转信访" and (r["replied"] is not None or r["due"] <= MONTH_END)


def in_time(r):
    return r["replied"] is not None and r["replied"] <= r["due"]


RANK = {"好": 1, "较好": 2, "一般": 3, "较差": 4}
ORG = {"domain": ("domain", "org_domain"), "org_kind": ("org_kind", "org_kind")}
RATING = {"domain": ("domain", "rating_domain")}
FIRM = {"town": ("town", "town")}
MEMBER = {"member_class": ("class", "member_class")}
CASE = {"topic": ("topic", "topic"), "raised_by": ("by", "raised_by")}

# (id, form, kind, rows considered, numerator, denominator, breakdowns, decimals)
U = ("unit",)
INDICATORS = [
    ("org_count", "org_unit", "count", alive, lambda r: True, None, ("unit", "domain", "org_kind"), 0),
    ("branch_count", "org_unit", "count", alive, lambda r: r["org_kind"] in LEAF, None, ("unit", "domain"), 0),
    ("domain_share", "org_unit", "distribution", alive, ("domain", "org_domain"), None, U, 1),
    ("full_members", "org_unit", "sum", leaf, lambda r: r["full"], None, ("unit", "domain"), 0),
    ("prob_members", "org_unit", "sum", leaf, lambda r: r["prob"], None, ("unit", "domain"), 0),
    ("members", "org_unit", "sum", leaf, lambda r: r["full"] + r["prob"], None, ("unit", "domain"), 0),
    ("election_on_time", "org_unit", "ratio", lambda r: alive(r) and r["election_due"], lambda r: r["election_done"], lambda r: True, ("unit", "domain"), 1),
    ("posts_rate", "org_unit", "ratio", alive, lambda r: r["posts_filled"], lambda r: r["posts_set"], ("unit", "domain"), 1),
    ("vacant_secretary", "org_unit", "count", alive, lambda r: r["secretary"] is None, None, ("unit", "domain"), 0),
    ("nonpublic_orgs", "org_unit", "count", alive, lambda r: r["domain"] == "非公有制企业", None, U, 0),
    ("rated_orgs", "org_rating", "count", None, lambda r: r["grade"] is not None, None, ("unit", "domain"), 0),
    ("grade_share", "org_rating", "distribution", None, ("grade", "rating_grade"), None, ("unit", "domain"), 1),
    ("good_or_better", "org_rating", "ratio", None, lambda r: r["grade"] in ("好", "较好"), lambda r: True, ("unit", "domain", "unit*domain"), 1),
    ("rating_turnout", "org_rating", "ratio", None, lambda r: r["voted"], lambda r: r["due"], ("unit", "domain"), 1),
    ("rating_masses", "org_rating", "sum", None, lambda r: r["masses"], None, ("unit", "domain"), 0),
    ("rating_score", "org_rating", "mean", None, lambda r: r["score"], None, ("unit", "domain"), 2),
    ("upgrade_rate", "org_rating", "ratio", lambda r: r["prev"] in ("较好", "一般", "较差"), lambda r: RANK[r["grade"]] < RANK[r["prev"]], lambda r: True, ("unit", "domain"), 1),
    ("poor_conversion", "org_rating", "ratio", lambda r: r["prev"] == "较差", lambda r: r["grade"] != "较差", lambda r: True, U, 1),
    ("five_star", "org_rating", "count", None, lambda r: r["stars"] == 5, None, ("unit", "domain"), 0),
    ("enterprises", "nonpublic_ent", "count", None, lambda r: r["op"] != "注销", None, ("unit", "town"), 0),
    ("operating_enterprises", "nonpublic_ent", "count", None, operating, None, ("unit", "town"), 0),
    ("org_coverage", "nonpublic_ent", "ratio", operating, lambda r: r["kind"] in COVERED, lambda r: True, ("unit", "town"), 1),
    ("own_rate", "nonpublic_ent", "ratio", operating, lambda r: r["kind"] == "单独组建", lambda r: True, ("unit", "town"), 1),
    ("eligible_coverage", "nonpublic_ent", "ratio", lambda r: operating(r) and r["full"] >= 3, lambda r: r["kind"] in COVERED, lambda r: True, ("unit", "town"), 1),
    ("work_coverage", "nonpublic_ent", "ratio", operating, lambda r: r["kind"] != "空白" or r["mass"] not in ("没有", None), lambda r: True, ("unit", "town"), 1),
    ("scale_edu_coverage", "nonpublic_ent", "ratio", lambda r: operating(r) and r["above"], lambda r: r["edu"], lambda r: True, ("unit", "town"), 1),
    ("party_form_share", "nonpublic_ent", "distribution", operating, ("kind", "party_form"), None, U, 1),
    ("enterprise_members", "nonpublic_ent", "sum", operating, lambda r: r["full"] + (r["prob"] or 0), None, ("unit", "town"), 0),
    ("enterprise_budget", "nonpublic_ent", "sum", operating, lambda r: r["budget"], None, U, 2),
    ("members_due_review", "member_review", "count", None, lambda r: True, None, ("unit", "member_class"), 0),
    ("reviewed_members", "member_review", "count", None, reviewed, None, ("unit", "member_class"), 0),
    ("review_rate", "member_review", "ratio", None, reviewed, lambda r: True, ("unit", "member_class"), 1),
    ("review_grade_share", "member_review", "distribution", reviewed, ("final", "review_grade"), None, ("unit", "member_class"), 1),
    ("excellent_rate", "member_review", "ratio", reviewed, lambda r: r["final"] == "优秀", lambda r: True, ("unit", "member_class"), 1),
    ("qualified_or_better", "member_review", "ratio", reviewed, lambda r: r["final"] in ("优秀", "合格"), lambda r: True, ("unit", "member_class"), 1),
    ("unqualified_rate", "member_review", "ratio", reviewed, lambda r: r["final"] == "不合格", lambda r: True, ("unit", "member_class"), 2),
    ("disposal_rate", "member_review", "ratio", lambda r: r["final"] == "不合格", lambda r: r["disposal"] is not None, lambda r: True, U, 1),
    ("town_change_rate", "member_review", "ratio", reviewed, lambda r: r["town"] != r["branch"], lambda r: True, U, 2),
    ("county_change_rate", "member_review", "ratio", reviewed, lambda r: r["final"] != r["town"], lambda r: True, U, 2),
    ("average_points", "member_review", "mean", reviewed, lambda r: r["score"], None, ("unit", "member_class"), 2),
    ("studio_opened", "delegate_studio", "count", None, lambda r: r["opened"] is not None, None, U, 0),
    ("studio_to_open", "delegate_studio", "count", None, lambda r: r["opened"] is None, None, U, 0),
    ("studio_opened_rate", "delegate_studio", "units", None, lambda r: r["opened"] is not None, None, (), 1),
    *[(id_, "delegate_studio", "sum", None, lambda r, name=name: r[name], None, U, 0) for id_, name in [
        ("studio_delegates", "delegates"), ("reception_days", "days"), ("visitors", "visitors"), ("visits", "visits"), ("forums", "forums"),
        ("inspections", "inspections"), ("cases_registered", "registered"), ("cases_closed", "closed"), ("cases_open", "end")]],
    ("attendance_rate", "delegate_studio", "ratio", None, lambda r: r["attended"], lambda r: r["due"], U, 1),
    ("closing_rate", "delegate_studio", "ratio", None, lambda r: r["closed"], lambda r: r["begin"] + r["registered"] - r["rejected"], U, 1),
    ("reply_satisfaction", "delegate_studio", "ratio", None, lambda r: r["satisfied"], lambda r: r["replied"], U, 1),
    ("ledger_cases", "delegate_case", "count", None, lambda r: True, None, ("unit", "topic", "raised_by"), 0),
    ("topic_share", "delegate_case", "distribution", None, ("topic", "topic"), None, U, 1),
    ("outcome_share", "delegate_case", "distribution", lambda r: r["route"] != "转信访", ("outcome", "case_outcome"), None, U, 1),
    ("case_steps", "delegate_case", "funnel", lambda r: r["route"] in ("转相关部门", "呈报县委"), [("registered", "registered"), ("forwarded", "forwarded"), ("replied", "replied"), ("fed-back", "feedback")], None, U, 1),
    ("on_time_rate", "delegate_case", "ratio", to_be_answered, in_time, lambda r: True, ("unit", "topic"), 1),
    ("overdue_rate", "delegate_case", "ratio", to_be_answered, lambda r: not in_time(r), lambda r: True, U, 1),
    ("average_days", "delegate_case", "mean", answered, lambda r: Fraction(working_days(r["registered"], r["replied"])), None, ("unit", "topic"), 1),
    ("delegate_satisfaction", "delegate_case", "ratio", lambda r: r["by"] == "党代表", lambda r: r["satisfaction"] in ("满意", "基本满意"), lambda r: r["satisfaction"] in ("满意", "基本满意", "不满意"), U, 1),
    ("masses_satisfaction", "delegate_case", "ratio", lambda r: r["by"] in ("党员", "群众"), lambda r: r["satisfaction"] in ("满意", "基本满意"), lambda r: r["satisfaction"] in ("满意", "基本满意", "不满意"), U, 1),
]
DIMENSIONS = {"org_unit": ORG, "org_rating": RATING, "nonpublic_ent": FIRM, "member_review": MEMBER, "delegate_case": CASE}


def rounded(value, decimals):
    """Half away from zero, as printed."""
    scale = 10**decimals
    scaled = abs(value) * scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = "-" if value < 0 and whole else ""
    if decimals == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole // scale}.{whole % scale:0{decimals}d}"


def plain(value):
    """A number without superfluous zeros; at most two decimals occur."""
    if value is None:
        return ""
    text = rounded(value, 2)
    return text.rstrip("0").rstrip(".")


def total(expression, rows):
    """Booleans count, numbers add up, blanks stay out."""
    return sum((Fraction(v) for v in map(expression, rows) if v is not None), Fraction(0))


def lines(indicator, rows_of_unit):
    id_, form, kind, keep, numerator, denominator, breakdowns, decimals = indicator
    groups = [(COUNTY, [(u, r) for u, rows in rows_of_unit.items() for r in rows])]
    everything = groups[0][1]
    for by in breakdowns:
        parts = by.split("*")
        if by == "unit":
            groups += [(u, [(u, r) for r in rows_of_unit[u]]) for u in rows_of_unit]
            continue
        name, codelist = DIMENSIONS[form][parts[-1]]
        for code in CODES[codelist]["codes"]:
            those = [(u, r) for u, r in everything if r[name] == code["code"]]
            if len(parts) == 1:
                groups.append((f"{COUNTY}@{code['id']}", those))
            else:
                groups += [(f"{u}@{code['id']}", [x for x in those if x[0] == u]) for u in rows_of_unit]
    for suffix, pairs in groups:
        rows = [r for _, r in pairs if keep is None or keep(r)]
        figure = f"{id_}@{suffix}"
        if kind in ("count", "sum"):
            n = total(numerator, rows)
            yield figure, n, None, rounded(n, decimals)
        elif kind == "distribution":
            name, codelist = numerator
            for code in CODES[codelist]["codes"]:
                n = Fraction(sum(r[name] == code["code"] for r in rows))
                base = Fraction(sum(r[name] is not None for r in rows))
                yield f"{figure}@{code['id']}", n, base, rounded(n * 100 / base, decimals) if base else ""
        elif kind == "funnel":
            base = Fraction(sum(r[numerator[0][1]] is not None for r in rows))
            for step, name in numerator:
                n = Fraction(sum(r[name] is not None for r in rows))
                yield f"{figure}@{step}", n, base, rounded(n * 100 / base, decimals) if base else ""
        else:
            n = total(numerator, rows)
            if kind == "mean":
                base, scale = Fraction(sum(numerator(r) is not None for r in rows)), 1
            elif kind == "units":
                base, scale = Fraction(len(rows_of_unit)), 100
            else:
                base, scale = total(denominator, rows), 100
            yield figure, n, base, rounded(n * scale / base, decimals) if base else ""


def ratings_of_2012():
    """Organisation → grade, as rated in the first round."""
    grades = {}
    for path in sorted((RETURNS / "2012-12").iterdir()):
        if path.name in BESIDE:
            continue
        for form, _, rows in blocks(path):
            if form == "org_rating":
                for row in rows:
                    row = typed(form, row)
                    assert row["org_code"] not in grades, row
                    grades[row["org_code"]] = row["grade"]
    return grades


def moves(now, then, order):
    """Pairs of grades (then, now) of the organisations rated twice."""
    pairs = [(unit, row["domain"], then.get(row["org_code"]), row["grade"])
             for unit, rows in now.items() for row in rows]
    groups = [(COUNTY, pairs)]
    groups += [(u, [p for p in pairs if p[0] == u]) for u in sorted(now, key=order.get)]
    groups += [(f"{COUNTY}@{code['id']}", [p for p in pairs if p[1] == code["code"]])
               for code in CODES["rating_domain"]["codes"]]
    grades = CODES["rating_grade"]["codes"]
    for suffix, those in groups:
        for old in grades:
            base = Fraction(sum(p[2] == old["code"] and p[3] is not None for p in those))
            for new in grades:
                n = Fraction(sum(p[2:] == (old["code"], new["code"]) for p in those))
                value = rounded(n * 100 / base, 1) if base else ""
                yield f"grade_moves@{suffix}@{old['id']}-{new['id']}", n, base, value


def main():
    data = facts()
    expected = {"org_unit": 18, "org_rating": 18, "nonpublic_ent": 13, "member_review": 10, "delegate_studio": 18, "delegate_case": 4}
    assert {form: len(units) for form, units in data.items()} == expected, {form: len(units) for form, units in data.items()}
    order = {u["code"]: i for i, u in enumerate(UNITS)}
    with open(Path(__file__).with_name("county_2013-10.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["figure_id", "numerator", "denominator", "value"])
        for indicator in INDICATORS:
            units = data[indicator[1]]
            units = {u: units[u] for u in sorted(units, key=order.get)}
            for figure, n, base, value in lines(indicator, units):
                writer.writerow([figure, plain(n), plain(base), value])
        for figure, n, base, value in moves(data["org_rating"], ratings_of_2012(), order):
            writer.writerow([figure, plain(n), plain(base), value])


if __name__ == "__main__":
    main()
