use hivewright_core::Acceptance;

use super::world::{World, fetch};

#[test]
fn a_spec_that_turns_bad_shows_at_once_touches_nothing_and_heals_when_mended() {
    let mut world = World::new(fetch());
    world.pass();
    world.pass();
    let running = world.objects.clone();

    world.server.spec.port = Some(9464);
    world.server.metadata.generation = Some(2);
    world.pass();
    assert_eq!(world.objects, running, "nothing that runs is touched");
    assert_eq!(world.status().phase.as_deref(), Some("Failed"));
    let accepted = world.condition("Accepted");
    assert_eq!(
        (accepted.status.as_str(), accepted.reason.as_str()),
        ("False", "InvalidPort")
    );
    assert_eq!(accepted.observed_generation, Some(2));
    assert_eq!(world.condition("Ready").reason, "InvalidPort");
    assert_eq!(world.status().last_failure.unwrap().reason, "InvalidPort");

    world.server.spec.port = Some(8081);
    world.server.metadata.generation = Some(3);
    world.pass();
    world.pass();
    assert_eq!(world.state().acceptance, Acceptance::Accepted);
    assert!(world.status().url.unwrap().ends_with(":8081/mcp"));
}
