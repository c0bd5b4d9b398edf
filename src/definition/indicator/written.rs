//! An indicator as it is written in TOML: the keys of all kinds side by side. What it means is an
//! [`Indicator`], which takes the data of its own kind out of it.

use std::mem::take;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{
    Better, ClassColumn, Computation, Denominator, FunnelStep, Indicator, IndicatorKind, Pace, Term,
};
use crate::definition::{BlankMeans, NotOwed, Part, Status, grammar};
use crate::model::{Nature, Period};

fn class_columns<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<ClassColumn>, D::Error> {
    let pairs = grammar::in_file_order(source)?.into_iter();
    Ok(pairs.map(|(title, sum)| ClassColumn { title, sum: sum.into() }).collect())
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Indicator")]
pub struct IndicatorSpec {
    /// ASCII: `[a-z0-9_]+`.
    pub id: String,
    pub title: String,
    /// Empty for derived indicators and composites.
    #[serde(default)]
    pub form: String,
    pub(in crate::definition) kind: IndicatorKind,
    pub(in crate::definition) numerator: Option<Term>,
    pub(in crate::definition) denominator: Option<Denominator>,
    /// Rows considered at all.
    #[serde(rename = "where")]
    pub filter: Option<Term>,
    /// Field of a distribution or transition; `disease` for problems.
    pub(in crate::definition) of: Option<String>,
    /// A row stands for so many: a numeric expression that is added up instead of counting the row
    /// (`weight = "rated"`: a row is a field of work, with the number of organisations rated).
    pub(in crate::definition) weight: Option<Term>,
    /// Distribution of a wide form, instead of `of`: title of each class and the numeric expression
    /// that is summed for it, e.g. `{ "好" = "v_good", "一般" = "v_mid" }`. The base is all of them.
    #[serde(default, deserialize_with = "class_columns")]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub(in crate::definition) columns: Vec<ClassColumn>,
    /// Transition: the field of the same row that holds the earlier code; without it, the row
    /// with the same primary key in the previous period.
    pub(in crate::definition) from_field: Option<String>,
    #[serde(default, rename = "step")]
    pub(in crate::definition) steps: Vec<FunnelStep>,
    /// `value_of("a") + value_of("b")`
    pub(in crate::definition) formula: Option<String>,
    /// Composite: what is scored, with weights that sum to 100.
    #[serde(default, rename = "part")]
    pub(in crate::definition) parts: Vec<Part>,
    /// Composite: the groups whose units are scored; empty for all. The county has a total only
    /// if all units behind the parts are in these groups.
    #[serde(default)]
    pub(in crate::definition) groups: Vec<String>,
    /// Composite: `missing` (default) or `exclude`, for a unit that does not owe a part's form.
    #[serde(default)]
    pub(in crate::definition) if_not_owed: NotOwed,
    /// Trimmed mean: how many are dropped at each end.
    #[serde(default)]
    pub(in crate::definition) trim: usize,
    /// Default 100 for ratio, distribution and funnel shares.
    pub scale: Option<i64>,
    /// What a blank means in every column that is counted or added: `zero` or `skip`; goes before
    /// what the fields say.
    pub blank: Option<BlankMeans>,
    /// The base in words; printed beside every rate.
    #[serde(default)]
    pub base_title: String,
    /// The definition in the county's own sentence, instead of the one that is made of the
    /// expressions.
    #[serde(default)]
    pub wording: String,
    /// 口径 note.
    #[serde(default)]
    pub note: String,
    /// Breakdowns beside the county total: `unit`, `unit_group` (乡镇小计 …), a coded column, or
    /// `unit*column`. A coded column is a field with a code list, `<field>__group` or
    /// `<field>__<band>`.
    #[serde(default)]
    pub by: Vec<String>,
    #[serde(default)]
    pub decimals: u8,
    /// `%` for ratios by default; 个, 人, 分 … otherwise.
    pub measure: Option<String>,
    /// A multiple of `measure` in which the value is printed, e.g. `万小时` of 小时: divided by an
    /// exact power of ten. Target and thresholds are in this unit.
    pub print_in: Option<String>,
    #[serde(default)]
    pub better: Better,
    /// E.g. `80%` or `3`.
    #[serde(default)]
    pub target: String,
    /// `year`: the target, and the thresholds of diagnoses, are for the whole year, and a period
    /// is judged against the months passed: 50% are due by June for a target of 100%.
    pub pace: Option<Pace>,
    /// `stock` (as it stands at the end), `flow` (in the period) or `ytd` (since the year began):
    /// with which other periods it compares. Default: `ytd` if it adds up `cumulative` fields,
    /// else what its form says; of an indicator made of others, what they are.
    pub nature: Option<Nature>,
    /// Periods with which a new 口径 begins: no comparison or line across.
    #[serde(default, deserialize_with = "grammar::list")]
    #[schemars(with = "Vec<String>")]
    pub breaks: Vec<Period>,
    /// Rank units inside their groups (needs `by` unit and a direction). Default: yes for
    /// ratios and means that are better higher or lower.
    pub rank: Option<bool>,
    /// Ranked units whose denominator is below this are marked 小基数.
    #[serde(default)]
    pub small_base: u32,
    /// What it is called beside other programmes' figures, where its title says too little (整改率);
    /// default: the title.
    #[serde(default)]
    pub full_title: String,
    /// Shown on the key-figure page.
    #[serde(default)]
    pub key: bool,
    /// `not-collectable`: declared, never computed, with a reason.
    pub(in crate::definition) status: Option<Status>,
    #[serde(default)]
    pub(in crate::definition) reason: String,
    /// The programme that declares it; set by the loader.
    #[serde(skip)]
    pub programme: String,
}

impl IndicatorSpec {
    /// Takes the data of its kind; `None` if a key is missing that the kind needs, which is a
    /// problem of its own ([`crate::definition::keys`]).
    fn computation(&mut self) -> Option<Computation> {
        let (numerator, weight) = (self.numerator.take(), self.weight.take());
        let of = self.of.take();
        let (columns, steps) = (take(&mut self.columns), take(&mut self.steps));
        Some(match self.kind {
            IndicatorKind::Count => Computation::Count { counted: numerator?, weight },
            IndicatorKind::Sum => Computation::Sum { added: numerator? },
            IndicatorKind::Ratio => Computation::Ratio {
                numerator: numerator?,
                denominator: self.denominator.take()?,
                weight,
            },
            IndicatorKind::Mean => Computation::Mean { numbers: numerator? },
            IndicatorKind::TrimmedMean => {
                Computation::TrimmedMean { numbers: numerator?, trim: self.trim }
            }
            IndicatorKind::Distribution if !columns.is_empty() => {
                let sums: Vec<String> =
                    columns.iter().map(|column| format!("({})", column.sum.text)).collect();
                Computation::WideDistribution { columns, together: sums.join(" + ").into() }
            }
            IndicatorKind::Distribution => Computation::Distribution { of: of?, weight },
            IndicatorKind::Funnel if steps.is_empty() => return None,
            IndicatorKind::Funnel => Computation::Funnel { steps, weight },
            IndicatorKind::Transition => {
                Computation::Transition { of: of?, from_field: self.from_field.take() }
            }
            IndicatorKind::Derived => {
                Computation::Derived { text: self.formula.take()?, formula: None }
            }
            IndicatorKind::Composite => Computation::Composite {
                parts: take(&mut self.parts),
                groups: take(&mut self.groups),
                if_not_owed: self.if_not_owed,
            },
            IndicatorKind::Problems => Computation::Problems { of },
        })
    }
}

impl From<IndicatorSpec> for Indicator {
    fn from(mut written: IndicatorSpec) -> Self {
        let kind = written.kind;
        let computation = written.computation().unwrap_or(Computation::Unsaid { kind });
        let reason = take(&mut written.reason);
        let not_collectable = written.status.map(|_| reason);
        Self { written, computation, not_collectable }
    }
}
