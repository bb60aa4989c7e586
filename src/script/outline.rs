//! The text of a script as code, whether it compiles or not: without comments, blanks and line breaks.

use std::collections::BTreeMap;

/// A script as code, without comments and with single blanks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Everything but functions.
    pub top: String,
    /// Signatures and bodies of all functions, by name.
    pub functions: BTreeMap<String, String>,
}

impl Outline {
    pub fn of(text: &str) -> Outline {
        let mut outline = Outline::default();
        let words = words(text);
        let mut at = 0;
        while at < words.len() {
            let start = at;
            let named = if words[at] == "private" { at + 1 } else { at };
            if words.get(named) == Some(&"fn") && words.get(named + 1).is_some() {
                at = end_of_function(&words, named);
                let function = outline.functions.entry(words[named + 1].to_string()).or_default();
                words[start..at].iter().for_each(|word| push(function, word));
            } else {
                push(&mut outline.top, words[at]);
                at += 1;
            }
        }
        outline
    }
}

/// The paths of all imports of a text, which need not compile.
pub(super) fn imports(text: &str) -> Vec<&str> {
    let words = words(text);
    let pairs = words.windows(2).filter(|pair| pair[0] == "import");
    pairs.filter_map(|pair| pair[1].strip_prefix('"')?.strip_suffix('"')).collect()
}

fn push(to: &mut String, word: &str) {
    to.push_str(word);
    to.push(' ');
}

/// The position after the body of a function whose `fn` is at `start`.
fn end_of_function(words: &[&str], start: usize) -> usize {
    let mut depth = 0usize;
    for (at, word) in words.iter().enumerate().skip(start) {
        match *word {
            "{" | "#{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    words.len()
}

/// The words of a text: names and numbers, texts as a whole, and single signs.
fn words(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let first = bytes[at];
        let length = if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if rest.starts_with("/*") {
            at += comment(rest);
            continue;
        } else if first.is_ascii_whitespace() {
            at += 1;
            continue;
        } else if first == b'"' {
            quoted(rest, '"')
        } else if first == b'`' {
            template(rest)
        } else if first == b'\'' {
            quoted(rest, '\'')
        } else if let Some(length) = raw(rest) {
            length
        } else if rest.starts_with("#{") {
            2
        } else {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if word > 0 { word } else { rest.chars().next().map_or(1, char::len_utf8) }
        };
        words.push(&rest[..length]);
        at += length;
    }
    words
}

/// Length of a comment, which may hold others.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if bytes[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// Length of a text in quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = true; // the first one opens it
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Length of a raw text, `#"…"#` with any number of signs, if there is one.
fn raw(text: &str) -> Option<usize> {
    let signs = text.bytes().take_while(|byte| *byte == b'#').count();
    let inner = text[signs..].strip_prefix('"').filter(|_| signs > 0)?;
    let end = format!("\"{}", &text[..signs]);
    Some(inner.find(&end).map_or(text.len(), |at| signs + 1 + at + end.len()))
}

/// Length of a text in backticks, with the code in it.
fn template(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == b'`' {
            return at + 1;
        }
        if bytes[at..].starts_with(b"${") {
            at += 2;
            let mut depth = 1;
            while at < bytes.len() && depth > 0 {
                match bytes[at] {
                    b'{' => depth += 1,
                    b'}' => depth -= 1,
                    b'"' => at += quoted(&text[at..], '"') - 1,
                    b'`' => at += template(&text[at..]) - 1,
                    _ => {}
                }
                at += 1;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}
