"""Paraphrases of sentences of the written articles, negated and planned ones too, beside ones turned around.

Written before the rules they measure were, hard ones included: a few true ones are lost and a few planted ones pass,
and the floors below say how many.
"""

import pytest

from rag import polarity, roles
from rag.domain import Evidence

TEXTS = {
    "hoa": ("en", "Hoa said Vietnam would exempt imported recycling equipment from duty for five years."),
    "plant": (
        "en",
        "The plant will cost about $300 million, according to a statement from the Korean trade "
        "ministry, with Korean companies holding 70 percent of the joint venture.",
    ),
    "lane": (
        "en",
        "Chinese Vice Commerce Minister Chen Guoliang has told Vietnamese officials that a driverless "
        "cargo lane between Youyi Pass and the Huu Nghi gate in Lang Son province will start trial runs "
        "before the end of the year.",
    ),
    "once": (
        "en",
        "Lang Son chairman Hoang Van Khanh asked that drivers be tested only once, on either side of the border.",
    ),
    "spring": ("en", "He added that Vietnam would need until next spring to finish its own control centre."),
    "third": ("en", '"We do not need a third country to trade fish," he said.'),
    "confuse": (
        "en",
        "Ms. Sokolova should not be confused with the shipping regulator Ivan Sokolov, whose agency "
        "approved the route in February.",
    ),
    "wait": (
        "en",
        '"Our farmers in South Sulawesi lost two harvests to El Nino, and we must not wait for a third," Ratna said.',
    ),
    "quota": ("en", "He asked Jakarta to scrap the quota on Vietnamese dragon fruit in return."),
    "formal": ("en", "The formal agreement is to be signed in Surabaya in October."),
    "insur": (
        "en",
        "The two officials could not agree on insurance for tankers, which will be taken up in Moscow in April.",
    ),
    "corr": (
        "en",
        "A dedicated shipping corridor between Chennai and Vladivostok was mentioned but no date was fixed for it.",
    ),
    "idle": (
        "en",
        "Mr. Krishnamurthy said the balance of idle rupees held by Russian exporters had fallen to $2.1 "
        "billion from a peak of $8 billion.",
    ),
    "condemn": (
        "en",
        "Vietnam on Monday condemned an attack on United Nations de-miners in Mali and offered to send a"
        " team of military engineers.",
    ),
    "victim": (
        "en",
        '"No Vietnamese citizen is among the victims," Foreign Ministry spokeswoman Doan Khanh Van told '
        "reporters in Hanoi.",
    ),
    "barred": (
        "en",
        "Eleven vessels are barred from Canadian ports and the firms' assets are frozen, Fisheries "
        "Minister Colette Arsenault said on Thursday.",
    ),
    "envoy": (
        "en",
        "He received the decision on September 24 from Deputy Foreign Minister Ta Huu Nghia and will go "
        "to Santiago in mid-November.",
    ),
    "sand": (
        "en",
        "The third Mekong Sediment Forum closed in Vientiane on Friday with a declaration that asks the "
        "six countries of the basin to issue no new sand mining permits on eroding banks.",
    ),
    "hydro": ("en", "Hydropower was left out of the declaration at the wish of two members."),
    "lights": (
        "en",
        "The ship's master, Georgios Kalamaris of Greece, told the port by radio that the boat had shown no lights.",
    ),
    "cause": ("en", "Colonel Phung Ba Tho, who leads the search, would not comment on the cause."),
    "missing": ("en", "Eighteen fishermen were pulled from the water and one is missing, a port official said."),
    "free": ("en", "Radwan promised that humanitarian goods would be stored at the port of El Arish free of charge."),
    "tan": ("en", "She will succeed Mr Devan Pillay, who is retiring after 31 years in the service."),
    "vplant": (
        "vi",
        "Theo văn kiện, hai bên sẽ xây dựng một nhà máy tái chế pin tại Hải Phòng với tổng vốn đầu tư "
        "320 triệu USD, dự kiến khởi công trong quý I năm sau.",
    ),
    "vtrans": (
        "vi",
        "Về phần mình, Bộ trưởng Trần Đức Hòa đề nghị phía Hàn Quốc chuyển giao công nghệ tách lithium "
        "và đào tạo 500 kỹ sư Việt Nam trong ba năm.",
    ),
    "vgroup": (
        "vi",
        "Hai Bộ trưởng cũng nhất trí thành lập tổ công tác chung, họp hai lần mỗi năm luân phiên tại Hà Nội và Seoul.",
    ),
    "vclear": (
        "vi",
        "Hai bên nhất trí kéo dài thời gian thông quan đến 22 giờ hằng ngày đối với trái cây tươi trong mùa cao điểm.",
    ),
    "vrec": (
        "vi",
        "Chủ tịch Hoàng Văn Khánh đề nghị hai bên công nhận lẫn nhau kết quả kiểm dịch để giảm thời gian"
        " chờ của lái xe.",
    ),
    "vfly": (
        "vi",
        "Ông Volkov cho rằng hai nước cần sớm nối lại đường bay thẳng Đà Nẵng - Khabarovsk để phục vụ khách du lịch.",
    ),
    "vrice": (
        "vi",
        "Tại buổi làm việc, bà Ratna Kusuma cho biết Indonesia muốn ký thỏa thuận mua 400.000 tấn gạo "
        "mỗi năm trong giai đoạn năm năm tới, trong đó chủ yếu là gạo 5% tấm.",
    ),
    "vplans": (
        "vi",
        "Giám đốc Trung tâm Bảo tồn Di tích Cố đô Huế Võ Hoài An nhấn mạnh toàn bộ bản vẽ sẽ được công "
        "bố để các nhà nghiên cứu góp ý.",
    ),
    "vrent": (
        "vi",
        "Bà Nair đề xuất Nghệ An miễn tiền thuê đất trong bảy năm đầu và bảo đảm nguồn nước sạch 30.000 m3 mỗi ngày.",
    ),
    "vanswer": (
        "vi",
        "Bí thư Đinh Thế Lực khẳng định tỉnh sẽ trả lời đề xuất này trước ngày 30/4, sau khi lấy ý kiến các bộ, ngành.",
    ),
    "vmali": ("vi", "Người phát ngôn cho biết không có công dân Việt Nam nào trong số các nạn nhân."),
    "vteam": (
        "vi",
        "Bà Đoàn Khánh Vân cũng cho biết Việt Nam sẵn sàng cử một đội công binh tham gia rà phá bom mìn "
        "khi Liên hợp quốc đề nghị.",
    ),
    "vfroz": (
        "vi",
        "Bộ trưởng Thủy sản Canada Colette Arsenault nói tài sản của hai hãng tại nước này bị phong tỏa "
        "và tàu của họ không được cập cảng.",
    ),
    "vsue": ("vi", "Blue Meridian bác bỏ cáo buộc và cho biết sẽ kiện."),
    "venv": ("vi", "Đại sứ Đỗ Hải Triều sẽ lên đường nhận nhiệm vụ vào giữa tháng 11."),
    "vwave": ("vi", "Đại tá Phùng Bá Thọ, người chỉ huy tìm kiếm, cho biết sóng cao ba mét gây nhiều khó khăn."),
    "vfound": (
        "vi",
        "Sáng nay, lực lượng cứu hộ đã tìm thấy một trong 2 ngư dân mất tích sau vụ va chạm đêm 11/10 "
        "ngoài khơi Vũng Tàu, sức khỏe ổn định.",
    ),
    "vleb": (
        "vi",
        "Ngày 10/10, Người phát ngôn Bộ Ngoại giao Đoàn Khánh Vân cho biết 46 công dân Việt Nam đã rời "
        "miền nam Liban an toàn.",
    ),
    "zsoy": ("zh", "何建华表示，今年前四个月黑龙江自俄罗斯进口大豆62万吨，同比增长18%。"),
    "zcheck": ("zh", "莫罗佐夫说，俄方愿意把布拉戈维申斯克的检验点从两个增加到五个，以缩短大豆通关时间。"),
    "zdata": ("zh", "布迪·哈托诺表示，港口的全部数据将存储在印尼境内。"),
}
TRUE = [
    ("hoa", "vi", "Trong năm năm, Việt Nam không thu thuế đối với thiết bị tái chế nhập khẩu."),
    ("hoa", "en", "Imported recycling equipment will not be taxed for five years, Hoa said."),
    ("plant", "vi", "Nhà máy dự kiến tiêu tốn khoảng 300 triệu USD, các công ty Hàn Quốc nắm 70% liên doanh."),
    (
        "plant",
        "en",
        "Korean firms would own 70 percent of the joint venture; the plant is expected to cost some $300 million.",
    ),
    ("lane", "vi", "Làn xe không người lái sẽ chạy thử trước cuối năm nay."),
    ("lane", "en", "The driverless lane has not yet opened; trial runs are to begin by the end of the year."),
    ("once", "vi", "Chủ tịch Hoàng Văn Khánh không muốn lái xe bị kiểm tra hai lần."),
    ("once", "en", "Khanh wants drivers to be tested a single time rather than on both sides."),
    ("once", "vi", "Ông Hoàng Văn Khánh phản đối việc kiểm tra lái xe ở cả hai bên biên giới."),
    ("spring", "vi", "Trung tâm điều khiển của Việt Nam chưa thể hoàn thành trước mùa xuân năm sau."),
    ("third", "vi", "Ông nói hai nước có thể buôn bán cá mà không cần nước thứ ba."),
    ("third", "en", "A third country is unnecessary for trading fish, he said."),
    ("confuse", "en", "Ivan Sokolov is not the same person as Ms. Sokolova."),
    ("wait", "vi", "Bà Ratna nói Indonesia không thể chờ mất mùa lần thứ ba."),
    ("wait", "en", "Two harvests were lost in South Sulawesi because of El Nino."),
    ("quota", "vi", "Ông đề nghị Jakarta bãi bỏ hạn ngạch đối với thanh long Việt Nam."),
    ("quota", "en", "He wants Jakarta to lift the quota on dragon fruit."),
    ("quota", "en", "He is against the quota that Jakarta imposes on dragon fruit."),
    ("formal", "vi", "Thỏa thuận chưa được ký; lễ ký sẽ diễn ra tại Surabaya vào tháng 10."),
    ("insur", "vi", "Hai bên chưa thống nhất được về bảo hiểm cho tàu chở dầu."),
    ("insur", "en", "Insurance for tankers remains unresolved and goes to Moscow in April."),
    ("insur", "vi", "Vấn đề bảo hiểm tàu chở dầu bị hoãn đến tháng 4 tại Moscow."),
    ("corr", "vi", "Hai bên đề cập hành lang vận tải biển Chennai - Vladivostok nhưng chưa ấn định thời điểm."),
    ("corr", "en", "No date was set for the corridor between Chennai and Vladivostok."),
    ("idle", "vi", "Số rupee nhàn rỗi đã giảm từ 8 tỷ USD xuống còn 2,1 tỷ USD."),
    ("idle", "en", "Idle rupee balances shrank by almost $6 billion, to $2.1 billion."),
    ("condemn", "vi", "Việt Nam lên án vụ tấn công và đề nghị cử đội công binh."),
    ("condemn", "en", "Hanoi denounced the attack and is ready to send engineers."),
    ("victim", "vi", "Không có người Việt Nam nào nằm trong số nạn nhân."),
    ("victim", "en", "None of the victims was Vietnamese."),
    ("victim", "en", "Nobody from Vietnam was killed in the attack."),
    ("barred", "vi", "Mười một tàu không được vào cảng Canada và tài sản của các hãng bị đóng băng."),
    ("barred", "en", "Canadian ports are closed to eleven vessels."),
    ("envoy", "vi", "Ông sẽ sang Santiago vào giữa tháng 11."),
    ("envoy", "en", "He has not left for Santiago yet; he goes in mid-November."),
    ("sand", "vi", "Tuyên bố kêu gọi sáu nước không cấp thêm giấy phép khai thác cát ở các bờ đang sạt lở."),
    ("sand", "en", "The forum wants the six countries to stop issuing sand mining permits on eroding banks."),
    ("hydro", "vi", "Tuyên bố không đề cập thủy điện theo mong muốn của hai thành viên."),
    ("hydro", "en", "The declaration does not mention hydropower because two members did not want it."),
    ("lights", "vi", "Thuyền trưởng nói tàu cá không bật đèn."),
    ("lights", "en", "According to the master, the boat was without lights."),
    ("cause", "vi", "Đại tá Phùng Bá Thọ từ chối bình luận về nguyên nhân."),
    ("missing", "vi", "Một ngư dân chưa được tìm thấy, 18 người đã được cứu."),
    ("missing", "en", "All but one of the fishermen were rescued."),
    ("free", "vi", "Hàng nhân đạo sẽ được lưu kho miễn phí tại cảng El Arish."),
    ("free", "en", "Egypt will not charge for storing the goods at El Arish."),
    ("tan", "vi", "Bà sẽ thay ông Devan Pillay, người sắp nghỉ hưu."),
    (
        "vplant",
        "en",
        "Construction of the Hai Phong plant has not begun; it is expected in the first quarter of next year.",
    ),
    ("vplant", "en", "Work on the plant is to start early next year."),
    (
        "vtrans",
        "en",
        "Tran Duc Hoa asked South Korea to hand over lithium separation technology and train 500 engineers.",
    ),
    ("vtrans", "vi", "Việt Nam muốn Hàn Quốc đào tạo 500 kỹ sư."),
    ("vgroup", "en", "The ministers decided to set up a joint working group that will meet twice a year."),
    ("vclear", "en", "Clearance hours for fresh fruit will run until 10 p.m. in the peak season."),
    ("vclear", "en", "Both sides agreed to longer clearance hours."),
    ("vrec", "en", "Khanh proposed mutual recognition of quarantine results so that drivers wait less."),
    ("vfly", "en", "Volkov wants direct flights between Da Nang and Khabarovsk to resume soon."),
    ("vfly", "vi", "Đường bay thẳng Đà Nẵng - Khabarovsk hiện đang gián đoạn."),
    ("vrice", "en", "Indonesia hopes to buy 400,000 tonnes of rice annually for five years."),
    ("vplans", "en", "All drawings are to be made public so that researchers can comment."),
    ("vplans", "vi", "Các bản vẽ sẽ không bị giữ kín mà được công bố."),
    ("vrent", "en", "Nair proposed that Nghe An charge no land rent for the first seven years."),
    ("vrent", "en", "She asked for a rent waiver of seven years."),
    ("vanswer", "en", "The province has yet to answer; Luc promised a reply before April 30."),
    ("vmali", "en", "Vietnamese citizens were not among the victims."),
    ("vteam", "en", "Vietnam is willing to send a military engineering team if the UN asks."),
    ("vteam", "vi", "Việt Nam chưa cử đội công binh nào, chỉ nói sẵn sàng khi Liên hợp quốc đề nghị."),
    ("vfroz", "en", "The two firms have had assets frozen and their ships may not dock."),
    ("vfroz", "en", "Ships of the two companies are banned from Canadian ports."),
    ("vsue", "en", "Blue Meridian denied the accusations and said it would go to court."),
    ("vsue", "en", "The company rejects the charges and plans to sue."),
    ("vsue", "en", "Blue Meridian does not accept the charges."),
    ("vsue", "vi", "Hãng phủ nhận cáo buộc và dọa khởi kiện."),
    ("venv", "en", "Ambassador Do Hai Trieu will leave to take up his post in mid-November."),
    ("venv", "en", "He has not taken up his post yet."),
    ("vwave", "en", "Three-metre waves are hampering the search."),
    ("vwave", "vi", "Việc tìm kiếm không thuận lợi do sóng cao ba mét."),
    ("vfound", "en", "One of the two missing fishermen has been found in stable condition."),
    ("vfound", "vi", "Một ngư dân vẫn chưa được tìm thấy; người được tìm thấy có sức khỏe tốt."),
    ("vfound", "en", "The fisherman found this morning is not in danger."),
    ("vleb", "en", "Forty-six Vietnamese citizens have left southern Lebanon unharmed."),
    ("vleb", "vi", "46 công dân không còn ở miền nam Liban."),
    ("zsoy", "vi", "Nhập khẩu đậu tương từ Nga của Hắc Long Giang tăng 18%."),
    ("zcheck", "en", "Morozov said Russia is ready to raise the number of checkpoints to five to speed up clearance."),
    ("zcheck", "vi", "Nga sẵn sàng mở thêm ba điểm kiểm tra."),
    ("zdata", "en", "None of the port data will be stored outside Indonesia."),
    ("zdata", "vi", "Dữ liệu của cảng sẽ được lưu trong lãnh thổ Indonesia."),
]
TURNED = [
    ("plant", "en", "The plant, which has been cancelled, would have cost $300 million."),
    ("lane", "vi", "Trung Quốc đã hủy việc chạy thử làn xe không người lái."),
    ("lane", "en", "China has shelved trial runs of the driverless lane."),
    ("once", "en", "Khanh objected to testing drivers only once."),
    ("spring", "vi", "Việt Nam bác bỏ việc xây trung tâm điều khiển."),
    ("quota", "vi", "Ông ủng hộ hạn ngạch của Jakarta đối với thanh long."),
    ("quota", "en", "He asked Jakarta to keep the quota on dragon fruit."),
    ("formal", "vi", "Lễ ký tại Surabaya đã bị hoãn."),
    ("formal", "en", "The signing in Surabaya in October has been called off."),
    ("insur", "en", "The two officials reached a deal on insurance for tankers."),
    ("corr", "en", "A date was fixed for the corridor between Chennai and Vladivostok."),
    ("idle", "vi", "Số rupee nhàn rỗi đã tăng lên 2,1 tỷ USD."),
    ("condemn", "vi", "Việt Nam hoan nghênh vụ tấn công."),
    ("condemn", "en", "Vietnam declined to send military engineers."),
    ("barred", "vi", "Mười một tàu được phép vào cảng Canada."),
    ("envoy", "vi", "Ông từ chối sang Santiago."),
    ("sand", "vi", "Tuyên bố kêu gọi sáu nước cấp thêm giấy phép khai thác cát."),
    ("hydro", "vi", "Tuyên bố bao gồm cả thủy điện."),
    ("cause", "vi", "Đại tá Phùng Bá Thọ nêu nguyên nhân vụ việc."),
    ("missing", "en", "All eighteen fishermen died in the water."),
    ("free", "en", "Egypt will charge a fee for storing the goods at El Arish."),
    ("free", "vi", "Hàng nhân đạo phải trả phí lưu kho tại cảng El Arish."),
    ("vplant", "en", "The two sides scrapped plans for a battery plant in Hai Phong."),
    ("vtrans", "en", "Tran Duc Hoa rejected the transfer of lithium technology from South Korea."),
    ("vgroup", "en", "The ministers decided to dissolve the joint working group."),
    ("vgroup", "en", "The ministers opposed a joint working group."),
    ("vclear", "en", "Both sides agreed to shorter clearance hours for fresh fruit."),
    ("vrec", "en", "Khanh opposed mutual recognition of quarantine results."),
    ("vfly", "en", "Volkov wants direct flights between Da Nang and Khabarovsk to end."),
    ("vfly", "en", "Volkov sees no need to resume flights between Da Nang and Khabarovsk."),
    ("vrice", "en", "Indonesia has no wish to buy 400,000 tonnes of rice a year."),
    ("vplans", "en", "All drawings will be kept secret from researchers."),
    ("vrent", "en", "Nair opposed an exemption from land rent for seven years."),
    ("vteam", "en", "Vietnam is unwilling to send a military engineering team."),
    ("vteam", "vi", "Việt Nam chưa sẵn sàng cử đội công binh."),
    ("vfroz", "en", "Ships of the two firms may still dock in Canada."),
    ("vsue", "en", "Blue Meridian ruled out a lawsuit."),
    ("vsue", "en", "The company admitted the charges."),
    ("venv", "en", "The ambassador has put off his departure."),
    ("vfound", "en", "The fisherman found this morning is in critical condition."),
    ("vfound", "en", "The fisherman found this morning had died."),
    ("vleb", "en", "The citizens chose to stay in southern Lebanon."),
    ("zcheck", "en", "Russia opposes more checkpoints in Blagoveshchensk."),
    ("zcheck", "vi", "Nga không muốn mở thêm điểm kiểm tra ở Blagoveshchensk."),
    ("zdata", "en", "The port data will be stored abroad."),
]
LAOS = "Đại sứ đề nghị Lào giảm thuế nhập khẩu gỗ từ 14% xuống 5%, nhưng phía Lào chưa đồng ý."
MILLS = "Two mills, one in Huế and one in Vinh, stopped work last week, but none has closed for good."
MOST_LOST, LEAST_CAUGHT = 10, 38


def against(text: str, lang: str, statement: str) -> tuple[str, ...]:
    source, words = TEXTS[text]
    evidence = [Evidence(words, source)]
    return polarity.unsupported(statement, lang=lang, evidence=evidence) + roles.unsupported(
        statement, lang=lang, evidence=evidence
    )


def test_hard_true_paraphrases_pass() -> None:
    lost = [(statement, words) for text, lang, statement in TRUE if (words := against(text, lang, statement))]
    assert len(lost) <= MOST_LOST, lost


@pytest.mark.parametrize(
    ("statement", "lang", "text", "text_lang"),
    [
        ("Laos has not agreed to cut its duty on timber.", "en", LAOS, "vi"),
        (
            "Lào chưa đồng ý giảm thuế.",
            "vi",
            "The envoy asked Laos to cut its duty on timber; it did not agree.",
            "en",
        ),
        ("Though they stopped, neither of the two mills has been closed.", "en", MILLS, "en"),
    ],
)
def test_a_denial_in_other_words_is_the_same_denial(statement: str, lang: str, text: str, text_lang: str) -> None:
    assert polarity.unsupported(statement, lang=lang, evidence=[Evidence(text, text_lang)]) == ()


def test_statements_turned_around_are_caught() -> None:
    missed = [statement for text, lang, statement in TURNED if not against(text, lang, statement)]
    assert len(TURNED) - len(missed) >= LEAST_CAUGHT, missed
