//! Which reporting unit a text names: exactly, after width and spaces, through the register's
//! names and aliases. Villages and offices differ by one character, so nothing near is accepted;
//! a near miss is only a hint.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{compact, distance};
use crate::model::Units;

#[derive(Debug)]
pub(super) struct UnitIndex<'a> {
    units: &'a Units,
    /// Compacted name, alias or code → unit code.
    by_text: BTreeMap<String, &'a str>,
    /// By their first characters, lengths of these texts in bytes: only texts of such a length can be
    /// one.
    lengths: BTreeMap<char, BTreeSet<usize>>,
}

impl<'a> UnitIndex<'a> {
    pub(super) fn new(units: &'a Units) -> Self {
        let mut by_text: BTreeMap<String, &str> = BTreeMap::new();
        // A name of two units, each below another one, tells of neither.
        let mut shared = BTreeSet::new();
        for unit in units.all() {
            let names = std::iter::once(&unit.name).chain(&unit.aliases).chain([&unit.code]);
            for name in names.filter(|n| !n.is_empty()) {
                let name = compact(name).into_owned();
                let known = by_text.entry(name.clone()).or_insert(&unit.code);
                if *known != unit.code {
                    shared.insert(name);
                }
            }
        }
        by_text.retain(|name, _| !shared.contains(name));
        let mut lengths: BTreeMap<char, BTreeSet<usize>> = BTreeMap::new();
        for text in by_text.keys() {
            lengths.entry(text.chars().next().unwrap_or_default()).or_default().insert(text.len());
        }
        Self { units, by_text, lengths }
    }

    /// Names and codes that stand anywhere in a text, the longest first.
    fn inside(&self, text: &str) -> Vec<(&str, &'a str)> {
        let mut found = BTreeMap::new();
        for (from, first) in text.char_indices() {
            let lengths = self.lengths.get(&first).into_iter().flatten();
            // `None` also where a length ends inside a character.
            let pieces = lengths.filter_map(|length| text.get(from..from + length));
            found.extend(pieces.filter_map(|piece| self.by_text.get_key_value(piece)));
        }
        let mut found: Vec<(&str, &str)> =
            found.into_iter().map(|(name, &code)| (name.as_str(), code)).collect();
        found.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        found
    }

    /// The unit that a text names as a whole.
    pub(super) fn find(&self, text: &str) -> Option<&'a str> {
        self.by_text.get(compact(text).as_ref()).copied()
    }

    pub(super) fn name(&self, code: &str) -> String {
        self.units.name(code).to_owned()
    }

    /// Names that differ little from an unknown one, for a hint. Most texts of a sheet that might name
    /// a unit are like none, and that is seen without counting edits.
    pub(super) fn near(&self, text: &str) -> Vec<String> {
        let text = compact(text);
        let length = text.chars().count();
        // A long text is like no name.
        if length > 60 {
            return Vec::new();
        }
        let mut near: Vec<(usize, usize, &str)> = Vec::new();
        let mut alike: BTreeSet<&str> = BTreeSet::new();
        for (name, &code) in &self.by_text {
            let other = name.chars().count();
            let allowed = if length.min(other) >= 5 { 2 } else { 1 };
            let part = length >= 2 && length <= other && name.contains(&*text);
            let whole = length >= 2 && other <= length && text.contains(name.as_str());
            // A county's name stands in the names of many of its units and means none of them.
            if part {
                alike.insert(code);
            }
            let named = whole || part && length * 2 > other;
            if !named && (length.abs_diff(other) > allowed || lacks(name, &text, allowed)) {
                continue;
            }
            let away = distance(&text, name);
            if named || away <= allowed {
                near.push((away, self.units.order(code), code));
            }
        }
        if alike.len() > 2 {
            return Vec::new();
        }
        near.sort_unstable();
        let mut names: Vec<String> = Vec::new();
        for (_, _, code) in near {
            let name = self.name(code);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.truncate(2);
        names
    }

    /// The units named inside a file name, the longest names first; short aliases count only when
    /// they stand alone.
    pub(super) fn inside_file_name(&self, stem: &str) -> Vec<&'a str> {
        let mut rest = compact(stem).into_owned();
        let mut found = Vec::new();
        for (name, code) in self.inside(&rest.clone()) {
            let Some(at) = rest.find(name) else { continue };
            let short = name.chars().count() < 3 || name.bytes().all(|b| b.is_ascii_digit());
            let is_count = name.len() < 6 && name.bytes().all(|b| b.is_ascii_digit());
            let stands_alone = !is_count
                && !is_word(rest[..at].chars().next_back())
                && !is_word(rest[at + name.len()..].chars().next());
            if short && !stands_alone {
                continue;
            }
            if !found.contains(&code) {
                found.push(code);
            }
            rest = rest.replace(name, "\u{1}");
        }
        found.sort_by_key(|code| self.units.order(code));
        found
    }
}

/// Has the text more than so many characters that the name lacks? Each of them is an edit.
fn lacks(name: &str, text: &str, most: usize) -> bool {
    text.chars().filter(|&c| !name.contains(c)).nth(most).is_some()
}

/// A character that continues a word; marks separate.
fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Unit;

    fn unit(code: &str, name: &str, aliases: &[&str]) -> Unit {
        Unit {
            code: code.into(),
            name: name.into(),
            aliases: aliases.iter().map(|&a| a.into()).collect(),
            kind: "township".into(),
            group: "乡镇".into(),
            parent: String::new(),
            assumed: false,
            valid: crate::model::Validity::default(),
        }
    }

    #[test]
    fn only_exact_names_are_accepted() {
        let units = Units::new(vec![
            unit("1", "石匣乡", &["石匣乡党委", "左权县石匣乡"]),
            unit("2", "卫生系统", &["卫生"]),
            unit("3", "县直机关", &["县直"]),
        ]);
        let index = UnitIndex::new(&units);
        assert_eq!(index.find(" 石匣乡 党委"), Some("1"));
        assert_eq!(index.find("石匣镇"), None);
        assert_eq!(index.near("石匣镇"), ["石匣乡"]);
        assert!(index.near("左权县").is_empty());
        // Two edits in a name of five characters: 左 and 权 for 石 and 匣. The same characters in
        // another order are no near miss.
        assert_eq!(index.near("左权乡党委"), ["石匣乡"]);
        assert!(index.near("委党乡匣石").is_empty());
        assert_eq!(index.inside_file_name("附件2：石匣乡卫生院10月报表(定稿)(2)"), ["1"]);
        assert_eq!(index.inside_file_name("卫生_2013年10月"), ["2"]);
        assert_eq!(index.inside_file_name("县直机关2013年10月"), ["3"]);
        assert!(index.inside_file_name("10月报表").is_empty());
    }
}
