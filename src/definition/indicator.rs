//! Indicators: numerator, denominator, base and breakdowns as data.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{BlankMeans, Definition, Form, Formula, NotOwed, Part, Status, grammar};
use crate::model::{Decimal, Figure, Nature, Period, Rational};
use crate::sql;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    Higher,
    Lower,
    #[default]
    Neither,
}

impl Better {
    /// Empty for neither.
    pub fn title(self) -> &'static str {
        match self {
            Self::Higher => "越高越好",
            Self::Lower => "越低越好",
            Self::Neither => "",
        }
    }
}

/// What a ratio is divided by.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Denominator {
    /// An expression over the same rows: boolean counts rows, a number is summed.
    Expression(String),
    Other(Box<OtherDenominator>),
}

/// Decided by what is written, so that a mistake in a table is told as one of a table.
impl<'de> Deserialize<'de> for Denominator {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = Denominator;

            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str(
                    "表达式，或 { form = … }、{ register = … }、{ units = \"expected\" } 之一",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Denominator, E> {
                Ok(Denominator::Expression(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Denominator, A::Error> {
                let other = OtherDenominator::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Denominator::Other(Box::new(other)))
            }
        }

        source.deserialize_any(Written)
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherDenominator {
    /// Rows of another form in its period due by then.
    pub form: Option<String>,
    /// Boolean expression over that form's or register's rows.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// Numeric expression summed over the rows instead of counting them.
    pub sum: Option<String>,
    /// Instead of `sum`, for a plan of a year: one numeric expression for each part of the year,
    /// all of one length (4: quarters, 12: months). Those up to the end of the indicator's period
    /// are added: what should be reached by then.
    #[serde(default)]
    pub sum_to_date: Vec<String>,
    /// `expected`: the units that owe the indicator's form.
    pub units: Option<String>,
    /// Rows of a register.
    pub register: Option<String>,
    #[serde(skip)]
    pub parsed_filter: Option<sql::Expression>,
    #[serde(skip)]
    pub parsed_sum: Option<sql::Expression>,
    /// Cumulated: the first part, the first two, …
    #[serde(skip)]
    pub parsed_to_date: Vec<sql::Expression>,
}

impl OtherDenominator {
    /// `sum_to_date` as running sums: `(q1)`, `(q1) + (q2)`, …
    pub fn running_sums(&self) -> Vec<String> {
        let sum = |parts: &[String]| {
            let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
            parts.join(" + ")
        };
        (1..=self.sum_to_date.len()).map(|count| sum(&self.sum_to_date[..count])).collect()
    }

    /// `到期末的合计 q1、q2 …`; nothing without `sum_to_date`.
    pub fn to_date_in_words(&self) -> Option<String> {
        let parts = self.sum_to_date.join("、");
        (!parts.is_empty()).then(|| format!("年初到期末各段之和（{parts}）"))
    }

    /// What is summed for a period.
    pub fn sum_at(&self, period: &Period) -> Option<&sql::Expression> {
        if self.parsed_to_date.is_empty() {
            return self.parsed_sum.as_ref();
        }
        // Parts are whole months; a part counts from its last month on.
        let months = 12 / self.parsed_to_date.len();
        let (_, month) = period.last_month()?;
        let passed = usize::from(month) / months.max(1);
        passed.checked_sub(1).and_then(|last| self.parsed_to_date.get(last))
    }

    /// Everything that is evaluated over its rows.
    pub fn expressions(&self) -> impl Iterator<Item = &sql::Expression> {
        self.parsed_filter.iter().chain(&self.parsed_sum).chain(&self.parsed_to_date)
    }
}

/// How much of a target for the year is due by a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// 时序进度: months passed of twelve.
    Year,
}

impl Pace {
    /// The part of the year that has passed; the whole for a campaign.
    pub fn passed(self, period: &Period) -> Rational {
        let months = period.last_month().map_or(12, |(_, month)| i128::from(month));
        Rational::new(months, 12)
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    /// ASCII, part of the figure id.
    pub id: String,
    pub title: String,
    #[serde(rename = "where")]
    pub filter: String,
    #[serde(skip)]
    pub parsed: Option<sql::Expression>,
}

/// A class of a distribution whose numbers stand in a column of their own.
#[derive(Debug, Clone)]
pub struct ClassColumn {
    pub title: String,
    /// A numeric expression.
    pub sum: String,
    pub parsed: Option<sql::Expression>,
}

fn class_columns<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<ClassColumn>, D::Error> {
    let pairs = grammar::in_file_order(source)?.into_iter();
    Ok(pairs.map(|(title, sum)| ClassColumn { title, sum, parsed: None }).collect())
}

/// By what a unit of measure is multiplied: 万小时.
const MULTIPLES: [(&str, i64); 7] = [
    ("百", 100),
    ("千", 1_000),
    ("万", 10_000),
    ("十万", 100_000),
    ("百万", 1_000_000),
    ("千万", 10_000_000),
    ("亿", 100_000_000),
];

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// ASCII: `[a-z0-9_]+`.
    pub id: String,
    pub title: String,
    /// Empty for derived indicators and composites.
    #[serde(default)]
    pub form: String,
    pub kind: IndicatorKind,
    pub numerator: Option<String>,
    pub denominator: Option<Denominator>,
    /// Rows considered at all.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// Field of a distribution or transition; `disease` for problems.
    pub of: Option<String>,
    /// A row stands for so many: a numeric expression that is added up instead of counting the row
    /// (`weight = "rated"`: a row is a field of work, with the number of organisations rated).
    pub weight: Option<String>,
    /// Distribution of a wide form, instead of `of`: title of each class and the numeric expression
    /// that is summed for it, e.g. `{ "好" = "v_good", "一般" = "v_mid" }`. The base is all of them.
    #[serde(default, deserialize_with = "class_columns")]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub columns: Vec<ClassColumn>,
    /// Transition: the field of the same row that holds the earlier code; without it, the row
    /// with the same primary key in the previous period.
    pub from_field: Option<String>,
    #[serde(default, rename = "step")]
    pub steps: Vec<FunnelStep>,
    /// `value_of("a") + value_of("b")`
    pub formula: Option<String>,
    /// Composite: what is scored, with weights that sum to 100.
    #[serde(default, rename = "part")]
    pub parts: Vec<Part>,
    /// Composite: the groups whose units are scored; empty for all. The county has a total only
    /// if all units behind the parts are in these groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Composite: `missing` (default) or `exclude`, for a unit that does not owe a part's form.
    #[serde(default)]
    pub if_not_owed: NotOwed,
    /// Trimmed mean: how many are dropped at each end.
    #[serde(default)]
    pub trim: usize,
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
    pub status: Option<Status>,
    #[serde(default)]
    pub reason: String,
    #[serde(skip)]
    pub programme: String,
    #[serde(skip)]
    pub parsed_numerator: Option<sql::Expression>,
    #[serde(skip)]
    pub parsed_denominator: Option<sql::Expression>,
    /// The condition that a weighted denominator adds up.
    #[serde(skip)]
    pub parsed_base: Option<sql::Expression>,
    #[serde(skip)]
    pub parsed_filter: Option<sql::Expression>,
    /// Set by the loader for every collectable derived indicator.
    #[serde(skip)]
    pub parsed_formula: Option<Formula>,
}

impl Indicator {
    pub fn is_collectable(&self) -> bool {
        self.status.is_none()
    }

    /// Everything that is evaluated for it, checked.
    pub fn expressions(&self) -> impl Iterator<Item = &sql::Expression> {
        let other = match &self.denominator {
            Some(Denominator::Other(other)) => Some(other.expressions()),
            _ => None,
        };
        self.own_expressions().chain(other.into_iter().flatten())
    }

    /// Those over rows of its own form.
    pub fn own_expressions(&self) -> impl Iterator<Item = &sql::Expression> {
        let own = [&self.parsed_numerator, &self.parsed_denominator, &self.parsed_filter];
        let classes = self.columns.iter().map(|column| &column.parsed);
        own.into_iter().chain(self.steps.iter().map(|step| &step.parsed)).chain(classes).flatten()
    }

    pub fn nature(&self) -> Nature {
        self.nature.unwrap_or_default()
    }

    /// What is due by a period of a number that is meant for the whole year.
    pub fn due_by(&self, number: Decimal, period: &Period) -> Rational {
        let whole = number.to_rational();
        self.pace.map_or(whole, |pace| whole.times(pace.passed(period)))
    }

    /// What the target asks of a period.
    pub fn target_at(&self, period: &Period) -> Option<Rational> {
        Some(self.due_by(self.target_value()?, period))
    }

    /// Has a figure reached its target? `None` without a target, a value, or a better side.
    pub fn meets_target(&self, figure: &Figure) -> Option<bool> {
        let target = self.target_at(&figure.period)?;
        let value = figure.exact.or_else(|| figure.value.map(Decimal::to_rational))?;
        match self.better {
            Better::Higher => Some(value >= target),
            Better::Lower => Some(value <= target),
            Better::Neither => None,
        }
    }

    /// The same as printed.
    pub fn target_printed(&self, period: &Period) -> Option<Decimal> {
        match self.pace {
            Some(_) => Some(self.target_at(period)?.round(self.decimals)),
            None => self.target_value(),
        }
    }

    /// What a blank in a column of a form means to it; `None`: the definition does not say.
    pub fn blank_in(&self, form: &Form, column: &str) -> Option<BlankMeans> {
        let field = || form.fields.get(form.field_behind(column)?)?.blank;
        self.blank.or_else(field)
    }

    /// What blanks mean to it where they mean anything: `“拱棚”空白按 0 计`; else empty.
    pub fn blanks_in_words(&self, definition: &Definition) -> String {
        if let Some(blank) = self.blank {
            return blank.title().to_owned();
        }
        let other = match &self.denominator {
            Some(Denominator::Other(other)) => other.form.as_deref(),
            _ => None,
        };
        let dimensions = self.by.iter().flat_map(|by| by.split('*')).map(str::trim);
        let coded = [&self.of, &self.from_field].into_iter().flatten().map(String::as_str);
        let read = self.expressions().flat_map(|e| e.columns.iter().map(String::as_str));
        let columns: Vec<&str> = dimensions.chain(coded).chain(read).collect();
        let mut words = Vec::new();
        for form in [Some(self.form.as_str()), other].into_iter().flatten() {
            let Some(form) = definition.form(form) else { continue };
            let fields: BTreeSet<usize> =
                columns.iter().filter_map(|column| form.field_behind(column)).collect();
            for field in fields.into_iter().map(|field| &form.fields[field]) {
                words
                    .extend(field.blank.map(|blank| format!("“{}”{}", field.title, blank.title())));
            }
        }
        words.join("；")
    }

    /// Indicators whose values this one is made of.
    pub fn operands(&self) -> Vec<&str> {
        let formula = self.parsed_formula.iter().flat_map(|formula| &formula.operands);
        let parts = self.parts.iter().map(|part| &part.indicator);
        formula.chain(parts).map(String::as_str).collect()
    }

    /// What a row is worth, what the classes add up, in what it is printed; in words, labelled.
    pub fn counting(&self) -> Vec<(&'static str, String)> {
        let weight = self.weight.as_ref().map(|weight| ("权数", format!("每行按 {weight} 计")));
        let columns: Vec<String> =
            self.columns.iter().map(|column| format!("{}＝{}", column.title, column.sum)).collect();
        let columns = (!columns.is_empty()).then(|| ("各类", columns.join("、")));
        let printed = self.print_in.as_ref().zip(self.print_divisor()).map(|(unit, by)| {
            let measure = self.measure.as_deref().unwrap_or_default();
            ("折算", format!("按{measure}计算，除以 {by} 印作{unit}"))
        });
        weight.into_iter().chain(columns).chain(printed).collect()
    }

    /// A composite's rules in words, labelled; empty for others.
    pub fn scoring(&self) -> Vec<(&'static str, String)> {
        if self.kind != IndicatorKind::Composite {
            return Vec::new();
        }
        let rule = match self.if_not_owed {
            NotOwed::Missing => "缺任何一项即不计总分",
            NotOwed::Exclude => {
                "不报该项报表的单位不计该项，其余各项按权重折算为 100 分；应报而缺的不计总分"
            }
        };
        let parts = self.parts.iter().map(|part| ("计分", part.in_words()));
        let groups = (!self.groups.is_empty()).then(|| ("计分单位", self.groups.join("、")));
        parts.chain(groups).chain([("计分规则", rule.to_owned())]).collect()
    }

    /// Is it made of other indicators, without rows of its own?
    pub fn is_made_of_others(&self) -> bool {
        matches!(self.kind, IndicatorKind::Derived | IndicatorKind::Composite)
    }

    /// Are its rows matched with those of the previous period?
    pub fn compares_rows(&self) -> bool {
        self.kind == IndicatorKind::Transition && self.from_field.is_none()
    }

    /// The condition, as its rows are added up: one a row, or what the row stands for.
    pub fn weighted(&self, condition: &str) -> String {
        match &self.weight {
            Some(weight) => format!("CASE WHEN ({condition}) THEN ({weight}) END"),
            None => condition.to_owned(),
        }
    }

    /// What all classes of a wide distribution add up to.
    pub fn columns_together(&self) -> Option<String> {
        let sums: Vec<String> = self.columns.iter().map(|c| format!("({})", c.sum)).collect();
        (!sums.is_empty()).then(|| sums.join(" + "))
    }

    /// By what the value is divided to be printed in `print_in`; `None`: that is no multiple of
    /// its unit of measure.
    pub fn print_divisor(&self) -> Option<i64> {
        let Some(unit) = &self.print_in else { return Some(1) };
        let multiple = unit.strip_suffix(self.measure.as_deref()?)?;
        MULTIPLES.iter().find(|(name, _)| *name == multiple).map(|(_, by)| *by)
    }

    /// The multiples of its unit of measure, for messages.
    pub fn multiples(&self) -> String {
        let measure = self.measure.as_deref().unwrap_or_default();
        MULTIPLES.map(|(name, _)| format!("{name}{measure}")).join("、")
    }

    /// By what a quotient or sum is multiplied.
    pub fn factor(&self) -> Rational {
        Rational::new(self.scale().into(), self.print_divisor().unwrap_or(1).into())
    }

    pub fn scale(&self) -> i64 {
        self.scale.unwrap_or(match self.kind {
            IndicatorKind::Ratio
            | IndicatorKind::Distribution
            | IndicatorKind::Funnel
            | IndicatorKind::Transition => 100,
            IndicatorKind::Problems if self.of.is_some() => 100,
            _ => 1,
        })
    }

    pub fn measure(&self) -> &str {
        self.print_in.as_deref().or(self.measure.as_deref()).unwrap_or(match self.kind {
            IndicatorKind::Composite => "分",
            _ if self.scale() == 100 => "%",
            _ => "",
        })
    }

    pub fn is_ranked(&self) -> bool {
        self.rank.unwrap_or(
            matches!(
                self.kind,
                IndicatorKind::Ratio
                    | IndicatorKind::Mean
                    | IndicatorKind::TrimmedMean
                    | IndicatorKind::Composite
            ) && self.better != Better::Neither,
        ) && self.by.iter().any(|b| b == "unit")
    }

    /// `2013-03、2013-07`
    pub fn breaks_in_words(&self) -> String {
        self.breaks.iter().map(Period::to_string).collect::<Vec<_>>().join("、")
    }

    /// The target as a decimal, without its sign.
    /// What it is called beside other programmes' figures.
    pub fn full_title(&self) -> &str {
        if self.full_title.is_empty() { &self.title } else { &self.full_title }
    }

    pub fn target_value(&self) -> Option<Decimal> {
        Decimal::parse(self.target.trim().trim_end_matches('%'))
    }
}
