//! The texts of the pages, by the place where they are used.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Phrase;

macro_rules! texts {
    (maps { $($map:ident),+ } $($section:ident: $type:ident { $($key:ident),+ $(,)? })+) => {
        /// Everything that pages say, in one language.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Texts {
            $(pub(crate) $map: BTreeMap<String, Phrase>,)+
            $(pub(crate) $section: $type,)+
        }

        $(
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(crate) struct $type { $(pub(crate) $key: Phrase,)+ }
        )+
    };
}

texts! {
    maps { event, detail, word }
    frame: Frame {
        tagline, skip, navigation, inventory, policy, account, sign_out, language, shown_in_time_of,
    }
    inventory: Inventory {
        title, search, search_hint, search_button, shortcut, organisation, product, state, any, clear, lost_search,
        no_password, set_password, nothing_found, nothing_found_hint, empty, empty_hint, one_device, devices,
        range, filtered, previous, next, pages, sort_by, public_address, no_value, never, unnamed,
        no_agent, no_agent_hint, export, views, view_name, save_view, view_saved, views_full, views_intro, forget_view,
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
        alike_more, links, restricted, corrected, copy, copied,
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
    requests: Requests {
        title, new, new_intro, open, opened, open_count, none, none_hint, organisation, kind, state, received,
        received_on, due, who, name, contact, asked, no_document, details_gone, explanation, tasks, task,
        about, receipt, device, username, elsewhere, recipient, task_open, task_done, task_passed_over, next,
        save, choose, responsibility, method, identity, established, not_established, verify_intro, devices,
        usernames, products, answer, ground, propose_intro, extension, extend_intro, legal_hold, held,
        choose_organisation, choose_kind, choose_one, choose_answer, wrong_day, wrong_line, wrong_text,
        wrong_username, no_such_device, mistakes, overtaken, erase, erase_hint, erase_now, on_hold, device_gone,
        letters, letters_intro,
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
    tokens: Tokens {
        title, intro, link_intro, new, name, scopes, valid, days, make, made, token, own, none, until, used,
        never, revoke, revoke_token, revoked, wrong_name, wrong_length, many, no_scope, read_inventory,
        manage_devices, enrol, erase, read_policy, read_retention, read_ledger, manage_organisations,
        manage_accounts,
    }
    sign_in: SignIn {
        title, name, password, button, wrong, too_many, help, link_title, link_intro, link_button, go_on,
    }
    second_factor: SecondFactor {
        title, off, on, to_set_up, to_change, set_up, set_up_intro, qr, by_hand, here, code, confirm, not_confirmed,
        first, set_since, codes_left, codes, codes_intro, kept, new_codes, new_codes_intro, remove, remove_intro, removed,
        recovered, enter, enter_intro, wrong, too_many, too_late, lost, everywhere, everywhere_intro,
    }
    provider: Provider {
        sign_in, or, arrived, go_on, failed, away, not_believed, refused, late, no_role, no_organisation, name_taken,
    }
    mail: Mail {
        received, received_body, identity, identity_body, extended, extended_body, delivered, delivered_body, refused,
        refused_body, task, task_body, frame, test, test_body,
    }
    portal: Portal {
        menu, title, intro, choose, choose_intro, none, none_hint, empty, empty_hint, held, nothing_held, all_devices,
        who_looked, who_looked_hint, device_intro, own_agent, said, because, purpose, ground, responsible, recipients,
        term, your_organisation, nobody, ground_contract, ground_law, ground_public, protocol_intro, now,
        policy, policy_hint, to_policy, rights, rights_intro, right_access, right_rectification, right_erasure,
        right_restriction, right_objection, right_withdrawal, right_portability, ask_here, ask, complain, complain_hint, request_intro,
        request_opened,
    }
    looks: Looks {
        title, intro, intro_device, names, none, none_device, month, this_device, all, earlier, when, who, what,
        number, times, listed, searched, opened, opened_this, opened_gone, device_itself, command_line, collector, program,
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
        not_found, not_found_body, device_gone, device_gone_body, refused, refused_body, not_allowed, not_allowed_body, session, session_body, link, link_body, too_many,
        too_many_body, busy, busy_body, input, input_body, store, store_body, method, method_body, to_inventory,
        to_sign_in,
    }
    notice: Notice {
        title, subtitle, intro, controller, controller_body, officer, shared, products, products_intro,
        received_by, protocol, protocol_intro, grounds, ground_contract, ground_legal_obligation,
        ground_public_interest, no_recipients, recipients_intro, whole_service, transfers, origin, origin_agent,
        origin_site, origin_elsewhere, obliged, obliged_body, automated, automated_body, rights, rights_intro,
        right_access, right_rectification, right_erasure, right_restriction, right_portability, right_objection,
        right_withdrawal, right_complaint, rights_term, complaints_authority, complaints_one,
        complaints_in_order,
    }
    register: Register {
        title, item, entry, name, email, phone, officer, not_named, own, own_intro, on_behalf, on_behalf_intro,
        activity, subjects, subjects_users, subjects_contacts, no_recipients, everywhere, protocol, transfers,
        security, security_minimised, security_closed, security_transport, security_sealed, security_expiry,
        security_access, security_ledger, security_backups, security_elsewhere,
    }
    change: Change {
        policy, name, title_of_policy, timezone, name_of_controller, product_added, product_removed, row_added,
        row_removed, of_row, other, treatment, keep, pseudonymise, truncate, drop, recipient_added,
        recipient_removed, recipient_names, recipient_products, protocol_added, protocol_removed,
        protocol_changed, title, between, from, to, compare, subject, what, before, after, none, only_one,
        versions, version, published,
    }
    retention: Retention {
        title, on_time, overdue, stopped, clock_ahead, last_purge, no_purge, purge_ended, purge_failed, expired,
        nothing_waits, waits, next, nothing_next, on_hold, asked_about, forecast, forecast_intro, chart,
        week_of, total, undocumented, devices, silent_devices, none, none_hint,
    }
    ledger: Ledger {
        title, intro, entries, root, verify, verified, broken, download, filter, kind, who, device, from, until,
        show, none, none_hint, number, when, what, details, gone_organisation, gone_account, looked_until,
        newest, older,
    }
    fault: Fault {
        foreign, signature, dropped, changed, moved, unreadable, unchained, rewritten, cut_off, unsigned,
    }
    theme: Theme {
        looks, devices, retention, policy, people, organisations, installation, requests,
    }
    actor: Actor {
        administrator, device, retention, user, service,
    }
    report: Report {
        title, months, of, drawn_up, previous, next, print, none, policies, devices, organisations_now,
        devices_now, enrolled, ended, revoked, purged_values, purged_other, overdue, nothing_overdue,
        overdue_since, holds, erasures, erased, lifted, looks, devices_read, lists, searches, people, sign_ins,
        accounts_added, accounts_removed, roles_set, backups, backups_made, last_backup, restored, receipts,
        receipt, more_receipts,
        requests, requests_opened, requests_extended, requests_closed, exports, packages,
    }
    package: Package {
        readme, title, intro, no_policy, of_organisation, of_device, of_person, username, policy, contact, nothing, devices,
        redacted, redacted_hint, device, name, source, since, until, while_service, why, why_title, recipients,
        no_recipients, no_row, protocol, no_values, looked, looked_intro, looked_more, looked_none, at, by, what,
        by_administrator, by_device, by_retention, by_user, device_read, devices_listed, devices_searched,
        devices_exported, package_made,
    }
}
