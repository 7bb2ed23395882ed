"""Public license lookups of states that cover all health professions."""

# Only lookups for physicians, nurses and assistants together: a license here does not name the
# board that issued it.
BOARD_URLS = {
    "CA": "https://search.dca.ca.gov/",
    "CO": "https://apps.colorado.gov/dora/licensing/Lookup/LicenseLookup.aspx",
    "FL": "https://mqa-internet.doh.state.fl.us/MQASearchServices/HealthCareProviders",
    "NY": "https://www.op.nysed.gov/verification-search",
    "OH": "https://elicense.ohio.gov/oh_verifylicense",
    "PA": "https://www.pals.pa.gov/",
    "WA": "https://fortress.wa.gov/doh/providercredentialsearch/",
}
