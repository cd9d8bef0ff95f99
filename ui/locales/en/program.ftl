### The program itself, outside the window: command line and what can go wrong before there is a window.

program-help =
    Capibara6, the desktop client of the Capibara6 private AI platform.

    Usage: capibara6 [--help | --version]

    Without an argument it opens the window, or raises the one that is open.

    -h, --help      Show this text
    -V, --version   Show the version

    CAPIBARA6_HOME      the data directory: history, profiles, logs
    CAPIBARA6_PROFILE   the profile to use at once
    CAPIBARA6_LOG       how much is logged: error, warn, info, debug or trace
program-unknown-argument = capibara6: unknown argument “{ $argument }”. Try capibara6 --help.
program-failed = capibara6: the window could not be opened: { $error }
program-taken = capibara6: the data directory { $home } is in use by another start of the program.
program-homeless = capibara6: the system names no data directory. Set CAPIBARA6_HOME.
