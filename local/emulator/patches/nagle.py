"""The Lambda Runtime API leaves Nagle's algorithm on: every invocation waits 40 ms for a delayed acknowledgement."""

import socketserver


def apply():
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
