"""The judge of the drills finds what is wrong, and asks for nothing that was not promised."""

from dataclasses import replace

from tests.drills.judge import Evidence, Sent, judged

RIGHT = Evidence(
    acknowledged=("one", "two"),
    submissions=("one", "two", "three"),
    inquiries=(
        Sent("i1", "one", True, ("<m1>",)),
        Sent("i2", "two", True, ("<m2>",)),
        Sent("i3", "three", True, ("<m3>",)),
    ),
    posted=("<m1>", "<m2>", "<m3>"),
    unfinished=(),
    mail=("<m1>", "<m2>", "<m3>"),
)


def test_an_inquiry_sent_without_acknowledgement_is_no_fault():
    assert judged(RIGHT).complaints(may_repeat=0) == []
    assert judged(replace(RIGHT, acknowledged=())).complaints(may_repeat=0) == []


def test_an_acknowledged_inquiry_that_is_gone_is_lost():
    assert judged(replace(RIGHT, inquiries=RIGHT.inquiries[1:])).lost == {"one"}
    assert judged(replace(RIGHT, submissions=("two", "three"))).lost == {"one"}


def test_an_unreadable_inquiry_is_lost():
    unreadable = replace(RIGHT.inquiries[0], is_readable=False)
    assert judged(replace(RIGHT, inquiries=(unreadable, *RIGHT.inquiries[1:]))).lost == {"one"}


def test_a_draft_sent_twice_is_doubled():
    again = Sent("i4", "one", True, ("<m3>",))
    assert judged(replace(RIGHT, inquiries=(*RIGHT.inquiries, again))).doubled == {"one"}
    assert judged(replace(RIGHT, submissions=(*RIGHT.submissions, "two"))).doubled == {"two"}


def test_an_email_settled_before_it_was_sent_is_found():
    assert judged(replace(RIGHT, mail=("<m1>", "<m3>"))).unsent == {"<m2>"}


def test_an_email_about_nothing_is_found():
    assert judged(replace(RIGHT, mail=(*RIGHT.mail, "<m9>"))).unknown == {"<m9>"}


def test_two_emails_about_one_inquiry_are_found():
    letters = replace(RIGHT.inquiries[0], message_ids=("<m1>", "<m3>"))
    found = judged(replace(RIGHT, inquiries=(letters, *RIGHT.inquiries[1:])))
    assert found.unannounced == {"i1"}


def test_emails_are_duplicated_at_most_once_per_kill():
    found = judged(replace(RIGHT, mail=(*RIGHT.mail, "<m1>", "<m1>")))
    assert found.complaints(may_repeat=2) == []
    assert found.complaints(may_repeat=1) == ["extra: 2, with 1 reasons"]
