//! Pure. The Windows services of Qlik Sense: which they are, and what people feel without them.

/// What a stopped service is called where patterns name each other: any, and one without which
/// reloads fail.
pub const PATTERNS: [&str; 2] = ["service-stopped", "repository-stopped"];

/// One service that Qlik Sense installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The beginning of its name, in lower case; versions may follow.
    begin: &'static str,
    /// What people feel while it is stopped, in one sentence.
    pub user_impact: &'static str,
    /// Whether reloads fail on the node because of it.
    pub fails_reloads: bool,
}

const fn known(begin: &'static str, user_impact: &'static str) -> Known {
    Known { begin, user_impact, fails_reloads: false }
}

const fn needed(begin: &'static str, user_impact: &'static str) -> Known {
    Known { begin, user_impact, fails_reloads: true }
}

/// In the order in which others depend on them.
const SERVICES: [Known; 9] = [
    needed(
        "qliksenserepositorydatabase",
        "Without its database the site does not work: users cannot sign in and no task runs.",
    ),
    needed(
        "postgresql",
        "Without its database the site does not work: users cannot sign in and no task runs.",
    ),
    needed(
        "qliksenserepositoryservice",
        "Users cannot sign in or open the hub and the QMC through this node, and no task runs on it.",
    ),
    known(
        "qliksenseservicedispatcher",
        "Parts of the hub do not load, and licences are not given out.",
    ),
    known("qliksenseproxyservice", "Users cannot reach the hub or open apps through this node."),
    known(
        "qliksenseengineservice",
        "Users on this node cannot open apps, and no reload runs on it.",
    ),
    known("qliksenseschedulerservice", "Reload tasks do not start on this node."),
    known("qliksenseprintingservice", "Exports and downloads from this node fail."),
    known("qlikloggingservice", "Logs are no longer gathered in the central logging database."),
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
