//! Cell formats: fonts by name (never embedded), thin grids, number formats by measure.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, FormatUnderline};

use crate::model::{Decimal, difference_measure};

const TITLE_FONT: &str = "方正小标宋简体";
const HEADING_FONT: &str = "黑体";
const TEXT_FONT: &str = "仿宋";

/// Below 五号, because rows are close.
const TEXT_SIZE: f64 = 10.0;
/// 小五
const NOTE_SIZE: f64 = 9.0;
const HEADER_FILL: u32 = 0x00E7_ECF3;
const LINK: u32 = 0x0005_63C1;
const TOTAL_FILL: u32 = 0x00F5_F5F5;

/// How a line over the whole width looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineLook {
    Title,
    Subtitle,
    Heading,
    Note,
    /// A note flush right: 单位.
    Right,
    /// A note in the middle.
    Notice,
}

pub(super) struct Styles {
    /// 2号 小标宋, centred.
    pub(super) title: Format,
    pub(super) subtitle: Format,
    /// 黑体, for the heading of a table.
    pub(super) heading: Format,
    /// Text without a grid: notes below tables.
    pub(super) note: Format,
    pub(super) note_right: Format,
    pub(super) notice: Format,
    pub(super) plain: Format,
    pub(super) header: Format,
    pub(super) cell: Format,
    pub(super) center: Format,
    /// Text that leads somewhere.
    pub(super) link: Format,
    pub(super) total: Format,
    pub(super) total_center: Format,
    numbers: BTreeMap<(String, bool), Format>,
}

impl Styles {
    pub(super) fn new() -> Self {
        let text = || Format::new().set_font_name(TEXT_FONT).set_font_size(TEXT_SIZE);
        let grid = || text().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let center = || grid().set_align(FormatAlign::Center);
        let note = || {
            text().set_font_size(NOTE_SIZE).set_text_wrap().set_align(FormatAlign::VerticalCenter)
        };
        let heading = |font: &str, size: u8| {
            let heading = Format::new().set_font_name(font).set_font_size(size).set_text_wrap();
            heading.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter)
        };
        Self {
            title: heading(TITLE_FONT, 22),
            subtitle: heading(TEXT_FONT, 16),
            heading: heading(HEADING_FONT, 14),
            note: note(),
            note_right: note().set_align(FormatAlign::Right),
            notice: note().set_align(FormatAlign::Center),
            plain: text(),
            header: center()
                .set_font_name(HEADING_FONT)
                .set_font_size(NOTE_SIZE)
                .set_text_wrap()
                .set_background_color(HEADER_FILL),
            cell: grid().set_text_wrap(),
            center: center().set_text_wrap(),
            link: grid()
                .set_text_wrap()
                .set_font_color(LINK)
                .set_underline(FormatUnderline::Single),
            total: grid().set_bold().set_text_wrap().set_background_color(TOTAL_FILL),
            total_center: center().set_bold().set_text_wrap().set_background_color(TOTAL_FILL),
            numbers: BTreeMap::new(),
        }
    }

    pub(super) fn line(&self, look: LineLook) -> &Format {
        match look {
            LineLook::Title => &self.title,
            LineLook::Subtitle => &self.subtitle,
            LineLook::Heading => &self.heading,
            LineLook::Note => &self.note,
            LineLook::Right => &self.note_right,
            LineLook::Notice => &self.notice,
        }
    }

    /// A number with this Excel number format; `total` for the 合计 row.
    pub(super) fn number(&mut self, number_format: &str, total: bool) -> &Format {
        let base = if total { &self.total } else { &self.cell };
        self.numbers.entry((number_format.to_owned(), total)).or_insert_with(|| {
            base.clone().set_align(FormatAlign::Right).set_num_format(number_format)
        })
    }

    pub(super) fn text(&self, total: bool) -> &Format {
        if total { &self.total } else { &self.cell }
    }

    pub(super) fn centered(&self, total: bool) -> &Format {
        if total { &self.total_center } else { &self.center }
    }
}

/// `0`, `0.00`: as many places as the number is printed with.
pub(super) fn plain_format(value: Decimal) -> String {
    zeros(value.places)
}

/// `0.0%` for shares (stored as fractions), `0.00"分"` for others.
pub(super) fn value_format(value: Decimal, measure: &str) -> String {
    match measure {
        "%" => format!("{}%", zeros(value.places)),
        "" => zeros(value.places),
        other => format!("{}{}", zeros(value.places), quoted(other)),
    }
}

/// `+0.0"个百分点";-0.0"个百分点";0.0"个百分点"`
pub(super) fn change_format(value: Decimal, measure: &str) -> String {
    let number = format!("{}{}", zeros(value.places), quoted(difference_measure(measure)));
    format!("+{number};-{number};{number}")
}

/// `"↑"0.0;"↓"0.0;"持平"`
pub(super) fn arrow_format(value: Decimal) -> String {
    let number = zeros(value.places);
    format!("\"↑\"{number};\"↓\"{number};\"持平\"")
}

fn zeros(places: u8) -> String {
    if places == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(usize::from(places))) }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\"{}\"", text.replace('"', "")) }
}
