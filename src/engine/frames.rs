//! The frames of an animation that a batch traces.

use std::collections::BTreeSet;

/// The frames of an animation to trace: `start`, `start + step`, ... up to `end`, except those in `skip`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frames {
    /// First frame.
    pub start: u64,
    /// Last frame that may be traced, inclusive.
    pub end: u64,
    /// Step from one frame to the next, at least 1.
    pub step: u64,
    /// Frames to leave out, because their files exist.
    pub skip: BTreeSet<u64>,
}

impl Frames {
    /// The frames from `start` to `end`, inclusive.
    pub fn range(start: u64, end: u64) -> Frames {
        Frames { start, end, step: 1, skip: BTreeSet::new() }
    }

    /// Whether frame `number` is to be traced.
    pub fn contains(&self, number: u64) -> bool {
        (self.start..=self.end).contains(&number)
            && (number - self.start).is_multiple_of(self.step.max(1))
            && !self.skip.contains(&number)
    }

    /// The frames to trace, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u64> + '_ {
        let step = self.step.max(1);
        let count = if self.start > self.end { 0 } else { (self.end - self.start) / step + 1 };
        (0..count).map(move |i| self.start + i * step).filter(|n| !self.skip.contains(n))
    }

    /// The last frame to trace, if there is any.
    pub fn last(&self) -> Option<u64> {
        self.iter().next_back()
    }

    /// Whether a frame before the last one is not traced, so that its image callbacks do not run.
    pub fn is_partial(&self) -> bool {
        self.last().is_some_and(|last| self.iter().count() as u64 != last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_step_and_skip() {
        let frames = Frames { start: 2, end: 11, step: 3, skip: BTreeSet::from([5, 11]) };
        assert_eq!(frames.iter().collect::<Vec<_>>(), [2, 8]);
        assert!(frames.contains(8) && !frames.contains(5) && !frames.contains(3) && !frames.contains(14));
        assert_eq!(frames.last(), Some(8));
    }

    #[test]
    fn partial_means_an_untraced_frame_before_the_last() {
        assert!(!Frames::range(0, 9).is_partial());
        assert!(Frames::range(1, 9).is_partial());
        assert!(Frames { step: 2, ..Frames::range(0, 9) }.is_partial());
        assert!(Frames { skip: BTreeSet::from([3]), ..Frames::range(0, 9) }.is_partial());
        // Skipped frames at the end do not make a batch partial: the run simply ends earlier.
        assert!(!Frames { skip: BTreeSet::from([8, 9]), ..Frames::range(0, 9) }.is_partial());
        assert!(!Frames { skip: (0..10).collect(), ..Frames::range(0, 9) }.is_partial());
        assert_eq!(Frames { start: 3, end: 2, step: 1, skip: BTreeSet::new() }.last(), None);
    }
}
