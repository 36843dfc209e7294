"""Invented persons in every spelling that news gives them, as many as wanted, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from itertools import islice

SHARES = {"vietnamese": 0.4, "chinese": 0.3, "slavic": 0.15, "western": 0.15}

_VI_SURNAMES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đào Trịnh Mai Lương Tô Cao Tạ Hà Đoàn"
)
_VI_MIDDLE = (
    "Văn Thị Đức Minh Hữu Quang Thanh Ngọc Xuân Công Đình Quốc Anh Bá Thế Hồng Kim Mạnh Trọng Viết Duy Như Gia Phương"
)
_VI_GIVEN = """An Bình Châu Cường Dũng Duyên Đạt Giang Hà Hải Hạnh Hiếu Hoa Hòa Hùng Hương Khánh Khoa Lan Lâm
Liên Linh Long Lộc Mai Nam Nga Nghĩa Nhung Oanh Phong Phúc Quân Quyên Sơn Tâm Tân Thảo Thắng Thịnh Thủy Tiến
Toàn Trang Trung Tuấn Tùng Uyên Vinh Yến Thương Bách Diễm Hiền Khôi Mẫn Nhật Phượng Sang Tường"""
# Characters with their usual pinyin and Hán-Việt readings.
_ZH_SURNAMES = """王 wang Vương|李 li Lý|张 zhang Trương|刘 liu Lưu|陈 chen Trần|杨 yang Dương|黄 huang Hoàng
赵 zhao Triệu|周 zhou Chu|吴 wu Ngô|徐 xu Từ|孙 sun Tôn|马 ma Mã|朱 zhu Chu|胡 hu Hồ|郭 guo Quách|何 he Hà
林 lin Lâm|高 gao Cao|罗 luo La|郑 zheng Trịnh|梁 liang Lương|谢 xie Tạ|宋 song Tống|唐 tang Đường|许 xu Hứa
韩 han Hàn|冯 feng Phùng|邓 deng Đặng|曹 cao Tào"""
_ZH_GIVEN = """明 ming Minh|华 hua Hoa|国 guo Quốc|文 wen Văn|建 jian Kiến|平 ping Bình|志 zhi Chí|德 de Đức
光 guang Quang|海 hai Hải|春 chun Xuân|生 sheng Sinh|东 dong Đông|宁 ning Ninh|安 an An|龙 long Long|山 shan Sơn
云 yun Vân|永 yong Vĩnh|军 jun Quân|福 fu Phúc|金 jin Kim|玉 yu Ngọc|兴 xing Hưng|成 cheng Thành|天 tian Thiên
学 xue Học|立 li Lập|宏 hong Hoành|英 ying Anh|伟 wei Vĩ|强 qiang Cường|芳 fang Phương|清 qing Thanh
红 hong Hồng|林 lin Lâm|义 yi Nghĩa|正 zheng Chính|家 jia Gia|庆 qing Khánh|贵 gui Quý|富 fu Phú|和 he Hòa
思 si Tư|远 yuan Viễn|心 xin Tâm|雪 xue Tuyết|松 song Tùng"""
_SLAVIC_GIVEN = """Sergei Сергей|Dmitry Дмитрий|Ivan Иван|Andrei Андрей|Oleg Олег|Viktor Виктор|Maria Мария
Anna Анна|Nikolai Николай|Pavel Павел|Roman Роман|Elena Елена|Irina Ирина|Boris Борис|Anton Антон|Denis Денис"""
_SLAVIC_STEMS = """Kar Кар|Bel Бел|Vor Вор|Gor Гор|Dub Дуб|Zim Зим|Kol Кол|Lom Лом|Mar Мар|Nov Нов|Orl Орл
Petr Петр|Rog Рог|Sav Сав|Tar Тар|Fil Фил|Kras Крас|Polt Полт|Stepan Степан|Zor Зор|Bur Бур|Vin Вин|Dav Дав
Kuz Куз|Med Мед|Rad Рад"""
_SLAVIC_MIDDLE = """ ·|ash аш|in ин|od од|un ун|er ер|al ал|ik ик|om ом|ar ар"""
_SLAVIC_ENDINGS = """ov ов|enko енко|sky ский|ev ев|in ин|uk ук|ovich ович"""
_WESTERN_GIVEN = """James Anna Robert Laura Pierre Claire Hans Greta Marco Lucia Ahmed Layla Carlos Elena Erik Ingrid
Tomas Sofia David Rachel Peter Helen Omar Fatima Jorge Isabel Lars Karin Luca Giulia Samuel Esther Joseph Grace"""
_ONSETS = "B Br C Cl D F G Gr H J K L M N P R S St T Th V W".split()
_VOWELS = "a e i o u ai ea ou".split()
_CODAS = "l n r m ck nd rt ss x ld".split()
_TAILS = "son er man ini ez elli ström berg ton well by ard eau ie oux".split()


def persons(seed: int) -> Iterator[dict[str, str]]:
    """Persons without end, no Vietnamese or English spelling twice: language of a text -> full name in it.

    Chinese in Hán-Việt, pinyin and hanzi; Slavic in Latin and Cyrillic letters; all others as they are written
    at home, a Vietnamese without marks in English.
    """
    from rag.text import fold

    chance = random.Random(f"persons {seed}")
    kinds, weights = list(SHARES), list(SHARES.values())
    seen: set[str] = set()
    while True:
        forms = _MAKERS[chance.choices(kinds, weights)[0]](chance)
        if forms["vi"] not in seen and forms["en"] not in seen:
            seen.update((forms["vi"], forms["en"], fold(forms["vi"])))
            yield forms


def stored(count: int, seed: int) -> list[str]:
    """So many different spellings, of any script, as a store of news in all these languages holds them."""
    chance = random.Random(f"stored {seed}")
    found: dict[str, None] = {}
    for forms in persons(seed):
        spellings = list(dict.fromkeys(forms.values()))
        found.update(dict.fromkeys(chance.sample(spellings, chance.randint(1, min(2, len(spellings))))))
        if len(found) >= count:
            break
    return list(islice(found, count))


@cache
def _table(text: str) -> list[list[str]]:
    return [row.split(" ") for line in text.splitlines() for row in line.split("|")]


def _vietnamese(chance: random.Random) -> dict[str, str]:
    from rag.text import fold

    words = [chance.choice(part.split()) for part in (_VI_SURNAMES, _VI_MIDDLE, _VI_GIVEN)]
    if chance.random() < 0.3:
        words.insert(2, chance.choice(_VI_GIVEN.split()))
    name = " ".join(words)
    return {"vi": name, "en": fold(name).title()}


def _chinese(chance: random.Random) -> dict[str, str]:
    rows = [chance.choice(_table(_ZH_SURNAMES))]
    rows += [chance.choice(_table(_ZH_GIVEN)) for _ in range(1 if chance.random() < 0.15 else 2)]
    hanzi, pinyin, read = zip(*rows, strict=True)
    return {"vi": " ".join(read), "en": f"{pinyin[0].title()} {''.join(pinyin[1:]).title()}", "zh": "".join(hanzi)}


def _slavic(chance: random.Random) -> dict[str, str]:
    parts = [chance.choice(_table(part)) for part in (_SLAVIC_STEMS, _SLAVIC_MIDDLE, _SLAVIC_ENDINGS)]
    given = chance.choice(_table(_SLAVIC_GIVEN))
    latin, cyrillic = (given[at] + " " + "".join(part[at] for part in parts).replace("·", "") for at in (0, 1))
    return {"vi": latin, "en": latin, "ru": cyrillic}


def _western(chance: random.Random) -> dict[str, str]:
    surname = "".join(chance.choice(part) for part in (_ONSETS, _VOWELS, _CODAS, _VOWELS, _TAILS))
    name = f"{chance.choice(_WESTERN_GIVEN.split())} {surname}"
    return {"vi": name, "en": name}


_MAKERS = {"vietnamese": _vietnamese, "chinese": _chinese, "slavic": _slavic, "western": _western}
