//! Creating arrays in scripts, and their properties.

use crate::support::{array, call, context, error, host, print};
use plotrt::scene::{Channel, Scene};
use plotrt::script::{Callback, merge};

#[test]
fn arithmetic_broadcasts_and_keeps_numpy_types() {
    for (expression, shown) in [
        ("array([1, 2, 3]) + 1", "[2, 3, 4]"),
        ("1.5 + array([1, 2, 3])", "[2.5, 3.5, 4.5]"),
        ("array([1, 2, 4]) / 2", "[0.5, 1.0, 2.0]"),
        ("array([7, -7]) % 3", "[1, 2]"),
        ("array([1, 2, 3]) ** 2", "[1, 4, 9]"),
        ("[1, 0, 2] * arange(3)", "[0, 0, 4]"),
        ("arange(3).col * [1, 10]", "[[0, 0],\n [1, 10],\n [2, 20]]"),
        ("(arange(2).col * [1.0, 2.0, 3.0] + 1).sum()", "12.0"),
        ("-arange(3)", "[0, -1, -2]"),
        ("!(arange(3) > 1)", "[true, true, false]"),
        ("arange(5) > 1 & arange(5) < 4", "[false, false, true, true, false]"),
        ("(arange(3, 6).astype(\"float32\") * 2.5).dtype", "float32"),
        ("(array([true, false]) + 1).dtype", "int64"),
        ("sqrt([1, 4, 9])", "[1.0, 2.0, 3.0]"),
        ("where(arange(4) % 2 == 0, arange(4), -1)", "[0, -1, 2, -1]"),
        ("stack([arange(2), arange(2) * 10], 1)", "[[0, 0],\n [1, 10]]"),
        ("array([arange(2), [5, 6]])", "[[0, 1],\n [5, 6]]"),
        ("linspace(0, 1, 3)", "[0.0, 0.5, 1.0]"),
        ("zeros([2, 0]).shape", "[2, 0]"),
        ("array([]).size", "0"),
        ("arange(2000)", "[0, 1, 2, ..., 1997, 1998, 1999]"),
    ] {
        assert_eq!(print(expression), shown, "{expression}");
    }
}

#[test]
fn parts_are_read_and_assigned() {
    let a = "arange(12).reshape([3, 4])";
    for (expression, shown) in [
        ("[1]".to_string(), "[4, 5, 6, 7]"),
        ("[-1][0]".to_string(), "8"),
        ("[0..2].shape".to_string(), "[2, 4]"),
        ("[1..=2].shape".to_string(), "[2, 4]"),
        (".at(1, 2)".to_string(), "6"),
        (".at((), 1)".to_string(), "[1, 5, 9]"),
        (".at(0..2, slice((), (), 2))".to_string(), "[[0, 2],\n [4, 6]]"),
        (".at(slice((), (), -1), 0)".to_string(), "[8, 4, 0]"),
        ("[[2, 0]].at((), 0)".to_string(), "[8, 0]"),
        (".T[1]".to_string(), "[1, 5, 9]"),
        (".T.reshape([2, 6])[0]".to_string(), "[0, 4, 8, 1, 5, 9]"),
        (".x".to_string(), "[0, 4, 8]"),
    ] {
        assert_eq!(print(&format!("{a}{expression}")), shown, "{expression}");
    }
    let mut host = host(
        "let a = arange(6); let b = a; let c = zeros([2, 3]);
         fn init(rt) {
             a[a % 2 == 0] = -1; a[1] = 10; a[4..6] = [7, 8]; a += 100;
             c[0][2] = 5; c.set((), 1, [3, 4]); c[1] = c[1] * 2;
         }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert_eq!(array(&host, "a").to_vec::<i64>().unwrap(), [99, 110, 99, 103, 107, 108]);
    assert_eq!(array(&host, "b").to_vec::<i64>().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(array(&host, "c").to_vec::<f64>().unwrap(), [0.0, 3.0, 5.0, 0.0, 8.0, 0.0]);
}

#[test]
fn errors_state_the_fact_and_the_place() {
    for (statements, message, hint) in [
        ("let a = zeros([1000, 3]); a + zeros(1000)", "shapes (1000, 3) and (1000,) don't broadcast", "`x.col`"),
        ("zeros(3)[3]", "index 3 is outside of axis 0, which has 3 elements", "0 to 2"),
        ("zeros([2, 3]).at(0, -4)", "index -4 is outside of axis 1, which has 3 elements", "0 to 2"),
        ("zeros(3) & ones(3)", "`&` does not take arrays of float64", "conditions"),
        ("zeros(3) + \"x\"", "`+` does not take an array and \"x\"", "a number or an array"),
        ("let a = arange(3); a += 0.5", "`+=` would turn an array of int64 into one of float64", "a = a + b"),
        ("let a = arange(3); a[0..2] = [1, 2, 3]", "values of shape (3,) don't fit into a part of shape (2,)", ""),
        ("array([[1, 2], [3]])", "row 1 of an array is an array of 1, it wants an array of 2, as the first one", ""),
        ("zeros(3, \"float\").shap", "`a` has no property `shap`", "`a.shape`"),
        ("zeros([2, 2]).sum(2)", "axis 2 is none of an array of shape (2, 2)", "0 to 1"),
        ("zeros(3, \"int8\")", "unknown `dtype` `int8`", ""),
        ("array([1, 2]) ** -1", "integers to negative integer powers are no integers", "astype"),
        ("zeros([1 << 40, 1 << 40])", "an array of shape (1099511627776, 1099511627776) is larger than any memory", ""),
        ("zeros(1 << 50)", "over the limit", "--max-memory"),
    ] {
        let error = error(statements);
        assert!(error.message.contains(message), "{statements}: {error}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{statements}: {:?}", error.hint);
        assert_eq!(error.place.map(|p| p.line), Some(2), "{statements}");
    }
}

#[test]
fn plots_take_arrays_of_any_type_and_stride() {
    let mut host = host(
        "fn init(rt) {
             let p = mgrid(arange(2), arange(3), arange(4));
             rt.set_data(\"plot\", #{ pos: p, r: p.x * 0.5 + 1, c: (p.y / 2.0).astype(\"float32\") });
             rt.set_data(\"turned\", #{ pos: p.T.at(slice((), (), -1), 0..5).T, c: [0.5, 0.5, 0.5] });
         }",
    )
    .unwrap();
    let scene = call(&mut host, Callback::Init).unwrap();
    let plot = &scene.geometries["plot"];
    assert_eq!(plot.pos.len(), 24);
    assert_eq!(plot.pos.relative()[23], [1.0, 2.0, 3.0]);
    assert_eq!((plot[Channel::R].scalar(0), plot[Channel::R].scalar(23)), (1.0, 1.5));
    let color = &plot[Channel::Color];
    assert!(color.is_each() && color.vector(23) == [1.0; 3]);
    assert_eq!(scene.geometries["turned"].pos.relative()[4], [0.0, 1.0, 0.0]);
}

#[test]
fn arrays_in_state_are_merged_by_handle_and_given_back_by_failing_calls() {
    let mut a = host(
        "let u = zeros(3); let v = zeros(3);
         fn compute(rt, delta) { u = u + 1; }
         fn update_image(rt) { v[0] = 5; }
         fn update_data(rt) { u[0] = 7; u[10] = 1; }",
    )
    .unwrap();
    let mut b = a.fork().unwrap();
    call(&mut a, Callback::Compute).unwrap();
    call(&mut b, Callback::UpdateImage).unwrap();
    assert_eq!(merge(&mut a, &mut b), []);
    for host in [&a, &b] {
        assert_eq!(array(host, "u").to_vec::<f64>().unwrap(), [1.0; 3]);
        assert_eq!(array(host, "v").to_vec::<f64>().unwrap(), [5.0, 0.0, 0.0]);
    }
    assert!(array(&a, "u").is_same(&array(&b, "u")));
    assert!(call(&mut a, Callback::UpdateData).is_err());
    assert_eq!(array(&a, "u").to_vec::<f64>().unwrap(), [1.0; 3]);
    // Nothing stays recorded from call to call.
    assert!(array(&a, "u").is_computed());
}

#[test]
fn constants_are_read_and_never_changed() {
    let mut host = host(
        "const A = arange(3) * 2; let x = ();
         fn init(rt) { x = [A + 1, -A, A.sum(), A[1], A[0..2], sin(A), A.shape, A.len(), A.col.size, A.map(|e| e)]; }
         fn compute(rt, delta) { A[0] = 5; }
         fn update_data(rt) { A.set(0, 5); }",
    )
    .unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert_eq!(host.value("x").unwrap().into_array().unwrap()[2].as_int().unwrap(), 6);
    for callback in [Callback::Compute, Callback::UpdateData] {
        assert!(call(&mut host, callback).unwrap_err().message.contains("constant"));
    }
    assert_eq!(array(&host, "A").to_vec::<i64>().unwrap(), [0, 2, 4]);
}

#[test]
fn random_numbers_follow_from_seed_callback_frame_and_call() {
    let text = "let x = (); let y = ();
         fn init(rt) { x = random(5); y = random(5); }
         fn compute(rt, delta) { x = random(5); }";
    let run = |frame: u64, callback: Callback| {
        let mut host = host(text).unwrap();
        let result = host.call(context(callback, Scene::default(), frame), 4, crate::support::TIMEOUT).1;
        result.unwrap();
        array(&host, "x").to_vec::<f64>().unwrap()
    };
    assert_eq!(run(0, Callback::Init), run(0, Callback::Init));
    assert_ne!(run(0, Callback::Init), run(0, Callback::Compute));
    assert_ne!(run(1, Callback::Compute), run(2, Callback::Compute));
    assert!(run(0, Callback::Init).iter().all(|x| (0.0..1.0).contains(x)));
}
