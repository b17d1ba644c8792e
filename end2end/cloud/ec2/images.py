"""Machine images: MiniStack's public ones with what it leaves out, and one that each account made itself."""

from __future__ import annotations

import re

from aiohttp import web

from cloud.ec2.wire import answer, listed
from cloud.estate import resource_id
from cloud.operations import Call
from cloud.upstream import Forward

_ITEM_END = re.compile(r"(</imageOwnerId>)")
_ITEMS = re.compile(r"<imagesSet>(.*)</imagesSet>", re.DOTALL)


def own_image_of(account: str, region: str) -> str:
    """The id of the account's own image in a region."""
    return resource_id("ami", account, region, "base")


async def describe_images(call: Call, forward: Forward) -> web.Response | None:
    """The answer to DescribeImages, or None where MiniStack refuses."""
    status, _, body = await forward()
    found = _ITEMS.search(body.decode("utf-8", "replace"))
    if status != 200 or found is None:
        return None
    # AWS tells of each image what it is billed as; MiniStack does not.
    items = _ITEM_END.sub(r"\1<platformDetails>Linux/UNIX</platformDetails>", found.group(1))
    own = own_image_of(call.account, call.region)
    ids, owners = listed(call.params, "ImageId"), listed(call.params, "Owner")
    if own in ids or (not ids and (not owners or "self" in owners)):
        items += (
            f"<item><imageId>{own}</imageId><imageState>available</imageState>"
            f"<imageOwnerId>{call.account}</imageOwnerId><isPublic>false</isPublic>"
            "<architecture>x86_64</architecture><imageType>machine</imageType>"
            "<name>shop-base-2026.11</name><description>Hardened base image</description>"
            "<platformDetails>Linux/UNIX</platformDetails><creationDate>2026-11-02T04:10:00.000Z</creationDate>"
            "<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>"
            "<virtualizationType>hvm</virtualizationType><hypervisor>xen</hypervisor></item>"
        )
    return answer(call.operation, f"<imagesSet>{items}</imagesSet>")
