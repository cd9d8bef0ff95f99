//! The profiles at hand: the user's files, the shipped examples and the practice fleet.
//!
//! A file that cannot be understood is listed with its error and never hides the others. Files are written atomically
//! (a temporary file beside the target, flushed to disk, renamed), so that no crash leaves half a profile. Ids are
//! looked up among the files that exist and never joined to a path, so an id cannot lead out of the folder.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use capibara6_protocol::{
    AppError, ErrorCode, ModelEntry, Profile, ProfileId, ProfileOption, ProfileOrigin, ProfileView,
};

use crate::{address, document, rules, slug};

/// The id of the practice fleet.
pub const PRACTICE_ID: &str = "practice";

const EXTENSION: &str = "toml";
/// Larger files are not profiles.
const LARGEST_FILE: u64 = 1024 * 1024;
const EXAMPLES: [(&str, &str); 2] = [("capibara6", crate::CAPIBARA6_TOML), ("local", crate::LOCAL_TOML)];

/// The folder with the user's profiles. Every method does blocking file I/O and none of them keeps anything in memory.
#[derive(Debug, Clone)]
pub struct ProfileFolder {
    directory: PathBuf,
    named: Option<PathBuf>,
}

/// A profile's file.
struct Entry {
    id: ProfileId,
    path: PathBuf,
}

impl ProfileFolder {
    /// The profiles in `directory`, which need not exist yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), named: None }
    }

    /// The same with a file that stands first, wherever it is: the one that `CAPIBARA6_PROFILE` names.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.named = Some(path.into());
        self
    }

    /// The id of the file given to [`Self::with_file`].
    pub fn named_id(&self) -> Option<ProfileId> {
        let named = self.named.as_deref()?;
        self.entries().into_iter().find(|entry| entry.path == named).map(|entry| entry.id)
    }

    /// All profiles: files by name (the named one first), then the examples that no file replaces, then the practice
    /// fleet. A folder that cannot be read counts as empty.
    pub fn list(&self) -> Vec<ProfileOption> {
        let entries = self.entries();
        let mut options: Vec<_> = entries.iter().map(describe).collect();
        let named = usize::from(self.named.is_some());
        options[named..].sort_by_cached_key(|option| (option.name.to_lowercase(), option.id.clone()));
        for (id, text) in EXAMPLES {
            if !entries.iter().any(|entry| entry.id.as_str() == id) {
                options.push(option(ProfileId::from(id), ProfileOrigin::Example, document::parse(text)));
            }
        }
        let practice = crate::local().map(|profile| Profile { name: PRACTICE_NAME.to_owned(), ..profile });
        options.push(option(PRACTICE_ID.into(), ProfileOrigin::Practice, practice));
        options
    }

    /// Reads a file or an example.
    ///
    /// # Errors
    /// `NotFound` for an id that is not in [`Self::list`] and for the practice fleet, whose addresses only the running
    /// fleet knows; `ProfileInvalid` for a file that cannot be understood.
    pub fn read(&self, id: &ProfileId) -> Result<ProfileView, AppError> {
        let (origin, profile) = match self.find(id) {
            Some(entry) => (ProfileOrigin::File, read_file(&entry.path)?),
            None => (ProfileOrigin::Example, document::parse(example(id).ok_or(ErrorCode::NotFound)?)?),
        };
        let insecure = address::insecure_models(&profile);
        Ok(ProfileView { id: id.clone(), origin, profile, insecure })
    }

    /// Writes a profile and returns its id: `id` itself, or a new one made from the name.
    ///
    /// Saving under the id of an example makes a file that stands before the example; deleting that file brings the
    /// example back.
    ///
    /// # Errors
    /// `InvalidInput` where the profile breaks a rule, `NotFound` where `id` is not that of a file or example,
    /// `StorageFull`, `StorageReadOnly` or `StorageFailed` where the file cannot be written; the old one is then intact.
    pub fn save(&self, id: Option<&ProfileId>, profile: &Profile) -> Result<ProfileId, AppError> {
        rules::validate(profile)?;
        let text = document::to_toml(profile);
        if let Some(id) = id {
            let path = match self.find(id) {
                Some(entry) => entry.path,
                None if example(id).is_some() => self.path_of(id.as_str()),
                None => return Err(ErrorCode::NotFound.into()),
            };
            replace(&path, &text).map_err(|error| storage(&error))?;
            return Ok(id.clone());
        }
        self.create(&slug::slug(&profile.name), &text).map_err(|error| storage(&error))
    }

    /// Removes a file of the folder.
    ///
    /// # Errors
    /// `NotFound` where there is no such file; `InvalidInput` for an example, the practice fleet and the file that
    /// `CAPIBARA6_PROFILE` names, which is not ours to remove; the storage codes where the system refuses.
    pub fn delete(&self, id: &ProfileId) -> Result<(), AppError> {
        let refused = || AppError::new(ErrorCode::InvalidInput).with_field("id");
        match self.find(id) {
            Some(entry) if Some(&entry.path) == self.named.as_ref() => Err(refused()),
            Some(entry) => fs::remove_file(entry.path).map_err(|error| storage(&error)),
            None if id.as_str() == PRACTICE_ID || example(id).is_some() => Err(refused()),
            None => Err(ErrorCode::NotFound.into()),
        }
    }

    /// Where the PEM file of a profile is, if it names one: relative paths start at the profile's own folder.
    pub fn ca_file(&self, id: &ProfileId, profile: &Profile) -> Option<PathBuf> {
        let named = profile.network.ca_file.as_ref()?;
        let entry = self.find(id);
        let folder = entry.as_ref().and_then(|entry| entry.path.parent()).unwrap_or(&self.directory);
        Some(folder.join(named))
    }

    fn find(&self, id: &ProfileId) -> Option<Entry> {
        self.entries().into_iter().find(|entry| entry.id == *id)
    }

    fn path_of(&self, stem: &str) -> PathBuf {
        self.directory.join(stem).with_added_extension(EXTENSION)
    }

    /// The files, the named one first. An id is the file's stem, or its whole name where the stem is taken.
    fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let named = self.named.iter().cloned();
        let same_file = self.named.as_deref().and_then(|path| fs::canonicalize(path).ok());
        let inside = files(&self.directory)
            .into_iter()
            .filter(|path| same_file.is_none() || fs::canonicalize(path).ok() != same_file);
        for path in named.chain(inside) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let taken = stem == PRACTICE_ID || entries.iter().any(|entry| entry.id.as_str() == stem);
            let name = if taken { path.file_name().unwrap_or_default().to_string_lossy() } else { stem };
            let id = ProfileId::from(name.into_owned());
            entries.push(Entry { id, path });
        }
        entries
    }

    fn create(&self, stem: &str, text: &str) -> io::Result<ProfileId> {
        // A free number always exists: the folder is finite.
        for number in 1u32.. {
            let candidate = if number == 1 { stem.to_owned() } else { format!("{stem}-{number}") };
            let reserved = candidate == PRACTICE_ID
                || EXAMPLES.iter().any(|(id, _)| *id == candidate)
                || self.entries().iter().any(|entry| entry.id.as_str().eq_ignore_ascii_case(&candidate));
            if reserved {
                continue;
            }
            match write(&self.path_of(&candidate), text, Existing::Keep) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
                outcome => return outcome.map(|()| ProfileId::from(candidate)),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// What the practice fleet is called where the window has no words of its own for it.
const PRACTICE_NAME: &str = "Practice";

fn example(id: &ProfileId) -> Option<&'static str> {
    EXAMPLES.iter().find(|(example, _)| *example == id.as_str()).map(|(_, text)| *text)
}

/// The profile files of a folder by name.
fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            let toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION));
            toml && !hidden && !path.is_dir()
        })
        .collect();
    files.sort();
    files
}

fn describe(entry: &Entry) -> ProfileOption {
    option(entry.id.clone(), ProfileOrigin::File, read_file(&entry.path))
}

fn option(id: ProfileId, origin: ProfileOrigin, profile: Result<Profile, AppError>) -> ProfileOption {
    match profile {
        Ok(profile) => {
            let models = profile.models.iter().map(|model| ModelEntry::shown_name(model).to_owned()).collect();
            ProfileOption { id, name: profile.name, origin, models, error: None }
        }
        Err(error) => ProfileOption { name: id.0.clone(), id, origin, models: Vec::new(), error: Some(error) },
    }
}

fn read_file(path: &Path) -> Result<Profile, AppError> {
    let invalid = |why: String| AppError::new(ErrorCode::ProfileInvalid).with_detail(why);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    read.map_err(|error| invalid(error.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_FILE) {
        return Err(invalid(format!("is longer than {LARGEST_FILE} bytes")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = 1 + bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count();
        invalid(format!("line {line}: is not UTF-8"))
    })?;
    document::parse(text)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Someone who keeps the file elsewhere and links to it keeps the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    write(&target, text, Existing::Replace)
}

/// What happens to a file that is already there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existing {
    Replace,
    Keep,
}

fn write(path: &Path, text: &str, existing: Existing) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.as_file().sync_all()?;
    match existing {
        Existing::Replace => file.persist(path)?,
        Existing::Keep => file.persist_noclobber(path)?,
    };
    sync_folder(folder)
}

/// Makes the new name last through a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows has no such call: the rename itself is journalled.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn storage(error: &io::Error) -> AppError {
    let code = if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        ErrorCode::StorageFull
    } else if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
        ErrorCode::StorageReadOnly
    } else {
        ErrorCode::StorageFailed
    };
    AppError::new(code).with_detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &str =
        "name = 'Mine'\n[[models]]\nid = 'm'\nlabel = 'Model M'\nurl = 'http://8.8.8.8/v1'\ntier = 'fast'\n";

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, ProfileFolder) {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("config/profiles");
        fs::create_dir_all(&directory).unwrap();
        for (name, text) in files {
            fs::write(directory.join(name), text).unwrap();
        }
        (home, ProfileFolder::new(directory))
    }

    fn listed(folder: &ProfileFolder) -> Vec<(String, ProfileOrigin, bool)> {
        folder.list().into_iter().map(|option| (option.id.0, option.origin, option.error.is_none())).collect()
    }

    fn names(folder: &ProfileFolder) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&folder.directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn shipped() -> Vec<(String, ProfileOrigin, bool)> {
        vec![
            ("capibara6".into(), ProfileOrigin::Example, true),
            ("local".into(), ProfileOrigin::Example, true),
            ("practice".into(), ProfileOrigin::Practice, true),
        ]
    }

    fn mine() -> Profile {
        document::parse(MINE).unwrap()
    }

    #[test]
    fn without_files_the_shipped_ones_are_listed_and_nothing_is_created() {
        let home = tempfile::tempdir().unwrap();
        let folder = ProfileFolder::new(home.path().join("absent"));
        assert_eq!(listed(&folder), shipped());
        assert!(!folder.directory.exists());
        let practice = folder.list().pop().unwrap();
        assert_eq!(
            practice,
            ProfileOption {
                id: "practice".into(),
                name: "Practice".into(),
                origin: ProfileOrigin::Practice,
                models: ["GPT-OSS 20B", "Qwen2.5 Coder 1.5B", "Phi-4 Mini", "Mixtral 8x7B"].map(Into::into).into(),
                error: None,
            }
        );
    }

    #[test]
    fn a_broken_file_is_listed_with_its_error_and_hides_nothing() {
        let (_home, folder) = folder(&[
            ("broken.toml", "name = 'x'\nmodels = 7"),
            ("binary.TOML", "\u{0}\u{1}"),
            ("mine.toml", MINE),
            (".hidden.toml", MINE),
            ("notes.txt", "no profile"),
        ]);
        fs::create_dir(folder.directory.join("folder.toml")).unwrap();
        fs::write(folder.directory.join("latin1.toml"), b"name = 'a'\n# \xf1").unwrap();
        let file = |id: &str, ok| (id.to_owned(), ProfileOrigin::File, ok);
        let mut wanted = vec![file("binary", false), file("broken", false), file("latin1", false), file("mine", true)];
        wanted.extend(shipped());
        assert_eq!(listed(&folder), wanted);

        let error = |id: &str| folder.read(&id.into()).unwrap_err();
        assert_eq!(
            error("broken"),
            AppError::new(ErrorCode::ProfileInvalid)
                .with_field("models")
                .with_detail("line 2: invalid type: integer `7`, expected a sequence")
        );
        assert_eq!(error("latin1"), AppError::new(ErrorCode::ProfileInvalid).with_detail("line 2: is not UTF-8"));
    }

    #[test]
    fn a_file_too_long_is_refused() {
        let (_home, folder) = folder(&[("long.toml", &"#".repeat(1024 * 1024 + 1))]);
        assert_eq!(
            folder.read(&"long".into()),
            Err(AppError::new(ErrorCode::ProfileInvalid).with_detail("is longer than 1048576 bytes"))
        );
    }

    #[test]
    fn reading_gives_the_profile_its_origin_and_what_is_insecure() {
        let (_home, folder) = folder(&[("mine.toml", MINE)]);
        let view = |id: &str, origin, profile, insecure: &[&str]| ProfileView {
            id: id.into(),
            origin,
            profile,
            insecure: insecure.iter().map(|id| (*id).into()).collect(),
        };
        assert_eq!(folder.read(&"mine".into()), Ok(view("mine", ProfileOrigin::File, mine(), &["m"])));
        assert_eq!(
            folder.read(&"local".into()),
            Ok(view("local", ProfileOrigin::Example, crate::local().unwrap(), &[]))
        );
        let platform = document::parse(crate::CAPIBARA6_TOML).unwrap();
        assert_eq!(
            folder.read(&"capibara6".into()),
            Ok(view(
                "capibara6",
                ProfileOrigin::Example,
                platform,
                &["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"]
            ))
        );
        for absent in ["practice", "", "other", "../profiles/mine", "mine.toml"] {
            assert_eq!(folder.read(&absent.into()), Err(ErrorCode::NotFound.into()), "{absent}");
        }
    }

    #[test]
    fn new_profiles_get_ids_from_their_names_and_never_replace_anything() {
        let (_home, folder) = folder(&[("MINE.toml", MINE)]);
        let named = |name: &str| Profile { name: name.into(), ..mine() };
        let ids: Vec<_> = ["Mine", "mine", "Capibara6", "Practice", "CON", "模型", "Álava"]
            .map(|name| folder.save(None, &named(name)).unwrap().0)
            .into();
        assert_eq!(ids, ["mine-2", "mine-3", "capibara6-2", "practice-2", "profile-con", "profile", "alava"]);
        assert_eq!(folder.read(&"alava".into()).unwrap().profile, named("Álava"));
        assert_eq!(
            names(&folder),
            [
                "MINE.toml",
                "alava.toml",
                "capibara6-2.toml",
                "mine-2.toml",
                "mine-3.toml",
                "practice-2.toml",
                "profile-con.toml",
                "profile.toml"
            ]
        );
    }

    #[test]
    fn saving_creates_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let folder = ProfileFolder::new(home.path().join("a/b"));
        assert_eq!(folder.save(None, &mine()), Ok("mine".into()));
        assert_eq!(fs::read_to_string(folder.directory.join("mine.toml")).unwrap(), document::to_toml(&mine()));
    }

    #[test]
    fn saving_replaces_a_file_and_stands_before_an_example() {
        let (_home, folder) = folder(&[("mine.toml", "broken")]);
        assert_eq!(folder.save(Some(&"mine".into()), &mine()), Ok("mine".into()));
        assert_eq!(folder.read(&"mine".into()).unwrap().profile, mine());

        assert_eq!(folder.save(Some(&"local".into()), &mine()), Ok("local".into()));
        assert_eq!(folder.read(&"local".into()).unwrap().origin, ProfileOrigin::File);
        assert_eq!(names(&folder), ["local.toml", "mine.toml"]);
        assert_eq!(folder.delete(&"local".into()), Ok(()));
        assert_eq!(folder.read(&"local".into()).unwrap().profile, crate::local().unwrap());

        for absent in ["practice", "other", "../other"] {
            assert_eq!(folder.save(Some(&absent.into()), &mine()), Err(ErrorCode::NotFound.into()), "{absent}");
        }
    }

    #[test]
    fn a_profile_that_breaks_a_rule_is_not_written() {
        let (_home, folder) = folder(&[]);
        let wanted = AppError::new(ErrorCode::InvalidInput).with_field("name").with_detail("must not be empty");
        assert_eq!(folder.save(None, &Profile { name: String::new(), ..mine() }), Err(wanted));
        assert_eq!(names(&folder), Vec::<String>::new());
    }

    #[test]
    fn only_own_files_can_be_deleted() {
        let (home, folder) = folder(&[("mine.toml", MINE), ("other.toml", MINE)]);
        let named = home.path().join("named.toml");
        fs::write(&named, MINE).unwrap();
        let folder = folder.with_file(&named);
        let refused = AppError::new(ErrorCode::InvalidInput).with_field("id");
        let outcomes: Vec<_> =
            ["mine", "mine", "local", "practice", "named", "../named"].map(|id| folder.delete(&id.into())).into();
        let absent = || AppError::from(ErrorCode::NotFound);
        assert_eq!(
            outcomes,
            [Ok(()), Err(absent()), Err(refused.clone()), Err(refused.clone()), Err(refused), Err(absent())]
        );
        assert!(named.exists());
        assert_eq!(names(&folder), ["other.toml"]);
    }

    #[test]
    fn a_named_file_stands_first_whatever_the_folder_holds() {
        let (home, folder) = folder(&[("fleet.toml", MINE), ("a.toml", MINE), ("practice.toml", MINE)]);
        let named = home.path().join("fleet.toml");
        let file = |id: &str, ok| (id.to_owned(), ProfileOrigin::File, ok);

        let missing = folder.clone().with_file(&named);
        let mut wanted =
            vec![file("fleet", false), file("a", true), file("fleet.toml", true), file("practice.toml", true)];
        wanted.extend(shipped());
        assert_eq!(listed(&missing), wanted);
        assert_eq!(missing.named_id(), Some("fleet".into()));

        let same = folder.directory.join("fleet.toml");
        let inside = folder.with_file(same);
        let mut wanted = vec![file("fleet", true), file("a", true), file("practice.toml", true)];
        wanted.extend(shipped());
        assert_eq!(listed(&inside), wanted);
    }

    #[test]
    fn a_relative_ca_file_is_beside_its_profile() {
        let (home, folder) = folder(&[("mine.toml", MINE)]);
        let named = home.path().join("named.toml");
        fs::write(&named, MINE).unwrap();
        let folder = folder.with_file(&named);
        let mut profile = mine();
        assert_eq!(folder.ca_file(&"mine".into(), &profile), None);
        profile.network.ca_file = Some("ca.pem".into());
        assert_eq!(folder.ca_file(&"mine".into(), &profile), Some(folder.directory.join("ca.pem")));
        assert_eq!(folder.ca_file(&"named".into(), &profile), Some(home.path().join("ca.pem")));
        let absolute = home.path().join("elsewhere.pem");
        profile.network.ca_file = Some(absolute.to_string_lossy().into_owned());
        assert_eq!(folder.ca_file(&"mine".into(), &profile), Some(absolute));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_its_targets_mode_are_kept() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let (home, folder) = folder(&[]);
        let elsewhere = home.path().join("kept.toml");
        fs::write(&elsewhere, MINE).unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&elsewhere, folder.directory.join("link.toml")).unwrap();

        let changed = Profile { name: "Changed".into(), ..mine() };
        assert_eq!(folder.save(Some(&"link".into()), &changed), Ok("link".into()));
        assert!(folder.directory.join("link.toml").is_symlink());
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), document::to_toml(&changed));
        assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("file"), "").unwrap();
        let folder = ProfileFolder::new(home.path().join("file/profiles"));
        assert_eq!(folder.save(None, &mine()).unwrap_err().code, ErrorCode::StorageFailed);
        assert_eq!(listed(&folder), shipped());
    }
}
