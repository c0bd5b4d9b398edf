//! An indicator's definition as lineage records it.

use serde::{Deserialize, Serialize};

use super::rules::{self, Rule};
use crate::definition::{Definition, Indicator, written_together};

/// An indicator in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InWords {
    pub title: String,
    pub form: String,
    pub kind: String,
    pub numerator: String,
    pub denominator: String,
    pub filter: String,
    /// The whole definition, columns by their titles.
    #[serde(default)]
    pub words: String,
    pub base: String,
    pub note: String,
    /// The same for programs.
    pub rule: Rule,
}

pub(super) fn in_words(indicator: &Indicator, definition: &Definition) -> InWords {
    let (base, counted): (Vec<_>, Vec<_>) =
        indicator.as_written().into_iter().partition(|(label, _)| label.starts_with("分母"));
    let (filter, mut counted): (Vec<_>, Vec<_>) =
        counted.into_iter().partition(|(label, _)| *label == "范围");
    counted.extend(indicator.printing_in_words().map(|words| ("折算", words)));
    counted.extend(indicator.scoring());
    InWords {
        title: indicator.title.clone(),
        form: indicator.form.clone(),
        kind: format!("{:?}", indicator.kind()).to_lowercase(),
        numerator: together(counted, &["分子", "公式", "分布"]),
        denominator: together(base, &["分母"]),
        filter: together(filter, &["范围"]),
        words: definition.in_words(indicator),
        base: indicator.base_title.clone(),
        note: indicator.note.clone(),
        rule: rules::rule(indicator, definition),
    }
}

/// What is alone and is the very thing needs no label.
fn together(mut listed: Vec<(&str, String)>, itself: &[&str]) -> String {
    match listed.as_mut_slice() {
        [(label, only)] if itself.contains(label) => std::mem::take(only),
        _ => written_together(listed),
    }
}
