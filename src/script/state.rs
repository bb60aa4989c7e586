//! The values of top-level variables: how functions reach them, how a failing call restores them, and how the
//! views of two threads are merged.
//!
//! Every top-level variable lives in a shared cell. Rhai asks [`ScriptState::resolve`] for each name that is not a local
//! variable of the running function and gets the cell, so that `u[i][0] = x` works in place, without a copy.
//! The first time that a call reaches a variable, its value is saved; after the call the two are compared to find
//! whether it was changed. Saving and comparing walk nested arrays in place and allocate nothing while their
//! shape stays the same.

use super::api;
use crate::Result;
use crate::array::NdArray;
use rhai::{Dynamic, EvalAltResult, FnPtr, ImmutableString, Position};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Rhai's type of a shared cell.
pub(super) type Cell = Arc<RwLock<Dynamic>>;

/// One top-level variable or constant.
pub(super) struct Slot {
    pub name: ImmutableString,
    pub constant: bool,
    cell: Cell,
    /// The running call has reached the variable, and `saved` holds its value from before.
    touched: AtomicBool,
    /// Changed since the last merge.
    changed: AtomicBool,
    saved: Mutex<Dynamic>,
    /// Approximate size of the value in bytes, after the last call that reached it.
    weight: AtomicUsize,
}

impl Slot {
    pub fn new(name: ImmutableString, constant: bool, value: Dynamic) -> Self {
        let value = if constant { value.into_read_only() } else { value };
        Slot {
            name,
            constant,
            cell: Arc::new(RwLock::new(value)),
            touched: AtomicBool::new(false),
            changed: AtomicBool::new(false),
            saved: Mutex::new(Dynamic::UNIT),
            weight: AtomicUsize::new(0),
        }
    }

    /// The cell as a Rhai value: copies of it are the same variable.
    pub fn shared(&self) -> Dynamic {
        Dynamic::from(self.cell.clone())
    }

    /// A copy of the present value.
    pub fn value(&self) -> Dynamic {
        self.cell.read().unwrap_or_else(PoisonError::into_inner).flatten_clone()
    }

    fn with<R>(&self, f: impl FnOnce(&mut Dynamic) -> R) -> R {
        f(&mut self.cell.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_saved<R>(&self, f: impl FnOnce(&mut Dynamic) -> R) -> R {
        f(&mut self.saved.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The top-level variables of one script or module.
#[derive(Default)]
pub(super) struct UnitState {
    /// Name of the unit, which Rhai gives as the source of the running function.
    pub unit: ImmutableString,
    pub slots: Vec<Arc<Slot>>,
    names: HashMap<ImmutableString, usize, BuildHasherDefault<NameHasher>>,
}

impl UnitState {
    pub fn new(unit: ImmutableString) -> Self {
        UnitState { unit, ..Default::default() }
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Slot>> {
        self.names.get(name).map(|&i| &self.slots[i])
    }

    /// Adds a variable; a later one of the same name hides an earlier one, as in Rhai.
    pub fn push(&mut self, slot: Arc<Slot>) {
        match self.names.get(slot.name.as_str()) {
            Some(&i) => self.slots[i] = slot,
            None => {
                self.names.insert(slot.name.clone(), self.slots.len());
                self.slots.push(slot);
            }
        }
    }
}

/// All top-level variables of one host.
#[derive(Default)]
pub(super) struct ScriptState {
    pub units: Vec<Arc<UnitState>>,
}

impl ScriptState {
    /// The cell behind `name`, as a function of the unit `source` sees it.
    pub fn resolve(&self, name: &str, source: Option<&str>) -> Result<Option<Dynamic>, Box<EvalAltResult>> {
        // The script itself, whose functions run most, is the last.
        let unit = self.units.iter().rev().find(|unit| Some(unit.unit.as_str()) == source);
        let Some(unit) = unit else { return Ok(None) };
        let Some(slot) = unit.get(name) else { return Ok(None) };
        if !slot.constant {
            // Held only while a native method runs on this very variable, such as `u.map(|x| x + u[0])`.
            let Ok(value) = slot.cell.try_read() else {
                return Err(EvalAltResult::ErrorDataRace(name.to_string(), Position::NONE).into());
            };
            if !slot.touched.load(Relaxed) {
                slot.touched.store(true, Relaxed);
                slot.with_saved(|saved| copy_into(saved, &value));
            }
        }
        Ok(Some(slot.shared()))
    }

    fn variables(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.numbered_variables().map(|(_, slot)| slot)
    }

    /// The variables, each with the index of its unit.
    fn numbered_variables(&self) -> impl Iterator<Item = (usize, &Arc<Slot>)> {
        let slots = self.units.iter().enumerate().flat_map(|(i, unit)| unit.slots.iter().map(move |slot| (i, slot)));
        slots.filter(|(_, slot)| !slot.constant)
    }

    /// Computes the arrays that the running call may have left in variables and that are only recorded: their cost and
    /// their errors are the call's, and records don't grow from call to call.
    pub fn compute_arrays(&self) -> Result<()> {
        let mut arrays = Vec::new();
        for slot in self.variables().filter(|s| s.touched.load(Relaxed)) {
            slot.with(|value| api::arrays_in(value, &mut arrays));
        }
        NdArray::compute_all(&arrays)
    }

    /// Computes all arrays that are only recorded, those of constants, too.
    pub fn compute_all(&self) -> Result<()> {
        let mut arrays = Vec::new();
        for slot in self.units.iter().flat_map(|unit| &unit.slots) {
            slot.with(|value| api::arrays_in(value, &mut arrays));
        }
        NdArray::compute_all(&arrays)
    }

    /// Ends a call that succeeded. Returns the first variable that keeps a closure with captured variables, if any:
    /// then the call has failed, and [`ScriptState::rollback`] must follow.
    pub fn commit(&self) -> Result<(), ImmutableString> {
        for slot in self.variables().filter(|s| s.touched.load(Relaxed)) {
            if slot.with(|value| holds_shared(value)) {
                return Err(slot.name.clone());
            }
        }
        for slot in self.variables() {
            if slot.touched.swap(false, Relaxed) && !slot.with(|v| slot.with_saved(|saved| same(v, saved))) {
                slot.changed.store(true, Relaxed);
                slot.weight.store(slot.with(|value| weight(value)), Relaxed);
            }
        }
        Ok(())
    }

    /// Assigns a value to a variable in this view alone; false where there is no such variable.
    pub fn assign(&self, unit: usize, name: &str, value: Dynamic) -> bool {
        let Some(slot) = self.units.get(unit).and_then(|unit| unit.get(name)).filter(|slot| !slot.constant) else {
            return false;
        };
        slot.weight.store(weight(&value), Relaxed);
        slot.with(|present| *present = value);
        true
    }

    /// Approximate size of all values in bytes.
    pub fn weight(&self) -> usize {
        self.variables().map(|slot| slot.weight.load(Relaxed)).sum()
    }

    /// Ends a call that failed: every variable gets back the value that it had before.
    pub fn rollback(&self) {
        for slot in self.variables() {
            slot.cell.clear_poison();
            slot.saved.clear_poison();
            if slot.touched.swap(false, Relaxed) {
                slot.with(|value| slot.with_saved(|saved| copy_into(value, saved)));
            }
        }
    }

    /// Clears the records of reached and changed variables, after the views were made equal.
    pub fn settle(&self) {
        for slot in self.variables() {
            slot.touched.store(false, Relaxed);
            slot.changed.store(false, Relaxed);
            slot.weight.store(slot.with(|value| weight(value)), Relaxed);
        }
    }

    /// Makes two views equal: a value changed on one side reaches the other. Returns the variables that were
    /// changed to different values on both sides, each with the index of its unit; they keep the value of `a`.
    pub fn merge(a: &ScriptState, b: &ScriptState) -> Vec<(usize, ImmutableString)> {
        let mut conflicts = Vec::new();
        for ((unit, a), (_, b)) in a.numbered_variables().zip(b.numbered_variables()) {
            let (in_a, in_b) = (a.changed.swap(false, Relaxed), b.changed.swap(false, Relaxed));
            if !in_a && !in_b {
                continue;
            }
            a.with(|va| {
                b.with(|vb| {
                    if in_a && in_b && !same(va, vb) {
                        conflicts.push((unit, a.name.clone()));
                    }
                    if in_a { copy_into(vb, va) } else { copy_into(va, vb) }
                });
            });
        }
        conflicts
    }
}

/// Makes `to` equal to `from`, reusing what `to` has allocated.
fn copy_into(to: &mut Dynamic, from: &Dynamic) {
    if let (Ok(from), Ok(mut to)) = (from.as_array_ref(), to.as_array_mut()) {
        to.truncate(from.len());
        let common = to.len();
        for (to, from) in to.iter_mut().zip(from.iter()) {
            copy_into(to, from);
        }
        to.extend(from[common..].iter().cloned());
        return;
    }
    *to = from.clone();
}

/// Whether two values are equal, floats by their bits. Values of types that cannot be compared count as different.
pub(super) fn same(a: &Dynamic, b: &Dynamic) -> bool {
    if a.type_id() != b.type_id() {
        return false;
    }
    if let (Ok(a), Ok(b)) = (a.as_float(), b.as_float()) {
        return a.to_bits() == b.to_bits();
    }
    if let (Ok(a), Ok(b)) = (a.as_int(), b.as_int()) {
        return a == b;
    }
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b));
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|((ka, a), (kb, b))| ka == kb && same(a, b));
    }
    if let (Ok(a), Ok(b)) = (a.as_immutable_string_ref(), b.as_immutable_string_ref()) {
        return *a == *b;
    }
    if let (Ok(a), Ok(b)) = (a.as_bool(), b.as_bool()) {
        return a == b;
    }
    if let (Ok(a), Ok(b)) = (a.as_char(), b.as_char()) {
        return a == b;
    }
    if let (Ok(a), Ok(b)) = (a.as_blob_ref(), b.as_blob_ref()) {
        return *a == *b;
    }
    if let (Some(a), Some(b)) = (a.read_lock::<NdArray>(), b.read_lock::<NdArray>()) {
        return a.is_same(&b);
    }
    if let (Some(a), Some(b)) = (a.read_lock::<FnPtr>(), b.read_lock::<FnPtr>()) {
        return a.fn_name() == b.fn_name()
            && a.curry().len() == b.curry().len()
            && a.curry().iter().zip(b.curry()).all(|(a, b)| same(a, b));
    }
    a.is_unit()
}

/// Whether a value reaches a shared cell: a closure that has captured a variable.
pub(super) fn holds_shared(value: &Dynamic) -> bool {
    if value.is_shared() {
        return true;
    }
    if let Ok(array) = value.as_array_ref() {
        return array.iter().any(holds_shared);
    }
    if let Ok(map) = value.as_map_ref() {
        return map.values().any(holds_shared);
    }
    value.is_fnptr() && value.read_lock::<FnPtr>().is_some_and(|f| f.curry().iter().any(holds_shared))
}

/// Approximate size of a value in bytes.
pub(super) fn weight(value: &Dynamic) -> usize {
    let inner = if let Ok(array) = value.as_array_ref() {
        size_of::<Vec<Dynamic>>() + array.iter().map(weight).sum::<usize>()
    } else if let Ok(map) = value.as_map_ref() {
        map.iter().map(|(key, value)| 2 * size_of::<usize>() + key.len() + weight(value)).sum()
    } else if let Ok(string) = value.as_immutable_string_ref() {
        string.len()
    } else {
        value.as_blob_ref().map_or(0, |blob| blob.len())
    };
    size_of::<Dynamic>() + inner
}

/// A quick hash for names of a few characters (the names come from the script, which can only slow down itself).
#[derive(Default)]
pub(super) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
    fn write_u8(&mut self, _terminator: u8) {}
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}
