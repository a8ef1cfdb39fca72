from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lending_crm.common.dictionary import DictionaryChoices


class CustomerType(models.TextChoices):
    """The four lists of the menu 客户; fixed once the customer is saved (CUS-06)."""

    ENTERPRISE = "ENTERPRISE", _("Enterprise")
    CHANNEL = "CHANNEL", _("Channel")
    UPDOWN = "UPDOWN", _("Upstream or downstream company")
    PERSON = "PERSON", _("Intermediary (person)")


class Industry(models.TextChoices):
    """The sections (门类) of GB/T 4754."""

    A = "A", _("Agriculture, forestry, animal husbandry and fishery")
    B = "B", _("Mining")
    C = "C", _("Manufacturing")
    D = "D", _("Electricity, heat, gas and water supply")
    E = "E", _("Construction industry")
    F = "F", _("Wholesale and retail")
    G = "G", _("Transport, storage and post")
    H = "H", _("Hotels and catering")
    I = "I", _("Information technology and software")  # noqa: E741
    J = "J", _("Financial industry")
    K = "K", _("Real estate")
    L = "L", _("Leasing and business services")
    M = "M", _("Scientific research and technical services")
    N = "N", _("Water conservancy, environment and public facilities")
    O = "O", _("Household services, repair and other services")  # noqa: E741
    P = "P", _("Education industry")
    Q = "Q", _("Health and social work")
    R = "R", _("Culture, sports and entertainment")
    S = "S", _("Public administration and social organisations")
    T = "T", _("International organisations")


class CompanySize(models.TextChoices):
    LARGE = "LARGE", pgettext_lazy("company size", "Large")
    MEDIUM = "MEDIUM", pgettext_lazy("company size", "Medium")
    SMALL = "SMALL", pgettext_lazy("company size", "Small")
    MICRO = "MICRO", pgettext_lazy("company size", "Micro")


class CustomerSource(models.TextChoices):
    """客户来源; ``CHANNEL`` asks for the introducing channel before submission."""

    SELF = "SELF", _("Own development")
    CHANNEL = "CHANNEL", _("Introduced by a channel")
    REFERRAL = "REFERRAL", _("Referred by a customer")
    WALK_IN = "WALK_IN", _("Came by himself")
    ONLINE = "ONLINE", _("Internet or telephone")
    OTHER = "OTHER", _("Other")


class Tier(models.TextChoices):
    """客户等级 of a prospect: A about to sign … D no intention."""

    A = "A", _("A about to sign")
    B = "B", _("B strong interest")
    C = "C", _("C some interest")
    D = "D", _("D no interest")


class CustomerStatus(models.TextChoices):
    """客户状态; changed by events only."""

    PROSPECT = "PROSPECT", pgettext_lazy("customer status", "Prospect")
    ACTIVE = "ACTIVE", pgettext_lazy("customer status", "Borrowing")
    COMPLETED = "COMPLETED", pgettext_lazy("customer status", "Completed")
    BAD = "BAD", pgettext_lazy("customer status", "Bad")
    BLACKLISTED = "BLACKLISTED", pgettext_lazy("customer status", "Blacklisted")


#: Who holds a borrower's tier and is scored; prospects are graded instead.
BORROWER_STATUSES = (CustomerStatus.ACTIVE, CustomerStatus.COMPLETED)
#: No new business for these customers (BUS-07, N14).
BLOCKED_STATUSES = (CustomerStatus.BAD, CustomerStatus.BLACKLISTED)


class RiskClass(models.TextChoices):
    """风险分类: the worst class of the customer's loans."""

    NORMAL = "NORMAL", pgettext_lazy("risk class", "Normal")
    ATTENTION = "ATTENTION", pgettext_lazy("risk class", "Special mention")
    SUBSTANDARD = "SUBSTANDARD", pgettext_lazy("risk class", "Substandard")
    DOUBTFUL = "DOUBTFUL", pgettext_lazy("risk class", "Doubtful")
    LOSS = "LOSS", pgettext_lazy("risk class", "Loss")


class RelationKind(models.TextChoices):
    """上下游关系: what the company is to its principal customer."""

    SUBSIDIARY = "SUBSIDIARY", _("Subsidiary")
    BRANCH_COMPANY = "BRANCH_COMPANY", _("Branch company")
    SUPPLIER = "SUPPLIER", _("Supplier")
    BUYER = "BUYER", _("Buyer")
    GUARANTOR = "GUARANTOR", _("Guarantor")


class ContactType(models.TextChoices):
    """The main contact is the borrower; the others surround him."""

    MAIN = "MAIN", _("Main contact")
    SHAREHOLDER = "SHAREHOLDER", _("Shareholder")
    FAMILY = "FAMILY", _("Family member")
    MANAGER = "MANAGER", _("Manager or employee")


class IdType(models.TextChoices):
    ID_CARD = "ID_CARD", _("Resident ID card")
    PASSPORT = "PASSPORT", _("Passport")
    HK_MACAO = "HK_MACAO", _("Hong Kong or Macao travel permit")
    TAIWAN = "TAIWAN", _("Taiwan travel permit")
    FOREIGN_RESIDENT = "FOREIGN_RESIDENT", _("Foreign permanent resident ID")
    OTHER = "OTHER", _("Other")


class Gender(models.TextChoices):
    MALE = "M", _("Male")
    FEMALE = "F", _("Female")


class MaritalStatus(models.TextChoices):
    UNMARRIED = "UNMARRIED", _("Unmarried")
    MARRIED = "MARRIED", _("Married")
    DIVORCED = "DIVORCED", _("Divorced")
    WIDOWED = "WIDOWED", _("Widowed")


class Education(models.TextChoices):
    JUNIOR = "JUNIOR", _("Junior middle school or below")
    SENIOR = "SENIOR", _("Senior middle or vocational school")
    COLLEGE = "COLLEGE", _("Junior college")
    BACHELOR = "BACHELOR", _("Bachelor")
    MASTER = "MASTER", _("Master or above")


class Housing(models.TextChoices):
    OWNED = "OWNED", _("Owned without mortgage")
    MORTGAGED = "MORTGAGED", _("Owned with mortgage")
    RENTED = "RENTED", _("Rented")
    FAMILY_HOME = "FAMILY_HOME", _("Living with family")
    EMPLOYER = "EMPLOYER", _("Provided by the employer")
    OTHER = "OTHER", _("Other")


class FamilyRelation(models.TextChoices):
    SPOUSE = "SPOUSE", _("Spouse")
    PARENT = "PARENT", _("Parent")
    CHILD = "CHILD", _("Child")
    SIBLING = "SIBLING", _("Brother or sister")
    OTHER = "OTHER", _("Other")


class CapitalKind(models.TextChoices):
    CASH = "CASH", _("Cash")
    GOODS = "GOODS", _("Goods in kind")
    LAND = "LAND", _("Land-use right")
    INTELLECTUAL = "INTELLECTUAL", _("Intellectual property")
    EQUITY = "EQUITY", pgettext_lazy("kind of capital", "Equity")
    OTHER = "OTHER", _("Other")


class InfluenceType(models.TextChoices):
    KINSHIP = "KINSHIP", _("Kinship")
    EQUITY = "EQUITY", pgettext_lazy("influence", "Equity")
    EMPLOYMENT = "EMPLOYMENT", _("Employment")
    GUARANTEE = "GUARANTEE", pgettext_lazy("influence", "Guarantee")
    COOPERATION = "COOPERATION", _("Cooperation")
    OTHER = "OTHER", _("Other")


class InfluenceStrength(models.IntegerChoices):
    WEAK = 1, pgettext_lazy("influence", "Weak")
    MEDIUM = 2, pgettext_lazy("influence", "Medium")
    STRONG = 3, pgettext_lazy("influence", "Strong")


class ConsentPurpose(models.TextChoices):
    """What the person agreed to; PIPL asks for a specific purpose (R10)."""

    LOAN_REVIEW = "LOAN_REVIEW", _("Loan review and approval")
    CREDIT_QUERY = "CREDIT_QUERY", _("Credit bureau query")
    POST_LOAN = "POST_LOAN", _("Post-loan management and collection")
    THIRD_PARTY = "THIRD_PARTY", _("Sharing with guarantors and partner institutions")
    MARKETING = "MARKETING", _("Marketing messages")


class Stage(models.IntegerChoices):
    """阶段: the ladder of an opportunity; the system alone sets 5 to 7."""

    FIRST_CONTACT = 1, _("First contact")
    NEEDS = 2, _("Needs confirmed")
    INVESTIGATION = 3, _("Pre-loan investigation")
    PROPOSAL = 4, _("Proposal made")
    SUBMITTED = 5, _("Submitted for approval")
    SIGNED = 6, pgettext_lazy("stage", "Signed")
    DISBURSED = 7, _("Disbursed, deal closed")


#: Chance of success in percent by stage; a lost opportunity has 0.
STAGE_PROBABILITY = {
    Stage.FIRST_CONTACT: 10,
    Stage.NEEDS: 20,
    Stage.INVESTIGATION: 40,
    Stage.PROPOSAL: 60,
    Stage.SUBMITTED: 75,
    Stage.SIGNED: 90,
    Stage.DISBURSED: 100,
}
SYSTEM_STAGES = (Stage.SUBMITTED, Stage.SIGNED, Stage.DISBURSED)


class OpportunityStatus(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("opportunity", "Being followed up")
    WON = "WON", pgettext_lazy("opportunity", "Won")
    LOST = "LOST", pgettext_lazy("opportunity", "Lost")


class LossReason(DictionaryChoices):
    PRICE = "PRICE", _("Price too high")
    COMPETITOR = "COMPETITOR", _("Went to a competitor")
    NO_NEED = "NO_NEED", _("No need any more")
    NOT_QUALIFIED = "NOT_QUALIFIED", _("Does not qualify")
    REJECTED = "REJECTED", _("Application rejected")
    UNREACHABLE = "UNREACHABLE", _("Cannot be reached")
    OTHER = "OTHER", _("Other")


class StageMove(models.TextChoices):
    """Why a row of the stage history was written."""

    CREATED = "CREATED", pgettext_lazy("stage move", "Created")
    PROMOTED = "PROMOTED", pgettext_lazy("stage move", "Promoted")
    STEPPED_BACK = "STEPPED_BACK", pgettext_lazy("stage move", "Stepped back")
    SYSTEM = "SYSTEM", pgettext_lazy("stage move", "Set by the system")
    LOST = "LOST", pgettext_lazy("opportunity", "Lost")


class HintKind(models.TextChoices):
    """关联风险提示: why two customers may hang together (M3)."""

    SAME_PERSON = "SAME_PERSON", _("Same ID number")
    SAME_PHONE = "SAME_PHONE", _("Same telephone number")
    SAME_LEGAL = "SAME_LEGAL", _("Same legal representative or controller")
    SAME_ADDRESS = "SAME_ADDRESS", _("Same address")
    GUARANTEE = "GUARANTEE", _("Guarantor of another customer")
    INFLUENCE = "INFLUENCE", _("Influence across customers")


class StaffTie(models.TextChoices):
    """How an employee is related to a customer, as declared to compliance (WF-17)."""

    RELATIVE = "RELATIVE", _("Relative of a contact")
    SHARES = "SHARES", _("Holds shares or works there")
    GUARANTEE = "GUARANTEE", _("Guarantees or lends to the customer")
    OTHER = "OTHER", pgettext_lazy("staff tie", "Other interest")


class BorrowerTier(models.TextChoices):
    """客户等级 of a borrower (X2); ``NORMAL`` until a form raises it."""

    NORMAL = "NORMAL", pgettext_lazy("borrower tier", "Normal")
    SILVER = "SILVER", pgettext_lazy("borrower tier", "Silver")
    GOLD = "GOLD", pgettext_lazy("borrower tier", "Gold")
    DIAMOND = "DIAMOND", pgettext_lazy("borrower tier", "Diamond")


class GradeEvent(models.TextChoices):
    """Why a row of the grade history was written."""

    GRADED = "GRADED", _("Graded")
    EXTENDED = "EXTENDED", pgettext_lazy("grade", "Extended")
    POOLED = "POOLED", _("Fell to the public pool")
    CLAIMED = "CLAIMED", _("Claimed from the public pool")
    WON = "WON", _("Deal closed")


class CreditPart(models.TextChoices):
    """Whose share of a deal it is."""

    FIRST = "FIRST", _("First handler")
    CLOSING = "CLOSING", _("Closing handler")


class CreditColour(models.TextChoices):
    """The colour of the last supervision report."""

    GREEN = "GREEN", _("Green")
    YELLOW = "YELLOW", _("Yellow")
    RED = "RED", _("Red")
