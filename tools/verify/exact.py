"""Exact arithmetic and the calendar."""

import re
from datetime import date, timedelta
from fractions import Fraction


def last_day(period):
    """The last day of a period; None for a campaign whose name is no date."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", period):
        return date.fromisoformat(period)
    found = re.fullmatch(r"(\d{4})(?:([-QH])(\d+))?", period)
    if not found:
        return None
    month = int(found[3] or 1) * {None: 12, "-": 1, "Q": 3, "H": 6}[found[2]]
    return date(int(found[1]) + month // 12, month % 12 + 1, 1) - timedelta(1)


def later(day, made):
    """Later by years, months, days; 29 February becomes 28 February."""
    months = 12 * (day.year + made["years"]) + day.month - 1 + made["months"]
    end = last_day(f"{months // 12:04}-{months % 12 + 1}")
    return end.replace(day=min(day.day, end.day)) + timedelta(made["days"])


def rounded(value, places):
    """Half away from zero, once."""
    doubled = 2 * abs(value) * 10**places
    whole = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**places)


def formula(text, value_of):
    """Exact arithmetic over `value_of("id")`; None where an operand is missing."""
    tokens = re.findall(r'value_of\("\w+"\)|\d+(?:\.\d+)?|[-+*/()]', text) + [""]

    def factor():
        token = tokens.pop(0)
        if token == "-":
            return (value := factor()) and -value
        if token == "(":
            value = chain("+-", lambda: chain("*/", factor))
            tokens.pop(0)
            return value
        return value_of(token[10:-2]) if token.startswith("value_of") else Fraction(token)

    def chain(signs, part):
        left = part()
        while tokens[0] and tokens[0] in signs:
            sign, right = tokens.pop(0), part()
            if left is None or right is None or sign == "/" and not right:
                left = None
            else:
                left = {"+": left + right, "-": left - right, "*": left * right}.get(sign, left)
                left = left / right if sign == "/" else left
        return left

    return chain("+-", lambda: chain("*/", factor))
