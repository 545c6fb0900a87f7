//! Pure. The parts of a simulated script log: header, two parts of the script, end.

use crate::demo::log_file::ScriptLine;

/// The 28 header lines of the engine.
pub fn header(executed_by: &str) -> Vec<ScriptLine> {
    HEADER
        .iter()
        .map(|(name, value)| match *name {
            EXECUTED_BY => padded(name, executed_by),
            name => padded(name, value),
        })
        .collect()
}

fn padded(name: &str, value: &str) -> ScriptLine {
    ScriptLine::Engine(if value.is_empty() {
        name.to_owned()
    } else {
        format!("{name:<30}{value}")
    })
}

const EXECUTED_BY: &str = "Reload Executed By";

const HEADER: [(&str, &str); 28] = [
    ("Execution started.", ""),
    ("Qlik Sense Server Version", "14.173.4+Build:0.demo.Component.Version"),
    ("CPU Target", "x64"),
    ("Operating System", "Windows Server 2022 Standard  (64 bit edition)"),
    ("Wow64 mode", "Not using Wow64"),
    ("Language", "0409 English (United States) English"),
    ("Country", "1 United States United States"),
    ("MDAC Version", "10.0.20348.1"),
    ("MDAC Full Install Version", "10.0.20348.1"),
    ("PreferredCompression", "2"),
    ("EnableParallelReload", "1"),
    ("ParallelizeQvdLoads", "1"),
    ("EnableFlushLog", "0"),
    ("UserLogfileCharset", "65001"),
    ("OdbcLoginTimeout", "-1"),
    ("OdbcConnectionTimeout", "-1"),
    ("LongestPossibleLine", "1048576"),
    ("ScriptWantsDbWrite", "false"),
    ("ScriptWantsExe", "false"),
    ("LogFile CodePage Used:", "65001"),
    ("UseMemoryFillPattern", "1"),
    ("ScriptMode", "Standard (limits system access)"),
    ("SequentialThreadCount", "4"),
    ("NumberOfCores (effective)", "8"),
    ("ReloadCodebase", "Classic"),
    (EXECUTED_BY, ""),
    ("Process Executing", "Qlik Sense Server"),
    ("Process ID", "5196"),
];

/// The first part: settings, a connection, a table that loads.
pub fn beginning() -> Vec<ScriptLine> {
    let mut lines = numbered(
        2,
        &[
            "SET ThousandSep=','",
            "SET DecimalSep='.'",
            "SET MoneyFormat='# ##0.00 €;-# ##0.00 €'",
            "SET TimeFormat='hh:mm:ss'",
            "SET DateFormat='YYYY-MM-DD'",
            "SET TimestampFormat='YYYY-MM-DD hh:mm:ss[.fff]'",
            "SET FirstWeekDay=0",
            "SET MonthNames='Jan;Feb;Mar;Apr;May;Jun;Jul;Aug;Sep;Oct;Nov;Dec'",
        ],
    );
    lines.extend(numbered(12, &["LIB CONNECT TO 'Warehouse'"]));
    lines.push(engine("Connected."));
    lines.extend(numbered(14, &["[Calendar]:", "LOAD Day, Month, Year"]));
    lines.extend(numbered(16, &["FROM [lib://Data/calendar.qvd] (qvd)"]));
    lines.extend(fetched("3 fields found: Day, Month, Year, ", "1,826"));
    lines
}

/// The second part: what an app loads, up to the statement that fails with `error`.
pub fn middle(app: &str, error: &str) -> Vec<ScriptLine> {
    // A TRACE appears twice under one number: as statement and as its output.
    let mut lines = numbered(18, &["TRACE Calendar is ready"]);
    lines.extend(numbered(18, &["Calendar is ready"]));
    // Near enough to the failure to be in the excerpt, which shows that it is redacted.
    lines.extend(numbered(19, &["LET vPassword = 'invented-password'"]));
    lines.extend(numbered(20, &[&format!("[{app}]:")]));
    let statement = statement(error);
    lines.extend((21..).zip(statement).map(|(number, text)| ScriptLine::Script(number, text)));
    lines
}

/// A statement that matches `error`.
fn statement(error: &str) -> Vec<String> {
    let quoted = error.split('\'').nth(1).unwrap_or_default();
    let (field, source) = if quoted.starts_with("lib://") {
        ("Amount", quoted)
    } else if error.contains("remote server") {
        return vec![
            "SQL SELECT \"id\", \"level\", \"site\"".to_owned(),
            "FROM JSON (wrap on) \"root\"".to_owned(),
            "WITH CONNECTION(Url \"https://stock.example.com/v1/levels\")".to_owned(),
        ];
    } else if error.starts_with("Table") {
        return vec!["DROP TABLE [Scores_temp]".to_owned()];
    } else {
        (if quoted.is_empty() { "Amount" } else { quoted }, "lib://Data/facts_2026.qvd")
    };
    vec![format!("LOAD ID, Account, {field}, Currency"), format!("FROM [{source}] (qvd)")]
}

/// The end of a successful script.
pub fn good_end() -> Vec<ScriptLine> {
    let mut lines = fetched("4 fields found: ID, Account, Amount, Currency, ", "18,220");
    lines.push(engine("Creating search index"));
    lines.push(engine("Indexing field: Account"));
    lines.push(engine("Search index creation completed successfully"));
    lines.push(engine("Execution finished."));
    lines
}

/// The end of a failed script; further lines of the error have stamps too.
pub fn bad_end(error: &str) -> Vec<ScriptLine> {
    let mut lines: Vec<_> = format!("Error: {error}").lines().map(engine).collect();
    lines.push(engine("Execution Failed"));
    lines.push(engine("Execution finished."));
    lines
}

fn fetched(fields: &str, rows: &str) -> Vec<ScriptLine> {
    vec![engine(&format!("\t{fields}")), engine(&format!("{rows} lines fetched"))]
}

fn engine(text: &str) -> ScriptLine {
    ScriptLine::Engine(text.to_owned())
}

fn numbered(first: u32, lines: &[&str]) -> Vec<ScriptLine> {
    (first..)
        .zip(lines)
        .map(|(number, line)| ScriptLine::Script(number, (*line).to_owned()))
        .collect()
}
