"""The addresses of the pages about people, their keys, and what was changed by whom."""

from __future__ import annotations

from django.urls import path

from playground.web import audit_views, invitation_views, key_views, team_views, webhook_views

urlpatterns = [
    path("team", team_views.team, name="team"),
    path("team/name", team_views.rename, name="team-rename"),
    path("teams/new", team_views.new_team, name="team-new"),
    path("team/members/<int:member_id>/role", team_views.change_role, name="member-role"),
    path("team/members/<int:member_id>/remove", team_views.remove, name="member-remove"),
    path("team/invitations", invitation_views.invite, name="invite"),
    path("team/invitations/<uuid:invitation_id>/renew", invitation_views.renew, name="invitation-renew"),
    path("team/invitations/<uuid:invitation_id>/revoke", invitation_views.revoke, name="invitation-revoke"),
    path("settings/keys", key_views.keys, name="keys"),
    path("settings/keys/<int:key_id>", key_views.key, name="key"),
    path("settings/keys/<int:key_id>/rotate", key_views.rotate, name="key-rotate"),
    path("settings/keys/<int:key_id>/revoke", key_views.revoke, name="key-revoke"),
    path("webhooks", webhook_views.webhooks, name="webhooks"),
    path("webhooks/signing", webhook_views.task_secret, name="webhook-task-secret"),
    path("webhooks/deliveries/<uuid:delivery_id>", webhook_views.delivery, name="delivery"),
    path("webhooks/deliveries/<uuid:delivery_id>/again", webhook_views.again, name="delivery-again"),
    path("webhooks/<uuid:endpoint_id>", webhook_views.webhook, name="webhook"),
    path("webhooks/<uuid:endpoint_id>/secret", webhook_views.secret, name="webhook-secret"),
    path("webhooks/<uuid:endpoint_id>/test", webhook_views.test, name="webhook-test"),
    path("webhooks/<uuid:endpoint_id>/remove", webhook_views.remove, name="webhook-remove"),
    path("audit", audit_views.audit_log, name="audit"),
    path("audit.csv", audit_views.audit_csv, name="audit-csv"),
]
