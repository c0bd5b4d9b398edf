//! Two engines asked the same: the embedded one answers, and where the other one says something
//! else it is noted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::ensure;

use crate::model::{Agreement, Column};
use crate::sql::{Added, Asked, Embedded, Engine, Expression, GroupPlan, Groups, Measure};

/// So many differences of a source are written out; all are counted.
const SHOWN: usize = 10;

#[derive(Debug)]
pub struct Compared {
    other: Arc<dyn Engine>,
    noted: Mutex<BTreeMap<String, Agreement>>,
}

impl Compared {
    pub fn with(other: Arc<dyn Engine>) -> Self {
        Self { other, noted: Mutex::default() }
    }

    /// What was compared so far, by source.
    pub fn noted(&self) -> BTreeMap<String, Agreement> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, asked: Asked, note: impl FnOnce(&mut Agreement)) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let agreement = noted.entry(asked.source.to_owned()).or_default();
        agreement.rows = agreement.rows.max(asked.frame.len());
        note(agreement);
    }
}

impl Engine for Compared {
    fn rows(&self, asked: Asked, expressions: &[&Expression]) -> anyhow::Result<Vec<Column>> {
        let own = Embedded.rows(asked, expressions)?;
        let other = self.other.rows(asked, expressions)?;
        ensure!(own.len() == other.len(), "计算引擎给出的列数不符");
        self.note(asked, |agreement| {
            agreement.rules += expressions.len();
            for ((own, other), expression) in own.iter().zip(&other).zip(expressions) {
                columns(agreement, &expression.text, own, other);
            }
        });
        Ok(own)
    }

    fn grouped(
        &self,
        asked: Asked,
        plan: &GroupPlan,
    ) -> anyhow::Result<(Vec<Column>, Vec<Groups>)> {
        let own = Embedded.grouped(asked, plan)?;
        let (numbers, groups) = self.other.grouped(asked, plan)?;
        ensure!(own.1.len() == groups.len(), "计算引擎给出的分组数不符");
        self.note(asked, |agreement| {
            agreement.measures += plan.measures.len();
            if plan.rows {
                for ((own, other), measure) in own.0.iter().zip(&numbers).zip(plan.measures) {
                    columns(agreement, measure.text(), own, other);
                }
            }
            for (at, (own, other)) in own.1.iter().zip(&groups).enumerate() {
                let measures: Vec<&Measure> =
                    plan.sets[at].1.iter().map(|&measure| plan.measures[measure]).collect();
                sums(agreement, &measures, own, other);
            }
        });
        Ok(own)
    }
}

fn differs(agreement: &mut Agreement, said: impl FnOnce() -> String) {
    agreement.differing += 1;
    if agreement.differences.len() < SHOWN {
        agreement.differences.push(said());
    }
}

/// The same question of each row.
fn columns(agreement: &mut Agreement, what: &str, own: &Column, other: &Column) {
    agreement.values += own.len();
    if own == other {
        return;
    }
    for row in 0..own.len().max(other.len()) {
        let value = |column: &Column| (row < column.len()).then(|| column.get(row));
        let (here, there) = (value(own), value(other));
        if here != there {
            // No value of a row leaves the return, only that it is another one.
            differs(agreement, || format!("第 {} 行：{what}", row + 1));
        }
    }
}

/// The same measures by the same keys.
fn sums(agreement: &mut Agreement, measures: &[&Measure], own: &Groups, other: &Groups) {
    agreement.groups += own.rows.len();
    agreement.tallies += 3 * own.rows.len() * measures.len();
    if own.keys != other.keys {
        differs(agreement, || "分出的组不同".to_owned());
        return;
    }
    for ((measure, own), other) in measures.iter().zip(&own.added).zip(&other.added) {
        for (group, (here, there)) in own.iter().zip(other).enumerate() {
            if here != there {
                let (here, there) = (said(here), said(there));
                let group = group + 1;
                differs(agreement, || {
                    format!("第 {group} 组：{}：本机{here}，引擎{there}", measure.text())
                });
            }
        }
    }
}

fn said(added: &Added) -> String {
    format!("{}行、用{}行、合计{}", added.considered, added.used, added.sum)
}
