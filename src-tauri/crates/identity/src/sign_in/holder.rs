//! Which program has a port, where the system tells: so that "the port is taken" can say by what.

/// The name and process id of the program that listens on a loopback port.
#[cfg(target_os = "linux")]
pub(super) fn of(port: u16) -> Option<String> {
    use std::fs;

    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| listening(line, port)).collect::<Vec<_>>())
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let holds = |process: &fs::DirEntry| {
        fs::read_dir(process.path().join("fd")).is_ok_and(|handles| {
            handles.flatten().any(|handle| {
                fs::read_link(handle.path())
                    .is_ok_and(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str()))
            })
        })
    };
    let is_process = |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok());
    let process = fs::read_dir("/proc").ok()?.flatten().filter(is_process).find(holds)?;
    let name = fs::read_to_string(process.path().join("comm")).ok()?;
    Some(format!("{} ({})", name.trim(), process.file_name().to_string_lossy()))
}

/// The inode of the socket in a line of `/proc/net/tcp`, where it listens on the port.
/// Fields: <https://docs.kernel.org/networking/proc_net_tcp.html>.
#[cfg(target_os = "linux")]
fn listening(line: &str, port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let local = u16::from_str_radix(fields.get(1)?.rsplit_once(':')?.1, 16).ok()?;
    (local == port && *fields.get(3)? == LISTEN).then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
}

/// Other systems do not tell without further rights.
#[cfg(not(target_os = "linux"))]
pub(super) fn of(_port: u16) -> Option<String> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_port_of_this_process_is_this_process() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = socket.local_addr().expect("it has an address").port();
        let holder = super::of(port).expect("the system tells");
        assert!(holder.ends_with(&format!("({})", std::process::id())), "{holder}");
    }
}
