import pytest


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_the_description_and_its_page_answer_without_a_token(client, accept):
    schema = client.get("/api/schema/", headers={"accept": accept})
    assert (schema.status_code, b"openapi: 3.1" in schema.content) == (200, True)
    page = client.get("/api/docs/", headers={"accept": accept})
    assert (page.status_code, b"swagger-ui" in page.content) == (200, True)
    assert b"http" not in page.content.replace(b"http-equiv", b"")
    assert b"<style" not in page.content, "the Content-Security-Policy forbids it"
