//! `load` and `save` in scripts: arguments and results, the base of paths, permissions, error messages.

use plotrt::cancel::CancelToken;
use plotrt::scene::Scene;
use plotrt::script::{CallContext, Callback, Host, Limits, Permissions, Script, ScriptOptions};
use plotrt::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);

/// A folder with a script in `home`, and an output folder `out`.
struct Place {
    folder: tempfile::TempDir,
    dry_run: bool,
    limits: Limits,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "out", "else"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Place { folder, dry_run: false, limits: Limits::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn permissions(&self) -> Arc<Permissions> {
        let out = self.path("out");
        let (read, write) = (vec![self.path("home")], vec![out.clone()]);
        Arc::new(Permissions { out_dir: out, read, write, dry_run: self.dry_run })
    }

    /// Runs the top level and `init`.
    fn run(&self, script: &str) -> Result<Host> {
        self.write("home/main.rhai", script);
        let options =
            ScriptOptions { permissions: self.permissions(), limits: self.limits.clone(), ..ScriptOptions::default() };
        let script = Script::load(&self.path("home/main.rhai"), options)?;
        let mut host = Host::new(&script)?;
        host.run_top_level(&CancelToken::new(), TIMEOUT)?;
        let context =
            CallContext { permissions: self.permissions(), ..CallContext::new(Callback::Init, Scene::default()) };
        let (_, result) = host.call(context, 4, TIMEOUT);
        result.map(|()| host)
    }

    /// The value of an expression of the top level, as a text.
    fn value(&self, expression: &str) -> String {
        let host = self.run(&format!("let x = {expression};\nlet text = `${{x}}`;")).unwrap();
        host.value("text").unwrap().to_string()
    }

    fn error(&self, script: &str) -> Error {
        let mut error = self.run(script).err().unwrap_or_else(|| panic!("`{script}` should fail"));
        let folder = format!("{}/", self.folder.path().display());
        error.message = error.message.replace(&folder, "");
        error.hint = error.hint.map(|hint| hint.replace(&folder, ""));
        error
    }
}

#[test]
fn tables_are_maps_and_numbers_are_arrays() {
    let place = Place::new();
    place.write("home/towns.csv", "town,people,height\nLinz,210000,266.5\nGraz,300000,\n");
    assert_eq!(place.value("load(\"towns.csv\").town"), r#"["Linz", "Graz"]"#);
    assert_eq!(place.value("load(\"towns.csv\").people"), "[210000, 300000]");
    assert_eq!(place.value("load(\"towns.csv\").people.dtype"), "int64");
    assert_eq!(place.value("load(\"towns.csv\").height.isnan()"), "[false, true]");
    assert_eq!(place.value("load(\"towns.csv\", #{ columns: [\"people\"] }).keys()"), r#"["people"]"#);
    place.write("home/numbers.txt", "% x y\n1|2,5\n3|4\n");
    let options = "#{ delimiter: \"|\", decimal: \",\", comment: \"%\", header: false }";
    assert_eq!(place.value(&format!("load(\"numbers.txt\", {options})")), "[[1.0, 2.5],\n [3.0, 4.0]]");
    place.write("home/one.json", "2.5");
    assert_eq!(place.value("load(\"one.json\") + 1"), "3.5");
    place.write("home/deep.json", r#"{"a": {"b": [1, 2]}}"#);
    assert_eq!(place.value("load(\"deep.json\").a.b * 2"), "[2, 4]");
}

#[test]
fn options_of_tables_reach_the_reader() {
    let place = Place::new();
    place.write("home/pop.csv", "made by hand\nplace;pop;area\n;1;km2\nA;66'040'229;1,5\nB;?;n/k\nC;-999;2\n");
    let options = "#{ separator: \";\", header: 2, units: true, thousands: \"'\", decimal: \",\", missing: [\"?\", \"n/k\", -999] }";
    assert_eq!(place.value(&format!("load(\"pop.csv\", {options}).pop[0]")), "66040229.0");
    assert_eq!(place.value(&format!("load(\"pop.csv\", {options}).pop.isnan()")), "[false, true, true]");
    assert_eq!(place.value(&format!("load(\"pop.csv\", {options}).area")), "[1.5, NaN, 2.0]");
    place.write("home/top.csv", "x,y\n1,2\n");
    assert_eq!(place.value("load(\"top.csv\", #{ skip: 1 })"), "[[1, 2]]");
    assert_eq!(place.value("load(\"top.csv\", #{ header: false }).column_1"), r#"["x", "1"]"#);
    assert_eq!(place.value("load(\"top.csv\", #{ names: [\"u\", \"v\"] }).v"), "[2]");
    for (options, message) in [
        ("header: \"x\"", "`header` is \"x\", it wants true, false or a line"),
        ("header: -1", "`header` is -1, it wants true, false or a line"),
        ("header: 0", "`header` is 0, and lines are counted from 1"),
        ("names: \"x\"", "`names` is \"x\", it wants an array of strings"),
        ("missing: \"x\"", "`missing` is \"x\", it wants an array of strings and numbers"),
        ("thousands: \",,\"", "`thousands` is \",,\", it wants one character"),
        ("separator: \",\", delimiter: \";\"", "`delimiter` and `separator` are the same option"),
        ("raw: true", "`raw` is for PLY files and images, and `home/top.csv` is neither"),
    ] {
        assert_eq!(place.error(&format!("let a = load(\"top.csv\", #{{ {options} }});")).message, message);
    }
}

#[test]
fn texts_become_numbers() {
    let place = Place::new();
    let call = "to_numeric([\"66,040,229\", \"763,201\"], #{ thousands: \",\" })";
    assert_eq!(place.value(&format!("{call} * 2")), "[132080458, 1526402]");
    assert_eq!(place.value("to_numeric([\"1.5\", 2, \"\", \"1.0D+01\"])"), "[1.5, 2.0, NaN, 10.0]");
    assert_eq!(place.value("to_numeric(\" 7 \") + 1"), "8");
    assert_eq!(place.value("to_numeric([\"1,5\", \"n/k\"], #{ decimal: \",\", missing: [\"n/k\"] })"), "[1.5, NaN]");
    assert_eq!(place.value("to_numeric(array([1, 2]))"), "[1, 2]");
    let error = place.error("to_numeric([\"1\", \"1,5\"]);");
    assert_eq!(error.message, "`texts[1]` is \"1,5\", which is no number");
    assert_eq!(error.hint.as_deref(), Some("`decimal: \",\"` reads it as a number"));
    let error = place.error("to_numeric(\"x\");");
    assert_eq!(error.hint.as_deref(), Some("`missing: [\"x\"]` makes NaN of it"));
    assert_eq!(
        place.error("to_numeric([true, [1]]);").message,
        "`texts[1]` is an array of 1, it wants a string or a number"
    );
    assert_eq!(
        place.error("to_numeric([], #{ thousands: \".\" });").message,
        "`thousands` and `decimal` are the same character"
    );
    let error = place.error("let a = array([\"1\", \"2\"]);");
    assert_eq!(error.hint.as_deref(), Some("`to_numeric(texts)` makes numbers of texts"));
}

#[test]
fn texts_and_truths_alone_are_no_lists() {
    let place = Place::new();
    place.write("home/run.json", r#"{"name": "run 7", "t": 1.5, "on": true, "tags": ["a"]}"#);
    assert_eq!(place.value("load(\"run.json\").name == \"run 7\""), "true");
    assert_eq!(place.value("load(\"run.json\").on == true"), "true");
    assert_eq!(place.value("load(\"run.json\").tags"), r#"["a"]"#);
    place.write("home/word.json", "\"run 7\"");
    assert_eq!(place.value("load(\"word.json\")"), "run 7");
}

#[test]
fn what_is_saved_is_loaded() {
    let place = Place::new();
    let out = place.path("out");
    let script = format!(
        r#"
        let there = "{}";
        let found = [];
        fn init(rt) {{
            let t = linspace(0, 1, 3);
            save("t.npy", t.astype("float32"));
            save("t.csv", #{{ t: t, twice: 2 * t, name: ["a", "b", "c"], pos: stack([t, -t], 1) }}, #{{ columns: ["t", "name", "pos"] }});
            save("t.npz", #{{ t: t, n: 3, rows: [[1, 2], [3, 4]] }}, #{{ compress: true }});
            save("list.txt", [1, 2.5]);
            let back = load(there + "/t.npy");
            found = [back.dtype, `${{back}}`, `${{load(there + "/t.npz").rows}}`, `${{load(there + "/t.npz").n}}`];
        }}"#,
        out.display()
    );
    let host = place.run(&script).unwrap();
    let found = host.value("found").unwrap().to_string();
    assert_eq!(found, r#"["float32", "[0.0, 0.5, 1.0]", "[[1, 2],\n [3, 4]]", "3"]"#);
    assert_eq!(place.read("out/t.csv"), "t,name,pos_0,pos_1\n0.0,a,0.0,-0.0\n0.5,b,0.5,-0.5\n1.0,c,1.0,-1.0\n");
    assert_eq!(place.read("out/list.txt"), "1.0\n2.5\n");
}

#[test]
fn paths_start_at_the_script_or_module_that_names_them() {
    let place = Place::new();
    place.write("home/a.csv", "1\n");
    place.write("home/parts/a.csv", "2\n");
    place.write("home/parts/part.rhai", "let mine = load(\"a.csv\"); fn get() { load(\"a.csv\") + mine }");
    let host = place
        .run("import \"parts/part\" as part;\nlet a = load(\"a.csv\"); let b = part::get();\nlet text = `${a} ${b}`;");
    assert_eq!(host.unwrap().value("text").unwrap().to_string(), "[1] [4]");
}

#[test]
fn scripts_read_and_write_only_where_they_may() {
    let place = Place::new();
    place.write("else/a.csv", "1\n");
    place.write("out/a.csv", "1\n");
    for path in ["../else/a.csv", &place.path("else/a.csv").display().to_string(), "x/../../else/a.csv"] {
        let error = place.error(&format!("let a = load(\"{path}\");"));
        assert_eq!(error.kind, ErrorKind::Script);
        assert!(error.message.ends_with("a.csv` is outside of the folders that the script may read"), "{error}");
        assert!(error.hint.unwrap().starts_with("put it beside the script, or allow it with `--allow-read "));
        let error = place.error(&format!("save(\"{path}\", [1]);"));
        assert!(error.message.contains("outside of the folders that the script may write to"), "{error}");
    }
    // The output folder may be read, too.
    assert_eq!(place.value("load(\"../out/a.csv\")"), "[1]");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.path("else"), place.path("home/link")).unwrap();
        let error = place.error("let a = load(\"link/a.csv\");");
        assert!(error.message.contains("outside of the folders"), "{error}");
    }
    assert_eq!(place.error("let a = load(\" \");").message, "the file name is empty");
}

#[test]
fn errors_have_their_place_in_the_script_and_in_the_file() {
    let place = Place::new();
    place.write("home/a.csv", "x,y\n1,2\n3\n");
    place.write("home/b.csv", "x,height\n1,2\n");
    let at = |error: &Error| error.place.as_ref().map(|p| (p.line, p.column)).unwrap();
    let error = place.error("\nlet a = load(\"a.csv\");");
    assert_eq!(error.message, "`home/a.csv`: line 3: 1 cell; expected 2, as in line 1");
    assert_eq!((error.kind, at(&error)), (ErrorKind::File, (2, 9)));
    let error = place.error("fn init(rt) {\n    let a = load(\"b.csv\", #{ columns: [\"hight\"] });\n}");
    assert_eq!(error.message, "`home/b.csv` has no column `hight`");
    assert_eq!((error.hint.as_deref(), at(&error)), (Some("did you mean `height`?"), (2, 13)));
    for (call, message) in [
        ("load(\"none.csv\")", "there is no file `home/none.csv`"),
        ("load(\"main.rhai\")", "`home/main.rhai`: there is no reader for `.rhai` files"),
        ("load(\"b.csv\", #{ columns: \"x\" })", "`columns` is \"x\", it wants an array of strings"),
        ("load(\"b.csv\", #{ delimiter: \"::\" })", "`delimiter` is \"::\", it wants one character"),
        ("load(\"b.csv\", #{ colums: [\"x\"] })", "unknown option `colums` of `load`"),
        ("save(\"a.npy\", \"text\")", "`value` is \"text\", it wants an array of numbers or strings"),
        ("save(\"a.npy\", [\"text\"])", "strings without a name cannot be saved"),
        ("save(\"a.npy\", #{ a: [1] })", "`out/a.npy`: an npy file has one array, without a name"),
        ("save(\"a.csv\", #{ a: [1], b: [1, 2] })", "`out/a.csv`: `b` has 2 rows and `a` has 1"),
        ("save(\"a.csv\", #{ abc: [1] }, #{ columns: [\"abd\"] })", "the map has no column `abd`"),
        ("save(\"a.csv\", [1], #{ columns: [\"a\"] })", "`columns` is for maps of columns"),
        ("load(\"b.csv\", #{ skip: -1 })", "`skip` is -1, it wants at least 0"),
        ("save(\"a.png\", [1])", "`out/a.png`: arrays are not saved in files of this kind"),
        ("save(\"none/a.npy\", [1])", "cannot write `out/none/a.npy`: there is no folder `out/none`"),
    ] {
        assert_eq!(place.error(&format!("let a = {call};")).message, message, "{call}");
    }
    // A script can catch failures.
    let caught =
        place.run("let text = \"\"; fn init(rt) { try { load(\"none.csv\"); } catch (e) { text = e.message; } }");
    assert!(caught.unwrap().value("text").unwrap().to_string().starts_with("there is no file `"));
}

#[test]
fn arrays_in_files_count_as_arrays() {
    let mut place = Place::new();
    place.run("save(\"a.npy\", zeros(1000)); save(\"b.npy\", zeros(2000));").unwrap();
    for name in ["a.npy", "b.npy"] {
        std::fs::rename(place.path("out").join(name), place.path("home").join(name)).unwrap();
    }
    place.limits.arrays = 18_000;
    let error = place.error("let a = load(\"a.npy\");\nlet b = load(\"b.npy\");");
    assert_eq!(error.kind, ErrorKind::Limit);
    assert_eq!(error.message, "`home/b.npy` needs 16.0 kB for 2000 elements of 8 bytes; the limit is 10.0 kB");
    assert_eq!(error.hint.as_deref(), Some("load fewer columns, keep fewer arrays, or raise `--max-memory`"));
    assert_eq!(place.value("load(\"b.npy\").len"), "2000");
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place { dry_run: true, ..Place::new() };
    place.run("save(\"a.npy\", [1]);\nfn init(rt) { save(\"b.csv\", #{ x: [1] }); }").unwrap();
    assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 0);
    assert_eq!(place.error("save(\"a.npz\", [1]);").message, "`out/a.npz`: an npz file has named arrays");
    assert!(!Path::new("a.npy").exists());
}
