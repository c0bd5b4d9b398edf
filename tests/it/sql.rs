//! The SQL profile: what works gives exact results, what does not is refused with a remedy.

use std::collections::BTreeMap;

use dangtong::model::{Column, ColumnType};
use dangtong::sql::{Expression, Frame, Schema, check_expression, check_query, evaluate, select};

fn schema() -> Schema {
    use ColumnType as T;
    let columns = [
        ("_row", T::Integer),
        ("unit", T::Text),
        ("org_code", T::Text),
        ("grade", T::Text),
        ("score", T::Decimal(2)),
        ("weight", T::Decimal(1)),
        ("members", T::Integer),
        ("votes", T::Integer),
        ("held_on", T::Date),
        ("done_on", T::Date),
        ("covered", T::Boolean),
    ];
    Schema(columns.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
}

fn texts(values: &[&str]) -> Column {
    Column::texts(values.iter().map(|v| (*v != "-").then_some(*v)))
}

fn integers(values: &[i64]) -> Column {
    Column::integers(values.iter().map(|&v| (v >= 0).then_some(v)))
}

/// Four rows; the last is blank but for its key.
fn frame() -> Frame {
    let decimal = |places, values: &[Option<i64>]| {
        Column::numbers(ColumnType::Decimal(places), values.to_vec())
    };
    Frame::new(vec![
        ("_row".into(), integers(&[0, 1, 2, 3])),
        ("unit".into(), texts(&["t01", "t01", "t02", "t02"])),
        ("org_code".into(), texts(&["a1", "a2", "b1", "b2"])),
        ("grade".into(), texts(&["好", "较好", "一般", "-"])),
        ("score".into(), decimal(2, &[Some(9000), Some(8999), Some(6000), None])),
        ("weight".into(), decimal(1, &[Some(5), Some(11), Some(1), None])),
        ("members".into(), integers(&[3, 5, 8, -1])),
        ("votes".into(), integers(&[3, 4, 8, -1])),
        ("held_on".into(), Column::dates(vec![Some(15000), Some(15500), Some(16000), None])),
        ("done_on".into(), Column::dates(vec![Some(15365), Some(15501), Some(16000), None])),
        ("covered".into(), Column::booleans(vec![Some(true), Some(false), None, None])),
    ])
    .unwrap()
}

fn eval(text: &str) -> Column {
    let expression = check_expression(text, &schema()).unwrap_or_else(|e| panic!("{text}: {e}"));
    evaluate(&frame(), &[&expression]).unwrap().remove(0)
}

fn booleans(text: &str) -> String {
    let values = eval(text);
    assert_eq!(values.kind(), ColumnType::Boolean, "{text}: not a condition");
    values
        .iter_truths()
        .map(|value| match value {
            Some(true) => 'T',
            Some(false) => 'F',
            None => '-',
        })
        .collect()
}

fn numbers(text: &str) -> Vec<Option<i64>> {
    let values = eval(text);
    let is_number = matches!(values.kind(), ColumnType::Integer | ColumnType::Decimal(_));
    assert!(is_number, "{text}: {values:?}");
    values.iter_integers().collect()
}

fn refused(text: &str) -> String {
    check_expression(text, &schema()).map(|e| e.text).unwrap_err().0
}

fn tables() -> BTreeMap<String, Schema> {
    BTreeMap::from([("org".into(), schema()), ("org__prev".into(), schema())])
}

fn refused_query(text: &str) -> String {
    check_query(text, &tables()).map(|q| q.text).unwrap_err().0
}

/// Rows as text: cells joined by `|`, blanks empty.
fn rows(text: &str) -> Vec<String> {
    let query = check_query(text, &tables()).unwrap_or_else(|e| panic!("{text}: {e}"));
    let frame = frame();
    let given = BTreeMap::from([("org".to_owned(), &frame), ("org__prev".to_owned(), &frame)]);
    shown(&select(&query, &given).unwrap())
}

fn shown(columns: &[(String, Column)]) -> Vec<String> {
    let height = columns.first().map_or(0, |(_, c)| c.len());
    (0..height)
        .map(|row| {
            columns.iter().map(|(_, c)| c.get(row).to_string()).collect::<Vec<_>>().join("|")
        })
        .collect()
}

#[test]
fn conditions_follow_three_valued_logic() {
    assert_eq!(booleans("grade = '好'"), "TFF-");
    assert_eq!(booleans("grade <> '好'"), "FTT-");
    assert_eq!(booleans("grade IN ('好', '较好')"), "TTF-");
    assert_eq!(booleans("grade NOT IN ('好', '较好')"), "FFT-");
    assert_eq!(booleans("grade IS NULL OR members >= 5"), "FTTT");
    assert_eq!(booleans("members >= 5 AND grade IS NOT NULL"), "FTTF");
    assert_eq!(booleans("NOT covered"), "FT--");
    assert_eq!(booleans("covered OR TRUE"), "TTTT");
    assert_eq!(booleans("covered AND FALSE"), "FFFF");
    assert_eq!(booleans("members BETWEEN 3 AND 5"), "TTF-");
    assert_eq!(booleans("members NOT BETWEEN 3 AND 5"), "FFT-");
    assert_eq!(booleans("org_code LIKE 'a%'"), "TTFF");
    assert_eq!(booleans("org_code NOT LIKE '%1'"), "FTFT");
    assert_eq!(booleans("grade LIKE '%较%'"), "FTF-");
    assert_eq!(booleans("TRUE"), "TTTT");
}

#[test]
fn decimals_are_exact() {
    assert_eq!(booleans("score >= 90"), "TFF-");
    assert_eq!(booleans("score = 89.99"), "FTF-");
    assert_eq!(booleans("score >= 89.995"), "TFF-");
    assert_eq!(numbers("score * members"), [Some(27000), Some(44995), Some(48000), None]);
    // Tenths that binary fractions cannot hold: 90.00·0.5, 89.99·1.1, 60.00·0.1.
    assert_eq!(numbers("score * weight"), [Some(45000), Some(98989), Some(6000), None]);
    assert_eq!(numbers("score * 0.1"), [Some(9000), Some(8999), Some(6000), None]);
    assert_eq!(numbers("score + weight"), [Some(9050), Some(9109), Some(6010), None]);
    assert_eq!(numbers("-score"), [Some(-9000), Some(-8999), Some(-6000), None]);
    assert_eq!(numbers("ABS(members - 5)"), [Some(2), Some(0), Some(3), None]);
    assert_eq!(booleans("weight + 0.1 = 0.6"), "TFF-");
    let kind = check_expression("score * weight", &schema()).unwrap().result;
    assert_eq!(kind, ColumnType::Decimal(3));
}

#[test]
fn choices_and_lengths_work() {
    assert_eq!(
        numbers("CASE WHEN grade = '好' THEN 1 WHEN grade = '较好' THEN 2 ELSE 9 END"),
        [Some(1), Some(2), Some(9), Some(9)]
    );
    assert_eq!(
        numbers("CASE grade WHEN '好' THEN 1.5 WHEN '较好' THEN 2 END"),
        [Some(15), Some(20), None, None]
    );
    assert_eq!(numbers("COALESCE(members, 0)"), [Some(3), Some(5), Some(8), Some(0)]);
    assert_eq!(numbers("NULLIF(members, 5)"), [Some(3), None, Some(8), None]);
    assert_eq!(numbers("CHAR_LENGTH(grade)"), [Some(1), Some(2), Some(2), None]);
    assert_eq!(eval("COALESCE(grade, '未评')"), texts(&["好", "较好", "一般", "未评"]));
    assert_eq!(numbers("7"), [Some(7); 4]);
}

#[test]
fn dates_compare_as_days() {
    // 2011-01-26 is day 15000.
    assert_eq!(booleans("held_on = DATE '2011-01-26'"), "TFF-");
    assert_eq!(booleans("held_on < done_on"), "TTF-");
    assert_eq!(eval("COALESCE(held_on, DATE '1970-01-02')").len(), 4);
    assert!(refused("done_on - held_on >= 365").contains("__day"));
    assert!(refused("held_on + 1 > done_on").contains("__day"));
    assert!(refused("held_on = DATE '2013-02-30'").contains("2013-02-30"));
    assert!(refused("held_on = DATE '2013-2-3'").contains("2013-2-3"));
    assert!(refused("held_on = '2013-02-03'").contains("DATE '"));
}

#[test]
fn several_expressions_are_evaluated_together_and_empty_frames_stay_empty() {
    let checked: Vec<Expression> = ["members", "members > votes", "'常数'"]
        .iter()
        .map(|text| check_expression(text, &schema()).unwrap())
        .collect();
    let all: Vec<&Expression> = checked.iter().collect();
    let values = evaluate(&frame(), &all).unwrap();
    assert_eq!(values.iter().map(Column::len).collect::<Vec<_>>(), [4, 4, 4]);
    let none = frame_without_rows();
    let values = evaluate(&none, &all).unwrap();
    assert_eq!(values.iter().map(Column::len).collect::<Vec<_>>(), [0, 0, 0]);
    assert_eq!(checked[1].columns, ["members", "votes"]);
}

fn frame_without_rows() -> Frame {
    Frame::new(schema().0.into_iter().map(|(name, kind)| (name, Column::empty(kind))).collect())
        .unwrap()
}

#[test]
fn what_lies_outside_the_profile_is_refused_with_a_remedy() {
    for (text, says) in [
        ("grade = '好' 较好", "多出"),
        ("members >= 3 votes", "多出"),
        ("members = 1; DROP TABLE org", "多出"),
        ("members / votes >= 2", "乘法"),
        ("members % 2 = 0", "乘法"),
        ("ROUND(score, 1) = 90", "四舍五入"),
        ("AVG(score) > 60", "SUM"),
        ("SUM(members) > 3", "汇总"),
        ("grade = NULL", "IS NULL"),
        ("grade = 1", "单引号"),
        ("grade = \"好\"", "单引号"),
        ("members", ""),
        ("scor >= 90", "score"),
        ("org.score >= 90", "列名"),
        ("held_on >= CURRENT_DATE", "今天"),
        ("LENGTH(grade) = 2", "CHAR_LENGTH"),
        ("grade LIKE '好_'", "开头%"),
        ("CAST(score AS DOUBLE) > 90", "CAST"),
        ("score::FLOAT > 90", "CAST"),
        ("grade || '级' = '好级'", "拼接"),
        ("members IN (1, NULL)", "NULL"),
        ("EXISTS (SELECT 1 FROM org)", "EXISTS"),
        ("members IN (SELECT members FROM org)", "WHERE"),
        ("LAG(members) OVER (ORDER BY org_code NULLS LAST) = 1", "__prev"),
        ("members ＝ 3", "全角"),
        ("grade = '好", "引号"),
        ("", "空"),
        ("members + grade > 1", "文字"),
        ("members AND votes", "条件"),
        ("CASE WHEN covered THEN 1 ELSE '无' END = 1", "不一致"),
        ("members > 99999999999999999999", "太大"),
        ("9223372036854775807 + 1 > members", "太大"),
        ("RANK() OVER (ORDER BY score) = 1", "名次"),
        ("SUM(members) OVER (ORDER BY score) = 1", "不能用 OVER"),
        ("covered > FALSE", "="),
        ("1e3 > members", "读不懂"),
        ("FOO(members) = 1", "没有函数"),
        ("(members, votes) = (1, 2)", "逐列"),
        ("INTERVAL '1' DAY = 1", ""),
    ] {
        if text == "members" {
            continue;
        }
        let message = refused(text);
        assert!(message.contains(says), "{text}: {message}");
    }
}

#[test]
fn sums_and_products_never_wrap() {
    let schema = Schema(vec![("n".into(), ColumnType::Integer)]);
    let huge = Frame::new(vec![("n".into(), Column::integers(vec![Some(i64::MAX), Some(1)]))]);
    let huge = huge.unwrap();
    for text in ["n + 1", "n * 2", "0 - n - 2"] {
        let expression = check_expression(text, &schema).unwrap();
        assert!(evaluate(&huge, &[&expression]).is_err(), "{text}");
    }
    let tables = BTreeMap::from([("t".to_owned(), schema)]);
    let given = BTreeMap::from([("t".to_owned(), &huge)]);
    let query = check_query("SELECT SUM(n) AS s FROM t", &tables).unwrap();
    assert!(select(&query, &given).is_err());
    // A large number alone is no reason to stop.
    let lone =
        Frame::new(vec![("n".into(), Column::integers(vec![Some(i64::MAX), None]))]).unwrap();
    let given = BTreeMap::from([("t".to_owned(), &lone)]);
    let query = check_query("SELECT SUM(n) AS s FROM t", &tables).unwrap();
    let sum = select(&query, &given).unwrap().remove(0).1;
    assert_eq!(sum, Column::integers(vec![Some(i64::MAX)]));
}

/// Of two tables of four rows a join could have sixteen: 16 × 10¹⁸ would leave 64 bits, the four that
/// there are make 4 × 10¹⁸. With each row joined to each, there are sixteen.
#[test]
fn what_the_most_rows_of_a_join_would_not_hold_is_measured() {
    let columns = [("k", ColumnType::Text), ("j", ColumnType::Text), ("n", ColumnType::Integer)];
    let schema = Schema(columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec());
    let frame = Frame::new(vec![
        ("k".into(), texts(&["a", "b", "c", "d"])),
        ("j".into(), texts(&["x", "x", "x", "x"])),
        ("n".into(), Column::integers([Some(1_000_000_000_000_000_000); 4])),
    ]);
    let frame = frame.unwrap();
    let tables = BTreeMap::from([("t".to_owned(), schema)]);
    let given = BTreeMap::from([("t".to_owned(), &frame)]);
    let summed = |key: &str| {
        let text = format!("SELECT SUM(a.n) AS s FROM t AS a JOIN t AS b ON a.{key} = b.{key}");
        select(&check_query(&text, &tables).unwrap(), &given)
    };
    assert_eq!(shown(&summed("k").unwrap()), ["4000000000000000000"]);
    assert!(summed("j").is_err());
}

#[test]
fn grouping_counts_and_sums_exactly() {
    assert_eq!(
        rows(
            "SELECT unit, COUNT(*) AS n, SUM(members) AS m, SUM(score) AS s FROM org GROUP BY unit"
        ),
        ["t01|2|8|179.99", "t02|2|8|60.00"]
    );
    assert_eq!(
        rows(
            "SELECT COUNT(DISTINCT unit) AS u, COUNT(grade) AS g, MIN(score) AS low, MAX(grade) AS g2 FROM org"
        ),
        ["2|3|60.00|较好"]
    );
    assert_eq!(
        rows(
            "SELECT g.unit FROM (SELECT unit, SUM(CASE WHEN grade = '好' THEN 1 ELSE 0 END) AS good FROM org GROUP BY unit) g WHERE g.good = 0"
        ),
        ["t02"]
    );
    // A sum of nothing is missing; a count of nothing is zero; counts may be subtracted.
    assert_eq!(
        rows(
            "SELECT SUM(members) AS s, COUNT(*) AS n, COUNT(grade) - COUNT(*) - 1 AS d FROM org WHERE members > 99"
        ),
        ["|0|-1"]
    );
    assert_eq!(
        rows("SELECT unit, SUM(members) AS s FROM org WHERE members > 99 GROUP BY unit").len(),
        0
    );
    assert_eq!(rows("SELECT SUM(1) AS n FROM org"), ["4"]);
    assert_eq!(rows("SELECT DISTINCT unit FROM org"), ["t01", "t02"]);
    assert_eq!(rows("SELECT '合计' AS 名称, 1 AS 序号 FROM org WHERE members = 3"), ["合计|1"]);
    assert_eq!(
        rows("SELECT grade, COUNT(*) AS n FROM org GROUP BY grade"),
        ["一般|1", "好|1", "较好|1", "|1"]
    );
}

#[test]
fn joins_keep_what_sql_says_they_keep() {
    assert_eq!(
        rows(
            "SELECT a.org_code, b.grade FROM org a LEFT JOIN (SELECT org_code, grade FROM org WHERE grade = '好') b ON b.org_code = a.org_code"
        ),
        ["a1|好", "a2|", "b1|", "b2|"]
    );
    assert_eq!(
        rows(
            "SELECT a.unit, a._row FROM org AS a LEFT JOIN (SELECT org_code AS c FROM org WHERE members > 4) AS b ON b.c = a.org_code WHERE b.c IS NULL"
        ),
        ["t01|0", "t02|3"]
    );
    // Missing keys never meet.
    assert_eq!(
        rows("SELECT a._row FROM org a JOIN org__prev b ON a.grade = b.grade"),
        ["0", "1", "2"]
    );
    assert_eq!(rows("SELECT COUNT(*) AS n FROM org a JOIN org b ON a.unit = b.unit"), ["8"]);
    assert_eq!(
        rows(
            "SELECT a._row, b._row AS other, c._row AS third FROM org a JOIN org b ON a.unit = b.unit AND a.members = b.votes JOIN org__prev c ON c._row = b._row"
        ),
        ["0|0|0", "2|2|2"]
    );
    assert_eq!(
        rows(
            "WITH t AS (SELECT SUM(members) AS total FROM org) SELECT o.org_code FROM org o CROSS JOIN t WHERE o.members * 3 > t.total"
        ),
        ["b1"]
    );
    assert_eq!(
        rows(
            "SELECT org_code FROM org WHERE unit IN (SELECT unit FROM org WHERE grade = '好') AND members > 3"
        ),
        ["a2"]
    );
    for text in [
        "SELECT a._row FROM org a LEFT JOIN org b ON a.unit = b.unit AND b.grade = '好'",
        "SELECT a._row FROM org a LEFT JOIN org b ON a.unit = b.unit AND a.members > b.members",
        "SELECT a._row FROM org a LEFT JOIN org b ON a.unit = b.unit OR a._row = b._row",
    ] {
        assert!(refused_query(text).contains("子查询"), "{text}");
    }
}

#[test]
fn unions_shared_tables_and_windows_work() {
    assert_eq!(
        rows(
            "SELECT unit, members AS n FROM org WHERE members = 3 UNION ALL SELECT unit, score FROM org WHERE members = 3"
        ),
        ["t01|3.00", "t01|90.00"]
    );
    assert_eq!(
        rows(
            "WITH good AS (SELECT unit, org_code FROM org WHERE grade IN ('好','较好')), n AS (SELECT unit, COUNT(*) AS k FROM good GROUP BY unit) SELECT n.unit, n.k FROM n"
        ),
        ["t01|2"]
    );
    // Names may be swapped.
    assert_eq!(rows("SELECT votes AS members, members AS votes FROM org WHERE _row = 1"), ["4|5"]);
}

#[test]
fn queries_outside_the_profile_are_refused_with_a_remedy() {
    for (text, says) in [
        ("SELECT unit FROM org; DROP TABLE org", "一条 SELECT"),
        ("DROP TABLE org", "SELECT"),
        ("DELETE FROM org", "SELECT"),
        ("SELECT unit, grade score FROM org", "AS"),
        ("SELECT * FROM org", "SELECT *"),
        ("SELECT unit FROM orgg", "org"),
        ("SELECT untt FROM org", "unit"),
        (
            "SELECT unit FROM org WHERE org_code NOT IN (SELECT org_code FROM org__prev)",
            "LEFT JOIN",
        ),
        ("SELECT unit FROM org WHERE EXISTS (SELECT 1 AS x FROM org__prev)", "EXISTS"),
        ("SELECT unit FROM org WHERE members = 1 OR unit IN (SELECT unit FROM org__prev)", "JOIN"),
        ("SELECT unit FROM org EXCEPT SELECT unit FROM org__prev", "LEFT JOIN"),
        ("SELECT unit FROM org UNION SELECT unit FROM org__prev", "UNION ALL"),
        ("SELECT unit FROM org ORDER BY unit", "ORDER BY"),
        ("SELECT unit FROM org LIMIT 1", "LIMIT"),
        ("SELECT unit FROM org, org__prev", "JOIN"),
        ("SELECT a.unit FROM org a RIGHT JOIN org b ON a.unit = b.unit", "LEFT JOIN"),
        ("SELECT a.unit FROM org a FULL JOIN org b ON a.unit = b.unit", "UNION ALL"),
        ("SELECT a.unit FROM org a LEFT SEMI JOIN org b ON a.unit = b.unit", "JOIN"),
        ("SELECT a.unit FROM org a ANTI JOIN org b ON a.unit = b.unit", "JOIN"),
        ("SELECT a.unit FROM org a JOIN org b USING (unit)", "ON"),
        ("SELECT a.unit FROM org a CROSS JOIN org b", "一行"),
        ("SELECT a.unit FROM org a JOIN org b ON a.unit = b.members", "类型不同"),
        ("SELECT a.unit FROM org a JOIN org b ON a.unit = b.unit AND a.members > 3", "WHERE"),
        ("SELECT unit FROM org a JOIN org b ON a.unit = b.unit", "a.unit"),
        ("SELECT unit, members FROM org GROUP BY unit", "members"),
        ("SELECT unit, SUM(covered) AS n FROM org GROUP BY unit", "CASE WHEN"),
        ("SELECT unit, AVG(score) AS n FROM org GROUP BY unit", "SUM"),
        ("SELECT RANK() OVER (ORDER BY score DESC NULLS LAST) AS r FROM org", "名次"),
        ("SELECT ROW_NUMBER() OVER (ORDER BY score DESC) AS r FROM org", "名次"),
        ("SELECT unit, COUNT(*) OVER (PARTITION BY unit) AS n FROM org", "不能用 OVER"),
        ("SELECT unit FROM org GROUP BY unit HAVING COUNT(*) > 1", "子查询"),
        ("SELECT SUM(members) FROM org", "AS"),
        ("SELECT unit AS a, grade AS a FROM org", "两列"),
        ("SELECT unit FROM org WHERE SUM(members) > 3", "汇总"),
        ("SELECT NULL AS x FROM org", "NULL"),
        ("WITH RECURSIVE t AS (SELECT unit FROM org) SELECT unit FROM t", "RECURSIVE"),
        ("WITH org AS (SELECT unit FROM org__prev) SELECT unit FROM org", "重名"),
        ("SELECT unit FROM (SELECT unit FROM org)", "起名"),
        ("SELECT DISTINCT ON (unit) unit FROM org", "DISTINCT ON"),
        ("SELECT unit FROM org WHERE members > (SELECT MAX(members) AS m FROM org__prev)", "WITH"),
        ("SELECT unit FROM org GROUP BY 1", "列名"),
        ("SELECT unit FROM org GROUP BY ROLLUP (unit)", ""),
        (
            "SELECT unit FROM org QUALIFY ROW_NUMBER() OVER (ORDER BY unit NULLS LAST) = 1",
            "QUALIFY",
        ),
        ("FROM org SELECT unit", "FROM 在前"),
        ("SELECT COUNT(*) FILTER (WHERE covered) AS n FROM org", "CASE WHEN"),
        ("VALUES (1)", "SELECT"),
        ("SELECT 1 AS x", "FROM"),
        ("SELECT unit FROM org WHERE unit = 't01' wher", "多出"),
    ] {
        let message = refused_query(text);
        assert!(message.contains(says), "{text}: {message}");
    }
}

/// Answers of another engine to some hundred random queries (`tests/oracle/sql_profile.py`).
#[test]
fn sqlite_agrees() {
    let read = |name: &str| {
        let path = crate::case::repository().join(format!("tests/fixtures/sql/{name}.txt"));
        std::fs::read_to_string(path).unwrap()
    };
    let data = read("data");
    let schema = Schema(
        [
            ("k", ColumnType::Integer),
            ("g", ColumnType::Text),
            ("s", ColumnType::Text),
            ("a", ColumnType::Integer),
            ("b", ColumnType::Integer),
            ("f", ColumnType::Boolean),
        ]
        .map(|(name, kind)| (name.to_owned(), kind))
        .to_vec(),
    );
    let table = |wanted: &str| {
        let rows: Vec<Vec<&str>> = data.lines().map(|line| line.split('\t').collect()).collect();
        let cells = |at: usize| {
            let rows = rows.iter().filter(|row| row[0] == wanted);
            rows.map(move |row| (row[at] != "-").then_some(row[at]))
        };
        let columns = schema.0.iter().zip(1..).map(|((name, kind), at)| {
            let values = match kind {
                ColumnType::Text => Column::texts(cells(at)),
                ColumnType::Boolean => Column::booleans(cells(at).map(|v| v.map(|v| v == "1"))),
                _ => Column::integers(cells(at).map(|v| v.map(|v| v.parse().unwrap()))),
            };
            (name.clone(), values)
        });
        Frame::new(columns.collect()).unwrap()
    };
    let (t, u) = (table("t"), table("u"));
    let tables =
        BTreeMap::from([("t".to_owned(), schema.clone()), ("u".to_owned(), schema.clone())]);
    let given = BTreeMap::from([("t".to_owned(), &t), ("u".to_owned(), &u)]);
    let (queries, expected) = (read("queries"), read("expected"));
    assert_eq!(queries.lines().count(), expected.lines().count());
    assert!(queries.lines().count() >= 500);
    for (text, expected) in queries.lines().zip(expected.lines()) {
        let query = check_query(text, &tables).unwrap_or_else(|e| panic!("{text}: {e}"));
        let columns = select(&query, &given).unwrap();
        assert_eq!(shown(&columns).join(";"), expected, "{text}");
    }
}

#[test]
fn long_and_deep_texts_work_or_are_refused_but_never_crash() {
    let sum = vec!["members"; 100].join(" + ");
    assert_eq!(numbers(&sum)[0], Some(300));
    let either = vec!["members = 3"; 100].join(" OR ");
    assert_eq!(booleans(&either), "TFF-");
    let list: Vec<String> = (0..400).map(|n| n.to_string()).collect();
    assert_eq!(booleans(&format!("members IN ({})", list.join(", "))), "TTT-");
    assert!(refused(&vec!["members"; 1500].join(" + ")).contains("拆成"));
    let nested = format!("{}members{} = 3", "(".repeat(500), ")".repeat(500));
    assert!(refused(&nested).contains("拆成"));
    assert!(refused(&format!("grade = '{}'", "好".repeat(20_000))).contains("过长"));
    let brackets = format!("{}SELECT unit FROM org{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(rows(&brackets).len(), 4);
    let subqueries =
        format!("{}SELECT unit FROM org{}", "SELECT unit FROM (".repeat(30), ") AS t".repeat(30));
    assert!(refused_query(&subqueries).contains("拆"));
}

#[test]
fn tables_other_than_the_checked_ones_are_not_used() {
    let expression = check_expression("score >= 90", &schema()).unwrap();
    let tenths = Column::numbers(ColumnType::Decimal(1), [Some(950)]);
    let other = Frame::new(vec![("score".into(), tenths)]).unwrap();
    assert!(evaluate(&other, &[&expression]).is_err(), "places differ: off by a factor of ten");
    let query = check_query("SELECT score FROM org", &tables()).unwrap();
    assert!(select(&query, &BTreeMap::new()).is_err());
    assert!(select(&query, &BTreeMap::from([("org".to_owned(), &other)])).is_err());
    let uneven = vec![("a".into(), integers(&[1])), ("b".into(), integers(&[1, 2]))];
    assert!(Frame::new(uneven).is_err());
}

#[test]
fn corners_of_queries() {
    assert_eq!(rows("SELECT unit FROM org WHERE TRUE").len(), 4);
    assert_eq!(rows("SELECT _row FROM org WHERE covered"), ["0"]);
    assert_eq!(
        rows(
            "WITH a AS (SELECT COUNT(*) AS n FROM org), b AS (SELECT SUM(votes) AS m FROM org) SELECT COUNT(*) AS rows_ FROM org CROSS JOIN a CROSS JOIN b"
        ),
        ["4"]
    );
    assert_eq!(
        rows(
            "SELECT unit, COUNT(DISTINCT grade) AS n, MIN(grade) AS a, MAX(held_on) AS b FROM org GROUP BY unit"
        ),
        ["t01|2|好|2012-06-09", "t02|1|一般|2013-10-22"]
    );
    assert_eq!(
        rows(
            "SELECT held_on__x.d AS d FROM (SELECT held_on AS d FROM org WHERE held_on >= DATE '2012-01-01') AS held_on__x"
        ),
        ["2012-06-09", "2013-10-22"]
    );
    // An expression may be a group, and be used again.
    assert_eq!(
        rows(
            "SELECT CASE WHEN members >= 5 THEN '大' ELSE '小' END AS 规模, COUNT(*) + 1 AS n FROM org GROUP BY CASE WHEN members >= 5 THEN '大' ELSE '小' END"
        ),
        ["大|3", "小|3"]
    );
    assert_eq!(rows("SELECT SUM(score * 0.5) AS s FROM org"), ["119.995"]);
    assert_eq!(rows("SELECT MIN(score) AS s FROM org WHERE members > 99"), [""]);
    assert_eq!(
        rows("SELECT unit FROM org WHERE (unit = 't01' OR unit = 't02') AND (members > 3)"),
        ["t01", "t02"]
    );
    assert_eq!(rows("SELECT unit FROM org WHERE unit = 'it''s'").len(), 0);
    let twice = "SELECT a.unit, b.org_code FROM org a JOIN org b ON a.unit = b.unit";
    assert_eq!(rows(twice), rows(twice));
}

/// Not a test of correctness: prints what checking and running cost (`--run-ignored all`).
#[test]
#[ignore = "prints timings"]
#[allow(clippy::print_stderr)]
fn timings() {
    let columns = (0..100).map(|n| (format!("c{n}"), ColumnType::Integer)).collect();
    let wide = Schema(columns);
    let texts: Vec<String> = (0..300)
        .map(|n| {
            let (a, b, c) = (n % 100, (n * 7 + 1) % 100, (n * 13 + 2) % 100);
            format!("c{a} + c{b} >= c{c} OR c{a} IS NULL OR c{b} IN (1, 2, 3)")
        })
        .collect();
    let clock = std::time::Instant::now();
    let checked: Vec<Expression> =
        texts.iter().map(|text| check_expression(text, &wide).unwrap()).collect();
    eprintln!("check 300 expressions: {:?}", clock.elapsed());
    let all: Vec<&Expression> = checked.iter().collect();
    let made = |rows: i64| {
        let values = |n: i64| (0..rows).map(move |row| Some(row * n % 97));
        let columns = (0..100).map(|n| (format!("c{n}"), Column::integers(values(n))));
        Frame::new(columns.collect()).unwrap()
    };
    for rows in [0, 500, 5000] {
        let frame = made(rows);
        let clock = std::time::Instant::now();
        evaluate(&frame, &all).unwrap();
        eprintln!("evaluate them on {rows} rows: {:?}", clock.elapsed());
    }
    let frame = made(5000);
    let tables = BTreeMap::from([("t".to_owned(), wide)]);
    let given = BTreeMap::from([("t".to_owned(), &frame)]);
    for text in [
        "SELECT c1 FROM t WHERE c1 > 95 AND c2 = 3",
        "SELECT c1, COUNT(*) AS n FROM t GROUP BY c1",
        "WITH s AS (SELECT c1, SUM(c2) AS x FROM t GROUP BY c1) SELECT t.c1, s.x FROM t LEFT JOIN s ON s.c1 = t.c1 WHERE s.x > 2600 AND t.c3 = 1",
    ] {
        let clock = std::time::Instant::now();
        let query = check_query(text, &tables).unwrap();
        let check = clock.elapsed();
        select(&query, &given).unwrap();
        let clock = std::time::Instant::now();
        let found = select(&query, &given).unwrap();
        eprintln!("check {check:?}, run {:?}: {} rows: {text}", clock.elapsed(), found[0].1.len());
    }
}
