//! Pure. Upper limits for hand-written files, far above any real need.

/// Bytes of a configuration, pattern or story file.
pub const TEXT: u64 = 1 << 20;
/// Bytes of all files in one folder of patterns or templates.
pub const FOLDER: u64 = 16 << 20;
/// Number of files in one folder of patterns or templates.
pub const FILES: usize = 1000;
/// Bytes of a file that holds one value, such as a webhook.
pub const VALUE: u64 = 64 << 10;
/// Number of problems shown for one file.
pub const PROBLEMS: usize = 50;
