//! The monthly circular (通报): its text, what it leaves out, and the document that carries it.
//!
//! The golden texts in `circular/` were read against `figures.csv` of the same month, whose
//! numbers the programs in `tests/oracle` recompute. Run with `DANGTONG_ACCEPT=1` to write them
//! anew, and read them before committing.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};

use dangtong::cache::Cache;
use dangtong::definition::SectionKind;
use dangtong::pipeline::{Computed, Request, compute, prepare, render};
use dangtong::report::circular::{CircularText, circular};

use crate::case::{Case, repository};

/// A month of the sample county.
pub(crate) fn computed(period: &str) -> Computed {
    let root = repository();
    let request = Request {
        pipeline: root.join("pipelines/zuoquan"),
        returns: Some(root.join("sample-data/zuoquan/returns")),
        period: Some(period.to_owned()),
        facts: Vec::new(),
        at: None,
        reader: env!("CARGO_BIN_EXE_dangtong").into(),
        cache: Cache::none(),
    };
    compute(prepare(&request).unwrap()).unwrap()
}

/// Every line of the text, in reading order.
fn lines(circular: &CircularText) -> Vec<String> {
    let mut lines = vec![circular.doc_no.clone(), circular.title.clone()];
    lines.push(circular.stage.clone());
    lines.push(circular.addressee.clone());
    lines.extend(circular.lead.iter().map(|p| p.text.clone()));
    for section in &circular.sections {
        lines.push(section.heading.clone());
        lines.extend(section.paragraphs.iter().map(|p| format!("{}{}", p.heading, p.text)));
    }
    lines.extend([circular.signed.clone(), circular.date.clone()]);
    let imprint = circular.imprint.iter().map(|(left, right)| format!("{left}　{right}"));
    lines.extend(imprint.map(|line| line.trim_end().to_owned()));
    lines
}

#[track_caller]
fn agrees_with_golden(period: &str, circular: &CircularText) {
    assert!(pages(circular) <= 4, "{period} has {} pages", pages(circular));
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

/// Pages of the body as official papers are set: 22 lines of 28 characters, a digit or letter half
/// a character, a quarter between digits and characters; two lines for the title, one blank line
/// before 附件 and one before 落款.
fn pages(circular: &CircularText) -> usize {
    let rows = |text: &str, indent: usize| {
        let quarters: usize = text.chars().map(|c| if c.is_ascii() { 2 } else { 4 }).sum();
        let changes = text.chars().zip(text.chars().skip(1));
        let changes = changes.filter(|(a, b)| a.is_alphanumeric() && b.is_alphanumeric());
        let changes = changes.filter(|(a, b)| a.is_ascii() != b.is_ascii()).count();
        (quarters + changes + 4 * indent).div_ceil(112)
    };
    let given = |text: &String| usize::from(!text.is_empty());
    let mut all = given(&circular.doc_no) + 2 + given(&circular.notice) + given(&circular.stage);
    all += rows(&circular.addressee, 0);
    all += circular.lead.iter().map(|p| rows(&p.text, 2)).sum::<usize>();
    for section in &circular.sections {
        let texts = section.paragraphs.iter().map(|p| format!("{}{}", p.heading, p.text));
        all += 1 + texts.map(|text| rows(&text, 2)).sum::<usize>();
    }
    all += 1 + circular.attachments.len() + 1 + 2;
    all.div_ceil(22)
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

    // No identifier of a definition; and a fact once: below the opening, which sums up, no figure
    // of a unit (or of the county) is behind two paragraphs.
    for line in lines(&circular) {
        let mut words = line.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
        assert!(words.all(|word| word.len() < 4), "{line}");
    }
    // Tasks name the units that they are for.
    let stating = circular.sections.iter().filter(|s| s.kind != SectionKind::Next);
    let mut said: Vec<&String> =
        stating.flat_map(|s| &s.paragraphs).flat_map(|p| &p.figures).collect();
    let all = said.len();
    said.sort_unstable();
    said.dedup();
    assert_eq!(said.len(), all, "a figure is behind two paragraphs");

    // Every figure behind a sentence is a published one.
    let published: Vec<&str> = computed.figures.iter().map(|f| f.id.as_str()).collect();
    let stated = circular.sections.iter().flat_map(|s| &s.paragraphs).flat_map(|p| &p.figures);
    assert!(stated.clone().count() > 50);
    for id in stated {
        assert!(published.contains(&id.as_str()), "{id}");
    }

    let outputs = render(&computed).unwrap().files;
    let document = &outputs["通报_2013-10.docx"];
    assert!(*document == render(&computed).unwrap().files["通报_2013-10.docx"], "bytes differ");
    let parts = parts(document);
    let body = text_of(&parts["word/document.xml"]);
    for line in lines(&circular) {
        // What stands at the right of a line stands behind a tab.
        let said = line.split('　').all(|part| body.contains(part));
        assert!(said, "the document lacks: {line}");
    }
    let xml = &parts["word/document.xml"];
    assert!(xml.contains("<w:tblHeader />") && xml.contains("descr=\""), "header rows, pictures");
    assert!(!xml.contains("paraId"));
    assert!(parts["docProps/core.xml"].contains("中共左权县委组织部"));
    assert!(parts["docProps/core.xml"].contains("1970-01-01T00:00:00Z"), "no clock");
    let pictures = outputs.keys().filter(|n| n.ends_with(".png")).count();
    assert!(pictures > 3 && xml.matches("<w:drawing>").count() == 3);
}

/// A pipeline's circular with the given sentences.
fn case_with(sentences: &str) -> Case {
    let case = Case::mini_clean();
    let frame = "name = \"通报\"\ntitle = \"{{ period }}通报\"\naddressee = \"各单位：\"\n\
                 lead = [\"{{ county }}情况如下。\"]\nsigned = \"某部\"\n";
    fs::write(case.path("pipeline/circular.toml"), frame).unwrap();
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    fs::write(programme, text + sentences).unwrap();
    case
}

fn sentence(text: &str) -> String {
    format!("\n[[sentence]]\nsection = \"overall\"\ntext = '''{text}'''\n")
}

#[test]
fn a_sentence_with_a_missing_figure_is_left_out_and_named() {
    let rate = sentence("办结率{{ value(\"closing_rate\") }}。");
    let total = sentence("本月登记{{ value(\"registered_total\") }}。");
    let case = case_with(&(rate + &total));
    for unit in ["甲镇", "乙乡", "丙局"] {
        // Nothing open and nothing registered: the rate has no base.
        fs::remove_file(case.path(&format!("returns/2013-10/{unit}.xlsx"))).unwrap();
        case.cases("2013-10", unit, &[["x1", "0", "0", "0", "0"]]);
    }
    let ran = case.run();
    assert!(ran.stderr.contains("通报有 1 句因缺数没有写：办件 办结率：无基数"), "{}", ran.stderr);
    let document = fs::read(case.path("reports/2013-10/通报_2013-10.docx")).unwrap();
    let body = text_of(&parts(&document)["word/document.xml"]);
    assert!(body.contains("2013年10月通报") && body.contains("本月登记0"), "{body}");
    assert!(!body.contains("办结率"), "{body}");
}

/// October: 甲镇 has 6 new cases (10 in September), 乙乡 3 (5), 丙局 4 (2); 乙乡 closes 1 of 3, the
/// county 14 of 18, which misses 80 %.
#[test]
fn what_the_limits_leave_no_room_for_is_counted_in_the_body_and_complete_in_the_attachment() {
    let rule = |id: &str, title: &str, line: &str| {
        format!(
            "\n[[diagnosis]]\nid = \"{id}\"\ntitle = \"{title}\"\ndisease = \"弱化\"\n{line}\n\
             remedy = \"分流\"\ntext = \"{{unit}}{{seen}}\"\nbasis = \"测试\"\n"
        )
    };
    let slow = rule("slow", "办结慢", "indicator = \"closing_rate\"\nbelow = \"50\"");
    let busy = rule("busy", "登记多", "indicator = \"registered_total\"\nabove = \"2\"");
    let text =
        "办结率{{ value(\"closing_rate\") }}，乙乡{{ value(\"closing_rate\", unit=\"102\") }}。";
    let rate = sentence(text);
    let case = case_with(&(rate + &slow + &busy));
    let diseases = "[disease]\ntitle = \"病症\"\ncodes = [{ code = \"弱化\", id = \"weak\" }]\n";
    let frame = "owner = \"书记\"\nlimits = { programmes = 1, problems = 1, units = 2 }\n\
                 [[attachment]]\nkind = \"key-figures\"\ntitle = \"指标\"\n\
                 [[attachment]]\nkind = \"problems\"\ntitle = \"问题清单\"\n";
    for (path, text) in [("codelists.toml", diseases), ("circular.toml", frame)] {
        let path = case.path(&format!("pipeline/{path}"));
        let old = fs::read_to_string(&path).unwrap();
        fs::write(path, old + text).unwrap();
    }
    // It stands before the other in the definition, but nothing asks for attention in it.
    let second = "id = \"closed\"\ntitle = \"办结\"\norder = 5\n\
                  [[indicator]]\nid = \"closed_total\"\ntitle = \"办结\"\nform = \"cases\"\n\
                  kind = \"sum\"\nnumerator = \"closed\"\nmeasure = \"件\"\nkey = true\n";
    let second = second.to_owned() + &sentence("办结{{ value(\"closed_total\") }}。");
    fs::write(case.path("pipeline/programmes/closed.toml"), second).unwrap();
    case.run().expect_code(0);
    let document = fs::read(case.path("reports/2013-10/通报_2013-10.docx")).unwrap();
    let body = text_of(&parts(&document)["word/document.xml"]);
    let (said, attached) = body.split_once("附件1\n").unwrap();
    let says = |line: &str| assert!(said.contains(line), "{line} is not in\n{said}");
    says("（一）办件。办结率77.8%，乙乡33.3%。");
    says("注：另有1个专题，见附件1。");
    says("（一）弱化方面。登记多的3个（占100.0%），其中2个连续2个月，名单见附件2。");
    says("其余1类问题1条，见附件2。");
    assert!(!said.contains("办结14件") && !said.contains("办结慢"), "{said}");
    let row = |cells: &[&str]| {
        assert!(attached.contains(&cells.join("\n")), "{cells:?} is not in\n{attached}");
    };
    row(&["登记多", "不高于2件", "甲镇6件、乙乡3件（自9月份起）；丙局4件", "分流", "书记"]);
    row(&["办结慢", "不低于50%", "乙乡33.3%（1/3）", "分流", "书记"]);
}

#[test]
fn what_a_sentence_cannot_say_is_a_problem_at_load_with_file_line_and_choices() {
    let texts = [
        (
            "登记{{ value(\"registred_total\") }}。",
            "没有指标“registred_total”，相近的有：registered_total",
        ),
        ("登记{{ valu(\"registered_total\") }}。", "没有“valu”这个词，可用的有：value、numerator"),
        ("登记{{ value(\"registered_total\" }}。", "没有成对，或里面写得不完整"),
        ("{{ compare(\"closing_rate\", \"last\") }}。", "应为 previous、year_ago、year_begin 之一"),
        (
            "{{ best(\"closing_rate\", \"街道\", 1)|names }}。",
            "没有“街道”这个组，现有：乡镇、县直机关",
        ),
        ("{{ compare(\"closing_rate\", \"year_begin\") }}。", "不与年初比较"),
        ("{{ parts(\"closing_rate\", \"件\") }}。", "不是分布或漏斗"),
        ("登记{{ value(\"registered_total\") }}", "句子应以“。”结尾"),
    ];
    let sentences: String = texts.iter().map(|(text, _)| sentence(text)).collect();
    let case = case_with(&sentences);
    let programme = fs::read_to_string(case.path("pipeline/programmes/cases.toml")).unwrap();
    let ran = case.run().expect_code(2);
    for (text, problem) in texts {
        // The line of the text itself.
        let line = programme.lines().position(|l| l.contains(text)).unwrap() + 1;
        let place = format!("programmes/cases.toml:{line}: ");
        let found = ran.stderr.lines().any(|l| l.contains(&place) && l.contains(problem));
        assert!(found, "wanted {place}{problem}:\n{}", ran.stderr);
    }
}

/// Parts of a document as text, and that no entry carries a time.
/// The XML parts of an office document, by name.
pub(crate) fn parts(document: &[u8]) -> BTreeMap<String, String> {
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
pub(crate) fn text_of(xml: &str) -> String {
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
    plain(&text)
}

/// Markup's text without its escapes.
pub(crate) fn plain(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
