//! Volumes, snapshots, elastic addresses and security groups: the lists, and the tags of each.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{
    Error, Operation,
    ec2::{ElasticAddress, ResourceId, ResourceKind, SecurityGroup, Snapshot, Volume},
};

use super::{Answer, Freshness, tags::Tags};
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{
        Body, Params, ScopeParams,
        paging::{ListingPage, PageParams, Paging},
    },
    state::App,
};

/// An id of this kind.
fn parse_id(kind: ResourceKind, text: &str) -> Result<ResourceId, Error> {
    let id = text.parse::<ResourceId>().ok().filter(|id| id.kind() == Some(kind));
    id.ok_or_else(|| {
        let shown = nephoscope_model::error::shorten(text, 80);
        let example = format!("{}0123456789abcdef0", kind.prefix());
        Error::invalid(format!("{shown:?} is not the id of a {} such as {example}.", kind.noun()))
    })
}

async fn set_tags(
    app: &App,
    caller: &Authenticated,
    kind: ResourceKind,
    id: &str,
    scope: &ScopeParams,
    tags: Tags,
) -> Answer<Tags> {
    let (operation, id) = (Operation::SetTags, parse_id(kind, id)?);
    let place = app.ops().locate_resource(&caller.0, operation, &scope.scope()?, &id).await?;
    let tags = app.ops().set_tags(&caller.0, &place, &id, tags.tags, None).await?;
    Ok(Json(Tags { tags }))
}

macro_rules! resources {
    (
        $kind:ident, $type:ty, $id:literal,
        $(#[$list_doc:meta])* list $list:ident at $path:literal by $method:ident;
        $(#[$tags_doc:meta])* tags $set:ident at $tags_path:literal
    ) => {
        $(#[$list_doc])*
        #[utoipa::path(
            get, path = $path, tag = "ec2", params(ScopeParams, Freshness, PageParams),
            responses(
                (status = 200, description = "What there is, and the fate of each account and region asked", body = ListingPage<$type>),
                (status = 400, description = "Bad parameters", body = Problem),
                (status = 401, description = "Not logged in", body = Problem),
                (status = 404, description = "No such account or region here", body = Problem),
            )
        )]
        pub(in crate::server) async fn $list(
            State(app): State<App>,
            Authenticated(caller): Authenticated,
            Params(scope): Params<ScopeParams>,
            Params(Freshness { fresh }): Params<Freshness>,
            paging: Paging,
        ) -> Answer<ListingPage<$type>> {
            Ok(Json(paging.of(app.ops().$method(&caller, &scope.scope()?, fresh).await?)))
        }

        $(#[$tags_doc])*
        #[utoipa::path(
            put, path = $tags_path, tag = "ec2", params(("id" = String, Path, example = $id), ScopeParams),
            request_body = Tags,
            responses(
                (status = 200, description = "The tags that it has now, sorted by key", body = Tags),
                (status = 400, description = "Not such an id, or tags that AWS would not take", body = Problem),
                (status = 401, description = "Not logged in", body = Problem),
                (status = 403, description = "Your role does not allow it", body = Problem),
                (status = 404, description = "Nothing has this id", body = Problem),
                (status = 413, description = "The body is too large", body = Problem),
                (status = 502, description = "AWS denied it", body = Problem),
            )
        )]
        pub(in crate::server) async fn $set(
            State(app): State<App>,
            caller: Authenticated,
            Path(id): Path<String>,
            Params(scope): Params<ScopeParams>,
            Body(tags): Body<Tags>,
        ) -> Answer<Tags> {
            set_tags(&app, &caller, ResourceKind::$kind, &id, &scope, tags).await
        }
    };
}

resources!(
    Volume, Volume, "vol-0123456789abcdef0",
    /// All EBS volumes of the accounts and regions.
    list volumes at "/api/ec2/volumes" by list_volumes;
    /// Give a volume exactly these tags; the same rules hold as for those of an instance.
    tags set_volume_tags at "/api/ec2/volumes/{id}/tags"
);
resources!(
    Snapshot, Snapshot, "snap-0123456789abcdef0",
    /// The snapshots that the accounts own themselves, in the regions.
    list snapshots at "/api/ec2/snapshots" by list_snapshots;
    /// Give a snapshot exactly these tags; the same rules hold as for those of an instance.
    tags set_snapshot_tags at "/api/ec2/snapshots/{id}/tags"
);
resources!(
    Address, ElasticAddress, "eipalloc-0123456789abcdef0",
    /// All elastic addresses of the accounts and regions.
    list addresses at "/api/ec2/addresses" by list_addresses;
    /// Give an elastic address exactly these tags, by the id of its allocation; the same rules hold as for those of an instance.
    tags set_address_tags at "/api/ec2/addresses/{id}/tags"
);
resources!(
    SecurityGroup, SecurityGroup, "sg-0123456789abcdef0",
    /// All security groups of the accounts and regions with their rules. A rule is marked `open` that lets everybody in to anything but
    /// port 80 or 443.
    list security_groups at "/api/ec2/security-groups" by list_security_groups;
    /// Give a security group exactly these tags; the same rules hold as for those of an instance.
    tags set_security_group_tags at "/api/ec2/security-groups/{id}/tags"
);
