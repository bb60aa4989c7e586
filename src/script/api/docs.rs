//! Texts from the table: `plotrt api`, the reference in `docs/api.md`, the definitions for editors.

use super::table::{Function, Object, Param, Type};
use super::{SECTIONS, find, functions, variables};
use std::borrow::Cow;
use std::fmt::Write;

/// All functions, one a line, by concept.
pub fn list() -> String {
    let width = functions().map(|f| f.object.prefix().len() + f.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (title, functions) in SECTIONS {
        let _ = writeln!(text, "{title}");
        for f in *functions {
            let name = format!("{}{}", f.object.prefix(), f.name);
            let _ = writeln!(text, "  {name:width$}  {}", first_sentence(f.doc));
        }
        text.push('\n');
    }
    text.push_str("`plotrt api NAME` shows one of them in full, `plotrt api WORD` searches for a word.\n");
    text
}

/// Everything about the functions of one name, as plain text; `None` where there is none. The name may be written with
/// its object: `rt.set_data`.
pub fn describe_exactly(name: &str) -> Option<String> {
    let (object, bare) = match name.split_once('.') {
        Some((object, bare)) => (Some(object), bare),
        None => (None, name),
    };
    let found: Vec<String> = find(bare)
        .filter(|f| object.is_none_or(|object| f.object.prefix().trim_end_matches('.') == object))
        .map(plain)
        .collect();
    (!found.is_empty()).then(|| found.join("\n"))
}

fn plain(f: &'static Function) -> String {
    let mut text = format!("{}\n\n{}\n", f.signature(), wrap(f.doc, 2));
    for (title, params) in [("Arguments", f.params), ("Options", f.options)] {
        if !params.is_empty() {
            let _ = writeln!(text, "\n  {title}:");
            for p in params {
                let _ = writeln!(text, "    {}: {}\n{}", p.name, facts(f, p), wrap(&doc_of(f, p), 6));
            }
        }
    }
    if !f.returns.is_empty() {
        let _ = writeln!(text, "\n  Returns {}.", f.returns);
    }
    if let Some(phases) = phases(f) {
        let _ = writeln!(text, "\n  Works in {phases}.");
    }
    let _ = writeln!(text, "\n  Example:\n{}", indent(f.example, 4));
    text
}

/// What a parameter is. A function that sets variables lists them.
pub fn doc_of<'a>(f: &Function, p: &'a Param) -> Cow<'a, str> {
    match p.ty {
        Type::Variable if p.doc.is_empty() => variables::doc(f.name).into(),
        _ => p.doc.into(),
    }
}

/// Type, unit, range and default on one line.
fn facts(f: &Function, p: &Param) -> String {
    let mut facts = vec![p.ty.describe()];
    let range = p.range.describe();
    match (range.is_empty(), p.unit.is_empty()) {
        (true, true) => {}
        (true, false) => facts.push(p.unit.to_string()),
        (false, true) => facts.push(range),
        (false, false) => facts.push(format!("{range} {}", p.unit)),
    }
    match (p.default, f.default_of(p)) {
        (None, required) => facts.push(required.into()),
        (Some(_), default) => facts.push(format!("default: {default}")),
    }
    facts.join("; ")
}

fn phases(f: &Function) -> Option<String> {
    let every = f.phases.len() == super::table::EVERYWHERE.len();
    let names: Vec<String> = f.phases.iter().map(|c| format!("`{}`", c.name())).collect();
    (!every).then(|| names.join(" and "))
}

pub fn first_sentence(doc: &str) -> &str {
    match doc.find(". ") {
        Some(end) => &doc[..=end],
        None => doc,
    }
}

fn indent(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    text.lines().map(|line| format!("{pad}{line}")).collect::<Vec<_>>().join("\n")
}

fn wrap(text: &str, by: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("starts with one line");
        if !line.is_empty() && by + line.len() + 1 + word.len() > 100 {
            lines.push(word.to_string());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    indent(&lines.join("\n"), by)
}

/// The reference, `docs/api.md`.
pub fn reference() -> String {
    let mut text = String::from(
        "# Script functions\n\n\
         Written by `PLOTRT_UPDATE=1 cargo test` from the table in `src/script/api`; do not edit.\n\n\
         Functions are methods of `rt`, the first parameter of every callback. Required arguments go by position, \
         optional ones into one last map: `rt.setup_light(\"lamp\", #{ radius: 2 })`. Arguments with a `?` are optional. \
         Every number may be an integer or a float. Unless a function says otherwise, it works in every callback; \
         changes of the scene take effect together when the callbacks of the round have ended.\n\n\
         Callbacks, each optional: `init(rt)`, `rt_starting(rt)`, `compute(rt, delta)`, `update_image(rt)`, \
         `accum_done(rt)`, `update_data(rt)`.\n",
    );
    for (title, functions) in SECTIONS {
        let _ = write!(text, "\n## {title}\n");
        for f in *functions {
            section(&mut text, f);
        }
    }
    text
}

fn section(text: &mut String, f: &Function) {
    let _ = write!(text, "\n### {}{}\n\n`{}`\n\n{}\n", f.object.prefix(), f.name, f.signature(), f.doc);
    if !f.params.is_empty() || !f.options.is_empty() {
        text.push_str("\n| name | takes | unit | range | default | |\n| --- | --- | --- | --- | --- | --- |\n");
        for p in f.params.iter().chain(f.options) {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} | {} | {} |",
                p.name,
                p.ty.describe(),
                p.unit,
                p.range.describe(),
                f.default_of(p),
                doc_of(f, p)
            );
        }
    }
    if !f.returns.is_empty() {
        let _ = write!(text, "\nReturns {}.\n", f.returns);
    }
    if let Some(phases) = phases(f) {
        let _ = write!(text, "\nWorks in {phases}.\n");
    }
    let _ = write!(text, "\n```js\n{}\n```\n", f.example);
}

/// Definitions for editors that know Rhai, `plotrt.d.rhai`.
pub fn definitions() -> String {
    let mut text = String::from("module static;\n");
    for f in functions() {
        text.push('\n');
        for line in wrap(f.doc, 0).lines() {
            let _ = writeln!(text, "/// {line}");
        }
        for p in f.params.iter().chain(f.options) {
            let _ = writeln!(text, "/// - `{}`: {}. {}", p.name, facts(f, p), doc_of(f, p));
        }
        let object = match f.object {
            Object::Rt => Some("rt: Rt"),
            Object::Image => Some("img: Image"),
            Object::Array => Some("a: ndarray"),
            Object::Free => None,
        };
        let returns = if f.returns.is_empty() { "()" } else { "?" };
        if f.is_property() {
            let _ = writeln!(text, "fn get {}({}) -> {returns};", f.name, object.unwrap_or_default());
            continue;
        }
        let (fewest, most) = f.arity();
        for count in fewest..=most {
            let mut arguments: Vec<String> = object.map(str::to_string).into_iter().collect();
            // A word that editors take for a keyword of the language.
            let name = |name| if name == "default" { "default_value" } else { name };
            let by_position = f.params.iter().take(count).map(|p| format!("{}: {}", name(p.name), p.ty.definition()));
            arguments.extend(by_position);
            if count > f.params.len() {
                arguments.push("options: Map".into());
            }
            let _ = writeln!(text, "fn {}({}) -> {returns};", f.name, arguments.join(", "));
        }
    }
    text
}
