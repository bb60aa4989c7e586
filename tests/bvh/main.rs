//! Trees of the CPU tracer: hits compared with brute force, and input that is difficult for builders.

mod world;

use plotrt::device::cpu::bvh::Updated;
use plotrt::device::kernels::variants;
use plotrt::device::layout::{Hit, NOTHING, Ray};
use plotrt::scene::{SHAPES, Shape};
use world::{Arrays, IDENTITY, Random, World, random_rays, shapes};

/// Requires equal hits where rounding cannot matter. The reference works in double precision: rays that graze an edge
/// may hit in one and miss in the other, and of two primitives at the same place either may be reported. Of such rays
/// there may be `tolerated`.
/// The end of a segment is the start of the next in a chain: both have the same ball, and rounding decides.
fn joined(world: &World, hit: &Hit) -> Hit {
    let Some(instance) = world.instances.get(hit.instance as usize) else { return *hit };
    let plot = &world.plots[instance.geometry as usize];
    if SHAPES[plot.shape as usize].nodes != 2 || plot.step != 1 {
        return *hit;
    }
    let first = hit.primitive as usize;
    // Where the ball of the end holds that of the start, only the end is left, and `u` is 0.
    let length2: f32 = (0..3).map(|a| (plot.pos[first + 1][a] - plot.pos[first][a]).powi(2)).sum();
    let growth = plot.r[first + 1] - plot.r[first];
    let is_joint = hit.u == 1.0 || growth > 0.0 && length2 <= growth * growth;
    match is_joint && first + 2 < plot.pos.len() {
        true => Hit { primitive: hit.primitive + 1, u: 0.0, ..*hit },
        false => *hit,
    }
}

fn assert_same(world: &World, found: &[Hit], expected: &[Hit], tolerated: usize) {
    let [found, expected] = [found, expected].map(|hits| hits.iter().map(|hit| joined(world, hit)).collect::<Vec<_>>());
    assert_agree(&found, &expected, tolerated);
}

fn assert_agree(found: &[Hit], expected: &[Hit], tolerated: usize) {
    assert_eq!(found.len(), expected.len());
    let agree = |f: &Hit, e: &Hit| {
        if f.instance == NOTHING || e.instance == NOTHING {
            return f.instance == e.instance;
        }
        (f.instance, f.primitive) == (e.instance, e.primitive) && (f.t - e.t).abs() <= 2e-5 * (1.0 + e.t)
    };
    let different: Vec<_> = found.iter().zip(expected).filter(|(f, e)| !agree(f, e)).collect();
    let count = different.len();
    assert!(count <= tolerated, "{count} of {} differ: {:#?}", found.len(), &different[..count.min(4)]);
}

/// Requires that face and coordinates give the point at the distance.
fn assert_located(world: &World, rays: &[(Ray, f32)], hits: &[Hit]) {
    for ((ray, _), hit) in rays.iter().zip(hits).filter(|(_, hit)| hit.instance != NOTHING) {
        let named = world.point(ray, hit);
        let error = (0..3).map(|a| (ray.origin[a] + hit.t * ray.dir[a] - named[a]).abs()).fold(0.0, f32::max);
        // A tetrahedron may be flat by 1e-4: the height above its faces, in units of its own, has the error of the distance
        // times 1e4, and by so much does rounding move a hit along its faces.
        let is_tetrahedron = world.plots[hit.instance as usize].shape == Shape::Tetrahedron as u32;
        let most = if is_tetrahedron { 4e-3 } else { 1e-4 };
        assert!(error <= most * (1.0 + hit.t), "{error}: {ray:?} {hit:?}");
    }
}

fn same_bits(a: &[Hit], b: &[Hit]) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert_eq!(bytemuck::bytes_of(a), bytemuck::bytes_of(b), "ray {i}: {a:?} and {b:?}");
    }
}

#[test]
fn finds_what_brute_force_finds() {
    let cases = [(1, 1.0), (2, 0.8), (7, 0.5), (9, 0.5), (60, 0.3), (700, 0.1), (20_000, 0.02)];
    for shape in shapes() {
        for (seed, (count, size)) in cases.into_iter().enumerate() {
            let mut random = Random::new(seed as u64);
            let world = World::new(vec![Arrays::random(shape, count, size, &mut random)]);
            let rays = random_rays(if count > 1000 { 700 } else { 7000 }, &mut random);
            let expected = world.reference(&rays);
            assert!(expected.iter().any(|h| h.instance != NOTHING), "nothing is hit");
            let found = world.closest(&rays);
            // Rays near the edges of flat tetrahedrons: see `assert_located`.
            let tolerated = rays.len() / if shape == Shape::Tetrahedron as u32 { 150 } else { 500 };
            assert_same(&world, &found, &expected, tolerated);
            assert_located(&world, &rays, &found);
            for ((found, occluded), ray) in found.iter().zip(world.occluded(&rays)).zip(&rays) {
                assert_eq!(found.instance != NOTHING, occluded, "{ray:?}");
            }
        }
    }
}

#[test]
fn the_comparison_can_fail() {
    let hit = Hit { t: 1.0, instance: 0, primitive: 3, face: 2, u: 0.5, v: 0.5 };
    let wrong = [
        Hit { t: 1.1, ..hit },
        Hit { t: f32::NAN, ..hit },
        Hit { instance: NOTHING, ..hit },
        Hit { primitive: 4, ..hit },
    ];
    assert_agree(&[hit], &[hit], 0);
    for wrong in wrong {
        assert!(std::panic::catch_unwind(|| assert_agree(&[wrong], &[hit], 0)).is_err(), "{wrong:?}");
    }
    let world = World::new(vec![Arrays::random(Shape::Parallelepiped as u32, 100, 0.5, &mut Random::new(1))]);
    let rays = random_rays(100, &mut Random::new(1));
    let mut hits = world.closest(&rays);
    hits.retain(|h| h.instance != NOTHING);
    for hit in &mut hits {
        hit.face ^= 1;
    }
    assert!(std::panic::catch_unwind(|| assert_located(&world, &rays, &hits)).is_err());
}

/// Every plot, moved slightly, then far.
#[test]
fn refitted_and_rebuilt_trees_give_the_same_hits() {
    for shape in shapes() {
        for count in [3, 500, 30_000] {
            let mut random = Random::new(5);
            let arrays = Arrays::random(shape, count, 1.0 / (count as f32).cbrt(), &mut random);
            let rays = random_rays(4000, &mut random);
            let mut world = World::new(vec![arrays.clone()]);
            for distance in [0.001, 0.02] {
                let updated = world.update(0, |arrays| {
                    for (p, q) in arrays.pos.iter_mut().zip(&mut arrays.u) {
                        *p = std::array::from_fn(|a| p[a] + distance * random.range(-1.0, 1.0));
                        *q = std::array::from_fn(|a| q[a] + distance * random.range(-1.0, 1.0));
                    }
                });
                assert_eq!(updated, Updated::Refitted, "{count}");
                same_bits(&world.closest(&rays), &World::new(world.plots.clone()).closest(&rays));
            }
            let updated = world.update(0, |arrays| arrays.pos.iter_mut().for_each(|p| *p = random.vector(1.0)));
            assert!(updated == Updated::Rebuilt || count == 3, "{count}");
            same_bits(&world.closest(&rays), &World::new(world.plots.clone()).closest(&rays));
        }
    }
}

#[test]
fn a_changed_number_of_primitives_rebuilds() {
    let mut random = Random::new(1);
    let mut world = World::new(vec![Arrays::random(Shape::Sphere as u32, 100, 0.2, &mut random)]);
    let more = Arrays::random(Shape::Sphere as u32, 101, 0.2, &mut random);
    assert_eq!(world.update(0, |arrays| *arrays = more), Updated::Rebuilt);
    let none = Arrays::random(Shape::Sphere as u32, 0, 0.2, &mut random);
    assert_eq!(world.update(0, |arrays| *arrays = none), Updated::Rebuilt);
    let rays = random_rays(100, &mut random);
    assert!(world.closest(&rays).iter().all(|h| h.instance == NOTHING));
    let again = Arrays::random(Shape::Parallelepiped as u32, 101, 0.2, &mut random);
    assert_eq!(world.update(0, |arrays| *arrays = again), Updated::Rebuilt);
    assert_agree(&world.closest(&rays), &world.reference(&rays), 1);
}

#[test]
fn all_instruction_sets_and_thread_counts_give_the_same_hits() {
    for shape in shapes() {
        let mut random = Random::new(9);
        let arrays = Arrays::random(shape, 40_000, 0.03, &mut random);
        let rays = random_rays(5000, &mut random);
        let mut first: Option<Vec<Hit>> = None;
        for kernels in variants() {
            for threads in [1, 2, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let hits = pool.install(|| World::with_kernels(kernels, vec![arrays.clone()]).closest(&rays));
                same_bits(&hits, first.get_or_insert_with(|| hits.clone()));
            }
        }
    }
}

/// A matrix and its inverse.
fn transform(random: &mut Random, scale: [f32; 3]) -> ([f32; 12], [f32; 12]) {
    let d = random.direction();
    let rotation = glam::Quat::from_axis_angle(glam::Vec3::from(d), random.range(0.0, 6.0));
    let m = glam::Affine3A::from_scale_rotation_translation(scale.into(), rotation, random.vector(0.5).into());
    let rows = |m: glam::Affine3A| {
        let (x, y, z, t) = (m.matrix3.x_axis, m.matrix3.y_axis, m.matrix3.z_axis, m.translation);
        [x.x, y.x, z.x, t.x, x.y, y.y, z.y, t.y, x.z, y.z, z.z, t.z]
    };
    (rows(m), rows(m.inverse()))
}

#[test]
fn instances_are_turned_stretched_and_mirrored() {
    let mut random = Random::new(3);
    let plots: Vec<_> = shapes().map(|shape| Arrays::random(shape, 40, 0.2, &mut random)).collect();
    let scales = [[1.0; 3], [0.5, 1.0, 2.0], [-1.0, 1.0, 1.0], [0.1, -0.7, 0.4]];
    for many in [1, 3, 30] {
        let mut places = vec![(0, IDENTITY, IDENTITY)];
        for i in 0..many {
            let (world, object) = transform(&mut random, scales[i % 4]);
            places.push((i % plots.len(), world, object));
        }
        if many == 1 {
            places.remove(0); // a single instance that is not the identity
        }
        let world = World::placed(variants()[0], plots.clone(), places);
        let rays = random_rays(4000, &mut random);
        let found = world.closest(&rays);
        assert_same(&world, &found, &world.reference(&rays), rays.len() / 200);
        for (found, occluded) in found.iter().zip(world.occluded(&rays)) {
            assert_eq!(found.instance != NOTHING, occluded);
        }
    }
}

/// Each ray and seven more that are `spread` apart, some with maximum distances.
fn runs_of(rays: &[(Ray, f32)], spread: f32, random: &mut Random) -> Vec<(Ray, f32)> {
    let mut all = Vec::new();
    for (ray, tmax) in rays {
        for i in 0..8 {
            let (o, d) = (random.vector(0.1 * spread), random.vector(spread));
            let origin: [f32; 3] = std::array::from_fn(|a| ray.origin[a] + o[a]);
            let dir: [f32; 3] = std::array::from_fn(|a| ray.dir[a] + d[a]);
            all.push((Ray { origin: origin.into(), dir: dir.into() }, if i == 5 { 0.7 } else { *tmax }));
        }
    }
    all
}

#[test]
fn rays_together_hit_what_each_ray_hits_to_the_bit() {
    let turned = [0.0, -1.0, 0.0, 0.3, 1.0, 0.0, 0.0, -0.2, 0.0, 0.0, 1.0, 0.1];
    let back = [0.0, 1.0, 0.0, 0.2, -1.0, 0.0, 0.0, 0.3, 0.0, 0.0, 1.0, -0.1];
    for kernels in variants() {
        for (seed, shape) in shapes().enumerate() {
            let mut random = Random::new(40 + seed as u64);
            let one = vec![Arrays::random(shape, 3000, 0.1, &mut random)];
            let places = [vec![(0, IDENTITY, IDENTITY)], vec![(0, turned, back)]];
            let two = vec![Arrays::random(shape, 500, 0.2, &mut random), Arrays::random(shape, 3, 0.5, &mut random)];
            let several = vec![(0, IDENTITY, IDENTITY), (1, turned, back), (0, turned, back), (1, IDENTITY, IDENTITY)];
            let scenes = places.into_iter().map(|p| (one.clone(), p)).chain([(two, several)]);
            for (plots, places) in scenes {
                let world = World::placed(kernels, plots, places);
                // Rays of narrow runs stay together, those of wide ones differ even in the signs of their directions.
                for spread in [0.0, 1e-3, 0.1, 2.0] {
                    let rays = runs_of(&random_rays(300, &mut random), spread, &mut random);
                    let single: Vec<Hit> = rays.iter().flat_map(|&ray| world.closest(&[ray])).collect();
                    assert!(single.iter().any(|h| h.instance != NOTHING));
                    same_bits(&world.closest(&rays), &single);
                    same_bits(&world.closest_runs(&rays), &single);
                    let hit: Vec<bool> = single.iter().map(|h| h.instance != NOTHING).collect();
                    assert_eq!(world.occluded(&rays), hit);
                }
            }
        }
    }
}

#[test]
fn of_equal_distances_the_lower_instance_and_primitive_wins() {
    let spheres = Arrays::spheres(vec![[0.0; 3]; 50], |_| 0.5);
    let places = vec![(0, IDENTITY, IDENTITY); 20];
    let world = World::placed(variants()[0], vec![spheres], places);
    let rays = random_rays(500, &mut Random::new(2));
    let found = world.closest(&rays);
    assert!(found.iter().any(|h| h.instance == 0));
    assert!(found.iter().all(|h| h.instance == NOTHING || (h.instance, h.primitive) == (0, 0)));
}

/// Ties are slow in PLOC: without special care these take minutes, or give a tree as deep as there are spheres.
#[test]
fn builders_worst_cases_finish_and_are_hit() {
    let line = |n: usize| (0..n).map(|i| [i as f32 * 1e-3, 0.0, 0.0]).collect::<Vec<_>>();
    let grid = |n: usize| (0..n * n * n).map(|i| [i % n, i / n % n, i / n / n].map(|x| x as f32)).collect::<Vec<_>>();
    let cases = [
        Arrays::spheres(line(200_000), |_| 4e-4),
        Arrays::spheres(line(200_000), |_| 0.0),
        Arrays::spheres(vec![[0.0; 3]; 20_000], |_| 0.5),
        Arrays::spheres(vec![[1e6, -1e6, 1e6]; 20_000], |_| 0.5),
        Arrays::spheres(vec![[0.5; 3]; 20_000], |_| 0.0),
        Arrays::spheres(grid(40), |_| 0.3),
        // Nested: each encloses the one before.
        Arrays::spheres(vec![[0.0; 3]; 20_000], |i| 1.0001f32.powi(i as i32)),
        // Ever denser towards the origin.
        Arrays::spheres((0..20_000).map(|i| [0.999f32.powi(i), 0.0, 0.0]).collect(), |i| {
            0.0004 * 0.999f32.powi(i as i32)
        }),
    ];
    for (case, arrays) in cases.into_iter().enumerate() {
        let n = arrays.pos.len();
        let mut random = Random::new(case as u64);
        // Rays to spheres, from slightly outside of each.
        let rays: Vec<_> = (0..200)
            .map(|_| {
                let i = random.index(n);
                let (c, r, d) = (arrays.pos[i], arrays.r[i], random.direction());
                let from: [f32; 3] = std::array::from_fn(|a| c[a] - 1.5 * r * d[a]);
                (Ray { origin: from.into(), dir: d.into() }, f32::INFINITY)
            })
            .collect();
        let world = World::new(vec![arrays]);
        assert!(world.trees[0].depth() <= 36, "case {case} is {} deep", world.trees[0].depth());
        assert_agree(&world.closest(&rays[..50]), &world.reference(&rays[..50]), 5);
        let hits = world.closest(&rays).iter().filter(|h| h.instance != NOTHING).count();
        assert!(hits == 200 || world.plots[0].r[0] == 0.0, "case {case}: {hits} of 200 hit");
    }
}

#[test]
fn primitives_that_are_not_finite_are_not_hit_and_hide_nothing() {
    for shape in shapes() {
        for count in [8, 300, 20_000] {
            let mut random = Random::new(4);
            let clean = Arrays::random(shape, count, 0.1, &mut random);
            let mut dirty = clean.clone();
            // A segment may be that long, but a ball or box so far away is not seen.
            let far = if SHAPES[shape as usize].nodes > 1 { f32::NAN } else { 3e38 };
            let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, far];
            let mut removed = clean.clone();
            for i in (0..count).step_by(7) {
                let value = bad[random.index(4)];
                match random.index(3) {
                    0 => dirty.pos[i][random.index(3)] = value,
                    1 => dirty.r[i] = value,
                    _ => dirty.pos[i] = [value; 3],
                }
                if shape != Shape::Sphere as u32 {
                    dirty.u[i][random.index(3)] = value;
                }
                removed.r[i] = 0.0;
                (removed.u[i], removed.v[i], removed.w[i]) = ([0.0; 3], [0.0; 3], [0.0; 3]);
                if SHAPES[shape as usize].nodes > 1 {
                    // A node without a radius is the tip of a cone.
                    removed.pos[i] = [f32::NAN; 3];
                }
            }
            let rays = random_rays(2000, &mut random);
            same_bits(&World::new(vec![dirty]).closest(&rays), &World::new(vec![removed]).closest(&rays));
        }
    }
}

#[test]
fn flat_parallelepipeds_are_hit_like_their_faces() {
    let mut random = Random::new(8);
    // A square with any one of the three edges missing, and the same as a parallelogram.
    for missing in 0..3 {
        let mut flat = Arrays { shape: Shape::Parallelepiped as u32, ..Arrays::default() };
        let mut face = Arrays { shape: Shape::Parallelogram as u32, ..Arrays::default() };
        for _ in 0..200 {
            let (p, a, b) = (random.vector(1.0), random.vector(0.3), random.vector(0.3));
            let mut edges = [a, b, [0.0; 3]];
            edges.rotate_right((missing + 1) % 3);
            flat.pos.push(p);
            face.pos.push(p);
            flat.r.push(0.0);
            face.r.push(0.0);
            flat.u.push(edges[0]);
            flat.v.push(edges[1]);
            flat.w.push(edges[2]);
            face.u.push(a);
            face.v.push(b);
            face.w.push([0.0; 3]);
        }
        let rays = random_rays(5000, &mut random);
        let (flat, face) = (World::new(vec![flat]).closest(&rays), World::new(vec![face]).closest(&rays));
        let different = flat.iter().zip(&face).filter(|(a, b)| {
            a.instance != b.instance || a.instance != NOTHING && (a.t - b.t).abs() > 1e-5 * (1.0 + b.t)
        });
        let count = different.count();
        assert!(count <= 10, "{count} of {} differ", rays.len());
    }
}

/// Distances count from the origin, which may be inside, and end before `tmax`.
#[test]
fn only_hits_between_zero_and_tmax_count() {
    let sphere = World::new(vec![Arrays::spheres(vec![[0.0; 3]], |_| 1.0)]);
    let cube = World::new(vec![Arrays {
        shape: Shape::Parallelepiped as u32,
        pos: vec![[-1.0; 3]],
        r: vec![0.0],
        u: vec![[2.0, 0.0, 0.0]],
        v: vec![[0.0, 2.0, 0.0]],
        w: vec![[0.0, 0.0, 2.0]],
        ..Arrays::default()
    }]);
    let ray = |z: f32, tmax: f32| (Ray { origin: [0.0, 0.0, z].into(), dir: [0.0, -0.0, 1.0].into() }, tmax);
    for world in [&sphere, &cube] {
        let cases = [
            (ray(-3.0, f32::INFINITY), Some(2.0)),
            (ray(-3.0, 2.5), Some(2.0)),
            (ray(-3.0, 2.0), None),
            (ray(-3.0, 1.5), None),
            (ray(0.0, f32::INFINITY), Some(1.0)),
            (ray(0.0, 1.0), None),
            (ray(-1.0, f32::INFINITY), Some(2.0)),
            (ray(1.0, f32::INFINITY), None),
            (ray(1.5, f32::INFINITY), None),
        ];
        for (ray, expected) in cases {
            let hit = world.closest(&[ray])[0];
            assert_eq!((hit.instance != NOTHING).then_some(hit.t), expected, "{ray:?}");
            assert_eq!(world.occluded(&[ray])[0], expected.is_some(), "{ray:?}");
        }
    }
}

#[test]
fn primitives_with_nodes_of_their_own_are_those_of_the_reference() {
    let mut random = Random::new(12);
    let mut pairs = Arrays::random(Shape::Segment as u32, 601, 0.2, &mut random);
    pairs.step = 2;
    let world = World::new(vec![pairs]);
    let rays = random_rays(5000, &mut random);
    let found = world.closest(&rays);
    assert!(found.iter().any(|hit| hit.primitive == 300 || hit.instance == NOTHING));
    assert_same(&world, &found, &world.reference(&rays), rays.len() / 500);
    assert_located(&world, &rays, &found);
}
