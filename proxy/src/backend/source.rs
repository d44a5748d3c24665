//! Where a backend takes the lines for the server's stdin from.

use bytes::Bytes;

use crate::driver::StdinQueue;

/// Gives lines in order, each with its newline.
pub trait LineSource: Send {
    /// Appends waiting lines to `batch`, waiting for the first; 0 when the process is to be
    /// dropped. Must be cancel-safe: nothing is taken unless it returns.
    fn batch(&mut self, batch: &mut Vec<Bytes>) -> impl Future<Output = usize> + Send;
}

impl LineSource for StdinQueue {
    fn batch(&mut self, batch: &mut Vec<Bytes>) -> impl Future<Output = usize> + Send {
        self.recv_batch(batch)
    }
}

#[cfg(test)]
impl LineSource for tokio::sync::mpsc::Receiver<Bytes> {
    fn batch(&mut self, batch: &mut Vec<Bytes>) -> impl Future<Output = usize> + Send {
        self.recv_many(batch, 64)
    }
}
