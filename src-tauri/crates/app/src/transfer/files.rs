//! Files that are written: whole or not at all, and never in the place of one that the user did not name.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// How many names are tried before a folder is given up.
const ATTEMPTS: u32 = 10_000;

/// A file that gets its name when it is whole; dropped before, it leaves nothing.
pub(super) struct Draft {
    file: Option<BufWriter<File>>,
    draft: PathBuf,
    place: Target,
}

/// Where a file shall be.
pub(super) enum Target {
    /// Exactly here, in the place of what is there: the user said so.
    Named(PathBuf),
    /// In this folder under this name, or the next free one like it.
    Free(PathBuf, String),
}

impl Draft {
    /// Begins a file beside its place.
    pub(super) fn begin(place: Target) -> io::Result<Self> {
        let (folder, name) = match &place {
            Target::Named(path) => {
                let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
                (path.parent().map(Path::to_owned).unwrap_or_default(), name)
            }
            Target::Free(folder, name) => (folder.clone(), name.clone()),
        };
        for attempt in 0..ATTEMPTS {
            let draft = folder.join(format!(".{}.{}-{attempt}.part", short(&name), std::process::id()));
            // Never follows a link that somebody put there, never opens what exists.
            match File::options().write(true).create_new(true).open(&draft) {
                Ok(file) => {
                    let file = Some(BufWriter::with_capacity(256 << 10, file));
                    return Ok(Self { file, draft, place });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// What is written to.
    pub(super) fn file(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// Gives the file its name, durably, and says which one it is.
    pub(super) fn publish(mut self) -> io::Result<PathBuf> {
        let file = self.file.take().ok_or(io::ErrorKind::BrokenPipe)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        match &self.place {
            Target::Named(path) => {
                fs::rename(&self.draft, path)?;
                Ok(path.clone())
            }
            Target::Free(folder, name) => {
                for attempt in 1..ATTEMPTS {
                    let path = folder.join(numbered(name, attempt));
                    match fs::hard_link(&self.draft, &path) {
                        Ok(()) => return Ok(path),
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                        // File systems without hard links.
                        Err(_) if !path.exists() => {
                            fs::rename(&self.draft, &path)?;
                            return Ok(path);
                        }
                        Err(_) => {}
                    }
                }
                Err(io::ErrorKind::AlreadyExists.into())
            }
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.file.take();
        // What is not there any more has its name by now.
        let _ = fs::remove_file(&self.draft);
    }
}

/// Makes a folder of this name, or of the next free one like it.
pub(super) fn make_folder(parent: &Path, name: &str) -> io::Result<PathBuf> {
    for attempt in 1..ATTEMPTS {
        let path = parent.join(numbered(name, attempt));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn numbered(name: &str, attempt: u32) -> String {
    if attempt == 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem} ({attempt}).{ending}"),
        _ => format!("{name} ({attempt})"),
    }
}

/// A name that leaves room for what is added to it.
fn short(name: &str) -> String {
    let mut end = name.len().min(80);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].to_owned()
}
