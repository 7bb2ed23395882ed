"""What happens elsewhere when a clinic changes."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from directory.core.hooks import Hook

# Called with the NPIs whose search rows may be out of date.
clinic_changed: Hook[[Session, Sequence[str]]] = Hook("clinic changed")
