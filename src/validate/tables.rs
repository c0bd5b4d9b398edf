//! Fact tables by role: the folder's own, the period before, a year ago, all; and registers.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;

use super::accepted::{AcceptedSoFar, Current, Ready, Settled};
use crate::definition::{Definition, Duty, Form, TableRole, register_columns};
use crate::model::{FactTable, Period, ReturnFacts};
use crate::sql::Frame;

/// Who owes what, of every form in its period of this folder, the one before and a year ago: as
/// settled before the checks between forms.
#[derive(Default)]
struct Duties(BTreeMap<(String, Period), Vec<Duty>>);

/// The tables of one folder, as accepted after the checks inside forms.
pub(super) struct FolderTables<'a> {
    definition: &'a Definition,
    /// `<form>`: the latest period due, of this folder or an earlier one.
    pub current: Current,
    duties: Duties,
    /// Frames by table name, made when a check first asks.
    frames: BTreeMap<String, Arc<Ready>>,
    /// By name and the period in which their rows are valid.
    registers: BTreeMap<(String, Period), Frame>,
}

impl<'a> FolderTables<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        current: Current,
        history: &AcceptedSoFar,
    ) -> anyhow::Result<Self> {
        let mut tables = Self {
            definition,
            current,
            duties: Duties::default(),
            frames: BTreeMap::new(),
            registers: BTreeMap::new(),
        };
        for form in &definition.forms {
            for role in [TableRole::Current, TableRole::Previous, TableRole::YearAgo] {
                let Some(period) = tables.period(form, role, history) else { continue };
                let settled = Settled { current: &tables.current, history };
                let duties = definition.duties_for(form, &period, &settled)?;
                tables.duties.0.insert((form.id.clone(), period), duties);
            }
        }
        Ok(tables)
    }

    /// Does a unit owe a form, as far as is known?
    pub(super) fn may_owe(&self, form: &Form, period: &Period, unit: &str) -> bool {
        let duties = self.duties.0.get(&(form.id.clone(), period.clone()));
        let duty = duties.and_then(|duties| duties.get(self.definition.units.order(unit)));
        duty.is_some_and(|duty| *duty != Duty::Free)
    }

    /// The period that a role means for a form in this folder.
    pub(super) fn period(
        &self,
        form: &Form,
        role: TableRole,
        history: &AcceptedSoFar,
    ) -> Option<Period> {
        let now = self
            .current
            .get(&form.id)
            .map(|(period, _)| period)
            .or_else(|| history.latest(&form.id))?;
        match role {
            TableRole::Current | TableRole::All => Some(now.clone()),
            TableRole::Previous => form.previous_period(now),
            TableRole::YearAgo => now.year_ago(),
        }
    }

    /// Makes ready what checks draw on.
    pub(super) fn make_ready<'f>(
        &self,
        drawn_on: impl IntoIterator<Item = (&'f Form, TableRole)>,
        history: &mut AcceptedSoFar,
    ) -> anyhow::Result<()> {
        let dated = |(form, role)| Some((form, self.period(form, role, history)?));
        let dated: Vec<(&Form, Period)> = drawn_on.into_iter().filter_map(dated).collect();
        history.make_ready(self.definition, dated)
    }

    /// The accepted table of a role, made ready before; `None` when nothing was accepted.
    pub(super) fn ready(
        &self,
        form: &Form,
        role: TableRole,
        history: &AcceptedSoFar,
    ) -> Option<Arc<Ready>> {
        let own = self.current.get(&form.id).filter(|_| role == TableRole::Current);
        let accepted = || history.ready(&form.id, &self.period(form, role, history)?);
        own.map(|(_, ready)| ready).or_else(accepted).cloned()
    }

    /// Makes the named tables; forms without accepted rows become empty tables. Of registers the
    /// rows that are valid in the period.
    pub(super) fn prepare(
        &mut self,
        names: &[String],
        period: &Period,
        history: &AcceptedSoFar,
    ) -> anyhow::Result<()> {
        for name in names {
            let dated = (name.clone(), period.clone());
            if self.frames.contains_key(name) || self.registers.contains_key(&dated) {
                continue;
            }
            match self.definition.form_of_table(name) {
                None => {
                    let Some(register) = self.definition.registers.get(name) else {
                        anyhow::bail!("审核公式所用的表“{name}”既不是报表也不是名录");
                    };
                    let frame = Frame::new(register_columns(register, period))
                        .with_context(|| format!("无法为名录“{name}”建立计算用表"))?;
                    self.registers.insert(dated, frame);
                }
                Some((form, role)) => {
                    let ready = if role == TableRole::All {
                        Some(self.all(form, history)?)
                    } else {
                        self.ready(form, role, history)
                    };
                    let ready = match ready {
                        Some(ready) => ready,
                        None => {
                            let none = FactTable::new(&form.id, &form.column_types(), Vec::new());
                            Ready::new(self.definition, form, Arc::new(none))?
                        }
                    };
                    self.frames.insert(name.clone(), ready);
                }
            }
        }
        Ok(())
    }

    /// Prepared tables, for a query.
    pub(super) fn frames(&self, names: &[String], period: &Period) -> BTreeMap<String, &Frame> {
        let frame = |name: &String| {
            let form = self.frames.get(name).map(|ready| &ready.frame);
            let register = || self.registers.get(&(name.clone(), period.clone()));
            form.or_else(register).map(|frame| (name.clone(), frame))
        };
        names.iter().filter_map(frame).collect()
    }

    /// Earlier periods and the folder's own rows.
    fn all(&self, form: &Form, history: &AcceptedSoFar) -> anyhow::Result<Arc<Ready>> {
        let current = self.current.get(&form.id);
        let own = |r: &&Arc<ReturnFacts>| current.is_none_or(|(period, _)| r.period != *period);
        let mut returns: Vec<_> = history.returns_of(&form.id).filter(own).cloned().collect();
        if let Some((_, ready)) = current {
            returns.extend(ready.table.returns.iter().cloned());
        }
        let table = FactTable::new(&form.id, &form.column_types(), returns);
        Ready::new(self.definition, form, Arc::new(table))
    }
}
