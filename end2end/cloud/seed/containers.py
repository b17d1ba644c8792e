"""ECS clusters with services and tasks, and the ECR images they run."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cloud.awscall import AwsCaller
from cloud.estate import ACCOUNT_NAMES, PRODUCTION, STAGING
from cloud.seed.ec2 import group_of, subnet_of

_ECS = "AmazonEC2ContainerServiceV20141113."
_ECR = "AmazonEC2ContainerRegistry_V20150921."

#: Images of each repository, oldest first.
REPOSITORIES: dict[str, tuple[str, ...]] = {
    "shop/storefront": ("v4.17.0", "v4.18.0", "v4.18.1"),
    "shop/checkout": ("v2.9.3", "v2.10.0"),
    "shop/mailer": ("2026-09-30", "2026-10-21", "2026-11-02"),
    "shop/image-proxy": ("1.4.2", "1.5.0"),
}

#: account, region, cluster, service, repository, tag, cpu, memory, tasks
SERVICES: tuple[tuple[str, str, str, str, str, str, str, str, int], ...] = (
    (PRODUCTION.id, "us-east-1", "shop", "mailer", "shop/mailer", "2026-11-02", "256", "512", 2),
    (PRODUCTION.id, "us-east-1", "shop", "image-proxy", "shop/image-proxy", "1.5.0", "512", "1024", 3),
    (PRODUCTION.id, "us-east-1", "batch", "invoice-printer", "shop/mailer", "2026-10-21", "256", "512", 1),
    (PRODUCTION.id, "eu-west-1", "shop", "mailer", "shop/mailer", "2026-11-02", "256", "512", 1),
    (STAGING.id, "us-east-1", "shop", "mailer", "shop/mailer", "2026-11-02", "256", "512", 1),
    (STAGING.id, "us-east-1", "shop", "image-proxy", "shop/image-proxy", "1.5.0", "512", "1024", 0),
)


async def seed_containers(aws: AwsCaller) -> int:
    """Create repositories, images, clusters, task definitions and services; returns the services."""
    scopes = sorted({(account, region) for account, region, *_ in SERVICES})
    for account, region in scopes:
        for repository, tags in REPOSITORIES.items():
            await _seed_repository(aws, account, region, repository, tags)
    for account, region, cluster in sorted({service[:3] for service in SERVICES}):
        await aws.json(
            "ecs", account, region, _ECS + "CreateCluster", clusterName=cluster,
            capacityProviders=["FARGATE", "FARGATE_SPOT"],
            tags=[{"key": "Environment", "value": ACCOUNT_NAMES[account]}],
        )  # fmt: skip
    for service in SERVICES:
        await _seed_service(aws, *service)
    return len(SERVICES)


async def _seed_repository(
    aws: AwsCaller, account: str, region: str, repository: str, tags: tuple[str, ...]
) -> None:
    await aws.json(
        "ecr", account, region, _ECR + "CreateRepository", repositoryName=repository,
        imageScanningConfiguration={"scanOnPush": True},
    )  # fmt: skip
    for tag in tags:
        await aws.json(
            "ecr", account, region, _ECR + "PutImage",
            repositoryName=repository, imageTag=tag, imageManifest=_manifest(repository, tag),
        )  # fmt: skip


def _manifest(repository: str, tag: str) -> str:
    """A plausible image manifest; its digests derive from the names."""

    def blob(part: str, size: int) -> dict[str, Any]:
        digest = hashlib.sha256(f"{repository}:{tag}:{part}".encode()).hexdigest()
        return {
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "size": size,
            "digest": f"sha256:{digest}",
        }

    config = blob("config", 7023) | {"mediaType": "application/vnd.oci.image.config.v1+json"}
    layers = [blob(f"layer{n}", 2_000_000 + n * 17_000_000) for n in range(4)]
    return json.dumps({"schemaVersion": 2, "config": config, "layers": layers})


async def _seed_service(
    aws: AwsCaller, account: str, region: str, cluster: str, name: str, repository: str, tag: str,
    cpu: str, memory: str, tasks: int,
) -> None:  # fmt: skip
    registry = f"{account}.dkr.ecr.{region}.amazonaws.com"
    log_options = {"awslogs-group": f"/ecs/{name}", "awslogs-region": region, "awslogs-stream-prefix": name}
    definition = await aws.json(
        "ecs", account, region, _ECS + "RegisterTaskDefinition",
        family=name, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu=cpu, memory=memory,
        executionRoleArn=f"arn:aws:iam::{account}:role/ecs-execution",
        containerDefinitions=[{
            "name": name, "image": f"{registry}/{repository}:{tag}", "essential": True,
            "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
            "environment": [{"name": "STAGE", "value": ACCOUNT_NAMES[account]}],
            "logConfiguration": {"logDriver": "awslogs", "options": log_options},
        }],
    )  # fmt: skip
    subnets = [subnet_of(account, region + letter, False) for letter in "ab"]
    network = {
        "subnets": subnets,
        "securityGroups": [group_of(account, region, "app")],
        "assignPublicIp": "DISABLED",
    }
    await aws.json(
        "ecs", account, region, _ECS + "CreateService",
        cluster=cluster, serviceName=name, desiredCount=tasks, launchType="FARGATE",
        taskDefinition=definition["taskDefinition"]["taskDefinitionArn"],
        networkConfiguration={"awsvpcConfiguration": network},
        tags=[{"key": "Service", "value": name}],
    )  # fmt: skip
