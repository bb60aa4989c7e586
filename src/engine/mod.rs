//! The two threads, the round, the sync point, accumulation, cancellation.
