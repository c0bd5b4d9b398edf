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

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::chart::Chart;
use super::index::Index;
use super::judgement::{self, Elsewhere};
use super::wording::unspaced;
use super::{Inputs, returns, text, wording};
use crate::definition::AttachmentKind::{self, KeyFigures, Problems};
use crate::definition::{self, SectionKind, Sentence, Template, Time, Vocabulary};
use crate::model::{Period, Rational};
use vocabulary::{CircularFacts, Support};

/// The whole text, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircularText {
    pub title: String,
    /// 发文字号; empty for none.
    pub doc_no: String,
    /// 主送
    pub addressee: String,
    /// 导语
    pub lead: Vec<Paragraph>,
    pub sections: Vec<Section>,
    /// Titles of the attachments, in order.
    pub attachments: Vec<String>,
    /// 落款
    pub signed: String,
    /// 成文日期: as declared for the period, else the period itself; never today.
    pub date: String,
    /// 版记: 抄送, then who printed it and when; what stands at the left and the right of a line.
    pub imprint: Vec<(String, String)>,
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
pub fn circular(inputs: &Inputs) -> Option<CircularText> {
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
    circular: Option<&CircularText>,
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
pub(super) fn text<'a>(inputs: &Inputs<'a>, index: &Index<'a>) -> Option<CircularText> {
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
    let mut writer = Writer::new(CircularFacts::new(inputs, index, &mentioned), inputs.folder);
    let title = frame.title_template.as_ref().and_then(|template| writer.plain(template));
    let mut lead = writer.lead(&frame.lead_templates);
    let (sections, rules) = sections(index, frame, &sentences, &mut writer);
    lead.extend(opening(index, &sections, rules));
    let date = frame.dates.get(&inputs.folder.to_string()).cloned();
    let date = date.unwrap_or_else(|| text::period(definition, inputs.folder));
    let named = |omitted: Omitted| Omitted {
        programme: definition.programme_title(&omitted.programme).to_owned(),
        ..omitted
    };
    let omitted = writer.omitted.into_iter().map(named).collect();
    Some(CircularText {
        title: title.unwrap_or_else(|| frame.name.clone()),
        doc_no: frame.doc_no.clone(),
        addressee: frame.addressee.clone(),
        lead,
        sections,
        attachments: frame.attachments.iter().map(|a| a.title.clone()).collect(),
        signed: frame.signed.clone(),
        imprint: imprint(frame, &date),
        date,
        notice: frame.notice.clone(),
        stage: returns::stage(inputs),
        omitted,
    })
}

/// The sections of which there is something to say, and the rules whose problems they say.
fn sections<'a>(
    index: &Index<'a>,
    frame: &definition::Circular,
    sentences: &[&'a Sentence],
    writer: &mut Writer<'a>,
) -> (Vec<Section>, BTreeSet<String>) {
    let definition = index.inputs.definition;
    let programme_title = |id: &str| definition.programme_title(id);
    let diagnosed = problems::diagnosed(index, &frame.limits, &numbered(frame, Problems));
    let mut sections = Vec::new();
    for kind in SectionKind::ALL {
        let mut paragraphs = Vec::new();
        if kind == SectionKind::Problems {
            paragraphs.extend(diagnosed.paragraphs.iter().cloned());
        }
        let own = sentences.iter().copied().filter(|sentence| sentence.section == kind);
        let mut said = writer.filled(own);
        if kind == SectionKind::Overall
            && let Some(most) = frame.limits.programmes
        {
            writer.keep(&mut said, most, &judgement::attention(index));
        }
        paragraphs.extend(writer.paragraphs(said, programme_title));
        let note = match kind {
            SectionKind::Overall => writer.notes(programme_title, &numbered(frame, KeyFigures)),
            SectionKind::Problems => diagnosed.note.clone(),
            _ => None,
        };
        paragraphs.extend(note.map(|text| Paragraph { text, ..Paragraph::default() }));
        if paragraphs.is_empty() {
            continue;
        }
        number(&mut paragraphs);
        let heading = format!("{}、{}", wording::ordinal(sections.len() + 1), kind.title());
        sections.push(Section { kind, heading, paragraphs });
    }
    (sections, diagnosed.rules)
}

/// The judgement in one paragraph; what is to be done has a section of its own, and numbers that
/// stand below are not said here.
fn opening(index: &Index, below: &[Section], rules: BTreeSet<String>) -> Option<Paragraph> {
    let figures = below.iter().flat_map(|section| &section.paragraphs).flat_map(|p| &p.figures);
    let below = Elsewhere { figures: figures.cloned().collect(), rules };
    let lines = judgement::lines(index, &below);
    let said = lines.into_iter().filter_map(|(about, line)| match about {
        judgement::TO_DO => None,
        judgement::WORST => Some(format!("最突出的是{line}")),
        _ => Some(line),
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| Paragraph {
        text: format!("总的看，{}。", unspaced(&said.join("。"))),
        ..Paragraph::default()
    })
}

/// `附件1`: the first attachment of a kind; `附件` when there is none.
fn numbered(frame: &definition::Circular, kind: AttachmentKind) -> String {
    let at = frame.attachments.iter().position(|attachment| attachment.kind == kind);
    at.map_or_else(|| "附件".to_owned(), |at| format!("附件{}", at + 1))
}

/// 抄送 and 印发, as far as they are declared.
fn imprint(frame: &definition::Circular, date: &str) -> Vec<(String, String)> {
    let copy = (format!("抄送：{}。", frame.copy_to), String::new());
    let printed = (frame.printed_by.clone(), format!("{date}印发"));
    let declared = [(&frame.copy_to, copy), (&frame.printed_by, printed)];
    declared.into_iter().filter(|(own, _)| !own.is_empty()).map(|(_, line)| line).collect()
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
    facts: Arc<CircularFacts>,
    vocabulary: Arc<dyn Vocabulary>,
    folder: &'a Period,
    omitted: Vec<Omitted>,
    /// Programmes whose data were handed in earlier, those that the limits leave out, and those
    /// with an open 核实.
    older: Vec<&'a str>,
    over: Vec<&'a str>,
    provisional: Vec<&'a str>,
}

/// A sentence with its numbers.
struct Filled<'a> {
    heading: &'a str,
    programme: &'a str,
    time: Time,
    /// Without its stop.
    body: String,
    support: Support,
}

impl<'a> Writer<'a> {
    fn new(facts: CircularFacts, folder: &'a Period) -> Self {
        let facts = Arc::new(facts);
        let vocabulary: Arc<dyn Vocabulary> = facts.clone();
        let (older, over, provisional) = (Vec::new(), Vec::new(), Vec::new());
        Self { facts, vocabulary, folder, omitted: Vec::new(), older, over, provisional }
    }

    /// A text without marks.
    fn plain(&mut self, template: &Template) -> Option<String> {
        let text = template.render(&self.vocabulary).ok();
        self.facts.take();
        text
    }

    fn lead(&mut self, templates: &'a [Template]) -> Vec<Paragraph> {
        let mut lead = Vec::new();
        for template in templates {
            let Some(filled) = self.fill("", template) else { continue };
            let mut paragraph = Paragraph::default();
            self.append(filled, &mut paragraph, &mut self.folder.clone());
            lead.push(paragraph);
        }
        lead
    }

    /// The sentences that have something to say, with data of this report.
    fn filled(&mut self, sentences: impl Iterator<Item = &'a Sentence>) -> Vec<Filled<'a>> {
        let mut said = Vec::new();
        for sentence in sentences {
            let Some(template) = &sentence.template else { continue };
            let Some(filled) = self.fill(&sentence.programme, template) else { continue };
            let older = !filled.support.fresh && filled.support.period.is_some();
            // What is to be done does not grow old.
            if older && !sentence.always && sentence.section != SectionKind::Next {
                note(&mut self.older, &sentence.programme);
                continue;
            }
            let (heading, time) = (sentence.heading.as_str(), sentence.time);
            said.push(Filled { heading, time, ..filled });
        }
        said
    }

    /// Keeps the sentences of so many programmes, those that need attention most; they stay in
    /// order.
    fn keep(&mut self, said: &mut Vec<Filled<'a>>, most: usize, needs: &BTreeMap<&str, Rational>) {
        let mut programmes: Vec<&'a str> = Vec::new();
        said.iter().for_each(|filled| note(&mut programmes, filled.programme));
        // Stable: the definition's order among equals.
        programmes.sort_by_key(|programme| std::cmp::Reverse(needs.get(programme).copied()));
        let over = programmes.split_off(most.min(programmes.len()));
        said.retain(|filled| !over.contains(&filled.programme));
        self.over.extend(over);
    }

    /// Paragraphs of a section: sentences of one heading stand together, where the first of them is.
    fn paragraphs(
        &mut self,
        said: Vec<Filled<'a>>,
        title: impl Fn(&'a str) -> &'a str,
    ) -> Vec<Paragraph> {
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        let mut period = self.folder.clone();
        for filled in said {
            let heading = match filled.heading {
                "" => title(filled.programme),
                heading => heading,
            };
            let known = paragraphs.iter().position(|p| p.heading == heading && !heading.is_empty());
            if known.is_none_or(|known| known + 1 < paragraphs.len()) {
                // Not the sentence before: the period is said again.
                period = self.folder.clone();
            }
            if let Some(paragraph) = known.and_then(|known| paragraphs.get_mut(known)) {
                self.append(filled, paragraph, &mut period);
                continue;
            }
            let mut paragraph = Paragraph { heading: heading.to_owned(), ..Paragraph::default() };
            self.append(filled, &mut paragraph, &mut period);
            paragraphs.push(paragraph);
        }
        paragraphs
    }

    /// What is not said in full, and what numbers wait for: once, at the end of a section.
    fn notes(&self, title: impl Fn(&'a str) -> &'a str, attachment: &str) -> Option<String> {
        let names = |programmes: &[&'a str]| {
            let names: Vec<&str> = programmes.iter().map(|programme| title(programme)).collect();
            names.join("、")
        };
        let elsewhere = match (self.over.len(), self.older.len()) {
            (0, 0) => None,
            (0, older) => Some(format!("另有{older}个专题本期没有新的数据")),
            (over, 0) => Some(format!("另有{over}个专题")),
            (over, older) => Some(format!("另有{over}个专题，和没有新数据的{older}个专题")),
        };
        let elsewhere = elsewhere.map(|elsewhere| format!("{elsewhere}，见{attachment}。"));
        let waiting = (!self.provisional.is_empty())
            .then(|| format!("{}的数字中有待核实的。", names(&self.provisional)));
        let notes: String = elsewhere.into_iter().chain(waiting).collect();
        (!notes.is_empty()).then(|| format!("注：{notes}"))
    }

    /// A sentence with its numbers; `None` when a number is missing, which is noted, or when its
    /// condition does not hold.
    fn fill(&mut self, programme: &'a str, template: &Template) -> Option<Filled<'a>> {
        let rendered = template.render(&self.vocabulary);
        let support = self.facts.take();
        let text = match rendered {
            Ok(text) => text,
            Err(reason) => {
                self.omitted.push(Omitted { programme: programme.to_owned(), reason });
                return None;
            }
        };
        // A sentence whose condition does not hold is empty.
        let body = text.strip_suffix('。')?.to_owned();
        Some(Filled { heading: "", programme, time: Time::During, body, support })
    }

    /// Adds one sentence to a paragraph; `period` is that of the sentence before.
    fn append(&mut self, filled: Filled<'a>, paragraph: &mut Paragraph, period: &mut Period) {
        let support = filled.support;
        if support.provisional {
            note(&mut self.provisional, filled.programme);
        }
        if let Some(now) = support.period
            && now != *period
        {
            paragraph.text += &wording::period(&now, self.folder, filled.time);
            paragraph.text.push('，');
            *period = now;
        }
        paragraph.text += &format!("{}{}。", filled.body, support.marks);
        for figure in support.figures {
            if !paragraph.figures.contains(&figure) {
                paragraph.figures.push(figure);
            }
        }
    }
}

/// Each programme once, in the order of the text.
fn note<'a>(programmes: &mut Vec<&'a str>, programme: &'a str) {
    if !programme.is_empty() && !programmes.contains(&programme) {
        programmes.push(programme);
    }
}
