#!/usr/bin/env python3
"""Lets LibreOffice recalculate a workbook and compares every formula's result with the cached one.

    python3 tests/oracle/recalculate.py WORKBOOK.xlsx [MORE.xlsx …]

Needs soffice and openpyxl. Recalculation on load is forced to "always" in a throw-away
profile. Each run first proves itself on a control: a copy of the workbook in which one cached
result is wrong. "Never recalculate" must keep the wrong result, "always" must correct it.
Exit code 0: all results agree; 1: some differ; 2: the control failed or nothing was compared.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from openpyxl import load_workbook

ALWAYS, NEVER = 0, 1
WRONG = "0.123456789"

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{mode}</value></prop></item>
</oor:items>
"""


def recalculated(workbook, mode, folder):
    """The workbook after LibreOffice has loaded and saved it."""
    profile = folder / f"profile-{mode}"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE.format(mode=mode))
    out = folder / f"out-{mode}"
    out.mkdir(exist_ok=True)
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(workbook)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return out / workbook.name


def formulas(workbook):
    """(sheet, cell) of every formula."""
    book = load_workbook(workbook)
    return [
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def results(workbook, cells):
    book = load_workbook(workbook, data_only=True)
    return {(sheet, cell): book[sheet][cell].value for sheet, cell in cells}


def agree(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-12 * max(1.0, abs(a))
    return a == b


def with_wrong_result(workbook, target):
    """A copy whose first numeric formula has a wrong cached result; gives the sheet part."""
    changed = None
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(target, "w") as copy:
        for item in source.infolist():
            data = source.read(item)
            if changed is None and item.filename.startswith("xl/worksheets/sheet"):
                text = data.decode()
                new = re.sub(r"(</f><v>)-?[0-9.]+(</v>)", rf"\g<1>{WRONG}\g<2>", text, count=1)
                if new != text:
                    changed, data = item.filename, new.encode()
            copy.writestr(item, data)
    return changed


def control(workbook, cells, folder):
    copy = folder / "control.xlsx"
    if with_wrong_result(workbook, copy) is None:
        return "no formula with a number to spoil"
    wrong, right = results(copy, cells), results(workbook, cells)
    spoilt = [cell for cell in cells if not agree(wrong[cell], right[cell])]
    if len(spoilt) != 1:
        return f"expected one spoilt cell, found {len(spoilt)}"
    kept = results(recalculated(copy, NEVER, folder), spoilt)[spoilt[0]]
    mended = results(recalculated(copy, ALWAYS, folder), spoilt)[spoilt[0]]
    if not agree(kept, float(WRONG)):
        return f"'never' did not keep the wrong result: {kept}"
    if not agree(mended, right[spoilt[0]]):
        return f"'always' did not correct the wrong result: {mended}"
    return None


def check(workbook):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # An ASCII name, because the converter names its output after the input.
        source = folder / "workbook.xlsx"
        source.write_bytes(Path(workbook).read_bytes())
        cells = formulas(source)
        if not cells:
            print(f"{workbook}: no formulas", file=sys.stderr)
            return 2
        problem = control(source, cells, folder)
        if problem:
            print(f"{workbook}: control failed: {problem}", file=sys.stderr)
            return 2
        ours = results(source, cells)
        theirs = results(recalculated(source, ALWAYS, folder), cells)
        different = [cell for cell in cells if not agree(ours[cell], theirs[cell])]
        for sheet, cell in different:
            key = (sheet, cell)
            print(f"{workbook}: {sheet}!{cell}: cached {ours[key]!r}, recalculated {theirs[key]!r}")
        print(f"{workbook}: {len(cells)} formulas, {len(different)} differ; control passed")
        return 1 if different else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(max(check(path) for path in sys.argv[1:]))
