"""A command whose help lists its options under headings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from typer.core import TyperCommand

__all__ = ["Grouped"]


class Grouped(TyperCommand):
    """Lists the options of one heading together."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then each heading with its options."""
        sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        for one in [*arguments, *self.get_params(ctx)]:
            record = one.get_help_record(ctx)
            if record is None or (one in arguments and record in sections["Arguments"]):
                continue
            heading = "Arguments" if one in arguments else getattr(one, "rich_help_panel", None) or "Options"
            sections[heading].append(record)
        for heading in (
            "Arguments", "Mask", "Edge", "Picture", "Effects", "Frames", "Output", "Many", "Service",
            "Options",
        ):  # fmt: skip
            if sections[heading]:
                with formatter.section(heading):
                    formatter.write_dl(sections[heading])
