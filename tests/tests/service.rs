//! Both programs as services: signals, health, bounds, and who may work with a state.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::time::{Duration, Instant};

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeef_proto::wire::{ProblemCode, path};
use zeef_tests::device::{Dial, Fields, RawDevice};
use zeef_tests::installation::{Host, STOPS_WITHIN};
use zeef_tests::{Agent, Installation, Settings};

#[test]
fn a_signal_ends_the_agent_within_a_second_whatever_it_does() {
    let mut collector = Installation::started();
    let mut agent = Agent::enrolled(&collector, "lap-17");
    for (signal, collector_runs) in [("TERM", true), ("INT", true), ("TERM", false)] {
        if !collector_runs {
            collector.stop();
        }
        // Something to tell, so that there is something to interrupt.
        agent
            .machine()
            .set_hostname(&format!("lap-{signal}-{collector_runs}"));
        agent.start();
        agent.process().wait_for_log(if collector_runs {
            "the agent runs"
        } else {
            "cannot be reached"
        });
        let asked = Instant::now();
        agent.process().signal(signal);
        agent.ended(0);
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
    }
}

#[test]
fn a_collector_without_an_answer_does_not_keep_the_agent_from_ending() {
    let collector = Installation::started();
    let mut agent = Agent::enrolled(&collector, "lap-17");
    // Stopped in the middle of its work: connections are made by the system, and nobody answers.
    collector.process().signal("STOP");
    agent.start();
    agent.process().wait_for_log("the agent runs");
    let asked = Instant::now();
    agent.stop();
    let took = asked.elapsed();
    collector.process().signal("CONT");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_second_agent_on_the_same_state_is_refused_and_the_first_goes_on() {
    let collector = Installation::started();
    let mut agent = Agent::enrolled(&collector, "lap-17");
    agent.start();
    agent.wait_for_report(1);
    for command in [
        &["run"][..],
        &["enroll", "--url", "https://127.0.0.1:1"],
        &["unenroll"],
    ] {
        let mut second = agent.command(command);
        second.env("ZEEF_ENROLL_TOKEN", collector.token("Bakkerij Jansen", 1));
        let said = zeef_tests::command::run(second).refused(1);
        assert!(said.contains("another zeef-agent"), "{said}");
    }
    for command in ["preview", "sent", "status", "policy"] {
        drop(agent.run(&[command]).done());
    }
    agent.machine().set_hostname("lap-18");
    agent.look();
    agent.wait_for_report(2);
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_tell_how_things_are_and_nothing_of_anybody() {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    device.report(2, &Fields::numbered(2)).await;
    for (path, body) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = collector.operations(path).await.unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, body));
    }
    assert_eq!(collector.metric("zeef_reports_total{result=\"stored\"}").await, 2);
    assert_eq!(collector.metric("zeef_enrolments_total").await, 1);
    let metrics = collector.operations("/metrics").await.unwrap().text();
    for value in [
        "name-2",
        "user-2",
        "10.7.0.2",
        "00:1a:2b",
        &device.id.to_string(),
        "Bakkerij",
    ] {
        assert!(!metrics.contains(value), "{value} in {metrics}");
    }
    collector.stop();
    assert!(collector.operations("/healthz").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_request_in_progress_and_takes_no_new_one() {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let device = RawDevice::enrol(&collector.contact(), &token).await;
    let body = Fields::numbered(1).report(1);
    let mut stream = device.dial.tls().await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: collector\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        path::REPORT,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The collector says this once it reads the body: the request is in progress.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    // An idle connection beside it must not hold up the stop.
    let mut idle = device.dial.connect().await.unwrap();
    assert_eq!(idle.ask(Method::GET, path::POLICY, "").await.unwrap().status, 200);

    collector.process().signal("TERM");
    collector.process().wait_for_log("stopping");
    stream.write_all(&body).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"acknowledged\":1"),
        "{answer}"
    );
    assert!(device.dial.connect().await.is_err(), "the port is closed");
    collector.stop();
    assert_eq!(
        collector.only_device().values("device_name"),
        ["name-1"],
        "and what was acknowledged is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_and_slow_bodies_end_and_others_are_served_meanwhile() {
    let settings = Settings {
        request_timeout: "1s",
        ..Settings::default()
    };
    let collector = Installation::started_with(settings, Host::default());
    let token = collector.customer("Bakkerij Jansen", 1);
    let device = RawDevice::enrol(&collector.contact(), &token).await;
    let started = Instant::now();
    let mut slow_head = device.dial.tls().await.unwrap();
    slow_head
        .write_all(b"POST /v1/report HTTP/1.1\r\nhost: ")
        .await
        .unwrap();
    let mut slow_body = device.dial.tls().await.unwrap();
    slow_body
        .write_all(b"POST /v1/report HTTP/1.1\r\nhost: x\r\ncontent-length: 90\r\n\r\n{")
        .await
        .unwrap();
    let mut silent = device.dial.tcp().await.unwrap();
    let mut other = device.dial.connect().await.unwrap();
    assert_eq!(
        other.ask(Method::GET, path::POLICY, "").await.unwrap().status,
        200
    );

    let mut said = Vec::new();
    // How it ends, by an orderly close or not, is the collector's choice; that it ends is what counts.
    drop(slow_head.read_to_end(&mut said).await);
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    let mut said = Vec::new();
    drop(slow_body.read_to_end(&mut said).await);
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        said.starts_with("HTTP/1.1 400") && said.contains("too slowly"),
        "{said}"
    );
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    silent.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_asks_too_often_is_told_how_long_to_wait_and_others_are_not_kept_waiting() {
    let settings = Settings {
        requests_per_device: 5,
        ..Settings::default()
    };
    let collector = Installation::started_with(settings, Host::default());
    let token = collector.customer("Bakkerij Jansen", 2);
    let mut eager = RawDevice::enrol(&collector.contact(), &token).await;
    let mut other = RawDevice::enrol(&collector.contact(), &token).await;
    for number in 1..=5 {
        eager.report(number, &Fields::numbered(number)).await;
    }
    let answer = eager.send(Fields::numbered(6).report(6)).await.unwrap();
    assert_eq!(answer.code(), ProblemCode::TooManyRequests);
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    other.report(1, &Fields::numbered(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_bound_are_told_to_come_back() {
    let settings = Settings {
        max_connections: 2,
        ..Settings::default()
    };
    let collector = Installation::started_with(settings, Host::default());
    let dial = Dial::new(&collector.contact(), None);
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut connection = dial.connect().await.unwrap();
        assert_eq!(
            connection
                .ask(Method::GET, path::RECOVERY, "")
                .await
                .unwrap()
                .status,
            200
        );
        kept.push(connection);
    }
    let answer = dial
        .connect()
        .await
        .unwrap()
        .ask(Method::GET, path::RECOVERY, "")
        .await
        .unwrap();
    assert_eq!(answer.code(), ProblemCode::Unavailable);
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    let still = kept[0].ask(Method::GET, path::RECOVERY, "").await.unwrap();
    assert_eq!(still.status, 200);
}

#[test]
fn a_restart_loses_nothing_and_takes_no_longer_than_promised() {
    let mut collector = Installation::started();
    let mut agent = Agent::enrolled(&collector, "lap-17");
    agent.start();
    agent.wait_for_report(1);
    let before = collector.only_device().0;
    let asked = Instant::now();
    collector.stop();
    assert!(asked.elapsed() < STOPS_WITHIN);
    collector.start();
    assert_eq!(collector.only_device().0, before);
    agent.stop();
}
