//! Programmes: one TOML file each, and what the report shows of them.

use schemars::JsonSchema;
use serde::Deserialize;

/// What a check or an indicator is that is not evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nobody can deliver the data.
    NotCollectable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChartKind {
    /// Ranked bars of one indicator by unit, inside groups, with target line.
    Bars,
    /// Stacked 100 % bars of a distribution by unit or another dimension.
    Stacked,
    /// The county's series of one or more indicators.
    Trend,
    Funnel,
    /// Committees by several indicators: the value in each cell, its colour and mark the place
    /// inside the group (without places: the target).
    Heatmap,
    /// One indicator then and now, a line a unit, a panel a group.
    Slope,
    /// Counts of a transition indicator: code then by code now.
    Matrix,
}

/// With what a slope compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// The period before.
    #[default]
    Previous,
    YearAgo,
}

impl ChartKind {
    pub fn title(self) -> &'static str {
        match self {
            Self::Bars => "排名条形图",
            Self::Stacked => "构成图",
            Self::Trend => "趋势图",
            Self::Funnel => "漏斗图",
            Self::Heatmap => "热力图",
            Self::Slope => "坡度图",
            Self::Matrix => "变动矩阵图",
        }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartSpec {
    /// ASCII; the file name.
    pub id: String,
    pub kind: ChartKind,
    pub title: String,
    pub indicators: Vec<String>,
    /// Stacked: the dimension of the bars (`unit` or a field name). Default `unit`.
    #[serde(default)]
    pub by: String,
    /// Heatmap: titles of the columns, where the indicators' own do not tell them apart; all or
    /// none.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Slope: `previous` (default) or `year-ago`.
    pub against: Option<Against>,
}

/// One table: a row a unit (or a category of `by`), a column an indicator.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    pub title: String,
    pub indicators: Vec<String>,
    /// `unit` (default) or a dimension.
    #[serde(default)]
    pub by: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// ASCII, the file's name without `.toml`.
    pub id: String,
    /// The brief's number, e.g. `P11`.
    #[serde(default)]
    pub number: String,
    pub title: String,
    pub order: u32,
    #[serde(default)]
    pub note: String,
    /// Kinds or codes of the units that its diagnoses are about; default: all.
    #[serde(default)]
    pub diagnosed: Vec<String>,
    #[serde(default, rename = "table")]
    pub tables: Vec<TableSpec>,
    #[serde(default, rename = "chart")]
    pub charts: Vec<ChartSpec>,
}
