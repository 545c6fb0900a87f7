//! I/O. Measures the usage of disks, memory and processor.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use sysinfo::{DiskRefreshKind, Disks, MemoryRefreshKind, RefreshKind, System};

use crate::detection::{Amount, GaugeName};
use crate::observe::Gauge;
use crate::observe::source::processor::Processor;
use crate::observe::source::{percent, share};

/// The measured system, with the reference for the next measurement.
#[derive(Debug)]
pub(crate) struct Meter {
    system: System,
    disks: Disks,
    folders: Vec<PathBuf>,
    processor: Processor,
}

impl Meter {
    pub(crate) fn new(folders: Vec<PathBuf>) -> Self {
        let whole = |folder: PathBuf| std::path::absolute(&folder).unwrap_or(folder);
        let folders = folders.into_iter().map(whole).collect();
        let wanted = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
        let disks =
            Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage());
        let mut processor = Processor::default();
        // The first call starts the measurement.
        processor.busy();
        Self { system: System::new_with_specifics(wanted), disks, folders, processor }
    }

    pub(crate) fn read(&mut self) -> Vec<Gauge> {
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        self.disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage());
        let (all, free) = (self.system.total_memory(), self.system.available_memory());
        let busy = self.processor.busy();
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let amount = Amount::Cores { cores: cores as u64 };
        let processor = |used| Gauge { what: GaugeName::Processor, used, amount };
        let mut gauges: Vec<Gauge> = busy.map(processor).into_iter().collect();
        gauges.extend(gauge(GaugeName::Memory, all, free));
        gauges.extend(self.disk_gauges());
        gauges
    }

    /// One gauge per disk, even if several folders are on it.
    fn disk_gauges(&self) -> Vec<Gauge> {
        let mut gauges: Vec<Gauge> = Vec::new();
        for folder in &self.folders {
            let (place, space) = match self.disk_of(folder) {
                Some(disk) => {
                    (disk.mount_point(), Some((disk.total_space(), disk.available_space())))
                }
                None => (folder.as_path(), share::space(folder)),
            };
            let what = GaugeName::Disk(place.display().to_string());
            if !gauges.iter().any(|gauge| gauge.what == what) {
                gauges.extend(space.and_then(|(all, free)| gauge(what, all, free)));
            }
        }
        gauges
    }

    fn disk_of(&self, folder: &Path) -> Option<&sysinfo::Disk> {
        let holds = |disk: &&sysinfo::Disk| folder.starts_with(disk.mount_point());
        let depth = |disk: &&sysinfo::Disk| disk.mount_point().components().count();
        self.disks.list().iter().filter(holds).max_by_key(depth)
    }
}

/// `None` if nothing can be measured.
fn gauge(what: GaugeName, all: u64, free: u64) -> Option<Gauge> {
    let used = all.checked_sub(free).filter(|_| all > 0)?;
    let amount = Amount::Bytes { used, total: all };
    Some(Gauge { what, used: percent::of(used, all), amount })
}
