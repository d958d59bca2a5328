"""
What a table admits while one of its indexes is allocated, filled or deleted: every request against
every phase, on a table of each billing mode, over the wire.

The server is the tests' own: an index stays in its phase because it is held there, or because its
deletion takes a day.
"""

import itertools

import pytest

import serving

DAY_MS = 24 * 60 * 60 * 1000
IN_USE = "Attempt to change a resource which is still in use: "
ADMITTED = None
ONE_AT_A_TIME = ("LimitExceededException", "Subscriber limit exceeded: Only 1 online index can be "
                                           "created or deleted simultaneously per table")


def busy(text):
    return "ResourceInUseException", IN_USE + text


def units(count):
    return {"ProvisionedThroughput": {"ReadCapacityUnits": count, "WriteCapacityUnits": count}}


def updates(*entries):
    return {"GlobalSecondaryIndexUpdates": list(entries)}


def index(name, attribute, capacity):
    return {"IndexName": name, "Projection": {"ProjectionType": "ALL"}, **capacity,
            "KeySchema": [{"AttributeName": attribute, "KeyType": "HASH"}]}


def definitions(*names):
    return {"AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"}
                                     for name in names]}


def creation(name, capacity):
    return {**definitions("b"), **updates({"Create": index(name, "b", capacity)})}


def change(name, is_provisioned):
    wish = units(20) if is_provisioned else {"OnDemandThroughput": {"MaxReadRequestUnits": 9}}
    return updates({"Update": {"IndexName": name, **wish}})


def deletion(name):
    return updates({"Delete": {"IndexName": name}})


PHASES = {  # TableStatus, IndexStatus, Backfilling
    "allocating": ("UPDATING", "CREATING", False),
    "backfilling": ("ACTIVE", "CREATING", True),
    "deleting": ("UPDATING", "DELETING", None),
}
MODES = {"provisioned": units(10), "on-demand": {}}
WHILE_MOVING = ["created", None, "deleted"]  # as the texts name the phases; backfilling is none


def moving(what):
    """The three answers of what a backfill alone admits."""
    return [ADMITTED if done is None else
            busy(f"{what} when an index is being {done}. Table: Moving Indexes: [new]")
            for done in WHILE_MOVING]


STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
NAMED = "Table: Moving Index: new"
DELETED = busy(f"Index is being deleted.  {NAMED}")
INDEXES_BUSY = busy("Cannot delete table while indexes are being created, updated, or deleted.")
MAINTENANCE = ("InternalServerError", "Table is under system maintenance, please try again later")


def both(is_provisioned):
    capacity = MODES["provisioned" if is_provisioned else "on-demand"]
    return {
        "create another": ("UpdateTable", creation("another", capacity), [ONE_AT_A_TIME] * 3),
        "delete another": ("UpdateTable", deletion("one"), [ONE_AT_A_TIME] * 3),
        "delete it": ("UpdateTable", deletion("new"), [
            busy("Index creation is in resource allocation phase. Retry deletion during "
                 f"backfilling phase or when the index is active. {NAMED}"), ADMITTED, DELETED]),
        "update it": ("UpdateTable", change("new", is_provisioned), [
            busy(f"Index is being created but is not backfilling yet.  {NAMED}"), ADMITTED,
            DELETED]),
        "update another": ("UpdateTable", change("one", is_provisioned), [ADMITTED] * 3),
        "stream": ("UpdateTable", STREAM, moving("Can't change stream status")),
        "encryption": ("UpdateTable", {"SSESpecification": {"Enabled": True}}, [ADMITTED] * 3),
        "protection": ("UpdateTable", {"DeletionProtectionEnabled": True}, [ADMITTED] * 3),
        "warm throughput": ("UpdateTable", {"WarmThroughput": {"ReadUnitsPerSecond": 15000}},
                            [MAINTENANCE, ADMITTED, ADMITTED]),
        "time to live": ("UpdateTimeToLive", {"TimeToLiveSpecification": {
            "AttributeName": "ends", "Enabled": True}}, [ADMITTED] * 3),
        "tags": ("TagResource", {"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/"
                                                "Moving", "Tags": [{"Key": "k", "Value": "v"}]},
                 [ADMITTED] * 3),
        "write": ("PutItem", {"Item": {"pk": {"S": "1"}, "b": {"S": "2"}}}, [ADMITTED] * 3),
        "delete the table": ("DeleteTable", {}, [INDEXES_BUSY] * 3),
    }


def limits(done):
    return busy(f"OnDemandThroughput cannot be updated while index {done} is in progress for "
                "indexes: [new]")


IOPS = moving("Can't change table IOPS")
REQUESTS = {
    "provisioned": {
        **both(True),
        "throughput": ("UpdateTable", units(20), IOPS),
        "billing mode": ("UpdateTable", {"BillingMode": "PAY_PER_REQUEST"}, IOPS),
    },
    "on-demand": {
        **both(False),
        "limits": ("UpdateTable", {"OnDemandThroughput": {"MaxReadRequestUnits": 9}},
                   [limits("creation"), ADMITTED, limits("deletion")]),
        "billing mode": ("UpdateTable", {"BillingMode": "PROVISIONED", **units(5)}, [
            IOPS[0], ("ValidationException", "One or more parameter values were invalid: "
                      "ProvisionedThroughput must be specified for index: one,new"), IOPS[2]]),
    },
}
CELLS = [(mode, request, phase) for mode in MODES
         for request, phase in itertools.product(REQUESTS[mode], PHASES)]


@pytest.fixture(scope="module")
def server():
    server = serving.Server("--in-memory", "--profile", "instant", "--index-delete-ms", DAY_MS)
    server.call = serving.RawCaller(server.url)
    server.control = serving.Control(server.url)
    yield server
    assert server.stop() == 0


def ask(server, operation, **members):
    status, reply = server.call(operation, members)
    assert status == 200, (operation, members, reply)
    return reply


def describe(server):
    return ask(server, "DescribeTable", TableName="Moving")["Table"]


def state(server):
    table = describe(server)
    found = {one["IndexName"]: one for one in table["GlobalSecondaryIndexes"]}.get("new", {})
    return table["TableStatus"], found.get("IndexStatus"), found.get("Backfilling")


def bring_to(server, mode, phase):
    """A new store with the table `Moving`, its index `one`, and `new` in that phase."""
    status, _ = server.control.call("POST", "reset", {})
    assert status == 200
    capacity = MODES[mode]
    ask(server, "CreateTable", TableName="Moving", **definitions("pk", "a"),
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[index("one", "a", capacity)],
        **(capacity or {"BillingMode": "PAY_PER_REQUEST"}))
    if phase != "deleting":
        server.control.hold("Moving", "new", phase.upper())
    ask(server, "UpdateTable", TableName="Moving", **creation("new", capacity))
    if phase == "deleting":
        serving.wait_until(lambda: state(server) == ("ACTIVE", "ACTIVE", None))
        ask(server, "UpdateTable", TableName="Moving", **deletion("new"))
    serving.wait_until(lambda: state(server) == PHASES[phase])


@pytest.mark.parametrize("mode, request_name, phase", CELLS,
                         ids=[" - ".join(cell).replace(" ", "-") for cell in CELLS])
def test_each_phase_answers_each_request(server, mode, request_name, phase):
    bring_to(server, mode, phase)
    operation, members, answers = REQUESTS[mode][request_name]
    answer = answers[list(PHASES).index(phase)]
    before = describe(server)
    if operation != "TagResource":
        members = {"TableName": "Moving", **members}
    status, reply = server.call(operation, members)
    if answer is ADMITTED:
        assert status == 200, reply
        return
    kind, message = answer
    assert (reply["__type"].split("#")[1], reply["message"]) == (kind, message)
    assert status == (500 if kind == "InternalServerError" else 400)
    assert describe(server) == before
