//! Repository rules that a reviewer should never have to repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::case::repository;

/// Which top-level modules each top-level module may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("system", &[]),
    ("cache", &["model", "system"]),
    ("columnar", &["model"]),
    ("sql", &["model"]),
    ("engine", &["model", "columnar", "sql", "system"]),
    ("definition", &["model", "sql"]),
    ("collect", &["model", "cache", "definition", "system"]),
    ("validate", &["model", "cache", "definition", "sql"]),
    ("analyse", &["model", "definition", "sql"]),
    ("lineage", &["model", "definition"]),
    ("report", &["model", "cache", "definition", "lineage"]),
    ("audit", &["model", "definition", "lineage"]),
    ("handup", &["model", "columnar", "definition", "sql"]),
    (
        "pipeline",
        &[
            "model",
            "cache",
            "engine",
            "definition",
            "collect",
            "validate",
            "analyse",
            "lineage",
            "report",
            "audit",
            "handup",
            "month",
        ],
    ),
    ("month", &["model", "definition"]),
    ("publish", &["model", "audit", "handup", "system"]),
    // The reader's child side is reached from the command line directly.
    (
        "cli",
        &[
            "model",
            "system",
            "cache",
            "engine",
            "definition",
            "audit",
            "collect",
            "pipeline",
            "month",
            "publish",
        ],
    ),
];

/// Where each heavy dependency may be named.
const ONLY_IN: &[(&str, &str)] = &[
    // Facts are polars columns; what is computed of them is computed in `sql`.
    ("polars", "sql/ model/column.rs"),
    ("polars_core", "sql/"),
    ("sqlparser", "sql/"),
    ("parquet", "columnar.rs"),
    ("calamine", "collect/"),
    ("zip", "collect/"),
    ("rust_xlsxwriter", "report/"),
    ("docx_rs", "report/"),
    ("minijinja", "definition/"),
    ("plotters", "report/"),
    ("rustix", "system/"),
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

/// Every path of more than one name in the code; of a `use` tree, one a leaf.
fn paths(mut code: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    while let Some(at) = code.find(|c: char| c.is_alphabetic() || c == '_') {
        code = branch(&code[at..], Vec::new(), &mut found);
    }
    found.retain(|path| path.len() > 1);
    found
}

/// One path or the branches of one; gives what follows it.
fn branch<'c>(mut code: &'c str, mut path: Vec<&'c str>, found: &mut Vec<Vec<&'c str>>) -> &'c str {
    loop {
        code = code.trim_start();
        if let Some(mut rest) = code.strip_prefix('{').filter(|_| !path.is_empty()) {
            loop {
                rest = branch(rest, path.clone(), found).trim_start();
                match rest.strip_prefix(',') {
                    Some(next) => rest = next,
                    None => return rest,
                }
            }
        }
        let (name, rest) = code.split_at(first_ident(code).len());
        path.push(name);
        let Some(deeper) = rest.strip_prefix("::") else {
            found.push(path);
            let renamed = rest.trim_start().strip_prefix("as ");
            return renamed.map_or(rest, |alias| &alias[first_ident(alias).len()..]);
        };
        code = deeper;
    }
}

/// Top-level modules reached through `crate::` (also `use crate::{a::x, b}`).
fn imports(code: &str) -> Vec<&str> {
    let own = paths(code).into_iter().filter(|path| path[0] == "crate");
    own.map(|path| path[1]).filter(|name| !name.is_empty()).collect()
}

/// The path of a file's module.
fn module(file: &str) -> Vec<&str> {
    let mut names: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    names.pop_if(|last| ["mod", "lib", "main"].contains(last));
    names
}

/// The module in which what a path names is, for a path in the module `me`.
fn home<'c>(
    me: &[&'c str],
    path: &[&'c str],
    modules: &BTreeSet<Vec<&'c str>>,
) -> Option<Vec<&'c str>> {
    let up = path.iter().take_while(|name| **name == "super").count();
    let (base, rest) = match path[0] {
        "crate" => (&[][..], &path[1..]),
        "self" => (me, &path[1..]),
        "super" => (&me[..me.len().saturating_sub(up)], &path[up..]),
        child if modules.contains(&[me, &[child]].concat()) => (me, path),
        _ => return None,
    };
    let all = [base, rest].concat();
    (0..=all.len()).rev().map(|len| all[..len].to_vec()).find(|module| modules.contains(module))
}

/// Of files and their code: who names whom in circles. A module and the modules inside it are one
/// thing seen from outside, so what they name of each other does not count.
fn circles(files: &[(String, String)]) -> Vec<String> {
    let modules: BTreeSet<Vec<&str>> = files.iter().map(|(file, _)| module(file)).collect();
    let mut edges: Edges = BTreeMap::new();
    for (file, code) in files {
        let me = module(file);
        let named = paths(code).into_iter().filter_map(|path| home(&me, &path, &modules));
        let others = named.filter(|other| !other.starts_with(&me) && !me.starts_with(other));
        edges.insert(me.join("::"), others.map(|other| other.join("::")).collect());
    }
    let all = edges.iter().flat_map(|(from, named)| named.iter().map(move |to| (from, to)));
    let circular = all.filter(|(from, to)| reaches(&edges, to, from));
    circular.map(|(from, to)| format!("{from} -> {to}")).collect()
}

/// Which modules each module names.
type Edges = BTreeMap<String, BTreeSet<String>>;

fn reaches(edges: &Edges, from: &str, to: &str) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(next) = open.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            open.extend(edges.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    false
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
                if target != module && !allowed.contains(&target) {
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
            if names && !place.split(' ').any(|place| path.starts_with(place)) {
                problems.push(format!("{path}: `{dependency}` belongs in {place}"));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn no_module_is_in_a_circle() {
    let root = repository().join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.retain(|file| !file.ends_with("tests.rs"));
    let read = |file: &PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        (path, code(&fs::read_to_string(file).unwrap()))
    };
    let circles = circles(&files.iter().map(read).collect::<Vec<_>>());
    assert!(circles.is_empty(), "\n{}\n", circles.join("\n"));
}

#[test]
fn a_circle_is_found_through_any_way_of_naming_a_module() {
    let found = |files: &[(&str, &str)]| {
        let owned = files.iter().map(|(file, code)| ((*file).to_owned(), (*code).to_owned()));
        circles(&owned.collect::<Vec<_>>())
    };
    let file = ("a/mod.rs", "mod b;\nmod c;\npub use b::Thing;");
    let used = ("a/b.rs", "use std::{fmt, io};\nuse super::{Other as Seen, c::{self, Thing}};");
    let called = ("a/c.rs", "fn f() -> u8 { crate::a::b::count() as u8 }");
    assert_eq!(found(&[file, used, called]), ["a::b -> a::c", "a::c -> a::b"]);
    // A module's own parts are no circle, nor is one that only goes one way.
    let below = ("a/c.rs", "use super::Thing;\nfn f() {}");
    assert_eq!(found(&[file, used, below]), [""; 0]);
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

/// What is half-width because it is typed, read or printed so: an address, the line of a table of
/// text, a query, a line of a form, a link.
const TYPED: [&str; 8] = [
    "sc://主机:端口",
    "form:报表",
    "{unit},{form},{adopted},{superseded},更正人,更正日期,原因",
    "日期,",
    "WHERE 条件)",
    "其中:",
    "](../../checks.md)",
    "](新县上手.md)",
];

/// The string literals of code.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, tail) = rest.split_at(at);
        let raw = before.trim_end_matches('#');
        let hashes = &before[raw.len()..];
        // A character, or a lifetime.
        if let Some(inside) = tail.strip_prefix('\'') {
            let first = if inside.starts_with('\\') { 2 } else { 1 };
            let close = inside.char_indices().skip(first).find(|(_, c)| *c == '\'');
            let close = close.filter(|(at, _)| inside[..*at].chars().count() <= 2);
            rest = close.map_or(inside, |(at, _)| &inside[at + 1..]);
            continue;
        }
        let body = &tail[1..];
        let end = match raw.ends_with('r') {
            true => body.find(&format!("\"{hashes}")),
            false => body
                .char_indices()
                .scan(false, |escaped, (at, c)| {
                    let ends = c == '"' && !*escaped;
                    *escaped = c == '\\' && !*escaped;
                    Some((at, ends))
                })
                .find_map(|(at, ends)| ends.then_some(at)),
        };
        let Some(end) = end else { break };
        found.push(body[..end].to_owned());
        rest = &body[end + 1..];
    }
    found
}

/// The first place in a text where a half-width sign stands directly beside a Han character.
fn half_width(text: &str) -> Option<(char, char)> {
    let text = TYPED.iter().fold(text.to_owned(), |text, typed| text.replace(typed, ""));
    let (han, sign) = (|c| ('\u{4e00}'..='\u{9fff}').contains(&c), |c| ",:;()".contains(c));
    let mut pairs = text.chars().zip(text.chars().skip(1));
    pairs.find(|(a, b)| (han(*a) && sign(*b)) || (sign(*a) && han(*b)))
}

#[test]
fn chinese_texts_have_chinese_punctuation() {
    assert_eq!(literals(r##"f('"', "a\"b", r#"c"d"#, 'x', "e")"##), ["a\\\"b", "c\"d", "e"]);
    assert_eq!(half_width("不能为空,请填"), Some(('空', ',')));
    assert_eq!(half_width("写作 --engine sc://主机:端口（如 sc://localhost:50051）"), None);
    let mut files = Vec::new();
    rust_files(&repository().join("src"), &mut files);
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(repository()).unwrap().display().to_string();
        // What stands on forms is compared as it is typed there.
        if name.ends_with("tests.rs") || name == "src/collect/surroundings.rs" {
            continue;
        }
        let text = code(&fs::read_to_string(&file).unwrap());
        let wrong = literals(&text).into_iter().filter(|text| half_width(text).is_some());
        found.extend(wrong.map(|text| format!("{name}: {text}")));
    }
    assert!(found.is_empty(), "half-width signs in Chinese texts:\n{}", found.join("\n"));
}
