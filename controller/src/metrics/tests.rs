use super::*;

#[test]
fn a_request_that_got_no_answer_is_counted_by_why() {
    let metrics = Metrics::new();
    metrics.api_request(None, Code::Unanswered);
    metrics.api_request(None, Code::Distrusted);
    let text = metrics.encode().unwrap();
    for code in ["error", "tls"] {
        let line =
            format!(r#"api_requests_total{{code="{code}",resource="other",verb="other"}} 1"#);
        assert!(text.contains(&line), "{text}");
    }
}

#[test]
fn a_warning_is_counted_as_0_before_it_is_given() {
    let text = Metrics::new().encode().unwrap();
    for line in [
        r#"events_total{reason="InvalidImage",type="Warning"} 0"#,
        r#"servers_lost_readiness_total{reason="ConnectionLost"} 0"#,
        r#"writes_total{outcome="failed",part="StatefulSet"} 0"#,
    ] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn clones_count_into_the_same_registry() {
    let metrics = Metrics::new();
    metrics.clone().leads(true);
    assert!(
        metrics
            .encode()
            .unwrap()
            .contains("hivewright_controller_leader 1")
    );
}
