//! Habits from Python, NumPy and PlotOptiX, each with what scripts use instead: one table, from which
//! come hints and the section of `docs/scripting.md`.

use super::api;
use rhai::{LexError, ParseErrorType};

/// One habit and its replacement.
pub(super) struct Habit {
    /// A statement as it is written elsewhere, which fails here.
    pub code: &'static str,
    /// What to write here, as hints show it.
    pub hint: &'static str,
    pub sign: Sign,
}

/// How a habit is recognised.
pub(super) enum Sign {
    /// By an error of the compiler.
    Text(fn(&Spot) -> bool),
    /// By names of unknown variables.
    Variable(&'static [&'static str]),
    /// By names of unknown functions and methods.
    Call(&'static [&'static str]),
    /// By a function and the type of a first argument that it does not take.
    Takes(&'static [&'static str], &'static str),
    /// By the code that finds the mistake, whose hint quotes the script.
    Elsewhere,
}

/// The place of an error of the compiler.
pub(super) struct Spot<'a> {
    pub kind: &'a ParseErrorType,
    /// The line, without its comment and blanks at both ends.
    pub line: &'a str,
    /// The text before the place, and the text from there on.
    pub before: &'a str,
    pub at: &'a str,
}

impl<'a> Spot<'a> {
    /// The place in the character `column` (from 0) of `line`.
    pub fn new(kind: &'a ParseErrorType, line: &'a str, column: usize) -> Spot<'a> {
        let split = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        let (before, at) = line.split_at(split);
        Spot { kind, line: without_comment(line).trim(), before: before.trim_end(), at: at.trim() }
    }

    fn begins(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.line.trim_start_matches(['}', ' ']).starts_with(word))
    }

    /// Whether the word before the place, or at it, is one of these.
    fn word(&self, words: &[&str]) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let before = &self.before[self.before.rfind(|c| !is_part(c)).map_or(0, |at| at + 1)..];
        let after = &self.at[..self.at.find(|c| !is_part(c)).unwrap_or(self.at.len())];
        words.iter().any(|word| before == *word || after == *word)
    }

    fn holds_word(&self, word: &str) -> bool {
        self.line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
    }

    /// Whether this token is missing.
    fn misses(&self, token: &str) -> bool {
        matches!(self.kind, ParseErrorType::MissingToken(missing, _) if missing == token)
    }

    /// Whether what is missing is missing in `what`, in Rhai's words.
    fn misses_in(&self, token: &str, what: &str) -> bool {
        matches!(self.kind, ParseErrorType::MissingToken(missing, why) if missing == token && why.contains(what))
    }

    /// The symbol that is not one of the language.
    fn symbol(&self) -> Option<&str> {
        match self.kind {
            ParseErrorType::Reserved(symbol)
            | ParseErrorType::UnknownOperator(symbol)
            | ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _) | LexError::UnexpectedInput(symbol)) => {
                Some(symbol)
            }
            _ => None,
        }
    }

    /// Whether an argument is given by its name: `f(x=1)`.
    pub fn is_named_argument(&self) -> bool {
        let assigns = self.at.starts_with('=') && !self.at.starts_with("==") || self.at.starts_with(": ");
        let in_call =
            self.misses_in(",", "arguments") || self.misses_in(")", "arguments") || self.symbol() == Some("=");
        assigns && in_call
    }
}

/// The line up to `//` that is not in a text.
pub(super) fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut last = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            None if c == '/' && line[at + 1..].starts_with('/') => return &line[..at],
            None if c == '"' || c == '`' => quote = Some(c),
            Some(q) if c == q && last != '\\' => quote = None,
            _ => {}
        }
        last = c;
    }
    line
}

/// The table; more likely habits come first.
pub(super) const HABITS: &[(&str, &[Habit])] =
    &[("Python", PYTHON), ("NumPy and Matplotlib", NUMPY), ("PlotOptiX", PLOTOPTIX)];

const FUNCTION: &str = "functions are written `fn name(a, b) { … }`";
const BLOCKS: &str = "blocks are written in braces: `if a { … } else if b { … } else { … }`";
const LOOPS: &str = "loops are written `for i in 0..10 { … }`";
const TEXTS: &str = "values are put into texts in backticks: `` `x is ${x}` ``";
const IMPORTS: &str = "modules are imported by their file's name in quotes: `import \"util\" as util;`";
const CATCH: &str = "errors are caught by `try { … } catch (e) { print(e.message); }`";
const LISTS: &str = "there are no tuples, lists are written `[a, b]`";
const GLOBAL: &str = "functions see all variables of the top level: nothing has to be declared";
const CHOICE: &str = "`if` has a value: `let y = if a { 1 } else { 2 };`";
const NAMED: &str = "arguments by name go into one map at the end: `rt.set_data(\"plot\", #{ pos: xyz, r: 0.1 })`";
const RANGES: &str = "ranges are written `a[1..3]`, open ones `a[slice(1, ())]`, steps `a[slice((), (), 2)]`; of a list \
                      it is `list.extract(1..3)`";
const INDICES: &str = "several indices are written `a.at(1, 2)` of an array, `a[1][2]` of a list";

const PYTHON: &[Habit] = &[
    Habit { code: "def f(x):", hint: FUNCTION, sign: Sign::Text(|spot| spot.begins(&["def ", "function ", "func "])) },
    Habit {
        code: "let f = lambda x: x * 2;",
        hint: "a function without a name is written `|x| x * 2`",
        sign: Sign::Text(|spot| spot.holds_word("lambda") || spot.line.contains("=> ") && !spot.begins(&["switch"])),
    },
    Habit {
        code: "let b = [2 * x for x in a];",
        hint: "a list is made of another one by `a.map(|x| 2 * x)`, an array by `2 * a`",
        sign: Sign::Text(|spot| {
            spot.at.starts_with("for ") && (spot.misses_in(",", "array") || spot.misses_in(",", "arguments"))
        }),
    },
    Habit {
        code: "for i in range(10):",
        hint: LOOPS,
        sign: Sign::Text(|spot| {
            spot.begins(&["for (", "for(", "for each"]) || spot.begins(&["for "]) && spot.line.ends_with(':')
        }),
    },
    Habit { code: "for i in range(10) { }", hint: LOOPS, sign: Sign::Takes(&["range"], "int") },
    Habit {
        code: "elif x > 0:",
        hint: BLOCKS,
        sign: Sign::Text(|spot| {
            spot.begins(&["elif ", "elseif ", "elsif "])
                || spot.begins(&["if ", "else", "while "]) && spot.line.ends_with(':')
        }),
    },
    Habit {
        code: "if 1 < 2 and 2 < 3 { }",
        hint: "logical operators are `a && b`, `a || b`, `!a`; of arrays, `(a > 0) & (a < 2)`",
        sign: Sign::Text(|spot| spot.word(&["and", "or", "not", "xor"])),
    },
    Habit {
        code: "let y = 1 if 2 < 3 else 2;",
        hint: CHOICE,
        sign: Sign::Text(|spot| {
            (spot.at.starts_with("if ") && spot.holds_word("else") && spot.before.contains('='))
                || spot.symbol() == Some("?")
                || spot.at.starts_with('?')
        }),
    },
    Habit {
        code: "try:",
        hint: CATCH,
        sign: Sign::Text(|spot| {
            spot.begins(&["try:", "try :", "except", "finally"]) || spot.word(&["except", "finally"])
        }),
    },
    Habit {
        code: "raise ValueError(\"too large\");",
        hint: "errors are raised by `throw \"too large\"`",
        sign: Sign::Text(|spot| spot.word(&["raise"])),
    },
    Habit {
        code: "assert 1 < 2;",
        hint: "a condition is checked by `if !(a < b) { throw \"a is too large\"; }`",
        sign: Sign::Text(|spot| spot.word(&["assert"])),
    },
    Habit { code: "global t;", hint: GLOBAL, sign: Sign::Text(|spot| spot.word(&["global", "nonlocal"])) },
    Habit {
        code: "del x;",
        hint: "a key is removed by `map.remove(\"key\")`, an element by `list.remove(i)`",
        sign: Sign::Text(|spot| spot.word(&["del"])),
    },
    Habit {
        code: "class Ball:",
        hint: "there are no classes: a map holds what belongs together, `#{ pos: [0, 0, 0], r: 1 }`",
        sign: Sign::Text(|spot| spot.word(&["class", "struct"])),
    },
    Habit {
        code: "with open(\"a.csv\") as file:",
        hint: "data files are read by `load(\"a.csv\")`",
        sign: Sign::Text(|spot| spot.begins(&["with "])),
    },
    Habit {
        code: "from math import sin",
        hint: IMPORTS,
        sign: Sign::Text(|spot| {
            spot.begins(&["from ", "import ", "use ", "using ", "#include"]) && !spot.line.contains('"')
        }),
    },
    Habit {
        code: "import numpy as np;",
        hint: "arrays and mathematical functions are built in: `sin(linspace(0, 1, 100))`",
        sign: Sign::Elsewhere,
    },
    Habit {
        code: "print \"x\";",
        hint: "`print` is called with brackets: `print(\"x\")`",
        sign: Sign::Text(|spot| spot.word(&["print"])),
    },
    Habit {
        code: "# a comment",
        hint: "comments begin with `//`",
        sign: Sign::Text(|spot| {
            spot.at.starts_with('#') && !spot.at.starts_with("#{")
                || spot.symbol() == Some("(*") && !spot.at.starts_with("(**")
        }),
    },
    Habit {
        code: "'''What the script does.'''",
        hint: "comments begin with `//`; texts of several lines are put in backticks",
        sign: Sign::Text(|spot| spot.line.contains("\"\"\"") || spot.line.contains("'''")),
    },
    Habit {
        code: "print(f\"{x}\");",
        hint: TEXTS,
        sign: Sign::Text(|spot| spot.at.starts_with(['"', '\'']) && spot.word(&["f", "r", "b", "rb", "fr", "u"])),
    },
    Habit { code: "print(\"%d\" % 5);", hint: TEXTS, sign: Sign::Takes(&["%"], "string") },
    Habit { code: "print(\"{}\".format(5));", hint: TEXTS, sign: Sign::Call(&["format", "sprintf"]) },
    Habit {
        code: "print('some text');",
        hint: "texts are put in double quotes: `\"some text\"`; single quotes hold one character",
        sign: Sign::Text(|spot| {
            matches!(spot.kind, ParseErrorType::BadInput(LexError::MalformedChar(_)))
                || spot.at.starts_with('\'') && !matches!(spot.kind, ParseErrorType::ExprTooDeep)
        }),
    },
    Habit {
        code: "let p = (1, 2);",
        hint: LISTS,
        sign: Sign::Text(|spot| spot.misses_in(")", "for a matching (") && spot.at.starts_with(',')),
    },
    Habit {
        code: "a, b = f();",
        hint: "one variable is assigned at a time: `let p = f(); let a = p[0]; let b = p[1];`",
        sign: Sign::Text(|spot| spot.at.starts_with(',') && spot.misses(";")),
    },
    Habit {
        code: "let m = {\"a\": 1};",
        hint: "maps are written `#{ a: 1 }`",
        sign: Sign::Text(|spot| {
            let before = spot.before.trim_end_matches(|c: char| c.is_alphanumeric() || "_\"' ".contains(c));
            spot.at.starts_with(':') && before.ends_with(['{', ','])
                || spot.misses_in("}", "statement") && spot.at.starts_with(',') && spot.before.contains('{')
        }),
    },
    Habit {
        code: "f(**options);",
        hint: "options are passed on in a map: `fn f(options) { … }`, `f(#{ r: 0.1 })`",
        sign: Sign::Text(|spot| {
            spot.at.starts_with("(**")
                || (spot.at.starts_with('*') || spot.symbol().is_some_and(|symbol| symbol.starts_with("**")))
                    && spot.before.ends_with(['(', ','])
        }),
    },
    Habit {
        code: "i++;",
        hint: "to count, write `i += 1` or `i -= 1`",
        sign: Sign::Text(|spot| {
            matches!(spot.symbol(), Some("++" | "--")) || spot.line.contains("++") || spot.line.contains("--")
        }),
    },
    Habit {
        code: "int n = 5;",
        hint: "variables are made with `let name = value;`",
        sign: Sign::Text(|spot| spot.begins(&["var ", "auto ", "float ", "int ", "double ", "mut "])),
    },
    Habit {
        code: "let x = 5; if x is 5 { }",
        hint: "values are compared by `a == b` and `a != b`; no value is written `()`",
        sign: Sign::Text(|spot| spot.symbol() == Some("is") || spot.word(&["is"])),
    },
    Habit {
        code: "let x = 5; if x === 5 { }",
        hint: "write `==`",
        sign: Sign::Text(|spot| spot.symbol() == Some("===")),
    },
    Habit {
        code: "let x = 5; if x !== 5 { }",
        hint: "write `!=`",
        sign: Sign::Text(|spot| matches!(spot.symbol(), Some("!==" | "<>"))),
    },
    Habit {
        code: "x := 5;",
        hint: "a variable is made by `let x = 5;` and changed by `x = 5;`",
        sign: Sign::Text(|spot| matches!(spot.symbol(), Some(":=" | "<-"))),
    },
    Habit {
        code: "let x = null;",
        hint: "no value is written `()`",
        sign: Sign::Text(|spot| matches!(spot.symbol(), Some("null" | "nil" | "void"))),
    },
    Habit {
        code: "let x = None;",
        hint: "no value is written `()`",
        sign: Sign::Variable(&["None", "undefined", "NULL", "Null", "Nothing"]),
    },
    Habit {
        code: "let x = True;",
        hint: "write `true` or `false`",
        sign: Sign::Variable(&["True", "False", "TRUE", "FALSE"]),
    },
    Habit {
        code: "self.t += 1;",
        hint: "variables of the top level are reached by their names alone",
        sign: Sign::Variable(&["self", "cls"]),
    },
    Habit { code: "pass;", hint: "an empty block is written `{ }`", sign: Sign::Variable(&["pass"]) },
    Habit {
        code: "let y = math.erf(1);",
        hint: "mathematical functions and constants are used by their names alone: `sin(x)`, `sqrt(x)`, `PI`",
        sign: Sign::Variable(&["math", "Math", "np", "numpy", "std", "cmath", "scipy", "random", "cp", "torch"]),
    },
    Habit { code: "let x = math.pi;", hint: "it is the constant `PI`", sign: Sign::Elsewhere },
    Habit {
        code: "print(TAU());",
        hint: "it is a constant, written without brackets: `TAU`",
        sign: Sign::Call(&["TAU"]),
    },
    Habit { code: "print(pi);", hint: "it is the constant `PI`", sign: Sign::Variable(&["pi", "Pi"]) },
    Habit {
        code: "let x = inf;",
        hint: "write `1.0 / 0.0`, and `0.0 / 0.0` for NaN",
        sign: Sign::Variable(&["inf", "nan", "NaN", "Infinity", "INF", "NAN"]),
    },
    Habit {
        code: "[1].append(2);",
        hint: "one element is added by `list.push(x)`; `append` takes a list",
        sign: Sign::Takes(&["append"], "list"),
    },
    Habit {
        code: "[1].push_back(2);",
        hint: "one element is added by `list.push(x)`",
        sign: Sign::Call(&["push_back", "add"]),
    },
    Habit {
        code: "\"12\".to_int();",
        hint: "numbers are read from texts by `parse_int(text)` and `parse_float(text)`",
        sign: Sign::Takes(&["to_int", "to_float", "int", "float"], "string"),
    },
    Habit {
        code: "print(str(5));",
        hint: "a text is made by `x.to_string()`, or in backticks: `` `${x}` ``",
        sign: Sign::Call(&["str", "repr", "string"]),
    },
    Habit {
        code: "print(type(5));",
        hint: "the type of a value is `type_of(x)`",
        sign: Sign::Call(&["type", "isinstance", "typeof"]),
    },
    Habit {
        code: "for p in enumerate([1, 2]) { }",
        hint: "elements are counted by `for (x, i) in list { … }`",
        sign: Sign::Call(&["enumerate"]),
    },
    Habit {
        code: "for p in zip([1, 2], [3, 4]) { }",
        hint: "two lists are iterated by `for (x, i) in a { let y = b[i]; … }`",
        sign: Sign::Takes(&["zip"], "list"),
    },
    Habit {
        code: "let b = sorted([2, 1]);",
        hint: "a list is sorted in place: `list.sort()`; an array gives a sorted one: `a.sort()`",
        sign: Sign::Call(&["sorted"]),
    },
    Habit {
        code: "let b = reversed([2, 1]);",
        hint: "a list is turned round in place: `list.reverse()`",
        sign: Sign::Call(&["reversed"]),
    },
    Habit {
        code: "let s = \",\".join([\"a\"]);",
        hint: "texts are joined by `list.reduce(|sum, x| sum + \",\" + x)`",
        sign: Sign::Call(&["join"]),
    },
    Habit {
        code: "print(\"a\".upper());",
        hint: "write `text.to_upper()` and `text.to_lower()`",
        sign: Sign::Call(&["upper", "lower"]),
    },
    Habit {
        code: "let s = \" a \".strip();",
        hint: "blanks are removed in place: `text.trim()`",
        sign: Sign::Call(&["strip", "lstrip", "rstrip"]),
    },
    Habit {
        code: "print(\"abc\".startswith(\"a\"));",
        hint: "write `text.starts_with(\"a\")` and `text.ends_with(\"c\")`",
        sign: Sign::Call(&["startswith", "endswith"]),
    },
    Habit {
        code: "for p in #{ a: 1 }.items() { }",
        hint: "the keys of a map are `map.keys()`, its values `map.values()`",
        sign: Sign::Call(&["items", "iteritems"]),
    },
    Habit { code: "let m = dict();", hint: "an empty map is written `#{}`", sign: Sign::Call(&["dict"]) },
    Habit {
        code: "let l = list();",
        hint: "an empty list is written `[]`; an array becomes a list by `a.to_array()`",
        sign: Sign::Call(&["list", "tuple"]),
    },
    Habit {
        code: "let f = open(\"a.csv\");",
        hint: "data files are read by `load(\"a.csv\")`",
        sign: Sign::Call(&["open", "loadtxt", "genfromtxt", "read_csv", "fromfile"]),
    },
    Habit {
        code: "let n = input();",
        hint: "values are given on the command line: `let n = param(\"n\", 10);`",
        sign: Sign::Call(&["input"]),
    },
    Habit { code: "println(\"x\");", hint: "write `print(x)`", sign: Sign::Call(&["println", "printf", "echo"]) },
    Habit {
        code: "print([1].length());",
        hint: "the number of elements is `x.len()`",
        sign: Sign::Call(&["length", "count", "__len__"]),
    },
];

const NUMPY: &[Habit] = &[
    Habit {
        code: "let b = [1.0, 2.0] * 2;",
        hint: "lists do not compute, arrays do: `array([1.0, 2.0]) * 2`",
        sign: Sign::Elsewhere,
    },
    Habit {
        code: "let a = arange(9); let b = a[1:2];",
        hint: RANGES,
        sign: Sign::Text(|spot| {
            spot.misses_in("]", "index") && spot.at.starts_with(':')
                || spot.before.ends_with(['[', '.']) && spot.at.starts_with([':', '.', ']'])
        }),
    },
    Habit {
        code: "let l = [1, 2, 3]; let b = l[1..3];",
        hint: "a part of a list is `list.extract(1..3)`; of an array it is `a[1..3]`",
        sign: Sign::Elsewhere,
    },
    Habit {
        code: "let a = ones([2, 3]); let b = a[1, 2];",
        hint: INDICES,
        sign: Sign::Text(|spot| spot.misses_in("]", "index") && spot.at.starts_with(',')),
    },
    Habit {
        code: "let a = ones([2, 3]); let b = a.sum(axis=1);",
        hint: "`axis` is given by its place: `a.sum(axis?, #{ keepdims })`",
        sign: Sign::Elsewhere,
    },
    Habit {
        code: "let a = zeros(3); print(a.shape());",
        hint: "write `a.shape` without brackets",
        sign: Sign::Elsewhere,
    },
    Habit {
        code: "let a = zeros(3); if a == a { }",
        hint: "comparing arrays gives an array of truth values: write `(a == b).all()` or `(a == b).any()`",
        sign: Sign::Elsewhere,
    },
    Habit { code: "let y = np.sin(1);", hint: "write `sin(…)`", sign: Sign::Elsewhere },
    Habit { code: "let a = np.concatenate([1], [2]);", hint: "write `concat([a, b])`", sign: Sign::Elsewhere },
    Habit { code: "let a = asarray([1]);", hint: "write `array(list)`", sign: Sign::Elsewhere },
    Habit {
        code: "let a = array([1]); a.append(2);",
        hint: "arrays do not grow: `concat([a, [x]])` makes a longer one",
        sign: Sign::Elsewhere,
    },
    Habit {
        code: "plt.plot([1, 2]);",
        hint: "a plot is made by `rt.set_data(\"plot\", #{ pos: xyz, r: 0.05 })`",
        sign: Sign::Variable(&["plt", "pyplot", "ax", "fig", "pylab"]),
    },
];

const PLOTOPTIX: &[Habit] = &[
    Habit {
        code: "rt.set_data(\"p\", pos=[[0, 0, 0]]);",
        hint: "write `rt.set_data(name, #{ pos: … })`",
        sign: Sign::Elsewhere,
    },
    Habit { code: "rt.set_data(\"p\", xyz=1, pos=2);", hint: NAMED, sign: Sign::Text(|spot| spot.is_named_argument()) },
    Habit {
        code: "optix.set_param(#{});",
        hint: "the ray tracer is called `rt`: callbacks receive it, `fn init(rt) { … }`",
        sign: Sign::Variable(&["optix", "tk", "renderer", "npoptix", "tkoptix", "plotoptix"]),
    },
];

/// The hint for an error of the compiler.
pub(super) fn of_text(spot: &Spot) -> Option<String> {
    if spot.is_named_argument()
        && let Some(hint) = named_argument(spot)
    {
        return Some(hint);
    }
    let mut habits = HABITS.iter().rev().flat_map(|(_, habits)| habits.iter());
    let fits = |habit: &&Habit| matches!(habit.sign, Sign::Text(fits) if fits(spot));
    habits.find(fits).map(|habit| habit.hint.to_string())
}

/// How the argument that stands before the `=` is given to the function that is called.
fn named_argument(spot: &Spot) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let name = &spot.before[spot.before.rfind(|c| !is_part(c)).map_or(0, |at| at + 1)..];
    let ParseErrorType::MissingToken(_, why) = spot.kind else { return None };
    let function = why.split('\'').nth(1)?;
    for function in api::find(function) {
        if function.options.iter().any(|p| p.name == name) {
            let call = function.with_option(name, "…");
            return Some(format!("write `{}{}({call})`", function.object.prefix(), function.name));
        }
        if function.params.iter().any(|p| p.name == name) {
            return Some(format!("`{name}` is given by its place: `{}`", function.signature()));
        }
    }
    None
}

/// The hint for an unknown variable. `after` is the text that follows it: `.sin(1)`.
pub(super) fn of_variable(name: &str, after: &str) -> Option<String> {
    if let Some(error) = api::plotoptix(name) {
        return error.hint.or(Some(error.message));
    }
    let habit = all().find(|habit| matches!(habit.sign, Sign::Variable(names) if names.contains(&name)))?;
    let is_library = matches!(habit.sign, Sign::Variable(names) if names.contains(&"np"));
    let member = after.strip_prefix('.').filter(|_| is_library).map(|after| {
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        &after[..end]
    });
    let hint = member.and_then(|member| match (member, instead(member)) {
        ("pi" | "tau" | "e", _) => Some(format!("it is the constant `{}`", member.to_uppercase())),
        (_, Some(hint)) => Some(hint.to_string()),
        (member, None) if api::find(member).any(|f| f.object == api::Object::Free) || is_elementary(member) => {
            Some(format!("write `{member}(…)`"))
        }
        (member, None) => {
            let method = api::find(member).find(|f| f.object == api::Object::Array)?;
            Some(format!("it is a method of arrays: `{}`", method.signature()))
        }
    });
    Some(hint.unwrap_or(habit.hint.to_string()))
}

fn is_elementary(name: &str) -> bool {
    ["sin", "cos", "tan", "sqrt", "exp", "floor", "ceil", "abs", "min", "max", "hypot", "sinh", "cosh", "tanh"]
        .contains(&name)
}

/// The hint for an unknown function or method.
pub(super) fn of_call(name: &str) -> Option<&'static str> {
    let habit = all().find(|habit| matches!(habit.sign, Sign::Call(names) if names.contains(&name)));
    habit.map(|habit| habit.hint).or_else(|| instead(name))
}

/// The hint for a function that does not take so many arguments.
pub(super) fn of_count(name: &str) -> Option<&'static str> {
    all().find(|habit| matches!(habit.sign, Sign::Takes(names, _) if names.contains(&name))).map(|habit| habit.hint)
}

/// The hint for a function that does not take a first argument of type `first`, as messages call it.
pub(super) fn of_types(name: &str, first: &str) -> Option<&'static str> {
    all()
        .find(|habit| matches!(habit.sign, Sign::Takes(names, ty) if names.contains(&name) && ty == first))
        .map(|h| h.hint)
}

fn all() -> impl Iterator<Item = &'static Habit> {
    HABITS.iter().flat_map(|(_, habits)| habits.iter())
}

/// NumPy's functions and methods that have another name here.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("asarray", "write `array(list)`"),
    ("ndarray", "write `zeros(shape)`"),
    ("empty", "write `zeros(shape)`"),
    ("zeros_like", "write `zeros(a.shape)`"),
    ("ones_like", "write `ones(a.shape)`"),
    ("full_like", "write `full(a.shape, value)`"),
    ("concatenate", "write `concat([a, b])`"),
    ("hstack", "write `concat([a, b])`, or `concat([a, b], 1)` of rows"),
    ("vstack", "write `stack([a, b])`, or `concat([a, b])` of rows"),
    ("column_stack", "write `stack([x, y, z], 1)`"),
    ("append", "arrays do not grow: `concat([a, [x]])` makes a longer one"),
    ("push", "arrays do not grow: `concat([a, [x]])` makes a longer one"),
    ("tolist", "write `a.to_array()`"),
    ("copy", "arrays are values: `let b = a;` is a copy"),
    ("flatten", "write `a.ravel()`"),
    ("expand_dims", "write `a.col` or `a.row`"),
    ("newaxis", "write `a.col` or `a.row`"),
    ("var", "write `a.variance()`"),
    ("amin", "write `a.min()`"),
    ("amax", "write `a.max()`"),
    ("average", "write `a.mean()`"),
    ("power", "write `a ** b`"),
    ("arcsin", "write `asin(x)`"),
    ("arccos", "write `acos(x)`"),
    ("arctan", "write `atan(x)`"),
    ("arctan2", "write `atan2(y, x)`"),
    ("arcsinh", "write `asinh(x)`"),
    ("arccosh", "write `acosh(x)`"),
    ("arctanh", "write `atanh(x)`"),
    ("absolute", "write `abs(x)`"),
    ("fabs", "write `abs(x)`"),
    ("rint", "write `round(x)`"),
    ("deg2rad", "write `radians(x)`"),
    ("rad2deg", "write `degrees(x)`"),
    ("rand", "write `random(shape)`"),
    ("randn", "write `normal(shape)`"),
    ("uniform", "write `low + (high - low) * random(shape)`"),
    ("choice", "write `a[randint(0, a.len, n)]`"),
    ("shuffle", "write `a[permutation(a.len)]`"),
    ("seed", "the seed of a run is its option `--seed`; one call has `#{ seed: 5 }`"),
    ("linalg", "functions of matrices are used by their names alone: `inv(m)`, `solve(m, b)`"),
    ("polyfit", "there is no such thing yet"),
    ("scatter", "a plot is made by `rt.set_data(\"plot\", #{ pos: xyz, r: 0.05 })`"),
    ("savez", "write `save(\"file.npz\", #{ a: a })`"),
    ("savetxt", "write `save(\"file.csv\", a)`"),
];

/// The hint for NumPy's `name`.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, hint)| *hint)
}

/// Words that begin imports of Python which are not needed.
pub(super) const LIBRARIES: &[&str] =
    &["numpy", "np", "math", "scipy", "matplotlib", "random", "plotoptix", "pandas", "cupy", "torch"];

/// The whole table, for the section of `docs/scripting.md` and `plotrt api python`.
pub(crate) fn section() -> String {
    let mut text = String::from(
        "Habits from other languages, and what to write here; hints of `plotrt check` and of errors say it, too.\n",
    );
    for (title, habits) in HABITS {
        text.push_str(&format!("\n| {title} | here |\n| --- | --- |\n"));
        for habit in *habits {
            let cell = |text: &str| text.replace('|', "\\|");
            text.push_str(&format!("| {} | {} |\n", code(&cell(habit.code)), cell(habit.hint)));
        }
    }
    text.push_str(
        "\nNames of PlotOptiX that are missing or have another form:\n\n| PlotOptiX | here |\n| --- | --- |\n",
    );
    for (name, instead) in api::PLOTOPTIX {
        let instead = if instead.is_empty() { "not available in this version" } else { *instead };
        text.push_str(&format!("| `{name}` | {} |\n", instead.replace('|', "\\|")));
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::cancel::CancelToken;
    use crate::script::{Callback, Host, Script, ScriptOptions, Severity, check, rt};
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    fn load(text: &str) -> crate::Result<Arc<Script>> {
        Script::from_source("t.rhai", text, Path::new(""), ScriptOptions::default())
    }

    /// The first error of a statement in `init`, as it stands or as `check` finds it.
    fn error_of(statement: &str) -> (Option<Error>, Option<Error>) {
        // What begins a block is code of its own.
        let text = format!("fn init(rt) {{\n{statement}\n}}");
        let script = match load(&text) {
            Ok(script) => script,
            Err(error) => return (Some(error.clone()), Some(error)),
        };
        let seen = check(&script).unwrap().into_iter().find(|f| f.severity == Severity::Error).map(|f| f.error);
        let mut host = Host::new(&script).unwrap();
        let limit = Duration::from_secs(20);
        host.run_top_level(&CancelToken::new(), limit).unwrap();
        let failed = host.call(rt::tests::context(Callback::Init), 1, limit).1.err();
        (seen, failed)
    }

    #[test]
    fn every_habit_is_answered_by_its_hint() {
        let mut wrong = Vec::new();
        for habit in all() {
            let (seen, failed) = error_of(habit.code);
            let hint = |error: &Option<Error>| error.as_ref().and_then(|e| e.hint.clone()).unwrap_or_default();
            let place = failed.as_ref().and_then(|e| e.place.clone());
            if !hint(&failed).contains(habit.hint) {
                wrong.push(format!("{}: {failed:?}", habit.code));
            } else if place.is_none_or(|place| place.line < 2) {
                wrong.push(format!("{}: no place: {failed:?}", habit.code));
            }
            // Mistakes that depend on values cannot be found in the text.
            if seen.is_some() && !hint(&seen).contains(habit.hint) {
                wrong.push(format!("{}: check says {seen:?}", habit.code));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn code_that_is_right_has_no_habits() {
        for line in ["let x = a[1..3];", "f(x == 1);", "let m = #{ a: 1 };", "`for x in y: ${1}`;", "let s = \"it's\";"]
        {
            assert!(load(&format!("fn f(x) {{}} let a = [1, 2, 3]; {line}")).is_ok(), "{line}");
        }
    }

    /// Each name, as a function and as a property of `rt`, and as what `plotrt api` looks up, has one and the same answer.
    #[test]
    fn every_name_of_plotoptix_has_one_answer() {
        for (name, instead) in api::PLOTOPTIX {
            let fact = format!("`{name}` is not available in this version");
            for statement in [format!("rt.{name}();"), format!("rt.{name};"), format!("rt.{name}(1, 2);")] {
                let (seen, failed) = error_of(&statement);
                for error in [seen, failed] {
                    let error = error.unwrap_or_else(|| panic!("{statement} passes"));
                    assert_eq!(
                        (error.message.as_str(), error.hint.as_deref().unwrap_or_default()),
                        (fact.as_str(), *instead)
                    );
                }
            }
            let looked_up = api::look_up(name).unwrap_err();
            assert_eq!((looked_up.message, looked_up.kind), (fact, crate::ErrorKind::Usage));
            assert!(api::find(name).next().is_none(), "`{name}` is there");
        }
        // Names of options, kinds and variables say where they belong.
        for (name, hint) in [
            ("fov", "it is an option: `rt.setup_camera(name, #{ fov: … })`"),
            ("max_accumulation_frames", "rt.set_param(#{ max_accumulation_frames: … })"),
            ("tonemap_gamma", "it is a variable: `rt.set_float(\"tonemap_gamma\", …)`"),
            ("ParticleSet", "it is a value of `geom`: `rt.set_data(name, #{ geom: \"ParticleSet\" })`"),
            ("Gamma", "it is a value of `stage`: `rt.add_postproc(\"Gamma\")`"),
            ("Mesh", "it is a value of `geom` that is not available in this version"),
            ("camera_matrix", "option `camera_matrix` of `rt.setup_camera` is not available in this version"),
            ("map_to_colors", "it is a function without an object: `map_to_colors("),
        ] {
            // A function without an object takes `rt` for its first argument.
            let call = if api::find(name).next().is_some() { String::new() } else { format!("rt.{name}();") };
            for statement in [format!("rt.{name};"), call].into_iter().filter(|code| !code.is_empty()) {
                let (seen, failed) = error_of(&statement);
                for error in [seen, failed] {
                    let said = error.and_then(|e| e.hint).unwrap_or_default();
                    assert!(said.contains(hint), "{statement}: {said}");
                }
            }
        }
    }

    #[test]
    fn what_numpy_calls_otherwise_is_there_under_our_name() {
        for (name, hint) in OTHER_NAMES {
            // The first call that the hint writes exists.
            let Some(code) = hint.split('`').nth(1) else { continue };
            let name_of =
                |text: &str| text.split('(').next().unwrap_or_default().rsplit(['.', ' ']).next().unwrap().to_string();
            let called = name_of(code);
            if code.contains('(') && !is_elementary(&called) && rhai::is_valid_identifier(&called) {
                let engine = rhai::Engine::new();
                let known = engine.collect_fn_metadata(None, |f| Some(f.metadata.name.to_string()), true);
                let elementary = ["atan2", "asinh", "acosh", "atanh", "radians", "degrees", "log", "round"];
                let is_there = api::find(&called).next().is_some()
                    || known.contains(&called)
                    || elementary.contains(&called.as_str());
                assert!(is_there, "{name}: {hint}");
            }
        }
    }

    #[test]
    fn the_page_shows_the_table() {
        const MARKS: [&str; 2] = ["<!-- written from src/script/foreign.rs -->\n", "<!-- end -->\n"];
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripting.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = page.split_once(MARKS[0]).expect("the page has a place for the table");
        let (_, after) = rest.split_once(MARKS[1]).expect("the table ends");
        let wanted = format!("{before}{}{}{}{after}", MARKS[0], section(), MARKS[1]);
        if std::env::var_os("PLOTRT_UPDATE").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        } else {
            assert!(page == wanted, "docs/scripting.md is out of date: run `PLOTRT_UPDATE=1 cargo test`");
        }
    }
}
