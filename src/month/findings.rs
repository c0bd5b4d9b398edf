//! Findings as lines of text: for the terminal and for 审核意见.txt.

use crate::definition::Definition;
use crate::model::{Finding, Outcome, Period, Validated};

/// A finding in some lines, the first without indent.
pub fn lines(definition: &Definition, finding: &Finding) -> Vec<String> {
    let unit = definition.units.name(&finding.unit);
    let unit = if unit.is_empty() { "全县" } else { unit };
    let outcome = match finding.outcome {
        Outcome::Fail => String::new(),
        other => format!("（{}）", other.title()),
    };
    let mut lines = vec![
        format!("{} {} {unit}：{}{outcome}", finding.level.title(), finding.code, finding.title),
        format!("    {}", finding.message),
    ];
    let place = finding.location.to_string();
    for (label, text) in [
        ("位置", &place),
        ("填报", &finding.seen),
        ("应为", &finding.expected),
        ("处理", &finding.remedy),
    ] {
        if !text.is_empty() {
            lines.push(format!("    {label}：{text}"));
        }
    }
    lines
}

/// 审核意见.txt: every finding of a folder, with the mark by which Windows knows the encoding.
pub fn file(definition: &Definition, validated: &Validated, folder: &Period) -> Vec<u8> {
    let own = validated.findings.iter().filter(|finding| finding.folder == *folder);
    let mut text = format!("\u{feff}{} 审核意见\r\n", folder.title());
    for finding in own {
        for line in lines(definition, finding) {
            text += &line.replace('\n', "⏎");
            text += "\r\n";
        }
    }
    text.into_bytes()
}
