//! 通报: the monthly circular as text ([`text`]) and as a document ([`file`]).
//!
//! Its wording is data: sentences of the programmes, filled from figures ([`vocabulary`],
//! [`wording`]). A sentence with a missing figure is left out and named as left out, never
//! printed with a hole.

mod document;
mod package;
mod problems;
mod render;
mod tables;
mod typesetting;
mod vocabulary;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chart::Chart;
use super::index::Index;
use super::{Inputs, returns, text, wording};
use crate::definition::{self, SectionKind, Sentence, Template, Time, Vocabulary};
use crate::model::Period;
use vocabulary::Facts;

/// The whole text, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circular {
    pub title: String,
    /// 主送
    pub addressee: String,
    /// 导语
    pub lead: Vec<Paragraph>,
    pub sections: Vec<Section>,
    /// Titles of the attachments, in order.
    pub attachments: Vec<String>,
    /// 落款
    pub signed: String,
    /// 成文日期: the report's period, never today.
    pub date: String,
    pub notice: String,
    /// What is not in yet; empty when the numbers are complete.
    pub stage: String,
    pub omitted: Vec<Omitted>,
}

/// 一、总体情况 …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub kind: SectionKind,
    /// With its number.
    pub heading: String,
    pub paragraphs: Vec<Paragraph>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paragraph {
    /// `（一）党代表工作室。`; empty for none.
    pub heading: String,
    pub text: String,
    /// Ids of the figures that it states: each opens to its cells.
    pub figures: Vec<String>,
}

/// A sentence that could not be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omitted {
    /// Title of the programme; empty for the circular's own.
    pub programme: String,
    /// Which figure, and why it is missing.
    pub reason: String,
}

/// `党建观摩点 观摩天数：无数据`
impl std::fmt::Display for Omitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}{}{}",
            self.programme,
            if self.programme.is_empty() { "" } else { " " },
            self.reason
        )
    }
}

/// The circular's text; `None` when the pipeline writes none.
pub fn circular(inputs: &Inputs) -> Option<Circular> {
    text(inputs, &Index::new(inputs))
}

/// What a document is made from.
struct Material<'a> {
    inputs: &'a Inputs<'a>,
    index: &'a Index<'a>,
    charts: &'a [Chart<'a>],
    /// Path → bytes of drawn charts.
    drawn: &'a BTreeMap<String, Vec<u8>>,
    frame: &'a definition::Circular,
}

/// `通报_2013-10.docx` and its bytes; `None` when the pipeline writes no circular.
pub(super) fn file(
    inputs: &Inputs,
    index: &Index,
    charts: &[Chart],
    drawn: &BTreeMap<String, Vec<u8>>,
    circular: Option<&Circular>,
) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let (Some(frame), Some(circular)) = (&inputs.definition.circular, circular) else {
        return Ok(None);
    };
    let material = Material { inputs, index, charts, drawn, frame };
    let (docx, alternatives) = document::document(&material, circular);
    let bytes = package::pack(docx, &alternatives, &circular.signed)?;
    Ok(Some((format!("{}_{}.docx", frame.name, inputs.folder), bytes)))
}

/// The circular's text; `None` when the pipeline writes none.
pub(super) fn text(inputs: &Inputs, index: &Index) -> Option<Circular> {
    let definition = inputs.definition;
    let frame = definition.circular.as_ref()?;
    let sentences: Vec<&Sentence> = frame.sentences.iter().chain(&definition.sentences).collect();
    let templates = sentences
        .iter()
        .filter_map(|sentence| sentence.template.as_ref())
        .chain(&frame.lead_templates)
        .chain(&frame.title_template);
    let mut mentioned: Vec<&str> =
        templates.flat_map(|t| t.calls.iter().filter_map(|call| call.indicator())).collect();
    mentioned.sort_unstable();
    mentioned.dedup();
    let programme_title =
        |id: &str| definition.programme(id).map_or("", |programme| programme.title.as_str());
    let mut writer = Writer::new(Facts::new(inputs, index, &mentioned), inputs.folder);
    let title = frame.title_template.as_ref().and_then(|template| writer.plain(template));
    let lead = writer.lead(&frame.lead_templates);
    let mut sections = Vec::new();
    for kind in SectionKind::ALL {
        let mut paragraphs = Vec::new();
        if kind == SectionKind::Problems {
            paragraphs.extend(problems::of_returns(inputs));
            paragraphs.extend(problems::diagnosed(inputs));
        }
        let own = sentences.iter().copied().filter(|sentence| sentence.section == kind);
        paragraphs.extend(writer.paragraphs(own, programme_title));
        if paragraphs.is_empty() {
            continue;
        }
        number(&mut paragraphs);
        let heading = format!("{}、{}", wording::ordinal(sections.len() + 1), kind.title());
        sections.push(Section { kind, heading, paragraphs });
    }
    let named = |omitted: Omitted| Omitted {
        programme: programme_title(&omitted.programme).to_owned(),
        ..omitted
    };
    let omitted = writer.omitted.into_iter().map(named).collect();
    Some(Circular {
        title: title.unwrap_or_else(|| frame.name.clone()),
        addressee: frame.addressee.clone(),
        lead,
        sections,
        attachments: frame.attachments.iter().map(|a| a.title.clone()).collect(),
        signed: frame.signed.clone(),
        date: text::period(definition, inputs.folder),
        notice: frame.notice.clone(),
        stage: returns::stage(inputs),
        omitted,
    })
}

/// Numbers the headings of a section: （一）…
fn number(paragraphs: &mut [Paragraph]) {
    let headed = paragraphs.iter_mut().filter(|paragraph| !paragraph.heading.is_empty());
    for (position, paragraph) in (1..).zip(headed) {
        paragraph.heading = format!("（{}）{}。", wording::ordinal(position), paragraph.heading);
    }
}

/// Fills templates, and remembers what could not be said.
struct Writer<'a> {
    facts: Arc<Facts>,
    vocabulary: Arc<dyn Vocabulary>,
    folder: &'a Period,
    omitted: Vec<Omitted>,
}

impl<'a> Writer<'a> {
    fn new(facts: Facts, folder: &'a Period) -> Self {
        let facts = Arc::new(facts);
        let vocabulary: Arc<dyn Vocabulary> = facts.clone();
        Self { facts, vocabulary, folder, omitted: Vec::new() }
    }

    /// A text without marks.
    fn plain(&mut self, template: &Template) -> Option<String> {
        let text = template.render(&self.vocabulary).ok();
        self.facts.take();
        text
    }

    fn lead(&mut self, templates: &[Template]) -> Vec<Paragraph> {
        let mut lead = Vec::new();
        for template in templates {
            let mut paragraph = Paragraph::default();
            let mut period = self.folder.clone();
            self.say("", template, Time::During, &mut paragraph, &mut period);
            if !paragraph.text.is_empty() {
                lead.push(paragraph);
            }
        }
        lead
    }

    /// Paragraphs of a section: sentences of one heading stand together.
    fn paragraphs<'s>(
        &mut self,
        sentences: impl Iterator<Item = &'s Sentence>,
        title: impl Fn(&'s str) -> &'s str,
    ) -> Vec<Paragraph> {
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        let mut period = self.folder.clone();
        for sentence in sentences {
            let Some(template) = &sentence.template else { continue };
            let heading = match sentence.heading.as_str() {
                "" => title(&sentence.programme),
                heading => heading,
            };
            let continues = paragraphs.last().is_some_and(|last| last.heading == heading);
            if !continues || heading.is_empty() {
                period = self.folder.clone();
                paragraphs.push(Paragraph { heading: heading.to_owned(), ..Paragraph::default() });
            }
            if let Some(paragraph) = paragraphs.last_mut() {
                self.say(&sentence.programme, template, sentence.time, paragraph, &mut period);
            }
            if paragraphs.last().is_some_and(|last| last.text.is_empty()) {
                paragraphs.pop();
            }
        }
        paragraphs
    }

    /// Adds one sentence to a paragraph; `period` is that of the sentence before.
    fn say(
        &mut self,
        programme: &str,
        template: &Template,
        time: Time,
        paragraph: &mut Paragraph,
        period: &mut Period,
    ) {
        let rendered = template.render(&self.vocabulary);
        let support = self.facts.take();
        let text = match rendered {
            Ok(text) => text,
            Err(reason) => {
                self.omitted.push(Omitted { programme: programme.to_owned(), reason });
                return;
            }
        };
        // A sentence whose condition does not hold is empty.
        let Some(body) = text.strip_suffix('。') else { return };
        if let Some(now) = support.period
            && now != *period
        {
            paragraph.text += &wording::period(&now, self.folder, time);
            paragraph.text.push('，');
            *period = now;
        }
        paragraph.text += &format!("{body}{}。", support.marks);
        for figure in support.figures {
            if !paragraph.figures.contains(&figure) {
                paragraph.figures.push(figure);
            }
        }
    }
}
