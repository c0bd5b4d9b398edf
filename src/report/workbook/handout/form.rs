//! One form on its sheet, as the official paper looks: title, who and when, the header with titles
//! over several columns, rows to fill in, 合计, who signs.

mod beside;

use std::ops::Range;

use rust_xlsxwriter::{Format, FormatAlign, Formula, Worksheet, utility::column_number_to_name};

use super::lists::Lists;
use super::{BlankForm, Handout, entry, protection};
use crate::definition::{Field, FieldType, Form, Layout};
use crate::model::handout::ASKS_FOR_NONE;
use crate::model::{Decimal, Value};
use crate::report::text;
use crate::report::workbook::page::{Pages, Paper};
use crate::report::workbook::style::Styles;

/// Rows above the header: title, who and when, number of the form.
const HEADER: u32 = 3;
/// 序号
const NUMBERS: u16 = 0;
const FIRST: u16 = 1;

/// Empty rows below those that are there, where a unit may have any number.
const SPARE: usize = 20;

struct Page<'a> {
    handout: &'a Handout<'a>,
    blank: &'a BlankForm<'a>,
    sheet: Worksheet,
    pages: Pages,
    styles: Styles,
    last: u16,
    /// Rows to be filled in.
    body: Range<u32>,
}

pub(super) fn sheet(
    handout: &Handout,
    blank: &BlankForm,
    name: &str,
    lists: &mut Lists,
) -> anyhow::Result<Worksheet> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    let pages = Pages::new(&mut sheet, Paper::Landscape);
    if blank.form.layout != Layout::Table {
        return without_header(handout, blank, sheet, pages, lists);
    }
    let form = blank.form.on_paper();
    let blank = &beside::on_paper(blank, &form);
    let from = HEADER + if form.headings.is_empty() { 1 } else { 2 };
    let rows = u32::try_from(capacity(blank))?;
    let mut page = Page {
        handout,
        blank,
        sheet,
        pages,
        styles: Styles::new(),
        last: u16::try_from(form.fields.len())?,
        body: from..from + rows,
    };
    let width = page.widths()?;
    page.titles()?;
    page.header()?;
    page.rows(lists)?;
    let end = page.below()?;
    let Page { mut sheet, pages, last, body, .. } = page;
    sheet.set_freeze_panes(body.start, FIRST)?;
    sheet.set_repeat_rows(HEADER, body.start - 1)?;
    sheet.protect_with_options(&protection());
    pages.apply(&mut sheet, (end, last), width)?;
    Ok(sheet)
}

/// A form whose titles stand beside their cells.
fn without_header(
    handout: &Handout,
    blank: &BlankForm,
    sheet: Worksheet,
    pages: Pages,
    lists: &mut Lists,
) -> anyhow::Result<Worksheet> {
    let (last, rows) = beside::extent(blank)?;
    let (styles, body) = (Styles::new(), HEADER..HEADER + rows);
    let mut page = Page { handout, blank, sheet, pages, styles, last, body };
    let width = page.beside_widths()?;
    page.titles()?;
    page.beside(lists)?;
    let end = page.signed(page.body.end)?;
    let Page { mut sheet, pages, last, .. } = page;
    sheet.protect_with_options(&protection());
    pages.apply(&mut sheet, (end, last), width)?;
    Ok(sheet)
}

/// Rows to print: one where the row is the unit itself, none to spare where they are items.
fn capacity(blank: &BlankForm) -> usize {
    let form = blank.form;
    let own =
        |name: &String| form.field(name).is_some_and(|f| f.refers_to.as_deref() == Some("unit"));
    let there = blank.rows.len();
    if form.items.is_some() && there > 0
        || form.primary_key.len() == 1 && form.primary_key.iter().all(own)
    {
        return there.max(1);
    }
    there + SPARE.max(there / 10)
}

/// The title with the unit of measure, which tells 95 from 0.95.
fn header_text(field: &Field) -> String {
    match field.title.contains(['(', '（']) || field.unit.is_empty() {
        true => field.title.clone(),
        false => format!("{}({})", field.title, field.unit),
    }
}

impl Page<'_> {
    fn form(&self) -> &Form {
        self.blank.form
    }

    fn fields(&self) -> impl Iterator<Item = (u16, &Field)> {
        (FIRST..).zip(&self.blank.form.fields)
    }

    fn unlocked(look: &Format) -> Format {
        look.clone().set_unlocked()
    }

    /// Sets the columns' widths; gives their sum in pixels.
    fn widths(&mut self) -> anyhow::Result<u32> {
        let mut pixels = 47.0;
        self.sheet.set_column_width(NUMBERS, 6)?;
        let widths: Vec<(u16, f64)> = self
            .fields()
            .map(|(column, field)| {
                let least: f64 = match field.kind {
                    FieldType::Text => 16.0,
                    FieldType::Code if field.codelist.is_none() => 15.0,
                    FieldType::Date => 11.5,
                    FieldType::Boolean => 7.0,
                    _ => 8.0,
                };
                // A title wraps into three lines.
                let title = text::columns(&header_text(field)) as f64 / 3.0 + 3.0;
                (column, least.max(title).max(self.longest_key(column, field)))
            })
            .collect();
        for (column, width) in widths {
            self.sheet.set_column_width(column, width)?;
            pixels += width * 7.0 + 5.0;
        }
        Ok(pixels as u32)
    }

    /// Room for the codes that are there: they do not wrap.
    fn longest_key(&self, column: u16, field: &Field) -> f64 {
        let index = usize::from(column - FIRST);
        let texts = self.blank.rows.iter().filter_map(|values| match values.get(index) {
            Some(Value::Text(text)) if field.kind == FieldType::Code => Some(text::columns(text)),
            _ => None,
        });
        texts.max().unwrap_or(0) as f64 * 1.15 + 2.0
    }

    /// A text over several columns, or in one.
    fn over(
        &mut self,
        row: u32,
        columns: Range<u16>,
        text: &str,
        look: &Format,
    ) -> anyhow::Result<()> {
        if columns.len() < 2 {
            self.sheet.write_string_with_format(row, columns.start, text, look)?;
        } else {
            self.sheet.merge_range(row, columns.start, row, columns.end - 1, text, look)?;
        }
        Ok(())
    }

    /// Texts side by side, each over its share of the columns; in one line where these are few.
    fn side_by_side(&mut self, row: u32, texts: &[&str], look: &Format) -> anyhow::Result<()> {
        let width = self.last + 1;
        let share = width / u16::try_from(texts.len())?;
        if share < 2 {
            return self.over(row, 0..width, &texts.join("　　"), look);
        }
        for (place, text) in (0u16..).zip(texts) {
            let last = usize::from(place) + 1 == texts.len();
            let end = if last { width } else { (place + 1) * share };
            self.over(row, place * share..end, text, look)?;
        }
        Ok(())
    }

    fn titles(&mut self) -> anyhow::Result<()> {
        let look = self.styles.title.clone();
        let title = self.form().title.clone();
        self.over(0, 0..self.last + 1, &title, &look)?;
        self.pages.set_height(0, 40.0);
        let look = Self::unlocked(&self.styles.note);
        let period = text::period(self.handout.definition, &self.blank.period);
        let unit = format!("填报单位：{}", self.handout.unit.name);
        let period = format!("报告期：{period}");
        self.side_by_side(1, &[&unit, &period, "填报日期：　　　年　　月　　日"], &look)?;
        let look = self.styles.note.clone();
        let number = match self.form().number.as_str() {
            "" => String::new(),
            number => format!("表号：{number}"),
        };
        let maker = format!("制表机关：{}", self.handout.definition.settings.report.organisation);
        let asked = if self.form().may_be_empty { ASKS_FOR_NONE } else { "" };
        let texts: Vec<&str> =
            [number.as_str(), &maker, asked].into_iter().filter(|t| !t.is_empty()).collect();
        self.side_by_side(2, &texts, &look)?;
        self.pages.set_height(1, 20.0);
        self.pages.set_height(2, 20.0);
        Ok(())
    }

    fn header(&mut self) -> anyhow::Result<()> {
        let look = self.styles.header.clone();
        let bottom = self.body.start - 1;
        let mut heads: Vec<(u16, String, Option<String>)> =
            vec![(NUMBERS, "序号".to_owned(), None)];
        heads.extend(self.fields().map(|(column, field)| {
            let over = self.form().heading_over(field).map(str::to_owned);
            (column, header_text(field), over)
        }));
        for (column, title, over) in &heads {
            match over {
                Some(_) => {
                    self.sheet.write_string_with_format(bottom, *column, title, &look)?;
                }
                None if bottom > HEADER => {
                    self.sheet.merge_range(HEADER, *column, bottom, *column, title, &look)?;
                }
                None => {
                    self.sheet.write_string_with_format(bottom, *column, title, &look)?;
                }
            }
        }
        for group in heads.chunk_by(|a, b| a.2.is_some() && a.2 == b.2) {
            if let [(first, _, Some(title)), ..] = group {
                let end = first + u16::try_from(group.len())?;
                self.over(HEADER, *first..end, title, &look)?;
                self.pages.set_height(HEADER, 20.0);
            }
        }
        self.pages.set_height(bottom, 46.0);
        Ok(())
    }

    fn rows(&mut self, lists: &mut Lists) -> anyhow::Result<()> {
        let numbered = Self::unlocked(&self.styles.center);
        for (number, row) in (1u32..).zip(self.body.clone()) {
            self.pages.set_height(row, 20.0);
            self.sheet.write_number_with_format(row, NUMBERS, f64::from(number), &numbered)?;
        }
        let blank = self.blank;
        for index in 0..blank.form.fields.len() {
            let column = FIRST + u16::try_from(index)?;
            for (place, row) in self.body.clone().enumerate() {
                self.cell((row, column), index, blank.rows.get(place))?;
            }
            let (first, last) = (self.body.start, self.body.end - 1);
            self.rule((first, column), (last, column), index, lists)?;
        }
        Ok(())
    }

    /// A cell to be filled in, with what stands in it already.
    fn cell(
        &mut self,
        at: (u32, u16),
        index: usize,
        values: Option<&Vec<Value>>,
    ) -> anyhow::Result<()> {
        let field = &self.blank.form.fields[index];
        let align = if field.kind.is_number() { FormatAlign::Right } else { FormatAlign::Left };
        let look = Self::unlocked(&self.styles.cell)
            .set_align(align)
            .set_num_format(entry::number_format(field));
        let value = values.and_then(|values| values.get(index)).unwrap_or(&Value::Missing);
        entry::write(&mut self.sheet, at, value, &look)
    }

    /// What may be typed into the cells of a field.
    fn rule(
        &mut self,
        first: (u32, u16),
        last: (u32, u16),
        index: usize,
        lists: &mut Lists,
    ) -> anyhow::Result<()> {
        let blank = self.blank;
        let choices = blank.choices.get(index).and_then(Option::as_ref);
        if let Some(rule) = entry::rule(&blank.form.fields[index], choices, lists)? {
            self.sheet.add_data_validation(first.0, first.1, last.0, last.1, &rule)?;
        }
        Ok(())
    }

    /// 合计 and who signs; gives the number of rows of the sheet.
    fn below(&mut self) -> anyhow::Result<u32> {
        let mut row = self.body.end;
        if self.form().fields.iter().any(Field::is_additive) {
            self.totals(row)?;
            row += 1;
        }
        self.signed(row)
    }

    /// Who signs; gives the number of rows of the sheet.
    fn signed(&mut self, row: u32) -> anyhow::Result<u32> {
        let look = Self::unlocked(&self.styles.note);
        self.side_by_side(row, &["单位负责人：", "审核人：", "填表人：", "联系电话："], &look)?;
        self.pages.set_height(row, 24.0);
        Ok(row + 1)
    }

    fn totals(&mut self, row: u32) -> anyhow::Result<()> {
        self.sheet.write_string_with_format(row, NUMBERS, "合计", &self.styles.total_center)?;
        let blank = self.blank;
        for (index, field) in blank.form.fields.iter().enumerate() {
            let column = FIRST + u16::try_from(index)?;
            let format = entry::number_format(field);
            if !field.is_additive() {
                self.sheet.write_blank(row, column, &self.styles.total)?;
                continue;
            }
            let letter = column_number_to_name(column);
            let (first, last) = (self.body.start + 1, self.body.end);
            // Nothing typed is no zero.
            let range = format!("{letter}{first}:{letter}{last}");
            let sum = Formula::new(format!("=IF(COUNT({range})=0,\"\",SUM({range}))"))
                .set_result(sum(field, &blank.rows, index));
            let look = self.styles.number(&format, true).clone();
            self.sheet.write_formula_with_format(row, column, sum, &look)?;
        }
        Ok(())
    }
}

fn sum(field: &Field, rows: &[Vec<Value>], index: usize) -> String {
    let zero = Decimal::new(0, if field.kind.is_fractional() { field.decimals } else { 0 });
    let mut numbers = rows.iter().filter_map(|values| match values.get(index) {
        Some(Value::Integer(number)) => Some(Decimal::integer(*number)),
        Some(Value::Decimal(number)) => Some(*number),
        _ => None,
    });
    let first = numbers.next().map(|number| numbers.fold(zero.plus(number), Decimal::plus));
    first.map(|sum| sum.to_string()).unwrap_or_default()
}
