from riskcommittee.models.session import CommitteeSession, Seat

__all__ = ["CommitteeSession", "Seat"]
