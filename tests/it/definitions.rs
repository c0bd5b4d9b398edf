//! What a definition says wrongly is refused when it is loaded: with file, line, what could be
//! said instead, and before any number is computed.

use std::fs;

use dangtong::definition;

use crate::case::Case;

/// One edit of the mini county's pipeline.
struct Mistake {
    file: &'static str,
    old: &'static str,
    new: &'static str,
    /// A text of the edited file on the line that is to be blamed, or on the line below the header
    /// that is; empty: the whole file.
    at: &'static str,
    above: bool,
    says: &'static [&'static str],
}

impl Mistake {
    fn above(self) -> Self {
        Self { above: true, ..self }
    }
}

const PROGRAMME: &str = "programmes/cases.toml";

fn mistake(
    old: &'static str,
    new: &'static str,
    at: &'static str,
    says: &'static [&'static str],
) -> Mistake {
    Mistake { file: PROGRAMME, old, new, at, above: false, says }
}

fn in_file(
    file: &'static str,
    old: &'static str,
    new: &'static str,
    at: &'static str,
    says: &'static [&'static str],
) -> Mistake {
    Mistake { file, old, new, at, above: false, says }
}

/// `old` empty: `new` is added at the end.
#[track_caller]
fn expect_refused(mistakes: &[Mistake]) {
    for Mistake { file, old, new, at, above, says } in mistakes {
        let case = Case::mini();
        let path = case.path("pipeline").join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(old.is_empty() || text.contains(old), "{old} is not in {file}");
        let edited = if old.is_empty() { text + new } else { text.replacen(old, new, 1) };
        fs::write(&path, &edited).unwrap();
        let Err(problems) = definition::load(&case.path("pipeline")) else {
            panic!("accepted: {new}")
        };
        let line = match at {
            &"" => 0,
            at => {
                edited.lines().position(|l| l.contains(at)).expect("a line to blame")
                    + usize::from(!above)
            }
        };
        let told = problems.iter().find(|p| says.iter().all(|say| p.message.contains(say)));
        let all = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let told = told.unwrap_or_else(|| panic!("{new}\nshould say {says:?}, but says\n{all}"));
        assert_eq!((told.file.as_str(), told.line), (*file, line), "{told}");
    }
}

/// An indicator at the end of the programme.
macro_rules! indicator {
    ($keys:literal) => {
        concat!("\n[[indicator]]\nid = \"new\"\ntitle = \"新\"\n", $keys)
    };
}

#[test]
fn a_key_that_its_kind_does_not_use_is_refused_and_so_is_one_that_it_lacks() {
    expect_refused(&[
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"distribution\"\nof = \"grade\"\nnumerator = \"closed\" # 多余\n"
            ),
            "numerator = \"closed\" # 多余",
            &[
                "kind = \"distribution\" 不用 numerator",
                "kind = \"ratio\"",
                "可用的键：form、of、where",
            ],
        ),
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"mean\"\nnumerator = \"closed * 2\"\ndenominator = \"registered\"\n"
            ),
            "denominator = \"registered\"",
            &["kind = \"mean\" 不用 denominator", "用这个键的有：kind = \"ratio\""],
        ),
        mistake(
            "measure = \"件\"\nby = [\"unit\"]",
            "measure = \"件\"\nformula = \"1\"\nby = [\"unit\"]",
            "formula",
            &["kind = \"sum\" 不用 formula", "kind = \"derived\""],
        ),
        mistake(
            "base_title = \"期初",
            "trim = 1\nbase_title = \"期初",
            "trim = 1",
            &["kind = \"ratio\" 不用 trim", "kind = \"trimmed-mean\""],
        ),
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"count\"\nnumerator = \"closed > 1\"\ndecimals = 3\n"
            ),
            "decimals = 3",
            &["kind = \"count\" 不用 decimals"],
        ),
        mistake(
            "denominator = \"opening + registered\"\n",
            "",
            "id = \"closing_rate\"",
            &["closing_rate: 缺少 denominator", "kind = \"ratio\""],
        )
        .above(),
        mistake(
            "denominator = \"opening + registered\"",
            "denominator = { units = \"expected\", where = \"closed > 0\" }",
            "units = \"expected\"",
            &["denominator: units = \"expected\" 不用 where", "form、register"],
        ),
        mistake(
            "rule = \"opening",
            "needs = [\"cases\"]\nrule = \"opening",
            "needs",
            &["审核 T-01: rule 不用 needs", "violations"],
        ),
        mistake(
            "rule = \"closed > 0 OR opening + registered = 0\"\n",
            "",
            "code = \"T-02\"",
            &["审核 T-02: 缺少 rule"],
        )
        .above(),
        mistake(
            "title = \"经办人\"\ntype = \"text\"",
            "title = \"经办人\"\ntype = \"text\"\ndecimals = 1",
            "decimals = 1",
            &["报表 cases.clerk: type = \"text\" 不用 decimals", "type = \"decimal\""],
        ),
        mistake(
            "type = \"decimal\"\ndecimals = 2",
            "type = \"decimal\"",
            "name = \"score\"",
            &["缺少 decimals，type = \"decimal\" 必须写明"],
        )
        .above(),
        mistake(
            "kind = \"bars\"",
            "kind = \"bars\"\nagainst = \"year-ago\"",
            "against",
            &["图 “closing-rate”: kind = \"bars\" 不用 against", "kind = \"slope\""],
        ),
        in_file(
            "pipeline.toml",
            "",
            "\n[builtin.\"G-07\"]\npercent = 5\n",
            "percent = 5",
            &["builtin.\"G-07\": 其他 G 开头的审核 不用 percent", "G-10"],
        ),
        in_file(
            "pipeline.toml",
            "",
            "\n[builtin.\"C-05\"]\nenabled = false\n",
            "enabled = false",
            &["builtin.\"C-05\": 收表和填写的强制性审核 不用 enabled"],
        ),
        in_file(
            "pipeline.toml",
            "",
            "\n[builtin.\"G-99\"]\nenabled = false\n",
            "[builtin.\"G-99\"]",
            &["没有内置审核 “G-99”", "list builtins"],
        ),
    ]);
}

#[test]
fn a_value_of_the_wrong_type_never_waits_for_the_run() {
    expect_refused(&[
        mistake(
            "",
            indicator!("form = \"cases\"\nkind = \"count\"\nnumerator = \"closed + 0\"\n"),
            "numerator = \"closed + 0\"",
            &["numerator: “closed + 0” 应得出是/否，实为整数"],
        ),
        mistake(
            "numerator = \"registered\"",
            "numerator = \"registered > 0\"",
            "numerator = \"registered > 0\"",
            &["应得出数，实为是/否"],
        ),
        mistake(
            "denominator = \"opening + registered\"",
            "denominator = { froms = \"cases\" }",
            "froms",
            &["未知的键 `froms`", "`form`", "`register`"],
        ),
        mistake(
            "denominator = \"opening + registered\"",
            "denominator = 100",
            "denominator = 100",
            &["类型不符： 整数 `100`，应为 表达式，或 { form = … }"],
        ),
        mistake(
            "decimals = 2",
            "decimals = \"两位\"",
            "decimals = \"两位\"",
            &["应为 0 至 255 的整数"],
        ),
        mistake(
            "target = \"80%\"",
            "measure = \"件\"\ntarget = \"80%\"",
            "target",
            &["target “80%” 是百分数，指标的计量单位却是“件”"],
        ),
        mistake(
            "decimals = 2",
            "decimals = 2\nconstraints = { minimum = \"5\", maximum = \"1\" }",
            "constraints",
            &["cases.score: minimum 大于 maximum"],
        ),
        mistake(
            "message = \"有在办件而本月没有办结\"",
            "message = \"{closedd} 件\"",
            "code = \"T-02\"",
            &["审核 T-02: 文字里的 “{closedd}” 不是报表 cases 的列"],
        )
        .above(),
        mistake(
            "numerator = \"closed\"",
            "numerator = \"window\"",
            "numerator = \"window\"",
            &["应得出是/否或数，实为文字"],
        ),
        mistake(
            "denominator = \"opening + registered\"",
            "denominator = \"window\"",
            "denominator = \"window\"",
            &["denominator: “window” 应得出是/否或数，实为文字"],
        ),
        mistake(
            "denominator = \"opening + registered\"",
            "denominator = { register = \"unit\", sum = \"name\" }",
            "register = \"unit\"",
            &["denominator 的 sum: “name” 应得出数，实为文字"],
        ),
        mistake(
            "denominator = \"opening + registered\"",
            "denominator = { register = \"village\" }",
            "register = \"village\"",
            &["登记册 “village” 不存在，现有：unit"],
        ),
        mistake(
            "rule = \"closed > 0 OR opening + registered = 0\"",
            "violations = \"SELECT window AS _row, unit FROM cases\"",
            "code = \"T-02\"",
            &["查询的结果列 _row 应为整数", "实为文字"],
        )
        .above(),
        mistake(
            "rule = \"closed > 0 OR opening + registered = 0\"",
            "violations = \"SELECT _row, unit FROM cases\"\nneeds = [\"caes.window\"]",
            "needs",
            &["needs 的 “caes.window” 不是报表"],
        ),
        mistake(
            "rule = \"closed > 0 OR opening + registered = 0\"",
            "violations = \"SELECT _row, unit FROM cases\"\nneeds = [\"cases.windw\"]",
            "needs",
            &["needs 的 “cases.windw” 不存在，cases 的列有：window"],
        ),
    ]);
}

#[test]
fn a_spelling_that_means_nothing_is_refused_where_it_stands() {
    const DUE: &[&str] = &["不是报送期限", "+10 working days", "+5 days"];
    expect_refused(&[
        mistake("row = \"一个窗口\"", "row = \"一个窗口\"\ndue = \"次月5日前\"", "due =", DUE),
        mistake("row = \"一个窗口\"", "row = \"一个窗口\"\ndue = \"+10 workdays\"", "due =", DUE),
        mistake("row = \"一个窗口\"", "row = \"一个窗口\"\ndue = \"2012-05-05\"", "due =", DUE),
        mistake(
            "key = true\n\n[[indicator]]",
            "key = true\nstatus = \"not-colectable\"\n\n[[indicator]]",
            "not-colectable",
            &["未知的取值 `not-colectable`", "应为 `not-collectable`"],
        ),
        mistake(
            "key = true\n\n[[indicator]]",
            "key = true\nbreaks = [\"2013-9\"]\n\n[[indicator]]",
            "breaks",
            &["“2013-9” 不是报告期，应写作 2013-10（月）、2013Q3（季）"],
        ),
        mistake(
            "[[form.field]]",
            "[[form.round]]\nperiod = \"2012-04\"\nfolder = \"2012-4\"\n[[form.field]]",
            "folder = ",
            &["round 的 folder “2012-4” 不是报告期，应写作 2013-10", "[[campaign]]"],
        ),
        mistake(
            "[[form.field]]",
            "[[form.round]]\nperiod = \"2012上半年\"\nfolder = \"2012-06\"\n[[form.field]]",
            "period = ",
            &["round 的 period “2012上半年” 不是报告期", "2013H1（半年）"],
        ),
        mistake(
            "[[form.field]]",
            "[[form.round]]\nperiod = \"2012Q2\"\nfolder = \"2012-06\"\n[[form.field]]",
            "period = ",
            &["“2012Q2” 与频率不符，月报应为月"],
        ),
        mistake(
            "[[form.field]]",
            "[[form.round]]\nperiod = \"2012-06\"\nfolder = \"2012-06\"\n[[form.round]]\nperiod = \"2012-05\"\nfolder = \"2012-06\" # 再\n[[form.field]]",
            "# 再",
            &["folder “2012-06” 重复"],
        ),
        mistake(
            "[[form.field]]",
            "[[form.round]]\nperiod = \"2012-06\"\nfolder = \"2012-05\"\n[[form.field]]",
            "folder = ",
            &["folder “2012-05” 早于 period “2012-06”"],
        ),
        mistake(
            "frequency = \"monthly\"",
            "frequency = \"once\"",
            "[[form]]",
            &["应有 [[form.round]]"],
        ),
        mistake(
            "target = \"80%\"",
            "target = \"八成\"",
            "target",
            &["target “八成” 不是数，应写作 80% 或 3"],
        ),
        mistake(
            "decimals = 1\nbetter",
            "decimals = 10\nbetter",
            "decimals = 10",
            &["指标 closing_rate: decimals = 10，最多为 9 位小数"],
        ),
        mistake(
            "decimals = 2",
            "decimals = 12",
            "decimals = 12",
            &["报表 cases.score: decimals = 12，最多为 9 位小数"],
        ),
        in_file(
            "holidays.csv",
            "",
            "date,kind\n2013-10-01,off\n2013-10-12,work\n2013-10-01,work\n",
            "2013-10-01,work",
            &["2013-10-01 重复，先见于第 2 行"],
        ),
        in_file(
            "holidays.csv",
            "",
            "date,kind\n2013-10-01,off\n2013-10-14,work\n",
            "2013-10-14,work",
            &["2013-10-14 本来就是工作日", "调休"],
        ),
        in_file(
            "holidays.csv",
            "",
            "date,kind\n2012-10-01,off\n2014-10-01,off\n",
            "",
            &["缺少 2013 年"],
        ),
    ]);
}

#[test]
fn names_that_cannot_be_told_apart_and_units_that_do_not_exist_are_refused() {
    expect_refused(&[
        mistake(
            "title = \"本月办结\"",
            "title = \"本月 登记（件）\"",
            "title = \"本月 登记（件）\"",
            &["报表 cases.closed: 表头 “本月 登记（件）” 与列 registered 的“本月登记”分不清"],
        ),
        mistake(
            "title = \"本月办结\"",
            "title = \"本月办结\"\naliases = [\"期初在办\"]",
            "aliases",
            &["表头 “期初在办” 与列 opening 的“期初在办”分不清"],
        ),
        mistake(
            "owed_by = [\"township\", \"agency\"]",
            "owed_by = [\"township\", \"parks\"]",
            "owed_by",
            &["owed_by 的 “parks” 不是任何单位的类别或代码", "现有类别：agency、township"],
        ),
        mistake(
            "owed_by = [\"township\", \"agency\"]\n",
            "",
            "[[form]]",
            &["owed_by 没有写：没有单位应报这张表", "现有类别：agency、township"],
        ),
        mistake(
            "order = 10",
            "order = 10\ndiagnosed = [\"parks\"]",
            "diagnosed",
            &["diagnosed 的 “parks”"],
        ),
        mistake(
            "id = \"registered_total\"",
            "id = \"registered_t\u{43e}tal\"",
            "id = \"registered_t\u{43e}tal\"",
            &["只能用小写字母、数字、_ 和 -", "西里尔字母 “о”（U+043E）看起来像 o，请改用 o"],
        ),
        mistake(
            "name = \"score\"",
            "name = \"ｓcore\"",
            "name = \"ｓcore\"",
            &["全角字符 “ｓ”（U+FF53）看起来像 s"],
        ),
        mistake(
            "title = \"窗口\"",
            "title = \"\u{410}类窗口\"",
            "title = \"\u{410}类窗口\"",
            &["混有西里尔字母 “А”（U+0410），看起来像 A"],
        ),
        in_file(
            "registers/unit.csv",
            "103,丙局",
            "10З,丙局",
            "10З,丙局",
            &["单位的 code “10З” 只能用字母、数字、_、- 和 ."],
        ),
        in_file(
            "registers/village.csv",
            "",
            "code,name\nV1,上村\nV２,下村\n",
            "V２",
            &["code “V２” 里有全角字符 “２”（U+FF12），看起来像 2"],
        ),
        in_file(
            "registers/village.csv",
            "",
            "code,name,name\nV1,上村,下村\n",
            "code,name,name",
            &["列名 “name” 重复"],
        ),
        in_file(
            "registers/unit.csv",
            "乙乡,,",
            "乙乡,甲 镇,",
            "乙乡,甲 镇,",
            &["名称 “甲 镇” 同时属于 101 和 102"],
        ),
        in_file(
            "codelists.toml",
            "synonyms = [\"优\"]",
            "synonyms = [\"一 般\"]",
            "id = \"fair\"",
            &["“一般” 重复，已属于 “好”"],
        ),
        in_file(
            "pipeline.toml",
            "\"县直机关\"]",
            "\"县直机关\", \"园区\"]",
            "groups",
            &["groups 的 “园区” 不是单位的组别（group），现有：乡镇、县直机关"],
        ),
        mistake(
            "",
            "\n[[sentence]]\nsection = \"overall\"\ntext = \"办结率。\"\n",
            "[[sentence]]",
            &["没有 circular.toml", "不会写进任何通报"],
        ),
    ]);
}

#[test]
fn all_mistakes_are_named_in_one_go() {
    let case = Case::mini();
    let path = case.path("pipeline").join(PROGRAMME);
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replace("kind = \"sum\"", "kind = \"sum\"\nof = \"grade\"")
        .replace("numerator = \"closed\"", "numerator = \"close\"")
        .replace("rule = \"opening", "missing = \"skip\"\nneeds = [\"x\"]\nrule = \"opening");
    fs::write(&path, text).unwrap();
    let problems = definition::load(&case.path("pipeline")).expect_err("three mistakes");
    let all = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for said in ["不用 of", "“close”", "rule 不用 needs"] {
        assert!(all.contains(said), "{said} is not in\n{all}");
    }
}

#[test]
fn what_would_not_be_read_or_shown_is_refused() {
    expect_refused(&[
        in_file("holiday.csv", "", "date,kind\n", "", &["不会读取这个文件", "holidays.csv"]),
        in_file("registers/village.toml", "", "x = 1\n", "", &["registers 里的文件应以 .csv 结尾"]),
        in_file(
            "holidays.csv",
            "",
            "2013-10-01,off\n2013-10-02,off\n",
            "2013-10-01",
            &["首行应为 date,kind，实为 2013-10-01,off"],
        ),
        in_file(
            "registers/unit.csv",
            "code,name,aliases,kind,group",
            "code,name,aliases,kind,组别",
            "code,name,aliases,kind,组别",
            &["单位登记册缺少列 group"],
        ),
        mistake(
            "rule = \"closed > 0",
            "for_each = { col = [\"opening\", \"closed\"] }\nrule = \"closed > 0",
            "for_each",
            &["审核 T-02: for_each 的 col 没有用到，同样的审核会做 2 次", "{col}"],
        ),
        mistake(
            "rule = \"closed > 0",
            "for_each = { col = [] }\nrule = \"{col} > 0",
            "for_each",
            &["审核 T-02: for_each 的列表是空的"],
        ),
        mistake(
            "title = \"办件情况\"",
            "title = \"办件情况\"\nby = \"grade\"",
            "by = \"grade\"",
            &["“办件情况” 的 by = \"grade\"，指标 closing_rate 却没有这样分组，现有：unit"],
        ),
        mistake(
            "measure = \"件\"",
            "measure = \"件\"\nrank = true",
            "rank = true",
            &["registered_total: rank = true 要有方向（better）"],
        ),
        mistake(
            "better = \"higher\"\ntarget",
            "small_base = 5\ntarget",
            "small_base",
            &["closing_rate: small_base 只在排名时注明小基数", "请删去"],
        ),
    ]);
}

#[test]
fn a_construct_that_cannot_be_counted_is_refused_with_what_can() {
    expect_refused(&[
        mistake(
            "",
            indicator!("form = \"cases\"\nkind = \"distribution\"\nof = \"window\"\n"),
            "of = \"window\"",
            &["of 应为报表 cases 中有代码表的列：grade"],
        ),
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"distribution\"\ncolumns = { \"办结\" = \"clsed\" }\n"
            ),
            "columns = ",
            &["columns: “clsed”"],
        ),
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"distribution\"\ncolumns = { \"办结\" = \"closed\" }\nof = \"grade\"\n"
            ),
            "of = \"grade\"",
            &["按栏：columns", "不用 of"],
        ),
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"ratio\"\nnumerator = \"closed\" # 数\ndenominator = \"opening > 0\"\nweight = \"registered\"\n"
            ),
            "numerator = \"closed\" # 数",
            &["numerator: “closed” 应得出是/否"],
        ),
        mistake(
            "",
            indicator!(
                "form = \"cases\"\nkind = \"sum\"\nnumerator = \"closed\"\nmeasure = \"件\"\nprint_in = \"万人\"\n"
            ),
            "print_in",
            &["print_in 应为计量单位（measure）的倍数", "万件"],
        ),
        mistake(
            "measure = \"件\"\nby = [\"unit\"]",
            "measure = \"件\"\nby = [\"unit\", \"group\"]",
            "by = [\"unit\", \"group\"]",
            &["by 的 “group” 应为 unit、unit_group（乡镇小计等）"],
        ),
        mistake(
            "owed_by = [\"township\", \"agency\"]",
            "owed_by = [\"township\", \"agency\"]\nfirst_period = \"2013\"",
            "first_period",
            &["first_period “2013” 与频率不符，月报应为月"],
        ),
        mistake(
            "owed_by = [\"township\", \"agency\"]",
            "owed_by = [\"township\", \"agency\"]\nformer = \"上届\"",
            "former",
            &["former 是上一轮的叫法"],
        ),
        in_file(
            "codelists.toml",
            "",
            "\n[[grade.group]]\ntitle = \"合格\"\nid = \"passed\"\ncodes = [\"好\", \"良\"]\n",
            "codes = [\"好\", \"良\"]",
            &["组 “合格” 的 “良” 不是代码，现有：好、一般、差"],
        ),
        in_file(
            "codelists.toml",
            "",
            "\n[[grade.group]]\ntitle = \"合格\"\nid = \"passed\"\ncodes = [\"好\"]\n[[grade.group]]\ntitle = \"达标\"\nid = \"met\"\ncodes = [\"差\", \"好\"] # 两组\n",
            "# 两组",
            &["“好” 已属于组 “合格”"],
        ),
        mistake(
            "rule = \"closed > 0 OR opening + registered = 0\"",
            "rule = \"cell('办结', 'closed') > 0\"",
            "rule = \"cell",
            &["审核 T-02: cell(…) 只用于逐项的报表"],
        ),
        mistake(
            "primary_key = [\"window\"]",
            "primary_key = [\"window\"]\nunpivot = { dimension = \"grade\", value = \"closed\" }",
            "unpivot",
            &["unpivot 的 dimension “grade” 应为主键", "有代码表的列：grade"],
        ),
        mistake(
            "primary_key = [\"window\"]",
            "primary_key = [\"window\", \"grade\"]\nunpivot = { dimension = \"grade\", value = \"closed\", columns = { \"优秀\" = \"优\" } }",
            "unpivot",
            &["“优秀” 指的代码 “优” 不存在，现有：好、一般、差"],
        ),
        mistake(
            "primary_key = [\"window\"]",
            "primary_key = [\"window\"]\nrepeats = true",
            "repeats",
            &["repeats 只用于 layout = \"key-value\""],
        ),
    ]);
}

#[derive(serde::Deserialize)]
struct Refused {
    file: String,
    old: String,
    new: String,
    says: Vec<String>,
}

/// One edit of the examples of the manual each, and all that is then said, word for word.
#[test]
fn each_mistake_is_said_once_with_its_line_and_what_to_do() {
    let root = crate::case::repository();
    let table = fs::read_to_string(root.join("tests/fixtures/refused.toml")).unwrap();
    let mut table: std::collections::BTreeMap<String, Vec<Refused>> =
        toml::from_str(&table).unwrap();
    let sound = crate::case::files(&root.join("docs/example"));
    // What is said of a whole file.
    let without_line = ["不会读取", "缺少 20", "登记册是空的"];
    for Refused { file, old, new, says } in table.remove("mistake").unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let text = sound.get(&file).map(|bytes| String::from_utf8(bytes.clone()).unwrap());
        let text = text.unwrap_or_default();
        assert!(text.contains(&old), "{old} is not in {file}");
        let edited = if old.is_empty() { new.clone() } else { text.replacen(&old, &new, 1) };
        for (name, bytes) in &sound {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::create_dir_all(folder.path().join(&file).parent().unwrap()).unwrap();
        fs::write(folder.path().join(&file), edited).unwrap();
        let problems = match definition::load(folder.path()) {
            Err(problems) => problems,
            Ok(definition) => definition::load_cases(folder.path(), &definition)
                .expect_err(&format!("accepted: {new}")),
        };
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, says, "{new}");
        for problem in problems {
            let whole_file = without_line.iter().any(|begins| problem.message.starts_with(begins));
            assert!(whole_file || problem.line > 0, "no line: {problem}");
        }
    }
}
