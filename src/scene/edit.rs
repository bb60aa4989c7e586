//! Edits: what scripts (and later the mouse) stage, and what the sync point applies.

use super::{CameraUpdate, GeometryData, LightUpdate, MaterialUpdate, Params, Postproc, Scene, Variables};
use crate::Result;
use glam::{Affine3A, Vec3};

/// One staged change of a scene. Edits of several callbacks are applied one after another in a fixed order.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Makes the plot, or updates it if it exists.
    SetData {
        name: String,
        data: GeometryData,
    },
    UpdateData {
        name: String,
        data: GeometryData,
    },
    DeleteGeometry {
        name: String,
    },
    /// Multiplies the plot's transform from the left.
    TransformGeometry {
        name: String,
        transform: Affine3A,
    },
    /// Makes the camera, or updates it if it exists.
    SetupCamera {
        name: String,
        camera: CameraUpdate,
        make_current: bool,
    },
    UpdateCamera {
        name: String,
        camera: CameraUpdate,
    },
    SetCurrentCamera {
        name: String,
    },
    SetupLight {
        name: String,
        light: LightUpdate,
    },
    UpdateLight {
        name: String,
        light: LightUpdate,
    },
    SetupMaterial {
        name: String,
        material: MaterialUpdate,
    },
    SetAmbient(Vec3),
    SetBackground(Vec3),
    /// Replaces the parameters; the caller changes a copy of the present ones.
    SetParams(Params),
    SetVariables(Variables),
    AddPostproc(Postproc),
    Resize(u32, u32),
}

impl Scene {
    /// Applies one edit, or says why it cannot be applied and leaves the scene as it was.
    pub fn apply(&mut self, _edit: &Edit) -> Result<()> {
        Err(crate::Error::script("edits are not there yet"))
    }
}
