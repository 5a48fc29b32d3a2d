//! What differs between two versions of a policy.

use std::collections::BTreeSet;

use zeef_proto::field::Field;
use zeef_proto::policy::{
    DataRow, Ground, Policy, Product, ProtocolDatum, Recipient, Responsible, Source, Term, Text, Treatment,
};

/// One difference. What it names is of the newer policy, or of the older where it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The title, a part of the controller or another line of text at the policy's head.
    Head(Head, Pair<String>),
    ProductAdded(Product),
    ProductRemoved(Product),
    ProductRenamed(Pair<Text>),
    RowAdded(Text, DataRow),
    RowRemoved(Text, DataRow),
    /// A row of the product of that name, by its id.
    RowChanged(Text, String, RowChange),
    RecipientAdded(Recipient),
    RecipientRemoved(Recipient),
    /// Parties of a recipient's area.
    RecipientNames(Text, Pair<Vec<String>>),
    /// Products whose data a recipient's area receives, by id.
    RecipientProducts(Text, Pair<Vec<String>>),
    ProtocolAdded(ProtocolDatum),
    ProtocolRemoved(ProtocolDatum),
    ProtocolChanged(Pair<ProtocolDatum>),
}

/// Before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair<T> {
    pub(crate) before: T,
    pub(crate) after: T,
}

/// A line at the policy's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    Title,
    Timezone,
    Name,
    Registration,
    Email,
    Phone,
    Complaints,
    Rights,
}

/// What changed of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowChange {
    Fields(Pair<BTreeSet<Field>>),
    Other(Pair<Option<Text>>),
    Source(Pair<Source>),
    Term(Pair<Term>),
    Responsible(Pair<BTreeSet<Responsible>>),
    Grounds(Pair<BTreeSet<Ground>>),
    Purpose(Pair<Text>),
    Treatment(Field, Pair<Treatment>),
}

/// All differences, in the order in which a policy says things. The version and the day of adoption always differ and
/// are not among them.
pub(crate) fn changes(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut found = Vec::new();
    head(old, new, &mut found);
    products(old, new, &mut found);
    protocol(old, new, &mut found);
    recipients(old, new, &mut found);
    found
}

fn differ<T: PartialEq + Clone>(before: &T, after: &T) -> Option<Pair<T>> {
    (before != after).then(|| Pair {
        before: before.clone(),
        after: after.clone(),
    })
}

fn head(old: &Policy, new: &Policy, found: &mut Vec<Change>) {
    let (was, is) = (&old.controller, &new.controller);
    let lines = [
        (Head::Title, old.title.clone(), new.title.clone()),
        (Head::Timezone, old.timezone.clone(), new.timezone.clone()),
        (Head::Name, was.name.clone(), is.name.clone()),
        (
            Head::Registration,
            was.registration.clone(),
            is.registration.clone(),
        ),
        (Head::Email, was.email.clone(), is.email.clone()),
        (Head::Phone, was.phone.clone(), is.phone.clone()),
        (
            Head::Complaints,
            was.complaints.join(", "),
            is.complaints.join(", "),
        ),
        (Head::Rights, was.rights.join(", "), is.rights.join(", ")),
    ];
    found.extend(
        lines
            .iter()
            .filter_map(|(line, before, after)| Some(Change::Head(*line, differ(before, after)?))),
    );
}

fn products(old: &Policy, new: &Policy, found: &mut Vec<Change>) {
    for product in &old.products {
        match new.product(&product.id) {
            None => found.push(Change::ProductRemoved(product.clone())),
            Some(now) => about_product(product, now, found),
        }
    }
    let added = new.products.iter().filter(|one| old.product(&one.id).is_none());
    found.extend(added.cloned().map(Change::ProductAdded));
}

fn about_product(old: &Product, new: &Product, found: &mut Vec<Change>) {
    found.extend(differ(&old.name, &new.name).map(Change::ProductRenamed));
    for row in &old.data {
        match new.data.iter().find(|one| one.id == row.id) {
            None => found.push(Change::RowRemoved(new.name.clone(), row.clone())),
            Some(now) => found.extend(
                about_row(row, now)
                    .into_iter()
                    .map(|change| Change::RowChanged(new.name.clone(), row.id.clone(), change)),
            ),
        }
    }
    let added = new
        .data
        .iter()
        .filter(|row| old.data.iter().all(|one| one.id != row.id));
    found.extend(added.cloned().map(|row| Change::RowAdded(new.name.clone(), row)));
}

fn about_row(old: &DataRow, new: &DataRow) -> Vec<RowChange> {
    let whole = [
        differ(&old.fields, &new.fields).map(RowChange::Fields),
        differ(&old.other, &new.other).map(RowChange::Other),
        differ(&old.source, &new.source).map(RowChange::Source),
        differ(&old.term, &new.term).map(RowChange::Term),
        differ(&old.responsible, &new.responsible).map(RowChange::Responsible),
        differ(&old.grounds, &new.grounds).map(RowChange::Grounds),
        differ(&old.purpose, &new.purpose).map(RowChange::Purpose),
    ];
    let both = old.fields.intersection(&new.fields);
    let treated = both.filter_map(|field| {
        let pair = differ(&old.treatment_of(*field), &new.treatment_of(*field))?;
        Some(RowChange::Treatment(*field, pair))
    });
    whole.into_iter().flatten().chain(treated).collect()
}

fn protocol(old: &Policy, new: &Policy, found: &mut Vec<Change>) {
    for datum in &old.protocol {
        match new.protocol.iter().find(|one| one.id == datum.id) {
            None => found.push(Change::ProtocolRemoved(datum.clone())),
            Some(now) => found.extend(differ(datum, now).map(Change::ProtocolChanged)),
        }
    }
    let added = new
        .protocol
        .iter()
        .filter(|datum| old.protocol.iter().all(|one| one.id != datum.id));
    found.extend(added.cloned().map(Change::ProtocolAdded));
}

/// A recipient is known by its area.
fn recipients(old: &Policy, new: &Policy, found: &mut Vec<Change>) {
    let ids = |one: &Recipient| one.products.iter().map(ToString::to_string).collect::<Vec<_>>();
    for recipient in &old.recipients {
        match new.recipients.iter().find(|one| one.area == recipient.area) {
            None => found.push(Change::RecipientRemoved(recipient.clone())),
            Some(now) => {
                let area = || now.area.clone();
                found.extend(
                    differ(&recipient.names, &now.names).map(|pair| Change::RecipientNames(area(), pair)),
                );
                found.extend(
                    differ(&ids(recipient), &ids(now)).map(|pair| Change::RecipientProducts(area(), pair)),
                );
            }
        }
    }
    let added = new
        .recipients
        .iter()
        .filter(|recipient| old.recipients.iter().all(|one| one.area != recipient.area));
    found.extend(added.cloned().map(Change::RecipientAdded));
}
