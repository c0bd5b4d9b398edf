//! The columns and tables in sight of an expression.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use sqlparser::ast::Ident;

use super::node::Node;
use super::refuse::{choices, refuse};
use super::{ColumnType, Refusal};

/// A node with its type; `None` is the type of a bare NULL.
#[derive(Debug, Clone)]
pub(super) struct TypedNode {
    pub(super) node: Node,
    pub(super) kind: Option<ColumnType>,
}

impl TypedNode {
    pub(super) fn new(node: Node, kind: ColumnType) -> Self {
        Self { node, kind: Some(kind) }
    }

    pub(super) fn boolean(node: Node) -> Self {
        Self::new(node, ColumnType::Boolean)
    }
}

/// The tables whose columns an expression may name.
#[derive(Debug, Default)]
pub(super) struct Reach<'t> {
    pub(super) sources: Vec<Names<'t>>,
    /// (source, column) named so far.
    pub(super) used: RefCell<BTreeSet<(usize, String)>>,
}

#[derive(Debug, Clone)]
pub(super) struct Names<'t> {
    /// `None`: columns stand alone, as in row expressions.
    pub(super) alias: Option<String>,
    pub(super) columns: GivenColumns<'t>,
}

/// Columns of a table that is given, or of a subquery.
pub(super) type GivenColumns<'t> = Cow<'t, [(String, ColumnType)]>;

impl Reach<'_> {
    /// The name of a column that no other column of the SELECT has.
    pub(super) fn unique(&self, source: usize, column: &str) -> String {
        match self.sources[source].alias {
            None => column.to_owned(),
            Some(_) => format!("{source}.{column}"),
        }
    }

    fn take(&self, source: usize, column: &str, kind: ColumnType) -> TypedNode {
        self.used.borrow_mut().insert((source, column.to_owned()));
        TypedNode::new(Node::Column(self.unique(source, column)), kind)
    }

    pub(super) fn bare(&self, ident: &Ident) -> Result<TypedNode, Refusal> {
        let name = &ident.value;
        let mut found = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            found.extend(source.columns.iter().filter(|(c, _)| c == name).map(|c| (index, c)));
        }
        match found.as_slice() {
            [(index, (column, kind))] => Ok(self.take(*index, column, *kind)),
            [] => {
                let all =
                    self.sources.iter().flat_map(|s| s.columns.iter()).map(|(c, _)| c.as_str());
                let quoted = if ident.quote_style.is_some() {
                    "（双引号括的是列名，文字要用单引号）"
                } else {
                    ""
                };
                refuse(format!("没有列“{name}”{quoted}。可用的列：{}", choices(name, all)))
            }
            several => {
                let owners: Vec<String> = several
                    .iter()
                    .filter_map(|(index, _)| self.sources[*index].alias.as_deref())
                    .map(|alias| format!("{alias}.{name}"))
                    .collect();
                refuse(format!("几张表都有列“{name}”。请写明是哪张表的：{}", owners.join("、")))
            }
        }
    }

    pub(super) fn qualified(&self, table: &Ident, ident: &Ident) -> Result<TypedNode, Refusal> {
        let is_it = |s: &Names<'_>| s.alias.as_deref() == Some(table.value.as_str());
        let Some(index) = self.sources.iter().position(is_it) else {
            let aliases: Vec<&str> =
                self.sources.iter().filter_map(|s| s.alias.as_deref()).collect();
            if aliases.is_empty() {
                return refuse(format!(
                    "“{}.{}”：行内表达式只写列名，不写表名",
                    table.value, ident.value
                ));
            }
            return refuse(format!(
                "这里没有表“{}”。可用的表：{}",
                table.value,
                choices(&table.value, aliases)
            ));
        };
        let columns = &self.sources[index].columns;
        match columns.iter().find(|(c, _)| *c == ident.value) {
            Some((column, kind)) => Ok(self.take(index, column, *kind)),
            None => refuse(format!(
                "表“{}”没有列“{}”。可用的列：{}",
                table.value,
                ident.value,
                choices(&ident.value, columns.iter().map(|(c, _)| c.as_str()))
            )),
        }
    }
}
