#!/usr/bin/env python3
"""Breaks a month of the sample, one thing at a time, and looks for numbers that move in silence.

usage: silence.py [--program PATH] [--period 2013-10] [--per-field N] [--kinds blank,nobody,…]
                  [--form ID] [--jobs N] [--seed N] [--list FILE]

Kinds of mutation, all in returns handed in with the month of which some figure reads a cell:

  blank    a cell that a figure reads is emptied, unless the definition says what a blank means there
  answer   the same where the definition says that a blank means that there is none: pointed at when the
           row had the cell last period or a check needs it; counted here, never silent
  nobody   a code in it is replaced by one that nobody has
  gone     the return is taken away
  notowed  a copy is sent in the name of a unit that does not owe the form
  another  the return is sent in the name of another unit that owes it
  twin     another unit's rows stand in the return, under the unit's own name

A figure moves when its numerator, denominator or value differs from the good run, or when it is no
longer printed. A mutation is silent when some figure that moved carries status A and no new finding
names the very cell or return; a count of problems that moves because returns were sent back is told
by their findings. Shares no code with the program: it edits the files' XML and reads
figures.csv, findings.csv and audit/lineage.json.

Mutations of forms that no figure reads together are tried in one run; whatever is not certain from
such a run is tried again alone. Exit code 1 when a mutation was silent.
"""

import argparse
import collections
import concurrent.futures
import csv
import html
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ["blank", "answer", "nobody", "gone", "notowed", "another", "twin"]
# Codes that no list, register or form of the sample has: one is given its field's length.
NOBODY = "99999999999999999999"


# Workbooks --------------------------------------------------------------------------------------

def read_parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path, parts):
    path.unlink(missing_ok=True)  # The unbroken file is a hard link.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def sheets(parts):
    """Sheet name -> part name, in the workbook's order."""
    book = parts["xl/workbook.xml"].decode()
    relations = parts["xl/_rels/workbook.xml.rels"].decode()
    target = {}
    for relation in re.findall(r"<Relationship [^>]*>", relations):
        target[attribute(relation, "Id")] = attribute(relation, "Target")
    found = {}
    for sheet in re.findall(r"<sheet [^>]*>", book):
        path = target[attribute(sheet, "r:id")]
        found[html.unescape(attribute(sheet, "name"))] = path.lstrip("/") if path.startswith("/") else "xl/" + path
    return found


def attribute(tag, name):
    return re.search(rf'\b{name}="([^"]*)"', tag).group(1)


def cell_pattern(address):
    return re.compile(rf'<c r="{address}"([^>]*?)(/>|>.*?</c>)', re.DOTALL)


def put(parts, sheet, address, text):
    """Types a text into a cell, or empties it; False when nothing stands there."""
    part = sheets(parts)[sheet]
    xml = parts[part].decode()
    found = cell_pattern(address).search(xml)
    if not found or not re.search(r"<v>|<t[ >]", found.group(2)):
        return False
    style = re.search(r' s="\d+"', found.group(1))
    style = style.group(0) if style else ""
    new = f'<c r="{address}"{style}/>' if text is None else (
        f'<c r="{address}"{style} t="inlineStr"><is><t>{html.escape(text)}</t></is></c>')
    parts[part] = (xml[:found.start()] + new + xml[found.end():]).encode()
    return True


def drop_sheet(parts, name):
    """Takes a sheet away; False when it is the only one."""
    all_sheets = sheets(parts)
    if len(all_sheets) < 2:
        return False
    part = all_sheets[name]
    book = parts["xl/workbook.xml"].decode()
    tag = next(t for t in re.findall(r"<sheet [^>]*>", book) if html.unescape(attribute(t, "name")) == name)
    relation = attribute(tag, "r:id")
    book = re.sub(r'activeTab="\d+"', 'activeTab="0"', book.replace(tag, ""))
    parts["xl/workbook.xml"] = book.encode()
    rels = parts["xl/_rels/workbook.xml.rels"].decode()
    rels = "".join(t for t in re.split(r"(<Relationship [^>]*>)", rels)
                   if not (t.startswith("<Relationship ") and attribute(t, "Id") == relation))
    parts["xl/_rels/workbook.xml.rels"] = rels.encode()
    types = parts["[Content_Types].xml"].decode()
    parts["[Content_Types].xml"] = re.sub(rf'<Override [^>]*PartName="/{re.escape(part)}"[^>]*>', "", types).encode()
    del parts[part]
    return True


def keep_sheet(parts, name):
    for other in list(sheets(parts)):
        if other != name:
            drop_sheet(parts, other)


def rename_unit(parts, sheet, unit):
    """Writes another unit's name after 填报单位."""
    part = sheets(parts)[sheet]
    xml = parts[part].decode()
    new, count = re.subn(r"(填报单位[：:]\s*)([^<\s]+)", lambda m: m.group(1) + unit, xml)
    parts[part] = new.encode()
    return count == 1


# The county -------------------------------------------------------------------------------------

def read_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class County:
    """Definitions as data, the good run, and the returns whose cells figures read."""

    def __init__(self, program, period, work):
        self.program, self.period = program, period
        self.pipeline = ROOT / "pipelines/zuoquan"
        self.returns = ROOT / "sample-data/zuoquan/returns"
        self.units = read_csv(self.pipeline / "registers/unit.csv")
        self.name = {unit["code"]: unit["name"] for unit in self.units}
        self.forms, self.reads = {}, collections.defaultdict(set)
        indicators = {}
        for path in sorted((self.pipeline / "programmes").glob("*.toml")):
            programme = tomllib.loads(path.read_text(encoding="utf-8"))
            for form in programme.get("form", []):
                self.forms[form["id"]] = form
            for indicator in programme.get("indicator", []):
                indicators[indicator["id"]] = indicator
        self.good = self.run(work / "good", lambda folder: None)
        lineage = json.loads((work / "good/out" / period / "audit/lineage.json").read_text(encoding="utf-8"))
        self.tables = lineage["tables"]
        for figure in lineage["figures"].values():
            for part in figure["numerator"] + figure["denominator"]:
                source = self.tables[part["table"]]["source"]
                if source in self.forms:
                    self.reads[figure["indicator"]].add(source)
        self.combined, self.problems = set(), set()
        for name, indicator in indicators.items():
            direct = {indicator.get("form", "")}
            if isinstance(indicator.get("denominator"), dict):
                direct.add(indicator["denominator"].get("form", ""))
            self.reads[name] |= direct & set(self.forms)
            if indicator["kind"] in ("derived", "composite", "problems"):
                self.combined.add(name)
                if indicator["kind"] == "problems":
                    self.problems.add(name)
                    self.reads[name] |= set(self.forms)
        used = collections.defaultdict(set)
        for figure in lineage["figures"].values():
            for part in figure["numerator"] + figure["denominator"]:
                for span in filter(None, part["rows"].split(",")):
                    first, _, last = span.partition("-")
                    used[part["table"]].update(range(int(first), int(last or first) + 1))
        self.used = used
        shutil.rmtree(work / "good")

    def owes(self, form, unit):
        form = self.forms[form]
        owed_by = form.get("owed_by", [])
        for round_ in form.get("round", []):
            if round_["folder"] == self.period:
                owed_by = round_.get("owed_by", owed_by)
        return isinstance(owed_by, list) and (unit["code"] in owed_by or unit["kind"] in owed_by)

    def run(self, work, change):
        """(exit code, figures by id, findings) of the month after a change to its folder."""
        root = work / "returns"
        for month in sorted(self.returns.iterdir()):
            (root / month.name).mkdir(parents=True)
            for file in month.rglob("*"):
                if file.is_file():
                    target = root / month.name / file.relative_to(month)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    try:
                        os.link(file, target)
                    except OSError:
                        shutil.copy(file, target)
        change(root / self.period)
        done = subprocess.run(
            [self.program, "run", "--no-cache", "--pipeline", str(self.pipeline), "--returns", str(root),
             "--period", self.period, "--threads", "1", "--out", str(work / "out")],
            cwd=ROOT, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-600:]}")
        report = work / "out" / self.period
        figures = {row["figure_id"]: row for row in read_csv(report / "figures.csv")}
        findings = collections.Counter(tuple(row.items()) for row in read_csv(report / "findings.csv"))
        return done.returncode, figures, findings


# Mutations --------------------------------------------------------------------------------------

class Mutation:
    def __init__(self, kind, form, field, unit, file, sheet, cell, change, note=""):
        self.kind, self.form, self.field, self.unit = kind, form, field, unit
        self.file, self.sheet, self.cell, self.note = file, sheet, cell, note
        # Files that a finding may name instead: the copy that was sent.
        self.also = []
        self.change = change

    def __str__(self):
        cell = f" ! {self.cell}" if self.cell else ""
        return f"{self.kind} {self.form}.{self.field or '*'} {self.file} › {self.sheet}{cell} {self.note}"

    def named_by(self, finding):
        """Does a finding name this very cell or return?"""
        if self.kind == "gone":
            return finding["form"] == self.form and finding["unit"] == self.unit
        files = [self.file, *self.also]
        if finding["file"] not in files:
            # A key in two returns is one finding, which names both places.
            return any(f"{file} › " in finding["seen"] for file in files)
        if finding["file"] == self.file:
            if finding["sheet"] not in ("", self.sheet) or finding["form"] not in ("", self.form):
                return False
        if finding["level"] == "error" and finding["outcome"] == "fail":
            return True  # The return is sent back: none of its cells is counted.
        cells = finding["cell"].split()
        return not cells or not self.cell or self.cell in cells


def mutations(county, options):
    chosen = []
    sharing = collections.Counter()
    places = collections.defaultdict(dict)
    for number, table in enumerate(county.tables):
        for at, return_ in enumerate(table["returns"]):
            if return_["file"].startswith(county.period + "/") and table["source"] in county.forms:
                places[table["source"]][return_["unit"]] = (return_, number, at)
                sharing[(return_["file"], return_["sheet"])] += 1
    for form, returns in sorted(places.items()):
        if options.form and form not in options.form:
            continue
        table_number = next(iter(returns.values()))[1]
        table = county.tables[table_number]
        fields = {field["name"]: field for field in county.forms[form]["field"]}
        for name in sorted(table["fields"]):
            if "blank" in options.kinds and "blank" not in fields[name]:
                chosen += cells(county, options, "blank", form, table_number, fields[name])
            if "answer" in options.kinds and fields[name].get("blank") == "nothing":
                chosen += cells(county, options, "answer", form, table_number, fields[name])
            if "nobody" in options.kinds and fields[name]["type"] == "code":
                chosen += cells(county, options, "nobody", form, table_number, fields[name])
        for kind in ("gone", "notowed", "another", "twin"):
            if kind not in options.kinds:
                continue
            made = []
            for unit in random.Random(f"{options.seed} {kind} {form}").sample(sorted(returns), len(returns)):
                return_ = returns[unit][0]
                if len(made) < options.per_field and sharing[(return_["file"], return_["sheet"])] == 1:
                    made += whole(county, options, kind, form, unit, returns)
            chosen += made
    return chosen


def cells(county, options, kind, form, table_number, field):
    """Some cells of one column: other units first, rows that figures count before others."""
    table = county.tables[table_number]
    texts = table["cells"][field["name"]]
    chance = random.Random(f"{options.seed} {kind} {form} {field['name']}")
    by_unit = collections.defaultdict(list)
    for row, ((at, sheet_row), text) in enumerate(zip(table["rows"], texts)):
        return_ = table["returns"][at]
        column = return_["columns"].get(field["name"])
        if text is None or column is None or not return_["file"].endswith(".xlsx"):
            continue
        if not return_["file"].startswith(county.period + "/"):
            continue
        by_unit[return_["unit"]].append((row not in county.used[table_number], chance.random(), row))
    queues = [sorted(rows) for _, rows in sorted(by_unit.items())]
    chance.shuffle(queues)
    made, turn = [], 0
    while any(queues) and len(made) < options.per_field:
        queue = queues[turn % len(queues)]
        turn += 1
        if not queue:
            continue
        row = queue.pop(0)[2]
        at, sheet_row = table["rows"][row]
        return_ = table["returns"][at]
        address = f"{return_['columns'][field['name']]}{sheet_row}"
        text = None
        if kind == "nobody":
            text = NOBODY[:len(texts[row])] if texts[row].isdigit() else "查无此码"
        mutation = Mutation(kind, form, field["name"], return_["unit_name"], return_["file"],
                            return_["sheet"], address, None, f"({texts[row]})" if text else "")
        mutation.change = lambda folder, m=mutation, text=text: change_cell(folder, m, text)
        made.append(mutation)
    return made


def change_cell(folder, mutation, text):
    path = folder.parent / mutation.file
    parts = read_parts(path)
    if not put(parts, mutation.sheet, mutation.cell, text):
        return False
    write_parts(path, parts)


def receive(folder, added=None, gone=None):
    """The list of received files follows the folder."""
    path = folder / "收件.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines = [line for line in lines if gone is None or line.split(",")[0] != gone]
    if added:
        lines.append(f"{added},2013-11-05")
    path.unlink()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def whole(county, options, kind, form, unit, returns):
    """Mutations of a whole return."""
    return_ = returns[unit][0]
    file, sheet, name = return_["file"], return_["sheet"], return_["unit_name"]
    base = pathlib.PurePath(file).name
    chance = random.Random(f"{options.seed} {kind} {form} {unit}")
    mutation = Mutation(kind, form, "", name, file, sheet, "", None)

    def take_away(folder):
        path = folder.parent / file
        if file.endswith(".xlsx"):
            parts = read_parts(path)
            if drop_sheet(parts, sheet):
                write_parts(path, parts)
                return True
        elif any(t["file"] == file and t["sheet"] != sheet for table in county.tables for t in table["returns"]):
            return False
        path.unlink()
        receive(folder, gone=base)
        return True

    def send_as(folder, source, as_unit, target):
        parts = read_parts(folder.parent / source["file"])
        keep_sheet(parts, source["sheet"])
        if not rename_unit(parts, source["sheet"], as_unit):
            return False
        write_parts(folder / target, parts)
        receive(folder, added=target)
        return True

    title = county.forms[form]["title"]
    if kind == "gone":
        mutation.change = lambda folder: None if take_away(folder) else False
        return [mutation]
    if not file.endswith(".xlsx"):
        return []
    if kind == "notowed":
        others = [u for u in county.units if not county.owes(form, u)]
    elif kind == "another":
        others = [u for u in county.units if u["code"] != unit and county.owes(form, u)]
    else:
        # An empty return in place of another says “none”, as the unit itself might.
        filled = {county.tables[table]["returns"][at]["unit"]
                  for _, table, _ in returns.values() for at, _ in county.tables[table]["rows"]}
        others = [u for u in county.units if u["code"] != unit and u["code"] in filled
                  and returns.get(u["code"], [{"file": ""}])[0]["file"].endswith(".xlsx")]
    if not others:
        return []
    other = chance.choice(others)
    mutation.note = f"({other['name']})"
    if kind == "twin":
        source, as_unit = returns[other["code"]][0], name
    else:
        source, as_unit = return_, other["name"]
    target = f"{as_unit}_{title}_补报.xlsx".replace("/", "")
    mutation.also = [f"{county.period}/{target}"]

    def change(folder):
        if not send_as(folder, source, as_unit, target):
            return False
        if kind != "notowed" and not take_away(folder):
            return False

    mutation.change = change
    return [mutation]


# Judging ----------------------------------------------------------------------------------------

def moved(county, figures):
    """Figures that differ from the good run: id -> (indicator, status now)."""
    found = {}
    for id_, before in county.good[1].items():
        now = figures.get(id_)
        if now is None:
            found[id_] = (before["indicator"], "gone")
        elif any(before[c] != now[c] for c in ("numerator", "denominator", "value")):
            found[id_] = (now["indicator"], now["status"])
    for id_, now in figures.items():
        if id_ not in county.good[1]:
            found[id_] = (now["indicator"], now["status"])
    return found


class Verdict:
    def __init__(self, mutation):
        self.mutation = mutation
        self.applied = True
        self.alone = False
        self.moved = self.quiet = 0     # figures moved; of them with status A or gone
        self.examples = []
        self.codes = set()              # codes of findings that name it
        self.weak = False               # named by 提示 or 未评估 only

    @property
    def silent(self):
        return self.applied and self.mutation.kind != "answer" and self.quiet > 0 and not self.codes


def sent_back(finding):
    return finding["level"] == "error" and finding["outcome"] == "fail" and finding["unit"]


def attempt(county, batch):
    """Tries a batch in one run; verdicts, and those that need a run alone."""
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        verdicts = [Verdict(m) for m in batch]

        def change(folder):
            for verdict in verdicts:
                verdict.applied = verdict.mutation.change(folder) is not False
        _, figures, findings = county.run(work, change)
    changed = moved(county, figures)
    new = [dict(row) for row in findings - county.good[2]]
    live = {v.mutation.form: v for v in verdicts if v.applied}
    again = []
    for verdict in live.values():
        mutation = verdict.mutation
        verdict.alone = len(live) == 1
        naming = [f for f in new if mutation.named_by(f)]
        verdict.codes = {f["code"] for f in naming}
        verdict.weak = all(f["level"] == "hint" or f["outcome"] == "not-evaluated" for f in naming)
        uncertain = False
        for id_, (indicator, status) in sorted(changed.items()):
            forms = county.reads[indicator]
            if not verdict.alone and mutation.form not in forms:
                continue
            sure = verdict.alone or not (forms & (set(live) - {mutation.form}))
            verdict.moved += sure
            # A count of problems follows returns that were sent back: their findings tell why.
            told = indicator in county.problems and any(sent_back(f) for f in new)
            if status in ("A", "gone") and not told:
                if sure:
                    verdict.quiet += 1
                    verdict.examples.append((id_, status))
                else:
                    uncertain = True
        if uncertain and not verdict.codes and not verdict.quiet:
            again.append(mutation)
    return [v for v in verdicts if v.mutation not in again], again


def batches(county, chosen, size):
    """At most one mutation a form, and no two forms that an indicator reads together."""
    together = collections.defaultdict(set)
    for indicator, forms in county.reads.items():
        if indicator not in county.combined:
            for form in forms:
                together[form] |= forms
    queues = collections.defaultdict(list)
    for mutation in chosen:
        queues[mutation.form].append(mutation)
    made = []
    while any(queues.values()):
        batch, closed = [], set()
        for form in sorted(queues, key=lambda f: -len(queues[f])):
            if queues[form] and form not in closed and len(batch) < size:
                batch.append(queues[form].pop())
                closed |= together[form] | {form}
        made.append(batch)
    return made


def report(verdicts, out):
    say = lambda *words: print(*words, file=out)
    by_kind = collections.defaultdict(list)
    for verdict in verdicts:
        by_kind[verdict.mutation.kind].append(verdict)
    say(f"{'kind':<9} tried  moved a figure  named  by 提示/未评估 only  silent")
    for kind in KINDS:
        mine = [v for v in by_kind[kind] if v.applied]
        if mine:
            moving = [v for v in mine if v.moved]
            say(f"{kind:<9} {len(mine):5}  {len(moving):14}  {sum(bool(v.codes) for v in moving):5}"
                f"  {sum(bool(v.codes) and v.weak and v.quiet > 0 for v in moving):19}"
                f"  {sum(v.silent for v in mine):6}")
    tried = [v for v in verdicts if v.applied]
    silent = [v for v in tried if v.silent]
    say(f"{len(tried)} mutations, {len(silent)} silent; {len(verdicts) - len(tried)} could not be made")
    for title, wanted in [
            ("silent", silent),
            ("named by 提示/未评估 only, with figures A", [v for v in tried if v.codes and v.weak and v.quiet])]:
        groups = collections.defaultdict(list)
        for verdict in wanted:
            groups[(verdict.mutation.kind, verdict.mutation.form, verdict.mutation.field)].append(verdict)
        say(f"\n## {title}: {len(wanted)}")
        for (kind, form, field), members in sorted(groups.items()):
            say(f"- {kind} {form}{'.' + field if field else ''}: {len(members)}")
            first = members[0]
            ids = sorted({id_.split("@")[0] for v in members for id_, _ in v.examples})
            say(f"    e.g. {first.mutation} -> {', '.join(f'{i} ({s})' for i, s in first.examples[:3])}")
            say(f"    indicators: {', '.join(ids[:12])}{' …' if len(ids) > 12 else ''}"
                + (f"; findings {', '.join(sorted(first.codes))}" if first.codes else ""))
    return len(silent)


def try_all(program, period, options):
    with tempfile.TemporaryDirectory() as name:
        county = County(program, period, pathlib.Path(name))
    chosen = mutations(county, options)
    if options.sample and options.sample < len(chosen):
        chosen = random.Random(options.seed).sample(chosen, options.sample)
    verdicts, alone = [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        planned = batches(county, chosen, options.batch)
        print(f"{period}: {len(chosen)} mutations in {len(planned)} runs", file=sys.stderr, flush=True)
        for number, (done, again) in enumerate(pool.map(lambda batch: attempt(county, batch), planned), 1):
            verdicts += done
            alone += again
            silent = sum(v.silent for v in verdicts)
            print(f"  run {number}: {len(verdicts)} judged, {silent} silent", file=sys.stderr, flush=True)
        print(f"{len(alone)} again, each alone", file=sys.stderr, flush=True)
        for done, _ in pool.map(lambda mutation: attempt(county, [mutation]), alone):
            verdicts += done
    return verdicts


def main():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=str(target / "release/dangtong"))
    parser.add_argument("--period", action="append",
                        help="hand-in folder; default 2013-10, 2013-09, 2013-06 and 2012-12: all forms")
    parser.add_argument("--per-field", type=int, default=2, help="cells a column and kind, returns a form and kind")
    parser.add_argument("--kinds", default=",".join(KINDS), type=lambda text: text.split(","))
    parser.add_argument("--form", action="append", help="only this form")
    parser.add_argument("--batch", type=int, default=10, help="mutations a run; 1: each alone")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, help="only so many mutations, chosen by the seed")
    parser.add_argument("--list", type=pathlib.Path, help="also write the result to this file")
    options = parser.parse_args()
    verdicts = []
    for period in options.period or ["2013-10", "2013-09", "2013-06", "2012-12"]:
        verdicts += try_all(str(pathlib.Path(options.program).resolve()), period, options)
        verdicts.sort(key=lambda v: str(v.mutation))
        if options.list:
            with open(options.list, "w", encoding="utf-8") as out:
                report(verdicts, out)
    silent = report(verdicts, sys.stdout)
    sys.exit(1 if silent else 0)


if __name__ == "__main__":
    main()
