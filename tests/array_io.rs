//! Data files: those that NumPy, pandas, pyarrow and plyfile have written (`tests/data/io/make.py`), those that are
//! written here and read back, and the errors for wrong files.

use plotrt::array::Values;
use plotrt::array::Watch;
use plotrt::array::io::{
    Block, Column, Columns, Format, Header, LoadOptions, Loaded, Part, PartData, SaveOptions, Texts, load, save_array,
    save_columns,
};
use plotrt::{Error, ErrorKind};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/io").join(name)
}

fn read(path: &Path, options: &LoadOptions) -> Result<Loaded, Error> {
    load(path, options, &Watch::default())
}

fn columns_of(loaded: Loaded) -> Columns {
    let Loaded::Columns(columns) = loaded else { panic!("an array: {loaded:?}") };
    columns
}

fn array_of(loaded: Loaded) -> Block {
    let Loaded::Array(block) = loaded else { panic!("columns: {loaded:?}") };
    block
}

fn array(name: &str) -> Block {
    array_of(read(&fixture(name), &LoadOptions::default()).unwrap())
}

fn columns(name: &str) -> Columns {
    columns_of(read(&fixture(name), &LoadOptions::default()).unwrap())
}

/// A file of this text or these bytes, and the result of reading it.
fn read_bytes(name: &str, bytes: impl AsRef<[u8]>, options: &LoadOptions) -> Result<Loaded, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read(&path, options).map_err(|mut error| {
        let shown = format!("{}/", folder.path().display());
        error.message = error.message.replace(&shown, "");
        error
    })
}

fn read_text(name: &str, text: &str) -> Result<Loaded, Error> {
    read_bytes(name, text, &LoadOptions::default())
}

#[track_caller]
fn message(result: Result<Loaded, Error>) -> String {
    let error = result.unwrap_err();
    let says_what_to_do = error.hint.is_some_and(|hint| !hint.is_empty()) || error.message.contains("; save ");
    assert!(says_what_to_do, "{}", error.message);
    error.message
}

/// Shape, type and elements, NaN as such.
fn show(column: &Column) -> String {
    fn list<T: std::fmt::Debug>(values: &[T]) -> String {
        let shown: Vec<String> = values.iter().map(|v| format!("{v:?}")).collect();
        shown.join(" ")
    }
    match column {
        Column::Text(texts) => format!("text {}", list(&texts.iter().collect::<Vec<_>>())),
        Column::Word(text) => format!("word {text:?}"),
        Column::Group(group) => show_columns(group),
        Column::Array(Block { shape, values }) => {
            let elements = match values {
                Values::Bool(v) => list(v),
                Values::I64(v) => list(v),
                Values::F32(v) => list(v),
                Values::F64(v) => list(v),
            };
            format!("{} {shape:?} {elements}", values.dtype().name())
        }
    }
}

fn show_columns(columns: &Columns) -> String {
    let mut out = String::from("{");
    for (name, column) in columns {
        write!(out, " {name}: {};", show(column)).unwrap();
    }
    out + " }"
}

fn show_loaded(loaded: &Loaded) -> String {
    match loaded {
        Loaded::Array(block) => show(&Column::Array(block.clone())),
        Loaded::Columns(columns) => show_columns(columns),
        Loaded::Text(texts) => show(&Column::Text(texts.clone())),
        Loaded::Word(text) => show(&Column::Word(text.clone())),
    }
}

/// The result of reading a file with these options, and the messages about it in the log, warnings only or all.
fn read_with_log(name: &str, text: &str, options: &LoadOptions, all: bool) -> (String, String) {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let written = Log::default();
    let to = written.clone();
    let level = if all { tracing::Level::INFO } else { tracing::Level::WARN };
    let log = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).without_time().with_target(false);
    let loaded = tracing::subscriber::with_default(log.with_writer(move || to.clone()).finish(), || {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path, options).map(|loaded| (loaded, format!("{}/", folder.path().display())))
    });
    let (loaded, folder) = loaded.unwrap();
    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    (show_loaded(&loaded), log.replace(&folder, "").trim().to_string())
}

/// Reads the text with these options, which leave no ambiguity.
#[track_caller]
fn shows_with(name: &str, text: &str, options: &LoadOptions, expected: &str) {
    let (found, log) = read_with_log(name, text, options, false);
    assert_eq!(found, expected, "{text}");
    assert_eq!(log, "", "{text}");
}

#[track_caller]
fn shows(name: &str, text: &str, expected: &str) {
    assert_eq!(show_loaded(&read_text(name, text).unwrap()), expected, "{text}");
}

/// Comparing the printed form distinguishes values, shapes and types.
#[test]
fn what_is_compared_can_differ() {
    let block = |shape: &[usize], values| show(&Column::Array(Block { shape: shape.to_vec(), values }));
    let one = block(&[2], Values::F64(vec![1.0, f64::NAN]));
    assert_eq!(one, "float64 [2] 1.0 NaN");
    for other in [
        block(&[2, 1], Values::F64(vec![1.0, f64::NAN])),
        block(&[2], Values::F32(vec![1.0, f32::NAN])),
        block(&[2], Values::F64(vec![f64::NAN, 1.0])),
        block(&[2], Values::F64(vec![1.0, -f64::MIN_POSITIVE])),
        show(&Column::Text(Texts::from_iter(["1.0", "NaN"]))),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn npy_of_every_type_and_order() {
    for end in ["little", "big"] {
        for (kind, sizes, dtype, elements) in [
            ("i", &[1, 2, 4, 8][..], "int64", "-2 -1 0 1 2 127"),
            ("u", &[1, 2, 4, 8], "int64", "0 1 2 3 4 255"),
            ("f", &[2, 4], "float32", "-1.5 0.0 0.25 NaN inf 1000.0"),
            ("f", &[8], "float64", "-1.5 0.0 0.25 NaN inf 1000.0"),
        ] {
            for size in sizes.iter().filter(|&&size| end == "little" || size > 1) {
                let name = format!("{kind}{size}_{end}.npy");
                assert_eq!(show(&Column::Array(array(&name))), format!("{dtype} [2, 3] {elements}"), "{name}");
            }
        }
    }
    assert_eq!(show(&Column::Array(array("bool.npy"))), "bool [2, 3] true false true false false true");
    let cube: Vec<i64> = (0..24).collect();
    assert_eq!(array("fortran_i4.npy"), Block { shape: vec![2, 3, 4], values: Values::I64(cube.clone()) });
    let floats = Values::F64(cube.iter().map(|v| *v as f64).collect());
    assert_eq!(array("fortran_f8.npy"), Block { shape: vec![2, 3, 4], values: floats });
    assert_eq!(array("scalar.npy"), Block { shape: vec![], values: Values::F64(vec![2.5]) });
    assert_eq!(array("empty.npy"), Block { shape: vec![0, 3], values: Values::F32(vec![]) });
    for version in ["version2.npy", "version3.npy"] {
        assert_eq!(array(version), Block { shape: vec![3], values: Values::F64(vec![0.0, 1.0, 2.0]) });
    }
}

#[test]
fn npy_that_cannot_be_read() {
    for (name, problem) in [
        ("bad_complex.npy", "byte 20: elements of type `<c16` (complex); save real and imaginary part"),
        ("bad_times.npy", "byte 20: elements of type `<M8[D]` (times); save numbers, `a.astype('int64')`"),
        ("bad_records.npy", "byte 20: records (a structured type)"),
        ("bad_objects.npy", "byte 20: elements of type `|O` (Python objects), which only Python can read"),
        ("bad_u8.npy", "byte 136: element 1 is too large for an integer of 64 bits with a sign"),
    ] {
        let error = read(&fixture(name), &LoadOptions::default()).unwrap_err();
        assert!(error.message.contains(&format!("{name}`: {problem}")), "{error}");
        assert_eq!(error.kind, ErrorKind::File);
    }
    let whole = std::fs::read(fixture("f8_little.npy")).unwrap();
    let npy = |bytes: &[u8]| message(read_bytes("a.npy", bytes, &LoadOptions::default()));
    assert_eq!(npy(b""), "`a.npy`: byte 0: expected `\\x93NUMPY`, with which all npy files begin");
    assert_eq!(npy(b"PK\x03\x04 not an npy file"), npy(b""));
    assert_eq!(npy(&whole[..170]), "`a.npy`: byte 170: the file ends here, 6 bytes early");
    assert_eq!(npy(&whole[..50]), "`a.npy`: byte 50: the file ends here, 78 bytes early");
    let longer = [&whole[..], b"12345"].concat();
    assert_eq!(npy(&longer), "`a.npy`: byte 176: 5 more bytes than an array of shape (2, 3) takes");
    let mut other = whole.clone();
    other[6] = 9;
    assert_eq!(npy(&other), "`a.npy`: byte 6: version 9 of the npy format; expected 1, 2 or 3");
}

/// An npy file with this header and elements of 8 zero bytes.
fn claiming(shape: &str) -> Vec<u8> {
    let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (text.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), &[0; 8]].concat()
}

#[test]
fn what_a_header_claims_is_checked_before_memory_is_taken() {
    let npy = |shape: &str| message(read_bytes("a.npy", claiming(shape), &LoadOptions::default()));
    assert_eq!(npy("(1000000000000,)"), "`a.npy`: byte 88: the file ends here, 7999999999992 bytes early");
    for shape in ["(18446744073709551615, 2)", "(4611686018427387904,)", "(0, 18446744073709551615, 2)"] {
        assert_eq!(npy(shape), format!("`a.npy`: shape {shape} has too many elements"));
    }
    let options = LoadOptions { memory_limit: 47, ..LoadOptions::default() };
    let error = read(&fixture("f8_little.npy"), &options).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit);
    assert!(error.message.ends_with("needs 48 bytes for 6 elements of 8 bytes; the limit is 47 bytes"), "{error}");
    let enough = LoadOptions { memory_limit: 48, ..LoadOptions::default() };
    assert!(read(&fixture("f8_little.npy"), &enough).is_ok());
    // All formats respect the limit.
    for name in ["packed.npz", "pandas.csv", "records.json", "little.ply", "pandas.parquet", "savetxt.txt"] {
        let options = LoadOptions { memory_limit: 16, ..LoadOptions::default() };
        let error = read(&fixture(name), &options).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit, "{name}: {error}");
        assert!(error.message.contains("the limit is 16 bytes"), "{error}");
    }
}

#[test]
fn npz_members_are_columns() {
    assert_eq!(
        show_columns(&columns("plain.npz")),
        "{ pos: float64 [2, 2] 1.0 2.0 3.0 4.0; ids: int64 [2] 7 8; on: bool [] true; }"
    );
    let packed = columns("packed.npz");
    assert_eq!(packed["wave"], Column::Array(Block { shape: vec![500], values: Values::F32(vec![0.0; 500]) }));
    assert_eq!(packed["cube"], Column::Array(Block { shape: vec![2, 3, 4], values: Values::I64((0..24).collect()) }));
    let only = LoadOptions { columns: Some(vec!["ids".into()]), ..LoadOptions::default() };
    let picked = columns_of(read(&fixture("plain.npz"), &only).unwrap());
    assert_eq!(show_columns(&picked), "{ ids: int64 [2] 7 8; }");
    let unknown = LoadOptions { columns: Some(vec!["idz".into()]), ..LoadOptions::default() };
    let error = read(&fixture("plain.npz"), &unknown).unwrap_err();
    assert!(error.message.ends_with("plain.npz` has no column `idz`"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("did you mean `ids`?"));
    let far = LoadOptions { columns: Some(vec!["velocity".into()]), ..LoadOptions::default() };
    let error = read(&fixture("plain.npz"), &far).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("there are: pos, ids, on"));
}

#[test]
fn npz_that_cannot_be_read() {
    let bytes = std::fs::read(fixture("plain.npz")).unwrap();
    let npz = |bytes: &[u8]| message(read_bytes("a.npz", bytes, &LoadOptions::default()));
    assert!(npz(b"nothing").starts_with("`a.npz`: it is no zip archive that can be read: "), "{}", npz(b"nothing"));
    assert!(npz(&bytes[..bytes.len() - 30]).starts_with("`a.npz`: it is no zip archive"));
    // One bit of an element: the checksum detects it.
    let mut flipped = bytes.clone();
    let at = bytes.windows(8).position(|w| w == 3f64.to_le_bytes()).unwrap();
    flipped[at] ^= 1;
    let problem = npz(&flipped);
    assert!(problem.starts_with("`a.npz`: member `pos.npy`, byte "), "{problem}");
    assert!(problem.contains("it is damaged: "), "{problem}");
}

const FRAME: &str = "{ town: text \"Linz\" \"say \\\"hi\\\"\" \"a,b\" \"Übersee\" \"\"; people: int64 [5] 1 2 3 4 5; \
                     height: float64 [5] 1.5 NaN -2e-9 1e300 0.1; some: float64 [5] 1.0 NaN 3.0 4.0 5.0; \
                     on: bool [5] true false true true false; }";

#[test]
fn the_same_table_in_four_formats() {
    for name in ["pandas.csv", "pandas_excel.csv", "records.json", "pandas.parquet"] {
        assert_eq!(show_columns(&columns(name)), FRAME, "{name}");
    }
    let options = LoadOptions { columns: Some(vec!["on".into(), "people".into()]), ..LoadOptions::default() };
    for name in ["pandas.csv", "pandas_excel.csv", "records.json", "pandas.parquet"] {
        let picked = columns_of(read(&fixture(name), &options).unwrap());
        let expected = "{ on: bool [5] true false true true false; people: int64 [5] 1 2 3 4 5; }";
        assert_eq!(show_columns(&picked), expected, "{name}");
    }
}

#[test]
fn tables_of_numbers_are_arrays() {
    assert_eq!(show(&Column::Array(array("savetxt.txt"))), "float64 [2, 3] 1.0 2.5 -3.0 4.0 1e-20 6.0");
    shows("a.csv", "1,2\n3,4\n", "int64 [2, 2] 1 2 3 4");
    shows("a.csv", "1,2\r\n\r\n3,4.5", "float64 [2, 2] 1.0 2.0 3.0 4.5");
    shows("a.csv", "1,\n,4\n", "float64 [2, 2] 1.0 NaN NaN 4.0");
    shows("a.csv", "1\n2\n\n3\n", "int64 [3] 1 2 3");
    shows("a.csv", " 1 , 2 \n\"3\",\"4\"\n", "int64 [2, 2] 1 2 3 4");
    shows("a.csv", "# by hand\n1;2\n3,5;4\n", "float64 [2, 2] 1.0 2.0 3.5 4.0");
    shows("a.tsv", "1\t\n2\t3\n", "float64 [2, 2] 1.0 NaN 2.0 3.0");
    shows("a.dat", "  1 2\n# between\n 3\t4  \n", "int64 [2, 2] 1 2 3 4");
    shows("a.csv", "true,false\nFalse,True\n", "bool [2, 2] true false false true");
    shows("a.csv", "true\nNA\nfalse\n", "float64 [3] 1.0 NaN 0.0");
    shows("a.csv", "-inf,nan\n+1e3,-.5\n", "float64 [2, 2] -inf NaN 1000.0 -0.5");
    shows("a.csv", "9223372036854775807\n-9223372036854775808\n", "int64 [2] 9223372036854775807 -9223372036854775808");
    // More than 64 bits.
    shows("a.csv", "18446744073709551616\n1\n", "float64 [2] 1.8446744073709552e19 1.0");
}

#[test]
fn tables_with_names_are_columns() {
    shows("a.csv", "x,y\n1,2\n3,4.5\n", "{ x: int64 [2] 1 3; y: float64 [2] 2.0 4.5; }");
    shows("a.csv", "\u{feff}x\n1\n", "{ x: int64 [1] 1; }");
    shows("a.csv", "x,,x\n1,2,3\n", "{ x: int64 [1] 1; column_2: int64 [1] 2; x_2: int64 [1] 3; }");
    shows("a.csv", "Linz,1\nGraz,2\n", "{ column_1: text \"Linz\" \"Graz\"; column_2: int64 [2] 1 2; }");
    shows("a.csv", "a,b\n\"1\n2\",\"x\"\"y\"\n", "{ a: text \"1\\n2\"; b: text \"x\\\"y\"; }");
    shows("a.csv", "x,y\n", "{ x: float64 [0] ; y: float64 [0] ; }");
    shows("a.csv", "flag\ntrue\n1\n", "{ flag: text \"true\" \"1\"; }");
    // A comment only before the first row: colours are not comments.
    shows(
        "a.csv",
        "# made by hand\nc,x\n#ff0000,1\n#00ff00,2\n",
        "{ c: text \"#ff0000\" \"#00ff00\"; x: int64 [2] 1 2; }",
    );
    let with = |options: LoadOptions, text: &str| show_loaded(&read_bytes("a.csv", text, &options).unwrap());
    let no_header = LoadOptions { header: Some(Header::None), ..LoadOptions::default() };
    assert_eq!(with(no_header, "a\n1\n"), "{ column_1: text \"a\" \"1\"; }");
    let header = LoadOptions { header: Some(Header::First), ..LoadOptions::default() };
    assert_eq!(with(header, "2000,2001\n1,2\n"), "{ 2000: int64 [1] 1; 2001: int64 [1] 2; }");
    let pipes =
        LoadOptions { delimiter: Some(b':'), comment: Some(b'%'), decimal: Some(b','), ..LoadOptions::default() };
    assert_eq!(with(pipes, "x:y\n% no\n1,5:2\n"), "{ x: float64 [1] 1.5; y: int64 [1] 2; }");
}

#[test]
fn a_late_surprise_widens_its_column() {
    // More rows than are looked at, over several of the parts that a file is read in.
    let rows = 400_000;
    let late = rows - 2;
    let mut text = String::from("a,b,c,d,e\n");
    for i in 0..rows {
        let (b, c, d, e) = match i {
            _ if i == late => ("".to_string(), "2.5".to_string(), "text".to_string(), "7".to_string()),
            _ => (i.to_string(), i.to_string(), i.to_string(), "true".to_string()),
        };
        writeln!(text, "{i},{b},{c},{d},{e}").unwrap();
    }
    assert!(text.len() > 10 << 20);
    let columns = columns_of(read_text("a.csv", &text).unwrap());
    let Column::Array(Block { values: Values::I64(a), .. }) = &columns["a"] else { panic!("a") };
    assert!(a.iter().enumerate().all(|(i, v)| i as i64 == *v));
    let Column::Array(Block { values: Values::F64(b), .. }) = &columns["b"] else { panic!("b") };
    assert!(b.iter().enumerate().all(|(i, v)| if i == late { v.is_nan() } else { i as f64 == *v }));
    let Column::Array(Block { values: Values::F64(c), .. }) = &columns["c"] else { panic!("c") };
    assert!(c.iter().enumerate().all(|(i, v)| *v == if i == late { 2.5 } else { i as f64 }));
    let Column::Text(d) = &columns["d"] else { panic!("d") };
    assert!(d.iter().enumerate().all(|(i, v)| *v == if i == late { "text".to_string() } else { i.to_string() }));
    let Column::Text(e) = &columns["e"] else { panic!("e") };
    assert!(e.iter().enumerate().all(|(i, v)| v == if i == late { "7" } else { "true" }));
}

/// Reads a text and a number in each row, and one surprise at the end.
#[test]
fn a_late_surprise_beside_texts_needs_no_more_memory() {
    for (late, expected) in [("", "NaN"), ("2.5", "2.5"), ("NA", "NaN")] {
        for rows in [1, 64, 65, 1000] {
            let mut text = String::from("name,v\n");
            (0..rows - 1).for_each(|i| writeln!(text, "item,{i}").unwrap());
            writeln!(text, "item,{late}").unwrap();
            // The texts, two numbers of each row at a time, and no memory that has been released twice.
            let options = LoadOptions { memory_limit: 32 * rows as u64, ..LoadOptions::default() };
            let columns = columns_of(read_bytes("a.csv", &text, &options).unwrap());
            let Column::Array(Block { values: Values::F64(v), .. }) = &columns["v"] else { panic!("{rows} {late}") };
            assert_eq!(v.len(), rows);
            assert_eq!(format!("{:?}", v[rows - 1]), expected, "{rows}");
        }
    }
}

#[test]
fn numbers_of_fortran_and_of_windows() {
    shows("a.txt", "1.0D+00 2.0D+00\n3.0D+00 4.0D+00\n", "float64 [2, 2] 1.0 2.0 3.0 4.0");
    shows("a.dat", " 1.0d0  -0.5D-01\n 2.0q1 1.5E+2\n", "float64 [2, 2] 1.0 -0.05 20.0 150.0");
    shows("a.txt", "1.0D+00 1.0-100\n3.0D+00 4.5+101\n", "float64 [2, 2] 1.0 1e-100 3.0 4.5e101");
    shows("a.csv", "t,v\n1,0.5-100\n2,1.5\n", "{ t: int64 [2] 1 2; v: float64 [2] 5e-101 1.5; }");
    // Ranges are not numbers in a column of ranges only.
    shows("a.csv", "n,size\n1,0.5-100\n2,1.5-200\n", "{ n: int64 [2] 1 2; size: text \"0.5-100\" \"1.5-200\"; }");
    shows("a.txt", "1.0 ********\n2.0 3.0\n", "float64 [2, 2] 1.0 NaN 2.0 3.0");
    shows("a.csv", "1.5,1.#QNAN\n-1.#INF,-1.#IND00\n", "float64 [2, 2] 1.5 NaN -inf NaN");
}

#[test]
fn gaps_in_the_first_row_are_no_names() {
    for gap in ["?", "--", "-", ".", "NA", "null", "", "1.#QNAN", "****", "N/A", "nan"] {
        let expected = "float64 [3, 2] 1.5 NaN 3.0 4.0 5.0 6.0";
        shows_with("a.csv", &format!("1.5,{gap}\n3.0,4.0\n5.0,6.0\n"), &LoadOptions::default(), expected);
        let expected = "{ x: float64 [2] 1.5 3.0; y: float64 [2] NaN 4.0; }";
        shows_with("a.csv", &format!("x,y\n1.5,{gap}\n3.0,4.0\n"), &LoadOptions::default(), expected);
    }
    // In a column of texts they are texts, and also in a column of nothing else.
    shows("a.csv", "x,y\n1,a\n2,-\n", "{ x: int64 [2] 1 2; y: text \"a\" \"-\"; }");
    shows("a.csv", "x,y\n1,-\n2,-\n", "{ x: int64 [2] 1 2; y: text \"-\" \"-\"; }");
    shows("a.csv", "x,on\n1,true\n2,?\n", "{ x: int64 [2] 1 2; on: float64 [2] 1.0 NaN; }");
}

#[test]
fn ambiguities_are_reported() {
    let usual = LoadOptions::default();
    for (text, expected, doubt) in [
        (
            "1.5,bad\n3.0,4.0\n",
            "{ column_1: float64 [2] 1.5 3.0; column_2: text \"bad\" \"4.0\"; }",
            " WARN `a.csv`: line 1: text beside numbers is taken as a row of values; `header: false` settles it, \
             `header: true` takes the row as the names of the columns",
        ),
        (
            "name,town\nAnna,Linz\n",
            "{ name: text \"Anna\"; town: text \"Linz\"; }",
            " WARN `a.csv`: line 1: text above text is taken as the names of the columns; `header: true` settles it, \
             `header: false` takes it as values",
        ),
        (
            ",0,1\n0,5.5,6\n",
            "{ column_1: int64 [1] 0; 0: float64 [1] 5.5; 1: int64 [1] 6; }",
            " WARN `a.csv`: line 1: whole numbers that rise like years or indices are taken as the names of the columns; \
             `header: true` settles it, `header: false` takes them as values",
        ),
        (
            "t,v\ns,m/s\n1,2\n3,4\n",
            "{ t: text \"s\" \"1\" \"3\"; v: text \"m/s\" \"2\" \"4\"; }",
            " WARN `a.csv`: line 2: a row of texts below the names, above numbers, makes texts of them; \
             `units: true` leaves it out",
        ),
        (
            "# by hand\nt,v\n1,2\n\n3,x\n4,5\n",
            "{ t: int64 [3] 1 3 4; v: text \"2\" \"x\" \"5\"; }",
            " WARN `a.csv`: line 5: the column `v` is texts because of \"x\"; `missing: [\"x\"]` takes it as a gap",
        ),
        (
            "place,pop\nA,\"66,040,229\"\nB,\"763,201\"\n",
            "{ place: text \"A\" \"B\"; pop: text \"66,040,229\" \"763,201\"; }",
            "line 2: the column `pop` is texts because of \"66,040,229\"; `thousands: \",\"` reads it as a number",
        ),
        (
            "n,v\n1,\"1,5\"\n2,\"2,5\"\n",
            "{ n: int64 [2] 1 2; v: text \"1,5\" \"2,5\"; }",
            " WARN `a.csv`: line 2: the column `v` is texts because of \"1,5\"; `decimal: \",\"` reads it as a number",
        ),
        (
            "a;b\n1,500;2\n",
            "{ a: float64 [1] 1.5; b: int64 [1] 2; }",
            " WARN `a.csv`: the comma of `1,500` is taken to stand before decimals; `thousands: \",\"` takes it as a mark \
             between digits, `decimal: \",\"` settles it",
        ),
    ] {
        let (found, log) = read_with_log("a.csv", text, &usual, false);
        assert_eq!(found, expected, "{text}");
        assert!(log.contains(doubt.trim()), "{text}: {log}");
    }
    let (_, log) = read_with_log("a.csv", "t,v\ns,m/s\n1,2\n3,4\n", &usual, false);
    assert_eq!(log.lines().count(), 1, "{log}");
    // A text far below the sample is found in its line.
    let mut text = String::from("n,v\n");
    (0..70_000).for_each(|i| writeln!(text, "{i},{i}").unwrap());
    let (_, log) = read_with_log("a.csv", &(text + "70000,late\n"), &usual, false);
    assert!(log.starts_with("WARN `a.csv`: line 70002: the column `v` is texts because of \"late\""), "{log}");
    // No message where nothing is ambiguous, or an option resolves it.
    shows_with("a.csv", "x,y\n1,2\n", &usual, "{ x: int64 [1] 1; y: int64 [1] 2; }");
    shows_with("a.csv", "id,n\nA1,1\n12,2\nB7,3\n", &usual, "{ id: text \"A1\" \"12\" \"B7\"; n: int64 [3] 1 2 3; }");
    let names = LoadOptions { header: Some(Header::First), ..LoadOptions::default() };
    shows_with("a.csv", "name,town\nAnna,Linz\n", &names, "{ name: text \"Anna\"; town: text \"Linz\"; }");
    let comma = LoadOptions { decimal: Some(b','), ..LoadOptions::default() };
    shows_with("a.csv", "a;b\n1,500;2\n", &comma, "{ a: float64 [1] 1.5; b: int64 [1] 2; }");
}

#[test]
fn blanks_do_not_override_a_comma_that_all_rows_have() {
    shows("a.csv", "id,range name\n1,10 20\n2,30 40\n", r#"{ id: int64 [2] 1 2; range name: text "10 20" "30 40"; }"#);
    shows("a.csv", "x,y\n1 000,2\n3 500,4\n", r#"{ x: text "1 000" "3 500"; y: int64 [2] 2 4; }"#);
    for text in ["1,2 3\n4,5 6\n", "1 234,5 678\n2 345,6 789\n"] {
        let columns = columns_of(read_text("a.csv", text).unwrap());
        assert_eq!(columns.len(), 2, "{text:?}");
    }
    let (_, log) = read_with_log("a.csv", "x,y\n1 000,2\n3 500,4\n", &LoadOptions::default(), false);
    assert!(log.contains("`thousands: \" \"`"), "{log}");
}

#[test]
fn marks_in_numbers_are_no_separators() {
    let decimal = LoadOptions { decimal: Some(b','), ..LoadOptions::default() };
    shows_with("a.csv", "1,5\n2,5\n", &decimal, "float64 [2] 1.5 2.5");
    shows_with("a.csv", "1,5 2,5\n3,5 4,5\n", &decimal, "float64 [2, 2] 1.5 2.5 3.5 4.5");
    shows_with("a.csv", "a,b\n\"1,5\",2\n\"2,5\",3\n", &decimal, "{ a: float64 [2] 1.5 2.5; b: int64 [2] 2 3; }");
    let thousands = LoadOptions { thousands: Some(','), ..LoadOptions::default() };
    shows_with("a.csv", "1,500\n2,500\n", &thousands, "int64 [2] 1500 2500");
    shows_with("a.csv", "a,b\n1,500\n2,500\n", &thousands, "{ a: int64 [2] 1 2; b: int64 [2] 500 500; }");
}

#[test]
fn years_and_indices_are_names() {
    for (text, expected) in [
        (
            "Country Name,Country Code,1960,1961\nAruba,ABW,54208,55434\n",
            r#"{ Country Name: text "Aruba"; Country Code: text "ABW"; 1960: int64 [1] 54208; 1961: int64 [1] 55434; }"#,
        ),
        ("name,2020\nA,10.5\nB,3\n", r#"{ name: text "A" "B"; 2020: float64 [2] 10.5 3.0; }"#),
        (
            "Country,2019,2020\nAustria,10,12\nBelgium,40,50\n",
            r#"{ Country: text "Austria" "Belgium"; 2019: int64 [2] 10 40; 2020: int64 [2] 12 50; }"#,
        ),
        (",0,1\n0,0,1\n1,2,3\n", "{ column_1: int64 [2] 0 1; 0: int64 [2] 0 2; 1: int64 [2] 1 3; }"),
        ("Anna,1990\nBob,1985\n", r#"{ column_1: text "Anna" "Bob"; column_2: int64 [2] 1990 1985; }"#),
    ] {
        shows("a.csv", text, expected);
        let (_, log) = read_with_log("a.csv", text, &LoadOptions::default(), false);
        assert!(log.contains("`header: true`"), "{text:?}: {log}");
    }
}

#[test]
fn a_row_with_digits_is_no_row_of_units() {
    let text = "Price,Qty\n\"1,234.50\",\"1,000\"\n12.00,5\n13.00,6\n";
    let (_, log) = read_with_log("a.csv", text, &LoadOptions::default(), false);
    assert!(log.contains("`thousands: \",\"`") && !log.contains("units"), "{log}");
    let thousands = LoadOptions { thousands: Some(','), ..LoadOptions::default() };
    shows_with("a.csv", text, &thousands, "{ Price: float64 [3] 1234.5 12.0 13.0; Qty: int64 [3] 1000 5 6; }");
}

#[test]
fn truth_values_may_follow_missing_ones_in_json() {
    shows("a.json", "[null, true]", "float64 [2] NaN 1.0");
    shows("a.json", "[true, null, false]", "float64 [3] 1.0 NaN 0.0");
    shows("a.json", r#"[{"a": 1}, {"c": true}]"#, "{ a: float64 [2] 1.0 NaN; c: float64 [2] NaN 1.0; }");
    assert!(message(read_text("a.json", "[null, true, 1]")).contains("a number among truth values"));
}

#[test]
fn how_a_table_was_taken_is_logged() {
    let (_, log) = read_with_log("a.csv", "# by hand\nx;name\n1,5;a\n?;b\n", &LoadOptions::default(), true);
    assert_eq!(
        log,
        "INFO `a.csv`: 2 rows of 2 cells from line 3 on, separated by `;`, decimals after `,`, with names\n \
         INFO `a.csv`: `x` float64, `name` texts"
    );
    let (_, log) = read_with_log("a.txt", "% x\r1 2\r", &LoadOptions::default(), true);
    assert!(
        log.ends_with("separated by blanks, decimals after `.`, without names, remarks after `%`, lines ended by CR"),
        "{log}"
    );
}

#[test]
fn tables_of_other_programs() {
    let pair = "{ a: int64 [2] 1 3; b: int64 [2] 2 4; }";
    for text in [
        "a,b\r1,2\r3,4",
        "a,b\r1,2\r3,4\r",
        "\"a\",b\r\r\"1\",2\r3,4\r",
        "a,b\r\r\n1,2\r\r\n\r\r\n3,4\r\r\n",
        "sep=;\na;b\n1;2\n3;4\n",
        "\u{feff}sep=;\r\na;b\r\n1;2\r\n3;4\r\n",
        "SEP=\t\ra\tb\r1\t2\r3\t4\r",
        "\"sep=|\"\na|b\n1|2\n3|4\n",
        "a b\n1 2\n3 4\n",
        "  a\t b \n1\t2\n3  4\n",
        "a , b\n 1 , 2\n 3 ,4\n",
        "a,b\n1,2\n3,4\n\n\n",
        "# no\n# names, yet\n\na,b\n1,2\n3,4\n",
        "a|b\n+1|2\n3|+4\n",
    ] {
        shows_with("a.csv", text, &LoadOptions::default(), pair);
    }
    let floats = "float64 [2, 2] 1.5 2.5 3.5 4.0";
    for (name, text) in [
        ("a.txt", "1,5 2,5\n3,5 4\n"),
        ("a.tsv", "1,5\t2,5\n3,5\t4\n"),
        ("a.csv", "1,5;2,5\n3,5;4\n"),
        ("a.dat", "% two\n1.5 2.5\n% between\n3.5 4.\n"),
        ("a.csv", "1.5,2.5\n3.5,4.\n"),
    ] {
        shows_with(name, text, &LoadOptions::default(), floats);
    }
    // Two kinds of line ends would hide rows.
    for (text, problem) in [
        ("a,b\n1,2\rx,4\n", "line 2: 3 cells; expected 2, as in line 1"),
        ("a,b\n1,x\r3\n", "line 2: cell 2 has CR in it, a line end; the first line ends with LF"),
        ("a,b\r1,x\n3\r", "line 2: cell 2 has LF in it, a line end; the first line ends with CR"),
        ("a\n1\r2\n", "line 2: cell 1 has CR in it, a line end; the first line ends with LF"),
    ] {
        assert_eq!(message(read_text("a.csv", text)), format!("`a.csv`: {problem}"), "{text:?}");
    }
    shows("a.csv", "a,b\n1,\"x\r3\"\n", "{ a: int64 [1] 1; b: text \"x\\r3\"; }");
    // The same over several parts of a file.
    let rows = 700_000;
    let mut text = String::from("n,v\r");
    (0..rows).for_each(|i| write!(text, "{i},{}\r", i * 2).unwrap());
    assert!(text.len() > 9 << 20);
    let columns = columns_of(read_text("a.csv", &text).unwrap());
    assert_eq!(
        columns["v"],
        Column::Array(Block { shape: vec![rows], values: Values::I64((0..700_000).map(|i| i * 2).collect()) })
    );
    text += "1\r";
    assert_eq!(message(read_text("a.csv", &text)), "`a.csv`: line 700002: 1 cell; expected 2, as in line 1");
}

#[test]
fn options_say_how_a_table_is_written() {
    let usual = LoadOptions::default;
    let list = |names: &[&str]| Some(names.iter().map(|name| name.to_string()).collect::<Vec<_>>());
    let english = LoadOptions { thousands: Some(','), ..usual() };
    shows_with(
        "a.csv",
        "place,pop\nA,\"66,040,229\"\nB,\"763,201\"\nC,12\n",
        &english,
        "{ place: text \"A\" \"B\" \"C\"; pop: int64 [3] 66040229 763201 12; }",
    );
    let german = LoadOptions { thousands: Some('.'), decimal: Some(b','), ..usual() };
    shows_with("a.csv", "x;y\n1.234,5;2\n1,5;1.000\n", &german, "{ x: float64 [2] 1234.5 1.5; y: int64 [2] 2 1000; }");
    let swiss = LoadOptions { thousands: Some('\''), ..usual() };
    shows_with("a.csv", "1'000,2\n3,4\n", &swiss, "int64 [2, 2] 1000 2 3 4");
    let missing = LoadOptions { missing: list(&["-999", "n/k"]), ..usual() };
    shows_with(
        "a.csv",
        "x,name\n1,a\n-999,n/k\n-999.0,b\nn/k,\n",
        &missing,
        "{ x: float64 [4] 1.0 NaN NaN NaN; name: text \"a\" \"\" \"b\" \"\"; }",
    );
    let none = LoadOptions { missing: list(&[]), header: Some(Header::First), ..usual() };
    let (found, _) = read_with_log("a.csv", "x\n1\n-\n", &none, false);
    assert_eq!(found, "{ x: text \"1\" \"-\"; }");
    let units = LoadOptions { units: Some(true), ..usual() };
    shows_with("a.csv", "t,v\ns,m/s\n1,2\n3,4\n", &units, "{ t: int64 [2] 1 3; v: int64 [2] 2 4; }");
    shows_with("a.csv", "t,v\n1,2\n3,4\n", &units, "{ t: int64 [1] 3; v: int64 [1] 4; }");
    let no_units = LoadOptions { units: Some(false), header: Some(Header::First), ..usual() };
    let (_, log) = read_with_log("a.csv", "t,v\ns,m/s\n1,2\n3,4\n", &no_units, false);
    assert!(!log.contains("units"), "{log}");
    let top = "Measured by hand\nin 2020\nx,y\n1,2\n";
    let pair = "{ x: int64 [1] 1; y: int64 [1] 2; }";
    shows_with("a.csv", top, &LoadOptions { skip: 2, ..usual() }, pair);
    shows_with("a.csv", top, &LoadOptions { header: Some(Header::Line(3)), ..usual() }, pair);
    let named = LoadOptions { names: list(&["u", "v"]), ..usual() };
    shows_with("a.csv", "1,2\n3,4\n", &named, "{ u: int64 [2] 1 3; v: int64 [2] 2 4; }");
    shows_with("a.csv", "x,y\n3,4\n", &named, "{ u: int64 [1] 3; v: int64 [1] 4; }");
    let chosen = LoadOptions { names: list(&["u", "v"]), columns: list(&["v"]), ..usual() };
    shows_with("a.csv", "1,2\n3,4\n", &chosen, "{ v: int64 [2] 2 4; }");
    let in_names = LoadOptions { names: list(&["u", "v"]), header: Some(Header::None), units: Some(true), ..usual() };
    shows_with("a.csv", "s,m\n3,4\n", &in_names, "{ u: int64 [1] 3; v: int64 [1] 4; }");
    let in_names = LoadOptions { header: None, ..in_names };
    shows_with("a.csv", "s,m\n3,4\n", &in_names, "{ u: int64 [1] 3; v: int64 [1] 4; }");
    shows_with("a.csv", "x,y\ns,m\n3,4\n", &in_names, "{ u: int64 [1] 3; v: int64 [1] 4; }");
}

#[test]
fn contradictory_options_are_refused() {
    let usual = LoadOptions::default;
    let list = |names: &[&str]| Some(names.iter().map(|name| name.to_string()).collect::<Vec<_>>());
    for (options, problem) in [
        (LoadOptions { header: Some(Header::Line(0)), ..usual() }, "`header` is 0, and lines are counted from 1"),
        (
            LoadOptions { header: Some(Header::Line(9)), ..usual() },
            "`a.csv`: it has 2 lines, of which 8 are to be left out",
        ),
        (LoadOptions { skip: 3, ..usual() }, "`a.csv`: it has 2 lines, of which 3 are to be left out"),
        (LoadOptions { skip: 2, ..usual() }, "`a.csv`: it has no rows"),
        (
            LoadOptions { skip: 1, header: Some(Header::Line(1)), ..usual() },
            "`header` is line 1, and `skip` leaves out 1",
        ),
        (LoadOptions { names: list(&["u"]), ..usual() }, "`a.csv`: line 1 has 2 cells, and `names` has 1"),
        (LoadOptions { names: list(&["u", "u"]), ..usual() }, "`names` has `u` twice"),
        (
            LoadOptions { units: Some(true), header: Some(Header::None), ..usual() },
            "`units` is a row below names, and `header: false` says that there are none",
        ),
        (LoadOptions { thousands: Some('.'), ..usual() }, "`thousands` and `decimal` are the same character"),
        (LoadOptions { thousands: Some('1'), ..usual() }, "`thousands` is a character that numbers have elsewhere"),
        (LoadOptions { decimal: Some(b'e'), ..usual() }, "`decimal` is a character that numbers have elsewhere"),
        (
            LoadOptions { decimal: Some(b','), delimiter: Some(b','), ..usual() },
            "`decimal` and `delimiter` are the same character",
        ),
        (
            LoadOptions { comment: Some(b';'), delimiter: Some(b';'), ..usual() },
            "`comment` and `delimiter` are the same character",
        ),
        (
            LoadOptions { thousands: Some(' '), delimiter: Some(b' '), ..usual() },
            "`thousands` and `delimiter` are both blanks",
        ),
        (LoadOptions { raw: true, ..usual() }, "`raw` is for PLY files and images, and `a.csv` is neither"),
    ] {
        assert_eq!(message(read_bytes("a.csv", "x,y\n1,2\n", &options)), problem);
    }
    for (option, name) in [
        (LoadOptions { delimiter: Some(b';'), ..usual() }, "delimiter"),
        (LoadOptions { header: Some(Header::First), ..usual() }, "header"),
        (LoadOptions { skip: 1, ..usual() }, "skip"),
        (LoadOptions { names: list(&["x"]), ..usual() }, "names"),
        (LoadOptions { comment: Some(b'%'), ..usual() }, "comment"),
        (LoadOptions { decimal: Some(b','), ..usual() }, "decimal"),
        (LoadOptions { thousands: Some(','), ..usual() }, "thousands"),
        (LoadOptions { missing: list(&["x"]), ..usual() }, "missing"),
        (LoadOptions { units: Some(true), ..usual() }, "units"),
    ] {
        let problem = format!("`{name}` is for text tables, and `a.json` is none");
        assert_eq!(message(read_bytes("a.json", "[1]", &option)), problem);
    }
    for name in ["a.npy", "a.png"] {
        let options = LoadOptions { columns: list(&["x"]), ..usual() };
        assert_eq!(message(read_bytes(name, "", &options)), format!("`{name}` holds one array and no columns"));
    }
}

#[test]
fn texts_of_numpy_are_lists() {
    for name in ["words.npy", "words_big.npy"] {
        let found = read(&fixture(name), &LoadOptions::default()).unwrap();
        assert_eq!(show_loaded(&found), "text \"a\" \"Übersee\" \"\"", "{name}");
    }
    assert_eq!(
        show_columns(&columns("words.npz")),
        "{ x: float64 [3] 0.0 1.0 2.0; labels: text \"a\" \"Übersee\" \"\"; codes: text \"ab\" \"c\"; title: word \"run 7\"; }"
    );
    let error = read(&fixture("mixed.npz"), &LoadOptions::default()).unwrap_err();
    assert!(error.message.contains("member `z.npy`, byte 20: elements of type `<c16` (complex)"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("`columns: [\"x\", \"grid\"]` reads the others"));
    let some = |names: &[&str]| {
        let columns = Some(names.iter().map(|name| name.to_string()).collect());
        read(&fixture("mixed.npz"), &LoadOptions { columns, ..LoadOptions::default() })
    };
    assert_eq!(show_loaded(&some(&["x"]).unwrap()), "{ x: float64 [3] 0.0 1.0 2.0; }");
    let error = some(&["grid"]).unwrap_err();
    assert!(error.message.ends_with("texts in an array of 2 axes"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("save them as a list, `a.ravel()`"));
    // Neither surrogates nor bytes of other encodings are texts.
    let npy = |descr: &str, bytes: &[u8]| {
        let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n");
        let length = (text.len() as u16).to_le_bytes();
        let whole = [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), bytes].concat();
        message(read_bytes("a.npy", whole, &LoadOptions::default()))
    };
    assert!(npy("<U1", &[65, 0, 0, 0, 0, 0xD8, 0, 0]).ends_with("element 1 is no text in Unicode"));
    assert!(npy("|S1", &[65, 0xFC]).ends_with("element 1 is no text in Unicode"));
    assert!(npy("<U0", &[]).contains("elements of type `<U0` (text of no length"));
    assert!(npy("<U99999999999999999999", &[]).contains("or of more than a million characters)"));
}

#[test]
fn colours_of_ply_files_are_0_to_1() {
    let file = |kind: &str, names: &[&str], values: &str| {
        let properties: String = names.iter().map(|name| format!("property {kind} {name}\n")).collect();
        format!("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n{properties}end_header\n1 {values}\n")
    };
    let vertex = |text: &str, raw: bool| {
        let options = LoadOptions { raw, ..LoadOptions::default() };
        let columns = columns_of(read_bytes("a.ply", text, &options).unwrap());
        show(&columns["vertex"])
    };
    let bytes = file("uchar", &["red", "green", "diffuse_blue", "alpha", "n"], "255 51 0 102 7");
    assert_eq!(
        vertex(&bytes, false),
        "{ x: float32 [1] 1.0; red: float64 [1] 1.0; green: float64 [1] 0.2; diffuse_blue: float64 [1] 0.0; \
         alpha: float64 [1] 0.4; n: int64 [1] 7; }"
    );
    assert!(vertex(&bytes, true).contains("red: int64 [1] 255; green: int64 [1] 51"));
    let words = file("ushort", &["r", "g", "b", "a"], "65535 13107 0 1");
    assert!(vertex(&words, false).contains("r: float64 [1] 1.0; g: float64 [1] 0.2; b: float64 [1] 0.0; a: float64"));
    // A single letter is a radius, or anything.
    assert!(vertex(&file("uchar", &["r", "a"], "2 3"), false).contains("r: int64 [1] 2; a: int64 [1] 3"));
    assert!(vertex(&file("float", &["red"], "200"), false).contains("red: float32 [1] 200.0"));
}

#[test]
fn ply_lines_end_in_three_ways() {
    let text = std::fs::read_to_string(fixture("text.ply")).unwrap();
    let expected = show_columns(&columns("text.ply"));
    for end in ["\r\n", "\r"] {
        let other = text.replace("\r\n", "\n").replace('\n', end);
        assert_eq!(show_loaded(&read_text("a.ply", &other).unwrap()), expected, "{end:?}");
    }
    // The data of a binary file may begin with anything.
    let head = "ply\rformat binary_little_endian 1.0\relement p 1\rproperty uchar n\rproperty uchar m\rend_header\r";
    let found = read_bytes("a.ply", [head.as_bytes(), b"\n\r"].concat(), &LoadOptions::default()).unwrap();
    assert_eq!(show_loaded(&found), "{ p: { n: int64 [1] 10; m: int64 [1] 13; }; }");
    let more = [head.as_bytes(), b"12345"].concat();
    let problem = "`a.ply`: byte 95: 3 bytes after the last element";
    assert_eq!(message(read_bytes("a.ply", more, &LoadOptions::default())), problem);
    let line_end = [head.as_bytes(), b"12\r\n"].concat();
    assert!(read_bytes("a.ply", line_end, &LoadOptions::default()).is_ok());
    // Lines that are longer than a block, between short ones.
    let count = 1_500_000;
    let list: Vec<String> = (0..count).map(|i| (i % 1000).to_string()).collect();
    let head = "ply\nformat ascii 1.0\nelement f 3\nproperty list int int v\nend_header\n";
    let text = format!("{head}1 5\n{count} {}\n1 6\n", list.join(" "));
    let Column::Group(face) = &columns_of(read_text("a.ply", &text).unwrap())["f"] else { panic!("a group") };
    let Column::Group(lists) = &face["v"] else { panic!("lists") };
    let offsets = Values::I64(vec![0, 1, count + 1, count + 2]);
    assert_eq!(lists["offsets"], Column::Array(Block { shape: vec![4], values: offsets }));
}

#[test]
fn images_are_arrays_of_three_axes() {
    let rgb = "[2, 3, 3] 1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 0.2 0.4 0.8 1.0 1.0 1.0";
    for name in ["rgb.png", "rgb.tif", "rgb.webp"] {
        assert_eq!(show(&Column::Array(array(name))), format!("float32 {rgb}"), "{name}");
    }
    let raw = LoadOptions { raw: true, ..LoadOptions::default() };
    let raw = |name: &str| show_loaded(&read(&fixture(name), &raw).unwrap());
    assert_eq!(raw("rgb.png"), "int64 [2, 3, 3] 255 0 0 0 255 0 0 0 255 0 0 0 51 102 204 255 255 255");
    assert_eq!(show(&Column::Array(array("grey.png"))), "float32 [2, 3, 1] 1.0 0.0 0.0 0.0 0.2 1.0");
    assert_eq!(
        show(&Column::Array(array("grey16.png"))),
        format!("float32 [2, 2, 1] 0.0 1.0 0.2 {:?}", 257f32 / 65535.0)
    );
    assert_eq!(raw("grey16.png"), "int64 [2, 2, 1] 0 65535 13107 257");
    assert_eq!(array("rgba.png").shape, [2, 3, 4]);
    assert_eq!(array("palette.gif").shape, [2, 3, 4]);
    let Block { shape, values: Values::F32(jpeg) } = array("rgb.jpg") else { panic!("a JPEG file") };
    assert_eq!(shape, [8, 8, 3]);
    assert!(jpeg[0] > 0.5 && jpeg[1] < 0.5 && jpeg.iter().all(|v| (0.0..=1.0).contains(v)), "{jpeg:?}");
    // Floats are as they are, beyond 1 and below 0.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exr");
    let pixels = image::Rgb32FImage::from_raw(2, 1, vec![0.5, 2.0, -1.0, 0.0, 0.25, 1e4]).unwrap();
    pixels.save(&path).unwrap();
    let found = read(&path, &LoadOptions::default()).unwrap();
    assert_eq!(show_loaded(&found), "float32 [1, 2, 3] 0.5 2.0 -1.0 0.0 0.25 10000.0");
}

#[test]
fn images_that_cannot_be_read() {
    let png = std::fs::read(fixture("rgb.png")).unwrap();
    let image = |name: &str, bytes: &[u8], memory_limit: u64| {
        let options = LoadOptions { memory_limit, ..LoadOptions::default() };
        read_bytes(name, bytes, &options)
    };
    let problem = "`a.png`: byte 0: expected an image: PNG, JPEG, TIFF, OpenEXR, GIF or WebP";
    assert_eq!(message(image("a.png", b"", u64::MAX)), problem);
    assert_eq!(message(image("a.png", b"x,y\n1,2\n", u64::MAX)), problem);
    let cut = message(image("a.png", &png[..png.len() - 20], u64::MAX));
    assert!(cut.starts_with("`a.png`: it is no image that can be read: "), "{cut}");
    let mut tiff = std::fs::read(fixture("rgb.tif")).unwrap();
    let directory = u32::from_le_bytes(tiff[4..8].try_into().unwrap()) as usize;
    tiff[directory + 2 + 4..directory + 2 + 8].copy_from_slice(&0x0100_0000u32.to_le_bytes());
    let claim = message(image("a.tif", &tiff, u64::MAX));
    assert!(claim.contains("tag 256 claims 16777216 values; the file has"), "{claim}");
    // The contents decide, not the extension.
    assert_eq!(array_of(image("a.jpg", &png, u64::MAX).unwrap()).shape, [2, 3, 3]);
    // 18 bytes as they are decoded, and 72 for the array.
    for limit in [17, 89] {
        let error = image("a.png", &png, limit).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit, "{error}");
    }
    assert!(image("a.png", &png, 1 << 20).is_ok());
}

#[cfg(feature = "parquet")]
#[test]
fn durations_of_parquet_are_seconds() {
    assert_eq!(
        show_columns(&columns("durations.parquet")),
        "{ s: float64 [3] 1.0 NaN 3.0; ms: float64 [3] 90.0 NaN 125.5; us: float64 [3] 90.0 NaN 125.5; \
         ns: float64 [3] 90.0 NaN 125.5; at.lap: float64 [3] 90.0 NaN 125.5; n: int64 [3] 1 2 3; }"
    );
}

#[cfg(feature = "parquet")]
#[test]
fn names_that_are_twice_in_a_parquet_file_get_numbers() {
    let expected = "{ x: int64 [2] 1 2; x_2: float64 [2] 3.5 4.5; y: text \"a\" \"b\"; }";
    assert_eq!(show_columns(&columns("twice.parquet")), expected);
    let options = LoadOptions { columns: Some(vec!["x_2".into()]), ..LoadOptions::default() };
    let found = read(&fixture("twice.parquet"), &options).unwrap();
    assert_eq!(show_loaded(&found), "{ x_2: float64 [2] 3.5 4.5; }");
}

#[cfg(feature = "parquet")]
#[test]
fn codecs_that_are_not_read_are_named() {
    let error = read(&fixture("brotli.parquet"), &LoadOptions::default()).unwrap_err();
    assert!(
        error.message.ends_with("brotli.parquet`: the column `n` is compressed with Brotli, which is not read"),
        "{error}"
    );
    let hint = "write the file with another codec, for example `df.to_parquet(path, compression=\"zstd\")`";
    assert_eq!(error.hint.as_deref(), Some(hint));
}

#[test]
fn rows_across_parts_of_a_file_stay_whole() {
    // Cells of many lengths, so that parts are cut anywhere; with and without quotes that hide ends of lines.
    for quoted in [false, true] {
        let mut text = String::from("n,word\n");
        let rows = 60_000u64;
        let word = |i: u64| {
            let length = (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize;
            let letters = "abc\nd,\"".chars().cycle();
            letters.filter(|c| quoted || c.is_alphabetic()).take(length + 1).collect::<String>()
        };
        for i in 0..rows {
            if quoted {
                writeln!(text, "{i},\"{}\"", word(i).replace('"', "\"\"")).unwrap();
            } else {
                writeln!(text, "{i},{}", word(i)).unwrap();
            }
        }
        assert!(text.len() > 7 << 20);
        let columns = columns_of(read_text("a.csv", &text).unwrap());
        assert_eq!(
            columns["n"],
            Column::Array(Block { shape: vec![60_000], values: Values::I64((0..60_000).collect()) })
        );
        let Column::Text(words) = &columns["word"] else { panic!("word") };
        assert!(words.iter().enumerate().all(|(i, found)| *found == word(i as u64)));
        // A wrong row far down is named by its line.
        let lines = text.lines().count();
        let wrong = format!("{text}1,2,3\n{}", "5,a\n".repeat(2_000_000));
        let expected = format!("`a.csv`: line {}: 3 cells; expected 2, as in line 1", lines + 1);
        assert_eq!(message(read_text("a.csv", &wrong)), expected);
    }
}

#[test]
fn a_table_of_thousands_of_columns() {
    let width = 5000;
    let names: Vec<String> = (0..width).map(|i| format!("c{i}")).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..20 {
        let cells: Vec<String> = (0..width).map(|i| (row * width + i).to_string()).collect();
        text += &(cells.join(",") + "\n");
    }
    let columns = columns_of(read_text("a.csv", &text).unwrap());
    assert_eq!(columns.len(), width);
    let expected = Values::I64((0..20).map(|row| row * 5000 + 4321).collect());
    assert_eq!(columns["c4321"], Column::Array(Block { shape: vec![20], values: expected }));
}

#[test]
fn tables_that_cannot_be_read() {
    for (text, problem) in [
        ("", "it has no rows"),
        ("\n\n# only a remark\n", "it has no rows"),
        ("1,2\n3\n", "line 2: 1 cell; expected 2, as in line 1"),
        ("# a\nx,y\n1,2\n\n3,4,5,6\n", "line 5: 4 cells; expected 2, as in line 2"),
        ("x,y\n1,2\n\"3,4\n", "line 3: a quote in this row is never closed"),
        ("1,2\n\0\n", "byte 4: a byte 0; expected text"),
    ] {
        assert_eq!(message(read_text("a.csv", text)), format!("`a.csv`: {problem}"), "{text:?}");
    }
    let bytes = |bytes: &[u8]| message(read_bytes("a.csv", bytes, &LoadOptions::default()));
    assert_eq!(bytes(b"\xFF\xFEx\0,\0"), "`a.csv`: it is text in UTF-16; expected UTF-8");
    assert_eq!(bytes(b"\x1F\x8B\x08\0"), "`a.csv`: it is compressed with gzip; expected text");
    assert_eq!(bytes(b"PK\x03\x04"), "`a.csv`: it is a zip archive, or a spreadsheet; expected text");
    assert_eq!(bytes(b"name,n\nM\xFCnchen,1\n"), "`a.csv`: line 2: cell 1 is no text in UTF-8");
    assert_eq!(bytes(b"M\xFCnchen,n\n2,1\n"), "`a.csv`: line 1: name 1 is no text in UTF-8");
    let error = read_text("a.csv", "1;2\n3\n").unwrap_err();
    let hint = "cells are taken to be separated by `;`; `delimiter` names another, `skip` leaves out lines at the top";
    assert_eq!(error.hint.as_deref(), Some(hint));
    let error = read_text("a.csv", "a,b\n1,2\n# note\n").unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("`comment: \"#\"` leaves out lines that begin with it"));
    let options = LoadOptions { delimiter: Some(b'\n'), ..LoadOptions::default() };
    assert_eq!(message(read_bytes("a.csv", "1\n", &options)), "`delimiter` is no character that can stand there");
}

#[test]
fn json_of_every_form() {
    shows("a.json", "[1, 2, 3]", "int64 [3] 1 2 3");
    shows("a.json", "[1, null, 2.5]", "float64 [3] 1.0 NaN 2.5");
    shows("a.json", "[[1, 2], [3, 4]]", "int64 [2, 2] 1 2 3 4");
    shows("a.json", "[[[1], [2]], [[3], [4.5]]]", "float64 [2, 2, 1] 1.0 2.0 3.0 4.5");
    shows("a.json", "[true, false]", "bool [2] true false");
    shows("a.json", "[]", "float64 [0] ");
    shows("a.json", "2.5", "float64 [] 2.5");
    shows("a.json", "[18446744073709551615, 0.1]", "float64 [2] 1.8446744073709552e19 0.1");
    shows(
        "a.json",
        r#"{"x": [1, 2], "at": {"pos": [[1, 2.5]], "n": 3}, "names": ["a", "b"], "title": "T", "none": null}"#,
        "{ x: int64 [2] 1 2; at: { pos: float64 [1, 2] 1.0 2.5; n: int64 [] 3; }; names: text \"a\" \"b\"; \
         title: word \"T\"; none: float64 [] NaN; }",
    );
    shows(
        "a.json",
        r#"[{"x": 1, "p": [1, 2]}, {"p": null, "name": "b"}, {"name": null, "x": 2.5, "p": [3, 4]}, {}]"#,
        "{ x: float64 [4] 1.0 NaN 2.5 NaN; p: float64 [4, 2] 1.0 2.0 NaN NaN 3.0 4.0 NaN NaN; \
         name: text \"\" \"b\" \"\" \"\"; }",
    );
    shows("a.json", "\"run 7\"", "word \"run 7\"");
    shows("a.json", "[\"a\", \"b\"]", "text \"a\" \"b\"");
    shows("a.json", "[\"a\"]", "text \"a\"");
    shows("a.json", "true", "bool [] true");
    shows("a.json", "null", "float64 [] NaN");
    shows(
        "a.json",
        r#"{"on": true, "run": {"name": "seven", "tags": ["a"], "deep": {"unit": "m"}}}"#,
        "{ on: bool [] true; run: { name: word \"seven\"; tags: text \"a\"; deep: { unit: word \"m\"; }; }; }",
    );
    shows("a.json", r#"[{"x": null}, {"x": 2}, {"x": null}]"#, "{ x: float64 [3] NaN 2.0 NaN; }");
}

#[test]
fn json_that_cannot_be_read() {
    for (text, problem) in [
        ("[1, 2", "line 1, column 5: EOF while parsing a list"),
        ("[1,\n 2,]", "line 2, column 4: trailing comma"),
        ("[1, NaN]", "line 1, column 5: expected value"),
        ("[1] 2", "line 1, column 5: trailing characters"),
        ("[[1, 2],\n[3]]", "line 2, column 3: a list of 1 elements; the first has 2"),
        ("[[1, 2], [3, 4, 5]]", "line 1, column 18: a list of more than 2 elements; the first has 2"),
        ("[[1, 2], 3]", "line 1, column 10: expected a list of length 2, like those before it"),
        ("[1, [2]]", "line 1, column 5: a list among single values"),
        ("[1, \"a\"]", "line 1, column 7: a text among numbers"),
        ("[true, 1]", "line 1, column 8: a number among truth values"),
        ("{\"x\": 1, \"x\": 2}", "line 1, column 16: `x` is there twice"),
        ("[{\"x\": 1}, {\"x\": \"a\"}]", "line 1, column 20: a text among numbers"),
        (
            "[{\"x\": {\"y\": 1}}]",
            "line 1, column 17: `x` is an object in a list of objects; expected a value or a list",
        ),
        ("[[\"a\"], [\"b\"]]", "line 1, column 8: lists of texts or of objects in a list"),
    ] {
        assert_eq!(message(read_text("a.json", text)), format!("`a.json`: {problem}"), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(message(read_text("a.json", &deep)).ends_with("recursion limit exceeded"));
}

const VERTICES: &str = "vertex: { x: float32 [4] 0.0 1.0 0.0 1.0; y: float32 [4] 0.0 0.0 1.0 1.0; \
                        z: float64 [4] 0.5 -1.5 2.0 3.0; red: float64 [4] 1.0 0.0 0.027450980392156862 0.03137254901960784; };";

#[test]
fn ply_elements_are_groups() {
    let faces = "face: { vertex_indices: int64 [2, 3] 0 1 2 1 2 3; tag: int64 [2] -5 6; };";
    for name in ["text.ply", "little.ply", "big.ply"] {
        assert_eq!(show_columns(&columns(name)), format!("{{ {VERTICES} {faces} }}"), "{name}");
    }
    let polygons = "face: { vertex_indices: { values: int64 [7] 0 1 2 0 1 3 2; offsets: int64 [3] 0 3 7; }; };";
    for name in ["polygons_little.ply", "polygons_big.ply"] {
        assert_eq!(show_columns(&columns(name)), format!("{{ {VERTICES} {polygons} }}"), "{name}");
    }
    assert_eq!(show_columns(&columns("polygons_text.ply")), format!("{{ {polygons} }}"));
}

#[test]
fn ply_that_cannot_be_read() {
    let head = "ply\nformat ascii 1.0\n";
    let point = "element p 2\nproperty float x\nend_header\n";
    for (text, problem) in [
        ("", "line 1: the header has no end"),
        ("obj\n", "byte 0: expected `ply`, with which all PLY files begin"),
        ("ply\nformat ascii 1.0\n", "line 3: the header has no end"),
        ("ply\nformat text 1.0\n", "line 2: `text`; expected ascii, binary_little_endian or binary_big_endian"),
        ("ply\nformat ascii 2.0\n", "line 2: `format`; expected format, comment, element, property or end_header"),
        ("ply\nend_header\n", "the header has no line `format … 1.0`"),
        ("ply\nelement p many\n", "line 2: `many`; expected how many `p` there are"),
        ("ply\nproperty float x\n", "line 2: a property before the first element"),
        ("ply\nelement p 1\nproperty half x\n", "line 3: `half` is no type"),
        ("ply\nelement p 1\nproperty list float int x\n", "line 3: the length of a list is no integer"),
        (&format!("{head}{point}1\n"), "line 3: 2 of `p` take at least 4 bytes; 3 are left"),
        (&format!("{head}{point}1\nx y z\n"), "line 7: `x`; expected a number"),
        (&format!("{head}{point}    1\n"), "line 6: the file ends after 1 of 2 `p`"),
        (&format!("{head}{point}1\n2 3\n"), "line 7: 2 values; each `p` has 1"),
        (&format!("{head}{point}1\n\n2\n\n3 4\n"), "line 10: 2 values after the last element"),
        (
            &format!("{head}element p 2\nproperty float x\nproperty uchar n\nend_header\n1\n2 3\n"),
            "line 7: 1 value; each `p` has 2",
        ),
        (
            &format!("{head}element p 1\nproperty uchar n\nend_header\n256\n"),
            "line 6: `256`; expected an integer from 0 to 255",
        ),
        (
            &format!("{head}element p 1\nproperty short n\nend_header\n1.5\n"),
            "line 6: `1.5`; expected an integer from -32768 to 32767",
        ),
        (
            &format!("{head}element f 1\nproperty list uchar int v\nend_header\n1000000000 2\n"),
            "line 6: `1000000000`; expected an integer from 0 to 255",
        ),
        (
            &format!("{head}element f 1\nproperty list int int v\nend_header\n1000000000 2\n"),
            "line 6: 2 values; this `f` has 1000000001",
        ),
        (
            &format!("{head}element f 2\nproperty list uchar int v\nend_header\n3 0 1 2\n3 0 1 2 3\n"),
            "line 7: 5 values; this `f` has 4",
        ),
        (
            &format!("{head}element f 1\nproperty list int int v\nend_header\n-1 2\n"),
            "line 6: `-1`; expected the length of a list",
        ),
        (
            &format!("{head}element p 1000000000000\nproperty float x\nend_header\n1\n"),
            "line 3: 1000000000000 of `p` take at least 2000000000000 bytes; 3 are left",
        ),
    ] {
        assert_eq!(message(read_text("a.ply", text)), format!("`a.ply`: {problem}"), "{text:?}");
    }
    let whole = std::fs::read(fixture("little.ply")).unwrap();
    let cut = message(read_bytes("a.ply", &whole[..whole.len() - 3], &LoadOptions::default()));
    assert!(cut.ends_with("byte 290: a list of 3; 10 bytes are left"), "{cut}");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_of_every_kind() {
    let names = ["i8", "u32", "u64", "f16", "f32", "flag", "day", "ms", "ns", "price", "at.x", "at.y"];
    let options = LoadOptions { columns: Some(names.map(String::from).to_vec()), ..LoadOptions::default() };
    let found = columns_of(read(&fixture("kinds.parquet"), &options).unwrap());
    for (name, expected) in names.iter().zip([
        "float64 [3] -1.0 NaN 3.0",
        "int64 [3] 0 1 4294967295",
        "int64 [3] 0 1 9223372036854775807",
        "float32 [3] 0.5 -2.0 inf",
        "float32 [3] 0.5 NaN 2.5",
        "float64 [3] 1.0 NaN 0.0",
        "float64 [3] 172800.0 NaN 172800.0",
        "float64 [3] 1000000000.5 NaN 1000000000.5",
        "float64 [3] 1000000000.5 NaN 1000000000.5",
        "float64 [3] 12.34 NaN -0.05",
        "float64 [3] 1.0 NaN 3.0",
        "float64 [3] 2.5 NaN NaN",
    ]) {
        assert_eq!(show(&found[*name]), expected, "{name}");
    }
    let Column::Text(words) = &columns("lz4.parquet")["word"] else { panic!("word") };
    assert_eq!(words.len(), 100);
    for name in ["none.parquet", "gzip.parquet", "lz4.parquet"] {
        let found = columns(name);
        assert_eq!(found["n"], Column::Array(Block { shape: vec![100], values: Values::I64((0..100).collect()) }));
        assert_eq!(found["word"], Column::Text(words.clone()));
    }
    let seconds = "{ t: float64 [2] 1000000000.5 1000000000.5; }";
    assert_eq!(show_columns(&columns("int96.parquet")), seconds);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_that_cannot_be_read() {
    let all = read(&fixture("kinds.parquet"), &LoadOptions::default()).unwrap_err();
    assert!(all.message.ends_with("the column `lists.list.element` holds lists"), "{all}");
    assert_eq!(all.hint.as_deref(), Some("choose those that can be read with `columns`"));
    let large = read(&fixture("bad_u64.parquet"), &LoadOptions::default()).unwrap_err();
    let problem = "the column `n` has 9223372036854775808 in row 1, too large for 64 bits with a sign";
    assert!(large.message.ends_with(problem), "{large}");
    let whole = std::fs::read(fixture("none.parquet")).unwrap();
    let parquet = |bytes: &[u8]| message(read_bytes("a.parquet", bytes, &LoadOptions::default()));
    assert_eq!(parquet(b"PK"), "`a.parquet`: byte 0: expected `PAR1`, with which all Parquet files begin");
    let cut = parquet(&whole[..whole.len() - 10]);
    assert!(cut.starts_with("`a.parquet`: it is no Parquet file that can be read: "), "{cut}");
}

#[test]
fn formats_follow_from_the_extension() {
    assert_eq!(Format::of(Path::new("a/B.CSV")).unwrap(), Format::Csv);
    let error = |path: &str| {
        let error = Format::of(Path::new(path)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Script);
        (error.message, error.hint.unwrap())
    };
    let known = "files that can be read: npy, npz, csv, tsv, txt, dat, json, ply, parquet, and images (png, jpg, jpeg, \
                 tif, tiff, exr, gif, webp)";
    assert_eq!(error("data"), ("`data` has no ending that tells what it is".into(), known.into()));
    let (message, hint) = error("a.parket");
    assert_eq!(message, "`a.parket`: there is no reader for `.parket` files");
    assert_eq!(hint, format!("did you mean `.parquet`? {known}"));
    assert_eq!(error("a.xlsx").1, known);
    assert_eq!(error("a.csv.gz").0, "`a.csv.gz`: there is no reader for `.gz` files");
    assert_eq!(error("a.csv.gz").1, "unpack it, for example with `gunzip a.csv.gz`");
}

#[test]
fn files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder.csv");
    std::fs::create_dir(&path).unwrap();
    let error = read(&path, &LoadOptions::default()).unwrap_err();
    assert!(error.message.ends_with("folder.csv` is a folder"), "{error}");
    let error = read(&folder.path().join("none.csv"), &LoadOptions::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::File);
    assert!(error.message.starts_with("there is no file `"), "{error}");
    #[cfg(unix)]
    {
        let link = folder.path().join("null.csv");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        let error = read(&link, &LoadOptions::default()).unwrap_err();
        assert!(error.message.ends_with("null.csv` is a device or a pipe, not a file"), "{error}");
    }
}

#[test]
fn every_format_can_be_cancelled() {
    let watch = Watch::default();
    watch.cancel.cancel();
    let names = [
        "words.npy",
        "rgb.png",
        "f8_little.npy",
        "fortran_f8.npy",
        "packed.npz",
        "pandas.csv",
        "records.json",
        "text.ply",
        "little.ply",
    ];
    for name in names.iter().chain(cfg!(feature = "parquet").then_some(&"pandas.parquet")) {
        let error = load(&fixture(name), &LoadOptions::default(), &watch).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Interrupted, "{name}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.npy", "a.csv"] {
        let values = Values::F64(vec![0.5; 100_000]);
        let error = save_array(&folder.path().join(name), &[100_000], &values, &watch).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Interrupted, "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // A call that takes too long ends with an error that states the reason.
    let late = Arc::new(Error::limit("too late"));
    let watch = Watch { deadline: Some((Instant::now(), late.clone())), ..Watch::default() };
    for name in names {
        let error = load(&fixture(name), &LoadOptions::default(), &watch).unwrap_err();
        assert_eq!(error, *late, "{name}");
    }
}

fn samples() -> Vec<(Vec<usize>, Values)> {
    vec![
        (vec![2, 3], Values::F64(vec![0.1, -2.5e-300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e16])),
        (vec![3], Values::F32(vec![0.1, 16_777_216.0, f32::MIN_POSITIVE])),
        (vec![2, 1], Values::I64(vec![i64::MIN, i64::MAX])),
        (vec![4], Values::Bool(vec![true, false, false, true])),
        (vec![1, 2], Values::F64(vec![3.0, 4.0])),
    ]
}

#[test]
fn arrays_come_back_as_they_were_saved() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        (vec![], Values::F64(vec![7.5])),
        (vec![0, 4], Values::F32(vec![])),
        (vec![2, 1, 3], Values::I64(vec![1, 2, 3, 4, 5, 6])),
        // More than is written at a time.
        (vec![700_001], Values::F64((0..700_001).map(f64::from).collect())),
    ];
    let all: Vec<_> = samples().into_iter().chain(more).collect();
    for (shape, values) in &all {
        let path = folder.path().join("a.npy");
        save_array(&path, shape, values, &Watch::default()).unwrap();
        let found = array_of(read(&path, &LoadOptions::default()).unwrap());
        let expected = Block { shape: shape.clone(), values: values.clone() };
        assert_eq!(show(&Column::Array(found)), show(&Column::Array(expected)));
        assert_eq!(std::fs::metadata(&path).unwrap().len() % 8, (values.len() * values.dtype().size() % 8) as u64);
    }
    for compress in [false, true] {
        let path = folder.path().join("a.npz");
        let names: Vec<String> = (0..all.len()).map(|i| format!("a{i}")).collect();
        let parts = names.iter().zip(&all);
        let parts: Vec<Part<'_>> =
            parts.map(|(name, (shape, values))| Part { name, data: PartData::Array(shape, values) }).collect();
        save_columns(&path, &parts, &SaveOptions { compress }, &Watch::default()).unwrap();
        let found = columns_of(read(&path, &LoadOptions::default()).unwrap());
        let saved = names.iter().zip(&all).map(|(name, (shape, values))| {
            (name.clone(), Column::Array(Block { shape: shape.clone(), values: values.clone() }))
        });
        assert_eq!(show_columns(&found), show_columns(&saved.collect()));
        let large = std::fs::metadata(&path).unwrap().len() > 5_600_000;
        assert_eq!(large, !compress);
    }
}

#[test]
fn tables_come_back_as_they_were_saved() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.tsv", "a.txt"] {
        let path = folder.path().join(name);
        for (shape, values) in samples() {
            save_array(&path, &shape, &values, &Watch::default()).unwrap();
            let found = array_of(read(&path, &LoadOptions::default()).unwrap());
            // A table of one column is a line of numbers; text has no single precision.
            let shape = if shape == [2, 1] { vec![2] } else { shape };
            let values = match values {
                Values::F32(v) => Values::F64(v.iter().map(|v| v.to_string().parse().unwrap()).collect()),
                other => other,
            };
            assert_eq!(show(&Column::Array(found)), show(&Column::Array(Block { shape, values })), "{name}");
        }
        let words: Texts =
            ["plain", "a b", "a,b", "", "say \"hi\"", "two\nlines", "tab\there", " x ", "Ü"].iter().collect();
        let count = Values::I64((0..9).collect());
        let pos = Values::F64((0..18).map(|i| f64::from(i) / 2.0).collect());
        let parts = [
            Part { name: "word", data: PartData::Text(&words) },
            Part { name: "n", data: PartData::Array(&[9], &count) },
            Part { name: "pos", data: PartData::Array(&[9, 2], &pos) },
        ];
        save_columns(&path, &parts, &SaveOptions::default(), &Watch::default()).unwrap();
        let found = columns_of(read(&path, &LoadOptions::default()).unwrap());
        assert_eq!(found["word"], Column::Text(words), "{name}");
        assert_eq!(found["n"], Column::Array(Block { shape: vec![9], values: count.clone() }));
        assert_eq!(show(&found["pos_1"]), "float64 [9] 0.5 1.5 2.5 3.5 4.5 5.5 6.5 7.5 8.5");
    }
}

#[test]
fn what_cannot_be_saved() {
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::default();
    let array = |name: &str, shape: &[usize]| {
        let values = Values::F64(vec![0.0; shape.iter().product()]);
        let error = save_array(&folder.path().join(name), shape, &values, &watch).unwrap_err();
        error.message.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(array("a.csv", &[1, 2, 3]), "`a.csv`: an array of 3 axes is no table");
    assert_eq!(array("a.npz", &[1]), "`a.npz`: an npz file has named arrays");
    assert_eq!(array("a.ply", &[1]), "`a.ply`: arrays are not saved in files of this kind");
    assert!(array("none/a.npy", &[1]).contains("there is no folder"));
    let words = Texts::from_iter(["a"]);
    let numbers = Values::F64(vec![0.0; 2]);
    let columns = |name: &str, parts: &[Part<'_>]| {
        let error = save_columns(&folder.path().join(name), parts, &SaveOptions::default(), &watch).unwrap_err();
        error.message.replace(&format!("{}/", folder.path().display()), "")
    };
    let word = Part { name: "word", data: PartData::Text(&words) };
    let x = Part { name: "x", data: PartData::Array(&[2], &numbers) };
    assert_eq!(columns("a.csv", &[word, x]), "`a.csv`: `x` has 2 rows and `word` has 1");
    assert_eq!(columns("a.npz", &[word]), "`word` is text, which an npz file cannot hold");
    assert_eq!(columns("a.npy", &[x]), "`a.npy`: an npy file has one array, without a name");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn large_arrays_are_read_in_parts() {
    // Several blocks of each way to read: as it is, decoded, turned with long and with short runs.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let write = |descr: &str, fortran: &str, shape: &str, bytes: &[u8]| {
        let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let length = (text.len() as u16).to_le_bytes();
        std::fs::write(&path, [b"\x93NUMPY\x01\x00", &length[..], text.as_bytes(), bytes].concat()).unwrap();
        array_of(read(&path, &LoadOptions::default()).unwrap()).values
    };
    let count = 3_000_000u32;
    let f8: Vec<u8> = (0..count).flat_map(|i| f64::from(i).to_le_bytes()).collect();
    let i4: Vec<u8> = (0..count).flat_map(|i| i.to_be_bytes()).collect();
    let expected: Vec<f64> = (0..count).map(f64::from).collect();
    assert!(write("<f8", "False", "(3000000,)", &f8) == Values::F64(expected.clone()));
    assert!(write(">i4", "False", "(3, 1000000)", &i4) == Values::I64((0..3_000_000).collect()));
    for (rows, width) in [(1_000_000, 3), (30_000, 100), (3, 1_000_000), (1500, 2000)] {
        let turned = |i: usize| (i % width) * rows + i / width;
        let found = write("<f8", "True", &format!("({rows}, {width})"), &f8);
        assert!(found == Values::F64((0..3_000_000).map(|i| expected[turned(i)]).collect()), "{rows} x {width}");
        let found = write(">i4", "True", &format!("({rows}, {width})"), &i4);
        assert!(found == Values::I64((0..3_000_000).map(|i| turned(i) as i64).collect()), "{rows} x {width}, i4");
    }
}
