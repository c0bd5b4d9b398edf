"""Faulty versions of October's inspection tour (F17) and service rooms (F08)."""

import copy
from fractions import Fraction

import layout
import spots
from flawed import cells
from separate import OFFICE

TOUR, ROOMS = spots.FORM, "service_room"
FAULTS = {}


def fault(function):
    FAULTS[function.__name__.replace("_", "-")] = function
    return function


class Copy:
    """A copy of a unit's sheet, to spoil and to put back."""

    def __init__(self, f, unit, form):
        self.f, self.unit, self.form = f, unit, form
        self.file, self.name, sheet = f.month.separate[unit, form]
        self.sheet = copy.deepcopy(sheet)
        self.rows = self.sheet.rows

    def change(self, row, **values):
        """Other values in a row, typed plainly."""
        self.rows[row].update(values)
        for field, value in values.items():
            self.sheet.clerk["typed"].pop((self.form, row, field), None)
            if isinstance(value, Fraction):
                self.sheet.clerk["typed"][self.form, row, field] = float(value)

    def save(self):
        self.f.files[self.file] = layout.book([(self.name, self.sheet)])

    def at(self, level, code, cell=""):
        self.f.expect(level, code, self.unit, self.form, self.file, self.name, cell)


def tour(f):
    return Copy(f, OFFICE, TOUR)


def models_wait(f):
    """The tour's return is sent back, so the model branches cannot be held against it."""
    f.expect("query", "F00M-03", "", "model_branch", outcome="not-evaluated")


def of_spot(c, spot):
    return [index for index, row in enumerate(c.rows) if row["spot"] == spot]


# ---- F17 ----

@fault
def spot_items_differ(f):
    """Half a point more in one item than in the total."""
    c = tour(f)
    c.change(7, s4=c.rows[7]["s4"] - Fraction(1, 2))
    c.save()
    c.at("error", "F17-01a", cells(c.sheet, 7, "score", "s1", "s2", "s3", "s4"))
    models_wait(f)


@fault
def spot_item_above_full_mark(f):
    c = tour(f)
    row = c.rows[2]
    c.change(2, s1=Fraction(41, 2), s2=row["s2"] + row["s1"] - Fraction(41, 2))
    c.save()
    c.at("error", "F17-01b", cells(c.sheet, 2, "s1", "s2", "s3", "s4"))
    models_wait(f)


@fault
def spot_without_a_vote(f):
    """One rater's row of one spot was lost; its mean no longer follows from the ballots."""
    c = tour(f)
    lost = of_spot(c, "小平岩村")[3]
    spot_rows = of_spot(c, "小平岩村")
    totals = sorted(c.rows[i]["score"] for i in spot_rows if i != lost)
    assert spots.rounded(sum(totals[1:-1]) / 2) != c.rows[lost]["trim_mean"]
    del c.rows[lost]
    old = c.sheet.clerk["typed"]
    c.sheet.clerk["typed"] = {(form, row - (row > lost), field): value for (form, row, field), value in old.items() if row != lost}
    c.save()
    c.at("error", "G-16")
    models_wait(f)
    for row, record in enumerate(c.rows):
        if record["rater_committee"] == record["committee_code"]:
            c.at("query", "F17-02b", cells(c.sheet, row, "rater", "rater_committee", "committee_code", "score"))
            # The rows moved up, so the written explanations point to other cells.
            f.expect("hint", "R-03", OFFICE, TOUR, "审核说明.csv")
    # So did the line of words below the table, which is kept with its cell.
    c.at("hint", "C-45", "A92")


@fault
def spot_mean_differs(f):
    """The last spot's mean is one hundredth too low in all its rows."""
    c = tour(f)
    for row in of_spot(c, "样例煤化062有限公司"):
        c.change(row, trim_mean=c.rows[row]["trim_mean"] - Fraction(1, 100))
        c.at("error", "F17-01d", cells(c.sheet, row, "trim_mean"))
    c.save()


@fault
def tie_without_shared_place(f):
    """Two spots with the same mean stand one after the other."""
    c = tour(f)
    for row in of_spot(c, "麻田镇阳光便民大厅"):
        c.change(row, rank=c.rows[row]["rank"] + 1)
        c.at("error", "F17-01e", cells(c.sheet, row, "rank", "trim_mean"))
    c.save()


@fault
def spot_rows_disagree(f):
    """New in four rows, old in one."""
    c = tour(f)
    rows = of_spot(c, "殷家庄村")
    c.change(rows[2], novelty="老典型")
    c.save()
    c.at("error", "F17-01f", cells(c.sheet, rows[0], "spot", "committee_code", "domain", "novelty", "distance", "visited_on", "visit_no", "committee_place", "trim_mean", "rank"))


@fault
def committee_places_swapped(f):
    c = tour(f)
    for spot, place in [("国税局党支部", 2), ("县自来水公司党支部", 1)]:
        for row in of_spot(c, spot):
            assert c.rows[row]["committee_place"] != place
            c.change(row, committee_place=place)
    c.save()
    c.at("error", "F17-01g")


@fault
def rater_gives_one_score(f):
    """The third rater gave every spot the same marks."""
    c = tour(f)
    same = {"s1": Fraction(18), "s2": Fraction(27), "s3": Fraction(27), "s4": Fraction(18)}
    for row, record in enumerate(spots.rows(lambda spot, level, rater: dict(same) if rater == "03" else spots.ballots(spot, level, rater))):
        c.change(row, **record)
    c.save()
    first = next(i for i, row in enumerate(c.rows) if row["rater"] == "03")
    c.at("query", "F17-02a", cells(c.sheet, first, "rater", "score"))


@fault
def unknown_spot(f):
    """A spot that the office did not list: one character more."""
    c = tour(f)
    for row in of_spot(c, "东沟村"):
        c.change(row, spot="东沟新村")
    c.save()
    for row in of_spot(c, "东沟新村"):
        c.at("error", "D-09", cells(c.sheet, row, "spot"))
    models_wait(f)


# ---- F08 ----

@fault
def room_balance_broken(f):
    c = Copy(f, "辽阳镇", ROOMS)
    c.change(1, open_end=c.rows[1]["open_end"] + 1)
    c.save()
    c.at("error", "F08-01", cells(c.sheet, 1, "open_begin", "accepted", "done_now", "done_agent", "forwarded", "open_end"))


@fault
def room_opening_differs(f):
    c = Copy(f, "芹泉镇", ROOMS)
    c.change(0, open_begin=c.rows[0]["open_begin"] + 1, open_end=c.rows[0]["open_end"] + 1)
    c.save()
    c.at("error", "F08-02a", cells(c.sheet, 0, "open_begin"))


@fault
def room_disappears(f):
    """A room of September is not in October's return."""
    c = Copy(f, "桐峪镇", ROOMS)
    del c.rows[1]
    c.save()
    c.at("error", "F08-02b")


@fault
def new_room_with_stock(f):
    c = Copy(f, "羊角乡", ROOMS)
    c.change(0, open_begin=1, open_end=c.rows[0]["open_end"] + 1)
    c.save()
    c.at("error", "F08-02c", cells(c.sheet, 0, "open_begin", "opened_on"))


@fault
def room_opened_later(f):
    """Opened next month, reported this month."""
    c = Copy(f, "羊角乡", ROOMS)
    c.change(0, opened_on=c.rows[0]["opened_on"].replace(month=11))
    c.save()
    c.at("error", "F08-02d", cells(c.sheet, 0, "opened_on"))


@fault
def room_satisfied_above_rated(f):
    c = Copy(f, "麻田镇", ROOMS)
    c.change(0, satisfied=c.rows[0]["rated"] + 1)
    c.save()
    c.at("error", "F08-03", cells(c.sheet, 0, "satisfied", "rated", "done_now", "done_agent"))


@fault
def room_kinds_differ(f):
    """The kinds of matters do not add up to the matters accepted."""
    c = Copy(f, "石匣乡", ROOMS)
    c.change(0, k_proof=c.rows[0]["k_proof"] + 1)
    c.save()
    fields = ("k_proof", "k_relief", "k_subsidy", "k_family", "k_mediation", "k_policy", "k_other", "accepted")
    c.at("error", "G-02", cells(c.sheet, 0, *fields))
