//! Who may not get an MCPServer may not read about it.

use anyhow::{Context as _, Result, ensure};
use hivewright_api::names;
use hivewright_harness::{
    charts::NAMESPACE,
    forward::Forward,
    ns::{Ns, with_temp_ns},
};
use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    core::v1::ServiceAccount,
};
use kube::{Api, api::PostParams};
use serde_json::{Value, json};

use crate::{
    operator::leader,
    plugin,
    support::{Echo, beside_others, echo},
};

/// A ServiceAccount of the scenario, that may read its namespace's servers if it `may`.
async fn account(ns: &Ns, name: &str, may: bool) -> Result<()> {
    let mut items = vec![json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name },
    })];
    if may {
        items.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": { "name": name },
            "rules": [{
                "apiGroups": [names::GROUP], "resources": ["mcpservers"],
                "verbs": ["get", "list", "watch"],
            }],
        }));
        items.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": { "name": name },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name },
            "subjects": [{ "kind": "ServiceAccount", "name": name, "namespace": ns.name }],
        }));
    }
    ns.apply(&json!({ "apiVersion": "v1", "kind": "List", "items": items }))
        .await?;
    Ok(())
}

/// A token of it; without an audience it is one of the API server.
async fn token(ns: &Ns, name: &str, audiences: &[&str]) -> Result<String> {
    let accounts = Api::<ServiceAccount>::namespaced(ns.cluster.client.clone(), &ns.name);
    let request = TokenRequest {
        spec: TokenRequestSpec {
            audiences: audiences
                .iter()
                .map(|&audience| audience.to_owned())
                .collect(),
            ..TokenRequestSpec::default()
        },
        ..TokenRequest::default()
    };
    let post = PostParams::default();
    let given = accounts.create_token_request(name, &post, &request).await?;
    Ok(given.status.context("a status")?.token)
}

/// Status and body of one question with this token.
async fn ask(admin: &Forward, path: &str, token: Option<&str>) -> Result<(u16, String)> {
    let mut request = reqwest::Client::new().get(admin.url(path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test]
async fn who_may_not_get_a_server_reads_nothing_about_it() -> Result<()> {
    beside_others("denied", async |ns| {
        Echo::serve(&ns, &echo(&ns, "echo", &[])?).await?;
        account(&ns, "reader", true).await?;
        account(&ns, "nobody", false).await?;
        let client = ns.cluster.client.clone();
        let pod = leader(&ns.cluster).await?;
        let admin = Forward::pod(client, NAMESPACE, &pod, names::CONTROLLER_ADMIN_PORT).await?;
        for open in ["/metrics", "/live", "/ready"] {
            ensure!(
                ask(&admin, open, None).await?.0 == 200,
                "{open} is not open"
            );
        }
        let here = ns.name.as_str();
        of_the_server(&admin, &ns).await?;
        let reader = token(&ns, "reader", &[]).await?;
        for (path, status) in [
            ("/events".to_owned(), 403),
            ("/state".to_owned(), 403),
            (format!("/state?namespace={NAMESPACE}"), 403),
            (format!("/state?namespace={here}"), 200),
            (format!("/events?namespace={here}"), 200),
        ] {
            let (answered, body) = ask(&admin, &path, Some(&reader)).await?;
            ensure!(answered == status, "{path}: {answered} {body}");
        }
        the_page_shows_their_own(&admin, &ns, &reader).await?;
        by_their_own_kubeconfig(&ns, &reader).await
    })
    .await
}

/// Every way to read about one server, by everybody.
async fn of_the_server(admin: &Forward, ns: &Ns) -> Result<()> {
    let other = ["https://elsewhere.example"];
    let tokens = [
        (None, 401),
        (Some("nonsense".to_owned()), 401),
        // Good, but made for somebody else.
        (Some(token(ns, "reader", &other).await?), 401),
        (Some(token(ns, "nobody", &[]).await?), 403),
        (Some(token(ns, "reader", &[]).await?), 200),
        (
            Some(token(ns, "reader", &[names::READER_AUDIENCE]).await?),
            200,
        ),
    ];
    let subject = format!("{}/echo", ns.name);
    for path in [
        format!("/events?subject={subject}"),
        format!("/state?subject={subject}"),
        format!("/why?subject={subject}"),
        format!("/servers/{subject}"),
    ] {
        for (token, status) in &tokens {
            let (answered, body) = ask(admin, &path, token.as_deref()).await?;
            ensure!(
                answered == *status,
                "{path}: {answered} for {status}: {body}"
            );
            ensure!(answered == 200 || !body.contains("Initialized"), "{body}");
        }
    }
    Ok(())
}

/// Who may list but one namespace sees the page, and on it that namespace alone.
async fn the_page_shows_their_own(admin: &Forward, ns: &Ns, reader: &str) -> Result<()> {
    with_temp_ns("hidden", async |hidden| {
        Echo::serve(&hidden, &echo(&hidden, "echo", &[])?).await?;
        let (answered, page) = ask(admin, "/", Some(reader)).await?;
        ensure!(
            answered == 200 && page.contains(&ns.name),
            "{answered}: {page}"
        );
        ensure!(
            !page.contains(&hidden.name),
            "the page shows {}",
            hidden.name
        );
        let nobody = token(ns, "nobody", &[]).await?;
        let (answered, page) = ask(admin, "/", Some(&nobody)).await?;
        ensure!(
            answered == 403 && !page.contains("1/1 pods"),
            "{answered}: {page}"
        );
        Ok(())
    })
    .await
}

/// With a token in the kubeconfig and the way to the controller, and with nothing else.
async fn by_their_own_kubeconfig(ns: &Ns, token: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let kubeconfig = plugin::kubeconfig(&ns.cluster, folder.path(), (token, &ns.name)).await?;
    let timeline = ["timeline", "echo"];
    let no_way = plugin::as_somebody(&ns.cluster, &kubeconfig, &timeline).await?;
    ensure!(
        !no_way.status.success() && no_way.stderr.contains("reader's Role"),
        "{}",
        no_way.stderr
    );
    // Without the way there is still the status, and it says that it is no more than that.
    let why = plugin::as_somebody(&ns.cluster, &kubeconfig, &["why", "echo"]).await?;
    ensure!(
        why.status.success() && why.stderr.contains("From the status alone"),
        "{}",
        why.stderr
    );
    let binding = the_way(ns).await?;
    let read = plugin::as_somebody(&ns.cluster, &kubeconfig, &timeline).await;
    let everywhere = plugin::as_somebody(&ns.cluster, &kubeconfig, &["replay"]).await;
    ns.cluster
        .cmd("kubectl")
        .args(["delete", "rolebinding", "-n", NAMESPACE, &binding])
        .text()
        .await?;
    let (read, everywhere) = (read?, everywhere?);
    ensure!(
        read.status.success() && read.stdout.contains("Initialized"),
        "{}",
        read.stderr
    );
    ensure!(
        everywhere.stderr.contains("may not list mcpservers"),
        "{}",
        everywhere.stderr
    );
    Ok(())
}

/// Lets the reader through to the controller; gives the name of the binding.
async fn the_way(ns: &Ns) -> Result<String> {
    let name = format!("{}-way", ns.name);
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": { "name": name, "namespace": NAMESPACE },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role(ns).await?,
        },
        "subjects": [{ "kind": "ServiceAccount", "name": "reader", "namespace": ns.name }],
    });
    let file = tempfile::Builder::new().suffix(".json").tempfile()?;
    serde_json::to_writer(&file, &binding)?;
    let path = file.path().to_str().context("a path in UTF-8")?.to_owned();
    ns.cluster
        .cmd("kubectl")
        .args(["apply", "-f", &path])
        .text()
        .await?;
    Ok(name)
}

/// The chart's Role that is the way to the controller.
async fn role(ns: &Ns) -> Result<String> {
    let args = ["get", "roles", "-n", NAMESPACE, "-o", "json"];
    let roles: Value = serde_json::from_str(&ns.cluster.cmd("kubectl").args(args).text().await?)?;
    let all = roles["items"].as_array().context("roles")?;
    let mut names = all
        .iter()
        .filter_map(|role| role["metadata"]["name"].as_str());
    let found = names.find(|name| name.ends_with("-reader-way"));
    Ok(found
        .context("the chart makes no way for readers")?
        .to_owned())
}
