//! Reference pages in Chinese: what a pipeline collects, checks and computes, in words.
//!
//! A pure function of the definition, so that a test can hold the committed pages current.

mod checks;
mod described;
mod diagnoses;
mod forms;
mod indicators;
mod manual;
mod sentences;

use std::collections::{BTreeMap, BTreeSet};

use super::{Definition, Programme};
pub use described::Described;

/// The first line of every page; files that begin with it may be replaced or removed.
pub const GENERATED: &str = "<!-- 由 dangtong docs 生成，请勿手工修改 -->";

/// All pages by path below the documentation folder: those of the pipeline's programmes in
/// `programmes/<pipeline>/`, and `checks.md` for the built-in
/// checks, `sentences.md` for the words of sentence templates, `定义手册.md` for every key.
pub fn reference(definition: &Definition) -> BTreeMap<String, String> {
    let folder = format!("programmes/{}", definition.settings.id);
    let mut pages = BTreeMap::new();
    pages.insert("checks.md".to_owned(), checks::builtin_page());
    pages.insert("定义手册.md".to_owned(), manual::page());
    pages.insert("sentences.md".to_owned(), sentences::vocabulary_page());
    pages.insert(format!("{folder}/README.md"), contents(definition));
    for programme in &definition.programmes {
        pages.insert(format!("{folder}/{}.md", programme.id), page(programme, definition));
    }
    pages
}

/// The pipeline in one table.
fn contents(definition: &Definition) -> String {
    let settings = &definition.settings;
    let mut page = Page::new(&settings.title);
    page.paragraph(&escape(&settings.report.notice));
    let rows = definition.programmes.iter().map(|programme| {
        let of = |owner: &str| owner == programme.id;
        let forms = definition.forms.iter().filter(|f| of(&f.programme));
        let codes: BTreeSet<&str> = definition
            .checks
            .iter()
            .filter(|c| of(&c.programme))
            .map(|c| c.code.as_str())
            .collect();
        let indicators = definition.indicators.iter().filter(|i| of(&i.programme)).count();
        vec![
            programme.number.clone(),
            format!("[{}]({}.md)", escape(&programme.title), programme.id),
            forms.map(|f| escape(&f.heading())).collect::<Vec<_>>().join("、"),
            codes.len().to_string(),
            indicators.to_string(),
        ]
    });
    page.table(&["编号", "工作项目", "报表", "审核", "指标"], rows);
    let tuned: Vec<Vec<String>> = settings
        .builtin
        .iter()
        .map(|(code, tuning)| {
            let title = crate::model::builtin(code).map_or("", |b| b.title);
            vec![code.clone(), title.to_owned(), escape(&tuning.in_words())]
        })
        .collect();
    page.paragraph("[内置审核](../../checks.md)对所有报表都做。");
    if !tuned.is_empty() {
        page.paragraph("本管线调整的内置审核：");
        page.table(&["编码", "审核", "调整"], tuned);
    }
    page.text
}

fn page(programme: &Programme, definition: &Definition) -> String {
    let mut page = Page::new(&join(&programme.number, &programme.title));
    page.paragraph(&escape(&programme.note));
    forms::describe(programme, definition, &mut page);
    checks::describe(programme, definition, &mut page);
    indicators::describe(programme, definition, &mut page);
    diagnoses::describe(programme, definition, &mut page);
    sentences::describe(programme, definition, &mut page);
    page.text
}

/// `F05 基层党组织分类定级表`; the title alone when there is no number.
fn join(number: &str, title: &str) -> String {
    format!("{number} {title}").trim().to_owned()
}

impl super::Form {
    /// Number and title, as pages print them.
    pub fn heading(&self) -> String {
        join(&self.number, &self.title)
    }
}

/// A Markdown page being written.
struct Page {
    text: String,
}

impl Page {
    fn new(title: &str) -> Self {
        Self { text: format!("{GENERATED}\n\n# {}\n", escape(title)) }
    }

    fn heading(&mut self, level: usize, title: &str) {
        self.text += &format!("\n{} {}\n", "#".repeat(level), escape(title));
    }

    fn paragraph(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.text += &format!("\n{}\n", text.trim());
        }
    }

    /// Rows of cells that are Markdown already.
    fn table(&mut self, columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        self.text += &format!("\n| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
        for row in rows {
            self.text += &format!("| {} |\n", row.join(" | "));
        }
    }

    /// Begins a list.
    fn list(&mut self) {
        self.text.push('\n');
    }

    /// `- label：text`, unless the text is empty. The text is Markdown already.
    fn item(&mut self, label: &str, text: &str) {
        if !text.trim().is_empty() {
            self.text += &format!("- {label}：{text}\n");
        }
    }

    /// An expression under a label: in the line when short, else as a block.
    fn expression(&mut self, label: &str, sql: &str) {
        let sql = sql.trim();
        if sql.is_empty() {
            return;
        }
        if !sql.contains('\n') {
            self.item(label, &code(sql));
            return;
        }
        let indent = sql.lines().skip(1).filter(|l| !l.trim().is_empty());
        let indent = indent.map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
        self.text += &format!("- {label}：\n\n  ```sql\n");
        for (number, line) in sql.lines().enumerate() {
            let line = if number == 0 { line } else { line.get(indent..).unwrap_or("") };
            let line = format!("  {line}");
            self.text += line.trim_end();
            self.text.push('\n');
        }
        self.text += "  ```\n\n";
    }
}

/// Text that Markdown must not read as markup, on one line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' => escaped.push(' '),
            '|' | '<' | '*' | '`' | '[' | ']' | '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Code in a line. In tables it stands for names only, which have no bars.
fn code(text: &str) -> String {
    format!("`{text}`")
}

fn codes<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| code(name)).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_definitions_is_never_markup() {
        assert_eq!(escape("a|b <i> *x*\nnext"), r"a\|b \<i> \*x\* next");
        let mut page = Page::new("题");
        page.expression("规则", "SELECT a\n    FROM b\n      WHERE c");
        assert!(
            page.text
                .ends_with("- 规则：\n\n  ```sql\n  SELECT a\n  FROM b\n    WHERE c\n  ```\n\n")
        );
    }
}
