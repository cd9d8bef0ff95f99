//! Processes of the machine as `/proc` shows them: who descends from whom, how much memory and processor time they use.
//! Read-only but for [`Process::kill`].

use std::{fs, path::PathBuf, time::Duration};

use rustix::process::{Pid, Signal};

/// Clock ticks per second in `/proc/*/stat`: fixed at 100 on Linux, whatever the kernel's own rate.
const TICKS_PER_SECOND: u64 = 100;

/// A process that was alive when it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Process(pub u32);

impl Process {
    /// Everything that descends from this process, itself included.
    pub fn family(self) -> Vec<Self> {
        let parents: Vec<(Self, Self)> = fs::read_dir("/proc")
            .expect("/proc lists the processes")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|pid| Some((Self(pid), Self(Self(pid).stat()?.get(1)?.parse().ok()?))))
            .collect();
        let mut family = vec![self];
        let mut next = 0;
        while let Some(&parent) = family.get(next) {
            family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
            next += 1;
        }
        family
    }

    /// The program it runs.
    pub fn program(self) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{}/exe", self.0)).ok()
    }

    /// What it was started with: its arguments, and its environment.
    pub fn beginnings(self) -> String {
        let read = |file: &str| fs::read(format!("/proc/{}/{file}", self.0)).unwrap_or_default();
        format!("{}\n{}", String::from_utf8_lossy(&read("cmdline")), String::from_utf8_lossy(&read("environ")))
    }

    /// The last part of the program's path.
    pub fn name(self) -> String {
        self.program().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned())).unwrap_or_default()
    }

    /// Whether it still runs. A zombie does not, once its last thread is gone: until then its sockets and locks are held.
    pub fn is_alive(self) -> bool {
        let dead = self.stat().is_none_or(|fields| fields.first().is_none_or(|state| state == "Z" || state == "X"));
        let threads = fs::read_dir(format!("/proc/{}/task", self.0)).map_or(0, Iterator::count);
        !dead || threads > 1
    }

    /// Proportional set size in KiB: shared pages count by their share.
    pub fn pss_kib(self) -> Option<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0)).ok()?;
        rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
    }

    /// Processor time used so far, in user and kernel mode.
    pub fn cpu_time(self) -> Option<Duration> {
        processor_time(&self.stat()?)
    }

    /// Processor time that its first thread used so far, to the nanosecond: in a web process the thread that runs scripts and
    /// lays out. From `schedstat`, because `stat` counts whole hundredths of a second.
    pub fn main_thread_time(self) -> Option<Duration> {
        let path = format!("/proc/{0}/task/{0}/schedstat", self.0);
        let nanoseconds = fs::read_to_string(path).ok()?.split(' ').next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }

    /// Ends it at once, without a chance to tidy up.
    pub fn kill(self) {
        self.signal(Signal::KILL);
    }

    /// Asks it to end.
    pub fn terminate(self) {
        self.signal(Signal::TERM);
    }

    /// Interrupts it, as Ctrl+C on its terminal does.
    pub fn interrupt(self) {
        self.signal(Signal::INT);
    }

    /// Ends every process of its group at once. Only for a process that was started as the leader of its group.
    pub(crate) fn kill_group(self) {
        if let Some(pid) = self.pid() {
            // an error means that the group is gone already, which is what is wanted
            rustix::process::kill_process_group(pid, Signal::KILL).ok();
        }
    }

    fn signal(self, signal: Signal) {
        if let Some(pid) = self.pid() {
            // an error means that it is gone already, which is what is wanted
            rustix::process::kill_process(pid, signal).ok();
        }
    }

    fn pid(self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.0).ok()?)
    }

    /// The fields of `/proc/<pid>/stat` after the name: state, parent, … (see proc(5)).
    fn stat(self) -> Option<Vec<String>> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        fields(&stat)
    }
}

fn fields(stat: &str) -> Option<Vec<String>> {
    // the name stands in parentheses and may hold spaces and parentheses itself
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn processor_time(fields: &[String]) -> Option<Duration> {
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}
