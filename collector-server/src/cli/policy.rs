//! `policy`.

use std::path::{Path, PathBuf};

use zeef_proto::policy::{DataRow, InvalidPolicy, Policy, Source};

use super::arguments::{Format, Policy as Command, Told, Tongue};
use super::failure::Failure;
use super::offer::Offer;
use super::output::print;
use super::{Context, Output};
use crate::files::replace_private;
use crate::installation;
use crate::notice::{self, Kind};
use crate::web::locale::Language;

pub(super) async fn run(command: Command, config: &Path) -> Result<(), Failure> {
    match command {
        Command::Sign { file, key, out } => sign(&file, &key, out),
        Command::Show { form } => {
            let context = Context::open(config)?;
            let policy = context.policy().await?;
            Output::new(form).say(&policy, &render(&policy))
        }
        Command::Notice(told) => tell(Kind::Notice, told, config).await,
        Command::Register(told) => tell(Kind::Register, told, config).await,
        Command::Publish {
            file,
            plan,
            yes,
            accept_shorter_minimum,
        } => {
            let context = Context::open(config)?;
            let offer = Offer::read(&context, &file).await?;
            if plan {
                offer.show(&context).await
            } else {
                offer.publish(&context, yes, accept_shorter_minimum).await
            }
        }
    }
}

/// What is wrong with a policy, in one line: the parser shows the place in several.
fn invalid(error: &InvalidPolicy) -> Failure {
    let text = error.to_string();
    Failure::refused(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Writes a text that is made from a policy.
async fn tell(kind: Kind, told: Told, config: &Path) -> Result<(), Failure> {
    let policy = match told.file {
        Some(file) => Policy::parse(&read_text(&file)?).map_err(|error| invalid(&error))?,
        None => Context::open(config)?.policy().await?,
    };
    let document = kind.of(
        &policy,
        match told.language {
            Tongue::Nl => Language::Dutch,
            Tongue::En => Language::English,
        },
    );
    let text = match told.format {
        Format::Markdown => Ok(notice::markdown(&document)),
        Format::Html => notice::page(&document).map_err(|_| "HTML"),
        Format::Json => serde_json::to_string_pretty(&document)
            .map(|text| text + "\n")
            .map_err(|_| "JSON"),
    };
    print(&text.map_err(|form| Failure::failed(format!("the text cannot be written as {form}")))?)
}

fn sign(file: &Path, key: &Path, out: Option<PathBuf>) -> Result<(), Failure> {
    let document = read_text(file)?;
    let signed = installation::read_signing_key(key)?.sign(&document)?;
    let out = out.unwrap_or_else(|| file.with_extension("signed.json"));
    let json = serde_json::to_vec_pretty(&signed)
        .map_err(|_| Failure::failed("the signed policy cannot be written as JSON"))?;
    replace_private(&out, &json).map_err(|error| {
        Failure::failed(format!("{} cannot be written ({})", out.display(), error.kind()))
    })?;
    print(&format!(
        "{out} was written. Publish it with:\n  zeef-collector policy publish {out}\n",
        out = out.display()
    ))
}

/// Reads a file that the command line named.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::refused(format!("{} cannot be read ({})", path.display(), error.kind())))
}

fn render(policy: &Policy) -> String {
    let mut text = format!(
        "{}\nversion {}, adopted {}\n{}, {}, {}, {}\n",
        policy.title,
        policy.version,
        policy.adopted,
        policy.controller.name,
        policy.controller.registration,
        policy.controller.email,
        policy.controller.phone,
    );
    for product in &policy.products {
        text.push_str(&format!("\n{} ({})\n", product.name.en, product.id));
        for row in &product.data {
            text.push_str(&render_row(row));
        }
    }
    if !policy.protocol.is_empty() {
        text.push_str("\nWhat the protocol itself needs\n");
        for datum in &policy.protocol {
            text.push_str(&format!("  {}: {}; {}\n", datum.id, datum.data.en, datum.term));
        }
    }
    if !policy.recipients.is_empty() {
        text.push_str("\nRecipients\n");
        for recipient in &policy.recipients {
            text.push_str(&format!(
                "  {}: {}\n",
                recipient.area.en,
                recipient.names.join(", ")
            ));
        }
    }
    text
}

fn render_row(row: &DataRow) -> String {
    let fields: Vec<_> = row.fields.iter().map(|field| field.name()).collect();
    let data = match &row.other {
        Some(other) if fields.is_empty() => other.en.clone(),
        Some(other) => format!("{}; {}", fields.join(", "), other.en),
        None => fields.join(", "),
    };
    let source = match row.source {
        Source::Agent => "by the agent",
        Source::Site => "from the site",
        Source::Elsewhere => "not through Zeef",
    };
    format!(
        "  {}: {data}\n    {source}; {}; {}\n",
        row.id, row.term, row.purpose.en
    )
}
