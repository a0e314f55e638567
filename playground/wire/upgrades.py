"""Veo's 1080p and 4K versions: there is no task of their own to ask about, the same question is asked until it is answered.

1080p: a GET that answers 400 or 500 until it is ready, then 200 with `resultUrl`. 4K: a POST; the first is answered with
200 and no result, each repetition with 422, both while it is made and, with `resultUrls`, when it is done. A repetition
makes nothing new and costs nothing (all documented, nothing measured).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from playground.wire.envelope import OK, Answer
from playground.wire.records import UpstreamRecord, first_amount, urls_in

# What no waiting will mend; measured and documented words.
_NEVER = re.compile(r"not exist|not found|video is unavailable|not support|fallback|expired|invalid", re.IGNORECASE)


def read_upgrade(answer: Answer) -> UpstreamRecord:
    """What an answer says of the larger version; anything but a result or a clear refusal means "not yet"."""
    data = answer.data if isinstance(answer.data, Mapping) else {}
    urls = urls_in(data.get("resultUrl")) or urls_in(data.get("resultUrls")) or urls_in(data.get("result_urls"))
    if urls:
        return UpstreamRecord("success", urls, progress=1.0, consumed_millicredits=first_amount(data))
    if answer.code != OK and _NEVER.search(answer.message):
        return UpstreamRecord("fail", fail_code=str(answer.code), fail_message=answer.message)
    return UpstreamRecord("generating", consumed_millicredits=first_amount(data))
