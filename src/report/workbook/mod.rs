//! The workbook: one file a sheet kind. Text is always written as text, shares are live
//! formulas whose cached results are ours, and nothing is merged inside data.

mod chart_data;
mod contents;
mod contributions;
mod cover;
mod definitions;
mod handout;
mod ledger;
mod names;
mod native_chart;
mod origin;
mod page;
mod picture;
mod programme;
mod render;
mod revisions;
mod sheet;
mod slip;
mod spark;
mod style;

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

pub use handout::{BlankForm, Handout, handout};
pub use ledger::ledger;
pub use revisions::{Revision, revisions};
pub use slip::{Slip, slip, slip_markup};

use super::Inputs;
use super::chart::Chart;
use super::color::Color;
use super::contribution::Decomposition;
use super::index::Index;
use super::table::{
    Table, board, changes, findings, key_figures, lineage, one_page, places, problems, ranking,
    receipts, standing, unit,
};
use super::text;
use crate::definition::{Definition, Programme};
use crate::model::{Period, Unit};
use names::SheetNames;
use origin::OriginRows;
use page::Paper::{Landscape, Portrait};
use render::{Print, WORKBOOK};
use spark::Sparks;

/// What every sheet is made from.
pub(super) struct WorkbookContext<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) index: &'a Index<'a>,
    pub(super) charts: &'a [Chart<'a>],
    /// The drawn charts by path.
    drawn: &'a BTreeMap<String, Vec<u8>>,
    /// The charts' data, placed on the sheet 图表数据.
    blocks: Vec<chart_data::DataBlock>,
    /// Rows of the figures on the sheet 溯源.
    origins: OriginRows<'a>,
    /// 一页通
    one_page: Table<'a>,
    /// A page a unit: 一委一单
    unit_pages: Vec<(&'a Unit, Table<'a>)>,
    /// Are there places, boards and rankings?
    is_ranked: bool,
    /// Code of a unit → the first row of its page.
    unit_rows: BTreeMap<&'a str, u32>,
    /// Key indicators that changed since the period before, by unit.
    changes: Vec<Decomposition<'a>>,
    /// Trend lines in cells.
    sparks: Sparks<'a>,
    /// All sheets with their names, in order.
    sheets: Vec<(Tab<'a>, String)>,
}

impl<'a> WorkbookContext<'a> {
    fn new(
        inputs: &'a Inputs<'a>,
        index: &'a Index<'a>,
        charts: &'a [Chart<'a>],
        drawn: &'a BTreeMap<String, Vec<u8>>,
    ) -> Self {
        let blocks = chart_data::layout(charts);
        let end = chart_data::end(&blocks);
        let mut context = Self {
            inputs,
            index,
            charts,
            drawn,
            blocks,
            origins: OriginRows::new(
                inputs.figures,
                inputs.definition.settings.report.rows_a_sheet,
            ),
            one_page: one_page::all(index, WORKBOOK),
            unit_pages: unit::pages(index),
            is_ranked: false,
            unit_rows: BTreeMap::new(),
            changes: Vec::new(),
            sparks: Sparks::new(std::iter::empty(), end, 0),
            sheets: Vec::new(),
        };
        context.is_ranked = !context.unit_pages.is_empty();
        if text::without_pages(inputs).is_some() {
            context.unit_pages.clear();
        }
        let begins = render::first_rows(context.unit_pages.iter().map(|(_, table)| table));
        let units = context.unit_pages.iter().map(|(unit, _)| unit.code.as_str());
        context.unit_rows = units.zip(begins).collect();
        context.changes = changes::moved(index);
        let with_trends = context.unit_pages.iter().map(|(_, table)| table);
        let with_trends = std::iter::once(&context.one_page).chain(with_trends);
        let points = inputs.definition.settings.report.series_points.max(2);
        context.sparks = Sparks::new(with_trends.flat_map(Table::trends), end, points);
        context.sheets = named(&kinds(&context), inputs.definition);
        context
    }

    /// Where a unit's page stands.
    fn unit_place(&self, code: &str) -> Option<String> {
        let row = self.unit_rows.get(code)?;
        let (_, name) = self.sheets.iter().find(|(kind, _)| matches!(kind, Tab::UnitPages))?;
        Some(render::address(name, *row))
    }

    /// The colour of the first or the last on the board.
    fn board_color(&self, last: bool) -> u32 {
        const DEFAULT: [Color; 2] = [Color(0xC0, 0, 0), Color(0x40, 0x40, 0x40)];
        let configured = &self.inputs.definition.settings.report.board_palette;
        let own = configured.get(usize::from(last)).and_then(|color| Color::parse(color));
        own.unwrap_or(DEFAULT[usize::from(last)]).code()
    }
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

/// The sheets.
#[derive(Clone, Copy)]
pub(super) enum Tab<'a> {
    Cover,
    Contents,
    OnePage,
    KeyFigures,
    Programme(&'a Programme),
    Places,
    Board,
    UnitPages,
    Problems,
    Changes,
    Findings,
    Standing,
    Definitions,
    Contributions,
    Ranking,
    Receipts,
    Lineage,
    ChartData,
}

impl Tab<'_> {
    fn title(&self, definition: &Definition) -> Cow<'_, str> {
        let title = match self {
            Self::Cover => "封面",
            Self::Contents => "目录",
            Self::OnePage => "一页通",
            Self::KeyFigures => "主要指标",
            Self::Programme(programme) => &programme.title,
            Self::Places => "排名",
            Self::Board => "红黑榜",
            Self::UnitPages => return text::unit_pages_title(&definition.units).into(),
            Self::Problems => "问题清单",
            Self::Changes => "变化说明",
            Self::Findings => "审核结果",
            Self::Standing => "收报情况",
            Self::Definitions => "方法与口径",
            Self::Contributions => "变化分解",
            Self::Ranking => "排名明细",
            Self::Receipts => "收报明细",
            Self::Lineage => origin::NAME,
            Self::ChartData => chart_data::NAME,
        };
        title.into()
    }

    /// What a reader finds there.
    fn about(&self) -> &str {
        match self {
            Self::Cover => "报告期、收报概况、读法",
            Self::Contents => "各表的链接",
            Self::OnePage => "领导看的一页：关键数字、增减、走势、完整性",
            Self::KeyFigures => "全部主要指标：本期、上期、上年同期、年初",
            Self::Programme(_) => "统计表、注和图",
            Self::Places => "各单位在组内的名次和升降",
            Self::Board => "各主要指标组内的前几名和后几名",
            Self::UnitPages => "每个单位一页，对照组内中位数和目标",
            Self::Problems => "诊断出的问题、数字、标准和依据",
            Self::Changes => "比上期变了什么，哪些单位推动",
            Self::Findings => "审核发现的问题和处理",
            Self::Standing => "哪个单位哪张表收到没有",
            Self::Definitions => "计算方法；各指标的定义",
            Self::Contributions => "各单位对变化的贡献",
            Self::Ranking => "排名所用的数，可筛选",
            Self::Receipts => "每份报表的日期、行数、文件，可筛选",
            Self::Lineage => "每个数字取自哪个文件、工作表、单元格",
            Self::ChartData => "各图和走势所用的数",
        }
    }

    /// Sheets to look things up in do not print.
    fn is_reference(&self) -> bool {
        matches!(
            self,
            Self::Contributions | Self::Ranking | Self::Receipts | Self::Lineage | Self::ChartData
        )
    }

    fn build(&self, context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
        let index = context.index;
        let list = |table: &Table, paper, print, freezes| {
            render::list(context, name, table, (paper, print, freezes))
        };
        match self {
            Self::Cover => cover::sheet(context, name),
            Self::Contents => contents::sheet(context, name),
            Self::OnePage => list(&context.one_page, Portrait, Print::OnePage, 0),
            Self::KeyFigures => {
                list(&key_figures::all(index, WORKBOOK), Landscape, Print::Signed, 2)
            }
            Self::Programme(programme) => programme::sheet(context, name, programme),
            Self::Places => {
                render::stacked(context, name, &places::tables(index, WORKBOOK, 10), Landscape)
            }
            Self::Board => list(&board::all(index, WORKBOOK), Portrait, Print::Signed, 2),
            Self::UnitPages => {
                let tables = context.unit_pages.iter().map(|(_, table)| table);
                render::pages(context, name, tables, Portrait)
            }
            Self::Problems => list(&problems::all(index, WORKBOOK), Landscape, Print::Signed, 0),
            Self::Changes => {
                let table = changes::all(index, WORKBOOK, &context.changes);
                list(&table, Landscape, Print::Signed, 2)
            }
            Self::Findings => list(&findings::all(index, WORKBOOK), Landscape, Print::All, 0),
            Self::Standing => {
                render::stacked(context, name, &standing::tables(index, WORKBOOK, 14), Landscape)
            }
            Self::Definitions => definitions::sheet(context, name),
            Self::Contributions => contributions::sheet(context, name),
            Self::Ranking => list(&ranking::all(index, WORKBOOK), Landscape, Print::None, 0),
            Self::Receipts => list(&receipts::all(index, WORKBOOK), Landscape, Print::None, 0),
            Self::Lineage => list(&lineage::all(index, WORKBOOK), Landscape, Print::None, 1),
            Self::ChartData => chart_data::sheet(context, name),
        }
    }
}

/// The sheets that this report has, in their order.
fn kinds<'a>(context: &WorkbookContext<'a>) -> Vec<Tab<'a>> {
    let programmes = context
        .inputs
        .definition
        .programmes
        .iter()
        .filter(|p| !p.tables.is_empty() || !p.charts.is_empty())
        .map(Tab::Programme);
    let ranked = context.is_ranked;
    let changed = !context.changes.is_empty();
    let optional = |wanted: bool, kinds: &[Tab<'a>]| if wanted { kinds.to_vec() } else { vec![] };
    let mut kinds = vec![Tab::Cover, Tab::Contents, Tab::OnePage, Tab::KeyFigures];
    kinds.extend(programmes);
    kinds.extend(optional(ranked, &[Tab::Places, Tab::Board]));
    kinds.extend(optional(!context.unit_pages.is_empty(), &[Tab::UnitPages]));
    kinds.extend(optional(!context.inputs.definition.diagnoses.is_empty(), &[Tab::Problems]));
    kinds.extend(optional(changed, &[Tab::Changes, Tab::Contributions]));
    kinds.extend([Tab::Findings, Tab::Standing, Tab::Definitions]);
    kinds.extend(optional(ranked, &[Tab::Ranking]));
    kinds.extend([Tab::Receipts, Tab::Lineage]);
    kinds.extend(optional(
        !context.charts.is_empty() || !context.sparks.is_empty(),
        &[Tab::ChartData],
    ));
    kinds
}

/// Our own sheets keep their names (charts refer to one of them); programmes give way.
fn named<'a>(kinds: &[Tab<'a>], definition: &Definition) -> Vec<(Tab<'a>, String)> {
    let mut names = SheetNames::default();
    let fixed = |kind: &Tab| !matches!(kind, Tab::Programme(_));
    let mut named: Vec<(usize, String)> = Vec::new();
    for pass in [true, false] {
        for (i, kind) in kinds.iter().enumerate().filter(|(_, k)| fixed(k) == pass) {
            named.push((i, names.unique(&kind.title(definition))));
        }
    }
    named.sort();
    named.into_iter().map(|(i, name)| (kinds[i], name)).collect()
}

pub(super) fn workbook(
    inputs: &Inputs,
    index: &Index,
    charts: &[Chart],
    drawn: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<Vec<u8>> {
    let context = WorkbookContext::new(inputs, index, charts, drawn);
    let sheets: Vec<anyhow::Result<Worksheet>> =
        context.sheets.par_iter().map(|(kind, name)| kind.build(&context, name)).collect();

    let mut workbook = new_workbook()?;
    workbook.set_properties(&properties(inputs.definition, inputs.folder)?);
    for sheet in sheets {
        workbook.push_worksheet(sheet?);
    }
    Ok(workbook.save_to_buffer()?)
}

/// The next level takes half as much time again, for three bytes in a thousand.
const COMPRESSION: u8 = 5;

/// A workbook without sheets. Widths of columns are counted in digits of the default font. That of
/// the library is not on every machine; this one or one of its metric twins is.
fn new_workbook() -> anyhow::Result<Workbook> {
    let mut workbook = Workbook::new();
    let digits = Format::new().set_font_name("Arial").set_font_size(10);
    workbook.set_default_format(&digits, 22, 64)?;
    workbook.set_zip_compression_level(COMPRESSION);
    Ok(workbook)
}

/// The date is the period's, never the clock's: the same report has the same bytes.
fn properties(definition: &Definition, folder: &Period) -> anyhow::Result<DocProperties> {
    let (year, month) = match folder {
        Period::Campaign(id) => {
            let mut parts = id.split('-').map_while(|p| p.parse::<u16>().ok());
            (parts.next().unwrap_or(2000), parts.next().unwrap_or(1) as u8)
        }
        period => {
            period.first_month().map_or((2000, 1), |(y, m)| (u16::try_from(y).unwrap_or(2000), m))
        }
    };
    let created = ExcelDateTime::from_ymd(year.clamp(1900, 9999), month.clamp(1, 12), 1)?;
    let report = &definition.settings.report;
    let period = text::period(definition, folder);
    Ok(DocProperties::new()
        .set_title(format!("{}（{period}）", report.title))
        .set_company(&report.organisation)
        .set_author("dangtong")
        .set_creation_datetime(&created))
}
