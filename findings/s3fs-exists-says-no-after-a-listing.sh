#!/usr/bin/env bash
# s3fs 2026.9.0 against an S3 server in memory (moto 5.2.5): once a folder was listed, glob(), exists() and cat() do not see
# what others put there afterwards.
#
# The kept listing is asked before the store: exists() says False and cat() raises FileNotFoundError for an object that is
# there. A loop that waits for masks never gets them, and one that skips pictures that are done does them twice.
# use_listings_cache=False sees them. Guess: glob may be old; exists is one HEAD request and says what is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check s3fs==2026.9.0 boto3==1.43.117 botocore==1.43.117 \
    'moto[server]==5.2.5' 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import os

os.environ.update(AWS_ACCESS_KEY_ID='any', AWS_SECRET_ACCESS_KEY='any', AWS_DEFAULT_REGION='us-east-1')
import boto3
import s3fs
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
server.start()
url = 'http://{}:{}'.format(*server.get_host_and_port())
other = boto3.client('s3', endpoint_url=url)
other.create_bucket(Bucket='shop')
other.put_object(Bucket='shop', Key='masks/1.png', Body=b'first')
for kept in (True, False):
    files = s3fs.S3FileSystem(endpoint_url=url, use_listings_cache=kept)
    other.delete_object(Bucket='shop', Key='masks/2.png')
    before = files.exists('shop/masks/2.png'), files.glob('shop/masks/*.png')
    other.put_object(Bucket='shop', Key='masks/2.png', Body=b'second')
    told = [files.exists('shop/masks/2.png'), len(files.glob('shop/masks/*.png'))]
    try:
        told.append(files.cat('shop/masks/2.png'))
    except FileNotFoundError:
        told.append('FileNotFoundError')
    print(kept, *before, *told)
server.stop()" 2>/dev/null | grep -v moto -i)
echo "$seen"
[ "$seen" = "True False ['shop/masks/1.png'] False 1 FileNotFoundError
False False ['shop/masks/1.png'] True 2 b'second'" ]
