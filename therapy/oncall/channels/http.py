"""One POST to somewhere else: short waits, no redirects, faults as `TransportError`."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from therapy.core.errors import TransportError

TIMEOUT = 5.0
GONE = (404, 410)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed message goes where the operator said and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Refuse."""


# No proxy of the environment either: it would see what is in the address.
_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """POST and expect a 2xx.

    Raises:
        TransportError: anything else; the code is `http_<status>` or the kind of fault.
    """
    try:
        request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - checked
        with _opener.open(request, timeout=TIMEOUT) as answer:
            answer.read(1024)
    except urllib.error.HTTPError as error:
        error.close()
        raise TransportError(f"http_{error.code}") from error
    except urllib.error.URLError as error:
        raise TransportError(type(error.reason).__name__) from error
    # A `ValueError`: an address that no name server could be asked for, such as one with an empty part.
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise TransportError(type(error).__name__) from error
