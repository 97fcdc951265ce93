//! Talking-avatar videos on your own machine.

fn main() -> std::process::ExitCode {
    mouthpiece_server::cli::main()
}
