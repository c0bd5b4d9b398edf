//! A seeded sample of broken cells and returns of the sample's October: no figure may move in
//! silence. `tests/mutation/silence.py` is the long run over all columns.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use dangtong::cache::Cache;
use dangtong::definition::FieldType;
use dangtong::model::{CellRef, Figure, Finding, Outcome, Status};
use dangtong::pipeline::{self, Computed};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::case::{copy_folder, repository};

const MONTH: &str = "2013-10";
const RUNS: usize = 4;

/// What is done to a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A cell is emptied.
    Blank,
    /// A code becomes one that nobody has.
    Nobody,
    /// The return is taken away.
    Gone,
    /// The return is sent once more in the name of a unit that does not owe it.
    NotOwed,
}

/// A cell that some figure of October reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    form: String,
    unit: String,
    /// Relative to the returns.
    file: String,
    sheet: String,
    cell: CellRef,
    code: bool,
    /// The definition says what a blank means here, so that emptying it breaks nothing.
    may_be_blank: bool,
}

fn compute(returns: &Path) -> Computed {
    let prepared = pipeline::prepare(&pipeline::Request {
        pipeline: repository().join("pipelines/zuoquan"),
        returns: Some(returns.to_path_buf()),
        period: Some(MONTH.to_owned()),
        facts: Vec::new(),
        at: None,
        reader: env!("CARGO_BIN_EXE_dangtong").into(),
        cache: Cache::none(),
    })
    .unwrap();
    pipeline::compute(prepared).unwrap()
}

/// Forms that a figure reads.
fn sources(figure: &Figure) -> BTreeSet<&str> {
    let parts = figure.lineage.numerator.iter().chain(&figure.lineage.denominator);
    parts.map(|part| part.source.as_str()).collect()
}

/// All cells of workbooks handed in with October that figures read.
fn places(good: &Computed) -> Vec<Place> {
    let mut found = BTreeSet::new();
    for figure in &good.figures {
        for part in figure.lineage.numerator.iter().chain(&figure.lineage.denominator) {
            let (Some(period), Some(form)) =
                (&part.period, good.checked.definition.form(&part.source))
            else {
                continue;
            };
            let Some(table) = good.checked.validated.facts.table(&form.id, period) else {
                continue;
            };
            for &row in &part.rows {
                let (facts, at) = table.origin(row as usize);
                let workbook = Path::new(&*facts.file).extension().is_some_and(|e| e == "xlsx");
                if facts.folder.to_string() != MONTH || !workbook {
                    continue;
                }
                for name in part.fields.iter() {
                    let Some(field) = form.field_index(name) else { continue };
                    if facts.columns[field].is_missing(at) {
                        continue;
                    }
                    let Some(column) = facts.column_at[field] else { continue };
                    found.insert(Place {
                        form: form.id.clone(),
                        unit: facts.unit.clone(),
                        file: facts.file.to_string(),
                        sheet: facts.sheet.to_string(),
                        cell: CellRef::new(facts.rows[at], column),
                        code: form.fields[field].kind == FieldType::Code,
                        may_be_blank: form.fields[field].blank.is_some(),
                    });
                }
            }
        }
    }
    found.into_iter().collect()
}

/// A small generator of numbers: the same choice on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as usize % end
    }
}

/// One mutation a form, forms that no figure reads together.
fn choose(good: &Computed, places: &[Place], chance: &mut Chance) -> Vec<(Kind, Place)> {
    let mut together: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for figure in &good.figures {
        let made_of_others = good
            .checked
            .definition
            .indicators
            .iter()
            .any(|i| i.id == figure.indicator && (i.is_made_of_others() || i.form.is_empty()));
        if !made_of_others {
            for source in sources(figure) {
                together.entry(source).or_default().extend(sources(figure));
            }
        }
    }
    let mut forms: Vec<&str> = together.keys().copied().collect();
    let (mut chosen, mut closed): (Vec<(Kind, Place)>, BTreeSet<&str>) = Default::default();
    while !forms.is_empty() {
        let form = forms.swap_remove(chance.below(forms.len()));
        let kind =
            [Kind::Blank, Kind::Blank, Kind::Nobody, Kind::Gone, Kind::NotOwed][chance.below(5)];
        let fits = |p: &&Place| {
            p.form == form
                && match kind {
                    Kind::Blank => !p.may_be_blank,
                    Kind::Nobody => p.code,
                    Kind::Gone | Kind::NotOwed => true,
                }
        };
        let mine: Vec<&Place> = places.iter().filter(fits).collect();
        if closed.contains(form) || mine.is_empty() {
            continue;
        }
        closed.extend(&together[form]);
        chosen.push((kind, mine[chance.below(mine.len())].clone()));
    }
    chosen
}

type Parts = BTreeMap<String, Vec<u8>>;

fn read_workbook(path: &Path) -> Parts {
    let mut archive = ZipArchive::new(Cursor::new(fs::read(path).unwrap())).unwrap();
    let mut parts = Parts::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        parts.insert(entry.name().unwrap().to_string(), bytes);
    }
    parts
}

fn write_workbook(path: &Path, parts: &Parts) {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    fs::write(path, writer.finish().unwrap().into_inner()).unwrap();
}

/// The names of a workbook's sheets; the sample's are parts `sheet1.xml` … in this order.
fn sheet_names(parts: &Parts) -> Vec<String> {
    let book = String::from_utf8(parts["xl/workbook.xml"].clone()).unwrap();
    let name =
        |tag: &str| tag.split_once("name=\"").unwrap().1.split('"').next().unwrap().to_owned();
    book.split("<sheet ").skip(1).map(name).collect()
}

fn sheet_part(parts: &Parts, sheet: &str) -> String {
    let at = sheet_names(parts).iter().position(|name| name == sheet).unwrap();
    format!("xl/worksheets/sheet{}.xml", at + 1)
}

fn edit(parts: &mut Parts, sheet: &str, change: impl Fn(&str) -> String) {
    let part = parts.get_mut(&sheet_part(parts, sheet)).unwrap();
    *part = change(std::str::from_utf8(part).unwrap()).into_bytes();
}

/// The sheet with something else in one cell.
fn with_cell(xml: &str, cell: CellRef, inside: &str) -> String {
    let (before, rest) = xml.split_once(&format!("<c r=\"{cell}\"")).unwrap();
    let whole = rest.find('>').unwrap();
    let after = if rest[..whole].ends_with('/') {
        &rest[whole + 1..]
    } else {
        &rest[rest.find("</c>").unwrap() + 4..]
    };
    format!("{before}<c r=\"{cell}\"{inside}{after}")
}

/// An empty sheet is no return.
fn without_rows(xml: &str) -> String {
    let (before, rest) = xml.split_once("<sheetData>").unwrap();
    let (_, after) = rest.split_once("</sheetData>").unwrap();
    let (after, merged) = after.split_once("<mergeCells").unwrap_or((after, ""));
    let (_, last) = merged.split_once("</mergeCells>").unwrap_or(("", merged));
    format!("{before}<sheetData></sheetData>{after}{last}")
}

/// Applies a mutation; gives the file that a finding should name. `None`: the return does not say
/// whose it is, or everybody owes it.
fn apply(good: &Computed, returns: &Path, kind: Kind, place: &Place) -> Option<String> {
    let path = returns.join(&place.file);
    let mut parts = read_workbook(&path);
    let sheet = place.sheet.as_str();
    match kind {
        Kind::Blank => edit(&mut parts, sheet, |xml| with_cell(xml, place.cell, "/>")),
        Kind::Nobody => {
            let typed = " t=\"inlineStr\"><is><t>查无此码</t></is></c>";
            edit(&mut parts, sheet, |xml| with_cell(xml, place.cell, typed));
        }
        Kind::Gone => edit(&mut parts, sheet, without_rows),
        Kind::NotOwed => {
            let definition = &good.checked.definition;
            let owed = definition.form(&place.form)?.owed_in(&good.checked.folder)?;
            let unit = definition
                .units
                .all()
                .iter()
                .find(|unit| !owed.by.contains(&unit.kind) && !owed.by.contains(&unit.code))?;
            for other in sheet_names(&parts).iter().filter(|name| *name != sheet) {
                edit(&mut parts, other, without_rows);
            }
            let part = sheet_part(&parts, sheet);
            let xml = String::from_utf8(parts[&part].clone()).unwrap();
            let (before, rest) = xml.split_once("填报单位：")?;
            let (_, after) = rest.split_once('<')?;
            let xml = format!("{before}填报单位：{}<{after}", unit.name);
            parts.insert(part, xml.into_bytes());
            let file = format!("{MONTH}/{}_{}.xlsx", unit.name, place.form);
            write_workbook(&returns.join(&file), &parts);
            return Some(file);
        }
    }
    write_workbook(&path, &parts);
    Some(place.file.clone())
}

/// Does a finding name this very cell or return?
fn names(finding: &Finding, kind: Kind, place: &Place, file: &str) -> bool {
    let here = &*finding.location.file == file;
    match kind {
        Kind::Gone => finding.form == place.form && finding.unit == place.unit,
        Kind::NotOwed => here,
        Kind::Blank | Kind::Nobody => {
            let cells = &finding.location.cells;
            here && (finding.form.is_empty() || finding.form == place.form)
                && (finding.rejects() || cells.is_empty() || cells.contains(&place.cell))
        }
    }
}

fn is_like(a: &Figure, b: &Figure) -> bool {
    a.numerator == b.numerator && a.denominator == b.denominator && a.value == b.value
}

#[test]
fn no_broken_cell_and_no_wrong_return_moves_a_figure_in_silence() {
    let sample = repository().join("sample-data/zuoquan/returns");
    let good = compute(&sample);
    let known: BTreeSet<String> =
        good.checked.validated.findings.iter().map(|f| format!("{f:?}")).collect();
    let places = places(&good);
    assert!(places.len() > 5000, "{} cells", places.len());
    let mut chance = Chance(9);
    let (mut tried, mut moved, mut silent) = (0, 0, Vec::new());
    for _ in 0..RUNS {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&sample, folder.path());
        let mutations: Vec<(Kind, Place, String)> = choose(&good, &places, &mut chance)
            .into_iter()
            .filter_map(|(kind, place)| {
                let file = apply(&good, folder.path(), kind, &place)?;
                Some((kind, place, file))
            })
            .collect();
        tried += mutations.len();
        let now = compute(folder.path());
        let new: Vec<&Finding> = now
            .checked
            .validated
            .findings
            .iter()
            .filter(|f| f.outcome != Outcome::Explained && !known.contains(&format!("{f:?}")))
            .collect();
        let figures: BTreeMap<&str, &Figure> =
            now.figures.iter().map(|figure| (figure.id.as_str(), figure)).collect();
        for before in &good.figures {
            let after = figures.get(before.id.as_str());
            if after.is_some_and(|after| is_like(before, after)) {
                continue;
            }
            moved += 1;
            if after.is_some_and(|after| after.status != Status::Normal) {
                continue;
            }
            let reads = sources(before);
            for (kind, place, file) in &mutations {
                let meant = reads.contains(place.form.as_str());
                if meant && !new.iter().any(|f| names(f, *kind, place, file)) {
                    silent.push(format!("{kind:?} {place:?} → {}", before.id));
                }
            }
        }
    }
    assert!(tried >= 30 && moved > 200, "{tried} mutations moved {moved} figures");
    assert!(silent.is_empty(), "{tried} mutations, silent:\n{}", silent.join("\n"));
}
