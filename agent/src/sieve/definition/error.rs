//! What can be wrong with a definition. A definition holds no personal value, so that messages may quote it.

use zeef_proto::field::Field;
use zeef_proto::policy::ProductId;

/// Why a definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// Not TOML of a definition's form.
    #[error("the definition cannot be read: {0}")]
    Syntax(String),
    /// The file is not there, or not readable.
    #[error("the definition's file cannot be read ({0})")]
    File(std::io::ErrorKind),
    /// A product that the policy does not have.
    #[error("{name} names the product \"{product}\", which the policy does not have")]
    UnknownProduct {
        /// The definition.
        name: String,
        /// The product.
        product: ProductId,
    },
    /// A field that the product does not document.
    #[error("{name} feeds {field}, which the policy does not document for {product}; leave it out")]
    NotDocumented {
        /// The definition.
        name: String,
        /// The field.
        field: Field,
        /// The product.
        product: ProductId,
    },
    /// A path that cannot be understood.
    #[error(
        "{name} has the path \"{path}\", which is malformed; write keys with dots between, [] for arrays"
    )]
    Path {
        /// The definition.
        name: String,
        /// The path.
        path: String,
    },
    /// A condition on a path that lies in another array than the path it decides about.
    #[error("{name} decides about \"{path}\" by \"{by}\", which is not of the same record or element")]
    Scope {
        /// The definition.
        name: String,
        /// The path.
        path: String,
        /// The condition's path.
        by: String,
    },
    /// Nothing tells its records from others.
    #[error("{name} has a shape \"{shape}\" that any record would fit; say what it has")]
    Unrecognisable {
        /// The definition.
        name: String,
        /// The shape.
        shape: String,
    },
    /// Two pulls of one name.
    #[error("{name} has two pulls named \"{pull}\"; give each a name of its own")]
    PullTwice {
        /// The definition.
        name: String,
        /// The pull.
        pull: String,
    },
    /// Larger than the engine takes.
    #[error("{name} is too large: at most 64 conditions, 64 keys in one object and 16 steps in a path")]
    TooLarge {
        /// The definition.
        name: String,
    },
    /// A name that another definition has.
    #[error("the name \"{0}\" is another definition's; choose a different one")]
    NameTaken(String),
}
