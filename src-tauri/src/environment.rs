//! What the program takes from the system it runs on: where data lives, which profile is imposed, which languages people
//! read, and what the system's webview needs to draw. The environment is read here and nowhere else in the shell.

use std::ffi::OsString;
use std::path::PathBuf;

/// The data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// Where the system puts the data of programs.
    Usual(PathBuf),
    /// Where `CAPIBARA6_HOME` says.
    Chosen(PathBuf),
}

impl Home {
    /// Reads the environment. `None` where neither `CAPIBARA6_HOME` nor the system says where data goes.
    pub fn read() -> Option<Self> {
        home(std::env::var_os("CAPIBARA6_HOME"), dirs::data_local_dir())
    }

    /// The directory, absolute.
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::Usual(path) | Self::Chosen(path) => path,
        }
    }
}

/// `CAPIBARA6_PROFILE`: the profile to use at once, without onboarding.
pub fn profile() -> Option<PathBuf> {
    std::env::var_os("CAPIBARA6_PROFILE").filter(|path| !path.is_empty()).and_then(absolute)
}

/// The system's preferred languages, best first.
pub fn locales() -> Vec<String> {
    sys_locale::get_locales().collect()
}

/// `CAPIBARA6_LOG`: how much is logged; as usual where absent.
pub fn log_level() -> Option<String> {
    std::env::var(capibara6_logging::LEVEL_VARIABLE).ok()
}

/// The program that `BROWSER` names, on systems where that is how a browser is chosen. The variable is a list; entries that
/// are command lines are left to `xdg-open`, which knows how to read them.
pub fn browser() -> Option<String> {
    if cfg!(any(windows, target_os = "macos")) {
        return None;
    }
    first_program(&std::env::var("BROWSER").ok()?)
}

fn first_program(list: &str) -> Option<String> {
    let first = list.split(':').find(|entry| !entry.is_empty())?;
    let plain = !first.contains(['%', '"', '\'', ' ']);
    plain.then(|| first.to_owned())
}

fn home(chosen: Option<OsString>, usual: Option<PathBuf>) -> Option<Home> {
    let usual = usual.map(|folder| folder.join("capibara6"));
    let chosen = chosen.filter(|path| !path.is_empty()).and_then(absolute);
    match (chosen, usual) {
        (Some(chosen), usual) if Some(&chosen) != usual.as_ref() => Some(Home::Chosen(chosen)),
        (_, usual) => usual.map(Home::Usual),
    }
}

fn absolute(path: OsString) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

#[cfg(target_os = "linux")]
pub use renderer::choose_renderer;

#[cfg(target_os = "linux")]
mod renderer {
    //! WebKitGTK hands its pictures to the compositor as DMA buffers. With NVIDIA's driver under Wayland that ends in an
    //! empty window or a crash on many machines; copying through shared memory is enough to mend it and keeps the graphics
    //! card in use, unlike switching the renderer off.

    use std::ffi::OsString;
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;
    use std::process::Command;

    /// What we set.
    const SHARED_MEMORY: &str = "WEBKIT_DMABUF_RENDERER_FORCE_SHM";

    /// Any of these means that the user has chosen already.
    const CHOICES: [&str; 3] = [SHARED_MEMORY, "WEBKIT_DISABLE_DMABUF_RENDERER", "WEBKIT_DISABLE_COMPOSITING_MODE"];

    /// How the webview shall hand its pictures over.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Renderer {
        /// As WebKitGTK does by itself.
        Default,
        /// As the environment says: the user's word, or ours from before the program started itself anew.
        Chosen,
        /// Through shared memory.
        SharedMemory,
    }

    impl Renderer {
        fn choose(get: impl Fn(&str) -> Option<OsString>, nvidia: bool) -> Self {
            if CHOICES.iter().any(|name| get(name).is_some()) {
                return Self::Chosen;
            }
            let wayland = get("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
                && get("GDK_BACKEND").is_none_or(|backend| backend != "x11");
            if wayland && nvidia { Self::SharedMemory } else { Self::Default }
        }
    }

    /// Decides how the webview draws. Where that takes a variable, the program starts itself anew with it set, because
    /// setting one in a running process is not sound; then this does not return.
    pub fn choose_renderer() -> Renderer {
        let nvidia = Path::new("/proc/driver/nvidia/version").exists();
        let renderer = Renderer::choose(|name| std::env::var_os(name), nvidia);
        if renderer == Renderer::SharedMemory
            && let Ok(program) = std::env::current_exe()
        {
            let error = Command::new(program).args(std::env::args_os().skip(1)).env(SHARED_MEMORY, "1").exec();
            tracing::warn!(%error, "could not start anew with {SHARED_MEMORY}");
        }
        renderer
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn shared_memory_only_where_it_is_needed_and_the_user_is_silent() {
            let wayland = ("WAYLAND_DISPLAY", "wayland-0");
            let cases = [
                (vec![], true, Renderer::Default),
                (vec![wayland], false, Renderer::Default),
                (vec![wayland], true, Renderer::SharedMemory),
                (vec![("WAYLAND_DISPLAY", "")], true, Renderer::Default),
                (vec![wayland, ("GDK_BACKEND", "x11")], true, Renderer::Default),
                (vec![wayland, ("WEBKIT_DISABLE_DMABUF_RENDERER", "1")], true, Renderer::Chosen),
                (vec![wayland, (SHARED_MEMORY, "0")], true, Renderer::Chosen),
            ];
            for (environment, nvidia, expected) in cases {
                let get = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
                assert_eq!(Renderer::choose(get, nvidia), expected, "{environment:?}, nvidia: {nvidia}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_directory_is_chosen_or_usual() {
        let base = std::env::temp_dir();
        let usual = base.join("capibara6");
        let other = base.join("other");
        let cases = [
            (None, Some(base.clone()), Some(Home::Usual(usual.clone()))),
            (Some(OsString::new()), Some(base.clone()), Some(Home::Usual(usual.clone()))),
            (Some(usual.clone().into_os_string()), Some(base.clone()), Some(Home::Usual(usual))),
            (Some(other.clone().into_os_string()), Some(base), Some(Home::Chosen(other.clone()))),
            (Some(other.clone().into_os_string()), None, Some(Home::Chosen(other))),
            (None, None, None),
        ];
        for (chosen, system, expected) in cases {
            assert_eq!(home(chosen.clone(), system.clone()), expected, "{chosen:?}, {system:?}");
        }
    }

    #[test]
    fn a_relative_data_directory_becomes_absolute() {
        let found = home(Some("data".into()), None).expect("a home");
        assert_eq!(found, Home::Chosen(std::env::current_dir().expect("a directory").join("data")));
    }

    #[test]
    fn the_first_browser_of_the_list_that_is_a_plain_program() {
        let cases = [
            ("", None),
            ("firefox", Some("firefox")),
            ("/usr/bin/firefox:chromium", Some("/usr/bin/firefox")),
            (":chromium", Some("chromium")),
            ("firefox --new-tab %s:chromium", None),
        ];
        for (list, expected) in cases {
            assert_eq!(first_program(list).as_deref(), expected, "{list:?}");
        }
    }
}
