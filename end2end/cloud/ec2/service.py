"""EC2 at the front: which actions it answers itself, and what it learns from the others."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import cast

from aiohttp import web
from multidict import CIMultiDict

from cloud.awscall import AwsCaller
from cloud.ec2.details import answer_detail, check_hibernation, check_protected, is_detail
from cloud.ec2.filters import select
from cloud.ec2.fleet import Fleet, Fleets
from cloud.ec2.history import RunHistory
from cloud.ec2.images import describe_images
from cloud.ec2.instance import Instance
from cloud.ec2.launch import is_templated, launch_from_template
from cloud.ec2.paging import Pages, page_size
from cloud.ec2.tags import check_tags, is_tagging
from cloud.ec2.transitions import CHANGES, apply, check_states
from cloud.ec2.wire import (
    Ec2Error,
    answer,
    check_ids,
    filters_of,
    listed,
    parse,
    state_xml,
    text_of,
    token_xml,
)
from cloud.operations import Call, Protocol
from cloud.protocols import error_response
from cloud.upstream import Forward

_READING = re.compile(r"(Describe|Get|List|Search)")


class Ec2:
    """EC2 as the front answers it."""

    def __init__(
        self, caller: AwsCaller, fleets: Fleets, history: RunHistory, transition_seconds: float
    ) -> None:
        self._caller = caller
        self._fleets = fleets
        self._history = history
        self._seconds = transition_seconds
        self._pages = Pages()
        self._launched: dict[tuple[str, str, str], list[str]] = {}

    async def handle(self, call: Call, forward: Forward) -> web.Response | None:
        """The answer to a call, or None where MiniStack's own will do."""
        fleet = self._fleets.of(call.account, call.region)
        try:
            if call.params.get("DryRun", "").lower() == "true":
                return await self._dry_run(call, fleet)
            if call.operation == "DescribeInstances":
                return await self._describe_instances(call, fleet)
            if call.operation == "DescribeInstanceStatus":
                return await self._describe_status(call, fleet)
            if is_detail(call):
                return await answer_detail(call, fleet, self._pages)
            if call.operation in CHANGES:
                return await self._change(call, fleet, forward)
            if is_tagging(call.operation):
                check_tags(call.params, await fleet.load(), creates=call.operation == "CreateTags")
            if call.operation == "DescribeImages":
                return await describe_images(call, forward)
            if call.operation == "RunInstances":
                return await self._run(call, fleet, forward)
        except Ec2Error as error:
            return error_response(Protocol.EC2, error.status, error.code, error.message)
        if not _READING.match(call.operation):
            return await self._pass_on(call, fleet, forward)
        return None

    async def _dry_run(self, call: Call, fleet: Fleet) -> web.Response:
        """Never reaches MiniStack, which ignores DryRun and acts.

        A refusal by permission comes from a `denied` fault, which strikes before this.
        """
        known = await fleet.load()
        check_ids(_instance_ids(call), known)
        if is_tagging(call.operation):
            check_tags(call.params, known, creates=call.operation == "CreateTags")
        raise Ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)

    async def _describe_instances(self, call: Call, fleet: Fleet) -> web.Response:
        ids = listed(call.params, "InstanceId")
        if ids and "MaxResults" in call.params:
            raise Ec2Error(
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            )
        size = page_size(call.params)
        scope = f"instances/{fleet.account}/{fleet.region}"
        token = call.params.get("NextToken")
        if token:
            page, following = self._pages.next(scope, token, size)
        else:
            known = await fleet.load()
            check_ids(ids, known)
            chosen = [known[instance_id] for instance_id in dict.fromkeys(ids)] if ids else known.values()
            page, following = self._pages.first(scope, select(chosen, filters_of(call.params)), size)
        items = "".join(_reservation_xml(cast(Instance, instance)) for instance in page)
        return answer(call.operation, f"<reservationSet>{items}</reservationSet>{token_xml(following)}")

    async def _describe_status(self, call: Call, fleet: Fleet) -> web.Response:
        ids = listed(call.params, "InstanceId")
        size = page_size(call.params)
        scope = f"status/{fleet.account}/{fleet.region}"
        token = call.params.get("NextToken")
        if token:
            page, following = self._pages.next(scope, token, size)
        else:
            known = await fleet.load()
            check_ids(ids, known)
            chosen = select([known[i] for i in ids] if ids else known.values(), filters_of(call.params))
            if call.params.get("IncludeAllInstances", "").lower() != "true":
                chosen = [instance for instance in chosen if instance.state == "running"]
            page, following = self._pages.first(scope, chosen, size)
        items = "".join(_status_xml(cast(Instance, instance)) for instance in page)
        return answer(call.operation, f"<instanceStatusSet>{items}</instanceStatusSet>{token_xml(following)}")

    async def _change(self, call: Call, fleet: Fleet, forward: Forward) -> web.Response:
        change = CHANGES[call.operation]
        ids = list(dict.fromkeys(listed(call.params, "InstanceId")))
        if not ids:
            raise Ec2Error("MissingParameter", "The request must contain the parameter InstanceId")
        known = await fleet.load()
        check_ids(ids, known)
        instances = [known[instance_id] for instance_id in ids]
        check_states(change, instances)
        if call.operation == "TerminateInstances":
            check_protected(instances)
        hibernates = call.operation == "StopInstances" and check_hibernation(call, instances)
        status, headers, body = await forward()
        # An instance that MiniStack has forgotten is terminated already: no change to it.
        if status >= 400 and not all(instance.state == "terminated" for instance in instances):
            return _relay(status, headers, body)
        if call.operation == "RebootInstances":
            for instance in instances:
                instance.checks_pass_at = time.monotonic() + self._seconds
            return answer(call.operation, "<return>true</return>")
        items = ""
        for instance in instances:
            before, now = apply(change, instance, self._seconds, hibernates=hibernates)
            if before != now:
                self._history.note(instance.id, running=now == "pending")
            items += (
                f"<item><instanceId>{instance.id}</instanceId>"
                f"{state_xml('currentState', now)}{state_xml('previousState', before)}</item>"
            )
        return answer(call.operation, f"<instancesSet>{items}</instancesSet>")

    async def _run(self, call: Call, fleet: Fleet, forward: Forward) -> web.Response:
        await fleet.load()
        # With the same token AWS launches once; MiniStack does not know tokens.
        request = (fleet.account, fleet.region, call.params.get("ClientToken", ""))
        ids = self._launched.get(request, [])
        if ids:
            return _launched_xml(call, fleet, [fleet.instances[instance_id] for instance_id in ids])
        status, headers, body = await (launch_from_template(self._caller, call) if is_templated(call) else forward())
        if status >= 400:
            return _relay(status, headers, body)
        tree = parse(body)
        ids = [text_of(item, "instanceId") for item in tree.iterfind("instancesSet/item")]
        await fleet.refresh(ids)
        made = [fleet.instances[instance_id] for instance_id in ids]
        if request[2]:
            self._launched[request] = ids
        for instance in made:
            instance.protected = call.params.get("DisableApiTermination", "").lower() == "true"
            instance.hibernates = call.params.get("HibernationOptions.Configured", "").lower() == "true"
            instance.begin("running", "pending", self._seconds)
            self._history.launch(instance.id, fleet.account, fleet.region)
        return _launched_xml(call, fleet, made)

    async def _pass_on(self, call: Call, fleet: Fleet, forward: Forward) -> web.Response:
        """Any other change may concern instances: what it may have touched is read again."""
        status, headers, body = await forward()
        touched = listed(call.params, "ResourceId")
        if touched and all(resource in fleet.instances for resource in touched):
            await fleet.refresh(touched)  # CreateTags, DeleteTags
        else:
            fleet.invalidate()
        return _relay(status, headers, body)


def _instance_ids(call: Call) -> list[str]:
    single = call.params.get("InstanceId")
    return [single] if single else listed(call.params, "InstanceId")


def _relay(status: int, headers: CIMultiDict[str], body: bytes) -> web.Response:
    kept = CIMultiDict((k, v) for k, v in headers.items() if k.lower() != "content-length")
    return web.Response(status=status, headers=kept, body=body)


def _launched_xml(call: Call, fleet: Fleet, made: list[Instance]) -> web.Response:
    items = "".join(instance.xml() for instance in made)
    return answer(
        call.operation,
        f"<reservationId>{made[0].reservation_id}</reservationId>"
        f"<ownerId>{fleet.account}</ownerId><groupSet/><instancesSet>{items}</instancesSet>",
    )


def _reservation_xml(instance: Instance) -> str:
    return (
        f"<item><reservationId>{instance.reservation_id}</reservationId><ownerId>{instance.owner}</ownerId>"
        f"<groupSet/><instancesSet>{instance.xml()}</instancesSet></item>"
    )


def _status_xml(instance: Instance) -> str:
    state = instance.state
    if state != "running":
        check = "not-applicable"
    elif time.monotonic() < instance.checks_pass_at:
        check = "initializing"
    else:
        check = "ok"
    # A broken machine takes what runs on it along; the instance itself is as it was.
    system = "impaired" if check == "ok" and instance.impaired else check
    return (
        f"<item><instanceId>{instance.id}</instanceId><availabilityZone>{instance.zone}</availabilityZone>"
        f"{state_xml('instanceState', state)}"
        f"{_events_xml(instance)}<systemStatus>{_summary_xml(system)}</systemStatus>"
        f"<instanceStatus>{_summary_xml(check)}</instanceStatus></item>"
    )


def _summary_xml(status: str) -> str:
    detail = {"ok": "passed", "initializing": "initializing", "impaired": "failed"}.get(status)
    details = (
        f"<details><item><name>reachability</name><status>{detail}</status></item></details>" if detail else ""
    )
    return f"<status>{status}</status>{details}"


def _events_xml(instance: Instance) -> str:
    if not instance.impaired or instance.state == "terminated":
        return ""
    when = datetime.now(UTC) + timedelta(days=14)
    return (
        "<eventsSet><item><code>instance-retirement</code>"
        "<description>The instance is running on degraded hardware</description>"
        f"<notBefore>{when:%Y-%m-%dT00:00:00.000Z}</notBefore></item></eventsSet>"
    )
