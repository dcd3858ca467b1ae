#!/usr/bin/env bash
# SimpleITK 2.5.7: BinaryDilate() and its kin leave a mask of 0 and 255 exactly as it is, without a word.
#
# What belongs to the mask is a parameter, foregroundValue, and its default is 1: a square of 256 pixels at 255 is
# still one of 256 after dilation and after erosion, and BinaryFillhole leaves its hole of 16 open. With
# foregroundValue=255, or a mask of ones, they work. ITK itself (itk-filtering 5.4.6) takes the largest value of the
# pixel type, so that the same filter of the same family has the opposite trap there: it grows 255 and leaves ones
# alone. Guess: what is not 0 is the mask, as with OpenCV and scipy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check SimpleITK==2.5.7 itk-filtering==5.4.6 numpy==2.3.4 \
    2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import itk
import numpy as np
import SimpleITK as sitk


def square(level, hole=False):
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 8:24] = level
    if hole:
        mask[14:18, 14:18] = 0
    return mask


def size(picture):
    return int((sitk.GetArrayFromImage(picture) > 0).sum())


def grown_by_itk(level):
    picture = itk.image_from_array(square(level))
    kernel = itk.FlatStructuringElement[2].Box(1)
    return int((itk.array_from_image(itk.binary_dilate_image_filter(picture, kernel=kernel)) > 0).sum())


for level in (255, 1):
    picture = sitk.GetImageFromArray(square(level))
    sizes = [size(change(picture, (1, 1))) for change in (sitk.BinaryDilate, sitk.BinaryErode)]
    print(level, *sizes, size(sitk.BinaryFillhole(sitk.GetImageFromArray(square(level, hole=True)))))
picture = sitk.GetImageFromArray(square(255))
print('told 255', size(sitk.BinaryDilate(picture, (1, 1), foregroundValue=255)))
print('itk', grown_by_itk(255), grown_by_itk(1))")
echo "$seen"
[ "$seen" = "255 256 256 240
1 324 196 256
told 255 324
itk 324 256" ]
