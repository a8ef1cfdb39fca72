"""Every hostile file that a user or a client of the API could send (ATT-02, FIL-01, FIL-02)."""

from __future__ import annotations

import errno
import hashlib
import io
import struct
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

import pytest
from PIL import Image

from documents.files import archives, inspection, refusals, storage
from documents.files.names import MAX_NAME_BYTES, clean_file_name, extension_of
from documents.files.storage import keep, open_stored, path_of
from documents.files.watermark import watermark
from documents.models import StoredFile
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError
from tests.documents.factories import NOW, PDF, EmployeeFactory, image, upload, zipped

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCX_TYPES = (
    b'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.'
    b'wordprocessingml.document.main+xml"/></Types>'
)
XLSX_TYPES = DOCX_TYPES.replace(b"wordprocessingml.document", b"spreadsheetml.sheet")


def docx(types: bytes = DOCX_TYPES, *more: tuple[str, bytes]) -> bytes:
    return zipped(("[Content_Types].xml", types), ("word/document.xml", b"<w/>"), *more)


def ole(*streams: str) -> bytes:
    """A minimal compound file: header, one FAT sector, a directory with empty streams."""
    names = ["Root Entry", *streams]
    entries = b""
    for index, name in enumerate(names):
        raw = name.encode("utf-16-le") + b"\0\0"
        right = index + 1 if 0 < index < len(names) - 1 else 0xFFFFFFFF
        child = 1 if index == 0 and streams else 0xFFFFFFFF
        entries += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), 5 if index == 0 else 2, 1)
        entries += struct.pack("<III", 0xFFFFFFFF, right, child) + bytes(36)
        entries += struct.pack("<IQ", 0xFFFFFFFE, 0)
    entries = entries.ljust(((len(entries) + 511) // 512) * 512, b"\0")
    sectors = len(entries) // 512
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    fat = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = OLE_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header.ljust(512, b"\0") + fat + entries


def refusal(name: str, content: bytes) -> DomainError:
    with pytest.raises(DomainError) as caught:
        keep(upload(name, content))
    assert caught.value.code == "ATT-02"
    assert caught.value.status == 422
    assert caught.value.message.startswith("File type not allowed or larger than 50 MB.")
    return caught.value


@pytest.fixture(autouse=True)
def english():
    from django.utils import translation

    with translation.override("en"):
        yield


class TestCleanFileName:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("..\\..\\evil.pdf", "evil.pdf"),
            ("../../etc/passwd.zip", "passwd.zip"),
            ("C:\\Users\\王\\流水.XLSX", "流水.xlsx"),
            ("a\x00b\r\n.pdf", "ab.pdf"),
            ("\u202efdp.exe", "fdp.exe"),
            ('a<b>"c|d?.pdf', "a_b__c_d_.pdf"),
            ("", "file"),
            ("...", "file"),
            ("财务报表😀.pdf", "财务报表😀.pdf"),
        ],
    )
    def test_keeps_only_a_plain_name(self, given, kept):
        assert clean_file_name(given) == kept

    def test_cuts_a_long_name_between_characters_and_keeps_its_extension(self):
        name = clean_file_name("好" * 200 + ".pdf")
        assert len(name.encode()) <= MAX_NAME_BYTES
        assert extension_of(name) == "pdf"


class TestInspectFile:
    @pytest.mark.parametrize(
        ("name", "content", "extension"),
        [
            ("调查报告.pdf", PDF, "pdf"),
            ("scan.JPG", image("JPEG"), "jpg"),
            ("scan.jpeg", image("JPEG"), "jpg"),
            ("scan.png", image("PNG"), "png"),
            ("a.zip", zipped(("流水.txt", b"1,2,3")), "zip"),
            ("a.docx", docx(), "docx"),
            ("a.xlsx", docx(XLSX_TYPES), "xlsx"),
            ("a.doc", ole("WordDocument"), "doc"),
            ("a.xls", ole("Workbook"), "xls"),
        ],
    )
    def test_takes_every_allowed_type(self, name, content, extension):
        assert keep(upload(name, content)).kind.extension == extension

    @pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a.docm", "pdf", "a.pdf.js", ""])
    def test_refuses_other_extensions(self, name):
        refusal(name or "x", PDF)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.pdf", b"MZ\x90\x00" + bytes(100)),
            ("a.pdf", b"<html><script>alert(1)</script></html>"),
            ("a.pdf", image("JPEG")),
            ("a.jpg", PDF),
            ("a.jpg", image("PNG")),
            ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("a.zip", docx()),
            ("a.docx", zipped(("x.txt", b"1"))),
            ("a.docx", docx(XLSX_TYPES)),
            ("a.docx", docx(b"<Types/>")),
            ("a.doc", docx()),
            ("a.doc", ole("Workbook")),
            ("a.xls", ole("Something")),
            ("a.zip", b"Rar!\x1a\x07\x00" + bytes(50)),
            ("a.pdf", b"\x00"),
        ],
    )
    def test_refuses_a_file_that_lies_about_its_type(self, name, content):
        assert "is not what its name says" in refusal(name, content).message

    def test_refuses_an_empty_file(self):
        assert "empty" in refusal("a.pdf", b"").message

    def test_refuses_51_mb_and_takes_50(self, monkeypatch):
        big = PDF + bytes(51 * 1024 * 1024)
        assert refusal("a.pdf", big).params["n"] == 50
        exact = PDF.ljust(50 * 1024 * 1024, b"\0")
        assert keep(upload("a.pdf", exact)).size == 50 * 1024 * 1024

    def test_counts_the_bytes_that_come_not_those_announced(self, monkeypatch):
        monkeypatch.setattr(refusals, "MAX_UPLOAD_BYTES", 1000)
        sent = SimpleUploadedFile("a.pdf", PDF + bytes(2000))
        sent.size = 10
        with pytest.raises(DomainError) as caught:
            keep(sent)
        assert caught.value.code == "ATT-02"

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.zip", b"PK\x03\x04" + bytes(60)),
            ("a.docx", docx()[:-30]),
            ("a.doc", OLE_MAGIC + bytes(600)),
            ("a.doc", OLE_MAGIC),
            ("a.jpg", image("JPEG")[:60]),
            ("a.png", image("PNG")[:-40]),
        ],
    )
    def test_refuses_a_damaged_file(self, name, content):
        assert "damaged" in refusal(name, content).message

    def test_refuses_a_password(self):
        assert "password" in refusal("a.xlsx", ole("EncryptedPackage")).message
        content = bytearray(zipped(("a.txt", b"secret")))
        at = content.rindex(b"PK\x01\x02")
        content[at + 8] |= 1
        assert "password" in refusal("a.zip", bytes(content)).message

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.docx", docx(DOCX_TYPES.replace(b"document.main", b"document.macroEnabled.main"))),
            ("a.docx", docx(DOCX_TYPES, ("word/vbaProject.bin", b"x"))),
            ("a.doc", ole("WordDocument", "Macros")),
            ("a.xls", ole("Workbook", "_VBA_PROJECT_CUR")),
        ],
    )
    def test_refuses_macros(self, name, content):
        assert "macros" in refusal(name, content).message

    def test_refuses_an_image_bomb_without_decoding_it(self, monkeypatch):
        monkeypatch.setattr(inspection, "MAX_PIXELS", 1_000_000)
        assert "1 million pixels" in refusal("a.png", image("PNG", (2000, 1000))).message


class TestInspectArchive:
    def test_refuses_a_ratio_that_is_not_paperwork(self):
        bomb = zipped(("zeros.txt", bytes(60 * 1024 * 1024)))
        assert "unpacks to far more" in refusal("a.zip", bomb).message

    def test_looks_into_docx_too(self):
        bomb = docx(DOCX_TYPES, ("word/media/x.bin", bytes(60 * 1024 * 1024)))
        assert "unpacks to far more" in refusal("a.docx", bomb).message

    def test_refuses_too_much_in_all(self, monkeypatch):
        monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 1000)
        monkeypatch.setattr(archives._Budget.__init__, "__defaults__", (5000, 1000, 20))
        content = zipped(*((f"{n}.bin", bytes(400)) for n in range(3)))
        assert "unpacks to far more" in refusal("a.zip", content).message

    def test_refuses_too_many_entries(self, monkeypatch):
        monkeypatch.setattr(archives._Budget.__init__, "__defaults__", (10, 10**6, 20))
        content = zipped(*((f"{n}.txt", b"") for n in range(11)))
        assert "unpacks to far more" in refusal("a.zip", content).message

    def test_refuses_archives_within_archives_within_archives(self):
        content = zipped(("x.txt", b"1"))
        for depth in range(3):
            content = zipped((f"{depth}.zip", content))
        assert "unpacks to far more" in refusal("a.zip", content).message

    def test_refuses_a_heap_of_archives(self):
        content = zipped(*((f"{n}.7z", b"") for n in range(30)))
        assert "unpacks to far more" in refusal("a.zip", content).message

    def test_refuses_a_bomb_that_hides_in_a_nested_archive(self):
        inner = zipped(("zeros.txt", bytes(60 * 1024 * 1024)))
        content = zipped(("inner.zip", inner))
        assert "unpacks to far more" in refusal("a.zip", content).message

    def test_takes_a_folder_of_contracts(self):
        content = zipped(*((f"合同/{n}.docx", docx()) for n in range(40)))
        assert keep(upload("a.zip", content)).kind.extension == "zip"

    def test_does_not_believe_the_declared_length(self):
        content = bytearray(zipped(("a.txt", bytes(100_000))))
        at = content.rindex(b"PK\x01\x02")
        content[at + 24 : at + 28] = struct.pack("<I", 10)
        assert "damaged" in refusal("a.zip", bytes(content)).message

    def test_refuses_entries_that_share_their_data(self):
        one = zipped(("a.bin", bytes(range(256)) * 40), level=zipfile.ZIP_STORED)
        start = one.rindex(b"PK\x01\x02")
        end = one.rindex(b"PK\x05\x06")
        record = one[start:end]
        directory = record * 20
        tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 20, 20, len(directory), start, 0)
        assert refusal("a.zip", one[:start] + directory + tail)

    def test_refuses_an_archive_without_files(self):
        assert "no files" in refusal("a.zip", zipped()).message


@pytest.mark.django_db
class TestStoreUpload:
    def test_keeps_content_under_its_hash_once(self):
        actor = EmployeeFactory()
        first = store_upload(upload=upload("a.pdf"), actor=actor, now=NOW)
        second = store_upload(upload=upload("别名.pdf"), actor=EmployeeFactory(), now=NOW)
        assert first.pk == second.pk
        assert first.sha256 == hashlib.sha256(PDF).hexdigest()
        assert path_of(first.sha256).read_bytes() == PDF
        assert StoredFile.objects.get().stored_by == actor

    def test_leaves_nothing_behind_when_it_refuses(self, media):
        refusal("a.pdf", b"MZ")
        assert [path for path in media.rglob("*") if path.is_file()] == []

    def test_says_so_when_the_disk_is_full(self, monkeypatch):
        def full(*_args):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(storage.os, "fsync", full)
        with pytest.raises(DomainError) as caught:
            store_upload(upload=upload(), actor=EmployeeFactory(), now=NOW)
        assert (caught.value.code, caught.value.status) == ("FIL-01", 503)
        assert not StoredFile.objects.exists()

    def test_says_so_when_the_folder_cannot_be_made(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "file"
        settings.MEDIA_ROOT.write_text("in the way")
        with pytest.raises(DomainError) as caught:
            keep(upload())
        assert caught.value.code == "FIL-01"

    @pytest.mark.parametrize("damage", ["gone", "short"])
    def test_says_so_when_the_stored_file_is_lost(self, damage):
        file = store_upload(upload=upload(), actor=EmployeeFactory(), now=NOW)
        path = path_of(file.sha256)
        path.unlink()
        if damage == "short":
            path.write_bytes(b"%PDF")
        with pytest.raises(DomainError) as caught:
            open_stored(file)
        assert (caught.value.code, caught.value.status) == ("FIL-02", 404)


class TestWatermark:
    @pytest.mark.parametrize(("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
    def test_draws_over_the_whole_picture(self, kind, mime):
        original = image(kind, (640, 480))
        marked = watermark(
            io.BytesIO(original), mime=mime, name="张三", number="E0001", time="2026-11-20 11:00"
        )
        with Image.open(io.BytesIO(marked)) as picture:
            assert (picture.format, picture.size) == (kind, (640, 480))
            plain = picture.convert("RGB")
            for box in ((0, 0, 320, 240), (320, 0, 640, 240), (0, 240, 320, 480)):
                colours = plain.crop(box).getcolors(10**6)
                assert len(colours) > 5

    def test_keeps_transparency_and_palettes(self):
        buffer = io.BytesIO()
        Image.new("P", (100, 80)).save(buffer, "PNG", transparency=0)
        assert watermark(
            io.BytesIO(buffer.getvalue()), mime="image/png", name="张", number="1", time="t"
        )

    def test_names_the_taker_by_number_without_a_chinese_font(self, monkeypatch):
        monkeypatch.setattr("documents.files.watermark.chinese_font", lambda: None)
        marked = watermark(
            io.BytesIO(image()), mime="image/jpeg", name="张三", number="E1", time="11:00"
        )
        assert marked != image()
