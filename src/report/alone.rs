//! One unit's share of a report: what remains of its inputs when the page is for this unit alone.
//!
//! The page is made from the share and from nothing else, so what is not in it cannot be shown:
//! figures, problems, findings, receipts and rows of other units are gone, the county's figures
//! are bare totals, and where a text of the unit's own names another unit (表与他人相同), the name is
//! replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Inputs;
use super::index::Index;
use crate::definition::{Definition, Reviewed};
use crate::lineage::{self, FigureLineage, Lineage, Return, UsedRows, UsedTable, rows_of};
use crate::model::{
    Collected, DiagnosedProblem, Evidence, Figure, Finding, Location, Origins, Receipt, RowsOf,
    Stage, Unit, Validated,
};

/// Stands where another unit's name stood.
const ANOTHER: &str = "另一单位";

/// A name of fewer letters that is not a unit's full one may be an everyday word.
const SHORTEST_ALIAS: usize = 3;

/// All that shares are cut from.
pub(super) struct Shares<'a> {
    index: Index<'a>,
    lineage: &'a Lineage,
    figures: BTreeMap<&'a str, Vec<&'a Figure>>,
    names: Names<'a>,
}

/// What belongs to one unit.
pub(super) struct Share {
    collected: Collected,
    validated: Validated,
    figures: Vec<Figure>,
    problems: Vec<DiagnosedProblem>,
    stage: Stage,
    pub(super) lineage: Lineage,
}

impl Share {
    pub(super) fn inputs<'s>(&'s self, of: &Inputs<'s>) -> Inputs<'s> {
        let Self { collected, validated, figures, problems, stage, .. } = self;
        let reviewed = Reviewed { collected, validated, ..of.reviewed };
        Inputs { reviewed, figures, problems, stage }
    }
}

impl<'a> Shares<'a> {
    pub(super) fn new(inputs: &Inputs<'a>, lineage: &'a Lineage) -> Self {
        let mut figures: BTreeMap<&str, Vec<&Figure>> = BTreeMap::new();
        for figure in inputs.figures {
            figures.entry(&figure.unit_code).or_default().push(figure);
        }
        let names = Names::of(inputs.definition);
        Self { index: Index::new(inputs), lineage, figures, names }
    }

    /// Has the unit anything to be told?
    pub(super) fn has(&self, unit: &Unit) -> bool {
        let code = unit.code.as_str();
        self.figures.contains_key(code) || !self.index.receipts_of(code).is_empty()
    }

    pub(super) fn of(&self, unit: &Unit) -> Share {
        let inputs = &self.index.inputs;
        let own = self.with_those_below(unit);
        let hide = |text: &str| self.names.hidden(text, &own);
        let own_figures: Vec<&Figure> =
            own.iter().filter_map(|code| self.figures.get(code)).flatten().copied().collect();
        let receipts = own.iter().flat_map(|code| self.index.receipts_of(code));
        let receipts = receipts
            .map(|&receipt| Receipt { file: hide(&receipt.file).into(), ..receipt.clone() });
        let findings = own.iter().flat_map(|code| self.index.findings_of(code));
        let problems = own.iter().flat_map(|code| self.index.problems_of(code));
        let returns = inputs.collected.returns.iter().filter(|f| own.contains(f.unit.as_str()));
        let mut figures: Vec<Figure> = own_figures.iter().map(|f| own_figure(f, &own)).collect();
        figures.extend(self.totals(&own_figures));
        Share {
            collected: Collected { returns: returns.cloned().collect(), ..Collected::default() },
            validated: Validated {
                findings: findings.map(|finding| told(finding, &hide)).collect(),
                receipts: receipts.collect(),
                ..Validated::default()
            },
            figures,
            problems: problems.map(|problem| diagnosed(problem, &hide)).collect(),
            stage: stage(inputs.stage, unit),
            lineage: self.rows_behind(&own, &own_figures, &hide),
        }
    }

    /// Codes of a unit and of those that report through it.
    fn with_those_below(&self, unit: &'a Unit) -> BTreeSet<&'a str> {
        let units = &self.index.inputs.definition.units;
        let county = self.index.county();
        let below = units.all().iter().filter(|one| units.is_below(one, &unit.code, county));
        below.map(|one| one.code.as_str()).collect()
    }

    /// The county's figures of the same indicators, as numbers that nobody can take apart.
    fn totals(&self, own: &[&Figure]) -> impl Iterator<Item = Figure> {
        let indicators: BTreeSet<&str> = own.iter().map(|f| f.indicator.as_str()).collect();
        let all = self.index.inputs.definition.indicators.iter();
        let same = all.filter(move |indicator| indicators.contains(indicator.id.as_str()));
        let totals = same.flat_map(|indicator| self.index.headlines(&indicator.id));
        totals.map(|total| Figure { lineage: Origins::default(), ..total.clone() })
    }

    /// The unit's own rows behind its figures, counted anew.
    fn rows_behind(
        &self,
        own: &BTreeSet<&str>,
        figures: &[&Figure],
        hide: &dyn Fn(&str) -> String,
    ) -> Lineage {
        let all = &self.lineage;
        let known = figures.iter().filter_map(|f| all.figures.get_key_value(&f.id));
        let figures: Vec<(&String, &FigureLineage)> = known.collect();
        let mut used: BTreeMap<usize, (BTreeSet<usize>, BTreeSet<&str>)> = BTreeMap::new();
        for part in figures.iter().flat_map(|(_, f)| f.numerator.iter().chain(&f.denominator)) {
            let Some(table) = all.tables.get(part.table) else { continue };
            let (rows, fields) = used.entry(part.table).or_default();
            rows.extend(self.own_rows(table, &part.rows, own));
            fields.extend(part.fields.iter().map(String::as_str));
        }
        let renumbered = |part: &UsedRows| {
            let (rows, _) = used.get(&part.table)?;
            let of_part = self.own_rows(all.tables.get(part.table)?, &part.rows, own);
            let rows: Vec<u32> =
                of_part.iter().map(|row| rows.range(..row).count() as u32).collect();
            let table = used.range(..part.table).count();
            Some(UsedRows { table, rows: lineage::ranges(&rows), ..part.clone() })
        };
        let figure = |(id, figure): &(&String, &FigureLineage)| {
            let parts = |parts: &[UsedRows]| parts.iter().filter_map(renumbered).collect();
            let (numerator, denominator) = (parts(&figure.numerator), parts(&figure.denominator));
            let (absent, problems) = (Vec::new(), Vec::new());
            let figure =
                FigureLineage { numerator, denominator, absent, problems, ..(*figure).clone() };
            ((*id).clone(), figure)
        };
        let tables = used.iter().filter_map(|(&at, (rows, fields))| {
            let table = all.tables.get(at)?;
            Some(cut(table, rows, |f| fields.contains(f) || table.is_key(f), hide))
        });
        Lineage {
            schema: all.schema,
            county: all.county.clone(),
            units: all.units.iter().filter(|u| own.contains(u.code.as_str())).cloned().collect(),
            calendar: None,
            indicators: BTreeMap::new(),
            tables: tables.collect(),
            figures: figures.iter().map(figure).collect(),
            left_out: Vec::new(),
            problems: BTreeMap::new(),
        }
    }

    /// Of these rows those that are the unit's.
    fn own_rows(&self, table: &UsedTable, rows: &str, own: &BTreeSet<&str>) -> Vec<usize> {
        let unit_of = |row: usize| -> Option<&str> {
            match table.rows_of() {
                RowsOf::Units => Some(&self.lineage.units.get(row)?.code),
                RowsOf::Register(_) => table.cells.get(&table.unit_column)?.get(row)?.as_deref(),
                RowsOf::Form(_) => {
                    let &(at, _) = table.rows.get(row)?;
                    Some(&table.returns.get(at)?.unit)
                }
            }
        };
        let is_own = |&row: &usize| unit_of(row).is_some_and(|code| own.contains(code));
        rows_of(rows).into_iter().map(|row| row as usize).filter(is_own).collect()
    }
}

fn own_figure(figure: &Figure, own: &BTreeSet<&str>) -> Figure {
    let absent = figure.lineage.absent.iter();
    let absent = absent.filter(|absent| own.contains(absent.unit.as_str())).cloned().collect();
    Figure { lineage: Origins { absent, ..Origins::default() }, ..figure.clone() }
}

/// A finding as it may be told to its unit.
fn told(finding: &Finding, hide: &dyn Fn(&str) -> String) -> Finding {
    Finding {
        location: place(&finding.location, hide),
        seen: hide(&finding.seen),
        expected: hide(&finding.expected),
        message: hide(&finding.message),
        ..finding.clone()
    }
}

fn place(location: &Location, hide: &dyn Fn(&str) -> String) -> Location {
    let text = |text: &Arc<str>| hide(text).into();
    let Location { file, sheet, cells } = location;
    Location { file: text(file), sheet: text(sheet), cells: cells.clone() }
}

fn diagnosed(problem: &DiagnosedProblem, hide: &dyn Fn(&str) -> String) -> DiagnosedProblem {
    let evidence = |evidence: &Evidence| match evidence.clone() {
        Evidence::Finding { code, folder, location } => {
            Evidence::Finding { code, folder, location: place(&location, hide) }
        }
        Evidence::Return { state, form, folder, file } => {
            Evidence::Return { state, form, folder, file: hide(&file) }
        }
        figure @ Evidence::Figure(_) => figure,
    };
    DiagnosedProblem {
        text: hide(&problem.text),
        evidence: problem.evidence.iter().map(evidence).collect(),
        ..problem.clone()
    }
}

/// Others' exceptions are no business of the unit's.
fn stage(stage: &Stage, unit: &Unit) -> Stage {
    match stage.clone() {
        Stage::Final { edition, exceptions } => {
            let own = exceptions.into_iter().filter(|exception| exception.who == unit.name);
            Stage::Final { edition, exceptions: own.collect() }
        }
        other => other,
    }
}

/// The given rows and fields of a table, with the returns that they stand in.
fn cut(
    table: &UsedTable,
    rows: &BTreeSet<usize>,
    shows: impl Fn(&str) -> bool,
    hide: &dyn Fn(&str) -> String,
) -> UsedTable {
    let from: BTreeSet<usize> =
        rows.iter().filter_map(|&row| Some(table.rows.get(row)?.0)).collect();
    let returns = from.iter().filter_map(|&at| table.returns.get(at)).map(|own| Return {
        unit: own.unit.clone(),
        unit_name: own.unit_name.clone(),
        file: hide(&own.file),
        sheet: hide(&own.sheet),
        columns: own.columns.clone(),
    });
    let fields: BTreeMap<String, String> = table
        .fields
        .iter()
        .filter(|(f, _)| shows(f))
        .map(|(f, t)| (f.clone(), t.clone()))
        .collect();
    let cells = |field: &String| {
        let all = table.cells.get(field);
        rows.iter().map(|&row| all.and_then(|all| all.get(row)?.clone())).collect()
    };
    let places = |field: &String| {
        let all = table.places.get(field)?;
        let own = (0..).zip(rows).filter_map(|(now, row)| Some((now, all.get(row)?.clone())));
        Some((field.clone(), own.collect()))
    };
    UsedTable {
        source: table.source.clone(),
        title: table.title.clone(),
        period: table.period.clone(),
        returns: returns.collect(),
        rows: rows
            .iter()
            .filter_map(|&row| table.rows.get(row))
            .map(|&(at, sheet_row)| (from.range(..at).count(), sheet_row))
            .collect(),
        cells: fields.keys().map(|field| (field.clone(), cells(field))).collect(),
        places: fields.keys().filter_map(places).collect(),
        fields,
        ..UsedTable::default()
    }
}

/// The names of all units by their first letter, the longest first, each with the unit's code.
struct Names<'a> {
    county: &'a str,
    by_letter: BTreeMap<char, Vec<(&'a str, &'a str)>>,
}

impl<'a> Names<'a> {
    fn of(definition: &'a Definition) -> Self {
        let mut by_letter: BTreeMap<char, Vec<(&str, &str)>> = BTreeMap::new();
        let mut add = |name: &'a str, code: &'a str| {
            if let Some(first) = name.chars().next() {
                by_letter.entry(first).or_default().push((name, code));
            }
        };
        let county = definition.settings.county_code.as_str();
        add(&definition.settings.county_name, county);
        for unit in definition.units.all() {
            add(&unit.name, &unit.code);
            let long = |alias: &&String| alias.chars().count() >= SHORTEST_ALIAS;
            unit.aliases.iter().filter(long).for_each(|alias| add(alias, &unit.code));
        }
        for names in by_letter.values_mut() {
            names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
        Self { county, by_letter }
    }

    /// The text without the names of units other than these and the county; the longest name
    /// counts, so that 左权县 in 左权县辽阳镇 is a part of that.
    fn hidden(&self, text: &str, own: &BTreeSet<&str>) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let mut names = self.by_letter.get(&first).into_iter().flatten();
            let step = match names.find(|(name, _)| rest.starts_with(name)) {
                Some((name, code)) => {
                    let known = own.contains(code) || *code == self.county;
                    shown.push_str(if known { name } else { ANOTHER });
                    name.len()
                }
                None => {
                    shown.push(first);
                    first.len_utf8()
                }
            };
            rest = &rest[step..];
        }
        shown
    }
}
