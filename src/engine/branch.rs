//! A branch: the edits that the callbacks of one thread stage between two points at which the threads are joined.

use crate::Error;
use crate::scene::{Edit, Scene};
use crate::script::{CallContext, Callback, Command};

/// Staged edits. Each callback of a branch sees the edits of those before it.
pub(super) struct Branch {
    pub scene: Scene,
    pub edits: Vec<(Callback, Edit)>,
    pub commands: Vec<Command>,
}

impl Branch {
    /// Starts a branch with no staged edits.
    pub fn from(scene: &Scene) -> Self {
        Branch { scene: scene.clone(), edits: Vec::new(), commands: Vec::new() }
    }

    /// Adds the edits of a callback that succeeded.
    pub fn take(&mut self, cx: CallContext) {
        let callback = cx.callback;
        self.scene = cx.scene;
        self.edits.extend(cx.edits.into_iter().map(|edit| (callback, edit)));
        self.commands.extend(cx.commands);
    }

    /// Appends the edits of `later`, which started from the same `base`. If they conflict with this branch, none of
    /// `later`'s edits is kept, and the callback that caused the conflict is returned with the error.
    pub fn join(&mut self, later: Branch, base: &Scene) -> Result<(), (Callback, Error)> {
        self.commands.extend(later.commands);
        if later.edits.is_empty() {
            return Ok(());
        }
        if self.edits.is_empty() {
            (self.scene, self.edits) = (later.scene, later.edits);
            return Ok(());
        }
        let mut scene = self.scene.clone();
        let (mut params, mut variables) = (&base.params, &base.variables);
        for (callback, edit) in &later.edits {
            // Parameters are staged as a whole, but only those that have changed are meant.
            let result = match edit {
                Edit::SetParams(changed) => {
                    let joined = Edit::SetParams(scene.params.with_changes(params, changed));
                    params = changed;
                    scene.apply(&joined)
                }
                Edit::SetVariables(changed) => {
                    let joined = Edit::SetVariables(scene.variables.with_changes(variables, changed));
                    variables = changed;
                    scene.apply(&joined)
                }
                edit => scene.apply(edit),
            };
            if let Err(mut error) = result {
                error.message =
                    format!("`{}` contradicts what `compute` has staged: {}", callback.name(), error.message);
                return Err((*callback, error));
            }
        }
        self.scene = scene;
        self.edits.extend(later.edits);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Params, Variables};
    use glam::Vec3;

    fn branch(base: &Scene, callback: Callback, edits: impl IntoIterator<Item = Edit>) -> Branch {
        let mut branch = Branch::from(base);
        for edit in edits {
            branch.scene.apply(&edit).unwrap();
            branch.edits.push((callback, edit));
        }
        branch
    }

    #[test]
    fn parameters_of_both_sides_survive() {
        let base = Scene::default();
        let (params, variables) = (Params::default, Variables::default);
        let edits = [
            Edit::SetParams(Params { rt_timeout: 7, ..params() }),
            Edit::SetVariables(Variables { tonemap_gamma: 1.5, ..variables() }),
        ];
        let mut compute = branch(&base, Callback::Compute, edits);
        let edits = [
            Edit::SetParams(Params { compute_timeout: 9, ..params() }),
            Edit::SetParams(Params { compute_timeout: 9, max_accumulation_frames: 50, ..params() }),
            Edit::SetVariables(Variables { denoiser_start: 2, ..variables() }),
            Edit::SetBackground(Vec3::ONE),
        ];
        compute.join(branch(&base, Callback::UpdateImage, edits), &base).unwrap();
        let scene = &compute.scene;
        assert_eq!(scene.params, Params { rt_timeout: 7, compute_timeout: 9, max_accumulation_frames: 50, ..params() });
        assert_eq!(scene.variables, Variables { tonemap_gamma: 1.5, denoiser_start: 2, ..variables() });
        assert_eq!(scene.background, Vec3::ONE);
    }

    #[test]
    fn the_later_side_wins_where_both_change_the_same() {
        let base = Scene::default();
        let mut compute = branch(&base, Callback::Compute, [Edit::SetBackground(Vec3::X)]);
        compute.join(branch(&base, Callback::AccumDone, [Edit::SetBackground(Vec3::Y)]), &base).unwrap();
        assert_eq!(compute.scene.background, Vec3::Y);
    }

    #[test]
    fn of_a_contradiction_nothing_is_kept() {
        let base = Scene::default();
        let mut compute = branch(&base, Callback::Compute, [Edit::SetAmbient(Vec3::X)]);
        let mut image = branch(&base, Callback::UpdateImage, [Edit::SetBackground(Vec3::Y)]);
        image.edits.push((Callback::AccumDone, Edit::DeleteGeometry { name: "gone".into() }));
        let (callback, error) = compute.join(image, &base).unwrap_err();
        assert_eq!(callback, Callback::AccumDone);
        assert!(error.message.starts_with("`accum_done` contradicts what `compute` has staged: "), "{error}");
        assert_eq!((compute.scene.ambient, compute.scene.background), (Vec3::X, base.background));
    }
}
