//! `dangtong plan`: what changed definitions would change in past periods.

use super::arguments::{PipelineOption, PlanOptions};
use super::{prepare, terminal};
use crate::pipeline::plan::{self, Changed, PeriodPlan};

/// Lines of each list on the screen; `--all` prints every one.
const SHOWN: usize = 10;

/// 0: nothing would change; 1: something would.
pub(super) fn plan(options: &PlanOptions) -> anyhow::Result<u8> {
    let now = prepare(&options.source)?;
    let returns = Some(now.returns.clone());
    let pipeline = options.to.clone();
    let meant = prepare(&super::SourceOptions {
        pipeline: PipelineOption { folder: pipeline },
        returns,
        ..options.source.clone()
    })?;
    let periods = now.folders.len();
    let plans = terminal::progress("正在按两套定义计算各期", || plan::plan(now, meant))?;
    if options.json {
        terminal::json(&plans)?;
        return Ok(u8::from(!plans.is_empty()));
    }
    say!(
        "按 {} 重算 {periods} 期，与 {} 比较（用现有的全部报表，不改动任何文件）：",
        options.to.display(),
        options.source.pipeline.folder.display()
    );
    if plans.is_empty() {
        say!("各期的收报状态、审核、数字、达标和问题都没有变动");
    }
    for plan in &plans {
        print(plan, options.all);
    }
    Ok(u8::from(!plans.is_empty()))
}

fn print(plan: &PeriodPlan, all: bool) {
    let lists: [(&str, &str, &Vec<Changed>); 5] = [
        ("收报状态", "份", &plan.returns),
        ("审核", "条", &plan.checks),
        ("数字", "个", &plan.figures),
        ("达标", "个", &plan.targets),
        ("问题", "条", &plan.problems),
    ];
    let counts = lists.iter().filter(|(_, _, list)| !list.is_empty());
    let counts: Vec<String> =
        counts.map(|(label, unit, list)| format!("{label} {} {unit}", list.len())).collect();
    say!("{}：{}", plan.period, counts.join("，"));
    for (label, _, list) in lists {
        let shown = if all { list.len() } else { SHOWN };
        for one in list.iter().take(shown) {
            let side =
                |text: &str| if text.is_empty() { "无".to_owned() } else { text.to_owned() };
            say!("  {label}　{}：{} → {}", one.title, side(&one.from), side(&one.to));
        }
        if list.len() > shown {
            say!("  {label}　……另有 {} 项，用 --all 全部列出", list.len() - shown);
        }
    }
}
