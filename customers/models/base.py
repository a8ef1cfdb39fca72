from django.db import models
from django.utils.translation import gettext_lazy as _


class Recorded(models.Model):
    """What customers, contacts and opportunities share: creation, optimistic lock.

    ``creation_key`` comes with the form or the API's Idempotency-Key, so that a
    double click creates one record and answers with it twice.
    """

    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), editable=False)

    class Meta:
        abstract = True
