//! Compiles SQLCipher and its cryptography into one static library.

/// What is compiled in, beyond what SQLite does by itself. As `libsqlite3-sys` has it, because sqlx counts on it, and `sqlite_dbpage`,
/// with which the salvage of a damaged database reads pages that no table leads to any more.
const SQLITE: &[(&str, Option<&str>)] = &[
    ("SQLITE_CORE", None),
    ("SQLITE_DEFAULT_FOREIGN_KEYS", Some("1")),
    ("SQLITE_ENABLE_API_ARMOR", None),
    ("SQLITE_ENABLE_COLUMN_METADATA", None),
    ("SQLITE_ENABLE_DBPAGE_VTAB", None),
    ("SQLITE_ENABLE_DBSTAT_VTAB", None),
    ("SQLITE_ENABLE_FTS5", None),
    ("SQLITE_ENABLE_MEMORY_MANAGEMENT", None),
    ("SQLITE_ENABLE_STAT4", None),
    ("SQLITE_ENABLE_UNLOCK_NOTIFY", None),
    ("SQLITE_THREADSAFE", Some("1")),
    ("SQLITE_USE_URI", None),
    ("HAVE_ISNAN", None),
    ("HAVE_STDINT_H", Some("1")),
    ("HAVE_USLEEP", Some("1")),
];

/// What makes it SQLCipher. Nothing temporary ever goes to a file, where it would stand unencrypted.
const CIPHER: &[(&str, Option<&str>)] = &[
    ("SQLITE_HAS_CODEC", None),
    ("SQLITE_TEMP_STORE", Some("2")),
    ("SQLITE_EXTRA_INIT", Some("sqlcipher_extra_init")),
    ("SQLITE_EXTRA_SHUTDOWN", Some("sqlcipher_extra_shutdown")),
    ("SQLCIPHER_CRYPTO_LIBTOMCRYPT", None),
    ("LTC_SOURCE", None),
];

fn main() {
    let sources = sqlcipher_src::source_dir();
    let mut library = cc::Build::new();
    library
        .include(sources)
        .include(sources.join(sqlcipher_src::LIBTOMCRYPT_INCLUDE_DIR))
        .file(sources.join(sqlcipher_src::SOURCE_FILE))
        .files(sqlcipher_src::LIBTOMCRYPT_SOURCES.iter().map(|file| sources.join(file)))
        // Also where everything else is built for debugging: a database that is several times slower hides what tests measure.
        .opt_level(2)
        .warnings(false);
    for (name, value) in SQLITE.iter().chain(CIPHER) {
        library.define(name, *value);
    }
    library.compile("capibara6-sqlcipher");
    println!("cargo::rerun-if-changed=build.rs");
}
