//! Built-in checks: what the program looks at in every pipeline, without a definition.
//!
//! `G-…` are the rules that hold for every form, `R-…` concern the act of reporting. Each can be
//! switched off or tuned in `pipeline.toml` under its code.

use super::{Level, Scope};

/// One built-in check, as `explain` and the reference pages print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    pub code: &'static str,
    /// Reads well after "allow …".
    pub name: &'static str,
    pub title: &'static str,
    /// The level unless the pipeline says otherwise.
    pub level: Level,
    pub scope: Scope,
    /// What is compared, in one sentence.
    pub checks: &'static str,
    pub remedy: &'static str,
    pub basis: &'static str,
}

const GENERAL: &str = "报表通用审核规则";
const ANNUAL_PRACTICE: &str = "党内统计年报审核惯例";

/// In the order of their codes.
pub const BUILTINS: &[Builtin] = &[
    Builtin {
        code: "G-01",
        name: "total-unlike-its-rows",
        title: "合计与明细不符",
        level: Level::Error,
        scope: Scope::Form,
        checks: "合计、小计行填写的数等于所含明细行之和；填写的数只用于比对，不进入统计。",
        remedy: "核对明细行和合计行，改正填错的一方后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-02",
        name: "part-above-its-whole",
        title: "其中数大于总数",
        level: Level::Error,
        scope: Scope::Form,
        checks: "“其中”数不大于所属总数；互斥的各分项之和不大于总数，分项完备时等于总数。",
        remedy: "核对总数和各分项，改正后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-03",
        name: "number-outside-its-range",
        title: "数值超出取值范围",
        level: Level::Error,
        scope: Scope::Form,
        checks: "个数、人数为不小于零的整数，其他数值在该栏规定的上下限之内。",
        remedy: "核对该格数值，改正后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-04",
        name: "actual-above-due",
        title: "实数大于应数",
        level: Level::Error,
        scope: Scope::Form,
        checks: "实到、实参评等“实”数不大于对应的“应”数。",
        remedy: "核对应数和实数，改正后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-05",
        name: "unknown-code",
        title: "填写内容不在代码表内",
        level: Level::Error,
        scope: Scope::Form,
        checks: "代码栏只填代码表所列的内容或其同义写法，其他写法不归入“其他”。",
        remedy: "按代码表改填后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-06",
        name: "foreign-unit-or-period",
        title: "单位或报告期不符",
        level: Level::Error,
        scope: Scope::Forms,
        checks: "表内填报单位在单位名录中，并与文件名一致；表内报告期与收表文件夹一致。",
        remedy: "核对填报单位、报告期和文件名，改正后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-07",
        name: "repeated-key",
        title: "主键重复",
        level: Level::Error,
        scope: Scope::Forms,
        checks: "同一张表内一个编号（人员、组织等）只出现一行，全县范围内不在两个单位重复出现。",
        remedy: "核实属于哪一行、哪个单位，删去或更正重复的一行后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-08",
        name: "opening-unlike-last-closing",
        title: "期初数与上期期末数不符",
        level: Level::Error,
        scope: Scope::Periods,
        checks: "存量的本期期初数等于上期期末数。",
        remedy: "核对上期报表；上期有误的先更正上期，再报本期",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "G-09",
        name: "falling-cumulative",
        title: "累计数下降",
        level: Level::Error,
        scope: Scope::Periods,
        checks: "年内累计数不小于上期累计数。",
        remedy: "核对本期和上期累计数，改正后重报",
        basis: GENERAL,
    },
    Builtin {
        code: "G-10",
        name: "abnormal-change",
        title: "变化异常",
        level: Level::Query,
        scope: Scope::Periods,
        checks: "本期合计比上期变动超过规定的幅度和数量（年报、半年报默认 20% 且 5，月报、季报默认 50% 且 20），\
                 或者月报、季报与上期逐格相同。",
        remedy: "核实后说明原因；填错的改正后重报",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "G-11",
        name: "uniform-answers",
        title: "填报雷同",
        level: Level::Query,
        scope: Scope::Form,
        checks: "行数较多（默认 10 行起）的报表中，等次全部相同、比率全部为 100% 或数字全部为零的，需要核实。",
        remedy: "核实是否批量填充；属实的写明情况",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "G-12",
        name: "incomplete-correction",
        title: "更正手续不全",
        level: Level::Error,
        scope: Scope::File,
        checks: "更正必须写明更正人、更正时间和原因，原报表保留不动。",
        remedy: "在更正声明中补填更正人、更正时间和原因",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "G-13",
        name: "vanished-row",
        title: "上期记录本期消失",
        level: Level::Error,
        scope: Scope::Periods,
        checks: "台账中上期在册的记录本期仍须列出，只能注明状态和原因，不得直接删除。",
        remedy: "补列缺少的记录，已撤并的注明状态和日期",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "G-14",
        name: "implausible-rate",
        title: "比率超出常理",
        level: Level::Hint,
        scope: Scope::Form,
        checks: "没有规定上下限的百分数栏，数值在 0 到 100 之外时提示。",
        remedy: "核对该比率的分子、分母",
        basis: GENERAL,
    },
    Builtin {
        code: "R-01",
        name: "missing-return",
        title: "未报",
        level: Level::Error,
        scope: Scope::File,
        checks: "应报单位在收表文件夹中有可读的报表。",
        remedy: "催报；已报而无法读取的，按该文件的审核意见改正后重报",
        basis: "报表制度",
    },
    Builtin {
        code: "R-02",
        name: "second-return",
        title: "重复报送",
        level: Level::Error,
        scope: Scope::File,
        checks: "同一单位、同一报表、同一报告期此前已有审核通过的报表时，再报须声明更正。",
        remedy: "确属更正的，在更正声明中写明采用哪个文件；否则撤回",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "R-03",
        name: "idle-explanation",
        title: "审核说明没有对应的核实项",
        level: Level::Hint,
        scope: Scope::File,
        checks: "每条审核说明的编码、单位、报表、单元格对应一项待核实的审核意见。",
        remedy: "核对说明中的编码、单位、报表和单元格；不再需要的删去",
        basis: ANNUAL_PRACTICE,
    },
    Builtin {
        code: "R-04",
        name: "explained-error",
        title: "强制性审核不能以说明代替",
        level: Level::Hint,
        scope: Scope::File,
        checks: "审核说明只用于核实性审核；强制性审核未通过的须改正后重报。",
        remedy: "改正数据后重报，并删去该条说明",
        basis: ANNUAL_PRACTICE,
    },
];

/// The built-in check of a code.
pub fn builtin(code: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|b| b.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_unique_and_complete() {
        assert!(BUILTINS.windows(2).all(|pair| pair[0].code < pair[1].code));
        for number in 1..=14 {
            assert!(builtin(&format!("G-{number:02}")).is_some());
        }
        for check in BUILTINS {
            let legal = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(check.name.chars().all(legal), "{}", check.name);
            assert!(check.checks.ends_with('。') && !check.remedy.is_empty(), "{}", check.code);
        }
    }
}
