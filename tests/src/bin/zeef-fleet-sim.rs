//! `zeef-fleet-sim`: parses the command line and calls the library.

fn main() -> std::process::ExitCode {
    zeef_tests::fleet::main(std::env::args_os())
}
