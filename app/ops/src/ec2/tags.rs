//! The tags of an instance, a volume or another thing of EC2.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Operation, Place, Result,
    ec2::{ResourceId, Tag, TagChanges},
};

use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

/// What is to become of tags.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// These and no others, as the caller saw it if `known` is there.
    All { tags: &'a [Tag], known: Option<&'a [Tag]> },
    /// Some set and some removed, whatever there is.
    Changes(&'a TagChanges),
}

impl Wanted<'_> {
    /// What can be told without AWS.
    fn check(self) -> Result<()> {
        match self {
            Self::All { tags, known: Some(known) } => TagChanges::between(known, tags).map(drop),
            Self::All { known: None, .. } => Ok(()),
            Self::Changes(changes) => changes.check(),
        }
    }

    /// What is to be changed of the tags that there are.
    fn changes(self, before: &[Tag]) -> Result<TagChanges> {
        match self {
            Self::All { tags, known } => TagChanges::between(known.unwrap_or(before), tags),
            Self::Changes(changes) => Ok(changes.of(before)),
        }
    }
}

impl Ops {
    /// Gives an instance, a volume, a snapshot, an address or a security group these tags, and gives back all that it has then. With `known`, which is what the caller saw before, only what
    /// the caller changed of that is changed: tags that somebody else added meanwhile stay. Without, all others are removed. Those that
    /// AWS made stay always. AWS is asked first whether it would (DryRun).
    ///
    /// # Errors
    /// `forbidden`, `invalid_input` for tags that EC2 would not take, `not_found`, and those of AWS.
    pub async fn set_tags(
        &self,
        caller: &Caller,
        place: &Place,
        id: &ResourceId,
        wanted: Vec<Tag>,
        known: Option<Vec<Tag>>,
    ) -> Result<Vec<Tag>> {
        let (ops, caller, place, id) = (self.clone(), caller.clone(), place.clone(), id.clone());
        self.to_the_end(async move {
            let wanted = Wanted::All { tags: &wanted, known: known.as_deref() };
            ops.set_tags_now(&caller, &place, &id, wanted).await
        })
        .await
    }

    /// Makes these changes to the tags of one thing, and gives back all that it has then.
    ///
    /// # Errors
    /// Those of [`Ops::set_tags`].
    pub(super) async fn change_tags_of(
        &self,
        caller: &Caller,
        place: &Place,
        id: &ResourceId,
        changes: &TagChanges,
    ) -> Result<Vec<Tag>> {
        self.set_tags_now(caller, place, id, Wanted::Changes(changes)).await
    }

    async fn set_tags_now(
        &self,
        caller: &Caller,
        place: &Place,
        id: &ResourceId,
        wanted: Wanted<'_>,
    ) -> Result<Vec<Tag>> {
        let task = Task::new(Operation::SetTags).at(place).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            // Where it can be told without AWS that it makes no sense, AWS is not asked.
            wanted.check()?;
            let cloud = self.cloud_for(caller);
            let before = Box::pin(cloud.read_tags(place, id)).await?;
            let changes = wanted.changes(&before)?;
            let after = changes.apply(&before)?;
            if changes.is_empty() {
                return Ok(Done::with(after, "nothing to change"));
            }
            cloud.check_tags_change(place, id, &changes).await?;
            self.change_tags_in_aws(&grant, &cloud, place, id, &changes).await?;
            let (was, is) = (texts(&before), texts(&after));
            Ok(Done::with(after, describe(&changes))
                .changed([("tags", was.as_str())], [("tags", is.as_str())]))
        })
        .await
    }

    /// The change itself: only somebody who was granted it gets here.
    async fn change_tags_in_aws(
        &self,
        grant: &Grant<Operate>,
        cloud: &Cloud,
        place: &Place,
        id: &ResourceId,
        changes: &TagChanges,
    ) -> Result<()> {
        grant.check_covers(place)?;
        let changed = cloud.change_tags(place, id, changes).await;
        // Even a call that failed may have changed something.
        self.forget_list_of(place, id).await;
        changed
    }
}

/// What was changed, for the audit: `Team=b, New= · without Old`.
fn describe(changes: &TagChanges) -> String {
    let set = texts(&changes.set);
    match (changes.set.is_empty(), changes.remove.is_empty()) {
        (_, true) => set,
        (true, false) => format!("without {}", changes.remove.join(", ")),
        (false, false) => format!("{set} · without {}", changes.remove.join(", ")),
    }
}

fn texts(tags: &[Tag]) -> String {
    tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(", ")
}
