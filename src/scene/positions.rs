//! Positions of a plot's primitives: single precision relative to an origin in double precision, so that plots far from
//! the scene's origin, such as coordinates of a map, keep their shape.

use super::bounds::Bounds;
use bytemuck::Pod;
use glam::DVec3;
use rayon::prelude::*;
use std::sync::Arc;

/// The positions of a plot.
#[derive(Debug, Clone)]
pub struct Positions {
    origin: DVec3,
    relative: Arc<[[f32; 3]]>,
}

impl Positions {
    /// Stores positions in double precision. `size`: the largest extent of a primitive, scene units.
    pub fn new(rows: &[[f64; 3]], size: f64) -> Positions {
        let mut bounds = Bounds::EMPTY;
        rows.iter().map(|&row| DVec3::from(row)).filter(|p| p.is_finite()).for_each(|p| bounds.add(p));
        let origin = if bounds.is_empty() { DVec3::ZERO } else { bounds.origin(size) };
        let relative = rows.iter().map(|&row| (DVec3::from(row) - origin).as_vec3().to_array()).collect();
        Positions { origin, relative }
    }

    /// Stores rows that are relative to `origin`.
    pub fn relative_to(origin: DVec3, relative: Arc<[[f32; 3]]>) -> Positions {
        Positions { origin, relative }
    }

    /// The plot coordinates of row (0, 0, 0).
    pub fn origin(&self) -> DVec3 {
        self.origin
    }

    /// The rows, relative to [`Positions::origin`].
    pub fn relative(&self) -> &Arc<[[f32; 3]]> {
        &self.relative
    }

    pub fn len(&self) -> usize {
        self.relative.len()
    }

    pub fn is_empty(&self) -> bool {
        self.relative.is_empty()
    }

    /// Position `i`, in plot coordinates; `None` past the end.
    pub fn get(&self, i: usize) -> Option<DVec3> {
        self.relative.get(i).map(|&row| self.absolute(row))
    }

    /// Position `i`, in plot coordinates.
    ///
    /// # Panics
    /// If `i` is past the end.
    pub fn at(&self, i: usize) -> DVec3 {
        self.absolute(self.relative[i])
    }

    /// All positions, in plot coordinates.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = DVec3> + '_ {
        self.relative.iter().map(|&row| self.absolute(row))
    }

    fn absolute(&self, row: [f32; 3]) -> DVec3 {
        self.origin + DVec3::from(row.map(f64::from))
    }

    /// Shares the buffer of `old` where it holds the same bits.
    pub(super) fn reuse(&mut self, old: &Positions) {
        share(&mut self.relative, &old.relative);
    }

    /// Whether both share one buffer, relative to the same origin.
    pub fn same(&self, other: &Positions) -> bool {
        Arc::ptr_eq(&self.relative, &other.relative) && self.origin == other.origin
    }
}

/// The box around rows in single precision, on all cores; rows that are not finite are left out.
pub fn bounds_of(rows: &[[f32; 3]]) -> Bounds {
    const PORTION: usize = 1 << 14;
    let portion = |rows: &[[f32; 3]]| {
        let (mut lo, mut hi) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for row in rows.iter().filter(|row| row.iter().all(|x| x.is_finite())) {
            for axis in 0..3 {
                lo[axis] = lo[axis].min(row[axis]);
                hi[axis] = hi[axis].max(row[axis]);
            }
        }
        Bounds { lo: lo.map(f64::from).into(), hi: hi.map(f64::from).into() }
    };
    match rows.len() {
        ..=PORTION => portion(rows),
        _ => rows.par_chunks(PORTION).map(portion).reduce(|| Bounds::EMPTY, Bounds::union),
    }
}

/// Stores rows in single precision, relative to the scene's origin.
impl From<Arc<[[f32; 3]]>> for Positions {
    fn from(relative: Arc<[[f32; 3]]>) -> Positions {
        Positions { origin: DVec3::ZERO, relative }
    }
}

impl From<&[[f32; 3]]> for Positions {
    fn from(rows: &[[f32; 3]]) -> Positions {
        Arc::<[[f32; 3]]>::from(rows).into()
    }
}

impl From<Vec<[f32; 3]>> for Positions {
    fn from(rows: Vec<[f32; 3]>) -> Positions {
        Arc::<[[f32; 3]]>::from(rows).into()
    }
}

impl<const N: usize> From<[[f32; 3]; N]> for Positions {
    fn from(rows: [[f32; 3]; N]) -> Positions {
        Arc::<[[f32; 3]]>::from(rows).into()
    }
}

impl FromIterator<[f32; 3]> for Positions {
    fn from_iter<I: IntoIterator<Item = [f32; 3]>>(rows: I) -> Positions {
        rows.into_iter().collect::<Arc<[[f32; 3]]>>().into()
    }
}

/// Shares a buffer that holds the same bits.
pub(super) fn share<T: Pod>(mine: &mut Arc<[T]>, theirs: &Arc<[T]>) {
    if bytemuck::cast_slice::<T, u8>(mine) == bytemuck::cast_slice::<T, u8>(theirs) {
        mine.clone_from(theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::origin_near;

    #[test]
    fn positions_near_the_origin_are_kept_as_they_are() {
        let near = Positions::new(&[[0.0, 1.0, 2.0], [-3.0, 0.5, 60.0]], 0.1);
        assert_eq!(near.origin(), DVec3::ZERO);
        assert_eq!(near.relative()[1], [-3.0, 0.5, 60.0]);
        // With one sphere, its size decides.
        assert_eq!(Positions::new(&[[50.0, 0.0, 0.0]], 1.0).origin(), DVec3::ZERO);
        assert_ne!(Positions::new(&[[50.0, 0.0, 0.0]], 0.01).origin(), DVec3::ZERO);
    }

    #[test]
    fn positions_far_from_the_origin_keep_their_digits_at_every_scale() {
        for scale in [1e-6, 1.0, 1e6] {
            let place = [5e5 * scale, -4.5e6 * scale, 0.3 * scale];
            let rows: Vec<[f64; 3]> =
                (0..50).map(|i| std::array::from_fn(|a| place[a] + scale * f64::from(i) * 0.01)).collect();
            let positions = Positions::new(&rows, 0.0);
            assert!(positions.relative().iter().flatten().all(|x| f64::from(x.abs()) < 8.0 * scale), "{positions:?}");
            for (row, kept) in rows.iter().zip(positions.iter()) {
                assert!((DVec3::from(*row) - kept).abs().max_element() < 1e-6 * scale);
            }
        }
    }

    #[test]
    fn a_small_move_keeps_the_origin_and_no_size_is_its_own_origin() {
        let center = DVec3::new(1e7, 3.0, -2e5);
        assert_eq!(origin_near(center, 1.0), origin_near(center + DVec3::splat(0.25), 1.0));
        assert_eq!(origin_near(center, 0.0), center);
        assert_eq!(origin_near(DVec3::ZERO, 0.0), DVec3::ZERO);
    }
}
