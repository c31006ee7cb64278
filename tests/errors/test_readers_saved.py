"""VLMEvalKit, LLaVA, MMMU, BLINK, MATH-Vision, VisOnlyQA and model-vs-human."""

import json

import pytest

from isoloss.errors.readers import read_items
from isoloss.exceptions import ItemsError
from tests.errors.reader_cases import MODELS, by_item, document, lines, text, told

openpyxl = pytest.importorskip("openpyxl")
HEAD = ["index", "question", "A", "B", "C", "answer", "category", "prediction"]
ROWS = [
    [1, "Which?", "cat", "dog", None, "A", "animals", "A. cat"],
    [2, "What?", "red", "green", "blue", "C", "colours", "The answer is B"],
    [3, "Where?", "here", "there", None, "B", "animals", "I cannot see"],
    [4, "Who?", "he", "she", None, "B", None, "she"],
]


def sheet(path, head, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    for row in [head, *rows]:
        book.active.append(row)
    book.save(path)
    return path


def test_vlmevalkit_predictions(tmp_path):
    path = sheet(tmp_path / "llava-v1.5-7b" / "llava-v1.5-7b_My_Bench.xlsx", HEAD, ROWS)
    items = read_items(path, models=MODELS)
    assert items.models[0].name == "llava-v1.5-7b"
    assert by_item(items, "task") == {
        "1": "My_Bench/animals",
        "2": "My_Bench/colours",
        "3": "My_Bench/animals",
        "4": "My_Bench",
    }
    assert items.prediction.texts() == ["A", "B", None, "B"]
    assert items.correct.tolist() == [1, 0, 0, 1]
    assert items.n_options.tolist() == [2, 3, 2, 2]
    assert json.loads(items.options[1]) == ["red", "green", "blue"]
    assert items.raw[2] == "I cannot see"


def test_vlmevalkit_results_replace_predictions(tmp_path):
    sheet(tmp_path / "llava-v1.5-7b_My_Bench.xlsx", HEAD, ROWS)
    hits = [[*row, hit, "log"] for row, hit in zip(ROWS, (1, 0, 1, 0), strict=True)]
    name = "llava-v1.5-7b_My_Bench_exact_matching_result.xlsx"
    sheet(tmp_path / name, [*HEAD, "hit", "log"], hits)
    sheet(tmp_path / "llava-v1.5-7b_My_Bench_acc.xlsx", ["split", "Overall"], [["val", 0.5]])
    items = read_items(tmp_path, models=MODELS)
    assert len(items) == 4
    assert items.correct.tolist() == [1, 0, 1, 0]
    assert "My_Bench.xlsx" in told(items, "superseded")
    assert "acc.xlsx" in told(items, "skipped-files")


def test_vlmevalkit_tsv_of_yes_and_no(tmp_path):
    head = "index\tquestion\tanswer\tcategory\timage_path\tprediction\textracted\tscore"
    rows = ["0\tIs it?\tYes\tadversarial\ta.jpg\tNo, it is not.\tNo\tFalse"]
    rows += [
        "1\tIs this?\tNo\tadversarial\ta.jpg\tno\tNo\tTrue",
        "2\tIs?\tNo\trandom\tb.jpg\t?\tUnknown\tFalse",
    ]
    path = text(tmp_path / "llava-v1.5-13b_POPE_auxmatch.tsv", "\r\n".join([head, *rows]) + "\r\n")
    items = read_items(path, models=MODELS)
    assert items.tasks == ("POPE/adversarial", "POPE/random")
    assert items.gold.texts() == ["yes", "no", "no"]
    assert items.prediction.texts() == ["no", "no", None]
    assert items.correct.tolist() == [0, 1, 0]
    assert items.cluster.texts() == ["a.jpg", "a.jpg", "b.jpg"]
    assert items.n_options.tolist() == [2, 2, 2]


def test_vlmevalkit_rotations_share_a_cluster(tmp_path):
    rows = [
        [7, "Which?", "cat", "dog", None, "A", "x", "A"],
        [1000007, "Which?", "dog", "cat", None, "B", "x", "A"],
    ]
    path = sheet(tmp_path / "llava-v1.5-7b_MMBench_DEV_EN.xlsx", HEAD, rows)
    items = read_items(path, models=MODELS)
    assert items.cluster.texts() == ["7", "7"]
    assert items.correct.tolist() == [1, 0]


def llava(folder, model="llava-v1.5-7b", texts=("Yes", "No, there is none.", "maybe")):
    return lines(
        folder / "pope" / "answers" / f"{model}.jsonl",
        [
            {
                "question_id": k,
                "prompt": f"Is there a {k}?\nAnswer in one word.",
                "text": said,
                "answer_id": f"a{k}",
                "model_id": model,
                "metadata": {"finish_reason": "length"},
            }
            for k, said in enumerate(texts)
        ],
    )


def test_llava_with_a_gold_file(tmp_path):
    gold = lines(
        tmp_path / "labels.json",
        [
            {"question_id": k, "image": f"{k}.jpg", "text": f"Is there a {k}?", "label": label}
            for k, label in enumerate(("yes", "yes", "no"))
        ],
    )
    items = read_items(llava(tmp_path), models=MODELS, gold=gold)
    assert items.gold.texts() == ["yes", "yes", "no"]
    assert items.prediction.texts() == ["yes", "no", None]
    assert items.correct.tolist() == [1, 0, 0]
    assert items.cluster.texts() == ["0.jpg", "1.jpg", "2.jpg"]
    assert items.tasks == ("pope",)
    assert items.question[0] == "Is there a 0?"
    assert items.finish[0] == "length"
    assert items.n_options.tolist() == [2, 2, 2]


def test_questions_and_labels_in_two_files(tmp_path):
    # the labels count from 1 in each category, the questions from 0 over all
    questions = lines(
        tmp_path / "questions.jsonl",
        [
            {
                "question_id": k,
                "image": f"{k}.jpg",
                "text": f"Is there a {k}?\nOne word.",
                "category": c,
            }
            for k, c in enumerate(("random", "popular", "popular"))
        ],
    )
    labels = [
        lines(
            tmp_path / f"coco_{name}.json",
            [
                {
                    "question_id": i + 1,
                    "image": f"{k}.jpg",
                    "text": f"Is there a {k}?",
                    "label": label,
                }
                for i, (k, label) in enumerate(rows)
            ],
        )
        for name, rows in (("random", [(0, "no")]), ("popular", [(1, "yes"), (2, "no")]))
    ]
    items = read_items(llava(tmp_path), models=MODELS, gold=[questions, *labels])
    assert items.gold.texts() == ["no", "yes", "no"]
    assert items.task.texts() == ["random", "popular", "popular"]


def test_llava_without_gold(tmp_path):
    with pytest.raises(ItemsError, match=r"answers alone; give the file .* as gold=FILE"):
        read_items(llava(tmp_path), models=MODELS)
    with pytest.raises(ItemsError, match=r"none of its 3 ids, such as '0', stands in gold"):
        read_items(llava(tmp_path), models=MODELS, gold={"x": "yes"})
    items = read_items(llava(tmp_path), models=MODELS, gold={0: "yes", "1": "yes"})
    assert items.correct.tolist() == [1, 0, -1]
    assert "1 answers were not scored" in told(items, "no-gold")


def test_mmmu(tmp_path):
    path = document(
        tmp_path / "answers" / "llava-v1.5-7b.json", {"v_1": "A", "v_2": "D", "v_3": "4.0"}
    )
    gold = document(
        tmp_path / "answer_dict_val.json",
        {
            "v_1": {"question_type": "multiple-choice", "ground_truth": "A"},
            "v_2": {"question_type": "multiple-choice", "ground_truth": "C"},
            "v_3": {"question_type": "open", "ground_truth": ["4", "four"]},
        },
    )
    items = read_items(path, models=MODELS, gold=gold)
    assert items.correct.tolist() == [1, 0, 1]
    assert items.item.texts() == ["v_1", "v_2", "v_3"]


def blink(folder, model, answers):
    golds = ["(A)", "(B)", "(C)"]
    val = [
        {
            "idx": f"val_Art_{k}",
            "answer": gold,
            "full_prediction": f"<s> {said} it is",
            "prediction": said,
        }
        for k, (gold, said) in enumerate(zip(golds, answers, strict=True))
    ]
    test = [{"idx": "test_Art_1", "answer": "hidden", "full_prediction": "x", "prediction": "(A)"}]
    return document(folder / model / "Art Style.json", {"val": val, "test": test})


def test_blink(tmp_path):
    blink(tmp_path, "llava-v1.5-7b", ["(A)", "(Z)", "(B)"])
    blink(tmp_path, "llava-v1.5-13b", ["(B)", "(B)", "(E)"])
    items = read_items(tmp_path, models=MODELS)
    assert items.tasks == ("Art_Style",)
    small = items.where(models=("llava-v1.5-7b",))
    assert small.gold.texts() == ["A", "B", "C"]
    assert small.prediction.texts() == ["A", None, "B"]
    assert small.correct.tolist() == [1, 0, 0]
    large = items.where(models=("llava-v1.5-13b",))
    assert large.prediction.texts() == ["B", "B", "E"]
    assert set(items.n_options.tolist()) == {3}
    assert "Art_Style 3" in told(items, "guessed-options")
    hidden = [n.message for n in items.notices if n.code == "hidden-golds"]
    assert len(hidden) == 2
    assert "1 answers left out" in hidden[0]


def test_math_vision(tmp_path):
    path = lines(
        tmp_path / "LLaVA" / "LLaVA-v1.5-7B.jsonl",
        [
            {
                "id": "1",
                "model": "llava-v1.5-7b",
                "response": "40",
                "model_answer": "40",
                "correct": False,
            },
            {
                "id": "2",
                "model": "llava-v1.5-7b",
                "response": "(B)",
                "model_answer": "(B)",
                "correct": True,
            },
        ],
    )
    plain = read_items(path, models=MODELS)
    assert plain.correct.tolist() == [0, 1]
    assert plain.tasks == ("MATH-Vision",)
    gold = lines(
        tmp_path / "test.jsonl",
        [
            {
                "id": "1",
                "question": "How?",
                "options": [],
                "answer": "60",
                "image": "1.jpg",
                "subject": "counting",
            },
            {
                "id": "2",
                "question": "Which?",
                "options": ["A", "B"],
                "answer": "B",
                "image": "2.jpg",
                "subject": "logic",
            },
        ],
    )
    items = read_items(path, models=MODELS, gold=gold)
    assert items.task.texts() == ["counting", "logic"]
    assert items.condition.texts() == ["free", "mc"]
    assert items.prediction.texts() == ["40", "B"]
    assert items.n_options.tolist() == [0, 2]


def visonlyqa(folder, model, rows, prompt="no_reasoning"):
    return lines(
        folder / "eval_real" / "charts__extraction" / f"prompt={prompt}" / f"{model}.jsonl",
        [
            {"prompt": asked, "response": f"({said}) 0.42", "y_pred": said, "y_true": gold}
            for asked, said, gold in rows
        ],
    )


def test_visonlyqa_is_paired_by_its_prompts(tmp_path):
    visonlyqa(
        tmp_path, "tiny-1b", [("The value for Y is", "a", "a"), ("The value for X is", "c", "b")]
    )
    visonlyqa(
        tmp_path, "tiny-7b", [("The value for X is", "b", "b"), ("The value for Y is", "a", "a")]
    )
    items = read_items(tmp_path, models=MODELS)
    assert items.tasks == ("charts__extraction",)
    assert items.conditions == ("no_reasoning",)
    small, large = (items.where(models=(name,)) for name in ("tiny-1b", "tiny-7b"))
    assert small.item.texts() == large.item.texts()[::-1]
    assert by_item(small, "gold") == by_item(large, "gold")
    assert by_item(large, "correct") == dict.fromkeys(large.item.texts(), 1)


def test_visonlyqa_with_equal_prompts(tmp_path):
    rows = [("What is the angle?", "a", "b"), ("What is the angle?", "c", "b")]
    path = visonlyqa(tmp_path, "tiny-1b", rows)
    with pytest.raises(ItemsError, match=r"say item=# if every log lists the same questions"):
        read_items(path, models=MODELS)
    items = read_items(path, models=MODELS, map="item=#")
    assert items.item.texts() == ["1", "2"]


PERSON = """subj,session,trial,rt,object_response,category,condition,imagename
subject-01,1,1,0.57,car,car,0,0001_ske_s01_0_car_00_car-0117-sketch-21.png
subject-01,1,2,NaN,na,bird,0,0002_ske_s01_0_bird_00_bird-0228-sketch-3.png
"""
NETWORK = """subj,session,trial,rt,object_response,category,condition,imagename
resnet50,1,1,NaN,knife,bird,,0551_ske_dnn_0_bird_00_bird-0228-sketch-3.png
resnet50,1,2,NaN,car,car,,car-0117-sketch-21.png
"""


def test_model_vs_human(tmp_path):
    text(tmp_path / "sketch" / "sketch_subject-01_session_1.csv", PERSON)
    text(tmp_path / "sketch" / "sketch_resnet50_session-1.csv", NETWORK)
    items = read_items(tmp_path, models=MODELS)
    assert items.tasks == ("sketch",)
    assert items.conditions == ("0",)
    person, network = (items.where(models=(name,)) for name in ("subject-01", "resnet50"))
    assert by_item(person, "correct") == {"car-0117-sketch-21.png": 1, "bird-0228-sketch-3.png": 0}
    assert by_item(network, "correct") == {"car-0117-sketch-21.png": 1, "bird-0228-sketch-3.png": 0}
    assert by_item(person, "prediction")["bird-0228-sketch-3.png"] is None


def test_conditions_in_image_names(tmp_path):
    head = "subj,session,trial,rt,object_response,category,condition,imagename\n"
    rows = [
        "resnet50,1,1,NaN,car,car,NaN,1125_cl_dnn_cr_car_40_n04285008_713.png",
        "resnet50,1,2,NaN,dog,car,NaN,1126_cl_dnn_bw_car_40_n04285008_713.png",
    ]
    path = text(tmp_path / "colour" / "colour_resnet50_session-1.csv", head + "\n".join(rows))
    items = read_items(path, models=MODELS)
    assert items.conditions == ("cr", "bw")
    assert items.item.texts() == ["n04285008_713.png"] * 2
    assert items.correct.tolist() == [1, 0]


def test_ids_that_two_gold_files_share(tmp_path):
    files = [
        lines(
            tmp_path / f"{name}.jsonl",
            [{"question_id": k, "text": f"Is there a {what}?", "label": label} for k in range(2)],
        )
        for name, what, label in (("cats", 0, "yes"), ("dogs", 1, "no"))
    ]
    items = read_items(llava(tmp_path, texts=("Yes", "No")), models=MODELS, gold=files)
    assert items.gold.texts() == ["yes", "no"]
    items = read_items(
        llava(tmp_path, texts=("Yes", "No", "No")), models=MODELS, gold=[*files, *files[:1]]
    )
    assert items.gold.texts() == ["yes", "no", None]


def test_a_condition_that_cannot_be_told(tmp_path):
    # the network's log forgot the condition, and people saw the image under two
    head = "subj,session,trial,rt,object_response,category,condition,imagename\n"
    person = "subject-01,1,1,0.5,car,car,{0},x.png\n"
    text(tmp_path / "e_subject-01_session_1.csv", head + person.format(0) + person.format(1))
    text(tmp_path / "e_resnet50_session-1.csv", head + "resnet50,1,1,NaN,car,car,,x.png\n")
    items = read_items(tmp_path, models=MODELS)
    assert items.where(models=("resnet50",)).conditions == ("default",)
