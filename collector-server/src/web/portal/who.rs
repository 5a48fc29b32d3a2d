//! Who looked and at what, in words, without a name: the role and a number that is always the same for an account.

use std::collections::HashMap;

use jiff::civil::Date;
use zeef_proto::UnixTime;
use zeef_proto::id::UserId;

use super::super::locale::{Phrase, Texts};
use super::super::moment::{Moment, Moments};
use crate::access::Role;
use crate::ledger::Actor;
use crate::my_data::{Look, Sight};
use crate::store::people::PeopleStore;
use crate::store::{Result, Store};

/// What accounts are now.
pub(super) struct Accounts {
    roles: HashMap<UserId, Role>,
    own: UserId,
}

/// A line of a list of looks.
pub(super) struct Line {
    pub(super) when: Moment,
    pub(super) who: Phrase,
    /// By which the provider can say whose account it was.
    pub(super) number: Option<String>,
    pub(super) what: Phrase,
    pub(super) device: Option<Linked>,
    /// Where it happened more than once on that day.
    pub(super) times: Option<Phrase>,
}

/// The device that was looked at, where the reader has not its page open.
#[derive(Clone)]
pub(super) struct Linked {
    pub(super) address: String,
    pub(super) name: Option<String>,
}

impl Accounts {
    /// As they are now: a role of the past is not told, for it is not kept.
    pub(super) async fn read(store: &dyn Store, own: UserId) -> Result<Self> {
        let users = PeopleStore::users(store).await?;
        let roles = users.into_iter().map(|user| (user.id, user.role)).collect();
        Ok(Self { roles, own })
    }

    fn named<'a>(&self, by: Actor, texts: &'a Texts) -> &'a Phrase {
        let texts = &texts.looks;
        match by {
            Actor::Device => &texts.device_itself,
            Actor::Administrator => &texts.command_line,
            Actor::Retention => &texts.collector,
            Actor::Service(_) => &texts.program,
            Actor::User(user) if user == self.own => &texts.yourself,
            Actor::User(user) => match self.roles.get(&user) {
                Some(Role::Administrator) => &texts.administrator,
                Some(Role::PrivacyOfficer) => &texts.officer,
                Some(Role::Technician) => &texts.technician,
                Some(Role::CustomerContact) => &texts.contact,
                None => &texts.former,
            },
        }
    }
}

/// The first part of the account's id, as the ledger has it.
fn number(by: Actor) -> Option<String> {
    let Actor::User(user) = by else { return None };
    user.to_string().split('-').next().map(ToOwned::to_owned)
}

/// Looks of one account at one thing on one day are one line.
struct Gathered<'a> {
    newest: &'a Look,
    day: Option<Date>,
    most: u64,
    times: u64,
}

fn gather<'a>(looks: &'a [Look], day: impl Fn(UnixTime) -> Option<Date>) -> Vec<Gathered<'a>> {
    let mut lines: Vec<Gathered<'a>> = Vec::new();
    for look in looks {
        let (day, devices) = (day(look.at), devices(look.sight));
        let alike = lines
            .iter_mut()
            .rev()
            .take_while(|line| line.day == day)
            .find(|line| line.newest.by == look.by && is_alike(line.newest.sight, look.sight));
        if let Some(line) = alike {
            line.times += 1;
            line.most = line.most.max(devices);
        } else {
            lines.push(Gathered {
                newest: look,
                day,
                most: devices,
                times: 1,
            });
        }
    }
    lines
}

const fn devices(sight: Sight) -> u64 {
    match sight {
        Sight::Device(_) => 1,
        Sight::List(devices) | Sight::Search(devices) => devices,
    }
}

fn is_alike(one: Sight, other: Sight) -> bool {
    match (one, other) {
        (Sight::List(_), Sight::List(_)) | (Sight::Search(_), Sight::Search(_)) => true,
        (one, other) => one == other,
    }
}

/// The devices of lines that name one.
pub(super) struct Named(pub(super) HashMap<[u8; 16], Linked>);

/// Looks as lines, newest first. `named` tells which device a mark stands for; `None` on the page of one device.
pub(super) fn lines(
    looks: &[Look],
    accounts: &Accounts,
    named: Option<&Named>,
    texts: &Texts,
    moments: &Moments,
) -> Vec<Line> {
    let told = &texts.looks;
    let line = |gathered: Gathered<'_>| {
        let look = gathered.newest;
        let (what, device) = match (look.sight, named) {
            (Sight::List(_), _) => (told.listed.with("count", gathered.most), None),
            (Sight::Search(_), _) => (told.searched.with("count", gathered.most), None),
            (Sight::Device(_), None) => (told.opened_this.clone(), None),
            (Sight::Device(mark), Some(named)) => match named.0.get(&mark.0) {
                Some(linked) => (told.opened.clone(), Some(linked.clone())),
                None => (told.opened_gone.clone(), None),
            },
        };
        Line {
            when: moments.time(look.at),
            who: accounts.named(look.by, texts).clone(),
            number: number(look.by),
            what,
            device,
            times: (gathered.times > 1).then(|| told.times.with("count", gathered.times)),
        }
    };
    gather(looks, |at| moments.date_of(at))
        .into_iter()
        .map(line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::DeviceMark;

    fn look(at: i64, user: u8, sight: Sight) -> Look {
        Look {
            at: UnixTime(at),
            by: Actor::User(UserId::from_bytes([user; 16])),
            sight,
        }
    }

    #[test]
    fn what_one_account_does_over_and_over_on_a_day_is_one_line() {
        let mark = DeviceMark([1; 16]);
        let looks = [
            look(300, 1, Sight::List(10)),
            look(299, 1, Sight::Device(mark)),
            look(298, 2, Sight::List(3)),
            look(297, 1, Sight::List(50)),
            look(99, 1, Sight::List(10)),
        ];
        // A day of a hundred seconds.
        let day = |at: UnixTime| Date::new(2026, 8, i8::try_from(1 + at.0 / 100).unwrap()).ok();
        let gathered = gather(&looks, day);
        // 300 is a day of its own.
        let told: Vec<_> = gathered
            .iter()
            .map(|line| (line.newest.at.0, line.times, line.most))
            .collect();
        assert_eq!(
            told,
            [(300, 1, 10), (299, 1, 1), (298, 1, 3), (297, 1, 50), (99, 1, 10)]
        );
        let gathered = gather(&looks[..4], |_| None);
        let told: Vec<_> = gathered
            .iter()
            .map(|line| (line.newest.at.0, line.times, line.most))
            .collect();
        assert_eq!(told, [(300, 2, 50), (299, 1, 1), (298, 1, 3)]);
    }
}
