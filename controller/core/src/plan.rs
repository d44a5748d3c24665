//! What to write so that the world becomes what is wanted.

use serde_json::{Value, json};

use crate::desired::{Need, Needs, seed_is_missing};
use crate::observed::Observed;
use crate::part::Part;
use crate::render;
use crate::valid::{Scale, ValidServer};
use crate::write::Write;

/// The writes that are needed: none when all is as it should be, none for a server that is being
/// deleted (its objects go with it).
pub(crate) fn all_writes(needs: Needs, observed: &Observed) -> Vec<Write> {
    if observed.server.metadata.deletion_timestamp.is_some() {
        return Vec::new();
    }
    let Needs { server, parts } = needs;
    parts
        .into_iter()
        .flat_map(|(part, need)| writes(part, need, &server, observed))
        .collect()
}

fn writes(part: Part, need: Need, server: &ValidServer, observed: &Observed) -> Vec<Write> {
    let delete = |uid| Write::Delete {
        part,
        name: part.name(&server.identity.name),
        uid,
    };
    match (part, need) {
        (Part::StatefulSet, Need::Create(object)) => create(object),
        (Part::StatefulSet, Need::Update(object)) => {
            let mut writes = scale(server, observed);
            writes.push(Write::Apply { part, object });
            writes
        }
        (Part::StatefulSet, Need::Replace { uid, object }) => {
            let mut writes = vec![delete(uid)];
            writes.extend(create(object));
            writes
        }
        (Part::StatefulSet, Need::Nothing) => scale(server, observed),
        (_, Need::Create(object) | Need::Update(object)) => vec![Write::Apply { part, object }],
        (_, Need::Replace { uid, object }) => vec![delete(uid), Write::Apply { part, object }],
        (_, Need::Nothing | Need::Wait) => Vec::new(),
        (_, Need::Delete { uid }) => vec![delete(uid)],
    }
}

fn create(stateful_set: Value) -> Vec<Write> {
    let seed = render::replica_seed(&stateful_set["metadata"]);
    let object = render::without_replicas_yet(stateful_set);
    vec![
        Write::Apply {
            part: Part::StatefulSet,
            object,
        },
        Write::SeedReplicas { object: seed },
    ]
}

/// The scale is 0 before any apply that leaves `replicas` out, if nobody else owns the field (else
/// it would go, and its default come), and whenever the server is stopped: no proxy runs then that
/// could scale it down.
fn scale(server: &ValidServer, observed: &Observed) -> Vec<Write> {
    let Some(set) = observed.objects.stateful_set.as_deref() else {
        return Vec::new();
    };
    let runs_on = server.scale == Scale::Stopped && observed.replicas() != Some(0);
    if runs_on || seed_is_missing(set) {
        let meta = json!({ "name": set.metadata.name, "namespace": set.metadata.namespace });
        vec![Write::SeedReplicas {
            object: render::replica_seed(&meta),
        }]
    } else {
        Vec::new()
    }
}
