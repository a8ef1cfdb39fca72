from privacy.models.export_request import ExportRequest
from privacy.models.retention import Anonymisation, ErasedFile, LegalHold
from privacy.models.setting import PrivacySetting

__all__ = ["Anonymisation", "ErasedFile", "ExportRequest", "LegalHold", "PrivacySetting"]
