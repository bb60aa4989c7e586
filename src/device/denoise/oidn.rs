//! Open Image Denoise: pictures through the library's filter, on the processor.
//!
//! A thread of its own owns the library's device and filter. Whoever wants a picture denoised hands it over and waits,
//! and may leave at once when cancelled: the library asks whether to go on only between the layers of its network, and
//! a layer of a large picture takes longer than one who cancels should wait.

use super::library::{self, Functions, Handle};
use crate::cancel::CancelToken;
use crate::{Error, Result};
use std::ffi::{CStr, c_int, c_void};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two looks at the token of one who waits.
const POLL: Duration = Duration::from_millis(10);

/// What a filter is made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    pub width: u32,
    pub height: u32,
    /// Colours are linear, of any size. Otherwise they are display values in [0, 1].
    pub hdr: bool,
    /// Display values have a gamma of about 2.2.
    pub srgb: bool,
    /// Good enough for a picture that will be replaced soon.
    pub fast: bool,
}

/// A picture to denoise: three floats a pixel, interleaved, in rows from the top.
#[derive(Debug, Clone)]
pub struct Picture {
    pub color: Vec<f32>,
    /// In [0, 1].
    pub albedo: Option<Vec<f32>>,
    /// In [-1, 1], from any point of view. Only beside an albedo.
    pub normal: Option<Vec<f32>>,
}

struct Job {
    settings: Settings,
    picture: Picture,
    blend: f32,
    cancel: CancelToken,
    answer: Sender<Result<Vec<f32>>>,
}

/// See the module.
pub struct Oidn {
    /// With version and place, for people.
    pub name: String,
    /// `None` once this is dropped.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Oidn {
    /// Opens the library, which then works with so many threads; 0 means all cores.
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

    /// The colours without noise; `blend`, in [0, 1), is the share of the colours that stays as they are.
    pub fn denoise(&self, settings: Settings, picture: Picture, blend: f32, cancel: &CancelToken) -> Result<Vec<f32>> {
        cancel.check()?;
        let pixels = settings.width as usize * settings.height as usize;
        let planes = [Some(&picture.color), picture.albedo.as_ref(), picture.normal.as_ref()];
        debug_assert!(planes.into_iter().flatten().all(|plane| plane.len() == 3 * pixels));
        let (answer, result) = channel();
        // Not that of the caller, who may use it again while the library is still at work.
        let own = CancelToken::new();
        let job = Job { settings, picture, blend, cancel: own.clone(), answer };
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

/// What lives on the thread.
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
            // Its threads would be tied to cores that others of ours, and other programs, use as well.
            (functions.set_device_bool)(device, c"setAffinity".as_ptr(), false);
            (functions.commit_device)(device);
            worker.check()?;
            Ok(worker)
        }
    }

    /// The library's complaint, if there is one.
    fn check(&self) -> Result<()> {
        // SAFETY: a live device, or null.
        match unsafe { self.functions.error(self.device) } {
            None => Ok(()),
            Some((library::CANCELLED, _)) => Err(Error::interrupted()),
            Some((library::OUT_OF_MEMORY, said)) => {
                Err(Error::limit(format!("Open Image Denoise has too little memory: {said}"))
                    .hint("choose a smaller picture"))
            }
            Some((_, said)) => Err(Error::device(format!("Open Image Denoise fails: {said}"))),
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
        for Job { settings, picture, blend, cancel, answer } in jobs {
            // Nobody waits for what was cancelled.
            let _ = answer.send(self.denoise(settings, picture, blend, &cancel));
        }
    }

    fn denoise(&mut self, settings: Settings, picture: Picture, blend: f32, cancel: &CancelToken) -> Result<Vec<f32>> {
        cancel.check()?;
        let Picture { mut color, albedo, normal } = picture;
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
        // SAFETY: a live filter, whose buffers are as it was told and are used by nobody else until it is done.
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
            // SAFETY: nothing of the device is left.
            unsafe { (self.functions.release_device)(self.device) }
        }
    }
}

/// Settings, and whether there are albedo and normals.
type MadeFor = (Settings, bool, bool);

/// A filter that is ready, with its images: the colours, which it replaces, then the guides.
struct Filter {
    functions: &'static Functions,
    handle: Handle,
    made_for: MadeFor,
    buffers: Vec<Vec<f32>>,
    /// Of the picture under way; in a place of its own, whose address the library has.
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
        // SAFETY: names and values that the library knows; buffers of as many pixels as it is told, which live as long
        // as the filter and are never moved.
        unsafe {
            let handle = (functions.new_filter)(worker.device, c"RT".as_ptr());
            if handle.is_null() {
                worker.check()?;
                return Err(Error::device("Open Image Denoise has no filter for traced pictures"));
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
            // `cleanAux` stays off: it is for guides without any noise, and ours are means over the same few samples as
            // the colours, noisy at outlines and where a lens blurs.
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

/// Called by the library.
unsafe extern "C" fn go_on(cancel: *mut c_void, _done: f64) -> bool {
    // SAFETY: the token of the filter, which lives while it is at work.
    let cancel = unsafe { &*cancel.cast::<Mutex<CancelToken>>() };
    !cancel.lock().unwrap_or_else(PoisonError::into_inner).is_cancelled()
}
