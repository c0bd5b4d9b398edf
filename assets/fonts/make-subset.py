#!/usr/bin/env python3
"""Makes NotoSansSC-subset.otf, the font that charts are drawn with.

Input (Debian 12): fonts-noto-cjk (Noto Sans CJK, face 2 = Simplified Chinese) and
unicode-data (Unihan, property kTGH: the 8,105 characters of 通用规范汉字表).
Run in this folder: python3 make-subset.py
"""

import bz2
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
FACE = 2
UNIHAN = "/usr/share/unicode/Unihan_OtherMappings.txt.bz2"
TARGET = Path(__file__).with_name("NotoSansSC-subset.otf")

# Besides 通用规范汉字: signs that reports print.
SIGNS = (
    "〇−∑∆≡•"
    "·–—―‘’“”…‰′″※€№℃ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ←↑→↓↗↘√∞∶≈≠≤≥①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
    "\u3000\u00a0■□▲△▼▽◆◇○◎●★☆ 、。〃々〈〉《》「」『』【】〓〔〕〖〗㎡㎞﹣￥±×÷°§©®"
)
RANGES = [(0x20, 0x7E), (0xFF01, 0xFF5E)]  # ASCII and its full-width forms


def standard_characters():
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3 and fields[1] == "kTGH":
                yield int(fields[0].removeprefix("U+"), 16)


def main():
    hanzi = set(standard_characters())
    assert len(hanzi) == 8105, len(hanzi)
    wanted = hanzi | {ord(c) for c in SIGNS}
    for first, last in RANGES:
        wanted.update(range(first, last + 1))

    options = subset.Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = TTFont(SOURCE, fontNumber=FACE, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)

    missing = wanted - set(font.getBestCmap())
    assert not missing, [chr(c) for c in sorted(missing)]
    # The drawing library takes ascender − descender as the text height and 1.24 em as its
    # usual value; with exactly that, pictures and SVG agree on the size of letters.
    ascent, descent = 1000, -240
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ascent, descent, 0
    os2 = font["OS/2"]
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ascent, descent, 0
    os2.usWinAscent, os2.usWinDescent = ascent, -descent
    for record in font["name"].names:
        if record.nameID in (1, 4):
            record.string = "Noto Sans SC Subset"
        elif record.nameID == 6:
            record.string = "NotoSansSC-Subset"
    font.save(TARGET)
    print(f"{TARGET.name}: {len(wanted)} characters, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
