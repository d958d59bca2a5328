"""A proxy before a server, whose answers a test can edit: DynamoDB as it is never to be."""

import http.server
import json
import threading
import urllib.error
import urllib.request


class LyingProxy:
    """`edit(operation, request, answer)` changes the answer to a request in place.

    What `drop(operation, request)` is true of is acknowledged and never done.
    """

    def __init__(self, url, edit=lambda operation, request, answer: None,
                 drop=lambda operation, request: False):
        self.edit = edit
        self.drop = drop
        self.counts = {}
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = proxy.forward(url + self.path, body, dict(self.headers))
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forward(self, url, body, headers):
        headers = {name: value for name, value in headers.items()
                   if name.lower() not in ("connection", "accept-encoding", "content-length")}
        operation = headers["X-Amz-Target"].partition(".")[2]
        self.counts[operation] = self.counts.get(operation, 0) + 1
        if self.drop(operation, json.loads(body)):
            return 200, b"{}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as reply:
                answer = json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        self.edit(operation, json.loads(body), answer)
        return 200, json.dumps(answer).encode()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
