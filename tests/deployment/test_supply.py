"""What others make is taken as it was when we looked at it."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Supply(unittest.TestCase):
    def test_every_action_is_pinned_by_its_commit(self):
        for workflow in (ROOT / ".github/workflows").glob("*.yml"):
            for action in re.findall(r"uses: (.*)", workflow.read_text()):
                self.assertRegex(action, r"^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", workflow.name)

    def test_every_python_package_is_pinned_by_its_hashes(self):
        files = [*ROOT.glob(".ci/*.txt"), *ROOT.glob("local/*.txt"), *ROOT.glob("tests/*/requirements.txt"), *ROOT.glob("benches/**/requirements.txt")]
        self.assertGreaterEqual(len(files), 6)
        for file in files:
            lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
            packages = [index for index, line in enumerate(lines) if not line.startswith(" ")]
            self.assertTrue(packages, file)
            for index in packages:
                self.assertRegex(lines[index], r"^[\w.\[\]-]+==\S+( ; .*)? \\$", file)
                self.assertRegex(lines[index + 1], r"^    --hash=sha256:[0-9a-f]{64}", file)


if __name__ == "__main__":
    unittest.main()
