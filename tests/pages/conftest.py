"""Fixtures of the pages: people with cookies instead of tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from svc.pages import session
from svc.routes import EXTENSION
from tests.service.conftest import DATA, address, api, month, quiet, quiet_settings, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.service.conftest import Api

__all__ = ["DATA", "address", "api", "month", "quiet", "quiet_settings", "settings"]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class Browser:
    """Somebody who is signed in: forms are sent with what they carry."""

    def __init__(self, app: Flask, name: str) -> None:
        """Sign in by a link."""
        self.client = app.test_client()
        key = session.make_link(app.extensions[EXTENSION].settings, name)
        page = self.get(f"/sign-in?key={key}")
        self.entered = self.send("/sign-in", page, key=key)

    def get(self, path: str, **options: Any) -> TestResponse:  # noqa: ANN401
        """Look at a page."""
        return self.client.get(path, **options)

    def send(self, path: str, page: TestResponse, **said: Any) -> TestResponse:  # noqa: ANN401
        """Send a form of a page to a path of ours."""
        return self.client.post(path, data={**hidden(page), **said})


def hidden(page: TestResponse) -> dict[str, str]:
    """Return what the forms of a page carry; of several the last."""
    ours = {"form_token", "request_id", "expected_version"}
    return {name: value for name, value in HIDDEN.findall(page.text) if name in ours}


@pytest.fixture
def browser(api: Api) -> Callable[[str], Browser]:
    """Return a function that signs somebody in, on this test's own database."""
    return lambda name: Browser(api.app, name)


@pytest.fixture(scope="module")
def reader(month: Api) -> Callable[[str], Browser]:
    """Return a function that signs somebody in where the medium month is."""
    return lambda name: Browser(month.app, name)
