#!/usr/bin/env python3
"""Copies one month of the sample returns and types markup and a formula, as text, into cells.

    hostile.py RETURNS PIPELINE OUT

A clerk may type anything: the page must show it as it was typed. OUT gets `returns`, and a
`pipeline` without the check that would send the returns back, so that figures count the cells.
"""

import re
import shutil
import sys
from pathlib import Path

import openpyxl

MONTH = "2013-10"
SHEET = "便民工作室月报"
# In names that figures count by their ending, and in a number (which makes a finding).
TYPED = {
    "辽阳镇": {"C6": "<script>window.broken=1</script>东沟村",
            "C7": '=HYPERLINK("https://example.invalid/")&"殷家庄村'},
    "桐峪镇": {"E6": "<img src=x onerror=window.broken=1>"},
}

# 村名与名录不符
CHECK = "F08-04"

returns, pipeline, out = map(Path, sys.argv[1:4])
shutil.copytree(pipeline, out / "pipeline")
programme = out / "pipeline/programmes/p10-service.toml"
text, dropped = re.subn(
    rf'\[\[check\]\]\ncode = "{CHECK}".*?(?=\n\[\[)', "", programme.read_text("utf-8"), flags=re.S)
if dropped != 1:
    sys.exit(f"{programme.name} has no check {CHECK}: the definitions have moved")
programme.write_text(text, "utf-8")
out = out / "returns"
shutil.copytree(returns / MONTH, out / MONTH)
for unit, cells in TYPED.items():
    path = out / MONTH / f"{unit}_阳光便民工作室_2013年10月.xlsx"
    book = openpyxl.load_workbook(path)
    for address, text in cells.items():
        cell = book[SHEET][address]
        if cell.value is None:
            sys.exit(f"{path.name} {address} is blank: the sample has moved")
        cell.value = text
        cell.data_type = "s"
    book.save(path)
