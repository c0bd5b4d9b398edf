"""Makes a month of many rows for measuring: 36 workbooks of one sheet each, 20 columns wide.

usage: make_rows.py FOLDER [ROWS_A_FILE]      (default 55,000: two million rows in all)

FOLDER/pipeline is that of make_county.py. Sheets are written as text, without a library, because
two million rows would take openpyxl half an hour. Everything is invented.
"""

import pathlib
import sys
import zipfile

from make_county import COUNTS, TITLES, UNITS, write_pipeline

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
GRADES = ["好", "较好", "一般", "较差"]
LETTERS = [chr(65 + at) for at in range(COUNTS + 3)]


def relationships(*targets):
    rows = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1))
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def cells_of(unit, seed, row):
    x = (row * 7919 + seed * 104729) % 1000003
    begin, added, end = x % 9, 10 + x % 20, (x // 9) % 9
    counts = [x * k % 500 for k in range(1, COUNTS - 3)]
    return [f"U{unit:02}-{row:06}", GRADES[x % 4], begin, added, begin + added - end, end,
            *counts, 60 + x % 4000 / 100]


def write_return(path, title, unit, seed, rows):
    texts = {}

    def line(number, values):
        cells = []
        for letter, value in zip(LETTERS, values):
            if isinstance(value, str):
                at = texts.setdefault(value, len(texts))
                cells.append(f'<c r="{letter}{number}" t="s"><v>{at}</v></c>')
            elif value is not None:
                cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
        return f'<row r="{number}">{"".join(cells)}</row>'

    names = ["代码", "等次", "期初数", "本月增加", "本月办结", "期末数"]
    head = [[title], [f"填报单位:第{unit:02}党委", None, None, "报告期:2013年10月"],
            [*names, *[f"指标{k}" for k in range(1, COUNTS - 3)], "得分"]]
    lines = [line(at, values) for at, values in enumerate(head, 1)]
    lines += [line(row + 4, cells_of(unit, seed, row)) for row in range(rows)]
    parts = {
        "[Content_Types].xml":
            f'{XML}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
            f'<Override PartName="/xl/sheet1.xml" ContentType="{KIND}.worksheet+xml"/>'
            f'<Override PartName="/xl/texts.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>',
        "_rels/.rels": relationships(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels":
            relationships(("worksheet", "sheet1.xml"), ("sharedStrings", "texts.xml")),
        "xl/workbook.xml":
            f'{XML}<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets>'
            f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/sheet1.xml":
            f'{XML}<worksheet xmlns="{SPREADSHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
        "xl/texts.xml":
            f'{XML}<sst xmlns="{SPREADSHEET}">{"".join(f"<si><t>{t}</t></si>" for t in texts)}</sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 55_000
    write_pipeline(folder / "pipeline")
    month = folder / "returns" / "2013-10"
    month.mkdir(parents=True, exist_ok=True)
    for kind, form in enumerate(("service", "visits")):
        for unit in range(1, UNITS + 1):
            title = TITLES[form]
            write_return(month / f"第{unit:02}党委_{title}.xlsx", title, unit, kind * UNITS + unit, rows)


if __name__ == "__main__":
    main()
