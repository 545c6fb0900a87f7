//! I/O. How busy the processor was since it was last asked.

/// Knows the times of the last look.
#[derive(Debug, Default)]
pub(in crate::observe::source) struct Processor {
    #[cfg(not(windows))]
    system: sysinfo::System,
    #[cfg(windows)]
    last: Option<times::Times>,
}

impl Processor {
    /// Percent, all cores together; `None` at the first look.
    #[cfg(not(windows))]
    pub(in crate::observe::source) fn busy(&mut self) -> Option<f64> {
        let first = self.system.cpus().is_empty();
        self.system.refresh_cpu_usage();
        (!first).then(|| f64::from(self.system.global_cpu_usage()))
    }

    /// Percent, all cores together; `None` at the first look.
    #[cfg(windows)]
    pub(in crate::observe::source) fn busy(&mut self) -> Option<f64> {
        let now = times::read()?;
        let before = self.last.replace(now)?;
        let all = now.all.saturating_sub(before.all);
        let idle = now.idle.saturating_sub(before.idle).min(all);
        (all > 0).then(|| crate::observe::source::percent::of(all - idle, all))
    }
}

/// The performance counters that `sysinfo` asks cost megabytes, and Wine has none.
#[cfg(windows)]
mod times {
    use windows_sys::Win32::Foundation::FILETIME;
    use windows_sys::Win32::System::Threading::GetSystemTimes;

    #[derive(Clone, Copy, Debug)]
    pub(super) struct Times {
        pub idle: u64,
        pub all: u64,
    }

    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    pub(super) fn read() -> Option<Times> {
        const ZERO: FILETIME = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
        let (mut idle, mut kernel, mut user) = (ZERO, ZERO, ZERO);
        // SAFETY: the three places live until the call returns, which keeps none of them.
        let done = unsafe { GetSystemTimes(&raw mut idle, &raw mut kernel, &raw mut user) };
        // The time of the kernel has the idle time in it.
        let all = whole(kernel) + whole(user);
        (done != 0).then(|| Times { idle: whole(idle), all })
    }

    fn whole(time: FILETIME) -> u64 {
        u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)
    }
}
