//! The texts of a definition as they are written, each with its label: for whoever checks a figure
//! by the definition's own words (技术口径).

use super::{Computation, Denominator, Indicator, OtherDenominator, Term};

impl Indicator {
    /// What it counts and divides by, in the order in which it is worked out.
    pub fn as_written(&self) -> Vec<(&str, String)> {
        let text = |term: &Term| term.text.clone();
        let computation = &self.computation;
        let mut listed = Vec::new();
        listed.extend(self.filter.as_ref().map(|filter| ("范围", text(filter))));
        listed.extend(computation.numerator().map(|term| ("分子", text(term))));
        listed.extend(computation.weight().map(|weight| ("权数", text(weight))));
        listed.extend(computation.of().map(|of| ("分布", of.to_owned())));
        listed.extend(computation.from_field().map(|from| ("原代码取自", from.to_owned())));
        let steps = computation.steps().iter();
        listed.extend(steps.map(|step| (step.title.as_str(), text(&step.filter))));
        let columns = computation.columns().iter();
        listed.extend(columns.map(|column| (column.title.as_str(), text(&column.sum))));
        match computation.denominator() {
            Some(Denominator::OfRows(base)) => listed.push(("分母", text(base))),
            Some(Denominator::Elsewhere(other)) => listed.extend(other.as_written()),
            None => {}
        }
        if let Computation::Derived { text, .. } = computation {
            listed.push(("公式", text.clone()));
        }
        listed
    }
}

/// `分子：…；分母：…`
pub fn written_together(listed: Vec<(&str, String)>) -> String {
    let said = |(label, text)| format!("{label}：{text}");
    listed.into_iter().map(said).collect::<Vec<_>>().join("；")
}

impl OtherDenominator {
    fn as_written(&self) -> impl Iterator<Item = (&str, String)> {
        let text = |term: &Option<Term>| term.as_ref().map(|term| term.text.clone());
        let listed = [
            ("分母的报表", self.form.clone()),
            ("分母的登记册", self.register.clone()),
            ("分母", self.units.as_ref().map(|_| "应报单位数".to_owned())),
            ("分母的范围", text(&self.filter)),
            ("分母的合计", text(&self.sum)),
            ("分母的各段", Some(self.sum_to_date.join("、")).filter(|parts| !parts.is_empty())),
        ];
        listed.into_iter().filter_map(|(label, text)| Some((label, text?)))
    }
}
