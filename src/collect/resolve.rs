//! What only shows between files: whose a return is when file name and sheet differ, which of two
//! returns counts, and which words are the form's own print.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::file::DraftReturn;
use super::findings::{Subject, first_of, with};
use super::rivals::{compared, same_values};
use super::sentences::{self, instructs};
use super::text::title_key;
use crate::definition::Definition;
use crate::model::codes;
use crate::model::{
    CorrectionNote, Declarations, Explanation, FileReceipt, Finding, Period, ReturnSentence,
    builtin,
};

type Key = (Period, String, String, Period);

fn key(draft: &DraftReturn, unit: &str) -> Key {
    let facts = &draft.facts;
    (facts.folder.clone(), unit.to_owned(), facts.form.clone(), facts.period.clone())
}

/// Which drafts a file gave.
fn by_file(drafts: &[DraftReturn]) -> BTreeMap<Arc<str>, Vec<usize>> {
    let mut inside: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (i, draft) in drafts.iter().enumerate() {
        inside.entry(draft.facts.file.clone()).or_default().push(i);
    }
    inside
}

/// The same file twice, byte for byte, is one file: the one received first counts. A copy that says
/// something else through its name (another unit) is no copy, and a declared 更正 goes before.
pub(super) fn same_files(
    drafts: &mut [DraftReturn],
    files: &[FileReceipt],
    declared: &Declarations,
) -> Vec<Finding> {
    let mut alike: BTreeMap<(&Period, &str), Vec<&FileReceipt>> = BTreeMap::new();
    for file in files {
        alike.entry((&file.folder, &file.sha256)).or_default().push(file);
    }
    let corrections = declared.corrections.iter();
    let named: BTreeSet<&str> =
        corrections.flat_map(|c| [c.adopted.as_str(), c.superseded.as_str()]).collect();
    alike.retain(|_, group| group.len() > 1);
    let by_file = if alike.is_empty() { BTreeMap::new() } else { by_file(drafts) };
    let inside = |file: &FileReceipt| by_file.get(&file.path).map_or(&[][..], Vec::as_slice);
    let mut findings = Vec::new();
    for mut group in alike.into_values() {
        if group.iter().any(|file| named.contains(&*file.path)) {
            continue;
        }
        let received =
            |f: &FileReceipt| declared.received.get(&*f.path).copied().unwrap_or(i32::MAX);
        // A copy has a longer name: `报表(2).xlsx`.
        group.sort_by_key(|f| (received(f), f.path.chars().count(), f.path.clone()));
        let said = |file: &FileReceipt, drafts: &[DraftReturn]| -> Vec<_> {
            let own = inside(file).iter().map(|&i| &drafts[i]);
            own.map(|d| (key(d, &d.facts.unit), d.other_unit.clone(), d.deliverable)).collect()
        };
        let Some((first, copies)) = group.split_first() else { continue };
        let returns = said(first, drafts);
        for copy in copies {
            if returns.is_empty() || said(copy, drafts) != returns {
                continue;
            }
            let mut subject = Subject::file(&copy.path, &copy.folder);
            for &i in inside(copy) {
                subject.unit.clone_from(&drafts[i].facts.unit);
                drafts[i].set_aside();
            }
            let name = first.path.rsplit('/').next().unwrap_or_default();
            let message = format!("与“{name}”逐字节相同，只计一份");
            let finding = subject.finding(codes::SAME_FILE, Vec::new(), message);
            findings.push(with(finding, copy.path.to_string(), first.path.to_string()));
        }
    }
    findings
}

/// What a form itself prints below its table (填表说明) is in the returns of several: it says
/// nothing of one.
pub(super) fn drop_instructions(drafts: &mut [DraftReturn]) {
    let mut printed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for draft in drafts.iter() {
        for sentence in draft.facts.sentences.iter().filter(|s| instructs(&s.text)) {
            let files = printed.entry(title_key(&sentence.text)).or_default();
            files.insert(draft.facts.file.to_string());
        }
    }
    printed.retain(|_, files| files.len() > 1);
    for draft in drafts {
        draft.facts.sentences.retain(|s| !printed.contains_key(&title_key(&s.text)));
    }
}

/// What the sentences of the returns that count explain.
pub(super) fn explained(definition: &Definition, drafts: &[DraftReturn]) -> Vec<Explanation> {
    let is_check = |code: &str| builtin(code).is_some() || definition.check(code).is_some();
    let mut explanations = Vec::new();
    for facts in drafts.iter().filter(|draft| draft.deliverable).map(|draft| &draft.facts) {
        for sentence in &facts.sentences {
            let explained = sentences::explained(&sentence.text, &is_check);
            explanations.extend(explained.into_iter().map(|explained| Explanation {
                folder: facts.folder.clone(),
                code: explained.code,
                unit: facts.unit.clone(),
                form: facts.form.clone(),
                cell: explained.cells,
                seen: String::new(),
                text: explained.text,
                file: sentence.location.file.clone(),
            }));
        }
    }
    explanations
}

/// Every sentence of a return, for people to read.
pub(super) fn sentence_findings(draft: &DraftReturn) -> Vec<Finding> {
    let finding = |sentence: &ReturnSentence| {
        let mut subject = draft.subject();
        subject.sheet = sentence.location.sheet.clone();
        let message = format!("表内文字：{}", sentence.text);
        let cells = sentence.location.cells.clone();
        with(subject.finding(codes::SENTENCE, cells, message), sentence.text.clone(), "")
    };
    draft.facts.sentences.iter().map(finding).collect()
}

/// Settles conflicts and rivals. Drafts that are superseded are no longer deliverable.
pub(super) fn resolve(
    definition: &Definition,
    drafts: &mut [DraftReturn],
    corrections: &[CorrectionNote],
) {
    blame_conflicts(drafts);
    let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (i, draft) in drafts.iter().enumerate().filter(|(_, d)| d.deliverable) {
        groups.entry(key(draft, &draft.facts.unit)).or_default().push(i);
    }
    let mut declared: BTreeMap<(&Period, &str, &str), Vec<&CorrectionNote>> = BTreeMap::new();
    for note in corrections {
        declared.entry((&note.folder, &note.unit, &note.form)).or_default().push(note);
    }
    for ((folder, unit, form, _), group) in groups.iter().filter(|(_, group)| group.len() > 1) {
        let declared = declared.get(&(folder, unit.as_str(), form.as_str()));
        settle_rivals(definition, drafts, group, declared.map_or(&[], Vec::as_slice));
    }
}

/// Corrections that name a file in which that unit's return of that form is not: whatever is
/// meant, it does not happen, and the clerk must hear it.
pub(super) fn misdirected(drafts: &[DraftReturn], corrections: &[CorrectionNote]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if corrections.is_empty() {
        return findings;
    }
    let by_file = by_file(drafts);
    for note in corrections {
        for (column, file) in [("采用文件", &note.adopted), ("被替代文件", &note.superseded)]
        {
            // A file without any return has its own findings.
            let Some(inside) = by_file.get(file.as_str()) else { continue };
            let facts = |&i: &usize| &drafts[i].facts;
            if inside.iter().map(facts).any(|f| f.unit == note.unit && f.form == note.form) {
                continue;
            }
            let subject = Subject::file(&format!("{}/更正.csv", note.folder).into(), &note.folder);
            let name = file.rsplit('/').next().unwrap_or_default();
            let message =
                format!("更正.csv：{column}“{name}”里没有这个单位的这张报表，该行不起作用");
            let finding = subject.finding(codes::DECLARATION_LINE, Vec::new(), message);
            findings.push(with(finding, name, "本单位同一报表的文件"));
        }
    }
    findings
}

/// A return whose sheet and file name name different units blames one of them: the one that has no
/// other return of this form, so that nobody's good return is sent back for another's mistake.
/// When both have one, nobody is blamed and the file is left out.
fn blame_conflicts(drafts: &mut [DraftReturn]) {
    let settled: BTreeSet<Key> = drafts
        .iter()
        .filter(|d| d.deliverable && d.other_unit.is_none())
        .map(|d| key(d, &d.facts.unit))
        .collect();
    for draft in drafts.iter_mut().filter(|d| d.deliverable) {
        let Some(other) = draft.other_unit.clone() else { continue };
        let own = draft.facts.unit.clone();
        let taken = |unit: &str| settled.contains(&key(draft, unit));
        let blamed = match (taken(&own), taken(&other)) {
            (true, true) => String::new(),
            (false, true) => own,
            _ => other,
        };
        draft.deliverable = !blamed.is_empty();
        for finding in &mut draft.findings {
            finding.unit.clone_from(&blamed);
        }
        draft.facts.unit = blamed;
    }
}

/// A form that was sent blank beside the one that was filled in.
fn set_blanks_aside(drafts: &mut [DraftReturn], group: &[usize]) -> Vec<usize> {
    let (blank, filled): (Vec<usize>, Vec<usize>) =
        group.iter().copied().partition(|&i| drafts[i].is_blank);
    let Some(&first) = filled.first() else { return blank };
    for i in blank {
        let message = format!("空白表，已有填好的“{}”，未读取", drafts[first].place());
        let finding = drafts[i].subject().finding(codes::SHEET_NOT_NEEDED, Vec::new(), message);
        drafts[i].set_aside();
        drafts[i].findings.push(finding);
    }
    filled
}

/// A 退回单 that came back with explanations and the same values is no second return.
fn set_slips_aside(
    definition: &Definition,
    drafts: &mut [DraftReturn],
    group: &[usize],
) -> Vec<usize> {
    let (slips, mut own): (Vec<usize>, Vec<usize>) =
        group.iter().copied().partition(|&i| drafts[i].is_slip);
    let Some(&first) = own.first() else { return slips };
    for slip in slips {
        if !same_values(definition, &drafts[slip], &drafts[first]) {
            own.push(slip);
            continue;
        }
        // What was written below the table of the slip is said by the return.
        let said = std::mem::take(&mut drafts[slip].facts.sentences);
        let own = &mut drafts[first].facts.sentences;
        let new = said.into_iter().filter(|said| own.iter().all(|own| own.text != said.text));
        let new: Vec<ReturnSentence> = new.collect();
        own.extend(new);
        let message = format!("退回单，各格的值与“{}”相同，只读取说明", drafts[first].place());
        let finding = drafts[slip].subject().finding(codes::SHEET_NOT_NEEDED, Vec::new(), message);
        drafts[slip].set_aside();
        drafts[slip].findings.push(finding);
    }
    own.sort_unstable();
    own
}

fn settle_rivals(
    definition: &Definition,
    drafts: &mut [DraftReturn],
    group: &[usize],
    corrections: &[&CorrectionNote],
) {
    let group = &set_blanks_aside(drafts, group)[..];
    let group = &set_slips_aside(definition, drafts, group)[..];
    if group.len() < 2 {
        return;
    }
    let file = |i: usize| drafts[i].facts.file.clone();
    let inside: BTreeSet<Arc<str>> = group.iter().map(|&i| file(i)).collect();
    let mut declared: BTreeMap<&str, &CorrectionNote> = BTreeMap::new();
    for note in corrections.iter().filter(|note| inside.contains(note.adopted.as_str())) {
        declared.entry(&note.superseded).or_insert(note);
    }
    let (superseded, mut left): (Vec<usize>, Vec<usize>) =
        group.iter().copied().partition(|&i| declared.contains_key(&*file(i)));
    // A circle of corrections leaves nobody: then nothing is settled.
    let all = left.is_empty();
    if all {
        left.extend_from_slice(group);
    } else {
        for &i in &superseded {
            let Some(note) = declared.get(&*drafts[i].facts.file) else { continue };
            let subject = drafts[i].subject();
            let message = format!("已由“{}”更正，不计入；原因：{}", note.adopted, note.reason);
            let finding = subject.finding(codes::SUPERSEDED_RETURN, Vec::new(), message);
            let draft = &mut drafts[i];
            // Its own findings no longer concern anybody.
            draft.set_aside();
            draft.findings.push(with(finding, note.superseded.clone(), note.adopted.clone()));
        }
    }
    if left.len() > 1 {
        let why = if all {
            "更正声明互相替代，没有一份可以采用"
        } else {
            "又没有更正声明"
        };
        say_rivals(definition, drafts, &left, why);
    }
}

/// Says of each of several returns which others there are, and what is unlike.
fn say_rivals(definition: &Definition, drafts: &mut [DraftReturn], left: &[usize], why: &str) {
    let files: Vec<Arc<str>> = left.iter().map(|&i| drafts[i].facts.file.clone()).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &files {
        *times.entry(file).or_default() += 1;
    }
    for &i in left {
        let own = drafts[i].facts.file.clone();
        let others = files.iter().map(|file| &**file).filter(|file| **file != *own);
        let many = files.len() - times.get(&*own).copied().unwrap_or_default();
        let subject = drafts[i].subject();
        let message = if many == 0 {
            format!("同一文件里有两份同样的报表，{why}")
        } else {
            let names = first_of(others, many, str::to_owned);
            format!("同一单位、同一报表、同一报告期另有：{names}，{why}")
        };
        // Of many versions one other is enough to see what changed.
        let other = left.iter().find(|&&other| other != i);
        let differs = other.map(|&other| compared(definition, &drafts[i], &drafts[other]));
        let declare = other.and_then(|&other| line_to_declare(&drafts[i], &drafts[other]));
        let message = message + &differs.unwrap_or_default() + &declare.unwrap_or_default();
        let finding = subject.finding(codes::RIVAL_RETURNS, Vec::new(), message);
        drafts[i].findings.push(with(finding, own.to_string(), "一份"));
    }
}

/// The line of 更正.csv for two files of which one calls itself a 更正 or came as a 退回单. A name says neither who nor
/// when nor why, so it settles nothing by itself.
fn line_to_declare(a: &DraftReturn, b: &DraftReturn) -> Option<String> {
    let name = |draft: &DraftReturn| {
        let file = draft.facts.file.rsplit('/').next().unwrap_or_default();
        (file.to_owned(), draft.is_slip || file.contains("更正"))
    };
    let (adopted, superseded) = match (name(a), name(b)) {
        ((a, true), (b, false)) | ((b, false), (a, true)) => (a, b),
        _ => return None,
    };
    let (unit, form) = (&a.facts.unit, &a.facts.form);
    Some(format!(
        "；如属更正，在 更正.csv 加一行：{unit},{form},{adopted},{superseded},更正人,更正日期,原因"
    ))
}
