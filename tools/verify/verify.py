#!/usr/bin/env python3
"""Recomputes the figures of a report from the raw returns, without the program that made it.

    python3 tools/verify/verify.py reports/2013-10 --returns sample-data/zuoquan/returns
    python3 tools/verify/verify.py reports/2013-10 --below 某县=某县的报表 --below 上交=上交/2013-10

README.md beside this file says what is believed and what is not.
"""

import argparse
import csv
import hashlib
import json
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from cells import cell_at, parse, same
from exact import formula, last_day, later, rounded

# Where manifests of what was handed up stand in the manifest.
HANDED_UP = "上交"
YES_NO = {True: "是", False: "否"}


def rows_of(ranges):
    parts = (part.partition("-") for part in filter(None, ranges.split(",")))
    return [row for a, _, b in parts for row in range(int(a), int(b or a) + 1)]


class Table:
    """Rows of a form in a period, or of a register: typed here, and laid into SQLite, which
    evaluates the expressions."""

    def __init__(self, number, table, report):
        if table.get("unlisted"):
            sys.exit(f"{table['title']} {table['period']}: {table['unlisted']} rows are not listed in"
                     " this report; make it again with a larger rows_listed in pipeline.toml")
        self.name, self.source, self.period = f"t{number}", table["source"], table["period"]
        self.is_form = not self.source.startswith(("register:", "units"))
        self.unit_column, self.valid = table.get("unit_column"), table.get("valid", {})
        self.senders = {r["unit"] for r in table["returns"]}
        self.rows = [self.row(table, at, report) for at in range(len(table["rows"]))]
        if not self.is_form and table["cells"].get("code") == list(report.units):
            # The register of units: each row is its own unit's, and who has others below counts by them.
            self.unit_column = "code"
            above = {unit.get("parent") for unit in report.units.values()}
            self.rows = [row for row in self.rows if row["code"] not in above]
        self.columns = list(dict.fromkeys(name for row in self.rows for name in row))
        names = ", ".join(f'"{name}"' for name in self.columns)
        report.db.execute(f"CREATE TABLE {self.name} ({names or '_row'})")
        insert = f"INSERT INTO {self.name} VALUES ({', '.join('?' * len(self.columns))})"
        report.db.executemany(
            insert, ([stored(row.get(name)) for name in self.columns] for row in self.rows))
        self.db, self.known = report.db, {}

    def row(self, table, at, report):
        which, line = table["rows"][at]
        source = table["returns"][which]
        row = {"_row": at}
        if not self.is_form:
            return row | {field: texts[at] for field, texts in table["cells"].items()}
        unit = report.units[source["unit"]]
        row |= {"unit": unit["code"], "period": self.period}
        row |= {f"unit_{key}": unit[key] or None for key in ("name", "kind", "group")}
        for field, texts in table["cells"].items():
            typed = table.get("typed", {}).get(field, {}).get(str(at), ...)
            letters = source["columns"].get(field)
            cell = table.get("places", {}).get(field, {}).get(str(at)) or letters and f"{letters}{line}"
            row[field] = report.value(source, cell, texts[at], table["types"][field], typed)
        all_made = table.get("made", {})
        for name in all_made:
            row[name] = report.make(all_made, name, row)
        return row

    def sent(self, units, excluded):
        """Is a return of these units (or anybody's) here, and counted?"""
        counted = self.senders - excluded
        return bool(counted if units is None else counted & units)

    def evaluate(self, text, zeros):
        """The value of an expression, row by row."""
        key = (text, tuple(zeros))
        if key not in self.known:
            text = re.sub(r"\bDATE\s+'", "'", text)
            for name in zeros:
                text = re.sub(rf"\b{name}\b", f"COALESCE({name}, 0)", text)
            found = self.db.execute(f"SELECT _row, {text} FROM {self.name}")
            self.known[key] = {row: exact(value) for row, value in found}
        return self.known[key]


def stored(value):
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value.isoformat() if isinstance(value, date) else value


def exact(value):
    """SQLite has no decimals; those of returns have fewer than nine places."""
    return Fraction(f"{value:.9f}") if isinstance(value, float) else value


class Report:
    def __init__(self, folder, returns, below):
        self.folder, self.root, self.roots = folder, returns, below
        self.db, self.counts, self.wrong = sqlite3.connect(":memory:"), Counter(), []
        self.db.execute("PRAGMA case_sensitive_like = ON")
        self.files, self.days, self.by_digest = {}, {}, {}
        self.lineage = lineage = json.loads((folder / "audit/lineage.json").read_text("utf-8"))
        self.indicators, self.traces = lineage["indicators"], lineage["figures"]
        self.units = {unit["code"]: unit for unit in lineage["units"]}
        self.under, self.row_of = self.levels()
        self.check_files(json.loads((folder / "audit/manifest.json").read_text("utf-8")))
        self.tables = [Table(at, table, self) for at, table in enumerate(lineage["tables"])]
        outs = lineage.get("left_out", [])
        self.left_out = {(o["indicator"], o["table"]): set(rows_of(o["rows"])) for o in outs}
        self.figures = {row["figure_id"]: row for row in self.csv("figures.csv")}
        self.problems = self.csv("problems.csv") if (folder / "problems.csv").exists() else []
        self.classes, self.bases, self.ids = defaultdict(dict), defaultdict(set), {}
        for id, row in self.figures.items():
            place = [row[k] for k in ("indicator", "unit_code", "dimension", "category", "class")]
            self.ids[tuple(place)] = id
            self.classes[row["indicator"]][row["class"]] = id.rsplit("@", 1)[-1]
            self.bases[row["indicator"]] |= {p["table"] for p in self.traces[id]["denominator"]}

    def csv(self, name):
        with open(self.folder / name, encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def check_files(self, manifest):
        for item in manifest["subject"]:
            self.file_of(self.folder / item["name"], item)
        sources = [item for item in manifest["predicate"]["buildDefinition"]["resolvedDependencies"]
                   if item["name"].startswith("returns/")]
        names = {unit["name"] for unit in self.units.values()}
        for item in sources:
            path = item["name"].removeprefix("returns/")
            # Names of files that were handed up begin with the unit that keeps them.
            first, _, rest = path.partition("/")
            is_below = first == HANDED_UP or first in names
            root, rest = (self.roots.get(first), rest) if is_below else (self.root, path)
            if root:
                self.files[path] = self.file_of(root / rest, item, root)
            elif is_below:
                self.counts["files of units below, not given here"] += 1
            else:
                sys.exit("give the folder of the returns: --returns DIR")

    def levels(self):
        """Of each unit those at and below it, and the unit directly below the whole that it is in."""
        under, row_of, whole = defaultdict(set), {}, self.lineage["county"]
        for code in self.units:
            at = code
            while at in self.units and code not in under[at]:
                under[at].add(code)
                row_of[code], above = at, self.units[at].get("parent") or whole
                if above == whole:
                    break
                at = above
        return under, row_of

    def file_of(self, path, item, root=None):
        """The file of that content: a printed name may hide a number of a person."""
        wanted = item["digest"]["sha256"]
        digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
        if root and not path.is_file():
            if root not in self.by_digest:
                self.by_digest[root] = {digest(p): p for p in root.rglob("*.*") if p.is_file()}
            path = self.by_digest[root].get(wanted)
        if not path or not path.is_file() or digest(path) != wanted:
            self.wrong.append(f"{item['name']}: not the content that the manifest names")
            return None
        return path

    def value(self, source, place, raw, kind, typed):
        """The typed value of a cell, read from the return itself where its format allows."""
        if place is None:
            return None
        letters, line = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()
        is_read, cell = cell_at(self.files.get(source["file"]), source["sheet"], letters, int(line))
        self.counts["cells read" if is_read else "cells of formats not read here"] += 1
        place = f"{source['file']} {source['sheet']} {letters}{line}"
        personal = raw is not None and "〔个人信息〕" in raw
        if is_read and not personal and not same(cell, raw):
            self.wrong.append(f"{place}: {cell!r}, not {raw!r}")
        cell = cell if is_read else raw
        plain = parse(cell, kind)
        if typed is ...:
            if plain is None and cell not in (None, ""):
                self.wrong.append(f"{place}: {cell!r} is no {kind}")
            return plain
        value = parse(typed, kind)
        self.counts["values taken as the program typed them"] += value != plain
        return value

    def make(self, all_made, name, row):
        made = all_made[name]
        kind, of = made["kind"], made["of"]
        value = self.make(all_made, of, row) if of in all_made else row.get(of)
        if value is None:
            return None
        if kind == "rank":
            return made["codes"].index(value) + 1 if value in made["codes"] else None
        if kind == "group":
            return made["groups"].get(value, value)
        if kind == "band":
            return next((code for start, code in made["steps"] if Fraction(start) <= value), None)
        if kind == "workday":
            return self.working_day(value)
        days = {"date": lambda: later(value, made), "day": lambda: value.toordinal() - 719163}
        return days[kind]() if kind in days else f"{value:%Y-%m}"

    def working_day(self, day):
        calendar = self.lineage.get("calendar")
        if calendar and not self.days:
            at, count = date.fromisoformat(calendar["first"]), 0
            while (text := at.isoformat()) <= calendar["last"]:
                count += calendar["exceptions"].get(text, at.weekday() < 5)
                self.days[at], at = count, at + timedelta(1)
        return self.days.get(day)

    def considered(self, table, rows, condition, zeros, slot, excluded):
        """Rows of the slot that meet a condition; those of excluded units are in none."""
        unit, dimension, category = slot
        of = (lambda row: row["unit"]) if table.is_form else lambda row: row.get(table.unit_column)
        group = lambda row: self.group_of(of(row))
        plain = lambda row: YES_NO.get(row[dimension], row[dimension])
        code = group if dimension == "unit_group" else plain
        met = table.evaluate(condition, zeros) if condition else {}
        return [
            row["_row"]
            for row in rows
            if of(row) not in excluded and (unit is None or of(row) in self.under[unit])
            and (not dimension or code(row) == category)
            and met.get(row["_row"], not condition) == 1
        ]

    def added(self, table, rows, text, zeros, counts):
        """Rows counted for which a condition is true, or a number summed; without, the rows."""
        values = table.evaluate(text, zeros) if text else dict.fromkeys(rows, 1)
        numbers = [values[row] for row in rows if values[row] is not None]
        return Fraction(sum(numbers)) if numbers or counts or not rows else None

    def sides(self, id, slot, title, excluded, period):
        """Numerator and denominator; the denominator is False where nothing is divided."""
        words, unit = self.indicators[id], slot[0]
        rule, kind, form = words["rule"], words["kind"], words["form"]
        named = (n for n, t in enumerate(self.tables) if (t.source, t.period) == (form, period))
        at = next(named, None)
        table = None if at is None else self.tables[at]
        base = rule.get("denominator", {})
        if table is None or not table.sent(self.units_of(slot), excluded):
            # Who owes a return is known without it.
            owing = "units" in base
            return None, self.elsewhere(id, base, slot, excluded, period) if owing else None
        zeros, out = rule.get("blank_is_zero", []), self.left_out.get((id, at), ())
        rows = [row for row in table.rows if row["_row"] not in out]
        rows = self.considered(table, rows, rule.get("where"), zeros, slot, excluded)
        add = lambda text, counts: self.added(table, rows, text, zeros, counts)
        text = rule.get("numerator")
        if kind in ("count", "sum"):
            return add(text, rule.get("counts")), False
        if kind in ("mean", "trimmedmean"):
            values, trim = table.evaluate(text, zeros), rule.get("trim", 0)
            kept = sorted(v for row in rows if (v := values[row]) is not None)
            kept = kept[trim : max(trim, len(kept) - trim)]
            return (Fraction(sum(kept)) if kept or not rows else None), Fraction(len(kept))
        if kind == "distribution" and rule.get("columns"):
            sums = {column["title"]: column["sum"] for column in rule["columns"]}
            return add(sums[title], False), add(base["expression"], base.get("counts"))
        if kind == "funnel":
            steps = {step["id"]: step["where"] for step in rule["steps"]}
            return add(steps[self.classes[id][title]], True), add(next(iter(steps.values())), True)
        if kind in ("distribution", "transition"):
            codes = self.codes(id, rule, table, [table.rows[row] for row in rows])
            if codes is None:
                return None, None
            start = title.split("→")[0] + "→" if kind == "transition" else ""
            if text:  # Rows stand for more than one.
                values = table.evaluate(text, zeros)
                pairs = [(c, values[row] or 0) for c, row in zip(codes, rows)]
                known = [(c, value) for c, value in pairs if c in self.classes[id]]
                return sum(v for c, v in known if c == title), sum(v for _, v in known)
            known = [c for c in codes if c in self.classes[id] and c.startswith(start)]
            return Fraction(known.count(title)), Fraction(len(known))
        if base.get("expression"):
            bottom = add(base["expression"], base.get("counts"))
        else:
            bottom = self.elsewhere(id, base, slot, excluded, period)
        return add(text, rule.get("counts") or not text), bottom

    def codes(self, id, rule, table, rows):
        """The code of each row, or then→now: of the same row, or of the same key a period ago."""
        now = [YES_NO.get(row[rule["of"]], row[rule["of"]]) for row in rows]
        if rule.get("from_field"):
            return [f"{row[rule['from_field']]}→{code}" for row, code in zip(rows, now)]
        if not (key := rule.get("key")):
            return now
        others = (self.tables[n] for n in self.bases[id])
        before = next((t for t in others if t.source == table.source and t is not table), None)
        if before is None:
            return None
        key_of = lambda row: tuple(row[name] for name in key)
        then = {key_of(row): row[rule["of"]] for row in before.rows}
        return [f"{then.get(key_of(row))}→{code}" for row, code in zip(rows, now)]

    def units_of(self, slot):
        """The units that a figure is about; None for all."""
        unit, dimension, category = slot
        if dimension == "unit_group":
            return {code for code in self.units if self.group_of(code) == category}
        return None if unit is None else self.under[unit]

    def group_of(self, code):
        """Groups are of the rows of the report: of counties, where committees are below them."""
        return self.units.get(self.row_of.get(code), {}).get("group")

    def elsewhere(self, id, base, slot, excluded, period):
        """A denominator from another form, a register, or the units that owe the form."""
        unit, dimension, _ = slot
        if base.get("units"):
            own = self.traces[self.ids[id, unit or self.lineage["county"], "", "", ""]]
            rows = [row for part in own["denominator"] for row in rows_of(part["rows"])]
            units = {list(self.units)[row] for row in rows} - excluded
            return Fraction(len(units & (self.units_of(slot) or units)))
        source = base.get("form") or f"register:{base['register']}"
        tables = (self.tables[n] for n in self.bases[id] if self.tables[n].source == source)
        table = next(tables, None)
        if table is None or dimension not in (None, "unit_group", *table.columns):
            return None
        rows, text, day = table.rows, base.get("sum"), last_day(period)
        if table.is_form and not table.sent(self.units_of(slot), excluded):
            return None
        if not table.is_form:
            if not table.unit_column and (self.units_of(slot) is not None or excluded):
                return None
            ends = lambda row: table.valid.get(str(row["_row"]), (None, None))
            fits = lambda a, b: (a or "") <= day.isoformat() <= (b or "9999")
            rows = [row for row in rows if day is None or fits(*ends(row))]
        if sums := base.get("sum_to_date"):
            passed = day.month // (12 // len(sums))
            text = " + ".join(f"({part})" for part in sums[:passed])
        zeros = base.get("blank_is_zero", [])
        rows = self.considered(table, rows, base.get("where"), zeros, slot, excluded)
        return self.added(table, rows, text, zeros, not text)

    def quotient(self, id, slot, title, excluded, period):
        """(numerator, denominator, exact value)"""
        rule = self.indicators[id]["rule"]
        scale = Fraction(rule["scale"], rule.get("print_divisor", 1))
        top, base = self.sides(id, slot, title, excluded, period)
        if top is None or base is False or title and scale == 1:
            return top, base or None if base is False else base, top if top is None else top * scale
        return top, base, top * scale / base if base else None

    def exact(self, id, row, excluded=None):
        """The exact value of an indicator where a figure stands; `excluded`: other units' too."""
        place = [row[key] for key in ("unit_code", "dimension", "category", "class")]
        own = self.ids.get((id, *place))
        if own is None:
            return None
        absent = frozenset(a["code"] for a in self.traces[own]["absent"])
        excluded = absent if excluded is None else excluded
        rule, slot, title = self.place(id, row)
        if self.indicators[id]["kind"] == "derived":
            together = excluded if slot[0] is None else None
            value = formula(rule["formula"], lambda name: self.exact(name, row, together))
            scale = Fraction(rule["scale"], rule.get("print_divisor", 1))
            return None if value is None else value * scale
        return self.quotient(id, slot, title, excluded, self.traces[own]["period"])[2]

    def place(self, id, row):
        unit = None if row["unit_code"] == self.lineage["county"] else row["unit_code"]
        slot = (unit, row["dimension"] or None, row["category"] or None)
        return self.indicators[id]["rule"], slot, row["class"]

    def check(self, id, row):
        """What is recomputed of a figure against what is printed; None where they agree."""
        indicator = row["indicator"]
        kind, (rule, slot, title) = self.indicators[indicator]["kind"], self.place(indicator, row)
        top = base = None
        if kind == "problems":
            listed = [p for p in self.problems if slot[0] in (None, p["unit_code"])]
            rule_id = id.rsplit("@", 1)[-1] if slot[1] else None
            fits = lambda p: (not title or p["disease"] == title) and (
                not rule_id or p["problem_id"].split("@")[0] == rule_id)
            top, base = Fraction(sum(map(fits, listed))), Fraction(len(listed)) if title else None
            value = top if base is None else top * rule["scale"] / base if base else None
        elif kind == "composite":
            value = self.score(rule, row, title)
        elif kind == "derived":
            value = self.exact(indicator, row)
        else:
            absent = frozenset(a["code"] for a in self.traces[id]["absent"])
            period = self.traces[id]["period"]
            top, base, value = self.quotient(indicator, slot, title, absent, period)
        found = [top, base, None if value is None else rounded(value, rule["decimals"])]
        printed = [row[key] for key in ("numerator", "denominator", "value")]
        wanted = [Fraction(text) if text else None for text in printed]
        return None if found == wanted else f"{id}: {[*map(str, found)]} instead of {printed}"

    def score(self, rule, row, title):
        """Points of a part, or of all parts that the unit has."""
        prefix = f"{row['indicator']}@{row['unit_code']}"
        parts = [p for p in rule["parts"] if f"{prefix}@{p['id']}" in self.figures]
        wanted = [p for p in parts if not title or row["figure_id"].endswith(f"@{p['id']}")]
        points = []
        for part in wanted:
            value = self.exact(part["indicator"], row | {"class": ""})
            share = None if value is None else value / Fraction(part["full"])
            share = 1 - share if share is not None and part["less_is_better"] else share
            points.append(None if share is None else min(max(share, 0), 1) * part["weight"])
        if not points or None in points:
            return None
        return sum(points) if title else sum(points) * 100 / sum(p["weight"] for p in parts)


def main():
    parser = argparse.ArgumentParser(description="Recomputes a report's figures.")
    parser.add_argument("report", type=Path)
    parser.add_argument("--returns", type=Path, help="the returns of the one who reports")
    parser.add_argument("--below", action="append", default=[], metavar="UNIT=RETURNS",
                        help="the returns of a unit that handed up, by its name in the report; "
                             f"{HANDED_UP}=FOLDER: what was handed up for the period")
    options = parser.parse_args()
    below = {name: Path(path) for name, _, path in (given.partition("=") for given in options.below)}
    report = Report(options.report, options.returns, below)
    done, all_of = Counter(), Counter()
    for id, row in report.figures.items():
        kind = report.indicators[row["indicator"]]["kind"]
        try:
            problem = report.check(id, row)
        except sqlite3.OperationalError as error:
            problem = f"{id}: {error}"
        all_of[kind] += 1
        done[kind] += problem is None
        report.wrong += [problem] if problem else []
    print(*report.wrong[:50], *(f"{n:8} {what}" for what, n in report.counts.items()), sep="\n")
    print(*(f"{done[kind]:8} of {n:5} {kind}" for kind, n in sorted(all_of.items())), sep="\n")
    print(f"{done.total()} of {all_of.total()} figures recomputed, {len(report.wrong)} differences")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
