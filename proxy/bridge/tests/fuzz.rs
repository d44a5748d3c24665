//! The fuzz targets over their seeds and over generated inputs, in bounded time.

#[path = "../../fuzz/targets/mod.rs"]
mod targets;

use std::{fs, path::Path};

use proptest::{prelude::*, test_runner::TestRunner};

/// Generated inputs for each target.
const CASES: u32 = 2000;

/// What the parsers look for: inputs that are put together from it get further than random bytes.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    "\r",
    " ",
    "null",
    "true",
    "1e400",
    "\"jsonrpc\":\"2.0\"",
    "\"id\":1",
    "\"method\":\"tools/call\"",
    "\"params\":",
    "\"result\":",
    "\"error\":",
    "\"_meta\":",
    "\"progressToken\":",
    "\"isError\":true",
    "\"name\":\"a\"",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\"}}",
    "\n>{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n",
    "\n>{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"roots/list\"}\n",
    "\\ud800",
    "\\u0000",
    "\u{2028}",
    "\u{feff}",
    "data: ",
    "event: message",
    "id: 7",
    "retry: 5",
    ": ",
    "=?base64?",
    "?=",
    "SGVsbG8=",
    "requestState",
];

fn inputs() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(&PIECES[..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn every_seed_keeps_the_invariants_of_its_target() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    for (name, target) in targets::ALL {
        let folder = fs::read_dir(seeds.join(name)).expect("every target has seeds");
        let mut count = 0;
        for seed in folder {
            let bytes = fs::read(seed.expect("a file").path()).expect("bytes");
            target(&bytes);
            count += 1;
        }
        assert!(count > 0, "{name} has no seed");
    }
}

#[test]
fn generated_inputs_keep_the_invariants_of_every_target() {
    for (name, target) in targets::ALL {
        let mut runner = TestRunner::new(ProptestConfig {
            cases: CASES,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let ran = runner.run(&inputs(), |data| {
            target(&data);
            Ok(())
        });
        assert!(ran.is_ok(), "{name}: {ran:?}");
    }
}
