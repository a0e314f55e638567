"""What revives the engines is there as soon as the tables are, whoever starts the parts."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django_q.models import Schedule

pytestmark = pytest.mark.django_db


def test_migrating_makes_each_schedule_once() -> None:
    Schedule.objects.all().delete()
    for _ in range(2):
        call_command("migrate", verbosity=0)
    names = Schedule.objects.order_by("name").values_list("name", flat=True)
    assert list(names) == ["callbacks", "heartbeat", "ledger", "leftovers", "sweep"]
