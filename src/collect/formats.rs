//! What a number format makes of a stored number: how it is shown, and whether who looks at the
//! cell sees another number, a date without its day, or nothing at all.

use std::sync::Arc;

use super::workbook::{Doubt, Shown};

/// What the style of a cell says about its value.
#[derive(Debug, Clone)]
pub(super) struct Appearance {
    pub shown: Shown,
    pub struck: bool,
    /// Empty where the format always shows what is stored.
    sections: Arc<[FormatSection]>,
}

impl Appearance {
    /// A look that leaves nothing open.
    pub(super) fn plain(shown: Shown) -> Self {
        Self { shown, struck: false, sections: Arc::default() }
    }

    pub(super) fn of_code(code: &str) -> Self {
        let shown = Shown::from_format_code(code);
        let sections = sections(code);
        let is_plain = |(place, section): (usize, &FormatSection)| {
            section.is_plain(place) && !section.is_read_otherwise(shown)
        };
        if code.is_empty() || sections.iter().enumerate().all(is_plain) {
            return Self::plain(shown);
        }
        Self { shown, struck: false, sections: sections.into() }
    }

    /// A format that every .xlsx has without saying so.
    pub(super) fn of_builtin(id: u32) -> Self {
        let in_part = match id {
            17 | 27 | 36 | 50 | 52 | 57 => "yyyy\"年\"m\"月\"",
            16 | 28 | 29 | 51 | 53 | 54 | 58 => "m\"月\"d\"日\"",
            18..=21 | 32..=35 | 45..=47 | 55 | 56 => "h:mm",
            _ => return Self::plain(Shown::from_builtin_format(id)),
        };
        Self::of_code(in_part)
    }

    /// What who looks at the number cannot know of it.
    pub(super) fn doubts(&self, value: f64) -> Vec<Doubt> {
        let Some((place, section)) = self.section_of(value) else { return Vec::new() };
        if section.parts.iter().any(|part| part.is_of_date()) {
            let lacks = |part: FormatPart| !section.parts.contains(&part);
            let unseen = [
                (FormatPart::Day, Doubt::DayUnseen),
                (FormatPart::Month, Doubt::MonthUnseen),
                (FormatPart::Year, Doubt::YearUnseen),
            ];
            return unseen.into_iter().filter(|(part, _)| lacks(*part)).map(|(_, d)| d).collect();
        }
        // A zero that shows as — or not at all is how many forms are made.
        if value == 0.0 {
            return Vec::new();
        }
        let by_sign = self.sections.iter().all(|s| s.condition.is_none());
        let sign_lost = by_sign && place == 1 && !section.shows_sign();
        if sign_lost || section.is_read_otherwise(self.shown) {
            vec![Doubt::ShowsOther]
        } else {
            section.doubt().into_iter().collect()
        }
    }

    /// The section that shows a number, and its place.
    fn section_of(&self, value: f64) -> Option<(usize, &FormatSection)> {
        let of_numbers = |section: &&FormatSection| !section.parts.contains(&FormatPart::Text);
        let numbers: Vec<&FormatSection> =
            self.sections.iter().filter(of_numbers).take(3).collect();
        let place = if numbers.iter().any(|s| s.condition.is_some()) {
            numbers.iter().position(|s| s.condition.as_ref().is_none_or(|c| c.holds(value)))?
        } else {
            match numbers.len() {
                0 => return None,
                1 => 0,
                2 => usize::from(value < 0.0),
                _ if value == 0.0 => 2,
                _ => usize::from(value < 0.0),
            }
        };
        numbers.get(place).map(|section| (place, *section))
    }
}

impl Shown {
    /// Reads a number format code such as `0.00%`, `#,##0.0_);[Red]…` or `000000`.
    pub(super) fn from_format_code(code: &str) -> Self {
        if code.is_empty() {
            return Self::General;
        }
        let (mut places, mut digits, mut percent, mut fraction) = (0u8, 0u8, false, false);
        let mut chars = code.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '"' => {
                    chars.by_ref().find(|&c| c == '"');
                }
                '[' => {
                    // A colour, a language, a condition, or a duration: `[h]:mm`.
                    let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                    let inside = inside.to_ascii_lowercase();
                    if !inside.is_empty()
                        && ["h", "m", "s"].iter().any(|u| inside.replace(u, "").is_empty())
                    {
                        return Self::Date;
                    }
                }
                '\\' | '_' | '*' => {
                    chars.next();
                }
                '@' => return Self::Text,
                '%' => percent = true,
                '.' => fraction = true,
                '0' | '#' | '?' if fraction => places = places.saturating_add(1),
                '0' => digits = digits.saturating_add(1),
                // Scientific: the places shown are not places of the number.
                'E' | 'e' if matches!(chars.peek(), Some('+' | '-')) => return Self::General,
                // Years (also by era), months, days and their parts.
                'y' | 'Y' | 'e' | 'E' | 'm' | 'M' | 'd' | 'D' | 'a' | 'A' | 'h' | 'H' | 's'
                | 'S' => {
                    return Self::Date;
                }
                'G' | 'g' => {
                    let rest: String = chars.clone().take(6).collect();
                    if rest.eq_ignore_ascii_case("eneral") {
                        return Self::General;
                    }
                }
                // Fractions; and the general format in Chinese, `G/通用格式`.
                '/' => return Self::General,
                _ => {}
            }
        }
        if percent { Self::Percent { places } } else { Self::Number { places, digits } }
    }

    /// A number format that every .xlsx has without saying so. 27 to 36 and 50 to 58 are the
    /// dates of East Asian editions.
    pub(super) fn from_builtin_format(id: u32) -> Self {
        match id {
            14..=22 | 27..=36 | 45..=47 | 50..=58 => Self::Date,
            1 | 3 | 37 | 38 | 41 | 42 => Self::Number { places: 0, digits: 1 },
            2 | 4 | 39 | 40 | 43 | 44 => Self::Number { places: 2, digits: 1 },
            9 => Self::Percent { places: 0 },
            10 => Self::Percent { places: 2 },
            49 => Self::Text,
            _ => Self::General,
        }
    }
}

/// One of the parts of a format between semicolons.
#[derive(Debug, Clone, Default)]
struct FormatSection {
    condition: Option<FormatCondition>,
    parts: Vec<FormatPart>,
}

/// `[>=100]`
#[derive(Debug, Clone)]
struct FormatCondition {
    sign: String,
    limit: f64,
}

impl FormatCondition {
    fn parse(inside: &str) -> Option<Self> {
        let limit = inside.trim_start_matches(['<', '>', '=']);
        let sign = &inside[..inside.len() - limit.len()];
        (!sign.is_empty()).then_some(())?;
        Some(Self { sign: sign.to_owned(), limit: limit.trim().parse().ok()? })
    }

    fn holds(&self, value: f64) -> bool {
        match self.sign.as_str() {
            "<" => value < self.limit,
            "<=" => value <= self.limit,
            ">" => value > self.limit,
            ">=" => value >= self.limit,
            "=" => value == self.limit,
            "<>" => value != self.limit,
            _ => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormatPart {
    /// `0`, `#`, `?`
    Digit,
    Point,
    Comma,
    /// Times a hundred: [`Shown::Percent`].
    Percent,
    /// The number as it is.
    Whole,
    /// The text as it is: a section for texts.
    Text,
    Year,
    Month,
    Day,
    Time,
    Literal(char),
}

impl FormatPart {
    fn is_of_date(self) -> bool {
        matches!(self, Self::Year | Self::Month | Self::Day | Self::Time)
    }
}

impl FormatSection {
    /// Does the section show every number that it is for as what is stored?
    fn is_plain(&self, place: usize) -> bool {
        if self.condition.is_some() {
            return false;
        }
        if self.parts.contains(&FormatPart::Text) {
            return true;
        }
        if self.parts.iter().any(|part| part.is_of_date()) {
            return self.parts.contains(&FormatPart::Day) && self.parts.contains(&FormatPart::Year);
        }
        match place {
            0 => self.doubt().is_none(),
            1 => self.doubt().is_none() && self.shows_sign(),
            // Zeros, and texts.
            _ => true,
        }
    }

    /// Does it show a per cent where the value is read as none, or none where it is read as one?
    fn is_read_otherwise(&self, shown: Shown) -> bool {
        let has = |part: FormatPart| self.parts.contains(&part);
        let is_percent = matches!(shown, Shown::Percent { .. });
        has(FormatPart::Digit) && has(FormatPart::Percent) != is_percent
    }

    fn shows_sign(&self) -> bool {
        let is_sign = |c: char| "-(−－△▲负".contains(c);
        self.parts.iter().any(|part| matches!(part, FormatPart::Literal(c) if is_sign(*c)))
    }

    /// How what is seen differs from a number that is not zero.
    fn doubt(&self) -> Option<Doubt> {
        let parts = &self.parts;
        let shows = parts.iter().any(|t| matches!(t, FormatPart::Digit | FormatPart::Whole));
        let after = |place: usize| parts.get(place + 1).copied();
        // A comma behind the last digit divides by a thousand.
        let scaled = parts.iter().enumerate().any(|(place, part)| {
            let behind_digit =
                place > 0 && matches!(parts[place - 1], FormatPart::Digit | FormatPart::Comma);
            *part == FormatPart::Comma
                && behind_digit
                && !matches!(after(place), Some(FormatPart::Digit | FormatPart::Comma))
        });
        let typed = |place: usize, c: char| {
            let in_number = place > 0 && parts[place - 1] == FormatPart::Digit;
            c.is_numeric() || c == '.' && in_number && after(place) == Some(FormatPart::Digit)
        };
        let mut literals = parts.iter().enumerate().filter_map(|(place, part)| match part {
            FormatPart::Literal(c) => Some((place, *c)),
            _ => None,
        });
        if !shows || scaled || literals.clone().any(|(place, c)| typed(place, c)) {
            return Some(Doubt::ShowsOther);
        }
        literals.find(|(_, c)| "千万亿元%％‰".contains(*c)).map(|(_, c)| Doubt::ShowsIn(c))
    }
}

fn sections(code: &str) -> Vec<FormatSection> {
    let mut sections = vec![FormatSection::default()];
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ';' {
            sections.push(FormatSection::default());
            continue;
        }
        let Some(section) = sections.last_mut() else { break };
        let part = match c {
            '"' => {
                let quoted = chars.by_ref().take_while(|&c| c != '"');
                section.parts.extend(quoted.map(FormatPart::Literal));
                continue;
            }
            // `!` is how editions in Chinese write `\`.
            '\\' | '!' => match chars.next() {
                Some(literal) => FormatPart::Literal(literal),
                None => break,
            },
            '_' | '*' => {
                chars.next();
                continue;
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                if let Some(condition) = FormatCondition::parse(&inside) {
                    section.condition = Some(condition);
                } else if matches!(
                    inside.to_ascii_lowercase().trim_end_matches(['h', 'm', 's']),
                    ""
                ) {
                    section.parts.push(FormatPart::Time);
                }
                continue;
            }
            '0' | '#' | '?' => FormatPart::Digit,
            '.' => FormatPart::Point,
            ',' => FormatPart::Comma,
            '%' => FormatPart::Percent,
            '@' => FormatPart::Text,
            'E' | 'e' if matches!(chars.peek(), Some('+' | '-')) => {
                chars.next();
                FormatPart::Digit
            }
            'y' | 'Y' | 'e' | 'E' => FormatPart::Year,
            'm' | 'M' => FormatPart::Month,
            'd' | 'D' => {
                let mut length = 1;
                while chars.next_if(|c| c.eq_ignore_ascii_case(&'d')).is_some() {
                    length += 1;
                }
                // Three and more are the day of the week.
                if length > 2 {
                    continue;
                }
                FormatPart::Day
            }
            'h' | 'H' | 's' | 'S' => FormatPart::Time,
            'G' | 'g' => {
                let word: String = chars.clone().take(6).collect();
                let length = if word.eq_ignore_ascii_case("eneral") {
                    6
                } else if word.starts_with("/通用格式") {
                    5
                } else {
                    continue;
                };
                chars.by_ref().take(length).for_each(drop);
                FormatPart::Whole
            }
            other => FormatPart::Literal(other),
        };
        section.parts.push(part);
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubts(code: &str, value: f64) -> Vec<Doubt> {
        Appearance::of_code(code).doubts(value)
    }

    #[test]
    fn usual_formats_show_what_is_stored() {
        for code in [
            "",
            "General",
            "G/通用格式",
            "0",
            "0.00",
            "#,##0",
            "#,##0.00",
            "0%",
            "0.00E+00",
            "# ?/?",
            "@",
            "000",
            "0\"人次\"",
            "\"共\"0\"人\"",
            "0_);\\(0\\)",
            "0;[Red]-0",
            "_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ ",
            "\"¥\"#,##0.00",
            "[DBNum1][$-804]General",
            "yyyy-m-d",
            "yyyy\"年\"m\"月\"d\"日\"",
            "[$-F800]dddd, mmmm dd, yyyy",
            "yy/m/d h:mm",
            "[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\";@",
        ] {
            for value in [12.0, -12.0, 0.0] {
                assert_eq!(doubts(code, value), [], "{code}");
            }
        }
    }

    /// What Excel shows for each, by hand: 1.2万, 12, nothing, —, 120, 1.2, 12 for −12, 无.
    #[test]
    fn a_format_may_show_another_number() {
        for (code, value) in [
            ("0!.0,\"万\"", 12_345.0),
            ("#,##0,", 12_000.0),
            (";;;", 12.0),
            ("\"—\"", 12.0),
            ("0\"0\"", 12.0),
            ("0\\.0", 12.0),
            ("0;0", -12.0),
            ("[=12]\"无\";0", 12.0),
            // Read as 9500% and as 0.95.
            ("[<=1]0%;0\"%\"", 95.0),
            ("[>1]0;0%", 0.95),
        ] {
            assert_eq!(doubts(code, value), [Doubt::ShowsOther], "{code}");
        }
        assert_eq!(doubts("0\"万元\"", 12.0), [Doubt::ShowsIn('万')]);
        assert_eq!(doubts("0.0\"%\"", 12.0), [Doubt::ShowsIn('%')]);
        assert_eq!(doubts("0.0\"元\"", 12.0), [Doubt::ShowsIn('元')]);
        // Other numbers of the same formats show as they are, and a hidden zero is a zero.
        assert_eq!(doubts("0;0", 12.0), []);
        assert_eq!(doubts("[=12]\"无\";0", 13.0), []);
        assert_eq!(doubts("0;-0;;@", 0.0), []);
    }

    #[test]
    fn a_date_may_be_shown_in_part() {
        assert_eq!(doubts("yyyy\"年\"m\"月\"", 41_214.0), [Doubt::DayUnseen]);
        assert_eq!(doubts("mmm-yy", 41_214.0), [Doubt::DayUnseen]);
        assert_eq!(doubts("m\"月\"d\"日\"", 41_225.0), [Doubt::YearUnseen]);
        assert_eq!(doubts("h:mm", 41_225.0), [Doubt::DayUnseen, Doubt::YearUnseen]);
        assert_eq!(doubts("yyyy\"年\"", 41_275.0), [Doubt::DayUnseen, Doubt::MonthUnseen]);
        assert_eq!(Appearance::of_builtin(57).doubts(41_214.0), [Doubt::DayUnseen]);
        assert_eq!(Appearance::of_builtin(31).doubts(41_214.0), []);
    }
}
