//! Packs the document, with what the library cannot say: repeated header rows, alternative
//! texts of pictures, the author; and without its running numbers, so that the same circular
//! is the same bytes.

use std::io::Cursor;

use docx_rs::Docx;

pub(super) fn pack(docx: Docx, alternatives: &[String], author: &str) -> anyhow::Result<Vec<u8>> {
    let mut package = docx.build();
    package.document = patched(package.document, |text| {
        let text = text.replace("<w:cantSplit />", "<w:cantSplit /><w:tblHeader />");
        // No row is torn by the end of a page.
        let text = text.replace("<w:trPr />", "<w:trPr><w:cantSplit /></w:trPr>");
        with_alternatives(&without_ids(&text), alternatives)
    })?;
    // Chinese rules for breaking lines.
    package.styles = patched(package.styles, |text| {
        text.replacen("</w:rPr>", "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\" /></w:rPr>", 1)
    })?;
    for footer in &mut package.footers {
        *footer = patched(std::mem::take(footer), without_ids)?;
    }
    package.doc_props.core = patched(package.doc_props.core, |text| {
        text.replace(">unknown<", &format!(">{}<", escaped(author)))
    })?;
    let mut bytes = Cursor::new(Vec::new());
    package.pack(&mut bytes)?;
    Ok(bytes.into_inner())
}

fn patched(part: Vec<u8>, change: impl Fn(&str) -> String) -> anyhow::Result<Vec<u8>> {
    Ok(change(&String::from_utf8(part)?).into_bytes())
}

/// Paragraph ids count on from document to document; nothing refers to them.
fn without_ids(xml: &str) -> String {
    const ID: &str = " w14:paraId=\"";
    let mut parts = xml.split(ID);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += part.split_once('"').map_or(part, |(_, rest)| rest);
    }
    text
}

/// Gives each picture its own number, name and description.
fn with_alternatives(xml: &str, alternatives: &[String]) -> String {
    const PICTURE: &str = "<wp:docPr id=\"1\" name=\"Figure\" />";
    let mut parts = xml.split(PICTURE);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        let alternative = alternatives.get(number - 1).map_or("", String::as_str);
        text += &format!(
            "<wp:docPr id=\"{number}\" name=\"图{number}\" descr=\"{}\" />{part}",
            escaped(alternative)
        );
    }
    text
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
