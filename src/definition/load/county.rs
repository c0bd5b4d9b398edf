//! Cross-checks of what all programmes share: settings, code lists, units, registers, the report.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{self, Id};
use super::{Placed, Problems, SourceLine};
use crate::definition::{CodeList, Definition, Register, Settings, no_register};
use crate::model::text::compact;
use crate::model::{Period, Unit, Validity, date_text};

/// What the settings say of the whole.
pub(super) fn check_settings(settings: &Placed<Settings>, problems: &mut Problems) {
    let (place, settings) = (&settings.place, &settings.item);
    if settings.schema != 1 {
        let message = format!("schema = {}，本程序能读的是 1", settings.schema);
        problems.add(&place.key("schema"), message);
    }
    names::id(Id::Lower, "id", &settings.id, &place.key("id"), problems);
    let (code, at) = (&settings.county_code, place.key("county_code"));
    names::id(Id::Code, "county_code", code, &at, problems);
    names::name("county_name", &settings.county_name, &place.key("county_name"), problems);
    let mut seen = BTreeSet::new();
    for (number, campaign) in settings.campaigns.iter().enumerate() {
        let at = place.nth("campaign", number).key("id");
        names::id(Id::Code, "campaign 的 id", &campaign.id, &at, problems);
        if Period::parse_regular(&campaign.id).is_some() {
            let message = format!(
                "campaign 的 id “{}” 与定期的报告期分不清，请换一个，如 2021-06-05",
                campaign.id
            );
            problems.add(&at, message);
        }
        if !seen.insert(&campaign.id) {
            problems.add(&at, format!("campaign 的 id “{}” 重复", campaign.id));
        }
    }
}

/// Groups of codes: of codes of the list, each in one group, under names that no code has.
fn check_groups(what: &str, list: &Placed<CodeList>, problems: &mut Problems) {
    let (mut taken, mut named) = (BTreeMap::new(), BTreeSet::new());
    let codes = &list.item.codes;
    for (number, group) in list.item.groups.iter().enumerate() {
        let at = list.place.nth("group", number);
        let mut add = |key: &str, message: String| {
            problems.add(&at.key(key), format!("{what}: 组 “{}” {message}", group.title));
        };
        if codes.iter().any(|code| code.code == group.title) || !named.insert(&group.title) {
            add("title", "与代码或别的组同名，请换一个名称".to_owned());
        }
        if codes.iter().any(|code| code.id == group.id) || !named.insert(&group.id) {
            add("id", format!("的 id “{}” 与代码或别的组相同", group.id));
        }
        for code in &group.codes {
            if list.item.position(code).is_none() {
                let codes: Vec<&str> = codes.iter().map(|code| code.code.as_str()).collect();
                add("codes", format!("的 “{code}” 不是代码，现有：{}", codes.join("、")));
            }
            if let Some(other) = taken.insert(code, &group.title) {
                add("codes", format!("的 “{code}” 已属于组 “{other}”，一个代码只能属于一组"));
            }
        }
        names::id(Id::Lower, &format!("{what}: 组的 id"), &group.id, &at.key("id"), problems);
        names::name(&format!("{what}: 组的 title"), &group.title, &at.key("title"), problems);
    }
}

pub(super) fn check_codelists(lists: &[(String, Placed<CodeList>)], problems: &mut Problems) {
    for (name, list) in lists {
        let what = format!("代码表 {name}");
        names::id(Id::Lower, "代码表的名称", name, &list.place, problems);
        // Of a register: what is wrong with it is said there.
        if list.item.codes.is_empty() && list.item.register.is_none() {
            problems.add(&list.place, format!("{what}: codes 是空的，任何填写都不会被接受"));
        }
        check_groups(&what, list, problems);
        // Codes are matched without regard to width and spaces.
        let (mut codes, mut ids) = (BTreeMap::new(), BTreeSet::new());
        for (number, code) in list.item.codes.iter().enumerate() {
            let at = list.place.nth("codes", number);
            let id = format!("{what}: “{}” 的 id", code.code);
            names::id(Id::Lower, &id, &code.id, &at, problems);
            if !ids.insert(&code.id) {
                problems.add(&at, format!("{what}: id “{}” 重复", code.id));
            }
            for text in std::iter::once(&code.code).chain(&code.synonyms) {
                names::name(&what, text, &at, problems);
                if let Some(first) = codes.insert(compact(text), &code.code) {
                    let message = format!("{what}: “{text}” 重复，已属于 “{first}”");
                    problems.add(&at, message);
                }
            }
        }
    }
}

/// Units can be told apart by their codes and names, and figures can be named after them.
pub(super) fn check_units(definition: &Definition, place: &SourceLine, problems: &mut Problems) {
    let Some(register) = definition.registers.get(&definition.settings.unit_register) else {
        return;
    };
    let lacks = |column: &&str| register.column_index(column).is_none();
    let missing: Vec<&str> = ["name", "kind", "group"].into_iter().filter(lacks).collect();
    if !missing.is_empty() {
        let message = format!(
            "单位登记册缺少列 {}，应有 code、name、kind、group，可有 aliases、parent、assumed、valid_from、valid_to",
            missing.join("、")
        );
        problems.add(&SourceLine::line(&place.file, 1), message);
        return;
    }
    for row in 0..register.rows.len() {
        let place = &place.row(row);
        let assumed = register.get(row, "assumed");
        if !matches!(assumed, "" | "true" | "false") {
            let code = register.get(row, "code");
            let message = format!("单位 {code} 的 assumed “{assumed}” 应为 true 或 false");
            problems.add(place, message);
        }
    }
    check_parents(definition, place, problems);
    // One after the other, too: a unit is itself for ever.
    let mut codes: BTreeMap<&str, Validity> = BTreeMap::new();
    for (row, unit) in definition.units.all().iter().enumerate() {
        let before = codes.insert(&unit.code, unit.valid);
        if before.is_some_and(|before| !before.meets(unit.valid)) {
            let message = format!("单位的 code “{}” 重复，一个单位只写一行", unit.code);
            problems.add(&place.row(row), message);
        }
    }
    // Two counties may each have a 城关镇.
    let mut names: BTreeMap<(&str, String), &str> = BTreeMap::new();
    // A unit a row.
    for (row, unit) in definition.units.all().iter().enumerate() {
        let place = &place.row(row);
        check_unit(unit, &definition.settings.county_code, place, problems);
        for name in std::iter::once(&unit.name).chain(&unit.aliases) {
            let of = format!("单位 {} 的名称", unit.code);
            names::name(&of, name, place, problems);
            if let Some(other) =
                names.insert((&unit.parent, compact(name).into_owned()), &unit.code)
                && other != unit.code
            {
                let message = format!(
                    "名称 “{name}” 同时属于 {other} 和 {}，请从其中一个的名称或 aliases 里删去",
                    unit.code
                );
                problems.add(place, message);
            }
        }
    }
}

fn check_unit(unit: &Unit, county: &str, place: &SourceLine, problems: &mut Problems) {
    names::id(Id::Code, "单位的 code", &unit.code, place, problems);
    names::id(Id::Lower, &format!("单位 {} 的 kind", unit.code), &unit.kind, place, problems);
    if unit.code == county {
        let message = format!("单位的 code “{county}” 与全县的 county_code 相同，请换一个");
        problems.add(place, message);
    }
    if unit.name.is_empty() {
        problems.add(place, format!("单位 {} 的 name 是空的，应写全称", unit.code));
    }
}

/// Gives registers their titles. That of the units is known to everybody by its own name.
pub(super) fn name_registers(
    settings: &Placed<Settings>,
    registers: &mut BTreeMap<String, Register>,
    problems: &mut Problems,
) {
    let at = settings.place.key("registers");
    if let Some(units) = registers.get_mut(&settings.item.unit_register) {
        units.title = "单位名录".to_owned();
    }
    for (name, title) in &settings.item.registers {
        let place = at.key(name);
        names::name(&format!("登记册 {name} 的名称"), title, &place, problems);
        match registers.get_mut(name) {
            Some(register) => register.title.clone_from(title),
            None => problems.add(&place, no_register(name, registers)),
        }
    }
}

/// What is wrong with a text that should be the code of a unit.
pub(super) fn unknown_unit(code: &str, definition: &Definition) -> Option<String> {
    let unknown = || format!("“{code}” 不是名录里的单位代码，请写单位登记册 code 一栏里的");
    definition.units.get(code).is_none().then(unknown)
}

/// Parents are units, and nobody is below itself.
fn check_parents(definition: &Definition, place: &SourceLine, problems: &mut Problems) {
    let units = &definition.units;
    let with_parent = units.all().iter().enumerate().filter(|(_, unit)| !unit.parent.is_empty());
    for (row, unit) in with_parent {
        let place = &place.row(row);
        let (code, parent) = (&unit.code, &unit.parent);
        let Some(above) = units.get(parent) else {
            problems.add(place, format!("单位 {code} 的 parent “{parent}” 不在登记册里"));
            continue;
        };
        if units.is_below(above, code, &definition.settings.county_code) {
            problems.add(place, format!("单位 {code} 的 parent “{parent}” 又在它自己之下"));
        }
    }
}

/// Tuning of built-in checks looks away only from what exists.
pub(super) fn check_tuning(definition: &Definition, place: &SourceLine, problems: &mut Problems) {
    for (code, tuning) in &definition.settings.builtin {
        let at = place.key("builtin").key(code).key("except");
        for except in &tuning.except {
            let (form, field) = except.split_once('.').unwrap_or((except, ""));
            let known = definition
                .form(form)
                .is_some_and(|form| field.is_empty() || form.field(field).is_some());
            if !known {
                let message = format!(
                    "builtin.\"{code}\": except 的 “{except}” 不存在，应写作“报表”或“报表.列”"
                );
                problems.add(&at, message);
            }
        }
    }
}

/// What stands in a list a second time.
pub(super) fn twice(ids: &[String]) -> impl Iterator<Item = &str> {
    let again = |at: &usize| ids[..*at].contains(&ids[*at]);
    (0..ids.len()).filter(again).map(|at| ids[at].as_str())
}

/// Rows of registers belong to units that there are, as long as the rows are valid.
pub(super) fn check_owners(
    definition: &Definition,
    places: &BTreeMap<String, SourceLine>,
    problems: &mut Problems,
) {
    let units = &definition.units;
    // Without any unit the register is to blame.
    if units.all().is_empty() {
        return;
    }
    let others = definition.registers.values();
    for register in others.filter(|one| one.name != definition.settings.unit_register) {
        let (Some(column), Some(place)) = (register.unit_column(), places.get(&register.name))
        else {
            continue;
        };
        for row in 0..register.rows.len() {
            let code = register.get(row, column);
            let wrong = match units.get(code) {
                // Of nobody: of the whole.
                None if code.is_empty() || code == definition.settings.county_code => continue,
                None => {
                    format!("{column} 的 {}", unknown_unit(code, definition).unwrap_or_default())
                }
                Some(unit) => match beyond(register.validity(row), unit.valid) {
                    Some(day) => format!(
                        "{column} {code} {}{day}，这一行却不止：请写 valid_from、valid_to，改属别的单位的，另写一行（code 相同，起止日期接上）",
                        unit.name
                    ),
                    None => continue,
                },
            };
            problems.add(&place.row(row), wrong);
        }
    }
}

/// The day on which an owner begins or ends while its row is valid.
fn beyond(row: Validity, owner: Validity) -> Option<String> {
    // Days the wrong way round are told of where they stand.
    if owner.from.zip(owner.to).is_some_and(|(from, to)| from > to) {
        return None;
    }
    let starts = owner.from.filter(|from| row.from.is_none_or(|own| own < *from));
    let ends = owner.to.filter(|to| row.to.is_none_or(|own| own > *to));
    let starts = starts.map(|day| format!("从 {} 起", date_text(day)));
    starts.or_else(|| ends.map(|day| format!("到 {} 为止", date_text(day))))
}

/// What the settings say of the report exists and can be shown.
pub(super) fn check_report(definition: &Definition, place: &SourceLine, problems: &mut Problems) {
    let (report, place) = (&definition.settings.report, place.key("report"));
    let at = place.key("one_page");
    for id in &report.one_page {
        match definition.indicator(id) {
            None => problems.add(&at, format!("one_page: 指标 “{id}” 不存在")),
            Some(i) if !i.is_collectable() => {
                problems.add(&at, format!("one_page: 指标 “{id}” 无法收集，请换一个或删去"));
            }
            Some(_) => {}
        }
    }
    for id in twice(&report.one_page) {
        problems.add(&at, format!("one_page: 指标 “{id}” 写了两次"));
    }
    if report.series_points == 0 {
        problems.add(&place.key("series_points"), "series_points 至少为 1");
    }
    let groups = definition.unit_groups();
    for group in report.groups.iter().filter(|group| !groups.contains(group.as_str())) {
        let choices: Vec<&str> = groups.iter().copied().collect();
        let message =
            format!("groups 的 “{group}” 不是单位的组别（group），现有：{}", choices.join("、"));
        problems.add(&place.key("groups"), message);
    }
    let is_color =
        |color: &String| color.len() == 6 && color.bytes().all(|b| b.is_ascii_hexdigit());
    for color in report.board_palette.iter().filter(|color| !is_color(color)) {
        let message =
            format!("board_palette 的 “{color}” 不是颜色，应写作六位十六进制数 RRGGBB，如 C00000");
        problems.add(&place.key("board_palette"), message);
    }
    if !matches!(report.board_palette.len(), 0 | 2) {
        let message = "board_palette 应有两种颜色：红榜、黑榜";
        problems.add(&place.key("board_palette"), message);
    }
}
