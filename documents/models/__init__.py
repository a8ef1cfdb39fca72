from documents.models.attachment import Attachment
from documents.models.audit import AuditExport
from documents.models.document import Document
from documents.models.files import DownloadLog, StoredFile
from documents.models.numbering import NumberCounter
from documents.models.printing import PrintRecord
from documents.models.supplement import Supplement, SupplementRead
from documents.models.voiding import VoidRequest

__all__ = [
    "Attachment",
    "AuditExport",
    "Document",
    "DownloadLog",
    "NumberCounter",
    "PrintRecord",
    "StoredFile",
    "Supplement",
    "SupplementRead",
    "VoidRequest",
]
