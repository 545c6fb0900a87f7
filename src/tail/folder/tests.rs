use std::sync::Arc;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);
const SECOND: Duration = Duration::from_secs(1);

/// The interval between two listings of a folder with this many names, in seconds.
fn pause(names: i64, hinted: bool) -> u64 {
    let watch = Watch {
        label: Arc::from("Script"),
        folder: PathBuf::from("/logs"),
        names: globset::Glob::new("*.log").unwrap().compile_matcher(),
        lookback: 0.into(),
        subject: None,
    };
    let mut folder = Folder::new(watch, true);
    for number in 0..names {
        let sum = |file: &FileId| file.0.unsigned_abs();
        folder.names.insert_unique(sum(&FileId(number)), FileId(number), sum);
    }
    folder.hinted = hinted;
    folder.listed_at = Some(NOW);
    (0..100).find(|later| folder.is_listing_due(SECOND, NOW + SECOND * *later)).unwrap().into()
}

#[test]
fn a_folder_with_very_many_names_is_listed_less_often() {
    assert_eq!(pause(200, false), 1);
    assert_eq!(pause(200, true), 1);
    assert_eq!(pause(201, false), 1);
    assert_eq!(pause(201, true), 10, "hints report new names");
    assert_eq!(pause(50_000, false), 5);
    assert_eq!(pause(500_000, false), 10);
}
