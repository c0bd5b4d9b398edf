"""Sheets as clerks make them: title, sender line, merged two-row headers, totals, signatures."""

import datetime
import io
import re
import zipfile
from fractions import Fraction

import openpyxl
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

THIN = Border(*[Side(style="thin")] * 4)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")

# form → (title, groups of (header above, fields)), as the blank form was handed out.
BLANKS = {
    "org_unit": ("党组织基本信息台账", "人、年", [
        ("", ["org_code", "org_name", "short_name", "parent_code", "committee_code", "org_kind", "domain", "area_name", "founded_on"]),
        ("换届情况", ["last_election_on", "term_years", "election_due", "election_done"]),
        ("班子情况", ["secretary", "secretary_since", "posts_set", "posts_filled"]),
        ("党员(人)", ["full_members", "prob_members"]), ("", ["status", "ended_on"])]),
    "org_rating": ("基层党组织分类定级表", "人、张、分", [
        ("", ["org_code", "domain"]), ("支部自评", ["self_score", "self_grade"]),
        ("参评情况(人)", ["members_due", "members_voted", "masses_voted"]),
        ("测评票(张)", ["v_good", "v_fairly", "v_mid", "v_poor"]),
        ("七项得分", ["s_leader", "s_plan", "s_rules", "s_venue", "s_support", "s_result", "s_masses"]),
        ("党委评定", ["score", "grade"]), ("", ["prev_grade", "stars", "problems", "fix_by"])]),
    "nonpublic_ent": ("非公企业党建工作台账", "人、平方米、元", [
        ("", ["ent_name", "ent_code", "town", "op_status", "above_scale", "staff"]),
        ("党员情况(人)", ["full_members", "prob_members", "hidden_members"]),
        ("两个覆盖", ["form_kind", "org_code", "instructor", "liaison", "mass_orgs"]),
        ("阵地和经费", ["edu_site", "venue_m2", "budget"])]),
    "member_review": ("党员资格年检(民主评议)明细表", "人、张、分", [
        ("", ["org_code", "name", "id_tail", "member_class"]),
        ("积分(分)", ["score_base", "score_add", "score_cut", "score"]),
        ("民主测评(张)", ["voters_due", "votes", "v_excellent", "v_ok", "v_basic", "v_fail", "v_abstain"]),
        ("等次", ["grade_branch", "grade_town", "grade_final"]), ("", ["disposal", "absent_reason"])]),
    "delegate_studio": ("党代表工作室运行月报", "人、次、件", [
        ("", ["studio_code", "opened_on", "head", "delegates"]),
        ("活动情况", ["reception_days", "visitors", "visits", "forums", "inspections"]),
        ("代表出勤(人次)", ["due_attend", "attended"]),
        ("意见建议办理(件)", ["open_begin", "registered", "rejected", "closed", "open_end", "replied", "satisfied"])]),
    "delegate_case": ("党员群众意见建议办理台账", "件", [
        ("", ["case_no", "studio_code"]), ("登记", ["registered_on", "raised_by", "topic", "summary"]),
        ("办理", ["route", "forwarded_on", "handler", "due_on"]),
        ("答复和反馈", ["replied_on", "outcome", "feedback_on", "satisfaction"])]),
}
# Summed in a 合计 row.
ADDED = {
    "org_unit": ["posts_set", "posts_filled", "full_members", "prob_members"],
    "org_rating": ["members_due", "members_voted", "masses_voted", "v_good", "v_fairly", "v_mid", "v_poor"],
    "nonpublic_ent": ["staff", "full_members", "prob_members", "hidden_members", "budget"],
    "member_review": [],
    "delegate_studio": ["delegates", "reception_days", "visitors", "visits", "forums", "inspections", "due_attend", "attended", "open_begin", "registered", "rejected", "closed", "open_end", "replied", "satisfied"],
    "delegate_case": [],
}


class Sheet:
    """One form on one sheet: what it says, and how this clerk writes it."""

    def __init__(self, form, titles, unit_text, period_text, filed_on, rows, clerk):
        self.form, self.titles, self.rows, self.clerk = form, titles, rows, clerk
        self.unit_text, self.period_text, self.filed_on = unit_text, period_text, filed_on
        blank_title, self.measure, groups = BLANKS[form]
        self.title = clerk.get("title", {}).get(form, blank_title)
        self.groups = [(head, list(fields)) for head, fields in groups]
        order = clerk.get("order", {}).get(form)
        if order:
            self.groups = [self.groups[i] for i in order]
        if clerk.get("drop"):
            self.groups = [(h, [f for f in fs if f not in clerk["drop"]]) for h, fs in self.groups]
            self.groups = [(h, fs) for h, fs in self.groups if fs]
        self.fields = [f for _, fields in self.groups for f in fields]
        self.numbered = clerk.get("numbered", True)
        self.hide_rows = set()
        self.total_slip = None  # a field whose typed total is one too many

    def column(self, field):
        return self.fields.index(field) + 1 + self.numbered

    def address(self, row, field):
        return f"{get_column_letter(self.column(field))}{self.first_row + row}"

    # The rows of the sheet above the data.
    @property
    def first_row(self):
        return 4 + (2 if self.clerk.get("two_rows", True) else 1)

    def write(self, ws):
        clerk, width = self.clerk, len(self.fields) + self.numbered
        last = get_column_letter(width)
        ws["A1"] = clerk.get("before_title", "") + self.title
        ws["A1"].font, ws["A1"].alignment = Font(size=16, bold=True), CENTRE
        ws.merge_cells(f"A1:{last}1")
        self._lines(ws, width, last)
        self._header(ws)
        row = self.first_row
        for index, record in enumerate(self.rows):
            if self.numbered:
                ws.cell(row, 1, index + 1).border = THIN
            for field in self.fields:
                cell = ws.cell(row, self.column(field))
                cell.border = THIN
                self._put(cell, field, record.get(field), index)
            if index in self.hide_rows:
                ws.row_dimensions[row].hidden = True
            row += 1
        if clerk.get("total", True) and ADDED[self.form] and self.rows:
            self._total(ws, row)
            row += 1
        self._footer(ws, row, width, last)
        for index, field in enumerate(self.fields, 1 + self.numbered):
            ws.column_dimensions[get_column_letter(index)].width = 22 if field.endswith("_code") or field in ("case_no", "org_name", "ent_name", "summary") else 11
        ws.page_setup.orientation, ws.page_setup.paperSize = "landscape", 9
        ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
        ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        ws.row_dimensions[5 if self.clerk.get("two_rows", True) else 4].height = 32
        ws.freeze_panes = f"A{self.first_row}"

    def _lines(self, ws, width, last):
        filed = f"{self.filed_on.year}年{self.filed_on.month}月{self.filed_on.day}日"
        seal = self.clerk.get("seal", "")
        parts = [f"填报单位{seal}：{self.unit_text}", f"报告期：{self.period_text}", f"填报日期：{filed}"]
        if self.clerk.get("one_line"):
            ws["A2"] = "　　　".join(parts)
            ws.merge_cells(f"A2:{last}2")
        else:
            third = max(2, width // 3)
            for place, text in enumerate(parts):
                ws.cell(2, 1 + place * third, text)
                ws.merge_cells(start_row=2, end_row=2, start_column=1 + place * third, end_column=width if place == 2 else (place + 1) * third)
        ws["A3"] = f"单位：{self.measure}"
        ws["A3"].alignment = Alignment(horizontal="right")
        ws.merge_cells(f"A3:{last}3")

    def _header(self, ws):
        two = self.clerk.get("two_rows", True)
        bottom = 5 if two else 4

        def head(row, column, text):
            cell = ws.cell(row, column, text)
            cell.font, cell.alignment, cell.border = Font(bold=True), CENTRE, THIN

        if self.numbered:
            head(4, 1, "序号")
            if two:
                ws.merge_cells("A4:A5")
        column = 1 + self.numbered
        for above, fields in self.groups:
            if two and above:
                head(4, column, above)
                if len(fields) > 1:
                    ws.merge_cells(start_row=4, end_row=4, start_column=column, end_column=column + len(fields) - 1)
            for field in fields:
                text = self.clerk.get("names", {}).get((self.form, field), self.titles[field])
                if two and not above:
                    head(4, column, text)
                    ws.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
                else:
                    head(bottom, column, text)
                column += 1

    def _put(self, cell, field, value, index):
        override = self.clerk.get("typed", {}).get((self.form, index, field))
        if value is None and override is None:
            return
        if override is not None:
            cell.value = override
            if isinstance(override, str) and not override.startswith("#"):
                cell.number_format = "@"
            return
        if isinstance(value, bool):
            cell.value = self.clerk.get("boolean", ("是", "否"))[0 if value else 1]
        elif isinstance(value, Fraction):
            cell.value = float(value) if value.denominator != 1 else int(value)
            cell.number_format = "0.0"
        elif isinstance(value, datetime.date):
            self._date(cell, value)
        else:
            cell.value = value
            if isinstance(value, str):
                cell.number_format = "@"

    def _date(self, cell, day):
        style = self.clerk.get("date", "cell")
        texts = {"dots": f"{day.year}.{day.month:02d}.{day.day:02d}", "chinese": f"{day.year}年{day.month}月{day.day}日", "digits": f"{day:%Y%m%d}", "iso": f"{day:%Y-%m-%d}"}
        if style in texts:
            cell.value, cell.number_format = texts[style], "@"
        else:
            cell.value = day
            cell.number_format = "yyyy-mm-dd" if style == "cell" else 'yyyy"年"m"月"d"日"'

    def _total(self, ws, row):
        label = self.clerk.get("total_label", "合计")
        ws.cell(row, 1, label).alignment = CENTRE
        first, last = self.first_row, row - 1
        for field in self.fields:
            if field not in ADDED[self.form]:
                continue
            letter = get_column_letter(self.column(field))
            if self.clerk.get("formulas"):
                ws.cell(row, self.column(field), f"=SUM({letter}{first}:{letter}{last})")
            else:
                ws.cell(row, self.column(field), sum(r[field] or 0 for r in self.rows) + (field == self.total_slip))
        for column in range(1, len(self.fields) + self.numbered + 1):
            ws.cell(row, column).border = THIN

    def _footer(self, ws, row, width, last):
        signatures = ["单位负责人：", "审核人：", "填表人：", "联系电话："]
        names = self.clerk.get("signed", ("", "", "", ""))
        step = max(1, width // 4)
        for place, (label, name) in enumerate(zip(signatures, names)):
            ws.cell(row + 1, 1 + place * step, label + name)
        note = self.clerk.get("note")
        if note:
            ws.cell(row + 2, 1, f"填表说明：{note}")
            ws.merge_cells(f"A{row + 2}:{last}{row + 2}")


def book(sheets, hidden=(), empty=()):
    """A workbook of (sheet name, Sheet), with hidden and empty sheets beside."""
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for name, sheet in sheets:
        sheet.write(wb.create_sheet(name))
    for name, sheet in hidden:
        ws = wb.create_sheet(name)
        sheet.write(ws)
        ws.sheet_state = "hidden"
    for name in empty:
        wb.create_sheet(name)
    return to_bytes(wb)


FIXED = datetime.datetime(2013, 11, 1)


def to_bytes(wb):
    """The same bytes on every run: fixed properties, fixed entry times."""
    wb.properties.creator = "样例"
    wb.properties.created = wb.properties.modified = FIXED
    buffer = io.BytesIO()
    wb.save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2013-11-01T00:00:00Z", data)
            info = zipfile.ZipInfo(entry.filename, (2013, 11, 1, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(info, data)
    return out.getvalue()


def csv_bytes(sheet):
    """The sheet as a GB18030 text file, as an old office program exports it."""
    wb = openpyxl.Workbook()
    sheet.write(wb.active)
    lines = []
    for row in wb.active.iter_rows():
        texts = []
        for cell in row:
            value = cell.value
            if value is None:
                text = ""
            elif isinstance(value, datetime.date):
                text = f"{value:%Y-%m-%d}"
            else:
                text = str(value)
            texts.append('"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text)
        lines.append(",".join(texts))
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")
