"""The consents, asked for with all answers in sight."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired

from directory.care.questions import CONSENT_EMERGENCY, CONSENT_REPEAT, CONSENT_SHARE
from directory.core.forms import ProtectedForm


class ReviewForm(ProtectedForm):
    """Two ticks that are needed, and one that is not."""

    consent_share = BooleanField(
        CONSENT_SHARE, [InputRequired(_l("Tick this if the clinics may read your answers."))]
    )
    consent_emergency = BooleanField(CONSENT_EMERGENCY, [InputRequired(_l("Tick this to go on."))])
    may_repeat = BooleanField(CONSENT_REPEAT)
