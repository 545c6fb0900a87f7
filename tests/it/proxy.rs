//! The machine's proxy: cards for Teams are sent through it, as the system is configured.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::thread::JoinHandle;

/// A proxy that refuses one request and returns its first line.
#[expect(clippy::disallowed_methods, reason = "a test server is not one of the agent's threads")]
fn refuse_once() -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let proxy = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut asked = String::new();
        BufReader::new(&socket).read_line(&mut asked).unwrap();
        (&socket).write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
        asked
    });
    (address, proxy)
}

#[test]
fn a_card_is_sent_through_the_proxy_of_the_machine_and_its_refusal_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (address, proxy) = refuse_once();
    let mut program = Command::new(env!("CARGO_BIN_EXE_footman"));
    // The host does not exist: without the proxy, nothing would be requested.
    program
        .args(["test-send", "--state-dir=state"])
        .current_dir(folder.path())
        .env("FOOTMAN_TEAMS_WEBHOOK", "https://teams.invalid/workflows/1?sig=topSecret_43-chars");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        program.env_remove(name);
    }
    let _set = machine::set_proxy(&mut program, &address);
    let sent = program.output().unwrap();
    let output = String::from_utf8_lossy(&sent.stderr).into_owned();
    assert_eq!(sent.status.code(), Some(4), "{output}");
    assert!(!output.contains("topSecret"), "{output}");
    assert!(output.contains("the proxy refused the connection\nhint: allow the host"), "{output}");
    assert!(!output.contains("tunnel"), "{output}");
    assert_eq!(proxy.join().unwrap().trim_end(), "CONNECT teams.invalid:443 HTTP/1.1");
}

/// On Unix, the environment names the proxy.
#[cfg(unix)]
mod machine {
    use std::process::Command;

    pub(super) struct Set;

    pub(super) fn set_proxy(program: &mut Command, address: &str) -> Set {
        program.env("HTTPS_PROXY", format!("http://{address}"));
        Set
    }
}

/// On Windows, the settings of the account name it. Other tests send to loopback only, without a
/// proxy.
#[cfg(windows)]
mod machine {
    use std::process::Command;

    use crate::support::registry::reg;

    const SETTINGS: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings";

    /// A proxy that is set until this is dropped.
    pub(super) struct Set;

    pub(super) fn set_proxy(_program: &mut Command, address: &str) -> Set {
        let only = "localhost;127.0.0.1";
        reg(&["add", SETTINGS, "/v", "ProxyServer", "/t", "REG_SZ", "/d", address, "/f"]);
        reg(&["add", SETTINGS, "/v", "ProxyOverride", "/t", "REG_SZ", "/d", only, "/f"]);
        reg(&["add", SETTINGS, "/v", "ProxyEnable", "/t", "REG_DWORD", "/d", "1", "/f"]);
        Set
    }

    impl Drop for Set {
        fn drop(&mut self) {
            reg(&["add", SETTINGS, "/v", "ProxyEnable", "/t", "REG_DWORD", "/d", "0", "/f"]);
            reg(&["delete", SETTINGS, "/v", "ProxyServer", "/f"]);
            reg(&["delete", SETTINGS, "/v", "ProxyOverride", "/f"]);
        }
    }
}
