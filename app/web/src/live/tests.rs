//! Tests of the connection's decisions.

use nephoscope_model::{
    Error, ErrorCode, Place, Scope, Timestamp,
    ec2::{Instance, InstanceState},
    live::{InstancesChange, KnownAt, LiveError, LogData, LogRequest, ServerEvent},
    logs::LogRow,
};

use super::{
    LiveStatus, LiveUpdate, Topic, Trouble, merge_instances,
    protocol::{Command, Input, Machine, back_off},
};

fn frame(event: &ServerEvent) -> Input {
    Input::Frame(serde_json::to_string(event).expect("frames can be written"))
}

fn greeting() -> Input {
    frame(&ServerEvent::Authenticated { user: "ada".to_owned() })
}

fn row(id: &str) -> LogRow {
    LogRow {
        id: id.to_owned(),
        timestamp: Timestamp::from_millis(0),
        log_stream_name: "s".to_owned(),
        message: format!("message {id}"),
    }
}

fn lines(id: &str, rows: &[&str]) -> Input {
    frame(&ServerEvent::LogDataReceived(LogData {
        id: id.to_owned(),
        new_rows: rows.iter().map(|id| row(id)).collect(),
        dropped: 0,
    }))
}

fn logs(shown: &[&str]) -> Topic {
    Topic::Logs {
        request: LogRequest {
            log_group_name: "/app".to_owned(),
            after: shown.last().map(|id| (*id).to_owned()),
            ..LogRequest::default()
        },
        shown: shown.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn place(region: &str) -> Place {
    Place { account: "111111111111".parse().expect("an id"), region: region.parse().expect("a region") }
}

fn known_at(region: &str, second: i64) -> KnownAt {
    KnownAt { place: place(region), at: Timestamp::from_millis(second * 1000) }
}

fn instances(since: &[KnownAt]) -> Topic {
    Topic::Instances { scope: Scope::default(), since: since.to_vec() }
}

fn instance(id: &str, region: &str) -> Instance {
    let place = place(region);
    Instance {
        id: id.parse().expect("an id"),
        account: place.account,
        region: place.region,
        name: id.to_owned(),
        state: InstanceState::Running,
        state_reason: None,
        instance_type: "t3.micro".to_owned(),
        zone: String::new(),
        private_ip: None,
        public_ip: None,
        launched_at: None,
        architecture: None,
        platform: None,
        image_id: None,
        vpc_id: None,
        subnet_id: None,
        key_name: None,
        iam_profile: None,
        security_groups: Vec::new(),
        hibernation: false,
        tenancy: None,
        on_demand: true,
        tags: Vec::new(),
    }
}

fn sent(commands: &[Command]) -> Vec<serde_json::Value> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Send(text) => serde_json::from_str(text).ok(),
            _ => None,
        })
        .collect()
}

fn delivered_ids(commands: &[Command]) -> Vec<String> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Deliver(_, LiveUpdate::Logs { rows, .. }) => Some(rows),
            _ => None,
        })
        .flatten()
        .map(|row| row.id.clone())
        .collect()
}

fn step(machine: &mut Machine, now: f64, input: Input) -> Vec<Command> {
    machine.step(now, 0.0, input)
}

/// A machine with subscription 1 to log lines, greeted at 0.
fn connected() -> Machine {
    let mut machine = Machine::default();
    step(&mut machine, 0.0, Input::Subscribe(1, logs(&[])));
    step(&mut machine, 0.0, greeting());
    machine
}

#[test]
fn nothing_is_opened_before_something_is_followed_and_asked_before_the_greeting() {
    let mut machine = Machine::default();
    assert_eq!(machine.status(), LiveStatus::Idle);
    assert_eq!(step(&mut machine, 0.0, Input::Subscribe(1, instances(&[]))), [Command::Open]);
    assert_eq!(step(&mut machine, 0.0, Input::Subscribe(2, logs(&[]))), []);
    assert_eq!(machine.status(), LiveStatus::Connecting);

    let asked = sent(&step(&mut machine, 0.0, greeting()));
    assert_eq!(machine.status(), LiveStatus::Live);
    assert_eq!(asked.len(), 2);
    assert_eq!((&asked[0]["event"], &asked[0]["data"]["id"]), (&"watch instances".into(), &"1".into()));
    assert_eq!((&asked[1]["event"], &asked[1]["data"]["id"]), (&"get logdata".into(), &"2".into()));

    let late = sent(&step(&mut machine, 0.0, Input::Subscribe(3, logs(&[]))));
    assert_eq!(late[0]["data"]["logGroupName"], "/app");
    assert_eq!(step(&mut machine, 0.0, greeting()), [], "a second greeting begins nothing");
}

#[test]
fn a_lost_connection_resumes_after_the_last_row_and_repeats_none() {
    let mut machine = connected();
    assert_eq!(delivered_ids(&step(&mut machine, 1.0, lines("1", &["a", "b"]))), ["a", "b"]);
    assert_eq!(step(&mut machine, 10_000.0, Input::Lost), [Command::RetryIn(500)]);
    assert_eq!(machine.status(), LiveStatus::Reconnecting);
    assert_eq!(step(&mut machine, 10_500.0, Input::RetryDue), [Command::Open]);

    let commands = step(&mut machine, 10_600.0, greeting());
    assert_eq!(sent(&commands)[0]["data"]["after"], "b");
    assert!(commands.contains(&Command::Deliver(1, LiveUpdate::Resumed)));
    assert_eq!(delivered_ids(&step(&mut machine, 10_700.0, lines("1", &["b", "c"]))), ["c"]);
}

#[test]
fn a_list_of_instances_resumes_each_place_from_its_last_change() {
    let mut machine = Machine::default();
    let known = [known_at("us-east-1", 1), known_at("eu-west-1", 2)];
    step(&mut machine, 0.0, Input::Subscribe(1, instances(&known)));
    let since = |commands: &[Command]| {
        let asked = sent(commands);
        let since = asked[0]["data"]["since"].clone();
        serde_json::from_value::<Vec<KnownAt>>(since).expect("a list of places")
    };
    assert_eq!(since(&step(&mut machine, 0.0, greeting())), known);

    let change = ServerEvent::InstancesChanged(InstancesChange {
        id: "1".to_owned(),
        place: place("us-east-1"),
        at: Timestamp::from_millis(5_000),
        changed: Vec::new(),
        gone: Vec::new(),
        complete: false,
    });
    assert_eq!(step(&mut machine, 1.0, frame(&change)).len(), 1);
    step(&mut machine, 2.0, Input::Lost);
    step(&mut machine, 3.0, Input::RetryDue);
    assert_eq!(
        since(&step(&mut machine, 4.0, greeting())),
        [known_at("eu-west-1", 2), known_at("us-east-1", 5)]
    );
}

#[test]
fn a_whole_list_of_a_place_makes_the_page_forget_what_went_meanwhile_there_and_nowhere_else() {
    let (stays, went, elsewhere, new) = ("i-00000001", "i-00000002", "i-00000003", "i-00000004");
    let held = [instance(went, "us-east-1"), instance(elsewhere, "eu-west-1"), instance(stays, "us-east-1")];
    let shown_after = |complete, gone: &[&str]| {
        let mut machine = Machine::default();
        step(&mut machine, 0.0, Input::Subscribe(1, instances(&[])));
        step(&mut machine, 0.0, greeting());
        let change = frame(&ServerEvent::InstancesChanged(InstancesChange {
            id: "1".to_owned(),
            place: place("us-east-1"),
            at: Timestamp::from_millis(5_000),
            changed: vec![instance(stays, "us-east-1"), instance(new, "us-east-1")],
            gone: gone.iter().map(|id| id.parse().expect("an id")).collect(),
            complete,
        }));
        let [Command::Deliver(1, LiveUpdate::Instances(change))] =
            <[Command; 1]>::try_from(step(&mut machine, 1.0, change)).expect("one command")
        else {
            panic!("no change")
        };
        let mut shown = held.to_vec();
        let gone = change.lost_of(&shown);
        merge_instances(&mut shown, change.changed, &gone);
        shown.iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(shown_after(true, &[]), [elsewhere, stays, new]);
    assert_eq!(shown_after(false, &[]), [went, elsewhere, stays, new]);
    assert_eq!(shown_after(false, &[went]), [elsewhere, stays, new]);
}

#[test]
fn rows_that_the_page_already_shows_are_not_delivered_again() {
    let mut machine = Machine::default();
    step(&mut machine, 0.0, Input::Subscribe(7, logs(&["a", "b"])));
    assert_eq!(sent(&step(&mut machine, 0.0, greeting()))[0]["data"]["after"], "b");
    assert_eq!(delivered_ids(&step(&mut machine, 0.0, lines("7", &["a", "b", "c"]))), ["c"]);
}

#[test]
fn attempts_wait_longer_each_time_until_a_connection_was_stable() {
    let mut machine = connected();
    let mut waits = Vec::new();
    for _ in 0..9 {
        if let [Command::RetryIn(wait)] = step(&mut machine, 1.0, Input::Lost)[..] {
            waits.push(wait);
        }
        step(&mut machine, 1.0, Input::RetryDue);
    }
    assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);

    // Greeted and lost at once is no success …
    step(&mut machine, 1.0, greeting());
    assert_eq!(step(&mut machine, 2.0, Input::Lost), [Command::RetryIn(30_000)]);
    // … but a while is.
    step(&mut machine, 2.0, Input::RetryDue);
    step(&mut machine, 2.0, greeting());
    assert_eq!(step(&mut machine, 9_000.0, Input::Lost), [Command::RetryIn(500)]);
}

#[test]
fn jitter_only_ever_shortens_and_leaves_half() {
    for attempt in [0, 3, 40, u32::MAX] {
        assert!(back_off(attempt, 1.0) * 2 >= back_off(attempt, 0.0));
        assert!(back_off(attempt, 0.5) <= 30_000);
    }
}

#[test]
fn the_network_and_the_eye_of_the_person_shorten_the_wait() {
    let mut machine = connected();
    assert_eq!(step(&mut machine, 1.0, Input::WentOffline), [Command::Close]);
    assert_eq!(machine.status(), LiveStatus::Offline);
    assert_eq!(step(&mut machine, 1.0, Input::RetryDue), []);
    assert_eq!(step(&mut machine, 2.0, Input::WentOnline), [Command::Open]);
    step(&mut machine, 3.0, Input::Lost);
    assert_eq!(step(&mut machine, 4.0, Input::Woke), [Command::Open]);
    assert_eq!(step(&mut machine, 4.0, Input::Woke), [], "already opening");
}

#[test]
fn the_server_may_end_it_for_good_or_for_a_while() {
    let mut machine = connected();
    let closing = |reconnect| frame(&ServerEvent::Closing { reason: "restart".to_owned(), reconnect });
    assert_eq!(step(&mut machine, 1.0, closing(true)), []);
    assert_eq!(machine.notice(), Some("restart"));
    assert!(matches!(step(&mut machine, 1.0, Input::Lost)[..], [Command::RetryIn(_)]));
    step(&mut machine, 2.0, Input::RetryDue);
    step(&mut machine, 2.0, greeting());
    assert_eq!(machine.notice(), None);

    assert_eq!(step(&mut machine, 3.0, closing(false)), [Command::Close]);
    assert_eq!(machine.status(), LiveStatus::Closed);
    for input in [Input::Lost, Input::RetryDue, Input::Woke, Input::WentOnline] {
        assert_eq!(step(&mut machine, 4.0, input), []);
    }
}

#[test]
fn trouble_reaches_its_subscriber_and_a_fatal_one_ends_it() {
    let mut machine = connected();
    let trouble = |id: &str, fatal| {
        let error = Error::new(ErrorCode::AwsThrottled, "slow down");
        frame(&ServerEvent::Error(LiveError { id: id.to_owned(), error, fatal }))
    };
    assert!(matches!(
        step(&mut machine, 1.0, trouble("1", false))[..],
        [Command::Deliver(1, LiveUpdate::Trouble(Trouble { fatal: false, .. }))]
    ));
    let recovered = frame(&ServerEvent::Recovered { id: "1".to_owned() });
    assert_eq!(step(&mut machine, 1.0, recovered), [Command::Deliver(1, LiveUpdate::Recovered)]);
    assert!(matches!(step(&mut machine, 1.0, trouble("1", true))[..], [Command::Deliver(..)]));
    assert_eq!(step(&mut machine, 1.0, lines("1", &["z"])), [], "it has ended");
    assert_eq!(step(&mut machine, 1.0, trouble("", false)), []);
    assert_eq!(machine.notice(), Some("slow down"));
}

#[test]
fn what_was_asked_for_too_fast_is_asked_for_again_after_a_while() {
    let mut machine = connected();
    let refused = || {
        let error = Error::new(ErrorCode::RateLimited, "too fast");
        frame(&ServerEvent::Error(LiveError { id: "1".to_owned(), error, fatal: true }))
    };
    for _ in 0..2 {
        assert!(matches!(
            step(&mut machine, 1.0, refused())[..],
            [Command::Deliver(1, LiveUpdate::Trouble(Trouble { fatal: false, .. })), Command::RetryIn(8_000)]
        ));
        let again = step(&mut machine, 8_001.0, Input::RetryDue);
        assert_eq!(sent(&again)[0]["event"], "get logdata");
        assert_eq!(again[1..], [Command::Deliver(1, LiveUpdate::Recovered)]);
    }
    assert_eq!(step(&mut machine, 9_000.0, Input::RetryDue), [], "nothing is refused any more");
    assert_eq!(delivered_ids(&step(&mut machine, 9_000.0, lines("1", &["a"]))), ["a"]);
}

#[test]
fn a_trouble_of_the_connection_before_is_over_when_it_is_made_again() {
    let mut machine = connected();
    let error = Error::new(ErrorCode::AwsUnavailable, "away");
    let trouble = ServerEvent::Error(LiveError { id: "1".to_owned(), error, fatal: false });
    step(&mut machine, 1.0, frame(&trouble));
    step(&mut machine, 2.0, Input::Lost);
    step(&mut machine, 3.0, Input::RetryDue);
    let commands = step(&mut machine, 4.0, greeting());
    let told = [Command::Deliver(1, LiveUpdate::Recovered), Command::Deliver(1, LiveUpdate::Resumed)];
    assert_eq!(commands[1..], told, "the server tells of it again if it lasts");
}

#[test]
fn what_is_no_longer_wanted_is_stopped_and_strange_frames_are_passed_over() {
    let mut machine = connected();
    let stopped = sent(&step(&mut machine, 1.0, Input::Unsubscribe(1)));
    assert_eq!(stopped, [serde_json::json!({"event": "stop", "data": {"id": "1"}})]);
    assert_eq!(step(&mut machine, 1.0, Input::Unsubscribe(1)), []);
    for strange in
        ["", "null", "[]", r#"{"event":"weather","data":{}}"#, r#"{"event":"recovered","data":{"id":"x"}}"#]
    {
        assert_eq!(step(&mut machine, 1.0, Input::Frame(strange.to_owned())), [], "{strange}");
    }
    assert_eq!(machine.status(), LiveStatus::Live);
}
