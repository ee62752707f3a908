//! A request over HTTP, to whatever listens on a port of this machine.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Head and body of the answer to a request in HTTP/1.0, so that it is neither
/// chunked nor followed by another.
pub async fn exchange(origin: &str, request: &str) -> (String, String) {
    let address = origin.strip_prefix("http://").expect("it is http");
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it takes a request");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("it answers in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("it answers in HTTP");
    (head.to_owned(), body.to_owned())
}
