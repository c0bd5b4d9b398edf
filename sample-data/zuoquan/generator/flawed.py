"""Faulty versions of October 2013: only the files that replace or join the good month.

Each fault stands in `flawed/<fault>/2013-10/` with `flawed/<fault>/expect.csv` beside it:
exactly the findings that it adds. The expectations are written here, from what a careful
statistician would say about the fault, never copied from a run of the program.
"""

import copy
import datetime
import struct

import layout
from returns import SHEET_NAMES, SHEET_TITLE, TITLES

FOLDER = "2013-10"
HEADER = ["level", "code", "unit", "form", "file", "sheet", "cell", "outcome"]
# Compared with the studio's month when the ledger is in force, and the other way round.
LEDGER_CHECKS = ["F07-03a", "F07-03b", "F07-03c", "F07-03d", "F07-03e", "F07-03f"]


class Fault:
    def __init__(self, month):
        self.month, self.files, self.lines = month, {}, []

    def sheets(self, unit):
        """Copies of a unit's October sheets, in order: [(form, Sheet)]."""
        mine = [(form, sheet) for (u, form), (_, sheet) in self.month.sheets.items() if u == unit]
        return [(form, copy.deepcopy(sheet)) for form, sheet in mine]

    def name(self, unit):
        return next(file for (u, _), (file, _) in self.month.sheets.items() if u == unit)

    def save(self, unit, sheets, name=None):
        self.files[name or self.name(unit)] = layout.book([(SHEET_NAMES[form], sheet) for form, sheet in sheets])

    def expect(self, level, code, unit="", form="", file="", sheet="", cell="", outcome="fail"):
        path = f"{FOLDER}/{file}" if file else ""
        self.lines.append([level, code, unit, form, path, sheet, cell, outcome])

    def missing(self, unit, form):
        self.expect("error", "R-01", unit, form)

    def at(self, level, code, unit, form, sheet, cell, outcome="fail", name=None):
        """A finding in a sheet of the unit's workbook."""
        self.expect(level, code, unit, form, name or self.name(unit), SHEET_NAMES[form], cell, outcome)


def cells(sheet, row, *fields):
    return " ".join(sheet.address(row, field) for field in fields)


FAULTS = {}


def fault(function):
    FAULTS[function.__name__.replace("_", "-")] = function
    return function


# ---- files ----

@fault
def truncated(f):
    """The second half of the file did not arrive."""
    name = f.name("桐峪镇")
    data = f.month.files[name]
    f.files[name] = data[: len(data) // 2]
    f.expect("error", "C-01", "", "", name)
    f.missing("桐峪镇", "delegate_studio")


@fault
def encrypted(f):
    """Saved with a password for opening."""
    name = f.name("麻田镇")
    f.files[name] = compound_file({"EncryptionInfo": b"\x04\x00\x04\x00\x40\x00\x00\x00" + b"<encryption/>" * 400, "EncryptedPackage": bytes(range(256)) * 20})
    f.expect("error", "C-02", "", "", name)
    f.missing("麻田镇", "delegate_studio")


@fault
def html_as_xls(f):
    """A web page with the ending .xls, as some systems export it."""
    name = f.name("石匣乡")
    sheet = f.sheets("石匣乡")[0][1]
    row = "".join(f"<td>{sheet.rows[0].get(field) or 0}</td>" for field in sheet.fields)
    head = "".join(f"<td>{TITLES['delegate_studio'][field]}</td>" for field in sheet.fields)
    f.files[name] = f"<html><body><table><tr><td>填报单位：石匣乡</td></tr><tr>{head}</tr><tr>{row}</tr></table></body></html>".encode("utf-8")
    f.expect("error", "C-03", "", "", name)
    f.missing("石匣乡", "delegate_studio")


@fault
def mislabelled(f):
    """An .xlsx that somebody renamed .xls: read by its content. Its totals were never computed, but
    their formulas add up what stands above them: nothing to say."""
    name = f.name("石匣乡")
    f.files[name] = f.month.files[name]


@fault
def not_a_return(f):
    """A letter among the returns."""
    name = "关于报送十月份报表的通知.txt"
    f.files[name] = "各党委：请于次月十日前报送报表。\r\n".encode("gb18030")
    f.expect("error", "C-05", "", "", name)


# ---- sender and period ----

@fault
def wrong_period(f):
    """The sheet still says September."""
    unit = "龙泉乡"
    sheets = f.sheets(unit)
    sheets[0][1].period_text = "2013年9月"
    f.save(unit, sheets)
    # Received, but for a period that is not due: returned, not missing.
    f.at("error", "C-19", unit, "delegate_studio", sheets[0][1], "A2")


@fault
def two_units(f):
    """寒王乡's sheet pasted into 麻田镇's workbook; 寒王乡 has also sent its own file."""
    own, other = f.sheets("麻田镇"), f.sheets("寒王乡")
    f.files[f.name("麻田镇")] = layout.book([("麻田", own[0][1]), ("寒王", other[0][1])])
    f.expect("error", "C-16", "", "", f.name("麻田镇"))
    f.missing("麻田镇", "delegate_studio")


@fault
def unknown_unit(f):
    """寒王镇 is not 寒王乡: a near miss is named, never accepted."""
    unit = "寒王乡"
    sheets = f.sheets(unit)
    sheets[0][1].unit_text = "寒王镇"
    f.save(unit, sheets)
    f.expect("error", "C-14", "", "delegate_studio", f.name(unit), SHEET_NAMES["delegate_studio"], "A2")
    f.missing(unit, "delegate_studio")


@fault
def rivals(f):
    """Two versions of the same return, and no declaration which one counts."""
    unit = "羊角乡"
    sheets = f.sheets(unit)
    sheets[0][1].rows[0]["delegates"] = 3
    second = "羊角乡2013年10月党建报表(2).xlsx"
    f.save(unit, sheets, second)
    for name in (f.name(unit), second):
        f.at("error", "C-26", unit, "delegate_studio", sheets[0][1], "", name=name)


# ---- columns ----

@fault
def missing_column(f):
    """本月办结件 was deleted from the form."""
    unit = "芹泉镇"
    sheets = f.sheets(unit)
    sheet = sheets[0][1]
    sheet.groups = [(head, [x for x in fields if x != "closed"]) for head, fields in sheet.groups]
    sheet.fields = [x for x in sheet.fields if x != "closed"]
    f.save(unit, sheets)
    f.at("error", "C-22", unit, "delegate_studio", sheet, "")
    # What needs the column cannot be asked; what does not, still is.
    for code in ("F07-01", "F07-04a"):
        f.at("error", code, unit, "delegate_studio", sheet, "", outcome="not-evaluated")


@fault
def extra_column(f):
    """A column of the clerk's own."""
    unit = "桐峪镇"
    sheets = f.sheets(unit)
    sheet = sheets[0][1]
    sheet.groups.append(("", ["remark"]))
    sheet.fields.append("remark")
    sheet.titles = {**sheet.titles, "remark": "工作室地点"}
    f.save(unit, sheets)
    f.at("hint", "C-23", unit, "delegate_studio", sheet, f"{layout.get_column_letter(sheet.column('remark'))}4")


# ---- cells ----

def _typed(f, unit, form, row, field, value):
    """One cell of a unit's workbook typed in another way."""
    sheets = f.sheets(unit)
    sheet = dict(sheets)[form]
    typed = dict(sheet.clerk.get("typed", {}))
    typed[form, row, field] = value
    sheet.clerk = {**sheet.clerk, "typed": typed}
    f.save(unit, sheets)
    return sheet


def ledger_waits(f, unit):
    """The unit's ledger is returned, so the month's comparison with it waits."""
    for code in LEDGER_CHECKS:
        f.at("error", code, unit, "delegate_studio", None, "", outcome="not-evaluated")


@fault
def text_in_number(f):
    sheet = _typed(f, "县直机关", "delegate_studio", 0, "visits", "很多")
    f.at("error", "D-01", "县直机关", "delegate_studio", sheet, cells(sheet, 0, "visits"))


@fault
def approximate(f):
    sheet = _typed(f, "经贸系统", "delegate_studio", 0, "visitors", "约20")
    f.at("error", "D-12", "经贸系统", "delegate_studio", sheet, cells(sheet, 0, "visitors"))


@fault
def fraction(f):
    sheet = _typed(f, "辽阳镇", "delegate_studio", 0, "visits", 12.5)
    f.at("error", "D-02", "辽阳镇", "delegate_studio", sheet, cells(sheet, 0, "visits"))


@fault
def other_unit_suffix(f):
    """A count of persons given in households."""
    sheet = _typed(f, "宣教系统", "delegate_studio", 0, "visits", "21户")
    f.at("error", "D-17", "宣教系统", "delegate_studio", sheet, cells(sheet, 0, "visits"))


@fault
def error_cell(f):
    sheet = _typed(f, "县直机关", "delegate_studio", 0, "attended", "#REF!")
    f.at("error", "D-11", "县直机关", "delegate_studio", sheet, cells(sheet, 0, "attended"))


@fault
def error_in_name(f):
    """A broken reference in a personal column: the cell is named, never its content."""
    sheet = _typed(f, "城区", "delegate_studio", 0, "head", "#N/A")
    f.at("error", "D-11", "城区", "delegate_studio", sheet, cells(sheet, 0, "head"))


@fault
def blank_number(f):
    """Blank is not zero."""
    unit = "桐峪镇"
    sheets = f.sheets(unit)
    sheets[0][1].rows[0]["registered"] = None
    f.save(unit, sheets)
    cell = cells(sheets[0][1], 0, "registered")
    f.at("error", "D-14", unit, "delegate_studio", sheets[0][1], cell)
    f.at("error", "F07-01", unit, "delegate_studio", sheets[0][1], cell, outcome="not-evaluated")


@fault
def unknown_code(f):
    sheet = _typed(f, "辽阳镇", "delegate_case", 0, "topic", "修路")
    f.at("error", "D-09", "辽阳镇", "delegate_case", sheet, cells(sheet, 0, "topic"))
    ledger_waits(f, "辽阳镇")


@fault
def digits_lost(f):
    """A long case number turned into a number: its last digits are gone."""
    sheet = _typed(f, "宣教系统", "delegate_case", 1, "case_no", 140722301201300045)
    f.at("error", "D-10", "宣教系统", "delegate_case", sheet, cells(sheet, 1, "case_no"))
    ledger_waits(f, "宣教系统")


@fault
def hidden_row(f):
    """A row of the ledger is hidden: counted, and asked about."""
    unit = "辽阳镇"
    sheets = f.sheets(unit)
    sheet = dict(sheets)["delegate_case"]
    sheet.hide_rows = {3}
    f.save(unit, sheets)
    f.at("query", "C-08", unit, "delegate_case", sheet, f"A{sheet.first_row + 3}")


# ---- checks ----

def _changed(f, unit, form, row, **values):
    """A unit's workbook with other values in one row."""
    sheets = f.sheets(unit)
    sheet = dict(sheets)[form]
    sheet.rows[row].update(values)
    f.save(unit, sheets)
    return sheet


@fault
def total_mismatch(f):
    """The typed 总计 is one too many."""
    unit = "县直机关"
    sheets = f.sheets(unit)
    sheet = sheets[0][1]
    sheet.total_slip = "visits"
    f.save(unit, sheets)
    f.at("error", "G-01", unit, "delegate_studio", sheet, f"{layout.get_column_letter(sheet.column('visits'))}{sheet.first_row + 1}")


def _ledger_has_fewer_open(f, unit, sheet):
    f.at("error", "F07-03f", unit, "delegate_studio", sheet, cells(sheet, 0, "open_end"))


@fault
def balance_broken(f):
    unit = "宣教系统"
    before = dict(f.sheets(unit))["delegate_studio"].rows[0]
    sheet = _changed(f, unit, "delegate_studio", 0, open_end=before["open_end"] + 1)
    f.at("error", "F07-01", unit, "delegate_studio", sheet, cells(sheet, 0, "open_begin", "registered", "rejected", "closed", "open_end"))


@fault
def opening_differs(f):
    """The opening stock is not September's closing stock."""
    unit = "经贸系统"
    before = dict(f.sheets(unit))["delegate_studio"].rows[0]
    sheet = _changed(f, unit, "delegate_studio", 0, open_begin=before["open_begin"] + 1, open_end=before["open_end"] + 1)
    f.at("error", "F07-02", unit, "delegate_studio", sheet, cells(sheet, 0, "open_begin"))
    _ledger_has_fewer_open(f, unit, sheet)


@fault
def ledger_differs(f):
    """One case more in the month than in the ledger."""
    unit = "县直机关"
    before = dict(f.sheets(unit))["delegate_studio"].rows[0]
    sheet = _changed(f, unit, "delegate_studio", 0, registered=before["registered"] + 1, open_end=before["open_end"] + 1)
    f.at("error", "F07-03a", unit, "delegate_studio", sheet, cells(sheet, 0, "registered"))
    _ledger_has_fewer_open(f, unit, sheet)


@fault
def satisfied_above_replied(f):
    unit = "县直机关"
    before = dict(f.sheets(unit))["delegate_studio"].rows[0]
    sheet = _changed(f, unit, "delegate_studio", 0, satisfied=before["replied"] + 1)
    f.at("error", "F07-04a", unit, "delegate_studio", sheet, cells(sheet, 0, "satisfied", "replied", "closed"))


@fault
def activity_before_opening(f):
    unit = "桐峪镇"
    sheet = _changed(f, unit, "delegate_studio", 0, visits=6)
    f.at("error", "F07-04b", unit, "delegate_studio", sheet, cells(sheet, 0, "opened_on", "reception_days", "visitors", "visits", "forums", "inspections", "attended", "open_begin", "registered", "closed", "open_end"))


@fault
def attendance_above_due(f):
    unit = "辽阳镇"
    before = dict(f.sheets(unit))["delegate_studio"].rows[0]
    sheet = _changed(f, unit, "delegate_studio", 0, attended=before["due_attend"] + 2)
    f.at("error", "G-04", unit, "delegate_studio", sheet, cells(sheet, 0, "attended", "due_attend"))


@fault
def no_reception_day(f):
    unit = "宣教系统"
    sheet = _changed(f, unit, "delegate_studio", 0, reception_days=0)
    f.at("query", "F07-05", unit, "delegate_studio", sheet, cells(sheet, 0, "reception_days"))


@fault
def repeated_case(f):
    """Two cases under one number."""
    unit = "县直机关"
    number = dict(f.sheets(unit))["delegate_case"].rows[0]["case_no"]
    sheet = _changed(f, unit, "delegate_case", 1, case_no=number)
    f.at("error", "G-07", unit, "delegate_case", sheet, f"{sheet.address(0, 'case_no')} {sheet.address(1, 'case_no')}")
    ledger_waits(f, unit)


@fault
def reply_before_registration(f):
    unit = "辽阳镇"
    sheets = dict(f.sheets(unit))["delegate_case"].rows
    row = next(i for i, r in enumerate(sheets) if r["route"] == "当场答复" and r["replied_on"] and r["replied_on"].day > 5)
    sheet = _changed(f, unit, "delegate_case", row, registered_on=sheets[row]["replied_on"] + datetime.timedelta(1))
    f.at("error", "F07C-01", unit, "delegate_case", sheet, " ".join(c for c in cells(sheet, row, "registered_on", "forwarded_on", "replied_on", "feedback_on").split()))
    ledger_waits(f, unit)


def duties_open(f):
    """Where a studio's month does not count, nobody knows whether its unit owes the ledger of cases."""
    sent_back = {unit for level, _, unit, form, *_, outcome in f.lines
                 if (level, form, outcome) == ("error", "delegate_studio", "fail") and unit}
    for unit in sorted(sent_back):
        if (unit, "delegate_case") not in f.month.sheets:
            f.expect("error", "R-01", unit, "delegate_case", outcome="not-evaluated")


def files(world, month):
    result = {}
    for name, make in FAULTS.items():
        f = Fault(month)
        make(f)
        duties_open(f)
        for file, data in f.files.items():
            result[f"{name}/{FOLDER}/{file}"] = data
        text = "\n".join(",".join(line) for line in [HEADER, *f.lines]) + "\n"
        result[f"{name}/expect.csv"] = text.encode("utf-8")
    return result


def compound_file(streams):
    """A minimal compound file (OLE2) with streams of at least 4096 bytes each."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    sectors, fat, entries = [], [], []

    def chain(data):
        start = len(sectors) + 1
        parts = [data[i:i + 512].ljust(512, b"\0") for i in range(0, len(data), 512)]
        for i, part in enumerate(parts):
            sectors.append(part)
            fat.append(start + i + 1 if i + 1 < len(parts) else end)
        return start

    starts = {name: chain(data) for name, data in streams.items()}

    def entry(name, kind, left, right, child, start, size):
        raw = name.encode("utf-16-le")
        return raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw) + 2, kind, 1, left, right, child) + bytes(36) + struct.pack("<IQ", start, size)

    names = sorted(streams, key=lambda n: (len(n), n))
    entries.append(entry("Root Entry", 5, free, free, 1, end, 0))
    for place, name in enumerate(names):
        right = place + 2 if place + 1 < len(names) else free
        entries.append(entry(name, 2, free, right, free, starts[name], len(streams[name])))
    directory = chain(b"".join(entries).ljust(512, b"\0"))
    table = [fat_mark] + fat
    table += [free] * (128 - len(table))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, directory, 0, 4096, end, 0, end, 0)
    head += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    return head + struct.pack("<128I", *table) + b"".join(sectors)
