//! 存在的问题, named: returns that are late, missing or rejected, and diagnosed problems.

use std::collections::BTreeMap;

use super::Paragraph;
use crate::model::{DiagnosedProblem, Lateness, Receipt, ReturnState, Timeliness};
use crate::report::Inputs;

type Test = fn(&Receipt) -> bool;

/// 报表报送: who is late, has not reported, got its return back, owes an explanation.
pub(super) fn of_returns(inputs: &Inputs) -> Option<Paragraph> {
    let states: [(&str, Test); 4] = [
        ("未报的有", |r| r.state == ReturnState::Missing),
        ("被退回尚未更正的有", |r| r.state == ReturnState::Rejected),
        ("迟报的有", |r| r.timeliness == Timeliness::Late),
        ("有疑问尚未说明的有", |r| r.state == ReturnState::Queried),
    ];
    let mut said: Vec<String> = states
        .into_iter()
        .filter_map(|(words, test)| Some(format!("{words}{}", named(inputs, test)?)))
        .collect();
    let lateness = Lateness::of(inputs.receipts().filter(|receipt| receipt.owed));
    if lateness.unjudged > 0 {
        said.push(lateness.in_words());
    }
    (!said.is_empty()).then(|| Paragraph {
        heading: "报表报送".to_owned(),
        text: format!("{}。", said.join("；")),
        figures: Vec::new(),
    })
}

/// `石匣乡（党代表工作室运行月报）、羊角乡（4份）`.
fn named(inputs: &Inputs, test: Test) -> Option<String> {
    let definition = inputs.definition;
    let mut by_unit: BTreeMap<usize, Vec<&Receipt>> = BTreeMap::new();
    for receipt in inputs.receipts().filter(|receipt| receipt.owed && test(receipt)) {
        by_unit.entry(definition.units.order(&receipt.unit)).or_default().push(receipt);
    }
    let units: Vec<String> = by_unit
        .values()
        .filter_map(|receipts| {
            let first = receipts.first()?;
            let what = match receipts.as_slice() {
                [one] => definition
                    .form(&one.form)
                    .map_or_else(|| one.form.clone(), |form| format!("《{}》", form.title)),
                several => format!("{}份", several.len()),
            };
            Some(format!("{}（{what}）", definition.units.name(&first.unit)))
        })
        .collect();
    (!units.is_empty()).then(|| units.join("、"))
}

/// One paragraph a disease: its problems by title, with the units.
pub(super) fn diagnosed(inputs: &Inputs) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut diseases: Vec<&str> = Vec::new();
    for problem in inputs.problems {
        if !diseases.contains(&problem.disease.as_str()) {
            diseases.push(&problem.disease);
        }
    }
    for disease in diseases {
        let own = || inputs.problems.iter().filter(|problem| problem.disease == disease);
        let mut titles: Vec<&str> = Vec::new();
        for problem in own() {
            if !titles.contains(&problem.title.as_str()) {
                titles.push(&problem.title);
            }
        }
        let said: Vec<String> = titles
            .into_iter()
            .map(|title| {
                let units: Vec<String> = own().filter(|p| p.title == title).map(unit).collect();
                format!("{title}：{}", units.join("、"))
            })
            .collect();
        paragraphs.push(Paragraph {
            heading: format!("{disease}方面"),
            text: format!("{}。", said.join("；")),
            figures: Vec::new(),
        });
    }
    paragraphs
}

/// `羊角乡（连续3个月）`, `粟城乡（至少10个月，2月缺报）`.
fn unit(problem: &DiagnosedProblem) -> String {
    // Running text has no spaces around numbers.
    let lasting = problem.lasting.replace(' ', "");
    match problem.periods {
        _ if !problem.gaps.is_empty() => format!("{}（{lasting}，{}）", problem.unit, problem.gaps),
        0 | 1 => problem.unit.clone(),
        _ => format!("{}（连续{lasting}）", problem.unit),
    }
}
