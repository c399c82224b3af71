"""Images that an import names by URL: fetched by a task, from public IP addresses only, within limits.

Whoever can write an import file chooses the URL, so the request must not become a way into our own network (SSRF).
The name is resolved once, each of its IP addresses is checked, and the connection goes to a checked one: a name that
resolves differently the second time (DNS rebinding) gains nothing. Each redirect is a new URL and is checked anew.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.core.cache import cache
from django.utils.translation import gettext as _

from apps.catalogue.models import ProductImage
from apps.catalogue.services.images import MAX_BYTES, ImageRefused, check_weight, clean, store_image
from apps.common.errors import DomainError

if TYPE_CHECKING:
    import httpx

# When an image is tried again after its task has used up its retries.
# How long a server that answers 429 or 503 is left alone: as it says (`Retry-After`), within these.
REST_SECONDS, LONGEST_REST_SECONDS = 120, 3600
RETRY_DELAYS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14), timedelta(days=30))
TOTAL_SECONDS = 20.0
MAX_REDIRECTS = 3
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HEADERS = {
    "User-Agent": "WebMarketPlus/1.0 (+product images)",
    "Accept": "image/avif,image/webp,image/png,image/jpeg,image/gif",
    "Accept-Encoding": "identity",
}


class FetchRefused(DomainError):
    """Final: another attempt would be refused again. `code` is the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FetchFailed(DomainError):
    """Temporary: the other server was slow, unreachable or answered with an error; worth another attempt.

    `rest_seconds`: how long the server wants to be left alone by all requests, where it says that it is asked too much.
    """

    code = "fetch_failed"
    rest_seconds = 0


def is_public(ip: IpAddress) -> bool:
    """Whether an IP address is on the public Internet; IPv4 addresses inside IPv6 ones are looked at as well."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return is_public(inner)
        if ip in _NAT64 or ip.teredo is not None or ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def host_of(url: str) -> str:
    """Whom a fetch burdens; nothing for what is no URL."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def fetch_image(*, image_id: int, permitted: Callable[[IpAddress], bool] = is_public) -> bool:
    """Fetch the file that an image wants; False when it wants none (any more), so a repeat is safe.

    A refusal is stored on the image as FAILED with its reason; FetchFailed is left to the task, which tries again.
    `permitted` is for tests with a server on this machine; no setting can reach it.
    """
    image = ProductImage.objects.filter(pk=image_id, state=ProductImage.State.WANTED).first()
    if image is None:
        return False
    rest = f"catalogue.picture-server:{host_of(image.source_url)}"
    if cache.get(rest):
        raise FetchFailed(_("Le serveur de l’image demande d’attendre."))
    try:
        picture = clean(download(image.source_url, permitted=permitted))
    except FetchFailed as error:
        if error.rest_seconds:
            cache.set(rest, True, timeout=error.rest_seconds)
        raise
    except (FetchRefused, ImageRefused) as error:
        give_up(image_id=image_id, reason=error.message)
        return False
    still_wanted = ProductImage.objects.filter(
        pk=image_id, state=ProductImage.State.WANTED, source_url=image.source_url
    ).exists()
    if still_wanted:
        store_image(image=image, picture=picture)
    return still_wanted


def give_up(*, image_id: int, reason: str) -> None:
    """Mark an image as FAILED for good: another attempt would be refused again."""
    ProductImage.objects.filter(pk=image_id, state=ProductImage.State.WANTED).update(
        state=ProductImage.State.FAILED, failure=reason[:200], retry_at=None
    )


def give_up_for_now(*, image_id: int, reason: str, now: datetime) -> None:
    """Mark an image as FAILED until the next of RETRY_DELAYS has passed; for good after the last."""
    image = ProductImage.objects.filter(pk=image_id, state=ProductImage.State.WANTED).first()
    if image is None:
        return
    again = RETRY_DELAYS[image.given_up] if image.given_up < len(RETRY_DELAYS) else None
    ProductImage.objects.filter(pk=image_id, state=ProductImage.State.WANTED).update(
        state=ProductImage.State.FAILED,
        failure=reason[:200],
        retry_at=now + again if again else None,
        given_up=image.given_up + 1,
    )


def want_again(*, now: datetime) -> int:
    """Set images whose retry is due to WANTED again; returns how many."""
    due = ProductImage.objects.filter(retry_at__lte=now, state=ProductImage.State.FAILED)
    return due.update(state=ProductImage.State.WANTED, retry_at=None)


def ask_again(*, product_ids: Sequence[int]) -> int:
    """The same on a person's request, for every refused image: its server or its DNS name may have been repaired."""
    refused = ProductImage.objects.filter(product__in=product_ids, state=ProductImage.State.FAILED)
    return refused.exclude(source_url="").update(state=ProductImage.State.WANTED, retry_at=None, given_up=0)


def download(url: str, *, permitted: Callable[[IpAddress], bool] = is_public, seconds: float = TOTAL_SECONDS) -> bytes:
    """The body behind a URL, at most MAX_BYTES, within `seconds` in all.

    Raises FetchRefused, FetchFailed, ImageRefused.
    """
    # 5 MB, for the worker that fetches pictures alone.
    import httpx

    try:
        return asyncio.run(_within(url, permitted, seconds))
    except TimeoutError as error:
        raise FetchFailed(_("Le serveur de l’image n’a pas répondu à temps.")) from error
    except httpx.TransportError as error:
        raise FetchFailed(_("Le serveur de l’image n’a pas pu être joint.")) from error
    except (httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
        raise _bad_url() from error


async def _within(url: str, permitted: Callable[[IpAddress], bool], seconds: float) -> bytes:
    import httpx

    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=seconds, headers=_HEADERS) as client,
    ):
        for _hop in range(MAX_REDIRECTS + 1):
            target = httpx.URL(url)
            request = await _request(client, target, permitted)
            response = await client.send(request, stream=True)
            try:
                if response.has_redirect_location:
                    url = urljoin(str(target), response.headers["Location"])
                    continue
                _check_status(response.status_code, response.headers.get("Retry-After", ""))
                return await _body(response)
            finally:
                await response.aclose()
    raise FetchRefused("too_many_redirects", _("L’adresse de l’image renvoie trop de fois vers une autre."))


async def _request(
    client: "httpx.AsyncClient", url: "httpx.URL", permitted: Callable[[IpAddress], bool]
) -> "httpx.Request":
    """A request to a checked IP address of the URL's host, with the host's name in `Host` and in TLS (SNI)."""
    if url.scheme not in ("http", "https") or not url.host:
        raise _bad_url()
    if url.userinfo:
        raise FetchRefused("credentials", _("L’adresse de l’image contient un mot de passe."))
    ip = await _resolve(url, permitted)
    return client.build_request(
        "GET",
        url.copy_with(host=str(ip), fragment=None),
        headers={"Host": url.netloc.decode("ascii")},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )


async def _resolve(url: "httpx.URL", permitted: Callable[[IpAddress], bool]) -> IpAddress:
    """One IP address of the host; raises FetchRefused when any of them is not permitted."""
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.raw_host.decode("ascii").strip("[]"), port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise FetchFailed(_("Le serveur de l’image est introuvable.")) from error
    ips = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    if not ips or not all(permitted(ip) for ip in ips):
        raise FetchRefused("private_address", _("L’adresse de l’image mène à un réseau privé."))
    return ips[0]


def _check_status(status: int, retry_after: str) -> None:
    if status == 429 or status >= 500:
        error = FetchFailed(_("Le serveur de l’image répond par une erreur (%(status)s).") % {"status": status})
        if status in (429, 503):
            seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else REST_SECONDS
            error.rest_seconds = max(min(seconds, LONGEST_REST_SECONDS), 1)
        raise error
    if status != 200:
        raise FetchRefused(
            "no_image", _("Il n’y a pas d’image à cette adresse (réponse %(status)s).") % {"status": status}
        )


async def _body(response: "httpx.Response") -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit():
        check_weight(int(announced))
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchRefused("encoded", _("Le serveur de l’image l’envoie sous une forme compressée inattendue."))
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        check_weight(size)
        parts.append(part)
    return b"".join(parts)


def _bad_url() -> FetchRefused:
    return FetchRefused("bad_url", _("L’adresse de l’image n’est pas une adresse http ou https."))


__all__ = [
    "MAX_BYTES",
    "FetchFailed",
    "FetchRefused",
    "ask_again",
    "download",
    "fetch_image",
    "give_up",
    "give_up_for_now",
    "is_public",
    "want_again",
]
