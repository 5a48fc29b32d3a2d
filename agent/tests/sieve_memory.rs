//! The memory of a run does not depend on the length of its input or of a record. In a program of its own: other
//! tests would count.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::{self, Read};

use zeef_agent::policy::REFERENCE;
use zeef_agent::sieve::definition::embedded_named;
use zeef_agent::sieve::{Minimised, Outlet, Refused, Sieve};
use zeef_proto::policy::Policy;

const MEBIBYTE: usize = 1 << 20;
/// What a run may add: its window, its memory of decisions, the tables of the standard library.
const MOST_KIB: u64 = 4096;

/// `head`, then `body` again and again, then `tail`.
struct Long {
    head: &'static [u8],
    body: &'static [u8],
    tail: &'static [u8],
    at: usize,
    left: usize,
}

impl Long {
    const fn new(head: &'static str, body: &'static str, tail: &'static str, length: usize) -> Self {
        Self {
            head: head.as_bytes(),
            body: body.as_bytes(),
            tail: tail.as_bytes(),
            at: 0,
            left: length / body.len(),
        }
    }
}

impl Read for Long {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        if self.left == 0 {
            return self.tail.read(buffer);
        }
        let mut count = 0;
        while self.left > 0 && count < buffer.len() {
            let given = (&self.body[self.at..]).read(&mut buffer[count..])?;
            count += given;
            self.at += given;
            if self.at == self.body.len() {
                self.at = 0;
                self.left -= 1;
            }
        }
        Ok(count)
    }
}

struct Counted(u64);

impl Outlet for Counted {
    fn record(&mut self, _: &Minimised<'_>) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn refused(&mut self, _: &Refused) -> io::Result<()> {
        Ok(())
    }
}

/// The most that this process has held, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn memory_is_flat_whatever_comes() {
    const EVENT: &str =
        "{\"event_type\":1,\"source_uuid\":1,\"hostname\":\"lap-17\",\"x\":[1,2,{\"y\":\"z\"}]}\n";
    let policy = Policy::parse(REFERENCE).unwrap();
    let sieve = |name: &str| Sieve::new(&embedded_named(name).unwrap().unwrap(), &policy, None).unwrap();
    let (eset, phones) = (sieve("eset-protect"), sieve("voip-csv"));
    let mut outlet = Counted(0);
    let mut run = |sieve: &Sieve, mut input: Long| {
        sieve.run(&mut input, &mut outlet).unwrap();
        std::mem::take(&mut outlet.0)
    };
    run(&eset, Long::new("", EVENT, "", 10_000));
    let before = peak();

    let records = run(&eset, Long::new("", EVENT, "", 24 * MEBIBYTE));
    assert_eq!(records as usize, 24 * MEBIBYTE / EVENT.len());
    let closing = "\",\"event_type\":1,\"source_uuid\":1}\n";
    for (head, body, tail) in [
        (
            "{\"x\":\"",
            "long text ",
            "\",\"hostname\":\"lap-17\",\"event_type\":1,\"source_uuid\":1}\n",
        ),
        ("{\"hostname\":\"lap-17\",\"username\":\"", "longname", closing),
        (
            "{\"hostname\":\"lap-17\",\"x\":[",
            "{\"a\":\"b\"},",
            "1],\"event_type\":1,\"source_uuid\":1}",
        ),
        (
            "{\"hostname\":\"lap-17\",\"",
            "long key",
            "\":1,\"event_type\":1,\"source_uuid\":1}",
        ),
        ("CEF:0|ESET|P|1|1|N|1|dvchost=lap-17 msg=", "long text ", "\n"),
        ("CEF:0|ESET|P|1|1|N|1|dvchost=lap-17 suser=", "longname", "\n"),
    ] {
        assert_eq!(run(&eset, Long::new(head, body, tail, 8 * MEBIBYTE)), 1, "{head}");
    }
    for (head, body, tail) in [
        ("mac_address,x\n00:1a:2b:3c:4d:5e,\"", "long text\n", "\"\n"),
        ("mac_address,device_name\n00:1a:2b:3c:4d:5e,", "longname", "\n"),
    ] {
        assert_eq!(
            run(&phones, Long::new(head, body, tail, 8 * MEBIBYTE)),
            1,
            "{head}"
        );
    }
    let more = peak() - before;
    assert!(more < MOST_KIB, "{more} KiB more than after a small input");
}
