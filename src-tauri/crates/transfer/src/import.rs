//! From a file to conversations: one record after the other, whatever the format, however large or damaged the file.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use capibara6_protocol::{SkipCode, Skipped};
use serde_json::Value;

use crate::conversation::{Conversation, Project, Weight};
use crate::formats::{self, Kind, Taken, Unfit, chatgpt, claude, history, open_webui, web};
use crate::read::decode::Decoded;
use crate::read::records::{Flaw, Piece, Records};
use crate::read::value::{self, Object};

/// What is found in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A project: before its conversations where the file has it there, as every file of ours does, or else behind them.
    Project(Project),
    /// A weight that the user set.
    Weight(Weight),
    /// A conversation.
    Conversation(Box<Conversation>),
    /// Something that is not, or not all of it, taken.
    Skipped(Skipped),
}

/// Takes what is found, and says whether to go on.
pub trait Sink {
    /// Takes an item.
    fn take(&mut self, item: Item) -> ControlFlow<()>;
}

impl<F: FnMut(Item) -> ControlFlow<()>> Sink for F {
    fn take(&mut self, item: Item) -> ControlFlow<()> {
        self(item)
    }
}

/// The largest member of an object that is not a list of records, all of them together: a dump of a browser's storage has at
/// most ten megabytes, a conversation that is a document of its own at most a record.
const MEMBERS: usize = crate::read::records::LARGEST;

/// The longest text that is taken along into a report, in characters.
const DETAIL: usize = 120;

/// Reads a file: a document, or an archive that holds one (the `.zip` in which ChatGPT and Claude deliver theirs). Nothing
/// is unpacked to disk. `name` is what the report calls the file; `read` counts the bytes of the file that were read.
///
/// # Errors
/// The system's, from the file; what was found before stays found.
pub fn import_file(file: File, name: &str, read: Arc<AtomicU64>, sink: &mut dyn Sink) -> io::Result<ControlFlow<()>> {
    let mut file = Counted { inner: file, read };
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    if head == b"PK\x03\x04" { import_archive(file, name, sink) } else { import(file, name, sink) }
}

/// Reads the documents with conversations in an archive.
fn import_archive(file: Counted<File>, name: &str, sink: &mut dyn Sink) -> io::Result<ControlFlow<()>> {
    let whole = |code, detail: Option<String>| skipped(name, None, None, code, detail);
    let mut archive = match zip::ZipArchive::new(BufReader::with_capacity(256 << 10, file)) {
        Ok(archive) => archive,
        Err(zip::result::ZipError::Io(error)) => return Err(error),
        Err(error) => return Ok(sink.take(whole(SkipCode::Syntax, Some(error.to_string())))),
    };
    let mut documents: Vec<String> = archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
    documents.retain(|path| {
        let base = path.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        base.starts_with("conversations") && base.ends_with(".json")
    });
    documents.sort();
    if documents.is_empty() {
        return Ok(sink.take(whole(SkipCode::UnknownFormat, None)));
    }
    for document in documents {
        let inner = format!("{name}/{document}");
        let flow = match archive.by_name(&document) {
            Ok(entry) => import(entry, &inner, sink),
            Err(error) => Ok(sink.take(skipped(&inner, None, None, SkipCode::Unreadable, Some(error.to_string())))),
        };
        let flow = match flow {
            // A damaged entry: what was unpacked before is taken, the others may be whole.
            Err(error) => sink.take(skipped(&inner, None, None, SkipCode::Unreadable, Some(error.to_string()))),
            Ok(flow) => flow,
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads a document.
///
/// # Errors
/// As [`import_file`].
pub fn import(source: impl Read, name: &str, sink: &mut dyn Sink) -> io::Result<ControlFlow<()>> {
    let mut records = Records::new(Decoded::new(source));
    let mut document =
        Document { name, sink, record: 0, known: false, ours: false, members: Object::new(), held: 0, storage: None };
    loop {
        let piece = records.next(formats::is_conversation)?;
        let flow = match piece {
            Piece::End => return Ok(document.end()),
            Piece::NotJson => document.skip(None, None, SkipCode::UnknownFormat, None),
            Piece::Member(key, range) => document.member(key, records.bytes(range)),
            Piece::ObjectEnd => document.object_end(),
            Piece::Record(range) => document.record(records.bytes(range)),
            Piece::Broken(flaw, rest) => document.broken(flaw, rest.as_deref()),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
}

/// A document that is being read.
struct Document<'a> {
    name: &'a str,
    sink: &'a mut dyn Sink,
    /// Records so far.
    record: u64,
    /// Whether something of it was understood.
    known: bool,
    /// Whether it says that it is of our own format.
    ours: bool,
    /// Members of an object that may be a conversation.
    members: Object,
    held: usize,
    /// What was found of the old web client's storage.
    storage: Option<web::Storage>,
}

impl Document<'_> {
    fn member(&mut self, key: String, bytes: &[u8]) -> ControlFlow<()> {
        let Ok(member) = value::parse(bytes) else {
            return self.skip(None, Some(key.clone()), SkipCode::Syntax, Some(key));
        };
        match (key.as_str(), &member) {
            ("format", Value::String(format)) if format == history::FORMAT => return self.recognise(),
            ("version" | "projects" | "weights", _) if self.ours => return self.about(&key, &member),
            // A list that lost its bracket.
            ("conversations" | "chats", Value::Object(_)) => return self.value(member),
            (key, _) if web::Storage::knows(key) => {
                self.known = true;
                self.storage.get_or_insert_default().take(key, member);
            }
            _ if self.held + bytes.len() <= MEMBERS => {
                self.held += bytes.len();
                self.members.insert(key, member);
            }
            _ => return self.skip(None, None, SkipCode::TooLarge, Some(key)),
        }
        ControlFlow::Continue(())
    }

    /// The document is of our own format. What it said about itself before that was known is heard now: whoever sorts the
    /// members of an object anew says the same.
    fn recognise(&mut self) -> ControlFlow<()> {
        if std::mem::replace(&mut self.ours, true) {
            return ControlFlow::Continue(());
        }
        self.known = true;
        for key in ["version", "projects", "weights"] {
            if let Some(member) = self.members.remove(key) {
                self.about(key, &member)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// What a document of our own says about itself beside its conversations.
    fn about(&mut self, key: &str, member: &Value) -> ControlFlow<()> {
        let (items, lost) = match (key, member) {
            ("version", Value::Number(version)) if version.as_u64().is_none_or(|v| v > history::VERSION) => {
                let _ = self.skip(None, None, SkipCode::Newer, Some(version.to_string()));
                return ControlFlow::Break(());
            }
            ("projects", list) => {
                let (projects, lost) = history::projects(list);
                (projects.into_iter().map(Item::Project).collect::<Vec<_>>(), lost)
            }
            ("weights", list) => {
                let (weights, lost) = history::weights(list);
                (weights.into_iter().map(Item::Weight).collect(), lost)
            }
            _ => return ControlFlow::Continue(()),
        };
        for item in items {
            self.sink.take(item)?;
        }
        self.lost(key.to_owned(), lost)
    }

    /// Reports how many elements of a list of the document's could not be taken.
    fn lost(&mut self, list: String, lost: usize) -> ControlFlow<()> {
        match lost {
            0 => ControlFlow::Continue(()),
            lost => self.skip(None, None, SkipCode::Shape, Some(format!("{list}: {lost}"))),
        }
    }

    /// An object ended: it may be a conversation by itself.
    fn object_end(&mut self) -> ControlFlow<()> {
        let members = std::mem::take(&mut self.members);
        self.held = 0;
        if formats::kind(&members).is_some() {
            return self.value(Value::Object(members));
        }
        ControlFlow::Continue(())
    }

    fn record(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        match value::parse(bytes) {
            Ok(record) => self.value(record),
            Err(error) => {
                self.record += 1;
                self.skip(Some(self.record), None, SkipCode::Syntax, Some(error.to_string()))
            }
        }
    }

    /// A record that was parsed.
    fn value(&mut self, record: Value) -> ControlFlow<()> {
        self.record += 1;
        let number = Some(self.record);
        let record = match record {
            Value::Object(record) => record,
            // A storage as a list of pairs.
            Value::Array(pair) => {
                return match <[Value; 2]>::try_from(pair) {
                    Ok([Value::String(key), entry]) if web::Storage::knows(&key) => self.stored(&key, entry),
                    _ => self.skip(number, None, SkipCode::Shape, None),
                };
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return self.skip(number, None, SkipCode::Shape, None);
            }
        };
        if let (Some(Value::String(key)), Some(entry)) = (record.get("key"), record.get("value"))
            && web::Storage::knows(key)
        {
            let (key, entry) = (key.clone(), entry.clone());
            return self.stored(&key, entry);
        }
        let kind = formats::kind(&record).or(self.ours.then_some(Kind::History));
        let title = formats::title(&record);
        let taken = match kind {
            Some(Kind::History) => return self.own(&record, number, title),
            Some(Kind::ChatGpt) => chatgpt::read(&record),
            Some(Kind::Claude) => claude::read(&record),
            Some(Kind::OpenWebUi) => open_webui::read(&record),
            Some(Kind::Web) => {
                self.known = true;
                self.storage.get_or_insert_default().record(Value::Object(record));
                return ControlFlow::Continue(());
            }
            None => return self.skip(number, title, SkipCode::Shape, None),
        };
        self.known = true;
        self.take(taken, number, title)
    }

    fn stored(&mut self, key: &str, entry: Value) -> ControlFlow<()> {
        self.known = true;
        self.storage.get_or_insert_default().take(key, entry);
        ControlFlow::Continue(())
    }

    /// A record of our own format.
    fn own(&mut self, record: &Object, number: Option<u64>, title: Option<String>) -> ControlFlow<()> {
        self.recognise()?;
        match history::read(record) {
            Ok((conversation, lost)) => {
                self.sink.take(Item::Conversation(Box::new(conversation)))?;
                if lost.messages > 0 {
                    self.skip(number, title.clone(), SkipCode::Message, Some(lost.messages.to_string()))?;
                }
                if lost.runs > 0 {
                    self.skip(number, title, SkipCode::Run, Some(lost.runs.to_string()))?;
                }
                ControlFlow::Continue(())
            }
            Err(Unfit { code, detail }) => self.skip(number, title, code, detail),
        }
    }

    fn take(&mut self, taken: Result<Taken, Unfit>, number: Option<u64>, title: Option<String>) -> ControlFlow<()> {
        let Taken { conversation, named } = match taken {
            Ok(taken) => taken,
            Err(Unfit { code, detail }) => return self.skip(number, title, code, detail),
        };
        let title = title.or_else(|| Some(conversation.head.title.clone()));
        self.sink.take(Item::Conversation(Box::new(conversation)))?;
        if named.is_empty() {
            return ControlFlow::Continue(());
        }
        let named: Vec<String> = named.into_iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        self.skip(number, title, SkipCode::Content, Some(named.join(", ")))
    }

    /// A record that is damaged, or that the end of the file cut off.
    fn broken(&mut self, flaw: Flaw, rest: Option<&[u8]>) -> ControlFlow<()> {
        let code = match flaw {
            Flaw::Syntax => SkipCode::Syntax,
            Flaw::TooLarge => SkipCode::TooLarge,
            Flaw::Truncated => SkipCode::Truncated,
        };
        self.known = true;
        self.record += 1;
        // What was whole in it is taken where each message has a lasting id.
        let rest = rest.and_then(|rest| value::parse(rest).ok());
        let Some(Value::Object(rest)) = rest else { return self.skip(Some(self.record), None, code, None) };
        let title = formats::title(&rest);
        let kept = match formats::kind(&rest).or(self.ours.then_some(Kind::History)) {
            Some(Kind::History) => history::read(&rest).ok().map(|(conversation, _)| conversation),
            Some(Kind::Claude) => claude::read(&rest).ok().map(|taken| taken.conversation),
            Some(Kind::ChatGpt | Kind::OpenWebUi | Kind::Web) | None => None,
        };
        let kept = kept.filter(|kept| !kept.messages.is_empty());
        let detail = kept.as_ref().map(|kept| kept.messages.len().to_string());
        if let Some(kept) = kept {
            self.sink.take(Item::Conversation(Box::new(kept)))?;
        }
        self.skip(Some(self.record), title, code, detail)
    }

    /// The document ended.
    fn end(&mut self) -> ControlFlow<()> {
        if let Some(storage) = self.storage.take() {
            for project in storage.projects() {
                self.sink.take(Item::Project(project))?;
            }
            for (at, (title, taken)) in (1..).zip(storage.conversations()) {
                self.take(taken, Some(at), title)?;
            }
        } else if !self.known && self.record == 0 {
            return self.skip(None, None, SkipCode::UnknownFormat, None);
        }
        ControlFlow::Continue(())
    }

    fn skip(
        &mut self,
        record: Option<u64>,
        title: Option<String>,
        code: SkipCode,
        detail: Option<String>,
    ) -> ControlFlow<()> {
        // Said once; an empty document is not one of an unknown kind as well.
        self.known |= code == SkipCode::UnknownFormat;
        self.sink.take(skipped(self.name, record, title, code, detail))
    }
}

fn skipped(file: &str, record: Option<u64>, title: Option<String>, code: SkipCode, detail: Option<String>) -> Item {
    let short = |text: String| text.chars().filter(|c| !c.is_control()).take(DETAIL).collect::<String>();
    let file = short(file.to_owned());
    Item::Skipped(Skipped { file, record, title: title.map(short), code, detail: detail.map(short) })
}

/// A file whose reading is counted: how far it was read at most.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.inner.seek(to)?;
        self.read.store(at, Ordering::Relaxed);
        Ok(at)
    }
}
