#!/usr/bin/env python3
"""Prints a workbook with LibreOffice and counts its pages.

    python3 tests/oracle/pages.py WORKBOOK.xlsx MOST

Exit code 1: more pages than MOST. Whoever adds to a report sees here what it costs in paper.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def pages(workbook):
    with tempfile.TemporaryDirectory() as work:
        profile = f"-env:UserInstallation=file://{work}/profile"
        convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", work, workbook]
        subprocess.run(convert, check=True, capture_output=True)
        printed = next(Path(work).glob("*.pdf")).read_bytes()
    return len(re.findall(rb"/Type\s*/Page[^s]", printed))


def main():
    workbook, most = sys.argv[1], int(sys.argv[2])
    found = pages(workbook)
    print(f"{workbook}: {found} pages, at most {most}")
    return 0 if 0 < found <= most else 1


if __name__ == "__main__":
    sys.exit(main())
