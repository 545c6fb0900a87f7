use super::*;

const TEAM: &str = "01234567-89ab-cdef-0123-456789abcdef";
const CHANNEL: &str = "19:AbC_123-x@thread.tacv2";

const FLOWS: [Flow; 2] = [Flow::Threads, Flow::Waiting];

fn files(flow: Flow) -> Vec<(String, Value)> {
    let place = FlowPlace::parse(TEAM, CHANNEL).unwrap();
    let files = package(flow, &place).into_iter();
    files.map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect()
}

fn definition_of(files: &[(String, Value)]) -> &Value {
    let flow = files.iter().find(|(name, _)| name.ends_with("/definition.json")).unwrap();
    &flow.1["properties"]["definition"]
}

#[test]
fn the_flow_has_the_real_ids_and_names_its_run() {
    let files = files(Flow::Threads);
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
    for files in FLOWS.map(files) {
        let mut names = Vec::new();
        check(&definition_of(&files)["actions"], &mut names);
        let text = definition_of(&files).to_string();
        let calls = ["outputs('", "body('", "actions('"].map(|call| text.split(call).skip(1));
        for part in calls.into_iter().flatten() {
            let name = part.split('\'').next().unwrap();
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
    }
}

/// The operation and the parameters of each action that calls Teams.
fn calls(actions: &Value, found: &mut Vec<String>) {
    for (name, action) in actions.as_object().into_iter().flatten() {
        let inputs = &action["inputs"];
        if let Some(operation) = inputs["host"]["operationId"].as_str() {
            assert_eq!(inputs["host"]["apiId"], TEAMS, "{name}");
            assert_eq!(inputs["host"]["connectionName"], "shared_teams", "{name}");
            assert_eq!(inputs["parameters"]["poster"], "Flow bot", "{name}");
            assert_eq!(inputs["parameters"]["location"], "Channel", "{name}");
            let kind = action["type"].as_str().unwrap();
            let keys = inputs["parameters"].as_object().unwrap().keys().map(String::as_str);
            let keys: Vec<&str> = keys.filter(|key| key.contains('/')).collect();
            found.push(format!("{name}: {kind} {operation} {}", keys.join(" ")));
        }
        calls(&action["actions"], found);
        calls(&action["else"]["actions"], found);
    }
}

#[test]
fn the_flow_that_waits_calls_teams_as_its_connector_is_described() {
    let files = files(Flow::Waiting);
    let definition = definition_of(&files);
    let mut found = Vec::new();
    calls(&definition["actions"], &mut found);
    // Only the action that waits has the doubled prefix.
    insta::assert_snapshot!(found.join("\n"), @r"
    Wait: OpenApiConnectionWebhook PostCardAndWaitForResponse body/body/recipient/groupId body/body/recipient/channelId body/body/messageBody body/body/updateMessage
    Update: OpenApiConnection UpdateCardInConversation body/messageId body/messageBody body/recipient/groupId body/recipient/channelId
    Reply: OpenApiConnection ReplyWithMessageToConversation body/parentMessageId body/messageBody body/recipient/groupId body/recipient/channelId
    Post: OpenApiConnection PostCardToConversation body/messageBody body/recipient/groupId body/recipient/channelId
    ");
    let asks = &definition["actions"]["Asks"]["actions"];
    assert_eq!(asks["Wait"]["limit"]["timeout"], "PT24H");
    // One follower for both ends: with one for each, the run would fail after a timeout.
    let after_wait = |(_, action): &(&String, &Value)| action["runAfter"].get("Wait").is_some();
    let followers: Vec<_> = asks.as_object().unwrap().iter().filter(after_wait).collect();
    assert_eq!(followers.len(), 1, "{followers:?}");
    assert_eq!(asks["Answered"]["runAfter"]["Wait"], json!(["Succeeded", "TimedOut"]));
    // Nothing answers the request: that would need a premium licence.
    assert!(!definition.to_string().contains("\"Response\""));
}

#[test]
fn the_manifests_name_the_same_parts() {
    for files in FLOWS.map(files) {
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
}

#[test]
fn the_flows_are_imported_beside_each_other() {
    let [threads, waiting] = FLOWS.map(|flow| (flow.id(), flow.name()));
    assert_ne!(threads.0, waiting.0);
    assert_ne!(threads.1, waiting.1);
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
        assert!(FlowPlace::parse(team, channel).is_err(), "{team} {channel}");
    }
    let link = format!(
        "https://teams.microsoft.com/l/channel/19%3AAbC_123-x%40thread.tacv2/Qlik%20alerts\
         ?groupId={TEAM}&tenantId=x"
    );
    assert_eq!(FlowPlace::of_link(&link), FlowPlace::parse(TEAM, CHANNEL));
    assert!(FlowPlace::of_link("https://teams.microsoft.com/l/team/19%3Aabc/x?groupId=1").is_err());
    assert!(FlowPlace::of_link("General").is_err());
}
