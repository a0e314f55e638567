"""/login, /account and what else concerns a person. Of allauth's pages these and no others are there, under our addresses."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.github import views as github
from allauth.socialaccount.providers.google import views as google
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, re_path
from django.views.generic import RedirectView

from playground.web import account_views, join_views, setup_views, signin
from playground.web.signin import entrance
from playground.web.social import configured


def email(request: HttpRequest) -> HttpResponseBase:
    """Another address: proven by a code where mail can be sent. The password comes first either way."""
    view = account.email if settings.MAIL_CONFIGURED else account_views.unproven_email
    checked: HttpResponseBase = reauthentication_required(app="allauth.mfa")(view)(request)
    return checked


_sign_in = [
    path("login", signin.sign_in, name="sign-in"),
    # The name under which allauth looks for its own page.
    path("login", signin.sign_in, name="account_login"),
    path("login/code", entrance(account.request_login_code, by_mail=True), name="account_request_login_code"),
    path("login/code/enter", entrance(account.confirm_login_code), name="account_confirm_login_code"),
    path("login/verify", entrance(account.email_verification_sent), name="account_email_verification_sent"),
    path("login/factor", entrance(mfa.authenticate), name="mfa_authenticate"),
    path("login/passkey", entrance(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("login/inactive", entrance(account.account_inactive), name="account_inactive"),
    path("login/reset", entrance(account.password_reset, by_mail=True), name="account_reset_password"),
    path("login/reset/sent", entrance(account.password_reset_done), name="account_reset_password_done"),
    path("login/reset/done", entrance(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    re_path(
        r"^login/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        entrance(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("signup", entrance(join_views.SignUpView.as_view()), name="account_signup"),
    path("logout", account_views.sign_out, name="sign-out"),
    path("logout", account_views.sign_out, name="account_logout"),
    path("sign-in/<str:token>", account_views.sign_in_link, name="sign-in-link"),
    path("setup", setup_views.setup, name="setup"),
    path("setup/provider", setup_views.provider, name="setup-provider"),
    path("setup/take", setup_views.take, name="setup-take"),
    path("setup/hide", setup_views.hide_checklist, name="setup-hide"),
    path("join/<str:token>", join_views.join, name="join"),
]

_services = [
    path("login/google", configured(entrance(google.oauth2_login)), name="google_login"),
    path("login/google/back", configured(entrance(google.oauth2_callback)), name="google_callback"),
    path("login/github", configured(entrance(github.oauth2_login)), name="github_login"),
    path("login/github/back", configured(entrance(github.oauth2_callback)), name="github_callback"),
    path("login/oidc/<slug:provider_id>", configured(entrance(oidc.login)), name="openid_connect_login"),
    path("login/oidc/<slug:provider_id>/back", configured(entrance(oidc.callback)), name="openid_connect_callback"),
    path("login/cancelled", entrance(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("login/service", entrance(social.signup), name="socialaccount_signup"),
    path("account/services", entrance(social.connections), name="socialaccount_connections"),
]

_account = [
    path("account", account_views.account, name="account"),
    # Where allauth goes after a change of factors.
    path("account", account_views.account, name="mfa_index"),
    path("account", account_views.account, name="mfa_list_webauthn"),
    path("account/name", account_views.rename, name="account-name"),
    path("account/sign-out-everywhere", account_views.sign_out_everywhere, name="sign-out-everywhere"),
    path("account/password", account_views.password, name="password"),
    path("account/password", account_views.password, name="account_change_password"),
    path("account/password", account_views.password, name="account_set_password"),
    path("account/email", entrance(email), name="account_email"),
    path("account/confirm", entrance(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/factor", entrance(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey", entrance(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/passkeys/add", entrance(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/rename", entrance(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", entrance(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/app", entrance(totp.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove", entrance(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery-codes", entrance(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", entrance(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/recovery-codes.txt", entrance(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    # Where password managers look.
    path(".well-known/change-password", RedirectView.as_view(pattern_name="password")),
]

urlpatterns = _sign_in + _services + _account
