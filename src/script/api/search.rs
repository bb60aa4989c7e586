//! `plotrt api WORD`: search for functions by a word.

use super::call::SYNONYMS;
use super::docs::{describe_exactly, doc_of, first_sentence};
use super::later::place_of;
use super::table::{Function, Type};
use super::{functions, plotoptix};
use crate::error::nearest;
use crate::script::foreign;
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeSet;

/// Words with two spellings, and synonyms, besides those of options.
const SPELLINGS: &[&[&str]] = &[
    &["color", "colour", "rgb"],
    &["colors", "colours"],
    &["gray", "grey"],
    &["center", "centre"],
    &["ax", "axis", "axes"],
    &["denoise", "denoiser", "denoising"],
    &["normalise", "normalize"],
    &["light", "lamp"],
    &["background", "sky"],
    &["picture", "image"],
    &["matrix", "matrices"],
    &["vertex", "vertices"],
    &["index", "indices"],
];

/// Where a match was found; better ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Name,
    PartOfName,
    Option,
    Value,
    Text,
}

/// The page of a function, or if there is none of this name, all functions that match the word, one a line.
pub fn look_up(word: &str) -> Result<String> {
    if let Some(page) = describe_exactly(word) {
        return Ok(page);
    }
    if ["python", "numpy", "matplotlib", "plotoptix"].contains(&word.to_lowercase().as_str()) {
        return Ok(foreign::section());
    }
    let bare = word.split_once('.').map_or(word, |(_, bare)| bare);
    if let Some(error) = plotoptix(bare) {
        return Err(Error { kind: ErrorKind::Usage, ..error });
    }
    let words: Vec<BTreeSet<String>> = bare.split_whitespace().map(spellings).collect();
    let mut found: Vec<(Found, String, String)> = functions()
        .filter_map(|function| {
            // Every word is found, and the match is as good as that of the worst.
            let matches: Option<Vec<(Found, String)>> = words.iter().map(|word| find(function, word)).collect();
            let (rank, about) = matches?.into_iter().max_by_key(|(rank, _)| *rank)?;
            Some((rank, format!("{}{}", function.object.prefix(), function.name), about))
        })
        .collect();
    // Stable, so that matches of one kind stay in the order of the table.
    found.sort_by_key(|(rank, ..)| *rank);
    if found.is_empty() {
        let error = Error::usage(format!("nothing is called `{word}`, and no text holds it"));
        let names = functions().flat_map(|f| std::iter::once(f.name).chain(f.options.iter().map(|p| p.name)));
        if let Some(place) = place_of(bare) {
            return Err(error.hint(place));
        }
        return Err(match nearest(bare, names) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`plotrt api` lists all functions"),
        });
    }
    let width = found.iter().map(|(_, name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text: String = found.iter().map(|(_, name, about)| format!("{name:width$}  {about}\n")).collect();
    text.push_str("\n`plotrt api NAME` shows one of them in full.\n");
    Ok(text)
}

/// A word in all its spellings, in lower case, in the singular and in the plural.
fn spellings(word: &str) -> BTreeSet<String> {
    let word = word.to_lowercase();
    let single = word.strip_suffix('s').filter(|single| single.len() > 2).unwrap_or(&word).to_string();
    let mut all = BTreeSet::from([word, single]);
    for group in SPELLINGS {
        if group.iter().any(|spelling| all.contains(*spelling)) {
            all.extend(group.iter().map(|spelling| (*spelling).to_string()));
        }
    }
    all
}

/// Where a function has one of these words, and its one-line description.
fn find(function: &Function, words: &BTreeSet<String>) -> Option<(Found, String)> {
    let is_one =
        |text: &str| words.contains(text) || text.strip_suffix('s').is_some_and(|single| words.contains(single));
    let about = || first_sentence(function.doc).to_string();
    if function.name.split('_').any(|part| is_one(&part.to_lowercase())) {
        return Some((Found::Name, about()));
    }
    let name = function.name.to_lowercase();
    // A name that is written with `_` is one of a function, and then a misspelt one.
    if words.iter().any(|word| word.len() > 2 && !word.contains('_') && name.contains(word.as_str())) {
        return Some((Found::PartOfName, about()));
    }
    // Names of two letters would match too many others.
    let means = |name: &str| {
        SYNONYMS
            .iter()
            .any(|group| group.contains(&name) && group.iter().any(|other| other.len() > 3 && words.contains(*other)))
    };
    let params = || function.params.iter().chain(function.options);
    let option = params().find(|p| is_one(p.name) || p.name.split('_').any(|part| is_one(&part.to_lowercase())));
    if let Some(param) = option.or_else(|| function.options.iter().find(|p| means(p.name))) {
        return Some((Found::Option, format!("`{}`: {}", param.name, first_sentence(&doc_of(function, param)))));
    }
    for param in params() {
        if let Type::Choice(names, _) = param.ty
            && let Some(value) = names.iter().find(|name| parts(name).iter().any(|part| is_one(part)))
        {
            return Some((
                Found::Value,
                format!("`{}`: \"{value}\"; {}", param.name, first_sentence(&doc_of(function, param))),
            ));
        }
    }
    let holds = |text: &str| {
        let lower = text.to_lowercase();
        lower.split(|c: char| !c.is_alphanumeric()).any(is_one)
    };
    if holds(function.doc) || holds(function.returns) {
        return Some((Found::Text, about()));
    }
    let param = params().find(|p| holds(&doc_of(function, p)) || holds(p.unit))?;
    Some((Found::Text, format!("`{}`: {}", param.name, first_sentence(&doc_of(function, param)))))
}

/// A name such as `ParticleSet` as a whole and as its words, in lower case.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![name.to_lowercase()];
    let mut word = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !word.is_empty() {
            parts.push(std::mem::take(&mut word).to_lowercase());
        }
        word.push(c);
    }
    parts.push(word.to_lowercase());
    parts
}
