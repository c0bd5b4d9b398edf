//! Nothing that stands in a personal field of a return reaches an output.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use super::october;

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
fn outputs() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, bytes) in &october().1 {
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
    let outputs = outputs();
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
