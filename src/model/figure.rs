//! Figures: what the program publishes, with numerator, denominator, completeness and lineage.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, Location, Period, Rational};

/// SDMX `OBS_STATUS`, in order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A: normal.
    Normal,
    /// B: the series breaks here, because the 口径 changed.
    Break,
    /// P: provisional, some 核实 are open.
    Provisional,
    /// U: incomplete, an expected unit is not in the figure (未报, 退回 or 缺项).
    Incomplete,
    /// O: missing, nothing to compute from.
    Missing,
}

impl Status {
    const ALL: [Self; 5] =
        [Self::Normal, Self::Break, Self::Provisional, Self::Incomplete, Self::Missing];

    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Is something that is owed not in the figure? Seventeen units against eighteen are no
    /// comparison.
    pub fn is_partial(self) -> bool {
        matches!(self, Self::Incomplete | Self::Missing)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Normal => "A",
            Self::Break => "B",
            Self::Provisional => "P",
            Self::Incomplete => "U",
            Self::Missing => "O",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Normal => "正常",
            Self::Break => "口径变化",
            Self::Provisional => "待核实",
            Self::Incomplete => "不完整",
            Self::Missing => "缺",
        }
    }
}

/// What kind of number a figure is: decides with which other periods it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// As it stands at the end of the period: compares with the period before, a year ago, and
    /// the end of last year (比年初).
    Stock,
    /// What happened in the period: compares with the period before and a year ago.
    #[default]
    Flow,
    /// From the year's beginning to the end of the period: compares with a year ago; against
    /// the period before it says, inside a year, what the period itself added.
    Ytd,
}

impl Nature {
    pub fn id(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Flow => "flow",
            Self::Ytd => "ytd",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Stock => "期末数",
            Self::Flow => "本期发生数",
            Self::Ytd => "本年累计数",
        }
    }
}

/// Code of a distribution or step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// ASCII, part of the figure id.
    pub id: String,
    pub title: String,
}

/// Do values of a measure add up over units and months? Rates and scores do not.
pub fn adds_up(measure: &str) -> bool {
    !matches!(measure, "%" | "‰" | "分")
}

/// What the difference of two values of a measure is measured in: 百分点 of per cents.
pub fn difference_measure(measure: &str) -> &str {
    match measure {
        "%" => "个百分点",
        "‰" => "个千分点",
        other => other,
    }
}

/// Comparison with another period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub period: Period,
    /// What a form with rounds calls the round before (上届); empty: by its period.
    pub called: String,
    /// The printed value then; `None` when missing.
    pub then: Option<Decimal>,
    /// Printed value now − printed value then: 百分点 for shares, counts for counts.
    pub difference: Option<Decimal>,
    /// Growth in per cent, one decimal, for counts and sums with a non-zero base.
    pub growth: Option<Decimal>,
    /// Why there is no comparison although both periods have a value.
    pub obstacle: Option<Obstacle>,
}

/// What keeps two values from being compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A 口径 change lies between.
    Broken,
    /// Now or then, a unit that is expected is not in it.
    Partial,
}

impl Obstacle {
    pub fn title(self) -> &'static str {
        match self {
            Self::Broken => "口径变化",
            Self::Partial => "数据不全",
        }
    }
}

/// One point of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub period: Period,
    /// `None` is a gap.
    pub value: Option<Decimal>,
    /// The value before rounding, for rules that compare it.
    pub exact: Option<Rational>,
    /// The denominator, where there is one.
    pub base: Option<Decimal>,
    pub status: Status,
    /// The 口径 changed with this period: no line from the point before.
    pub break_before: bool,
    /// A new year of a year-to-date value: it begins anew, which is no change of 口径.
    pub restart_before: bool,
}

impl Point {
    /// The value, if nothing that is owed is absent from it: what small trend lines show.
    pub fn whole_value(&self) -> Option<Decimal> {
        self.value.filter(|_| !self.status.is_partial())
    }

    /// Does a line lead here from the point before?
    pub fn joins(&self) -> bool {
        !self.break_before && !self.restart_before
    }
}

/// The values of one figure over time, oldest first, ending at the figure's period.
pub type Series = Vec<Point>;

/// Place in the ranking of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupPlace {
    pub group: String,
    /// Shared places: 1, 2, 2, 4.
    pub place: usize,
    pub of: usize,
    pub tied: bool,
    /// The base is below the indicator's threshold.
    pub small_base: bool,
    /// The place in the previous period, if ranked then.
    pub previous: Option<usize>,
}

/// Rows of one table that went into a numerator or denominator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// [`super::RowsOf`] as text.
    pub source: String,
    /// The period covered; `None` for registers and units.
    pub period: Option<Period>,
    /// Names of the fields that the expression reads.
    pub fields: Arc<[String]>,
    /// Row numbers in the fact table of (form, period), ascending; register rows otherwise.
    pub rows: Vec<u32>,
    /// Rows that are not listed, because their table is too large: then none is.
    pub unlisted: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AbsentReason {
    /// 未报
    Missing,
    /// 退回
    Rejected,
    /// 缺项: accepted, but a cell that the figure needs is blank.
    Blank,
    /// Whether it owes the form is not known, because what decides it is not there.
    Undecided,
}

impl AbsentReason {
    pub fn title(self) -> &'static str {
        match self {
            Self::Missing => "未报",
            Self::Rejected => "退回",
            Self::Blank => "缺项",
            Self::Undecided => "应否报送不明",
        }
    }

    /// All, in the order in which reports name the units left out.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Rejected, Self::Undecided, Self::Blank];
}

/// An expected unit that is not in the figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    pub unit: String,
    pub form: String,
    pub reason: AbsentReason,
    /// The blank cells, for [`AbsentReason::Blank`].
    pub cells: Vec<Location>,
}

/// Where a figure comes from, and which units are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    pub numerator: Vec<Contribution>,
    pub denominator: Vec<Contribution>,
    pub absent: Vec<Absent>,
    /// Ids of the diagnosed problems that the figure counts.
    pub problems: Vec<String>,
}

/// One published figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// `indicator@unit_code[@category][@class]`, ASCII, stable between periods.
    pub id: String,
    pub programme: String,
    pub indicator: String,
    pub title: String,
    /// The period covered by the data, which may be older than the report's.
    pub period: Period,
    pub unit_code: String,
    pub unit: String,
    /// Ranking group of the unit; empty for the county.
    pub group: String,
    /// Field of the breakdown, e.g. `domain`; empty for none.
    pub dimension: String,
    /// Code of the breakdown as printed, e.g. 农村; empty for none.
    pub category: String,
    pub class: Option<Class>,
    pub numerator: Option<Decimal>,
    pub denominator: Option<Decimal>,
    /// The exact value before rounding, for rankings.
    pub exact: Option<Rational>,
    /// The printed number, rounded once; `None` when not computable.
    pub value: Option<Decimal>,
    /// Places with which the value is printed.
    pub decimals: u8,
    pub nature: Nature,
    /// A part of a composite: the value that was scored, as printed.
    pub scored: Option<Decimal>,
    /// Composites: the weight of the part, or of all parts that count.
    pub weight: Option<Decimal>,
    /// `%`, `个`, `人` … ; empty when none.
    pub measure: String,
    pub units_expected: usize,
    pub units_reported: usize,
    pub units_used: usize,
    pub status: Status,
    /// 核实 open in the returns that the figure uses.
    pub open_queries: usize,
    /// Against the period before: 环比 if that is the calendar's.
    pub previous: Option<Change>,
    /// 同比
    pub year_ago: Option<Change>,
    /// 比年初, of stocks only.
    pub year_begin: Option<Change>,
    pub series: Series,
    pub place: Option<GroupPlace>,
    pub lineage: Origins,
}

impl Figure {
    /// The value before rounding, if known, else as printed.
    pub fn before_rounding(&self) -> Option<Rational> {
        self.exact.or_else(|| self.value.map(Decimal::to_rational))
    }

    /// Is its base below the indicator's threshold? Only what is ranked is asked.
    pub fn has_small_base(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.small_base)
    }

    /// Why nothing of its own unit, or of any of its units, is in it.
    pub fn all_absent(&self) -> Option<AbsentReason> {
        let nobody = self.value.is_none() && self.units_expected > 0 && self.units_reported == 0;
        let mut absent = self.lineage.absent.iter();
        let own = absent.find(|absent| nobody || absent.unit == self.unit_code);
        own.map(|absent| absent.reason)
    }

    /// Is the period before the one directly before (环比), and not an earlier round?
    pub fn is_adjacent(&self, change: &Change) -> bool {
        self.period.previous().as_ref() == Some(&change.period)
    }
}
