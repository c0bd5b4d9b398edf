//! Tests of this module.
use super::*;
use crate::collect::merged::Region;
use crate::collect::workbook::Shown;

fn forms() -> Vec<Form> {
    let members = r#"
id = "members"
title = "党员情况表"
row = "一个组织"
frequency = "monthly"
[[field]]
name = "org_code"
title = "党组织代码"
type = "code"
required = true
[[field]]
name = "due"
title = "应参评党员数"
type = "integer"
required = true
unit = "人"
[[field]]
name = "actual"
title = "实参评党员数"
type = "integer"
[[field]]
name = "inside"
title = "转入(县内)"
type = "integer"
[[field]]
name = "outside"
title = "转入(县外)"
type = "integer"
"#;
    let cases = r#"
id = "cases"
title = "办件登记表"
row = "一件"
frequency = "monthly"
[[field]]
name = "case_no"
title = "编号"
type = "code"
required = true
[[field]]
name = "org_code"
title = "党组织代码"
type = "code"
required = true
"#;
    vec![toml::from_str(members).unwrap(), toml::from_str(cases).unwrap()]
}

fn sheet(rows: &[&[&str]], merged: &[(u32, u32, u16, u16)]) -> Sheet {
    let mut sheet = Sheet::new("Sheet1".into());
    for (row, cells) in (0u32..).zip(rows) {
        for (column, text) in (0u16..).zip(*cells) {
            if !text.is_empty() {
                let value = match text.parse::<f64>() {
                    Ok(number) => CellValue::Number(number),
                    Err(_) => CellValue::Text((*text).into()),
                };
                sheet.cells.push(Cell { row, column, shown: Shown::General, value });
            }
        }
    }
    let region = |&(first_row, last_row, first_column, last_column)| Region {
        first_row,
        first_column,
        last_row,
        last_column,
    };
    sheet.merge(merged.iter().map(region).collect()).unwrap();
    sheet
}

/// Column letters of the fields, in field order, with the rows of the header.
fn found(block: &Block, forms: &[Form]) -> String {
    let at = |field: usize| {
        let column = block.columns.iter().find(|c| c.field == Some(field));
        column.map_or("-".to_owned(), |c| crate::model::column_letters(c.column))
    };
    let fields: Vec<String> = (0..forms[block.form].fields.len()).map(at).collect();
    format!("{} {}-{} {}", forms[block.form].id, block.first_row, block.last_row, fields.join(" "))
}

#[test]
fn a_plain_header_in_any_column_order() {
    let forms = forms();
    let titles = Titles::new(&forms);
    let sheet = sheet(
        &[
            &["左权县党员情况表"],
            &["填报单位：石匣乡"],
            &["序号", "实参评党员数（人）", "党组织代码", "转入（县外）", "备注", "应参评\n党员数"],
            &["1", "10", "A01", "0", "", "12"],
        ],
        &[],
    );
    let blocks = find_blocks(&sheet, &titles);
    assert_eq!(blocks.len(), 1);
    assert_eq!(found(&blocks[0], &forms), "members 2-2 C F B - D");
    let unknown: Vec<&str> = blocks[0]
        .columns
        .iter()
        .filter(|c| c.field.is_none() && !c.counts_lines)
        .map(|c| c.title.as_str())
        .collect();
    assert_eq!(unknown, ["备注"]);
}

#[test]
fn merged_parents_join_their_children() {
    let forms = forms();
    let titles = Titles::new(&forms);
    let rows: &[&[&str]] = &[
        &["党员情况表"],
        &["党组织代码", "参评情况", "", "转入", ""],
        &["", "应参评党员数", "实参评党员数", "县内", "县外"],
        &["A01", "12", "10", "1", "0"],
    ];
    let merged = &[(0, 0, 0, 4), (1, 2, 0, 0), (1, 1, 1, 2), (1, 1, 3, 4)];
    let blocks = find_blocks(&sheet(rows, merged), &titles);
    assert_eq!(found(&blocks[0], &forms), "members 1-2 A B C D E");
    // The same without merged regions, as xlsb and csv give it.
    let blocks = find_blocks(&sheet(rows, &[]), &titles);
    assert_eq!(found(&blocks[0], &forms), "members 1-2 A B C D E");
}

#[test]
fn two_blocks_on_one_sheet_and_a_repeated_header() {
    let forms = forms();
    let titles = Titles::new(&forms);
    let members: &[&str] = &["党组织代码", "应参评党员数"];
    let sheet = sheet(
        &[
            &["党员情况表"],
            members,
            &["A01", "12"],
            members,
            &["A02", "13"],
            &["填表人：党员0001"],
            &["办件登记表"],
            &["编号", "党组织代码"],
            &["1", "A01"],
        ],
        &[],
    );
    let blocks = find_blocks(&sheet, &titles);
    let all: Vec<String> = blocks.iter().map(|b| found(b, &forms)).collect();
    assert_eq!(all, ["members 1-1 A B - - -", "cases 7-7 A B"]);
    assert_eq!(blocks[0].skip, [(3, 3)]);
    assert_eq!(blocks[0].end_row, 6);
    assert_eq!(blocks[1].title_row, 6);
}

#[test]
fn the_title_decides_between_forms_and_a_tie_is_reported() {
    let mut forms = forms();
    let mut twin = forms[1].clone();
    twin.id = "twin".into();
    twin.title = "督办登记表".into();
    forms.push(twin);
    let titles = Titles::new(&forms);
    let header: &[&str] = &["编号", "党组织代码"];
    let named = find_blocks(&sheet(&[&["督办登记表"], header, &["1", "A"]], &[]), &titles);
    assert_eq!((named[0].form, named[0].rivals.len()), (2, 0));
    let bare = find_blocks(&sheet(&[header, &["1", "A"]], &[]), &titles);
    assert_eq!(bare[0].rivals, [2]);
}

#[test]
fn data_that_looks_like_titles_is_no_header() {
    let forms = forms();
    let titles = Titles::new(&forms);
    let sheet = sheet(&[&["说明"], &["本表的编号由县里统一编制", "编号"]], &[]);
    assert!(find_blocks(&sheet, &titles).is_empty());
}
