//! What an indicator asks of the rows behind it: measures, and the fields by whose codes they are
//! told apart. Decided once, from the definition; a source answers all that is asked of it
//! together, and the computation looks its own answers up.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use crate::definition::{Denominator, Indicator, IndicatorKind, OtherDenominator};
use crate::model::{ColumnType, Period};
use crate::sql::{Addend, Expression, Measure};

use super::layout::{Breakdown, Layout};

/// A measure of a source.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    /// A form id, or `register:<name>`.
    pub(super) source: String,
    pub(super) measure: Measure,
    /// What is made of it.
    pub(super) total: Total,
    /// Columns whose codes make the classes.
    pub(super) classes: Vec<String>,
    /// Columns that it reads.
    pub(super) columns: Vec<&'a str>,
}

/// What the rows of a measure come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Total {
    /// How many rows have a number.
    Rows,
    /// The sum, with so many decimal places; none if no row has a number.
    Sum(u8),
    /// The sum over rows for which something is true: zero if it is true of none.
    SumOfTrue(u8),
}

/// How the rows of an indicator make its figures, with what each kind asks for.
pub(super) enum Kind<'a> {
    /// Rows counted or numbers added, alone or divided.
    Added { numerator: Ask<'a>, denominator: Option<Divisor<'a>> },
    /// Numbers added and counted; without the lowest and highest where it says how many.
    Mean { numbers: Ask<'a>, trim: Option<usize> },
    /// Rows by code.
    Distribution { rows: Ask<'a> },
    /// A measure a class: the steps of a funnel, over the first of them; the columns of a wide
    /// distribution, over all of them together.
    Classes { classes: Vec<Ask<'a>>, base: Ask<'a> },
    /// Rows by pair of codes: then and now.
    Transition { rows: Ask<'a>, matched: bool },
}

/// What a ratio is divided by.
pub(super) enum Divisor<'a> {
    /// A measure of the same rows.
    Own(Ask<'a>),
    Elsewhere(Elsewhere<'a>),
    /// The units that owe the indicator's form.
    ExpectedUnits,
}

/// Rows of another form or of a register; of a number by parts of the year, one measure a part.
pub(super) struct Elsewhere<'a> {
    pub(super) other: &'a OtherDenominator,
    asks: Vec<(Option<&'a Expression>, Ask<'a>)>,
}

impl<'a> Kind<'a> {
    /// `None` for what is made of other indicators or of problems. `leaves_out`: some rows are not
    /// counted because of a blank.
    pub(super) fn of(indicator: &'a Indicator, leaves_out: bool) -> anyhow::Result<Option<Self>> {
        let own = Own { indicator, left_out: leaves_out.then(|| left_out_column(&indicator.id)) };
        let numerator = parsed(&indicator.numerator, &indicator.parsed_numerator)?;
        Ok(Some(match indicator.kind {
            IndicatorKind::Count => {
                let weighted = indicator.weight.is_some();
                if !weighted && numerator.is_some_and(|n| n.result != ColumnType::Boolean) {
                    bail!("count 的 numerator 应得到是/否");
                }
                Self::Added { numerator: own.ask(numerator, false)?, denominator: None }
            }
            IndicatorKind::Sum => {
                Self::Added { numerator: own.ask(numerator, false)?, denominator: None }
            }
            IndicatorKind::Ratio => {
                let denominator = Some(Divisor::of(&own)?);
                Self::Added { numerator: own.ask(numerator, false)?, denominator }
            }
            IndicatorKind::Mean | IndicatorKind::TrimmedMean => {
                let numbers = own.ask(Some(numerator.context("缺少 numerator")?), true)?;
                let trimmed = indicator.kind == IndicatorKind::TrimmedMean;
                Self::Mean { numbers, trim: trimmed.then_some(indicator.trim) }
            }
            IndicatorKind::Distribution if !indicator.columns.is_empty() => {
                let column = |column: &'a crate::definition::ClassColumn| {
                    let parsed = column.parsed.as_ref();
                    let parsed = parsed.with_context(|| format!("没有解析:{}", column.sum))?;
                    own.ask(Some(parsed), false)
                };
                let classes: Vec<Ask> =
                    indicator.columns.iter().map(column).collect::<anyhow::Result<_>>()?;
                let base = indicator.parsed_denominator.as_ref().context("没有解析 columns")?;
                Self::Classes { classes, base: own.ask(Some(base), false)? }
            }
            IndicatorKind::Distribution => {
                let field = indicator.of.as_deref().context("缺少 of")?;
                Self::Distribution { rows: own.ask(numerator, false)?.by(&[field], &[field]) }
            }
            IndicatorKind::Funnel => {
                let step = |step: &'a crate::definition::FunnelStep| {
                    let condition = step.parsed.as_ref();
                    let condition =
                        condition.with_context(|| format!("没有解析:{}", step.filter))?;
                    if indicator.weight.is_none() && !condition.is_condition() {
                        bail!("步骤 {} 的 where 应得到是/否", step.id);
                    }
                    own.ask(Some(condition), false)
                };
                let classes: Vec<Ask> =
                    indicator.steps.iter().map(step).collect::<anyhow::Result<_>>()?;
                let base = classes.first().cloned().context("漏斗没有步骤")?;
                Self::Classes { classes, base }
            }
            IndicatorKind::Transition => {
                let field = indicator.of.as_deref().context("缺少 of")?;
                let rows = own.ask(None, false)?;
                match indicator.from_field.as_deref() {
                    Some(from) => Self::Transition {
                        rows: rows.by(&[from, field], &[field, from]),
                        matched: false,
                    },
                    None => {
                        let from = earlier_column(&indicator.id);
                        Self::Transition { rows: rows.by(&[&from, field], &[field]), matched: true }
                    }
                }
            }
            IndicatorKind::Derived | IndicatorKind::Composite | IndicatorKind::Problems => {
                return Ok(None);
            }
        }))
    }

    /// The form that it is divided by, if it is another one.
    pub(super) fn divisor_form(&self) -> Option<&'a str> {
        match self {
            Self::Added { denominator: Some(Divisor::Elsewhere(elsewhere)), .. } => {
                elsewhere.other.form.as_deref()
            }
            _ => None,
        }
    }

    pub(super) fn asks(&self) -> Vec<&Ask<'a>> {
        match self {
            Self::Added { numerator, denominator } => {
                let mut asks = vec![numerator];
                match denominator {
                    Some(Divisor::Own(ask)) => asks.push(ask),
                    Some(Divisor::Elsewhere(elsewhere)) => {
                        asks.extend(elsewhere.asks.iter().map(|(_, ask)| ask));
                    }
                    Some(Divisor::ExpectedUnits) | None => {}
                }
                asks
            }
            Self::Mean { numbers: ask, .. }
            | Self::Distribution { rows: ask }
            | Self::Transition { rows: ask, .. } => vec![ask],
            Self::Classes { classes, base } => classes.iter().chain([base]).collect(),
        }
    }
}

/// A column of truths: the rows that an indicator leaves out because of a blank.
pub(super) fn left_out_column(indicator: &str) -> String {
    format!("#out:{indicator}")
}

/// A column of codes: what the matched row of the period before had.
pub(super) fn earlier_column(indicator: &str) -> String {
    format!("#then:{indicator}")
}

/// The rows of an indicator's own form.
struct Own<'a> {
    indicator: &'a Indicator,
    left_out: Option<String>,
}

impl<'a> Own<'a> {
    fn ask(&self, counted: Option<&'a Expression>, as_number: bool) -> anyhow::Result<Ask<'a>> {
        let filter = parsed(&self.indicator.filter, &self.indicator.parsed_filter)?;
        let source = self.indicator.form.clone();
        let mut ask = Ask::new(source, filter, counted, as_number, self.left_out.as_deref())?;
        if let (Total::Sum(places), true) = (ask.total, self.indicator.weight.is_some()) {
            ask.total = Total::SumOfTrue(places);
        }
        Ok(ask)
    }
}

impl<'a> Divisor<'a> {
    fn of(own: &Own<'a>) -> anyhow::Result<Self> {
        let indicator = own.indicator;
        let other = match &indicator.denominator {
            None => bail!("缺少 denominator"),
            Some(Denominator::Expression(text)) => {
                let expression = indicator.parsed_denominator.as_ref();
                let expression = expression.with_context(|| format!("没有解析:{text}"))?;
                return own.ask(Some(expression), false).map(Self::Own);
            }
            Some(Denominator::Other(other)) => other,
        };
        let source = match (&other.form, &other.register, other.units.as_deref()) {
            (Some(form), None, None) => form.clone(),
            (None, Some(register), None) => format!("register:{register}"),
            (None, None, Some("expected")) => return Ok(Self::ExpectedUnits),
            _ => bail!("denominator 应是 form、register、units = \"expected\" 三者之一"),
        };
        let filter = parsed(&other.filter, &other.parsed_filter)?;
        let sums: Vec<Option<&Expression>> = if other.parsed_to_date.is_empty() {
            vec![other.parsed_sum.as_ref()]
        } else {
            other.parsed_to_date.iter().map(Some).collect()
        };
        let ask = |sum| Ok((sum, Ask::new(source.clone(), filter, sum, false, None)?));
        let asks = sums.into_iter().map(ask).collect::<anyhow::Result<_>>()?;
        Ok(Self::Elsewhere(Elsewhere { other, asks }))
    }
}

impl<'a> Elsewhere<'a> {
    pub(super) fn ask_at(&self, period: &Period) -> anyhow::Result<&Ask<'a>> {
        let sum = self.other.sum_at(period).map(|sum| sum.text.as_str());
        let same = |(its, _): &&(Option<&Expression>, Ask)| its.map(|its| its.text.as_str()) == sum;
        let found = self.asks.iter().find(same).map(|(_, ask)| ask);
        found.with_context(|| format!("{period} 不是年内的报告期，sum_to_date 无从取数"))
    }
}

impl<'a> Ask<'a> {
    fn new(
        source: String,
        filter: Option<&'a Expression>,
        counted: Option<&'a Expression>,
        as_number: bool,
        left_out: Option<&str>,
    ) -> anyhow::Result<Self> {
        let (what, total) = match counted {
            None => (Addend::Row, Total::Rows),
            Some(truth) if truth.is_condition() && as_number => {
                (Addend::TruthAsNumber(truth), Total::Sum(0))
            }
            Some(truth) if truth.is_condition() => (Addend::True(truth), Total::Rows),
            Some(number) => {
                let places = match number.result {
                    ColumnType::Decimal(places) => places,
                    _ => 0,
                };
                (Addend::Number(number), Total::Sum(places))
            }
        };
        let measure = Measure::new(filter, what, left_out)?;
        let read = [counted, filter].into_iter().flatten();
        let columns = read.flat_map(|e| e.columns.iter().map(String::as_str)).collect();
        Ok(Self { source, measure, total, classes: Vec::new(), columns })
    }

    /// Told apart by the codes of these columns; `shown`: of them, the columns of the form.
    fn by(mut self, classes: &[&str], shown: &[&'a str]) -> Self {
        self.classes = classes.iter().map(|&class| class.to_owned()).collect();
        self.columns = shown.iter().copied().chain(self.columns).collect();
        self
    }
}

/// All that is asked of one source, the same in all periods.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    pub(super) measures: Vec<Measure>,
    /// By the columns by which rows are grouped: the measures (by number) that are added up so.
    pub(super) sets: BTreeMap<Vec<String>, BTreeSet<usize>>,
    /// Indicators with rows that are left out because of a blank.
    pub(super) leaving_out: Vec<&'a Indicator>,
    /// Indicators whose rows are matched with those of the period before.
    pub(super) matching: Vec<&'a Indicator>,
}

impl Wanted<'_> {
    /// The measure by each breakdown of the layout, and without any.
    pub(super) fn add(&mut self, ask: &Ask, layout: &Layout) {
        let known = self.measures.iter().position(|m| m.text() == ask.measure.text());
        let measure = known.unwrap_or_else(|| {
            self.measures.push(ask.measure.clone());
            self.measures.len() - 1
        });
        let dimensions = layout.breakdowns.iter().map(|breakdown| match breakdown {
            Breakdown::Unit | Breakdown::Group(_) => None,
            Breakdown::Field(d) | Breakdown::Cross(d) => Some(&layout.dimensions[*d].field),
        });
        for dimension in [None].into_iter().chain(dimensions) {
            let columns = dimension.into_iter().chain(&ask.classes).cloned().collect();
            self.sets.entry(columns).or_default().insert(measure);
        }
    }
}

/// The checked form of an expression, where the definition gives one.
fn parsed<'e>(
    text: &Option<String>,
    expression: &'e Option<Expression>,
) -> anyhow::Result<Option<&'e Expression>> {
    match (text, expression) {
        (Some(text), None) => bail!("没有解析:{text}"),
        (_, expression) => Ok(expression.as_ref()),
    }
}
