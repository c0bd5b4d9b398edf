//! Ids and names: what they may be made of, and that no letter only looks like another.
//!
//! A Cyrillic о in an id is a different id, and nobody can see it. Ids are ASCII where outputs are
//! named after them; a name that mixes Chinese or Latin with letters of another script that look
//! Latin is refused.

use std::collections::BTreeMap;

use super::{Problems, SourceLine};

/// Letters of other scripts that look like an ASCII letter, which follows each.
const LOOK_ALIKES: &str = "АAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSаaеeоoрpсcуyхxіiјjѕs\
                           ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXοoνv";

/// The ASCII letter that a letter of another script looks like.
fn look_alike(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return None;
    }
    let full_width = u32::from(letter).checked_sub(0xfee0).and_then(char::from_u32);
    if let Some(ascii) = full_width.filter(char::is_ascii_graphic) {
        return Some(ascii);
    }
    let mut pairs = LOOK_ALIKES.chars();
    while let (Some(other), Some(ascii)) = (pairs.next(), pairs.next()) {
        if other == letter {
            return Some(ascii);
        }
    }
    None
}

fn described(letter: char) -> String {
    let script = match letter {
        '\u{370}'..='\u{3ff}' => "希腊字母",
        '\u{400}'..='\u{52f}' => "西里尔字母",
        '\u{ff01}'..='\u{ff5e}' => "全角字符",
        _ => "字符",
    };
    format!("{script} “{letter}”（U+{:04X}）", u32::from(letter))
}

/// What an id may be made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Id {
    /// `good_or_better`, `returns-late`.
    Lower,
    /// A column, also in Chinese: `v_good`, `好票`.
    Column,
    /// Also capitals and points: `F05-02a`, `140722102`, `CN`.
    Code,
}

impl Id {
    fn allows(self, letter: char) -> bool {
        let lower =
            || letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter);
        match self {
            Self::Lower => lower(),
            Self::Column => lower() || is_han(letter),
            Self::Code => letter.is_ascii_alphanumeric() || "_-.".contains(letter),
        }
    }

    /// Why a text is no such id.
    pub(super) fn problem(self, text: &str) -> Option<String> {
        if !text.is_empty() && text.chars().all(|letter| self.allows(letter)) {
            return None;
        }
        let letters = match self {
            Self::Lower => "只能用小写字母、数字、_ 和 -",
            Self::Column => "只能用汉字、小写字母、数字、_ 和 -",
            Self::Code => "只能用字母、数字、_、- 和 .",
        };
        let alike = text.chars().find_map(|letter| Some((letter, look_alike(letter)?)));
        let alike = alike.map(|(letter, ascii)| {
            format!("；其中{}看起来像 {ascii}，请改用 {ascii}", described(letter))
        });
        Some(format!("“{text}” {letters}{}", alike.unwrap_or_default()))
    }
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// Refuses an id that is not one: `报表 cases: id “Сases” 只能用…`.
pub(super) fn id(kind: Id, what: &str, text: &str, place: &SourceLine, problems: &mut Problems) {
    if let Some(problem) = kind.problem(text) {
        problems.add(place, format!("{what} {problem}"));
    }
}

/// Refuses a name with a letter that only looks Latin beside Chinese or Latin ones.
pub(super) fn name(what: &str, text: &str, place: &SourceLine, problems: &mut Problems) {
    let ours = |c: char| c.is_ascii_alphabetic() || is_han(c);
    // Full-width letters are common in Chinese text, and matching brings them to one form.
    let foreign = |c: char| ('\u{370}'..='\u{52f}').contains(&c);
    let alike = text.chars().filter(|&c| foreign(c)).find_map(|c| Some((c, look_alike(c)?)));
    if let Some((letter, ascii)) = alike.filter(|_| text.chars().any(ours)) {
        let message = format!(
            "{what} “{text}” 里混有{}，看起来像 {ascii}，报表里的同名文字会对不上；请改用 {ascii}",
            described(letter)
        );
        problems.add(place, message);
    }
}

/// Refuses a code of a register, compared letter by letter with what returns say, if one of its
/// letters only looks like an ASCII one.
pub(super) fn code(what: &str, text: &str, place: &SourceLine, problems: &mut Problems) {
    if let Some((letter, ascii)) = text.chars().find_map(|c| Some((c, look_alike(c)?))) {
        let message =
            format!("{what} “{text}” 里有{}，看起来像 {ascii}，请改用 {ascii}", described(letter));
        problems.add(place, message);
    }
}

/// Refuses an id that another item has.
pub(super) fn unique<'a>(
    what: &str,
    items: impl Iterator<Item = (&'a str, &'a SourceLine)>,
    problems: &mut Problems,
) {
    let mut seen: BTreeMap<&str, &SourceLine> = BTreeMap::new();
    for (id, place) in items {
        if let Some(first) = seen.get(id) {
            let message = format!(
                "{what} “{id}” 重复，先见于 {}:{}，请换一个",
                first.file, first.outline.line
            );
            problems.add(&place.key("id"), message);
        } else {
            seen.insert(id, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        let mut problems = Problems::default();
        name("名称", text, &SourceLine::file("x"), &mut problems);
        !problems.all.is_empty()
    }

    #[test]
    fn letters_that_only_look_latin_are_refused_beside_ours() {
        assert!(refused("А区党委"), "Cyrillic А");
        assert!(refused("Cοde"), "Greek omicron");
        assert!(!refused("A区党委"), "ASCII A");
        assert!(!refused("Ａ区党委"), "full-width letters are matched as ASCII");
        assert!(!refused("β射线"), "nobody takes β for a letter of ours");
        assert!(!refused("Москва"), "a name of one script mixes nothing");
        assert_eq!(Id::Lower.problem("good_or_better"), None);
        let cyrillic = Id::Lower.problem("g\u{43e}od").unwrap();
        assert!(cyrillic.contains("西里尔字母 “о”（U+043E）看起来像 o"), "{cyrillic}");
        assert!(Id::Code.problem("１40722").unwrap().contains("全角字符 “１”"));
        assert!(Id::Lower.problem("").is_some() && Id::Lower.problem("好票").is_some());
        assert!(Id::Column.problem("好票_2").is_none() && Id::Column.problem("好 票").is_some());
    }
}
