//! Ctrl-C, the closing of the console and the end of the system end the agent; Ctrl-Break makes it look at once.

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
};

use crate::platform::Asked;

/// Signals to this process, from the moment that this is made.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    close: CtrlClose,
    shutdown: CtrlShutdown,
    look: CtrlBreak,
}

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
            look: ctrl_break()?,
        })
    }

    /// Waits for the next one. Losing the future loses no signal.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.close.recv() => Asked::Stop,
            _ = self.shutdown.recv() => Asked::Stop,
            _ = self.look.recv() => Asked::Collect,
        }
    }
}
