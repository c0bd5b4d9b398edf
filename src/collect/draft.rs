//! A proposal for the definition of a form, from a sheet as somebody made it: blank or filled in.
//!
//! Nothing of it counts until a person has kept it. So it is TOML to be read, in which each guess
//! stands beside the cells that it was made from; what cannot be seen in a sheet (who owes the form)
//! is said to be open.

mod columns;
mod relations;
mod sheet;
mod write;

use std::path::Path;
use std::sync::Arc;

use super::file::is_of_the_form;
use super::grid::read_alone;
use sheet::Table;
use write::Proposal;

/// The proposal for each table of a file; `reader` as in [`super::Request`].
pub fn draft(reader: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<String> {
    let path: Arc<str> = name.into();
    let workbook = read_alone(&[], reader, &path, bytes)
        .map_err(|refusal| anyhow::anyhow!("{name}：{}", refusal.message))?;
    let sheets = workbook.sheets.iter().filter(|sheet| !sheet.hidden && !is_of_the_form(sheet));
    let tables: Vec<_> = sheets.filter_map(sheet::table_on).collect();
    if tables.is_empty() {
        anyhow::bail!(
            "{name}：没有看出表头。表头应是连着的一到四行文字，下面各行是数据；一行项目、一行数的表，先在表头写上栏名"
        );
    }
    let proposals: Vec<_> = tables.iter().map(propose).collect();
    Ok(write::toml(name, &tables, &proposals))
}

fn propose(table: &Table) -> Proposal {
    let columns = columns::columns_of(table);
    let (key, key_why) = columns::key_of(&columns, table.rows.len());
    let relations = relations::find(table, &columns);
    Proposal { columns, key, key_why, relations }
}
