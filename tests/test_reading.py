"""An article's sentences, and whom its short names mean."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Article, Source
from rag.reading import Reading


def read(text: str, lang: str | None = None) -> Reading:
    return Reading(Article(Source("a", "a.txt", "0", lang=lang), text))


def names(reading: Reading) -> dict[str, list[str]]:
    return {whose: [name.text for name in mentions] for whose, mentions in reading.persons.items()}


def test_a_surname_means_the_one_whom_the_article_names_in_full() -> None:
    reading = read("Ngoại trưởng Nga Sergei Lavrov đến Jakarta. Ông Lavrov gặp ông Vương Nghị.", "vi")
    assert names(reading) == {"Sergei Lavrov": ["Sergei Lavrov", "Lavrov"], "Vương Nghị": ["Vương Nghị"]}


def test_a_name_spelt_in_two_ways_is_one_person() -> None:
    reading = read("Phó Thủ tướng Nga Andrei Belousov đã điện đàm. Ông Beloussov bày tỏ lời chúc mừng.", "vi")
    assert names(reading) == {"Andrei Belousov": ["Andrei Belousov", "Beloussov"]}


def test_english_calls_a_vietnamese_by_the_last_syllable() -> None:
    reading = read("Foreign Minister Le Quang Vinh met Aino Lehtonen in Hanoi. Vinh raised work permits.", "en")
    assert names(reading)["Le Quang Vinh"] == ["Le Quang Vinh", "Vinh"]


def test_a_short_name_of_two_persons_is_the_one_named_last_before() -> None:
    text = "Ivan Petrov spoke first. Petrov left. Then Oleg Petrov spoke. Petrov stayed."
    assert names(read(text, "en")) == {
        "Ivan Petrov": ["Ivan Petrov", "Petrov"],
        "Oleg Petrov": ["Oleg Petrov", "Petrov"],
    }


def test_a_word_of_an_office_is_no_name() -> None:
    reading = read("Ông Yamada Takio, Đại sứ Đặc mệnh toàn quyền Nhật Bản tại Việt Nam, dự buổi làm việc.", "vi")
    assert list(reading.persons) == ["Yamada Takio"]


def test_a_rare_surname_belongs_to_the_name() -> None:
    assert "Bàn Văn Tình" in read("Thứ trưởng Nông nghiệp Bàn Văn Tình tiếp nhận hàng.", "vi").persons


def test_a_title_makes_names_of_words_and_numerals() -> None:
    reading = read("President Moon Jae-in wrote to King Charles III on Friday.", "en")
    assert list(reading.persons) == ["Moon Jae-in", "Charles III"]


def test_an_article_that_gives_surnames_alone_has_persons() -> None:
    assert list(read("Ospanov told a rail fair on Friday that wagons would come.", "en").persons) == ["Ospanov"]


def test_an_arabic_family_name_belongs_to_the_name() -> None:
    reading = read("King Salman bin Abdulaziz al-Saud of Saudi Arabia called the President.", "en")
    assert list(reading.persons) == ["Salman bin Abdulaziz al-Saud"]


def test_bodies_and_addresses_are_no_persons() -> None:
    assert list(read("The office of Intergovernmental Affairs met Dr. Eyal Hulata.", "en").persons) == ["Eyal Hulata"]


def test_names_reach_over_the_line_breaks_of_wrapped_mail() -> None:
    text = (
        "The ministers of the two countries met in the old town hall and President Emmanuel\n"
        "Macron of France told them on Friday that the work on the bridge over the river would\n"
        "begin before the end of the year, as soon as the water in the valley had gone down and\n"
        "the road was open again to the heavy machines that wait in the harbour since the spring.\n"
    )
    reading = read(text, "en")
    assert all(text[name.start : name.end] == name.text for name in reading.names)
    assert "Emmanuel Macron" in reading.persons
    assert len(reading.flowing) == len(text)


@settings(max_examples=60)
@given(st.text(alphabet="Lê Văn Nam. \nPutin,A-ô(ng)", max_size=300))
def test_names_stand_in_the_text_and_sentences_in_order(text: str) -> None:
    reading = read(text, "vi")
    assert all(text[name.start : name.end] == name.text for name in reading.names)
    assert list(reading.sentences) == sorted(reading.sentences)
    assert sum(map(len, reading.persons.values())) == sum(name.kind == "person" for name in reading.names)
