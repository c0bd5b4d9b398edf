//! XML as the readers of .xlsx and .ods need it: attributes by their local names, and text in
//! every spelling that XML has (plain, CDATA, character references).

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::workbook::Refusal;
use crate::model::codes::UNREADABLE_FILE;

/// One part of a container, read event by event.
pub(super) struct Part<'a> {
    reader: Reader<&'a [u8]>,
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
        Self { reader: Reader::from_str(xml), name }
    }

    pub(super) fn next(&mut self) -> Result<Event<'a>, Refusal> {
        self.reader.read_event().map_err(|_| self.broken())
    }

    fn broken(&self) -> Refusal {
        ill_formed(self.name, self.reader.error_position())
    }

    pub(super) fn ends_early(&self) -> Refusal {
        let message = format!("{} 内部有错：内容不完整，文件可能没有传完", self.name);
        Refusal::new(UNREADABLE_FILE, message)
    }

    /// Passes over an element that has begun.
    pub(super) fn skip(&mut self, element: &BytesStart) -> Result<(), Refusal> {
        self.reader.read_to_end(element.name()).map(|_| ()).map_err(|_| self.broken())
    }

    /// Reads an element that has begun to its end.
    pub(super) fn content(&mut self) -> Result<Content<'a>, Refusal> {
        let mut content = Content::default();
        loop {
            match self.next()? {
                Event::Text(text) => push(&mut content.text, text.into_inner()),
                Event::CData(text) => push(&mut content.text, text.into_inner()),
                Event::GeneralRef(reference) => match resolve(&reference) {
                    Some(c) => content.text.to_mut().push(c),
                    None => content.in_pieces = true,
                },
                Event::End(_) => return Ok(content),
                Event::Eof => return Err(self.ends_early()),
                Event::Start(e) => {
                    content.in_pieces = true;
                    self.skip(&e)?;
                }
                _ => content.in_pieces = true,
            }
        }
    }
}

/// A part that is no XML; what the library says of it is English.
pub(super) fn ill_formed(name: &str, at: u64) -> Refusal {
    let message = format!("{name} 内部有错：第 {} 字节起不成 XML，文件可能已损坏", at + 1);
    Refusal::new(UNREADABLE_FILE, message)
}

fn push<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else {
        text.to_mut().push_str(&more);
    }
}

/// The character that `&amp;`, `&#20826;` or `&#x515A;` stands for.
pub(super) fn resolve(reference: &BytesRef) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// The value of an attribute by its local name, unescaped.
pub(super) fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    element.attributes().with_checks(false).flatten().find_map(|a| {
        let matches = a.key.local_name().as_ref() == name;
        matches.then(|| unescaped(a.value))
    })
}

/// An attribute's value without escapes.
pub(super) fn unescaped(value: Cow<str>) -> String {
    let plain = quick_xml::escape::unescape(&value).map(Cow::into_owned);
    plain.unwrap_or_else(|_| value.into_owned())
}

/// An XML boolean attribute that is present and true.
pub(super) fn is_true(element: &BytesStart, name: &str) -> bool {
    element.attributes().with_checks(false).flatten().any(|a| {
        a.key.local_name().as_ref() == name && matches!(a.value.as_ref(), "1" | "true" | "on")
    })
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
}
