//! `docs/events/README.md`: which types there are, and what holds for all of them.

use std::fmt::Write as _;

use super::Told;

/// Opens the page.
const HEAD: &str = "# Events

Written by `make docs` from the types of the programs; `make check` fails when a page here is not what
they say.

Everything that the controller finds out or does is an event: a [CloudEvent 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md)
in JSON. The controller keeps them in its journal; a proxy with `spec.audit` tells who called what.

| attribute | what it is |
|---|---|
| `id` | A UUID of version 7. |
| `source` | Who tells it. |
| `type` | What became true, with the version of `data`. |
| `subject` | Which MCPServer: `NAMESPACE/NAME`. |
| `time` | When it became true, to the millisecond, UTC. |
| `sequence` | Events of the journal: the place among those of the subject, from 1 without gaps, 20 digits. It goes on when the MCPServer is deleted and made again. |
| `mcpserveruid` | Events of the journal: UID of the MCPServer. |
| `traceparent` | The trace in which it arose, if that was recorded. |
| `data` | What the schema of the type says. |

`data` of an event of the journal has `reason` (one of the [reasons](../reference.md)), `severity` (`Normal`
or `Warning`) and `message` (a sentence for people) whatever its type, so that a reader who knows no type can
show it.

## What is promised

A type that is released keeps its meaning. Its schema may gain optional properties and words of an enum; readers
pass over what they do not know. What needs more than that becomes a type of the next version. `make docs` and
`make check` refuse a schema here that would break its readers.

Folding the events of one MCPServer from the oldest that is kept gives its status. Where the journal has missed
something, or older events were removed, an event `snapshot` holds the whole status.

## Types

| schema | what it tells | types |
|---|---|---|
";

pub(super) fn page(all: &[Told]) -> String {
    let mut page = HEAD.to_owned();
    for told in all {
        let kinds: Vec<String> = told.kinds.iter().map(|kind| format!("`{kind}`")).collect();
        let Told { file, title, .. } = told;
        writeln!(
            page,
            "| [{file}]({file}) | {title}. | {} |",
            kinds.join("<br>")
        )
        .expect("text can be written into text");
    }
    page
}
