//! Background and ambient light.

use super::convert::to_array;
use super::table::{Code, Function, METHOD, Range, Type, required};
use crate::Error;
use crate::scene::Edit;

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set_ambient",
        params: &[required("color", Type::Color, "Linear: grey or RGB. Starts as [0.86, 0.89, 0.94].")
            .range(Range::From(0.0))
            .unit("radiance")],
        doc: "Light that reaches surfaces from all directions in which nothing is in the way.",
        example: r#"fn init(rt) {
    rt.set_ambient([0.1, 0.2, 0.3]);
}"#,
        code: Code::Method(|call| {
            let color = call.required_color("color")?;
            call.stage(Edit::SetAmbient(color))
        }),
        ..METHOD
    },
    Function {
        name: "get_ambient",
        returns: "[r, g, b]",
        doc: "The ambient light.",
        example: r#"fn init(rt) {
    print(rt.get_ambient());
}"#,
        code: Code::Method(|call| Ok(to_array(call.cx().scene.ambient))),
        ..METHOD
    },
    Function {
        name: "set_background",
        params: &[required("bg", Type::Color, "Linear: grey or RGB. Starts as 0, black.")
            .range(Range::From(0.0))
            .unit("radiance")],
        doc: "The colour where the camera sees no plot. It sheds no light: that is the ambient light.",
        example: r#"fn init(rt) {
    rt.set_background(0);
    rt.set_background([0.9, 0.95, 1]);
}"#,
        code: Code::Method(|call| {
            if call.value("bg").is_some_and(|(_, value)| value.is_string()) {
                return Err(Error::script("images as background are not available in this version")
                    .hint("give a colour: `rt.set_background([0.9, 0.95, 1])`"));
            }
            let color = call.required_color("bg")?;
            let done = call.stage(Edit::SetBackground(color))?;
            call.warn_of_bright("bg", &[color.into()], true);
            Ok(done)
        }),
        ..METHOD
    },
    Function {
        name: "get_background",
        returns: "[r, g, b]",
        doc: "The colour of the background.",
        example: r#"fn init(rt) {
    print(rt.get_background());
}"#,
        code: Code::Method(|call| Ok(to_array(call.cx().scene.background))),
        ..METHOD
    },
];
