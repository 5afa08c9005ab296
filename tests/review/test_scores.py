"""The packet of a conversation opened with a reason shows totals where the person agreed, and says so where not."""

from __future__ import annotations

from datetime import timedelta

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Consent, User
from accounts.services import decide_consent
from therapy.assessments import services
from therapy.assessments.models import Assessment
from therapy.chat.models import ChatSession
from therapy.review.packet import packet
from therapy.safety.models import Level, RiskFlag


def send(person: User, ninth: int) -> Assessment:
    row = services.begin(person_id=person.pk, instrument="phq9", language="en")
    answers = dict.fromkeys(range(1, 9), 1) | {9: ninth}
    services.answer(person_id=person.pk, assessment_id=row.pk, values=answers)
    return services.submit(person_id=person.pk, assessment_id=row.pk)


def shown(session: ChatSession) -> str:
    found = packet(session, [], [], level=Level.MODERATE)
    return render_to_string("review/_packet.html", {"packet": found, "session": session})


def test_totals_in_the_packet_only_with_consent(alice: User) -> None:
    Assessment.objects.filter(pk=send(alice, 0).pk).update(done_at=timezone.now() - timedelta(days=20))
    send(alice, 1)
    session = RiskFlag.objects.get().session
    html = shown(session)
    assert "the person does not show them" in html
    assert ": 9</span>" not in html
    decide_consent(person_id=alice.pk, purpose=Consent.Purpose.SCORE_SHARING, granted=True)
    html = shown(session)
    assert ": 8</span> → " in html
    assert ": 9</span>" in html
    # Single answers are nobody's but the person's.
    assert "interest or pleasure" not in html
