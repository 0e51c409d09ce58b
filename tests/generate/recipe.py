"""How often each peculiarity of real months comes up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Shares between 0 and 1 of people, cards, charges and receipts, and counts of groups.

    The defaults make a month like any other, which the old program can read to its end. What
    stopped or misled it beyond that is in :meth:`difficult`.
    """

    # people
    no_receipts: float = 0.05
    receipts_only: float = 0.03
    aliased: float = 0.07
    both_names: float = 0.02
    several_cards: float = 0.07
    careless: float = 0.35
    namesake_groups: int = 0
    hard_names: float = 0.0
    plain_names: float = 0.0
    odd_ids: float = 0.0
    # cards
    masked: float = 0.4
    no_total_line: float = 0.1
    credits_only: float = 0.01
    misprinted_total: float = 0.0
    empty_cards: float = 0.0
    # charges
    no_receipt: float = 0.01
    refund: float = 0.04
    fuel_discount: float = 0.15
    several_lines: float = 0.03
    no_product: float = 0.08
    twins: float = 0.005
    large: float = 0.01
    foreign_letters: float = 0.02
    # receipts
    no_charge: float = 0.003
    duplicate: float = 0.005
    other_duplicate: float = 0.0
    uncoded: float = 0.35
    partly_coded: float = 0.02
    no_coding_type: float = 0.0
    no_attachment: float = 0.2
    two_attachments: float = 0.04
    no_title: float = 0.04
    no_purpose: float = 0.33
    two_line_address: float = 0.02
    zero_amount: float = 0.001
    unreadable_amount: float = 0.0
    # order of the pages
    late_hard_names: bool = False

    @classmethod
    def difficult(cls) -> Recipe:
        """Return a month that has everything at once, also what stops the old program."""
        return cls(
            both_names=0.05,
            several_cards=0.15,
            namesake_groups=1,
            hard_names=0.1,
            odd_ids=0.08,
            no_total_line=0.3,
            credits_only=0.04,
            misprinted_total=0.03,
            twins=0.02,
            foreign_letters=0.08,
            no_charge=0.01,
            duplicate=0.02,
            partly_coded=0.1,
            no_coding_type=0.02,
            two_line_address=0.08,
            zero_amount=0.01,
            unreadable_amount=0.02,
        )

    @classmethod
    def deviating(cls, *, stops: str = "", namesakes: bool = False) -> Recipe:
        """Return a month in which even few people give the old program every occasion to err.

        ``stops`` is which quirk loses pages, at most one: ``hard_name`` (in the second half of
        the pages) or ``no_coding_type``.
        """
        return cls(
            no_receipts=0.1,
            receipts_only=0.1,
            aliased=0.15,
            both_names=0.2,
            several_cards=0.4,
            namesake_groups=int(namesakes),
            hard_names=0.2 if stops == "hard_name" else 0.0,
            plain_names=0.5,
            odd_ids=0.2,
            masked=0.3,
            no_total_line=0.2,
            credits_only=0.15,
            misprinted_total=0.1,
            empty_cards=0.6,
            fuel_discount=0.7,
            duplicate=0.08,
            other_duplicate=0.5,
            partly_coded=0.4,
            no_coding_type=0.05 if stops == "no_coding_type" else 0.0,
            two_attachments=0.15,
            no_title=0.15,
            two_line_address=0.15,
            unreadable_amount=0.03,
            late_hard_names=True,
        )
