//! Tests of this module.
use super::remarks::other_unit;
use super::*;

fn total(kind: TotalKind, data_above: usize) -> TotalLine<'static> {
    TotalLine { line: SheetLine { row: 0, cells: &[] }, label: String::new(), kind, data_above }
}

#[test]
fn totals_cover_the_rows_above_or_below_them() {
    use TotalKind::{Grand, Group, Whole};
    // Details, subtotal, details, subtotal, total.
    let below = [total(Group, 3), total(Group, 5), total(Whole, 5)];
    assert_eq!(covered_rows(&below, 5), [(0, 3), (3, 5), (0, 5)]);
    // Total on top.
    assert_eq!(covered_rows(&[total(Whole, 0)], 4), [(0, 4)]);
    // Total and subtotals above their rows.
    let above = [total(Whole, 0), total(Group, 0), total(Group, 2)];
    assert_eq!(covered_rows(&above, 5), [(0, 5), (0, 2), (2, 5)]);
    // Two groups that each end with 合计, and a 总计.
    let groups = [total(Whole, 2), total(Whole, 4), total(Grand, 4)];
    assert_eq!(covered_rows(&groups, 4), [(0, 2), (2, 4), (0, 4)]);
}

#[test]
fn a_header_unit_of_another_scale_is_noticed() {
    let field = |toml: &str| -> Field {
        toml::from_str(&format!("name = \"x\"\ntitle = \"栏\"\n{toml}")).unwrap()
    };
    let money = field("type = \"money\"\ndecimals = 2\nunit = \"万元\"");
    assert_eq!(other_unit(&money, "元").as_deref(), Some("万元"));
    assert_eq!(other_unit(&money, "万元"), None);
    let people = field("type = \"integer\"\nunit = \"人\"");
    assert_eq!(other_unit(&people, "名"), None);
    assert_eq!(other_unit(&people, "万人").as_deref(), Some("人"));
    assert_eq!(other_unit(&people, "%").as_deref(), Some("人"));
    let rate = field("type = \"percent\"\ndecimals = 1");
    assert_eq!(other_unit(&rate, "%"), None);
}
