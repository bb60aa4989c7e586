//! What a script may do with files.

use std::path::PathBuf;

/// Which files a script may touch, and where relative paths start.
#[derive(Debug, Clone, Default)]
pub struct Permissions {
    /// Relative paths of `save_image` start here.
    pub out_dir: PathBuf,
    /// Folders that may be read, the script's own included.
    pub read: Vec<PathBuf>,
    /// Folders that may be written, `out_dir` included.
    pub write: Vec<PathBuf>,
    /// Checks everything but writes no file: for `check`.
    pub dry_run: bool,
}
