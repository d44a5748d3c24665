//! Asks a forward proxy, and a DNS server: what a server behind an egress gateway may try.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream, UdpSocket},
    time::Duration,
};

use crate::reach::Reach;

/// How long one read or write may take: longer than the gateway waits for the DNS.
const PATIENCE: Duration = Duration::from_secs(15);
/// Most bytes of an answer that are read; the world's pages have some hundred.
const MAX_ANSWER: u64 = 64 * 1024;
/// How long a DNS server may take. Both it and we are on one machine.
const QUERY_WAIT: Duration = Duration::from_secs(3);

/// A DNS query (RFC 1035, 4.1): id 1, recursion desired, `kubernetes.` of type A.
const QUERY: &[u8] = b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x0akubernetes\0\0\x01\0\x01";

/// Asks the proxy `http://HOST:PORT` for `target` and gives the last status and body: of a page if
/// that is a URL; of `/` inside of a tunnel if it is HOST:PORT; of the proxy if that refuses.
///
/// # Errors
/// The proxy cannot be reached, or it speaks no HTTP.
pub fn through(proxy: &str, target: &str) -> io::Result<String> {
    let proxy = proxy.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(proxy)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    if target.starts_with("http://") {
        return ask(&mut stream, &format!("GET {target} HTTP/1.1"), target);
    }
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let head = head(&mut stream)?;
    if status(&head) == "200" {
        return ask(&mut stream, "GET / HTTP/1.1", target);
    }
    Ok(format!("{} {}", status(&head), rest(&mut stream, &head)?))
}

fn ask(stream: &mut TcpStream, line: &str, target: &str) -> io::Result<String> {
    let host = target.trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or(host);
    let request = format!("{line}\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let head = head(stream)?;
    Ok(format!("{} {}", status(&head), rest(stream, &head)?))
}

/// The head of an answer, no byte more.
fn head(stream: &mut TcpStream) -> io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() as u64 == MAX_ANSWER {
            return Err(io::ErrorKind::InvalidData.into());
        }
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// The body: as long as the head says, or all that comes.
fn rest(stream: &mut TcpStream, head: &str) -> io::Result<String> {
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let names = name.eq_ignore_ascii_case("content-length");
        value.trim().parse().ok().filter(|_| names)
    });
    let mut body = Vec::new();
    let bound = length.unwrap_or(MAX_ANSWER).min(MAX_ANSWER);
    stream.take(bound).read_to_end(&mut body)?;
    Ok(String::from_utf8_lossy(&body).trim_end().to_owned())
}

/// Sends a DNS query over UDP. Any answer counts, also that there is no such name.
pub fn query(host: &str, port: u16) -> Reach {
    let asked = || -> io::Result<usize> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_read_timeout(Some(QUERY_WAIT))?;
        socket.connect((host, port))?;
        socket.send(QUERY)?;
        socket.recv(&mut [0; 512])
    };
    match asked() {
        Ok(_) => Reach::Open,
        Err(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Reach::NoAnswer,
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable => Reach::Refused,
            _ => Reach::Failed,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    /// A proxy that gives these answers, one for each head that it reads, on one connection.
    fn proxy(answers: &'static [&'static str]) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let answer = |answer: &&str| {
                let head = head(&mut stream).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                head
            };
            answers.iter().map(answer).collect()
        });
        (url, asked)
    }

    #[test]
    fn a_url_is_asked_for_as_a_whole() {
        let (url, asked) = proxy(&["HTTP/1.1 200 OK\r\n\r\npage\n"]);
        assert_eq!(through(&url, "http://x.com/").unwrap(), "200 page");
        assert!(asked.join().unwrap()[0].starts_with("GET http://x.com/ HTTP/1.1\r\n"));
    }

    #[test]
    fn a_host_is_asked_inside_of_its_tunnel() {
        let answers = &["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 404 No\r\n\r\nnone"];
        let (url, asked) = proxy(answers);
        assert_eq!(through(&url, "x.com:443").unwrap(), "404 none");
        let asked = asked.join().unwrap();
        assert!(asked[0].starts_with("CONNECT x.com:443 HTTP/1.1\r\n"));
        assert!(asked[1].starts_with("GET / HTTP/1.1\r\n"));
    }

    #[test]
    fn a_refusal_is_told_with_its_sentence() {
        let (url, _) = proxy(&["HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno\n"]);
        assert_eq!(through(&url, "x.com:443").unwrap(), "403 no");
    }

    #[test]
    fn a_dns_server_is_open_and_silence_is_not() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        assert_eq!(query("127.0.0.1", port), Reach::NoAnswer);
        let answering = thread::spawn(move || {
            // The first is still there.
            for _ in 0..2 {
                let mut query = [0; 512];
                let (length, from) = server.recv_from(&mut query).unwrap();
                assert_eq!(&query[..length], QUERY);
                server.send_to(&query[..length], from).ok();
            }
        });
        assert_eq!(query("127.0.0.1", port), Reach::Open);
        answering.join().unwrap();
        assert_eq!(query("127.0.0.1", port), Reach::Refused);
    }
}
