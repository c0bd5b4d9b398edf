//! The workbook around its sheets: which part each sheet has, what number formats and shared
//! strings there are, and what the file says of its own formulas.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::bounds;
use super::super::formats::Appearance;
use super::super::guard::Archive;
use super::super::template::remembered;
use super::super::text::is_blank;
use super::super::workbook::{Refusal, Remark, TemplateStamp};
use super::super::xml::{Content, Event, Part, Tag};
use crate::model::codes::{CONTRADICTION, TEXTS_MISCOUNTED, UNREADABLE_FILE, UNSAFE_FILE};

/// Shared strings; blank ones are `None`.
type Strings = Vec<Option<Arc<str>>>;

/// What all sheets of a workbook share.
#[derive(Debug, Default)]
pub(in crate::collect) struct Package {
    /// The part of the workbook itself.
    pub path: String,
    pub sheets: Vec<SheetPart>,
    pub remarks: Vec<Remark>,
    pub template: Option<TemplateStamp>,
    pub strings: Strings,
    /// How each cell style looks.
    pub styles: Vec<Appearance>,
    pub from_1904: bool,
    /// The file asks to be computed anew when it is opened: its stored results are no results.
    pub stale: bool,
}

#[derive(Debug)]
pub(in crate::collect) struct SheetPart {
    pub name: String,
    pub path: String,
    pub hidden: bool,
}

pub(in crate::collect) struct Relationship {
    pub kind: String,
    pub path: String,
}

pub(in crate::collect) fn open(archive: &mut Archive) -> Result<Package, Refusal> {
    let missing =
        |what: &str| Refusal::new(UNREADABLE_FILE, format!("缺少部件 {what}，文件可能已损坏"));
    let package =
        relationships(archive, "_rels/.rels", "")?.ok_or_else(|| missing("_rels/.rels"))?;
    let of_package =
        |kind: &str| package.values().find(|r| r.kind.ends_with(kind)).map(|r| &r.path);
    let workbook = of_package("/officeDocument").ok_or_else(|| missing("workbook.xml"))?;
    let custom = of_package("/custom-properties").map(|path| archive.text(path));
    let template = custom.and_then(|xml| remembered(&xml.ok().flatten()?));
    let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", workbook));
    let xml = archive.text(workbook)?.ok_or_else(|| missing(workbook))?.into_owned();
    let links_of = format!("{folder}/_rels/{file}.rels");
    let links_of = links_of.trim_start_matches('/');
    let links = relationships(archive, links_of, folder)?.ok_or_else(|| missing(links_of))?;
    let mut package = Package { path: workbook.clone(), template, ..Package::default() };
    read_workbook(workbook, &xml, &links, &mut package)?;
    let part = |kind: &str| links.values().find(|r| r.kind.ends_with(kind)).map(|r| &r.path);
    if let Some(path) = part("/styles")
        && let Some(xml) = archive.text(path)?
    {
        package.styles = read_styles(path, &xml)?;
    }
    if let Some(path) = part("/sharedStrings")
        && let Some(xml) = archive.text(path)?
    {
        let (strings, claimed) = read_strings(path, &xml)?;
        if let Some(claimed) = claimed.filter(|claimed| *claimed != strings.len() as u64) {
            let message = format!(
                "工作簿登记了 {claimed} 条文字，实有 {} 条：可能丢了或多了文字，也可能是导出系统没有改登记数",
                strings.len()
            );
            package.remarks.push(Remark { code: TEXTS_MISCOUNTED.to_owned(), message });
        }
        package.strings = strings;
    }
    Ok(package)
}

/// The relationships of a part by their ids; `None` when the part has none.
pub(in crate::collect) fn relationships(
    archive: &mut Archive,
    path: &str,
    folder: &str,
) -> Result<Option<BTreeMap<String, Relationship>>, Refusal> {
    let Some(xml) = archive.text(path)? else { return Ok(None) };
    let mut found = BTreeMap::new();
    let mut part = Part::new(path, &xml);
    loop {
        match part.next()? {
            Event::Start(e) | Event::Empty(e) if e.local_name() == "Relationship" => {
                let get = |name| e.attribute(name).unwrap_or_default();
                let path = resolved(folder, &get("Target"));
                let relationship = Relationship { kind: get("Type").into_owned(), path };
                if found.insert(get("Id").into_owned(), relationship).is_some() {
                    return Err(twice(&format!("部件关系 {}", get("Id"))));
                }
            }
            Event::Eof => return Ok(Some(found)),
            _ => {}
        }
    }
}

/// A target as a path inside the archive.
fn resolved(folder: &str, target: &str) -> String {
    let relative = !target.starts_with('/');
    let mut segments: Vec<&str> = if relative { folder.split('/').collect() } else { Vec::new() };
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    segments.retain(|s| !s.is_empty());
    segments.join("/")
}

fn twice(what: &str) -> Refusal {
    Refusal::new(CONTRADICTION, format!("{what}在文件中出现两次，分不清以哪一个为准"))
}

fn read_workbook(
    path: &str,
    xml: &str,
    links: &BTreeMap<String, Relationship>,
    package: &mut Package,
) -> Result<(), Refusal> {
    let mut part = Part::new(path, xml);
    let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let e = match part.next()? {
            Event::Start(e) | Event::Empty(e) => e,
            Event::Eof => return Ok(()),
            _ => continue,
        };
        match e.local_name() {
            "workbookPr" => package.from_1904 = e.is_true("date1904"),
            "calcPr" => {
                let by_hand = e.attribute("calcMode").as_deref() == Some("manual")
                    && is_false(&e, "calcOnSave");
                package.stale =
                    e.is_true("fullCalcOnLoad") || is_false(&e, "calcCompleted") || by_hand;
            }
            "sheet" => {
                let name = e.attribute("name").unwrap_or_default().into_owned();
                let link = e.attribute("id").and_then(|id| links.get(id.as_ref()));
                if link.is_some_and(|l| is_no_table(&l.kind)) {
                    continue;
                }
                let path = link.map(|l| l.path.clone()).unwrap_or_default();
                if !paths.insert(path.clone()) || !names.insert(name.to_lowercase()) {
                    return Err(twice(&format!("工作表“{name}”")));
                }
                let hidden = e.attribute("state").is_some_and(|state| state != "visible");
                package.sheets.push(SheetPart { name, path, hidden });
            }
            _ => {}
        }
    }
}

/// Charts, macros and dialogues that stand among the sheets.
fn is_no_table(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    ["/chartsheet", "/dialogsheet", "macrosheet"].iter().any(|end| kind.ends_with(end))
}

/// The looks of the cell styles, in their order.
fn read_styles(path: &str, xml: &str) -> Result<Vec<Appearance>, Refusal> {
    let mut part = Part::new(path, xml);
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut struck: Vec<bool> = Vec::new();
    let mut used: Vec<(u32, usize)> = Vec::new();
    let (mut in_formats, mut in_fonts, mut in_cells) = (false, false, false);
    loop {
        let event = part.next()?;
        let begins = matches!(event, Event::Start(_));
        match event {
            Event::Start(e) | Event::Empty(e) => match e.local_name() {
                "numFmts" => in_formats = begins,
                "fonts" => in_fonts = begins,
                "font" if in_fonts => struck.push(false),
                "strike" if in_fonts => {
                    if let Some(font) = struck.last_mut() {
                        *font = !is_false(&e, "val");
                    }
                }
                "cellXfs" => in_cells = begins,
                "numFmt" if in_formats => {
                    let Some(id) = number(&e, "numFmtId") else { continue };
                    let code = e.attribute("formatCode").unwrap_or_default().into_owned();
                    if code.chars().count() > bounds::FORMAT_CODE {
                        let most = bounds::FORMAT_CODE;
                        let message = format!("数字格式 {id} 长于 {most} 字，Excel 写不出来");
                        return Err(Refusal::new(UNSAFE_FILE, message));
                    }
                    if codes.insert(id, code.clone()).is_some_and(|before| before != code) {
                        return Err(twice(&format!("数字格式 {id} ")));
                    }
                }
                "xf" if in_cells => {
                    let font = number(&e, "fontId").unwrap_or(0) as usize;
                    used.push((number(&e, "numFmtId").unwrap_or(0), font));
                }
                _ => {}
            },
            Event::End(e) => match e.local_name() {
                "numFmts" => in_formats = false,
                "fonts" => in_fonts = false,
                "cellXfs" => in_cells = false,
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    // Thousands of styles may have one format.
    let formats: BTreeMap<u32, Appearance> =
        codes.iter().map(|(id, code)| (*id, Appearance::of_code(code))).collect();
    let look = |&(id, font): &(u32, usize)| {
        let mut look = formats.get(&id).cloned().unwrap_or_else(|| Appearance::of_builtin(id));
        look.struck = struck.get(font).copied().unwrap_or(false);
        look
    };
    Ok(used.iter().map(look).collect())
}

fn number(e: &Tag, name: &str) -> Option<u32> {
    e.attribute(name).and_then(|v| v.trim().parse().ok())
}

fn is_false(e: &Tag, name: &str) -> bool {
    e.attribute(name).is_some_and(|v| matches!(v.as_ref(), "0" | "false" | "off"))
}

/// All shared strings, and no more than there are; and how many the file claims, which may lie.
fn read_strings(path: &str, xml: &str) -> Result<(Strings, Option<u64>), Refusal> {
    let mut part = Part::new(path, xml);
    let mut strings = Vec::new();
    let mut claimed = None;
    loop {
        match part.next()? {
            Event::Start(e) if e.local_name() == "si" => {
                let text = rich_text(&mut part, e)?;
                if text.in_pieces {
                    let at = strings.len() + 1;
                    return Err(Refusal::new(
                        CONTRADICTION,
                        format!("共享字符串第 {at} 条中间夹有注释等内容，分不清完整的文字"),
                    ));
                }
                strings.push(visible(&text.text));
                if strings.len() > bounds::CELLS {
                    let message = format!("共享字符串多于 {} 条", bounds::CELLS);
                    return Err(Refusal::new(UNSAFE_FILE, message));
                }
            }
            Event::Empty(e) if e.local_name() == "si" => strings.push(None),
            Event::Start(e) | Event::Empty(e) if e.local_name() == "sst" => {
                claimed = e.attribute("uniqueCount").and_then(|v| v.parse().ok());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if let Some(claimed) = claimed.filter(|claimed| *claimed > strings.len() as u64 + 100_000) {
        return Err(Refusal::new(
            UNSAFE_FILE,
            format!("共享字符串自称 {claimed} 条，实际 {} 条", strings.len()),
        ));
    }
    Ok((strings, claimed))
}

/// The text of `<si>` or `<is>` with its runs, without the phonetic guide above it. What is struck
/// through or raised says so in the text too: 12 with a small 2 above is not 122.
pub(super) fn rich_text<'a>(part: &mut Part<'a>, element: Tag) -> Result<Content<'a>, Refusal> {
    let mut whole = Content::default();
    let mut look = RunLook::default();
    loop {
        match part.next()? {
            Event::Start(e) => match e.local_name() {
                "r" => look = RunLook::default(),
                "rPr" => look = run_look(part)?,
                "t" => {
                    let kept = e.attribute("space").as_deref() == Some("preserve");
                    let run = part.content()?;
                    whole.in_pieces |= run.in_pieces;
                    let text = if kept { run.text } else { trimmed(run.text) };
                    let text = look.apply(text);
                    if whole.text.is_empty() {
                        whole.text = text;
                    } else {
                        whole.text.to_mut().push_str(&text);
                    }
                }
                "rPh" => part.skip()?,
                _ => {}
            },
            Event::End(e) if e.name == element.name => return Ok(whole),
            Event::Eof => return Err(part.ends_early()),
            // Text that is in no `<t>`: whether it belongs to the cell, the format does not say.
            Event::Text(text) => whole.in_pieces |= !is_blank(text),
            Event::CData(_) | Event::Reference(_) => whole.in_pieces = true,
            _ => {}
        }
    }
}

/// What a run of a text does to its characters.
#[derive(Debug, Default, Clone, Copy)]
struct RunLook {
    struck: bool,
    raised: bool,
    lowered: bool,
}

impl RunLook {
    /// The text as it is seen: with strokes through it, its digits raised or lowered.
    fn apply(self, text: Cow<'_, str>) -> Cow<'_, str> {
        const STROKE: char = '\u{336}';
        const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
        const LOWERED: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];
        if !self.struck && !self.raised && !self.lowered {
            return text;
        }
        let mut seen = String::with_capacity(text.len() * 2);
        for c in text.chars() {
            let wide = || ('０'..='９').position(|digit| digit == c);
            let digit = c.to_digit(10).map(|d| d as usize).or_else(wide);
            seen.push(match digit {
                Some(d) if self.raised => RAISED[d],
                Some(d) if self.lowered => LOWERED[d],
                _ => c,
            });
            if self.struck && !c.is_whitespace() {
                seen.push(STROKE);
            }
        }
        Cow::Owned(seen)
    }
}

/// Reads `<rPr>`.
fn run_look(part: &mut Part) -> Result<RunLook, Refusal> {
    let mut look = RunLook::default();
    loop {
        match part.next()? {
            Event::Start(e) | Event::Empty(e) => match e.local_name() {
                "strike" => look.struck = !is_false(&e, "val"),
                "vertAlign" => {
                    let place = e.attribute("val");
                    look.raised = place.as_deref() == Some("superscript");
                    look.lowered = place.as_deref() == Some("subscript");
                }
                _ => {}
            },
            Event::End(e) if e.local_name() == "rPr" => return Ok(look),
            Event::Eof => return Err(part.ends_early()),
            _ => {}
        }
    }
}

fn trimmed(text: Cow<str>) -> Cow<str> {
    let blank = [' ', '\t', '\r', '\n'];
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(blank)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(blank).to_owned()),
    }
}

/// A text as Excel shows it, `None` when there is nothing to see.
pub(super) fn visible(text: &str) -> Option<Arc<str>> {
    let text = without_escapes(text);
    (!is_blank(&text)).then(|| text.as_ref().into())
}

/// `_x000A_` is how the format writes what XML cannot hold.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| matches!(b, b'_' | b'\r')) {
        return Cow::Borrowed(text);
    }
    let (mut units, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        units.extend(rest[..at].encode_utf16());
        let code = rest.get(at + 2..at + 6).filter(|_| rest[at + 2..].get(4..5) == Some("_"));
        match code.and_then(|c| u16::from_str_radix(c, 16).ok()) {
            Some(unit) => {
                units.push(unit);
                rest = &rest[at + 7..];
            }
            None => {
                units.extend("_x".encode_utf16());
                rest = &rest[at + 2..];
            }
        }
    }
    units.extend(rest.encode_utf16());
    Cow::Owned(String::from_utf16_lossy(&units).replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::workbook::Shown;

    #[test]
    fn texts_are_what_excel_shows() {
        let text = |xml: &str| {
            let strings = read_strings("sst", &format!("<sst>{xml}</sst>")).expect("strings");
            strings.0[0].as_deref().map(str::to_owned)
        };
        assert_eq!(text("<si><t>石匣乡</t></si>").as_deref(), Some("石匣乡"));
        assert_eq!(
            text("<si><r><t>石</t></r><r><rPr/><t>匣乡</t></r></si>").as_deref(),
            Some("石匣乡")
        );
        assert_eq!(
            text("<si><t>乡</t><rPh sb=\"0\" eb=\"1\"><t>xiang</t></rPh></si>").as_deref(),
            Some("乡")
        );
        assert_eq!(text("<si><t><![CDATA[甲<乙]]></t></si>").as_deref(), Some("甲<乙"));
        assert_eq!(text("<si><t>一_x000A_二_x12_</t></si>").as_deref(), Some("一\n二_x12_"));
        assert_eq!(text("<si><t>  </t></si>"), None);
        assert_eq!(text("<si/>"), None);
        assert!(read_strings("sst", "<sst><si><t>甲<!-- -->乙</t></si></sst>").is_err());
        assert!(
            read_strings("sst", "<sst><si><r><t>甲</t></r><r><x>乙</x></r></si></sst>").is_err()
        );
    }

    #[test]
    fn a_number_format_of_a_difference_is_none_of_a_cell() {
        let xml = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.00"/></numFmts>
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="164"><alignment/></xf><xf numFmtId="31"/></cellXfs>
            <dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf></dxfs></styleSheet>"#;
        let looks = read_styles("styles", xml).expect("styles");
        let shown: Vec<Shown> = looks.iter().map(|look| look.shown).collect();
        assert_eq!(shown, [Shown::General, Shown::Number { places: 2, digits: 1 }, Shown::Date]);
    }

    #[test]
    fn targets_are_found_from_their_folder() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("xl", "../custom/a.xml"), "custom/a.xml");
    }
}
