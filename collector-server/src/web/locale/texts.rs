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
        no_agent, no_agent_hint, views, view_name, save_view, view_saved, views_full, views_intro, forget_view,
        forget_view_named, columns, set_columns,
    }
    column: Column { name, organisation, user, address, public_address, mac, last_contact, state }
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
        alike_more, links, copy, copied,
    }
    action: Action {
        heading, will_happen, cancel, done, revoke, revoke_refused, revoke_kept, revoke_again, keep, keep_counted,
        keep_once, allow_site, allow_site_tells, allow_site_minimised, deny_site, deny_site_refused, deny_site_kept,
        enrol,
    }
    erasure: Erasure {
        title, button, deleted, agent_wipes, refused, receipt_follows, counted, deleted_counts, on_hold, values_of, devices,
        device_keys, organisation_keys, links, index_entries, questions, subscriptions, tokens, holds, receipt,
        done_device, done_person, done_organisation, receipt_id, erased_at, ledger_entry, receipt_intro, download,
    }
    activity: Activity {
        title, intro, when, what, who, more, enrolled, revoked, ended, looked_at, kept, site_allowed, site_denied,
        by_command, by_device, by_retention, by_service, by_removed,
    }
    enrol: Enrol {
        title, menu, intro, no_organisation, no_organisation_hint, go_on, heading, new, system, windows, macos, debian,
        rpm, by_hand, uses, uses_wrong, valid, one_day, days, make, collected, collected_intro, collects_nothing,
        no_products, tokens, tokens_intro, no_tokens, token, left, uses_left, until, revoke, revoke_token, revoked,
        made, once, good_for, collector, package, step_install_and_enrol, step_configure, step_install, step_enrol,
        afterwards, another,
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
    account: Account {
        title, password, password_intro, password_set, current, new, repeat, save, too_short, too_long, common,
        like_name, differ, wrong_current, saved, shortcuts, shortcuts_intro, shortcuts_on, shortcuts_off,
        turn_on, turn_off, forgotten,
    }
    tokens: Tokens {
        title, intro, link_intro, new, name, scopes, valid, days, make, made, token, own, none, until, used,
        never, revoke, revoke_token, revoked, wrong_name, wrong_length, many, no_scope, read_inventory,
        manage_devices, enrol, erase, read_policy, read_retention, read_ledger, manage_organisations,
        manage_accounts,
    }
    sign_in: SignIn {
        title, name, password, button, wrong, too_many, help, link_title, link_intro, link_button, go_on,
    }
    failure: Failure {
        not_found, not_found_body, device_gone, device_gone_body, refused, refused_body, not_allowed, not_allowed_body, session, session_body, link, link_body, too_many,
        too_many_body, busy, busy_body, input, input_body, store, store_body, method, method_body, to_inventory,
        to_sign_in,
    }
}
