//! Changes inside an XML part by the places of its tags: what is not changed stays as it was written,
//! byte for byte.

use std::borrow::Cow;
use std::ops::Range;

use super::unfit;
use crate::collect::workbook::Refusal;
use crate::collect::xml::{self, Event, Part};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagKind {
    Begin,
    /// `<row/>`
    Empty,
    End,
}

/// A tag and where it stands; the outermost element has depth 0.
pub(super) struct PlacedTag<'a> {
    pub kind: TagKind,
    pub depth: usize,
    pub range: Range<usize>,
    written: xml::Tag<'a>,
}

impl<'a> PlacedTag<'a> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.written.local_name() == name
    }

    pub(super) fn begins(&self, name: &str) -> bool {
        self.kind != TagKind::End && self.is(name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.written.attribute(name).map(Cow::into_owned)
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// The prefix of its namespace, with the colon.
    pub(super) fn prefix(&self) -> String {
        self.written.prefix().to_owned()
    }
}

/// The tags of a part, from the first to the last.
pub(super) struct Tags<'a> {
    part: Part<'a>,
    depth: usize,
}

impl<'a> Tags<'a> {
    pub(super) fn new(xml: &'a str) -> Self {
        Self { part: Part::new("", xml), depth: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<PlacedTag<'a>>, Refusal> {
        loop {
            let from = self.part.position();
            let (kind, written) = match self.part.next().map_err(|_| unfit("部件不成 XML"))? {
                Event::Start(e) => (TagKind::Begin, e),
                Event::Empty(e) => (TagKind::Empty, e),
                Event::End(e) => {
                    self.depth = self.depth.saturating_sub(1);
                    (TagKind::End, e)
                }
                Event::Eof => return Ok(None),
                _ => continue,
            };
            let depth = self.depth;
            self.depth += usize::from(kind == TagKind::Begin);
            return Ok(Some(PlacedTag { kind, depth, range: from..self.part.position(), written }));
        }
    }
}

/// A text with what will be put into it.
pub(super) struct Splice<'a> {
    text: &'a str,
    edits: Vec<(Range<usize>, String)>,
}

impl<'a> Splice<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, edits: Vec::new() }
    }

    pub(super) fn of(&self, range: &Range<usize>) -> Result<&'a str, Refusal> {
        self.text.get(range.clone()).ok_or_else(|| unfit("部件的文字编码不是 UTF-8"))
    }

    pub(super) fn insert(&mut self, at: usize, text: String) {
        self.edits.push((at..at, text));
    }

    pub(super) fn replace(&mut self, range: Range<usize>, text: String) {
        self.edits.push((range, text));
    }

    /// The text with its edits, those at one place in the order in which they came.
    pub(super) fn finish(mut self) -> Result<String, Refusal> {
        self.edits.sort_by_key(|(range, _)| range.start);
        let mut done = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, text) in &self.edits {
            done.push_str(self.of(&(at..range.start))?);
            done.push_str(text);
            at = range.end;
        }
        done.push_str(self.of(&(at..self.text.len()))?);
        Ok(done)
    }
}

/// A start tag as it was written, with an attribute set.
pub(super) fn with_attribute(tag: &str, name: &str, value: &str) -> String {
    let blank = |c: char| c.is_ascii_whitespace();
    let end = |c: char| blank(c) || matches!(c, '/' | '>');
    let mut at = tag.find(end).unwrap_or(tag.len());
    loop {
        let rest = &tag[at..];
        let key_from = at + (rest.len() - rest.trim_start_matches(blank).len());
        let key_end = tag[key_from..]
            .find(|c: char| c == '=' || end(c))
            .map_or(tag.len(), |length| key_from + length);
        let quoted = tag[key_end..].find(['"', '\'']).map(|length| key_end + length);
        let closed = quoted.and_then(|from| {
            let quote = tag[from..].chars().next()?;
            Some((from + 1, from + 1 + tag[from + 1..].find(quote)?))
        });
        match closed {
            Some((from, to)) if key_end > key_from => {
                if &tag[key_from..key_end] == name {
                    return format!("{}{value}{}", &tag[..from], &tag[to..]);
                }
                at = to + 1;
            }
            _ => return format!("{} {name}=\"{value}\"{}", &tag[..at], &tag[at..]),
        }
    }
}

/// Something more at the end of the outermost element, and the prefix of its namespace for it.
pub(super) fn appended(xml: &str, more: impl Fn(&str) -> String) -> Result<String, Refusal> {
    let mut tags = Tags::new(xml);
    let mut splice = Splice::new(xml);
    let mut prefix = String::new();
    while let Some(tag) = tags.next()? {
        match (tag.depth, tag.kind) {
            (0, TagKind::Begin) => prefix = tag.prefix(),
            (0, TagKind::End) => {
                splice.insert(tag.range.start, more(&prefix));
                return splice.finish();
            }
            _ => {}
        }
    }
    Err(unfit("部件里什么也没有"))
}

/// A text as XML holds it, without what XML cannot hold.
pub(super) fn escaped(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().filter(allowed).collect();
    let mut written = String::with_capacity(text.len());
    // `_x0041_` is how the format writes a character by its number.
    for c in text.replace("_x", "_x005F_x").chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&apos;"),
            _ => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_set_and_the_rest_of_the_tag_stays() {
        for (tag, set) in [
            (r#"<c r="A1" s="3"/>"#, r#"<c r="A1" s="9"/>"#),
            (r#"<c r="A1"/>"#, r#"<c r="A1" s="9"/>"#),
            (r#"<c r="A1">"#, r#"<c r="A1" s="9">"#),
            (r#"<c>"#, r#"<c s="9">"#),
            (r#"<c/>"#, r#"<c s="9"/>"#),
            (r#"<x:c  s = '3'   t="s" >"#, r#"<x:c  s = '9'   t="s" >"#),
            (r#"<c ss="s=1" r='s="2"'>"#, r#"<c ss="s=1" r='s="2"' s="9">"#),
        ] {
            assert_eq!(with_attribute(tag, "s", "9"), set);
        }
    }

    #[test]
    fn what_is_not_changed_stays_byte_for_byte() {
        let xml =
            "\u{feff}<?xml version='1.0'?>\r\n<a  x='1'><!-- 甲 --><b/>\r\n <c>乙&amp;</c></a>";
        let more = appended(xml, |_| "<d/>".to_owned()).unwrap();
        assert_eq!(more, xml.replace("</a>", "<d/></a>"));
        assert_eq!(appended("<p:a></p:a>", |p| format!("<{p}b/>")).unwrap(), "<p:a><p:b/></p:a>");
        assert!(appended("<a/>", |_| String::new()).is_err());
    }

    #[test]
    fn texts_of_returns_are_no_markup() {
        assert_eq!(escaped("<甲>&\"\u{1}_x0041_"), "&lt;甲&gt;&amp;&quot;_x005F_x0041_");
    }
}
