//! A collector that reads and forgets.

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Bytes of one request that are read; the exporter sends at most a mebibyte.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Listens on a loopback port, which it gives, until the process ends.
pub(super) async fn open() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A connection that breaks is the exporter's to open again.
            tokio::spawn(async move { serve(stream).await.ok() });
        }
    });
    Ok(port)
}

async fn serve(stream: TcpStream) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(length) = head(&mut stream).await? {
        let mut body = vec![0; length.min(MAX_BODY)];
        stream.read_exact(&mut body).await?;
        let answer =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.get_mut().write_all(answer).await?;
    }
    Ok(())
}

/// Reads a head. Gives the length of the body; none at the end of the connection.
async fn head(stream: &mut BufReader<TcpStream>) -> Result<Option<usize>> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line.trim().is_empty() {
            return Ok(Some(length));
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().context("a length")?;
        }
    }
}
