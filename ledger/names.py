"""Names and birth dates in one form each, so that one person is found again however it was typed.

What is made the same, and why:

- width and composition (NFKC): ﾊﾅｺ = ハナコ, Ａ = A, か + ゛ = が; keyboards differ;
- hiragana = katakana; small kana = large (ｼﾞｮｰｼﾞ from a bank's form has no small ones);
- ヂ = ジ, ヅ = ズ, ヲ = オ, ヰ = イ, ヱ = エ: old spellings that sound the same
  (現代仮名遣い, 1986);
- a long mark, however it is drawn, = the vowel it lengthens (オーノ = オオノ, ユーコ = ユウコ); in
  kanji names too, where it stands behind a kana;
- spaces, middle dots and the like = nothing; 々 = the character before it (佐々木 = 佐佐木);
- old, printed and popular forms of a kanji = the present form (髙橋 = 高橋), see `VARIANTS`;
- variation selectors = nothing (辻 with one dot and with two are one code point with a selector).

All functions are pure, and doing one twice is doing it once.
"""

import re
import unicodedata
from datetime import date

# A present form, then the forms that family registers and keyboards have for the same name.
# First those of 常用漢字表 that may still stand in given names (戸籍法施行規則, 別表第二の二: its
# compatibility code points need no row, NFKC makes them present forms), then what surnames are
# commonly written with beside it (the forms that 戸籍統一文字 lists as the same character, and of
# JIS X 0213 those without a decomposition). 斉 and 斎 are two characters by the book; offices and
# their bearers write one for the other, so they are one here.
VARIANTS = """
亜亞 悪惡 為爲 栄榮 衛衞 円圓 縁緣 園薗 応應 桜櫻 奥奧 横橫 温溫 価價 壊壞 懐懷 楽樂 渇渴 巻卷
陥陷 寛寬 気氣 偽僞 戯戲 虚虛 峡峽 狭狹 暁曉 駆駈 勲勳 薫薰 恵惠 掲揭 鶏鷄雞 芸藝 撃擊 県縣 倹儉
剣劍 険險 圏圈 検檢 顕顯 験驗 厳嚴 広廣 恒恆 黄黃 国國圀 黒黑 砕碎 雑雜 児兒 湿濕 実實 寿壽 収收
従從 渋澁 獣獸 縦縱 緒緖 叙敍敘 将將 渉涉 焼燒 奨奬 条條 状狀 乗乘 浄淨 剰剩 畳疊 嬢孃 譲讓 醸釀
真眞 寝寢 慎愼 尽盡 粋粹 酔醉 穂穗 瀬瀨 斎齋齊斉斊亝 静靜 摂攝 専專 戦戰 繊纖 禅禪 壮壯 争爭
荘莊 捜搜 巣巢 曽曾 装裝 痩瘦 騒騷 増增 蔵藏 臓臟 即卽 帯帶 滞滯 滝瀧 単單 団團 弾彈 昼晝 鋳鑄
庁廳 徴徵 聴聽 鎮鎭 転轉 伝傳 島嶋嶌 灯燈 盗盜 稲稻 徳德悳 拝拜 杯盃 売賣 髪髮 抜拔 晩晚 秘祕
富冨 払拂 仏佛 歩步 峰峯 翻飜 毎每 万萬 黙默 野埜 弥彌 薬藥 与與 揺搖 様樣 謡謠 来來 頼賴 覧覽
竜龍 涼凉 緑綠 涙淚 塁壘 礼禮 暦曆 歴歷 錬鍊 郎郞 録錄
高髙 崎﨑嵜㟢 辺邊邉 浜濱濵 沢澤 吉𠮷 渕淵渊 桑桒 館舘 槙槇 塩鹽 関關 鉄鐵鉃鐡 学學 会會 旧舊 豊豐
体體 台臺 双雙 両兩 仮假 党黨 医醫 図圖 声聲 処處 変變 宝寶寳 尭堯 巌巖 彦彥 恋戀 昇曻 暖煖 柳栁
梁樑 桧檜 枡桝 橋槗 歳歲 沖冲 満滿 潜潛 炉爐 独獨 珍珎 瑶瑤 画畫 略畧 発發 称稱 篠筱 糸絲 経經 続續
総總 聡聰 胆膽 船舩 芦蘆 茎莖 莱萊 蛍螢 観觀 触觸 訳譯 読讀 賛贊 軽輕 辞辭 遥遙 郷鄉鄕 釈釋 釜釡
隠隱 隣鄰 随隨 霊靈 餅餠 駅驛 鴎鷗 麦麥 麺麵 麹麴 亀龜 兎兔 囲圍 柏栢 杉椙 松枩 梅楳 諌諫 靱靭 飲飮
朗朖 雁鴈 刈苅 仙僊
"""

# In Unicode's order, with which each long mark's vowel follows from the kana before it.
_VOWELS = {
    **dict.fromkeys("アカサタナハマヤラワガザダバパ", "ア"),
    **dict.fromkeys("イキシチニヒミリギジビピ", "イ"),
    **dict.fromkeys("ウクスツヌフムユルグズブプヴ", "ウ"),
    **dict.fromkeys("エケセテネヘメレゲゼデベペ", "エ"),
    **dict.fromkeys("オコソトノホモヨロゴゾドボポ", "オ"),
}
_LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_SOUND = str.maketrans("ヂヅヲヰヱ", "ジズオイエ")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
# Marks that stand alone become marks that join what is before them.
_MARKS = str.maketrans("゛゜ﾞﾟ", "\u3099\u309a\u3099\u309a")
_LONG = re.compile("[ー\u2010-\u2015\u2212\u301c~-]")
_SILENT = re.compile(
    "[\\s\u30fb\u00b7\u2022\u2027.,'’=゠\u200b-\u200f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_KANA_NAME = re.compile("[ア-ンヴ]{1,60}")


def _variants(rows: str) -> dict[int, str]:
    table: dict[int, str] = {}
    for row in rows.split():
        present = table.get(ord(row[0]), row[0])
        for form in row[1:]:
            if form != present:
                table.setdefault(ord(form), present)
    return table


_PRESENT = _variants(VARIANTS)


def _folded(text: str) -> str:
    """Width, composition, script and size made one; spaces and dots gone; long marks kept."""
    text = unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold()
    text = unicodedata.normalize("NFKC", _SILENT.sub("", text))
    text = text.translate(_HIRAGANA).translate(_LARGE)
    return unicodedata.normalize("NFKC", text).translate(_SOUND)


def _lengthened(text: str) -> str:
    """Long marks as vowels; one behind nothing that can be long says nothing."""
    out: list[str] = []
    for letter in text:
        if not _LONG.match(letter):
            out.append(letter)
        elif out and out[-1] in _VOWELS:
            out.append(_VOWELS[out[-1]])
    return "".join(out)


def _once(text: str) -> str:
    """One pass over a written name."""
    text = _lengthened(_folded(text)).translate(_PRESENT)
    out: list[str] = []
    for letter in text:
        out.append(out[-1] if letter == "々" and out else letter)
    return "".join(out)


def normal_name(text: str) -> str:
    """A name as it is written, in the one form that is compared: 髙橋　はなこ → 高橋ハナコ.

    Normal forms of Unicode and our own tables can each make work for the other, so passes are made
    until one changes nothing: two or three.
    """
    while (again := _once(text)) != text:
        text = again
    return text


def normal_kana(text: str) -> str:
    """A name as it is read, in the one form that is compared: たかはし　ゆーこ → タカハシユウコ.

    Raises:
        ValueError: something in it is no kana.
    """
    normal = normal_name(text)
    if not _KANA_NAME.fullmatch(normal):
        raise ValueError("the reading of a name is written in kana, such as タカハシ ハナコ")
    return normal


def checked_birth_date(born: date, today: date) -> date:
    """A birth date that somebody who stands here today can have.

    Raises:
        ValueError: it is in the future, or more than 130 years ago.
    """
    if not 0 <= today.year - born.year <= 130 or born > today:
        raise ValueError("a birth date is a day of the last 130 years")
    return born
