//! What to write so that the world becomes what is wanted.

use crate::desired::{Need, needs, seed_is_missing};
use crate::observed::Observed;
use crate::part::Part;
use crate::render;
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
        .flat_map(|(part, need)| writes(part, need, &server.identity.name, observed))
        .collect()
}

fn writes(part: Part, need: Need, server: &str, observed: &Observed) -> Vec<Write> {
    match (part, need) {
        (Part::StatefulSet, Need::Create(object)) => {
            let seed = render::replica_seed(&object);
            let object = render::without_replicas_yet(object);
            vec![
                Write::Apply { part, object },
                Write::SeedReplicas { object: seed },
            ]
        }
        (Part::StatefulSet, Need::Update(object)) => {
            let mut writes = seed(&object, observed);
            writes.push(Write::Apply { part, object });
            writes
        }
        (Part::StatefulSet, Need::Nothing) => observed
            .objects
            .json(part)
            .map(|object| seed(&object, observed))
            .unwrap_or_default(),
        (_, Need::Create(object) | Need::Update(object)) => vec![Write::Apply { part, object }],
        (_, Need::Nothing | Need::Wait) => Vec::new(),
        (_, Need::Delete { uid }) => vec![Write::Delete {
            part,
            name: part.name(server),
            uid,
        }],
    }
}

/// Before any apply that leaves `replicas` out: else the field would go, and its default come.
fn seed(object: &serde_json::Value, observed: &Observed) -> Vec<Write> {
    let set = observed.objects.stateful_set.as_deref();
    if set.is_some_and(seed_is_missing) {
        vec![Write::SeedReplicas {
            object: render::replica_seed(object),
        }]
    } else {
        Vec::new()
    }
}
