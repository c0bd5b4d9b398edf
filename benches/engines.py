"""Measures the same plan on polars, Sail and Spark: wall, processor, memory, growth.

usage: engines.py PROGRAMS [ROWS …]           (default 1, 3 and 10 million)

PROGRAMS is the folder with dangtong-spark. The statement has the form that `dangtong` prints of
measures (src/sql/print.rs): rows made of members by period and committee, grouped once. polars does
what the program does: the columns in memory, one group-by. Sail is `sail` (pip install pysail),
Spark a local server with two threads (pip install pyspark); one that is not there is left out. The
integers of all are compared. Members are invented, the same on every run. Linux only (/proc).
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

MEASURES = [
    ("`joined` <= 15000", "1"),
    ("`female`", "1"),
    ("`education` = 'B'", "1"),
    ("(`born` > 8000) AND (NOT `female`)", "1"),
    ("`paid` IS NOT NULL", "`paid`"),
    ("`present` < `owed`", "(`owed` - `present`)"),
]
COMMITTEES = 2106


def statement():
    made, added = ["`period`", "`unit`"], ["`period`", "`unit`", "COUNT(*) AS number"]
    for at, (condition, number) in enumerate(MEASURES):
        made += [f"CASE WHEN {condition} THEN 1 ELSE 0 END AS c{at}",
                 f"CASE WHEN {condition} THEN {number} ELSE CAST(NULL AS BIGINT) END AS n{at}"]
        added += [f"SUM(c{at}) AS considered{at}", f"COUNT(n{at}) AS used{at}",
                  f"SUM(n{at}) AS sum{at}"]
    return (f"SELECT {', '.join(added)} FROM (SELECT {', '.join(made)} FROM facts) AS made "
            "GROUP BY `period`, `unit`")


def members(path, rows):
    import polars as pl
    row = pl.int_range(rows, dtype=pl.Int64).alias("row")
    x = (pl.col("row") * 7919 + 104729) % 1000003
    pl.select(row).lazy().select(
        period=pl.col("row") % 12, unit=(x * 31 + pl.col("row")) % COMMITTEES, female=x % 3 == 0,
        education=pl.lit("ABCDE").str.slice(x % 5, 1), born=x % 20000, joined=x % 17000,
        paid=pl.when(x % 11 > 0).then(x % 10007), owed=12 + x % 5, present=x % 17,
    ).sink_parquet(path, row_group_size=1_000_000)


def polars_rows(path):
    import polars as pl
    frame = pl.read_parquet(path)
    column = pl.col
    conditions = [column("joined") <= 15000, column("female"), column("education") == "B",
                  (column("born") > 8000) & ~column("female"), column("paid").is_not_null(),
                  column("present") < column("owed")]
    numbers = [pl.lit(1)] * 4 + [column("paid"), column("owed") - column("present")]
    made, added = [], [pl.len().alias("number")]
    for at, (condition, number) in enumerate(zip(conditions, numbers)):
        made += [condition.cast(pl.Int64).alias(f"c{at}"),
                 pl.when(condition).then(number).alias(f"n{at}")]
        added += [column(f"c{at}").sum().alias(f"considered{at}"),
                  column(f"n{at}").count().alias(f"used{at}"),
                  column(f"n{at}").sum().alias(f"sum{at}")]
    found = frame.lazy().with_columns(made).group_by("period", "unit").agg(added).collect()
    # A sum of nothing is missing in SQL and zero in polars: the plan takes them for the same.
    return sorted(tuple(int(value or 0) for value in row) for row in found.rows())


def digest(rows):
    return f"{len(rows)} groups, {sum(sum(row[2:]) for row in rows)} in all"


def used(process):
    """Processor seconds and peak megabytes of a process."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return seconds, int(peak.split()[1]) / 1024


def on_polars(path):
    started = time.monotonic()
    child = subprocess.run([sys.executable, __file__, "--polars", path], check=True,
                           capture_output=True, text=True)
    wall = time.monotonic() - started
    said = json.loads(child.stdout)
    return wall, said["seconds"], said["peak"], said["digest"]


def on_server(command, programs, port, path, environment=None):
    log = tempfile.TemporaryFile()
    server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        for _ in range(240):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        helper = subprocess.Popen([f"{programs}/dangtong-spark", f"sc://127.0.0.1:{port}"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        helper.stdout.readline()
        before, _ = used(server.pid)
        started = time.monotonic()
        question = {"table": "facts", "file": path, "statement": statement()}
        helper.stdin.write(json.dumps(question) + "\n")
        helper.stdin.flush()
        answer = json.loads(helper.stdout.readline())
        wall = time.monotonic() - started
        seconds, peak = used(server.pid)
        helper.stdin.close()
        helper.wait()
        if "rows" not in answer:
            raise SystemExit(answer)
        rows = sorted(tuple(int(value or 0) for value in row) for row in answer["rows"])
        return wall, seconds - before, peak, digest(rows)
    finally:
        server.terminate()
        server.wait()


def spark_command(port):
    import pyspark
    home = os.path.dirname(pyspark.__file__)
    environment = {**os.environ, "SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1"}
    return [f"{home}/bin/spark-submit", "--master", "local[2]", "--driver-memory", "3g",
            "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
            "--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.ui.enabled=false",
            "--conf", "spark.sql.shuffle.partitions=4", "spark-internal"], environment


def main():
    if sys.argv[1] == "--polars":
        rows = polars_rows(sys.argv[2])
        seconds, peak = used("self")
        print(json.dumps({"seconds": seconds, "peak": peak, "digest": digest(rows)}))
        return
    programs = sys.argv[1]
    sizes = [int(rows) for rows in sys.argv[2:]] or [1_000_000, 3_000_000, 10_000_000]
    sail = shutil.which("sail") or shutil.which("sail", path=os.path.dirname(sys.executable))
    engines = {"polars": on_polars}
    if sail:
        command = [sail, "spark", "server", "--port", "50071"]
        engines["Sail"] = lambda path: on_server(command, programs, 50071, path)
    try:
        command_of_spark, environment = spark_command(15172)
        engines["Spark"] = lambda path: on_server(
            command_of_spark, programs, 15172, path, environment)
    except ImportError:
        pass
    print("| rows | engine | wall, s | processor, s | peak, MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            path = f"{folder}/members.parquet"
            members(path, rows)
            agreed = set()
            for name, measure in engines.items():
                wall, seconds, peak, said = measure(path)
                agreed.add(said)
                print(f"| {rows:,} | {name} | {wall:.1f} | {seconds:.1f} | {peak:.0f} |", flush=True)
            if len(agreed) != 1:
                raise SystemExit(f"the engines differ: {agreed}")
            print(f"all the same: {agreed.pop()}; {os.path.getsize(path) >> 20} MB of Parquet",
                  file=sys.stderr)


main()
