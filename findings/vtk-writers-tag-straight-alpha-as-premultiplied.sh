#!/usr/bin/env bash
# vtk 9.7.2: a translucent picture from vtkPNGReader, written by VTK's writers and read by Pillow 13.0.0.
#
# (200, 100, 50, 128) is the same again as PNG. vtkTIFFWriter stores the straight samples and tags them as
# premultiplied (ExtraSamples 1), so that readers divide by alpha: (255, 199, 99, 128). vtkJPEGWriter takes the four
# samples for CMYK, with alpha as black: (100, 50, 25). Guess: straight in TIFF, and three channels or an error in
# JPEG.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check vtk==9.7.2 pillow==13.0.0 2>/dev/null
seen=$(venv/bin/python -c "
import vtk
from PIL import Image

Image.new('RGBA', (32, 32), (200, 100, 50, 128)).save('x.png')
reader = vtk.vtkPNGReader()
reader.SetFileName('x.png')
for name, kind in {'PNG': 'png', 'TIFF': 'tif', 'JPEG': 'jpg'}.items():
    writer = getattr(vtk, f'vtk{name}Writer')()
    writer.SetInputConnection(reader.GetOutputPort())
    writer.SetFileName(f'written.{kind}')
    writer.Write()
    picture = Image.open(f'written.{kind}')
    tag = picture.tag_v2[338] if kind == 'tif' else ''
    print(name, picture.mode, tag, picture.convert('RGBA').getpixel((5, 5)))")
echo "$seen"
[ "$seen" = "PNG RGBA  (200, 100, 50, 128)
TIFF RGBA (1,) (255, 199, 99, 128)
JPEG CMYK  (100, 50, 25, 255)" ]
