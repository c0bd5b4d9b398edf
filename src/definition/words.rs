//! The vocabulary of sentence templates: names, arguments, what each word says.

use std::collections::BTreeMap;

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    /// Id of an indicator.
    Indicator,
    /// `previous`, `year_ago` or `year_begin`.
    Against,
    /// `=`, `<`, `<=`, `>`, `>=`.
    Operator,
    /// A decimal number.
    Number,
    /// A ranking group of the register.
    Group,
    /// A state of returns.
    State,
    /// Any text.
    Text,
}

/// A word of the vocabulary.
#[derive(Debug)]
pub(super) struct Word {
    pub name: &'static str,
    pub arguments: &'static [Argument],
    /// May `class = "…"` or `<dimension> = "…"` choose another figure of the indicator?
    pub chooses: bool,
    pub usage: &'static str,
    /// What it says, in Chinese, for the reference page.
    pub help: &'static str,
}

pub(super) const AGAINST: [&str; 3] = ["previous", "year_ago", "year_begin"];
pub(super) const OPERATORS: [&str; 5] = ["=", "<", "<=", ">", ">="];
pub(super) const STATES: [&str; 7] =
    ["owed", "accepted", "queried", "rejected", "missing", "late", "unjudged"];

use Argument::{Against, Group, Indicator, Number, Operator, State, Text};

pub(super) const WORDS: &[Word] = &[
    Word {
        name: "value",
        arguments: &[Indicator],
        chooses: true,
        usage: "value(\"指标\")",
        help: "印出的数和单位，如 22.2%、4个",
    },
    Word {
        name: "numerator",
        arguments: &[Indicator],
        chooses: true,
        usage: "numerator(\"指标\")",
        help: "分子，不带单位",
    },
    Word {
        name: "denominator",
        arguments: &[Indicator],
        chooses: true,
        usage: "denominator(\"指标\")",
        help: "分母，不带单位",
    },
    Word {
        name: "fraction",
        arguments: &[Indicator],
        chooses: true,
        usage: "fraction(\"指标\")",
        help: "分子/分母，如 4/18",
    },
    Word {
        name: "compare",
        arguments: &[Indicator, Against],
        chooses: true,
        usage: "compare(\"指标\", \"previous\")",
        help: "与上期（previous）、上年同期（year_ago）、年初（year_begin，只用于期末数）相比的差，如 比上月提高2.3个百分点；本年累计的个数与上期比，说本期新增；不可比时为空",
    },
    Word {
        name: "growth",
        arguments: &[Indicator, Against],
        chooses: true,
        usage: "growth(\"指标\", \"previous\")",
        help: "与上期、上年同期、年初相比的增幅，如 比上月增长12.5%、增长1.1倍；基数为零时说增减的数；不可比时为空",
    },
    Word {
        name: "times",
        arguments: &[Indicator, Against],
        chooses: true,
        usage: "times(\"指标\", \"previous\")",
        help: "为上期、上年同期、年初的几倍，如 为上届的12.1倍；基数为零时说增减的数；不可比时为空",
    },
    Word {
        name: "target",
        arguments: &[Indicator],
        chooses: false,
        usage: "target(\"指标\")",
        help: "目标，如 80%",
    },
    Word {
        name: "has",
        arguments: &[Indicator, Operator, Number],
        chooses: true,
        usage: "has(\"指标\", \">\", 0)",
        help: "数是否符合条件，用于 {% if %}",
    },
    Word {
        name: "met",
        arguments: &[Indicator],
        chooses: true,
        usage: "met(\"指标\")",
        help: "是否达到目标，用于 {% if %}",
    },
    Word {
        name: "parts",
        arguments: &[Indicator, Text],
        chooses: false,
        usage: "parts(\"指标\", \"个\")",
        help: "构成或环节逐项的数和占比，如 好88个、占21.0%；为零的不说",
    },
    Word {
        name: "ranking",
        arguments: &[Indicator, Number],
        chooses: false,
        usage: "ranking(\"指标\", 3)",
        help: "各组居前几位和末位的单位，同数同名次；组内不足三个单位或没有差别的不说",
    },
    Word {
        name: "best",
        arguments: &[Indicator, Group, Number],
        chooses: false,
        usage: "best(\"指标\", \"乡镇\", 3)",
        help: "组内名次在前的单位（名单）",
    },
    Word {
        name: "worst",
        arguments: &[Indicator, Group, Number],
        chooses: false,
        usage: "worst(\"指标\", \"乡镇\", 1)",
        help: "组内名次在后的单位（名单）",
    },
    Word {
        name: "units",
        arguments: &[Indicator, Operator, Number],
        chooses: false,
        usage: "units(\"指标\", \"=\", 0)",
        help: "数符合条件的单位（名单）",
    },
    Word {
        name: "categories",
        arguments: &[Indicator, Text, Operator, Number],
        chooses: false,
        usage: "categories(\"指标\", \"domain\", \"=\", 0)",
        help: "分组的数符合条件的各类（名单）",
    },
    Word {
        name: "below",
        arguments: &[Indicator],
        chooses: false,
        usage: "below(\"指标\")",
        help: "没有达到目标的单位和它们的数（名单）",
    },
    Word {
        name: "top",
        arguments: &[Indicator, Text, Number],
        chooses: false,
        usage: "top(\"指标\", \"spot\", 3)",
        help: "分组中数最大的几类和它们的数（名单），如 旧寨村（95.00分）；单位和类交叉的说 麻田镇的123工作法；同数的都说，名额不够就不说",
    },
    Word {
        name: "pace",
        arguments: &[Indicator],
        chooses: false,
        usage: "pace(\"指标\")",
        help: "与时序进度相比，如 比时序进度75%慢9.2个百分点；只用于本年累计的完成率",
    },
    Word {
        name: "first",
        arguments: &[Indicator],
        chooses: true,
        usage: "first(\"指标\")",
        help: "此前没有数时说 首次，否则为空",
    },
    Word {
        name: "parameter",
        arguments: &[Text],
        chooses: false,
        usage: "parameter(\"工作室时限\")",
        help: "circular.toml 里 [parameters] 的一项，如责任人、数量",
    },
    Word {
        name: "day",
        arguments: &[Text],
        chooses: false,
        usage: "day(\"启动时限\")",
        help: "circular.toml 里 [days] 的一项，从报告期算起，如 12月31日",
    },
    Word {
        name: "deadline",
        arguments: &[],
        chooses: false,
        usage: "deadline()",
        help: "circular.toml 的 deadline（问题清单的时限），如 12月20日",
    },
    Word {
        name: "tally",
        arguments: &[State],
        chooses: false,
        usage: "tally(\"late\")",
        help: "有该状态报表的单位各几份，如 麻田镇4份、桐峪镇和粟城乡各1份；状态同下",
    },
    Word {
        name: "returns",
        arguments: &[State],
        chooses: false,
        usage: "returns(\"owed\")",
        help: "参加排名的各组单位（没有分组的，全部单位）本期报表的份数：应报 owed、采用 accepted、待核实 queried、退回 rejected、未报 missing、迟报 late、无法判断是否迟报 unjudged；有无法判断的，late 没有数，先问 unjudged",
    },
    Word {
        name: "senders",
        arguments: &[State],
        chooses: false,
        usage: "senders(\"late\")",
        help: "有该状态报表的单位（名单）；状态同上",
    },
];

/// Names that stand for one text in the whole circular.
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("period", "报告期，如 2013年10月"),
    ("county", "全县名称"),
    ("organisation", "发文单位"),
    (
        "unit_kind",
        "本级报告里的各行是什么：县里是 党委，市、省是它的下一级，如 县（下级不是同一种的是 单位）",
    ),
];

pub(super) const FILTERS: &[(&str, &str)] = &[
    ("clause", "不空时前面加“，”，用于可能没有的分句"),
    ("names", "名单写成 甲、乙、丙；names(3) 最多写三个，其余写 等n个"),
    ("count", "名单的个数"),
];

pub(super) fn word(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

/// One use of a word: `compare("visitors", "previous")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub word: String,
    pub arguments: Vec<String>,
    /// `class` or the name of a dimension.
    pub options: BTreeMap<String, String>,
}

impl Call {
    /// The indicator that the word speaks of; `None` for words about returns.
    pub fn indicator(&self) -> Option<&str> {
        word(&self.word)
            .is_some_and(Word::takes_indicator)
            .then(|| self.arguments.first())?
            .map(String::as_str)
    }
}

impl Word {
    pub(super) fn takes_indicator(&self) -> bool {
        self.arguments.first() == Some(&Indicator)
    }

    /// Checks what needs no definition: number and form of the arguments.
    pub(super) fn check(&self, call: &Call) -> Result<(), String> {
        let refuse = |why: String| Err(format!("{}{why}，写法如 {}", self.name, self.usage));
        if call.arguments.len() != self.arguments.len() {
            return refuse(format!(" 应有 {} 个参数", self.arguments.len()));
        }
        if !self.chooses && !call.options.is_empty() {
            return refuse(" 不能带名称的参数".to_owned());
        }
        for (argument, text) in self.arguments.iter().zip(&call.arguments) {
            let choices: &[&str] = match argument {
                Against => &AGAINST,
                Operator => &OPERATORS,
                State => &STATES,
                Number if crate::model::Decimal::parse(text).is_none() => {
                    return refuse(format!(" 的“{text}”应为数"));
                }
                _ => continue,
            };
            if !choices.contains(&text.as_str()) {
                return refuse(format!(" 的“{text}”应为 {} 之一", choices.join("、")));
            }
        }
        Ok(())
    }
}
