//! The doors in process: real requests, the real hub, a scripted server behind the driver's seam.
//!
//! What the specification asks of the doors, and where it is claimed:
//!
//! | HTTP+SSE (2024-11-05) | Test |
//! |---|---|
//! | the first event names where to post; answers come as messages | `http_sse::the_whole_flow_from_the_endpoint_event_to_an_answer` |
//! | a POST is 202, of an unknown session 404, without one 400 | the same, `refusals::a_message_without_or_with_an_unknown_session_is_refused` |
//! | `Origin` and `Host` are checked | `refusals::a_foreign_origin_or_host_is_refused_at_every_door` |
//! | a connection is a session, which reads its own answers alone | `http_sse::two_sessions_with_the_same_ids_get_their_own_answers`, `the_session_ends_with_its_stream` |
//! | a client that tries POST at `/sse` first is told to GET | `refusals::another_method_is_not_allowed_and_told_which_are` |
//!
//! | Streamable HTTP (2025-03-26 to 2025-11-25) | Test |
//! |---|---|
//! | `Accept` names both types (406), the body is JSON (415) | `refusals::an_accept_that_rules_the_answer_out_is_not_acceptable`, `a_post_of_another_type_than_json_is_unsupported` |
//! | batches in 2025-03-26 alone, else 400 | `revisions::a_batch_is_taken_in_sessions_of_2025_03_26_alone` |
//! | notifications and responses are 202 without a body | `answers::a_notification_is_accepted_without_a_body`, `revisions::an_ask_is_on_one_stream_and_its_response_is_accepted_without_a_body` |
//! | a request is answered by JSON or by events, which end with the answer | `answers::one_message_is_answered_as_json`, `progress_comes_on_the_callers_stream_and_nowhere_else` |
//! | priming, `retry`, ids, reading on without loss or doubles | `resume`, `resume_bounds`, `cut` |
//! | leaving is no cancellation; a cancelled call ends without an answer | `answers::a_client_that_leaves_does_not_cancel_its_call_and_its_session_goes_on`, `the_post_of_a_cancelled_call_ends_as_an_empty_stream_and_not_as_an_error` |
//! | a listener gets no answers; every message is on one stream | `revisions::a_listener_gets_what_belongs_to_no_call_and_never_an_answer`, `resume::a_listener_that_was_replaced_can_be_read_to_its_end_and_then_listens_anew` |
//! | session ids are visible ASCII, and bound to who opened them | `answers::session_ids_are_visible_ascii_and_differ`, `owners` |
//! | no session id 400, an unknown one 404, DELETE ends it | `refusals::a_call_without_session_is_a_bad_request`, `an_unknown_session_is_not_found_by_any_method`, `a_deleted_session_is_not_found_any_more` |
//! | no version is the session's, another one 400 | `revisions::a_request_without_version_is_of_its_sessions_and_one_with_another_is_bad` |
//! | `initialize` is answered with the version asked for, or the latest | `revisions::initialize_is_answered_with_the_revision_asked_for_or_else_the_latest_that_has_sessions` |
//! | silence is broken by comments; nobody on the way collects events | `answers::an_idle_listener_gets_a_comment_within_the_keep_alive_time`, `support::Events::of` |
//!
//! | Streamable HTTP (2026-07-28) | Test |
//! |---|---|
//! | GET and DELETE are 405; no session id is heeded or given, no event id either | `modern::there_is_no_get_and_no_delete`, `modern_rules::no_answer_of_any_kind_names_a_session_and_none_is_opened`, `modern::progress_makes_the_answer_a_stream_of_events_without_ids` |
//! | headers mirror the body, else 400 and -32020 | `modern_rules::headers_that_do_not_mirror_the_body_are_bad_requests`, `a_name_may_be_written_as_base64_and_header_names_in_any_case` |
//! | an unknown version 400 and -32022, an unknown method 404 and -32601, missing metadata 400 and -32602 | `modern_rules::a_version_that_nobody_speaks_is_refused_with_those_that_are_spoken`, `a_method_that_is_not_there_is_not_found`, `metadata_that_every_request_must_have_is_asked_for` |
//! | neither batches nor responses | `modern_rules::what_is_no_request_and_no_notification_is_bad` |
//! | discover; kinds of results and how long they hold | `modern_rules::discover_lists_and_results_say_their_kind_and_how_long_they_hold` |
//! | leaving is cancellation | `modern_rules::the_server_is_told_that_a_client_that_leaves_has_cancelled` |
//! | a listen is acknowledged first and kept alive by comments | `modern_rules::a_listen_is_acknowledged_first_and_then_kept_alive_by_comments` |
//! | `initialize` begins a session beside it | `modern_rules::initialize_opens_a_session_though_other_requests_come_without` |

mod answers;
mod audited;
mod cardinality;
mod cut;
mod drain;
mod fleet;
mod h2;
mod h2_hostile;
mod http_sse;
mod many;
mod metrics;
mod modern;
mod modern_rules;
mod owners;
mod pressure;
mod refusals;
mod resume;
mod resume_bounds;
mod revisions;
mod server_loss;
mod slow_reader;
mod support;
mod traced;
#[path = "../common/watchdog.rs"]
mod watchdog;
mod wire;
