//! The workbook: one file a sheet kind. Text is always written as text, shares are live
//! formulas whose cached results are ours, and nothing is merged inside data.

mod chart_data;
mod cover;
mod definitions;
mod findings;
mod key_figures;
mod lineage;
mod names;
mod native_chart;
mod notes;
mod origin;
mod page;
mod programme;
mod ranking;
mod receipts;
mod sheet;
mod style;
mod table;
mod transition;

use rayon::prelude::*;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

use super::Inputs;
use super::chart::Chart;
use super::index::Index;
use super::text;
use crate::definition::Programme;
use crate::model::Period;
use names::SheetNames;
use origin::Origins;

/// What every sheet is made from.
pub(super) struct Context<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) index: &'a Index<'a>,
    pub(super) charts: &'a [Chart<'a>],
    /// The charts' data, placed on the sheet 图表数据.
    blocks: Vec<chart_data::Block>,
    /// Rows of the figures on the sheet 溯源.
    origins: Origins<'a>,
}

/// E.g. `党建统计月报_2013-10.xlsx`.
pub(super) fn file_name(inputs: &Inputs) -> String {
    let title: String = inputs
        .definition
        .settings
        .report
        .title
        .chars()
        .filter(|c| !c.is_control() && !r#"<>:"/\|?*"#.contains(*c))
        .collect();
    let title = title.trim();
    format!("{}_{}.xlsx", if title.is_empty() { "统计报告" } else { title }, inputs.folder)
}

/// The sheets in their order.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Cover,
    KeyFigures,
    Programme(&'a Programme),
    Ranking,
    Findings,
    Receipts,
    Lineage,
    Definitions,
    ChartData,
}

impl Kind<'_> {
    fn title(&self) -> &str {
        match self {
            Self::Cover => "封面",
            Self::KeyFigures => "主要指标",
            Self::Programme(programme) => &programme.title,
            Self::Ranking => "排名",
            Self::Findings => "审核结果",
            Self::Receipts => "收报情况",
            Self::Lineage => origin::NAME,
            Self::Definitions => "指标口径",
            Self::ChartData => chart_data::NAME,
        }
    }

    fn build(&self, context: &Context, name: &str) -> anyhow::Result<Worksheet> {
        match self {
            Self::Cover => cover::sheet(context, name),
            Self::KeyFigures => key_figures::sheet(context, name),
            Self::Programme(programme) => programme::sheet(context, name, programme),
            Self::Ranking => ranking::sheet(context, name),
            Self::Findings => findings::sheet(context, name),
            Self::Receipts => receipts::sheet(context, name),
            Self::Lineage => lineage::sheet(context, name),
            Self::Definitions => definitions::sheet(context, name),
            Self::ChartData => chart_data::sheet(context, name),
        }
    }
}

pub(super) fn workbook(
    inputs: &Inputs,
    index: &Index,
    charts: &[Chart],
) -> anyhow::Result<Vec<u8>> {
    let context = Context {
        inputs,
        index,
        charts,
        blocks: chart_data::layout(charts),
        origins: Origins::new(inputs.figures),
    };
    let programmes = inputs
        .definition
        .programmes
        .iter()
        .filter(|p| !p.tables.is_empty() || !p.charts.is_empty())
        .map(Kind::Programme);
    let mut kinds = vec![Kind::Cover, Kind::KeyFigures];
    kinds.extend(programmes);
    kinds.extend([Kind::Ranking, Kind::Findings, Kind::Receipts, Kind::Lineage, Kind::Definitions]);
    if !charts.is_empty() {
        kinds.push(Kind::ChartData);
    }
    // Our own sheets keep their names (charts refer to one of them); programmes give way.
    let mut names = SheetNames::default();
    let fixed = |kind: &Kind| !matches!(kind, Kind::Programme(_));
    let mut named: Vec<(usize, String)> = Vec::new();
    for pass in [true, false] {
        for (i, kind) in kinds.iter().enumerate().filter(|(_, k)| fixed(k) == pass) {
            named.push((i, names.unique(kind.title())));
        }
    }
    named.sort();
    let sheets: Vec<anyhow::Result<Worksheet>> =
        named.par_iter().map(|(i, name)| kinds[*i].build(&context, name)).collect();

    let mut workbook = Workbook::new();
    // Widths of columns are counted in digits of the default font. That of the library is not on
    // every machine; this one or one of its metric twins is.
    let digits = Format::new().set_font_name("Arial").set_font_size(10);
    workbook.set_default_format(&digits, 22, 64)?;
    workbook.set_properties(&properties(inputs)?);
    for sheet in sheets {
        workbook.push_worksheet(sheet?);
    }
    Ok(workbook.save_to_buffer()?)
}

/// The date is the period's, never the clock's: the same report has the same bytes.
fn properties(inputs: &Inputs) -> anyhow::Result<DocProperties> {
    let (year, month) = match inputs.folder {
        Period::Campaign(id) => {
            let mut parts = id.split('-').map_while(|p| p.parse::<u16>().ok());
            (parts.next().unwrap_or(2000), parts.next().unwrap_or(1) as u8)
        }
        period => {
            period.first_month().map_or((2000, 1), |(y, m)| (u16::try_from(y).unwrap_or(2000), m))
        }
    };
    let created = ExcelDateTime::from_ymd(year.clamp(1900, 9999), month.clamp(1, 12), 1)?;
    let report = &inputs.definition.settings.report;
    let period = text::period(inputs.definition, inputs.folder);
    Ok(DocProperties::new()
        .set_title(format!("{}（{period}）", report.title))
        .set_company(&report.organisation)
        .set_author("dangtong")
        .set_creation_datetime(&created))
}
