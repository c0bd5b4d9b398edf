//! How the figures of one indicator fall into columns of a declared table.

use std::rc::Rc;

use super::{Cell, List, Medium, Target, Tone};
use crate::definition::{Computation, Indicator, IndicatorKind, Part};
use crate::model::{Class, Decimal, Figure};
use crate::report::chart::is_quotient;
use crate::report::index::{FigureRow, Index};

/// A row of a declared table.
pub(super) struct DeclaredRow<'a> {
    pub(super) row: FigureRow,
    /// 合计
    pub(super) total: bool,
    /// In a matrix: the code that was, and the moves from it.
    pub(super) then: &'a str,
    pub(super) classes: Rc<[&'a Class]>,
}

impl DeclaredRow<'_> {
    pub(super) fn new(row: FigureRow, total: bool) -> Self {
        Self { row, total, then: "", classes: Rc::default() }
    }
}

/// The columns of one indicator.
#[derive(Clone)]
pub(in crate::report) enum ColumnBlock<'a> {
    /// Only the value.
    Value(&'a Indicator),
    /// Numerator, denominator, value.
    Quotient(&'a Indicator),
    /// Base, then count and share of each class.
    Classes(&'a Indicator, Rc<[&'a Class]>),
    /// Value and points of parts of a composite.
    Parts(&'a Indicator, ScoreParts<'a>),
}

/// Some parts of a composite.
#[derive(Clone)]
pub(in crate::report) struct ScoreParts<'a> {
    /// With the class of the part's figures; none where no unit has the part.
    parts: Vec<(&'a Part, Option<&'a Class>)>,
    /// Total and place follow.
    closes: bool,
}

impl<'a> ColumnBlock<'a> {
    pub(super) fn new(index: &Index<'a>, indicator: &'a Indicator) -> Self {
        let classes = index.classes(&indicator.id);
        if let Computation::Composite { parts, .. } = &indicator.computation {
            let class = |part: &Part| classes.iter().find(|class| class.id == part.id).copied();
            let parts = parts.iter().map(|part| (part, class(part))).collect();
            Self::Parts(indicator, ScoreParts { parts, closes: true })
        } else if !classes.is_empty() {
            Self::Classes(indicator, classes.into())
        } else if is_quotient(indicator) {
            Self::Quotient(indicator)
        } else {
            Self::Value(indicator)
        }
    }

    /// Two columns a class or part, and these beside them.
    const BASE: usize = 1;
    const TOTAL: usize = 2;

    /// ColumnBlock, where each number has its own.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Value(_) => 1,
            Self::Quotient(_) => 3,
            Self::Classes(_, classes) => Self::BASE + 2 * classes.len(),
            Self::Parts(_, ScoreParts { parts, closes }) => {
                2 * parts.len() + if *closes { Self::TOTAL } else { 0 }
            }
        }
    }

    /// Cut into pieces of about the same width, none with more than so many columns.
    pub(super) fn divided(self, most: usize) -> Vec<Self> {
        let even = |all: usize, most: usize| all.div_ceil(all.div_ceil(most.max(1)).max(1)).max(1);
        match self {
            Self::Classes(indicator, classes) => {
                let each = even(classes.len(), (most - Self::BASE) / 2);
                classes.chunks(each).map(|some| Self::Classes(indicator, some.into())).collect()
            }
            Self::Parts(indicator, ScoreParts { parts, .. }) => {
                let each = even(parts.len(), (most - Self::TOTAL) / 2);
                let pieces = parts.len().div_ceil(each);
                let piece = |(i, some): (usize, &[(&'a Part, Option<&'a Class>)])| {
                    Self::Parts(
                        indicator,
                        ScoreParts { parts: some.to_vec(), closes: i + 1 == pieces },
                    )
                };
                parts.chunks(each).enumerate().map(piece).collect()
            }
            narrow => vec![narrow],
        }
    }

    pub(in crate::report) fn indicator(&self) -> &'a Indicator {
        match self {
            Self::Value(i) | Self::Quotient(i) | Self::Classes(i, _) | Self::Parts(i, _) => i,
        }
    }

    pub(in crate::report) fn is_composite(&self) -> bool {
        matches!(self, Self::Parts(..))
    }

    /// The figures of a row whose state a reader must know; of a composite the total.
    pub(in crate::report) fn figures(&self, index: &Index<'a>, row: &FigureRow) -> Vec<&'a Figure> {
        let id = &self.indicator().id;
        match self {
            Self::Classes(_, classes) => {
                classes.iter().filter_map(|c| index.get(id, row, Some(c))).collect()
            }
            _ => index.get(id, row, None).into_iter().collect(),
        }
    }

    /// What is left of it when columns are left out that say nothing in any of these rows, with
    /// the titles of those left out. Whoever has not reported is no empty column.
    pub(super) fn with_data(
        self,
        index: &Index<'a>,
        rows: &[FigureRow],
    ) -> (Option<Self>, Vec<String>) {
        let title = &self.indicator().title;
        match self {
            Self::Classes(indicator, classes) => {
                let counted = |class: &&'a Class| {
                    rows.iter().any(|row| says(index.get(&indicator.id, row, Some(class)), true))
                };
                let (kept, empty): (Vec<_>, Vec<_>) = classes.iter().copied().partition(counted);
                let some = (!kept.is_empty()).then(|| Self::Classes(indicator, kept.into()));
                let titles = match &some {
                    None => vec![title.clone()],
                    Some(_) => empty.iter().map(|class| class.title.clone()).collect(),
                };
                (some, titles)
            }
            other if rows.iter().any(|row| other.says_something(index, row, false)) => {
                (Some(other), Vec::new())
            }
            _ => (None, vec![title.clone()]),
        }
    }

    /// Has a row a number here, or should it have one? A zero counts unless `beyond_zero`.
    pub(super) fn says_something(&self, index: &Index, row: &FigureRow, beyond_zero: bool) -> bool {
        self.figures(index, row).into_iter().any(|figure| says(Some(figure), beyond_zero))
    }

    pub(super) fn add_to(&self, list: &mut List<'a, DeclaredRow<'a>>, index: &'a Index<'a>) {
        match self {
            Self::Value(indicator) => value(list, index, indicator, false),
            Self::Quotient(indicator) => value(list, index, indicator, true),
            Self::Parts(indicator, parts) => composite(list, index, indicator, parts),
            Self::Classes(indicator, classes) => {
                let own = Classified { index, indicator, classes: Some(classes.clone()) };
                own.base(list, "基数", &indicator.title);
                for (at, class) in classes.iter().enumerate() {
                    own.pair(list, at, [&indicator.title, &class.title, "占比"]);
                }
            }
        }
    }
}

/// Has the figure a number, or is it missing because somebody did not report?
fn says(figure: Option<&Figure>, beyond_zero: bool) -> bool {
    figure.is_some_and(|figure| {
        let number = if beyond_zero { figure.numerator.or(figure.value) } else { figure.value };
        !figure.lineage.absent.is_empty()
            || number.is_some_and(|number| !(beyond_zero && number.is_zero()))
    })
}

/// `开通率`, `观摩点数（个）`; on a sheet, whose columns are narrow, the measure has its own line.
fn titled(indicator: &Indicator, medium: Medium) -> String {
    let line = if medium == Medium::Workbook { "\n" } else { "" };
    match indicator.measure() {
        "" | "%" => indicator.title.clone(),
        measure => format!("{}{line}（{measure}）", indicator.title),
    }
}

/// What the parts of a quotient are called: those of a mean are no fraction to a reader.
fn parts(indicator: &Indicator) -> [&'static str; 3] {
    match (indicator.kind(), indicator.measure()) {
        (IndicatorKind::Mean | IndicatorKind::TrimmedMean, "分") => ["总分", "个数", "平均分"],
        (IndicatorKind::Mean | IndicatorKind::TrimmedMean, _) => ["合计", "个数", "平均"],
        _ => ["分子", "分母", "值"],
    }
}

/// A value; of a quotient with its parts, on a sheet each in a column of its own.
fn value<'a>(
    list: &mut List<'a, DeclaredRow<'a>>,
    index: &'a Index<'a>,
    indicator: &'a Indicator,
    quotient: bool,
) {
    let get = move |e: &DeclaredRow| index.get(&indicator.id, &e.row, None);
    let cell = move |e: &DeclaredRow, cell: fn(&'a Figure) -> Cell<'a>| {
        get(e).map_or_else(Cell::default, cell)
    };
    let [upper, lower, whole] = parts(indicator);
    let (over, title) = match indicator.measure() {
        _ if !quotient || list.medium() != Medium::Workbook => {
            ("", titled(indicator, list.medium()))
        }
        "%" => (indicator.title.as_str(), "%".to_owned()),
        "" | "分" => (indicator.title.as_str(), whole.to_owned()),
        measure => (indicator.title.as_str(), format!("{whole}\n（{measure}）")),
    };
    if quotient {
        let number = move |e: &DeclaredRow| cell(e, |f| Cell::optional(f.numerator));
        list.number(upper, number).under(over).sheet_free();
        let number = move |e: &DeclaredRow| cell(e, |f| Cell::optional(f.denominator));
        list.number(lower, number).under(over).sheet_free();
    }
    list.number(&title, move |e| {
        let Some(figure) = get(e) else { return Cell::default() };
        let value = judged(indicator, figure);
        if quotient { value.ratio_of(2, 1, indicator.scale()) } else { value }
    })
    .under(over)
    .sheet_free()
    .page();
    if quotient {
        list.center("分子/分母", move |e| cell(e, Cell::base)).small();
    }
}

/// The value, and whether the target is met.
fn judged<'a>(indicator: &Indicator, figure: &'a Figure) -> Cell<'a> {
    let tone = match indicator.meets_target(figure) {
        Some(true) => Tone::Met,
        Some(false) => Tone::Unmet,
        None => Tone::Plain,
    };
    Cell::value(figure).bare().toned(tone)
}

/// Value and points of each part, the total, the place.
fn composite<'a>(
    list: &mut List<'a, DeclaredRow<'a>>,
    index: &'a Index<'a>,
    indicator: &'a Indicator,
    parts: &ScoreParts<'a>,
) {
    // A sheet has two columns a part, so the part stands over them; a page has one.
    let on_sheet = list.medium() == Medium::Workbook;
    let total = move |e: &DeclaredRow| index.get(&indicator.id, &e.row, None);
    for &(part, class) in &parts.parts {
        let title = format!("{}（{} 分）", part.title, part.weight);
        let (over, title) =
            if on_sheet { (title, "得分".to_owned()) } else { (indicator.title.clone(), title) };
        let points = move |e: &DeclaredRow| {
            class.and_then(|class| index.get(&indicator.id, &e.row, Some(class)))
        };
        let scored =
            move |e: &DeclaredRow| Cell::optional(points(e).and_then(|figure| figure.scored));
        list.number("指标值", scored).under(&over).sheet_free();
        let cell = |figure| Cell::value(figure).bare();
        list.number(&title, move |e| points(e).map_or_else(Cell::default, cell))
            .under(&over)
            .sheet_free()
            .page();
        list.number("指标值", scored).small();
    }
    if !parts.closes {
        return;
    }
    let over = &indicator.title;
    let cell = move |e: &DeclaredRow| total(e).map_or_else(Cell::default, |f| judged(indicator, f));
    list.number("总分", cell).under(over).sheet_free().page();
    let place = move |figure: &'a Figure| {
        figure.place.as_ref().map_or_else(Cell::none, |place| Cell::ordinal(place.place))
    };
    let cell = move |e: &DeclaredRow| total(e).map_or_else(Cell::default, place);
    list.number("组内名次", cell).under(over).sheet_free().page();
}

/// Counts and shares of classes: the same in all rows, or each row's own.
#[derive(Clone)]
pub(super) struct Classified<'a> {
    pub(super) index: &'a Index<'a>,
    pub(super) indicator: &'a Indicator,
    pub(super) classes: Option<Rc<[&'a Class]>>,
}

impl<'a> Classified<'a> {
    fn figure(&self, entry: &DeclaredRow<'a>, at: usize) -> Option<&'a Figure> {
        let class = self.classes.as_ref().unwrap_or(&entry.classes).get(at).copied()?;
        self.index.get(&self.indicator.id, &entry.row, Some(class))
    }

    fn base_of(&self, entry: &DeclaredRow<'a>) -> Option<Decimal> {
        let classes = self.classes.as_ref().unwrap_or(&entry.classes);
        (0..classes.len()).find_map(|at| self.figure(entry, at)?.denominator)
    }

    pub(super) fn base(&self, list: &mut List<'a, DeclaredRow<'a>>, title: &str, over: &str) {
        let own = self.clone();
        let cell = move |e: &DeclaredRow<'a>| Cell::optional(own.base_of(e));
        list.number(title, cell).under(over).sheet_free().page();
    }

    /// Count and share of a class; base and pairs stand side by side, so the shares stay live.
    pub(super) fn pair(
        &self,
        list: &mut List<'a, DeclaredRow<'a>>,
        at: usize,
        [over, count, share]: [&str; 3],
    ) {
        let medium = list.medium();
        let own = self.clone();
        let cell = move |e: &DeclaredRow<'a>| match own.figure(e, at) {
            // The share beside it leads to the cells, or says why there are none.
            Some(figure) if medium == Medium::Workbook => Cell::optional(figure.numerator),
            figure => counted(figure),
        };
        list.number(count, cell).under(over).sheet_free().page();
        let own = self.clone();
        let back = u16::try_from(2 * at + 2).unwrap_or(u16::MAX);
        list.number(share, move |e| {
            let Some(figure) = own.figure(e, at) else { return Cell::default() };
            let share = Cell::value(figure).bare();
            match medium {
                // The count above says it.
                Medium::Page | Medium::UnitPage if figure.numerator.is_none() => Cell::default(),
                _ if figure.denominator == own.base_of(e) => {
                    share.ratio_of(1, back, own.indicator.scale())
                }
                _ => share,
            }
        })
        .under(over)
        .sheet_free()
        .small();
    }

    /// The count of a class alone.
    pub(super) fn count(
        &self,
        list: &mut List<'a, DeclaredRow<'a>>,
        at: usize,
        [over, title]: [&str; 2],
    ) {
        let own = self.clone();
        list.number(title, move |e| counted(own.figure(e, at))).under(over).sheet_free();
    }
}

fn counted<'a>(figure: Option<&'a Figure>) -> Cell<'a> {
    let Some(figure) = figure else { return Cell::default() };
    match figure.numerator {
        Some(count) => Cell::number(count, "").to(Target::Figure(&figure.id)),
        None => Cell::value(figure).bare(),
    }
}
