//! A material as the kernels read it.

use crate::device::layout::{MATERIAL_VALUES, MaterialData, NO_TEXTURE};
use crate::scene::{Material, SLOTS};

pub fn data(material: &Material) -> MaterialData {
    MaterialData {
        kind: material.kind as u32,
        value: SLOTS.map(|slot| material.value(slot.slot).into()),
        texture: [NO_TEXTURE; MATERIAL_VALUES],
    }
}
