//! Rendering from a script: `rt.render`, and the size of the image.

use super::call::Call;
use super::image::{Image, size_array};
use super::table::{Code, Function, INIT, METHOD, Param, Range, Type, optional, required};
use crate::scene::{Doubt, Edit, MAX_SIDE, check_size};
use crate::{Error, Result};
use rhai::Dynamic;
use std::sync::Arc;

const SIDE: Range = Range::Within(1.0, MAX_SIDE as f64);
const WIDTH: Param = required("width", Type::Count, "Starts as 800.").unit("pixels").range(SIDE);
const HEIGHT: Param = required("height", Type::Count, "Starts as 600.").unit("pixels").range(SIDE);

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "resize",
        params: &[WIDTH, HEIGHT],
        doc: "Sets the size of the image. A size on the command line wins over it.",
        example: r#"fn init(rt) {
    rt.resize(500, 500);
}"#,
        code: Code::Method(|call| {
            let width = call.count("width")?.unwrap_or_default();
            let height = call.count("height")?.unwrap_or_default();
            check_size(width, height)?;
            match call.cx().fixed_size {
                true => Ok(Dynamic::UNIT),
                false => call.stage(Edit::Resize(width, height)),
            }
        }),
        ..METHOD
    },
    Function {
        name: "get_size",
        returns: "[width, height]",
        doc: "Size of the image, pixels.",
        example: r#"fn init(rt) {
    let size = rt.get_size();
    print(size[0] / size[1].to_float());
}"#,
        code: Code::Method(|call| Ok(size_array(call.cx().scene.size))),
        ..METHOD
    },
    Function {
        name: "render",
        phases: INIT,
        options: &[
            optional("passes", Type::Count, "`max_accumulation_frames`", "How many passes to trace.")
                .unit("passes")
                .range(Range::From(1.0)),
            optional("size", Type::Size, "size of the image", "A size on the command line wins over it.")
                .unit("pixels")
                .range(SIDE),
        ],
        returns: "an image",
        doc: "Traces the scene as it is at this point to the end, and returns the image. So a script can make many \
              images in a loop over cameras and parameters.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [1, 1, 0]], r: 0.5 });
    for fov in [20, 40] {
        rt.setup_camera("cam", #{ eye: [0, 0, 8], fov: fov });
        rt.render(#{ passes: 8, size: [160, 120] }).save(`fov${fov}.png`);
    }
}"#,
        elsewhere: "move the call to `init`; in other callbacks the image comes to `update_image` and `accum_done`",
        code: Code::Method(render),
        ..METHOD
    },
];

fn render(call: &mut Call) -> Result<Dynamic> {
    let passes = call.count("passes")?;
    let size = call.size("size")?;
    let cx = call.cx();
    let mut scene = cx.scene.clone();
    if let Some((width, height)) = size {
        check_size(width, height)?;
        if !cx.fixed_size {
            scene.size = (width, height);
        }
    }
    scene.fit_pending();
    for Doubt { topic, error, .. } in scene.doubts() {
        call.warn(topic, error);
    }
    let cx = call.cx();
    let passes = passes.unwrap_or(scene.params.max_accumulation_frames);
    let Some(services) = cx.services.clone() else {
        return Err(Error::script("nothing can be rendered here").hint("run the script with `plotrt render`"));
    };
    let frame = services.render(&scene, passes, &cx.cancel)?;
    Ok(Dynamic::from(Image::new(Arc::new(frame), cx.permissions.clone())))
}
