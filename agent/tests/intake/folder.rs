//! A watched folder.

use zeef_agent::intake::shown::Doing;

use crate::bench::*;

#[tokio::test(start_paused = true)]
async fn each_file_is_read_once_also_over_a_restart_and_again_when_it_changed() {
    let bench = Bench::watching("");
    bench.write("a.json", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
    nothing_comes(&intake).await;
    drop(intake);

    let intake = bench.start().await;
    bench.write("b.json", line("lap-2"));
    assert_eq!(hosts(&intake, 1).await, ["lap-2"]);
    bench.add("a.json", line("lap-3"));
    assert_eq!(hosts(&intake, 2).await, ["lap-1", "lap-3"]);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_not_read_again_after_a_restart_and_keeps_its_number_and_bytes() {
    let bench = Bench::watching("");
    bench.write("a.json", line("lap-1"));
    let intake = bench.start().await;
    let before = front(&intake).await;
    drop(intake);
    let intake = bench.start().await;
    assert_eq!(front(&intake).await, before);
    acknowledge(&intake, &before);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_not_there_says_so_and_is_read_once_it_comes() {
    let bench = Bench::watching("");
    std::fs::remove_dir(bench.folder()).unwrap();
    let intake = bench.start().await;
    let troubled = once(&intake, |input| matches!(input.doing, Doing::Trouble(_))).await;
    assert_eq!((troubled.passed, troubled.last_read), (0, None));
    std::fs::create_dir(bench.folder()).unwrap();
    bench.write("a.json", line("lap-1"));
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
    let well = once(&intake, |input| input.doing == Doing::Reading).await;
    assert_eq!((well.passed, well.last_read), (1, Some(NOW)));
}

#[tokio::test(start_paused = true)]
async fn only_files_of_the_pattern_are_read() {
    let bench = Bench::watching("files = '*.json'\n");
    bench.write("a.txt", line("lap-1"));
    bench.write("b.json", line("lap-2"));
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-2"]);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_repeats_what_was_said_sends_nothing_within_a_day_and_a_change_at_once() {
    let bench = Bench::watching("");
    bench.write("a.json", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
    bench.write("b.json", line("lap-1"));
    let input = once(&intake, |input| input.repeated == 1).await;
    assert_eq!(input.passed, 2);
    nothing_comes(&intake).await;
    bench.write("c.json", line("lap-2"));
    assert_eq!(hosts(&intake, 1).await, ["lap-2"]);
    bench.pass(86_400);
    bench.write("d.json", line("lap-2"));
    assert_eq!(hosts(&intake, 1).await, ["lap-2"]);
}

#[tokio::test(start_paused = true)]
async fn many_records_go_in_messages_that_the_collector_takes_and_keep_their_order() {
    let bench = Bench::watching("");
    let names: Vec<String> = (0..1_000).map(|number| format!("lap-{number}")).collect();
    bench.write("a.json", names.iter().map(|name| line(name)).collect::<String>());
    let intake = bench.start().await;
    let mut seen = Vec::new();
    while seen.len() < names.len() {
        let batch = front(&intake).await;
        assert!(batch.body.len() <= zeef_proto::wire::MAX_BODY);
        let mut hosts = hosts_in(&batch);
        assert!(hosts.len() <= zeef_proto::wire::MAX_RECORDS);
        seen.append(&mut hosts);
        acknowledge(&intake, &batch);
    }
    assert_eq!(seen, names);
}

#[tokio::test(start_paused = true)]
async fn a_file_of_unknown_kind_is_recognised_or_counted() {
    let bench = Bench::new();
    let folder = bench.folder().display().to_string();
    bench.configure(&format!(
        "[[folder]]\npath = '{folder}'\nsource = 'auto'\nabout = 'site'\n"
    ));
    bench.write("a.json", line("lap-1"));
    bench.write("b.json", "{\"nobody\":\"knows\"}\n");
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 1).await, ["lap-1"]);
    assert_eq!(
        once(&intake, |input| input.unrecognised > 0).await.unrecognised,
        1
    );
}
