//! A device that traces nothing: tests of scripts, engine and commands run on it anywhere, and so does `plotrt check`.
//!
//! Its images are a pure function of everything that a real device's images depend on (scene, seed of the image,
//! passes), so that a difference in any of them shows.

use super::film::{FilmSums, PLANES, Planes, Samples};
use super::{Applied, Develop, Device, DeviceInfo, Hit, Prefetch, Ray};
use crate::Result;
use crate::cancel::CancelToken;
use crate::frame::{Frame, Guides};
use crate::scene::{ChangeSet, Scene};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A call of the device, as passed to a test's hook, on the thread that makes the call and before the call does
/// anything.
#[derive(Debug, Clone, PartialEq)]
pub enum NullCall {
    LookBack {
        may: bool,
    },
    Apply(ChangeSet),
    Restart {
        seed: u64,
    },
    Trace {
        samples: Range<u32>,
    },
    Develop {
        complete: bool,
    },
    /// A call of the [`Prefetch`]: names of the plots of the scene.
    Prefetch {
        plots: Vec<String>,
    },
}

type Hook = Arc<dyn Fn(&NullCall) -> Result<()> + Send + Sync>;

/// A device without a tracer, and the recorded calls.
#[derive(Clone)]
pub struct NullDevice {
    info: DeviceInfo,
    hook: Option<Hook>,
    pass_time: Duration,
    /// `None` before the first `apply`.
    held: Option<Scene>,
    seed: u64,
    samples: Samples,
}

impl NullDevice {
    pub fn new() -> Self {
        let info = DeviceInfo { id: "null".into(), name: "no tracing".into(), threads: 0 };
        NullDevice { info, hook: None, pass_time: Duration::ZERO, held: None, seed: 0, samples: Samples::default() }
    }

    /// Calls `hook` at each call of the device; if the hook fails, the call fails with its error (except `restart` and
    /// `look_back`).
    pub fn with_hook(mut self, hook: impl Fn(&NullCall) -> Result<()> + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Sets the duration of a pass.
    pub fn with_pass_time(mut self, time: Duration) -> Self {
        self.pass_time = time;
        self
    }

    fn tell(&self, call: NullCall) -> Result<()> {
        self.hook.as_ref().map_or(Ok(()), |hook| hook(&call))
    }

    fn size(&self) -> (u32, u32) {
        self.held.as_ref().map_or((0, 0), |scene| scene.size)
    }

    /// Waits for the duration of a pass; false when cancelled meanwhile.
    fn pass(&self, cancel: &CancelToken) -> bool {
        let end = Instant::now() + self.pass_time;
        loop {
            if cancel.is_cancelled() {
                return false;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(5)));
        }
    }
}

impl Default for NullDevice {
    fn default() -> Self {
        Self::new()
    }
}

/// A prefetch that sends nothing and reports its calls to the hook.
struct NullPrefetch(Hook);

impl Prefetch for NullPrefetch {
    fn prefetch(&self, scene: &Scene, _cancel: &CancelToken) {
        // A prefetch ignores errors.
        let _ = (self.0)(&NullCall::Prefetch { plots: scene.geometries.keys().cloned().collect() });
    }
}

impl Device for NullDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn prefetcher(&self) -> Option<Arc<dyn Prefetch>> {
        self.hook.clone().map(|hook| Arc::new(NullPrefetch(hook)) as Arc<dyn Prefetch>)
    }

    fn look_back(&mut self, may: bool) {
        // This call cannot return the hook's error.
        let _ = self.tell(NullCall::LookBack { may });
    }

    /// There is no film whose planes anybody could read.
    fn require_planes(&mut self, _planes: Planes) {}

    fn apply(&mut self, scene: &Scene) -> Result<Applied> {
        let changes = match &self.held {
            Some(held) => ChangeSet::between(held, scene),
            None => ChangeSet::everything(scene),
        };
        self.tell(NullCall::Apply(changes.clone()))?;
        if changes.size {
            self.samples = Samples::default();
        }
        self.held = Some(scene.clone());
        let rebuilt = [&changes.added[..], &changes.rebuilt].concat();
        Ok(Applied { refitted: changes.moved, rebuilt, sent_ahead: 0 })
    }

    fn restart(&mut self, seed: u64) {
        // This call cannot return the hook's error.
        let _ = self.tell(NullCall::Restart { seed });
        (self.seed, self.samples) = (seed, Samples::default());
    }

    fn trace(&mut self, samples: Range<u32>, cancel: &CancelToken) -> Result<u32> {
        self.samples.begin(&samples)?;
        self.tell(NullCall::Trace { samples: samples.clone() })?;
        let passes = samples.len() as u32;
        for done in 0..passes {
            if !self.pass(cancel) {
                return Ok(done);
            }
            self.samples.add(1);
        }
        Ok(passes)
    }

    fn samples(&self) -> Range<u32> {
        self.samples.range()
    }

    /// The size and the samples alone.
    fn sums(&mut self) -> Result<FilmSums> {
        let (width, height) = self.size();
        Ok(FilmSums { width, height, samples: self.samples.range(), planes: [const { None }; PLANES] })
    }

    fn add_sums(&mut self, sums: &FilmSums) -> Result<()> {
        sums.check(self.size(), Planes::NONE)?;
        self.samples.place(sums)?;
        self.samples.merge(&sums.samples);
        Ok(())
    }

    /// The linear image is the background, the 8-bit one the same in all pixels: a hash of all it depends on.
    fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame> {
        self.tell(NullCall::Develop { complete })?;
        let (width, height) = self.size();
        let pixels = width as usize * height as usize;
        let scene = self.held.clone().unwrap_or_default();
        let passes = self.samples.passes();
        let [r, g, b, ..] = digest(&scene, self.seed, passes).to_le_bytes();
        Ok(Frame {
            width,
            height,
            rgba8: [r, g, b, 255].repeat(pixels),
            linear: if what.linear { scene.background.to_array().repeat(pixels) } else { Vec::new() },
            passes,
            complete,
            noise: 1.0 / (passes.max(1) as f32).sqrt(),
            guides: what.guides.then(|| Guides::of_nothing(width, height)),
        })
    }

    /// Nothing is hit.
    fn closest(&mut self, rays: &[Ray]) -> Result<Vec<Option<Hit>>> {
        Ok(vec![None; rays.len()])
    }
}

/// A hash of everything that an image depends on. The same in every run of one build.
fn digest(scene: &Scene, seed: u64, passes: u32) -> u64 {
    let mut hash = DefaultHasher::new();
    (seed, passes, scene.size).hash(&mut hash);
    for (name, plot) in &scene.geometries {
        (name, plot.kind, &plot.material).hash(&mut hash);
        bytemuck::cast_slice::<_, u8>(plot.pos.relative()).hash(&mut hash);
        bytemuck::bytes_of(&plot.pos.origin().to_array()).hash(&mut hash);
        bytemuck::bytes_of(&plot.transform.to_cols_array()).hash(&mut hash);
        for (_, values) in plot.data.iter() {
            bytemuck::cast_slice::<f32, u8>(values.numbers()).hash(&mut hash);
        }
    }
    let rest = (&scene.lights, &scene.materials, scene.ambient, scene.background, &scene.variables, &scene.postproc);
    format!("{:?}{rest:?}", scene.view()).hash(&mut hash);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::film::SUM_BLOCK;
    use glam::Vec3;

    fn image(scene: &Scene, seed: u64, passes: u32) -> Frame {
        let mut device = NullDevice::new();
        device.apply(scene).unwrap();
        device.restart(seed);
        device.trace(0..passes, &CancelToken::new()).unwrap();
        device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap()
    }

    #[test]
    fn images_distinguish_scene_seed_and_passes() {
        let scene = Scene { size: (2, 1), ..Scene::default() };
        let reference = image(&scene, 1, 2);
        assert_eq!(reference, image(&scene, 1, 2));
        assert_eq!((reference.rgba8.len(), reference.linear.len()), (8, 6));
        assert_ne!(reference.rgba8, image(&scene, 2, 2).rgba8);
        assert_ne!(reference.rgba8, image(&scene, 1, 3).rgba8);
        let red = image(&Scene { background: Vec3::X, ..scene }, 1, 2);
        assert_ne!(reference.rgba8, red.rgba8);
        assert_eq!(red.linear, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn blocks_of_several_devices_make_the_image_of_one() {
        let scene = Scene { size: (2, 1), ..Scene::default() };
        let device = |samples: Range<u32>| {
            let mut device = NullDevice::new();
            device.apply(&scene).unwrap();
            device.restart(1);
            device.trace(samples, &CancelToken::new()).unwrap();
            device
        };
        let mut group = device(0..SUM_BLOCK);
        group.add_sums(&device(SUM_BLOCK..SUM_BLOCK + 9).sums().unwrap()).unwrap();
        assert_eq!(group.develop(true, Develop::default()), device(0..SUM_BLOCK + 9).develop(true, Develop::default()));
        assert!(group.add_sums(&device(0..9).sums().unwrap()).is_err());
    }

    #[test]
    fn a_cancelled_trace_adds_nothing_more() {
        let cancel = CancelToken::new();
        cancel.cancel();
        assert_eq!(NullDevice::new().trace(0..5, &cancel).unwrap(), 0);
    }
}
