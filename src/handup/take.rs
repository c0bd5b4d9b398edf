//! Which of what was handed up is taken, and what is said of the rest. What is not taken counts
//! nowhere: its units are as absent as if nothing had come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::read::{HandUp, NotTaken, found_below, peek, read};
use super::registers;
use crate::definition::Definition;
use crate::model::codes;
use crate::model::{Finding, Location, Period, Wording, head_of};

/// What was handed up and can be used, one a county, in the order of the unit register.
#[derive(Debug, Default)]
pub struct Taken {
    pub handups: Vec<HandUp>,
    pub findings: Vec<Finding>,
}

/// Reads everything in and below the folders. Without a period it is the latest that is there.
pub fn take(
    folders: &[PathBuf],
    definition: &Definition,
    period: Option<&Period>,
) -> anyhow::Result<(Period, Taken)> {
    let mut found = Vec::new();
    for folder in folders {
        found.extend(found_below(folder)?);
    }
    let Some(period) = period.cloned().or_else(|| latest(&found)) else {
        let names: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
        anyhow::bail!(
            "{} 里没有上交的数据（含 manifest.json 的文件夹）。请先由各单位运行 dangtong collect",
            names.join("、")
        );
    };
    let mut taken = Taken::default();
    let mut known = registers::Known::new(definition);
    let mut by_county: BTreeMap<String, Vec<HandUp>> = BTreeMap::new();
    let all: Vec<Result<HandUp, NotTaken>> =
        found.par_iter().map(|folder| read(folder, definition, &period)).collect();
    for one in all {
        match one {
            Ok(handup) => by_county.entry(handup.manifest.county.clone()).or_default().push(handup),
            Err(refused) => taken.findings.push(refusal(definition, &period, &refused)),
        }
    }
    for (county, mut all) in by_county {
        let first = all.swap_remove(0);
        let (same, rivals): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|other| other.sha256 == first.sha256);
        let mut say = |code, message: String| {
            let county = county.clone();
            let refused =
                NotTaken { code, county, folder: first.manifest.county_name.clone(), message };
            taken.findings.push(refusal(definition, &period, &refused));
        };
        if !same.is_empty() {
            say(codes::HANDUP_TWICE, format!("同一份数据给了 {} 次，只算一次", same.len() + 1));
        }
        if !rivals.is_empty() {
            let message = format!("上交了 {} 份不同的数据，都不采用", rivals.len() + 1);
            say(codes::HANDUP_RIVALS, message);
        } else if let Err(message) = known.take(&first) {
            say(codes::HANDUP_OF_OTHER_REGISTER, message);
        } else {
            taken.handups.push(first);
        }
    }
    taken.handups.sort_by_key(|handup| definition.units.order(&handup.manifest.county));
    Ok((period, taken))
}

fn latest(found: &[PathBuf]) -> Option<Period> {
    let periods = found.iter().filter_map(|folder: &PathBuf| Some(peek(Path::new(folder))?.period));
    periods.filter(|period| !matches!(period, Period::Campaign(_))).max()
}

/// Said of a unit of which nothing was handed up.
pub fn absence(definition: &Definition, period: &Period, unit: &str, leaves: usize) -> Finding {
    let message = format!("没有上交 {period} 的，所属 {leaves} 个填报单位作未报");
    let name = definition.units.get(unit).map_or(unit, |unit| unit.name.as_str());
    let refused = NotTaken {
        code: codes::HANDUP_ABSENT,
        county: unit.to_owned(),
        folder: name.to_owned(),
        message,
    };
    refusal(definition, period, &refused)
}

fn refusal(definition: &Definition, period: &Period, refused: &NotTaken) -> Finding {
    let unit = definition.units.get(&refused.county);
    let who = unit.map_or(refused.folder.as_str(), |unit| unit.name.as_str());
    let said = Wording {
        seen: refused.message.clone(),
        message: format!("{who}上交的数据：{}", refused.message),
        ..Wording::default()
    };
    Finding {
        unit: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
        location: Location::file(&format!("上交/{}", refused.folder)),
        ..Finding::new(head_of(refused.code), period, said)
    }
}
