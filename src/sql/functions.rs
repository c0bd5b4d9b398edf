//! The functions of the profile: row functions and aggregates.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    ObjectNamePart,
};

use super::names::TypedNode;
use super::node::{Aggregate, Comparator, Node};
use super::refuse::{choices, refuse, type_name};
use super::scalar::Walker;
use super::typing::{align, common, compare, minus, number};
use super::{ColumnType, Refusal};

const KNOWN: [&str; 8] = ["ABS", "CHAR_LENGTH", "COALESCE", "COUNT", "MAX", "MIN", "NULLIF", "SUM"];

/// A call, taken apart: everything unusual is refused before.
struct Call<'a> {
    name: String,
    arguments: Vec<&'a Expr>,
    /// `COUNT(*)`
    star: bool,
    distinct: bool,
}

impl Walker<'_> {
    pub(super) fn function(&self, function: &Function) -> Result<TypedNode, Refusal> {
        let call = take_apart(function)?;
        if matches!(call.name.as_str(), "COUNT" | "MAX" | "MIN" | "SUM") {
            return self.aggregate(&call);
        }
        if call.star || call.distinct {
            return refuse(format!("{} 的括号里要写列名或表达式", call.name));
        }
        match (call.name.as_str(), call.arguments.as_slice()) {
            ("COALESCE", [_, _, ..]) => {
                let values: Vec<TypedNode> =
                    call.arguments.iter().map(|a| self.walk(a)).collect::<Result<_, _>>()?;
                let kind = common("COALESCE 的各个值", &values)?;
                let nodes = values.into_iter().map(|v| align(v, kind)).collect::<Result<_, _>>()?;
                Ok(TypedNode::new(Node::Coalesce(nodes), kind))
            }
            ("NULLIF", [a, b]) => {
                let (a, b) = (self.walk(a)?, self.walk(b)?);
                let Some(kind) = a.kind else {
                    return refuse("NULLIF 的第一个值不能是 NULL");
                };
                let value = a.node.clone();
                let same = compare(Comparator::Equal, a, b)?;
                let branches = vec![(same, Node::Null(kind.physical()))];
                Ok(TypedNode::new(Node::Case { branches, otherwise: value.boxed() }, kind))
            }
            ("CHAR_LENGTH", [value]) => {
                let typed = self.walk(value)?;
                match typed.kind {
                    Some(ColumnType::Text) => {
                        Ok(TypedNode::new(Node::Length(typed.node.boxed()), ColumnType::Integer))
                    }
                    _ => refuse(format!("CHAR_LENGTH 只用于文字，“{value}”不是文字")),
                }
            }
            ("ABS", [value]) => {
                let typed = self.walk(value)?;
                let kind = number(&typed, value)?;
                let zero = Node::Integer(0).boxed();
                let negative = Node::Compare(Comparator::Less, typed.node.clone().boxed(), zero);
                let branches = vec![(negative, minus(typed.node.clone()))];
                Ok(TypedNode::new(Node::Case { branches, otherwise: typed.node.boxed() }, kind))
            }
            (name, arguments) if KNOWN.contains(&name) => {
                refuse(format!("{name} 的参数个数不对（写了 {} 个）", arguments.len()))
            }
            (name, _) => refuse(unknown(name)),
        }
    }

    fn aggregate(&self, call: &Call<'_>) -> Result<TypedNode, Refusal> {
        if !self.aggregates {
            return refuse(format!(
                "这里不能用 {}：每行单独判断，不能汇总。汇总请写在查询（violations）的 SELECT 里",
                call.name
            ));
        }
        let (aggregate, value) = self.summed(call)?;
        let kind = aggregate_type(aggregate, value.as_ref());
        let node = Node::Aggregate(aggregate, value.map(|v| v.node.boxed()));
        Ok(TypedNode::new(node, kind))
    }

    /// The aggregate and its checked argument.
    fn summed(&self, call: &Call<'_>) -> Result<(Aggregate, Option<TypedNode>), Refusal> {
        if call.star {
            return match call.name.as_str() {
                "COUNT" if !call.distinct => Ok((Aggregate::CountRows, None)),
                name => refuse(format!("{name}(*) 没有意义。请写列名")),
            };
        }
        let [tree] = call.arguments.as_slice() else {
            return refuse(format!("{} 的括号里要写一个列或表达式", call.name));
        };
        let inner = Self { aggregates: false, ..*self };
        let value = inner.walk(tree)?;
        let Some(kind) = value.kind else {
            return refuse(format!("{}(NULL) 没有意义", call.name));
        };
        let aggregate = match (call.name.as_str(), call.distinct) {
            ("COUNT", true) => Aggregate::CountDistinct,
            ("COUNT", false) => Aggregate::Count,
            (name, true) => return refuse(format!("{name} 不能带 DISTINCT")),
            ("SUM", false) => {
                if kind == ColumnType::Boolean {
                    return refuse(format!(
                        "SUM 不能用于是/否。请写 SUM(CASE WHEN {tree} THEN 1 ELSE 0 END)"
                    ));
                }
                number(&value, tree)?;
                Aggregate::Sum
            }
            (name, false) => {
                if kind == ColumnType::Boolean {
                    return refuse(format!(
                        "{name} 不能用于{}。请用 COUNT 或 CASE",
                        type_name(kind)
                    ));
                }
                if name == "MIN" { Aggregate::Minimum } else { Aggregate::Maximum }
            }
        };
        Ok((aggregate, Some(value)))
    }
}

fn aggregate_type(aggregate: Aggregate, value: Option<&TypedNode>) -> ColumnType {
    match aggregate {
        Aggregate::CountRows | Aggregate::Count | Aggregate::CountDistinct => ColumnType::Integer,
        Aggregate::Sum | Aggregate::Minimum | Aggregate::Maximum => {
            value.and_then(|v| v.kind).unwrap_or(ColumnType::Integer)
        }
    }
}

fn take_apart(function: &Function) -> Result<Call<'_>, Refusal> {
    let Function {
        name,
        uses_odbc_syntax,
        parameters,
        args,
        filter,
        null_treatment,
        over,
        within_group,
    } = function;
    let name = match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] if ident.quote_style.is_none() => {
            ident.value.to_uppercase()
        }
        _ => return refuse(unknown(&name.to_string())),
    };
    if !KNOWN.contains(&name.as_str()) {
        return refuse(unknown(&name));
    }
    if filter.is_some() {
        return refuse(format!("{name} 不能带 FILTER。请写 {name}(CASE WHEN 条件 THEN … END)"));
    }
    let plain = !uses_odbc_syntax
        && matches!(parameters, FunctionArguments::None)
        && null_treatment.is_none()
        && within_group.is_empty();
    let (FunctionArguments::List(list), true) = (args, plain) else {
        return refuse(format!("{name} 的这种写法不能用。请写 {name}(…)"));
    };
    if !list.clauses.is_empty() {
        return refuse(format!("{name} 的括号里不能有 ORDER BY、LIMIT 等"));
    }
    let mut arguments = Vec::new();
    let mut star = false;
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => arguments.push(tree),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if list.args.len() == 1 => star = true,
            other => return refuse(format!("{name} 的参数“{other}”不能这样写")),
        }
    }
    if over.is_some() {
        return refuse(
            "不能用 OVER：名次请用指标的 rank，上一期请用 …__prev，其余先用 GROUP BY 求出再 JOIN",
        );
    }
    let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    Ok(Call { name, arguments, star, distinct })
}

fn unknown(name: &str) -> String {
    let upper = name.to_uppercase();
    let why = match upper.as_str() {
        "AVG" | "MEAN" => {
            "平均数会丢位数：请用 SUM 与 COUNT，比较改写成乘法，例如 SUM(a) >= 60 * COUNT(a)"
        }
        "ROUND" | "TRUNC" | "CEIL" | "CEILING" | "FLOOR" => "四舍五入会丢位数：请保留小数直接比较",
        "RANK" | "DENSE_RANK" | "NTILE" | "ROW_NUMBER" => {
            "名次由程序计算（并列同名次）：请在指标里用 rank"
        }
        "LENGTH" | "LEN" => "各数据库按字节或按字数，结果不同：请用 CHAR_LENGTH",
        "NOW" | "CURRENT_DATE" | "CURRENT_TIMESTAMP" | "TODAY" | "GETDATE" => {
            "结果不能取决于今天：请与报告期或填报的日期比较"
        }
        "RANDOM" | "RAND" => "结果不能取决于随机数",
        "LEAD" | "LAG" => "上一期请用 表名__prev，上年同期用 表名__year_ago",
        "IFNULL" | "NVL" | "ISNULL" => "请用 COALESCE",
        "IF" | "IIF" | "DECODE" => "请用 CASE WHEN … THEN … ELSE … END",
        "SUBSTR" | "SUBSTRING" | "LEFT" | "RIGHT" | "TRIM" | "UPPER" | "LOWER" | "CONCAT" => {
            "不能改写文字：开头、结尾请用 LIKE"
        }
        "YEAR" | "MONTH" | "DAY" | "DATEDIFF" | "DATE_DIFF" | "DATE_ADD" | "DATEADD" => {
            "算天数请用 列名__day，工作日请用 列名__workday，加年月日请在报表里用 derive"
        }
        "VALUE_OF" => "value_of 只用于 kind = \"derived\" 的指标",
        _ => "",
    };
    let reason = if why.is_empty() { String::new() } else { format!("：{why}") };
    format!("没有函数“{name}”{reason}。可用：{}", choices(&upper, KNOWN))
}
