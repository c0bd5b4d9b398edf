//! Checks between forms and across periods (表间、跨期): queries whose rows are violations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::accepted::{AcceptedSoFar, Ready};
use super::context::{Context, Output};
use super::interval;
use super::run::Run;
use super::tables::FolderTables;
use crate::definition::{CellOf, Form, TableRole};
use crate::model::{CheckTally, FactTable, Finding, Location, Period, ReturnFacts, Wording};

/// Runs every query and interval check of the forms received in this folder, each once, on
/// what was accepted after the checks inside forms.
pub(super) fn check_queries(
    context: &Context,
    tables: &mut FolderTables,
    received: &BTreeSet<(String, String)>,
    history: &mut AcceptedSoFar,
    output: &mut Output,
) -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for check in context.definition.checks.iter().filter(|check| check.is_collectable()) {
        let Some(form) = context.definition.form(&check.form) else { continue };
        let interval = check.interval.as_ref().and_then(|i| i.parsed.as_ref().map(|q| (i, q)));
        let Some(query) = check.parsed_violations.as_ref().or(interval.map(|(_, q)| q)) else {
            continue;
        };
        let Some((period, own)) = tables.current.get(&form.id) else { continue };
        let senders: BTreeSet<&str> =
            received.iter().filter(|(id, _)| *id == form.id).map(|(_, u)| u.as_str()).collect();
        if senders.is_empty() || own.table.returns.is_empty() {
            continue;
        }
        let (own, period) = (own.clone(), period.clone());
        let interval = interval.map(|(i, _)| i).filter(|_| check.parsed_violations.is_none());
        runs.push(Run { context, check, form, query, interval, own, period, senders });
    }
    let others = runs.iter().flat_map(Run::others).map(|other| (other.form, other.role));
    tables.make_ready(others, history)?;
    let mut draws = Vec::with_capacity(runs.len());
    for run in &runs {
        let drawn = if run.interval.is_some() { Vec::new() } else { run.drawn(tables, history) };
        if drawn.iter().all(Drawn::is_there) {
            tables.prepare(&run.query.tables, &run.period, history)?;
        }
        draws.push(drawn);
    }
    let tables = &*tables;
    let outputs: Vec<Output> = runs
        .par_iter()
        .zip(&draws)
        .map(|(run, drawn)| run.output(drawn, tables))
        .collect::<Result<_, _>>()?;
    outputs.into_iter().for_each(|own| output.add(own));
    Ok(())
}

/// Another table that a check draws on.
struct Other<'a> {
    form: &'a Form,
    role: TableRole,
    /// A field that the returns must have.
    field: Option<usize>,
}

/// Another table as it stands in this folder.
struct Drawn<'a> {
    other: Other<'a>,
    period: Option<Period>,
    ready: Option<Arc<Ready>>,
}

impl Drawn<'_> {
    fn is_there(&self) -> bool {
        self.ready.as_ref().is_some_and(|ready| !ready.table.returns.is_empty())
    }
}

impl<'a> Run<'a> {
    /// The other tables as they stand.
    fn drawn(&self, tables: &FolderTables, history: &AcceptedSoFar) -> Vec<Drawn<'a>> {
        let drawn = |other: Other<'a>| {
            let ready = tables.ready(other.form, other.role, history);
            let period = tables.period(other.form, other.role, history);
            Drawn { other, period, ready }
        };
        self.others().into_iter().map(drawn).collect()
    }

    fn output(&self, drawn: &[Drawn], tables: &FolderTables) -> anyhow::Result<Output> {
        let mut output = Output::default();
        match self.interval {
            Some(interval) => interval::check(self, interval, &self.rows(tables)?, &mut output),
            None => self.violations(drawn, tables, &mut output)?,
        }
        Ok(output)
    }

    fn violations(
        &self,
        drawn: &[Drawn],
        tables: &FolderTables,
        output: &mut Output,
    ) -> anyhow::Result<()> {
        let mut missing_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in drawn {
            let (Some(ready), true) = (&one.ready, one.is_there()) else {
                output.findings.push(self.not_available(&one.other, one.period.as_ref()));
                output.tally(&self.check.code).not_evaluated += self.own.table.len();
                return Ok(());
            };
            let Some(period) = &one.period else { continue };
            for facts in &self.own.table.returns {
                let unit = &facts.unit;
                let owes = tables.may_owe(one.other.form, period, unit);
                if let Some(reason) = self.lacks(&one.other, period, ready, unit, owes) {
                    let reasons = missing_of.entry(facts.unit.clone()).or_default();
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
            }
        }
        for facts in &self.own.table.returns {
            let lacking =
                self.check.cells_of.iter().filter(|cell| self.cell(facts, cell).is_none());
            let lacking: Vec<String> = lacking.map(|cell| self.lacks_cell(cell)).collect();
            if !lacking.is_empty() {
                missing_of.entry(facts.unit.clone()).or_default().extend(lacking);
            }
        }
        for facts in &self.own.table.returns {
            if let Some(reasons) = missing_of.get(&facts.unit) {
                output.findings.push(self.not_evaluated(facts, reasons));
            }
        }
        let rows = self.rows(tables)?;
        let mut blamed = Blamed::default();
        for row in 0..rows.len() {
            let mut finding = self.fail(&rows, row, &[]);
            self.show_cells(&mut finding);
            if !missing_of.contains_key(&finding.unit) && !self.is_out(&finding.unit, tables) {
                blamed.add(&finding, self.blamed_row(&rows, row).map(|view| view.row));
                output.findings.push(finding);
            }
        }
        let unjudged = |unit: &str| missing_of.contains_key(unit);
        blamed.count(&self.own.table, unjudged, output.tally(&self.check.code));
        Ok(())
    }

    /// Row and field of a cell that a rule over items names, where it has a number.
    fn cell(&self, facts: &ReturnFacts, cell: &CellOf) -> Option<(usize, usize)> {
        let items = self.form.field_index(&self.form.items.as_ref()?.field)?;
        let field = self.form.field_index(&cell.field)?;
        let is_item = |row: &usize| facts.columns[items].text(*row) == Some(cell.item.as_str());
        let row = (0..facts.rows.len()).find(is_item)?;
        (!facts.columns[field].is_missing(row)).then_some((row, field))
    }

    fn named(&self, cell: &CellOf) -> String {
        let title = self.form.field(&cell.field).map_or("", |field| field.title.as_str());
        format!("“{}”的{title}", cell.item)
    }

    fn lacks_cell(&self, cell: &CellOf) -> String {
        format!("没有{}", self.named(cell))
    }

    /// A finding about cells of several items shows all of them.
    fn show_cells(&self, finding: &mut Finding) {
        let Some(facts) = self.own.table.of_unit(&finding.unit).next() else { return };
        let (mut cells, mut seen) = (Vec::new(), Vec::new());
        for cell in &self.check.cells_of {
            let Some((row, field)) = self.cell(facts, cell) else { continue };
            cells.extend(facts.cell(row, field));
            seen.push(format!("{}={}", self.named(cell), facts.columns[field].get(row)));
        }
        if !cells.is_empty() {
            finding.location.cells = cells;
            finding.seen = seen.join("，");
        }
    }

    /// The unit's own return is missing or rejected already: that is said, and nothing follows
    /// from it here.
    fn is_out(&self, unit: &str, tables: &FolderTables) -> bool {
        let accepted = self.own.table.has_unit(unit);
        let owes = || tables.may_owe(self.form, &self.period, unit);
        !unit.is_empty() && !accepted && (self.senders.contains(unit) || owes())
    }

    /// Tables of other forms or periods that the check reads or needs; not those of all periods.
    fn others(&self) -> Vec<Other<'a>> {
        let definition = self.context.definition;
        let mut others: Vec<Other> = Vec::new();
        for name in &self.query.tables {
            if let Some((form, role)) = definition.form_of_table(name)
                && (form.id.as_str(), role) != (self.form.id.as_str(), TableRole::Current)
            {
                others.push(Other { form, role, field: None });
            }
        }
        for need in &self.check.needs {
            let (table, field) = need.split_once('.').unwrap_or((need, ""));
            let Some((form, role)) = definition.form_of_table(table) else { continue };
            others.push(Other { form, role, field: form.field_index(field) });
        }
        others.retain(|other| other.role != TableRole::All);
        others
    }

    /// What a unit lacks of another table that it owes; `None` when nothing.
    fn lacks(
        &self,
        other: &Other,
        period: &Period,
        ready: &Ready,
        unit: &str,
        owes: bool,
    ) -> Option<String> {
        let title = &other.form.title;
        match ready.table.of_unit(unit).next() {
            Some(facts) => {
                let field = other.field?;
                let present = facts.column_at.get(field).copied().flatten().is_some();
                let named = &other.form.fields[field].title;
                (!present).then(|| format!("“{title}”（{}）没有“{named}”栏", period.title()))
            }
            None => owes.then(|| format!("“{title}”（{}）未报或退回", period.title())),
        }
    }

    /// The whole check cannot be evaluated: said once.
    fn not_available(&self, other: &Other, period: Option<&Period>) -> Finding {
        let title = &other.form.title;
        let message = match (other.role, period) {
            (TableRole::Previous, Some(period)) => {
                format!("未评估：没有“{title}”上期（{}）审核通过的报表", period.title())
            }
            (TableRole::Previous, None) => format!("未评估：“{title}”没有上期"),
            (TableRole::YearAgo, Some(period)) => {
                format!("未评估：没有“{title}”上年同期（{}）审核通过的报表", period.title())
            }
            (_, Some(period)) => {
                format!("未评估：没有“{title}”（{}）审核通过的报表", period.title())
            }
            (_, None) => format!("未评估：尚无“{title}”"),
        };
        let remedy = "补齐所缺报表后重新审核；首期没有上期数据的，无须处理";
        Finding {
            unit: String::new(),
            location: Location::default(),
            message,
            ..self.finding(Wording::default()).not_evaluated(remedy)
        }
    }

    fn not_evaluated(&self, facts: &ReturnFacts, reasons: &[String]) -> Finding {
        Finding {
            unit: facts.unit.clone(),
            period: facts.period.clone(),
            location: facts.sheet_location(),
            message: format!("未评估：本单位{}", reasons.join("；")),
            ..self.finding(Wording::default()).not_evaluated("补报或更正所缺报表后重新审核")
        }
    }
}

/// What the violations of one check blame: rows, returns as a whole, or the county.
#[derive(Default)]
struct Blamed {
    rows: BTreeSet<usize>,
    units: BTreeSet<String>,
    county: bool,
    /// Findings that blame no row.
    whole: usize,
}

impl Blamed {
    fn add(&mut self, finding: &Finding, row: Option<usize>) {
        if let Some(row) = row {
            self.rows.insert(row);
            return;
        }
        self.whole += 1;
        if finding.unit.is_empty() {
            self.county = true;
        } else {
            self.units.insert(finding.unit.clone());
        }
    }

    /// Counts the rows that were looked at. Rows of what is blamed as a whole neither passed nor
    /// failed.
    fn count(&self, table: &FactTable, unjudged: impl Fn(&str) -> bool, tally: &mut CheckTally) {
        tally.failed += self.rows.len() + self.whole;
        for row in 0..table.len() {
            let unit = table.unit(row);
            if unjudged(unit) {
                tally.not_evaluated += 1;
            } else if !self.rows.contains(&row) && !self.county && !self.units.contains(unit) {
                tally.passed += 1;
            }
        }
    }
}
