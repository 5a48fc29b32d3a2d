//! The API as a document: OpenAPI 3.1, from the same types and operations.

use std::collections::BTreeSet;

use http::Method;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi, openapi};

use super::guard::Needs;
use super::problem::{MEDIA_TYPE, Written};
use super::resources::{
    accounts, changes, device, devices, enrolment, ledger, lookup, openapi as own, organisations, policy,
    retention, subscriptions,
};
use super::routes::{Route, routes};
use super::{ROOT, once};
use crate::access::Scope;

/// How the document names the way in which a token is sent.
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Zeef collector",
        description = "What the pages show and do, for programs. Every look at devices is in the ledger before it is \
                       answered. See docs/api.md.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
        version = "1"
    ),
    paths(
        own::show,
        organisations::list,
        devices::list,
        devices::search,
        lookup::look_up,
        device::show,
        changes::revoke,
        changes::keep,
        changes::erase,
        enrolment::list,
        enrolment::make,
        enrolment::revoke,
        subscriptions::list,
        subscriptions::start,
        subscriptions::end,
        policy::show,
        retention::show,
        ledger::head,
        ledger::list,
        ledger::prove,
        accounts::list,
    ),
    components(schemas(Written))
)]
struct Described;

/// The document.
#[must_use]
pub fn document() -> openapi::OpenApi {
    let mut document = Described::openapi();
    document.servers = Some(vec![openapi::Server::new(ROOT)]);
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token as `zeef-collector api-token add` or the account's page makes it.",
        ));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme.build()));
    for (_, name, description) in PROBLEMS {
        let response = RefOr::T(problem(description).build());
        components.responses.insert(name.to_owned(), response);
    }
    for route in routes() {
        let item = document.paths.paths.get_mut(route.path);
        let operation = item.and_then(|item| match route.method {
            Method::GET => item.get.as_mut(),
            Method::POST => item.post.as_mut(),
            Method::DELETE => item.delete.as_mut(),
            _ => None,
        });
        if let Some(operation) = operation {
            complete(operation, &route);
        }
    }
    document
}

/// Problems that more than one operation may answer with.
const PROBLEMS: [(&str, &str, &str); 10] = [
    ("400", "Input", "A parameter or the body is not of its form"),
    ("401", "Unauthenticated", "No good token"),
    ("403", "Forbidden", "The token may not do this"),
    ("404", "NotFound", "Nothing there, or not within reach"),
    ("409", "Conflict", "Something is in its way, such as a legal hold"),
    ("413", "TooLarge", "The body is too long"),
    ("415", "MediaType", "The body is not JSON"),
    (
        "422",
        "Field",
        "A field's value cannot be taken, or the key was given with another request",
    ),
    ("429", "TooMany", "Too many requests in this minute"),
    ("503", "Unavailable", "It failed here"),
];

/// Adds what follows from the list of operations.
fn complete(operation: &mut Operation, route: &Route) {
    let mut problems = BTreeSet::from(["400", "429", "503"]);
    operation.security = Some(match route.needs {
        Needs::Nothing => Vec::new(),
        Needs::Permission(permission) => {
            problems.extend(["401", "403"]);
            let scopes = Scope::ALL
                .into_iter()
                .filter(|scope| scope.permission() == permission);
            vec![SecurityRequirement::new(TOKEN, scopes.map(Scope::name))]
        }
    });
    if route.path.contains('{') {
        problems.insert("404");
    }
    if operation.request_body.is_some() {
        problems.extend(["413", "415", "422"]);
    }
    if route.once {
        problems.extend(["409", "413", "422"]);
        operation.parameters.get_or_insert_default().push(key());
    }
    let responses = &mut operation.responses.responses;
    for (status, name, _) in PROBLEMS
        .into_iter()
        .filter(|(status, ..)| problems.contains(status))
    {
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
    }
}

/// The header that lets a request be sent again.
fn key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(once::HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Lets the request be sent again: for a day the same key and request get the first answer.",
        ))
        .schema(Some(text))
        .build()
}

fn problem(description: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let seconds = || HeaderBuilder::new().schema(ObjectBuilder::new().schema_type(Type::Integer));
    let response = ResponseBuilder::new()
        .description(description)
        .content(MEDIA_TYPE, content.build());
    LIMITS
        .into_iter()
        .fold(response, |response, (name, description)| {
            response.header(name, seconds().description(Some(description)).build())
        })
}

/// Headers of every answer.
const LIMITS: [(&str, &str); 3] = [
    ("RateLimit-Limit", "Requests in each minute"),
    (
        "RateLimit-Remaining",
        "Requests that may still follow in this minute",
    ),
    ("RateLimit-Reset", "Seconds until the next minute begins"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_operations_of_the_router_and_no_others() {
        let document = document();
        let mut described = BTreeSet::new();
        for (path, item) in &document.paths.paths {
            for (method, operation) in [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::DELETE, &item.delete),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
            ] {
                if operation.is_some() {
                    described.insert((method.to_string(), path.clone()));
                }
            }
        }
        let routes = routes();
        let there: BTreeSet<_> = routes
            .iter()
            .map(|route| (route.method.to_string(), route.path.to_owned()))
            .collect();
        assert_eq!(described, there);
        assert_eq!(routes.len(), there.len());
    }

    #[test]
    fn every_permission_that_an_operation_needs_has_a_scope() {
        for route in routes() {
            let Needs::Permission(permission) = route.needs else {
                continue;
            };
            let scopes = Scope::ALL
                .into_iter()
                .filter(|scope| scope.permission() == permission);
            assert_eq!(scopes.count(), 1, "{route:?}");
        }
        for scope in Scope::ALL {
            let needed = Needs::Permission(scope.permission());
            assert!(routes().iter().any(|route| route.needs == needed), "{scope}");
        }
    }

    #[test]
    fn the_copy_in_the_documentation_is_not_stale() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let text = document().to_pretty_json().unwrap() + "\n";
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            text == kept,
            "docs/openapi.json is stale; run `zeef-collector api describe > docs/openapi.json`"
        );
    }
}
