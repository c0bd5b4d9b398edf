//! 问题清单: what was diagnosed, held against what, since when, and what it rests on.

use super::{Align, Cell, Link, List, Medium, Table, Target};
use crate::definition::Time;
use crate::model::{DiagnosedProblem, Evidence, Period, Receipt, ReturnState, Timeliness, builtin};
use crate::report::index::Index;
use crate::report::wording::unspaced;
use crate::report::{cause, text, wording};

/// A problem of a unit's work; in the circular also what no rule says of its returns, which have
/// no list there: one line a unit and state.
enum Entry<'a> {
    Problem(&'a DiagnosedProblem),
    Returns(Vec<&'a Receipt>, &'static str),
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
            Entry::Returns(..) => Cell::default(),
        }
    };
    let mut list = List::<Entry<'a>>::new(medium);
    list.serial().sheet(5.5).circular(460);
    list.center("病症", problem(|p| p.disease.clone())).sheet(8.0).page();
    list.center("组别", problem(|p| p.group.clone())).sheet(9.0);
    list.column(Align::Name, "单位", |entry| unit(index, entry))
        .sheet(13.0)
        .whole_page()
        .circular(960);
    // Where all are one unit's, what is wrong names the row.
    let names = if medium == Medium::UnitPage { Align::Name } else { Align::Left };
    list.column(names, "问题", title).sheet(16.0).page().circular(1_480);
    list.left("表述", problem(|p| p.text.clone())).sheet(46.0).small();
    list.center("情况", problem(|p| p.seen.clone())).sheet(14.0).page();
    list.left("情况", |entry| seen(index, entry)).circular(1_900);
    list.center("标准", problem(|p| p.threshold.clone())).sheet(12.0).page();
    list.center("持续", |entry| lasting(index, entry)).sheet(15.0).page();
    list.center("起始期", |entry| since(index, entry)).circular(850);
    list.center("同类党委", problem(alike)).sheet(9.0).page();
    list.left("比上期变化", |entry| why(index, entry)).sheet(18.0).page();
    list.left("整改措施", problem(|p| p.remedy.clone())).circular(1_264).unit_page();
    list.center("责任人", |_| Cell::words(owner(index))).circular(760);
    list.center("时限", |_| Cell::words(deadline(index))).circular(1_170).unit_page();
    list.left("依据", |entry| evidence(index, entry)).sheet(20.0).page();
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

/// Owed returns that are not in order and of which no rule speaks, in register order.
fn returns<'a>(index: &'a Index<'a>) -> Vec<Entry<'a>> {
    let mut receipts: Vec<&Receipt> = index.inputs.receipts().filter(|r| r.owed).collect();
    receipts.sort_by_key(|receipt| index.inputs.definition.units.order(&receipt.unit));
    let mut entries: Vec<(&str, &'static str, Vec<&Receipt>)> = Vec::new();
    for receipt in receipts {
        let state = match receipt.state {
            ReturnState::Missing | ReturnState::Rejected | ReturnState::Queried => {
                receipt.state.title()
            }
            _ if receipt.timeliness == Timeliness::Late => receipt.timeliness.title(),
            _ => continue,
        };
        if is_diagnosed(index, receipt, state) {
            continue;
        }
        match entries.iter_mut().find(|(unit, of, _)| *unit == receipt.unit && *of == state) {
            Some((_, _, all)) => all.push(receipt),
            None => entries.push((&receipt.unit, state, vec![receipt])),
        }
    }
    entries.into_iter().map(|(_, state, all)| Entry::Returns(all, state)).collect()
}

/// Does a diagnosed problem rest on the return being in this state?
fn is_diagnosed(index: &Index, receipt: &Receipt, now: &str) -> bool {
    let said = |evidence: &Evidence| {
        matches!(evidence, Evidence::Return { state, form, folder, .. }
            if state == now && *form == receipt.form && *folder == receipt.folder)
    };
    index.problems_of(&receipt.unit).iter().any(|p| p.evidence.iter().any(said))
}

fn unit<'a>(index: &Index<'a>, entry: &Entry<'a>) -> Cell<'a> {
    let (code, name) = match entry {
        Entry::Problem(problem) => (&problem.unit_code, problem.unit.as_str()),
        Entry::Returns(receipts, _) => match receipts.first() {
            Some(first) => (&first.unit, index.inputs.definition.units.name(&first.unit)),
            None => return Cell::none(),
        },
    };
    Cell::words(name).to(Target::Unit(code))
}

fn title<'a>(entry: &Entry<'a>) -> Cell<'a> {
    Cell::words(match entry {
        Entry::Problem(problem) => problem.title.as_str(),
        Entry::Returns(_, state) => state,
    })
}

fn seen<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    Cell::words(match entry {
        Entry::Problem(problem) => {
            format!("{}（标准：{}）", unspaced(&problem.seen), unspaced(&problem.threshold))
        }
        Entry::Returns(receipts, _) => {
            let title = |receipt: &&Receipt| {
                let form = index.inputs.definition.form(&receipt.form);
                form.map_or_else(|| receipt.form.clone(), |form| form.title.clone())
            };
            receipts.iter().map(title).collect::<Vec<_>>().join("、")
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
        Entry::Returns(..) => index.inputs.folder,
    };
    Cell::words(wording::period(period, index.inputs.folder, Time::During))
}

/// `14/18`: units with the same problem, of those of which it could be asked.
fn alike(problem: &DiagnosedProblem) -> String {
    format!("{}/{}", problem.alike, problem.asked)
}

fn why<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    match entry {
        Entry::Problem(problem) => Cell::words(cause::of_problem(index, problem)),
        Entry::Returns(..) => Cell::default(),
    }
}

/// Who answers for putting a problem right, as the circular's definition says.
pub(super) fn owner(index: &Index) -> String {
    index.inputs.definition.circular.as_ref().map(|c| c.owner.clone()).unwrap_or_default()
}

/// By when.
pub(super) fn deadline(index: &Index) -> String {
    index.inputs.definition.circular.as_ref().map(|c| c.deadline.clone()).unwrap_or_default()
}

fn evidence<'a>(index: &Index<'a>, entry: &Entry<'a>) -> Cell<'a> {
    let Entry::Problem(problem) = entry else { return Cell::default() };
    let piece = |evidence: &'a Evidence| match evidence {
        Evidence::Figure(id) => {
            let figure = index.figure(id);
            let title = figure.map_or(id.as_str(), |f| f.title.as_str());
            Link::new(title, Target::Figure(id))
        }
        Evidence::Finding { code, location, .. } => {
            let check = index.inputs.definition.check(code).map(|check| check.title.as_str());
            let title = check.or(builtin(code).map(|check| check.title)).unwrap_or(code);
            Link::plain(format!("{title}：{location}"))
        }
        Evidence::Return { state, form, folder, file } => {
            let form = text::form_title(index.inputs.definition, form);
            let place = if file.is_empty() { folder.to_string() } else { file.clone() };
            Link::plain(format!("{state}：{form} {place}"))
        }
    };
    Cell::pieces(problem.evidence.iter().map(|one| vec![piece(one)]).collect())
}
