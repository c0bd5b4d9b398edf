//! 退回单: which files go back to their units, each with its findings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::{Checked, wanted_unit};
use crate::collect::{grid, marked};
use crate::model::{FileReceipt, Finding, Level, Outcome, sha256};
use crate::report::{Slip, slip, slip_markup};

/// The slips of a folder: name → workbook; and the files that could not be sent back, with why.
#[derive(Debug, Default)]
pub struct Slips {
    pub files: BTreeMap<String, Vec<u8>>,
    /// How many findings each slip holds.
    pub findings: BTreeMap<String, usize>,
    pub left_out: Vec<String>,
}

/// Makes them, of one unit or all. The returns are read again, and must be those that were checked.
pub fn slips(
    checked: &Checked,
    returns: &Path,
    reader: &Path,
    unit: Option<&str>,
) -> anyhow::Result<Slips> {
    let definition = &checked.definition;
    let unit = unit.map(|named| wanted_unit(definition, named)).transpose()?;
    let unit = unit.map(|unit| unit.code.as_str());
    let mut slips = Slips::default();
    for (file, findings) in by_file(checked, unit) {
        let receipt = checked.collected.files.iter().find(|receipt| *receipt.path == *file);
        let made = receipt
            .context("没有读取")
            .and_then(|receipt| one(checked, returns, reader, receipt, &findings));
        match made {
            Ok(bytes) => {
                let name = slip_name(file, &slips.files);
                slips.findings.insert(name.clone(), findings.len());
                slips.files.insert(name, bytes);
            }
            Err(error) => slips.left_out.push(format!("{file}：{error:#}")),
        }
    }
    Ok(slips)
}

/// What a unit has to put right or explain, by the file in which it stands.
fn by_file<'c>(checked: &'c Checked, unit: Option<&str>) -> BTreeMap<&'c str, Vec<&'c Finding>> {
    let asks = |f: &&Finding| {
        f.folder == checked.folder
            && f.outcome == Outcome::Fail
            && f.level != Level::Hint
            && !f.unit.is_empty()
            && !f.location.file.is_empty()
            && unit.is_none_or(|unit| unit == f.unit)
    };
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in checked.validated.findings.iter().filter(asks) {
        by_file.entry(&finding.location.file).or_default().push(finding);
    }
    by_file
}

fn one(
    checked: &Checked,
    returns: &Path,
    reader: &Path,
    receipt: &FileReceipt,
    findings: &[&Finding],
) -> anyhow::Result<Vec<u8>> {
    let path: PathBuf = returns.join(&*receipt.path);
    let bytes = std::fs::read(&path).context("读不出来，文件名里的个人信息已隐去的，请先改名")?;
    ensure!(sha256(&bytes) == receipt.sha256, "审核以后被改动，请重新运行");
    let name = receipt.path.rsplit('/').next().unwrap_or_default();
    let (definition, folder) = (&checked.definition, &checked.folder);
    let own = Slip { definition, folder, file: name, why_copied: None, findings };
    match marked(name, &bytes, &slip_markup(&own)) {
        Ok(bytes) => Ok(bytes),
        Err(why) => {
            let why = why.to_string();
            let sheets = grid(definition, reader, name, &bytes)?;
            slip(&Slip { why_copied: Some(&why), ..own }, &sheets)
        }
    }
}

/// `甲镇（退回单）.xlsx`, numbered where two files have one name.
fn slip_name(file: &str, taken: &BTreeMap<String, Vec<u8>>) -> String {
    let name = file.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let first = std::iter::once(format!("{stem}（退回单）.xlsx"));
    let mut names = first.chain((2..).map(|n| format!("{stem}（退回单{n}）.xlsx")));
    names.find(|name| !taken.contains_key(name)).unwrap_or_default()
}
