//! What the page shows, before it is HTML. Whoever serves the page fills this in.

use std::time::Duration;

use jiff::Timestamp;

use crate::filter::Filter;
use crate::load::Load;

/// What is the same on every page.
#[derive(Clone, Debug)]
pub struct Site {
    /// When the figures were read.
    pub now: Timestamp,
    /// The way from this page to the first one: `./` or `../../`.
    pub root: &'static str,
    /// Who serves the page, for its foot: a program with its version.
    pub served_by: String,
    /// How often the page looks for what is new.
    pub period: Duration,
}

/// How a server is. The order is that of the list: what needs somebody comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Somebody has to change something.
    Failed,
    /// On its way.
    Pending,
    /// An MCP client is answered.
    Ready,
    /// Being deleted.
    Terminating,
    /// Not running, as it was asked for.
    Stopped,
}

impl Health {
    /// Every health, as the list has them.
    pub const ALL: [Self; 5] = [
        Self::Failed,
        Self::Pending,
        Self::Ready,
        Self::Terminating,
        Self::Stopped,
    ];

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "Failed",
            Self::Pending => "Pending",
            Self::Ready => "Ready",
            Self::Terminating => "Terminating",
            Self::Stopped => "Stopped",
        }
    }
}

/// How good or bad a piece of news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Something works (again).
    Good,
    /// News.
    Plain,
    /// Somebody should look.
    Warning,
}

/// What the proxy of a server has counted.
#[derive(Clone, Debug)]
pub enum Figures {
    /// This.
    Known(Load),
    /// Nothing: the server has no proxy to ask.
    NoProxy,
    /// Nothing: the proxy did not say, and this is why, as a sentence.
    Unanswered(String),
}

/// One server in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// Why, as a sentence.
    pub sentence: String,
    /// Pods that answer, of those wanted, as `2/3`.
    pub pods: Option<String>,
    /// Restarts of its container.
    pub restarts: u64,
    /// What its proxy has counted.
    pub figures: Figures,
    /// The last thing that happened to it.
    pub last: Option<Entry>,
}

/// The list of servers.
#[derive(Clone, Debug)]
pub struct Overview {
    /// What is the same everywhere.
    pub site: Site,
    /// What was asked for.
    pub filter: Filter,
    /// How many servers there are of each health, whatever was asked for.
    pub tally: Vec<(Health, usize)>,
    /// The namespaces to choose from.
    pub namespaces: Vec<String>,
    /// The rows of this page.
    pub rows: Vec<Row>,
    /// How many servers fit what was asked for, on all pages.
    pub matching: usize,
    /// The last page, from 1.
    pub pages: usize,
    /// What is wrong with the page itself, as sentences.
    pub notes: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, if events are numbered; two entries of one timeline have not the same.
    pub sequence: u64,
    /// When.
    pub time: Timestamp,
    /// How good that is.
    pub tone: Tone,
    /// What, in one word of a bounded set.
    pub reason: String,
    /// What, as a sentence.
    pub text: String,
}

/// One fact about a server.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Its value.
    pub value: Value,
}

/// How a fact is shown.
#[derive(Clone, Debug)]
pub enum Value {
    /// Words.
    Text(String),
    /// Something to copy: an address, an image.
    Code(String),
    /// A time, shown as how long ago it was.
    Ago(Timestamp),
}

/// One condition of a server.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Its type.
    pub kind: String,
    /// Whether it holds; `None`: nobody knows.
    pub holds: Option<bool>,
    /// Why, in one word.
    pub reason: String,
    /// Why, as a sentence.
    pub message: String,
    /// Since when.
    pub since: Timestamp,
}

/// One session of clients.
#[derive(Clone, Debug)]
pub struct Session {
    /// The beginning of its id.
    pub id: String,
    /// How it came in, and by which revision.
    pub how: String,
    /// How long it has been open.
    pub age: Duration,
    /// How long nothing was said.
    pub idle: Duration,
    /// Its calls that run.
    pub running: usize,
}

/// Sessions of clients, as far as there is room.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    /// These.
    pub shown: Vec<Session>,
    /// And so many more.
    pub more: usize,
}

/// What happened to a server.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Older ones begin below this number; `None`: there are none.
    pub older: Option<u64>,
    /// Whether newer ones are on another page.
    pub newer: bool,
    /// Whether only warnings are wanted.
    pub warnings: bool,
    /// Why there is nothing, or not all, as a sentence.
    pub note: Option<String>,
}

/// One server.
#[derive(Clone, Debug)]
pub struct Server {
    /// What is the same everywhere.
    pub site: Site,
    /// Its namespace; none for one that runs by itself.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// Why, as a sentence.
    pub sentence: String,
    /// What is wrong, since when, and what to do; for whoever was woken up.
    pub advice: Option<String>,
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// Its conditions; none for one that runs by itself.
    pub conditions: Vec<Condition>,
    /// What its proxy has counted.
    pub figures: Figures,
    /// Its sessions, if they can be told.
    pub sessions: Option<Sessions>,
    /// What happened.
    pub timeline: Timeline,
}
