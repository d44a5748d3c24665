//! Which tools want parameters mirrored into headers. Asked of the server before the first call of a
//! client of 2026-07-28, and again after the list has changed; known, it costs a call one look-up.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Hub, Server, calls::Effect, cx::Cx, kept::OwnMeta};
use crate::{
    envelope::ResponseBody,
    event::Bound,
    io::Now,
    limits::{LIST_TIMEOUT, MAX_ANNOTATED_TOOLS, MAX_TOOL_PAGES},
    message,
    modern::tools::{Annotated, Annotation, Page},
    protocol::{Era, MethodLabel},
};

/// What is known.
#[derive(Debug, Default)]
pub(super) enum Catalog {
    /// Nothing: no call needed it yet, or the list has changed.
    #[default]
    Unknown,
    /// The server was asked.
    Listing(Listing),
    /// All that the server has said.
    Known(Annotated),
}

/// A list that is being read.
#[derive(Debug)]
pub(super) struct Listing {
    since: Now,
    pages: usize,
    found: Annotated,
    /// The list has changed meanwhile.
    changed: bool,
}

#[derive(Serialize)]
struct ListParams<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<&'a RawValue>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<OwnMeta<'a>>,
}

impl Catalog {
    pub(super) fn deadline(&self) -> Option<Now> {
        match self {
            Self::Listing(listing) => Some(listing.since + LIST_TIMEOUT),
            Self::Unknown | Self::Known(_) => None,
        }
    }

    /// The list has changed.
    pub(super) fn change(&mut self) {
        match self {
            Self::Unknown => {}
            Self::Listing(listing) => listing.changed = true,
            Self::Known(_) => *self = Self::Unknown,
        }
    }
}

impl Hub {
    /// What this tool wants mirrored; none while that is not known and is being asked.
    pub(super) fn annotations(&mut self, cx: &mut Cx<'_>, tool: &str) -> Option<&[Annotation]> {
        if matches!(self.catalog, Catalog::Unknown) && self.server == Server::Ready {
            let found = Annotated::new();
            let (since, pages, changed) = (cx.now, 0, false);
            self.catalog = Catalog::Listing(Listing {
                since,
                pages,
                found,
                changed,
            });
            self.list_tools(cx, None);
        }
        match &self.catalog {
            Catalog::Unknown | Catalog::Listing(_) => None,
            Catalog::Known(known) => Some(known.get(tool).map_or(&[], Vec::as_slice)),
        }
    }

    fn list_tools(&mut self, cx: &mut Cx<'_>, cursor: Option<&RawValue>) {
        let meta = match self.visit_era() {
            Era::Legacy => None,
            Era::Modern => Some(OwnMeta::new(&self.config.version)),
        };
        let params = message::json(&ListParams { cursor, meta });
        self.own_request(cx, MethodLabel::ToolsList, &params, Effect::None);
    }

    /// The server answered a `tools/list` of the bridge itself.
    pub(super) fn tools_listed(&mut self, cx: &mut Cx<'_>, body: ResponseBody<'_>) {
        let Catalog::Listing(listing) = &mut self.catalog else {
            return;
        };
        let page = match body {
            ResponseBody::Result(result) => Page::of(result).unwrap_or_default(),
            // It cannot list; nothing can be known to be mirrored.
            ResponseBody::Error(_) => Page::default(),
        };
        listing.pages += 1;
        for (tool, annotations) in page.annotated {
            if listing.found.len() < MAX_ANNOTATED_TOOLS {
                listing.found.insert(tool, annotations);
            } else {
                cx.overflow(Bound::ToolCatalog);
            }
        }
        let more = listing.pages < MAX_TOOL_PAGES;
        let again = std::mem::take(&mut listing.changed);
        match page.next.filter(|_| !again) {
            Some(cursor) if more => self.list_tools(cx, Some(&cursor)),
            None if again && more => self.list_tools(cx, None),
            None if !again => self.catalog_known(cx),
            Some(_) | None => {
                cx.overflow(Bound::ToolCatalog);
                self.catalog_known(cx);
            }
        }
    }

    fn catalog_known(&mut self, cx: &mut Cx<'_>) {
        if let Catalog::Listing(listing) = std::mem::take(&mut self.catalog) {
            self.catalog = Catalog::Known(listing.found);
            self.enter(cx);
        }
    }

    /// The server takes too long: its calls are not kept waiting. One that is gone is asked again.
    pub(super) fn expire_listing(&mut self, cx: &mut Cx<'_>) {
        let late = |deadline: Now| deadline <= cx.now;
        if self.catalog.deadline().is_some_and(late) {
            match self.server {
                Server::Ready => {
                    cx.overflow(Bound::ToolCatalog);
                    self.catalog_known(cx);
                }
                Server::Down(_) | Server::Handshaking { .. } => self.catalog = Catalog::Unknown,
            }
        }
    }
}
