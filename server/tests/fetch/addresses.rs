//! Addresses that are refused, before anything is connected to.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mouthpiece_server::fetch::{FetchError, Fetcher, Limits, NetPolicy, Refused, Resolver, Wanted};

use crate::fake::{Reply, Server, Trap};
use crate::{OPEN, Target, anything, failure, get, policy, with_names};

/// Ways to write an address that is not public; the trap hears those of this machine.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fc00::1]",
    "[fe80::1]",
    "224.0.0.1",
    "[ff02::1]",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "[2001:db8::1]",
];

fn strict() -> Fetcher {
    Fetcher::new(NetPolicy::default(), Limits::default(), Resolver::System).unwrap()
}

fn is_refused(error: &FetchError) -> bool {
    matches!(error, FetchError::Refused(Refused::Address)) && !error.retry()
}

#[tokio::test]
async fn no_form_of_a_private_address_is_connected_to() {
    let trap = Trap::set().await;
    let fetcher = strict();
    for host in HOSTS {
        let url = format!("http://{host}:{}/x.png", trap.port());
        assert_eq!(fetcher.check(&url, Wanted::Image).unwrap_err(), Refused::Address, "{host}");
        assert_eq!(fetcher.check_webhook(&url).unwrap_err(), Refused::Address, "{host}");
        // As if the check had been forgotten.
        let error = failure(&fetcher, &url, Wanted::Image).await;
        assert!(is_refused(&error), "{host}: {error:?}");
        let error = failure(&fetcher, &url.replace("http:", "https:"), Wanted::Image).await;
        assert!(is_refused(&error), "{host}: {error:?}");
    }
    trap.untouched().await;
}

#[tokio::test]
async fn the_trap_would_have_heard_them() {
    let trap = Trap::set().await;
    let fetcher = anything();
    let target = Target::new();
    let path = target.path();
    let url = fetcher.check(&format!("http://127.0.0.1:{}/", trap.port()), Wanted::Image).unwrap();
    tokio::select! {
        result = fetcher.get(&url, Wanted::Image, &path) => panic!("{result:?}"),
        () = trap.heard() => {}
    }
}

#[tokio::test]
async fn names_of_private_addresses_are_refused() {
    let trap = Trap::set().await;
    for address in [
        "127.0.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "64:ff9b::7f00:1",
        "fc00::1",
    ] {
        let fetcher = with_names(&[("public.example", &[address])]);
        let url = format!("http://public.example:{}/x.png", trap.port());
        fetcher.check(&url, Wanted::Image).unwrap();
        let error = failure(&fetcher, &url, Wanted::Image).await;
        assert!(is_refused(&error), "{address}: {error:?}");
    }
    trap.untouched().await;
}

#[tokio::test]
async fn the_system_resolver_is_guarded_too() {
    let trap = Trap::set().await;
    for name in ["localhost", "LOCALHOST"] {
        let error = failure(&strict(), &format!("http://{name}:{}/", trap.port()), Wanted::Image).await;
        assert!(is_refused(&error), "{name}: {error:?}");
    }
    trap.untouched().await;
}

#[tokio::test]
async fn one_private_answer_among_public_ones_refuses_the_name() {
    let trap = Trap::set().await;
    let mut server = Server::start(OPEN, |_| Reply::whole("200 OK", "", b"x")).await;
    for answers in [[OPEN, "127.0.0.1"], ["127.0.0.1", OPEN], [OPEN, "::1"], ["8.8.8.8", "10.0.0.1"]] {
        let fetcher = with_names(&[("mixed.example", &answers)]);
        for port in [trap.port(), server.address.port()] {
            let error = failure(&fetcher, &format!("http://mixed.example:{port}/"), Wanted::Image).await;
            assert!(is_refused(&error), "{answers:?}: {error:?}");
        }
    }
    trap.untouched().await;
    assert_eq!(server.asked().len(), 0);
}

/// A name that is public when it is looked up first and private afterwards.
fn rebinding() -> (Fetcher, Arc<AtomicUsize>) {
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    let answers = move |_: &str| match counted.fetch_add(1, Ordering::Relaxed) {
        0 => vec![OPEN.parse::<IpAddr>().unwrap()],
        _ => vec![Ipv4Addr::LOCALHOST.into()],
    };
    let fetcher = Fetcher::new(policy(&[OPEN]), Limits::default(), Resolver::Answers(Arc::new(answers))).unwrap();
    (fetcher, lookups)
}

#[tokio::test]
async fn what_was_checked_is_what_is_connected_to() {
    let server = Server::start(OPEN, |_| Reply::whole("200 OK", "", b"x")).await;
    let (fetcher, lookups) = rebinding();
    let url = format!("http://rebinding.example:{}/", server.address.port());
    assert_eq!(get(&fetcher, &url, Wanted::Image).await.unwrap().1, b"x");
    assert_eq!(lookups.load(Ordering::Relaxed), 1);

    let error = failure(&fetcher, &url, Wanted::Image).await;
    assert!(is_refused(&error), "{error:?}");
}

#[tokio::test]
async fn every_hop_of_a_redirect_is_looked_up_and_checked_again() {
    let mut server = Server::start(OPEN, |_| Reply::redirect("/again")).await;
    let (fetcher, lookups) = rebinding();
    let error = failure(
        &fetcher,
        &format!("http://rebinding.example:{}/", server.address.port()),
        Wanted::Image,
    )
    .await;
    assert!(matches!(error, FetchError::Redirect(Refused::Address)), "{error:?}");
    assert_eq!((lookups.load(Ordering::Relaxed), server.asked().len()), (2, 1));
}

#[tokio::test]
async fn redirects_to_private_addresses_are_refused() {
    let trap = Trap::set().await;
    let port = trap.port();
    let server = Server::start(OPEN, move |path| {
        Reply::redirect(&format!("http://{}:{port}/", path.trim_start_matches('/')))
    })
    .await;
    let fetcher = with_names(&[("inside.example", &["127.0.0.1"])]);
    for host in HOSTS.iter().chain(&["inside.example"]) {
        let error = failure(&fetcher, &server.url(&format!("/{host}")), Wanted::Image).await;
        assert!(matches!(error, FetchError::Redirect(Refused::Address)), "{host}: {error:?}");
        assert!(!error.retry());
    }
    trap.untouched().await;
}

#[tokio::test]
async fn redirects_out_of_http_are_refused() {
    let places = [
        ("/file", "file:///etc/passwd", Refused::Scheme),
        ("/ftp", "ftp://example.com/x", Refused::Scheme),
        ("/data", "data:image/png,x", Refused::Scheme),
        ("/user", "http://user:secret@example.com/", Refused::Credentials),
        ("/bad", "http://[::1", Refused::Invalid),
    ];
    let server = Server::start(OPEN, move |path| Reply::redirect(places.iter().find(|p| p.0 == path).unwrap().1)).await;
    for (path, _, reason) in places {
        let error = failure(&with_names(&[]), &server.url(path), Wanted::Image).await;
        assert!(matches!(&error, FetchError::Redirect(r) if *r == reason), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn webhooks_are_guarded_as_files_are() {
    let trap = Trap::set().await;
    let fetcher = with_names(&[("hook.example", &["127.0.0.1"])]);
    for host in HOSTS.iter().chain(&["hook.example"]) {
        let url = anything().check_webhook(&format!("http://{host}:{}/", trap.port())).unwrap();
        let error = fetcher.post(&url, Default::default(), "{}").await.unwrap_err();
        assert!(is_refused(&error), "{host}: {error:?}");
    }
    trap.untouched().await;
}

#[test]
fn the_sentence_names_the_setting() {
    assert_eq!(
        format!("webhookUrl {}", Refused::Address),
        "webhookUrl points to a private or reserved address, which this service does not fetch; use a public url \
         (the operator can allow networks with --allow-net)"
    );
}
