"""People and organizations with an NPI, and the facts public files state of them."""
