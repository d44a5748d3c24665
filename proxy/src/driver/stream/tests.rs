use std::future::poll_fn;

use bytes::Bytes;

use super::*;

async fn next(rx: &StreamReceiver) -> Option<StreamItem> {
    poll_fn(|cx| rx.poll_next(cx)).await
}

#[test]
fn one_item_larger_than_the_byte_bound_fits_an_empty_queue_and_a_second_does_not() {
    let (tx, _rx) = queue();
    let large = Bytes::from(vec![0; MAX_STREAM_BYTES + 1]);
    assert_eq!(
        tx.push(StreamItem::Message(large), &Pool::default()),
        Ok(())
    );
    assert_eq!(
        tx.push(
            StreamItem::Message(Bytes::from_static(b"x")),
            &Pool::default()
        ),
        Err(Overflow)
    );
}

#[test]
fn items_past_the_count_overflow() {
    let (tx, _rx) = queue();
    for _ in 0..MAX_STREAM_ITEMS {
        assert_eq!(tx.push(StreamItem::Accepted, &Pool::default()), Ok(()));
    }
    assert_eq!(
        tx.push(StreamItem::Accepted, &Pool::default()),
        Err(Overflow)
    );
}

#[tokio::test]
async fn what_ends_a_stream_fits_whatever_waits_already() {
    let (tx, rx) = queue();
    for _ in 0..MAX_STREAM_ITEMS {
        assert_eq!(tx.push(StreamItem::Accepted, &Pool::default()), Ok(()));
    }
    tx.push_last([StreamItem::Last(Bytes::from_static(b"end"))]);
    for _ in 0..MAX_STREAM_ITEMS {
        assert!(next(&rx).await.is_some());
    }
    assert!(matches!(next(&rx).await, Some(StreamItem::Last(end)) if end == "end"));
    assert!(next(&rx).await.is_none());
}

#[tokio::test]
async fn what_was_queued_before_the_end_is_still_read() {
    let (tx, rx) = queue();
    assert_eq!(
        tx.push(StreamItem::Last(Bytes::from_static(b"a")), &Pool::default()),
        Ok(())
    );
    drop(tx);
    assert!(matches!(next(&rx).await, Some(StreamItem::Last(bytes)) if bytes == "a"));
    assert!(next(&rx).await.is_none());
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_an_item_and_by_the_end() {
    let (tx, rx) = queue();
    let reader = tokio::spawn(async move { (next(&rx).await, next(&rx).await) });
    tokio::task::yield_now().await;
    assert_eq!(tx.push(StreamItem::Accepted, &Pool::default()), Ok(()));
    tokio::task::yield_now().await;
    drop(tx);
    let read = reader.await.expect("the reader does not panic");
    assert!(matches!(read, (Some(StreamItem::Accepted), None)));
}

fn message(text: &'static str) -> StreamItem {
    StreamItem::Message(Bytes::from_static(text.as_bytes()))
}

async fn event(rx: &StreamReceiver) -> (Seq, Bytes) {
    match next(rx).await {
        Some(StreamItem::Event(seq, event)) => (seq, event),
        other => panic!("no event: {other:?}"),
    }
}

#[tokio::test]
async fn what_waits_when_a_log_begins_is_its_beginning() {
    let (pool, (tx, rx)) = (Pool::default(), queue());
    assert_eq!(tx.push(message("a"), &pool), Ok(()));
    assert_eq!(tx.push(message("b"), &pool), Ok(()));
    let first = next(&rx).await.expect("an item");
    rx.put_back(first);
    rx.keep(&pool);
    tx.push_last([StreamItem::Last(Bytes::from_static(b"c"))]);
    for (seq, text) in (1..).zip(["a", "b", "c"]) {
        assert_eq!(event(&rx).await, (seq, Bytes::from_static(text.as_bytes())));
    }
    assert!(next(&rx).await.is_none());
}

#[tokio::test]
async fn a_second_reader_takes_over_and_gets_what_the_first_was_given_but_did_not_pass_on() {
    let (pool, (tx, rx)) = (Pool::default(), queue());
    let log = rx.keep(&pool);
    for text in ["a", "b", "c"] {
        assert_eq!(tx.push(message(text), &pool), Ok(()));
    }
    assert_eq!(event(&rx).await.0, 1);
    assert_eq!(event(&rx).await.0, 2);
    let second = log.resume(1).expect("it is kept").receiver;
    assert!(next(&rx).await.is_none(), "the first reads nothing more");
    assert_eq!((event(&second).await.0, event(&second).await.0), (2, 3));
    drop(tx);
    assert!(next(&second).await.is_none());
    assert!(log.resume(3).expect("it is kept").over);
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_when_it_is_replaced() {
    let (pool, (_tx, rx)) = (Pool::default(), queue());
    let log = rx.keep(&pool);
    let reader = tokio::spawn(async move { next(&rx).await.is_none() });
    tokio::task::yield_now().await;
    let _second = log.resume(0).expect("nothing was given");
    assert!(reader.await.expect("the reader does not panic"));
}
