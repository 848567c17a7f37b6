// What mail programs put above, around and below what they quote, in the languages that are common: the written words
// alone are left, whether the quotation bears marks or not.
#include <gtest/gtest.h>

#include "base/utf8.hpp"
#include "mail/reply/reply_text.hpp"

namespace tocsin::mail {
namespace {

// clang-format off
// The same with and without quotation marks below.
constexpr std::string_view attributions[] = {
    "On Mon, Mar 2, 2026 at 10:00 AM ACME Security <security@acme.test> wrote:",
    "Am Mo., 2. März 2026 um 10:00 Uhr schrieb ACME Security <\nsecurity@acme.test>:",
    "Le lun. 2 mars 2026 à 10:00, ACME Security <security@acme.test> a écrit :",
    "El lun, 2 mar 2026 a las 10:00, ACME Security (<security@acme.test>)\nescribió:",
    "Em seg., 2 de mar. de 2026 às 10:00, ACME Security <security@acme.test>\nescreveu:",
    "пн, 2 мар. 2026 г. в 10:00, ACME Security <security@acme.test>:",
    "ACME Security <security@acme.test> ezt írta (időpont: 2026. márc. 2., H,\n10:00):",
    "ACME Security <security@acme.test>, 2 Mar 2026 Pzt, 10:00 tarihinde şunu\nyazdı:",
    "2026年3月2日(月) 10:00 ACME Security <security@acme.test>:",
    "ACME Security <security@acme.test> 于2026年3月2日周一 10:00写道：",
    "Kuupäev E, 2. märts 2026 kell 10:00 kirjutas ACME Security <\nsecurity@acme.test>:",
    "Missatge de ACME Security <security@acme.test> del dia dl., 2 de març 2026\na les 10:00:",
    "On 02/03/2026 10:00, ACME Security wrote:",
    "ACME Security schreef op 02-03-2026 10:00:",
    "ACME Security kirjoitti 2.3.2026 kello 10.00:",
    "На 2.03.2026 г. в 10:00, ACME Security написа:",
    "2026/03/02 10:00、ACME Security <security@acme.test> のメッセージ:",
    "On 3/2/26 10:00 AM, ACME Security via Lists wrote:",
    "Am 02.03.26 um 10:00 schrieb ACME Security:",
    "Le 02/03/2026 à 10:00, ACME Security a écrit :",
    "El 2/3/26 a las 10:00, ACME Security escribió:",
    "Il 02/03/2026 10:00, ACME Security ha scritto:",
    "Op 02-03-2026 om 10:00 schreef ACME Security:",
    "W dniu 2.03.2026 o 10:00, ACME Security pisze:",
    "02.03.2026 10:00, ACME Security пишет:",
    "Dne 02. 03. 26 v 10:00 ACME Security napsal(a):",
    "Em 02/03/2026 10:00, ACME Security escreveu:",
    "Den 2026-03-02 kl. 10:00, skrev ACME Security:",
    "2026. 03. 02. 10:00 keltezéssel, ACME Security írta:",
    "On 2026/03/02 10:00, ACME Security wrote:",
    "在 2026/3/2 10:00, ACME Security 写道:",
    "26. 3. 2. 오전 10:00에 ACME Security 이(가) 쓴 글:",
    "2.03.2026 10:00 tarihinde ACME Security yazdı:",
    "Στις 2/3/26 10:00, ο/η ACME Security έγραψε:",
    "Den 02.03.2026 kl. 10.00 skrev ACME Security:",
    "Den 02.03.2026 10:00, skrev ACME Security:",
    "Pe 02.03.2026 10:00, ACME Security a scris:",
    "02.03.2026 10:00, ACME Security пише:",
    "Dana 2. 3. 2026. u 10:00, ACME Security je napisao/la:",
    "On Mon, Mar 02, 2026 at 10:00:00AM +0000, ACME Security wrote:",
    "On Mon, 2 Mar 2026, ACME Security wrote:",
    "Am Montag, 2. März 2026, 10:00:00 CET schrieb ACME Security:",
    "On Monday, 2 March 2026 10:00:00 CET ACME Security wrote:",
    "Am Montag, dem 02.03.2026 um 10:00 +0100 schrieb ACME Security:",
    "On Mon, 2026-03-02 at 10:00 +0000, ACME Security wrote:",
    "On 2 Mar 2026, at 10:00, ACME Security <security@acme.test> wrote:",
    "Am 02.03.2026 um 10:00 schrieb ACME Security <security@acme.test>:",
    "Op 2 mrt 2026, om 10:00 heeft ACME Security <security@acme.test> het volgende geschreven:",
    "2 mars 2026 kl. 10:00 skrev ACME Security <security@acme.test>:",
    "Den 2. mar. 2026 kl. 10.00 skrev ACME Security <security@acme.test>:",
    "Wiadomość napisana przez ACME Security <security@acme.test> w dniu 2 mar 2026, o godz. 10:00:",
    "2 марта 2026 г., в 10:00, ACME Security <security@acme.test> написал(а):",
    "2026年3月2日 10:00，ACME Security <security@acme.test> 写道：",
    "2026/03/02 10:00、ACME Security <security@acme.test>のメール:",
    "2026. 3. 2. 오전 10:00, ACME Security <security@acme.test> 작성:",
    "No dia 02/03/2026, às 10:00, ACME Security <security@acme.test> escreveu:",
    "El 2 mar 2026, a las 10:00, ACME Security <security@acme.test> escribió:",
    "Il giorno 2 mar 2026, alle ore 10:00, ACME Security <security@acme.test> ha scritto:",
    "ACME Security <security@acme.test> şunları yazdı (2 Mar 2026 10:00):",
    "2. 3. 2026 v 10:00, ACME Security <security@acme.test>:",
    "ACME Security <security@acme.test> kirjoitti 2.3.2026 kello 10.00:",
    "On Monday, March 2nd, 2026 at 10:00, ACME Security <security@acme.test> wrote:",
    "Mar 2, 2026, 10:00 by security@acme.test:",
    "2. März 2026, 10:00 von security@acme.test:",
    "On Mon, Mar 2, 2026, at 10:00 AM, ACME Security wrote:",
    "---- On Mon, 02 Mar 2026 10:00:00 +0000 ACME Security <security@acme.test> wrote ----",
    "---- On Mon, 02 Mar 2026 10:00:00 +0000 ACME Security <security@acme.test> wrote ---",
    "Am 2026-03-02 10:00, schrieb ACME Security:",
    "    On Monday, March 2, 2026 at 10:00:00 AM GMT+1, ACME Security <security@acme.test> wrote:  ",
    "    Am Montag, 2. März 2026 um 10:00:00 MEZ hat ACME Security <security@acme.test> Folgendes geschrieben:  ",
    "    Le lundi 2 mars 2026 à 10:00:00 UTC+1, ACME Security <security@acme.test> a écrit :  ",
    "-------- Original Message --------\nFrom: ACME Security <security@acme.test>\nSent: 2 March 2026 10:00:00 CET\nTo: rae@lab.test\nSubject: Re: x",
    "Понедельник, 2 марта 2026, 10:00 +03:00 от ACME Security <security@acme.test>:",
    "02.03.2026, 10:00, \"ACME Security\" <security@acme.test>:",
    "10:00, 2 марта 2026 г., ACME Security <security@acme.test>:",
    "On 2 Mar 2026, 10:00 +0100, ACME Security <security@acme.test>, wrote:",
    "On Mar 2, 2026, at 10:00, ACME Security <security@acme.test> wrote:",
    "On March 2, 2026, ACME Security <security@acme.test> wrote:",
    "On Mon, Mar 2, 2026 at 10:00 ACME Security <security@acme.test> wrote:",
    "Gesendet: Montag, 02. März 2026 um 10:00 Uhr\nVon: \"ACME Security\" <security@acme.test>\nAn: rae@lab.test\nBetreff: Re: x",
    "Gesendet: Montag, 02. März 2026 um 10:00\nVon: \"ACME Security\" <security@acme.test>\nAn: \"Rae\" <rae@lab.test>\nBetreff: Aw: Re: x",
    "ACME Security <security@acme.test> wrote on 03/02/2026 10:00:00 AM:",
    "ACME Security <security@acme.test> schrieb am 02.03.2026 10:00:00:",
    "From:   ACME Security <security@acme.test>\nTo:     Rae <rae@lab.test>\nDate:   02.03.2026 10:00\nSubject:        Re: x",
    "Von:    ACME Security <security@acme.test>\nAn:     Rae <rae@lab.test>\nDatum:  02.03.2026 10:00\nBetreff:        Re: x",
    "------------------ 原始邮件 ------------------\n发件人: \"ACME Security\" <security@acme.test>;\n发送时间: 2026年3月2日(星期一) 上午10:00\n收件人: \"Rae\"<rae@lab.test>;\n主题: Re: x",
    "在 2026-03-02 10:00:00，\"ACME Security\" <security@acme.test> 写道：",
    "At 2026-03-02 10:00:00, \"ACME Security\" <security@acme.test> wrote:",
    "-----Original Message-----\nFrom: \"ACME Security\" <security@acme.test>\nTo: <rae@lab.test>;\nCc:\nSent: 2026-03-02 (월) 10:00:00 (GMT+09:00)\nSubject: Re: x",
    "--------- 원본 메일 ---------\n보낸사람 : ACME Security <security@acme.test>\n받는사람 : rae@lab.test\n날짜: 2026년 3월 2일 10:00\n제목: Re: x",
    "On Mon, 2 Mar 2026 10:00:00 +0000\nACME Security <security@acme.test> wrote:",
    "On Mon, 2 Mar 2026 10:00:00 +0000\nACME Security <security@acme.test> wrote:",
    "---------------------------- Original Message ----------------------------\nSubject: Re: x\nFrom:    \"ACME Security\" <security@acme.test>\nDate:    Mon, March 2, 2026 10:00 am\nTo:      rae@lab.test\n--------------------------------------------------------------------------",
    "On Mon Mar 2, 2026 at 10:00 AM CET, ACME Security wrote:",
    "On 2 Mar 2026, at 10:00, ACME Security wrote:",
    "On Mar 2, 2026, 10:00 AM GMT+1 security@acme.test wrote:",
    "On Mon, Mar 02, 2026 at 10:00 AM, ACME Security < security@acme.test > wrote:",
    "On Mon, Mar 2, 2026, 10:00 ACME Security ***@***.***> wrote:",
    "Il lun 2 mar 2026, 10:00 ACME Security <security@acme.test> ha scritto:"};

// Nothing but the marks below tells these from a sentence of the writer's.
constexpr std::string_view attributions_of_marked_quotations[] = {
    "On Mon, Mar 2, 2026 at 10:00 AM ACME Security\n<security@acme.test> wrote:",
    "On Mon, Mar 2, 2026 at 10:00 AM ACME Security <\nsecurity@acme.test> wrote:",
    "Il giorno lun 2 mar 2026 alle ore 10:00 ACME Security <security@acme.test>\nha scritto:",
    "Op ma 2 mrt 2026 om 10:00 schreef ACME Security <security@acme.test>:",
    "pon., 2 mar 2026 o 10:00 ACME Security <security@acme.test> napisał(a):",
    "пн, 2 бер. 2026 р. о 10:00 ACME Security <security@acme.test> пише:",
    "po 2. 3. 2026 v 10:00 odesílatel ACME Security <security@acme.test>\nnapsal:",
    "po 2. 3. 2026 o 10:00 ACME Security <security@acme.test> napísal(a):",
    "Den mån 2 mars 2026 kl 10:00 skrev ACME Security <security@acme.test>:",
    "Den man. 2. mar. 2026 kl. 10.00 skrev ACME Security <security@acme.test>:",
    "man. 2. mars 2026 kl. 10:00 skrev ACME Security <security@acme.test>:",
    "ma 2. maalisk. 2026 klo 10.00 ACME Security (security@acme.test) kirjoitti:",
    "În lun., 2 mar. 2026 la 10:00, ACME Security <security@acme.test> a scris:",
    "Στις Δευ 2 Μαρ 2026 στις 10:00 π.μ., ο χρήστης ACME Security <\nsecurity@acme.test> έγραψε:",
    "ACME Security <security@acme.test> 於 2026年3月2日 週一 上午10:00寫道：",
    "2026년 3월 2일 (월) 오전 10:00, ACME Security <security@acme.test>님이 작성:",
    "Vào Th 2, 2 thg 3, 2026 vào lúc 10:00 ACME Security <security@acme.test>\nđã viết:",
    "Pada tanggal Sen, 2 Mar 2026 pukul 10.00 ACME Security <\nsecurity@acme.test> menulis:",
    "\u200fבתאריך יום ב׳, 2 במרץ 2026 ב-10:00 מאת \u202aACME Security\u202c\u200f <\u202asecurity@acme.test\u202c\u200f>:",
    "في الاثنين، 2 مارس 2026 في 10:00 ص تمت كتابة ما يلي بواسطة ACME Security <security@acme.test>:",
    "ในวันที่ จ. 2 มี.ค. 2026 เวลา 10:00 ACME Security <security@acme.test> เขียนว่า:",
    "На пн, 2.03.2026 г. в 10:00 ACME Security <security@acme.test> написа:",
    "pon, 2. ožu 2026. u 10:00 ACME Security <security@acme.test> napisao je:",
    "V V pon., 2. mar. 2026 ob 10:00 je oseba ACME Security <security@acme.test>\nnapisala:",
    "2026-03-02, pr, 10:00 ACME Security <security@acme.test> rašė:",
    "सोम, 2 मार्च 2026 को 10:00 पूर्वाह्न बजे को ACME Security <security@acme.test> ने लिखा:",
    "در تاریخ دوشنبه ۲ مارس ۲۰۲۶، ۱۰:۰۰ ACME Security <security@acme.test> نوشت:",
    "ACME Security kirjoitti 2.3.2026 klo 10.00:",
    "ACME Security <security@acme.test> writes:",
    ">>>>> \"ACME\" == ACME Security <security@acme.test> writes:",
    "Quoting ACME Security <security@acme.test>:",
    "Zitat von ACME Security <security@acme.test>:",
    "Monday, March 2, 2026, 10:00:00 AM, you wrote:"};

// Outlook's, above a quotation without marks.
constexpr std::string_view pasted_headers[] = {
    "From: ACME Security <security@acme.test>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Rae <rae@lab.test>\nSubject: RE: x",
    "Von: ACME Security <security@acme.test>\nGesendet: Montag, 2. März 2026 10:00\nAn: Rae <rae@lab.test>\nBetreff: AW: x",
    "De : ACME Security <security@acme.test>\nEnvoyé : lundi 2 mars 2026 10:00\nÀ : Rae <rae@lab.test>\nObjet : RE: x",
    "De: ACME Security <security@acme.test>\nEnviado el: lunes, 2 de marzo de 2026 10:00\nPara: Rae <rae@lab.test>\nAsunto: RE: x",
    "Da: ACME Security <security@acme.test>\nInviato: lunedì 2 marzo 2026 10:00\nA: Rae <rae@lab.test>\nOggetto: R: x",
    "De: ACME Security <security@acme.test>\nEnviada em: segunda-feira, 2 de março de 2026 10:00\nPara: Rae <rae@lab.test>\nAssunto: RES: x",
    "De: ACME Security <security@acme.test>\nEnviado: 2 de março de 2026 10:00\nPara: Rae <rae@lab.test>\nAssunto: RE: x",
    "Van: ACME Security <security@acme.test>\nVerzonden: maandag 2 maart 2026 10:00\nAan: Rae <rae@lab.test>\nOnderwerp: RE: x",
    "Od: ACME Security <security@acme.test>\nWysłano: poniedziałek, 2 marca 2026 10:00\nDo: Rae <rae@lab.test>\nTemat: RE: x",
    "От: ACME Security <security@acme.test>\nОтправлено: 2 марта 2026 г. 10:00\nКому: Rae <rae@lab.test>\nТема: RE: x",
    "Від: ACME Security <security@acme.test>\nНадіслано: 2 березня 2026 р. 10:00\nКому: Rae <rae@lab.test>\nТема: RE: x",
    "Od: ACME Security <security@acme.test>\nOdesláno: pondělí 2. března 2026 10:00\nKomu: Rae <rae@lab.test>\nPředmět: RE: x",
    "Od: ACME Security <security@acme.test>\nOdoslané: pondelok 2. marca 2026 10:00\nKomu: Rae <rae@lab.test>\nPredmet: RE: x",
    "Feladó: ACME Security <security@acme.test>\nElküldve: 2026. március 2., hétfő 10:00\nCímzett: Rae <rae@lab.test>\nTárgy: RE: x",
    "De la: ACME Security <security@acme.test>\nTrimis: luni, 2 martie 2026 10:00\nCătre: Rae <rae@lab.test>\nSubiect: RE: x",
    "Från: ACME Security <security@acme.test>\nSkickat: den 2 mars 2026 10:00\nTill: Rae <rae@lab.test>\nÄmne: SV: x",
    "Fra: ACME Security <security@acme.test>\nSendt: 2. marts 2026 10:00\nTil: Rae <rae@lab.test>\nEmne: SV: x",
    "Fra: ACME Security <security@acme.test>\nSendt: mandag 2. mars 2026 10:00\nTil: Rae <rae@lab.test>\nEmne: SV: x",
    "Lähettäjä: ACME Security <security@acme.test>\nLähetetty: maanantai 2. maaliskuuta 2026 10.00\nVastaanottaja: Rae <rae@lab.test>\nAihe: VS: x",
    "Kimden: ACME Security <security@acme.test>\nGönderildi: 2 Mart 2026 Pazartesi 10:00\nKime: Rae <rae@lab.test>\nKonu: YNT: x",
    "Gönderen: ACME Security <security@acme.test>\nGönderilme Tarihi: 2 Mart 2026 Pazartesi 10:00\nKime: Rae <rae@lab.test>\nKonu: YNT: x",
    "Από: ACME Security <security@acme.test>\nΣτάλθηκε: Δευτέρα, 2 Μαρτίου 2026 10:00\nΠρος: Rae <rae@lab.test>\nΘέμα: ΑΠ: x",
    "Από: ACME Security <security@acme.test>\nΑποστολή: Δευτέρα, 2 Μαρτίου 2026 10:00\nΠρος: Rae <rae@lab.test>\nΘέμα: ΑΠ: x",
    "差出人: ACME Security <security@acme.test>\n送信日時: 2026年3月2日 10:00\n宛先: Rae <rae@lab.test>\n件名: RE: x",
    "From: ACME Security <security@acme.test>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Rae <rae@lab.test>\nSubject: RE: x",
    "发件人: ACME Security <security@acme.test>\n发送时间: 2026年3月2日 10:00\n收件人: Rae <rae@lab.test>\n主题: 答复: x",
    "寄件者: ACME Security <security@acme.test>\n寄件日期: 2026年3月2日 上午 10:00\n收件者: Rae <rae@lab.test>\n主旨: RE: x",
    "보낸 사람: ACME Security <security@acme.test>\n보낸 날짜: 2026년 3월 2일 월요일 오전 10:00\n받는 사람: Rae <rae@lab.test>\n제목: RE: x",
    "מאת: ACME Security <security@acme.test>\nנשלח: יום שני 02 מרץ 2026 10:00\nאל: Rae <rae@lab.test>\nנושא: RE: x",
    "من: ACME Security <security@acme.test>\nتم الإرسال: الاثنين، 2 مارس 2026 10:00\nإلى: Rae <rae@lab.test>\nالموضوع: RE: x",
    "Từ: ACME Security <security@acme.test>\nĐã gửi: 02 Tháng Ba 2026 10:00\nĐến: Rae <rae@lab.test>\nChủ đề: RE: x",
    "จาก: ACME Security <security@acme.test>\nส่ง: 2 มีนาคม 2026 10:00\nถึง: Rae <rae@lab.test>\nเรื่อง: RE: x",
    "Dari: ACME Security <security@acme.test>\nDikirim: Senin, 02 Maret 2026 10:00\nKepada: Rae <rae@lab.test>\nPerihal: RE: x",
    "Dari: ACME Security <security@acme.test>\nTerkirim: Senin, 02 Maret 2026 10:00\nKe: Rae <rae@lab.test>\nSubjek: RE: x",
    "Šalje: ACME Security <security@acme.test>\nPoslano: 2. ožujka 2026. 10:00\nPrima: Rae <rae@lab.test>\nPredmet: RE: x",
    "Od: ACME Security <security@acme.test>\nPoslano: ponedeljek, 02. marec 2026 10:00\nZa: Rae <rae@lab.test>\nZadeva: RE: x",
    "Od: ACME Security <security@acme.test>\nPoslato: 2. mart 2026. 10:00\nKome: Rae <rae@lab.test>\nTema: RE: x",
    "Од: ACME Security <security@acme.test>\nПослато: 2. март 2026. 10:00\nКоме: Rae <rae@lab.test>\nТема: RE: x",
    "От: ACME Security <security@acme.test>\nИзпратено: 2 март 2026 г. 10:00\nДо: Rae <rae@lab.test>\nОтносно: RE: x",
    "From: ACME Security <security@acme.test>\nИзпратено: 2 март 2026 г. 10:00\nКъм: Rae <rae@lab.test>\nТема: RE: x",
    "Saatja: ACME Security <security@acme.test>\nSaadetud: esmaspäev, 2. märts 2026 10:00\nAdressaat: Rae <rae@lab.test>\nTeema: RE: x",
    "No: ACME Security <security@acme.test>\nNosūtīts: pirmdiena, 2026. gada 2. marts 10:00\nKam: Rae <rae@lab.test>\nTēma: RE: x",
    "Nuo: ACME Security <security@acme.test>\nIšsiųsta: 2026 m. kovo 2 d. 10:00\nKam: Rae <rae@lab.test>\nTema: RE: x",
    "Siuntėjas: ACME Security <security@acme.test>\nData: 2026 m. kovo 2 d. 10:00\nGavėjas: Rae <rae@lab.test>\nTema: RE: x",
    "De: ACME Security <security@acme.test>\nEnviat: dilluns, 2 de març de 2026 10:00\nPer a: Rae <rae@lab.test>\nTema: RE: x",
    "Frá: ACME Security <security@acme.test>\nSent: mánudagur, 2. mars 2026 10:00\nTil: Rae <rae@lab.test>\nEfni: RE: x",
    "द्वारा: ACME Security <security@acme.test>\nभेजा गया: 2 मार्च 2026 10:00\nप्रति: Rae <rae@lab.test>\nविषय: RE: x",
    "از: ACME Security <security@acme.test>\nارسال\u200cشده: 2 مارس 2026 10:00\nبه: Rae <rae@lab.test>\nموضوع: RE: x"};

constexpr std::string_view device_signatures[] = {
    "Sent from my iPhone",
    "Von meinem iPad gesendet",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Enviado do meu iPhone",
    "iPhoneから送信",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "나의 iPhone에서 보냄",
    "Отправлено с iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone’a",
    "Odesláno z iPhonu",
    "iPhone’umdan gönderildi",
    "Στάλθηκε από το iPhone μου",
    "נשלח מה-iPhone שלי",
    "أُرسلت من الـ iPhone",
    "Надіслано з iPhone",
    "Az iPhone-omról küldve",
    "Trimis de pe iPhone-ul meu",
    "Enviat des del meu iPhone",
    "Poslano s mog iPhonea",
    "Đã gửi từ iPhone của tôi",
    "ส่งจาก iPhone ของฉัน",
    "Dikirim dari iPhone saya",
    "Sent from my Samsung Galaxy smartphone.",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Outlook für iOS<https://aka.ms/o0ukef> beziehen",
    "Get [Outlook for Android](https://aka.ms/AAb9ysg)",
    "Sent with Proton Mail secure email.",
    "Sent from Proton Mail for iOS",
    "Gesendet mit Proton Mail.",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows",
    "Gesendet von Mail für Windows",
    "Sent from my BlackBerry 10 smartphone.",
    "发自我的华为手机",
    "发自我的小米手机",
    "发自 QQ邮箱",
    "Envoyé depuis mon smartphone Samsung Galaxy.",
    "Inviato da Libero Mail per Android",
    "Отправлено из мобильного приложения Яндекс Почты",
    "Отправлено из Почты Mail",
    "Gesendet mit der GMX Mail App",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.",
    "Gesendet mit der Telekom Mail App",
    "Sent via Spark",
    "Sent with Tutanota, get your own mailbox:",
    "Gesendet mit Tuta",
    "Sent with FairEmail; https://email.faircode.eu/",
    "Sent from my mobile device",
    "Envoyé à partir de l’application Mail Orange",
    "Wysłano z aplikacji mobilnej",
    "NAVER 앱에서 보냄",
    "Sent via Superhuman ( https://sprh.example.org/?vip=rae@lab.test )",
    "Téléchargez Outlook pour iOS",
    "Outlook für Android herunterladen",
    "Scarica Outlook per Android<https://aka.ms/AAb9ysg>",
    "Hämta Outlook för iOS<https://aka.ms/o0ukef>",
    "Pobierz aplikację Outlook dla systemu Android<https://aka.ms/AAb9ysg>",
    "iOS 版 Outlook を入手",
    "获取 Outlook for iOS<https://aka.ms/o0ukef>",
    "Скачать Outlook для iOS",
    "Android için Outlook’u edinin",
    "从 Windows 版邮件发送",
    "Provenance : Courrier pour Windows"};
// clang-format on

constexpr std::string_view written = "Here is the answer.\nThe second line, with more words.";
constexpr std::string_view quoted = "Dear Rae,\nwhat version is it?\n\nKind regards\nACME\n";
constexpr std::string_view marked = "> Dear Rae,\n> what version is it?\n>\n> Kind regards\n> ACME\n";

std::string reply(std::string_view below, std::string_view quotation) {
    return for_people(std::string{written}.append("\n\n").append(below).append("\n\n").append(quotation));
}

void expect_written(std::string_view below, std::string_view quotation) {
    EXPECT_EQ(written, split_reply(reply(below, quotation)).written) << below;
}

TEST(ReplyHabits, AnAttributionAndItsQuotationAreNotWritten) {
    for (const auto attribution : attributions) {
        expect_written(attribution, marked);
        expect_written(attribution, quoted);
    }
    for (const auto attribution : attributions_of_marked_quotations) expect_written(attribution, marked);
}

TEST(ReplyHabits, APastedHeaderBeginsTheOtherMail) {
    for (const std::string_view header : pasted_headers) {
        expect_written(header, quoted);
        expect_written("________________________________\n" + std::string{header}, quoted);
        // Converted from HTML, the labels stand out.
        std::string bold = "*";
        for (std::size_t at = 0; at < header.size(); ++at) {
            bold.push_back(header[at]);
            if (header[at] == ':' && bold.rfind('*') == bold.rfind('\n') + 1) bold.push_back('*');
            if (header[at] == '\n') bold.push_back('*');
        }
        expect_written(bold, quoted);
    }
}

TEST(ReplyHabits, WhatADeviceAddsIsNotWritten) {
    for (const auto signature : device_signatures) {
        expect_written(signature, "");
        expect_written(signature,
                       "On 2 Mar 2026, at 10:00, ACME Security <security@acme.test> wrote:\n\n" + std::string{marked});
    }
}

TEST(ReplyHabits, AHelpDeskSaysAboveWhichLineToAnswer) {
    for (const auto line : {"##- Please type your reply above this line -##", "--- Reply above this line ---",
                            "Bitte antworten Sie oberhalb dieser Zeile.", "=== Répondre au-dessus de cette ligne ==="})
        expect_written(line, quoted);
}

// Sentences of a report that only look like these.
TEST(ReplyHabits, AReportIsNotTakenForAQuotation) {
    for (const std::string_view sentence :
         {"On the login page, send the following request as bob@example.org:", "In 2026 the vendor wrote:",
          "On 1 March 2026 at 10:00 I wrote to you:", "Am 1.3.2026 um 10:00 schrieb ich Ihnen:",
          "Look at the reply above this line of the log.",
          "From: the upload form\nTo: the image server\nDo: send any file",
          "I read the original message:", "At 10:00 the server answers with:", "Sent requests are logged in this way:",
          "1. Log in as alice@example.org:\n2. Change the e-mail to bob@example.org:",
          "Date: 2026-03-02\nSeverity: high\nSubject: SQL injection in /search",
          "The mail begins with \"-----Original Message-----\" in the template."}) {
        const std::string mail = "There is a hole.\n\n" + std::string{sentence} + "\n\nThe code runs.";
        EXPECT_EQ(mail, split_reply(mail).written);
    }
}

// The last line of somebody's own words may begin like what a device adds.
TEST(ReplyHabits, ASentenceThatBeginsLikeADeviceSignatureIsWritten) {
    for (const std::string_view sentence :
         {"Outlook for iOS shows it as well.",
          "Get the build for Android, it has no Outlook add-in that shows it there.",
          "From my point of view the problem is fixed in 4.2.2.",
          "Sent with curl 8.5 the same request still answers 500 here.", "Depuis mon poste je ne le reproduis pas…",
          "Sent by mail or as a file, both are fine with us.", "From my phone it works.",
          "Sent by the proxy, the header is gone."})
        EXPECT_EQ("We looked.\n" + std::string{sentence}, split_reply("We looked.\n" + std::string{sentence}).written);
}

// A prompt and a table bear what may be a quotation mark; a quotation has an attribution above it.
TEST(ReplyHabits, PromptsPipesAndTablesAreWritten) {
    const std::string own =
        "Please run:\n\nPS> Get-HotFix\nSQL> select 1;\n\n  grep x \\\n  | sort\n\n| a | b |\n|---|---|\n| 1 | 2 |";
    EXPECT_EQ(own, split_reply(own).written);
    EXPECT_EQ(own, split_reply(own + "\n\nOn 2 Mar 2026, at 10:00, ACME <security@acme.test> wrote:\n\n" +
                               std::string{marked})
                       .written);
    for (const std::string_view mark : {"| ", "AL> "}) {
        const std::string quotation = std::string{mark} + "Dear Rae,\n" + std::string{mark} + "what version?\n";
        EXPECT_EQ("It is 4.2.", split_reply("On 2 Mar 2026, at 10:00, ACME <security@acme.test> wrote:\n\n" +
                                            quotation + "\nIt is 4.2.\n\n" + quotation)
                                    .written);
    }
}

// In a mail that answers none, who writes at what time is a daemon.
TEST(ReplyHabits, ALogInAFirstReportIsWritten) {
    const std::string mail = "It dies.\n\nAt 10:00 on 2 March 2026 the daemon wrote:\n\nsegfault\n\nImpact: high.";
    AnsweredMail none;
    none.any = false;
    EXPECT_EQ(mail, split_reply(mail, Answered::LeftOut, none).written);
}

// Header lines and a log of something else, above the quotation of the mail that is answered.
TEST(ReplyHabits, WhatIsPastedOfAnotherMailIsWritten) {
    const AnsweredMail answered{"[SEC-2026-0001] high: upload", {"security@acme.test"}};
    const std::string quotation = "\n\nOn 2 Mar 2026, at 10:00, Rae via ACME\n<security@acme.test> wrote:\n\n";
    for (const std::string_view own :
         {"Our bounce:\n\nFrom: noreply@portal.acme.test\nDate: Sun, 22 Nov 2026 10:00:00 +0000\nSubject: Upload "
          "done\n\n"
          "Is that it?",
          "The log says:\n\n2026-11-22 12:00:01 alice@portal.acme.test wrote:\n  denied\n\nCan you see why?"}) {
        EXPECT_EQ(own,
                  split_reply(std::string{own} + quotation + std::string{marked}, Answered::LeftOut, answered).written);
        EXPECT_NE(own, split_reply(std::string{own} + quotation + std::string{marked}).written) << "nothing is known";
    }
    // The mail that is answered, without marks, quotes an older one with them.
    const std::string outlook =
        "Thank you.\n\nFrom: Rae via ACME <security@acme.test>\nSent: Monday\nTo: Alice\n"
        "Subject: Re: [SEC-2026-0001] high: upload\n\nHere it is.";
    EXPECT_EQ("Thank you.",
              split_reply(outlook + quotation + std::string{marked}, Answered::LeftOut, answered).written);
}

}  // namespace
}  // namespace tocsin::mail
