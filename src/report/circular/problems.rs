//! 存在的问题: each diagnosed problem of this period's data once, with all its units. What rests
//! on older data was said then and stands in the problem list; how returns came stands in the
//! opening.

use std::collections::BTreeSet;

use super::Paragraph;
use crate::definition::Limits;
use crate::model::{DiagnosedProblem, Evidence};
use crate::report::index::Index;
use crate::report::judgement::{self, SharedProblem};
use crate::report::wording::unspaced;

/// The chapter of problems.
#[derive(Default)]
pub(super) struct Chapter {
    pub(super) paragraphs: Vec<Paragraph>,
    /// What the list alone has.
    pub(super) note: Option<String>,
    /// Ids of the rules whose problems are said.
    pub(super) rules: BTreeSet<String>,
}

/// The kinds of problems that the limits leave room for, a paragraph a disease, the weightiest
/// first; `list` is the attachment that has all of them.
pub(super) fn diagnosed(index: &Index, limits: &Limits, list: &str) -> Chapter {
    let mut kinds = judgement::shared(index, |problem| is_said(index, problem));
    let over = kinds.split_off(limits.problems.unwrap_or(usize::MAX).min(kinds.len()));
    let mut chapter = Chapter { note: elsewhere(index, &over, list), ..Chapter::default() };
    let mut diseases: Vec<&str> = Vec::new();
    for kind in &kinds {
        chapter.rules.insert(kind.first.rule.clone());
        if !diseases.contains(&kind.first.disease.as_str()) {
            diseases.push(&kind.first.disease);
        }
    }
    let paragraph = |disease: &str| {
        let own = || kinds.iter().filter(|kind| kind.first.disease == disease);
        let said: Vec<String> = own().map(|kind| clause(kind, limits.units, list)).collect();
        let figures = own().flat_map(|kind| &kind.all).copied().flat_map(figures);
        Paragraph {
            heading: format!("{disease}方面"),
            text: format!("{}。", said.join("；")),
            figures: figures.collect(),
        }
    };
    chapter.paragraphs = diseases.into_iter().map(paragraph).collect();
    chapter
}

/// Problems that are in the list alone, in words; nothing when there are none.
fn elsewhere(index: &Index, over: &[SharedProblem], list: &str) -> Option<String> {
    let count: usize = over.iter().map(|kind| kind.all.len()).sum();
    let over = (count > 0).then(|| format!("其余{}类问题{count}条", over.len()));
    let is_older = |p: &&DiagnosedProblem| !judgement::is_current(index, p);
    let older = index.inputs.problems.iter().filter(is_older).count();
    let older = (older > 0).then(|| format!("出自以前各期数据、本期没有新数据的问题{older}条"));
    let said: Vec<String> = over.into_iter().chain(older).collect();
    (!said.is_empty()).then(|| format!("{}，见{list}。", said.join("，")))
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

/// `党代表工作室未启动的5个（占77.8%）：桐峪镇、麻田镇（连续11个月），粟城乡（至少10个月，2月缺报）`; of
/// more units than are named `…的14个（占77.8%），其中12个连续11个月，名单见附件3`.
fn clause(kind: &SharedProblem, most: Option<usize>, list: &str) -> String {
    let (first, problems) = (kind.first, &kind.all);
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
    let all = duration(first).filter(|_| same_length).map(|all| format!("，均{all}"));
    let all = all.unwrap_or_default();
    if most.is_some_and(|most| problems.len() > most) {
        let longest = duration(kind.oldest).filter(|_| !same_length).map(|longest| {
            let so_long = problems.iter().filter(|p| duration(p) == duration(kind.oldest));
            format!("，其中{}个{longest}", so_long.count())
        });
        let longest = longest.unwrap_or_default();
        return format!("{}的{count}{longest}{all}，名单见{list}", first.title);
    }
    let with_seen = !several || !kind.is_seen_alike();
    let groups = kind.grouped(|problem| {
        let seen = seen(problem).filter(|_| with_seen);
        let duration = duration(problem).filter(|_| !same_length);
        seen.into_iter().chain(duration).collect::<Vec<_>>().join("，")
    });
    let with_remark = |(remark, problems): &(String, Vec<&DiagnosedProblem>)| {
        let units: Vec<&str> = problems.iter().map(|problem| problem.unit.as_str()).collect();
        let named = units.join("、");
        match (remark.as_str(), units.len()) {
            ("", _) => named,
            (remark, 1) => format!("{named}（{remark}）"),
            (remark, _) => format!("{named}（均{remark}）"),
        }
    };
    let units: Vec<String> = groups.iter().map(with_remark).collect();
    let link = if count.is_empty() { "：".to_owned() } else { format!("的{count}：") };
    format!("{}{link}{}{all}", first.title, units.join("、"))
}

/// `42.9%`; nothing when the title says it already. The base stands in the list: official texts
/// say no fractions.
fn seen(problem: &DiagnosedProblem) -> Option<String> {
    (!problem.is_in_title()).then(|| unspaced(problem.seen_alone()))
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
