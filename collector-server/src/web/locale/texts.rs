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
        alike_more, links,
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
    sign_in: SignIn {
        title, name, password, button, wrong, too_many, help, link_title, link_intro, link_button, go_on,
    }
    portal: Portal {
        menu, title, intro, choose, choose_intro, none, none_hint, empty, empty_hint, held, nothing_held, all_devices,
        who_looked, who_looked_hint, device_intro, own_agent, said, because, purpose, ground, responsible, recipients,
        term, your_organisation, nobody, ground_contract, ground_law, ground_public, protocol_intro, now,
        policy, policy_hint, to_policy, rights, rights_intro, right_access, right_rectification, right_erasure,
        right_restriction, right_objection, right_withdrawal, right_portability, ask, complain, complain_hint,
    }
    looks: Looks {
        title, intro, intro_device, names, none, none_device, month, this_device, all, earlier, when, who, what,
        number, times, listed, searched, opened, opened_this, opened_gone, device_itself, command_line, collector,
        yourself, administrator, officer, technician, contact, former,
    }
    organisations: Organisations {
        title, one, empty, empty_hint, products, no_products, devices, add, add_button, wrong_name, like_id, taken,
        saved, subscriptions, subscriptions_intro, no_subscriptions, covers, all_devices, starts, ends, no_end,
        ends_if_known, runs, ended, to_come, end, end_of, add_subscription, no_product, no_day, ends_first,
        end_title, end_intro, end_day, end_next, end_on, nothing_goes, values_go, devices_go, gone_for_good,
        end_button, silence, silence_intro, silence_days, no_days, holds, holds_intro, no_holds, reason,
    }
    accounts: Accounts {
        menu, title, one, role, reach, everywhere, nowhere, password_set, no_password, yourself, add, add_intro,
        add_button, wrong_name, taken, no_role, needs_organisation, administrator_everywhere, last, limited_to,
        limited_hint, role_administrator, role_officer, role_technician, role_contact, administrator_may,
        officer_may, technician_may, contact_may, saved, role_title, role_next, becomes, from_next_page, own_role,
        role_button, more, id, link_title, link_will, link_whoever, link_button, link_once, link_label, link_copy,
        link_done, removal_title, removal_will, removal_ledger, own_removal, removal_button,
    }
    confirm: Confirm { back }
    failure: Failure {
        not_found, not_found_body, refused, refused_body, not_allowed, not_allowed_body, session, session_body, link, link_body, too_many,
        too_many_body, busy, busy_body, input, input_body, store, store_body, method, method_body, to_inventory,
        to_sign_in,
    }
}
