//! Who has reported: returns counted by state, and who is absent, for every renderer.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inputs, text};
use crate::model::{AbsentReason, Receipt, ReturnCounts, ReturnState, Timeliness};

/// A number of returns, or why it is not one.
pub(super) enum Count {
    Number(usize),
    Words(String),
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl ReturnCounts {
    /// Titles of the columns.
    pub(super) const TITLES: [&str; 6] = ["应报", "已收", "其中待核实", "退回", "未报", "迟报"];

    pub(super) fn columns(&self) -> [Count; 6] {
        let late = self.lateness.count().map(Count::Number);
        [
            Count::Number(self.owed),
            Count::Number(self.accepted),
            Count::Number(self.queried),
            Count::Number(self.rejected),
            Count::Number(self.missing),
            late.unwrap_or_else(|| Count::Words(self.lateness.in_cell())),
        ]
    }

    /// `18/18`; what is not in order: `15/18，退回 1，未报 2`.
    pub(super) fn in_cell(&self) -> String {
        let mut words = vec![format!("{}/{}", self.accepted, self.owed)];
        for (title, count) in [("退回", self.rejected), ("未报", self.missing)] {
            words.extend((count > 0).then(|| format!("{title} {count}")));
        }
        words.join("，")
    }

    /// In one sentence.
    pub(super) fn summary(&self) -> String {
        format!(
            "应报 {} 份，已收 {} 份（其中待核实 {} 份），退回 {} 份，未报 {} 份，{}。",
            self.owed,
            self.accepted,
            self.queried,
            self.rejected,
            self.missing,
            self.lateness.in_words()
        )
    }
}

/// Counts of each row of which a unit owes or sent something, in register order.
pub(super) fn by_row<'a>(inputs: &Inputs<'a>) -> Vec<(&'a str, ReturnCounts)> {
    let units = &inputs.definition.units;
    let mut rows: BTreeMap<(usize, &str), ReturnCounts> = BTreeMap::new();
    for receipt in inputs.receipts() {
        let row = units.row_code(&receipt.unit);
        rows.entry((units.order(row), row)).or_default().add(receipt);
    }
    rows.into_iter().map(|((_, code), counts)| (code, counts)).collect()
}

/// Who is missing and who was sent back: the state's title, then `甲镇《办件月报》、…`, of a row with
/// units below it `甲县 36 份`.
pub(super) fn absent(inputs: &Inputs) -> Vec<(&'static str, String)> {
    let definition = inputs.definition;
    let units = &definition.units;
    let named = |state: ReturnState| {
        let mut names: Vec<String> = Vec::new();
        let of_state: Vec<&Receipt> = inputs.receipts().filter(|r| r.state == state).collect();
        for own in of_state.chunk_by(|a, b| units.row_code(&a.unit) == units.row_code(&b.unit)) {
            let row = own.first().map_or("", |receipt| units.row_code(&receipt.unit));
            let name = units.name(row);
            if units.is_level(units.order(row)) {
                names.push(format!("{name} {} 份", own.len()));
                continue;
            }
            let form =
                |r: &&Receipt| format!("{name}《{}》", text::form_title(definition, &r.form));
            names.extend(own.iter().map(form));
        }
        (!names.is_empty()).then(|| (state.title(), names.join("、")))
    };
    [ReturnState::Missing, ReturnState::Rejected].into_iter().filter_map(named).collect()
}

/// What is not in order about a return; `None` when it came in time and counts.
pub(super) fn disorder(receipt: &Receipt) -> Option<String> {
    let state = match receipt.state {
        ReturnState::Clean | ReturnState::Explained => None,
        state => Some(state.title()),
    };
    let late = match receipt.timeliness {
        late @ Timeliness::Late => Some(late.title()),
        Timeliness::Unjudged(_) => Some("无法判断是否迟报"),
        _ => None,
    };
    let uncalled = (!receipt.owed).then_some("不应报");
    let words: Vec<&str> = state.into_iter().chain(late).chain(uncalled).collect();
    (!words.is_empty()).then(|| words.join("、"))
}

/// How many units the first page names for one reason; all stand in the tables.
const NAMED: usize = 8;

/// Returns, each by its unit and its form.
type Returns<'a> = BTreeSet<(&'a str, &'a str)>;

/// What the first page or screen says: how final the report is, and what is not in it while anything is
/// not: `征求意见稿：数字不全，不含未报的粟城乡《运行月报》`; of a row with units below it, or of many returns,
/// `甲县 36 份`.
pub(super) fn stage(inputs: &Inputs) -> String {
    let definition = inputs.definition;
    let units = &definition.units;
    // Reason → rows in register order → returns.
    let mut absent: BTreeMap<AbsentReason, BTreeMap<usize, Returns>> = BTreeMap::new();
    let mut add = |reason, unit, form| {
        let Some(row) = units.row_of(units.order(unit)) else { return };
        absent.entry(reason).or_default().entry(row).or_default().insert((unit, form));
    };
    for receipt in inputs.receipts().filter(|receipt| receipt.owed) {
        match receipt.state {
            ReturnState::Missing => add(AbsentReason::Missing, &receipt.unit, &receipt.form),
            ReturnState::Rejected => add(AbsentReason::Rejected, &receipt.unit, &receipt.form),
            _ => {}
        }
    }
    let all = inputs.figures.iter().flat_map(|figure| &figure.lineage.absent);
    all.for_each(|absent| add(absent.reason, &absent.unit, &absent.form));
    let excused = inputs.stage.exceptions_in_words();
    if absent.is_empty() {
        return format!("{}{excused}", inputs.stage.title());
    }
    let named = |reason: &AbsentReason, rows: &BTreeMap<usize, Returns>| {
        let counted = rows.values().map(BTreeSet::len).sum::<usize>() > NAMED;
        let one = |(&row, returns): (&usize, &Returns)| {
            let name = &units.all()[row].name;
            if units.is_level(row) || counted {
                return format!("{name} {} 份", returns.len());
            }
            let known = returns.iter().filter_map(|(_, form)| definition.form(form));
            let forms: String = known.map(|form| format!("《{}》", form.title)).collect();
            format!("{name}{forms}")
        };
        let shown: Vec<String> = rows.iter().take(NAMED).map(one).collect();
        let more = match rows.len() {
            few if few <= NAMED => String::new(),
            many => format!("等 {many} 个单位"),
        };
        format!("{}的{}{more}", reason.title(), shown.join("、"))
    };
    let parts: Vec<String> = absent.iter().map(|(reason, rows)| named(reason, rows)).collect();
    format!("{}：数字不全，不含{}{excused}", inputs.stage.title(), parts.join("；"))
}
