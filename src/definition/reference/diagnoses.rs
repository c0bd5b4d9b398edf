//! Diagnoses in words: what each rule looks at and when it is met.

use super::{Described, Page, code, escape};
use crate::definition::{Definition, Diagnosis, Programme};

pub(super) fn describe(programme: &Programme, definition: &Definition, page: &mut Page) {
    let own: Vec<&Diagnosis> =
        definition.diagnoses.iter().filter(|d| d.programme == programme.id).collect();
    if own.is_empty() {
        return;
    }
    page.heading(2, "诊断");
    page.paragraph(
        "界限与未四舍五入的值比较。缺报、没有基数的不作判断；连续期数从最近一期往前数，遇缺报或口径变化即断。",
    );
    let row = |d: &&Diagnosis| {
        vec![
            code(&d.id),
            escape(&d.disease),
            escape(&d.title),
            escape(&d.source()),
            escape(&definition.threshold(d)),
        ]
    };
    page.table(&["编号", "病症", "问题", "取自", "不算问题"], own.iter().map(row));
    for diagnosis in own {
        page.heading(3, &format!("{} {}", diagnosis.id, diagnosis.title));
        diagnosis.described(definition).onto(page);
    }
}

impl Diagnosis {
    /// What the rule looks at and when it is met.
    pub fn described(&self, definition: &Definition) -> Described {
        let mut items = Described::default();
        items.words("病症", &self.disease);
        let indicator = self.indicator.as_deref().and_then(|id| definition.indicator(id));
        match indicator {
            Some(indicator) => {
                items.words("指标", format!("{} {}", indicator.id, indicator.title));
            }
            None => items.words("取自", self.source()),
        }
        items.words("单位取自分组", &self.by);
        items.words("不算问题", definition.threshold(self));
        if self.least_base > 0 {
            items.words("分母不足此数的不判", self.least_base.to_string());
        }
        items.words("已说明的", if self.explained { "也算" } else { "" });
        if self.periods > 1 {
            items.words("连续期数", format!("至少 {}", self.periods));
        }
        items.words("读作", &self.text);
        items.words("依据", &self.basis);
        items
    }
}
