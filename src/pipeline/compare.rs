//! Why did a figure move between two reports? The old report is changed into the new one step by
//! step, each step computed: with this program, the new checks, the new definitions, what was
//! corrected, what came late, and from the old period to the new one. Each step is a cause; the
//! differences of all steps add up to the whole, because each begins where the one before ends.
//!
//! A report does not carry its returns: those of both are given, and must be the very files that
//! the manifests name.

mod returns;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Serialize;

use super::compute;
use crate::audit::{self, Manifest};
use crate::definition::Definition;
use crate::model::Decimal;
use returns::{Located, Mixed};

/// One of the two reports, with what it was made from.
#[derive(Debug, Clone)]
pub struct ComparedReport {
    pub report: PathBuf,
    pub returns: PathBuf,
    pub pipeline: PathBuf,
}

/// What made a figure move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The program that made one of the reports computes something else.
    Program,
    /// Checks: other returns count.
    Rule,
    Definition,
    /// Returns that were there and were changed, replaced or withdrawn, and declarations.
    Corrected,
    /// Returns that were not there.
    Late,
    /// Between the periods: what really changed.
    Real,
}

impl Cause {
    pub fn title(self) -> &'static str {
        match self {
            Self::Program => "程序版本",
            Self::Rule => "审核规则改动",
            Self::Definition => "指标和报表定义改动",
            Self::Corrected => "报表更正",
            Self::Late => "报表补报",
            Self::Real => "本期实际变化",
        }
    }
}

/// A figure that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub id: String,
    /// `办结率 甲镇`
    pub title: String,
    pub measure: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// `to − from`, where both are numbers.
    pub difference: Option<String>,
    /// The steps that moved it.
    pub causes: Vec<MovedBy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedBy {
    pub cause: Cause,
    pub from: Option<String>,
    pub to: Option<String>,
    pub difference: Option<String>,
}

/// Two reports compared.
#[derive(Debug, Clone, Serialize)]
pub struct ReportComparison {
    pub old_period: String,
    pub new_period: String,
    pub old_program: String,
    pub new_program: String,
    /// Definition files that differ.
    pub definitions: Vec<String>,
    /// Checks and the rest of the definitions could not be told apart, because forms differ.
    pub rules_with_definitions: bool,
    /// Files of returns, as the reports name them.
    pub corrected: Vec<String>,
    pub late: Vec<String>,
    /// In the order of the new report.
    pub moved: Vec<Moved>,
}

/// The printed value of each figure, and what it is called.
type Values = BTreeMap<String, Option<Decimal>>;

/// What happens to figures from one state to the next.
struct Step {
    cause: Cause,
    after: Values,
}

/// Compares two reports of one pipeline, the older first.
pub fn compare(
    old: &ComparedReport,
    new: &ComparedReport,
    reader: &Path,
) -> anyhow::Result<ReportComparison> {
    let [before, after] = [old, new].map(|side| -> anyhow::Result<Manifest> {
        let manifest = audit::read_manifest(&side.report)?;
        audit::untouched(&side.report, &manifest)?;
        Ok(manifest)
    });
    let (before, after) = (before?, after?);
    let (from, to) = (parameters(&before), parameters(&after));
    ensure!(from.0 == to.0, "两份报告的管线不同：{} 和 {}", from.0, to.0);
    let [definition, new_definition] = [(old, &before, "old-"), (new, &after, "")]
        .map(|(side, manifest, option)| load_as_named(side, manifest, option));
    let (definition, new_definition) = (definition?, new_definition?);
    let old_files = Located::find(&old.returns, &before, "old-")?;
    let new_files = Located::find(&new.returns, &after, "")?;
    let same_period = from.1 == to.1;
    ensure!(
        same_period || new_files.has_folder(&from.1),
        "新报告没有读取 {} 的报表，旧报告的数无法用新的报表重算，不能比较",
        from.1
    );
    // What the new report has of the old one's folders.
    let comparable = if same_period { new_files.clone() } else { new_files.until(&from.1) };
    let changes = old_files.changes(&comparable);

    let mixed = Mixed::default();
    let state = |definition: &Definition, files: &Located, period: &str| {
        let returns = mixed.lay_out(files)?;
        values_with(definition, returns, period, reader)
    };
    let mut steps = Vec::new();
    let mut add = |cause, after| steps.push(Step { cause, after });
    let (published, _) = printed(&old.report)?;
    add(Cause::Program, state(&definition, &old_files, &from.1)?);
    let definitions = differing_definitions(&before, &after);
    let forms_agree = shape(&definition) == shape(&new_definition);
    if !definitions.is_empty() {
        if forms_agree {
            let mut hybrid = definition.clone();
            hybrid.checks.clone_from(&new_definition.checks);
            hybrid.settings.builtin.clone_from(&new_definition.settings.builtin);
            add(Cause::Rule, state(&hybrid, &old_files, &from.1)?);
        }
        add(Cause::Definition, state(&new_definition, &old_files, &from.1)?);
    }
    if !changes.corrected.is_empty() {
        add(Cause::Corrected, state(&new_definition, &changes.with_corrected, &from.1)?);
    }
    if !changes.late.is_empty() {
        add(Cause::Late, state(&new_definition, &comparable, &from.1)?);
    }
    if !same_period {
        add(Cause::Real, state(&new_definition, &new_files, &to.1)?);
    }
    let (last, titles) = printed(&new.report)?;
    add(Cause::Program, last);
    let (_, old_titles) = printed(&old.report)?;
    Ok(ReportComparison {
        old_period: from.1.clone(),
        new_period: to.1.clone(),
        old_program: before.program_version().to_owned(),
        new_program: after.program_version().to_owned(),
        rules_with_definitions: !definitions.is_empty() && !forms_agree,
        definitions,
        moved: all_moved(&titles, &old_titles, &published, &steps),
        corrected: changes.corrected,
        late: changes.late,
    })
}

/// The same from the two reports alone: which figures moved, and what changed that may have moved
/// them. If several things changed, what each did is not known.
pub fn outline(old: &Path, new: &Path) -> anyhow::Result<ReportComparison> {
    let (before, after) = (audit::read_manifest(old)?, audit::read_manifest(new)?);
    let changes = Located::named(&before).changes(&Located::named(&after));
    let definitions = differing_definitions(&before, &after);
    let changed = [
        (Cause::Definition, !definitions.is_empty()),
        (Cause::Corrected, !changes.corrected.is_empty()),
        (Cause::Late, !changes.late.is_empty()),
        (Cause::Program, before.program_version() != after.program_version()),
    ];
    let mut causes: Vec<Cause> =
        changed.into_iter().filter(|(_, is)| *is).map(|(cause, _)| cause).collect();
    if causes.is_empty() {
        causes.push(Cause::Program);
    }
    let (published, old_titles) = printed(old)?;
    let (last, titles) = printed(new)?;
    let steps = [Step { cause: causes[0], after: last }];
    let mut moved = all_moved(&titles, &old_titles, &published, &steps);
    if causes.len() > 1 {
        let unknown = |&cause: &Cause| MovedBy { cause, from: None, to: None, difference: None };
        moved.iter_mut().for_each(|m| m.causes = causes.iter().map(unknown).collect());
    }
    Ok(ReportComparison {
        old_period: parameters(&before).1,
        new_period: parameters(&after).1,
        old_program: before.program_version().to_owned(),
        new_program: after.program_version().to_owned(),
        rules_with_definitions: !definitions.is_empty(),
        definitions,
        moved,
        corrected: changes.corrected,
        late: changes.late,
    })
}

/// Pipeline and period.
fn parameters(manifest: &Manifest) -> (String, String) {
    let parameters = &manifest.predicate.build_definition.external_parameters;
    (parameters.pipeline.clone(), parameters.period.clone())
}

/// The definitions of a report: the very files that its manifest names.
fn load_as_named(
    side: &ComparedReport,
    manifest: &Manifest,
    option: &str,
) -> anyhow::Result<Definition> {
    let definition = super::load(&side.pipeline)?;
    let found: BTreeMap<String, &str> = definition
        .files
        .iter()
        .map(|file| (format!("pipeline/{}", file.path), file.sha256.as_str()))
        .collect();
    let named = definition_files(manifest);
    let differs = |name: &&String| found.get(*name).copied() != named.get(*name).copied();
    let all: BTreeSet<&String> = found.keys().chain(named.keys()).collect();
    if let Some(name) = all.into_iter().find(differs) {
        bail!(
            "{} 的 {} 与报告 {} 所用的不同，请用 --{option}pipeline 指明生成报告时的管线目录",
            side.pipeline.display(),
            name.trim_start_matches("pipeline/"),
            side.report.display()
        );
    }
    Ok(definition)
}

fn definition_files(manifest: &Manifest) -> BTreeMap<String, &str> {
    let all = manifest.predicate.build_definition.resolved_dependencies.iter();
    let own = all.filter(|dependency| dependency.name.starts_with("pipeline/"));
    own.map(|d| (d.name.clone(), d.digest.sha256.as_str())).collect()
}

fn differing_definitions(before: &Manifest, after: &Manifest) -> Vec<String> {
    let (then, now) = (definition_files(before), definition_files(after));
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let differing = names.into_iter().filter(|name| then.get(*name) != now.get(*name));
    differing.map(|name| name.trim_start_matches("pipeline/").to_owned()).collect()
}

/// What checks are written over. Checks of another shape cannot be exchanged.
fn shape(definition: &Definition) -> String {
    let Definition { forms, codelists, registers, .. } = definition;
    format!("{forms:?}{codelists:?}{registers:?}")
}

/// Figures of a period from laid out returns.
fn values_with(
    definition: &Definition,
    returns: PathBuf,
    period: &str,
    reader: &Path,
) -> anyhow::Result<Values> {
    let prepared =
        super::prepared(definition.clone(), returns, Some(period), reader.to_path_buf())?;
    let computed = compute(prepared)?;
    Ok(computed.figures.iter().map(|figure| (figure.id.clone(), figure.value)).collect())
}

/// Title and measure of each figure of a report, in its order.
type Titles = Vec<(String, (String, String))>;

fn printed(report: &Path) -> anyhow::Result<(Values, Titles)> {
    let bytes = std::fs::read(report.join("figures.csv")).context("figures.csv 不能读取")?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers()?.clone();
    let (mut values, mut titles) = (Values::new(), Titles::new());
    for record in reader.records() {
        let record = record?;
        let cell = |name: &str| {
            let at = header.iter().position(|column| column == name);
            at.and_then(|at| record.get(at)).unwrap_or("")
        };
        let named = [cell("title"), cell("unit"), cell("category"), cell("class")];
        let named: Vec<&str> = named.into_iter().filter(|part| !part.is_empty()).collect();
        let id = cell("figure_id").to_owned();
        values.insert(id.clone(), Decimal::parse(cell("value")));
        titles.push((id, (named.join(" "), cell("unit_measure").to_owned())));
    }
    Ok((values, titles))
}

/// In the order of the new report, then what is only in the old one.
fn all_moved(
    titles: &Titles,
    old_titles: &Titles,
    published: &Values,
    steps: &[Step],
) -> Vec<Moved> {
    let known: BTreeSet<&String> = titles.iter().map(|(id, _)| id).collect();
    let gone = old_titles.iter().filter(|(id, _)| !known.contains(id));
    let all = titles.iter().chain(gone);
    all.filter_map(|(id, named)| moved(id, named, published, steps)).collect()
}

/// What moved a figure, if anything did.
fn moved(
    id: &str,
    (title, measure): &(String, String),
    published: &Values,
    steps: &[Step],
) -> Option<Moved> {
    let value = |values: &Values| values.get(id).copied().flatten();
    let text = |value: Option<Decimal>| value.map(|value| value.to_string());
    let difference =
        |from: Option<Decimal>, to: Option<Decimal>| Some(to?.minus(from?).to_string());
    let first = value(published);
    let mut at = first;
    let mut causes: Vec<MovedBy> = Vec::new();
    for step in steps {
        let next = value(&step.after);
        if next != at {
            causes.push(MovedBy {
                cause: step.cause,
                from: text(at),
                to: text(next),
                difference: difference(at, next),
            });
        }
        at = next;
    }
    (!causes.is_empty()).then(|| Moved {
        id: id.to_owned(),
        title: title.clone(),
        measure: measure.clone(),
        from: text(first),
        to: text(at),
        difference: difference(first, at),
        causes,
    })
}
