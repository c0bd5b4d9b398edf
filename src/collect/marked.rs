//! An .xlsx once more, with marked cells, notes and one page more: its parts are changed where they
//! must be and nowhere else, so that fonts, widths, formulas and pictures are the unit's own. What it
//! does not understand for certain it leaves alone, and whoever asked writes a copy of what was read.

mod notes;
mod page;
mod sheet;
mod splice;
mod styles;

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Archive;
use super::sniff::{Format, Sniffed};
use super::text::compact;
use super::texts::explanations_on;
use super::workbook::{Refusal, Sheet, Workbook};
use super::xlsx;
use super::xlsx::package::{Package, SheetPart, relationships};
use crate::model::codes::UNREADABLE_FILE;
use crate::model::handout::EXPLANATIONS;
use crate::model::{CellRef, Mark, Markup};
use sheet::MarkedSheet;
use splice::{Splice, TagKind, Tags, appended, escaped};
use styles::Looks;

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const CONTENT_TYPES: &str = "[content_types].xml";

fn unfit(reason: &str) -> Refusal {
    Refusal::new(UNREADABLE_FILE, reason)
}

/// The workbook with its marks, or why it cannot be changed for certain.
pub fn marked(name: &str, bytes: &[u8], markup: &Markup) -> anyhow::Result<Vec<u8>> {
    let marked = mark(name, bytes, markup);
    marked.map_err(|refusal| anyhow::anyhow!("{}", refusal.message))
}

fn mark(name: &str, bytes: &[u8], markup: &Markup) -> Result<Vec<u8>, Refusal> {
    let file = Sniffed::new(name, bytes)?;
    if file.format != Format::Xlsx {
        return Err(unfit("只有 .xlsx 能在原样上标注"));
    }
    let before = xlsx::read(file.archive()?)?.bounded()?;
    let mut archive = Archive::open(bytes)?;
    let package = xlsx::package::open(&mut archive)?;
    let mut writer = Writer { archive, package, changed: BTreeMap::new(), more: Vec::new() };
    writer.sound()?;
    writer.write(&before, markup)?;
    let Writer { mut archive, changed, more, .. } = writer;
    let written = archive.with_parts(&changed, &more)?;
    let after = xlsx::read(Archive::open(&written)?)?.bounded()?;
    if says_the_same(&before, &after) {
        Ok(written)
    } else {
        Err(unfit("标注以后读出来不一样"))
    }
}

/// Is every sheet of the one in the other, with the same cells?
fn says_the_same(before: &Workbook, after: &Workbook) -> bool {
    let is_page = |sheet: &&Sheet| compact(&sheet.name) == EXPLANATIONS;
    let same = |(a, b): (&Sheet, &Sheet)| {
        (&a.name, a.hidden, &a.cells, &a.formulas, &a.hidden_rows)
            == (&b.name, b.hidden, &b.cells, &b.formulas, &b.hidden_rows)
    };
    let own = before.sheets.iter().filter(|sheet| !is_page(sheet));
    let written: Vec<&Sheet> = after.sheets.iter().filter(|sheet| !is_page(sheet)).collect();
    own.clone().count() == written.len()
        && own.zip(written).all(same)
        && after.sheets.iter().filter(is_page).count() == 1
}

struct Writer<'a> {
    archive: Archive<'a>,
    package: Package,
    /// Lower-case names of parts with their new contents.
    changed: BTreeMap<String, String>,
    more: Vec<(String, String)>,
}

impl Writer<'_> {
    /// A part as it stands now.
    fn text(&mut self, path: &str) -> Result<String, Refusal> {
        if let Some(changed) = self.changed.get(&path.to_lowercase()) {
            return Ok(changed.clone());
        }
        let bytes = self.archive.part(path)?.ok_or_else(|| unfit("缺少部件"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| unfit("部件的文字编码不是 UTF-8"))?;
        let head = text.split("?>").next().filter(|head| head.contains("<?xml"));
        let encoding = head.and_then(|head| head.split_once("encoding="));
        let is_utf8 = |(_, name): (&str, &str)| {
            name.get(1..6).is_some_and(|name| name.eq_ignore_ascii_case("utf-8"))
        };
        match encoding.is_none_or(is_utf8) {
            true => Ok(text.to_owned()),
            false => Err(unfit("部件的文字编码不是 UTF-8")),
        }
    }

    fn change(&mut self, path: &str, text: String) {
        self.changed.insert(path.to_lowercase(), text);
    }

    /// Is it a plain workbook of the usual kind? One with macros has another ending, and one that is
    /// signed would be no longer.
    fn sound(&mut self) -> Result<(), Refusal> {
        if self.archive.names().any(|name| name.starts_with("_xmlsignatures/")) {
            return Err(unfit("工作簿有数字签名"));
        }
        let types = self.text(CONTENT_TYPES)?;
        if !types.contains("spreadsheetml.sheet.main+xml") {
            return Err(unfit("工作簿含有宏，或者是模板"));
        }
        let path = self.package.path.clone();
        match self.text(&path)?.contains(MAIN) {
            true => Ok(()),
            false => Err(unfit("工作簿是少见的“严格”格式")),
        }
    }

    fn write(&mut self, before: &Workbook, markup: &Markup) -> Result<(), Refusal> {
        let (folder, links) = self.links()?;
        let styles = links.iter().find(|(kind, _)| kind.ends_with("/styles"));
        let styles = styles.map(|(_, path)| path.clone()).ok_or_else(|| unfit("没有样式表"))?;
        let styles_text = self.text(&styles)?;
        let mut looks = Looks::new(&styles_text)?;
        let parts: Vec<(String, String)> =
            self.package.sheets.iter().map(|s| (s.name.clone(), s.path.clone())).collect();
        for (number, ((name, path), sheet)) in (1..).zip(parts.iter().zip(&before.sheets)) {
            let marks = markup.marks.get(name).filter(|_| compact(name) != EXPLANATIONS);
            if let Some(marks) = marks {
                let marks = on_first_cells(sheet, marks);
                let marked = sheet::marked(&self.text(path)?, &marks, &mut looks)?;
                // Without notes the page says everything.
                let text = self.noted(path, &marked, &marks, number).unwrap_or(marked.xml);
                self.change(path, text);
            }
        }
        let page = page::written(&markup.page, &looks);
        self.add_page(before, &folder, page)?;
        self.change(&styles, looks.written(&styles_text)?);
        Ok(())
    }

    /// The folder of the workbook, and the kinds and paths of its relationships.
    fn links(&mut self) -> Result<(String, Vec<(String, String)>), Refusal> {
        let (folder, rels) = beside(&self.package.path);
        let links = relationships(&mut self.archive, &rels, &folder)?;
        let links = links.ok_or_else(|| unfit("缺少部件关系"))?;
        Ok((folder, links.into_values().map(|link| (link.kind, link.path)).collect()))
    }

    fn add_page(&mut self, before: &Workbook, folder: &str, page: String) -> Result<(), Refusal> {
        let named = |sheet: &&SheetPart| compact(&sheet.name) == EXPLANATIONS;
        if let Some(there) = self.package.sheets.iter().find(named) {
            // A slip that came back and goes out again.
            let path = there.path.clone();
            return match before.sheets.iter().any(|sheet| explanations_on(sheet).is_some()) {
                true => {
                    self.change(&path, page);
                    Ok(())
                }
                false => Err(unfit("工作簿另有一张“审核说明”")),
            };
        }
        let part = self.fresh(&format!("{folder}/worksheets/dangtong"), "xml");
        let workbook = self.package.path.clone();
        let id = self.relate(&workbook, "worksheet", &part)?;
        let text = self.text(&workbook)?;
        let mut tags = Tags::new(&text);
        let mut splice = Splice::new(&text);
        let (mut greatest, mut inside) = (0, false);
        while let Some(tag) = tags.next()? {
            match (tag.depth, tag.kind) {
                (1, TagKind::Begin) => inside = tag.is("sheets"),
                (2, _) if inside => greatest = greatest.max(tag.number("sheetId").unwrap_or(0)),
                (1, TagKind::End) if tag.is("sheets") => {
                    let (p, number) = (tag.prefix(), greatest + 1);
                    splice.insert(tag.range.start, format!("<{p}sheet xmlns:r=\"{RELATIONS}\" name=\"{EXPLANATIONS}\" sheetId=\"{number}\" r:id=\"{id}\"/>"));
                    inside = false;
                }
                _ => {}
            }
        }
        let text = splice.finish()?;
        self.change(&workbook, text);
        self.declare(&part, "worksheet")?;
        self.more.push((part, page));
        Ok(())
    }

    /// The sheet with its notes. Either all of it is done or nothing.
    fn noted(
        &mut self,
        path: &str,
        sheet: &MarkedSheet,
        marks: &BTreeMap<CellRef, Mark>,
        number: usize,
    ) -> Result<String, Refusal> {
        let (folder, rels) = beside(path);
        let links = relationships(&mut self.archive, &rels, &folder)?.unwrap_or_default();
        let texts = links.values().find(|link| link.kind.ends_with("/comments"));
        let texts = texts.map(|link| link.path.clone());
        let drawing = sheet.drawing.as_ref().map(|id| {
            links.get(id).map(|link| link.path.clone()).ok_or_else(|| unfit("批注的图形不在"))
        });
        let drawing = drawing.transpose()?;
        let all = || marks.iter().map(|(at, mark)| (*at, mark));
        // Numbers that a drawing of Excel's own does not have.
        let (first, more_first) = (number * 1024 + 1, 1_000_000 + number * 1024);
        match (texts, drawing) {
            (None, None) => {
                let texts = self.fresh(&format!("{folder}/dangtong_comments"), "xml");
                let drawing = self.fresh(&format!("{folder}/dangtong_notes"), "vml");
                self.relate(path, "comments", &texts)?;
                let id = self.relate(path, "vmlDrawing", &drawing)?;
                self.declare(&texts, "comments")?;
                self.declare_drawings()?;
                self.more.push((texts, notes::comments(marks)));
                let boxes = notes::boxes(all(), sheet, first);
                self.more.push((drawing, notes::drawing(number, &boxes)));
                sheet.with_drawing(&id)
            }
            (None, Some(drawing)) => {
                let boxes = notes::boxes(all(), sheet, more_first);
                let drawn = notes::more_drawing(&self.text(&drawing)?, &boxes)?;
                let texts = self.fresh(&format!("{folder}/dangtong_comments"), "xml");
                self.relate(path, "comments", &texts)?;
                self.declare(&texts, "comments")?;
                self.change(&drawing, drawn);
                self.more.push((texts, notes::comments(marks)));
                Ok(sheet.xml.clone())
            }
            (Some(texts), Some(drawing)) => {
                let (written, own) = notes::more_comments(&self.text(&texts)?, marks)?;
                let boxes = notes::boxes(own.into_iter(), sheet, more_first);
                let drawn = notes::more_drawing(&self.text(&drawing)?, &boxes)?;
                self.change(&texts, written);
                self.change(&drawing, drawn);
                Ok(sheet.xml.clone())
            }
            (Some(_), None) => Err(unfit("批注没有图形")),
        }
    }

    /// A part name that nothing has yet.
    fn fresh(&self, begins: &str, ending: &str) -> String {
        let begins = begins.trim_start_matches('/');
        let taken: BTreeSet<String> = (self.archive.names().map(str::to_owned))
            .chain(self.more.iter().map(|(name, _)| name.to_lowercase()))
            .collect();
        let mut names = (1u32..).map(|number| format!("{begins}{number}.{ending}"));
        names.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default()
    }

    /// Relates a part to another; gives the id.
    fn relate(&mut self, path: &str, kind: &str, to: &str) -> Result<String, Refusal> {
        let (_, rels) = beside(path);
        let there = self.more.iter().position(|(name, _)| *name == rels);
        let is_there = there.is_none() && self.archive.names().any(|n| n == rels.to_lowercase());
        let text = match there {
            Some(at) => self.more[at].1.clone(),
            None if is_there => self.text(&rels)?,
            None => "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"></Relationships>".to_owned(),
        };
        let mut ids = (1u32..).map(|number| format!("dangtong{number}"));
        let id = ids.find(|id| !text.contains(&format!("\"{id}\""))).unwrap_or_default();
        let target = escaped(to);
        let text = appended(&text, |p| {
            format!(
                "<{p}Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"/{target}\"/>"
            )
        })?;
        match there {
            Some(at) => self.more[at].1 = text,
            None if is_there => self.change(&rels, text),
            None => self.more.push((rels, text)),
        }
        Ok(id)
    }

    /// Says what kind of part a new one is.
    fn declare(&mut self, part: &str, kind: &str) -> Result<(), Refusal> {
        const KINDS: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
        let part = escaped(part);
        self.declared(|p| {
            format!("<{p}Override PartName=\"/{part}\" ContentType=\"{KINDS}.{kind}+xml\"/>")
        })
    }

    fn declare_drawings(&mut self) -> Result<(), Refusal> {
        let types = self.text(CONTENT_TYPES)?;
        let mut tags = Tags::new(&types);
        while let Some(tag) = tags.next()? {
            let ending = tag.attribute("Extension").unwrap_or_default();
            if tag.begins("Default") && ending.eq_ignore_ascii_case("vml") {
                return Ok(());
            }
        }
        self.declared(|p| format!("<{p}Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>"))
    }

    fn declared(&mut self, item: impl Fn(&str) -> String) -> Result<(), Refusal> {
        let types = appended(&self.text(CONTENT_TYPES)?, item)?;
        self.change(CONTENT_TYPES, types);
        Ok(())
    }
}

/// The folder of a part, and the part with its relationships.
fn beside(path: &str) -> (String, String) {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let rels = format!("{folder}/_rels/{file}.rels");
    (folder.to_owned(), rels.trim_start_matches('/').to_owned())
}

/// Only the first cell of a merged region is seen: it has the marks of all of it.
fn on_first_cells(sheet: &Sheet, marks: &BTreeMap<CellRef, Mark>) -> BTreeMap<CellRef, Mark> {
    let mut seen: BTreeMap<CellRef, Mark> = BTreeMap::new();
    for (at, mark) in marks {
        let region = sheet.merged.at(at.row, at.column);
        let first =
            region.map_or(*at, |region| CellRef::new(region.first_row, region.first_column));
        seen.entry(first)
            .and_modify(|other| {
                other.level = other.level.min(mark.level);
                if !other.note.contains(&mark.note) {
                    other.note = format!("{}\n{}", other.note, mark.note);
                }
            })
            .or_insert_with(|| mark.clone());
    }
    seen
}
