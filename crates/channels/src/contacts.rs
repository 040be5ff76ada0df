//! Who is reached where: standing contacts of posts, and whoever is on call now.

use nacre_cases::case::{attribute, iri, local};
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_kernel::{Principal, Refusal, Tenant};
use nacre_model::{Content, Entity, Instant, Value};

use crate::address::Address;

/// Type of a standing contact.
pub const CONTACT: &str = "ContactPoint";
/// Type of a shift.
pub const SHIFT: &str = "OnCallShift";
/// Most contacts read.
const CONTACTS_MAX: u64 = 10_000;

/// How grave a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Good to know.
    Info,
    /// To be looked at.
    Warning,
    /// At once.
    Urgent,
}

impl Gravity {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Gravity::Info => "info",
            Gravity::Warning => "warning",
            Gravity::Urgent => "urgent",
        }
    }

    /// The gravity of a name.
    pub fn parse(name: &str) -> Option<Gravity> {
        [Gravity::Info, Gravity::Warning, Gravity::Urgent].into_iter().find(|g| g.name() == name)
    }
}

/// Whom a notice is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reader {
    /// Any of these roles.
    pub roles: Vec<String>,
    /// Of this organisation; none: of any.
    pub organisation: Option<String>,
    /// This person; none: any.
    pub person: Option<String>,
}

/// Where somebody is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Local id of its entity.
    pub id: String,
    /// A shift, not a standing contact.
    pub shift: bool,
    /// Role.
    pub role: String,
    /// Local id of the organisation; none: every organisation.
    pub organisation: Option<String>,
    /// The person; none: everybody of the post.
    pub person: Option<String>,
    /// Notices of less gravity stay in the console.
    pub from: Gravity,
    /// Also what is simulated.
    pub simulated: bool,
    /// A shift holds from one instant to another.
    pub span: Option<(Instant, Instant)>,
    /// Where.
    pub addresses: Vec<Address>,
    /// What is written there but is no address, and why.
    pub wrong: Vec<String>,
}

impl Contact {
    /// Reads a contact or a shift.
    pub fn read(entity: &Entity) -> Option<Contact> {
        let text = |short: &str| match attribute(entity, short)? {
            Content::Property(Value::Text(t)) => Some(t.to_string()),
            _ => None,
        };
        let at = |short: &str| match attribute(entity, short)? {
            Content::Property(value) => value.as_instant(),
            _ => None,
        };
        let shift = entity.types.iter().any(|t| *t == iri(SHIFT));
        let own = |standing: &'static str, duty: &'static str| text(if shift { duty } else { standing });
        let written = match attribute(entity, "channels") {
            Some(Content::Property(Value::List(all))) => {
                all.iter().filter_map(Value::as_text).map(str::to_owned).collect()
            }
            Some(Content::Property(Value::Text(one))) => vec![one.to_string()],
            _ => Vec::new(),
        };
        let (mut addresses, mut wrong) = (Vec::new(), Vec::new());
        for uri in written {
            match Address::parse(&uri) {
                Ok(address) => addresses.push(address),
                Err(why) => wrong.push(why),
            }
        }
        let organisation = attribute(entity, "organisation").and_then(|c| c.objects().first().cloned());
        let simulated = attribute(entity, "alsoSimulated") == Some(&Content::Property(Value::Bool(true)));
        Some(Contact {
            id: local(entity.id.as_str()).to_owned(),
            shift,
            role: own("contactRole", "shiftRole")?,
            organisation: organisation.map(|o| local(o.as_str()).to_owned()),
            person: own("contactPerson", "shiftPerson"),
            from: text("contactFrom").and_then(|g| Gravity::parse(&g)).unwrap_or(Gravity::Warning),
            simulated,
            span: if shift { Some((at("shiftFrom")?, at("shiftTo")?)) } else { None },
            addresses,
            wrong,
        })
    }

    /// Whether a notice for the reader goes here now. Whoever names no organisation or person is of every one.
    fn hears(&self, reader: &Reader, gravity: Gravity, simulated: bool, now: Instant) -> bool {
        let either = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        reader.roles.contains(&self.role)
            && either(&self.organisation, &reader.organisation)
            && either(&self.person, &reader.person)
            && gravity >= self.from
            && (self.simulated || !simulated)
            && self.span.is_none_or(|(from, to)| (from..to).contains(&now))
    }
}

/// All there are.
#[derive(Debug, Clone, Default)]
pub struct Contacts(pub Vec<Contact>);

impl Contacts {
    /// Reads them from a tenant.
    pub fn load(tenant: &Tenant, who: &Principal) -> Result<Contacts, Refusal> {
        let mut all = Vec::new();
        for kind in [CONTACT, SHIFT] {
            let query = Query { types: Some(TypeSelection::Is(iri(kind))), ..Query::default() };
            let page = Page { offset: 0, limit: CONTACTS_MAX, count: false };
            let found = tenant.scan(who, &query, page, AsOf::Now)?;
            all.extend(found.entities.iter().filter_map(|e| Contact::read(e)));
        }
        Ok(Contacts(all))
    }

    /// Where a notice goes, each address once.
    pub fn addresses(
        &self,
        reader: &Reader,
        gravity: Gravity,
        simulated: bool,
        now: Instant,
    ) -> Vec<Address> {
        let mut found: Vec<Address> = Vec::new();
        for contact in self.0.iter().filter(|c| c.hears(reader, gravity, simulated, now)) {
            for address in &contact.addresses {
                if !found.contains(address) {
                    found.push(address.clone());
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(role: &str, uri: &str) -> Contact {
        Contact {
            id: role.into(),
            shift: false,
            role: role.into(),
            organisation: None,
            person: None,
            from: Gravity::Warning,
            simulated: false,
            span: None,
            addresses: vec![Address::parse(uri).expect("an address")],
            wrong: Vec::new(),
        }
    }

    fn reader(role: &str, organisation: Option<&str>) -> Reader {
        Reader { roles: vec![role.into()], organisation: organisation.map(str::to_owned), person: None }
    }

    #[test]
    fn a_notice_goes_to_contacts_of_its_role_and_organisation() {
        let mut here = contact("duty", "mailto:here@example.org");
        here.organisation = Some("a".into());
        let mut there = contact("duty", "mailto:there@example.org");
        there.organisation = Some("b".into());
        let all = Contacts(vec![here, there, contact("chief", "mailto:chief@example.org")]);
        let to = |r: &Reader| -> Vec<String> {
            let found = all.addresses(r, Gravity::Urgent, false, Instant(0));
            found.iter().map(|a| a.target().to_owned()).collect()
        };
        assert_eq!(to(&reader("duty", Some("a"))), ["here@example.org"]);
        assert_eq!(to(&reader("duty", None)), ["here@example.org", "there@example.org"]);
    }

    #[test]
    fn what_is_light_or_simulated_stays_in_the_console() {
        let all = Contacts(vec![contact("duty", "mailto:a@example.org")]);
        let duty = reader("duty", None);
        assert!(all.addresses(&duty, Gravity::Info, false, Instant(0)).is_empty());
        assert!(all.addresses(&duty, Gravity::Urgent, true, Instant(0)).is_empty());
        assert_eq!(all.addresses(&duty, Gravity::Warning, false, Instant(0)).len(), 1);
    }

    #[test]
    fn a_shift_hears_only_while_it_lasts() {
        let mut shift = contact("duty", "mailto:a@example.org");
        shift.span = Some((Instant(10), Instant(20)));
        let all = Contacts(vec![shift]);
        let heard =
            |at: i64| !all.addresses(&reader("duty", None), Gravity::Urgent, false, Instant(at)).is_empty();
        assert_eq!([9, 10, 19, 20].map(heard), [false, true, true, false]);
    }
}
