//! One grammar of colour for workbook, charts and page: blue is what is reached, better or in front,
//! orange what is missed, worse or behind; ordered codes go from one to the other; everything that
//! is not judged has other colours. All are safe for the colour-blind, and a mark or a word always
//! says the same.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Color(pub(super) u8, pub(super) u8, pub(super) u8);

pub(super) const INK: Color = Color(0x22, 0x22, 0x22);
pub(super) const WHITE: Color = Color(0xFF, 0xFF, 0xFF);
pub(super) const GOOD: Color = Color(0x00, 0x72, 0xB2);
pub(super) const BAD: Color = Color(0xD5, 0x5E, 0x00);
/// The same behind numbers.
pub(super) const GOOD_TINT: Color = Color(0xA9, 0xD3, 0xEC);
pub(super) const BAD_TINT: Color = Color(0xF7, 0xC0, 0x94);
/// What is not judged.
pub(super) const PLAIN: Color = Color(0x64, 0x74, 0x86);
/// Between good and bad.
const MIDDLE: Color = Color(0xE1, 0xE4, 0xE7);
/// What has no colour of its own.
const REST: Color = Color(0xA8, 0xAC, 0xB0);

/// Things that are different, but none better: far from [`GOOD`] and [`BAD`] (after Paul Tol).
const KINDS: [Color; 5] = [
    Color(0x33, 0x22, 0x88),
    Color(0x44, 0xAA, 0x99),
    Color(0xDD, 0xCC, 0x77),
    Color(0xAA, 0x44, 0x99),
    Color(0x88, 0xCC, 0xEE),
];

impl Color {
    /// `RRGGBB`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let code = u32::from_str_radix(text, 16).ok()?;
        let [_, r, g, b] = code.to_be_bytes();
        (code <= 0x00FF_FFFF).then_some(Self(r, g, b))
    }

    /// Text on this colour: black or white, whichever reads better.
    pub(super) fn contrast(self) -> Self {
        let Self(r, g, b) = self;
        let brightness = u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114;
        if brightness > 140_000 { INK } else { WHITE }
    }

    /// For text in the colour of a line: readable on white.
    pub(super) fn darker(self) -> Self {
        let dark = |channel: u8| (u16::from(channel) * 2 / 3) as u8;
        Self(dark(self.0), dark(self.1), dark(self.2))
    }

    pub(super) fn code(self) -> u32 {
        u32::from_be_bytes([0, self.0, self.1, self.2])
    }

    /// `part` of `whole` on the way to another colour.
    fn towards(self, other: Self, part: usize, whole: usize) -> Self {
        let between = |from: u8, to: u8| {
            let (from, to) = (usize::from(from), usize::from(to));
            ((from * (whole - part) + to * part) / whole) as u8
        };
        Self(between(self.0, other.0), between(self.1, other.1), between(self.2, other.2))
    }
}

/// Colours of `n` ordered codes, best first.
pub(super) fn ordered(n: usize) -> Vec<Color> {
    let last = n.saturating_sub(1).max(1);
    let shade = |i: usize| {
        if 2 * i <= last {
            GOOD.towards(MIDDLE, 2 * i, last)
        } else {
            MIDDLE.towards(BAD, 2 * i - last, last)
        }
    };
    (0..n).map(shade).collect()
}

/// Colours of things of which none is better, the most important given first by number: more
/// colours than five are not told apart, so the others are grey.
pub(super) fn kinds(n: usize, important: &[usize]) -> Vec<Color> {
    let mut chosen: Vec<usize> = important.iter().copied().take(KINDS.len()).collect();
    chosen.sort_unstable();
    let color = |i: usize| chosen.iter().position(|at| *at == i).map_or(REST, |at| KINDS[at]);
    (0..n).map(color).collect()
}

/// Colours of the lines of a picture; of one alone, that of what is not judged.
pub(super) fn lines(n: usize) -> Vec<Color> {
    let all: Vec<usize> = (0..n).collect();
    if n == 1 { vec![PLAIN] } else { kinds(n, &all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_codes_go_from_good_to_bad() {
        assert_eq!(ordered(2), [GOOD, BAD]);
        assert_eq!(ordered(3), [GOOD, MIDDLE, BAD]);
        assert_eq!((ordered(4)[0], ordered(4)[3]), (GOOD, BAD));
        // Two thirds from 00 to E1, 72 to E4, B2 to E7.
        assert_eq!(ordered(4)[1], Color(0x96, 0xBE, 0xD5));
    }

    #[test]
    fn what_is_not_judged_never_looks_judged() {
        let unjudged = kinds(9, &[3, 0, 1, 2, 8, 7]);
        assert!(!unjudged.contains(&GOOD) && !unjudged.contains(&BAD));
        assert_eq!(unjudged.iter().filter(|color| **color == REST).count(), 4);
        assert_eq!(unjudged[7], REST, "the sixth has no colour of its own");
    }
}
