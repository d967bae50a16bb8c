"""The policies of deploy/ allow what the map does, and nothing that writes."""

import json
from pathlib import Path
from typing import Any

import pytest

DEPLOY = Path(__file__).resolve().parents[4] / "deploy"
READS = {"Describe", "Get", "List", "Query"}


def statements(name: str) -> list[dict[str, Any]]:
    return json.loads((DEPLOY / name).read_text())["Statement"]


def test_guests_may_do_nothing() -> None:
    [statement] = statements("map-guest-role.json")
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")


def test_only_guests_of_the_pool_take_the_role() -> None:
    [statement] = statements("map-guest-trust.json")
    assert statement["Condition"]["StringEquals"] == {
        "cognito-identity.amazonaws.com:aud": "IDENTITY_POOL_ID"
    }


def test_fan_out_adds_consumers_and_nothing_else() -> None:
    [statement] = statements("map-fan-out-policy.json")
    for action in statement["Action"]:
        assert action.endswith("StreamConsumer") or action == "kinesis:SubscribeToShard"


@pytest.mark.parametrize("statement", statements("map-server-policy.json"), ids=lambda s: s["Sid"])
def test_the_server_reads_and_writes_nothing(statement: dict[str, Any]) -> None:
    actions = statement["Action"]
    for action in [actions] if isinstance(actions, str) else actions:
        verb = action.split(":")[1]
        assert any(verb.startswith(read) for read in READS), action
        assert "*" not in action
    resources = statement["Resource"]
    for resource in [resources] if isinstance(resources, str) else resources:
        assert resource.startswith("arn:aws:")
