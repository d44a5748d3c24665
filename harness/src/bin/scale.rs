//! Measures what many MCPServers cost the controller and prints a table.

use std::{fs, path::PathBuf, process::ExitCode, thread, time::Duration};

use anyhow::{Context as _, Result};
use clap::Parser;
use hivewright_harness::{
    node::KUBE_VERSION,
    place::Place,
    scale::{self, Figures, Fleet, Plan, table},
};

/// CPU, memory, time and requests of the controller with many MCPServers on simulated nodes.
#[derive(Debug, Parser)]
struct Args {
    /// Numbers of MCPServers; without a value the controller is left out.
    #[arg(long, value_delimiter = ',', num_args = 0.., default_values_t = [1, 100, 300, 500])]
    servers: Vec<usize>,
    /// Proxies that a Prometheus scrapes; 0 leaves them out.
    #[arg(long, default_value_t = 500)]
    fleet: usize,
    /// Minutes in which nothing happens.
    #[arg(long, default_value_t = 10.0)]
    idle_minutes: f64,
    /// Requests a second of each controller of Kubernetes' controller manager; its default is 20.
    #[arg(long, default_value_t = 20)]
    manager_qps: u32,
    /// The controller to measure; not given: a release build of this tree.
    #[arg(long)]
    controller: Option<PathBuf>,
    /// Writes docs/scale.md too.
    #[arg(long)]
    write: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match measure(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scale: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(args: &Args) -> Result<()> {
    let place = Place::from_env().context("set HOME or HIVEWRIGHT_CACHE")?;
    let idle = Duration::try_from_secs_f64(args.idle_minutes * 60.0)
        .context("--idle-minutes must be a positive number")?;
    let plan = Plan {
        servers: args.servers.clone(),
        idle,
        manager_qps: args.manager_qps,
        controller: args.controller.clone(),
        fleet: Some(args.fleet).filter(|targets| *targets > 0),
    };
    let (all, fleet) = scale::run(&place, &plan).await?;
    if !all.is_empty() {
        print!("{}", table::markdown(&all));
    }
    if let Some(fleet) = &fleet {
        print!("{}", table::fleet(fleet));
    }
    if args.write {
        write(&place, args, &all, fleet.as_ref()).await
    } else {
        Ok(())
    }
}

async fn write(place: &Place, args: &Args, all: &[Figures], fleet: Option<&Fleet>) -> Result<()> {
    let processors = thread::available_parallelism()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let date = place.cmd("date").args(["-u", "+%Y-%m-%d"]).text().await?;
    let kwok = scale::KWOK_VERSION;
    let setting = format!(
        "{processors} processors, Linux {}, Kubernetes {KUBE_VERSION}, kwok {kwok}, on {date}; each controller \
         of Kubernetes' controller manager makes at most {} requests a second (its default is 20), which bounds the times",
        kernel.trim(),
        args.manager_qps,
    );
    fs::write(
        place.project.join("docs/scale.md"),
        table::page(all, fleet, &setting),
    )?;
    Ok(())
}
