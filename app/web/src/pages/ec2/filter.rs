//! The filter above the list of instances: words that must all be found, some of them in one column only.
//!
//! `web` looks everywhere; `state:running`, `status:impaired`, `status:retirement`, `type:t3`, `tag:Team=web` and `tag:Team` look in one place; `price:>10` compares
//! what a month costs, and `price:unknown` finds what nobody knows it of; `-word` must not be found; quotes keep blanks together. Case does not matter.

use nephoscope_model::{
    ec2::{Instance, monthly},
    filter_words::{NumberTest, contains, exclusion, words},
};

use super::{beside::Beside, prices::Price};

/// Where a word is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    Name,
    Id,
    State,
    Status,
    Type,
    Price,
    Zone,
    Region,
    Account,
    Ip,
    Vpc,
    Image,
    Key,
    /// A tag with this key (lower case), or any tag when it is empty.
    Tag(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    place: Place,
    /// Lower case.
    word: String,
    /// Whether it must not be found.
    excluded: bool,
}

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Reads what a person typed. Every text is a filter.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { terms: words(text).iter().filter_map(|word| Term::parse(word)).collect() }
    }

    /// Whether it lets everything pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an instance passes. Accounts are found by their names, too.
    #[must_use]
    pub fn matches(&self, instance: &Instance, beside: &Beside) -> bool {
        self.terms.iter().all(|term| term.found_in(instance, beside) != term.excluded)
    }

    /// Whether it asks for prices.
    #[must_use]
    pub fn asks_for_prices(&self) -> bool {
        self.terms.iter().any(|term| term.place == Place::Price)
    }

    /// Whether it asks for what the status checks say.
    #[must_use]
    pub fn asks_for_checks(&self) -> bool {
        self.terms.iter().any(|term| term.place == Place::Status)
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (excluded, word) = exclusion(word);
        let (place, word) = place_of(word);
        let word = word.to_lowercase();
        let says_something = !word.is_empty() || matches!(&place, Place::Tag(key) if !key.is_empty());
        says_something.then_some(Self { place, word, excluded })
    }

    fn found_in(&self, instance: &Instance, beside: &Beside) -> bool {
        let has = |text: &str| contains(text, &self.word);
        let has_some = |text: &Option<String>| text.as_deref().is_some_and(has);
        let in_account = || {
            has(instance.account.as_str())
                || beside.accounts.iter().any(|account| account.id == instance.account && has(&account.name))
        };
        let in_tag = |key: &str| {
            instance
                .tags
                .iter()
                .any(|tag| (key.is_empty() || tag.key.to_lowercase() == key) && has(&tag.value))
        };
        match &self.place {
            Place::Name => has(&instance.name),
            Place::Id => has(instance.id.as_str()),
            // `state:stop` finds stopped and stopping, `state:running` finds nothing else.
            Place::State => instance.state.as_str().starts_with(self.word.as_str()),
            // `status:ok` and the like, of all checks together, and `status:retirement`, of what AWS is going to do.
            Place::Status => beside.checks_of(instance).is_some_and(|checks| {
                checks.overall().as_str().starts_with(self.word.as_str())
                    || checks.pending().any(|event| has(&event.code))
            }),
            Place::Type => has(&instance.instance_type),
            Place::Price => self.found_in_price(&beside.prices.of(instance)),
            Place::Zone => has(&instance.zone),
            Place::Region => has(instance.region.as_str()),
            Place::Account => in_account(),
            Place::Ip => has_some(&instance.private_ip) || has_some(&instance.public_ip),
            Place::Vpc => has_some(&instance.vpc_id) || has_some(&instance.subnet_id),
            Place::Image => has_some(&instance.image_id),
            Place::Key => has_some(&instance.key_name),
            Place::Tag(key) => in_tag(key),
            Place::Anywhere => {
                has(&instance.name)
                    || has(instance.id.as_str())
                    || has(&instance.instance_type)
                    || has(&instance.zone)
                    || has_some(&instance.private_ip)
                    || has_some(&instance.public_ip)
                    || in_account()
                    || instance.tags.iter().any(|tag| has(&tag.key) || has(&tag.value))
            }
        }
    }
}

impl Term {
    /// `price:>10` is dollars a month, as the column says it.
    fn found_in_price(&self, price: &Price) -> bool {
        match price {
            #[expect(clippy::cast_precision_loss, reason = "no price has 2^53 millionths of a dollar")]
            Price::Hourly(micros) => {
                NumberTest::parse(&self.word).holds(monthly(*micros) as f64 / 1_000_000.0)
            }
            Price::Unknown(_) => "unknown".starts_with(self.word.as_str()),
            Price::None => false,
        }
    }
}

fn place_of(word: &str) -> (Place, &str) {
    let Some((column, rest)) = word.split_once(':') else {
        return (Place::Anywhere, word);
    };
    let place = match column.to_ascii_lowercase().as_str() {
        "name" => Place::Name,
        "id" => Place::Id,
        "state" => Place::State,
        "status" => Place::Status,
        "type" => Place::Type,
        "price" => Place::Price,
        "zone" | "az" => Place::Zone,
        "region" => Place::Region,
        "account" => Place::Account,
        "ip" => Place::Ip,
        "vpc" | "subnet" => Place::Vpc,
        "image" | "ami" => Place::Image,
        "key" => Place::Key,
        "tag" => {
            let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
            return (Place::Tag(key.to_lowercase()), value);
        }
        // A colon in a value, such as an IPv6 address or a time.
        _ => return (Place::Anywhere, word),
    };
    (place, rest)
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{
        Listing,
        ec2::{CheckStatus, ListPrice, PriceKey, ScheduledEvent, StatusChecks},
    };

    use super::super::{
        prices::Prices,
        query::tests::{beside, instance},
    };
    use super::*;

    fn finds(text: &str) -> bool {
        Filter::parse(text).matches(&instance(1, "Web server 1", "running"), &beside())
    }

    #[test]
    fn words_are_looked_for_everywhere_and_all_must_be_found() {
        for good in
            ["", "  ", "web", "SERVER web", "i-0000", "10.0.0.1", "t3", "prod", "111111111111", "payments"]
        {
            assert!(finds(good), "{good}");
        }
        for bad in ["db", "web db", "10.0.0.2"] {
            assert!(!finds(bad), "{bad}");
        }
    }

    #[test]
    fn a_column_narrows_a_word() {
        for good in [
            "state:running",
            "STATE:run",
            "type:t3",
            "tag:Team=pay",
            "tag:team",
            "tag:=payments",
            "name:web",
            "ip:10.0.0",
            "account:production",
            "zone:us-east-1a",
            "region:us-east",
            "-state:stopped",
            "-tag:Missing",
            "\"web server\"",
            "tag:Team=\"payments\"",
        ] {
            assert!(finds(good), "{good}");
        }
        for bad in
            ["state:stopped", "name:t3", "tag:Team=web", "tag:Missing", "-web", "id:web", "\"server web\""]
        {
            assert!(!finds(bad), "{bad}");
        }
    }

    #[test]
    fn an_unfinished_filter_hides_nothing() {
        for unfinished in ["state:", "tag:", "-", "\"", "type:\""] {
            assert!(finds(unfinished) || unfinished == "-", "{unfinished}");
        }
        assert!(!finds("fe80::1"), "an unknown column is a word");
    }

    #[test]
    fn what_the_checks_say_is_found_where_it_is_known() {
        let one = instance(1, "web", "running");
        let mut beside = beside();
        let finds = |text: &str, beside: &Beside| Filter::parse(text).matches(&one, beside);
        assert!(!finds("status:ok", &beside) && finds("-status:ok", &beside));
        let (system, instance) = (CheckStatus::Ok, CheckStatus::Impaired);
        let id = one.id.clone();
        let event = |code: &str, description: &str| ScheduledEvent {
            code: code.to_owned(),
            description: description.to_owned(),
            not_before: None,
            not_after: None,
            not_before_deadline: None,
        };
        let events = vec![event("instance-retirement", "soon"), event("instance-reboot", "[Completed] x")];
        let checks = StatusChecks { id: id.clone(), system, instance, attached_disks: None, events };
        beside.checks.insert(id, checks);
        assert!(
            finds("status:retire", &beside) && !finds("status:reboot", &beside),
            "what is over is not found"
        );
        assert!(
            finds("status:impaired", &beside) && finds("STATUS:imp", &beside) && !finds("status:ok", &beside)
        );
        assert!(
            Filter::parse("a -status:ok").asks_for_checks() && !Filter::parse("state:ok").asks_for_checks()
        );
    }

    #[test]
    fn prices_compare_by_the_month_and_what_is_unknown_is_found() {
        let mut one = instance(1, "web", "running");
        one.platform = Some("Linux/UNIX".to_owned());
        let key = PriceKey::of(&one).expect("a kind");
        let price = ListPrice { key, micros_per_hour: Some(10_400) };
        let listing = Listing { items: vec![price], sources: Vec::new() };
        let beside = Beside { prices: Prices::new(Some(&listing)), ..beside() };
        let finds = |text: &str, one: &Instance| Filter::parse(text).matches(one, &beside);
        for good in
            ["price:>7", "price:<=7.59", "price:7.59", "price:7.6", "price:8", "-price:>8", "-price:unknown"]
        {
            assert!(finds(good, &one), "{good}");
        }
        assert!(!finds("price:>8", &one) && !finds("price:7.5", &one) && !finds("price:cheap", &one));
        one.tenancy = Some("dedicated".to_owned());
        assert!(finds("price:unknown", &one) && !finds("price:>0", &one));
    }

    #[test]
    fn text_in_any_script_is_found() {
        let mut strange = instance(2, "Größe ÄÖÜ", "running");
        strange.tags.clear();
        assert!(Filter::parse("äöü").matches(&strange, &Beside::default()));
        assert!(!Filter::parse("日本").matches(&strange, &Beside::default()));
    }
}
