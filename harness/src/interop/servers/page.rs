//! One web page on this machine, for the server that fetches.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::WORDS;

/// Bytes of a request that are read before it is answered: a whole one of any client here.
const REQUEST: usize = 8 * 1024;

/// Served until dropped.
#[derive(Debug)]
pub(super) struct Page {
    url: String,
    task: JoinHandle<()>,
}

impl Page {
    /// Where it is.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves the page on a free port.
pub(super) async fn serve() -> io::Result<Page> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that goes away early has what it wanted.
            let _ = answer(stream).await;
        }
    });
    Ok(Page { url, task })
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = Vec::with_capacity(REQUEST);
    while request.len() < REQUEST && !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let body = format!("<!doctype html><html><body><p>{WORDS}.</p></body></html>");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
