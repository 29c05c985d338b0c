#!/usr/bin/env python3
"""A model container as SageMaker knows them, for tests: started with `serve`, it does what an invocation says."""

import http.server
import json
import os
import sys
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(200 if self.path == "/ping" else 404, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        wish = json.loads(body)
        match wish["do"]:
            case "echo":
                files = sorted(path.name for path in Path(os.environ["SM_MODEL_DIR"]).iterdir())
                told = {
                    "environment": dict(os.environ),
                    "files": files,
                    "content_type": self.headers["content-type"],
                    "accept": self.headers["accept"],
                    "authorization": self.headers["authorization"],
                    "pid": os.getpid(),
                }
                self._answer(200, json.dumps(told).encode())
            case "fail":
                self._answer(wish["status"], b"the model says no")
            case "die":
                os._exit(1)
            case "large":
                self._answer(200, b"x" * wish["bytes"])

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


assert sys.argv[1:] == ["serve"]
if "REFUSE" in os.environ:
    sys.exit("this model does not load")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
