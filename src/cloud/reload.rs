//! Pure. One reload as the tenant lists it. Members that are missing or of another form are unknown.

use serde_json::Value;

use crate::clock::Timestamp;

/// Ids have 24 or 36 characters; longer texts are not ids.
const LONGEST_ID: usize = 64;

named! {
    /// The status of a reload; the first three are not final.
    pub enum ReloadStatus {
        Queued => "QUEUED",
        Reloading => "RELOADING",
        Canceling => "CANCELING",
        Succeeded => "SUCCEEDED",
        Failed => "FAILED",
        Canceled => "CANCELED",
        /// It was refused or ended because of a limit of the tenant.
        ExceededLimit => "EXCEEDED_LIMIT",
    }
}

impl ReloadStatus {
    fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == text)
    }

    /// Whether it is final.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Reloading | Self::Canceling)
    }

    /// Whether people are notified of it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Canceled | Self::ExceededLimit)
    }
}

/// One reload. Texts are as the tenant wrote them: neither redacted nor bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reload {
    pub id: String,
    pub app: String,
    /// `None` for a status that is not known: it counts as not final.
    pub status: Option<ReloadStatus>,
    /// Why it was started: `hub`, `chronos`, `choreographer`, `external`, …
    pub caused_by: Option<String>,
    pub partial: bool,
    pub created: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// Who started it; for a schedule, its owner.
    pub user: Option<String>,
    /// The task that it belongs to.
    pub task: Option<String>,
    /// The summary of its progress, if it was asked for.
    pub log: Option<String>,
}

impl Reload {
    /// `None` if it has no usable id, app or status.
    pub fn of(json: &Value) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let filled = |name: &str| text(name).filter(|text| !text.trim().is_empty());
        let at = |name: &str| text(name).and_then(|text| text.parse().ok());
        let is_task = text("resourceType").is_some_and(|of| of.contains("task"));
        Some(Self {
            id: text("id").filter(|id| is_id(id))?,
            app: text("appId").filter(|id| is_id(id))?,
            status: ReloadStatus::of(&text("status")?),
            caused_by: filled("type"),
            partial: json.get("partial").and_then(Value::as_bool).unwrap_or(false),
            created: at("creationTime"),
            started: at("startTime"),
            ended: at("endTime"),
            error_code: filled("errorCode"),
            error_message: filled("errorMessage"),
            user: filled("userId"),
            task: filled("resourceId").filter(|id| is_task && is_id(id)),
            log: filled("log"),
        })
    }

    /// The final status, if it has one.
    pub fn end(&self) -> Option<ReloadStatus> {
        self.status.filter(|status| status.is_final())
    }

    /// When it ended, else when it was created: a reload that was refused may have no end.
    pub fn at(&self) -> Option<Timestamp> {
        self.ended.or(self.created)
    }
}

/// Whether a text can be an id in an address: letters, digits, `-` and `_` only.
pub(crate) fn is_id(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=LONGEST_ID).contains(&text.len()) && text.chars().all(is_plain)
}
