//! `dangtong collect`: what a county hands up.

use super::arguments::CollectOptions;
use super::{check, prepare, terminal};
use crate::pipeline;
use crate::publish::hand_up;

pub(super) fn collect(options: &CollectOptions) -> anyhow::Result<u8> {
    let prepared = prepare(&options.source)?;
    let returns = prepared.returns.clone();
    let (checked, files) = terminal::progress("正在读取、审核和核对", || {
        pipeline::handup::collect(prepared, options.with_personal)
    })?;
    let out = options.facts.join(checked.folder.to_string());
    let county = &checked.definition.settings.county_code;
    let folder = hand_up(&out, county, &returns, &files)?;
    check::print_summary(&checked);
    let bytes: usize = files.values().map(Vec::len).sum();
    say!(
        "上交的数据：{}（{} 个文件，{} KB），已读回核对，算出的指标与报表的相同",
        folder.display(),
        files.len(),
        bytes.div_ceil(1024)
    );
    match options.with_personal {
        true => tell!("提示：其中有个人信息，请按规定保管和传送"),
        false => say!("个人信息栏和自由填写的文字栏没有上交，只有能分辨异同的编号"),
    }
    Ok(check::exit_code(&checked))
}
