//! Seeds of images: a pure function of the run's seed and the frame number, so that the noise pattern does not stay
//! fixed on the screen and every frame can be traced on its own.

use crate::random::mix;

/// The seed of the image of a frame; `None` gives the seed that is the same in every frame.
pub fn image_seed(run: u64, frame: Option<u64>) -> u64 {
    let locked = mix(run);
    match frame {
        // Adding 1 keeps frame 0 from having the locked seed.
        Some(frame) => mix(locked ^ frame.wrapping_add(1)),
        None => locked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn frames_and_runs_differ_and_locked_noise_does_not() {
        let seeds: HashSet<u64> =
            (0..8).flat_map(|run| (0..1000).map(move |frame| image_seed(run, Some(frame)))).collect();
        assert_eq!(seeds.len(), 8000);
        assert_eq!(image_seed(7, None), image_seed(7, None));
        assert_ne!(image_seed(7, None), image_seed(8, None));
        assert_ne!(image_seed(7, None), image_seed(7, Some(0)));
    }
}
