//! Text as clerks type it, brought to one form for comparing: width, spaces, punctuation, Chinese
//! digits. Nothing here decides what a text means.

use std::borrow::Cow;
use std::io;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// Compatibility form (full-width to half-width) without any white space.
pub(crate) fn compact(text: &str) -> Cow<'_, str> {
    if is_all_common(text) {
        return Cow::Borrowed(text);
    }
    if let Some(plain) = as_typed(text) {
        return Cow::Owned(plain);
    }
    if is_nfkc(text) && !text.chars().any(dropped) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfkc().filter(|&c| !dropped(c)).collect())
}

/// Nearly all texts are common characters and ASCII marks, which stay what they are.
fn is_common(c: char) -> bool {
    c.is_ascii_graphic() || ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Are all characters [`is_common`]? Told by the bytes, because each text is asked several times: common
/// ideographs are those of three bytes from E4 B8 80 to E9 BF BF.
fn is_all_common(text: &str) -> bool {
    let mut bytes = text.as_bytes();
    loop {
        bytes = match bytes {
            [] => return true,
            [b'!'..=b'~', rest @ ..] => rest,
            [0xe4, 0xb8..=0xbf, _, rest @ ..] | [0xe5..=0xe9, _, _, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// The compact form of a text that holds nothing but what a Chinese keyboard types.
fn as_typed(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let c = compatible(c)?;
        if !dropped(c) {
            plain.push(c);
        }
    }
    Some(plain)
}

/// The compatibility form of a character that a Chinese keyboard types, if it is one of those whose
/// form depends on no neighbour; the tables of all others are slow to look at.
fn compatible(c: char) -> Option<char> {
    match c {
        '\0'..='\x7f' | '\u{4e00}'..='\u{9fff}' | '、' | '。' | '“' | '”' | '《' | '》' => {
            Some(c)
        }
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}

/// Spaces of all kinds, control characters and the invisible ones that spreadsheets, web pages and
/// Windows' own windows leave behind. What turns the order of characters round is not among them:
/// of a text with such a mark nobody sees what is stored.
fn dropped(c: char) -> bool {
    if is_common(c) {
        return false;
    }
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
        || matches!(c, '\u{202a}' | '\u{202c}' | '\u{2066}' | '\u{2068}' | '\u{2069}')
        || matches!(c, '\u{ad}' | '\u{fe00}'..='\u{fe0f}')
}

/// Is there nothing to see?
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(dropped)
}

/// What two titles must share to be the same title: no spaces, no punctuation.
pub(crate) fn title_key(text: &str) -> String {
    compact_key(&compact(text)).into_owned()
}

/// The [`title_key`] of a text that is compact already.
pub(crate) fn compact_key(compacted: &str) -> Cow<'_, str> {
    if !compacted.chars().any(is_title_punctuation) {
        return Cow::Borrowed(compacted);
    }
    let mut key = String::with_capacity(compacted.len());
    key.extend(compacted.chars().filter(|c| !is_title_punctuation(*c)));
    Cow::Owned(key)
}

/// The keys by which a header cell is taken for a column of that title: with and without the unit
/// of measure in its brackets.
pub(crate) fn title_keys(title: &str, unit: &str) -> [String; 2] {
    let compacted = compact(title);
    [title_key(&compacted), title_key(&without_unit(&compacted, unit).0)]
}

fn is_title_punctuation(c: char) -> bool {
    let is_word = c.is_ascii_alphanumeric() || ('\u{4e00}'..='\u{9fff}').contains(&c);
    !is_word
        && matches!(
            c,
            ':' | ';'
                | ','
                | '.'
                | '、'
                | '。'
                | '/'
                | '\\'
                | '-'
                | '—'
                | '―'
                | '–'
                | '_'
                | '·'
                | '・'
                | '('
                | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '【'
                | '】'
                | '〔'
                | '〕'
                | '《'
                | '》'
                | '〈'
                | '〉'
                | '“'
                | '”'
                | '‘'
                | '’'
                | '"'
                | '\''
                | '*'
                | '#'
                | '?'
                | '!'
        )
}

/// Units of measure that may stand in brackets behind a column title.
const UNITS: &[&str] = &[
    "%",
    "‰",
    "个",
    "人",
    "名",
    "家",
    "户",
    "件",
    "次",
    "回",
    "项",
    "篇",
    "条",
    "场",
    "期",
    "年",
    "月",
    "日",
    "天",
    "岁",
    "分",
    "元",
    "千元",
    "万元",
    "亿元",
    "万人",
    "万名",
    "万个",
    "人次",
    "小时",
    "学时",
    "平方米",
    "m2",
    "亩",
    "处",
    "所",
    "支",
    "村",
    "票",
    "周岁",
    "公里",
    "百分点",
];

/// Is this a word that only measures?
pub(crate) fn is_unit_of_measure(text: &str) -> bool {
    UNITS.contains(&text)
}

/// A title without bracketed units of measure, and the last unit found in brackets.
/// `own` is the field's declared unit, which counts as a unit whatever it is.
pub(crate) fn without_unit<'a>(compacted: &'a str, own: &str) -> (Cow<'a, str>, Option<String>) {
    let mut rest = Cow::Borrowed(compacted);
    let mut unit = None;
    let mut from = 0;
    while let Some((open, close)) = next_brackets(&rest, from) {
        let inner = &rest[open + opening_len(&rest, open)..close];
        let inner = inner.strip_prefix("计量").unwrap_or(inner);
        let inner = inner.strip_prefix("单位").unwrap_or(inner);
        let inner = inner.trim_start_matches(':');
        if is_unit_of_measure(inner) || (!own.is_empty() && inner == compact(own)) {
            unit = Some(inner.to_owned());
            let after = close + opening_len(&rest, close);
            rest = Cow::Owned(format!("{}{}", &rest[..open], &rest[after..]));
            from = open;
        } else {
            from = close;
        }
    }
    (rest, unit)
}

fn opening_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

fn next_brackets(text: &str, from: usize) -> Option<(usize, usize)> {
    let open = from + text.get(from..)?.find(['(', '[', '〔', '【'])?;
    let close = open + text[open..].find([')', ']', '〕', '】'])?;
    Some((open, close))
}

/// Chinese digits to ASCII, also with 十 (二十五 → 25): for dates and periods only.
pub(crate) fn ascii_digits(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| chinese_digit(c).is_some() || c == '十') {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| digit(chars[j]));
        let after = chars.get(i + 1).and_then(|&n| digit(n));
        match (c, chinese_digit(c)) {
            ('十', _) => out.push_str(match (before, after) {
                (Some(_), Some(_)) => "",
                (Some(_), None) => "0",
                (None, Some(_)) => "1",
                (None, None) => "10",
            }),
            (_, Some(d)) => out.push(d),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn digit(c: char) -> Option<char> {
    c.is_ascii_digit().then_some(c).or_else(|| chinese_digit(c))
}

fn chinese_digit(c: char) -> Option<char> {
    Some(match c {
        '〇' | '○' | '零' => '0',
        '一' => '1',
        '二' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        _ => return None,
    })
}

/// Why the system refused, in our users' language: its own words are English.
pub(crate) fn system_reason(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let known = match error.kind() {
        Kind::NotFound => "不存在，或刚被移走",
        Kind::PermissionDenied => "没有权限",
        Kind::AlreadyExists => "已经存在",
        Kind::NotADirectory => "不是文件夹",
        Kind::IsADirectory => "是文件夹",
        Kind::DirectoryNotEmpty => "文件夹不是空的",
        Kind::StorageFull | Kind::QuotaExceeded => "磁盘已满",
        Kind::ReadOnlyFilesystem => "磁盘是只读的",
        Kind::FileTooLarge => "文件过大",
        Kind::ResourceBusy | Kind::ExecutableFileBusy => "正被其他程序使用",
        Kind::CrossesDevices => "不在同一个磁盘上",
        Kind::InvalidFilename => "名字过长或含有不允许的字符",
        Kind::OutOfMemory => "内存不足",
        Kind::TimedOut | Kind::StaleNetworkFileHandle | Kind::HostUnreachable => "网络盘没有响应",
        Kind::BrokenPipe => "接收的程序已经结束",
        Kind::UnexpectedEof => "内容不完整",
        Kind::InvalidData => "内容已损坏",
        _ => {
            return match error.raw_os_error() {
                Some(number) => format!("系统错误 {number}"),
                None => "读写出错".to_owned(),
            };
        }
    };
    known.to_owned()
}

/// Edit distance, only to phrase a hint: never to accept anything.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = usize::from(ca != *cb);
            let next = (diagonal + cost).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_keyboard_types_has_the_form_that_unicode_gives_it() {
        let typed = ('\0'..=char::MAX).filter_map(|c| Some((c, compatible(c)?)));
        let mut count = 0;
        for (c, plain) in typed {
            assert_eq!(String::from(c).nfkc().collect::<String>(), plain.to_string());
            // It joins no neighbour.
            assert_eq!(format!("e{c}e").nfkc().collect::<String>(), format!("e{plain}e"));
            count += 1;
        }
        for c in '\0'..=char::MAX {
            assert_eq!(is_all_common(&String::from(c)), is_common(c), "{c:?}");
        }
        // ASCII, the common ideographs, full-width ASCII, seven marks.
        assert_eq!(count, 128 + 20_992 + 94 + 7);
        assert_eq!(compact("填报单位：石匣乡（盖章）\u{3000} “好”"), "填报单位:石匣乡(盖章)“好”");
    }

    #[test]
    fn width_and_spaces_do_not_matter() {
        assert_eq!(compact(" １２　3\u{a0}"), "123");
        assert_eq!(compact("填 报 单 位：石匣乡"), "填报单位:石匣乡");
        assert_eq!(title_key("其中：女"), title_key("其中 女"));
        assert_eq!(title_key("转入(县内)"), "转入县内");
    }

    #[test]
    fn only_units_of_measure_leave_a_title() {
        assert_eq!(without_unit("党建经费(元)", ""), ("党建经费".into(), Some("元".into())));
        assert_eq!(without_unit("转入(县内)", ""), ("转入(县内)".into(), None));
        assert_eq!(without_unit("占比(单位:%)", ""), ("占比".into(), Some("%".into())));
        assert_eq!(
            without_unit("行政村(社区)名称(个)", ""),
            ("行政村(社区)名称".into(), Some("个".into()))
        );
        assert_eq!(without_unit("核桃(公斤)", "公斤"), ("核桃".into(), Some("公斤".into())));
    }

    #[test]
    fn chinese_digits_become_ascii() {
        assert_eq!(ascii_digits("二〇一三年十月二十五日"), "2013年10月25日");
        assert_eq!(ascii_digits("二○一三年十二月三十日"), "2013年12月30日");
        assert_eq!(ascii_digits("2013年三季度"), "2013年3季度");
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("上武村", "下武村"), 1);
        assert_eq!(distance("石匣乡", "石匣乡党委"), 2);
    }
}
