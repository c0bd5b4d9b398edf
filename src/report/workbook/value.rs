//! A figure's value in a cell: a live formula where its parts stand in the same row.

use super::sheet::Sheet;
use super::style::value_format;
use crate::model::{Decimal, Figure, column_letters};
use crate::report::text;

impl Sheet<'_> {
    /// A figure's value. With the columns of numerator and denominator in the same row it is a
    /// live formula, provided that the formula gives exactly the printed value.
    pub(super) fn value(
        &mut self,
        at: (u32, u16),
        figure: &Figure,
        scale: i64,
        parts: Option<(u16, u16)>,
        total: bool,
    ) -> anyhow::Result<()> {
        self.origin(at, figure)?;
        let shown = self.measures_in_cells || figure.measure == "%";
        let measure = if shown { figure.measure.as_str() } else { "" };
        let format_of = |value: Decimal| value_format(value, measure);
        let share = figure.measure == "%";
        if let (Some((n, d)), Some(numerator), Some(denominator)) =
            (parts, figure.numerator, figure.denominator)
        {
            let row = at.0 + 1;
            let (n, d) = (column_letters(n), column_letters(d));
            // Percentages are stored as fractions and shown with %.
            let factor = match (share, scale) {
                (true, 100) | (false, 1) => String::new(),
                (true, _) => format!("*{scale}/100"),
                (false, _) => format!("*{scale}"),
            };
            match figure.value {
                None if denominator.is_zero() => {
                    let formula =
                        format!(r#"=IF({d}{row}=0,"{}",{n}{row}/{d}{row}{factor})"#, text::NONE);
                    return self.formula(at, &formula, text::NONE, "0", total);
                }
                Some(value) if gives(numerator, denominator, scale, value) => {
                    let places = value.places + if share { 2 } else { 0 };
                    let formula = format!(
                        r#"=IF({d}{row}=0,"{}",ROUND({n}{row}/{d}{row}{factor},{places}))"#,
                        text::NONE
                    );
                    let result = stored(value, &figure.measure).to_string();
                    return self.formula(at, &formula, &result, &format_of(value), total);
                }
                _ => {}
            }
        }
        match figure.value {
            Some(value) => {
                let format = format_of(value);
                self.number_as(at, stored(value, &figure.measure), &format, total)
            }
            None => self.center(at, text::why_empty(figure), total),
        }
    }
}

/// As stored in a cell: a share of 38.1 % is 0.381.
pub(super) fn stored(value: Decimal, measure: &str) -> Decimal {
    if measure == "%" { Decimal::new(value.units, value.places + 2) } else { value }
}

/// Does `scale · numerator / denominator`, rounded as printed, equal the printed value?
fn gives(numerator: Decimal, denominator: Decimal, scale: i64, value: Decimal) -> bool {
    let scaled = Decimal::integer(scale).to_rational().times(numerator.to_rational());
    scaled
        .divided_by(denominator.to_rational())
        .is_some_and(|quotient| quotient.round(value.places) == value)
}
