//! The findings that collecting can raise: `C-…` concern files, sheets, headers and context,
//! `D-…` the data contract (what a typed cell means).
//!
//! `D-21` and above are notes: the value was read without doubt, but not typed as it should be.

use crate::model::Level;

/// One kind of finding, as `explain` and the reference pages list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectCheck {
    pub code: &'static str,
    /// Reads well after "allow …".
    pub name: &'static str,
    pub title: &'static str,
    /// The level unless the pipeline says otherwise.
    pub level: Level,
    pub remedy: &'static str,
}

/// The entry of a code.
pub fn collect_check(code: &str) -> Option<&'static CollectCheck> {
    CATALOGUE.iter().chain([&OUTSIDE_RANGE_CHECK]).find(|check| check.code == code)
}

/// A built-in check of every form that is asked while typing; its reference entry stands with the
/// other `G-…` checks.
static OUTSIDE_RANGE_CHECK: CollectCheck = CollectCheck {
    code: OUTSIDE_RANGE,
    name: "number-outside-its-range",
    title: "数值超出取值范围",
    level: Level::Error,
    remedy: "核对该格数值，改正后重报",
};

pub(super) const UNREADABLE_FILE: &str = "C-01";
pub(super) const ENCRYPTED_FILE: &str = "C-02";
pub(super) const UNSUPPORTED_FORMAT: &str = "C-03";
pub(super) const UNSAFE_FILE: &str = "C-04";
pub(super) const NO_FORM_IN_FILE: &str = "C-05";
pub(super) const UNKNOWN_SHEET: &str = "C-06";
pub(super) const HIDDEN_SHEET: &str = "C-07";
pub(super) const HIDDEN_ROWS: &str = "C-08";
pub(super) const HIDDEN_COLUMNS: &str = "C-09";
pub(super) const HIDDEN_REFUSED: &str = "C-10";
pub(super) const HIDDEN_UNKNOWN: &str = "C-11";
pub(super) const UNIT_NOT_STATED: &str = "C-12";
pub(super) const UNIT_FROM_FILE_NAME: &str = "C-13";
pub(super) const UNIT_UNKNOWN: &str = "C-14";
pub(super) const UNIT_CONFLICT: &str = "C-15";
pub(super) const SEVERAL_UNITS: &str = "C-16";
pub(super) const PERIOD_NOT_STATED: &str = "C-17";
pub(super) const PERIOD_UNREADABLE: &str = "C-18";
pub(super) const PERIOD_CONFLICT: &str = "C-19";
pub(super) const FORM_NOT_DUE: &str = "C-20";
pub(super) const FORM_AMBIGUOUS: &str = "C-21";
pub(super) const MISSING_COLUMN: &str = "C-22";
pub(super) const UNKNOWN_COLUMN: &str = "C-23";
pub(super) const REPEATED_COLUMN: &str = "C-24";
pub(super) const COLUMN_UNIT: &str = "C-25";
pub(super) const RIVAL_RETURNS: &str = "C-26";
pub(super) const SUPERSEDED_RETURN: &str = "C-27";
pub(super) const DECLARATION_LINE: &str = "C-28";
pub(super) const EMPTY_RETURN: &str = "C-29";
pub(super) const ROWS_OUTSIDE: &str = "C-30";
pub(super) const ROWS_IGNORED: &str = "C-31";
pub(super) const FILED_ON_UNREADABLE: &str = "C-32";
pub(super) const DATA_WITHOUT_HEADER: &str = "C-33";
pub(super) const READER_FAILED: &str = "C-34";
pub(super) const NUMBER_UNREADABLE: &str = "D-01";
pub(super) const NOT_AN_INTEGER: &str = "D-02";
pub(super) const TOO_MANY_PLACES: &str = "D-03";
pub(super) const PERCENT_AMBIGUOUS: &str = "D-04";
pub(super) const DATE_UNREADABLE: &str = "D-05";
pub(super) const MONTH_AMBIGUOUS: &str = "D-06";
pub(super) const MONTH_UNREADABLE: &str = "D-07";
pub(super) const BOOLEAN_UNREADABLE: &str = "D-08";
pub(super) const CODE_UNKNOWN: &str = "D-09";
pub(super) const DIGITS_LOST: &str = "D-10";
pub(super) const ERROR_CELL: &str = "D-11";
pub(super) const APPROXIMATE_NUMBER: &str = "D-12";
pub(super) const MISSING_MARK: &str = "D-13";
pub(super) const BLANK_CELL: &str = "D-14";
pub(super) const DITTO_IN_NUMBER: &str = "D-15";
pub(super) const NUMBER_IN_MERGE: &str = "D-16";
pub(super) const UNIT_SUFFIX: &str = "D-17";
pub(super) const NUMBER_TOO_LARGE: &str = "D-18";
pub(super) const TEXT_NUMBER: &str = "D-21";
pub(super) const WIDE_DIGITS: &str = "D-22";
pub(super) const UNIT_IN_CELL: &str = "D-23";
pub(super) const DITTO_MARK: &str = "D-24";
pub(super) const TEN_THOUSAND: &str = "D-25";
pub(super) const DATE_AS_NUMBER: &str = "D-26";
pub(super) const PERCENT_DECIDED: &str = "D-27";
pub(super) const PADDED_CODE: &str = "D-28";
pub(super) const TIME_DROPPED: &str = "D-29";
pub(super) const OUTSIDE_RANGE: &str = "G-03";

/// In the order of their codes.
pub static CATALOGUE: &[CollectCheck] = &[
    CollectCheck {
        code: UNREADABLE_FILE,
        name: "unreadable-file",
        title: "文件无法读取",
        level: Level::Error,
        remedy: "请用 Excel 或 WPS 打开该文件，另存为 .xlsx 后重报",
    },
    CollectCheck {
        code: ENCRYPTED_FILE,
        name: "encrypted-file",
        title: "文件已加密",
        level: Level::Error,
        remedy: "请去掉打开密码，另存为 .xlsx 后重报",
    },
    CollectCheck {
        code: UNSUPPORTED_FORMAT,
        name: "unsupported-format",
        title: "文件格式不能收",
        level: Level::Error,
        remedy: "请用 Excel 或 WPS 打开，另存为 .xlsx 后重报；不是报表的文件请移出收表文件夹",
    },
    CollectCheck {
        code: UNSAFE_FILE,
        name: "unsafe-file",
        title: "文件结构异常",
        level: Level::Error,
        remedy: "请把内容复制到新工作簿，另存为 .xlsx 后重报",
    },
    CollectCheck {
        code: NO_FORM_IN_FILE,
        name: "no-form-in-file",
        title: "文件中找不到报表",
        level: Level::Error,
        remedy: "请按下发的表样填报，不要改动表头；不是报表的文件请移出收表文件夹",
    },
    CollectCheck {
        code: UNKNOWN_SHEET,
        name: "unknown-sheet",
        title: "工作表未识别",
        level: Level::Hint,
        remedy: "确认该工作表不含应报数据；含数据的请按表样填报",
    },
    CollectCheck {
        code: HIDDEN_SHEET,
        name: "hidden-sheet",
        title: "隐藏工作表未读取",
        level: Level::Hint,
        remedy: "确认隐藏工作表不含应报数据；需要上报的请取消隐藏后重报",
    },
    CollectCheck {
        code: HIDDEN_ROWS,
        name: "hidden-rows",
        title: "隐藏行中有数据",
        level: Level::Query,
        remedy: "核实隐藏行是否应报：应报的取消隐藏，不应报的删除后重报",
    },
    CollectCheck {
        code: HIDDEN_COLUMNS,
        name: "hidden-columns",
        title: "隐藏列中有数据",
        level: Level::Query,
        remedy: "核实隐藏列是否应报：应报的取消隐藏，不应报的删除后重报",
    },
    CollectCheck {
        code: HIDDEN_REFUSED,
        name: "hidden-rows-refused",
        title: "本表不允许有隐藏数据",
        level: Level::Error,
        remedy: "取消隐藏，核对后重报",
    },
    CollectCheck {
        code: HIDDEN_UNKNOWN,
        name: "hidden-unknown",
        title: "看不出有无隐藏行列",
        level: Level::Hint,
        remedy: "这种格式读不出隐藏标记；建议另存为 .xlsx 上报",
    },
    CollectCheck {
        code: UNIT_NOT_STATED,
        name: "unit-not-stated",
        title: "未写填报单位",
        level: Level::Error,
        remedy: "在表头“填报单位”处写明单位名称后重报",
    },
    CollectCheck {
        code: UNIT_FROM_FILE_NAME,
        name: "unit-from-file-name",
        title: "填报单位取自文件名",
        level: Level::Query,
        remedy: "核实填报单位；今后请在表头“填报单位”处写明",
    },
    CollectCheck {
        code: UNIT_UNKNOWN,
        name: "unit-unknown",
        title: "填报单位不在名录",
        level: Level::Error,
        remedy: "按单位名录填写单位全称；简称确需使用的，请县里在名录中登记",
    },
    CollectCheck {
        code: UNIT_CONFLICT,
        name: "unit-conflict",
        title: "填报单位与文件名不符",
        level: Level::Error,
        remedy: "核对是哪个单位的报表，改正填报单位或文件名后重报",
    },
    CollectCheck {
        code: SEVERAL_UNITS,
        name: "several-units",
        title: "一个文件写了多个填报单位",
        level: Level::Error,
        remedy: "每个单位单独报一个文件",
    },
    CollectCheck {
        code: PERIOD_NOT_STATED,
        name: "period-not-stated",
        title: "未写报告期",
        level: Level::Hint,
        remedy: "请在表头“报告期”处写明",
    },
    CollectCheck {
        code: PERIOD_UNREADABLE,
        name: "period-unreadable",
        title: "报告期无法识别",
        level: Level::Error,
        remedy: "报告期请写成“2013年10月”“2013年三季度”“2013年上半年”或“2013年”",
    },
    CollectCheck {
        code: PERIOD_CONFLICT,
        name: "period-conflict",
        title: "报告期不符",
        level: Level::Error,
        remedy: "核对报告期：填错的改正后重报，放错文件夹的移到正确的文件夹",
    },
    CollectCheck {
        code: FORM_NOT_DUE,
        name: "form-not-due",
        title: "本期不收此表",
        level: Level::Error,
        remedy: "核对应报期数，把文件移到应报期的文件夹",
    },
    CollectCheck {
        code: FORM_AMBIGUOUS,
        name: "form-ambiguous",
        title: "分不清是哪张报表",
        level: Level::Error,
        remedy: "请在标题行写明报表名称，表头与表样保持一致",
    },
    CollectCheck {
        code: MISSING_COLUMN,
        name: "missing-column",
        title: "缺少必有的栏",
        level: Level::Error,
        remedy: "按表样补上该栏；改了栏名的请改回",
    },
    CollectCheck {
        code: UNKNOWN_COLUMN,
        name: "unknown-column",
        title: "表样中没有的栏",
        level: Level::Hint,
        remedy: "该栏未读取；确认不是改了名的应报栏",
    },
    CollectCheck {
        code: REPEATED_COLUMN,
        name: "repeated-column",
        title: "同一栏出现两次",
        level: Level::Error,
        remedy: "删去重复的栏后重报",
    },
    CollectCheck {
        code: COLUMN_UNIT,
        name: "column-unit",
        title: "栏的计量单位不符",
        level: Level::Error,
        remedy: "按表样规定的计量单位填报",
    },
    CollectCheck {
        code: RIVAL_RETURNS,
        name: "rival-returns",
        title: "同一报表报了两份",
        level: Level::Error,
        remedy: "删去作废的一份，或在 更正.csv 中声明采用哪一份",
    },
    CollectCheck {
        code: SUPERSEDED_RETURN,
        name: "superseded-return",
        title: "已被更正替代",
        level: Level::Hint,
        remedy: "无需处理；原报表保留备查",
    },
    CollectCheck {
        code: DECLARATION_LINE,
        name: "declaration-line",
        title: "声明文件有误",
        level: Level::Error,
        remedy: "按列名逐行填写，改正该行后重新运行",
    },
    CollectCheck {
        code: EMPTY_RETURN,
        name: "empty-return",
        title: "报表没有数据行",
        level: Level::Error,
        remedy: "补填后重报；确无数据的，请与县里确认填报方法",
    },
    CollectCheck {
        code: ROWS_OUTSIDE,
        name: "rows-outside",
        title: "表尾之后还有数据",
        level: Level::Error,
        remedy: "把数据移到表尾（填表人、说明等行）之上，重报",
    },
    CollectCheck {
        code: ROWS_IGNORED,
        name: "rows-ignored",
        title: "未作为数据的行",
        level: Level::Hint,
        remedy: "确认这些行只是其中项、栏号或分组标题",
    },
    CollectCheck {
        code: FILED_ON_UNREADABLE,
        name: "filed-on-unreadable",
        title: "填报日期无法识别",
        level: Level::Hint,
        remedy: "填报日期请写成“2013年10月25日”",
    },
    CollectCheck {
        code: DATA_WITHOUT_HEADER,
        name: "data-without-header",
        title: "没有栏名的列中有数据",
        level: Level::Hint,
        remedy: "该列未读取；确认不是应报数据",
    },
    CollectCheck {
        code: READER_FAILED,
        name: "reader-failed",
        title: "读取进程未能启动",
        level: Level::Error,
        remedy: "请检查程序安装是否完整，再重新运行",
    },
    CollectCheck {
        code: NUMBER_UNREADABLE,
        name: "number-unreadable",
        title: "不是数字",
        level: Level::Error,
        remedy: "改填阿拉伯数字后重报",
    },
    CollectCheck {
        code: NOT_AN_INTEGER,
        name: "not-an-integer",
        title: "应为整数",
        level: Level::Error,
        remedy: "核对后改填整数",
    },
    CollectCheck {
        code: TOO_MANY_PLACES,
        name: "too-many-places",
        title: "小数位数过多",
        level: Level::Error,
        remedy: "按规定位数填写；公式算出的请用 ROUND 函数取到规定位数",
    },
    CollectCheck {
        code: PERCENT_AMBIGUOUS,
        name: "percent-ambiguous",
        title: "百分数写法不明",
        level: Level::Error,
        remedy: "请写成“95%”，或把单元格设为百分比格式",
    },
    CollectCheck {
        code: DATE_UNREADABLE,
        name: "date-unreadable",
        title: "日期无法识别",
        level: Level::Error,
        remedy: "日期请写成“2013-10-25”",
    },
    CollectCheck {
        code: MONTH_AMBIGUOUS,
        name: "month-ambiguous",
        title: "年月分不清",
        level: Level::Error,
        remedy: "1月还是10月？请写成“2013年10月”",
    },
    CollectCheck {
        code: MONTH_UNREADABLE,
        name: "month-unreadable",
        title: "年月无法识别",
        level: Level::Error,
        remedy: "年月请写成“2013年10月”",
    },
    CollectCheck {
        code: BOOLEAN_UNREADABLE,
        name: "boolean-unreadable",
        title: "应填是或否",
        level: Level::Error,
        remedy: "请填“是”或“否”",
    },
    CollectCheck {
        code: CODE_UNKNOWN,
        name: "code-unknown",
        title: "不在代码表内",
        level: Level::Error,
        remedy: "按代码表改填；不得自行归入“其他”",
    },
    CollectCheck {
        code: DIGITS_LOST,
        name: "digits-lost",
        title: "长编号丢失位数",
        level: Level::Error,
        remedy: "把单元格设为文本格式，重新录入完整编号",
    },
    CollectCheck {
        code: ERROR_CELL,
        name: "error-cell",
        title: "公式出错",
        level: Level::Error,
        remedy: "改正公式，或直接填数",
    },
    CollectCheck {
        code: APPROXIMATE_NUMBER,
        name: "approximate-number",
        title: "约数或范围",
        level: Level::Error,
        remedy: "填报准确数字",
    },
    CollectCheck {
        code: MISSING_MARK,
        name: "missing-mark",
        title: "用符号代替数字",
        level: Level::Query,
        remedy: "确为零的填 0；没有数的留空并说明原因",
    },
    CollectCheck {
        code: BLANK_CELL,
        name: "blank-cell",
        title: "必填项空白",
        level: Level::Error,
        remedy: "补填后重报；空白不等于零",
    },
    CollectCheck {
        code: DITTO_IN_NUMBER,
        name: "ditto-in-number",
        title: "数字栏填“同上”",
        level: Level::Error,
        remedy: "逐格填报数字",
    },
    CollectCheck {
        code: NUMBER_IN_MERGE,
        name: "number-in-merge",
        title: "数字填在合并单元格中",
        level: Level::Error,
        remedy: "取消合并，逐行填报",
    },
    CollectCheck {
        code: UNIT_SUFFIX,
        name: "unit-suffix-unlike",
        title: "所带单位不符",
        level: Level::Error,
        remedy: "按本栏计量单位填报，单元格内只填数字",
    },
    CollectCheck {
        code: NUMBER_TOO_LARGE,
        name: "number-too-large",
        title: "数字过大",
        level: Level::Error,
        remedy: "核对数字和计量单位",
    },
    CollectCheck {
        code: TEXT_NUMBER,
        name: "text-number",
        title: "数字存成文本",
        level: Level::Hint,
        remedy: "已按所写数字读取；建议设为数值格式",
    },
    CollectCheck {
        code: WIDE_DIGITS,
        name: "wide-digits",
        title: "全角或带分隔符的数字",
        level: Level::Hint,
        remedy: "已按所写数字读取；建议用半角数字",
    },
    CollectCheck {
        code: UNIT_IN_CELL,
        name: "unit-in-cell",
        title: "数字带单位",
        level: Level::Hint,
        remedy: "已按所写数字读取；单元格内只填数字即可",
    },
    CollectCheck {
        code: DITTO_MARK,
        name: "ditto-mark",
        title: "“同上”已展开",
        level: Level::Hint,
        remedy: "已取上一行内容；建议逐格填写",
    },
    CollectCheck {
        code: TEN_THOUSAND,
        name: "ten-thousand",
        title: "带“万”的数字已换算",
        level: Level::Hint,
        remedy: "已换算为个位数；建议直接填写",
    },
    CollectCheck {
        code: DATE_AS_NUMBER,
        name: "date-as-number",
        title: "日期存成数字",
        level: Level::Hint,
        remedy: "已按日期序列号读取；建议设为日期格式",
    },
    CollectCheck {
        code: PERCENT_DECIDED,
        name: "percent-decided",
        title: "百分数按分子分母判定",
        level: Level::Hint,
        remedy: "已按本行分子、分母判定；建议写成“95%”",
    },
    CollectCheck {
        code: PADDED_CODE,
        name: "padded-code",
        title: "编号存成数字",
        level: Level::Hint,
        remedy: "已按显示格式补足前导零；建议设为文本格式",
    },
    CollectCheck {
        code: TIME_DROPPED,
        name: "time-dropped",
        title: "日期带时刻",
        level: Level::Hint,
        remedy: "只取日期",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_in_order() {
        let codes: Vec<_> = CATALOGUE.iter().map(|c| c.code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        let mut names: Vec<_> = CATALOGUE.iter().map(|c| c.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOGUE.len());
    }
}
