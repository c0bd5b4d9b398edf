//! Diagnosis: what accuses a unit, since when, and what never does; and the county's list of
//! October against an independent program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::case::{Case, dangtong, read_csv, repository};

type Row = BTreeMap<String, String>;

/// The mini county with diseases, an indicator that counts problems, and these rules.
fn diagnosing(rules: &str) -> Case {
    let case = Case::mini();
    append(
        &case.path("pipeline/codelists.toml"),
        "[disease]\ntitle = \"病症\"\ncodes = [\n  { code = \"弱化\", id = \"weak\" },\n  \
         { code = \"虚化\", id = \"hollow\" },\n]\n",
    );
    append(
        &case.path("pipeline/programmes/cases.toml"),
        "\n[[indicator]]\nid = \"problem_total\"\ntitle = \"问题条数\"\nkind = \"problems\"\n\
         by = [\"unit\"]\nmeasure = \"条\"\nbetter = \"lower\"\nrank = true\n",
    );
    append(&case.path("pipeline/programmes/cases.toml"), rules);
    case
}

fn append(path: &Path, text: &str) {
    let old = fs::read_to_string(path).unwrap();
    fs::write(path, old + text).unwrap();
}

/// A rule with its own lines; text and basis are those of every rule here.
fn rule(id: &str, lines: &str) -> String {
    format!(
        "\n[[diagnosis]]\nid = \"{id}\"\ntitle = \"题\"\ndisease = \"弱化\"\n{lines}\n\
         text = \"{{unit}}：{{seen}}，{{threshold}}{{streak}}\"\nbasis = \"测试\"\n"
    )
}

/// `id → (periods, since, text)` of October's list.
fn problems(case: &Case) -> BTreeMap<String, (String, String, String)> {
    let row = |r: Row| {
        let of = |name: &str| r[name].clone();
        (of("problem_id"), (of("periods"), of("since"), of("text")))
    };
    case.csv("problems.csv").into_iter().map(row).collect()
}

fn is(periods: &str, since: &str, text: &str) -> (String, String, String) {
    (periods.to_owned(), since.to_owned(), text.to_owned())
}

#[test]
fn exactly_the_threshold_is_no_problem_and_just_below_is_though_it_prints_alike() {
    let case = diagnosing(&rule("slow", "indicator = \"closing_rate\"\nbelow = \"60\""));
    // 3 of 5 is 60 %; 2,999 of 5,000 is 59.98 %, printed as 60.0 %; 丙局 1 of 2.
    case.cases("2013-10", "甲镇", &[["a1", "1", "4", "3", "2"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "5000", "2999", "2001"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "2", "1", "1"]]);
    case.run().expect_code(0);
    let expected = BTreeMap::from([
        ("slow@102".to_owned(), is("1", "2013-10", "乙乡：60.0%（2999/5000），不低于 60%")),
        ("slow@103".to_owned(), is("1", "2013-10", "丙局：50.0%（1/2），不低于 60%")),
    ]);
    assert_eq!(problems(&case), expected);
}

/// 甲镇 is slow in July, September and October and sends nothing in August; 乙乡 is slow in all
/// four months; 丙局 never.
fn four_months(rules: &str) -> Case {
    let case = diagnosing(rules);
    case.cases("2013-07", "甲镇", &[["a1", "0", "4", "1", "3"]]);
    case.cases("2013-09", "甲镇", &[["a1", "3", "2", "1", "4"]]);
    case.cases("2013-10", "甲镇", &[["a1", "4", "4", "1", "7"]]);
    case.cases("2013-07", "乙乡", &[["b1", "0", "10", "1", "9"]]);
    case.cases("2013-08", "乙乡", &[["b1", "9", "1", "1", "9"]]);
    case.cases("2013-09", "乙乡", &[["b1", "9", "2", "1", "10"]]);
    case.cases("2013-10", "乙乡", &[["b1", "10", "6", "1", "15"]]);
    for (month, count) in [("07", "4"), ("08", "3"), ("09", "2"), ("10", "5")] {
        case.cases(&format!("2013-{month}"), "丙局", &[["c1", "0", count, count, "0"]]);
    }
    case
}

#[test]
fn periods_are_counted_back_over_those_without_a_return() {
    let lines = "indicator = \"closing_rate\"\nbelow = \"50\"";
    let long = rule("slow-for-three", &format!("{lines}\nperiods = 3"));
    let case = four_months(&(rule("slow", lines) + &long));
    case.run().expect_code(0);
    // By hand: 甲镇 1/8 in October, 1/5 in September, nothing in August, 1/4 in July. 乙乡 1/16 in
    // October. August neither adds to 甲镇's row nor ends it: silence is no improvement.
    let silent = "甲镇：12.5%（1/8），不低于 50%（自2013年7月起至少 3 个月，8月缺报）";
    let early = "乙乡：6.3%（1/16），不低于 50%（自2013年7月起连续 4 个月）";
    let expected = BTreeMap::from([
        ("slow@101".to_owned(), is("3", "2013-07", silent)),
        ("slow-for-three@101".to_owned(), is("3", "2013-07", silent)),
        ("slow@102".to_owned(), is("4", "2013-07", early)),
        ("slow-for-three@102".to_owned(), is("4", "2013-07", early)),
    ]);
    assert_eq!(problems(&case), expected);
    let gaps: Vec<(String, String)> = case
        .csv("problems.csv")
        .into_iter()
        .map(|r| (r["problem_id"].clone(), r["gaps"].clone()))
        .collect();
    assert!(gaps.contains(&("slow@101".to_owned(), "8月缺报".to_owned())), "{gaps:?}");
    assert!(gaps.contains(&("slow@102".to_owned(), String::new())), "{gaps:?}");
}

/// The row ends where the unit reported that all was well, whatever lies between.
#[test]
fn a_silent_month_before_the_first_bad_one_makes_the_count_a_lower_bound() {
    let case = diagnosing(&rule("slow", "indicator = \"closing_rate\"\nbelow = \"50\""));
    case.cases("2013-07", "甲镇", &[["a1", "0", "4", "4", "0"]]);
    // 8月: numbers that do not balance, 退回.
    case.cases("2013-08", "甲镇", &[["a1", "0", "0", "7", "0"]]);
    case.cases("2013-09", "甲镇", &[["a1", "0", "5", "1", "4"]]);
    case.cases("2013-10", "甲镇", &[["a1", "4", "4", "1", "7"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "5", "5", "0"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "5", "5", "0"]]);
    case.run().expect_code(0);
    let expected = "甲镇：12.5%（1/8），不低于 50%（自2013年9月起至少 2 个月，8月退回）";
    assert_eq!(problems(&case)["slow@101"], is("2", "2013-09", expected));
}

/// A target for the year asks of October ten twelfths of it: 83.33… %.
#[test]
fn a_plan_for_the_year_is_judged_by_the_months_that_have_passed() {
    let case = diagnosing(&rule("behind", "indicator = \"plan_rate\"\nbelow = \"100\""));
    append(
        &case.path("pipeline/programmes/cases.toml"),
        "\n[[indicator]]\nid = \"plan_rate\"\ntitle = \"计划完成率\"\nform = \"cases\"\nkind = \"ratio\"\n\
         numerator = \"closed\"\ndenominator = \"opening + registered\"\nby = [\"unit\"]\ndecimals = 1\n\
         better = \"higher\"\ntarget = \"100%\"\nnature = \"ytd\"\npace = \"year\"\n",
    );
    // 5 of 6 is exactly due; 8,333 of 10,000 prints alike and is behind.
    case.cases("2013-10", "甲镇", &[["a1", "0", "6", "5", "1"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "10000", "8333", "1667"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "5", "5", "0"]]);
    case.run().expect_code(0);
    let expected = "乙乡：83.3%（8333/10000），不低于时序进度 83.3%（全年 100%）";
    let expected = BTreeMap::from([("behind@102".to_owned(), is("1", "2013-10", expected))]);
    assert_eq!(problems(&case), expected);
}

#[test]
fn a_change_of_definition_ends_the_row() {
    let case = four_months(&rule("slow", "indicator = \"closing_rate\"\nbelow = \"50\""));
    let path = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&path).unwrap();
    let broken = text.replace("target = \"80%\"", "target = \"80%\"\nbreaks = [\"2013-09\"]");
    assert_ne!(text, broken);
    fs::write(&path, broken).unwrap();
    case.run().expect_code(0);
    let (periods, since, _) = problems(&case)["slow@102"].clone();
    assert_eq!((periods.as_str(), since.as_str()), ("2", "2013-09"));
}

#[test]
fn a_missing_return_accuses_nobody_but_by_the_rule_about_returns() {
    let case = diagnosing(
        &(rule("slow", "indicator = \"closing_rate\"\nbelow = \"100\"")
            + &rule("none", "indicator = \"registered_total\"\nequals = \"0\"")
            + &rule("absent", "reporting = [\"missing\", \"rejected\"]")),
    );
    case.cases("2013-09", "乙乡", &[["b1", "0", "5", "1", "4"]]);
    case.cases("2013-10", "甲镇", &[["a1", "0", "4", "4", "0"]]);
    // 丙局's numbers do not balance: 退回.
    case.cases("2013-10", "丙局", &[["c1", "0", "0", "7", "0"]]);
    case.run().expect_code(1);
    let found = problems(&case);
    // 丙局 is accused of nothing that its returns never said; what 乙乡's last return said stands
    // until another one clears it.
    assert_eq!(found.keys().collect::<Vec<_>>(), ["absent@102", "absent@103", "slow@102"]);
    let last_known = "乙乡：20.0%（2013年9月），不低于 100%（自2013年9月起至少 1 个月，10月缺报）";
    assert_eq!(found["slow@102"], is("1", "2013-09", last_known));
    assert_eq!(found["absent@102"], is("1", "2013-10", "乙乡：未报 1 份，无未报、退回"));
    // 甲镇 and 丙局 sent nothing in September either, but 丙局 was missing then and is now back
    // with something worse: two folders in a row.
    assert_eq!(found["absent@103"].0, "2");
    let figures = case.csv("figures.csv");
    let count = |id: &str| {
        let row = figures.iter().find(|r| r["figure_id"] == id).unwrap();
        ["value", "units_expected", "units_reported", "units_used", "status"]
            .map(|c| row[c].clone())
    };
    // What could not be seen may hold problems: the counts say that they are incomplete.
    assert_eq!(count("problem_total@101"), ["0", "1", "1", "1", "A"]);
    assert_eq!(count("problem_total@102"), ["2", "1", "0", "0", "U"]);
    assert_eq!(count("problem_total@100"), ["3", "3", "2", "1", "U"]);
}

/// 甲镇 closes 3 of 8 in September and 1 of 8 in October: 25 points worse. 乙乡 falls by 20 points,
/// which is not more than 20, but as much; 丙局 gets better.
#[test]
fn a_figure_that_got_worse_by_so_much_is_a_problem_in_the_rule_s_own_words() {
    let fell = "indicator = \"closing_rate\"\nworsens = \"20\"";
    let words = "words = \"办结{numerator}件、未办{rest}件\"\nstandard = \"不大幅下降\"";
    let case = diagnosing(
        &(rule("fell", &format!("{fell}\n{words}"))
            + &rule("fell-far", "indicator = \"closing_rate\"\nworsens = \"25.1\"")),
    );
    case.cases("2013-09", "甲镇", &[["a1", "0", "8", "3", "5"]]);
    case.cases("2013-10", "甲镇", &[["a1", "5", "3", "1", "7"]]);
    case.cases("2013-09", "乙乡", &[["b1", "0", "10", "5", "5"]]);
    case.cases("2013-10", "乙乡", &[["b1", "5", "5", "3", "7"]]);
    case.cases("2013-09", "丙局", &[["c1", "0", "5", "2", "3"]]);
    case.cases("2013-10", "丙局", &[["c1", "3", "1", "4", "0"]]);
    case.run().expect_code(0);
    let far = "甲镇：办结1件、未办7件（比上期下降 25.0 个百分点），不大幅下降";
    let near = "乙乡：办结3件、未办7件（比上期下降 20.0 个百分点），不大幅下降";
    let expected = BTreeMap::from([
        ("fell@101".to_owned(), is("1", "2013-10", far)),
        ("fell@102".to_owned(), is("1", "2013-10", near)),
    ]);
    assert_eq!(problems(&case), expected);
    // Two of three units, and what moved: 3 of 8 became 1 of 8.
    let row = case.csv("problems.csv").into_iter().find(|r| r["problem_id"] == "fell@101").unwrap();
    assert_eq!((row["alike"].as_str(), row["asked"].as_str()), ("2", "3"));
    assert_eq!(row["cause"], "比上月下降25.0个百分点（由3/8到1/8）");
}

/// One return for all: the county's figure, for which 丙局 answers.
#[test]
fn a_unit_may_answer_for_the_county_s_figure() {
    let lines = "indicator = \"closing_rate\"\nbelow = \"60\"\nanswers = \"103\"";
    let case = diagnosing(&rule("county-slow", lines));
    // 1 + 2 + 3 closed of 4 + 4 + 4: a half, though 丙局's own is three quarters.
    case.cases("2013-10", "甲镇", &[["a1", "0", "4", "1", "3"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "4", "2", "2"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "4", "3", "1"]]);
    case.run().expect_code(0);
    let expected = is("1", "2013-10", "丙局：50.0%（6/12），不低于 60%");
    assert_eq!(problems(&case), BTreeMap::from([("county-slow@103".to_owned(), expected)]));
}

#[test]
fn a_small_base_accuses_nobody() {
    let case =
        diagnosing(&rule("slow", "indicator = \"closing_rate\"\nbelow = \"60\"\nleast_base = 10"));
    case.cases("2013-10", "甲镇", &[["a1", "0", "9", "1", "8"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "10", "1", "9"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "0", "0", "0"]]);
    case.run().expect_code(0);
    assert_eq!(problems(&case).keys().collect::<Vec<_>>(), ["slow@102"]);
}

#[test]
fn the_last_of_a_group_is_alone_there_and_not_in_a_group_of_one() {
    let case = diagnosing(&rule("last", "indicator = \"closing_rate\"\nlast = 1"));
    case.cases("2013-09", "甲镇", &[["a1", "0", "4", "2", "2"]]);
    case.cases("2013-09", "乙乡", &[["b1", "0", "8", "4", "4"]]);
    case.cases("2013-10", "甲镇", &[["a1", "2", "6", "6", "2"]]);
    case.cases("2013-10", "乙乡", &[["b1", "4", "6", "5", "5"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "9", "1", "8"]]);
    case.run().expect_code(0);
    // 乡镇: 6/8 and 5/10. In September both had a half and shared the first place.
    let expected = is("1", "2013-10", "乙乡：50.0%（5/10，乡镇第 2 位，共 2 个），不在组内末位");
    assert_eq!(problems(&case), BTreeMap::from([("last@102".to_owned(), expected)]));
}

#[test]
fn findings_accuse_as_they_stand_and_explained_ones_only_if_asked() {
    let idle = "finding = [\"T-02\"]";
    let case = diagnosing(
        &(rule("idle", idle)
            + &rule("idle-twice", &format!("{idle}\ncount = 2"))
            + &rule("idle-at-all", &format!("{idle}\nexplained = true"))),
    );
    let two = [["a1", "0", "4", "0", "4"], ["a2", "0", "3", "0", "3"]];
    case.cases("2013-10", "甲镇", &two);
    case.cases("2013-10", "乙乡", &[["b1", "0", "5", "0", "5"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "5", "5", "0"]]);
    let explained = "检查,单位,报表,单元格,说明\nT-02,乙乡,办件月报,,窗口搬迁\n";
    fs::write(case.path("returns/2013-10/审核说明.csv"), explained).unwrap();
    case.run().expect_code(0);
    let found = problems(&case);
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["idle-at-all@101", "idle-at-all@102", "idle-twice@101", "idle@101"]
    );
    assert_eq!(found["idle@101"].2, "甲镇：没有办结 2 项，无此类审核意见");
    assert_eq!(
        found["idle-at-all@102"].2,
        "乙乡：有在办件而本月没有办结（已说明 1 项），无此类审核意见"
    );
    let ran = case.trace("idle-twice@101", &[]).expect_code(0);
    for shown in [
        "标准：少于 2 项此类审核意见",
        "2013-10/甲镇.xlsx › 办件月报 ! C5 D5 E5",
        "有在办件而本月没有办结",
    ] {
        assert!(ran.stdout.contains(shown), "{shown}\n{}", ran.stdout);
    }
}

#[test]
fn a_late_return_is_named_with_its_file() {
    let case = diagnosing(&rule("late", "reporting = [\"late\"]"));
    let path = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&path).unwrap();
    let due = "frequency = \"monthly\"\ndue = \"+5 days\"";
    fs::write(&path, text.replace("frequency = \"monthly\"", due)).unwrap();
    case.cases("2013-10", "甲镇", &[["a1", "0", "4", "4", "0"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "5", "5", "0"]]);
    case.cases("2013-10", "丙局", &[["c1", "0", "5", "5", "0"]]);
    let received = "文件,收到日期\n甲镇.xlsx,2013-11-05\n乙乡.xlsx,2013-11-06\n";
    fs::write(case.path("returns/2013-10/收件.csv"), received).unwrap();
    case.run().expect_code(0);
    // Five days after October is 5 November; when 丙局's came nobody knows.
    assert_eq!(problems(&case).keys().collect::<Vec<_>>(), ["late@102"]);
    // So it has no problem that is known, which is not the same as none.
    let figures = case.csv("figures.csv");
    let status =
        |id: &str| figures.iter().find(|r| r["figure_id"] == id).unwrap()["status"].clone();
    assert_eq!(
        ["101", "102", "103"].map(|unit| status(&format!("problem_total@{unit}"))),
        ["A", "A", "U"]
    );
    assert_eq!(status("problem_total@100"), "U");
    let ran = case.trace("late@102", &[]).expect_code(0);
    assert!(ran.stdout.contains("迟报 cases：2013-10/乙乡.xlsx"), "{}", ran.stdout);
}

#[test]
fn a_problem_opens_to_its_cells_and_a_count_to_its_problems() {
    let case = four_months(&rule("slow", "indicator = \"closing_rate\"\nbelow = \"50\""));
    case.run().expect_code(0);
    let ran = case.trace("slow@102", &[]).expect_code(0);
    for shown in [
        "所见：6.3%（1/16）",
        "标准：不低于 50%",
        "各期：2013-07 10.0%，2013-08 10.0%，2013-09 9.1%，2013-10 6.3%",
        "2013-10/乙乡.xlsx › 办件月报 ! E4  本月办结 = 1",
    ] {
        assert!(ran.stdout.contains(shown), "{shown}\n{}", ran.stdout);
    }
    let ran = case.trace("problem_total@102", &[]).expect_code(0);
    assert!(ran.stdout.contains("所计的问题 1 条") && ran.stdout.contains("slow@102"));
}

#[test]
fn verifying_names_the_problems_that_moved() {
    let case = four_months(&rule("slow", "indicator = \"closing_rate\"\nbelow = \"50\""));
    case.run().expect_code(0);
    case.verify().expect_code(0);
    case.cases("2013-10", "甲镇", &[["a1", "4", "4", "8", "0"]]);
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("问题变动：题：甲镇：12.5%（1/8）"), "{}", ran.stdout);
    assert!(ran.stdout.contains("→ （无）") && !ran.stdout.contains("乙乡"), "{}", ran.stdout);
}

#[test]
fn a_pipeline_without_diagnoses_has_no_problem_list() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    assert!(!case.path("reports/2013-10/problems.csv").exists());
}

#[test]
fn bad_rules_are_named_with_their_line_and_the_choices() {
    let rules = rule("closing_rate", "indicator = \"closing_rate\"\nbelow = \"60\"")
        + &rule("b", "indicator = \"closing\"\nbelow = \"60\"")
        + &rule("c", "indicator = \"closing_rate\"\nbelow = \"sixty\"")
        + &rule("d", "indicator = \"closing_rate\"\nbelow = \"60\"\nlast = 1")
        + &rule("e", "finding = [\"T-99\"]")
        + &rule("f", "reporting = [\"late\"]\nfinding = [\"T-02\"]")
        + &rule("g", "indicator = \"registered_total\"\nequals = \"0\"\nleast_base = 3")
        + &rule("h", "indicator = \"registered_total\"\nlast = 1")
        + &rule("i", "indicator = \"problem_total\"\nabove = \"3\"")
        + &rule("j", "reporting = [\"late\"]").replace("{seen}", "{value}")
        + &rule("k", "reporting = [\"late\"]").replace("弱化", "软化");
    let case = diagnosing(&rules);
    let text = fs::read_to_string(case.path("pipeline/programmes/cases.toml")).unwrap();
    case.cases("2013-10", "甲镇", &[["a1", "0", "4", "4", "0"]]);
    let ran = case.run().expect_code(2);
    for (id, key, message) in [
        ("closing_rate", "id", "已有同名指标"),
        ("b", "indicator", "指标 “closing” 不存在，可用的有 closing_rate、registered_total"),
        ("c", "below", "below 的 “sixty” 不是数"),
        ("d", "indicator", "below、above、equals、worsens、last 应当且只应有一个"),
        ("e", "finding", "审核 “T-99” 不存在"),
        ("f", "id", "indicator、finding、reporting 应当且只应有一个"),
        ("g", "least_base", "指标 registered_total 没有分母，不能用 least_base"),
        ("h", "indicator", "指标 registered_total 没有方向"),
        ("i", "indicator", "指标 problem_total（问题条数）的一个单位没有唯一的数字"),
        ("j", "text", "text 的 {value} 不可用，可用的有 {unit}"),
        ("k", "disease", "病症 “软化” 不存在，现有：弱化、虚化"),
    ] {
        let header = format!("[[diagnosis]]\nid = \"{id}\"\n");
        let rule = text.find(&header).unwrap();
        let at = rule + text[rule..].find(&format!("\n{key} = ")).unwrap() + 1;
        let line = text[..at].matches('\n').count() + 1;
        let expected = format!("programmes/cases.toml:{line}: 诊断 {id}: {message}");
        assert!(ran.stderr.contains(&expected), "{expected}\n{}", ran.stderr);
    }
}

fn sample(period: &str, out: &Path) -> Vec<Row> {
    let out = out.to_str().unwrap();
    let ran = dangtong(&["run", "--period", period, "--out", out]);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    read_csv(&Path::new(out).join(period).join("problems.csv"))
}

#[test]
fn the_county_s_list_of_october_agrees_with_the_independent_diagnosis() {
    let out = tempfile::tempdir().unwrap();
    let ours = sample("2013-10", out.path());
    // `tests/oracle/p19.py` made it from the raw returns of all months.
    let path = repository().join("tests/oracle/problems_2013-10.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let theirs: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        for (column, expected) in header.iter().zip(theirs) {
            match column {
                // Rules about findings and returns have no figure.
                "figure" if expected.is_empty() => {}
                "figure" => assert_eq!(&ours["evidence"], expected),
                // Rules whose figures other programs computed: since when is not counted again.
                "periods" | "since" | "text" if expected.is_empty() => {}
                _ => assert_eq!(&ours[column], expected, "{}", ours["problem_id"]),
            }
        }
    }
}

#[test]
fn every_rule_of_the_county_is_met_in_some_month_and_a_committee_has_no_problem() {
    let out = tempfile::tempdir().unwrap();
    let october = sample("2013-10", out.path());
    let named = |rows: &[Row]| -> BTreeSet<String> {
        rows.iter().map(|r| r["problem_id"].split('@').next().unwrap().to_owned()).collect()
    };
    // In February 粟城乡 sent no F07, and 辽阳镇 had no reception day because of 春节.
    let february = sample("2013-02", out.path());
    let has = |rows: &[Row], id: &str| rows.iter().any(|r| r["problem_id"] == id);
    assert!(has(&february, "returns-absent@140722203"));
    assert!(has(&february, "receptions-none@140722100"));
    let listed = dangtong(&["list", "diagnoses"]).expect_code(0).stdout;
    let all: BTreeSet<String> =
        listed.lines().filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect();
    let met: BTreeSet<String> = named(&october).union(&named(&february)).cloned().collect();
    assert_eq!(met, all);
    assert!(!october.iter().any(|r| r["unit"] == "宣教系统"));
    let diseases: BTreeSet<&String> = october.iter().map(|r| &r["disease"]).collect();
    assert_eq!(diseases.len(), 3);
}

/// 甲镇 has three windows; one of them closed nothing. A clerk's name never stands for a window.
#[test]
fn a_cause_names_the_rows_that_are_not_in_the_figure_but_never_persons() {
    let used = "\n[[indicator]]\nid = \"used_rate\"\ntitle = \"运转率\"\nform = \"cases\"\nkind = \"ratio\"\n\
                numerator = \"closed > 0\"\ndenominator = \"window IS NOT NULL\"\nby = [\"unit\"]\n\
                decimals = 1\nbetter = \"higher\"\n";
    let rule = rule("idle", "indicator = \"used_rate\"\nbelow = \"100\"");
    let case = diagnosing(&(used.to_owned() + &rule));
    case.cases(
        "2013-10",
        "甲镇",
        &[
            ["东窗口", "0", "4", "4", "0"],
            ["西窗口", "1", "2", "0", "3"],
            ["北窗口", "0", "1", "1", "0"],
        ],
    );
    case.cases("2013-10", "乙乡", &[["南窗口", "0", "5", "5", "0"]]);
    case.cases("2013-10", "丙局", &[["中窗口", "0", "5", "5", "0"]]);
    let page = |case: &Case| fs::read_to_string(case.path("reports/2013-10/report.html")).unwrap();
    case.run().expect_code(0);
    assert!(!page(&case).contains("涉及"), "the form does not say how its rows are called");

    let path = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&path).unwrap();
    let called = |name: &str| {
        let key = "primary_key = [\"window\"]\n";
        text.replacen(key, &format!("{key}called = \"{name}\"\n"), 1)
    };
    fs::write(&path, called("window")).unwrap();
    case.run().expect_code(0);
    assert!(page(&case).contains("涉及西窗口<"), "{}", page(&case));
    fs::write(&path, called("clerk")).unwrap();
    let ran = case.run().expect_code(2);
    let expected =
        "报表 cases: called 的 “clerk” 应为要上交、不是个人信息的代码或文字列，可用的：window";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}
