//! `dangtong audit verify` and `audit trace`.

use std::path::Path;

use super::arguments::{TraceOptions, VerifyOptions};
use super::reader;
use crate::audit::{self, Difference, ProblemTrace, Trace, TracedCell, Verdict};
use crate::pipeline::{self, Request};

/// At most this many moved figures are printed; the rest is counted.
const FIGURES_SHOWN: usize = 40;

pub(super) fn verify(options: &VerifyOptions) -> anyhow::Result<u8> {
    let manifest = audit::read_manifest(&options.report)?;
    let parameters = &manifest.predicate.build_definition.external_parameters;
    let request = Request {
        pipeline: options
            .pipeline
            .clone()
            .unwrap_or_else(|| Path::new("pipelines").join(&parameters.pipeline)),
        returns: options.returns.clone(),
        period: Some(parameters.period.clone()),
        reader: reader()?,
    };
    let computed = pipeline::compute(pipeline::prepare(&request)?)?;
    let outputs = pipeline::render(&computed)?;
    let recomputed = audit::Recomputed {
        definition: &computed.checked.definition,
        raw_files: &computed.checked.collected.files,
        outputs: &outputs,
    };
    let verdict = audit::verify(&options.report, &manifest, &recomputed)?;
    print_verdict(&verdict, manifest.subject.len());
    Ok(verdict.exit_code())
}

fn print_verdict(verdict: &Verdict, outputs: usize) {
    let mut figures = 0;
    for difference in &verdict.differences {
        if matches!(difference, Difference::Figure { .. }) {
            figures += 1;
            if figures > FIGURES_SHOWN {
                continue;
            }
        }
        say!("{}", describe(difference));
    }
    if figures > FIGURES_SHOWN {
        say!("…… 共有 {figures} 个数字变动");
    }
    match verdict.exit_code() {
        0 => say!("核对一致：{outputs} 个输出文件重算后逐字节相同"),
        1 => say!("核对不一致"),
        _ => say!("无法核对：有原始报表已不存在"),
    }
}

fn describe(difference: &Difference) -> String {
    let names = |returns: &[String]| {
        if returns.is_empty() { String::new() } else { format!("({})", returns.join("、")) }
    };
    match difference {
        Difference::Version { then, now } => format!("程序版本：报告由 {then} 生成，现为 {now}"),
        Difference::ReportFile { name, gone: true } => format!("报告文件缺失：{name}"),
        Difference::ReportFile { name, gone: false } => format!("报告文件被改动：{name}"),
        Difference::ForeignFile { name } => format!("报告里多出文件：{name}"),
        Difference::RawChanged { path, returns } => {
            format!("原始报表有改动：{path}{}", names(returns))
        }
        Difference::RawAdded { path } => format!("原始报表新增：{path}"),
        Difference::RawGone { path, returns } => {
            format!("原始报表不存在：{path}{}", names(returns))
        }
        Difference::Definition { path } => format!("定义文件有改动：{path}"),
        Difference::Output { name } => format!("重算结果不同：{name}"),
        Difference::Figure { id, from, to } => format!("数字变动：{id}: {from} → {to}"),
        Difference::Problem { id, from, to } => format!("问题变动：{id}: {from} → {to}"),
    }
}

pub(super) fn trace(options: &TraceOptions) -> anyhow::Result<u8> {
    let id = &options.figure_id;
    if let Some(problem) = audit::trace_problem(&options.report, id)? {
        if options.json {
            say!("{}", serde_json::to_string_pretty(&problem)?);
        } else {
            print_problem(&problem);
        }
        return Ok(0);
    }
    let trace = audit::trace(&options.report, id)?;
    if options.json {
        say!("{}", serde_json::to_string_pretty(&trace)?);
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
    say!("{}  {}  {}({})", trace.title, trace.unit, trace.period, trace.figure_id);
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
        ("分子", &trace.numerator_definition),
        ("分母", &trace.denominator_definition),
        ("范围", &trace.filter),
        ("口径", &trace.base),
        ("注", &trace.note),
    ] {
        if !text.is_empty() {
            say!("  {label}：{text}");
        }
    }
    print_cells("分子", &trace.numerator_cells);
    print_cells("分母", &trace.denominator_cells);
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

fn print_cells(label: &str, cells: &[TracedCell]) {
    if cells.is_empty() {
        return;
    }
    say!("{label}取自 {} 个单元格：", cells.len());
    for cell in cells {
        let raw = cell.raw.as_deref().unwrap_or("(空)");
        let sheet = after(" › ", &cell.sheet);
        say!("  {}  {}{sheet} ! {}  {} = {raw}", cell.unit, cell.file, cell.cell, cell.title);
    }
}
