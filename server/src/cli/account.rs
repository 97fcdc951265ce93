//! `mouthpiece account`: who may use the service; works while it runs.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::outcome::{self, Stopped, say};
use super::settings::Data;
use crate::account::{Account, NewAccount};
use crate::clock::Clock;
use crate::config::Compat;
use crate::db::Tx;
use crate::problem::{Problem, Result};
use crate::serve;
use crate::service::Service;

/// Make accounts, and change them.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make an account; its credentials are shown once
    Create {
        #[command(flatten)]
        common: Common,
        /// What you call it
        #[arg(long, default_value = "")]
        name: String,
        /// The contract's reading [default: the server's]
        #[arg(long, value_enum)]
        compat: Option<Compat>,
        /// Credits that it begins with [default: the setting credit.initial]
        #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
        credit: Option<i64>,
    },
    /// All accounts, without their secrets
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Refuse an account's calls (1200); its jobs go on
    Ban {
        #[command(flatten)]
        common: Common,
        uid: i64,
        /// Let it call again
        #[arg(long)]
        lift: bool,
    },
    /// Add credits, or take some with a negative number
    Credit {
        #[command(flatten)]
        common: Common,
        uid: i64,
        #[arg(allow_negative_numbers = true)]
        amount: i64,
    },
    /// Give new credentials; the old ones and their tokens are refused from now on
    Rotate {
        #[command(flatten)]
        common: Common,
        uid: i64,
    },
    /// Change an account
    Set {
        #[command(flatten)]
        common: Common,
        uid: i64,
        /// The contract's reading
        #[arg(long, value_enum)]
        compat: Compat,
    },
}

#[derive(clap::Args)]
struct Common {
    #[command(flatten)]
    data: Data,
    /// One JSON object (a list for `list`)
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<ExitCode, Stopped> {
    match args.what {
        What::Create {
            common,
            name,
            compat,
            credit,
        } => {
            let made = change(&common, async |service, tx| {
                let credit = credit.unwrap_or_else(|| i64::from(service.config.credit.initial));
                let new = NewAccount {
                    name: &name,
                    compat,
                    credit,
                };
                Ok(Some(Account::create(tx, &new, service.clock.now()).await?))
            })?;
            show(&common, &with_secret(&made));
        }
        What::List { common } => list(&common)?,
        What::Ban { common, uid, lift } => {
            let changed = change(&common, async |_, tx| Account::set_banned(tx, uid, !lift).await)?;
            show(&common, &without_secret(&changed));
        }
        What::Credit { common, uid, amount } => {
            let changed = change(&common, async |service, tx| {
                Account::grant(tx, uid, amount, service.clock.now()).await
            })?;
            show(&common, &without_secret(&changed));
        }
        What::Rotate { common, uid } => {
            let changed = change(&common, async |_, tx| Account::rotate(tx, uid).await)?;
            show(&common, &with_secret(&changed));
        }
        What::Set { common, uid, compat } => {
            let changed = change(&common, async |_, tx| Account::set_compat(tx, uid, Some(compat)).await)?;
            show(&common, &without_secret(&changed));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Changes one account in a transaction of its own.
fn change(common: &Common, what: impl AsyncFnOnce(&Service, &mut Tx) -> Result<Option<Account>>) -> Result<Account, Stopped> {
    let config = common.data.read()?;
    let changed = serve::runtime()?.block_on(async {
        let service = Service::open(config, Clock::System).await?;
        let mut tx = service.db.write().await?;
        let account = what(&service, &mut tx).await?;
        tx.commit().await?;
        service.db.close().await;
        account.ok_or_else(|| Problem::field("uid", "is not that of an account; `mouthpiece account list` shows them"))
    })?;
    Ok(changed)
}

fn list(common: &Common) -> Result<(), Stopped> {
    let config = common.data.read()?;
    let accounts = serve::runtime()?.block_on(async {
        let service = Service::open(config, Clock::System).await?;
        Account::all(&service.db).await
    })?;
    if common.json {
        say(&Value::from_iter(accounts.iter().map(without_secret)));
        return Ok(());
    }
    say(&"uid  clientId          credit      compat      name");
    for a in &accounts {
        let compat = a.compat.map_or("(server's)", compat_name);
        let banned = if a.banned { "  BANNED" } else { "" };
        say(&format_args!(
            "{:<4} {:<17} {:<11} {:<11} {}{banned}",
            a.uid, a.client_id, a.credit, compat, a.name
        ));
    }
    Ok(())
}

fn compat_name(compat: Compat) -> &'static str {
    match compat {
        Compat::Documented => "documented",
        Compat::Live => "live",
    }
}

fn with_secret(a: &Account) -> Value {
    json!({"uid": a.uid, "clientId": a.client_id, "clientSecret": a.client_secret})
}

fn without_secret(a: &Account) -> Value {
    json!({
        "uid": a.uid, "clientId": a.client_id, "name": a.name, "credit": a.credit, "banned": a.banned,
        "compat": a.compat, "create_time": a.created_at,
    })
}

fn show(common: &Common, account: &Value) {
    if common.json {
        say(account);
        return;
    }
    for (name, value) in account.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        say(&format_args!("{name:<13} {text}"));
    }
}
