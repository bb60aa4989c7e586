//! The script API as one table: from an entry come registration, `plotrt api`, the reference in `docs/`, the
//! editor definitions and the test that runs its example.
