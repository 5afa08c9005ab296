"""The interface for devices answers as its description says, whatever is thrown at it (schemathesis)."""

import json
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from therapy.signals import api

SCHEMA = schemathesis.openapi.from_dict(json.loads(api._description()))
SCHEMA.app = WSGIHandler()
SEND = SCHEMA["/api/v1/observations"]["POST"]
QUIET = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _in_this_transaction(db: None, settings) -> Iterator[None]:
    """A request of the real handler must not close the connection that the test holds."""
    settings.ALLOWED_HOSTS = ["*"]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@QUIET
@given(case=SEND.as_strategy(generation_mode=GenerationMode.POSITIVE))
def test_a_device_gets_what_is_described(token, case):
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"})


@QUIET
@given(case=SEND.as_strategy(generation_mode=GenerationMode.NEGATIVE))
def test_nonsense_gets_an_answer_that_is_described(token, case):
    # A batch with rows that cannot be read is answered with 200 and a refusal of each, on purpose.
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=[negative_data_rejection])


@settings(QUIET, max_examples=5)
@given(case=SEND.as_strategy(generation_mode=GenerationMode.POSITIVE))
def test_a_stranger_gets_401(case):
    assert case.call(headers={"Authorization": "Bearer att_nobody"}).status_code == 401
