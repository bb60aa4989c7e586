//! Types of the table: an entry describes a function, its parameters and their ranges, and what runs when it is called.

use super::files::Files;
use super::frozen::Image;
use crate::Result;
use crate::array::{Binary, NdArray, Unary};
pub use crate::range::Range;
use crate::script::{CallContext, Callback};
use rhai::Dynamic;

/// The object of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A method or property of `rt`.
    Rt,
    /// A method or property of an image: `rt.image`, or what `rt.render` returns.
    Image,
    /// A method or property of an array.
    Array,
    /// A function without an object.
    Free,
}

impl Object {
    /// The prefix of the function's name: `rt.`, `img.`, …
    pub fn prefix(self) -> &'static str {
        match self {
            Object::Rt => "rt.",
            Object::Image => "img.",
            Object::Array => "a.",
            Object::Free => "",
        }
    }
}

/// The callbacks in which a function may be called.
pub type Phases = &'static [Callback];

pub const EVERYWHERE: Phases = &Callback::ALL;
pub const IMAGE_CALLBACKS: Phases = &[Callback::UpdateImage, Callback::AccumDone];
pub const INIT: Phases = &[Callback::Init];

/// The type of a parameter. Every number may be written as an integer or as a float.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Type {
    Bool,
    Number,
    /// A whole number.
    Count,
    Text,
    /// The name of an image file.
    PictureFile,
    /// The name of a variable of `set_float` and its like.
    Variable,
    /// The name of a parameter of `set_param`.
    Parameter,
    /// `[x, y, z]`.
    Vector,
    /// A number, or `[x, y, z]`.
    Factor,
    /// A grey number, or `[r, g, b]`.
    Color,
    /// `[width, height]`.
    Size,
    /// `[[x, y, z], ...]`.
    Rows,
    /// One vector for all positions, or one for each.
    Vectors,
    /// One number for all positions, or one for each.
    Numbers,
    /// One colour for all positions, or one for each.
    Colors,
    /// An array: of numbers, or as nested script arrays.
    Array,
    /// A number, a truth value, or an array.
    Values,
    /// Lengths of the axes: a whole number, or several.
    Shape,
    /// An index of an axis.
    Index,
    /// A function of the script.
    Function,
    /// One of these names. Names of later versions are distinguished from unknown ones.
    Choice(&'static [&'static str], &'static [&'static str]),
    Any,
}

impl Type {
    /// In the words of messages, after "wants".
    pub fn describe(self) -> String {
        match self {
            Type::Bool => "true or false".into(),
            Type::Number => "a number".into(),
            Type::Count => "a whole number".into(),
            Type::Text | Type::PictureFile | Type::Variable | Type::Parameter => "a string".into(),
            Type::Vector => "[x, y, z]".into(),
            Type::Factor => "a number or [x, y, z]".into(),
            Type::Color => "a grey number or [r, g, b]".into(),
            Type::Size => "[width, height]".into(),
            Type::Rows => "[[x, y, z], ...]".into(),
            Type::Vectors => "[x, y, z], or one for each position".into(),
            Type::Numbers => "a number, or one for each position".into(),
            Type::Colors => "a grey number or [r, g, b], or one for each position".into(),
            Type::Choice(names, _) => {
                let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
                quoted.join(", ")
            }
            Type::Array => "an array".into(),
            Type::Values => "a number or an array".into(),
            Type::Shape => "a whole number, or an array of them".into(),
            Type::Index => "an index, a range, `slice(…)`, an array, or `()` for all".into(),
            Type::Function => "a function".into(),
            Type::Any => "a value".into(),
        }
    }

    /// The type in the definition files of editors.
    pub fn definition(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Number => "float",
            Type::Count => "int",
            Type::Text | Type::PictureFile | Type::Variable | Type::Parameter | Type::Choice(..) => "String",
            Type::Vector | Type::Size | Type::Rows => "Array",
            Type::Function => "Fn",
            Type::Factor | Type::Color | Type::Vectors | Type::Numbers | Type::Colors => "?",
            Type::Array | Type::Values | Type::Shape | Type::Index | Type::Any => "?",
        }
    }
}

/// One parameter: by position, or a key of the last map.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    pub name: &'static str,
    pub ty: Type,
    /// Empty where there is none.
    pub unit: &'static str,
    pub range: Range,
    /// The value used when it is left out, as documentation shows it; `None` for a required parameter.
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

/// A parameter that a call must give.
pub const fn required(name: &'static str, ty: Type, doc: &'static str) -> Param {
    Param { name, ty, unit: "", range: Range::Any, default: None, doc }
}

/// A parameter that a call may leave out.
pub const fn optional(name: &'static str, ty: Type, default: &'static str, doc: &'static str) -> Param {
    Param { name, ty, unit: "", range: Range::Any, default: Some(default), doc }
}

impl Param {
    pub const fn unit(self, unit: &'static str) -> Param {
        Param { unit, ..self }
    }
    pub const fn range(self, range: Range) -> Param {
        Param { range, ..self }
    }
}

/// A call: the arguments by name, and the context of its callback.
pub struct Call<'a> {
    pub function: &'static Function,
    /// `None` for methods of images, which need no callback.
    pub(super) context: Option<&'a mut CallContext>,
    pub(super) values: Vec<(&'static Param, Dynamic)>,
}

impl<'a> Call<'a> {
    /// A call of an image's method.
    pub fn without_context(function: &'static Function, values: Vec<(&'static Param, Dynamic)>) -> Call<'a> {
        Call { function, context: None, values }
    }
}

/// The implementation of a function.
#[derive(Clone, Copy)]
pub enum Code {
    /// A method.
    Method(fn(&mut Call) -> Result<Dynamic>),
    /// A method of an image.
    ImageMethod(fn(&Image, &Call) -> Result<Dynamic>),
    /// A property of `rt`, read only.
    Property(fn(&mut Call) -> Result<Dynamic>),
    /// A property of an image, read only.
    ImageProperty(fn(&Image) -> Dynamic),
    /// A method of an array.
    ArrayMethod(fn(&NdArray, &Call) -> Result<Dynamic>),
    /// A method that changes the array.
    ArrayChange(fn(&mut NdArray, &Call) -> Result<Dynamic>),
    /// A property of an array, read only.
    ArrayProperty(fn(&NdArray) -> Result<Dynamic>),
    /// A function without an object.
    Values(fn(&Call) -> Result<Dynamic>),
    /// An operation on each element of an array; numbers have functions of their own.
    Elementwise(Unary),
    /// An operation on each pair of elements, one of the two a number or an array.
    Pairwise(Binary),
    /// A function without an object that reads or writes files.
    Files(fn(&Call, &Files) -> Result<Dynamic>),
    /// Defined by the script host; here for its documentation.
    Host,
}

/// One entry of the table.
#[derive(Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub object: Object,
    pub phases: Phases,
    /// Parameters by position; optional ones come last, or first where a call without them is unambiguous.
    pub params: &'static [Param],
    /// Keys of the last map, which is optional as a whole.
    pub options: &'static [Param],
    /// An option that is left out keeps its present value, whatever its default.
    pub keeps: bool,
    /// Option keys of PlotOptiX that are not available in this version.
    pub later: &'static [&'static str],
    /// The return value of a call; empty for none.
    pub returns: &'static str,
    pub doc: &'static str,
    /// A complete script.
    pub example: &'static str,
    /// The hint where the function may not be called; by default it lists the callbacks.
    pub elsewhere: &'static str,
    pub code: Code,
}

/// A method of `rt` without parameters, for entries to build on.
pub const METHOD: Function = Function {
    name: "",
    object: Object::Rt,
    phases: EVERYWHERE,
    params: &[],
    options: &[],
    keeps: false,
    later: &[],
    returns: "",
    doc: "",
    example: "",
    elsewhere: "",
    code: Code::Host,
};

impl Function {
    pub fn is_property(&self) -> bool {
        matches!(self.code, Code::Property(_) | Code::ImageProperty(_) | Code::ArrayProperty(_))
    }

    /// Whether a call stages an edit of the scene or a request to the engine: functions that only read are called `get_…`.
    pub fn stages(&self) -> bool {
        const OTHERS: [&str; 2] = ["save_image", "render"];
        let is_method = self.object == Object::Rt && matches!(self.code, Code::Method(_));
        is_method && !self.name.starts_with("get_") && !OTHERS.contains(&self.name)
    }

    /// Fewest and most arguments, the map of options included.
    pub fn arity(&self) -> (usize, usize) {
        let required = self.params.iter().filter(|p| p.default.is_none()).count();
        (required, self.params.len() + usize::from(!self.options.is_empty()))
    }

    /// The default of a parameter, as documentation shows it.
    pub fn default_of(&self, param: &Param) -> &'static str {
        let is_option = self.options.iter().any(|p| p.name == param.name);
        match param.default {
            None => "required",
            Some(_) if self.keeps && is_option => "unchanged",
            Some(default) => default,
        }
    }

    /// The arguments of a call with one option: `name, #{ fov: 40 }`.
    pub fn with_option(&self, option: &str, value: &str) -> String {
        let required = self.params.iter().filter(|p| p.default.is_none()).map(|p| p.name.to_string());
        let map = format!("#{{ {option}: {value} }}");
        required.chain([map]).collect::<Vec<_>>().join(", ")
    }

    /// How a call is written: `rt.light_fit(light, #{ camera, ... })`.
    pub fn signature(&self) -> String {
        let mut signature = format!("{}{}", self.object.prefix(), self.name);
        if self.is_property() {
            return signature;
        }
        let mut arguments: Vec<String> = self.params.iter().map(argument).collect();
        if !self.options.is_empty() {
            let keys: Vec<&str> = self.options.iter().map(|p| p.name).collect();
            arguments.push(format!("#{{ {} }}", keys.join(", ")));
        }
        signature.push_str(&format!("({})", arguments.join(", ")));
        signature
    }
}

fn argument(param: &Param) -> String {
    match param.default {
        None => param.name.to_string(),
        Some(_) => format!("{}?", param.name),
    }
}
