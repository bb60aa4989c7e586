//! The values that a number may have.

/// The values that a number, or each number of an array, may have. All must be finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    Any,
    /// At least.
    From(f64),
    /// Above.
    Above(f64),
    /// Both ends included.
    Within(f64, f64),
    /// Both ends excluded.
    Between(f64, f64),
}

impl Range {
    pub fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Range::Any => true,
                Range::From(lo) => x >= lo,
                Range::Above(lo) => x > lo,
                Range::Within(lo, hi) => (lo..=hi).contains(&x),
                Range::Between(lo, hi) => x > lo && x < hi,
            }
    }
    /// In the words of messages, after "wants" or alone in a table; empty where every finite number is allowed.
    pub fn describe(self) -> String {
        match self {
            Range::Any => String::new(),
            Range::From(lo) => format!("at least {lo}"),
            Range::Above(lo) => format!("above {lo}"),
            Range::Within(lo, hi) => format!("{lo} to {hi}"),
            Range::Between(lo, hi) => format!("between {lo} and {hi}"),
        }
    }
}
