"""BatchWriteItem and BatchGetItem through boto3."""

import pytest


@pytest.fixture(scope="module")
def tables(make_shared_table):
    return make_shared_table(), make_shared_table()


@pytest.fixture
def table(tables):
    return tables[0]


@pytest.fixture
def prefix(table_name):
    return table_name


def put(key, **attributes):
    return {"PutRequest": {"Item": {"pk": key, **attributes}}}


def delete(key):
    return {"DeleteRequest": {"Key": {"pk": key}}}


def numbers(table, keys):
    """The attribute n of each item there is."""
    found = {}
    for key in keys:
        item = table.get_item(Key={"pk": key}, ConsistentRead=True).get("Item")
        if item is not None:
            found[key] = item.get("n")
    return found


def test_a_batch_writer_writes_any_number_of_items(table, prefix):
    keys = [f"{prefix}-{number}" for number in range(130)]
    with table.batch_writer() as writer:
        for number, key in enumerate(keys):
            writer.put_item(Item={"pk": key, "n": number})
    assert numbers(table, keys) == {key: number for number, key in enumerate(keys)}
    with table.batch_writer() as writer:
        for key in keys[10:]:
            writer.delete_item(Key={"pk": key})
    assert numbers(table, keys).keys() == set(keys[:10])


def test_a_batch_writer_keeps_the_last_of_equal_keys(table, prefix):
    with table.batch_writer(overwrite_by_pkeys=["pk"]) as writer:
        for number in range(3):
            writer.put_item(Item={"pk": prefix, "n": number})
    assert numbers(table, [prefix]) == {prefix: 2}


def test_one_batch_puts_and_deletes_in_several_tables(resource, tables, prefix):
    left, right = tables
    left.put_item(Item={"pk": prefix + "old"})
    reply = resource.batch_write_item(RequestItems={
        left.name: [put(prefix + "new", n=1), delete(prefix + "old"), delete(prefix + "never")],
        right.name: [put(prefix + "new", n=2)],
    }, ReturnConsumedCapacity="TOTAL")
    assert reply["UnprocessedItems"] == {}
    assert {told["TableName"]: told["CapacityUnits"] for told in reply["ConsumedCapacity"]} == {
        left.name: 3, right.name: 1}
    keys = [prefix + end for end in ("old", "new", "never")]
    assert numbers(left, keys) == {prefix + "new": 1}
    assert numbers(right, keys) == {prefix + "new": 2}


@pytest.mark.parametrize("bad, message", [
    ({"PutRequest": {"Item": {"n": 1}}},
     "One or more parameter values were invalid: Missing the key pk in the item"),
    ({"PutRequest": {"Item": {"pk": 1}}},
     "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"),
    ({"DeleteRequest": {"Key": {"pk": "a", "n": 1}}},
     "The provided key element does not match the schema"),
    ({"PutRequest": {"Item": {"pk": "x", "value": "x" * 409600}}},
     "Item size has exceeded the maximum allowed size"),
], ids=["no key", "key of another type", "more than the key", "too large"])
def test_a_batch_with_one_bad_request_writes_nothing(
        resource, tables, prefix, refused, bad, message):
    left, right = tables
    with refused("ValidationException", message):
        resource.batch_write_item(RequestItems={
            left.name: [put(prefix + "a")], right.name: [put(prefix + "b"), bad]})
    assert numbers(left, [prefix + "a"]) == {} and numbers(right, [prefix + "b"]) == {}


def test_a_batch_for_a_missing_table_writes_nothing(resource, table, prefix, refused):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        resource.batch_write_item(RequestItems={
            table.name: [put(prefix)], "no-such-table": [put(prefix)]})
    assert numbers(table, [prefix]) == {}


def test_a_batch_writes_each_item_once(resource, table, prefix, refused):
    for second in put(prefix, n=2), delete(prefix):
        with refused("ValidationException", "Provided list of item keys contains duplicates"):
            resource.batch_write_item(RequestItems={table.name: [put(prefix, n=1), second]})
    assert numbers(table, [prefix]) == {}


def test_a_batch_holds_25_requests(resource, table, prefix):
    keys = [f"{prefix}-{number}" for number in range(26)]
    resource.batch_write_item(RequestItems={table.name: [put(key, n=0) for key in keys[:25]]})
    with pytest.raises(table.meta.client.exceptions.ClientError) as caught:
        resource.batch_write_item(RequestItems={table.name: [put(key, n=1) for key in keys]})
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert "Member must have length less than or equal to 25" in error["Message"]
    assert set(numbers(table, keys).values()) == {0}


def test_25_requests_are_counted_over_all_tables(resource, tables, prefix, refused):
    left, right = tables
    with refused("ValidationException", "Too many items requested for the BatchWriteItem call"):
        resource.batch_write_item(RequestItems={
            left.name: [put(f"{prefix}-{number}") for number in range(13)],
            right.name: [put(f"{prefix}-{number}") for number in range(13)]})


def test_a_batch_get_returns_what_there_is(resource, tables, prefix):
    left, right = tables
    left.put_item(Item={"pk": prefix, "n": 1, "other": "left out"})
    right.put_item(Item={"pk": prefix, "n": 2})
    reply = resource.batch_get_item(RequestItems={
        left.name: {"Keys": [{"pk": prefix}, {"pk": prefix + "missing"}],
                    "ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "n"}},
        right.name: {"Keys": [{"pk": prefix}], "ConsistentRead": True},
    }, ReturnConsumedCapacity="TOTAL")
    assert reply["Responses"] == {left.name: [{"n": 1}], right.name: [{"pk": prefix, "n": 2}]}
    assert reply["UnprocessedKeys"] == {}
    assert {told["TableName"]: told["CapacityUnits"] for told in reply["ConsumedCapacity"]} == {
        left.name: 1, right.name: 1}  # two halves and one consistent read


def test_a_batch_get_takes_100_different_keys(resource, table, prefix, refused):
    keys = [{"pk": f"{prefix}-{number}"} for number in range(101)]
    table.put_item(Item=keys[99])
    reply = resource.batch_get_item(RequestItems={table.name: {"Keys": keys[:100]}})
    assert reply["Responses"][table.name] == [keys[99]]
    with pytest.raises(table.meta.client.exceptions.ClientError) as caught:
        resource.batch_get_item(RequestItems={table.name: {"Keys": keys}})
    assert "Member must have length less than or equal to 100" in str(caught.value)
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        resource.batch_get_item(RequestItems={table.name: {"Keys": [keys[0], keys[0]]}})


def test_what_does_not_fit_into_16_megabytes_is_left_to_be_asked_for_again(
        resource, table, prefix):
    keys = [f"{prefix}-{number}" for number in range(45)]
    for key in keys:
        table.put_item(Item={"pk": key, "value": "x" * 400_000})
    asked = {table.name: {"Keys": [{"pk": key} for key in keys], "ConsistentRead": True,
                          "ProjectionExpression": "#p",
                          "ExpressionAttributeNames": {"#p": "pk"}}}
    reply = resource.batch_get_item(RequestItems=asked)
    first = [item["pk"] for item in reply["Responses"][table.name]]
    assert 16 * 1024 * 1024 - 2 * 400_100 < len(first) * 400_100 <= 16 * 1024 * 1024
    left = reply["UnprocessedKeys"][table.name]
    assert {name: left[name] for name in left if name != "Keys"} == {
        name: asked[table.name][name] for name in asked[table.name] if name != "Keys"}
    reply = resource.batch_get_item(RequestItems=reply["UnprocessedKeys"])
    assert reply["UnprocessedKeys"] == {}
    second = [item["pk"] for item in reply["Responses"][table.name]]
    assert sorted(first + second) == sorted(keys)


@pytest.mark.parametrize("operation", ["batch_write_item", "batch_get_item"])
def test_a_batch_of_nothing_is_refused(client, refused, operation):
    name = "".join(word.capitalize() for word in operation.split("_"))
    with refused("ValidationException", f"The requestItems parameter is required for {name}"):
        getattr(client, operation)(RequestItems={})
