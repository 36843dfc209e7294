"""Figures that only look alike: another magnitude, another currency, the other count of the same thing."""

import pytest

from rag.claimed_figures import unsupported
from rag.domain import Evidence

ARRESTS = (
    "Paredes said that Ecuador had arrested nine suspects, among them a former police captain, and would extradite "
    "three of them to Colombia if its courts agreed."
)
STORE = "The storehouse would cost 2.4 billion crowns (about 99 million euros), a third of which Prague would pay."
FLOOD = (
    "Theo báo cáo của tỉnh, lũ đã làm 23 người chết, 5 người mất tích, hơn 41.000 ngôi nhà bị ngập và gây thiệt hại "
    "ước tính 1.850 tỷ đồng."
)
LOAN = "Japan will lend Kenya 41 billion yen (about $275 million) to build a fourth container berth at Mombasa."
SIGNED = "Đoàn ký bảy thỏa thuận về thương mại và hai thỏa thuận về quốc phòng."
HELD = "Công an bắt giữ chín nghi phạm, truy nã ba nghi phạm khác."
COFFEE = "Việt Nam xuất khẩu 1,05 triệu tấn cà phê, thu về 5,9 tỷ USD, tăng 8% về lượng và 61% về giá trị."
LAB = "Belgium will put 38 million euros into a laboratory, while Botswana will pay the salaries of 120 technicians."
POINTS = "The central bank raised its rate by 2 percentage points, to 14 percent."
ROAD = "Tuyến đường dài 310 hải lý; tàu chiến phải ở cách tuyến ít nhất 20 hải lý."
TRADE = "Trade rose from $15 billion in 2020 to 20 billion in 2023."
KYAT = "缅方将拨款300亿缅元（约1400万美元）修复公路。"
PESO = "Манила выделит 12 миллиардов песо (около 210 миллионов долларов) на порт."
RESCUE = (
    "Navy divers rescued 14 sailors and recovered two bodies, while coast guards evacuated 30 sailors from the island."
)
SHARES = "Exports reached $5 billion and imports $7 billion."

TRUE = [
    ("Ecuador arrested nine suspects.", "en", ARRESTS, "en"),
    ("Nine suspects were arrested in Ecuador.", "en", ARRESTS, "en"),
    ("Ecuador may extradite three of the suspects.", "en", ARRESTS, "en"),
    ("Police in Ecuador are holding nine people.", "en", ARRESTS, "en"),
    ("Ecuador bắt chín nghi phạm.", "vi", ARRESTS, "en"),
    ("Kho dự trữ tốn 2,4 tỷ curon.", "vi", STORE, "en"),
    ("Kho dự trữ tốn 2,4 tỷ koruna Séc, khoảng 99 triệu euro.", "vi", STORE, "en"),
    ("The store costs 2.4 billion Czech crowns.", "en", STORE, "en"),
    ("The floods caused damage of 1,850 billion dong.", "en", FLOOD, "vi"),
    ("Lũ gây thiệt hại ước tính 1.850 tỷ đồng.", "vi", FLOOD, "vi"),
    ("The damage came to 1.85 trillion dong.", "en", FLOOD, "vi"),
    ("23 people died and five are missing.", "en", FLOOD, "vi"),
    ("Five people are missing.", "en", FLOOD, "vi"),
    ("Nhật Bản cho Kenya vay 41 tỷ yên.", "vi", LOAN, "en"),
    ("The loan is worth about 275 million US dollars.", "en", LOAN, "en"),
    ("Hai thỏa thuận về quốc phòng được ký.", "vi", SIGNED, "vi"),
    ("Công an truy nã ba nghi phạm.", "vi", HELD, "vi"),
    ("Công an bắt giữ chín nghi phạm.", "vi", HELD, "vi"),
    ("Coffee exports earned $5.9 billion, up 61 percent in value.", "en", COFFEE, "vi"),
    ("Bỉ góp 38 triệu euro.", "vi", LAB, "en"),
    ("Lãi suất tăng 2 điểm phần trăm, lên 14%.", "vi", POINTS, "en"),
    ("The route is 310 nautical miles long.", "en", ROAD, "vi"),
    ("Trade was worth 20 billion dollars in 2023.", "en", TRADE, "en"),
    ("Myanmar will spend 30 billion kyat on the road.", "en", KYAT, "zh"),
    ("Manila sẽ chi 12 tỷ peso Philippines.", "vi", PESO, "ru"),
    ("Divers rescued 14 sailors.", "en", RESCUE, "en"),
    ("Imports reached $7 billion.", "en", SHARES, "en"),
    ("Exports stood at five billion dollars.", "en", SHARES, "en"),
    ("Doanh số đạt 1,85 tỷ đồng.", "vi", "Sales came to 1.850 billion dong.", "en"),
    ("Myanmar sẽ chi 30 tỷ đồng kyat.", "vi", KYAT, "zh"),
    ("There were 1850 guests.", "en", "Có 1.850 khách.", "vi"),
]


@pytest.mark.parametrize(("statement", "lang", "text", "text_lang"), TRUE)
def test_the_same_figure_passes(statement: str, lang: str, text: str, text_lang: str) -> None:
    assert unsupported(statement, lang=lang, evidence=[Evidence(text, text_lang)]) == ()


WRONG = [
    ("Ecuador is ready to extradite nine of the suspects to Colombia.", "en", ARRESTS, "en", "nine"),
    ("Nine suspects would be extradited to Colombia.", "en", ARRESTS, "en", "Nine"),
    ("Ecuador has arrested three suspects.", "en", ARRESTS, "en", "three"),
    ("Kho dự trữ nam châm có chi phí 2,4 tỷ euro.", "vi", STORE, "en", "2,4 tỷ euro"),
    ("The store costs 2.4 billion dollars.", "en", STORE, "en", "2.4 billion dollars"),
    ("Prague pays 99 million crowns.", "en", STORE, "en", "99 million crowns"),
    ("The store costs 2.4 million crowns.", "en", STORE, "en", "2.4 million crowns"),
    ("The store costs 2.4 billion euros.", "en", STORE.replace("crowns", "doubloons"), "en", "2.4 billion euros"),
    ("Lũ gây thiệt hại ước tính 1.850 triệu đồng.", "vi", FLOOD, "vi", "1.850 triệu đồng"),
    ("Lũ gây thiệt hại 1850 triệu đồng.", "vi", FLOOD, "vi", "1850 triệu đồng"),
    ("The floods caused damage of 1,850 million dong.", "en", FLOOD, "vi", "1,850 million dong"),
    (
        "The damage came to 1.85 billion dong.",
        "en",
        FLOOD.replace("1.850 tỷ", "1.850 nghìn tỷ"),
        "vi",
        "1.85 billion dong",
    ),
    ("The damage came to 1,850 billion dollars.", "en", FLOOD, "vi", "1,850 billion dollars"),
    ("Lũ làm ngập 41 triệu ngôi nhà.", "vi", FLOOD, "vi", "41 triệu"),
    ("Nhật Bản cho Kenya vay 41 tỷ USD.", "vi", LOAN, "en", "41 tỷ USD"),
    ("Japan lends 275 million yen.", "en", LOAN, "en", "275 million yen"),
    ("Japan lends 41 billion shillings.", "en", LOAN, "en", "41 billion shillings"),
    ("Công an truy nã chín nghi phạm.", "vi", HELD, "vi", "chín"),
    ("Vietnam exported 1.05 million kilograms of coffee.", "en", COFFEE, "vi", "1.05 million kilograms"),
    ("Exports earned 5.9 billion euros.", "en", COFFEE, "vi", "5.9 billion euros"),
    ("Bỉ góp 38 triệu pula.", "vi", LAB, "en", "38 triệu pula"),
    ("The rate rose by 2 percent.", "en", POINTS, "en", "2 percent"),
    ("Lãi suất lên 14 điểm phần trăm.", "vi", POINTS, "en", "14 điểm phần trăm"),
    ("The route is 310 kilometres long.", "en", ROAD, "vi", "310 kilometres"),
    ("Trade was worth 20 billion euros in 2023.", "en", TRADE, "en", "20 billion euros"),
    ("Myanmar will spend 30 billion dollars on the road.", "en", KYAT, "zh", "30 billion dollars"),
    ("Manila sẽ chi 12 tỷ rúp.", "vi", PESO, "ru", "12 tỷ rúp"),
    ("Manila sẽ chi 12 tỷ peso Mexico.", "vi", PESO.replace("песо", "филиппинских песо"), "ru", "12 tỷ peso Mexico"),
    ("Coast guards evacuated 14 sailors.", "en", RESCUE, "en", "14"),
    ("Divers rescued 30 sailors.", "en", RESCUE, "en", "30"),
]


@pytest.mark.parametrize(("statement", "lang", "text", "text_lang", "wrong"), WRONG)
def test_what_only_looks_alike_fails(statement: str, lang: str, text: str, text_lang: str, wrong: str) -> None:
    assert unsupported(statement, lang=lang, evidence=[Evidence(text, text_lang)]) == (wrong,)


def test_a_bare_figure_is_of_the_currency_that_the_words_around_it_name() -> None:
    bare = "Năm 2023, con số này là 20 tỷ."
    claim = "Trade was worth 20 billion dollars in 2023."
    assert unsupported(claim, lang="en", evidence=[Evidence(bare, "vi")]) == ("20 billion dollars",)
    told = Evidence(bare, "vi", before="Năm 2020, kim ngạch đạt 15 tỷ USD.")
    assert unsupported(claim, lang="en", evidence=[told]) == ()


def test_a_line_of_thousands_of_counts_is_read_in_time() -> None:
    many = "They arrested nine suspects and extradited three of them, " * 3_000
    assert unsupported("They extradited nine suspects.", lang="en", evidence=[Evidence(many, "en")]) == ()
