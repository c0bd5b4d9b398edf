//! JSON Schemas of the definition files, for editors: made from the structs that the loader fills.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, schema_for};

use super::cases::CaseFile;
use super::{
    Check, Circular, CodeList, Diagnosis, Form, IndicatorSpec, Programme, Sentence, Settings,
};

/// A programme file as a whole; the loader decodes its items one by one.
#[derive(JsonSchema)]
#[schemars(title = "Programme file", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct ProgrammeFile {
    #[serde(flatten)]
    programme: Programme,
    #[serde(default, rename = "form")]
    forms: Vec<Form>,
    #[serde(default, rename = "check")]
    checks: Vec<Check>,
    #[serde(default, rename = "indicator")]
    indicators: Vec<IndicatorSpec>,
    #[serde(default, rename = "diagnosis")]
    diagnoses: Vec<Diagnosis>,
    #[serde(default, rename = "sentence")]
    sentences: Vec<Sentence>,
}

/// `codelists.toml`: code lists by name.
#[derive(JsonSchema)]
#[schemars(title = "Code lists")]
#[expect(dead_code, reason = "only its schema is used")]
struct CodeListsFile(BTreeMap<String, CodeList>);

/// The schema of each definition file, by its name.
pub(super) fn all() -> [(&'static str, Schema); 5] {
    [
        ("pipeline", schema_for!(Settings)),
        ("circular", schema_for!(Circular)),
        ("codelists", schema_for!(CodeListsFile)),
        ("programme", schema_for!(ProgrammeFile)),
        ("cases", schema_for!(CaseFile)),
    ]
}

/// The schemas by path below the documentation folder.
pub fn schemas() -> BTreeMap<String, String> {
    all()
        .into_iter()
        .map(|(name, schema)| (format!("schema/{name}.schema.json"), text(&schema)))
        .collect()
}

fn text(schema: &Schema) -> String {
    format!("{:#}\n", schema.as_value())
}
