//! Pure. Checks the parameters of a request as the API's description does.

use std::collections::BTreeMap;

const SORTS: [&str; 12] = [
    "creationTime",
    "-creationTime",
    "+creationTime",
    "status",
    "-status",
    "+status",
    "startTime",
    "-startTime",
    "endTime",
    "-endTime",
    "+endTime",
    "+startTime",
];
const STATUSES: [&str; 7] =
    ["QUEUED", "RELOADING", "CANCELING", "SUCCEEDED", "FAILED", "CANCELED", "EXCEEDED_LIMIT"];

/// The parameters of a request, each known and given once.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The error is a violation of the API's description.
    pub(crate) fn new(query: Option<&str>, known: &[&str]) -> Result<Self, String> {
        let mut parameters = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                return Err(format!("unknown parameter {name}"));
            }
            if parameters.0.insert(name.to_string(), value.to_string()).is_some() {
                return Err(format!("parameter {name} is given twice"));
            }
        }
        Ok(parameters)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// From 1 to 100; without it, the default of the API.
    pub(crate) fn limit(&self) -> Result<usize, String> {
        match self.get("limit") {
            None => Ok(10),
            Some(text) => {
                let limit = text.parse().ok().filter(|limit| (1..=100).contains(limit));
                limit.ok_or_else(|| format!("limit {text}"))
            }
        }
    }

    pub(crate) fn sort(&self) -> Result<&str, String> {
        let sort = self.get("sort").unwrap_or("-creationTime");
        if SORTS.contains(&sort) { Ok(sort) } else { Err(format!("sort {sort}")) }
    }

    /// The statuses that a filter accepts; only `eq`, `or` and brackets are simulated.
    pub(crate) fn statuses(&self) -> Result<Vec<&str>, String> {
        let Some(filter) = self.get("filter") else { return Ok(STATUSES.to_vec()) };
        let fault = || format!("filter {filter}");
        let inner = filter.trim().trim_start_matches('(').trim_end_matches(')');
        inner
            .split(" or ")
            .map(|term| {
                let parts: Vec<&str> = term.split_whitespace().collect();
                let [attribute, "eq", value] = parts.as_slice() else { return Err(fault()) };
                let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                let value = value.filter(|value| STATUSES.contains(value)).ok_or_else(fault)?;
                if *attribute == "status" { Ok(value) } else { Err(fault()) }
            })
            .collect()
    }
}
