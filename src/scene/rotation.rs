//! Rotations by angles, from a sine and cosine that are the same on every system.

use glam::{DAffine3, DMat3, DVec3};

/// Rotation about one axis by `angle` radians, as columns; from a portable sine and cosine.
fn about(axis: usize, angle: f64) -> DMat3 {
    let (s, c) = (libm::sin(angle), libm::cos(angle));
    match axis {
        0 => DMat3::from_cols(DVec3::X, DVec3::new(0.0, c, s), DVec3::new(0.0, -s, c)),
        1 => DMat3::from_cols(DVec3::new(c, 0.0, -s), DVec3::Y, DVec3::new(s, 0.0, c)),
        _ => DMat3::from_cols(DVec3::new(c, s, 0.0), DVec3::new(-s, c, 0.0), DVec3::Z),
    }
}

/// Rotation of geometry: about X, then Y, then Z; radians.
pub fn rotation_xyz(rot: DVec3) -> DMat3 {
    about(2, rot.z) * about(1, rot.y) * about(0, rot.x)
}

/// Rotation of cameras: about Y (yaw), then X (pitch), then Z (roll); radians.
pub fn rotation_yxz(rot: DVec3) -> DMat3 {
    about(2, rot.z) * about(0, rot.x) * about(1, rot.y)
}

/// A linear map about a fixed point.
pub fn about_center(linear: DMat3, center: DVec3) -> DAffine3 {
    DAffine3::from_mat3_translation(linear, center - linear * center)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotations_turn_counter_clockwise() {
        let quarter = std::f64::consts::FRAC_PI_2;
        assert!((rotation_xyz(DVec3::Z * quarter) * DVec3::X).abs_diff_eq(DVec3::Y, 1e-6));
        assert!((rotation_xyz(DVec3::X * quarter) * DVec3::Y).abs_diff_eq(DVec3::Z, 1e-6));
        assert!((rotation_yxz(DVec3::Y * quarter) * DVec3::Z).abs_diff_eq(DVec3::X, 1e-6));
        // Order: X first for geometry, Y first for cameras.
        let both = DVec3::new(quarter, quarter, 0.0);
        assert!((rotation_xyz(both) * DVec3::Y).abs_diff_eq(DVec3::X, 1e-6));
        assert!((rotation_yxz(both) * DVec3::Y).abs_diff_eq(DVec3::Z, 1e-6));
    }

    #[test]
    fn a_transform_about_a_centre_leaves_it_in_place() {
        let center = DVec3::new(1.0, 2.0, 3.0);
        let turn = about_center(rotation_xyz(DVec3::new(0.3, 0.4, 0.5)), center);
        assert!(turn.transform_point3(center).abs_diff_eq(center, 1e-5));
    }
}
