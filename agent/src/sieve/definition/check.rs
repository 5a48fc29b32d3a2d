//! What a definition must keep to before a byte is read under it.

use zeef_proto::field::Field;
use zeef_proto::policy::{Policy, Product};

use super::model::Conditions;
use super::{Definition, DefinitionError, Feed, Format, Path, Shape};

impl Definition {
    /// Reads a definition and checks it against `policy`: it can use no field that its product does not document.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, DefinitionError> {
        let definition: Self =
            toml::from_str(text).map_err(|error| DefinitionError::Syntax(one_line(error.message())))?;
        definition.check(policy)?;
        Ok(definition)
    }

    fn check(&self, policy: &Policy) -> Result<(), DefinitionError> {
        let product = policy
            .product(&self.product)
            .ok_or_else(|| DefinitionError::UnknownProduct {
                name: self.name.to_string(),
                product: self.product.clone(),
            })?;
        for page in &self.pages {
            self.path(Format::Json, page)?;
        }
        for (at, pull) in self.pulls.iter().enumerate() {
            if self.pulls[..at].iter().any(|other| other.name == pull.name) {
                return Err(DefinitionError::PullTwice {
                    name: self.name.to_string(),
                    pull: pull.name.to_string(),
                });
            }
        }
        self.shapes
            .iter()
            .try_for_each(|shape| self.check_shape(shape, product))
    }

    fn check_shape(&self, shape: &Shape, product: &Product) -> Result<(), DefinitionError> {
        if shape.has.is_empty() && shape.is.is_empty() {
            return Err(DefinitionError::Unrecognisable {
                name: self.name.to_string(),
                shape: shape.name.clone(),
            });
        }
        for path in shape.has.iter().chain(&shape.lacks).chain(shape.is.keys()) {
            if !self.path(shape.format, path)?.scope().is_empty() {
                return Err(self.out_of_scope(&shape.name, path));
            }
        }
        let fields = shape.fields.keys().flat_map(|target| target.fields());
        if let Some(field) = fields.into_iter().find(|field| !documents(product, **field)) {
            return Err(DefinitionError::NotDocumented {
                name: self.name.to_string(),
                field: *field,
                product: self.product.clone(),
            });
        }
        let feeds = shape.fields.values().chain(shape.links.values()).flatten();
        feeds
            .into_iter()
            .try_for_each(|feed| self.check_feed(shape, feed))
    }

    fn check_feed(&self, shape: &Shape, feed: &Feed) -> Result<(), DefinitionError> {
        let path = self.path(shape.format, &feed.path)?;
        let conditions = [&feed.when, &feed.unless].into_iter().flat_map(Conditions::keys);
        for by in conditions {
            if !path.steps().starts_with(self.path(shape.format, by)?.scope()) {
                return Err(self.out_of_scope(&feed.path, by));
            }
        }
        Ok(())
    }

    pub(crate) fn path(&self, format: Format, text: &str) -> Result<Path, DefinitionError> {
        let path = if format == Format::Json {
            Path::parse(text)
        } else {
            Path::flat(text)
        };
        path.ok_or_else(|| DefinitionError::Path {
            name: self.name.to_string(),
            path: text.to_owned(),
        })
    }

    fn out_of_scope(&self, path: &str, by: &str) -> DefinitionError {
        DefinitionError::Scope {
            name: self.name.to_string(),
            path: path.to_owned(),
            by: by.to_owned(),
        }
    }
}

fn documents(product: &Product, field: Field) -> bool {
    product.data.iter().any(|row| row.fields.contains(&field))
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
