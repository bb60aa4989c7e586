//! Traces rays on a device through this crate alone: context, module, pipeline, binding table, triangles and boxes,
//! refit, compaction, instances, launch.
//!
//! Without a device the test is shown as ignored, unless `PLOTRT_TEST_DEVICE=optix` requires one. The executable can be
//! copied to a machine that has one, and needs nothing else there.

use cust::memory::{CopyDestination, DeviceBuffer, DeviceCopy};
use libtest_mimic::{Arguments, Completion, Trial};
use optix_sys::*;
use std::ffi::{CStr, c_char, c_void};
use std::process::ExitCode;
use std::ptr::null_mut;

/// Rays start at (i + 1/4, 1/4, -1) and go along z; `out[i]` becomes 1 + the index of the primitive that is hit, or 0.
fn ptx() -> String {
    let registers = |name: &str| (0..32).map(|i| format!("{name}{i}")).collect::<Vec<_>>().join(", ");
    let (results, zeros) = (registers("%p"), vec!["%zero"; 32].join(", "));
    format!(
        "
.version 7.0
.target sm_60
.address_size 64

.const .align 8 .b8 params[16];

.visible .entry __raygen__probe()
{{
    .reg .b32 %p<32>;
    .reg .b32 %x, %zero, %one, %mask;
    .reg .f32 %ox, %oy, %oz, %dz, %tmax, %none;
    .reg .b64 %handle, %out, %offset;
    mov.u32 %zero, 0;
    mov.u32 %one, 1;
    mov.u32 %mask, 255;
    call (%x), _optix_get_launch_index_x, ();
    cvt.rn.f32.u32 %ox, %x;
    add.f32 %ox, %ox, 0f3E800000;
    mov.f32 %oy, 0f3E800000;
    mov.f32 %oz, 0fBF800000;
    mov.f32 %dz, 0f3F800000;
    mov.f32 %tmax, 0f41200000;
    mov.f32 %none, 0f00000000;
    ld.const.u64 %handle, [params];
    call ({results}), _optix_trace_typed_32, (%zero, %handle, %ox, %oy, %oz, %none, %none, %dz, %none, %tmax, %none, \
         %mask, %zero, %zero, %zero, %zero, %one, {zeros});
    ld.const.u64 %out, [params+8];
    mul.wide.u32 %offset, %x, 4;
    add.u64 %out, %out, %offset;
    st.global.u32 [%out], %p0;
    ret;
}}

.visible .entry __miss__nothing()
{{
    ret;
}}

.visible .entry __closesthit__primitive()
{{
    .reg .b32 %i, %zero;
    mov.u32 %zero, 0;
    call (%i), _optix_read_primitive_idx, ();
    add.u32 %i, %i, 1;
    call _optix_set_payload, (%zero, %i);
    ret;
}}

.visible .entry __intersection__box()
{{
    .reg .b32 %accepted, %zero;
    .reg .f32 %t;
    mov.u32 %zero, 0;
    mov.f32 %t, 0f3F800000;
    call (%accepted), _optix_report_intersection_0, (%t, %zero);
    ret;
}}
"
    )
}

/// The device with its contexts; everything else leaks, as the process ends after it.
struct Device {
    _cuda: cust::context::Context,
    optix: &'static OptixFunctionTable,
    context: OptixDeviceContext,
}

impl Device {
    /// Opens the device; fails with what is missing.
    fn open() -> Result<Device, String> {
        cuda_lazy::load().map_err(|e| e.to_string())?;
        let cuda = cust::quick_init().map_err(|e| e.to_string())?;
        let optix = load().map_err(|e| e.to_string())?;
        let mut context = OptixDeviceContext::NULL;
        let options = OptixDeviceContextOptions {
            log_callback_function: Some(print_log),
            log_callback_level: 3,
            validation_mode: OptixDeviceContextValidationMode::ALL,
            ..Default::default()
        };
        // SAFETY: the CUDA context is current, and lives as long.
        unsafe { (optix.optixDeviceContextCreate)(null_mut(), &options, &mut context) }
            .check("optixDeviceContextCreate")
            .map_err(|e| e.to_string())?;
        Ok(Device { _cuda: cuda, optix, context })
    }
}

unsafe extern "C" fn print_log(level: u32, tag: *const c_char, message: *const c_char, _: *mut c_void) {
    // SAFETY: texts of the driver.
    let (tag, message) = unsafe { (CStr::from_ptr(tag), CStr::from_ptr(message)) };
    eprintln!("[{level}] {}: {}", tag.to_string_lossy(), message.to_string_lossy());
}

fn ok(result: OptixResult) {
    assert_eq!(result, OptixResult::SUCCESS);
}

fn upload<T: DeviceCopy>(values: &[T]) -> (DeviceBuffer<T>, CUdeviceptr) {
    let buffer = DeviceBuffer::from_slice(values).unwrap();
    let address = buffer.as_device_ptr().as_raw();
    (buffer, address)
}

fn reserve(bytes: usize) -> (DeviceBuffer<u8>, CUdeviceptr) {
    // SAFETY: written by the device before anyone reads it.
    let buffer = unsafe { DeviceBuffer::<u8>::uninitialized(bytes.max(1)) }.unwrap();
    let address = buffer.as_device_ptr().as_raw();
    (buffer, address)
}

struct Pipeline {
    pipeline: OptixPipeline,
    sbt: OptixShaderBindingTable,
    _records: DeviceBuffer<u8>,
}

impl Device {
    fn module(&self, options: &OptixPipelineCompileOptions) -> OptixModule {
        let ptx = ptx();
        let (mut module, mut task) = (OptixModule::NULL, OptixTask::NULL);
        let mut log = vec![0u8; 4096];
        let mut log_bytes = log.len();
        // SAFETY: pointers to living data, with its lengths.
        let result = unsafe {
            (self.optix.optixModuleCreateWithTasks)(
                self.context,
                &OptixModuleCompileOptions::default(),
                options,
                ptx.as_ptr().cast(),
                ptx.len(),
                log.as_mut_ptr().cast(),
                &mut log_bytes,
                &mut module,
                &mut task,
            )
        };
        let text = CStr::from_bytes_until_nul(&log).unwrap().to_string_lossy().into_owned();
        assert_eq!(result, OptixResult::SUCCESS, "{text}");
        let mut tasks = vec![task];
        while let Some(task) = tasks.pop() {
            let mut more = [OptixTask::NULL; 8];
            let mut count = 0;
            // SAFETY: a task of a module that is being compiled, executed once.
            ok(unsafe { (self.optix.optixTaskExecute)(task, more.as_mut_ptr(), more.len() as u32, &mut count) });
            tasks.extend_from_slice(&more[..count as usize]);
        }
        let mut state = OptixModuleCompileState::NOT_STARTED;
        // SAFETY: a live module.
        ok(unsafe { (self.optix.optixModuleGetCompilationState)(module, &mut state) });
        assert_eq!(state, OptixModuleCompileState::COMPLETED);
        module
    }

    fn pipeline(&self) -> Pipeline {
        let options = OptixPipelineCompileOptions {
            num_payload_values: 1,
            num_attribute_values: 2,
            pipeline_launch_params_variable_name: c"params".as_ptr(),
            ..Default::default()
        };
        let module = self.module(&options);
        let closest = c"__closesthit__primitive".as_ptr();
        let triangles =
            OptixProgramGroupHitgroup { module_ch: module, entry_function_name_ch: closest, ..Default::default() };
        let boxes = OptixProgramGroupHitgroup {
            module_is: module,
            entry_function_name_is: c"__intersection__box".as_ptr(),
            ..triangles
        };
        let single = |name: &'static CStr| OptixProgramGroupSingleModule { module, entry_function_name: name.as_ptr() };
        let descriptions = [
            OptixProgramGroupDesc::raygen(single(c"__raygen__probe")),
            OptixProgramGroupDesc::miss(single(c"__miss__nothing")),
            OptixProgramGroupDesc::hitgroup(triangles),
            OptixProgramGroupDesc::hitgroup(boxes),
        ];
        let mut groups = [OptixProgramGroup::NULL; 4];
        let mut pipeline = OptixPipeline::NULL;
        const RECORD: usize = OPTIX_SBT_RECORD_HEADER_SIZE;
        let mut records = [0u8; 4 * RECORD];
        // SAFETY: live handles, and pointers to living data.
        unsafe {
            ok((self.optix.optixProgramGroupCreate)(
                self.context,
                descriptions.as_ptr(),
                descriptions.len() as u32,
                &OptixProgramGroupOptions::default(),
                null_mut(),
                null_mut(),
                groups.as_mut_ptr(),
            ));
            ok((self.optix.optixPipelineCreate)(
                self.context,
                &options,
                &OptixPipelineLinkOptions { max_trace_depth: 1 },
                groups.as_ptr(),
                groups.len() as u32,
                null_mut(),
                null_mut(),
                &mut pipeline,
            ));
            let mut stack = OptixStackSizes::default();
            ok((self.optix.optixProgramGroupGetStackSize)(groups[0], &mut stack, pipeline));
            ok((self.optix.optixPipelineSetStackSize)(pipeline, 0, 0, stack.css_rg.max(2048), 2));
            for (record, group) in records.chunks_mut(RECORD).zip(groups) {
                ok((self.optix.optixSbtRecordPackHeader)(group, record.as_mut_ptr().cast()));
            }
        }
        let (records, address) = upload(&records);
        let record = RECORD as u64;
        let sbt = OptixShaderBindingTable {
            raygen_record: address,
            miss_record_base: address + record,
            miss_record_stride_in_bytes: RECORD as u32,
            miss_record_count: 1,
            hitgroup_record_base: address + 2 * record,
            hitgroup_record_stride_in_bytes: RECORD as u32,
            hitgroup_record_count: 2,
            ..Default::default()
        };
        Pipeline { pipeline, sbt, _records: records }
    }

    /// The primitives that four rays hit.
    fn trace(&self, pipeline: &Pipeline, handle: OptixTraversableHandle) -> [u32; 4] {
        let (out, out_address) = upload(&[99u32; 4]);
        let (_params, params) = upload(&[handle, out_address]);
        // SAFETY: the parameters are what the programs read, and all buffers live until the device is idle.
        ok(unsafe { (self.optix.optixLaunch)(pipeline.pipeline, null_mut(), params, 16, &pipeline.sbt, 4, 1, 1) });
        cust::context::CurrentContext::synchronize().unwrap();
        let mut hits = [0; 4];
        out.copy_to(&mut hits).unwrap();
        hits
    }
}

/// An acceleration structure with its buffer.
struct Accel {
    buffer: DeviceBuffer<u8>,
    handle: OptixTraversableHandle,
}

impl Device {
    fn build(&self, input: &OptixBuildInput, flags: u32) -> Accel {
        let options =
            OptixAccelBuildOptions { build_flags: flags, operation: OptixBuildOperation::BUILD, ..Default::default() };
        let mut sizes = OptixAccelBufferSizes::default();
        // SAFETY: a complete build input.
        ok(unsafe { (self.optix.optixAccelComputeMemoryUsage)(self.context, &options, input, 1, &mut sizes) });
        let (buffer, output) = reserve(sizes.output_size_in_bytes);
        let (_temp, temp) = reserve(sizes.temp_size_in_bytes);
        let (compacted, compacted_address) = upload(&[0u64]);
        let emit = OptixAccelEmitDesc { result: compacted_address, kind: OptixAccelPropertyType::COMPACTED_SIZE };
        let emits = u32::from(flags & OptixBuildFlags::ALLOW_COMPACTION != 0);
        let mut handle = 0;
        // SAFETY: buffers of the requested sizes, which live until the device is idle.
        ok(unsafe {
            (self.optix.optixAccelBuild)(
                self.context,
                null_mut(),
                &options,
                input,
                1,
                temp,
                sizes.temp_size_in_bytes,
                output,
                sizes.output_size_in_bytes,
                &mut handle,
                if emits == 0 { std::ptr::null() } else { &emit },
                emits,
            )
        });
        cust::context::CurrentContext::synchronize().unwrap();
        if emits == 0 {
            return Accel { buffer, handle };
        }
        let mut bytes = [0u64];
        compacted.copy_to(&mut bytes).unwrap();
        assert!(bytes[0] > 0 && bytes[0] as usize <= sizes.output_size_in_bytes, "{bytes:?} of {sizes:?}");
        let (small, address) = reserve(bytes[0] as usize);
        // SAFETY: as above; both buffers live until the device is idle.
        ok(unsafe {
            (self.optix.optixAccelCompact)(self.context, null_mut(), handle, address, bytes[0] as usize, &mut handle)
        });
        cust::context::CurrentContext::synchronize().unwrap();
        Accel { buffer: small, handle }
    }

    fn refit(&self, accel: &mut Accel, input: &OptixBuildInput, flags: u32) {
        let options =
            OptixAccelBuildOptions { build_flags: flags, operation: OptixBuildOperation::UPDATE, ..Default::default() };
        let mut sizes = OptixAccelBufferSizes::default();
        // SAFETY: as in `build`.
        unsafe {
            ok((self.optix.optixAccelComputeMemoryUsage)(self.context, &options, input, 1, &mut sizes));
            let (_temp, temp) = reserve(sizes.temp_update_size_in_bytes);
            ok((self.optix.optixAccelBuild)(
                self.context,
                null_mut(),
                &options,
                input,
                1,
                temp,
                sizes.temp_update_size_in_bytes,
                accel.buffer.as_device_ptr().as_raw(),
                accel.buffer.len(),
                &mut accel.handle,
                std::ptr::null(),
                0,
            ));
            cust::context::CurrentContext::synchronize().unwrap();
        }
    }
}

const ONE_RECORD: [u32; 1] = [OptixGeometryFlags::DISABLE_ANYHIT];

/// Two triangles that the rays `first` and `first + 2` hit.
fn triangles(first: f32) -> Vec<f32> {
    let triangle = |x: f32| [x, 0.0, 0.0, x + 1.0, 0.0, 0.0, x, 1.0, 0.0];
    [triangle(first), triangle(first + 2.0)].concat()
}

fn main() -> ExitCode {
    let test = Trial::ignorable_test("rays_hit_what_is_there", || match Device::open() {
        Ok(device) => {
            rays_hit_what_is_there(&device);
            Ok(Completion::Completed)
        }
        Err(reason) if std::env::var("PLOTRT_TEST_DEVICE").as_deref() == Ok("optix") => {
            Err(format!("no device: {reason}").into())
        }
        Err(reason) => Ok(Completion::ignored_with(reason)),
    });
    libtest_mimic::run(&Arguments::from_args(), vec![test]).exit_code()
}

fn rays_hit_what_is_there(device: &Device) {
    let property = |property| {
        let mut value = 0u32;
        // SAFETY: these properties are 32 bits wide.
        ok(unsafe {
            (device.optix.optixDeviceContextGetProperty)(device.context, property, (&raw mut value).cast(), 4)
        });
        value
    };
    println!("RT cores: {}", property(OptixDeviceProperty::RTCORE_VERSION));
    println!("primitives: {}", property(OptixDeviceProperty::LIMIT_MAX_PRIMITIVES_PER_GAS));
    assert!(property(OptixDeviceProperty::LIMIT_MAX_TRAVERSABLE_GRAPH_DEPTH) >= 2);
    let pipeline = device.pipeline();

    // Triangles, built, compacted, then refitted.
    let (vertices, address) = upload(&triangles(0.0));
    let buffers = [address];
    let input = OptixBuildInput::triangles(OptixBuildInputTriangleArray {
        vertex_buffers: buffers.as_ptr(),
        num_vertices: 6,
        vertex_format: OptixVertexFormat::FLOAT3,
        vertex_stride_in_bytes: 12,
        flags: ONE_RECORD.as_ptr(),
        num_sbt_records: 1,
        ..Default::default()
    });
    let flags = OptixBuildFlags::ALLOW_UPDATE | OptixBuildFlags::ALLOW_COMPACTION;
    let mut mesh = device.build(&input, flags);
    assert_eq!(device.trace(&pipeline, mesh.handle), [1, 0, 2, 0]);
    let mut vertices = vertices;
    vertices.copy_from(&triangles(1.0)[..]).unwrap();
    device.refit(&mut mesh, &input, flags);
    assert_eq!(device.trace(&pipeline, mesh.handle), [0, 1, 0, 2]);

    // Boxes under an instance that moves them by 1 along x and uses the second record.
    let aabb = |x: f32| OptixAabb { min_x: x, min_y: 0.0, min_z: 0.0, max_x: x + 1.0, max_y: 1.0, max_z: 1.0 };
    let boxes: Vec<f32> =
        [aabb(-1.0), aabb(1.0)].iter().flat_map(|b| [b.min_x, b.min_y, b.min_z, b.max_x, b.max_y, b.max_z]).collect();
    let (_boxes, address) = upload(&boxes);
    let buffers = [address];
    let input = OptixBuildInput::custom_primitives(OptixBuildInputCustomPrimitiveArray {
        aabb_buffers: buffers.as_ptr(),
        num_primitives: 2,
        flags: ONE_RECORD.as_ptr(),
        num_sbt_records: 1,
        ..Default::default()
    });
    let boxes = device.build(&input, OptixBuildFlags::PREFER_FAST_BUILD);
    let instance = |x: f32, sbt_offset: u32, accel: &Accel| OptixInstance {
        transform: [1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        sbt_offset,
        visibility_mask: 255,
        traversable_handle: accel.handle,
        ..Default::default()
    };
    let instances = |list: &[OptixInstance]| {
        // SAFETY: plain data without padding.
        let bytes = unsafe { std::slice::from_raw_parts(list.as_ptr().cast::<u8>(), size_of_val(list)) };
        let (buffer, address) = upload(bytes);
        let input = OptixBuildInput::instances(OptixBuildInputInstanceArray {
            instances: address,
            num_instances: list.len() as u32,
            instance_stride: 0,
        });
        let accel = device.build(&input, OptixBuildFlags::NONE);
        (buffer, accel)
    };
    let (_list, top) = instances(&[instance(1.0, 1, &boxes)]);
    assert_eq!(device.trace(&pipeline, top.handle), [1, 0, 2, 0]);
    let (_list, top) = instances(&[instance(1.0, 1, &boxes), instance(0.0, 0, &mesh)]);
    assert_eq!(device.trace(&pipeline, top.handle), [1, 1, 2, 2]);

    // The driver's own errors are values, too.
    let mut value = 0u32;
    // SAFETY: a property that does not exist is refused.
    let result = unsafe {
        (device.optix.optixDeviceContextGetProperty)(device.context, OptixDeviceProperty(1), (&raw mut value).cast(), 4)
    };
    assert_eq!(result, OptixResult::ERROR_INVALID_VALUE);

    let mut denoiser = OptixDenoiser::NULL;
    let options = OptixDenoiserOptions { guide_albedo: 1, guide_normal: 1, ..Default::default() };
    // SAFETY: a live context.
    let result = unsafe {
        (device.optix.optixDenoiserCreate)(device.context, OptixDenoiserModelKind::HDR, &options, &mut denoiser)
    };
    println!("denoiser: {result}");
    println!("rays hit what they should");
}
