//! `zeef-agent`: parses the command line and calls the library.

fn main() -> std::process::ExitCode {
    zeef_agent::log::hide_panics();
    zeef_agent::platform::process::harden();
    zeef_agent::cli::main(std::env::args_os())
}
