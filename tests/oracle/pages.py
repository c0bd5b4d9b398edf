#!/usr/bin/env python3
"""Prints a workbook with LibreOffice and asks whether its paper is well used.

    python3 tests/oracle/pages.py WORKBOOK.xlsx

However many problems a month has, a sheet takes the pages that its rows need: one, and another for
each 45 rows that print. Pages are three fifths full on average, none is empty, and what 目录 calls
供查阅 does not print. Exit code 1: one of these does not hold.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from openpyxl import load_workbook

ROWS_A_PAGE = 45
# Of the height between the margins.
FULL = 3 / 5
MARGIN = 0.06


def printed_rows(workbook):
    """Rows in the print area of each sheet that the contents call printed."""
    book = load_workbook(workbook)
    contents = book["目录"].iter_rows(values_only=True)
    printed = [row[3] == "打印" for row in contents if isinstance(row[0], int) and row[3]]
    rows = {}
    for sheet in book:
        area = re.search(r"\$?[A-Z]+\$?(\d+):\$?[A-Z]+\$?(\d+)$", str(sheet.print_area))
        rows[sheet.title] = int(area[2]) - int(area[1]) + 1 if area else sheet.max_row
    assert len(printed) == len(book.sheetnames), "目录 names every sheet"
    kept = [name for name, says in zip(book.sheetnames, printed) if says]
    return {name: rows[name] for name in kept}


def pages(workbook):
    """How far down each page is filled."""
    with tempfile.TemporaryDirectory() as work:
        profile = f"-env:UserInstallation=file://{work}/profile"
        convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", work]
        subprocess.run([*convert, workbook], check=True, capture_output=True)
        pdf = next(Path(work).glob("*.pdf"))
        read = ["pdftotext", "-bbox", pdf, "-"]
        words = subprocess.run(read, check=True, capture_output=True, text=True).stdout
    filled = []
    for page in words.split("<page ")[1:]:
        height = float(re.search(r'height="([\d.]+)"', page)[1])
        down = [float(y) / height for y in re.findall(r'yMax="([\d.]+)"', page)]
        # The number of the page stands below the text.
        text = [y for y in down if y < 1 - MARGIN]
        filled.append((max(text, default=MARGIN) - MARGIN) / (1 - 2 * MARGIN))
    return filled


def main():
    workbook = sys.argv[1]
    rows = printed_rows(workbook)
    filled = pages(workbook)
    most = sum(1 + count // ROWS_A_PAGE for count in rows.values())
    mean = sum(filled) / len(filled)
    print(f"{workbook}: {len(filled)} pages, at most {most} for {len(rows)} sheets; {mean:.0%} full")
    return 0 if len(filled) <= most and mean >= FULL and min(filled) > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
