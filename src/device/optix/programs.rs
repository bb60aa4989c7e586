//! The compiled kernels: OptiX programs in a pipeline, and CUDA kernels in modules.

use super::driver::describe;
use super::gpu::{Gpu, check, cuda};
use crate::device::layout::BLOCK;
use crate::scene::{SHAPES, Shape};
use crate::{Error, Result};
use cust::module::Module;
use optix_sys::*;
use std::cell::OnceCell;
use std::ffi::{CStr, CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use std::time::Instant;

const GEOMETRY: &str = include_str!("../../../kernels/ptx/geometry.ptx");
const FILM: &str = include_str!("../../../kernels/ptx/film.ptx");

/// 32-bit values of a ray's payload: `kPayloadValues` in `kernels/optix/device_api.h`.
const PAYLOAD_VALUES: i32 = 3;

/// The source of a pipeline, and the names of its programs. All have the miss program `__miss__none`.
#[derive(Debug, Clone, Copy)]
pub struct Programs {
    ptx: &'static str,
    /// The same for plain scenes, if that is faster: see [`Variant`].
    plain_ptx: Option<&'static str>,
    raygen: &'static CStr,
    /// Whether there is an intersection program for each shape; otherwise all shapes are treated as spheres.
    all_shapes: bool,
    /// The closest-hit program.
    closest_hit: Option<&'static CStr>,
}

/// The path loop.
pub const PATH: Programs = Programs {
    ptx: include_str!("../../../kernels/ptx/path.ptx"),
    plain_ptx: Some(include_str!("../../../kernels/ptx/path_plain.ptx")),
    raygen: c"__raygen__path",
    all_shapes: true,
    closest_hit: None,
};
/// Ray queries.
pub const INTERSECT: Programs = Programs {
    ptx: include_str!("../../../kernels/ptx/intersect.ptx"),
    plain_ptx: None,
    raygen: c"__raygen__intersect",
    all_shapes: true,
    closest_hit: None,
};
/// Normals of spheres, for a benchmark; all shapes are treated as spheres.
#[cfg(feature = "testing")]
pub const BARE: Programs = Programs {
    ptx: include_str!("../../../kernels/ptx/bare.ptx"),
    plain_ptx: None,
    raygen: c"__raygen__bare",
    all_shapes: false,
    closest_hit: Some(c"__closesthit__sphere"),
};
/// Rays are traced from the ray generation program only.
const TRACE_DEPTH: u32 = 1;
/// Threads that compile: more would have no work.
const COMPILERS: usize = 8;

/// What rays traverse. A pipeline that allows both is slower in either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Levels {
    /// The structure of one plot.
    #[default]
    One,
    /// A structure over instances of plots.
    Two,
}

/// What a pipeline is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Variant {
    pub levels: Levels,
    /// The scene has nothing but what `kernels/optix/path_plain.cu` knows.
    pub plain: bool,
}

/// A pipeline of the same programs for each variant, compiled when the first scene needs it.
pub struct Pipelines {
    programs: Programs,
    ready: [[OnceCell<Pipeline>; 2]; 2],
}

impl Pipelines {
    /// Compiles the simplest variant.
    pub fn new(gpu: &Gpu, programs: Programs) -> Result<Pipelines> {
        let pipelines = Pipelines { programs, ready: Default::default() };
        pipelines.of(gpu, Variant { levels: Levels::One, plain: true })?;
        Ok(pipelines)
    }

    pub fn of(&self, gpu: &Gpu, variant: Variant) -> Result<&Pipeline> {
        let plain = variant.plain && self.programs.plain_ptx.is_some();
        let place = &self.ready[variant.levels as usize][usize::from(plain)];
        match place.get() {
            Some(pipeline) => Ok(pipeline),
            None => {
                let ptx = if plain { self.programs.plain_ptx.unwrap_or(self.programs.ptx) } else { self.programs.ptx };
                let pipeline = Pipeline::new(gpu, &Programs { ptx, ..self.programs }, variant.levels)?;
                Ok(place.get_or_init(|| pipeline))
            }
        }
    }
}

/// Programs, ready to launch.
pub struct Pipeline {
    pipeline: OptixPipeline,
    raygen: OptixProgramGroup,
    miss: OptixProgramGroup,
    /// One hit group for each shape.
    hits: Vec<OptixProgramGroup>,
}

/// The first bytes of a record in a shader binding table.
pub type Header = [u8; OPTIX_SBT_RECORD_HEADER_SIZE];

impl Pipeline {
    /// Compiles, or loads from OptiX's cache on the disk.
    fn new(gpu: &Gpu, programs: &Programs, levels: Levels) -> Result<Pipeline> {
        let begin = Instant::now();
        let options = OptixPipelineCompileOptions {
            traversable_graph_flags: match levels {
                Levels::One => OptixTraversableGraphFlags::ALLOW_SINGLE_GAS,
                Levels::Two => OptixTraversableGraphFlags::ALLOW_SINGLE_LEVEL_INSTANCING,
            },
            num_payload_values: PAYLOAD_VALUES,
            num_attribute_values: 2, // the fewest that are allowed; none is used
            pipeline_launch_params_variable_name: c"params".as_ptr(),
            uses_primitive_type_flags: OptixPrimitiveTypeFlags::CUSTOM,
            ..Default::default()
        };
        let module = compile(gpu, programs.ptx, &options)?;
        let single = |name: &'static CStr| OptixProgramGroupSingleModule { module, entry_function_name: name.as_ptr() };
        let intersections: Vec<CString> = SHAPES
            .iter()
            .map(|row| if programs.all_shapes { row.shape } else { Shape::Sphere })
            .map(|shape| CString::new(format!("__intersection__{}", shape.name())).unwrap_or_default())
            .collect();
        let intersection = |name: &CString| {
            let (module_ch, entry_function_name_ch) =
                programs.closest_hit.map_or((OptixModule::NULL, null()), |name| (module, name.as_ptr()));
            OptixProgramGroupDesc::hitgroup(OptixProgramGroupHitgroup {
                module_ch,
                entry_function_name_ch,
                module_is: module,
                entry_function_name_is: name.as_ptr(),
                ..Default::default()
            })
        };
        let mut descriptions = vec![
            OptixProgramGroupDesc::raygen(single(programs.raygen)),
            OptixProgramGroupDesc::miss(single(c"__miss__none")),
        ];
        descriptions.extend(intersections.iter().map(intersection));
        let mut groups = vec![OptixProgramGroup::NULL; descriptions.len()];
        let mut pipeline = OptixPipeline::NULL;
        // SAFETY: live handles, and pointers to living data with its lengths. Nothing is destroyed again: a device
        // lives as long as the program, and its context destroys everything with it.
        unsafe {
            check(
                "optixProgramGroupCreate",
                (gpu.optix.optixProgramGroupCreate)(
                    gpu.context,
                    descriptions.as_ptr(),
                    descriptions.len() as u32,
                    &OptixProgramGroupOptions::default(),
                    null_mut(),
                    null_mut(),
                    groups.as_mut_ptr(),
                ),
            )?;
            check(
                "optixPipelineCreate",
                (gpu.optix.optixPipelineCreate)(
                    gpu.context,
                    &options,
                    &OptixPipelineLinkOptions { max_trace_depth: TRACE_DEPTH },
                    groups.as_ptr(),
                    groups.len() as u32,
                    null_mut(),
                    null_mut(),
                    &mut pipeline,
                ),
            )?;
        }
        let pipeline = Pipeline { pipeline, raygen: groups[0], miss: groups[1], hits: groups[2..].to_vec() };
        pipeline.set_stack(gpu, levels, &groups)?;
        tracing::debug!(raygen = ?programs.raygen, ?levels, took = ?begin.elapsed(), "pipeline ready");
        Ok(pipeline)
    }

    /// Sets the stack size that the programs need and no more: it is reserved for every thread of the card.
    fn set_stack(&self, gpu: &Gpu, levels: Levels, groups: &[OptixProgramGroup]) -> Result<()> {
        let mut most = OptixStackSizes::default();
        for &group in groups {
            let mut sizes = OptixStackSizes::default();
            // SAFETY: a group of this pipeline.
            let result = unsafe { (gpu.optix.optixProgramGroupGetStackSize)(group, &mut sizes, self.pipeline) };
            check("optixProgramGroupGetStackSize", result)?;
            most.css_rg = most.css_rg.max(sizes.css_rg);
            most.css_ms = most.css_ms.max(sizes.css_ms);
            most.css_ch = most.css_ch.max(sizes.css_ch);
            most.css_ah = most.css_ah.max(sizes.css_ah);
            most.css_is = most.css_is.max(sizes.css_is);
        }
        let below = most.css_ms.max(most.css_ch).max(most.css_is + most.css_ah);
        let depth = if levels == Levels::One { 1 } else { 2 };
        let continuation = most.css_rg + TRACE_DEPTH * below;
        tracing::debug!(?most, continuation, "stack");
        // SAFETY: a live pipeline.
        let result = unsafe { (gpu.optix.optixPipelineSetStackSize)(self.pipeline, 0, 0, continuation, depth) };
        check("optixPipelineSetStackSize", result)
    }

    /// Enqueues a launch. `params` are an address of the card and a number of bytes.
    ///
    /// # Safety
    /// `sbt` is of this pipeline, the parameters are those of its programs, and all that they point to lives until the
    /// card has finished.
    pub unsafe fn launch(
        &self,
        gpu: &Gpu,
        sbt: &OptixShaderBindingTable,
        params: (CUdeviceptr, usize),
        (width, height): (u32, u32),
    ) -> Result<()> {
        let stream = gpu.stream.as_inner().cast();
        // SAFETY: as required of the caller.
        let launched =
            unsafe { (gpu.optix.optixLaunch)(self.pipeline, stream, params.0, params.1, sbt, width, height, 1) };
        check("optixLaunch", launched)
    }

    pub fn raygen_header(&self, gpu: &Gpu) -> Result<Header> {
        header(gpu, self.raygen)
    }

    pub fn miss_header(&self, gpu: &Gpu) -> Result<Header> {
        header(gpu, self.miss)
    }

    /// `shape` is `GeometryData::shape`.
    pub fn hit_header(&self, gpu: &Gpu, shape: u32) -> Result<Header> {
        header(gpu, self.hits[shape as usize])
    }
}

fn header(gpu: &Gpu, group: OptixProgramGroup) -> Result<Header> {
    let mut header = [0; OPTIX_SBT_RECORD_HEADER_SIZE];
    // SAFETY: a live group, and as many bytes as a header has.
    let result = unsafe { (gpu.optix.optixSbtRecordPackHeader)(group, header.as_mut_ptr().cast()) };
    check("optixSbtRecordPackHeader", result)?;
    Ok(header)
}

/// Compiles programs on several threads.
fn compile(gpu: &Gpu, ptx: &str, options: &OptixPipelineCompileOptions) -> Result<OptixModule> {
    let (mut module, mut task) = (OptixModule::NULL, OptixTask::NULL);
    // SAFETY: live pointers with their lengths.
    let result = unsafe {
        (gpu.optix.optixModuleCreateWithTasks)(
            gpu.context,
            &OptixModuleCompileOptions::default(),
            options,
            ptx.as_ptr().cast(),
            ptx.len(),
            null_mut(),
            null_mut(),
            &mut module,
            &mut task,
        )
    };
    check("optixModuleCreateWithTasks", result)?;
    Compilation::new(task).run(gpu)?;
    let mut state = OptixModuleCompileState::NOT_STARTED;
    // SAFETY: a live module.
    check("optixModuleGetCompilationState", unsafe { (gpu.optix.optixModuleGetCompilationState)(module, &mut state) })?;
    if state != OptixModuleCompileState::COMPLETED {
        return Err(
            Error::device("OptiX does not compile the kernels").hint("run with `--log debug` to see its messages")
        );
    }
    Ok(module)
}

/// Tasks of a compilation: each may create others.
struct Compilation {
    waiting: Mutex<(Vec<OptixTask>, usize)>,
    more: std::sync::Condvar,
}

impl Compilation {
    fn new(first: OptixTask) -> Self {
        Compilation { waiting: Mutex::new((vec![first], 0)), more: std::sync::Condvar::new() }
    }

    fn run(&self, gpu: &Gpu) -> Result<()> {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(COMPILERS);
        std::thread::scope(|scope| {
            let others: Vec<_> =
                (1..threads).map(|_| scope.spawn(|| gpu.enter().and_then(|()| self.work(gpu)))).collect();
            let mut result = self.work(gpu);
            for other in others {
                let ended = other.join().unwrap_or_else(|_| Err(Error::device("a compiling thread died")));
                result = result.and(ended);
            }
            result
        })
    }

    /// Executes tasks until none is left, and none is running that could create others.
    fn work(&self, gpu: &Gpu) -> Result<()> {
        let mut result = Ok(());
        while let Some(task) = self.next() {
            let mut brought = [OptixTask::NULL; 16];
            let mut count = 0;
            // SAFETY: each task is executed once, with room for as many others as is passed.
            let executed =
                unsafe { (gpu.optix.optixTaskExecute)(task, brought.as_mut_ptr(), brought.len() as u32, &mut count) };
            result = result.and(check("optixTaskExecute", executed));
            self.done(&brought[..(count as usize).min(brought.len())]);
        }
        result
    }

    /// Waits for a task; `None` when all are done.
    fn next(&self) -> Option<OptixTask> {
        let mut waiting = self.waiting.lock().ok()?;
        loop {
            if let Some(task) = waiting.0.pop() {
                waiting.1 += 1;
                return Some(task);
            }
            if waiting.1 == 0 {
                return None;
            }
            waiting = self.more.wait(waiting).ok()?;
        }
    }

    fn done(&self, brought: &[OptixTask]) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.0.extend_from_slice(brought);
            waiting.1 -= 1;
        }
        self.more.notify_all();
    }
}

/// The CUDA kernels.
pub struct Kernels {
    geometry: Module,
    film: Module,
}

impl Kernels {
    /// Compiles for this card, or loads from the driver's cache on the disk.
    pub fn new(gpu: &Gpu) -> Result<Kernels> {
        gpu.enter()?;
        let begin = Instant::now();
        let kernels = Kernels { geometry: load("geometry", GEOMETRY)?, film: load("film", FILM)? };
        tracing::debug!(took = ?begin.elapsed(), "kernels ready");
        Ok(kernels)
    }

    /// Launches a kernel of `geometry.cu`, with a thread for each of `count` items.
    ///
    /// # Safety
    /// `arguments` point to the kernel's arguments, and all that those point to is valid until the kernel has run.
    pub unsafe fn geometry(&self, gpu: &Gpu, name: &str, count: u64, arguments: &[*mut c_void]) -> Result<()> {
        // SAFETY: as required of the caller.
        unsafe { launch(gpu, &self.geometry, name, count, arguments) }
    }

    /// Launches a kernel of `film.cu`.
    ///
    /// # Safety
    /// The same as for [`Kernels::geometry`].
    pub unsafe fn film(&self, gpu: &Gpu, name: &str, count: u64, arguments: &[*mut c_void]) -> Result<()> {
        // SAFETY: as required of the caller.
        unsafe { launch(gpu, &self.film, name, count, arguments) }
    }
}

/// Compiles CUDA kernels for the card that is current.
pub fn load(name: &str, ptx: &str) -> Result<Module> {
    Module::from_ptx(ptx, &[])
        .map_err(|error| Error::device(format!("the driver does not compile the {name} kernels: {}", describe(error))))
}

/// Launches a kernel with a thread for each of `count` items.
///
/// # Safety
/// The same as for [`Kernels::geometry`].
pub unsafe fn launch(gpu: &Gpu, module: &Module, name: &str, count: u64, arguments: &[*mut c_void]) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let failed = |error| cuda(name, error);
    let function = module.get_function(name).map_err(failed)?;
    let blocks = u32::try_from(count.div_ceil(u64::from(BLOCK)))
        .map_err(|_| Error::limit(format!("{count} items are too many for the GPU")))?;
    // SAFETY: as required of the caller.
    unsafe { gpu.stream.launch(&function, blocks, BLOCK, 0, arguments) }.map_err(failed)
}
