//! 填报说明: for each form what a row is, until when it is due, and how each column is filled in.

use rust_xlsxwriter::Worksheet;

use super::{BlankForm, Handout, entry, protection};
use crate::definition::{Deadline, Field, Form};
use crate::model::handout::{ASKS_FOR_NONE, OWN_PAGE};
use crate::report::text;
use crate::report::workbook::page::Paper;
use crate::report::workbook::sheet::Sheet;
use crate::report::workbook::style::LineLook;

pub(super) const NAME: &str = "填报说明";

const TITLES: [&str; 5] = ["栏目", "计量单位", "怎么填", "要求", "说明"];
const LAST: u16 = 4;
const WIDTHS: [f64; 5] = [24.0, 9.0, 40.0, 18.0, 40.0];

pub(super) fn sheet(handout: &Handout, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?;
    sheet.line(OWN_PAGE, LAST, LineLook::Note)?;
    sheet.line(NAME, LAST, LineLook::Heading)?;
    for line in [
        "白色的格可以填写，表头、标题和合计行已锁定（没有密码）；行不够时在中间插入行，不要在合计行下面填。".to_owned(),
        "已填好的编号、名称和期初数取自上期审核通过的报表，不符的请先与上级核对；多出的行删去，新增的往下填。".to_owned(),
        "没有发生的填 0，不能空着；不知道的不要填 0。填完以后填写填报日期和填表人，整个文件一起报送。".to_owned(),
    ] {
        sheet.line(&line, LAST, LineLook::Note)?;
    }
    if !handout.perhaps.is_empty() {
        let titles: Vec<String> =
            handout.perhaps.iter().map(|form| format!("“{}”", form.title)).collect();
        let line = format!("视本期情况可能还应报{}，应报的向上级索取表样。", titles.join("、"));
        sheet.line(&line, LAST, LineLook::Note)?;
    }
    for blank in &handout.forms {
        describe(&mut sheet, handout, blank)?;
    }
    sheet.worksheet.protect_with_options(&protection());
    sheet.finish(LAST)
}

fn describe(sheet: &mut Sheet, handout: &Handout, blank: &BlankForm) -> anyhow::Result<()> {
    let form = blank.form;
    sheet.row += 1;
    sheet.keep_together();
    let title = text::form_title(handout.definition, &form.id);
    let period = text::period(handout.definition, &blank.period);
    sheet.line(&format!("{title}（{period}）"), LAST, LineLook::Heading)?;
    let due = form.due.map(Deadline::in_words).unwrap_or_else(|| "不考核".to_owned());
    let mut about = vec![format!("每行：{}。报送期限：{due}。", form.row)];
    if form.may_be_empty {
        about.push(format!("{ASKS_FOR_NONE}。"));
    }
    if !form.note.is_empty() {
        about.push(form.note.clone());
    }
    for line in about {
        sheet.line(&line, LAST, LineLook::Note)?;
    }
    sheet.header_row(&TITLES)?;
    for (field, choices) in form.fields.iter().zip(&blank.choices) {
        let Some(title) = title_on_paper(form, field) else { continue };
        let row = sheet.row;
        sheet.text((row, 0), &title, false)?;
        sheet.center((row, 1), &field.unit, false)?;
        sheet.text((row, 2), &entry::in_words(field, choices.as_ref()), false)?;
        sheet.text((row, 3), &demands(field), false)?;
        sheet.text((row, 4), &field.note, false)?;
        sheet.row += 1;
    }
    Ok(())
}

/// Of columns that are codes: no column has the title of the code, each has that of its values.
fn title_on_paper(form: &Form, field: &Field) -> Option<String> {
    let Some(unpivot) = &form.unpivot else { return Some(field.title.clone()) };
    let columns = || unpivot.columns.iter().map(|column| column.title.as_str());
    match field.name.as_str() {
        name if name == unpivot.dimension => None,
        name if name == unpivot.value => Some(columns().collect::<Vec<_>>().join("、")),
        _ => Some(field.title.clone()),
    }
}

fn demands(field: &Field) -> String {
    let blank = field.blank.map(|blank| blank.title());
    let filled = field.filled.then_some("不得空白");
    let yearly = field.cumulative.then_some("年内累计");
    filled.into_iter().chain(blank).chain(yearly).collect::<Vec<_>>().join("，")
}
