"""Where KERBGATE_NO_SKIPS is set (CI), a test that skips has failed: there everything is installed, so nothing may go unproved.

`--hypothesis-profile=long` lets each property that names no number of examples of its own be tried three thousand times.
"""

import asyncio
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# How long an example takes says nothing where other programs run beside the tests.
hypothesis_settings.register_profile("short", deadline=None)
hypothesis_settings.load_profile("short")
hypothesis_settings.register_profile("long", max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pytest_sessionstart() -> None:
    # Else pytest-asyncio makes an event loop that nobody closes, whose ResourceWarning fails some later test, whichever it is.
    asyncio.set_event_loop(None)


def _fail_instead(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("KERBGATE_NO_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{why}\nKERBGATE_NO_SKIPS is set: here a skip is a failure."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_instead(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_instead(report)
    return report
