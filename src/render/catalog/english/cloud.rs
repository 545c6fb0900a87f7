//! Pure. The product's sentences about tenants of Qlik Cloud, in English.

use crate::detection::{
    AnswerFault, BadEnd, CloudCondition, CloudList, TenantFault, TenantRefusal, UntilExpiry,
};
use crate::render::catalog::{Sentences, tenant_fault};

/// The texts of a condition of a tenant; `on` is the date that it names.
pub(crate) fn condition(condition: &CloudCondition, tenant: &str, on: &str) -> Sentences {
    match condition {
        CloudCondition::ReloadEnded { end, code } => ended(*end, code.as_deref()),
        CloudCondition::TaskOff { code } => task_off(code),
        CloudCondition::NotPolled { refusal, why } => not_polled(*refusal, why, tenant),
        CloudCondition::Unread { list, why, .. } => unread(*list, why.as_ref(), tenant, on),
        CloudCondition::KeyExpires { left, .. } => {
            let reason = match left {
                UntilExpiry::Expired => format!("Expired on {on}"),
                UntilExpiry::WithinAWeek { days: 1 } | UntilExpiry::Days(1) => {
                    format!("Expires on {on}, in 1 day")
                }
                UntilExpiry::WithinAWeek { days } | UntilExpiry::Days(days) => {
                    format!("Expires on {on}, in {days} days")
                }
            };
            let sentences = Sentences::new(
                &format!("The API key of tenant {tenant} expires"),
                "Once it has expired, failed reloads of this tenant go unreported.",
                Some(
                    "Create a new API key for the same user and write it where the configuration \
                     says. A file or a stored secret is read again within seconds; a variable needs a \
                     restart of Footman.",
                ),
            );
            Sentences { reason, ..sentences }
        }
        CloudCondition::ReloadSucceeded
        | CloudCondition::TaskOn
        | CloudCondition::PolledAgain
        | CloudCondition::ListRead
        | CloudCondition::KeyRenewed => Sentences::default(),
    }
}

fn ended(end: BadEnd, code: Option<&str>) -> Sentences {
    let code_of = |text: &str| match code {
        Some(code) => format!("{text} ({code})"),
        None => text.to_owned(),
    };
    let (reason, meaning, advice) = match (end, code) {
        (BadEnd::Canceled, _) => (
            "The reload was canceled",
            "The app keeps the data of its last reload.",
            "Check in the reload history of the app who canceled it. If that was not intended, reload \
             the app again.",
        ),
        (BadEnd::ExceededLimit, _) => (
            "The reload exceeded a limit of the tenant",
            "The app keeps the data of its last reload.",
            "Check how often the app reloads and how many reloads run at once; a tenant limits \
                 both, and the size of apps.",
        ),
        (BadEnd::Failed, Some("EngineConnectionError")) => (
            "The engine that ran the reload was lost",
            "The connection to the engine ended before the reload did; an app that needs too much \
             memory is the usual cause.",
            "Run the reload again. If it fails again, reduce the memory that the app needs.",
        ),
        (BadEnd::Failed, Some("EngineReloadScriptError")) => (
            "The load script failed",
            "The script or one of its data sources has an error.",
            "Correct the script or the data connection, then reload the app.",
        ),
        (BadEnd::Failed, _) => (
            "The reload failed",
            "The app keeps the data of its last reload.",
            "Check the reload history of the app in the tenant.",
        ),
    };
    Sentences {
        title: String::new(),
        reason: code_of(reason),
        meaning: meaning.to_owned(),
        advice: Some(advice.to_owned()),
    }
}

fn task_off(code: &str) -> Sentences {
    let (reason, advice) = match code {
        "CONSECUTIVE-FAILURES" => (
            "Qlik Cloud switched the task off after too many failures in a row".to_owned(),
            "Correct what made the reloads fail, then switch the task on again.",
        ),
        "APP-SCRIPT-UPDATED" => (
            "Qlik Cloud switched the task off because the script of the app was changed".to_owned(),
            "Check the task, then switch it on again.",
        ),
        "OWNER-DELETED" | "OWNER-DISABLED" => (
            format!("Qlik Cloud switched the task off because of its owner ({code})"),
            "Give the task an owner who is active, then switch it on again.",
        ),
        code => (
            format!("Qlik Cloud switched the task off ({code})"),
            "Check the task, then switch it on again.",
        ),
    };
    Sentences {
        title: String::new(),
        reason,
        meaning: "The app no longer reloads by this task, so no further failure will be reported."
            .to_owned(),
        advice: Some(advice.to_owned()),
    }
}

fn not_polled(refusal: TenantRefusal, why: &TenantFault, tenant: &str) -> Sentences {
    let advice = match refusal {
        TenantRefusal::Credentials => {
            "Check whether the API key has expired or was revoked, or whether the client's secret \
             was changed. “footman doctor” tests it."
        }
        TenantRefusal::Rights => {
            "Give the user of the key, or the OAuth client, the role Tenant Admin: only it lists \
             the reloads of the whole tenant."
        }
        TenantRefusal::RateLimited => {
            "Give Footman a user of its own: the limit counts all requests of one user."
        }
        TenantRefusal::Request => {
            "Install the newest version of Footman: the tenant no longer accepts what this one asks. \
             “footman doctor” shows its answer."
        }
        TenantRefusal::NotFound => {
            "Check tenant-url: it is the address at which people open Qlik Cloud. If it is right, \
             install the newest version of Footman."
        }
        TenantRefusal::Unreachable => {
            "Run “footman doctor” on the node: it tests address, proxy, certificates and rights."
        }
    };
    Sentences {
        title: format!("Tenant {tenant} cannot be polled"),
        reason: tenant_fault(why, answer_fault),
        meaning: "Failed reloads of this tenant go unreported until it can be polled again; they \
                  are then reported."
            .to_owned(),
        advice: Some(advice.to_owned()),
    }
}

/// `during` are the times of the rows that were not read, if they are known.
fn unread(list: CloudList, why: Option<&TenantFault>, tenant: &str, during: &str) -> Sentences {
    let what = match (list, why) {
        (CloudList::Ended, _) if during.is_empty() => {
            "Not all reloads that have ended were read; when the others ended is not known"
                .to_owned()
        }
        (CloudList::Ended, _) => format!("Reloads that ended within {during} were not read"),
        (CloudList::Active, None) => {
            format!("Reloads that were created within {during} were not read")
        }
        (CloudList::Active, Some(why)) => {
            format!("Active reloads are not read: {}", tenant_fault(why, answer_fault))
        }
        (CloudList::Tasks, None) => "Tasks were not read".to_owned(),
        (CloudList::Tasks, Some(why)) => {
            format!("Tasks are not read: {}", tenant_fault(why, answer_fault))
        }
    };
    let (meaning, advice) = match why {
        None => (
            "What failed among them is not reported.",
            "Check the reloads and tasks of the tenant for it: the list has more than 100,000 rows, \
             or does not end.",
        ),
        Some(_) => (
            "Reloads without an end, or listed late, and tasks that are switched off may go \
             unreported; all others are found.",
            "Run “footman doctor” on the node. If the request itself is refused, install the newest \
             version of Footman.",
        ),
    };
    let title = format!("Not everything in tenant {tenant} can be read");
    Sentences { reason: what, ..Sentences::new(&title, meaning, Some(advice)) }
}

/// What is wrong with an answer.
pub(crate) fn answer_fault(fault: &AnswerFault) -> String {
    let words = match fault {
        AnswerFault::Status { status, detail } => {
            let detail = detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
            return format!("{status}: {}{detail}", status_meaning(*status));
        }
        AnswerFault::Elsewhere { host } => {
            let host = host.as_deref().unwrap_or("no host");
            return format!(
                "the next page is named at another address ({host}), which is not asked; if that \
                 is the tenant's own host, write it as tenant-url"
            );
        }
        AnswerFault::Network(why) => why,
        AnswerFault::NotJson => {
            "the answer is not JSON: a proxy or a portal answered in place of the tenant, or the \
             answer was cut"
        }
        AnswerFault::TooLarge => "the answer is larger than any list",
        AnswerFault::OtherForm => "the answer has another form than Qlik Cloud describes",
        AnswerFault::NoScriptLog => "the answer is no script log",
        AnswerFault::ScriptLogTooLarge => "the script log is too large",
        AnswerFault::NoToken => "the answer holds no token",
        AnswerFault::UnusableToken => "the token has characters that no header can have",
    };
    words.to_owned()
}

fn status_meaning(status: u16) -> &'static str {
    match status {
        401 => "the key or token is not accepted",
        403 => "this user has no right to it",
        404 => "there is no such thing",
        407 => "the proxy requires authentication",
        429 => "too many requests",
        300..=399 => "a redirect, which is not followed",
        408 | 425 | 500..=599 => "the tenant failed",
        _ => "the request is refused",
    }
}
