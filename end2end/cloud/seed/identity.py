"""The IAM roles that nephoscope assumes, and the aliases of the accounts."""

from __future__ import annotations

import json

from cloud.awscall import AwsCaller
from cloud.estate import ACCOUNTS, CONSOLE_ROLE, HOME_ACCOUNT


async def seed_identity(aws: AwsCaller) -> None:
    """Create the console's role in each account, trusted by the home account."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{HOME_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for account in ACCOUNTS:
        await aws.query(
            "iam", account.id, "us-east-1", "CreateRole", RoleName=CONSOLE_ROLE,
            AssumeRolePolicyDocument=json.dumps(trust), Description="Assumed by nephoscope",
        )  # fmt: skip
        await aws.query(
            "iam", account.id, "us-east-1", "PutRolePolicy", RoleName=CONSOLE_ROLE,
            PolicyName="console", PolicyDocument=json.dumps(policy),
        )  # fmt: skip
        await aws.query(
            "iam", account.id, "us-east-1", "CreateAccountAlias", AccountAlias=f"tidemark-{account.name}"
        )
