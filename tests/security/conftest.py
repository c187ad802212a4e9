"""Fixtures of the security tests."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.security.world import World, build_world


@pytest.fixture(scope="module")
def world(module_app: Flask) -> World:
    """One market for all tests of a file; see World."""
    return build_world(module_app)
