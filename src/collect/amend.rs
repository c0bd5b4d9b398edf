//! 订正: what the county itself changes in a return, declared in 订正.csv with who, when and why.
//!
//! The cell is changed before anything is typed, so that the new value passes the same contract and
//! the same checks as what a unit typed. It is changed only while the return still says what the
//! declaration says it does; the return itself is never touched, and each change is a finding.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::{DraftReturn, Shared};
use super::findings::{Subject, with};
use super::known::{OneFile, open_again, recall_or_read};
use super::patch::Patch;
use super::text::compact;
use super::walk::Received;
use crate::definition::Form;
use crate::model::codes;
use crate::model::{Amendment, CellRef, CorrectionNote, Finding, HashedContent, PERSONAL};

/// Applies the amendments to what was read; gives findings about those that cannot be applied.
pub(super) fn amend(
    received: &[Received],
    read: &mut [OneFile],
    amendments: &[Amendment],
    corrections: &[CorrectionNote],
    shared: &Shared,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut places: BTreeMap<(usize, Arc<str>, CellRef), Vec<Patch>> = BTreeMap::new();
    for (index, amendment) in amendments.iter().enumerate() {
        match place(read, index, amendment, corrections, shared) {
            Ok((file, patch)) => {
                places.entry((file, patch.sheet.clone(), patch.at)).or_default().push(patch);
            }
            Err(why) => findings.push(refused(amendment, &why)),
        }
    }
    let mut by_file: BTreeMap<usize, Vec<Patch>> = BTreeMap::new();
    for ((file, _, _), patches) in places {
        match patches.as_slice() {
            [_] => by_file.entry(file).or_default().extend(patches),
            // Neither may count by the order of the lines.
            several => findings.extend(several.iter().map(|patch| {
                let why = format!("同一单元格有 {} 条订正，一条也没有采用", several.len());
                refused(&amendments[patch.amendment], &why)
            })),
        }
    }
    for (file, patches) in by_file {
        let (received, one) = (&received[file], &mut read[file]);
        match read_again(received, one, &patches, shared) {
            Ok(unmet) => {
                for patch in patches {
                    let amendment = &amendments[patch.amendment];
                    match unmet.iter().find(|(index, _)| *index == patch.amendment) {
                        Some((_, seen)) => {
                            findings.push(differs(one, &patch, amendment, seen, shared))
                        }
                        None => {
                            let subject = Subject::file(&received.path, &received.folder);
                            applied(one, &subject, &patch, amendment, shared);
                        }
                    }
                }
            }
            Err(why) => {
                findings.extend(patches.iter().map(|p| refused(&amendments[p.amendment], &why)));
            }
        }
    }
    findings
}

/// The file read with these cells changed takes the place of what it gave before.
fn read_again(
    received: &Received,
    one: &mut OneFile,
    patches: &[Patch],
    shared: &Shared,
) -> Result<Vec<(usize, String)>, String> {
    let again = || {
        let bytes = open_again(received, one.receipt.as_ref())?;
        let content = HashedContent::new(&bytes);
        recall_or_read(received, &content, || Ok(bytes), patches, shared)
    };
    one.result = again().map_err(|refusal| refusal.message)?;
    Ok(std::mem::take(&mut one.result.unmet))
}

/// The file and the cell that an amendment means, or why there is none.
fn place(
    read: &[OneFile],
    index: usize,
    amendment: &Amendment,
    corrections: &[CorrectionNote],
    shared: &Shared,
) -> Result<(usize, Patch), String> {
    let superseded = |file: &str| {
        let same = |c: &&CorrectionNote| c.unit == amendment.unit && c.form == amendment.form;
        corrections.iter().filter(same).any(|c| c.superseded == file)
    };
    let meant = |draft: &&DraftReturn| {
        let facts = &draft.facts;
        draft.deliverable
            && (&facts.folder, &facts.unit, &facts.form)
                == (&amendment.folder, &amendment.unit, &amendment.form)
            && !superseded(&facts.file)
    };
    let found: Vec<(usize, &DraftReturn)> = read
        .iter()
        .enumerate()
        .flat_map(|(file, one)| one.result.drafts.iter().filter(meant).map(move |d| (file, d)))
        .collect();
    let (file, draft) = match found.as_slice() {
        [one] => *one,
        [] => return Err("没有收到这个单位的这张报表".to_owned()),
        several => return Err(format!("这张报表有 {} 份，请先声明采用哪一份", several.len())),
    };
    let form = shared.definition.form(&amendment.form).ok_or("没有这张报表")?;
    let at = CellRef::parse(compact(&amendment.place).as_ref())
        .or_else(|| by_key(form, draft, &amendment.place))
        .ok_or("找不到这个单元格，请写 F12，或“主键/栏名”（多个主键用 / 隔开）")?;
    let facts = &draft.facts;
    let in_total = || {
        let is_total = facts.totals.iter().any(|total| total.row == at.row);
        facts.column_at.iter().position(|column| is_total && *column == Some(at.column))
    };
    let field = facts.at(at).map(|(_, field)| field).or_else(in_total);
    let field = field.ok_or("这个单元格不是报表的数据")?;
    let patch = Patch {
        sheet: facts.sheet.clone(),
        at,
        before: amendment.before.clone(),
        after: amendment.after.clone(),
        is_number: form.fields[field].kind.is_number(),
        amendment: index,
    };
    Ok((file, patch))
}

/// `0010/应参评党员数`: the key of a row and the title of a column.
fn by_key(form: &Form, draft: &DraftReturn, place: &str) -> Option<CellRef> {
    let (keys, title) = place.rsplit_once('/')?;
    let keys: Vec<_> = keys.split('/').map(compact).collect();
    let is_named = |name: &str| compact(name) == compact(title);
    let field = form.fields.iter().position(|f| is_named(&f.title) || is_named(&f.name))?;
    let columns: Option<Vec<usize>> =
        form.primary_key.iter().map(|name| form.field_index(name)).collect();
    let columns = columns.filter(|columns| !columns.is_empty() && columns.len() == keys.len())?;
    let facts = &draft.facts;
    let says = |row: usize, field: usize, key: &str| {
        compact(&facts.columns[field].get(row).to_string()) == key
            || facts.raw_text(row, field).is_some_and(|raw| compact(&raw) == key)
    };
    let named = |row: &usize| columns.iter().zip(&keys).all(|(&field, key)| says(*row, field, key));
    let mut rows = (0..facts.rows.len()).filter(named);
    let row = rows.next().filter(|_| rows.next().is_none())?;
    facts.cell(row, field)
}

fn refused(amendment: &Amendment, why: &str) -> Finding {
    let subject = Subject::file(&amendment.file, &amendment.folder);
    let name = amendment.file.rsplit('/').next().unwrap_or_default();
    let message = format!("{name} 第 {} 行：{why}", amendment.line + 1);
    subject.finding(codes::DECLARATION_LINE, vec![CellRef::new(amendment.line, 2)], message)
}

/// A text of the patched cell, as it may be printed.
fn printable<'t>(one: &OneFile, patch: &Patch, shared: &Shared, text: &'t str) -> &'t str {
    let is_personal = |draft: &DraftReturn| {
        let column = || draft.facts.column_at.iter().position(|c| *c == Some(patch.at.column));
        let field = draft.facts.at(patch.at).map(|(_, field)| field).or_else(column);
        let form = shared.definition.form(&draft.facts.form);
        form.zip(field).is_some_and(|(form, field)| form.fields[field].personal)
    };
    let own = one.result.drafts.iter().filter(|draft| draft.facts.sheet == patch.sheet);
    match text {
        "" => "空白",
        _ if own.into_iter().any(is_personal) => PERSONAL,
        text => text,
    }
}

fn differs(
    one: &OneFile,
    patch: &Patch,
    amendment: &Amendment,
    seen: &str,
    shared: &Shared,
) -> Finding {
    let print = |text| printable(one, patch, shared, text).to_owned();
    let (seen, before) = (print(seen), print(&patch.before));
    let why = format!(
        "原表 {} 现在是“{seen}”，不是“{before}”，没有订正；原表可能已经重报，请核对后改写或删去这一行",
        patch.at
    );
    with(refused(amendment, &why), seen, before)
}

/// Says what was changed, at its cell, and keeps beside the new value what the unit had typed.
fn applied(
    one: &mut OneFile,
    subject: &Subject,
    patch: &Patch,
    amendment: &Amendment,
    shared: &Shared,
) {
    let print = |text| printable(one, patch, shared, text).to_owned();
    let (before, after) = (print(&patch.before), print(&patch.after));
    let place = |draft: &DraftReturn| draft.facts.at(patch.at);
    let holds = |draft: &DraftReturn| {
        let totals = &draft.facts.totals;
        draft.facts.sheet == patch.sheet
            && (place(draft).is_some()
                || draft.facts.rows.contains(&patch.at.row)
                || totals.iter().any(|t| t.row == patch.at.row))
    };
    let Amendment { who, when, reason, .. } = amendment;
    let message = format!("订正：“{before}”改为“{after}”；订正人：{who}，{when}；原因：{reason}");
    let Some(draft) = one.result.drafts.iter_mut().find(|draft| holds(draft)) else {
        // The row is no data any more: it is said all the same, at the cell of the file.
        let finding = subject.finding(codes::AMENDED, vec![patch.at], message);
        return one.result.findings.push(with(finding, before, after));
    };
    let finding = draft.subject().finding(codes::AMENDED, vec![patch.at], message);
    draft.findings.push(with(finding, before, after));
    if let Some((row, field)) = place(draft) {
        let rows = draft.facts.rows.len();
        let raw = &mut draft.facts.raw[field];
        raw.resize(rows, None);
        raw[row] = Some(patch.before.as_str().into());
    }
}
