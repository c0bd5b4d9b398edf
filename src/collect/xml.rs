//! XML as the readers of .xlsx and .ods need it: attributes by their local names, and text in
//! every spelling that XML has (plain, CDATA, character references).
//!
//! A part is one text in memory, so tags, values and texts are slices of it and nothing is copied.
//! What is not well-formed is refused where it stands: a tag that is read some other way than
//! Excel reads it could give another number.

use std::borrow::Cow;

use super::workbook::Refusal;
use crate::model::codes::UNREADABLE_FILE;

/// One piece of a part.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event<'a> {
    Start(Tag<'a>),
    /// `<c/>`
    Empty(Tag<'a>),
    End(Tag<'a>),
    Text(&'a str),
    CData(&'a str),
    /// What stands between `&` and `;`.
    Reference(&'a str),
    /// Comments, instructions, the document type.
    Aside,
    Eof,
}

/// A tag as it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    /// With its prefix.
    pub name: &'a str,
    /// What follows the name; of a tag that ends an element, nothing.
    inside: &'a str,
}

impl<'a> Tag<'a> {
    pub(super) fn local_name(&self) -> &'a str {
        local(self.name)
    }

    /// The prefix with its colon.
    pub(super) fn prefix(&self) -> &'a str {
        &self.name[..self.name.len() - self.local_name().len()]
    }

    /// Names and values as written, in their order.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let inside = self.inside;
        let mut at = 0;
        std::iter::from_fn(move || {
            let from = past_blanks(inside.as_bytes(), at);
            let places = attribute_at(inside.as_bytes(), from)?;
            at = places.closes + 1;
            Some((&inside[from..places.name_end], &inside[places.opens + 1..places.closes]))
        })
    }

    /// The value of an attribute by its local name, unescaped.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, value) = self.attributes().find(|(key, _)| local(key) == name)?;
        Some(unescaped(value))
    }

    /// An XML boolean attribute that is present and true.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.attributes().any(|(key, value)| local(key) == name && is_true(value))
    }
}

pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.bytes().rposition(|b| b == b':').map_or(name, |colon| &name[colon + 1..])
}

/// Where the parts of an attribute stand: the end of its name, and the two quotes.
struct Places {
    name_end: usize,
    opens: usize,
    closes: usize,
}

/// The attribute whose name begins at a place.
fn attribute_at(bytes: &[u8], from: usize) -> Option<Places> {
    let mut name_end = from;
    while !ends_name(*bytes.get(name_end)?) {
        name_end += 1;
    }
    let equals = past_blanks(bytes, name_end);
    if name_end == from || *bytes.get(equals)? != b'=' {
        return None;
    }
    let opens = past_blanks(bytes, equals + 1);
    let quote = *bytes.get(opens).filter(|b| matches!(b, b'"' | b'\''))?;
    let mut closes = opens + 1;
    while *bytes.get(closes)? != quote {
        closes += 1;
    }
    Some(Places { name_end, opens, closes })
}

fn past_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|b| is_blank(*b)) {
        at += 1;
    }
    at
}

/// No name of an element or attribute goes on with it.
fn ends_name(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'=' | b'/' | b'<' | b'>' | b'"' | b'\'' | b'&')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// One part of a container, read event by event.
pub(super) struct Part<'a> {
    text: &'a str,
    at: usize,
    /// Names of the elements that have begun and not ended.
    open: Vec<&'a str>,
    /// What it is, for messages.
    name: &'a str,
}

/// The text inside an element that should have nothing but text.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    pub text: Cow<'a, str>,
    /// A comment, an element or an unknown entity stands inside: programs differ in what they
    /// take for the text.
    pub in_pieces: bool,
}

impl<'a> Part<'a> {
    pub(super) fn new(name: &'a str, xml: &'a str) -> Self {
        Self { text: xml, at: 0, open: Vec::new(), name }
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn next(&mut self) -> Result<Event<'a>, Refusal> {
        let rest = &self.text.as_bytes()[self.at..];
        let (event, length) = match rest {
            [] => return Ok(Event::Eof),
            [b'<', b'/', ..] => self.end_tag(),
            [b'<', b'!', ..] => self.declaration(),
            [b'<', b'?', ..] => self.text[self.at..].find("?>").map(|end| (Event::Aside, end + 2)),
            [b'<', ..] => self.start_tag(),
            [b'&', ..] => self.reference(),
            _ => {
                let ends = |b: &u8| matches!(b, b'<' | b'&');
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                Some((Event::Text(&self.text[self.at..self.at + length]), length))
            }
        }
        .ok_or_else(|| self.broken())?;
        match event {
            Event::Start(tag) => self.open.push(tag.name),
            // Elements end in the opposite order of their beginnings.
            Event::End(tag) if self.open.pop() != Some(tag.name) => return Err(self.broken()),
            _ => {}
        }
        self.at += length;
        Ok(event)
    }

    /// Attributes are read to find where the tag ends: a `>` may stand in a value.
    fn start_tag(&self) -> Option<(Event<'a>, usize)> {
        let text = &self.text[self.at..];
        let bytes = text.as_bytes();
        let name_end = 1 + bytes[1..].iter().position(|b| ends_name(*b))?;
        let name = Some(&text[1..name_end]).filter(|name| !name.is_empty())?;
        let mut at = name_end;
        loop {
            at = past_blanks(bytes, at);
            let tag = Tag { name, inside: &text[name_end..at] };
            match bytes.get(at..)? {
                [b'>', ..] => return Some((Event::Start(tag), at + 1)),
                [b'/', b'>', ..] => return Some((Event::Empty(tag), at + 2)),
                _ => at = attribute_at(bytes, at)?.closes + 1,
            }
        }
    }

    fn end_tag(&self) -> Option<(Event<'a>, usize)> {
        let text = &self.text[self.at + 2..];
        let end = text.bytes().position(|b| b == b'>')?;
        let name = text[..end].trim_ascii_end();
        Some((Event::End(Tag { name, inside: "" }), end + 3))
    }

    fn declaration(&self) -> Option<(Event<'a>, usize)> {
        const CDATA: &str = "<![CDATA[";
        let text = &self.text[self.at..];
        if let Some(comment) = text.strip_prefix("<!--") {
            return comment.find("-->").map(|end| (Event::Aside, end + "<!---->".len()));
        }
        if let Some(inside) = text.strip_prefix(CDATA) {
            let end = inside.find("]]>")?;
            return Some((Event::CData(&inside[..end]), CDATA.len() + end + 3));
        }
        let keyword = text.get(2..9).filter(|word| word.eq_ignore_ascii_case("DOCTYPE"));
        keyword.and(document_type(text)).map(|length| (Event::Aside, length))
    }

    fn reference(&self) -> Option<(Event<'a>, usize)> {
        let text = &self.text[self.at + 1..];
        let ends = |b: u8| matches!(b, b';' | b'&' | b'<');
        let end = text.bytes().position(ends)?;
        (text.as_bytes()[end] == b';').then(|| (Event::Reference(&text[..end]), end + 2))
    }

    fn broken(&self) -> Refusal {
        let (name, at) = (self.name, self.at + 1);
        let message = format!("{name} 内部有错：第 {at} 字节起不成 XML，文件可能已损坏");
        Refusal::new(UNREADABLE_FILE, message)
    }

    pub(super) fn ends_early(&self) -> Refusal {
        let message = format!("{} 内部有错：内容不完整，文件可能没有传完", self.name);
        Refusal::new(UNREADABLE_FILE, message)
    }

    /// Passes over the element that has just begun.
    pub(super) fn skip(&mut self) -> Result<(), Refusal> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            if let Event::Eof = self.next()? {
                return Err(self.broken());
            }
        }
        Ok(())
    }

    /// Reads the element that has just begun to its end.
    pub(super) fn content(&mut self) -> Result<Content<'a>, Refusal> {
        let mut content = Content::default();
        loop {
            match self.next()? {
                Event::Text(text) | Event::CData(text) => push(&mut content.text, text),
                Event::Reference(reference) => match resolve(reference) {
                    Some(c) => content.text.to_mut().push(c),
                    None => content.in_pieces = true,
                },
                Event::End(_) => return Ok(content),
                Event::Eof => return Err(self.ends_early()),
                Event::Start(_) => {
                    content.in_pieces = true;
                    self.skip()?;
                }
                Event::Empty(_) | Event::Aside => content.in_pieces = true,
            }
        }
    }
}

/// The length of a document type: it may hold declarations, and these may hold any mark in quotes.
fn document_type(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0u32, None);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'<') => depth += 1,
            (None, b'>') if depth == 1 => return Some(at + 1),
            (None, b'>') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn push<'a>(text: &mut Cow<'a, str>, more: &'a str) {
    if text.is_empty() {
        *text = Cow::Borrowed(more);
    } else {
        text.to_mut().push_str(more);
    }
}

/// The character that `&amp;`, `&#20826;` or `&#x515A;` stands for.
pub(super) fn resolve(reference: &str) -> Option<char> {
    match reference {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => {}
    }
    let number = reference.strip_prefix('#')?;
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, radix).ok().filter(|code| plain && *code != 0)?;
    char::from_u32(code)
}

/// An attribute's value without escapes; as it is written where one of them is unknown.
pub(super) fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.as_bytes().contains(&b'&') {
        return Cow::Borrowed(value);
    }
    let mut pieces = value.split('&');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let resolved = piece.split_once(';').and_then(|(name, rest)| Some((resolve(name)?, rest)));
        let Some((c, rest)) = resolved else { return Cow::Borrowed(value) };
        plain.push(c);
        plain.push_str(rest);
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_every_spelling_and_pieces_are_noticed() {
        let read = |xml: &str| {
            let mut part = Part::new("部件", xml);
            part.next().expect("start");
            let content = part.content().expect("content");
            (content.text.into_owned(), content.in_pieces)
        };
        assert_eq!(read("<v>60</v>"), ("60".into(), false));
        assert_eq!(read("<v></v>"), (String::new(), false));
        assert_eq!(read("<v><![CDATA[60]]></v>"), ("60".into(), false));
        assert_eq!(read("<v>6&#48;</v>"), ("60".into(), false));
        assert_eq!(read("<v>&#x515A;员&amp;群众</v>"), ("党员&群众".into(), false));
        assert!(read("<v>6<!-- -->0</v>").1);
        assert!(read("<v>6<b>0</b></v>").1);
        assert!(read("<v>6&zero;</v>").1);
    }

    /// `+c r=A1` begins, `-c` ends, `=60` is text.
    fn events(xml: &str) -> Result<String, String> {
        let mut part = Part::new("部件", xml);
        let mut seen = Vec::new();
        loop {
            let tag = |sign: &str, tag: Tag| {
                let attributes: String =
                    tag.attributes().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{sign}{}{attributes}", tag.name)
            };
            match part.next().map_err(|refusal| refusal.message)? {
                Event::Start(t) => seen.push(tag("+", t)),
                Event::Empty(t) => seen.push(tag("±", t)),
                Event::End(t) => seen.push(tag("-", t)),
                Event::Text(text) | Event::CData(text) => seen.push(format!("={text}")),
                Event::Reference(name) => seen.push(format!("&{name}")),
                Event::Aside => seen.push("~".to_owned()),
                Event::Eof => return Ok(seen.join("|")),
            }
        }
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        for (xml, expected) in [
            ("<a><b/></a>", "+a|±b|-a"),
            ("<a x='1'  y = \"2>3\" ><x:b\tz=\"'\"/></a >", "+a x=1 y=2>3|±x:b z='|-a"),
            ("<?xml version=\"1.0\"?><!-- <a> --><a>1&lt;2</a>", "~|~|+a|=1|&lt|=2|-a"),
            ("<!DOCTYPE a [<!ENTITY b \"]>\">]><a><![CDATA[<b>]]></a>", "~|+a|=<b>|-a"),
            // Whoever reads an element notices that it does not end.
            ("<a><b>", "+a|+b"),
        ] {
            assert_eq!(events(xml).as_deref(), Ok(expected), "{xml}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_refused_where_it_stands() {
        for (xml, at) in [
            ("<a></b>", 4),
            ("<a/></a>", 5),
            ("<a><b></a></b>", 7),
            ("<a", 1),
            ("<>", 1),
            ("<a b>", 1),
            ("<a b=1>", 1),
            ("<a b=\"1>", 1),
            ("<a / b=\"1\">", 1),
            ("<a>党&amp</a>", 7),
            ("<a><!-- </a>", 4),
            ("<a><![CDATA[ </a>", 4),
            ("<a><!b></a>", 4),
            ("<?xml", 1),
        ] {
            let message = format!("部件 内部有错：第 {at} 字节起不成 XML，文件可能已损坏");
            assert_eq!(events(xml), Err(message), "{xml}");
        }
    }

    /// The same of a well-kept reader, to compare with.
    fn events_of_the_library(xml: &str) -> Result<String, quick_xml::Error> {
        use quick_xml::events::{BytesStart, Event};
        let mut reader = quick_xml::Reader::from_str(xml);
        let mut seen = Vec::new();
        loop {
            let tag = |sign: &str, e: &BytesStart| -> Result<String, quick_xml::Error> {
                let mut written = format!("{sign}{}", e.name().0);
                for attribute in e.attributes().with_checks(false) {
                    let attribute = attribute?;
                    written += &format!(" {}={}", attribute.key.0, attribute.value);
                }
                Ok(written)
            };
            match reader.read_event()? {
                Event::Start(e) => seen.push(tag("+", &e)?),
                Event::Empty(e) => seen.push(tag("±", &e)?),
                Event::End(e) => seen.push(format!("-{}", e.name().0)),
                Event::Text(text) => seen.push(format!("={}", text.into_inner())),
                Event::CData(text) => seen.push(format!("={}", text.into_inner())),
                Event::GeneralRef(name) => seen.push(format!("&{}", name.into_inner())),
                Event::Eof => return Ok(seen.join("|")),
                _ => seen.push("~".to_owned()),
            }
        }
    }

    use proptest::test_runner::Config;

    const PIECES: [&str; 24] = [
        "<a>",
        "</a>",
        "<a r=\"A1\">",
        "<x:b y='2>3' z = \"&amp;\"/>",
        "<x:b>",
        "</x:b >",
        "党员",
        "60",
        " ",
        "\n",
        "&lt;",
        "&#20826;",
        "&zero;",
        "<!-- <a> -->",
        "<![CDATA[<a>]]>",
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE a [<!ENTITY b \"]>\">]>",
        "]]>",
        "<",
        ">",
        "&",
        "\"",
        "a=1",
        "/>",
    ];

    proptest::proptest! {
        #![proptest_config(Config { cases: 4000, failure_persistence: None, ..Config::default() })]
        /// Whatever is read here is read so by quick-xml; what is refused here may be read there.
        #[test]
        fn what_is_read_is_what_the_library_reads(
            pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..9),
        ) {
            let xml = pieces.concat();
            if let Ok(events) = events(&xml) {
                let theirs = events_of_the_library(&xml).map_err(|error| error.to_string());
                proptest::prop_assert_eq!(Ok(events), theirs, "{}", xml);
            }
        }
    }

    #[test]
    fn values_lose_their_escapes_or_stay_as_they_are() {
        for (value, plain) in [
            ("a&amp;b&#65;&#x41;", "a&bAA"),
            ("a&b", "a&b"),
            ("&lt;&unknown;", "&lt;&unknown;"),
            ("&#0;", "&#0;"),
            ("&#+65;", "&#+65;"),
        ] {
            assert_eq!(unescaped(value), plain);
        }
    }
}
