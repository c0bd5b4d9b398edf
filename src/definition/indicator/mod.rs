//! Indicators: what they count and divide by, their base, breakdowns and target, as data.

mod computation;
mod denominator;
mod listing;
mod term;
mod written;

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{BlankMeans, Definition, Form, NotOwed};
use crate::model::{Decimal, Figure, Nature, Period, Rational};
use crate::sql;

pub use computation::{ClassColumn, Computation, FunnelStep, IndicatorKind};
pub use denominator::{Denominator, OtherDenominator};
pub use listing::written_together;
pub use term::Term;
pub use written::IndicatorSpec;

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

/// An indicator: what all kinds have in common, as it is written, and the data of its own kind.
#[derive(Debug, Clone)]
pub struct Indicator {
    written: IndicatorSpec,
    pub computation: Computation,
    /// Declared, never computed: the reason.
    pub not_collectable: Option<String>,
}

impl Deref for Indicator {
    type Target = IndicatorSpec;

    fn deref(&self) -> &IndicatorSpec {
        &self.written
    }
}

impl DerefMut for Indicator {
    fn deref_mut(&mut self) -> &mut IndicatorSpec {
        &mut self.written
    }
}

impl Indicator {
    pub fn is_collectable(&self) -> bool {
        self.not_collectable.is_none()
    }

    /// Why it cannot be collected; empty if it can.
    pub fn reason(&self) -> &str {
        self.not_collectable.as_deref().unwrap_or_default()
    }

    pub fn kind(&self) -> IndicatorKind {
        self.computation.kind()
    }

    /// What it is divided by, if that stands elsewhere than in its own rows.
    pub fn divided_by(&self) -> Option<&OtherDenominator> {
        match self.computation.denominator() {
            Some(Denominator::Elsewhere(other)) => Some(other),
            _ => None,
        }
    }

    /// Everything that is evaluated for it, checked.
    pub fn expressions(&self) -> impl Iterator<Item = &sql::Expression> {
        let other = self.divided_by().map(OtherDenominator::expressions);
        self.own_expressions().chain(other.into_iter().flatten())
    }

    /// Those over rows of its own form.
    pub fn own_expressions(&self) -> impl Iterator<Item = &sql::Expression> {
        let terms = self.computation.terms().into_iter().chain(&self.filter);
        terms.filter_map(|term| term.parsed.as_ref())
    }

    /// Columns of its rows that it reads as they stand: codes.
    pub fn coded_columns(&self) -> impl Iterator<Item = &str> {
        let of = self.computation.of().filter(|_| self.kind() != IndicatorKind::Problems);
        of.into_iter().chain(self.computation.from_field())
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
        let value = figure.before_rounding()?;
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
        let other = self.divided_by().and_then(|other| other.form.as_deref());
        let dimensions = self.by.iter().flat_map(|by| by.split('*')).map(str::trim);
        let read = self.expressions().flat_map(|e| e.columns.iter().map(String::as_str));
        let columns: Vec<&str> = dimensions.chain(self.coded_columns()).chain(read).collect();
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
        let of_formula = match &self.computation {
            Computation::Derived { formula: Some(formula), .. } => formula.operands.as_slice(),
            _ => &[],
        };
        let parts = self.computation.parts().iter().map(|part| &part.indicator);
        of_formula.iter().chain(parts).map(String::as_str).collect()
    }

    /// `按小时计算，除以 10000 印作万小时`; nothing unless it is printed in a multiple.
    pub fn printing_in_words(&self) -> Option<String> {
        let (unit, by) = self.print_in.as_ref().zip(self.print_divisor())?;
        let measure = self.measure.as_deref().unwrap_or_default();
        Some(format!("按{measure}计算，除以 {by} 印作{unit}"))
    }

    /// A composite's rules in words, labelled; empty for others.
    pub fn scoring(&self) -> Vec<(&'static str, String)> {
        let Computation::Composite { parts, groups, if_not_owed } = &self.computation else {
            return Vec::new();
        };
        let rule = match if_not_owed {
            NotOwed::Missing => "缺任何一项即不计总分",
            NotOwed::Exclude => {
                "不报该项报表的单位不计该项，其余各项按权重折算为 100 分；应报而缺的不计总分"
            }
        };
        let parts = parts.iter().map(|part| ("计分", part.in_words()));
        let groups = (!groups.is_empty()).then(|| ("计分单位", groups.join("、")));
        parts.chain(groups).chain([("计分规则", rule.to_owned())]).collect()
    }

    /// Is it made of other indicators, without rows of its own?
    pub fn is_made_of_others(&self) -> bool {
        matches!(self.kind(), IndicatorKind::Derived | IndicatorKind::Composite)
    }

    /// Are its rows matched with those of the previous period?
    pub fn compares_rows(&self) -> bool {
        matches!(self.computation, Computation::Transition { from_field: None, .. })
    }

    /// The condition, as its rows are added up: one a row, or what the row stands for.
    pub fn weighted(&self, condition: &str) -> String {
        match self.computation.weight() {
            Some(weight) => weight.worth_where(condition),
            None => condition.to_owned(),
        }
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
        self.scale.unwrap_or(match self.kind() {
            IndicatorKind::Ratio
            | IndicatorKind::Distribution
            | IndicatorKind::Funnel
            | IndicatorKind::Transition => 100,
            IndicatorKind::Problems if self.computation.of().is_some() => 100,
            _ => 1,
        })
    }

    pub fn measure(&self) -> &str {
        self.print_in.as_deref().or(self.measure.as_deref()).unwrap_or(match self.kind() {
            IndicatorKind::Composite => "分",
            _ if self.scale() == 100 => "%",
            _ => "",
        })
    }

    pub fn is_ranked(&self) -> bool {
        self.rank.unwrap_or(
            matches!(
                self.kind(),
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

    /// What it is called beside other programmes' figures.
    pub fn full_title(&self) -> &str {
        if self.full_title.is_empty() { &self.title } else { &self.full_title }
    }

    /// The target as a decimal, without its sign.
    pub fn target_value(&self) -> Option<Decimal> {
        Decimal::parse(self.target.trim().trim_end_matches('%'))
    }
}
