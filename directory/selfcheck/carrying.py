"""The answers as fields of a form, to be taken along into an inquiry."""

from directory.care.selfcheck_answers import SelfCheckAnswers

Fields = list[tuple[str, str]]


def carried(answers: SelfCheckAnswers) -> Fields:
    """Return names and values as the inquiry asks for them. They go into a POST, never a URL."""
    fields = [
        ("age_band", answers.age_band.value if answers.age_band else ""),
        *_days("headache_days", answers.headache_days),
        *_days("migraine_days", answers.migraine_days),
        ("length", answers.length.value),
        ("over_three_months", answers.over_three_months.value),
        *((f"relief_{kind.value}", str(days)) for kind, days in answers.relief.items()),
        *(("preventives", kind.value) for kind in sorted(answers.preventives)),
        *(("safety", point.value) for point in sorted(answers.safety)),
    ]
    return [(name, value) for name, value in fields if value]


def _days(name: str, days: int | None) -> Fields:
    return [(f"{name}_unsure", "y")] if days is None else [(name, str(days))]
