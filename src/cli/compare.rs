//! `dangtong audit compare`: why figures moved between two reports.

use std::path::Path;

use super::arguments::CompareOptions;
use super::{reader, terminal, workspace};
use crate::audit;
use crate::pipeline::compare::{self, ComparedReport, Moved, ReportComparison};

pub(super) fn compare(options: &CompareOptions) -> anyhow::Result<u8> {
    let manifest = audit::read_manifest(&options.new)?;
    let id = &manifest.predicate.build_definition.external_parameters.pipeline;
    let sample = || Path::new("sample-data").join(id).join("returns");
    let returns = options.returns.clone().or_else(workspace::returns).unwrap_or_else(sample);
    let pipeline = options.pipeline.clone().unwrap_or_else(|| workspace::pipeline_of(id));
    let old = ComparedReport {
        report: options.old.clone(),
        returns: options.old_returns.clone().unwrap_or_else(|| returns.clone()),
        pipeline: options.old_pipeline.clone().unwrap_or_else(|| pipeline.clone()),
    };
    let new = ComparedReport { report: options.new.clone(), returns, pipeline };
    let comparison = compare::compare(&old, &new, &reader()?)?;
    if options.json {
        terminal::json(&comparison)?;
    } else {
        print(&comparison);
    }
    Ok(u8::from(!comparison.moved.is_empty()))
}

fn print(comparison: &ReportComparison) {
    let ReportComparison { old_period, new_period, old_program, new_program, .. } = comparison;
    say!("旧报告 {old_period}（程序 {old_program}），新报告 {new_period}（程序 {new_program}）");
    let lists = [
        ("更正的报表", &comparison.corrected),
        ("补报的报表", &comparison.late),
        ("有改动的定义", &comparison.definitions),
    ];
    for (label, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
        say!("{label}：{}", names.join("、"));
    }
    if comparison.rules_with_definitions {
        say!("报表的定义有改动，审核规则的影响不能单列，计入“指标和报表定义改动”");
    }
    say!("{} 个数字变动", comparison.moved.len());
    let (changed, others): (Vec<&Moved>, Vec<&Moved>) =
        comparison.moved.iter().partition(|moved| moved.difference.is_some());
    changed.iter().for_each(|moved| say!("  {}", describe(moved)));
    if !others.is_empty() {
        say!("另有 {} 个数字从无到有或从有到无，见 --json", others.len());
    }
}

/// `办结率 甲镇：90.0% → 100.0%，差 10.0：报表更正 +10.0`
fn describe(moved: &Moved) -> String {
    let value = |value: &Option<String>| {
        value.as_ref().map_or_else(|| "—".to_owned(), |value| format!("{value}{}", moved.measure))
    };
    let signed = |text: &String| {
        if text.starts_with('-') { text.clone() } else { format!("+{text}") }
    };
    let causes = moved.causes.iter().map(|by| match &by.difference {
        Some(difference) => format!("{} {}", by.cause.title(), signed(difference)),
        None => format!("{} {}→{}", by.cause.title(), value(&by.from), value(&by.to)),
    });
    let causes: Vec<String> = causes.collect();
    let difference = moved.difference.as_ref().map(|d| format!("，差 {}", signed(d)));
    format!(
        "{}：{} → {}{}：{}",
        moved.title,
        value(&moved.from),
        value(&moved.to),
        difference.unwrap_or_default(),
        causes.join("，")
    )
}
