//! What each column seems to be: name, type, measure, codes, whether it is always filled. Values
//! decide where there are any; in a blank form the words of the title do.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{DraftedTable, Titled};
use crate::collect::dates;
use crate::collect::text::{compact, without_unit};
use crate::collect::typing::{decimal_of, raw_text, times_hundred};
use crate::collect::workbook::{Cell, CellValue, Shown};
use crate::definition::FieldType;
use crate::model::{CellRef, Decimal};

/// More different values are no list.
const MOST_CODES: usize = 12;
/// Longer texts are names or sentences.
const LONGEST_CODE: usize = 10;

/// One column of the proposal.
#[derive(Debug)]
pub(super) struct DraftedColumn {
    pub name: String,
    pub title: String,
    pub at: CellRef,
    pub kind: FieldType,
    pub decimals: u8,
    pub unit: String,
    /// The words that were found, where they seem to be all that there are.
    pub codes: Vec<String>,
    pub filled: bool,
    pub personal: bool,
    /// What the guess was made from.
    pub why: String,
    /// By row.
    pub texts: Vec<Option<String>>,
    /// By row, where the column has numbers.
    pub numbers: Vec<Option<Decimal>>,
}

/// Names of columns that are taken.
#[derive(Debug, Default)]
pub(super) struct TakenNames(BTreeSet<String>);

impl TakenNames {
    /// A name for formulas: the title without what a name may not hold.
    pub(super) fn of(&mut self, title: &str) -> String {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let kept = |c: &char| han(*c) || c.is_ascii_alphanumeric();
        let mut name: String = title.chars().filter(kept).collect::<String>().to_ascii_lowercase();
        if !name.starts_with(han) && !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert(0, '栏');
        }
        let same =
            |number: usize| if number == 1 { name.clone() } else { format!("{name}{number}") };
        let free = (1..).map(same).find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

pub(super) fn columns_of(table: &DraftedTable) -> Vec<DraftedColumn> {
    let mut names = TakenNames::default();
    let titles = titles_of(&table.columns);
    let titled = table.columns.iter().zip(titles);
    titled.map(|(titled, title)| column(table, titled, &title, &mut names)).collect()
}

/// Does a text say what stands beside it, as titles do and names of things do not?
pub(super) fn says_what(text: &str) -> bool {
    let (bare, measure) = without_unit(text, "");
    let measure = measure.unwrap_or_default();
    ends(&bare, &["名称", "姓名", "备注"])
        || ["支部", "党支部", "单位", "村", "社区"].contains(&&*bare)
        || is_personal(&bare)
        || by_title(&bare, &measure).kind != FieldType::Text
}

/// The lowest title where it tells columns apart, else with all that stands above it.
fn titles_of(columns: &[Titled]) -> Vec<String> {
    let joined = |titled: &Titled, from: usize| -> String {
        titled.path.iter().skip(from).map(|(_, text)| compact(text)).collect()
    };
    let leaf = |titled: &Titled| joined(titled, titled.path.len() - 1);
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for titled in columns {
        *count.entry(leaf(titled)).or_default() += 1;
    }
    let says_little = ["小计", "合计", "计", "其他", "人数", "数量", "个数"];
    let title = |titled: &Titled| {
        let leaf = leaf(titled);
        let alone = count.get(&leaf) == Some(&1) && !says_little.contains(&leaf.as_str());
        if alone { leaf } else { joined(titled, 0) }
    };
    columns.iter().map(title).collect()
}

fn column(
    table: &DraftedTable,
    titled: &Titled,
    title: &str,
    names: &mut TakenNames,
) -> DraftedColumn {
    let (bare, measure) = without_unit(title, "");
    let measure = measure.unwrap_or_default();
    let cells: Vec<Option<&Cell>> =
        titled.cells.iter().map(|cell| cell.filter(|c| !says_nothing(c))).collect();
    let text = |cell: &Cell| compact(&raw_text(cell, table.sheet.from_1904)).into_owned();
    let texts: Vec<Option<String>> = cells.iter().map(|cell| cell.map(text)).collect();
    let typed: Vec<(&Cell, &str)> = cells
        .iter()
        .zip(&texts)
        .filter_map(|(cell, text)| Some(((*cell)?, text.as_deref()?)))
        .collect();
    let guess = if typed.is_empty() {
        by_title(&bare, &measure)
    } else {
        by_values(&bare, &measure, &typed)
    };
    let numbers = cells.iter().map(|cell| cell.filter(|_| guess.kind.is_number()).and_then(number));
    DraftedColumn {
        name: names.of(&bare),
        at: titled.at(),
        decimals: guess.decimals,
        unit: if guess.kind.is_number() { measure } else { String::new() },
        codes: guess.codes,
        filled: !cells.is_empty() && typed.len() == cells.len(),
        personal: is_personal(&bare),
        why: why(&cells, &guess.why),
        numbers: numbers.collect(),
        kind: guess.kind,
        // As printed: comparing made it narrow.
        title: bare.replace(':', "："),
        texts,
    }
}

/// 无, — and the like are no value to guess from.
fn says_nothing(cell: &Cell) -> bool {
    cell.text().is_some_and(|text| {
        let text = compact(text);
        text.is_empty() || ["无", "-", "—", "/", "〃", "同上"].contains(&&*text)
    })
}

/// `B4—B20 的 17 格`, or that there is nothing to see.
fn why(cells: &[Option<&Cell>], what: &str) -> String {
    let typed: Vec<&Cell> = cells.iter().flatten().copied().collect();
    let (Some(first), Some(last)) = (typed.first(), typed.last()) else {
        return format!("没有填写的格，按栏名猜：{what}");
    };
    let at = |cell: &Cell| CellRef::new(cell.row, cell.column);
    match typed.len() {
        1 => format!("{} 一格：{what}", at(first)),
        count => format!("{}—{} 的 {count} 格：{what}", at(first), at(last)),
    }
}

fn is_personal(title: &str) -> bool {
    let words = ["姓名", "身份证", "电话", "手机", "联系方式", "出生", "住址", "银行卡", "账号"];
    words.iter().any(|word| title.contains(word))
}

struct Guess {
    kind: FieldType,
    decimals: u8,
    codes: Vec<String>,
    why: String,
}

impl Guess {
    fn of(kind: FieldType, why: impl Into<String>) -> Self {
        let decimals = match kind {
            FieldType::Percent => 1,
            FieldType::Decimal | FieldType::Money => 2,
            _ => 0,
        };
        Self { kind, decimals, codes: Vec::new(), why: why.into() }
    }
}

const IDS: &[&str] =
    &["代码", "编号", "编码", "证号", "号码", "文号", "电话", "手机号", "身份证", "账号", "卡号"];
/// Names of things, however few of them there are.
const NAMES: &[&str] = &["名称", "姓名", "支部", "党委", "单位", "村名", "乡镇", "内容", "事项"];
/// What is measured finer than it is counted.
const MEASURED: &[&str] =
    &["得分", "评分", "分数", "平均分", "总分", "分值", "积分", "时长", "学时"];
const RATES: &[&str] = &["率", "比例", "占比", "百分", "比重"];

fn has(title: &str, words: &[&str]) -> bool {
    words.iter().any(|word| title.contains(word))
}

fn ends(title: &str, words: &[&str]) -> bool {
    words.iter().any(|word| title.ends_with(word))
}

fn is_money(measure: &str) -> bool {
    ["元", "千元", "万元", "亿元"].contains(&measure)
}

const MONEY: &[&str] = &["资金", "金额", "经费", "投资", "收入", "党费"];
/// Titles of columns in which one of a few words stands.
const SORTED: &[&str] = &[
    "类别", "类型", "类", "等次", "等级", "级别", "性质", "性别", "民族", "学历", "领域", "结论",
    "结果", "方式", "状态", "变动", "形式",
];

fn is_fine(measure: &str) -> bool {
    ["分", "小时", "学时", "平方米", "公里"].contains(&measure)
}

/// A blank form: only its words speak.
fn by_title(title: &str, measure: &str) -> Guess {
    let counted = ["数", "人次", "票", "合计", "小计", "总计", "名次", "顺序"];
    let begun = [
        "应到", "应参", "应报", "应有", "实到", "实参", "实报", "实有", "期初", "期末", "新增",
        "减少", "转出", "转入", "其中", "累计",
    ];
    let title = title.split_once('(').map_or(title, |(title, _)| title);
    let words = |kind| Guess::of(kind, "栏名");
    if has(title, IDS) {
        words(FieldType::Code)
    } else if has(title, RATES) || measure == "%" {
        words(FieldType::Percent)
    } else if is_money(measure) || ends(title, MONEY) {
        words(FieldType::Money)
    } else if ends(title, MEASURED) || is_fine(measure) {
        words(FieldType::Decimal)
    } else if !measure.is_empty() {
        Guess::of(FieldType::Integer, "计量单位")
    } else if ends(title, &["年月", "月份"]) {
        words(FieldType::Month)
    } else if ends(title, &["日期", "时间", "时限", "期限", "日"]) || has(title, &["年月日"])
    {
        words(FieldType::Date)
    } else if title.starts_with("是否") || title.starts_with("有无") {
        words(FieldType::Boolean)
    } else if ends(title, &counted) || begun.iter().any(|word| title.starts_with(word)) {
        words(FieldType::Integer)
    } else if ends(title, SORTED) {
        Guess::of(FieldType::Code, "栏名；空表看不出有哪些填法，请在代码表里列出，再写 codelist")
    } else {
        Guess::of(FieldType::Text, "栏名没有数、日期的字样")
    }
}

fn by_values(title: &str, measure: &str, typed: &[(&Cell, &str)]) -> Guess {
    let all =
        |fits: &dyn Fn(&Cell, &str) -> bool| typed.iter().all(|(cell, text)| fits(cell, text));
    let different: BTreeSet<&str> = typed.iter().map(|(_, text)| *text).collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if all(&|cell, _| cell.shown == Shown::Date)
        || all(&|cell, text| {
            let written = text.contains(['-', '.', '/', '年']) && cell.text().is_some();
            let digits = text.len() == 8 && has(title, &["日期", "时间"]);
            (written || digits) && dates::date(text).is_some()
        })
    {
        return Guess::of(FieldType::Date, "都是日期");
    }
    let about_months = has(title, &["年月", "月份", "时间", "日期"]);
    if all(&|_, text| {
        (about_months || text.contains('年') || text.contains('-')) && dates::month(text).is_some()
    }) {
        return Guess::of(FieldType::Month, "都是年月");
    }
    if has(title, IDS) || all(&|_, text| text.len() > 1 && text.starts_with('0') && digits(text)) {
        return Guess::of(FieldType::Code, "都是编号");
    }
    if all(&|cell, _| number(cell).is_some()) {
        return by_numbers(title, measure, typed);
    }
    let yes_no = ["是", "否", "有", "√", "×", "Y", "N"];
    if different.iter().all(|text| yes_no.contains(text)) {
        return Guess::of(FieldType::Boolean, "只有是、否一类");
    }
    if all(&|_, text| text.len() >= 3 && text.is_ascii()) {
        return Guess::of(FieldType::Code, "都是字母、数字的编号");
    }
    if !ends(title, NAMES) && is_list(&different, typed.len(), ends(title, SORTED)) {
        let seen = different.len();
        let codes = in_order(typed);
        let why = format!("只有 {seen} 种填法");
        return Guess { codes, ..Guess::of(FieldType::Code, why) };
    }
    Guess::of(FieldType::Text, format!("{} 种文字", different.len()))
}

/// Few short words, each used again and again, or under a title that says so.
fn is_list(different: &BTreeSet<&str>, count: usize, titled: bool) -> bool {
    let short = different.iter().all(|text| text.chars().count() <= LONGEST_CODE);
    let again = count >= 4 && different.len() * 2 <= count;
    short && different.len() <= MOST_CODES && (again || titled)
}

/// Different words in the order in which they are seen first.
fn in_order(typed: &[(&Cell, &str)]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    typed
        .iter()
        .filter(|(_, text)| seen.insert(*text))
        .map(|(_, text)| (*text).to_owned())
        .collect()
}

fn by_numbers(title: &str, measure: &str, typed: &[(&Cell, &str)]) -> Guess {
    let numbers: Vec<Decimal> = typed.iter().filter_map(|(cell, _)| number(cell)).collect();
    let places = numbers.iter().map(|n| n.places).max().unwrap_or(0);
    let shown = |(cell, text): &(&Cell, &str)| match cell.shown {
        Shown::Percent { places } => Some(places),
        _ => text.ends_with('%').then_some(0),
    };
    if typed.iter().any(|one| shown(one).is_some()) || measure == "%" || ends(title, RATES) {
        let decimals = typed.iter().filter_map(shown).max().unwrap_or(0).max(places);
        return Guess { decimals, ..Guess::of(FieldType::Percent, "百分数") };
    }
    if is_money(measure) || ends(title, MONEY) {
        let decimals = places.max(2);
        return Guess { decimals, ..Guess::of(FieldType::Money, "是钱") };
    }
    if places > 0 {
        let why = format!("最多 {places} 位小数");
        return Guess { decimals: places, ..Guess::of(FieldType::Decimal, why) };
    }
    if ends(title, MEASURED) || is_fine(measure) {
        return Guess::of(FieldType::Decimal, "整数，但这样的栏可能有小数");
    }
    Guess::of(FieldType::Integer, "都是整数")
}

/// The number that a cell holds; per cent as it is shown.
pub(super) fn number(cell: &Cell) -> Option<Decimal> {
    match &cell.value {
        CellValue::Number(value) => {
            let exact = decimal_of(*value)?;
            let percent = matches!(cell.shown, Shown::Percent { .. });
            if percent { times_hundred(exact) } else { Some(exact) }
        }
        CellValue::Text(text) => {
            let text = compact(text);
            let plain = text.strip_suffix('%').unwrap_or(&text).replace(',', "");
            let leading_zero = plain.len() > 1 && plain.starts_with('0') && !plain.contains('.');
            let short = plain.len() < 15 && !leading_zero;
            short.then(|| Decimal::parse(&plain)).flatten()
        }
        _ => None,
    }
}

/// The column, else the pair of columns, that tells the rows apart.
pub(super) fn key_of(columns: &[DraftedColumn], rows: usize) -> (Vec<String>, String) {
    let mut usable: Vec<&DraftedColumn> = columns.iter().filter(|c| !c.kind.is_number()).collect();
    // A number of its own is made to be the key; a name of a person is not.
    usable.sort_by_key(|c| (c.personal, !has(&c.title, &["代码", "编号", "编码"])));
    let name = |columns: &[&DraftedColumn]| columns.iter().map(|c| c.name.clone()).collect();
    if rows < 2 {
        let first: Vec<&DraftedColumn> = usable.into_iter().take(1).collect();
        return (name(&first), "没有两行以上的数据，取第一个不是数的栏".to_owned());
    }
    for &column in &usable {
        if tells_apart(&[column], rows) {
            return (name(&[column]), format!("{rows} 行各不相同"));
        }
    }
    for (number, &first) in usable.iter().enumerate() {
        for &second in &usable[number + 1..] {
            if tells_apart(&[first, second], rows) {
                return (name(&[first, second]), format!("两栏合起来，{rows} 行各不相同"));
            }
        }
    }
    (Vec::new(), "没有一栏或两栏分得开各行，请看哪几栏合起来可以".to_owned())
}

fn tells_apart(columns: &[&DraftedColumn], rows: usize) -> bool {
    let key = |row: usize| -> Option<Vec<&str>> {
        columns.iter().map(|c| c.texts.get(row)?.as_deref()).collect()
    };
    let keys: BTreeSet<Vec<&str>> = (0..rows).filter_map(key).collect();
    keys.len() == rows
}
