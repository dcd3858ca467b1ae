#!/usr/bin/env bash
# pdfkit 0.20.2 (npm): a PNG with a palette of at most 16 colours and transparency is invisible in the PDF.
#
# Two halves, (0, 0, 255) and (200, 100, 50), of which the first has alpha 0 and the second is opaque, on a white page:
# with 8 bits an index the page is white and (200, 100, 50), with 4, 2 and 1 bit all of it is white. The indices are
# not unpacked before alpha is looked up. pdf-lib 1.17.1 draws all four right. Guess: the same page whatever the depth,
# since optimizers (pngquant, oxipng, Pillow) pack small palettes of themselves.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pillow==13.0.0 pypdfium2==5.15.2 2>/dev/null
npm init -y >/dev/null
npm install --silent pdfkit@0.20.2 pdf-lib@1.17.1 >/dev/null
venv/bin/python -c "
from PIL import Image

for bits in (8, 4, 2, 1):
    picture = Image.new('P', (64, 64), 0)
    picture.putpalette([0, 0, 255, 200, 100, 50] + [9, 9, 9] * (2**bits - 2))
    picture.paste(1, (32, 0, 64, 64))
    picture.save(f'{bits}.png', bits=bits, transparency=bytes([0, 255]))"
node -e '
const fs = require("fs");
const PDFKit = require("pdfkit");
const { PDFDocument } = require("pdf-lib");
const draw = async (bits) => {
  const page = new PDFKit({ size: [64, 64], margin: 0 });
  const file = page.pipe(fs.createWriteStream(`${bits}-pdfkit.pdf`));
  page.image(`${bits}.png`, 0, 0, { width: 64, height: 64 }).end();
  await new Promise((done) => file.on("finish", done));
  const other = await PDFDocument.create();
  const picture = await other.embedPng(fs.readFileSync(`${bits}.png`));
  other.addPage([64, 64]).drawImage(picture, { x: 0, y: 0, width: 64, height: 64 });
  fs.writeFileSync(`${bits}-pdf-lib.pdf`, await other.save());
};
(async () => { for (const bits of [8, 4, 2, 1]) await draw(bits); })();'
seen=$(venv/bin/python -c "
import pypdfium2

for bits in (8, 4, 2, 1):
    for by in ('pdfkit', 'pdf-lib'):
        page = pypdfium2.PdfDocument(f'{bits}-{by}.pdf')[0].render(scale=1).to_pil()
        print(bits, by, page.getpixel((16, 32)), page.getpixel((48, 32)))")
echo "$seen"
[ "$seen" = "8 pdfkit (255, 255, 255) (200, 100, 50)
8 pdf-lib (255, 255, 255) (200, 100, 50)
4 pdfkit (255, 255, 255) (255, 255, 255)
4 pdf-lib (255, 255, 255) (200, 100, 50)
2 pdfkit (255, 255, 255) (255, 255, 255)
2 pdf-lib (255, 255, 255) (200, 100, 50)
1 pdfkit (255, 255, 255) (255, 255, 255)
1 pdf-lib (255, 255, 255) (200, 100, 50)" ]
