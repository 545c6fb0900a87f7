//! Pure. The Windows services of Qlik Sense, and the part that each one is.

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
    /// Whether reloads on the node fail without it.
    pub fails_reloads: bool,
}

const fn known(begin: &'static str, part: Part) -> Known {
    Known { begin, part, fails_reloads: false }
}

const fn needed(begin: &'static str, part: Part) -> Known {
    Known { begin, part, fails_reloads: true }
}

/// In the order of dependence: each may depend on those before it.
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

/// A service by its name (`QlikSenseEngineService`), with its place in the order of dependence;
/// `None` if it is not a service of Qlik Sense.
pub fn find(name: &str) -> Option<(usize, Known)> {
    let name = name.to_ascii_lowercase();
    let found = SERVICES.iter().position(|service| name.starts_with(service.begin))?;
    Some((found, SERVICES[found]))
}

/// Whether reloads on the node fail without this service.
pub fn fails_reloads(name: &str) -> bool {
    find(name).is_some_and(|(_, known)| known.fails_reloads)
}

/// All possible names of Qlik Sense's services, including the versions of its database.
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
