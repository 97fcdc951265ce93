"""Subsets the caption fonts: python subset_fonts.py NOTO OUT

NOTO: a folder with Debian's fonts-noto-core (20201225-1) and fonts-noto-cjk (1:20220127+repack1-1) unpacked. Needs fonttools.
"""
import os
import subprocess
import sys

noto, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)


def rows(codec, firsts, seconds):
    """The characters of a two-byte code."""
    found = set()
    for a in firsts:
        for b in seconds:
            try:
                found.update(bytes([a, b]).decode(codec))
            except UnicodeDecodeError:
                pass
    return found


def span(*ranges):
    return {chr(c) for first, last in ranges for c in range(first, last + 1)}


HIGH = range(0xA1, 0xFF)
# The common characters of simplified Chinese, Japanese, traditional Chinese and Korean: level 1 of each standard.
EAST = (rows("gb2312", range(0xB0, 0xD8), HIGH) | rows("euc_jp", range(0xB0, 0xD0), HIGH)
        | rows("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *HIGH]) | rows("euc_kr", range(0xB0, 0xC9), HIGH)
        | span((0x3000, 0x303F), (0x3041, 0x3096), (0x3099, 0x30FF), (0xFF01, 0xFF9F), (0xFFE0, 0xFFE6))
        | set("←↑→↓⇒⇔★☆♪♫♥♡✓○●◎△▲▽▼□■◆◇※℃℉№①②③④⑤⑥⑦⑧⑨⑩"))
WEST = span((0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x206F),
            (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25CC, 0x25CC))


def subset(source, target, characters, features, *more):
    with open("characters.txt", "w") as f:
        f.write("".join(sorted(characters)) if characters else "")
    which = ["--text-file=characters.txt"] if characters else ["--unicodes=*"]
    subprocess.run(["pyftsubset", os.path.join(noto, source), f"--output-file={os.path.join(out, target)}", *which,
                    f"--layout-features={features}", "--no-hinting", "--notdef-outline", "--name-IDs=0,1,2,5,6,13,14",
                    "--drop-tables+=DSIG,vhea,vmtx,VORG,BASE", *more], check=True)
    os.remove("characters.txt")
    print(target, os.path.getsize(os.path.join(out, target)))


FOLDER = "usr/share/fonts/truetype/noto/"
subset(FOLDER + "NotoSans-Bold.ttf", "NotoSans-Bold.ttf", WEST, "kern,mark,mkmk,ccmp,locl,liga")
for script in ["Arabic", "Hebrew", "Devanagari", "Thai"]:
    subset(FOLDER + f"NotoSans{script}-Bold.ttf", f"NotoSans{script}-Bold.ttf", None, "*")
subset("usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", "NotoSansCJK-Bold.otf", EAST, "locl,ccmp,ljmo,vjmo,tjmo", "--font-number=0")
