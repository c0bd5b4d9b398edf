//! 问题清单: what was diagnosed, held against what, since when, and what it rests on.

use super::{Align, Cell, Link, List, Medium, Table, Target};
use crate::definition::Time;
use crate::model::{DiagnosedProblem, Evidence, Period, Receipt, ReturnState, Timeliness};
use crate::report::index::Index;
use crate::report::{text, wording};

/// A problem of a unit's work; in the circular also of its returns, which have no list there.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Problem(&'a DiagnosedProblem),
    Return(&'a Receipt, &'static str),
}

/// All problems of the report.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let problems = index.inputs.problems;
    let mut entries = if medium == Medium::Circular { returns(index) } else { Vec::new() };
    entries.extend(problems.iter().map(Entry::Problem));
    let mut table = table(index, medium, entries);
    table.lead.extend((!problems.is_empty()).then(|| summary(problems)));
    table
}

/// A unit's own.
pub(in crate::report) fn of_unit<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    unit: &str,
) -> Table<'a> {
    let own = index.problems_of(unit).iter().copied();
    table(index, medium, own.map(Entry::Problem).collect())
}

fn table<'a>(index: &'a Index<'a>, medium: Medium, entries: Vec<Entry<'a>>) -> Table<'a> {
    let problem = |words: fn(&DiagnosedProblem) -> String| {
        move |entry: &Entry<'a>| match entry {
            Entry::Problem(problem) => Cell::words(words(problem)),
            Entry::Return(..) => Cell::default(),
        }
    };
    let mut list = List::<Entry<'a>>::new(medium);
    list.serial().sheet(5.5).circular(600);
    list.center("病症", problem(|p| p.disease.clone())).sheet(8.0).page();
    list.center("组别", problem(|p| p.group.clone())).sheet(9.0);
    list.column(Align::Name, "单位", |entry| unit(index, entry)).sheet(13.0).page().circular(1_200);
    list.center("类别", class).circular(1_100);
    list.left("问题", title).sheet(16.0).page().circular(2_300);
    list.left("表述", problem(|p| p.text.clone())).sheet(50.0).small();
    list.center("情况", problem(|p| p.seen.clone())).sheet(14.0).page();
    list.center("标准", problem(|p| p.threshold.clone())).sheet(14.0).page();
    list.left("具体情况", |entry| seen(index, entry)).circular(2_444);
    list.center("持续", |entry| lasting(index, entry)).sheet(15.0).page();
    list.center("起始期", |entry| since(index, entry)).circular(1_200);
    list.left("依据", |entry| evidence(index, entry)).sheet(26.0).page();
    let mut table = list.table("问题清单", entries);
    table.empty = "本期没有列入清单的问题。";
    table
}

/// `本期诊断出问题 3 项：弱化 2 项，虚化 1 项。`
fn summary(problems: &[DiagnosedProblem]) -> String {
    let mut diseases: Vec<(&str, usize)> = Vec::new();
    for problem in problems {
        match diseases.iter_mut().find(|(disease, _)| *disease == problem.disease) {
            Some((_, count)) => *count += 1,
            None => diseases.push((&problem.disease, 1)),
        }
    }
    let counts: Vec<String> = diseases.iter().map(|(d, n)| format!("{d} {n} 项")).collect();
    format!("本期诊断出问题 {} 项：{}。", problems.len(), counts.join("，"))
}

/// Owed returns that are not in order, in register order.
fn returns<'a>(index: &'a Index<'a>) -> Vec<Entry<'a>> {
    let mut receipts: Vec<&Receipt> = index.inputs.receipts().filter(|r| r.owed).collect();
    receipts.sort_by_key(|receipt| index.inputs.definition.units.order(&receipt.unit));
    let entry = |receipt: &'a Receipt| match receipt.state {
        ReturnState::Missing | ReturnState::Rejected | ReturnState::Queried => {
            Some(Entry::Return(receipt, receipt.state.title()))
        }
        _ if receipt.timeliness == Timeliness::Late => {
            Some(Entry::Return(receipt, receipt.timeliness.title()))
        }
        _ => None,
    };
    receipts.into_iter().filter_map(entry).collect()
}

fn unit<'a>(index: &Index<'a>, entry: &Entry<'a>) -> Cell<'a> {
    let (code, name) = match entry {
        Entry::Problem(problem) => (&problem.unit_code, problem.unit.as_str()),
        Entry::Return(receipt, _) => {
            (&receipt.unit, index.inputs.definition.units.name(&receipt.unit))
        }
    };
    Cell::words(name).to(Target::Unit(code))
}

fn class<'a>(entry: &Entry<'a>) -> Cell<'a> {
    Cell::words(match entry {
        Entry::Problem(problem) => problem.disease.as_str(),
        Entry::Return(..) => "报表报送",
    })
}

fn title<'a>(entry: &Entry<'a>) -> Cell<'a> {
    Cell::words(match entry {
        Entry::Problem(problem) => problem.title.as_str(),
        Entry::Return(_, state) => state,
    })
}

fn seen<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    Cell::words(match entry {
        Entry::Problem(problem) => format!("{}（标准：{}）", problem.seen, problem.threshold),
        Entry::Return(receipt, _) => {
            let form = index.inputs.definition.form(&receipt.form);
            form.map_or_else(|| receipt.form.clone(), |form| form.title.clone())
        }
    })
}

fn lasting<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    let Entry::Problem(problem) = entry else { return Cell::default() };
    let since = text::period(index.inputs.definition, &problem.since);
    let gaps = match problem.gaps.as_str() {
        "" => String::new(),
        gaps => format!("（{gaps}）"),
    };
    Cell::words(format!("{}，自 {since}{gaps}", problem.lasting))
}

fn since<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    let period: &Period = match entry {
        Entry::Problem(problem) => &problem.since,
        Entry::Return(receipt, _) => &receipt.period,
    };
    Cell::words(wording::period(period, index.inputs.folder, Time::During))
}

fn evidence<'a>(index: &Index<'a>, entry: &Entry<'a>) -> Cell<'a> {
    let Entry::Problem(problem) = entry else { return Cell::default() };
    let piece = |evidence: &'a Evidence| match evidence {
        Evidence::Figure(id) => {
            let figure = index.figure(id);
            let title = figure.map_or(id.as_str(), |f| f.title.as_str());
            Link::new(title, Target::Figure(id))
        }
        Evidence::Finding { code, location, .. } => Link::plain(format!("{code}：{location}")),
        Evidence::Return { state, form, folder, file } => {
            let form = text::form_title(index.inputs.definition, form);
            let place = if file.is_empty() { folder.to_string() } else { file.clone() };
            Link::plain(format!("{state}：{form} {place}"))
        }
    };
    Cell::pieces(problem.evidence.iter().map(|one| vec![piece(one)]).collect())
}
