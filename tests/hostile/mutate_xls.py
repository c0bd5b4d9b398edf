#!/usr/bin/env python3
"""Damages .xls workbooks record by record and asks whether anything is ever read wrongly in silence.

    python3 tests/hostile/mutate_xls.py target/release/dangtong [--count 3000] [--seed 1] [--keep FOLDER]

Needs LibreOffice (soffice), openpyxl and xlwt. Two writers make the same return (24 rows, totals as
formulas, a page of notes before and one behind it); for each, COUNT seeded mutations of its records:
lengths, rows and columns, indices of texts, types, deleted, doubled and exchanged records, early and
missing ends, offsets, truncation, eight bytes of record heads overwritten.

A mutation is silent when the reader gives other cells than for the good file, and neither refuses
the file nor remarks on it, and `check` has no finding that the good file has not. Prints the silent
ones, and how many mutations were refused, remarked, found by `check`, harmless (the same cells), and
how often the reader's process died. Exit code 1 if any was silent.

Not counted: `other-text`. An index that points to another text of the table, where both texts are
used by other cells too, makes a whole and sound workbook that says something else; like the digits
of a number, nothing in the format says it twice.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import openpyxl
import xlwt

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make import ole  # noqa: E402

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


def with_libreoffice(folder):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表按季核对", 3])
    sheet = book.create_sheet("评议")
    thin = openpyxl.styles.Side(style="thin")
    for row, cells in enumerate(lines(), 1):
        for column, value in enumerate(cells, 1):
            value = "=" + value[0] if isinstance(value, tuple) else value
            cell = sheet.cell(row, column, value)
            cell.border = openpyxl.styles.Border(thin, thin, thin, thin)
    book.create_sheet("附注").append(["无", 1])
    path = folder / "lo.xlsx"
    book.save(path)
    subprocess.run(["soffice", "--headless", "--convert-to", "xls:MS Excel 97", "--outdir", folder, path],
                   check=True, capture_output=True, timeout=180)
    return (folder / "lo.xls").read_bytes()


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


MUTATIONS = [length_by_a_little, length_at_random, swallow, other_row, other_column, text_out_of_range, text_counts,
             other_type, other_cell_type, deleted, deleted_cell, deleted_cell_and_zeros, deleted_run, doubled, exchanged,
             early_end, missing_end, offset, range_or_row, style, cut, cut_at_record, middle_lost, sector_of_zeros,
             eight_bytes, other_text]


def read(binary, path):
    """What the reader's process says: (cells by sheet, remarks), "refused" or "died"."""
    done = subprocess.run([binary, "internal-read", MEMORY], input=path.read_bytes(), capture_output=True, timeout=60)
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


def findings(binary, pipeline, data, folder):
    """The findings of `check` that name the file, and its exit code."""
    with tempfile.TemporaryDirectory(dir=folder) as root:
        month = pathlib.Path(root) / "2013-10"
        month.mkdir()
        (month / "甲乡.xls").write_bytes(data)
        done = subprocess.run([binary, "check", "--pipeline", pipeline, "--returns", root, "--period", "2013-10",
                               "--json"], capture_output=True, timeout=120)
        if not done.stdout.startswith(b"{"):
            raise SystemExit(f"check stopped: {done.stderr.decode()}")
        found = json.loads(done.stdout)["findings"]
        return collections.Counter((f["code"], f["message"]) for f in found if "甲乡.xls" in (f.get("file") or ""))


def pipeline_of(folder):
    """The fixture's pipeline, with every column of the form to be filled."""
    target = folder / "pipeline"
    shutil.copytree(PIPELINE, target)
    path = target / "programmes" / "review.toml"
    form, rest = path.read_text(encoding="utf-8").split('id = "cases"', 1)
    form = form.replace("filled = true\n", "")
    fields = form.split("[[form.field]]\n")
    unused = 'name = "since"'
    fields = [fields[0]] + [f if unused in f else "filled = true\n" + f for f in fields[1:]]
    path.write_text("[[form.field]]\n".join(fields) + 'id = "cases"' + rest, encoding="utf-8")
    return target


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("binary")
    arguments.add_argument("--count", type=int, default=3000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep", type=pathlib.Path, help="folder for the silent files")
    options = arguments.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    total, silent = collections.Counter(), []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pipeline = pipeline_of(folder)
        for writer, data in [("libreoffice", with_libreoffice(folder)), ("xlwt", with_xlwt(folder))]:
            good = stream_of(data)
            recs = records(good)
            path = folder / "good.xls"
            path.write_bytes(ole([("Workbook", good)]))
            base, base_findings = read(binary, path), findings(binary, pipeline, path.read_bytes(), folder)
            if base != read(binary, folder / ("lo.xls" if writer == "libreoffice" else "xw.xls")):
                raise SystemExit(f"{writer}: the good file is not read alike: {base}")
            if any(code.startswith("C-0") for code, _ in base_findings):
                raise SystemExit(f"{writer}: the good file is refused: {base_findings}")

            def attempt(number):
                generator = random.Random(f"{options.seed} {writer} {number}")
                mutation = MUTATIONS[number % len(MUTATIONS)]
                stream = bytes(mutation(generator, bytearray(good), recs))
                if stream == good:
                    return mutation.__name__, number, "unchanged", None
                changed = ole([("Workbook", stream)])
                file = folder / f"{writer}-{number}.xls"
                file.write_bytes(changed)
                said = read(binary, file)
                file.unlink()
                if isinstance(said, str):
                    return mutation.__name__, number, said, None
                if said[0] == base[0]:
                    return mutation.__name__, number, "harmless", None
                if said[1] != base[1]:
                    return mutation.__name__, number, "remarked", None
                if findings(binary, pipeline, changed, folder) - base_findings:
                    return mutation.__name__, number, "found", None
                return mutation.__name__, number, "silent", changed

            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for mutation, number, outcome, changed in pool.map(attempt, range(options.count)):
                    apart = mutation == "other_text" and outcome == "silent"
                    total["other-text" if apart else outcome] += 1
                    if outcome == "died":
                        print("died:", writer, mutation, number)
                    if outcome == "silent" and not apart:
                        silent.append((writer, mutation, number))
                        if options.keep:
                            options.keep.mkdir(parents=True, exist_ok=True)
                            (options.keep / f"{writer}-{mutation}-{number}.xls").write_bytes(changed)
    print(", ".join(f"{name} {count}" for name, count in sorted(total.items())), "of", sum(total.values()))
    for case in silent:
        print("silent:", *case)
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
