//! What the lines around a table say: 填报单位, 报告期, 填报日期.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::dates::{self, Stated};
use super::text::compact;
use super::units::UnitIndex;
use super::workbook::{Cell, CellValue, Doubt, Sheet};
use crate::model::CellRef;

const UNIT_LABELS: &[&str] = &[
    "填报单位",
    "填报单位名称",
    "报送单位",
    "报送单位名称",
    "上报单位",
    "填表单位",
    "报表单位",
    "编报单位",
    "填报党委",
    "填报党组织",
];
/// Labels of the reporting unit, unless what they name is somebody else.
const NAME_LABELS: &[&str] = &["单位名称", "党委名称", "党组织名称"];
/// Mostly a unit of measure; the reporting unit where the register knows the name.
const SHORT_LABELS: &[&str] = &["单位"];
const PERIOD_LABELS: &[&str] = &[
    "报告期",
    "报表所属期",
    "所属时期",
    "所属期",
    "统计时期",
    "统计期",
    "统计时间",
    "报表期",
    "填报期",
];
const DATE_LABELS: &[&str] = &[
    "填报日期",
    "填表日期",
    "报出日期",
    "报送日期",
    "上报日期",
    "制表日期",
    "报出时间",
    "填报时间",
    "填表时间",
];
const PERSON_LABELS: &[&str] = &[
    "填表人",
    "填报人",
    "制表人",
    "审核人",
    "单位负责人",
    "负责人",
    "联系电话",
    "联系人",
    "电话",
    "制表",
    "审核",
    "签字",
];
/// Labels that only end the value before them.
const OTHER_LABELS: &[&str] = &["制表机关", "批准机关", "批准文号", "表号", "计量单位", "盖章"];
/// Labels of what is said in words; what stands before them says of which kind (情况说明).
const NOTE_LABELS: &[&str] = &["备注", "说明", "附注", "注"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Unit,
    /// 单位名称, 党委名称
    Name,
    /// 单位
    Short,
    Period,
    Date,
    /// Who signs, of whom to ask.
    Person,
    Note,
    Other,
}

impl Label {
    /// May what follows be units of measure: 单位：人、万元, 计量单位：元?
    pub(super) fn may_measure(self) -> bool {
        matches!(self, Self::Short | Self::Other)
    }

    /// Does it say whose return it is, or for which period?
    pub(super) fn is_of_return(self) -> bool {
        matches!(self, Self::Unit | Self::Name | Self::Period)
    }
}

/// A label inside a text, and what follows it up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'t> {
    pub label: Label,
    /// Where the label begins.
    pub from: usize,
    pub value: &'t str,
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub text: String,
    pub at: CellRef,
}

/// What a region of a sheet says about its return.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    pub units: Vec<Said>,
    /// What may name the unit, until the register has been asked.
    perhaps: Vec<(Perhaps, Said)>,
    /// Labelled, or a cell that is nothing but a period.
    pub periods: Vec<Said>,
    pub filed_on: Vec<Said>,
    /// A period inside a longer title.
    pub title_period: Option<(Stated, Said)>,
}

/// How strongly a text claims to name the reporting unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Perhaps {
    /// Behind 单位名称：
    Named,
    /// Behind 单位：, where measures stand too.
    Short,
    /// Beside such a label without a colon, which may be the title of a column.
    Beside,
    /// Alone in its cell.
    Alone,
}

impl Surroundings {
    /// Where nothing is labelled 填报单位, asks the register who is meant: first behind other labels,
    /// then, for the lines above a table, alone in a cell.
    pub(super) fn settle_units(&mut self, register: &UnitIndex, above_table: bool) {
        let known = |said: &Said| register.find(&said.text).is_some();
        let unknown = |how: Perhaps, said: &Said| match how {
            Perhaps::Named => true,
            Perhaps::Short => !register.near(&said.text).is_empty(),
            Perhaps::Beside | Perhaps::Alone => false,
        };
        let perhaps = std::mem::take(&mut self.perhaps);
        let labelled = |how| how != Perhaps::Alone;
        // Each way is tried only where the ones before it named nobody.
        let mut units = std::mem::take(&mut self.units);
        let mut or_else = |fits: &dyn Fn(Perhaps, &Said) -> bool| {
            if units.is_empty() {
                let fitting = perhaps.iter().filter(|(how, said)| fits(*how, said));
                units = fitting.map(|(_, said)| said.clone()).collect();
            }
        };
        or_else(&|how, said| labelled(how) && known(said));
        or_else(&unknown);
        or_else(&|how, said| above_table && !labelled(how) && known(said));
        self.units = units;
    }

    /// Reads the lines below a table: only what they label, because notes mention other periods.
    pub(super) fn read_below(&mut self, sheet: &Sheet, first: u32, end: u32) {
        let mut below = Self::default();
        below.scan(sheet, first, end, true);
        self.hear_units(below.units);
        below.perhaps.into_iter().for_each(|(how, said)| self.suppose(how, said));
        below.periods.into_iter().for_each(|said| hear(&mut self.periods, said));
        below.filed_on.into_iter().for_each(|said| hear(&mut self.filed_on, said));
    }

    pub(super) fn hear_units(&mut self, units: Vec<Said>) {
        units.into_iter().for_each(|said| hear(&mut self.units, said));
    }

    /// Reads the rows from `first` to before `end`.
    pub(super) fn read(&mut self, sheet: &Sheet, first: u32, end: u32) {
        self.scan(sheet, first, end, false);
    }

    fn scan(&mut self, sheet: &Sheet, first: u32, end: u32, only_labels: bool) {
        let from = sheet.cells.partition_point(|c| c.row < first);
        let to = sheet.cells.partition_point(|c| c.row < end);
        for (i, cell) in sheet.cells[from..to].iter().enumerate() {
            let at = CellRef::new(cell.row, cell.column);
            let CellValue::Text(text) = &cell.value else {
                if let Some(text) = month_shown(sheet, cell).filter(|_| !only_labels) {
                    hear(&mut self.periods, Said { text, at });
                }
                continue;
            };
            let right = sheet.cells[from..to].get(i + 1).filter(|next| next.row == cell.row);
            let labelled = self.read_labels(text, at, right, sheet);
            if !labelled && !only_labels && !self.read_period(text, at) {
                let text = value_of(&compact(text)).to_owned();
                self.suppose(Perhaps::Alone, Said { text, at });
            }
        }
    }

    /// Reads `填报单位:…` and the like; `false` when the cell labels nothing.
    fn read_labels(
        &mut self,
        text: &str,
        at: CellRef,
        right: Option<&Cell>,
        sheet: &Sheet,
    ) -> bool {
        let compacted = compact(text);
        let segments = segments(&compacted);
        for Segment { label, value, .. } in &segments {
            // The value may stand in the next cell.
            let said = if value.is_empty() {
                let Some(next) = right else { continue };
                let typed = || super::typing::raw_text(next, sheet.from_1904);
                let text = compact(&month_shown(sheet, next).unwrap_or_else(typed)).into_owned();
                let is_label = segments_start(&text);
                if is_label {
                    continue;
                }
                Said { text, at: CellRef::new(next.row, next.column) }
            } else {
                Said { text: (*value).to_owned(), at }
            };
            match label {
                Label::Unit => hear(&mut self.units, said),
                Label::Name | Label::Short if !compacted.contains(':') => {
                    self.suppose(Perhaps::Beside, said);
                }
                Label::Name => self.suppose(Perhaps::Named, said),
                Label::Short => self.suppose(Perhaps::Short, said),
                Label::Period => hear(&mut self.periods, said),
                Label::Date => hear(&mut self.filed_on, said),
                Label::Person | Label::Note | Label::Other => {}
            }
        }
        !segments.is_empty()
    }

    fn suppose(&mut self, how: Perhaps, said: Said) {
        let again = |known: &(Perhaps, Said)| known.0 == how && known.1.text == said.text;
        if self.perhaps.len() < MOST_SAID && !self.perhaps.iter().any(again) {
            self.perhaps.push((how, said));
        }
    }

    /// A period without a label: alone in its cell (`true`), or inside a title.
    fn read_period(&mut self, text: &str, at: CellRef) -> bool {
        let compacted = compact(text);
        // A date that stands alone is mostly the day of filing, or the value of the cell before.
        let alone = match dates::period(&compacted) {
            Some(Stated::Period(_)) => true,
            Some(Stated::Date(_)) => compacted.contains("截至") || compacted.contains("截止"),
            None => false,
        };
        if alone {
            hear(&mut self.periods, Said { text: compacted.into_owned(), at });
        } else if self.title_period.is_none()
            && let Some(stated) = dates::period_inside(&compacted)
        {
            self.title_period = Some((stated, Said { text: compacted.into_owned(), at }));
        }
        alone
    }
}

/// The month that a cell shows where it stores a day: 2013年10月 is kept as the first of October.
fn month_shown(sheet: &Sheet, cell: &Cell) -> Option<String> {
    let mut doubts = sheet.doubts_at(cell.row, cell.column);
    let only_month = doubts.any(|doubt| doubt == Doubt::DayUnseen)
        && sheet
            .doubts_at(cell.row, cell.column)
            .all(|doubt| !matches!(doubt, Doubt::MonthUnseen | Doubt::YearUnseen));
    let day = super::typing::raw_text(cell, sheet.from_1904);
    day.get(..7).filter(|_| only_month).map(str::to_owned)
}

/// So many different things contradict each other whatever else is said.
const MOST_SAID: usize = 20;

/// Keeps what is said where it is said first.
fn hear(known: &mut Vec<Said>, said: Said) {
    if known.len() < MOST_SAID && known.iter().all(|k| k.text != said.text) {
        known.push(said);
    }
}

fn segments_start(text: &str) -> bool {
    segments(text).first().is_some_and(|_| label_at(text).is_some())
}

/// Splits a compacted text at its labels: `填报单位:石匣乡报告期:2013年10月`.
pub(super) fn segments(text: &str) -> Vec<Segment<'_>> {
    // Most texts of a sheet are data: how they end settles nearly all.
    if !text.contains(':') && !text.ends_with(may_end_label) {
        return Vec::new();
    }
    let mut found: Vec<(Label, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if let Some((label, length)) = label_at(rest)
            && let Some(value_from) = after_label(rest, length)
            && (!matches!(label, Label::Name | Label::Short) || is_word_start(&text[..at]))
        {
            found.push((label, at, at + value_from));
            at += value_from;
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    let ends = found.iter().skip(1).map(|f| f.1).chain([text.len()]);
    found
        .iter()
        .zip(ends)
        .map(|(&(label, from, value_from), end)| {
            let value = value_of(&text[value_from..end.max(value_from)]);
            Segment { label, from, value }
        })
        .collect()
}

/// Does a word begin behind the text? 主管单位 is not whose return it is; 2013年10月单位 may be.
fn is_word_start(before: &str) -> bool {
    let ends_word = |c: char| !c.is_alphabetic() || "年月日度季".contains(c);
    before.chars().next_back().is_none_or(ends_word)
}

/// A value without the request for a stamp that forms print behind it.
fn value_of(text: &str) -> &str {
    let mut value = text.trim_matches([';', ',', '_']);
    for note in NOTES {
        value = value.strip_suffix(note).unwrap_or(value);
    }
    value.trim_matches(['(', ')', ';', ',', '_'])
}

/// What stands in brackets between a label and its colon, or behind the value.
pub(super) const NOTES: &[&str] =
    &["(盖章)", "(公章)", "(章)", "(签章)", "(签字)", "(全称)", "(签名)"];

/// Labels by their first characters, in the order of these: a text may be long, and is asked at each of
/// its characters.
struct ByFirst<T>(Vec<(char, Vec<(&'static str, T)>)>);

impl<T> ByFirst<T> {
    fn new(labels: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut by_first: BTreeMap<char, Vec<(&str, T)>> = BTreeMap::new();
        for (label, what) in labels {
            let first = label.chars().next().unwrap_or_default();
            by_first.entry(first).or_default().push((label, what));
        }
        Self(by_first.into_iter().collect())
    }

    /// Those that a text begins with.
    fn leading<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t (&'static str, T)> {
        let place = |first: char| self.0.binary_search_by_key(&first, |(first, _)| *first).ok();
        let at = text.chars().next().and_then(place);
        let labels = at.into_iter().flat_map(|at| &self.0[at].1);
        labels.filter(move |(label, _)| text.starts_with(label))
    }
}

/// The longest label at the beginning of a text, and its length.
pub(super) fn label_at(text: &str) -> Option<(Label, usize)> {
    let longest = LABELS.leading(text).max_by_key(|(label, _)| label.len());
    longest.map(|(label, kind)| (*kind, label.len()))
}

static LABELS: LazyLock<ByFirst<Label>> = LazyLock::new(|| {
    let kinds = [
        (Label::Unit, UNIT_LABELS),
        (Label::Name, NAME_LABELS),
        (Label::Short, SHORT_LABELS),
        (Label::Period, PERIOD_LABELS),
        (Label::Date, DATE_LABELS),
        (Label::Person, PERSON_LABELS),
        (Label::Note, NOTE_LABELS),
        (Label::Other, OTHER_LABELS),
    ];
    ByFirst::new(kinds.iter().flat_map(|(kind, labels)| labels.iter().map(|label| (*label, *kind))))
});

/// Does a label that has no colon end so, or what stands in brackets behind it?
fn may_end_label(c: char) -> bool {
    static ENDS: LazyLock<BTreeSet<char>> = LazyLock::new(|| {
        let labels = LABELS.0.iter().flat_map(|(_, labels)| labels).map(|(label, _)| *label);
        labels.chain(NOTES.iter().copied()).filter_map(|text| text.chars().next_back()).collect()
    });
    ENDS.contains(&c)
}

/// Where the value begins: after `(盖章)` and a colon; or at the end, if the label is all.
fn after_label(text: &str, length: usize) -> Option<usize> {
    let mut at = length;
    for note in NOTES {
        if text[at..].starts_with(note) {
            at += note.len();
        }
    }
    if text[at..].starts_with(':') {
        return Some(at + 1);
    }
    text[at..].is_empty().then_some(at)
}

/// Does a text begin the lines below a table: signatures, notes, date of filing?
pub(super) fn is_footer(text: &str) -> bool {
    let text = compact(text);
    const OTHERS: &[&str] = &[
        "填表说明",
        "填报说明",
        "填报单位",
        "报送单位",
        "主管领导",
        "分管领导",
        "党委书记",
        "统计员",
        "经办人",
    ];
    static FOOTERS: LazyLock<ByFirst<()>> = LazyLock::new(|| {
        let labels = [DATE_LABELS, PERSON_LABELS, NOTE_LABELS, OTHERS].into_iter().flatten();
        ByFirst::new(labels.map(|label| (*label, ())))
    });
    let unnumbered = text.trim_start_matches(['*', '※']);
    FOOTERS.leading(unnumbered).any(|(label, ())| {
        unnumbered.strip_prefix(label).is_some_and(|rest| {
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            rest.is_empty() || rest.starts_with([':', '(', '、', '.'])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::workbook::Shown;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let mut sheet = Sheet::new("表".into());
        for (row, cells) in (0u32..).zip(rows) {
            for (column, text) in (0u16..).zip(*cells) {
                if !text.is_empty() {
                    let value = CellValue::Text((*text).into());
                    sheet.cells.push(Cell { row, column, shown: Shown::Text, value });
                }
            }
        }
        sheet
    }

    fn texts(said: &[Said]) -> Vec<&str> {
        said.iter().map(|s| s.text.as_str()).collect()
    }

    #[test]
    fn labels_are_found_wherever_they_stand() {
        let mut surroundings = Surroundings::default();
        let sheet = sheet(&[
            &["左权县2013年10月党代表工作室月报"],
            &["填 报 单 位（盖章）：石匣乡党委    报告期：2013年10月", "", "单位：人"],
            &["填报日期", "2013年11月3日"],
            &["填表人：党员0001 审核人："],
        ]);
        surroundings.read(&sheet, 0, 10);
        assert_eq!(texts(&surroundings.units), ["石匣乡党委"]);
        assert_eq!(texts(&surroundings.periods), ["2013年10月"]);
        assert_eq!(texts(&surroundings.filed_on), ["2013年11月3日"]);
        assert_eq!(surroundings.filed_on[0].at.to_string(), "B3");
        assert!(surroundings.title_period.is_some());
    }

    #[test]
    fn a_period_may_stand_alone() {
        let mut surroundings = Surroundings::default();
        surroundings.read(&sheet(&[&["党代表工作室月报"], &["（2013年10月）"]]), 0, 10);
        assert_eq!(texts(&surroundings.periods), ["(2013年10月)"]);
    }

    #[test]
    fn notes_below_a_table_do_not_state_its_period() {
        let mut surroundings = Surroundings::default();
        let below = sheet(&[
            &["注：2012年12月为上年末数", "2012年"],
            &["填报单位：石匣乡党委（公章）", "填报日期：2013-11-03"],
        ]);
        surroundings.read_below(&below, 0, 10);
        assert!(surroundings.periods.is_empty() && surroundings.title_period.is_none());
        assert_eq!(texts(&surroundings.units), ["石匣乡党委"]);
        assert_eq!(texts(&surroundings.filed_on), ["2013-11-03"]);
    }

    #[test]
    fn footers_are_labels_not_words() {
        for text in
            ["填表人：张三", "说明：1.本表…", "审 核 人：", "注1：按规定", "单位负责人(签字)"]
        {
            assert!(is_footer(text), "{text}");
        }
        for text in ["说明书编写组党支部", "审核中心支部", "注水村", "负责人联席会支部"]
        {
            assert!(!is_footer(text), "{text}");
        }
    }
}
