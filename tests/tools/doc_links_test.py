# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Links in the documentation lead to files that are there."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


class DocLinks(unittest.TestCase):
    def test_pages_are_found(self):
        self.assertIn(ROOT / "README.md", PAGES)

    def test_links_lead_somewhere(self):
        for page in PAGES:
            for target in LINK.findall(page.read_text()):
                if not re.match(r"\w+:", target):
                    with self.subTest(page=page.name, link=target):
                        self.assertTrue((page.parent / target).exists())


if __name__ == "__main__":
    unittest.main()
