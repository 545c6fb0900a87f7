//! Services that stop and start, with the whole agent.

use crate::support::world::{World, texts};
use footman::commit::Suppression;

const ENGINE: &str = "Qlik Sense Engine Service";
const REPOSITORY: &str = "Qlik Sense Repository Service";

#[tokio::test]
async fn a_stopped_service_is_sent_once_and_its_start_to_the_same_channels() {
    let mut world = World::new();
    world.settle_in().await;
    world.node.set_service(ENGINE, false).unwrap();
    let posts = world.run_until(1).await;
    let stopped = texts(&posts[0].body).join("\n");
    assert!(stopped.contains("Service stopped: Qlik Sense Engine"), "{stopped}");
    assert!(stopped.contains("its process ended (1067)"), "{stopped}");
    assert!(stopped.contains("cannot open apps"), "{stopped}");
    assert!(!stopped.contains("Also"), "no other service is down: {stopped}");

    // The restarted agent sees the same state and sends nothing; then it sees the start.
    world.settle_in().await;
    world.node.set_service(ENGINE, true).unwrap();
    let posts = world.run_until(2).await;
    let started = texts(&posts[1].body).join("\n");
    assert!(started.contains("Qlik Sense Engine running again"), "{started}");
    assert!(started.contains("Was down"), "{started}");
    assert_eq!(posts.len(), 2);
}

#[tokio::test]
async fn reloads_that_fail_because_of_a_stopped_repository_are_held_back() {
    let mut world = World::new();
    world.settle_in().await;
    world.node.set_service(REPOSITORY, false).unwrap();
    world.run_until(1).await;
    world.fail("Sales", "Connection to the repository lost");
    world.fail("Stock", "Connection to the repository lost");
    let reader = || footman::state::Reader::open(&world.state_dir()).unwrap();
    world
        .run_while(async {
            let mut interval = tokio::time::interval(std::time::Duration::from_millis(5));
            let held = Suppression::Inhibited.counter();
            while reader().counters().unwrap().n(held.clone()) != 2 {
                interval.tick().await;
            }
        })
        .await;
    world.node.set_service(REPOSITORY, true).unwrap();
    let posts = world.run_until(2).await;
    let started = texts(&posts[1].body).join("\n");
    assert!(started.contains("2 failures on this node were its effect"), "{started}");
}

#[tokio::test]
async fn without_a_table_or_a_service_manager_no_services_are_reported() {
    let mut world = World::new();
    std::fs::remove_file(world.node.service_table()).unwrap();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(1).await;
    assert!(posts[0].body.contains("Reload failed: Sales"));
}

/// Services are polled once an hour here: only a notification can explain the cards.
#[cfg(windows)]
#[tokio::test]
async fn a_stop_is_sent_by_notification_long_before_the_next_poll() {
    let service = printing::Installed::new();
    let mut world = World::new();
    world.services =
        (footman::observe::source::SnapshotSource::System, std::time::Duration::from_hours(1));
    world
        .run_while(async {
            world.started().await;
            service.start().await;
            service.stop().await;
            let posts = world.teams.received(1).await;
            let stopped = texts(&posts[0].body).join("\n");
            assert!(stopped.contains("Service stopped: Footman test of Printing"), "{stopped}");
            service.start().await;
            let posts = world.teams.received(2).await;
            let started = texts(&posts[1].body).join("\n");
            assert!(started.contains("Footman test of Printing running again"), "{started}");
        })
        .await;
}

/// A service with the name of one of Qlik Sense, in the service control manager of this machine.
#[cfg(windows)]
mod printing {
    use std::time::Duration;

    use windows_service::service::{
        Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState,
        ServiceType,
    };
    use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

    const NAME: &str = "QlikSensePrintingService";

    pub(super) struct Installed(Service);

    impl Installed {
        /// Installs it stopped. Its program is part of every Windows.
        pub(super) fn new() -> Self {
            let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
            let manager = ServiceManager::local_computer(None::<&str>, access).unwrap();
            // A killed test leaves the service behind.
            let left = manager.open_service(NAME, ServiceAccess::ALL_ACCESS);
            drop(left.map(Self));
            let wanted = ServiceInfo {
                name: NAME.into(),
                display_name: "Footman test of Printing".into(),
                service_type: ServiceType::OWN_PROCESS,
                start_type: ServiceStartType::AutoStart,
                error_control: ServiceErrorControl::Normal,
                executable_path: r"C:\windows\system32\spoolsv.exe".into(),
                launch_arguments: Vec::new(),
                dependencies: Vec::new(),
                account_name: None,
                account_password: None,
            };
            Self(manager.create_service(&wanted, ServiceAccess::ALL_ACCESS).unwrap())
        }

        pub(super) async fn start(&self) {
            self.0.start::<&str>(&[]).unwrap();
            self.reaches(ServiceState::Running).await;
        }

        pub(super) async fn stop(&self) {
            self.0.stop().unwrap();
            self.reaches(ServiceState::Stopped).await;
        }

        async fn reaches(&self, state: ServiceState) {
            let mut turns = tokio::time::interval(Duration::from_millis(20));
            while self.0.query_status().unwrap().current_state != state {
                turns.tick().await;
            }
        }
    }

    impl Drop for Installed {
        fn drop(&mut self) {
            self.0.stop().ok();
            self.0.delete().unwrap();
        }
    }
}
