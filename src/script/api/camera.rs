//! Cameras: making, changing, choosing and reading them.

use super::call::Call;
use super::convert::{to_array, to_float, to_point};
use super::geometry::names;
use super::rows::{column, joined, later, later_count};
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::scene::{CAMERAS, Camera, CameraKind, CameraUpdate, Edit, unknown_name};
use crate::{Error, Result};
use rhai::{Dynamic, Map};

/// PlotOptiX's cameras that are not available in every version.
const PLOTOPTIX: &[&str] = &[
    "Panoramic",
    "Fisheye",
    "ThinLensChroma",
    "FisheyeChroma",
    "ThinLensFast",
    "CustomProjXYZtoDir",
    "CustomProjXYZtoXYZ",
    "CustomProjXYZ",
    "CustomProj",
    "TexTest",
];

/// All names, with the aliases.
const KINDS: [&str; NAME_COUNT] = {
    let mut names = [""; NAME_COUNT];
    let (mut i, mut at) = (0, 0);
    while i < CAMERAS.len() {
        if let Some(alias) = CAMERAS[i].alias {
            names[at] = alias;
            at += 1;
        }
        names[at] = CAMERAS[i].name;
        at += 1;
        i += 1;
    }
    names
};

const NAME_COUNT: usize = {
    let (mut i, mut count) = (0, 0);
    while i < CAMERAS.len() {
        count += 1 + CAMERAS[i].alias.is_some() as usize;
        i += 1;
    }
    count
};

const LATER_KINDS: [&str; later_count(PLOTOPTIX, &KINDS)] = later(PLOTOPTIX, &KINDS);

const DOCS: [&str; CAMERAS.len()] = column!(CAMERAS, doc);

const EYE: Param = optional("eye", Type::Vector, "fitted to all plots", "Position of the camera.").unit("scene units");
const TARGET: Param =
    optional("target", Type::Vector, "fitted to all plots", "The point it looks at, in the centre of the image.")
        .unit("scene units");
const UP: Param = optional("up", Type::Vector, "[0, 1, 0]", "The direction that points up in the image.");
const CAM_TYPE: Param = optional("cam_type", Type::Choice(&KINDS, &LATER_KINDS), "\"Pinhole\"", joined!(DOCS));
const FOV: Param =
    optional("fov", Type::Number, "35", "Vertical field of view.").unit("degrees").range(Range::Between(0.0, 180.0));
const APERTURE: Param = optional("aperture_radius", Type::Number, "0.1", "Radius of the lens: strength of the blur.")
    .unit("scene units")
    .range(Range::From(0.0));
const FOCAL: Param =
    optional("focal_scale", Type::Number, "1", "Distance in focus, relative to the distance between eye and target.")
        .range(Range::Above(0.0));

const LATER: &[&str] = &[
    "work_distribution",
    "aperture_fract",
    "swirl_scale",
    "bokeh_vignette",
    "chroma_l",
    "chroma_t",
    "camera_matrix",
    "sensor_height",
    "blur",
    "glock",
    "textures",
];

/// `name` where it may be left out.
pub const CURRENT: Param = optional("name", Type::Text, "current camera", "Name of the camera.");

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "setup_camera",
        params: &[required("name", Type::Text, "Name of the camera.")],
        options: &[
            EYE,
            TARGET,
            UP,
            CAM_TYPE,
            FOV,
            APERTURE,
            FOCAL,
            optional("make_current", Type::Bool, "true", "Look through this camera from now on."),
        ],
        later: LATER,
        doc: "Makes a camera, or updates the camera of that name. Eye and target that are not given are fitted, as by \
              `camera_fit`: to the plots that exist at the time of the call, or, if there is none yet, to those that \
              exist at the end of `init` or of the first round that makes one.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [1, 0, 0]], r: 0.3 });
    rt.setup_camera("overview");
    rt.setup_camera("close", #{ eye: [0, 1, 4], fov: 25, cam_type: "DoF", aperture_radius: 0.05 });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let camera = update(call)?;
            let make_current = call.bool("make_current")?.unwrap_or(true);
            let fitted = camera.eye.is_none() && !call.cx().scene.cameras.contains_key(&name);
            let done = call.stage(Edit::SetupCamera { name, camera, make_current })?;
            if fitted {
                call.warn_of_dominating_plot();
            }
            Ok(done)
        }),
        ..METHOD
    },
    Function {
        name: "update_camera",
        params: &[CURRENT],
        options: &[EYE, TARGET, UP, CAM_TYPE, FOV, APERTURE, FOCAL],
        later: LATER,
        keeps: true,
        doc: "Changes the given values of a camera and leaves all others as they are.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 0.3 });
    rt.setup_camera("cam", #{ eye: [0, 1, 4] });
}
fn update_data(rt) {
    rt.update_camera("cam", #{ fov: 35 + rt.frame });
    rt.update_camera(#{ target: [0, 0.1, 0] });
}"#,
        code: Code::Method(|call| {
            let name = name_or_current(call, "name")?;
            let camera = update(call)?;
            call.stage(Edit::UpdateCamera { name, camera })
        }),
        ..METHOD
    },
    Function {
        name: "set_current_camera",
        params: &[required("name", Type::Text, "Name of the camera.")],
        doc: "Looks through this camera from now on.",
        example: r#"fn init(rt) {
    rt.setup_camera("left", #{ eye: [-5, 0, 5], target: [0, 0, 0] });
    rt.setup_camera("right", #{ eye: [5, 0, 5], target: [0, 0, 0] });
    rt.set_current_camera("left");
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            call.stage(Edit::SetCurrentCamera { name })
        }),
        ..METHOD
    },
    Function {
        name: "get_current_camera",
        returns: "a string, or `()` while there is no camera",
        doc: "Name of the camera that is looked through.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    print(rt.get_current_camera());
}"#,
        code: Code::Method(|call| {
            let name = call.cx().scene.current_camera.clone();
            Ok(name.map_or(Dynamic::UNIT, Dynamic::from))
        }),
        ..METHOD
    },
    Function {
        name: "get_camera_names",
        returns: "an array of strings",
        doc: "Names of all cameras.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    print(rt.get_camera_names());
}"#,
        code: Code::Method(|call| Ok(names(call.cx().scene.cameras.keys()))),
        ..METHOD
    },
    Function {
        name: "get_camera",
        params: &[CURRENT],
        returns: "a map with the options of `setup_camera`",
        doc: "All values of a camera. While there is no camera, those of the one that is fitted to the scene.",
        example: r#"fn init(rt) {
    rt.setup_camera("one", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    rt.setup_camera("two", rt.get_camera("one"));
    rt.update_camera("two", #{ fov: rt.get_camera().fov / 2 });
}"#,
        code: Code::Method(|call| {
            let camera = named_or_view(call, "name")?;
            Ok(map(&camera).into())
        }),
        ..METHOD
    },
    Function {
        name: "get_camera_eye",
        params: &[CURRENT],
        returns: "[x, y, z]",
        doc: "Position of a camera.",
        example: r#"fn init(rt) {
    rt.setup_camera("cam", #{ eye: [0, 0, 5], target: [0, 0, 0] });
    print(rt.get_camera_eye()[2]);
}"#,
        code: Code::Method(|call| named_or_view(call, "name").map(|camera| to_point(camera.eye))),
        ..METHOD
    },
    Function {
        name: "get_camera_target",
        params: &[CURRENT],
        returns: "[x, y, z]",
        doc: "The point that a camera looks at.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[1, 2, 3]], r: 0.3 });
    rt.setup_camera("cam");
    print(rt.get_camera_target("cam"));
}"#,
        code: Code::Method(|call| named_or_view(call, "name").map(|camera| to_point(camera.target))),
        ..METHOD
    },
];

fn update(call: &Call) -> Result<CameraUpdate> {
    let kind = call.choice("cam_type")?.and_then(CameraKind::from_name);
    Ok(CameraUpdate {
        kind,
        eye: call.point("eye")?,
        target: call.point("target")?,
        up: call.vector("up")?,
        fov: call.number("fov")?,
        aperture_radius: call.number("aperture_radius")?,
        focal_scale: call.number("focal_scale")?,
    })
}

/// The camera that an argument names, or the current one.
pub fn name_or_current(call: &mut Call, argument: &str) -> Result<String> {
    match call.text(argument)? {
        Some(name) => Ok(name),
        None => call.cx().scene.current_camera.clone().ok_or_else(|| {
            Error::script("there is no camera yet").hint("make one: `rt.setup_camera(\"cam\", #{ eye: [10, 10, 10] })`")
        }),
    }
}

/// The camera that an argument names, or what is looked through.
pub fn named_or_view(call: &mut Call, argument: &str) -> Result<Camera> {
    let name = call.text(argument)?;
    let scene = &call.cx().scene;
    match name {
        None => Ok(scene.view()),
        Some(name) => match scene.camera(&name) {
            Some(camera) => Ok(camera),
            None => Err(unknown_name("camera", &name, scene.cameras.keys())),
        },
    }
}

fn map(camera: &Camera) -> Map {
    Map::from_iter([
        ("cam_type".into(), camera.kind.name().into()),
        ("eye".into(), to_point(camera.eye)),
        ("target".into(), to_point(camera.target)),
        ("up".into(), to_array(camera.up)),
        ("fov".into(), to_float(camera.fov)),
        ("aperture_radius".into(), to_float(camera.aperture_radius)),
        ("focal_scale".into(), to_float(camera.focal_scale)),
    ])
}
