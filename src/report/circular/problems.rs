//! 存在的问题: each diagnosed problem of this period's data once, with all its units. What rests
//! on older data was said then and stands in the problem list; how returns came stands in the
//! opening.

use super::Paragraph;
use crate::definition::DISEASES;
use crate::model::{DiagnosedProblem, Evidence};
use crate::report::index::Index;
use crate::report::judgement;
use crate::report::wording::unspaced;

/// One paragraph a disease: its problems by title, with the units.
pub(super) fn diagnosed(index: &Index) -> Vec<Paragraph> {
    let current: Vec<&DiagnosedProblem> =
        index.inputs.problems.iter().filter(|p| is_said(index, p)).collect();
    let list = index.inputs.definition.codelists.get(DISEASES);
    let diseases = list.into_iter().flat_map(|list| &list.codes).map(|code| code.code.as_str());
    let diseases = diseases.filter(|disease| current.iter().any(|p| p.disease == *disease));
    let paragraph = |disease: &str| {
        let own: Vec<&DiagnosedProblem> =
            current.iter().copied().filter(|p| p.disease == disease).collect();
        let mut titles: Vec<&str> = Vec::new();
        for problem in &own {
            if !titles.contains(&problem.title.as_str()) {
                titles.push(&problem.title);
            }
        }
        let of = |title: &str| -> Vec<&DiagnosedProblem> {
            own.iter().copied().filter(|p| p.title == title).collect()
        };
        let said: Vec<String> = titles.into_iter().map(|title| clause(&of(title))).collect();
        Paragraph {
            heading: format!("{disease}方面"),
            text: format!("{}。", said.join("；")),
            figures: own.iter().copied().flat_map(figures).collect(),
        }
    };
    diseases.map(paragraph).collect()
}

/// Problems that are in the list alone, in words; nothing when there are none.
pub(super) fn elsewhere(index: &Index, attachment: &str) -> Option<String> {
    let is_older = |p: &&DiagnosedProblem| !judgement::is_current(index, p);
    let older = index.inputs.problems.iter().filter(is_older).count();
    (older > 0)
        .then(|| format!("另有{older}条问题出自以前各期的数据，没有新数据，见{attachment}。"))
}

/// A problem of work, of this period's data.
fn is_said(index: &Index, problem: &DiagnosedProblem) -> bool {
    let of_returns = problem.evidence.iter().any(|e| matches!(e, Evidence::Return { .. }));
    !of_returns && judgement::is_current(index, problem)
}

fn figures(problem: &DiagnosedProblem) -> impl Iterator<Item = String> {
    problem.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Figure(id) => Some(id.clone()),
        _ => None,
    })
}

/// `党代表工作室未启动的14个（占77.8%）：桐峪镇、麻田镇（连续11个月），粟城乡（至少10个月，2月缺报）`.
fn clause(problems: &[&DiagnosedProblem]) -> String {
    let Some(first) = problems.first() else { return String::new() };
    let count = match problems.len() {
        1 => String::new(),
        // Where it is half of the units or more, it is no longer theirs alone.
        count if 2 * first.alike >= first.asked => {
            format!("{count}个（占{}%）", judgement::printed_share(first.alike, first.asked))
        }
        count => format!("{count}个"),
    };
    // What is so of all is said once, at the end.
    let several = problems.len() > 1;
    let same_length = several && problems.iter().all(|p| duration(p) == duration(first));
    let with_seen = !several || problems.iter().any(|p| p.seen != first.seen);
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for problem in problems {
        let seen = seen(problem).filter(|_| with_seen);
        let duration = duration(problem).filter(|_| !same_length);
        let remark: Vec<String> = seen.into_iter().chain(duration).collect();
        let remark = remark.join("，");
        match groups.iter_mut().find(|(known, _)| *known == remark) {
            Some((_, units)) => units.push(&problem.unit),
            None => groups.push((remark, vec![&problem.unit])),
        }
    }
    let with_remark = |(remark, units): &(String, Vec<&str>)| {
        let named = units.join("、");
        match (remark.as_str(), units.len()) {
            ("", _) => named,
            (remark, 1) => format!("{named}（{remark}）"),
            (remark, _) => format!("{named}（均{remark}）"),
        }
    };
    let units: Vec<String> = groups.iter().map(with_remark).collect();
    let link = if count.is_empty() { "：".to_owned() } else { format!("的{count}：") };
    let all = duration(first).filter(|_| same_length).map(|all| format!("，均{all}"));
    format!("{}{link}{}{}", first.title, units.join("、"), all.unwrap_or_default())
}

/// `42.9%`; nothing when the title says it already. The base stands in the list: official texts
/// say no fractions.
fn seen(problem: &DiagnosedProblem) -> Option<String> {
    let seen = problem.seen.split('（').next().unwrap_or_default();
    (!problem.title.contains(seen)).then(|| unspaced(seen))
}

/// `连续3个月`, `至少10个月，2月缺报`; nothing for the first period.
fn duration(problem: &DiagnosedProblem) -> Option<String> {
    let lasting = unspaced(&problem.lasting);
    match problem.periods {
        _ if !problem.gaps.is_empty() => Some(format!("{lasting}，{}", problem.gaps)),
        0 | 1 => None,
        _ => Some(format!("连续{lasting}")),
    }
}
