"""What a request says of its way is believed behind a proxy alone (rules 12.3)."""

import httpx
import pytest

from tests.concurrency.servers import running

CLAIMS = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl"}


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_only_a_proxy_says_that_tls_was_used(enrol, token_of, tmp_path, behind_proxy):
    enrolment = enrol()
    enrol(lead_provider=enrolment.lead_provider)
    bearer = {"Authorization": f"Bearer {token_of(enrolment.lead_provider)}"}
    settings = {"BEHIND_PROXY": str(behind_proxy).lower()}
    with running(tmp_path, processes=1, **settings) as server:
        answer = httpx.get(
            f"{server.url}/api/v1/participants/npq?page[per_page]=1",
            headers=bearer | CLAIMS,
            timeout=60,
        )
    scheme = "https" if behind_proxy else "http"
    assert answer.headers["Link"].startswith(f"<{scheme}://")
