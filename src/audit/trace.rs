//! Opens one figure of a report to its definition, its cells and the units left out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use super::{LINEAGE, Manifest, sha256};
use crate::lineage::{Absence, Lineage, UsedRows, rows_of};

/// A figure opened.
#[derive(Debug, Clone, Serialize)]
pub struct Trace {
    pub figure_id: String,
    pub title: String,
    pub unit: String,
    pub period: String,
    /// Numerator, denominator, value, measure and status as printed in `figures.csv`.
    pub numerator: String,
    pub denominator: String,
    pub value: String,
    pub measure: String,
    pub status: String,
    /// The definition in words; below it as written.
    pub definition: String,
    pub numerator_definition: String,
    pub denominator_definition: String,
    pub filter: String,
    pub base: String,
    pub note: String,
    pub numerator_cells: Vec<TracedCell>,
    pub denominator_cells: Vec<TracedCell>,
    /// Rows of the numerator that the report does not list, because there are too many.
    #[serde(skip_serializing_if = "is_zero")]
    pub numerator_unlisted: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub denominator_unlisted: u64,
    pub absent: Vec<Absence>,
    /// Ids of the diagnosed problems that the figure counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct TracedCell {
    pub unit: String,
    pub file: String,
    pub sheet: String,
    /// Empty for a field that the return has no column for.
    pub cell: String,
    pub field: String,
    pub title: String,
    /// As typed; `None` is blank.
    pub raw: Option<String>,
    /// What the county changed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amended: Option<String>,
}

/// Refuses a report whose numbers or lineage are not those that its manifest names.
pub fn untouched(report: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let traced = |name: &str| name == LINEAGE || name.ends_with(".csv");
    for subject in manifest.subject.iter().filter(|subject| traced(&subject.name)) {
        let path = report.join(&subject.name);
        let bytes = std::fs::read(&path).with_context(|| format!("{} 不能读取", path.display()))?;
        anyhow::ensure!(
            sha256(&bytes) == subject.digest.sha256,
            "{} 与清单记载的不同，生成以后被改动过，不能据以溯源；请用 audit verify 查明",
            subject.name
        );
    }
    Ok(())
}

/// Refuses a report whose numbers or lineage are not those that are recomputed: whoever edits the
/// lineage can edit the manifest, too.
pub fn prove(
    report: &Path,
    manifest: &Manifest,
    recomputed: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<()> {
    for (name, now) in recomputed {
        let then = std::fs::read(report.join(name));
        if then.ok().as_ref() == Some(now) {
            continue;
        }
        let version = match manifest.program_version() {
            env!("CARGO_PKG_VERSION") => String::new(),
            then => format!("（报告由程序 {then} 生成，现为 {}）", env!("CARGO_PKG_VERSION")),
        };
        anyhow::bail!(
            "{name} 与用原始报表重算的不同{version}，不能证明报告里的数字出自这些报表；请用 audit verify 查明，\
             只看报告当时所记的可加 --as-recorded"
        );
    }
    Ok(())
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The lineage of a report, as it was recorded.
pub fn lineage_of(report: &Path) -> anyhow::Result<Lineage> {
    let path = report.join(LINEAGE);
    let bytes = std::fs::read(&path).with_context(|| format!("{} 不能读取", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} 不是有效的溯源文件", path.display()))
}

/// Traces a figure of the report in `report`.
pub fn trace(report: &Path, lineage: &Lineage, figure_id: &str) -> anyhow::Result<Trace> {
    let Some(figure) = lineage.figures.get(figure_id) else {
        anyhow::bail!("报告里没有指标值 “{figure_id}”{}", near(lineage, figure_id));
    };
    let printed = printed_row(report, "figures.csv", figure_id)?;
    let definition = lineage
        .indicators
        .get(&figure.indicator)
        .with_context(|| format!("溯源文件里没有指标 “{}” 的定义", figure.indicator))?;
    let column = |name: &str| printed.get(name).cloned().unwrap_or_default();
    Ok(Trace {
        figure_id: figure_id.to_owned(),
        title: definition.title.clone(),
        unit: figure.unit.clone(),
        period: figure.period.clone(),
        numerator: column("numerator"),
        denominator: column("denominator"),
        value: column("value"),
        measure: column("unit_measure"),
        status: column("status"),
        definition: definition.words.clone(),
        numerator_definition: definition.numerator.clone(),
        denominator_definition: definition.denominator.clone(),
        filter: definition.filter.clone(),
        base: definition.base.clone(),
        note: definition.note.clone(),
        numerator_cells: cells(lineage, &figure.numerator),
        denominator_cells: cells(lineage, &figure.denominator),
        numerator_unlisted: figure.numerator.iter().map(|part| part.unlisted).sum(),
        denominator_unlisted: figure.denominator.iter().map(|part| part.unlisted).sum(),
        absent: figure.absent.iter().map(|absent| titled(lineage, absent)).collect(),
        problems: figure.problems.clone(),
    })
}

/// With the form called by its title, as far as some return of it was counted.
fn titled(lineage: &Lineage, absent: &Absence) -> Absence {
    let table = lineage.tables.iter().find(|table| table.source == absent.form);
    let form = table.map_or_else(|| absent.form.clone(), |table| format!("《{}》", table.title));
    Absence { form, ..absent.clone() }
}

fn cells(lineage: &Lineage, parts: &[UsedRows]) -> Vec<TracedCell> {
    let mut traced = Vec::new();
    for part in parts {
        let Some(table) = lineage.tables.get(part.table) else { continue };
        for row in rows_of(&part.rows) {
            let Some(&(return_index, _)) = table.rows.get(row as usize) else { continue };
            let Some(source) = table.returns.get(return_index) else { continue };
            let mut fields: Vec<&String> = table
                .fields
                .keys()
                .filter(|f| part.fields.contains(f) || table.is_key(f))
                .collect();
            // As they stand in the sheet, from left to right.
            fields.sort_by_key(|f| source.columns.get(*f).map(|letters| (letters.len(), letters)));
            let amended = |field: &String| table.amended.get(field)?.get(&(row as usize)).cloned();
            for field in fields {
                let raw = table.cells.get(field).and_then(|c| c.get(row as usize)).cloned();
                traced.push(TracedCell {
                    unit: source.unit_name.clone(),
                    file: source.file.clone(),
                    sheet: source.sheet.clone(),
                    cell: table.cell(row as usize, field),
                    field: field.clone(),
                    title: table.fields.get(field).cloned().unwrap_or_default(),
                    raw: raw.flatten(),
                    amended: amended(field),
                });
            }
        }
    }
    traced
}

/// The row of a CSV output that begins with an id, by column name.
pub(super) fn printed_row(
    report: &Path,
    name: &str,
    id: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let path = report.join(name);
    let text = std::fs::read(&path).with_context(|| format!("{} 不能读取", path.display()))?;
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers()?.clone();
    for record in reader.records() {
        let record = record?;
        if record.get(0) == Some(id) {
            let pairs = header.iter().zip(&record);
            return Ok(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect());
        }
    }
    anyhow::bail!("{name} 里没有 “{id}”")
}

fn near(lineage: &Lineage, figure_id: &str) -> String {
    let indicator = figure_id.split('@').next().unwrap_or(figure_id);
    let same: Vec<&str> = lineage
        .figures
        .iter()
        .filter(|(_, f)| f.indicator == indicator)
        .map(|(id, _)| id.as_str())
        .take(5)
        .collect();
    if same.is_empty() {
        "；全部编号见 figures.csv 第一列".to_owned()
    } else {
        format!("；同一指标有：{} …", same.join("、"))
    }
}
