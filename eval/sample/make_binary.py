"""Write the two binary articles of the sample corpus, a PDF and a DOCX, from the text below.

The output is the same on every run. The PDF writer knows Helvetica, left-aligned lines and nothing else.
"""

import io
import textwrap
import zipfile
from datetime import datetime
from pathlib import Path

from docx import Document

ARTICLES = Path(__file__).parent / "articles"

PDF = (
    "harbour-ledger/2024-06-11-channel-reopens.pdf",
    "Baltimore's channel is open again, 11 weeks after the bridge fell",
    """\
The Harbour Ledger | Tuesday, 11 June 2024
By Calvin Reade

BALTIMORE, June 10 - Ships of any size may use the port of Baltimore once more. On Monday \
evening, 10 June, the authorities declared that the Fort McHenry channel had been restored to its full \
width of 700 feet and depth of 50 feet.

It had been blocked since 26 March, when the container ship Dali knocked down the Francis \
Scott Key Bridge. Clearing it took the Army engineers, the Navy and a fleet of floating cranes \
eleven weeks. Some 50,000 tons of steel and concrete were brought up, most of which is being \
sorted at Sparrows Point for recycling.

The turning point came on 20 May, when the Dali, freed a week earlier from the girders by small \
explosive charges, was towed back to a berth in the harbor. Four temporary channels had been \
opened in the weeks before, each a little deeper than the last, but the biggest car carriers \
and coal ships had to stay away.

The search for the victims ended earlier. On 7 May salvage crews found the body of Jose Mynor \
Lopez, 37, the last of the six workers who were killed. All of the men had come to Maryland from \
Mexico or Central America.

For the longshoremen the summer begins with overtime. About 2,000 of them were without regular \
shifts in April, and lived on a state fund and on soup from a church kitchen on Dundalk Avenue. \
"I never thought I'd be glad to hear a ship's horn at four in the morning," said Walt Kessler, \
who has driven cranes at the Seagirt terminal since 1998.

A preliminary report of the federal safety investigators says that the Dali suffered two \
blackouts in port about ten hours before it sailed, besides the two on its approach to the \
bridge. Why the breakers tripped is not yet known. The final report is not expected before 2025.

www.harbourledger.example/trade/channel-is-open-again
""",
)

DOCX = (
    "harbour-ledger/2025-06-05-how-many-bombers.docx",
    "How many bombers? Washington counts fewer than Kyiv",
    """\
The Harbour Ledger, 5 June 2025
By Nadia Brandt

WASHINGTON, June 4 - American officials believe that Sunday's Ukrainian drone raid on Russian airfields hit up to 20 aircraft, about half as many as Kyiv has claimed.

Of those, around ten were destroyed, said two officials who spoke on condition that they not be named. Ukraine's security service gave a figure of 41 aircraft struck and has put the loss at $7 billion.

The difference may be one of definition. Satellite pictures of the Belaya base in Siberia and of Olenya in the Arctic show burnt-out Tu-95 and Tu-22 bombers, but cannot show a hole made by shrapnel in a wing. Some of the planes may also have been out of service for years.

Moscow denies that any aircraft was lost, and says that those damaged are going to be repaired.

What nobody disputes is the reach. Belaya lies more than 4,000 kilometres from the front line, farther than anything that Ukraine had attacked before. Western air forces, among them the American one, are now reconsidering the way they park costly aircraft in the open.

www.harbourledger.example/world/how-many-bombers
""",
)


def pdf(title: str, body: str) -> bytes:
    """Lay the text out on A4 pages, with a running head and a page number."""
    lines = [("F2", 15, 20, piece) for piece in textwrap.wrap(title, 58)] + [("F1", 11, 10, "")]
    for paragraph in body.strip().split("\n\n"):
        for line in paragraph.splitlines():
            lines += [("F1", 11, 15, piece) for piece in textwrap.wrap(line, 86)]
        lines.append(("F1", 11, 9, ""))
    pages, current, y = [], [], 770
    for font, size, leading, text in lines:
        if y < 80:
            pages, current, y = [*pages, current], [], 770
        y -= leading
        current.append((font, size, y, text))
    pages.append(current)

    def draw(font, size, x, y, text):
        safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return f"BT /{font} {size} Tf {x} {y} Td ({safe}) Tj ET\n"

    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    for name in ("Helvetica", "Helvetica-Bold"):
        objects.append(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        )
    kids = []
    for number, page in enumerate(pages, 1):
        stream = draw("F1", 8, 70, 800, "THE HARBOUR LEDGER  /  TRADE")
        stream += "".join(draw(font, size, 70, y, text) for font, size, y, text in page if text)
        stream += draw("F1", 8, 280, 40, f"Page {number} of {len(pages)}")
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}endstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    safe_title = title.replace("(", "[").replace(")", "]")
    objects.append(
        f"<< /Title ({safe_title}) /Author (Calvin Reade) /CreationDate (D:20240611060000Z) >>"
    )

    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{offset:010d} 00000 n \n" for offset in offsets).encode()
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n".encode()
    )
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())


def docx(title: str, body: str) -> bytes:
    """One heading and one paragraph per block; the zip gets fixed dates so that it never changes."""
    document = Document()
    document.add_heading(title, level=1)
    for block in body.strip().split("\n"):
        if block:
            document.add_paragraph(block)
    properties = document.core_properties
    properties.title, properties.author = title, "Nadia Brandt"
    properties.created = properties.modified = datetime(2025, 6, 5, 6, 0)
    raw, out = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            new.writestr(
                zipfile.ZipInfo(name, (2025, 6, 5, 6, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


if __name__ == "__main__":
    for (path, title, body), write in ((PDF, pdf), (DOCX, docx)):
        (ARTICLES / path).write_bytes(write(title, body))
