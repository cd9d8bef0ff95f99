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
    //!
    //! Where there is no graphics card at all (a virtual machine, a remote desktop), composing layers means that the processors
    //! play a graphics card, for every frame of the whole window. Drawing only what has changed costs about a tenth of
    //! it, and the web process three fifths of the memory (docs/benchmarks.md), so there the layers are switched off.

    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;
    use std::process::Command;

    /// What we set.
    const SHARED_MEMORY: &str = "WEBKIT_DMABUF_RENDERER_FORCE_SHM";
    const NO_LAYERS: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

    /// Any of these means that the user has chosen already.
    const CHOICES: [&str; 3] = [SHARED_MEMORY, "WEBKIT_DISABLE_DMABUF_RENDERER", NO_LAYERS];

    /// By these Mesa is told to use the processors although there is a card.
    const SOFTWARE: &str = "LIBGL_ALWAYS_SOFTWARE";

    /// What the devices of graphics cards are called: those that the kernel's own drivers make for rendering, and those of drivers that
    /// go their own way (NVIDIA, Windows' subsystem for Linux, Mali, Adreno, PowerVR).
    const CARDS: [(&str, &str); 6] = [
        ("/dev/dri", "renderD"),
        ("/dev", "nvidiactl"),
        ("/dev", "dxg"),
        ("/dev", "mali"),
        ("/dev", "kgsl"),
        ("/dev", "pvr"),
    ];

    /// How the webview shall hand its pictures over.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Renderer {
        /// As WebKitGTK does by itself.
        Default,
        /// As the environment says: the user's word, or ours from before the program started itself anew.
        Chosen,
        /// Through shared memory.
        SharedMemory,
        /// Without layers: only what has changed is drawn, by the processors.
        Plain,
    }

    /// What draws.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Card {
        None,
        Nvidia,
        Other,
    }

    impl Card {
        fn find() -> Self {
            if Path::new("/proc/driver/nvidia/version").exists() {
                return Self::Nvidia;
            }
            let is_there = |(folder, name): &(&str, &str)| {
                fs::read_dir(folder).is_ok_and(|found| {
                    found.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(name))
                })
            };
            if CARDS.iter().any(is_there) { Self::Other } else { Self::None }
        }
    }

    impl Renderer {
        fn choose(get: impl Fn(&str) -> Option<OsString>, card: Card) -> Self {
            if CHOICES.iter().any(|name| get(name).is_some()) {
                return Self::Chosen;
            }
            let software = get(SOFTWARE).is_some_and(|word| !["", "0", "false"].iter().any(|no| word == *no));
            if software || card == Card::None {
                return Self::Plain;
            }
            let wayland = get("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
                && get("GDK_BACKEND").is_none_or(|backend| backend != "x11");
            if wayland && card == Card::Nvidia { Self::SharedMemory } else { Self::Default }
        }

        /// The variable by which the webview is told.
        fn variable(self) -> Option<&'static str> {
            match self {
                Self::Default | Self::Chosen => None,
                Self::SharedMemory => Some(SHARED_MEMORY),
                Self::Plain => Some(NO_LAYERS),
            }
        }
    }

    /// Decides how the webview draws. Where that takes a variable, the program starts itself anew with it set, because
    /// setting one in a running process is not sound; then this does not return.
    pub fn choose_renderer() -> Renderer {
        let renderer = Renderer::choose(|name| std::env::var_os(name), Card::find());
        if let Some(variable) = renderer.variable()
            && let Ok(program) = std::env::current_exe()
        {
            let error = Command::new(program).args(std::env::args_os().skip(1)).env(variable, "1").exec();
            tracing::warn!(%error, variable, "could not start anew");
        }
        renderer
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_what_the_machine_needs_and_only_where_the_user_is_silent() {
            let wayland = ("WAYLAND_DISPLAY", "wayland-0");
            let cases = [
                (vec![], Card::Nvidia, Renderer::Default),
                (vec![wayland], Card::Other, Renderer::Default),
                (vec![wayland], Card::Nvidia, Renderer::SharedMemory),
                (vec![("WAYLAND_DISPLAY", "")], Card::Nvidia, Renderer::Default),
                (vec![wayland, ("GDK_BACKEND", "x11")], Card::Nvidia, Renderer::Default),
                (vec![wayland, ("WEBKIT_DISABLE_DMABUF_RENDERER", "1")], Card::Nvidia, Renderer::Chosen),
                (vec![wayland, (SHARED_MEMORY, "0")], Card::Nvidia, Renderer::Chosen),
                (vec![], Card::None, Renderer::Plain),
                (vec![wayland], Card::None, Renderer::Plain),
                (vec![(NO_LAYERS, "0")], Card::None, Renderer::Chosen),
                (vec![(NO_LAYERS, "1")], Card::Other, Renderer::Chosen),
                (vec![(SOFTWARE, "1")], Card::Other, Renderer::Plain),
                (vec![(SOFTWARE, "true")], Card::Nvidia, Renderer::Plain),
                (vec![(SOFTWARE, "0")], Card::Other, Renderer::Default),
                (vec![(SOFTWARE, "")], Card::Other, Renderer::Default),
            ];
            for (environment, card, expected) in cases {
                let get = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
                assert_eq!(Renderer::choose(get, card), expected, "{environment:?}, {card:?}");
            }
        }

        #[test]
        fn a_program_that_started_anew_does_not_do_so_again() {
            for renderer in [Renderer::SharedMemory, Renderer::Plain] {
                let variable = renderer.variable().expect("a variable");
                let get = |name: &str| (name == variable).then(|| "1".into());
                assert_eq!(Renderer::choose(get, Card::None), Renderer::Chosen);
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
