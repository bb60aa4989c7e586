//! The image: `rt.image` in the image callbacks, and what `rt.render` returns.

use super::call::Call;
use super::convert::to_array;
use super::files;
pub use super::frozen::Image;
use super::table::{Code, Function, IMAGE_CALLBACKS, METHOD, Object, Param, Range, Type, required};
use crate::array::{ArrayShape, NdArray};
use crate::frame::Frame;
use crate::output::{ImageFormat, Pattern};
use crate::script::Permissions;
use crate::{Error, ErrorKind, Result};
use rhai::Dynamic;
use std::path::{Path, PathBuf};

/// The hint where there is no image: so no unfinished image is saved by accident.
const ELSEWHERE: &str = "there is no finished image here: use `update_image` or `accum_done`, or in `init` \
                         `rt.render(#{ passes: 64 })`, which returns one";

const PATH: Param = required(
    "path",
    Type::PictureFile,
    "File name; its ending chooses the format: png, jpg, tif or exr. A relative path starts at the output folder.",
);

const IMAGE_METHOD: Function = Function { object: Object::Image, ..METHOD };

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "image",
        phases: IMAGE_CALLBACKS,
        returns: "an image",
        doc: "The image as it is now. It does not change during the callback.",
        example: r#"fn update_image(rt) {
    print(rt.image.passes);
}"#,
        elsewhere: ELSEWHERE,
        code: Code::Property(|call| Ok(Dynamic::from(current(call)?))),
        ..METHOD
    },
    Function {
        name: "save_image",
        phases: IMAGE_CALLBACKS,
        params: &[PATH],
        doc: "Saves the image of this callback, which does not change meanwhile. The file appears whole or \
              not at all, and replaces an older one.",
        example: r#"fn accum_done(rt) {
    rt.save_image("picture.png");
}"#,
        elsewhere: ELSEWHERE,
        code: Code::Method(|call| {
            let path = call.required_text("path")?;
            save(&current(call)?, &path)
        }),
        ..METHOD
    },
    Function {
        name: "width",
        returns: "an integer",
        doc: "Width of the image, pixels.",
        example: r#"fn update_image(rt) {
    print(rt.image.width);
}"#,
        code: Code::ImageProperty(|image| i64::from(image.frame.width).into()),
        ..IMAGE_METHOD
    },
    Function {
        name: "height",
        returns: "an integer",
        doc: "Height of the image, pixels.",
        example: r#"fn update_image(rt) {
    print(rt.image.height);
}"#,
        code: Code::ImageProperty(|image| i64::from(image.frame.height).into()),
        ..IMAGE_METHOD
    },
    Function {
        name: "size",
        returns: "[width, height]",
        doc: "Width and height of the image, pixels.",
        example: r#"fn update_image(rt) {
    print(rt.image.size);
}"#,
        code: Code::ImageProperty(|image| size_array((image.frame.width, image.frame.height))),
        ..IMAGE_METHOD
    },
    Function {
        name: "passes",
        returns: "an integer",
        doc: "How many passes the image is made of.",
        example: r#"fn update_image(rt) {
    print(rt.image.passes);
}"#,
        code: Code::ImageProperty(|image| i64::from(image.frame.passes).into()),
        ..IMAGE_METHOD
    },
    Function {
        name: "pixel",
        params: &[
            required("x", Type::Count, "Column, from 0 at the left.").unit("pixels").range(Range::From(0.0)),
            required("y", Type::Count, "Row, from 0 at the top.").unit("pixels").range(Range::From(0.0)),
        ],
        returns: "[r, g, b], linear radiance",
        doc: "One pixel, before exposure and gamma.",
        example: r#"fn update_image(rt) {
    let rgb = rt.image.pixel(10, 20);
    print(rgb[0]);
}"#,
        code: Code::ImageMethod(|image, call| {
            let (width, height) = (image.frame.width, image.frame.height);
            let inside = |name: &str, end: u32| -> Result<usize> {
                let at = call.count(name)?.unwrap_or_default();
                if at < end {
                    return Ok(at as usize);
                }
                Err(Error::script(format!("`{name}` is {at}, outside of the image of {width}x{height}"))
                    .hint(format!("it goes from 0 to {}", end.saturating_sub(1))))
            };
            let index = inside("y", height)? * width as usize + inside("x", width)?;
            let rgb: Option<[f32; 3]> =
                image.frame.linear.get(3 * index..3 * index + 3).and_then(|p| p.try_into().ok());
            Ok(to_array(rgb.unwrap_or_default()))
        }),
        ..IMAGE_METHOD
    },
    Function {
        name: "array",
        returns: "an array of shape (height, width, 3) and type float32: linear radiance",
        doc: "All pixels, before exposure and gamma: rows from the top, columns from the left, then red, green and blue. \
              `img.array().at(y, x)` is `img.pixel(x, y)`.",
        example: r#"fn update_image(rt) {
    let grey = rt.image.array().mean(2);
    print(grey.max());
}"#,
        code: Code::ImageMethod(|image, _| {
            let Frame { width, height, linear, .. } = &*image.frame;
            let shape = ArrayShape::new(&[*height as usize, *width as usize, 3])?;
            let mut pixels = linear.clone();
            // Images have none where no callback reads pixels.
            pixels.resize(shape.size(), 0.0);
            NdArray::from_vec(shape, pixels).map(Dynamic::from)
        }),
        ..IMAGE_METHOD
    },
    Function {
        name: "mean",
        returns: "[r, g, b], linear radiance",
        doc: "Mean over all pixels, of each channel, before exposure and gamma.",
        example: r#"fn update_image(rt) {
    print(rt.image.mean());
}"#,
        code: Code::ImageMethod(|image, _| {
            let mut sum = [0.0f64; 3];
            for pixel in image.pixels() {
                for (sum, x) in sum.iter_mut().zip(pixel) {
                    *sum += f64::from(x);
                }
            }
            let count = (image.frame.linear.len() / 3).max(1) as f64;
            Ok(to_array(sum.map(|s| (s / count) as f32)))
        }),
        ..IMAGE_METHOD
    },
    Function {
        name: "min",
        returns: "[r, g, b], linear radiance",
        doc: "Least value of each channel over all pixels, before exposure and gamma.",
        example: r#"fn update_image(rt) {
    print(rt.image.min());
}"#,
        code: Code::ImageMethod(|image, _| Ok(image.fold(f32::INFINITY, f32::min))),
        ..IMAGE_METHOD
    },
    Function {
        name: "max",
        returns: "[r, g, b], linear radiance",
        doc: "Greatest value of each channel over all pixels, before exposure and gamma.",
        example: r#"fn update_image(rt) {
    print(rt.image.max());
}"#,
        code: Code::ImageMethod(|image, _| Ok(image.fold(f32::NEG_INFINITY, f32::max))),
        ..IMAGE_METHOD
    },
    Function {
        name: "save",
        params: &[PATH],
        doc: "Saves the image. The file appears whole or not at all, and replaces an older one.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 1 });
    let img = rt.render(#{ passes: 16, size: [320, 240] });
    img.save("picture.png");
}"#,
        code: Code::ImageMethod(|image, call| save(image, &call.required_text("path")?)),
        ..IMAGE_METHOD
    },
];

/// `[width, height]`.
pub fn size_array((width, height): (u32, u32)) -> Dynamic {
    rhai::Array::from_iter([i64::from(width).into(), i64::from(height).into()]).into()
}

fn current(call: &mut Call) -> Result<Image> {
    let cx = call.cx();
    match &cx.image {
        Some(frame) => Ok(Image::new(frame.clone(), cx.permissions.clone())),
        None => Err(Error::script("there is no image in this callback").hint(ELSEWHERE)),
    }
}

fn save(image: &Image, path: &str) -> Result<Dynamic> {
    let path = picture_file(path, &image.permissions)?;
    if !image.permissions.dry_run {
        crate::output::save_frame(&image.frame, &path)?;
    }
    Ok(Dynamic::UNIT)
}

/// The path of an image that a script saves: its ending is known, the script may write there, and the folder
/// exists.
pub fn picture_file(path: &str, permissions: &Permissions) -> Result<PathBuf> {
    picture_name(path)?;
    let full = files::writable(path, permissions)?;
    files::check_place(&full, &files::shown(path, permissions))?;
    Ok(full)
}

/// Checks an image's name, or the end of it, without its folder.
pub fn picture_name(path: &str) -> Result<()> {
    if path.trim().is_empty() {
        return Err(files::empty_name("picture.png"));
    }
    // A wrong name is a mistake of the script here, not of the command line.
    ImageFormat::of(Path::new(path)).map_err(|error| Error { kind: ErrorKind::Script, ..error })?;
    if let Ok(pattern) = Pattern::parse(path)
        && pattern.is_numbered()
    {
        let number = |name: &str| name.replacen("#frame#", "${rt.frame}", 1);
        let shown = placeholder(path).map_or_else(|| "picture${rt.frame}.png".into(), |name| number(&name));
        return Err(Error::script(format!("`{path}` has a place for a frame number, which only `--out` fills in"))
            .hint(format!("put the number into a text in backticks: `` `{shown}` ``")));
    }
    Ok(())
}

/// The name with `#frame#` where the frame number is to stand.
fn placeholder(path: &str) -> Option<String> {
    let (start, end) = match path.find('{') {
        Some(start) => (start, start + path[start..].find('}')? + 1),
        None => {
            let start = path.find('%')?;
            (start, start + path[start..].find('d')? + 1)
        }
    };
    Some(format!("{}#frame#{}", &path[..start], &path[end..]))
}
