from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from playground.accounts import audit
from playground.accounts.services import AccountsError, team_by_slug
from playground.catalog import registry
from playground.catalog.card import Card
from playground.credits.prices import PriceError, remove_price, set_price, words_of


class Command(BaseCommand):
    help = "Set a team's own price of a model, a mark-up on the published one, or return to the published one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", metavar="GATEWAY/ID", help="for example modkie/google/veo-3-1")
        parser.add_argument("--team", default="", metavar="SLUG", help="default: the first team")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--credits", metavar="X", help="credits per job or second, whichever the model is priced by")
        what.add_argument("--markup", metavar="P", help="percent on the published price, for example 25")
        what.add_argument("--published", action="store_true", help="end the team's own price")
        parser.add_argument("--from", dest="starts", default="", metavar="ISO", help="for example 2027-01-01T00:00Z; default: now")
        parser.add_argument("--note", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            team, card, starts = team_by_slug(options["team"]), _card(options["model"]), _moment(options["starts"])
            common: dict[str, Any] = {"team": team, "card": card, "actor": None, "effective_from": starts, "note": options["note"]}
            with audit.acting_as(audit.COMMAND_LINE):
                if options["published"]:
                    override = remove_price(**common)
                else:
                    override = set_price(credits=_number(options["credits"]), markup_percent=_number(options["markup"]), **common)
        except (AccountsError, PriceError, registry.UnknownModel, ValueError) as error:
            raise CommandError(str(error)) from None
        words = words_of(override, card.pricing["unit"])
        self.stdout.write(f"{team}, {card.title} ({card.gateway}): {words} from {override.effective_from:%Y-%m-%d %H:%M %Z}.")


def _card(text: str) -> Card:
    gateway, _, model_id = text.partition("/")
    return registry.get(model_id, gateway or "-")


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number.") from None


def _moment(text: str) -> datetime | None:
    """A moment without a zone is meant in the server's."""
    if not text:
        return None
    found = parse_datetime(text)
    if found is None:
        raise ValueError(f"{text!r} is not a moment like 2027-01-01T00:00Z.")
    return timezone.make_aware(found) if timezone.is_naive(found) else found
