use super::*;

#[test]
fn modified_mappings_are_kept() {
    let mappings = "\
55e0a0000000-55e0a0200000 r--p 00000000 fe:01 42   /usr/bin/footman
Rss:                1024 kB
Anonymous:             0 kB
55e0a0200000-55e0a0a00000 r-xp 00200000 fe:01 42   /usr/bin/footman
Rss:                7000 kB
Anonymous:             0 kB
55e0a0a00000-55e0a0a50000 r--p 00a00000 fe:01 42   /usr/bin/footman
Rss:                 304 kB
Anonymous:           304 kB
55e0a0a50000-55e0a0a60000 rw-p 00a50000 fe:01 42   /usr/bin/footman
Anonymous:             0 kB
55e0a1000000-55e0a1200000 rw-p 00000000 00:00 0    [heap]
Anonymous:          2048 kB
7f0000000000-7f0000008000 rw-s 00000000 fe:01 43   /var/lib/footman/state.db-shm
Anonymous:             0 kB
7f0000010000-7f0000020000 r--p 00000000 00:00 0
Anonymous:             0 kB
7ffd00000000-7ffd00004000 r--p 00000000 00:00 0    [vvar]
Anonymous:             0 kB
VmFlags: rd mr pf io de dd sd
";
    let kept = unchanged(mappings);
    assert_eq!(
        kept,
        [0x55e0_a000_0000..0x55e0_a020_0000, 0x55e0_a020_0000..0x55e0_a0a0_0000],
        "the first two are unmodified"
    );
}

#[test]
fn later_mappings_are_not_trimmed() {
    one_heap();
    let at_start = MAPPED_AT_START.get().unwrap().clone();
    one_heap();
    assert_eq!(MAPPED_AT_START.get(), Some(&at_start));
}

#[test]
fn the_program_keeps_running_after_a_trim() {
    let before: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    one_heap();
    trim();
    assert!(before.iter().zip((0..=255).cycle()).all(|(one, other)| *one == other));
}
