//! The decision how long a value may be held: a pure function of permits, subscriptions and receipt.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use zeef_proto::field::Field;
use zeef_proto::policy::{Permit, Permits, ProductId, Term};
use zeef_proto::{DeviceId, UnixTime};

use crate::store::records::Subscription;

/// When a value expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expiry {
    /// At this instant it is gone.
    At(UnixTime),
    /// While a subscription without an end documents it.
    WithService,
}

impl Expiry {
    /// As stored: the end of time for [`Expiry::WithService`].
    #[must_use]
    pub const fn stored(self) -> i64 {
        match self {
            Self::At(instant) => instant.0,
            Self::WithService => i64::MAX,
        }
    }

    /// From what is stored.
    #[must_use]
    pub const fn from_stored(seconds: i64) -> Option<UnixTime> {
        if seconds == i64::MAX {
            None
        } else {
            Some(UnixTime(seconds))
        }
    }
}

/// When a value of `field` that was received at `received` expires: the latest of the terms of the rows that
/// document it for the device. `None` where no row does, so that nothing may be held.
///
/// Rolling terms count calendar months in the policy's time zone from receipt and do not slide; service terms end
/// with the last subscription of a product that documents the field. A product whose subscriptions were all over when the
/// value was received does not document it.
#[must_use]
pub fn expiry(
    permits: &Permits,
    subscriptions: &[Subscription],
    zone: &TimeZone,
    device: DeviceId,
    field: Field,
    received: UnixTime,
) -> Option<Expiry> {
    decide(permits, subscriptions, zone, device, field, received).map(|(expiry, _)| expiry)
}

/// As [`expiry`], with the row that decides.
#[must_use]
pub(super) fn decide<'a>(
    permits: &'a Permits,
    subscriptions: &[Subscription],
    zone: &TimeZone,
    device: DeviceId,
    field: Field,
    received: UnixTime,
) -> Option<(Expiry, &'a Permit)> {
    let service_end = |product: &ProductId| {
        subscriptions
            .iter()
            .filter(|subscription| subscription.product == *product && subscription.covers(device))
            // One that was over by then is not why the value came.
            .filter(|subscription| subscription.ends.is_none_or(|ends| received < ends))
            .map(|subscription| subscription.ends.map_or(Expiry::WithService, Expiry::At))
            .max()
    };
    permits
        .of(field)
        .filter_map(|permit| {
            let end = service_end(&permit.product)?;
            let expiry = match permit.term {
                Term::Service => end,
                Term::Months(months) => Expiry::At(months_after(received, months, zone)),
                Term::ServiceAtLeastMonths(months) => {
                    end.max(Expiry::At(months_after(received, months, zone)))
                }
            };
            Some((expiry, permit))
        })
        .max_by_key(|(expiry, _)| *expiry)
}

/// The same day and time of day that many calendar months later; the month's last day where it is shorter.
fn months_after(from: UnixTime, months: u16, zone: &TimeZone) -> UnixTime {
    let later = Timestamp::from_second(from.0).ok().and_then(|instant| {
        instant
            .to_zoned_datetime(zone.clone())
            .checked_add(Span::new().months(i32::from(months)))
            .ok()
    });
    later.map_or(from, |zoned| UnixTime(zoned.timestamp().as_second()))
}

#[cfg(test)]
mod tests {
    use zeef_proto::OrganisationId;
    use zeef_proto::id::SubscriptionId;
    use zeef_proto::policy::{Policy, Source};

    use super::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

    fn amsterdam() -> TimeZone {
        TimeZone::get("Europe/Amsterdam").unwrap()
    }

    fn at(text: &str) -> UnixTime {
        text.parse().unwrap()
    }

    fn subscription(product: &str, ends: Option<&str>) -> Subscription {
        Subscription {
            id: SubscriptionId::from_bytes([3; 16]),
            organisation: OrganisationId::from_bytes([2; 16]),
            device: None,
            product: product.parse().unwrap(),
            starts: at("2025-01-01T00:00:00Z"),
            ends: ends.map(at),
        }
    }

    fn of(products: &[Subscription], source: Source, field: Field, received: &str) -> Option<Expiry> {
        let policy = Policy::parse(include_str!("../../../proto/policies/vokus-1.1.toml")).unwrap();
        let permits = Permits::new(&policy, products.iter().map(|s| &s.product), source);
        expiry(&permits, products, &amsterdam(), DEVICE, field, at(received))
    }

    #[test]
    fn a_service_term_ends_with_the_last_subscription_that_documents_the_field() {
        let field = Field::Username;
        let (early, late) = ("2026-03-01T00:00:00Z", "2026-09-01T00:00:00Z");
        let received = "2026-01-05T10:00:00Z";
        let open = [subscription("antivirus", Some(early)), subscription("rmm", None)];
        assert_eq!(
            of(&open, Source::Agent, field, received),
            Some(Expiry::WithService)
        );
        let both = [
            subscription("antivirus", Some(early)),
            subscription("rmm", Some(late)),
        ];
        assert_eq!(
            of(&both, Source::Agent, field, received),
            Some(Expiry::At(at(late)))
        );
    }

    #[test]
    fn six_months_are_calendar_months_in_the_policys_zone() {
        let wifi = [subscription("wifi", None)];
        let after = |received| of(&wifi, Source::Site, Field::DeviceName, received);
        // 31 August + 6 months: February has no 31st.
        assert_eq!(
            after("2025-08-31T10:00:00Z"),
            Some(Expiry::At(at("2026-02-28T11:00:00Z")))
        );
        // Ten in the morning stays ten in the morning over the end of summer time.
        assert_eq!(
            after("2026-06-15T08:00:00Z"),
            Some(Expiry::At(at("2026-12-15T09:00:00Z")))
        );
        assert_eq!(
            after("2027-08-29T22:30:00Z"),
            Some(Expiry::At(at("2028-02-28T23:30:00Z")))
        );
    }

    #[test]
    fn what_no_row_documents_has_no_term() {
        let wifi = [subscription("wifi", None)];
        assert_eq!(
            of(&wifi, Source::Site, Field::Username, "2026-01-01T00:00:00Z"),
            None
        );
        assert_eq!(
            of(&[], Source::Agent, Field::Username, "2026-01-01T00:00:00Z"),
            None
        );
    }

    #[test]
    fn a_product_that_was_over_when_a_value_came_gives_it_no_term() {
        let over = "2026-03-01T00:00:00Z";
        let wifi = [subscription("wifi", Some(over))];
        let after = |received| of(&wifi, Source::Site, Field::DeviceName, received);
        assert_eq!(
            after("2026-02-28T10:00:00Z"),
            Some(Expiry::At(at("2026-08-28T09:00:00Z")))
        );
        assert_eq!(after(over), None);
    }

    #[test]
    fn a_subscription_of_another_device_does_not_count() {
        let mut other = subscription("antivirus", None);
        other.device = Some(DeviceId::from_bytes([9; 16]));
        let own = subscription("rmm", Some("2026-03-01T00:00:00Z"));
        let expected = Some(Expiry::At(at("2026-03-01T00:00:00Z")));
        assert_eq!(
            of(
                &[other, own],
                Source::Agent,
                Field::Username,
                "2026-01-05T10:00:00Z"
            ),
            expected
        );
    }
}
