#!/usr/bin/env bash
# datasets 5.2.0 (Hugging Face; Pillow 13.0.0): a picture that was opened from a file and then changed in place is stored as
# the file, without the change.
#
# Where a Pillow picture knows a filename, the Image feature keeps that path and not the pixels. putalpha(mask) gives RGB
# back, thumbnail() the full size and a drawn box the photo without it, in from_dict, in map and in Parquet; nothing
# warns. convert() and copy() make a picture without a filename, and that is stored as it is. Guess: the pixels that the
# picture has when it is handed over.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check datasets==5.2.0 pillow==13.0.0 numpy==2.3.4 2>/dev/null
cd "$folder"
export HF_HOME="$folder/cache" HF_HUB_OFFLINE=1
seen=$("$folder/venv/bin/python" -c "
from datasets import Dataset, Image as Feature
from PIL import Image, ImageDraw

Image.new('RGB', (16, 16), (200, 100, 50)).save('photo.png')


def stored(change):
    picture = Image.open('photo.png')
    changed = change(picture) or picture
    return 'given', changed.mode, changed.size, 'stored', one(Dataset.from_dict({'image': [changed]}))


def one(table):
    picture = table[0]['image']
    return picture.mode, picture.size, picture.getpixel((4, 4))


def cut(row):
    row['image'].putalpha(0)
    return row


print(*stored(lambda picture: picture.putalpha(0)))
print(*stored(lambda picture: picture.thumbnail((8, 8))))
print(*stored(lambda picture: ImageDraw.Draw(picture).rectangle((0, 0, 9, 9), fill='black') and None))
print(*stored(lambda picture: picture.putalpha(0) or picture.copy()))
table = Dataset.from_dict({'image': ['photo.png']}).cast_column('image', Feature()).map(cut)
table.to_parquet('table.parquet')
print('map', one(table), 'Parquet', one(Dataset.from_parquet('table.parquet')))" 2>/dev/null)
echo "$seen"
[ "$seen" = "given RGBA (16, 16) stored ('RGB', (16, 16), (200, 100, 50))
given RGB (8, 8) stored ('RGB', (16, 16), (200, 100, 50))
given RGB (16, 16) stored ('RGB', (16, 16), (200, 100, 50))
given RGBA (16, 16) stored ('RGBA', (16, 16), (200, 100, 50, 0))
map ('RGB', (16, 16), (200, 100, 50)) Parquet ('RGB', (16, 16), (200, 100, 50))" ]
