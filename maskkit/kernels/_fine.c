/* Whole-number pictures under a float mask, which counts in steps of 2^-24 as coverage.py has it: the nearest value
   of the exact quotient, halves up. A mask of bytes has kernels of its own, in _compose.c. */
#include <math.h>
#include <string.h>

#include "_native.h"

enum { BITS = 24, HALF_BITS = 12 };
#define UNIT ((int64_t)1 << BITS)

CLONES static void count_steps(const float *restrict mask, int32_t *restrict steps, size_t n) {
    for (size_t i = 0; i < n; i++) steps[i] = (int32_t)rintf(mask[i] * (float)UNIT);
}

/* b + (s - b) n / 2^24 of three channels a pixel. A product of up to 33 bits is taken in two halves of 20:
   floor((x 2^12 + y) / 2^24) = floor((x + floor(y / 2^12)) / 2^12). */
CLONES static void mix_rgb_u8(const uint8_t *restrict s, const uint8_t *restrict b, const int32_t *restrict steps,
                              uint8_t *restrict out, size_t n) {
    int32_t each[3 * PIECE];
    for (size_t i = 0; i < n; i++) each[3 * i] = each[3 * i + 1] = each[3 * i + 2] = steps[i];
    for (size_t i = 0; i < 3 * n; i++) {
        int32_t rise = s[i] - b[i], high = rise * (each[i] >> HALF_BITS), low = rise * (each[i] & 4095);
        out[i] = (uint8_t)(b[i] + ((high + ((low + (1 << (BITS - 1))) >> HALF_BITS)) >> HALF_BITS));
    }
}

CLONES static void mix_rgb_u16(const uint16_t *restrict s, const uint16_t *restrict b, const int32_t *restrict steps,
                               uint16_t *restrict out, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t c = 3 * i; c < 3 * i + 3; c++)
            out[c] = (uint16_t)(((int64_t)b[c] * UNIT + (int64_t)(s[c] - b[c]) * steps[i] + UNIT / 2) >> BITS);
}

static inline uint64_t nearest(uint64_t n, uint64_t d) { return (n + d / 2) / d; }

/* One pixel of any channels. With bytes, (d 255) 255 < 2^48; with 16 bits an opaque backdrop keeps d below 2^40. */
#define MIX_PIXEL(T, TOP)                                                                              \
    static void mix_pixel_##T(const T *s, int source, const T *b, int backdrop, uint64_t steps, T *out) { \
        const uint64_t unit = (uint64_t)UNIT * TOP, n = steps * (source == 4 ? s[3] : TOP);             \
        const uint64_t ws = backdrop == 4 ? n * TOP : n, wb = (unit - n) * (backdrop == 4 ? b[3] : 1);  \
        if (!n) {                                                                                      \
            memcpy(out, b, backdrop * sizeof(T));                                                      \
            return;                                                                                    \
        }                                                                                              \
        if (n == unit) { /* as most of a mask is */                                                    \
            memcpy(out, s, 3 * sizeof(T));                                                             \
            if (backdrop == 4) out[3] = TOP;                                                           \
            return;                                                                                    \
        }                                                                                              \
        for (int c = 0; c < 3; c++) out[c] = (T)nearest(ws * s[c] + wb * b[c], ws + wb);                 \
        if (backdrop == 4) out[3] = (T)nearest(ws + wb, unit);                                          \
    }
MIX_PIXEL(uint8_t, 255)
MIX_PIXEL(uint16_t, 65535)

/* `width` pixels, a piece at a time; 16 bits over RGBA are not for here. */
void over_fine_row(const OverRow *row, const float *mask, int item, size_t width) {
    const char *source = row->source, *backdrop = row->backdrop;
    char *out = row->out;
    const int s = row->source_channels, b = row->backdrop_channels;
    int32_t steps[PIECE];
    for (size_t n; width; width -= n, mask += n) {
        n = width < PIECE ? width : PIECE;
        count_steps(mask, steps, n);
        if (s == 3 && b == 3 && item == 1)
            mix_rgb_u8((const void *)source, (const void *)backdrop, steps, (void *)out, n);
        else if (s == 3 && b == 3)
            mix_rgb_u16((const void *)source, (const void *)backdrop, steps, (void *)out, n);
        else if (item == 1)
            for (size_t i = 0; i < n; i++)
                mix_pixel_uint8_t((const uint8_t *)source + s * i, s, (const uint8_t *)backdrop + b * i, b, steps[i],
                                  (uint8_t *)out + b * i);
        else
            for (size_t i = 0; i < n; i++)
                mix_pixel_uint16_t((const uint16_t *)source + s * i, s, (const uint16_t *)backdrop + b * i, b,
                                   steps[i], (uint16_t *)out + b * i);
        source += n * s * item, backdrop += n * b * item, out += n * b * item;
    }
}

/* The image's colour; alpha is the mask to the nearest, or of four channels the product of both. */
#define APPLY(T, TOP)                                                                                     \
    CLONES static void apply_##T(const T *restrict image, int channels, const float *restrict mask, int replace, \
                                 T *restrict out, size_t n) {                                             \
        for (size_t i = 0; i < n; i++) {                                                                  \
            const T *from = image + channels * i;                                                         \
            out[4 * i] = from[0], out[4 * i + 1] = from[1], out[4 * i + 2] = from[2];                     \
        }                                                                                                 \
        if (channels == 4 && !replace)                                                                    \
            for (size_t i = 0; i < n; i++)                                                                \
                out[4 * i + 3] = (T)(((int64_t)rintf(mask[i] * (float)UNIT) * image[4 * i + 3] + UNIT / 2) >> BITS); \
        else                                                                                              \
            for (size_t i = 0; i < n; i++) out[4 * i + 3] = (T)(int32_t)((double)mask[i] * TOP + 0.5);     \
    }
APPLY(uint8_t, 255)
APPLY(uint16_t, 65535)

void apply_fine_row(const void *image, int channels, const float *mask, int replace, void *out, int item, size_t n) {
    if (item == 1)
        apply_uint8_t(image, channels, mask, replace, out, n);
    else
        apply_uint16_t(image, channels, mask, replace, out, n);
}
