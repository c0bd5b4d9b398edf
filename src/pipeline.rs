//! The conductor: the stages in order, from folders to a published report.
//!
//! Only this module knows the order. Audit is not called by the stages: each returns its
//! facts and the conductor hands them over, so that no stage can forget or forge an entry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::audit;
use crate::definition::{self, Definition, Problem};
use crate::model::{Collected, DiagnosedProblem, Figure, Period, Validated};
use crate::{analyse, collect, report, validate};

/// What to run.
#[derive(Debug, Clone)]
pub struct Request {
    pub pipeline: PathBuf,
    /// Default: `sample-data/<pipeline id>/returns`.
    pub returns: Option<PathBuf>,
    /// The hand-in folder to report; default: the latest regular one.
    pub period: Option<String>,
    /// Our own program, which reads risky files in a process of its own.
    pub reader: PathBuf,
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
    reader: PathBuf,
}

/// Collected and validated, not yet analysed.
#[derive(Debug)]
pub struct Checked {
    pub definition: Definition,
    pub folder: Period,
    pub collected: Collected,
    pub validated: Validated,
    pub skipped: Vec<String>,
}

/// Everything computed, ready to be rendered.
#[derive(Debug)]
pub struct Computed {
    pub checked: Checked,
    pub figures: Vec<Figure>,
    pub problems: Vec<DiagnosedProblem>,
}

/// Loads a pipeline.
pub fn load(pipeline: &Path) -> anyhow::Result<Definition> {
    if !pipeline.is_dir() {
        bail!(
            "管线目录 {} 不存在。请用 --pipeline 指定含 pipeline.toml 的目录",
            pipeline.display()
        );
    }
    definition::load(pipeline).map_err(|problems| DefinitionProblems(problems).into())
}

/// Loads the definition and finds the folders to read: all that can fail before work begins.
pub fn prepare(request: &Request) -> anyhow::Result<Prepared> {
    let definition = load(&request.pipeline)?;
    let returns = request
        .returns
        .clone()
        .unwrap_or_else(|| Path::new("sample-data").join(&definition.settings.id).join("returns"));
    let collect::HandInFolders { periods, others: skipped } =
        collect::hand_in_folders(&returns, &definition)?;
    let folder = report_folder(request.period.as_deref(), &periods, &definition, &returns)?;
    let folders = match folder {
        // A one-off period stands alone.
        Period::Campaign(_) => vec![folder.clone()],
        _ => {
            let regular = |p: &&Period| !matches!(p, Period::Campaign(_)) && **p <= folder;
            periods.iter().filter(regular).cloned().collect()
        }
    };
    let reader = request.reader.clone();
    Ok(Prepared { definition, folder, folders, returns, skipped, reader })
}

/// Collects and validates.
pub fn check(prepared: Prepared) -> anyhow::Result<Checked> {
    let Prepared { definition, folder, folders, returns, skipped, reader } = prepared;
    let collected = collect::collect(&collect::Request {
        definition: &definition,
        returns: &returns,
        folders: &folders,
        reader,
    })?;
    let validated = validate::validate(&definition, &collected, &folders)?;
    Ok(Checked { definition, folder, collected, validated, skipped })
}

/// Collects, validates and analyses.
pub fn compute(prepared: Prepared) -> anyhow::Result<Computed> {
    let checked = check(prepared)?;
    let (definition, validated, folder) =
        (&checked.definition, &checked.validated, &checked.folder);
    let mut figures = analyse::analyse(definition, validated, folder)?;
    let problems = analyse::diagnose(definition, validated, folder, &figures)?;
    analyse::count_problems(definition, validated, folder, &problems, &mut figures)?;
    Ok(Computed { checked, figures, problems })
}

impl Computed {
    /// What the report is made from.
    pub fn report_inputs(&self) -> report::Inputs<'_> {
        let Self { checked, figures, problems } = self;
        report::Inputs {
            definition: &checked.definition,
            folder: &checked.folder,
            collected: &checked.collected,
            validated: &checked.validated,
            figures,
            problems,
        }
    }

    fn audit_inputs(&self) -> audit::Inputs<'_> {
        let Self { checked, figures, problems } = self;
        audit::Inputs {
            definition: &checked.definition,
            folder: &checked.folder,
            collected: &checked.collected,
            validated: &checked.validated,
            figures,
            problems,
        }
    }

    /// Sentences of the circular that could not be said, with the reasons.
    pub fn omitted_sentences(&self) -> Vec<report::circular::Omitted> {
        let circular = report::circular::circular(&self.report_inputs());
        circular.map(|circular| circular.omitted).unwrap_or_default()
    }
}

/// Renders every output of a report: path relative to the report folder → bytes.
pub fn render(computed: &Computed) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut outputs = report::report(&computed.report_inputs())?;
    audit::record(&computed.audit_inputs(), &mut outputs)?;
    Ok(outputs)
}

/// Of these, what `audit trace` opens: the tables and the lineage.
pub fn records(computed: &Computed) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut records = report::tables(&computed.report_inputs())?;
    records.insert(audit::LINEAGE.into(), audit::lineage_file(&computed.audit_inputs())?);
    Ok(records)
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
    let period = Period::parse(wanted);
    if let Period::Campaign(name) = &period
        && !definition.settings.campaigns.iter().any(|c| c.id == *name)
    {
        bail!("“{wanted}” 不是报告期。写法如 2013-10、2013Q3、2013H1、2013；现有：{}", names());
    }
    if !periods.contains(&period) {
        bail!("{} 里没有 {wanted} 的文件夹。现有：{}", returns.display(), names());
    }
    Ok(period)
}

/// A report folder being written beside its target; dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    partial: PathBuf,
    target: PathBuf,
}

impl Draft {
    /// Proves that the destination can be written, before any work.
    pub fn begin(out: &Path, name: &str) -> anyhow::Result<Self> {
        let cannot = || format!("输出目录 {} 不能写入", out.display());
        std::fs::create_dir_all(out).with_context(cannot)?;
        let target = out.join(name);
        if target.exists() && !target.join(audit::MANIFEST).is_file() {
            let empty = std::fs::read_dir(&target).is_ok_and(|mut d| d.next().is_none());
            if !empty {
                bail!(
                    "{} 已存在，但不是 dangtong 的报告，不会覆盖。请换一个 --out 或移走它",
                    target.display()
                );
            }
        }
        remove_abandoned(out, name);
        let partial = out.join(format!(".{name}.partial-{}", std::process::id()));
        std::fs::create_dir_all(&partial).with_context(cannot)?;
        Ok(Self { partial, target })
    }

    /// Writes all files, then puts the folder in the target's place in one step.
    pub fn publish(self, outputs: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<PathBuf> {
        for (name, bytes) in outputs {
            let path = self.partial.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)
                    .with_context(|| format!("不能建立 {}", parent.display()))?;
            }
            std::fs::write(&path, bytes).with_context(|| format!("不能写入 {}", path.display()))?;
        }
        let target = self.target.clone();
        let cannot = || format!("不能把报告放到 {}", target.display());
        if target.exists() {
            exchange(&self.partial, &target).with_context(cannot)?;
        } else {
            std::fs::rename(&self.partial, &target).with_context(cannot)?;
        }
        Ok(target)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a publish this is the report that was replaced; otherwise an unfinished one.
        let _ = std::fs::remove_dir_all(&self.partial);
    }
}

/// Swaps two folders so that the target is at every moment a whole report.
fn exchange(partial: &Path, target: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, partial, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // File systems without exchange: two renames, the old report beside its place between.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            let aside = partial.with_extension("replaced");
            std::fs::rename(target, &aside)?;
            std::fs::rename(partial, target)?;
            std::fs::remove_dir_all(aside)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes partial folders whose writer no longer runs (it was killed).
fn remove_abandoned(out: &Path, name: &str) {
    let prefix = format!(".{name}.partial-");
    let Ok(entries) = std::fs::read_dir(out) else { return };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let Some(rest) = file_name.to_str().and_then(|n| n.strip_prefix(&prefix)) else { continue };
        let running =
            rest.bytes().all(|b| b.is_ascii_digit()) && Path::new("/proc").join(rest).exists();
        if !running {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
