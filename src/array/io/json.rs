//! Numbers in JSON files: lists, lists of lists, objects of lists, lists of objects.
//!
//! The text is in memory once; values are read directly into columns, without a tree of values.

use super::growing::{Growing, Refusal};
use super::source::Source;
use super::{Block, Column, Columns, Loaded, Values};
use crate::{Error, Result};
use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::cell::{Cell, RefCell};
use std::fmt;

/// Values between two polls of the stop signal.
const POLL: u32 = 1 << 16;

pub(super) fn load(source: &Source<'_>) -> Result<Loaded> {
    let len = usize::try_from(source.len()).map_err(|_| source.no_memory(source.len()))?;
    source.take(source.len(), || "its text".to_string())?;
    let mut text = Vec::new();
    text.try_reserve_exact(len).map_err(|_| source.no_memory(source.len()))?;
    text.resize(len, 0);
    source.read_at(&mut text, 0)?;
    let begin = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let context = Context { source, stop: RefCell::new(None), values: Cell::new(0) };
    let mut json = serde_json::Deserializer::from_slice(&text[begin..]);
    let node = Any(&context).deserialize(&mut json).and_then(|node| json.end().map(|()| node));
    let node = node.map_err(|e| context.stop.take().unwrap_or_else(|| located(source, &e)))?;
    match node {
        Node::Map(map) => Ok(Loaded::Columns(columns(map, source)?)),
        Node::Column(Column::Array(block)) => Ok(Loaded::Array(block)),
        Node::Column(Column::Group(columns)) => Ok(Loaded::Columns(columns)),
        Node::Column(Column::Text(texts)) => Ok(Loaded::Text(texts)),
        scalar => match column(scalar, source)? {
            Column::Array(block) => Ok(Loaded::Array(block)),
            Column::Word(text) => Ok(Loaded::Word(text)),
            Column::Text(_) | Column::Group(_) => Err(source.error("expected numbers or texts")),
        },
    }
}

/// An error of the library with its position put first.
fn located(source: &Source<'_>, error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    let problem = text.strip_suffix(&place).unwrap_or(&text);
    let found = source.error(format_args!("line {line}, column {column}: {problem}"));
    match error.classify() {
        serde_json::error::Category::Eof => found.hint("the file is cut off, or a bracket is never closed"),
        serde_json::error::Category::Syntax => found
            .hint("JSON has no NaN or infinity and no comma after the last element; write null for what is missing"),
        _ => found.hint("numbers are in lists of equal length, in objects of lists, or in lists of objects"),
    }
}

struct Context<'c, 'a> {
    source: &'c Source<'a>,
    /// The error that stopped the library, if it is not a syntax error.
    stop: RefCell<Option<Error>>,
    values: Cell<u32>,
}

impl Context<'_, '_> {
    fn stop<E: serde::de::Error>(&self, error: Error) -> E {
        self.stop.borrow_mut().get_or_insert(error);
        E::custom("stopped")
    }

    fn refused<E: serde::de::Error>(&self, refusal: Refusal) -> E {
        match refusal {
            Refusal::Mixed(problem) => E::custom(problem),
            Refusal::Error(error) => self.stop(error),
        }
    }

    fn poll<E: serde::de::Error>(&self) -> std::result::Result<(), E> {
        let values = self.values.get() + 1;
        self.values.set(values % POLL);
        if values == POLL { self.source.check().map_err(|e| self.stop(e)) } else { Ok(()) }
    }
}

/// A value whose siblings are not known yet.
enum Node {
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Column(Column),
    Map(IndexMap<String, Node>),
}

fn scalar(values: Values) -> Column {
    Column::Array(Block { shape: Vec::new(), values })
}

fn column(node: Node, source: &Source<'_>) -> Result<Column> {
    Ok(match node {
        Node::Missing => scalar(Values::F64(vec![f64::NAN])),
        Node::Bool(v) => scalar(Values::Bool(vec![v])),
        Node::Int(v) => scalar(Values::I64(vec![v])),
        Node::Float(v) => scalar(Values::F64(vec![v])),
        Node::Text(v) => Column::Word(v),
        Node::Column(column) => column,
        Node::Map(map) => Column::Group(columns(map, source)?),
    })
}

fn columns(map: IndexMap<String, Node>, source: &Source<'_>) -> Result<Columns> {
    map.into_iter().map(|(name, node)| Ok((name, column(node, source)?))).collect()
}

/// Any value.
struct Any<'c, 'a>(&'c Context<'c, 'a>);

impl<'de> DeserializeSeed<'de> for Any<'_, '_> {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a list or an object")
    }
    fn visit_unit<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Missing)
    }
    fn visit_bool<E>(self, value: bool) -> std::result::Result<Node, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> std::result::Result<Node, E> {
        Ok(Node::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> std::result::Result<Node, E> {
        Ok(i64::try_from(value).map_or(Node::Float(value as f64), Node::Int))
    }
    fn visit_f64<E>(self, value: f64) -> std::result::Result<Node, E> {
        Ok(Node::Float(value))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> std::result::Result<Node, E> {
        let take = self.0.source.take(value.len() as u64, || format!("a text of {} bytes", value.len()));
        take.map_err(|e| self.0.stop(e))?;
        Ok(Node::Text(value.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Node, A::Error> {
        let mut out = IndexMap::new();
        while let Some(name) = map.next_key::<String>()? {
            self.0.poll()?;
            let node = map.next_value_seed(Any(self.0))?;
            if out.contains_key(&name) {
                return Err(A::Error::custom(format!("`{name}` is there twice")));
            }
            out.insert(name, node);
        }
        Ok(Node::Map(out))
    }

    /// The first element decides the type of the others.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Node, A::Error> {
        let context = self.0;
        let refused = |refusal| context.refused(refusal);
        let mut inner = Vec::new();
        let mut growing = Growing::new();
        match seq.next_element_seed(Any(context))? {
            None => {
                let nothing = Block { shape: vec![0], values: Values::F64(Vec::new()) };
                return Ok(Node::Column(Column::Array(nothing)));
            }
            Some(Node::Missing) => growing.push_missing(context.source).map_err(refused)?,
            Some(Node::Bool(v)) => growing.push_bool(v, context.source).map_err(refused)?,
            Some(Node::Int(v)) => growing.push_int(v, context.source).map_err(refused)?,
            Some(Node::Float(v)) => growing.push_float(v, context.source).map_err(refused)?,
            Some(Node::Text(v)) => growing.push_text(&v, context.source).map_err(refused)?,
            Some(Node::Column(Column::Array(block))) => {
                inner = block.shape;
                growing = Growing::from_values(block.values);
                if inner.contains(&0) {
                    return Err(A::Error::custom("an empty list in a list"));
                }
            }
            Some(Node::Map(first)) => return records(context, first, seq),
            Some(Node::Column(Column::Text(_) | Column::Word(_) | Column::Group(_))) => {
                return Err(A::Error::custom("lists of texts or of objects in a list"));
            }
        }
        while seq.next_element_seed(Item { context, growing: &mut growing, shape: &inner })?.is_some() {}
        let column = growing.finish(&inner, context.source).map_err(|e| context.stop(e))?;
        Ok(Node::Column(column))
    }
}

/// An element that is added to a column: a value, or a list of this shape.
struct Item<'i, 'c, 'a> {
    context: &'c Context<'c, 'a>,
    growing: &'i mut Growing,
    shape: &'i [usize],
}

impl<'de> DeserializeSeed<'de> for Item<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Item<'_, '_, '_> {
    fn add<E: serde::de::Error>(
        self,
        add: impl FnOnce(&mut Growing, &Source<'_>) -> std::result::Result<(), Refusal>,
    ) -> std::result::Result<(), E> {
        self.context.poll()?;
        if let [length, ..] = self.shape {
            return Err(E::custom(format!("expected a list of length {length}, like those before it")));
        }
        add(self.growing, self.context.source).map_err(|refusal| self.context.refused(refusal))
    }
}

impl<'de> Visitor<'de> for Item<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape {
            [] => f.write_str("a number or a text, like those before it"),
            [length, ..] => write!(f, "a list of length {length}, like those before it"),
        }
    }
    fn visit_unit<E: serde::de::Error>(self) -> std::result::Result<(), E> {
        self.context.poll()?;
        // A missing list is a list of missing values.
        for _ in 0..self.shape.iter().product() {
            let added = self.growing.push_missing(self.context.source);
            added.map_err(|refusal| self.context.refused(refusal))?;
        }
        Ok(())
    }
    fn visit_bool<E: serde::de::Error>(self, value: bool) -> std::result::Result<(), E> {
        self.add(|growing, source| growing.push_bool(value, source))
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> std::result::Result<(), E> {
        self.add(|growing, source| growing.push_int(value, source))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> std::result::Result<(), E> {
        self.add(|growing, source| match i64::try_from(value) {
            Ok(value) => growing.push_int(value, source),
            Err(_) => growing.push_float(value as f64, source),
        })
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<(), E> {
        self.add(|growing, source| growing.push_float(value, source))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> std::result::Result<(), E> {
        self.add(|growing, source| growing.push_text(value, source))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<(), A::Error> {
        let Item { context, growing, shape } = self;
        let [length, inner @ ..] = shape else {
            return Err(A::Error::custom("a list among single values"));
        };
        let mut found = 0;
        while seq.next_element_seed(Item { context, growing, shape: inner })?.is_some() {
            found += 1;
            if found > *length {
                return Err(A::Error::custom(format!("a list of more than {length} elements; the first has {length}")));
            }
        }
        if found < *length {
            return Err(A::Error::custom(format!("a list of {found} elements; the first has {length}")));
        }
        Ok(())
    }
}

/// A column of a list of objects.
struct Field {
    growing: Growing,
    /// Shape of one row; `None` while all rows lack it.
    inner: Option<Vec<usize>>,
    rows: usize,
}

impl Field {
    /// Fills rows whose objects lack this field.
    fn fill<E: serde::de::Error>(&mut self, rows: usize, context: &Context<'_, '_>) -> std::result::Result<(), E> {
        let each: usize = self.inner.iter().flatten().product();
        for _ in 0..(rows - self.rows) * each {
            self.growing.push_missing(context.source).map_err(|refusal| context.refused(refusal))?;
        }
        self.rows = rows;
        Ok(())
    }
}

/// A list of objects, of which the first is known.
fn records<'de, A: SeqAccess<'de>>(
    context: &Context<'_, '_>,
    first: IndexMap<String, Node>,
    mut seq: A,
) -> std::result::Result<Node, A::Error> {
    let mut fields = IndexMap::new();
    for (name, node) in first {
        let field = new_field(context, &name, node, 0)?;
        fields.insert(name, field);
    }
    let mut rows = 1;
    while seq.next_element_seed(Record { context, fields: &mut fields, row: rows })?.is_some() {
        rows += 1;
    }
    let mut out = Columns::new();
    for (name, mut field) in fields {
        field.fill(rows, context)?;
        let inner = field.inner.unwrap_or_default();
        let column = field.growing.finish(&inner, context.source).map_err(|e| context.stop(e))?;
        out.insert(name, column);
    }
    Ok(Node::Column(Column::Group(out)))
}

/// A field that first occurs in this row.
fn new_field<E: serde::de::Error>(
    context: &Context<'_, '_>,
    name: &str,
    node: Node,
    row: usize,
) -> std::result::Result<Field, E> {
    let source = context.source;
    let mut field = Field { growing: Growing::new(), inner: Some(Vec::new()), rows: 0 };
    let nested = || E::custom(format!("`{name}` is an object in a list of objects; expected a value or a list"));
    match node {
        Node::Column(Column::Array(block)) if !block.shape.contains(&0) => {
            field.inner = Some(block.shape);
            field.fill(row, context)?;
            match (row, block.values) {
                (0, values) => field.growing = Growing::from_values(values),
                (_, values) => add_values(&mut field.growing, &values, source).map_err(|r| context.refused(r))?,
            }
        }
        Node::Missing => {
            field.inner = None;
            field.rows = row + 1;
            return Ok(field);
        }
        Node::Map(_) | Node::Column(_) => return Err(nested()),
        scalar => {
            field.fill(row, context)?;
            let added = match scalar {
                Node::Bool(v) => field.growing.push_bool(v, source),
                Node::Int(v) => field.growing.push_int(v, source),
                Node::Float(v) => field.growing.push_float(v, source),
                Node::Text(v) => field.growing.push_text(&v, source),
                Node::Missing | Node::Map(_) | Node::Column(_) => Ok(()),
            };
            added.map_err(|refusal| context.refused(refusal))?;
        }
    }
    field.rows = row + 1;
    Ok(field)
}

fn add_values(growing: &mut Growing, values: &Values, source: &Source<'_>) -> std::result::Result<(), Refusal> {
    match values {
        Values::Bool(v) => v.iter().try_for_each(|v| growing.push_bool(*v, source)),
        Values::I64(v) => v.iter().try_for_each(|v| growing.push_int(*v, source)),
        Values::F32(v) => v.iter().try_for_each(|v| growing.push_float(f64::from(*v), source)),
        Values::F64(v) => v.iter().try_for_each(|v| growing.push_float(*v, source)),
    }
}

/// One object of a list of objects.
struct Record<'r, 'c, 'a> {
    context: &'c Context<'c, 'a>,
    fields: &'r mut IndexMap<String, Field>,
    row: usize,
}

impl<'de> DeserializeSeed<'de> for Record<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Record<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, like those before it")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let Record { context, fields, row } = self;
        // Objects usually have their fields in the same order.
        let mut next = 0;
        while let Some(known) = map.next_key_seed(Key { fields, next })? {
            context.poll()?;
            let (index, name) = match known {
                Ok(index) => (index, None),
                Err(name) => (fields.len(), Some(name)),
            };
            next = index + 1;
            if let Some(name) = name {
                let node = map.next_value_seed(Any(context))?;
                let field = new_field(context, &name, node, row)?;
                fields.insert(name, field);
                continue;
            }
            let Some((name, field)) = fields.get_index_mut(index) else { continue };
            if field.rows > row {
                return Err(A::Error::custom(format!("`{name}` is there twice in one object")));
            }
            match &field.inner {
                None => {
                    let node = map.next_value_seed(Any(context))?;
                    *field = new_field(context, name, node, row)?;
                }
                Some(inner) => {
                    let inner = inner.clone();
                    field.fill(row, context)?;
                    map.next_value_seed(Item { context, growing: &mut field.growing, shape: &inner })?;
                    field.rows = row + 1;
                }
            }
        }
        Ok(())
    }
}

/// The name of a field: the index of a known one, or a new name.
struct Key<'k> {
    fields: &'k IndexMap<String, Field>,
    /// The expected next field.
    next: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = std::result::Result<usize, String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = std::result::Result<usize, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> std::result::Result<Self::Value, E> {
        if self.fields.get_index(self.next).is_some_and(|(known, _)| known == name) {
            return Ok(Ok(self.next));
        }
        Ok(self.fields.get_index_of(name).ok_or_else(|| name.to_string()))
    }
}
