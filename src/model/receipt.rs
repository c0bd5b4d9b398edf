//! Who has handed in what: files received, returns recognised, their states.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Finding, Period, ReturnFacts};

/// One received file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReceipt {
    /// Relative to the returns root, with `/`.
    #[serde(with = "super::shared_text")]
    pub path: Arc<str>,
    pub folder: Period,
    /// Of the very bytes that were parsed.
    pub sha256: String,
    pub size: u64,
    /// (unit code, form id, covered period) recognised in the file, sorted.
    pub returns: Vec<(String, String, Period)>,
}

impl FileReceipt {
    /// As its folder knows it: `2013-10/晚交/甲镇.xlsx` is `晚交/甲镇.xlsx`.
    pub fn name(&self) -> &str {
        self.path.split_once('/').map_or(&*self.path, |(_, name)| name)
    }
}

/// A written explanation (审核说明) of a 核实 finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub folder: Period,
    pub code: String,
    pub unit: String,
    pub form: String,
    /// As in the finding; empty: all findings of the check in that return.
    pub cell: String,
    /// What stood there when it was written (原值), as the finding told it; empty: not said.
    pub seen: String,
    pub text: String,
    /// Where it is written, relative to the returns root.
    #[serde(with = "super::shared_text")]
    pub file: Arc<str>,
}

/// A cell that the county itself changes (订正), as declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    pub folder: Period,
    pub unit: String,
    pub form: String,
    /// An address, or the key of the row and the title of the column: `0010/应参评党员数`.
    pub place: String,
    /// What the return must say for the amendment to apply.
    pub before: String,
    pub after: String,
    pub reason: String,
    pub who: String,
    pub when: String,
    /// The declaration, relative to the returns root, and its zero-based line.
    #[serde(with = "super::shared_text")]
    pub file: Arc<str>,
    pub line: u32,
}

/// A declared correction (更正): which file counts instead of which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionNote {
    pub folder: Period,
    pub unit: String,
    pub form: String,
    /// Paths relative to the returns root.
    pub adopted: String,
    pub superseded: String,
    pub who: String,
    pub when: String,
    pub reason: String,
}

/// A line of 收件.csv: a file arrived on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    pub folder: Period,
    /// Relative to the hand-in folder.
    pub name: String,
    /// Days since 1970-01-01.
    pub day: i32,
    /// SHA-256 of its content; empty in a line typed by hand.
    pub content: String,
    /// Zero-based row of the line.
    pub row: u32,
}

/// What the hand-in folders declare beside the returns.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Declarations {
    pub explanations: Vec<Explanation>,
    pub corrections: Vec<CorrectionNote>,
    pub amendments: Vec<Amendment>,
    /// What 收件.csv says, line by line.
    pub arrivals: Vec<Arrival>,
    /// File path → date received (days since 1970-01-01): what 收件.csv says of the files that are
    /// there, by content and by name.
    pub received: BTreeMap<String, i32>,
}

/// Everything that collecting gives.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    pub files: Vec<FileReceipt>,
    pub returns: Vec<Arc<ReturnFacts>>,
    pub findings: Vec<Finding>,
    pub declarations: Declarations,
}

/// The state of one return (unit × form × period).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReturnState {
    /// Clean, or 提示 only.
    Clean,
    /// All 核实 are explained.
    Explained,
    /// 核实 without explanation: figures are provisional.
    Queried,
    /// 强制 open: returned to the unit (退回), not in the figures.
    Rejected,
    /// Owed and absent (未报), or unreadable.
    Missing,
}

impl ReturnState {
    pub fn title(self) -> &'static str {
        match self {
            Self::Clean => "通过",
            Self::Explained => "通过（已说明）",
            Self::Queried => "待核实",
            Self::Rejected => "退回",
            Self::Missing => "未报",
        }
    }

    /// Do the return's rows count in figures?
    pub fn accepted(self) -> bool {
        matches!(self, Self::Clean | Self::Explained | Self::Queried)
    }
}

/// The reporting status of one owed (or received) return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub unit: String,
    pub form: String,
    pub period: Period,
    pub folder: Period,
    pub state: ReturnState,
    /// `false` when the unit does not owe the form but sent it.
    pub owed: bool,
    /// Empty when missing.
    #[serde(with = "super::shared_text")]
    pub file: Arc<str>,
    /// Days since 1970-01-01.
    pub received_on: Option<i32>,
    /// The last day on which it is on time, where there is one.
    pub deadline: Option<i32>,
    pub timeliness: Timeliness,
    pub errors: usize,
    /// Unexplained 核实.
    pub queries: usize,
    pub explained: usize,
    pub hints: usize,
    pub rows: usize,
}

/// Why it cannot be said whether a return was late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unjudged {
    /// Neither 收件.csv nor the sheet says when it was handed in.
    NoDate,
    /// The deadline counts working days, and `holidays.csv` does not cover its year.
    NoCalendar,
    /// A campaign has no month from whose end a deadline could be counted.
    NoMonth,
}

impl Unjudged {
    pub fn title(self) -> &'static str {
        match self {
            Self::NoDate => "没有收到日期",
            Self::NoCalendar => "holidays.csv 不含期限所在年份",
            Self::NoMonth => "一次性报告期没有月末，期限无从起算",
        }
    }
}

/// Was a return handed in in time? What cannot be said is not “in time”.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Timeliness {
    /// The form states no deadline.
    #[default]
    NotAsked,
    /// Nothing was handed in that could be late.
    Absent,
    OnTime,
    Late,
    Unjudged(Unjudged),
}

impl Timeliness {
    /// An answer to 按时.
    pub fn title(self) -> &'static str {
        match self {
            Self::NotAsked => "不考核",
            Self::Absent => "—",
            Self::OnTime => "是",
            Self::Late => "迟报",
            Self::Unjudged(_) => "无法判断",
        }
    }
}

/// Returns counted by state.
#[derive(Debug, Clone, Default)]
pub struct ReturnCounts {
    pub owed: usize,
    /// Those that count, with queries open or not.
    pub accepted: usize,
    pub queried: usize,
    pub rejected: usize,
    pub missing: usize,
    pub lateness: Lateness,
}

impl ReturnCounts {
    pub fn of<'r>(receipts: impl IntoIterator<Item = &'r Receipt>) -> Self {
        let mut counts = Self::default();
        receipts.into_iter().for_each(|receipt| counts.add(receipt));
        counts
    }

    pub fn add(&mut self, receipt: &Receipt) {
        self.owed += usize::from(receipt.owed);
        self.accepted += usize::from(receipt.state.accepted());
        self.queried += usize::from(receipt.state == ReturnState::Queried);
        self.rejected += usize::from(receipt.state == ReturnState::Rejected);
        self.missing += usize::from(receipt.state == ReturnState::Missing);
        self.lateness.add(receipt.timeliness);
    }
}

/// How many returns were late, as far as that can be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lateness {
    pub late: usize,
    pub unjudged: usize,
    /// On time or late.
    judged: usize,
    /// Of a form with a deadline, and not there.
    absent: usize,
    reasons: std::collections::BTreeSet<Unjudged>,
}

impl Lateness {
    pub fn of<'r>(receipts: impl Iterator<Item = &'r Receipt>) -> Self {
        let mut all = Self::default();
        receipts.for_each(|receipt| all.add(receipt.timeliness));
        all
    }

    pub fn add(&mut self, timeliness: Timeliness) {
        match timeliness {
            Timeliness::NotAsked => {}
            Timeliness::Absent => self.absent += 1,
            Timeliness::OnTime => self.judged += 1,
            Timeliness::Late => {
                self.judged += 1;
                self.late += 1;
            }
            Timeliness::Unjudged(reason) => {
                self.unjudged += 1;
                self.reasons.insert(reason);
            }
        }
    }

    /// The number of late returns, if it is one.
    pub fn count(&self) -> Option<usize> {
        (self.unjudged == 0 && self.judged + self.absent > 0).then_some(self.late)
    }

    /// For a cell: `3`, `3（另 2 份无法判断）`, `无法判断`, `不考核`.
    pub fn in_cell(&self) -> String {
        match (self.count(), self.unjudged, self.judged) {
            (Some(late), ..) => late.to_string(),
            (None, 0, _) => Timeliness::NotAsked.title().to_owned(),
            (None, _, 0) => "无法判断".to_owned(),
            (None, unjudged, _) => format!("{}（另 {unjudged} 份无法判断）", self.late),
        }
    }

    /// `迟报 3 份`, `迟报 3 份（另有 2 份无法判断是否迟报：没有收到日期）`, `无法判断是否迟报（…）`.
    pub fn in_words(&self) -> String {
        let reasons: Vec<&str> = self.reasons.iter().map(|reason| reason.title()).collect();
        let reasons = reasons.join("、");
        match (self.count(), self.unjudged, self.judged) {
            (Some(late), ..) => format!("迟报 {late} 份"),
            (None, 0, _) => "报送及时性不考核".to_owned(),
            (None, _, 0) => format!("无法判断是否迟报（{reasons}）"),
            (None, unjudged, _) => {
                let late = self.late;
                format!("迟报 {late} 份（另有 {unjudged} 份无法判断是否迟报：{reasons}）")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lateness(all: &[Timeliness]) -> Lateness {
        let mut sum = Lateness::default();
        all.iter().for_each(|&one| sum.add(one));
        sum
    }

    #[test]
    fn no_late_return_is_only_said_where_it_is_known() {
        use Timeliness::{Absent, Late, NotAsked, OnTime};
        let no_calendar = Timeliness::Unjudged(Unjudged::NoCalendar);
        assert_eq!(lateness(&[OnTime, OnTime, Absent]).in_words(), "迟报 0 份");
        assert_eq!(lateness(&[Late, OnTime]).in_cell(), "1");
        let none = lateness(&[no_calendar, no_calendar, Absent]);
        assert_eq!(none.in_words(), "无法判断是否迟报（holidays.csv 不含期限所在年份）");
        assert_eq!((none.in_cell().as_str(), none.count()), ("无法判断", None));
        let some = lateness(&[Late, no_calendar, Timeliness::Unjudged(Unjudged::NoDate)]);
        assert_eq!(some.in_cell(), "1（另 2 份无法判断）");
        assert_eq!(
            some.in_words(),
            "迟报 1 份（另有 2 份无法判断是否迟报：没有收到日期、holidays.csv 不含期限所在年份）"
        );
        assert_eq!(lateness(&[NotAsked]).in_words(), "报送及时性不考核");
    }
}
