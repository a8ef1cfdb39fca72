"""Read-only questions about customers; these names are what other apps use."""

from customers.selectors.submission import (
    exposure_customers,
    main_contact,
    submission_gaps,
    submission_refusals,
)

__all__ = [
    "exposure_customers",
    "main_contact",
    "submission_gaps",
    "submission_refusals",
]
