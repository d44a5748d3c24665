use super::*;

#[tokio::test]
async fn a_program_that_is_not_there_says_how_to_get_it() {
    let error = Cmd::new("no-such-program").text().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no-such-program is not installed; install it and run again"
    );
}

#[tokio::test]
async fn a_failure_carries_the_last_line_of_the_error_output() {
    let error = Cmd::new("sh")
        .args(["-c", "echo first >&2; echo last >&2; exit 3"])
        .text()
        .await
        .unwrap_err();
    assert!(
        error.to_string().ends_with("(exit status: 3): last"),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_script_started_ends_with_it_when_its_time_is_up() {
    let dir = std::env::temp_dir().join(format!("hivewright-command-{}", std::process::id()));
    let script = format!("sleep 300 & echo $! > {}; wait", dir.display());
    let error = Cmd::new("sh")
        .args(["-c", &script])
        .bound(Duration::from_millis(300))
        .text()
        .await
        .unwrap_err();
    assert!(matches!(error, CommandError::TimedOut { .. }), "{error}");
    let grandchild = std::fs::read_to_string(&dir).expect("the script wrote its child's id");
    std::fs::remove_file(&dir).expect("the file is ours");
    let stat = format!("/proc/{}/stat", grandchild.trim());
    tokio::time::timeout(Duration::from_secs(10), ended(&stat))
        .await
        .expect("a killed process ends, however busy the machine is");
}

/// Killed means gone, or a zombie until init collects it. A signal takes effect when its process is
/// next scheduled, and nobody but its parent is told.
async fn ended(stat: &str) {
    while std::fs::read_to_string(stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn standard_output_is_returned_while_the_log_gets_the_rest() {
    let path = std::env::temp_dir().join(format!("hivewright-logged-{}", std::process::id()));
    let log = File::create(&path).expect("the temporary directory is writable");
    let text = Cmd::new("sh")
        .args(["-c", "echo result; echo progress >&2"])
        .logged(&log)
        .await;
    let logged = std::fs::read_to_string(&path).expect("readable");
    std::fs::remove_file(&path).expect("the file is ours");
    assert_eq!(text.expect("it succeeds"), "result\n");
    assert_eq!(logged, "progress\n");
}
