//! How an indicator is computed: an enum of the kinds, each with its own data.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Denominator, Term};
use crate::definition::{Formula, NotOwed, Part};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatorKind {
    /// Rows for which `numerator` is true.
    Count,
    /// Sum of `numerator`.
    Sum,
    /// `scale · numerator / denominator`; default scale 100 (per cent).
    Ratio,
    /// `numerator` summed over rows where it is not missing, divided by their count.
    Mean,
    /// Rows by code of the field `of`, every code also when zero, with share of the base; with
    /// `weight` what they stand for, with `columns` the numbers of several columns.
    Distribution,
    /// Ordered steps, each with its share of the first.
    Funnel,
    /// Rows by pair of codes of `of`: then (in the previous period, by primary key, or in
    /// `from_field`) and now. Each pair has its share of the rows that had the first code.
    Transition,
    /// Mean of `numerator` without the `trim` lowest and highest.
    TrimmedMean,
    /// Arithmetic over `value_of("id")`.
    Derived,
    /// Points of 100 from several indicators (`part`), unit by unit.
    Composite,
    /// Problems that the pipeline's diagnoses found; with `of = "disease"` also the share of
    /// each disease. `by` may be `unit` and `rule`.
    Problems,
}

impl IndicatorKind {
    pub fn title(self) -> &'static str {
        match self {
            Self::Count => "计数",
            Self::Sum => "合计",
            Self::Ratio => "比率",
            Self::Mean => "平均",
            Self::Distribution => "分布",
            Self::Funnel => "漏斗",
            Self::Transition => "变动矩阵",
            Self::TrimmedMean => "去极值平均",
            Self::Derived => "派生",
            Self::Composite => "综合得分",
            Self::Problems => "问题条数",
        }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    /// ASCII, part of the figure id.
    pub id: String,
    pub title: String,
    #[serde(rename = "where")]
    pub filter: Term,
}

/// A class of a distribution whose numbers stand in a column of their own.
#[derive(Debug, Clone)]
pub struct ClassColumn {
    pub title: String,
    /// A numeric expression.
    pub sum: Term,
}

/// What an indicator is made of, by its kind. A `weight` is what a row stands for: it is added up
/// over the rows that are counted, instead of one a row.
#[derive(Debug, Clone)]
pub enum Computation {
    Count {
        counted: Term,
        weight: Option<Term>,
    },
    Sum {
        added: Term,
    },
    Ratio {
        numerator: Term,
        denominator: Denominator,
        weight: Option<Term>,
    },
    Mean {
        numbers: Term,
    },
    /// Without the `trim` lowest and highest.
    TrimmedMean {
        numbers: Term,
        trim: usize,
    },
    /// Rows by code of the coded column `of`.
    Distribution {
        of: String,
        weight: Option<Term>,
    },
    /// A class a column; the base is all of them `together`.
    WideDistribution {
        columns: Vec<ClassColumn>,
        together: Term,
    },
    /// At least one step.
    Funnel {
        steps: Vec<FunnelStep>,
        weight: Option<Term>,
    },
    /// `from_field`: the column of the same row with the earlier code; else the row with the same
    /// primary key in the previous period.
    Transition {
        of: String,
        from_field: Option<String>,
    },
    /// `formula`: set by the loader.
    Derived {
        text: String,
        formula: Option<Formula>,
    },
    /// `groups`: whose units are scored; empty for all.
    Composite {
        parts: Vec<Part>,
        groups: Vec<String>,
        if_not_owed: NotOwed,
    },
    /// `of`: by disease.
    Problems {
        of: Option<String>,
    },
    /// Not said: of an indicator that is only declared.
    Unsaid {
        kind: IndicatorKind,
    },
}

impl Computation {
    pub fn kind(&self) -> IndicatorKind {
        match self {
            Self::Count { .. } => IndicatorKind::Count,
            Self::Sum { .. } => IndicatorKind::Sum,
            Self::Ratio { .. } => IndicatorKind::Ratio,
            Self::Mean { .. } => IndicatorKind::Mean,
            Self::TrimmedMean { .. } => IndicatorKind::TrimmedMean,
            Self::Distribution { .. } | Self::WideDistribution { .. } => {
                IndicatorKind::Distribution
            }
            Self::Funnel { .. } => IndicatorKind::Funnel,
            Self::Transition { .. } => IndicatorKind::Transition,
            Self::Derived { .. } => IndicatorKind::Derived,
            Self::Composite { .. } => IndicatorKind::Composite,
            Self::Problems { .. } => IndicatorKind::Problems,
            Self::Unsaid { kind } => *kind,
        }
    }

    /// What is counted or added of each row, where one expression says it.
    pub fn numerator(&self) -> Option<&Term> {
        match self {
            Self::Count { counted: term, .. }
            | Self::Sum { added: term }
            | Self::Ratio { numerator: term, .. }
            | Self::Mean { numbers: term }
            | Self::TrimmedMean { numbers: term, .. } => Some(term),
            _ => None,
        }
    }

    pub fn denominator(&self) -> Option<&Denominator> {
        match self {
            Self::Ratio { denominator, .. } => Some(denominator),
            _ => None,
        }
    }

    pub fn weight(&self) -> Option<&Term> {
        match self {
            Self::Count { weight, .. }
            | Self::Ratio { weight, .. }
            | Self::Distribution { weight, .. }
            | Self::Funnel { weight, .. } => weight.as_ref(),
            _ => None,
        }
    }

    /// The coded column by which rows are told apart.
    pub fn of(&self) -> Option<&str> {
        match self {
            Self::Distribution { of, .. } | Self::Transition { of, .. } => Some(of),
            Self::Problems { of } => of.as_deref(),
            _ => None,
        }
    }

    pub fn from_field(&self) -> Option<&str> {
        match self {
            Self::Transition { from_field, .. } => from_field.as_deref(),
            _ => None,
        }
    }

    pub fn steps(&self) -> &[FunnelStep] {
        match self {
            Self::Funnel { steps, .. } => steps,
            _ => &[],
        }
    }

    pub fn columns(&self) -> &[ClassColumn] {
        match self {
            Self::WideDistribution { columns, .. } => columns,
            _ => &[],
        }
    }

    pub fn parts(&self) -> &[Part] {
        match self {
            Self::Composite { parts, .. } => parts,
            _ => &[],
        }
    }

    /// Everything that is counted, added or divided by over rows of its own form.
    pub fn terms(&self) -> Vec<&Term> {
        match self {
            Self::Count { counted: term, .. }
            | Self::Sum { added: term }
            | Self::Mean { numbers: term }
            | Self::TrimmedMean { numbers: term, .. }
            | Self::Ratio { numerator: term, denominator: Denominator::Elsewhere(_), .. } => {
                vec![term]
            }
            Self::Ratio { numerator, denominator: Denominator::OfRows(base), .. } => {
                vec![numerator, base]
            }
            Self::Distribution { weight, .. } => weight.iter().collect(),
            Self::WideDistribution { columns, together } => {
                [together].into_iter().chain(columns.iter().map(|column| &column.sum)).collect()
            }
            Self::Funnel { steps, .. } => steps.iter().map(|step| &step.filter).collect(),
            Self::Transition { .. }
            | Self::Derived { .. }
            | Self::Composite { .. }
            | Self::Problems { .. }
            | Self::Unsaid { .. } => Vec::new(),
        }
    }
}
