"""Policies that ask for TLS (`aws:SecureTransport`) refuse everybody, since the emulator speaks plain HTTP. What never
leaves this machine is as good as encrypted: requests from it count as such."""

import ipaddress

from patches.wrap import wrap


def apply():
    from ministack import app

    wrap(app, "pin_request_origin", _pin)


def _pin(original, source_ip, secure_transport):
    return original(source_ip, secure_transport or ipaddress.ip_address(source_ip).is_loopback)
