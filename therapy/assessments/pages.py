"""What the pages of questionnaires share: whose they are, in which language, and the help that stands in sight."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest
from django.utils.translation import get_language

from accounts.models import User
from accounts.selectors import profile_of
from therapy.assessments.instruments import Instrument
from therapy.oncall.selectors import availability
from therapy.safety import help_page, hotlines


def client_of(request: HttpRequest) -> User:
    """The signed-in client; to staff these pages do not exist."""
    user = request.user
    if not isinstance(user, User) or not user.is_client:
        raise Http404
    return user


def language() -> str:
    """The page's language, as our data names it."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def help_lines(request: HttpRequest, person: User) -> dict[str, object]:
    """Emergency numbers and lines to talk to, for the country of the person or of the browser."""
    spoken = language()
    accepts = request.headers.get("Accept-Language", "")
    country = hotlines.country_for(profile_of(person.pk).country, accepts, spoken)
    return {
        "emergency": help_page.emergency_lines(country, spoken),
        "guidance": hotlines.emergency_guidance(spoken),
        "groups": help_page.groups(country, spoken),
    }


def who_is_there() -> dict[str, object]:
    """Whether a counsellor is on duty now, said honestly."""
    return {"availability": availability(language=language())}


def next_open(instrument: Instrument, answers: Mapping[int, int]) -> int:
    """The first question without an answer; the last one where all have one."""
    return next((item for item in range(1, instrument.screens + 1) if item not in answers), instrument.screens)
