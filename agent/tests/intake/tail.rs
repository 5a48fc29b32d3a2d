//! A tailed file.

use zeef_agent::intake::Intake;

use crate::bench::*;

async fn next(intake: &Intake) -> String {
    hosts(intake, 1).await.remove(0)
}

#[tokio::test(start_paused = true)]
async fn what_the_file_holds_at_first_sight_is_read_only_where_that_is_asked_for() {
    for (from, expected) in [("start", "lap-1"), ("end", "lap-2")] {
        let bench = Bench::tailing(&format!("from = '{from}'\n"));
        bench.write("log", line("lap-1"));
        let intake = bench.start().await;
        once(&intake, |input| input.last_read.is_some()).await;
        bench.add("log", line("lap-2"));
        assert_eq!(next(&intake).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_comes_later_is_read_from_its_start() {
    let bench = Bench::tailing("");
    let intake = bench.start().await;
    nothing_comes(&intake).await;
    bench.write("log", line("lap-1"));
    assert_eq!(next(&intake).await, "lap-1");
}

#[tokio::test(start_paused = true)]
async fn a_line_waits_for_its_end() {
    let bench = Bench::tailing("");
    bench.write("log", "");
    let intake = bench.start().await;
    once(&intake, |input| input.last_read.is_some()).await;
    let (first, second) = (line("lap-1"), line("lap-2"));
    let (half, rest) = second.split_at(20);
    bench.add("log", format!("{first}{half}"));
    assert_eq!(next(&intake).await, "lap-1");
    nothing_comes(&intake).await;
    bench.add("log", rest);
    assert_eq!(next(&intake).await, "lap-2");
    assert_eq!(once(&intake, |_| true).await.refused, 0);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_renamed_and_followed_by_another_is_read_to_its_end_first() {
    let bench = Bench::tailing("from = 'start'\n");
    bench.write("log", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(next(&intake).await, "lap-1");
    std::fs::rename(bench.path("log"), bench.path("log.1")).unwrap();
    bench.add("log.1", line("lap-2"));
    // Without its end, which it will never get.
    bench.add("log.1", line("lap-3").trim_end());
    bench.write("log", line("lap-4"));
    assert_eq!(hosts(&intake, 3).await, ["lap-2", "lap-3", "lap-4"]);
    bench.add("log", line("lap-5"));
    assert_eq!(next(&intake).await, "lap-5");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_copied_and_cut_is_read_from_its_start_again() {
    let bench = Bench::tailing("from = 'start'\n");
    bench.write("log", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(next(&intake).await, "lap-1");
    std::fs::copy(bench.path("log"), bench.path("log.1")).unwrap();
    bench.write("log", "");
    nothing_comes(&intake).await;
    bench.add("log", line("lap-2"));
    assert_eq!(next(&intake).await, "lap-2");
    // Cut and longer than before at once: no size tells, and what stands there does.
    bench.write("log", format!("{}{}", line("lap-3"), line("lap-4")));
    assert_eq!(hosts(&intake, 2).await, ["lap-3", "lap-4"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_deleted_and_comes_again_is_read_from_its_start() {
    let bench = Bench::tailing("from = 'start'\n");
    bench.write("log", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(next(&intake).await, "lap-1");
    std::fs::remove_file(bench.path("log")).unwrap();
    nothing_comes(&intake).await;
    bench.write("log", line("lap-2"));
    assert_eq!(next(&intake).await, "lap-2");
}

#[tokio::test(start_paused = true)]
async fn reading_goes_on_after_a_restart_where_it_stood() {
    let bench = Bench::tailing("");
    bench.write("log", line("lap-0"));
    let intake = bench.start().await;
    once(&intake, |input| input.last_read.is_some()).await;
    bench.add("log", line("lap-1"));
    assert_eq!(next(&intake).await, "lap-1");
    drop(intake);
    bench.add("log", line("lap-2"));
    let intake = bench.start().await;
    assert_eq!(next(&intake).await, "lap-2");
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_was_renamed_while_the_agent_was_off_is_found_and_read_on() {
    let bench = Bench::tailing("from = 'start'\n");
    bench.write("log", line("lap-1"));
    let intake = bench.start().await;
    assert_eq!(next(&intake).await, "lap-1");
    drop(intake);
    bench.add("log", line("lap-2"));
    std::fs::rename(bench.path("log"), bench.path("log.1")).unwrap();
    bench.write("log", line("lap-3"));
    let intake = bench.start().await;
    assert_eq!(hosts(&intake, 2).await, ["lap-2", "lap-3"]);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn lines_without_anything_to_send_move_the_position_on_too() {
    let bench = Bench::tailing("");
    bench.write("log", "");
    let intake = bench.start().await;
    once(&intake, |input| input.last_read.is_some()).await;
    bench.add("log", "{\"nothing\":\"of osquery\"}\n");
    assert_eq!(once(&intake, |input| input.refused > 0).await.refused, 1);
    drop(intake);
    let intake = bench.start().await;
    nothing_comes(&intake).await;
    assert_eq!(once(&intake, |_| true).await.refused, 0);
}
