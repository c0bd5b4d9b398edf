#!/usr/bin/env bash
# Makes the pictures of the README anew from a report of the sample county:
#     dangtong template --period 2013-11
#     dangtong slips --period 2013-10
#     docs/pictures/make.sh reports/2013-10 templates/2013-11
# Needs LibreOffice, pdftoppm (poppler), chromium, and Python with Pillow and a Chinese font.
set -euo pipefail
report=$(realpath "$1")
templates=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$report"/党建统计月报_*.xlsx "$work/workbook.xlsx"
cp "$report"/通报_*.docx "$work/circular.docx"
cp "$report"/收报/收报台账.xlsx "$work/ledger.xlsx"
cp "$report"/收报/退回单/粟城乡*.xlsx "$work/slip.xlsx"
cp "$templates"/辽阳镇*.xlsx "$work/template.xlsx"
(cd "$work" && soffice --headless --convert-to pdf workbook.xlsx circular.docx ledger.xlsx template.xlsx slip.xlsx \
  >/dev/null 2>&1)

# The page of a document on which a text stands first, 70 dots an inch or as many as are asked for.
page_with() {
  local at=1 last
  last=$(pdfinfo "$work/$1.pdf" | awk '/^Pages/ {print $2}')
  while [ "$at" -le "$last" ] && ! pdftotext -f "$at" -l "$at" "$work/$1.pdf" - | grep -q "$2"; do
    at=$((at + 1))
  done
  pdftoppm -r "${4:-70}" -png -f "$at" -l "$at" -singlefile "$work/$1.pdf" "$work/$3"
}
page_with workbook '党建数据一页通（' one-page
page_with workbook '分类定级结果（按党委）' programme
page_with circular '一、总体情况' circular
page_with ledger '收报台账' ledger
page_with slip '后进村集中整顿台账' slip-table 120
page_with slip '审核说明：' slip-page 120
page_with template '党员远程教育站点月报' template

shot() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=8000 \
    --window-size=1280,860 --screenshot="$work/$1.png" "file://$report/report.html#$2" 2>/dev/null
}
shot page-overview ''
shot page-panel 'f=good_or_better@140722200'
cp "$report/charts/key-heatmap.png" "$work/heatmap.png"

python3 - "$work" "$here" <<'PYTHON'
import pathlib, sys
from PIL import Image, ImageOps
work, here = map(pathlib.Path, sys.argv[1:])

# The slip's table with the marked cell, and the page on which the unit explains.
parts = [Image.open(work / f"slip-{part}.png").convert("RGB") for part in ("table", "page")]
parts = [part.crop(ImageOps.invert(part).getbbox()) for part in parts]
# Only the beginning of the table: its rows are alike.
parts = [part.crop((0, 0, part.width, min(part.height, 320))) for part in parts]
slip = Image.new("RGB", (max(p.width for p in parts) + 40, sum(p.height for p in parts) + 60), "white")
slip.paste(parts[0], (20, 20))
slip.paste(parts[1], (20, parts[0].height + 40))
slip.save(work / "slip.png")
for name in ["one-page", "programme", "circular", "ledger", "template", "slip", "page-overview", "page-panel", "heatmap"]:
    picture = Image.open(work / f"{name}.png").convert("RGB")
    if picture.width > 1000:
        height = picture.height * 1000 // picture.width
        picture = picture.resize((1000, height), Image.Resampling.LANCZOS)
    picture.quantize(64, dither=Image.Dither.NONE).save(here / f"{name}.png", optimize=True)
PYTHON
ls -l "$here"
