//! 定稿: what is in the way of making a report final, and the record of what was made final. A copy of
//! each final edition stays beside the report, so that later reports can be held against it.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::standing::by_unit;
use crate::definition::Definition;
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

/// Something in the way: a unit's forms that are missing or sent back, or 强制 of the county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The unit, or 全县: what `--except` names.
    pub who: String,
    /// `未报《…》、退回《…》`
    pub what: String,
}

pub fn obstacles(definition: &Definition, validated: &Validated, folder: &Period) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    for standing in by_unit(definition, validated, folder) {
        let forms = |state: ReturnState| {
            let titles: String = standing
                .of(state)
                .map(|r| definition.form(&r.form).map_or(r.form.as_str(), |form| &form.title))
                .map(|title| format!("《{title}》"))
                .collect();
            (!titles.is_empty()).then(|| format!("{}{titles}", state.title()))
        };
        let what: Vec<String> =
            [ReturnState::Missing, ReturnState::Rejected].into_iter().filter_map(forms).collect();
        if !what.is_empty() {
            obstacles.push(Obstacle { who: standing.unit.name.clone(), what: what.join("、") });
        }
    }
    let county = super::standing::open(definition, validated, folder).county;
    if county > 0 {
        obstacles.push(Obstacle { who: "全县".to_owned(), what: format!("强制 {county} 项") });
    }
    obstacles
}

impl Obstacle {
    /// As an exception names it.
    fn title(&self) -> String {
        format!("{}{}", self.who, self.what)
    }
}

/// What is in the way of a report that says of itself that it is final.
pub fn unexcused(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
    stage: &Stage,
) -> Vec<String> {
    let Stage::Final { exceptions, .. } = stage else { return Vec::new() };
    let titles = obstacles(definition, validated, folder).into_iter().map(|o| o.title());
    titles.filter(|title| !exceptions.iter().any(|e| e.what == *title)).collect()
}

/// Each obstacle with the reason why it does not matter; all that are not excused are named.
pub fn excused(
    definition: &Definition,
    obstacles: &[Obstacle],
    except: &[String],
    why: &[String],
) -> anyhow::Result<Vec<Exception>> {
    ensure!(
        except.len() == why.len() && why.iter().all(|why| !why.trim().is_empty()),
        "每个 --except 要有一个 --why 说明理由，按次序对应"
    );
    let named: Vec<&str> = except
        .iter()
        .map(|name| definition.units.named(name).map_or(name.as_str(), |unit| &unit.name))
        .collect();
    if let Some(none) = named.iter().find(|name| !obstacles.iter().any(|o| o.who == **name)) {
        bail!("“{none}”没有未报、退回的报表，也没有未解决的强制，不需要 --except");
    }
    let reason = |obstacle: &Obstacle| {
        let at = named.iter().position(|name| *name == obstacle.who)?;
        let why = definition.without_numbers(why[at].trim()).into_owned();
        Some(Exception { what: obstacle.title(), why })
    };
    let open: Vec<String> = obstacles
        .iter()
        .filter(|obstacle| reason(obstacle).is_none())
        .map(|Obstacle { who, what }| format!("  {who}：{what}"))
        .collect();
    if !open.is_empty() {
        bail!(
            "还不能定稿：\n{}\n报齐、改正后再定稿；要带着缺口定稿的，逐个写明：--except 单位 --why 理由",
            open.join("\n")
        );
    }
    Ok(obstacles.iter().filter_map(reason).collect())
}
