//! Any bytes as what `wevtutil` wrote: whatever is made of it is one short line.
#![no_main]

use footman::observe::ending::{decode, parse, why};
use footman::observe::{Service, StartType, State};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let entries = parse(&decode(data));
    for exit_code in [0, 1067, 1077] {
        let service = Service {
            name: "QlikSenseEngineService".into(),
            display_name: "Qlik Sense Engine Service".into(),
            state: State::Stopped,
            start: StartType::Automatic,
            exit_code,
            process: None,
            ending: None,
        };
        if let Some(told) = why(&entries, &service, |sid| Some(sid.to_owned())) {
            assert!(!told.contains(char::is_control) && told.chars().count() < 400, "{told:?}");
        }
    }
});
