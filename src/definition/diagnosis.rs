//! Diagnoses (问题诊断): rules that turn figures, findings and reporting status into a named
//! problem of a unit.
//!
//! A rule looks at one thing: a figure of the unit (`indicator` with a condition), findings
//! about its returns (`finding`), or how it reported (`reporting`). What is missing is never a
//! problem by itself: a figure without value, or without a return that the unit owes, meets no
//! condition, and clears none that was met before; only a `reporting` rule speaks of missing
//! returns.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Decimal, difference_measure};

/// The code list of the diseases (病症): its order is the order of the problem list.
pub const DISEASES: &str = "disease";

/// How a return was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reporting {
    /// 迟报: received after the due day.
    Late,
    /// 退回: a 强制 finding is open.
    Rejected,
    /// 未报: owed and absent.
    Missing,
    /// 待核实: a 核实 that nobody has explained.
    Queried,
}

impl Reporting {
    pub fn title(self) -> &'static str {
        match self {
            Self::Late => "迟报",
            Self::Rejected => "退回",
            Self::Missing => "未报",
            Self::Queried => "待核实",
        }
    }
}

/// When a figure is a problem; compared with the exact value, not with the printed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Below(Decimal),
    Above(Decimal),
    Equals(Decimal),
    /// Worse than in the period before by so much or more, by the indicator's direction.
    Worsens(Decimal),
    /// Among the last so many of the unit's group, by the indicator's direction.
    Last(usize),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// ASCII, part of the problem's id `rule@unit_code`; no indicator has the same.
    pub id: String,
    /// The problem's name, e.g. 报表迟报.
    pub title: String,
    /// A code of the code list `disease`.
    pub disease: String,
    /// A figure of the unit: an indicator without classes. Goes with one of `below`, `above`,
    /// `equals`, `worsens` and `last`.
    pub indicator: Option<String>,
    /// Exactly this value is no problem, also if a smaller one prints alike.
    pub below: Option<String>,
    pub above: Option<String>,
    pub equals: Option<String>,
    /// Worse than in the period before by this much or more (for rates in percentage points).
    pub worsens: Option<String>,
    /// Among the last so many of its group. Units that share a place are only last together if
    /// they fit; a group no larger than this accuses nobody.
    pub last: Option<usize>,
    /// The dimension whose categories name the units, when one unit reports about all of them;
    /// default: the indicator's breakdown by unit.
    #[serde(default)]
    pub by: String,
    /// The unit that answers for the county's own figure, where no unit has one (a committee that
    /// hands in one return for all).
    pub answers: Option<String>,
    /// The county's figure that the problem is about, where it is another indicator.
    pub headline: Option<String>,
    /// A figure with a smaller denominator is no problem.
    #[serde(default)]
    pub least_base: u32,
    /// Codes of checks, of the pipeline or built in. For each form, the findings about the
    /// latest period due are counted, as they stand in the return that counts.
    #[serde(default)]
    pub finding: Vec<String>,
    /// Explained findings count too.
    #[serde(default)]
    pub explained: bool,
    /// How the unit handed in what it owed in the report's folder.
    #[serde(default)]
    pub reporting: Vec<Reporting>,
    /// Fewest findings (of one form) or returns; default 1.
    pub count: Option<usize>,
    /// Met in this many due periods, counted back to the first in which it is not; default 1. A
    /// period without a usable return neither adds nor ends; a 口径 change ends. Looked for as far
    /// back as the report's series (`series_points`) or the folders go.
    #[serde(default = "one")]
    pub periods: usize,
    /// What is seen, in plain words: `未启动`, `空缺{number}名`. May hold `{number}`, `{value}` (with
    /// its measure), `{size}` (the same without its sign), `{numerator}`, `{denominator}` and `{rest}`
    /// (the one less the other). Default: the figure and its base.
    #[serde(default)]
    pub words: String,
    /// What should be, in plain words; default: the condition turned round (`不低于 60%`).
    #[serde(default)]
    pub standard: String,
    /// 整改措施: what is to be done about it.
    #[serde(default)]
    pub remedy: String,
    /// The sentence that is read out, with `{unit}`, `{title}`, `{seen}`, `{threshold}`,
    /// `{periods}` (8 个月; 至少 8 个月（2月缺报）; 3 期 when the periods are not adjacent), `{since}`
    /// (2013年3月), and `{streak}`: （自2013年3月起连续 8 个月）, nothing when it is the first period.
    pub text: String,
    /// Where the rule comes from.
    pub basis: String,
    #[serde(skip)]
    pub programme: String,
}

fn one() -> usize {
    1
}

/// Counts of problems may be broken down by the rule that found them.
pub const RULE_DIMENSION: &str = "rule";

/// What a text may hold.
pub const PLACEHOLDERS: [&str; 7] =
    ["unit", "title", "seen", "threshold", "periods", "since", "streak"];

/// What the words of a figure may hold.
pub const WORDS: [&str; 6] = ["number", "value", "size", "numerator", "denominator", "rest"];

/// The size of a change in a sentence: `14.7 个百分点`, `2 项`.
pub fn changed(size: Decimal, measure: &str) -> String {
    measured(size, difference_measure(measure))
}

/// A number in a sentence: `60%`, `2 项`.
pub fn measured(value: Decimal, measure: &str) -> String {
    match measure {
        "" => value.to_string(),
        "%" | "‰" => format!("{value}{measure}"),
        _ => format!("{value} {measure}"),
    }
}

impl Diagnosis {
    /// The condition of an indicator rule; `None` when there is none or its number is not one.
    pub fn condition(&self) -> Option<Condition> {
        let number = |text: &Option<String>| text.as_deref().and_then(Decimal::parse);
        number(&self.below)
            .map(Condition::Below)
            .or_else(|| number(&self.above).map(Condition::Above))
            .or_else(|| number(&self.equals).map(Condition::Equals))
            .or_else(|| number(&self.worsens).map(Condition::Worsens))
            .or_else(|| self.last.map(Condition::Last))
    }

    /// What the rule looks at, for lists: `指标 good_or_better`, `审核 G-11`.
    pub fn source(&self) -> String {
        match &self.indicator {
            Some(indicator) => format!("指标 {indicator}"),
            None if self.finding.is_empty() => {
                let states: Vec<&str> = self.reporting.iter().map(|s| s.title()).collect();
                format!("收报 {}", states.join("、"))
            }
            None => format!("审核 {}", self.finding.join("、")),
        }
    }

    /// Fewest findings or returns that are a problem.
    pub fn least(&self) -> usize {
        self.count.unwrap_or(1).max(1)
    }

    /// What would be no problem, e.g. `不低于 60%`; as the rule says it, if it does.
    pub fn threshold(&self, measure: &str) -> String {
        match self.condition() {
            _ if !self.standard.is_empty() => self.standard.clone(),
            Some(Condition::Below(least)) => format!("不低于 {}", measured(least, measure)),
            Some(Condition::Above(most)) => format!("不高于 {}", measured(most, measure)),
            Some(Condition::Equals(value)) => format!("不为 {}", measured(value, measure)),
            Some(Condition::Worsens(size)) => {
                format!("变差不到 {}", changed(size, measure))
            }
            Some(Condition::Last(1)) => "不在组内末位".to_owned(),
            Some(Condition::Last(count)) => format!("不在组内后 {count} 位"),
            None if self.finding.is_empty() => {
                let states: Vec<&str> = self.reporting.iter().map(|s| s.title()).collect();
                self.none_or_fewer(&states.join("、"), "份")
            }
            None => self.none_or_fewer("此类审核意见", "项"),
        }
    }

    fn none_or_fewer(&self, what: &str, measure: &str) -> String {
        match self.least() {
            1 => format!("无{what}"),
            count => format!("少于 {count} {measure}{what}"),
        }
    }
}
