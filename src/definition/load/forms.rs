//! Cross-checks of forms: columns that exist, titles that can be told apart, units that owe them,
//! rounds that can be handed in.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{self, Id};
use super::{Problems, SourceLine};
use crate::definition::grammar;
use crate::definition::{
    Band, BandStep, BlankMeans, Code, CodeColumn, CodeList, Definition, Field, FieldType, Form,
    Layout, Unpivot, clashing_columns,
};
use crate::model::text::{title_key, title_keys};
use crate::model::{Decimal, Frequency, Period};

/// The most decimal places that sums and quotients of whole counties leave room for.
pub(super) const MOST_DECIMALS: u8 = 9;

pub(super) fn check(definition: &Definition, places: &[SourceLine], problems: &mut Problems) {
    for (form, place) in definition.forms.iter().zip(places) {
        check_names(form, definition, place, problems);
        names::id(Id::Lower, "报表 id", &form.id, &place.key("id"), problems);
        check_columns(form, place, problems);
        check_relations(form, place, problems);
        check_titles(form, place, problems);
        check_headings(form, place, problems);
        check_fields(definition, form, place, problems);
        check_owing(definition, form, place, problems);
        check_rounds(definition, form, place, problems);
        check_layout(definition, form, place, problems);
    }
    check_form_titles(&definition.forms, places, problems);
}

/// Two columns of one name could not be told apart, whoever made them.
fn check_names(form: &Form, definition: &Definition, place: &SourceLine, problems: &mut Problems) {
    for name in clashing_columns(form, definition) {
        let mut own = (0..form.fields.len()).filter(|&at| form.fields[at].name == name);
        let (at, what) = match (own.next(), own.next()) {
            (_, Some(second)) => (place.nth("field", second).key("name"), "重复，每一栏一个名字"),
            _ => (place.clone(), "与引擎自带或派生的列重名，请换一个"),
        };
        problems.add(&at, format!("报表 {}: 列名 “{name}” {what}", form.id));
    }
}

/// Codes that no column is named for are columns of their own names.
pub(super) fn fill_columns(form: &mut Form, lists: &BTreeMap<String, CodeList>) {
    let list = |unpivot: &Unpivot| lists.get(form.field(&unpivot.dimension)?.codelist.as_deref()?);
    let Some(unpivot) = form.unpivot.as_ref().filter(|unpivot| unpivot.columns.is_empty()) else {
        return;
    };
    let codes = list(unpivot).map(|list| list.codes.as_slice()).unwrap_or_default();
    let column = |code: &Code| CodeColumn { title: code.code.clone(), code: code.code.clone() };
    let columns = codes.iter().map(column).collect();
    if let Some(unpivot) = &mut form.unpivot {
        unpivot.columns = columns;
    }
}

/// A form that is no plain table says how its rows can be found.
fn check_layout(definition: &Definition, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let mut add = |key: &str, message: String| {
        problems.add(&place.key(key), format!("报表 {}: {message}", form.id));
    };
    if form.repeats && form.layout != Layout::KeyValue {
        add("repeats", "repeats 只用于 layout = \"key-value\"，写了也不起作用，请删去".to_owned());
    }
    let Some(unpivot) = &form.unpivot else { return };
    if form.layout != Layout::Table {
        add("unpivot", "unpivot 只用于 layout = \"table\"，请删去其中一个".to_owned());
    }
    let list = form.field(&unpivot.dimension).and_then(|field| definition.codelist_of(field));
    let Some(list) = list.filter(|_| form.primary_key.contains(&unpivot.dimension)) else {
        let coded = form.fields.iter().filter(|field| field.codelist.is_some());
        let coded: Vec<&str> = coded.map(|field| field.name.as_str()).collect();
        let message = format!(
            "unpivot 的 dimension “{}” 应为主键（primary_key）中有代码表的列，有代码表的列：{}",
            unpivot.dimension,
            coded.join("、")
        );
        return add("unpivot", message);
    };
    if !form.field(&unpivot.value).is_some_and(|field| field.kind.is_number()) {
        let numbers = form.fields.iter().filter(|field| field.kind.is_number());
        let numbers: Vec<&str> = numbers.map(|field| field.name.as_str()).collect();
        let message = format!(
            "unpivot 的 value “{}” 应为数字列，现有：{}",
            unpivot.value,
            numbers.join("、")
        );
        add("unpivot", message);
    }
    let mut titles: BTreeSet<String> = form
        .fields_beside(unpivot)
        .flat_map(|(_, field)| title_keys(&field.title, &field.unit))
        .collect();
    let all = unpivot.columns.iter().map(|column| &column.title).chain(&unpivot.total);
    for title in all.filter(|title| !titles.insert(title_key(title))) {
        add("unpivot", format!("unpivot 的栏名 “{title}” 与别的栏分不清，请换一个名称"));
    }
    for column in unpivot.columns.iter().filter(|column| list.position(&column.code).is_none()) {
        let codes: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
        let message = format!(
            "unpivot 的 “{}” 指的代码 “{}” 不存在，现有：{}",
            column.title,
            column.code,
            codes.join("、")
        );
        add("unpivot", message);
    }
}

/// Columns that the form's own rules mention exist.
fn check_columns(form: &Form, place: &SourceLine, problems: &mut Problems) {
    let known: Vec<&str> = form.fields.iter().map(|f| f.name.as_str()).collect();
    let mut mentioned: Vec<(&str, &str)> = Vec::new();
    mentioned.extend(form.primary_key.iter().map(|n| ("primary_key", n.as_str())));
    mentioned.extend(
        form.stocks.iter().flat_map(|s| [&s.opening, &s.closing]).map(|n| ("stock", n.as_str())),
    );
    mentioned.extend(form.carried.iter().map(|n| ("carried", n.as_str())));
    let parts = form.parts.iter().flat_map(|p| std::iter::once(&p.whole).chain(&p.of));
    mentioned.extend(parts.map(|n| ("parts", n.as_str())));
    mentioned.extend(form.bands.iter().map(|b| ("band", b.of.as_str())));
    mentioned.extend(form.derive.iter().map(|d| ("derive", d.to.as_str())));
    for field in &form.fields {
        mentioned.extend(field.part_of.iter().map(|n| ("part_of", n.as_str())));
        mentioned.extend(field.due.iter().map(|n| ("due", n.as_str())));
        mentioned.extend(field.ratio_of.iter().flatten().map(|n| ("ratio_of", n.as_str())));
    }
    for (key, name) in mentioned.into_iter().filter(|(_, name)| !known.contains(name)) {
        let choices = known.join("、");
        let message = format!("报表 {}: {key} 提到的列 “{name}” 不存在，现有：{choices}", form.id);
        problems.add(&place.key(key), message);
    }
}

/// A column says nothing of itself, and what is compared or derived is of one kind.
fn check_relations(form: &Form, place: &SourceLine, problems: &mut Problems) {
    let mut add = |at: SourceLine, message: String| {
        problems.add(&at, format!("报表 {}: {message}", form.id));
    };
    for (number, field) in form.fields.iter().enumerate() {
        let at = |key: &str| place.nth("field", number).key(key);
        for (key, other) in [("part_of", &field.part_of), ("due", &field.due)] {
            let Some(other) = other.as_deref().and_then(|name| form.field(name)) else { continue };
            if other.name == field.name {
                add(at(key), format!("{} 的 {key} 是它自己，请写另一栏", field.name));
            } else if key == "part_of" && field.cumulative && !other.cumulative {
                let message = format!(
                    "{} 是本年累计，它的 part_of “{}” 不是，不能是它的其中数",
                    field.name, other.name
                );
                add(at(key), message);
            }
        }
        if field
            .ratio_of
            .as_ref()
            .is_some_and(|[a, b]| a == b || *a == field.name || *b == field.name)
        {
            let message = format!("{} 的 ratio_of 应为另外两栏，先分子栏，后分母栏", field.name);
            add(at("ratio_of"), message);
        }
        if let Some([a, b]) = &field.ratio_of
            && let Some(part) = form.field(b)
            && [&part.due, &part.part_of].into_iter().flatten().any(|whole| whole == a)
        {
            let message = format!(
                "{} 的 ratio_of 颠倒了：{b} 不大于 {a}，应写 [\"{b}\", \"{a}\"]",
                field.name
            );
            add(at("ratio_of"), message);
        }
    }
    for (number, parts) in form.parts.iter().enumerate() {
        let mut seen = BTreeSet::from([&parts.whole]);
        if let Some(twice) = parts.of.iter().find(|name| !seen.insert(name)) {
            let message = format!("parts 里 “{twice}” 出现两次，合计与各分项应各不相同");
            add(place.nth("parts", number), message);
        }
    }
    for (number, stock) in form.stocks.iter().enumerate() {
        if stock.opening == stock.closing {
            add(place.nth("stock", number), "stock 的期初与期末是同一栏".to_owned());
        }
    }
    for (number, derive) in form.derive.iter().enumerate() {
        let at = place.nth("derive", number);
        if form.field(&derive.to).is_some_and(|field| field.kind != FieldType::Date) {
            let dates = form.fields.iter().filter(|field| field.kind == FieldType::Date);
            let dates: Vec<&str> = dates.map(|field| field.name.as_str()).collect();
            let dates = dates.join("、");
            let message = format!("derive {} 的 to 应为日期栏，现有：{dates}", derive.name);
            add(at.key("to"), message);
        }
        if (derive.add_years, derive.add_months, derive.add_days) == (0, 0, 0) {
            let message = "没有写加多少，请写 add_years、add_months 或 add_days";
            add(at, format!("derive {} {message}", derive.name));
        }
    }
    for (number, band) in form.bands.iter().enumerate() {
        for message in wrong_steps(band, form) {
            add(place.nth("band", number).key("steps"), format!("band {} {message}", band.id));
        }
    }
}

/// Steps that nothing reaches, that leave numbers out, or that cannot be told apart.
fn wrong_steps(band: &Band, form: &Form) -> Vec<String> {
    let Some(field) = form.field(&band.of) else { return Vec::new() };
    if !field.kind.is_number() {
        return vec![format!("的 of “{}” 应为数字栏", band.of)];
    }
    let mut wrong = Vec::new();
    // Both ends of the numbers may be one class.
    if let Some([step, _]) = band.steps.array_windows().find(|[a, b]| a.code == b.code) {
        wrong.push(format!("的 “{}” 连着写了两次，相邻的档应不相同", step.code));
    }
    let from = |step: Option<&BandStep>| step.and_then(|step| Decimal::parse(&step.from));
    let (top, bottom) = (from(band.steps.first()), from(band.steps.last()));
    let (least, most) = field.range();
    // Limits the wrong way round are told of where they stand.
    if let Some((top, most)) = top.zip(most)
        && top > most
        && least.is_none_or(|least| least <= most)
    {
        wrong.push(format!("最高一档从 {top} 起，而 {} 不大于 {most}，永远达不到", band.of));
    }
    if let Some(least) = least
        && bottom.is_some_and(|bottom| bottom > least)
    {
        wrong.push(format!("最低一档应从 {least} 起，否则比它小的数不在任何一档"));
    }
    wrong
}

/// No header cell may stand for two columns: all returns would be sent back.
fn check_titles(form: &Form, place: &SourceLine, problems: &mut Problems) {
    let mut seen: BTreeMap<String, &Field> = BTreeMap::new();
    for (number, field) in form.fields.iter().enumerate() {
        let at = place.nth("field", number);
        for (key, title) in std::iter::once(("title", &field.title))
            .chain(field.aliases.iter().map(|alias| ("aliases", alias)))
        {
            names::name(
                &format!("报表 {}.{}: {key}", form.id, field.name),
                title,
                &at.key(key),
                problems,
            );
            for read in title_keys(title, &field.unit) {
                let first = *seen.entry(read).or_insert(field);
                if first.name != field.name {
                    let message = format!(
                        "报表 {}.{}: 表头 “{title}” 与列 {} 的“{}”分不清（空格、标点和括号里的计量单位不算区别），请换一个名称",
                        form.id, field.name, first.name, first.title
                    );
                    problems.add(&at.key(key), message);
                    break;
                }
            }
        }
    }
}

/// A title stands over neighbouring columns of the paper, each of which has one.
fn check_headings(form: &Form, place: &SourceLine, problems: &mut Problems) {
    let paper = form.on_paper();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for heading in &form.headings {
        let at: Option<Vec<usize>> = heading.over.iter().map(|n| paper.field_index(n)).collect();
        let neighbours = |at: &Vec<usize>| at.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let at = at.filter(|at| !at.is_empty() && neighbours(at));
        if !at.is_some_and(|at| at.iter().all(|&index| taken.insert(index))) {
            let columns: Vec<&str> = paper.fields.iter().map(|f| f.name.as_str()).collect();
            let message = format!(
                "报表 {}: headings “{}” 应在相邻的栏上面，每栏上面只有一个，按栏的次序写；表上的栏：{}",
                form.id,
                heading.title,
                columns.join("、")
            );
            problems.add(&place.key("headings"), message);
        }
    }
}

/// No heading may name two forms.
fn check_form_titles(forms: &[Form], places: &[SourceLine], problems: &mut Problems) {
    let mut seen: BTreeMap<String, &Form> = BTreeMap::new();
    let mut numbers: BTreeMap<(&str, &str), &Form> = BTreeMap::new();
    for (form, place) in forms.iter().zip(places) {
        let first = *numbers.entry((&form.programme, &form.number)).or_insert(form);
        if first.id != form.id && !form.number.is_empty() {
            let message =
                format!("报表 {}: number “{}” 与报表 {} 的相同", form.id, form.number, first.id);
            problems.add(&place.key("number"), message);
        }
        for title in std::iter::once(&form.title).chain(&form.aliases) {
            names::name(&format!("报表 {}: 名称", form.id), title, place, problems);
            let first = *seen.entry(title_key(title)).or_insert(form);
            if first.id != form.id {
                let message = format!(
                    "报表 {}: 表名 “{title}” 与报表 {} 的“{}”分不清，请换一个名称",
                    form.id, first.id, first.title
                );
                problems.add(place, message);
            }
        }
    }
}

fn check_fields(definition: &Definition, form: &Form, place: &SourceLine, problems: &mut Problems) {
    for (number, field) in form.fields.iter().enumerate() {
        let at = place.nth("field", number);
        let name = format!("报表 {}.{}", form.id, field.name);
        names::id(Id::Column, &format!("{name}: name"), &field.name, &at.key("name"), problems);
        if let Some(list) = &field.codelist
            && !definition.codelists.contains_key(list)
        {
            let choices = definition.codelists.keys().cloned().collect::<Vec<_>>().join("、");
            let message = format!("{name}: 代码表 “{list}” 不存在，现有：{choices}");
            problems.add(&at.key("codelist"), message);
        }
        for bound in [&field.constraints.minimum, &field.constraints.maximum].into_iter().flatten()
        {
            if Decimal::parse(bound).is_none() {
                let message = format!("{name}: {}", grammar::wrong::<Decimal>(bound));
                problems.add(&at.key("constraints"), message);
            }
        }
        let parsed = |bound: &Option<String>| bound.as_deref().and_then(Decimal::parse);
        let (least, most) =
            (parsed(&field.constraints.minimum), parsed(&field.constraints.maximum));
        if least.zip(most).is_some_and(|(least, most)| least > most) {
            let message = format!("{name}: minimum 大于 maximum，没有数能通过");
            problems.add(&at.key("constraints"), message);
        }
        check_decimals(&name, field.decimals, &at, problems);
        check_blank(&name, field, &at, problems);
    }
    for band in &form.bands {
        let from: Vec<_> = band.steps.iter().map(|s| Decimal::parse(&s.from)).collect();
        let descending = from.windows(2).all(|w| w[0].is_some() && w[1].is_some() && w[0] > w[1]);
        if from.is_empty() || from.iter().any(Option::is_none) || !descending {
            let message = format!("报表 {}: band {} 的 from 应为从高到低的数", form.id, band.id);
            problems.add(&place.key("band"), message);
        }
    }
}

fn check_blank(name: &str, field: &Field, place: &SourceLine, problems: &mut Problems) {
    let wrong = match field.blank {
        Some(_) if field.filled => "filled = true 的列没有空白，请删去 blank",
        Some(BlankMeans::Zero) if !field.kind.is_number() => {
            "blank = \"zero\" 只用于数字列；其他列可用 \"skip\" 或 \"nothing\""
        }
        _ => return,
    };
    problems.add(&place.key("blank"), format!("{name}: {wrong}"));
}

pub(super) fn check_decimals(
    what: &str,
    decimals: u8,
    place: &SourceLine,
    problems: &mut Problems,
) {
    if decimals > MOST_DECIMALS {
        let message = format!("{what}: decimals = {decimals}，最多为 {MOST_DECIMALS} 位小数");
        problems.add(&place.key("decimals"), message);
    }
}

/// Somebody owes the form, and every kind or code that is named is somebody's.
fn check_owing(definition: &Definition, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let what = format!("报表 {}: owed_by", form.id);
    check_units(&what, &form.owed_by, definition, &place.key("owed_by"), problems);
    for name in named_twice(&form.owed_by, definition) {
        let message = format!("{what} 的 “{name}” 已经包括在别的里面，请删去");
        problems.add(&place.key("owed_by"), message);
    }
    for (number, round) in form.rounds.iter().enumerate() {
        let at = place.nth("round", number).key("owed_by");
        for owing in round.owed_by.iter() {
            check_units(&what, owing, definition, &at, problems);
        }
        if round.owed_by.as_ref().is_some_and(Vec::is_empty) {
            problems
                .add(&at, format!("{what} 是空的：没有单位报这一轮，请删去这一轮或写明应报单位"));
        }
    }
    let by_round = !form.rounds.is_empty() && form.rounds.iter().all(|r| r.owed_by.is_some());
    if form.owed_by.is_empty() && !by_round {
        let message = format!(
            "{what} 没有写：没有单位应报这张表，缺报永远查不出来。请写明单位类别或代码，{}",
            unit_choices(definition)
        );
        problems.add(place, message);
    }
}

/// Entries that stand there before, or units whose kind does.
fn named_twice<'n>(
    named: &'n [String],
    definition: &'n Definition,
) -> impl Iterator<Item = &'n str> {
    let kind = |name: &str| definition.units.get(name).map(|unit| unit.kind.as_str());
    let again = move |at: &usize| {
        let name = named[*at].as_str();
        named[..*at].iter().any(|other| other == name)
            || kind(name).is_some_and(|kind| named.iter().any(|other| other == kind))
    };
    (0..named.len()).filter(again).map(|at| named[at].as_str())
}

/// Every entry is a kind or the code of a unit.
pub(super) fn check_units(
    what: &str,
    named: &[String],
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let is_one = |name: &String| {
        let mut units = definition.units.all().iter();
        definition.settings.unit_kinds.contains(name)
            || units.any(|unit| unit.is_named(std::slice::from_ref(name)))
    };
    // Without any unit the register is to blame.
    let is_empty = definition.units.all().is_empty();
    for name in named.iter().filter(|name| !is_empty && !is_one(name)) {
        let message =
            format!("{what} 的 “{name}” 不是任何单位的类别或代码，{}", unit_choices(definition));
        problems.add(place, message);
    }
}

fn unit_choices(definition: &Definition) -> String {
    let kinds: BTreeSet<&str> = definition.units.all().iter().map(|u| u.kind.as_str()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    format!(
        "现有类别：{}；单位代码见 registers/{}.csv",
        kinds.join("、"),
        definition.settings.unit_register
    )
}

/// Rounds name periods that can be, each once, in the form's own measure.
fn check_rounds(definition: &Definition, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let (mut periods, mut folders) = (BTreeSet::new(), BTreeSet::new());
    for (number, round) in form.rounds.iter().enumerate() {
        let at = place.nth("round", number);
        let keys = [("period", &round.period), ("folder", &round.folder)];
        for (key, period) in keys {
            let Period::Campaign(name) = period else { continue };
            if !definition.settings.campaigns.iter().any(|campaign| campaign.id == *name) {
                let message = format!(
                    "报表 {}: round 的 {key} {}，或 pipeline.toml 里 [[campaign]] 的 id{}",
                    form.id,
                    grammar::wrong::<Period>(name),
                    campaigns(definition)
                );
                problems.add(&at.key(key), message);
            }
        }
        if let Some(measure) = misfit(form.frequency, &round.period) {
            let message = format!(
                "报表 {}: round 的 period “{}” 与频率不符，{}应为{measure}",
                form.id,
                round.period,
                form.frequency.title()
            );
            problems.add(&at.key("period"), message);
        }
        if !periods.insert(&round.period) {
            let message = format!("报表 {}: round 的 period “{}” 重复", form.id, round.period);
            problems.add(&at.key("period"), message);
        }
        if !folders.insert(&round.folder) {
            let message = format!(
                "报表 {}: round 的 folder “{}” 重复，一个文件夹只能收一轮",
                form.id, round.folder
            );
            problems.add(&at.key("folder"), message);
        }
        if let (Some(first), Some(handed_in)) =
            (round.period.first_month(), round.folder.last_month())
            && handed_in < first
        {
            let message = format!(
                "报表 {}: round 的 folder “{}” 早于 period “{}” 开始",
                form.id, round.folder, round.period
            );
            problems.add(&at.key("folder"), message);
        }
    }
    let mut in_order: Vec<_> = form.rounds.iter().enumerate().collect();
    in_order.sort_by_key(|(_, round)| round.period.last_month());
    for pair in in_order.windows(2) {
        let [(_, before), (number, after)] = pair else { continue };
        let handed_in = [before, after].map(|round| round.folder.last_month());
        if let [Some(before_in), Some(after_in)] = handed_in
            && before_in > after_in
        {
            let message = format!(
                "报表 {}: {} 在 {} 上报，却早于前一期 {}（在 {}）",
                form.id, after.period, after.folder, before.period, before.folder
            );
            problems.add(&place.nth("round", *number).key("folder"), message);
        }
    }
    check_span(form, place, problems);
    if form.frequency == Frequency::Once && form.rounds.is_empty() {
        let message = format!(
            "报表 {}: frequency = \"once\" 时应有 [[form.round]]，写明 period 和 folder，否则永远不用报",
            form.id
        );
        problems.add(place, message);
    }
}

/// From when to when a form is held; of one with rounds these say so.
fn check_span(form: &Form, place: &SourceLine, problems: &mut Problems) {
    let span = [("first_period", &form.first_period), ("last_period", &form.last_period)];
    for (key, period) in span {
        let Some(period) = period else { continue };
        let message = match misfit(form.frequency, period) {
            _ if !form.rounds.is_empty() || form.frequency == Frequency::Once => {
                format!("按轮次（round）上报，{key} 不起作用，请删去")
            }
            Some(wanted) => {
                format!("{key} “{period}” 与频率不符，{}应为{wanted}", form.frequency.title())
            }
            None => continue,
        };
        problems.add(&place.key(key), format!("报表 {}: {message}", form.id));
    }
    if let (Some(first), Some(last)) = (&form.first_period, &form.last_period)
        && last.last_month() < first.last_month()
    {
        let message = format!("报表 {}: last_period 早于 first_period", form.id);
        problems.add(&place.key("last_period"), message);
    }
    if !form.former.is_empty() && form.rounds.is_empty() {
        let message = "former 是上一轮的叫法，这个报表没有 round，写了也不起作用，请删去";
        problems.add(&place.key("former"), format!("报表 {}: {message}", form.id));
    }
}

fn campaigns(definition: &Definition) -> String {
    let ids: Vec<&str> = definition.settings.campaigns.iter().map(|c| c.id.as_str()).collect();
    if ids.is_empty() { String::new() } else { format!("（现有：{}）", ids.join("、")) }
}

/// What a period should be instead, by the form's frequency. Campaigns stand apart.
fn misfit(frequency: Frequency, period: &Period) -> Option<&'static str> {
    let (fits, wanted) = match frequency {
        Frequency::Monthly | Frequency::Event => (matches!(period, Period::Month(..)), "月"),
        Frequency::Quarterly => (matches!(period, Period::Quarter(..)), "季度"),
        Frequency::HalfYearly => (matches!(period, Period::Half(..)), "半年"),
        Frequency::Annual => (matches!(period, Period::Year(_)), "年"),
        Frequency::Once => (true, ""),
    };
    (!fits && !matches!(period, Period::Campaign(_))).then_some(wanted)
}
