//! A texture as the kernels read it.

use crate::device::layout::TextureData;
use crate::scene::{Texture, srgb_to_linear};
use std::sync::LazyLock;

pub fn data(texture: &Texture) -> TextureData {
    let (width, height) = texture.size();
    TextureData {
        texels: texture.texels().bytes().as_ptr().cast(),
        width,
        height,
        channels: texture.channels(),
        format: texture.format() as u32,
        address: texture.address as u32,
        filter: texture.filter as u32,
    }
}

/// What bytes stand for: see `SceneData::byte_values`.
pub fn byte_values() -> &'static [f32; 512] {
    static VALUES: LazyLock<[f32; 512]> = LazyLock::new(|| {
        std::array::from_fn(|i| {
            let stored = (i % 256) as f64 / 255.0;
            (if i < 256 { stored } else { srgb_to_linear(stored) }) as f32
        })
    });
    &VALUES
}
