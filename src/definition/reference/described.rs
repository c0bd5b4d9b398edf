//! What is said of one thing that a definition declares, item by item: the reference pages and
//! `dangtong explain` say the same.

use super::{Page, codes, escape};

/// What stands under a label.
enum Said {
    Words(String),
    /// An expression, or a name, as definitions write it.
    Code(String),
    Names(Vec<String>),
}

/// Labels with what stands under them; what is empty is not said.
#[derive(Default)]
pub struct Described(Vec<(String, Said)>);

impl Described {
    pub(super) fn words(&mut self, label: &str, text: impl Into<String>) {
        self.add(label, Said::Words(text.into()));
    }

    pub(super) fn code(&mut self, label: &str, text: impl Into<String>) {
        self.add(label, Said::Code(text.into()));
    }

    pub(super) fn names<'n>(&mut self, label: &str, names: impl IntoIterator<Item = &'n String>) {
        self.add(label, Said::Names(names.into_iter().cloned().collect()));
    }

    fn add(&mut self, label: &str, said: Said) {
        if !said.plain().trim().is_empty() {
            self.0.push((label.to_owned(), said));
        }
    }

    /// Each label with its text, for a terminal.
    pub fn plain(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(label, said)| (label.as_str(), said.plain()))
    }

    pub(super) fn onto(&self, page: &mut Page) {
        page.list();
        for (label, said) in &self.0 {
            let label = escape(label);
            match said {
                Said::Words(text) => page.item(&label, &escape(text)),
                Said::Code(text) => page.expression(&label, text),
                Said::Names(names) => page.item(&label, &codes(names)),
            }
        }
    }
}

impl Said {
    fn plain(&self) -> String {
        match self {
            Self::Words(text) | Self::Code(text) => text.clone(),
            Self::Names(names) => names.join("、"),
        }
    }
}
