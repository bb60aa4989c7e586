//! Every name that a script can give has its scene, which contains what the name stands for.

use crate::scenes::{Choice, choices, named, names, of};
use libtest_mimic::Trial;
use plotrt::scene::Scene;

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 3] = [
        ("every_name_has_a_scene", every_name_has_a_scene),
        ("scenes_show_what_their_names_say", scenes_show_what_their_names_say),
        ("scenes_have_names_of_their_own", scenes_have_names_of_their_own),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(format!("names::{name}"), move || {
            test();
            Ok(())
        })
    };
    tests.into_iter().map(trial).collect()
}

fn every_name_has_a_scene() {
    let choices = choices();
    for (option, at_least) in [
        ("geom", 6),
        ("cam_type", 4),
        ("light_type", 2),
        ("shader", 3),
        ("stage", 2),
        ("addr_mode", 4),
        ("filter_mode", 2),
    ] {
        let count = choices.iter().filter(|choice| choice.option == option).count();
        assert!(count >= at_least, "the table of script functions has {count} names for `{option}`");
    }
    for option in ["set_ambient", "set_background"] {
        assert!(choices.contains(&Choice { option, name: "" }), "`{option}` is missing");
    }
    for choice in choices {
        assert!(of(choice).is_some(), "{choice} has no scene: see CONTRIBUTING.md");
    }
    assert!(of(Choice { option: "geom", name: "Torus" }).is_none());
    assert!(of(Choice { option: "shader", name: "Velvet" }).is_none());
}

/// Whether the scene has something of that name.
fn shows(scene: &Scene, choice: Choice) -> bool {
    let Choice { option, name } = choice;
    match option {
        "geom" => scene.geometries.last().is_some_and(|(_, plot)| plot.kind.name() == name),
        "cam_type" => scene.view().kind.name() == if name == "DoF" { "ThinLens" } else { name },
        "light_type" => scene.lights["tested"].kind().name() == name,
        "shader" => scene.materials["tested"].kind.name() == name,
        "addr_mode" => scene.textures["tested"].address.name() == name,
        "filter_mode" => scene.textures["tested"].filter.name() == name,
        "stage" => format!("{:?}", scene.postproc) == format!("[{name}]"),
        "light_shading" => scene.params.light_shading.name() == name,
        "set_ambient" => scene.ambient != of_another(option).ambient,
        "set_background" => scene.background != of_another(option).background,
        _ => false,
    }
}

fn of_another(option: &str) -> Scene {
    let other = named().into_iter().find(|parity| parity.name != option);
    other.map(|parity| parity.scene).expect("there are several")
}

fn scenes_show_what_their_names_say() {
    for choice in choices() {
        let parity = of(choice).unwrap();
        assert!(shows(&parity.scene, choice), "{choice}");
        assert!(parity.scene.geometries.contains_key(parity.tested) && !parity.scene.lights.is_empty(), "{choice}");
        let (width, height) = parity.scene.size;
        assert!(width >= 64 && height >= 64, "{choice}");
    }
    let sphere = of(Choice { option: "geom", name: "ParticleSet" }).unwrap().scene;
    assert!(!shows(&sphere, Choice { option: "geom", name: "Parallelograms" }));
    assert!(!shows(&sphere, Choice { option: "stage", name: "Gamma" }));
}

fn scenes_have_names_of_their_own() {
    let mut all = names();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "{all:?}");
}
