#!/usr/bin/env python3
"""Makes files that harm a careless reader: python3 tests/hostile/make.py [FOLDER]

Default folder: tests/fixtures/hostile. Each file must cost only itself. The same bytes each time.
Needs openpyxl and the workbooks of tests/fixtures/collect.
"""
import io
import random
import struct
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOOD = HERE.parent / "fixtures" / "collect"


def parts_of(path):
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data, compresslevel=9)
    return out.getvalue()


def sheet_part(parts, text):
    """The sheet part that holds a text in its cells or its shared strings."""
    names = [n for n in parts if n.startswith("xl/worksheets/sheet")]
    return max(names, key=lambda n: (text.encode() in parts[n], len(parts[n])))


def lying_shared_strings():
    """Claims five thousand million strings: 120 GB are reserved before the first is read."""
    parts = parts_of(GOOD / "review-lo.xlsx")
    data = parts["xl/sharedStrings.xml"].decode()
    at = data.index("uniqueCount=\"") + len("uniqueCount=\"")
    end = data.index("\"", at)
    parts["xl/sharedStrings.xml"] = (data[:at] + "5000000000" + data[end:]).encode()
    return zipped(parts)


def far_cells():
    """Two cells in opposite corners: a dense range would be 17 thousand million cells."""
    parts = parts_of(GOOD / "dates-1904.xlsx")
    name = sheet_part(parts, "sheetData")
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[name] = parts[name].replace(b"</sheetData>", far)
    return zipped(parts)


def bomb():
    """Forty megabytes of blanks in forty kilobytes."""
    parts = parts_of(GOOD / "dates-1904.xlsx")
    name = sheet_part(parts, "sheetData")
    parts[name] = parts[name].replace(b"<sheetData>", b"<sheetData>" + b" " * (40 << 20))
    return zipped(parts)


def lying_size():
    """A part whose stated size is far below what it inflates to."""
    parts = parts_of(GOOD / "dates-1904.xlsx")
    name = sheet_part(parts, "sheetData")
    parts[name] = parts[name].replace(b"<sheetData>", b"<sheetData>" + b" " * (2 << 20))
    data = bytearray(zipped(parts))
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        info = source.getinfo(name)
    small = struct.pack("<I", 1000)
    data[info.header_offset + 22:info.header_offset + 26] = small
    encoded = name.encode()
    central = data.rindex(encoded) - 46
    data[central + 24:central + 28] = small
    return bytes(data)


def many_entries():
    return zipped({f"xl/{n}": b"" for n in range(1100)})


def without_workbook():
    parts = parts_of(GOOD / "dates-1904.xlsx")
    del parts["xl/workbook.xml"]
    return zipped(parts)


def without_sheet():
    parts = parts_of(GOOD / "dates-1904.xlsx")
    del parts[sheet_part(parts, "sheetData")]
    return zipped(parts)


def broken_xml():
    parts = parts_of(GOOD / "dates-1904.xlsx")
    name = sheet_part(parts, "sheetData")
    parts[name] = parts[name][:len(parts[name]) // 2] + b"<<&&<row"
    return zipped(parts)


def endless_repeats():
    """Cells and rows of an .ods that repeat a thousand million times."""
    parts = parts_of(GOOD / "review-lo.ods")
    data = parts["content.xml"].decode()
    row = ('<table:table-row table:number-rows-repeated="1000000000"><table:table-cell '
           'table:number-columns-repeated="1000000000" office:value-type="float" office:value="1">'
           "<text:p>1</text:p></table:table-cell></table:table-row></table:table>")
    parts["content.xml"] = data.replace("</table:table>", row, 1).encode()
    return zipped(parts)


# ---- OLE containers ----

FREE, END, FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
SECTOR = 512


def entry(name, kind, child=NONE, start=END, size=0, right=NONE):
    wide = name.encode("utf-16-le") + b"\0\0"
    return (wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, NONE, right, child)
            + b"\0" * 36 + struct.pack("<IQ", start, size))


def ole(streams, loop=""):
    """A compound file of 512-byte sectors; every stream is padded to 4096 bytes."""
    chains, body, at = [], b"", 1
    fat = [FAT]
    for _, data in streams:
        data = data.ljust(max(4096, -(-len(data) // SECTOR) * SECTOR), b"\0")
        count = len(data) // SECTOR
        chains.append((at, len(data)))
        fat += [at + i + 1 for i in range(count - 1)] + [at if loop == "stream" else END]
        body += data
        at += count
    directory = at
    fat.append(at if loop == "directory" else END)
    entries = entry("Root Entry", 5, child=1)
    for n, ((name, _), (start, size)) in enumerate(zip(streams, chains)):
        right = n + 2 if n + 1 < len(streams) else NONE
        entries += entry(name, 2, start=start, size=size, right=right)
    entries = entries.ljust(SECTOR, b"\0")
    assert len(entries) == SECTOR and len(fat) <= 128
    table = struct.pack("<128I", *(fat + [FREE] * (128 - len(fat))))
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
              + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0, 4096, END, 0, END, 0))
    header += struct.pack("<I", 0) + b"\xff" * 4 * 108
    return header + table + body + entries


def record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def biff5(codepage):
    """A workbook of Excel 95, whose Chinese is in code page 936."""
    def label(row, column, text):
        data = text.encode("gbk")
        return record(0x0204, struct.pack("<HHHH", row, column, 0, len(data)) + data)

    def number(row, column, value):
        return record(0x0203, struct.pack("<HHHd", row, column, 0, value))

    name = "评议".encode("gbk")
    bof = lambda kind: record(0x0809, struct.pack("<HHHH", 0x0500, kind, 0, 0))
    page = record(0x0042, struct.pack("<H", codepage))
    bound = lambda at: record(0x0085, struct.pack("<IHB", at, 0, len(name)) + name)
    end = record(0x000A, b"")
    xf = record(0x00E0, b"\0" * 16)
    length = len(bof(5) + page + xf + bound(0) + end)
    sheet = bof(0x10) + label(0, 0, "党员评议表") + label(1, 0, "填报单位：乙镇") + label(1, 1, "报告期：2013年10月")
    sheet += label(2, 0, "党组织代码") + label(2, 1, "应参评党员数") + label(3, 0, "0010") + number(3, 1, 12.0) + end
    return bof(5) + page + xf + bound(length) + end + sheet


# ---- workbooks of Excel 97 ----

def bof8(kind):
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def text8(text, head="<H"):
    return struct.pack(head, len(text)) + b"\1" + text.encode("utf-16-le")


END_OF_SHEET = record(0x000A, b"")
RETURN = [["党员评议表"], ["填报单位：乙镇", "报告期：2013年10月"], ["党组织代码", "应参评党员数"], ["0010", 12.0], ["0020", 7.0]]


def cells8(rows):
    """A sheet as Excel writes it: its range, what each row has, then the cells."""
    width = max(len(row) for row in rows)
    body = record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        body += record(0x0208, struct.pack("<HHHHHHI", number, 0, len(row), 300, 0, 0, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, tuple):
                # Not computed: a zero, and the mark that says so. The formula is 5+7.
                code = b"\x1e\5\0\x1e\7\0\3"
                body += record(0x0006, place + struct.pack("<dHIH", 0.0, 3, 0, len(code)) + code)
            elif isinstance(value, float):
                body += record(0x0203, place + struct.pack("<d", value))
            else:
                body += record(0x0204, place + text8(value))
    return bof8(0x10) + body + END_OF_SHEET


def chart8():
    """A chart on a page of its own keeps copies of numbers, in a shape that no cell has."""
    return bof8(0x20) + record(0x1002, b"\0" * 16) + record(0x0203, b"\0" * 14) + record(0x00FD, b"\0" * 4) + END_OF_SHEET


def macros8():
    return bof8(0x40) + record(0x0006, b"\0" * 5) + END_OF_SHEET


def book8(sheets, offset=0):
    """A workbook of (name, type as listed, content); `offset` moves where the list says they are."""
    head = bof8(5) + record(0x0042, struct.pack("<H", 1200)) + record(0x00E0, b"\0" * 20)
    lengths = [4 + 6 + len(text8(name, "<B")) for name, _, _ in sheets]
    at = len(head) + sum(lengths) + len(END_OF_SHEET)
    for name, kind, content in sheets:
        head += record(0x0085, struct.pack("<IBB", at + offset, 0, kind) + text8(name, "<B"))
        at += len(content)
    return head + END_OF_SHEET + b"".join(content for _, _, content in sheets)


def with_embedded(stream):
    """Documents inside a workbook lie below it, with names that a workbook or a text has at its top;
    they come first in the directory."""
    other = book8([("旧表", 0, cells8([["党员评议表"], ["填报单位：甲乡"], ["党组织代码", "应参评党员数"], ["0990", 99.0]]))])
    pieces = [data.ljust(-(-max(len(data), 4096) // SECTOR) * SECTOR, b"\0") for data in (b"Word", other, stream)]
    starts, fat, at = [], [FAT], 1
    for data in pieces:
        count = len(data) // SECTOR
        starts.append(at)
        fat += [at + i + 1 for i in range(count - 1)] + [END]
        at += count
    fat += [at + 1, END]
    sizes = [len(data) for data in pieces]
    entries = (entry("Root Entry", 5, child=1) + entry("MBD00000001", 1, child=2, right=3)
               + entry("WordDocument", 2, start=starts[0], size=sizes[0]) + entry("MBD00000002", 1, child=4, right=5)
               + entry("Workbook", 2, start=starts[1], size=sizes[1]) + entry("Workbook", 2, start=starts[2], size=sizes[2]))
    table = struct.pack("<128I", *(fat + [FREE] * (128 - len(fat))))
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
              + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, at, 0, 4096, END, 0, END, 0)
              + struct.pack("<I", 0) + b"\xff" * 4 * 108)
    return header + table + b"".join(pieces) + entries.ljust(2 * SECTOR, b"\0")


def changed8(find, replace):
    """The good workbook with a few bytes of its records changed."""
    good = book8([("评议", 0, cells8(RETURN))])
    assert good.count(find) == 1, find
    return ole([("Workbook", good.replace(find, replace))])


def damaged_workbooks():
    number = struct.pack("<HHHHH", 0x0203, 14, 3, 1, 0)
    last = record(0x0203, struct.pack("<HHHd", 4, 1, 0, 7.0))
    good = book8([("评议", 0, cells8(RETURN))])
    return {
        # One number takes the cells behind it into its own record.
        "swallowing.xls": changed8(number, struct.pack("<HHHHH", 0x0203, 14 + 4 + 6 + 11 + 18, 3, 1, 0)),
        "other-row.xls": changed8(number, struct.pack("<HHHHH", 0x0203, 14, 4, 1, 0)),
        "outside-range.xls": changed8(struct.pack("<IIHHH", 0, 5, 0, 2, 0), struct.pack("<IIHHH", 0, 4, 0, 2, 0)),
        "unknown-record.xls": changed8(number, struct.pack("<HHHHH", 0x0703, 14, 3, 1, 0)),
        "lost-cell.xls": changed8(last, b""),
        "early-end.xls": changed8(last, END_OF_SHEET + last),
        "without-end.xls": ole([("Workbook", good[:-4])]),
        "wrong-offset.xls": ole([("Workbook", book8([("评议", 0, cells8(RETURN))], offset=20))]),
        "two-of-a-name.xls": ole([("Workbook", book8([("评议", 0, cells8(RETURN))] * 2))]),
    }


def macro_sheet():
    """An .xlsm with a sheet of Excel 4.0 macros beside the return."""
    parts = parts_of(GOOD / "dates-1904.xlsx")
    kind = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    relation = f'<Relationship Id="rIdMacro" Type="{kind}" Target="macrosheets/sheet1.xml"/></Relationships>'
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode())
    sheet = '<sheet name="宏1" sheetId="99" r:id="rIdMacro"/></sheets>'.encode()
    if b"xmlns:r=" not in parts["xl/workbook.xml"].split(b"<sheets>")[0]:
        names = b' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        sheet = sheet.replace(b" r:id", names + b" r:id")
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</sheets>", sheet)
    parts["xl/macrosheets/sheet1.xml"] = b"<xm:macrosheet/>"
    return zipped(parts)


BARE = record(0x0809, struct.pack("<HHHH", 0x0600, 5, 0, 0))


def truncations(name, data, points):
    stem, kind = name.rsplit(".", 1)
    return {f"{stem}-cut{p}.{kind}": data[:len(data) * p // 100] for p in points}


def flipped(name, data, seeds):
    """Random bytes overwritten: what a failing disk does."""
    made = {}
    stem, kind = name.rsplit(".", 1)
    for seed in seeds:
        generator = random.Random(seed)
        broken = bytearray(data)
        for _ in range(40):
            broken[generator.randrange(len(broken))] = generator.randrange(256)
        made[f"{stem}-flip{seed}.{kind}"] = bytes(broken)
    return made


def files():
    xlsx, xls = (GOOD / "review.xlsx").read_bytes(), (GOOD / "review-lo.xls").read_bytes()
    made = {
        "lying-shared-strings.xlsx": lying_shared_strings(),
        "far-cells.xlsx": far_cells(),
        "bomb.xlsx": bomb(),
        "lying-size.xlsx": lying_size(),
        "many-entries.xlsx": many_entries(),
        "without-workbook.xlsx": without_workbook(),
        "without-sheet.xlsx": without_sheet(),
        "broken-xml.xlsx": broken_xml(),
        "endless-repeats.ods": endless_repeats(),
        "stream-loop.xls": ole([("Workbook", BARE)], loop="stream"),
        "directory-loop.xls": ole([("Workbook", BARE)], loop="directory"),
        "encrypted.xlsx": ole([("EncryptionInfo", b"\4\0\4\0"), ("EncryptedPackage", b"\1" * 4096)]),
        "wps.et": ole([("ETExtData", b"\0" * 64)]),
        "biff5-936.xls": ole([("Book", biff5(936))]),
        "embedded.xls": with_embedded(book8([("评议", 0, cells8(RETURN))])),
        "chart-and-macros.xls": ole([("Workbook", book8([("图", 2, chart8()), ("评议", 0, cells8(RETURN)), ("宏", 1, macros8())]))]),
        "macro-sheet.xlsm": macro_sheet(),
        "not-computed.xls": ole([("Workbook", book8([("评议", 0, cells8(RETURN[:-1] + [["0020", ("5+7",)]]))]))]),
        **damaged_workbooks(),
        "html.xls": "<html><body><table><tr><td>党组织代码</td></tr></table></body></html>".encode(),
        "xml2003.xls": b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "renamed.xls": (GOOD / "dates-1904.xlsx").read_bytes(),
        "random.xlsx": random.Random(7).randbytes(3000),
        "empty.xlsx": b"",
        "archive.xlsx": zipped({"readme.txt": b"not a workbook"}),
        "word.xlsx": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}),
    }
    made.update(truncations("truncated.xlsx", xlsx, [5, 50, 95, 99]))
    made.update(truncations("truncated.xls", xls, [10, 40, 70, 95]))
    made.update(flipped("damaged.xls", xls, [1, 2, 3]))
    made.update(flipped("damaged.xlsx", xlsx, [4, 5]))
    return made


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "fixtures" / "hostile"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (folder / name).write_bytes(data)
    print(f"{len(files())} files in {folder}")


if __name__ == "__main__":
    main()
