//! One figure, one value: `figures.csv`, workbook, circular and page of October show the same.
//! Each is read back as its reader sees it; what must be among the compared figures is worked out
//! from the definitions, so that a comparison cannot pass by finding nothing.

mod document;
mod page;
mod personal;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use dangtong::definition::Definition;
use dangtong::model::Figure;
use dangtong::pipeline::{Computed, render};
use dangtong::report::circular::circular;

use crate::circular::computed;

const WORKBOOK: &str = "党建统计月报_2013-10.xlsx";
const DOCUMENT: &str = "通报_2013-10.docx";

type Files = BTreeMap<String, Vec<u8>>;

/// October of the sample county, computed and rendered once for all tests here.
fn october() -> &'static (Computed, Files) {
    static OCTOBER: OnceLock<(Computed, Files)> = OnceLock::new();
    OCTOBER.get_or_init(|| {
        let computed = computed("2013-10");
        let files = render(&computed).unwrap().files;
        (computed, files)
    })
}

/// The rows of `figures.csv`, with what only the computed figures know: places and series.
#[derive(Clone)]
struct Published {
    figures: BTreeMap<String, BTreeMap<String, String>>,
    places: BTreeMap<String, usize>,
    /// The values of each figure's months, as printed.
    series: BTreeMap<String, Vec<String>>,
}

impl Published {
    fn new(computed: &Computed, files: &Files) -> Self {
        let bytes = files["figures.csv"].strip_prefix("\u{feff}".as_bytes()).unwrap();
        let mut reader = csv::Reader::from_reader(bytes);
        let rows = reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap);
        let place = |f: &Figure| Some((f.id.clone(), f.place.as_ref()?.place));
        let printed = |f: &Figure| {
            let values = f.series.iter().filter_map(|point| point.value);
            (f.id.clone(), values.map(|v| format!("{v}{}", f.measure)).collect())
        };
        Self {
            figures: rows.map(|row| (row["figure_id"].clone(), row)).collect(),
            places: computed.figures.iter().filter_map(place).collect(),
            series: computed.figures.iter().map(printed).collect(),
        }
    }

    /// Is this how the figure is printed: `16`, `16个`, `88.9%`, or a reason why there is none?
    fn is_value(&self, id: &str, shown: &str) -> bool {
        let figure = &self.figures[id];
        let (value, measure) = (&figure["value"], &figure["unit_measure"]);
        if value.is_empty() {
            return ["—", "未报", "退回", "无基数", "无数据"].contains(&shown);
        }
        let bare = shown == value && measure != "%";
        bare || shown.strip_suffix(measure.as_str()) == Some(value)
    }

    /// The moves of a unit stand as counts, without their shares.
    fn is_count_of_class(&self, id: &str, shown: &str) -> bool {
        let figure = &self.figures[id];
        !figure["class"].is_empty() && figure["numerator"] == shown
    }

    fn is_part(&self, id: &str, shown: &str) -> bool {
        let figure = &self.figures[id];
        format!("{}/{}", figure["numerator"], figure["denominator"]) == shown
    }

    /// `并2↑1△`: the place is the first number.
    fn is_place(&self, id: &str, shown: &str) -> bool {
        let digits = shown.trim_start_matches('并');
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        self.places.get(id).map_or(shown == "—", |place| digits[..end] == place.to_string())
    }

    /// Does the last word of a trend's mark, `55.6%（不完整）`, belong to the figure's series?
    fn is_of_series(&self, id: &str, tooltip: &str) -> bool {
        let word = tooltip.rsplit(' ').next().unwrap_or_default();
        let word = word.split('（').next().unwrap_or_default();
        self.series[id].iter().any(|value| value == word)
    }
}

/// What was compared in one output.
#[derive(Default)]
struct Compared {
    /// Figures whose value is shown.
    shown: BTreeSet<String>,
    numbers: usize,
    differences: Vec<String>,
}

impl Compared {
    fn note(&mut self, id: &str, same: bool, place: &str) {
        self.numbers += 1;
        if !same {
            self.differences.push(format!("{id}: {place}"));
        }
    }

    #[track_caller]
    fn agrees(&self, wanted: &BTreeSet<String>) {
        let few: Vec<&String> = self.differences.iter().take(20).collect();
        assert!(few.is_empty(), "{} differ: {few:#?}", self.differences.len());
        let unseen: Vec<&String> = wanted.difference(&self.shown).collect();
        assert!(unseen.is_empty(), "{} not shown: {:#?}", unseen.len(), &unseen[..1]);
        assert!(wanted.len() > 1000, "the definitions ask for {} only", wanted.len());
        assert!(self.numbers >= wanted.len());
    }
}

/// What the tables of the programmes say that they show: for each column the units, or the
/// categories of the table's dimension.
fn tabled(definition: &Definition, figures: &[Figure]) -> BTreeSet<String> {
    let county = &definition.settings.county_code;
    let mut wanted = BTreeSet::new();
    for table in definition.programmes.iter().flat_map(|programme| &programme.tables) {
        let by_unit = table.by.is_empty() || table.by == "unit";
        let of_table = |f: &&Figure| {
            let rows = match by_unit {
                true => f.unit_code != *county,
                false => f.unit_code == *county && f.dimension == table.by,
            };
            // What has nothing to show may have no row, and a note says so: a unit without a base, a
            // category to which nothing belongs.
            let empty = match by_unit {
                true => f.value.is_none(),
                false => f.numerator.or(f.value).is_none_or(dangtong::model::Decimal::is_zero),
            };
            table.indicators.contains(&f.indicator)
                && rows
                && !empty
                && (!by_unit || f.dimension.is_empty())
        };
        wanted.extend(figures.iter().filter(of_table).map(|f| f.id.clone()));
    }
    wanted
}

#[test]
fn the_workbook_shows_what_figures_csv_says() {
    let (computed, files) = october();
    let published = Published::new(computed, files);
    let compared = workbook::compare(&files[WORKBOOK], &published);
    compared.agrees(&tabled(&computed.checked.definition, &computed.figures));
    // Every figure has its row, with value, numerator and denominator.
    assert!(compared.numbers > 3 * published.figures.len());
    altered_is_noticed(&published, |changed| workbook::compare(&files[WORKBOOK], changed));
}

/// What only a definition knows: names of fields, forms, indicators and columns of registers.
fn names_of_definitions(definition: &Definition) -> BTreeSet<&str> {
    let forms = definition.forms.iter().map(|form| form.id.as_str());
    let fields = definition.forms.iter().flat_map(|form| &form.fields);
    let fields = fields.map(|field| field.name.as_str());
    let indicators = definition.indicators.iter().map(|indicator| indicator.id.as_str());
    let columns = definition.registers.values().flat_map(|r| r.columns.iter().map(String::as_str));
    forms.chain(fields).chain(indicators).chain(columns).collect()
}

/// Of these names those that stand in a text.
fn identifiers<'t>(text: &'t str, known: &BTreeSet<&str>) -> Vec<&'t str> {
    let runs = text.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
    runs.filter(|run| run.len() >= 4 && known.contains(run)).collect()
}

/// Leaders and auditors read Chinese; what only a program reads stands under 技术口径.
#[test]
fn no_identifier_of_a_definition_stands_in_what_is_read() {
    let (computed, files) = october();
    let definition = &computed.checked.definition;
    let known = names_of_definitions(definition);
    let none: [&str; 0] = [];
    for indicator in &definition.indicators {
        let words = definition.in_words(indicator);
        assert_eq!(identifiers(&words, &known), none, "{}：{words}", indicator.id);
        let sql = ["CASE ", " AND ", " IN (", " IS ", "value_of"];
        assert!(!sql.iter().any(|word| words.contains(word)), "{}：{words}", indicator.id);
    }
    let sheets = workbook::texts(&files[WORKBOOK], &["溯源", "图表数据"], &["技术口径", "编号"]);
    assert!(sheets.len() > 5_000, "{} texts", sheets.len());
    for (place, text) in &sheets {
        assert_eq!(identifiers(text, &known), none, "{place}：{text}");
    }
    let shown = page::texts(std::str::from_utf8(&files["report.html"]).unwrap());
    assert!(shown.len() > 5_000, "{} texts", shown.len());
    for text in &shown {
        assert_eq!(identifiers(text, &known), none, "{text}");
    }
}

#[test]
fn the_page_shows_what_figures_csv_says() {
    let (computed, files) = october();
    let published = Published::new(computed, files);
    let page = std::str::from_utf8(&files["report.html"]).unwrap();
    let compared = page::compare(page, &published);
    compared.agrees(&tabled(&computed.checked.definition, &computed.figures));
    altered_is_noticed(&published, |changed| page::compare(page, changed));

    // What opens is the same again.
    let data = crate::page::data(page);
    let packed = data["figures"].as_array().unwrap();
    assert_eq!(packed.len(), published.figures.len());
    for figure in packed {
        let id = figure["id"].as_str().unwrap();
        for column in ["numerator", "denominator", "value"] {
            let text = figure.get(column).and_then(|v| v.as_str()).unwrap_or_default();
            assert_eq!(text, published.figures[id][column], "{id} {column}");
        }
    }
}

#[test]
fn the_circular_says_what_figures_csv_says() {
    let (computed, files) = october();
    let published = Published::new(computed, files);
    let circular = circular(&computed.report_inputs()).unwrap();
    let compared = document::compare(&files[DOCUMENT], &circular, &published);
    let few: Vec<&String> = compared.differences.iter().take(20).collect();
    assert!(few.is_empty(), "{} differ: {few:#?}", compared.differences.len());
    // Every programme that has data of this month states something.
    let definition = &computed.checked.definition;
    let speaking: BTreeSet<&str> = definition
        .indicators
        .iter()
        .filter(|i| {
            let now = |f: &Figure| f.indicator == i.id && f.period == computed.checked.folder;
            computed.figures.iter().any(now)
        })
        .map(|i| i.programme.as_str())
        .collect();
    assert!(speaking.len() > 8, "{speaking:?}");
    let heard = |id: &String| computed.figures.iter().find(|f| f.id == *id).unwrap();
    let heard: BTreeSet<&str> =
        compared.shown.iter().map(|id| heard(id).programme.as_str()).collect();
    let silent: Vec<&&str> = speaking.difference(&heard).collect();
    assert!(silent.len() <= 2, "nothing is compared of {silent:?}");
    altered_is_noticed(&published, |changed| {
        document::compare(&files[DOCUMENT], &circular, changed)
    });
}

/// 附件1 has a row for each key figure in the order of its list, headed by programme; 附件2 the ranked
/// units.
#[test]
fn the_circulars_attachments_show_what_figures_csv_says() {
    let (computed, files) = october();
    let published = Published::new(computed, files);
    let definition = &computed.checked.definition;
    let county = &definition.settings.county_code;
    let attachments = &definition.circular.as_ref().unwrap().attachments;
    let wanted: Vec<&Figure> = attachments[0]
        .indicators
        .iter()
        .flat_map(|id| computed.figures.iter().filter(move |f| f.indicator == *id))
        .filter(|f| f.unit_code == *county && f.dimension.is_empty() && f.value.is_some())
        .collect();
    let tables = document::tables(&files[DOCUMENT]);
    let with = |title: &str| {
        let has = |t: &&Vec<Vec<String>>| t[0].iter().any(|cell| cell == title);
        tables.iter().filter(has).collect::<Vec<_>>()
    };
    let fraction = |figure: &Figure| match figure.denominator {
        Some(denominator) => format!("{}/{denominator}", figure.numerator.unwrap()),
        None => "—".to_owned(),
    };
    // A row without a number heads the figures of a programme.
    let is_figure = |row: &&Vec<String>| row[0].parse::<usize>().is_ok();
    let key: Vec<&Vec<String>> = with("口径和说明")[0].iter().filter(is_figure).collect();
    assert_eq!(key.len(), wanted.len());
    for (row, figure) in key.iter().zip(wanted) {
        assert!(row[1].starts_with(&figure.title), "{row:?}");
        assert!(published.is_value(&figure.id, &row[4]), "{row:?}");
        assert_eq!(row[5], fraction(figure), "{row:?}");
    }
    let rankings = with("上期名次");
    assert_eq!(rankings.len(), attachments[1].indicators.len());
    for (table, indicator) in rankings.iter().zip(&attachments[1].indicators) {
        let ranked: Vec<&Figure> = computed
            .figures
            .iter()
            .filter(|f| f.indicator == *indicator && f.dimension.is_empty())
            // Who is alone in its group has no place to speak of.
            .filter(|f| f.place.as_ref().is_some_and(|place| place.of > 1))
            .collect();
        assert_eq!(table.len(), 1 + ranked.len());
        for row in &table[1..] {
            let figure = ranked.iter().find(|f| f.unit == row[2]).unwrap();
            assert!(published.is_place(&figure.id, &row[1]), "{row:?}");
            assert!(published.is_value(&figure.id, &row[3]), "{row:?}");
            assert_eq!(row[4], fraction(figure), "{row:?}");
        }
    }
}

/// One value of another report, and the comparison names the figure.
fn altered_is_noticed(published: &Published, compare: impl Fn(&Published) -> Compared) {
    let id = "studio_opened_rate@140722";
    let mut changed = published.clone();
    let row = changed.figures.get_mut(id).unwrap();
    for (column, other) in [("value", "22.3"), ("numerator", "5"), ("denominator", "19")] {
        assert_ne!(row.insert(column.to_owned(), other.to_owned()).unwrap(), other);
    }
    changed.series.get_mut(id).unwrap().clear();
    let differences = compare(&changed).differences;
    assert!(differences.iter().any(|d| d.starts_with(id)), "{differences:?}");
    assert!(differences.iter().all(|d| d.starts_with(id)), "{differences:?}");
}
