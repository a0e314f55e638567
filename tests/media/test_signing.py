"""A media link says who may read what until when, and cannot be changed by a single character."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from playground.core import clock
from playground.media import signing
from playground.media.signing import BadLink, LinkExpired, MediaGrant, sign, signed_url, verify

TAKE = UUID("b7b0a1d2-1111-4222-8333-444455556666")


def token_of(url: str) -> str:
    return urlsplit(url).path.split("/")[2]


def test_a_link_carries_take_rendition_audience_and_expiry(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://video.example"
    before = clock.now()
    url = signed_url(TAKE, "preview", audience="share:12", ttl_seconds=1200)
    assert url.startswith("https://video.example/media/") and url.endswith("/preview.mp4")
    grant = verify(token_of(url))
    assert (grant.take_id, grant.rendition, grant.audience) == (TAKE, "preview", "share:12")
    assert timedelta(seconds=1079) <= grant.expires_at - before <= timedelta(seconds=1202)


def test_links_made_one_after_the_other_are_mostly_the_same_so_that_browsers_cache_them() -> None:
    links = {signed_url(TAKE, "thumb", audience="job", ttl_seconds=86_400) for _ in range(20)}
    assert len(links) <= 2


def test_an_expired_link_is_told_from_a_forged_one() -> None:
    token = sign(TAKE, "video", audience="job", expires_at=clock.now() - timedelta(seconds=2))
    with pytest.raises(LinkExpired):
        verify(token)


@given(position=st.integers(min_value=0), character=st.sampled_from("abcXYZ019-_:."))
def test_no_character_can_be_changed(position: int, character: str) -> None:
    token = sign(TAKE, "video", audience="job", expires_at=clock.now() + timedelta(hours=1))
    position %= len(token)
    forged = token[:position] + character + token[position + 1 :]
    if forged == token:
        assert verify(forged) == verify(token)
        return
    with pytest.raises(BadLink):
        verify(forged)


@pytest.mark.parametrize("token", ["", ":", "a:b", "x" * 5000, "\x00", "é:ü", "W10:x"])
def test_nonsense_is_a_bad_link(token: str) -> None:
    with pytest.raises(BadLink):
        verify(token)


def test_a_signature_made_for_something_else_does_not_open_media() -> None:
    from django.core.signing import Signer

    fields = [TAKE.hex, "video", "job", int(clock.now().timestamp()) + 999]
    with pytest.raises(BadLink):
        verify(Signer(salt="another purpose").sign_object(fields))


def test_another_secret_key_opens_nothing(settings: LazySettings) -> None:
    token = sign(TAKE, "video", audience="job", expires_at=clock.now() + timedelta(hours=1))
    settings.SECRET_KEY = "another key of at least fifty characters, more or less"
    with pytest.raises(BadLink):
        verify(token)


@given(st.uuids(), st.sampled_from(["video", "poster", "thumb", "preview"]), st.integers(1, 10**6))
def test_every_grant_survives_the_round_trip(take: UUID, rendition: str, share: int) -> None:
    expires_at = clock.from_ms((clock.now_ms() // 1000 + 3600) * 1000)
    audience = f"share:{share}"
    assert verify(sign(take, rendition, audience=audience, expires_at=expires_at)) == MediaGrant(take, rendition, audience, expires_at)


def test_the_name_at_the_end_is_for_people_only() -> None:
    url = signed_url(uuid4(), "video", audience="job", ttl_seconds=signing.PAGE_TTL_SECONDS, name="take-15a.mp4")
    assert url.endswith("/take-15a.mp4")
