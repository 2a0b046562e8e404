"""Where students find the class: an address that others can reach, and a QR code of it."""

import ipaddress
import socket
from io import BytesIO

__all__ = ["qr", "shown", "url"]


def shown(host: str) -> str:
    """Return the address under which others reach a server that listens at ``host``."""
    try:
        anywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return host
    return _own() if anywhere else host


def _own() -> str:
    """Return this machine's address in its own network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation, which nobody has
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def url(host: str, port: int, path: str = "") -> str:
    """Return an address as one types it."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}{'' if port == 80 else f':{port}'}/{path}"


def qr(text: str) -> str:
    """Return a QR code as SVG."""
    import segno

    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=8, border=3, xmldecl=False, dark="#000000", light="#ffffff",
        title="QR code of the address",
    )  # fmt: skip
    return out.getvalue().decode("utf-8")
