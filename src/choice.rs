//! Kinds that scripts select by name, such as `light_shading: "Soft"`.
//!
//! [`choices!`] defines an enum together with the names of its values, so that there is neither a value without a name nor
//! a name without a value:
//!
//! ```ignore
//! choices! {
//!     /// The values of `cam_type` in `setup_camera`.
//!     pub enum CameraKind {
//!         /// Perspective.
//!         Pinhole = "Pinhole",
//!         /// Perspective with depth of field.
//!         ThinLens = "ThinLens" | "DoF",
//!     }
//! }
//! ```
//!
//! It has `ALL`, all values, and `name`, the name in scripts: the first, where there are several. Where the kinds are rows of
//! a table, the table implements [`Choice`] by itself, with the names that [`names`] takes from it.
//!
//! In the table of script functions, `Type::Choice(CameraKind::NAMES, LATER)` is the type of the parameter, and
//! `CameraKind::DOC` describes the values, for the documentation of the parameter. The code of a function reads it by its
//! type, `let kind: Option<CameraKind> = call.kind("cam_type")?`, and has nothing to convert.

/// Values that scripts select by name.
pub trait Choice: Copy + 'static {
    /// Every name and its value.
    const CHOICES: &'static [(&'static str, Self)];
    /// The names of [`Self::CHOICES`]. See [`names`].
    const NAMES: &'static [&'static str];

    fn from_name(name: &str) -> Option<Self> {
        Self::CHOICES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The names of a table.
pub const fn names<T, const N: usize>(table: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        names[i] = table[i].0;
        i += 1;
    }
    names
}

/// Defines an enum whose values have names in scripts. See the [module](self).
macro_rules! choices {
    (
        $(#[doc = $about:literal])*
        pub enum $Kind:ident {
            $(
                $(#[doc = $doc:literal])+
                $Value:ident = $name:literal $(| $alias:literal)*
            ),+ $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $Kind {
            $($(#[doc = $doc])+ $Value),+
        }

        impl $Kind {
            pub const ALL: [$Kind; [$($name),+].len()] = [$($Kind::$Value),+];
            /// The values and what they are, in the words of scripts.
            pub const DOC: &'static str = concat!(
                $("`", $name, "`", $(", also called `", $alias, "`",)* ":", $($doc,)+ " "),+
            ).trim_ascii_end();

            /// The name in scripts.
            pub const fn name(self) -> &'static str {
                match self {
                    $($Kind::$Value => $name),+
                }
            }
        }

        impl $crate::choice::Choice for $Kind {
            const CHOICES: &'static [(&'static str, Self)] =
                &[$(($name, $Kind::$Value), $(($alias, $Kind::$Value),)*)+];
            const NAMES: &'static [&'static str] = &[$($name, $($alias,)*)+];
        }
    };
}
pub(crate) use choices;

#[cfg(test)]
mod tests {
    use super::{Choice, names};

    choices! {
        /// Test kinds.
        pub enum Lens {
            /// no lens, and everything
            /// is sharp.
            None = "Pinhole",
            /// depth of field.
            Thin = "ThinLens" | "DoF",
        }
    }

    #[test]
    fn names_and_values_come_from_one_list() {
        assert_eq!(Lens::NAMES, ["Pinhole", "ThinLens", "DoF"]);
        assert_eq!(Lens::ALL.map(Lens::name), ["Pinhole", "ThinLens"]);
        assert_eq!((Lens::from_name("DoF"), Lens::from_name("dof")), (Some(Lens::Thin), None));
        assert_eq!(
            Lens::DOC,
            "`Pinhole`: no lens, and everything is sharp. `ThinLens`, also called `DoF`: depth of field."
        );
        assert_eq!(names(&[("a", 1), ("b", 2)]), ["a", "b"]);
    }
}
