"""Forms handed out, filled in by another program, saved again by LibreOffice: no finding of layout.

    python3 tests/month/roundtrip.py <dangtong> [returns folder of the sample]

Every cell that is empty is given the first thing that its own rule allows, so what is tested is the
form and not the county. Findings of reading (C-, D-) are refused; those of content are not.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

import openpyxl
from office import convert
from openpyxl.utils import range_boundaries

FOLDERS = ["2013-11", "2013-12", "2013-10"]
DAY = datetime.date(2013, 10, 8)


def allowed(book, rule):
    """The first value that a rule of a cell allows."""
    if rule is None or rule.type in (None, "none"):
        return "2013-10" if rule is not None and "年月" in (rule.prompt or "") else "字"
    if rule.type == "list":
        text = rule.formula1
        if text.startswith('"'):
            return text.strip('"').split(",")[0]
        sheet, cells = text.lstrip("=").replace("$", "").rsplit("!", 1)
        column, row, _, _ = range_boundaries(cells)
        return book[sheet.strip("'")].cell(row, column).value
    if rule.type == "date":
        return DAY
    least = float(rule.formula1) if rule.operator in ("between", "greaterThanOrEqual", None) else 0
    return max(0, int(least))


def fill(path):
    book = openpyxl.load_workbook(path)
    for sheet in book:
        if sheet["A1"].value == "本页由表样自带，不填数":
            continue
        first = next(r for r in range(1, 10) if sheet.cell(r, 1).value == 1)
        last = first
        while isinstance(sheet.cell(last + 1, 1).value, (int, float)):
            last += 1
        rules = {}
        for rule in sheet.data_validations.dataValidation:
            for cells in rule.sqref.ranges:
                rules[cells.min_col] = rule
        there = [r for r in range(first, last + 1) if any(sheet.cell(r, c).value is not None for c in range(2, sheet.max_column + 1))]
        # Two rows where none is there: with the same key, which is a finding of content.
        for row in there or range(first, min(first + 2, last + 1)):
            for column in range(2, sheet.max_column + 1):
                cell = sheet.cell(row, column)
                if cell.value is None:
                    value = allowed(book, rules.get(column))
                    cell.value = f"Z{row:03}" if value == "字" else value
    book.save(path)


def check(program, returns, folder, out):
    arguments = [program, "check", "--returns", returns, "--period", folder, "--out", out, "--json"]
    ran = subprocess.run(arguments, capture_output=True, text=True)
    if ran.returncode > 1:
        sys.exit(ran.stderr)
    said = json.loads(ran.stdout)
    layout = [f for f in said["findings"] if f["code"][:2] in ("C-", "D-")]
    for finding in layout[:20]:
        print(finding["code"], finding["file"], finding["sheet"], finding["cell"], finding["message"])
    return len(layout), sum(1 for r in said["receipts"] if r["file"])


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    sample = sys.argv[2] if len(sys.argv) > 2 else "sample-data/zuoquan/returns"
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for folder in FOLDERS:
            returns = work / "returns" / folder
            ran = subprocess.run(
                [program, "template", "--period", folder, "--returns", sample, "--out", work / "returns"],
                capture_output=True, text=True, check=False,
            )
            if ran.returncode:
                sys.exit(ran.stderr)
            for path in sorted(returns.glob("*.xlsx")):
                fill(path)
            found, taken = check(program, work / "returns", folder, work / "out")
            print(f"{folder}: filled in by openpyxl, {taken} returns, {found} findings of layout")
            failed += found
            saved = work / "saved" / folder
            convert(sorted(returns.glob("*.xlsx")), "xlsx", saved, work)
            found, again = check(program, work / "saved", folder, work / "out")
            print(f"{folder}: saved by LibreOffice, {again} returns, {found} findings of layout")
            failed += found + (taken != again)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
