//! Diagnosed problems: what a rule of the pipeline finds wrong with a unit's work, with its
//! evidence. Not to be confused with findings, which are about returns.

use std::fmt;

use super::{Location, Period};

/// What a diagnosed problem rests on; every piece opens to cells or files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Id of a published figure; its lineage leads to the cells, its series to earlier periods.
    Figure(String),
    /// A finding: code of its check, its hand-in folder and place.
    Finding { code: String, folder: Period, location: Location },
    /// A return and how it was handed in (迟报, 退回, 未报 …); `file` is empty when missing.
    Return { state: String, form: String, folder: Period, file: String },
}

/// As printed in lists: `closing_rate@101`, `T-02 2013-10/甲镇.xlsx › 办件月报 ! E4`,
/// `迟报 cases 2013-10/甲镇.xlsx`.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figure(id) => f.write_str(id),
            Self::Finding { code, location, .. } => write!(f, "{code} {location}"),
            Self::Return { state, form, folder, file } if file.is_empty() => {
                write!(f, "{state} {form} {folder}")
            }
            Self::Return { state, form, file, .. } => write!(f, "{state} {form} {file}"),
        }
    }
}

/// One line of the problem list (问题清单): a rule that a unit meets in the report's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosedProblem {
    /// `rule@unit_code`, ASCII, stable between periods.
    pub id: String,
    pub rule: String,
    /// The rule's title, e.g. 报表迟报.
    pub title: String,
    /// The programme that the rule is about, where its figure is shown.
    pub programme: String,
    /// The disease it is a sign of, e.g. 弱化, 淡化, 虚化.
    pub disease: String,
    pub unit_code: String,
    pub unit: String,
    pub group: String,
    /// What was found, as printed with its measure, e.g. `33.3%（2/6）`.
    pub seen: String,
    /// What it is held against, as printed, e.g. `不低于 80%`.
    pub threshold: String,
    /// Periods in which the rule was met, counted back to the first in which it was not.
    pub periods: usize,
    /// How long that is, in the periods' own words: `8 个月`, `2 个季度`, `3 期`; `至少 8 个月`
    /// with gaps.
    pub lasting: String,
    /// Due periods without a usable return, which neither add to the row nor end it: `2月缺报`.
    pub gaps: String,
    /// The first of them, as far back as the figure's series (or the folders read) goes.
    pub since: Period,
    /// Units that meet the rule, this one among them, and those of which it could be asked.
    pub alike: usize,
    pub asked: usize,
    /// What is to be done about it, as the rule says; may be empty.
    pub remedy: String,
    /// The sentence that is read out.
    pub text: String,
    pub evidence: Vec<Evidence>,
}

impl DiagnosedProblem {
    /// What was found, without the parts behind it.
    pub fn seen_alone(&self) -> &str {
        self.seen.split('（').next().unwrap_or_default()
    }

    /// Does the title say already what was found, as 没有观摩点 does?
    pub fn is_in_title(&self) -> bool {
        self.title.contains(self.seen_alone())
    }
}
