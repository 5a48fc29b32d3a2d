//! `policy publish`: a policy that was signed, what it does to what is held already, and its publication.

use std::collections::BTreeMap;
use std::path::Path;

use zeef_proto::policy::{Adoption, Policy, SignedPolicy, Term};

use super::failure::Failure;
use super::output::print;
use super::policy::read_text;
use super::table::Table;
use super::{Context, terminal};
use crate::retention::{self, Row, ShortenedMinimum, Sooner};

/// A policy beside the one that is published.
pub(super) struct Offer {
    signed: SignedPolicy,
    /// `None` where it is published already.
    policy: Option<Policy>,
    published: Option<Policy>,
}

impl Offer {
    /// Reads a signed policy and holds it against the published one.
    pub(super) async fn read(context: &Context, file: &Path) -> Result<Self, Failure> {
        let signed: SignedPolicy = serde_json::from_str(&read_text(file)?).map_err(|_| {
            Failure::refused("the file is not a signed policy; make one with `zeef-collector policy sign`")
        })?;
        let held = context.store.policy().await?;
        let key = &context.config.policy_key;
        let policy = match signed.adopt_over(held.as_ref(), key)? {
            Adoption::Unchanged => None,
            Adoption::Adopt(policy) => Some(*policy),
        };
        let published = held.map(|held| held.verify(key)).transpose()?;
        Ok(Self {
            signed,
            policy,
            published,
        })
    }

    /// Shows what it deletes sooner.
    pub(super) async fn show(&self, context: &Context) -> Result<(), Failure> {
        let sooner = self.sooner(context).await?;
        if sooner.is_empty() {
            return print("Nothing that is held would be deleted sooner.\n");
        }
        print(&self.table(&sooner))
    }

    /// Publishes it. Where values that are held are deleted sooner, it says so first and asks.
    pub(super) async fn publish(
        self,
        context: &Context,
        yes: bool,
        accept_shorter_minimum: bool,
    ) -> Result<(), Failure> {
        let Some(policy) = &self.policy else {
            return print("This policy is published already.\n");
        };
        if let Some(published) = &self.published
            && !accept_shorter_minimum
            && let Some(first) = retention::shortened_minimums(published, policy).first()
        {
            return Err(refuse_shorter(first));
        }
        let sooner = self.sooner(context).await?;
        if !sooner.is_empty() {
            if !yes && !terminal::is_there() {
                return Err(Failure::refused(format!(
                    "{} of the values that are held would be deleted sooner, and nobody can be asked; look with --plan and \
                     publish with --yes. Nothing was changed",
                    sooner.values().map(|one| one.values).sum::<u64>()
                )));
            }
            print(&self.table(&sooner))?;
            if !yes && !terminal::confirm("Publish it? [y/N] ")? {
                return Err(Failure::refused("nothing was changed"));
            }
        }
        let version = policy.version;
        context.store.publish_policy(self.signed, context.now).await?;
        print(&format!(
            "Version {version} is published; agents take it over at their next report.\n"
        ))
    }

    async fn sooner(&self, context: &Context) -> Result<BTreeMap<Row, Sooner>, Failure> {
        Ok(match (&self.published, &self.policy) {
            (Some(published), Some(policy)) => {
                retention::shortened_values(context.store.as_ref(), published, policy, context.now).await?
            }
            _ => BTreeMap::new(),
        })
    }

    fn table(&self, sooner: &BTreeMap<Row, Sooner>) -> String {
        let term =
            |policy: &Option<Policy>, row: &str| -> Option<Term> { Some(policy.as_ref()?.row(row)?.1.term) };
        let mut table = Table::new(["PRODUCT", "ROW", "SOONER", "AT ONCE", "TERM", "NEW TERM"]);
        for ((product, row), counted) in sooner {
            table.row([
                product.to_string(),
                row.clone(),
                counted.values.to_string(),
                counted.at_once.to_string(),
                term(&self.published, row)
                    .map(|term| term.to_string())
                    .unwrap_or_default(),
                term(&self.policy, row)
                    .map(|term| term.to_string())
                    .unwrap_or_default(),
            ]);
        }
        format!(
            "Values that are held and will be deleted sooner than today:\n{}",
            table.render()
        )
    }
}

fn refuse_shorter(shortened: &ShortenedMinimum) -> Failure {
    let offered = shortened
        .term
        .map_or("has no such row".to_owned(), |term| format!("keeps it {term}"));
    Failure::refused(format!(
        "the row {row} is kept at least {months} months today and the new policy {offered}; give the row its minimum, \
         or add --accept-shorter-minimum if no law asks for it any more. Nothing was changed",
        row = shortened.row,
        months = shortened.months,
    ))
}
