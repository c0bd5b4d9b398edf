//! What the tables of a report say: titles, columns, rows and cells, decided here once. Workbook,
//! page and circular each render a [`Table`] and add nothing to it.
//!
//! A column names the media that show it: a page is narrower than a sheet, a circular shorter
//! than both. Whatever differs between them is said there and nowhere else.

pub(super) mod board;
pub(super) mod changes;
pub(super) mod columns;
pub(super) mod counts;
pub(super) mod declared;
pub(super) mod definitions;
pub(super) mod findings;
pub(super) mod key_figures;
pub(super) mod lineage;
pub(super) mod one_page;
pub(super) mod places;
pub(super) mod problem_kinds;
pub(super) mod problems;
pub(super) mod ranking;
pub(super) mod receipts;
pub(super) mod standing;
pub(super) mod unit;

use std::borrow::Cow;

use super::text;
use crate::definition::{Better, Indicator};
use crate::model::{Change, Decimal, Figure, Level, Obstacle};

/// Width of a column of periods on a sheet: the longest, 2013年三季度, on one line.
const PERIOD: f64 = 13.0;

/// What shows a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Medium {
    Workbook,
    Page,
    /// The page of one unit alone, which must not tell of others.
    UnitPage,
    Circular,
}

impl Medium {
    pub(super) fn is_page(self) -> bool {
        matches!(self, Self::Page | Self::UnitPage)
    }
}

/// A table as one medium shows it.
#[derive(Default)]
pub(super) struct Table<'a> {
    pub(super) title: String,
    /// Lines between title and columns.
    pub(super) lead: Vec<String>,
    /// `单位：个、%`, at the right above the columns.
    pub(super) measure: String,
    pub(super) columns: Vec<Head>,
    pub(super) bodies: Vec<Body<'a>>,
    /// Lines below the rows.
    pub(super) notes: Vec<String>,
    /// Said in place of rows, where there are none.
    pub(super) empty: &'static str,
}

/// Rows that belong together.
#[derive(Default)]
pub(super) struct Body<'a> {
    /// Shown where no column says the same.
    pub(super) heading: Option<Link<'a>>,
    pub(super) rows: Vec<Row<'a>>,
}

#[derive(Default)]
pub(super) struct Row<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    /// 合计 and the like.
    pub(super) total: bool,
    /// What a reader can filter by.
    pub(super) filter: Filters<'a>,
}

/// Level, unit and outcome of a finding.
pub(super) type Filters<'a> = [&'a str; 3];

/// The head of a column.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) title: String,
    /// Stands over it and its neighbours of the same.
    pub(super) over: String,
    pub(super) align: Align,
    /// Characters in the workbook, twentieths of a point in the circular; `None` follows the text.
    pub(super) width: Option<f64>,
    /// In small print below the column before.
    pub(super) below: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Align {
    #[default]
    Left,
    Center,
    /// Numbers to the right, words in the middle.
    Number,
    /// Names the row.
    Name,
    /// Says where something stands or what is to be known of a row.
    Remark,
}

/// What a row gives.
type Of<'a, R, T> = Box<dyn Fn(&R) -> T + 'a>;

/// The columns of a list of `R`, each with head, media and cell in one place; then its rows.
pub(super) struct List<'a, R> {
    medium: Medium,
    columns: Vec<Column<'a, R>>,
    /// Rows so far that have a number.
    rows: usize,
    filter: Option<Of<'a, R, Filters<'a>>>,
}

pub(super) struct Column<'a, R> {
    head: Head,
    in_workbook: Option<Option<f64>>,
    on_page: bool,
    on_unit_page: bool,
    in_circular: Option<f64>,
    /// `None` numbers the rows.
    cell: Option<Of<'a, R, Cell<'a>>>,
}

impl<R> Column<'_, R> {
    pub(super) fn under(&mut self, over: &str) -> &mut Self {
        over.clone_into(&mut self.head.over);
        self
    }

    /// In the workbook, so many characters wide.
    pub(super) fn sheet(&mut self, width: f64) -> &mut Self {
        self.in_workbook = Some(Some(width));
        self
    }

    /// In the workbook, as wide as its text.
    pub(super) fn sheet_free(&mut self) -> &mut Self {
        self.in_workbook = Some(None);
        self
    }

    /// On the page, also on that of a unit alone.
    pub(super) fn page(&mut self) -> &mut Self {
        self.on_unit_page = true;
        self.whole_page()
    }

    /// On the page, but not on that of a unit alone.
    pub(super) fn whole_page(&mut self) -> &mut Self {
        self.on_page = true;
        self
    }

    /// On the page of a unit alone.
    pub(super) fn unit_page(&mut self) -> &mut Self {
        self.on_unit_page = true;
        self
    }

    /// On the page in small print below the column before.
    pub(super) fn small(&mut self) -> &mut Self {
        self.head.below = true;
        self.page()
    }

    /// In the circular, so many twentieths of a point wide.
    pub(super) fn circular(&mut self, width: u16) -> &mut Self {
        self.in_circular = Some(f64::from(width));
        self
    }

    fn is_in(&self, medium: Medium) -> bool {
        match medium {
            Medium::Workbook => self.in_workbook.is_some(),
            Medium::Page => self.on_page,
            Medium::UnitPage => self.on_unit_page,
            Medium::Circular => self.in_circular.is_some(),
        }
    }

    fn head_in(&self, medium: Medium) -> Head {
        let width = match medium {
            Medium::Workbook => self.in_workbook.flatten(),
            Medium::Page | Medium::UnitPage => None,
            Medium::Circular => self.in_circular,
        };
        Head { width, below: self.head.below && medium.is_page(), ..self.head.clone() }
    }
}

impl<'a, R> List<'a, R> {
    pub(super) fn new(medium: Medium) -> Self {
        Self { medium, columns: Vec::new(), rows: 0, filter: None }
    }

    pub(super) fn medium(&self) -> Medium {
        self.medium
    }

    /// A column that its media are yet to be named for.
    pub(super) fn column(
        &mut self,
        align: Align,
        title: impl Into<String>,
        cell: impl Fn(&R) -> Cell<'a> + 'a,
    ) -> &mut Column<'a, R> {
        self.add(align, title.into(), Some(Box::new(cell)))
    }

    fn add(
        &mut self,
        align: Align,
        title: String,
        cell: Option<Of<'a, R, Cell<'a>>>,
    ) -> &mut Column<'a, R> {
        let head = Head { title, align, ..Head::default() };
        let (in_workbook, in_circular) = (None, None);
        let (on_page, on_unit_page) = (false, false);
        self.columns.push(Column { head, in_workbook, on_page, on_unit_page, in_circular, cell });
        let last = self.columns.len() - 1;
        &mut self.columns[last]
    }

    /// 序号
    pub(super) fn serial(&mut self) -> &mut Column<'a, R> {
        self.add(Align::Center, "序号".to_owned(), None)
    }

    pub(super) fn left(
        &mut self,
        title: &str,
        cell: impl Fn(&R) -> Cell<'a> + 'a,
    ) -> &mut Column<'a, R> {
        self.column(Align::Left, title, cell)
    }

    pub(super) fn center(
        &mut self,
        title: &str,
        cell: impl Fn(&R) -> Cell<'a> + 'a,
    ) -> &mut Column<'a, R> {
        self.column(Align::Center, title, cell)
    }

    pub(super) fn number(
        &mut self,
        title: &str,
        cell: impl Fn(&R) -> Cell<'a> + 'a,
    ) -> &mut Column<'a, R> {
        self.column(Align::Number, title, cell)
    }

    pub(super) fn filtered_by(&mut self, filter: impl Fn(&R) -> Filters<'a> + 'a) {
        self.filter = Some(Box::new(filter));
    }

    pub(super) fn row(&mut self, of: &R) -> Row<'a> {
        self.rows += 1;
        self.cells(of, false)
    }

    /// A row of a sum: without a number.
    pub(super) fn total(&self, of: &R) -> Row<'a> {
        self.cells(of, true)
    }

    fn cells(&self, of: &R, total: bool) -> Row<'a> {
        let shown = self.columns.iter().filter(|column| column.is_in(self.medium));
        let cell = |column: &Column<'a, R>| match &column.cell {
            Some(cell) => cell(of),
            None if total => Cell::default(),
            None => Cell::ordinal(self.rows),
        };
        let filter = self.filter.as_ref().map(|filter| filter(of)).unwrap_or_default();
        let mut cells = Vec::with_capacity(self.columns.len());
        cells.extend(shown.map(cell));
        Row { cells, total, filter }
    }

    /// A table of one body.
    pub(super) fn table(
        mut self,
        title: impl Into<String>,
        rows: impl IntoIterator<Item = R>,
    ) -> Table<'a> {
        let rows = rows.into_iter().map(|row| self.row(&row)).collect();
        self.of_bodies(title, vec![Body { heading: None, rows }])
    }

    pub(super) fn of_bodies(self, title: impl Into<String>, bodies: Vec<Body<'a>>) -> Table<'a> {
        let shown = self.columns.iter().filter(|column| column.is_in(self.medium));
        let columns = shown.map(|column| column.head_in(self.medium)).collect();
        Table { title: title.into(), columns, bodies, ..Table::default() }
    }
}

/// Heads that share what stands over them, from the left.
pub(super) fn spans<'h>(heads: &[&'h Head]) -> Vec<Vec<&'h Head>> {
    let together = |a: &&Head, b: &&Head| !a.over.is_empty() && a.over == b.over;
    heads.chunk_by(together).map(<[&Head]>::to_vec).collect()
}

impl<'a> Table<'a> {
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row<'a>> {
        self.bodies.iter().flat_map(|body| &body.rows)
    }

    /// Figures whose series the table shows.
    pub(super) fn trends(&self) -> impl Iterator<Item = &'a Figure> {
        self.rows().flat_map(|row| &row.cells).filter_map(|cell| match cell.content {
            Content::Trend(figure) => Some(figure),
            _ => None,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows().next().is_none()
    }
}

/// What a cell says, and where it leads.
#[derive(Default)]
pub(super) struct Cell<'a> {
    pub(super) content: Content<'a>,
    pub(super) to: Option<Target<'a>>,
    pub(super) tone: Tone,
    /// How a spreadsheet computes the number again; there only if that gives what is printed.
    pub(super) formula: Option<CellFormula>,
    /// The whole sentence, for who asks.
    pub(super) said: String,
}

pub(super) enum Content<'a> {
    /// Also nothing at all.
    Words(Cow<'a, str>),
    /// 序号 and 名次: in the middle.
    Ordinal(usize),
    /// With its measure; empty for none.
    Number(Decimal, &'a str),
    /// A figure's value, with its measure unless the column's head says it.
    Value { figure: &'a Figure, measured: bool },
    /// What a value changed by: `+2.3 个百分点`, or `↑ 2.3`.
    Change { by: Decimal, measure: &'a str, arrow: bool },
    /// The figure's series as a small line.
    Trend(&'a Figure),
    /// The same as a picture, for a sheet that must show it in every program.
    Drawn(&'a Figure),
    /// Pieces with a target of their own; each is a line where there is room.
    Pieces(Vec<Vec<Link<'a>>>),
}

impl Default for Content<'_> {
    fn default() -> Self {
        Self::Words(Cow::Borrowed(""))
    }
}

/// A computation from other cells: so many columns to the left, or rows above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellFormula {
    Ratio {
        numerator: u16,
        denominator: u16,
        scale: i64,
    },
    /// Now less then, as printed.
    Less {
        now: u16,
        then: u16,
    },
}

/// Words that may lead somewhere.
pub(super) struct Link<'a> {
    pub(super) words: String,
    pub(super) to: Option<Target<'a>>,
}

impl<'a> Link<'a> {
    pub(super) fn new(words: impl Into<String>, to: Target<'a>) -> Self {
        Self { words: words.into(), to: Some(to) }
    }

    pub(super) fn plain(words: impl Into<String>) -> Self {
        Self { words: words.into(), to: None }
    }
}

/// Where a reader is led: as far as the medium has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// Id of a figure: its cells.
    Figure(&'a str),
    /// Code of a unit: its page.
    Unit(&'a str),
    /// Id of a programme: its tables.
    Programme(&'a str),
    /// Name of a sheet.
    Sheet(&'a str),
    /// Here is the definition of this indicator.
    DefinitionOf(&'a str),
}

/// What a look repeats of the words; never the only one to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tone {
    #[default]
    Plain,
    Level(Level),
    /// A change for the better, for the worse, or none.
    Good,
    Bad,
    Same,
    First,
    Last,
    /// The target is met, or not.
    Met,
    Unmet,
}

impl<'a> Cell<'a> {
    fn of(content: Content<'a>) -> Self {
        Self { content, ..Self::default() }
    }

    pub(super) fn words(words: impl Into<Cow<'a, str>>) -> Self {
        Self::of(Content::Words(words.into()))
    }

    /// There is no number to say.
    pub(super) fn none() -> Self {
        Self::words(text::NONE)
    }

    pub(super) fn ordinal(number: usize) -> Self {
        Self::of(Content::Ordinal(number))
    }

    pub(super) fn count(number: usize) -> Self {
        Self::number(Decimal::new(number as i128, 0), "")
    }

    pub(super) fn number(number: Decimal, measure: &'a str) -> Self {
        Self::of(Content::Number(number, measure))
    }

    /// A numerator or denominator; nothing where there is none.
    pub(super) fn optional(number: Option<Decimal>) -> Self {
        number.map_or_else(Self::default, |number| Self::number(number, ""))
    }

    /// A figure's value, which leads to its cells.
    pub(super) fn value(figure: &'a Figure) -> Self {
        Self::of(Content::Value { figure, measured: true }).to(Target::Figure(&figure.id))
    }

    /// A value whose measure stands elsewhere.
    pub(super) fn bare(mut self) -> Self {
        if let Content::Value { measured, .. } = &mut self.content {
            *measured = false;
        }
        self
    }

    /// `16/18`; nothing without a value or a quotient.
    pub(super) fn base(figure: &Figure) -> Self {
        Self::words(figure.value.map_or_else(String::new, |_| text::fraction(figure)))
    }

    pub(super) fn trend(figure: &'a Figure) -> Self {
        Self::of(Content::Trend(figure))
    }

    pub(super) fn drawn(figure: &'a Figure) -> Self {
        Self::of(Content::Drawn(figure))
    }

    /// What a value changed by since another period, or why the two do not compare.
    pub(super) fn change(
        indicator: &Indicator,
        figure: &'a Figure,
        (against, change): (&str, Option<&Change>),
    ) -> Self {
        let Some(by) = change.and_then(|change| change.difference) else {
            let obstacle = change.and_then(|change| change.obstacle);
            return Self::words(obstacle.map_or(text::NONE, Obstacle::title));
        };
        let up = by.units > 0;
        let tone = match indicator.better {
            _ if by.is_zero() => Tone::Same,
            Better::Neither => Tone::Plain,
            Better::Higher if up => Tone::Good,
            Better::Lower if !up => Tone::Good,
            Better::Higher | Better::Lower => Tone::Bad,
        };
        let content = Content::Change { by, measure: &figure.measure, arrow: false };
        let said = text::change(against, figure, change);
        Self { content, tone, said, ..Self::default() }
    }

    /// The change with an arrow and without a measure.
    pub(super) fn with_arrow(mut self) -> Self {
        if let Content::Change { arrow, .. } = &mut self.content {
            *arrow = true;
        }
        self
    }

    pub(super) fn pieces(pieces: Vec<Vec<Link<'a>>>) -> Self {
        Self::of(Content::Pieces(pieces))
    }

    /// Words that are a link before all.
    pub(super) fn link(words: impl Into<String>, to: Target<'a>) -> Self {
        Self::pieces(vec![vec![Link::new(words, to)]])
    }

    pub(super) fn to(mut self, target: Target<'a>) -> Self {
        self.to = Some(target);
        self
    }

    pub(super) fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The value is the quotient of two cells so many columns to the left.
    pub(super) fn ratio_of(mut self, numerator: u16, denominator: u16, scale: i64) -> Self {
        if let Content::Value { figure, .. } = self.content
            && is_quotient(figure, scale)
        {
            self.formula = Some(CellFormula::Ratio { numerator, denominator, scale });
        }
        self
    }

    /// The change is the difference of two cells so many columns to the left.
    pub(super) fn difference_of(mut self, now: u16, then: u16) -> Self {
        self.formula = Some(CellFormula::Less { now, then });
        self
    }

    /// As text, for media without numbers.
    pub(super) fn text(&self) -> String {
        match &self.content {
            Content::Words(words) => words.to_string(),
            Content::Ordinal(number) => number.to_string(),
            Content::Number(number, measure) => format!("{number}{measure}"),
            Content::Value { figure, measured } => match figure.value {
                Some(value) if *measured || figure.measure == "%" => {
                    format!("{value}{}", figure.measure)
                }
                Some(value) => value.to_string(),
                None => text::why_empty(figure).to_owned(),
            },
            Content::Change { by, .. } => {
                format!("{}{by}", if by.units > 0 { "+" } else { "" })
            }
            Content::Trend(_) | Content::Drawn(_) => String::new(),
            Content::Pieces(pieces) => {
                let words = |piece: &Vec<Link>| -> String {
                    piece.iter().map(|link| link.words.as_str()).collect()
                };
                pieces.iter().map(words).collect::<Vec<_>>().join("；")
            }
        }
    }
}

/// Does `scale · numerator / denominator`, rounded as printed, equal the printed value; or has the
/// figure none because the denominator is zero?
fn is_quotient(figure: &Figure, scale: i64) -> bool {
    let (Some(numerator), Some(denominator)) = (figure.numerator, figure.denominator) else {
        return false;
    };
    let Some(value) = figure.value else { return denominator.is_zero() };
    let scaled = Decimal::integer(scale).to_rational().times(numerator.to_rational());
    let quotient = scaled.divided_by(denominator.to_rational());
    quotient.is_some_and(|quotient| quotient.round(value.places) == value)
}
