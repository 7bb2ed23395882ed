"""Where higher slices take part in loading."""

from sqlalchemy.orm import Session

from directory.core.hooks import Hook

# Called within the transaction of the first load of real rows, while the demo is still there.
first_real_load: Hook[[Session]] = Hook("first_real_load")
