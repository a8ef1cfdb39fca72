from resources.models.handover import WorkHandover
from resources.models.items import HandoverItem, HandoverPart
from resources.models.owner import DocumentOwner

__all__ = ["DocumentOwner", "HandoverItem", "HandoverPart", "WorkHandover"]
