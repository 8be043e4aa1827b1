//! Writing files so that nothing is ever half written: beside, then renamed.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::load;
use crate::diag::{Code, Diagnostic};
use crate::emit::Artifacts;

/// Refuses an output directory that exists, unless it may be replaced.
///
/// With `force`, only a directory that an earlier run wrote (it holds a report
/// and a compiled network), or an empty one, is replaced: never somebody's home.
pub(super) fn check_directory(path: &Path, force: bool) -> Result<(), Diagnostic> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let place = path.display().to_string();
    let empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    let ours = [load::REPORT, load::FIXED_GRAPH].iter().all(|file| path.join(file).is_file());
    match (force, empty || ours) {
        (true, true) => Ok(()),
        (true, false) => Err(Diagnostic::error(
            Code::C0404,
            format!("`{place}` exists and was not written by trigforge"),
            "choose another directory with `-o`",
        )),
        (false, _) => Err(Diagnostic::error(
            Code::C0404,
            format!("output directory `{place}` exists"),
            "add `--force` to replace it, or choose another with `-o`",
        )),
    }
}

/// Writes a directory of files in one step: into a temporary directory beside it, then renamed.
///
/// What was there before is moved aside first and removed last.
pub(super) fn directory(path: &Path, artifacts: &Artifacts, force: bool) -> Result<(), Diagnostic> {
    check_directory(path, force)?;
    let fault = |source: std::io::Error| not_written(path, &source);
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(fault)?;
    let beside =
        tempfile::Builder::new().prefix(".trigforge-").tempdir_in(parent).map_err(fault)?;
    for (file, text) in artifacts {
        let target = beside.path().join(file);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(fault)?;
        }
        fs::write(target, text).map_err(fault)?;
    }
    readable(beside.path()).map_err(fault)?;
    let old = tempfile::Builder::new().prefix(".trigforge-").tempdir_in(parent).map_err(fault)?;
    if path.exists() {
        fs::rename(path, old.path().join("old")).map_err(fault)?;
    }
    fs::rename(beside.path(), path).map_err(fault)?;
    // Only the name is left of it, and there is nothing to remove under it.
    let _ = beside.keep();
    Ok(())
}

/// Writes one file in one step.
pub(super) fn file(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let fault = |source: std::io::Error| not_written(path, &source);
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut beside = tempfile::NamedTempFile::new_in(parent).map_err(fault)?;
    beside.write_all(bytes).map_err(fault)?;
    beside.persist(path).map_err(|error| not_written(path, &error.error))?;
    readable(path).map_err(fault)
}

/// Adds to the end of a file, as summaries of CI jobs want it.
pub(super) fn append(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let fault = |source: std::io::Error| not_written(path, &source);
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).map_err(fault)?;
    file.write_all(bytes).map_err(fault)
}

/// Makes a directory and those above it, unless they exist.
pub(super) fn make_directory(path: &Path) -> Result<(), Diagnostic> {
    fs::create_dir_all(path).map_err(|source| not_written(path, &source))
}

/// Temporary files are private to their owner; results are not.
#[cfg(unix)]
fn readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn not_written(path: &Path, source: &std::io::Error) -> Diagnostic {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let is_in_the_way = source.kind() == std::io::ErrorKind::AlreadyExists;
    let mut above = path.ancestors().skip(usize::from(!is_in_the_way));
    let file = above.find(|folder| folder.is_file());
    let (why, help) = match (file, folder) {
        (Some(file), _) => {
            let why = format!("`{}` is a file", file.display());
            (why, "choose a path below a directory".to_owned())
        }
        (None, Some(folder)) if !folder.exists() => {
            let why = format!("there is no directory `{}`", folder.display());
            (why, format!("`mkdir -p {}`", folder.display()))
        }
        // The name of the temporary file beside it would only confuse.
        (None, _) => {
            let text = source.to_string();
            let why = text.split(" at path ").next().unwrap_or(&text).to_owned();
            (why, "choose a path that can be written".to_owned())
        }
    };
    let message = format!("`{}` could not be written: {why}", path.display());
    Diagnostic::error(Code::C0403, message, help)
}

/// A name with nothing that a file system could take amiss.
pub(super) fn file_name(name: &str) -> String {
    let kept = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' });
    kept.collect::<String>().trim_matches('_').to_owned()
}
