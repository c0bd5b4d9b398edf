//! The monthly circular (通报): its text, what it leaves out, and the document that carries it.
//!
//! The golden texts in `circular/` were read against `figures.csv` of the same month, whose
//! numbers the programs in `tests/oracle` recompute. Run with `DANGTONG_ACCEPT=1` to write them
//! anew, and read them before committing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};

use dangtong::pipeline::{Computed, Request, compute, prepare, render};
use dangtong::report::circular::{Circular, circular};

use crate::case::repository;

fn computed(period: &str) -> Computed {
    let root = repository();
    let request = Request {
        pipeline: root.join("pipelines/zuoquan"),
        returns: Some(root.join("sample-data/zuoquan/returns")),
        period: Some(period.to_owned()),
        reader: env!("CARGO_BIN_EXE_dangtong").into(),
    };
    compute(prepare(&request).unwrap()).unwrap()
}

/// Every line of the text, in reading order.
fn lines(circular: &Circular) -> Vec<String> {
    let mut lines = vec![circular.title.clone(), circular.addressee.clone()];
    lines.extend(circular.lead.iter().map(|p| p.text.clone()));
    for section in &circular.sections {
        lines.push(section.heading.clone());
        lines.extend(section.paragraphs.iter().map(|p| format!("{}{}", p.heading, p.text)));
    }
    lines.extend([circular.signed.clone(), circular.date.clone()]);
    lines
}

#[track_caller]
fn agrees_with_golden(period: &str, circular: &Circular) {
    let mut text = lines(circular).join("\n\n") + "\n\n没有写的句子：\n";
    for omitted in &circular.omitted {
        text += &format!("- {omitted}\n");
    }
    let path = repository().join(format!("tests/it/circular/{period}.md"));
    if std::env::var_os("DANGTONG_ACCEPT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{} differs:\n{text}", path.display());
}

/// The first folder: nothing to compare with, few programmes begun.
#[test]
fn the_first_month_compares_nothing() {
    let computed = computed("2012-12");
    let circular = circular(&computed.report_inputs()).unwrap();
    agrees_with_golden("2012-12", &circular);
    let text = lines(&circular).join("\n");
    assert!(!text.contains("比上") && !text.contains("持平"), "{text}");
}

/// 粟城乡 sends no studio return: it is named, and nothing incomplete is compared.
#[test]
fn a_month_with_a_missing_unit_names_it() {
    let computed = computed("2013-02");
    let circular = circular(&computed.report_inputs()).unwrap();
    agrees_with_golden("2013-02", &circular);
    let text = lines(&circular).join("\n");
    assert!(text.contains("（不含未报的粟城乡）"), "{text}");
}

/// June: the second rating rises, coverage is full again.
#[test]
fn a_month_that_rises() {
    let computed = computed("2013-06");
    agrees_with_golden("2013-06", &circular(&computed.report_inputs()).unwrap());
}

/// October: some rise, some fall; the document carries the same text, without holes, twice the
/// same bytes.
#[test]
fn october_and_its_document() {
    let computed = computed("2013-10");
    let circular = circular(&computed.report_inputs()).unwrap();
    agrees_with_golden("2013-10", &circular);

    // Every figure behind a sentence is a published one.
    let published: Vec<&str> = computed.figures.iter().map(|f| f.id.as_str()).collect();
    let stated = circular.sections.iter().flat_map(|s| &s.paragraphs).flat_map(|p| &p.figures);
    assert!(stated.clone().count() > 60);
    for id in stated {
        assert!(published.contains(&id.as_str()), "{id}");
    }

    let outputs = render(&computed).unwrap();
    let document = &outputs["通报_2013-10.docx"];
    assert!(*document == render(&computed).unwrap()["通报_2013-10.docx"], "bytes differ");
    let parts = parts(document);
    let body = text_of(&parts["word/document.xml"]);
    for line in lines(&circular) {
        assert!(body.contains(&line), "the document lacks: {line}");
    }
    let xml = &parts["word/document.xml"];
    assert!(xml.contains("<w:tblHeader />") && xml.contains("descr=\""), "header rows, pictures");
    assert!(!xml.contains("paraId"));
    assert!(parts["docProps/core.xml"].contains("中共左权县委组织部"));
    assert!(parts["docProps/core.xml"].contains("1970-01-01T00:00:00Z"), "no clock");
    let pictures = outputs.keys().filter(|n| n.ends_with(".png")).count();
    assert!(pictures > 3 && xml.matches("<w:drawing>").count() == 3);
}

/// Parts of a document as text, and that no entry carries a time.
fn parts(document: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(document)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let time = entry.last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day()), (1980, 1, 1));
        let name = entry.name().unwrap().into_owned();
        if name.ends_with(".xml") {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            parts.insert(name, text);
        }
    }
    parts
}

/// The text of a document, a line a paragraph.
fn text_of(xml: &str) -> String {
    let mut text = String::new();
    for piece in xml.split('<') {
        if let Some((tag, words)) = piece.split_once('>') {
            if tag == "w:t" || tag.starts_with("w:t ") {
                text += words;
            } else if tag == "/w:p" {
                text.push('\n');
            }
        }
    }
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
