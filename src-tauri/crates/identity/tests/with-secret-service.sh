#!/usr/bin/env bash
# with-secret-service.sh STATE COMMAND…: runs COMMAND in a session of its own, with a home of its own, in which the Secret
# Service is in the given state:
#   unlocked    gnome-keyring with an unlocked login keyring
#   locked      the same, with a secret in it (service capibara6, username kept), and locked
#   uncreated   gnome-keyring that has never had a keyring
#   no-service  a session bus on which nobody keeps secrets
#   no-bus      no session bus
# Needs dbus, gnome-keyring and libsecret-tools; says so where one is missing. Nothing of the user's is touched.
set -euo pipefail
state=$1
shift

for tool in dbus-run-session gnome-keyring-daemon secret-tool; do
    command -v "$tool" >/dev/null || { echo "with-secret-service.sh: $tool is missing (packages dbus gnome-keyring libsecret-tools)" >&2; exit 69; }
done

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_RUNTIME_DIR=$home/run XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
mkdir -p -m 700 "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME/keyrings" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
unset DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY GNOME_KEYRING_CONTROL

# A bus that starts nothing by itself, so that only what is named here runs.
cat >"$home/bus.conf" <<BUS
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=$XDG_RUNTIME_DIR</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
BUS

# in_session PREPARATION COMMAND…: the daemon runs in the foreground of a child, so that it ends with the session.
in_session() {
    local preparation=$1
    shift
    dbus-run-session --config-file="$home/bus.conf" -- bash -c "
        set -euo pipefail
        $preparation
        \"\$@\" && outcome=0 || outcome=\$?
        [ -z \"\${daemon:-}\" ] || { kill \"\$daemon\" 2>/dev/null || true; wait \"\$daemon\" 2>/dev/null || true; }
        exit \"\$outcome\"" _ "$@"
}

# The daemon answers on the bus once it owns the name of the Secret Service.
ready='for _ in $(seq 200); do
    dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q "boolean true" && break
    sleep 0.05
done'
unlocked="printf password | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 & daemon=\$!; $ready"
started="gnome-keyring-daemon --foreground --components=secrets >/dev/null 2>&1 & daemon=\$!; $ready"

case $state in
unlocked) in_session "$unlocked" "$@" ;;
locked)
    in_session "$unlocked" bash -c 'printf "locked away" | secret-tool store --label=kept service capibara6 username kept'
    in_session "$started" "$@"
    ;;
uncreated) in_session "$started" "$@" ;;
no-service) in_session "" "$@" ;;
no-bus) "$@" ;;
*) echo "with-secret-service.sh: unknown state $state" >&2; exit 64 ;;
esac
