//! The command line: exit codes and messages.

use crate::case::{Case, dangtong};

#[test]
fn usage_errors_are_chinese_and_exit_2() {
    for (arguments, expected) in [
        (&["rum"][..], "没有命令 “rum”，是不是 run"),
        (&["run", "--perod", "2013-10"], "没有选项或参数 “--perod”，是不是 --period"),
        (&["audit", "trace"], "缺少"),
        (&["audit", "compare"], "缺少"),
        (&["run", "--threads", "0"], "取值 “0” 不对"),
    ] {
        let ran = dangtong(arguments).expect_code(2);
        assert!(ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("--help"), "{}", ran.stderr);
    }
}

#[test]
fn help_is_chinese_for_every_command() {
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["check", "--help"],
        &["audit", "--help"],
        &["audit", "verify", "--help"],
        &["audit", "trace", "--help"],
        &["audit", "compare", "--help"],
        &["explain", "--help"],
        &["list", "--help"],
        &["docs", "--help"],
        &["completions", "--help"],
    ] {
        let help = dangtong(arguments).expect_code(0).stdout;
        for english in
            ["Usage", "OPTIONS", "Options", "Arguments", "Commands", "Print help", "default:"]
        {
            assert!(!help.contains(english), "{arguments:?} says {english}:\n{help}");
        }
    }
}

#[test]
fn a_missing_folder_or_period_is_one_clear_error() {
    let case = Case::mini_clean();
    let out = case.path("reports");
    let out = out.to_str().unwrap();
    let ran = case.dangtong("run", &["--period", "2013-11", "--out", out]).expect_code(2);
    assert!(ran.stderr.contains("没有 2013-11 的文件夹。现有：2013-09、2013-10"), "{}", ran.stderr);
    let ran = case.dangtong("run", &["--period", "十月", "--out", out]).expect_code(2);
    assert!(ran.stderr.contains("“十月” 不是报告期"), "{}", ran.stderr);
    let ran = dangtong(&["run", "--pipeline", "no/such", "--out", out]).expect_code(2);
    assert!(ran.stderr.contains("管线目录 no/such 不存在"), "{}", ran.stderr);
    let pipeline = case.path("pipeline");
    let ran = dangtong(&["run", "--pipeline", pipeline.to_str().unwrap(), "--returns", "no/such"]);
    assert!(ran.expect_code(2).stderr.contains("报表目录 no/such 不能读取"));
    assert!(!case.path("reports").exists());
}

#[test]
fn an_unwritable_output_is_said_before_any_work() {
    let case = Case::mini_clean();
    std::fs::write(case.path("file"), "").unwrap();
    let out = case.path("file/reports");
    let ran = case.dangtong("run", &["--out", out.to_str().unwrap()]).expect_code(2);
    assert!(ran.stderr.contains("不能写入"), "{}", ran.stderr);
}

#[test]
fn all_definition_problems_are_reported_together_with_file_and_line() {
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = std::fs::read_to_string(&programme)
        .unwrap()
        .replace("level = \"query\"", "level = \"warning\"")
        .replace("better = \"higher\"", "bettr = \"higher\"");
    std::fs::write(&programme, &text).unwrap();
    let lists = case.path("pipeline/codelists.toml");
    std::fs::write(&lists, "[grade]\ntitle = \"等次\"\ncodes = [{ code = \"好\" }]\n").unwrap();
    let ran = case.run().expect_code(2);
    let line = |needle: &str| text.lines().position(|l| l.contains(needle)).unwrap() + 1;
    for expected in [
        format!("programmes/cases.toml:{}: 未知的取值 `warning`", line("level = \"warning\"")),
        format!("programmes/cases.toml:{}: 未知的键 `bettr`", line("bettr")),
        "codelists.toml:3: 缺少必填的键 `id`".to_owned(),
    ] {
        assert!(ran.stderr.contains(&expected), "wanted {expected}:\n{}", ran.stderr);
    }
}

#[test]
fn formula_problems_are_reported_at_load_with_file_and_line() {
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let mut text = std::fs::read_to_string(&programme).unwrap();
    for (id, formula) in [
        ("broken", "formula = 'value_of(\"closing_rate\") +'"),
        ("unknown", "formula = 'value_of(\"no_such\") * 2'"),
        ("constant", "formula = '1 + 1'"),
        ("absent", ""),
        ("circle_a", "formula = 'value_of(\"circle_b\")'"),
        ("circle_b", "formula = '-value_of(\"circle_a\")'"),
    ] {
        text += &format!("\n[[indicator]]\nid = \"{id}\"\ntitle = \"派生\"\nkind = \"derived\"\n");
        text += &format!("{formula}\n");
    }
    std::fs::write(&programme, &text).unwrap();
    let ran = case.run().expect_code(2);
    // The line of the indicator's first key.
    let place = |id: &str| {
        let needle = format!("id = \"{id}\"");
        let line = text.lines().position(|l| l == needle).unwrap();
        format!("programmes/cases.toml:{line}: 指标 {id}: ")
    };
    for (id, message) in [
        ("broken", "公式无法识别"),
        ("unknown", "value_of(\"no_such\") 没有这个指标"),
        ("constant", "公式没有引用任何指标"),
        ("absent", "缺少 formula"),
        ("circle_a", "循环引用自己"),
        ("circle_b", "循环引用自己"),
    ] {
        let expected = place(id) + message;
        assert!(ran.stderr.contains(&expected), "wanted {expected}:\n{}", ran.stderr);
    }
}

#[test]
fn check_lists_findings_and_writes_working_papers() {
    let case = Case::mini_clean();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "9", "2"]]);
    let reports = case.path("reports");
    let out = ["--period", "2013-10", "--all", "--out", reports.to_str().unwrap()];
    let ran = case.dangtong("check", &out).expect_code(1);
    assert!(ran.stdout.contains("强制 T-01 甲镇：办件不平衡"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2013-10/甲镇.xlsx › 办件月报 ! "), "{}", ran.stdout);
    assert!(ran.stdout.contains("退回 1 份"), "{}", ran.stdout);
    assert!(ran.stdout.contains("  甲镇：退回 1 张（强制 1 项）\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("下一步：把 催报.txt 发给各单位"), "{}", ran.stdout);
    let papers = reports.join("2013-10/收报");
    let listed = std::fs::read_to_string(papers.join("审核意见.txt")).unwrap();
    assert!(listed.contains("强制 T-01 甲镇：办件不平衡"), "{listed}");
    let chased = std::fs::read_to_string(papers.join("催报.txt")).unwrap();
    assert!(chased.contains("甲镇：请改正后重报《办件月报》强制 1 项。"), "{chased}");
    // A report takes its place beside them, and they are no part of it.
    case.run().expect_code(1);
    assert!(papers.join("收报台账.xlsx").is_file());
    case.verify().expect_code(0);
    let again = case.dangtong("check", &["--period", "2013-10"]).expect_code(1);
    assert!(!again.stdout.contains("强制 T-01") && !again.stdout.contains("新登记"));
}

#[test]
fn built_in_checks_can_be_listed_and_explained() {
    let listed = dangtong(&["list", "builtins"]).expect_code(0).stdout;
    for line in
        ["C-01  强制  收表  *  文件无法读取  内置", "D-21  提示", "G-10  核实  跨期", "R-01"]
    {
        assert!(listed.contains(line), "{line}:\n{listed}");
    }
    let all = dangtong(&["list", "checks"]).expect_code(0).stdout;
    assert!(all.ends_with(&listed) && all.len() > listed.len());
    // Every code that is listed can be explained, by code and by name.
    for code in listed.lines().filter_map(|line| line.split_whitespace().next()).step_by(9) {
        let text = dangtong(&["explain", code]).expect_code(0).stdout;
        for part in ["内置审核", code, "级别：", "范围：", "内容：", "处理：", "依据："]
        {
            assert!(text.contains(part), "{part}:\n{text}");
        }
    }
    let case = Case::mini();
    let settings = case.path("pipeline/pipeline.toml");
    let tuned = "\n[builtin.\"G-10\"]\npercent = 20\nat_least = 5\n";
    let text = std::fs::read_to_string(&settings).unwrap() + tuned;
    std::fs::write(&settings, text).unwrap();
    let pipeline = case.path("pipeline");
    let explain = |id: &str| {
        dangtong(&["explain", id, "--pipeline", pipeline.to_str().unwrap()]).expect_code(0).stdout
    };
    let text = explain("G-10");
    assert!(text.contains("本管线的调整：幅度 20%；数量 5"), "{text}");
    assert_eq!(explain("abnormal-change"), text);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_dangtong"))
        .args(["explain", "--full", "F05-02"])
        .current_dir(crate::case::repository())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{:?} {stderr}", output.status);
}

#[test]
fn a_blank_that_a_ratio_needs_keeps_the_unit_out_of_both_sides_and_is_named() {
    let case = Case::mini_clean();
    case.cases("2013-10", "甲镇", &[["a1", "4", "", "9", "1"]]);
    case.run();
    // By hand: 甲镇 gives no 本月登记, so only 乙乡 1 of 3 and 丙局 4 of 5 count.
    let figures = case.csv("figures.csv");
    let county = figures.iter().find(|r| r["figure_id"] == "closing_rate@100").unwrap();
    assert_eq!((county["numerator"].as_str(), county["denominator"].as_str()), ("5", "8"));
    assert_eq!((county["status"].as_str(), county["units_used"].as_str()), ("U", "2"));
    let own = figures.iter().find(|r| r["figure_id"] == "closing_rate@101").unwrap();
    let shown = ["numerator", "denominator", "value", "status"].map(|column| own[column].as_str());
    assert_eq!(shown, ["", "", "", "O"]);
    let other = figures.iter().find(|r| r["figure_id"] == "closing_rate@102").unwrap();
    assert_eq!((other["value"].as_str(), other["status"].as_str()), ("33.3", "A"));
}

#[test]
fn nobody_is_said_to_be_in_time_where_the_deadline_is_not_known() {
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = std::fs::read_to_string(&programme).unwrap();
    let due = |due: &str| {
        let due = format!("row = \"一个窗口\"\ndue = \"{due}\"");
        std::fs::write(&programme, text.replace("row = \"一个窗口\"", &due)).unwrap();
    };
    let received =
        "文件,收到日期\n甲镇.xlsx,2013-11-08\n乙乡.xlsx,2013-11-18\n丙局.xlsx,2013-11-08\n";
    std::fs::write(case.path("returns/2013-10/收件.csv"), received).unwrap();
    let said = || {
        let ran = case.run().expect_code(0);
        let page = std::fs::read_to_string(case.path("reports/2013-10/report.html")).unwrap();
        (ran.stdout, page)
    };
    // There is no holidays.csv, so working days cannot be counted.
    due("+10 working days");
    let (stdout, page) = said();
    let unknown = "无法判断是否迟报（holidays.csv 不含期限所在年份）";
    assert!(stdout.contains(unknown) && !stdout.contains("迟报 0"), "{stdout}");
    assert!(page.contains("<dt>迟报</dt><dd>无法判断</dd>"));
    let status = case.dangtong("check", &["--period", "2013-10"]);
    // A sentence may say so; one that only knows a number is left out, and named.
    let circular = |late: &str| {
        let frame = format!(
            "name = \"通报\"\ntitle = \"通报\"\naddressee = \"各单位\"\nsigned = \"县委\"\n\
             lead = ['收到{{{{ returns(\"accepted\") }}}}份{late}。']\n"
        );
        std::fs::write(case.path("pipeline/circular.toml"), frame).unwrap();
        case.run().expect_code(0).stderr
    };
    let number = "{% if returns(\"late\") > 0 %}，迟报{{ returns(\"late\") }}份{% else %}，没有迟报{% endif %}";
    let left_out = circular(number);
    assert!(left_out.contains("有报表无法判断是否迟报"), "{left_out}");
    let asked = format!(
        "{{% if returns(\"unjudged\") > 0 %}}，{{{{ returns(\"unjudged\") }}}}份无法判断{{% else %}}{number}{{% endif %}}"
    );
    let said_so = circular(&asked);
    assert!(!said_so.contains("无法判断"), "{said_so}");
    std::fs::remove_file(case.path("pipeline/circular.toml")).unwrap();
    assert!(
        status.stdout.contains("甲镇：通过（1 张）；1 张无法判断是否迟报"),
        "{}",
        status.stdout
    );

    // Ten days after October the deadline is 10 November: one came on the 18th.
    due("+10 days");
    let (stdout, page) = said();
    assert!(stdout.contains("迟报 1 份") && !stdout.contains("无法判断"), "{stdout}");
    assert!(page.contains("<dt>迟报</dt><dd>1<span>份</span></dd>"));

    // One has no date: neither 收件.csv nor its sheet says when it came.
    let received = "文件,收到日期\n甲镇.xlsx,2013-11-08\n乙乡.xlsx,2013-11-18\n";
    std::fs::write(case.path("returns/2013-10/收件.csv"), received).unwrap();
    let (stdout, _) = said();
    let partly = "迟报 1 份（另有 1 份无法判断是否迟报：没有收到日期）";
    assert!(stdout.contains(partly), "{stdout}");
}

#[test]
fn composites_whose_parts_make_no_sense_are_refused_with_their_line() {
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let mut text = std::fs::read_to_string(&programme).unwrap();
    let part = |id: &str, of: &str, weight: u32, full: &str, better: &str| {
        format!(
            "{{ id = \"{id}\", indicator = \"{of}\", weight = {weight}, full = \"{full}\", better = \"{better}\" }}"
        )
    };
    let good = part("a", "closing_rate", 60, "100", "higher");
    for (id, keys) in [
        ("s_sum", format!("part = [{good}]")),
        ("s_full", format!("part = [{good}, {}]", part("b", "closing_rate", 40, "0", "higher"))),
        ("s_way", format!("part = [{good}, {}]", part("b", "closing_rate", 40, "9", "lower"))),
        ("s_twice", format!("part = [{good}, {}]", part("a", "closing_rate", 40, "9", "higher"))),
        ("s_none", format!("part = [{good}, {}]", part("b", "no_such", 40, "9", "higher"))),
        ("s_circle", format!("part = [{good}, {}]", part("b", "s_circle", 40, "9", "higher"))),
        ("s_group", format!("groups = [\"省级\"]\npart = [{}]", good.replace("60", "100"))),
    ] {
        text += &format!(
            "\n[[indicator]]\nid = \"{id}\"\ntitle = \"综合\"\nkind = \"composite\"\nby = [\"unit\"]\n{keys}\n"
        );
    }
    std::fs::write(&programme, &text).unwrap();
    let ran = case.run().expect_code(2);
    // What is wrong with a part stands at the part, which has a line with its own list.
    for (id, message) in [
        ("s_sum", "各 part 的 weight 之和为 60，应为 100"),
        ("s_full", "part “b”: full “0” 应为大于 0 的数"),
        ("s_way", "part “b”: 指标 “closing_rate” 越高越好，计分却是越低越好"),
        ("s_twice", "part 的 id “a” 重复"),
        ("s_none", "part “b”: 指标 “no_such” 不存在"),
        ("s_circle", "循环引用自己"),
        ("s_group", "groups 的 “省级” 不是单位的组别，现有："),
    ] {
        let head = text.lines().position(|l| l == format!("id = \"{id}\"")).unwrap();
        let key = if id == "s_group" { "groups = " } else { "part = " };
        let own = text.lines().skip(head).position(|l| l.starts_with(key)).unwrap();
        let line = if id == "s_circle" { head } else { head + own + 1 };
        let expected = format!("programmes/cases.toml:{line}: 指标 {id}: {message}");
        assert!(ran.stderr.contains(&expected), "wanted {expected}:\n{}", ran.stderr);
    }
}

#[test]
fn a_query_may_use_personal_fields_but_not_show_them_under_another_name() {
    let check = |code: &str, query: &str| {
        format!(
            "\n[[check]]\ncode = \"{code}\"\nname = \"personal\"\ntitle = \"经办人\"\nform = \"cases\"\n\
             level = \"query\"\nviolations = \"\"\"{query}\"\"\"\nmessage = \"重复\"\nremedy = \"核对\"\nbasis = \"测试\"\n"
        )
    };
    let refused = [
        ("P-1", "SELECT unit, _row, clerk AS seen FROM cases"),
        ("P-2", "SELECT unit, _row, COALESCE(clerk, '无') AS expected FROM cases"),
        (
            "P-3",
            "SELECT t.unit, t._row, t.x AS seen FROM (SELECT unit, _row, CASE WHEN score > 1 THEN clerk ELSE '无' END AS x FROM cases) t",
        ),
        (
            "P-4",
            "WITH w AS (SELECT unit, MAX(clerk) AS who FROM cases__prev GROUP BY unit) SELECT w.unit, w.who AS seen FROM w",
        ),
        (
            "P-5",
            "SELECT unit, window AS seen FROM cases UNION ALL SELECT unit, clerk AS seen FROM cases",
        ),
        // What derives from a personal column is personal.
        ("P-9", "SELECT unit, _row, grown_on AS seen FROM cases"),
        ("P-10", "SELECT unit, _row, grown_on__month AS expected FROM cases"),
        ("P-11", "SELECT unit, _row, born__on__day AS seen FROM cases"),
    ];
    let allowed = [
        (
            "P-6",
            "SELECT a.unit, a._row, a.window AS seen FROM cases a JOIN cases__prev b ON b.clerk = a.clerk WHERE a.clerk IS NOT NULL",
        ),
        (
            "P-7",
            "SELECT t.unit, t.seen FROM (SELECT unit, COUNT(clerk) AS seen FROM cases GROUP BY unit) t WHERE t.seen > 99",
        ),
        ("P-8", "SELECT unit, _row, clerk FROM cases WHERE clerk = 'x'"),
    ];
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let clean = std::fs::read_to_string(&programme).unwrap();
    let derive = "primary_key = [\"window\"]\n\
        derive = [{ name = \"grown_on\", to = \"born__on\", add_years = 18 }]\n";
    let born = "[[form.field]]\nname = \"born__on\"\ntitle = \"出生日期\"\ntype = \"date\"\n\
        personal = true\n[[form.field]]\nname = \"opening\"";
    let clean = clean.replacen("primary_key = [\"window\"]\n", derive, 1).replacen(
        "[[form.field]]\nname = \"opening\"",
        born,
        1,
    );
    let with = |queries: &[(&str, &str)]| {
        let checks: String = queries.iter().map(|(code, query)| check(code, query)).collect();
        std::fs::write(&programme, clean.clone() + &checks).unwrap();
        case.run()
    };
    let ran = with(&refused).expect_code(2);
    for (code, _) in refused {
        let expected = format!("审核 {code}: 查询的结果列");
        assert!(ran.stderr.contains(&expected), "wanted {expected}:\n{}", ran.stderr);
    }
    with(&allowed).expect_code(0);
}

/// Escape sequences and marks that turn text around, in a cell, a sheet's name and a file's.
#[test]
fn nothing_typed_steers_the_terminal() {
    let case = Case::mini_clean();
    let text = "4\u{1b}[2J\u{9b}31m\u{202e}\u{7}";
    let returns = case.path("returns/2013-10");
    let table = format!(
        "办件月报\n填报单位：甲镇,报告期：2013年10月\n窗口,经办人,期初在办,本月登记,本月办结,期末在办\n\
         a1,党员0001,{text},6,9,1\n"
    );
    std::fs::remove_file(returns.join("甲镇.xlsx")).unwrap();
    std::fs::write(returns.join("甲镇\u{1b}]0;好\u{7}\n强制.csv"), table).unwrap();
    let steers = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    for more in [&["--period", "2013-10", "--all"][..], &["--period", "2013-10", "--json"]] {
        let ran = case.dangtong("check", more).expect_code(1);
        assert!(!ran.stdout.contains(steers) && !ran.stderr.contains(steers), "{}", ran.stdout);
        assert!(ran.stdout.contains(r"4\u001b[2J\u009b31m\u202e\u0007"), "{}", ran.stdout);
    }
    let ran = case.dangtong("check", &["--period", "2013-10", "--all"]);
    assert!(ran.stdout.lines().all(|line| !line.starts_with("强制.csv")), "{}", ran.stdout);
    let ran = dangtong(&["run", "--pipeline", "no/\u{1b}[2J"]).expect_code(2);
    assert!(ran.stderr.contains(r"no/\u001b[2J"), "{}", ran.stderr);
}

#[test]
fn a_family_of_builtin_checks_has_its_page() {
    let one = dangtong(&["explain", "D-11"]).expect_code(0);
    assert!(one.stdout.contains("同类：dangtong explain D"), "{}", one.stdout);
    let page = dangtong(&["explain", "D"]).expect_code(0);
    let all = dangtong(&["list", "builtins"]).expect_code(0);
    let codes = all.stdout.lines().filter_map(|line| line.split_whitespace().next());
    for code in codes {
        let is_own = code.starts_with('D');
        assert_eq!(page.stdout.contains(&format!("  {code} ")), is_own, "{code}");
    }
}
