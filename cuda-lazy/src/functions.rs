//! The functions themselves, one line each.
//!
//! Signatures are those of the driver's C interface, with handles as [`Handle`], device addresses as [`Address`],
//! enumerations as `u32`, and pointers to structures as `*const c_void` or `*mut c_void`: they are passed on, never
//! read.

use crate::{CUresult, find, known};
use std::ffi::{c_char, c_void};
use std::sync::OnceLock;

type Handle = *mut c_void;
type Address = u64;
type Device = i32;
/// A function that the driver calls on its own thread.
type HostFunction = Option<unsafe extern "C" fn(*mut c_void)>;
/// Dynamic shared memory that a block of a given size needs.
type SharedMemoryOf = Option<unsafe extern "C" fn(i32) -> usize>;

macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(
            /// Forwards to the driver.
            ///
            /// # Safety
            /// The same as for the driver's function of this name; see its documentation.
            #[unsafe(no_mangle)]
            #[allow(non_snake_case)]
            pub unsafe extern "C" fn $name($($argument: $type),*) -> CUresult {
                type Function = unsafe extern "C" fn($($type),*) -> CUresult;
                static FUNCTION: OnceLock<Result<Function, CUresult>> = OnceLock::new();
                // SAFETY: the driver's function of this name has this type; the caller is responsible for the
                // arguments.
                unsafe {
                    match FUNCTION.get_or_init(|| find::<Function>(stringify!($name))) {
                        Ok(function) => known(function($($argument),*)),
                        Err(code) => *code,
                    }
                }
            }
        )*

        /// References all functions, so that a linker that only takes referenced symbols from a library keeps them.
        pub fn keep() {
            let all: &[*const c_void] = &[$($name as *const c_void),*];
            std::hint::black_box(all);
        }
    };
}

forward! {
    cuInit(flags: u32);
    cuDriverGetVersion(version: *mut i32);
    cuGetErrorString(code: u32, text: *mut *const c_char);

    cuDeviceGet(device: *mut Device, ordinal: i32);
    cuDeviceGetCount(count: *mut i32);
    cuDeviceGetName(name: *mut c_char, length: i32, device: Device);
    cuDeviceGetUuid(uuid: *mut c_void, device: Device);
    cuDeviceTotalMem_v2(bytes: *mut usize, device: Device);
    cuDeviceGetAttribute(value: *mut i32, attribute: u32, device: Device);
    cuDevicePrimaryCtxRetain(context: *mut Handle, device: Device);
    cuDevicePrimaryCtxRelease_v2(device: Device);
    cuDevicePrimaryCtxReset_v2(device: Device);
    cuDevicePrimaryCtxSetFlags_v2(device: Device, flags: u32);
    cuDevicePrimaryCtxGetState(device: Device, flags: *mut u32, active: *mut i32);

    cuCtxCreate_v2(context: *mut Handle, flags: u32, device: Device);
    cuCtxDestroy_v2(context: Handle);
    cuCtxGetApiVersion(context: Handle, version: *mut u32);
    cuCtxSetCurrent(context: Handle);
    cuCtxGetCurrent(context: *mut Handle);
    cuCtxPushCurrent_v2(context: Handle);
    cuCtxPopCurrent_v2(context: *mut Handle);
    cuCtxSynchronize();
    cuCtxSetLimit(limit: u32, value: usize);
    cuCtxGetLimit(value: *mut usize, limit: u32);
    cuCtxSetCacheConfig(config: u32);
    cuCtxGetCacheConfig(config: *mut u32);
    cuCtxSetSharedMemConfig(config: u32);
    cuCtxGetSharedMemConfig(config: *mut u32);
    cuCtxGetStreamPriorityRange(least: *mut i32, greatest: *mut i32);
    cuCtxGetFlags(flags: *mut u32);
    cuCtxGetDevice(device: *mut Device);

    cuMemGetInfo_v2(free: *mut usize, total: *mut usize);
    cuMemAlloc_v2(address: *mut Address, bytes: usize);
    cuMemAllocAsync(address: *mut Address, bytes: usize, stream: Handle);
    cuMemAllocManaged(address: *mut Address, bytes: usize, flags: u32);
    cuMemAllocHost_v2(pointer: *mut Handle, bytes: usize);
    cuMemFree_v2(address: Address);
    cuMemFreeAsync(address: Address, stream: Handle);
    cuMemFreeHost(pointer: Handle);
    cuMemAdvise(address: Address, bytes: usize, advice: u32, device: Device);
    cuMemPrefetchAsync(address: Address, bytes: usize, device: Device, stream: Handle);
    cuMemcpyHtoD_v2(to: Address, from: *const c_void, bytes: usize);
    cuMemcpyDtoH_v2(to: *mut c_void, from: Address, bytes: usize);
    cuMemcpyDtoD_v2(to: Address, from: Address, bytes: usize);
    cuMemcpyHtoDAsync_v2(to: Address, from: *const c_void, bytes: usize, stream: Handle);
    cuMemcpyDtoHAsync_v2(to: *mut c_void, from: Address, bytes: usize, stream: Handle);
    cuMemcpyDtoDAsync_v2(to: Address, from: Address, bytes: usize, stream: Handle);
    cuMemcpyHtoA_v2(to: Handle, offset: usize, from: *const c_void, bytes: usize);
    cuMemcpyAtoH_v2(to: *mut c_void, from: Handle, offset: usize, bytes: usize);
    cuMemcpy2D_v2(copy: *const c_void);
    cuMemsetD8_v2(address: Address, value: u8, count: usize);
    cuMemsetD16_v2(address: Address, value: u16, count: usize);
    cuMemsetD32_v2(address: Address, value: u32, count: usize);
    cuMemsetD8Async(address: Address, value: u8, count: usize, stream: Handle);
    cuMemsetD16Async(address: Address, value: u16, count: usize, stream: Handle);
    cuMemsetD32Async(address: Address, value: u32, count: usize, stream: Handle);

    cuModuleLoad(module: *mut Handle, path: *const c_char);
    cuModuleLoadData(module: *mut Handle, image: *const c_void);
    cuModuleLoadDataEx(module: *mut Handle, image: *const c_void, count: u32, options: *mut c_void, values: *mut Handle);
    cuModuleUnload(module: Handle);
    cuModuleGetFunction(function: *mut Handle, module: Handle, name: *const c_char);
    cuModuleGetGlobal_v2(address: *mut Address, bytes: *mut usize, module: Handle, name: *const c_char);
    cuLinkCreate_v2(count: u32, options: *mut c_void, values: *mut Handle, state: *mut Handle);
    cuLinkAddData_v2(
        state: Handle, kind: u32, data: *mut c_void, bytes: usize, name: *const c_char, count: u32,
        options: *mut c_void, values: *mut Handle
    );
    cuLinkComplete(state: Handle, image: *mut Handle, bytes: *mut usize);
    cuLinkDestroy(state: Handle);

    cuFuncGetAttribute(value: *mut i32, attribute: u32, function: Handle);
    cuFuncSetCacheConfig(function: Handle, config: u32);
    cuFuncSetSharedMemConfig(function: Handle, config: u32);
    cuLaunchKernel(
        function: Handle, grid_x: u32, grid_y: u32, grid_z: u32, block_x: u32, block_y: u32, block_z: u32,
        shared_bytes: u32, stream: Handle, parameters: *mut Handle, extra: *mut Handle
    );
    cuLaunchHostFunc(stream: Handle, function: HostFunction, data: *mut c_void);
    cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks: *mut i32, function: Handle, block: i32, shared_bytes: usize);
    cuOccupancyMaxPotentialBlockSize(
        grid: *mut i32, block: *mut i32, function: Handle, shared_bytes_of: SharedMemoryOf, shared_bytes: usize,
        limit: i32
    );
    cuOccupancyAvailableDynamicSMemPerBlock(bytes: *mut usize, function: Handle, blocks: i32, block: i32);

    cuStreamCreateWithPriority(stream: *mut Handle, flags: u32, priority: i32);
    cuStreamDestroy_v2(stream: Handle);
    cuStreamSynchronize(stream: Handle);
    cuStreamQuery(stream: Handle);
    cuStreamWaitEvent(stream: Handle, event: Handle, flags: u32);
    cuStreamGetPriority(stream: Handle, priority: *mut i32);
    cuStreamGetFlags(stream: Handle, flags: *mut u32);
    cuEventCreate(event: *mut Handle, flags: u32);
    cuEventDestroy_v2(event: Handle);
    cuEventRecord(event: Handle, stream: Handle);
    cuEventQuery(event: Handle);
    cuEventSynchronize(event: Handle);
    cuEventElapsedTime(milliseconds: *mut f32, start: Handle, end: Handle);

    cuArray3DCreate_v2(array: *mut Handle, descriptor: *const c_void);
    cuArray3DGetDescriptor_v2(descriptor: *mut c_void, array: Handle);
    cuArrayDestroy(array: Handle);
    cuTexObjectCreate(
        texture: *mut u64, resource: *const c_void, descriptor: *const c_void, view: *const c_void
    );
    cuTexObjectDestroy(texture: u64);
    cuTexObjectGetResourceDesc(resource: *mut c_void, texture: u64);
    cuTexObjectGetResourceViewDesc(view: *mut c_void, texture: u64);
    cuSurfObjectCreate(surface: *mut u64, resource: *const c_void);
    cuSurfObjectDestroy(surface: u64);
    cuSurfObjectGetResourceDesc(resource: *mut c_void, surface: u64);

    cuGraphCreate(graph: *mut Handle, flags: u32);
    cuGraphDestroy(graph: Handle);
    cuGraphGetNodes(graph: Handle, nodes: *mut Handle, count: *mut usize);
    cuGraphGetEdges(graph: Handle, from: *mut Handle, to: *mut Handle, count: *mut usize);
    cuGraphDebugDotPrint(graph: Handle, path: *const c_char, flags: u32);
    cuGraphNodeGetType(node: Handle, kind: *mut u32);
    cuGraphKernelNodeGetParams(node: Handle, parameters: *mut c_void);
    cuGraphAddKernelNode(
        node: *mut Handle, graph: Handle, dependencies: *const Handle, count: usize, parameters: *const c_void
    );

    cuImportExternalMemory(memory: *mut Handle, descriptor: *const c_void);
    cuExternalMemoryGetMappedBuffer(address: *mut Address, memory: Handle, descriptor: *const c_void);
    cuDestroyExternalMemory(memory: Handle);
}
