"""Policies that require TLS (`aws:SecureTransport`) refuse all callers, because the emulator uses plain HTTP. Requests
from this machine never leave it: they count as encrypted."""

import ipaddress

from patches.wrap import wrap


def apply():
    from ministack import app

    wrap(app, "pin_request_origin", _pin)


def _pin(original, source_ip, secure_transport):
    return original(source_ip, secure_transport or ipaddress.ip_address(source_ip).is_loopback)
