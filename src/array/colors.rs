//! Maps numbers to colours.

use super::eval;
use super::node::NdArray;
use super::random::vector;
use crate::error::nearest;
use crate::{Error, Result};
use colorous::Gradient;

/// A map from 0 .. 1 to sRGB colours.
#[derive(Clone, Copy)]
enum Map {
    /// A map of the library.
    Gradient(Gradient),
    /// Piecewise linear between every eighth of 256 colours, for maps of which the library has visibly different
    /// approximations.
    Knots(&'static [u32; 33]),
    /// Piecewise linear between colours at equal distances.
    Even(&'static [u32]),
    /// Linear from one colour to another.
    Line([f64; 3], [f64; 3]),
    /// Piecewise linear in each channel: positions and values.
    Channels([&'static [(f64, f64)]; 3]),
    /// K. Moreland's diverging map (2009).
    Coolwarm,
}

/// matplotlib's names. A name that ends in `_r` is the same map reversed.
const MAPS: &[(&str, Map)] = &[
    ("viridis", Map::Gradient(colorous::VIRIDIS)),
    ("plasma", Map::Gradient(colorous::PLASMA)),
    ("inferno", Map::Gradient(colorous::INFERNO)),
    ("magma", Map::Gradient(colorous::MAGMA)),
    ("cividis", Map::Knots(CIVIDIS)),
    ("turbo", Map::Knots(TURBO)),
    ("coolwarm", Map::Coolwarm),
    ("gray", Map::Line([0.0; 3], [1.0; 3])),
    ("hot", Map::Channels(HOT)),
    ("jet", Map::Channels(JET)),
    ("hsv", Map::Channels(HSV)),
    ("cool", Map::Line([0.0, 1.0, 1.0], [1.0, 0.0, 1.0])),
    ("spring", Map::Line([1.0, 0.0, 1.0], [1.0, 1.0, 0.0])),
    ("summer", Map::Line([0.0, 0.5, 0.4], [1.0, 1.0, 0.4])),
    ("autumn", Map::Line([1.0, 0.0, 0.0], [1.0, 1.0, 0.0])),
    ("winter", Map::Line([0.0, 0.0, 1.0], [0.0, 1.0, 0.5])),
    // C. Brewer (2002), colorbrewer2.org.
    ("Blues", Map::Even(&[0xf7fbff, 0xdeebf7, 0xc6dbef, 0x9ecae1, 0x6baed6, 0x4292c6, 0x2171b5, 0x08519c, 0x08306b])),
    ("Greens", Map::Even(&[0xf7fcf5, 0xe5f5e0, 0xc7e9c0, 0xa1d99b, 0x74c476, 0x41ab5d, 0x238b45, 0x006d2c, 0x00441b])),
    ("Greys", Map::Even(&[0xffffff, 0xf0f0f0, 0xd9d9d9, 0xbdbdbd, 0x969696, 0x737373, 0x525252, 0x252525, 0x000000])),
    ("Oranges", Map::Even(&[0xfff5eb, 0xfee6ce, 0xfdd0a2, 0xfdae6b, 0xfd8d3c, 0xf16913, 0xd94801, 0xa63603, 0x7f2704])),
    ("Purples", Map::Even(&[0xfcfbfd, 0xefedf5, 0xdadaeb, 0xbcbddc, 0x9e9ac8, 0x807dba, 0x6a51a3, 0x54278f, 0x3f007d])),
    ("Reds", Map::Even(&[0xfff5f0, 0xfee0d2, 0xfcbba1, 0xfc9272, 0xfb6a4a, 0xef3b2c, 0xcb181d, 0xa50f15, 0x67000d])),
    ("BuGn", Map::Even(&[0xf7fcfd, 0xe5f5f9, 0xccece6, 0x99d8c9, 0x66c2a4, 0x41ae76, 0x238b45, 0x006d2c, 0x00441b])),
    ("BuPu", Map::Even(&[0xf7fcfd, 0xe0ecf4, 0xbfd3e6, 0x9ebcda, 0x8c96c6, 0x8c6bb1, 0x88419d, 0x810f7c, 0x4d004b])),
    ("GnBu", Map::Even(&[0xf7fcf0, 0xe0f3db, 0xccebc5, 0xa8ddb5, 0x7bccc4, 0x4eb3d3, 0x2b8cbe, 0x0868ac, 0x084081])),
    ("OrRd", Map::Even(&[0xfff7ec, 0xfee8c8, 0xfdd49e, 0xfdbb84, 0xfc8d59, 0xef6548, 0xd7301f, 0xb30000, 0x7f0000])),
    ("PuBu", Map::Even(&[0xfff7fb, 0xece7f2, 0xd0d1e6, 0xa6bddb, 0x74a9cf, 0x3690c0, 0x0570b0, 0x045a8d, 0x023858])),
    ("PuBuGn", Map::Even(&[0xfff7fb, 0xece2f0, 0xd0d1e6, 0xa6bddb, 0x67a9cf, 0x3690c0, 0x02818a, 0x016c59, 0x014636])),
    ("PuRd", Map::Even(&[0xf7f4f9, 0xe7e1ef, 0xd4b9da, 0xc994c7, 0xdf65b0, 0xe7298a, 0xce1256, 0x980043, 0x67001f])),
    ("RdPu", Map::Even(&[0xfff7f3, 0xfde0dd, 0xfcc5c0, 0xfa9fb5, 0xf768a1, 0xdd3497, 0xae017e, 0x7a0177, 0x49006a])),
    ("YlGn", Map::Even(&[0xffffe5, 0xf7fcb9, 0xd9f0a3, 0xaddd8e, 0x78c679, 0x41ab5d, 0x238443, 0x006837, 0x004529])),
    ("YlGnBu", Map::Even(&[0xffffd9, 0xedf8b1, 0xc7e9b4, 0x7fcdbb, 0x41b6c4, 0x1d91c0, 0x225ea8, 0x253494, 0x081d58])),
    ("YlOrBr", Map::Even(&[0xffffe5, 0xfff7bc, 0xfee391, 0xfec44f, 0xfe9929, 0xec7014, 0xcc4c02, 0x993404, 0x662506])),
    ("YlOrRd", Map::Even(&[0xffffcc, 0xffeda0, 0xfed976, 0xfeb24c, 0xfd8d3c, 0xfc4e2a, 0xe31a1c, 0xbd0026, 0x800026])),
    (
        "BrBG",
        Map::Even(&[
            0x543005, 0x8c510a, 0xbf812d, 0xdfc27d, 0xf6e8c3, 0xf5f5f5, 0xc7eae5, 0x80cdc1, 0x35978f, 0x01665e,
            0x003c30,
        ]),
    ),
    (
        "PRGn",
        Map::Even(&[
            0x40004b, 0x762a83, 0x9970ab, 0xc2a5cf, 0xe7d4e8, 0xf7f7f7, 0xd9f0d3, 0xa6dba0, 0x5aae61, 0x1b7837,
            0x00441b,
        ]),
    ),
    (
        "PiYG",
        Map::Even(&[
            0x8e0152, 0xc51b7d, 0xde77ae, 0xf1b6da, 0xfde0ef, 0xf7f7f7, 0xe6f5d0, 0xb8e186, 0x7fbc41, 0x4d9221,
            0x276419,
        ]),
    ),
    (
        "PuOr",
        Map::Even(&[
            0x7f3b08, 0xb35806, 0xe08214, 0xfdb863, 0xfee0b6, 0xf7f7f7, 0xd8daeb, 0xb2abd2, 0x8073ac, 0x542788,
            0x2d004b,
        ]),
    ),
    (
        "RdBu",
        Map::Even(&[
            0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac,
            0x053061,
        ]),
    ),
    (
        "RdGy",
        Map::Even(&[
            0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xffffff, 0xe0e0e0, 0xbababa, 0x878787, 0x4d4d4d,
            0x1a1a1a,
        ]),
    ),
    (
        "RdYlBu",
        Map::Even(&[
            0xa50026, 0xd73027, 0xf46d43, 0xfdae61, 0xfee090, 0xffffbf, 0xe0f3f8, 0xabd9e9, 0x74add1, 0x4575b4,
            0x313695,
        ]),
    ),
    (
        "RdYlGn",
        Map::Even(&[
            0xa50026, 0xd73027, 0xf46d43, 0xfdae61, 0xfee08b, 0xffffbf, 0xd9ef8b, 0xa6d96a, 0x66bd63, 0x1a9850,
            0x006837,
        ]),
    ),
    (
        "Spectral",
        Map::Even(&[
            0x9e0142, 0xd53e4f, 0xf46d43, 0xfdae61, 0xfee08b, 0xffffbf, 0xe6f598, 0xabdda4, 0x66c2a5, 0x3288bd,
            0x5e4fa2,
        ]),
    ),
];

/// J. Nuñez, C. Anderton, R. Renslow (2018).
const CIVIDIS: &[u32; 33] = &[
    0x00224e, 0x00285b, 0x002e6a, 0x053371, 0x1a386f, 0x273e6e, 0x32436d, 0x3b496c, 0x434e6c, 0x4b546c, 0x535a6d,
    0x5a5f6e, 0x61656f, 0x686a71, 0x6f7073, 0x767676, 0x7d7c78, 0x848279, 0x8c8878, 0x938e78, 0x9b9476, 0xa39a74,
    0xaba072, 0xb4a76f, 0xbcae6c, 0xc4b468, 0xcdbb63, 0xd5c25e, 0xdec958, 0xe7d150, 0xf0d846, 0xf9e03a, 0xfee838,
];
/// A. Mikhailov (2019).
const TURBO: &[u32; 33] = &[
    0x30123b, 0x392a73, 0x4040a2, 0x4456c7, 0x466be3, 0x4680f6, 0x4294ff, 0x37a8fa, 0x28bceb, 0x1ccdd8, 0x18ddc2,
    0x1fe9af, 0x32f298, 0x4ef97d, 0x6dfe62, 0x8bff4b, 0xa4fc3c, 0xb9f635, 0xcdec34, 0xdfdf37, 0xeecf3a, 0xf8be39,
    0xfdac34, 0xfe962b, 0xfb7e21, 0xf46617, 0xeb500e, 0xdf3f08, 0xd02f05, 0xbe2102, 0xa91601, 0x920b01, 0x7a0403,
];

type Channels = [&'static [(f64, f64)]; 3];

const HOT: Channels = [
    &[(0.0, 0.0416), (0.365_079, 1.0), (1.0, 1.0)],
    &[(0.0, 0.0), (0.365_079, 0.0), (0.746_032, 1.0), (1.0, 1.0)],
    &[(0.0, 0.0), (0.746_032, 0.0), (1.0, 1.0)],
];
const JET: Channels = [
    &[(0.0, 0.0), (0.35, 0.0), (0.66, 1.0), (0.89, 1.0), (1.0, 0.5)],
    &[(0.0, 0.0), (0.125, 0.0), (0.375, 1.0), (0.64, 1.0), (0.91, 0.0), (1.0, 0.0)],
    &[(0.0, 0.5), (0.11, 1.0), (0.34, 1.0), (0.65, 0.0), (1.0, 0.0)],
];
const HSV: Channels = [
    &[
        (0.0, 1.0),
        (0.158_73, 1.0),
        (0.174_603, 0.968_75),
        (0.333_333, 0.031_25),
        (0.349_206, 0.0),
        (0.666_667, 0.0),
        (0.682_54, 0.031_25),
        (0.841_27, 0.968_75),
        (0.857_143, 1.0),
        (1.0, 1.0),
    ],
    &[
        (0.0, 0.0),
        (0.158_73, 0.9375),
        (0.174_603, 1.0),
        (0.507_937, 1.0),
        (0.666_667, 0.0625),
        (0.682_54, 0.0),
        (1.0, 0.0),
    ],
    &[
        (0.0, 0.0),
        (0.333_333, 0.0),
        (0.349_206, 0.0625),
        (0.507_937, 1.0),
        (0.841_27, 1.0),
        (0.857_143, 0.9375),
        (1.0, 0.093_75),
    ],
];

/// Linear interpolation between two sRGB colours.
fn between(from: u32, to: u32, part: f64) -> [f64; 3] {
    std::array::from_fn(|i| {
        let channel = |color: u32| f64::from(color >> (16 - 8 * i) & 255) / 255.0;
        channel(from) + (channel(to) - channel(from)) * part
    })
}

impl Map {
    /// The sRGB colour of a value in 0 .. 1.
    fn at(self, t: f64) -> [f64; 3] {
        match self {
            Map::Gradient(gradient) => {
                let color = gradient.eval_continuous(t);
                [color.r, color.g, color.b].map(|c| f64::from(c) / 255.0)
            }
            Map::Even(colors) => {
                let place = t * (colors.len() - 1) as f64;
                let left = (place as usize).min(colors.len() - 2);
                between(colors[left], colors[left + 1], place - left as f64)
            }
            Map::Knots(knots) => {
                let place = t * 255.0;
                let left = ((place / 8.0) as usize).min(knots.len() - 2);
                // The last knot is that of 255, not of 256.
                let (start, end) = ((left * 8) as f64, (left * 8 + 8).min(255) as f64);
                between(knots[left], knots[left + 1], (place - start) / (end - start))
            }
            Map::Line(from, to) => std::array::from_fn(|i| from[i] + (to[i] - from[i]) * t),
            Map::Channels(channels) => channels.map(|points| {
                let right = points.partition_point(|p| p.0 <= t).clamp(1, points.len() - 1);
                let ((x0, y0), (x1, y1)) = (points[right - 1], points[right]);
                y0 + (y1 - y0) * (t - x0) / (x1 - x0)
            }),
            Map::Coolwarm => coolwarm(t),
        }
    }
}

/// Magnitude, saturation and hue: polar coordinates of CIE L*a*b*.
type Msh = [f64; 3];

/// The white point D65.
const WHITE: [f64; 3] = [0.950_47, 1.0, 1.088_83];

fn to_msh(srgb: [f64; 3]) -> Msh {
    let [r, g, b] = srgb.map(|c| if c > 0.040_45 { libm::pow((c + 0.055) / 1.055, 2.4) } else { c / 12.92 });
    let xyz = [
        0.412_4 * r + 0.357_6 * g + 0.180_5 * b,
        0.212_6 * r + 0.715_2 * g + 0.072_2 * b,
        0.019_3 * r + 0.119_2 * g + 0.950_5 * b,
    ];
    let mut f = [0.0; 3];
    for ((f, x), white) in f.iter_mut().zip(xyz).zip(WHITE) {
        let x = x / white;
        *f = if x > 0.008_856 { libm::cbrt(x) } else { 7.787 * x + 16.0 / 116.0 };
    }
    let (l, a, b) = (116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2]));
    let m = (l * l + a * a + b * b).sqrt();
    [m, libm::acos(l / m), libm::atan2(b, a)]
}

fn from_msh([m, s, h]: Msh) -> [f64; 3] {
    let (l, a, b) = (m * libm::cos(s), m * libm::sin(s) * libm::cos(h), m * libm::sin(s) * libm::sin(h));
    let y = (l + 16.0) / 116.0;
    let mut xyz = [a / 500.0 + y, y, y - b / 200.0];
    for (x, white) in xyz.iter_mut().zip(WHITE) {
        let cube = *x * *x * *x;
        *x = white * if cube > 0.008_856 { cube } else { (*x - 16.0 / 116.0) / 7.787 };
    }
    let [x, y, z] = xyz;
    let rgb = [
        3.240_6 * x - 1.537_2 * y - 0.498_6 * z,
        -0.968_9 * x + 1.875_8 * y + 0.041_5 * z,
        0.055_7 * x - 0.204 * y + 1.057 * z,
    ];
    let srgb = rgb.map(|c| if c > 0.003_130_8 { 1.055 * libm::pow(c, 1.0 / 2.4) - 0.055 } else { 12.92 * c });
    srgb.map(|c| c.clamp(0.0, 1.0))
}

fn coolwarm(t: f64) -> [f64; 3] {
    let ends = [[59.0, 76.0, 192.0], [180.0, 4.0, 38.0]].map(|c| to_msh(c.map(|x| x / 255.0)));
    let middle = 88.0f64.max(ends[0][0]).max(ends[1][0]);
    // From a saturated end to white; the hue changes slightly on the way, so that lightness changes evenly.
    let (end, part) = if t < 0.5 { (ends[0], 2.0 * t) } else { (ends[1], 2.0 - 2.0 * t) };
    let [m, s, h] = end;
    let spin = s * (middle * middle - m * m).max(0.0).sqrt() / (m * libm::sin(s));
    let turned = if h > -0.3 * std::f64::consts::PI { h + spin } else { h - spin };
    from_msh([m + (middle - m) * part, s * (1.0 - part), h + (turned - h) * part])
}

/// Names of the maps, without the reversed ones.
pub fn names() -> impl Iterator<Item = &'static str> {
    MAPS.iter().map(|(name, _)| *name)
}

/// 256 colours of a map, as matplotlib has them.
pub fn table(name: &str) -> Result<Vec<[f64; 3]>> {
    let (plain, backwards) = match name.strip_suffix("_r") {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    let Some((_, map)) = MAPS.iter().find(|(known, _)| *known == plain) else {
        let error = Error::script(format!("there is no colour map `{name}`"));
        return Err(match nearest(plain, names()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("there are `{}`", names().collect::<Vec<_>>().join("`, `"))),
        });
    };
    let mut table: Vec<[f64; 3]> = (0..256).map(|i| map.at(f64::from(i) / 255.0)).collect();
    if backwards {
        table.reverse();
    }
    Ok(table)
}

/// A colour for each value: the first of the map for `low` and below, the last for `high` and above, black for NaN.
/// Without a range it is that of the finite values. The result has one more axis, of three. A `gamma` of 2.2 converts a
/// map's sRGB to the linear colours of a scene.
pub fn map(values: &NdArray, name: &str, range: Option<(f64, f64)>, gamma: f64) -> Result<NdArray> {
    let table = table(name)?;
    let colors: Vec<[f64; 3]> =
        table.into_iter().map(|color| if gamma == 1.0 { color } else { color.map(|c| libm::pow(c, gamma)) }).collect();
    let shape = values.shape().insert(values.shape().axes(), 3)?;
    if values.size() == 0 {
        return NdArray::from_vec::<f64>(shape, Vec::new());
    }
    let (low, high) = match range {
        Some(range) => range,
        None => finite_range(values)?,
    };
    if !(low.is_finite() && high.is_finite()) {
        return Err(Error::script(format!("`range` is [{low}, {high}], it wants two finite numbers")));
    }
    // Halved, so that the difference of two numbers is finite.
    let width = high / 2.0 - low / 2.0;
    let colored = values.with::<f64, _>(|values| {
        vector(values.len() * 3, |i| {
            let x = values[i / 3];
            let place = match width {
                0.0 => {
                    if x > high {
                        255.0
                    } else {
                        0.0
                    }
                }
                width => ((x / 2.0 - low / 2.0) / width * 256.0).clamp(0.0, 255.0),
            };
            if x.is_nan() { 0.0 } else { colors[place as usize][i % 3] }
        })
    })??;
    NdArray::from_vec(shape, colored)
}

/// Minimum and maximum of the finite values; 0 and 0 where there are none.
fn finite_range(values: &NdArray) -> Result<(f64, f64)> {
    let ends = |values: &[f64]| {
        values.iter().filter(|x| x.is_finite()).fold(None, |ends: Option<(f64, f64)>, &x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        })
    };
    let parts = eval::fold::<f64, _>(values, |_, values| ends(values))?;
    let parts = parts.into_iter().flatten().reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
    Ok(parts.unwrap_or((0.0, 0.0)))
}

/// Linear colours that are displayed, after exposure and gamma, like the given ones of 0 .. `range`.
pub fn make(colors: &NdArray, exposure: f64, gamma: f64, range: f64) -> Result<NdArray> {
    use super::{Binary, Scalar};
    let scalar = |x: f64| Scalar::F64(x).into();
    let unit = NdArray::binary(Binary::Div, colors.clone().into(), scalar(range))?;
    let linear = NdArray::binary(Binary::Pow, unit.into(), scalar(gamma))?;
    NdArray::binary(Binary::Div, linear.into(), scalar(exposure))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// matplotlib's colours at 0, 51, 102, 128, 204 and 255 of 255.
    const MATPLOTLIB: &[(&str, &str)] = &[
        ("viridis", "440154 414487 2a788e 21918c 7ad151 fde725"),
        ("plasma", "0d0887 6a00a8 b12a90 cc4778 fca636 f0f921"),
        ("inferno", "000004 420a68 932667 bc3754 fca50a fcffa4"),
        ("magma", "000004 3b0f70 8c2981 b73779 fe9f6d fcfdbf"),
        ("cividis", "00224e 35456c 666970 7d7c78 c8b866 fee838"),
        ("turbo", "30123b 3e9bfe 46f884 a4fc3c f05b12 7a0403"),
        ("coolwarm", "3b4cc0 7b9ff9 c0d4f5 dddcdc ee8468 b40426"),
        ("gray", "000000 333333 666666 808080 cccccc ffffff"),
        ("hot", "0b0000 900000 ff1700 ff5c00 ffff36 ffffff"),
        ("jet", "000080 004cff 29ffce 7dff7a ff6800 800000"),
        ("hsv", "ff0000 d1ff00 00ff5c 00fff6 b900ff ff0018"),
        ("cool", "00ffff 33ccff 6699ff 807fff cc33ff ff00ff"),
        ("spring", "ff00ff ff33cc ff6699 ff807f ffcc33 ffff00"),
        ("summer", "008066 339966 66b266 80c066 cce666 ffff66"),
        ("autumn", "ff0000 ff3300 ff6600 ff8000 ffcc00 ffff00"),
        ("winter", "0000ff 0033e6 0066cc 0080bf 00cc99 00ff80"),
        ("Blues", "f7fbff d0e1f2 94c4df 6aaed6 1764ab 08306b"),
        ("Greens", "f7fcf5 d3eecd 98d594 73c476 157f3b 00441b"),
        ("Greys", "ffffff e2e2e2 b5b5b5 959595 404040 000000"),
        ("Oranges", "fff5eb fdd9b4 fda762 fd8c3b c54102 7f2704"),
        ("Purples", "fcfbfd e2e2ef b6b6d8 9e9ac8 61409b 3f007d"),
        ("Reds", "fff5f0 fdcab5 fc8a6a fb694a bc141a 67000d"),
        ("BuGn", "f7fcfd d6f0ee 8fd4c2 65c2a3 157f3b 00441b"),
        ("BuPu", "f7fcfd ccddec 9ab4d6 8c95c6 852d90 4d004b"),
        ("GnBu", "f7fcf0 d4eece 9fdab8 7accc4 1d7eb7 084081"),
        ("OrRd", "fff7ec fddcaf fdb27b fc8c59 c91d13 7f0000"),
        ("PuBu", "fff7fb dbdaeb 9cb9d9 73a9cf 0567a2 023858"),
        ("PuBuGn", "fff7fb dbd8ea 99b9d9 66a9cf 027976 014636"),
        ("PuRd", "f7f4f9 dcc9e2 cd8bc2 df64af b80b4e 67001f"),
        ("RdPu", "fff7f3 fcd0cc f994b1 f767a1 99017b 49006a"),
        ("YlGn", "ffffe5 e5f5ac a2d88a 77c679 15793e 004529"),
        ("YlGnBu", "ffffd9 d6efb3 73c8bd 40b5c4 234da0 081d58"),
        ("YlOrBr", "ffffe5 feeba2 febb47 fe9829 b84203 662506"),
        ("YlOrRd", "ffffcc fee187 feab49 fd8c3c d41020 800026"),
        ("BrBG", "543005 bf812d f6e8c3 f4f5f5 35978f 003c30"),
        ("PRGn", "40004b 9970ab e7d4e8 f6f7f6 5aae61 00441b"),
        ("PiYG", "8e0152 de77ae fde0ef f7f7f6 7fbc41 276419"),
        ("PuOr", "7f3b08 e08214 fee0b6 f6f6f7 8073ac 2d004b"),
        ("RdBu", "67001f d6604d fddbc7 f6f7f7 4393c3 053061"),
        ("RdGy", "67001f d6604d fddbc7 fefefe 878787 1a1a1a"),
        ("RdYlBu", "a50026 f46d43 fee090 feffc0 74add1 313695"),
        ("RdYlGn", "a50026 f46d43 fee08b feffbe 66bd63 006837"),
        ("Spectral", "9e0142 f46d43 fee08b ffffbe 66c2a5 5e4fa2"),
    ];

    /// Largest difference of any channel, in steps of 255.
    fn difference(name: &str, colors: &str) -> f64 {
        let table = table(name).unwrap();
        let places = [0, 51, 102, 128, 204, 255];
        let channels = colors.split(' ').zip(places).flat_map(|(color, place)| {
            let wanted = u32::from_str_radix(color, 16).unwrap();
            (0..3).map(move |i| (place, i, f64::from(wanted >> (16 - 8 * i) & 255)))
        });
        channels.map(|(place, i, wanted)| (table[place][i] * 255.0 - wanted).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn maps_are_those_of_matplotlib() {
        assert_eq!(MATPLOTLIB.len(), MAPS.len());
        let mut far = Vec::new();
        for (name, colors) in MATPLOTLIB {
            let slack = match *name {
                "cividis" | "turbo" | "coolwarm" => 4.0,
                _ => 1.0,
            };
            let found = difference(name, colors);
            if found > slack {
                far.push((*name, found));
            }
        }
        assert!(far.is_empty(), "{far:?}");
        assert!(difference("viridis", MATPLOTLIB[1].1) > 30.0);
    }

    #[test]
    fn names_backwards_and_misspelt() {
        assert_eq!(table("magma_r").unwrap()[0], table("magma").unwrap()[255]);
        assert_eq!(table("virdis").unwrap_err().hint.unwrap(), "did you mean `viridis`?");
    }
}
