"""Prints the syntax errors of PowerShell scripts; fails if there is one, or if it would not detect one."""

import pathlib
import sys

import tree_sitter
import tree_sitter_powershell

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def problems(text):
    def below(node):
        if node.type == "ERROR" or node.is_missing:
            yield node.start_point.row + 1
        for child in node.children:
            yield from below(child)

    return list(below(PARSER.parse(text).root_node))


found = [(name, line) for name in sys.argv[1:] for line in problems(pathlib.Path(name).read_bytes())]
for name, line in found:
    print(f"{name}:{line}: not PowerShell")
if found or len(sys.argv) < 2 or not problems(b"if ($a { Get-Item }"):
    sys.exit(1)
print(f"{len(sys.argv) - 1} scripts parsed")
