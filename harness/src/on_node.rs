//! What only the node can do: kill a process as the kernel's out-of-memory killer would, read what
//! it used, cut its connections, and change routes. kind's node is a container; it is reached by `docker exec`.

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use tokio::time::Instant;

use crate::{access::Cluster, ns::Ns};

/// Clock ticks a second in `/proc/PID/stat` (`getconf CLK_TCK`; 100 on every Linux of today).
const TICKS: f64 = 100.0;

/// What a process has used so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// CPU time, user and system, in seconds.
    pub cpu_seconds: f64,
    /// Resident memory, in MiB.
    pub resident_mib: f64,
}

impl Cluster {
    /// Runs a command on the node and gives its standard output.
    ///
    /// # Errors
    /// The node is no container of this machine's Docker engine, or the command failed.
    pub async fn on_node(&self, args: &[&str]) -> Result<String> {
        let node = self.place().node();
        let output = self
            .cmd("docker")
            .args(["exec", &node])
            .args(args)
            .output()
            .await?;
        ensure!(
            output.status.success(),
            "`{}` on the node {node} failed (it must be a kind node of this machine): {}",
            args.join(" "),
            output.stderr.trim()
        );
        Ok(output.stdout)
    }
}

impl Ns {
    /// Id, with containerd, of the running container of a pod.
    ///
    /// # Errors
    /// There is no such pod, or the container has not started.
    pub async fn container_id(&self, pod: &str, container: &str) -> Result<String> {
        let pod = self.cluster.api::<Pod>(&self.name).get(pod).await?;
        let statuses = pod
            .status
            .and_then(|status| status.container_statuses)
            .unwrap_or_default();
        let status = statuses.into_iter().find(|status| status.name == container);
        let id = status
            .and_then(|status| status.container_id)
            .context("no container has started")?;
        Ok(id.trim_start_matches("containerd://").to_owned())
    }

    /// Process id, on the node, of a container's first process.
    ///
    /// # Errors
    /// As [`Ns::container_id`], and when the process is gone.
    pub async fn pid(&self, pod: &str, container: &str) -> Result<String> {
        let id = self.container_id(pod, container).await?;
        let tasks = self
            .cluster
            .on_node(&["ctr", "-n", "k8s.io", "tasks", "list"])
            .await?;
        let task = tasks.lines().find(|line| line.starts_with(&id));
        let pid = task.and_then(|task| task.split_whitespace().nth(1));
        Ok(pid.context("the container has no process")?.to_owned())
    }

    /// SIGKILL to a container's first process, from outside, without a warning. Gives the time just
    /// before the signal is sent: what follows the death is often quicker than the command's end.
    ///
    /// # Errors
    /// As [`Ns::pid`].
    pub async fn kill(&self, pod: &str, container: &str) -> Result<Instant> {
        let pid = self.pid(pod, container).await?;
        let killed = Instant::now();
        self.cluster.on_node(&["kill", "-9", &pid]).await?;
        Ok(killed)
    }

    /// Cuts every TCP connection that a container has to this IP:PORT, as a firewall on the way would:
    /// both ends see a reset, and what was under way is gone. Gives how many there were.
    ///
    /// # Errors
    /// As [`Ns::pid`], and when there was none, or the node's kernel cannot cut
    /// (`CONFIG_INET_DIAG_DESTROY`).
    pub async fn cut(&self, pod: &str, container: &str, to: &str) -> Result<usize> {
        let pid = self.pid(pod, container).await?;
        let inside = ["nsenter", "--target", &pid, "--net"];
        let kill = ["ss", "--no-header", "--tcp", "--kill", "dst", to];
        let cut = self.cluster.on_node(&[&inside[..], &kill].concat()).await?;
        let cut = cut.lines().filter(|line| !line.trim().is_empty()).count();
        ensure!(cut > 0, "{pod} had no connection to {to} that could be cut");
        Ok(cut)
    }

    /// What a container's first process has used so far.
    ///
    /// # Errors
    /// As [`Ns::pid`].
    pub async fn usage(&self, pod: &str, container: &str) -> Result<Usage> {
        let pid = self.pid(pod, container).await?;
        let [stat, status] = [format!("/proc/{pid}/stat"), format!("/proc/{pid}/status")];
        let text = self.cluster.on_node(&["cat", &stat, &status]).await?;
        usage(&text).context("the kernel's figures of the process cannot be read")
    }
}

/// Reads `/proc/PID/stat` (fields 14 and 15 are user and system time; the name in field 2 may hold
/// blanks, so fields are counted from its closing bracket) and `VmRSS` of `/proc/PID/status`.
pub(crate) fn usage(text: &str) -> Option<Usage> {
    let (_, after_name) = text.lines().next()?.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = resident.split_whitespace().next()?.parse().ok()?;
    Some(Usage {
        cpu_seconds: ticks / TICKS,
        resident_mib: kib / 1024.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_and_memory_are_read_from_proc() {
        let text = "42 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 9 0 0\n\
                    Name:\ta (b) c\nVmRSS:\t    2048 kB\n";
        assert_eq!(
            usage(text),
            Some(Usage {
                cpu_seconds: 2.0,
                resident_mib: 2.0
            })
        );
        assert_eq!(usage("gone"), None);
    }
}
