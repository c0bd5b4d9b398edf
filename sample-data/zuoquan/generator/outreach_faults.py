"""Faulty versions of October's sites and articles, as in flawed.py."""

import copy

import layout
from flawed import cells, fault

SHEETS = {"edu_site": "远程教育", "news_submit": "信息报送"}


def _copies(f, unit):
    return {form: copy.deepcopy(f.month.outreach[unit, form]) for form in SHEETS}


def _save(f, unit, sheets):
    name = f"{unit}_远程教育和信息报送_2013年10月.xlsx"
    f.files[name] = layout.book([(SHEETS[form], sheet) for form, sheet in sheets.items()])
    return name


def _expect(f, level, code, unit, form, name, cell):
    f.expect(level, code, unit, form, name, SHEETS[form], cell)


@fault
def hours_to_date_wrong(f):
    """Ten hours too many in the year to date."""
    unit, form = "麻田镇", "edu_site"
    sheets = _copies(f, unit)
    sheets[form].rows[1]["hours_ytd"] += 10
    name = _save(f, unit, sheets)
    _expect(f, "error", "F10-01b", unit, form, name, cells(sheets[form], 1, "hours_ytd", "hours"))


@fault
def site_without_kind(f):
    unit, form = "寒王乡", "edu_site"
    sheets = _copies(f, unit)
    sheets[form].rows[1]["site_kind"] = None
    name = _save(f, unit, sheets)
    _expect(f, "error", "F10-01a", unit, form, name, cells(sheets[form], 1, "site_kind"))


@fault
def played_to_nobody(f):
    """A query: the return stays in force, its figures are provisional."""
    unit, form = "粟城乡", "edu_site"
    sheets = _copies(f, unit)
    sheets[form].rows[1].update(learners=0, active=False)
    name = _save(f, unit, sheets)
    _expect(f, "query", "F10-02a", unit, form, name, cells(sheets[form], 1, "sessions", "learners"))


@fault
def more_hours_than_the_month(f):
    """Hours added up over the learners: 750 in a month of 744."""
    unit, form = "拐儿镇", "edu_site"
    sheets = _copies(f, unit)
    row = sheets[form].rows[1]
    row["hours_ytd"] += 750 - row["hours"]
    row["hours"] = 750
    name = _save(f, unit, sheets)
    _expect(f, "query", "F10-02b", unit, form, name, cells(sheets[form], 1, "hours"))


@fault
def enterprise_site_elsewhere(f):
    """A site names an enterprise of another town, and leaves out the one that has a site."""
    unit, form = "辽阳镇", "edu_site"
    sheets = _copies(f, unit)
    row = next(i for i, r in enumerate(sheets[form].rows) if r["site_kind"] == "两新(非公)")
    sheets[form].rows[row]["org_code"] = "ZQ000010-0"
    name = _save(f, unit, sheets)
    _expect(f, "error", "F10-03a", unit, form, name, cells(sheets[form], row, "site_kind", "org_code"))
    _expect(f, "error", "F10-03b", unit, form, name, "")


@fault
def points_wrong(f):
    """One point too many, and carried into the year to date."""
    unit, form = "桐峪镇", "news_submit"
    sheets = _copies(f, unit)
    sheets[form].rows[0]["points"] += 1
    sheets[form].rows[0]["points_ytd"] += 1
    name = _save(f, unit, sheets)
    _expect(f, "error", "F18-01b", unit, form, name, cells(sheets[form], 0, "points", "submitted", "used_web", "used_sms", "used_city", "used_prov"))


@fault
def points_to_date_wrong(f):
    unit, form = "城区", "news_submit"
    sheets = _copies(f, unit)
    sheets[form].rows[0]["points_ytd"] -= 2
    name = _save(f, unit, sheets)
    _expect(f, "error", "F18-02a", unit, form, name, cells(sheets[form], 0, "points_ytd", "points"))


@fault
def used_above_submitted(f):
    """More used by the website than sent in; the points follow."""
    unit, form = "经贸系统", "news_submit"
    sheets = _copies(f, unit)
    row = sheets[form].rows[0]
    more = row["submitted"] + 1 - row["used_web"]
    row["used_web"] += more
    row["points"] += more
    row["points_ytd"] += more
    name = _save(f, unit, sheets)
    _expect(f, "error", "F18-01a", unit, form, name, cells(sheets[form], 0, "used_web", "submitted"))
    _expect(f, "error", "F18-01c", unit, form, name, cells(sheets[form], 0, "used_distinct", "used_web", "used_sms", "used_city", "used_prov"))
