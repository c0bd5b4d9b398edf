"""Faulty Octobers of F13, F15 and F16S. F14 and F16C are not handed in in October."""

import copy
from fractions import Fraction

import campaigns
import layout
from flawed import cells, fault


class Book:
    """A copy of one unit's workbook of October."""

    def __init__(self, f, unit):
        self.f, self.unit = f, unit
        self.file, sheets = f.month.campaigns[unit]
        self.sheets = copy.deepcopy(sheets)

    def sheet(self, form):
        return next(sheet for _, sheet in self.sheets if sheet.form == form)

    def save(self):
        self.f.files[self.file] = layout.book(self.sheets)

    def expect(self, level, code, form, cell, outcome="fail"):
        self.f.expect(level, code, self.unit, form, self.file, campaigns.SHEETS[form], cell, outcome)


def book(f, unit, form):
    it = Book(f, unit)
    return it, it.sheet(form)


@fault
def accepted_below_the_mark(f):
    """羊角乡 calls a village accepted: 65 points, still 较差; and solves more than it found."""
    it, sheet = book(f, "羊角乡", "lagging_village")
    sheet.rows[0].update(score_city=Fraction(65), verdict="合格", grade_after="较差")
    sheet.rows[1]["n_solved"] = sheet.rows[1]["n_problems"] + 1
    # As it should be: nothing to say.
    sheet.rows[2].update(score_city=Fraction(86), verdict="合格", grade_after="一般")
    it.save()
    form = "lagging_village"
    it.expect("error", "F13-01", form, cells(sheet, 1, "n_solved", "n_problems"))
    it.expect("error", "F13-02a", form, cells(sheet, 0, "verdict", "score_city", "v_ok", "v_all"))
    it.expect("error", "F13-04b", form, cells(sheet, 0, "verdict", "grade_after"))
    # Its list is sent back: whether a village on it is called calm cannot be said.
    it.expect("query", "F16S-02", "term_survey", "", "not-evaluated")


@fault
def first_check_below_the_mark(f):
    """芹泉镇: passed with 60 points; a grade before the city's acceptance."""
    it, sheet = book(f, "芹泉镇", "lagging_village")
    sheet.rows[0]["score_county"] = Fraction(60)
    sheet.rows[1]["grade_after"] = "一般"
    it.save()
    form = "lagging_village"
    it.expect("error", "F13-02b", form, cells(sheet, 0, "county_verdict", "score_county", "v_ok", "v_all"))
    it.expect("error", "F13-04c", form, cells(sheet, 1, "verdict", "score_city", "grade_after"))
    it.expect("query", "F16S-02", "term_survey", "", "not-evaluated")


@fault
def village_struck_off(f):
    """拐儿镇 leaves out its only village, still 较差 and not accepted."""
    it, sheet = book(f, "拐儿镇", "lagging_village")
    sheet.rows.clear()
    it.save()
    it.expect("error", "F13-03a", "lagging_village", "")
    it.expect("error", "F13-04a", "lagging_village", "")


@fault
def winds_differ_from_total(f):
    """麻田镇: one problem more than the total says, and one mended more."""
    it, sheet = book(f, "麻田镇", "mass_line")
    sheet.rows[1]["found"] += 1
    sheet.rows[2]["fixed"] += 1
    it.save()
    form = "mass_line"
    it.expect("error", "F15-01b", form, cells(sheet, 0, "found_total", "found"))
    it.expect("error", "F15-01c", form, cells(sheet, 0, "fixed_total", "fixed"))


@fault
def mended_above_found(f):
    """城区: more problems mended than found."""
    it, sheet = book(f, "城区", "mass_line")
    more = sheet.rows[2]["found"] + 1 - sheet.rows[2]["fixed"]
    sheet.rows[2]["fixed"] += more
    sheet.rows[0]["fixed_total"] += more
    it.save()
    it.expect("error", "F15-01a", "mass_line", cells(sheet, 2, "wind", "found", "fixed"))


@fault
def three_winds(f):
    """宣教系统 leaves one wind out; its numbers stand with another."""
    it, sheet = book(f, "宣教系统", "mass_line")
    gone = sheet.rows.pop()
    for field in ("found", "fixed"):
        sheet.rows[1][field] += gone[field]
    it.save()
    it.expect("error", "G-16", "mass_line", "")


@fault
def preparation_on_every_row(f):
    """政法系统 repeats its preparation on the second line."""
    it, sheet = book(f, "政法系统", "mass_line")
    for field in ("group_set", "team", "plan_done", "study_sessions", "study_people", "columns"):
        sheet.rows[1][field] = sheet.rows[0][field]
    it.save()
    it.expect("error", "F15-01e", "mass_line", cells(sheet, 1, "wind", "group_set", "plan_done", "team", "study_sessions", "columns", "found_total", "fixed_total"))


@fault
def problems_forgotten(f):
    """粟城乡 reports no problem at all, though it had found some in September."""
    it, sheet = book(f, "粟城乡", "mass_line")
    for row in sheet.rows:
        row.update(found=0, fixed=0, due_on=None)
    sheet.rows[0].update(found_total=0, fixed_total=0)
    it.save()
    form = "mass_line"
    it.expect("query", "F15-02", form, "")
    before = campaigns.mass_rows("140722203", "2013-09")
    for row, record in enumerate(before):
        if record["found"]:
            it.expect("error", "F15-03a", form, cells(sheet, row, "wind", "found"))
        if record["fixed"]:
            it.expect("error", "F15-03b", form, cells(sheet, row, "wind", "fixed"))


@fault
def survey_out_of_balance(f):
    """寒王乡: more posts held in both bodies than there are, more disputes settled than found."""
    it, sheet = book(f, "寒王乡", "term_survey")
    sheet.rows[0]["cross"] = sheet.rows[0]["posts"] + 1
    sheet.rows[1]["disputes_solved"] = sheet.rows[1]["disputes_found"] + 1
    it.save()
    form = "term_survey"
    it.expect("error", "F16S-01a", form, cells(sheet, 0, "cross", "posts"))
    it.expect("error", "F16S-01b", form, cells(sheet, 1, "disputes_found", "disputes_solved"))


@fault
def members_unlike_register(f):
    """石匣乡: one village with a member more than its branch has in the register."""
    it, sheet = book(f, "石匣乡", "term_survey")
    sheet.rows[4]["members"] += 1
    it.save()
    it.expect("error", "F16S-03", "term_survey", cells(sheet, 4, "members"))
