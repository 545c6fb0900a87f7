//! Pure. Checks the logs, columns and captures that a pattern names, with suggestions.

use std::ops::Range;

use toml::Spanned;

use crate::config::{Problem, nearest};
use crate::detect::pack::{PackFile, PatternTable};
use crate::qlik::folders::{self, SCRIPT};

/// Services that write logs.
const SERVICES: [&str; 8] = [
    "Engine",
    "Printing",
    "Proxy",
    "Repository",
    "Scheduler",
    "AppDistributionService",
    "EntitlementProvisioningService",
    "HybridDeploymentService",
];

/// The subjects of their logs.
const KINDS: [&str; 20] = [
    "Application",
    "Audit",
    "AuditActivity",
    "AuditSecurity",
    "ExternalServices",
    "HttpTraffic",
    "License",
    "ManagementConsole",
    "Performance",
    "QixCounter",
    "QixPerformance",
    "SSE",
    "Security",
    "Service",
    "Session",
    "Synchronization",
    "System",
    "TaskExecution",
    "Traffic",
    "UserManagement",
];

/// Columns of service logs. Columns of other versions become known through samples.
const COLUMNS: [&str; 84] = [
    "Action",
    "ActiveUserDirectory",
    "ActiveUserId",
    "AppId",
    "AppName",
    "Authenticated",
    "CServerId",
    "Calls",
    "Checksum",
    "ClientHostAddress",
    "Command",
    "ConnectionId",
    "Context",
    "Description",
    "DocId",
    "Document",
    "EngineThread",
    "EngineTimestamp",
    "EngineVersion",
    "Entry",
    "Exception",
    "Exe",
    "ExecutionId",
    "Handle",
    "Host",
    "Hostname",
    "Id",
    "Id2",
    "IpAddress",
    "Level",
    "LockTime",
    "Logger",
    "Message",
    "Method",
    "NetRAM",
    "ObjectId",
    "ObjectName",
    "ObjectType",
    "Origin",
    "PeakRAM",
    "ProcessId",
    "ProcessTime",
    "ProductVersion",
    "ProxyPackageId",
    "ProxySessionId",
    "RequestId",
    "RequestSequenceId",
    "ResourceId",
    "Result",
    "ResultText",
    "SecurityClass",
    "Selections",
    "Sequence",
    "Sequence#",
    "Server",
    "Service",
    "ServiceUser",
    "Session",
    "SessionId",
    "Severity",
    "StackTrace",
    "Start",
    "Started",
    "TargetHost",
    "TaskId",
    "TaskName",
    "Thread",
    "TicketId",
    "Time",
    "Timestamp",
    "TraverseTime",
    "Type",
    "Url",
    "User",
    "UserDirectory",
    "UserId",
    "VMCommitted(MB)",
    "ValidateTime",
    "Version",
    "VirtualProxy",
    "WorkTime",
    "AppTitle",
    "StatusCode",
    "Duration",
];

/// The columns of a line in a script log.
const SCRIPT_COLUMNS: [&str; 3] = ["Engine", "Statement", "Line"];
/// Names that a key may also use; each stands for the column of the log that has the value.
const MEANT: [&str; 2] = ["user", "address"];

/// A problem for each name that is not a log of Qlik Sense.
pub(crate) fn unknown_logs(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let logs = entry.log.get_ref().list();
    let problem =
        |message: String, hint: String| source.problem(entry.log.span(), message, Some(hint));
    let form = "name it as its files are, without the machine's name: `System_Scheduler`, \
                `AuditActivity_Engine`, or `Script`";
    if logs.is_empty() {
        return vec![problem("no log to read".to_owned(), form.to_owned())];
    }
    let unknown = logs.iter().filter(|log| !is_known(log));
    unknown
        .map(|log| {
            let hint =
                meant(log).map_or_else(|| form.to_owned(), |log| format!("did you mean `{log}`?"));
            problem(format!("Qlik Sense has no log named `{log}`"), hint)
        })
        .collect()
}

fn is_known(log: &str) -> bool {
    let parts = || log.split_once('_');
    log == SCRIPT
        || folders::is_dispatched(log)
        || folders::is_log(log)
            && parts()
                .is_some_and(|(kind, service)| KINDS.contains(&kind) && SERVICES.contains(&service))
}

/// The existing log with the most similar name.
fn meant(log: &str) -> Option<String> {
    let script = || nearest(log, [SCRIPT]).map(str::to_owned);
    // `Scheduler_System`, `System Scheduler` and file names are common variants.
    let plain = log.trim_end_matches(".txt").replace([' ', '-', '.', '/', '\\'], "_");
    let parts: Vec<&str> = plain.split('_').filter(|part| !part.is_empty()).collect();
    let kind = parts.iter().find_map(|part| nearest(part, KINDS));
    let service = parts.iter().rev().find_map(|part| nearest(part, SERVICES));
    match (kind, service) {
        (Some(kind), Some(service)) => Some(format!("{kind}_{service}")),
        (None, Some(service)) if parts.len() == 1 => Some(format!("System_{service}")),
        _ => script(),
    }
}

/// A problem for each column or capture that does not exist.
pub(crate) fn unknown_columns(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let captures = captures(entry);
    let logs = entry.log.get_ref().list();
    let of_script = logs.iter().any(|log| log == SCRIPT);
    let of_service = logs.iter().any(|log| log != SCRIPT);
    let sampled = || entry.matches.iter().flat_map(|sample| sample.get_ref().columns.keys());
    let has = |name: &str| {
        of_script && SCRIPT_COLUMNS.contains(&name)
            || of_service && COLUMNS.iter().any(|column| column.eq_ignore_ascii_case(name))
            || of_service && sampled().any(|column| column == name)
    };
    let columns = || {
        let script = SCRIPT_COLUMNS.iter().filter(|_| of_script);
        script.chain(COLUMNS.iter().filter(|_| of_service)).copied()
    };
    let mut problems = Vec::new();
    for (column, text) in entry.when.get_ref() {
        if !has(column) {
            let span = before(source, column, text.span());
            let hint = hint(column, columns(), &logs);
            problems.push(source.problem(
                span,
                format!("no row has a column `{column}`"),
                Some(hint),
            ));
        }
    }
    problems.extend(misspelt_samples(entry, source));
    let by = entry.threshold.iter().flat_map(|limit| &limit.get_ref().by);
    let named = entry.key.iter().map(|name| ("key", name)).chain(by.map(|name| ("by", name)));
    for (place, name) in named {
        let word = name.get_ref().as_str();
        let is_known = has(word) || MEANT.contains(&word) || captures.iter().any(|it| it == word);
        if !is_known {
            let known = captures.iter().map(String::as_str).chain(MEANT).chain(columns());
            let hint = hint(word, known, &logs);
            let message =
                format!("`{place}` names `{word}`, which is neither a column nor a capture");
            problems.push(source.problem(name.span(), message, Some(hint)));
        }
    }
    problems
}

/// A sample may show columns of other versions, but not one that is a misspelt known column and
/// that no condition uses.
fn misspelt_samples(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let logs = entry.log.get_ref().list();
    // Dispatched services name the members of their lines as they like.
    if logs.iter().any(|log| folders::is_dispatched(log)) {
        return Vec::new();
    }
    let by = entry.threshold.iter().flat_map(|limit| &limit.get_ref().by);
    let words = || entry.key.iter().chain(by.clone()).map(Spanned::get_ref);
    let is_asked =
        |name: &String| entry.when.get_ref().contains_key(name) || words().any(|word| word == name);
    let is_known = |name: &String| COLUMNS.iter().any(|column| column.eq_ignore_ascii_case(name));
    let mut problems = Vec::new();
    for sample in entry.matches.iter().chain(&entry.misses) {
        let columns = sample.get_ref().columns.keys();
        for name in columns.filter(|name| !is_known(name) && !is_asked(name)) {
            let Some(near) = nearest(name, COLUMNS) else { continue };
            let message = format!("no row has the column `{name}` of this sample");
            let rest = source.text.get(sample.span().start..).unwrap_or_default();
            let at = rest.find(name.as_str()).map(|at| sample.span().start + at);
            let span = at.map_or_else(|| sample.span(), |at| at..at + name.len());
            problems.push(source.problem(span, message, Some(format!("did you mean `{near}`?"))));
        }
    }
    problems
}

fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>, logs: &[String]) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("did you mean `{near}`?");
    }
    if logs.iter().all(|log| log == SCRIPT) {
        return "a line of a script log has `Engine`, `Statement` and `Line`".to_owned();
    }
    "if your logs have such a column, show it in a sample under `matches`".to_owned()
}

/// The range of a key before its value.
fn before(source: &PackFile, key: &str, value: Range<usize>) -> Range<usize> {
    let found = source.text.get(..value.start).and_then(|text| text.rfind(key));
    found.map_or(value, |at| at..at + key.len())
}

/// The named groups in the regexes of a pattern.
fn captures(entry: &PatternTable) -> Vec<String> {
    let texts = entry.when.get_ref().values().map(Spanned::get_ref);
    texts.flat_map(|text| group_names(text)).collect()
}

/// The named groups of a regex: `(?<name>…)` and `(?P<name>…)`.
pub(crate) fn group_names(regex: &str) -> Vec<String> {
    let built = regex_syntax::ast::parse::Parser::new().parse(regex);
    let Ok(tree) = built else { return Vec::new() };
    regex_syntax::ast::visit(&tree, KnownNames::default()).unwrap_or_default()
}

#[derive(Default)]
struct KnownNames(Vec<String>);

impl regex_syntax::ast::Visitor for KnownNames {
    type Output = Vec<String>;
    type Err = ();

    fn finish(self) -> Result<Vec<String>, ()> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, tree: &regex_syntax::ast::Ast) -> Result<(), ()> {
        if let regex_syntax::ast::Ast::Group(group) = tree
            && let regex_syntax::ast::GroupKind::CaptureName { name, .. } = &group.kind
        {
            self.0.push(name.name.clone());
        }
        Ok(())
    }
}
