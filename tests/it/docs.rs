//! Reference pages and schemas are those that the definitions give.

use std::fs;

use dangtong::definition::{self, GENERATED};

use crate::case::{Case, dangtong, files, repository};

const PIPELINES: [&str; 2] = ["zuoquan", "national-bulletin"];

#[test]
fn committed_pages_are_current() {
    let docs = repository().join("docs");
    let mut problems = Vec::new();
    for pipeline in PIPELINES {
        let definition = definition::load(&repository().join("pipelines").join(pipeline)).unwrap();
        let mut pages = definition::reference(&definition);
        pages.extend(definition::schemas());
        for (name, text) in &pages {
            if fs::read_to_string(docs.join(name)).ok().as_ref() != Some(text) {
                problems.push(format!("docs/{name} is not current"));
            }
        }
        let folder = format!("programmes/{pipeline}");
        for name in files(&docs.join(&folder)).into_keys() {
            if !pages.contains_key(&format!("{folder}/{name}")) {
                problems.push(format!("docs/{folder}/{name} has no programme"));
            }
        }
    }
    assert!(
        problems.is_empty(),
        "\n{}\nRegenerate with: for p in {}; do cargo run -- docs --pipeline pipelines/$p; done\n",
        problems.join("\n"),
        PIPELINES.join(" ")
    );
}

/// Loading types expressions and queries without running them: what it lets through must run.
#[test]
fn the_engine_takes_every_expression_and_query_that_loading_lets_through() {
    for pipeline in PIPELINES {
        let definition = definition::load(&repository().join("pipelines").join(pipeline)).unwrap();
        assert_eq!(definition::dry_run(&definition), [] as [String; 0], "{pipeline}");
    }
}

#[test]
fn pages_say_everything_that_is_defined() {
    for pipeline in PIPELINES {
        let definition = definition::load(&repository().join("pipelines").join(pipeline)).unwrap();
        let pages = definition::reference(&definition);
        let page = |programme: &str| &pages[&format!("programmes/{pipeline}/{programme}.md")];
        for form in &definition.forms {
            for field in &form.fields {
                let cell = format!("| `{}` | {}", field.name, field.kind.title());
                assert!(page(&form.programme).contains(&cell), "{}.{}", form.id, field.name);
            }
        }
        for check in &definition.checks {
            let heading = format!("\n### {} {}\n", check.code, check.title);
            assert!(page(&check.programme).contains(&heading), "{}", check.code);
        }
        for indicator in &definition.indicators {
            let heading = format!("\n### {} {}\n", indicator.id, indicator.title);
            assert!(page(&indicator.programme).contains(&heading), "{}", indicator.id);
        }
    }
}

#[test]
fn docs_writes_pages_and_removes_only_its_own_stale_ones() {
    let case = Case::mini();
    let out = case.path("docs");
    let folder = out.join("programmes/mini");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("gone.md"), format!("{GENERATED}\n\n# 旧\n")).unwrap();
    fs::write(folder.join("notes.md"), "# 手写\n").unwrap();
    let (pipeline, docs) = (case.path("pipeline"), out.to_str().unwrap());
    let arguments = ["docs", "--pipeline", pipeline.to_str().unwrap(), "--out", docs];
    let ran = dangtong(&arguments).expect_code(0);
    assert!(ran.stdout.contains("已删除"), "{}", ran.stdout);
    let first = files(&out);
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    for name in ["checks.md", "programmes/mini/README.md", "programmes/mini/cases.md"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(names.contains(&"programmes/mini/notes.md"));
    assert!(!names.contains(&"programmes/mini/gone.md"));
    let page = fs::read_to_string(folder.join("cases.md")).unwrap();
    assert!(page.contains("个人信息") && page.contains("### T-01 办件不平衡"), "{page}");
    dangtong(&arguments).expect_code(0);
    assert!(files(&out) == first);
}

#[test]
fn schemas_describe_what_the_loader_reads() {
    let schemas = definition::schemas();
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&schemas[&format!("schema/{name}.schema.json")]).unwrap()
    };
    let programme = read("programme");
    for key in ["id", "title", "order", "table", "chart", "form", "check", "indicator"] {
        assert!(programme["properties"].get(key).is_some(), "{key}");
    }
    for (kind, keys) in [
        ("Form", &["field", "round", "band", "parts", "stock", "derive", "owed_by"][..]),
        ("Field", &["type", "codelist", "part_of", "constraints", "personal"]),
        ("Check", &["rule", "violations", "interval", "for_each", "missing", "level"]),
        ("Indicator", &["kind", "numerator", "denominator", "where", "step", "by", "breaks"]),
    ] {
        let properties = programme["$defs"][kind]["properties"].as_object().unwrap();
        for key in keys {
            assert!(properties.contains_key(*key), "{kind}.{key}");
        }
        // What only the program sets is no key of a file.
        assert!(!properties.keys().any(|key| key.starts_with("parsed") || key == "programme"));
        assert_eq!(programme["$defs"][kind]["additionalProperties"], false, "{kind}");
    }
    let denominator = programme["$defs"]["Denominator"].to_string();
    assert!(denominator.contains("string") && denominator.contains("OtherDenominator"));
    assert!(read("pipeline")["properties"]["report"].is_object());
    assert!(read("codelists")["additionalProperties"].is_object());
}
