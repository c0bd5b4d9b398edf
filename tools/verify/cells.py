"""Cells of raw returns: .xlsx through openpyxl, .ods and text tables by ourselves."""

import csv
import functools
import io
import re
import unicodedata
import zipfile
from datetime import date, datetime
from fractions import Fraction
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils import column_index_from_string


@functools.lru_cache(maxsize=None)
def sheets_of(path):
    """Sheet → (row, column) → value; None for a format that is not read here."""
    content = path.read_bytes() if path else b""
    if content[:4] == b"PK\x03\x04":
        is_ods = "content.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
        return ods(content) if is_ods else xlsx(content)
    is_old = content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    return None if is_old or not content else {None: text_table(content)}


def cell_at(path, sheet, letters, line):
    """(is the format read here?, what stands in the cell)"""
    sheets = sheets_of(path)
    if sheets is None:
        return False, None
    rows = sheets.get(sheet, sheets.get(None, {}))
    return True, rows.get((line, column_index_from_string(letters)))


def xlsx(content):
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    cells = lambda sheet: (cell for row in sheet.iter_rows() for cell in row)
    filled = lambda sheet: {(c.row, c.column): c.value for c in cells(sheet) if c.value is not None}
    return {sheet.title: filled(sheet) for sheet in book.worksheets}


def ods(content):
    root = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
    table, office, text = (root % name for name in ("table", "office", "text"))
    tree = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("content.xml"))
    sheets = {}
    for sheet in tree.iter(f"{table}table"):
        cells, line = {}, 0
        for row in sheet.iter(f"{table}table-row"):
            high, column = int(row.get(f"{table}number-rows-repeated", 1)), 0
            for cell in row:
                wide = int(cell.get(f"{table}number-columns-repeated", 1))
                said = ["".join(p.itertext()) for p in cell.findall(f"{text}p")]
                stored = (cell.get(f"{office}{name}value") for name in ("", "date-", "boolean-"))
                value = next(filter(None, stored), "\n".join(said))
                for r in range(min(high, 99) if value else 0):
                    for c in range(min(wide, 99)):
                        cells[line + r + 1, column + c + 1] = value
                column += wide
            line += high
        sheets[sheet.get(f"{table}name")] = cells
    return sheets


def text_table(content):
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for coding in ["utf-16"] if wide else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=text.count))
    cells = ((r, c, v) for r, row in enumerate(lines, 1) for c, v in enumerate(row, 1))
    return {(r, c): v for r, c, v in cells if v != ""}


def compact(text):
    """Compatibility form without spaces."""
    kept = unicodedata.normalize("NFKC", str(text))
    return "".join(c for c in kept if not c.isspace() and c not in "\u200b\ufeff")


def to_number(cell):
    if isinstance(cell, (bool, int)):
        return Fraction(int(cell))
    if isinstance(cell, float):
        return Fraction(f"{cell:.15g}")  # As Excel shows it.
    found = re.fullmatch(r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)%?", compact(cell).replace(",", ""))
    return Fraction(found[1]) if found else None


def to_date(cell):
    if isinstance(cell, (datetime, date)):
        return cell.date() if isinstance(cell, datetime) else cell
    found = re.match(r"(\d{4})[-./年]?(\d{1,2})[-./月]?(\d{1,2})日?(?:T.*)?$", compact(cell))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def parse(cell, kind):
    """The typed value, as far as it is plainly written."""
    if cell in (None, ""):
        return None
    if kind in ("integer", "decimal"):
        return to_number(cell)
    if kind == "date":
        return to_date(cell)
    if kind == "boolean":
        return compact(cell).upper() in ("是", "有", "√", "Y", "1", "TRUE")
    return str(to_number(cell)) if isinstance(cell, (int, float)) else str(cell)


def same(cell, raw):
    """Is a cell what the lineage says was typed in it?"""
    if cell in (None, "") or raw in (None, ""):
        return cell in (None, "") and raw in (None, "")
    if isinstance(cell, bool):
        return parse(raw, "boolean") == cell
    if isinstance(cell, date):
        return to_date(raw) == to_date(cell)
    a, b = to_number(cell), to_number(raw)
    return compact(cell) == compact(raw) if a is None or b is None else b in (a, 100 * a)
