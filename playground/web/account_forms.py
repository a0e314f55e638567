"""The forms about people that are ours, or allauth's with our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import SignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.accounts.models import User

LONGEST_NAME = 120


class NameField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(label=gettext_lazy("Your name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def clean(self, value: Any) -> str:
        return " ".join(str(super().clean(value)).split())


class NameForm(forms.Form):
    name = NameField()


class NewPersonForm(NameForm):
    """Name and password of somebody whose address is known already."""

    password1 = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password)
        return password


class OwnerForm(NewPersonForm):
    """The first person of an installation."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ("name", "email", "password1")

    def __init__(self, owner: User, data: Any = None) -> None:
        super().__init__(data, initial={"name": owner.name, "email": "" if owner.email.endswith("@localhost") else owner.email})
        self._owner = owner

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exclude(pk=self._owner.pk).exists():
            raise forms.ValidationError(_("Somebody else here has this address."))
        return email


class NewEmailForm(forms.Form):
    """Another address where no mail can be sent to prove it."""

    email = forms.EmailField(label=gettext_lazy("New e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class SignUpForm(SignupForm):
    name = NameField()
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs["autocomplete"] = "username"


class _Checked:
    """What a browser sends as a passkey is JSON of any shape; what is no passkey is a mistake and no failure of ours."""

    def clean(self) -> dict[str, Any]:
        with _no_passkey():
            cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
            return cleaned

    def clean_credential(self) -> Any:
        with _no_passkey():
            inherited = getattr(super(), "clean_credential", None)
            return inherited() if inherited else self.cleaned_data["credential"]  # type: ignore[attr-defined]


@contextmanager
def _no_passkey() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise forms.ValidationError(_("This is no passkey of yours here.")) from None


class AddPasskeyForm(_Checked, AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["passwordless"].label = _("Sign in with it alone")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = _("Without this it is only asked for after the password.")


class PasskeyLoginForm(_Checked, LoginWebAuthnForm):
    pass


class PasskeyFactorForm(_Checked, AuthenticateWebAuthnForm):
    pass


class PasskeyConfirmForm(_Checked, ReauthenticateWebAuthnForm):
    pass
