#!/usr/bin/env bash
# s3fs 2026.9.0 against an S3 server in memory (moto 5.2.5): an error inside `with fs.open(path, "wb")` replaces the old
# object by what was written until then.
#
# Leaving the block closes the file, and closing completes the upload, be it small or in parts. obstore 0.12.1 and
# smart_open 9.0.2 give the upload up, and the old picture stays. So an encoder that fails halfway, or a batch that is told
# to stop, leaves a cut-off file under a name that looks finished. Guess: the old object stays, since S3 shows an object
# when its upload is completed and no earlier; it's what a store is thought to be safer than a disk for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check s3fs==2026.9.0 obstore==0.12.1 'smart_open[s3]==9.0.2' \
    'moto[server]==5.2.5' boto3==1.43.117 botocore==1.43.117 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import os

os.environ.update(AWS_ACCESS_KEY_ID='any', AWS_SECRET_ACCESS_KEY='any', AWS_DEFAULT_REGION='us-east-1')
import boto3
import obstore
import s3fs
import smart_open
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
server.start()
url = 'http://{}:{}'.format(*server.get_host_and_port())
s3 = boto3.client('s3', endpoint_url=url)
s3.create_bucket(Bucket='shop')
files = s3fs.S3FileSystem(endpoint_url=url)
store = S3Store('shop', endpoint=url, client_options={'allow_http': True})
ways = {
    's3fs': lambda: files.open('shop/cutout.png', 'wb'),
    'obstore': lambda: obstore.open_writer(store, 'cutout.png'),
    'smart_open': lambda: smart_open.open('s3://shop/cutout.png', 'wb', transport_params={'client': s3}),
}
for name, way in ways.items():
    for size in (1000, 60 << 20):
        s3.put_object(Bucket='shop', Key='cutout.png', Body=b'old picture')
        try:
            with way() as file:
                file.write(bytes(size))
                raise RuntimeError('the encoder failed')
        except RuntimeError:
            print(name, size, s3.head_object(Bucket='shop', Key='cutout.png')['ContentLength'])
server.stop()" 2>/dev/null | grep -v moto -i)
echo "$seen"
[ "$seen" = "s3fs 1000 1000
s3fs 62914560 62914560
obstore 1000 11
obstore 62914560 11
smart_open 1000 11
smart_open 62914560 11" ]
