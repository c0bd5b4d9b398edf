//! Every row of the data contract.

use super::*;
use crate::definition::Code;

fn field(toml: &str) -> Field {
    toml::from_str(&format!("name = \"x\"\ntitle = \"栏\"\n{toml}")).unwrap()
}

fn list() -> CodeList {
    let code = |code: &str, synonyms: &[&str]| Code {
        code: code.into(),
        id: "x".into(),
        synonyms: synonyms.iter().map(|&s| s.into()).collect(),
        valid: crate::model::Validity::default(),
    };
    CodeList {
        title: "等次".into(),
        ordered: true,
        register: None,
        groups: Vec::new(),
        codes: vec![code("好", &["先进"]), code("较好", &[]), code("其他", &[])],
    }
}

fn text_cell(text: &str) -> Cell {
    Cell { row: 0, column: 0, shown: Shown::Text, value: CellValue::Text(text.into()) }
}

fn number_cell(value: f64, format: &str) -> Cell {
    let shown = Shown::from_format_code(format);
    Cell { row: 0, column: 0, shown, value: CellValue::Number(value) }
}

/// The value and the code of the remark, as text.
fn outcome(cell: &Cell, field: &Field) -> (String, &'static str) {
    outcome_with(cell, field, false, false)
}

fn outcome_with(
    cell: &Cell,
    field: &Field,
    header_percent: bool,
    from_1904: bool,
) -> (String, &'static str) {
    let list = list();
    let codes = field.codelist.as_ref().map(|_| &list);
    let target = ReadAs { field, codes, header_percent, from_1904, only_text: false };
    let reading = read(cell, &target);
    let value = match reading.typed {
        Typed::Missing => String::new(),
        Typed::Integer(v) => v.to_string(),
        Typed::Decimal(v, _) => Decimal::new(v.into(), field.decimals).to_string(),
        Typed::Date(v) => date_text(v),
        Typed::Boolean(v) => if v { "是" } else { "否" }.to_owned(),
        Typed::Text(v) => v.to_string(),
        Typed::Ditto => "〃".to_owned(),
        Typed::AmbiguousPercent(v, _) => format!("{v}?"),
    };
    (value, reading.remark.map_or("", |r| r.code))
}

fn typed(text: &str, field: &Field) -> (String, &'static str) {
    outcome(&text_cell(text), field)
}

fn is(value: &str, code: &'static str) -> (String, &'static str) {
    (value.to_owned(), code)
}

#[test]
fn integers() {
    let people = field("type = \"integer\"\nunit = \"人\"");
    assert_eq!(outcome(&number_cell(12.0, "General"), &people), is("12", ""));
    assert_eq!(typed("１２", &people), is("12", codes::WIDE_DIGITS));
    assert_eq!(typed("12", &people), is("12", codes::TEXT_NUMBER));
    assert_eq!(typed("12人", &people), is("12", codes::UNIT_IN_CELL));
    assert_eq!(typed("12名", &people), is("12", codes::UNIT_IN_CELL));
    assert_eq!(typed("12个", &people), is("", codes::UNIT_SUFFIX));
    assert_eq!(typed("12.0", &people), is("12", codes::TEXT_NUMBER));
    assert_eq!(outcome(&number_cell(12.5, "0"), &people), is("", codes::NOT_AN_INTEGER));
    assert_eq!(typed("1,234", &people), is("1234", codes::WIDE_DIGITS));
    assert_eq!(typed("12,34", &people), is("", codes::NUMBER_UNREADABLE));
    assert_eq!(typed("－5", &people), is("-5", codes::WIDE_DIGITS));
    assert_eq!(typed("十二", &people), is("", codes::NUMBER_UNREADABLE));
    assert_eq!(outcome(&number_cell(1e18, "0"), &people), is("", codes::NUMBER_TOO_LARGE));
    let lost = number_cell(12_345_678_901_234_567.0, "0");
    assert_eq!(outcome(&lost, &people), is("", codes::NUMBER_TOO_LARGE));
    assert_eq!(outcome(&number_cell(41_572.0, "yyyy-mm-dd"), &people).1, codes::NUMBER_UNREADABLE);
}

#[test]
fn two_numbers_in_a_cell_are_never_one() {
    let people = field("type = \"integer\"\nunit = \"人\"");
    for joined in
        ["10 11", "10\n11", "1 0", "1 000\n200", "12②", "12²", "①", "1234 567", "12 345 6"]
    {
        assert_eq!(typed(joined, &people), is("", codes::NUMBER_UNREADABLE), "{joined}");
    }
    assert_eq!(typed("12 345", &people), is("12345", codes::TEXT_NUMBER));
    assert_eq!(typed("1 234 567", &people), is("1234567", codes::TEXT_NUMBER));
    assert_eq!(typed(" 12 \n", &people), is("12", codes::TEXT_NUMBER));
    assert_eq!(typed("12 人", &people), is("12", codes::UNIT_IN_CELL));
}

#[test]
fn what_stands_behind_digits_is_a_unit_or_makes_no_number() {
    let people = field("type = \"integer\"\nunit = \"人\"");
    for mark in ["1O", "1l", "12？", "12。", "12*", "12+", "12-", "≠12"] {
        assert_eq!(typed(mark, &people), is("", codes::NUMBER_UNREADABLE), "{mark}");
    }
    for unit in ["12元", "12kg", "12%"] {
        assert_eq!(typed(unit, &people), is("", codes::UNIT_SUFFIX), "{unit}");
    }
    assert_eq!(typed("12（人）", &people), is("12", codes::UNIT_IN_CELL));
    assert_eq!(typed("12（含预备3人）", &people), is("", codes::NUMBER_UNREADABLE));
    // A comma behind the point is no thousands: 1.234,5 is written where the comma is the point.
    let score = field("type = \"decimal\"\ndecimals = 4");
    for elsewhere in ["1.234,5", "1.2,5", "1,5"] {
        assert_eq!(typed(elsewhere, &score), is("", codes::NUMBER_UNREADABLE), "{elsewhere}");
    }
}

#[test]
fn marks_that_nobody_sees_are_no_part_of_a_number() {
    let people = field("type = \"integer\"\nunit = \"人\"");
    // Copied from a window of Windows, from a page, from a dictionary.
    for seen in ["\u{202a}12\u{202c}", "\u{2066}12\u{2069}", "1\u{ad}2", "12\u{fe0f}"] {
        assert_eq!(typed(seen, &people).0, "12", "{seen:?}");
    }
    // Here 21 is seen.
    assert_eq!(typed("\u{202e}12", &people), is("", codes::NUMBER_UNREADABLE));
}

#[test]
fn a_year_in_a_date_cell_is_no_day() {
    let on = field("type = \"date\"");
    assert_eq!(outcome(&number_cell(2013.0, "yyyy-m-d"), &on), is("", codes::DATE_UNREADABLE));
    assert_eq!(outcome(&number_cell(2013.1, "yyyy-m-d"), &on), is("", codes::DATE_UNREADABLE));
    let month = field("type = \"month\"");
    assert_eq!(outcome(&number_cell(2013.1, "yyyy-m"), &month), is("", codes::DATE_UNREADABLE));
}

#[test]
fn marks_and_approximations() {
    let people = field("type = \"integer\"\nunit = \"人\"");
    for mark in ["无", "—", "-", "/", "／", "——"] {
        assert_eq!(typed(mark, &people), is("", codes::MISSING_MARK), "{mark}");
    }
    let zero = field("type = \"integer\"\nzero_values = [\"无\", \"—\"]\nmissing_values = [\"/\"]");
    assert_eq!(typed("无", &zero), is("0", ""));
    assert_eq!(typed("／", &zero), is("", ""));
    for about in ["约20", "20左右", "1-2", "1～2", "20多", "近百20", "20余人"] {
        assert_eq!(typed(about, &people), is("", codes::APPROXIMATE_NUMBER), "{about}");
    }
    assert_eq!(typed("〃", &people), is("", codes::DITTO_IN_NUMBER));
    assert_eq!(typed("同上", &people), is("", codes::DITTO_IN_NUMBER));
}

#[test]
fn ten_thousands_only_where_allowed() {
    let people = field("type = \"integer\"\nunit = \"人\"\nallow_wan = true");
    assert_eq!(typed("0.5万", &people), is("5000", codes::TEN_THOUSAND));
    assert_eq!(typed("0.5万人", &people), is("5000", codes::TEN_THOUSAND));
    // 36 digits are a number, and ten thousand times as much is more than can be computed with.
    let large = format!("9868{}万", "0".repeat(32));
    assert_eq!(typed(&large, &people), is("", codes::NUMBER_TOO_LARGE));
    let plain = field("type = \"integer\"\nunit = \"人\"");
    assert_eq!(typed("0.5万", &plain), is("", codes::UNIT_SUFFIX));
    let money = field("type = \"money\"\ndecimals = 2\nunit = \"万元\"");
    assert_eq!(typed("0.5万元", &money), is("0.50", codes::UNIT_IN_CELL));
    assert_eq!(typed("0.5万", &money), is("0.50", codes::UNIT_IN_CELL));
    assert_eq!(typed("5000元", &money), is("", codes::UNIT_SUFFIX));
}

#[test]
fn decimals_show_fifteen_digits_as_a_spreadsheet_does() {
    let score = field("type = \"decimal\"\ndecimals = 2");
    assert_eq!(outcome(&number_cell(82.350_000_000_000_01, "General"), &score), is("82.35", ""));
    assert_eq!(outcome(&number_cell(0.1 + 0.2, "General"), &score), is("0.30", ""));
    assert_eq!(outcome(&number_cell(82.357, "0.00"), &score), is("", codes::TOO_MANY_PLACES));
    assert_eq!(outcome(&number_cell(1.0 / 3.0, "0.00"), &score), is("", codes::TOO_MANY_PLACES));
    assert_eq!(typed("82.350", &score), is("82.35", codes::TEXT_NUMBER));
    assert_eq!(decimal_of(8260.2).unwrap().to_string(), "8260.2");
    assert_eq!(decimal_of(1.5e-9).unwrap().to_string(), "0.0000000015");
    assert_eq!(decimal_of(123_456_789_012_345_680.0).unwrap().to_string(), "123456789012346000");
}

#[test]
fn percents() {
    let rate = field("type = \"percent\"\ndecimals = 1");
    assert_eq!(outcome(&number_cell(0.95, "0%"), &rate), is("95.0", ""));
    assert_eq!(outcome(&number_cell(0.955, "0.0%"), &rate), is("95.5", ""));
    assert_eq!(typed("95%", &rate), is("95.0", ""));
    assert_eq!(typed("９５％", &rate), is("95.0", codes::WIDE_DIGITS));
    assert_eq!(outcome(&number_cell(95.0, "General"), &rate), is("95?", ""));
    assert_eq!(outcome(&number_cell(0.95, "General"), &rate), is("0.95?", ""));
    assert_eq!(outcome(&number_cell(0.0, "General"), &rate), is("0.0", ""));
    assert_eq!(outcome_with(&number_cell(95.0, "0.0"), &rate, true, false), is("95.0", ""));
    // 19 of 20: both 95 and 0.95 mean 95 %.
    let decided =
        |v: &str| decide_percent(Decimal::parse(v).unwrap(), 19, 20).map(|d| d.to_string());
    assert_eq!(decided("95"), Some("95".into()));
    assert_eq!(decided("0.95"), Some("95".into()));
    assert_eq!(decided("50"), None);
    // 1 of 200: 0.5 and 50 per cent are told apart, but 0.5 with 1 of 100 is neither's.
    assert_eq!(
        decide_percent(Decimal::parse("0.5").unwrap(), 1, 200).map(|d| d.to_string()),
        Some("0.5".into())
    );
    assert_eq!(decide_percent(Decimal::parse("0.5").unwrap(), 1, 0), None);
}

#[test]
fn dates() {
    let on = field("type = \"date\"");
    for text in ["2013-10-25", "2013.10.25", "2013年10月25日", "20131025"] {
        assert_eq!(typed(text, &on), is("2013-10-25", ""), "{text}");
    }
    assert_eq!(outcome(&number_cell(41_572.0, "yyyy-mm-dd"), &on), is("2013-10-25", ""));
    assert_eq!(
        outcome_with(&number_cell(40_110.0, "yyyy-mm-dd"), &on, false, true),
        is("2013-10-25", "")
    );
    assert_eq!(
        outcome(&number_cell(41_572.5, "yyyy-mm-dd"), &on),
        is("2013-10-25", codes::TIME_DROPPED)
    );
    assert_eq!(outcome(&number_cell(20_131_025.0, "0"), &on), is("2013-10-25", ""));
    assert_eq!(
        outcome(&number_cell(41_572.0, "General"), &on),
        is("2013-10-25", codes::DATE_AS_NUMBER)
    );
    assert_eq!(outcome(&number_cell(12.0, "General"), &on), is("", codes::DATE_UNREADABLE));
    assert_eq!(typed("2013年10月", &on), is("", codes::DATE_UNREADABLE));
    assert_eq!(typed("2013-02-30", &on), is("", codes::DATE_UNREADABLE));
}

#[test]
fn months() {
    let month = field("type = \"month\"");
    assert_eq!(outcome(&number_cell(2013.1, "0.00"), &month), is("2013-10", ""));
    assert_eq!(typed("2013.10", &month), is("2013-10", ""));
    assert_eq!(typed("二〇一三年十月", &month), is("2013-10", ""));
    assert_eq!(outcome(&number_cell(2013.1, "General"), &month), is("", codes::MONTH_AMBIGUOUS));
    assert_eq!(outcome(&number_cell(2013.11, "General"), &month), is("2013-11", ""));
    assert_eq!(outcome(&number_cell(2013.05, "General"), &month), is("2013-05", ""));
    assert_eq!(outcome(&number_cell(2013.2, "General"), &month), is("2013-02", ""));
    assert_eq!(outcome(&number_cell(41_548.0, "yyyy\"年\"m\"月\""), &month), is("2013-10", ""));
    assert_eq!(outcome(&number_cell(201_310.0, "0"), &month), is("2013-10", ""));
    assert_eq!(typed("去年", &month), is("", codes::MONTH_UNREADABLE));
}

#[test]
fn booleans() {
    let flag = field("type = \"boolean\"");
    for (yes, no) in [("是", "否"), ("有", "无"), ("√", "×"), ("Y", "N"), ("1", "0"), ("Ｙ", "Ｎ")]
    {
        assert_eq!(typed(yes, &flag), is("是", ""), "{yes}");
        assert_eq!(typed(no, &flag), is("否", ""), "{no}");
    }
    assert_eq!(outcome(&number_cell(1.0, "0"), &flag), is("是", ""));
    assert_eq!(typed("也许", &flag), is("", codes::BOOLEAN_UNREADABLE));
}

#[test]
fn codes_are_never_mapped_to_other() {
    let grade = field("type = \"code\"\ncodelist = \"grade\"");
    assert_eq!(typed("好", &grade), is("好", ""));
    assert_eq!(typed("较　好", &grade), is("较好", ""));
    assert_eq!(typed("先进", &grade), is("好", ""));
    assert_eq!(typed("优", &grade), is("", codes::CODE_UNKNOWN));
    assert_eq!(typed("〃", &grade), is("〃", ""));
    let id = field("type = \"code\"");
    assert_eq!(typed("140722198001010011", &id), is("140722198001010011", ""));
    assert_eq!(typed("007", &id), is("007", ""));
    assert_eq!(typed("1.40722E+17", &id), is("", codes::DIGITS_LOST));
    assert_eq!(
        outcome(&number_cell(140_722_198_001_010_000.0, "0"), &id),
        is("", codes::DIGITS_LOST)
    );
    assert_eq!(outcome(&number_cell(140_722_001.0, "0"), &id), is("140722001", ""));
    assert_eq!(outcome(&number_cell(7.0, "000"), &id), is("007", codes::PADDED_CODE));
}

#[test]
fn errors_are_findings_in_any_column() {
    for kind in ["integer", "date", "text", "boolean", "month"] {
        let cell = Cell { value: CellValue::Error("#REF!".into()), ..text_cell("") };
        let field = field(&format!("type = \"{kind}\""));
        assert_eq!(outcome(&cell, &field), is("", codes::ERROR_CELL), "{kind}");
    }
}

#[test]
fn text_stays_as_typed() {
    let note = field("type = \"text\"");
    assert_eq!(typed(" 石匣村（二组） ", &note), is("石匣村（二组）", ""));
    assert_eq!(outcome(&number_cell(12.5, "0.0"), &note), is("12.5", ""));
    assert_eq!(typed("无", &note), is("无", ""));
}
