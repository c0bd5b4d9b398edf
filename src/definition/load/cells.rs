//! `cell("党组织覆盖企业数", "total")` in a rule: a number of a form whose rows are items. Such a
//! rule is asked once a return, so it becomes a query over the return's items.

use crate::definition::{CellOf, Check, Definition, Form};

const WORD: &str = "cell(";

/// Turns a rule with cells into its query; nothing without cells.
pub(super) fn rewrite(
    check: &mut Check,
    form: &Form,
    definition: &Definition,
) -> Result<(), String> {
    let Some(rule) = check.rule.as_deref().filter(|rule| rule.contains(WORD)) else {
        return Ok(());
    };
    let items = form.items.as_ref().filter(|items| form.primary_key == [items.field.as_str()]);
    let Some(items) = items else {
        return Err(format!("cell(…) 只用于逐项的报表：{} 应有 items，主键只有这一列", form.id));
    };
    if check.when.is_some() {
        return Err("有 cell(…) 的 rule 不用 when，请把条件写进 rule".to_owned());
    }
    let field = form.field(&items.field);
    let list = field.and_then(|field| definition.codelist_of(field));
    let codes: Vec<&str> = list.iter().flat_map(|l| &l.codes).map(|c| c.code.as_str()).collect();
    let mut cells: Vec<CellOf> = Vec::new();
    let mut condition = String::new();
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once(WORD) {
        let (cell, behind) = parse(after).ok_or("cell(…) 应写作 cell(\"项目\", \"栏\")")?;
        if !codes.is_empty() && !codes.contains(&cell.item.as_str()) {
            return Err(format!("cell 的项目 “{}” 不存在，现有：{}", cell.item, codes.join("、")));
        }
        let named = |f: &&crate::definition::Field| f.name == cell.field || f.title == cell.field;
        let Some(field) = form.fields.iter().filter(|f| f.kind.is_number()).find(named) else {
            let numbers = form.fields.iter().filter(|field| field.kind.is_number());
            let numbers: Vec<&str> = numbers.map(|field| field.name.as_str()).collect();
            let message =
                format!("cell 的栏 “{}” 不是数字栏，现有：{}", cell.field, numbers.join("、"));
            return Err(message);
        };
        let cell = CellOf { field: field.name.clone(), ..cell };
        let at = cells.iter().position(|known| *known == cell).unwrap_or_else(|| {
            cells.push(cell);
            cells.len() - 1
        });
        condition += before;
        condition += &format!("c{at}");
        rest = behind;
    }
    condition += rest;
    check.violations = Some(query(form, &items.field, &cells, &condition));
    check.cells_of = cells;
    Ok(())
}

/// `"item", "column")` and what follows.
fn parse(text: &str) -> Option<(CellOf, &str)> {
    let quoted = |text: &'_ str| -> Option<(String, usize)> {
        let trimmed = text.trim_start();
        let quote = trimmed.chars().next().filter(|c| ['"', '\''].contains(c))?;
        let end = trimmed[1..].find(quote)? + 1;
        Some((trimmed[1..end].to_owned(), text.len() - trimmed.len() + end + 1))
    };
    let (item, end) = quoted(text)?;
    let rest = text[end..].trim_start().strip_prefix(',')?;
    let (field, end) = quoted(rest)?;
    let behind = rest[end..].trim_start().strip_prefix(')')?;
    Some((CellOf { item, field }, behind))
}

fn query(form: &Form, item: &str, cells: &[CellOf], condition: &str) -> String {
    let is = |cell: &CellOf| format!("{item} = '{}'", cell.item.replace('\'', "''"));
    let sums: Vec<String> = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| format!("SUM(CASE WHEN {} THEN {} END) AS c{at}", is(cell), cell.field))
        .collect();
    let first = cells.first().map(is).unwrap_or_default();
    format!(
        "SELECT of_items.unit AS unit, of_items._row AS _row FROM (SELECT unit, \
         MIN(CASE WHEN {first} THEN _row END) AS _row, {} FROM {} GROUP BY unit) AS of_items \
         WHERE NOT ({condition})",
        sums.join(", "),
        form.id
    )
}
