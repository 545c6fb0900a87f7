//! Pure. The keys of matchers.

named! {
    /// A value of a notice that routes, silences, windows and escalations can match.
    pub enum MatchKey {
        Kind => "kind",
        Severity => "severity",
        App => "app",
        Task => "task",
        Stream => "stream",
        Tenant => "tenant",
        Space => "space",
        Tag => "tag",
        Node => "node",
        User => "user",
        Pattern => "pattern",
        Environment => "environment",
        ErrorClass => "error-class",
        Connection => "connection",
    }
}

impl MatchKey {
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}
