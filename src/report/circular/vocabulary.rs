//! Answers the words of sentences from the report's figures and receipts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::definition::{Answer, Call, Indicator, TaskDay, Vocabulary};
use crate::model::{
    Decimal, Figure, Lateness, Origins, Period, Rational, Receipt, ReturnState, Timeliness, Units,
};
use crate::report::index::{Index, is_whole};
use crate::report::wording::{self, Marks};
use crate::report::{Inputs, selection, text};

/// What the templates of a report may draw on, owned so that the template engine can hold it.
pub(super) struct CircularFacts {
    folder: Period,
    county: String,
    groups: Vec<String>,
    units: Units,
    indicators: BTreeMap<String, Known>,
    /// State → names of units in register order, and the number of returns.
    senders: BTreeMap<&'static str, Senders>,
    variables: BTreeMap<&'static str, String>,
    parameters: BTreeMap<String, String>,
    days: BTreeMap<String, TaskDay>,
    deadline: Option<TaskDay>,
    said: Mutex<Said>,
}

/// An indicator that some template mentions, with its figures.
struct Known {
    indicator: Indicator,
    figures: Vec<Figure>,
    /// Periods whose data are handed in with this report.
    fresh: Vec<Period>,
}

/// Units with returns in a state, in register order, and how many each has.
type Senders = Vec<(String, usize)>;

/// What one sentence has said so far.
#[derive(Debug, Default)]
struct Said {
    marks: Marks,
    period: Option<Period>,
    fresh: bool,
    /// Ids of the figures behind the numbers.
    figures: Vec<String>,
}

/// What a sentence rests on.
pub(super) struct Support {
    pub(super) marks: String,
    /// A 核实 is open in a return behind it.
    pub(super) provisional: bool,
    /// Some of it is handed in with this report.
    pub(super) fresh: bool,
    pub(super) period: Option<Period>,
    pub(super) figures: Vec<String>,
}

impl CircularFacts {
    pub(super) fn new(inputs: &Inputs, index: &Index, mentioned: &[&str]) -> Self {
        let definition = inputs.definition;
        let settings = &definition.settings;
        let frame = definition.circular.as_ref();
        let indicators = mentioned
            .iter()
            .filter_map(|id| definition.indicator(id))
            .map(|indicator| (indicator.id.clone(), known(indicator, index)))
            .collect();
        let variables = [
            ("period", text::period(definition, inputs.folder)),
            ("county", settings.county_name.clone()),
            ("organisation", settings.report.organisation.clone()),
            ("unit_kind", text::unit_kind(&definition.units).to_owned()),
        ];
        Self {
            folder: inputs.folder.clone(),
            county: settings.county_code.clone(),
            groups: settings.report.groups.clone(),
            units: definition.units.clone(),
            indicators,
            senders: senders(inputs),
            variables: variables.into_iter().collect(),
            parameters: frame.map(|c| c.parameters.clone()).unwrap_or_default(),
            days: frame.map(|c| c.days.clone()).unwrap_or_default(),
            deadline: frame.and_then(|c| c.deadline),
            said: Mutex::default(),
        }
    }

    /// What has been said since the last call.
    pub(super) fn take(&self) -> Support {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = std::mem::take(&mut *said);
        Support {
            marks: said.marks.absent_text(),
            provisional: said.marks.provisional,
            fresh: said.fresh,
            period: said.period,
            figures: said.figures,
        }
    }

    fn known(&self, call: &Call) -> Result<&Known, String> {
        let id = call.arguments.first().map_or("", String::as_str);
        self.indicators.get(id).ok_or_else(|| format!("没有指标 {id}"))
    }

    /// The figure that a call means: the county's, or of the unit that it names.
    fn figure(&self, call: &Call) -> Result<&Figure, String> {
        let known = self.known(call)?;
        let class = call.options.get("class");
        let unit = call.options.get("unit").unwrap_or(&self.county);
        let chosen = |key: &str| !matches!(key, "class" | "unit");
        let dimension = call.options.iter().find(|(key, _)| chosen(key));
        let wanted = |figure: &&Figure| {
            let class_fits = match class {
                Some(title) => figure.class.as_ref().is_some_and(|c| c.title == *title),
                None => figure.class.is_none(),
            };
            let dimension_fits = match dimension {
                Some((key, text)) => figure.dimension == *key && figure.category == *text,
                None => figure.dimension.is_empty(),
            };
            figure.unit_code == *unit && class_fits && dimension_fits
        };
        let missing = || format!("{}：无数据", known.indicator.title);
        let figure = known.figures.iter().find(wanted).ok_or_else(missing)?;
        if figure.value.is_none() {
            return Err(format!("{}：{}", known.indicator.title, text::why_empty(figure)));
        }
        Ok(figure)
    }

    /// Notes that a figure is spoken of; gives its period when it differs from the sentence's.
    fn say(&self, figure: &Figure) -> Option<String> {
        self.name([figure]);
        self.mark(figure)
    }

    /// Notes the figures behind what is said.
    fn name<'f>(&self, figures: impl IntoIterator<Item = &'f Figure>) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for figure in figures {
            if !said.figures.contains(&figure.id) {
                said.figures.push(figure.id.clone());
            }
        }
    }

    /// Notes what a reader must know of a figure; gives its period when it differs.
    fn mark(&self, figure: &Figure) -> Option<String> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let of_county = figure.unit_code == self.county;
        said.marks.add(figure, |absent| {
            let codes = absent.map(|absent| absent.unit.as_str());
            match of_county {
                true => text::row_names(&self.units, codes),
                false => codes.map(|code| self.units.name(code).to_owned()).collect(),
            }
        });
        let known = self.indicators.get(&figure.indicator);
        said.fresh |= known.is_some_and(|known| known.fresh.contains(&figure.period));
        let first = said.period.get_or_insert_with(|| figure.period.clone());
        (*first != figure.period)
            .then(|| wording::period(&figure.period, &self.folder, crate::definition::Time::During))
    }

    /// A number with the period, if that is another one than the sentence's.
    fn number(&self, figure: &Figure, number: Option<String>) -> Result<Answer, String> {
        let number = number.ok_or_else(|| format!("{}：无数据", figure.title))?;
        let period = self.say(figure).map(|period| format!("（{period}）")).unwrap_or_default();
        Ok(Answer::Text(number + &period))
    }

    /// The units' own figures, in register order.
    fn of_units<'k>(&'k self, known: &'k Known) -> impl Iterator<Item = &'k Figure> {
        known.figures.iter().filter(|f| is_whole(f) && f.unit_code != self.county)
    }

    /// Speaks of units or categories: marks and period come from the county's figure.
    fn say_whole(&self, known: &Known) {
        if let Some(figure) = self.of_county(known).next() {
            self.mark(figure);
        }
    }

    /// The county's own figures: one, or one a class.
    fn of_county<'k>(&'k self, known: &'k Known) -> impl Iterator<Item = &'k Figure> {
        known.figures.iter().filter(|f| f.unit_code == self.county && f.dimension.is_empty())
    }

    fn parts(&self, call: &Call) -> Result<Answer, String> {
        let known = self.known(call)?;
        let measure = call.arguments.get(1).map_or("", String::as_str);
        let mut parts = Vec::new();
        for figure in self.of_county(known) {
            let (Some(class), Some(number), Some(value)) =
                (&figure.class, figure.numerator, wording::value(figure))
            else {
                continue;
            };
            self.say(figure);
            if !number.is_zero() {
                parts.push(format!("{}{number}{measure}（{value}）", class.title));
            }
        }
        if parts.is_empty() {
            return Err(format!("{}：无数据", known.indicator.title));
        }
        Ok(Answer::Text(parts.join("、")))
    }

    /// Ranked units of a group by place, those of a place together.
    fn places<'k>(&'k self, known: &'k Known, group: &str) -> BTreeMap<usize, Vec<&'k Figure>> {
        let mut places: BTreeMap<usize, Vec<&Figure>> = BTreeMap::new();
        for figure in self.of_units(known) {
            if let Some(place) = figure.place.as_ref().filter(|p| p.group == group) {
                places.entry(place.place).or_default().push(figure);
            }
        }
        places
    }

    fn ranking(&self, call: &Call) -> Result<Answer, String> {
        let known = self.known(call)?;
        let most = whole(call, 1);
        let groups: Vec<String> = self
            .groups
            .iter()
            .filter_map(|group| {
                let said = in_group(&self.places(known, group), most)?;
                Some(format!("{group}中{said}"))
            })
            .collect();
        if groups.is_empty() {
            return Err(format!("{}：没有可说的名次", known.indicator.title));
        }
        self.say_whole(known);
        Ok(Answer::Text(groups.join("；")))
    }

    fn ends(&self, call: &Call, best: bool) -> Result<Answer, String> {
        let known = self.known(call)?;
        let places = self.places(known, call.arguments.get(1).map_or("", String::as_str));
        let most = whole(call, 2);
        let mut named: Vec<String> = Vec::new();
        let mut ordered: Vec<&Vec<&Figure>> = places.values().collect();
        if !best {
            ordered.reverse();
        }
        for tied in ordered {
            if named.len() >= most || named.len() + tied.len() > most + 2 {
                break;
            }
            named.extend(tied.iter().filter_map(|figure| with_value(figure)));
        }
        if named.is_empty() {
            return Err(format!("{}：没有可说的名次", known.indicator.title));
        }
        self.say_whole(known);
        Ok(Answer::Names(named))
    }

    fn units(&self, call: &Call) -> Result<Answer, String> {
        let known = self.known(call)?;
        self.say_whole(known);
        let named: Vec<&Figure> =
            self.of_units(known).filter(|figure| holds(figure, call, 1)).collect();
        self.name(named.iter().copied());
        Ok(Answer::Names(named.into_iter().map(|figure| figure.unit.clone()).collect()))
    }

    fn categories(&self, call: &Call) -> Result<Answer, String> {
        let known = self.known(call)?;
        self.say_whole(known);
        let dimension = call.arguments.get(1).map_or("", String::as_str);
        let named = known
            .figures
            .iter()
            .filter(|f| f.unit_code == self.county && f.dimension == dimension)
            .filter(|figure| holds(figure, call, 2));
        let named: Vec<&Figure> = named.collect();
        self.name(named.iter().copied());
        Ok(Answer::Names(named.into_iter().map(|figure| figure.category.clone()).collect()))
    }

    /// The categories with the largest values; units' own where the breakdown is crossed with them.
    fn top(&self, call: &Call) -> Result<Answer, String> {
        let known = self.known(call)?;
        let dimension = call.arguments.get(1).map_or("", String::as_str);
        let most = whole(call, 2);
        let crossed = known.indicator.by.iter().any(|by| *by == format!("unit*{dimension}"));
        let own = |f: &&Figure| {
            f.dimension == dimension && (f.unit_code != self.county) == crossed && f.class.is_none()
        };
        let mut figures: Vec<&Figure> = known.figures.iter().filter(own).collect();
        figures.retain(|f| f.before_rounding().is_some_and(|v| v > Rational::ZERO));
        figures.sort_by_key(|figure| std::cmp::Reverse(figure.value));
        let cut = figures.get(most).map(|next| next.value);
        figures.truncate(most);
        // Of equals all are named or none.
        if let Some(cut) = cut {
            figures.retain(|figure| figure.value > cut || crossed);
        }
        self.say_whole(known);
        self.name(figures.iter().copied());
        let named = figures.into_iter().filter_map(|f| match crossed {
            true => Some(format!("{}的{}", f.unit, f.category)),
            false => Some(format!("{}（{}）", f.category, wording::value(f)?)),
        });
        let named: Vec<String> = named.collect();
        if named.is_empty() {
            return Err(format!("{}：没有可说的", known.indicator.title));
        }
        Ok(Answer::Names(named))
    }

    fn pace(&self, call: &Call) -> Result<Answer, String> {
        let figure = self.figure(call)?;
        let known = self.known(call)?;
        self.say(figure);
        Ok(Answer::Text(wording::pace(&known.indicator, figure)))
    }

    fn below(&self, call: &Call) -> Result<Answer, String> {
        let known = self.known(call)?;
        self.say_whole(known);
        let misses = |f: &&Figure| known.indicator.meets_target(f) == Some(false);
        let missing: Vec<&Figure> = self.of_units(known).filter(misses).collect();
        self.name(missing.iter().copied());
        Ok(Answer::Names(missing.into_iter().filter_map(with_value).collect()))
    }

    fn met(&self, call: &Call) -> Result<Answer, String> {
        let figure = self.figure(call)?;
        let known = self.known(call)?;
        known
            .indicator
            .meets_target(figure)
            .map(Answer::Truth)
            .ok_or_else(|| format!("{} 没有目标", known.indicator.title))
    }

    /// A task's day in this report.
    fn day(&self, day: Option<&TaskDay>, name: &str) -> Result<Answer, String> {
        let day = day.ok_or_else(|| format!("没有日子“{name}”"))?;
        day.in_report_of(&self.folder).map(Answer::Text).map_err(|why| format!("{name}：{why}"))
    }

    /// Returns in a state. How many were late is only a number if all could be judged: a sentence
    /// that asks without asking for `unjudged` first is left out.
    fn returns(&self, call: &Call) -> Result<&Senders, String> {
        let state = call.arguments.first().map_or("", String::as_str);
        let unknown = "有报表无法判断是否迟报，请先看 returns(\"unjudged\") 是否为 0";
        self.senders.get(state).ok_or_else(|| unknown.to_owned())
    }
}

impl Vocabulary for CircularFacts {
    fn answer(&self, call: &Call) -> Result<Answer, String> {
        let against = call.arguments.get(1).map_or("", String::as_str);
        match call.word.as_str() {
            "value" => self.figure(call).and_then(|f| self.number(f, wording::value(f))),
            "numerator" => self.figure(call).and_then(|f| self.number(f, f.numerator.map(plain))),
            "denominator" => {
                self.figure(call).and_then(|f| self.number(f, f.denominator.map(plain)))
            }
            "fraction" => self.figure(call).and_then(|f| {
                let both = f.numerator.zip(f.denominator);
                self.number(f, both.map(|(n, d)| format!("{}/{}", plain(n), plain(d))))
            }),
            "compare" => Ok(Answer::Text(wording::compare(self.figure(call)?, against))),
            "times" => Ok(Answer::Text(wording::times(self.figure(call)?, against))),
            "growth" => Ok(Answer::Text(wording::growth(self.figure(call)?, against))),
            "target" => Ok(Answer::Text(self.known(call)?.indicator.target.clone())),
            "has" => Ok(Answer::Truth(holds(self.figure(call)?, call, 1))),
            "met" => self.met(call),
            "parts" => self.parts(call),
            "ranking" => self.ranking(call),
            "best" => self.ends(call, true),
            "worst" => self.ends(call, false),
            "units" => self.units(call),
            "categories" => self.categories(call),
            "below" => self.below(call),
            "top" => self.top(call),
            "pace" => self.pace(call),
            "first" => Ok(Answer::Text(wording::first(self.figure(call)?).to_owned())),
            "parameter" => {
                let name = call.arguments.first().map_or("", String::as_str);
                let unknown = || format!("没有参数“{name}”");
                self.parameters.get(name).cloned().map(Answer::Text).ok_or_else(unknown)
            }
            "day" => {
                let name = call.arguments.first().map_or("", String::as_str);
                self.day(self.days.get(name), name)
            }
            "deadline" => self.day(self.deadline.as_ref(), "deadline"),
            "returns" => {
                let count = |senders: &Senders| senders.iter().map(|(_, count)| count).sum();
                self.returns(call).map(|senders| Answer::Number(count(senders)))
            }
            "senders" => {
                let names =
                    |senders: &Senders| senders.iter().map(|(name, _)| name.clone()).collect();
                self.returns(call).map(|senders| Answer::Names(names(senders)))
            }
            "tally" => self.returns(call).map(|senders| Answer::Text(tally(senders))),
            other => Err(format!("没有“{other}”这个词")),
        }
    }

    fn variable(&self, name: &str) -> String {
        self.variables.get(name).cloned().unwrap_or_default()
    }
}

fn known(indicator: &Indicator, index: &Index) -> Known {
    // The rows behind a figure stay with the report; sentences need who is absent.
    let light = |figure: &&Figure| Figure {
        lineage: Origins { absent: figure.lineage.absent.clone(), ..Origins::default() },
        ..(*figure).clone()
    };
    Known {
        indicator: indicator.clone(),
        figures: index.of(&indicator.id).iter().map(light).collect(),
        fresh: {
            let figures = index.of(&indicator.id).iter();
            let fresh = figures.filter(|figure| selection::is_new(index, indicator, figure));
            let mut periods: Vec<Period> = fresh.map(|figure| figure.period.clone()).collect();
            periods.dedup();
            periods
        },
    }
}

/// Who owes what and how it came. The county's own departments report too; where units are ranked
/// in groups, the circular speaks of those.
fn senders(inputs: &Inputs) -> BTreeMap<&'static str, Senders> {
    let definition = inputs.definition;
    let groups = &definition.settings.report.groups;
    let is_meant = |receipt: &&Receipt| {
        let unit = definition.units.get(&receipt.unit);
        receipt.owed && (groups.is_empty() || unit.is_some_and(|unit| groups.contains(&unit.group)))
    };
    let owed = || inputs.receipts().filter(is_meant);
    let mut senders = BTreeMap::new();
    let mut put = |word: &'static str, test: &dyn Fn(&Receipt) -> bool| {
        let mut counts: BTreeMap<usize, (String, usize)> = BTreeMap::new();
        for receipt in owed().filter(|receipt| test(receipt)) {
            let row = definition.units.row_code(&receipt.unit);
            let order = definition.units.order(row);
            let name = || (definition.units.name(row).to_owned(), 0);
            counts.entry(order).or_insert_with(name).1 += 1;
        }
        senders.insert(word, counts.into_values().collect());
    };
    put("owed", &|_| true);
    put("accepted", &|r| r.state.accepted());
    put("queried", &|r| r.state == ReturnState::Queried);
    put("rejected", &|r| r.state == ReturnState::Rejected);
    put("missing", &|r| r.state == ReturnState::Missing);
    if Lateness::of(owed()).unjudged == 0 {
        put("late", &|r| r.timeliness == Timeliness::Late);
    }
    put("unjudged", &|r| matches!(r.timeliness, Timeliness::Unjudged(_)));
    senders
}

/// `麻田镇4份，桐峪镇、粟城乡各1份`: the most first, units with as many together.
fn tally(senders: &Senders) -> String {
    let mut by_count: BTreeMap<std::cmp::Reverse<usize>, Vec<&str>> = BTreeMap::new();
    for (name, count) in senders {
        by_count.entry(std::cmp::Reverse(*count)).or_default().push(name);
    }
    let said = by_count.iter().map(|(count, names)| match names.as_slice() {
        [one] => format!("{one}{}份", count.0),
        several => format!("{}各{}份", several.join("、"), count.0),
    });
    said.collect::<Vec<_>>().join("，")
}

/// `361.5` for 361.50, `199` for 199: a count as one says it.
fn plain(number: Decimal) -> String {
    let text = number.to_string();
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn whole(call: &Call, at: usize) -> usize {
    call.arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Does the exact value satisfy the operator and number at `at` of the call?
fn holds(figure: &Figure, call: &Call, at: usize) -> bool {
    let wanted = call.arguments.get(at + 1).and_then(|text| Decimal::parse(text));
    let Some((wanted, value)) = wanted.zip(figure.value) else { return false };
    let value = figure.exact.unwrap_or_else(|| value.to_rational());
    let wanted = wanted.to_rational();
    match call.arguments.get(at).map_or("", String::as_str) {
        "=" => value == wanted,
        "<" => value < wanted,
        "<=" => value <= wanted,
        ">" => value > wanted,
        ">=" => value >= wanted,
        _ => false,
    }
}

/// `羊角乡（73.7%）`; a small base is said.
fn with_value(figure: &Figure) -> Option<String> {
    let small = if figure.has_small_base() { "，基数小" } else { "" };
    Some(format!("{}（{}{small}）", figure.unit, wording::value(figure)?))
}

/// `芹泉镇（100.0%）、寒王乡（98.0%）居前，羊角乡（73.7%）居后`; `None` when nothing differs.
fn in_group(places: &BTreeMap<usize, Vec<&Figure>>, most: usize) -> Option<String> {
    let units: usize = places.values().map(Vec::len).sum();
    if units < 3 || places.len() < 2 {
        return None;
    }
    let (_, last) = places.last_key_value()?;
    let (_, first) = places.first_key_value()?;
    let mut front = String::new();
    if first.len() > most {
        front = format!("{}个单位并列第一（{}）", first.len(), wording::value(first.first()?)?);
    } else {
        let mut named = Vec::new();
        for tied in places.values().take(places.len() - 1) {
            if named.len() + tied.len() > most {
                break;
            }
            named.extend(tied.iter().filter_map(|figure| with_value(figure)));
        }
        if !named.is_empty() {
            front = format!("{}居前", named.join("、"));
        }
    }
    let behind: Vec<String> = last.iter().filter_map(|figure| with_value(figure)).collect();
    let back =
        if last.len() <= most { format!("{}居后", behind.join("、")) } else { String::new() };
    let parts: Vec<String> = [front, back].into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("，"))
}
