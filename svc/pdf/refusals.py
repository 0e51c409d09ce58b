"""Why a document is refused as a whole: one exception class, a slug and a sentence for a person."""

from typing import Final

EMPTY_FILE: Final = "empty_file"
NOT_A_PDF: Final = "not_a_pdf"
DAMAGED_PDF: Final = "damaged_pdf"
ENCRYPTED_PDF: Final = "encrypted_pdf"
NO_TEXT: Final = "no_text"
WRONG_REPORT: Final = "wrong_report"
TOO_LARGE: Final = "too_large"
TOO_MANY_PAGES: Final = "too_many_pages"
GAVE_UP: Final = "gave_up"

CODES: Final = frozenset(
    {
        EMPTY_FILE,
        NOT_A_PDF,
        DAMAGED_PDF,
        ENCRYPTED_PDF,
        NO_TEXT,
        WRONG_REPORT,
        TOO_LARGE,
        TOO_MANY_PAGES,
        GAVE_UP,
    }
)


class PdfRefusedError(Exception):
    """The document cannot be used; `code` is one of `CODES`, `message` says why in plain words.

    `may_pass`: it was the machine and not the file (a reader killed from outside, no time), so
    another try may go better. The code is then `GAVE_UP`.
    """

    def __init__(self, code: str, message: str, *, may_pass: bool = False) -> None:
        """Remember all; raise ValueError for a code that is not in `CODES`."""
        if code not in CODES:
            raise ValueError(f"unknown refusal code {code!r}")
        super().__init__(message)
        self.code = code
        self.message = message
        self.may_pass = may_pass
