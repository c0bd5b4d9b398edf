//! The judgement: what got better and worse, the worst figure, who is behind and since when, and
//! what is to be done by when. 一页通 and the circular's opening say the same, from here.
//!
//! Which figures are worth attention is declared (`[report.attention]`): so many points for each
//! per cent that a figure misses its target by, got worse by, and of units that are behind. All in
//! exact numbers; equal scores stand in the order of the definition.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Index, is_whole};
use super::{cause, selection, text, wording};
use crate::definition::{Better, Diagnosis, Indicator};
use crate::model::{Decimal, DiagnosedProblem, Evidence, Figure, Rational, adds_up};

/// The line about the figure that stands out.
pub(super) const WORST: &str = "最突出";

/// The line that says what is to be done by when.
pub(super) const TO_DO: &str = "要办";

/// How many of a kind a line names.
const NAMED: usize = 2;

/// Problems named as those that most units share.
const SHARED: usize = 2;

/// A county figure and what makes it worth attention.
pub(super) struct Noted<'a> {
    pub(super) indicator: &'a Indicator,
    pub(super) figure: &'a Figure,
    /// Names of the units that are behind in it, of so many.
    pub(super) behind: Vec<&'a str>,
    pub(super) of: usize,
    score: Rational,
    /// How much worse it got, in points (or per cent of a count); below zero when it got better;
    /// `None` when nothing compares or its data are older.
    worse: Option<Rational>,
}

/// What stands elsewhere on the same paper: the judgement names it and leaves its numbers there.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// Ids of figures.
    pub(super) figures: BTreeSet<String>,
    /// Ids of the rules whose problems are said.
    pub(super) rules: BTreeSet<String>,
}

/// The lines of the judgement, each what it is about and a sentence without its stop.
pub(super) fn lines(index: &Index, elsewhere: &Elsewhere) -> Vec<(&'static str, String)> {
    let noted = all(index);
    let worst = worst(&noted);
    let lines = [
        ("好转", got_better(&noted, elsewhere)),
        ("变差", got_worse_lines(&noted, worst, elsewhere)),
        (WORST, worst.map(|worst| stands_out(index, worst, elsewhere))),
        ("落后", behind(index, elsewhere)),
        (TO_DO, to_do(index)),
    ];
    lines.into_iter().filter_map(|(label, line)| Some((label, line?))).collect()
}

/// The figures of 一页通, those that need most attention first; then those that moved most, so that
/// the page is never empty.
pub(super) fn noted<'a>(index: &Index<'a>) -> Vec<Noted<'a>> {
    let settings = &index.inputs.definition.settings.report.attention;
    let mut noted = all(index);
    let zero = Rational::ZERO;
    let gain = |n: &Noted| n.worse.map_or(zero, |worse| zero.minus(worse));
    // Stable: the definition's order among equals.
    noted.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| gain(b).cmp(&gain(a))));
    let needing = noted.iter().filter(|n| n.score > zero).count();
    noted.truncate(needing.clamp(settings.least, settings.most.max(settings.least)));
    noted
}

/// How much attention a programme needs: that of its figure that needs most.
pub(super) fn attention<'a>(index: &Index<'a>) -> BTreeMap<&'a str, Rational> {
    let mut needs: BTreeMap<&'a str, Rational> = BTreeMap::new();
    for noted in all(index) {
        let most = needs.entry(&noted.indicator.programme).or_insert(noted.score);
        *most = noted.score.max(*most);
    }
    needs
}

/// The candidates, in order.
fn all<'a>(index: &Index<'a>) -> Vec<Noted<'a>> {
    let candidates = selection::one_page(index).into_iter();
    candidates
        .filter(|(indicator, figure)| indicator.better != Better::Neither && figure.value.is_some())
        .map(|(indicator, figure)| note(index, indicator, figure))
        .collect()
}

fn note<'a>(index: &Index<'a>, indicator: &'a Indicator, figure: &'a Figure) -> Noted<'a> {
    let settings = &index.inputs.definition.settings.report.attention;
    let worse = selection::is_new(index, indicator, figure).then(|| got_worse(indicator, figure));
    let worse = worse.flatten();
    let (behind, of) = units_behind(index, indicator);
    let weighed = |points: u32, share: Rational| Rational::new(points.into(), 1).times(share);
    let score = weighed(settings.target, misses_by(indicator, figure))
        .plus(weighed(settings.change, within_hundred(worse.unwrap_or(Rational::ZERO))))
        .plus(weighed(settings.behind, hundredths(behind.len(), of)));
    Noted { indicator, figure, behind, of, score, worse }
}

/// By how many per cent of its target a figure misses it; nothing when it is met.
fn misses_by(indicator: &Indicator, figure: &Figure) -> Rational {
    let missed = indicator.meets_target(figure) == Some(false);
    let found = missed.then(|| {
        let target = indicator.target_at(&figure.period)?;
        let gap = target.minus(figure.exact?);
        let gap = if indicator.better == Better::Lower { Rational::ZERO.minus(gap) } else { gap };
        gap.times(Rational::new(100, 1)).divided_by(target)
    });
    // A target of none is missed altogether.
    let whole = if missed { Rational::new(100, 1) } else { Rational::ZERO };
    within_hundred(found.flatten().unwrap_or(whole))
}

/// The change against the period before, as a loss: points of a rate or score, per cent of a count.
fn got_worse(indicator: &Indicator, figure: &Figure) -> Option<Rational> {
    let change = wording::change(figure, "previous")?;
    let size = if adds_up(&figure.measure) { change.growth? } else { change.difference? };
    let size = size.to_rational();
    Some(if indicator.better == Better::Lower { size } else { Rational::ZERO.minus(size) })
}

/// Units with a problem that the figure is about; without one, units that miss its target.
fn units_behind<'a>(index: &Index<'a>, indicator: &Indicator) -> (Vec<&'a str>, usize) {
    let definition = index.inputs.definition;
    let about = |rule: &&Diagnosis| {
        rule.headline.as_ref().or(rule.indicator.as_ref()) == Some(&indicator.id)
    };
    if let Some(rule) = definition.diagnoses.iter().find(about) {
        let of_rule = |p: &&DiagnosedProblem| p.rule == rule.id;
        let met: Vec<&DiagnosedProblem> = index.inputs.problems.iter().filter(of_rule).collect();
        if let Some(first) = met.first() {
            return (met.iter().map(|problem| problem.unit.as_str()).collect(), first.asked);
        }
    }
    let figures = index.of(&indicator.id).iter().copied();
    let own: Vec<&Figure> = figures
        .filter(|f| is_whole(f) && f.unit_code != index.county() && f.value.is_some())
        .collect();
    // The county's target of a count is not each unit's.
    let rate = indicator.measure() == "%";
    let missing = own.iter().filter(|f| rate && indicator.meets_target(f) == Some(false));
    (missing.map(|figure| figure.unit.as_str()).collect(), own.len())
}

fn within_hundred(number: Rational) -> Rational {
    number.clamp(Rational::ZERO, Rational::new(100, 1))
}

fn hundredths(part: usize, of: usize) -> Rational {
    if of == 0 { Rational::ZERO } else { Rational::new(100 * part as i128, of as i128) }
}

/// `11项指标好转，其中…`: how many moved that way, and the rates that moved most.
fn got_better(noted: &[Noted], elsewhere: &Elsewhere) -> Option<String> {
    let gained: Vec<&Noted> =
        noted.iter().filter(|n| n.worse.is_some_and(|worse| worse < Rational::ZERO)).collect();
    let mut rates: Vec<&Noted> = gained.iter().copied().filter(|n| is_rate(n)).collect();
    rates.sort_by_key(|n| n.worse);
    moved(gained.len(), "好转，幅度最大的是", &rates, elsewhere)
}

/// The same of what got worse; the one that stands out has a line of its own.
fn got_worse_lines(
    noted: &[Noted],
    apart: Option<&Noted>,
    elsewhere: &Elsewhere,
) -> Option<String> {
    let lost: Vec<&Noted> =
        noted.iter().filter(|n| n.worse.is_some_and(|worse| worse > Rational::ZERO)).collect();
    let is_apart = |n: &Noted| apart.is_some_and(|apart| apart.figure.id == n.figure.id);
    let mut rates: Vec<&Noted> =
        lost.iter().copied().filter(|n| is_rate(n) && !is_apart(n)).collect();
    rates.sort_by_key(|n| std::cmp::Reverse(n.worse));
    let word = if apart.is_some() { "变差，其中有" } else { "变差，幅度最大的是" };
    moved(lost.len(), word, &rates, elsewhere)
}

fn is_rate(noted: &Noted) -> bool {
    noted.figure.measure == "%"
}

/// `9项指标好转，幅度最大的是整改率（比上月提高32.7个百分点）、问题解决率（…）`; names alone of what
/// stands elsewhere.
fn moved(count: usize, word: &str, rates: &[&Noted], elsewhere: &Elsewhere) -> Option<String> {
    let with_change = |noted: &&Noted| {
        let title = noted.indicator.full_title();
        if elsewhere.figures.contains(&noted.figure.id) {
            return title.to_owned();
        }
        format!("{title}（{}）", wording::compare(noted.figure, "previous"))
    };
    let named: Vec<String> = rates.iter().take(NAMED).map(with_change).collect();
    // Without rates only the first word.
    let words = if named.is_empty() { word.split('，').next().unwrap_or_default() } else { word };
    (count > 0).then(|| format!("{count}项指标{words}{}", named.join("、")))
}

/// The figure that got worse by most; if none did, the one that needs attention most.
fn worst<'n, 'a>(noted: &'n [Noted<'a>]) -> Option<&'n Noted<'a>> {
    let by_points = |n: &&Noted| matches!(n.figure.measure.as_str(), "%" | "分");
    let fell = |n: &&Noted| n.worse.is_some_and(|worse| worse > Rational::ZERO);
    // The first among equals: `max_by_key` would take the last.
    let fallen = noted.iter().filter(by_points).filter(fell).rev().max_by_key(|n| n.worse);
    let needing = || noted.iter().rev().max_by_key(|n| n.score);
    fallen.or_else(|| needing().filter(|n| n.score > Rational::ZERO))
}

/// The figure, its change and who moved it, or the target that it misses.
fn stands_out(index: &Index, noted: &Noted, elsewhere: &Elsewhere) -> String {
    let (title, value) = (noted.indicator.full_title(), text::value(noted.figure));
    let named_alone = elsewhere.figures.contains(&noted.figure.id);
    let fell = noted.worse.is_some_and(|worse| worse > Rational::ZERO);
    if fell {
        let cause = cause::of_county(index, noted.indicator).map(|cause| format!("，{cause}"));
        let change = match (named_alone, noted.indicator.better) {
            (true, Better::Lower) => "上升".to_owned(),
            (true, _) => "下降".to_owned(),
            _ => format!("{value}，{}", wording::compare(noted.figure, "previous")),
        };
        return format!("{title}{change}{}", cause.unwrap_or_default());
    }
    let value = if named_alone { String::new() } else { value };
    let target = text::target_met(noted.indicator, noted.figure).map(|t| format!("，{t}"));
    format!("{title}{value}{}", target.unwrap_or_default())
}

/// The problems that most units share, with since when; and the units with most problems.
fn behind(index: &Index, elsewhere: &Elsewhere) -> Option<String> {
    let (said, new): (Vec<SharedProblem>, Vec<SharedProblem>) =
        most_shared(index).into_iter().partition(|p| elsewhere.rules.contains(&p.first.rule));
    let titles: Vec<&str> = said.iter().map(|p| p.first.title.as_str()).collect();
    let named = (!titles.is_empty()).then(|| format!("涉及单位最多的问题是{}", titles.join("、")));
    let shared = named.into_iter().chain(new.iter().map(|p| share(index, p)));
    let shared: Vec<String> = shared.collect();
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (_, unit) in index.inputs.definition.units.rows() {
        let count = index.problems_of(&unit.code).len();
        counts.extend((count > 0).then_some((unit.name.as_str(), count)));
    }
    // Stable: the register's order among equals.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named: Vec<String> =
        counts.iter().take(NAMED).map(|(name, count)| format!("{name}（{count}条）")).collect();
    let most = (!named.is_empty()).then(|| format!("问题最多的是{}", named.join("、")));
    let parts: Vec<String> = shared.into_iter().chain(most).collect();
    (!parts.is_empty()).then(|| parts.join("；"))
}

/// `14个单位（占77.8%）党代表工作室未启动，最早自2012年12月起`
fn share(index: &Index, problem: &SharedProblem) -> String {
    let (first, oldest) = (problem.first, problem.oldest);
    let share = printed_share(first.alike, first.asked);
    let since = text::period(index.inputs.definition, &oldest.since);
    let since = if oldest.periods > 1 { format!("，最早自{since}起") } else { String::new() };
    format!("{}个单位（占{share}%）{}{since}", first.alike, first.title)
}

/// What most units have to do: the remedies of the problems that they share.
fn to_do(index: &Index) -> Option<String> {
    let shared = most_shared(index);
    let with_remedy = shared.iter().filter(|p| !p.first.remedy.is_empty());
    let tasks: Vec<String> =
        with_remedy.map(|p| format!("{}：{}", p.first.title, p.first.remedy)).collect();
    let deadline = match deadline(index).as_str() {
        "" => String::new(),
        deadline => format!("{deadline}完成"),
    };
    (!tasks.is_empty()).then(|| {
        let stop = if deadline.is_empty() { "" } else { "；" };
        format!("{}{stop}{deadline}", tasks.join("；"))
    })
}

/// `12月20日前`: by when problems are put right; empty where no circular says so.
pub(super) fn deadline(index: &Index) -> String {
    let day = index.inputs.definition.circular.as_ref().and_then(|circular| circular.deadline);
    let day = day.and_then(|day| day.in_report_of(index.inputs.folder).ok());
    day.map(|day| format!("{day}前")).unwrap_or_default()
}

/// Who answers for putting problems right, as the circular's definition says.
pub(super) fn owner<'a>(index: &Index<'a>) -> &'a str {
    index.inputs.definition.circular.as_ref().map_or("", |circular| &circular.owner)
}

/// The problems that most units share.
fn most_shared<'a>(index: &Index<'a>) -> Vec<SharedProblem<'a>> {
    let shared = shared(index, |problem| is_current(index, problem)).into_iter();
    shared.filter(|p| p.all.len() > 1).take(SHARED).collect()
}

/// The problems of a rule: of one unit or several.
pub(super) struct SharedProblem<'a> {
    pub(super) first: &'a DiagnosedProblem,
    /// That of the unit that has had it longest.
    pub(super) oldest: &'a DiagnosedProblem,
    /// In the order of the units.
    pub(super) all: Vec<&'a DiagnosedProblem>,
}

impl<'a> SharedProblem<'a> {
    /// Was the same found everywhere?
    pub(super) fn is_seen_alike(&self) -> bool {
        self.all.iter().all(|problem| problem.seen == self.first.seen)
    }

    /// Problems of which the same is to be remarked, together where the first of them stands.
    pub(super) fn grouped(
        &self,
        remark: impl Fn(&DiagnosedProblem) -> String,
    ) -> Vec<(String, Vec<&'a DiagnosedProblem>)> {
        let mut groups: Vec<(String, Vec<&DiagnosedProblem>)> = Vec::new();
        for &problem in &self.all {
            let remark = remark(problem);
            match groups.iter_mut().find(|(known, _)| *known == remark) {
                Some((_, problems)) => problems.push(problem),
                None => groups.push((remark, vec![problem])),
            }
        }
        groups
    }
}

/// Problems rule by rule, as far as they are wanted: those that most units share first, then the
/// larger share of those that were asked, then the longer row; the order of the definition among
/// equals.
pub(super) fn shared<'a>(
    index: &Index<'a>,
    wanted: impl Fn(&DiagnosedProblem) -> bool,
) -> Vec<SharedProblem<'a>> {
    let of_rule = |rule: &Diagnosis| {
        let own = index.inputs.problems.iter().filter(|p| p.rule == rule.id && wanted(p));
        let all: Vec<&DiagnosedProblem> = own.collect();
        let oldest = all.iter().copied().rev().max_by_key(|p| p.periods)?;
        Some(SharedProblem { first: all.first().copied()?, oldest, all })
    };
    let mut shared: Vec<SharedProblem> =
        index.inputs.definition.diagnoses.iter().filter_map(of_rule).collect();
    shared.sort_by_key(|p| {
        let part = hundredths(p.first.alike, p.first.asked);
        std::cmp::Reverse((p.all.len(), part, p.oldest.periods))
    });
    shared
}

/// Does the problem rest on data of this period? Older ones were said when they were new.
pub(super) fn is_current(index: &Index, problem: &DiagnosedProblem) -> bool {
    problem.evidence.iter().any(|evidence| match evidence {
        Evidence::Figure(id) => index.figure(id).is_some_and(|figure| {
            let indicator = index.inputs.definition.indicator(&figure.indicator);
            indicator.is_some_and(|indicator| selection::is_new(index, indicator, figure))
        }),
        Evidence::Finding { folder, .. } | Evidence::Return { folder, .. } => {
            folder == index.inputs.folder
        }
    })
}

/// The share of the units, as printed: `77.8%`.
pub(super) fn printed_share(part: usize, of: usize) -> Decimal {
    hundredths(part, of).round(1)
}
