//! Repository rules that a reviewer should never have to repeat.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::repository;

/// Which top-level modules each top-level module may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("sql", &["model"]),
    ("definition", &["model", "sql"]),
    ("collect", &["model", "definition"]),
    ("validate", &["model", "definition", "sql"]),
    ("analyse", &["model", "definition", "sql"]),
    ("lineage", &["model", "definition"]),
    ("report", &["model", "definition", "lineage"]),
    ("audit", &["model", "definition", "lineage"]),
    ("pipeline", &["model", "definition", "collect", "validate", "analyse", "report", "audit"]),
    ("publish", &["model", "audit"]),
    // The reader's child side is reached from the command line directly.
    ("cli", &["model", "definition", "audit", "collect", "pipeline", "publish"]),
];

/// Where each heavy dependency may be named.
const ONLY_IN: &[(&str, &str)] = &[
    ("polars", "sql/"),
    ("sqlparser", "sql/"),
    ("calamine", "collect/"),
    ("quick_xml", "collect/"),
    ("zip", "collect/"),
    ("rust_xlsxwriter", "report/"),
    ("docx_rs", "report/"),
    ("minijinja", "definition/"),
    ("plotters", "report/"),
    ("clap", "cli/"),
    ("clap_complete", "cli/"),
    ("toml", "definition/"),
];

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The code without comments and without `#[cfg(test)] mod …` at the end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn first_ident(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Top-level modules reached through `crate::` (also `use crate::{a::x, b}`).
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.push(first_ident(rest));
            continue;
        };
        let (mut depth, mut item) = (0, String::new());
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                ',' if depth == 0 => {
                    found.push(first_ident(&item));
                    item.clear();
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            item.push(c);
        }
        found.push(first_ident(&item));
    }
    found.retain(|name| !name.is_empty());
    found
}

/// `super::` from a folder's `mod.rs` reaches the crate root: it must not name a stage.
fn reaches_root_through_super(path: &str, code: &str) -> Option<String> {
    let depth = path.matches('/').count() + usize::from(!path.ends_with("mod.rs"));
    let to_root = "super::".repeat(depth);
    let at = code.find(&to_root)?;
    let rest = &code[at + to_root.len()..];
    let name = first_ident(rest.trim_start_matches('{'));
    MAY_IMPORT.iter().any(|(module, _)| *module == name).then_some(name)
}

#[test]
fn the_source_tree_follows_its_own_rules() {
    let root = repository().join("src");
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    rust_files(&root, &mut files);
    assert!(files.len() > 30);
    for file in files {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        if !text.starts_with("//!") {
            problems.push(format!("{path}: does not say what it is for (//!)"));
        }
        if path.ends_with("/tests.rs") {
            continue;
        }
        let code = code(&text);
        let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if let Some((_, allowed)) = MAY_IMPORT.iter().find(|(m, _)| *m == module) {
            for target in imports(&code) {
                if target != module && !allowed.contains(&target.as_str()) {
                    problems.push(format!("{path}: `{module}` may not import `{target}`"));
                }
            }
        } else if module != "lib" && module != "main" {
            problems.push(format!("{path}: `{module}` is not in the import table"));
        }
        if let Some(target) = reaches_root_through_super(&path, &code) {
            problems.push(format!("{path}: reaches `{target}` through super"));
        }
        for (dependency, place) in ONLY_IN {
            let names = code.contains(&format!("{dependency}::"))
                && !code.contains(&format!("_{dependency}::"));
            if names && !path.starts_with(place) {
                problems.push(format!("{path}: `{dependency}` belongs in {place}"));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn nothing_committed_names_a_machine_path() {
    let needles = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        rust_files(&repository().join(folder), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for needle in needles {
            assert!(!text.contains(needle), "{} names {needle}", file.display());
        }
    }
}
