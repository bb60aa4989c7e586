//! What a round costs: its times, its timeline, the passes and rays traced, the device's memory.

use crate::engine::stats::{Counts, Lane, RoundStats, Span, Timings};
use crate::frame::Frame;
use std::time::{Duration, Instant};

/// Minimum time between two queries of the device's memory use: a query takes longer than a small round.
const MEMORY_ASKED: Duration = Duration::from_secs(1);

/// Costs of the present round.
#[derive(Debug)]
pub(super) struct Costs {
    round_began: Instant,
    /// Work of the device when the round began.
    before: Counts,
    /// Times of the present round, as far as it has come, and otherwise of the previous one.
    timings: Timings,
    spans: Vec<Span>,
    task_began: Instant,
    /// Time to trace a block that no command has interrupted.
    usual_block: Duration,
    /// Passes and noise of the last image.
    image: Option<(u32, f32)>,
    /// Bytes of device memory in use, and when they were last queried.
    memory: Option<(Option<u64>, Instant)>,
}

impl Costs {
    pub fn new(now: Instant) -> Self {
        Costs {
            round_began: now,
            before: Counts::default(),
            timings: Timings::default(),
            spans: Vec::new(),
            task_began: now,
            usual_block: Duration::ZERO,
            image: None,
            memory: None,
        }
    }

    /// A round begins, before which the device has done the work `counts`.
    pub fn begin_round(&mut self, now: Instant, counts: Counts) {
        (self.round_began, self.before) = (now, counts);
        self.spans.clear();
    }

    pub fn round_began(&self) -> Instant {
        self.round_began
    }

    /// The script has begun anew: the times of earlier rounds say nothing about the next.
    pub fn forget_timings(&mut self) {
        self.timings = Timings::default();
    }

    /// Adds work of the raytrace thread that began at `begin` and has just ended.
    pub fn ended(&mut self, name: &'static str, begin: Instant) {
        self.add(Lane::Raytrace, name, begin, begin.elapsed());
    }

    /// A task of the compute thread begins.
    pub fn begin_task(&mut self, now: Instant) {
        self.task_began = now;
    }

    /// The task of the compute thread has ended and took `seconds`.
    pub fn task_ended(&mut self, name: &'static str, seconds: f64) {
        self.add(Lane::Compute, name, self.task_began, Duration::from_secs_f64(seconds));
    }

    fn add(&mut self, lane: Lane, name: &'static str, begin: Instant, took: Duration) {
        let begin = begin.saturating_duration_since(self.round_began).as_secs_f64();
        self.spans.push(Span { lane, name, begin, end: begin + took.as_secs_f64() });
    }

    pub fn block_traced(&mut self, took: Duration) {
        self.usual_block = took;
    }

    /// When a round ends that no command has interrupted.
    pub fn usual_end(&self) -> Instant {
        self.round_began + self.usual_block
    }

    /// The block was traced and developed in this time, seconds.
    pub fn block_developed(&mut self, trace: f64, post: f64) {
        (self.timings.trace, self.timings.post) = (trace, post);
    }

    pub fn compute_took(&mut self, seconds: f64) {
        self.timings.compute = seconds;
    }

    /// `update_data` and the sync point took this time, seconds.
    pub fn update_took(&mut self, seconds: f64) {
        self.timings.update = seconds;
    }

    /// An image was developed.
    pub fn image_developed(&mut self, frame: &Frame) {
        self.image = Some((frame.passes, frame.noise));
    }

    /// Times for an image that was traced in `trace` seconds and is shown before its block has ended.
    pub fn timings_of_preview(&self, trace: f64) -> Timings {
        Timings { trace, ..self.timings }
    }

    /// Times of the round up to now.
    pub fn timings_until(&self, now: Instant) -> Timings {
        Timings { total: now.saturating_duration_since(self.round_began).as_secs_f64(), ..self.timings }
    }

    /// Ends the round and returns its statistics, without what belongs to the scene. `counts` is the work of the device
    /// up to now, and `memory` queries its memory.
    pub fn end_round(&mut self, now: Instant, counts: Counts, memory: impl FnOnce() -> Option<u64>) -> RoundStats {
        self.timings = self.timings_until(now);
        let (passes, seconds) = (counts.passes - self.before.passes, counts.seconds - self.before.seconds);
        let rays = self.before.rays.zip(counts.rays).map(|(before, now)| now.saturating_sub(before));
        if self.memory.is_none_or(|(_, asked)| now.saturating_duration_since(asked) > MEMORY_ASKED) {
            self.memory = Some((memory(), now));
        }
        let mut spans = std::mem::take(&mut self.spans);
        spans.sort_by(|a, b| a.begin.total_cmp(&b.begin));
        RoundStats {
            // The film may already be empty again, for the next round.
            passes: self.image.map_or(0, |(passes, _)| passes),
            traced: passes.try_into().unwrap_or(u32::MAX),
            seconds_per_pass: if passes > 0 { seconds / passes as f64 } else { 0.0 },
            timings: self.timings,
            rays_per_second: rays.filter(|_| seconds > 0.0).map(|rays| rays as f64 / seconds),
            noise: self.image.map(|(_, noise)| noise).filter(|noise| noise.is_finite()),
            device_memory: self.memory.and_then(|(bytes, _)| bytes),
            spans,
            ..RoundStats::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passes: u64, seconds: f64, rays: u64) -> Counts {
        Counts { passes, seconds, rays: Some(rays) }
    }

    #[test]
    fn a_round_is_charged_for_its_own_work_only() {
        let begin = Instant::now();
        let mut costs = Costs::new(begin);
        costs.begin_round(begin, counts(10, 1.0, 1000));
        costs.block_developed(0.5, 0.25);
        costs.compute_took(0.125);
        costs.image_developed(&Frame { passes: 12, noise: 0.5, ..Frame::default() });
        let end = begin + Duration::from_secs(2);
        let stats = costs.end_round(end, counts(14, 1.5, 3000), || Some(7));
        assert_eq!((stats.passes, stats.traced, stats.seconds_per_pass), (12, 4, 0.125));
        assert_eq!((stats.rays_per_second, stats.noise, stats.device_memory), (Some(4000.0), Some(0.5), Some(7)));
        let timings = Timings { trace: 0.5, post: 0.25, compute: 0.125, update: 0.0, total: 2.0 };
        assert_eq!(stats.timings, timings);
        assert_eq!(costs.timings_of_preview(1.0), Timings { trace: 1.0, ..timings });
        costs.begin_round(end, counts(14, 1.5, 3000));
        let idle = costs.end_round(end, counts(14, 1.5, 3000), || Some(7));
        assert_eq!((idle.traced, idle.seconds_per_pass, idle.rays_per_second), (0, 0.0, None));
        costs.forget_timings();
        assert_eq!(costs.timings_until(end), Timings::default());
    }

    #[test]
    fn noise_that_is_not_known_yet_is_left_out() {
        let now = Instant::now();
        let mut costs = Costs::new(now);
        assert_eq!(costs.end_round(now, Counts::default(), || None).noise, None);
        costs.image_developed(&Frame { noise: f32::INFINITY, ..Frame::default() });
        assert_eq!(costs.end_round(now, Counts::default(), || None).noise, None);
    }

    #[test]
    fn memory_is_queried_at_most_once_a_second() {
        let begin = Instant::now();
        let mut costs = Costs::new(begin);
        let mut queries = 0;
        let seen = [0, 500, 1000, 1001, 2001, 2002].map(|milliseconds| {
            let now = begin + Duration::from_millis(milliseconds);
            costs.end_round(now, Counts::default(), || {
                queries += 1;
                Some(queries)
            })
        });
        assert_eq!(seen.map(|stats| stats.device_memory), [1, 1, 1, 2, 2, 3].map(Some));
    }

    #[test]
    fn spans_are_sorted_by_their_beginning_and_belong_to_one_round() {
        let begin = Instant::now();
        let mut costs = Costs::new(begin);
        costs.begin_round(begin, Counts::default());
        costs.begin_task(begin + Duration::from_secs(1));
        costs.task_ended("compute", 2.0);
        costs.ended("trace", begin);
        let spans = costs.end_round(begin, Counts::default(), || None).spans;
        assert_eq!(spans.iter().map(|span| span.name).collect::<Vec<_>>(), ["trace", "compute"]);
        assert_eq!((spans[1].begin, spans[1].end, spans[1].lane), (1.0, 3.0, Lane::Compute));
        assert_eq!(costs.end_round(begin, Counts::default(), || None).spans, []);
    }

    #[test]
    fn an_interrupted_round_lasts_as_long_as_a_usual_one() {
        let begin = Instant::now();
        let mut costs = Costs::new(begin);
        costs.block_traced(Duration::from_secs(3));
        let next = begin + Duration::from_secs(10);
        costs.begin_round(next, Counts::default());
        assert_eq!(costs.usual_end(), next + Duration::from_secs(3));
    }
}
