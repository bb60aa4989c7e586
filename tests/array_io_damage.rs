//! Damaged data files: thousands of them, all derived from valid files. None may cause a panic, or use memory far
//! beyond the limit.

use plotrt::array::Values;
use plotrt::array::Watch;
use plotrt::array::io::{Column, Columns, Header, LoadOptions, Loaded, load};
use std::alloc::{GlobalAlloc, Layout, System};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts the allocated memory of all threads, and its maximum since the last reset.
struct Watching;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    let held = HELD.fetch_add(bytes, Relaxed).wrapping_add(bytes);
    // Memory that is freed in between may make the sum look negative for a moment.
    if held < isize::MAX as usize {
        MOST.fetch_max(held, Relaxed);
    }
}

// SAFETY: every call is forwarded to `System` unchanged; the counters allocate nothing.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// The memory of reading beside the counted memory: buffers of two or more threads, and those of libraries.
const BESIDE: usize = 64 << 20;
const LIMIT: u64 = 4 << 20;

/// The counters are of the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Peak memory of a piece of work, bytes.
fn most(work: impl FnOnce()) -> usize {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    work();
    MOST.load(Relaxed).saturating_sub(before)
}

/// SplitMix64: the same damage in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Numbers and characters with a meaning in one format or another.
const TELLING: [&[u8]; 14] = [
    b"\xFF\xFF\xFF\xFF",
    b"\0\0\0\0",
    b"\x80\0\0\0",
    b"\xFF\xFF\xFF\x7F",
    b"99999999999999999999",
    b"-1",
    b"\"",
    b"\n",
    b",",
    b"[[[[",
    b"{\"",
    b"(1,)",
    b"1e999",
    b"nan",
];

fn damage(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at),
            3 => {
                let telling = TELLING[random.below(TELLING.len())];
                bytes.splice(at..at, telling.iter().copied());
            }
            4 => {
                let telling = TELLING[random.below(TELLING.len())];
                let end = bytes.len().min(at + telling.len());
                bytes.splice(at..end, telling.iter().copied());
            }
            5 => {
                let end = at + random.below(bytes.len() - at);
                bytes.drain(at..end.min(at + 16));
            }
            _ => {
                let end = at + random.below(bytes.len() - at).min(32);
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

/// A column is as large as its shape states.
fn check(column: &Column) {
    match column {
        Column::Text(_) | Column::Word(_) => {}
        Column::Group(columns) => check_all(columns),
        Column::Array(block) => assert_eq!(block.shape.iter().product::<usize>(), block.values.len()),
    }
}

fn check_all(columns: &Columns) {
    columns.values().for_each(check);
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/io");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending != "py"));
    files.sort();
    assert!(files.len() > 40);
    files
}

#[test]
fn damaged_files_are_errors_or_data() {
    let _guard = ONE_AT_A_TIME.lock();
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::default();
    let options = LoadOptions { memory_limit: LIMIT, ..LoadOptions::default() };
    let (mut errors, mut read) = (0, 0);
    for file in fixtures() {
        let whole = std::fs::read(&file).unwrap();
        let ending = file.extension().unwrap().to_str().unwrap();
        let path = folder.path().join(format!("damaged.{ending}"));
        let mut random = Random(whole.len() as u64);
        for round in 0..300 {
            let bytes = damage(&whole, &mut random);
            std::fs::write(&path, &bytes).unwrap();
            let most = most(|| match load(&path, &options, &watch) {
                Err(error) => {
                    errors += 1;
                    assert!(!error.message.is_empty() && !error.message.ends_with('.'), "{error}");
                }
                Ok(loaded) => {
                    read += 1;
                    match &loaded {
                        Loaded::Array(block) => check(&Column::Array(block.clone())),
                        Loaded::Columns(columns) => check_all(columns),
                        Loaded::Text(_) | Loaded::Word(_) => {}
                    }
                }
            });
            assert!(most < LIMIT as usize + BESIDE, "{} round {round}: {most} bytes", file.display());
        }
    }
    // Damage leaves some files valid, but not most.
    assert!(errors > 1000 && read > 1000, "{errors} {read}");
}

#[test]
fn damaged_tables_are_errors_or_data_with_every_option() {
    let _guard = ONE_AT_A_TIME.lock();
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::default();
    let tables = [
        "sep=;\nname;v;w\nm;s;kg\nA;\"1.234,5\";1\nB;2,5;-999\n",
        "a,b\r1,2\r\"x\ry\",?\r3,4\r",
        "# by hand\n% x y\n 1.0D+00 2.0-100\n ****  3.5\n",
        "title\n\nx\ty\n1,5\t2\n66,040\t--\n",
    ];
    let names = |names: &[&str]| Some(names.iter().map(|name| name.to_string()).collect::<Vec<_>>());
    let mut random = Random(7);
    let mut read = 0;
    for table in tables {
        for round in 0..300 {
            let bytes = damage(table.as_bytes(), &mut random);
            let ending = ["csv", "tsv", "txt"][random.below(3)];
            let path = folder.path().join(format!("damaged.{ending}"));
            std::fs::write(&path, &bytes).unwrap();
            let mut one = |number: usize| random.below(number);
            let options = LoadOptions {
                memory_limit: LIMIT,
                columns: [None, None, names(&["v"])][one(3)].clone(),
                delimiter: [None, Some(b';'), Some(b' '), Some(b'\t')][one(4)],
                header: [None, Some(Header::None), Some(Header::First), Some(Header::Line(one(4)))][one(4)],
                skip: [0, 0, 1, 5][one(4)],
                names: [None, None, names(&["u", "v"])][one(3)].clone(),
                comment: [None, Some(b'%'), Some(b'1')][one(3)],
                decimal: [None, Some(b','), Some(b'.')][one(3)],
                thousands: [None, Some(','), Some('.'), Some('\u{202f}')][one(4)],
                missing: [None, names(&[]), names(&["-999", "?", ""])][one(3)].clone(),
                units: [None, Some(true), Some(false)][one(3)],
                raw: false,
            };
            let most = most(|| {
                if let Ok(loaded) = load(&path, &options, &watch) {
                    read += 1;
                    if let Loaded::Columns(columns) = &loaded {
                        check_all(columns);
                    }
                }
            });
            assert!(most < LIMIT as usize + BESIDE, "round {round}: {most} bytes");
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn noise_is_an_error_or_data() {
    let _guard = ONE_AT_A_TIME.lock();
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::default();
    let options = LoadOptions { memory_limit: LIMIT, ..LoadOptions::default() };
    let mut random = Random(1);
    // Characters with a meaning in tables, lists and headers.
    let letters = b"0123456789.,;-+eE\n\r\t \"#[]{}:()nul'x";
    for ending in
        ["npy", "npz", "csv", "tsv", "txt", "json", "ply", "parquet", "png", "tif", "gif", "webp", "exr", "jpg"]
    {
        let path = folder.path().join(format!("noise.{ending}"));
        for round in 0..200 {
            let length = random.below(300);
            let any = round % 2 == 0;
            let noise =
                |random: &mut Random| if any { random.next() as u8 } else { letters[random.below(letters.len())] };
            let bytes: Vec<u8> = (0..length).map(|_| noise(&mut random)).collect();
            std::fs::write(&path, &bytes).unwrap();
            let most = most(|| drop(load(&path, &options, &watch)));
            assert!(most < LIMIT as usize + BESIDE, "{ending} {bytes:?}: {most} bytes");
        }
    }
}

#[test]
fn reading_takes_little_more_than_the_result() {
    let _guard = ONE_AT_A_TIME.lock();
    let folder = tempfile::tempdir().unwrap();
    let watch = Watch::default();
    let count = 8_000_000usize;
    let values = Values::F64((0..count).map(|i| i as f64 / 7.0).collect());
    let result = 8 * count;
    // Each thread has a buffer of 4 MiB.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let buffers = (threads + 2) * (5 << 20);
    let load_takes = |path: &Path, options: &LoadOptions| {
        let mut loaded = None;
        let most = most(|| loaded = Some(load(path, options, &watch).unwrap()));
        (most, loaded.unwrap())
    };
    let options = LoadOptions { memory_limit: result as u64, ..LoadOptions::default() };
    for shape in [vec![count], vec![count / 2, 2]] {
        for name in ["a.npy", "a.csv"] {
            let path = folder.path().join(name);
            plotrt::array::io::save_array(&path, &shape, &values, &watch).unwrap();
            let (most, loaded) = load_takes(&path, &options);
            assert!(most >= result, "{name}: the result itself takes {result} bytes, {most} were seen");
            assert!(most < result + buffers, "{name}: {most} bytes for {result}");
            assert_eq!(
                loaded,
                Loaded::Array(plotrt::array::io::Block { shape: shape.clone(), values: values.clone() })
            );
        }
    }
    // The text of a JSON file is in memory, once; columns grow by doubling.
    let path = folder.path().join("a.json");
    let numbers: Vec<String> = (0..count / 8).map(|i| format!("{:?}", i as f64 / 7.0)).collect();
    std::fs::write(&path, format!("[{}]", numbers.join(","))).unwrap();
    let text = std::fs::metadata(&path).unwrap().len() as usize;
    let (most, _) = load_takes(&path, &LoadOptions::default());
    assert!(most < text + 3 * (result / 8) + buffers, "{most} bytes for {text} of text");
}
