//! Pure. The Windows services of Qlik Sense: which they are, and which part each one is.

/// What a stopped service is called where patterns name each other: any, and one without which
/// reloads fail.
pub const PATTERNS: [&str; 2] = ["service-stopped", "repository-stopped"];

/// A part of Qlik Sense that runs as a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Database,
    Repository,
    Dispatcher,
    Proxy,
    Engine,
    Scheduler,
    Printing,
    Logging,
}

/// One service that Qlik Sense installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The beginning of its name, in lower case; versions may follow.
    begin: &'static str,
    pub part: Part,
    /// Whether reloads fail on the node because of it.
    pub fails_reloads: bool,
}

const fn known(begin: &'static str, part: Part) -> Known {
    Known { begin, part, fails_reloads: false }
}

const fn needed(begin: &'static str, part: Part) -> Known {
    Known { begin, part, fails_reloads: true }
}

/// In the order in which others depend on them.
const SERVICES: [Known; 9] = [
    needed("qliksenserepositorydatabase", Part::Database),
    needed("postgresql", Part::Database),
    needed("qliksenserepositoryservice", Part::Repository),
    known("qliksenseservicedispatcher", Part::Dispatcher),
    known("qliksenseproxyservice", Part::Proxy),
    known("qliksenseengineservice", Part::Engine),
    known("qliksenseschedulerservice", Part::Scheduler),
    known("qliksenseprintingservice", Part::Printing),
    known("qlikloggingservice", Part::Logging),
];

/// What is known of a service by its name (`QlikSenseEngineService`), with its place in the order
/// of dependence; `None` if it is none of Qlik Sense's.
pub fn find(name: &str) -> Option<(usize, Known)> {
    let name = name.to_ascii_lowercase();
    let found = SERVICES.iter().position(|service| name.starts_with(service.begin))?;
    Some((found, SERVICES[found]))
}

/// What its stop is called in [`PATTERNS`].
pub fn pattern(name: &str) -> &'static str {
    let fails_reloads = find(name).is_some_and(|(_, known)| known.fails_reloads);
    PATTERNS[usize::from(fails_reloads)]
}

/// The names that Qlik Sense's services can have on a machine, the versions of its database
/// included.
pub fn names() -> impl Iterator<Item = String> {
    const NAMES: [&str; 8] = [
        "QlikSenseRepositoryDatabase",
        "QlikSenseRepositoryService",
        "QlikSenseServiceDispatcher",
        "QlikSenseProxyService",
        "QlikSenseEngineService",
        "QlikSenseSchedulerService",
        "QlikSensePrintingService",
        "QlikLoggingService",
    ];
    let databases = ["9.6", "10", "11", "12", "13", "14", "15", "16", "17", "18"];
    let databases = databases.into_iter().map(|version| format!("postgresql-x64-{version}"));
    NAMES.into_iter().map(str::to_owned).chain(databases)
}
