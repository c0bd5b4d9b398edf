"""How much of a form `dangtong draft` guesses right, over the sample's forms and made-up layouts.

    python3 tests/draft/measure.py <dangtong> [--wrong]

The sample: every form that is handed out (blank) and every return (filled) of all its months, against
the definitions. The layouts: twenty tables written by openpyxl, some saved again by LibreOffice as
.ods, .xls or .csv, against what was meant by them. A column is right if its title is found and its
type is the definition's. `--wrong` lists what is not.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import layouts

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-data/zuoquan/returns"


def key(title):
    """A title without spaces, marks and a measure in brackets."""
    title = re.sub(r"[（(](人|个|名|次|元|万元|件|篇|天|亩|%|分|人次|户|条|场|期|年|票|站|处|所|小时)[）)]", "", title)
    return re.sub(r"[\s（）()、，,：:/“”\"]", "", title)


def drafted(program, path):
    """The proposed forms of a file; none if it has no table."""
    done = subprocess.run([program, "draft", str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        return {}, []
    document = tomllib.loads(done.stdout)
    return document, document.get("form", [])


class Tally:
    """Right and all, of each thing that is guessed."""

    def __init__(self):
        self.counts = {}

    def add(self, what, right):
        good, of = self.counts.get(what, (0, 0))
        self.counts[what] = (good + bool(right), of + 1)

    def __str__(self):
        return "，".join(
            f"{what} {good}/{of}（{100 * good / of:.1f}%）" for what, (good, of) in self.counts.items()
        )


def compare(tally, place, document, form, meant, wrong, codes=None):
    """Holds a proposal against the meant columns."""
    proposed = {}
    for field in form["field"]:
        proposed.setdefault(key(field["title"]), field)
    for field in meant["field"]:
        titles = [field["title"], *field.get("aliases", [])]
        found = next((proposed[key(t)] for t in titles if key(t) in proposed), None)
        if found is None:
            if not field.get("required", True):
                continue
            wrong.append(f"{place}: {field['title']} 没有找到")
        right = found is not None and found["type"] == field["type"]
        tally.add("栏", right)
        if found is not None and not right:
            wrong.append(f"{place}: {field['title']} 应为 {field['type']}，猜成 {found['type']}")
        if found is not None and codes and field.get("codelist") in codes:
            guessed = [c["code"] for c in document.get(found.get("codelist"), {}).get("codes", [])]
            known = codes[field["codelist"]]
            tally.add("代码表", guessed and all(code in known for code in guessed))
    names = {key(field["title"]): field["name"] for field in form["field"]}
    if meant.get("primary_key"):
        by_name = {f["name"]: f for f in meant["field"]}
        wanted = {names.get(key(by_name[name]["title"])) for name in meant["primary_key"]}
        guessed = form.get("primary_key", [])
        right = set(guessed) == wanted
        tally.add("主键", right)
        if not right:
            wrong.append(f"{place}: 主键应为 {meant['primary_key']}，猜成 {guessed}")
    tally.add("频次", form["frequency"] == meant["frequency"] or meant["frequency"] == "once")


def definitions():
    forms, codes = [], {}
    for path in sorted((ROOT / "pipelines/zuoquan/programmes").glob("*.toml")):
        forms += tomllib.loads(path.read_text()).get("form", [])
    lists = tomllib.loads((ROOT / "pipelines/zuoquan/codelists.toml").read_text())
    for name, table in lists.items():
        codes[name] = {w for c in table.get("codes", []) for w in [c["code"], *c.get("synonyms", [])]}
    for form in forms:
        form["field"] = [f if isinstance(f, dict) else {"title": f} for f in form.get("field", [])]
    return forms, codes


def form_of(title, forms):
    """The definition that a title names; the longest one."""
    hits = [
        (len(name), form)
        for form in forms
        for name in [form["title"], *form.get("aliases", [])]
        if key(name) in key(title)
    ]
    return max(hits, key=lambda hit: hit[0])[1] if hits else None


def sample(program, files, wrong):
    forms, codes = definitions()
    tally, seen = Tally(), set()
    for path in files:
        document, proposals = drafted(program, path)
        for proposal in proposals:
            meant = form_of(proposal["title"], forms)
            if meant is None:
                wrong.append(f"{path.name}: 认不出标题 {proposal['title']}")
                continue
            seen.add(meant["id"])
            compare(tally, path.name, document, proposal, meant, wrong, codes)
    return tally, len(seen), len(forms)


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        months = sorted(p.name for p in SAMPLE.iterdir() if p.is_dir())
        for month in months:
            subprocess.run(
                [program, "template", "--period", month, "--out", str(folder / "blank")],
                cwd=ROOT, check=True, capture_output=True,
            )
        blank = sorted((folder / "blank").glob("*/*.xlsx"))
        filled = sorted(p for p in SAMPLE.glob("*/*") if p.suffix in (".xlsx", ".xls", ".ods"))
        for what, files in (("样例空表", blank), ("样例填好的表", filled)):
            tally, seen, of = sample(program, files, wrong)
            print(f"{what}：{len(files)} 个文件，{of} 种报表见到 {seen} 种：{tally}")
        tally = Tally()
        made = layouts.write(folder / "layouts")
        for path, meant in made:
            document, proposals = drafted(program, path)
            if not proposals:
                wrong.append(f"{path.name}: 没有草稿")
                for _ in meant["field"]:
                    tally.add("栏", False)
                continue
            compare(tally, path.name, document, proposals[0], meant, wrong)
            relations = {tuple(p["of"]) for p in proposals[0].get("parts", [])}
            for parts in meant.get("sums", []):
                tally.add("合计关系", tuple(parts) in relations)
        print(f"编的版式：{len(made)} 种：{tally}")
    if "--wrong" in sys.argv:
        print("\n".join(wrong))


main()
