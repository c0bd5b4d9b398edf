//! Which keys each kind of item needs and may have, and how values with a grammar are written.

use super::{Page, code};
use crate::definition::grammar::{Due, Grammar};
use crate::definition::keys;
use crate::model::{Decimal, Period};

/// `keys.md`.
pub(super) fn page() -> String {
    let mut page = Page::new("定义里的键");
    page.paragraph(
        "每种定义必须写和可以写的键。写了不起作用的键、缺少必写的键，装载时都不接受。\
         各键的意思见 `docs/schema/`；不分种类的（报表、工作项目、句子等）也见那里。\
         逐行注释的例子是 `dangtong init` 建的 `pipeline/programmes/branch.toml`，测试装载并运行它。",
    );
    for (header, always, variants) in keys::all() {
        page.heading(2, header);
        if !always.is_empty() {
            page.paragraph(&format!("不论哪一种：{}。", listed(always.iter())));
        }
        let row = |keys: &keys::Keys| {
            let may = keys.may.iter().copied().flatten();
            vec![code(keys.is), listed(keys.needs.iter()), listed(may)]
        };
        page.table(&["种类", "必须写", "可以写"], variants.iter().map(row));
    }
    page.heading(2, "有写法的值");
    fn written<T: Grammar>(keys: &str) -> Vec<String> {
        vec![keys.to_owned(), T::WHAT.to_owned(), T::WRITTEN.to_owned()]
    }
    let rows = [
        written::<Due>("报表的 due"),
        written::<Period>(
            "breaks、[[form.round]] 的 period 和 folder（也可为 [[campaign]] 的 id）",
        ),
        written::<Decimal>("minimum、maximum、band 的 from、part 的 full、below、above、equals"),
    ];
    page.table(&["用在", "是什么", "写法"], rows);
    page.text
}

fn listed<'k>(keys: impl Iterator<Item = &'k &'static str>) -> String {
    keys.map(|key| code(key)).collect::<Vec<_>>().join("、")
}
