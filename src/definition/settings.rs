//! `pipeline.toml`: who the county is, where things are, how the built-in checks are tuned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Level;

/// Tuning of one built-in check (`G-10`, `C-05` …).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuiltinTuning {
    /// `false` switches it off.
    pub enabled: Option<bool>,
    pub level: Option<Level>,
    /// G-10: relative change in per cent.
    pub percent: Option<u32>,
    /// G-10: absolute change; G-11: fewest rows.
    pub at_least: Option<u32>,
    /// Fields (`form.field`) to leave out.
    #[serde(default)]
    pub except: Vec<String>,
}

impl BuiltinTuning {
    /// What the pipeline changes, in Chinese; for `explain` and the reference pages.
    pub fn in_words(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.enabled.map(|on| (if on { "启用" } else { "停用" }).to_owned()));
        parts.extend(self.level.map(|level| format!("级别改为{}", level.title())));
        parts.extend(self.percent.map(|percent| format!("幅度 {percent}%")));
        parts.extend(self.at_least.map(|count| format!("数量 {count}")));
        if !self.except.is_empty() {
            parts.push(format!("不查 {}", self.except.join("、")));
        }
        parts.join("；")
    }
}

/// A one-off period with its own folder, e.g. `2021-06-05`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    /// E.g. 党建统计月报: name of the workbook and title of its cover.
    pub title: String,
    /// Who issues it.
    pub organisation: String,
    /// Note on the cover, e.g. that the data are invented.
    #[serde(default)]
    pub notice: String,
    /// Group order in tables and rankings.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Which charts say nothing and are left out.
    #[serde(default)]
    pub silent_charts: SilentCharts,
    /// Points shown in trends.
    #[serde(default = "default_points")]
    pub series_points: usize,
    /// A table with more rows is too large to be shipped cell by cell: figures then say how many
    /// rows they count, and `audit trace` reads them from the returns again.
    #[serde(default = "default_rows_listed")]
    pub rows_listed: usize,
    /// Indicators of the one-page summary (一页通), in order; default: the first two key
    /// indicators of each programme.
    #[serde(default)]
    pub one_page: Vec<String>,
    /// Which figures of 一页通 are worth attention, and how many.
    #[serde(default)]
    pub attention: Attention,
    /// How many places of each group the boards (红黑榜) name at either end.
    #[serde(default = "default_board_places")]
    pub board_places: usize,
    /// Colours (RRGGBB) of the red and the black board; the word is always printed too.
    #[serde(default)]
    pub board_palette: Vec<String>,
    /// With more rows than that, none has a page of its own.
    #[serde(default = "default_pages_a_unit")]
    pub pages_a_unit: usize,
    /// A list of the workbook has at most so many rows; all stand in the CSV files.
    #[serde(default = "default_rows_a_sheet")]
    pub rows_a_sheet: usize,
}

impl ReportSettings {
    /// Groups as they are declared; others behind, as they come.
    pub fn group_order<'g>(&self, present: impl Iterator<Item = &'g str>) -> Vec<String> {
        let mut groups = self.groups.clone();
        for group in present {
            if !groups.iter().any(|known| known == group) {
                groups.push(group.to_owned());
            }
        }
        groups
    }
}

/// A chart that says nothing costs a page and a look. What is left out is named, with the reason.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SilentCharts {
    /// A chart with fewer bars, lines or points is left out.
    pub fewest: usize,
    /// A composition is left out when half of its rows or more have a smaller base.
    pub least_base: u32,
    /// Ranked bars are left out when so many in a hundred are equal.
    pub equal_percent: usize,
    /// Ranked bars are left out when longest and shortest differ by less, in hundredths of the
    /// longest.
    pub least_spread_percent: u32,
}

impl Default for SilentCharts {
    fn default() -> Self {
        Self { fewest: 4, least_base: 5, equal_percent: 80, least_spread_percent: 5 }
    }
}

/// Points of a figure for each per cent of: its target missed, its own loss against the period
/// before (of a rate: each percentage point), the units that are behind in it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Attention {
    pub target: u32,
    pub change: u32,
    pub behind: u32,
    /// As many figures at least: those that got better most follow.
    pub least: usize,
    pub most: usize,
}

impl Default for Attention {
    fn default() -> Self {
        Self { target: 1, change: 1, behind: 1, least: 8, most: 12 }
    }
}

fn default_points() -> usize {
    12
}

fn default_pages_a_unit() -> usize {
    150
}

fn default_rows_a_sheet() -> usize {
    100_000
}

fn default_rows_listed() -> usize {
    100_000
}

fn default_board_places() -> usize {
    1
}

/// What an explanation (审核说明) must say to settle a 核实.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExplanationSettings {
    /// Words that give no reason; they are not counted.
    pub empty: Vec<String>,
    /// Characters that must be left without them.
    pub least: usize,
}

impl Default for ExplanationSettings {
    fn default() -> Self {
        let empty = ["核实", "核对", "情况", "数据", "属实", "无误", "准确", "正确", "没有问题"]
            .map(str::to_owned);
        Self { empty: empty.into(), least: 4 }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folders, relative to this one, with code lists, registers and programmes that several
    /// counties share. What the pipeline has itself under the same name or id goes before.
    #[serde(default)]
    pub include: Vec<String>,
    /// Format of the pipeline files; this program reads 1.
    pub schema: u32,
    pub id: String,
    pub title: String,
    /// Code and name of the whole (the county's rows in figures).
    pub county_code: String,
    pub county_name: String,
    /// Register of reporting units.
    pub unit_register: String,
    /// What registers are called: name → title.
    #[serde(default)]
    pub registers: BTreeMap<String, String>,
    /// Kinds of units that programmes shared by several counties name, although none of ours may be one.
    #[serde(default)]
    pub unit_kinds: Vec<String>,
    /// The same of groups.
    #[serde(default)]
    pub unit_groups: Vec<String>,
    pub report: ReportSettings,
    #[serde(default)]
    pub builtin: BTreeMap<String, BuiltinTuning>,
    #[serde(default)]
    pub explanation: ExplanationSettings,
    #[serde(default, rename = "campaign")]
    pub campaigns: Vec<Campaign>,
}
