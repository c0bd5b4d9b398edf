//! Packs the document, with what the library cannot say: repeated header rows, alternative
//! texts of pictures, the author; and without its running numbers, so that the same circular
//! is the same bytes.

use std::io::Cursor;

use docx_rs::Docx;

use crate::report::text::in_markup;

pub(super) fn pack(docx: Docx, alternatives: &[String], author: &str) -> anyhow::Result<Vec<u8>> {
    let mut package = docx.build();
    package.document = patched(package.document, |text| {
        let text = with_headers(text);
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
        text.replace(">unknown<", &format!(">{}<", in_markup(author)))
    })?;
    let mut bytes = Cursor::new(Vec::new());
    package.pack(&mut bytes)?;
    Ok(bytes.into_inner())
}

fn patched(part: Vec<u8>, change: impl Fn(&str) -> String) -> anyhow::Result<Vec<u8>> {
    Ok(change(&String::from_utf8(part)?).into_bytes())
}

/// The first row of each table is repeated on every page.
fn with_headers(xml: &str) -> String {
    const TABLE: &str = "<w:tbl>";
    const WHOLE: &str = "<w:cantSplit />";
    let marked = |table: &str| table.replacen(WHOLE, &format!("{WHOLE}<w:tblHeader />"), 1);
    let (before, tables) = xml.split_once(TABLE).unwrap_or((xml, ""));
    let tables = if tables.is_empty() { Vec::new() } else { tables.split(TABLE).collect() };
    tables.into_iter().fold(before.to_owned(), |text, table| text + TABLE + &marked(table))
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
            in_markup(alternative)
        );
    }
    text
}
