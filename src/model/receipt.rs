//! Who has handed in what: files received, returns recognised, their states.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Finding, Period, ReturnFacts};

/// One received file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReceipt {
    /// Relative to the returns root, with `/`.
    pub path: Arc<str>,
    pub folder: Period,
    pub sha256: String,
    pub size: u64,
    /// `xlsx`, `xls`, … as found by content; empty when unreadable.
    pub format: String,
    /// (unit code, form id, covered period) recognised in the file, sorted.
    pub returns: Vec<(String, String, Period)>,
}

/// A written explanation (审核说明) of a 核实 finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub folder: Period,
    pub code: String,
    pub unit: String,
    pub form: String,
    /// As in the finding; empty: all findings of the check in that return.
    pub cell: String,
    pub text: String,
}

/// A declared correction (更正): which file counts instead of which.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What the hand-in folders declare beside the returns.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    pub explanations: Vec<Explanation>,
    pub corrections: Vec<CorrectionNote>,
    /// File path → date received (days since 1970-01-01), from 收件.csv.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
            Self::Explained => "通过(已说明)",
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub unit: String,
    pub form: String,
    pub period: Period,
    pub folder: Period,
    pub state: ReturnState,
    /// `false` when the unit does not owe the form but sent it.
    pub owed: bool,
    /// Empty when missing.
    pub file: Arc<str>,
    /// Days since 1970-01-01.
    pub received_on: Option<i32>,
    /// `None`: not evaluated, because no date is known.
    pub on_time: Option<bool>,
    pub errors: usize,
    /// Unexplained 核实.
    pub queries: usize,
    pub explained: usize,
    pub hints: usize,
    pub rows: usize,
}

/// Receipts of one unit in one folder, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitStatus {
    pub unit: String,
    pub owed: usize,
    pub accepted: usize,
    pub rejected: usize,
    pub missing: usize,
    pub queried: usize,
    pub late: usize,
}
