#!/usr/bin/env python3
"""Lays out bulletin.csv as one workbook a period: returns/<period>/党内统计公报_<period>.xlsx.

Run from anywhere: `python3 make_returns.py [--csv FILE] [--out FOLDER]`. Needs openpyxl.

The number format of every cell shows exactly the places that are written in bulletin.csv, because
the program tests published shares by the precision with which they were printed. Nothing is
computed, rounded or filled in here. Rows marked `missing` are not laid out: a figure that was not
found is absent, not zero. The same CSV gives the same bytes on any day.
"""
import argparse
import csv
import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

HERE = Path(__file__).resolve().parent
HEADERS = ["公报部分", "类别", "项目", "数值", "单位", "占比(%)", "增幅(%)", "公布占比说明"]
WIDTHS = [11, 13, 46, 12, 10, 10, 10, 16]
# Items whose published per cent is a growth rate, not a share.
GROWTH_ENDINGS = ("净增", "比上年增减")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def number_format(text):
    places = len(text.partition(".")[2])
    return "0" if places == 0 else "0." + "0" * places


def put_number(cell, text):
    """Writes a number so that the cell shows it as it was printed."""
    cell.value = float(text) if "." in text else int(text)
    cell.number_format = number_format(text)
    cell.alignment = Alignment(horizontal="right", vertical="center")


def fill_row(sheet, at, record):
    texts = [record["table"], record["category"], record["item"]]
    for column, text in enumerate(texts, start=1):
        sheet.cell(at, column, text).alignment = Alignment(vertical="center", wrap_text=column == 3)
    if record["value"]:
        put_number(sheet.cell(at, 4), record["value"])
    if record["unit"]:
        sheet.cell(at, 5, record["unit"]).alignment = Alignment(horizontal="center", vertical="center")
    published = record["published_share_percent"]
    if not published:
        return
    if not NUMBER.fullmatch(published):
        # Text such as >99.9 stays text: no number is guessed from it.
        sheet.cell(at, 8, published)
    elif record["item"].endswith(GROWTH_ENDINGS):
        put_number(sheet.cell(at, 7), published)
    else:
        put_number(sheet.cell(at, 6), published)


def workbook_of(period, records):
    book = Workbook()
    sheet = book.active
    sheet.title = "党内统计公报"
    last = len(HEADERS)
    title = sheet.cell(1, 1, "中国共产党党内统计公报主要数据表")
    title.font = Font(bold=True, size=16)
    title.alignment = Alignment(horizontal="center", vertical="center")
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    sheet.row_dimensions[1].height = 30
    shown = f"{period}年" if re.fullmatch(r"\d{4}", period) else period
    sheet.cell(2, 1, "填报单位:全国")
    sheet.cell(2, 4, f"报告期:{shown}")

    thin = Side(style="thin")
    grid = Border(left=thin, right=thin, top=thin, bottom=thin)
    for column, (header, width) in enumerate(zip(HEADERS, WIDTHS), start=1):
        cell = sheet.cell(3, column, header)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="center", vertical="center")
        cell.border = grid
        sheet.column_dimensions["ABCDEFGH"[column - 1]].width = width
    for at, record in enumerate(records, start=4):
        fill_row(sheet, at, record)
        for column in range(1, last + 1):
            sheet.cell(at, column).border = grid

    end = 4 + len(records)
    sheet.cell(end, 1, "说明:数值和百分数照公布的位数填写;未公布的不填,不以零代替。")
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return book


def fixed_bytes(book):
    """The workbook without anything that depends on the clock."""
    written = io.BytesIO()
    book.save(written)
    result = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w") as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", data)
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, data, compresslevel=9)
    return result.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--csv", type=Path, default=HERE / "bulletin.csv")
    parser.add_argument("--out", type=Path, default=HERE / "returns")
    options = parser.parse_args()

    with options.csv.open(encoding="utf-8-sig", newline="") as lines:
        records = [r for r in csv.DictReader(lines) if r["value"] != "missing"]
    periods = sorted({r["year"] for r in records})
    for period in periods:
        folder = options.out / period
        folder.mkdir(parents=True, exist_ok=True)
        book = workbook_of(period, [r for r in records if r["year"] == period])
        (folder / f"党内统计公报_{period}.xlsx").write_bytes(fixed_bytes(book))
    print(f"{len(periods)} workbooks, {len(records)} rows")


if __name__ == "__main__":
    main()
