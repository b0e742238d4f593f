//! The database: reachable, of a version we know, whole, and of the same time.

use wigwag_model::clock::Millis;
use wigwag_store::{Archive, Chain, Encryption, ServerSurvey, StoreConfig, Survey};

use super::Report;
use crate::config::{Config, Database};
use crate::server::{advice, store_config};

/// Changes at the end of the record that are verified each time.
const TAIL: u64 = 1_000;
/// Milliseconds that clocks may be apart.
const APART: Millis = 2_000;
/// The oldest PostgreSQL that will do.
const OLDEST: i64 = 150_000;

/// Whether servers seem to use it.
pub(super) async fn examine(config: &Config, deep: bool, now: Millis, report: &mut Report) -> bool {
    let place = store_config(&config.database);
    let seen = match wigwag_store::survey(&place).await {
        Ok(seen) => seen,
        Err(error) => {
            let advice = advice(&error).unwrap_or("Look whether it runs, and at the address, user and password");
            report.fail("database", format!("{}: {error}. {advice}", config.database.shown()));
            return false;
        }
    };
    if let Some(server) = &seen.server {
        examine_server(server, config, now, report);
    }
    schema(&seen, report);
    if seen.schema > 0 && seen.schema <= seen.known {
        record(&place, &seen, deep, now, report).await;
    }
    seen.in_use
}

fn schema(seen: &Survey, report: &mut Report) {
    let (found, known) = (seen.schema, seen.known);
    match found {
        0 => report.ok("schema", "there is no database yet: the first start makes it"),
        _ if found > known => {
            let told = format!("{found} is newer than this release knows ({known}): run a release at least as new");
            report.fail("schema", told);
        }
        _ if found < known => {
            let told = format!("{found}, the next start brings it to {known}: run wigwag backup before it");
            report.warn("schema", told);
        }
        _ => report.ok("schema", format!("{found}, the newest")),
    }
}

fn examine_server(server: &ServerSurvey, config: &Config, now: Millis, report: &mut Report) {
    match server {
        _ if server.number < OLDEST => {
            report.fail("database", format!("PostgreSQL {} is too old: 15 or newer is needed", server.version));
        }
        _ if server.encoding != "UTF8" => {
            let told = format!("it is in {}: make a database with ENCODING 'UTF8'", server.encoding);
            report.fail("database", told);
        }
        _ if server.is_replica => {
            report.fail("database", "it is a replica, which takes no writes: name the primary in database-url");
        }
        _ => report.ok("database", format!("PostgreSQL {} at {}", server.version, shown(config))),
    }
    encryption(&server.encryption, report);
    if !server.fsync {
        report.warn("durability", "fsync is off: a power cut can lose acknowledged changes; set fsync = on");
    }
    let apart = (server.clock - now).abs();
    let told = format!("{apart} ms apart from the database's");
    match apart > APART {
        true => report.warn("clock", format!("{told}: run NTP on both, plans fall due by them")),
        false => report.ok("clock", told),
    }
    let Database::Postgres { connections, .. } = &config.database else { return };
    // Those for reads, and one each to write, to listen and to record events.
    let wanted = i64::try_from(*connections).unwrap_or(i64::MAX).saturating_add(3);
    let free = server.most_connections - server.connections;
    let told = format!("{free} of {} are free, this server takes up to {wanted}", server.most_connections);
    match wanted > free {
        true => report.warn("connections", format!("{told}: lower database-connections or raise max_connections")),
        false => report.ok("connections", told),
    }
}

fn encryption(found: &Encryption, report: &mut Report) {
    let about = "encryption";
    match found {
        Encryption::Verified(protocol) => report.ok(about, format!("{protocol}, with a certificate that was verified")),
        Encryption::Unverified(protocol) => {
            let told = "anybody in between can pass for the database: write sslmode=verify-full into its address";
            report.warn(about, format!("{protocol}, but {told}"));
        }
        Encryption::Local => report.ok(about, "none, the database is on this machine"),
        Encryption::None => {
            let told = "none: whoever is on the way reads everything; switch ssl on and write sslmode=verify-full";
            report.warn(about, told);
        }
    }
}

fn shown(config: &Config) -> String {
    let shown = config.database.shown();
    shown.strip_prefix("PostgreSQL at ").map_or(shown.clone(), str::to_owned)
}

async fn record(place: &StoreConfig, seen: &Survey, deep: bool, now: Millis, report: &mut Report) {
    if let Some((seq, at)) = seen.newest
        && at > now + APART
    {
        let told =
            format!("change {seq} is dated {} s ahead of this machine's clock: set the clock", (at - now) / 1_000);
        report.warn("clock", told);
    }
    let archive = match Archive::open(place).await {
        Ok(archive) => archive,
        Err(error) => return report.fail("record", error.to_string()),
    };
    let chain = if deep { archive.verify_chain(|_, _| {}).await } else { archive.verify_tail(TAIL).await };
    let how = if deep { "all changes verified" } else { "its last changes verified" };
    match chain {
        Ok(Chain::Intact { seq, hash }) => report.ok("record", format!("{how}, newest {seq}:{hash}")),
        Ok(Chain::Broken { seq, what }) => {
            report.fail("record", format!("broken at change {seq}: {what}. wigwag audit verify tells more; restore"));
        }
        Err(error) => {
            let advice = advice(&error).unwrap_or("It cannot be read");
            return report.fail("record", format!("{error}. {advice}"));
        }
    }
    if deep {
        thoroughly(place, &archive, report).await;
    }
}

async fn thoroughly(place: &StoreConfig, archive: &Archive, report: &mut Report) {
    match archive.verify_latest().await {
        Ok(problems) if problems.is_empty() => report.ok("documents", "each is as its last version"),
        Ok(problems) => {
            for problem in problems {
                report.fail("documents", format!("{problem}. wigwag restore brings a backup back"));
            }
        }
        Err(error) => report.fail("documents", error.to_string()),
    }
    if let StoreConfig::Sqlite { .. } = place {
        match wigwag_store::integrity(place).await {
            Ok(told) if told.is_empty() => report.ok("files", "every page of them is in order"),
            Ok(told) => {
                for line in told {
                    report.fail("files", format!("{line}. wigwag restore brings a backup back"));
                }
            }
            Err(error) => report.fail("files", format!("{error}. {}", advice(&error).unwrap_or_default())),
        }
    }
}
