//! Plots from plain arrays, with their trees, and rays through them.

use plotrt::cancel::CancelToken;
use plotrt::device::cpu::bvh::ffi::Plot;
use plotrt::device::cpu::bvh::{Bvh, TopBvh, Updated};
use plotrt::device::kernels::variants;
use plotrt::device::layout::{
    Attribute, GeometryData, Hit, InstanceData, KernelTable, MaterialData, NOTHING, Ray, SceneData,
};
use plotrt::scene::{CHANNELS, Channel, SHAPES, Shape};
use std::ptr;

/// Random numbers, the same on every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }
    /// A number in [0, 1).
    pub fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u32 << 24) as f32
    }
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }
    pub fn vector(&mut self, size: f32) -> [f32; 3] {
        std::array::from_fn(|_| self.range(-size, size))
    }
    pub fn direction(&mut self) -> [f32; 3] {
        loop {
            let v = self.vector(1.0);
            let length2 = v.iter().map(|x| x * x).sum::<f32>();
            if length2 > 0.01 && length2 <= 1.0 {
                return v.map(|x| x / length2.sqrt());
            }
        }
    }
    pub fn index(&mut self, count: usize) -> usize {
        (self.unit() * count as f32) as usize % count
    }
}

/// The arrays of a plot.
#[derive(Default, Clone)]
pub struct Arrays {
    pub shape: u32,
    pub pos: Vec<[f32; 3]>,
    pub r: Vec<f32>,
    pub u: Vec<[f32; 3]>,
    pub v: Vec<[f32; 3]>,
    pub w: Vec<[f32; 3]>,
}

impl Arrays {
    pub fn spheres(pos: Vec<[f32; 3]>, r: impl Fn(usize) -> f32) -> Self {
        let r = (0..pos.len()).map(r).collect();
        Arrays { shape: Shape::Sphere as u32, pos, r, ..Arrays::default() }
    }

    /// `count` random primitives of any size up to `size` in a cube of half width 1, some of them degenerate.
    pub fn random(shape: u32, count: usize, size: f32, random: &mut Random) -> Self {
        let mut arrays = Arrays { shape, ..Arrays::default() };
        let nodes = SHAPES[shape as usize].nodes;
        for i in 0..if count > 0 { count + nodes - 1 } else { 0 } {
            // Nodes that are connected are near each other.
            let start = random.vector(if nodes == 1 || i == 0 { 1.0 } else { 1.5 * size });
            let from = if nodes == 1 || i == 0 { [0.0; 3] } else { arrays.pos[i - 1] };
            arrays.pos.push(std::array::from_fn(|a| (from[a] + start[a]).clamp(-1.0, 1.0)));
            arrays.r.push(if i % 17 == 5 { 0.0 } else { random.range(0.01, 1.0) * size });
            let mut edges: [[f32; 3]; 3] = std::array::from_fn(|_| random.vector(size));
            if i % 3 == 0 {
                // Edges along the axes.
                for (a, edge) in edges.iter_mut().enumerate() {
                    *edge = std::array::from_fn(|b| if a == b { edge[b] } else { 0.0 });
                }
            }
            match i % 11 {
                3 => edges[2] = [0.0; 3],
                4 => edges[0] = [0.0; 3],
                5 => edges[1] = std::array::from_fn(|a| 0.3 * edges[0][a] - 0.8 * edges[2][a]),
                6 => edges[1] = edges[0],
                7 => edges[2] = edges[2].map(|x| x * 1e-4),
                _ => {}
            }
            arrays.u.push(edges[0]);
            arrays.v.push(edges[1]);
            arrays.w.push(edges[2]);
        }
        arrays
    }

    pub fn data(&self) -> GeometryData {
        let scalar = |values: &Vec<f32>| Attribute { data: values.as_ptr(), stride: 1, pad: 0 };
        let vector = |values: &Vec<[f32; 3]>| Attribute { data: values.as_ptr().cast(), stride: 3, pad: 0 };
        let attribute = CHANNELS.each_ref().map(|row| match row.channel {
            Channel::Pos => vector(&self.pos),
            Channel::R => scalar(&self.r),
            Channel::U => vector(&self.u),
            Channel::V => vector(&self.v),
            Channel::W => vector(&self.w),
            Channel::Color => Attribute { data: WHITE.as_ptr(), stride: 0, pad: 0 },
        });
        let (elements, nodes) = (self.pos.len(), SHAPES[self.shape as usize].nodes);
        GeometryData {
            attribute,
            shape: self.shape,
            count: (elements + 1).saturating_sub(nodes) as u32,
            elements: elements as u32,
            step: 1,
            accel: ptr::null(),
        }
    }
}

const WHITE: [f32; 3] = [1.0; 3];

pub const IDENTITY: [f32; 12] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// Plots with their trees, placed in the world.
pub struct World {
    pub kernels: &'static KernelTable,
    pub plots: Vec<Arrays>,
    geometries: Vec<GeometryData>,
    instances: Vec<InstanceData>,
    pub trees: Vec<Bvh>,
    top: TopBvh,
    material: MaterialData,
}

impl World {
    /// One instance of each plot, without a transform.
    pub fn new(plots: Vec<Arrays>) -> Self {
        Self::with_kernels(variants()[0], plots)
    }

    pub fn with_kernels(kernels: &'static KernelTable, plots: Vec<Arrays>) -> Self {
        let places = (0..plots.len()).map(|i| (i, IDENTITY, IDENTITY)).collect();
        Self::placed(kernels, plots, places)
    }

    /// `places`: index of the plot, world-to-object matrix, object-to-world matrix.
    pub fn placed(
        kernels: &'static KernelTable,
        plots: Vec<Arrays>,
        places: Vec<(usize, [f32; 12], [f32; 12])>,
    ) -> Self {
        let instance = |(geometry, world_from_object, object_from_world): (usize, [f32; 12], [f32; 12])| InstanceData {
            world_from_object,
            object_from_world,
            geometry: geometry as u32,
            material: 0,
            identity: u32::from(world_from_object == IDENTITY),
            pad: 0,
        };
        let mut world = World {
            kernels,
            geometries: Vec::new(),
            instances: places.into_iter().map(instance).collect(),
            trees: plots.iter().map(|_| Bvh::default()).collect(),
            plots,
            top: TopBvh::default(),
            material: MaterialData::default(),
        };
        for i in 0..world.plots.len() {
            let data = world.plots[i].data();
            // SAFETY: the arrays are all as long as the plot.
            world.trees[i].build(&unsafe { Plot::new(kernels.bvh, &data) }, &CancelToken::new()).unwrap();
        }
        world.finish();
        world
    }

    /// Changes a plot's data and updates its tree.
    pub fn update(&mut self, plot: usize, change: impl FnOnce(&mut Arrays)) -> Updated {
        change(&mut self.plots[plot]);
        let data = self.plots[plot].data();
        // SAFETY: the arrays are all as long as the plot.
        let plotted = unsafe { Plot::new(self.kernels.bvh, &data) };
        let updated = self.trees[plot].update(&plotted, &CancelToken::new()).unwrap();
        self.finish();
        updated
    }

    fn finish(&mut self) {
        self.geometries = self.plots.iter().map(Arrays::data).collect();
        for (data, tree) in self.geometries.iter_mut().zip(&self.trees) {
            data.accel = tree.accel();
        }
        let bounds: Vec<_> = self.trees.iter().map(Bvh::bounds).collect();
        self.top.build(&self.instances, &bounds);
    }

    pub fn scene(&self) -> SceneData {
        SceneData {
            geometries: self.geometries.as_ptr(),
            instances: self.instances.as_ptr(),
            materials: &self.material,
            accel: self.top.accel(),
            instance_count: self.instances.len() as u32,
            ..SceneData::default()
        }
    }

    /// The point that face and coordinates of a hit give, as shading computes it.
    pub fn point(&self, ray: &Ray, hit: &Hit) -> [f32; 3] {
        let (origin, dir): ([f32; 3], [f32; 3]) = (ray.origin.into(), ray.dir.into());
        let place = [hit.t, hit.instance as f32, hit.primitive as f32, hit.face as f32, hit.u, hit.v];
        // SAFETY: the scene is complete.
        let surface = unsafe { self.kernels.probe("surface", &self.scene(), &[&origin[..], &dir, &place].concat()) };
        [surface[0], surface[1], surface[2]]
    }

    pub fn closest(&self, rays: &[(Ray, f32)]) -> Vec<Hit> {
        self.hits(rays, self.kernels.bvh.closest)
    }

    /// Hits by brute force, in double precision.
    pub fn reference(&self, rays: &[(Ray, f32)]) -> Vec<Hit> {
        self.hits(rays, self.kernels.bvh.closest_reference.expect("tests are built with `testing`"))
    }

    /// Hits by runs of eight rays.
    pub fn closest_runs(&self, rays: &[(Ray, f32)]) -> Vec<Hit> {
        assert_eq!(rays.len() % 8, 0);
        self.hits(rays, self.kernels.bvh.closest_runs)
    }

    fn hits(
        &self,
        rays: &[(Ray, f32)],
        find: unsafe extern "C" fn(*const SceneData, *const Ray, *const f32, *mut Hit, usize),
    ) -> Vec<Hit> {
        let miss = Hit { t: 0.0, instance: NOTHING, primitive: 0, face: 0, u: 0.0, v: 0.0 };
        let mut hits = vec![miss; rays.len()];
        let (rays, tmax): (Vec<Ray>, Vec<f32>) = rays.iter().copied().unzip();
        // SAFETY: the scene is complete, and all arrays are as long as the rays.
        unsafe { find(&self.scene(), rays.as_ptr(), tmax.as_ptr(), hits.as_mut_ptr(), rays.len()) };
        hits
    }

    pub fn occluded(&self, rays: &[(Ray, f32)]) -> Vec<bool> {
        let mut out = vec![2u32; rays.len()];
        let (rays, tmax): (Vec<Ray>, Vec<f32>) = rays.iter().copied().unzip();
        // SAFETY: as above.
        unsafe {
            (self.kernels.bvh.occluded)(&self.scene(), rays.as_ptr(), tmax.as_ptr(), out.as_mut_ptr(), rays.len());
        }
        out.iter().map(|&x| x == 1).collect()
    }
}

/// Rays from inside and outside a cube of half width 1, some along axes, some starting on a grid.
pub fn random_rays(count: usize, random: &mut Random) -> Vec<(Ray, f32)> {
    (0..count)
        .map(|i| {
            let origin = random.vector(if i % 2 == 0 { 1.0 } else { 4.0 });
            let target = random.vector(1.0);
            let mut dir: [f32; 3] = std::array::from_fn(|a| target[a] - origin[a]);
            match i % 7 {
                1 => dir[random.index(3)] = 0.0,
                2 => dir[random.index(3)] = -0.0,
                3 => {
                    let axis = random.index(3);
                    dir = std::array::from_fn(|a| if a == axis { dir[a] } else { 0.0 * dir[a] });
                }
                _ => {}
            }
            let length = dir.iter().map(|x| x * x).sum::<f32>().sqrt();
            let dir = if length > 0.0 { dir.map(|x| x / length) } else { [0.0, 0.0, 1.0] };
            let tmax = if i % 5 == 0 { random.range(0.1, 3.0) } else { f32::INFINITY };
            (Ray { origin: origin.into(), dir: dir.into() }, tmax)
        })
        .collect()
}

/// All shapes of the kernels.
pub fn shapes() -> impl Iterator<Item = u32> {
    SHAPES.iter().map(|row| row.shape as u32)
}
