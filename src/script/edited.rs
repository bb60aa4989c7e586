//! Compares an edited script with the running one: nothing changed, functions that can use the present state, or a restart.
//!
//! Two texts of a script are compared as code: comments, blanks and line breaks don't count.

use super::callback::Callback;
use super::effects::Reach;
use super::outline::Outline;
use super::source::Script;
use rhai::{ASTFlags, Expr, Stmt};
use std::collections::HashSet;

/// The part of an edited script that has to run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edited {
    /// The code is the same.
    Nothing,
    /// Functions differ that run from round to round: state, scene and time stay.
    Functions,
    /// The top level, `init`, or a function that only they call: both have to run again.
    Setup,
}

impl Script {
    /// The part that has to run again when this script replaces `old`.
    pub fn edited_from(&self, old: &Script) -> Edited {
        let outlines = |script: &Script| -> Vec<(String, Outline)> {
            script.units.iter().map(|unit| (unit.name.clone(), Outline::of(&unit.text))).collect()
        };
        let (before, after) = (outlines(old), outlines(self));
        let same_top = before.len() == after.len()
            && before.iter().zip(&after).all(|(old, new)| old.0 == new.0 && old.1.top == new.1.top);
        if !same_top {
            return Edited::Setup;
        }
        let mut changed: HashSet<(usize, String)> = HashSet::new();
        for (unit, ((_, old), (_, new))) in before.iter().zip(&after).enumerate() {
            let all: HashSet<&String> = old.functions.keys().chain(new.functions.keys()).collect();
            let differs = |name: &&&String| old.functions.get(**name) != new.functions.get(**name);
            changed.extend(all.iter().filter(differs).map(|name| (unit, (*name).clone())));
        }
        if changed.is_empty() {
            return Edited::Nothing;
        }
        // A function that the old script called only to set up may be one that the new one calls in each round.
        let reached = |when| -> HashSet<(usize, String)> { &old.reach(when) | &self.reach(when) };
        let (setup, rounds) = (reached(Reach::Setup), reached(Reach::Rounds));
        let init = (self.units.len() - 1, Callback::Init.name().to_string());
        match changed.contains(&init) || changed.iter().any(|name| setup.contains(name) && !rounds.contains(name)) {
            true => Edited::Setup,
            false => Edited::Functions,
        }
    }

    /// The variable that holds the parameter `name` and nothing else, if it can be changed while the script runs:
    /// `let variable = param("name", …)`, which neither the rest of the top level nor `init` reads. Its unit, and its
    /// name.
    pub(super) fn live_variable(&self, name: &str) -> Option<(usize, String)> {
        let units = self.units.iter().enumerate();
        let mut found = units.flat_map(|(index, unit)| {
            unit.ast.statements().iter().filter_map(move |statement| Some((index, holder(statement, name)?)))
        });
        let variable = found.next()?;
        let twice = found.next().is_some();
        (!twice && !self.setup_reads(&variable)).then_some(variable)
    }
}

/// The variable of `let variable = param("name", …)`; constants cannot be changed.
fn holder(statement: &Stmt, name: &str) -> Option<String> {
    let Stmt::Var(parts, options, _) = statement else { return None };
    let Expr::FnCall(call, _) = &parts.1 else { return None };
    let is_it = call.name == "param"
        && matches!(call.args.first(), Some(Expr::StringConstant(text, _)) if text == name)
        && !options.contains(ASTFlags::CONSTANT);
    is_it.then(|| parts.0.name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::ScriptOptions;
    use std::path::Path;
    use std::sync::Arc;

    const SCRIPT: &str = r#"
        // A comment.
        let n = param("n", 3);
        let speed = param("speed", 1.5);
        let size = param("size", 2) * 2;
        const FIXED = param("fixed", 1);
        let t = 0.0;
        fn init(rt) { build(n); common(); }
        fn build(count) { t = `a } { ${if true { 1 } else { 2 }}`.len(); }
        fn common() { t + 1 }
        fn compute(rt, delta) { t += speed; common(); }
        private fn unused() { "}" }
    "#;

    fn script(text: &str) -> Arc<Script> {
        Script::from_source("t.rhai", text, Path::new("."), ScriptOptions::default()).expect("the script compiles")
    }

    fn edited(from: &str, to: &str) -> Edited {
        assert!(SCRIPT.contains(from), "{from}");
        script(&SCRIPT.replace(from, to)).edited_from(&script(SCRIPT))
    }

    #[test]
    fn comments_and_blanks_are_nothing() {
        assert_eq!(edited("// A comment.", "/* fn init(rt) { \" /* */ */ // }"), Edited::Nothing);
        assert_eq!(edited("t += speed; common();", "\n  t += speed; // }\n\n  common( );"), Edited::Nothing);
        assert_eq!(edited("fn common() { t + 1 }", "fn common()\n{\n t+1\n}"), Edited::Nothing);
    }

    #[test]
    fn bodies_of_functions_of_the_rounds_keep_the_state() {
        assert_eq!(edited("t += speed", "t -= speed"), Edited::Functions);
        assert_eq!(edited("\"}\"", "\"} }\""), Edited::Functions);
        assert_eq!(edited("fn common() { t + 1 }", "fn common() { t + 2 }"), Edited::Functions, "both call it");
        assert_eq!(edited("fn common()", "fn more() { 1 } fn common()"), Edited::Functions);
    }

    #[test]
    fn what_sets_up_begins_anew() {
        assert_eq!(edited("let t = 0.0", "let t = 1.0"), Edited::Setup);
        assert_eq!(edited("let t", "let u = 1; let t"), Edited::Setup);
        assert_eq!(edited("build(n); common();", "build(n);"), Edited::Setup);
        assert_eq!(edited("a } {", "b } {"), Edited::Setup, "only `init` calls it");
        assert_eq!(edited("{ 1 } else", "{ 3 } else"), Edited::Setup, "code in a text");
    }

    #[test]
    fn a_raw_text_hides_what_it_holds() {
        let text = r##"let a = #"\"#; fn init(rt) { 1 } let b = #"fn x() { } "#; fn compute(rt, delta) { 1 }"##;
        let edited = |from: &str, to: &str| script(&text.replace(from, to)).edited_from(&script(text));
        assert_eq!(edited("delta) { 1 }", "delta) { 2 }"), Edited::Functions);
        assert_eq!(edited("(rt) { 1 }", "(rt) { 2 }"), Edited::Setup);
        assert_eq!(edited("x() { } ", "x() { 1 } "), Edited::Setup);
    }

    #[test]
    fn a_module_counts_with_its_functions() {
        let dir = tempfile::tempdir().unwrap();
        let load = |module: &str| {
            std::fs::write(dir.path().join("util.rhai"), module).unwrap();
            let text = "import \"util\" as u; fn init(rt) { u::a(); } fn compute(rt, delta) { u::b(); }";
            Script::from_source("t.rhai", text, dir.path(), ScriptOptions::default()).unwrap()
        };
        let old = load("let k = 1; fn a() { 1 } fn b() { 1 }");
        assert_eq!(load("let k = 1; fn a() { 1 } fn b() { 2 }").edited_from(&old), Edited::Functions);
        assert_eq!(load("let k = 1; fn a() { 2 } fn b() { 1 }").edited_from(&old), Edited::Setup);
        assert_eq!(load("let k = 2; fn a() { 1 } fn b() { 1 }").edited_from(&old), Edited::Setup);
    }

    #[test]
    fn a_parameter_is_live_when_only_the_rounds_read_it() {
        let script = script(SCRIPT);
        assert_eq!(script.live_variable("speed"), Some((0, "speed".into())));
        for (name, why) in [
            ("n", "`init` reads it"),
            ("size", "the variable is not the parameter"),
            ("fixed", "a constant"),
            ("none", "there is none"),
        ] {
            assert_eq!(script.live_variable(name), None, "{why}");
        }
    }
}
