//! Official wording of numbers: comparisons, periods, completeness marks. Every number comes
//! from a printed value; nothing is rounded here but a growth in times.

use crate::definition::{Indicator, Pace, Time};
use crate::model::{
    Absent, AbsentReason, Change, Decimal, Figure, Nature, Period, Rational, Status, adds_up,
    difference_measure,
};

/// `4个`, `22.2%`; `None` when there is no value.
pub(super) fn value(figure: &Figure) -> Option<String> {
    Some(format!("{}{}", figure.value?, figure.measure))
}

/// The change against another period, by its name in `Word::compare`, if the two compare.
pub(super) fn change<'a>(figure: &'a Figure, against: &str) -> Option<&'a Change> {
    let change = match against {
        "previous" => figure.previous.as_ref(),
        "year_ago" => figure.year_ago.as_ref(),
        // In the first period of a year both are the same period: said once.
        _ => figure.year_begin.as_ref().filter(|begin| {
            figure.previous.as_ref().is_none_or(|previous| previous.period != begin.period)
        }),
    }?;
    change.difference.is_some().then_some(change)
}

/// `比上月提高2.3个百分点`, `比年初增加3个`, `与上月持平`; empty when nothing compares.
pub(super) fn compare(figure: &Figure, against: &str) -> String {
    let Some(change) = change(figure, against) else { return String::new() };
    let Some(difference) = change.difference else { return String::new() };
    let up = difference.units > 0;
    let size = difference.size();
    if figure.nature == Nature::Ytd && against == "previous" && adds_up(&figure.measure) {
        return added(figure, change, size, up);
    }
    let other = period_name(figure, change, against);
    if difference.is_zero() {
        return format!("与{other}持平");
    }
    match figure.measure.as_str() {
        measure @ ("%" | "‰") => {
            let points = difference_measure(measure);
            format!("比{other}{}{size}{points}", if up { "提高" } else { "下降" })
        }
        "分" => format!("比{other}{}{size}分", if up { "提高" } else { "降低" }),
        measure => format!("比{other}{}{size}{measure}", if up { "增加" } else { "减少" }),
    }
}

/// What the period itself added to a year-to-date count: `本季度新增12人`.
fn added(figure: &Figure, change: &Change, size: Decimal, up: bool) -> String {
    let now = match (&figure.period, figure.is_adjacent(change)) {
        (Period::Month(..), true) => "本月".to_owned(),
        (Period::Quarter(..), true) => "本季度".to_owned(),
        (Period::Half(..), true) => "下半年".to_owned(),
        _ => format!("{}以来", period(&change.period, &figure.period, Time::During)),
    };
    match (size.is_zero(), up) {
        (true, _) => format!("{now}没有新增"),
        (false, true) => format!("{now}新增{size}{}", figure.measure),
        (false, false) => format!("{now}核减{size}{}", figure.measure),
    }
}

/// `比上月增长12.5%`, `比上月增长1.1倍`; without a base or for rates, as [`compare`].
pub(super) fn growth(figure: &Figure, against: &str) -> String {
    let Some(change) = change(figure, against) else { return String::new() };
    let (Some(then), Some(difference), Some(growth)) =
        (change.then, change.difference, change.growth)
    else {
        return compare(figure, against);
    };
    if difference.is_zero() {
        return compare(figure, against);
    }
    let other = period_name(figure, change, against);
    if growth.units < 0 {
        return format!("比{other}下降{}%", Decimal::new(-growth.units, growth.places));
    }
    // Beyond doubling, official texts speak of times; from the printed counts, rounded once.
    match difference.to_rational().divided_by(then.to_rational()) {
        Some(times) if times.numerator() >= times.denominator() => {
            let text = times.round(1).to_string();
            format!("比{other}增长{}倍", text.strip_suffix(".0").unwrap_or(&text))
        }
        _ => format!("比{other}增长{growth}%"),
    }
}

/// `为上届的12.1倍`, from the printed numbers; without a base, as [`compare`].
pub(super) fn times(figure: &Figure, against: &str) -> String {
    let Some(change) = change(figure, against) else { return String::new() };
    let base = change.then.filter(|then| *then > Decimal::ZERO);
    let both = figure.value.zip(base);
    let Some(times) = both.and_then(|(now, then)| now.to_rational().divided_by(then.to_rational()))
    else {
        return compare(figure, against);
    };
    let other = period_name(figure, change, against);
    let text = times.round(1).to_string();
    format!("为{other}的{}倍", text.strip_suffix(".0").unwrap_or(&text))
}

/// `比时序进度75%慢9.2个百分点`: a rate of the year's plan against the part of the year (or of its
/// target) that is due by then.
pub(super) fn pace(indicator: &Indicator, figure: &Figure) -> String {
    let Some(value) = figure.value else { return String::new() };
    let target = indicator.target_at(&figure.period).filter(|_| indicator.pace.is_some());
    let whole = || Pace::Year.passed(&figure.period).times(Rational::new(100, 1));
    let due = target.unwrap_or_else(whole).round(value.places);
    let text = due.to_string();
    let printed =
        if due.places > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let gap = value.minus(due);
    match gap.units.signum() {
        0 => format!("与时序进度{printed}%持平"),
        sign => {
            let size = gap.size();
            format!("比时序进度{printed}%{}{size}个百分点", if sign > 0 { "快" } else { "慢" })
        }
    }
}

/// `首次`, when the figure had no value in any period before.
pub(super) fn first(figure: &Figure) -> &'static str {
    let earlier = figure.series.iter().filter(|point| point.period != figure.period);
    let known = earlier.clone().any(|point| point.value.is_some());
    if figure.value.is_some() && !known && figure.previous.is_none() { "首次" } else { "" }
}

/// What a figure is compared with, in words: 上月 only if it is last month; forms that are not
/// due every month have an older previous period, which is named.
fn period_name(figure: &Figure, change: &Change, against: &str) -> String {
    let now = &figure.period;
    if against == "previous" && !change.called.is_empty() {
        return change.called.clone();
    }
    if against == "previous" && now.previous().as_ref() != Some(&change.period) {
        return period(&change.period, now, Time::During);
    }
    let words = match (now, against) {
        (Period::Year(_), "previous" | "year_ago" | "year_begin") => "上年",
        (_, "year_ago") => "上年同期",
        (_, "year_begin") => "年初",
        (Period::Month(..), _) => "上月",
        (Period::Quarter(..), _) => "上季度",
        (Period::Half(_, 1), _) => "上年下半年",
        (Period::Half(..), _) => "上半年",
        _ => "上期",
    };
    words.to_owned()
}

/// `三季度`, `9月份`, `截至三季度末`, `2012年度`: the period of figures in a report of `folder`.
pub(super) fn period(period: &Period, folder: &Period, time: Time) -> String {
    let year = match (period.year(), folder.year()) {
        (Some(year), Some(now)) if year != now => format!("{year}年"),
        _ => String::new(),
    };
    let quarter = |q: u8| ["一", "二", "三", "四"][usize::from(q.clamp(1, 4)) - 1];
    match (period, time) {
        (Period::Month(_, m), Time::During) => format!("{year}{m}月份"),
        (Period::Month(_, m), Time::End) => format!("截至{year}{m}月底"),
        (Period::Quarter(_, q), Time::During) => format!("{year}{}季度", quarter(*q)),
        (Period::Quarter(_, q), Time::End) => format!("截至{year}{}季度末", quarter(*q)),
        (Period::Half(_, 1), Time::During) => format!("{year}上半年"),
        (Period::Half(..), Time::During) => format!("{year}下半年"),
        (Period::Half(_, h), Time::End) => format!("截至{year}{}月底", h * 6),
        (Period::Year(y), _) => format!("{y}年度"),
        (Period::Campaign(_), _) => period.title(),
    }
}

/// What a reader must know of the figures in a sentence.
#[derive(Debug, Default)]
pub(super) struct Marks {
    absent: Vec<(String, AbsentReason)>,
    pub(super) provisional: bool,
    incomplete: bool,
}

impl Marks {
    /// `names`: of units that are absent, each once.
    pub(super) fn add(
        &mut self,
        figure: &Figure,
        names: impl Fn(&mut dyn Iterator<Item = &Absent>) -> Vec<String>,
    ) {
        self.provisional |= figure.open_queries > 0 || figure.status == Status::Provisional;
        self.incomplete |= figure.status == Status::Incomplete;
        for reason in AbsentReason::ALL {
            let mut absent = figure.lineage.absent.iter().filter(|a| a.reason == reason);
            for name in names(&mut absent) {
                let entry = (name, reason);
                if !self.absent.contains(&entry) {
                    self.absent.push(entry);
                }
            }
        }
    }

    /// `（不含未报的石匣乡和退回的羊角乡，待核实）`; empty when all is well.
    pub(super) fn text(&self) -> String {
        let provisional = if self.provisional { Some("待核实") } else { None };
        let parts: Vec<String> =
            self.parts().into_iter().chain(provisional.map(str::to_owned)).collect();
        if parts.is_empty() { String::new() } else { format!("（{}）", parts.join("，")) }
    }

    /// Without 待核实, which a circular says once, at the end.
    pub(super) fn absent_text(&self) -> String {
        let parts = self.parts();
        if parts.is_empty() { String::new() } else { format!("（{}）", parts.join("，")) }
    }

    fn parts(&self) -> Vec<String> {
        let names = |reason: AbsentReason| {
            let names: Vec<&str> = self
                .absent
                .iter()
                .filter(|(_, r)| *r == reason)
                .map(|(name, _)| name.as_str())
                .collect();
            (!names.is_empty()).then(|| format!("{}的{}", reason.title(), names.join("、")))
        };
        let absent: Vec<String> = AbsentReason::ALL.into_iter().filter_map(names).collect();
        let mut parts = Vec::new();
        if !absent.is_empty() {
            parts.push(format!("不含{}", absent.join("和")));
        } else if self.incomplete {
            parts.push("不完整".to_owned());
        }
        parts
    }
}

/// Running text of a paper has no spaces around numbers.
pub(super) fn unspaced(text: &str) -> String {
    text.replace(' ', "")
}

/// `一` … `九十九`.
pub(super) fn ordinal(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = ((number / 10).min(9), number % 10);
    let tens = match tens {
        0 => String::new(),
        1 => "十".to_owned(),
        tens => format!("{}十", DIGITS[tens]),
    };
    tens + DIGITS[ones]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Obstacle, Origins};

    fn number(text: &str) -> Option<Decimal> {
        Decimal::parse(text)
    }

    fn change_of(period: &str, then: &str, difference: &str, growth: &str) -> Change {
        Change {
            called: String::new(),
            period: Period::parse(period),
            then: number(then),
            difference: number(difference),
            growth: number(growth),
            obstacle: None,
        }
    }

    fn figure(measure: &str, previous: Option<Change>) -> Figure {
        Figure {
            id: "x@1".to_owned(),
            programme: String::new(),
            indicator: "x".to_owned(),
            title: "某数".to_owned(),
            period: Period::parse("2013-10"),
            unit_code: "1".to_owned(),
            unit: "某县".to_owned(),
            group: String::new(),
            dimension: String::new(),
            category: String::new(),
            class: None,
            numerator: None,
            denominator: None,
            exact: None,
            value: number("10"),
            decimals: 0,
            nature: Nature::Flow,
            scored: None,
            weight: None,
            measure: measure.to_owned(),
            units_expected: 18,
            units_reported: 18,
            units_used: 18,
            status: Status::Normal,
            open_queries: 0,
            previous,
            year_ago: None,
            year_begin: None,
            series: Vec::new(),
            place: None,
            lineage: Origins::default(),
        }
    }

    #[test]
    fn rise_fall_and_standstill_of_rates_counts_and_scores() {
        let said = |measure: &str, difference: &str| {
            let change = change_of("2013-09", "8", difference, "");
            compare(&figure(measure, Some(change)), "previous")
        };
        assert_eq!(said("%", "2.3"), "比上月提高2.3个百分点");
        assert_eq!(said("%", "-0.4"), "比上月下降0.4个百分点");
        assert_eq!(said("%", "0.0"), "与上月持平");
        assert_eq!(said("个", "4"), "比上月增加4个");
        assert_eq!(said("件", "-12"), "比上月减少12件");
        assert_eq!(said("分", "0.5"), "比上月提高0.5分");
        assert_eq!(said("‰", "-1.20"), "比上月下降1.20个千分点");
        let in_a_table = |measure: &str, difference: &str| {
            let change = change_of("2013-09", "8", difference, "");
            crate::report::text::change("上月", &figure(measure, None), Some(&change))
        };
        assert_eq!(in_a_table("‰", "-1.20"), "比上月降 1.20 个千分点");
        assert_eq!(in_a_table("个", "4"), "比上月增 4个");
    }

    #[test]
    fn growth_is_in_per_cent_below_doubling_and_in_times_beyond() {
        let said = |then: &str, difference: &str, growth_text: &str| {
            let change = change_of("2013-09", then, difference, growth_text);
            growth(&figure("件", Some(change)), "previous")
        };
        assert_eq!(said("80", "10", "12.5"), "比上月增长12.5%");
        assert_eq!(said("80", "-10", "-12.5"), "比上月下降12.5%");
        // 21 after 10: 110 % more.
        assert_eq!(said("10", "11", "110.0"), "比上月增长1.1倍");
        assert_eq!(said("10", "10", "100.0"), "比上月增长1倍");
        assert_eq!(said("10", "0", "0.0"), "与上月持平");
        // A growth from zero has no rate.
        assert_eq!(said("0", "5", ""), "比上月增加5件");
    }

    #[test]
    fn a_year_to_date_count_says_what_the_period_added() {
        let said = |measure: &str, then: &str, difference: &str| {
            let mut figure = figure(measure, Some(change_of(then, "8", difference, "")));
            figure.nature = Nature::Ytd;
            compare(&figure, "previous")
        };
        assert_eq!(said("人", "2013-09", "13"), "本月新增13人");
        assert_eq!(said("人", "2013-09", "0"), "本月没有新增");
        assert_eq!(said("人", "2013-09", "-2"), "本月核减2人");
        assert_eq!(said("项", "2013-07", "4"), "7月份以来新增4项");
        assert_eq!(said("%", "2013-09", "1.5"), "比上月提高1.5个百分点");
    }

    #[test]
    fn the_period_compared_with_is_named_when_it_is_not_the_one_before() {
        let september = |then: &str| {
            let mut figure = figure("%", Some(change_of(then, "8", "2.0", "")));
            figure.period = Period::parse("2013-09");
            compare(&figure, "previous")
        };
        assert_eq!(september("2013-08"), "比上月提高2.0个百分点");
        assert_eq!(september("2013-06"), "比6月份提高2.0个百分点");
        assert_eq!(september("2012-12"), "比2012年12月份提高2.0个百分点");
    }

    #[test]
    fn what_does_not_compare_is_not_said() {
        assert_eq!(compare(&figure("%", None), "previous"), "");
        assert_eq!(growth(&figure("%", None), "year_ago"), "");
        let missing = Change {
            then: None,
            difference: None,
            growth: None,
            ..change_of("2013-09", "", "", "")
        };
        assert_eq!(compare(&figure("%", Some(missing)), "previous"), "");
        for obstacle in [Obstacle::Broken, Obstacle::Partial] {
            let hindered = Change { obstacle: Some(obstacle), ..change_of("2013-09", "8", "", "") };
            assert_eq!(compare(&figure("%", Some(hindered)), "previous"), "");
        }
    }

    #[test]
    fn january_does_not_say_the_same_twice() {
        let mut january = figure("个", Some(change_of("2012-12", "8", "2", "")));
        january.period = Period::parse("2013-01");
        january.year_begin = january.previous.clone();
        assert_eq!(compare(&january, "previous"), "比上月增加2个");
        assert_eq!(compare(&january, "year_begin"), "");
    }

    #[test]
    fn older_periods_are_named() {
        let october = Period::parse("2013-10");
        let said = |text: &str, time: Time| period(&Period::parse(text), &october, time);
        assert_eq!(said("2013-09", Time::During), "9月份");
        assert_eq!(said("2013Q3", Time::End), "截至三季度末");
        assert_eq!(said("2013H1", Time::During), "上半年");
        assert_eq!(said("2013H1", Time::End), "截至6月底");
        assert_eq!(said("2012Q4", Time::During), "2012年四季度");
        assert_eq!(said("2012", Time::End), "2012年度");
    }

    #[test]
    fn absent_units_are_named_with_the_reason() {
        let mut marks = Marks::default();
        let name = |absent: &mut dyn Iterator<Item = &Absent>| {
            let name = |a: &Absent| if a.unit == "a" { "石匣乡" } else { "羊角乡" };
            absent.map(|a| name(a).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(marks.text(), "");
        let mut one = figure("%", None);
        one.status = Status::Incomplete;
        let absent = |unit: &str, reason| Absent {
            unit: unit.to_owned(),
            form: "f".to_owned(),
            reason,
            cells: Vec::new(),
        };
        one.lineage.absent =
            vec![absent("b", AbsentReason::Rejected), absent("a", AbsentReason::Missing)];
        marks.add(&one, name);
        assert_eq!(marks.text(), "（不含未报的石匣乡和退回的羊角乡）");
        one.open_queries = 2;
        marks.add(&one, name);
        assert_eq!(marks.text(), "（不含未报的石匣乡和退回的羊角乡，待核实）");
    }

    #[test]
    fn ordinals() {
        assert_eq!([1, 10, 12, 20, 21].map(ordinal), ["一", "十", "十二", "二十", "二十一"]);
    }

    #[test]
    fn a_former_round_is_called_by_its_name_and_counted_in_times() {
        let former =
            || Change { called: "上届".to_owned(), ..change_of("2010", "4", "6", "150.0") };
        // 10 of 4.
        assert_eq!(times(&figure("人", Some(former())), "previous"), "为上届的2.5倍");
        assert_eq!(compare(&figure("人", Some(former())), "previous"), "比上届增加6人");
        let zero = Change { called: "上届".to_owned(), ..change_of("2010", "0", "10", "") };
        assert_eq!(times(&figure("人", Some(zero)), "previous"), "比上届增加10人");
    }
}
