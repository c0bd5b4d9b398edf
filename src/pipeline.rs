//! The conductor: the stages in order, from folders to a published report.
//!
//! Only this module knows the order. Audit is not called by the stages: each returns its
//! facts and the conductor hands them over, so that no stage can forget or forge an entry.

pub mod certify;
pub mod compare;
pub mod handout;
pub mod handup;
pub mod plan;
pub mod rehearse;
pub mod revise;
pub mod slips;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::audit;
use crate::cache::Cache;
use crate::definition::{self, Definition, Problem, Reviewed};
use crate::engine::{Embedded, Engine};
use crate::handup::Taken;
use crate::lineage::Lineage;
use crate::model::{Arrival, Collected, DiagnosedProblem, Figure, Period, Stage, Unit, Validated};
use crate::month::{arrivals, findings, reminders};
pub use crate::report::{Report, Revision};
use crate::{analyse, collect, lineage, report, validate};

/// What to run.
#[derive(Debug, Clone)]
pub struct Request {
    pub pipeline: PathBuf,
    /// Default, for the repository's pipelines: `sample-data/<pipeline id>/returns`.
    pub returns: Option<PathBuf>,
    /// Instead of returns: folders with what counties handed up.
    pub facts: Vec<PathBuf>,
    /// Of what was handed up only what is below this unit, as that unit would report it.
    pub at: Option<String>,
    /// The hand-in folder to report; default: the latest regular one.
    pub period: Option<String>,
    /// Our own program, which reads risky files in a process of its own.
    pub reader: PathBuf,
    /// What proves something reads anew: [`Cache::none`].
    pub cache: Cache,
}

/// The definition has problems: all of them.
#[derive(Debug, thiserror::Error)]
#[error("管线定义有 {} 个问题：\n{}", .0.len(), lines(.0))]
pub struct DefinitionProblems(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n")
}

/// A loaded definition and the folders to read.
#[derive(Debug)]
pub struct Prepared {
    pub definition: Definition,
    /// The hand-in folder of the report.
    pub folder: Period,
    /// All folders to read, oldest first; the last is the report's.
    pub folders: Vec<Period>,
    pub returns: PathBuf,
    /// What stands below the returns root that is no hand-in folder and will not be read.
    pub skipped: Vec<String>,
    /// What was handed up, instead of returns, and the unit that reports.
    handed: Option<(Taken, Unit)>,
    reader: PathBuf,
    cache: Cache,
    engine: Arc<dyn Engine>,
}

/// Collected and validated, not yet analysed.
#[derive(Debug)]
pub struct Checked {
    pub definition: Definition,
    pub folder: Period,
    pub collected: Collected,
    pub validated: Validated,
    pub skipped: Vec<String>,
    cache: Cache,
    engine: Arc<dyn Engine>,
}

/// Everything computed, ready to be rendered.
#[derive(Debug)]
pub struct Computed {
    pub checked: Checked,
    pub figures: Vec<Figure>,
    pub problems: Vec<DiagnosedProblem>,
    pub lineage: Lineage,
    /// What the covers say.
    pub stage: Stage,
}

/// Loads a pipeline.
pub fn load(pipeline: &Path) -> anyhow::Result<Definition> {
    if !pipeline.is_dir() {
        bail!(
            "管线目录 {} 不存在。请用 --pipeline 指定含 pipeline.toml 的目录，或用 dangtong init <文件夹> 建一个工作文件夹，在里面运行",
            pipeline.display()
        );
    }
    definition::load(pipeline).map_err(|problems| DefinitionProblems(problems).into())
}

/// Loads the definition and finds the folders to read: all that can fail before work begins.
pub fn prepare(request: &Request) -> anyhow::Result<Prepared> {
    let definition = load(&request.pipeline)?;
    let returns = returns_folder(request, &definition);
    let cache = request.cache.clone();
    let period = request.period.as_deref();
    if !request.facts.is_empty() {
        return handup::prepared(definition, request);
    }
    Ok(Prepared { cache, ..prepared(definition, returns, period, request.reader.clone())? })
}

fn returns_folder(request: &Request, definition: &Definition) -> PathBuf {
    let named = || Path::new("sample-data").join(&definition.settings.id).join("returns");
    request.returns.clone().unwrap_or_else(named)
}

/// Finds the folders to read for a definition; all will be read anew.
fn prepared(
    definition: Definition,
    returns: PathBuf,
    period: Option<&str>,
    reader: PathBuf,
) -> anyhow::Result<Prepared> {
    let collect::HandInFolders { periods, others: skipped } =
        collect::hand_in_folders(&returns, &definition)?;
    let folder = report_folder(period, &periods, &definition, &returns)?;
    let folders = match folder {
        // A one-off period stands alone.
        Period::Campaign(_) => vec![folder.clone()],
        _ => {
            let regular = |p: &&Period| !matches!(p, Period::Campaign(_)) && **p <= folder;
            periods.iter().filter(regular).cloned().collect()
        }
    };
    Ok(Prepared { skipped, ..Prepared::new(definition, folder, folders, returns, &reader) })
}

impl Prepared {
    /// Returns to be read anew, and computed by the program itself.
    fn new(
        definition: Definition,
        folder: Period,
        folders: Vec<Period>,
        returns: PathBuf,
        reader: &Path,
    ) -> Self {
        Self {
            definition,
            folder,
            folders,
            returns,
            skipped: Vec::new(),
            handed: None,
            reader: reader.to_path_buf(),
            cache: Cache::none(),
            engine: Arc::new(Embedded),
        }
    }

    /// Row rules and sums are computed by this engine, and nothing is taken from memory.
    pub fn on(self, engine: Arc<dyn Engine>) -> Self {
        Self { engine, cache: Cache::none(), ..self }
    }

    /// The code of whom the report is about.
    pub fn county(&self) -> &str {
        let handed = self.handed.as_ref().map(|(_, at)| at.code.as_str());
        handed.unwrap_or(&self.definition.settings.county_code)
    }
}

/// Collects and validates.
pub fn check(prepared: Prepared) -> anyhow::Result<Checked> {
    checked(prepared, |_| {})
}

/// Between the two, something may be added to what was collected.
fn checked(prepared: Prepared, add: impl FnOnce(&mut Collected)) -> anyhow::Result<Checked> {
    let Prepared { definition, folder, folders, returns, skipped, handed, reader, cache, engine } =
        prepared;
    if let Some((taken, at)) = handed {
        return handup::checked(&definition, folder, &folders, &taken, &at, cache, engine);
    }
    let mut collected = collect::collect(&collect::ReadRequest {
        definition: &definition,
        returns: &returns,
        folders: &folders,
        reader,
        cache: &cache,
    })?;
    add(&mut collected);
    let validated = validate::validate(&definition, &collected, &folders, &cache, &*engine)?;
    Ok(Checked { definition, folder, collected, validated, skipped, cache, engine })
}

/// Collects and validates, and writes down for each file that no line of 收件.csv is about when it
/// arrived: only this looks at the clock, and what it gives is to be kept with the returns.
pub fn check_arrivals(prepared: Prepared, today: i32) -> anyhow::Result<(Checked, Vec<Arrival>)> {
    let (returns, folder) = (prepared.returns.clone(), prepared.folder.clone());
    let mut new = Vec::new();
    let checked = checked(prepared, |collected| {
        new = arrivals::unrecorded(collected, &returns, &folder, today);
        for arrival in &new {
            let path = format!("{}/{}", arrival.folder, arrival.name);
            collected.declarations.received.entry(path).or_insert(arrival.day);
        }
        collected.declarations.arrivals.extend(new.iter().cloned());
    })?;
    Ok((checked, new))
}

/// The working papers of the month beside the report: ledger, reminders, findings. None above those
/// who read returns: they keep theirs themselves.
pub fn working_papers(checked: &Checked) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let Checked { definition, folder, validated, .. } = checked;
    if definition.units.has_levels() {
        return Ok(BTreeMap::new());
    }
    let ledger = report::ledger(&checked.reviewed())?;
    Ok(BTreeMap::from([
        ("收报台账.xlsx".to_owned(), ledger),
        ("催报.txt".to_owned(), reminders::file(definition, validated, folder)),
        ("审核意见.txt".to_owned(), findings::file(definition, validated, folder)),
    ]))
}

/// Collects, validates and analyses.
pub fn compute(prepared: Prepared) -> anyhow::Result<Computed> {
    let checked = check(prepared)?;
    let (definition, validated, folder) =
        (&checked.definition, &checked.validated, &checked.folder);
    let mut figures = analyse::analyse(definition, validated, folder, &*checked.engine)?;
    let problems = analyse::diagnose(definition, validated, folder, &figures)?;
    analyse::count_problems(definition, validated, folder, &problems, &mut figures)?;
    let lineage = lineage::build(definition, validated, &figures, &problems);
    Ok(Computed { checked, figures, problems, lineage, stage: Stage::default() })
}

impl Checked {
    pub fn reviewed(&self) -> Reviewed<'_> {
        let Self { definition, folder, collected, validated, .. } = self;
        Reviewed { definition, folder, collected, validated }
    }
}

impl Computed {
    /// Ends an engine elsewhere, of which nothing more is asked, and removes what it was given.
    pub fn without_engine(mut self) -> Self {
        self.checked.engine = Arc::new(Embedded);
        self
    }

    /// What the report is made from.
    pub fn report_inputs(&self) -> report::Inputs<'_> {
        let Self { checked, figures, problems, stage, .. } = self;
        report::Inputs { reviewed: checked.reviewed(), figures, problems, stage }
    }
}

/// Renders every output of a report, the audit's own files included.
pub fn render(computed: &Computed) -> anyhow::Result<Report> {
    let Computed { checked, lineage, .. } = computed;
    let mut report = report::report(&computed.report_inputs(), lineage, &checked.cache)?;
    checked.cache.tidy();
    audit::record(&checked.reviewed(), &computed.stage, lineage, &mut report.files)?;
    Ok(report)
}

/// The lineage with the rows behind one indicator listed, however many there are.
pub fn lineage_listing(computed: &Computed, indicator: &str) -> anyhow::Result<Lineage> {
    let Computed { checked, problems, .. } = computed;
    let (definition, validated) = (&checked.definition, &checked.validated);
    let folder = &checked.folder;
    let figures =
        analyse::analyse_listing(definition, validated, folder, indicator, &*checked.engine)?;
    Ok(lineage::build(definition, validated, &figures, problems))
}

/// The pages that units are sent, by name of file, of one unit or all. The report's stage stands on
/// each.
pub fn unit_pages(
    computed: &Computed,
    unit: Option<&str>,
) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let definition = &computed.checked.definition;
    let unit = unit.map(|named| wanted_unit(definition, named)).transpose()?;
    let code = unit.map(|unit| unit.code.as_str());
    let pages = report::unit_pages(&computed.report_inputs(), &computed.lineage, code)?;
    let name = |unit: &Unit| format!("{}.html", unit.file_stem());
    Ok(pages.into_iter().map(|(unit, bytes)| (name(unit), bytes)).collect())
}

/// The unit that somebody asks for by name, alias or code.
fn wanted_unit<'d>(definition: &'d Definition, named: &str) -> anyhow::Result<&'d Unit> {
    definition.units.named(named).with_context(|| {
        let names: Vec<&str> = definition.units.all().iter().map(|u| u.name.as_str()).collect();
        format!("单位“{named}”不在名录。名录里有：{}", names.join("、"))
    })
}

/// Of these, what `audit trace` opens: the tables and the lineage.
pub fn records(computed: &Computed) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut records = report::tables(&computed.report_inputs())?;
    records.insert(audit::LINEAGE.into(), audit::lineage_file(&computed.lineage)?);
    Ok(records)
}

/// The period that a text names, or what could be written instead.
fn named_period(wanted: &str, definition: &Definition, there: &str) -> anyhow::Result<Period> {
    let period = Period::parse(wanted);
    if let Period::Campaign(name) = &period
        && !definition.settings.campaigns.iter().any(|c| c.id == *name)
    {
        bail!("“{wanted}” 不是报告期。写法如 2013-10、2013Q3、2013H1、2013{there}");
    }
    Ok(period)
}

fn report_folder(
    wanted: Option<&str>,
    periods: &[Period],
    definition: &Definition,
    returns: &Path,
) -> anyhow::Result<Period> {
    let names = || periods.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
    let Some(wanted) = wanted else {
        let regular = |p: &&Period| !matches!(p, Period::Campaign(_));
        return periods.iter().rfind(regular).or(periods.last()).cloned().with_context(|| {
            format!("{} 里没有以报告期命名的文件夹（如 2013-10）", returns.display())
        });
    };
    let period = named_period(wanted, definition, &format!("；现有：{}", names()))?;
    if !periods.contains(&period) {
        bail!("{} 里没有 {wanted} 的文件夹。现有：{}", returns.display(), names());
    }
    Ok(period)
}
