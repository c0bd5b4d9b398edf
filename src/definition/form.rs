//! Forms (报表) and their fields, in the words of Frictionless Table Schema.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Deadline, Heading, Items, Layout, OwedWhen, Unpivot, grammar};
use crate::model::text::compact;
use crate::model::{ColumnType, Decimal, Frequency, Nature, Period};
use crate::sql::Expression;

/// Field types. `code`, `text` and `month` stay text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    Integer,
    Decimal,
    /// Stored in per cent: 95 % is 95.
    Percent,
    Money,
    Date,
    /// `2013-10`.
    Month,
    Boolean,
    Code,
    Text,
}

impl FieldType {
    /// As definitions write it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Percent => "percent",
            Self::Money => "money",
            Self::Date => "date",
            Self::Month => "month",
            Self::Boolean => "boolean",
            Self::Code => "code",
            Self::Text => "text",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Integer => "整数",
            Self::Decimal => "小数",
            Self::Percent => "百分数",
            Self::Money => "金额",
            Self::Date => "日期",
            Self::Month => "年月",
            Self::Boolean => "是/否",
            Self::Code => "代码",
            Self::Text => "文字",
        }
    }

    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Percent | Self::Money)
    }

    pub fn is_fractional(self) -> bool {
        matches!(self, Self::Decimal | Self::Percent | Self::Money)
    }
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constraints {
    /// Decimal notation.
    pub minimum: Option<String>,
    pub maximum: Option<String>,
}

/// What a blank cell means where an indicator counts or adds it. Without it a blank is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BlankMeans {
    /// The number is zero.
    Zero,
    /// The row is left out, of numerator and denominator.
    Skip,
    /// There is none (yet): what a definition that asks whether the cell is blank may rely on.
    /// Where a value is counted, compared or added, the blank is still not known.
    Nothing,
}

impl BlankMeans {
    pub fn title(self) -> &'static str {
        match self {
            Self::Zero => "空白按 0 计",
            Self::Skip => "空白的行不计",
            Self::Nothing => "空白即没有",
        }
    }
}

/// `derive = { name = "target_earliest", add_years = 1, to = "activist_on" }`: a date column.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Derive {
    pub name: String,
    pub to: String,
    #[serde(default)]
    pub add_years: i16,
    #[serde(default)]
    pub add_months: i32,
    #[serde(default)]
    pub add_days: i32,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    /// The header title; unit of measure in brackets is ignored when matching.
    pub title: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Decimal places; required for decimal, percent and money.
    #[serde(default)]
    pub decimals: u8,
    /// The column must be present in the return.
    #[serde(default)]
    pub required: bool,
    /// No cell of the column may be blank.
    #[serde(default)]
    pub filled: bool,
    /// Unit of measure, e.g. 人, 个, 万元; a suffix typed in a cell must agree.
    #[serde(default)]
    pub unit: String,
    /// A number such as `0.5万` may be typed.
    #[serde(default)]
    pub allow_wan: bool,
    pub codelist: Option<String>,
    /// Values must be keys of this register (`village`) or, with `form:<id>`, of that form's
    /// accepted rows; another column is named after a dot (`village.name`), several places are
    /// separated by `|` (G-17).
    pub refers_to: Option<String>,
    #[serde(default)]
    pub constraints: Constraints,
    /// What a blank means to every indicator that reads the column: `zero`, `skip` or `nothing`.
    /// Without it a figure that needs the blank does not count the unit, and no indicator may ask
    /// whether the cell is blank.
    pub blank: Option<BlankMeans>,
    /// Names, ID digits and the like: never in an output.
    #[serde(default)]
    pub personal: bool,
    /// Does it leave the county with what is handed up? Default: all but free text that no figure reads.
    pub handed_up: Option<bool>,
    /// What 无, —, / mean here: zero …
    #[serde(default)]
    pub zero_values: Vec<String>,
    /// … or missing.
    #[serde(default)]
    pub missing_values: Vec<String>,
    /// `design`: added by us because a rule needs it; empty for a column of the official form.
    #[serde(default)]
    pub origin: String,
    #[serde(default)]
    pub note: String,
    /// Compared with typed 合计/小计 rows. Default: yes for integer, money; no otherwise.
    pub additive: Option<bool>,
    /// 其中: subset of that field (G-02).
    pub part_of: Option<String>,
    /// `[numerator, denominator]` of a percent field: decides what a plain 0.95 or 95 means.
    #[serde(default)]
    pub ratio_of: Option<[String; 2]>,
    /// 实…: must not exceed that 应… field (G-04).
    pub due: Option<String>,
    /// Year-to-date: never falls inside a year (G-09); what is added up of it is `ytd`.
    #[serde(default)]
    pub cumulative: bool,
    /// Whole digits of the largest number that everything computed from the column holds. Set by
    /// the loader.
    #[serde(skip, default = "most_digits")]
    pub whole_digits: u8,
}

fn most_digits() -> u8 {
    Expression::MOST_DIGITS
}

/// A million million: more than any county's return holds, and small enough that the quotients of
/// a county's sums (10¹² × 100 × 100,000 rows, crosswise) are exact in 128 bits.
const MOST_WHOLE_DIGITS: u8 = 12;

impl Field {
    pub fn is_additive(&self) -> bool {
        self.additive.unwrap_or(matches!(self.kind, FieldType::Integer | FieldType::Money))
    }

    /// Least and greatest number. A count is never negative unless its field says so.
    pub fn range(&self) -> (Option<Decimal>, Option<Decimal>) {
        let parse = |text: &Option<String>| text.as_deref().and_then(Decimal::parse);
        let least = parse(&self.constraints.minimum);
        let count = self.kind == FieldType::Integer;
        (least.or(count.then_some(Decimal::ZERO)), parse(&self.constraints.maximum))
    }

    /// Whole digits of a number that may stand in the column.
    pub fn most_whole_digits(&self) -> u8 {
        self.whole_digits.min(MOST_WHOLE_DIGITS).min(most_digits().saturating_sub(self.decimals))
    }

    /// The type of the field's values.
    pub fn column_type(&self) -> ColumnType {
        match self.kind {
            FieldType::Integer => ColumnType::Integer,
            FieldType::Decimal | FieldType::Percent | FieldType::Money => {
                ColumnType::Decimal(self.decimals)
            }
            FieldType::Date => ColumnType::Date,
            FieldType::Boolean => ColumnType::Boolean,
            FieldType::Month | FieldType::Code | FieldType::Text => ColumnType::Text,
        }
    }
}

/// One step of a band: from this value (inclusive) upwards.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandStep {
    pub code: String,
    /// Decimal notation.
    pub from: String,
}

/// A derived code: the first step, from the top, whose `from` is not above the value.
/// The column is named `<of>__<id>`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub id: String,
    pub of: String,
    /// Descending, half-open intervals without gaps.
    pub steps: Vec<BandStep>,
}

/// Exclusive parts that may not sum to more than the whole (G-02), or must equal it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    pub whole: String,
    pub of: Vec<String>,
    /// The parts are exhaustive: their sum equals the whole.
    #[serde(default)]
    pub complete: bool,
}

/// A stock: this period's opening equals the last period's closing (G-08).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    pub opening: String,
    pub closing: String,
}

/// A round of an annual or one-off form: which period is handed in in which folder.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// A period, or the id of a declared campaign.
    #[serde(deserialize_with = "grammar::period_or_campaign")]
    #[schemars(with = "String")]
    pub period: Period,
    #[serde(deserialize_with = "grammar::period_or_campaign")]
    #[schemars(with = "String")]
    pub folder: Period,
    /// Unit kinds or codes that owe this round, when not all of `owed_by`.
    #[serde(default)]
    pub owed_by: Option<Vec<String>>,
}

/// What to do with data in hidden rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hidden {
    /// Include, with a 核实.
    #[default]
    Include,
    /// Refuse the return (强制).
    Refuse,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub id: String,
    /// Official number, e.g. `F05`.
    #[serde(default)]
    pub number: String,
    pub title: String,
    /// Other titles by which a sheet may be headed.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What one row is, in Chinese.
    pub row: String,
    pub frequency: Frequency,
    /// Working days after the hand-in folder's month until which a return is on time,
    /// e.g. `+10 working days`, or `+5 days`; without it nobody is late.
    #[serde(default, deserialize_with = "grammar::optional")]
    #[schemars(with = "Option<String>")]
    pub due: Option<Deadline>,
    /// Unit kinds or unit codes that owe the form while they exist. With `owed_when` the only
    /// place that says who owes what.
    #[serde(default)]
    pub owed_by: Vec<String>,
    /// Of these, only the units for which another form or a register says so.
    pub owed_when: Option<OwedWhen>,
    /// Annual, once: the rounds held. Others: hand-in folder = last month of the period.
    #[serde(default, rename = "round")]
    pub rounds: Vec<Round>,
    /// How the form stands on its sheet: `table`, `key-value` or `transposed`.
    #[serde(default)]
    pub layout: Layout,
    /// Key-value: the same titles may come again, for another row each time.
    #[serde(default)]
    pub repeats: bool,
    /// Columns that are codes of one of the fields.
    pub unpivot: Option<Unpivot>,
    /// What a sentence calls the round before: 上届. Without it the round is named by its period.
    #[serde(default)]
    pub former: String,
    /// The period with which the form begins: nothing is owed for earlier ones.
    #[serde(default, deserialize_with = "grammar::optional")]
    #[schemars(with = "Option<String>")]
    pub first_period: Option<Period>,
    /// The period with which the form ends: nothing is owed for later ones.
    #[serde(default, deserialize_with = "grammar::optional")]
    #[schemars(with = "Option<String>")]
    pub last_period: Option<Period>,
    #[serde(default)]
    pub primary_key: Vec<String>,
    /// The field by which causes name a row: of a village, an organisation, an enterprise, or a code
    /// that refers to one. Never a person's. Without it rows are counted and not named.
    #[serde(default)]
    pub called: String,
    /// The rows are items, each of which a return has exactly once.
    pub items: Option<Items>,
    #[serde(default)]
    pub hidden: Hidden,
    /// A return with no rows is valid (event forms).
    #[serde(default)]
    pub may_be_empty: bool,
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    #[serde(default, rename = "band")]
    pub bands: Vec<Band>,
    #[serde(default, rename = "parts")]
    pub parts: Vec<Parts>,
    #[serde(default, rename = "stock")]
    pub stocks: Vec<Stock>,
    #[serde(default)]
    pub derive: Vec<Derive>,
    /// Titles over several columns of the form that is handed out.
    #[serde(default)]
    pub headings: Vec<Heading>,
    /// Columns whose values go on from the last period, row by row of the key: a form that is
    /// handed out has them filled in, with the key and the opening stocks.
    #[serde(default)]
    pub carried: Vec<String>,
    /// What its indicators are unless they, or the `cumulative` fields that they add up, say
    /// otherwise. Default: `flow`, the nature without a comparison with the end of last year.
    pub nature: Option<Nature>,
    #[serde(default)]
    pub note: String,
    /// The programme that declares the form; set by the loader.
    #[serde(skip)]
    pub programme: String,
}

/// A return that is owed: a form for a period, to be handed in in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub period: Period,
    pub folder: Period,
    /// Unit kinds or codes.
    pub by: Vec<String>,
}

impl Form {
    /// Is it meant by what people write: its id, number, title or another name of it?
    pub fn is_called(&self, text: &str) -> bool {
        let wanted = compact(text);
        let names = [&self.id, &self.number, &self.title].into_iter().chain(&self.aliases);
        let mut names = names.filter(|name| !name.is_empty());
        names.any(|name| compact(name) == wanted)
    }

    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The field that a column belongs to: itself, or the one it is derived from.
    pub fn field_behind(&self, column: &str) -> Option<usize> {
        // A field's own name may hold the mark: the longest name that is one is meant.
        let marks = column.rmatch_indices("__").map(|(at, _)| at);
        let mut names = std::iter::once(column.len()).chain(marks).map(|end| &column[..end]);
        names.find_map(|name| {
            let derived = || self.derive.iter().find(|d| d.name == name);
            self.field_index(name).or_else(|| self.field_index(&derived()?.to))
        })
    }

    /// `F05 基层党组织分类定级表`
    pub fn numbered_title(&self) -> String {
        match self.number.as_str() {
            "" => self.title.clone(),
            number => format!("{number} {}", self.title),
        }
    }

    /// The title of the field that a column belongs to.
    pub fn column_title(&self, column: &str) -> Option<&str> {
        self.field_behind(column).map(|field| self.fields[field].title.as_str())
    }

    /// Fields of which it is asked whether they are blank though nothing says what a blank is: a
    /// cell that was forgotten must not pass for an answer.
    pub(super) fn undeclared_blanks<'e>(
        &self,
        asking: impl Iterator<Item = &'e Expression>,
    ) -> BTreeSet<usize> {
        let asked = asking.flat_map(Expression::blanks_asked);
        let fields = asked.filter_map(|column| self.field_behind(column));
        let open = |field: &Field| {
            !field.filled && field.blank.is_none() && !self.primary_key.contains(&field.name)
        };
        fields.filter(|index| open(&self.fields[*index])).collect()
    }

    /// The mistake of asking so, in words.
    pub(super) fn blank_undeclared(&self, field: usize) -> String {
        let Field { name, title, .. } = &self.fields[field];
        format!(
            "按“{title}”是否空白区分，而报表 {} 没有说空白是什么意思：请在 {name} 栏写 blank = \"nothing\"（空白即没有）、\"zero\" 或 \"skip\"，或写 filled = true（不得空白）",
            self.id
        )
    }

    /// Is the column personal? What derives from a personal field is.
    pub fn is_personal(&self, column: &str) -> bool {
        self.field_behind(column).is_some_and(|field| self.fields[field].personal)
    }

    /// One empty column a field.
    pub fn column_types(&self) -> Vec<ColumnType> {
        self.fields.iter().map(Field::column_type).collect()
    }

    /// What is due in a hand-in folder, if anything.
    pub fn owed_in(&self, folder: &Period) -> Option<Owed> {
        if self.has_rounds() {
            let round = self.rounds.iter().find(|r| r.folder == *folder)?;
            return Some(self.owed_in_round(round));
        }
        let period = match folder {
            Period::Month(year, month) => Period::containing(self.frequency, *year, *month),
            // A pipeline whose folders are years, quarters or campaigns: the folder is the period.
            other => other.clone(),
        };
        let last = period.last_month();
        let is_due = last.is_none() || last == folder.last_month();
        (is_due && self.runs_in(&period)).then(|| Owed {
            period,
            folder: folder.clone(),
            by: self.owed_by.clone(),
        })
    }

    /// What is due for a period: once, or in each round of it.
    pub fn owed_for(&self, period: &Period) -> Vec<Owed> {
        if self.has_rounds() {
            let of_period = self.rounds.iter().filter(|r| r.period == *period);
            return of_period.map(|round| self.owed_in_round(round)).collect();
        }
        if !self.runs_in(period) {
            return Vec::new();
        }
        // In a pipeline of years or quarters the folder is the period itself; both end together.
        let folder = period.last_month().map_or(period.clone(), |(y, m)| Period::Month(y, m));
        vec![Owed { period: period.clone(), folder, by: self.owed_by.clone() }]
    }

    /// The latest that is due by a folder.
    pub fn latest_owed(&self, folder: &Period) -> Option<Owed> {
        if self.has_rounds() {
            let by_then = self.rounds.iter().map(|round| self.owed_in_round(round));
            return by_then
                .filter(|owed| owed.folder <= *folder)
                .max_by(|a, b| (&a.folder, &a.period).cmp(&(&b.folder, &b.period)));
        }
        // Every regular form is due at least once a year.
        let ended =
            self.last_period.as_ref().filter(|last| last.last_month() < folder.last_month());
        let month = |(year, month)| Period::Month(year, month);
        let latest = ended.and_then(Period::last_month).map_or(folder.clone(), month);
        let folders = std::iter::successors(Some(latest), Period::previous);
        folders.take(12).find_map(|folder| self.owed_in(&folder))
    }

    /// Has the form begun by a period, and not ended before it?
    fn runs_in(&self, period: &Period) -> bool {
        let month = Period::last_month;
        let begun = self.first_period.as_ref().is_none_or(|first| month(first) <= month(period));
        begun && self.last_period.as_ref().is_none_or(|last| month(period) <= month(last))
    }

    fn has_rounds(&self) -> bool {
        !self.rounds.is_empty() || self.frequency == Frequency::Once
    }

    fn owed_in_round(&self, round: &Round) -> Owed {
        Owed {
            period: round.period.clone(),
            folder: round.folder.clone(),
            by: round.owed_by.clone().unwrap_or_else(|| self.owed_by.clone()),
        }
    }
}
