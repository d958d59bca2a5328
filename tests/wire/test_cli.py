"""The AWS CLI, as people type it: one session, its outputs, and how it fails."""

import json

import pytest

import serving


@pytest.fixture
def orders(aws, make_table):
    """The name of a table of orders, made as `make_table` makes it."""
    return make_table(
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"},
                   {"AttributeName": "number", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"},
                              {"AttributeName": "number", "AttributeType": "N"}]).name


def order(customer, number, **attributes):
    return {"customer": {"S": customer}, "number": {"N": str(number)}, **attributes}


def test_a_table_is_made_from_a_file_awaited_and_deleted(aws, table_name):
    definition = aws.file("table.json", {
        "TableName": table_name, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]})
    created = aws("create-table", "--cli-input-json", definition)["TableDescription"]
    assert created["TableName"] == table_name and created["TableStatus"] == "CREATING"
    assert aws("wait", "table-exists", "--table-name", table_name) is None
    table = aws("describe-table", "--table-name", table_name)["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert table_name in aws("list-tables")["TableNames"]
    assert aws("delete-table", "--table-name", table_name)[
        "TableDescription"]["TableStatus"] == "DELETING"
    assert aws("wait", "table-not-exists", "--table-name", table_name) is None


def test_items_are_put_written_in_batches_and_read(aws, orders):
    assert aws("put-item", "--table-name", orders, "--item",
               '{"customer": {"S": "ann"}, "number": {"N": "1"}, "note": {"S": "Größe \\"L\\""},'
               ' "data": {"B": "AP8="}}') is None
    batch = aws.file("batch.json", {orders: [
        {"PutRequest": {"Item": order("ann", number, paid={"BOOL": number % 2 == 0})}}
        for number in range(2, 12)]})
    assert aws("batch-write-item", "--request-items", batch) == {"UnprocessedItems": {}}

    item = aws("get-item", "--table-name", orders, "--key",
               aws.file("key.json", order("ann", 1)))["Item"]
    assert item == order("ann", 1, note={"S": 'Größe "L"'}, data={"B": "AP8="})

    values = aws.file("values.json", {":c": {"S": "ann"}, ":n": {"N": "9"}})
    query = ["query", "--table-name", orders, "--key-condition-expression",
             "customer = :c AND #n < :n", "--expression-attribute-names", '{"#n": "number"}',
             "--expression-attribute-values", values]
    whole = aws(*query)
    assert [item["number"]["N"] for item in whole["Items"]] == list("12345678")
    assert aws(*query, "--page-size", "3") == whole  # many calls, one answer

    first = aws(*query, "--max-items", "5")
    assert [item["number"]["N"] for item in first["Items"]] == list("12345")
    rest = aws(*query, "--starting-token", first["NextToken"])
    assert [item["number"]["N"] for item in rest["Items"]] == list("678")

    paid = aws("scan", "--table-name", orders, "--filter-expression", "paid = :yes",
               "--expression-attribute-values", '{":yes": {"BOOL": true}}', "--page-size", "4")
    assert paid["Count"] == 5 and paid["ScannedCount"] == 11
    assert aws("scan", "--table-name", orders, "--select", "COUNT")["Count"] == 11

    assert aws("delete-item", "--table-name", orders, "--key", "file://key.json",
               "--return-values", "ALL_OLD")["Attributes"] == item
    assert aws("get-item", "--table-name", orders, "--key", "file://key.json") is None


def test_output_may_be_text_and_what_a_query_picks(aws, orders):
    for number in 1, 2:
        aws("put-item", "--table-name", orders, "--item", json.dumps(order("bob", number)))
    assert aws("describe-table", "--table-name", orders, "--output", "text", "--query",
               "Table.[TableName,TableStatus,ItemCount]") == f"{orders}\tACTIVE\t0\n"
    assert aws("scan", "--table-name", orders, "--output", "text", "--query",
               "Items[].number.N") == "1\t2\n"
    assert aws("scan", "--table-name", orders, "--output", "text") == (
        "None\t2\t2\nCUSTOMER\tbob\nNUMBER\t1\nCUSTOMER\tbob\nNUMBER\t2\n")


def test_an_index_is_made_and_deleted(aws, orders, patience):
    aws("put-item", "--table-name", orders, "--item",
        json.dumps(order("ann", 1, status={"S": "open"}, text={"S": "left out"})))
    updated = aws(
        "update-table", "--table-name", orders,
        "--attribute-definitions", "AttributeName=status,AttributeType=S",
        "--global-secondary-index-updates", aws.file("update.json", [{"Create": {
            "IndexName": "by-status", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}]}}]))
    index, = updated["TableDescription"]["GlobalSecondaryIndexes"]
    assert updated["TableDescription"]["TableStatus"] == "UPDATING"
    assert index["IndexStatus"] == "CREATING" and index["Backfilling"] is False

    def status():
        return aws("describe-table", "--table-name", orders, "--output", "text", "--query",
                   "Table.GlobalSecondaryIndexes[?IndexName=='by-status'].[IndexStatus, "
                   "Backfilling]")

    def active():
        return status() == "ACTIVE\tNone\n"

    serving.wait_until(active, patience)
    found = aws("query", "--table-name", orders, "--index-name", "by-status",
                "--key-condition-expression", "#s = :open", "--expression-attribute-names",
                '{"#s": "status"}', "--expression-attribute-values", '{":open": {"S": "open"}}')
    assert found["Items"] == [order("ann", 1, status={"S": "open"})]

    aws("update-table", "--table-name", orders, "--global-secondary-index-updates",
        '[{"Delete": {"IndexName": "by-status"}}]')

    def gone():
        return "DELETING" not in status()

    serving.wait_until(gone, patience)
    assert "GlobalSecondaryIndexes" not in aws(
        "describe-table", "--table-name", orders)["Table"]


@pytest.mark.parametrize("arguments, code, operation, message", [
    (["get-item", "--key", '{"customer": {"S": "a"}}'], "ValidationException", "GetItem",
     "The provided key element does not match the schema"),
    (["query", "--index-name", "absent", "--key-condition-expression", "customer = :a",
      "--expression-attribute-values", '{":a": {"S": "a"}}'], "ValidationException", "Query",
     "The table does not have the specified index: absent"),
    (["put-item", "--item", json.dumps(order("a", 1)), "--condition-expression",
      "attribute_exists(customer)"], "ConditionalCheckFailedException", "PutItem",
     "The conditional request failed"),
])
def test_a_refusal_ends_with_254_and_its_words(aws, orders, arguments, code, operation, message):
    command, *rest = arguments
    result = aws.run(command, "--table-name", orders, *rest)
    assert result.returncode == 254
    assert result.stdout == ""
    assert result.stderr == (
        f"\nAn error occurred ({code}) when calling the {operation} operation: {message}\n")


def test_the_cli_itself_refuses_a_projection_in_an_update(aws, orders):
    result = aws.run("update-table", "--table-name", orders, "--global-secondary-index-updates",
                     '[{"Update": {"IndexName": "any", "Projection": {"ProjectionType": "ALL"}}}]')
    assert result.returncode == 252
    assert 'Unknown parameter in GlobalSecondaryIndexUpdates[0].Update: "Projection"' \
        in result.stderr


@pytest.mark.ours
def test_a_server_that_is_not_there_is_told_as_such(aws):
    aws.options[1] = "http://127.0.0.1:1"
    result = aws.run("list-tables")
    assert result.returncode == 255
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/"' in result.stderr


def test_items_are_updated_and_change_in_transactions(aws, orders):
    key = aws.file("key.json", {"customer": {"S": "ann"}, "number": {"N": "1"}})
    updated = aws("update-item", "--table-name", orders, "--key", key,
                  "--update-expression", "SET #s = :new ADD paid :ten",
                  "--expression-attribute-names", '{"#s": "state"}',
                  "--expression-attribute-values", '{":new": {"S": "new"}, ":ten": {"N": "10"}}',
                  "--return-values", "ALL_NEW")
    assert updated["Attributes"] == {"customer": {"S": "ann"}, "number": {"N": "1"},
                                     "state": {"S": "new"}, "paid": {"N": "10"}}
    items = aws.file("transaction.json", [
        {"ConditionCheck": {"TableName": orders, "ConditionExpression": "paid = :wrong",
                            "Key": {"customer": {"S": "ann"}, "number": {"N": "1"}},
                            "ExpressionAttributeValues": {":wrong": {"N": "11"}}}},
        {"Put": {"TableName": orders,
                 "Item": {"customer": {"S": "ann"}, "number": {"N": "2"}}}}])
    refused = aws.run("transact-write-items", "--transact-items", items)
    assert refused.returncode == 254
    assert "TransactionCanceledException" in refused.stderr
    assert "[ConditionalCheckFailed, None]" in refused.stderr
    assert aws("scan", "--table-name", orders, "--select", "COUNT")["Count"] == 1
