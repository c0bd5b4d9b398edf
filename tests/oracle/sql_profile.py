#!/usr/bin/env python3
"""Random queries of the SQL profile with the answers of SQLite, an engine of its own.

    python3 tests/oracle/sql_profile.py [seed] [queries]

rewrites tests/fixtures/sql/{data,queries,expected}.txt; the test `sql::sqlite_agrees` compares.
Only integers, texts and truth values: SQLite has no exact decimals.
"""

import random
import sqlite3
import sys
from pathlib import Path

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 20131025
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 500
FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "sql"
# Longer answers prove nothing more and only fill the repository.
LONGEST_ANSWER = 400

rng = random.Random(SEED)
pick = rng.choice
chance = rng.random


def table(rows):
    return [
        (
            key,
            pick(["a", "b", "c", "d", None]),
            pick(["好", "较好", "一般", None]),
            pick([None, *range(-3, 9)]),
            pick([None, *range(0, 6)]),
            pick([None, 0, 1]),
        )
        for key in range(rows)
    ]


TABLES = {"t": table(40), "u": table(25)}


def number(of, depth):
    x = chance()
    if depth <= 0 or x < 0.35:
        return pick([f"{of}a", f"{of}b", f"{of}k", str(rng.randint(-3, 9))])
    if x < 0.60:
        return f"({number(of, depth - 1)} {pick('+-*')} {number(of, depth - 1)})"
    if x < 0.70:
        return f"COALESCE({of}a, {number(of, depth - 1)})"
    if x < 0.80:
        return f"NULLIF({number(of, depth - 1)}, {rng.randint(0, 4)})"
    if x < 0.85:
        return f"ABS({number(of, depth - 1)})"
    if x < 0.90:
        return f"(- {of}b)"
    if x < 0.93:
        return f"CHAR_LENGTH({of}s)"
    end = pick(["END", f"ELSE {number(of, depth - 1)} END"])
    branches = "".join(
        f"WHEN {condition(of, depth - 1)} THEN {number(of, depth - 1)} " for _ in range(2)
    )
    return f"CASE {branches}{end}"


def text(of):
    case = f"CASE {of}g WHEN 'a' THEN '甲' WHEN 'b' THEN {of}s END"
    return pick([f"{of}g", f"{of}s", f"COALESCE({of}s,'无')", case])


def condition(of, depth):
    x = chance()
    no = pick(["", "NOT "])
    if depth <= 0 or x < 0.30:
        operator = pick(["=", "<>", "<", "<=", ">", ">="])
        return f"{number(of, depth - 1)} {operator} {number(of, depth - 1)}"
    if x < 0.40:
        return f"{text(of)} {pick(['=', '<>', '<', '>='])} {text(of)}"
    if x < 0.50:
        return f"({condition(of, depth - 1)} {pick(['AND', 'OR'])} {condition(of, depth - 1)})"
    if x < 0.58:
        return f"NOT ({condition(of, depth - 1)})"
    if x < 0.66:
        return f"{text(of)} {no}IN ('a','好','c','甲')"
    if x < 0.72:
        return f"{number(of, depth - 1)} {no}IN (1,2,{of}b)"
    if x < 0.80:
        return f"{number(of, depth - 1)} {no}BETWEEN 0 AND {number(of, depth - 1)}"
    if x < 0.90:
        return f"{pick([of + 'a', of + 'g', text(of)])} IS {no}NULL"
    if x < 0.95:
        return f"{of}f"
    return f"{of}s {no}LIKE '{pick(['较%', '%好', '%般%', '好'])}'"


def aggregate(of):
    return pick(
        [
            "COUNT(*)",
            f"COUNT({number(of, 1)})",
            f"COUNT(DISTINCT {of}a)",
            f"COUNT(DISTINCT {of}s)",
            f"SUM({number(of, 1)})",
            f"MIN({number(of, 1)})",
            f"MAX({of}s)",
            f"MIN({of}g)",
            f"SUM(CASE WHEN {condition(of, 1)} THEN 1 ELSE 0 END)",
        ]
    )


def from_clause():
    if chance() < 0.4:
        return pick("tu") + " x", ["x."]
    on = pick(["x.k = y.k", "x.g = y.g AND x.a = y.a", "y.b = x.a", "x.s = y.s AND y.b = x.b"])
    right = pick(["t", "u", f"(SELECT k, g, s, a, b, f FROM u WHERE {condition('', 1)})"])
    clause = f"{pick('tu')} x {pick(['JOIN', 'LEFT JOIN'])} {right} y ON {on}"
    if chance() < 0.75:
        return clause, ["x.", "y."]
    third = f"{pick(['JOIN', 'LEFT JOIN'])} u z ON z.k = {pick('xy')}.b"
    return f"{clause} {third}", ["x.", "y.", "z."]


def select():
    clause, all_of = from_clause()
    of, other = pick(all_of), pick(all_of)
    tests = []
    if chance() < 0.6:
        tests.append(f"({condition(pick(all_of), 2)})")
    if chance() < 0.2:
        tests.append(f"x.a IN (SELECT b FROM {pick('tu')} WHERE {condition('', 1)})")
    rest = clause + (" WHERE " + " AND ".join(tests) if tests else "")
    x = chance()
    if x < 0.35:
        distinct = pick(["", "DISTINCT "])
        return f"SELECT {distinct}{number(of, 2)} AS n, {text(other)} AS t FROM {rest}"
    if x < 0.70:
        key = pick([f"{of}g", f"{of}s"])
        if chance() < 0.3:
            grouped = f"SELECT {aggregate(of)} AS n, {key} AS t, COUNT({of}a) AS c FROM {rest} GROUP BY {key}"
            return f"SELECT h.n, h.t FROM ({grouped}) h WHERE h.c > {rng.randint(0, 3)}"
        return f"SELECT {aggregate(of)} AS n, {key} AS t FROM {rest} GROUP BY {key}"
    return f"SELECT {aggregate(of)} AS n, {aggregate(other)} AS t FROM {rest}"


def query():
    inner = select()
    x = chance()
    if x < 0.15:
        counts = "d AS (SELECT n, COUNT(*) AS m FROM c GROUP BY n)"
        outer = "SELECT c.n, d.m FROM c LEFT JOIN d ON c.n = d.n"
        return f"WITH c AS ({inner}), {counts} {outer}"
    if x < 0.25:
        both = "SELECT n, 'c' AS part FROM c UNION ALL SELECT MAX(n) AS k, 'all' AS p FROM c"
        return f"WITH c AS ({inner}) {both}"
    return inner


def answer(database, sql):
    # SQLite's LENGTH counts characters, as CHAR_LENGTH does elsewhere.
    rows = database.execute(sql.replace("CHAR_LENGTH", "LENGTH")).fetchall()
    rows.sort(key=lambda row: [(v is None, 0 if v is None else v) for v in row])
    return ";".join("|".join("" if v is None else str(v) for v in row) for row in rows)


def main():
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA case_sensitive_like = ON")
    lines = []
    for name, rows in TABLES.items():
        database.execute(f"CREATE TABLE {name} (k INT, g TEXT, s TEXT, a INT, b INT, f INT)")
        database.executemany(f"INSERT INTO {name} VALUES (?,?,?,?,?,?)", rows)
        for row in rows:
            lines.append("\t".join([name, *("-" if v is None else str(v) for v in row)]))
    queries, answers = [], []
    while len(queries) < COUNT:
        sql = query()
        found = answer(database, sql)
        if len(found) <= LONGEST_ANSWER:
            queries.append(sql)
            answers.append(found)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in (("data", lines), ("queries", queries), ("expected", answers)):
        (FOLDER / f"{name}.txt").write_text("\n".join(content) + "\n", encoding="utf-8")


main()
