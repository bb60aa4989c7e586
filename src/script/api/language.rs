//! Functions that the script host defines, for their documentation.

use super::table::{Code, Function, METHOD, Object, Param, Type, optional, required};

const FREE: Function = Function { object: Object::Free, code: Code::Host, ..METHOD };
const VALUE: Param = required("value", Type::Any, "What to show.");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "param",
        params: &[
            required("name", Type::Text, "Name, as `--set name=value` takes it."),
            required(
                "default",
                Type::Any,
                "Value when the command line sets none; a number, a bool, a string or an array of those. What is set \
                 is converted to its type.",
            ),
        ],
        options: &[
            optional("min", Type::Number, "none", "Least value."),
            optional("max", Type::Number, "none", "Greatest value."),
            optional("step", Type::Number, "none", "Step between values."),
            optional("doc", Type::Text, "none", "What the value is for."),
        ],
        returns: "the value",
        doc: "A value that the command line can set. Call it at the top level of the script.",
        example: r#"let n = param("n", 10, #{ min: 1, doc: "boxes along each axis" });
fn init(rt) {
    print(n);
}"#,
        ..FREE
    },
    Function {
        name: "print",
        params: &[VALUE],
        doc: "Writes a value to the log, with the place of the call.",
        example: r#"fn init(rt) {
    print("ready");
}"#,
        ..FREE
    },
    Function {
        name: "debug",
        params: &[VALUE],
        doc: "Writes a value to the log in the form in which a script would write it.",
        example: r#"fn init(rt) {
    debug([1, 2.5, "three"]);
}"#,
        ..FREE
    },
];
