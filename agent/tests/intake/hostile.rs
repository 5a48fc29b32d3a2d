//! What somebody may put in the way.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use zeef_agent::intake::shown::Doing;

use crate::bench::*;

#[tokio::test(start_paused = true)]
async fn links_pipes_and_folders_are_passed_over_and_no_name_does_harm() {
    let bench = Bench::watching("");
    let outside = bench.state().join("outside.json");
    std::fs::write(&outside, line("lap-outside")).unwrap();
    std::os::unix::fs::symlink(&outside, bench.path("link.json")).unwrap();
    std::os::unix::fs::symlink(bench.folder(), bench.path("loop")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", bench.path("dangling")).unwrap();
    std::fs::create_dir(bench.path("deeper")).unwrap();
    bench.write("deeper/a.json", line("lap-deeper"));
    assert!(
        Command::new("mkfifo")
            .arg(bench.path("pipe"))
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(bench.path("socket")).unwrap();
    for (number, name) in [
        &b"a\nb"[..],
        b"\xff\xfe",
        b"--help",
        b"'; drop table",
        b"..a",
        &[b'x'; 255],
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(
            bench.folder().join(OsStr::from_bytes(name)),
            line(&format!("lap-{number}")),
        )
        .unwrap();
    }
    let intake = bench.start().await;
    let mut seen = hosts(&intake, 6).await;
    seen.sort();
    assert_eq!(seen, ["lap-0", "lap-1", "lap-2", "lap-3", "lap-4", "lap-5"]);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_vanishes_while_it_is_read_is_read_to_its_end_and_holds_nothing_up() {
    let bench = Bench::watching("[spool]\nmost_mib = 1\n");
    let names: Vec<String> = (0..20_000).map(|number| format!("lap-{number}")).collect();
    bench.write("a.json", names.iter().map(|name| line(name)).collect::<String>());
    let intake = bench.start().await;
    once(&intake, |input| matches!(input.doing, Doing::WaitingForRoom(_))).await;
    std::fs::remove_file(bench.path("a.json")).unwrap();
    assert_eq!(hosts(&intake, names.len()).await, names);
    bench.write("b.json", line("lap-last"));
    assert_eq!(hosts(&intake, 1).await, ["lap-last"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_cut_while_it_is_read_ends_there_and_is_read_again() {
    let bench = Bench::watching("[spool]\nmost_mib = 1\n");
    let names: Vec<String> = (0..20_000).map(|number| format!("lap-{number}")).collect();
    bench.write("a.json", names.iter().map(|name| line(name)).collect::<String>());
    let intake = bench.start().await;
    once(&intake, |input| matches!(input.doing, Doing::WaitingForRoom(_))).await;
    bench.write("a.json", line("lap-new"));
    let mut seen = hosts(&intake, 1_000).await;
    while seen.last().is_none_or(|last| last != "lap-new") {
        seen.append(&mut hosts(&intake, 1).await);
    }
    assert!(names.starts_with(&seen[..seen.len() - 1]));
}

#[tokio::test(start_paused = true)]
async fn a_broken_file_is_counted_and_the_next_is_read() {
    let bench = Bench::watching("");
    bench.write("a.gz", b"\x1f\x8b\x08\x00broken");
    bench.write("b.json", "{\"name\":\"x\"");
    bench.write("c.json", [0xff; 4096]);
    bench.write("d.json", "");
    bench.write("e.json", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
    assert!(once(&intake, |input| input.refused >= 3).await.refused < 10);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn a_line_of_ten_megabytes_is_passed_over_and_counted() {
    let bench = Bench::tailing("from = 'start'\n");
    bench.write("log", line("lap-1"));
    bench.add("log", vec![b'x'; 10 << 20]);
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
    once(&intake, |input| input.lost == 1).await;
    drop(intake);
    // Its end comes after a restart, and is still a part of it.
    let intake = bench.start().await;
    bench.add("log", format!("{}{}", line("lap-2"), line("lap-3")));
    assert_eq!(hosts(&intake, 1).await, ["lap-3"]);
    // Where the restart came before its place was durable, the line is met from its beginning once more.
    assert!(once(&intake, |input| input.passed == 1).await.lost <= 1);
}

#[tokio::test(start_paused = true)]
async fn a_tailed_pipe_is_told_and_not_waited_for() {
    let bench = Bench::tailing("from = 'start'\n");
    assert!(
        Command::new("mkfifo")
            .arg(bench.path("log"))
            .status()
            .unwrap()
            .success()
    );
    let intake = bench.start().await;
    once(&intake, |input| matches!(input.doing, Doing::Trouble(_))).await;
    std::fs::remove_file(bench.path("log")).unwrap();
    bench.write("log", line("lap-1"));
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_takes_nothing_is_told_and_nothing_is_lost() {
    let bench = Bench::watching("");
    let intake = bench.start().await;
    // Where the next batch would be written stands something that cannot be written over, whoever asks.
    let number = NOW.0 + 1;
    let in_the_way = bench.state().join(format!("spool/{number}.new"));
    std::fs::create_dir(&in_the_way).unwrap();
    bench.write("a.json", line("lap-1"));
    let input = once(&intake, |input| matches!(input.doing, Doing::WaitingForRoom(_))).await;
    let Doing::WaitingForRoom(why) = input.doing else {
        panic!()
    };
    assert!(why.contains("disk"), "{why}");
    drop(intake);
    std::fs::remove_dir(&in_the_way).unwrap();
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
}
