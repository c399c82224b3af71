"""Columns of text that identifies: compared exactly, whichever the database.

MySQL compares by the column's collation, and its default (utf8mb4_0900_ai_ci) holds « é » and « e », « ß » and « ss »,
« A » and « a » equal and overlooks U+200B; SQLite compares code points. A code, a key, a token, a number or a slug is
one of these fields; e-mail addresses are a CanonicalEmailField. `manage.py text_columns` lists what was decided.

Searching may fold: `icontains`, `istartswith` and `iendswith` compare as the default collation does on MySQL.
"""

from typing import Any

from django.core.validators import validate_email
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import lookups
from django.forms import EmailField

from apps.common.email_addresses import canonical_email, validate_email_address

# Code points, and no padding: « a » and « a␠ » differ too. MySQL 8.0.17 and newer.
EXACT_COLLATION = "utf8mb4_0900_bin"
FOLDING_COLLATION = "utf8mb4_0900_ai_ci"


class Exact:
    """Mixin of a text field: a binary collation on MySQL; SQLite compares code points by itself."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)  # type: ignore[misc]
        if connection.vendor == "mysql":
            parameters["collation"] = EXACT_COLLATION
        return parameters


class ExactCharField(Exact, models.CharField):
    pass


class ExactSlugField(Exact, models.SlugField):
    pass


class ExactTextField(Exact, models.TextField):
    pass


class ExactURLField(Exact, models.URLField):
    pass


class ExactFileField(Exact, models.FileField):
    pass


class ExactImageField(Exact, models.ImageField):
    pass


class EmailFormField(EmailField):
    """Reads an address however it was written or pasted, and gives its canonical form."""

    default_validators = [validate_email, validate_email_address]

    def to_python(self, value: Any) -> Any:
        return canonical_email(super().to_python(value) or "")


class CanonicalEmailField(Exact, models.EmailField):
    """An e-mail address in its one form: what is saved is brought to it, and so is what it is looked up by."""

    default_validators = [validate_email, validate_email_address]

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return canonical_email(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str) and (canonical := canonical_email(value)) != value:
            setattr(model_instance, self.attname, canonical)
            return canonical
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": EmailFormField, **kwargs})


class Folded(models.Func):
    """A text column in an order for readers, « Épicerie » beside « Eau »; SQLite keeps that of code points."""

    template = "%(expressions)s"
    arity = 1

    def as_mysql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=f"%(expressions)s COLLATE {FOLDING_COLLATION}", **context)


class _Folding:
    """Mixin of a lookup for searching: MySQL's default collation instead of the column's."""

    def process_lhs(self, compiler: Any, connection: BaseDatabaseWrapper, lhs: Any = None) -> tuple[str, Any]:
        sql, parameters = super().process_lhs(compiler, connection, lhs)  # type: ignore[misc]
        return (f"{sql} COLLATE {FOLDING_COLLATION}" if connection.vendor == "mysql" else sql), parameters


class _IContains(_Folding, lookups.IContains):
    pass


class _IStartsWith(_Folding, lookups.IStartsWith):
    pass


class _IEndsWith(_Folding, lookups.IEndsWith):
    pass


class _PartOfAddress:
    """Mixin of a lookup for searching addresses: they are canonical, so that the column's index serves a beginning."""

    rhs: Any

    def get_prep_lookup(self) -> Any:
        return canonical_email(self.rhs) if isinstance(self.rhs, str) else super().get_prep_lookup()  # type: ignore[misc]


class _IContainsAddress(_PartOfAddress, lookups.IContains):
    pass


class _IStartsWithAddress(_PartOfAddress, lookups.IStartsWith):
    pass


class _IEndsWithAddress(_PartOfAddress, lookups.IEndsWith):
    pass


class _SameAddress(lookups.Exact):
    """`iexact` of an address: both sides are canonical already."""

    lookup_name = "iexact"


for _field in (ExactCharField, ExactSlugField, ExactTextField, ExactURLField, ExactFileField, ExactImageField):
    for _folding in (_IContains, _IStartsWith, _IEndsWith):
        _field.register_lookup(_folding)
for _of_address in (_IContainsAddress, _IStartsWithAddress, _IEndsWithAddress, _SameAddress):
    CanonicalEmailField.register_lookup(_of_address)
