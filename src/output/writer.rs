//! Writes frames to files in the background: several threads compress, one keeps the order.

use super::animation::{Animation, AnimationFormat, EncodedFrame};
use super::image::{ImageFormat, save_frame};
use super::naming::Pattern;
use crate::atomic::{check_folder, remove_abandoned};
use crate::frame::Frame;
use crate::{Error, Result};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

/// The target of `--out`.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// One file per frame.
    Files(Pattern, ImageFormat),
    /// All frames in one file.
    Animation(PathBuf, AnimationFormat),
}

impl Target {
    /// Parses `--out`: the ending of the name selects the format.
    pub fn parse(out: &str) -> Result<Target> {
        let pattern = Pattern::parse(out)?;
        let sample = pattern.path(0);
        match AnimationFormat::of(&sample) {
            Some(_) if pattern.is_numbered() => Err(Error::usage(format!("`{out}` is one file for all frames"))
                .hint("leave the number out of its name, or use numbered .png files")),
            Some(format) => Ok(Target::Animation(sample, format)),
            None => match ImageFormat::of(&sample) {
                Ok(format) => Ok(Target::Files(pattern, format)),
                Err(mut error) => {
                    let animated = AnimationFormat::ENDINGS.map(|(known, _)| format!(".{known}")).join(", ");
                    error.hint = error.hint.map(|hint| format!("{hint}; animations: {animated}"));
                    Err(error)
                }
            },
        }
    }

    /// The file of a frame.
    pub fn path(&self, frame: u64) -> PathBuf {
        match self {
            Target::Files(pattern, _) => pattern.path(frame),
            Target::Animation(path, _) => path.clone(),
        }
    }

    /// The folder of the files.
    pub fn folder(&self) -> PathBuf {
        let path = self.path(0);
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }

    /// Whether frames need [`Frame::linear`].
    pub fn needs_linear(&self) -> bool {
        matches!(self, Target::Files(_, format) if format.needs_linear())
    }
}

/// A frame that is to be written.
struct FrameJob {
    /// Index among the frames that were pushed.
    position: u64,
    /// The frame number, for the file name.
    number: u64,
    frame: Arc<Frame>,
    seconds: f64,
}

/// What a thread has made of a frame.
enum Product {
    File,
    Encoded(EncodedFrame),
}

/// A frame that has been written to its file or passed to the animation.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The frame number.
    pub number: u64,
    pub path: PathBuf,
    /// Seconds that rendering the frame took, as given to [`FrameWriter::push`].
    pub seconds: f64,
    pub passes: u32,
    /// Noise of the frame: see [`Frame::noise`].
    pub noise: f32,
}

/// Writes frames while the next ones are rendered. The files do not depend on the number of threads.
pub struct FrameWriter {
    jobs: Option<Sender<FrameJob>>,
    pushed: u64,
    workers: Vec<JoinHandle<()>>,
    collector: Option<JoinHandle<Collected>>,
}

/// The collector's result: the animation, and the first error.
struct Collected {
    animation: Option<Animation>,
    result: Result<()>,
}

impl FrameWriter {
    /// Opens the target, so that a file or folder that cannot be written is an error before the slow work begins.
    /// `fps` (frames per second) is for animations; `threads` is at least 1. `on_written` is called for every written
    /// frame, in the order in which they were pushed, on a thread of the writer. Temporary files in the folder that
    /// killed processes have left are removed.
    pub fn start(
        target: Target,
        fps: f64,
        threads: usize,
        on_written: impl FnMut(Written) + Send + 'static,
    ) -> Result<FrameWriter> {
        let mut animation = None;
        match &target {
            Target::Files(pattern, _) => check_folder(&pattern.path(0))?,
            Target::Animation(path, format) => animation = Some(Animation::create(path, *format, fps)?),
        }
        remove_abandoned(&target.path(0));
        // Short queues: a slow disk or encoder must slow down the rendering, not fill the memory.
        let (jobs, queue) = bounded::<FrameJob>(1);
        let (results, finished) = bounded(1);
        let target = Arc::new(target);
        let workers = (0..threads.max(1))
            .map(|index| {
                let (queue, results, target) = (queue.clone(), results.clone(), Arc::clone(&target));
                spawn(format!("writer {index}"), move || work(&queue, &results, &target))
            })
            .collect::<Result<_>>()?;
        let collector = spawn("writer".into(), move || collect(&finished, on_written, animation))?;
        Ok(FrameWriter { jobs: Some(jobs), pushed: 0, workers, collector: Some(collector) })
    }

    /// Queues a frame; waits while too many are queued. Returns false if an earlier frame has failed and no more are
    /// taken; [`FrameWriter::finish`] then returns the error. `seconds` is passed on to `on_written`.
    pub fn push(&mut self, number: u64, frame: Arc<Frame>, seconds: f64) -> bool {
        let job = FrameJob { position: self.pushed, number, frame, seconds };
        self.pushed += 1;
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// Waits until all frames are written and completes the animation.
    pub fn finish(mut self) -> Result<()> {
        let Collected { animation, result } = self.join();
        match (result, animation) {
            (Ok(()), Some(animation)) => animation.finish(),
            (Ok(()), None) => Ok(()),
            (Err(error), animation) => Err(mention_partial(error, animation)),
        }
    }

    /// Waits for the queued frames, keeps an unfinished animation as `NAME.partial.EXT` and returns its path.
    pub fn stop(mut self) -> Result<Option<PathBuf>> {
        let Collected { animation, result } = self.join();
        match result {
            Ok(()) => animation.map_or(Ok(None), Animation::finish_partial),
            Err(error) => Err(mention_partial(error, animation)),
        }
    }

    fn join(&mut self) -> Collected {
        self.jobs = None;
        let failed =
            || Collected { animation: None, result: Err(Error::file("a thread that writes files has failed")) };
        let workers: Vec<_> = self.workers.drain(..).map(JoinHandle::join).collect();
        let Some(Ok(mut collected)) = self.collector.take().map(JoinHandle::join) else { return failed() };
        if collected.result.is_ok() && workers.iter().any(Result::is_err) {
            collected.result = failed().result;
        }
        collected
    }
}

impl Drop for FrameWriter {
    /// Waits for the threads, so that they remove their unfinished files before the process ends.
    fn drop(&mut self) {
        self.join();
    }
}

fn spawn<T: Send + 'static>(name: String, body: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    std::thread::Builder::new()
        .name(name)
        .spawn(body)
        .map_err(|e| Error::limit(format!("cannot start a thread: {e}")).hint("use fewer with `--threads`"))
}

/// The loop of a compressing thread; ends when there are no more jobs or nobody receives its results.
fn work(queue: &Receiver<FrameJob>, results: &Sender<(u64, Written, Result<Product>)>, target: &Target) {
    for FrameJob { position, number, frame, seconds } in queue {
        let path = target.path(number);
        let done = match target {
            Target::Files(..) => save_frame(&frame, &path).map(|()| Product::File),
            Target::Animation(_, format) => EncodedFrame::new(&frame, *format).map(Product::Encoded),
        };
        let written = Written { number, path, seconds, passes: frame.passes, noise: frame.noise };
        if results.send((position, written, done)).is_err() {
            break;
        }
    }
}

/// Puts the results back in order; ends at the first error, which stops the workers and then the sender of frames.
fn collect(
    finished: &Receiver<(u64, Written, Result<Product>)>,
    mut on_written: impl FnMut(Written),
    mut animation: Option<Animation>,
) -> Collected {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (position, written, done) in finished {
        early.insert(position, (written, done));
        while let Some((written, done)) = early.remove(&next) {
            next += 1;
            let result = match (done, &mut animation) {
                (Ok(Product::File), _) => Ok(()),
                (Ok(Product::Encoded(frame)), Some(animation)) => animation.push(frame),
                (Ok(Product::Encoded(_)), None) => Err(Error::file("no animation is open")),
                (Err(error), _) => Err(error),
            };
            match result {
                Ok(()) => on_written(written),
                Err(error) => return Collected { animation, result: Err(error) },
            }
        }
    }
    Collected { animation, result: Ok(()) }
}

/// Keeps the finished frames of a failed animation, and names the file in the hint.
fn mention_partial(mut error: Error, animation: Option<Animation>) -> Error {
    if let Some(Ok(Some(path))) = animation.map(Animation::finish_partial) {
        let kept = format!("the finished frames are in `{}`", path.display());
        error.hint = Some(error.hint.map_or(kept.clone(), |hint| format!("{hint}; {kept}")));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn frame(index: u64, size: u32) -> Arc<Frame> {
        let rgba8 = [index as u8 * 3, 0, 255, 255].repeat((size * size) as usize);
        Arc::new(Frame { width: size, height: size, rgba8, passes: 1, complete: true, ..Frame::default() })
    }

    fn target(folder: &Path, name: &str) -> Target {
        Target::parse(folder.join(name).to_str().unwrap()).unwrap()
    }

    #[test]
    fn files_and_reports_come_in_order_whatever_the_number_of_threads() {
        let mut animations = Vec::new();
        for threads in [1, 2, 7] {
            let folder = tempfile::tempdir().unwrap();
            for name in ["{:02}.png", "all.gif"] {
                let (report, written) = crossbeam_channel::unbounded();
                let on_written = move |written: Written| report.send(written.number).unwrap();
                let mut writer = FrameWriter::start(target(folder.path(), name), 25.0, threads, on_written).unwrap();
                for index in 0..20 {
                    assert!(writer.push(index * 2, frame(index, 32), 0.0));
                }
                writer.finish().unwrap();
                let numbers: Vec<_> = written.iter().collect();
                assert_eq!(numbers, (0..20).map(|index| index * 2).collect::<Vec<_>>());
            }
            assert_eq!(image::open(folder.path().join("38.png")).unwrap().to_rgb8().get_pixel(0, 0).0, [57, 0, 255]);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 21);
            animations.push(std::fs::read(folder.path().join("all.gif")).unwrap());
        }
        assert!(animations.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_failing_frame_stops_the_writing_and_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FrameWriter::start(target(folder.path(), "a.webp"), 25.0, 2, drop).unwrap();
        writer.push(0, frame(0, 8), 0.0);
        writer.push(1, frame(1, 8), 0.0);
        writer.push(2, frame(2, 9), 0.0);
        while writer.push(3, frame(3, 8), 0.0) {}
        let error = writer.finish().unwrap_err();
        assert_eq!(error.message, "frame 2 is 9x9, the animation is 8x8");
        assert!(error.hint.unwrap().contains("a.partial.webp"));
        assert!(folder.path().join("a.partial.webp").exists());
        assert!(!folder.path().join("a.webp").exists());
    }

    #[test]
    fn stopping_keeps_a_partial_animation() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FrameWriter::start(target(folder.path(), "a.gif"), 25.0, 2, drop).unwrap();
        writer.push(0, frame(0, 8), 0.0);
        assert_eq!(writer.stop().unwrap(), Some(folder.path().join("a.partial.gif")));
        let writer = FrameWriter::start(target(folder.path(), "b.gif"), 25.0, 2, drop).unwrap();
        assert_eq!(writer.stop().unwrap(), None);
    }

    #[test]
    fn the_ending_selects_the_target() {
        assert!(matches!(Target::parse("a{:04}.PNG"), Ok(Target::Files(_, ImageFormat::Png))));
        assert!(matches!(Target::parse("a.gif"), Ok(Target::Animation(_, AnimationFormat::Gif))));
        assert!(Target::parse("a{}.exr").unwrap().needs_linear());
        let error = Target::parse("a{}.gif").unwrap_err();
        assert!(error.message.contains("is one file for all frames"), "{error}");
        let error = Target::parse("a.mp4").unwrap_err();
        assert!(error.hint.unwrap().ends_with("animations: .gif, .apng, .webp"));
    }

    #[test]
    fn a_missing_folder_is_an_error_before_anything_is_rendered() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["none/{}.png", "none/a.gif"] {
            let Err(error) = FrameWriter::start(target(folder.path(), name), 25.0, 1, drop) else { panic!("{name}") };
            assert!(error.message.contains("there is no folder"), "{error}");
        }
    }
}
