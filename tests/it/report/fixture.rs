//! An invented county with what makes reports hard: missing and rejected units, ties, a zero
//! base, a very long name, gaps and breaks in series, hostile texts in findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use dangtong::definition::{
    Calendar, CodeList, Definition, Form, IndicatorSpec, Programme, Reviewed, Settings,
};
use dangtong::model::{
    Absent, AbsentReason, CellRef, Change, CheckTally, Class, Collected, Column, Contribution,
    Decimal, FactTable, Figure, Finding, GroupPlace, Level, Location, Nature, Obstacle, Origins,
    Outcome, Period, Point, Rational, Receipt, ReturnFacts, ReturnState, Scope, Status, Timeliness,
    Unit, Units, Validated,
};

pub(crate) const COUNTY: &str = "140722";

pub(crate) struct Fixture {
    pub(crate) definition: Definition,
    pub(crate) folder: Period,
    pub(crate) collected: Collected,
    pub(crate) validated: Validated,
    pub(crate) figures: Vec<Figure>,
}

impl Fixture {
    pub(crate) fn inputs(&self) -> dangtong::report::Inputs<'_> {
        let Self { definition, folder, collected, validated, .. } = self;
        dangtong::report::Inputs {
            reviewed: Reviewed { definition, folder, collected, validated },
            figures: &self.figures,
            problems: &[],
            stage: &dangtong::model::Stage::Draft,
        }
    }

    pub(crate) fn lineage(&self) -> dangtong::lineage::Lineage {
        dangtong::lineage::build(&self.definition, &self.validated, &self.figures, &[])
    }
}

const LONG_NAME: &str = "左权县城区街道非公有制经济组织和社会组织联合工作委员会";

/// (name, group)
const UNITS: [(&str, &str); 18] = [
    ("辽阳镇", "乡镇"),
    ("桐峪镇", "乡镇"),
    ("麻田镇", "乡镇"),
    ("芹泉镇", "乡镇"),
    ("拐儿镇", "乡镇"),
    ("寒王乡", "乡镇"),
    ("石匣乡", "乡镇"),
    ("龙泉乡", "乡镇"),
    ("粟城乡", "乡镇"),
    ("羊角乡", "乡镇"),
    ("宣教系统", "县直机关"),
    ("经贸系统", "县直机关"),
    ("县直工委", "县直机关"),
    ("政法系统", "县直机关"),
    ("农工系统", "县直机关"),
    ("卫生系统", "县直机关"),
    (LONG_NAME, "非公"),
    ("非公工委", "非公"),
];

const SETTINGS: &str = r#"
schema = 1
id = "fixture"
title = "测试县"
county_code = "140722"
county_name = "左权县"
unit_register = "unit"
[report]
title = "党建统计月报"
organisation = "中共左权县委组织部"
notice = "本报告所用数据均为虚构，仅供演示。"
groups = ["乡镇", "县直机关", "非公"]
silent_charts = { fewest = 1, least_base = 0, equal_percent = 101, least_spread_percent = 0 }
"#;

const PROGRAMMES: [&str; 3] = [
    r#"
id = "org-rating"
number = "P11"
title = "党组织分类定级/星级管理[三评]"
order = 10
note = "分类定级每半年一次。"
[[table]]
title = "基层党组织分类定级情况"
indicators = ["good_or_better", "grades", "org_count"]
note = "按组织部分类定级办法统计。"
[[table]]
title = "各领域分类定级情况"
by = "domain"
indicators = ["good_or_better", "org_count"]
[[chart]]
id = "good_or_better"
kind = "bars"
title = "较好以上率"
indicators = ["good_or_better"]
[[chart]]
id = "grades"
kind = "stacked"
title = "分类定级"
indicators = ["grades"]
"#,
    r#"
id = "studio"
number = "P09"
title = "党代表工作室"
order = 20
[[table]]
title = "党代表工作室运行情况"
indicators = ["visits", "satisfaction"]
[[chart]]
id = "visits"
kind = "bars"
title = "接待群众人次"
indicators = ["visits"]
[[chart]]
id = "satisfaction_trend"
kind = "trend"
title = "满意度走势"
indicators = ["good_or_better", "satisfaction", "coverage"]
[[chart]]
id = "not_due"
kind = "bars"
title = "城市验收通过率"
indicators = ["accepted_by_city"]
"#,
    r#"
id = "recruit"
number = "P03"
title = "发展党员“1234”"
order = 30
[[table]]
title = "发展党员各步骤人数"
indicators = ["steps"]
[[chart]]
id = "steps"
kind = "funnel"
title = "发展党员各步骤"
indicators = ["steps"]
"#,
];

const FORM: &str = r#"
id = "org_rating"
number = "F05"
title = "基层党组织分类定级表"
row = "一个基层党组织"
frequency = "monthly"
owed_by = ["township"]
[[field]]
name = "org_code"
title = "党组织代码"
type = "code"
[[field]]
name = "grade"
title = "评定等次"
type = "code"
codelist = "rating_grade"
"#;

const CODES: &str = r#"
title = "等次"
ordered = true
codes = [{code="好",id="good"},{code="较好",id="fair"},{code="一般",id="average"},{code="较差",id="poor"}]
"#;

const INDICATORS: [&str; 8] = [
    r#"
id = "good_or_better"
title = "较好以上率"
form = "org_rating"
kind = "ratio"
numerator = "grade IN ('好','较好')"
denominator = "grade IS NOT NULL"
base_title = "参加定级的在册基层党组织"
by = ["unit", "domain"]
decimals = 1
better = "higher"
target = "80%"
small_base = 5
key = true
"#,
    r#"
id = "grades"
title = "等次分布"
form = "org_rating"
kind = "distribution"
of = "grade"
base_title = "参加定级的在册基层党组织"
by = ["unit"]
decimals = 1
"#,
    r#"
id = "org_count"
title = "党组织数"
form = "org_rating"
kind = "count"
numerator = "TRUE"
measure = "个"
by = ["unit", "domain"]
key = true
"#,
    r#"
id = "visits"
title = "接待群众人次"
form = "org_rating"
kind = "sum"
numerator = "visits"
measure = "人次"
by = ["unit"]
better = "higher"
"#,
    r#"
id = "satisfaction"
title = "群众满意度平均分"
form = "org_rating"
kind = "mean"
numerator = "score"
base_title = "有评分的党组织"
measure = "分"
decimals = 2
by = ["unit"]
better = "higher"
key = true
"#,
    r#"
id = "coverage"
title = "组织覆盖率"
form = "org_rating"
kind = "ratio"
base_title = "实体运营的非公有制企业"
decimals = 1
key = true
"#,
    r#"
id = "steps"
title = "发展党员步骤"
form = "org_rating"
kind = "funnel"
by = ["unit"]
decimals = 1
[[step]]
id = "recommended"
title = "推荐为入党积极分子"
where = "TRUE"
[[step]]
id = "examined"
title = "考察合格"
where = "examined"
[[step]]
id = "noticed"
title = "三次公示无异议"
where = "noticed"
[[step]]
id = "voted"
title = "票决通过"
where = "voted"
"#,
    r#"
id = "accepted_by_city"
title = "市级验收通过率"
form = "org_rating"
kind = "ratio"
base_title = "申请验收的后进村"
by = ["unit"]
decimals = 1
better = "higher"
key = true
"#,
];

pub(crate) fn fixture() -> Fixture {
    let units: Vec<Unit> = UNITS
        .iter()
        .enumerate()
        .map(|(i, (name, group))| Unit {
            code: code(i),
            name: (*name).to_owned(),
            aliases: Vec::new(),
            kind: "township".to_owned(),
            group: (*group).to_owned(),
            parent: String::new(),
            assumed: false,
            valid: dangtong::model::Validity::default(),
        })
        .collect();
    let form: Form = toml::from_str(FORM).unwrap();
    let codes: CodeList = toml::from_str(CODES).unwrap();
    let definition = Definition {
        settings: toml::from_str::<Settings>(SETTINGS).unwrap(),
        files: Vec::new(),
        codelists: [("rating_grade".to_owned(), codes)].into(),
        registers: Default::default(),
        units: Units::new(units),
        calendar: Calendar::default(),
        programmes: PROGRAMMES.iter().map(|p| toml::from_str::<Programme>(p).unwrap()).collect(),
        checks: Vec::new(),
        indicators: INDICATORS
            .iter()
            .map(|p| toml::from_str::<IndicatorSpec>(p).unwrap().into())
            .collect(),
        forms: vec![form],
        diagnoses: Vec::new(),
        sentences: Vec::new(),
        circular: None,
    };
    let folder = Period::parse("2013-10");
    Fixture {
        figures: figures(&folder),
        validated: validated(&folder, &definition),
        collected: Collected::default(),
        folder,
        definition,
    }
}

fn code(unit: usize) -> String {
    format!("{COUNTY}{:03}", unit + 1)
}

/// Absent: 石匣乡 has not reported, 羊角乡 was sent back.
fn absence(unit: usize) -> Option<AbsentReason> {
    match unit {
        6 => Some(AbsentReason::Missing),
        9 => Some(AbsentReason::Rejected),
        _ => None,
    }
}

fn all_absent() -> Vec<Absent> {
    (0..UNITS.len())
        .filter_map(|i| absence(i).map(|reason| (i, reason)))
        .map(|(i, reason)| Absent {
            unit: code(i),
            form: "org_rating".to_owned(),
            reason,
            cells: Vec::new(),
        })
        .collect()
}

struct Base<'a> {
    indicator: &'a str,
    title: &'a str,
    measure: &'a str,
    programme: &'a str,
}

fn figure(base: &Base, unit: Option<usize>) -> Figure {
    let (unit_code, name, group) = match unit {
        Some(i) => (code(i), UNITS[i].0, UNITS[i].1),
        None => (COUNTY.to_owned(), "左权县", ""),
    };
    let absent = match unit {
        Some(i) => all_absent().into_iter().filter(|a| a.unit == code(i)).collect(),
        None => all_absent(),
    };
    let expected = if unit.is_some() { 1 } else { UNITS.len() };
    let used = expected - absent.len();
    Figure {
        id: format!("{}@{unit_code}", base.indicator),
        programme: base.programme.to_owned(),
        indicator: base.indicator.to_owned(),
        title: base.title.to_owned(),
        period: Period::parse("2013-10"),
        unit_code,
        unit: name.to_owned(),
        group: group.to_owned(),
        dimension: String::new(),
        category: String::new(),
        class: None,
        numerator: None,
        denominator: None,
        exact: None,
        value: None,
        decimals: 0,
        nature: Nature::Stock,
        scored: None,
        weight: None,
        measure: base.measure.to_owned(),
        units_expected: expected,
        units_reported: used,
        units_used: used,
        status: if absent.is_empty() { Status::Normal } else { Status::Incomplete },
        open_queries: 0,
        previous: None,
        year_ago: None,
        year_begin: None,
        series: Vec::new(),
        place: None,
        lineage: Origins { absent, ..Origins::default() },
    }
}

fn quotient(figure: &mut Figure, numerator: i64, denominator: i64, scale: i64, places: u8) {
    figure.numerator = Some(Decimal::integer(numerator));
    figure.denominator = Some(Decimal::integer(denominator));
    figure.exact = Rational::new((numerator * scale).into(), 1)
        .divided_by(Rational::new(denominator.into(), 1));
    figure.value = figure.exact.map(|e| e.round(places));
    if figure.value.is_none() {
        figure.status = Status::Missing;
    }
}

/// (good, fair, average, poor) of each unit.
fn grades(unit: usize) -> [i64; 4] {
    match unit {
        3 | 4 => [5, 10, 4, 1],
        16 => [1, 1, 1, 0],
        17 => [0, 0, 0, 0],
        n => [n as i64 % 5 + 2, 9 + n as i64 * 2 % 7, n as i64 % 4 + 1, i64::from(n % 3 == 0)],
    }
}

fn figures(folder: &Period) -> Vec<Figure> {
    let mut figures = Vec::new();
    let present = || (0..UNITS.len()).filter(|&i| absence(i).is_none());
    let total = |class: usize| present().map(|i| grades(i)[class]).sum::<i64>();
    let rated = Base {
        indicator: "good_or_better",
        title: "较好以上率",
        measure: "%",
        programme: "org-rating",
    };

    let mut county = figure(&rated, None);
    quotient(&mut county, total(0) + total(1), (0..4).map(total).sum(), 100, 1);
    county.open_queries = 2;
    compare(&mut county, "2013-09", "77.4", Some("2012-10"), None);
    county.year_begin = Some(change(&county, "2012-12", "71.0", true));
    county.series =
        series(&[("2012-12", "71.0"), ("2013-06", ""), ("2013-09", "77.4")], folder, &county, 2);
    county.lineage.numerator = vec![contribution(&(0..30).collect::<Vec<u32>>())];
    county.lineage.denominator = vec![contribution(&(0..36).collect::<Vec<u32>>())];
    figures.push(county);
    for i in 0..UNITS.len() {
        let mut unit = figure(&rated, Some(i));
        if absence(i).is_none() {
            let [a, b, c, d] = grades(i);
            quotient(&mut unit, a + b, a + b + c + d, 100, 1);
            if i == 2 {
                unit.status = Status::Provisional;
                unit.open_queries = 3;
            }
            let row = 2 * i as u32;
            unit.lineage.numerator = vec![contribution(&[row])];
            unit.lineage.denominator = vec![contribution(&[row, row + 1])];
        }
        figures.push(unit);
    }
    places(&mut figures, "good_or_better");
    for (n, (category, numerator, denominator)) in
        [("农村", 180, 260), ("机关事业单位", 60, 66), ("社会组织", 0, 0)].into_iter().enumerate()
    {
        let mut part = figure(&rated, None);
        part.id = format!("good_or_better@{COUNTY}@d{n}");
        part.dimension = "domain".to_owned();
        part.category = category.to_owned();
        quotient(&mut part, numerator, denominator, 100, 1);
        figures.push(part);
    }

    let distribution =
        Base { indicator: "grades", title: "等次分布", measure: "%", programme: "org-rating" };
    let classes = [("good", "好"), ("fair", "较好"), ("average", "一般"), ("poor", "较差")];
    for unit in std::iter::once(None).chain((0..UNITS.len()).map(Some)) {
        for (n, (id, title)) in classes.into_iter().enumerate() {
            let mut part = figure(&distribution, unit);
            part.id = format!("{}@{id}", part.id);
            part.class = Some(Class { id: id.to_owned(), title: title.to_owned() });
            let counts = match unit {
                None => Some([total(0), total(1), total(2), total(3)]),
                Some(i) => absence(i).is_none().then(|| grades(i)),
            };
            if let Some(counts) = counts {
                quotient(&mut part, counts[n], counts.iter().sum(), 100, 1);
            }
            figures.push(part);
        }
    }
    for (indicator, title, measure, programme) in [
        ("org_count", "党组织数", "个", "org-rating"),
        ("visits", "接待群众人次", "人次", "studio"),
    ] {
        let base = Base { indicator, title, measure, programme };
        let mut county = figure(&base, None);
        county.value = Some(Decimal::integer(1234));
        compare(&mut county, "2013-09", "1200", Some("2012-10"), Some("2.8"));
        figures.push(county);
        for i in 0..UNITS.len() {
            let mut unit = figure(&base, Some(i));
            if absence(i).is_none() {
                unit.value = Some(Decimal::integer((i as i64 * 37) % 190));
            }
            figures.push(unit);
        }
    }
    let mean = Base {
        indicator: "satisfaction",
        title: "群众满意度平均分",
        measure: "分",
        programme: "studio",
    };
    for unit in std::iter::once(None).chain((0..UNITS.len()).map(Some)) {
        let mut part = figure(&mean, unit);
        if unit.is_none_or(|i| absence(i).is_none()) {
            let count = unit.map_or(300, |i| 7 + i as i64);
            quotient(&mut part, count * 87 + 5, count, 1, 2);
        }
        if unit.is_none() {
            part.series = series(
                &[("2013-07", "86.10"), ("2013-08", "86.90"), ("2013-09", "")],
                folder,
                &part,
                9,
            );
        }
        figures.push(part);
    }
    places(&mut figures, "satisfaction");
    let mut coverage = figure(
        &Base {
            indicator: "coverage", title: "组织覆盖率", measure: "%", programme: "studio"
        },
        None,
    );
    quotient(&mut coverage, 1948, 5117, 100, 1);
    coverage.series = series(&[("2013-08", "37.0"), ("2013-09", "37.6")], folder, &coverage, 9);
    figures.push(coverage);

    let funnel =
        Base {
            indicator: "steps", title: "发展党员步骤", measure: "%", programme: "recruit"
        };
    let steps = [
        ("recommended", "推荐为入党积极分子"),
        ("examined", "考察合格"),
        ("noticed", "三次公示无异议"),
        ("voted", "票决通过"),
    ];
    for unit in [None, Some(0), Some(1)] {
        for ((id, title), count) in steps.into_iter().zip([160, 121, 97, 16]) {
            let mut part = figure(&funnel, unit);
            part.id = format!("{}@{id}", part.id);
            part.class = Some(Class { id: id.to_owned(), title: title.to_owned() });
            quotient(&mut part, count, 160, 100, 1);
            figures.push(part);
        }
    }
    figures
}

fn contribution(rows: &[u32]) -> Contribution {
    Contribution {
        source: "org_rating".to_owned(),
        period: Some(Period::parse("2013-10")),
        fields: Arc::from(["grade".to_owned()]),
        rows: rows.to_vec(),
        unlisted: 0,
    }
}

fn change(figure: &Figure, period: &str, then: &str, broken: bool) -> Change {
    let then = Decimal::parse(then);
    let difference = figure.value.zip(then).map(|(now, then)| now.minus(then));
    Change {
        called: String::new(),
        period: Period::parse(period),
        then,
        difference: if broken { None } else { difference },
        growth: None,
        obstacle: broken.then_some(Obstacle::Broken),
    }
}

fn compare(
    figure: &mut Figure,
    previous: &str,
    then: &str,
    year_ago: Option<&str>,
    growth: Option<&str>,
) {
    let mut previous = change(figure, previous, then, false);
    previous.growth = growth.and_then(Decimal::parse);
    figure.previous = Some(previous);
    figure.year_ago = year_ago.map(|period| Change {
        called: String::new(),
        period: Period::parse(period),
        then: None,
        difference: None,
        growth: None,
        obstacle: None,
    });
}

fn series(before: &[(&str, &str)], folder: &Period, figure: &Figure, broken: usize) -> Vec<Point> {
    let point = |(i, (period, value)): (usize, &(&str, &str))| Point {
        period: Period::parse(period),
        value: Decimal::parse(value),
        exact: None,
        base: None,
        status: Status::Normal,
        break_before: i == broken,
        restart_before: false,
    };
    let mut points: Vec<Point> = before.iter().enumerate().map(point).collect();
    points.push(Point {
        period: folder.clone(),
        value: figure.value,
        exact: figure.exact,
        base: figure.denominator,
        status: figure.status,
        break_before: false,
        restart_before: false,
    });
    points
}

fn places(figures: &mut [Figure], indicator: &str) {
    for group in ["乡镇", "县直机关", "非公"] {
        let exact: Vec<Rational> = figures
            .iter()
            .filter(|f| f.indicator == indicator && f.group == group)
            .filter_map(|f| f.exact)
            .collect();
        let wanted = |f: &&mut Figure| f.indicator == indicator && f.group == group;
        for figure in figures.iter_mut().filter(wanted) {
            let Some(own) = figure.exact else { continue };
            figure.place = Some(GroupPlace {
                group: group.to_owned(),
                place: 1 + exact.iter().filter(|e| **e > own).count(),
                of: exact.len(),
                tied: exact.iter().filter(|e| **e == own).count() > 1,
                small_base: figure.denominator.is_some_and(|d| d < Decimal::integer(5)),
                previous: Some(2),
            });
        }
    }
}

fn validated(folder: &Period, definition: &Definition) -> Validated {
    let form = &definition.forms[0];
    let returns: Vec<Arc<ReturnFacts>> = (0..UNITS.len())
        .map(|i| {
            Arc::new(ReturnFacts {
                form: "org_rating".to_owned(),
                unit: code(i),
                period: folder.clone(),
                folder: folder.clone(),
                file: format!("2013-10/{}_2013-10.xlsx", UNITS[i].0).into(),
                sheet: "分类定级".into(),
                columns: vec![
                    Column::texts([Some("001"), Some("002")]),
                    Column::texts([Some("好"), Some("一般")]),
                ]
                .into(),
                column_at: vec![Some(1), Some(12)],
                rows: vec![5, 6],
                placed: BTreeMap::new(),
                raw: vec![Vec::new(), Vec::new()],
                shown_places: vec![Vec::new(), Vec::new()],
                totals: Vec::new(),
                filed_on: None,
                formulas: std::collections::BTreeMap::new(),
                sentences: Vec::new(),
            })
        })
        .collect();
    let table = FactTable::new("org_rating", &form.column_types(), returns);
    let mut validated = Validated::default();
    validated.facts.tables.insert(("org_rating".to_owned(), folder.clone()), Arc::new(table));
    validated.receipts = (0..UNITS.len())
        .map(|i| Receipt {
            unit: code(i),
            form: "org_rating".to_owned(),
            period: folder.clone(),
            folder: folder.clone(),
            state: match absence(i) {
                Some(AbsentReason::Rejected) => ReturnState::Rejected,
                Some(AbsentReason::Missing | AbsentReason::Undecided) => ReturnState::Missing,
                None if i == 2 => ReturnState::Queried,
                None | Some(AbsentReason::Blank) => ReturnState::Clean,
            },
            owed: true,
            file: format!("2013-10/{}_2013-10.xlsx", UNITS[i].0).into(),
            received_on: (i != 6).then_some(16_010),
            deadline: None,
            timeliness: match i {
                4 => Timeliness::Late,
                6 => Timeliness::Absent,
                _ => Timeliness::OnTime,
            },
            errors: usize::from(i == 9),
            queries: if i == 2 { 3 } else { 0 },
            explained: 0,
            hints: 0,
            rows: 2,
        })
        .collect();
    validated.findings = vec![
        finding(Level::Error, 9, Outcome::Fail, "=HYPERLINK(\"http://example.com\",\"点我\")"),
        finding(Level::Query, 2, Outcome::Fail, "<b>12人</b> & \"约20\"\n第二行"),
        finding(Level::Query, 3, Outcome::Explained, "+SUM(A1:A9)"),
        finding(Level::Hint, 4, Outcome::NotEvaluated, "-1+cmd|' /C calc'!A0"),
    ];
    let mut old = finding(Level::Error, 1, Outcome::Fail, "上月");
    old.folder = Period::parse("2013-09");
    validated.findings.push(old);
    validated
        .tallies
        .insert("F05-02".to_owned(), CheckTally { passed: 30, failed: 3, not_evaluated: 1 });
    validated.tallies.insert("G-01".to_owned(), CheckTally { passed: 36, ..CheckTally::default() });
    validated
}

fn finding(level: Level, unit: usize, outcome: Outcome, seen: &str) -> Finding {
    Finding {
        level,
        code: "F05-02".to_owned(),
        title: "等次与得分不符".to_owned(),
        scope: Scope::Form,
        period: Period::parse("2013-10"),
        folder: Period::parse("2013-10"),
        unit: code(unit),
        form: "org_rating".to_owned(),
        location: Location {
            file: format!("2013-10/{}_2013-10.xlsx", UNITS[unit].0).into(),
            sheet: "分类定级".into(),
            cells: vec![CellRef::new(5, 12), CellRef::new(5, 11)],
        },
        seen: seen.to_owned(),
        expected: "较好".to_owned(),
        message: format!("评定等次“{seen}”与得分 92.50 不符"),
        remedy: "按分数线核对等次或得分".to_owned(),
        outcome,
    }
}
