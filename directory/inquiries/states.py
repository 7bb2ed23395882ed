"""The states of an inquiry and the one table of steps between them."""

import enum

from directory.core.errors import RefusedError


class InquiryState(enum.StrEnum):
    """Where an inquiry to one clinic stands."""

    SENT = "sent"  # stored, its email waits in the outbox
    HANDED_OFF = "handed-off"  # the mail server took the email; bounces may still come
    OPENED = "opened"  # the clinic has read it
    UNDELIVERABLE = "undeliverable"  # the mail server refused the clinic's address


_STEPS: dict[InquiryState, frozenset[InquiryState]] = {
    InquiryState.SENT: frozenset(
        {InquiryState.HANDED_OFF, InquiryState.OPENED, InquiryState.UNDELIVERABLE}
    ),
    InquiryState.HANDED_OFF: frozenset({InquiryState.OPENED, InquiryState.UNDELIVERABLE}),
    InquiryState.OPENED: frozenset(),
    # An operator may correct the address and send again.
    InquiryState.UNDELIVERABLE: frozenset({InquiryState.HANDED_OFF, InquiryState.OPENED}),
}


class StepNotAllowedError(RefusedError):
    """The inquiry cannot go from its state to the one asked for."""

    def __init__(self, present: InquiryState, wanted: InquiryState) -> None:
        super().__init__(f"An inquiry that is {present.value} cannot become {wanted.value}.")
        self.present = present
        self.wanted = wanted


def can_become(present: InquiryState, wanted: InquiryState) -> bool:
    """Tell whether the table allows the step."""
    return wanted in _STEPS[present]


def check_step(present: InquiryState, wanted: InquiryState) -> None:
    """Raise `StepNotAllowedError` unless the table allows the step."""
    if not can_become(present, wanted):
        raise StepNotAllowedError(present, wanted)
