//! The state of the Secret Service, asked in such a way that it never puts up a window: whether it is there, and whether
//! what we need of it is unlocked (<https://specifications.freedesktop.org/secret-service/>).

use std::collections::HashMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use zbus::blocking::{Connection, connection};
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Type};

use crate::SecretError;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How long the bus may take, so that a service that hangs does not hold the thread for ever.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection to the session bus, made with the first question and again after a failure.
#[derive(Default)]
pub(crate) struct SecretService {
    connection: Option<Connection>,
}

impl SecretService {
    /// Whether the default collection, and the secret of `account` wherever it is, can be reached without asking a
    /// person.
    pub(crate) fn expect_unlocked(&mut self, service: &str, account: Option<&str>) -> Result<(), SecretError> {
        let state = self.state(service, account);
        if state.is_err() {
            self.connection = None;
        }
        match state? {
            State::Unlocked => Ok(()),
            State::Locked => Err(SecretError::Locked),
        }
    }

    fn state(&mut self, service: &str, account: Option<&str>) -> Result<State, SecretError> {
        let connection = match &self.connection {
            Some(connection) => connection,
            None => self.connection.insert(connect()?),
        };
        if let Some(account) = account {
            let attributes = HashMap::from([("service", service), ("username", account)]);
            let (_, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
                ask(connection, PATH, SERVICE, "SearchItems", &(attributes,))?;
            if !locked.is_empty() {
                return Ok(State::Locked);
            }
        }
        let collection: OwnedObjectPath = ask(connection, PATH, SERVICE, "ReadAlias", &("default",))?;
        // "/" stands for none: the service would have to make one, and ask a person for its password.
        if collection.as_str() == "/" {
            return Ok(State::Locked);
        }
        let locked: OwnedValue = ask(connection, collection.as_str(), PROPERTIES, "Get", &(COLLECTION, "Locked"))?;
        match bool::try_from(locked) {
            Ok(false) => Ok(State::Unlocked),
            Ok(true) => Ok(State::Locked),
            Err(error) => Err(SecretError::Failed(error.to_string())),
        }
    }
}

enum State {
    Unlocked,
    Locked,
}

fn connect() -> Result<Connection, SecretError> {
    let connected = connection::Builder::session().and_then(|builder| builder.method_timeout(ANSWER).build());
    connected.map_err(|error| {
        tracing::debug!(%error, "no session bus");
        SecretError::Absent
    })
}

fn ask<T: DeserializeOwned + Type>(
    connection: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &(impl serde::Serialize + DynamicType),
) -> Result<T, SecretError> {
    connection
        .call_method(Some(NAME), path, Some(interface), method, body)
        .and_then(|reply| reply.body().deserialize())
        .map_err(understood)
}

/// The bus's own errors (<https://dbus.freedesktop.org/doc/dbus-specification.html>) as our states.
fn understood(error: zbus::Error) -> SecretError {
    if let zbus::Error::InputOutput(io) = &error
        && io.kind() == std::io::ErrorKind::TimedOut
    {
        return SecretError::TimedOut;
    }
    let zbus::Error::MethodError(name, ..) = &error else {
        return SecretError::Failed(error.to_string());
    };
    match name.as_str().strip_prefix("org.freedesktop.DBus.Error.").unwrap_or_default() {
        "ServiceUnknown" | "NameHasNoOwner" | "NoServer" | "Disconnected" => SecretError::Absent,
        spawn if spawn.starts_with("Spawn.") => SecretError::Absent,
        "AccessDenied" | "AuthFailed" => SecretError::Denied,
        "NoReply" | "Timeout" | "TimedOut" => SecretError::TimedOut,
        _ => SecretError::Failed(error.to_string()),
    }
}
