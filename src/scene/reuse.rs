//! Reuses buffers of the previous scene in a scene that was rebuilt by a script: equal data becomes the same buffer.

use super::{Geometry, Scene};
use std::sync::Arc;

impl Scene {
    /// Shares the buffers of `old` where those of this scene hold the same bits, so that a
    /// [`ChangeSet`](super::ChangeSet) between the two names only real differences.
    pub fn reuse(&mut self, old: &Scene) {
        for (name, geometry) in &mut self.geometries {
            let Some(before) = old.geometries.get(name) else { continue };
            let mut same = Geometry::clone(geometry);
            same.pos.reuse(&before.pos);
            for (channel, mine) in same.data.iter_mut() {
                mine.reuse(&before[channel]);
            }
            *geometry = if same == **before { before.clone() } else { Arc::new(same) };
        }
        for (name, texture) in &mut self.textures {
            if let Some(before) = old.textures.get(name) {
                texture.reuse(before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scene::{ChangeSet, Channel, Edit, GeometryUpdate, Scene, Values};

    fn scene(x: f32, color: f32) -> Scene {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            pos: Some([[0.0; 3], [x, 2.0, 3.0]].into()),
            values: [(Channel::Color, Values::each([[0.5; 3], [color; 3]]))].into(),
            ..GeometryUpdate::default()
        };
        for name in ["a", "b"] {
            scene.apply(&Edit::SetData { name: name.into(), data: data.clone() }).unwrap();
        }
        scene
    }

    #[test]
    fn rebuilt_data_with_the_same_values_is_no_change() {
        let old = scene(1.0, 1.0);
        for (x, color, changes) in [
            (1.0, 1.0, ChangeSet::default()),
            (1.5, 1.0, ChangeSet { moved: vec!["a".into(), "b".into()], ..ChangeSet::default() }),
            (1.0, 0.9, ChangeSet { shaded: vec!["a".into(), "b".into()], ..ChangeSet::default() }),
        ] {
            let mut new = scene(x, color);
            assert_ne!(ChangeSet::between(&old, &new), ChangeSet::default(), "other buffers");
            new.reuse(&old);
            let found = ChangeSet::between(&old, &new);
            assert_eq!(ChangeSet { camera: false, ..found }, changes);
        }
    }
}
