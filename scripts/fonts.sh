#!/usr/bin/env bash
# Makes the fonts of reports (assets/fonts) again: Noto Serif SC and Noto Sans SC from npm, LXGW WenKai from Debian, all under
# the OFL 1.1, cut to the characters of GB/T 2312, the simplified characters beyond it, those of personal and place names, and
# those of this repository's own texts. Needs npm, apt-get and python3, and their registries. Run it when a text brings a new
# character; the test `every_character_of_the_repository_has_a_glyph` says so.
set -euo pipefail
cd "$(dirname "$0")/.."
noto=0.4.3
wenkai=1.250+repack-1
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet fonttools==4.68.0
# Only their lists of characters are used: rare simplified characters, and names.
"$work/venv/bin/pip" install --quiet --no-deps opencc-python-reimplemented==0.1.7 jieba==0.42.1
for family in serif sans; do
  (cd "$work" && npm pack --silent "@expo-google-fonts/noto-$family-sc@$noto" >/dev/null)
  tar xzf "$work/expo-google-fonts-noto-$family-sc-$noto.tgz" -C "$work" --one-top-level="$family"
done
(cd "$work" && apt-get download "fonts-lxgw-wenkai=$wenkai" && dpkg-deb -x fonts-lxgw-wenkai_*.deb kai)

"$work/venv/bin/python" - > "$work/text.txt" <<'PY'
import importlib.util
import pathlib

chars = set()
for high in range(0xA1, 0xF8):
    for low in range(0xA1, 0xFF):
        try:
            chars.add(bytes([high, low]).decode("gb2312"))
        except UnicodeDecodeError:
            pass
common = set(chars)


def folder(package):
    return pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0])


def ideograph(c):
    return "\u3400" <= c <= "\u9fff"


# Simplified characters, the rare ones too.
for line in (folder("opencc") / "dictionary/STCharacters.txt").read_text(encoding="utf-8").splitlines():
    chars.update(filter(ideograph, line[:1]))
for line in (folder("opencc") / "dictionary/TSCharacters.txt").read_text(encoding="utf-8").splitlines():
    chars.update(filter(ideograph, line.partition("\t")[2]))
# Characters of names; a word with two characters beyond GB/T 2312 is more often a broken text than a name.
for line in (folder("jieba") / "dict.txt").read_text(encoding="utf-8").splitlines():
    word, _, kind = line.split(" ")
    beyond = [c for c in word if ideograph(c) and c not in common]
    if kind.startswith(("nr", "ns", "nt", "nz")) and len(beyond) == 1 and len(word) > 1:
        chars.update(beyond)
for root in ("packs", "districts", "docs", "crates/api/src", "crates/indicators/src", "crates/report"):
    for path in pathlib.Path(root).rglob("*"):
        if path.suffix in {".yaml", ".json", ".csv", ".ndjson", ".rs", ".typ", ".md", ".txt"}:
            chars.update(path.read_text(encoding="utf-8"))
for first, last in [(0x20, 0x17F), (0x2010, 0x2060), (0x2150, 0x218F), (0x2190, 0x2193), (0x2460, 0x2473), (0x2474, 0x249B),
                    (0x3000, 0x3030), (0x3200, 0x3243), (0x3251, 0x325F), (0x3280, 0x32B0), (0x3300, 0x33FF), (0xFF00, 0xFFEF)]:
    chars.update(map(chr, range(first, last + 1)))
chars.update("漖滘涌埗磡嘥邨堃喆镕昇珺琀頔甯俬栢祎赟烜㙟㧑芗塱氹圳垌埔埠沥洸浛漷潖澛磜礐禤郿鄚靓鱲鹮")
chars.update("→←↑↓↗↘≈≤≥≠×÷±°²³㎡‰∕−√●○■□▲△▼▽★☆◆◇✓✗Ωμαβγδ∑∞")
print("".join(sorted(c for c in chars if (c.isprintable() or c in "\u00a0\u3000") and not "\ue000" <= c <= "\uf8ff")))
PY

cut() { # source target
  "$work/venv/bin/pyftsubset" "$1" --text-file="$work/text.txt" --output-file="$2" \
    --layout-features='kern,locl,palt,halt,tnum,lnum' --no-hinting --desubroutinize --name-IDs='*' --notdef-outline
}
mkdir -p assets/fonts
cut "$work/serif/package/400Regular/NotoSerifSC_400Regular.ttf" assets/fonts/NotoSerifSC_400Regular.ttf
cut "$work/serif/package/700Bold/NotoSerifSC_700Bold.ttf" assets/fonts/NotoSerifSC_700Bold.ttf
cut "$work/sans/package/500Medium/NotoSansSC_500Medium.ttf" assets/fonts/NotoSansSC_500Medium.ttf
cut "$work/kai/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf" assets/fonts/NacreKai-Regular.ttf
# "LXGW" and "霞鹜" are reserved font names: a version that is cut must not bear them (OFL, condition 3).
"$work/venv/bin/python" - assets/fonts/NacreKai-Regular.ttf <<'PY'
import sys

from fontTools.ttLib import TTFont

font = TTFont(sys.argv[1])
kept = {0, 5, 13, 14}
font["name"].names = [n for n in font["name"].names if n.nameID in kept and n.langID == 0x409]
for number, text in {1: "Nacre Kai", 2: "Regular", 3: "Nacre Kai 1.250", 4: "Nacre Kai", 6: "NacreKai-Regular"}.items():
    font["name"].setName(text, number, 3, 1, 0x409)
font.save(sys.argv[1])
PY
cp "$work/serif/package/LICENSE_FONT" assets/fonts/OFL-Noto.txt
sed -n '/^Files: \*/,/^Files: debian/p; /^License: OFL-1.1$/,/^License: GPL/p' \
  "$work/kai/usr/share/doc/fonts-lxgw-wenkai/copyright" | grep -v '^Files: debian\|^License: GPL' > assets/fonts/OFL-LXGWWenKai.txt
ls -l assets/fonts
