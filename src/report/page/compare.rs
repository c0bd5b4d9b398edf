//! 自选比较: the reader chooses an indicator and two units, or two periods; the script draws what it
//! finds in the page's data, with a table beside it.

use super::html::Html;

pub(super) fn section(html: &mut Html) {
    html.raw(SECTION);
}

const SECTION: &str = concat!(
    "<section class=\"page\" id=\"compare\"><h2 tabindex=\"-1\">自选比较</h2>",
    "<noscript><p class=\"note\">浏览器未启用脚本，不能自选比较。</p></noscript>",
    "<form class=\"filters\" id=\"comparing\" hidden>",
    "<label>指标 <select name=\"of\"></select></label>",
    "<fieldset><legend>比较</legend>",
    "<label><input type=\"radio\" name=\"what\" value=\"units\" checked>两个单位</label>",
    "<label><input type=\"radio\" name=\"what\" value=\"periods\">两个时期</label></fieldset>",
    "<label data-for=\"units\">单位 <select name=\"first\"></select></label>",
    "<label data-for=\"units\">与单位 <select name=\"second\"></select></label>",
    "<label data-for=\"periods\">突出单位 <select name=\"unit\"></select></label>",
    "<label data-for=\"periods\">时期 <select name=\"from\"></select></label>",
    "<label data-for=\"periods\">与时期 <select name=\"to\"></select></label>",
    "</form><div id=\"compared\" aria-live=\"polite\"></div></section>",
);
