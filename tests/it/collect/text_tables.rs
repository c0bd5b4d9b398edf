//! Text tables: what separates, quotes and ends values is read as Excel reads it, or it is a
//! finding at its place; never is a value put into the next column in silence.

use super::{Returns, csv, lines, rows};

const HEAD: &str = "党员评议表\n填报单位：甲乡\n报告期：2013年10月\n";

fn read(text: &str) -> (Vec<String>, Vec<String>) {
    read_as("甲乡.csv", text.as_bytes())
}

fn read_as(name: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let returns = Returns::new();
    returns.write(&format!("2013-10/{name}"), bytes);
    let collected = returns.collect();
    (collected.returns.first().map(|facts| rows(facts)).unwrap_or_default(), lines(&collected))
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[test]
fn the_separator_is_the_one_with_which_the_header_is_understood() {
    let expected = ["5:  | 0010 | 5 | 4 |  |  |  |  |  |  |  | "];
    for separator in [",", "\t", ";", "|"] {
        // The other separators stand more often in the text than the real one.
        let others: String =
            [",", "\t", ";", "|"].into_iter().filter(|s| *s != separator).collect();
        let title = format!("党员评议表（{}）\n", others.repeat(30));
        let table = [["党组织代码", "应参评党员数", "实参评党员数"], ["0010", "5", "4"]];
        let table = table.map(|row| row.join(separator)).join("\n");
        let text = format!("{title}填报单位：甲乡\n报告期：2013年10月\n{table}\n");
        assert_eq!(read(&text), (expected.map(String::from).to_vec(), vec![]), "{separator:?}");
    }
}

#[test]
fn what_systems_put_around_values_for_excel_is_no_part_of_them() {
    let flat =
        "\"党组织代码\t\",\"应参评党员数\t\",\"实参评党员数\t\"\r\n\"0010\t\",\"5\t\",\"4\t\"\r\n";
    let (values, findings) = read_as("甲乡_党员评议表_2013年10月.csv", flat.as_bytes());
    assert_eq!(values, ["2:  | 0010 | 5 | 4 |  |  |  |  |  |  |  | "]);
    // Unit and period stand nowhere in such a table.
    assert_eq!(findings, ["hint C-17", "query C-13"]);

    for code in ["=\"0010\"", "\"=\"\"0010\"\"\"", "\"0010\"\t", "0010\t"] {
        let text = format!("{HEAD}党组织代码,应参评党员数\n{code},5\n");
        let expected = ["5:  | 0010 | 5 |  |  |  |  |  |  |  |  | ".to_owned()];
        assert_eq!(read(&text), (expected.to_vec(), vec![]), "{code}");
    }
    // Any other formula would be computed by Excel, and here it has no result.
    let formula = format!("{HEAD}党组织代码,应参评党员数\n0010,=2+3\n");
    assert_eq!(read(&formula).1, ["error D-11 B5"]);
    // Excel does not show the line that names the separator.
    let declared = format!("sep=;\n{HEAD}党组织代码;应参评党员数\n0010;-5\n");
    assert_eq!(read(&declared).1, ["error G-03 B5"]);
}

#[test]
fn text_is_read_by_what_it_is_and_said_to_be_so() {
    let text = csv("甲乡", "2013年10月", "5").replace(',', "\t").replace('\n', "\r\n");
    let expected = vec!["5:  | 0010 | 5 |  |  |  |  |  |  |  |  | ".to_owned()];
    let marked = |order: fn(u16) -> [u8; 2]| utf16(&format!("\u{feff}{text}"), order);
    for bytes in [
        marked(u16::to_le_bytes),
        marked(u16::to_be_bytes),
        utf16(&text, u16::to_le_bytes),
        utf16(&text, u16::to_be_bytes),
    ] {
        for name in ["甲乡.csv", "甲乡.xls"] {
            assert_eq!(read_as(name, &bytes), (expected.clone(), vec!["hint C-53".into()]));
        }
    }
    let (gbk, ..) = encoding_rs::GB18030.encode(&text);
    assert_eq!(read_as("甲乡.xls", &gbk), (expected.clone(), vec!["hint C-53".into()]));
    assert_eq!(read_as("甲乡.csv", &gbk), (expected, vec![]));
    // Half a character at the end: the rest is sound, but it is not all.
    assert_eq!(read_as("甲乡.csv", &text.as_bytes()[..19]).1, ["error C-01"]);
}

#[test]
fn rows_are_counted_as_excel_shows_them() {
    // A title over two lines in quotes is one row; a blank line is one, too.
    let text = "党员评议表\r\n填报单位：甲乡,报告期：2013年10月\r\n\r\n\"党组织\r\n代码\",\"应参评\n党员数\"\r\n0010,5\r\n0020,-5\r\n";
    let (values, findings) = read(text);
    assert_eq!(findings, ["error G-03 B6"]);
    assert!(values[0].starts_with("5:") && values[1].starts_with("6:"), "{values:?}");
}

#[test]
fn a_doubt_about_where_a_value_ends_sends_the_return_back() {
    let table = |rows: &str| {
        format!("{HEAD}党组织代码,应参评党员数,实参评党员数,书记姓名\n0010,5,4,党员0001\n{rows}")
    };
    for (rows, finding) in [
        // Quotes that never close, or close too late.
        ("0020,5,4,\"党员0002\n0030,5,4,党员0003\n", "error C-51 D6"),
        ("0020,5,4,\"党员0002\n0030,5,4,\"党员0003\"\n", "error C-51 D6"),
        ("\"0020,5,4,党员0002\n\"0030\",5,4,党员0003\n", "error C-51 A6"),
        // The last row is shorter than the header, wherever it was cut.
        ("0020,5,4\n", "error C-51 D6"),
        ("0020,5\n", "error C-51 C6"),
        ("0020,5", "error C-51 C6"),
        ("00", "error C-51 B6"),
        // So is one in the middle, or it is longer: its values may stand in other columns.
        ("0020,5,4\n0030,5,4,党员0003\n", "error C-51 D6"),
        ("0020,1,200,4,党员0002\n0030,5,4,党员0003\n", "error C-51 E6"),
        // Two rows in one: the first loses its end, the second its beginning.
        ("0020,5,4,党员0002\n0030,5,4,党员0003,,\n", "error C-51 E7"),
        // Whole to all appearance, but nothing ends the last value.
        ("0020,5,4,党员000", "query C-52 D6"),
        // Where some values are quoted, a quote inside another has lost its fellow.
        ("0020,5,4,\"党员0002\"\n0030\",5,4,党员0003\n", "error C-51 A7"),
    ] {
        let findings = read(&table(rows)).1;
        assert!(findings.contains(&finding.to_owned()), "{rows:?}: {findings:?}");
    }
    for rows in [
        "",
        "0020,5,4,,\n0030,5,4,,\n",
        "0020,5,4,\n",
        "0020,5,4,\"党员0002\"",
        "0020,5,4,党员0002\n\n填表人：党员0009",
    ] {
        let findings = read(&table(rows)).1;
        assert!(!findings.iter().any(|f| f.contains("C-5")), "{rows:?}: {findings:?}");
    }
}

/// Lines that end in two characters, and the last in one of them: the file was cut there.
#[test]
fn half_a_line_end_is_no_end() {
    let text = format!("{HEAD}党组织代码,应参评党员数\n0010,5\n0020,4\n").replace('\n', "\r\n");
    assert_eq!(read(&text).1, Vec::<String>::new());
    assert_eq!(read(text.strip_suffix('\n').unwrap()).1, ["query C-52 B6"]);
}

#[test]
fn excel_leaves_out_separators_where_sixteen_rows_have_no_last_value() {
    let table = |width_at_end: &str| {
        let full: String = (0..12).map(|n| format!("{n:04},5,4,党员0001\n")).collect();
        let short: String = (12..29).map(|n| format!("{n:04},5,4{width_at_end}\n")).collect();
        format!("{HEAD}党组织代码,应参评党员数,实参评党员数,书记姓名\n{full}{short}")
    };
    // Rows 17 to 32 have no name, and row 33 begins the next sixteen.
    let (values, findings) = read(&table(""));
    assert_eq!((values.len(), findings), (29, vec!["error C-51 D33".into()]));
    assert_eq!(read(&table(",")).1, Vec::<String>::new());
}
