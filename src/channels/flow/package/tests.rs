use super::*;

const TEAM: &str = "01234567-89ab-cdef-0123-456789abcdef";
const CHANNEL: &str = "19:AbC_123-x@thread.tacv2";

fn files() -> Vec<(String, Value)> {
    let place = Place::parse(TEAM, CHANNEL).unwrap();
    let files = package(&place).into_iter();
    files.map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect()
}

fn definition_of(files: &[(String, Value)]) -> &Value {
    let flow = files.iter().find(|(name, _)| name.ends_with("/definition.json")).unwrap();
    &flow.1["properties"]["definition"]
}

#[test]
fn the_flow_has_the_real_ids_and_names_its_run() {
    let files = files();
    let definition = definition_of(&files);
    assert_eq!(definition["parameters"]["TeamId"]["defaultValue"], TEAM);
    assert_eq!(definition["parameters"]["ChannelId"]["defaultValue"], CHANNEL);
    let body = &definition["actions"]["Answer"]["inputs"]["body"];
    assert_eq!(body["run"], "@workflow()?['run']['name']");
}

/// Each action runs after one that exists beside it, and each id of an expression is an action.
#[test]
fn the_definition_refers_to_nothing_that_is_not_there() {
    fn check(actions: &Value, names: &mut Vec<String>) {
        let Some(all) = actions.as_object() else { return };
        for (name, action) in all {
            names.push(name.clone());
            for before in action["runAfter"].as_object().unwrap().keys() {
                assert!(all.contains_key(before), "{name} runs after {before}");
            }
            check(&action["actions"], names);
            check(&action["else"]["actions"], names);
            check(&action["default"]["actions"], names);
            for case in action["cases"].as_object().into_iter().flat_map(|it| it.values()) {
                check(&case["actions"], names);
            }
        }
    }
    let files = files();
    let mut names = Vec::new();
    check(&definition_of(&files)["actions"], &mut names);
    let text = definition_of(&files).to_string();
    for part in
        ["outputs('", "body('", "actions('"].into_iter().flat_map(|it| text.split(it).skip(1))
    {
        let name = part.split('\'').next().unwrap();
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
}

#[test]
fn the_manifests_name_the_same_parts() {
    let files = files();
    let of = |end: &str| &files.iter().find(|(name, _)| name.ends_with(end)).unwrap().1;
    let resources = &of("manifest.json")["resources"];
    let flow = of("flows/manifest.json")["flowAssets"]["assetPaths"][0].as_str().unwrap();
    assert_eq!(resources[flow]["type"], "Microsoft.Flow/flows");
    for map in ["apisMap.json", "connectionsMap.json"] {
        let part = of(map)["shared_teams"].as_str().unwrap();
        assert!(resources[part].is_object(), "{map}");
        assert!(resources[flow]["dependsOn"].as_array().unwrap().iter().any(|it| it == part));
    }
}

#[test]
fn ids_are_checked_and_a_link_to_the_channel_has_both() {
    for (team, channel) in [
        ("00000000-0000-0000-0000-000000000000", CHANNEL),
        ("team", CHANNEL),
        (TEAM, "19:REPLACE me@thread.tacv2"),
        (TEAM, "General"),
        (TEAM, "19:@thread.tacv2"),
    ] {
        assert!(Place::parse(team, channel).is_err(), "{team} {channel}");
    }
    let link = format!(
        "https://teams.microsoft.com/l/channel/19%3AAbC_123-x%40thread.tacv2/Qlik%20alerts\
         ?groupId={TEAM}&tenantId=x"
    );
    assert_eq!(Place::of_link(&link), Place::parse(TEAM, CHANNEL));
    assert!(Place::of_link("https://teams.microsoft.com/l/team/19%3Aabc/x?groupId=1").is_err());
    assert!(Place::of_link("General").is_err());
}
