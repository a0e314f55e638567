"""KIE.ai: market jobs, Veo with its larger versions, Runway and Aleph, behind one adapter; and its storage for inputs.

The entry point is `Kie`. One class with a table of routes, because everything but paths and shapes is the same for all of
them; an adapter per family (the rejected alternative) would have five copies of what a failure means.
"""

from __future__ import annotations

from playground.providers.kie.adapter import Kie
from playground.providers.kie.files import KieFiles

__all__ = ["Kie", "KieFiles"]
