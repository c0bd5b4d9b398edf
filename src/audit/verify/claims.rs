//! What a manifest says besides digests: sizes, folders, recognised returns, versions, and whatever
//! somebody wrote into it. Everything is compared, known or not, so nothing can be added.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Difference, returns};
use crate::definition::Definition;

/// Compares two manifests but for what files are there and what is in them.
pub(super) fn compare(then: &Value, now: &Value, definition: &Definition) -> Vec<Difference> {
    let mut walk = Walk { definition, path: Vec::new(), found: Vec::new(), version: false };
    let program = "/predicate/runDetails/builder/version/dangtong";
    walk.version = then.pointer(program) != now.pointer(program);
    walk.compare(Some(then), Some(now));
    walk.found
}

/// Before the number of an item whose name another item has: no name has it.
const AGAIN: char = '\0';

struct Walk<'a> {
    definition: &'a Definition,
    path: Vec<String>,
    found: Vec<Difference>,
    /// Another version of the program: then its libraries may be others, too.
    version: bool,
}

impl Walk<'_> {
    fn compare(&mut self, then: Option<&Value>, now: Option<&Value>) {
        if then == now || self.is_said_elsewhere(then, now) {
            return;
        }
        let both = then.and_then(members).zip(now.and_then(members));
        let Some((then_members, now_members)) = both else {
            return self.differ(then, now);
        };
        let names: BTreeSet<&String> = then_members.keys().chain(now_members.keys()).collect();
        let resized = then_members.get("digest") != now_members.get("digest");
        for name in names {
            self.path.push(name.clone());
            if !(resized && *name == "annotations") {
                self.compare(then_members.get(name).copied(), now_members.get(name).copied());
            } else {
                // A changed file has another size; which returns are in it is still said.
                let part = |value: &&Value| value.get("returns").cloned();
                let (then, now) = (then_members.get(name), now_members.get(name));
                self.path.push("returns".to_owned());
                self.compare(then.and_then(part).as_ref(), now.and_then(part).as_ref());
                self.path.pop();
            }
            self.path.pop();
        }
    }

    /// Which files there are and what is in them is compared with the files themselves.
    fn is_said_elsewhere(&self, then: Option<&Value>, now: Option<&Value>) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["subject", name] | ["predicate", "buildDefinition", "resolvedDependencies", name] => {
                (then.is_none() || now.is_none()) && !name.contains(AGAIN)
            }
            ["subject", _, "digest", "sha256"]
            | ["predicate", "buildDefinition", "resolvedDependencies", _, "digest", "sha256"] => {
                then.is_some() && now.is_some()
            }
            _ => false,
        }
    }

    fn differ(&mut self, then: Option<&Value>, now: Option<&Value>) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let file = |name: &str| {
            let path = name.split_once('/').map_or(name, |(_, path)| path);
            path.replace(AGAIN, "，重复：")
        };
        let (mut then, mut now) = (printed(then), printed(now));
        let what = match path.as_slice() {
            ["predicate", "runDetails", "builder", "version", library] => {
                let what = match *library {
                    "dangtong" => "程序版本".to_owned(),
                    library => format!("组件 {library} 的版本"),
                };
                if self.version {
                    self.found.push(Difference::Version { what, then, now });
                    return;
                }
                what
            }
            ["_type"] => "清单类型".to_owned(),
            ["predicateType"] => "清单格式".to_owned(),
            ["predicate", "runDetails", "builder", "id"] => "生成报告的程序".to_owned(),
            ["predicate", "buildDefinition", "buildType"] => "报告类型".to_owned(),
            ["predicate", "buildDefinition", "externalParameters", "pipeline"] => "管线".to_owned(),
            ["predicate", "buildDefinition", "externalParameters", "county"] => {
                "报告的县（代码）".to_owned()
            }
            ["predicate", "buildDefinition", "externalParameters", "period"] => "报告期".to_owned(),
            ["predicate", "buildDefinition", "externalParameters", "folders"] => {
                "读取的文件夹".to_owned()
            }
            ["predicate", "buildDefinition", "resolvedDependencies", name, rest @ ..] => match rest
            {
                ["annotations", "size"] => format!("{} 的字节数", file(name)),
                ["annotations", "returns"] => {
                    let titles = |text: &str| {
                        let titles = text.split('、').map(|r| returns::title(self.definition, r));
                        titles.collect::<Vec<_>>().join("、")
                    };
                    (then, now) = (titles(&then), titles(&now));
                    format!("{} 里识别出的报表", file(name))
                }
                [] => file(name),
                rest => format!("{} 的 {}", file(name), rest.join(".")),
            },
            ["subject", name] => format!("输出文件 {}", name.replace(AGAIN, "，重复：")),
            path => path.join("."),
        };
        self.found.push(Difference::Claim { what, then, now });
    }
}

/// The members of an object, or of a list of things with names.
fn members(value: &Value) -> Option<BTreeMap<String, &Value>> {
    let named = |(at, item): (usize, &Value), all: &BTreeMap<String, &Value>| -> Option<String> {
        let name = item.get("name")?.as_str()?;
        let twice = all.contains_key(name);
        Some(if twice { format!("{name}{AGAIN}{at}") } else { name.to_owned() })
    };
    match value {
        Value::Object(map) => {
            Some(Map::iter(map).map(|(name, value)| (name.clone(), value)).collect())
        }
        Value::Array(items) if !items.is_empty() => {
            let mut all = BTreeMap::new();
            for (at, item) in items.iter().enumerate() {
                all.insert(named((at, item), &all)?, item);
            }
            Some(all)
        }
        _ => None,
    }
}

fn printed(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "（无）".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| printed(Some(item))).collect::<Vec<_>>().join("、")
        }
        Some(other) => other.to_string(),
    }
}
