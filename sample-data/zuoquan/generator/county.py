"""The county's registers and calendar, read from the pipeline."""

import csv
import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PIPELINE = ROOT / "pipelines" / "zuoquan"
SAMPLE = ROOT / "sample-data" / "zuoquan"

FOLDERS = ["2012-12"] + [f"2013-{month:02d}" for month in range(1, 11)]


def _read(name):
    with open(PIPELINE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


UNITS = [row for row in _read("registers/unit.csv") if row["kind"] != "office"]
UNIT_NAMES = {row["code"]: row["name"] for row in UNITS}
CODE_OF = {row["name"]: row["code"] for row in UNITS}
VILLAGES = _read("registers/village.csv")
_EXCEPTIONS = {row["date"]: row["kind"] == "work" for row in _read("holidays.csv")}

TOWNSHIPS = [row["code"] for row in UNITS if row["kind"] == "township"]


def is_working_day(day):
    return _EXCEPTIONS.get(day.isoformat(), day.weekday() < 5)


def add_working_days(day, count):
    while count > 0:
        day += datetime.timedelta(1)
        if is_working_day(day):
            count -= 1
    return day


def month_start(folder):
    year, month = map(int, folder.split("-"))
    return datetime.date(year, month, 1)


def month_end(folder):
    year, month = map(int, folder.split("-"))
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(1)


def working_days_of(folder):
    day, last, days = month_start(folder), month_end(folder), []
    while day <= last:
        if is_working_day(day):
            days.append(day)
        day += datetime.timedelta(1)
    return days
