#!/usr/bin/env python3
"""A container for the tests of SageMaker: `serve` follows the instruction in each request, `train` those in the
hyperparameters."""

import http.server
import json
import os
import signal
import sys
import time
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(200 if self.path == "/ping" else 404, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        instruction = json.loads(body)
        match instruction["do"]:
            case "echo":
                files = sorted(path.name for path in Path(os.environ["SM_MODEL_DIR"]).iterdir())
                report = {
                    "environment": dict(os.environ),
                    "files": files,
                    "content_type": self.headers["content-type"],
                    "accept": self.headers["accept"],
                    "authorization": self.headers["authorization"],
                    "pid": os.getpid(),
                }
                self._answer(200, json.dumps(report).encode())
            case "wait":
                Path(instruction["started"]).touch()
                deadline = time.monotonic() + 60
                while not Path(instruction["until"]).exists() and time.monotonic() < deadline:
                    time.sleep(0.02)
                self._answer(200, b"{}")
            case "fail":
                self._answer(instruction["status"], b"the model says no")
            case "die":
                os._exit(1)
            case "large":
                self._answer(200, b"x" * instruction["bytes"])

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve():
    if "REFUSE" in os.environ:
        sys.exit("this model does not load")
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()


def train():
    hyperparameters = json.loads(Path(os.environ["SM_INPUT_CONFIG_DIR"], "hyperparameters.json").read_text())
    model, output = Path(os.environ["SM_MODEL_DIR"]), Path(os.environ["SM_OUTPUT_DIR"])
    match hyperparameters.get("do"):
        case "fail":
            output.joinpath("failure").write_text(hyperparameters["why"])
            sys.exit(3)
        case "refuse":
            sys.exit(1)
        case "last":
            print("training", flush=True)
            time.sleep(600)
        case "save":
            # Ends at the first signal and leaves a partial model.
            signal.signal(signal.SIGTERM, lambda *_: (model.joinpath("half").write_text("half"), sys.exit(0)))
            print("training", flush=True)
            time.sleep(600)
    channels = {name: path for name, path in os.environ.items() if name.startswith("SM_CHANNEL_")}
    report = {
        "files": {
            name: {str(file.relative_to(path)): file.read_text() for file in Path(path).rglob("*") if file.is_file()}
            for name, path in channels.items()
        },
        "hyperparameters": hyperparameters,
        "environment": dict(os.environ),
    }
    model.joinpath("report.json").write_text(json.dumps(report))
    print("metric ndcg_at_100=0.1")
    print("metric ndcg_at_100=0.326")
    print("metric held_out_people=59", file=sys.stderr)


{"serve": serve, "train": train}[sys.argv[1]]()
