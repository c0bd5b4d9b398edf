//! What counties hand up: written from checked returns, and read as what was checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;

use super::{Checked, Prepared, Request, check, named_period};
use crate::analyse;
use crate::cache::Cache;
use crate::definition::Definition;
use crate::engine::{Embedded, Engine};
use crate::handup::{self, HandUp, HandedUp, Taken};
use crate::model::{Collected, Figure, Finding, Period, Unit, Units, Validated};
use crate::validate;

/// Checks the returns of a county and gives the files that it hands up. They are read back and must
/// give the same figures, so that nothing that counts is lost on the way.
pub fn collect(
    prepared: Prepared,
    personal: bool,
) -> anyhow::Result<(Checked, BTreeMap<String, Vec<u8>>)> {
    let folders = prepared.folders.clone();
    let checked = check(prepared)?;
    let Checked { definition, folder, validated, .. } = &checked;
    let handed = HandedUp { reviewed: checked.reviewed(), folders: &folders, personal };
    let files = handup::files(&handed)?;
    let back = handup::read_back(&files, definition, folder)?;
    let figures = |validated| analyse::analyse(definition, validated, folder, &Embedded);
    let (here, there) = (figures(validated)?, figures(&back.validated)?);
    if let Some(lost) = differing(&here, &there) {
        anyhow::bail!(
            "上交的数据算不出同样的指标“{lost}”，因为它要用留在本县的栏。自由填写的栏可在定义里写 handed_up = true；个人信息栏请改指标，或用 --with-personal 连同个人信息一起上交（须经批准）"
        );
    }
    Ok((checked, files))
}

/// The title of the first figure that is not the same.
fn differing<'f>(here: &'f [Figure], there: &[Figure]) -> Option<&'f str> {
    let at = (0..here.len()).find(|&at| here.get(at) != there.get(at))?;
    here.get(at).map(|figure| figure.title.as_str())
}

/// The folders handed up, read and sorted out.
pub(super) fn prepared(definition: Definition, request: &Request) -> anyhow::Result<Prepared> {
    let at = reporting(&definition, request.at.as_deref())?;
    let period = request.period.as_deref().map(|text| named_period(text, &definition, ""));
    let (folder, taken) = handup::take(&request.facts, &definition, period.transpose()?.as_ref())?;
    let mut folders: Vec<Period> =
        taken.handups.iter().flat_map(|handup| handup.manifest.folders.iter().cloned()).collect();
    folders.push(folder.clone());
    folders.sort();
    folders.dedup();
    let returns = request.facts.first().cloned().unwrap_or_default();
    let prepared = Prepared::new(definition, folder, folders, returns, &request.reader);
    Ok(Prepared { handed: Some((taken, at)), cache: request.cache.clone(), ..prepared })
}

/// The unit that reports: the whole, or one below it to which others belong.
fn reporting(definition: &Definition, named: Option<&str>) -> anyhow::Result<Unit> {
    let (units, settings) = (&definition.units, &definition.settings);
    let whole = Unit {
        code: settings.county_code.clone(),
        name: settings.county_name.clone(),
        ..Unit::default()
    };
    let named = named.filter(|named| **named != whole.code && **named != whole.name);
    let Some(named) = named else { return Ok(whole) };
    let unit = units.named(named).with_context(|| format!("--at 的单位“{named}”不在登记册里"))?;
    let has_children = units.all().iter().any(|child| child.parent == unit.code);
    anyhow::ensure!(has_children, "--at 的单位“{named}”没有下属单位（登记册的 parent 列）");
    Ok(unit.clone())
}

/// What was handed up as if it had been checked here.
pub(super) fn checked(
    definition: &Definition,
    folder: Period,
    folders: &[Period],
    taken: &Taken,
    at: &Unit,
    cache: Cache,
    engine: Arc<dyn Engine>,
) -> anyhow::Result<Checked> {
    let (definition, collected, validated) = level(definition, at, &folder, folders, taken)?;
    Ok(Checked { definition, folder, collected, validated, skipped: Vec::new(), cache, engine })
}

/// All that is known of the units below one.
fn level(
    definition: &Definition,
    at: &Unit,
    folder: &Period,
    folders: &[Period],
    taken: &Taken,
) -> anyhow::Result<(Definition, Collected, Validated)> {
    let (units, whole) = (&definition.units, &definition.settings.county_code);
    let is_below = |code: &str, above: &str| {
        code == above || units.get(code).is_some_and(|unit| units.is_below(unit, above, whole))
    };
    let its: Vec<&HandUp> =
        taken.handups.iter().filter(|h| is_below(&h.manifest.county, &at.code)).collect();
    let own = handup::definition_of(definition, at, &its);
    let is_covered = |unit: &Unit| its.iter().any(|h| is_below(&unit.code, &h.manifest.county));
    let left: Vec<Unit> = own.units.leaves().filter(|unit| !is_covered(unit)).cloned().collect();
    let silent = silent(definition, &left);
    let mut absent = absent(&own, left, folders)?;
    // One who hands up nothing is said to, once; not of each return of each unit below.
    let parent = |unit: &str| units.get(unit).map_or("", |unit| unit.parent.as_str());
    absent.findings.retain(|finding| !silent.contains_key(parent(&finding.unit)));
    let is_said = |finding: &&Finding| match finding.unit.as_str() {
        "" => at.code == *whole,
        unit => is_below(unit, &at.code),
    };
    let mut refused: Vec<Finding> = taken.findings.iter().filter(is_said).cloned().collect();
    let is_named = |unit: &&str| taken.findings.iter().any(|finding| finding.unit == **unit);
    let silent = silent.iter().filter(|(unit, _)| !is_named(unit));
    refused.extend(silent.map(|(unit, leaves)| handup::absence(definition, folder, unit, *leaves)));
    let (collected, validated) = handup::merged(&own, folder, folders, &its, absent, &refused);
    Ok((own, collected, validated))
}

/// Who should have handed up units of whom nothing came, and how many those are.
fn silent<'d>(definition: &'d Definition, left: &[Unit]) -> BTreeMap<&'d str, usize> {
    let mut silent = BTreeMap::new();
    for unit in left {
        if let Some(parent) = definition.units.get(&unit.parent) {
            *silent.entry(parent.code.as_str()).or_default() += 1;
        }
    }
    silent
}

/// Units of whom nothing came: what they owe is 未报, as if their folders were empty.
fn absent(
    definition: &Definition,
    units: Vec<Unit>,
    folders: &[Period],
) -> anyhow::Result<Validated> {
    if units.is_empty() {
        return Ok(Validated::default());
    }
    let theirs = Definition { units: Units::new(units), ..definition.clone() };
    validate::validate(&theirs, &Collected::default(), folders, &Cache::none(), &Embedded)
}
