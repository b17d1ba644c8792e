"""What instances are launched with: key pairs and launch templates."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.ec2.images import own_image_of
from cloud.estate import ACCOUNTS, REGIONS, digest, resource_id
from cloud.seed.state import RegionalStore

#: The stores of MiniStack's state that this fills.
STORES = ("key_pairs", "launch_templates")


def put_launching(stores: Mapping[str, RegionalStore]) -> None:
    """Put a key pair and a launch template into each account and region."""
    for account in ACCOUNTS:
        for region in REGIONS:
            fingerprint = f"{digest('key', account.id, region):016x}"
            pairs = ":".join(fingerprint[at : at + 2] for at in range(0, 16, 2))
            stores["key_pairs"].put(account.id, region, "ops-2026", {
                "KeyName": "ops-2026", "KeyFingerprint": pairs,
                "KeyPairId": resource_id("key", account.id, region),
            })  # fmt: skip
            template = resource_id("lt", account.id, region, "web")
            made = "2026-03-04T09:12:00Z"
            data = {"ImageId": own_image_of(account.id, region), "InstanceType": "t3.micro"}
            version = {
                "LaunchTemplateId": template, "LaunchTemplateName": "web", "VersionNumber": 1,
                "VersionDescription": "", "DefaultVersion": True, "CreateTime": made,
                "LaunchTemplateData": data,
            }  # fmt: skip
            stores["launch_templates"].put(account.id, region, template, {
                "LaunchTemplateId": template, "LaunchTemplateName": "web", "CreateTime": made,
                "DefaultVersionNumber": 1, "LatestVersionNumber": 1, "Versions": [version],
            })  # fmt: skip
