"""The figures of ``bench nat``: their stable names, what they mean, their goals."""

from __future__ import annotations

from thinkwell.cli.bench.report import Row

MOST_TIMES = 2.0
MOST_OF_A_CROWD = 1.25


def rows(visitors: int) -> dict[str, Row]:
    def wait(who: str, part: str) -> Row:
        return Row(title=f"{who}: wait, {part}", unit="s", digits=1)

    found: dict[str, Row] = {}
    for name, who in (
        ("apart", "on addresses of their own"),
        ("together", "behind one address"),
        ("unproven", "behind one address, no work done"),
    ):
        above = None if name == "unproven" else float(visitors)
        found |= {
            f"nat_served_{name}": Row(title=f"{who}: served", unit="", digits=0, above=above),
            f"nat_wait_p50_{name}_s": wait(who, "half of them"),
            f"nat_wait_p95_{name}_s": wait(who, "95 of 100"),
        }
        if name != "unproven":
            found |= {
                f"nat_worked_{name}": Row(title=f"{who}: asked for work", unit="", digits=0),
                f"nat_work_p95_{name}_s": wait(f"{who}, of it work on an old phone", "95 of 100"),
            }
    return found | {
        "nat_wait_p95_ratio": Row(
            title="95 of 100, behind one address against their own", unit="x", digits=2, below=MOST_TIMES
        ),
        "nat_wait_p95_ratio_unproven": Row(title="the same, where no work is done", unit="x", digits=2),
        "nat_others_p95_apart_s": wait("all others", "95 of 100"),
        "nat_others_p95_together_s": wait("all others beside one address", "95 of 100"),
        "nat_others_p95_crowd_s": wait("all others beside a crowd", "95 of 100"),
        "nat_crowd_answers": Row(
            title="one person with a cookie for each question, no work: answers begun", unit="", digits=0
        ),
        "nat_crowd_answers_honest": Row(
            title="one person with one cookie, as many questions", unit="", digits=0
        ),
        "nat_crowd_ratio": Row(
            title="the crowd against the one",
            unit="x",
            digits=2,
            below=MOST_OF_A_CROWD,
            missing="nobody waited",
        ),
        "nat_load": Row(title="asked for over what the machine can do, while they ask", unit="x", digits=2),
    }
