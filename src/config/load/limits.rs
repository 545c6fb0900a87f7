//! Pure. How much of what a person wrote is read at most: far more than anybody needs.

/// A configuration, pattern or story file, in bytes.
pub const TEXT: u64 = 1 << 20;
/// All files of one folder of patterns or templates, in bytes.
pub const FOLDER: u64 = 16 << 20;
/// Files of one folder of patterns or templates.
pub const FILES: usize = 1000;
/// A file that holds one value, such as a webhook, in bytes.
pub const VALUE: u64 = 64 << 10;
/// Problems that are shown of one file: more than anybody reads at once.
pub const PROBLEMS: usize = 50;
