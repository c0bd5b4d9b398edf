//! An indicator's definition as lineage records it.

use serde::{Deserialize, Serialize};

use super::rules::{self, Rule};
use crate::definition::{Computation, Definition, Denominator, Indicator};

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
    let computation = &indicator.computation;
    let denominator = match computation.denominator() {
        None => String::new(),
        Some(Denominator::OfRows(base)) => base.text.clone(),
        Some(Denominator::Elsewhere(other)) => {
            let mut words = Vec::new();
            words.extend(other.form.as_ref().map(|f| format!("报表 {f} 的行")));
            words.extend(
                other
                    .register
                    .as_ref()
                    .map(|name| format!("{}的行", definition.register_called(name))),
            );
            words.extend(other.units.as_ref().map(|_| "应报单位数".to_owned()));
            words.extend(other.filter.as_ref().map(|w| format!("条件 {}", w.text)));
            words.extend(other.sum.as_ref().map(|s| format!("合计 {}", s.text)));
            words.join(",")
        }
    };
    let steps = || {
        let steps = computation.steps().iter();
        let steps = steps.map(|step| format!("{}: {}", step.title, step.filter.text));
        let scoring = indicator.scoring().into_iter().map(|(_, rule)| rule);
        steps.chain(scoring).collect::<Vec<_>>().join("; ")
    };
    let numerator = match computation {
        Computation::Derived { text, .. } => Some(text.as_str()),
        _ => computation.numerator().map(|term| term.text.as_str()).or(computation.of()),
    };
    let numerator = numerator.map_or_else(steps, str::to_owned);
    let counting = indicator.counting().into_iter().map(|(_, rule)| rule);
    let numerator: Vec<String> =
        [numerator].into_iter().filter(|text| !text.is_empty()).chain(counting).collect();
    InWords {
        title: indicator.title.clone(),
        form: indicator.form.clone(),
        kind: format!("{:?}", indicator.kind()).to_lowercase(),
        numerator: numerator.join("；"),
        denominator,
        filter: indicator.filter.as_ref().map(|f| f.text.clone()).unwrap_or_default(),
        words: definition.in_words(indicator),
        base: indicator.base_title.clone(),
        note: indicator.note.clone(),
        rule: rules::rule(indicator, definition),
    }
}
