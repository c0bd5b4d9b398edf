//! 催报.txt: what each unit still has to do, by group, ready to be pasted into a message.

use super::standing::{UnitReceipts, by_unit};
use crate::definition::Definition;
use crate::model::{Period, Receipt, ReturnState, Validated, date_text};

pub fn file(definition: &Definition, validated: &Validated, folder: &Period) -> Vec<u8> {
    let settings = &definition.settings;
    let standings = by_unit(definition, validated, folder);
    let open: Vec<&UnitReceipts> = standings.iter().filter(|s| !s.is_done()).collect();
    let title =
        format!("{}{} {} 催报", settings.county_name, settings.report.title, folder.title());
    let mut text = format!("\u{feff}{title}\r\n");
    if open.is_empty() {
        text += "各单位均已报齐，没有退回和待核实的报表。\r\n";
    }
    for group in settings.report.group_order(open.iter().map(|s| s.unit.group.as_str())) {
        let own: Vec<&&UnitReceipts> = open.iter().filter(|s| s.unit.group == group).collect();
        if own.is_empty() {
            continue;
        }
        let group = if group.is_empty() { "其他" } else { &group };
        text += &format!("\r\n【{group}】\r\n");
        for standing in own {
            text += &format!("{}：{}\r\n", standing.unit.name, asked(definition, standing));
        }
    }
    text.into_bytes()
}

fn asked(definition: &Definition, standing: &UnitReceipts) -> String {
    let title = |receipt: &Receipt| {
        let title = definition.form(&receipt.form).map_or(receipt.form.as_str(), |f| &f.title);
        format!("《{title}》")
    };
    let mut parts = Vec::new();
    let missing: Vec<&Receipt> = standing.of(ReturnState::Missing).collect();
    if !missing.is_empty() {
        let last = missing.iter().filter_map(|r| r.deadline).min();
        let due = last.map_or(String::new(), |day| format!("（期限 {}）", date_text(day)));
        let titles: String = missing.into_iter().map(title).collect();
        parts.push(format!("请报送{titles}{due}"));
    }
    let rejected: Vec<String> = standing
        .of(ReturnState::Rejected)
        .map(|r| format!("{}强制 {} 项", title(r), r.errors))
        .collect();
    if !rejected.is_empty() {
        parts.push(format!("请改正后重报{}", rejected.join("、")));
    }
    let queried: Vec<String> = standing
        .of(ReturnState::Queried)
        .map(|r| format!("{}{} 项", title(r), r.queries))
        .collect();
    if !queried.is_empty() {
        parts.push(format!("请书面说明{}", queried.join("、")));
    }
    parts.join("；") + "。"
}
