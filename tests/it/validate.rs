//! Checks on hand-made returns: a passing, a failing and a not-evaluable row of each kind, the
//! states of a return, and what reaches later periods.

use std::fs;
use std::sync::Arc;

use dangtong::cache::Cache;
use dangtong::definition::{self, Definition};
use dangtong::model::{
    CellRef, CheckTally, Collected, Column, CorrectionNote, Decimal, Explanation, Finding, Level,
    Location, Outcome, Period, ReturnFacts, ReturnState, Scope, Timeliness, TotalRow, Validated,
};
use dangtong::sql::Embedded;
use dangtong::validate::validate;

use crate::columns;

const SETTINGS: &str = r#"
schema = 1
id = "t"
title = "测试县"
county_code = "100"
county_name = "测试县"
unit_register = "unit"
[report]
title = "月报"
organisation = "测试县委"
"#;

const CODELISTS: &str = r#"
[grade]
title = "等次"
ordered = true
codes = [{ code = "好", id = "good" }, { code = "一般", id = "fair" }, { code = "差", id = "poor" }]
[status]
title = "状态"
codes = [{ code = "在册", id = "on" }, { code = "撤销", id = "off" }]
"#;

const UNITS: &str = "code,name,aliases,kind,group\n\
    101,甲镇,甲镇党委,township,乡镇\n\
    102,乙乡,,township,乡镇\n\
    103,丙局,,agency,县直\n";

/// One form with a field for every built-in check, one register-like form.
const FORMS: &str = r#"
id = "p"
title = "测试"
order = 1

[[form]]
id = "work"
title = "工作月报"
row = "一个窗口"
frequency = "monthly"
due = "+3 days"
owed_by = ["township"]
primary_key = ["window"]
[[form.field]]
name = "window"
title = "窗口"
type = "code"
[[form.field]]
name = "clerk"
title = "经办人"
type = "text"
personal = true
[[form.field]]
name = "opening"
title = "期初"
type = "integer"
[[form.field]]
name = "registered"
title = "登记"
type = "integer"
[[form.field]]
name = "closed"
title = "办结"
type = "integer"
[[form.field]]
name = "closing"
title = "期末"
type = "integer"
[[form.field]]
name = "urgent"
title = "其中急件"
type = "integer"
part_of = "registered"
[[form.field]]
name = "due_attend"
title = "应到"
type = "integer"
[[form.field]]
name = "attended"
title = "实到"
type = "integer"
due = "due_attend"
[[form.field]]
name = "ytd"
title = "累计登记"
type = "integer"
cumulative = true
[[form.field]]
name = "score"
title = "得分"
type = "decimal"
decimals = 1
[[form.field]]
name = "grade"
title = "等次"
type = "code"
codelist = "grade"
[[form.field]]
name = "growth"
title = "增幅"
type = "percent"
decimals = 1
[[form.stock]]
opening = "opening"
closing = "closing"
[[form.band]]
id = "band"
of = "score"
steps = [{ code = "好", from = "80" }, { code = "一般", from = "60" }, { code = "差", from = "0" }]

[[form]]
id = "branch"
title = "组织台账"
row = "一个组织"
frequency = "monthly"
owed_by = ["township"]
primary_key = ["org"]
[[form.field]]
name = "org"
title = "组织代码"
type = "code"
[[form.field]]
name = "status"
title = "状态"
type = "code"
codelist = "status"
[[form.field]]
name = "grade"
title = "等次"
type = "code"
codelist = "grade"
blank = "nothing"
"#;

const WINDOW: usize = 0;
const CLERK: usize = 1;
const OPENING: usize = 2;
const REGISTERED: usize = 3;
const CLOSED: usize = 4;
const CLOSING: usize = 5;
const URGENT: usize = 6;
const DUE: usize = 7;
const ATTENDED: usize = 8;
const YTD: usize = 9;
const SCORE: usize = 10;
const GRADE: usize = 11;
const GROWTH: usize = 12;

/// A pipeline with the given checks, loaded as a user's would be.
fn pipeline(settings: &str, checks: &str) -> Definition {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["registers", "programmes"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let files = [
        ("pipeline.toml", format!("{SETTINGS}{settings}")),
        ("codelists.toml", CODELISTS.to_owned()),
        ("registers/unit.csv", UNITS.to_owned()),
        ("programmes/p.toml", format!("{FORMS}{checks}")),
    ];
    for (path, text) in files {
        fs::write(dir.path().join(path), text).unwrap();
    }
    definition::load(dir.path()).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>())
    })
}

fn check(code: &str, level: &str, body: &str) -> String {
    format!(
        "[[check]]\ncode = \"{code}\"\nname = \"test-check\"\ntitle = \"测试审核\"\n\
         level = \"{level}\"\nremedy = \"核对\"\nbasis = \"测试\"\n{body}\n"
    )
}

/// Returns of one run, each row given by the fields that matter.
struct County<'a> {
    definition: &'a Definition,
    collected: Collected,
}

impl<'a> County<'a> {
    fn new(definition: &'a Definition) -> Self {
        Self { definition, collected: Collected::default() }
    }

    /// A return of 工作月报 in the folder of its period; sheet rows begin at 4.
    fn work(&mut self, unit: &str, period: &str, rows: &[&[(usize, &str)]]) -> &mut ReturnFacts {
        self.add("work", unit, period, rows)
    }

    fn branches(&mut self, unit: &str, period: &str, rows: &[[&str; 3]]) -> &mut ReturnFacts {
        let rows: Vec<Vec<(usize, &str)>> =
            rows.iter().map(|row| row.iter().copied().enumerate().collect()).collect();
        let rows: Vec<&[(usize, &str)]> = rows.iter().map(Vec::as_slice).collect();
        self.add("branch", unit, period, &rows)
    }

    fn add(
        &mut self,
        form: &str,
        unit: &str,
        period: &str,
        rows: &[&[(usize, &str)]],
    ) -> &mut ReturnFacts {
        let form = self.definition.form(form).unwrap();
        let cell = |kind, field: usize, row: &&[(usize, &str)]| {
            let cell = row.iter().find(|(f, _)| *f == field).map_or("", |(_, text)| text);
            columns::parsed(kind, cell).unwrap()
        };
        let columns: Vec<Column> = (0..)
            .zip(form.column_types())
            .map(|(field, kind)| {
                let values: Vec<_> = rows.iter().map(|row| cell(kind, field, row)).collect();
                columns::of_values(kind, &values)
            })
            .collect();
        let period = Period::parse(period);
        let facts = columns::facts(form, unit, (period.clone(), period), columns);
        self.collected.returns.push(Arc::new(facts));
        Arc::get_mut(self.collected.returns.last_mut().unwrap()).unwrap()
    }

    fn explain(
        &mut self,
        folder: &str,
        code: &str,
        unit: &str,
        form: &str,
        cell: &str,
        text: &str,
    ) {
        self.collected.declarations.explanations.push(Explanation {
            folder: Period::parse(folder),
            code: code.into(),
            unit: unit.into(),
            form: form.into(),
            cell: cell.into(),
            seen: String::new(),
            text: text.into(),
            file: format!("{folder}/审核说明.csv").into(),
        });
    }

    fn validate(&self, folders: &[&str]) -> Validated {
        let folders: Vec<Period> = folders.iter().map(|f| Period::parse(f)).collect();
        validate(self.definition, &self.collected, &folders, &Cache::none(), &Embedded).unwrap()
    }
}

fn of_code<'a>(validated: &'a Validated, code: &str) -> Vec<&'a Finding> {
    validated.findings.iter().filter(|f| f.code == code).collect()
}

/// The only finding of a code.
#[track_caller]
fn only<'a>(validated: &'a Validated, code: &str) -> &'a Finding {
    let found = of_code(validated, code);
    assert_eq!(found.len(), 1, "{code}: {found:#?}");
    found[0]
}

#[track_caller]
fn none(validated: &Validated, code: &str) {
    let found = of_code(validated, code);
    assert!(found.is_empty(), "{code}: {found:#?}");
}

fn state(validated: &Validated, unit: &str, form: &str) -> ReturnState {
    let last = &validated.receipts.last().unwrap().folder;
    let mine =
        |r: &&dangtong::model::Receipt| r.unit == unit && r.form == form && r.folder == *last;
    validated.receipts.iter().find(mine).unwrap().state
}

fn tally(passed: usize, failed: usize, not_evaluated: usize) -> CheckTally {
    CheckTally { passed, failed, not_evaluated }
}

/// Units whose rows count, in table order.
fn accepted<'a>(validated: &'a Validated, form: &str, period: &str) -> Vec<&'a str> {
    let table = validated.facts.table(form, &Period::parse(period));
    table.map_or_else(Vec::new, |t| t.returns.iter().map(|r| r.unit.as_str()).collect())
}

const BALANCE: &str = r#"
form = "work"
rule = "opening + registered = closed + closing"
cells = ["clerk", "opening", "registered", "closed", "closing"]
message = "{unit}{window}：期初 {opening} 加登记 {registered} 不平"
"#;

#[test]
fn a_row_rule_passes_fails_and_is_not_evaluated() {
    let definition = pipeline("", &check("T-1", "error", BALANCE));
    let mut county = County::new(&definition);
    let good: &[(usize, &str)] =
        &[(WINDOW, "1"), (OPENING, "2"), (REGISTERED, "3"), (CLOSED, "4"), (CLOSING, "1")];
    let bad: &[(usize, &str)] = &[
        (WINDOW, "2"),
        (CLERK, "党员0001"),
        (OPENING, "2"),
        (REGISTERED, "3"),
        (CLOSED, "3"),
        (CLOSING, "1"),
    ];
    let blank: &[(usize, &str)] = &[(WINDOW, "3"), (OPENING, "2"), (CLOSED, "3"), (CLOSING, "1")];
    county.work("101", "2013-10", &[good, bad, blank]);
    let validated = county.validate(&["2013-10"]);
    assert_eq!(validated.tallies["T-1"], tally(1, 1, 1));
    let found = of_code(&validated, "T-1");
    assert_eq!(found.len(), 2);
    let failed = found.iter().find(|f| f.outcome == Outcome::Fail).unwrap();
    assert_eq!(failed.message, "甲镇2：期初 2 加登记 3 不平");
    assert_eq!(failed.location.to_string(), "2013-10/101.xlsx › 工作月报 ! B5 C5 D5 E5 F5");
    assert_eq!(failed.seen, "经办人=〔个人信息〕，期初=2，登记=3，办结=3，期末=1");
    assert_eq!(failed.expected, "两边应相等：左边=5，右边=4，相差 1");
    assert_eq!((failed.level, failed.scope), (Level::Error, Scope::Form));
    let not = found.iter().find(|f| f.outcome == Outcome::NotEvaluated).unwrap();
    assert_eq!(not.message, "1 行未评估：“登记”为空");
    assert_eq!(not.location.cells, vec![CellRef::new(5, 3)]);
    assert_eq!(state(&validated, "101", "work"), ReturnState::Rejected);
    assert!(accepted(&validated, "work", "2013-10").is_empty());
}

#[test]
fn missing_policies_and_when_decide_what_a_blank_means() {
    let rule = |policy: &str| {
        format!(
            "form = \"work\"\nrule = \"closed <= registered\"\nmissing = \"{policy}\"\nmessage = \"办结大于登记\""
        )
    };
    let asked =
        "form = \"work\"\nrule = \"closed > 0\"\nwhen = \"registered > 0\"\nmessage = \"没有办结\"";
    let checks = [
        check("T-SKIP", "query", &rule("skip")),
        check("T-FAIL", "query", &rule("fail")),
        check("T-ASIS", "query", &rule("as-is")),
        check("T-WHEN", "query", asked),
    ];
    let definition = pipeline("", &checks.concat());
    let mut county = County::new(&definition);
    county.work(
        "101",
        "2013-10",
        &[
            &[(WINDOW, "1"), (REGISTERED, "5"), (CLOSED, "5")],
            &[(WINDOW, "2"), (REGISTERED, "0"), (CLOSED, "0")],
            &[(WINDOW, "3"), (CLOSED, "1")],
            &[(WINDOW, "4"), (REGISTERED, "1")],
        ],
    );
    let validated = county.validate(&["2013-10"]);
    assert_eq!(validated.tallies["T-SKIP"], tally(2, 0, 2));
    assert_eq!(validated.tallies["T-FAIL"], tally(2, 2, 0));
    assert_eq!(validated.tallies["T-ASIS"], tally(2, 0, 2));
    // Row 2 and 3 are not asked; row 4 is, and 办结 is blank.
    assert_eq!(validated.tallies["T-WHEN"], tally(1, 0, 1));
    let skipped = only(&validated, "T-SKIP");
    assert_eq!(skipped.message, "2 行未评估：“登记”、“办结”为空");
    none(&validated, "T-ASIS");
    assert_eq!(of_code(&validated, "T-FAIL")[0].expected, "应满足：办结 ≤ 登记");
    // 核实 only: provisional, but in.
    assert_eq!(state(&validated, "101", "work"), ReturnState::Queried);
    assert_eq!(accepted(&validated, "work", "2013-10"), ["101"]);
}

#[test]
fn a_derived_column_gives_the_expected_value_and_an_absent_column_is_named() {
    let body = "form = \"work\"\nrule = \"grade = score__band\"\nmessage = \"等次“{grade}”与得分 {score} 不符，应为{score__band}\"";
    let definition = pipeline("", &check("T-1", "error", body));
    let mut county = County::new(&definition);
    county.work(
        "101",
        "2013-10",
        &[
            &[(WINDOW, "1"), (SCORE, "80.0"), (GRADE, "好")],
            &[(WINDOW, "2"), (SCORE, "79.9"), (GRADE, "好")],
        ],
    );
    county.work("102", "2013-10", &[&[(WINDOW, "3"), (SCORE, "79.9")]]).column_at[GRADE] = None;
    let validated = county.validate(&["2013-10"]);
    assert_eq!(validated.tallies["T-1"], tally(1, 1, 1));
    let failed = of_code(&validated, "T-1").into_iter().find(|f| f.unit == "101").unwrap();
    assert_eq!(failed.message, "等次“好”与得分 79.9 不符，应为一般");
    assert_eq!(failed.expected, "等次应为一般");
    assert_eq!(failed.location.cells_text(), "K5 L5");
    let not = of_code(&validated, "T-1").into_iter().find(|f| f.unit == "102").unwrap();
    assert_eq!(not.message, "1 行未评估：报表没有“等次”栏");
}

#[test]
fn totals_parts_due_and_rates_are_compared() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    let facts = county.work(
        "101",
        "2013-10",
        &[
            &[(WINDOW, "1"), (REGISTERED, "3"), (URGENT, "3"), (DUE, "5"), (ATTENDED, "5")],
            &[(WINDOW, "2"), (REGISTERED, "4"), (URGENT, "5"), (DUE, "5"), (ATTENDED, "6")],
            &[(WINDOW, "3"), (URGENT, "5"), (GROWTH, "-0.1")],
        ],
    );
    facts.totals = vec![TotalRow {
        row: 6,
        label: "合 计".into(),
        subtotal: false,
        first: 0,
        end: 3,
        step: 1,
        values: vec![
            (REGISTERED, REGISTERED as u16, Decimal::integer(8)),
            (URGENT, URGENT as u16, Decimal::integer(13)),
            (SCORE, SCORE as u16, Decimal::integer(99)),
        ],
    }];
    let validated = county.validate(&["2013-10"]);
    let total = only(&validated, "G-01");
    assert_eq!((total.seen.as_str(), total.location.cells_text().as_str()), ("合计=8", "D7"));
    assert_eq!(total.expected, "明细 3 行之和=7，相差 1");
    assert_eq!(validated.tallies["G-01"], tally(1, 1, 0));
    // A cell that reading refused leaves the total open.
    let mut refused = reading_error("101", "work", "2013-10/101.xlsx");
    refused.location.sheet = "工作月报".into();
    refused.location.cells = vec![CellRef::new(5, REGISTERED as u16)];
    county.collected.findings.push(refused);
    let with_refused = county.validate(&["2013-10"]);
    none(&with_refused, "G-01");
    assert_eq!(with_refused.tallies["G-01"], tally(1, 0, 1));
    let part = only(&validated, "G-02");
    assert_eq!(part.message, "“其中急件” 5 应不大于“登记” 4");
    assert_eq!(validated.tallies["G-02"], tally(1, 1, 1));
    assert_eq!(only(&validated, "G-04").location.cells_text(), "I5 H5");
    let rate = only(&validated, "G-14");
    assert_eq!(
        (rate.level, rate.message.as_str()),
        (Level::Hint, "“增幅”为 -0.1%，在 0 到 100 之外")
    );
}

#[test]
fn exhaustive_parts_equal_their_whole() {
    let forms =
        "[[form.parts]]\nwhole = \"registered\"\nof = [\"closed\", \"urgent\"]\ncomplete = true\n";
    // A parts table belongs to the form before it: the register-like form has no such fields,
    // so this test declares a form of its own.
    let own = format!(
        "[[form]]\nid = \"sums\"\ntitle = \"分项表\"\nrow = \"一行\"\nfrequency = \"monthly\"\nowed_by = [\"township\"]\n\
         field = [\n{}\n]\n{forms}",
        ["registered", "closed", "urgent"]
            .map(|name| format!("{{ name = \"{name}\", title = \"{name}\", type = \"integer\" }}"))
            .join(",\n")
    );
    let definition = pipeline("", &own);
    let mut county = County::new(&definition);
    county.add(
        "sums",
        "101",
        "2013-10",
        &[
            &[(0, "5"), (1, "2"), (2, "3")],
            &[(0, "5"), (1, "2"), (2, "2")],
            &[(0, "5"), (1, "2")],
            &[(0, "5"), (1, "6")],
        ],
    );
    let validated = county.validate(&["2013-10"]);
    assert_eq!(validated.tallies["G-02"], tally(1, 2, 1));
    let found = of_code(&validated, "G-02");
    assert_eq!(found[0].message, "“registered”的各分项之和为 4，应等于 5");
}

#[test]
fn keys_are_unique_in_a_return_and_across_units() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    county.branches("101", "2013-10", &[["A1", "在册", ""], ["A2", "在册", ""]]);
    county.branches("102", "2013-10", &[["B1", "在册", ""], ["B1", "在册", ""]]);
    let validated = county.validate(&["2013-10"]);
    let twice = only(&validated, "G-07");
    assert_eq!((twice.unit.as_str(), twice.location.cells_text().as_str()), ("102", "A4 A5"));
    assert_eq!(state(&validated, "102", "branch"), ReturnState::Rejected);

    let mut county = County::new(&definition);
    county.branches("101", "2013-10", &[["A1", "在册", ""]]);
    county.branches("102", "2013-10", &[["A1", "在册", ""]]);
    let validated = county.validate(&["2013-10"]);
    let shared = only(&validated, "G-07");
    assert_eq!(shared.unit, "");
    assert_eq!(shared.message, "“组织代码”“A1”同时出现在甲镇、乙乡的报表中");
    assert_eq!(shared.seen, "2013-10/101.xlsx › 组织台账 ! A4；2013-10/102.xlsx › 组织台账 ! A4");
    // It rejects nobody.
    assert_eq!(state(&validated, "101", "branch"), ReturnState::Clean);
    assert_eq!(accepted(&validated, "branch", "2013-10"), ["101", "102"]);
}

#[test]
fn stocks_and_cumulative_numbers_follow_on_from_the_last_period() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    let row =
        |window: &'static str, opening: &'static str, closing: &'static str, ytd: &'static str| {
            vec![(WINDOW, window), (OPENING, opening), (CLOSING, closing), (YTD, ytd)]
        };
    county.work("101", "2013-09", &[&row("1", "0", "4", "10"), &row("2", "0", "5", "20")]);
    county.work(
        "101",
        "2013-10",
        &[&row("1", "4", "1", "12"), &row("2", "6", "1", "19"), &row("3", "0", "1", "1")],
    );
    // Nothing of 乙乡 in September.
    county.work("102", "2013-10", &[&row("9", "7", "1", "1")]);
    let validated = county.validate(&["2013-09", "2013-10"]);
    let october: Vec<&Finding> = of_code(&validated, "G-08")
        .into_iter()
        .filter(|f| f.folder == Period::parse("2013-10"))
        .collect();
    assert_eq!(october.len(), 2, "{october:#?}");
    assert_eq!(october[0].message, "“期初” 6 与上期“期末” 5 不符");
    assert_eq!(october[0].expected, "上期（2013年9月）“期末”=5，相差 1");
    assert_eq!(october[0].location.cells_text(), "C5");
    assert_eq!((october[1].unit.as_str(), october[1].outcome), ("102", Outcome::NotEvaluated));
    assert_eq!(october[1].message, "1 行未评估：本单位上期报表未报或退回");
    assert_eq!(validated.tallies["G-08"], tally(1, 1, 2));
    let falling: Vec<&Finding> =
        of_code(&validated, "G-09").into_iter().filter(|f| f.outcome == Outcome::Fail).collect();
    assert_eq!(falling.len(), 1);
    assert_eq!(falling[0].message, "累计数“累计登记” 19 小于上期的 20");
    // The first folder says once that there is nothing before it.
    let september: Vec<&Finding> = of_code(&validated, "G-08")
        .into_iter()
        .filter(|f| f.folder == Period::parse("2013-09"))
        .collect();
    assert_eq!(september.len(), 1);
    assert_eq!(september[0].message, "未评估：没有上期（2013年8月）审核通过的报表");
    assert_eq!(accepted(&validated, "work", "2013-10"), ["102"]);
}

#[test]
fn cumulative_numbers_begin_anew_in_january() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    county.work("101", "2012-12", &[&[(WINDOW, "1"), (YTD, "90")]]);
    county.work("101", "2013-01", &[&[(WINDOW, "1"), (YTD, "3")]]);
    let validated = county.validate(&["2012-12", "2013-01"]);
    assert!(of_code(&validated, "G-09").iter().all(|f| f.outcome == Outcome::NotEvaluated));
}

#[test]
fn jumps_and_copies_are_queried_once_a_return() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    let row = |registered: &'static str, closed: &'static str| {
        vec![(WINDOW, "1"), (REGISTERED, registered), (CLOSED, closed), (DUE, "7")]
    };
    county.work("101", "2013-09", &[&row("40", "30")]);
    county.work("101", "2013-10", &[&row("60", "49")]);
    county.work("102", "2013-09", &[&row("40", "30")]);
    county.work("102", "2013-10", &[&row("40", "30")]);
    let validated = county.validate(&["2013-09", "2013-10"]);
    let found = of_code(&validated, "G-10");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].message, "与上期（2013年9月）相比变化异常：登记 40→60");
    assert_eq!(found[1].message, "本期与上期（2013年9月）逐格相同，疑为照抄上期");
    assert!(found.iter().all(|f| f.level == Level::Query));
    // The pipeline may tune or switch off.
    let tuned = pipeline("[builtin.G-10]\npercent = 200\n[builtin.G-11]\nenabled = false\n", "");
    county.definition = &tuned;
    let validated = county.validate(&["2013-09", "2013-10"]);
    assert_eq!(of_code(&validated, "G-10").len(), 1);
}

#[test]
fn a_return_that_is_another_unit_s_cell_by_cell_is_queried_at_both() {
    let definition = pipeline("", "");
    let row: &[(usize, &str)] =
        &[(WINDOW, "1"), (CLERK, "党员0001"), (OPENING, "1"), (REGISTERED, "7")];
    let whole = [row, &[(CLOSED, "3"), (CLOSING, "5"), (DUE, "9")]].concat();
    let mut county = County::new(&definition);
    county.work("101", "2013-10", &[&whole]);
    county.work("102", "2013-10", &[&whole]);
    let validated = county.validate(&["2013-10"]);
    let found = of_code(&validated, "G-19");
    let said: Vec<_> = found.iter().map(|f| (f.unit.as_str(), f.message.as_str())).collect();
    let text = |other| format!("与{other}的报表逐格相同，疑为报错单位或照抄");
    assert_eq!(said, [("101", text("乙乡").as_str()), ("102", text("甲镇").as_str())]);
    // One cell differs; five numbers and texts may be the same by chance.
    for rows in [[whole.clone(), [row, &[(CLOSED, "4")]].concat()], [row.to_vec(), row.to_vec()]] {
        let mut county = County::new(&definition);
        county.work("101", "2013-10", &[&rows[0]]);
        county.work("102", "2013-10", &[&rows[1]]);
        none(&county.validate(&["2013-10"]), "G-19");
    }
}

#[test]
fn long_uniform_answers_are_queried() {
    let definition = pipeline("", "");
    let names: Vec<String> = (0..10).map(|n| format!("A{n}")).collect();
    let rows: Vec<[&str; 3]> = names.iter().map(|name| [name.as_str(), "在册", "好"]).collect();
    let mut county = County::new(&definition);
    county.branches("101", "2013-10", &rows);
    county.branches("102", "2013-10", &rows[..0]);
    let validated = county.validate(&["2013-10"]);
    // 状态 is no grade: only the ordered list counts.
    assert_eq!(only(&validated, "G-11").message, "10 行的“等次”全部为“好”，请核实是否批量填充");
    let mut county = County::new(&definition);
    county.branches("101", "2013-10", &rows[..9]);
    none(&county.validate(&["2013-10"]), "G-11");
}

#[test]
fn a_row_on_the_books_does_not_vanish() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    let september =
        [["A1", "在册", ""], ["A2", "在册", ""], ["A3", "撤销", ""], ["A4", "在册", ""]];
    county.branches("101", "2013-09", &september);
    county.branches("102", "2013-09", &[["B1", "在册", ""]]);
    // A2 is gone, A3 was closed before, A4 moved to 乙乡.
    county.branches("101", "2013-10", &[["A1", "在册", ""]]);
    county.branches("102", "2013-10", &[["B1", "在册", ""], ["A4", "在册", ""]]);
    let validated = county.validate(&["2013-09", "2013-10"]);
    let gone = only(&validated, "G-13");
    assert_eq!(
        (gone.unit.as_str(), gone.message.as_str()),
        ("101", "上期在册的 1 条记录本期未列：A2")
    );
    assert_eq!(accepted(&validated, "branch", "2013-10"), ["102"]);
}

#[test]
fn what_a_row_had_last_period_does_not_turn_blank_without_a_word() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    county.branches(
        "101",
        "2013-09",
        &[["A1", "在册", "好"], ["A2", "在册", "差"], ["A3", "在册", ""]],
    );
    // A2 had a grade, A3 never had one, A4 is new.
    let october =
        [["A1", "在册", "好"], ["A2", "在册", ""], ["A3", "在册", ""], ["A4", "在册", ""]];
    county.branches("101", "2013-10", &october);
    let validated = county.validate(&["2013-09", "2013-10"]);
    let emptied = only(&validated, "G-18");
    assert_eq!(emptied.level, Level::Hint);
    assert_eq!(emptied.message, "“组织代码”“A2”的“等次”上期为“差”，本期空白，按没有计");
    assert_eq!(validated.tallies["G-18"], tally(1, 1, 0));
    assert_eq!(accepted(&validated, "branch", "2013-10"), ["101"]);
}

const CROSS: &str = r#"
form = "work"
violations = """
  SELECT w.unit, w._row, b.branches AS seen
  FROM work w LEFT JOIN (SELECT unit, COUNT(*) AS branches FROM branch GROUP BY unit) b
  ON b.unit = w.unit
  WHERE w.registered > COALESCE(b.branches, 0)"""
cells = ["registered"]
message = "{unit}登记 {registered} 多于组织数 {seen}"
"#;

#[test]
fn a_query_blames_its_own_form_and_waits_for_the_other_side() {
    let definition = pipeline("", &check("T-1", "error", CROSS));
    let mut county = County::new(&definition);
    county.work(
        "101",
        "2013-10",
        &[&[(WINDOW, "1"), (REGISTERED, "1")], &[(WINDOW, "2"), (REGISTERED, "3")]],
    );
    county.branches("101", "2013-10", &[["A1", "在册", ""], ["A2", "在册", ""]]);
    // The other form of 乙乡 is rejected: its check waits.
    county.work("102", "2013-10", &[&[(WINDOW, "3"), (REGISTERED, "9")]]);
    county.branches("102", "2013-10", &[["B1", "在册", ""], ["B1", "在册", ""]]);
    let validated = county.validate(&["2013-10"]);
    let found = of_code(&validated, "T-1");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].message, "甲镇登记 3 多于组织数 2");
    assert_eq!((found[0].scope, found[0].location.cells_text().as_str()), (Scope::Forms, "D5"));
    assert_eq!(found[1].outcome, Outcome::NotEvaluated);
    assert_eq!(found[1].message, "未评估：本单位“组织台账”（2013年10月）未报或退回");
    // Window 1 passed, window 2 failed, window 3 was not looked at.
    assert_eq!(validated.tallies["T-1"], tally(1, 1, 1));
    assert_eq!(state(&validated, "101", "work"), ReturnState::Rejected);
    assert_eq!(state(&validated, "101", "branch"), ReturnState::Clean);
    assert_eq!(state(&validated, "102", "work"), ReturnState::Clean);
    assert_eq!(accepted(&validated, "work", "2013-10"), ["102"]);
    assert_eq!(accepted(&validated, "branch", "2013-10"), ["101"]);
}

#[test]
fn a_unit_that_is_out_already_is_not_blamed_again() {
    let body = "form = \"work\"\nviolations = \"SELECT b.unit, b.org AS seen FROM branch b LEFT JOIN (SELECT window AS code FROM work) w ON w.code = b.org WHERE w.code IS NULL\"\nmessage = \"{seen} 没有月报\"";
    let definition = pipeline("", &check("T-1", "error", body));
    let mut county = County::new(&definition);
    county.work("101", "2013-10", &[&[(WINDOW, "A1")]]);
    // 实到 above 应到: the return of 乙乡 is out before queries run.
    county.work("102", "2013-10", &[&[(WINDOW, "B1"), (DUE, "1"), (ATTENDED, "2")]]);
    county.branches("101", "2013-10", &[["A1", "在册", ""], ["A2", "在册", ""]]);
    county.branches("102", "2013-10", &[["B1", "在册", ""]]);
    let validated = county.validate(&["2013-10"]);
    let blamed = only(&validated, "T-1");
    assert_eq!((blamed.unit.as_str(), blamed.message.as_str()), ("101", "A2 没有月报"));
    // The return of 甲镇 is blamed as a whole: its one row did not pass.
    assert_eq!(validated.tallies["T-1"], tally(0, 1, 0));
}

#[test]
fn a_query_without_any_other_side_says_so_once() {
    let previous = "form = \"work\"\nviolations = \"SELECT w.unit FROM work w JOIN work__prev p ON p.unit = w.unit AND p.window = w.window WHERE w.registered < p.registered\"\nmessage = \"{unit}登记减少\"";
    let definition = pipeline("", &check("T-1", "query", previous));
    let mut county = County::new(&definition);
    for (unit, september, october) in [("101", "5", "4"), ("102", "5", "6")] {
        county.work(unit, "2013-09", &[&[(WINDOW, unit), (REGISTERED, september)]]);
        county.work(unit, "2013-10", &[&[(WINDOW, unit), (REGISTERED, october)]]);
    }
    let validated = county.validate(&["2013-09", "2013-10"]);
    let found = of_code(&validated, "T-1");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!((found[0].outcome, found[0].unit.as_str()), (Outcome::NotEvaluated, ""));
    assert_eq!(found[0].message, "未评估：没有“工作月报”上期（2013年8月）审核通过的报表");
    assert_eq!((found[1].message.as_str(), found[1].scope), ("甲镇登记减少", Scope::Periods));
    assert_eq!(found[1].location.to_string(), "2013-10/101.xlsx › 工作月报");
    assert_eq!(validated.tallies["T-1"], tally(1, 1, 0));
    let first = county.validate(&["2013-09"]);
    assert_eq!(first.tallies["T-1"], tally(0, 0, 2));
}

#[test]
fn a_query_without_unit_blames_the_county_and_rejects_nobody() {
    let body = "form = \"work\"\nviolations = \"SELECT t.seen FROM (SELECT SUM(registered) AS seen FROM work) t WHERE t.seen > 5\"\nmessage = \"{unit}登记合计 {seen}\"";
    let definition = pipeline("", &check("T-1", "error", body));
    let mut county = County::new(&definition);
    county.work("101", "2013-10", &[&[(WINDOW, "1"), (REGISTERED, "4")]]);
    county.work("102", "2013-10", &[&[(WINDOW, "2"), (REGISTERED, "4")]]);
    let validated = county.validate(&["2013-10"]);
    assert_eq!(only(&validated, "T-1").message, "测试县登记合计 8");
    assert_eq!(validated.tallies["T-1"], tally(0, 1, 0));
    assert_eq!(accepted(&validated, "work", "2013-10"), ["101", "102"]);
}

#[test]
fn interval_checks_count_what_has_no_base() {
    let body = r#"
form = "work"
message = "公布 {score}，{range} 才对"
[check.interval]
operation = "share"
silent_when_missing = true
query = "SELECT unit, _row, growth AS printed, growth__half AS printed_half, registered AS a, 0 AS a_half, closed AS b, 0 AS b_half FROM work"
"#;
    let definition = pipeline("", &check("T-1", "query", body));
    let mut county = County::new(&definition);
    let row = |window: &'static str, printed: &'static str, a: &'static str, b: &'static str| {
        vec![(WINDOW, window), (GROWTH, printed), (REGISTERED, a), (CLOSED, b)]
    };
    county.work(
        "101",
        "2013-10",
        &[
            &row("1", "33.3", "1", "3"),
            &row("2", "33.4", "1", "3"),
            &row("3", "33.4", "1", "0"),
            &row("4", "33.4", "", "3"),
        ],
    );
    let validated = county.validate(&["2013-10"]);
    assert_eq!(validated.tallies["T-1"], tally(1, 1, 2));
    let failed = only(&validated, "T-1");
    assert_eq!(failed.message, "公布 （空），33.333至33.333 才对");
    assert_eq!(failed.expected, "按所列数的精度推算应在 33.333至33.333 之间");
}

const QUERY: &str = "form = \"work\"\nrule = \"closed > 0\"\nmessage = \"没有办结\"";

#[test]
fn explanations_settle_queries_and_nothing_else() {
    let checks = check("T-Q", "query", QUERY)
        + &check("T-E", "error", "form = \"work\"\nrule = \"opening >= 0\"\nmessage = \"负数\"");
    let definition = pipeline("", &checks);
    let mut county = County::new(&definition);
    county.work(
        "101",
        "2013-10",
        &[
            &[(WINDOW, "1"), (CLOSED, "0"), (OPENING, "0")],
            &[(WINDOW, "2"), (CLOSED, "0"), (OPENING, "0")],
        ],
    );
    county.work("102", "2013-10", &[&[(WINDOW, "3"), (CLOSED, "0"), (OPENING, "-1")]]);
    county.explain("2013-10", "T-Q", "甲镇党委", "工作月报", "E4", "本月无件");
    county.explain("2013-10", "T-E", "102", "work", "", "确为负数");
    county.explain("2013-10", "T-Q", "丁村", "", "", "没有这个单位");
    county.explain("2013-10", "T-9", "乙 乡", "", "", "没有这个审核");
    county.explain("2013-10", "T-Q", "102", "", "", " ");
    let validated = county.validate(&["2013-10"]);
    let outcomes: Vec<(String, Outcome)> = of_code(&validated, "T-Q")
        .iter()
        .map(|f| (format!("{} {}", f.unit, f.location.cells_text()), f.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("101 E4".to_owned(), Outcome::Explained),
            ("101 E5".to_owned(), Outcome::Fail),
            ("102 E4".to_owned(), Outcome::Fail),
        ]
    );
    assert_eq!(only(&validated, "T-E").outcome, Outcome::Fail);
    assert_eq!(only(&validated, "R-04").message, "T-E是强制性审核，写明说明也不能通过");
    let idle: Vec<&str> = of_code(&validated, "R-03").iter().map(|f| f.message.as_str()).collect();
    assert_eq!(
        idle,
        [
            "审核说明中的单位“丁村”不在单位名录中",
            "对“T-Q 102”的审核说明没有内容",
            "没有审核“T-9”，请核对编码",
        ]
    );
    assert_eq!(state(&validated, "101", "work"), ReturnState::Queried);

    county.explain("2013-10", "T-Q", "101", "", "", "两个窗口都没有件");
    let validated = county.validate(&["2013-10"]);
    assert_eq!(state(&validated, "101", "work"), ReturnState::Explained);
}

#[test]
fn receipts_tell_every_state() {
    let checks = check("T-Q", "query", QUERY);
    let definition = pipeline("", &checks);
    let mut county = County::new(&definition);
    county.work("101", "2013-10", &[&[(WINDOW, "1"), (CLOSED, "1")]]).filed_on = Some(day(11, 3));
    // 丙局 does not owe the form.
    county.work("103", "2013-10", &[&[(WINDOW, "2"), (CLOSED, "0")]]);
    county.collected.declarations.received.insert("2013-10/103.xlsx".into(), day(11, 4));
    let validated = county.validate(&["2013-10"]);
    let told: Vec<_> = validated
        .receipts
        .iter()
        .map(|r| (r.unit.as_str(), r.form.as_str(), r.owed, r.state, r.timeliness))
        .collect();
    assert_eq!(
        told,
        [
            ("101", "work", true, ReturnState::Clean, Timeliness::OnTime),
            ("101", "branch", true, ReturnState::Missing, Timeliness::NotAsked),
            ("102", "work", true, ReturnState::Missing, Timeliness::Absent),
            ("102", "branch", true, ReturnState::Missing, Timeliness::NotAsked),
            ("103", "work", false, ReturnState::Rejected, Timeliness::Late),
        ]
    );
    let missing = of_code(&validated, "R-01");
    assert_eq!(missing.len(), 3);
    assert_eq!(missing[0].message, "甲镇应报“组织台账”（2013年10月），未报");
    assert!(missing.iter().all(|f| f.rejects()));
    assert_eq!(accepted(&validated, "work", "2013-10"), ["101"]);
}

fn day(month: i8, day: i8) -> i32 {
    dangtong::model::day_number(jiff::civil::date(2013, month, day))
}

fn reading_error(unit: &str, form: &str, file: &str) -> Finding {
    Finding {
        level: Level::Error,
        code: "C-01".into(),
        title: "读不出".into(),
        scope: Scope::File,
        period: Period::parse("2013-10"),
        folder: Period::parse("2013-10"),
        unit: unit.into(),
        form: form.into(),
        location: Location::file(file),
        seen: String::new(),
        expected: String::new(),
        message: "读不出".into(),
        remedy: "另存后重报".into(),
        outcome: Outcome::Fail,
    }
}

#[test]
fn findings_of_reading_reject_what_they_concern() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    county.work("101", "2013-10", &[&[(WINDOW, "1")]]);
    county.branches("101", "2013-10", &[["A1", "在册", ""]]);
    let unreadable = "2013-10/102.xls";
    county.collected.findings = vec![
        reading_error("101", "work", "2013-10/101.xlsx"),
        reading_error("102", "", unreadable),
        reading_error("102", "branch", "2013-10/102b.xlsx"),
    ];
    let validated = county.validate(&["2013-10"]);
    assert_eq!(state(&validated, "101", "work"), ReturnState::Rejected);
    assert_eq!(state(&validated, "101", "branch"), ReturnState::Clean);
    // Unreadable counts as 未报 and names the file; a refused form goes back to the unit.
    assert_eq!(state(&validated, "102", "work"), ReturnState::Missing);
    assert_eq!(state(&validated, "102", "branch"), ReturnState::Rejected);
    let missing = only(&validated, "R-01");
    assert_eq!((missing.form.as_str(), &*missing.location.file), ("work", unreadable));
}

#[test]
fn corrections_are_complete_and_second_returns_are_declared() {
    let definition = pipeline("", "");
    let mut county = County::new(&definition);
    county.work("101", "2013-09", &[&[(WINDOW, "1"), (REGISTERED, "1")]]);
    county.work("101", "2013-10", &[&[(WINDOW, "1"), (REGISTERED, "2")]]);
    let again = county.work("101", "2013-09", &[&[(WINDOW, "1"), (REGISTERED, "9")]]);
    again.folder = Period::parse("2013-10");
    again.file = "2013-10/更正.xlsx".into();
    let validated = county.validate(&["2013-09", "2013-10"]);
    let second = only(&validated, "R-02");
    assert_eq!(second.expected, "已有审核通过的报表 2013-09/101.xlsx");
    let september = |validated: &Validated| {
        let table = validated.facts.table("work", &Period::parse("2013-09")).unwrap();
        table.columns[REGISTERED].clone()
    };
    assert_eq!(september(&validated), Column::integers(vec![Some(1)]));

    county.collected.declarations.corrections.push(CorrectionNote {
        folder: Period::parse("2013-10"),
        unit: "101".into(),
        form: "work".into(),
        adopted: "2013-10/更正.xlsx".into(),
        superseded: "2013-09/101.xlsx".into(),
        who: "党员0001".into(),
        when: "2013-10-20".into(),
        reason: String::new(),
    });
    let validated = county.validate(&["2013-09", "2013-10"]);
    assert_eq!(only(&validated, "G-12").seen, "原因为空");
    assert_eq!(september(&validated), Column::integers(vec![Some(1)]));

    county.collected.declarations.corrections[0].reason = "漏登".into();
    let validated = county.validate(&["2013-09", "2013-10"]);
    none(&validated, "G-12");
    none(&validated, "R-02");
    assert_eq!(september(&validated), Column::integers(vec![Some(9)]));
}

#[test]
fn the_order_of_files_changes_nothing() {
    let checks = check("T-Q", "query", QUERY) + &check("T-1", "error", BALANCE);
    let definition = pipeline("", &checks);
    let mut county = County::new(&definition);
    for unit in ["103", "102", "101"] {
        county.work(unit, "2013-10", &[&[(WINDOW, unit), (CLOSED, "0"), (URGENT, "1")]]);
        county.branches(unit, "2013-10", &[["A1", "在册", ""]]);
    }
    let one = county.validate(&["2013-10"]);
    county.collected.returns.reverse();
    let other = county.validate(&["2013-10"]);
    assert_eq!(one.findings, other.findings);
    assert_eq!(one.receipts, other.receipts);
    // 丙局 does not owe the form.
    assert_eq!(accepted(&one, "work", "2013-10"), ["101", "102"]);
    assert_eq!(accepted(&other, "work", "2013-10"), ["101", "102"]);
}
