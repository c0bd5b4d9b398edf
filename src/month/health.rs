//! 规则体检: over all periods, which checks never fire, fire in every period, are always explained
//! away, or never had what they need. Such a check teaches units to look away, or tells nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Definition;
use crate::model::{Outcome, Period, ReturnState, Validated};

/// What is odd about a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// Its form was never received.
    NothingToCheck,
    NeverEvaluated,
    AlwaysFires,
    AlwaysExplained,
    NeverFires,
}

impl Oddity {
    pub fn title(self) -> &'static str {
        match self {
            Self::NothingToCheck => "没有报表可审",
            Self::NeverEvaluated => "从未能评估",
            Self::AlwaysFires => "每期都触发",
            Self::AlwaysExplained => "触发的全部以说明了结",
            Self::NeverFires => "从未触发",
        }
    }

    /// What it may mean.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NothingToCheck => "报表还没有收过；核对报送周期",
            Self::NeverEvaluated => "所依据的报表或登记册一直不在；补齐，或停用",
            Self::AlwaysFires => "标准可能过严，或各单位没有改；与单位核实后调整",
            Self::AlwaysExplained => "审核挑不出差错；考虑放宽，或改为提示",
            Self::NeverFires => "可能一直填得好，也可能标准过宽；用一份有错的报表试一试",
        }
    }
}

/// A check over all periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckHealth {
    pub code: String,
    pub title: String,
    pub oddity: Oddity,
    /// Hand-in folders in which its form was received, and in how many of them it fired.
    pub folders: usize,
    pub fired_in: usize,
    pub failed: usize,
    pub explained: usize,
    pub not_evaluated: usize,
}

#[derive(Default)]
struct Seen<'v> {
    fired_in: BTreeSet<&'v Period>,
    failed: usize,
    explained: usize,
    not_evaluated: usize,
    /// Folders in which it could not be evaluated.
    blind_in: BTreeSet<&'v Period>,
}

/// Checks of the pipeline that are odd, by what is odd, then in the order of the definition.
pub fn health(definition: &Definition, validated: &Validated) -> Vec<CheckHealth> {
    let mut received: BTreeMap<&str, BTreeSet<&Period>> = BTreeMap::new();
    for receipt in validated.receipts.iter().filter(|r| r.state != ReturnState::Missing) {
        received.entry(&receipt.form).or_default().insert(&receipt.folder);
    }
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for finding in &validated.findings {
        let seen = seen.entry(&finding.code).or_default();
        match finding.outcome {
            Outcome::NotEvaluated => {
                seen.not_evaluated += 1;
                seen.blind_in.insert(&finding.folder);
                continue;
            }
            Outcome::Explained => seen.explained += 1,
            Outcome::Fail => seen.failed += 1,
        }
        seen.fired_in.insert(&finding.folder);
    }
    let (nothing, never) = (BTreeSet::new(), Seen::default());
    let mut odd: Vec<CheckHealth> = definition
        .checks
        .iter()
        .filter(|check| check.is_collectable())
        .filter_map(|check| {
            let folders = received.get(check.form.as_str()).unwrap_or(&nothing);
            let seen = seen.get(check.code.as_str()).unwrap_or(&never);
            Some(CheckHealth {
                code: check.code.clone(),
                title: check.title.clone(),
                oddity: oddity(folders, seen)?,
                folders: folders.len(),
                fired_in: seen.fired_in.len(),
                failed: seen.failed,
                explained: seen.explained,
                not_evaluated: seen.not_evaluated,
            })
        })
        .collect();
    odd.sort_by_key(|check| check.oddity);
    odd
}

fn oddity(folders: &BTreeSet<&Period>, seen: &Seen) -> Option<Oddity> {
    /// Fewer periods are no habit.
    const HABIT: usize = 3;
    let fired = seen.fired_in.len();
    if fired == 0 {
        return Some(match folders.is_empty() {
            true => Oddity::NothingToCheck,
            false if folders.is_subset(&seen.blind_in) => Oddity::NeverEvaluated,
            false => Oddity::NeverFires,
        });
    }
    match fired >= HABIT {
        true if seen.failed == 0 => Some(Oddity::AlwaysExplained),
        true if folders.is_subset(&seen.fired_in) => Some(Oddity::AlwaysFires),
        _ => None,
    }
}
