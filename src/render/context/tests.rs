use serde_json::Value;

use crate::render::sample;

fn names() -> Vec<String> {
    let full = serde_json::to_value(&sample::contexts()[0]).unwrap();
    let Value::Object(members) = full else { panic!("a context is an object") };
    members.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_table_lists_every_variable() {
    let table: String =
        include_str!("../context.rs").lines().filter(|line| line.starts_with("//! |")).collect();
    for name in names() {
        assert!(table.contains(&format!("`{name}`")), "`{name}` is not in the table");
    }
}

#[test]
fn names_that_existing_templates_use_are_defined() {
    let names = names();
    let promised = "appName taskName errorMessage serverName timestamp environment severity scriptLog \
        qmcUrl hostName user taskId appId appUrl logTimeStamp logMessage executionId qlikSenseQMC \
        qlikSenseHub scriptLogTail executionStartTime executionStopTime executionDuration";
    for name in promised.split_whitespace() {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn every_variable_exists_when_no_value_is_known() {
    let [full, bare] = sample::contexts().map(|context| serde_json::to_value(context).unwrap());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&full), keys(&bare));
}
