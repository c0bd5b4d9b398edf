"""Twenty tables as offices make them, each with what its columns are."""

import datetime
import pathlib
import subprocess

import openpyxl
from openpyxl.utils import get_column_letter

DAY = datetime.date(2026, 3, 5)


def field(title, kind, **more):
    return {"name": title, "title": title, "type": kind, "required": True, **more}


def meant(fields, primary_key, frequency="monthly", sums=()):
    columns = [field(title, kind) for title, kind in fields]
    return {"field": columns, "primary_key": primary_key, "frequency": frequency, "sums": list(sums)}


BRANCHES = [("0101", "东街支部", "农村"), ("0102", "西街支部", "社区"), ("0103", "南街支部", "农村"),
            ("0104", "北街支部", "社区"), ("0105", "财政支部", "机关"), ("0106", "教育支部", "农村")]


def plain():
    rows = [[n, name, 20 + i, 18 + i % 3] for i, (n, name, _) in enumerate(BRANCHES)]
    return ([["党员大会情况月报"], ["填报单位：城关镇", "", "报告期：2026年3月"],
             ["党组织代码", "党组织名称", "应到人数", "实到人数"], *rows], [],
            meant([("党组织代码", "code"), ("党组织名称", "text"), ("应到人数", "integer"),
                   ("实到人数", "integer")], ["党组织代码"]))


def numbered():
    rows = [[i + 1, name, 3 + i, 2] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["活动开展情况月报"], ["单位：城关镇"], ["序号", "支部名称", "学习次数", "党课次数"],
             ["甲", "乙", "1", "2"], *rows, ["合计", "", sum(r[2] for r in rows), 12]], [],
            meant([("支部名称", "text"), ("学习次数", "integer"), ("党课次数", "integer")], ["支部名称"]))


def two_rows():
    rows = [[name, 10 + i, 6 + i, 4, 3] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["党员结构季报"], ["支部名称", "党员", "", "", "预备党员数"], ["", "合计", "男", "女", ""], *rows],
            ["A2:A3", "B2:D2", "E2:E3"],
            meant([("支部名称", "text"), ("党员合计", "integer"), ("男", "integer"), ("女", "integer"),
                   ("预备党员数", "integer")], ["支部名称"], "quarterly", [("男", "女")]))


def two_rows_unmerged():
    rows = [[name, 5 + i, 2 + i, 3] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["发展党员年报"], ["支部名称", "发展党员", "", ""], ["", "总数", "农民", "职工"], *rows], [],
            meant([("支部名称", "text"), ("总数", "integer"), ("农民", "integer"), ("职工", "integer")],
                  ["支部名称"], "annual", [("农民", "职工")]))


def three_rows():
    rows = [[name, 8 + i, 5 + i, 3, 90 + i] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["民主评议情况年报"], ["支部名称", "评议结果", "", "", "得分"], ["", "党员数", "其中", "", ""],
             ["", "", "合格", "不合格", ""], *rows],
            ["A2:A4", "B2:D2", "B3:B4", "C3:D3", "E2:E4"],
            meant([("支部名称", "text"), ("党员数", "integer"), ("合格", "integer"), ("不合格", "integer"),
                   ("得分", "decimal")], ["支部名称"], "annual", [("合格", "不合格")]))


def coded():
    rows = [[n, name, kind, "是" if i % 2 else "否"] for i, (n, name, kind) in enumerate(BRANCHES)]
    return ([["组织台账"], ["代码", "名称", "类别", "是否示范"], *rows], [],
            meant([("代码", "code"), ("名称", "text"), ("类别", "code"), ("是否示范", "boolean")],
                  ["代码"]))


def dated():
    rows = [[name, DAY + datetime.timedelta(i), "2026-0%d" % (i % 3 + 1)] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["换届时间月报"], ["支部", "换届日期", "上报年月"], *rows], [],
            meant([("支部", "text"), ("换届日期", "date"), ("上报年月", "month")], ["支部"]))


def text_dates():
    rows = [[name, f"2026年3月{i + 1}日", f"2026.3.{i + 1}"] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["检查台账"], ["支部", "检查日期", "整改日期"], *rows], [],
            meant([("支部", "text"), ("检查日期", "date"), ("整改日期", "date")], ["支部"]))


def percents():
    rows = [[name, 20, 15 + i, (15 + i) / 20] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["参会率月报"], ["支部", "应到", "实到", "到会率（%）"], *rows], [],
            meant([("支部", "text"), ("应到", "integer"), ("实到", "integer"), ("到会率", "percent")], ["支部"]))


def money():
    rows = [[name, 1200.5 + i, 1200.5] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["党费收缴月报"], ["党支部", "应收（元）", "实收（元）"], *rows, ["合计", sum(r[1] for r in rows), 7203]], [],
            meant([("党支部", "text"), ("应收", "money"), ("实收", "money")], ["党支部"]))


def people():
    rows = [[f"党员{i:04}", "男" if i % 2 else "女", "大专", f"1390000{i:04}"] for i in range(8)]
    return ([["党员花名册"], ["姓名", "性别", "学历", "联系电话"], *rows], [],
            meant([("姓名", "text"), ("性别", "code"), ("学历", "code"), ("联系电话", "code")], ["姓名"]))


def pairs():
    rows = [[name, wind, 10 + i] for i, (_, name, _) in enumerate(BRANCHES[:3]) for wind in ("形式主义", "官僚主义")]
    return ([["问题查摆月报"], ["支部", "问题类别", "问题数"], *rows], [],
            meant([("支部", "text"), ("问题类别", "code"), ("问题数", "integer")], ["支部", "问题类别"]))


def stock():
    rows = [[name, 3, 5, 6, 2] for _, name, _ in BRANCHES]
    return ([["办件月报"], ["窗口", "期初在办", "本月登记", "本月办结", "期末在办"], ["", "件", "件", "件", "件"], *rows], [],
            meant([("窗口", "text"), ("期初在办", "integer"), ("本月登记", "integer"), ("本月办结", "integer"),
                   ("期末在办", "integer")], ["窗口"]))


def grouped():
    rows = [[name, 4 + i] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["信息报送月报"], ["支部", "采用篇数"], ["一、乡镇"], *rows[:3], ["二、县直"], *rows[3:],
             ["合计", sum(r[1] for r in rows)], ["填表人：某某", "填报日期：2026-04-01"]], ["A3:B3", "A7:B7"],
            meant([("支部", "text"), ("采用篇数", "integer")], ["支部"]))


def blank():
    return ([["村级组织摸底表"], ["填报单位：", "", "", "报告期：    年  月"],
             ["村代码", "村名", "党员人数", "是否达标", "摸底日期", "覆盖率（%）", "帮扶资金（万元）"]], [],
            meant([("村代码", "code"), ("村名", "text"), ("党员人数", "integer"), ("是否达标", "boolean"),
                   ("摸底日期", "date"), ("覆盖率", "percent"), ("帮扶资金", "money")], ["村代码"]))


def blank_two_rows():
    return ([["两新组织覆盖情况季报"], ["单位：", "", "", "", ""], ["行业", "企业数", "已建党组织", "", "备注"],
             ["", "", "单独组建数", "联合组建数", ""], ["甲", "1", "2", "3", "乙"]],
            ["A3:A4", "B3:B4", "C3:D3", "E3:E4"],
            meant([("行业", "text"), ("企业数", "integer"), ("单独组建数", "integer"), ("联合组建数", "integer"),
                   ("备注", "text")], ["行业"], "quarterly"))


def untitled():
    rows = [[name, 4 + i, 2.5 + i] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["支部", "会议次数", "平均时长"], *rows], [],
            meant([("支部", "text"), ("会议次数", "integer"), ("平均时长", "decimal")], ["支部"]))


def shifted():
    rows = [["", "", name, 4 + i] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([[], ["", "", "学习台账"], [], ["", "", "支部", "人次"], *rows], [],
            meant([("支部", "text"), ("人次", "integer")], ["支部"]))


def sums_before():
    rows = [[name, 2 + i, 3, 4 + i, 9 + 2 * i] for i, (_, name, _) in enumerate(BRANCHES)]
    return ([["活动场次月报"], ["支部", "讲座", "参观", "服务", "合计"], *rows], [],
            meant([("支部", "text"), ("讲座", "integer"), ("参观", "integer"), ("服务", "integer"),
                   ("合计", "integer")], ["支部"], "monthly", [("讲座", "参观", "服务")]))


def long_texts():
    rows = [[f"承诺{i}", "修建村内道路并安装路灯" + "一" * i, 3, "已完成" if i % 2 else "进行中"] for i in range(8)]
    return ([["承诺事项台账（2026年3月）"], ["承诺编号", "承诺内容", "任务数", "完成状态"], *rows], [],
            meant([("承诺编号", "code"), ("承诺内容", "text"), ("任务数", "integer"), ("完成状态", "code")],
                  ["承诺编号"]))


LAYOUTS = [
    (plain, "xlsx"), (numbered, "xls"), (two_rows, "xlsx"), (two_rows_unmerged, "csv"), (three_rows, "ods"),
    (coded, "xlsx"), (dated, "ods"), (text_dates, "csv"), (percents, "xlsx"), (money, "xls"),
    (people, "xlsx"), (pairs, "ods"), (stock, "xlsx"), (grouped, "xlsx"), (blank, "xlsx"),
    (blank_two_rows, "xls"), (untitled, "xlsx"), (shifted, "ods"), (sums_before, "csv"), (long_texts, "xls"),
]


def write(folder):
    """Writes all layouts; gives each file with what is meant by it."""
    folder.mkdir(parents=True)
    made = []
    for make, ending in LAYOUTS:
        rows, merged, columns = make()
        path = folder / f"{make.__name__}.xlsx"
        save(path, rows, merged, columns)
        if ending != "xlsx":
            convert(path, ending)
            path = path.with_suffix("." + ending)
        made.append((path, columns))
    return made


def save(path, rows, merged, columns):
    book = openpyxl.Workbook()
    sheet = book.active
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            if value != "":
                cell = sheet.cell(r, c, value)
                if isinstance(value, float) and value < 2 and columns["field"][-1]["type"] == "percent":
                    cell.number_format = "0.0%"
    for region in merged:
        sheet.merge_cells(region)
    if len(rows[0]) == 1:
        sheet.merge_cells(f"A1:{get_column_letter(max(map(len, rows)))}1")
    book.save(path)


def convert(path, ending):
    # In UTF-8, comma and quotes: what Excel calls CSV UTF-8.
    filters = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76"}
    profile = pathlib.Path(path.parent / "profile").as_uri()
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", filters.get(ending, ending),
         "--outdir", str(path.parent), str(path)],
        check=True, capture_output=True,
    )
