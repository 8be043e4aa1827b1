//! [`Store`]: the finished trials of a search, in one file of `SQLite`.

use std::path::Path;

use rusqlite::{Connection, Error, params};

use super::trial::{Outcome, Trial};
use crate::cli::write;
use crate::diag::{Code, Diagnostic};

/// The file in the directory of a search.
pub(super) const FILE: &str = "trials.sqlite";

/// The tables: what the search depends on, and its trials. Figures are null where no network came out.
const SCHEMA: &str = "
    CREATE TABLE search (fingerprint TEXT NOT NULL);
    CREATE TABLE trial (
        number INTEGER PRIMARY KEY,
        point TEXT NOT NULL,
        metric REAL, lut INTEGER, latency_ns REAL
    );";

/// The finished trials of a search.
pub(super) struct Store {
    connection: Connection,
    place: String,
}

impl Store {
    /// The store of a search that starts, in a directory that must not exist.
    pub(super) fn create(folder: &Path, fingerprint: &str) -> Result<Self, Diagnostic> {
        if folder.exists() {
            let message = format!("the directory `{}` exists", folder.display());
            let help = "add `--resume` to go on with its search, or choose another with `-o`";
            return Err(Diagnostic::error(Code::C0404, message, help));
        }
        write::make_directory(folder)?;
        let store = Self::open(folder)?;
        let made = store.connection.execute_batch(SCHEMA).and_then(|()| {
            let insert = "INSERT INTO search (fingerprint) VALUES (?1)";
            store.connection.execute(insert, [fingerprint])
        });
        made.map_err(|error| store.fault(&error))?;
        Ok(store)
    }

    /// The store of a search that goes on.
    pub(super) fn resume(folder: &Path, fingerprint: &str) -> Result<Self, Diagnostic> {
        let refuse = |message: &str, help: &str| {
            let place = folder.display().to_string();
            Err(Diagnostic::error(Code::L0702, message, help).at(place))
        };
        if !folder.join(FILE).is_file() {
            return refuse("there is no search", "leave out `--resume` to start one");
        }
        let store = Self::open(folder)?;
        let found: Result<String, Error> =
            store.connection.query_row("SELECT fingerprint FROM search", [], |row| row.get(0));
        match found {
            Ok(own) if own == fingerprint => Ok(store),
            Ok(_) => refuse(
                "the search is of another plan, recipe, data, or version of trigforge",
                "give what it was started with, or start another with `-o`",
            ),
            Err(error) => Err(store.fault(&error)),
        }
    }

    fn open(folder: &Path) -> Result<Self, Diagnostic> {
        let path = folder.join(FILE);
        let place = path.display().to_string();
        match Connection::open(&path) {
            Ok(connection) => Ok(Self { connection, place }),
            Err(error) => Err(fault(&place, &error)),
        }
    }

    /// The finished trials, in order.
    pub(super) fn trials(&self) -> Result<Vec<Trial>, Diagnostic> {
        let query = "SELECT number, point, metric, lut, latency_ns FROM trial ORDER BY number";
        let read = || -> Result<Vec<(u32, String, Outcome)>, Error> {
            let mut statement = self.connection.prepare(query)?;
            let rows = statement.query_map([], |row| {
                let figures = (row.get(2)?, row.get(3)?, row.get(4)?);
                let outcome = match figures {
                    (Some(metric), Some(lut), Some(latency_ns)) => {
                        Outcome::Finished { metric, lut, latency_ns }
                    }
                    _ => Outcome::Failed,
                };
                Ok((row.get(0)?, row.get(1)?, outcome))
            })?;
            rows.collect()
        };
        let rows = read().map_err(|error| self.fault(&error))?;
        let trial = |(number, point, outcome): (u32, String, Outcome)| {
            let point = serde_json::from_str(&point).map_err(|error| {
                let message = format!("trial {number} is broken: {error}");
                let help = "leave out `--resume`, and choose another directory with `-o`";
                Diagnostic::error(Code::L0702, message, help).at(&self.place)
            })?;
            Ok(Trial { number, point, outcome })
        };
        rows.into_iter().map(trial).collect()
    }

    /// Adds a finished trial.
    pub(super) fn add(&self, trial: &Trial) -> Result<(), Diagnostic> {
        let point = serde_json::to_string(&trial.point).expect("numbers become JSON");
        let (metric, lut, latency_ns) = match trial.outcome {
            Outcome::Finished { metric, lut, latency_ns } => {
                (Some(metric), Some(lut), Some(latency_ns))
            }
            Outcome::Failed => (None, None, None),
        };
        let insert = "INSERT INTO trial (number, point, metric, lut, latency_ns) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![trial.number, point, metric, lut, latency_ns];
        self.connection.execute(insert, values).map_err(|error| self.fault(&error))?;
        Ok(())
    }

    fn fault(&self, error: &Error) -> Diagnostic {
        fault(&self.place, error)
    }
}

fn fault(place: &str, error: &Error) -> Diagnostic {
    let message = format!("`{place}` could not be read or written: {error}");
    Diagnostic::error(Code::C0403, message, "choose another directory with `-o`")
}
