"""Measures speed and memory against the rival script, all in one run.

usage: run.py [PATH_TO_DANGTONG]      (default: target/release/dangtong below CARGO_TARGET_DIR)

Needs: pip install openpyxl polars fastexcel xlsxwriter matplotlib
Prints the median of five runs; times depend on the machine, the ratios much less.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", here.parent / "target"))
program = sys.argv[1] if len(sys.argv) > 1 else str(target / "release" / "dangtong")


def measure(command, runs=5):
    """Median wall seconds and the largest resident memory in MB."""
    times, memory = [], 0
    for _ in range(runs):
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - begin)
        memory = max(memory, usage.ru_maxrss / 1024)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1):
            sys.exit(f"{command}: exit code {code}\n{process.stderr.read().decode()}")
    return statistics.median(times), memory


def line(name, result, rival=None):
    seconds, memory = result
    ratio = f"  {seconds / rival[0]:.2f} x rival" if rival else ""
    print(f"{name:<46} {seconds:7.3f} s {memory:7.0f} MB{ratio}")


with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    subprocess.run([sys.executable, here / "make_county.py", work / "one"], check=True)
    subprocess.run([sys.executable, here / "make_county.py", work / "history", "11"], check=True)

    def run(county, returns="returns"):
        return [program, "run", "--no-cache", "--pipeline", str(work / county / "pipeline"),
                "--returns", str(work / county / returns), "--out", str(work / "out" / county)]

    rival = measure([sys.executable, here / "rival.py", work / "one/returns/2013-10", work / "rival"])
    line("rival: Python script, a tenth of the work", rival)
    line("dangtong run, one month (18 files, 100k cells)", measure(run("one")), rival)
    line("dangtong run, with ten months of history", measure(run("history")), rival)
    sample = ["--out", str(work / "out" / "sample"), "--cache", str(work / "cache")]
    os.chdir(here.parent)
    line("dangtong run, sample county", measure([program, "run", "--no-cache", *sample[:2]]), rival)
    for command in "run", "check":
        # The first of the runs fills the cache; the median is of those that find it.
        line(f"dangtong {command}, sample county, returns known", measure([program, command, *sample]), rival)
