"""Makes the blank forms and the returns of 云峰县, a county that does not exist.

    python3 examples/yunfeng/make_returns.py            # writes forms/ and returns/
    python3 examples/yunfeng/make_returns.py --check    # says which files would change

All people, units and numbers are invented: there is no such county, its codes begin with 99 (no
province), and every number follows from the place of its unit in the list. Needs openpyxl.
"""

import datetime
import io
import pathlib
import re
import sys
import zipfile

import openpyxl
from openpyxl.styles import Alignment, Border, Font, Side

HERE = pathlib.Path(__file__).parent
THIN = Border(*[Side(style="thin")] * 4)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
FIXED = datetime.datetime(2026, 7, 1)

UNITS = ["云峰城关镇", "东坡镇", "西河镇", "南屏镇", "北岭乡", "中庄乡", "上湾乡", "下湾乡", "县直机关工委", "国有企业党委"]
TOWNSHIPS = 8
MONTHS = ["2026-03", "2026-04", "2026-05", "2026-06"]

DOMAINS = ["农村", "社区", "机关", "国企", "两新"]
CONTENTS = ["学习教育", "志愿服务", "民主议事", "走访慰问"]
TRADES = ["工业", "商贸流通", "服务业", "其他行业"]
ITEMS = [
    ("一、非公有制企业总数", "家"),
    ("其中：规模以上企业", "家"),
    ("二、已建立党组织的企业", "家"),
    ("（一）单独建立", "家"),
    ("（二）联合建立", "家"),
    ("三、选派党建指导员", "名"),
    ("四、企业职工总数", "人"),
    ("五、企业党员总数", "人"),
]
SURNAMES = "赵钱孙李周吴郑王冯陈"


# ---- numbers, each from the place of the unit and the month ----

def activity(unit, month, content, domain):
    """Meetings of branches: townships have villages, the working committee has offices."""
    weight = [[5, 2, 1, 0, 1], [0, 0, 6, 0, 0], [0, 0, 0, 6, 0]][max(0, unit - TOWNSHIPS + 1)]
    if weight[domain] == 0:
        return 0
    return weight[domain] + (unit * unit * 3 + unit * content + month * 2 + domain) % 11 + (3 - content)


def enterprises(unit, quarter):
    """Items by trades."""
    rows = []
    total = [4 + (unit * 5 + trade * 3) % 7 + quarter * (trade == 1) for trade in range(4)]
    large = [n // 3 for n in total]
    alone = [n // 4 for n in total]
    joint = [min(n - a, (n + unit + quarter) // 2) for n, a in zip(total, alone)]
    rows += [total, large, [a + j for a, j in zip(alone, joint)], alone, joint]
    rows.append([(n + 1) // 2 for n in total])
    rows.append([n * 18 + unit * 7 + trade for trade, n in enumerate(total)])
    rows.append([n * 2 + (unit + trade) % 3 for trade, n in enumerate(total)])
    return [[sum(row)] + row for row in rows]


def card(unit):
    members = 180 + unit * 37 % 211
    due = members * 12
    return {
        "党委书记姓名": SURNAMES[unit] + "某某",
        "任现职时间": f"20{19 + unit % 6}年{1 + unit}月",
        "委员职数（名）": 9,
        "委员实配（名）": 9 - (unit in (3, 6)),
        "本届届满日期": datetime.date(2026 + unit % 4, 9, 30),
        "是否按期换届": "是",
        "党员总数（人）": members,
        "其中：女": members * 3 // 10,
        "其中：35岁及以下": members // 5,
        "预备党员（人）": 2 + unit % 5,
        "应缴党费（元）": due,
        "实缴党费（元）": due - (60 if unit in (2, 5) else 0),
        "活动场所面积（平方米）": 80 + unit * 25 + 0.5 * (unit % 2),
        "专职党务工作者（名）": 2 + unit % 3,
    }


# ---- sheets ----

def top(ws, title, width, unit, period):
    last = openpyxl.utils.get_column_letter(width)
    ws["A1"] = title
    ws["A1"].font, ws["A1"].alignment = Font(size=16, bold=True), CENTRE
    ws.merge_cells(f"A1:{last}1")
    ws["A2"] = f"填报单位（盖章）：{unit}"
    ws.cell(2, (width + 1) // 2 + 1, f"报告期：{period}")


def put(ws, row, column, value, bold=False):
    cell = ws.cell(row, column, value)
    cell.border, cell.font, cell.alignment = THIN, Font(bold=bold), CENTRE
    if isinstance(value, datetime.date):
        cell.number_format = "yyyy-mm-dd"


def foot(ws, row, width):
    for column, text in zip((1, max(2, width // 2), max(3, width - 1)), ("单位负责人：", "审核人：", "填表人：")):
        ws.cell(row, column, text)


def activities(ws, unit, place, month):
    """Columns that are codes: 活动内容 down, kinds of branches across."""
    width = 2 + len(DOMAINS)
    top(ws, "主题党日开展情况月报", width, unit, f"2026年{month}月" if month else "    年  月")
    put(ws, 3, 1, "活动内容", True)
    ws.merge_cells("A3:A4")
    put(ws, 3, 2, "各类党支部开展场次（场）", True)
    ws.merge_cells(start_row=3, end_row=3, start_column=2, end_column=1 + len(DOMAINS))
    put(ws, 3, width, "合计", True)
    ws.merge_cells(start_row=3, end_row=4, start_column=width, end_column=width)
    for column, domain in enumerate(DOMAINS, 2):
        put(ws, 4, column, domain, True)
    sums = [0] * (1 + len(DOMAINS))
    for at, content in enumerate(CONTENTS):
        put(ws, 5 + at, 1, content)
        row = [activity(place, month, at, domain) for domain in range(len(DOMAINS))] if month else []
        row += [sum(row)] if month else []
        for column, number in enumerate(row, 2):
            put(ws, 5 + at, column, number)
        sums = [a + b for a, b in zip(sums, row or sums)]
    row = 5 + len(CONTENTS)
    put(ws, row, 1, "合计", True)
    for column, number in enumerate(sums if month else [None] * len(sums), 2):
        put(ws, row, column, number)
    foot(ws, row + 1, width)
    ws.column_dimensions["A"].width = 24


def matrix(ws, unit, place, quarter):
    """Items down, trades across."""
    width = 3 + len(TRADES)
    period = f"2026年第{'一二三四'[quarter - 1]}季度" if quarter else "    年第  季度"
    top(ws, "两新组织党建工作情况统计表", width, unit, period)
    for column, title in ((1, "项目"), (2, "计量单位"), (3, "合计")):
        put(ws, 3, column, title, True)
        ws.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    put(ws, 3, 4, "按行业分", True)
    ws.merge_cells(start_row=3, end_row=3, start_column=4, end_column=width)
    for column, trade in enumerate(TRADES, 4):
        put(ws, 4, column, trade, True)
    for column, mark in enumerate(["甲", "乙", 1, 2, 3, 4, 5], 1):
        put(ws, 5, column, mark)
    rows = enterprises(place, quarter) if quarter else [[]] * len(ITEMS)
    for at, ((item, measure), numbers) in enumerate(zip(ITEMS, rows)):
        put(ws, 6 + at, 1, item)
        put(ws, 6 + at, 2, measure)
        for column, number in enumerate(numbers, 3):
            put(ws, 6 + at, column, number)
    foot(ws, 6 + len(ITEMS), width)
    ws.column_dimensions["A"].width = 30


def key_value(ws, unit, place, half):
    """Titles beside their values, two pairs a line."""
    period = f"2026年{'上下'[half - 1]}半年" if half else "    年  半年"
    top(ws, "基层党委基本情况登记卡", 4, unit, period)
    for at, (title, value) in enumerate(card(place).items()):
        row, column = 3 + at // 2, 1 + at % 2 * 2
        put(ws, row, column, title, True)
        put(ws, row, column + 1, value if half else None)
    foot(ws, 3 + (len(card(0)) + 1) // 2, 4)
    for letter in "ABCD":
        ws.column_dimensions[letter].width = 24


# ---- files ----

def sheets_of(folder, place=0):
    """What a unit owes in a folder: sheet name, writer, number of the period."""
    month = int(folder[-2:])
    due = [("主题党日", activities, month)]
    due += [("两新组织", matrix, month // 3)] if month % 3 == 0 and place < TOWNSHIPS else []
    due += [("登记卡", key_value, month // 6)] if month % 6 == 0 else []
    return due


def spoil(folder, unit, book):
    """June's mistakes, each one that a clerk makes."""
    if folder != "2026-06":
        return
    if unit == "西河镇":  # a sum beside that is not the sum
        book["两新组织"]["C6"] = book["两新组织"]["C6"].value + 1
    if unit == "北岭乡":  # more covered than there are
        book["两新组织"]["D8"] = book["两新组织"]["D6"].value + 2
        book["两新组织"]["D9"] = book["两新组织"]["D8"].value - book["两新组织"]["D10"].value
        for row in (8, 9):
            book["两新组织"].cell(row, 3, sum(book["两新组织"].cell(row, c).value for c in range(4, 8)))
    if unit == "上湾乡":  # a part above its whole
        book["登记卡"]["D6"] = 999
    if unit == "中庄乡":  # a column that was taken out
        book["主题党日"].delete_cols(6)


def to_bytes(book):
    """The same bytes on every run: fixed properties, fixed entry times."""
    book.properties.creator = "虚构"
    book.properties.created = FIXED
    written, result = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-07-01T00:00:00Z", data)
            info = zipfile.ZipInfo(entry.filename, FIXED.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(info, data)
    return result.getvalue()


def book_of(due, unit, place):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, write, number in due:
        write(book.create_sheet(name), unit, place, number)
    return book


def files():
    blank = [(name, write, 0) for name, write, _ in sheets_of("2026-06")]
    for name, write, number in blank:
        yield f"forms/{name}.xlsx", to_bytes(book_of([(name, write, number)], "", 0))
    for folder in MONTHS:
        received = ["文件,收到日期,登记日期,内容指纹"]
        for place, unit in enumerate(UNITS):
            if (folder, unit) == ("2026-06", "下湾乡"):  # has not handed in
                continue
            book = book_of(sheets_of(folder, place), unit, place)
            spoil(folder, unit, book)
            name = f"{unit}_{folder}.xlsx"
            yield f"returns/{folder}/{name}", to_bytes(book)
            month = int(folder[-2:]) + 1
            received.append(f"{name},2026-{month:02d}-{3 + place % 3:02d},2026-{month:02d}-{3 + place % 3:02d},")
        yield f"returns/{folder}/收件.csv", ("\n".join(received) + "\n").encode()


def main():
    check = "--check" in sys.argv
    changed = []
    for name, data in files():
        path = HERE / name
        if not path.exists() or path.read_bytes() != data:
            changed.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    print("\n".join(changed) or "nothing would change")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
