//! Units by indicators: where each unit stands in its group.

use crate::definition::{Better, Indicator};
use crate::model::{Figure, Period, Status};
use crate::report::index::{FigureRow, Index};
use crate::report::text;

pub(in crate::report) struct Heatmap<'a> {
    pub(in crate::report) columns: Vec<HeatColumn<'a>>,
    /// Group title and rows in register order.
    pub(in crate::report) groups: Vec<(String, Vec<HeatRow<'a>>)>,
    pub(in crate::report::chart) county_name: &'a str,
}

pub(in crate::report) struct HeatColumn<'a> {
    pub(in crate::report) title: &'a str,
    pub(in crate::report::chart) indicator: &'a Indicator,
    pub(in crate::report::chart) period: Option<&'a Period>,
    pub(in crate::report::chart) county: Option<&'a Figure>,
}

pub(in crate::report) struct HeatRow<'a> {
    pub(in crate::report) name: String,
    /// One a column; `None` where the unit does not owe the form.
    pub(in crate::report) figures: Vec<Option<&'a Figure>>,
}

/// What a cell's colour and mark say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::chart) enum Standing {
    Front,
    Middle,
    Rear,
    /// Not ranked and without target.
    None,
}

impl Standing {
    /// By the place inside the group if there are three or more, else by the target. Who meets
    /// the target is never in the rear.
    pub(in crate::report::chart) fn of(indicator: &Indicator, figure: &Figure) -> Self {
        if figure.value.is_none() {
            return Self::None;
        }
        if let Some(place) = figure.place.as_ref().filter(|p| p.of >= 3) {
            let met = indicator.meets_target(figure) == Some(true);
            return match place.place {
                first if 3 * first <= place.of + 2 => Self::Front,
                last if 3 * last > 2 * place.of && !met => Self::Rear,
                _ => Self::Middle,
            };
        }
        match indicator.meets_target(figure) {
            Some(true) => Self::Front,
            Some(false) => Self::Rear,
            None => Self::None,
        }
    }
}

pub(super) fn heatmap<'a>(
    index: &Index<'a>,
    indicators: &[&'a Indicator],
    labels: &'a [String],
) -> Option<Heatmap<'a>> {
    let row_of = |row: FigureRow| {
        let figures = indicators.iter().map(|i| index.get(&i.id, &row, None)).collect();
        (HeatRow { name: row.title(index.county()), figures }, row.group)
    };
    let groups = super::in_groups(index.rows(indicators, "unit").into_iter().map(row_of));
    let columns = indicators
        .iter()
        .enumerate()
        .map(|(i, indicator)| {
            let county = index.headline(&indicator.id);
            let title = labels.get(i).unwrap_or(&indicator.title);
            HeatColumn { title, indicator, period: county.map(|f| &f.period), county }
        })
        .collect();
    let heatmap =
        Heatmap { columns, groups, county_name: &index.inputs.definition.settings.county_name };
    let known = heatmap.rows().flat_map(|r| r.figures.iter().flatten()).any(|f| f.value.is_some());
    known.then_some(heatmap)
}

impl<'a> Heatmap<'a> {
    pub(in crate::report) fn rows(&self) -> impl Iterator<Item = &HeatRow<'a>> {
        self.groups.iter().flat_map(|(_, rows)| rows)
    }

    /// Cells of a row with where they stand.
    pub(in crate::report::chart) fn cells<'s>(
        &'s self,
        row: &'s HeatRow<'a>,
    ) -> impl Iterator<Item = (&'s HeatColumn<'a>, &'a Figure, Standing)> {
        let pairs = self.columns.iter().zip(&row.figures);
        pairs.filter_map(|(column, figure)| {
            let figure = (*figure)?;
            Some((column, figure, Standing::of(column.indicator, figure)))
        })
    }

    /// Who has the most cells in the rear, and how many.
    fn rearmost(&self) -> (Vec<&str>, usize) {
        let rear = |row: &HeatRow| self.cells(row).filter(|c| c.2 == Standing::Rear).count();
        let counts: Vec<(&str, usize)> =
            self.rows().map(|row| (row.name.as_str(), rear(row))).collect();
        let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
        (counts.iter().filter(|(_, n)| *n == most).map(|(name, _)| *name).collect(), most)
    }

    /// Whom the title names.
    pub(in crate::report::chart) fn named(&self) -> Vec<&str> {
        match self.rearmost() {
            (names, most) if most > 0 && names.len() <= 3 => names,
            _ => Vec::new(),
        }
    }

    /// `羊角乡居后最多，9 项中有 5 项`.
    pub(super) fn finding(&self) -> String {
        let (names, most) = self.rearmost();
        let of = self.columns.len();
        match names.as_slice() {
            _ if most == 0 => format!("{of} 项指标中无单位居后"),
            [] => String::new(),
            [only] => format!("{only}居后最多，{of} 项中有 {most} 项"),
            [_, _] | [_, _, _] => {
                format!("{}居后最多，{of} 项中各有 {most} 项", names.join("、"))
            }
            many => format!("{} 个单位居后最多，{of} 项中各有 {most} 项", many.len()),
        }
    }

    pub(super) fn words(&self) -> Vec<String> {
        let row = |row: &HeatRow| {
            let cells = self.cells(row).map(|(column, figure, standing)| {
                let mark = match standing {
                    Standing::Front => "居前",
                    Standing::Rear => "居后",
                    _ => "",
                };
                format!("{} {}{mark}", column.title, cell(figure))
            });
            format!("{}：{}", row.name, cells.collect::<Vec<_>>().join("、"))
        };
        self.rows().map(row).collect()
    }

    /// What the columns' periods and colours mean.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = vec!["颜色和符号表示在本组内的名次，不跨组比较；不排名或不足三个单位的看是否达到目标。各指标的分子、分母和完整性见各工作项目。".to_owned()];
        let directions: Vec<&str> = self
            .columns
            .iter()
            .filter(|c| c.indicator.better == Better::Lower)
            .map(|c| c.title)
            .collect();
        if !directions.is_empty() {
            notes.push(format!("越低越好：{}。", directions.join("、")));
        }
        notes
    }
}

/// `88.9%`, with `*` while 核实 are open, or why there is nothing.
pub(in crate::report::chart) fn cell(figure: &Figure) -> String {
    match figure.value {
        Some(_) if figure.status == Status::Provisional => format!("{}*", text::value(figure)),
        Some(_) => text::value(figure),
        None => text::why_empty(figure).to_owned(),
    }
}
