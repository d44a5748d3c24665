//! A control plane of bare processes, and simulated nodes.
//!
//! Certificates, keys and kubeconfig are made by kubeadm's own phases; everything listens on
//! loopback alone. etcd does not sync to disk: what is measured is the controller.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::json;

use super::process::Process;
use crate::{
    charts,
    images::Record,
    node::KUBE_VERSION,
    place::Place,
    step::{Log, step},
    tools::{self, Tool},
    wait::{Look, until},
};

/// Ports on loopback, outside of the range from which systems choose ports for clients.
const API_SERVER: u16 = 16443;
const ETCD: u16 = 12379;
const ETCD_PEERS: u16 = 12380;
/// Time for the API server to answer: 6 s measured on two cores.
const UP: Duration = Duration::from_mins(2);
/// Simulated nodes; 500 servers are 1,000 pods, and a real node holds 110.
const NODES: usize = 10;
/// Addresses of simulated pods: those that RFC 2544 reserves for benchmarks, so that nobody is there.
const POD_CIDR: &str = "198.18.0.0/15";

/// The control plane; ends when dropped.
#[derive(Debug)]
pub(super) struct Plane {
    /// The cache with this plane's kubeconfig.
    pub(super) place: Place,
    dir: PathBuf,
    processes: Vec<Process>,
}

impl Plane {
    /// Starts it, with nodes and both charts. Each controller of the controller manager may make
    /// `manager_qps` requests a second.
    pub(super) async fn start(place: &Place, manager_qps: u32) -> Result<Self> {
        let place = Place {
            cluster: "scale".to_owned(),
            ..place.clone()
        };
        for (name, tool) in [
            ("kubernetes", Tool::Kube),
            ("helm", Tool::Helm),
            ("kwok", Tool::Kwok),
        ] {
            let work = async |log: &Log| tools::ensure(&place, tool, log).await;
            step(&place, name, work).await?;
        }
        let dir = place.cache.join("work/scale");
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        let mut this = Self {
            place,
            dir,
            processes: Vec::new(),
        };
        this.credentials().await?;
        this.components(manager_qps).await?;
        this.nodes().await?;
        this.charts().await?;
        Ok(this)
    }

    /// A client with every right.
    pub(super) async fn client(&self) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.place.kubeconfig())?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
        Ok(Client::try_from(config)?)
    }

    /// A file of this plane's own.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    async fn credentials(&self) -> Result<()> {
        let kubeadm = |words: &[&str], kubeconfig: bool| {
            let dir = if kubeconfig {
                "--kubeconfig-dir"
            } else {
                "--apiserver-cert-extra-sans"
            };
            let value = if kubeconfig {
                self.dir.as_os_str()
            } else {
                "127.0.0.1".as_ref()
            };
            self.place
                .cmd("kubeadm")
                .args(["init", "phase"])
                .args(words)
                .args(["--kubernetes-version", KUBE_VERSION, "--cert-dir"])
                .arg(self.file("pki"))
                .arg(dir)
                .arg(value)
        };
        kubeadm(&["certs", "all"], false).text().await?;
        kubeadm(&["kubeconfig", "super-admin"], true).text().await?;
        fs::rename(self.file("super-admin.conf"), self.place.kubeconfig())?;
        let server = format!("--server=https://127.0.0.1:{API_SERVER}");
        let words = ["config", "set-cluster", "kubernetes", &server];
        self.place.cmd("kubectl").args(words).text().await?;
        Ok(())
    }

    async fn components(&mut self, manager_qps: u32) -> Result<()> {
        let etcd = format!("http://127.0.0.1:{ETCD}");
        let peers = format!("http://127.0.0.1:{ETCD_PEERS}");
        self.component(
            "etcd",
            &[
                ("data-dir", &self.text("etcd-data")),
                ("unsafe-no-fsync", "true"),
                ("listen-client-urls", &etcd),
                ("advertise-client-urls", &etcd),
                ("listen-peer-urls", &peers),
                ("initial-advertise-peer-urls", &peers),
                ("initial-cluster", &format!("default={peers}")),
                ("log-level", "warn"),
            ],
        )?;
        self.api_server(&etcd)?;
        until("the API server", UP, async || {
            let ready = self.place.cmd("kubectl").args(["get", "--raw", "/readyz"]);
            let output = ready.output().await?;
            Ok(if output.status.success() {
                Look::Done(())
            } else {
                Look::NotYet(output.stderr)
            })
        })
        .await?;
        let kubeconfig = self.place.kubeconfig().display().to_string();
        let common = [
            ("kubeconfig", kubeconfig.as_str()),
            ("leader-elect", "false"),
            ("secure-port", "0"),
        ];
        let (key, ca) = (self.text("pki/sa.key"), self.text("pki/ca.crt"));
        let (qps, burst) = (manager_qps.to_string(), (manager_qps * 3 / 2).to_string());
        let manager = [
            ("kube-api-qps", qps.as_str()),
            // As its own defaults stand to each other, 20 and 30.
            ("kube-api-burst", burst.as_str()),
            ("service-account-private-key-file", &key),
            ("root-ca-file", &ca),
            ("use-service-account-credentials", "true"),
            // Simulated nodes send no heartbeats.
            ("node-monitor-grace-period", "24h"),
        ];
        self.component("kube-controller-manager", &[&common[..], &manager].concat())?;
        self.component("kube-scheduler", &common)
    }

    fn api_server(&mut self, etcd: &str) -> Result<()> {
        let port = API_SERVER.to_string();
        let pki = |name: &str| self.text(&format!("pki/{name}"));
        self.component(
            "kube-apiserver",
            &[
                ("etcd-servers", etcd),
                ("secure-port", &port),
                ("bind-address", "127.0.0.1"),
                ("advertise-address", "127.0.0.1"),
                ("endpoint-reconciler-type", "none"),
                ("client-ca-file", &pki("ca.crt")),
                ("tls-cert-file", &pki("apiserver.crt")),
                ("tls-private-key-file", &pki("apiserver.key")),
                ("service-account-key-file", &pki("sa.pub")),
                ("service-account-signing-key-file", &pki("sa.key")),
                (
                    "service-account-issuer",
                    "https://kubernetes.default.svc.cluster.local",
                ),
                ("service-cluster-ip-range", "10.96.0.0/16"),
                ("authorization-mode", "Node,RBAC"),
            ],
        )
    }

    /// Starts one part of the binary that is all of Kubernetes: it looks at the name of its link.
    fn component(&mut self, name: &str, flags: &[(&str, &str)]) -> Result<()> {
        let link = self.file(name);
        symlink(self.place.bin().join(Tool::Kube.binary()), &link)?;
        self.spawn(name, &link, flags)
    }

    fn spawn(&mut self, name: &str, program: &Path, flags: &[(&str, &str)]) -> Result<()> {
        let flags = flags
            .iter()
            .map(|(flag, value)| format!("--{flag}={value}"));
        let process = Process::start(&self.place, name, program, |command| {
            command.args(flags);
        })?;
        self.processes.push(process);
        Ok(())
    }

    async fn nodes(&mut self) -> Result<()> {
        let kwok = self.place.bin().join(Tool::Kwok.binary());
        let kubeconfig = self.place.kubeconfig().display().to_string();
        let stages = self
            .place
            .project
            .join("kind/scale/stages.yaml")
            .display()
            .to_string();
        self.spawn(
            "kwok",
            &kwok,
            &[
                ("kubeconfig", &kubeconfig),
                ("config", &stages),
                ("manage-all-nodes", "true"),
                ("cidr", POD_CIDR),
            ],
        )?;
        let nodes: Vec<_> = (0..NODES)
            .map(|number| format!("simulated-{number}"))
            .map(|name| {
                json!({
                    "apiVersion": "v1", "kind": "Node",
                    "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name } },
                })
            })
            .collect();
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": nodes });
        fs::write(self.file("nodes.json"), list.to_string())?;
        let apply = self.place.cmd("kubectl").args(["apply", "-f"]);
        apply.arg(self.file("nodes.json")).text().await?;
        Ok(())
    }

    async fn charts(&self) -> Result<()> {
        // No image runs: the chart's own names and tags do.
        let images = Record::default();
        let work = async |log: &Log| charts::install(&self.place, &images, log).await;
        step(&self.place, "charts", work).await?;
        Ok(())
    }

    fn text(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }
}
