//! `dangtong audit verify` and `audit trace`.

use std::path::Path;

use super::arguments::{TraceOptions, VerifyOptions};
use super::reader;
use crate::audit::{self, Difference, TracedCell, Verdict};
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
        raw_files: &computed.checked.raw_files,
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
    }
}

pub(super) fn trace(options: &TraceOptions) -> anyhow::Result<u8> {
    let trace = audit::trace(&options.report, &options.figure_id)?;
    if options.json {
        say!("{}", serde_json::to_string_pretty(&trace)?);
        return Ok(0);
    }
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
        }
    }
    Ok(0)
}

fn print_cells(label: &str, cells: &[TracedCell]) {
    if cells.is_empty() {
        return;
    }
    say!("{label}取自 {} 个单元格：", cells.len());
    for cell in cells {
        let raw = cell.raw.as_deref().unwrap_or("(空)");
        let sheet =
            if cell.sheet.is_empty() { String::new() } else { format!(" › {}", cell.sheet) };
        say!("  {}  {}{sheet} ! {}  {} = {raw}", cell.unit, cell.file, cell.cell, cell.title);
    }
}
