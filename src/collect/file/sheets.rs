//! Which tables of one workbook are the folder's return: sheets of other periods, bare forms and
//! copies beside it are named and left out. Only what is certain is left out; the rest are rivals.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::is_period;
use super::{DraftReturn, FileResult, Received, Shared, SheetBlocks};
use crate::collect::dates::{self, Stated};
use crate::collect::findings::{Subject, quoted, with};
use crate::collect::lines::{Lines, Skipped};
use crate::model::codes;
use crate::model::{Decimal, Finding, Level, Period, ReturnFacts};

/// What a table says about the period that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    /// The owed one, or it does not say, or contradicts itself.
    PerhapsOwed,
    Another,
}

/// Tables (page, block) of other periods beside one of the folder's, and a finding that names
/// their sheets.
pub(super) fn of_other_periods(
    pages: &[SheetBlocks],
    received: &Received,
    shared: &Shared,
    subject: &Subject,
) -> (BTreeSet<(usize, usize)>, Option<Finding>) {
    let mut by_form: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (p, page) in pages.iter().enumerate() {
        for (b, block) in page.blocks.iter().enumerate() {
            by_form.entry(block.form).or_default().push((p, b));
        }
    }
    let mut others = BTreeSet::new();
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    for (form, tables) in by_form.into_iter().filter(|(_, tables)| tables.len() > 1) {
        let Some(owed) = shared.definition.forms[form].owed_in(&received.folder) else { continue };
        let another = |&&(p, b): &&(usize, usize)| {
            covers(&owed.period, &pages[p], b, shared) == Covers::Another
        };
        let (gone, left): (Vec<_>, Vec<_>) = tables.iter().partition(another);
        if !gone.is_empty() && !left.is_empty() {
            others.extend(gone);
            kept.extend(left.iter().map(|(p, _)| *p));
        }
    }
    if others.is_empty() {
        return (others, None);
    }
    let names = |wanted: &BTreeSet<usize>| {
        let names: Vec<&str> = wanted.iter().map(|&p| &*pages[p].name).collect();
        quoted(&names)
    };
    let gone = names(&others.iter().map(|(p, _)| *p).collect());
    let message = format!("工作表{gone}是其他报告期的，未读取；本期读取的是{}", names(&kept));
    let finding = subject.finding(codes::OTHER_PERIODS, Vec::new(), message);
    (others, Some(with(finding, gone, names(&kept))))
}

/// Asks the lines above the table and the sheet's name. They must not contradict each other.
fn covers(owed: &Period, page: &SheetBlocks, number: usize, shared: &Shared) -> Covers {
    let surroundings = &page.above[number];
    let mut same = false;
    let mut other: Vec<Period> = Vec::new();
    let mut hear = |stated: Stated, text: &str| match stated {
        stated if is_period(&stated, owed, text, shared) => same = true,
        Stated::Period(period) if period.is_like(owed) => other.push(period),
        _ => {}
    };
    for said in &surroundings.periods {
        if let Some(stated) = dates::period(&said.text) {
            hear(stated, &said.text);
        }
    }
    if let Some((stated, said)) =
        surroundings.title_period.as_ref().filter(|_| surroundings.periods.is_empty())
    {
        hear(stated.clone(), &said.text);
    }
    let name = &page.name;
    if let Some(stated) = dates::period_inside(name) {
        hear(stated, name);
    } else if let Some(part) = dates::part_of_year(name, owed.year()).filter(|p| p.is_like(owed)) {
        // `9月` says nothing about the year: it agrees with a September that is said in full.
        let agrees = other.iter().any(|p| dates::part_of_year(name, p.year()).as_ref() == Some(p));
        if part == *owed {
            same |= !agrees;
        } else if !agrees {
            other.push(part);
        }
    }
    if same || other.is_empty() { Covers::PerhapsOwed } else { Covers::Another }
}

/// Is nothing filled in? A table that says 无 is filled in.
pub(super) fn is_blank(facts: &ReturnFacts, lines: &Lines) -> bool {
    let zero = |value: &Decimal| *value == Decimal::ZERO;
    let furniture = |what: Skipped| {
        matches!(
            what,
            Skipped::PrintedNumbers
                | Skipped::ColumnNumbers
                | Skipped::UnitsOfMeasure
                | Skipped::PageBreak
                | Skipped::PageMark
                | Skipped::Prepared
        )
    };
    facts.rows.is_empty()
        && !lines.declared_empty
        && lines.outside.is_empty()
        && lines.stray.is_empty()
        && lines.skipped.iter().all(|(_, what)| furniture(*what))
        && facts.totals.iter().flat_map(|t| &t.values).all(|(_, _, value)| zero(value))
}

/// Bare forms and exact copies beside a return of the same form, and bare forms of nobody.
pub(super) fn set_aside(result: &mut FileResult, subject: &Subject) {
    let mut gone: Vec<(usize, String)> = Vec::new();
    for (i, draft) in result.drafts.iter().enumerate() {
        let alike = |other: &&DraftReturn| other.facts.form == draft.facts.form;
        let sheet = &draft.facts.sheet;
        if draft.is_blank {
            let filled = result.drafts.iter().filter(alike).find(|other| !other.is_blank);
            let nobodys = draft.findings.iter().any(|f| f.code == codes::UNIT_NOT_STATED);
            if let Some(filled) = filled {
                gone.push((i, format!("“{sheet}”是空白表，读取的是“{}”", filled.facts.sheet)));
            } else if nobodys {
                gone.push((i, format!("“{sheet}”是空白表")));
            }
            continue;
        }
        let first = result.drafts[..i].iter().filter(alike).find(|other| is_copy(other, draft));
        if let Some(first) = first {
            gone.push((i, format!("“{sheet}”与“{}”内容完全相同", first.facts.sheet)));
        }
    }
    if gone.is_empty() {
        return;
    }
    let reasons: Vec<&str> = gone.iter().map(|(_, reason)| reason.as_str()).collect();
    let message = format!("工作表{}，未读取", reasons.join("；"));
    let mut subject = subject.clone();
    if let Some(unit) = result.drafts.iter().map(|d| &d.facts.unit).find(|unit| !unit.is_empty()) {
        subject.unit.clone_from(unit);
    }
    result.findings.push(subject.finding(codes::SHEET_NOT_NEEDED, Vec::new(), message));
    for (i, _) in gone.into_iter().rev() {
        result.drafts.remove(i);
    }
}

/// The same rows of the same unit, with the same objections: nothing is lost with the second.
fn is_copy(first: &DraftReturn, second: &DraftReturn) -> bool {
    let (a, b) = (&first.facts, &second.facts);
    let objections = |draft: &DraftReturn| -> Vec<String> {
        let errors = draft.findings.iter().filter(|f| f.level != Level::Hint);
        errors.map(|f| f.code.clone()).collect()
    };
    let said = |facts: &ReturnFacts| -> Vec<String> {
        facts.sentences.iter().map(|s| s.text.clone()).collect()
    };
    !a.rows.is_empty()
        && a.unit == b.unit
        && a.columns == b.columns
        && a.raw == b.raw
        && a.filed_on == b.filed_on
        && said(a) == said(b)
        && objections(first) == objections(second)
}
