//! One request: who asks what, what is to be done, and the steps that may follow.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use zeef_proto::OrganisationId;
use zeef_proto::field::Parse;
use zeef_proto::id::RequestId;

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::{Language, Phrase, Texts};
use super::super::moment::{Moment, Moments};
use super::super::page::{Page, Place, html};
use super::super::state::{App, Published};
use super::super::visit::SignedIn;
use super::letter::{Letter, letters};
use super::{Choice, Mistake, Typed, address, field, step};
use crate::access::Permission;
use crate::requests::{
    Alarm, Case, Details, Extension, Ground, Method, Officer, Outcome, Responsibility, State as Stand,
    StepName, alarm, possible,
};
use crate::store::StoreError;
use crate::store::requests::{Done, Request, Stepped, Taking, Target, Task};

#[derive(Template)]
#[template(path = "request.html")]
struct CasePage {
    page: Page,
    address: String,
    version: u64,
    organisation: String,
    kind: &'static Phrase,
    state: &'static Phrase,
    answer: Option<String>,
    alarm: Alarm,
    alarm_text: &'static Phrase,
    due: Moment,
    received: Moment,
    facts: Vec<(&'static Phrase, String)>,
    details: Option<Details>,
    tasks: Vec<Line>,
    steps: Vec<StepName>,
    plain: Vec<Plain>,
    responsibilities: Vec<Choice>,
    methods: Vec<Choice>,
    products: Vec<Choice>,
    outcomes: Vec<Choice>,
    grounds: Vec<Choice>,
    extensions: Vec<Choice>,
    typed: Typed,
    letters: Vec<Letter>,
    notice: Option<Phrase>,
    mistake: Option<Mistake>,
    zone: Phrase,
}

/// A task.
struct Line {
    number: u32,
    kind: &'static Phrase,
    named: String,
    /// The device's page.
    address: Option<String>,
    done: String,
    receipt: Option<String>,
    is_recipient: bool,
    is_open: bool,
    /// To finish it deletes something for good.
    erases: bool,
}

/// A step without fields of its own.
struct Plain {
    address: String,
    step: StepName,
    name: &'static Phrase,
    hint: &'static Phrase,
    /// It does not lead towards an answer.
    is_besides: bool,
}

impl CasePage {
    fn offers(&self, step: &str) -> bool {
        self.steps.iter().any(|offered| offered.name() == step)
    }

    fn typed(&self, name: &str) -> &str {
        field(&self.typed, name)
    }

    fn mistake(&self, name: &str) -> Option<&Mistake> {
        self.mistake.as_ref().filter(|mistake| mistake.field == name)
    }
}

type Named = Path<(OrganisationId, RequestId)>;

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(named): Named,
) -> Result<Response, Failure> {
    page(&app, &person, named, Typed::new(), None, None).await
}

pub(in crate::web) async fn take(
    State(app): State<Arc<App>>,
    Path(named): Named,
    SignedForm { person, form }: SignedForm<Typed>,
) -> Result<Response, Failure> {
    taken(&app, &person, named, form, |step| !is_review(step)).await
}

/// The steps of a second person.
pub(in crate::web) async fn review(
    State(app): State<Arc<App>>,
    Path(named): Named,
    SignedForm { person, form }: SignedForm<Typed>,
) -> Result<Response, Failure> {
    taken(&app, &person, named, form, is_review).await
}

const fn is_review(step: StepName) -> bool {
    matches!(step, StepName::Approve | StepName::SendBack)
}

async fn taken(
    app: &App,
    person: &SignedIn,
    (organisation, request): (OrganisationId, RequestId),
    typed: Typed,
    is_here: impl Fn(StepName) -> bool,
) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let named = (organisation, request);
    let seen = field(&typed, "seen").parse().map_err(|_| Failure::Input)?;
    let cases = app.store.requests(Some(vec![organisation]), app.now()).await?;
    let case = cases.iter().find(|case| case.id == request);
    let case = case.ok_or(Failure::NotFound)?;
    let step = match step::read(app, texts, case, &typed).await? {
        Ok(step) => step,
        Err(mistake) => return page(app, person, named, typed, None, Some(mistake)).await,
    };
    if !is_here(step.name()) {
        return Err(Failure::Input);
    }
    let taking = Taking {
        organisation,
        request,
        seen,
        step,
        by: Officer::Account(person.session.user),
        rules: app.requests,
    };
    let words = &texts.requests;
    let notice = match app.store.step_request(taking, app.now()).await {
        Ok(Stepped::Taken(_)) => return Ok(Redirect::to(&address(organisation, request)).into_response()),
        Ok(Stepped::Overtaken(_)) => &words.overtaken,
        Ok(Stepped::Refused(refused)) => texts.of_refused_step(refused),
        Err(StoreError::OnHold) => &words.on_hold,
        Err(StoreError::NotFound("device")) => &words.device_gone,
        Err(StoreError::NotFound(_)) => return Err(Failure::NotFound),
        Err(error) => return Err(error.into()),
    };
    page(app, person, named, typed, Some(notice.clone()), None).await
}

async fn page(
    app: &App,
    person: &SignedIn,
    (organisation, request): (OrganisationId, RequestId),
    typed: Typed,
    notice: Option<Phrase>,
    mistake: Option<Mistake>,
) -> Result<Response, Failure> {
    let language = person.visit.language;
    let texts = language.texts();
    let by = Officer::Account(person.session.user);
    let found = app
        .store
        .read_request(organisation, request, by, app.now())
        .await?;
    let Request { case, details, tasks } = found.ok_or(Failure::NotFound)?;
    let organisations = app.store.organisations().await?;
    let name = organisations.into_iter().find(|one| one.id == organisation);
    let published = app.policy().await?;
    let moments = Moments::new(texts, published.as_ref().map(|one| &one.policy), app.now());
    let steps: Vec<StepName> = possible(&case)
        .into_iter()
        .filter(|step| !is_review(*step) || person.may(Permission::ReviewRequests))
        .collect();
    let status = if notice.is_some() || mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let choices = Choices { texts, typed: &typed };
    let template = CasePage {
        page: Page::of(
            person,
            Place::Requests,
            texts.of_request_kind(case.kind).to_string(),
        ),
        address: address(organisation, request),
        version: case.version,
        organisation: name.map(|one| one.name).unwrap_or_default(),
        kind: texts.of_request_kind(case.kind),
        state: texts.of_request_state(&case.state),
        answer: answer(&case, texts),
        alarm: alarm(&case, app.now()),
        alarm_text: texts.of_alarm(alarm(&case, app.now())),
        due: moments.day(case.due.plus(-1)),
        received: moments.day(case.received),
        facts: facts(&case, texts, &moments),
        letters: letters(&case, details.as_ref(), published.as_deref(), app.now()),
        details,
        tasks: tasks
            .iter()
            .map(|task| line(task, &case, language, published.as_deref(), &moments))
            .collect(),
        plain: plain(&steps, texts, &address(organisation, request)),
        steps,
        responsibilities: choices.of("responsibility", Responsibility::ALL, |one| {
            (one.name(), texts.of_responsibility(one))
        }),
        methods: choices.of("method", Method::ALL, |one| (one.name(), texts.of_method(one))),
        products: products(published.as_deref(), language, &typed),
        outcomes: choices.of(
            "answer",
            &[Outcome::Delivered, Outcome::PartlyRefused, Outcome::Refused],
            |one| (one.name(), texts.of_outcome(one)),
        ),
        grounds: choices.of("ground", Ground::ALL, |one| (one.name(), texts.of_refusal(one))),
        extensions: choices.of("extension", Extension::ALL, |one| {
            (one.name(), texts.of_extension(one))
        }),
        typed,
        notice,
        mistake,
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(status, &template))
}

struct Choices<'a> {
    texts: &'static Texts,
    typed: &'a Typed,
}

impl Choices<'_> {
    fn of<T: Copy>(
        &self,
        name: &str,
        all: &[T],
        word: impl Fn(T) -> (&'static str, &'static Phrase),
    ) -> Vec<Choice> {
        let nothing = Choice {
            value: String::new(),
            name: self.texts.requests.choose.to_string(),
            chosen: false,
        };
        let named = all.iter().map(|one| {
            let (value, word) = word(*one);
            Choice {
                value: value.to_owned(),
                name: word.to_string(),
                chosen: field(self.typed, name) == value,
            }
        });
        std::iter::once(nothing).chain(named).collect()
    }
}

fn products(published: Option<&Published>, language: Language, typed: &Typed) -> Vec<Choice> {
    let products = published.iter().flat_map(|one| &one.policy.products);
    let choice = |product: &zeef_proto::policy::Product| {
        let value = format!("product-{}", product.id);
        Choice {
            chosen: typed.contains_key(&value),
            value,
            name: language.of(&product.name).to_owned(),
        }
    };
    products.map(choice).collect()
}

/// The steps that need no more than a press, each with what it will do.
fn plain(steps: &[StepName], texts: &'static Texts, address: &str) -> Vec<Plain> {
    let pressed = steps.iter().filter_map(|step| {
        Some(Plain {
            address: if is_review(*step) {
                format!("{address}/review")
            } else {
                address.to_owned()
            },
            step: *step,
            name: texts.of_step(*step),
            hint: texts.hint_of_step(*step)?,
            is_besides: matches!(step, StepName::Withdraw | StepName::Hold | StepName::Release),
        })
    });
    pressed.collect()
}

fn answer(case: &Case, texts: &Texts) -> Option<String> {
    let (outcome, ground) = match case.state {
        Stand::Review { answer, .. } | Stand::Answered(answer) => {
            let ending = crate::requests::Ending::Answered(answer);
            (ending.outcome(), answer.ground())
        }
        Stand::Closed { ending, .. } => (ending.outcome(), ending.ground()),
        _ => return None,
    };
    let outcome = texts.of_outcome(outcome).to_string();
    Some(match ground {
        Some(ground) => format!("{outcome}: {}", texts.of_refusal(ground)),
        None => outcome,
    })
}

fn facts(case: &Case, texts: &'static Texts, moments: &Moments) -> Vec<(&'static Phrase, String)> {
    let words = &texts.requests;
    let mut facts = Vec::new();
    if let Some(responsibility) = case.responsibility {
        facts.push((
            &words.responsibility,
            texts.of_responsibility(responsibility).to_string(),
        ));
    }
    if let Some(identity) = case.identity {
        let outcome = if identity.established {
            &words.established
        } else {
            &words.not_established
        };
        let method = texts.of_method(identity.method);
        facts.push((
            &words.identity,
            format!("{method}; {outcome}; {}", moments.time(identity.at).text),
        ));
    }
    if let Some(extension) = case.extension {
        facts.push((&words.extension, texts.of_extension(extension).to_string()));
    }
    if case.held {
        facts.push((&words.legal_hold, words.held.to_string()));
    }
    facts
}

fn line(
    task: &Task,
    case: &Case,
    language: Language,
    published: Option<&Published>,
    moments: &Moments,
) -> Line {
    let words = &language.texts().requests;
    let (kind, named, address) = match &task.target {
        Target::Device(device) => (
            &words.device,
            device.to_string(),
            Some(format!("/devices/{}/{device}", case.organisation)),
        ),
        Target::Username(name) => (
            &words.username,
            name.as_ref().map(Parse::expose).unwrap_or_default(),
            None,
        ),
        Target::Elsewhere(row) => {
            let found = published.and_then(|one| one.policy.row(row));
            let text = found.map(|(product, row)| {
                let other = row.other.as_ref().map_or("", |other| language.of(other));
                format!("{}: {other}", language.of(&product.name))
            });
            (&words.elsewhere, text.unwrap_or_else(|| row.clone()), None)
        }
        Target::Recipient(name) => (&words.recipient, name.clone(), None),
    };
    Line {
        number: task.number,
        kind,
        named,
        address,
        done: match task.done {
            Done::Open => words.task_open.to_string(),
            Done::At(at) => words.task_done.with("date", moments.day(at).text).to_string(),
            Done::PassedOver(at) => words
                .task_passed_over
                .with("date", moments.day(at).text)
                .to_string(),
        },
        receipt: task.receipt.map(|receipt| receipt.to_string()),
        is_recipient: matches!(task.target, Target::Recipient(_)),
        is_open: task.done == Done::Open,
        erases: case.kind.deletes() && matches!(task.target, Target::Device(_) | Target::Username(_)),
    }
}
