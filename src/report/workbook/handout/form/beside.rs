//! Forms that are no table, as they are handed out: titles beside their cells, two pairs a line, or
//! below each other with a column for each row.

use super::super::{BlankForm, lists::Lists};
use super::{FIRST, HEADER, Page, header_text};
use crate::definition::{Form, Layout};
use crate::model::Value;

/// Pairs of a title and its cell in one line.
const PAIRS: u16 = 2;
/// Columns of a transposed form that has none filled in yet.
const COLUMNS: usize = 8;

/// The form with the columns of its sheet, and a row for each of its lines.
pub(super) fn on_paper<'b>(blank: &BlankForm, form: &'b Form) -> BlankForm<'b> {
    let Some(unpivot) = &blank.form.unpivot else {
        let (rows, choices) = (blank.rows.clone(), blank.choices.clone());
        return BlankForm { form, period: blank.period.clone(), rows, choices };
    };
    let beside: Vec<usize> = blank.form.fields_beside(unpivot).map(|(index, _)| index).collect();
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for row in &blank.rows {
        let own = beside.iter().map(|&index| row.get(index).cloned().unwrap_or(Value::Missing));
        let mut line: Vec<Value> = own.collect();
        line.resize(form.fields.len(), Value::Missing);
        if !rows.contains(&line) {
            rows.push(line);
        }
    }
    let own = beside.iter().map(|&index| blank.choices.get(index).cloned().flatten());
    let mut choices: Vec<_> = own.collect();
    choices.resize_with(form.fields.len(), || None);
    BlankForm { form, period: blank.period.clone(), rows, choices }
}

/// The last column, and the rows to be filled in.
pub(super) fn extent(blank: &BlankForm) -> anyhow::Result<(u16, u32)> {
    let fields = blank.form.fields.len();
    Ok(match blank.form.layout {
        Layout::KeyValue => (2 * PAIRS - 1, u32::try_from(fields.div_ceil(usize::from(PAIRS)))?),
        _ => (u16::try_from(blank.rows.len().max(COLUMNS))?, u32::try_from(fields)?),
    })
}

impl Page<'_> {
    /// Sets the columns' widths; gives their sum in pixels.
    pub(super) fn beside_widths(&mut self) -> anyhow::Result<u32> {
        let mut pixels = 0.0;
        for column in 0..=self.last {
            let is_title = match self.form().layout {
                Layout::KeyValue => column % 2 == 0,
                _ => column < FIRST,
            };
            let width = if is_title { 22.0 } else { 16.0 };
            self.sheet.set_column_width(column, width)?;
            pixels += width * 7.0 + 5.0;
        }
        Ok(pixels as u32)
    }

    pub(super) fn beside(&mut self, lists: &mut Lists) -> anyhow::Result<()> {
        let blank = self.blank;
        let head = self.styles.header.clone();
        for (index, field) in blank.form.fields.iter().enumerate() {
            let at = u16::try_from(index)?;
            let (row, title, columns) = match blank.form.layout {
                Layout::KeyValue => {
                    let title = at % PAIRS * 2;
                    (HEADER + u32::from(at / PAIRS), title, title + 1..title + 2)
                }
                _ => (HEADER + u32::from(at), 0, FIRST..self.last + 1),
            };
            self.pages.set_height(row, 24.0);
            self.sheet.write_string_with_format(row, title, header_text(field), &head)?;
            for (place, column) in columns.clone().enumerate() {
                self.cell((row, column), index, blank.rows.get(place))?;
            }
            self.rule((row, columns.start), (row, columns.end - 1), index, lists)?;
        }
        Ok(())
    }
}
