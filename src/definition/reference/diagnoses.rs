//! Diagnoses in words: what each rule looks at and when it is met.

use super::{Page, code, escape};
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
        page.list();
        page.item("病症", &escape(&diagnosis.disease));
        for (label, text) in diagnosis.in_words(definition) {
            page.item(label, &escape(&text));
        }
    }
}

impl Diagnosis {
    /// The rule as labels and texts.
    pub fn in_words(&self, definition: &Definition) -> Vec<(&'static str, String)> {
        let mut words = Vec::new();
        let indicator = self.indicator.as_deref().and_then(|id| definition.indicator(id));
        words.push(match indicator {
            Some(indicator) => ("指标", format!("{} {}", indicator.id, indicator.title)),
            None => ("取自", self.source()),
        });
        if !self.by.is_empty() {
            words.push(("单位取自分组", self.by.clone()));
        }
        words.push(("不算问题", definition.threshold(self)));
        if self.least_base > 0 {
            words.push(("分母不足此数的不判", self.least_base.to_string()));
        }
        if self.explained {
            words.push(("已说明的", "也算".to_owned()));
        }
        if self.periods > 1 {
            words.push(("连续期数", format!("至少 {}", self.periods)));
        }
        words.push(("读作", self.text.clone()));
        words.push(("依据", self.basis.clone()));
        words
    }
}
