//! Data files: what NumPy, pandas, pyarrow and plyfile have written (`tests/data/io/make.py`), what is written here and
//! read back, and what is said of files that are wrong.

use plotrt::array::Values;
use plotrt::array::Watch;
use plotrt::array::io::{
    Block, Column, Columns, Format, LoadOptions, Loaded, Part, PartData, SaveOptions, Texts, load, save_array,
    save_columns,
};
use plotrt::{Error, ErrorKind};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
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

/// A file of this text or these bytes, and what reading it gives.
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
    assert!(error.hint.is_none_or(|hint| !hint.is_empty()));
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
    }
}

#[track_caller]
fn shows(name: &str, text: &str, expected: &str) {
    assert_eq!(show_loaded(&read_text(name, text).unwrap()), expected, "{text}");
}

/// Comparing what is shown tells values, shapes and types apart.
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
        ("bad_text.npy", "byte 20: elements of type `<U2` (text); save it as a column of a CSV file"),
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

/// An npy file whose header says this and whose elements are 8 zero bytes.
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
    // All formats keep to the limit.
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
    // One bit of an element: the checksum tells.
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
    // A remark only above the first row: colours are no remarks.
    shows(
        "a.csv",
        "# made by hand\nc,x\n#ff0000,1\n#00ff00,2\n",
        "{ c: text \"#ff0000\" \"#00ff00\"; x: int64 [2] 1 2; }",
    );
    let with = |options: LoadOptions, text: &str| show_loaded(&read_bytes("a.csv", text, &options).unwrap());
    let no_header = LoadOptions { header: Some(false), ..LoadOptions::default() };
    assert_eq!(with(no_header, "a\n1\n"), "{ column_1: text \"a\" \"1\"; }");
    let header = LoadOptions { header: Some(true), ..LoadOptions::default() };
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
    assert_eq!(bytes(b"name,n\nM\xFCnchen,1\n"), "`a.csv`: line 2: cell 1 is no text in UTF-8");
    assert_eq!(bytes(b"M\xFCnchen,n\n2,1\n"), "`a.csv`: line 1: name 1 is no text in UTF-8");
    let error = read_text("a.csv", "1;2\n3\n").unwrap_err();
    let hint = "cells are taken to be separated by `;`; `delimiter` names another";
    assert_eq!(error.hint.as_deref(), Some(hint));
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
         title: text \"T\"; none: float64 [] NaN; }",
    );
    shows(
        "a.json",
        r#"[{"x": 1, "p": [1, 2]}, {"p": null, "name": "b"}, {"name": null, "x": 2.5, "p": [3, 4]}, {}]"#,
        "{ x: float64 [4] 1.0 NaN 2.5 NaN; p: float64 [4, 2] 1.0 2.0 NaN NaN 3.0 4.0 NaN NaN; \
         name: text \"\" \"b\" \"\" \"\"; }",
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
        ("\"text\"", "text without a name; expected numbers, or an object that names its lists"),
        ("[[\"a\"], [\"b\"]]", "line 1, column 8: lists of texts or of objects in a list"),
    ] {
        assert_eq!(message(read_text("a.json", text)), format!("`a.json`: {problem}"), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(message(read_text("a.json", &deep)).ends_with("recursion limit exceeded"));
}

const VERTICES: &str = "vertex: { x: float32 [4] 0.0 1.0 0.0 1.0; y: float32 [4] 0.0 0.0 1.0 1.0; \
                        z: float64 [4] 0.5 -1.5 2.0 3.0; red: int64 [4] 255 0 7 8; };";

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
        (&format!("{head}{point}    1\n"), "line 7: the file ends; expected a number"),
        (
            &format!("{head}element f 1\nproperty list uchar int v\nend_header\n1000000000 2\n"),
            "line 6: a list of 1000000000; 3 bytes are left",
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
fn formats_are_told_by_their_ending() {
    assert_eq!(Format::of(Path::new("a/B.CSV")).unwrap(), Format::Csv);
    let error = |path: &str| {
        let error = Format::of(Path::new(path)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Script);
        (error.message, error.hint.unwrap())
    };
    let known = "files that can be read: npy, npz, csv, tsv, txt, dat, json, ply, parquet";
    assert_eq!(error("data"), ("`data` has no ending that tells what it is".into(), known.into()));
    let (message, hint) = error("a.parket");
    assert_eq!(message, "`a.parket`: there is no reader for `.parket` files");
    assert_eq!(hint, format!("did you mean `.parquet`? {known}"));
    assert_eq!(error("a.xlsx").1, known);
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
fn a_stop_is_heard_in_every_format() {
    let watch = Watch::default();
    watch.cancel.cancel();
    let names =
        ["f8_little.npy", "fortran_f8.npy", "packed.npz", "pandas.csv", "records.json", "text.ply", "little.ply"];
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
    // A call that takes too long ends with the error that says so.
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
            // A table of one column is a line of numbers; text knows no single precision.
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
