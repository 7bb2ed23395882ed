"""Every clinical number of the treatment, once, each with its source.

LABEL is the US prescribing information of onabotulinumtoxinA (2023), ICHD-3 the International
Classification of Headache Disorders, 3rd edition (2018). Both are cited with their addresses in
`selfcheck_outcomes.py`. `tests/care/test_guard.py` refuses a second copy in other slices.
"""

from collections.abc import Mapping
from datetime import timedelta

from directory.care.answers import PainRelief

# What counts as chronic migraine.
HEADACHE_DAYS = 15  # a month; ICHD-3 1.3 and LABEL: headache on 15 or more days
MIGRAINE_DAYS = 8  # a month; ICHD-3 1.3: migraine on 8 or more of them
HEADACHE_HOURS = 4  # a day; LABEL: lasting 4 hours a day or longer
PATTERN_MONTHS = 3  # ICHD-3 1.3: for more than 3 months
MIGRAINE_ITEMS = 2  # of the 3 of ID Migraine, Neurology 61:375 (2003)

# Who it is for.
ADULT_AGE = 18  # LABEL: safety and effect are not established below it
OLDER_AGE = 65  # LABEL 8.5: geriatric use is counted from here

# Regular use of acute medication. ICHD-3 8.2.1 to 8.2.6: days a month for more than 3 months.
# None is known for gepants.
RELIEF_DAYS: Mapping[PainRelief, int] = {
    PainRelief.TRIPTAN: 10,
    PainRelief.ERGOT: 10,
    PainRelief.OPIOID: 10,
    PainRelief.COMBINATION: 10,
    PainRelief.SIMPLE: 15,
}

# The treatment. LABEL, dosage for chronic migraine.
UNITS = 155
INJECTIONS = 31

# From one treatment to the next.
TREATMENT_WEEKS = 12  # LABEL, dosage for chronic migraine: every 12 weeks
TREATMENT_INTERVAL = timedelta(weeks=TREATMENT_WEEKS)
TOXIN_ELSEWHERE_MONTHS = 4  # LABEL, medication guide: any toxin product in the last 4 months
# Ours, counted from the treatment: two weeks to find an appointment, four more to be late.
REPEAT_NOTICE_AFTER = timedelta(weeks=10)
KEPT_FOR_REPEAT = timedelta(weeks=16)  # with consent

# What is asked for, and the bounds of the answers.
DAYS_ASKED = 30  # headache and migraine days: "of the last 30 days"
DAYS_OF_MONTH = 31  # days of pain relief: "a month", whichever it is
MIDAS_RANGE = (0, 450)  # Neurology 56:S20 (2001): five questions of at most 90 days each
HIT6_RANGE = (36, 78)  # Qual Life Res 12:963 (2003): six questions of 6 to 13 points each


def frequent_relief(days: Mapping[PainRelief, int]) -> list[PainRelief]:
    """Return the kinds of pain relief taken on so many days a month that it is regular use."""
    return [kind for kind, limit in RELIEF_DAYS.items() if days.get(kind, 0) >= limit]
