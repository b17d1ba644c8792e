//! What is decided while files are uploaded.

use super::*;

const PART: u64 = PART_BYTES;

fn new(key: &str, size: u64, known: Option<&str>) -> NewItem {
    NewItem {
        place: Place {
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
        },
        bucket: "things".parse().expect("a name"),
        key: key.to_owned(),
        size,
        known: known.map(str::to_owned),
    }
}

fn queue(files: &[(&str, u64)]) -> Queue {
    let mut queue = Queue::default();
    for (key, size) in files {
        queue.add(new(key, *size, None)).expect("it is new");
    }
    queue
}

fn work(queue: &mut Queue, now: i64) -> Work {
    match queue.next(now) {
        Next::Work(work) => work,
        other => panic!("{other:?}"),
    }
}

fn known(id: &str, missing: &[u32]) -> Outcome {
    Outcome::Known { id: id.to_owned(), missing: missing.to_vec() }
}

fn trouble(code: Option<ErrorCode>) -> Outcome {
    Outcome::Failed(Trouble { code, message: "no".to_owned(), ..Trouble::default() })
}

fn state(queue: &Queue, id: u32) -> ItemState {
    queue.get(id).expect("it is there").state
}

fn part(step: &Step) -> u32 {
    match step {
        Step::Part { number, .. } => *number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn small_files_go_whole_and_large_ones_in_parts_that_go_together() {
    let mut queue = queue(&[("small", 5), ("large", 2 * PART + 1)]);
    let small = work(&mut queue, 0);
    assert_eq!((small.item, &small.step, small.overwrite), (1, &Step::Whole, false));
    let begin = work(&mut queue, 0);
    assert_eq!((begin.item, &begin.step), (2, &Step::Begin));
    assert_eq!(queue.next(0), Next::Nothing, "nothing before the upload has an id");
    queue.report(&begin, known("u", &[1, 2, 3]), 0);
    let parts: Vec<Work> = (0..3).map(|_| work(&mut queue, 0)).collect();
    assert_eq!(parts.iter().map(|it| part(&it.step)).collect::<Vec<_>>(), [1, 2, 3]);
    let last = Step::Part { id: "u".to_owned(), number: 3, start: 2 * PART, end: 2 * PART + 1 };
    assert_eq!(parts[2].step, last);
    assert_eq!(queue.next(0), Next::Nothing, "it is not complete before all parts are there");
    for part in &parts {
        queue.report(part, Outcome::Sent, 0);
    }
    let complete = work(&mut queue, 0);
    assert_eq!(complete.step, Step::Complete { id: "u".to_owned() });
    queue.report(&complete, Outcome::Finished(Some("CRC32 x".to_owned())), 0);
    queue.report(&small, Outcome::Finished(None), 0);
    assert_eq!(queue.get(2).map(|it| (it.state, it.words.as_str())), Some((ItemState::Done, "CRC32 x")));
    let tally = queue.tally();
    assert_eq!((tally.done, tally.sent, tally.size), (2, 2 * PART + 6, 2 * PART + 6));
    assert!(!queue.is_active());
    queue.clear();
    assert_eq!(queue.items().count(), 0);
}

#[test]
fn no_large_file_keeps_others_waiting() {
    let mut queue = queue(&[("large", 9 * PART), ("a", 1), ("b", 1)]);
    let begin = work(&mut queue, 0);
    queue.report(&begin, known("u", &[1, 2, 3, 4, 5, 6, 7, 8, 9]), 0);
    let items: Vec<u32> = (0..4).map(|_| work(&mut queue, 0).item).collect();
    assert_eq!(items, [1, 2, 3, 1]);
    assert!(queue.add(new("a", 7, None)).is_none(), "it is on its way to the same key");
}

#[test]
fn what_fails_is_tried_again_after_longer_and_longer_pauses() {
    let mut queue = queue(&[("a", 1)]);
    let mut now = 0;
    for pause in [1_000, 2_000, 4_000, 8_000, 16_000] {
        let step = work(&mut queue, now);
        queue.report(&step, trouble(Some(ErrorCode::AwsUnavailable)), now);
        assert_eq!(queue.next(now), Next::Wait(pause));
        now += pause;
    }
    let step = work(&mut queue, now);
    queue.report(&step, trouble(Some(ErrorCode::AwsUnavailable)), now);
    assert_eq!((state(&queue, 1), queue.next(now)), (ItemState::Failed, Next::Nothing));
    queue.retry(1);
    let step = work(&mut queue, now);
    let slow = Trouble { code: Some(ErrorCode::RateLimited), retry_after: Some(20), ..Trouble::default() };
    queue.report(&step, Outcome::Failed(slow), now);
    assert_eq!(queue.next(now), Next::Wait(20_000));
}

#[test]
fn parts_that_fail_together_count_as_one_attempt() {
    let mut queue = queue(&[("large", 3 * PART)]);
    let begin = work(&mut queue, 0);
    queue.report(&begin, known("u", &[1, 2, 3]), 0);
    let parts: Vec<Work> = (0..3).map(|_| work(&mut queue, 0)).collect();
    for part in &parts {
        queue.report(part, trouble(Some(ErrorCode::AwsUnavailable)), 10);
    }
    assert_eq!(queue.next(10), Next::Wait(1_000));
}

#[test]
fn without_a_connection_it_waits_for_as_long_as_it_takes() {
    let mut queue = queue(&[("large", 2 * PART)]);
    let begin = work(&mut queue, 0);
    queue.report(&begin, known("u", &[1, 2]), 0);
    for round in 0..50_i64 {
        let step = work(&mut queue, round * 30_000);
        queue.report(&step, trouble(None), round * 30_000);
        assert_eq!(state(&queue, 1), ItemState::Sending);
    }
    assert!(matches!(queue.next(49 * 30_000), Next::Wait(_)));
    queue.wake();
    assert!(matches!(queue.next(49 * 30_000), Next::Work(_)), "the network is back");
}

#[test]
fn what_cannot_work_is_not_tried_again() {
    for code in [ErrorCode::Forbidden, ErrorCode::AwsDenied, ErrorCode::PayloadTooLarge, ErrorCode::ReadOnly]
    {
        let mut queue = queue(&[("a", 1)]);
        let step = work(&mut queue, 0);
        queue.report(&step, trouble(Some(code)), 0);
        assert_eq!(state(&queue, 1), ItemState::Failed, "{code:?}");
    }
    let mut queue = queue(&[("a", 1), ("large", PART)]);
    let step = work(&mut queue, 0);
    queue.report(&step, trouble(Some(ErrorCode::InvalidInput)), 0);
    assert_eq!(state(&queue, 1), ItemState::Sending, "it may have been damaged on its way");
    let begin = work(&mut queue, 0);
    queue.report(&begin, trouble(Some(ErrorCode::InvalidInput)), 0);
    assert_eq!(state(&queue, 2), ItemState::Failed);
    queue.wake();
    let step = work(&mut queue, 0);
    queue.report(&step, Outcome::Failed(Trouble { is_final: true, ..Trouble::default() }), 0);
    assert_eq!(state(&queue, 1), ItemState::Failed, "the file is gone");
}

#[test]
fn an_upload_goes_on_with_the_parts_that_are_not_there() {
    let mut queue = Queue::default();
    queue.add(new("large", 3 * PART, Some("before")));
    let look = work(&mut queue, 0);
    assert_eq!(look.step, Step::Look { id: "before".to_owned() });
    queue.report(&look, trouble(None), 0);
    let look = work(&mut queue, 1_000);
    assert_eq!(
        look.step,
        Step::Look { id: "before".to_owned() },
        "nobody answered: it may be there all the same"
    );
    queue.report(&look, known("before", &[2]), 1_000);
    assert_eq!(queue.get(1).map(Item::sent), Some(2 * PART));
    let step = work(&mut queue, 1_000);
    assert_eq!(part(&step.step), 2);
    queue.progress(&step, 100, 1_000);
    assert_eq!(queue.get(1).map(Item::sent), Some(2 * PART + 100));
    queue.report(&step, trouble(Some(ErrorCode::NotFound)), 1_000);
    assert_eq!(work(&mut queue, 9_000).step, Step::Begin, "it is gone, so it begins anew");
}

#[test]
fn parts_that_s3_lacks_after_all_are_sent() {
    let mut queue = Queue::default();
    queue.add(new("large", PART, None));
    let begin = work(&mut queue, 0);
    queue.report(&begin, known("u", &[]), 0);
    let complete = work(&mut queue, 0);
    queue.report(&complete, trouble(Some(ErrorCode::InvalidInput)), 0);
    let look = work(&mut queue, 5_000);
    assert_eq!(look.step, Step::Look { id: "u".to_owned() });
    queue.report(&look, known("u", &[1]), 5_000);
    assert_eq!(part(&work(&mut queue, 5_000).step), 1);
}

#[test]
fn what_exists_is_asked_about_once_for_all() {
    let files = [("a", 1), ("b", 1), ("large", PART), ("later", 1)];
    for decision in [Decision::Overwrite, Decision::Skip] {
        let mut queue = queue(&files);
        let steps: Vec<Work> = (0..3).map(|_| work(&mut queue, 0)).collect();
        queue.report(&steps[0], trouble(Some(ErrorCode::Conflict)), 0);
        queue.report(&steps[1], Outcome::Finished(None), 0);
        queue.report(&steps[2], known("u", &[]), 0);
        let complete = work(&mut queue, 0);
        let later = work(&mut queue, 0);
        assert_eq!((complete.item, later.item, later.overwrite), (3, 4, false), "{decision:?}");
        queue.report(&complete, trouble(Some(ErrorCode::Conflict)), 0);
        assert_eq!(queue.tally().exist, 2);
        queue.decide(decision);
        queue.report(&later, trouble(Some(ErrorCode::Conflict)), 0);
        if decision == Decision::Skip {
            assert_eq!([1, 3, 4].map(|id| state(&queue, id)), [ItemState::Skipped; 3]);
            assert_eq!(work(&mut queue, 0).step, Step::Abort { id: "u".to_owned() }, "its parts go");
            assert_eq!(queue.next(0), Next::Nothing);
        } else {
            let again: Vec<Work> = (0..2).map(|_| work(&mut queue, 0)).collect();
            assert_eq!(again[0], Work { item: 1, step: Step::Whole, overwrite: true });
            assert_eq!(
                again[1].step,
                Step::Complete { id: "u".to_owned() },
                "what was sent is not sent again"
            );
            assert!(again[1].overwrite);
        }
        assert_eq!(state(&queue, 2), ItemState::Done);
    }
}

#[test]
fn what_is_cancelled_leaves_nothing_behind() {
    let mut queue = queue(&[("begun", PART), ("sent", 2 * PART), ("waits", 1)]);
    let begin = work(&mut queue, 0);
    let other = work(&mut queue, 0);
    queue.report(&other, known("two", &[1, 2]), 0);
    let flying = [work(&mut queue, 0), work(&mut queue, 0)];
    assert_eq!(flying.each_ref().map(|it| it.item), [2, 3]);
    queue.cancel_all();
    assert!(queue.is_active(), "what is under way is waited for");
    assert_eq!(queue.next(0), Next::Nothing);
    queue.report(&begin, known("one", &[1]), 0);
    assert_eq!(work(&mut queue, 0).step, Step::Abort { id: "one".to_owned() });
    queue.report(&flying[0], trouble(None), 0);
    let abort = work(&mut queue, 0);
    assert_eq!(abort.step, Step::Abort { id: "two".to_owned() });
    queue.report(&flying[1], trouble(None), 0);
    assert_eq!([1, 2, 3].map(|id| state(&queue, id)), [ItemState::Cancelled; 3]);
    queue.retry(2);
    assert_eq!(state(&queue, 2), ItemState::Cancelled, "not while it is being given up");
    queue.report(&abort, Outcome::Sent, 0);
    queue.retry(2);
    assert_eq!(work(&mut queue, 0).step, Step::Begin);
}

#[test]
fn what_failed_keeps_its_parts_until_it_is_cleared() {
    let mut queue = queue(&[("large", 2 * PART)]);
    let begin = work(&mut queue, 0);
    queue.report(&begin, known("u", &[1, 2]), 0);
    let (one, two) = (work(&mut queue, 0), work(&mut queue, 0));
    queue.report(&one, trouble(Some(ErrorCode::AwsDenied)), 0);
    queue.report(&two, Outcome::Sent, 0);
    assert_eq!((state(&queue, 1), queue.next(0)), (ItemState::Failed, Next::Nothing));
    queue.retry(1);
    let again = work(&mut queue, 0);
    assert_eq!(part(&again.step), 1, "the other one is there");
    queue.report(&again, trouble(Some(ErrorCode::AwsDenied)), 0);
    queue.clear();
    assert_eq!(queue.items().count(), 0);
    let abort = work(&mut queue, 0);
    assert_eq!(abort.step, Step::Abort { id: "u".to_owned() });
    queue.report(&abort, Outcome::Sent, 0);
    assert!(queue.get(1).is_none() && !queue.is_active());
}

#[test]
fn what_no_object_can_be_called_is_said_to_have_failed() {
    let mut queue = Queue::default();
    queue.refuse(new("", 1, None), "A key".to_owned());
    let item = queue.items().next().expect("it is shown");
    assert_eq!((item.state, item.words.as_str()), (ItemState::Failed, "A key"));
    assert!(!queue.is_active() && queue.tally().failed == 1);
}

#[test]
fn the_speed_is_that_of_the_last_seconds() {
    let mut queue = queue(&[("a", 1_000_000)]);
    let step = work(&mut queue, 0);
    queue.progress(&step, 0, 0);
    queue.progress(&step, 100_000, 1_000);
    assert_eq!(queue.speed(1_000), 100_000);
    queue.progress(&step, 100_000, 9_000);
    assert_eq!(queue.speed(9_000), 0, "nothing moved of late");
    assert_eq!(queue.tally().sent, 100_000);
    assert_eq!(queue.speed(60_000), 0);
}
