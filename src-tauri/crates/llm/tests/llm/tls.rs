//! Private certificate authorities: trusted where the profile names them, refused where it does not.

use std::{sync::Arc, time::Duration};

use capibara6_llm::{Client, Failure, HttpOptions, RetryPolicy, http_client};
use capibara6_protocol::ErrorCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::server::PATIENCE;

/// A server with a certificate for `name`, and the authority that signed it, as PEM.
async fn secure_server(name: &str) -> (Url, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            // A client that does not trust us ends the handshake.
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok() {
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"data\":[]}";
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    (Url::parse(&format!("https://127.0.0.1:{port}/v1")).unwrap(), authority.pem())
}

fn client(roots: Option<&str>) -> Client {
    let extra_roots_pem = roots.map(|pem| pem.as_bytes().to_vec());
    let options = HttpOptions { extra_roots_pem, ..HttpOptions::default() };
    Client::new(http_client(&options).unwrap()).with_retry(RetryPolicy::NEVER, Some(1))
}

async fn code(client: &Client, base: &Url) -> Result<(), Failure> {
    client.models(base, None, PATIENCE).await.map(|_| ())
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_where_it_is_named() {
    let (base, authority) = secure_server("127.0.0.1").await;
    assert_eq!(code(&client(Some(&authority)), &base).await, Ok(()));

    let unknown = code(&client(None), &base).await.unwrap_err();
    assert_eq!(unknown.code, ErrorCode::Tls, "{unknown}");

    let (_, stranger) = secure_server("127.0.0.1").await;
    let stranger = code(&client(Some(&stranger)), &base).await.unwrap_err();
    assert_eq!(stranger.code, ErrorCode::Tls, "{stranger}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (base, authority) = secure_server("models.example").await;
    let refused = code(&client(Some(&authority)), &base).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Tls, "{refused}");
}

#[tokio::test]
async fn plain_http_behind_an_https_address_is_a_failure_of_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("https://{}/v1", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let refused = code(&client(None), &base).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Tls, "{refused}");
}

#[tokio::test]
async fn a_server_that_never_finishes_the_handshake_is_a_connect_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("https://{}/v1", listener.local_addr().unwrap())).unwrap();
    let options = HttpOptions { connect_timeout: Duration::from_millis(200), ..HttpOptions::default() };
    let client = Client::new(http_client(&options).unwrap());
    let timed_out = code(&client, &base).await.unwrap_err();
    assert_eq!(timed_out.code, ErrorCode::TimeoutConnect, "{timed_out}");
}

#[test]
fn roots_and_proxies_that_cannot_be_used_are_said_so() {
    for (pem, proxy, code) in [
        (Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), None, ErrorCode::Tls),
        (Some("not a certificate"), None, ErrorCode::Tls),
        (None, Some("nonsense"), ErrorCode::BadRequest),
        (None, Some("ftp://127.0.0.1:1"), ErrorCode::BadRequest),
    ] {
        let options = HttpOptions {
            extra_roots_pem: pem.map(|pem| pem.as_bytes().to_vec()),
            proxy: proxy.map(str::to_owned),
            ..HttpOptions::default()
        };
        assert_eq!(http_client(&options).unwrap_err().code, code, "{pem:?} {proxy:?}");
    }
}

#[tokio::test]
async fn loopback_is_never_asked_through_a_proxy() {
    let mut server = super::server::Server::start().await;
    let mut proxy = super::server::Server::start().await;
    let options = HttpOptions { proxy: Some(format!("http://127.0.0.1:{}", proxy.port())), ..HttpOptions::default() };
    let client = Client::new(http_client(&options).unwrap());

    let base = server.base();
    let answer = async { server.next().await.answer("200 OK", "", "{\"data\":[]}").await };
    let (_, listed) = tokio::join!(answer, client.models(&base, None, PATIENCE));
    assert!(listed.is_ok());

    // Everything else goes through it; the name is never resolved here.
    let base = Url::parse("http://models.invalid/v1").unwrap();
    let (request, listed) = tokio::join!(
        async {
            let mut exchange = proxy.next().await;
            exchange.answer("200 OK", "", "{\"data\":[]}").await;
            exchange.request
        },
        client.models(&base, None, PATIENCE),
    );
    assert!(listed.is_ok());
    assert_eq!(request.line(), "GET http://models.invalid/v1/models HTTP/1.1");
}
