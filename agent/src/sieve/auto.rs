//! Which definition an input's records fit.

use std::io;

use super::{Minimised, Outlet, Refused, Sieve};

/// How much of an input is looked at.
pub const HEAD_BYTES: usize = 64 << 10;

/// The sieve that most records at an input's beginning fit, and of several the one that lets something of more of them
/// pass; `None` where they fit none, or several alike.
///
/// # Errors
/// None that reading from memory can give.
pub fn recognise<'a>(head: &[u8], sieves: &'a [Sieve]) -> io::Result<Option<&'a Sieve>> {
    let mut best: Option<(&Sieve, (u64, u64))> = None;
    let mut tied = false;
    for sieve in sieves {
        let account = sieve.run(&mut &*head, &mut Nowhere)?;
        let fit = (account.passed + account.empty, account.passed);
        match best {
            Some((_, most)) if fit < most => {}
            Some((_, most)) if fit == most => tied = true,
            _ if fit.0 > 0 => {
                best = Some((sieve, fit));
                tied = false;
            }
            _ => {}
        }
    }
    Ok(best.filter(|_| !tied).map(|(sieve, _)| sieve))
}

struct Nowhere;

impl Outlet for Nowhere {
    fn record(&mut self, _: &Minimised<'_>) -> io::Result<()> {
        Ok(())
    }

    fn refused(&mut self, _: &Refused) -> io::Result<()> {
        Ok(())
    }
}
