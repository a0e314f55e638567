"""The playground's addresses. A gateway's name in the path is told from a model's vendor by the list of gateways."""

from __future__ import annotations

from django.urls import path, register_converter

from playground.catalog import registry
from playground.web import job_views, live_views, media_views, model_pages, playground_views, price_views, switch_views


class GatewayConverter:
    """Matches the gateways that have cards, so that `/models/google/veo-3-1` is a model's id and no gateway's."""

    regex = "|".join(sorted({card.gateway for card in registry.all_cards()} | {registry.DEFAULT_GATEWAY}))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(GatewayConverter, "gateway")

urlpatterns = [
    path("models/<gateway:gateway>/<path:model_id>/quote", playground_views.quote, name="model-quote"),
    path("models/<gateway:gateway>/<path:model_id>/run", playground_views.run, name="model-run"),
    path("models/<gateway:gateway>/<path:model_id>/price", price_views.own_price, name="model-own-price"),
    path("models/<gateway:gateway>/<path:model_id>/switcher", switch_views.switcher, name="model-switcher"),
    path("models/<gateway:gateway>/<path:model_id>/switch", switch_views.switch, name="model-switch"),
    path("models/<gateway:gateway>/<path:model_id>/about", model_pages.about_model, name="model-about"),
    path("models/<gateway:gateway>/<path:model_id>", playground_views.playground, name="model-playground"),
    path("models/<path:model_id>", playground_views.model_redirect, name="model-redirect"),
    path("live", live_views.live, name="live"),
    path("tasks/<uuid:job_id>", job_views.task, name="task"),
    path("tasks/<uuid:job_id>/cancel", job_views.task_cancel, name="task-cancel"),
    path("media/<str:token>/<str:name>", media_views.media, name="media"),
]
