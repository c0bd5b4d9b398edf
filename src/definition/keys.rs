//! Which keys an item needs and may have, by what it is.
//!
//! A key that an item's kind does not use would be ignored, and its author would read numbers
//! that are not what the file says. So every kind states its keys here, once: the loader refuses
//! what is missing and what is of no use, and a key that is placed with no kind is of use to none.

use super::{
    Attachment, AttachmentKind, ChartKind, ChartSpec, Check, Denominator, Diagnosis, Field,
    FieldType, IndicatorKind, IndicatorSpec, OtherDenominator,
};
use crate::model::{Level, builtin};

/// One thing that an item can be, with the keys that belong to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    /// As the file says it: `kind = "count"`, or the key that makes it so.
    pub(super) is: &'static str,
    pub(super) needs: &'static [&'static str],
    pub(super) may: &'static [&'static [&'static str]],
}

impl Keys {
    pub(super) fn uses(&self, key: &str) -> bool {
        self.needs.contains(&key) || self.may.iter().any(|keys| keys.contains(&key))
    }
}

/// An item whose keys depend on what it is.
pub(super) trait Keyed {
    /// Keys that it may have whatever it is. Those that it must have are fields without default.
    const ALWAYS: &'static [&'static str];

    /// Everything that it can be.
    fn variants() -> Vec<Keys>;

    /// What this one is; `None`: nothing of all that, which is said elsewhere or refused here.
    fn keys(&self) -> Option<Keys>;

    /// How problems name it: `指标 members`.
    fn name(&self) -> String;

    /// Declared only: nothing is evaluated, so nothing is needed.
    fn is_idle(&self) -> bool {
        false
    }
}

/// An item's name in the schema, the keys that it may always have, and those of each kind: for the
/// manual.
pub(super) fn all() -> [(&'static str, &'static [&'static str], Vec<Keys>); 8] {
    fn of<T: Keyed>(name: &'static str) -> (&'static str, &'static [&'static str], Vec<Keys>) {
        (name, T::ALWAYS, T::variants())
    }
    [
        of::<FieldOf>("Field"),
        of::<Check>("Check"),
        of::<IndicatorSpec>("Indicator"),
        of::<DenominatorOf>("OtherDenominator"),
        of::<ChartSpec>("ChartSpec"),
        of::<Diagnosis>("Diagnosis"),
        of::<Attachment>("Attachment"),
        of::<BuiltinOf>("BuiltinTuning"),
    ]
}

/// A key that should or should not be there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The key to blame; `None` when one is missing.
    pub(super) key: Option<String>,
    pub(super) message: String,
}

/// Compares the keys that an item has in its file with those of its kind.
pub(super) fn misfits<'k, T: Keyed>(
    item: &T,
    given: impl Iterator<Item = &'k str> + Clone,
) -> Vec<Misfit> {
    let Some(own) = item.keys() else { return Vec::new() };
    let name = item.name();
    let mut found = Vec::new();
    for key in given.clone().filter(|key| !T::ALWAYS.contains(key) && !own.uses(key)) {
        let users: Vec<&str> =
            T::variants().iter().filter(|v| v.uses(key)).map(|variant| variant.is).collect();
        let choices: Vec<&str> =
            own.needs.iter().chain(own.may.iter().copied().flatten()).copied().collect();
        let remedy = match users.as_slice() {
            [] => "请删去".to_owned(),
            _ => format!("请删去；用这个键的有：{}", users.join("、")),
        };
        let own_keys = match choices.as_slice() {
            [] => String::new(),
            _ => format!("。{} 另外可用的键：{}", own.is, choices.join("、")),
        };
        let message = format!("{name}: {} 不用 {key}，写了也不起作用，{remedy}{own_keys}", own.is);
        found.push(Misfit { key: Some(key.to_owned()), message });
    }
    if !item.is_idle() {
        let missing = own.needs.iter().filter(|key| !given.clone().any(|given| given == **key));
        found.extend(missing.map(|key| Misfit {
            key: None,
            message: format!("{name}: 缺少 {key}，{} 必须写明", own.is),
        }));
    }
    found
}

impl IndicatorKind {
    const ALL: [Self; 11] = [
        Self::Count,
        Self::Sum,
        Self::Ratio,
        Self::Mean,
        Self::Distribution,
        Self::Funnel,
        Self::Transition,
        Self::TrimmedMean,
        Self::Derived,
        Self::Composite,
        Self::Problems,
    ];

    /// The keys of each kind.
    fn keys(self) -> Keys {
        /// Of kinds that read rows.
        const ROWS: &[&str] = &["where", "blank"];
        /// Of kinds with one number a row of figures: it can be good or bad.
        const JUDGED: &[&str] = &["better", "target", "rank", "pace"];
        const DIVIDED: &[&str] = &["decimals", "small_base"];
        const SHARES: &[&str] = &["decimals", "scale"];
        let keys = |is, needs, may| Keys { is, needs, may };
        match self {
            Self::Count => keys(
                "kind = \"count\"",
                &["form", "numerator"],
                &[ROWS, JUDGED, &["weight", "print_in"]],
            ),
            Self::Sum => keys(
                "kind = \"sum\"",
                &["form", "numerator"],
                &[ROWS, JUDGED, &["decimals", "print_in"]],
            ),
            Self::Ratio => keys(
                "kind = \"ratio\"",
                &["form", "numerator", "denominator"],
                &[ROWS, JUDGED, DIVIDED, &["scale", "weight"]],
            ),
            Self::Mean => keys("kind = \"mean\"", &["form", "numerator"], &[ROWS, JUDGED, DIVIDED]),
            Self::TrimmedMean => keys(
                "kind = \"trimmed-mean\"",
                &["form", "numerator", "trim"],
                &[ROWS, JUDGED, DIVIDED],
            ),
            Self::Distribution => {
                keys("kind = \"distribution\"", &["form", "of"], &[ROWS, SHARES, &["weight"]])
            }
            Self::Funnel => {
                keys("kind = \"funnel\"", &["form", "step"], &[ROWS, SHARES, &["weight"]])
            }
            Self::Transition => {
                keys("kind = \"transition\"", &["form", "of"], &[ROWS, SHARES, &["from_field"]])
            }
            Self::Derived => {
                keys("kind = \"derived\"", &["formula"], &[JUDGED, &["decimals", "print_in"]])
            }
            Self::Composite => keys(
                "kind = \"composite\"",
                &["part", "by"],
                &[JUDGED, &["decimals", "groups", "if_not_owed"]],
            ),
            Self::Problems => keys("kind = \"problems\"", &[], &[JUDGED, SHARES, &["of"]]),
        }
    }

    /// Of a count whose number need not be whole.
    const MEASURED: Keys = Keys {
        is: "kind = \"count\"（有 weight 或 print_in）",
        needs: &["form", "numerator"],
        may: &[&[
            "where", "blank", "better", "target", "rank", "pace", "weight", "print_in", "decimals",
        ]],
    };

    /// Of a distribution over columns instead of codes.
    const WIDE: Keys = Keys {
        is: "kind = \"distribution\"（按栏：columns）",
        needs: &["form", "columns"],
        may: &[&["where", "blank", "decimals", "scale"]],
    };
}

impl Keyed for IndicatorSpec {
    const ALWAYS: &'static [&'static str] = &[
        "id",
        "title",
        "kind",
        "base_title",
        "wording",
        "note",
        "full_title",
        "by",
        "measure",
        "nature",
        "breaks",
        "key",
        "status",
        "reason",
    ];

    fn variants() -> Vec<Keys> {
        let kinds = IndicatorKind::ALL.into_iter().map(IndicatorKind::keys);
        kinds.chain([IndicatorKind::MEASURED, IndicatorKind::WIDE]).collect()
    }

    fn keys(&self) -> Option<Keys> {
        let measured = self.weight.is_some() || self.print_in.is_some();
        Some(match self.kind {
            IndicatorKind::Count if measured => IndicatorKind::MEASURED,
            IndicatorKind::Distribution if !self.columns.is_empty() => IndicatorKind::WIDE,
            kind => kind.keys(),
        })
    }

    fn name(&self) -> String {
        format!("指标 {}", self.id)
    }

    fn is_idle(&self) -> bool {
        self.status.is_some()
    }
}

const DENOMINATORS: [Keys; 3] = [
    Keys { is: "form", needs: &["form"], may: &[&["where", "sum", "sum_to_date"]] },
    Keys { is: "register", needs: &["register"], may: &[&["where", "sum"]] },
    Keys { is: "units = \"expected\"", needs: &["units"], may: &[] },
];

/// A denominator from elsewhere, with the indicator whose it is.
pub(super) struct DenominatorOf<'i>(pub(super) &'i IndicatorSpec, pub(super) &'i OtherDenominator);

impl<'i> DenominatorOf<'i> {
    pub(super) fn new(indicator: &'i IndicatorSpec) -> Option<Self> {
        match &indicator.denominator {
            Some(Denominator::Elsewhere(other)) => Some(Self(indicator, other)),
            _ => None,
        }
    }
}

impl Keyed for DenominatorOf<'_> {
    const ALWAYS: &'static [&'static str] = &[];

    fn variants() -> Vec<Keys> {
        DENOMINATORS.to_vec()
    }

    fn keys(&self) -> Option<Keys> {
        let given = [self.1.form.is_some(), self.1.register.is_some(), self.1.units.is_some()];
        first(given, DENOMINATORS)
    }

    fn name(&self) -> String {
        format!("指标 {} 的 denominator", self.0.id)
    }
}

/// The first thing that an item is by having its key.
fn first<const N: usize>(given: [bool; N], variants: [Keys; N]) -> Option<Keys> {
    given.into_iter().zip(variants).find(|(given, _)| *given).map(|(_, keys)| keys)
}

const CHECKS: [Keys; 4] = {
    const FOUND: &[&str] = &["scope", "cells", "seen", "expected", "for_each"];
    [
        Keys { is: "rule", needs: &["rule"], may: &[FOUND, &["when", "missing"]] },
        Keys { is: "violations", needs: &["violations"], may: &[FOUND, &["needs"]] },
        Keys { is: "interval", needs: &["interval"], may: &[FOUND] },
        Keys { is: "status = \"not-collectable\"", needs: &["status", "reason"], may: &[FOUND] },
    ]
};

impl Keyed for Check {
    const ALWAYS: &'static [&'static str] =
        &["code", "name", "title", "form", "level", "message", "remedy", "basis"];

    fn variants() -> Vec<Keys> {
        CHECKS.to_vec()
    }

    fn keys(&self) -> Option<Keys> {
        let [rule, violations, interval, idle] = CHECKS;
        let given = [
            !self.is_collectable(),
            self.rule.is_some(),
            self.violations.is_some(),
            self.interval.is_some(),
        ];
        // One that is none of these still needs to be one: `rule` is the simplest.
        first(given, [idle, rule, violations, interval]).or(Some(rule))
    }

    fn name(&self) -> String {
        format!("审核 {}", self.code)
    }
}

impl FieldType {
    const ALL: [Self; 9] = [
        Self::Integer,
        Self::Decimal,
        Self::Percent,
        Self::Money,
        Self::Date,
        Self::Month,
        Self::Boolean,
        Self::Code,
        Self::Text,
    ];

    /// The keys of each type.
    fn keys(self) -> Keys {
        const NUMBER: &[&str] = &[
            "unit",
            "constraints",
            "zero_values",
            "missing_values",
            "additive",
            "part_of",
            "due",
            "cumulative",
        ];
        const REFERS: &[&str] = &["refers_to"];
        let keys = |is, needs, may| Keys { is, needs, may };
        match self {
            Self::Integer => keys("type = \"integer\"", &[], &[NUMBER, &["allow_wan"]]),
            Self::Decimal => keys("type = \"decimal\"", &["decimals"], &[NUMBER, &["allow_wan"]]),
            Self::Money => keys("type = \"money\"", &["decimals"], &[NUMBER, &["allow_wan"]]),
            Self::Percent => keys("type = \"percent\"", &["decimals"], &[NUMBER, &["ratio_of"]]),
            Self::Date => keys("type = \"date\"", &[], &[&["missing_values"]]),
            Self::Month => keys("type = \"month\"", &[], &[&["missing_values"]]),
            Self::Boolean => keys("type = \"boolean\"", &[], &[&["missing_values"]]),
            Self::Code => keys("type = \"code\"", &[], &[REFERS, &["codelist", "missing_values"]]),
            Self::Text => keys("type = \"text\"", &[], &[REFERS, &["missing_values"]]),
        }
    }
}

/// A field with the form whose it is.
pub(super) struct FieldOf<'f>(pub(super) &'f str, pub(super) &'f Field);

impl Keyed for FieldOf<'_> {
    const ALWAYS: &'static [&'static str] = &[
        "name",
        "title",
        "aliases",
        "type",
        "required",
        "filled",
        "blank",
        "personal",
        "handed_up",
        "origin",
        "note",
    ];

    fn variants() -> Vec<Keys> {
        FieldType::ALL.into_iter().map(FieldType::keys).collect()
    }

    fn keys(&self) -> Option<Keys> {
        Some(self.1.kind.keys())
    }

    fn name(&self) -> String {
        format!("报表 {}.{}", self.0, self.1.name)
    }
}

impl ChartKind {
    const ALL: [Self; 7] = [
        Self::Bars,
        Self::Stacked,
        Self::Trend,
        Self::Funnel,
        Self::Heatmap,
        Self::Slope,
        Self::Matrix,
    ];

    /// The keys of each kind.
    fn keys(self) -> Keys {
        let keys = |is, may| Keys { is, needs: &[], may };
        match self {
            Self::Bars => keys("kind = \"bars\"", &[&["by"]]),
            Self::Stacked => keys("kind = \"stacked\"", &[&["by"]]),
            Self::Trend => keys("kind = \"trend\"", &[]),
            Self::Funnel => keys("kind = \"funnel\"", &[]),
            Self::Heatmap => keys("kind = \"heatmap\"", &[&["labels"]]),
            Self::Slope => keys("kind = \"slope\"", &[&["against"]]),
            Self::Matrix => keys("kind = \"matrix\"", &[]),
        }
    }
}

impl Keyed for ChartSpec {
    const ALWAYS: &'static [&'static str] = &["id", "kind", "title", "indicators"];

    fn variants() -> Vec<Keys> {
        ChartKind::ALL.into_iter().map(ChartKind::keys).collect()
    }

    fn keys(&self) -> Option<Keys> {
        Some(self.kind.keys())
    }

    fn name(&self) -> String {
        format!("图 “{}”", self.id)
    }
}

const DIAGNOSES: [Keys; 3] = [
    Keys {
        is: "indicator",
        needs: &["indicator"],
        may: &[
            &["below", "above", "equals", "worsens", "last"],
            &["by", "answers", "headline", "least_base", "periods", "words", "standard", "remedy"],
        ],
    },
    Keys {
        is: "finding",
        needs: &["finding"],
        may: &[&["explained", "count", "periods", "standard", "remedy"]],
    },
    Keys {
        is: "reporting",
        needs: &["reporting"],
        may: &[&["count", "periods", "standard", "remedy"]],
    },
];

impl Keyed for Diagnosis {
    const ALWAYS: &'static [&'static str] = &["id", "title", "disease", "text", "basis"];

    fn variants() -> Vec<Keys> {
        DIAGNOSES.to_vec()
    }

    fn keys(&self) -> Option<Keys> {
        let given =
            [self.indicator.is_some(), !self.finding.is_empty(), !self.reporting.is_empty()];
        first(given, DIAGNOSES)
    }

    fn name(&self) -> String {
        format!("诊断 {}", self.id)
    }
}

const BUILTINS: [Keys; 5] = {
    const ANY: &[&str] = &["enabled", "level"];
    [
        Keys { is: "G-10", needs: &[], may: &[ANY, &["percent", "at_least", "except"]] },
        Keys { is: "G-11", needs: &[], may: &[ANY, &["at_least", "except"]] },
        Keys { is: "其他 G 开头的审核", needs: &[], may: &[ANY, &["except"]] },
        Keys { is: "非强制的 C、D、R 开头的审核", needs: &[], may: &[ANY] },
        Keys { is: "收表和填写的强制性审核", needs: &[], may: &[] },
    ]
};

/// The tuning of a built-in check, by its code.
pub(super) struct BuiltinOf<'b>(pub(super) &'b str);

impl Keyed for BuiltinOf<'_> {
    const ALWAYS: &'static [&'static str] = &[];

    fn variants() -> Vec<Keys> {
        BUILTINS.to_vec()
    }

    fn keys(&self) -> Option<Keys> {
        let check = builtin(self.0)?;
        // To switch off what could not be read would drop numbers silently.
        let reads = check.code.starts_with(['C', 'D']) && check.level == Level::Error;
        let of = match check.code {
            "G-10" => 0,
            "G-11" => 1,
            code if code.starts_with('G') => 2,
            _ if !reads => 3,
            _ => 4,
        };
        BUILTINS.get(of).copied()
    }

    fn name(&self) -> String {
        format!("builtin.\"{}\"", self.0)
    }
}

impl AttachmentKind {
    const ALL: [Self; 4] = [Self::KeyFigures, Self::Rankings, Self::Problems, Self::Charts];

    /// The keys of each kind.
    fn keys(self) -> Keys {
        let keys = |is, may| Keys { is, needs: &[], may };
        match self {
            Self::KeyFigures => keys("kind = \"key-figures\"", &[&["indicators"]]),
            Self::Rankings => keys("kind = \"rankings\"", &[&["indicators"]]),
            Self::Problems => keys("kind = \"problems\"", &[]),
            Self::Charts => keys("kind = \"charts\"", &[&["charts"]]),
        }
    }
}

impl Keyed for Attachment {
    const ALWAYS: &'static [&'static str] = &["kind", "title"];

    fn variants() -> Vec<Keys> {
        AttachmentKind::ALL.into_iter().map(AttachmentKind::keys).collect()
    }

    fn keys(&self) -> Option<Keys> {
        Some(self.kind.keys())
    }

    fn name(&self) -> String {
        format!("附件“{}”", self.title)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use schemars::{JsonSchema, schema_for};

    use super::*;

    /// Keys that the struct reads, but that no kind is said to use, or the other way about.
    fn unplaced<T: Keyed, Read: JsonSchema>() -> Vec<String> {
        let schema = schema_for!(Read);
        let properties = schema.as_value()["properties"].as_object().unwrap();
        let read: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let variants = T::variants();
        let of_kinds =
            variants.iter().flat_map(|v| v.needs.iter().chain(v.may.iter().copied().flatten()));
        let placed: BTreeSet<&str> = T::ALWAYS.iter().chain(of_kinds).copied().collect();
        read.symmetric_difference(&placed).map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn every_key_is_placed_with_the_kinds_that_use_it() {
        let nothing: Vec<String> = Vec::new();
        assert_eq!(unplaced::<IndicatorSpec, IndicatorSpec>(), nothing);
        assert_eq!(unplaced::<DenominatorOf, OtherDenominator>(), nothing);
        assert_eq!(unplaced::<Check, Check>(), nothing);
        assert_eq!(unplaced::<FieldOf, Field>(), nothing);
        assert_eq!(unplaced::<ChartSpec, ChartSpec>(), nothing);
        assert_eq!(unplaced::<Diagnosis, Diagnosis>(), nothing);
        assert_eq!(unplaced::<Attachment, Attachment>(), nothing);
        assert_eq!(unplaced::<BuiltinOf, crate::definition::BuiltinTuning>(), nothing);
    }

    #[test]
    fn every_kind_says_its_keys() {
        // A kind that is missing from a list of all would be refused nothing and named nowhere.
        fn kinds<T: JsonSchema>() -> usize {
            let schema = schema_for!(T);
            let value = schema.as_value();
            let listed = value.get("oneOf").or_else(|| value.get("enum")).unwrap();
            let count = |kind: &serde_json::Value| kind["enum"].as_array().map_or(1, Vec::len);
            listed.as_array().unwrap().iter().map(count).sum()
        }
        assert_eq!(kinds::<IndicatorKind>(), IndicatorKind::ALL.len());
        assert_eq!(kinds::<FieldType>(), FieldType::ALL.len());
        assert_eq!(kinds::<ChartKind>(), ChartKind::ALL.len());
        assert_eq!(kinds::<AttachmentKind>(), AttachmentKind::ALL.len());
    }
}
