//! Nothing that stands in a personal field of a return reaches an output, and no number of a
//! person, wherever it was typed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use super::october;
use crate::case::{Case, files};

/// What was handed in for personal fields, in all months.
fn personal() -> BTreeSet<String> {
    let (computed, _) = october();
    let definition = &computed.checked.definition;
    let mut texts = BTreeSet::new();
    let mut forms = BTreeSet::new();
    for facts in &computed.checked.collected.returns {
        let form = definition.form(&facts.form).unwrap();
        for (at, _) in form.fields.iter().enumerate().filter(|(_, field)| field.personal) {
            forms.insert(form.id.as_str());
            let rows = 0..facts.rows.len();
            texts.extend(
                rows.filter_map(|row| facts.raw_text(row, at)).map(|t| t.trim().to_owned()),
            );
        }
    }
    let declared = definition.forms.iter().filter(|f| f.fields.iter().any(|x| x.personal));
    let never: Vec<&str> =
        declared.map(|f| f.id.as_str()).filter(|id| !forms.contains(id)).collect();
    // The results of the village elections are due next year.
    assert_eq!(never, ["term_result"]);
    texts.remove("");
    texts
}

/// All text of all outputs, by file and part: packages and the page's data unpacked.
fn texts(outputs: &super::Files) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, bytes) in outputs {
        // Packages hold pictures, too.
        if name.ends_with(".xlsx") || name.ends_with(".docx") {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            for at in 0..archive.len() {
                let mut part = archive.by_index(at).unwrap();
                let inner = format!("{name} {}", part.name().unwrap());
                if !inner.ends_with(".png") {
                    let mut text = String::new();
                    part.read_to_string(&mut text).unwrap();
                    // The moment that stands for none in a document's properties.
                    texts.insert(inner, text.replace("1970-01-01T00:00:00Z", ""));
                }
            }
        } else if name.ends_with(".html") {
            let page = std::str::from_utf8(bytes).unwrap();
            let (before, rest) = page.split_once("id=\"data\">").unwrap();
            let (_, after) = rest.split_once("</script>").unwrap();
            texts.insert(name.clone(), format!("{before}{}{after}", crate::page::data(page)));
        } else if !name.ends_with(".png") {
            texts.insert(name.clone(), String::from_utf8(bytes.clone()).unwrap());
        }
    }
    texts
}

#[test]
fn no_personal_field_reaches_any_output() {
    // The last digits of identity cards are too short to tell from a count; birthdays are not.
    let personal = personal();
    let han = |text: &str| text.chars().filter(|c| !c.is_ascii()).count() > 1;
    let told: BTreeSet<&str> =
        personal.iter().map(String::as_str).filter(|t| han(t) || t.len() > 5).collect();
    assert!(told.contains("党员0001"));
    assert!(told.len() > 4000, "{} texts to look for", told.len());
    let first: BTreeSet<char> = told.iter().filter_map(|text| text.chars().next()).collect();
    let lengths: BTreeSet<usize> = told.iter().map(|text| text.len()).collect();
    let outputs = texts(&october().1);
    let kinds =
        ["figures.csv", "lineage.json", ".svg", ".html", "word/document.xml", "Strings.xml"];
    for kind in kinds {
        assert!(outputs.keys().any(|name| name.ends_with(kind)), "{kind}");
    }
    let masked = outputs.values().filter(|text| text.contains("〔个人信息〕")).count();
    assert!(masked > 0, "no output had a personal field to mask");
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    for (output, text) in &outputs {
        for (start, _) in text.char_indices().filter(|(_, c)| first.contains(c)) {
            for length in &lengths {
                let Some(found) = text.get(start..start + length) else { continue };
                // Digits inside a hash or a longer number are not a birthday.
                let alone = han(found)
                    || !inside(text[..start].chars().next_back())
                        && !inside(text[start + length..].chars().next());
                assert!(!(told.contains(found) && alone), "{found} in {output}");
            }
        }
    }
}

/// Plants numbers of persons, each somewhere else, and remembers them.
#[derive(Default)]
struct Planter {
    planted: Vec<String>,
}

impl Planter {
    fn plant(&mut self, number: String) -> String {
        self.planted.push(number.clone());
        number
    }

    /// An identity card of 18 digits.
    fn card(&mut self) -> String {
        self.plant(format!("14072219800101{:04}", 1000 + self.planted.len()))
    }

    /// An identity card that ends in X.
    fn card_x(&mut self) -> String {
        self.plant(format!("14072219800101{:03}X", 100 + self.planted.len()))
    }

    /// An identity card of 15 digits.
    fn old_card(&mut self) -> String {
        self.plant(format!("140722800101{:03}", 100 + self.planted.len()))
    }

    fn mobile(&mut self) -> String {
        self.plant(format!("1380000{:04}", 1000 + self.planted.len()))
    }
}

/// October with numbers of persons wherever a clerk can type.
fn plant_everywhere(case: &Case, p: &mut Planter) {
    let header = ["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办", "评分", "等次"];
    let sheet = |unit: &str, rows: Vec<Vec<String>>, below: &str, more: &str| {
        let mut all: Vec<Vec<String>> = vec![
            vec!["办件月报".into()],
            vec![format!("填报单位：{unit}"), String::new(), "报告期：2013年10月".into()],
            header.iter().map(|title| (*title).to_owned()).chain([more.to_owned()]).collect(),
        ];
        all.extend(rows);
        all.push(vec![below.to_owned()]);
        all
    };
    let write = |path: String, name: String, rows: &[Vec<String>]| {
        let rows: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        case.workbook(&path, &[(&name, &rows)]);
    };
    let row = |cells: [String; 8]| cells.to_vec();
    let number = |text: &str| text.to_owned();

    // A return that counts: in the names of its file and its sheet, in a key, and below.
    let rows = vec![row([
        format!("'窗口{}", p.card()),
        format!("'{}", p.card()),
        number("4"),
        number("6"),
        number("0"),
        number("10"),
        String::new(),
        String::new(),
    ])];
    let rows = sheet("甲镇", rows, &format!("备注：请联系{}或{}", p.mobile(), p.old_card()), "");
    write(format!("2013-10/甲镇_{}.xlsx", p.card()), format!("办件{}", p.mobile()), &rows);

    // A return that is sent back: in cells of every type, in a header, in a total's label.
    let twice = format!("'{}", p.card());
    let long = "说明".repeat(26);
    let rows = vec![
        row([
            twice.clone(),
            number("某人"),
            format!("'约{}", p.mobile()),
            format!("'{}", p.card_x()),
            format!("'{long}{}", p.card()),
            format!("'{}件", p.mobile()),
            format!("'{}", p.old_card()),
            format!("'{}", p.card()),
        ]),
        row([
            twice,
            number("某人"),
            number("1"),
            p.mobile(),
            number("1"),
            number("1"),
            number("1"),
            p.mobile(),
        ]),
        vec![format!("合计 {}", p.mobile())],
    ];
    let rows = sheet("乙乡", rows, &format!("审核人：某人 电话 {}", p.mobile()), &p.card());
    write(format!("2013-10/{}/{}.xlsx", p.mobile(), p.card()), p.card(), &rows);

    // Two rivals whose names differ in nothing but the number, and nobody's return.
    for window in ["c1", "c2"] {
        let rows = vec![row([window, "某人", "1", "4", "4", "1", "", ""].map(str::to_owned))];
        write(
            format!("2013-10/丙局{}.xlsx", p.mobile()),
            "办件".into(),
            &sheet("丙局", rows, "", ""),
        );
    }
    let unknown = sheet(&format!("某局{}", p.card()), Vec::new(), "", "");
    write(format!("2013-10/{}.xlsx", p.card_x()), "表".into(), &unknown);
    let other = vec![vec!["甲".to_owned(), "乙".to_owned()]];
    write(format!("2013-10/附件{}.xlsx", p.card()), format!("表{}", p.mobile()), &other);

    let write = |name: String, text: String| {
        std::fs::write(case.path("returns/2013-10").join(name), text).unwrap();
    };
    write(format!("{}.docx", p.card()), "x".into());
    write(format!("照片{}.jpg", p.mobile()), "x".into());
    write(format!("{}.csv", p.mobile()), format!("姓名,电话\n某人,{}\n", p.mobile()));
    write(
        "收件.csv".into(),
        format!("文件,收到日期\n{}.xlsx,2013-11-01\n甲.xlsx,{}\n", p.card(), p.card()),
    );
    let (file, reason) = (p.card(), p.mobile());
    write(
        "更正.csv".into(),
        format!(
            "单位,报表,采用文件,被替代文件,更正人,更正日期,原因\n\
         甲镇{},办件月报,{file}.xlsx,b.xlsx,某人{},2013-11-01,{reason}\n",
            p.mobile(),
            p.mobile()
        ),
    );
    write(
        "审核说明.csv".into(),
        format!(
            "检查,单位,报表,单元格,说明\nT-02,甲镇,办件月报,,已问{}\n\
         T-02{},甲镇,办件月报{},C4,{}\nT-02,{},办件月报,,无\nT-99 {},甲镇,办件月报,{},无\n",
            p.mobile(),
            p.mobile(),
            p.mobile(),
            p.card(),
            p.card(),
            p.mobile(),
            p.card()
        ),
    );
}

#[test]
fn no_number_of_a_person_reaches_any_output_wherever_it_was_typed() {
    let case = Case::mini();
    let mut planter = Planter::default();
    plant_everywhere(&case, &mut planter);
    let ran = case.run().expect_code(1);
    let mut texts = texts(&files(&case.path("reports/2013-10")));
    texts.insert("terminal".into(), format!("{}{}", ran.stdout, ran.stderr));
    let checked = case.dangtong("check", &["--period", "2013-10", "--all"]);
    texts.insert("check".into(), format!("{}{}", checked.stdout, checked.stderr));
    let json = case.dangtong("check", &["--period", "2013-10", "--json"]);
    texts.insert("check --json".into(), json.stdout);
    // The first return counts, the second is sent back, and both are read to the end.
    assert_eq!(case.figure("registered_total@101"), "6");
    let findings = &texts["findings.csv"];
    for said in
        ["〔个人信息〕.xlsx", "约〔个人信息〕", "某局〔个人信息〕", "丙局〔个人信息〕.xlsx（2）"]
    {
        assert!(findings.contains(said), "{said} is not in\n{findings}");
    }
    assert!(planter.planted.len() > 40);
    for number in &planter.planted {
        for (output, text) in &texts {
            // Neither whole nor cut short.
            let head: String = number.chars().take(11).collect();
            let cut = number.len() > 15 && text.contains(&number[..15]);
            assert!(!text.contains(number.as_str()) && !cut, "{number} ({head}…) in {output}");
        }
    }
}
