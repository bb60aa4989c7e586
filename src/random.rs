//! SplitMix64 (Steele, Lea, Flood 2014): random bits as a function of a number, which makes them the same on every
//! machine and in whatever order they are computed.

/// The increment of the sequence.
pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes every input bit into every output bit. The sequence of a seed is `mix(seed)`, `mix(seed + STEP)`, `mix(seed +
/// 2 STEP)`, and so on.
#[inline(always)]
pub fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(STEP);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The sequence of a seed, one number after another.
#[derive(Debug, Clone)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let bits = mix(self.0);
        self.0 = self.0.wrapping_add(STEP);
        bits
    }

    /// 24 bits as a number in [0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f32 {
        const STEPS: f32 = (1u32 << 24) as f32;
        (self.bits() >> 40) as f32 / STEPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_sequence() {
        let mut random = SplitMix64(1234567);
        let bits: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(bits, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
        assert_eq!(bits[2], mix(1234567u64.wrapping_add(STEP.wrapping_mul(2))));
    }
}
