//! Sentences of the circular in words, and the vocabulary of their templates.

use super::{Page, code, escape};
use crate::definition::words::{FILTERS, VARIABLES, WORDS};
use crate::definition::{Definition, Programme};

pub(super) fn describe(programme: &Programme, definition: &Definition, page: &mut Page) {
    let own = || definition.sentences.iter().filter(|s| s.programme == programme.id);
    if own().next().is_none() {
        return;
    }
    page.heading(2, "通报中的句子");
    page.list();
    for sentence in own() {
        let text: String = sentence.text.lines().map(str::trim).collect();
        page.item(sentence.section.title(), &code(&text));
    }
}

/// `sentences.md`.
pub(super) fn vocabulary_page() -> String {
    let mut page = Page::new("句子模板的词汇");
    page.paragraph(
        "通报的句子写在工作项目的 `[[sentence]]` 和 `circular.toml` 里，是 minijinja 模板。缺数的句子不写，\
         并在运行结束时列出；不完整、待核实的数由程序在句末注明；与报告期不同的数由程序注明数据期。",
    );
    page.paragraph(
        "带 class 的，如 `value(\"grade_share\", class=\"好\")`，说构成或环节中的一项；\
         带分组名的，如 `value(\"good_or_better\", domain=\"农村\")`，说分组中的一类；\
         `unit` 写单位代码，如 `value(\"attendance\", unit=\"140722100\")`，说一个单位的数。\
         下表打勾的词可以这样用。",
    );
    let words = WORDS.iter().map(|word| {
        let chooses = if word.chooses { "√" } else { "" };
        vec![code(word.usage), escape(word.help), chooses.to_owned()]
    });
    page.table(&["写法", "说什么", "class、分组"], words);
    page.heading(2, "变量");
    page.table(&["变量", "是什么"], VARIABLES.iter().map(|(name, help)| row(name, help)));
    page.heading(2, "过滤器");
    page.table(&["过滤器", "作用"], FILTERS.iter().map(|(name, help)| row(name, help)));
    page.text
}

fn row(name: &str, help: &str) -> Vec<String> {
    vec![code(name), escape(help)]
}
