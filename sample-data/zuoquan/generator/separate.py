"""Returns that clerks send as workbooks of their own, beside the monthly one."""

import datetime
from fractions import Fraction

import layout
from chance import Stream
from county import month_end
from returns import CLERKS, LATE, MEASURES, TITLES

# The office's own clerk; it is no committee and sends no other return.
OFFICE = "县委组织部"
OFFICE_CLERK = {"unit": "中共左权县委组织部", "seal": "(盖章)", "date": "cell", "signed": ("负责人401", "审核人401", "填表人401", "0000-0000000")}
# Habits that concern the form of the file or other forms' columns.
NOT_HERE = ("format", "formulas", "csv", "separate", "order", "names", "title")


def clerk_of(unit):
    habits = OFFICE_CLERK if unit == OFFICE else CLERKS[unit]
    return {key: value for key, value in habits.items() if key not in NOT_HERE}


def rounded(value, places=2):
    """A fraction to two places, half away from zero, as a fraction."""
    scale = 10**places
    sign = -1 if value < 0 else 1
    scaled = abs(value) * scale
    return sign * Fraction((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator), scale)


def came_on(unit, folder):
    """The day on which a unit's separate workbooks arrive: with the monthly one."""
    days = LATE.get((folder, unit)) or 3 + Stream("filed", folder, unit).whole(0, 6)
    return month_end(folder) + datetime.timedelta(days)


def sheet_of(form, unit, folder, period_text, rows, habits=(), typing=60):
    """A sheet in this clerk's hand. `typing`: how much of a habit's permille shows here."""
    clerk = {**clerk_of(unit), **dict(habits)}
    typed = {}
    for index, row in enumerate(rows):
        for field, value in row.items():
            if isinstance(value, Fraction):
                typed[form, index, field] = float(value) if value.denominator != 1 else int(value)
            if isinstance(value, bool) or not isinstance(value, int) or field not in MEASURES[form]:
                continue
            s, measure = Stream("typed", unit, folder, form, index, field), MEASURES[form][field]
            if clerk.get("wide") and s.happens(clerk["wide"] * typing // 100):
                typed[form, index, field] = str(value).translate(layout.WIDE)
            elif clerk.get("suffix") and measure and s.happens(clerk["suffix"] * typing // 100):
                typed[form, index, field] = f"{value}{measure}"
            elif clerk.get("text") and s.happens(clerk["text"] * typing // 100):
                typed[form, index, field] = f"{value} "
    clerk["typed"] = typed
    filed = came_on(unit, folder)
    if (folder, unit) not in LATE:
        filed -= datetime.timedelta(1)
    return layout.Sheet(form, TITLES[form], clerk.get("unit", unit), period_text, filed, rows, clerk)


def month_text(folder, unit):
    """A month as this clerk writes it after 报告期."""
    year, month = map(int, folder.split("-"))
    if clerk_of(unit).get("period") == "chinese":
        numerals = "〇一二三四五六七八九十"
        numeral = numerals[month] if month <= 10 else "十" + numerals[month - 10]
        return "二〇一" + numerals[year - 2010] + "年" + numeral + "月"
    return f"{year}年{month}月"


def post(month, unit, what, when, name, sheet):
    """Puts the workbook `<unit>_<what>_<when>.xlsx` into the folder."""
    file = f"{unit}_{what}_{when}.xlsx"
    month.files[file] = layout.book([(name, sheet)])
    month.received.append((file, came_on(unit, month.folder)))
    # For the faulty versions of the same sheet.
    month.__dict__.setdefault("separate", {})[unit, sheet.form] = (file, name, sheet)
    return file


def explain(month, code, unit, form, cell, text):
    month.explanations.append((code, unit, layout.BLANKS[form][0], cell, text))
