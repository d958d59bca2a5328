"""
Fixtures of the wire tests, which use unmodified clients against a server in another process.

    pytest tests/wire                  a private server, the program REHEARSEDB_BINARY
    pytest tests/wire --url URL        a rehearsedb that runs already
    pytest tests/wire --aws            DynamoDB itself, with your credentials; what is ours is
                                       skipped. Costs money and, for indexes, hours.
"""

import contextlib
import uuid

import boto3
import botocore.exceptions
import pytest

import command_line
import serving


def pytest_addoption(parser):
    group = parser.getgroup("rehearsedb")
    group.addoption("--url", help="test the rehearsedb that listens there already")
    group.addoption("--aws", action="store_true", help="test DynamoDB itself; skips what is ours")


def pytest_configure(config):
    config.addinivalue_line("markers", "ours: about rehearsedb alone; skipped with --aws")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--aws"):
        return
    for item in items:
        if "endpoint" not in item.fixturenames or item.get_closest_marker("ours"):
            item.add_marker(pytest.mark.skip(reason="about rehearsedb alone"))


@pytest.fixture(scope="session")
def endpoint(request):
    """The URL of the server under test; None stands for AWS."""
    url = request.config.getoption("--url")
    if request.config.getoption("--aws"):
        yield None
    elif url is not None:
        yield url.rstrip("/")
    else:
        server = serving.Server("--in-memory")
        yield server.url
        assert server.stop() == 0, server.messages()


@pytest.fixture(scope="session")
def instant_endpoint(request):
    """The URL of a server where nothing takes time: clients that poll look again after seconds."""
    url = request.config.getoption("--url")
    if url is not None:
        yield url.rstrip("/")
    else:
        server = serving.Server("--in-memory", "--profile", "instant")
        yield server.url
        assert server.stop() == 0, server.messages()


@pytest.fixture(scope="session")
def patience(endpoint):
    """How many seconds a table or an index may take."""
    return 1800 if endpoint is None else 30


@pytest.fixture(scope="session")
def client(endpoint):
    return serving.connect(endpoint)


@pytest.fixture(scope="session")
def resource(endpoint):
    return serving.connect(endpoint, boto3.resource)


@pytest.fixture(scope="session")
def raw_call(endpoint):
    """raw_call(operation, body) returns the status and the reply; for what SDKs refuse to send."""
    return serving.RawCaller(endpoint)


@pytest.fixture
def aws(endpoint, tmp_path):
    """The AWS CLI: aws("scan", "--table-name", …) returns what it printed, decoded."""
    return command_line.Cli(endpoint, tmp_path)


@pytest.fixture(scope="session")
def control(endpoint):
    """The control surface. Tests that use it are about rehearsedb alone."""
    if endpoint is None:
        pytest.skip("AWS has no control surface")
    return serving.Control(endpoint)


@pytest.fixture
def start_server():
    """start_server(*flags) starts a server that ends with the test."""
    with contextlib.ExitStack() as stack:
        def start(*flags, **options):
            server = serving.Server(*flags, **options)
            stack.callback(server.kill)
            return server

        yield start


@pytest.fixture
def durable_server(start_server, tmp_path):
    """A server of the test's own that keeps its data in `tmp_path / "data"`."""
    return start_server("--data", tmp_path / "data")


def unique_name():
    return f"wire-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def table_name():
    return unique_name()


HASH_ONLY = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}


class TableMaker:
    """make_table(**CreateTable parameters): a table that is ACTIVE, as a boto3 resource."""

    def __init__(self, resource, patience, endpoint, clean):
        self.resource = resource
        self.patience = patience
        self.endpoint = endpoint
        self.clean = clean
        self.names = []

    def __call__(self, **parameters):
        defaults = {"TableName": unique_name()}
        if "KeySchema" not in parameters:
            defaults.update(HASH_ONLY)
        if "ProvisionedThroughput" not in parameters:
            defaults["BillingMode"] = "PAY_PER_REQUEST"
        table = self.resource.create_table(**{**defaults, **parameters})
        self.names.append(table.name)
        serving.wait_until(lambda: self.status(table) == "ACTIVE", self.patience)
        return table

    @staticmethod
    def status(table):
        table.reload()
        return table.table_status

    def delete_all(self):
        """The private server takes its tables with it; others would keep them."""
        for name in self.names if self.clean else []:
            serving.wait_until(lambda: self.delete(name), self.patience, every=0.5)

    def delete(self, name):
        """False while an index of the table is built; one that is held is let go."""
        try:
            self.resource.Table(name).delete()
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return True
            self.release(name)
            return False
        return True

    def release(self, name):
        if self.endpoint is not None:
            for index in self.resource.Table(name).global_secondary_indexes or []:
                serving.Control(self.endpoint).call(
                    "POST", "release", {"TableName": name, "IndexName": index["IndexName"]})


def table_maker(request):
    config = request.config
    clean = config.getoption("--aws") or config.getoption("--url") is not None
    fixtures = [request.getfixturevalue(name) for name in ("resource", "patience", "endpoint")]
    return TableMaker(*fixtures, clean)


@pytest.fixture
def make_table(request):
    maker = table_maker(request)
    yield maker
    maker.delete_all()


@pytest.fixture(scope="module")
def make_shared_table(request):
    """make_table for a table that the tests of a module share."""
    maker = table_maker(request)
    yield maker
    maker.delete_all()


class Refusal:
    """What a client saw of a refused call."""

    code = message = status = reply = None


@pytest.fixture
def refused():
    """with refused("CodeException", "exact text"): the block must fail just so."""
    @contextlib.contextmanager
    def expect(code, message):
        refusal = Refusal()
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            yield refusal
        refusal.reply = caught.value.response
        refusal.status = refusal.reply["ResponseMetadata"]["HTTPStatusCode"]
        refusal.code = refusal.reply["Error"]["Code"]
        refusal.message = refusal.reply["Error"]["Message"]
        assert (refusal.code, refusal.message) == (code, message)
        assert refusal.status == 400

    return expect
