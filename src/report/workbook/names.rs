//! Sheet names: unique, allowed in Excel, at most 31 characters.

use std::collections::BTreeSet;

const LONGEST: usize = 31;

#[derive(Default)]
pub(super) struct SheetNames {
    /// Excel compares names without case.
    taken: BTreeSet<String>,
}

impl SheetNames {
    pub(super) fn unique(&mut self, title: &str) -> String {
        let allowed: String = title
            .chars()
            .map(|c| if c.is_control() || r"[]:*?/\".contains(c) { ' ' } else { c })
            .collect();
        let allowed = allowed.trim().trim_matches('\'').trim();
        let base = if allowed.is_empty() || allowed.eq_ignore_ascii_case("history") {
            "表"
        } else {
            allowed
        };
        let mut name = cut(base, LONGEST);
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            let suffix = format!("({number})");
            name = cut(base, LONGEST - suffix.len()) + &suffix;
            number += 1;
        }
        name
    }
}

/// Excel counts UTF-16 units.
fn cut(text: &str, longest: usize) -> String {
    let mut length = 0;
    let kept = text.chars().take_while(|c| {
        length += c.len_utf16();
        length <= longest
    });
    kept.collect::<String>().trim_end_matches(['\'', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_cleaned_and_made_unique() {
        let mut names = SheetNames::default();
        assert_eq!(names.unique("非公“486”/两个覆盖"), "非公“486” 两个覆盖");
        assert_eq!(names.unique("封面"), "封面");
        assert_eq!(names.unique("封面"), "封面(2)");
        let long = "一".repeat(40);
        assert_eq!(names.unique(&long).chars().count(), 31);
        let second = names.unique(&long);
        assert_eq!(second.chars().count(), 31);
        assert!(second.ends_with("(2)"));
        assert_eq!(names.unique("'"), "表");
        assert_eq!(names.unique("History"), "表(2)");
    }
}
