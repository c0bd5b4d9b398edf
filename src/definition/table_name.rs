//! The tables that a query may name: a form's rows of this period, of the one before, of a year ago
//! or of all periods; and registers.

use std::collections::BTreeMap;

use super::{Definition, Form, form_schema, register_schema};
use crate::sql::Schema;

/// Which rows of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableRole {
    Current,
    Previous,
    YearAgo,
    All,
}

impl TableRole {
    const EVERY: [Self; 4] = [Self::Current, Self::Previous, Self::YearAgo, Self::All];

    /// What follows the form's id.
    fn suffix(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Previous => "__prev",
            Self::YearAgo => "__year_ago",
            Self::All => "__all",
        }
    }
}

impl Definition {
    /// The form whose rows a table of a query shows, and which of them; `None` for others.
    pub fn form_of_table(&self, table: &str) -> Option<(&Form, TableRole)> {
        let form = |role: TableRole| Some((self.form(table.strip_suffix(role.suffix())?)?, role));
        TableRole::EVERY.into_iter().find_map(form)
    }
}

/// All tables a query may name: `<form>`, `<form>__prev`, `<form>__year_ago`, `<form>__all`
/// and registers.
pub fn tables_schema(definition: &Definition) -> BTreeMap<String, Schema> {
    let mut tables = BTreeMap::new();
    for register in definition.registers.values() {
        tables.insert(register.name.clone(), register_schema(register));
    }
    for form in &definition.forms {
        let schema = form_schema(form, definition);
        for role in TableRole::EVERY {
            tables.insert(format!("{}{}", form.id, role.suffix()), schema.clone());
        }
    }
    tables
}
