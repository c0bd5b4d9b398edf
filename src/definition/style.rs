//! How a definition file is laid out: the columns of a form one a line, what is default left out,
//! comments above what they are about. Only the layout changes: a text that would not read the
//! same afterwards is left as it is.

use toml::{Table, Value};

const FORM: &str = "[[form]]";
const FIELD: &str = "[[form.field]]";

/// The file in the common style; why it must be left as it is, where it cannot be laid out.
pub fn formatted(text: &str) -> Result<String, String> {
    let before: Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut lines: Vec<String> = Vec::new();
    for section in sections(text) {
        section.write(&mut lines);
    }
    let after = spaced(&lines);
    let read: Table = toml::from_str(&after).map_err(|error| error.message().to_owned())?;
    if without_defaults(before) != without_defaults(read) {
        return Err("整理以后的内容会与原来不同".to_owned());
    }
    Ok(after)
}

/// A header with the lines below it, and the comments above; the first has no header.
#[derive(Debug, Default)]
struct Part<'t> {
    comments: Vec<&'t str>,
    header: &'t str,
    lines: Vec<&'t str>,
}

/// What stands together: a form with its columns, or any other part by itself.
#[derive(Debug, Default)]
struct Section<'t> {
    own: Part<'t>,
    fields: Vec<Part<'t>>,
    others: Vec<Part<'t>>,
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section> = Vec::new();
    for part in parts(text) {
        match (part.header, sections.last_mut()) {
            (FIELD, Some(form)) if form.own.header == FORM => form.fields.push(part),
            (header, Some(form))
                if form.own.header == FORM
                    && header.trim_start_matches('[').starts_with("form.") =>
            {
                form.others.push(part);
            }
            _ => sections.push(Section { own: part, ..Section::default() }),
        }
    }
    sections
}

/// Cuts a file at its headers. A line inside a value of several lines is no header.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![Part::default()];
    let mut inside = Inside::default();
    for line in text.lines() {
        let free = inside.is_free();
        let trimmed = line.trim();
        if free && trimmed.starts_with('[') {
            // Comments above a header are about it.
            let mut comments = Vec::new();
            if let Some(last) = parts.last_mut() {
                let is_aside = |line: &mut &str| line.is_empty() || line.starts_with('#');
                while let Some(comment) = last.lines.pop_if(is_aside) {
                    comments.insert(0, comment);
                }
            }
            while comments.first().is_some_and(|line| line.is_empty()) {
                comments.remove(0);
            }
            let (header, note) = split_comment(trimmed);
            comments.extend(note);
            parts.push(Part { comments, header, lines: Vec::new() });
            continue;
        }
        inside.read(line);
        if let Some(last) = parts.last_mut() {
            last.lines.push(if free { line.trim_end() } else { line });
        }
    }
    parts
}

/// Brackets and strings of several lines that are open at the end of a line.
#[derive(Debug, Default)]
struct Inside {
    brackets: usize,
    /// The quotes that close the string.
    string: Option<&'static str>,
}

impl Inside {
    fn is_free(&self) -> bool {
        self.brackets == 0 && self.string.is_none()
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if let Some(close) = self.string {
                if c == '\\' && close.starts_with('"') {
                    rest = rest.get(2..).unwrap_or_default();
                } else if let Some(after) = rest.strip_prefix(close) {
                    (self.string, rest) = (None, after);
                } else {
                    rest = &rest[c.len_utf8()..];
                }
                continue;
            }
            let opens = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| rest.starts_with(q));
            match (c, opens) {
                (_, Some(quotes)) => self.string = Some(quotes),
                ('#', _) => break,
                ('[' | '{', _) => self.brackets += 1,
                (']' | '}', _) => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            rest = &rest[opens.map_or(c.len_utf8(), str::len)..];
        }
        // A string in single quotes ends with its line.
        self.string = self.string.filter(|quotes| quotes.len() == 3);
    }
}

/// A line and the comment at its end.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut string: Option<char> = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match string {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(quote) if c == quote => string = None,
            None if c == '"' || c == '\'' => string = Some(c),
            None if c == '#' => return (line[..at].trim_end(), Some(line[at..].trim_end())),
            _ => {}
        }
    }
    (line.trim_end(), None)
}

impl Section<'_> {
    fn write(&self, out: &mut Vec<String>) {
        let fields: Option<Vec<Vec<String>>> = self.fields.iter().map(in_line).collect();
        let inline = fields.filter(|fields| !fields.is_empty());
        self.own.write(out);
        if let Some(fields) = &inline {
            while out.last().is_some_and(|line| line.is_empty()) {
                out.pop();
            }
            out.push("field = [".to_owned());
            out.extend(fields.iter().flatten().map(|line| format!("  {line}")));
            out.push("]".to_owned());
            out.push(String::new());
        } else {
            self.fields.iter().for_each(|field| field.write(out));
        }
        self.others.iter().for_each(|other| other.write(out));
    }
}

impl Part<'_> {
    fn write(&self, out: &mut Vec<String>) {
        out.push(String::new());
        out.extend(self.comments.iter().map(|&comment| comment.to_owned()));
        if !self.header.is_empty() {
            out.push(self.header.to_owned());
        }
        out.extend(self.lines.iter().map(|&line| line.to_owned()));
    }
}

/// A column as one line, below its comments; `None` where it does not fit into one.
fn in_line(field: &Part) -> Option<Vec<String>> {
    let comments = field.comments.iter().filter(|comment| !comment.is_empty());
    let mut lines: Vec<String> = comments.map(|&comment| comment.to_owned()).collect();
    let mut keys: Vec<String> = Vec::new();
    let mut inside = Inside::default();
    for line in &field.lines {
        let free = inside.is_free();
        inside.read(line);
        let (said, comment) = split_comment(line.trim());
        if comment.is_some() && !(free && inside.is_free()) || said.contains("\"\"\"") {
            return None;
        }
        lines.extend(comment.map(str::to_owned));
        match (said.is_empty(), free) {
            (true, _) => {}
            (false, true) => keys.push(said.to_owned()),
            (false, false) => {
                let last = keys.last_mut()?;
                let between = match (last.chars().last(), said.chars().next()) {
                    (Some('['), _) | (_, Some(']')) => "",
                    (Some('{'), _) | (_, Some('}')) => " ",
                    _ => ", ",
                };
                *last = format!("{}{between}{said}", last.trim_end_matches(','));
            }
        }
    }
    keys.retain(|key| !is_default(key));
    lines.push(format!("{{ {} }},", keys.join(", ")));
    Some(lines)
}

/// Says nothing that is not so without it.
fn is_default(key: &str) -> bool {
    let Some((name, value)) = key.split_once('=') else { return false };
    let value = value.trim();
    value == "false" && name.trim() != "additive" || value == "[]" || value == "\"\""
}

/// One empty line between parts, none at the ends.
fn spaced(lines: &[String]) -> String {
    let mut text = String::new();
    let mut inside = Inside::default();
    let mut blank = true;
    for line in lines {
        let is_blank = line.is_empty() && inside.is_free();
        if !(is_blank && blank) {
            text += line;
            text.push('\n');
        }
        blank = is_blank;
        inside.read(line);
    }
    text.trim_end().to_owned() + "\n"
}

/// A form's columns without what is default.
fn without_defaults(mut file: Table) -> Table {
    let forms = file.get_mut("form").and_then(Value::as_array_mut).into_iter().flatten();
    for form in forms {
        let fields = form.get_mut("field").and_then(Value::as_array_mut).into_iter().flatten();
        for field in fields.filter_map(Value::as_table_mut) {
            field.retain(|name, value| match value {
                Value::Boolean(false) => name == "additive",
                Value::Array(items) => !items.is_empty(),
                Value::String(text) => !text.is_empty(),
                _ => true,
            });
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "# 一个工作项目\nid = \"a\"\n\n\n[[form]]\nid = \"f\"\nrow = \"一个村\"\n\n# 键\n[[form.field]]\nname = \"code\" # 代码\ntitle = \"村 # 代码\"\nrequired = false\naliases = [\n  \"编号\",\n  \"码\",\n]\n\n[[form.round]]\nperiod = \"2013\"\n\n[[form.field]]\nname = \"n\"\ntype = \"integer\"\n";

    #[test]
    fn columns_stand_one_a_line_with_their_comments_and_read_the_same() {
        let short = formatted(LONG).unwrap();
        let wanted = "# 一个工作项目\nid = \"a\"\n\n[[form]]\nid = \"f\"\nrow = \"一个村\"\nfield = [\n  # 键\n  # 代码\n  { name = \"code\", title = \"村 # 代码\", aliases = [\"编号\", \"码\"] },\n  { name = \"n\", type = \"integer\" },\n]\n\n[[form.round]]\nperiod = \"2013\"\n";
        assert_eq!(short, wanted);
        assert_eq!(formatted(&short).unwrap(), short, "once is enough");
    }

    #[test]
    fn what_cannot_stand_in_one_line_stays_as_it_is() {
        let text = "[[form]]\nid = \"f\"\n\n[[form.field]]\nname = \"n\"\nnote = \"\"\"\n[[form.field]]\n\"\"\"\n";
        assert_eq!(formatted(text).unwrap(), text);
        assert!(formatted("id = ").is_err());
    }
}
