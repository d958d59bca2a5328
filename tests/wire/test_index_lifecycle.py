"""
The life of a global secondary index through UpdateTable: allocated, backfilled, active, deleted.

Tests that hold an index at a point are about rehearsedb; the others say the same of DynamoDB.
"""

import threading

import pytest
from boto3.dynamodb.conditions import Key

import serving

IN_USE = "Attempt to change a resource which is still in use: "
ONE_AT_A_TIME = ("Subscriber limit exceeded: Only 1 online index can be created or deleted "
                 "simultaneously per table")
KEYS_ONLY = {"ProjectionType": "KEYS_ONLY"}
ALL = {"ProjectionType": "ALL"}


class Index:
    """An index of a table, as UpdateTable and DescribeTable know it."""

    def __init__(self, table, patience, name="by-kind", attribute="kind", attribute_type="S"):
        self.table, self.patience, self.name = table, patience, name
        self.client = table.meta.client
        self.attribute, self.attribute_type = attribute, attribute_type

    def update(self, change, **parameters):
        return self.client.update_table(
            TableName=self.table.name, GlobalSecondaryIndexUpdates=[change],
            **parameters)["TableDescription"]

    def definitions(self):
        return [{"AttributeName": self.attribute, "AttributeType": self.attribute_type}]

    def creation(self, projection=ALL):
        return {"Create": {"IndexName": self.name, "Projection": projection, "KeySchema": [
            {"AttributeName": self.attribute, "KeyType": "HASH"}]}}

    def create(self, projection=ALL):
        return self.update(self.creation(projection), AttributeDefinitions=self.definitions())

    def delete(self):
        return self.update({"Delete": {"IndexName": self.name}})

    def describe(self):
        """The table, and the index or None."""
        table = self.client.describe_table(TableName=self.table.name)["Table"]
        return table, find(table, self.name)

    def state(self):
        """TableStatus, IndexStatus and Backfilling; None for what is not there."""
        return state_of(*self.describe())

    def wait_for(self, *state):
        def reached():
            return self.state() == state

        serving.wait_until(reached, self.patience)
        return self

    def wait_active(self):
        return self.wait_for("ACTIVE", "ACTIVE", None)

    def wait_gone(self):
        return self.wait_for("ACTIVE", None, None)

    def scan(self):
        """What the index holds, by the table's key."""
        items = self.table.scan(IndexName=self.name)["Items"]
        return {item["pk"]: item for item in items}


def find(table, name):
    for index in table.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] == name:
            return index
    return None


def state_of(table, index):
    index = index or {}
    return table["TableStatus"], index.get("IndexStatus"), index.get("Backfilling")


ALLOCATING = "UPDATING", "CREATING", False
BACKFILLING = "ACTIVE", "CREATING", True


@pytest.fixture
def table(make_table):
    return make_table()


@pytest.fixture
def index(table, patience):
    return Index(table, patience)


@pytest.fixture
def other(table, patience):
    return Index(table, patience, "by-other", "owner")


@pytest.fixture
def allocating(index, control):
    """An index that stays in resource allocation."""
    control.hold(index.table.name, index.name, "ALLOCATING")
    index.create()
    return index


@pytest.fixture
def backfilling(index, control):
    """An index that stays in its backfill, at the first item."""
    control.hold(index.table.name, index.name, "BACKFILLING")
    index.create()
    return index.wait_for(*BACKFILLING)


@pytest.fixture(params=["allocating", "backfilling"])
def building(request):
    return request.getfixturevalue(request.param)


def fill(table, count=30):
    with table.batch_writer() as writer:
        for number in range(count):
            writer.put_item(Item={"pk": f"{number}", "kind": f"k{number % 3}", "n": number})


# --- the walk ---------------------------------------------------------------------------------


def test_creation_is_answered_with_an_index_in_allocation(index):
    table = index.create({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"]})
    assert table["TableStatus"] == "UPDATING"
    assert [one["AttributeName"] for one in table["AttributeDefinitions"]] == ["kind", "pk"]
    created, = table["GlobalSecondaryIndexes"]
    assert created["IndexStatus"] == "CREATING" and created["Backfilling"] is False
    assert created["Projection"] == {
        "ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]}
    assert created["IndexArn"].endswith(f":table/{index.table.name}/index/by-kind")
    assert created["ItemCount"] == 0 and created["IndexSizeBytes"] == 0


def test_an_index_walks_through_its_states_in_their_order(index):
    seen = [state_of(table := index.create(), find(table, index.name))]

    def active():
        state = index.state()
        if state != seen[-1]:
            seen.append(state)
        return state == ("ACTIVE", "ACTIVE", None)

    serving.wait_until(active, index.patience)
    assert seen == [ALLOCATING, BACKFILLING, ("ACTIVE", "ACTIVE", None)]
    deletion = index.delete()
    assert state_of(deletion, find(deletion, index.name)) == ("UPDATING", "DELETING", None)
    index.wait_gone()


def test_waiting_for_the_table_is_not_waiting_for_the_index(backfilling):
    backfilling.client.get_waiter("table_exists").wait(
        TableName=backfilling.table.name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    assert backfilling.state() == BACKFILLING


def test_an_index_held_in_allocation_stays_there_until_released(allocating, control):
    name = allocating.table.name
    assert allocating.state() == ALLOCATING
    inside = control.index(name, allocating.name)
    assert inside["Phase"] == "ALLOCATING" and inside["ItemsScanned"] == 0

    def held():
        return control.index(name, allocating.name)["Held"]

    serving.wait_until(held)
    assert allocating.state() == ALLOCATING
    control.release(name, allocating.name)
    allocating.wait_active()


def test_a_backfill_goes_on_by_as_many_items_as_it_is_released_for(index, control):
    fill(index.table, 30)
    name = index.table.name
    control.hold(name, index.name, "BACKFILLING", after_items=10)
    index.create()

    def scanned():
        inside = control.index(name, index.name)
        return inside["Held"] and inside["Phase"] == "BACKFILLING" and inside["ItemsScanned"]

    assert serving.wait_until(scanned) == 10
    inside = control.index(name, index.name)
    assert inside["ItemsTotal"] == 30 and inside["ItemsIndexed"] == 10
    assert inside["PercentageProgress"] == 33
    control.release(name, index.name, items=15)

    def went_on():
        return scanned() == 25

    serving.wait_until(went_on)
    assert index.state() == BACKFILLING
    control.release(name, index.name)
    index.wait_active()
    assert len(index.scan()) == 30


def test_what_nothing_holds_cannot_be_released(index, control):
    index.create()
    index.wait_active()
    status, reply = control.call(
        "POST", "release", {"TableName": index.table.name, "IndexName": index.name})
    assert status == 400
    assert reply["message"] == (
        f"Nothing holds index {index.name} of table {index.table.name}")


# --- while it is built ------------------------------------------------------------------------


def test_an_index_that_is_built_cannot_be_read(building, refused):
    message = f"Cannot read from backfilling global secondary index: {building.name}"
    with refused("ValidationException", message):
        building.table.query(
            IndexName=building.name, KeyConditionExpression=Key("kind").eq("a"))
    with refused("ValidationException", message):
        building.table.scan(IndexName=building.name)


def test_its_table_is_read_and_written_all_the_while(building):
    building.table.put_item(Item={"pk": "a", "kind": "x"})
    assert building.table.get_item(Key={"pk": "a"}, ConsistentRead=True)["Item"]["kind"] == "x"
    building.table.delete_item(Key={"pk": "a"})
    assert building.table.scan()["Items"] == []


def test_a_second_index_waits_for_the_first(building, other, refused):
    with refused("LimitExceededException", ONE_AT_A_TIME):
        other.create()
    assert other.state()[1] is None


def test_the_same_name_is_taken_while_it_is_built(building, refused):
    with refused("ResourceInUseException", IN_USE + "Index is being created.  Table: "
                 f"{building.table.name} Index: {building.name}"):
        building.create()


def test_its_table_cannot_be_deleted(building, refused):
    with refused("ResourceInUseException", IN_USE + "Cannot delete table while indexes are being "
                                                    "created, updated, or deleted."):
        building.table.delete()


def test_it_cannot_be_deleted_in_allocation(allocating, refused):
    with refused("ResourceInUseException", IN_USE + "Index creation is in resource allocation "
                 "phase. Retry deletion during backfilling phase or when the index is active. "
                 f"Table: {allocating.table.name} Index: {allocating.name}"):
        allocating.delete()
    assert allocating.state() == ALLOCATING


def test_it_can_be_deleted_in_its_backfill(backfilling):
    deletion = backfilling.delete()
    assert state_of(deletion, find(deletion, backfilling.name)) == ("UPDATING", "DELETING", None)
    table, _ = backfilling.wait_gone().describe()
    assert [one["AttributeName"] for one in table["AttributeDefinitions"]] == ["pk"]


def test_a_cancelled_index_can_be_made_again(backfilling):
    fill(backfilling.table, 5)
    backfilling.delete()
    backfilling.wait_gone()
    backfilling.create(KEYS_ONLY)  # its hold went with it
    backfilling.wait_active()
    assert backfilling.scan()["4"] == {"pk": "4", "kind": "k1"}


def test_two_changes_of_indexes_are_one_too_many_for_a_call(index, other, refused):
    with refused("LimitExceededException", ONE_AT_A_TIME):
        index.client.update_table(
            TableName=index.table.name,
            AttributeDefinitions=index.definitions() + other.definitions(),
            GlobalSecondaryIndexUpdates=[index.creation(), other.creation()])
    assert index.state() == ("ACTIVE", None, None)


def test_indexes_are_made_one_after_the_other(index, other, refused):
    index.create()
    index.wait_active()
    other.create()
    with refused("LimitExceededException", ONE_AT_A_TIME):
        index.delete()
    other.wait_active()
    table, _ = other.describe()
    assert [one["IndexName"] for one in table["GlobalSecondaryIndexes"]] == [
        "by-kind", "by-other"]
    index.delete()
    with refused("LimitExceededException", ONE_AT_A_TIME):
        other.delete()
    index.wait_gone()


def test_a_name_is_taken_while_its_index_is_active(index, refused):
    index.create()
    index.wait_active()
    with refused("ValidationException", "Attempting to create an index which already exists"):
        index.create(KEYS_ONLY)


def test_an_index_that_is_deleted_is_not_there_for_readers(index, refused):
    index.create()
    index.wait_active()
    index.delete()
    with refused("ValidationException",
                 f"The table does not have the specified index: {index.name}"):
        index.scan()
    index.wait_gone()
    with refused("ResourceNotFoundException",
                 f"Requested resource not found: Index {index.name} for table "
                 f"{index.table.name}"):
        index.delete()


# --- what an index holds ----------------------------------------------------------------------


def test_items_from_before_are_in_the_index(index):
    fill(index.table, 30)
    index.create(KEYS_ONLY)
    index.wait_active()
    assert index.scan() == {f"{number}": {"pk": f"{number}", "kind": f"k{number % 3}"}
                            for number in range(30)}
    found = index.table.query(
        IndexName=index.name, KeyConditionExpression=Key("kind").eq("k2"))["Items"]
    assert sorted(int(item["pk"]) for item in found) == list(range(2, 30, 3))


@pytest.mark.parametrize("after_items", [0, 1, 15, 29])
def test_writes_during_the_backfill_are_in_the_index(index, control, after_items):
    """Wherever it stands: behind it, ahead of it, and at items that it has seen."""
    table = index.table
    fill(table, 30)
    control.hold(table.name, index.name, "BACKFILLING", after_items=after_items)
    index.create()

    def held():
        inside = control.index(table.name, index.name)
        return inside["Phase"] == "BACKFILLING" and inside["Held"]

    serving.wait_until(held)
    for number in range(0, 30, 5):
        table.delete_item(Key={"pk": f"{number}"})
        table.put_item(Item={"pk": f"{number + 1}", "kind": "moved"})
        table.put_item(Item={"pk": f"{number + 2}"})
        table.put_item(Item={"pk": f"{number + 3}", "kind": "k0", "n": -number})
        table.put_item(Item={"pk": f"new-{number}", "kind": "new"})
    control.release(table.name, index.name)
    index.wait_active()
    assert index.scan() == {item["pk"]: item for item in table.scan()["Items"] if "kind" in item}
    assert len(index.scan()) == 24


def test_an_index_written_during_its_backfill_is_as_large_as_one_made_after(
        index, control, patience):
    table = index.table
    fill(table, 30)
    control.hold(table.name, index.name, "BACKFILLING", after_items=15)
    index.create()
    index.wait_for(*BACKFILLING)
    for number in range(30):  # some ahead of the backfill, some behind it
        table.put_item(Item={"pk": f"{number}", "kind": f"k{number % 3}", "more": "x" * number})
    control.release(table.name, index.name)
    index.wait_active()
    after = Index(table, patience, "made-after")
    after.create()
    after.wait_active()
    sizes = [control.index(table.name, one.name)["SizeBytes"] for one in (index, after)]
    assert sizes[0] == sizes[1] > 0


def test_writers_that_never_pause_leave_index_and_table_alike(index):
    table, stop, failures = index.table, threading.Event(), []
    fill(table, 200)

    def write(worker):
        number = 0
        try:
            while not stop.is_set():
                number += 1
                key = f"{(number * 7 + worker) % 250}"
                if number % 5 == 0:
                    table.meta.client.delete_item(TableName=table.name, Key={"pk": key})
                else:
                    item = {"pk": key, "n": number, "worker": worker}
                    if number % 3:
                        item["kind"] = f"k{number % 4}"
                    table.meta.client.put_item(TableName=table.name, Item=item)
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for writer in writers:
        writer.start()
    try:
        index.create()
        index.wait_active()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert failures == []
    in_table = {item["pk"]: item for item in table.scan()["Items"] if "kind" in item}

    def alike():  # an index of DynamoDB itself may lag behind its table
        return index.scan() == in_table

    serving.wait_until(alike)


def test_items_without_the_key_stay_out_until_they_have_it(index):
    index.table.put_item(Item={"pk": "without"})
    index.table.put_item(Item={"pk": "with", "kind": "a"})
    index.create()
    index.wait_active()
    assert index.scan().keys() == {"with"}
    index.table.put_item(Item={"pk": "without", "kind": "a"})
    index.table.put_item(Item={"pk": "with"})
    assert index.scan().keys() == {"without"}


UNUSABLE = {
    "number": 5, "true": True, "null": None, "bytes": b"a", "list": ["a"], "map": {"a": "b"},
    "set": {"a"}, "empty": "", "long": "x" * 2049,
}


def test_items_whose_key_cannot_be_one_are_left_out_in_silence(index):
    for name, value in UNUSABLE.items():
        index.table.put_item(Item={"pk": name, "kind": value})
    index.table.put_item(Item={"pk": "good", "kind": "x" * 2048})
    index.create()
    index.wait_active()
    assert index.scan().keys() == {"good"}
    assert len(index.table.scan()["Items"]) == len(UNUSABLE) + 1


def test_how_many_were_left_out_can_be_seen_from_inside(index, control):
    fill(index.table, 4)
    for name in "number", "empty", "long":
        index.table.put_item(Item={"pk": name, "kind": UNUSABLE[name]})
    index.create()
    index.wait_active()
    inside = control.index(index.table.name, index.name)
    assert (inside["ItemsTotal"], inside["ItemsIndexed"], inside["ItemsSkipped"]) == (7, 4, 3)


def actual(value):
    return {"number": "N", "true": "BOOL", "null": "NULL", "bytes": "B", "list": "L", "map": "M",
            "set": "SS"}[value]


def test_such_items_are_refused_once_the_index_is_active_and_again_welcome_without_it(
        index, refused):
    index.create()
    index.wait_active()
    table, where = index.table, f"IndexName: {index.name}"
    for name in UNUSABLE.keys() - {"empty", "long"}:
        with refused("ValidationException",
                     "One or more parameter values were invalid: Type mismatch for Index Key kind "
                     f"Expected: S Actual: {actual(name)} {where}"):
            table.put_item(Item={"pk": name, "kind": UNUSABLE[name]})
    with refused("ValidationException",
                 "One or more parameter values are not valid. A value specified for a secondary "
                 "index key is not supported. The AttributeValue for a key attribute cannot "
                 f"contain an empty string value. {where}, IndexKey: kind"):
        table.put_item(Item={"pk": "empty", "kind": ""})
    with refused("ValidationException",
                 "One or more parameter values were invalid: Size limit exceeded for Index Key "
                 f"kind Actual Size: 2049 bytes Max Size: 2048 bytes {where}"):
        table.put_item(Item={"pk": "long", "kind": UNUSABLE["long"]})
    index.delete()
    index.wait_gone()
    for name, value in UNUSABLE.items():
        table.put_item(Item={"pk": name, "kind": value})
    assert len(table.scan()["Items"]) == len(UNUSABLE)


# --- another projection -----------------------------------------------------------------------


def test_a_name_gets_another_projection_only_by_being_made_anew(index):
    fill(index.table, 9)
    index.create(KEYS_ONLY)
    index.wait_active()
    assert index.scan()["5"] == {"pk": "5", "kind": "k2"}
    index.delete()
    index.wait_gone()
    index.create({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]})
    index.wait_active()
    assert index.scan()["5"] == {"pk": "5", "kind": "k2", "n": 5}
    _, described = index.describe()
    assert described["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]}


def test_a_name_may_come_back_with_another_key_and_type(index, patience):
    fill(index.table, 9)
    index.create()
    index.wait_active().delete()
    index.wait_gone()
    again = Index(index.table, patience, index.name, "n", "N")
    again.create(KEYS_ONLY)
    again.wait_active()
    assert again.scan()["5"] == {"pk": "5", "n": 5}


@pytest.fixture
def provisioned(make_table, patience):
    """An index of the keys of a table with provisioned throughput."""
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    table = make_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"}
                              for name in ("kind", "pk")],
        ProvisionedThroughput=units, GlobalSecondaryIndexes=[{
            "IndexName": "by-kind", "Projection": KEYS_ONLY, "ProvisionedThroughput": units,
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}]}])
    fill(table, 3)
    return Index(table, patience)


# No SDK would send these: an Update has no such members, so the service ignores them.
WISHED = {"Projection": ALL, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}


def update_raw(raw_call, index, **wish):
    return raw_call("UpdateTable", {"TableName": index.table.name, "GlobalSecondaryIndexUpdates": [
        {"Update": {"IndexName": index.name, **wish}}]})


def assert_unchanged(index):
    _, described = index.describe()
    assert described["Projection"] == KEYS_ONLY
    assert described["KeySchema"] == [{"AttributeName": "kind", "KeyType": "HASH"}]
    assert index.scan()["2"] == {"pk": "2", "kind": "k2"}


def test_a_projection_in_an_update_is_ignored_beside_another_throughput(raw_call, provisioned):
    units = {"ReadCapacityUnits": 6, "WriteCapacityUnits": 7}
    status, reply = update_raw(raw_call, provisioned, ProvisionedThroughput=units, **WISHED)
    assert status == 200
    updating = find(reply["TableDescription"], provisioned.name)
    assert updating["IndexStatus"] == "UPDATING"
    assert updating["ProvisionedThroughput"]["ReadCapacityUnits"] == 5  # the old until it is done
    assert updating["Projection"] == KEYS_ONLY
    provisioned.wait_active()
    _, described = provisioned.describe()
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 6
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 7
    assert_unchanged(provisioned)


def test_a_projection_in_an_update_changes_nothing_beside_the_same_throughput(
        raw_call, provisioned):
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    status, reply = update_raw(raw_call, provisioned, ProvisionedThroughput=units, **WISHED)
    assert status == 400
    assert reply["__type"].endswith("#ValidationException")
    assert reply["message"].startswith(
        "The provisioned throughput for the index by-kind will not change. The requested value "
        "equals the current value. Current ReadCapacityUnits provisioned for index by-kind: 5.")
    assert_unchanged(provisioned)


def test_a_projection_in_an_update_changes_nothing_on_demand(raw_call, index):
    index.create(KEYS_ONLY)
    index.wait_active()
    fill(index.table, 3)
    status, reply = update_raw(raw_call, index, **WISHED)
    assert status == 400 and reply["__type"].endswith("#ValidationException")
    assert_unchanged(index)


# --- refused creations ------------------------------------------------------------------------


PREFIX = "One or more parameter values were invalid: "


@pytest.mark.parametrize("projection, message", [
    ({}, PREFIX + "Unknown ProjectionType: null"),
    ({"ProjectionType": "INCLUDE"},
     PREFIX + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
    ({"ProjectionType": "ALL", "NonKeyAttributes": ["a"]},
     PREFIX + "ProjectionType is ALL, but NonKeyAttributes is specified"),
    ({"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["a"]},
     PREFIX + "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"),
    ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b", "a"]},
     PREFIX + "Duplicate element in NonKeyAttributes: a"),
])
def test_a_projection_must_make_sense(index, refused, projection, message):
    with refused("ValidationException", message):
        index.create(projection)
    assert index.state() == ("ACTIVE", None, None)


def test_the_key_of_a_new_index_is_defined_in_the_call(index, refused):
    with refused("ValidationException",
                 PREFIX + f"AttributeDefinitions is not specified for index: {index.name}"):
        index.update(index.creation())


def test_an_attribute_keeps_its_type_while_it_is_a_key(index, patience, refused):
    index.create()
    index.wait_active()
    with refused("ValidationException",
                 PREFIX + "Attributes cannot be redefined. Please check that your attribute has "
                 "the same type as previously defined. Existing schema: Schema:[SchemaElement: "
                 "key{kind:S:HASH}] New schema: Schema:[SchemaElement: key{kind:N:HASH}]"):
        Index(index.table, patience, "as-number", "kind", "N").create()


def test_a_table_has_room_for_20_indexes(make_table, patience, refused):
    table = make_table(
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        GlobalSecondaryIndexes=[{
            "IndexName": f"index-{number}", "Projection": KEYS_ONLY,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]} for number in range(20)])
    with refused("LimitExceededException",
                 "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table "
                 "limit of 20"):
        Index(table, patience).create()
