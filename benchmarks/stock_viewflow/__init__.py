"""The benchmark's three approvals as a viewflow user would write them."""
