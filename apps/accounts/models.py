from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.email_addresses import canonical_email
from apps.common.fields import CanonicalEmailField
from apps.common.models import AppendOnly, Timestamped


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=canonical_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff, identified by e-mail address (in its canonical form)."""

    email = CanonicalEmailField(_("adresse e-mail"), unique=True)
    first_name = models.CharField(_("prénom"), max_length=80, blank=True)
    last_name = models.CharField(_("nom"), max_length=80, blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    is_staff = models.BooleanField(_("membre de l’équipe"), default=False)
    is_active = models.BooleanField(_("actif"), default=True)
    date_joined = models.DateTimeField(_("inscrit le"), default=timezone.now)
    erased_at = models.DateTimeField(_("effacé le"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email


class PostalAddress(models.Model):
    """The columns of a French postal address; abstract, shared by address book and order snapshot."""

    recipient = models.CharField(_("destinataire"), max_length=120)
    company = models.CharField(_("société"), max_length=120, blank=True)
    line1 = models.CharField(_("adresse"), max_length=120)
    line2 = models.CharField(_("complément d’adresse"), max_length=120, blank=True)
    postcode = models.CharField(_("code postal"), max_length=10)
    city = models.CharField(_("ville"), max_length=80)
    country = models.CharField(_("pays"), max_length=2, default="FR")

    class Meta:
        abstract = True


class AddressQuerySet(models.QuerySet):
    def of(self, user: User) -> "AddressQuerySet":
        return self.filter(user=user)


class Address(PostalAddress, Timestamped):
    """An entry of a customer's address book."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses", verbose_name=_("compte"))
    label = models.CharField(_("nom de l’adresse"), max_length=60, blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    is_default = models.BooleanField(_("adresse habituelle"), default=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("adresse")
        verbose_name_plural = _("adresses")
        ordering = ["-is_default", "pk"]

    def __str__(self) -> str:
        return f"{self.recipient}, {self.postcode} {self.city}"


class DataAccess(AppendOnly):
    """Who exported, imported, looked up or erased personal data: accountability (GDPR art. 5 § 2).

    `detail` names no person: a filter, a file, or the fingerprint of an e-mail (`access_log.fingerprint`).
    """

    class Action(models.TextChoices):
        EXPORTED = "EXPORTED", _("export")
        IMPORTED = "IMPORTED", _("import")
        LOOKED_UP = "LOOKED_UP", _("consultation")
        ERASED = "ERASED", _("effacement")

    at = models.DateTimeField(_("le"))
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("par"))
    by_name = models.CharField(_("nom"), max_length=200)
    action = models.CharField(_("action"), max_length=10, choices=Action)
    what = models.CharField(_("données"), max_length=60)
    count = models.PositiveIntegerField(_("nombre"))
    detail = models.CharField(_("précision"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("accès à des données personnelles")
        verbose_name_plural = _("accès à des données personnelles")
        ordering = ["-at", "-pk"]
        permissions = [("handle_person", _("Peut voir et effacer tout ce qui concerne une personne"))]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.what}"
