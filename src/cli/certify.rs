//! `dangtong certify`: do this program and another engine come to the same?

use std::fs;
use std::sync::Arc;

use anyhow::{Context, ensure};

use super::arguments::CertifyOptions;
use super::{engine, prepare_from, terminal};
use crate::definition::Form;
use crate::model::{Agreement, CERTIFICATE, Certificate, RowsOf, sha256};
use crate::pipeline::certify as pipeline;
use crate::publish::working;

pub(super) fn certify(options: &CertifyOptions) -> anyhow::Result<u8> {
    let prepared = prepare_from(&options.source, &options.handups)?;
    let report = options.reports.out.join(prepared.folder.to_string());
    let figures = fs::read(report.join("figures.csv")).with_context(|| {
        format!("{} 里还没有报告，请先用 dangtong run 作出来，再对照", report.display())
    })?;
    let other = engine::open(&options.engine, &options.tuning)?;
    let version = other.version.clone();
    let (checked, certificate) = terminal::progress("正在用两个引擎计算", || {
        pipeline::certify(prepared, Arc::new(other), &version)
    })?;
    ensure!(
        certificate.figures == sha256(&figures),
        "{} 的 figures.csv 不是现在的报表算出来的，请重新 dangtong run，再对照",
        report.display()
    );
    let mut text = serde_json::to_vec_pretty(&certificate)?;
    text.push(b'\n');
    working::put(&report, CERTIFICATE, &text)?;
    print(&certificate, |source| match RowsOf::named(source) {
        RowsOf::Register(name) => Some(format!("名录 {name}")),
        RowsOf::Form(id) => checked.definition.form(id).map(Form::numbered_title),
        RowsOf::Units => None,
    });
    say!("证书：{}", report.join(CERTIFICATE).display());
    Ok(u8::from(!certificate.equal))
}

fn print(certificate: &Certificate, title: impl Fn(&str) -> Option<String>) {
    let mut all = Agreement::default();
    for (source, agreement) in &certificate.sources {
        let title = title(source).unwrap_or_else(|| source.clone());
        match agreement.differing {
            0 => say!("  {title}：{} 个结果全部相同", agreement.values + agreement.tallies),
            differing => {
                say!("  {title}：{differing} 个结果不同");
                agreement.differences.iter().for_each(|said| say!("    {said}"));
            }
        }
        all.rules += agreement.rules;
        all.measures += agreement.measures;
        all.values += agreement.values;
        all.tallies += agreement.tallies;
    }
    say!(
        "引擎 {}：{} 条审核算式、{} 个计量，逐行 {} 个结果、分组 {} 个合计，{}",
        certificate.engine,
        all.rules,
        all.measures,
        all.values,
        all.tallies,
        if certificate.equal { "与本机全部相同" } else { "与本机不全相同" }
    );
}
