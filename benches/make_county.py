"""Makes a synthetic county for measuring: a pipeline and its returns.

usage: make_county.py FOLDER [MONTHS] [COUNTIES]

One month is 18 workbooks of three sheets, about 100,000 cells. Everything is invented. With
COUNTIES > 1 each further county is a folder of its own (FOLDER/returns-2 ...), same pipeline.
"""

import datetime
import pathlib
import sys

from openpyxl import Workbook

UNITS = 18
ROWS = 92
COUNTS = 17
FORMS = ["service", "visits", "study"]
TITLES = {"service": "服务月报", "visits": "走访月报", "study": "学习月报"}


def noise(*parts):
    """A small deterministic number from any integers."""
    value = 17
    for part in parts:
        value = (value * 1103515245 + part * 12345 + 1013904223) % 2147483648
    return value >> 8


def form_toml(form):
    title = TITLES[form]
    lines = [
        f'[[form]]\nid = "{form}"\ntitle = "{title}"\nrow = "一个点"\nfrequency = "monthly"',
        'owed_by = ["committee"]\nprimary_key = ["code"]\n'
        'stock = [{ opening = "opening", closing = "closing" }]',
        '[[form.field]]\nname = "code"\ntitle = "代码"\ntype = "code"\nrequired = true\nfilled = true',
        '[[form.field]]\nname = "grade"\ntitle = "等次"\ntype = "code"\ncodelist = "grade"\nrequired = true',
    ]
    for name, cn in [("opening", "期初数"), ("added", "本月增加"), ("done", "本月办结"), ("closing", "期末数")]:
        lines.append(f'[[form.field]]\nname = "{name}"\ntitle = "{cn}"\ntype = "integer"\nrequired = true')
    for k in range(1, COUNTS - 3):
        lines.append(f'[[form.field]]\nname = "n{k}"\ntitle = "指标{k}"\ntype = "integer"')
    lines.append('[[form.field]]\nname = "score"\ntitle = "得分"\ntype = "decimal"\ndecimals = 2')
    check = '[[check]]\ncode = "{c}"\nname = "{n}"\ntitle = "{t}"\nform = "{f}"\nlevel = "error"\n{r}\nmessage = "{t}"\nremedy = "核对"\nbasis = "测速"'
    number = FORMS.index(form) + 1
    lines.append(check.format(c=f"B{number}-01", n="unbalanced", t="不平衡", f=form, r='rule = "opening + added = done + closing"'))
    lines.append(check.format(c=f"B{number}-02", n="score-out-of-range", t="得分超限", f=form, r='rule = "score BETWEEN 0 AND 100"'))
    lines.append(check.format(
        c=f"B{number}-03", n="vanished", t="上月有本月无", f=form,
        r=f'violations = "SELECT p.unit FROM {form}__prev p LEFT JOIN {form} r ON r.code = p.code WHERE r.code IS NULL"'))
    ratio = '[[indicator]]\nid = "{i}"\ntitle = "{t}"\nform = "{f}"\n{b}\nby = ["unit", "grade"]\ndecimals = 1\nbetter = "higher"\nbase_title = "全部"\nkey = true'
    lines.append(ratio.format(i=f"{form}_rate", t=f"{title}办结率", f=form, b='kind = "ratio"\nnumerator = "done"\ndenominator = "opening + added"\ntarget = "80%"'))
    lines.append(ratio.format(i=f"{form}_score", t=f"{title}平均分", f=form, b='kind = "mean"\nnumerator = "score"\nmeasure = "分"'))
    lines.append(f'[[indicator]]\nid = "{form}_grade"\ntitle = "{title}等次"\nform = "{form}"\nkind = "distribution"\nof = "grade"\nby = ["unit"]\ndecimals = 1\nbase_title = "全部"')
    for k in range(1, 6):
        lines.append(f'[[indicator]]\nid = "{form}_n{k}"\ntitle = "{title}指标{k}"\nform = "{form}"\nkind = "sum"\nnumerator = "n{k}"\nby = ["unit"]\nmeasure = "个"')
    return "\n".join(lines)


def write_pipeline(folder):
    (folder / "registers").mkdir(parents=True, exist_ok=True)
    (folder / "programmes").mkdir(exist_ok=True)
    (folder / "pipeline.toml").write_text(
        'schema = 1\nid = "bench"\ntitle = "测速县"\ncounty_code = "900"\ncounty_name = "测速县"\n'
        'unit_register = "unit"\n[report]\ntitle = "测速月报"\norganisation = "测速"\ngroups = ["甲组", "乙组"]\n')
    (folder / "codelists.toml").write_text(
        '[grade]\ntitle = "等次"\nordered = true\ncodes = [{ code = "好", id = "good" }, '
        '{ code = "较好", id = "fairly" }, { code = "一般", id = "mid" }, { code = "较差", id = "poor" }]\n')
    rows = ["code,name,aliases,kind,group"]
    rows += [f"9{u:02},第{u:02}党委,,committee,{'甲组' if u <= 10 else '乙组'}" for u in range(1, UNITS + 1)]
    (folder / "registers" / "unit.csv").write_text("\n".join(rows) + "\n")
    for order, form in enumerate(FORMS):
        bars = f'[[chart]]\nid = "{form}-rate"\nkind = "bars"\ntitle = "{TITLES[form]}办结率"\nindicators = ["{form}_rate"]'
        trend = f'[[chart]]\nid = "{form}-trend"\nkind = "trend"\ntitle = "{TITLES[form]}走势"\nindicators = ["{form}_rate"]'
        table = f'[[table]]\ntitle = "{TITLES[form]}"\nindicators = ["{form}_rate", "{form}_score", "{form}_n1", "{form}_n2"]'
        head = f'id = "{form}"\ntitle = "{TITLES[form]}"\norder = {order}'
        (folder / "programmes" / f"{form}.toml").write_text(
            "\n".join([head, table, bars, trend, form_toml(form)]) + "\n")


def opening(county, unit, row, form, month):
    return noise(county, unit, row, form, month, 5) % 9


def write_return(path, county, unit, year, month):
    book = Workbook(write_only=True)
    index = year * 12 + month
    for f, form in enumerate(FORMS):
        sheet = book.create_sheet(TITLES[form])
        sheet.append([TITLES[form]])
        sheet.append([f"填报单位:第{unit:02}党委", None, None, f"报告期:{year}年{month}月"])
        names = ["期初数", "本月增加", "本月办结", "期末数"]
        sheet.append(["代码", "等次", *names, *[f"指标{k}" for k in range(1, COUNTS - 3)], "得分"])
        for row in range(ROWS):
            begin, end = opening(county, unit, row, f, index), opening(county, unit, row, f, index + 1)
            added = 10 + noise(county, unit, row, f, index) % 20
            done = begin + added - end
            grade = ["好", "较好", "一般", "较差"][noise(unit, row, index) % 4]
            counts = [noise(unit, row, f, index, k) % 500 for k in range(1, COUNTS - 3)]
            score = 60 + noise(unit, row, f, index, 99) % 4000 / 100
            sheet.append([f"U{unit:02}-{row:03}", grade, begin, added, done, end, *counts, round(score, 2)])
    book.properties.created = book.properties.modified = datetime.datetime(2013, 10, 1)
    book.save(path)


def main():
    folder = pathlib.Path(sys.argv[1])
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    counties = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    write_pipeline(folder / "pipeline")
    for county in range(1, counties + 1):
        root = folder / ("returns" if county == 1 else f"returns-{county}")
        for back in range(months):
            year, month = divmod(2013 * 12 + 9 - back, 12)
            target = root / f"{year}-{month + 1:02}"
            target.mkdir(parents=True, exist_ok=True)
            for unit in range(1, UNITS + 1):
                write_return(target / f"第{unit:02}党委.xlsx", county, unit, year, month + 1)


if __name__ == "__main__":
    main()
