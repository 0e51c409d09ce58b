"""The errors of the old program, one name each, so that each can be planted alone (formats 4.4).

A quirk comes up where the month gives it occasion; :class:`tests.generate.recipe.Recipe` says how
often that is, the set of quirks whether the old program then goes wrong.
"""

from __future__ import annotations

MASKED_CARD = "masked_card"
"""A masked card adds nothing: the pattern asks for 16 digits."""
GROSS_NOT_NET = "gross_not_net"
"""The first amount after the card number is taken, which is before discounts."""
LAST_CARD = "last_card"
"""The total of a card overwrites that of the card before."""
NEGATIVE_TOTAL = "negative_total"
"""A total below zero is not recognised."""
NO_TOTAL_LINE = "no_total_line"
"""A card whose total is not printed adds nothing."""
PRINTED_TOTAL = "printed_total"
"""The printed total is believed where the rows add up to another."""
ODD_ID = "odd_id"
"""Pages of an employee id outside of 4 to 6 digits are not seen; totals go to the one before."""
MERGED_NAMES = "merged_names"
"""Two employees with one name key are one: the form of the file, in no set to choose from."""
HARD_NAME = "hard_name"
"""A receipt name outside of letters, blanks and dots ends the reading."""
NO_CODING_TYPE = "no_coding_type"
"""A page without coding type stops everything: there are no receipts at all."""
ADDRESS_AS_AMOUNT = "address_as_amount"
"""Of an office address on two lines the second line is read as the amount."""
AMOUNT_NOT_FOUND = "amount_not_found"
"""An amount that cannot be read is the number 0."""
TWO_ATTACHMENTS = "two_attachments"
"""Two attachments are none."""
DUPLICATE_PAGE = "duplicate_page"
"""Two pages of one id leave one entry by id: likewise of the form."""
LABEL_AS_PURPOSE = "label_as_purpose"
"""Where the purpose is empty the label is stored."""
EMPTY_TITLE = "empty_title"
"""Where the title is empty the expense type is stored."""
CUT_ADDRESS = "cut_address"
"""Only the first line of the merchant's address is kept."""
PART_CODE = "part_code"
"""A code that is not whole is dropped."""
NEVER_MISMATCH = "never_mismatch"
"""That totals differ is never flagged."""
OTHER_RULES = "other_rules"
"""Finished is asked by the four flags alone, of no other rule: likewise of the form."""
FLOAT_SUM = "float_sum"
"""Receipts are added up as floats."""

QUIRKS = frozenset(
    {
        MASKED_CARD,
        GROSS_NOT_NET,
        LAST_CARD,
        NEGATIVE_TOTAL,
        NO_TOTAL_LINE,
        PRINTED_TOTAL,
        ODD_ID,
        HARD_NAME,
        NO_CODING_TYPE,
        ADDRESS_AS_AMOUNT,
        AMOUNT_NOT_FOUND,
        TWO_ATTACHMENTS,
        LABEL_AS_PURPOSE,
        EMPTY_TITLE,
        CUT_ADDRESS,
        PART_CODE,
        NEVER_MISMATCH,
        FLOAT_SUM,
    }
)
"""All that the old program has and could be without."""

OF_THE_FORM = frozenset({MERGED_NAMES, DUPLICATE_PAGE, OTHER_RULES})
"""What no file in the form of the old program could do otherwise."""

CSV_PAY_TYPE = "csv_pay_type"
"""The accounting import always says paid as by job."""
CSV_FIRST_CARD = "csv_first_card"
"""The accounting import names the first of several cards, and without card the word None."""
