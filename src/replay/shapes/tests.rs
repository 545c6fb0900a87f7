use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::*;
use crate::detect::{Pack, builtin_packs, samples};
use crate::tail::FileId;

fn block(rows: &[(&str, &str, &str)]) -> Block {
    let head = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\n".to_owned();
    let mut text = head.clone();
    for (n, (level, logger, message)) in rows.iter().enumerate() {
        let row = [&n.to_string(), "20261123T061352.000+0000", level, "NODE1", logger, message];
        text += &(row.join("\t") + "\n");
    }
    Block {
        file: FileId(1),
        generation: 0,
        label: "System_Scheduler".into(),
        path: Arc::from(Path::new("log")),
        head: head.into_bytes().into(),
        bytes: text.into_bytes(),
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

fn learned(rows: &[(&str, &str, &str)]) -> Vec<Shape> {
    let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let mut shapes = Shapes::new(&detector);
    shapes.learn(&block(rows));
    shapes.most_first()
}

#[test]
fn rows_that_differ_in_numbers_ids_and_names_have_one_shape() {
    let shapes = learned(&[
        ("WARN", "A.Cache", "Evicted 12 entries of 'Sales' after 00:00:31, password=hunter2"),
        ("ERROR", "A.Cache", "Evicted 7 entries of 'HR' after 00:01:02, password=hunter3"),
        ("INFO", "A.Cache", "Evicted 7 entries of 'HR' after 00:01:02, password=hunter3"),
        ("WARN", "A.Link", r"No answer from node2.example.com:4242 for LAB\anna"),
    ]);
    let found: Vec<_> = shapes.iter().map(|one| (one.n, &*one.level, &*one.text)).collect();
    assert_eq!(
        found,
        [
            (2, "ERROR", "Evicted … entries of … after …, password=…"),
            (1, "WARN", "No answer from … for …"),
        ]
    );
    assert!(!shapes[0].example.contains("hunter"), "{}", shapes[0].example);
}

#[test]
fn a_row_that_a_pattern_matches_is_not_suggested() {
    let session = "System.Scheduler.Scheduler.Master.Task.TaskSession";
    assert_eq!(learned(&[("ERROR", session, "Max retries reached")]), []);
}

#[test]
fn a_suggestion_is_a_pattern_that_matches_its_own_rows() {
    for logger in ["X.Y.Mailer", ""] {
        let rows = [("ERROR", logger, "It's (odd) 5 of C:\\temp\\a.txt [x]*"); 2];
        let text = learned(&rows)[0].pattern();
        assert!(!text.contains("id = \"-") && !text.contains("'$'"), "{text}");
        let own = [Pack { file: "own.toml".into(), text: text.clone() }];
        let (detector, problems) = Detector::compile(&own, TimeZone::UTC);
        assert_eq!(problems, [], "{text}");
        assert_eq!(samples::check(&own, &TimeZone::UTC), [], "{text}");
        let mut shapes = Shapes::new(&detector);
        shapes.learn(&block(&rows));
        assert_eq!(shapes.most_first(), [], "{text}");
    }
}
