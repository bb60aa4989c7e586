//! A scene on the card, and the transition from one to the next.
//!
//! A change first allocates all the memory that it needs, beside that of the present scene: if there is too little, the
//! old scene stays as it was. Only then is anything written.

use super::accel::{Accel, Over, Planned, Purpose};
use super::arrivals::Arrivals;
use super::gpu::Gpu;
use super::memory::{Memory, Pool};
use super::plot::{Outcome, Plot, Staged, pointer};
use super::programs::{Header, Kernels, Levels, Pipeline, Pipelines, Variant};
use super::staging::Staging;
use super::texture::{CardTexture, Presence};
use crate::Result;
use crate::device::Applied;
use crate::device::layout::{
    GeometryData, HitGroupData, InstanceData, LightData, MaterialData, NO_TEXTURE, SceneData, TextureData,
};
use crate::device::upload::{Upload, byte_values};
use crate::scene::{CameraKind, MaterialKind, Scene, Shape};
use glam::DVec3;
use indexmap::IndexMap;
use optix_sys::{OPTIX_SBT_RECORD_ALIGNMENT, OptixInstance, OptixShaderBindingTable};

/// The data of launches, with all that it points to.
#[derive(Default)]
pub struct OptixScene {
    /// The kernels' view with addresses of the card.
    pub data: SceneData,
    /// The kernels' origin in the world.
    pub origin: DVec3,
    pub sbt: OptixShaderBindingTable,
    /// The kind of pipeline that `sbt` is for.
    pub variant: Variant,
    plots: IndexMap<String, Plot>,
    textures: Vec<CardTexture>,
    /// Kept alive for `data` and `sbt`.
    _tables: Option<Memory>,
    _top: Option<Accel>,
}

// SAFETY: the pointers are addresses of the card, which the struct owns.
unsafe impl Send for OptixScene {}

/// The resources for a change of scene.
pub struct Tools<'a> {
    pub gpu: &'a Gpu,
    pub pool: &'a Pool,
    pub pipelines: &'a Pipelines,
    pub kernels: &'a Kernels,
    pub staging: &'a mut Staging,
    pub arrivals: &'a Arrivals,
    /// False: moved plots are rebuilt.
    pub may_refit: bool,
}

impl OptixScene {
    /// Whether it has plots that have moved, and are expected to move again.
    pub fn is_moving(&self) -> bool {
        self.plots.values().any(Plot::is_moving)
    }

    /// The card's version of `scene`, which shares unchanged plots with the present one. On an error the present one
    /// stays as it was.
    pub fn next(&self, tools: &mut Tools, scene: &Scene) -> Result<(OptixScene, Applied)> {
        let upload = Upload::new(scene)?;
        let Tools { gpu, pool, .. } = *tools;

        // Allocates all memory.
        let mut staged = Vec::with_capacity(upload.plots.len());
        let (mut temp_bytes, mut bounds_bytes) = (0, 0);
        for ((name, source), host) in upload.plots.iter().zip(&upload.geometries) {
            let old = self.plots.get(name);
            // SAFETY: the upload describes its plots and keeps them alive.
            let plot = unsafe { Staged::new(gpu, pool, tools.arrivals, name, *host, source, old, tools.may_refit)? };
            let (temp, bounds) = plot.scratch();
            (temp_bytes, bounds_bytes) = (temp_bytes.max(temp), bounds_bytes.max(bounds));
            staged.push((name.clone(), plot));
        }
        let images = upload.images.iter();
        let textures: Vec<_> = images
            .map(|(name, image)| CardTexture::new(gpu, pool, tools.arrivals, name, image, &self.textures))
            .collect::<Result<_>>()?;
        let top = match &upload.instances[..] {
            // Rays enter the only plot directly.
            [] | [InstanceData { identity: 1, .. }] => None,
            instances => {
                let count = instances.len() as u32;
                let over = Over::Instances { address: 0, count };
                Some(over.plan(gpu, pool, Purpose::Instances, "the structure over the plots")?)
            }
        };
        temp_bytes = temp_bytes.max(top.as_ref().map_or(0, |top| top.temp_bytes));
        let temp = pool.take(gpu, temp_bytes, "temporary data of an acceleration structure")?;
        let bounds = pool.take(gpu, bounds_bytes, "bounds of the primitives")?;
        let layout = TableLayout::of(&upload);
        let tables = pool.take(gpu, layout.bytes, "the tables of the scene")?;

        // SAFETY: `upload` describes the scene and keeps its buffers alive; nothing is being traced; all memory lives
        // until the card has finished below.
        let filled = unsafe { self.fill(tools, upload, staged, textures, top, (temp, bounds), layout, tables) };
        if filled.is_err() {
            // The memory is free for others now, so the card must not write to it any more. That this fails, too, is
            // expected.
            let _ = tools.staging.finish();
            let _ = gpu.finish("building acceleration structures");
        }
        filled
    }

    /// A binding table for other programs over the present structures, valid as long as `self` lives.
    pub fn table_for(
        &self,
        gpu: &Gpu,
        pool: &Pool,
        pipelines: &Pipelines,
    ) -> Result<(Memory, OptixShaderBindingTable)> {
        let pipeline = pipelines.of(gpu, self.variant)?;
        let hits = hit_records(gpu, pipeline, &self.plots)?;
        const RECORD: usize = size_of::<Header>();
        let mut bytes = vec![0; 2 * RECORD + size_of_val(&hits[..])];
        put(&mut bytes, &[pipeline.raygen_header(gpu)?, pipeline.miss_header(gpu)?]);
        put(&mut bytes[2 * RECORD..], &hits);
        let memory = pool.send(gpu, &bytes)?;
        let at = |record: usize| memory.address() + (record * RECORD) as u64;
        let table = binding_table([at(0), at(1), at(2)], hits.len());
        Ok((memory, table))
    }

    /// Names of the plots, in the order of their instances.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.plots.keys()
    }

    #[allow(clippy::too_many_arguments)]
    unsafe fn fill(
        &self,
        tools: &mut Tools,
        upload: Upload,
        staged: Vec<(String, Staged)>,
        textures: Vec<(CardTexture, Presence)>,
        top: Option<Planned>,
        (temp, bounds): (Memory, Memory),
        layout: TableLayout,
        tables: Memory,
    ) -> Result<(OptixScene, Applied)> {
        let Tools { gpu, pool, pipelines, kernels, .. } = *tools;
        let staging = &mut *tools.staging;
        for (_, plot) in &staged {
            // SAFETY: as required of the caller.
            unsafe { plot.upload(staging)? };
        }
        for (texture, presence) in &textures {
            if *presence == Presence::Missing {
                // SAFETY: as required of the caller.
                unsafe { texture.upload(staging)? };
            }
        }
        staging.join(&gpu.stream)?;
        let mut plots = IndexMap::with_capacity(staged.len());
        let mut applied = Applied::default();
        applied.sent_ahead += textures.iter().filter(|(_, presence)| *presence == Presence::Arrived).count();
        let textures: Vec<CardTexture> = textures.into_iter().map(|(texture, _)| texture).collect();
        for (name, plot) in staged {
            applied.sent_ahead += plot.sent_ahead;
            // SAFETY: as required of the caller.
            let (mut plot, outcome) = unsafe { plot.build(gpu, kernels, &temp, &bounds)? };
            match outcome {
                Outcome::Kept => {}
                Outcome::Refitted => applied.refitted.push(name.clone()),
                Outcome::Rebuilt => {
                    applied.rebuilt.push(name.clone());
                    if plot.accel.is_worth_compacting() {
                        plot.accel.compact(gpu, pool)?;
                    }
                }
            }
            plots.insert(name, plot);
        }

        let levels = if top.is_some() { Levels::Two } else { Levels::One };
        let variant = Variant { levels, plain: is_plain(&upload) };
        let pipeline = pipelines.of(gpu, variant)?;
        let (bytes, mut next) = layout.fill(gpu, pipeline, &upload, &plots, &textures, tables.address())?;
        next.variant = variant;
        // SAFETY: the tables are large enough, and new.
        unsafe { staging.upload_at_once(tables.address(), &bytes)? };
        staging.join(&gpu.stream)?;
        if let Some(top) = top {
            let address = tables.address() + layout.traversed as u64;
            let over = Over::Instances { address, count: upload.instances.len() as u32 };
            // SAFETY: the instances are on the card by then.
            let top = unsafe { top.build(gpu, over, &temp)? };
            next.data.accel = pointer(top.handle);
            next._top = Some(top);
        } else if let Some(plot) = plots.values().next() {
            next.data.accel = pointer(plot.accel.handle);
        }
        // The temporary memory may be reused from now on.
        gpu.finish("building acceleration structures")?;
        (next.plots, next._tables) = (plots, Some(tables));
        next.textures = textures;
        let arrays = next.plots.values().flat_map(Plot::sources);
        tools.arrivals.settle(arrays.chain(next.textures.iter().map(CardTexture::source)).collect());
        Ok((next, applied))
    }
}

/// Whether a scene has only what `kernels/optix/path_plain.cu` knows. Every other kind needs the whole path loop.
fn is_plain(upload: &Upload) -> bool {
    const SHAPES: [Shape; 3] = [Shape::Sphere, Shape::Parallelogram, Shape::Parallelepiped];
    const MATERIALS: [MaterialKind; 3] = [MaterialKind::Flat, MaterialKind::Cosine, MaterialKind::Diffuse];
    const CAMERAS: [CameraKind; 3] = [CameraKind::Pinhole, CameraKind::ThinLens, CameraKind::Ortho];
    let plain_shape = |plot: &GeometryData| SHAPES.iter().any(|&shape| shape as u32 == plot.shape);
    let plain_material = |material: &MaterialData| {
        MATERIALS.iter().any(|&kind| kind as u32 == material.kind)
            && material.texture.iter().all(|&texture| texture == NO_TEXTURE)
    };
    let camera = upload.data().camera.kind;
    upload.geometries.iter().all(plain_shape)
        && upload.materials.iter().all(plain_material)
        && CAMERAS.iter().any(|&kind| kind as u32 == camera)
}

/// Byte offsets of the tables of a scene in one block of memory.
struct TableLayout {
    geometries: usize,
    instances: usize,
    lights: usize,
    materials: usize,
    textures: usize,
    byte_values: usize,
    /// Instances in OptiX's format.
    traversed: usize,
    raygen: usize,
    miss: usize,
    hits: usize,
    bytes: usize,
}

/// A record of the binding table for a hit group.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct HitRecord {
    header: Header,
    data: HitGroupData,
}
const _: () = assert!(align_of::<HitRecord>() == OPTIX_SBT_RECORD_ALIGNMENT);

impl TableLayout {
    fn of(upload: &Upload) -> TableLayout {
        let mut bytes = 0;
        let mut place = |size: usize, count: usize| {
            let start = bytes;
            // Instances have the strictest alignment.
            bytes = (start + size * count).next_multiple_of(64);
            start
        };
        let plots = upload.geometries.len();
        TableLayout {
            geometries: place(size_of::<GeometryData>(), plots),
            instances: place(size_of::<InstanceData>(), plots),
            lights: place(size_of::<LightData>(), upload.lights.len()),
            materials: place(size_of::<MaterialData>(), upload.materials.len()),
            textures: place(size_of::<TextureData>(), upload.textures.len()),
            byte_values: place(size_of_val(byte_values()), 1),
            traversed: place(size_of::<OptixInstance>(), plots),
            raygen: place(size_of::<Header>(), 1),
            miss: place(size_of::<Header>(), 1),
            hits: place(size_of::<HitRecord>(), plots.max(1)),
            bytes,
        }
    }

    /// The contents of the tables, and a scene that refers to them at `base`.
    fn fill(
        &self,
        gpu: &Gpu,
        pipeline: &Pipeline,
        upload: &Upload,
        plots: &IndexMap<String, Plot>,
        textures: &[CardTexture],
        base: u64,
    ) -> Result<(Vec<u8>, OptixScene)> {
        let geometries: Vec<GeometryData> = plots.values().map(|plot| plot.data).collect();
        let traversed: Vec<OptixInstance> = upload
            .instances
            .iter()
            .zip(plots.values())
            .map(|(instance, plot)| OptixInstance {
                transform: instance.world_from_object,
                instance_id: instance.geometry,
                sbt_offset: instance.geometry,
                visibility_mask: 255,
                traversable_handle: plot.accel.handle,
                ..Default::default()
            })
            .collect();
        let hits = hit_records(gpu, pipeline, plots)?;
        let mut bytes = vec![0; self.bytes];
        put(&mut bytes[self.geometries..], &geometries);
        put(&mut bytes[self.instances..], &upload.instances);
        put(&mut bytes[self.lights..], &upload.lights);
        put(&mut bytes[self.materials..], &upload.materials);
        let images = upload.textures.iter().zip(textures);
        let images: Vec<TextureData> =
            images.map(|(data, texture)| TextureData { texels: pointer(texture.address()), ..*data }).collect();
        put(&mut bytes[self.textures..], &images);
        put(&mut bytes[self.byte_values..], byte_values());
        put(&mut bytes[self.traversed..], &traversed);
        put(&mut bytes[self.raygen..], &[pipeline.raygen_header(gpu)?]);
        put(&mut bytes[self.miss..], &[pipeline.miss_header(gpu)?]);
        put(&mut bytes[self.hits..], &hits);

        let at = |offset: usize| base + offset as u64;
        let scene = OptixScene {
            data: SceneData {
                geometries: pointer(at(self.geometries)),
                instances: pointer(at(self.instances)),
                lights: pointer(at(self.lights)),
                materials: pointer(at(self.materials)),
                textures: pointer(at(self.textures)),
                byte_values: pointer(at(self.byte_values)),
                accel: std::ptr::null(), // nothing to hit
                ..*upload.data()
            },
            origin: upload.origin,
            sbt: binding_table([self.raygen, self.miss, self.hits].map(at), hits.len()),
            ..OptixScene::default()
        };
        Ok((bytes, scene))
    }
}

/// A record for each plot; without plots one that is never used.
fn hit_records(gpu: &Gpu, pipeline: &Pipeline, plots: &IndexMap<String, Plot>) -> Result<Vec<HitRecord>> {
    let mut hits = Vec::with_capacity(plots.len());
    for plot in plots.values() {
        let header = pipeline.hit_header(gpu, plot.data.shape)?;
        hits.push(HitRecord { header, data: HitGroupData { primitives: plot.data.accel } });
    }
    if hits.is_empty() {
        // OptiX refuses a table without a record, even without geometry.
        let header = pipeline.hit_header(gpu, Shape::Sphere as u32)?;
        hits.push(HitRecord { header, data: HitGroupData { primitives: std::ptr::null() } });
    }
    Ok(hits)
}

/// Makes the binding table from the addresses of the records of ray generation and misses, and of the first of `hits`
/// records for hits.
fn binding_table([raygen, miss, hit]: [u64; 3], hits: usize) -> OptixShaderBindingTable {
    OptixShaderBindingTable {
        raygen_record: raygen,
        miss_record_base: miss,
        miss_record_stride_in_bytes: size_of::<Header>() as u32,
        miss_record_count: 1,
        hitgroup_record_base: hit,
        hitgroup_record_stride_in_bytes: size_of::<HitRecord>() as u32,
        hitgroup_record_count: hits as u32,
        ..Default::default()
    }
}

/// Copies plain data to the start of `bytes`.
fn put<T: Copy>(bytes: &mut [u8], items: &[T]) {
    let size = size_of_val(items);
    // SAFETY: the items as bytes. Their padding is copied, too, and never read as anything but bytes.
    unsafe { std::ptr::copy_nonoverlapping(items.as_ptr().cast(), bytes[..size].as_mut_ptr(), size) };
}
