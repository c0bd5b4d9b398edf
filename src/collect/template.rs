//! What a workbook remembers of the forms that were handed out, in the custom properties that Excel and
//! LibreOffice keep when it is saved.

use super::workbook::TemplateStamp;
use super::xml::{Event, Part};
use crate::model::handout::{FORM_PROPERTY, PERIOD_PROPERTY, UNIT_PROPERTY};

/// Reads `docProps/custom.xml` of an .xlsx or `meta.xml` of an .ods; `None` where it remembers no
/// form, or the part is damaged: then there is nothing to compare with, and nothing else is lost.
pub(super) fn remembered(xml: &str) -> Option<TemplateStamp> {
    let mut part = Part::new("", xml);
    let mut template = TemplateStamp::default();
    loop {
        match part.next().ok()? {
            Event::Start(e) if matches!(e.local_name(), "property" | "user-defined") => {
                let name = e.attribute("name").unwrap_or_default();
                let text = text_inside(&mut part)?;
                match name.strip_prefix(FORM_PROPERTY) {
                    Some(form) => drop(template.editions.insert(form.to_owned(), text)),
                    None if *name == *UNIT_PROPERTY => template.unit = text,
                    None if *name == *PERIOD_PROPERTY => template.folder = text,
                    None => {}
                }
            }
            Event::Eof => return (!template.editions.is_empty()).then_some(template),
            _ => {}
        }
    }
}

/// The text of a property: one format writes it into an element of its type, the other does not.
fn text_inside(part: &mut Part) -> Option<String> {
    let mut text = String::new();
    loop {
        match part.next().ok()? {
            Event::Start(_) => text.push_str(&part.content().ok()?.text),
            Event::Text(piece) => text.push_str(piece),
            Event::End(_) => return Some(text),
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_remember_the_same() {
        let xlsx = r#"<Properties><property fmtid="{D}" pid="2" name="dangtong.unit"><vt:lpwstr>0001</vt:lpwstr></property>
            <property name="dangtong.period"><vt:lpwstr>2013-10</vt:lpwstr></property><property name="x"/>
            <property name="dangtong.form.visit"><vt:lpwstr>0a1b</vt:lpwstr></property></Properties>"#;
        let ods = r#"<meta><meta:user-defined meta:name="dangtong.unit">0001</meta:user-defined>
            <meta:user-defined meta:name="dangtong.period" meta:value-type="string">2013-10</meta:user-defined>
            <meta:user-defined meta:name="dangtong.form.visit">0a1b</meta:user-defined></meta>"#;
        let template = remembered(xlsx).unwrap();
        assert_eq!((&*template.unit, &*template.folder), ("0001", "2013-10"));
        assert_eq!(template.editions["visit"], "0a1b");
        assert_eq!(remembered(ods), Some(template));
        for other in [
            "<Properties><property name=\"公司\"><vt:lpwstr>甲</vt:lpwstr></property></Properties>",
            "<Properties><property name=\"dangtong.form.visit\"><vt:lpwstr>0a1b</Properties>",
            "",
        ] {
            assert_eq!(remembered(other), None, "{other}");
        }
    }
}
