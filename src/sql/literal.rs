//! Literals: integers, decimals, texts, dates, truth values, NULL.

use sqlparser::ast::{DataType, TypedString, Value};

use super::names::TypedNode;
use super::node::{Node, Physical};
use super::refuse::refuse;
use super::typing::{MOST_PLACES, numeric_type};
use super::{ColumnType, Refusal};
use crate::model::{Decimal, day_number};

pub(super) fn literal(value: &Value) -> Result<TypedNode, Refusal> {
    match value {
        Value::Number(text, false) => number_literal(text),
        Value::SingleQuotedString(text) => {
            Ok(TypedNode::new(Node::Text(text.clone()), ColumnType::Text))
        }
        Value::Boolean(value) => Ok(TypedNode::boolean(Node::Boolean(*value))),
        Value::Null => Ok(TypedNode { node: Node::Null(Physical::Integer), kind: None }),
        other => refuse(format!(
            "不能写“{other}”。可用：整数、小数、单引号括起的文字、DATE '2013-10-25'、TRUE、FALSE、NULL"
        )),
    }
}

fn number_literal(text: &str) -> Result<TypedNode, Refusal> {
    let wrong =
        || Refusal(format!("数字“{text}”读不懂或太大。请写成 80 或 0.5 的样子，最多 18 位"));
    let value = Decimal::parse(text).ok_or_else(wrong)?;
    if text.ends_with('.') || value.places > MOST_PLACES {
        return Err(wrong());
    }
    let units = i64::try_from(value.units).map_err(|_| wrong())?;
    Ok(TypedNode::new(Node::Integer(units), numeric_type(value.places)?))
}

pub(super) fn date_literal(typed: &TypedString) -> Result<TypedNode, Refusal> {
    if typed.data_type != DataType::Date || typed.uses_odbc_syntax {
        return refuse(format!("不能写“{typed}”。日期写成 DATE '2013-10-25'"));
    }
    let Value::SingleQuotedString(text) = &typed.value.value else {
        return refuse("日期写成 DATE '2013-10-25'");
    };
    let well_formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Option<jiff::civil::Date> = if well_formed { text.parse().ok() } else { None };
    match date {
        Some(date) => {
            Ok(TypedNode::new(Node::Integer(i64::from(day_number(date))), ColumnType::Date))
        }
        None => refuse(format!("没有“{text}”这一天。日期写成 DATE '2013-10-25'")),
    }
}
