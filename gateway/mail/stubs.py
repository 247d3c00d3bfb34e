"""A plain text in, whether it only says that the HTML beside it should be read out."""

import re

#: A longer text has something to say of its own.
_MAX_STUB = 800
_INVISIBLE = re.compile("[\\s\u200b-\u200f\u2060\u034f\u00ad\u061c\ufeff]+")
_VISIBLE = re.compile("[^\\s\u200b-\u200f\u2060\u034f\u00ad\u061c\ufeff]")
#: What mailers write there, in lower case and without white space: newsletter systems, shops, forums, Outlook add-ins.
_PHRASES = tuple(
    phrase.replace(" ", "")
    for phrase in """
    support html
    supports html
    supporting html
    html support
    html-capable
    html capable
    html-enabled
    html enabled
    html compatible
    html-compatible
    view html
    display html
    displaying html
    read html
    render html
    see html
    html e-mail
    html email
    html mail
    html message
    html format
    html-format
    html version
    html part
    html content
    html viewer
    enable html
    view this email in your browser
    view this message in your browser
    view this email in a browser
    view this email online
    view in browser
    view it in your browser
    having trouble viewing
    can't view this
    cannot view this
    can't see this
    cannot see this
    unable to view this
    unable to see this
    unable to display
    read this email online
    html-mail
    html-nachricht
    html-format
    im html
    kein html
    keine html
    html-ansicht
    im browser anzeigen
    im browser ansehen
    im browser öffnen
    nicht richtig dargestellt
    nicht korrekt dargestellt
    format html
    le html
    du html
    en html
    version en ligne
    dans votre navigateur
    ne s'affiche pas correctement
    formato html
    in html
    versione online
    nel tuo browser
    nel browser
    non visualizzi correttamente
    en tu navegador
    en su navegador
    en el navegador
    no puedes ver
    no puede ver
    no seu navegador
    no navegador
    não consegue visualizar
    html-bericht
    html-weergave
    in uw browser
    in je browser
    online versie
    wersja html
    wiadomość html
    w przeglądarce
    formacie html
    v prohlížeči
    v prehliadači
    formátu html
    webbläsare
    html-format
    i din browser
    i din nettleser
    html-muodossa
    selaimessa
    html formátum
    böngészőben
    tarayıcı
    html olarak
    в браузере
    формате html
    html-формат
    поддерживает html
    підтримує html
    у браузері
    htmlメール
    html形式
    html表示
    ブラウザ
    html邮件
    html格式
    支持html
    浏览器
    html 郵件
    支援html
    瀏覽器
    html 메일
    html을 지원
    브라우저
    """.strip().splitlines()
)


def is_blank(text: str) -> bool:
    """Whether nobody would see anything of it."""
    return _VISIBLE.search(text) is None


def is_markup(text: str) -> bool:
    """Whether `text` is HTML under a wrong name."""
    return text.lstrip()[:20].lower().startswith(("<!doctype html", "<html", "<head>", "<body"))


def is_stub(text: str) -> bool:
    """Whether `text` is nothing but a word about the HTML beside it."""
    if len(text) > 4 * _MAX_STUB:
        return False
    words = _INVISIBLE.sub("", text)
    return len(words) <= _MAX_STUB and any(phrase in words.lower() for phrase in _PHRASES)
