//! 问题清单: what was diagnosed, held against what, since when, and what it rests on.

use super::{Align, Cell, Link, List, Medium, Table, Target};
use crate::model::{DiagnosedProblem, Evidence, builtin};
use crate::report::index::Index;
use crate::report::{cause, judgement, text};

/// All problems of the report.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let problems = index.inputs.problems;
    let mut table = table(index, medium, problems.iter());
    table.lead.extend((!problems.is_empty()).then(|| summary(problems)));
    table
}

/// A unit's own.
pub(in crate::report) fn of_unit<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    unit: &str,
) -> Table<'a> {
    table(index, medium, index.problems_of(unit).iter().copied())
}

fn table<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    problems: impl Iterator<Item = &'a DiagnosedProblem>,
) -> Table<'a> {
    let words = |words: fn(&'a DiagnosedProblem) -> &'a str| {
        move |problem: &&'a DiagnosedProblem| Cell::words(words(problem))
    };
    let mut list = List::<&'a DiagnosedProblem>::new(medium);
    list.serial().sheet(5.5);
    list.center("病症", words(|p| &p.disease)).sheet(8.0).page();
    list.center("组别", words(|p| &p.group)).sheet(9.0);
    list.column(Align::Name, "单位", |p| Cell::words(&p.unit).to(Target::Unit(&p.unit_code)))
        .sheet(13.0)
        .whole_page();
    // Where all are one unit's, what is wrong names the row.
    let names = if medium == Medium::UnitPage { Align::Name } else { Align::Left };
    list.column(names, "问题", words(|p| &p.title)).sheet(27.0).page();
    // On paper the columns say it, with less.
    list.left("表述", words(|p| &p.text)).small();
    list.center("情况", words(|p| &p.seen)).sheet(24.0).page();
    list.center("标准", words(|p| &p.threshold)).sheet(16.0).page();
    list.center("持续", |p| Cell::words(lasting(index, p))).sheet(26.0).page();
    let alike_title = format!("同类{}", text::unit_kind(&index.inputs.definition.units));
    list.center(&alike_title, |p| Cell::words(alike(p))).sheet(9.0).page();
    list.left("原因和变化", |p| Cell::words(cause::of_problem(index, p))).sheet(46.0).page();
    list.left("整改措施", words(|p| &p.remedy)).unit_page();
    list.center("时限", |_| Cell::words(judgement::deadline(index))).unit_page();
    list.left("依据", |p| evidence(index, p)).sheet(28.0).page();
    list.filtered_by(|p| ["", &p.unit_code, ""]);
    let mut table = list.table("问题清单", problems);
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

/// `3 个月，自 2013年8月（9月缺报）`
fn lasting(index: &Index, problem: &DiagnosedProblem) -> String {
    let since = text::period(index.inputs.definition, &problem.since);
    let gaps = match problem.gaps.as_str() {
        "" => String::new(),
        gaps => format!("（{gaps}）"),
    };
    format!("{}，自 {since}{gaps}", problem.lasting)
}

/// `14/18`: units with the same problem, of those of which it could be asked.
fn alike(problem: &DiagnosedProblem) -> String {
    format!("{}/{}", problem.alike, problem.asked)
}

fn evidence<'a>(index: &Index<'a>, problem: &'a DiagnosedProblem) -> Cell<'a> {
    let piece = |before: Option<&Evidence>, evidence: &'a Evidence| match evidence {
        Evidence::Figure(id) => match index.figure(id) {
            Some(figure) => Link::new(&figure.title, Target::Figure(id)),
            // On a unit's own page those of the county by unit do not stand.
            None => {
                let indicator = id.split('@').next().unwrap_or_default();
                let indicator = index.inputs.definition.indicator(indicator);
                Link::plain(indicator.map_or(id.as_str(), |indicator| indicator.title.as_str()))
            }
        },
        Evidence::Finding { code, location, .. } => {
            let check = index.inputs.definition.check(code).map(|check| check.title.as_str());
            let title = check.or(builtin(code).map(|check| check.title)).unwrap_or(code);
            Link::plain(format!("{title}：{location}"))
        }
        // Its file stands with all other files, in 收报情况.
        Evidence::Return { state, form, folder, .. } => {
            let form = text::form_title(index.inputs.definition, form);
            let earlier =
                (folder != index.inputs.folder).then(|| format!("（{}）", folder.title()));
            // Of several in the same state the first says it.
            let said = before.is_some_and(
                |one| matches!(one, Evidence::Return { state: other, .. } if other == state),
            );
            let state = if said { String::new() } else { format!("{state}：") };
            Link::plain(format!("{state}{form}{}", earlier.unwrap_or_default()))
        }
    };
    let before = std::iter::once(None).chain(problem.evidence.iter().map(Some));
    let all = before.zip(&problem.evidence).map(|(before, one)| vec![piece(before, one)]);
    Cell::pieces(all.collect())
}
