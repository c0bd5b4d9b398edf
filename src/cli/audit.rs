//! `dangtong audit verify` and `audit trace`.

use super::arguments::{MadeFrom, TraceOptions, VerifyOptions};
use super::{reader, terminal, workspace};
use crate::audit::{
    self, CellChange, Difference, Manifest, ProblemTrace, ReturnChange, Trace, TracedCell, Verdict,
};
use crate::cache::Cache;
use crate::month::freeze::unexcused;
use crate::pipeline::{self, Computed, Request};

/// At most this many moved figures are printed; the rest is counted.
const FIGURES_SHOWN: usize = 40;
/// At most this many cells of a changed return.
const CELLS_SHOWN: usize = 8;

/// What a report was made from, computed again.
fn recompute(manifest: &Manifest, from: &MadeFrom) -> anyhow::Result<Computed> {
    let build = &manifest.predicate.build_definition;
    let parameters = &build.external_parameters;
    let is_handup = |name: &str| name.starts_with("returns/上交/");
    if from.handups.facts.is_empty()
        && build.resolved_dependencies.iter().any(|d| is_handup(&d.name))
    {
        anyhow::bail!("这份报告由各单位上交的数据生成，请用 --facts 指明当时所用的文件夹");
    }
    let named = || workspace::pipeline_of(&parameters.pipeline);
    let request = Request {
        pipeline: from.pipeline.clone().unwrap_or_else(named),
        returns: from.returns.clone().or_else(workspace::returns),
        facts: from.handups.facts.clone(),
        at: from.handups.at.clone(),
        period: Some(parameters.period.clone()),
        reader: reader()?,
        cache: Cache::none(),
    };
    let computed = pipeline::compute(pipeline::prepare(&request)?)?;
    Ok(Computed { stage: parameters.stage.clone(), ..computed })
}

pub(super) fn verify(options: &VerifyOptions) -> anyhow::Result<u8> {
    let manifest = audit::read_manifest(&options.report)?;
    let computed = recompute(&manifest, &options.made_from)?;
    let outputs = pipeline::render(&computed)?.files;
    let checked = &computed.checked;
    let recomputed = audit::Recomputed { reviewed: checked.reviewed(), outputs: &outputs };
    let mut verdict = audit::verify(&options.report, &manifest, &recomputed)?;
    // That a report is final it says itself; that it may be is computed.
    let open = unexcused(&checked.definition, &checked.validated, &checked.folder, &computed.stage);
    if !open.is_empty() {
        let (what, then) = ("定稿".to_owned(), "没有未了结的事项".to_owned());
        verdict.differences.push(Difference::Claim { what, then, now: open.join("；") });
    }
    if options.json {
        let word = ["same", "different", "unverifiable"];
        let json = serde_json::json!({
            "schema": 1,
            "verdict": word.get(usize::from(verdict.exit_code())),
            "differences": verdict.differences,
        });
        terminal::json(&json)?;
    } else {
        print_verdict(&verdict, manifest.subject.len());
    }
    Ok(verdict.exit_code())
}

fn print_verdict(verdict: &Verdict, outputs: usize) {
    let is_figure = |d: &&Difference| matches!(d, Difference::Figure { .. });
    let (figures, others): (Vec<&Difference>, Vec<&Difference>) =
        verdict.differences.iter().partition(is_figure);
    others.iter().flat_map(|difference| describe(difference)).for_each(|line| say!("{line}"));
    if !figures.is_empty() {
        say!("{} 个数字变动：", figures.len());
    }
    let shown = figures.iter().take(FIGURES_SHOWN);
    shown.flat_map(|difference| describe(difference)).for_each(|line| say!("{line}"));
    if figures.len() > FIGURES_SHOWN {
        say!("  …… 其余 {} 个见 --json", figures.len() - FIGURES_SHOWN);
    }
    match verdict.exit_code() {
        0 => say!("核对一致：{outputs} 个输出文件重算后逐字节相同"),
        1 => say!("核对不一致"),
        _ => say!("无法核对：有原始报表已不存在"),
    }
}

/// A difference in lines.
fn describe(difference: &Difference) -> Vec<String> {
    let names = |returns: &[String]| {
        if returns.is_empty() { String::new() } else { format!("（{}）", returns.join("、")) }
    };
    vec![match difference {
        Difference::Version { what, then, now } => {
            format!("{what}：报告由 {then} 生成，现为 {now}")
        }
        Difference::Claim { what, then, now } => {
            format!("清单所记不实：{what} 记为 {then}，实为 {now}")
        }
        Difference::ReportFile { name, gone: true } => format!("报告文件缺失：{name}"),
        Difference::ReportFile { name, gone: false } => format!("报告文件被改动：{name}"),
        Difference::ForeignFile { name } => format!("报告里多出文件：{name}"),
        Difference::RawChanged { path, returns } => {
            let title = format!("原始报表有改动：{path}");
            return [title].into_iter().chain(returns.iter().map(describe_return)).collect();
        }
        Difference::RawAdded { path, returns } => {
            format!("原始报表新增：{path}{}", names(returns))
        }
        Difference::RawGone { path, returns } => {
            format!("原始报表不存在：{path}{}", names(returns))
        }
        Difference::Definition { path, then: true, now: true } => {
            format!("定义文件有改动：{path}")
        }
        Difference::Definition { path, then: true, .. } => format!("定义文件不存在：{path}"),
        Difference::Definition { path, .. } => format!("定义文件新增：{path}"),
        Difference::Output { name } => format!("重算结果不同：{name}"),
        Difference::Renamed { from, to, figures } => {
            format!("名称变动：{from} → {to}（{figures} 个数字没有变，只是这样称呼）")
        }
        Difference::Figure { title, from, to, .. } => format!("  {title}：{from} → {to}"),
        Difference::Problem { title, from, to, .. } => {
            format!("问题变动：{title}：{from} → {to}")
        }
    }]
}

/// `甲镇 办件月报 2013年10月：E4 本月办结 9→10；现为退回（T-01）`
fn describe_return(change: &ReturnChange) -> String {
    let text = |raw: &Option<String>| raw.clone().unwrap_or_else(|| "（空）".to_owned());
    let cell = |c: &CellChange| format!("{} {} {}→{}", c.cell, c.title, text(&c.from), text(&c.to));
    let mut said: Vec<String> = Vec::new();
    let cells: Vec<String> = change.cells.iter().take(CELLS_SHOWN).map(cell).collect();
    let more = change.cells.len().saturating_sub(CELLS_SHOWN);
    let more = if more == 0 { String::new() } else { format!(" 等 {} 格", change.cells.len()) };
    said.push(match (change.counted, cells.is_empty()) {
        (true, false) => format!("{}{more}", cells.join("，")),
        (true, true) if change.state.is_empty() => "不再识别得出".to_owned(),
        (true, true) => "报告所用的数没有变动".to_owned(),
        (false, _) => "报告没有采用过".to_owned(),
    });
    if !change.state.is_empty() {
        said.push(format!(
            "现为{}{}",
            change.state,
            match change.blocked_by.as_slice() {
                [] => String::new(),
                codes => format!("（{}）", codes.join("、")),
            }
        ));
    }
    format!("  {}：{}", change.title, said.join("；"))
}

pub(super) fn trace(options: &TraceOptions) -> anyhow::Result<u8> {
    let id = &options.figure_id;
    let manifest = audit::read_manifest(&options.report)?;
    audit::untouched(&options.report, &manifest)?;
    let computed = if options.as_recorded {
        None
    } else {
        let computed = recompute(&manifest, &options.made_from)?;
        audit::prove(&options.report, &manifest, &pipeline::records(&computed)?)?;
        Some(computed)
    };
    if let Some(problem) = audit::trace_problem(&options.report, id)? {
        if options.json {
            terminal::json(&problem)?;
        } else {
            print_problem(&problem);
        }
        return Ok(0);
    }
    let recorded = audit::lineage_of(&options.report)?;
    let lineage = match (computed, recorded.figures.get(id)) {
        // Too many rows to be shipped: they are read from the returns again.
        (Some(computed), Some(figure)) if !recorded.lists_rows_of(id) => {
            pipeline::lineage_listing(&computed, &figure.indicator)?
        }
        _ => recorded,
    };
    let trace = audit::trace(&options.report, &lineage, id)?;
    if options.json {
        terminal::json(&trace)?;
    } else {
        print_figure(&trace);
    }
    Ok(0)
}

fn print_problem(problem: &ProblemTrace) {
    say!("问题 {}（{}）  {}  {}", problem.title, problem.disease, problem.unit, problem.problem_id);
    for (label, text) in [
        ("诊断", &problem.text),
        ("所见", &problem.seen),
        ("标准", &problem.threshold),
        ("连续期数", &problem.periods),
        ("起于", &problem.since),
        ("依据", &problem.basis),
    ] {
        say!("  {label}：{text}");
    }
    if problem.history.len() > 1 {
        let points: Vec<String> =
            problem.history.iter().map(|p| format!("{} {}", p.period, p.value)).collect();
        say!("  各期：{}", points.join("，"));
    }
    for finding in &problem.findings {
        say!("  审核意见 {}（{}）：{}", finding.code, finding.outcome, finding.message);
        say!(
            "    {}{}{}",
            finding.file,
            after(" › ", &finding.sheet),
            after(" ! ", &finding.cells)
        );
    }
    for one in &problem.returns {
        let file = if one.file.is_empty() { &one.folder } else { &one.file };
        say!("  {} {}：{file}", one.state, one.form);
    }
    for figure in &problem.figures {
        say!("");
        print_figure(figure);
    }
}

/// A mark and a text, or nothing when the text is empty.
fn after(mark: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{mark}{text}") }
}

fn print_figure(trace: &Trace) {
    say!("{}  {}  {}（{}）", trace.title, trace.unit, trace.period, trace.figure_id);
    let value = if trace.value.is_empty() { "—" } else { &trace.value };
    if trace.denominator.is_empty() {
        say!("  {value} {}  状态 {}", trace.measure, trace.status);
    } else {
        say!(
            "  {value} {} = {} / {}  状态 {}",
            trace.measure,
            trace.numerator,
            trace.denominator,
            trace.status
        );
    }
    for (label, text) in [
        ("定义", &trace.definition),
        ("技术口径 分子", &trace.numerator_definition),
        ("技术口径 分母", &trace.denominator_definition),
        ("技术口径 范围", &trace.filter),
        ("口径", &trace.base),
        ("注", &trace.note),
    ] {
        if !text.is_empty() {
            say!("  {label}：{text}");
        }
    }
    print_cells("分子", &trace.numerator_cells, trace.numerator_unlisted);
    print_cells("分母", &trace.denominator_cells, trace.denominator_unlisted);
    if trace.absent.is_empty() {
        say!("未计入的单位：无");
    } else {
        say!("未计入的单位：");
        for absent in &trace.absent {
            say!("  {} {} {}", absent.unit, absent.form, absent.reason);
            for cell in &absent.cells {
                say!("    {cell}");
            }
        }
    }
    if !trace.problems.is_empty() {
        say!("所计的问题 {} 条（各条再用 audit trace 查看）：", trace.problems.len());
        for id in &trace.problems {
            say!("  {id}");
        }
    }
}

fn print_cells(label: &str, cells: &[TracedCell], unlisted: u64) {
    if unlisted > 0 {
        say!(
            "{label}取自 {unlisted} 行，报告没有逐行列出（不用 --as-recorded，逐值追溯会重读报表列出）"
        );
    }
    if cells.is_empty() {
        return;
    }
    say!("{label}取自 {} 个单元格：", cells.len());
    for cell in cells {
        let raw = cell.raw.as_deref().unwrap_or("（空）");
        let sheet = after(" › ", &cell.sheet);
        let amended = after("  ", cell.amended.as_deref().unwrap_or_default());
        say!(
            "  {}  {}{sheet} ! {}  {} = {raw}{amended}",
            cell.unit,
            cell.file,
            cell.cell,
            cell.title
        );
    }
}
