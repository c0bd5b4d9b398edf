//! What an indicator asks of the rows behind it: measures, and the fields by whose codes they are
//! told apart. Decided once, from the definition; a source answers all that is asked of it
//! together, and the computation looks its own answers up.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use crate::definition::{Computation, Denominator, Indicator, OtherDenominator, Term};
use crate::model::{ColumnType, Period, RowsOf};
use crate::sql::{Addend, Expression, Measure};

use super::layout::{Breakdown, Divisions};

/// A measure of a source.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    /// [`RowsOf`] as text.
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
pub(super) enum Method<'a> {
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
    Elsewhere(OtherRows<'a>),
    /// The units that owe the indicator's form.
    ExpectedUnits,
}

/// Rows of another form or of a register; of a number by parts of the year, one measure a part.
pub(super) struct OtherRows<'a> {
    pub(super) other: &'a OtherDenominator,
    asks: Vec<(Option<&'a Expression>, Ask<'a>)>,
}

impl<'a> Method<'a> {
    /// `None` for what is made of other indicators or of problems. `leaves_out`: some rows are not
    /// counted because of a blank.
    pub(super) fn of(indicator: &'a Indicator, leaves_out: bool) -> anyhow::Result<Option<Self>> {
        let own = Own { indicator, left_out: leaves_out.then(|| left_out_column(&indicator.id)) };
        let sum = |term: &'a Term| own.ask(Some(term.checked()?), false);
        let numbers = |term: &'a Term| own.ask(Some(term.checked()?), true);
        Ok(Some(match &indicator.computation {
            Computation::Count { counted: term, .. } | Computation::Sum { added: term } => {
                Self::Added { numerator: sum(term)?, denominator: None }
            }
            Computation::Ratio { numerator, denominator, .. } => {
                let denominator = Some(Divisor::of(&own, denominator)?);
                Self::Added { numerator: sum(numerator)?, denominator }
            }
            Computation::Mean { numbers: term } => {
                Self::Mean { numbers: numbers(term)?, trim: None }
            }
            Computation::TrimmedMean { numbers: term, trim } => {
                Self::Mean { numbers: numbers(term)?, trim: Some(*trim) }
            }
            Computation::Distribution { of, weight } => {
                let weight = weight.as_ref().map(Term::checked).transpose()?;
                Self::Distribution { rows: own.ask(weight, false)?.by(&[of], &[of]) }
            }
            Computation::WideDistribution { columns, together } => {
                let classes = columns.iter().map(|column| sum(&column.sum));
                let classes = classes.collect::<anyhow::Result<_>>()?;
                Self::Classes { classes, base: sum(together)? }
            }
            Computation::Funnel { steps, .. } => {
                let classes: Vec<Ask> =
                    steps.iter().map(|step| sum(&step.filter)).collect::<anyhow::Result<_>>()?;
                let base = classes.first().cloned().context("漏斗没有步骤")?;
                Self::Classes { classes, base }
            }
            Computation::Transition { of, from_field } => {
                let rows = own.ask(None, false)?;
                match from_field {
                    Some(from) => {
                        Self::Transition { rows: rows.by(&[from, of], &[of, from]), matched: false }
                    }
                    None => {
                        let from = earlier_column(&indicator.id);
                        Self::Transition { rows: rows.by(&[&from, of], &[of]), matched: true }
                    }
                }
            }
            Computation::Derived { .. }
            | Computation::Composite { .. }
            | Computation::Problems { .. }
            | Computation::Unsaid { .. } => return Ok(None),
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
        let filter = self.indicator.filter.as_ref().map(Term::checked).transpose()?;
        let source = self.indicator.form.clone();
        let mut ask = Ask::new(source, filter, counted, as_number, self.left_out.as_deref())?;
        if let (Total::Sum(places), true) =
            (ask.total, self.indicator.computation.weight().is_some())
        {
            ask.total = Total::SumOfTrue(places);
        }
        Ok(ask)
    }
}

impl<'a> Divisor<'a> {
    fn of(own: &Own<'a>, denominator: &'a Denominator) -> anyhow::Result<Self> {
        let other = match denominator {
            Denominator::OfRows(base) => {
                return own.ask(Some(base.checked()?), false).map(Self::Own);
            }
            Denominator::Elsewhere(other) => other,
        };
        let source = match other.rows_of() {
            Some(RowsOf::Units) => return Ok(Self::ExpectedUnits),
            Some(rows) => rows.to_string(),
            None => bail!("denominator 应是 form、register、units = \"expected\" 三者之一"),
        };
        let filter = other.filter.as_ref().map(Term::checked).transpose()?;
        let sums: Vec<Option<&Expression>> = if other.parsed_to_date.is_empty() {
            vec![other.sum.as_ref().map(Term::checked).transpose()?]
        } else {
            other.parsed_to_date.iter().map(Some).collect()
        };
        let ask = |sum| Ok((sum, Ask::new(source.clone(), filter, sum, false, None)?));
        let asks = sums.into_iter().map(ask).collect::<anyhow::Result<_>>()?;
        Ok(Self::Elsewhere(OtherRows { other, asks }))
    }
}

impl<'a> OtherRows<'a> {
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
pub(super) struct Questions<'a> {
    pub(super) measures: Vec<Measure>,
    /// By the columns by which rows are grouped: the measures (by number) that are added up so.
    pub(super) sets: BTreeMap<Vec<String>, BTreeSet<usize>>,
    /// Indicators with rows that are left out because of a blank.
    pub(super) leaving_out: Vec<&'a Indicator>,
    /// Indicators whose rows are matched with those of the period before.
    pub(super) matching: Vec<&'a Indicator>,
}

impl Questions<'_> {
    /// The measure by each breakdown of the layout, and without any.
    pub(super) fn add(&mut self, ask: &Ask, layout: &Divisions) {
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
