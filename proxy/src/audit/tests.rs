use std::{
    io::{self, Write},
    sync::mpsc,
};

use super::*;
use crate::audit::entry::tests::{call, refused, settings};

/// Gives what is written to a test.
#[derive(Debug)]
struct Sent(mpsc::Sender<Vec<u8>>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(bytes.to_vec());
        sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn begin(out: impl Write + Send + 'static, registry: &Registry) -> Audit {
    let (queue, counts) = (Arc::new(Queue::default()), Counts::register(registry));
    let out = (Box::new(out) as writer::Out, Telemetry::default());
    let writer = Writer::start(out, Maker::new(&settings()), queue.clone(), counts);
    Audit(Arc::new(Inner {
        settings: settings(),
        queue,
        writer: writer.expect("a thread"),
    }))
}

fn counted(registry: &Registry, outcome: &str) -> f64 {
    let families = registry.gather();
    let rows = families
        .iter()
        .flat_map(prometheus::proto::MetricFamily::get_metric);
    let mut rows = rows.filter(|row| row.get_label()[0].value() == outcome);
    rows.next()
        .map_or(-1.0, |row| row.get_counter().get_value())
}

#[tokio::test]
async fn entries_are_lines_in_their_order_and_the_last_ones_are_written_at_the_end() {
    let (lines, written) = mpsc::channel();
    let registry = Registry::new();
    let audit = begin(Sent(lines), &registry);
    audit.put(call(None));
    audit.put(refused());
    audit.end().await;
    let text: Vec<u8> = written.try_iter().flatten().collect();
    let text = String::from_utf8(text).expect("UTF-8");
    let kinds: Vec<bool> = text
        .lines()
        .map(|line| line.contains(hivewright_api::audit::CALL))
        .collect();
    assert_eq!(kinds, [true, false]);
    assert!((counted(&registry, "written") - 2.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_counts_what_is_lost_and_goes_on() {
    let (lines, written) = mpsc::channel();
    drop(written);
    let registry = Registry::new();
    let audit = begin(Sent(lines), &registry);
    audit.put(call(None));
    audit.end().await;
    assert!((counted(&registry, "failed") - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let path = std::path::PathBuf::from("/nowhere/at/all");
    let error = writer::open(&Place::File(path))
        .err()
        .expect("there is no such directory");
    assert!(error.to_string().contains("/nowhere/at/all"));
}
