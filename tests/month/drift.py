"""Forms handed out and changed by a clerk's spreadsheet program: what was changed is said, also after
LibreOffice saved the file as .xlsx or .ods.

    python3 tests/month/drift.py <dangtong> [returns folder of the sample]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import openpyxl
from office import convert
from roundtrip import fill

FOLDER = "2013-10"
TITLE = "党建信息报送采用月报"


def first_line(sheet):
    return next(r for r in range(1, 10) if sheet.cell(r, 1).value == 1)


def title_of_last(sheet):
    """The title of the last column: the lower row of the header is merged into it, or is it."""
    row = first_line(sheet) - 1
    return next(c for c in (sheet.cell(row, sheet.max_column), sheet.cell(row - 1, sheet.max_column)) if c.value)


def renamed(sheet):
    title_of_last(sheet).value = "另有"


def typed_over(sheet):
    total = next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == "合计")
    at = next(c for c in sheet[total] if isinstance(c.value, str) and c.value.startswith("="))
    column = [sheet.cell(r, at.column).value for r in range(first_line(sheet), total)]
    at.value = sum(v for v in column if isinstance(v, (int, float)))


def added(sheet):
    title = title_of_last(sheet)
    sheet.cell(title.row, title.column + 1).value = "另加的栏"


def hidden_row(sheet):
    sheet.row_dimensions[first_line(sheet)].hidden = True


def hidden_column(sheet):
    # The library keeps neighbours of one width together: a column that stands alone.
    alone = [d for d in sheet.column_dimensions.values() if d.min == d.max and d.min > 1]
    alone[-1].hidden = True


def only_filled(sheet):
    pass


CASES = [
    (only_filled, set()),
    (renamed, {("C-22", "C-59")}),
    (typed_over, {"D-31"}),
    (added, {"C-23"}),
    (hidden_row, {"C-08"}),
    (hidden_column, {"C-09"}),
]


def codes(program, returns, out):
    arguments = [program, "check", "--returns", returns, "--period", FOLDER, "--out", out, "--json"]
    ran = subprocess.run(arguments, capture_output=True, text=True)
    said = json.loads(ran.stdout)
    return {f["code"] for f in said["findings"] if f["code"][:2] in ("C-", "D-")}


def expect(what, found, expected):
    missing = [e for e in expected if not found & set(e if isinstance(e, tuple) else [e])]
    known = {c for e in expected for c in (e if isinstance(e, tuple) else [e])}
    if missing or found - known:
        sys.exit(f"{what}: expected {expected}, found {sorted(found)}")
    print(f"{what}: {sorted(found)}")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    sample = sys.argv[2] if len(sys.argv) > 2 else "sample-data/zuoquan/returns"
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        handed = [program, "template", "--period", FOLDER, "--unit", "石匣乡", "--returns", sample]
        subprocess.run([*handed, "--out", work / "forms"], capture_output=True, check=True)
        form = next((work / "forms").rglob("*.xlsx"))
        for change, expected in CASES:
            name = change.__name__
            path = work / name / FOLDER / form.name
            path.parent.mkdir(parents=True)
            path.write_bytes(form.read_bytes())
            fill(path)
            book = openpyxl.load_workbook(path)
            change(book[TITLE])
            book.save(path)
            expect(f"{name}, openpyxl", codes(program, work / name, work / "out"), expected)
            for ending in ("xlsx", "ods"):
                saved = work / f"{name}-{ending}" / FOLDER
                convert([path], ending, saved, work)
                found = codes(program, saved.parent, work / "out")
                expect(f"{name}, LibreOffice {ending}", found, expected)
    print("drift: all ok")


if __name__ == "__main__":
    main()
