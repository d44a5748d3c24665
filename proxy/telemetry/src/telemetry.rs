//! The handle of a process's telemetry, and its end.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet, time::timeout};

use crate::{
    context::Context,
    counts::{Counts, Loss, Signal},
    export::{Client, ClientError, Deliverer, Logs, Source, Stop, Traces, report, send},
    exposition::Exemplars,
    queue::{Bounds, Item, Queue},
    record::Record,
    sampling::Sampler,
    settings::{Settings, Target},
    span::Span,
    wire,
};

/// Bounds of either queue. 16,384 items are all spans of a second of a busy proxy with one call in
/// ten recorded; 16 MiB is an eighth of a proxy's memory. A batch is OpenTelemetry's default of 512,
/// doubled, and far below the 4 MiB that collectors take.
const BOUNDS: Bounds = Bounds {
    items: 16_384,
    bytes: 16 * 1024 * 1024,
    batch: 1_024,
    batch_bytes: 1024 * 1024,
};

/// Time that [`Running::end`] may take: part of the 30 s that a pod has to end.
pub const FLUSH: Duration = Duration::from_secs(5);

/// Where spans and log records are handed in. Cheap to clone, and nothing ever waits: what finds no
/// place is lost and counted. The default exports nothing.
#[derive(Clone, Default)]
pub struct Telemetry(Option<Arc<Inner>>);

/// Says what is exported, not what waits.
impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("traces", &self.traces())
            .field("logs", &self.logs())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Inner {
    sampler: Sampler,
    counts: Counts,
    spans: Option<Arc<Queue<Span>>>,
    records: Option<Arc<Queue<Record>>>,
}

/// What is read from the process beside what is handed in.
#[derive(Clone, Debug)]
pub struct Process {
    /// Where the exporter counts.
    pub counts: Counts,
    /// What a scrape would show.
    pub source: Source,
    /// The exemplars of its histograms.
    pub exemplars: Exemplars,
}

/// The exporter's tasks. Dropped without [`end`](Self::end), what waits is lost.
#[derive(Debug)]
pub struct Running {
    tasks: JoinSet<()>,
    ending: watch::Sender<bool>,
    telemetry: Telemetry,
}

impl Telemetry {
    /// Starts the exporter on the runtime that this is called on.
    ///
    /// # Errors
    /// When TLS to a collector cannot be set up. A collector that cannot be reached is no error.
    pub fn start(settings: &Settings, process: Process) -> Result<(Self, Running), ClientError> {
        for ignored in &settings.ignored {
            tracing::warn!(setting = ignored, "A setting of telemetry is not followed");
        }
        let (ending, stop) = watch::channel(false);
        let start = Start {
            counts: process.counts.clone(),
            stop: Stop::new(stop),
        };
        let resource = Arc::new(wire::resource(&settings.resource));
        let mut tasks = JoinSet::new();
        let spans = start.queue(Signal::Traces, settings.traces.as_ref(), |queue, to| {
            tasks.spawn(send::<Traces>(queue, resource.clone(), to));
        })?;
        let records = start.queue(Signal::Logs, settings.logs.as_ref(), |queue, to| {
            tasks.spawn(send::<Logs>(queue, resource.clone(), to));
        })?;
        if let Some(target) = &settings.metrics {
            let to = start.deliverer(Signal::Metrics, target)?;
            let numbers = (process.source, process.exemplars);
            tasks.spawn(report(numbers, settings.interval, resource, to));
        }
        let telemetry = Self(settings.exports().then(|| {
            Arc::new(Inner {
                sampler: settings.sampler,
                counts: process.counts,
                spans,
                records,
            })
        }));
        let running = Running {
            tasks,
            ending,
            telemetry: telemetry.clone(),
        };
        Ok((telemetry, running))
    }

    /// Decides whether a request that came with `parent` is recorded; see [`Sampler::decide`].
    /// Never, where no spans are exported.
    #[inline]
    pub fn sample(&self, parent: Option<&Context>) -> Option<Context> {
        let inner = self.0.as_ref()?;
        inner.spans.as_ref()?;
        inner.sampler.decide(parent)
    }

    /// Whether spans are exported.
    pub fn traces(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.spans.is_some())
    }

    /// Whether log records are exported. Ask before a record is made.
    #[inline]
    pub fn logs(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.records.is_some())
    }

    /// Hands in spans that have ended, best all of one request at once.
    pub fn spans(&self, spans: impl IntoIterator<Item = Span>) {
        if let Some(inner) = &self.0 {
            inner.hand_in(inner.spans.as_deref(), Signal::Traces, spans);
        }
    }

    /// Hands in a log record.
    pub fn log(&self, record: Record) {
        if let Some(inner) = &self.0 {
            inner.hand_in(inner.records.as_deref(), Signal::Logs, [record]);
        }
    }
}

impl Inner {
    fn hand_in<T: Item>(
        &self,
        queue: Option<&Queue<T>>,
        signal: Signal,
        items: impl IntoIterator<Item = T>,
    ) {
        let lost = queue.map_or(0, |queue| queue.push(items));
        if lost > 0 {
            self.counts.dropped(signal, Loss::QueueFull, lost);
        }
    }
}

/// What every signal starts with.
struct Start {
    counts: Counts,
    stop: Stop,
}

impl Start {
    fn queue<T: Item>(
        &self,
        signal: Signal,
        target: Option<&Target>,
        spawn: impl FnOnce(Arc<Queue<T>>, Deliverer),
    ) -> Result<Option<Arc<Queue<T>>>, ClientError> {
        let Some(target) = target else {
            return Ok(None);
        };
        let queue = Arc::new(Queue::new(BOUNDS));
        spawn(queue.clone(), self.deliverer(signal, target)?);
        Ok(Some(queue))
    }

    fn deliverer(&self, signal: Signal, target: &Target) -> Result<Deliverer, ClientError> {
        let client = Client::new(target.clone())?;
        self.counts.begin(signal);
        Ok(Deliverer {
            client,
            counts: self.counts.clone(),
            signal,
            stop: self.stop.clone(),
        })
    }
}

impl Running {
    /// Sends what waits, for [`FLUSH`] at most, and ends. What is handed in afterwards is lost.
    pub async fn end(mut self) {
        self.ending.send_replace(true);
        let flushed = async { while self.tasks.join_next().await.is_some() {} };
        let flushed = timeout(FLUSH, flushed).await.is_ok();
        self.tasks.abort_all();
        let (spans, records) = self.left();
        if !flushed || spans + records > 0 {
            tracing::warn!(spans, records, "Telemetry was not sent in time and is lost");
        }
    }

    /// Counts what no task will send any more.
    fn left(&self) -> (usize, usize) {
        let Some(inner) = &self.telemetry.0 else {
            return (0, 0);
        };
        let spans = inner.spans.as_ref().map_or(0, |queue| queue.len());
        let records = inner.records.as_ref().map_or(0, |queue| queue.len());
        for (signal, left) in [(Signal::Traces, spans), (Signal::Logs, records)] {
            if left > 0 {
                inner.counts.dropped(signal, Loss::Shutdown, left as u64);
            }
        }
        (spans, records)
    }
}
