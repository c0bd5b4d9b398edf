#!/usr/bin/env python3
"""Damages workbooks and text tables and asks whether anything is ever read wrongly in silence.

    python3 tests/hostile/fuzz.py target/release/dangtong [--count 1000] [--seed 1] [--only xlsx ods …] [--keep FOLDER]

Needs LibreOffice (soffice), openpyxl and xlwt. Several writers make the same return (24 rows, a row of
totals, a page of notes before and one behind it); of each, COUNT seeded mutations are read:

- .xls: its records (lengths, places, indices of texts, types, deleted, doubled and exchanged records,
  early and missing ends, offsets) and its bytes;
- .xlsx, .ods: bytes of the archive, its parts, and the XML in them (elements deleted, doubled and
  exchanged, attributes deleted, changed and renamed, comments, tags, entities);
- .csv: cuts, lost and added separators, quotes and line ends.

A mutation is silent when the reader gives other cells than for the good file and does not remark on it,
`check` has no finding about the file that the good file has not, and the figures and the cells behind
them are not those of the good file. Prints the silent ones, and how many mutations were unchanged,
refused, remarked, found by `check`, harmless (the same cells), without effect (other cells, but not
where a figure is made), and how often the reader's process died or hung. Exit code 1 if one was silent,
died or hung.

Counted by themselves as `other meaning`: changes that make a whole and sound file which says something
else. Like the digits of a number, nothing in the format says twice which of the shared texts a cell
shows (.xls, .xlsx), of what type a value is (`t`, `office:value`), or in which order cells of .ods and
lines of .csv were meant to stand.
"""
import argparse
import collections
import concurrent.futures
import csv
import io
import json
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

import openpyxl
import xlwt

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make import ole, parts_of, zipped  # noqa: E402

PIPELINE = HERE.parent / "fixtures" / "collect" / "pipeline"
MEMORY = str(1 << 30)
BOF, EOF, BOUNDSHEET, DIMENSIONS, ROW, SST, LABELSST = 0x809, 0x0A, 0x85, 0x200, 0x208, 0xFC, 0xFD
CELLS = {0x06, 0xBD, 0xBE, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E}
TITLES = ["片区", "党组织代码", "应参评党员数", "实参评党员数", "参评率", "评议等次", "得分", "评议日期",
          "是否公示", "活动经费", "书记姓名"]


def lines():
    """Cells by row; numbers of many kinds, texts of which some stand once and some often."""
    rows = [["党员评议表"], ["填报单位：甲乡", "报告期：2013年10月"], TITLES]
    for n in range(24):
        rows.append([f"第{n // 5 + 1}片", f"{10 * n + 10:04}", 10 + n, 9 + n // 2, f"{(9 + n // 2) / (10 + n):.1%}",
                     ["好", "较好", "一般"][n % 3], 61.25 + n, f"2013-10-{n + 1:02}", "是" if n % 4 else "否",
                     1000 + n / 4, f"党员{n:04}"])
    rows.append(["合计", None, ("SUM(C4:C27)", sum(10 + n for n in range(24))),
                 ("SUM(D4:D27)", sum(9 + n // 2 for n in range(24)))])
    return rows


def book(formulas):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表按季核对", 3])
    sheet = book.create_sheet("评议")
    thin = openpyxl.styles.Side(style="thin")
    for row, cells in enumerate(lines(), 1):
        for column, value in enumerate(cells, 1):
            if isinstance(value, tuple):
                value = "=" + value[0] if formulas else value[1]
            cell = sheet.cell(row, column, value)
            cell.border = openpyxl.styles.Border(thin, thin, thin, thin)
    book.create_sheet("附注").append(["无", 1])
    return book


def with_openpyxl(folder):
    path = folder / "op.xlsx"
    book(formulas=False).save(path)
    return path.read_bytes()


def with_libreoffice(kind):
    def make(folder):
        path = folder / "source.xlsx"
        book(formulas=True).save(path)
        name = {"xls": "xls:MS Excel 97", "xlsx": "xlsx:Calc MS Excel 2007 XML", "ods": "ods"}[kind]
        target = folder / "converted"
        subprocess.run(["soffice", "--headless", "--convert-to", name, "--outdir", target, path], check=True,
                       capture_output=True, timeout=180)
        return (target / f"source.{kind}").read_bytes()
    return make


def with_xlwt(folder):
    """Without formulas, whose results xlwt does not know."""
    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("说明").write(0, 0, "本表按季核对")
    sheet = book.add_sheet("评议")
    for row, cells in enumerate(lines()):
        for column, value in enumerate(cells):
            if value is not None:
                sheet.write(row, column, value[1] if isinstance(value, tuple) else value)
    book.add_sheet("附注").write(0, 0, "无")
    path = folder / "xw.xls"
    book.save(str(path))
    return path.read_bytes()


def as_text(quoted):
    def make(_):
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
        for cells in lines():
            cells = [value[1] if isinstance(value, tuple) else value for value in cells]
            writer.writerow(cells + [""] * (len(TITLES) - len(cells)))
        return out.getvalue().encode()
    return make


def stream_of(data):
    """The workbook stream: both writers lay it out in one piece from the first sector on, or by the table."""
    fat_ids = [i for i in struct.unpack_from("<109I", data, 76) if i < 0xFFFFFFFA]
    fat = [x for i in fat_ids for x in struct.unpack_from("<128I", data, 512 * (i + 1))]

    def chain(start):
        out = b""
        while start < 0xFFFFFFFA:
            out += data[512 * (start + 1):512 * (start + 2)]
            start = fat[start]
        return out

    directory = chain(struct.unpack_from("<I", data, 48)[0])
    for at in range(0, len(directory), 128):
        size = struct.unpack_from("<H", directory, at + 64)[0]
        if directory[at:at + max(size - 2, 0)].decode("utf-16-le") in ("Workbook", "Book"):
            start, length = struct.unpack_from("<II", directory, at + 116)
            assert length >= 4096
            return chain(start)[:length]
    raise ValueError("no workbook stream")


def records(stream):
    """(offset, type, length) of every record, without the zeros behind the last."""
    at, found = 0, []
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == 0:
            break
        found.append((at, kind, length))
        at += 4 + length
    return found


def put16(stream, at, value):
    stream[at:at + 2] = struct.pack("<H", value & 0xFFFF)


def length_by_a_little(r, s, recs):
    at, _, length = r.choice(recs)
    put16(s, at + 2, length + r.choice([-8, -6, -4, -3, -2, -1, 1, 2, 3, 4, 6, 8, 10]))
    return s


def length_at_random(r, s, recs):
    put16(s, r.choice(recs)[0] + 2, r.randrange(9000))
    return s


def swallow(r, s, recs):
    """A record takes the next ones in: the chain stays whole."""
    i = r.randrange(len(recs) - 4)
    last = i + r.randrange(1, 4)
    put16(s, recs[i][0] + 2, recs[last][0] + 4 + recs[last][2] - recs[i][0] - 4)
    return s


def cells_of(recs):
    return [x for x in recs if x[1] in CELLS]


def other_row(r, s, recs):
    at, _, _ = r.choice(cells_of(recs))
    row = struct.unpack_from("<H", s, at + 4)[0]
    put16(s, at + 4, r.choice([row + 1, row - 1, row + 2, r.randrange(40), r.randrange(65536), row ^ 1 << r.randrange(16)]))
    return s


def other_column(r, s, recs):
    at, _, _ = r.choice(cells_of(recs))
    column = struct.unpack_from("<H", s, at + 6)[0]
    put16(s, at + 6, r.choice([column + 1, column - 1, column + 3, r.randrange(12), r.randrange(65536)]))
    return s


def text_out_of_range(r, s, recs):
    at, _, _ = r.choice([x for x in recs if x[1] == LABELSST])
    s[at + 10:at + 14] = struct.pack("<I", r.choice([r.randrange(1000, 1 << 20), r.randrange(1 << 32)]))
    return s


def other_text(r, s, recs):
    at, _, _ = r.choice([x for x in recs if x[1] == LABELSST])
    count = struct.unpack_from("<I", s, next(a for a, k, _ in recs if k == SST) + 8)[0]
    s[at + 10:at + 14] = struct.pack("<I", r.randrange(count))
    return s


def text_counts(r, s, recs):
    at = next(a for a, k, _ in recs if k == SST)
    s[at + r.choice([4, 8])] ^= 1 << r.randrange(8)
    return s


def other_type(r, s, recs):
    at, kind, _ = r.choice(recs)
    put16(s, at, r.choice([r.randrange(65536), kind ^ 1 << r.randrange(16), r.choice(recs)[1], 0x201, 0x64, 0]))
    return s


def other_cell_type(r, s, recs):
    at, kind, _ = r.choice(cells_of(recs))
    put16(s, at, r.choice([r.randrange(65536), kind ^ 1 << r.randrange(16), r.choice(sorted(CELLS)), 0x201, 0x64]))
    return s


def deleted(r, s, recs):
    """The record is gone, the rest has moved up."""
    at, _, length = r.choice(recs)
    return s[:at] + s[at + 4 + length:]


def deleted_cell(r, s, recs):
    return deleted(r, s, cells_of(recs))


def deleted_cell_and_zeros(r, s, recs):
    return deleted(r, s, cells_of(recs)) + bytes(64)


def deleted_run(r, s, recs):
    i = r.randrange(len(recs) - 30)
    return s[:recs[i][0]] + s[recs[i + r.randrange(2, 30)][0]:]


def doubled(r, s, recs):
    at, _, length = r.choice(recs)
    end = at + 4 + length
    return s[:end] + s[at:end] + s[end:]


def exchanged(r, s, recs):
    i = r.randrange(len(recs) - 1)
    (a, _, m), (b, _, n) = recs[i], recs[i + 1]
    return s[:a] + s[b:b + 4 + n] + s[a:a + 4 + m] + s[b + 4 + n:]


def early_end(r, s, recs):
    at, _, length = r.choice(recs[4:])
    if r.random() < 0.5:
        s[at:at + 4] = struct.pack("<HH", EOF, 0)
        return s
    return s[:at] + struct.pack("<HH", EOF, 0) + s[at:]


def missing_end(r, s, recs):
    at, _, _ = r.choice([x for x in recs if x[1] == EOF])
    put16(s, at, r.choice([0x64, 0x0B, 0, r.randrange(65536)]))
    return s


def offset(r, s, recs):
    bounds = [x for x in recs if x[1] == BOUNDSHEET]
    at, _, _ = r.choice(bounds)
    other = struct.unpack_from("<I", s, r.choice(bounds)[0] + 4)[0]
    value = r.choice([other, r.choice(recs)[0], r.randrange(len(s)), r.randrange(1 << 32)])
    s[at + 4:at + 8] = struct.pack("<I", value)
    return s


def range_or_row(r, s, recs):
    at, _, length = r.choice([x for x in recs if x[1] in (DIMENSIONS, ROW)])
    if length:
        s[at + 4 + r.randrange(min(length, 12))] = r.randrange(256)
    return s


def style(r, s, recs):
    at, _, _ = r.choice(cells_of(recs))
    put16(s, at + 8, r.randrange(65536))
    return s


def cut(r, s, recs):
    return s[:r.randrange(600, len(s))]


def cut_at_record(r, s, recs):
    return s[:r.choice(recs[5:])[0]]


def middle_lost(r, s, recs):
    """Whole sectors are missing."""
    first = r.randrange(len(s) // 512 - 1)
    return s[:512 * first] + s[512 * (first + r.randrange(1, 4)):]


def sector_of_zeros(r, s, recs):
    first = 512 * r.randrange(len(s) // 512)
    s[first:first + 512] = bytes(len(s[first:first + 512]))
    return s


def eight_bytes(r, s, recs):
    """Heads and places of records, never the value of a number."""
    for _ in range(8):
        at, kind, length = r.choice(recs)
        s[at + r.randrange(4 + (6 if kind in CELLS and length >= 6 else 0))] = r.randrange(256)
    return s


RECORDS = [length_by_a_little, length_at_random, swallow, other_row, other_column, text_out_of_range, text_counts,
             other_type, other_cell_type, deleted, deleted_cell, deleted_cell_and_zeros, deleted_run, doubled, exchanged,
             early_end, missing_end, offset, range_or_row, style, cut, cut_at_record, middle_lost, sector_of_zeros,
             eight_bytes, other_text]


# ---- bytes of any file ----

def flipped_bytes(r, data):
    data = bytearray(data)
    for _ in range(r.choice([1, 1, 2, 4, 16])):
        data[r.randrange(len(data))] ^= 1 << r.randrange(8)
    return bytes(data)


def cut_file(r, data):
    return data[:r.randrange(1, len(data))]


def lost_bytes(r, data):
    at = r.randrange(len(data))
    return data[:at] + data[at + r.randrange(1, 600):]


def zeros(r, data):
    at = r.randrange(len(data))
    length = min(r.choice([16, 512]), len(data) - at)
    return data[:at] + bytes(length) + data[at + length:]


def doubled_bytes(r, data):
    at = r.randrange(len(data))
    end = at + r.randrange(1, 600)
    return data[:end] + data[at:end] + data[end:]


# ---- archives and their XML ----

TOKENS = re.compile(r"<[^>]*>|[^<]+")


def xml_part(r, parts):
    """The name of a part: mostly a sheet, else anything that is XML."""
    xml = [name for name in parts if name.endswith((".xml", ".rels")) and not name.startswith(("docProps", "meta"))]
    main = [n for n in xml if "worksheets/sheet" in n or n in ("content.xml", "xl/sharedStrings.xml", "xl/workbook.xml")]
    return r.choice(main if r.random() < 0.8 else xml)


def elements(tokens):
    """(index of the start tag, index of the end tag, name) of each element that is closed."""
    stack, found = [], []
    for i, token in enumerate(tokens):
        if token.startswith("</"):
            if stack:
                start, name = stack.pop()
                found.append((start, i, name))
        elif token.startswith("<") and not token.startswith(("<?", "<!")):
            name = re.match(r"<([^\s/>]+)", token).group(1)
            if token.endswith("/>"):
                found.append((i, i, name))
            else:
                stack.append((i, name))
    return [e for e in found if e[0] > 1]


def on_tokens(change):
    def mutate(r, parts):
        name = xml_part(r, parts)
        tokens = TOKENS.findall(parts[name].decode("utf-8"))
        meaning = change(r, tokens, name)
        parts[name] = "".join(tokens).encode("utf-8")
        return meaning
    mutate.__name__ = change.__name__
    return mutate


def pick(r, found):
    """An element, mostly of the small ones: the large ones are few."""
    small = [e for e in found if e[1] - e[0] < 40]
    return r.choice(small if small and r.random() < 0.8 else found)


def is_text(kind):
    """A paragraph, or a run of a text."""
    return kind.split(":")[-1] in ("p", "r", "t", "span")


def lost_element(r, tokens, name):
    start, end, kind = pick(r, elements(tokens))
    tokens[start:end + 1] = []
    return is_text(kind)


def doubled_element(r, tokens, name):
    start, end, kind = pick(r, elements(tokens))
    tokens[start:start] = tokens[start:end + 1]
    return is_text(kind)


def exchanged_elements(r, tokens, name):
    found = sorted(elements(tokens))
    pairs = [(a, b) for a, b in zip(found, found[1:]) if b[0] == a[1] + 1]
    if not pairs:
        return None
    a, b = r.choice(pairs)
    tokens[a[0]:b[1] + 1] = tokens[b[0]:b[1] + 1] + tokens[a[0]:a[1] + 1]
    # Order is all that says which is which.
    return name in ("content.xml", "xl/sharedStrings.xml", "xl/styles.xml")


def lost_tag(r, tokens, name):
    tags = [i for i, t in enumerate(tokens) if t.startswith("<")]
    tokens[r.choice(tags)] = ""


ATTRIBUTE = re.compile(r'\s([\w:.-]+)="([^"]*)"')
VALUES = {"t", "value", "date-value", "time-value", "boolean-value", "string-value", "value-type", "currency", "formatCode",
          "numFmtId", "s", "style-name", "date1904", "name", "state", "formula", "display", "null-date"}


def attributes(tokens):
    return [(i, m) for i, t in enumerate(tokens) if t.startswith("<") and not t.startswith("<?") for m in ATTRIBUTE.finditer(t)]


def means_a_value(match):
    return match.group(1).split(":")[-1] in VALUES


def lost_attribute(r, tokens, name):
    i, m = r.choice(attributes(tokens))
    tokens[i] = tokens[i][:m.start()] + tokens[i][m.end():]
    return means_a_value(m)


def other_attribute(r, tokens, name):
    found = attributes(tokens)
    i, m = r.choice(found)
    alike = [x.group(2) for _, x in found if x.group(1) == m.group(1)]
    number = str(int(m.group(2)) + r.choice([-1, 1, 2, 100, 10 ** 9])) if m.group(2).isdigit() else "x"
    value = r.choice([r.choice(alike), r.choice(alike), number, "", "-1", "1e9"])
    tokens[i] = tokens[i][:m.start(2)] + value + tokens[i][m.end(2):]
    return means_a_value(m)


def renamed_attribute(r, tokens, name):
    i, m = r.choice(attributes(tokens))
    tokens[i] = tokens[i][:m.start(1)] + r.choice(["x:", "q", "office:"]) + tokens[i][m.start(1):]
    return means_a_value(m)


def doubled_attribute(r, tokens, name):
    found = attributes(tokens)
    i, m = r.choice(found)
    other = r.choice([x.group(2) for _, x in found if x.group(1) == m.group(1)])
    tokens[i] = tokens[i][:m.end()] + f' {m.group(1)}="{other}"' + tokens[i][m.end():]
    return means_a_value(m)


def renamed_element(r, tokens, name):
    start, end, old = pick(r, elements(tokens))
    new = r.choice(["x", "x:" + old.split(":")[-1], old.upper(), old.split(":")[-1] + "s"])
    tokens[start] = tokens[start].replace(old, new, 1)
    if end != start:
        tokens[end] = tokens[end].replace(old, new, 1)


def between(r, tokens, name):
    """Something between or inside texts that has no place there."""
    what = r.choice(["<!-- x -->", "<?x y?>", "<![CDATA[7]]>", "&#55;", "&unknown;", "<x/>", "<v>7</v>", " ", "\n", "7"])
    texts = [i for i, t in enumerate(tokens) if not t.startswith("<")]
    if texts and r.random() < 0.6:
        i = r.choice(texts)
        at = r.randrange(len(tokens[i]) + 1)
        tokens[i] = tokens[i][:at] + what + tokens[i][at:]
        # Another digit is another number.
        return what in ("<![CDATA[7]]>", "&#55;", "7", " ", "\n")
    i = r.randrange(1, len(tokens))
    tokens[i:i] = [what]
    return what in ("<![CDATA[7]]>", "&#55;", "7", " ", "\n", "<v>7</v>")


def cut_part(r, tokens, name):
    tokens[r.randrange(1, len(tokens)):] = []


def lost_part(r, parts):
    del parts[r.choice(sorted(parts))]


def exchanged_parts(r, parts):
    a, b = r.sample(sorted(parts), 2)
    parts[a], parts[b] = parts[b], parts[a]


def part_twice(r, parts):
    name = r.choice(sorted(parts))
    parts[name.upper() if name.upper() != name else name.lower()] = parts[r.choice(sorted(parts))]


def renamed_part(r, parts):
    name = r.choice(sorted(parts))
    parts[r.choice([name + "x", name.replace("/", "\\"), name.upper(), "x/" + name])] = parts.pop(name)


PARTS = [lost_part, exchanged_parts, part_twice, renamed_part]
XML = [on_tokens(f) for f in (lost_element, doubled_element, exchanged_elements, lost_tag, lost_attribute, other_attribute,
                              renamed_attribute, doubled_attribute, renamed_element, between, cut_part)]
BYTES = [flipped_bytes, cut_file, lost_bytes, zeros, doubled_bytes]


# ---- text tables ----

def places(data, marks):
    return [i for i, b in enumerate(data) if b in marks]


def lost_mark(r, data):
    at = r.choice(places(data, b",\n\r\""))
    return data[:at] + data[at + 1:]


def added_mark(r, data):
    at = r.randrange(len(data))
    return data[:at] + r.choice([b",", b"\n", b'"', b"\r\n", b"\t", b";", b'""', b"\0", b"\xef\xbb\xbf"]) + data[at:]


def other_mark(r, data):
    at = r.choice(places(data, b",\n\""))
    return data[:at] + r.choice([b",", b"\n", b'"', b"\t", b";", b"|"]) + data[at + 1:]


def lost_line(r, data):
    rows = data.split(b"\n")
    del rows[r.randrange(len(rows) - 1)]
    return b"\n".join(rows)


def doubled_line(r, data):
    rows = data.split(b"\n")
    at = r.randrange(len(rows) - 1)
    rows[at:at] = rows[at:at + 1]
    return b"\n".join(rows)


def lost_lines(r, data):
    """Whole characters are lost, with at least one end of a line among them."""
    end = r.choice(places(data, b"\n"))
    return data[:max(0, end - r.randrange(60))] + data[end + 1 + r.randrange(60):]


TEXT = [cut_file, lost_mark, added_mark, other_mark, lost_line, doubled_line, lost_lines, zeros]


def is_another_text(data, changed):
    """As many lines, all as wide, and quoted well; or whole lines fewer, up to the end of one."""
    def table(text):
        return list(csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline=""), strict=True))

    try:
        before, after = table(data), table(changed)
    except csv.Error:
        return False
    # A quote in a value that is not quoted itself, where others are.
    inside = any('"' in value for line in after for value in line)
    stray = inside and b'"' in data and re.search(rb'(?:^|[,\n])[^",\r\n]+"', changed)
    same_widths = [len(line) for line in before] == [len(line) for line in after]
    whole = changed.endswith((b"\r\n", b'"')) and after and len(after[-1]) == len(TITLES)
    return not stray and (same_widths or whole and data.startswith(changed))


def mutated(kind, r, data, number):
    """(name of the mutation, the file, whether it is sound and only says something else)"""
    if kind == "csv":
        mutation = TEXT[number % len(TEXT)]
        changed = mutation(r, data)
        return mutation.__name__, changed, is_another_text(data, changed)
    if kind == "xls":
        mutation = (RECORDS + BYTES)[number % len(RECORDS + BYTES)]
        if mutation in BYTES:
            return mutation.__name__, mutation(r, data), mutation in (flipped_bytes, zeros, doubled_bytes, lost_bytes)
        stream = stream_of(data)
        return mutation.__name__, ole([("Workbook", bytes(mutation(r, bytearray(stream), records(stream))))]), mutation is other_text
    mutation = (XML * 3 + PARTS + BYTES)[number % len(XML * 3 + PARTS + BYTES)]
    if mutation in BYTES:
        return mutation.__name__, mutation(r, data), False
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    other = mutation(r, parts)
    return mutation.__name__, zipped(parts), bool(other)


def read(binary, data):
    """What the reader's process says: (cells by sheet, remarks), "refused", "died" or "hung"."""
    try:
        done = subprocess.run([binary, "internal-read", MEMORY], input=data, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "hung"
    if done.returncode != 0:
        return "died"
    answer = json.loads(done.stdout)
    if "Err" in answer:
        return "refused"
    book = answer["Ok"]
    # Which sheet comes first does not matter.
    cells = [(s["name"], s["hidden"], [(c["row"], c["column"], c["shown"], c["value"]) for c in s["cells"]],
              s["merged"], s["from_1904"]) for s in sorted(book["sheets"], key=lambda s: s["name"])]
    return json.dumps(cells), [remark["message"] for remark in book["remarks"]]


class County:
    """A returns folder with one file in it, and what the program makes of it."""

    def __init__(self, binary, pipeline, folder, name, data):
        self.root = tempfile.TemporaryDirectory(dir=folder)
        self.name = name
        path = pathlib.Path(self.root.name)
        (path / "returns" / "2013-10").mkdir(parents=True)
        (path / "returns" / "2013-10" / name).write_bytes(data)
        self.arguments = ["--pipeline", pipeline, "--returns", path / "returns", "--period", "2013-10"]
        self.binary = binary

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.root.cleanup()

    def run(self, *command):
        done = subprocess.run([self.binary, *command, "--no-cache", *self.arguments], capture_output=True, timeout=120)
        if done.returncode not in (0, 1):
            raise ValueError(f"{command[0]}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def findings(self):
        """The findings that name the file."""
        found = json.loads(self.run("check", "--json"))["findings"]
        return collections.Counter((f["code"], f["message"]) for f in found if self.name in (f.get("file") or ""))

    def figures(self):
        """Every figure, and what stands in the cells that they are made from, wherever these stand."""
        out = pathlib.Path(self.root.name) / "reports"
        self.run("run", "--out", out)
        report = out / "2013-10"
        tables = json.loads((report / "audit" / "lineage.json").read_bytes())["tables"]
        return (report / "figures.csv").read_bytes(), {table["source"]: table["cells"] for table in tables}


COUNTED = ["area", "org_code", "due", "actual", "rate", "grade", "score", "held_on", "posted", "funds", "secretary"]


def pipeline_of(folder):
    """The fixture's pipeline, with every column of the form to be filled and counted."""
    target = folder / "pipeline"
    shutil.copytree(PIPELINE, target)
    path = target / "programmes" / "review.toml"
    form, rest = path.read_text(encoding="utf-8").split('id = "cases"', 1)
    form = form.replace("filled = true\n", "")
    fields = form.split("[[form.field]]\n")
    unused = 'name = "since"'
    fields = [fields[0]] + [f if unused in f else "filled = true\n" + f for f in fields[1:]]
    text = "[[form.field]]\n".join(fields) + 'id = "cases"' + rest
    for column in COUNTED:
        text += (f'\n[[indicator]]\nid = "n_{column}"\ntitle = "{column} 的个数"\nform = "review"\nkind = "count"\n'
                 f'numerator = "{column} IS NOT NULL"\nmeasure = "个"\n')
    for column, unit in [("due", "人"), ("actual", "人"), ("score", "分"), ("funds", "万元")]:
        places = "decimals = 2\n" if column in ("score", "funds") else ""
        text += (f'\n[[indicator]]\nid = "sum_{column}"\ntitle = "{column} 之和"\nform = "review"\nkind = "sum"\n'
                 f'numerator = "{column}"\nmeasure = "{unit}"\n{places}')
    path.write_text(text, encoding="utf-8")
    return target


WRITERS = {"xls-libreoffice": with_libreoffice("xls"), "xls-xlwt": with_xlwt, "xlsx-openpyxl": with_openpyxl,
           "xlsx-libreoffice": with_libreoffice("xlsx"), "ods-libreoffice": with_libreoffice("ods"),
           "csv-plain": as_text(False), "csv-quoted": as_text(True)}


def outcome_of(binary, pipeline, folder, kind, good, data):
    """What becomes of a mutated file; `good` is what became of the good one."""
    if kind != "csv":
        said = read(binary, data)
        if isinstance(said, str):
            return said
        if said[0] == good["read"][0]:
            return "harmless"
        if said[1] != good["read"][1]:
            return "remarked"
    try:
        with County(binary, pipeline, folder, f"甲乡.{kind}", data) as county:
            if county.findings() - good["findings"]:
                return "found"
            return "without effect" if county.figures() == good["figures"] else "silent"
    except subprocess.TimeoutExpired:
        return "hung"
    except ValueError as stopped:
        print(stopped)
        return "stopped the county"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("binary")
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", nargs="*", default=[], help="formats or writers, by how they begin")
    arguments.add_argument("--keep", type=pathlib.Path, help="folder for the bad files")
    arguments.add_argument("--jobs", type=int, default=2)
    options = arguments.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    everything, bad = collections.Counter(), []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pipeline = pipeline_of(folder)
        for writer, make in WRITERS.items():
            if options.only and not any(writer.startswith(o) for o in options.only):
                continue
            kind = writer.split("-")[0]
            (folder / writer).mkdir()
            data = make(folder / writer)
            good = {"read": read(binary, data) if kind != "csv" else None}
            with County(binary, pipeline, folder, f"甲乡.{kind}", data) as county:
                good["findings"], good["figures"] = county.findings(), county.figures()
            if isinstance(good["read"], str) or not good["figures"][1]:
                raise SystemExit(f"{writer}: the good file is not read: {good['findings']}")

            def attempt(number):
                r = random.Random(f"{options.seed} {writer} {number}")
                mutation, changed, other = mutated(kind, r, data, number)
                if changed == data:
                    return mutation, number, "unchanged", changed
                outcome = outcome_of(binary, pipeline, folder, kind, good, changed)
                return mutation, number, "other meaning" if other and outcome == "silent" else outcome, changed

            total = collections.Counter()
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                for mutation, number, outcome, changed in pool.map(attempt, range(options.count)):
                    total[outcome] += 1
                    if outcome in ("silent", "died", "hung", "stopped the county"):
                        bad.append((outcome, writer, mutation, number))
                        if options.keep:
                            options.keep.mkdir(parents=True, exist_ok=True)
                            (options.keep / f"{writer}-{mutation}-{number}.{kind}").write_bytes(changed)
            print(f"{writer}:", ", ".join(f"{what} {count}" for what, count in sorted(total.items())), flush=True)
            everything += total
    print("all:", ", ".join(f"{what} {count}" for what, count in sorted(everything.items())), "of", sum(everything.values()))
    for case in bad:
        print(*case)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
