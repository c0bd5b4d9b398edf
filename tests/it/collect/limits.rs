//! Files with more in them than a return can have: read if it is a return all the same, else refused
//! as a whole, and never in part. `tests/hostile/heavy.py` measures what such files cost.

use std::fmt::Write;

use super::stored::{Book, read, read_as};
use super::*;

/// Rows from row 4 on, each made from its number.
fn rows_of(count: u32, row: impl Fn(u32) -> String) -> String {
    (4..4 + count).map(row).collect()
}

fn said(collected: &Collected) -> Vec<String> {
    let said = |f: &Finding| format!("{} {}", f.code, f.message);
    collected.findings.iter().map(said).collect()
}

#[test]
fn hidden_rows_are_counted_however_many_they_are() {
    let hidden = |n: u32| {
        format!(
            r#"<row r="{n}" hidden="1"><c r="A{n}" t="str"><v>{n:06}</v></c><c r="B{n}"><v>5</v></c></row>"#
        )
    };
    let collected = read(&rows_of(100_000, hidden));
    assert_eq!(collected.returns[0].rows.len(), 100_000);
    assert_eq!(said(&collected), ["C-08 100000 个隐藏行中有数据，已计入"]);
}

/// Of 40,000 pairs of rows, each is one organisation whose code is merged over two rows.
#[test]
fn a_code_merged_over_two_rows_is_the_code_of_both() {
    let row = |n: u32| {
        let code = if n.is_multiple_of(2) {
            format!(r#"<c r="A{n}" t="str"><v>{n}</v></c>"#)
        } else {
            String::new()
        };
        format!(r#"<row r="{n}">{code}<c r="B{n}"><v>5</v></c></row>"#)
    };
    let merged = (4..80_004).step_by(2).fold(String::new(), |mut text, n| {
        let _ = write!(text, r#"<mergeCell ref="A{n}:A{}"/>"#, n + 1);
        text
    });
    let after = format!("<mergeCells>{merged}</mergeCells>");
    let book = Book { data: &rows_of(80_000, row), after: &after, calculation: "", parts: &[] };
    let collected = read_as("甲乡.xlsx", &book.bytes());
    let facts = &collected.returns[0];
    assert_eq!(facts.rows.len(), 80_000);
    assert_eq!(rows(facts)[79_999], "80003:  | 80002 | 5 |  |  |  |  |  |  |  |  | ");
}

#[test]
fn regions_that_overlap_contradict_each_other() {
    let data = r#"<row r="4"><c r="A4" t="str"><v>0010</v></c><c r="B4"><v>5</v></c></row>"#;
    let after = r#"<mergeCells><mergeCell ref="A4:A6"/><mergeCell ref="A5:B5"/></mergeCells>"#;
    let book = Book { data, after, calculation: "", parts: &[] };
    let collected = read_as("甲乡.xlsx", &book.bytes());
    let message = "C-35 A5：合并的区域与另一处合并的区域重叠，分不清以哪一个为准";
    assert!(said(&collected).contains(&message.to_owned()), "{:?}", said(&collected));
}

#[test]
fn more_sheets_tables_and_columns_than_a_return_has_refuse_the_file() {
    let table = |n: usize| {
        format!(
            r#"<table:table table:name="表{n}"><table:table-row><table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell></table:table-row></table:table>"#
        )
    };
    let sheets: String = (0..1_001).map(table).collect();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(
        &mut zip,
        format!("<office:spreadsheet>{sheets}</office:spreadsheet>").as_bytes(),
    )
    .unwrap();
    let many = zip.finish().unwrap().into_inner();
    let message = "C-04 甲乡.ods：工作簿有 1001 张工作表，多于 1000 张";
    assert_eq!(said(&read_as("甲乡.ods", &many)), [message]);

    // Two forms in turn, so that no table is the next page of the one before.
    let tables =
        "党员评议表\n党组织代码,应参评党员数\n0010,5\n办件登记表\n办件编号,经办人数\n0010,5\n";
    let message = "C-04 甲乡.csv：一个文件里的报表多于 1000 张";
    assert_eq!(said(&read_as("甲乡.csv", tables.repeat(501).as_bytes())), [message]);

    let titles: String = (0..1_023).map(|n| format!(",栏{n}")).collect();
    let wide =
        format!("填报单位：甲乡\n报告期：2013年10月\n党组织代码,应参评党员数{titles}\n0010,5\n");
    let collected = read_as("甲乡.csv", wide.as_bytes());
    assert_eq!(lines(&collected), ["error C-05"]);
    assert!(collected.returns.is_empty());
}

#[test]
fn a_text_that_no_cell_could_hold_refuses_the_file() {
    let long = format!("{}甲\n", csv("甲乡", "2013年10月", "5")) + &"党".repeat(60_000);
    let collected = read_as("甲乡.csv", long.as_bytes());
    assert_eq!(lines(&collected), ["error C-04"]);
    // In a separator that is not meant, one quote may take the whole text into one cell.
    let more: String = (1..20_000).map(|n| format!("{n:05}\t5\n")).collect();
    let text =
        "党员评议表\n填报单位：甲乡\n报告期：2013年10月\n党组织代码\t应参评党员数\n00000,\"x\t5\n";
    let text = format!("{text}{more}");
    let collected = read_as("甲乡.csv", text.as_bytes());
    assert_eq!(collected.returns[0].rows.len(), 20_000);
}

/// What is said beside a table goes into several outputs: its beginning, and where it stands.
#[test]
fn a_long_sentence_is_kept_by_its_beginning() {
    let words = format!("情况说明：{}", "本月开展了走访。".repeat(200));
    let text = csv("甲乡", "2013年10月", "5") + &format!("{words}\n");
    let collected = read_as("甲乡.csv", text.as_bytes());
    let said: String = words.chars().take(1_000).collect();
    let sentence = &collected.returns[0].sentences[0];
    assert_eq!(sentence.text, format!("{said}……（后文见原表）"));
    assert_eq!(sentence.location.to_string(), "2013-10/甲乡.csv ! A6");
}

/// A file of another office: one finding, whatever it has.
#[test]
fn a_foreign_workbook_is_said_once() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for n in 0..300 {
        let sheet = workbook.add_worksheet();
        sheet.set_name(format!("第{n}页")).unwrap();
        for row in 0..5 {
            sheet.write_row(row, 0, ["甲", "乙", "丙"]).unwrap();
        }
        if n > 297 {
            sheet.set_hidden(true);
        }
    }
    let collected = read_as("甲乡.xlsx", &workbook.save_to_buffer().unwrap());
    let names: Vec<String> = (0..10).map(|n| format!("“第{n}页”")).collect();
    assert_eq!(
        said(&collected),
        [
            "C-07 隐藏工作表“第298页”、“第299页”未读取".to_owned(),
            format!("C-05 298 张工作表不是已定义的报表，未读取：{} 等 298 个", names.join("、")),
        ]
    );
}

/// A formula that 20,000 cells share is not kept 20,000 times.
#[test]
fn a_shared_formula_is_named_by_its_beginning() {
    let formula = ["A1"; 2_000].join("+");
    let row = |n: u32| {
        let formula = if n == 4 {
            format!(r#"<f t="shared" ref="B4:B20003" si="0">{formula}</f>"#)
        } else {
            r#"<f t="shared" si="0"/>"#.to_owned()
        };
        format!(
            r#"<row r="{n}"><c r="A{n}" t="str"><v>{n:06}</v></c><c r="B{n}">{formula}<v>5</v></c></row>"#
        )
    };
    let collected = read(&rows_of(20_000, row));
    let facts = &collected.returns[0];
    let at = |row: usize| facts.formula(row, 2).unwrap();
    assert_eq!(at(0), formula);
    assert_eq!(at(19_999), format!("{}…（同 B4，随位置变动）", &formula[..100]));
}

/// Which text a cell shows is only an index: with a text too many, all behind it are others.
#[test]
fn a_table_of_texts_that_miscounts_itself_is_noted() {
    let strings = |count: u32| {
        format!(r#"<sst uniqueCount="{count}"><si><t>0010</t></si><si><t>0020</t></si></sst>"#)
    };
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let links = format!(
        r#"<Relationships><Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/>
        <Relationship Id="rId2" Type="{kind}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    let data = r#"<row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4"><v>5</v></c></row>"#;
    for (count, expected) in [(2, vec![]), (3, vec!["hint C-55"])] {
        let strings = strings(count);
        let parts = [("xl/sharedStrings.xml", &*strings), ("xl/_rels/workbook.xml.rels", &links)];
        let book = Book { data, after: "", calculation: "", parts: &parts };
        let collected = read_as("甲乡.xlsx", &book.bytes());
        assert_eq!(rows(&collected.returns[0])[0], "4:  | 0020 | 5 |  |  |  |  |  |  |  |  | ");
        assert_eq!(lines(&collected), expected, "{count}");
    }
}

/// Of fifteen versions each hears of the first ten others and how many there are.
#[test]
fn many_rivals_are_counted() {
    let returns = Returns::new();
    for n in 1..=15 {
        let name = format!("2013-10/甲乡{n:02}.csv");
        returns.write(&name, csv("甲乡", "2013年10月", &n.to_string()).as_bytes());
    }
    let collected = returns.collect();
    let others: Vec<String> = (2..=11).map(|n| format!("2013-10/甲乡{n:02}.csv")).collect();
    let message = format!(
        "C-26 同一单位、同一报表、同一报告期另有：{} 等 14 个，又没有更正声明；\
         与“甲乡02.csv”有 1 处不同：B5 应参评党员数“1”，对方“2”",
        others.join("、")
    );
    assert_eq!(said(&collected)[0], message);
    assert_eq!(collected.findings.len(), 15);
}

#[test]
fn mistakes_of_a_declaration_are_listed_up_to_a_hundred() {
    let lines: String = (0..150).map(|n| format!("没有{n}.xlsx,某日\n")).collect();
    let collected = read_as("收件.csv", format!("文件,收到日期\n{lines}").as_bytes());
    assert_eq!(collected.findings.len(), 101);
    assert_eq!(said(&collected)[100], "C-28 收件.csv 另有 50 处有误，未逐一列出");
}

/// What a library or the system says is English; nobody who hands in returns has to read it.
#[test]
fn findings_about_hostile_files_are_in_chinese() {
    let hostile = repository().join("tests/fixtures/hostile");
    let returns = Returns::new();
    for entry in fs::read_dir(&hostile).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        returns.add(&hostile.join(&name), &format!("2013-10/{name}"));
    }
    let broken = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"></row></sheetData></worksheet>";
    let parts = [("xl/sharedStrings.xml", "x"), ("xl/worksheets/sheet2.xml", broken)];
    let book = Book { data: "<row><c></row>", after: "", calculation: "", parts: &parts };
    returns.write("2013-10/不成XML.xlsx", &book.bytes());
    let collected = returns.collect();
    assert!(collected.findings.len() > 30);
    let is_word = |text: &str| text.len() > 1 && text.bytes().all(|b| b.is_ascii_lowercase());
    for finding in &collected.findings {
        // One word is a name (`xml`); two in a row are a sentence.
        let words: Vec<&str> = finding.message.split([' ', '：', '，', '“', '”']).collect();
        let english = words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)));
        assert!(!english, "{}", finding.message);
    }
    let message = "C-01 不成XML.xlsx：工作表“评议” 内部有错：第";
    assert!(
        said(&collected).iter().any(|text| text.starts_with(message)),
        "{:#?}",
        said(&collected)
    );
}
