from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lending_crm.common.text import search_key


class CustomerGroup(models.Model):
    """关联集团: customers whose exposure is added up when the approval chain is chosen."""

    name = models.CharField(_("group name"), max_length=80, unique=True)
    search_text = models.TextField(editable=False, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), editable=False)

    class Meta:
        verbose_name = _("customer group")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = search_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
