//! The fetcher against real servers on loopback: what it refuses, what it stores, and what it leaves behind.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod answers;
mod fake;
mod time;
mod webhook;

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;

use mouthpiece_server::fetch::{FetchError, Fetched, Fetcher, Limits, NetPolicy, Resolver, Wanted};

/// Where the fake servers live; 127.0.0.1 stays refused, for the traps.
const OPEN: &str = "127.0.0.2";

fn policy(allow: &[&str]) -> NetPolicy {
    NetPolicy::new(allow.iter().map(|n| NetPolicy::parse_net(n).unwrap()).collect())
}

fn fetcher(limits: Limits) -> Fetcher {
    Fetcher::new(policy(&[OPEN]), limits, Resolver::System).unwrap()
}

/// Names and what they resolve to, with `OPEN` allowed.
fn with_names(names: &[(&str, &[&str])]) -> Fetcher {
    let address = |text: &&str| text.parse::<IpAddr>().unwrap();
    let names: HashMap<_, _> = names
        .iter()
        .map(|(n, a)| ((*n).to_owned(), a.iter().map(address).collect()))
        .collect();
    Fetcher::new(policy(&[OPEN]), Limits::default(), Resolver::fixed(names)).unwrap()
}

/// Allows every address, to make urls that others refuse.
fn anything() -> Fetcher {
    Fetcher::new(policy(&["0.0.0.0/0", "::/0"]), Limits::default(), Resolver::System).unwrap()
}

/// A folder for one file.
struct Target(tempfile::TempDir);

impl Target {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("fetched")
    }

    fn files(&self) -> usize {
        self.0.path().read_dir().unwrap().count()
    }
}

/// Fetches and returns the bytes too.
async fn get(fetcher: &Fetcher, url: &str, wanted: Wanted) -> Result<(Fetched, Vec<u8>), FetchError> {
    let target = Target::new();
    let url = anything().check(url, wanted).unwrap();
    match fetcher.get(&url, wanted, &target.path()).await {
        Ok(fetched) => Ok((fetched, std::fs::read(target.path()).unwrap())),
        Err(error) => {
            assert_eq!(target.files(), 0, "something is left after {error:?}");
            let sentence = error.to_string();
            assert!(!sentence.contains("127.0") && !sentence.contains("/fetched"), "{sentence}");
            Err(error)
        }
    }
}

async fn failure(fetcher: &Fetcher, url: &str, wanted: Wanted) -> FetchError {
    match get(fetcher, url, wanted).await {
        Ok((fetched, _)) => panic!("{url} was fetched: {fetched:?}"),
        Err(error) => error,
    }
}
