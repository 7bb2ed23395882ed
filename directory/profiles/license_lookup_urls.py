"""Where states let anybody look up a license, whatever the health profession."""

# Only look-ups that answer for physicians, nurses and assistants alike: a license here does not
# say which board gave it.
BOARD_URLS = {
    "CA": "https://search.dca.ca.gov/",
    "CO": "https://apps.colorado.gov/dora/licensing/Lookup/LicenseLookup.aspx",
    "FL": "https://mqa-internet.doh.state.fl.us/MQASearchServices/HealthCareProviders",
    "NY": "https://www.op.nysed.gov/verification-search",
    "OH": "https://elicense.ohio.gov/oh_verifylicense",
    "PA": "https://www.pals.pa.gov/",
    "WA": "https://fortress.wa.gov/doh/providercredentialsearch/",
}
