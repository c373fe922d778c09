"""Words that passwords are made of most often, as guessers know: a list of our own, plain letters in lower case.

A password is not refused for having one of them, but for having little else.
"""

_ENGLISH = """
password passwort passphrase passcode passwd pass secret admin administrator root user guest login signin welcome
hello letmein changeme default test testing tester temp temporary demo sample example service system server computer
internet network security secure private public master super superuser manager office company staff member account
database backup support helpdesk operator sysadmin webmaster update upgrade access control enter start begin please
thankyou thanks love lovely iloveyou ilove forever 4ever ever friend friends family mother father brother sister baby
angel princess prince king queen lucky happy smile sunshine rainbow summer winter spring autumn monday tuesday
wednesday thursday friday saturday sunday january february march april june july august september october november
december football baseball basketball soccer tennis hockey golf dragon monkey tiger lion eagle panda rabbit kitty
kitten puppy horse bear wolf shark dolphin chicken cookie coffee chocolate cheese banana orange apple cherry peach
lemon flower rose jasmine lily star moon ocean river mountain forest garden house home purple yellow green black white
silver golden diamond crystal shadow ghost ninja samurai warrior hunter killer batman superman spiderman pokemon
pikachu mario zelda naruto gundam godzilla starwars matrix trustno one two three four five six seven eight nine zero
ten hundred thousand million abc xyz google amazon apple microsoft windows linux android iphone facebook twitter
instagram youtube line yahoo michael jennifer jessica ashley daniel thomas robert charlie jordan michelle andrew
matthew joshua anthony william jackson freedom whatever nothing something nopassword mypassword mypass newpassword
oldpassword secretpassword correct battery staple noroshi mosquitto postgres postgresql timescale grafana mqtt sensor
sensors gateway device devices lora lorawan iot raspberry raspberrypi pi
"""

_JAPANESE = """
pasuwado pasuwaado himitsu kanri kanrisha kanrisya unyou riyousha shiyousha nyuuryoku touroku tourokusha shokuin
syokuin shiyakusho siyakusyo shichouson yakuba yakusho kencho kenchou kencyo kuyakusho murayakuba machiyakuba chosha
somuka soumuka jouhou joho jouhouka suidou suido gesui gesuidou nougyou nogyo nourin noson kasen doboku bousai bosai
kankyou kankyo kouiki kikaku zaisei chiiki chihou ken shi machi mura ku cho kokudo nihon nippon japan tokyo toukyou
osaka oosaka kyoto kyouto nagoya sapporo fukuoka hakata sendai hiroshima yokohama kobe koube kawasaki saitama chiba
hokkaido hokkaidou aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma kanagawa niigata toyama ishikawa
fukui yamanashi nagano gifu shizuoka aichi mie shiga hyogo hyougo nara wakayama tottori shimane okayama yamaguchi
tokushima kagawa ehime kochi kouchi saga nagasaki kumamoto oita ooita miyazaki kagoshima okinawa fukuroi iwata
kakegawa hamamatsu fuji fujisan fujiyama sakura himawari ajisai momiji ume tsubaki kiku botan yuri sumire tanpopo
matsu take hana tsuki hoshi sora umi yama kawa mori niji yuki ame kaze hikari kaminari haru natsu aki fuyu inu neko
usagi kuma tanuki kitsune tori sakana kingyo hotaru semi tombo kaeru kame ocha cha ryokucha mikan ringo budou momo
kaki suika melon wasabi sushi ramen udon soba tempura onigiri gohan miso shoyu natto tofu sake arigatou arigato
konnichiwa konnichiha ohayou ohayo sayonara sayounara oyasumi hajimemashite yoroshiku onegai onegaishimasu
otsukaresama otukaresama ganbaru ganbare ganbatte gambare daisuki aishiteru suki kawaii tanoshii ureshii shiawase
kibou kibo yume ai kizuna kokoro tamashii inochi heiwa tomodachi kazoku okaasan otousan oniisan oneesan akachan sensei
gakkou gakko daigaku kaisha sato satou suzuki takahashi tanaka ito itou itoh watanabe yamamoto nakamura kobayashi kato
katou yoshida yamada sasaki yamaguchi matsumoto inoue kimura hayashi saito saitou shimizu yamazaki yamasaki mori abe
ikeda hashimoto yamashita ishikawa nakajima nakashima maeda fujita ogawa goto gotou okada hasegawa murakami kondo
kondou ishii sakamoto endo endou aoki fujii nishimura fukuda ota oota miura fujiwara okamoto matsuda nakagawa nakano
harada ono tamura takeuchi kaneko wada nakayama ishida ueda morita hara shibata sakai kudo kudou yokoyama miyamoto
tarou taro hanako ichiro ichirou jiro jirou saburo yuki yuuki haruto sota souta riku hinata sakurako akira hiroshi
takashi kenji yoko youko keiko kazuko sachiko yumiko naoko tomoko showa shouwa heisei reiwa taisho taishou meiji ichi
ni san yon go roku nana hachi kyuu juu hyaku sen man noroshi inaho inasaku kome tanbo hatake suiden kansui mizu suii
uryou ondo shitsudo dojou
"""

_AS_WRITTEN = """
パスワード ぱすわーど 秘密 ひみつ 暗証番号 管理者 管理 職員 市役所 町役場 村役場 役場 県庁 都庁 区役所 総務課 情報
水道 下水道 農業 農林 河川 土木 防災 環境 企画 財政 日本 東京 大阪 京都 名古屋 札幌 福岡 仙台 広島 横浜 神戸 北海道
青森 岩手 宮城 秋田 山形 福島 茨城 栃木 群馬 埼玉 千葉 神奈川 新潟 富山 石川 福井 山梨 長野 岐阜 静岡 愛知 三重 滋賀
兵庫 奈良 和歌山 鳥取 島根 岡山 山口 徳島 香川 愛媛 高知 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄 袋井 富士山 さくら
サクラ 桜 ひまわり もみじ ありがとう こんにちは おはよう さようなら よろしく よろしくおねがいします お願いします
おつかれさま がんばる がんばれ だいすき 大好き 愛してる かわいい しあわせ 幸せ 希望 夢 絆 平和 家族 佐藤 鈴木 高橋
田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 太郎 花子 昭和 平成 令和 大正 明治 狼煙 のろし いろはにほへと あいうえお
かきくけこ さしすせそ たちつてと なにぬねの はひふへほ まみむめも やゆよ らりるれろ わをん アイウエオ カキクケコ
サシスセソ タチツテト ナニヌネノ ハヒフヘホ マミムメモ ラリルレロ センサー 水位 雨量 気温 温度 湿度 土壌 水田 稲作
田んぼ お茶 みかん
"""

WORDS = frozenset(f"{_ENGLISH} {_JAPANESE} {_AS_WRITTEN}".split())
"""All of them."""

ROWS = (
    "1234567890-^", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!qaz@wsx#edc$rfv", "!@#$%^&*()", "!\"#$%&'()", "qwertzuiop", "azertyuiop", "abcdefghijklmnopqrstuvwxyz",
    "ぬふあうえおやゆよわほへ", "たていすかんなにらせ", "ちとしはきくまのりれ", "つさそひこみもねるめ",
)  # fmt: skip
"""Keys beside each other, on Japanese and other keyboards, and the alphabet."""
