//! `hivewright-harness`: what the Makefile calls.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hivewright_harness::images::{self, Binary, Record};
use hivewright_harness::lock::{Lock, Work, lock};
use hivewright_harness::place::Place;
use hivewright_harness::registry::{self, RegistryError};
use hivewright_harness::step::{Done, Log, StepFailed, step};
use hivewright_harness::{
    browser, charts, conformance, dashboards, deny, fuzz, interop, npm, outside, prometheus,
    reference, scenarios, up,
};

/// Brings up a cluster with Hivewright on it, from nothing
#[derive(Debug, Parser)]
#[command(name = "hivewright-harness", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Docker engine, tools, node image, kind cluster, registry
    Up,
    /// `up`, then every image, built or pulled, in the registry
    Images,
    /// `images`, then both Helm charts
    Install,
    /// `install`, then stand-ins of api.github.com and api.osv.dev under these names, and Prometheus
    World {
        /// Takes them away again
        #[arg(long)]
        remove: bool,
    },
    /// Prometheus anew, with the configuration of this tree and the rules of the chart as installed
    Prometheus,
    /// `world`, then the scenarios on the cluster; arguments go to the test program
    E2e {
        /// For example a part of a scenario's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Real MCP clients and servers, and the suite of HTTP+SSE, through a debug build of the proxy
    Interop {
        /// A proxy that is built already, instead of a debug build of this tree
        #[arg(long, value_name = "FILE")]
        proxy: Option<PathBuf>,
        /// Only what holds one of these in its name
        only: Vec<String>,
    },
    /// Licences, sources and banned crates of all dependencies; advisories if they can be fetched
    Deny,
    /// The pinned helm, for tests that render charts
    Helm,
    /// The pinned promtool, for tests of rules
    Promtool,
    /// A headless Chromium and the rules of accessibility, for tests of pages
    Browser,
    /// Writes docs/reference.md from the types, the charts and the programs; and the dashboards
    Docs {
        /// Compares it instead, and fails if it is out of date
        #[arg(long)]
        check: bool,
    },
    /// The official conformance suite, through the proxy and a server of each era: no cluster
    Conformance,
    /// The bridge's parsers under libFuzzer, each for some time; what breaks one is kept
    Fuzz {
        /// How long each target is searched
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,
        /// Only these targets
        only: Vec<String>,
    },
    /// Deletes the cluster; caches and images stay
    Down,
    /// Prints the exports that point a shell at the cluster and the tools
    Env,
    /// Puts an image of the Docker engine into the registry, under its own name
    Push {
        /// As in `docker images`
        image: String,
    },
    /// Builds one binary of the workspace into a static image and pushes it
    Image {
        /// The cargo package
        package: String,
        /// The binary in it
        bin: String,
        /// The image's name, without a tag
        name: String,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    let Some(place) = Place::from_env() else {
        eprintln!("neither HIVEWRIGHT_CACHE nor HOME is set; set one to say where the cache goes");
        return ExitCode::FAILURE;
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the async runtime did not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        tokio::select! {
            code = dispatch(&place, args.command) => code,
            // Dropping the work kills the process groups of whatever it had running.
            () = interrupted() => ExitCode::FAILURE,
        }
    })
}

/// Ctrl-C or SIGTERM.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => {}
        _ = term.recv() => {}
    }
    eprintln!("interrupted; what was running was ended");
}

async fn dispatch(place: &Place, command: Command) -> ExitCode {
    match run(place, command).await {
        Ok(()) => ExitCode::SUCCESS,
        // The step has said what failed.
        Err(StepFailed { .. }) => ExitCode::FAILURE,
    }
}

async fn run(place: &Place, command: Command) -> Result<(), StepFailed> {
    match command {
        Command::Up => up_and_how(place).await,
        Command::Images => {
            let _held = hold(place, Work::Cluster).await?;
            up::up(place).await?;
            images::ensure_all(place).await.map(drop)
        }
        Command::Install => install(place).await.map(drop),
        Command::World { remove: false } => world(place).await,
        Command::World { remove: true } => no_world(place).await,
        Command::Prometheus => {
            let _held = hold(place, Work::Cluster).await?;
            prometheus::ensure(place).await
        }
        Command::E2e { args } => {
            world(place).await?;
            let clear = async |log: &Log| scenarios::clear_demo(place, log).await;
            step(place, "demo cleared", clear).await?;
            scenarios::run(place, &args).await
        }
        Command::Interop { proxy, only } => interop::run(place, proxy, &only).await,
        Command::Deny => {
            let _held = hold(place, Work::Dependencies).await?;
            deny::check(place).await
        }
        Command::Helm => {
            let _held = hold(place, Work::Cluster).await?;
            up::helm(place).await
        }
        Command::Promtool => {
            let _held = hold(place, Work::Cluster).await?;
            prometheus::promtool(place).await
        }
        Command::Browser => chromium(place).await,
        Command::Docs { check } => docs(place, check).await,
        Command::Conformance => conformance::check(place).await,
        Command::Fuzz { seconds, only } => fuzz::run(place, seconds, &only).await,
        Command::Down => {
            let _held = hold(place, Work::Cluster).await?;
            up::down(place).await
        }
        Command::Env => {
            println!("{}", env(place));
            Ok(())
        }
        Command::Push { image } => push(place, &image).await,
        Command::Image { package, bin, name } => {
            let _held = hold(place, Work::Cluster).await?;
            let binary = Binary {
                package: &package,
                bin: &bin,
                image: &name,
            };
            let work = async |log: &Log| images::ensure_one(place, binary, log).await;
            step(place, "image", work).await.map(drop)
        }
    }
}

async fn up_and_how(place: &Place) -> Result<(), StepFailed> {
    let _held = hold(place, Work::Cluster).await?;
    up::up(place).await?;
    eprintln!("\nTo use it:\n{}", env(place));
    Ok(())
}

async fn no_world(place: &Place) -> Result<(), StepFailed> {
    let _held = hold(place, Work::Cluster).await?;
    let work = async |log: &Log| outside::remove(place, log).await;
    step(place, "world removed", work).await
}

async fn chromium(place: &Place) -> Result<(), StepFailed> {
    let _held = hold(place, Work::Programs).await?;
    let work = async |log: &Log| browser::ensure(place, log).await;
    step(place, "browser", work).await?;
    let rules = async |log: &Log| {
        let folder = npm::ensure(place, &npm::AXE, log).await?;
        Ok::<_, npm::NpmError>(Done::new(folder, npm::AXE.folder))
    };
    step(place, "rules of accessibility", rules).await.map(drop)
}

async fn docs(place: &Place, check: bool) -> Result<(), StepFailed> {
    step(place, "dashboards", async |log: &Log| {
        if check {
            dashboards::check(place, log)
        } else {
            dashboards::write(place, log)
        }
    })
    .await?;
    step(place, "events", async |log: &Log| {
        if check {
            reference::events::check(place, log).await
        } else {
            reference::events::write(place, log).await
        }
    })
    .await?;
    step(place, "reference", async |log: &Log| {
        if check {
            reference::check(place, log).await
        } else {
            reference::write(place, log).await
        }
    })
    .await
}

async fn hold(place: &Place, work: Work) -> Result<Lock, StepFailed> {
    lock(place, work).await.map_err(|error| {
        eprintln!(
            "FAIL the cache {} cannot be used: {error}",
            place.cache.display()
        );
        StepFailed {
            name: "lock".to_owned(),
        }
    })
}

async fn push(place: &Place, image: &str) -> Result<(), StepFailed> {
    step(place, "push", async |log: &Log| {
        registry::push(place, image, log).await?;
        Ok::<_, RegistryError>(Done::new((), image))
    })
    .await
}

async fn install(place: &Place) -> Result<Record, StepFailed> {
    let _held = hold(place, Work::Cluster).await?;
    up::up(place).await?;
    let record = images::ensure_all(place).await?;
    let work = async |log: &Log| charts::install(place, &record, log).await;
    step(place, "charts", work).await?;
    Ok(record)
}

async fn world(place: &Place) -> Result<(), StepFailed> {
    let record = install(place).await?;
    let _held = hold(place, Work::Cluster).await?;
    let work = async |log: &Log| outside::ensure(place, &record, log).await;
    step(place, "world", work).await?;
    prometheus::ensure(place).await
}

fn env(place: &Place) -> String {
    format!(
        "export KUBECONFIG={}\nexport PATH={}:$PATH",
        place.kubeconfig().display(),
        place.bin().display()
    )
}
