//! Proves by SQLite's own word that the queries of the hot paths seek where they should and scan nothing that grows with
//! the history (<https://www.sqlite.org/eqp.html>).

use sqlx::{AssertSqlSafe, Row as _};

use crate::search::{forget, index};
use crate::{Store, compose, consensus, journal, list, project, record, search, tree};

const SCALAR: &str = "CORRELATED SCALAR SUBQUERY 1";
const PROJECT: &str = "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)";

/// The plan of a query, one step per line.
async fn plan(store: &Store, query: &str) -> Vec<String> {
    let explain = sqlx::raw_sql(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}")));
    let rows = store.read(async |reader| Ok(explain.fetch_all(reader).await?)).await;
    rows.expect("a plan").iter().map(|row| row.get::<String, _>("detail")).collect()
}

#[tokio::test]
async fn no_hot_path_scans_a_table_that_grows() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(&directory.path().join("capibara6.db")).await.expect("a store");
    let find_message = "SEARCH message USING INDEX sqlite_autoindex_message_1 (uuid=?)";
    for (query, expected) in [
        (list::ACTIVE.first, &["SCAN c USING INDEX conversation_active", SCALAR, PROJECT][..]),
        (list::ACTIVE.next, &["SEARCH c USING INDEX conversation_active ((pinned,updated_at)<(?,?))", SCALAR, PROJECT]),
        (list::UNFILED.first, &["SEARCH c USING INDEX conversation_project (project=?)", SCALAR, PROJECT]),
        (
            list::UNFILED.next,
            &["SEARCH c USING INDEX conversation_project (project=? AND (pinned,updated_at)<(?,?))", SCALAR, PROJECT],
        ),
        (list::FILED.first, &["SEARCH c USING INDEX conversation_project (project=?)", SCALAR, PROJECT]),
        (
            list::FILED.next,
            &["SEARCH c USING INDEX conversation_project (project=? AND (pinned,updated_at)<(?,?))", SCALAR, PROJECT],
        ),
        (list::ARCHIVED.first, &["SCAN c USING INDEX conversation_archived", SCALAR, PROJECT]),
        (
            list::ARCHIVED.next,
            &["SEARCH c USING INDEX conversation_archived ((pinned,updated_at)<(?,?))", SCALAR, PROJECT],
        ),
        (list::DELETED.first, &["SEARCH c USING INDEX conversation_deleted (deleted_at>?)", SCALAR, PROJECT]),
        (
            list::DELETED.next,
            &["SEARCH c USING INDEX conversation_deleted (deleted_at>? AND deleted_at<?)", SCALAR, PROJECT],
        ),
        (
            project::PROJECTS,
            &[
                "SCAN p",
                SCALAR,
                "SEARCH c USING INDEX conversation_project (project=?)",
                "USE TEMP B-TREE FOR ORDER BY",
            ],
        ),
        (project::REFILL, &["SEARCH conversation USING INDEX conversation_former (former_project=?)"]),
        (forget::STALE, &["SCAN search_stale"]),
        (
            index::TITLES,
            &["SEARCH t USING INTEGER PRIMARY KEY (rowid<?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"],
        ),
        (
            index::MESSAGES,
            &[
                "SEARCH t USING INTEGER PRIMARY KEY (rowid>?)",
                "SEARCH m USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
                "SEARCH p USING COVERING INDEX sqlite_autoindex_search_place_1 (message=?) LEFT-JOIN",
            ],
        ),
        (
            index::OCCUPIED,
            &["SCAN wanted VIRTUAL TABLE INDEX 1:", "SEARCH p USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"],
        ),
        (compose::NODES, &["SEARCH message USING INDEX message_conversation (conversation=?)"]),
        (
            tree::STRETCH,
            &[
                "CO-ROUTINE up",
                "SETUP",
                "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)",
                "RECURSIVE STEP",
                "SCAN up",
                "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)",
                "SCAN up",
                "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
                "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)",
                "SEARCH p USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
                "SEARCH mo USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
                "SEARCH o USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
            ],
        ),
        (
            record::VERSIONS,
            &[
                "SCAN wanted VIRTUAL TABLE INDEX 1:",
                "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
                "SEARCH v USING INDEX message_place (parent=? AND conversation=?)",
                "USE TEMP B-TREE FOR ORDER BY",
            ],
        ),
        (
            record::JOURNAL,
            &[
                "SCAN wanted VIRTUAL TABLE INDEX 1:",
                "SEARCH j USING INDEX journal_message (message=?)",
                "USE TEMP B-TREE FOR ORDER BY",
            ],
        ),
        (
            journal::UNSETTLED,
            &[
                "MERGE (UNION)",
                "LEFT",
                "SEARCH message USING COVERING INDEX message_streaming (status=?)",
                "RIGHT",
                "SCAN journal USING COVERING INDEX journal_message",
            ],
        ),
        (consensus::RUNS_OF, &["SEARCH consensus USING INDEX consensus_conversation (conversation=?)"]),
        (
            consensus::EXPORTED,
            &[
                "SEARCH consensus USING INDEX consensus_conversation (conversation=? AND rowid>?)",
                "SCALAR SUBQUERY 1",
                "SEARCH conversation USING COVERING INDEX sqlite_autoindex_conversation_1 (uuid=?)",
            ],
        ),
        (consensus::JUDGEMENTS, &["SCAN consensus USING INDEX consensus_judged"]),
        (consensus::RUNS_SINCE, &["SEARCH consensus USING INDEX consensus_time (created_at>?)"]),
        (consensus::MEASURED, &["SEARCH message USING INDEX message_answered (created_at>?)"]),
        ("SELECT id, conversation, parent FROM message WHERE uuid = ?1", &[find_message]),
        (
            "SELECT id FROM conversation WHERE deleted_at < ?1 LIMIT 1",
            &["SEARCH conversation USING COVERING INDEX conversation_deleted (deleted_at<?)"],
        ),
        // What the foreign keys look up when a conversation is purged.
        ("SELECT id FROM message WHERE parent = ?1", &["SEARCH message USING COVERING INDEX message_place (parent=?)"]),
        (
            "SELECT id FROM message WHERE conversation = ?1",
            &["SEARCH message USING COVERING INDEX message_conversation (conversation=?)"],
        ),
        (
            "SELECT id FROM journal WHERE message = ?1",
            &["SEARCH journal USING COVERING INDEX journal_message (message=?)"],
        ),
    ] {
        assert_eq!(plan(&store, query).await, expected, "{query}");
    }
    for query in [
        tree::REMEMBER,
        tree::DESCENT,
        tree::BELOW,
        search::BY_INDEX,
        search::BY_PLACE,
        search::BY_TITLE,
        search::TEXTS,
        search::TEXT,
    ] {
        let plan = plan(&store, query).await;
        let harmless = ["SCAN up", "SCAN down", "SCAN CONSTANT ROW", "SCAN batch", "SCAN fitting"];
        let scans: Vec<_> = plan
            .iter()
            .filter(|step| step.starts_with("SCAN") && !harmless.contains(&step.as_str()))
            // The index seeks by word and by rowid; a list of ids is as long as it is.
            .filter(|step| !step.contains("search_index VIRTUAL TABLE INDEX") && !step.contains("wanted VIRTUAL"))
            .filter(|step| !step.starts_with("SCAN i VIRTUAL TABLE INDEX"))
            .collect();
        assert_eq!(scans, Vec::<&String>::new(), "{plan:#?}");
    }
}
