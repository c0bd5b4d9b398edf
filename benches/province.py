"""Measures a province: counties that collect, and a report above them.

usage: province.py [PATH_TO_DANGTONG] [COUNTIES] [UNITS] [FORMS]

Default: 117 counties of 18 units with one form, 2,106 workbooks of about 1,750 cells (with three
forms 12 million cells). The workbooks are those of make_county.py, the same in each county: what is
measured is reading, handing up and reporting, and no cache is used. Prints wall seconds and memory of
`collect` over all counties, one after the other, and of `run --facts` above them.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import make_county

here = pathlib.Path(__file__).resolve().parent
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", here.parent / "target"))
program = sys.argv[1] if len(sys.argv) > 1 else str(target / "release" / "dangtong")
counties, units, forms = (int(sys.argv[n]) if len(sys.argv) > n else default
                          for n, default in [(2, 117), (3, 18), (4, 1)])


def write_pipeline(folder, code, name, rows):
    make_county.write_pipeline(folder)
    settings = folder / "pipeline.toml"
    text = settings.read_text().replace('"900"', f'"{code}"').replace("测速县", name)
    settings.write_text(re.sub(r"groups = .*", 'groups = ["甲组"]', text))
    (folder / "registers" / "unit.csv").write_text("\n".join(rows) + "\n")


def measured(command):
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit(f"{command}: exit code {code}\n{process.stderr.read().decode()}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


make_county.FORMS = make_county.FORMS[:forms]
with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    root = work / "1"
    folder = root / "returns" / "2013-10"
    folder.mkdir(parents=True)
    for unit in range(1, units + 1):
        make_county.write_return(folder / f"第{unit:02}党委.xlsx", 1, unit, 2013, 10)
    header = "code,name,aliases,kind,group"
    above = [header + ",parent"]
    for county in range(1, counties + 1):
        code, name = f"9{county:04}", f"第{county:04}县"
        own = [f"{code}{unit:05},第{unit:02}党委,,committee,甲组" for unit in range(1, units + 1)]
        write_pipeline(work / str(county) / "pipeline", code, name, [header, *own])
        above += [f"{code},{name},,county,县,", *[f"{line},{code}" for line in own]]
    write_pipeline(work / "above", "9", "测速省", above)
    facts, began, largest = work / "facts", time.perf_counter(), 0
    for county in range(1, counties + 1):
        _, memory = measured([program, "collect", "--no-cache", "--facts", str(facts), "--pipeline",
                              str(work / str(county) / "pipeline"), "--returns", str(root / "returns")])
        largest = max(largest, memory)
    print(f"collect, {counties} counties, {counties * units} workbooks: "
          f"{time.perf_counter() - began:.1f} s, {largest:.0f} MB")
    size = sum(path.stat().st_size for path in facts.rglob("*") if path.is_file())
    print(f"handed up: {size / 1e6:.1f} MB")
    for time_of in "first", "again":
        seconds, memory = measured([program, "run", "--no-cache", "--facts", str(facts), "--pipeline",
                                    str(work / "above"), "--out", str(work / "reports")])
        print(f"run above them, {time_of}: {seconds:.1f} s, {memory:.0f} MB")
    for path in sorted((work / "reports/2013-10").iterdir()):
        if path.is_file():
            print(f"  {path.name}: {path.stat().st_size / 1e6:.1f} MB")
