//! A compiled script with its modules: immutable, shared by all hosts that run it.

use super::callback::Callback;
use super::limits::Limits;
use super::permissions::Permissions;
use super::unit::{self, Unit};
use super::{brackets, diagnostic, foreign, language, literals, outline};
use crate::array::Space;
use crate::error::nearest;
use crate::{Error, Place, Result};
use rhai::{ASTFlags, ASTNode, Expr, Position, Stmt};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Options that a script is loaded and run with.
#[derive(Debug, Clone, Default)]
pub struct ScriptOptions {
    /// `--set name=value`: values for the script's parameters.
    pub sets: Vec<(String, String)>,
    pub limits: Limits,
    pub permissions: Arc<Permissions>,
    /// Seed of the random numbers in arrays: that of the run. Default 0.
    pub seed: u64,
    /// Memory and threads of arrays, shared with the script that this one replaces.
    pub space: Option<Arc<Space>>,
    /// Threads that compute arrays; 0 (default): one for each core. Results do not depend on it.
    pub threads: usize,
}

/// A script that has been compiled, with its modules.
pub struct Script {
    path: PathBuf,
    /// Modules before those that import them; the script itself comes last.
    pub(super) units: Vec<Unit>,
    pub(super) options: ScriptOptions,
    /// Memory and threads of the script's arrays.
    pub(super) space: Arc<Space>,
    /// Data files that its hosts have opened, or tried to.
    pub(super) loaded: Arc<Mutex<BTreeSet<PathBuf>>>,
    callbacks: Vec<Callback>,
    /// Mistakes that keep the script from running as it stands.
    faults: Vec<Error>,
    /// Units are incomplete, so that not even the top level can run.
    broken: bool,
}

impl Script {
    /// Reads and compiles a script and all modules that it imports, and checks the parameters of its callbacks.
    pub fn load(path: &Path, options: ScriptOptions) -> Result<Arc<Script>> {
        Self::load_for_check(path, options)?.without_faults()
    }

    /// Like [`Script::load`], but continues after modules that cannot be loaded and callbacks with wrong parameters:
    /// [`check`](super::check()) reports them with everything else. Only for that and for a dry run.
    pub fn load_for_check(path: &Path, options: ScriptOptions) -> Result<Arc<Script>> {
        let text = read(path)?;
        let name = path.display().to_string();
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Self::compile(path.to_path_buf(), name, text, &dir, options)
    }

    /// Compiles a script from its text. `name` is what errors call it; modules are looked for in `dir`.
    pub fn from_source(name: &str, text: &str, dir: &Path, options: ScriptOptions) -> Result<Arc<Script>> {
        Self::compile(dir.join(name), name.to_string(), text.to_string(), dir, options)?.without_faults()
    }

    fn without_faults(self: Arc<Self>) -> Result<Arc<Script>> {
        match self.faults.first() {
            Some(first) => Err(first.clone()),
            None => Ok(self),
        }
    }

    fn compile(path: PathBuf, name: String, text: String, dir: &Path, options: ScriptOptions) -> Result<Arc<Script>> {
        let compiler = brackets::Compiler::new(language::engine(&options.limits));
        let mut loader =
            Loader { compiler, options: &options, units: Vec::new(), loading: Vec::new(), faults: Vec::new() };
        loader.add(name, text, dir, &path)?;
        let Loader { units, mut faults, .. } = loader;
        let broken = !faults.is_empty();
        let main = units.last().expect("the script itself was added");
        let mut callbacks = Vec::new();
        for callback in Callback::ALL {
            let arities = main.ast.iter_functions().filter(|f| f.name == callback.name()).map(|f| f.params.len());
            match arities.collect::<Vec<_>>().as_slice() {
                [] => {}
                arities if arities.contains(&callback.arity()) => callbacks.push(callback),
                [found, ..] => faults.push(wrong_parameters(main, callback, *found)),
            }
        }
        faults.extend(units.iter().flat_map(|unit| literals::pictures(unit, &options.permissions)));
        let space = options.space.clone();
        let space = space.unwrap_or_else(|| Arc::new(Space::new(options.limits.arrays, options.threads)));
        Ok(Arc::new(Script { path, units, options, space, loaded: Arc::default(), callbacks, faults, broken }))
    }

    /// Mistakes that keep the script from running as it stands: none but in one of [`Script::load_for_check`].
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Whether the top level, and the callbacks whose parameters are right, can run.
    pub fn is_whole(&self) -> bool {
        !self.broken
    }

    /// Whether the script defines this callback.
    pub fn has(&self, callback: Callback) -> bool {
        self.callbacks.contains(&callback)
    }

    /// The callbacks that the script defines.
    pub fn callbacks(&self) -> &[Callback] {
        &self.callbacks
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Values of parameters that the script was loaded with.
    pub fn sets(&self) -> &[(String, String)] {
        &self.options.sets
    }

    /// The files of the script and its modules, according to its present text, and the data files that it has loaded so
    /// far, readable or not.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = source_files(&self.path);
        files.extend(self.loaded.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        files
    }

    /// Options for loading the next text of this script, while this one runs. Values of parameters are not included: they
    /// are passed on separately, since the next text need not declare them.
    pub fn options_for_edit(&self) -> ScriptOptions {
        ScriptOptions { space: Some(self.space.clone()), sets: Vec::new(), ..self.options.clone() }
    }

    /// The place of a callback.
    pub fn place_of(&self, callback: Callback) -> Option<Place> {
        let main = self.main();
        let mut functions = main.ast.iter_fn_def();
        let function = functions.find(|f| f.name == callback.name() && f.params.len() == callback.arity())?;
        main.place(function.body.start_position())
    }

    pub(super) fn main(&self) -> &Unit {
        self.units.last().expect("a script has at least itself")
    }

    pub(super) fn unit(&self, name: &str) -> Option<&Unit> {
        unit::named(&self.units, name)
    }
}

/// The error of a callback with `found` parameters.
fn wrong_parameters(unit: &Unit, callback: Callback, found: usize) -> Error {
    let parameters = if callback.arity() == 2 { "(rt, delta)" } else { "(rt)" };
    let plural = if found == 1 { "parameter" } else { "parameters" };
    let error = Error::script(format!("`{}` takes {parameters}, this one has {found} {plural}", callback.name()))
        .hint(format!("write `fn {}{parameters} {{ … }}`", callback.name()));
    let function = unit.ast.iter_fn_def().find(|f| f.name == callback.name());
    match function.and_then(|f| unit.place(f.body.start_position())) {
        Some(place) => error.at(place),
        None => error,
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| {
        let error = Error::file(format!("cannot read {}: {}", path.display(), plain(&e)));
        match e.kind() {
            std::io::ErrorKind::InvalidData => error.hint("a script is UTF-8 text"),
            std::io::ErrorKind::NotFound => error.hint(scripts_near(path)),
            std::io::ErrorKind::IsADirectory => error.hint(scripts_in(path)),
            _ => error,
        }
    })
}

/// How many scripts of a folder a hint lists.
const SHOWN_SCRIPTS: usize = 5;

/// A hint for a path that does not exist.
fn scripts_near(path: &Path) -> String {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return format!("there is no folder `{}`", folder.display());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let names = script_names(folder);
    let near = |name: &str| nearest(name, names.iter().map(String::as_str));
    match near(&name).or_else(|| near(&format!("{name}.rhai"))) {
        Some(near) => format!("did you mean `{}`?", path.with_file_name(near).display()),
        None => scripts_in(folder),
    }
}

/// A sentence that lists the scripts of a folder.
fn scripts_in(folder: &Path) -> String {
    let names = script_names(folder);
    let shown = names.iter().take(SHOWN_SCRIPTS).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => format!("there are no scripts (.rhai) in `{}`", folder.display()),
        n if n > SHOWN_SCRIPTS => format!("`{}` holds {shown} and {} more", folder.display(), n - SHOWN_SCRIPTS),
        _ => format!("`{}` holds {shown}", folder.display()),
    }
}

fn script_names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let scripts = files.filter(|file| file.extension().is_some_and(|ending| ending == "rhai"));
    let mut names: Vec<String> =
        scripts.filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}

/// The operating system's message, without its error number.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::IsADirectory => "it is a folder".into(),
        std::io::ErrorKind::InvalidData => "it is not text".into(),
        _ => error.to_string(),
    }
}

/// The path of a module that a script in the folder `dir` imports.
fn module_file(dir: &Path, import: &str) -> PathBuf {
    let mut path = dir.join(import);
    if path.extension().is_none_or(|e| e != "rhai") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        path.set_file_name(format!("{name}.rhai"));
    }
    path
}

/// The script and its modules, also missing ones, as found in the texts, which need not compile.
pub fn source_files(path: &Path) -> Vec<PathBuf> {
    let mut files = vec![path.to_path_buf()];
    let mut next = 0;
    while let Some(path) = files.get(next) {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        for import in outline::imports(&text) {
            let module = module_file(&dir, import);
            if !files.contains(&module) && files.len() <= Limits::default().modules {
                files.push(module);
            }
        }
        next += 1;
    }
    files
}

/// Compiles a script and the modules that it imports, each once.
struct Loader<'a> {
    compiler: brackets::Compiler,
    options: &'a ScriptOptions,
    units: Vec<Unit>,
    /// Real paths of the files that are being loaded, outermost first.
    loading: Vec<PathBuf>,
    /// Errors of units that have compiled.
    faults: Vec<Error>,
}

impl Loader<'_> {
    /// Returns the index of the unit.
    fn add(&mut self, name: String, mut text: String, dir: &Path, path: &Path) -> Result<usize> {
        // Some editors begin every file with a byte order mark.
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        let compiled = self.compiler.compile(&text);
        let (mut ast, pairs) = compiled.map_err(|e| diagnostic::parse_error(&e, &name, &text))?;
        ast.set_source(name.as_str());
        let mut unit = Unit { name, text: text.into(), ast, dir: dir.to_path_buf(), imports: HashMap::new() };
        self.faults.extend(return_at_top_level(&unit));
        self.faults.extend(brackets::missing(&unit, &pairs));
        self.loading.push(std::fs::canonicalize(path).unwrap_or(path.to_path_buf()));
        for (import, pos) in self.imports(&unit) {
            match (self.import(&import, dir), unit.place(pos)) {
                (Ok(index), _) => drop(unit.imports.insert(import, index)),
                (Err(error), Some(place)) => self.faults.push(error.at(place)),
                (Err(error), None) => self.faults.push(error),
            }
        }
        self.loading.pop();
        self.units.push(unit);
        Ok(self.units.len() - 1)
    }

    /// All `import` statements of a unit, wherever they stand; their paths must be literal.
    fn imports(&mut self, unit: &Unit) -> Vec<(String, Position)> {
        let mut found = Vec::new();
        unit.ast.walk(&mut |path: &[ASTNode]| {
            if let Some(ASTNode::Stmt(Stmt::Import(import, pos))) = path.last() {
                match &import.0 {
                    Expr::StringConstant(text, pos) => found.push((text.to_string(), *pos)),
                    Expr::Variable(name, ..) if foreign::LIBRARIES.contains(&name.1.as_str()) => {
                        let error =
                            Error::script(format!("there is no module `{}`", name.1)).hint(match name.1.as_str() {
                                "plotoptix" => "callbacks receive the ray tracer as `rt`: `fn init(rt) { … }`",
                                _ => "arrays and mathematical functions are built in: `sin(linspace(0, 1, 100))`",
                            });
                        self.faults.push(match unit.place(*pos) {
                            Some(place) => error.at(place),
                            None => error,
                        });
                    }
                    _ => {
                        let error = Error::script("the path of an import is not a literal text")
                            .hint("write the path itself: `import \"util\" as util;`");
                        self.faults.push(match unit.place(*pos) {
                            Some(place) => error.at(place),
                            None => error,
                        });
                    }
                }
            }
            true
        });
        found
    }

    fn import(&mut self, import: &str, dir: &Path) -> Result<usize> {
        let path = module_file(dir, import);
        let name = path.display().to_string();
        let real = std::fs::canonicalize(&path).map_err(|_| {
            Error::script(format!("there is no module \"{import}\"")).hint(format!("expected the file {name}"))
        })?;
        self.check_readable(import, &real, dir)?;
        if let Some(at) = self.loading.iter().position(|p| *p == real) {
            let circle: Vec<_> = self.loading[at..]
                .iter()
                .map(|p| p.file_stem().unwrap_or_default().to_string_lossy().into_owned())
                .collect();
            return Err(Error::script(format!("modules import each other: {} -> {import}", circle.join(" -> ")))
                .hint("move what both need into a third module"));
        }
        if let Some(known) = self.units.iter().position(|u| u.name == name) {
            return Ok(known);
        }
        if self.units.len() >= self.options.limits.modules {
            return Err(Error::limit(format!("more than {} modules", self.options.limits.modules)));
        }
        let text = read(&path)?;
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        self.add(name, text, &dir, &path)
    }

    /// Modules lie in the script's folder, or in one that may be read.
    fn check_readable(&self, import: &str, real: &Path, dir: &Path) -> Result<()> {
        let home = self.loading.first().and_then(|p| p.parent()).map(Path::to_path_buf);
        let home = home.unwrap_or_else(|| std::fs::canonicalize(dir).unwrap_or(dir.to_path_buf()));
        let allowed = self.options.permissions.read.iter().filter_map(|p| std::fs::canonicalize(p).ok());
        if std::iter::once(home).chain(allowed).any(|folder| real.starts_with(folder)) {
            return Ok(());
        }
        Err(Error::script(format!("module \"{import}\" is outside the script's folder"))
            .hint("move it beside the script, or allow its folder with `--allow-read DIR`"))
    }
}

/// Statements of the top level run one by one, so that `return` would end only its own.
fn return_at_top_level(unit: &Unit) -> Option<Error> {
    let mut found = None;
    for statement in unit.ast.statements() {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode]| {
            if let Some(ASTNode::Stmt(Stmt::Return(_, options, pos))) = path.last()
                && !options.contains(ASTFlags::BREAK)
            {
                found = found.or(Some(*pos));
            }
            found.is_none()
        });
    }
    let error = Error::script("`return` outside a function").hint("put the code into a function, or use `if`");
    Some(match unit.place(found?) {
        Some(place) => error.at(place),
        None => error,
    })
}
