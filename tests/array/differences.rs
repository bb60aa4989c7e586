//! The table of `docs/arrays.md` that lists differences from NumPy: each row is tested.

use crate::support::{call, host, print};
use plotrt::script::Callback;
use std::path::Path;

/// The definitions that the expressions of the table use.
const VARIABLES: &str = "let x = 3; let a = array([1, 2, 3]); let m = array([true, false, true]);";

/// Expressions of the table and their values: the first two cells of each row.
fn rows() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/arrays.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let section = text.split("\n## ").find(|part| part.starts_with("Read differently")).expect("the section");
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    let cells = lines.map(|line| line.replace("\\|", "\u{1}"));
    let cells = cells.map(|line| line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect::<Vec<_>>());
    cells.map(|cells| (cells[1].trim_matches('`').to_string(), cells[2].clone())).collect()
}

/// Whether an expression has the value that the table states.
fn holds(expression: &str, result: &str) -> bool {
    let text = format!("let r = ();\nfn init(rt) {{ {VARIABLES} r = {expression}; }}");
    if result.starts_with("refused") {
        let outcome = host(&text).and_then(|mut host| call(&mut host, Callback::Init));
        let reasons = ["needs brackets", "overflow", "negative integer powers"];
        return outcome.is_err_and(|error| reasons.iter().any(|reason| error.message.contains(reason)));
    }
    print(&format!("{{ {VARIABLES} {expression} }}")) == result.trim_matches('`')
}

#[test]
fn rows_of_the_table_hold() {
    let rows = rows();
    assert!(rows.len() >= 25, "only {} rows", rows.len());
    for (expression, result) in rows {
        assert!(holds(&expression, &result), "`{expression}` is not {result}");
    }
}

#[test]
fn a_wrong_row_is_detected() {
    assert!(
        holds("1 + x", "`4`") && !holds("1 + x", "`5`") && !holds("1 + x", "refused") && !holds("nothing", "refused")
    );
    assert!(holds("-x ** 2", "refused: write"));
}
