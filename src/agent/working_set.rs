//! I/O. Returns memory to the system that was needed only at startup.
//!
//! The startup parses settings, compiles patterns and templates and prepares the state. The memory
//! that this used stays in the working set, although hardly any of it is needed again.

#[cfg(not(any(windows, all(target_os = "linux", target_env = "gnu"))))]
mod elsewhere;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(not(any(windows, all(target_os = "linux", target_env = "gnu"))))]
use crate::agent::working_set::elsewhere as system;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use crate::agent::working_set::linux as system;
#[cfg(windows)]
use crate::agent::working_set::windows as system;

pub use system::one_heap;
pub(crate) use system::trim;
