//! Open Image Denoise: denoises images with the library's filter, on the processor.
//!
//! A thread of its own owns the library's device and filter. Callers send it an image and wait, and return at once when
//! cancelled: the library can be stopped only between the layers of its network, and one layer of a large image takes
//! longer than cancelling may.

use super::library::{self, Functions, Handle};
use crate::cancel::CancelToken;
use crate::{Error, Result};
use std::ffi::{CStr, c_int, c_void};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Interval at which a waiting caller polls its token.
const POLL: Duration = Duration::from_millis(10);

/// The settings that a filter is made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    pub width: u32,
    pub height: u32,
    /// Colours are linear and unbounded. Otherwise they are display values in [0, 1].
    pub hdr: bool,
    /// Display values have a gamma of about 2.2.
    pub srgb: bool,
    /// Lower quality, for an image that will soon be replaced.
    pub fast: bool,
}

/// An image to denoise: three floats a pixel, interleaved, in rows from the top.
#[derive(Debug, Clone)]
pub struct Image {
    pub color: Vec<f32>,
    /// Albedo in [0, 1].
    pub albedo: Option<Vec<f32>>,
    /// Normals in [-1, 1], in any coordinate system. Only together with an albedo.
    pub normal: Option<Vec<f32>>,
}

struct Job {
    settings: Settings,
    image: Image,
    blend: f32,
    cancel: CancelToken,
    answer: Sender<Result<Vec<f32>>>,
}

/// The library's thread, and the way to send images to it.
pub struct Oidn {
    /// The library's name, version and path, for messages.
    pub name: String,
    /// Sends images to the thread; `None` once this is dropped.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Oidn {
    /// Opens the library with that number of threads; 0 means all cores.
    pub fn new(threads: usize) -> Result<Oidn> {
        let functions = library::load()?;
        let (jobs, work) = channel();
        let (tell, ready) = channel();
        let thread = std::thread::Builder::new()
            .name("plotrt-oidn".into())
            .spawn(move || match Worker::new(functions, threads) {
                Ok(mut worker) => {
                    let _ = tell.send(Ok(worker.name()));
                    worker.run(&work);
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            })
            .map_err(|error| Error::device(format!("cannot start a thread for Open Image Denoise: {error}")))?;
        let name = ready.recv().map_err(|_| died())??;
        Ok(Oidn { name, jobs: Some(jobs), thread: Some(thread) })
    }

    /// The denoised colours; `blend`, in [0, 1), is the share of the original colours in the result.
    pub fn denoise(&self, settings: Settings, image: Image, blend: f32, cancel: &CancelToken) -> Result<Vec<f32>> {
        cancel.check()?;
        let pixels = settings.width as usize * settings.height as usize;
        let planes = [Some(&image.color), image.albedo.as_ref(), image.normal.as_ref()];
        debug_assert!(planes.into_iter().flatten().all(|plane| plane.len() == 3 * pixels));
        let (answer, result) = channel();
        // A token of its own, because the caller may use its token again while the library is still at work.
        let own = CancelToken::new();
        let job = Job { settings, image, blend, cancel: own.clone(), answer };
        self.jobs.as_ref().ok_or_else(died)?.send(job).map_err(|_| died())?;
        loop {
            match result.recv_timeout(POLL) {
                Ok(denoised) => return denoised,
                Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => {
                    own.cancel();
                    return Err(Error::interrupted());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(died()),
            }
        }
    }
}

impl Drop for Oidn {
    /// Waits for the thread: the library must not be at work while the program ends.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn died() -> Error {
    Error::device("the thread of Open Image Denoise has ended")
}

/// The library's device and filter, owned by the thread.
struct Worker {
    functions: &'static Functions,
    device: Handle,
    filter: Option<Filter>,
}

impl Worker {
    fn new(functions: &'static Functions, threads: usize) -> Result<Worker> {
        // SAFETY: names and values that the library knows; the device is released when the worker is dropped.
        unsafe {
            let device = (functions.new_device)(library::CPU);
            let worker = Worker { functions, device, filter: None };
            if device.is_null() {
                worker.check()?;
                return Err(Error::device("Open Image Denoise cannot use this processor"));
            }
            (functions.set_device_int)(device, c"numThreads".as_ptr(), c_int::try_from(threads).unwrap_or(0));
            // The library would pin its threads to cores that our other threads, and other programs, use as well.
            (functions.set_device_bool)(device, c"setAffinity".as_ptr(), false);
            (functions.commit_device)(device);
            worker.check()?;
            Ok(worker)
        }
    }

    /// The library's last error, if there is one.
    fn check(&self) -> Result<()> {
        // SAFETY: a live device, or null.
        match unsafe { self.functions.error(self.device) } {
            None => Ok(()),
            Some((library::CANCELLED, _)) => Err(Error::interrupted()),
            Some((library::OUT_OF_MEMORY, reason)) => {
                Err(Error::limit(format!("Open Image Denoise has too little memory: {reason}"))
                    .hint("choose a smaller image"))
            }
            Some((_, reason)) => Err(Error::device(format!("Open Image Denoise fails: {reason}"))),
        }
    }

    fn version(&self) -> c_int {
        // SAFETY: a live device.
        unsafe { (self.functions.device_int)(self.device, c"version".as_ptr()) }
    }

    fn name(&self) -> String {
        let version = self.version();
        let (major, minor, patch) = (version / 10000, version / 100 % 100, version % 100);
        format!("Open Image Denoise {major}.{minor}.{patch} ({})", self.functions.path)
    }

    fn run(&mut self, jobs: &Receiver<Job>) {
        for Job { settings, image, blend, cancel, answer } in jobs {
            // Nobody waits for the result of a cancelled image.
            let _ = answer.send(self.denoise(settings, image, blend, &cancel));
        }
    }

    fn denoise(&mut self, settings: Settings, image: Image, blend: f32, cancel: &CancelToken) -> Result<Vec<f32>> {
        cancel.check()?;
        let Image { mut color, albedo, normal } = image;
        let wanted = Filter::wanted(settings, albedo.is_some(), normal.is_some());
        let filter = match self.filter.take() {
            Some(filter) if filter.made_for == wanted => self.filter.insert(filter),
            _ => {
                let filter = Filter::new(self, wanted)?;
                self.filter.insert(filter)
            }
        };
        let planes = [Some(&color), albedo.as_ref(), normal.as_ref()];
        for (buffer, plane) in filter.buffers.iter_mut().zip(planes.into_iter().flatten()) {
            buffer.copy_from_slice(plane);
        }
        *filter.cancel.lock().unwrap_or_else(PoisonError::into_inner) = cancel.clone();
        // SAFETY: a live filter, whose buffers have the registered sizes and are used by nobody else until it has
        // finished.
        unsafe { (self.functions.execute_filter)(filter.handle) };
        self.check()?;
        for (value, denoised) in color.iter_mut().zip(self.filter.iter().flat_map(|filter| &filter.buffers[0])) {
            *value = if blend == 0.0 { *denoised } else { denoised + blend * (*value - denoised) };
        }
        Ok(color)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.filter = None;
        if !self.device.is_null() {
            // SAFETY: everything made with the device has been released.
            unsafe { (self.functions.release_device)(self.device) }
        }
    }
}

/// Settings, and whether there are albedo and normals.
type MadeFor = (Settings, bool, bool);

/// A filter that is ready, with its images: the colours, which it replaces, then the auxiliary buffers.
struct Filter {
    functions: &'static Functions,
    handle: Handle,
    made_for: MadeFor,
    buffers: Vec<Vec<f32>>,
    /// Token of the image in work; boxed, because the library keeps its address.
    cancel: Box<Mutex<CancelToken>>,
}

impl Filter {
    fn wanted(settings: Settings, albedo: bool, normal: bool) -> MadeFor {
        (settings, albedo, albedo && normal)
    }

    fn new(worker: &Worker, made_for: MadeFor) -> Result<Filter> {
        let (settings, albedo, normal) = made_for;
        let (functions, version) = (worker.functions, worker.version());
        let (width, height) = (settings.width as usize, settings.height as usize);
        let count = 1 + usize::from(albedo) + usize::from(normal);
        // SAFETY: names and values that the library knows; buffers of as many pixels as are registered, which live as
        // long as the filter and are never moved.
        unsafe {
            let handle = (functions.new_filter)(worker.device, c"RT".as_ptr());
            if handle.is_null() {
                worker.check()?;
                return Err(Error::device("Open Image Denoise has no filter for traced images"));
            }
            let mut filter = Filter {
                functions,
                handle,
                made_for,
                buffers: vec![vec![0.0; 3 * width * height]; count],
                cancel: Box::default(),
            };
            let image = |name: &CStr, buffer: *mut f32| {
                (functions.set_image)(handle, name.as_ptr(), buffer.cast(), library::FLOAT3, width, height, 0, 0, 0);
            };
            let names = [c"color", c"albedo", c"normal"];
            for (name, buffer) in names.into_iter().zip(&mut filter.buffers) {
                image(name, buffer.as_mut_ptr());
            }
            image(c"output", filter.buffers[0].as_mut_ptr());
            (functions.set_filter_bool)(handle, c"hdr".as_ptr(), settings.hdr);
            if !settings.hdr {
                (functions.set_filter_bool)(handle, c"srgb".as_ptr(), settings.srgb);
            }
            let quality = match settings.fast && version >= library::FAST_SINCE {
                true => library::FAST,
                false => library::HIGH,
            };
            (functions.set_filter_int)(handle, c"quality".as_ptr(), quality);
            // `cleanAux` stays off: it is for auxiliary buffers without any noise, and ours are means over the same few
            // samples as the colours, noisy at outlines and where a lens blurs.
            let cancel: *const Mutex<CancelToken> = &*filter.cancel;
            (functions.set_monitor)(handle, Some(go_on), cancel.cast_mut().cast());
            (functions.commit_filter)(handle);
            worker.check()?;
            Ok(filter)
        }
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // SAFETY: the filter is not at work, and nobody uses it any more.
        unsafe { (self.functions.release_filter)(self.handle) }
    }
}

/// The progress callback of the library; false stops the work.
unsafe extern "C" fn go_on(cancel: *mut c_void, _done: f64) -> bool {
    // SAFETY: the token of the filter, which lives while it is at work.
    let cancel = unsafe { &*cancel.cast::<Mutex<CancelToken>>() };
    !cancel.lock().unwrap_or_else(PoisonError::into_inner).is_cancelled()
}
