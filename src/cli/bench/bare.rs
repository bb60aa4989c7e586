//! `plotrt bench --bare`: camera rays of the path loop compared with a minimal OptiX program, in turns.

use super::super::args::BenchArgs;
use super::{Case, Outcome};
use crate::Error;
use crate::device::DeviceChoice;

#[cfg(all(feature = "optix", feature = "testing"))]
pub(super) fn run(args: &BenchArgs) -> Outcome {
    let (case, index) = check(args)?;
    let size = args.size.map_or(case.size(), |size| (size.0, size.1));
    let figures = rates::measure(index, case, size, args.count.unwrap_or(case.default_count()), args.passes)?;
    let text = match args.json {
        true => serde_json::to_string(&figures).map_err(|e| Error::file(e.to_string()))? + "\n",
        false => figures.describe(),
    };
    super::report::result(&text)?;
    Ok(())
}

#[cfg(not(all(feature = "optix", feature = "testing")))]
pub(super) fn run(args: &BenchArgs) -> Outcome {
    check(args)?;
    let error = Error::device("this build has no bare program to compare with");
    Err(error.hint("build plotrt with its features `optix` and `testing`").into())
}

/// The scene, and the index of the GPU.
fn check(args: &BenchArgs) -> crate::Result<(Case, usize)> {
    let case = args.case.unwrap_or(Case::Spheres);
    if !matches!(case, Case::Spheres | Case::Cloud) {
        return Err(Error::usage("`--bare` compares spheres only").hint("run `plotrt bench spheres --bare`"));
    }
    match args.device {
        DeviceChoice::Auto => Ok((case, 0)),
        DeviceChoice::Optix(index) => Ok((case, index.unwrap_or(0))),
        DeviceChoice::Cpu | DeviceChoice::Null => {
            Err(Error::usage("`--bare` compares programs of a GPU").hint("give `--device optix`"))
        }
    }
}

#[cfg(all(feature = "optix", feature = "testing"))]
mod rates {
    use super::super::measure::median;
    use super::Case;
    use crate::cancel::CancelToken;
    use crate::device::Device;
    use crate::device::optix::OptixDevice;
    use crate::{Error, Result};
    use serde::Serialize;
    use std::time::Instant;

    /// Blocks of passes whose median is reported, of each program.
    const REPEATS: usize = 9;
    /// Blocks before: programs are loaded and clocks go up.
    const WARM_UP: usize = 3;

    /// All rates are medians, in millions of pixels a second; a pixel is one ray.
    #[derive(Debug, Serialize)]
    pub struct BareFigures {
        device: String,
        width: u32,
        height: u32,
        spheres: usize,
        passes: u32,
        bare_mpixels_per_s: f64,
        camera_rays_mpixels_per_s: f64,
        /// The latter by the former.
        ratio: f64,
    }

    pub fn measure(index: usize, case: Case, size: (u32, u32), count: usize, passes: u32) -> Result<BareFigures> {
        let mut device = OptixDevice::new(index)?;
        let mut scene = case.scene(case.data(count))?;
        scene.size = size;
        scene.variables.path_seg_range = (1, 1);
        device.apply(&scene)?;
        let bare = device.bare()?;

        let pixels = f64::from(size.0) * f64::from(size.1) * f64::from(passes);
        let (mut bare_rates, mut own_rates) = (Vec::new(), Vec::new());
        for repeat in 0..WARM_UP + REPEATS {
            let bare_s = device.run_bare(&bare, passes)?;
            device.restart(1);
            // Empties the film before the clock starts.
            trace(&mut device, 1)?;
            let clock = Instant::now();
            trace(&mut device, passes)?;
            let own_s = clock.elapsed().as_secs_f64();
            if repeat >= WARM_UP {
                bare_rates.push(pixels / bare_s / 1e6);
                own_rates.push(pixels / own_s / 1e6);
            }
        }
        let (bare, own) = (median(bare_rates), median(own_rates));
        Ok(BareFigures {
            device: device.info().name.clone(),
            width: size.0,
            height: size.1,
            spheres: count,
            passes,
            bare_mpixels_per_s: bare,
            camera_rays_mpixels_per_s: own,
            ratio: own / bare,
        })
    }

    /// Returns when the card is done.
    fn trace(device: &mut OptixDevice, passes: u32) -> Result<()> {
        match device.trace_more(passes, &CancelToken::new())? {
            done if done == passes => Ok(()),
            done => Err(Error::device(format!("{done} passes of {passes} were traced"))),
        }
    }

    impl BareFigures {
        pub fn describe(&self) -> String {
            format!(
                "{} spheres, {}x{}, {} passes; {}\n  {:<30}{:.1} Mpixel/s\n  {:<30}{:.1} Mpixel/s\n  {:<30}{:.3}\n",
                self.spheres,
                self.width,
                self.height,
                self.passes,
                self.device,
                "bare program",
                self.bare_mpixels_per_s,
                "camera rays of the path loop",
                self.camera_rays_mpixels_per_s,
                "ratio",
                self.ratio
            )
        }
    }
}
