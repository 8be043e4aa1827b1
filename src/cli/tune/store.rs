//! [`Store`]: the finished trials of a search, in one file of `SQLite`.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, Error, params};

use super::trial::{Ended, Figure, Outcome, Trial};
use crate::cli::write;
use crate::diag::{Code, Diagnostic};
use crate::train::fit::State;
use crate::train::tune::schedule::Task;

/// The file in the directory of a search.
pub(super) const FILE: &str = "trials.sqlite";

/// The version of the tables, which the file says of itself (`PRAGMA user_version`).
const VERSION: u32 = 2;

/// The tables: what the search depends on; its trials; what came out of each at each rung; its figures,
/// none where no network came out; and where each network of a trial is that may go on.
const SCHEMA: &str = "
    CREATE TABLE search (fingerprint TEXT NOT NULL);
    CREATE TABLE trial (number INTEGER PRIMARY KEY, point TEXT NOT NULL);
    CREATE TABLE outcome (
        trial INTEGER NOT NULL, rung INTEGER NOT NULL, failed INTEGER NOT NULL,
        PRIMARY KEY (trial, rung)
    );
    CREATE TABLE figure (
        trial INTEGER NOT NULL, rung INTEGER NOT NULL, name TEXT NOT NULL,
        mean REAL NOT NULL, deviation REAL,
        PRIMARY KEY (trial, rung, name)
    );
    CREATE TABLE checkpoint (
        trial INTEGER NOT NULL, rung INTEGER NOT NULL, fold INTEGER NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (trial, rung, fold)
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
        let version = || store.connection.pragma_update(None, "user_version", VERSION);
        let made = store.connection.execute_batch(SCHEMA).and_then(|()| version()).and_then(|()| {
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
        let version = |row: &rusqlite::Row<'_>| row.get(0);
        let version: Result<u32, Error> =
            store.connection.query_row("PRAGMA user_version", [], version);
        let version = version.map_err(|error| store.fault(&error))?;
        if version != VERSION {
            return refuse(
                &format!("`{FILE}` has tables of version {version}, not {VERSION}"),
                "go on with the version of trigforge that began the search, or start another with `-o`",
            );
        }
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

    /// The trials of which something is finished, by their numbers.
    pub(super) fn trials(&self) -> Result<BTreeMap<u32, Trial>, Diagnostic> {
        let points = "SELECT number, point FROM trial";
        let points: Vec<(u32, String)> = self.rows(points, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let outcomes = "SELECT trial, rung, failed FROM outcome";
        let outcomes: Vec<(u32, u32, bool)> =
            self.rows(outcomes, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let figures = "SELECT trial, rung, name, mean, deviation FROM figure";
        let figures: Vec<(u32, u32, String, Figure)> = self.rows(figures, |row| {
            let figure = Figure { mean: row.get(3)?, deviation: row.get(4)? };
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, figure))
        })?;
        let mut trials = BTreeMap::new();
        for (number, point) in points {
            let point =
                serde_json::from_str(&point).map_err(|error| self.broken(number, &error))?;
            trials.insert(number, Trial { number, point, outcomes: BTreeMap::new() });
        }
        for (number, rung, failed) in outcomes {
            let outcome = if failed { Outcome::Failed } else { Outcome::Finished(BTreeMap::new()) };
            let trial = trials.get_mut(&number).ok_or_else(|| self.broken(number, &"no point"))?;
            trial.outcomes.insert(index(rung), outcome);
        }
        for (number, rung, name, figure) in figures {
            let objective = name.parse().map_err(|error| self.broken(number, &error))?;
            let outcome =
                trials.get_mut(&number).and_then(|own| own.outcomes.get_mut(&index(rung)));
            if let Some(Outcome::Finished(figures)) = outcome {
                figures.insert(objective, figure);
            }
        }
        trials.retain(|_, trial| !trial.outcomes.is_empty());
        Ok(trials)
    }

    /// Where the networks of a trial were at the end of a rung, fold after fold; fewer where they are not
    /// kept.
    pub(super) fn states(&self, task: Task) -> Result<Vec<State>, Diagnostic> {
        let read = || -> Result<Vec<Vec<u8>>, Error> {
            let query = "SELECT state FROM checkpoint WHERE trial = ?1 AND rung = ?2 ORDER BY fold";
            let mut statement = self.connection.prepare(query)?;
            statement.query_map(params![task.trial, number(task.rung)], |row| row.get(0))?.collect()
        };
        let states = read().map_err(|error| self.fault(&error))?;
        let state = |bytes: &Vec<u8>| {
            serde_json::from_slice(bytes).map_err(|error| self.broken(task.trial, &error))
        };
        states.iter().map(state).collect()
    }

    /// Adds what came out of a trial; its networks where it `may_go_on`.
    pub(super) fn add(
        &mut self,
        task: Task,
        point: &[f64],
        ended: &Ended,
        may_go_on: bool,
    ) -> Result<(), Diagnostic> {
        let json = "numbers become JSON";
        let point = serde_json::to_string(point).expect(json);
        let states: &[State] = if may_go_on { &ended.states } else { &[] };
        let states: Vec<Vec<u8>> =
            states.iter().map(|state| serde_json::to_vec(state).expect(json)).collect();
        let mut write = || -> Result<(), Error> {
            let (trial, rung) = (task.trial, number(task.rung));
            let transaction = self.connection.transaction()?;
            let insert = "INSERT OR IGNORE INTO trial (number, point) VALUES (?1, ?2)";
            transaction.execute(insert, params![trial, point])?;
            let failed = matches!(ended.outcome, Outcome::Failed);
            let insert = "INSERT INTO outcome (trial, rung, failed) VALUES (?1, ?2, ?3)";
            transaction.execute(insert, params![trial, rung, failed])?;
            if let Outcome::Finished(figures) = &ended.outcome {
                let insert = "INSERT OR REPLACE INTO figure (trial, rung, name, mean, deviation) \
                              VALUES (?1, ?2, ?3, ?4, ?5)";
                for (objective, Figure { mean, deviation }) in figures {
                    let name = objective.to_string();
                    transaction.execute(insert, params![trial, rung, name, mean, deviation])?;
                }
            }
            let insert = "INSERT OR REPLACE INTO checkpoint (trial, rung, fold, state) \
                          VALUES (?1, ?2, ?3, ?4)";
            for (fold, state) in states.iter().enumerate() {
                transaction.execute(insert, params![trial, rung, number(fold), state])?;
            }
            transaction.commit()
        };
        let written = write();
        written.map_err(|error| self.fault(&error))
    }

    /// Forgets the networks of all trials but some.
    pub(super) fn keep(&self, trials: &[u32]) -> Result<(), Diagnostic> {
        let kept: Vec<String> = trials.iter().map(u32::to_string).collect();
        let delete = format!("DELETE FROM checkpoint WHERE trial NOT IN ({})", kept.join(", "));
        self.connection.execute(&delete, []).map_err(|error| self.fault(&error))?;
        Ok(())
    }

    fn rows<T>(
        &self,
        query: &str,
        of: impl Fn(&rusqlite::Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Diagnostic> {
        let read = || -> Result<Vec<T>, Error> {
            let mut statement = self.connection.prepare(query)?;
            statement.query_map([], of)?.collect()
        };
        read().map_err(|error| self.fault(&error))
    }

    fn broken(&self, number: u32, why: &dyn std::fmt::Display) -> Diagnostic {
        let message = format!("trial {number} is broken: {why}");
        let help = "leave out `--resume`, and choose another directory with `-o`";
        Diagnostic::error(Code::L0702, message, help).at(&self.place)
    }

    fn fault(&self, error: &Error) -> Diagnostic {
        fault(&self.place, error)
    }
}

/// A rung, or a fold, as the tables have it.
fn number(index: usize) -> u32 {
    u32::try_from(index).expect("rungs and folds are few")
}

fn index(number: u32) -> usize {
    usize::try_from(number).expect("32 bits fit")
}

fn fault(place: &str, error: &Error) -> Diagnostic {
    let message = format!("`{place}` could not be read or written: {error}");
    Diagnostic::error(Code::C0403, message, "choose another directory with `-o`")
}
