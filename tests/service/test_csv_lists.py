"""Users and addresses out and in as CSV: what goes out comes in again, each row with its answer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.service.conftest import Api

HEAD = "user_name,email,role,cardholder_id,is_active,version\r\n"


def take(api: Api, path: str, text: str | bytes, user: str = "ada", **form: str) -> TestResponse:
    """Hand a file in."""
    content = text.encode() if isinstance(text, str) else text
    return api.call("POST", path, user, data={"file": (io.BytesIO(content), "l.csv"), **form})


def outcomes(answer: TestResponse) -> list[tuple[Any, ...]]:
    """Return what became of each row."""
    assert answer.status_code == 200, answer.text
    return [(row["name"], row["outcome"], row["code"]) for row in answer.get_json()["rows"]]


def test_users_go_out_and_come_in(api: Api) -> None:
    """Unchanged, changed, new, made inactive, refused; a dry run first; administrators only."""
    sent = api.get("/users.csv", "ada")
    assert sent.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sent.text == HEAD + (
        "ada,,admin,,true,1\r\npat,,processor,,true,1\r\n"
        "rae,,reviewer,,true,1\r\nron,,read_only,,true,1\r\n"
    )
    assert {row[1] for row in outcomes(take(api, "/users.csv", sent.text))} == {"unchanged"}
    edited = sent.text.replace("ron,,read_only,,true", "ron,ron@example.org,read_only,,FALSE")
    edited += "=cmd,,reviewer,,,\r\nnew,,king,,,\r\nold,,reviewer,,maybe,\r\n\r\n"
    expected = [
        *(("ada", "unchanged", None), ("pat", "unchanged", None), ("rae", "unchanged", None)),
        *(("ron", "changed", None), ("=cmd", "made", None)),
        *(("new", "refused", "invalid_argument"), ("old", "refused", "invalid_argument")),
    ]
    assert outcomes(take(api, "/users.csv", edited, dry_run="true")) == expected
    assert api.get("/users.csv", "ada").text == sent.text
    assert outcomes(take(api, "/users.csv", edited)) == expected
    again = api.get("/users.csv", "ada").text
    assert "ron,ron@example.org,read_only,,false,2\r\n" in again
    # No program of tables runs it, and it comes in as it was.
    assert "'=cmd,,reviewer,,true,1\r\n" in again
    assert {row[1] for row in outcomes(take(api, "/users.csv", again))} == {"unchanged"}
    assert take(api, "/users.csv", sent.text, "pat").status_code == 403
    assert api.get("/users.csv", "pat").status_code == 403


def test_addresses_go_out_and_come_in(api: Api) -> None:
    """People are named as the company knows them; an empty cell takes an address away."""
    api.upload(b'{"JOANROW": {"name": "JOANROW", "employee_id": "1002", "car_total": 7.5}}')
    text = "\ufeffEmployee_ID,email\n1002,joan@example.org\n7,x@example.org\n"
    assert outcomes(take(api, "/addresses.csv", text, "pat")) == [
        ("1002", "made", None),
        ("7", "refused", "no_such_cardholder"),
    ]
    sent = api.get("/addresses.csv")
    assert sent.text.endswith(",1002,JOANROW,joan@example.org,false,1\r\n")
    quiet = sent.text.replace("joan@example.org,false", ",true")
    assert outcomes(take(api, "/addresses.csv", quiet, "pat")) == [("JOANROW", "changed", None)]
    assert api.get("/addresses.csv").text.endswith(",1002,JOANROW,,true,2\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "user_name,user_name\na,b\n",
        "user_name,rank\na,b\n",
        "user_name\na,b\n",
        'user_name\n"a\n',
        b"user_name\n\xff\n",
        "user_name\n",
    ],
    ids=repr,
)
def test_what_is_no_such_list_is_refused_whole(api: Api, text: str | bytes) -> None:
    """Named by its field, never a defect."""
    answer = take(api, "/users.csv", text)
    assert (answer.status_code, answer.get_json()["field"]) in {(400, "file"), (400, "users")}
