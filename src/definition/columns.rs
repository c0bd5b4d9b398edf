//! Tables as expressions see them: a form's fields plus the columns that the engine derives.

use std::collections::BTreeMap;

use super::{Definition, Form, Register};
use crate::model::{Column, FactTable, Period};
use crate::sql::Schema;

/// Columns of `<form>`: `_row`, `unit`, `unit_name`, `unit_kind`, `unit_group`, `period`, the
/// fields, and the derived columns `<coded>__rank`, `<date>__day`, `<date>__workday`,
/// `<decimal>__half`, `<of>__<band>`, and `derive` dates (with their own `__day`, `__workday`).
pub fn form_schema(_form: &Form, _definition: &Definition) -> Schema {
    Schema::default()
}

/// The same columns, filled. `_row` is the row number in the fact table.
pub fn form_columns(
    _form: &Form,
    _table: &FactTable,
    _definition: &Definition,
) -> Vec<(String, Column)> {
    Vec::new()
}

/// All columns of a register, as text.
pub fn register_schema(_register: &Register) -> Schema {
    Schema::default()
}

/// The rows of a register that are valid in a period.
pub fn register_columns(_register: &Register, _period: &Period) -> Vec<(String, Column)> {
    Vec::new()
}

/// All tables a query may name: `<form>`, `<form>__prev`, `<form>__year_ago`, `<form>__all`
/// and registers.
pub fn tables_schema(_definition: &Definition) -> BTreeMap<String, Schema> {
    BTreeMap::new()
}
