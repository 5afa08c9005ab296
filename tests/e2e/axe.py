"""axe-core in a page under test: what it finds of the kinds serious and critical."""

from __future__ import annotations

import gzip
from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parent / "vendor" / "axe-4.14.1.min.js.gz"
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`);
}"""


def serious_issues(page: Page) -> list[str]:
    """Rules that are broken on the page as it stands, with a few of the elements. The page's CSP stays as it is."""
    page.evaluate(gzip.decompress(SOURCE.read_bytes()).decode())
    found: list[str] = page.evaluate(RUN)
    return found
