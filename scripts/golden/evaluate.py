"""BLEU of sacreBLEU (13a tokens) and ROUGE-L of rouge-score on texts with awkward punctuation.

In an environment of its own, since no other golden script needs these two:

    python -m venv venv && venv/bin/pip install sacrebleu==2.6.0 rouge-score==0.1.2
    venv/bin/python scripts/golden/evaluate.py      # rewrites evaluate.json
"""

import json
import pathlib
import platform
from importlib.metadata import version

from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU

PAIRS = [
    ("The cat sat on the mat.", ["The cat sat on the mat."]),
    ("The cat sat on a mat, quietly.", ["The cat is on the mat.", "There is a cat on the mat."]),
    ("It costs $1,250.50 (incl. 19% VAT).", ["It costs $1,250.50, incl. 19 % VAT."]),
    ("state-of-the-art models, e.g. the 7-B one", ["state-of-the-art models e.g. the 7-b one"]),
    ("He said: &quot;yes &amp; no&quot; &lt;b&gt;", ['He said: "yes & no" <b>']),
    ("the the the the the the the", ["the cat is on the mat"]),
    ("completely unrelated words here", ["nothing in common at all"]),
    ("", ["a reference that is not empty"]),
    ("Zürich liegt am Zürichsee — schön!", ["Zürich liegt am Zürichsee – sehr schön!"]),
    ("one", ["one"]),
    ("two words", ["two words"]),
    ("version 2.0.1 was released on 2024-05-01.", ["Version 2.0.1 was released on 2024-05-02."]),
    ("a hyphen-\nated line\nbreak", ["a hyphenated line break"]),
    ("  many   spaces\tand tabs  ", ["many spaces and tabs"]),
    ("don't stop, it's 5 o'clock", ["do not stop, it is 5 o'clock"]),
    ("police kill the gunman", ["police killed the gunman"]),
    ("x_y = {a: [1, 2]} # comment `code` ~ ^", ["x_y = {a: [1, 2]}; # comment `code` ~ ^"]),
    ("A long enough answer so that four grams match in the middle of it, twice.",
     ["A long enough reference so that four grams match in the middle of it, once.",
      "Quite another reference, so that the closest length has to be chosen."]),
    ("日本語のテキスト 3,5 と 2.5", ["日本語のテキスト 3,5 と 2.6"]),
    ("p.m. 12.30, 5,000. End", ["p.m. 12.30 5,000 . End"]),
]


def bleu_case(output, references):
    sentence = BLEU(effective_order=True).sentence_score(output, references)
    return {"output": output, "references": references, "score": sentence.score, "counts": sentence.counts,
            "totals": sentence.totals, "sysLen": sentence.sys_len, "refLen": sentence.ref_len}


def corpus_case(pairs):
    width = max(len(references) for _, references in pairs)
    # sacreBLEU wants one list a reference number; None where a sentence has fewer.
    streams = [[refs[i] if i < len(refs) else None for _, refs in pairs] for i in range(width)]
    score = BLEU().corpus_score([output for output, _ in pairs], streams)
    return {"pairs": [{"output": output, "references": refs} for output, refs in pairs], "score": score.score,
            "precisions": score.precisions, "bp": score.bp, "sysLen": score.sys_len, "refLen": score.ref_len}


scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
rouge = [{"output": o, "reference": refs[0], "f1": scorer.score(refs[0], o)["rougeL"].fmeasure} for o, refs in PAIRS]
result = {
    "madeBy": "scripts/golden/evaluate.py",
    "versions": {"python": platform.python_version(), **{n: version(n) for n in ("sacrebleu", "rouge-score")}},
    "signature": "tok:13a|smooth:exp|case:mixed",
    "sentence": [bleu_case(*pair) for pair in PAIRS],
    "corpus": [corpus_case(PAIRS), corpus_case(PAIRS[:6]), corpus_case(PAIRS[6:8]), corpus_case(PAIRS[9:11])],
    "rougeL": rouge,
}
path = pathlib.Path(__file__).with_name("evaluate.json")
path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
