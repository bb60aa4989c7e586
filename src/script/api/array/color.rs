//! Numbers as colours.

use super::super::call::Call;
use super::super::table::{Code, Function, Range, Type, optional, required};
use super::{FREE, Param, example};
use crate::array::colors;
use crate::{Error, Result};
use rhai::Dynamic;

const GAMMA: Param = optional(
    "gamma",
    Type::Number,
    "2.2",
    "The gamma that the image is developed with; 1 leaves the colours as they are.",
)
.range(Range::Above(0.0));

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "map_to_colors",
        params: &[
            required("values", Type::Array, "Numbers."),
            optional(
                "map",
                Type::Text,
                "\"viridis\"",
                "Name of one of matplotlib's maps: viridis, plasma, inferno, magma, cividis, turbo, coolwarm, RdBu, \
                 Spectral, gray, hot, jet, hsv, Blues and others; with `_r` backwards.",
            ),
        ],
        options: &[
            optional(
                "range",
                Type::Array,
                "from the least to the greatest finite value",
                "[low, high]: ends of the map.",
            ),
            GAMMA,
        ],
        returns: "an array with one more axis, of three: linear RGB",
        doc: "A colour for each value. NaN becomes black; values beyond the range, infinite ones included, have the colour \
              of its end. Where all values are equal they have the first colour.",
        example: example!(
            "let p = random([500, 3]);",
            "rt.set_data(\"dust\", #{ pos: p, r: 0.02, c: map_to_colors(p.z, \"plasma\", #{ range: [0, 1] }) });"
        ),
        code: Code::Values(|call| {
            let values = call.required_array("values")?;
            let name = call.text("map")?.unwrap_or_else(|| "viridis".into());
            let gamma = call.float("gamma")?.unwrap_or(2.2);
            colors::map(&values, &name, pair(call)?, gamma).map(Dynamic::from)
        }),
        ..FREE
    },
    Function {
        name: "make_color",
        params: &[required("color", Type::Array, "Grey values, or colours along the last axis, as they are to look.")],
        options: &[
            optional("exposure", Type::Number, "1", "The exposure that the image is developed with.")
                .range(Range::Above(0.0)),
            GAMMA,
            optional("input_range", Type::Number, "1", "The greatest value: 255 for bytes.").range(Range::Above(0.0)),
        ],
        returns: "an array of linear colours",
        doc: "Linear colours that look like the given ones once exposure and gamma are applied.",
        example: example!("rt.set_background(make_color([230, 120, 50], #{ input_range: 255 }));"),
        code: Code::Values(|call| {
            let float = |name: &str, default: f64| Ok(call.float(name)?.unwrap_or(default));
            let color = call.required_array("color")?;
            colors::make(&color, float("exposure", 1.0)?, float("gamma", 2.2)?, float("input_range", 1.0)?)
                .map(Dynamic::from)
        }),
        ..FREE
    },
];

fn pair(call: &Call) -> Result<Option<(f64, f64)>> {
    match call.array("range")?.map(|r| r.to_vec::<f64>()).transpose()?.as_deref() {
        None => Ok(None),
        Some(&[low, high]) => Ok(Some((low, high))),
        Some(_) => Err(Error::script("`range` is not [low, high]")),
    }
}
