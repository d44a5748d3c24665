//! A task that is of no use without its helpers.

use tokio::{
    select,
    task::{JoinError, JoinSet},
};

/// Runs `main` to its end; the helpers are aborted then.
///
/// # Errors
/// If a helper panics: `main` is dropped at once. Whoever gets the error ends the program, so that
/// it is started anew; going on without the helper would look alive and do nothing. One that ends
/// by itself is no failure.
pub(crate) async fn together<T>(
    main: impl Future<Output = T>,
    mut helpers: JoinSet<()>,
) -> Result<T, JoinError> {
    tokio::pin!(main);
    loop {
        select! {
            done = &mut main => return Ok(done),
            Some(ended) = helpers.join_next() => ended?,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn a_helper_that_panics_ends_the_whole_and_one_that_ends_does_not() {
        let mut helpers = JoinSet::new();
        helpers.spawn(async {});
        assert!(together(tokio::task::yield_now(), helpers).await.is_ok());

        let mut helpers = JoinSet::new();
        helpers.spawn(pending());
        helpers.spawn(async { panic!("a helper fails") });
        let failed = together(pending::<()>(), helpers).await;
        assert!(failed.is_err_and(|error| error.is_panic()));
    }
}
