//! The run: pausing, refreshing, ending, the index of the frame.

use super::call::Call;
use super::table::{Code, Function, METHOD};
use crate::Result;
use crate::script::Command;
use rhai::Dynamic;

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "frame",
        returns: "an integer",
        doc: "Number of the round, from 0; in a batch, of the frame.",
        example: r#"fn compute(rt, delta) {
    let t = 0.02 * rt.frame;
}"#,
        code: Code::Property(|call| Ok(Dynamic::from_int(call.cx().frame as i64))),
        ..METHOD
    },
    Function {
        name: "pause_compute",
        doc: "Stops calling `compute` and `update_data`; the image goes on refining until it is complete.",
        example: r#"fn compute(rt, delta) {
    if rt.frame == 100 { rt.pause_compute(); }
}"#,
        code: Code::Method(|call| command(call, Command::PauseCompute)),
        ..METHOD
    },
    Function {
        name: "resume_compute",
        doc: "Calls `compute` and `update_data` again.",
        example: r#"fn accum_done(rt) {
    rt.resume_compute();
}"#,
        code: Code::Method(|call| command(call, Command::ResumeCompute)),
        ..METHOD
    },
    Function {
        name: "refresh_scene",
        doc: "Starts the accumulation of the image again, although nothing has changed.",
        example: r#"fn accum_done(rt) {
    rt.refresh_scene();
}"#,
        code: Code::Method(|call| command(call, Command::RefreshScene)),
        ..METHOD
    },
    Function {
        name: "close",
        doc: "Ends the run after this round.",
        example: r#"fn accum_done(rt) {
    rt.save_image("final.png");
    rt.close();
}"#,
        code: Code::Method(|call| command(call, Command::Close)),
        ..METHOD
    },
];

fn command(call: &mut Call, command: Command) -> Result<Dynamic> {
    call.cx().commands.push(command);
    Ok(Dynamic::UNIT)
}
