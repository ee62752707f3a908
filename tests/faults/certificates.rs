//! A server with the wrong identity, and a host that does not exist.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use native_tls::{Identity, TlsAcceptor};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::Value;
use testing::runtime_api::Function;
use testing::{Service, binary, service};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const PASSWORD: &str = "correct-horse-battery";

/// The identity that the server shows.
enum Shows {
    /// A certificate of the trusted authority.
    Certificate {
        name: &'static str,
        ends: SystemTime,
    },
    /// A certificate of an unknown authority.
    Stranger,
    /// No certificate: the server refuses TLS.
    PlainText,
}

/// A server that ends after the handshake.
struct Impostor {
    port: u16,
    connections: Arc<AtomicUsize>,
    /// The bytes after the handshake, or without one.
    heard: Arc<Mutex<Vec<u8>>>,
    authority: PathBuf,
}

impl Impostor {
    fn start(shows: &Shows) -> Self {
        let (trusted, key) = authority();
        let (unknown, unknown_key) = authority();
        let issuer = |params, key| Issuer::new(params, key);
        let file = std::env::temp_dir().join(format!("{}.pem", uuid::Uuid::new_v4()));
        let pem = trusted.clone().self_signed(&key).expect("it can").pem();
        std::fs::write(&file, pem).expect("it can be written");
        let acceptor = match shows {
            Shows::Certificate { name, ends } => Some(acceptor(&issuer(trusted, key), name, *ends)),
            Shows::Stranger => {
                let ends = SystemTime::now() + DAY;
                Some(acceptor(&issuer(unknown, unknown_key), "127.0.0.1", ends))
            }
            Shows::PlainText => None,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let impostor = Self {
            port: listener.local_addr().expect("it is bound").port(),
            connections: Arc::default(),
            heard: Arc::default(),
            authority: file,
        };
        let (connections, heard) = (impostor.connections.clone(), impostor.heard.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let said = talk(stream, acceptor.as_ref());
                heard.lock().expect("nobody panics").extend(said);
            }
        });
        impostor
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        std::fs::remove_file(&self.authority).expect("it was written");
    }
}

/// Answers PostgreSQL's SSLRequest and returns the next bytes.
fn talk(mut stream: TcpStream, acceptor: Option<&TlsAcceptor>) -> Vec<u8> {
    let mut heard = Vec::new();
    let mut request = [0; 8];
    if stream.read_exact(&mut request).is_err() {
        return heard;
    }
    let mut startup = [0; 1024];
    let read = match acceptor {
        Some(acceptor) => match stream.write_all(b"S").map(|()| acceptor.accept(stream)) {
            Ok(Ok(mut stream)) => stream.read(&mut startup),
            _ => Ok(0),
        },
        None => stream
            .write_all(b"N")
            .and_then(|()| stream.read(&mut startup)),
    };
    heard.extend(&startup[..read.unwrap_or(0)]);
    heard
}

fn authority() -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // The name differs from rcgen's default name of certificates: otherwise these
    // would look self-signed.
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "an authority");
    (params, KeyPair::generate().expect("it can"))
}

fn acceptor(issuer: &Issuer<'_, KeyPair>, name: &str, ends: SystemTime) -> TlsAcceptor {
    let mut params = CertificateParams::new([name.to_owned()]).expect("it is a name");
    params.not_before = (ends - DAY * 30).into();
    params.not_after = ends.into();
    let key = KeyPair::generate().expect("it can");
    let certificate = params.signed_by(&key, issuer).expect("it can").pem();
    let identity = Identity::from_pkcs8(certificate.as_bytes(), key.serialize_pem().as_bytes());
    TlsAcceptor::new(identity.expect("it is PEM")).expect("TLS is there")
}

/// A function whose database has this URL.
fn health(service: &Service, url: &str, authority: &Path) -> Function {
    let mut environment = service.environment().to_vec();
    for (name, value) in [
        ("DATABASE_URL", url.to_owned()),
        ("SSL_CERT_FILE", authority.display().to_string()),
    ] {
        environment.retain(|(known, _)| known != name);
        environment.push((name.into(), value));
    }
    Function::start(binary("health"), &environment).expect("it starts")
}

async fn ready(service: &Service, function: &Function) -> Value {
    let (event, _) = service.get("/health/ready").event();
    function.invoke(&event).await.expect("it answers")
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_hears_nothing() {
    let service = service();
    let tomorrow = SystemTime::now() + DAY;
    for (case, shows, hears) in [
        ("the right one", certificate("127.0.0.1", tomorrow), true),
        ("another authority", Shows::Stranger, false),
        (
            "another host",
            certificate("db.example.com", tomorrow),
            false,
        ),
        (
            "expired",
            certificate("127.0.0.1", tomorrow - DAY * 2),
            false,
        ),
        ("no TLS", Shows::PlainText, false),
    ] {
        let impostor = Impostor::start(&shows);
        let url = format!(
            "postgres://todo_login:{PASSWORD}@127.0.0.1:{}/todo?sslmode=require",
            impostor.port
        );
        let function = health(&service, &url, &impostor.authority);

        let answer = ready(&service, &function).await;

        assert_eq!(answer["statusCode"], 503, "{case}");
        let body = answer["body"].as_str().expect("a problem");
        assert!(body.contains("/problems/unavailable"), "{case}: {body}");
        let heard = impostor.heard.lock().expect("nobody panics");
        let was_told_the_user = heard.windows(10).any(|bytes| bytes == b"todo_login");
        assert_eq!(was_told_the_user, hears, "{case}");
        let connections = impostor.connections.load(Ordering::SeqCst);
        // One connection at the start and one for the request: a failure that does
        // not pass is not tried again.
        assert!(hears || connections == 2, "{case}: {connections}");
        for text in [body]
            .into_iter()
            .chain(function.log().iter().map(String::as_str))
        {
            assert!(!text.contains(PASSWORD), "{case}: {text}");
        }
    }
}

fn certificate(name: &'static str, ends: SystemTime) -> Shows {
    Shows::Certificate { name, ends }
}

#[tokio::test]
async fn a_host_that_nobody_knows_is_503_and_is_not_named() {
    let service = service();
    let url = format!("postgres://todo_login:{PASSWORD}@nowhere.invalid/todo?sslmode=require");
    let authority = service.stack.certificate_authority().to_owned();
    let function = health(&service, &url, &authority);

    let answer = ready(&service, &function).await;

    assert_eq!(answer["statusCode"], 503);
    let body = answer["body"].as_str().expect("a problem");
    assert!(body.contains("Nothing was changed"), "{body}");
    for text in [body]
        .into_iter()
        .chain(function.log().iter().map(String::as_str))
    {
        assert!(
            !text.contains("nowhere") && !text.contains(PASSWORD),
            "{text}"
        );
    }
    let (live, _) = service.get("/health/live").event();
    let live = function.invoke(&live).await.expect("it answers");
    assert_eq!(live["statusCode"], 200);
}
