//! Pure. Where a pack or a template comes from.

use std::fmt;
use std::path::Path;

/// A file that the program contains, or one that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOrigin {
    /// Its name: `patterns/reload.toml`.
    BuiltIn(String),
    /// The path as a user would type it.
    Path(String),
}

impl FileOrigin {
    pub fn is_built_in(&self) -> bool {
        matches!(self, Self::BuiltIn(_))
    }

    /// The name without folders.
    pub fn file_name(&self) -> &str {
        let (Self::BuiltIn(name) | Self::Path(name)) = self;
        Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
    }

    /// Where it is on the disk, if it is a file there.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Path(path) => Some(Path::new(path)),
        }
    }
}

impl fmt::Display for FileOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(name) => write!(f, "built in: {name}"),
            Self::Path(path) => f.write_str(path),
        }
    }
}

impl From<String> for FileOrigin {
    fn from(path: String) -> Self {
        Self::Path(path)
    }
}

impl From<&str> for FileOrigin {
    fn from(path: &str) -> Self {
        Self::Path(path.to_owned())
    }
}
