//! Takes the fields that a definition of Zeef names out of JSON lines by a VRL program, and prints how many seconds
//! each round took. `--print` prints what comes out instead.
//!
//! Usage: zeef-vrl-comparison SOURCE FILE ROUNDS|--print

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone};
use vrl::value::{Secrets, Value};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, file, rounds] = arguments.as_slice() else {
        fail("name a source, a file of its records and a number of rounds");
    };
    let program = compile(source);
    let lines =
        std::fs::read(file).unwrap_or_else(|error| fail(&format!("the records cannot be read ({error})")));
    if rounds == "--print" {
        each_line(&program, &lines, |out| println!("{out}"));
        return;
    }
    let Ok(rounds) = rounds.parse::<u32>() else {
        fail("the number of rounds is no number");
    };
    for _ in 0..rounds {
        let start = Instant::now();
        each_line(&program, &lines, |out| drop(black_box(out)));
        println!("{}", start.elapsed().as_secs_f64());
    }
}

fn compile(source: &str) -> Program {
    let taking = program(source);
    let text = taking + &program("treatment");
    match vrl::compiler::compile(&text, &vrl::stdlib::all()) {
        Ok(compiled) => compiled.program,
        Err(found) => fail(&format!("the program does not compile: {found:?}")),
    }
}

fn program(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("programs/{name}.vrl"));
    std::fs::read_to_string(file)
        .unwrap_or_else(|error| fail(&format!("there is no program {name} ({error})")))
}

fn each_line(program: &Program, lines: &[u8], mut give: impl FnMut(Value)) {
    let timezone = TimeZone::default();
    let mut state = RuntimeState::default();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut target = TargetValue {
            value: Value::Object([("message".into(), Value::from(line))].into()),
            metadata: Value::Object(Default::default()),
            secrets: Secrets::default(),
        };
        state.clear();
        let mut context = Context::new(&mut target, &mut state, &timezone);
        match program.resolve(&mut context) {
            Ok(value) => give(value),
            Err(error) => fail(&format!("a record is not taken: {error}")),
        }
    }
}

fn fail(message: &str) -> ! {
    eprintln!("zeef-vrl-comparison: {message}");
    std::process::exit(1);
}
