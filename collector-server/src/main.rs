//! The collector's binary: parses the command line and calls the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    zeef_collector::log::hide_panics();
    zeef_collector::process::harden();
    zeef_collector::process::give_large_memory_back();
    zeef_collector::cli::main(std::env::args_os())
}
