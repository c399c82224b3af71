"""Fields for text that identifies something: compared exactly on both databases.

MySQL compares by the column's collation; with its default (utf8mb4_0900_ai_ci) « é » equals « e », « ß » « ss », « A »
« a », and U+200B is ignored. SQLite compares code points. Codes, keys, tokens, numbers and slugs are Exact…Fields,
e-mail addresses CanonicalEmailFields. `manage.py text_columns` lists what was decided for each column.

Searching folds: `icontains`, `istartswith` and `iendswith` use MySQL's default collation.
"""

from typing import Any

from django.core.validators import validate_email
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import lookups
from django.forms import EmailField

from apps.common.email_addresses import canonical_email, validate_email_address

# By code points, without padding: « a » and « a␠ » differ too. MySQL 8.0.17 and newer.
EXACT_COLLATION = "utf8mb4_0900_bin"
FOLDING_COLLATION = "utf8mb4_0900_ai_ci"


class Exact:
    """Mixin of a text field: a binary collation on MySQL; SQLite compares code points anyway."""

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
    """Accepts an e-mail address in any spelling and cleans it to its canonical form."""

    default_validators = [validate_email, validate_email_address]

    def to_python(self, value: Any) -> Any:
        return canonical_email(super().to_python(value) or "")


class CanonicalEmailField(Exact, models.EmailField):
    """An e-mail address in canonical form: values are converted when they are saved and when they are looked up."""

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
    """For `order_by`: alphabetical for readers, « Épicerie » beside « Eau », on MySQL; by code points on SQLite."""

    template = "%(expressions)s"
    arity = 1

    def as_mysql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=f"%(expressions)s COLLATE {FOLDING_COLLATION}", **context)


class _Folding:
    """Mixin of a search lookup: MySQL's default collation instead of the column's."""

    def process_lhs(self, compiler: Any, connection: BaseDatabaseWrapper, lhs: Any = None) -> tuple[str, Any]:
        sql, parameters = super().process_lhs(compiler, connection, lhs)  # type: ignore[misc]
        return (f"{sql} COLLATE {FOLDING_COLLATION}" if connection.vendor == "mysql" else sql), parameters


class _IContains(_Folding, lookups.IContains):
    pass


class _IStartsWith(_Folding, lookups.IStartsWith):
    pass


class _IEndsWith(_Folding, lookups.IEndsWith):
    pass


class _PartOfEmail:
    """Mixin of a search lookup of e-mails: canonical on both sides, so that `istartswith` uses the column's index."""

    rhs: Any

    def get_prep_lookup(self) -> Any:
        return canonical_email(self.rhs) if isinstance(self.rhs, str) else super().get_prep_lookup()  # type: ignore[misc]


class _IContainsEmail(_PartOfEmail, lookups.IContains):
    pass


class _IStartsWithEmail(_PartOfEmail, lookups.IStartsWith):
    pass


class _IEndsWithEmail(_PartOfEmail, lookups.IEndsWith):
    pass


class _SameEmail(lookups.Exact):
    """`iexact` of an e-mail: both sides are canonical already."""

    lookup_name = "iexact"


for _field in (ExactCharField, ExactSlugField, ExactTextField, ExactURLField, ExactFileField, ExactImageField):
    for _folding in (_IContains, _IStartsWith, _IEndsWith):
        _field.register_lookup(_folding)
for _email_lookup in (_IContainsEmail, _IStartsWithEmail, _IEndsWithEmail, _SameEmail):
    CanonicalEmailField.register_lookup(_email_lookup)
