//! A proposal for the definition of a form, from a sheet as somebody made it: blank or filled in.
//!
//! Nothing of it counts until a person has kept it. So it is TOML to be read, in which each guess
//! stands beside the cells that it was made from; what cannot be seen in a sheet (who owes the form)
//! is said to be open.

mod columns;
mod labels;
mod matrix;
mod relations;
mod sheet;
mod write;

use std::path::Path;
use std::sync::Arc;

use super::file::is_of_the_form;
use super::grid::read_alone;
use crate::definition::Layout;
use sheet::DraftedTable;
use write::Proposal;

/// The proposal for each table of a file; `reader` as in [`super::ReadRequest`].
pub fn draft(reader: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<String> {
    let path: Arc<str> = name.into();
    let workbook = read_alone(&[], reader, &path, bytes)
        .map_err(|refusal| anyhow::anyhow!("{name}：{}", refusal.message))?;
    let sheets = workbook.sheets.iter().filter(|sheet| !sheet.hidden && !is_of_the_form(sheet));
    let tables: Vec<_> = sheets
        .filter_map(|sheet| labels::labelled(sheet).or_else(|| sheet::table_on(sheet)))
        .collect();
    if tables.is_empty() {
        anyhow::bail!(
            "{name}：没有看出表头。表头应是连着的一到四行文字，下面各行是数据；项目在左、数在右的，至少要有三行"
        );
    }
    let proposals: Vec<_> = tables.iter().map(propose).collect();
    Ok(write::toml(name, &tables, &proposals))
}

fn propose(table: &DraftedTable) -> Proposal {
    let mut columns = columns::columns_of(table);
    let items = matrix::items(table, &mut columns);
    let codes = matrix::codes(table, &columns);
    let (key, key_why) = match (items, table.layout) {
        (Some(at), _) => (vec![columns[at].name.clone()], "各行的项目".to_owned()),
        // A return is its only row.
        (None, Layout::KeyValue) if table.rows < 2 => Default::default(),
        (None, _) => columns::key_of(&columns, table.rows),
    };
    let mut relations = relations::find(table, &columns);
    if items.is_some() && !table.totalled {
        // Items of different kinds: nobody adds them up.
        relations.not_added =
            (0..columns.len()).filter(|&at| columns[at].kind.is_number()).collect();
    }
    Proposal { columns, items, codes, key, key_why, relations }
}
