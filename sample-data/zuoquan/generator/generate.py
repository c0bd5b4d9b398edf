"""Makes the sample returns of 左权县, 2012-12 to 2013-10, and the faulty ones.

    python3 sample-data/zuoquan/generator/generate.py            # all files, the same bytes
    python3 sample-data/zuoquan/generator/generate.py --check    # says what would change

Needs openpyxl, and LibreOffice (soffice) for the .xls and .ods files. LibreOffice writes other
bytes on every run, so a converted file is made anew only when its source has changed:
`converted.csv` keeps the SHA-256 of each source.
"""

import csv
import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import campaigns
import organisations
import outreach
import returns
from county import FOLDERS, SAMPLE

HERE = Path(__file__).resolve().parent


def table(header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def month_files(month):
    """Path below the folder → bytes, with the declarations beside the returns."""
    files = dict(month.files)
    files["收件.csv"] = table(["文件", "收到日期"], [(file, day.isoformat()) for file, day in month.received])
    if month.corrections:
        files["更正.csv"] = table(["单位", "报表", "采用文件", "被替代文件", "更正人", "更正日期", "原因"], month.corrections)
    if month.explanations:
        files["审核说明.csv"] = table(["检查", "单位", "报表", "单元格", "说明"], month.explanations)
    return files


def all_files():
    """Path below sample-data/zuoquan → (bytes, format to convert to or None)."""
    import campaigns_flawed  # noqa: F401 (its faults join those of flawed)
    import flawed

    world = returns.World(*organisations.build())
    months, result = {}, {}
    for folder in FOLDERS:
        month = returns.build_month(world, folder)
        returns.story_cases(world, month)
        campaigns.add(world, month)
        outreach.join(world, month)
        months[folder] = month
        for name, data in month_files(month).items():
            result[f"returns/{folder}/{name}"] = (data, month.convert.get(name))
    for path, data in flawed.files(world, months["2013-10"]).items():
        result[f"flawed/{path}"] = (data, None)
    return result


def convert(sources):
    """{path: (xlsx bytes, format)} → {path: bytes}, one LibreOffice run a format."""
    result = {}
    filters = {"xls": "xls:MS Excel 97", "ods": "ods"}
    for target in sorted({kind for _, kind in sources.values()}):
        with tempfile.TemporaryDirectory() as scratch:
            names = {}
            for number, (path, (data, kind)) in enumerate(sorted(sources.items())):
                if kind == target:
                    file = Path(scratch) / f"{number:04d}.xlsx"
                    file.write_bytes(data)
                    names[path] = file
            subprocess.run(
                ["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless", "--convert-to", filters[target], "--outdir", f"{scratch}/out", *map(str, names.values())],
                check=True, stdout=subprocess.DEVNULL,
            )
            for path, file in names.items():
                result[path] = (Path(scratch) / "out" / file.with_suffix(f".{target}").name).read_bytes()
    return result


def main():
    wanted = all_files()
    ledger = HERE / "converted.csv"
    known = {}
    if ledger.exists():
        with open(ledger, encoding="utf-8", newline="") as file:
            known = {row["file"]: row["source_sha256"] for row in csv.DictReader(file)}
    sources, digests, files = {}, {}, {}
    for path, (data, kind) in wanted.items():
        if not kind:
            files[path] = data
            continue
        digests[path] = hashlib.sha256(data).hexdigest()
        if known.get(path) != digests[path] or not (SAMPLE / path).exists():
            sources[path] = (data, kind)
    if "--check" in sys.argv:
        changed = [p for p, d in files.items() if not (SAMPLE / p).exists() or (SAMPLE / p).read_bytes() != d] + list(sources)
        print("\n".join(sorted(changed)) or "nothing would change")
        sys.exit(1 if changed else 0)
    files.update(convert(sources))
    keep = set(files) | set(digests)
    for root in ("returns", "flawed"):
        for old in sorted((SAMPLE / root).rglob("*"), reverse=True):
            relative = old.relative_to(SAMPLE).as_posix()
            if old.is_file() and relative not in keep and old.name != "expect.csv":
                old.unlink()
            elif old.is_dir() and not any(old.iterdir()):
                shutil.rmtree(old)
    for path, data in files.items():
        target = SAMPLE / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != data:
            target.write_bytes(data)
    ledger.write_bytes(table(["file", "source_sha256"], sorted(digests.items())))
    print(f"{len(wanted)} files, {len(sources)} converted")


if __name__ == "__main__":
    main()
