//! Running a source's definition over bytes.

use std::io;

use serde_json::{Value, json};
use zeef_agent::sieve::definition::embedded_named;
use zeef_agent::sieve::{Account, Minimised, Outlet, Refusal, Refused, Sieve, Subject, Verdict};
use zeef_proto::policy::Policy;

pub(crate) fn policy() -> Policy {
    Policy::parse(zeef_agent::policy::REFERENCE).unwrap()
}

pub(crate) fn sieve(source: &str) -> Sieve {
    let definition = embedded_named(source).unwrap().unwrap();
    Sieve::new(&definition, &policy(), None).unwrap()
}

/// What came out of a run.
#[derive(Default)]
pub(crate) struct Ran {
    /// Records without `source` and `product`.
    pub(crate) records: Vec<Value>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) account: Account,
}

impl Ran {
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.refused.iter().map(|refused| refused.refusal).collect()
    }

    /// Why values of fields were dropped, such as `username: a service account`.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let dropped = self
            .account
            .values()
            .into_iter()
            .filter_map(|(subject, verdict, _)| match verdict {
                Verdict::Dropped(reason) if subject != Subject::Link => Some(format!("{subject}: {reason}")),
                _ => None,
            });
        dropped.collect()
    }
}

impl Outlet for Ran {
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
        let mut value = serde_json::to_value(record)?;
        let object = value.as_object_mut().unwrap();
        object.remove("source");
        object.remove("product");
        self.records.push(value);
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.refused.push(*refused);
        Ok(())
    }
}

pub(crate) fn run(source: &str, input: &[u8]) -> Ran {
    let mut ran = Ran::default();
    ran.account = sieve(source).run(&mut &*input, &mut ran).unwrap();
    ran
}

/// The only record's fields; nothing may be refused.
#[track_caller]
pub(crate) fn fields(source: &str, input: impl AsRef<[u8]>) -> Value {
    let mut ran = run(source, input.as_ref());
    assert_eq!(ran.refusals(), []);
    assert_eq!(ran.account.read, 1);
    let Some(mut only) = ran.records.pop() else {
        return json!({});
    };
    only.as_object_mut().unwrap().remove("record");
    only
}

/// A device of Datto RMM with these members added.
pub(crate) fn device(members: &str) -> String {
    format!(r#"{{"uid":"d-1","deviceType":{{"category":"Laptop"}},{members}}}"#)
}

/// An audit of Datto RMM with these adapters.
pub(crate) fn audit(nics: &str) -> String {
    format!(r#"{{"systemInfo":{{"manufacturer":"Contoso"}},"nics":{nics}}}"#)
}
