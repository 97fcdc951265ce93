//! The settings as flags: the strongest layer.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use mouthpiece_render::error::Error;
use serde::Serialize;

use crate::config::{Compat, Config, LogFormat};
use crate::fetch::NetPolicy;

/// What every command of the service takes.
#[derive(Clone, Debug, Default, clap::Args, Serialize)]
pub struct Data {
    /// Settings file [default: mouthpiece.toml in the data folder, if it is there]
    #[arg(long, value_name = "FILE", env = "MOUTHPIECE_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Folder that holds everything [default: data]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
}

/// What can be said on the command line of the service itself; everything else is for the file and the environment.
#[derive(Clone, Debug, Default, clap::Args, Serialize)]
pub struct Settings {
    #[command(flatten)]
    #[serde(flatten)]
    data: Data,
    /// Address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// Renders side by side; 0 leaves them to `mouthpiece work` [default: 1]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<usize>,
    /// Private networks that urls of clients may lead to, like 10.1.0.0/16
    #[arg(long, value_name = "CIDR", value_parser = NetPolicy::parse_net, num_args = 1.., value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allow_net: Vec<IpNet>,
    /// What links begin with, where a proxy stands in front
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<url::Url>,
    /// The contract's reading for accounts that have none of their own [default: documented]
    #[arg(long, value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    compat: Option<Compat>,
    /// How the log is written [default: text]
    #[arg(long, value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogFormat>,
}

impl Data {
    /// The settings in force.
    pub fn read(&self) -> Result<Config, Error> {
        Config::read(self.config.as_deref(), self)
    }
}

impl Settings {
    /// The settings in force.
    pub fn read(&self) -> Result<Config, Error> {
        Config::read(self.data.config.as_deref(), self)
    }

    /// Where each of them was said.
    pub fn layers(&self) -> Result<figment::Figment, Error> {
        crate::config::figment(self.data.config.as_deref(), self)
    }
}
