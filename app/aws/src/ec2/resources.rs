//! Volumes, snapshots, elastic addresses and security groups: the lists, and one of them by its id.
//! [DescribeVolumes](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html),
//! [DescribeSnapshots](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html),
//! [DescribeAddresses](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html),
//! [DescribeSecurityGroups](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html)

pub(crate) mod check;
mod read;

use nephoscope_model::{
    Error, Place, Result,
    ec2::{ElasticAddress, Resource, ResourceId, ResourceKind, SecurityGroup, Snapshot, Volume},
};

use crate::{
    Cloud,
    calls::{DESCRIBE_ADDRESSES, DESCRIBE_SECURITY_GROUPS, DESCRIBE_SNAPSHOTS, DESCRIBE_VOLUMES},
    paging::Pages,
    site::Site,
};

/// The most that EC2 gives in a page of these lists.
const PAGE: i32 = 1_000;

/// What a list is asked for.
#[derive(Clone, Copy)]
enum Which<'a> {
    All,
    One(&'a ResourceId),
}

impl Which<'_> {
    /// The id to ask for; nothing for all.
    fn ids(self) -> Option<Vec<String>> {
        match self {
            Self::All => None,
            Self::One(id) => Some(vec![id.to_string()]),
        }
    }

    /// How many to ask for in a page: EC2 takes either ids or that.
    const fn page(self) -> Option<i32> {
        match self {
            Self::All => Some(PAGE),
            Self::One(_) => None,
        }
    }
}

/// Turns the pages of a list: what to ask with a token, and the field that the items are in.
macro_rules! all_pages {
    ($site:expr, $call:expr, $place:expr, $which:expr, $begin:ident, $set_ids:ident, $field:ident, $read:path) => {{
        let mut found = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = $site.ec2().$begin().$set_ids($which.ids()).set_max_results($which.page());
            let request = request.set_next_token(pages.token());
            let page = $site.call($call, request.send()).await?;
            found.extend(page.$field.unwrap_or_default().into_iter().filter_map(|it| $read($place, it)));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        sorted!(found)
    }};
}

/// By name, then id. What changes while the pages are turned can stand on two of them.
macro_rules! sorted {
    ($found:expr) => {{
        let mut found = $found;
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        found.dedup_by(|a, b| a.id == b.id);
        Ok(found)
    }};
}

async fn volumes(site: &Site, place: &Place, which: Which<'_>) -> Result<Vec<Volume>> {
    all_pages!(site, DESCRIBE_VOLUMES, place, which, describe_volumes, set_volume_ids, volumes, read::volume)
}

/// Only those of the account itself: AWS would list those of everybody who shares theirs.
async fn snapshots(site: &Site, place: &Place, which: Which<'_>) -> Result<Vec<Snapshot>> {
    let mut found = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.ec2().describe_snapshots().owner_ids("self").set_snapshot_ids(which.ids());
        let request = request.set_max_results(which.page()).set_next_token(pages.token());
        let page = site.call(DESCRIBE_SNAPSHOTS, request.send()).await?;
        let items = page.snapshots.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|it| read::snapshot(place, it)));
        if !pages.turn(page.next_token) {
            break;
        }
    }
    sorted!(found)
}

/// This list has no pages.
async fn addresses(site: &Site, place: &Place, which: Which<'_>) -> Result<Vec<ElasticAddress>> {
    let request = site.ec2().describe_addresses().set_allocation_ids(which.ids());
    let answer = site.call(DESCRIBE_ADDRESSES, request.send()).await?;
    let items = answer.addresses.unwrap_or_default();
    sorted!(items.into_iter().filter_map(|it| read::address(place, it)).collect::<Vec<_>>())
}

async fn security_groups(site: &Site, place: &Place, which: Which<'_>) -> Result<Vec<SecurityGroup>> {
    all_pages!(
        site,
        DESCRIBE_SECURITY_GROUPS,
        place,
        which,
        describe_security_groups,
        set_group_ids,
        security_groups,
        read::security_group
    )
}

impl Cloud {
    /// All EBS volumes of a place, sorted by name and then by id.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_volumes(&self, place: &Place) -> Result<Vec<Volume>> {
        volumes(&*self.site(place)?, place, Which::All).await
    }

    /// The snapshots that the account itself owns, sorted by name and then by id.
    ///
    /// # Errors
    /// Those of [`Cloud::list_volumes`].
    pub async fn list_snapshots(&self, place: &Place) -> Result<Vec<Snapshot>> {
        snapshots(&*self.site(place)?, place, Which::All).await
    }

    /// The elastic addresses of a place, sorted by name and then by id.
    ///
    /// # Errors
    /// Those of [`Cloud::list_volumes`].
    pub async fn list_addresses(&self, place: &Place) -> Result<Vec<ElasticAddress>> {
        addresses(&*self.site(place)?, place, Which::All).await
    }

    /// The security groups of a place, sorted by name and then by id.
    ///
    /// # Errors
    /// Those of [`Cloud::list_volumes`].
    pub async fn list_security_groups(&self, place: &Place) -> Result<Vec<SecurityGroup>> {
        security_groups(&*self.site(place)?, place, Which::All).await
    }

    /// One of them, by its id.
    ///
    /// # Errors
    /// `not_found` when there is none with this id (an instance's is none of them), or the place is not configured, and the errors of any
    /// call.
    pub async fn get_resource(&self, place: &Place, id: &ResourceId) -> Result<Resource> {
        let site = self.site(place)?;
        let which = Which::One(id);
        let found = match id.kind() {
            Some(ResourceKind::Volume) => volumes(&site, place, which).await?.pop().map(Resource::Volume),
            Some(ResourceKind::Snapshot) => {
                snapshots(&site, place, which).await?.pop().map(Resource::Snapshot)
            }
            Some(ResourceKind::Address) => addresses(&site, place, which).await?.pop().map(Resource::Address),
            Some(ResourceKind::SecurityGroup) => {
                security_groups(&site, place, which).await?.pop().map(Resource::SecurityGroup)
            }
            None => None,
        };
        found.filter(|resource| resource.id() == id).ok_or_else(|| {
            let noun = id.kind().map_or("thing", ResourceKind::noun);
            Error::not_found(format!("There is no {noun} {id} in {place}."))
                .with_hint("Check the account and the region; it may have been deleted.")
        })
    }
}
