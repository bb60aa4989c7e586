//! Speed of reading data files: `cargo bench --bench io [-- FILE...]`.
//!
//! Without files it creates some: a table of 200 MB, half of its columns floats and half integers, and the same floats
//! as npy. `benches/io_peer.py FILE...` reads files with NumPy, pandas and polars; run both on one machine. All read
//! files that are still in the system's cache.

use plotrt::array::io::{LoadOptions, Part, PartData, SaveOptions, load, save_array, save_columns};
use plotrt::array::{Values, Watch};
use std::path::{Path, PathBuf};
use std::time::Instant;

const ROWS: usize = 2_000_000;
const REPEATS: usize = 5;

fn main() -> plotrt::Result<()> {
    let mut files: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).map(PathBuf::from).collect();
    let folder = tempfile::tempdir().map_err(|e| plotrt::Error::file(e.to_string()))?;
    if files.is_empty() {
        files = make(folder.path())?;
    }
    println!("{:<28} {:>10} {:>10} {:>10} {:>10}", "file", "MB", "best s", "MB/s", "result MB");
    for path in &files {
        let megabytes = std::fs::metadata(path).map_or(0.0, |there| there.len() as f64 / 1e6);
        let (mut best, mut result) = (f64::INFINITY, 0);
        for _ in 0..REPEATS {
            let begin = Instant::now();
            let loaded = load(path, &LoadOptions::default(), &Watch::default())?;
            best = best.min(begin.elapsed().as_secs_f64());
            result = loaded.bytes();
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!("{name:<28} {megabytes:>10.1} {best:>10.3} {:>10.0} {:>10.1}", megabytes / best, result as f64 / 1e6);
    }
    Ok(())
}

/// SplitMix64: digits that don't repeat.
fn noise(i: usize) -> u64 {
    let mut z = (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn make(folder: &Path) -> plotrt::Result<Vec<PathBuf>> {
    let watch = Watch::default();
    let float = |k: usize| Values::F64((0..ROWS).map(|i| noise(8 * i + k) as f64 / u64::MAX as f64 - 0.5).collect());
    let int = |k: usize| Values::I64((0..ROWS).map(|i| (noise(8 * i + k) % 1_000_000) as i64).collect());
    let columns: Vec<Values> = (0..4).map(float).chain((4..8).map(int)).collect();
    let shape = [ROWS];
    let names = ["a", "b", "c", "d", "i", "j", "k", "l"];
    let parts: Vec<Part<'_>> =
        names.iter().zip(&columns).map(|(name, values)| Part { name, data: PartData::Array(&shape, values) }).collect();
    let (table, array) = (folder.join("table.csv"), folder.join("array.npy"));
    save_columns(&table, &parts, &SaveOptions::default(), &watch)?;
    save_array(&array, &shape, &columns[0], &watch)?;
    Ok(vec![table, array])
}
