//! All accounts, and a new one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use zeef_proto::id::UserId;

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::link::one_time_link;
use super::super::locale::Phrase;
use super::super::page::{Page, Place, html};
use super::super::state::App;
use super::super::visit::SignedIn;
use super::rights::{Asked, Offered, reached};
use crate::access::account_name;
use crate::random;
use crate::store::StoreError;
use crate::store::people::NewUser;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    page: Page,
    rows: Vec<Row>,
    offered: Offered,
    typed: String,
    mistake: Option<&'static Phrase>,
}

struct Row {
    address: String,
    name: String,
    own: bool,
    role: &'static Phrase,
    reach: String,
    password: &'static Phrase,
}

/// The page that shows a link, once.
#[derive(Template)]
#[template(path = "account_link.html")]
struct LinkPage {
    page: Page,
    name: String,
    link: String,
    back: String,
}

pub(in crate::web) async fn show(State(app): State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    let page = page(&app, &person, None).await?;
    Ok(html(StatusCode::OK, &page))
}

/// Makes an account and shows the link with which its owner signs in for the first time.
pub(in crate::web) async fn add(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let asked = Asked::of(form);
    let texts = person.visit.language.texts();
    let checked = account_name(&asked.name)
        .map_err(|_| &texts.accounts.wrong_name)
        .and_then(|name| Ok((name, asked.rights(texts)?)));
    let mistake = match checked {
        Ok((name, (role, reach))) => {
            let id = UserId::from_random(random::bytes());
            let user = NewUser {
                id,
                name: name.clone(),
                role,
                reach,
            };
            match app.store.add_user(user, person.actor(), app.now()).await {
                Ok(()) => return link(&app, &person, id, name).await,
                Err(StoreError::NameTaken(_)) => &texts.accounts.taken,
                Err(error) => return Err(error.into()),
            }
        }
        Err(mistake) => mistake,
    };
    let page = page(&app, &person, Some((asked, mistake))).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Makes a link for an account and shows it: it is stored as a hash, and cannot be shown again.
pub(super) async fn link(
    app: &App,
    person: &SignedIn,
    user: UserId,
    name: String,
) -> Result<Response, Failure> {
    let store = app.store.as_ref();
    let link = one_time_link(store, person.actor(), app.now(), user, &app.public_url).await?;
    let title = person.visit.language.texts().accounts.link_title.to_string();
    let page = LinkPage {
        page: Page::of(person, Place::Accounts, title),
        name,
        link,
        back: format!("/accounts/{user}"),
    };
    Ok(html(StatusCode::OK, &page))
}

async fn page(
    app: &App,
    person: &SignedIn,
    refused: Option<(Asked, &'static Phrase)>,
) -> Result<AccountsPage, Failure> {
    let texts = person.visit.language.texts();
    let told = &texts.accounts;
    let organisations = app.store.organisations().await?;
    let rows = app.store.users().await?.into_iter().map(|user| Row {
        address: format!("/accounts/{}", user.id),
        own: user.id == person.session.user,
        role: texts.of_role(user.role),
        reach: reached(&user.reach, &organisations, texts),
        password: if user.password_hash.is_some() {
            &told.password_set
        } else {
            &told.no_password
        },
        name: user.name,
    });
    Ok(AccountsPage {
        page: Page::of(person, Place::Accounts, told.title.to_string()),
        rows: rows.collect(),
        offered: match &refused {
            Some((asked, _)) => asked.offered(&organisations, texts),
            None => Offered::fresh(&organisations, texts),
        },
        mistake: refused.as_ref().map(|(_, mistake)| *mistake),
        typed: refused.map_or_else(String::new, |(asked, _)| asked.name),
    })
}
