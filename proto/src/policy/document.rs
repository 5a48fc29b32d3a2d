//! The policy's text: TOML, read strictly, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Term;
use crate::field::Field;
use crate::log_safe_by_display;

/// A privacy policy as a document that programs obey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Rises with each publication; an agent refuses a lower one.
    pub version: u64,
    /// What people call it, such as `Vokus privacybeleid 1.1`.
    pub title: String,
    /// The day on which it was adopted, `YYYY-MM-DD`.
    pub adopted: String,
    /// IANA time zone in which calendar terms are counted.
    pub timezone: String,
    /// Who is responsible for the processing (GDPR, article 4(7)).
    pub controller: Controller,
    /// What the protocol itself needs of a device, besides the documented fields.
    #[serde(default)]
    pub protocol: Vec<ProtocolDatum>,
    /// Sub-processors with whom data is shared.
    #[serde(default, rename = "recipient")]
    pub recipients: Vec<Recipient>,
    /// What the provider delivers, and what it holds for that.
    #[serde(rename = "product")]
    pub products: Vec<Product>,
}

/// The controller, as named in the privacy notice (GDPR, article 13(1)(a)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Trade name.
    pub name: String,
    /// Number in the trade register.
    pub registration: String,
    /// Address for requests.
    pub email: String,
    /// Telephone number for requests, E.123.
    pub phone: String,
    /// Whom a person may turn to with a complaint, in that order.
    pub complaints: Vec<String>,
    /// The rights that the notice names.
    pub rights: Vec<String>,
}

/// A sub-processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// What it is used for, such as `antivirus` or `hosting`.
    pub area: Text,
    /// The parties.
    pub names: Vec<String>,
    /// Products whose data they receive.
    #[serde(default)]
    pub products: Vec<ProductId>,
}

/// Something the protocol needs, listed so that a person is shown it like any other value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolDatum {
    /// Stable name.
    pub id: String,
    /// What it is.
    pub data: Text,
    /// Why it is needed.
    pub purpose: Text,
    /// How long it is held.
    pub term: Term,
}

/// A product of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Stable name, such as `antivirus`.
    pub id: ProductId,
    /// What people call it.
    pub name: Text,
    /// The rows of the policy's table.
    pub data: Vec<DataRow>,
}

/// One row of the policy: what, how long, who answers for it, on what ground and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRow {
    /// Stable name, unique in the document; permits and pages refer to it.
    pub id: String,
    /// Documented device fields of this row.
    #[serde(default)]
    pub fields: BTreeSet<Field>,
    /// Data that Zeef does not hold itself; shown in the notice and in every request's checklist.
    #[serde(default)]
    pub other: Option<Text>,
    /// Where the fields come from.
    #[serde(default)]
    pub source: Source,
    /// How long.
    pub term: Term,
    /// Who answers for the processing.
    pub responsible: BTreeSet<Responsible>,
    /// Legal grounds (GDPR, article 6(1)).
    pub grounds: BTreeSet<Ground>,
    /// Why.
    pub purpose: Text,
    /// What happens to a field before it is sent; `keep` where nothing is said.
    #[serde(default)]
    pub treatment: BTreeMap<Field, Treatment>,
}

impl DataRow {
    /// What happens to `field` before it leaves the device.
    #[must_use]
    pub fn treatment_of(&self, field: Field) -> Treatment {
        if self.fields.contains(&field) {
            self.treatment.get(&field).copied().unwrap_or(Treatment::Keep)
        } else {
            Treatment::Drop
        }
    }
}

/// How values of a row enter Zeef.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An agent on the device reports them.
    Agent,
    /// Records of the site's equipment or administration.
    Site,
    /// Not through Zeef.
    #[default]
    Elsewhere,
}

/// What happens to an input field before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// Sent in canonical form.
    Keep,
    /// Replaced by a keyed hash.
    Pseudonymise,
    /// Cut to its network or vendor part.
    Truncate,
    /// Not sent.
    Drop,
}

impl Treatment {
    /// How little it lets through: higher is less.
    #[must_use]
    pub const fn strictness(&self) -> u8 {
        match self {
            Self::Keep => 0,
            Self::Truncate => 1,
            Self::Pseudonymise => 2,
            Self::Drop => 3,
        }
    }
}

/// Who answers for a processing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Responsible {
    /// The organisation that the device belongs to.
    Customer,
    /// The managed service provider.
    Provider,
}

/// A legal ground of GDPR, article 6(1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Ground {
    /// Point (b): performance of a contract.
    Contract,
    /// Point (c): a legal obligation.
    LegalObligation,
    /// Point (e): a task in the public interest.
    PublicInterest,
}

/// A text in the languages that notice and pages come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {
    /// Dutch.
    pub nl: String,
    /// English.
    pub en: String,
}

/// The stable name of a product: lower-case letters, digits and hyphens, at most 40.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct ProductId(String);

impl ProductId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProductId {
    type Error = InvalidPolicy;

    fn try_from(name: String) -> Result<Self, InvalidPolicy> {
        let fits = (1..=40).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(name))
        } else {
            Err(InvalidPolicy::ProductName)
        }
    }
}

impl std::str::FromStr for ProductId {
    type Err = InvalidPolicy;

    fn from_str(name: &str) -> Result<Self, InvalidPolicy> {
        Self::try_from(name.to_owned())
    }
}

impl From<ProductId> for String {
    fn from(id: ProductId) -> Self {
        id.0
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

log_safe_by_display!(ProductId);

/// Why a text is not a usable policy. A policy holds no personal value of a device's user, so the message may
/// quote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// Not TOML of the policy's form.
    #[error("the policy cannot be read: {0}")]
    Syntax(String),
    /// A product name of another form.
    #[error("a product's id is 1 to 40 lower-case letters, digits and hyphens")]
    ProductName,
    /// Two rows or products of one name.
    #[error("the id \"{0}\" stands twice in the policy; make it unique")]
    Duplicate(String),
    /// A name that points nowhere.
    #[error("a recipient names the product \"{0}\", which the policy does not have")]
    UnknownProduct(String),
    /// A row that documents nothing.
    #[error("the row \"{0}\" has neither fields nor other data; give it one of them")]
    EmptyRow(String),
    /// A row with fields that come from nowhere, or without fields that come from somewhere.
    #[error("the row \"{0}\" must have fields exactly when its source is agent or site")]
    Source(String),
    /// A row that asks of the agent what it cannot collect itself.
    #[error("the row \"{0}\" asks the agent for {1}, which only a site source can give")]
    NotCollectable(String, Field),
    /// A treatment for a field that the row does not have.
    #[error("the row \"{0}\" treats {1}, which is not among its fields")]
    StrayTreatment(String, Field),
    /// A row without ground or responsible party, or with a term of no months.
    #[error("the row \"{0}\" needs a ground, a responsible party and a term above zero")]
    Incomplete(String),
    /// A date that is none.
    #[error("the policy's date of adoption is not of the form YYYY-MM-DD")]
    Date,
}

impl Policy {
    /// Reads and checks a policy.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidPolicy> {
        let policy: Self = toml::from_str(text).map_err(|error| InvalidPolicy::Syntax(error.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    /// The product of that name.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.iter().find(|product| product.id == *id)
    }

    /// The row of that name, and its product.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<(&Product, &DataRow)> {
        self.products
            .iter()
            .find_map(|product| Some((product, product.data.iter().find(|row| row.id == id)?)))
    }

    fn check(&self) -> Result<(), InvalidPolicy> {
        self.adopted
            .parse::<jiff::civil::Date>()
            .map_err(|_| InvalidPolicy::Date)?;
        let mut seen = BTreeSet::new();
        let rows = self.products.iter().flat_map(|product| &product.data);
        let ids = rows.clone().map(|row| row.id.as_str());
        if let Some(twice) = ids
            .chain(self.protocol.iter().map(|datum| datum.id.as_str()))
            .find(|id| !seen.insert(*id))
        {
            return Err(InvalidPolicy::Duplicate(twice.to_owned()));
        }
        let mut products = BTreeSet::new();
        if let Some(twice) = self.products.iter().find(|product| !products.insert(&product.id)) {
            return Err(InvalidPolicy::Duplicate(twice.id.to_string()));
        }
        let named = self.recipients.iter().flat_map(|recipient| &recipient.products);
        if let Some(stray) = named.into_iter().find(|id| !products.contains(id)) {
            return Err(InvalidPolicy::UnknownProduct(stray.to_string()));
        }
        rows.into_iter().try_for_each(check_row)
    }
}

fn check_row(row: &DataRow) -> Result<(), InvalidPolicy> {
    let id = || row.id.clone();
    if row.fields.is_empty() && row.other.is_none() {
        return Err(InvalidPolicy::EmptyRow(id()));
    }
    if row.fields.is_empty() != (row.source == Source::Elsewhere) {
        return Err(InvalidPolicy::Source(id()));
    }
    let collectable = |field: &Field| *field == Field::PublicIp || Field::OF_AGENT.contains(field);
    if row.source == Source::Agent
        && let Some(field) = row.fields.iter().find(|field| !collectable(field))
    {
        return Err(InvalidPolicy::NotCollectable(id(), *field));
    }
    if let Some(field) = row.treatment.keys().find(|field| !row.fields.contains(field)) {
        return Err(InvalidPolicy::StrayTreatment(id(), *field));
    }
    let no_term = matches!(row.term, Term::Months(0) | Term::ServiceAtLeastMonths(0));
    if row.grounds.is_empty() || row.responsible.is_empty() || no_term {
        return Err(InvalidPolicy::Incomplete(id()));
    }
    Ok(())
}
