#!/usr/bin/env python3
"""Files that make a careless reader work for minutes or fill the memory, and what each costs.

    python3 tests/hostile/heavy.py target/release/dangtong [--only NAME…] [--keep FOLDER] [--limit 60]

Each file is the only return of a month of the fixture's county; `check` reads it. Prints for each:
the file's size, seconds, peak memory of the program (its children apart), exit code, how many
findings name the file and which codes. Exit code 1 if one took longer than LIMIT seconds (it is
then stopped), ended in an abort, or left no finding at all where nothing was read.
Needs only the standard library.
"""
import argparse
import collections
import io
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make import END_OF_SHEET, book8, cells8, ole, record, bof8  # noqa: E402

PIPELINE = HERE.parent / "fixtures" / "collect" / "pipeline"
TITLES = ["党组织代码", "应参评党员数"]
TOP = ["党员评议表", "填报单位：甲乡", "报告期：2013年10月"]
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


# ---- .xlsx ----

def letters(column):
    text = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def cell(row, column, value):
    at = f"{letters(column)}{row}"
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    return f'<c r="{at}"><v>{value}</v></c>'


def row(number, values, attributes="", first=0):
    cells = "".join(cell(number, first + i, v) for i, v in enumerate(values) if v is not None)
    return f'<row r="{number}"{attributes}>{cells}</row>'


def top(titles=TITLES):
    """The title rows and the header: data begins in row 5."""
    return "".join(row(i + 1, [text]) for i, text in enumerate(TOP)) + row(4, titles)


def sheet(data, before="", after=""):
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def xlsx(*sheets, strings=None, styles=None, names=None, extra=None):
    names = names or [f"表{i + 1}" for i in range(len(sheets))]
    links, listed, types = [], [], []
    parts = {}
    for i, (name, part) in enumerate(zip(names, sheets), 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = part
        links.append(f'<Relationship Id="r{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>')
        listed.append(f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>')
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
        links.append(f'<Relationship Id="rs" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>')
    if styles is not None:
        parts["xl/styles.xml"] = styles
        links.append(f'<Relationship Id="rt" Type="{REL}/styles" Target="styles.xml"/>')
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts["_rels/.rels"] = (f'<Relationships xmlns="{space}"><Relationship Id="r1" Type="{REL}/officeDocument" '
                            'Target="xl/workbook.xml"/></Relationships>')
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{space}">{"".join(links)}</Relationships>'
    parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{"".join(listed)}</sheets></workbook>'
    parts.update(extra or {})
    return zipped(parts)


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return out.getvalue()


def data_rows(count, first=5, attributes=""):
    return "".join(row(first + i, [f"{i:06}", 5], attributes) for i in range(count))


def hidden_rows():
    return xlsx(sheet(top() + data_rows(300_000, attributes=' hidden="1"')))


def hidden_blank_rows():
    blank = "".join(f'<row r="{i}" hidden="1"/>' for i in range(10_005, 310_005))
    return xlsx(sheet(top() + data_rows(10_000) + blank))


def merged(regions):
    return f'<mergeCells>{"".join(f"<mergeCell ref={chr(34)}{r}{chr(34)}/>" for r in regions)}</mergeCells>'


def merges():
    regions = [f"A{i}:A{i + 1}" for i in range(5, 98_005, 2)]
    return xlsx(sheet(top() + data_rows(98_000), after=merged(regions)))


def merges_wide():
    """One text merged over the table in every second row, as group headings are."""
    rows = "".join(row(i, ["一、乡镇"]) + row(i + 1, [f"{i:06}", 5]) for i in range(5, 98_005, 2))
    return xlsx(sheet(top() + rows, after=merged([f"A{i}:C{i}" for i in range(5, 98_005, 2)])))


def merges_tall():
    """Merged columns as high as the sheet, beside each other."""
    regions = [f"{letters(c)}{5 + 300 * b}:{letters(c)}{304 + 300 * b}" for c in range(16_000) for b in range(3)]
    return xlsx(sheet(top() + data_rows(1_000), after=merged(regions)))


def merges_overlapping():
    return xlsx(sheet(top() + data_rows(40_000), after=merged([f"A5:B{5 + i}" for i in range(1, 49_000)])))


def header_merges():
    """A header of 16,000 columns, each merged over three rows."""
    titles = [f"栏{i}" for i in range(16_000)]
    titles[:2] = TITLES
    regions = [f"{letters(c)}4:{letters(c)}6" for c in range(16_000)]
    return xlsx(sheet(top(titles) + data_rows(1_000, 7), after=merged(regions)))


def header_columns():
    titles = TITLES + [f"栏{i}" for i in range(16_000)]
    return xlsx(sheet(top(titles) + "".join(row(5 + i, [f"{i:06}"] + [5] * 16_000) for i in range(100))))


def header_rows():
    """Every row looks like a header of 16,000 columns in two rows."""
    known = ["党组织代码", "应参评党员数", "得分", "片区"]
    rows = "".join(row(4 + i, [known[(c + i) % 4] for c in range(16_000)]) for i in range(100))
    return xlsx(sheet(top()[:-len(row(4, TITLES))] + rows))


def shared_formulas():
    """One formula of 8,000 characters that 100,000 cells share."""
    formula = "+".join(["A1"] * 2_700)
    first = f'<row r="5"><c r="A5" t="str"><v>000000</v></c><c r="B5"><f t="shared" ref="B5:B100004" si="0">{formula}</f><v>5</v></c></row>'
    rest = "".join(f'<row r="{i}"><c r="A{i}" t="str"><v>{i:06}</v></c><c r="B{i}"><f t="shared" si="0"/><v>5</v></c></row>'
                   for i in range(6, 100_005))
    return xlsx(sheet(top() + first + rest))


def shared_groups():
    rows = "".join(f'<row r="{i}"><c r="B{i}"><f t="shared" ref="B{i}" si="{i}">A{i}</f></c></row>' for i in range(5, 100_005))
    return xlsx(sheet(top() + rows))


def array_formulas():
    rows = "".join(f'<row r="{i}"><c r="A{i}"><f t="array" ref="A{i}:B{i}">C1:D1</f></c></row>' for i in range(5, 200_005))
    return xlsx(sheet(top() + rows))


def uncomputed_formulas():
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="str"><v>{i}</v></c><c r="B{i}"><f/></c></row>' for i in range(5, 200_005))
    return xlsx(sheet(top() + rows))


def texts(piece, total=900_000):
    """Cells of 30,000 characters between title and header, beside data, and below it."""
    text = (piece * (30_000 // len(piece) + 1))[:30_000]
    third = total // 90_000
    above = "".join(row(1 + i, [text]) for i in range(third))
    head = "".join(row(third + 1 + i, [t]) for i, t in enumerate(TOP)) + row(third + 4, TITLES + ["片区"])
    inside = "".join(row(third + 5 + i, [f"{i:04}", 5, text]) for i in range(third))
    below = "".join(row(2 * third + 5 + i, [text]) for i in range(third))
    return xlsx(sheet(head.join([above, inside + below])))


def unit_text():
    """The unit's name is a text of 30,000 characters: which unit is it like?"""
    text = "石" * 30_000
    rows = row(1, [TOP[0]]) + "".join(row(2 + i, [f"填报单位：{text}{i}"]) for i in range(30))
    return xlsx(sheet(rows + row(40, TITLES) + data_rows(1, 41)))


def code_text():
    """A column of codes with texts of 30,000 characters."""
    return xlsx(sheet(top(TITLES + ["评议等次"]) + "".join(row(5 + i, [f"{i:04}", 5, "好" * 30_000]) for i in range(1000))))


def pages():
    """The header again after each row, as if each were a printed page."""
    rows, at = [], 5
    for i in range(60_000):
        rows += [row(at, [f"{i:06}", 5]), row(at + 1, TITLES)]
        at += 2
    return xlsx(sheet(top() + "".join(rows)))


def blocks():
    """Two forms in turn, thousands of times, on one sheet."""
    rows, at = [], 5
    for i in range(20_000):
        rows += [row(at, [f"{i:06}", 5]), row(at + 1, ["办件登记表"]), row(at + 2, ["办件编号", "经办人数"]),
                 row(at + 3, [f"{i:06}", 5]), row(at + 4, TOP[:1]), row(at + 5, TITLES)]
        at += 6
    return xlsx(sheet(top() + "".join(rows)))


def below_footer():
    rows = "".join(row(6 + i, [f"{i:06}", 5]) for i in range(200_000))
    return xlsx(sheet(top() + data_rows(1) + row(6, ["填表人：甲"]) + rows.replace('r="6"', 'r="200007"', 1)))


def sentences():
    """40,000 sentences below 40,000 names."""
    rows = "".join(row(5 + i, [f"{i:06}", 5, f"姓名{i:05}"]) for i in range(40_000))
    words = "".join(row(40_005 + i, [f"第{i}条情况说明：本单位本月的情况是这样的。"]) for i in range(40_000))
    return xlsx(sheet(top(TITLES + ["书记姓名"]) + rows + words))


def totals():
    rows = data_rows(100_000)
    return xlsx(sheet(top() + rows + "".join(row(100_005 + i, ["总计", 500_000]) for i in range(100_000))))


def stray_columns():
    return xlsx(sheet(top() + "".join(row(5 + i, [f"{i:06}", 5] + [1] * 2_000) for i in range(1_400))))


def same_keys():
    return xlsx(sheet(top() + "".join(row(5 + i, ["0010", 5]) for i in range(200_000))))


def strings():
    listed = "".join("<si><t>甲</t></si>" for _ in range(3_000_000))
    return xlsx(sheet(top() + data_rows(10)), strings=f'<sst xmlns="{MAIN}">{listed}</sst>')


def styles():
    formats = "".join(f'<numFmt numFmtId="{i}" formatCode="0.00"/>' for i in range(200, 400_200))
    used = "".join('<xf numFmtId="200"/>' for _ in range(400_000))
    xml = f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'
    return xlsx(sheet(top() + data_rows(10)), styles=xml)


def listed_sheets():
    """A workbook that lists 20,000 sheets, one part each only in its list."""
    listed = "".join(f'<sheet name="表{i}" sheetId="{i}" r:id="r{i}" state="hidden"/>' for i in range(1, 20_001))
    links = "".join(f'<Relationship Id="r{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in range(1, 20_001))
    return xlsx(sheet(top() + data_rows(10)), extra={
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>"})


def many_sheets():
    """As many sheets as an archive may hold, each with a return."""
    return xlsx(*[sheet(top() + data_rows(20)) for _ in range(990)])


def many_foreign_sheets():
    page = sheet("".join(row(i, [f"甲{i}", "乙", "丙", 5]) for i in range(1, 20)))
    return xlsx(*[page for _ in range(990)])


def nested():
    return xlsx(sheet(top() + data_rows(10) + "<a>" * 3_000_000 + "</a>" * 3_000_000))


def attributes():
    many = " ".join(f'a{i}="1"' for i in range(500_000))
    return xlsx(sheet(top() + f'<row r="5" {many}><c r="A5" {many}><v>1</v></c></row>'))


def references():
    return xlsx(sheet(top() + f'<row r="5"><c r="A5" t="str"><v>{"&#48;" * 5_000_000}</v></c></row>'))


def comments():
    return xlsx(sheet(top() + f'<row r="5"><c r="A5"><v>{"<!---->1" * 2_000_000}</v></c></row>'))


def contradictions():
    return xlsx(sheet(top() + "".join(f'<row r="5"><c r="A5"><v>1</v></c><c r="A5"><v>1</v></c></row>' for _ in range(300_000))))


def columns_backwards():
    cells = "".join(f'<c r="{letters(c)}5"><v>1</v></c>' for c in reversed(range(16_000)))
    return xlsx(sheet(top() + f'<row r="5">{cells}</row>'.join([""] * 20)))


def wide_rows():
    """As many cells as may be, in rows as wide as may be."""
    return xlsx(sheet(top() + "".join(row(5 + i, [1] * 16_000) for i in range(185))))


def big_numbers():
    return xlsx(sheet(top() + "".join(f'<row r="{i}"><c r="A{i}" t="str"><v>{i}</v></c><c r="B{i}"><v>{"9" * 3_000}</v></c></row>'
                                      for i in range(5, 5_005))))


# ---- .ods ----

ODS = ('<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
       'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
       '<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>')


def ods(tables):
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ODS.format(tables)})


def ods_text(text, attributes=""):
    return f'<table:table-cell office:value-type="string"{attributes}><text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells, attributes=""):
    return f'<table:table-row{attributes}>{"".join(cells)}</table:table-row>'


def ods_top():
    return "".join(ods_row(ods_text(t)) for t in TOP) + ods_row(*[ods_text(t) for t in TITLES])


def ods_table(rows, name="表"):
    return f'<table:table table:name="{name}">{rows}</table:table>'


def ods_sheets():
    return ods("".join(ods_table(ods_row(*[ods_text(t) for t in "甲乙丙"]) * 3, f"表{i}") for i in range(20_000)))


def ods_returns():
    return ods("".join(ods_table(ods_top() + ods_row(ods_text("0010"), ods_text("5")), f"表{i}") for i in range(5_000)))


def ods_doubtful():
    bad = '<table:table-cell office:value-type="float" office:value="x"><text:p>5</text:p></table:table-cell>'
    return ods(ods_table(ods_top() + "".join(ods_row(ods_text(f"{i:06}"), bad) for i in range(200_000))))


def ods_hidden():
    rows = "".join(ods_row(ods_text(f"{i:06}"), ods_text("5"), attributes=' table:visibility="collapse"') for i in range(200_000))
    return ods(ods_table(ods_top() + rows))


def ods_styles():
    hidden = "".join(f'<style:style style:name="ta{i}"><style:table-properties table:display="false"/></style:style>'
                     for i in range(100_000))
    tables = "".join(ods_table(ods_row(ods_text("甲")), f"表{i}").replace("table:name", 'table:style-name="x" table:name')
                     for i in range(20_000))
    return ods(hidden + tables)


def ods_repeats():
    """A few bytes that stand for as many cells as may be, with a text of 40 characters each."""
    return ods(ods_table(ods_top() + ods_row(ods_text("甲" * 40, ' table:number-columns-repeated="1000"'),
                                             attributes=' table:number-rows-repeated="2900"')))


# ---- .xls ----

def big_ole(stream):
    """A compound file with as many sectors as its first table can list (7 MB)."""
    size, sector = max(4096, -(-len(stream) // 512) * 512), 512
    count = size // sector
    tables = -(-(count + 2 + 109) // 128)
    assert tables <= 109
    fat = [0xFFFFFFFD] * tables + [tables + i + 1 for i in range(count - 1)] + [0xFFFFFFFE, 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (tables * 128 - len(fat))
    small = ole([("Workbook", b"x")])
    directory = bytearray(small[-sector:])
    directory[128 + 116:128 + 124] = (tables).to_bytes(4, "little") + size.to_bytes(4, "little")
    header = bytearray(small[:sector])
    header[44:48] = tables.to_bytes(4, "little")
    header[48:52] = (tables + count).to_bytes(4, "little")
    for i in range(tables):
        header[76 + 4 * i:80 + 4 * i] = i.to_bytes(4, "little")
    table = b"".join(x.to_bytes(4, "little") for x in fat)
    return bytes(header) + table + stream.ljust(size, b"\0") + bytes(directory)


def xls_sheets():
    page = cells8([["甲", "乙", "丙"]])
    return big_ole(book8([(f"表{i}", 0, page) for i in range(20_000)]))


def xls_merges():
    import struct
    rows = [[t] for t in TOP] + [TITLES] + [[f"{i:05}", 5.0] for i in range(40_000)]
    body = cells8(rows)[:-len(END_OF_SHEET)]
    at = list(range(4, 40_004, 2))
    for first in range(0, len(at), 1000):
        some = at[first:first + 1000]
        body += record(0x00E5, struct.pack("<H", len(some)) + b"".join(struct.pack("<HHHH", r, r + 1, 0, 0) for r in some))
    return big_ole(book8([("评议", 0, body + END_OF_SHEET)]))


def xls_names():
    """A hundred thousand records that nobody needs."""
    junk = record(0x0018, b"\0" * 20) * 100_000
    sound = cells8([[t] for t in TOP] + [TITLES, ["0010", 5.0]])
    return big_ole(book8([("评议", 0, bof8(0x10) + junk + sound[len(bof8(0x10)):])]))


# ---- text ----

def text_top():
    return "\n".join(TOP) + "\n" + ",".join(TITLES) + "\n"


def csv_rows():
    return (text_top() + "".join(f"{i:06},5\n" for i in range(900_000))).encode()


def csv_separators():
    return (text_top() + "0010,5\n" + "," * 20_000_000).encode()


def csv_quotes():
    return (text_top() + "0010,5\n" + '"' * 20_000_000).encode()


def csv_open_quotes():
    return (text_top() + '0010,5\n' + 'a"b,"\n' * 3_000_000).encode()


def csv_one_line():
    return (text_top() + "0010,5\n" + "甲" * 10_000_000).encode()


def csv_lines():
    return (text_top() + "0010,5\n" + "\n" * 20_000_000).encode()


def csv_uneven():
    return (text_top() + "".join(f"{i:06},5,,\n" if i % 2 else f"{i:06}\n" for i in range(300_000))).encode()


def declaration_lines():
    return ("文件,收到日期\n" + "".join(f"没有{i}.xlsx,2013-11-01\n" for i in range(100_000))).encode()


LONG = {"long-words": "情况说明：本月。", "long-labels": "填报单位：甲乡报告期：2013年10月", "long-brackets": "(", "long-digits": "1",
        "long-spaced-digits": "1 ", "long-chinese-digits": "二〇一三年十", "long-spaces": "　", "long-escapes": "_x000A_",
        "long-joined": "(人)", "long-months": "2013年", "long-ideographs": "党"}
CASES = {
    "hidden-rows.xlsx": hidden_rows, "hidden-blank-rows.xlsx": hidden_blank_rows, "merges.xlsx": merges,
    "merges-wide.xlsx": merges_wide, "merges-tall.xlsx": merges_tall, "merges-overlapping.xlsx": merges_overlapping,
    "header-merges.xlsx": header_merges, "header-columns.xlsx": header_columns, "header-rows.xlsx": header_rows,
    "shared-formulas.xlsx": shared_formulas, "shared-groups.xlsx": shared_groups, "array-formulas.xlsx": array_formulas,
    "uncomputed-formulas.xlsx": uncomputed_formulas, "unit-text.xlsx": unit_text, "code-text.xlsx": code_text,
    "pages.xlsx": pages, "blocks.xlsx": blocks, "below-footer.xlsx": below_footer, "sentences.xlsx": sentences,
    "totals.xlsx": totals, "stray-columns.xlsx": stray_columns, "same-keys.xlsx": same_keys, "strings.xlsx": strings,
    "styles.xlsx": styles, "listed-sheets.xlsx": listed_sheets, "many-sheets.xlsx": many_sheets,
    "many-foreign-sheets.xlsx": many_foreign_sheets, "nested.xlsx": nested, "attributes.xlsx": attributes,
    "references.xlsx": references, "comments.xlsx": comments, "contradictions.xlsx": contradictions,
    "columns-backwards.xlsx": columns_backwards, "wide-rows.xlsx": wide_rows, "big-numbers.xlsx": big_numbers,
    "sheets.ods": ods_sheets, "returns.ods": ods_returns, "doubtful.ods": ods_doubtful, "hidden.ods": ods_hidden,
    "styles.ods": ods_styles, "repeats.ods": ods_repeats,
    "sheets.xls": xls_sheets, "merges.xls": xls_merges, "records.xls": xls_names,
    "rows.csv": csv_rows, "separators.csv": csv_separators, "quotes.csv": csv_quotes, "open-quotes.csv": csv_open_quotes,
    "one-line.csv": csv_one_line, "lines.csv": csv_lines, "uneven.csv": csv_uneven, "收件.csv": declaration_lines,
    **{f"{name}.xlsx": (lambda piece=piece: texts(piece)) for name, piece in LONG.items()},
}


def measure(binary, name, data, limit):
    """(seconds, MB, exit code, findings by code, receipts)"""
    with tempfile.TemporaryDirectory() as root:
        month = pathlib.Path(root) / "2013-10"
        month.mkdir()
        (month / name).write_bytes(data)
        out = pathlib.Path(root) / "out.json"
        begun = time.monotonic()
        with out.open("wb") as target:
            child = subprocess.Popen([binary, "check", "--no-cache", "--pipeline", PIPELINE, "--returns", root, "--period", "2013-10", "--json"],
                                     stdout=target, stderr=subprocess.PIPE,
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)))
            errors = child.stderr.read()
            _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - begun
        code = os.waitstatus_to_exitcode(status)
        found = collections.Counter()
        rows = 0
        if code in (0, 1):
            answer = json.loads(out.read_text())
            found.update(f["code"] for f in answer["findings"] if name in (f["file"] or ""))
            rows = sum(r["rows"] for r in answer["receipts"])
        else:
            sys.stderr.write(errors.decode(errors="replace")[:500])
        return seconds, usage.ru_maxrss // 1024, code, found, rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("binary")
    arguments.add_argument("--only", nargs="*", default=[])
    arguments.add_argument("--keep", type=pathlib.Path, help="folder for the files")
    arguments.add_argument("--limit", type=int, default=60)
    options = arguments.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    failed = []
    for name, make in CASES.items():
        if options.only and not any(name.startswith(o) for o in options.only):
            continue
        data = make()
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / name).write_bytes(data)
        seconds, megabytes, code, found, rows = measure(binary, name, data, options.limit)
        if code not in (0, 1) or not rows and not found:
            failed.append(name)
        codes = " ".join(f"{c}×{n}" for c, n in sorted(found.items()))
        print(f"{name:28} {len(data) / 1e6:6.1f} MB  {seconds:7.2f} s  {megabytes:5} MB  exit {code:3}  {rows:7} rows  {codes}",
              flush=True)
    if failed:
        print("failed:", *failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
