//! How arrays are computed: the same bits everywhere, bounded in memory, time and stack.

use crate::support::{TIMEOUT, array, call, context, host, host_with};
use plotrt::ErrorKind;
use plotrt::array::index::{self, Index};
use plotrt::array::{
    ArrayShape, Binary, Dtype, NdArray, Scalar, Scope, Space, Watch, fourier, neighbours, random, sort,
};
use plotrt::cancel::CancelToken;
use plotrt::scene::Scene;
use plotrt::script::{Callback, Limits, ScriptOptions};
use std::sync::Arc;
use std::time::Duration;

/// Everything that threads share, on more elements than one block has.
const SCRIPT: &str = "
    let x = linspace(-9, 9, 100003); let r = random([50021, 3]); let n = normal(100003);
    let a = (); let b = (); let c = (); let d = (); let e = (); let f = (); let g = (); let h = (); let k = ();
    fn init(rt) {
        a = (sin(x) * exp(-x * x / 20) + 0.1 * n).col * [1.0, cos(0.3), 0];
        b = array([a.sum(), n.mean(), n.std(), (x * n).max(), tan(n).min(), x.cumsum()[-1], n.median()]);
        c = n.sort(); d = n.argsort();
        e = r.sum(1) + r.at((), 0) * r.T[1]; f = matmul(r, r.T.at((), 0..3)).sum(0);
        g = n.histogram(100)[0]; h = (x.astype(\"float32\") * 1.1).sum();
        k = nearest(r[0..2000], r[0..500], 3).distance;
    }";

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let run = |threads: usize| {
        let mut host = host_with(SCRIPT, ScriptOptions { threads, ..ScriptOptions::default() }).unwrap();
        call(&mut host, Callback::Init).unwrap();
        let mut bits: Vec<u64> = Vec::new();
        for name in ["a", "b", "c", "d", "e", "f", "g", "k"] {
            bits.extend(array(&host, name).to_vec::<f64>().unwrap().into_iter().map(f64::to_bits));
        }
        bits.push(host.value("h").unwrap().as_float().unwrap().to_bits());
        bits
    };
    let one = run(1);
    assert!(one.len() > 500_000);
    for threads in [2, 7] {
        assert!(run(threads) == one, "{threads} threads differ from one");
    }
}

/// The operand of a reduction is kept when it is used again: 40 steps of an integrator would otherwise compute the
/// first one 2^40 times.
#[test]
fn an_integrator_does_not_compute_its_past_again() {
    let mut host = host(
        "let pos = linspace(0, 1, 3000).col * [1, 2, 3]; let vel = zeros([3000, 3]); let energy = 0.0;
         fn init(rt) {
             for i in 0..40 {
                 let r2 = (pos * pos).sum(1) + 1;
                 vel += -0.01 * pos / r2.col + 0.001 * vel.mean();
                 pos += 0.1 * vel;
                 energy = (vel * vel).sum() + pos.max();
             }
         }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert!(host.value("energy").unwrap().as_float().unwrap() > 1.0);
}

#[test]
fn a_variable_that_is_an_argument_keeps_its_value() {
    let mut host = host(
        "let a = (); let b = ();
         fn init(rt) { let n = 3; let x = arange(n); let y = cross(ones(3), [0, n, 0]); a = x + n; b = stack([x, x]) + sin(x) + x; }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert_eq!(array(&host, "a").to_vec::<f64>().unwrap(), [3.0, 4.0, 5.0]);
    assert_eq!(array(&host, "b").shape().dims(), [2, 3]);
}

#[test]
fn a_deep_record_is_computed_before_the_stack_overflows() {
    let mut host = host(
        "let a = zeros(10); let b = ones(3);
         fn init(rt) {
             for i in 0..30000 { a = a + 1; }
             for i in 0..100 { b = b + b; }
         }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert_eq!(array(&host, "a").to_vec::<f64>().unwrap(), [30000.0; 10]);
    assert_eq!(array(&host, "b").to_vec::<f64>().unwrap(), [(100f64).exp2(); 3]);
}

#[test]
fn the_limit_of_memory_is_an_error_and_the_state_stays() {
    let limits = Limits { arrays: 4 << 20, ..Limits::default() };
    let mut host = host_with(
        "let u = zeros(1000); let v = 1;
         fn init(rt) { v = 2; u = u + 1; let w = zeros(1000000); }
         fn compute(rt, delta) { v = 3; u = arange(100000).col + arange(100000).row; }
         fn update_data(rt) { v = 4; u = u + 5; }",
        ScriptOptions { limits, ..ScriptOptions::default() },
    )
    .unwrap();
    for callback in [Callback::Init, Callback::Compute] {
        let error = call(&mut host, callback).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit, "{error}");
        assert!(error.message.contains("over the limit of 4.0 MiB for all arrays"), "{error}");
        assert!(error.hint.unwrap().contains("--max-memory"));
        assert!(error.place.is_some());
        assert_eq!(host.value("v").unwrap().as_int().unwrap(), 1);
        assert_eq!(array(&host, "u").to_vec::<f64>().unwrap(), [0.0; 1000]);
    }
    call(&mut host, Callback::UpdateData).unwrap();
    assert_eq!(array(&host, "u").to_vec::<f64>().unwrap(), [5.0; 1000]);
}

/// A record that takes minutes to compute.
const LONG: &str = "let a = linspace(0, 1, 2000000);
    fn init(rt) { let b = a; for i in 0..150 { b = atan2(b, a + i); } print(b.sum()); }";

#[test]
fn a_long_computation_ends_at_the_deadline_of_its_call() {
    let mut host = host(LONG).unwrap();
    let (_, result) = host.call(context(Callback::Init, Scene::default(), 0), 4, Duration::from_millis(30));
    let error = result.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Limit, "`init` took longer than 0.03 s"));
}

#[test]
fn a_long_computation_can_be_cancelled() {
    let mut host = host(LONG).unwrap();
    let context = context(Callback::Init, Scene::default(), 0);
    context.cancel.cancel();
    let (_, result) = host.call(context, 4, TIMEOUT);
    assert_eq!(result.unwrap_err().kind, ErrorKind::Interrupted);
}

/// Operations that are not recorded, on computed arrays.
#[test]
fn copies_orders_transforms_and_trees_can_be_cancelled() {
    let line = ArrayShape::line(1 << 18);
    let x = random::uniform(line, 0.0, 1.0, 1).unwrap();
    let mask = NdArray::binary(Binary::Lt, x.clone().into(), Scalar::F64(0.5).into()).unwrap();
    mask.compute().unwrap();
    let points = random::uniform(ArrayShape::new(&[1 << 15, 3]).unwrap(), 0.0, 1.0, 2).unwrap();
    type Step<'a> = (&'a str, Box<dyn Fn() -> plotrt::Result<()> + 'a>);
    let steps: Vec<Step<'_>> = vec![
        ("sort", Box::new(|| sort::sort(&x, 0).map(drop))),
        ("argsort", Box::new(|| sort::argsort(&x, 0).map(drop))),
        ("a mask", Box::new(|| index::get(&x, &[Index::Array(mask.clone())]).map(drop))),
        ("concat", Box::new(|| index::concatenate(&[x.clone(), x.clone()], 0).map(drop))),
        ("fft", Box::new(|| fourier::fft(&x, None, false).map(drop))),
        ("nearest", Box::new(|| neighbours::nearest(&points, &points, 1).map(drop))),
    ];
    for (name, step) in &steps {
        step().unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    let cancel = CancelToken::new();
    cancel.cancel();
    let watch = Watch { cancel, deadline: None };
    let space = Arc::new(Space::new(usize::MAX, 2));
    let _scope = Scope { space, watch, seed: 0, tells_costs: false }.enter();
    for (name, step) in &steps {
        let error = step().err().unwrap_or_else(|| panic!("{name} went on"));
        assert_eq!(error.kind, ErrorKind::Interrupted, "{name}");
    }
}

#[test]
fn a_column_is_computed_once_for_its_row_and_in_any_nesting() {
    let mut host = host(
        "let a = (); let b = (); let c = ();
         fn init(rt) {
             let n = arange(5000) * 1.0;
             a = (sin(n).col * [1, 2, 3] + n.col).sum(1);
             b = ((n.col + zeros([5000, 7])).reshape([5000, 7, 1]) * [1, 2]).at(4999, 6, 1);
             c = (n.reshape([50, 100]).sum(1).col * ones([50, 1300])).at(49, 1299);
         }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    let a = array(&host, "a").to_vec::<f64>().unwrap();
    for (i, a) in a.iter().enumerate() {
        let sine = plotrt::array::math::sin(i as f64);
        let wanted = (sine + i as f64) + (2.0 * sine + i as f64) + (3.0 * sine + i as f64);
        assert!((a - wanted).abs() < 1e-9, "{i}: {a} and {wanted}");
    }
    assert_eq!(host.value("b").unwrap().as_float().unwrap(), 9998.0);
    assert_eq!(host.value("c").unwrap().as_float().unwrap(), (4900..5000).sum::<i64>() as f64);
}

#[test]
fn types_are_kept_where_arrays_are_changed_in_place() {
    let mut host = host(
        "let a = zeros(3, \"float32\"); let b = arange(3);
         fn init(rt) { a += 0.1; a *= linspace(0, 1, 3); b *= 2; b[0] = 7.9; a[b > 3] = 5; }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert_eq!(array(&host, "a").dtype(), Dtype::F32);
    assert_eq!(array(&host, "a").to_vec::<f32>().unwrap(), [5.0, 0.05, 5.0]);
    assert_eq!(array(&host, "b").to_vec::<i64>().unwrap(), [7, 2, 4]);
}
