//! The two halves in different processes, with text between them.

use std::path::Path;

use jiff::SignedDuration;

use super::*;
use crate::command::{Action, Applied, Command, CommandOrigin, CommandResult, NewSilence};
use crate::commit::{Reason, StoredRows};
use crate::pipeline::tests::{HEADER, now, pipeline};
use crate::tail::{Block, FileId};

const SESSION: &str = "Master.Task.TaskSession";
const SALES: &str = "t1\te1\tSales\t7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a";
const SALES_LATER: &str = "t1\te2\tSales\t7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a";
const STOCK: &str = "t2\te3\tStock\te7af59a0-c243-480d-9571-08727551a66f";
const STOCK_UNNAMED: &str = "t3\te4\t\te7af59a0-c243-480d-9571-08727551a66f";

/// What is read in a step, and when.
enum Read {
    /// A row of the scheduler: logger, message, and the columns from task to app.
    Row(&'static str, &'static str, &'static str),
    /// The script log of the sales app, with this error.
    Script(&'static str),
    Nothing,
}

const NIGHT: [(i64, Read); 12] = [
    (0, Read::Row(SESSION, "Execution State Change to Triggered", SALES)),
    (20, Read::Script("Error: Connector reply error: timeout")),
    (21, Read::Row("Slave.Tasks.ReloadTask", FAILED_IN_ENGINE, SALES)),
    (22, Read::Row(SESSION, "Changing task state from Started to Retry", SALES)),
    (80, Read::Script("Error: Field 'OrderDte' not found")),
    // Its script log is known, so it is decided at once.
    (81, Read::Row(SESSION, "Max retries reached", SALES)),
    (90, Read::Nothing),
    // No pattern matches it: only the name of its app is learned.
    (
        200,
        Read::Row("Slave.Tasks.ReloadTask", "Message from ReloadProvider: Reload complete", STOCK),
    ),
    (300, Read::Row(SESSION, "Max retries reached", STOCK_UNNAMED)),
    (400, Read::Nothing),
    (500, Read::Row(SESSION, "Execution State Change to FinishedSuccess", SALES_LATER)),
    (600, Read::Nothing),
];
const FAILED_IN_ENGINE: &str =
    "Message from ReloadProvider: Reload failed in Engine. Check engine or script logs.";

fn batch(at: Timestamp, offset: u64, read: &Read) -> Batch {
    let stamp = at.strftime("%Y%m%dT%H%M%S.000+0000");
    let (label, path, head, bytes) = match read {
        Read::Nothing => return Batch { read_until: Some(at), ..Batch::default() },
        Read::Row(logger, message, columns) => {
            let row = format!(
                "1\t{stamp}\tERROR\tn\tSystem.Scheduler.Scheduler.{logger}\t1\t1\tu\t{message}\t\t\t\t\
                 Reload\t{columns}\tu\r\n"
            );
            ("System_Scheduler", "n_System_Scheduler.txt".to_owned(), HEADER.to_owned(), row)
        }
        Read::Script(error) => {
            let head = format!(
                "{stamp}      Execution started.\r\n{stamp}      Reload Executed By            \
                 UserDirectory=INTERNAL; UserId=sa_scheduler\r\n"
            );
            let lines = format!(
                "{head}{stamp} 0017 LOAD OrderID, OrderDte FROM x\r\n{stamp}      {error}\r\n\
                 {stamp}      Execution Failed\r\n{stamp}      Execution finished.\r\n"
            );
            let path = at.strftime(
                "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.%Y_%m_%d_%H_%M_%S.ECD010F8AE5847FFC93B.log",
            );
            ("Script", path.to_string(), head, lines)
        }
    };
    let block = Block {
        file: FileId(1),
        generation: 0,
        label: label.into(),
        path: Path::new(&path).into(),
        head: head.into_bytes().into(),
        bytes: bytes.into_bytes(),
        fresh: 0,
        offset,
        lines: Some(0),
    };
    Batch { blocks: vec![block], read_until: Some(at), ..Batch::default() }
}

#[test]
fn another_process_decides_the_same_about_what_crosses_as_text() {
    let [mut together, mut node, mut site] = [(); 3].map(|()| pipeline(&StoredRows::default()));
    for one in [&mut together, &mut node] {
        one.recogniser.environment = Some("prod".into());
    }
    let (mut sent, mut shown) = (Vec::new(), String::new());
    for (offset, (seconds, read)) in (1_000..).step_by(1_000).zip(&NIGHT) {
        let at = now() + SignedDuration::from_secs(*seconds);
        let expected = together.step(at, &mut batch(at, offset, read), &mut 0);

        let Recognised { findings, positions } =
            node.recogniser.recognise(at, &mut batch(at, offset, read), &mut 0);
        let text = serde_json::to_string(&findings).unwrap();
        let crossed: Findings = serde_json::from_str(&text).unwrap();
        assert_eq!(crossed, findings);
        let (decided, _) = site.decider.decide(at, crossed, Vec::new());

        sent.extend(decided.deliveries.iter().map(|one| (*seconds, one.reason)));
        shown.extend(decided.deliveries.iter().map(|one| String::from(&*one.payload)));
        assert_eq!(positions.and(decided), expected, "after {seconds} s");
    }
    // What people ask crosses in the same way.
    let matchers = [("app".to_owned(), vec!["Stock".to_owned()])].into();
    let (until, reason) = (now() + SignedDuration::from_hours(1), "known".to_owned());
    let action = Action::SilenceAdd(NewSilence { matchers, incident: None, until, reason });
    let (id, by, origin) = ("1".into(), "Anna".to_owned(), CommandOrigin::Page);
    let command = Command { id, at: now(), by, origin, action };
    let asked = ResolvedCommand { command, matches: Vec::new() };
    let text = serde_json::to_string(&asked).unwrap();
    let crossed: ResolvedCommand = serde_json::from_str(&text).unwrap();
    let at = now() + SignedDuration::from_secs(600);
    let decided = [(together, asked), (site, crossed)]
        .map(|(mut half, asked)| half.decider.decide(at, Findings::default(), vec![asked]).0);
    assert_eq!(decided[0], decided[1]);
    let result = &decided[0].commands[0].result;
    assert!(matches!(result, CommandResult::Applied(Applied::Silence(_))), "{result:?}");
    assert_eq!(sent, [(81, Reason::Opened), (400, Reason::Opened), (500, Reason::Recovered)]);
    // From the script log, from the row that only has a name, and from the recogniser.
    for part in ["OrderDte", "Stock", "PROD"] {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
}
