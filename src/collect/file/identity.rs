//! Whose a return is and which period it covers: what its sheet says, against the folder and the
//! file name. Nothing is guessed; what is not said is taken only where one reading is left, and asked.

use super::{Received, Shared};
use crate::collect::dates::{self, Stated};
use crate::collect::findings::{Subject, clipped, with};
use crate::collect::surroundings::{Said, Surroundings};
use crate::collect::text::compact;
use crate::model::codes;
use crate::model::{CellRef, Finding, Period, date_of};

/// The unit of a return: said in its own lines, on the cover, or `named` by the file.
pub(super) fn find_unit(
    surroundings: &Surroundings,
    cover: &Surroundings,
    named: &[&str],
    shared: &Shared,
    subject: &Subject,
) -> (Option<String>, Option<Finding>) {
    let said = if surroundings.units.is_empty() { &cover.units } else { &surroundings.units };
    let said: Vec<&Said> = said.iter().filter(|s| !s.text.is_empty()).collect();
    let at = |s: &Said| if surroundings.units.is_empty() { Vec::new() } else { vec![s.at] };
    if let Some(unknown) = said.iter().find(|s| shared.units.find(&s.text).is_none()) {
        let near = shared.units.near(&unknown.text);
        let hint = match near.as_slice() {
            [] => String::new(),
            names => format!("；是否指“{}”", names.join("”或“")),
        };
        let typed = clipped(&unknown.text, shared.definition);
        let message = format!("填报单位“{typed}”不在单位名录{hint}");
        let finding = subject.finding(codes::UNIT_UNKNOWN, at(unknown), message);
        return (None, Some(with(finding, typed, "单位名录中的名称")));
    }
    let mut codes_said: Vec<&str> =
        said.iter().filter_map(|s| shared.units.find(&s.text)).collect();
    codes_said.sort_unstable();
    codes_said.dedup();
    match codes_said.as_slice() {
        [one] => return (Some((*one).to_owned()), None),
        [] => {}
        many => {
            let names: Vec<String> = many.iter().map(|u| shared.units.name(u)).collect();
            let message = format!("同一张表写了 {} 个填报单位：{}", names.len(), names.join("、"));
            let cells = said.iter().flat_map(|s| at(s)).collect();
            return (None, Some(subject.finding(codes::SEVERAL_UNITS, cells, message)));
        }
    }
    if let [one] = named {
        let name = shared.units.name(one);
        let message = format!("表内未写填报单位，按文件名认作“{name}”");
        let finding = subject.finding(codes::UNIT_FROM_FILE_NAME, Vec::new(), message);
        return (Some((*one).to_owned()), Some(with(finding, "", name)));
    }
    let message = "表内未写填报单位，文件名也认不出是哪个单位".to_owned();
    (None, Some(subject.finding(codes::UNIT_NOT_STATED, Vec::new(), message)))
}

pub(super) fn check_period(
    owed: &Period,
    surroundings: &Surroundings,
    cover: &Surroundings,
    received: &Received,
    shared: &Shared,
    subject: &Subject,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut stated = false;
    for said in surroundings.periods.iter().filter(|s| !s.text.is_empty()) {
        stated = true;
        findings.extend(compare_period(owed, said, vec![said.at], shared, subject));
    }
    if !stated {
        // A cover or a title speaks only for forms of its own frequency.
        let of_kind = |s: &Stated| matches!(s, Stated::Period(p) if p.is_like(owed));
        let on_cover =
            cover.periods.iter().find(|s| dates::period(&s.text).as_ref().is_some_and(of_kind));
        let in_title = surroundings.title_period.as_ref().filter(|(s, _)| of_kind(s));
        if let Some(said) = on_cover {
            stated = true;
            findings.extend(compare_period(owed, said, Vec::new(), shared, subject));
        } else if let Some((title, said)) = in_title {
            stated = true;
            if !is_period(title, owed, &said.text, shared) {
                findings.push(period_conflict(owed, &said.text, vec![said.at], subject));
            }
        }
    }
    if !stated {
        let message = format!("表内未写报告期，按收表文件夹认作 {}", owed.title());
        findings.push(with(
            subject.finding(codes::PERIOD_NOT_STATED, Vec::new(), message),
            "",
            owed.title(),
        ));
    }
    findings.extend(file_name_period(owed, received, subject));
    findings
}

fn compare_period(
    owed: &Period,
    said: &Said,
    at: Vec<CellRef>,
    shared: &Shared,
    subject: &Subject,
) -> Option<Finding> {
    let stated = dates::period(&said.text);
    let campaign = matches!(owed, Period::Campaign(_)) && names_campaign(owed, &said.text, shared);
    match stated {
        _ if campaign => None,
        Some(stated) if is_period(&stated, owed, &said.text, shared) => None,
        Some(_) => Some(period_conflict(owed, &said.text, at, subject)),
        None => {
            let typed = clipped(&said.text, shared.definition);
            let message = format!("报告期“{typed}”无法识别");
            let finding = subject.finding(codes::PERIOD_UNREADABLE, at, message);
            Some(with(finding, typed, owed.title()))
        }
    }
}

fn period_conflict(owed: &Period, seen: &str, at: Vec<CellRef>, subject: &Subject) -> Finding {
    let message = format!("表内报告期是“{seen}”，本文件夹应报 {}", owed.title());
    with(subject.finding(codes::PERIOD_CONFLICT, at, message), seen, owed.title())
}

pub(super) fn is_period(stated: &Stated, owed: &Period, text: &str, shared: &Shared) -> bool {
    match stated {
        Stated::Period(period) => period == owed,
        // The last day of a period stands for it (截至…).
        Stated::Date(day) => {
            let date = date_of(*day);
            let last_day = date.is_some_and(|d| d.day() == d.days_in_month());
            let month = date.map(|d| (d.year(), d.month() as u8));
            last_day && owed.last_month() == month || names_campaign(owed, text, shared)
        }
    }
}

fn names_campaign(owed: &Period, text: &str, shared: &Shared) -> bool {
    let Period::Campaign(id) = owed else { return false };
    let text = compact(text);
    let same_date = dates::date(id).is_some_and(|d| dates::date(&text) == Some(d));
    let mut campaigns = shared.definition.settings.campaigns.iter().filter(|c| c.id == *id);
    same_date || *text == **id || campaigns.any(|c| compact(&c.title) == text)
}

/// A period in the file name must be the return's or the folder's.
fn file_name_period(owed: &Period, received: &Received, subject: &Subject) -> Option<Finding> {
    let stem = received.stem();
    let folder = &received.folder;
    let fits = match dates::period_inside(stem) {
        Some(Stated::Period(period)) => {
            let covers = |p: &Period, month: Option<(i16, u8)>| {
                month.is_some() && p.first_month() <= month && month <= p.last_month()
            };
            period == *owed || period == *folder || covers(&period, folder.last_month())
        }
        // A full date in a file name is mostly the day of filing.
        Some(Stated::Date(_)) => true,
        None => match (dates::bare_month(stem), folder) {
            (Some(month), Period::Month(_, own)) => {
                month == *own || owed.last_month().is_some_and(|(_, last)| last == month)
            }
            _ => true,
        },
    };
    if fits {
        return None;
    }
    let message = format!("文件名“{stem}”中的期数与收表文件夹 {} 不符", folder.title());
    Some(with(subject.finding(codes::PERIOD_CONFLICT, Vec::new(), message), stem, owed.title()))
}

pub(super) fn filed_on(
    surroundings: &Surroundings,
    cover: &Surroundings,
    shared: &Shared,
    subject: &Subject,
    findings: &mut Vec<Finding>,
) -> Option<i32> {
    let own = surroundings.filed_on.iter().find(|s| !s.text.is_empty());
    let on_cover = || cover.filed_on.iter().find(|s| !s.text.is_empty());
    let said = own.or_else(on_cover)?;
    // `年 月 日` left blank on the form says nothing.
    if !said.text.contains(|c: char| c.is_numeric()) {
        return None;
    }
    let date = dates::date(&said.text);
    if date.is_none() {
        let at = if own.is_some() { vec![said.at] } else { Vec::new() };
        let typed = clipped(&said.text, shared.definition);
        let message = format!("填报日期“{typed}”无法识别");
        let finding = subject.finding(codes::FILED_ON_UNREADABLE, at, message);
        findings.push(with(finding, typed, "2013年10月25日"));
    }
    date
}
