//! No two files of a folder import each other, directly or through others: each can be read after those below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders below `src`, with their subfolders.
const FOLDERS: [&str; 8] = ["array", "cli", "device", "engine", "output", "scene", "script", "viewer"];

/// The modules of the crate by path, such as `script/api/call`, with what they import as written, and under which name
/// others see it if it is public.
type Modules = BTreeMap<String, Vec<(String, Option<String>)>>;

fn read(folder: &Path, module: &str, modules: &mut Modules) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let stem = entry.file_stem().unwrap().to_str().unwrap();
        let path = if module.is_empty() { stem.to_string() } else { format!("{module}/{stem}") };
        if entry.is_dir() {
            read(&entry, &path, modules);
        } else if entry.extension().is_some_and(|ending| ending == "rs") && !["main", "tests"].contains(&stem) {
            let path = if ["mod", "lib"].contains(&stem) { module.to_string() } else { path };
            modules.insert(path, imports(&std::fs::read_to_string(&entry).unwrap()));
        }
    }
}

/// All imports of a text except those of its tests.
fn imports(text: &str) -> Vec<(String, Option<String>)> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut found = Vec::new();
    for (at, _) in text.match_indices("use ").filter(|(at, _)| {
        let line = text[..*at].rsplit('\n').next().unwrap();
        line.is_empty() || line.starts_with("pub")
    }) {
        let tree = text[at + 4..].split(';').next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        let is_public = !text[..at].ends_with('\n');
        for path in expanded(&tree) {
            let (path, name) = path.split_once(" as ").unwrap_or((&path, path.rsplit("::").next().unwrap()));
            found.push((path.to_string(), is_public.then(|| name.to_string())));
        }
    }
    found
}

/// The paths of `a::{b, c::{d, e}}`.
fn expanded(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else { return vec![tree.trim().to_string()] };
    let Some((inner, _)) = rest.rsplit_once('}') else { return Vec::new() }; // not an import
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inner.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| expanded(&format!("{}{part}", before.trim()))).collect()
}

/// The module that defines what `module` imports as `path`; `None` for other crates.
fn defined_in(modules: &Modules, module: &str, path: &str) -> Option<String> {
    let mut at: Vec<&str> = module.split('/').filter(|part| !part.is_empty()).collect();
    let mut path: Vec<&str> = path.split("::").collect();
    match path[0] {
        "crate" => at.clear(),
        "self" => {}
        "super" => drop(at.pop()),
        first if modules.contains_key(&[&at[..], &[first]].concat().join("/")) => path.insert(0, "self"),
        _ => return None,
    }
    path.remove(0);
    while path.first() == Some(&"super") {
        at.pop();
        path.remove(0);
    }
    while let Some(first) = path.first() {
        let inner = [&at[..], &[first]].concat();
        if !modules.contains_key(&inner.join("/")) {
            break;
        }
        at = inner;
        path.remove(0);
    }
    let found = at.join("/");
    let exported = |first: &&str| {
        let mut exports = modules[&found].iter().filter(|(_, name)| name.as_deref() == Some(*first));
        exports.find_map(|(path, _)| defined_in(modules, &found, path)).filter(|other| *other != found)
    };
    path.first().and_then(exported).or(Some(found))
}

/// A file that imports itself through others, and the way.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(edges: &BTreeMap<String, BTreeSet<String>>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let last = way.last().unwrap().clone();
        for next in edges.get(&last).into_iter().flatten() {
            if let Some(start) = way.iter().position(|module| module == next) {
                way.drain(..start);
                return true;
            }
            if !done.contains(next) {
                way.push(next.clone());
                if walk(edges, way, done) {
                    return true;
                }
            }
        }
        way.pop();
        done.insert(last);
        false
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|module| {
        let mut way = vec![module.clone()];
        walk(edges, &mut way, &mut done).then_some(way)
    })
}

/// What the files of a folder import from each other. A module's root, `mod.rs`, only collects what is below it.
fn edges(modules: &Modules, folder: &str) -> BTreeMap<String, BTreeSet<String>> {
    let inside = |module: &str| module.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let is_root = |module: &str| modules.keys().any(|other| other.starts_with(&format!("{module}/")));
    let files = modules.iter().filter(|(module, _)| inside(module) && !is_root(module));
    let imported = |module: &str, imports: &[(String, Option<String>)]| -> BTreeSet<String> {
        let others = imports.iter().filter_map(|(path, _)| defined_in(modules, module, path));
        others.filter(|other| other != module && inside(other) && !is_root(other)).collect()
    };
    files.map(|(module, imports)| (module.clone(), imported(module, imports))).collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut modules = Modules::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut modules);
    for folder in FOLDERS {
        let edges = edges(&modules, folder);
        assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 10, "the imports of {folder} are found");
        assert_eq!(circle(&edges), None, "in {folder}");
    }
}

#[test]
fn circles_are_found() {
    let modules: Modules = [
        ("a", "pub use one::One;"),
        ("a/one", "use super::two::{self, Two};"),
        ("a/two", "use crate::a::{\n    Other,\n    three::{Three, four::Four},\n};"),
        ("a/three", "use super::One;"),
    ]
    .map(|(module, text)| (module.to_string(), imports(text)))
    .into();
    let edges = edges(&modules, "a");
    assert_eq!(circle(&edges), Some(["a/one", "a/two", "a/three"].map(String::from).to_vec()));
}
