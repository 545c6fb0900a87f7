//! I/O. Gives the Windows program its version, icon and manifest; does nothing for other systems.

use std::env;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "packaging/windows";

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}/footman.ico");
    println!("cargo::rerun-if-changed={FOLDER}/footman.manifest");
    if var("CARGO_CFG_TARGET_OS") != "windows" {
        return;
    }
    if var("CARGO_CFG_TARGET_ENV") != "gnu" {
        println!("cargo::warning=built without icon and manifest: only the gnu target has them");
        return;
    }
    let out = var("OUT_DIR");
    let (script, object) = (Path::new(&out).join("footman.rc"), Path::new(&out).join("footman.o"));
    std::fs::write(&script, resources()).expect("OUT_DIR is for writing");
    compile(&script, &object);
    println!("cargo::rustc-link-arg-bins={}", object.display());
}

fn compile(script: &Path, object: &Path) {
    let windres = "x86_64-w64-mingw32-windres";
    let ran = Command::new(windres)
        .args(["--codepage=65001", "--include-dir", FOLDER])
        .args([script, object])
        .status()
        .unwrap_or_else(|error| panic!("cannot run {windres}: {error}; it comes with mingw-w64"));
    assert!(ran.success(), "{windres} failed");
}

/// What the file's properties show, in the language of resource scripts.
fn resources() -> String {
    let version = var("CARGO_PKG_VERSION");
    let part = |name: &str| var(&format!("CARGO_PKG_VERSION_{name}"));
    let numbers = [part("MAJOR"), part("MINOR"), part("PATCH"), "0".to_owned()].join(",");
    let texts = [
        ("CompanyName", "The Footman project"),
        ("FileDescription", "Footman: Qlik Sense troubles to Microsoft Teams"),
        ("FileVersion", &version),
        ("InternalName", "footman"),
        ("LegalCopyright", "MIT OR Apache-2.0"),
        ("OriginalFilename", "footman.exe"),
        ("ProductName", "Footman"),
        ("ProductVersion", &version),
    ];
    let values: Vec<String> =
        texts.iter().map(|(name, text)| format!("      VALUE \"{name}\", \"{text}\"\n")).collect();
    let values = values.concat();
    format!(
        r#"1 ICON "footman.ico"
1 24 "footman.manifest"
1 VERSIONINFO
FILEVERSION {numbers}
PRODUCTVERSION {numbers}
FILEOS 0x40004
FILETYPE 1
BEGIN
  BLOCK "StringFileInfo"
  BEGIN
    BLOCK "040904B0"
    BEGIN
{values}    END
  END
  BLOCK "VarFileInfo"
  BEGIN
    VALUE "Translation", 0x0409, 1200
  END
END
"#
    )
}

fn var(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
