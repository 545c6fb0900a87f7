//! Pure. Finds out why a service stopped, from entries in the Windows System log.
//!
//! Uses only numbers and parameters, because the texts are in the language of the machine.

use roxmltree::{Document, Node};

use crate::detection::{AfterCrash, ServiceState, StopCause};
use crate::observe::Service;

/// The query for the System log: stops of services within the last five minutes, and shutdowns of
/// the machine within the last half hour.
pub const QUERY: &str = "*[System[\
    (Provider[@Name='Service Control Manager'] \
    and (EventID=7023 or EventID=7024 or EventID=7031 or EventID=7034 or EventID=7042) \
    and TimeCreated[timediff(@SystemTime) <= 300000]) \
    or (Provider[@Name='User32'] and EventID=1074 \
    and TimeCreated[timediff(@SystemTime) <= 1800000])]]";

/// Longer names are cut; no account or program name is that long.
const LONGEST_NAME: usize = 120;
/// `SC_ACTION_RESTART` and `SC_ACTION_REBOOT` in `winsvc.h`.
const RESTART: &str = "1";
const REBOOT: &str = "2";
/// `ERROR_SERVICE_NEVER_STARTED`.
const NEVER_STARTED: u32 = 1077;

/// One entry of the System log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemLogEntry {
    id: u32,
    of_services: bool,
    /// The security identifier of the account that caused it.
    sid: Option<String>,
    parameters: Vec<String>,
    /// The name of the service, from the binary data beside the parameters.
    service: Option<String>,
}

/// Decodes the output of `wevtutil /uni:true`, which is UTF-16. Versions that ignore the option
/// write a code page, in which all relevant characters are ASCII.
pub fn decode(bytes: &[u8]) -> String {
    let unmarked = bytes.strip_prefix(b"\xff\xfe").unwrap_or(bytes);
    if unmarked.get(1) != Some(&0) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let units: Vec<u16> =
        unmarked.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// Parses the entries in the output of `wevtutil /f:xml`, in its order; unreadable ones are
/// skipped.
pub fn parse(text: &str) -> Vec<SystemLogEntry> {
    let begin = |chunk: &str| chunk.find("<Event ").map(|at| chunk[at..].to_owned());
    let chunks = text.split_inclusive("</Event>").filter_map(begin);
    chunks.filter_map(|chunk| entry(Document::parse(&chunk).ok()?.root_element())).collect()
}

fn entry(event: Node) -> Option<SystemLogEntry> {
    let system = child(event, "System")?;
    let data = child(event, "EventData");
    let parts = |name| {
        let parts = data.into_iter().flat_map(|data| data.children());
        parts.filter(move |part| part.has_tag_name((NAMESPACE, name)))
    };
    let provider = child(system, "Provider")?.attribute("Name")?;
    Some(SystemLogEntry {
        id: child(system, "EventID")?.text()?.trim().parse().ok()?,
        of_services: provider.eq_ignore_ascii_case("Service Control Manager"),
        sid: child(system, "Security").and_then(|it| it.attribute("UserID")).map(str::to_owned),
        parameters: parts("Data").map(|part| cleaned(part.text().unwrap_or_default())).collect(),
        service: parts("Binary").next().and_then(|part| name(part.text()?)),
    })
}

const NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name((NAMESPACE, name)))
}

fn cleaned(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let text = words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST_NAME).collect()
}

/// Decodes the name of a service: UTF-16 in hexadecimal digits, up to a NUL or a slash.
fn name(digits: &str) -> Option<String> {
    let digits = digits.trim().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    let units: Vec<u16> =
        bytes?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let text = String::from_utf16_lossy(&units);
    let name = text.split(['\0', '/']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// Why a stopped service stopped, by the newest entry that fits its exit code. `name_of` returns
/// the account name of a security identifier.
pub fn why(
    entries: &[SystemLogEntry],
    service: &Service,
    name_of: impl Fn(&str) -> Option<String>,
) -> Option<StopCause> {
    if service.state != ServiceState::Stopped {
        return None;
    }
    entries.iter().find_map(|entry| match service.exit_code {
        0 if entry.is_about(service) => stopped_by(entry, &name_of(entry.sid.as_deref()?)?),
        0 => shut_down(entry).map(|(who, program)| StopCause::ShutDown { who, program }),
        NEVER_STARTED => {
            shut_down(entry).map(|(who, program)| StopCause::NotStartedSince { who, program })
        }
        _ if entry.is_about(service) => crashed(entry, service.exit_code),
        _ => None,
    })
}

impl SystemLogEntry {
    fn is_about(&self, service: &Service) -> bool {
        let same = |name: &str| {
            name.eq_ignore_ascii_case(&service.name)
                || name.eq_ignore_ascii_case(&service.display_name)
        };
        let named = self.service.as_deref().or(self.parameter(0));
        self.of_services && named.is_some_and(same)
    }

    fn parameter(&self, at: usize) -> Option<&str> {
        self.parameters.get(at).map(String::as_str).filter(|text| !text.is_empty())
    }
}

fn stopped_by(entry: &SystemLogEntry, who: &str) -> Option<StopCause> {
    (entry.id == 7042).then(|| StopCause::StoppedBy { who: cleaned(who) })
}

/// The account and the program. Whether it was a restart or a shutdown is only given in the
/// language of the machine.
fn shut_down(entry: &SystemLogEntry) -> Option<(String, String)> {
    if entry.of_services || entry.id != 1074 {
        return None;
    }
    let program = entry.parameter(0)?.split(" (").next()?;
    let program = program.rsplit(['\\', '/']).next()?;
    let who = entry.parameter(6)?;
    Some((who.to_owned(), program.to_owned()))
}

fn crashed(entry: &SystemLogEntry, exit_code: u32) -> Option<StopCause> {
    match entry.id {
        7031 | 7034 => {
            let times = entry.parameter(1)?.parse().ok()?;
            let then = if entry.id == 7031 { after_crash(entry) } else { None };
            Some(StopCause::Crashed { times, exit_code, then })
        }
        7023 => number(entry).map(StopCause::EndedWithError),
        7024 => number(entry).map(StopCause::EndedWithOwnError),
        _ => None,
    }
}

/// What Windows does after a crash.
fn after_crash(entry: &SystemLogEntry) -> Option<AfterCrash> {
    let millis: Option<u64> = entry.parameter(2).and_then(|text| text.parse().ok());
    let seconds = millis.map(|millis| millis / 1000);
    match entry.parameter(3) {
        Some(RESTART) => Some(AfterCrash::RestartsService { seconds }),
        Some(REBOOT) => Some(AfterCrash::RestartsMachine { seconds }),
        _ => None,
    }
}

/// `%%1068` is a reference to the text of error 1068.
fn number(entry: &SystemLogEntry) -> Option<u32> {
    entry.parameter(1)?.trim_start_matches('%').parse().ok()
}

#[cfg(test)]
mod tests;
