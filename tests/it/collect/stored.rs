//! What a file stores, and what it says of it: blank results, stale results, things said twice.

use std::io::Write as _;

use super::*;

/// A minimal .xlsx of one sheet: the header of a review in row 3, then what the test gives.
pub(super) struct Book<'a> {
    /// Rows below the header.
    pub(super) data: &'a str,
    /// What follows the rows.
    pub(super) after: &'a str,
    /// Of the workbook, as `<calcPr …/>`.
    pub(super) calculation: &'a str,
    /// More parts, or others: name and content.
    pub(super) parts: &'a [(&'a str, &'a str)],
}

impl Book<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let text = |at: &str, text: &str| {
            format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
        };
        let titles = ["党组织代码", "应参评党员数", "实参评党员数", "评议日期", "书记姓名"];
        let header: String =
            "ABCDE".chars().zip(titles).map(|(c, title)| text(&format!("{c}3"), title)).collect();
        let sheet = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
            <row r="1">{}</row><row r="2">{}{}</row><row r="3">{header}</row>{}</sheetData>{}</worksheet>"#,
            text("A1", "党员评议表"),
            text("A2", "填报单位：甲乡"),
            text("D2", "报告期：2013年10月"),
            self.data,
            self.after,
        );
        let workbook = format!(
            r#"<workbook xmlns:r="r"><sheets><sheet name="评议" sheetId="1" r:id="rId1"/></sheets>{}</workbook>"#,
            self.calculation
        );
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let link = |kind_of: &str, target: &str| {
            format!(
                r#"<Relationships><Relationship Id="rId1" Type="{kind}/{kind_of}" Target="{target}"/></Relationships>"#
            )
        };
        let package = link("officeDocument", "xl/workbook.xml");
        let links = link("worksheet", "worksheets/sheet1.xml");
        let mut parts = vec![
            ("_rels/.rels", package.as_str()),
            ("xl/workbook.xml", &workbook),
            ("xl/_rels/workbook.xml.rels", &links),
            ("xl/worksheets/sheet1.xml", &sheet),
        ];
        parts.retain(|(name, _)| self.parts.iter().all(|(other, _)| other != name));
        parts.extend(self.parts);
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

pub(super) fn read_as(name: &str, bytes: &[u8]) -> Collected {
    let returns = Returns::new();
    returns.write(&format!("2013-10/{name}"), bytes);
    returns.collect()
}

pub(super) fn read(data: &str) -> Collected {
    read_as("甲乡.xlsx", &Book { data, after: "", calculation: "", parts: &[] }.bytes())
}

fn only_rows(collected: &Collected) -> Vec<String> {
    collected.returns.iter().flat_map(|facts| rows(facts)).collect()
}

const GOOD: &str = r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c></row>"#;
const GOOD_ROW: &str = "4:  | 0010 | 5 |  |  |  |  |  |  |  |  | ";

#[test]
fn a_formula_that_gives_the_empty_text_is_a_blank() {
    let empty = |at: &str| format!(r#"<c r="{at}" t="str"><f>IF(Z1="","",1)</f><v></v></c>"#);
    // Optional fields say nothing; a field that must be filled is blank at its cell.
    let optional = format!(
        r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c>{}{}</row>"#,
        empty("C4"),
        empty("E4")
    );
    let collected = read(&optional);
    assert_eq!(lines(&collected), Vec::<String>::new());
    assert_eq!(only_rows(&collected), [GOOD_ROW]);
    let filled = format!(r#"<row r="4"><c r="A4" t="str"><v>0010</v></c>{}</row>"#, empty("B4"));
    assert_eq!(lines(&read(&filled)), ["error D-14 B4"]);
}

#[test]
fn prepared_rows_that_show_nothing_are_no_rows() {
    let spare: String = (5..25)
        .map(|row| {
            let cell = |column: char| {
                format!(r#"<c r="{column}{row}" t="str"><f>IF(Z{row}="","",1)</f><v></v></c>"#)
            };
            format!(r#"<row r="{row}">{}{}{}</row>"#, cell('A'), cell('B'), cell('D'))
        })
        .collect();
    let collected = read(&format!("{GOOD}{spare}"));
    assert_eq!(lines(&collected), Vec::<String>::new());
    assert_eq!(only_rows(&collected), [GOOD_ROW]);
}

/// LibreOffice writes such results itself: the same form as .xlsx and .ods.
#[test]
fn prepared_rows_of_libreoffice_are_no_rows_either() {
    for fixture in ["prepared-lo.xlsx", "prepared-lo.ods"] {
        let collected = collected(fixture, "2013-10/甲乡.xlsx");
        assert_eq!(lines(&collected), Vec::<String>::new(), "{fixture}");
        assert_eq!(only_rows(&collected), [GOOD_ROW], "{fixture}");
    }
}

#[test]
fn results_that_the_file_calls_stale_are_asked_about() {
    let data = r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><f>8+4</f><v>0</v></c></row>
        <row r="5"><c r="A5" t="str"><f>"合计"</f><v>合计</v></c><c r="B5"><f>B4</f><v>0</v></c></row>"#;
    let with = |calculation| {
        let bytes = Book { data, after: "", calculation, parts: &[] }.bytes();
        lines(&read_as("甲乡.xlsx", &bytes))
    };
    assert_eq!(with(""), Vec::<String>::new());
    assert_eq!(with(r#"<calcPr calcId="191029"/>"#), Vec::<String>::new());
    // What is computed when it is saved is up to date.
    assert_eq!(with(r#"<calcPr calcMode="manual"/>"#), Vec::<String>::new());
    // A total is only compared, and not with a result that is none.
    for stale in [
        r#"<calcPr fullCalcOnLoad="1"/>"#,
        r#"<calcPr calcCompleted="0"/>"#,
        r#"<calcPr calcMode="manual" calcOnSave="0"/>"#,
    ] {
        assert_eq!(with(stale), ["query D-19 B4", "hint D-30 B5"], "{stale}");
    }
}

#[test]
fn an_uncomputed_formula_is_an_error_also_in_a_shared_group() {
    let data = r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><f t="shared" ref="B4:B5" si="0">C4</f><v>5</v></c></row>
        <row r="5"><c r="A5" t="str"><v>0020</v></c><c r="B5"><f t="shared" si="0"/></c></row>"#;
    assert_eq!(lines(&read(data)), ["error D-11 B5"]);
}

/// A total whose formula adds up exactly the rows above it needs no result: it could only say what
/// we compute. Any other one is pointed at, because there is nothing to compare.
#[test]
fn a_total_without_a_result_is_pointed_at_unless_it_adds_up_its_rows() {
    let rows = |formula: &str| {
        format!(
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c></row>
            <row r="5"><c r="A5" t="str"><v>0020</v></c><c r="B5"><v>6</v></c></row>
            <row r="6"><c r="A6" t="str"><v>合计</v></c><c r="B6"><f>{formula}</f></c></row>"#
        )
    };
    assert_eq!(lines(&read(&rows("SUM(B4:B5)"))), [""; 0]);
    for other in ["SUM(B4:B4)", "SUM(C4:C5)", "B4+1"] {
        assert_eq!(lines(&read(&rows(other))), ["hint D-30 B6"], "{other}");
    }
    // A sum over rows and their 小计 would count them twice.
    let twice = r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c></row>
        <row r="5"><c r="A5" t="str"><v>小计</v></c><c r="B5"><v>5</v></c></row>
        <row r="6"><c r="A6" t="str"><v>0020</v></c><c r="B6"><v>6</v></c></row>
        <row r="7"><c r="A7" t="str"><v>合计</v></c><c r="B7"><f>SUM(B4:B6)</f></c></row>"#;
    assert_eq!(lines(&read(twice)), ["hint D-30 B7"]);
}

/// Nobody chooses between two values: the return is sent back.
#[test]
fn what_a_file_says_twice_rejects_the_sheet() {
    for (data, at) in [
        (
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c><c r="B4"><v>6</v></c></row>"#,
            "B4",
        ),
        (
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c></row><row r="4"/>"#,
            "A4",
        ),
        (
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>6<!-- -->0</v></c></row>"#,
            "B4",
        ),
        (
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>6</v></c></row></sheetData><sheetData>"#,
            "A1",
        ),
    ] {
        let found = lines(&read(data));
        assert!(found.contains(&format!("error C-35 {at}")), "{data}: {found:?}");
    }
    let doubled = [("xl/worksheets/SHEET1.xml", "<worksheet><sheetData/></worksheet>")];
    let bytes = Book { data: GOOD, after: "", calculation: "", parts: &doubled }.bytes();
    assert_eq!(lines(&read_as("甲乡.xlsx", &bytes)), ["error C-35"]);
    // The same name, letter by letter.
    let mut bytes = bytes;
    while let Some(at) = bytes.windows(6).position(|w| w == b"SHEET1") {
        bytes[at..at + 6].copy_from_slice(b"sheet1");
    }
    assert_eq!(lines(&read_as("甲乡.xlsx", &bytes)), ["error C-35"]);
}

#[test]
fn values_in_unusual_spelling_are_read() {
    let data = r#"<row r="4"><c r="A4" t="str"><v><![CDATA[0010]]></v></c><c r="B4"><v>&#x35;</v></c></row>"#;
    let collected = read(data);
    assert_eq!((lines(&collected), only_rows(&collected)), (Vec::new(), vec![GOOD_ROW.into()]));
}

#[test]
fn a_date_with_a_time_is_the_date_with_a_note() {
    let data = r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c>
        <c r="D4" t="inlineStr"><is><t>2013-10-25T08:00</t></is></c></row>"#;
    let collected = read(data);
    assert_eq!(lines(&collected), ["hint D-29 D4"]);
    assert_eq!(only_rows(&collected), ["4:  | 0010 | 5 |  |  |  |  | 2013-10-25 |  |  |  | "]);
}

/// What is struck through or raised in a text is no part of a number that is read: by hand, 15 with
/// 12 struck out before it is neither 1215 nor 12, and 12 with a footnote 2 is not 122.
#[test]
fn a_number_of_which_a_part_is_struck_or_raised_is_not_read() {
    let with = |first: &str, second: &str| {
        let run = |look: &str, text: &str| format!("<r><rPr>{look}</rPr><t>{text}</t></r>");
        let cell = [run(first, "12"), run(second, "5")].concat();
        lines(&read(&format!(
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4" t="inlineStr"><is>{cell}</is></c></row>"#
        )))
    };
    assert_eq!(with("<b/>", r#"<strike val="0"/>"#), ["hint D-21 B4"]);
    assert_eq!(with("<strike/>", ""), ["error D-01 B4"]);
    assert_eq!(with("", r#"<vertAlign val="superscript"/>"#), ["error D-01 B4"]);
    assert_eq!(with("", r#"<vertAlign val="subscript"/>"#), ["error D-01 B4"]);
}

/// Styles: 1 is struck through, 2 shows thousands, 3 counts in 万, 4 shows no day.
const LOOKS: &str = r##"<styleSheet><numFmts>
    <numFmt numFmtId="164" formatCode="#,##0,"/><numFmt numFmtId="165" formatCode="0&quot;万&quot;"/></numFmts>
    <fonts><font/><font><strike/></font></fonts>
    <cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="0" fontId="1"/><xf numFmtId="164"/>
    <xf numFmtId="165"/><xf numFmtId="57"/></cellXfs></styleSheet>"##;

#[test]
fn a_cell_that_shows_something_else_than_it_stores_is_asked_about() {
    let links = r#"<Relationships>
        <Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
        <Relationship Id="rId2" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
    let parts = [("xl/styles.xml", LOOKS), ("xl/_rels/workbook.xml.rels", links)];
    let with = |b: u8, d: u8| {
        let data = format!(
            r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4" s="{b}"><v>5</v></c>
            <c r="D4" s="{d}"><v>41548</v></c></row>"#
        );
        let book = Book { data: &data, after: "", calculation: "", parts: &parts };
        let collected = read_as("甲乡.xlsx", &book.bytes());
        // Whatever is asked, what is stored counts.
        assert_eq!(only_rows(&collected), ["4:  | 0010 | 5 |  |  |  |  | 2013-10-01 |  |  |  | "]);
        lines(&collected)
    };
    assert_eq!(with(1, 4), ["query D-32 B4", "query D-34 D4"]);
    assert_eq!(with(2, 4), ["query D-33 B4", "query D-34 D4"]);
    assert_eq!(with(3, 4), ["query D-33 B4", "query D-34 D4"]);
}

/// A content.xml of one sheet with a given cell as B4.
fn ods(cell: &str) -> Vec<u8> {
    let text = |text: &str| {
        format!(
            r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let rows = [
        row(&[text("党员评议表")]),
        row(&[text("填报单位：甲乡"), text("报告期：2013年10月")]),
        row(&[text("党组织代码"), text("应参评党员数")]),
        row(&[text("0010"), cell.to_owned()]),
    ];
    let content = format!(
        r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:draw="d" xmlns:calcext="c">
        <office:body><office:spreadsheet><table:table table:name="评议">{}</table:table></office:spreadsheet></office:body></office:document-content>"#,
        rows.concat()
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn cells_of_ods_are_what_they_store_and_nothing_beside() {
    let float = |more: &str, inside: &str| {
        format!(r#"<table:table-cell office:value-type="float" {more}>{inside}</table:table-cell>"#)
    };
    for (cell, found, value) in [
        (float(r#"office:value="5""#, "<text:p>5</text:p>"), vec![], "5"),
        // A comment, a drawing with text, a phonetic guide: none is the cell's text.
        (
            float(
                r#"office:value="5""#,
                "<office:annotation><text:p>见附件</text:p></office:annotation><draw:rect><text:p>7</text:p></draw:rect><text:p>5</text:p>",
            ),
            vec![],
            "5",
        ),
        (
            r#"<table:table-cell><draw:g><draw:ellipse><text:p>9</text:p></draw:ellipse></draw:g></table:table-cell>"#
                .to_owned(),
            vec!["error D-14 B4"],
            "",
        ),
        // A stored value that is no number: what the cell shows, and a question.
        (float(r#"office:value="5,0""#, "<text:p>5</text:p>"), vec!["query D-20 B4", "hint D-21 B4"], "5"),
        (float(r#"office:value="五""#, ""), vec!["query D-20 B4", "error D-11 B4"], ""),
        (float("", "<text:p>5</text:p>"), vec!["query D-20 B4", "hint D-21 B4"], "5"),
        // A formula: an empty text is a blank, no result at all is none.
        (
            r#"<table:table-cell table:formula="of:=IF([.C4]=&quot;&quot;;&quot;&quot;;1)" office:value-type="string" office:string-value=""/>"#
                .to_owned(),
            vec!["error D-14 B4"],
            "",
        ),
        (r#"<table:table-cell table:formula="of:=[.C4]"/>"#.to_owned(), vec!["error D-11 B4"], ""),
        (
            r#"<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>"#
                .to_owned(),
            vec!["error D-11 B4"],
            "",
        ),
    ] {
        let collected = read_as("甲乡.ods", &ods(&cell));
        assert_eq!(lines(&collected), found, "{cell}");
        let expected = format!("4:  | 0010 | {value} |  |  |  |  |  |  |  |  | ");
        assert_eq!(only_rows(&collected), [expected], "{cell}");
    }
}

/// Excel opens these without asking, and nobody knows of a password; a clerk's stays closed.
#[test]
fn the_built_in_password_of_protected_workbooks_is_no_password() {
    for way in ["standard", "agile"] {
        let collected = collected(&format!("protected-{way}.xlsx"), "2013-10/甲乡.xlsx");
        assert_eq!((lines(&collected), only_rows(&collected)), (Vec::new(), vec![GOOD_ROW.into()]));
    }
    let closed = collected("protected-by-clerk.xlsx", "2013-10/甲乡.xlsx");
    assert_eq!(lines(&closed), ["error C-02"]);
    // Cut anywhere, such a file costs only itself.
    let whole = fs::read(fixtures().join("protected-agile.xlsx")).unwrap();
    for length in [600, 2000, 5000, whole.len() - 600] {
        let cut = lines(&read_as("甲乡.xlsx", &whole[..length]));
        assert!(cut.len() == 1 && cut[0].starts_with("error C-0"), "{length}: {cut:?}");
    }
}

#[test]
fn what_lies_beside_the_returns_is_told_by_what_it_is() {
    let returns = Returns::new();
    returns.write(
        "2013-10/甲乡.xlsx",
        &Book { data: GOOD, after: "", calculation: "", parts: &[] }.bytes(),
    );
    let mut ofd = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    ofd.start_file("OFD.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let ofd = ofd.finish().unwrap().into_inner();
    for (name, bytes) in [
        ("a.rar", &b"Rar!\x1a\x07\x01\0"[..]),
        ("b.ofd", &ofd),
        ("c.jpg", b"\xff\xd8\xff\xe0"),
        ("~$甲乡.xlsx", b"lock"),
        (".DS_Store", b"x"),
        ("__MACOSX/._甲乡.xlsx", b"x"),
        ("A1B2C3D0.tmp", b"half"),
    ] {
        returns.write(&format!("2013-10/{name}"), bytes);
    }
    let collected = returns.collect();
    let found: Vec<String> = collected
        .findings
        .iter()
        .map(|f| format!("{} {} {} → {}", f.level.id(), f.code, f.message, f.remedy))
        .collect();
    assert_eq!(
        found,
        [
            "hint C-36 A1B2C3D0.tmp：程序留下的临时文件，未读取 → 确认报表本身已在收表文件夹；临时文件可以删去",
            "error C-03 a.rar：这是压缩包（RAR、7z、ZIP 等） → 请解压后把里面的报表放进收表文件夹，压缩包移出",
            "error C-03 b.ofd：这是版式文件（PDF、OFD），不是工作簿 → 请报生成它的那个工作簿；不是报表的请移出收表文件夹",
            "error C-03 c.jpg：这是图片或影像，其中的数读不出来 → 请报拍照、扫描以前的那个工作簿；签字盖章的照片请移出收表文件夹",
        ]
    );
    assert_eq!(only_rows(&collected), [GOOD_ROW]);
}
