//! One column of cells to be filled in: how they look, and what may be typed into them.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Format,
};

use super::lists::Lists;
use crate::definition::{Choices, Field, FieldType};
use crate::model::{Decimal, Value, date_of};
use crate::report::workbook::sheet::excel;

/// Excel takes so many characters of a list that stands in the cell itself.
const LONGEST_LIST: usize = 200;
/// Longest hint and title beside a cell.
const LONGEST_HINT: usize = 240;

/// Number format of the cells of a field. Codes are text: Excel would cut long ones.
pub(super) fn number_format(field: &Field) -> String {
    match field.kind {
        FieldType::Integer => "0".to_owned(),
        FieldType::Decimal | FieldType::Percent | FieldType::Money => {
            match usize::from(field.decimals) {
                0 => "0".to_owned(),
                places => format!("0.{}", "0".repeat(places)),
            }
        }
        FieldType::Date => "yyyy-mm-dd".to_owned(),
        FieldType::Boolean => "General".to_owned(),
        FieldType::Month | FieldType::Code | FieldType::Text => "@".to_owned(),
    }
}

/// Writes what stands in a cell already.
pub(super) fn write(
    sheet: &mut rust_xlsxwriter::Worksheet,
    at: (u32, u16),
    value: &Value,
    look: &Format,
) -> anyhow::Result<()> {
    let (row, column) = at;
    match value {
        Value::Missing => sheet.write_blank(row, column, look)?,
        Value::Integer(number) => {
            let number = excel(Decimal::integer(*number));
            sheet.write_number_with_format(row, column, number, look)?
        }
        Value::Decimal(number) => {
            sheet.write_number_with_format(row, column, excel(*number), look)?
        }
        Value::Date(days) => match date_of(*days) {
            Some(day) => {
                let (month, of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                let year = u16::try_from(day.year()).unwrap_or_default();
                let day = ExcelDateTime::from_ymd(year, month, of_month)?;
                sheet.write_datetime_with_format(row, column, &day, look)?
            }
            None => sheet.write_blank(row, column, look)?,
        },
        Value::Boolean(_) | Value::Text(_) => {
            sheet.write_string_with_format(row, column, value.to_string(), look)?
        }
    };
    Ok(())
}

/// What may be typed, with a hint; `None` where there is nothing to say.
pub(super) fn rule(
    field: &Field,
    choices: Option<&Choices>,
    lists: &mut Lists,
) -> anyhow::Result<Option<DataValidation>> {
    let (rule, expected) = match (choices, field.kind) {
        (Some(choices), _) => (listed(field, choices, lists)?, "从下拉列表中选".to_owned()),
        (None, FieldType::Boolean) => {
            (DataValidation::new().allow_list_strings(&["是", "否"])?, "填“是”或“否”".to_owned())
        }
        (None, kind) if kind.is_number() => (number(field), number_in_words(field)),
        (None, FieldType::Date) => {
            let (first, last) =
                (ExcelDateTime::from_ymd(1900, 1, 1)?, ExcelDateTime::from_ymd(2099, 12, 31)?);
            let rule = DataValidation::new().allow_date(DataValidationRule::Between(first, last));
            (rule, "日期，如 2013-10-25".to_owned())
        }
        (None, FieldType::Month) => {
            (DataValidation::new().allow_any_value(), "年月，如 2013-10".to_owned())
        }
        _ if field.note.is_empty() => return Ok(None),
        _ => (DataValidation::new().allow_any_value(), String::new()),
    };
    let said: Vec<&str> =
        [expected.as_str(), field.note.as_str()].into_iter().filter(|t| !t.is_empty()).collect();
    let hint: String = said.join("；").chars().take(LONGEST_HINT).collect();
    let title: String = field.title.chars().take(30).collect();
    let open = choices.is_some_and(|choices| !choices.closed);
    let style = match open || !field.zero_values.is_empty() || !field.missing_values.is_empty() {
        // Something else may be right as well: asked, not refused.
        true if choices.is_none_or(|choices| !choices.closed) => DataValidationErrorStyle::Warning,
        _ => DataValidationErrorStyle::Stop,
    };
    let rule = rule
        .set_input_title(&title)?
        .set_input_message(&hint)?
        .set_error_title(&title)?
        .set_error_message(if expected.is_empty() { &hint } else { &expected })?
        .set_error_style(style);
    Ok(Some(rule))
}

fn listed(field: &Field, choices: &Choices, lists: &mut Lists) -> anyhow::Result<DataValidation> {
    let length: usize = choices.values.iter().map(|value| value.chars().count() + 1).sum();
    let plain = |value: &String| !value.contains([',', '"']);
    if length <= LONGEST_LIST && choices.values.iter().all(plain) {
        return Ok(DataValidation::new().allow_list_strings(&choices.values)?);
    }
    let range = lists.range(&field.title, &choices.values);
    Ok(DataValidation::new().allow_list_formula(range.as_str().into()))
}

fn number(field: &Field) -> DataValidation {
    let (least, most) = field.range();
    let rule = DataValidation::new();
    if field.kind == FieldType::Integer {
        let whole = |bound: Decimal| i32::try_from(bound.units).unwrap_or(i32::MAX);
        let least = least.map_or(i32::MIN, whole);
        return rule.allow_whole_number(match most {
            Some(most) => DataValidationRule::Between(least, whole(most)),
            None => DataValidationRule::GreaterThanOrEqualTo(least),
        });
    }
    rule.allow_decimal_number(match (least.map(excel), most.map(excel)) {
        (Some(least), Some(most)) => DataValidationRule::Between(least, most),
        (Some(least), None) => DataValidationRule::GreaterThanOrEqualTo(least),
        (None, Some(most)) => DataValidationRule::LessThanOrEqualTo(most),
        (None, None) => DataValidationRule::GreaterThanOrEqualTo(-1e12),
    })
}

fn number_in_words(field: &Field) -> String {
    let kind = match field.kind {
        FieldType::Integer => "整数".to_owned(),
        FieldType::Percent => "百分数，95.0% 填 95.0".to_owned(),
        _ => format!("最多 {} 位小数", field.decimals),
    };
    match field.range() {
        (Some(least), Some(most)) => format!("{kind}，{least} 至 {most}"),
        (Some(least), None) => format!("{kind}，不小于 {least}"),
        (None, Some(most)) => format!("{kind}，不大于 {most}"),
        (None, None) => kind,
    }
}

/// How a cell is to be filled in, for the instructions.
pub(super) fn in_words(field: &Field, choices: Option<&Choices>) -> String {
    const SHOWN: usize = 12;
    match choices {
        Some(Choices { values, .. }) if values.len() <= SHOWN => values.join(" / "),
        Some(Choices { values, .. }) => {
            format!("下拉列表 {} 项，见“{}”", values.len(), super::lists::NAME)
        }
        None if field.kind.is_number() => number_in_words(field),
        None if field.kind == FieldType::Boolean => "是 / 否".to_owned(),
        None if field.kind == FieldType::Date => "日期，如 2013-10-25".to_owned(),
        None if field.kind == FieldType::Month => "年月，如 2013-10".to_owned(),
        None => field.kind.title().to_owned(),
    }
}
