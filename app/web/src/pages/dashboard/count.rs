//! Counting.

use nephoscope_model::{
    Place, Source,
    ec2::{Instance, InstanceState},
};

/// How many instances are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts([u32; 7]);

impl Counts {
    /// How many are in a state.
    pub(super) const fn of(self, state: InstanceState) -> u32 {
        self.0[state as usize]
    }

    /// How many are on their way from one state to another.
    pub(super) fn changing(self) -> u32 {
        InstanceState::ALL
            .into_iter()
            .filter(|state| state.is_transitional())
            .map(|state| self.of(state))
            .sum()
    }

    /// How many there are.
    pub(super) fn sum(self) -> u32 {
        self.0.iter().sum()
    }

    /// All places together.
    pub(super) fn total(places: &[PlaceCounts]) -> Self {
        let mut total = Self::default();
        for place in places {
            for (sum, count) in total.0.iter_mut().zip(place.counts.0) {
                *sum += count;
            }
        }
        total
    }
}

/// The counts of one account in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlaceCounts {
    /// Where.
    pub(super) place: Place,
    /// How many.
    pub(super) counts: Counts,
    /// Whether it could not be asked.
    pub(super) failed: bool,
}

/// A row for each place that was asked, also for one that is empty or failed, in the estate's order.
pub(super) fn counts_by_place(instances: &[Instance], sources: &[Source]) -> Vec<PlaceCounts> {
    let mut places: Vec<PlaceCounts> = sources
        .iter()
        .map(|source| PlaceCounts {
            place: source.place.clone(),
            counts: Counts::default(),
            failed: source.error.is_some(),
        })
        .collect();
    for instance in instances {
        let found = places
            .iter_mut()
            .find(|row| row.place.account == instance.account && row.place.region == instance.region);
        if let Some(row) = found {
            row.counts.0[instance.state as usize] += 1;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(account: &str, state: InstanceState) -> Instance {
        serde_json::from_value(serde_json::json!({
            "id": "i-0123456789abcdef0", "account": account, "region": "eu-west-1", "name": "", "state": state,
            "instanceType": "t3.micro", "zone": "eu-west-1a", "securityGroups": [], "tags": [],
        }))
        .expect("an instance")
    }

    #[test]
    fn every_place_has_a_row_and_every_instance_is_counted_once() {
        let sources: Vec<Source> = ["111111111111", "222222222222"]
            .into_iter()
            .map(|account| Source {
                place: Place {
                    account: account.parse().expect("an id"),
                    region: "eu-west-1".parse().expect("a region"),
                },
                fetched_at: None,
                error: (account == "222222222222").then(nephoscope_model::Error::internal),
            })
            .collect();
        let instances = [
            instance("111111111111", InstanceState::Running),
            instance("111111111111", InstanceState::Running),
            instance("111111111111", InstanceState::Stopping),
        ];
        let places = counts_by_place(&instances, &sources);
        assert_eq!(places.len(), 2);
        assert!(!places[0].failed && places[1].failed);
        let total = Counts::total(&places);
        assert_eq!((total.of(InstanceState::Running), total.changing(), total.sum()), (2, 1, 3));
    }
}
