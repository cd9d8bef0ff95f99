//! What people read without the program: Markdown and pages for a browser, one file per conversation.

pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod names;

use capibara6_protocol::Message;
use chrono::DateTime;

/// A time as people and programs read it; empty for one that no calendar has.
fn date(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(|date| date.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

/// The same without seconds.
fn short_date(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(|date| date.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default()
}

/// The words of an export that are not the conversation's: who speaks, how an answer ended. They come from the catalogues of
/// whoever asks for the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The tag of the language, for the page.
    pub language: String,
    /// `rtl` where the language runs from right to left.
    pub right_to_left: bool,
    /// Who asks.
    pub user: String,
    /// Who answers, where no model is named.
    pub assistant: String,
    /// What a model thought.
    pub reasoning: String,
    /// An answer that the user stopped.
    pub stopped: String,
    /// An answer that the end of the program interrupted.
    pub interrupted: String,
    /// An answer that failed.
    pub failed: String,
    /// Words that are scripted.
    pub scripted: String,
}

impl Labels {
    fn speaker<'a>(&'a self, message: &'a Message) -> &'a str {
        match message.role {
            capibara6_protocol::Role::User => &self.user,
            capibara6_protocol::Role::Assistant => message.model.as_ref().map_or(&self.assistant, |model| &model.0),
        }
    }

    /// How an answer ended, where that is to be said.
    fn ended(&self, message: &Message) -> Option<&str> {
        match message.status {
            capibara6_protocol::MessageStatus::Complete => None,
            capibara6_protocol::MessageStatus::Stopped => Some(&self.stopped),
            capibara6_protocol::MessageStatus::Streaming | capibara6_protocol::MessageStatus::Interrupted => {
                Some(&self.interrupted)
            }
            capibara6_protocol::MessageStatus::Failed => Some(&self.failed),
        }
    }
}

/// Writes one conversation for people to read: the branch that is shown, message after message.
pub struct PageWriter<W: std::io::Write> {
    out: W,
    form: Form,
    labels: Labels,
}

/// As what a conversation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Markdown with front matter.
    Markdown,
    /// A page for a browser.
    Html,
}

impl Form {
    /// The ending of the file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
        }
    }
}

impl<W: std::io::Write> PageWriter<W> {
    /// Begins the file.
    ///
    /// # Errors
    /// What `out` says, here and in all other methods.
    pub fn begin(
        mut out: W,
        form: Form,
        labels: Labels,
        head: &crate::Head,
        project: Option<&str>,
    ) -> std::io::Result<Self> {
        match form {
            Form::Markdown => markdown::begin(&mut out, head, project)?,
            Form::Html => html::begin(&mut out, &labels, head, project)?,
        }
        Ok(Self { out, form, labels })
    }

    /// Writes a message.
    pub fn message(&mut self, message: &Message) -> std::io::Result<()> {
        match self.form {
            Form::Markdown => markdown::message(&mut self.out, &self.labels, message),
            Form::Html => html::message(&mut self.out, &self.labels, message),
        }
    }

    /// Ends the file and gives back what it was written to.
    pub fn finish(mut self) -> std::io::Result<W> {
        if self.form == Form::Html {
            html::end(&mut self.out)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
