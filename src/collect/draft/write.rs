//! The proposal as TOML, each guess with the cells behind it in a comment.

use std::fmt::Write as _;

use super::columns::{DraftedColumn, TakenNames};
use super::matrix::Codes;
use super::relations::Relations;
use super::sheet::DraftedTable;
use crate::collect::dates::Stated;
use crate::collect::text::without_unit;
use crate::definition::{FieldType, Layout};
use crate::model::{Frequency, Period};

/// All that is proposed for a table.
#[derive(Debug)]
pub(super) struct Proposal {
    pub columns: Vec<DraftedColumn>,
    /// The column whose codes are the lines.
    pub items: Option<usize>,
    pub codes: Option<Codes>,
    pub key: Vec<String>,
    pub key_why: String,
    pub relations: Relations,
}

pub(super) fn toml(file: &str, tables: &[DraftedTable], proposals: &[Proposal]) -> String {
    let mut text = format!(
        "# {} 的草稿。每一处都是猜的，注释里是依据的单元格：逐项核对，改好再用；没有放进 pipeline 的，什么也不影响。\n",
        comment(file)
    );
    let mut lists = Vec::new();
    let mut forms = String::new();
    for (number, (table, proposal)) in (1..).zip(tables.iter().zip(proposals)) {
        form(&mut forms, &mut lists, number, table, proposal);
    }
    if !lists.is_empty() {
        text.push_str("\n# ==== 以下是代码表，放进 pipeline/codelists.toml ====\n");
        text.push_str(
            "# 只有表里见到的填法，可能不全；id 用在结果编号里，改成有意义的小写字母。\n",
        );
        for (id, column) in &lists {
            text.push('\n');
            codelist(&mut text, "", id, &column.title, &column.codes);
        }
    }
    text.push_str("\n# ==== 以下是报表，放进 pipeline/programmes/ 里的一个文件 ====\n");
    text + &forms
}

/// Text that stays inside a comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// `before` begins each line.
fn codelist(text: &mut String, before: &str, id: &str, title: &str, codes: &[String]) {
    let _ = writeln!(text, "{before}[{id}]\n{before}title = {}", quoted(title));
    let _ = writeln!(text, "{before}codes = [");
    for (number, code) in (1..).zip(codes) {
        let _ = writeln!(text, "{before}  {{ code = {}, id = \"c{number}\" }},", quoted(code));
    }
    let _ = writeln!(text, "{before}]");
}

fn form<'p>(
    text: &mut String,
    lists: &mut Vec<(String, &'p DraftedColumn)>,
    number: usize,
    table: &DraftedTable,
    proposal: &'p Proposal,
) {
    let title = table.title.as_ref();
    let (words, place) = match title {
        Some(found) => (found.text.clone(), found.at.to_string()),
        None => (table.sheet.name.clone(), "工作表的名称".to_owned()),
    };
    let (frequency, why) = frequency(table, &words);
    let sheet = match table.sheet.name.as_str() {
        "" => String::new(),
        name => format!("# 工作表“{}”\n", comment(name)),
    };
    let row = proposal.key.first().and_then(|key| proposal.columns.iter().find(|c| c.name == *key));
    let row = match table.layout {
        Layout::KeyValue if proposal.key.is_empty() => "一个单位".to_owned(),
        _ => row.map_or("一项".to_owned(), |column| format!("一个{}", column.title)),
    };
    let _ = write!(
        text,
        "\n{sheet}[[form]]\nid = \"form{number}\"  # 改成有意义的小写字母，结果编号里用它\n\
         title = {}  # {place}；凭它和表头认表，不要有单位名称和年月\n\
         row = {}  # 一行是什么\n\
         frequency = \"{}\"  # {why}\n\
         owed_by = [\"township\"]  # 看不出：改成应报的单位种类（单位名录的 kind）\n\
         # due = \"+10 working days\"  # 看不出：报送期限；不考核及时性的不写\n",
        quoted(&words),
        quoted(&row),
        frequency.id(),
    );
    shape(text, table, proposal);
    text.push_str("field = [\n");
    for (at, column) in proposal.columns.iter().enumerate() {
        let id = format!("list{}", lists.len() + 1);
        let field = field(at, column, proposal, &id);
        let _ = writeln!(text, "  {{ {field} }},  # {}，{}", column.at, column.why);
        if !column.codes.is_empty() {
            lists.push((id, column));
        }
    }
    text.push_str("]\n");
    relations(text, proposal);
    if let Some(codes) = &proposal.codes {
        unpivot(text, codes, proposal);
    }
}

/// How the rows stand on paper, and what tells them apart.
fn shape(text: &mut String, table: &DraftedTable, proposal: &Proposal) {
    let said = match table.layout {
        Layout::Table => "",
        Layout::KeyValue => "layout = \"key-value\"  # 栏名在左，值在右；一份报表一行\n",
        Layout::Transposed => "layout = \"transposed\"  # 栏名自上而下，右边一列一行\n",
    };
    text.push_str(said);
    if table.layout == Layout::KeyValue && table.rows > 1 {
        text.push_str("repeats = true  # 同一组栏名不止一遍，一遍一行\n");
    }
    if !proposal.key_why.is_empty() {
        let _ = writeln!(text, "primary_key = {}  # {}", list(&proposal.key), proposal.key_why);
    }
    if let Some(at) = proposal.items {
        let _ = writeln!(
            text,
            "items = {{ field = {}, every_row = true }}  # 各行像是固定的项目，缺一项、多一项都退回；不是的删去",
            quoted(&proposal.columns[at].name)
        );
    }
}

/// The other way to define columns under one title: as the codes of a column.
fn unpivot(text: &mut String, codes: &Codes, proposal: &Proposal) {
    let columns = || codes.columns.iter().map(|&at| &proposal.columns[at]);
    let titles: Vec<String> = columns().map(|column| column.title.clone()).collect();
    let (bare, measure) = without_unit(&codes.over, "");
    let Some(first) = columns().next() else { return };
    let measure = measure.unwrap_or_default();
    let name = TakenNames::default().of(&bare);
    let total = codes.total.map(|at| &proposal.columns[at]);
    let total = total.map_or(String::new(), |c| format!(", total = {}", quoted(&c.title)));
    let mut kind = format!("type = \"{}\"", first.kind.id());
    if first.kind.is_fractional() {
        let _ = write!(kind, ", decimals = {}", first.decimals);
    }
    if !measure.is_empty() {
        let _ = write!(kind, ", unit = {}", quoted(&measure));
    }
    let _ = write!(
        text,
        "\n# 另一种写法：{} 这几栏如果是一个代码栏的各个代码（各领域、各行业），要按它分出指标的，去掉上面这几栏\n\
         # （和合计栏、用到它们的 parts），primary_key 加上“类别”，再加这些：\n\
         # unpivot = {{ dimension = \"类别\", value = {}{total} }}\n\
         #   {{ name = \"类别\", title = \"类别\", type = \"code\", codelist = \"kinds\", required = true, filled = true }},\n\
         #   {{ name = {}, title = {}, {kind}, required = true, filled = true }},\n\
         # 代码表：\n",
        comment(&titles.join("、")),
        quoted(&name),
        quoted(&name),
        quoted(&bare),
    );
    codelist(text, "# ", "kinds", "类别", &titles);
}

fn frequency(table: &DraftedTable, title: &str) -> (Frequency, String) {
    let words = [
        ("月", Frequency::Monthly),
        ("季", Frequency::Quarterly),
        ("半年", Frequency::HalfYearly),
        ("年", Frequency::Annual),
    ];
    let named = words.iter().find(|(word, _)| {
        title.contains(&format!("{word}报")) || title.contains(&format!("{word}度"))
    });
    if let Some((word, frequency)) = named {
        return (*frequency, format!("标题里有“{word}”"));
    }
    let stated = table.period.as_ref().and_then(|(stated, at)| {
        let frequency = match stated {
            Stated::Period(Period::Month(..)) => Frequency::Monthly,
            Stated::Period(Period::Quarter(..)) => Frequency::Quarterly,
            Stated::Period(Period::Half(..)) => Frequency::HalfYearly,
            Stated::Period(Period::Year(_)) => Frequency::Annual,
            _ => return None,
        };
        Some((frequency, format!("{at} 的报告期")))
    });
    stated.unwrap_or_else(|| {
        (
            Frequency::Monthly,
            "看不出：monthly、quarterly、half-yearly、annual、event 或 once".to_owned(),
        )
    })
}

/// The keys of a field as an inline table.
fn field(at: usize, column: &DraftedColumn, proposal: &Proposal, list: &str) -> String {
    let relations = &proposal.relations;
    let name = |at: usize| quoted(&proposal.columns[at].name);
    let mut keys = vec![
        format!("name = {}", quoted(&column.name)),
        format!("title = {}", quoted(&column.title)),
        format!("type = \"{}\"", column.kind.id()),
    ];
    let is_fractional = column.kind.is_fractional();
    keys.extend(is_fractional.then(|| format!("decimals = {}", column.decimals)));
    let measured = column.kind.is_number() && !column.unit.is_empty();
    keys.extend(measured.then(|| format!("unit = {}", quoted(&column.unit))));
    keys.extend((!column.codes.is_empty()).then(|| format!("codelist = \"{list}\"")));
    keys.push("required = true".to_owned());
    keys.extend(
        (column.filled || proposal.key.contains(&column.name)).then(|| "filled = true".to_owned()),
    );
    keys.extend(column.personal.then(|| "personal = true".to_owned()));
    let part = relations.parts.iter().find(|(part, _)| *part == at);
    keys.extend(part.map(|(_, whole)| format!("part_of = {}", name(*whole))));
    let due = relations.due.iter().find(|(real, _)| *real == at);
    keys.extend(due.map(|(_, due)| format!("due = {}", name(*due))));
    let ratio = relations.ratios.iter().find(|(percent, ..)| *percent == at);
    keys.extend(ratio.map(|(_, n, d)| format!("ratio_of = [{}, {}]", name(*n), name(*d))));
    let odd = relations.not_added.contains(&at);
    let additive = odd && matches!(column.kind, FieldType::Integer | FieldType::Money);
    keys.extend(additive.then(|| "additive = false".to_owned()));
    keys.join(", ")
}

fn relations(text: &mut String, proposal: &Proposal) {
    let name = |at: usize| quoted(&proposal.columns[at].name);
    let relations = &proposal.relations;
    for (whole, parts, rows) in &relations.sums {
        let of: Vec<String> =
            parts.iter().map(|&part| proposal.columns[part].name.clone()).collect();
        let _ = write!(
            text,
            "\n[[form.parts]]  # {rows} 行都相等\nwhole = {}\nof = {}\ncomplete = true\n",
            name(*whole),
            list(&of)
        );
    }
    for (opening, closing) in &relations.stocks {
        let _ = write!(
            text,
            "\n[[form.stock]]  # 按栏名：本期的期初应等于上期的期末\nopening = {}\nclosing = {}\n",
            name(*opening),
            name(*closing)
        );
    }
    if relations.totalled {
        let odd: Vec<&str> =
            relations.not_added.iter().map(|&at| proposal.columns[at].title.as_str()).collect();
        let said = if odd.is_empty() {
            "合计行各栏都等于各行之和".to_owned()
        } else {
            format!("合计行的这些栏不等于各行之和：{}", odd.join("、"))
        };
        let _ = writeln!(text, "# {}", comment(&said));
    }
}
