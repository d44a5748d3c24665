//! The pool's world: a worker behind each bridge, and fake processes of either era.

use std::sync::atomic::AtomicUsize;

use parking_lot::Mutex;

use super::*;

/// How long a fake process takes to start.
pub(super) const START: Duration = Duration::from_secs(2);

/// A pool and the worker behind each of its bridges: a fresh process for each that was dropped.
pub(super) struct World {
    pub(super) fleet: Fleet,
    /// What each process was told, in the order of their starts: bodies of calls.
    pub(super) told: Arc<Mutex<Vec<Vec<String>>>>,
    pub(super) starts: Arc<AtomicUsize>,
    _ending: tokio_util::sync::DropGuard,
}

pub(super) fn world(max: usize, warm: usize) -> World {
    world_of(Era::Legacy, max, warm)
}

pub(super) fn world_of(era: Era, max: usize, warm: usize) -> World {
    let ending = CancellationToken::new();
    let config = HubConfig::new("test");
    let bounds = Some(Bounds { max, warm });
    let fleet = Fleet::pooled(config, Metrics::new(), bounds, ending.clone());
    tokio::spawn(fleet.clone().run_pool(ending.clone()));
    let world = World {
        fleet,
        told: Arc::default(),
        starts: Arc::default(),
        _ending: ending.drop_guard(),
    };
    tokio::spawn(hire(world.staff(era)));
    world
}

/// What a worker needs.
#[derive(Clone)]
struct Staff {
    fleet: Fleet,
    era: Era,
    told: Arc<Mutex<Vec<Vec<String>>>>,
    starts: Arc<AtomicUsize>,
}

impl World {
    fn staff(&self, era: Era) -> Staff {
        Staff {
            fleet: self.fleet.clone(),
            era,
            told: self.told.clone(),
            starts: self.starts.clone(),
        }
    }
}

/// A worker for each ordinal, as the crew does it.
async fn hire(staff: Staff) {
    let mut sizes = staff.fleet.sizes();
    let mut hired = 0;
    loop {
        let size = *sizes.borrow_and_update();
        for pod in Ordinal::below(size).skip(hired) {
            tokio::spawn(work(staff.clone(), pod));
        }
        hired = hired.max(size);
        if sizes.changed().await.is_err() {
            return;
        }
    }
}

async fn work(staff: Staff, pod: Ordinal) {
    let Staff {
        fleet,
        era,
        told,
        starts,
    } = staff;
    let mut sizes = fleet.sizes();
    loop {
        if sizes.wait_for(|size| pod.index() < *size).await.is_err() {
            return;
        }
        sleep(START).await;
        let process = starts.fetch_add(1, Relaxed);
        told.lock().push(Vec::new());
        let home: Arc<str> = format!("uid-{process}").into();
        let queue = fleet.bridge(pod).server_up_in(home);
        let mut queue = queue.expect("a home that was never used");
        while let Some(line) = queue.recv().await {
            answer(fleet.bridge(pod), era, &line, &mut told.lock()[process]);
        }
    }
}

fn answer(bridge: &Bridge, era: Era, line: &Bytes, told: &mut Vec<String>) {
    let request: serde_json::Value = serde_json::from_slice(line).expect("JSON");
    let result = match (era, request["method"].as_str()) {
        (Era::Modern, Some("server/discover")) => visits::discovered(),
        (Era::Legacy, Some("initialize")) => json!({
            "protocolVersion": "2025-11-25", "capabilities": { "tools": {} },
            "serverInfo": { "name": "s", "version": "1" },
        }),
        (_, Some("tools/call")) => {
            told.push(
                request["params"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            );
            json!({ "content": [], "all": told })
        }
        (_, Some("server/discover" | "initialize")) => {
            let error = json!({ "code": -32601, "message": "no such method" });
            let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
            return bridge.server_line(Bytes::from(answer.to_string()));
        }
        _ => return,
    };
    let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
    bridge.server_line(Bytes::from(answer.to_string()));
}
