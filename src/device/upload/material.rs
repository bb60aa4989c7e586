//! A material as the kernels read it.

use crate::device::layout::{MATERIAL_VALUES, MaterialData, NO_TEXTURE};
use crate::scene::{Material, SLOTS, Scene};
use crate::{Error, Result};

/// Fails when a texture is not in the scene.
pub fn data(scene: &Scene, material: &Material) -> Result<MaterialData> {
    let mut texture = [NO_TEXTURE; MATERIAL_VALUES];
    for (slot, name) in material.textures() {
        let index = scene.textures.get_index_of(name);
        let index = index.ok_or_else(|| Error::device(format!("there is no texture `{name}`")))?;
        texture[slot.slot as usize] = index as u32;
    }
    Ok(MaterialData { kind: material.kind as u32, value: SLOTS.map(|slot| material.value(slot.slot).into()), texture })
}
