//! Projects: folders of conversations, in an order of the user's own.
//!
//! A deleted project leaves its conversations in no project, and each remembers where it was: bringing the project back
//! brings back those that were not put elsewhere in the meantime.

use capibara6_protocol::{Project, ProjectId};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::{Result, StoreError};
use crate::record::{self, key};
use crate::{Store, list};

/// The columns that [`project`] reads, of `project p`.
macro_rules! project_columns {
    () => {
        "p.uuid, p.name, p.created_at, (SELECT count(*) FROM conversation c
            WHERE c.project = p.id AND c.deleted_at IS NULL AND c.archived_at IS NULL) AS conversations"
    };
}

pub(crate) const PROJECTS: &str =
    concat!("SELECT ", project_columns!(), " FROM project p WHERE p.deleted_at IS NULL ORDER BY p.place, p.id");

impl Store {
    /// The projects in their order.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn projects(&self) -> Result<Vec<Project>> {
        self.read(async |reader| all(reader).await).await
    }

    /// Makes a project, the last in the list, at the time `at`. White space around its name is dropped.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `name` where it is empty or longer than 200 characters, `id` for one that is there.
    pub async fn create_project(&self, id: ProjectId, name: &str, at: i64) -> Result<Project> {
        let name = acceptable(name)?;
        self.write(async |writer| {
            let row: i64 = sqlx::query_scalar(
                "INSERT INTO project (uuid, created_at, place, name)
                 VALUES (?1, ?2, (SELECT COALESCE(max(place), 0) + 1 FROM project), ?3) RETURNING id",
            )
            .bind(key(id.0))
            .bind(at)
            .bind(name)
            .fetch_one(&mut *writer)
            .await?;
            load(writer, row).await
        })
        .await
    }

    /// Gives a project another name. White space around it is dropped.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `name`; [`StoreError::NotFound`].
    pub async fn rename_project(&self, id: ProjectId, name: &str) -> Result<Project> {
        let name = acceptable(name)?;
        self.write(async |writer| {
            let row = find(writer, id).await?;
            sqlx::query("UPDATE project SET name = ?2 WHERE id = ?1")
                .bind(row)
                .bind(name)
                .execute(&mut *writer)
                .await?;
            load(writer, row).await
        })
        .await
    }

    /// Puts a project before another one, or last, and gives all of them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for either.
    pub async fn move_project(&self, id: ProjectId, before: Option<ProjectId>) -> Result<Vec<Project>> {
        self.write(async |writer| {
            let row = find(writer, id).await?;
            let before = match before {
                Some(before) => Some(find(writer, before).await?),
                None => None,
            };
            let mut order: Vec<i64> = sqlx::query_scalar("SELECT id FROM project WHERE id <> ?1 ORDER BY place, id")
                .bind(row)
                .fetch_all(&mut *writer)
                .await?;
            let place = if before == Some(row) {
                return all(writer).await;
            } else {
                before.and_then(|before| order.iter().position(|id| *id == before)).unwrap_or(order.len())
            };
            order.insert(place, row);
            for (place, id) in (1_i64..).zip(order) {
                sqlx::query("UPDATE project SET place = ?2 WHERE id = ?1 AND place <> ?2")
                    .bind(id)
                    .bind(place)
                    .execute(&mut *writer)
                    .await?;
            }
            all(writer).await
        })
        .await
    }

    /// Removes a project from the list at the time `at`. [`Self::restore_project`] brings it back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also where it is deleted already.
    pub async fn delete_project(&self, id: ProjectId, at: i64) -> Result<()> {
        self.write(async |writer| {
            let row = find(writer, id).await?;
            sqlx::query("UPDATE project SET deleted_at = ?2 WHERE id = ?1")
                .bind(row)
                .bind(at)
                .execute(&mut *writer)
                .await?;
            sqlx::query(EMPTY).bind(row).execute(writer).await?;
            Ok(())
        })
        .await
    }

    /// Brings a deleted project back, with those of its conversations that are still in no project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it never was.
    pub async fn restore_project(&self, id: ProjectId) -> Result<Project> {
        self.write(async |writer| {
            let row: i64 = sqlx::query_scalar("UPDATE project SET deleted_at = NULL WHERE uuid = ?1 RETURNING id")
                .bind(key(id.0))
                .fetch_one(&mut *writer)
                .await?;
            sqlx::query(REFILL).bind(row).execute(&mut *writer).await?;
            load(writer, row).await
        })
        .await
    }
}

pub(crate) const EMPTY: &str =
    "UPDATE conversation SET former_project = project, project = NULL WHERE project = ?1 AND project IS NOT NULL";

pub(crate) const REFILL: &str = "UPDATE conversation SET project = former_project, former_project = NULL
     WHERE former_project = ?1 AND former_project IS NOT NULL";

/// A name without the white space around it.
fn acceptable(name: &str) -> Result<&str> {
    list::acceptable(name).map_err(|_| StoreError::InvalidInput("name"))
}

/// The row of a project that is not deleted.
pub(crate) async fn find(connection: &mut SqliteConnection, id: ProjectId) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT id FROM project WHERE uuid = ?1 AND deleted_at IS NULL")
        .bind(key(id.0))
        .fetch_one(connection)
        .await?)
}

async fn load(connection: &mut SqliteConnection, row: i64) -> Result<Project> {
    const QUERY: &str = concat!("SELECT ", project_columns!(), " FROM project p WHERE p.id = ?1");
    let row = sqlx::query(QUERY).bind(row).fetch_one(connection).await?;
    project(&row).ok_or(StoreError::NotFound)
}

async fn all(connection: &mut SqliteConnection) -> Result<Vec<Project>> {
    let rows = sqlx::query(PROJECTS).fetch_all(connection).await?;
    Ok(rows.iter().filter_map(project).collect())
}

/// A project, or nothing where its id is unreadable.
fn project(row: &SqliteRow) -> Option<Project> {
    Some(Project {
        id: ProjectId(record::uuid(row, "uuid")?),
        name: record::text(row, "name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "…".to_owned()),
        conversations: row.try_get("conversations").unwrap_or_default(),
        created_at: row.try_get("created_at").unwrap_or_default(),
    })
}
