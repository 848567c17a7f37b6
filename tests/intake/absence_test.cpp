// Mails of answers_a_mail programs that say so in no field at all, and mails of people who write about such programs.
#include <gtest/gtest.h>

#include "desk.hpp"
#include "intake/decide/automatic_mail.hpp"

namespace tocsin::intake {
namespace {

struct AbsenceNotice {
    const char* language;
    const char* subject;
    const char* text;
};

constexpr AbsenceNotice notices_of_absence[] = {
    {"da", "Autosvar: Your report",
     "Tak for din mail. Jeg er på ferie til og med den 2. december og læser ikke mails i perioden.\nKontakt venligst "
     "Mette ved hastesager.\n"},
    {"da", "Jeg er ikke på kontoret",
     "Hej, jeg er ude af kontoret og vender tilbage mandag den 30. november. Mvh Jens"},
    {"sv", "Autosvar: [SEC-2026-0001] Your report to ACME",
     "Hej! Jag är på semester och är åter den 30 november. Vid brådskande ärenden, kontakta växeln."},
    {"sv", "Frånvaro: Your report", "Hej,\nJag är föräldraledig och svarar inte på mejl. Kontakta Anna Svensson."},
    {"no", "Automatisk svar: Your report", "Hei, jeg er ute av kontoret til mandag. Haster det, ring 22 33 44 55."},
    {"no", "Fraværende", "Jeg har ferie og er tilbake 30.11. Mail blir ikke lest."},
    {"fi", "Automaattinen vastaus: Your report",
     "Hei! Olen lomalla 30.11. asti. Kiireellisissä asioissa ota yhteyttä toimistoon."},
    {"fi", "Poissaoloilmoitus", "Olen poissa toimistolta tällä viikolla. Vastaan viestiisi palattuani."},
    {"nl", "Automatisch antwoord: Your report",
     "Bedankt voor uw bericht. Ik ben tot en met 30 november met vakantie en heb beperkt toegang tot mijn e-mail."},
    {"nl", "Afwezigheidsbericht",
     "Ik ben momenteel niet op kantoor. Bij dringende zaken kunt u contact opnemen met mijn collega."},
    {"de", "Automatische Antwort: Your report",
     "Vielen Dank für Ihre Nachricht. Ich bin bis einschließlich 30.11. nicht im Büro. Ihre E-Mail wird nicht "
     "weitergeleitet."},
    {"de", "Ich bin nicht da",
     "Guten Tag, ich bin vom 20.11. bis zum 1.12. im Urlaub. In dringenden Fällen wenden Sie sich bitte an die "
     "Zentrale."},
    {"de", "Abwesenheitsassistent", "Sehr geehrte Damen und Herren, ich befinde mich derzeit in Elternzeit."},
    {"fr", "Réponse automatique : Your report",
     "Bonjour, je suis absente du bureau jusqu'au 30 novembre inclus. Je répondrai à mon retour."},
    {"fr", "Absence",
     "Bonjour,\nActuellement en congés, je ne pourrai traiter votre message qu'à partir du 1er "
     "décembre.\nCordialement"},
    {"es", "Respuesta automática: Your report",
     "Gracias por su mensaje. Estaré fuera de la oficina hasta el 30 de noviembre, con acceso limitado al correo."},
    {"es", "Ausente de la oficina", "Hola, me encuentro de vacaciones. Le contestaré a mi regreso. Saludos."},
    {"it", "Risposta automatica: Your report",
     "Grazie per la mail. Sono fuori ufficio fino al 30 novembre. Per urgenze contattare la segreteria."},
    {"it", "Assenza dall'ufficio", "Buongiorno, sono in ferie fino a lunedì. Risponderò al mio rientro."},
    {"pt", "Resposta automática: Your report",
     "Olá, estou de férias até 30 de novembro. Responderei assim que possível após o meu regresso."},
    {"pt", "Ausência temporária",
     "Prezados, estarei ausente do escritório até o dia 30/11. Em caso de urgência, contate a recepção."},
    {"pl", "Odpowiedź automatyczna: Your report",
     "Dziękuję za wiadomość. Przebywam na urlopie do 30 listopada. W pilnych sprawach proszę o kontakt z "
     "sekretariatem."},
    {"pl", "Nieobecność w biurze",
     "Jestem poza biurem do poniedziałku i mam ograniczony dostęp do poczty elektronicznej."},
    {"cs", "Automatická odpověď: Your report",
     "Dobrý den, do 30. 11. čerpám dovolenou a nemám přístup k e-mailu. Děkuji za pochopení."},
    {"cs", "Mimo kancelář", "Nejsem v kanceláři, vrátím se v pondělí."},
    {"hu", "Automatikus válasz: Your report",
     "Tisztelt Partnerünk! November 30-ig szabadságon vagyok, e-mailjeimet nem olvasom."},
    {"hu", "Távollét", "Jelenleg nem vagyok elérhető, 30-án térek vissza az irodába."},
    {"ro", "Răspuns automat: Your report",
     "Bună ziua, sunt în concediu până pe 30 noiembrie. Pentru urgențe vă rog să contactați recepția."},
    {"ro", "Absent din birou", "Vă mulțumesc pentru mesaj. Nu sunt la birou până luni; voi răspunde la întoarcere."},
    {"tr", "Otomatik Yanıt: Your report",
     "Merhaba, 30 Kasım'a kadar yıllık izindeyim. Acil durumlarda santrali arayabilirsiniz."},
    {"tr", "Ofis dışındayım", "Merhaba, şu anda ofis dışındayım ve e-postalarıma sınırlı erişimim var."},
    {"ru", "Автоматический ответ: Your report",
     "Здравствуйте! Я в отпуске до 30 ноября. По срочным вопросам обращайтесь к секретарю."},
    {"ru", "Отсутствие на рабочем месте", "Меня не будет в офисе до понедельника. Отвечу, как только вернусь."},
    {"uk", "Автоматична відповідь: Your report",
     "Вітаю! Я у відпустці до 30 листопада. З термінових питань звертайтеся до колег."},
    {"uk", "Відсутність на робочому місці", "Доброго дня, мене немає в офісі до понеділка, відповім після повернення."},
    {"el", "Αυτόματη απάντηση: Your report",
     "Σας ευχαριστώ για το μήνυμά σας. Θα βρίσκομαι σε άδεια έως τις 30 Νοεμβρίου."},
    {"el", "Εκτός γραφείου", "Καλησπέρα, απουσιάζω από το γραφείο και θα επιστρέψω τη Δευτέρα."},
    {"ja", "自動応答: Your report",
     "お世話になっております。\n11月30日まで休暇をいただいております。\nお急ぎの場合は代表電話までご連絡ください。"},
    {"ja", "不在のお知らせ", "ただいま不在にしております。戻り次第ご返信いたします。"},
    {"zh", "自动回复: Your report", "您好,我正在休假,11月30日返回办公室,期间无法及时回复邮件。"},
    {"zh", "自動回覆:Your report", "您好,我目前不在辦公室,如有急事請聯絡總機。"},
    {"zh", "外出通知", "本人出差至周五,邮件回复可能延迟,敬请谅解。"},
    {"ko", "자동 회신: Your report",
     "안녕하세요. 11월 30일까지 휴가로 부재중입니다. 급한 용무는 대표번호로 연락 바랍니다."},
    {"ko", "부재중 안내", "현재 자리를 비웠습니다. 복귀 후 답변드리겠습니다."},
    {"he", "תשובה אוטומטית: Your report", "שלום, אני בחופשה עד 30 בנובמבר. בנושאים דחופים ניתן לפנות למזכירות."},
    {"he", "לא במשרד", "תודה על פנייתך. איני נמצא במשרד ואשוב ביום שני."},
    {"ar", "الرد التلقائي: Your report", "مرحبا، أنا في إجازة حتى 30 نوفمبر. للأمور العاجلة يرجى الاتصال بالمكتب."},
    {"ar", "خارج المكتب", "شكرا لرسالتك. أنا خارج المكتب حاليا وسأرد عند عودتي."},
    {"en", "Out of the office until Monday",
     "Hi, thanks for your email. I'm travelling this week with patchy connectivity and will reply when I'm back."},
    {"en", "Automatic reply: Your report",
     "I am currently on parental leave. For urgent matters, contact my colleague Joe."},
    {"en", "OOO Re: Your report", "I'm OOO through 11/30. Please ping #team for anything urgent."},
    {"en", "On vacation", "I'll be out from Nov 20 through Nov 30 without laptop."},
    {"en", "Re: [SEC-2026-0001] Your report to ACME",
     "Thank you for your message. I am out of the office and will return on Monday, November 30."},
    {"en", "Away from my mail", "I will not be reading my mail for a while. Your mail will be read when I return."},
    {"hr", "Automatski odgovor: Your report", "Poštovani, na godišnjem sam odmoru do 30. 11. Hvala na razumijevanju."},
    {"sk", "Automatická odpoveď: Your report", "Dobrý deň, čerpám dovolenku do 30. 11. a nemám prístup k pošte."},
    {"bg", "Автоматичен отговор: Your report", "Здравейте, в отпуск съм до 30 ноември."},
    {"lt", "Automatinis atsakymas: Your report", "Sveiki, šiuo metu atostogauju iki lapkričio 30 d."},
    {"vi", "Trả lời tự động: Your report", "Xin chào, tôi đang nghỉ phép đến ngày 30/11."},
    {"th", "ตอบกลับอัตโนมัติ: Your report", "ขณะนี้ฉันไม่อยู่ที่สำนักงาน จะกลับมาวันจันทร์"},
    {"id", "Balasan otomatis: Your report", "Saya sedang cuti sampai 30 November."},
    {"ca", "Resposta automàtica: Your report", "Sóc fora de l'oficina fins dilluns."},
};

struct AboutAbsences {
    const char* subject;
    const char* text;
};

constexpr AboutAbsences reports_about_absences[] = {
    {"Automatic reply feature leaks internal hostnames",
     "When a user is out of office, the automatic reply of your helpdesk discloses the internal host name."},
    {"Out of office replies allow user enumeration",
     "Your server sends out of office replies to everybody, so that an attacker learns who is on leave."},
    {"Undeliverable mail discloses an internal address", "The bounce of your server names 10.0.0.3. Is that wanted?"},
    {"XSS in the vacation responder", "The text 'I am on vacation <img src=x onerror=alert(1)>' is shown as it is."},
    {"Anyone can see who is on leave", "GET /api/leave?user=2 returns employees on annual leave."},
    {"Holiday booking: SQL injection", "The parameter id of /holiday is injectable. I am out of the office next week."},
    {"Absence de validation du jeton",
     "Le jeton n'est pas validé: une faille CSRF. Je suis en congé la semaine prochaine."},
    {"Fehlende Prüfung im Urlaubsantrag",
     "Im Portal kann jeder fremden Urlaub genehmigen. Ich bin ab Montag im Urlaub."},
    {"Re: [SEC-2026-0004] Out of office replies", "The out of office replies still come today, I tried again."},
    {"XSS in the ticket system",
     "Your ticket system greets with 'your request has been received <script>alert(1)</script>'."},
};

Decision decision_on_words(const std::string& subject, const std::string& text,
                           const std::vector<std::string>& fields) {
    return decided({.from = "Some Body <some.body@lab.test>", .subject = subject, .text = text, .fields = fields}, {},
                   shipped_rules());
}

const std::vector<std::string> answers_a_mail{"In-Reply-To: <1.x@acme.test>", "References: <1.x@acme.test>"};

TEST(AbsenceNotices, WithoutAnyMarkAreNotAnswered) {
    for (const AbsenceNotice& absence : notices_of_absence) {
        SCOPED_TRACE(std::string{absence.language} + ": " + absence.subject);
        for (const auto& fields : {std::vector<std::string>{}, answers_a_mail}) {
            const Decision decision = decision_on_words(absence.subject, absence.text, fields);
            EXPECT_EQ("auto-reply", decision.kind) << fields.size();
            EXPECT_TRUE(to_outside(decision).empty());
        }
    }
}

TEST(AbsenceNotices, WithOneMarkAreNotAnswered) {
    for (const char* mark : {"Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply",
                             "Precedence: bulk", "X-Auto-Response-Suppress: All"})
        for (const AbsenceNotice& absence : notices_of_absence)
            EXPECT_TRUE(to_outside(decision_on_words("Re: Your report", absence.text, {mark})).empty())
                << mark << ", " << absence.language;
}

TEST(AbsenceNotices, ThatAReportIsAboutAreAnswered) {
    for (const AboutAbsences& about : reports_about_absences) {
        SCOPED_TRACE(about.subject);
        const Decision decision = decision_on_words(about.subject, about.text, {});
        EXPECT_EQ("report", decision.kind);
        EXPECT_EQ(1u, to_outside(decision).size());
        // Also where it was sent as an answer to another mail.
        EXPECT_EQ("report", decision_on_words(about.subject, about.text, answers_a_mail).kind);
    }
}

class InAThread : public DeskTest {};

// A person who begins so is not lost: without any mark of a program the team sees what was written.
TEST_F(InAThread, WhatOnlySoundsLikeAnAbsenceIsShownToTheTeam) {
    Letter report{
        .subject = "XSS in login", .text = "There is a stored XSS in your login.", .message_id = "r@lab.test"};
    const Taken taken = take_in(report);
    const auto row = mail_of("acknowledgement", "rae@lab.test");
    ASSERT_TRUE(row);
    Letter later{.subject = "Re: [SEC-2026-0001] Your report to ACME",
                 .text = "I am on vacation until Monday. The version is 4.2.1.",
                 .message_id = "later@lab.test",
                 .fields = {"In-Reply-To: <" + row->message_id + ">"}};
    const auto decided_on = [&](const Letter& letter) {
        const Examination examination = examined(letter, shipped_rules());
        const TicketView view =
            look_up(store_, examination, organisation_, acme_ids(), shipped_rules(), taken.entry, friday + 1h);
        return decide(examination, view, shipped_rules(), organisation_, security_mailbox(), arrived(9, friday + 1h),
                      friday + 1h);
    };
    const Decision decision = decided_on(later);
    EXPECT_EQ("auto-reply", decision.kind);
    EXPECT_TRUE(to_outside(decision).empty());
    EXPECT_EQ(2u, to_team(decision).size());
    later.fields.push_back("Auto-Submitted: auto-replied");
    EXPECT_TRUE(to_team(decided_on(later)).empty());
}

TEST(DesksOfOthers, ThatAcknowledgeOurMailAreNotAnswered) {
    constexpr AboutAbsences acknowledgements[] = {
        {"[Request received] Your report to ACME",
         "##- Please type your reply above this line -##\n\nYour request (48211) has been received and is being "
         "reviewed "
         "by our support staff."},
        {"Ticket Received - Your report",
         "Dear Security,\n\nWe would like to acknowledge that we have received your "
         "request and a ticket has been created."},
        {"[LAB #1203] AutoReply: Your report",
         "Greetings,\n\nThis message has been automatically generated. Your ticket "
         "has been assigned an ID of [LAB #1203]."},
        {"Eingangsbestätigung [Ticket#2026112210000017]",
         "Sehr geehrte Damen und Herren,\n\nwir haben Ihre Anfrage erhalten und bearbeiten sie."},
        {"[SEC-2026-0007] Your report to Lab",
         "Thank you for your report. We have received your report and gave it the "
         "number SEC-2026-0007."},
    };
    for (const auto& one : acknowledgements) {
        EXPECT_TRUE(to_outside(decision_on_words(one.subject, one.text, answers_a_mail)).empty()) << one.subject;
        if (std::string_view{one.subject}.find("SEC-") == std::string_view::npos) {
            EXPECT_TRUE(to_outside(decision_on_words(one.subject, one.text, {})).empty()) << one.subject;
        }
    }
}

TEST(DesksOfOthers, ThatPassAReportOnAreAnswered) {
    constexpr AboutAbsences passed_on[] = {
        {"[Ticket #48211] XSS in login",
         "A customer of ours has told us of this: an attacker can run script in your login."},
        {"Fwd: Vulnerability in acme.test",
         "Hello, we received this report through our program and pass it on: stored XSS "
         "in the comment field of acme.test."},
        {"New message from your contact form",
         "Name: Rae\nE-mail: rae@lab.test\nMessage: The login page has a stored XSS."},
    };
    for (const auto& one : passed_on)
        EXPECT_EQ(1u, to_outside(decision_on_words(one.subject, one.text, {})).size()) << one.subject;
}

}  // namespace
}  // namespace tocsin::intake
