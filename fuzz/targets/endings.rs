//! Any bytes as what `wevtutil` wrote: whatever is made of it is one short line.
#![no_main]

use footman::detection::{ServiceState, StopCause};
use footman::observe::stop_cause::{decode, parse, why};
use footman::observe::{Service, StartType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let entries = parse(&decode(data));
    for exit_code in [0, 1067, 1077] {
        let service = Service {
            name: "QlikSenseEngineService".into(),
            display_name: "Qlik Sense Engine Service".into(),
            state: ServiceState::Stopped,
            start: StartType::Automatic,
            exit_code,
            process: None,
            stop_cause: None,
        };
        if let Some(cause) = why(&entries, &service, |sid| Some(sid.to_owned())) {
            let texts = match &cause {
                StopCause::StoppedBy { who } => vec![who],
                StopCause::ShutDown { who, program }
                | StopCause::NotStartedSince { who, program } => {
                    vec![who, program]
                }
                _ => Vec::new(),
            };
            for text in texts {
                assert!(!text.contains(char::is_control) && text.chars().count() < 200, "{text:?}");
            }
        }
    }
});
