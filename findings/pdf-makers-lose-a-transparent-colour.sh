#!/usr/bin/env bash
# A PNG whose transparency is one colour (tRNS of a grey or RGB picture) as a picture in a PDF, by five packages.
#
# A square with its left half in the transparent colour, on a white page: reportlab 5.1.0 (with mask="auto"), fpdf2
# 2.8.9, pdfkit 0.20.2 and jspdf 4.2.1 draw the hidden colour, opaque, for RGB and for grey; pdf-lib 1.17.1 leaves the
# page white. Soft alpha (RGBA) is right in all five. Guess: transparent in each: all of them read the tRNS chunk of a
# palette.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pillow==13.0.0 pypdfium2==5.15.2 reportlab==5.1.0 \
    fpdf2==2.8.9 2>/dev/null
npm init -y >/dev/null
npm install --silent pdfkit@0.20.2 pdf-lib@1.17.1 jspdf@4.2.1 >/dev/null
venv/bin/python -c "
from fpdf import FPDF
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

for mode, hidden, shown in (('RGB', (0, 255, 0), (200, 100, 50)), ('L', 90, 30)):
    picture = Image.new(mode, (64, 64), hidden)
    picture.paste(shown, (32, 0, 64, 64))
    picture.save(f'{mode}.png', transparency=hidden)
picture = Image.new('RGBA', (64, 64), (0, 255, 0, 0))
picture.paste((200, 100, 50, 255), (32, 0, 64, 64))
picture.save('RGBA.png')
for mode in ('RGBA', 'RGB', 'L'):
    page = Canvas(f'{mode}-reportlab.pdf', pagesize=(64, 64))
    page.drawImage(f'{mode}.png', 0, 0, 64, 64, mask='auto')
    page.save()
    page = FPDF(unit='pt', format=(64, 64))
    page.add_page()
    page.image(f'{mode}.png', 0, 0, 64, 64)
    page.output(f'{mode}-fpdf2.pdf')"
node -e '
const fs = require("fs");
const PDFKit = require("pdfkit");
const { PDFDocument } = require("pdf-lib");
const { jsPDF } = require("jspdf");
const draw = async (mode) => {
  const bytes = fs.readFileSync(`${mode}.png`);
  const page = new PDFKit({ size: [64, 64], margin: 0 });
  const file = page.pipe(fs.createWriteStream(`${mode}-pdfkit.pdf`));
  page.image(bytes, 0, 0, { width: 64, height: 64 }).end();
  await new Promise((done) => file.on("finish", done));
  const other = await PDFDocument.create();
  other.addPage([64, 64]).drawImage(await other.embedPng(bytes), { x: 0, y: 0, width: 64, height: 64 });
  fs.writeFileSync(`${mode}-pdf-lib.pdf`, await other.save());
  const third = new jsPDF({ unit: "pt", format: [64, 64] });
  third.addImage(new Uint8Array(bytes), "PNG", 0, 0, 64, 64);
  fs.writeFileSync(`${mode}-jspdf.pdf`, Buffer.from(third.output("arraybuffer")));
};
(async () => { for (const mode of ["RGBA", "RGB", "L"]) await draw(mode); })();'
seen=$(venv/bin/python -c "
import pypdfium2

for mode in ('RGBA', 'RGB', 'L'):
    makers = 'reportlab', 'fpdf2', 'pdfkit', 'jspdf', 'pdf-lib'
    pages = {by: pypdfium2.PdfDocument(f'{mode}-{by}.pdf')[0] for by in makers}
    print(mode, *(f'{by} {page.render(scale=1).to_pil().getpixel((16, 32))}' for by, page in pages.items()))")
echo "$seen"
white="(255, 255, 255)"
[ "$seen" = "RGBA reportlab $white fpdf2 $white pdfkit $white jspdf $white pdf-lib $white
RGB reportlab (0, 255, 0) fpdf2 (0, 255, 0) pdfkit (0, 255, 0) jspdf (0, 255, 0) pdf-lib $white
L reportlab (90, 90, 90) fpdf2 (90, 90, 90) pdfkit (90, 90, 90) jspdf (90, 90, 90) pdf-lib $white" ]
