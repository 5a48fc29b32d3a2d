//! The texts of the pages, by the place where they are used.

use serde::Deserialize;

use super::Phrase;

macro_rules! texts {
    ($($section:ident: $type:ident { $($key:ident),+ $(,)? })+) => {
        /// Everything that pages say, in one language.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Texts { $(pub(crate) $section: $type,)+ }

        $(
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(crate) struct $type { $(pub(crate) $key: Phrase,)+ }
        )+
    };
}

texts! {
    frame: Frame {
        tagline, skip, navigation, inventory, policy, account, sign_out, language, shown_in_time_of,
    }
    inventory: Inventory {
        title, search, search_hint, search_button, shortcut, organisation, product, state, any, clear, lost_search,
        no_password, set_password, nothing_found, nothing_found_hint, empty, empty_hint, one_device, devices,
        range, filtered, previous, next, pages, sort_by, public_address, no_value, never, unnamed,
        no_agent, no_agent_hint,
    }
    column: Column { name, organisation, user, address, mac, last_contact, state }
    silence: Silence { asked, hint }
    state: State { reporting, silent, revoked, suspected_clone }
    state_hint: StateHint { reporting, silent, revoked, suspected_clone }
    field: Field { public_ip, private_ip, mac_address, device_name, username, service_id, line_id }
    source: Source {
        native, added, datto_rmm, defender, draytek, eset_protect, internet_csv, osquery, unifi, unifi_wired, voip_csv,
        wazuh_syscollector, webroot, windows_dhcp, windows_event, zyxel_nebula,
    }
    device: Device {
        title, back, values, none, field, value, product, purpose, ground, responsible, term, since, randomised,
        undocumented, no_policy, protocol, protocol_intro, datum, holds, certificate_serial,
        certificate_valid, no_certificate, agent, agent_policy, enrolled, id, sequence, not_known,
        source_product, first_record, site, site_allowed, site_not_allowed, alike, alike_intro, alike_shares,
        alike_more, links, restricted, corrected,
    }
    term: Term { service, service_at_least, months, one_month }
    remaining: Remaining { service, until, months, days, one_day, hours, one_hour, under_an_hour }
    ground: Ground { contract, legal_obligation, public_interest }
    responsible: Responsible { customer, provider }
    platform: Platform { linux, windows, macos }
    date: Date { months, day, with_year, time }
    policy: Policy {
        title, none, none_hint, adopted, version, controller, registration, contact, complaints, products, data,
        recipients, area, parties, protocol, protocol_intro, source_agent, source_site, source_elsewhere, source,
        fingerprint,
    }
    requests: Requests {
        title, new, new_intro, open, opened, open_count, none, none_hint, organisation, kind, state, received,
        received_on, due, who, name, contact, asked, no_document, details_gone, explanation, tasks, task,
        about, receipt, device, username, elsewhere, recipient, task_open, task_done, task_passed_over, next,
        save, choose, responsibility, method, identity, established, not_established, verify_intro, devices,
        usernames, products, answer, ground, propose_intro, extension, extend_intro, legal_hold, held,
        choose_organisation, choose_kind, choose_one, choose_answer, wrong_day, wrong_line, wrong_text,
        wrong_username, no_such_device, mistakes, overtaken, erase, erase_hint, erase_now, on_hold, device_gone,
    }
    request_kind: RequestKind {
        access, rectification, erasure, restriction, objection, withdrawal, portability, complaint,
    }
    request_state: RequestState {
        received, role_checked, identified, scoped, restricted, executing, recipients, review, answered,
        closed,
    }
    request_outcome: RequestOutcome {
        delivered, partly_refused, refused, withdrawn,
    }
    request_alarm: RequestAlarm {
        none, first, second, third, overdue,
    }
    request_method: RequestMethod {
        signed_in, link_and_code, call_back, document_sighted,
    }
    request_responsibility: RequestResponsibility {
        provider, customer, both,
    }
    request_ground: RequestGround {
        unidentified, unfounded, excessive, nothing_held, legal_obligation, legal_claims, others_rights,
        compelling_grounds, correct,
    }
    request_extension: RequestExtension {
        complexity, number,
    }
    request_step: RequestStep {
        check_role, verify, scope, restrict, execute, finish, pass_over, inform, acknowledge, propose,
        approve, send_back, close, extend, withdraw, hold, release,
    }
    request_hint: RequestHint {
        restrict, execute, inform, approve, send_back, close, withdraw, hold, release,
    }
    request_refused: RequestRefused {
        not_now, no_doubt, empty_scope, scope, unfinished, untold, no_such_task, passed_over, partly_done,
        same_person, too_late, extended_before, held,
    }
    account: Account {
        title, password, password_intro, password_set, current, new, repeat, save, too_short, too_long, common,
        like_name, differ, wrong_current, saved, shortcuts, shortcuts_intro, shortcuts_on, shortcuts_off,
        turn_on, turn_off, forgotten,
    }
    sign_in: SignIn {
        title, name, password, button, wrong, too_many, help, link_title, link_intro, link_button, go_on,
    }
    failure: Failure {
        not_found, not_found_body, refused, refused_body, not_allowed, not_allowed_body, session, session_body, link, link_body, too_many,
        too_many_body, busy, busy_body, input, input_body, store, store_body, method, method_body, to_inventory,
        to_sign_in,
    }
}
