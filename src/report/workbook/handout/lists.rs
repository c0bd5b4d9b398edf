//! Lists too long for a cell's own drop-down, on a page of their own that can be read.

use rust_xlsxwriter::{Worksheet, utility::column_number_to_name};

use super::protection;
use crate::model::handout::OWN_PAGE;
use crate::report::workbook::style::Styles;

pub(super) const NAME: &str = "代码表";

/// Row of the titles; the values stand below.
const TITLES: u32 = 1;

pub(super) struct Lists {
    name: String,
    lists: Vec<(String, Vec<String>)>,
}

impl Lists {
    pub(super) fn new(name: String) -> Self {
        Self { name, lists: Vec::new() }
    }

    /// Where the values stand; the same list is written once.
    pub(super) fn range(&mut self, title: &str, values: &[String]) -> String {
        let known = self.lists.iter().position(|(_, known)| known == values);
        let at = known.unwrap_or_else(|| {
            self.lists.push((title.to_owned(), values.to_vec()));
            self.lists.len() - 1
        });
        let column = column_number_to_name(u16::try_from(at).unwrap_or(u16::MAX));
        let first = TITLES + 2;
        let last = TITLES as usize + 1 + values.len();
        format!("='{}'!${column}${first}:${column}${last}", self.name)
    }

    pub(super) fn sheet(&self) -> anyhow::Result<Option<Worksheet>> {
        if self.lists.is_empty() {
            return Ok(None);
        }
        let styles = Styles::new();
        let mut sheet = Worksheet::new();
        sheet.set_name(&self.name)?;
        sheet.write_string_with_format(0, 0, OWN_PAGE, &styles.plain)?;
        for (column, (title, values)) in (0..).zip(&self.lists) {
            sheet.write_string_with_format(TITLES, column, title, &styles.header)?;
            for (row, value) in (TITLES + 1..).zip(values) {
                sheet.write_string_with_format(row, column, value, &styles.cell)?;
            }
            sheet.set_column_width(column, 24)?;
        }
        sheet.set_freeze_panes(TITLES + 1, 0)?;
        sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        sheet.protect_with_options(&protection());
        Ok(Some(sheet))
    }
}
