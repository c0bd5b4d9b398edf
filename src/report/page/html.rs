//! Markup and text are different types of thing: markup is written in the source, everything
//! else is escaped.

use std::fmt::{Display, Write};

use crate::report::chart::{Chart, inline_svg};

/// HTML being written.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup: only what the program itself says (hence `'static`).
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text or an attribute's value, escaped.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(Escaping(&mut self.0), "{text}");
        self
    }

    /// `<tag>text</tag>` for a tag without attributes.
    pub(super) fn element(&mut self, tag: &'static str, text: impl Display) -> &mut Self {
        self.raw("<").raw(tag).raw(">").text(text).raw("</").raw(tag).raw(">")
    }

    /// ` class="a b"`, without the empty ones; nothing if all are.
    pub(super) fn class(&mut self, classes: &[&'static str]) -> &mut Self {
        let classes: Vec<&str> = classes.iter().copied().filter(|one| !one.is_empty()).collect();
        if classes.is_empty() {
            return self;
        }
        self.raw(" class=\"").text(classes.join(" ")).raw("\"")
    }

    /// A picture that the program drew.
    pub(super) fn picture(&mut self, picture: &Picture) -> &mut Self {
        self.0.push_str(&picture.0);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// An `<svg>` element drawn by the program, its texts escaped.
pub(super) struct Picture(String);

impl Picture {
    /// A chart's element.
    pub(super) fn of_chart(chart: &Chart) -> Self {
        Self(inline_svg(chart))
    }

    /// From markup written by [`Html`].
    pub(super) fn new(markup: Html) -> Self {
        Self(markup.0)
    }
}

struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // Not allowed in HTML, not even as a reference.
                '\0'..='\u{8}' | '\u{B}' | '\u{E}'..='\u{1F}' | '\u{7F}' => {
                    self.0.push(char::REPLACEMENT_CHARACTER);
                }
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let mut html = Html::default();
        html.raw("<td title=\"").text("\"><script>").raw("\">").text("a<b & c'\u{0}").raw("</td>");
        assert_eq!(
            String::from_utf8(html.into_bytes()).unwrap(),
            "<td title=\"&quot;&gt;&lt;script&gt;\">a&lt;b &amp; c&#39;\u{FFFD}</td>"
        );
    }
}
