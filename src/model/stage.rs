//! How final a report is: it is circulated for comment, made final, and, if anything changes after
//! that, revised.

use serde::{Deserialize, Serialize};

/// Something that is not in order, and why the report is final all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The unit, or 全县.
    pub who: String,
    /// `未报《…》`
    pub what: String,
    pub why: String,
}

impl Exception {
    /// `粟城乡未报《甲表》、退回《乙表》（断网，12月补报）`: those of one unit with one reason together.
    pub fn in_words(exceptions: &[Self]) -> Vec<String> {
        let alike = |a: &Self, b: &Self| (&a.who, &a.why) == (&b.who, &b.why);
        let words = |group: &[Self]| {
            let what: Vec<&str> = group.iter().map(|e| e.what.as_str()).collect();
            format!("{}{}（{}）", group[0].who, what.join("、"), group[0].why)
        };
        exceptions.chunk_by(alike).map(words).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Stage {
    /// 征求意见稿
    #[default]
    Draft,
    /// 定稿
    Final { edition: u32, exceptions: Vec<Exception> },
    /// 修订稿: something is not as in that edition.
    Revised { edition: u32 },
}

impl Stage {
    pub fn title(&self) -> String {
        match self {
            Self::Draft => "征求意见稿".to_owned(),
            Self::Final { edition: 1, .. } => "定稿".to_owned(),
            Self::Final { edition, .. } => format!("定稿（第 {edition} 次）"),
            Self::Revised { edition } => {
                format!("修订稿（对第 {edition} 次定稿的修订，改动见修订表）")
            }
        }
    }

    /// `；粟城乡（断网，12月补报）`; empty without exceptions.
    pub fn exceptions_in_words(&self) -> String {
        let Self::Final { exceptions, .. } = self else { return String::new() };
        Exception::in_words(exceptions).into_iter().map(|words| format!("；{words}")).collect()
    }
}
