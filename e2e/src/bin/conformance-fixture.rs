//! `conformance-fixture --era legacy|modern`: an MCP server over stdio with everything that the
//! official conformance suite asks for by name.

use std::process::ExitCode;

use hivewright_e2e::fixture::{self, Era};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let era: Era = match args.as_slice() {
        [flag, era] if flag == "--era" => match era.parse() {
            Ok(era) => era,
            Err(unknown) => return usage(&format!("{unknown}")),
        },
        _ => return usage("say --era legacy or --era modern"),
    };
    match fixture::run(era).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conformance-fixture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage(sentence: &str) -> ExitCode {
    eprintln!("conformance-fixture: {sentence}");
    ExitCode::from(2)
}
