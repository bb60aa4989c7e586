//! Kinds that scripts select by name, such as `light_shading: "Soft"`.
//!
//! `choices!` defines an enum together with the names of its values, so that there is neither a value without a name nor
//! a name without a value:
//!
//! ```ignore
//! choices! {
//!     /// How light is sampled.
//!     pub enum LightShading {
//!         /// Balanced light.
//!         Soft = "Soft",
//!         /// Better caustics.
//!         Hard = "Hard",
//!     }
//! }
//! ```
//!
//! It has `ALL`, all values, and `name`, the name in scripts. In the table of script functions,
//! `Type::Choice(LightShading::NAMES, LATER)` is the type of the parameter, and `LightShading::DOC` its documentation. The code of a function reads it by its type,
//! `let shading: Option<LightShading> = call.kind("light_shading")?`, and has nothing to convert.

/// Values that scripts select by name.
pub trait Choice: Copy + 'static {
    /// Every name and its value.
    const CHOICES: &'static [(&'static str, Self)];
    /// The names of [`Self::CHOICES`].
    const NAMES: &'static [&'static str];

    fn from_name(name: &str) -> Option<Self> {
        Self::CHOICES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// Defines an enum whose values have names in scripts. See the [module](self).
macro_rules! choices {
    (
        $(#[doc = $about:literal])*
        pub enum $Kind:ident {
            $(
                $(#[doc = $doc:literal])+
                $Value:ident = $name:literal
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
            pub const DOC: &'static str =
                concat!($("`", $name, "`:", $($doc,)+ " "),+).trim_ascii_end();
            /// The name in scripts.
            pub const fn name(self) -> &'static str {
                match self {
                    $($Kind::$Value => $name),+
                }
            }
        }

        impl $crate::choice::Choice for $Kind {
            const CHOICES: &'static [(&'static str, Self)] =
                &[$(($name, $Kind::$Value)),+];
            const NAMES: &'static [&'static str] = &[$($name),+];
        }
    };
}
pub(crate) use choices;

#[cfg(test)]
mod tests {
    use super::Choice;

    choices! {
        /// Test kinds.
        pub enum Lens {
            /// No lens.
            None = "Pinhole",
            /// Depth of field.
            Thin = "ThinLens",
        }
    }

    #[test]
    fn names_and_values_come_from_one_list() {
        assert_eq!(Lens::NAMES, ["Pinhole", "ThinLens"]);
        assert_eq!(Lens::ALL.map(Lens::name), Lens::NAMES);
        assert_eq!(Lens::DOC, "`Pinhole`: No lens. `ThinLens`: Depth of field.");
        assert_eq!((Lens::from_name("ThinLens"), Lens::from_name("thinlens")), (Some(Lens::Thin), None));
    }
}
