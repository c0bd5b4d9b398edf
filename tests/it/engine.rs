//! Engines elsewhere: what they are sent, and what happens when they are wrong, slow or away.
//! `tests/engine` does the same with Sail and with Apache Spark.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use dangtong::cache::Cache;
use dangtong::model::{CERTIFICATE, Certificate, Column, sha256};
use dangtong::pipeline::certify::certify;
use dangtong::pipeline::{self, Prepared, Request};
use dangtong::sql::{
    Asked, Embedded, Engine, Expression, GroupPlan, Groups, Measure, grouped_statement,
    numbers_statement, rows_statement,
};
use sqlparser::ast::{SetExpr, Statement};
use sqlparser::dialect::DatabricksDialect;
use sqlparser::parser::Parser;

use crate::case::{Case, repository};

/// The sample month of a pipeline.
fn sample(pipeline: &str) -> Prepared {
    let request = Request {
        pipeline: repository().join("pipelines").join(pipeline),
        returns: Some(repository().join("sample-data").join(pipeline).join("returns")),
        facts: Vec::new(),
        at: None,
        period: None,
        reader: PathBuf::from(env!("CARGO_BIN_EXE_dangtong")),
        cache: Cache::none(),
    };
    pipeline::prepare(&request).unwrap()
}

/// Answers as the embedded engine does, and keeps what another one would be sent.
#[derive(Debug, Default)]
struct Printing {
    statements: Mutex<Vec<String>>,
    /// Of a form, by which one sum is too large.
    wrong: Option<&'static str>,
}

impl Printing {
    fn keep(&self, statement: String) {
        self.statements.lock().unwrap().push(statement);
    }
}

impl Engine for Printing {
    fn rows(&self, asked: Asked, expressions: &[&Expression]) -> anyhow::Result<Vec<Column>> {
        self.keep(rows_statement(asked.frame, expressions)?);
        Embedded.rows(asked, expressions)
    }

    fn grouped(
        &self,
        asked: Asked,
        plan: &GroupPlan,
    ) -> anyhow::Result<(Vec<Column>, Vec<Groups>)> {
        self.keep(numbers_statement(asked.frame, plan.measures)?);
        for (keys, wanted) in plan.sets {
            let measures: Vec<&Measure> = wanted.iter().map(|&at| plan.measures[at]).collect();
            self.keep(grouped_statement(asked.frame, &measures, keys)?);
        }
        let (numbers, mut groups) = Embedded.grouped(asked, plan)?;
        if self.wrong == Some(asked.source) {
            groups[0].added[0][0].sum += 1;
        }
        Ok((numbers, groups))
    }
}

fn certified(pipeline: &str, other: &Arc<Printing>) -> Certificate {
    certify(sample(pipeline), other.clone(), "test").unwrap().1
}

#[test]
fn every_rule_and_indicator_is_one_statement_of_databricks_sql() {
    for pipeline in ["zuoquan", "national-bulletin"] {
        let other = Arc::new(Printing::default());
        let certificate = certified(pipeline, &other);
        assert!(certificate.equal);
        let statements = other.statements.lock().unwrap();
        let forms: BTreeSet<&String> = certificate.sources.keys().collect();
        assert!(statements.len() >= 3 * forms.len() && !forms.is_empty(), "{}", statements.len());
        for text in statements.iter() {
            let parsed = Parser::parse_sql(&DatabricksDialect {}, text)
                .unwrap_or_else(|error| panic!("{error}: {text}"));
            let [Statement::Query(query)] = parsed.as_slice() else { panic!("{text}") };
            assert!(matches!(*query.body, SetExpr::Select(_)), "{text}");
            // Nothing is divided, rounded, ranked or ordered in an engine.
            for word in [" / ", "ROUND(", "OVER (", "ORDER BY", "LIMIT"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
    }
}

#[test]
fn one_wrong_sum_is_found_and_named() {
    let certificate = certified(
        "national-bulletin",
        &Arc::new(Printing { wrong: Some("bulletin"), ..Printing::default() }),
    );
    assert!(!certificate.equal);
    let differing: Vec<(&str, usize)> = certificate
        .sources
        .iter()
        .filter(|(_, agreement)| agreement.differing > 0)
        .map(|(source, agreement)| (source.as_str(), agreement.differing))
        .collect();
    assert_eq!(differing, [("bulletin", 1)]);
    let said = &certificate.sources["bulletin"].differences[0];
    assert!(said.contains("本机") && said.contains("引擎"), "{said}");
}

#[test]
fn a_certificate_speaks_for_its_own_figures_only() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let report = case.path("reports/2013-10");
    let figures = sha256(&fs::read(report.join("figures.csv")).unwrap());
    let write = |figures: &str, equal: bool| {
        let certificate = Certificate {
            schema: Certificate::SCHEMA,
            program: "0.1.0".to_owned(),
            period: "2013-10".to_owned(),
            engine: "9.9".to_owned(),
            figures: figures.to_owned(),
            equal,
            sources: BTreeMap::new(),
        };
        let bytes = serde_json::to_vec(&certificate).unwrap();
        fs::write(report.join(CERTIFICATE), bytes).unwrap();
    };
    write(&figures, true);
    case.verify().expect_code(0);
    write(&sha256(b"other figures"), true);
    assert!(case.verify().expect_code(1).stdout.contains("certificate.json 的指标表"));
    write(&figures, false);
    assert!(case.verify().expect_code(1).stdout.contains("certificate.json 的对照结果"));
    fs::write(report.join(CERTIFICATE), "{}").unwrap();
    assert!(case.verify().expect_code(1).stdout.contains("多出文件：certificate.json"));
}

/// The helper that holds the line is played by a script: what it says is what an engine would.
#[cfg(unix)]
mod line {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Command;

    use crate::case::Case;

    /// Our program in a folder of its own, with a helper beside it that is this script.
    fn installed(folder: &Path, script: Option<&str>) -> Command {
        let program = folder.join("dangtong");
        let built = env!("CARGO_BIN_EXE_dangtong");
        if fs::hard_link(built, &program).is_err() {
            fs::copy(built, &program).unwrap();
        }
        if let Some(script) = script {
            let helper = folder.join("dangtong-spark");
            fs::write(&helper, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Command::new(program)
    }

    /// Runs October with an engine that is this script: exit code 2, and nothing is written.
    #[track_caller]
    fn fails(script: Option<&str>, url: &str, expected: &[&str]) {
        let case = Case::mini_clean();
        let folder = case.path("installed");
        let files = case.path("files");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(&files).unwrap();
        let ran = installed(&folder, script)
            .args(["run", "--period", "2013-10", "--engine", url, "--engine-timeout", "2"])
            .arg("--pipeline")
            .arg(case.path("pipeline"))
            .arg("--returns")
            .arg(case.path("returns"))
            .arg("--out")
            .arg(case.path("reports"))
            .arg("--engine-files")
            .arg(&files)
            .env("XDG_CACHE_HOME", "/dev/null")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{said}");
        for words in expected {
            assert!(said.contains(words), "{words}: {said}");
        }
        let left = |folder: &str| fs::read_dir(case.path(folder)).map_or(0, Iterator::count);
        assert_eq!((left("reports"), left("files")), (0, 0), "{said}");
    }

    const HELLO: &str = r#"echo '{"engine":"9.9"}'"#;

    #[test]
    fn an_engine_that_cannot_be_reached_is_said_with_what_to_do() {
        let url = "sc://localhost:1";
        fails(None, url, &["tools/spark/Cargo.toml", "去掉 --engine"]);
        fails(Some(""), url, &["sc://localhost:1", "连接中断", "去掉 --engine"]);
        fails(Some("exec sleep 60"), url, &["2 秒内没有回答", "--engine-timeout"]);
        fails(Some(r#"echo '{"error":"refused"}'"#), url, &["refused", "--engine-files"]);
        fails(None, "localhost:1", &["sc://主机:端口"]);
    }

    #[test]
    fn an_engine_that_stops_or_is_killed_in_the_middle_leaves_nothing() {
        let url = "sc://localhost:1";
        fails(Some(&format!("{HELLO}; exec sleep 60")), url, &["2 秒内没有回答"]);
        fails(Some(&format!("{HELLO}; read question")), url, &["连接中断"]);
    }

    #[test]
    fn an_answer_that_lacks_a_row_is_refused() {
        let answer = r#"while read question; do echo '{"rows":[]}'; done"#;
        fails(Some(&format!("{HELLO}; {answer}")), "sc://localhost:1", &["与表里的不符"]);
    }
}
