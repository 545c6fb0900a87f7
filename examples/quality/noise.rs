//! Pure. The warnings and errors that a healthy node writes every day, and its other rows.

use super::site::Dice;
use footman::clock::Timestamp;

pub(crate) const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\t\
    ServiceUser\tMessage\tException\tStackTrace\tProxySessionId\r\n";

/// One kind of row; `#` in its text is replaced by a number, `%` by a user.
pub(crate) struct Noise {
    pub folder: &'static str,
    pub log: &'static str,
    pub level: &'static str,
    pub logger: &'static str,
    pub text: &'static str,
    pub a_day: u64,
}

const fn noise(
    place: (&'static str, &'static str),
    level: &'static str,
    logger: &'static str,
    text: &'static str,
    a_day: u64,
) -> Noise {
    Noise { folder: place.0, log: place.1, level, logger, text, a_day }
}

const REPOSITORY: (&str, &str) = ("Repository/Trace", "System_Repository");
const REPOSITORY_SERVICE: (&str, &str) = ("Repository/System", "Service_Repository");
const USERS: (&str, &str) = ("Repository/Trace", "UserManagement_Repository");
const PROXY: (&str, &str) = ("Proxy/Trace", "System_Proxy");
const PROXY_SERVICE: (&str, &str) = ("Proxy/System", "Service_Proxy");
const PROXY_AUDIT: (&str, &str) = ("Proxy/Trace", "Audit_Proxy");
const SCHEDULER: (&str, &str) = ("Scheduler/Trace", "System_Scheduler");
const ENGINE: (&str, &str) = ("Engine/Trace", "System_Engine");
const PRINTING: (&str, &str) = ("Printing/Trace", "System_Printing");

pub(crate) const NOISE: &[Noise] = &[
    noise(
        REPOSITORY,
        "ERROR",
        "System.Repository.Qlik.Sense.Common.ThreadWrapper",
        "A thread ended on request while the service was reconfigured",
        1,
    ),
    noise(
        REPOSITORY,
        "ERROR",
        "System.Repository.Repository.WebSocketServer.RepositoryWebSocketFactory",
        "The client closed the socket before the handshake was over",
        3,
    ),
    noise(
        REPOSITORY,
        "WARN",
        "System.Repository.Repository.Core.Status.ServiceStatusWorker",
        "The status of # services is not yet known, asking again",
        8,
    ),
    noise(
        REPOSITORY,
        "WARN",
        "System.Repository.Repository.Core.Status.EngineHealthCheckWorker",
        "The health check took # ms, longer than usual",
        20,
    ),
    noise(
        REPOSITORY,
        "WARN",
        "System.Repository.Repository.Core.BackgroundWork.BackgroundWorkScheduler",
        "Background work # is late by one period",
        15,
    ),
    noise(
        REPOSITORY,
        "ERROR",
        "System.Repository.Qlik.Sense.Common.Communication.Server.HttpConnectionQueueHandler",
        "A client went away before its answer of # bytes was sent",
        12,
    ),
    noise(
        REPOSITORY,
        "DEBUG",
        "System.Repository.Qlik.Sense.Common.Communication.REST.Server.RESTEngine",
        "GET /qrs/app/# answered in 12 ms",
        150,
    ),
    noise(
        REPOSITORY_SERVICE,
        "WARN",
        "Service.Repository.Repository.Core.Status.ServiceStatusWorker",
        "Waiting for a service to report for the first time",
        4,
    ),
    noise(
        USERS,
        "INFO",
        "UserManagement.Repository.Repository.Users.UserSyncEngine",
        "Synchronised # users, 0 failed",
        4,
    ),
    noise(
        PROXY,
        "ERROR",
        "System.Proxy.Proxy.Communication.Rest.ProxyRestClient",
        "The repository is not ready yet, next try in # s",
        4,
    ),
    noise(
        PROXY,
        "WARN",
        "System.Proxy.Proxy.Settings.SettingsHandler",
        "Settings are not loaded yet, the last known ones are used",
        3,
    ),
    noise(
        PROXY,
        "ERROR",
        "System.Proxy.Proxy.Core.RequestListener",
        "A client closed its connection after # bytes",
        10,
    ),
    noise(
        PROXY_SERVICE,
        "ERROR",
        "Service.Proxy.Proxy.Settings.SettingsHandler",
        "Settings are not loaded yet",
        3,
    ),
    noise(
        PROXY_SERVICE,
        "ERROR",
        "Service.Proxy.Proxy.Core.RequestListener",
        "A request ended early",
        2,
    ),
    noise(
        PROXY_AUDIT,
        "WARN",
        "Audit.Proxy.Proxy.Core.RequestListener",
        "A request without session is sent to the sign-in page",
        10,
    ),
    noise(
        PROXY_AUDIT,
        "ERROR",
        "Audit.Proxy.Proxy.DefaultModules.Authentication.AuthenticationEngine",
        "The ticket of % is too old, a new sign-in is asked for",
        2,
    ),
    noise(
        PROXY_AUDIT,
        "INFO",
        "Audit.Proxy.Proxy.SessionEstablishment",
        "Session opened for %",
        60,
    ),
    noise(
        SCHEDULER,
        "WARN",
        "System.Scheduler.Scheduler.Master.Schedule.ScheduleEngine",
        "Trigger # lies in the past, the next time is computed",
        20,
    ),
    noise(
        SCHEDULER,
        "WARN",
        "System.Scheduler.Scheduler.Master.Slave.SlaveManager",
        "A worker was slow to answer, asking again",
        4,
    ),
    noise(
        SCHEDULER,
        "WARN",
        "System.Scheduler.Scheduler.Communication.Wrapper.Repository.RepositoryConnection",
        "Reconnected to the repository after # ms",
        3,
    ),
    noise(
        SCHEDULER,
        "INFO",
        "System.Scheduler.Scheduler.Master.Schedule.ScheduleEngine",
        "Loaded task 'Notify when Max retries reached'",
        5,
    ),
    noise(ENGINE, "WARN", "System.Engine.Engine", "A cache of # MB was released to make room", 15),
    noise(ENGINE, "INFO", "System.Engine.Engine", "App opened by %", 80),
    noise(
        PRINTING,
        "ERROR",
        "System.Printing.Qlik.Printing.Sense.Repository.LocalRepositoryClient",
        "No print job within # s, asking again",
        5,
    ),
];

impl Noise {
    /// The part of the file name that distinguishes this kind of noise.
    pub(crate) fn id(&self) -> String {
        let last = self.logger.rsplit('.').next().unwrap_or_default();
        format!("{last}-{}-{}", self.level, self.text.len())
    }

    pub(crate) fn row(&self, at: Timestamp, host: &str, dice: &mut Dice) -> String {
        let text = self
            .text
            .replace('#', &dice.below(5000).to_string())
            .replace('%', &format!(r"EXAMPLE\user{}", dice.below(40)));
        let stamp = at.strftime("%Y%m%dT%H%M%S.%3f+0000");
        let number = 1 + dice.below(1_000_000);
        format!(
            "{number}\t{stamp}\t{}\t{host}\t{}\t{}\t\tEXAMPLE\\qlikservice\t{text}\t\t\t\r\n",
            self.level,
            self.logger,
            dice.below(60),
        )
    }
}
