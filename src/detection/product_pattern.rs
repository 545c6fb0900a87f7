//! Pure. The pattern ids of what no log says: what Footman finds on machines and in tenants, and its own
//! problems.

use crate::detection::PatternId;

named! {
    /// A pattern without a regex: Footman finds it itself. The names are pattern ids.
    pub enum ProductPattern {
        ServiceStopped => "service-stopped",
        /// The stop of a service that reloads need.
        RepositoryStopped => "repository-stopped",
        ServiceStarted => "service-started",
        GaugeHigh => "node-short",
        GaugeNormal => "node-well",
        CertificateExpires => "certificate-ends",
        CertificateRenewed => "certificate-renewed",
        CloudReloadFailed => "cloud-reload-failed",
        CloudLimitExceeded => "cloud-limit-exceeded",
        CloudReloadCanceled => "cloud-reload-canceled",
        CloudReloadSucceeded => "cloud-reload-succeeded",
        CloudTaskDisabled => "cloud-task-disabled",
        CloudTaskEnabled => "cloud-task-enabled",
        CloudNotPolled => "cloud-not-polled",
        CloudPolled => "cloud-polled",
        CloudUnread => "cloud-unread",
        CloudListRead => "cloud-list-read",
        CloudKeyExpires => "cloud-key-expires",
        CloudKeyRenewed => "cloud-key-renewed",
        Alive => "agent-alive",
        StateDamaged => "agent-state-damaged",
        StateWentBack => "agent-state-went-back",
        StateNotWritten => "agent-state-not-written",
        StateWrittenAgain => "agent-state-written-again",
        StatePutBack => "agent-state-put-back",
        LockFileReplaced => "agent-lock-file-replaced",
        BrokenFile => "agent-broken-file",
        NoLogRoot => "agent-no-log-root",
        FilesBroken => "agent-files-broken",
        RestartNeeded => "agent-restart-needed",
        ReadingStuck => "agent-reading-stuck",
        UnknownLayout => "agent-unknown-layout",
        ChannelUnavailable => "agent-channel-unavailable",
        AgentWell => "agent-well",
    }
}

impl ProductPattern {
    /// The pattern of this id.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.name() == id)
    }
}

impl From<ProductPattern> for PatternId {
    fn from(pattern: ProductPattern) -> Self {
        pattern.name().into()
    }
}
