//! I/O. Who and where this is, where the state is kept, and what is watched besides logs.

use std::io::{self, Write as _};
use std::path::Path;

use jiff::SignedDuration;

use crate::agent;
use crate::cli::doctor::{Finding, Level};
use crate::clock;
use crate::config::Settings;
use crate::detection::ServiceState;
use crate::observe::source::{NodeProbe, Source, exported, space};
use crate::observe::{Service, StartType};
use crate::qlik::certificate::Certificate;
use crate::render::Site;
use crate::state::{self, Condition, Reader, Vitals, private_file};

/// What ends within this time is worth a look.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A disk with less room is worth a word.
const LITTLE_ROOM: u64 = 256 << 20;
/// More than what is written at a time, so that a disk that is nearly full says no.
const PROBE: usize = 256 << 10;

/// The account that this process runs as.
pub(in crate::cli::doctor) fn account() -> String {
    let get = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = get("USERNAME").or_else(|| get("USER")).or_else(|| get("LOGNAME"));
    let user = user.unwrap_or_else(|| "this account".to_owned());
    match get("USERDOMAIN") {
        Some(domain) => format!("{domain}\\{user}"),
        None => user,
    }
}

pub(in crate::cli::doctor) fn identity(settings: &Settings, site: &Site) -> Vec<Finding> {
    let area = "machine";
    let zone = settings.timezone.clone();
    let zone_name = zone.iana_name().unwrap_or("unnamed").to_owned();
    let local = clock::now().to_zoned_datetime(zone).strftime("%a %d %b %Y %H:%M:%S");
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let mut findings = vec![
        Finding::well(area, format!("footman {version} on {system}, node {}", site.node)),
        Finding::well(
            area,
            format!("running as {}: rights are checked for this account", account()),
        ),
        Finding::well(area, format!("clock {local}, time zone {zone_name}")),
    ];
    findings.push(if let Some(url) = &site.url {
        Finding::well(area, format!("links on cards lead to {url}"))
    } else {
        let what = "no Host.cfg next to the log root: cards have no links";
        Finding::odd(area, Level::Note, what, "set `site-url` if cards should have links")
    });
    findings
}

pub(in crate::cli::doctor) fn state(settings: &Settings) -> Vec<Finding> {
    let area = "state";
    let folder = settings.state_dir.display();
    if let Err(error) = state::check_is_local(&settings.state_dir) {
        let todo = error.hint().unwrap_or("name a folder on a local disk as `state-dir`");
        return vec![Finding::odd(area, Level::Bad, error.to_string(), todo)];
    }
    let vitals = Vitals::read(&settings.state_dir, clock::now());
    let mut findings = vec![agent_of(&vitals, &settings.state_dir)];
    if let Ok(reader) = Reader::open(&settings.state_dir) {
        let n_pending = reader.pending().map_or(0, |pending| pending.len());
        let version = reader.note("version").ok().flatten().unwrap_or_default();
        let what = format!("{folder}, written by {version}, {n_pending} cards pending");
        findings.push(Finding::well(area, what));
    }
    findings.extend(room(area, &settings.state_dir));
    findings.extend(room("log", &settings.log.folder));
    findings
}

/// Whether the agent of the state folder is alive and gets on.
fn agent_of(vitals: &Vitals, state_dir: &Path) -> Finding {
    let area = "state";
    let start = "start Footman: `footman service start`, or `footman run` in a console";
    let why = vitals.why.clone().unwrap_or_default();
    match vitals.condition {
        Condition::Starting => {
            let todo = "nothing; look again in a moment";
            Finding::odd(area, Level::Note, format!("the agent runs, but {why}"), todo)
        }
        Condition::Running => Finding::well(area, "the agent runs and writes its state"),
        Condition::Stopped => Finding::odd(area, Level::Note, "the agent was stopped", start),
        Condition::Missing => Finding::odd(area, Level::Note, why, start),
        Condition::Dead => {
            Finding::odd(area, Level::Bad, format!("the agent is dead: {why}"), start)
        }
        Condition::Stalled => {
            let todo = "remove the cause; the agent then continues by itself, and nothing is lost";
            Finding::odd(area, Level::Bad, format!("the agent is stalled: {why}"), todo)
        }
        Condition::Unreadable => {
            let what = format!(
                "the state in {} cannot be read by {}: {why}",
                state_dir.display(),
                account()
            );
            let todo = vitals.hint.unwrap_or(
                "grant this account read access; a damaged state is set aside at the next start",
            );
            Finding::odd(area, Level::Bad, what, todo)
        }
    }
}

/// How much room the file system of a folder has, and whether a file can be written there.
fn room(area: &'static str, folder: &Path) -> Vec<Finding> {
    if !folder.exists() {
        return vec![Finding::well(area, format!("{} is created at the start", folder.display()))];
    }
    let mut findings = Vec::new();
    if let Some((all, free)) = space(folder) {
        let what = format!("{} MB of {} MB free for {}", free >> 20, all >> 20, folder.display());
        findings.push(if free < LITTLE_ROOM {
            Finding::odd(area, Level::Note, what, "free space on that disk before it is full")
        } else {
            Finding::well(area, what)
        });
    }
    findings.push(match probe(folder) {
        Ok(()) => Finding::well(area, format!("{} can be written", folder.display())),
        Err(error) => {
            let what = format!("{} cannot write in {}: {error}", account(), folder.display());
            let todo =
                "free space on that disk, and grant the account that runs Footman write access";
            Finding::odd(area, Level::Bad, what, todo)
        }
    });
    findings
}

/// Writes a file and removes it.
fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!("footman.probe-{}", std::process::id()));
    let written = private_file().create_new(true).write(true).open(&path).and_then(|mut file| {
        file.write_all(&vec![0x20; PROBE])?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(&path);
    written.and(removed)
}

pub(in crate::cli::doctor) fn watched(settings: &Settings, site: &Site) -> Vec<Finding> {
    let certificates = settings.log_root.as_deref().map(exported);
    let others = settings.watch.others.to_vec();
    let snapshots = NodeProbe::new(
        Source::System,
        site.node.clone(),
        others,
        agent::measured(settings),
        certificates,
    )
    .take_snapshots(false, None);
    let mut findings = Vec::new();
    for snapshot in snapshots {
        findings.extend(services(&snapshot.host, snapshot.services.as_deref()));
        let gauge = |gauge: &crate::observe::Gauge| {
            let name = gauge.what.name().replacen('/', " ", 1);
            let what = format!("{name} {:.0} % used, {}", gauge.used, gauge.words);
            Finding::well("gauges", what)
        };
        findings.extend(snapshot.gauges.iter().map(gauge));
        findings.extend(snapshot.certificates.iter().flatten().map(certificate));
    }
    findings
}

fn services(host: &str, services: Option<&[Service]>) -> Vec<Finding> {
    let area = "services";
    let Some(services) = services else {
        if cfg!(not(windows)) {
            return vec![Finding::well(area, "services are watched on Windows only")];
        }
        let what = format!("{} cannot query the services of {host}", account());
        let todo = "grant the account access to the service control manager there, or remove the machine from `node.others`";
        return vec![Finding::odd(area, Level::Bad, what, todo)];
    };
    if services.is_empty() {
        let what = format!("no Qlik Sense service is installed on {host}");
        return vec![Finding::odd(
            area,
            Level::Note,
            what,
            "nothing, if this is not a Qlik Sense node",
        )];
    }
    let one = |service: &Service| {
        let what = format!("{host}: {} is {:?}", service.display_name, service.state);
        let expected = service.start == StartType::Automatic;
        if expected && service.state != ServiceState::Running {
            Finding::odd(
                area,
                Level::Note,
                what,
                "it starts automatically but is not running: start it",
            )
        } else {
            Finding::well(area, what)
        }
    };
    services.iter().map(one).collect()
}

fn certificate(one: &Certificate) -> Finding {
    let area = "certificates";
    let what = format!("{} expires on {}", one.subject, one.ends.strftime("%-d %B %Y"));
    if one.ends.duration_since(clock::now()) > SOON {
        Finding::well(area, what)
    } else {
        Finding::odd(area, Level::Note, what, "renew it, unless a newer one has replaced it")
    }
}
