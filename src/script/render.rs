//! Formats errors: the message, the line of the script with the place underlined, the hint, other places
//! of the error.

use crate::error::Note;
use crate::{Error, Place};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// An error as text of several lines, for a terminal (with colours) or a file.
pub fn render_error(error: &Error, color: bool) -> String {
    render(error, Level::ERROR, color)
}

/// The same for what may be a mistake.
pub fn render_warning(warning: &Error, color: bool) -> String {
    render(warning, Level::WARNING, color)
}

fn render(error: &Error, level: Level<'_>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let hint_level = Level::HELP.with_name(Some("hint"));
    if let (None, Some(hint)) = (&error.place, &error.hint) {
        // The renderer attaches a hint to a source line; without one it needs a title of its own.
        let titles = [level.primary_title(clean(&error.message)), hint_level.clone().primary_title(clean(hint))];
        return titles.map(|title| renderer.render(&[Group::with_title(title)]).to_string()).join("\n");
    }
    let mut group = Group::with_title(level.primary_title(clean(&error.message)));
    if let Some(place) = &error.place {
        group = group.element(snippet(place, AnnotationKind::Primary, None));
    }
    // A function that calls itself would fill the screen.
    let mut notes: Vec<(&Note, usize)> = Vec::new();
    for note in &error.notes {
        match notes.iter_mut().find(|(known, _)| *known == note) {
            Some((_, times)) => *times += 1,
            None => notes.push((note, 1)),
        }
    }
    for (note, times) in notes {
        let times = if times > 1 { format!(", {times} times") } else { String::new() };
        let label = format!("{}{times}", clean(&note.text));
        group = group.element(snippet(&note.place, AnnotationKind::Context, Some(label)));
    }
    if let Some(hint) = &error.hint {
        group = group.element(hint_level.message(clean(hint)));
    }
    renderer.render(&[group]).to_string()
}

fn snippet(
    place: &Place,
    kind: AnnotationKind,
    label: Option<String>,
) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let source = place.source.as_deref().unwrap_or_default();
    let mut annotation = kind.span(marked(source, place.column));
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    Snippet::source(source).line_start(place.line).path(place.file.as_str()).annotation(annotation)
}

/// The bytes of a line that a column (in characters, from 1; 0: the whole line) points at: a word, or one character.
fn marked(line: &str, column: usize) -> Range<usize> {
    if column == 0 {
        let start = line.len() - line.trim_start().len();
        return start..line.trim_end().len().max(start);
    }
    let mut rest = line.char_indices().skip(column - 1);
    let Some((start, first)) = rest.next() else { return line.len()..line.len() };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let end = match is_word(first) {
        true => rest.find(|(_, c)| !is_word(*c)).map_or(line.len(), |(end, _)| end),
        false => start + first.len_utf8(),
    };
    start..end
}

/// Messages can hold text of the script: nothing in them steers the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: usize, column: usize, source: &str) -> Place {
        Place { file: "a.rhai".into(), line, column, source: Some(source.into()) }
    }

    #[test]
    fn an_error_shows_its_line_its_calls_and_its_hint() {
        let error = Error::script("unknown variable `sped`")
            .hint("did you mean `speed`?")
            .at(place(7, 9, "    x = sped + 1;"))
            .note("in this call of `step`", place(12, 5, "    step(2);"));
        let expected = "\
error: unknown variable `sped`
  --> a.rhai:7:9
   |
 7 |     x = sped + 1;
   |         ^^^^
   |
  ::: a.rhai:12:5
   |
12 |     step(2);
   |     ---- in this call of `step`
   |
   = hint: did you mean `speed`?";
        assert_eq!(render_error(&error, false), expected);
        assert!(render_error(&error, true).contains("\x1b["));
    }

    #[test]
    fn a_call_of_many_is_shown_once() {
        let mut error = Error::limit("too deep").at(place(1, 13, "fn f(x) { f(x + 1) }"));
        for _ in 0..3 {
            error = error.note("in this call of `f`", place(1, 11, "fn f(x) { f(x + 1) }"));
        }
        error = error.note("in this call of `f`", place(2, 1, "f(0);"));
        let text = render_error(&error, false);
        assert_eq!(text.matches("in this call of `f`").count(), 2, "{text}");
        assert!(text.contains("- in this call of `f`, 3 times"), "{text}");
    }

    #[test]
    fn odd_places_and_texts_are_no_trouble() {
        for column in [0, 1, 3, 4, 99] {
            for source in ["", "äöü", "\u{1f600}\tx", "   "] {
                render_error(&Error::script("m\x1b[2J").at(place(1, column, source)), false);
            }
        }
        let text = render_error(&Error::usage("no such folder").hint("make it first"), false);
        assert_eq!(text, "error: no such folder\nhint: make it first");
        let text = render_error(&Error::script("m\x1b[2J"), false);
        assert_eq!(text, "error: m\u{fffd}[2J");
    }
}
