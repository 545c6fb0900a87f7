//! Pure. The files of the packages with which Power Automate imports the flows.

use serde_json::{Value, json};
use url::Url;

/// The ids in a package identify its parts, and have no meaning outside it.
const API: &str = "5f0a7e0e-2d1f-4c7a-9b0e-f007a4000002";
const CONNECTION: &str = "5f0a7e0e-2d1f-4c7a-9b0e-f007a4000003";
const TEAMS: &str = "/providers/Microsoft.PowerApps/apis/shared_teams";

/// A flow that Footman generates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// One incident is one thread.
    Threads,
    /// A card waits until somebody takes it.
    Waiting,
}

impl Flow {
    fn id(self) -> &'static str {
        match self {
            Self::Threads => "5f0a7e0e-2d1f-4c7a-9b0e-f007a4000001",
            Self::Waiting => "5f0a7e0e-2d1f-4c7a-9b0e-f007a4000004",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Threads => "Footman threads",
            Self::Waiting => "Footman waiting cards",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Threads => "Posts the cards of Footman: one incident is one thread.",
            Self::Waiting => "Posts the cards of Footman, and waits until somebody takes them.",
        }
    }

    fn definition(self) -> &'static str {
        match self {
            Self::Threads => include_str!("definition.json"),
            Self::Waiting => include_str!("waiting.json"),
        }
    }
}

/// Where the flow posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowPlace {
    /// The id of the team: a GUID.
    pub team: String,
    /// The id of the channel: `19:…@thread.tacv2`.
    pub channel: String,
}

impl FlowPlace {
    /// Parses a link to a channel, as Teams copies it.
    pub fn of_link(link: &str) -> Result<Self, String> {
        if link.trim().starts_with("19:") {
            return Err(format!("`{link}` is the id of a channel: give that of its team, too"));
        }
        let url = Url::parse(link.trim()).map_err(|_| format!("`{link}` is not a link"))?;
        let mut parts = url.path_segments().into_iter().flatten();
        let channel = parts.find(|part| *part == "channel").and_then(|_| parts.next());
        let team = url.query_pairs().find(|(key, _)| key == "groupId");
        let (Some(channel), Some((_, team))) = (channel, team) else {
            return Err(format!("`{link}` is not a link to a channel"));
        };
        let channel = [("%3A", ":"), ("%3a", ":"), ("%40", "@")]
            .iter()
            .fold(channel.to_owned(), |text, (code, sign)| text.replace(code, sign));
        Self::parse(&team, &channel)
    }

    /// From the two ids.
    pub fn parse(team: &str, channel: &str) -> Result<Self, String> {
        let (team, channel) = (team.trim(), channel.trim());
        let groups: Vec<usize> = team.split('-').map(str::len).collect();
        let is_guid = groups == [8, 4, 4, 4, 12]
            && team.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
            && team.chars().any(|c| c != '0' && c != '-');
        if !is_guid {
            return Err(format!("`{team}` is not the id of a team"));
        }
        let name = channel.strip_prefix("19:").and_then(|rest| rest.split_once("@thread."));
        let is_plain =
            |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let is_id = name.is_some_and(|(name, kind)| {
            !name.is_empty() && is_plain(name) && matches!(kind, "tacv2" | "skype")
        });
        if !is_id {
            return Err(format!("`{channel}` is not the id of a channel"));
        }
        Ok(Self { team: team.to_owned(), channel: channel.to_owned() })
    }
}

/// The definition of the flow for one channel.
fn definition(flow: Flow, place: &FlowPlace) -> Value {
    let mut definition: Value =
        serde_json::from_str(flow.definition()).expect("the definition is part of the program");
    definition["parameters"]["TeamId"]["defaultValue"] = place.team.as_str().into();
    definition["parameters"]["ChannelId"]["defaultValue"] = place.channel.as_str().into();
    definition
}

/// The files of the package: name and text.
pub fn package(flow: Flow, place: &FlowPlace) -> Vec<(String, String)> {
    let id = flow.id();
    let folder = format!("Microsoft.Flow/flows/{id}");
    let whole = json!({
        "name": id,
        "id": format!("/providers/Microsoft.Flow/flows/{id}"),
        "type": "Microsoft.Flow/flows",
        "properties": {
            "apiId": "/providers/Microsoft.PowerApps/apis/shared_logicflows",
            "displayName": flow.name(),
            "definition": definition(flow, place),
            "connectionReferences": {
                "shared_teams": {
                    "connectionName": "", "source": "Embedded", "id": TEAMS, "tier": "NotSpecified",
                },
            },
            "flowFailureAlertSubscribed": false,
            "isManaged": false,
        },
    });
    let files = [
        ("manifest.json".to_owned(), manifest(flow)),
        (
            "Microsoft.Flow/flows/manifest.json".to_owned(),
            json!({ "packageSchemaVersion": "1.0", "flowAssets": { "assetPaths": [id] } }),
        ),
        (format!("{folder}/definition.json"), whole),
        (format!("{folder}/apisMap.json"), json!({ "shared_teams": API })),
        (format!("{folder}/connectionsMap.json"), json!({ "shared_teams": CONNECTION })),
    ];
    files.into_iter().map(|(name, json)| (name, json.to_string())).collect()
}

fn manifest(flow: Flow) -> Value {
    json!({
        "schema": "1.0",
        "details": {
            "displayName": flow.name(),
            "description": flow.description(),
            "packageTelemetryId": flow.id(),
            "creator": "Footman",
            "sourceEnvironment": "",
        },
        "resources": {
            flow.id(): {
                "type": "Microsoft.Flow/flows",
                "suggestedCreationType": "New",
                "creationType": "Existing, New, Update",
                "details": { "displayName": flow.name() },
                "configurableBy": "User",
                "hierarchy": "Root",
                "dependsOn": [API, CONNECTION],
            },
            API: {
                "id": TEAMS,
                "name": "shared_teams",
                "type": "Microsoft.PowerApps/apis",
                "suggestedCreationType": "Existing",
                "details": { "displayName": "Microsoft Teams" },
                "configurableBy": "System",
                "hierarchy": "Child",
                "dependsOn": [],
            },
            CONNECTION: {
                "type": "Microsoft.PowerApps/apis/connections",
                "suggestedCreationType": "Existing",
                "creationType": "Existing",
                "details": { "displayName": "Microsoft Teams" },
                "configurableBy": "User",
                "hierarchy": "Child",
                "dependsOn": [API],
            },
        },
    })
}

#[cfg(test)]
mod tests;
