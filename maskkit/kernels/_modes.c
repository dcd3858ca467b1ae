/* Blend modes and linear light: one run of pixels, as words of four channels, at a time. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("finite-math-only", "no-signed-zeros") /* or a < b ? a : b is no vector minimum */
#endif
#include <math.h>
#include <string.h>

#include "_native.h"

const char *const mode_names[] = {
#define NAMED(name) #name,
    MODES(NAMED)
#undef NAMED
    NULL,
};

#define T uint8_t
#define PIXEL uint32_t
#define PRODUCT double
#define BITS 8
#define TOP 255
#define WIDE uint16_t
#define REAL float
#define SQRT sqrtf
#define NUDGE 0x1p-12f
#define NAME(x) x##_u8
#include "_modes.inc"
#undef T
#undef PIXEL
#undef PRODUCT
#undef BITS
#undef TOP
#undef WIDE
#undef REAL
#undef SQRT
#undef NUDGE
#undef NAME

#define T uint16_t
#define PIXEL uint64_t
#define PRODUCT uint64_t
#define BITS 16
#define TOP 65535
#define WIDE uint32_t
#define REAL double
#define SQRT sqrt
#define NUDGE 0x1p-24
#define NAME(x) x##_u16
#include "_modes.inc"

/* out = table[backdrop, source], for a mode of opaque bytes: the table stays in the second-level cache. */
void lookup_row_u8(const uint8_t *restrict table, const uint8_t *restrict source, const uint8_t *restrict backdrop,
                   uint8_t *restrict out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = table[backdrop[i] << 8 | source[i]];
}

/* Light in units of 2^-56 and a mask of 8 bits make a 64-bit sum. Its top 12 bits name a bin, which holds the
   value at its start and, since none is wide enough for two, the one sum from which the next value is nearer;
   no mixture lies within the 256 units that the value takes from it. Fewer bits fail: with 16-bit tables 19,974
   of the 256^3 mixtures come out wrong. */
void light_bins(const LightTables *tables, LightBins *bins) {
    const double white = 255 * 0x1p56;
    uint64_t next = (uint64_t)ceil(tables->steps[0] * white);
    for (int v = 0; v < 256; v++) bins->light[v] = (uint64_t)llrint(tables->light[v] * 0x1p55) * 2;
    for (uint64_t i = 0, value = 0; i < 4096; i++) {
        while (next <= i << 52) next = ++value < 255 ? (uint64_t)ceil(tables->steps[value] * white) : UINT64_MAX;
        bins->entry[i] = (next & ~(uint64_t)255) | value;
    }
}

INLINE void light_pixels(const LightBins *restrict bins, const uint8_t *restrict source,
                         const uint8_t *restrict backdrop, const uint8_t *restrict mask, uint8_t *restrict out,
                         size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t a = mask[i], rest = 255 - a;
        for (int k = 0; k < 3; k++) {
            uint64_t sum = bins->light[source[3 * i + k]] * a + bins->light[backdrop[3 * i + k]] * rest;
            uint64_t entry = bins->entry[sum >> 52];
            out[3 * i + k] = (uint8_t)(entry + (sum >= entry));
        }
    }
}

/* Whether any of the next eight pixels is neither black nor white, or some are black and some white. */
INLINE int mixes(const uint8_t *mask) {
    uint64_t word;
    memcpy(&word, mask, 8);
    return word != 0 && word != ~(uint64_t)0;
}

/* Three loads of tables a channel and no branch; gathers were no faster. Where the mask does not mix, eight
   pixels at a time are copied. */
void light_rgb_u8(const LightBins *bins, const uint8_t *source, const uint8_t *backdrop, const uint8_t *mask,
                  uint8_t *out, size_t n) {
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end + 8 <= n && mixes(mask + end); end += 8) continue;
        if (end + 8 > n) end = n;
        light_pixels(bins, source + 3 * i, backdrop + 3 * i, mask + i, out + 3 * i, end - i);
        for (i = end; end + 8 <= n && !mixes(mask + end); end += 8)
            memcpy(out + 3 * end, (mask[end] ? source : backdrop) + 3 * end, 24);
    }
}
