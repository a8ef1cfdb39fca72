from django.db import models
from django.utils.translation import gettext_lazy as _


class DutyLine(models.TextChoices):
    """What kind of duty a role is; business never goes together with risk or finance (ORG-01)."""

    BUSINESS = "BUSINESS", _("business")
    MANAGEMENT = "MANAGEMENT", _("management")
    RISK = "RISK", _("risk control")
    FINANCE = "FINANCE", _("finance")
    COMMITTEE = "COMMITTEE", _("risk committee")
    ADMINISTRATION = "ADMINISTRATION", _("administration")


class RoleScope(models.TextChoices):
    """How far a role reaches."""

    OWN = "OWN", _("own records")
    DEPARTMENT = "DEPARTMENT", _("department")
    BRANCH = "BRANCH", _("branch")
    BAD_CUSTOMERS = "BAD", _("bad customers")
    ALL = "ALL", _("whole company")


#: scopes that name no branch or department
COMPANY_WIDE = (RoleScope.ALL, RoleScope.BAD_CUSTOMERS)


class RoleCode(models.TextChoices):
    """The roles of the lender; the codes are stored and never change, titles may."""

    AM = "AM", _("account manager")
    TL = "TL", _("department head")
    BRM = "BRM", _("branch risk manager")
    BGM = "BGM", _("branch general manager")
    HRM = "HRM", _("head-office risk control")
    PLM = "PLM", _("post-loan supervision")
    ARD = "ARD", _("asset recovery")
    FIN = "FIN", _("finance")
    RC = "RC", _("committee member")
    RCC = "RCC", _("committee chair")
    RCS = "RCS", _("committee secretary")
    CEO = "CEO", _("president")
    ADM = "ADM", _("information administrator")


class Language(models.TextChoices):
    """The languages of the product, each named in itself."""

    CHINESE = "zh-hans", "中文"
    ENGLISH = "en", "English"
