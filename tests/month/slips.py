"""退回单 are the units' own workbooks: fonts, widths, merges, lists, notes and pictures as they were, some
cells coloured and annotated, one page more; and they are read back.

    python3 tests/month/slips.py <dangtong> [returns folder of the sample] [folder to keep the slips in]
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

import office
import openpyxl
from drift import FOLDER, TITLE, first_line
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from PIL import Image as Picture
from roundtrip import fill

RED, YELLOW = "FFFFC7CE", "FFFFEB9C"
NAME = "石匣乡.xlsx"


def spoiled(book):
    """Two cells that are no numbers; the second has a note of the unit's own."""
    sheet = book[TITLE]
    row = first_line(sheet)
    wrong = [sheet.cell(row, column) for column in (sheet.max_column - 1, sheet.max_column)]
    for cell in wrong:
        cell.value = "约20"
    return wrong


def decorated(book, picture):
    sheet = book[TITLE]
    wrong = spoiled(book)
    wrong[0].font = Font(name="楷体", size=14, italic=True, color="FF0070C0")
    wrong[0].border = Border(bottom=Side(style="double"))
    wrong[1].comment = Comment("本单位自己的批注", "填表人")
    sheet.column_dimensions["B"].width = 33
    sheet.row_dimensions[wrong[0].row].height = 41
    sheet.conditional_formatting.add("B5:C9", CellIsRule("lessThan", ["0"], fill=PatternFill("solid", "FF00FF00")))
    sheet.add_image(Image(picture), "B40")
    sheet.print_title_rows = "1:4"
    book.create_sheet("备查").append(["甲", 1.5, None, "=B1*2"])
    book.create_sheet("藏").sheet_state = "hidden"


def run(program, command, work, name, *more):
    paths = ["--returns", work / name, "--out", work / f"{name}-out", "--period", FOLDER, *more]
    ran = subprocess.run([program, command, *paths, "--no-cache"], capture_output=True, text=True)
    if ran.returncode > 1:
        sys.exit(ran.stderr)
    return ran.stdout


def slip_of(program, work, name):
    run(program, "slips", work, name)
    return next((work / f"{name}-out").rglob("*（退回单）.xlsx"))


def look(cell):
    styles = (cell.font, cell.border, cell.alignment, cell.protection)
    return [cell.value, cell.data_type, cell.number_format, *map(repr, styles)]


def same(original, slip):
    """All that the original has is in the slip; gives the cells that have another ground."""
    before, after = openpyxl.load_workbook(original), openpyxl.load_workbook(slip)
    assert after.sheetnames == [*before.sheetnames, "审核说明"], after.sheetnames
    coloured = {}
    for sheet in before:
        other = after[sheet.title]
        assert sheet.sheet_state == other.sheet_state
        assert sheet.merged_cells == other.merged_cells
        assert sheet.freeze_panes == other.freeze_panes and sheet.print_title_rows == other.print_title_rows
        assert sheet.protection.sheet == other.protection.sheet
        rules = [[str(rule.sqref), rule.formula1] for rule in sheet.data_validations.dataValidation]
        assert rules == [[str(rule.sqref), rule.formula1] for rule in other.data_validations.dataValidation]
        for key, dimension in sheet.column_dimensions.items():
            assert dimension.width == other.column_dimensions[key].width
        for key, dimension in sheet.row_dimensions.items():
            assert dimension.height == other.row_dimensions[key].height
        for row in sheet.iter_rows():
            for cell in row:
                there = other[cell.coordinate]
                assert look(cell) == look(there), (sheet.title, cell.coordinate)
                if repr(cell.fill) != repr(there.fill):
                    coloured[sheet.title, cell.coordinate] = there.fill.fgColor.rgb
                if cell.comment:
                    assert cell.comment.text == there.comment.text
    touched = ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(slip) as new:
        moved = [n for n in old.namelist() if n not in touched and old.read(n) != new.read(n)]
    return coloured, moved


def named(said):
    """The cells that findings name, each with the ground of the worst."""
    cells = {}
    for finding in json.loads(said)["findings"]:
        if finding["outcome"] == "fail" and finding["level"] in ("error", "query") and finding["unit"]:
            for cell in finding["cell"].split():
                ground = RED if finding["level"] == "error" else YELLOW
                cells[finding["sheet"], cell] = min(ground, cells.get((finding["sheet"], cell), ground))
    return {at: ground for at, ground in cells.items() if at[0] != "审核说明"}


def expect_marked(program, work, name, cells, original):
    slip = slip_of(program, work, name)
    coloured, moved = same(original, slip)
    expected = named(run(program, "check", work, name, "--json"))
    assert coloured == expected, set(coloured.items()) ^ set(expected.items())
    sheets = {sheet for sheet, _ in coloured}
    # Only the sheets with marks, and what belongs to their notes.
    parts = [n for n in moved if n.startswith("xl/worksheets/sheet")]
    assert len(parts) == len(sheets) and len(moved) <= 3 * len(sheets), (moved, sheets)
    book = openpyxl.load_workbook(slip)
    for cell in cells:
        assert coloured[TITLE, cell.coordinate] == RED
        note = book[TITLE][cell.coordinate].comment
        assert note and ("D-12" in note.text or note.text == "本单位自己的批注"), note
    page = book["审核说明"]
    assert page["A1"].value == f"审核说明：{FOLDER}" and "的副本" in page["A2"].value
    print(f"{name}: {len(coloured)} cells marked on {len(sheets)} sheets")
    return slip


def converted(path, ending, to):
    office.convert([path], ending, to, to)
    return to / f"{path.stem}.{ending}"


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    sample = sys.argv[2] if len(sys.argv) > 2 else "sample-data/zuoquan/returns"
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        handed = [program, "template", "--period", FOLDER, "--unit", "石匣乡", "--returns", sample]
        subprocess.run([*handed, "--out", work / "forms"], capture_output=True, check=True)
        form = next((work / "forms").rglob("*.xlsx"))
        fill(form)
        Picture.new("RGB", (60, 30), "red").save(work / "picture.png")

        def sent(name):
            path = work / name / FOLDER / NAME
            path.parent.mkdir(parents=True)
            return path

        # As openpyxl writes it, with all that a clerk may add.
        path = sent("openpyxl")
        book = openpyxl.load_workbook(form)
        decorated(book, work / "picture.png")
        book.save(path)
        wrong = spoiled(openpyxl.load_workbook(path))
        slip = expect_marked(program, work, "openpyxl", wrong, path)
        if len(sys.argv) > 3:
            shutil.copy(slip, sys.argv[3])

        # As LibreOffice writes it, and the slip opened and saved by LibreOffice.
        book = openpyxl.load_workbook(form)
        wrong = spoiled(book)
        book.save(work / NAME)
        saved = converted(work / NAME, "xlsx", work / "saved")
        shutil.copy(saved, sent("libreoffice"))
        slip = expect_marked(program, work, "libreoffice", wrong, saved)
        again = openpyxl.load_workbook(converted(slip, "xlsx", work / "again"))
        assert {c.fill.fgColor.rgb for c in (again[TITLE][w.coordinate] for w in wrong)} == {RED}
        assert all("D-12" in again[TITLE][w.coordinate].comment.text for w in wrong)

        # The slip comes back: the same values, so it is no rival. It goes out again with one page.
        shutil.copy(slip, work / "libreoffice" / FOLDER / slip.name)
        said = run(program, "check", work, "libreoffice")
        assert "C-26" not in said, said
        os.remove(work / "libreoffice" / FOLDER / NAME)
        second = openpyxl.load_workbook(slip_of(program, work, "libreoffice"))
        assert second.sheetnames.count("审核说明") == 1 and len(second.sheetnames) == len(again.sheetnames)

        # Another format comes back as a copy that says so.
        old = converted(work / NAME, "ods", work / "old")
        shutil.copy(old, sent("ods").with_suffix(".ods"))
        page = openpyxl.load_workbook(slip_of(program, work, "ods"))["审核说明"]
        assert "按所读内容另写的一份（只有 .xlsx 能在原样上标注）" in page["A2"].value, page["A2"].value
    print("slips: all ok")


if __name__ == "__main__":
    main()
