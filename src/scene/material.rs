//! Materials: how surfaces scatter light. The two tables have a row for each kind of material and for each value; scripts,
//! their documentation, checks and devices go by them.

use super::check::{check_color, check_range};
use crate::Result;
use glam::Vec3;

/// The values of `shader` in `setup_material`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum MaterialKind {
    Flat,
    Cosine,
    Diffuse,
    Reflective,
}

/// The values of a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum MaterialSlot {
    Color,
    Roughness,
}

/// A row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct MaterialRow {
    pub kind: MaterialKind,
    /// The name in scripts, and PlotOptiX's.
    pub name: &'static str,
    /// The values that it uses.
    pub slots: &'static [MaterialSlot],
    /// Its colour is emitted light, which has no bound. Other materials scatter at most the light that arrives.
    pub shines: bool,
    /// For the reference, in the words of scripts.
    pub doc: &'static str,
}

/// One row for each [`MaterialKind`], in its order.
pub const MATERIALS: [MaterialRow; 4] = [
    MaterialRow {
        kind: MaterialKind::Flat,
        name: "Flat",
        slots: &[MaterialSlot::Color],
        shines: true,
        doc: "`Flat`: its colour, whatever the light.",
    },
    MaterialRow {
        kind: MaterialKind::Cosine,
        name: "Cosine",
        slots: &[MaterialSlot::Color],
        shines: true,
        doc: "`Cosine`: darker where the surface turns away from the viewer, no light needed.",
    },
    MaterialRow {
        kind: MaterialKind::Diffuse,
        name: "Diffuse",
        slots: &[MaterialSlot::Color, MaterialSlot::Roughness],
        shines: false,
        doc: "`Diffuse`: scatters light evenly.",
    },
    MaterialRow {
        kind: MaterialKind::Reflective,
        name: "Reflective",
        slots: &[MaterialSlot::Color, MaterialSlot::Roughness],
        shines: false,
        doc: "`Reflective`: a metal; without roughness, a mirror.",
    },
];

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotType {
    /// Linear RGB.
    Color,
    Number,
}

/// A row of the table of values.
#[derive(Debug, Clone, Copy)]
pub struct SlotRow {
    pub slot: MaterialSlot,
    /// The name in scripts.
    pub name: &'static str,
    pub ty: SlotType,
    /// Of a colour: grey.
    pub default: f32,
    /// The default as the reference shows it.
    pub default_text: &'static str,
    /// The smallest and the largest value, or of each channel.
    pub range: (f32, f32),
    pub unit: &'static str,
    pub doc: &'static str,
    /// The option that names a texture that multiplies the value, as PlotOptiX calls it; `None` where there can be none.
    pub texture: Option<&'static str>,
}

/// One row for each [`MaterialSlot`], in its order.
pub const SLOTS: [SlotRow; 2] = [
    SlotRow {
        slot: MaterialSlot::Color,
        name: "color",
        ty: SlotType::Color,
        default: 1.0,
        default_text: "1",
        range: (0.0, f32::INFINITY),
        unit: "",
        doc: "Linear, grey or RGB; multiplied by the colours of the primitives. Of `Diffuse` and `Reflective`, products above 1 count as 1.",
        texture: Some("color_tex"),
    },
    SlotRow {
        slot: MaterialSlot::Roughness,
        name: "roughness",
        ty: SlotType::Number,
        default: 0.0,
        default_text: "0",
        range: (0.0, f32::INFINITY),
        unit: "",
        doc: "Of `Diffuse`: 0 is Lambert's law, above it is that of Oren and Nayar, in radians. Of `Reflective`: 0 is a \
              mirror, 1 and above the roughest metal.",
        texture: Some("roughness_tex"),
    },
];

// A value is the index of its row.
const _: () = {
    let mut i = 0;
    while i < MATERIALS.len() {
        assert!(MATERIALS[i].kind as usize == i);
        i += 1;
    }
    i = 0;
    while i < SLOTS.len() {
        assert!(SLOTS[i].slot as usize == i);
        i += 1;
    }
};

impl MaterialKind {
    pub const fn row(self) -> &'static MaterialRow {
        const ROWS: &[MaterialRow] = &MATERIALS;
        &ROWS[self as usize]
    }

    /// The name in scripts.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn from_name(name: &str) -> Option<MaterialKind> {
        MATERIALS.iter().find(|row| row.name == name).map(|row| row.kind)
    }
}

/// Colours that are brighter than white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bright {
    /// The largest channel, above 1.
    pub most: f32,
    /// They look like bytes, from 0 to 255: all are whole numbers, and too bright for anything else.
    pub bytes: bool,
}

impl Bright {
    /// What resampling and rounding may make of white.
    const WHITE: f32 = 1.01;
    /// Byte colours that are not nearly black have channels above this.
    const DARK: f32 = 16.0;

    pub fn of(colors: &[[f32; 3]]) -> Option<Bright> {
        let channels = colors.as_flattened();
        // Several at once: most colours are not brighter than white.
        let above = |channels: &[f32]| channels.iter().fold(false, |any, &x| any | (x > Self::WHITE));
        if !channels.chunks(4096).any(above) {
            return None;
        }
        let most = channels.iter().copied().fold(0.0, f32::max);
        let bytes = (Self::DARK..=255.0).contains(&most) && channels.iter().all(|x| x.fract() == 0.0);
        Some(Bright { most, bytes })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    pub kind: MaterialKind,
    values: [Vec3; SLOTS.len()],
    textures: [Option<String>; SLOTS.len()],
}

/// Diffuse, with the defaults of all values.
impl Default for Material {
    fn default() -> Self {
        Material::new(MaterialKind::Diffuse)
    }
}

/// The values that `setup_material` changes: `None` keeps a value (or its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MaterialUpdate {
    pub kind: Option<MaterialKind>,
    /// One for each [`MaterialSlot`].
    pub values: [Option<Vec3>; SLOTS.len()],
    /// The names of textures for each [`MaterialSlot`]; an empty one removes the texture.
    pub textures: [Option<String>; SLOTS.len()],
}

impl MaterialUpdate {
    /// With a value; of a number, all three are the same.
    pub fn with(mut self, slot: MaterialSlot, value: Vec3) -> MaterialUpdate {
        self.values[slot as usize] = Some(value);
        self
    }

    /// With a texture, or without one if the name is empty.
    pub fn with_texture(mut self, slot: MaterialSlot, name: &str) -> MaterialUpdate {
        self.textures[slot as usize] = Some(name.to_string());
        self
    }

    pub fn value(&self, slot: MaterialSlot) -> Option<Vec3> {
        self.values[slot as usize]
    }
}

impl Material {
    /// With the defaults of all values.
    pub fn new(kind: MaterialKind) -> Material {
        Material { kind, values: SLOTS.map(|slot| Vec3::splat(slot.default)), textures: SLOTS.map(|_| None) }
    }

    /// With a value; of a number, all three are the same.
    pub fn with(mut self, slot: MaterialSlot, value: Vec3) -> Material {
        self.values[slot as usize] = value;
        self
    }

    pub fn value(&self, slot: MaterialSlot) -> Vec3 {
        self.values[slot as usize]
    }

    /// The name of the texture that multiplies a value.
    pub fn texture(&self, slot: MaterialSlot) -> Option<&String> {
        self.textures[slot as usize].as_ref()
    }

    /// The values with a texture, and its name.
    pub fn textures(&self) -> impl Iterator<Item = (&'static SlotRow, &String)> {
        const ROWS: &[SlotRow] = &SLOTS;
        ROWS.iter().zip(&self.textures).filter_map(|(row, name)| Some((row, name.as_ref()?)))
    }

    /// Whether its colour is emitted light, which has no bound. Other materials scatter at most the light that arrives.
    pub fn shines(&self) -> bool {
        self.kind.row().shines
    }

    /// This material with the given values.
    pub(super) fn updated(&self, update: &MaterialUpdate) -> Result<Material> {
        let mut material = Material { kind: update.kind.unwrap_or(self.kind), ..self.clone() };
        for SlotRow { slot, name, ty, range: (least, most), .. } in SLOTS {
            let value = &mut material.values[slot as usize];
            *value = update.value(slot).unwrap_or(*value);
            if ty == SlotType::Color {
                check_color(name, *value)?;
            }
            let wanted = if most.is_finite() { format!("{least} to {most}") } else { format!("at least {least}") };
            let outermost = if value.min_element() < least { value.min_element() } else { value.max_element() };
            check_range(name, outermost, outermost >= least && outermost <= most, &wanted)?;
            if let Some(texture) = &update.textures[slot as usize] {
                material.textures[slot as usize] = Some(texture.clone()).filter(|name| !name.is_empty());
            }
        }
        Ok(material)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_some_kinds_lack_are_documented_with_their_kinds() {
        for slot in SLOTS {
            let users = || MATERIALS.iter().filter(|row| row.slots.contains(&slot.slot));
            assert!(users().next().is_some(), "no material uses {}", slot.name);
            if users().count() < MATERIALS.len() {
                for row in users() {
                    assert!(slot.doc.contains(&format!("`{}`", row.name)), "{} of {}", slot.name, row.name);
                }
            }
            assert_eq!(slot.default_text.parse(), Ok(slot.default), "{}", slot.name);
        }
    }
}
