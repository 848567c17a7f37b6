#include "mail/reply/reply_words.hpp"

#include <unordered_map>

namespace tocsin::mail {
namespace {

// Packed by hand: one word a line would hide what is missing.
// clang-format off

constexpr std::string_view wrote_table[] = {
    "wrote", "writes", "schrieb", "geschrieben", "a écrit", "a ecrit", "écrit :", "escribió", "escribio", "escreveu",
    "ha scritto", "scritto", "skrev", "schreef", "geschreven", "napisał", "napisal", "napsal", "napísal", "написал",
    "написав", "пише", "пишет", "писал", "kirjoitti", "írta", "a scris", "έγραψε", "yazdı", "şunları", "viết",
    "menulis", "写道", "寫道", "のメール", "書きました", "님이 작성", "작성:", "hat geschr", "va escriure", "je napisao", "napisao/la",
    "pisze", "rašė", "rakstīja", "kirjutas", "написа", "כתב", "كتب", "เขียน", "ha escrit", "skrifaði", "napsala",
    "napisała", "je napisal", "написала", "је написао", "napisao je", "idatzi", "escribiu", "het geskryf", "đã viết",
    "نوشت", "ने लिखा", "yazmış", "şunu yazdı", "さんは書", "さんからの", "書き込み", "의 메일", "님께서", "님이", "ha respost", "répondu",
    "respondió", "antwortete", "svarade", "писала", "hat folgendes", "쓴 글", "님의 글", "quoting ", "zitat von ",
    "citando ", "citát ", "mensaje citado por", "wiadomość napisana przez", "missatge de ", "cytat", "citat ",
    "zacytowa", "のメッセージ:", "のメッセージ："};

constexpr std::string_view opening_table[] = {
    "on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "w dniu", "dnia ", "dne ", "dňa ", "på ", "pe ", "at ",
    "in ", "a ", "vào ", "pada ", "tarih", "στις", "στις ", "il giorno", "ma ", "date:", "quoting ", "zitat von",
    "citando", "citát", "от:", "в ", "вт", "ср", "чт", "пт", "сб", "вс", "пн", "понедельник", "вторник", "среда",
    "четверг", "пятница", "суббота", "воскресенье", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "de ",
    "da ", "från", "dia ", "eg ", "o dia", "v ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne ", "ut ", "št ",
    "tiistai", "ti ", "ke ", "to ", "la ", "su ", "mån", "tis", "ons", "tors", "fre", "lör", "sön", "man.", "tir.",
    "lør", "søn", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "mié", "jue", "vie", "sáb", "dom", "seg", "ter",
    "qua", "qui", "sex", "gio", "sab", "pon", "wto", "śro", "czw", "pią", "sob", "nie", "śr", "пет", "сря", "чет",
    "съб", "нед", "нд", "п’ятниця", "п'ятниця", "понеділок", "вівторок", "середа", "четвер", "субота", "неділя",
    "vri", "zat", "zon", "don", "woe", "din", "maa", "mo", "di", "mi", "do", "fr", "sa", "hétfő", "kedd", "szerda",
    "csütörtök", "péntek", "szombat", "vasárnap", "luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică",
    "pzt", "sal", "çar", "per", "cum", "cmt", "paz", "na ", "ned", "tor", "sre", "čet", "pet", "im ", "在 ", "在2",
    "於 ", "dana ", "kuupäev ", "missatge de", "wiadomość napisana", "בתאריך", "في ", "në ", "ar ", "le ", "den ",
    "在 ", "yn ", "ymlaen ", "на ", "у ", "u "};

constexpr std::string_view marker_table[] = {
    "original message", "original-nachricht", "ursprüngliche nachricht", "originalnachricht",
    "urspruengliche nachricht", "forwarded message", "weitergeleitete nachricht", "message d'origine",
    "message d’origine", "message original", "message transféré", "mail original", "courrier transféré",
    "mensaje original", "mensaje reenviado",
    "messaggio originale", "messaggio inoltrato", "mensagem original", "mensagem encaminhada",
    "oorspronkelijk bericht", "oorspronkelijke bericht", "doorgestuurd bericht", "ursprungligt meddelande",
    "originalmeddelande", "vidarebefordrat", "oprindelig meddelelse", "opprinnelig melding", "videresendt",
    "alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva", "pôvodná správa",
    "eredeti üzenet", "mesaj original", "mesaj orijinal", "orijinal mesaj", "özgün ileti", "исходное сообщение",
    "пересылаемое сообщение", "пересланное сообщение", "оригінальне повідомлення", "original besked",
    "begin forwarded message", "start des weitergeleiteten", "anfang der weitergeleiteten",
    "début du message transféré", "début du message réexpédié", "inicio del mensaje reenviado",
    "inizio messaggio inoltrato", "vidarebefordrat brev", "begin doorgestuurd bericht", "原始邮件", "原始郵件", "转发的邮件",
    "転送メッセージ", "転送されたメッセージ", "元のメッセージ", "원본 메시지", "전달된 메시지", "reply message", "reply to message", "転送",
    "originalna poruka", "izvorna poruka", "izvirno sporočilo", "originálna správa", "přeposlaná zpráva",
    "preposlaná správa", "wiadomość przekazana", "przekazana wiadomość", "továbbított üzenet", "mesaj redirecționat",
    "mesaj transmis", "iletilen mesaj", "yönlendirilmiş ileti", "αρχικό μήνυμα", "προωθημένο μήνυμα",
    "оригинално съобщение", "препратено съобщение", "оригинальное сообщение", "исходное письмо", "пересланное письмо",
    "початкове повідомлення", "переслане повідомлення", "original melding", "välitetty viesti", "edelleenlähetetty",
    "doorgestuurde bericht", "weitergeleitete mail", "weitergeleitete e-mail", "ursprüngliche mail",
    "ursprüngliche e-mail", "message initial", "courriel d'origine", "courriel original", "e-mail d'origine",
    "courrier original", "mensaje de origen", "correo original", "e-mail original", "mail originale",
    "missatge original", "mensaxe orixinal", "転送されたメール", "元のメール", "原邮件", "原郵件", "原來的郵件", "轉寄的郵件", "轉寄郵件", "转发邮件",
    "전달된 메일", "원본 메일", "הודעה מקורית", "הודעה שהועברה", "الرسالة الأصلية", "thư gốc", "pesan asli", "pesan terusan",
    "ข้อความต้นฉบับ", "original mail", "original email", "início da mensagem encaminhada",
    "początek wiadomości przekazanej", "начало переадресованного сообщения", "начало пересылаемого сообщения",
    "start på vidarebefordrat", "下面是被转发的邮件", "以下是转发的邮件", "the header of the original message", "original appointment",
    "ursprünglicher termin", "rendez-vous d'origine", "cita original",
    "begin original message", "weergegeven bericht", "skickat meddelande",
    "переадресованное сообщение", "původní e-mail", "pôvodný e-mail", "původní email", "изворна порука",
    "оригинална порука", "algne sõnum", "algne kiri", "pirminis laiškas", "originalus laiškas", "sākotnējā ziņa",
    "oriģinālais ziņojums", "原始信件", "原信件", "전달 메시지", "mensaje transmitido", "mensaxe reenviada", "missatge reenviat",
    "jatorrizko mezua", "upprunaleg skilaboð", "ursprungligt e-post", "opprinnelig e-post", "oprindelig e-mail",
    "original e-mail", "eredeti e-mail", "eredeti levél", "e-mail originale", "e-mail originală", "özgün mesaj",
    "orijinal e-posta", "tin nhắn gốc", "email gốc", "פניה מקורית", "رسالة أصلية", "ข้อความเดิม",
    "原始訊息", "原始消息", "回复的原邮件", "回覆的原郵件", "回复的邮件", "원본 이메일", "전달된 이메일", "原始信息", "原始資訊", "원본메일",
    "転送元のメール", "original-mail", "originale nachricht", "e-mail d’origine", "courriel d’origine"};

constexpr std::string_view device_table[] = {
    "sent from ", "sent via ", "sent with ", "sent by ", "sent on ", "sent using ", "from my ", "get outlook for",
    "get [outlook", "envoyé depuis ", "envoyé de ", "envoyé à partir", "von meinem ", "gesendet von ",
    "gesendet mit ", "gesendet über ", "gesendet aus ", "diese nachricht wurde von meinem", "enviado desde ",
    "enviado do ", "enviado de ", "enviado a partir", "enviado con ", "enviado via ", "inviato da ", "inviato dal ",
    "verzonden vanaf ", "verzonden met ", "verstuurd vanaf ", "verstuurd met ", "skickat från ", "skickad från ",
    "sendt fra ", "sendt fra min", "lähetetty ", "wysłane z ", "wysłano z ", "odesláno z ", "odoslané z ",
    "отправлено с ", "отправлено из ", "надіслано з ", "iphone'umdan gönderildi", "iphone'dan gönderildi",
    "trimis de pe ", "elküldve ", "從我的", "从我的", "发自我的", "發自我的", "iphoneから送信", "나의 iphone", "iphone에서 보냄",
    "sent from my", "holen sie sich outlook",
    "obtenez outlook", "obtener outlook", "télécharger outlook", "envoyé avec", "envoyé par", "envoyé via",
    "de mon iphone", "depuis mon", "gesendet vom", "gesendet via", "von unterwegs", "verzonden vanuit",
    "verzonden via", "wysłane za pomoc", "wysłano za pomoc", "отправлено через", "отправлено при", "надіслано через",
    "надіслано за", "poslano iz", "poslano s", "poslané z", "odesláno pomoc", "στάλθηκε από", "skickades från",
    "skickat med", "sendt med", "sendt via", "enviat des", "enviat amb", "enviado pelo", "enviado mediante",
    "inviato con", "inviato tramite", "inviato via", "trimis din", "trimis cu", "изпратено от", "telefonumdan",
    "küldve ", "sent securely", "sent whilst", "sent while", "get bluemail", "sent through", "typed on my",
    "written on my", "iphoneからの", "androidから", "我的iphone", "gửi từ", "dikirim dari", "נשלח מה", "أرسلت من", "ส่งจาก",
    "أُرسلت من", "تم الإرسال من", "đã gửi từ", "发自 ", "發自 ", "发自qq", "iphone’umdan", "iphone’dan",
    "gestuur vanaf", "saadetud minu", "išsiųsta iš", "nosūtīts no", "poslato sa", "испратено од", "послато са",
    "ارسال شده از",
    "från min ", "fra min ", "來自我的", "来自我的", "yahoo mail: search, organize", "yahoo mail: rechercher, organiser",
    "yahoo mail: busca, organiza", "yahoo mail : suchen, organisieren", "virus-free.", "virenfrei.", "libre de virus",
    "garanti sans virus", "sans virus.", "privo di virus", "livre de vírus", "virusvrij.", "wolny od wirusów",
    "virusfri.",
    "vírusmentes", "без вирусов", "#dab4fad8-", "www.avast.com", "www.avg.com", "https://www.avast.com/",
    "https://www.avg.com/", "http://www.avg.com/", "this email has been checked for viruses",
    "this e-mail has been checked for viruses", "diese e-mail wurde von avast", "l'absence de virus dans ce courrier",
    "el software de antivirus avast", "this email was sent from a computer protected by avast",
    "questa e-mail è stata controllata per individuare virus", "deze e-mail is gecontroleerd op virussen",
    "данное сообщение проверено на вирусы", "tämä viesti lähetettiin", "envoyé sécurisé", "secured with tuta",
    "sicher versendet mit",
    "envoyé en sécurité", "enviado con seguridad", "enviado seguro", "dihantar dari", "poslano z",
    "trimis folosind", "wysłane przez", "odeslano z", "odesláno přes", "skickat via", "skickades via",
    "provenance : courrier"};

constexpr std::string_view set_phrase_table[] = {"sent from my ", "sent securely"};

constexpr std::string_view device_word_table[] = {
    "iphon", "ipad", "ipod", "ios", "android", "galaxy", "samsung", "pixel", "huawei", "xiaomi", "redmi", "nokia",
    "oneplus", "motorola", "blackberry", "lumia", "windows", "phone", "telef", "téléf", "téléph", "teléf", "telém",
    "mobil", "móvil", "movil", "celular", "cellulare", "handy", "tablet", "gerät", "device", "appareil", "dispositiv",
    "apparaat", "mail", "outlook", "proton", "tuta", "yahoo", "aol", "k-9", "spark", "thunderbird", "gmx", "web.de",
    "t-online", "orange", "sfr", "laposte", "unterwegs", "puhelim", "komór", "smartf", "zimbra", "horde", "roundcube",
    "superhuman", "airmail", "mailspring", "shortwave", "missive", "canary", "bluemail", "newton", "edison",
    "fastmail", "posteo", "zoho", "hushmail", "mailfence", "fairemail", "mailbird", "em client", "aqua", "libero",
    "naver", "yandex", "mail.ru", "foxmail", "seznam", "onet", "interia",
    "posta", "pošt", "pocz", "sony", "htc", "vodafone", "verizon", "at&t", "telekom", "workspace", "телефон", "мобил",
    "мобіл", "почт", "пошт", "смартфон", "устройств", "пристро", "планшет", "κινητ", "συσκευ"};

constexpr std::string_view pardon_table[] = {
    "excuse", "forgive", "pardon", "brevity", "typo", "sorry", "entschuldig", "kürze", "tippfehler", "verzeih",
    "brièv", "breved", "brevid", "fautes", "kortheid", "powered", "secure"};

constexpr std::string_view from_labels[] = {
    "from", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "lähettäjä", "feladó", "expéditeur",
    "mittente", "gönderen", "kimden", "από", "发件人", "寄件者", "差出人", "보낸 사람", "remetente", "de la", "afzender",
    "avsender", "afsender", "odesílatel", "odosielateľ", "nadawca", "saatja", "αποστολέας", "изпратил", "šalje",
    "pošiljatelj", "nuo", "no", "từ", "người gửi", "จาก", "dari", "pengirim", "מאת", "من", "от кого", "送信者", "送信元",
    "보낸사람", "발신", "발신자", "보낸이", "寄件人", "来自", "remitente", "remitent", "од", "siuntėjas", "frá", "द्वारा", "प्रेषक",
    "از", "فرستنده",
    "відправник", "отправитель", "nork", "oddi wrth", "daripada", "nga", "gesendet von", "mesaj sahibi", "absender",
    "由"};

constexpr std::string_view sent_labels[] = {
    "sent", "date", "gesendet", "datum", "envoyé", "envoyé le", "enviado", "enviado el", "enviada em", "enviada",
    "inviato", "data", "fecha", "verzonden", "skickat", "sendt", "dato", "wysłano", "wysłane", "odesláno", "odoslané",
    "отправлено", "дата", "надіслано", "lähetetty", "elküldve", "gönderilme tarihi", "tarih", "发送时间", "日期", "送信日時",
    "日時", "보낸 날짜", "trimis", "afsendt", "dátum", "küldve", "στάλθηκε", "ημερομηνία", "изпратено", "poslano",
    "poslato", "poslané", "datums", "nosūtīts", "išsiųsta", "saadetud", "kuupäev", "gönderildi", "gönderme tarihi",
    "gönderilme", "gönderim tarihi", "보낸 일시", "발송일", "발신 시간",
    "寄件日期", "發送日期", "发送日期", "发件时间", "时间", "日期和时间", "送信日", "日付", "날짜", "보낸시간", "enviat", "date d'envoi",
    "fecha de envío", "data de envio", "gesendet am", "đã gửi", "ngày", "ส่ง", "ส่งเมื่อ", "terkirim", "tanggal",
    "נשלח", "תאריך", "أرسلت", "تاريخ", "تاريخ الإرسال", "päivämäärä", "päiväys", "skickades", "отправлен", "sent at",
    "αποστολή", "تم الإرسال", "التاريخ", "dikirim", "послато", "испратено", "датум", "भेजा गया", "दिनांक",
    "ارسال‌شده", "ارسال شده", "تاریخ", "відправлено", "bidalia", "anfonwyd", "dihantar", "gestuur", "dërguar", "送信時刻",
    "보낸 시간", "보낸 시각", "전송일", "sendingstid", "дата отправки", "envoyé à", "date d’envoi", "zaslano", "čas",
    "data wysłania", "data invio", "data/ora", "发送于"};

constexpr std::string_view to_labels[] = {
    "to", "an", "à", "para", "a", "aan", "till", "til", "do", "komu", "кому", "vastaanottaja", "címzett",
    "destinataire", "destinatario", "kime", "收件人", "宛先", "받는 사람", "către", "ontvanger", "mottagare", "modtager",
    "příjemce", "príjemca", "adresat", "адресат", "получатель", "до", "за", "προς", "prima", "prejemnik", "za", "kam",
    "saaja", "đến", "tới", "ถึง", "kepada", "אל", "إلى", "alıcı", "收件者", "受信者", "받는사람", "per a", "pentru", "送信先",
    "destinatari", "destinatário", "destinatarios", "ke", "коме", "gavėjas", "प्रति", "به", "گیرنده", "nori", "at",
    "për", "empfänger", "수신", "수신자", "받은 사람", "받는이", "gửi tới", "към", "příjemci", "odbiorca"};

constexpr std::string_view subject_labels[] = {
    "subject", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne", "temat", "předmět",
    "predmet", "тема", "aihe", "tárgy", "konu", "主题", "主旨", "件名", "제목", "subiect", "sujet", "titel", "betrifft",
    "assumpte", "tēma", "tema", "teema", "zadeva", "θέμα", "относно", "títol", "chủ đề", "tiêu đề", "เรื่อง",
    "หัวเรื่อง", "subjek", "perihal", "נושא", "الموضوع", "标题", "題名", "主題", "otsikko", "предмет", "naslov", "efni",
    "विषय", "موضوع", "gaia", "pwnc", "subjekti", "тема письма", "предмет писма", "betr.", "tittel", "subject line",
    "標題", "标　题", "主　题", "主 题"};

constexpr std::string_view other_labels[] = {
    "sent by", "cc", "kopie", "copie", "reply-to", "importance", "organization", "antwort an", "copia", "抄送", "bcc",
    "kopi", "kopia", "kópia", "kopija", "copie à", "cópia", "копия", "копія", "másolatot kap", "bilgi", "副本", "参조",
    "참조", "blindkopie", "priorität", "priority", "wichtigkeit", "attachments", "anlagen", "anhänge", "pièces jointes",
    "allegati", "adjuntos", "anexos", "bijlagen", "bilagor", "załączniki", "вложения", "signed by", "mailed-by",
    "organisation", "répondre à", "rispondi a", "responder a", "antwoord aan", "svar til", "svara till", "kopio"};

// clang-format on

struct Labels {
    PastedField field;
    Phrases labels;
};
constexpr Labels label_tables[] = {{PastedField::From, from_labels},
                                   {PastedField::Sent, sent_labels},
                                   {PastedField::To, to_labels},
                                   {PastedField::Subject, subject_labels},
                                   {PastedField::Other, other_labels}};

}  // namespace

Phrases words_for_wrote() { return wrote_table; }
Phrases attribution_openings() { return opening_table; }
Phrases original_markers() { return marker_table; }
Phrases device_openings() { return device_table; }
Phrases set_phrases_of_devices() { return set_phrase_table; }
Phrases words_for_devices() { return device_word_table; }
Phrases words_for_pardon() { return pardon_table; }

PastedField field_of_label(std::string_view label) {
    static const auto fields = [] {
        std::unordered_map<std::string_view, PastedField> map;
        for (const auto& [field, labels] : label_tables)
            for (const auto known : labels) map.emplace(known, field);
        return map;
    }();
    const auto found = fields.find(label);
    return found == fields.end() ? PastedField::None : found->second;
}

}  // namespace tocsin::mail
