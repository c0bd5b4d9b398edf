//! The circular (通报) and its sentences: all its wording is data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Template;
use super::grammar::{self, TaskDay};

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SectionKind {
    Overall,
    Features,
    Problems,
    Next,
}

impl SectionKind {
    pub const ALL: [Self; 4] = [Self::Overall, Self::Features, Self::Problems, Self::Next];

    pub fn title(self) -> &'static str {
        match self {
            Self::Overall => "总体情况",
            Self::Features => "主要特点和典型",
            Self::Problems => "存在问题",
            Self::Next => "下一步要求",
        }
    }
}

/// How a sentence names a period that is not the report's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Time {
    /// 三季度，…
    #[default]
    During,
    /// 截至三季度末，…
    End,
}

/// A sentence in official wording, with figures. It is left out when a figure is missing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    pub section: SectionKind,
    /// A template; `docs/sentences.md` lists its words. Ends with 。
    pub text: String,
    #[serde(default)]
    pub time: Time,
    /// Said although its data were handed in earlier; others then stand in the attachment alone.
    #[serde(default)]
    pub always: bool,
    /// Begins a paragraph of its own; default: the programme's title.
    #[serde(default)]
    pub heading: String,
    #[serde(skip)]
    pub programme: String,
    /// Set by the loader.
    #[serde(skip)]
    pub template: Option<Template>,
}

/// How much the body says; what is over it stands in the attachments alone, and the body says so.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Programmes in 总体情况; those that need attention most go before. Default: all.
    pub programmes: Option<usize>,
    /// Kinds of problems in 存在问题, those that most units share first. Default: all.
    pub problems: Option<usize>,
    /// Units named with a kind of problem; of more only their number is said. Default: all.
    pub units: Option<usize>,
}

/// Font names; readers replace those that their machine lacks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fonts {
    pub title: String,
    /// 一、
    pub heading: String,
    /// （一）
    pub subheading: String,
    pub body: String,
    /// Page numbers.
    pub number: String,
}

impl Default for Fonts {
    fn default() -> Self {
        Self {
            title: "方正小标宋简体".to_owned(),
            heading: "黑体".to_owned(),
            subheading: "楷体_GB2312".to_owned(),
            body: "仿宋_GB2312".to_owned(),
            number: "宋体".to_owned(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentKind {
    /// The key figures, or those of `indicators`.
    KeyFigures,
    /// Places inside groups, a table an indicator.
    Rankings,
    /// The problem list (问题清单).
    Problems,
    Charts,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    pub kind: AttachmentKind,
    pub title: String,
    #[serde(default)]
    pub indicators: Vec<String>,
    /// Ids of charts.
    #[serde(default)]
    pub charts: Vec<String>,
}

/// `circular.toml`: the frame of the monthly circular. Without it none is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Circular {
    /// Of the file: `通报` gives `通报_2013-10.docx`.
    pub name: String,
    /// A template.
    pub title: String,
    /// 主送
    pub addressee: String,
    /// 导语, one template a paragraph.
    pub lead: Vec<String>,
    /// 落款
    pub signed: String,
    /// 发文字号, e.g. 左组通〔2013〕×号; default: none.
    #[serde(default)]
    pub doc_no: String,
    /// 抄送, below the last page; default: none.
    #[serde(default)]
    pub copy_to: String,
    /// 印发机关, with the day beside it; default: none.
    #[serde(default)]
    pub printed_by: String,
    /// 成文日期 by period: a circular on October is signed on a day of November. A period without
    /// one is signed with itself.
    #[serde(default)]
    pub dates: BTreeMap<String, String>,
    /// Until when tasks are done, for `day("…")`: from the period, so that an old month keeps its own.
    #[serde(default, deserialize_with = "grammar::named")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub days: BTreeMap<String, TaskDay>,
    /// Numbers and names of this county's tasks, for `parameter("…")`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// 责任人 of the problem list: who answers for putting a problem right.
    #[serde(default)]
    pub owner: String,
    /// 时限 of the problem list, for `deadline()`.
    #[serde(default, deserialize_with = "grammar::optional")]
    #[schemars(with = "Option<String>")]
    pub deadline: Option<TaskDay>,
    /// Printed below the title, e.g. that the data are invented.
    #[serde(default)]
    pub notice: String,
    #[serde(default)]
    pub fonts: Fonts,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default, rename = "sentence")]
    pub sentences: Vec<Sentence>,
    #[serde(default, rename = "attachment")]
    pub attachments: Vec<Attachment>,
    #[serde(skip)]
    pub title_template: Option<Template>,
    #[serde(skip)]
    pub lead_templates: Vec<Template>,
}
