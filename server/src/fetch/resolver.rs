//! Names to addresses, all of which are checked.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::policy::NetPolicy;

/// Where addresses of names come from.
#[derive(Clone)]
pub enum Resolver {
    /// The operating system.
    System,
    /// A function, for tests: no answer is an unknown name.
    Answers(Arc<Answers>),
}

pub type Answers = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Resolver {
    /// Knows these names and no other.
    pub fn fixed(names: HashMap<String, Vec<IpAddr>>) -> Self {
        Self::Answers(Arc::new(move |name| names.get(name).cloned().unwrap_or_default()))
    }

    pub(super) fn guarded_by(self, policy: Arc<NetPolicy>) -> Guarded {
        Guarded { policy, resolver: self }
    }

    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.map(|a| a.ip()).collect()),
            Self::Answers(answers) => Ok(answers(name.trim_end_matches('.'))),
        }
    }
}

/// A resolver whose answers are connected to as they are, hence checked here.
pub(super) struct Guarded {
    policy: Arc<NetPolicy>,
    resolver: Resolver,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, resolver) = (Arc::clone(&self.policy), self.resolver.clone());
        Box::pin(async move {
            let addresses = resolver.addresses(name.as_str()).await.map_err(|e| NotResolved::Unknown(Some(e)))?;
            if addresses.is_empty() {
                return Err(NotResolved::Unknown(None).into());
            }
            // One refused address among public ones is an attempt to get past this check, or a mistake.
            if !addresses.iter().all(|ip| policy.allows(*ip)) {
                return Err(NotResolved::Refused.into());
            }
            // The port is the url's.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

/// Travels through the http client and is found again among the causes of its error.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotResolved {
    #[error("the name is not known")]
    Unknown(#[source] Option<io::Error>),
    #[error("the name has a refused address")]
    Refused,
}
