//! `dangtong template`: the workbooks that are handed out to the units.

use super::arguments::TemplateOptions;
use super::request;
use crate::pipeline::handout::hand_out;
use crate::publish::{SetAside, apart, working};

pub(super) fn template(options: &TemplateOptions) -> anyhow::Result<u8> {
    let handed_out = hand_out(&request(&options.source)?, options.unit.as_deref())?;
    apart(&options.out, &handed_out.returns)?;
    let folder = options.out.join(handed_out.folder.to_string());
    let below = handed_out.folder.to_string();
    let set_aside = working::renew(&options.out, below.as_ref(), &handed_out.by_name())?;
    say!("表样：{}", folder.display());
    for file in &handed_out.files {
        say!("  {}（{} 张表，预填 {} 行）", file.name, file.forms, file.rows);
    }
    for SetAside { name, backup } in &set_aside {
        tell!("提示：{name} 写出以后被改动过，改动过的已另存为 {backup}");
    }
    say!(
        "下一步：发给各单位；收回后放进 {}，运行 dangtong check --period {}",
        handed_out.returns.join(handed_out.folder.to_string()).display(),
        handed_out.folder
    );
    Ok(0)
}
