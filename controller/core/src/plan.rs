//! What to write so that the world becomes what is wanted.

use serde_json::Value;

use crate::desired::{Need, needs, seed_is_missing};
use crate::observed::Observed;
use crate::part::Part;
use crate::render;
use crate::valid::{Scale, ValidServer};
use crate::write::Write;

/// The writes that are needed: none when all is as it should be, none for a server that is being
/// deleted (its objects go with it), and none for a spec that is not accepted.
pub fn plan(observed: &Observed) -> Vec<Write> {
    let meta = &observed.server.metadata;
    if meta.deletion_timestamp.is_some() {
        return Vec::new();
    }
    let Ok((server, needs)) = needs(observed) else {
        return Vec::new();
    };
    needs
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
            let mut writes = scale(&object, server, observed);
            writes.push(Write::Apply { part, object });
            writes
        }
        (Part::StatefulSet, Need::Replace { uid, object }) => {
            let mut writes = vec![delete(uid)];
            writes.extend(create(object));
            writes
        }
        (Part::StatefulSet, Need::Nothing) => observed
            .objects
            .json(part)
            .map(|object| scale(&object, server, observed))
            .unwrap_or_default(),
        (_, Need::Create(object) | Need::Update(object)) => vec![Write::Apply { part, object }],
        (_, Need::Replace { uid, object }) => vec![delete(uid), Write::Apply { part, object }],
        (_, Need::Nothing | Need::Wait) => Vec::new(),
        (_, Need::Delete { uid }) => vec![delete(uid)],
    }
}

fn create(stateful_set: Value) -> Vec<Write> {
    let seed = render::replica_seed(&stateful_set);
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
fn scale(object: &Value, server: &ValidServer, observed: &Observed) -> Vec<Write> {
    let set = observed.objects.stateful_set.as_deref();
    let runs_on = server.scale == Scale::Stopped && observed.replicas() != Some(0);
    if runs_on || set.is_some_and(seed_is_missing) {
        vec![Write::SeedReplicas {
            object: render::replica_seed(object),
        }]
    } else {
        Vec::new()
    }
}
