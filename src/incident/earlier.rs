//! Pure. Reads incidents of earlier versions, whose subject was a text and whose fingerprint
//! depended on the product's wording.

use serde::{Deserialize, Deserializer};

use crate::clock::Timestamp;
use crate::detection::{
    AgentProblem, Condition, FileMistake, GaugeName, Kind, MissingLogRoot, Source, Subject,
};
use crate::ids::Fingerprint;
use crate::incident::Notice;
use crate::incident::book::answers::{Escalation, SilencedBy};
use crate::incident::book::incidents::Incident;
use crate::incident::fingerprint::of_notice;

/// A stored incident of any version.
#[derive(Deserialize)]
pub(crate) struct Stored {
    /// `task/…`, `node/…`; newer versions store it in the notice.
    #[serde(default)]
    subject: Option<String>,
    last: Timestamp,
    /// Earlier versions kept the time of the latest occurrence in the notice only.
    #[serde(default)]
    latest: Option<Timestamp>,
    #[serde(alias = "told_at")]
    notified_at: Timestamp,
    #[serde(alias = "times_told")]
    n_notified: u32,
    #[serde(default)]
    inhibited_by: Option<Fingerprint>,
    #[serde(default)]
    is_unread: bool,
    #[serde(default)]
    reopens: bool,
    #[serde(default)]
    explained: Option<Fingerprint>,
    #[serde(default)]
    silenced_by: Option<SilencedBy>,
    #[serde(default)]
    is_flapping: bool,
    #[serde(default)]
    escalation: Escalation,
    notice: Notice,
}

impl From<Stored> for Incident {
    fn from(stored: Stored) -> Self {
        let Stored { subject, last, notified_at, n_notified, inhibited_by, .. } = stored;
        let Stored { is_unread, reopens, explained, silenced_by, is_flapping, .. } = stored;
        let Stored { latest, escalation, mut notice, .. } = stored;
        if let Some(subject) = subject {
            notice.subject = subject_of_text(&subject);
            rename(&mut notice, &subject);
        }
        // The class of such problems was a sentence of the product.
        if let Condition::Agent(
            problem @ (AgentProblem::BrokenFile(_)
            | AgentProblem::FilesBroken(_)
            | AgentProblem::NoLogRoot(_)),
        ) = &notice.condition
        {
            notice.fingerprint = of_notice(&notice, &problem.class());
        }
        // Until the end of such a problem was observed, it was one of the agent as a whole.
        if let (Condition::Agent(problem), Subject::Agent { host }) =
            (&notice.condition, &notice.subject)
            && let Some(part) = problem.part()
        {
            let class = notice.condition.class().unwrap_or_default();
            notice.subject = Subject::AgentPart { host: host.clone(), part };
            notice.fingerprint = of_notice(&notice, &class);
        }
        Self {
            last,
            latest: latest.unwrap_or(notice.at),
            notified_at,
            n_notified,
            inhibited_by,
            is_unread,
            reopens,
            explained,
            silenced_by,
            is_flapping,
            escalation,
            notice,
        }
    }
}

/// Where a notice of an earlier version was found.
pub(crate) fn source(notice: &Notice) -> Source {
    match notice.kind {
        Kind::Agent | Kind::Heartbeat => Source::Agent,
        _ if notice.facts.tenant.is_some() => Source::Cloud,
        _ if notice.subject.is_logged() => Source::Log,
        _ => Source::Machine,
    }
}

/// What silences a stored incident of any version: earlier ones joined it in one text.
pub(crate) fn silenced_by<'de, D>(from: D) -> Result<Option<SilencedBy>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum AnyVersion {
        Typed(SilencedBy),
        Joined(String),
    }
    let stored = Option::<AnyVersion>::deserialize(from)?;
    Ok(stored.map(|stored| match stored {
        AnyVersion::Typed(by) => by,
        AnyVersion::Joined(text) => match text.strip_prefix("maintenance:") {
            Some(window) => SilencedBy::Maintenance(window.to_owned()),
            None => SilencedBy::Silence(text.into()),
        },
    }))
}

/// The placeholder for a notice without a subject, until its incident supplies it.
pub(crate) fn no_subject() -> Subject {
    Subject::Run(String::new())
}

/// Sets the fingerprint that the next occurrence will have. The texts stay until then.
fn rename(notice: &mut Notice, earlier: &str) {
    // Counted incidents were distinguished by their key alone, as now.
    let counted = [notice.kind.name(), notice.environment.as_deref().unwrap_or_default()];
    let counted = Fingerprint::of(&[counted[0], counted[1], earlier, ""]);
    if notice.fingerprint == counted && notice.subject.is_logged() {
        return;
    }
    let class = class(notice);
    if let Some(class) = class {
        notice.fingerprint = of_notice(notice, &class);
    }
}

/// The class among incidents of the same subject; `None` if the log's text still gives it.
fn class(notice: &Notice) -> Option<String> {
    let error = notice.error.as_str();
    let class = match &notice.subject {
        Subject::Service { .. } => "stopped".to_owned(),
        Subject::Gauge { .. } => "high".to_owned(),
        Subject::Certificate { .. } if error.starts_with("Ended on") => "expired".to_owned(),
        Subject::Certificate { .. } if error.starts_with("Ends within") => "within-week".to_owned(),
        Subject::Certificate { .. } => "expires".to_owned(),
        Subject::Agent { .. } => agent_class(notice)?,
        _ if error.starts_with("Started, and did not end within ") => "overdue".to_owned(),
        _ if notice.facts.message.is_none() && notice.script.is_none() => {
            notice.pattern.to_string()
        }
        _ => return None,
    };
    Some(class)
}

fn agent_class(notice: &Notice) -> Option<String> {
    let name = notice.pattern.strip_prefix("agent-")?;
    let between = |before: &str, after: &str| {
        let (_, rest) = notice.error.split_once(before)?;
        rest.split_once(after).map_or(Some(rest), |(detail, _)| Some(detail))
    };
    let detail = match name {
        "files-broken" => {
            let sentence = between("those before stay in force: ", "\0")?;
            let mistake = FileMistake::of_sentence(sentence);
            return Some(AgentProblem::FilesBroken(mistake).class());
        }
        "broken-file" => {
            let mistake = FileMistake::of_sentence(&notice.error);
            return Some(AgentProblem::BrokenFile(mistake).class());
        }
        "no-log-root" => {
            let root = MissingLogRoot::of_sentence(between("", "; Footman waits for it")?);
            return Some(AgentProblem::NoLogRoot(root).class());
        }
        "restart-needed" => between("patterns ask for ", ", which is followed"),
        "unknown-layout" => between("the first line of this ", " log names"),
        _ => None,
    };
    let detail = match (name, detail) {
        (_, None) => return Some(name.to_owned()),
        ("restart-needed", Some(logs)) => logs.replace(", ", ","),
        (_, Some(detail)) => detail.to_owned(),
    };
    Some(format!("{name}/{detail}"))
}

/// The subject that a stored text names.
pub(crate) fn subject_of_text(text: &str) -> Subject {
    let (begin, rest) = text.split_once('/').unwrap_or_default();
    match begin {
        "task" => Subject::Task(rest.into()),
        "app" => Subject::Reload(rest.into()),
        "node" | "watched" => on_node(rest).unwrap_or_else(|| Subject::Run(text.to_owned())),
        _ => Subject::Run(rest.to_owned()),
    }
}

/// `node1/disk-full/key`.
fn on_node(text: &str) -> Option<Subject> {
    let (host, rest) = text.split_once('/')?;
    let (pattern, key) = rest.split_once('/')?;
    let (host, key) = (host.to_owned(), key.to_owned());
    Some(match pattern {
        "service-stopped" | "repository-stopped" => Subject::Service { host, name: key },
        "node-short" => Subject::Gauge { host, gauge: gauge(&key) },
        "certificate-ends" => {
            let (subject, issuer) = key.rsplit_once('/')?;
            Subject::Certificate { host, subject: subject.to_owned(), issuer: issuer.to_owned() }
        }
        _ if pattern.starts_with("agent-") => Subject::Agent { host },
        _ => Subject::Node { host, pattern: pattern.into(), key },
    })
}

fn gauge(name: &str) -> GaugeName {
    match name.strip_prefix("disk/") {
        Some(folder) => GaugeName::Disk(folder.to_owned()),
        None if name == "memory" => GaugeName::Memory,
        None => GaugeName::Processor,
    }
}
