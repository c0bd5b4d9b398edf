//! Finds forms in a sheet by their header titles: not by row number, sheet name or column order.
//!
//! A header is a band of one to four rows. Each column of the band has a path of titles (merged
//! parents, then the leaf); the most specific reading that is a field's title counts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::block::{Block, HeaderColumn};
use super::bounds;
use super::furniture;
use super::surroundings::{Segment, is_footer, segments};
use super::text::{compact, compact_key, title_key, title_keys, without_unit};
use super::workbook::{Cell, CellValue, Sheet};
use crate::definition::Form;

/// Titles of all forms, ready to look up.
pub(super) struct Titles<'a> {
    pub forms: Vec<Cow<'a, Form>>,
    /// Title keys by how they start, in the order of that.
    by_start: Vec<(Start, Vec<TitleKey>)>,
    /// Keys of the titles by which a form is headed.
    form_keys: Vec<Vec<String>>,
}

/// The first two characters of a text; one of a text of one character.
type Start = (char, Option<char>);

fn start_of(text: &str) -> Option<Start> {
    let mut characters = text.chars();
    characters.next().map(|first| (first, characters.next()))
}

/// What columns of one title must share.
struct TitleKey {
    key: String,
    /// (form, field), in definition order.
    places: Vec<(usize, usize)>,
}

impl<'a> Titles<'a> {
    pub(super) fn new(forms: &'a [Form]) -> Self {
        let mut by_start: BTreeMap<Start, Vec<TitleKey>> = BTreeMap::new();
        let mut add = |key: String, at: (usize, usize)| {
            let Some(start) = start_of(&key) else { return };
            let alike = by_start.entry(start).or_default();
            match alike.iter_mut().find(|known| known.key == key) {
                Some(known) if known.places.contains(&at) => {}
                Some(known) => known.places.push(at),
                None => alike.push(TitleKey { key, places: vec![at] }),
            }
        };
        let on_paper: Vec<Cow<Form>> = forms.iter().map(Form::on_paper).collect();
        for (f, form) in on_paper.iter().enumerate() {
            for (i, field) in form.fields.iter().enumerate() {
                for title in std::iter::once(&field.title).chain(&field.aliases) {
                    title_keys(title, &field.unit).into_iter().for_each(|key| add(key, (f, i)));
                }
            }
        }
        let form_keys = forms
            .iter()
            .map(|form| {
                let titles = std::iter::once(&form.title).chain(&form.aliases);
                titles.map(|t| title_key(t)).filter(|k| !k.is_empty()).collect()
            })
            .collect();
        Self { forms: on_paper, by_start: by_start.into_iter().collect(), form_keys }
    }

    /// The form's title length if the text heads that form, else 0: longer titles are more telling.
    fn heading(&self, form: usize, key: &str) -> usize {
        let heads = |title: &&String| key.contains(title.as_str());
        self.form_keys[form].iter().filter(heads).map(|t| t.chars().count()).max().unwrap_or(0)
    }

    /// The forms that a text heads, most telling first.
    pub(super) fn headed_by(&self, text: &str) -> Vec<usize> {
        let key = title_key(text);
        let mut found: Vec<(usize, usize)> = (0..self.forms.len())
            .map(|f| (self.heading(f, &key), f))
            .filter(|(length, _)| *length > 0)
            .collect();
        found.sort_by_key(|&(length, f)| (std::cmp::Reverse(length), f));
        found.into_iter().map(|(_, f)| f).collect()
    }

    fn knows(&self, text: &str) -> bool {
        // Most texts of a sheet are data: a look at the first characters settles nearly all.
        let plain = |c: char| c.is_ascii_alphanumeric() || ('\u{4e00}'..='\u{9fff}').contains(&c);
        let settled = |&(c, next): &Start| plain(c) && next.is_none_or(plain);
        if start_of(text).filter(settled).is_some_and(|start| self.starting(start).is_empty()) {
            return false;
        }
        let compacted = compact(text);
        self.places(&compacted).is_some()
            || compacted.contains('(') && self.places(&without_unit(&compacted, "").0).is_some()
    }

    /// Forms and fields of a compact title.
    fn places(&self, compacted: &str) -> Option<&[(usize, usize)]> {
        let key = compact_key(compacted);
        let alike = self.starting(start_of(&key)?);
        alike.iter().find(|known| known.key == *key).map(|known| known.places.as_slice())
    }

    fn starting(&self, start: Start) -> &[TitleKey] {
        let at = self.by_start.binary_search_by_key(&start, |(start, _)| *start);
        at.map_or(&[], |at| &self.by_start[at].1)
    }
}

/// The titles of a column from the top down, with the rows in which they stand.
type Path<'s> = Vec<(u32, &'s str)>;

/// All header bands of a sheet, from top to bottom.
pub(super) fn find_blocks(sheet: &Sheet, titles: &Titles) -> Vec<Block> {
    let rows: Vec<(u32, &[Cell])> = sheet.rows().collect();
    let mut blocks: Vec<Block> = Vec::new();
    // The rows above the header of the last block.
    let mut own: &[(u32, &[Cell])] = &[];
    let fewest = usize::from(titles.forms.iter().all(|f| f.fields.len() != 1)) + 1;
    // 合计 may be the title of a column, but it is also how a line of totals begins.
    let is_total = |text: &str| ["合计", "总计", "共计", "小计"].contains(&&*compact(text));
    let mut at = 0;
    // One more than may be: the file is refused.
    while at < rows.len() && blocks.len() <= bounds::TABLES {
        let (_, cells) = rows[at];
        let texts = cells.iter().filter_map(Cell::text);
        let hits = texts.filter(|text| titles.knows(text) && !is_total(text)).take(2).count();
        if hits < fewest {
            at += 1;
            continue;
        }
        let floor = blocks.last().map_or(0, |b| b.last_header_row() + 1);
        let Some(mut block) = best_band(sheet, &rows, at, floor, titles) else {
            at += 1;
            continue;
        };
        let next = rows.partition_point(|(row, _)| *row <= block.last_row);
        block.title_row = titles_above(&rows, &block, floor);
        at = next;
        if let Some(previous) = blocks.last_mut()
            && let Some(page_row) = next_page(previous, &block, &rows, titles, own)
        {
            previous.skip.push((page_row, block.last_row));
            continue;
        }
        if let Some(previous) = blocks.last_mut() {
            previous.end_row = block.title_row;
        }
        own = &rows[rows_between(&rows, block.title_row, block.first_row)];
        blocks.push(block);
    }
    blocks
}

/// The same header again as the block before, on the next printed page: the first row of that page.
/// A return of its own says something of its own above its header, or stands below the signatures
/// of the one before; where neither 续表 nor 序号 tells that it goes on, it is not taken for a page.
fn next_page(
    previous: &Block,
    block: &Block,
    rows: &[(u32, &[Cell])],
    titles: &Titles,
    own: &[(u32, &[Cell])],
) -> Option<u32> {
    let same = previous.form == block.form
        && previous.columns.len() == block.columns.len()
        && previous
            .columns
            .iter()
            .zip(&block.columns)
            .all(|(a, b)| (a.column, a.field) == (b.column, b.field));
    if !same {
        return None;
    }
    let texts = own.iter().flat_map(|(_, cells)| cells.iter().filter_map(Cell::text));
    let own: BTreeSet<String> = texts.map(title_key).collect();
    let signs = |text: &str| {
        is_footer(text) && !own.contains(&title_key(text)) && !states_return(text, false)
    };
    let body = previous.last_header_row() + 1;
    let mut page_row = block.first_row;
    let mut continued = false;
    for (row, cells) in rows[rows_between(rows, body, block.first_row)].iter().rev() {
        let mut texts = cells.iter().map(Cell::text);
        if texts.all(|text| {
            text.is_some_and(|text| !signs(text) && says_again(text, &own, &mut continued))
        }) {
            page_row = *row;
            continue;
        }
        // A title of its own: another unit, another period, another table.
        let titles_itself = |text| states_return(text, true) || !titles.headed_by(text).is_empty();
        if cells.iter().filter_map(Cell::text).any(titles_itself) {
            return None;
        }
        break;
    }
    let above = &rows[rows_between(rows, body, page_row)];
    let first_texts = || above.iter().filter_map(|(_, cells)| cells.iter().find_map(Cell::text));
    let totalled = page_row < block.first_row
        && first_texts().any(|t| ["合计", "总计", "共计"].contains(&&*compact(t)));
    let apart = totalled || first_texts().any(is_footer);
    let goes_on = continued || counts_on(previous, block, page_row, rows);
    (!apart || goes_on).then_some(page_row)
}

/// Where the rows from `from` to before `to` stand.
fn rows_between(rows: &[(u32, &[Cell])], from: u32, to: u32) -> Range<usize> {
    let first = rows.partition_point(|(row, _)| *row < from);
    first..rows.partition_point(|(row, _)| *row < to).max(first)
}

/// Does the text say whose return it is or for which period, or leave that open?
fn states_return(text: &str, with_value: bool) -> bool {
    let compacted = compact(text);
    let of_return = |s: &Segment| s.label.is_of_return() && !(with_value && s.value.is_empty());
    segments(&compacted).iter().any(of_return)
}

/// Was the text said above the first header, perhaps without what a later page adds to it?
fn says_again(text: &str, own: &BTreeSet<String>, continued: &mut bool) -> bool {
    if furniture::is_page_mark(&compact(text)) {
        *continued |= furniture::without_continuation(&title_key(text)).1;
        return true;
    }
    let key = title_key(text);
    let (bare, marked) = furniture::without_continuation(&key);
    let again = own.contains(&key) || own.contains(&*bare);
    *continued |= again && marked && !own.contains(&key);
    // A label that was left open says nothing else.
    let open = || {
        let compacted = compact(text);
        let segments = segments(&compacted);
        !segments.is_empty() && segments.iter().all(|s| s.value.is_empty())
    };
    again || open()
}

/// Does 序号 under the second header go on where it ended above it?
fn counts_on(previous: &Block, block: &Block, page_row: u32, rows: &[(u32, &[Cell])]) -> bool {
    let Some(column) = block.columns.iter().find(|c| c.counts_lines).map(|c| c.column) else {
        return false;
    };
    let number = |(_, cells): &(u32, &[Cell])| {
        let cell = cells.iter().find(|c| c.column == column)?;
        match &cell.value {
            CellValue::Number(value) => Some(*value as i64),
            CellValue::Text(text) => compact(text).parse().ok(),
            _ => None,
        }
    };
    let (end, from) = (
        rows.partition_point(|(row, _)| *row < page_row),
        rows.partition_point(|(row, _)| *row <= block.last_row),
    );
    let above = rows[..end].iter().rev();
    let last = above.take_while(|(row, _)| *row > previous.last_row).find_map(number);
    let first = rows[from..].iter().take(3).find_map(number);
    matches!((last, first), (Some(last), Some(first)) if first == last + 1)
}

/// How well a form fits a band; compared field by field, larger is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fit {
    heading: usize,
    complete: bool,
    matched: usize,
    /// Header columns plus form fields: matched counts twice against it.
    of: usize,
}

impl Fit {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let headed = |f: &Self| f.heading;
        (headed(self), self.complete)
            .cmp(&(headed(other), other.complete))
            .then_with(|| (self.matched * other.of).cmp(&(other.matched * self.of)))
    }
}

/// Tries the bands around a row that holds known titles and takes the one that explains most.
fn best_band(
    sheet: &Sheet,
    rows: &[(u32, &[Cell])],
    seed: usize,
    floor: u32,
    titles: &Titles,
) -> Option<Block> {
    let seed_row = rows[seed].0;
    let mut best: Option<(usize, Block)> = None;
    // Smaller bands first: a taller one must explain more.
    for (above, below) in [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1)] {
        let Some(first_row) = seed_row.checked_sub(above).filter(|&r| r >= floor) else { continue };
        let last_row = merged_end(sheet, first_row, seed_row + below);
        if last_row - first_row > 3 {
            continue;
        }
        let columns = band_columns(sheet, first_row, last_row);
        let heading = || heading_text(rows, first_row, floor, &sheet.name);
        let Some((block, matched)) = match_forms(columns, heading, first_row, last_row, titles)
        else {
            continue;
        };
        // All titles of the form and nothing else: no taller band can explain more.
        let whole = matched == titles.forms[block.form].fields.len()
            && block.rivals.is_empty()
            && block.columns.iter().all(|c| c.field.is_some() || c.counts_lines);
        if best.as_ref().is_none_or(|(most, _)| matched > *most) {
            best = Some((matched, block));
        }
        if whole {
            break;
        }
    }
    best.map(|(_, block)| block)
}

/// The last row to which titles of the band are merged downwards.
pub(super) fn merged_end(sheet: &Sheet, first_row: u32, last_row: u32) -> u32 {
    let inside = sheet.merged.beginning_in(first_row, last_row + 1).iter();
    let reaches = inside.filter(|r| r.last_row > last_row && r.last_row - r.first_row < 4);
    reaches.map(|r| r.last_row).max().unwrap_or(last_row)
}

/// Path of titles of each used column; nothing if they are more than any form has.
pub(super) fn band_columns(sheet: &Sheet, first_row: u32, last_row: u32) -> Vec<(u16, Path<'_>)> {
    let from = sheet.cells.partition_point(|c| c.row < first_row);
    let to = sheet.cells.partition_point(|c| c.row <= last_row);
    let cells = &sheet.cells[from..to];
    let mut used: Vec<u16> = cells.iter().map(|c| c.column).collect();
    for region in sheet.merged.touching(first_row, last_row) {
        let has_text = region.first_row >= first_row
            && sheet.cell(region.first_row, region.first_column).is_some();
        if has_text && region.last_column - region.first_column < 256 {
            used.extend(region.first_column..=region.last_column);
        }
    }
    used.sort_unstable();
    used.dedup();
    if used.len() > bounds::HEADER_COLUMNS {
        return Vec::new();
    }
    let own = |row: u32, column: u16| sheet.cell(row, column).and_then(Cell::text);
    let is_merged = sheet.merged.touching(first_row, last_row).next().is_some();
    let region_at =
        |row: u32, column: u16| if is_merged { sheet.merged.at(row, column) } else { None };
    let mut columns = Vec::with_capacity(used.len());
    for &column in &used {
        let mut path: Path = Vec::new();
        for row in first_row..=last_row {
            let region = region_at(row, column);
            let (at, text) = match (own(row, column), region) {
                (Some(text), _) => ((row, column), Some(text)),
                (None, Some(r)) => {
                    ((r.first_row, r.first_column), own(r.first_row, r.first_column))
                }
                // A parent title spreads right over blanks where a child title stands below.
                (None, None) if row < last_row => spread(sheet, cells, row, last_row, column),
                (None, None) => ((row, column), None),
            };
            // A region merged downwards gives its text once.
            let again = region.is_some() && at.0 < row && at.0 >= first_row;
            if let Some(text) = text.filter(|_| !again) {
                path.push((at.0, text));
            }
        }
        if !path.is_empty() {
            columns.push((column, path));
        }
    }
    columns
}

fn spread<'s>(
    sheet: &'s Sheet,
    cells: &'s [Cell],
    row: u32,
    last_row: u32,
    column: u16,
) -> ((u32, u16), Option<&'s str>) {
    let child = (row + 1..=last_row).any(|r| sheet.cell(r, column).is_some());
    let left = cells[..cells.partition_point(|c| (c.row, c.column) < (row, column))].last();
    match left.filter(|cell| child && cell.row == row) {
        // A merged title ends where its region ends.
        Some(cell) if sheet.merged.at(cell.row, cell.column).is_none() => {
            ((cell.row, cell.column), cell.text())
        }
        _ => ((row, column), None),
    }
}

/// The texts above a band, where a form's title stands, and the sheet's name.
fn heading_text(rows: &[(u32, &[Cell])], first_row: u32, floor: u32, sheet_name: &str) -> String {
    let end = rows.partition_point(|(row, _)| *row < first_row);
    let mut heading = String::new();
    for (_, cells) in rows[..end].iter().rev().take(8).filter(|(row, _)| *row >= floor) {
        // A row of more texts is no line of titles.
        for text in cells.iter().filter_map(Cell::text).take(64) {
            heading.push_str(&title_key(text));
            heading.push('\n');
        }
    }
    heading.push_str(&title_key(sheet_name));
    heading
}

/// A column of a band with its titles in compact form, from the top down.
struct TitledColumn<'s> {
    column: u16,
    titles: Vec<Cow<'s, str>>,
    /// Row of the leaf title.
    row: u32,
    counts_lines: bool,
}

impl<'s> TitledColumn<'s> {
    fn new((column, path): (u16, Path<'s>)) -> Self {
        let titles: Vec<Cow<str>> = path.iter().map(|(_, text)| compact(text)).collect();
        let counts_lines = titles.last().is_some_and(|leaf| counts_lines(leaf));
        Self { column, titles, row: path.last().map_or(0, |(row, _)| *row), counts_lines }
    }
}

/// A column that may be a field of a form.
#[derive(Debug, Clone, Copy)]
struct Hit {
    form: usize,
    /// Among the columns of the band.
    column: usize,
    field: usize,
}

/// A form that a band may head.
struct Candidate<'h> {
    form: usize,
    hits: &'h [Hit],
    matched: usize,
    complete: bool,
    /// So many titles that the form is meant whatever stands above.
    enough: bool,
}

impl<'h> Candidate<'h> {
    /// `counted`: the columns of the band that hold data.
    fn new(hits: &'h [Hit], counted: usize, titles: &Titles) -> Option<Self> {
        let form = hits.first()?.form;
        let fields = &titles.forms[form].fields;
        let few = 2.min(fields.len());
        // Many forms share a title or two.
        if hits.len() < few && hits.len() * 3 < counted {
            return None;
        }
        let mut present = vec![false; fields.len()];
        hits.iter().for_each(|hit| present[hit.field] = true);
        let matched = present.iter().filter(|p| **p).count();
        let required = fields.iter().filter(|x| x.required).count();
        let met = fields.iter().zip(&present).filter(|(x, p)| x.required && **p).count();
        let enough = matched >= few && met * 2 >= required;
        (enough || matched * 3 >= counted).then_some(Self {
            form,
            hits,
            matched,
            complete: met == required,
            enough,
        })
    }
}

/// The form that a band fits best, with the number of columns that it explains. `heading` gives what
/// stands above the band.
fn match_forms(
    columns: Vec<(u16, Path)>,
    heading: impl FnOnce() -> String,
    first_row: u32,
    last_row: u32,
    titles: &Titles,
) -> Option<(Block, usize)> {
    let columns: Vec<TitledColumn> = columns.into_iter().map(TitledColumn::new).collect();
    let counted = columns.iter().filter(|column| !column.counts_lines).count();
    let hits = hits_by_form(&columns, titles);
    let of_form = hits.chunk_by(|a, b| a.form == b.form);
    let candidates: Vec<Candidate> =
        of_form.filter_map(|hits| Candidate::new(hits, counted, titles)).collect();
    let certain = matches!(candidates.as_slice(), [only] if only.enough);
    let heading = if certain { String::new() } else { heading() };
    let mut best: Option<(Fit, &Candidate)> = None;
    let mut rivals: Vec<usize> = Vec::new();
    for candidate in &candidates {
        let heading = titles.heading(candidate.form, &heading);
        if !candidate.enough && heading == 0 {
            continue;
        }
        let Candidate { form, matched, complete, .. } = *candidate;
        let of = counted + titles.forms[form].fields.len();
        let fit = Fit { heading, complete, matched, of };
        match best.as_ref().map(|(b, _)| fit.cmp(b)) {
            Some(std::cmp::Ordering::Less) => {}
            Some(std::cmp::Ordering::Equal) => rivals.push(form),
            _ => {
                best = Some((fit, candidate));
                rivals.clear();
            }
        }
    }
    let (_, &Candidate { form, hits, matched, .. }) = best?;
    let (columns, repeated) = assign(&columns, hits, &titles.forms[form]);
    let block = Block {
        form,
        rivals,
        first_row,
        last_row,
        columns,
        repeated,
        title_row: first_row,
        end_row: u32::MAX,
        flat: false,
        skip: Vec::new(),
    };
    Some((block, matched))
}

/// Of each form that has one of the titles, the field of each column: ordered by form and column.
fn hits_by_form(columns: &[TitledColumn], titles: &Titles) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for (column, titled) in columns.iter().enumerate() {
        let hit = |&(form, field): &(usize, usize)| Hit { form, column, field };
        read_path(&titled.titles, titles, |places| hits.extend(places.iter().map(hit)));
    }
    // Of a column's readings the first one for a form counts.
    hits.sort_by_key(|hit| (hit.form, hit.column));
    hits.dedup_by_key(|hit| (hit.form, hit.column));
    hits
}

/// 序号 only counts lines.
fn counts_lines(compacted: &str) -> bool {
    matches!(compact_key(compacted).as_ref(), "序号" | "序" | "行次" | "行号" | "编号序号")
}

/// Does the leaf of a path of titles say that the column counts lines?
pub(super) fn is_row_number(path: &[(u32, &str)]) -> bool {
    path.last().is_some_and(|(_, leaf)| counts_lines(&compact(leaf)))
}

/// Hands on what a path of compact titles may mean, most specific first.
fn read_path(path: &[Cow<str>], titles: &Titles, mut means: impl FnMut(&[(usize, usize)])) {
    for from in 0..path.len() {
        let joined = match &path[from..] {
            [only] => Cow::Borrowed(only.as_ref()),
            several => Cow::Owned(several.concat()),
        };
        titles.places(&joined).into_iter().for_each(&mut means);
        if joined.contains('(') {
            let bare = without_unit(&joined, "").0;
            titles.places(&bare).into_iter().for_each(&mut means);
        }
    }
    // A column whose unit is not a common one: `核桃(公斤)` when the field's unit is 公斤.
    if let Some(leaf) = path.last()
        && let Some(open) = leaf.find('(')
    {
        let declared = |&(f, i): &(usize, usize)| {
            let unit = compact(&titles.forms[f].fields[i].unit);
            !unit.is_empty() && leaf.ends_with(&format!("({unit})"))
        };
        let places = titles.places(&leaf[..open]).unwrap_or_default();
        places.iter().filter(|place| declared(place)).for_each(|&place| means(&[place]));
    }
}

/// Gives each column its field; of two columns for one field the first keeps it.
fn assign(
    columns: &[TitledColumn],
    hits: &[Hit],
    definition: &Form,
) -> (Vec<HeaderColumn>, Vec<(usize, u16)>) {
    let mut taken = vec![false; definition.fields.len()];
    let mut repeated = Vec::new();
    let mut assigned = Vec::with_capacity(columns.len());
    let mut hits = hits.iter().peekable();
    for (at, TitledColumn { column, titles, row, counts_lines }) in columns.iter().enumerate() {
        let mut field = hits.next_if(|hit| hit.column == at).map(|hit| hit.field);
        let counts_lines = field.is_none() && *counts_lines;
        if let Some(i) = field {
            if taken[i] {
                repeated.push((i, *column));
                field = None;
            } else {
                taken[i] = true;
            }
        }
        let own_unit = field.map_or("", |i| definition.fields[i].unit.as_str());
        let leaf = titles.last().map_or("", |title| title.as_ref());
        let unit = without_unit(leaf, own_unit).1;
        let title = titles.join("/");
        assigned.push(HeaderColumn {
            column: *column,
            title,
            unit,
            field,
            row: *row,
            counts_lines,
        });
    }
    (assigned, repeated)
}

/// Goes up from a header over its title rows: short rows that are no data of the block above.
fn titles_above(rows: &[(u32, &[Cell])], block: &Block, floor: u32) -> u32 {
    let mut first = block.first_row;
    if floor == 0 {
        return 0;
    }
    let end = rows.partition_point(|(row, _)| *row < block.first_row);
    for (row, cells) in rows[..end].iter().rev() {
        let texts: Vec<&str> = cells.iter().filter_map(Cell::text).collect();
        let only_texts = texts.len() == cells.len() && cells.len() <= 3;
        let footer = texts.first().is_some_and(|t| is_footer(t) && !states_return(t, false));
        if *row < floor || !only_texts || footer {
            break;
        }
        first = *row;
    }
    first
}

#[cfg(test)]
mod tests;
