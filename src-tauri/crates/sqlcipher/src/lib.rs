//! The SQLite that the whole program uses: SQLCipher, which is SQLite with pages that can be encrypted. Without a key it
//! reads and writes ordinary databases at ordinary speed. There is no code here: the crate compiles the C sources
//! (`build.rs`) and whoever opens a database names it (`use capibara6_sqlcipher as _`).
//!
//! Why not the sources that `libsqlite3-sys` bundles: those of the version that sqlx binds to are SQLCipher 4.10 on SQLite
//! 3.50.4, which has the [WAL-reset bug](https://sqlite.org/wal.html#walresetbug) (fixed in 3.51.3) that can damage a
//! database to which two connections write. `sqlcipher-src` is where later versions of `libsqlite3-sys` take theirs from,
//! too. Its `in_gecko` feature is the one that declares SQLite's functions and leaves it to others to define them.
//!
//! Why libtomcrypt and not the system's OpenSSL: no system library to find at build time or to match at run time, and
//! the same file format. What that costs stands in `docs/encryption.md`.
