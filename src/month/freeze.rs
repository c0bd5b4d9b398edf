//! 定稿: what is in the way of making a report final, and the record of what was made final. A copy of
//! each final edition stays beside the report, so that later reports can be held against it.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::standing::by_unit;
use crate::definition::{Definition, Form};
use crate::model::{Exception, Period, ReturnState, Stage, Validated};

/// In the folder of final editions.
pub const RECORD: &str = "定稿.json";

/// What was made final last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalRecord {
    pub schema: u32,
    pub period: String,
    pub edition: u32,
    /// SHA-256 of the manifest, which names everything else.
    pub manifest: String,
    pub exceptions: Vec<Exception>,
}

impl FinalRecord {
    pub fn stage(&self) -> Stage {
        Stage::Final { edition: self.edition, exceptions: self.exceptions.clone() }
    }

    /// The record of a report folder, if it was ever made final.
    pub fn read(finals: &Path) -> anyhow::Result<Option<Self>> {
        let path = finals.join(RECORD);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("{} 不能读取", path.display()));
            }
        };
        let record: Self = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} 不是有效的定稿记录", path.display()))?;
        ensure!(record.schema == 1, "{} 是别的版本的程序写的", path.display());
        Ok(Some(record))
    }

    pub fn to_json(&self) -> anyhow::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// The folder of the edition's copy.
    pub fn copy(&self, finals: &Path) -> PathBuf {
        finals.join(self.edition.to_string())
    }
}

/// Something in the way: a form of a unit that is missing or sent back, or 强制 of the county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impediment {
    /// The unit, or 全县: what `--except` names.
    pub who: String,
    /// Id of the form; none for the county.
    pub form: Option<String>,
    /// `未报《…》`
    pub what: String,
}

pub fn obstacles(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
) -> Vec<Impediment> {
    let mut obstacles = Vec::new();
    for standing in by_unit(definition, validated, folder) {
        for state in [ReturnState::Missing, ReturnState::Rejected] {
            obstacles.extend(standing.of(state).map(|receipt| {
                let form = definition.form(&receipt.form);
                let title = form.map_or(receipt.form.as_str(), |form| &form.title);
                Impediment {
                    who: standing.unit.name.clone(),
                    form: Some(receipt.form.clone()),
                    what: format!("{}《{title}》", state.title()),
                }
            }));
        }
    }
    let county = super::standing::open(definition, validated, folder).county;
    if county > 0 {
        let what = format!("强制 {county} 项");
        obstacles.push(Impediment { who: "全县".to_owned(), form: None, what });
    }
    obstacles
}

/// What is in the way of a report that says of itself that it is final.
pub fn unexcused(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
    stage: &Stage,
) -> Vec<String> {
    let Stage::Final { exceptions, .. } = stage else { return Vec::new() };
    let is_excused =
        |o: &Impediment| exceptions.iter().any(|e| (&e.who, &e.what) == (&o.who, &o.what));
    let open = obstacles(definition, validated, folder).into_iter().filter(|o| !is_excused(o));
    open.map(|obstacle| format!("{}{}", obstacle.who, obstacle.what)).collect()
}

/// What `--except` names: a unit, or one form of it.
struct Named<'a> {
    typed: &'a str,
    who: &'a str,
    form: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn of(definition: &'a Definition, typed: &'a str) -> Self {
        let unit = |name| definition.units.named(name).map(|unit| unit.name.as_str());
        let own =
            |form: &&Form| typed.rsplit_once('/').is_some_and(|(_, name)| form.is_called(name));
        match (unit(typed), typed.rsplit_once('/'), definition.forms.iter().find(own)) {
            (None, Some((name, _)), Some(form)) => {
                Self { typed, who: unit(name).unwrap_or(name), form: Some(&form.id) }
            }
            (known, ..) => Self { typed, who: known.unwrap_or(typed), form: None },
        }
    }

    fn means(&self, obstacle: &Impediment) -> bool {
        obstacle.who == self.who
            && self.form.is_none_or(|form| obstacle.form.as_deref() == Some(form))
    }
}

/// Each obstacle with the reason why it does not matter; all that are not excused are named.
pub fn excused(
    definition: &Definition,
    obstacles: &[Impediment],
    except: &[String],
    why: &[String],
) -> anyhow::Result<Vec<Exception>> {
    ensure!(
        except.len() == why.len() && why.iter().all(|why| !why.trim().is_empty()),
        "每个 --except 要有一个 --why 说明理由，按次序对应"
    );
    let named: Vec<Named> = except.iter().map(|typed| Named::of(definition, typed)).collect();
    if let Some(none) = named.iter().find(|named| !obstacles.iter().any(|o| named.means(o))) {
        bail!("“{}”没有未报、退回的报表，也没有未解决的强制，不需要 --except", none.typed);
    }
    let reason = |obstacle: &Impediment| {
        // What names the form says more than what names the unit.
        let mut places = (0..named.len()).filter(|&at| named[at].means(obstacle));
        let first = places.clone().next();
        let at = places.find(|&at| named[at].form.is_some()).or(first)?;
        let why = definition.without_numbers(why[at].trim()).into_owned();
        Some(Exception { who: obstacle.who.clone(), what: obstacle.what.clone(), why })
    };
    let open: Vec<&Impediment> = obstacles.iter().filter(|o| reason(o).is_none()).collect();
    if !open.is_empty() {
        let lines = open.chunk_by(|a, b| a.who == b.who).map(|own| {
            let what: Vec<&str> = own.iter().map(|o| o.what.as_str()).collect();
            format!("  {}：{}", own[0].who, what.join("、"))
        });
        bail!(
            "还不能定稿：\n{}\n报齐、改正后再定稿；要带着缺口定稿的，逐个写明：--except 单位 --why 理由，或 --except 单位/报表 --why 理由",
            lines.collect::<Vec<_>>().join("\n")
        );
    }
    Ok(obstacles.iter().filter_map(reason).collect())
}
