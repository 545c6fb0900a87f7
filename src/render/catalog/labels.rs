//! Pure. The labels and buttons of card templates, for every language.

use serde::Serialize;

/// The object `words` of templates: `{{ words.whatToDo }}`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Labels {
    pub(crate) acknowledge: &'static str,
    /// For incidents that must not be silenced from a card.
    pub(crate) acknowledge_only: &'static str,
    pub(crate) also_back: &'static str,
    pub(crate) also_down: &'static str,
    pub(crate) app: &'static str,
    pub(crate) automatic: &'static str,
    pub(crate) before: &'static str,
    pub(crate) channel: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) duration: &'static str,
    pub(crate) effect: &'static str,
    pub(crate) failing: &'static str,
    pub(crate) held_back: &'static str,
    pub(crate) in_a_row: &'static str,
    pub(crate) incident: &'static str,
    pub(crate) last_good: &'static str,
    pub(crate) last_time: &'static str,
    pub(crate) node: &'static str,
    pub(crate) note: &'static str,
    pub(crate) open_app: &'static str,
    pub(crate) open_qmc: &'static str,
    pub(crate) outside_task: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) script_log: &'static str,
    pub(crate) sent_by: &'static str,
    pub(crate) service: &'static str,
    pub(crate) space: &'static str,
    pub(crate) start_type: &'static str,
    pub(crate) started_by: &'static str,
    pub(crate) still_failing: &'static str,
    pub(crate) stream: &'static str,
    pub(crate) tags: &'static str,
    pub(crate) taken_by: &'static str,
    pub(crate) task: &'static str,
    pub(crate) tasks_in_qmc: &'static str,
    pub(crate) test_works: &'static str,
    /// For a name that is in no log.
    pub(crate) unknown: &'static str,
    pub(crate) user: &'static str,
    pub(crate) usual_duration: &'static str,
    pub(crate) was_doing: &'static str,
    pub(crate) was_down: &'static str,
    pub(crate) was_failing: &'static str,
    pub(crate) was_up: &'static str,
    pub(crate) what_to_do: &'static str,
}
