"""A month over the sample county, by the commands that the README names: handed out, chased, sent
back, explained, corrected, made final, and corrected once more.

    python3 tests/month/play.py <dangtong> [returns folder of the sample]

October's returns of the sample are what the units send. Files are edited by openpyxl, as a clerk
would with a spreadsheet program.
"""

import csv
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import openpyxl

PERIOD = "2013-10"
LATE = ["寒王乡", "羊角乡", "城区"]
NOVEMBER = {"in time": 1383609600, "late": 1384905600}  # 2013-11-05, 2013-11-20


class Month:
    def __init__(self, program, sample, work):
        self.program, self.work = program, work
        self.returns, self.out = work / "returns", work / "reports"
        shutil.copytree(sample, self.returns)
        self.october = self.returns / PERIOD
        self.sent = work / "sent"
        self.october.rename(self.sent)
        self.october.mkdir()

    def run(self, command, *more, code=(0, 1)):
        paths = ["--returns", self.returns, "--out", self.out, "--cache", self.work / "cache"]
        ran = subprocess.run([self.program, *command, *paths, *more], capture_output=True, text=True)
        if ran.returncode not in code:
            sys.exit(f"{command} {more}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout + ran.stderr

    def check(self):
        return self.run(["check"], "--period", PERIOD, "--all")

    def arrive(self, path, when="in time"):
        there = self.october / path.name
        shutil.copy(path, there)
        os.utime(there, (NOVEMBER[when], NOVEMBER[when]))
        return there

    def papers(self):
        return self.out / PERIOD / "收报"


def expect(text, *words):
    for word in words:
        if word not in text:
            sys.exit(f"“{word}” is not said:\n{text}")


def edited(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    os.utime(path, (NOVEMBER["in time"],) * 2)


def wrong_number(title):
    """The first whole number of a sheet becomes another."""
    def change(book):
        sheet = book[title]
        for row in sheet.iter_rows(min_row=4):
            for cell in row[3:]:
                if isinstance(cell.value, int):
                    cell.value += 1000
                    return
        sys.exit(f"no number in {title}")
    return change


def numbers(figures):
    """Figure → its value, as the table says it."""
    rows = csv.DictReader(io.StringIO(figures.decode("utf-8-sig")))
    return {row["figure_id"]: row["value"] for row in rows if row["period"] == PERIOD}


def explain(text):
    def change(book):
        sheet = book["审核说明"]
        head = next(row for row in sheet.iter_rows() if any(c.value == "说明" for c in row))
        at = next(cell for cell in head if cell.value == "说明")
        sheet.cell(at.row + 1, at.column).value = text
    return change


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    sample = sys.argv[2] if len(sys.argv) > 2 else "sample-data/zuoquan/returns"
    with tempfile.TemporaryDirectory() as work:
        play(Month(program, sample, pathlib.Path(work)))
    print("month: all ok")


def play(month):
    # Handed out: a workbook a unit.
    forms = month.work / "templates"
    handed = [month.program, "template", "--period", PERIOD, "--returns", month.returns, "--out", forms]
    subprocess.run(handed, capture_output=True, text=True, check=True)
    assert len(list((forms / PERIOD).glob("*.xlsx"))) >= 18

    # Most is in; two have an error; one is nobody's.
    files = sorted(path for path in month.sent.rglob("*") if path.is_file())
    late = [path for path in files if any(unit in path.name for unit in LATE)]
    for path in files:
        if path not in late:
            month.arrive(path)
    wrong = [p for p in files if "党员统计" in p.name and p.suffix == ".xlsx" and p not in late][:2]
    for path in wrong:
        book = openpyxl.load_workbook(path)
        edited(month.october / path.name, wrong_number(book.sheetnames[0]))
    shutil.copy(wrong[0], month.october / "不明.xlsx")
    edited(month.october / "不明.xlsx", lambda book: [
        setattr(cell, "value", cell.value.replace(wrong[0].name.split("_")[0], "子虚乡"))
        for sheet in book for row in sheet.iter_rows(max_row=6) for cell in row
        if isinstance(cell.value, str)])
    said = month.check()
    expect(said, *[f"{unit}：未报" for unit in LATE], "退回", "不明.xlsx")
    expect((month.papers() / "催报.txt").read_text("utf-8-sig"), *LATE)
    month.run(["freeze", PERIOD], code=(2,))

    # Sent back, corrected, explained; one explanation is empty talk.
    month.run(["slips"], "--period", PERIOD)
    slips = {path.name.split("_")[0]: path for path in (month.papers() / "退回单").glob("*.xlsx")}
    assert set(slips) >= {"桐峪镇", "粟城乡", *[path.name.split("_")[0] for path in wrong]}, slips
    for unit, text in [("桐峪镇", "该村已于九月换届，名单正在核对"), ("粟城乡", "情况属实")]:
        edited(month.arrive(slips[unit]), explain(text))
    for path in wrong:
        month.arrive(path)
    (month.october / "不明.xlsx").unlink()
    for path in late:
        month.arrive(path, "late")
    said = month.check()
    expect(said, "R-06", "迟报")
    edited(month.october / slips["粟城乡"].name, explain("该村上年整顿后反弹，县委已派工作组"))
    said = month.check()
    expect(said, "已报齐")

    # A rival without a declaration, then with one.
    rival = month.october / f"更正_{wrong[0].name}"
    shutil.copy(wrong[0], rival)
    edited(rival, wrong_number(openpyxl.load_workbook(rival).sheetnames[0]))
    said = month.check()
    expect(said, "C-26", "更正.csv", "有 1 处不同")
    rival.unlink()

    # The report, first a draft, then final.
    expect(month.check(), "已报齐")
    month.run(["run"], "--period", PERIOD)
    expect(month.run(["freeze", PERIOD], code=(0,)), "定稿")
    figures = month.out / PERIOD / "figures.csv"
    final = figures.read_bytes()

    # The county amends a cell: the report is revised, and says what moved and why.
    (month.october / "订正.csv").write_text(
        "单位,报表,单元格,原值,新值,原因,订正人,时间\n"
        "农工系统,党建信息报送采用月报,I6,2,3,去重时多去了一篇,统计员,2013-11-25\n", "utf-8")
    said = month.check()
    expect(said, "C-56", "已报齐")
    month.run(["run"], "--period", PERIOD)
    # By hand: one article more was used, of the system and of the county, and so their shares.
    before, after = (numbers(figures_file) for figures_file in (final, figures.read_bytes()))
    moved = {key for key in before if before[key] != after[key]}
    assert before.keys() == after.keys() and moved, moved
    assert {key.split("@")[0] for key in moved} <= {"news_used", "news_used_rate"}, moved
    assert all(int(after[k]) == int(before[k]) + 1 for k in moved if k.startswith("news_used@")), moved
    revisions = openpyxl.load_workbook(next((month.out / PERIOD).rglob("修订表*.xlsx")))
    texts = " ".join(str(c.value) for sheet in revisions for row in sheet.iter_rows() for c in row)
    expect(texts, "农工系统")
    # Nothing that was ever sent is gone from the register of what came.
    register = (month.october / "收件.csv").read_text("utf-8-sig")
    expect(register, *{path.name for path in late}, *{path.name for path in wrong}, "不明.xlsx")
    verified = [month.program, "audit", "verify", month.out / PERIOD, "--returns", month.returns]
    ran = subprocess.run(verified, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


if __name__ == "__main__":
    main()
