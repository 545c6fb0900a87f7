//! I/O. Processor usage since the last call.

/// Keeps the times of the last call.
#[derive(Debug, Default)]
pub(crate) struct Processor {
    #[cfg(not(windows))]
    system: sysinfo::System,
    #[cfg(windows)]
    last: Option<times::Times>,
}

impl Processor {
    /// Usage in percent of all cores; `None` at the first call.
    #[cfg(not(windows))]
    pub(crate) fn busy(&mut self) -> Option<f64> {
        let first = self.system.cpus().is_empty();
        self.system.refresh_cpu_usage();
        (!first).then(|| f64::from(self.system.global_cpu_usage()))
    }

    /// Usage in percent of all cores; `None` at the first call.
    #[cfg(windows)]
    pub(crate) fn busy(&mut self) -> Option<f64> {
        let now = times::read()?;
        let before = self.last.replace(now)?;
        let all = now.all.saturating_sub(before.all);
        let idle = now.idle.saturating_sub(before.idle).min(all);
        (all > 0).then(|| crate::observe::source::percent::of(all - idle, all))
    }
}

/// Replaces the performance counters that `sysinfo` uses, which cost megabytes and do not exist in
/// Wine.
#[cfg(windows)]
mod times {
    use windows_sys::Win32::Foundation::FILETIME;
    use windows_sys::Win32::System::Threading::GetSystemTimes;

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Times {
        pub idle: u64,
        pub all: u64,
    }

    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    pub(crate) fn read() -> Option<Times> {
        const ZERO: FILETIME = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
        let (mut idle, mut kernel, mut user) = (ZERO, ZERO, ZERO);
        // SAFETY: the three variables outlive the call, which keeps no pointer.
        let done = unsafe { GetSystemTimes(&raw mut idle, &raw mut kernel, &raw mut user) };
        // The kernel time includes the idle time.
        let all = whole(kernel) + whole(user);
        (done != 0).then(|| Times { idle: whole(idle), all })
    }

    fn whole(time: FILETIME) -> u64 {
        u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)
    }
}
