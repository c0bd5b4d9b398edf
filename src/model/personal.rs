//! Personal data: what is printed in its place, and how it is found in text that people typed.
//!
//! A field that is declared personal is never printed. A number of a person may be typed anywhere,
//! in a count, a sheet's name or a file's; so every text of a return passes here before it can
//! reach an output: names of files and sheets when collecting is done, texts of findings when they
//! are complete, raw texts when lineage takes them.
//!
//! A code of 15 digits looks like an old identity card. A number that begins with a code of the
//! county's registers (of a unit, a village) is the county's; `Definition::without_numbers` knows
//! them and is what the stages call.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Printed instead of anything personal.
pub const PERSONAL: &str = "〔个人信息〕";

/// Names of persons to look for, by how they begin: a return may have tens of thousands.
#[derive(Debug, Default)]
pub(crate) struct PersonNames<'n> {
    /// By their first two characters.
    by_beginning: BTreeMap<(char, char), ByLength<'n>>,
}

/// The longest first: one name may be part of another.
type ByLength<'n> = BTreeMap<Reverse<usize>, BTreeSet<&'n str>>;

impl<'n> FromIterator<&'n str> for PersonNames<'n> {
    fn from_iter<T: IntoIterator<Item = &'n str>>(names: T) -> Self {
        let mut found = Self::default();
        for name in names {
            if let Some(beginning) = beginning(name) {
                let alike = found.by_beginning.entry(beginning).or_default();
                alike.entry(Reverse(name.len())).or_default().insert(name);
            }
        }
        found
    }
}

/// A name of one character is no name.
fn beginning(text: &str) -> Option<(char, char)> {
    let mut characters = text.chars();
    Some((characters.next()?, characters.next()?))
}

impl PersonNames<'_> {
    /// The length of the name with which a text begins.
    fn length_at(&self, text: &str) -> Option<usize> {
        let alike = self.by_beginning.get(&beginning(text)?)?;
        let is_name = |(length, names): &(&Reverse<usize>, &BTreeSet<&str>)| {
            text.get(..length.0).is_some_and(|start| names.contains(start))
        };
        alike.iter().find(is_name).map(|(length, _)| length.0)
    }
}

/// A text without the given names.
pub(crate) fn without_names(text: &str, names: &PersonNames) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = names.length_at(rest);
        match length {
            Some(_) => masked.push_str(PERSONAL),
            None => masked.push(next),
        }
        rest = &rest[length.unwrap_or(next.len_utf8())..];
    }
    masked
}

/// A text without the numbers by which a person is known: identity cards, mobile telephones, bank
/// cards, wherever they stand in it.
///
/// Groups of digits that a single space or dash joins are one number if they are as long as its
/// groups usually are.
/// `ours`: does a number begin with a code of the county?
pub(crate) fn without_numbers<'t>(text: &'t str, ours: &dyn Fn(&str) -> bool) -> Cow<'t, str> {
    if !has_long_number(text) {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let digit = |i: usize| characters.get(i).and_then(|&c| ascii_digit(c));
    let seen = |i: &usize| !characters.get(*i).is_some_and(|&c| is_unseen(c));
    let digits_follow = |from: usize| (from..).find(seen).is_some_and(|i| digit(i).is_some());
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        if digit(at).is_none() {
            masked.push(characters[at]);
            at += 1;
            continue;
        }
        let mut groups = vec![String::new()];
        let mut ends = Vec::new();
        let mut end = at;
        loop {
            loop {
                if let (Some(d), Some(group)) = (digit(end), groups.last_mut()) {
                    group.push(d);
                } else if !characters.get(end).is_some_and(|&c| is_unseen(c))
                    || !digits_follow(end + 1)
                {
                    break;
                }
                end += 1;
            }
            ends.push(end);
            let joined = characters.get(end).is_some_and(|&c| is_joint(c));
            if !joined || digit(end + 1).is_none() {
                break;
            }
            groups.push(String::new());
            end += 1;
        }
        let x = |end: usize| matches!(characters.get(end), Some('x' | 'X' | 'ｘ' | 'Ｘ'));
        let personal = (1..=groups.len())
            .rev()
            .find(|&count| is_personal_number(&groups[..count], x(ends[count - 1]), ours));
        let (until, is_personal) = match personal {
            Some(count) => {
                let end = ends[count - 1];
                let digits: usize = groups[..count].iter().map(String::len).sum();
                (end + usize::from(digits == 17 && x(end)), true)
            }
            None => (ends[0], false),
        };
        if is_personal {
            masked.push_str(PERSONAL);
        } else {
            masked.extend(&characters[at..until]);
        }
        at = until;
    }
    Cow::Owned(masked)
}

/// Is there anything as long as a telephone's number, the shortest of a person's?
fn has_long_number(text: &str) -> bool {
    let mut digits = 0;
    text.chars().any(|c| {
        if ascii_digit(c).is_some() {
            digits += 1;
        } else if !is_joint(c) && !is_unseen(c) {
            digits = 0;
        }
        digits >= 11
    })
}

/// What may stand between the groups of one number.
fn is_joint(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{3000}' | '\t' | '-' | '—' | '–' | '‐' | '－' | '.')
}

/// Characters that spreadsheets leave behind, and nobody sees.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
}

fn ascii_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        _ => None,
    }
}

/// An identity number (15, 17 and X, 18 digits), a mobile telephone, a bank card.
fn is_personal_number(groups: &[String], x_follows: bool, ours: &dyn Fn(&str) -> bool) -> bool {
    if let [number] = groups
        && !(x_follows && number.len() == 17)
        && !(number.len() == 18 && is_day(&number[6..14]))
        && ours(number)
    {
        return false;
    }
    let lengths: Vec<usize> = groups.iter().map(String::len).collect();
    let mobile = |digits: &str| {
        let mut begin = digits.bytes();
        begin.next() == Some(b'1') && begin.next().is_some_and(|b| (b'3'..=b'9').contains(&b))
    };
    match lengths.as_slice() {
        [11] => mobile(&groups[0]),
        [13] => groups[0].strip_prefix("86").is_some_and(mobile),
        [17] => x_follows,
        [15 | 16 | 18 | 19] => true,
        [3, 4, 4] => mobile(&groups[0]),
        [6, 8, 3] => x_follows,
        [6, 8, 4] | [4, 4, 4, 4] | [4, 4, 4, 4, 2 | 3] => true,
        _ => false,
    }
}

/// A day on which somebody may have been born: `19800101`.
fn is_day(digits: &str) -> bool {
    matches!(&digits[..2], "18" | "19" | "20") && super::parse_date(digits).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_goes_first_and_one_character_is_none() {
        let names: PersonNames = ["党员甲", "党员甲乙", "丙"].into_iter().collect();
        let masked = without_names("党员甲乙和党员甲、党员、丙", &names);
        assert_eq!(masked, format!("{PERSONAL}和{PERSONAL}、党员、丙"));
    }

    #[test]
    fn personal_numbers_and_names_are_masked_and_codes_are_not() {
        let ours = |number: &str| number.starts_with("140722201");
        let names: PersonNames = ["党员甲乙"].into_iter().collect();
        let masked = |text: &str| without_names(&without_numbers(text, &ours), &names);
        for text in [
            "联系13800000000核对",
            "联系138-0000-0000核对",
            "联系138 0000 0000核对",
            "联系１３８００００００００核对",
            "联系8613800000000核对",
            "联系138.0000.0000核对",
            "联系138\u{a0}0000\u{a0}0000核对",
            "联系138\u{200b}00000000核对",
            "联系1407221980\u{200b}\u{feff}01010011核对",
            "联系140722198001010011核对",
            "联系14072219800101001X核对",
            "联系140722 19800101 0011核对",
            "联系140722800101001核对",
            "联系党员甲乙核对",
        ] {
            assert_eq!(masked(text), "联系〔个人信息〕核对", "{text}");
        }
        for text in [
            "140722100201工作室停办",
            "2013-10-25 2013-10-28停电",
            "0354-8622000",
            "共1,200,000元",
            "1.38亿元，138.0000",
        ] {
            assert_eq!(masked(text), text);
        }
        // Codes of the county's own, as long as identity cards; a day of birth is none.
        for text in ["140722201001001", "140722201001000001", "14072220100"] {
            assert_eq!(masked(text), text);
        }
        for text in ["140722202001001", "140722201001010011", "14072220100101001X"] {
            assert_eq!(masked(text), PERSONAL, "{text}");
        }
    }
}
