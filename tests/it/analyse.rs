//! Indicators against numbers worked out by hand.

mod comparisons;
mod composite;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use dangtong::analyse::analyse;
use dangtong::definition::{self, Computation, Definition};
use dangtong::model::{
    AbsentReason, Decimal, FactTable, Figure, Obstacle, Period, Receipt, ReturnFacts, ReturnState,
    Status, Timeliness, Validated, Value,
};
use dangtong::sql::Embedded;

use crate::columns;

const PIPELINE: &str = r#"
schema = 1
id = "hand"
title = "手算县"
county_code = "100"
county_name = "手算县"
unit_register = "unit"

[report]
title = "手算月报"
organisation = "测试"
groups = ["乡镇", "县直机关"]
series_points = 6
"#;

const CODELISTS: &str = r#"
[grade]
title = "等次"
ordered = true
codes = [
  { code = "好", id = "good" },
  { code = "较好", id = "fair" },
  { code = "一般", id = "mid" },
  { code = "较差", id = "poor" },
]
[domain]
title = "领域"
codes = [{ code = "农村", id = "rural" }, { code = "机关", id = "office" }]
[place]
title = "地点"
codes = [{ code = "乡下", id = "rural" }, { code = "城里", id = "town" }]
"#;

const UNITS: &str = "\
code,name,aliases,kind,group
101,甲镇,,township,乡镇
102,乙乡,,township,乡镇
103,丙乡,,township,乡镇
104,丁镇,,township,乡镇
201,戊局,,agency,县直机关
";

const VILLAGES: &str = "\
code,committee,near,valid_from,valid_to
v1,101,是,,
v2,101,,,
v3,102,是,2013-10-15,
v4,102,是,,2013-06-30
";

const FORMS: &str = r#"
id = "hand"
title = "手算"
order = 1

[[form]]
id = "work"
title = "工作月报"
row = "一个支部"
frequency = "monthly"
owed_by = ["township", "agency"]
primary_key = ["org"]
may_be_empty = true
[[form.field]]
name = "org"
title = "支部"
type = "code"
[[form.field]]
name = "grade"
title = "等次"
type = "code"
codelist = "grade"
[[form.field]]
name = "domain"
title = "领域"
type = "code"
codelist = "domain"
[[form.field]]
name = "place"
title = "地点"
type = "code"
codelist = "place"
[[form.field]]
name = "done"
title = "完成"
type = "integer"
[[form.field]]
name = "due"
title = "应完成"
type = "integer"
[[form.field]]
name = "score"
title = "得分"
type = "decimal"
decimals = 2
[[form.band]]
id = "level"
of = "score"
steps = [{ code = "好", from = "90" }, { code = "较好", from = "0" }]

[[form]]
id = "stock"
title = "底数季报"
row = "一个党委"
frequency = "quarterly"
owed_by = ["township"]
primary_key = ["org"]
[[form.field]]
name = "org"
title = "党委"
type = "code"
[[form.field]]
name = "members"
title = "党员数"
type = "integer"

[[form]]
id = "yearly"
title = "年报"
row = "一个党委"
frequency = "annual"
owed_by = ["township"]
[[form.field]]
name = "members"
title = "党员数"
type = "integer"
"#;

/// A hand-made county: definitions from text, facts from rows.
struct County {
    definition: Definition,
    validated: Validated,
    tables: BTreeMap<(String, Period), Vec<Arc<ReturnFacts>>>,
}

impl County {
    fn new(indicators: &str) -> Self {
        Self::with(FORMS, indicators)
    }

    fn with(forms: &str, indicators: &str) -> Self {
        let definition = Self::load(forms, indicators).unwrap_or_else(|lines| panic!("{lines}"));
        Self { definition, validated: Validated::default(), tables: BTreeMap::new() }
    }

    /// The definitions, or why they are refused.
    fn load(forms: &str, indicators: &str) -> Result<Definition, String> {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("pipeline.toml", PIPELINE);
        write("codelists.toml", CODELISTS);
        write("registers/unit.csv", UNITS);
        write("registers/village.csv", VILLAGES);
        write("programmes/hand.toml", &format!("{forms}\n{indicators}"));
        definition::load(directory.path()).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })
    }

    /// An accepted return; a row is `field=value` words, other fields are blank.
    fn accepted(mut self, form: &str, period: &str, unit: &str, rows: &[&str]) -> Self {
        self = self.receipt(form, period, unit, ReturnState::Clean);
        let form = self.definition.form(form).unwrap().clone();
        let words = |row: &str, name: &str| {
            let mut words = row.split_whitespace().map(|w| w.split_once('=').unwrap());
            words.find(|(word, _)| *word == name).map_or(String::new(), |(_, text)| text.to_owned())
        };
        let column = |field: &dangtong::definition::Field| {
            let kind = field.column_type();
            let cell = |row: &&str| columns::parsed(kind, &words(row, &field.name)).unwrap();
            columns::of_values(kind, &rows.iter().map(cell).collect::<Vec<_>>())
        };
        let columns = form.fields.iter().map(column).collect();
        let of = (Period::parse(period), folder_of(period));
        let facts = columns::facts(&form, unit, of, columns);
        let key = (form.id.clone(), Period::parse(period));
        let returns = self.tables.entry(key.clone()).or_default();
        returns.push(Arc::new(facts));
        returns.sort_by_key(|r| r.unit.clone());
        let table = FactTable::new(&form.id, &form.column_types(), returns.clone());
        self.validated.facts.tables.insert(key, Arc::new(table));
        self
    }

    fn receipt(mut self, form: &str, period: &str, unit: &str, state: ReturnState) -> Self {
        self.validated.receipts.push(Receipt {
            unit: unit.into(),
            form: form.into(),
            period: Period::parse(period),
            folder: folder_of(period),
            state,
            owed: true,
            file: "".into(),
            received_on: None,
            deadline: None,
            timeliness: Timeliness::NotAsked,
            errors: 0,
            queries: usize::from(state == ReturnState::Queried) * 2,
            explained: 0,
            hints: 0,
            rows: 0,
        });
        self
    }

    /// All units of a form hand in the same rows.
    fn everyone(mut self, form: &str, period: &str, rows: &[&str]) -> Self {
        let units: Vec<String> = {
            let form = self.definition.form(form).unwrap();
            self.definition.units_named_by(form).into_iter().map(|u| u.code.clone()).collect()
        };
        for unit in units {
            self = self.accepted(form, period, &unit, rows);
        }
        self
    }

    /// Returns without rows.
    fn everyone_else(mut self, form: &str, period: &str, units: &[&str]) -> Self {
        for unit in units {
            self = self.accepted(form, period, unit, &[]);
        }
        self
    }

    fn report(&self, folder: &str) -> BTreeMap<String, Figure> {
        let figures = self.figures(folder);
        figures.into_iter().map(|f| (f.id.clone(), f)).collect()
    }

    fn figures(&self, folder: &str) -> Vec<Figure> {
        analyse(&self.definition, &self.validated, &Period::parse(folder), &Embedded).unwrap()
    }
}

/// Quarters and years are handed in with their last month, campaigns in a folder of their own.
fn folder_of(period: &str) -> Period {
    let period = Period::parse(period);
    period.last_month().map_or(period, |(year, month)| Period::Month(year, month))
}

fn text(number: Option<Decimal>) -> String {
    number.map(|n| n.to_string()).unwrap_or_default()
}

const RATE: &str = r#"
[[indicator]]
id = "rate"
title = "完成率"
form = "work"
kind = "ratio"
numerator = "done"
denominator = "due"
by = ["unit"]
decimals = 1
better = "higher"
"#;

#[test]
fn a_ratio_is_the_ratio_of_sums_rounded_once() {
    // 1,948 of 5,117 = 38.069…%
    let county = County::new(&RATE.replace("decimals = 1", "decimals = 2"))
        .accepted("work", "2013-10", "101", &["done=1000 due=2000", "done=900 due=3000"])
        .accepted("work", "2013-10", "102", &["done=48 due=117", "due=0"])
        .accepted("work", "2013-10", "103", &[])
        .accepted("work", "2013-10", "104", &["done=0 due=0"])
        .accepted("work", "2013-10", "201", &[]);
    let figures = county.report("2013-10");
    let county = &figures["rate@100"];
    assert_eq!(text(county.value), "38.07");
    assert_eq!((text(county.numerator), text(county.denominator)), ("1948".into(), "5117".into()));
    assert_eq!((county.status, county.measure.as_str()), (Status::Normal, "%"));
    assert_eq!((county.units_expected, county.units_used), (5, 5));
    assert_eq!(text(figures["rate@101"].value), "38.00");
    // Base zero: no value, but the return is there.
    let zero = &figures["rate@104"];
    assert_eq!((zero.value, zero.status), (None, Status::Normal));
    assert_eq!(text(zero.denominator), "0");
    assert_eq!(text(figures["rate@103"].denominator), "0");
    // Blank cells contribute nothing and are not in the lineage.
    let part = &county.lineage.numerator[0];
    assert_eq!((part.source.as_str(), part.rows.as_slice()), ("work", [0, 1, 2, 4].as_slice()));
    assert_eq!(*part.fields, ["done".to_owned()]);
    assert_eq!(county.lineage.denominator[0].rows, [0, 1, 2, 3, 4]);
    assert_eq!(figures["rate@102"].lineage.denominator[0].rows, [2, 3]);
}

#[test]
fn a_distribution_shows_every_code_and_sums_to_its_base() {
    let indicators = r#"
[[indicator]]
id = "grades"
title = "等次构成"
form = "work"
kind = "distribution"
of = "grade"
where = "org IS NOT NULL"
measure = "个"
by = ["unit", "domain", "unit*domain"]
decimals = 1
[[indicator]]
id = "grade_counts"
title = "等次个数"
form = "work"
kind = "distribution"
of = "grade"
scale = 1
measure = "个"
"#;
    let rows = |count: usize, row: &'static str| std::iter::repeat_n(row, count);
    let all: Vec<&str> = rows(54, "org=a grade=好 domain=农村")
        .chain(rows(323, "org=a grade=较好 domain=农村"))
        .chain(rows(107, "org=a grade=一般 domain=农村"))
        .chain(rows(49, "org=a grade=较差"))
        .chain(rows(3, "org=a domain=农村"))
        .chain(rows(2, "grade=好 domain=农村"))
        .collect();
    let county = County::new(indicators).accepted("work", "2013-10", "101", &all);
    let figures = county.report("2013-10");
    let shares: Vec<(String, String)> = ["good", "fair", "mid", "poor"]
        .map(|class| &figures[&format!("grades@100@{class}")])
        .map(|f| (text(f.numerator), text(f.value)))
        .to_vec();
    let expected = [("54", "10.1"), ("323", "60.6"), ("107", "20.1"), ("49", "9.2")];
    assert_eq!(shares, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    let good = &figures["grades@100@good"];
    assert_eq!((text(good.denominator).as_str(), good.measure.as_str()), ("533", "%"));
    assert_eq!(good.class.as_ref().unwrap().title, "好");
    assert_eq!(good.lineage.numerator[0].rows.len(), 54);
    assert_eq!(good.lineage.denominator[0].rows.len(), 533);
    assert_eq!(*good.lineage.numerator[0].fields, ["org".to_owned(), "grade".to_owned()]);
    // A category without rows, a unit without return, and their cross.
    let office = &figures["grades@100@office@good"];
    assert_eq!((text(office.denominator).as_str(), office.value), ("0", None));
    assert_eq!((office.dimension.as_str(), office.category.as_str()), ("domain", "机关"));
    assert_eq!(*office.lineage.numerator[0].fields, ["org", "grade", "domain"].map(String::from));
    assert_eq!(text(figures["grades@101@rural@fair"].value), "66.7");
    assert_eq!(figures["grades@102@rural@fair"].status, Status::Missing);
    assert_eq!(figures["grades@102@rural@fair"].value, None);
    // Counts: the value is the count, the base stands beside.
    let counted = &figures["grade_counts@100@poor"];
    assert_eq!((text(counted.value).as_str(), text(counted.denominator).as_str()), ("49", "535"));
    assert_eq!(counted.measure, "个");
}

#[test]
fn places_are_shared_inside_groups_and_only_values_are_ranked() {
    let county = County::new(&format!("{RATE}small_base = 10\n"))
        .accepted("work", "2013-09", "101", &["done=1 due=10"])
        .accepted("work", "2013-09", "102", &["done=9 due=10"])
        // Nothing to divide by is no place, and hides nobody's.
        .accepted("work", "2013-09", "103", &["done=0 due=0"])
        .accepted("work", "2013-09", "104", &["done=0 due=0"])
        .accepted("work", "2013-10", "101", &["done=9 due=10"])
        .accepted("work", "2013-10", "102", &["done=7 due=8"])
        .accepted("work", "2013-10", "103", &["done=14 due=16"])
        .accepted("work", "2013-10", "104", &["done=1 due=20"])
        .accepted("work", "2013-10", "201", &["done=1 due=30"]);
    let figures = county.report("2013-10");
    let place = |unit: &str| figures[&format!("rate@{unit}")].place.clone().unwrap();
    let places = ["101", "102", "103", "104"].map(|unit| place(unit).place);
    assert_eq!(places, [1, 2, 2, 4]);
    assert_eq!((place("101").of, place("102").tied, place("104").tied), (4, true, false));
    assert_eq!((place("102").small_base, place("103").small_base), (true, false));
    assert_eq!((place("101").previous, place("102").previous), (Some(2), Some(1)));
    assert_eq!(place("103").previous, None);
    assert_eq!((place("201").group.as_str(), place("201").place), ("县直机关", 1));
    assert!(figures["rate@100"].place.is_none());
}

#[test]
fn absent_units_make_the_county_incomplete_and_are_named() {
    let county = County::new(RATE)
        .accepted("work", "2013-10", "101", &["done=1 due=2"])
        .accepted("work", "2013-10", "102", &["done=1 due=2"])
        .receipt("work", "2013-10", "103", ReturnState::Rejected)
        .receipt("work", "2013-10", "104", ReturnState::Missing)
        .accepted("work", "2013-10", "201", &["done=1 due=2"]);
    let figures = county.report("2013-10");
    let whole = &figures["rate@100"];
    assert_eq!((whole.status, text(whole.value).as_str()), (Status::Incomplete, "50.0"));
    assert_eq!((whole.units_expected, whole.units_reported, whole.units_used), (5, 4, 3));
    let absent: Vec<(&str, AbsentReason)> =
        whole.lineage.absent.iter().map(|a| (a.unit.as_str(), a.reason)).collect();
    assert_eq!(absent, [("103", AbsentReason::Rejected), ("104", AbsentReason::Missing)]);
    for unit in ["103", "104"] {
        let figure = &figures[&format!("rate@{unit}")];
        assert_eq!((figure.status, figure.value, figure.numerator), (Status::Missing, None, None));
        assert_eq!((figure.units_expected, figure.lineage.absent.len()), (1, 1));
        assert!(figure.place.is_none());
    }
    assert_eq!(figures["rate@103"].units_reported, 1);
    assert_eq!(figures["rate@101"].status, Status::Normal);
    // Register order, the county first.
    let order: Vec<String> = county.figures("2013-10").into_iter().map(|f| f.unit_code).collect();
    assert_eq!(order, ["100", "101", "102", "103", "104", "201"]);
}

#[test]
fn open_queries_make_figures_provisional() {
    let county = County::new(RATE).everyone("work", "2013-10", &["done=1 due=2"]).receipt(
        "work",
        "2013-10",
        "102",
        ReturnState::Queried,
    );
    let figures = county.report("2013-10");
    assert_eq!(
        (figures["rate@100"].status, figures["rate@100"].open_queries),
        (Status::Provisional, 2)
    );
    assert_eq!(figures["rate@102"].status, Status::Provisional);
    assert_eq!((figures["rate@101"].status, figures["rate@101"].open_queries), (Status::Normal, 0));
}

#[test]
fn points_are_differences_of_printed_shares_and_missing_months_are_gaps() {
    // 1/3 = 33.3, 2/3 = 66.7: 33.4 percentage points, though exactly 33.33.
    let county = County::new(&format!("{RATE}nature = \"stock\"\n"))
        .everyone("work", "2012-12", &["done=1 due=4"])
        .everyone("work", "2013-08", &["done=1 due=5"])
        .everyone("work", "2013-09", &["done=1 due=3"])
        .everyone("work", "2013-10", &["done=2 due=3"]);
    let figures = county.report("2013-10");
    let whole = &figures["rate@100"];
    let previous = whole.previous.as_ref().unwrap();
    assert_eq!(previous.period, Period::parse("2013-09"));
    assert_eq!((text(previous.then), text(previous.difference)), ("33.3".into(), "33.4".into()));
    assert_eq!((previous.growth, previous.obstacle), (None, None));
    let begin = whole.year_begin.as_ref().unwrap();
    assert_eq!(
        (begin.period.clone(), text(begin.difference)),
        (Period::parse("2012-12"), "41.7".into())
    );
    let ago = whole.year_ago.as_ref().unwrap();
    assert_eq!((ago.then, ago.difference), (None, None));
    // The months that nobody reported are due all the same, and are gaps.
    let series: Vec<(String, String)> =
        whole.series.iter().map(|p| (p.period.to_string(), text(p.value))).collect();
    let expected = [
        ("2013-05", ""),
        ("2013-06", ""),
        ("2013-07", ""),
        ("2013-08", "20.0"),
        ("2013-09", "33.3"),
        ("2013-10", "66.7"),
    ];
    assert_eq!(series, expected.map(|(p, v)| (p.to_owned(), v.to_owned())));
    assert_eq!(whole.series[0].status, Status::Missing);
}

#[test]
fn a_new_basis_breaks_comparison_and_line() {
    let county = County::new(&format!("{RATE}nature = \"stock\"\nbreaks = [\"2013-09\"]\n"))
        .everyone("work", "2013-08", &["done=1 due=5"])
        .everyone("work", "2013-09", &["done=1 due=3"])
        .everyone("work", "2013-10", &["done=2 due=3"]);
    let october = county.report("2013-10");
    let whole = &october["rate@100"];
    assert_eq!(whole.status, Status::Normal);
    assert_eq!(whole.previous.as_ref().unwrap().obstacle, None);
    let begin = whole.year_begin.as_ref().unwrap();
    assert_eq!((begin.obstacle, begin.difference), (Some(Obstacle::Broken), None));
    let breaks: Vec<bool> = whole.series.iter().map(|p| p.break_before).collect();
    assert_eq!(breaks, [false, true, false]);
    let september = county.report("2013-09");
    let whole = &september["rate@100"];
    assert_eq!(whole.status, Status::Break);
    let previous = whole.previous.as_ref().unwrap();
    assert_eq!(
        (text(previous.then), previous.difference, previous.obstacle),
        ("20.0".into(), None, Some(Obstacle::Broken))
    );
    assert_eq!(september["rate@101"].place.as_ref().unwrap().previous, None);
}

#[test]
fn exact_sums_are_rounded_once() {
    let county = County::new(
        r#"
[[indicator]]
id = "total"
title = "累计完成"
form = "work"
kind = "sum"
numerator = "done"
by = ["unit"]
measure = "件"
[[indicator]]
id = "points"
title = "总分"
form = "work"
kind = "sum"
numerator = "score"
decimals = 1
"#,
    )
    .accepted("work", "2013-10", "101", &["done=31 score=0.10", "done=2 score=0.15", "score=0.10"])
    .accepted("work", "2013-10", "102", &["org=a"]);
    let figures = county.report("2013-10");
    let total = &figures["total@100"];
    assert_eq!((text(total.value).as_str(), total.denominator), ("33", None));
    // 0.35 rounds half away from zero, once; exact sums have no 0.35000000000000003.
    assert_eq!(text(figures["points@100"].value), "0.4");
    assert_eq!(text(figures["points@100"].numerator), "0.35");
    // Rows without any number have no sum; that is not zero.
    assert_eq!((figures["total@102"].value, figures["total@102"].status), (None, Status::Normal));
}

#[test]
fn means_leave_blanks_out_and_trimmed_means_the_extremes() {
    let kinds = r#"
[[indicator]]
id = "mean"
title = "平均分"
form = "work"
kind = "mean"
numerator = "score"
by = ["unit"]
decimals = 2
measure = "分"
[[indicator]]
id = "trimmed"
title = "去掉最高最低分"
form = "work"
kind = "trimmed-mean"
numerator = "score"
trim = 1
by = ["unit"]
decimals = 2
measure = "分"
"#;
    // Five raters: 71.25, 88.50, 88.50, 90.00, 99.00. Middle three: 267 / 3 = 89.
    let raters = ["score=88.50", "score=99", "score=71.25", "org=blank", "score=88.50", "score=90"];
    let county = County::new(kinds).accepted("work", "2013-10", "101", &raters).accepted(
        "work",
        "2013-10",
        "102",
        &["score=80", "score=90"],
    );
    let figures = county.report("2013-10");
    let mean = &figures["mean@101"];
    assert_eq!((text(mean.numerator), text(mean.denominator)), ("437.25".into(), "5".into()));
    assert_eq!(text(mean.value), "87.45");
    let trimmed = &figures["trimmed@101"];
    assert_eq!((text(trimmed.numerator), text(trimmed.denominator)), ("267.00".into(), "3".into()));
    assert_eq!(text(trimmed.value), "89.00");
    assert_eq!(trimmed.lineage.numerator[0].rows, [0, 4, 5]);
    assert_eq!(
        (figures["trimmed@102"].value, text(figures["mean@102"].value)),
        (None, "85.00".into())
    );
}

#[test]
fn denominators_may_stand_in_another_form_a_register_or_the_list_of_units() {
    let county = County::new(
        r#"
[[indicator]]
id = "per_member"
title = "人均"
form = "work"
kind = "ratio"
numerator = "done"
denominator = { form = "stock", sum = "members", where = "members > 0" }
by = ["unit", "domain"]
decimals = 1
[[indicator]]
id = "per_village"
title = "每村"
form = "work"
kind = "ratio"
numerator = "org IS NOT NULL"
denominator = { register = "village", where = "near = '是'" }
by = ["unit"]
decimals = 1
[[indicator]]
id = "reporting"
title = "开展面"
form = "work"
kind = "ratio"
numerator = "done > 0"
denominator = { units = "expected" }
by = ["unit"]
decimals = 1
"#,
    )
    .everyone("work", "2013-10", &["org=a done=5"])
    .accepted("stock", "2013Q3", "101", &["members=10"])
    .accepted("stock", "2013Q3", "102", &["members=30"])
    .accepted("stock", "2013Q3", "103", &["members=10"]);
    let figures = county.report("2013-10");
    // Unit 104 has not sent its quarter and is in neither side: 20 done over 50 members.
    let whole = &figures["per_member@100"];
    assert_eq!((text(whole.value).as_str(), whole.status), ("40.0", Status::Incomplete));
    assert_eq!((whole.units_expected, whole.units_used), (5, 4));
    let absent = &whole.lineage.absent[0];
    assert_eq!((absent.unit.as_str(), absent.form.as_str()), ("104", "stock"));
    let part = &whole.lineage.denominator[0];
    assert_eq!(
        (part.source.as_str(), part.period.clone()),
        ("stock", Some(Period::parse("2013Q3")))
    );
    assert_eq!(
        (figures["per_member@104"].value, figures["per_member@104"].status),
        (None, Status::Missing)
    );
    assert_eq!(text(figures["per_member@102"].value), "16.7");
    // The other form has no such field: no base, never a wrong one.
    assert_eq!(figures["per_member@100@rural"].denominator, None);
    // Village v3 became near on 15 October, v4 was closed in June.
    let villages = &figures["per_village@100"];
    assert_eq!(text(villages.denominator), "2");
    assert_eq!(villages.lineage.denominator[0].source, "register:village");
    assert_eq!(villages.lineage.denominator[0].rows, [0, 2]);
    assert_eq!(text(figures["per_village@102"].value), "100.0");
    assert_eq!(figures["per_village@201"].value, None);
    let units = &figures["reporting@100"];
    assert_eq!((text(units.denominator).as_str(), text(units.value).as_str()), ("5", "100.0"));
    assert_eq!(units.lineage.denominator[0].rows, [0, 1, 2, 3, 4]);
    assert_eq!(text(figures["reporting@104"].denominator), "1");
}

#[test]
fn funnels_are_shares_of_their_first_step() {
    let county = County::new(
        r#"
[[indicator]]
id = "steps"
title = "推进情况"
form = "work"
kind = "funnel"
by = ["unit"]
decimals = 1
[[indicator.step]]
id = "all"
title = "应完成"
where = "due > 0"
[[indicator.step]]
id = "begun"
title = "已启动"
where = "due > 0 AND done > 0"
[[indicator.step]]
id = "ended"
title = "已完成"
where = "due > 0 AND done >= due"
"#,
    )
    .accepted(
        "work",
        "2013-10",
        "101",
        &["due=1 done=1", "due=2 done=1", "due=3", "due=0 done=0"],
    );
    let figures = county.report("2013-10");
    let step = |id: &str| {
        let figure = &figures[&format!("steps@100@{id}")];
        (text(figure.numerator), text(figure.denominator), text(figure.value))
    };
    assert_eq!(step("all"), ("3".into(), "3".into(), "100.0".into()));
    assert_eq!(step("begun"), ("2".into(), "3".into(), "66.7".into()));
    assert_eq!(step("ended"), ("1".into(), "3".into(), "33.3".into()));
    assert_eq!(figures["steps@100@ended"].class.as_ref().unwrap().title, "已完成");
}

#[test]
fn derived_indicators_use_exact_values_whatever_their_order_in_the_file() {
    let county = County::new(&format!(
        r#"
[[indicator]]
id = "composite"
title = "合成"
kind = "derived"
formula = 'value_of("half") + value_of("members") / 100'
decimals = 3
[[indicator]]
id = "half"
title = "折半"
kind = "derived"
formula = 'value_of("rate") * 0.5'
by = ["unit"]
decimals = 2
{RATE}
[[indicator]]
id = "members"
title = "党员数"
form = "stock"
kind = "sum"
numerator = "members"
by = ["unit"]
"#
    ))
    .everyone("work", "2013-09", &["done=1 due=3"])
    .everyone("work", "2013-10", &["done=2 due=3"])
    .everyone("stock", "2013Q2", &["members=100"])
    .everyone("stock", "2013Q3", &["members=200"]);
    let figures = county.report("2013-10");
    assert_eq!(text(figures["half@100"].value), "33.33");
    // 33.333… + 8; the unit that owes no quarterly form has no composite.
    let composite = &figures["composite@100"];
    assert_eq!(
        (text(composite.value).as_str(), composite.period.clone()),
        ("41.333", Period::parse("2013-10"))
    );
    assert_eq!(composite.lineage.numerator.len(), 2);
    assert!(figures.contains_key("composite@104") && !figures.contains_key("composite@201"));
    // September looked back on the third quarter too, which is due in September.
    let previous = composite.previous.as_ref().unwrap();
    assert_eq!(text(previous.then), "24.667");
    let order: Vec<String> = county.figures("2013-10").into_iter().map(|f| f.indicator).collect();
    let mut firsts = order.clone();
    firsts.dedup();
    assert_eq!(firsts, ["composite", "half", "rate", "members"]);
}

#[test]
fn figures_show_the_latest_period_due_and_say_when_none_is() {
    let county = County::new(
        r#"
[[indicator]]
id = "members"
title = "党员数"
form = "stock"
kind = "sum"
numerator = "members"
[[indicator]]
id = "yearly"
title = "年末党员数"
form = "yearly"
kind = "sum"
numerator = "members"
by = ["unit"]
"#,
    )
    .everyone("stock", "2013Q3", &["members=200"])
    .everyone("work", "2013-08", &[]);
    let figures = county.report("2013-10");
    assert_eq!(figures["members@100"].period, Period::parse("2013Q3"));
    let before = figures["members@100"].previous.as_ref().unwrap();
    assert_eq!((before.period.clone(), before.then), (Period::parse("2013Q2"), None));
    // Nothing yearly is due before December: one row says so.
    let none = &figures["yearly@100"];
    assert_eq!((none.status, none.value, none.units_expected), (Status::Missing, None, 0));
    assert!(!figures.contains_key("yearly@101"));
}

#[test]
fn a_one_off_period_stands_alone() {
    let county = County::new(
        r#"
[[indicator]]
id = "yearly"
title = "党员数"
form = "yearly"
kind = "sum"
numerator = "members"
"#,
    )
    .everyone("yearly", "2012", &["members=10"])
    .everyone("yearly", "2021-06-05", &["members=20"]);
    let figures = county.report("2021-06-05");
    let figure = &figures["yearly@100"];
    assert_eq!((figure.period.to_string(), text(figure.value)), ("2021-06-05".into(), "80".into()));
    assert!(figure.previous.is_none() && figure.year_ago.is_none() && figure.year_begin.is_none());
    assert_eq!(figure.series.len(), 1);
}

#[test]
fn a_formula_that_goes_in_circles_is_refused() {
    let derived = "id = \"a\"\ntitle = \"甲\"\nkind = \"derived\"\nformula = \"value_of('rate')\"";
    let mut county = County::new(&format!("[[indicator]]\n{derived}\n{RATE}"));
    // The loader refuses it already; this is the second line of defence.
    let text = "value_of('a') + 1".to_owned();
    let formula = Some(definition::Formula::parse(&text).unwrap());
    county.definition.indicators[0].computation = Computation::Derived { text, formula };
    let refused =
        analyse(&county.definition, &county.validated, &Period::parse("2013-10"), &Embedded);
    assert!(refused.unwrap_err().to_string().contains("循环"));
}

const MOVES: &str = r#"
[[indicator]]
id = "moves"
title = "等次变动"
form = "work"
kind = "transition"
of = "grade"
by = ["unit"]
decimals = 1
"#;

#[test]
fn a_transition_matches_lines_that_every_unit_numbers_for_itself() {
    let lines = |first: &str, second: &str| {
        [format!("org=1 grade={first}"), format!("org=2 grade={second}")]
    };
    let hand_in = |county: County, folder: &str, unit: &str, rows: [String; 2]| {
        county.accepted("work", folder, unit, &[rows[0].as_str(), rows[1].as_str()])
    };
    let mut county = County::new(MOVES);
    county = hand_in(county, "2013-09", "101", lines("好", "较好"));
    county = hand_in(county, "2013-09", "102", lines("较好", "一般"));
    county = hand_in(county, "2013-10", "101", lines("好", "较差"));
    county = hand_in(county, "2013-10", "102", lines("好", "较好"));
    county = county.everyone_else("work", "2013-09", &["103", "104", "201"]).everyone_else(
        "work",
        "2013-10",
        &["103", "104", "201"],
    );
    let figures = county.report("2013-10");
    let numerator = |id: &str| text(figures[id].numerator);
    assert_eq!(numerator("moves@101@good-good"), "1");
    assert_eq!(numerator("moves@101@fair-poor"), "1");
    assert_eq!(numerator("moves@102@fair-good"), "1");
    assert_eq!(numerator("moves@102@mid-fair"), "1");
    // 较好 then: line 2 of 101 and line 1 of 102.
    assert_eq!(text(figures["moves@100@fair-good"].denominator), "2");
}

#[test]
fn a_transition_matches_rows_of_two_periods_by_their_key() {
    let county = County::new(MOVES)
        // b is new in October, c is gone, d has no grade then, e moves to another committee.
        .accepted(
            "work",
            "2013-09",
            "101",
            &[
                "org=a1 grade=较好",
                "org=a2 grade=较好",
                "org=a3 grade=较好",
                "org=c grade=好",
                "org=d",
                "org=e grade=一般",
            ],
        )
        .accepted("work", "2013-09", "102", &["org=a4 grade=好"])
        .everyone_else("work", "2013-09", &["103", "104", "201"])
        .accepted(
            "work",
            "2013-10",
            "101",
            &[
                "org=a3 grade=较差",
                "org=a1 grade=好",
                "org=a2 grade=好",
                "org=b grade=好",
                "org=d grade=好",
            ],
        )
        .accepted("work", "2013-10", "102", &["org=a4 grade=好", "org=e grade=较好"])
        .everyone_else("work", "2013-10", &["103", "104", "201"]);
    let figures = county.report("2013-10");
    let cell = |id: &str| {
        let f = &figures[id];
        (text(f.numerator), text(f.denominator), text(f.value))
    };
    let three = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    // 较好: a1, a2 → 好, a3 → 较差. 2/3 = 66.67 %, 1/3 = 33.33 %.
    assert_eq!(cell("moves@100@fair-good"), three("2", "3", "66.7"));
    assert_eq!(cell("moves@100@fair-poor"), three("1", "3", "33.3"));
    assert_eq!(cell("moves@100@fair-fair"), three("0", "3", "0.0"));
    assert_eq!(cell("moves@100@good-good"), three("1", "1", "100.0"));
    // e counts where it is now.
    assert_eq!(cell("moves@100@mid-fair"), three("1", "1", "100.0"));
    assert_eq!(cell("moves@102@mid-fair"), three("1", "1", "100.0"));
    assert_eq!(cell("moves@101@mid-fair"), three("0", "0", ""));
    // Nobody was 较差: no base, no share.
    assert_eq!(cell("moves@100@poor-good"), three("0", "0", ""));
    let moved = &figures["moves@100@fair-good"];
    assert_eq!(moved.class.as_ref().unwrap().title, "较好→好");
    assert_eq!((moved.status, moved.measure.as_str()), (Status::Normal, "%"));
    // Both halves are open: a1, a2 in October (rows 1, 2) and in September (rows 0, 1).
    let [now, then] = moved.lineage.numerator.as_slice() else { panic!("{:?}", moved.lineage) };
    assert_eq!(
        (now.period.clone(), now.rows.as_slice()),
        (Some(Period::parse("2013-10")), &[1, 2][..])
    );
    assert_eq!(
        (then.period.clone(), then.rows.as_slice()),
        (Some(Period::parse("2013-09")), &[0, 1][..])
    );
    assert_eq!(*now.fields, ["org".to_owned(), "grade".to_owned()]);
    assert_eq!(moved.lineage.denominator[0].rows, [0, 1, 2]);
    assert_eq!(moved.lineage.denominator[1].rows, [0, 1, 2]);
    // September itself has nothing before it.
    let first = &county.report("2013-09")["moves@100@fair-good"];
    assert_eq!((first.status, first.numerator, first.value), (Status::Missing, None, None));
}

#[test]
fn a_transition_needs_both_returns_and_one_basis() {
    let county = |indicator: &str| {
        County::new(indicator)
            .accepted("work", "2013-09", "101", &["org=a grade=好"])
            .receipt("work", "2013-09", "102", ReturnState::Missing)
            .everyone_else("work", "2013-09", &["103", "104", "201"])
            .accepted("work", "2013-10", "101", &["org=a grade=较好"])
            .accepted("work", "2013-10", "102", &["org=b grade=较好"])
            .everyone_else("work", "2013-10", &["103", "104", "201"])
    };
    let figures = county(MOVES).report("2013-10");
    let moved = &figures["moves@100@good-fair"];
    assert_eq!((text(moved.value), moved.status), ("100.0".into(), Status::Incomplete));
    assert_eq!((moved.units_expected, moved.units_used), (5, 4));
    let absent: Vec<&str> = moved.lineage.absent.iter().map(|a| a.unit.as_str()).collect();
    assert_eq!(absent, ["102"]);
    // A new 口径 in October: codes of both months cannot be compared.
    let figures = county(&format!("{MOVES}breaks = [\"2013-10\"]\n")).report("2013-10");
    let broken = &figures["moves@100@good-fair"];
    assert_eq!((broken.numerator, broken.value, broken.status), (None, None, Status::Break));
}

#[test]
fn a_transition_may_stand_in_one_row() {
    let forms = FORMS.replacen(
        "[[form.field]]\nname = \"domain\"",
        "[[form.field]]\nname = \"last\"\ntitle = \"上年等次\"\ntype = \"code\"\ncodelist = \"grade\"\n[[form.field]]\nname = \"domain\"",
        1,
    );
    let county = County::with(&forms, &format!("{MOVES}from_field = \"last\"\n"))
        .accepted(
            "work",
            "2013-10",
            "101",
            &[
                "org=a last=一般 grade=较好",
                "org=b last=一般 grade=一般",
                "org=c grade=好",
                "org=d last=好",
            ],
        )
        .everyone_else("work", "2013-10", &["102", "103", "104", "201"]);
    let figures = county.report("2013-10");
    let moved = &figures["moves@100@mid-fair"];
    assert_eq!((text(moved.numerator), text(moved.value)), ("1".into(), "50.0".into()));
    assert_eq!(text(moved.denominator), "2");
    assert_eq!(text(figures["moves@100@good-good"].denominator), "0");
    assert_eq!(moved.status, Status::Normal);
    let [part] = moved.lineage.numerator.as_slice() else { panic!("{:?}", moved.lineage) };
    assert_eq!(*part.fields, ["grade".to_owned(), "last".to_owned()]);
}

#[test]
fn ids_name_the_field_where_two_dimensions_share_codes() {
    let county = County::new(
        r#"
[[indicator]]
id = "rows"
title = "行数"
form = "work"
kind = "count"
numerator = "org IS NOT NULL"
by = ["domain", "place", "unit*place"]
"#,
    )
    .accepted("work", "2013-10", "101", &["org=a domain=农村 place=城里"]);
    let figures = county.report("2013-10");
    let value = |id: &str| text(figures[id].value);
    assert_eq!(
        (value("rows@100@domain.rural"), value("rows@100@place.rural")),
        ("1".into(), "0".into())
    );
    assert_eq!(value("rows@101@place.town"), "1");
    assert_eq!(figures["rows@102@place.town"].status, Status::Missing);
}

#[test]
fn derived_columns_open_to_the_field_that_was_typed() {
    let county = County::new(
        r#"
[[indicator]]
id = "agree"
title = "等次与得分一致"
form = "work"
kind = "count"
numerator = "grade = score__level"
"#,
    )
    .accepted("work", "2013-10", "101", &["grade=好 score=95", "grade=好 score=60"]);
    let figures = county.report("2013-10");
    let part = &figures["agree@100"].lineage.numerator[0];
    assert_eq!(*part.fields, ["grade".to_owned(), "score".to_owned()]);
    assert_eq!(part.rows, [0]);
}

#[test]
fn a_late_return_counts_although_its_month_said_missing() {
    let county = County::new(RATE)
        .receipt("work", "2013-10", "101", ReturnState::Missing)
        .everyone("work", "2013-10", &["done=1 due=2"]);
    let figures = county.report("2013-10");
    assert_eq!((figures["rate@100"].status, figures["rate@100"].units_used), (Status::Normal, 5));
}

#[test]
fn a_fact_value_reads_back() {
    // Guards the test's own table maker.
    let county = County::new(RATE).accepted("work", "2013-10", "101", &["org=x done=7 score=1.5"]);
    let table = county.validated.facts.table("work", &Period::parse("2013-10")).unwrap();
    assert_eq!(table.columns[0].get(0), Value::Text("x".into()));
    assert_eq!(table.columns[4].get(0), Value::Integer(7));
    assert_eq!(table.columns[6].get(0), Value::Decimal(Decimal::parse("1.50").unwrap()));
    assert_eq!(table.columns[5].get(0), Value::Missing);
}
