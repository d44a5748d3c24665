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
    // Killed means gone, or a zombie until init collects it.
    for _ in 0..100 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", grandchild.trim()));
        if stat.map_or(true, |stat| stat.contains(") Z ")) {
            return;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    panic!("process {} still runs", grandchild.trim());
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
