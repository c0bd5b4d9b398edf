//! Exact numbers: fixed-point decimals and ratios of integers. No floating point anywhere.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A fixed-point number: `units / 10^places`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Decimal {
    pub units: i128,
    pub places: u8,
}

impl Decimal {
    pub const ZERO: Self = Self { units: 0, places: 0 };

    pub fn new(units: i128, places: u8) -> Self {
        Self { units, places }
    }

    pub fn integer(value: i64) -> Self {
        Self::new(i128::from(value), 0)
    }

    /// Parses plain decimal notation (`-12.50`); keeps the written number of places.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        if whole.len() + fraction.len() > 36 {
            return None;
        }
        let mut units: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            units = units * 10 + i128::from(byte - b'0');
        }
        let places = u8::try_from(fraction.len()).ok()?;
        Some(Self::new(if negative { -units } else { units }, places))
    }

    /// The same number with exactly `places` places, if that loses nothing.
    pub fn with_places(self, places: u8) -> Option<Self> {
        if places >= self.places {
            let factor = 10i128.checked_pow(u32::from(places - self.places))?;
            return Some(Self::new(self.units.checked_mul(factor)?, places));
        }
        let factor = 10i128.checked_pow(u32::from(self.places - places))?;
        (self.units % factor == 0).then(|| Self::new(self.units / factor, places))
    }

    pub fn to_rational(self) -> Rational {
        Rational::new(self.units, 10i128.pow(u32::from(self.places)))
    }

    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The same without its sign.
    pub fn size(self) -> Self {
        Self::new(self.units.abs(), self.places)
    }

    /// Sum; the result has the larger number of places.
    pub fn plus(self, other: Self) -> Self {
        let places = self.places.max(other.places);
        let lift = |d: Self| d.units * 10i128.pow(u32::from(places - d.places));
        Self::new(lift(self) + lift(other), places)
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(Self::new(-other.units, other.places))
    }

    /// For drawing only: results are never computed from this.
    pub fn to_f64_for_display(self) -> f64 {
        self.to_string().parse().unwrap_or(0.0)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.places == other.places {
            return self.units.cmp(&other.units);
        }
        // Lifted to the same places, one of the two might overflow.
        self.to_rational().cmp(&other.to_rational())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs();
        let (width, places) = (usize::from(self.places), u32::from(self.places));
        // Most numbers are small, and 128 bits divide slowly.
        match (u64::try_from(digits), 10u64.checked_pow(places)) {
            (Ok(digits), _) if width == 0 => write!(f, "{sign}{digits}"),
            (Ok(digits), Some(factor)) => {
                write!(f, "{sign}{}.{:0width$}", digits / factor, digits % factor)
            }
            _ if width == 0 => write!(f, "{sign}{digits}"),
            _ => {
                let factor = 10u128.pow(places);
                write!(f, "{sign}{}.{:0width$}", digits / factor, digits % factor)
            }
        }
    }
}

/// An exact ratio of integers, in lowest terms, with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rational {
    numerator: i128,
    denominator: i128,
}

impl Rational {
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `denominator` must not be zero; a zero denominator gives zero.
    pub fn new(numerator: i128, denominator: i128) -> Self {
        if denominator == 0 || numerator == 0 {
            return Self { numerator: 0, denominator: 1 };
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).unwrap_or(1);
        let sign = if denominator < 0 { -1 } else { 1 };
        Self { numerator: sign * numerator / divisor, denominator: sign * denominator / divisor }
    }

    pub fn numerator(self) -> i128 {
        self.numerator
    }

    pub fn denominator(self) -> i128 {
        self.denominator
    }

    pub fn plus(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(Self { numerator: -other.numerator, denominator: other.denominator })
    }

    /// `None` when the integers would overflow; so the `checked_…` below.
    pub fn checked_plus(self, other: Self) -> Option<Self> {
        let (a, b) = (self.numerator, self.denominator);
        let (c, d) = (other.numerator, other.denominator);
        Some(Self::new(a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?, b.checked_mul(d)?))
    }

    pub fn checked_minus(self, other: Self) -> Option<Self> {
        let numerator = other.numerator.checked_neg()?;
        self.checked_plus(Self { numerator, denominator: other.denominator })
    }

    pub fn checked_times(self, other: Self) -> Option<Self> {
        Some(Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
        ))
    }

    /// Also `None` when `other` is zero.
    pub fn checked_divide(self, other: Self) -> Option<Self> {
        (other.numerator != 0).then_some(())?;
        Some(Self::new(
            self.numerator.checked_mul(other.denominator)?,
            self.denominator.checked_mul(other.numerator)?,
        ))
    }

    pub fn times(self, other: Self) -> Self {
        Self::new(self.numerator * other.numerator, self.denominator * other.denominator)
    }

    /// `None` when `other` is zero.
    pub fn divided_by(self, other: Self) -> Option<Self> {
        (other.numerator != 0).then(|| {
            Self::new(self.numerator * other.denominator, self.denominator * other.numerator)
        })
    }

    /// Rounds half away from zero (四舍五入), as Excel's ROUND does, once.
    pub fn round(self, places: u8) -> Decimal {
        let scaled = self.numerator * 10i128.pow(u32::from(places));
        Decimal::new(round_half_away(scaled, self.denominator), places)
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        match (left, right) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => compare_by_quotients(
                (self.numerator, self.denominator),
                (other.numerator, other.denominator),
            ),
        }
    }
}

/// Compares two fractions without multiplying: whole parts first, then the remainders upside
/// down, as in Euclid's algorithm. Denominators are positive.
fn compare_by_quotients(left: (i128, i128), right: (i128, i128)) -> Ordering {
    let ((mut a, mut b), (mut c, mut d)) = (left, right);
    loop {
        let whole = a.div_euclid(b).cmp(&c.div_euclid(d));
        let (rest_left, rest_right) = (a.rem_euclid(b), c.rem_euclid(d));
        if whole != Ordering::Equal || rest_left == 0 || rest_right == 0 {
            return whole.then(rest_left.signum().cmp(&rest_right.signum()));
        }
        // a/b < c/d inside the same whole part means d/c' < b/a' for the remainders a', c'.
        (a, b, c, d) = (d, rest_right, b, rest_left);
    }
}

/// `numerator / denominator` rounded to an integer, halves away from zero.
/// `denominator` must be positive.
pub fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    let doubled = numerator.abs() * 2 + denominator;
    let magnitude = doubled / (denominator * 2);
    if numerator < 0 { -magnitude } else { magnitude }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_away_from_zero_as_excel_does() {
        // Excel: ROUND(2.5,0)=3, ROUND(-2.5,0)=-3, ROUND(0.125,2)=0.13.
        assert_eq!(Rational::new(5, 2).round(0).to_string(), "3");
        assert_eq!(Rational::new(-5, 2).round(0).to_string(), "-3");
        assert_eq!(Rational::new(1, 8).round(2).to_string(), "0.13");
        // 1,948 of 5,117 enterprises = 38.0692…%
        assert_eq!(Rational::new(194_800, 5117).round(2).to_string(), "38.07");
    }

    #[test]
    fn fractions_compare_exactly_also_where_their_products_would_overflow() {
        let third = |units: i128| Rational::new(10i128.pow(37) + units, 3 * 10i128.pow(37));
        assert!(third(0) < third(1) && third(1) > third(-1));
        assert_eq!(third(0).cmp(&Rational::new(1, 3)), Ordering::Equal);
        let minus = |r: Rational| Rational::new(0, 1).minus(r);
        assert!(minus(third(1)) < minus(third(0)));
        assert!(minus(third(1)) < third(1));
        for (a, b) in [(7, 3), (-7, 3), (0, 1), (22, 7), (-1, 9)] {
            for (c, d) in [(7, 3), (5, 2), (-7, 3), (0, 4), (355, 113)] {
                assert_eq!(compare_by_quotients((a, b), (c, d)), (a * d).cmp(&(c * b)));
            }
        }
    }

    #[test]
    fn decimals_compare_by_value_and_print_their_places() {
        assert_eq!(Decimal::parse("2.50"), Decimal::parse("2.5"));
        assert_eq!(Decimal::parse("-0.05").unwrap().to_string(), "-0.05");
        let large = Decimal::parse(&"9".repeat(36)).unwrap();
        assert!(large > Decimal::parse(&format!("0.{}", "9".repeat(35))).unwrap());
        assert_eq!(Decimal::parse("1.2.3"), None);
        assert_eq!(Decimal::parse("."), None);
        assert!(Decimal::parse("82.357").unwrap().with_places(2).is_none());
        assert_eq!(Decimal::parse("82.350").unwrap().with_places(2).unwrap().to_string(), "82.35");
    }
}
