//! Built-in checks: what the program looks at in every pipeline, without a definition.
//!
//! `C-…` and `D-…` belong to reading files and cells, `G-…` are the rules that hold for every
//! form, `R-…` concern the act of reporting. Each can be tuned in `pipeline.toml` under its code.

mod collecting;
mod rules;

use super::{CheckHead, Level, Scope};

/// One built-in check, as `explain` and the reference pages print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    pub code: &'static str,
    /// Reads well after "allow …".
    pub name: &'static str,
    pub title: &'static str,
    /// The level unless the pipeline says otherwise.
    pub level: Level,
    pub scope: Scope,
    /// What is compared, in one sentence.
    pub checks: &'static str,
    pub remedy: &'static str,
    pub basis: &'static str,
}

impl Builtin {
    pub fn head(&self) -> CheckHead<'static> {
        let Self { level, code, title, scope, remedy, .. } = *self;
        CheckHead { level, code, title, scope, remedy }
    }
}

/// What the county changed in a return (订正): collecting says it, lineage shows it at the cell.
pub const AMENDED: &str = "C-56";

/// All built-in checks, in the order of their codes.
pub fn builtins() -> impl Iterator<Item = &'static Builtin> {
    collecting::COLLECT.iter().chain(rules::RULES)
}

/// Families of built-in checks: the letter of their codes, and what they have in common.
pub const FAMILIES: [(&str, &str); 4] = [
    ("C", "收表：文件能不能读，是哪张表、哪个单位、哪一期的；强制的不能关闭，否则数会悄悄丢掉"),
    ("D", "填写：每一格能不能读成它那一栏的值；强制的不能关闭"),
    (
        "G",
        "通用：对每张报表都成立的规定，由栏的定义（due、part_of、parts、stock、refers_to 等）得出",
    ),
    ("R", "报送：谁该报、报了没有、说明写了没有"),
];

/// What the findings of a code have in common; of a code in no catalogue the worst that it can be.
pub fn head_of(code: &str) -> CheckHead<'_> {
    match builtin(code) {
        Some(check) => check.head(),
        None => {
            CheckHead { level: Level::Error, code, title: code, scope: Scope::File, remedy: "" }
        }
    }
}

/// The built-in check of a code.
pub fn builtin(code: &str) -> Option<&'static Builtin> {
    builtins().find(|b| b.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_unique_and_complete() {
        let all: Vec<_> = builtins().collect();
        assert!(all.windows(2).all(|pair| pair[0].code < pair[1].code));
        let mut names: Vec<_> = all.iter().map(|b| b.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        for number in 1..=14 {
            assert!(builtin(&format!("G-{number:02}")).is_some());
        }
        for check in all {
            let legal = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(check.name.chars().all(legal), "{}", check.name);
            assert!(FAMILIES.iter().any(|(letter, _)| check.code.starts_with(letter)));
            assert!(check.checks.ends_with('。') && !check.remedy.is_empty(), "{}", check.code);
        }
    }
}
