//! 问题清单 of the circular: a row a kind of problem with all units that have it, so that a list of
//! a hundred problems is a few pages; the workbook has a row a problem.

use super::{Align, Body, Cell, Link, List, Medium, Table};
use crate::definition::Time;
use crate::model::{DiagnosedProblem, Evidence, Receipt, ReturnState, Timeliness};
use crate::report::index::Index;
use crate::report::judgement::{self, SharedProblem};
use crate::report::wording::{self, unspaced};
use crate::report::{rows, text};

/// What is put right in one way: the problems of a rule; and what no rule says of returns, which
/// have no other list in a circular.
enum Kind<'a> {
    Problems(SharedProblem<'a>),
    Returns(&'static str, OfUnits<'a>),
}

/// Code of a row, and its returns.
type OfUnits<'a> = Vec<(&'a str, Vec<&'a Receipt>)>;

/// All problems of the report, under their diseases, those that most units share first.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>) -> Table<'a> {
    let mut under: Vec<(String, Vec<Kind<'a>>)> = Vec::new();
    for kind in judgement::shared(index, |_| true) {
        let heading = format!("{}方面", kind.first.disease);
        let kind = Kind::Problems(kind);
        match under.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, kinds)) => kinds.push(kind),
            None => under.push((heading, vec![kind])),
        }
    }
    let returns = returns(index);
    under.extend((!returns.is_empty()).then(|| ("报送方面".to_owned(), returns)));
    let mut list = list(index);
    let mut bodies = Vec::new();
    for (heading, kinds) in under {
        let rows = kinds.iter().map(|kind| list.row(kind)).collect();
        bodies.push(Body { heading: Some(Link::plain(heading)), rows });
    }
    let mut table = list.of_bodies("问题清单", bodies);
    table.empty = "本期没有列入清单的问题。";
    table.notes.push("注：没有注明起始期的，是本期新出现的。".to_owned());
    table
}

fn list<'a>(index: &'a Index<'a>) -> List<'a, Kind<'a>> {
    let owner = judgement::owner(index);
    let deadline = judgement::deadline(index);
    let of_rule = |words: fn(&SharedProblem) -> String| {
        move |kind: &Kind<'a>| match kind {
            Kind::Problems(shared) => Cell::words(words(shared)),
            Kind::Returns(..) => Cell::default(),
        }
    };
    let mut list = List::<Kind<'a>>::new(Medium::Circular);
    list.serial().circular(460);
    list.left("问题", |kind| match kind {
        Kind::Problems(shared) => Cell::words(&shared.first.title),
        Kind::Returns(state, _) => Cell::words(*state),
    })
    .circular(1_500);
    list.left("标准", of_rule(standard)).circular(1_000);
    list.column(Align::Left, "单位、情况和起始期", |kind| Cell::words(units(index, kind)))
        .circular(3_140);
    list.left("整改措施", of_rule(|shared| shared.first.remedy.clone())).circular(1_164);
    list.center("责任人", move |_| Cell::words(owner)).circular(640);
    list.center("时限", move |_| Cell::words(deadline.clone())).circular(940);
    list
}

/// What the units are held against: mostly one standard.
fn standard(shared: &SharedProblem) -> String {
    let mut standards: Vec<&str> = Vec::new();
    for problem in &shared.all {
        if !standards.contains(&problem.threshold.as_str()) {
            standards.push(&problem.threshold);
        }
    }
    unspaced(&standards.join("、"))
}

fn units(index: &Index, kind: &Kind) -> String {
    match kind {
        Kind::Problems(shared) => with_the_problem(index, shared),
        Kind::Returns(_, units) => {
            let form =
                |receipt: &&Receipt| text::form_title(index.inputs.definition, &receipt.form);
            let said = units.iter().map(|(code, receipts)| {
                let units = &index.inputs.definition.units;
                let name = units.name(code);
                if units.is_level(units.order(code)) {
                    return format!("{name}（{} 份报表）", receipts.len());
                }
                let forms: Vec<String> = receipts.iter().map(form).collect();
                format!("{name}（{}）", forms.join("、"))
            });
            said.collect::<Vec<_>>().join("；")
        }
    }
}

/// `桐峪镇、麻田镇（自2012年12月份起）；粟城乡（自2012年12月份起，2月缺报）`, `石匣乡88.4%（282/319）`.
fn with_the_problem(index: &Index, shared: &SharedProblem) -> String {
    let same = shared.all.len() > 1 && shared.is_seen_alike();
    let groups = shared.grouped(|problem| {
        let seen = (same && !problem.is_in_title()).then(|| unspaced(&problem.seen));
        let parts: Vec<String> = seen.into_iter().chain(since(index, problem)).collect();
        parts.join("，")
    });
    let with_remark = |(remark, problems): &(String, Vec<&DiagnosedProblem>)| {
        let unit = |problem: &&DiagnosedProblem| {
            let said = same || problem.is_in_title();
            let seen = if said { String::new() } else { unspaced(&problem.seen) };
            let rows = rows::all_at_fault(index, problem).map(|rows| format!("（{rows}）"));
            format!("{}{seen}{}", problem.unit, rows.unwrap_or_default())
        };
        let units = problems.iter().map(unit).collect::<Vec<_>>().join("、");
        if remark.is_empty() { units } else { format!("{units}（{remark}）") }
    };
    groups.iter().map(with_remark).collect::<Vec<_>>().join("；")
}

/// Since when, and what was silent in between; nothing for what is new.
fn since(index: &Index, problem: &DiagnosedProblem) -> Option<String> {
    let folder = index.inputs.folder;
    let period = wording::period(&problem.since, folder, Time::During);
    match (problem.periods, problem.gaps.as_str()) {
        (0 | 1, "") if problem.since == *folder => None,
        (0 | 1, "") => Some(period),
        (_, "") => Some(format!("自{period}起")),
        (_, gaps) => Some(format!("自{period}起，{gaps}")),
    }
}

/// Owed returns that are not in order and of which no rule speaks, state by state.
fn returns<'a>(index: &'a Index<'a>) -> Vec<Kind<'a>> {
    let mut receipts: Vec<&Receipt> = index.inputs.receipts().filter(|r| r.owed).collect();
    let units = &index.inputs.definition.units;
    let place = |code: &str| (units.order(units.row_code(code)), units.order(code));
    receipts.sort_by_key(|receipt| place(&receipt.unit));
    let mut states: Vec<(&'static str, OfUnits<'a>)> = Vec::new();
    for receipt in receipts {
        let Some(state) = amiss(receipt).filter(|state| !is_diagnosed(index, receipt, state))
        else {
            continue;
        };
        let at = states.iter().position(|(known, _)| *known == state).unwrap_or_else(|| {
            states.push((state, Vec::new()));
            states.len() - 1
        });
        let Some((_, rows)) = states.get_mut(at) else { continue };
        let row = units.row_code(&receipt.unit);
        // Those of a row stand together.
        match rows.last_mut().filter(|(last, _)| *last == row) {
            Some((_, all)) => all.push(receipt),
            None => rows.push((row, vec![receipt])),
        }
    }
    states.into_iter().map(|(state, rows)| Kind::Returns(state, rows)).collect()
}

/// What is wrong with how a return came.
fn amiss(receipt: &Receipt) -> Option<&'static str> {
    match receipt.state {
        ReturnState::Missing | ReturnState::Rejected | ReturnState::Queried => {
            Some(receipt.state.title())
        }
        _ => (receipt.timeliness == Timeliness::Late).then(|| receipt.timeliness.title()),
    }
}

/// Does a diagnosed problem rest on the return being in this state?
fn is_diagnosed(index: &Index, receipt: &Receipt, now: &str) -> bool {
    let said = |evidence: &Evidence| {
        matches!(evidence, Evidence::Return { state, form, folder, .. }
            if state == now && *form == receipt.form && *folder == receipt.folder)
    };
    index.problems_of(&receipt.unit).iter().any(|p| p.evidence.iter().any(said))
}
