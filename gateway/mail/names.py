"""A file name out of a mail in, a name that is safe on every desk, disk and screen out."""

import re
import unicodedata

_MAX_BYTES = 150
_MAX_EXTENSION = 20
_FORBIDDEN = re.compile(r'[:*?"<>|]')
#: Control, format (bidi, zero width, tags), surrogate, private and unassigned; line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Device names of Windows, with any extension.
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(?:\.|\Z)", re.IGNORECASE
)
# Said by the program, not taken from the machine's MIME table, so that every machine gives the same name.
_EXTENSIONS = {
    "application/gzip": "gz",
    "application/json": "json",
    "application/msword": "doc",
    "application/ms-tnef": "dat",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/rtf": "rtf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.ms-tnef": "dat",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/x-pkcs7-mime": "p7m",
    "application/x-pkcs7-signature": "p7s",
    "application/xml": "xml",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/webp": "webp",
    "message/delivery-status": "txt",
    "message/feedback-report": "txt",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/xml": "xml",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
}

_TYPES = {extension: type_ for type_, extension in reversed(_EXTENSIONS.items())} | {
    "txt": "text/plain",
    "htm": "text/html",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
}
#: What a browser would run, or take for a page, where the desk hands it out; and what a web server would run.
_RUN_BY_BROWSERS = """htm html htmls xhtm xhtml xht shtml shtm stm hta htc mht mhtml svg svgz xml xsl xslt xul rdf rss
    atom mml js jse mjs cjs jsx vbs vbe wsf wsc swf"""
_RUN_BY_SERVERS = "asp aspx asa asax ascx ashx asmx jsp jspx jspf jhtml cfm cfml cgi fcgi htaccess htpasswd"
_RUN = frozenset(f"{_RUN_BY_BROWSERS} {_RUN_BY_SERVERS}".split())
# Apache runs "a.php.jpg" too where AddHandler told it of PHP.
_PHP = re.compile(r"php\w{0,2}|pht|phtml?|phar|pgif")
#: Names that say to a web server what it shall run.
_SERVER_FILES = frozenset({"htaccess", "htpasswd", "user.ini", "web.config"})


def content_type_of(name: str) -> str:
    """What a file is by its name, where nothing else says so; "application/octet-stream" where the name does not."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def safe_filename(name: str, content_type: str, number: int) -> str:
    """`name` without folders, unseen and forbidden characters, at most 150 bytes of UTF-8 with its extension kept.

    What the desk might run or show as a page gets ".txt" behind its name, so that it does neither.
    "attachment-`number`" with an extension for `content_type` where nothing is left. Applied again it changes nothing.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:4000]))[-1]
    name = "".join(" " if mark.isspace() else mark for mark in name if mark in "\t\n" or _is_seen(mark))
    name = " ".join(_FORBIDDEN.sub("_", name).split()).lstrip(". ").rstrip(". ")
    if not name.strip("_ .-"):
        name = f"attachment-{number}.{_EXTENSIONS.get(content_type, 'bin')}"
    if _RESERVED.match(name):
        name = "_" + name
    name = _cut(name)
    return _cut(name + ".txt") if _is_run(name) else name


def _is_run(name: str) -> bool:
    name = name.lower()
    extensions = [extension.strip() for extension in name.split(".")[1:]]
    if not extensions or extensions[-1] == "txt":
        return name in _SERVER_FILES
    return name in _SERVER_FILES or extensions[-1] in _RUN or any(map(_PHP.fullmatch, extensions))


def _is_seen(mark: str) -> bool:
    return unicodedata.category(mark) not in _UNSEEN


def _cut(name: str) -> str:
    if len(name.encode()) <= _MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > _MAX_EXTENSION:
        stem, dot, extension = name, "", ""
    room = _MAX_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + extension
